/* f80_conv.c: the other formats of memory operands, comparison, and rounding to an integer. */
#include <string.h>

#include "f80.h"

/* --- binary formats --- */

struct binary {
    int exp_max; /* exponent field of infinity */
    int bias;
    unsigned bits; /* of the significand, the hidden one included */
};

static f80 from_binary(struct f80_env *env, const struct binary *b, uint64_t v)
{
    unsigned field = b->bits - 1;
    uint64_t frac = v & ((UINT64_C(1) << field) - 1);
    int exp = (int)(v >> field) & b->exp_max;
    bool neg = v >> field > (uint64_t)b->exp_max;
    uint16_t sign = neg ? 0x8000 : 0;
    uint64_t m = frac << (64 - b->bits);
    if (exp == b->exp_max) {
        f80 nan = {m | F80_J, (uint16_t)(sign | 0x7fff)};
        return frac ? f80_nan1(env, nan) : nan;
    }
    if (exp) return (f80){m | F80_J, (uint16_t)(sign | (exp - b->bias + F80_BIAS))};
    if (!frac) return f80_zero(neg);
    env->flags |= FE_DE;
    int shift = __builtin_clzll(m);
    return (f80){m << shift, (uint16_t)(sign | (1 - b->bias + F80_BIAS - shift))};
}

static const struct binary format32 = {0xff, 127, 24}, format64 = {0x7ff, 1023, 53};

f80 f80_from_f32(struct f80_env *env, uint32_t v)
{
    return from_binary(env, &format32, v);
}

f80 f80_from_f64(struct f80_env *env, uint64_t v)
{
    return from_binary(env, &format64, v);
}

static uint64_t binary_overflow(struct f80_env *env, const struct binary *b, bool neg)
{
    enum f80_rc rc = f80_rc(env);
    uint64_t inf = (uint64_t)b->exp_max << (b->bits - 1);
    bool to_inf = rc == RC_NEAR || rc == (neg ? RC_DOWN : RC_UP);
    env->flags |= FE_OE;
    if (f80_unmasked(env, FE_OE)) return inf; /* nothing is stored */
    env->flags |= FE_PE;
    env->up = to_inf;
    return to_inf ? inf : inf - 1;
}

/* The magnitude. Rounded twice over: once as if the exponent had no bound, to tell whether it is tiny. */
static uint64_t to_binary_finite(struct f80_env *env, const struct binary *b, struct f80_parts p)
{
    int exp = p.exp - F80_BIAS + b->bias;
    struct f80_env free = {.cw = env->cw};
    struct f80_parts r = f80_unpack(f80_round(&free, p.neg, F80_BIAS, p.sig, 0, b->bits));
    int carried = r.exp - F80_BIAS;
    if (exp + carried >= b->exp_max) return binary_overflow(env, b, p.neg);
    if (exp > 0) {
        env->up = free.up;
        env->flags |= free.flags;
        return ((uint64_t)(exp + carried) << (b->bits - 1)) | (r.sig << 1 >> (65 - b->bits));
    }
    bool tiny = exp + carried <= 0;
    if (tiny && f80_unmasked(env, FE_UE)) { /* nothing is stored */
        env->flags |= FE_UE;
        return 0;
    }
    struct f80_wide w = f80_shift_jam((struct f80_wide){p.sig, 0}, (uint32_t)(1 - exp));
    uint64_t unit = UINT64_C(1) << (64 - b->bits), tail = w.hi & (unit - 1), half = unit >> 1;
    unsigned rest = tail == 0 && !w.lo ? 0 : tail < half ? 1 : tail == half && !w.lo ? 2 : 3;
    uint64_t v = w.hi / unit;
    env->up = f80_grows(f80_rc(env), p.neg, v & 1, rest);
    if (rest) env->flags |= (uint16_t)(FE_PE | (tiny ? FE_UE : 0));
    return v + env->up;
}

static uint64_t to_binary(struct f80_env *env, const struct binary *b, f80 a)
{
    uint64_t inf = (uint64_t)b->exp_max << (b->bits - 1);
    uint64_t minus = (uint64_t)(b->exp_max + 1) << (b->bits - 1), sign = f80_sign(a) ? minus : 0;
    enum f80_class c = f80_classify(a);
    if (c == F80_ZERO) return sign;
    if (c == F80_INF) return sign | inf;
    if (f80_is_finite(c)) return sign | to_binary_finite(env, b, f80_unpack(a));
    a = f80_nan1(env, a);
    if (c == F80_UNSUPPORTED) sign = minus; /* the indefinite */
    return sign | inf | (a.m << 1 >> (65 - b->bits));
}

uint32_t f80_to_f32(struct f80_env *env, f80 a)
{
    return (uint32_t)to_binary(env, &format32, a);
}

uint64_t f80_to_f64(struct f80_env *env, f80 a)
{
    return to_binary(env, &format64, a);
}

/* --- integers --- */

f80 f80_from_int(int64_t v)
{
    if (v == 0) return f80_zero(false);
    uint64_t m = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    int shift = __builtin_clzll(m);
    return (f80){m << shift, (uint16_t)((v < 0 ? 0x8000 : 0) | (F80_BIAS + 63 - shift))};
}

