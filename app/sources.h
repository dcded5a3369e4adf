/* sources.h: from where a machine stands to a line of source, and back: finds the file that holds the instruction and where it
 * was loaded. Files are opened when they are first asked for. */
#ifndef RT386_APP_SOURCES_H
#define RT386_APP_SOURCES_H

#include "source_lines.h"

#include <rt386/rt386.h>

struct sources;

/* path: the guests' files, which stay the caller's. NULL: no memory. */
struct sources *sources_new(char *const path[], unsigned count);
void sources_free(struct sources *s);
/* The line of the instruction at an offset of CS in what runs now. *text (may be NULL): the line itself, or NULL when its file is
 * not there; good until the next call. False: no line is known. */
bool sources_at(struct sources *s, const rt386 *m, uint32_t eip, struct source_place *place,
                const char **text);
/* A line of the same file that sources_at has told of last. */
const char *sources_text(struct sources *s, const char *file, unsigned line);
/* The offset in CS of a line's first instruction, or of the next line's that has any, in the program that runs now. */
bool sources_find(struct sources *s, const rt386 *m, const char *file, unsigned *line,
                  uint32_t *eip);

#endif
