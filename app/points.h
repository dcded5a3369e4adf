/* points.h: what stops a guest, in the words that somebody asked for it: for the lines of `rt386 debug`, its screen, and the lab.
 *
 * Each function that takes `say` puts one sentence there: what was done or, where it returns false, why it was not. */
#ifndef RT386_APP_POINTS_H
#define RT386_APP_POINTS_H

#include "sources.h"

#include <rt386/reverse.h>

#define POINTS_MOST (RT386_SEEK_MAX - 1) /* one is for steps over calls */

struct point {
    rt386_seek seek;
    char words[80]; /* as it was asked for; names in `seek` lie in it */
    unsigned number;
};
struct points {
    struct point point[POINTS_MOST];
    unsigned n, numbers; /* how many there are, and were ever */
};

/* "0x401000", "cs:0x10", "phys:0x9000", "0x1b:0x401000" (a selector's segment as it is now), "FILE.c:LINE" of the program that runs, or as seek_read has it. sources may be NULL. */
bool points_break(struct points *p, struct sources *sources, const rt386 *m, const char *rest,
                  char *say, size_t size);
/* "[r|w] ADDRESS,N" */
bool points_watch(struct points *p, const rt386 *m, const char *rest, char *say, size_t size);
/* "VECTOR", "all", "" (all), or as seek_read has it. */
bool points_catch(struct points *p, const char *rest, char *say, size_t size);
/* "N"; "": all of them. */
bool points_delete(struct points *p, const char *rest, char *say, size_t size);
/* The one of that index is gone; those behind it move up. */
void points_remove(struct points *p, unsigned index);
/* What is looked for; the index in `seek` is that of the point. Returns how many. */
unsigned points_seeks(const struct points *p, rt386_seek seek[RT386_SEEK_MAX]);
/* What stops the guest before the instruction there; NULL: nothing. */
const struct point *points_at(const struct points *p, const rt386 *m, uint32_t linear);
/* "2: event:13: #GP general protection". False: it is none of these. */
bool points_met(const struct points *p, const rt386_sighting *met, char *say, size_t size);

#endif