/* |p| rounded to an integer; *grown as C1 has it. The exponent must be below 64 + bias. */
static uint64_t magnitude(enum f80_rc rc, struct f80_parts p, bool *inexact, bool *grown)
{
    int32_t shift = F80_BIAS + 63 - p.exp;
    struct f80_wide w = f80_shift_jam((struct f80_wide){p.sig, 0}, (uint32_t)shift);
    unsigned rest = w.lo == 0 ? 0 : w.lo < F80_J ? 1 : w.lo == F80_J ? 2 : 3;
    *inexact = rest != 0;
    *grown = f80_grows(rc, p.neg, w.hi & 1, rest);
    return w.hi + *grown;
}

int64_t f80_to_int(struct f80_env *env, f80 a, unsigned bits)
{
    int64_t least = (int64_t)(~UINT64_C(0) << (bits - 1));
    enum f80_class c = f80_classify(a);
    struct f80_parts p = f80_unpack(a);
    bool inexact, grown;
    if (c == F80_ZERO) return 0;
    if (!f80_is_finite(c) || p.exp > F80_BIAS + 63) {
        env->flags |= FE_IE;
        return least;
    }
    uint64_t m = magnitude(f80_rc(env), p, &inexact, &grown);
    uint64_t most = (UINT64_C(1) << (bits - 1)) - !p.neg;
    if (m > most || (grown && m == 0)) {
        env->flags |= FE_IE;
        return least;
    }
    if (inexact) env->flags |= FE_PE;
    env->up = grown;
    return (int64_t)(p.neg ? 0 - m : m);
}

f80 f80_rint(struct f80_env *env, f80 a)
{
    enum f80_class c = f80_classify(a);
    bool inexact, grown;
    if (c >= F80_QNAN) return f80_nan1(env, a);
    if (!f80_is_finite(c)) return a;
    f80_denormals(env, c, c);
    struct f80_parts p = f80_unpack(a);
    if (p.exp >= F80_BIAS + 63) return a;
    uint64_t m = magnitude(f80_rc(env), p, &inexact, &grown);
    if (inexact) env->flags |= FE_PE;
    env->up = grown;
    if (m == 0) return f80_zero(p.neg);
    f80 r = f80_from_int((int64_t)m);
    if (m & F80_J) r = (f80){m, F80_BIAS + 63};
    r.se |= (uint16_t)(p.neg << 15);
    return r;
}

/* --- packed decimal --- */

f80 f80_from_bcd(const uint8_t bcd[10])
{
    int64_t v = 0;
    for (int i = 8; i >= 0; i--)
        v = v * 100 + (bcd[i] >> 4) * 10 + (bcd[i] & 15);
    f80 r = f80_from_int(v);
    r.se |= (uint16_t)((bcd[9] & 0x80) << 8);
    return r;
}

static void bcd_indefinite(struct f80_env *env, uint8_t bcd[10])
{
    static const uint8_t indefinite[10] = {0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff};
    env->flags |= FE_IE;
    memcpy(bcd, indefinite, sizeof indefinite);
}

void f80_to_bcd(struct f80_env *env, f80 a, uint8_t bcd[10])
{
    enum f80_class c = f80_classify(a);
    struct f80_parts p = f80_unpack(a);
    bool inexact = false, grown = false;
    if (c >= F80_INF || (f80_is_finite(c) && p.exp > F80_BIAS + 60)) {
        bcd_indefinite(env, bcd);
        return;
    }
    uint64_t m = c == F80_ZERO ? 0 : magnitude(f80_rc(env), p, &inexact, &grown);
    if (m > UINT64_C(999999999999999999)) {
        bcd_indefinite(env, bcd);
        return;
    }
    if (inexact) env->flags |= FE_PE;
    env->up = grown;
    for (unsigned i = 0; i < 9; i++, m /= 100)
        bcd[i] = (uint8_t)(m / 10 % 10 << 4 | m % 10);
    bcd[9] = p.neg ? 0x80 : 0;
}

/* --- comparison --- */

static int magnitude_order(struct f80_parts p, struct f80_parts q)
{
    if (!p.sig || !q.sig) return (p.sig != 0) - (q.sig != 0);
    if (p.exp != q.exp) return p.exp > q.exp ? 1 : -1;
    return (p.sig > q.sig) - (p.sig < q.sig);
}

enum f80_order f80_compare(struct f80_env *env, f80 a, f80 b, bool quiet)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    if (ca >= F80_QNAN || cb >= F80_QNAN) {
        if (!quiet || ca > F80_QNAN || cb > F80_QNAN) env->flags |= FE_IE;
        return F80_UNORDERED;
    }
    f80_denormals(env, ca, cb);
    struct f80_parts p = f80_unpack(a), q = f80_unpack(b);
    int order = magnitude_order(p, q);
    if (p.neg != q.neg) order = p.sig | q.sig ? 1 : 0;
    if (p.neg) order = -order;
    return order > 0 ? F80_GREATER : order < 0 ? F80_LESS : F80_EQUAL;
}
