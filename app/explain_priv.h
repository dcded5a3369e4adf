/* explain_priv.h: shared by the files of the explanation (explain*.c). */
#ifndef RT386_APP_EXPLAIN_PRIV_H
#define RT386_APP_EXPLAIN_PRIV_H

#include "desc_text.h"
#include "disasm.h"
#include "rule_text.h"
#include "trace.h"
#include "view.h"

#define THREADS_MAX 64u
#define RULES_MAX   1024u

enum paint { PAINT_HEAD, PAINT_GOOD, PAINT_BAD, PAINT_DIM };

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
    uint8_t told[RULES_MAX / 8];   /* rules whose sentence was printed */
    uint8_t hinted[RULES_MAX / 8]; /* rules whose hint was printed */
    uint16_t open_thread;          /* the block above is this thread's call; 0: something else */
    bool short_call;               /* the block above was a call told in one go */
    char last[400];                /* that call, to count repeats */
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
/* True once for each number below RULES_MAX. */
bool explain_first(uint8_t seen[RULES_MAX / 8], unsigned n);
/* "  001b:00010123 main+0x23" and the instruction */
void explain_insn(struct explain *e, const char *process, const rt386_insn_event *insn);
/* last_told: with the sentence of the check that failed. */
void explain_checks(struct explain *e, const rt386_explanation *why, bool last_told);
/* "label  text", wrapped, `label` at column 2. */
void explain_item(struct explain *e, const char *label, const char *text);

/* members of the view */
void explain_load(void *view, const struct view_load *load);
void explain_access(void *view, const struct view_access *access);
void explain_accesses(void *view, const struct view_accesses *sum);
void explain_event(void *view, const struct view_event *event);

#endif
