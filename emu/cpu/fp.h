/* fp.h: the binary32 and binary64 arithmetic of SSE and SSE2 in integers: the same bits on every host.
 *
 *    63 62       52 51                 0          31 30    23 22        0
 *   +--+-----------+--------------------+        +--+--------+-----------+
 *   |S | exponent  | fraction           |        |S | exp    | fraction  |
 *   +--+-----------+--------------------+        +--+--------+-----------+
 *
 *   MXCSR   15  14..13  12 11 10  9  8  7   6   5  4  3  2  1  0
 *          +---+------+--+--+--+--+--+--+---+--+--+--+--+--+--+
 *          |FTZ| RC   |PM|UM|OM|ZM|DM|IM|DAZ|PE|UE|OE|ZE|DE|IE|
 *          +---+------+--+--+--+--+--+--+---+--+--+--+--+--+--+
 *
 * A value of either format is a uint64_t; of binary32 the upper half is zero. Every function returns the masked
 * response and adds what came up to env->flags. Whoever calls looks at all lanes together and decides what an
 * unmasked exception leaves undone (fp_settle).
 *
 * NaNs [SDM1 4.8.3.5, table 4-7]: the first operand if it is a NaN, else the second, made quiet.
 * Tininess is judged after rounding. An underflow whose mask is set needs a loss of precision, too.
 *
 * Not here: registers, lanes (simd.h).
 */
#ifndef RT386_CPU_FP_H
#define RT386_CPU_FP_H

#include "f80.h"

#define MXCSR_EXC     0x003fu
#define MXCSR_DAZ     0x0040u
#define MXCSR_MASKS   0x1f80u
#define MXCSR_RC      0x6000u
#define MXCSR_FTZ     0x8000u
#define MXCSR_DEFAULT 0x1f80u /* after RESET */
#define MXCSR_ALL     0xffffu /* bits that exist: MXCSR_MASK of FXSAVE */

enum fp_format { FP_32, FP_64 };

struct fp_env {
    uint32_t mxcsr;
    uint32_t flags; /* FE_..: collected over all lanes */
};

/* Exceptions whose mask is clear, of those collected. */
static inline uint32_t fp_unmasked(const struct fp_env *env)
{
    return env->flags & ~(env->mxcsr >> 7) & MXCSR_EXC;
}
/* Collected exceptions into MXCSR. False: one is unmasked and nothing else may change. Exceptions found before
 * anything is computed keep the others from being noted [SDM1 11.5.2]. */
bool fp_settle(struct fp_env *env);

uint64_t fp_add(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b);
uint64_t fp_sub(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b);
uint64_t fp_mul(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b);
uint64_t fp_div(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b);
uint64_t fp_sqrt(struct fp_env *env, enum fp_format f, uint64_t a);
/* The second operand when either is a NaN or both are zeros. */
uint64_t fp_min(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b);
uint64_t fp_max(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b);
/* quiet: a QNaN is no invalid operation (UCOMISS). */
enum f80_order fp_compare(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b, bool quiet);
/* CMPPS: predicate 0..7 is EQ LT LE UNORD NEQ NLT NLE ORD [SDM2 CMPPS]. */
bool fp_predicate(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b, unsigned predicate);

/* Reciprocal and reciprocal square root of binary32. The manual promises a relative error of at most 1.5 * 2^-12
 * and no exceptions; here the exact value is rounded to 12 bits. Denormals count as zeros, and so do results that
 * would be denormal. */
uint32_t fp_rcp(uint32_t a);
uint32_t fp_rsqrt(uint32_t a);

/* --- conversions --- */
uint64_t fp_from_int(struct fp_env *env, enum fp_format f, int32_t v);
/* Out of range and NaN: invalid, 80000000h. chop: towards zero whatever RC is. */
int32_t fp_to_int(struct fp_env *env, enum fp_format f, uint64_t a, bool chop);
uint64_t fp_widen(struct fp_env *env, uint64_t a);  /* binary32 to binary64 */
uint64_t fp_narrow(struct fp_env *env, uint64_t a); /* binary64 to binary32 */

/* --- for fp*.c --- */
enum fp_class { FPC_ZERO, FPC_DENORMAL, FPC_NORMAL, FPC_INF, FPC_QNAN, FPC_SNAN };
/* value = sig * 2^(exp - 63) with the exponent field's bias; sig has bit 63. */
struct fp_num {
    enum fp_class class;
    bool neg;
    int32_t exp;
    uint64_t sig;
};
struct fp_layout {
    unsigned fraction; /* bits */
    int32_t exp_max, bias;
};
const struct fp_layout *fp_layout(enum fp_format f);
/* A denormal is a zero with DAZ. */
struct fp_num fp_unpack(const struct fp_env *env, enum fp_format f, uint64_t a);
/* more: bits that are not all zero follow below sig. */
uint64_t fp_round(struct fp_env *env, enum fp_format f, struct fp_num n, bool more);
uint64_t fp_quieted(enum fp_format f, uint64_t a);
uint64_t fp_zero(enum fp_format f, bool neg);
uint64_t fp_inf(enum fp_format f, bool neg);
uint64_t fp_invalid(struct fp_env *env, enum fp_format f);

static inline bool fp_is_nan(enum fp_class c)
{
    return c >= FPC_QNAN;
}
static inline enum f80_rc fp_rc(const struct fp_env *env)
{
    return (enum f80_rc)(env->mxcsr >> 13 & 3);
}

#endif
