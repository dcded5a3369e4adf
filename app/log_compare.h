/* log_compare.h: a state of a trace against the same state in another emulator's log: which bits count.
 *
 * Bits that a register need not share are open: what differs where the comparison begins, and flags that the manual leaves undefined
 * after an instruction. An open bit counts again from the first state on in which both sides agree on it.
 */
#ifndef RT386_APP_LOG_COMPARE_H
#define RT386_APP_LOG_COMPARE_H

#include "log_walk.h"

struct log_compare {
    uint32_t ignored[RT386_LOG_VALUES]; /* by --ignore */
    uint32_t open[RT386_LOG_VALUES];
    uint32_t differs[RT386_LOG_VALUES]; /* bits, in the states compared last */
    bool other_bytes;                   /* nor is it the same instruction */
    /* bit n: register n of the coprocessor; then FCW, FSW, which registers are empty */
    uint16_t x87_ignored, x87_open, x87_differs;
};

/* --ignore LIST: registers as trace info calls them, and flags; NULL: none. False: a sentence was printed. */
bool log_compare_ignore(struct log_compare *c, struct app *app, const char *list);
/* Nothing that counts differs; else c->differs tells. */
bool log_compare_states(struct log_compare *c, const struct log_point *p, const rt386_log_state *s);
/* From now on what differed last is open. */
void log_compare_open(struct log_compare *c);
/* The instruction has been executed: its undefined flags are open. */
void log_compare_executed(struct log_compare *c, const rt386_trace_insn *in);
/* A line for each register that differs. */
void log_compare_text(const struct log_compare *c, struct text *t, const struct log_point *p,
                      const rt386_log_state *s);
/* "ebx, cr3": the registers that differ. */
void log_compare_names(const struct log_compare *c, struct text *t);

#endif
