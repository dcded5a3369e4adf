/* moo_play.h: a vector's beginning on the bare machine, run to its end. Who asks compares (moo_run.c) or writes down what came
 * (moo_again.c).
 */
#ifndef RT386_TRACE_MOO_PLAY_H
#define RT386_TRACE_MOO_PLAY_H

#include "moo.h"

#include <rt386/bare.h>

struct rt386_moo_runner {
    rt386 *machine;
    bool strict;
    bool held;            /* events end a run, undelivered */
    bool any;             /* whatever event comes is as good as the one expected */
    int vector, expected; /* of the first event of a run, or -1 */
    bool has_error, has_cr2;
    uint32_t error, cr2; /* of that event */
};

struct moo_play {
    const rt386_moo_info *info;
    const rt386_moo_test *test;
    uint32_t initial[RT386_MOO_REGS], end[RT386_MOO_REGS];
    rt386_exit why;
};
/* RT386_E_STATE, RT386_E_RANGE: as rt386_moo_run. `p`: info and test are given. */
rt386_status moo_play(rt386_moo_runner *r, struct moo_play *p);

/* By rt386_segreg: which hidden part of a vector it is. */
extern const uint8_t moo_desc[8];

static inline uint32_t moo_entry_at(const rt386_moo_list *ram, uint32_t i)
{
    return get32(ram->p + 5 * (size_t)i);
}
/* Looks from *hint on, round: stores come in the order of the list, mostly. */
bool moo_find_byte(const rt386_moo_list *ram, uint32_t at, uint32_t *hint, uint8_t *value);
/* What memory held before the test. */
uint8_t moo_initial_byte(const struct moo_play *p, uint32_t at, uint32_t hint[2]);

#endif
