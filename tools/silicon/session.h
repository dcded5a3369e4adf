/* session.h: one run of the comparer. */
#ifndef RT386_SILICON_SESSION_H
#define RT386_SILICON_SESSION_H

#include "compare.h"
#include "emu.h"
#include "link.h"

struct session {
    /* options */
    const char *runner, *only;
    uint64_t states, faults, seed, show;
    /* work */
    struct sil_emu *emu;
    struct sil_link link;
    struct sil_in *in;   /* of the block; the link's own memory when there is one */
    struct sil_out *out; /* rt386's */
    /* counts */
    uint64_t batch_states, batch_faults, trap_states, trap_faults, discarded, differences;
    uint64_t excused[EXC_COUNT];
    uint64_t row_differences[512];
    uint64_t vectors[33]; /* of trapped states; [32]: none */
    uint64_t family_faults[64], family_states[64];
    double batch_seconds, trap_seconds, native_batch, native_trap;
};
int session_run(struct session *s);

#endif
