/* x87.h: the coprocessor for <math.h>: one operation a function, on 80-bit numbers. Used by math*.c only.
 *
 *   79   78      64 63                   0
 *   s    exponent   1.fraction               value = 1.fraction * 2^(exponent - 16383)
 *
 * Results are worked out with 64 bits and rounded to double once, at the end (narrow); so a function whose parts
 * are exact or correctly rounded to 64 bits is off by little more than half a unit of the last place.
 */
#ifndef RT386_GUEST_X87_H
#define RT386_GUEST_X87_H

#include "clib.h"

typedef long double x80;
_Static_assert(__LDBL_MANT_DIG__ == 64, "this is built with long double of 80 bits");

union double_bits {
    double value;
    uint64_t bits;
};
union float_bits {
    float value;
    uint32_t bits;
};

#define X80_LN2    0.693147180559945309417232121458176568L
#define X80_LOG2E  1.442695040888963407359924681001892137L
#define X80_LOG102 0.301029995663981195213738894724493027L
#define X80_PIO2   1.570796326794896619231321691639751442L
#define X80_PIO2_L -2.5082855163508e-20L /* what X80_PIO2 lacks */

#define X87_1(name, code)                                                                          \
    static inline x80 name(x80 v)                                                                  \
    {                                                                                              \
        __asm__(code : "+t"(v));                                                                   \
        return v;                                                                                  \
    }
X87_1(x87_sqrt, "fsqrt")
X87_1(x87_sin, "fsin") /* |v| <= pi/4: no reduction */
X87_1(x87_cos, "fcos")
X87_1(x87_rint, "frndint")
X87_1(x87_2xm1, "f2xm1") /* 2^v - 1, |v| <= 1/2 */
X87_1(x87_abs, "fabs")

/* y * log2(x), y * log2(x + 1) (|x| < 0.29), atan(y/x), x * 2^trunc(n) */
static inline x80 x87_yl2x(x80 y, x80 x)
{
    __asm__("fyl2x" : "=t"(y) : "0"(x), "u"(y) : "st(1)");
    return y;
}
static inline x80 x87_yl2xp1(x80 y, x80 x)
{
    __asm__("fyl2xp1" : "=t"(y) : "0"(x), "u"(y) : "st(1)");
    return y;
}
static inline x80 x87_atan2(x80 y, x80 x)
{
    __asm__("fpatan" : "=t"(y) : "0"(x), "u"(y) : "st(1)");
    return y;
}
static inline x80 x87_scale(x80 x, int n)
{
    __asm__("fscale" : "+t"(x) : "u"((x80)n));
    return x;
}
/* One step of the exact remainder; more while bit 10 of the status is set. Bits 14, 9 and 8: the quotient's last three. */
static inline x80 x87_rem_step(x80 x, x80 y, uint16_t *status)
{
    __asm__("fprem\n\tfnstsw %1" : "+t"(x), "=a"(*status) : "u"(y));
    return x;
}
static inline x80 x87_rem1_step(x80 x, x80 y, uint16_t *status)
{
    __asm__("fprem1\n\tfnstsw %1" : "+t"(x), "=a"(*status) : "u"(y));
    return x;
}

enum x87_round { X87_NEAREST = 0, X87_DOWN = 0x400, X87_UP = 0x800, X87_CHOP = 0xC00 };
static inline x80 x87_round_to(x80 v, enum x87_round how)
{
    uint16_t old, control;
    __asm__ volatile("fnstcw %0" : "=m"(old));
    control = (uint16_t)((old & 0xF3FFu) | how);
    __asm__ volatile("fldcw %0" : : "m"(control));
    __asm__ volatile("frndint" : "+t"(v));
    __asm__ volatile("fldcw %0" : : "m"(old));
    return v;
}

/* To a double, now: a register would keep 64 bits. */
static inline double narrow(x80 v)
{
    volatile double to = (double)v;
    return to;
}

/* Rounded once, to the 53 bits of a double: 64 bits in between would now and then round a half the wrong way. */
static inline double x87_sqrt_double(double v)
{
    uint16_t old, control;
    x80 root = v;
    __asm__ volatile("fnstcw %0" : "=m"(old));
    control = (uint16_t)((old & 0xFCFFu) | 0x200);
    __asm__ volatile("fldcw %0" : : "m"(control));
    __asm__ volatile("fsqrt" : "+t"(root));
    __asm__ volatile("fldcw %0" : : "m"(old));
    return narrow(root);
}

static inline uint64_t bits_of(double v)
{
    return (union double_bits){.value = v}.bits;
}
static inline double of_bits(uint64_t bits)
{
    return (union double_bits){.bits = bits}.value;
}
#define DOUBLE_SIGN 0x8000000000000000ull
#define DOUBLE_INF  0x7FF0000000000000ull
#define DOUBLE_NAN  0x7FF8000000000000ull

static inline int is_nan(double v)
{
    return (bits_of(v) & ~DOUBLE_SIGN) > DOUBLE_INF;
}
static inline int is_inf(double v)
{
    return (bits_of(v) & ~DOUBLE_SIGN) == DOUBLE_INF;
}

/* --- mathexp.c: with 80 bits --- */
x80 math_exp(x80 v);                                /* |v| < 11000 */
x80 math_expm1(x80 v);                              /* the same */
x80 math_log1p(x80 v);                              /* v > -1 */
void math_sincos(double x, x80 *sine, x80 *cosine); /* finite */
/* Sets errno when the result of finite arguments is infinite or vanishes. */
double math_result(x80 v);
double math_domain(void);       /* EDOM and not a number */
double math_pole(int negative); /* ERANGE and infinity */

#endif
