/* f80_rem.c: remainder, scaling, extraction. */
#include "f80.h"

#define SCALE_LIMIT 0x10000 /* beyond every exponent */

/* 2^n * a, n the integral part of b. */
static f80 scaled(struct f80_env *env, f80 a, f80 b)
{
    struct f80_parts p = f80_unpack(a), q = f80_unpack(b);
    int32_t n = 0, e = q.exp - F80_BIAS;
    if (e >= 16)
        n = SCALE_LIMIT;
    else if (e >= 0)
        n = (int32_t)(q.sig >> (63 - e));
    return f80_round(env, p.neg, p.exp + (q.neg ? -n : n), p.sig, 0, 64);
}

f80 f80_scale(struct f80_env *env, f80 a, f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    if (ca >= F80_QNAN || cb >= F80_QNAN) return f80_nan2(env, a, b);
    if (cb == F80_INF) {
        if (ca == (f80_sign(b) ? F80_INF : F80_ZERO)) return f80_invalid(env);
        f80_denormals(env, ca, ca);
        return f80_sign(b) ? f80_zero(f80_sign(a)) : f80_inf(f80_sign(a));
    }
    f80_denormals(env, ca, cb);
    if (!f80_is_finite(ca)) return a;
    if (cb == F80_ZERO) b = f80_zero(false);
    return scaled(env, a, b);
}

f80 f80_xtract(struct f80_env *env, f80 a, f80 *exponent)
{
    enum f80_class c = f80_classify(a);
    if (c >= F80_QNAN) return *exponent = f80_nan1(env, a);
    if (c == F80_INF) {
        *exponent = f80_inf(false);
        return a;
    }
    if (c == F80_ZERO) {
        env->flags |= FE_ZE;
        *exponent = f80_inf(true);
        return a;
    }
    f80_denormals(env, c, c);
    struct f80_parts p = f80_unpack(a);
    *exponent = f80_from_int(p.exp - F80_BIAS);
    return (f80){p.sig, (uint16_t)((p.neg ? 0x8000 : 0) | F80_BIAS)};
}

/* --- remainder --- */

/* r = sig * 2^n mod d; *q: the low 64 bits of the quotient. sig < 2^64, d normalized. */
static uint64_t reduce(uint64_t sig, unsigned n, uint64_t d, uint64_t *q)
{
    uint64_t quotient = sig >= d, rem = sig >= d ? sig - d : sig;
    for (; n; n--) {
        bool high = rem >> 63;
        rem <<= 1;
        quotient <<= 1;
        if (high || rem >= d) {
            rem -= d;
            quotient |= 1;
        }
    }
    *q = quotient;
    return rem;
}

static f80 normal(struct f80_env *env, bool neg, int32_t exp, uint64_t sig)
{
    if (!sig) return f80_zero(neg);
    int shift = __builtin_clzll(sig);
    return f80_round(env, neg, exp - shift, sig << shift, 0, 64);
}

/* |a| < |b|/2 or so: FPREM leaves a, FPREM1 may still have to subtract once. `half`: the remainder
 * doubled lies above b, or on it with an odd quotient. */
static f80 rem_finite(struct f80_env *env, struct f80_parts p, struct f80_parts q, bool nearest,
                      bool *partial, unsigned *quotient)
{
    int32_t d = p.exp - q.exp;
    uint64_t quo = 0, rem = p.sig;
    if (d >= 64) { /* one step: between 32 and 63 bits of the exponent difference */
        unsigned n = ((unsigned)d & 31) | 32;
        *partial = true;
        rem = reduce(p.sig, n, q.sig, &quo);
        return normal(env, p.neg, p.exp - (int32_t)n, rem);
    }
    if (d < -1 || (d < 0 && !nearest)) return normal(env, p.neg, p.exp, p.sig);
    bool more = false;
    int32_t exp = q.exp;
    if (d >= 0) {
        rem = reduce(p.sig, (unsigned)d, q.sig, &quo);
        more = rem > q.sig - rem || (rem == q.sig - rem && (quo & 1));
    } else { /* |a| is between b/4 and b */
        exp = p.exp;
        more = p.sig > q.sig;
    }
    if (nearest && more) {
        /* b - rem, at the exponent of rem: with d = -1 b is 2 * q.sig there */
        rem = d >= 0 ? q.sig - rem : (q.sig - rem) + q.sig;
        p.neg = !p.neg;
        quo++;
    }
    *quotient = (unsigned)(quo & 7);
    return normal(env, p.neg, exp, rem);
}

f80 f80_rem(struct f80_env *env, f80 a, f80 b, bool nearest, bool *partial, unsigned *quotient)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    *partial = false;
    *quotient = 0;
    if (ca >= F80_QNAN || cb >= F80_QNAN) return f80_nan2(env, a, b);
    if (ca == F80_INF || cb == F80_ZERO) return f80_invalid(env);
    f80_denormals(env, ca, cb);
    if (ca == F80_ZERO) return a;
    struct f80_parts p = f80_unpack(a);
    if (cb == F80_INF) return normal(env, p.neg, p.exp, p.sig);
    return rem_finite(env, p, f80_unpack(b), nearest, partial, quotient);
}
