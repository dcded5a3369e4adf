/* reverse_inside.h: what places (reverse.c) and what is looked for (reverse_find.c) share. */
#ifndef RT386_MACHINE_REVERSE_INSIDE_H
#define RT386_MACHINE_REVERSE_INSIDE_H

#include <rt386/reverse.h>

#include "record.h"

#define SHOTS  8u
#define PIECES 18u /* of 64 KB in pages */

struct shot {
    rt386_place at;
    uint64_t inputs;
    struct buffer bytes; /* empty: none */
};

struct piece {
    uint32_t at, n; /* physical */
};

/* What is looked for while the run is made again. */
struct look {
    const rt386_seek *seek;
    unsigned count;
    struct piece piece[RT386_SEEK_MAX][PIECES];
    unsigned pieces[RT386_SEEK_MAX];
    rt386_place start; /* what begins there does not count */
    bool first;        /* end the run at the first one */
    bool any;
    rt386_sighting last;
    bool by_cpu;     /* it was seen while the processor was at work */
    char call[64];   /* the INtime call that has begun last, */
    uint64_t called; /* behind so many instructions */
    uint64_t begun;  /* instructions that began */
    uint64_t wanted; /* the place of that one is to be kept */
    rt386_place at;  /* of it */
};

struct rt386_reverse {
    rt386 *m;
    rt386_trace *t;
    uint64_t end;
    struct shot shot[SHOTS];
    unsigned next_shot;
    rt386_observer theirs; /* who else looks, and hears nothing of runs again */
    struct look look;
    struct cpu_observer cpu;
    struct rt_observer kernel;
};

static inline rt386_place place_now(const rt386 *m)
{
    return (rt386_place){m->cpu.s.insns, m->cpu.s.clocks};
}

static inline bool place_same(rt386_place a, rt386_place b)
{
    return a.insns == b.insns && a.clocks == b.clocks;
}

/* The machine is at a keyframe: the last one before so many instructions, or the first one. */
rt386_status reverse_keyframe(rt386_reverse *r, uint64_t insns);
rt386_status reverse_first(rt386_reverse *r);
rt386_status reverse_go(rt386_reverse *r, rt386_place to);
/* To where the instruction began that began n before the place. */
rt386_status reverse_back_from(rt386_reverse *r, rt386_place from, uint64_t n);
/* Where the trace ends; clocks UINT64_MAX: it was cut off, and does not say. */
rt386_place reverse_end_of(const rt386_reverse *r);
/* At the end of the trace: the last step, if the run ended by itself. */
rt386_status reverse_finish(rt386_reverse *r);
/* The first one that was looked for has been seen. */
bool reverse_met(const rt386_reverse *r);
/* From here to the place, or to where what is looked for is met first, with whoever is wired. Clocks UINT64_MAX: the
 * first place of so many instructions. */
rt386_status reverse_run_to(rt386_reverse *r, rt386_place to);
void reverse_shot(rt386_reverse *r);
/* Our observers are the processor's and the kernel's, or nobody is. */
void reverse_wire(rt386_reverse *r, bool looking);
/* Nobody hears the runs between these two. */
void reverse_hush(rt386_reverse *r);
rt386_status reverse_speak(rt386_reverse *r, rt386_status status);

#endif
