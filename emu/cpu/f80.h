/* f80.h: the arithmetic of the 80387 in integers: the same bits on every host.
 *
 *    79 78        64 63 62                              0
 *   +--+------------+--+---------------------------------+
 *   |S | exponent   |J | fraction                        |   value: (-1)^S 2^(exponent-16383) J.fraction
 *   +--+------------+--+---------------------------------+
 *
 *   exponent 0       J 0: zero, denormal       J 1: pseudo-denormal (exponent counts as 1)
 *   1..7FFE          J 0: unsupported          J 1: normal
 *   7FFF             J 0: unsupported          J 1: infinity (fraction 0), SNaN, QNaN (bit 62)
 *
 * Every function gets the control word and returns the masked response; the exceptions that came up are
 * in env->flags (bits of the status word), the direction of rounding in env->up. Overflow and underflow
 * whose mask is clear deliver the result with the exponent moved by 24576, as registers receive it. Whoever
 * calls decides what an unmasked invalid operand, denormal or zero divide leaves undone.
 *
 * Not here: registers, stack, tags (x87.h).
 */
#ifndef RT386_CPU_F80_H
#define RT386_CPU_F80_H

#include <stdbool.h>
#include <stdint.h>

typedef struct f80 {
    uint64_t m;  /* J and fraction */
    uint16_t se; /* sign and exponent */
} f80;

/* Exceptions: bits of the status word, and masks in the control word. */
#define FE_IE 0x01u /* invalid operation */
#define FE_DE 0x02u /* denormal operand */
#define FE_ZE 0x04u /* zero divide */
#define FE_OE 0x08u /* overflow */
#define FE_UE 0x10u /* underflow */
#define FE_PE 0x20u /* precision */

enum f80_rc { RC_NEAR, RC_DOWN, RC_UP, RC_CHOP };

struct f80_env {
    uint16_t cw;    /* masks 5..0, precision 9..8, rounding 11..10 */
    uint16_t flags; /* FE_..: collected */
    bool up;        /* the last rounding made the magnitude larger: C1 */
};

static inline enum f80_rc f80_rc(const struct f80_env *env)
{
    return (enum f80_rc)(env->cw >> 10 & 3);
}
static inline bool f80_unmasked(const struct f80_env *env, unsigned flag)
{
    return !(env->cw & flag);
}

#define F80_BIAS  16383
#define F80_J     UINT64_C(0x8000000000000000)
#define F80_QUIET UINT64_C(0x4000000000000000)
#define F80_ONE   ((f80){F80_J, F80_BIAS})
/* The answer to a masked invalid operation ("real indefinite"). */
#define F80_INDEFINITE ((f80){UINT64_C(0xc000000000000000), 0xffff})

enum f80_class { F80_ZERO, F80_DENORMAL, F80_NORMAL, F80_INF, F80_QNAN, F80_SNAN, F80_UNSUPPORTED };
enum f80_class f80_classify(f80 a);

static inline bool f80_sign(f80 a)
{
    return a.se >> 15;
}
static inline f80 f80_zero(bool neg)
{
    return (f80){0, (uint16_t)(neg ? 0x8000 : 0)};
}
static inline f80 f80_inf(bool neg)
{
    return (f80){F80_J, (uint16_t)(neg ? 0xffff : 0x7fff)};
}
static inline bool f80_is_nan(enum f80_class c)
{
    return c == F80_QNAN || c == F80_SNAN;
}
/* A finite, nonzero number. */
static inline bool f80_is_finite(enum f80_class c)
{
    return c == F80_NORMAL || c == F80_DENORMAL;
}

/* --- precision control applies --- */
f80 f80_add(struct f80_env *env, f80 a, f80 b);
f80 f80_sub(struct f80_env *env, f80 a, f80 b);
f80 f80_mul(struct f80_env *env, f80 a, f80 b);
f80 f80_div(struct f80_env *env, f80 a, f80 b);
f80 f80_sqrt(struct f80_env *env, f80 a);

