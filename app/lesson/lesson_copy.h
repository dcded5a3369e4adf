/* lesson_copy.h: what a copy of a machine (copy.h) does when it runs on: how a question is asked of the processor. */
#ifndef RT386_APP_LESSON_COPY_H
#define RT386_APP_LESSON_COPY_H

#include "copy.h"

#define OUTCOME_WRITES 32
#define OUTCOME_LOADS  6
/* What a run of a copy showed: the first of each kind. */
struct outcome {
    bool ended; /* the guest ended: why */
    rt386_exit why;
    bool event; /* an exception or interrupt was delivered */
    rt386_event_event first;
    uint64_t at_event; /* instructions that had retired then */
    bool loads; /* a selector was looked up; `load` is the first that was refused, else the last */
    rt386_explanation load;
    rt386_explanation each[OUTCOME_LOADS]; /* the first ones, in order: gate, code, stack ... */
    unsigned lookups;                      /* of these */
    rt386_mem_event write[OUTCOME_WRITES]; /* the first writes, in order */
    unsigned writes;
};

enum run_end { RUN_COUNT, RUN_AT, RUN_EVENT };
struct run_goal {
    enum run_end end;
    uint64_t insns;  /* COUNT: so many; the others: at most */
    uint32_t linear; /* AT: before the instruction there */
};
/* Runs it. COUNT ends also behind the delivery of an event, EVENT only there. False: the goal was not reached. */
bool outcome_run(rt386 *copy, const struct run_goal *goal, struct outcome *out);

#endif
