/* seg_ask.h: the words of `rt386 seg` that ask a machine: explain, next, walk, diff. Each gives a status. */
#ifndef RT386_APP_SEG_ASK_H
#define RT386_APP_SEG_ASK_H

#include "session.h"

struct seg_options {
    struct run_options run;
    const char *gdt, *ldt; /* descriptors, ';' between them: of a machine that has nothing else */
    struct opt_num cpl;
};

/* `word` is behind "explain", "next", "walk", "diff"; the files are in o->run. */
int seg_explain(struct app *app, struct seg_options *o, char *const word[], int words);
int seg_next(struct app *app, struct seg_options *o, char *const word[], int words);
int seg_walk(struct app *app, struct seg_options *o, char *const word[], int words);
int seg_diff(struct app *app, struct seg_options *o, char *const word[], int words);

#endif
