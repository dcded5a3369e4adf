/* session.h: one run of the comparer. */
#ifndef RT386_SILICON_SESSION_H
#define RT386_SILICON_SESSION_H

#include "compare.h"
#include "emu.h"
#include "link.h"

struct session {
    /* options */
    const char *runner, *only, *write, *replay, *moo, *check;
    uint64_t states, faults, seed, show, tap, each, traps;
    /* work */
    FILE *digests; /* written, or NULL */
    struct sil_emu *emu;
    struct sil_link link;
    struct sil_in *in;   /* of the block; the link's own memory when there is one */
    struct sil_out *out; /* rt386's */
    /* counts */
    uint64_t batch_states, batch_faults, trap_states, trap_faults, discarded, differences;
    uint64_t excused[EXC_COUNT];
    uint64_t row_differences[ROWS_MAX];
    uint64_t vectors[33]; /* of trapped states; [32]: none */
    uint64_t family_faults[64], family_states[64], family_differences[64];
    uint64_t batch_differences;
    double batch_seconds, trap_seconds, native_batch, native_trap;
};
int session_run(struct session *s);
/* What the last block's digest is called: "batch 00", "trap limit-byte". */
void session_note(struct session *s, const char *kind, const char *name, uint64_t number,
                  bool batch);
/* Without --only, everything is. */
bool session_wants(const struct session *s, const char *name);
const char *row_name(unsigned row, char to[32]);
/* A block on rt386 alone, into s->in and s->out. */
bool session_batch_emu(struct session *s, unsigned row, uint64_t number);
void session_trap_emu(struct session *s, unsigned family, uint64_t number);

/* golden.c: digests that a processor gave, replayed where it is not at hand. */
FILE *golden_create(const char *path, uint64_t seed);
int golden_replay(struct session *s);

struct golden { /* a file of digests, open */
    FILE *file;
    char model[256];
};
/* Takes seed and version over. False: it cannot be read. */
bool golden_open(struct session *s, struct golden *g);
void golden_close(struct golden *g);
/* Makes a block anew, as session_batch_emu and session_trap_emu do. False: there is no digest of it. */
bool golden_block(struct session *s, struct golden *g, const char *kind, const char *name,
                  uint64_t number, bool *equal);

/* vectors.c: MOO files of such blocks, or without s->replay of rt386's own: into the folder s->moo; or those in s->check
 * compared. Exit status. */
int vectors_write(struct session *s);
int vectors_check(struct session *s);

#endif