/* --- always 64 bits --- */
f80 f80_rint(struct f80_env *env, f80 a);
f80 f80_scale(struct f80_env *env, f80 a, f80 b);
/* Significand (returned) and exponent. */
f80 f80_xtract(struct f80_env *env, f80 a, f80 *exponent);
/* a rem b. nearest: FPREM1. *partial: more steps are needed; else *quotient holds its low bits. */
f80 f80_rem(struct f80_env *env, f80 a, f80 b, bool nearest, bool *partial, unsigned *quotient);

enum f80_order { F80_GREATER, F80_LESS, F80_EQUAL, F80_UNORDERED };
/* quiet: a QNaN is no invalid operation (FUCOM). */
enum f80_order f80_compare(struct f80_env *env, f80 a, f80 b, bool quiet);

/* --- other formats --- */
f80 f80_from_f32(struct f80_env *env, uint32_t v);
f80 f80_from_f64(struct f80_env *env, uint64_t v);
f80 f80_from_int(int64_t v);
uint32_t f80_to_f32(struct f80_env *env, f80 a);
uint64_t f80_to_f64(struct f80_env *env, f80 a);
/* bits: 16, 32 or 64. Out of range: invalid, the most negative integer. */
int64_t f80_to_int(struct f80_env *env, f80 a, unsigned bits);
/* Packed decimal: 18 digits, low byte first, sign in bit 7 of the last. */
f80 f80_from_bcd(const uint8_t bcd[10]);
void f80_to_bcd(struct f80_env *env, f80 a, uint8_t bcd[10]);

/* --- transcendental: see f80_trans.c for what is claimed --- */
f80 f80_2xm1(struct f80_env *env, f80 a);
f80 f80_yl2x(struct f80_env *env, f80 x, f80 y);
f80 f80_yl2xp1(struct f80_env *env, f80 x, f80 y);
f80 f80_patan(struct f80_env *env, f80 x, f80 y);
/* False: |a| is 2^63 or more, nothing is done. Either pointer may be NULL. */
bool f80_sincos(struct f80_env *env, f80 a, f80 *sin, f80 *cos);
bool f80_tan(struct f80_env *env, f80 a, f80 *tan);

/* FLDL2T and so on; the constants are rounded as RC says [387]. */
enum f80_constant { F80_C_1, F80_C_L2T, F80_C_L2E, F80_C_PI, F80_C_LG2, F80_C_LN2, F80_C_0 };
f80 f80_constant(enum f80_constant which, enum f80_rc rc);

/* --- for f80*.c --- */

/* sig * 2^(exp - 16383 - 63), sig normalized (bit 63) or zero. */
struct f80_parts {
    uint64_t sig;
    int32_t exp;
    bool neg;
};
struct f80_parts f80_unpack(f80 a);
/* Rounds hi.lo * 2^(exp - 16383 - 63) to `bits` (24, 53 or 64); lo also carries "there is more" in its
 * lowest bit. */
f80 f80_round(struct f80_env *env, bool neg, int32_t exp, uint64_t hi, uint64_t lo, unsigned bits);
/* The answer when an operand is a NaN or unsupported. */
f80 f80_nan2(struct f80_env *env, f80 a, f80 b);
f80 f80_nan1(struct f80_env *env, f80 a);
f80 f80_invalid(struct f80_env *env);
/* Adds FE_DE when one of the classes is that of a denormal. */
void f80_denormals(struct f80_env *env, enum f80_class a, enum f80_class b);

struct f80_wide {
    uint64_t hi, lo;
};
struct f80_wide f80_mul64(uint64_t a, uint64_t b);
/* hi.lo / d, hi < d. */
uint64_t f80_div128(uint64_t hi, uint64_t lo, uint64_t d, uint64_t *rem);
/* Shifts right; what falls out is kept as the lowest bit. */
struct f80_wide f80_shift_jam(struct f80_wide v, uint32_t n);
/* Should a magnitude with this rest grow? rest: 0 none, 1 below half, 2 half, 3 above. */
bool f80_grows(enum f80_rc rc, bool neg, bool odd, unsigned rest);

#endif
