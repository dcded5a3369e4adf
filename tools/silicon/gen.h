/* gen.h: seeded states. The same seed, row and block number give the same 1,024 states everywhere.
 *
 *   form    bytes of one instruction of a row of i386.def: prefixes, ModR/M, SIB, displacement, immediate
 *   batch   states that do not fault (a few divisions do): every operand inside its segment and its page
 *   trap    states at the edges: of segments, pages, selectors and rights, by family (families.def)
 *
 * Left out on purpose: rows_skipped in gen_form.c, each with its reason.
 */
#ifndef RT386_SILICON_GEN_H
#define RT386_SILICON_GEN_H

#include "insn.h"
#include "kinds.h"
#include "state.h"

struct rng {
    uint64_t s;
};
static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}
static inline uint32_t rng_u32(struct rng *r)
{
    return (uint32_t)rng_next(r);
}
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}
static inline bool rng_chance(struct rng *r, uint32_t n, uint32_t of)
{
    return rng_below(r, of) < n;
}
struct rng rng_for(uint64_t seed, uint64_t key, uint64_t block);
void rng_fill(struct rng *r, void *to, uint32_t n);
/* A value as tests like it: edges, small ones, or anything. */
uint32_t rng_value(struct rng *r);

struct form {
    uint8_t bytes[SIL_INSN];
    struct insn in;
    const struct i386_row *row;
    bool code32;
};
enum form_use { FORM_BATCH, FORM_TRAP };
/* False: this draw gave no instruction of the row that both sides define. */
bool form_make(struct rng *r, unsigned row, bool code32, enum form_use use, struct form *f);
/* May the row be run this way? */
bool row_usable(unsigned row, enum form_use use);
/* Registers of the effective address := what makes it `target`, or the nearest that can be reached below
 * it. Returns the offset reached. */
uint32_t form_aim(const struct form *f, uint32_t gpr[8], uint32_t target);
/* A pure displacement, or an immediate, is patched in the bytes. */
bool form_patch(struct form *f, uint32_t target);

/* An offset inside `kind` where `n` bytes lie in writable data or stack pages; not above `mask`. */
bool kind_find(struct rng *r, unsigned kind, uint32_t n, uint32_t mask, uint32_t *offset);

/* The instruction's result is undefined in this state: 16-bit SHLD, SHRD by more than 16. */
bool form_undefined(const struct form *f, const uint32_t gpr[8]);

/* One block. False: no instruction of the row can be made. */
bool batch_block(uint64_t seed, unsigned row, uint64_t number, struct sil_in *in);

struct family {
    const char *name;
    const char *what;
};
extern const struct family sil_families[];
extern const unsigned sil_family_count;
#define ROWS_MAX 1024u
struct row_list {
    unsigned count;
    uint16_t row[ROWS_MAX];
};
void family_rows(unsigned family, struct row_list *list);
/* One trap state; the caller asks again when the answer is unsafe. False: no form this time. */
bool trap_state(struct rng *r, unsigned family, const struct row_list *list, struct sil_in *in);
uint64_t row_key(unsigned row);

#endif
