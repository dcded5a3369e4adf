/* simd.h: the lanes of MMX, SSE and SSE2 as values: no registers, no memory.
 *
 *    127                            64 63                              0
 *   +---------------------------------+---------------------------------+
 *   |              q[1]               |              q[0]               |   an XMM register, or in q[0]
 *   +---------------------------------+---------------------------------+   one of MMX (q[1] is zero)
 *
 * Lane 0 is at the low end, whatever the host's byte order is.
 */
#ifndef RT386_CPU_SIMD_H
#define RT386_CPU_SIMD_H

#include "fp.h"

struct simd {
    uint64_t q[2];
};

/* Lane i of `size` bytes (1, 2, 4 or 8), zero-extended. */
static inline uint64_t simd_lane(const struct simd *v, unsigned size, unsigned i)
{
    unsigned bit = 8 * size * i;
    return v->q[bit / 64] >> bit % 64 & ~UINT64_C(0) >> (64 - 8 * size);
}
static inline void simd_put(struct simd *v, unsigned size, unsigned i, uint64_t value)
{
    unsigned bit = 8 * size * i;
    uint64_t mask = ~UINT64_C(0) >> (64 - 8 * size) << bit % 64;
    v->q[bit / 64] = (v->q[bit / 64] & ~mask) | (value << bit % 64 & mask);
}

/* --- integers (simd_int.c) --- */

/* a: first operand and destination, b: second; bytes: 8 or 16. Shifts take the count from b.q[0]; PSLLDQ and
 * PSRLDQ count bytes. */
typedef struct simd simd_lanes(struct simd a, struct simd b, unsigned bytes);
#define LANES(name) simd_lanes simd_##name;
#include "simd.def"
#undef LANES

/* Four lanes of `size` bytes of v, as two bits of `order` each say: PSHUFW, PSHUFD. */
struct simd simd_shuffle(struct simd v, unsigned size, unsigned order);
/* The same with the words of one half; the other half stays: PSHUFLW, PSHUFHW. */
struct simd simd_shuffle_half(struct simd v, bool high, unsigned order);
/* Lower half of the result from a, upper from b. */
struct simd simd_SHUFPS(struct simd a, struct simd b, unsigned order);
struct simd simd_SHUFPD(struct simd a, struct simd b, unsigned order);
/* The top bits of `n` lanes. */
uint32_t simd_signs(struct simd v, unsigned size, unsigned n);

/* --- numbers (simd_fp.c) --- */

typedef uint64_t fp_binary(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b);
/* The first `lanes` lanes; the others are a's. */
struct simd simd_arith(struct fp_env *env, fp_binary *op, enum fp_format f, unsigned lanes,
                       struct simd a, struct simd b);
struct simd simd_sqrt(struct fp_env *env, enum fp_format f, unsigned lanes, struct simd a,
                      struct simd b);
/* Lanes of ones or zeros. */
struct simd simd_compare(struct fp_env *env, enum fp_format f, unsigned lanes, struct simd a,
                         struct simd b, unsigned predicate);
struct simd simd_approx(uint32_t (*op)(uint32_t), unsigned lanes, struct simd a, struct simd b);

enum simd_type { SIMD_I32, SIMD_F32, SIMD_F64 };
struct simd_conversion {
    uint8_t from, to; /* enum simd_type */
    uint8_t lanes;
    bool chop; /* to integers: towards zero */
    bool keep; /* the other lanes are a's; otherwise zeros */
};
struct simd simd_convert(struct fp_env *env, struct simd_conversion how, struct simd a,
                         struct simd b);

#endif
