/* explain_priv.h: shared by the files of the explanation (explain*.c). */
#ifndef RT386_APP_EXPLAIN_PRIV_H
#define RT386_APP_EXPLAIN_PRIV_H

#include "account_text.h"
#include "desc_text.h"
#include "disasm.h"
#include "view.h"

#define THREADS_MAX 64u

enum paint { PAINT_HEAD, PAINT_BAD, PAINT_DIM };

struct pending { /* a call that has not returned */
    bool used, shown, waits;
    uint16_t thread;
    char head[256];
};

struct explain {
    struct app *app;
    struct text *keep; /* what would be printed goes here; NULL: it is printed */
    bool all;
    struct disasm *disasm;
    struct text out;   /* what is being printed */
    struct text guest; /* console text without a newline yet */
    struct pending pending[THREADS_MAX];
    struct account_told told;
    uint16_t open_thread; /* the block above is this thread's call; 0: something else */
    bool short_call;      /* the block above was a call told in one go */
    char last[400];       /* that call, to count repeats */
    unsigned repeats;
};

void explain_paint(struct explain *e, enum paint paint, const char *s);
/* The start of a block that is not part of the call being told. */
void explain_block(struct explain *e);
/* The next line belongs to the present block, but is not a call. */
void explain_line(struct explain *e);
/* Headings of calls that are still open are printed before anything that happens inside them. */
void explain_open_calls(struct explain *e);
void explain_put(struct explain *e);
/* "label  text", wrapped, `label` at column 2. */
void explain_item(struct explain *e, const char *label, const char *text);

/* members of the view */
void explain_steps(void *view, const struct view_steps *steps);
void explain_access(void *view, const struct view_access *access);
void explain_accesses(void *view, const struct view_accesses *sum);

#endif
