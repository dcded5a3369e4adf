/* f80_big.h: floating numbers of 256 bits, for the transcendental functions.
 *
 *   value = (-1)^neg * 0.d[7]d[6]...d[0] * 2^exp        d[7] has its top bit set, or all of d is zero
 *
 * Results are cut, not rounded: each operation is off by less than 2^-254 of its result. What an addition
 * shifts out is kept as the lowest bit, so that a result that is not exact never looks exact.
 */
#ifndef RT386_CPU_F80_BIG_H
#define RT386_CPU_F80_BIG_H

#include "f80.h"

#define BIG_WORDS 8

struct big {
    uint32_t d[BIG_WORDS]; /* lowest first */
    int32_t exp;
    bool neg;
};

struct big big_of(f80 a); /* finite */
struct big big_of_int(int64_t v);
bool big_is_zero(const struct big *a);
struct big big_neg(struct big a);
struct big big_shift(struct big a, int32_t by); /* a * 2^by */
struct big big_add(struct big a, struct big b);
struct big big_sub(struct big a, struct big b);
struct big big_mul(const struct big *a, const struct big *b);
struct big big_div(const struct big *a, const struct big *b);
struct big big_div_small(struct big a, uint32_t n);
/* |a| < |b| */
bool big_below(const struct big *a, const struct big *b);
/* Nearest integer of a value below 2^64 in magnitude. */
struct big big_integer(const struct big *a, uint64_t *magnitude);
f80 big_round(struct f80_env *env, const struct big *a, bool inexact);

/* Constants: ln 2, 1/ln 2, pi, and pi as the 387 reduces arguments with it. */
extern const struct big big_ln2, big_log2e, big_pi, big_pi66;
/* atan(n/16), n = 0..16; ln(n/16), n = 11..24. */
extern const struct big big_atan[17], big_ln[25];

#endif
