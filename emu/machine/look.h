/* look.h: what is looked for while a machine runs: by the way back (reverse*.c) and by breakpoints (breaks.c).
 *
 *      processor, kernel, bus --> struct look --> met: kept as `last`, and the run ends where `first` says so
 *                                      \--> whoever else looks (next, kernel_next)
 */
#ifndef RT386_MACHINE_LOOK_H
#define RT386_MACHINE_LOOK_H

#include <rt386/reverse.h>

#include "machine.h"

#define PIECES 18u /* of 64 KB in pages */

struct piece {
    uint32_t at, n; /* physical */
};

struct look {
    rt386 *m;
    const rt386_seek *seek;
    unsigned count;
    struct piece piece[RT386_SEEK_MAX][PIECES];
    unsigned pieces[RT386_SEEK_MAX];
    uint32_t linear[RT386_SEEK_MAX]; /* where a range begins; LINEAR and LOGICAL */
    bool waits[RT386_SEEK_MAX];      /* some of it was not mapped when it was looked up */
    rt386_place start;               /* what begins there does not count */
    bool first;                      /* end the run at the first one */
    bool
        braked; /* for a breakpoint: `start` is for EXEC only, and the brake sees it, not the observer; */
    rt386_place raised; /* and for EVENT it is this */
    bool any;
    rt386_sighting last;
    bool by_cpu;             /* it was seen while the processor was at work */
    bool at_start;           /* in the kernel's first choice of a thread, before any run */
    char call[64];           /* the INtime call that has begun last, */
    uint64_t called;         /* behind so many instructions */
    struct cpu_observer cpu; /* ours, and whoever else looks */
    struct cpu_observer next;
    struct rt_observer kernel, kernel_next;
};

static inline rt386_place place_now(const rt386 *m)
{
    return (rt386_place){m->cpu.s.insns, m->cpu.s.clocks};
}

static inline bool place_same(rt386_place a, rt386_place b)
{
    return a.insns == b.insns && a.clocks == b.clocks;
}

/* The seeks stay the caller's. Where they lie in memory is looked up now, and where nothing is mapped again at accesses that could be
 * to it; the present place does not count. RT386_E_ARG. */
rt386_status look_for(struct look *k, rt386 *m, const rt386_seek *seek, unsigned count);
bool look_wanted(const struct look *k, rt386_seek_kind kind);
bool look_in_memory(const struct look *k, unsigned i);
/* k->cpu and k->kernel are set, only for what is looked for. False: the processor need not be looked at. */
bool look_observers(struct look *k, const struct cpu_observer *next,
                    const struct rt_observer *kernel_next);
/* The bus tells of writes, if they are looked for. */
void look_at_bus(struct look *k);
/* An instruction begins where one is looked for; the event is looked for. */
bool look_begins(struct look *k);
bool look_event(struct look *k, unsigned vector);
/* The first bytes of a range. */
void look_bytes(const struct look *k, unsigned which, uint8_t to[16], unsigned *n);

#endif
