/* reverse_inside.h: what places (reverse.c) and what is looked for (reverse_find.c) share. */
#ifndef RT386_MACHINE_REVERSE_INSIDE_H
#define RT386_MACHINE_REVERSE_INSIDE_H

#include <rt386/reverse.h>

#include "look.h"
#include "record.h"

#define SHOTS 8u

struct shot {
    rt386_place at;
    uint64_t inputs;
    struct buffer bytes; /* empty: none */
};

/* Instructions that begin. */
struct begun_count {
    uint64_t n, wanted;  /* the place of that one is to be kept; 0: of the last one */
    rt386_place at;      /* of it */
    rt386_reverse *ends; /* there its run ends; NULL: none does */
    struct cpu_observer cpu;
};

struct rt386_reverse {
    rt386 *m;
    rt386_trace *t;
    uint64_t end;
    struct shot shot[SHOTS];
    unsigned next_shot;
    rt386_look ask; /* whether to go on; NULL: nobody */
    void *ask_ctx;
    uint64_t again;        /* instructions run again */
    uint64_t counted;      /* that began up to where the last way back came from */
    bool enough;           /* instructions have begun: the run has been ended for that */
    rt386_observer theirs; /* who else looks, and hears nothing of runs again */
    struct look look;
};

/* The machine is at a keyframe: the last one before so many instructions, or the first one. There reverse_start is still
 * to come. */
rt386_status reverse_keyframe(rt386_reverse *r, uint64_t insns);
/* The kernel's first choice of a thread, if it has not been made: it takes no time, so the place stays. */
void reverse_start(rt386_reverse *r);
rt386_status reverse_first(rt386_reverse *r);
rt386_status reverse_go(rt386_reverse *r, rt386_place to);
/* To where the instruction began that began n before the place. */
rt386_status reverse_back_from(rt386_reverse *r, rt386_place from, uint64_t n);
/* Where the trace ends; clocks UINT64_MAX: it was cut off, and does not say. */
rt386_place reverse_end_of(const rt386_reverse *r);
/* Nothing more comes in the trace. Behind its last instruction an exception may still have been delivered. */
bool reverse_at_end(const rt386_reverse *r);
/* At the end of the trace: the last step, if the run ended by itself. */
rt386_status reverse_finish(rt386_reverse *r);
/* The first one that was looked for has been seen. */
bool reverse_met(const rt386_reverse *r);
/* From here to the place, or to where what is looked for is met first, with whoever is wired. Clocks UINT64_MAX: the
 * first place of so many instructions. */
rt386_status reverse_run_to(rt386_reverse *r, rt386_place to);
void reverse_shot(rt386_reverse *r);
/* Those of `look` are the processor's and the kernel's observers, or nobody is. */
void reverse_wire(rt386_reverse *r, bool looking);
/* Nobody hears the runs between these two. */
void reverse_hush(rt386_reverse *r);
rt386_status reverse_speak(rt386_reverse *r, rt386_status status);

#endif
