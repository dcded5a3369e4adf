/* source_lines.h: which line of which source file an instruction comes from, by the DWARF of an ELF or PE file (libdw).
 *
 *   ELF file ----------------------------------------> libdw -> rows, sorted by address
 *   PE file --(its .debug_* sections in an ELF file)-->
 *
 * Addresses are those of the file as it is linked. Not here: variables, types, inlined calls; a build without libdw knows no
 * lines at all.
 */
#ifndef RT386_APP_SOURCE_LINES_H
#define RT386_APP_SOURCE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source_lines;
struct source_place {
    const char *file; /* as the compiler was called with it, with its folder when that is known */
    unsigned line, column; /* column 0: not told */
};

/* NULL: no such file, or it has no line numbers. */
struct source_lines *source_lines_open(const char *path);
/* The same of a file in memory, which may go afterwards. */
struct source_lines *source_lines_of_bytes(const void *bytes, size_t n);
void source_lines_close(struct source_lines *s);
/* False: no line is known for this address. */
bool source_lines_at(const struct source_lines *s, uint32_t address, struct source_place *to);
/* The first instruction of a line, or of the next one that has any; *line becomes that. The file by its name, with or without
 * folders. False: there is none. */
bool source_lines_find(const struct source_lines *s, const char *file, unsigned *line,
                       uint32_t *address);
/* A line of the source file itself, without its newline, good until the next call; NULL: it is not there. */
const char *source_lines_text(struct source_lines *s, const char *file, unsigned line);

#endif
