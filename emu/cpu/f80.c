/* f80.c: classes, NaNs, rounding, and the five operations that obey precision control. */
#include "f80.h"

#define EXP_MAX     0x7fff
#define BIAS_ADJUST 24576 /* 3 * 2^13: unmasked overflow and underflow [387 3.1] */

/* --- 128 bits --- */

struct f80_wide f80_mul64(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, mid = a1 * b0 + (low >> 32), mid2 = a0 * b1 + (uint32_t)mid;
    return (struct f80_wide){a1 * b1 + (mid >> 32) + (mid2 >> 32), mid2 << 32 | (uint32_t)low};
}

/* One 32-bit digit of a quotient: *rem (below d) with `digit` appended, over d. d has bit 63. */
static uint64_t div_digit(uint64_t *rem, uint64_t digit, uint64_t d)
{
    uint64_t d1 = d >> 32, d0 = (uint32_t)d;
    uint64_t q = *rem / d1, r = *rem % d1;
    while (q >> 32 || q * d0 > (r << 32 | digit)) {
        q--;
        r += d1;
        if (r >> 32) break;
    }
    *rem = (*rem << 32) + digit - q * d;
    return q;
}

uint64_t f80_div128(uint64_t hi, uint64_t lo, uint64_t d, uint64_t *rem)
{
    int shift = __builtin_clzll(d);
    uint64_t r = shift ? hi << shift | lo >> (64 - shift) : hi;
    lo <<= shift;
    d <<= shift;
    uint64_t q1 = div_digit(&r, lo >> 32, d);
    uint64_t q0 = div_digit(&r, (uint32_t)lo, d);
    *rem = r >> shift;
    return q1 << 32 | q0;
}

struct f80_wide f80_shift_jam(struct f80_wide v, uint32_t n)
{
    if (n == 0) return v;
    if (n >= 128) return (struct f80_wide){0, (v.hi | v.lo) != 0};
    if (n >= 64) {
        uint64_t lost = n == 64 ? 0 : v.hi << (128 - n);
        return (struct f80_wide){0, (v.hi >> (n - 64)) | ((lost | v.lo) != 0)};
    }
    return (struct f80_wide){v.hi >> n, v.hi << (64 - n) | v.lo >> n | ((v.lo << (64 - n)) != 0)};
}

/* --- classes --- */

enum f80_class f80_classify(f80 a)
{
    unsigned exp = a.se & EXP_MAX;
    if (exp == 0) return a.m ? F80_DENORMAL : F80_ZERO;
    if (!(a.m & F80_J)) return F80_UNSUPPORTED;
    if (exp < EXP_MAX) return F80_NORMAL;
    if (a.m == F80_J) return F80_INF;
    return a.m & F80_QUIET ? F80_QNAN : F80_SNAN;
}

struct f80_parts f80_unpack(f80 a)
{
    struct f80_parts p = {.sig = a.m, .exp = a.se & EXP_MAX, .neg = f80_sign(a)};
    if (p.exp == 0) p.exp = 1;
    if (p.sig && !(p.sig & F80_J)) {
        int shift = __builtin_clzll(p.sig);
        p.sig <<= shift;
        p.exp -= shift;
    }
    return p;
}

f80 f80_invalid(struct f80_env *env)
{
    env->flags |= FE_IE;
    return F80_INDEFINITE;
}

static f80 quieted(f80 a)
{
    return (f80){a.m | F80_QUIET, a.se};
}

static f80 larger_nan(f80 a, f80 b)
{
    a = quieted(a);
    b = quieted(b);
    if (a.m != b.m) return a.m > b.m ? a : b;
    return a.se < b.se ? a : b;
}

/* A quiet NaN goes before a signalling one; of two of a kind the larger significand [387 3.2]. */
f80 f80_nan2(struct f80_env *env, f80 a, f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    if (ca == F80_UNSUPPORTED || cb == F80_UNSUPPORTED) return f80_invalid(env);
    if (ca == F80_SNAN || cb == F80_SNAN) env->flags |= FE_IE;
    if (!f80_is_nan(ca)) return quieted(b);
    if (!f80_is_nan(cb)) return quieted(a);
    if (ca != cb) return ca == F80_QNAN ? a : b;
    return larger_nan(a, b);
}

f80 f80_nan1(struct f80_env *env, f80 a)
{
    enum f80_class c = f80_classify(a);
    if (c == F80_UNSUPPORTED) return f80_invalid(env);
    if (c == F80_SNAN) env->flags |= FE_IE;
    return quieted(a);
}

void f80_denormals(struct f80_env *env, enum f80_class a, enum f80_class b)
{
    if (a == F80_DENORMAL || b == F80_DENORMAL) env->flags |= FE_DE;
}

static bool special(enum f80_class c)
{
    return c >= F80_QNAN;
}

/* --- rounding --- */

bool f80_grows(enum f80_rc rc, bool neg, bool odd, unsigned rest)
{
    switch (rc) {
    case RC_NEAR: return rest == 3 || (rest == 2 && odd);
    case RC_DOWN: return rest && neg;
    case RC_UP: return rest && !neg;
    default: return false;
    }
}

struct rounded {
    uint64_t sig;
    bool carried; /* sig wrapped: it is 2^63 of the next exponent */
    bool inexact, grown;
};

static struct rounded round_sig(enum f80_rc rc, bool neg, uint64_t hi, uint64_t lo, unsigned bits)
{
    uint64_t unit = UINT64_C(1) << (64 - bits), tail = hi & (unit - 1), half = unit >> 1;
    bool more = lo != 0;
    if (bits == 64) { /* the rest is lo itself */
        tail = lo >> 1 | (lo & 1);
        more = false;
        half = F80_J >> 1;
    }
    unsigned rest = tail == 0 && !more ? 0 : tail < half ? 1 : tail == half && !more ? 2 : 3;
    struct rounded r = {.sig = hi & ~(unit - 1), .inexact = rest != 0};
    r.grown = f80_grows(rc, neg, r.sig & unit, rest);
    if (!r.grown) return r;
    r.sig += unit;
    r.carried = r.sig == 0;
    return r;
}

static f80 overflowed(struct f80_env *env, bool neg, unsigned bits)
{
    enum f80_rc rc = f80_rc(env);
    bool to_inf = rc == RC_NEAR || rc == (neg ? RC_DOWN : RC_UP);
    env->flags |= FE_OE | FE_PE;
    env->up = to_inf;
    if (to_inf) return f80_inf(neg);
    return (f80){~UINT64_C(0) << (64 - bits), (uint16_t)((neg ? 0x8000 : 0) | (EXP_MAX - 1))};
}

/* Too far out even for the moved exponent: only FSCALE comes here. */
static f80 massive(struct f80_env *env, bool neg, bool large)
{
    env->flags |= FE_PE;
    env->up = large;
    return large ? f80_inf(neg) : f80_zero(neg);
}

static f80 pack(bool neg, int32_t exp, uint64_t sig)
{
    return (f80){sig, (uint16_t)((neg ? 0x8000 : 0) | exp)};
}

/* Below the smallest normal number, underflow masked: the result is a denormal or zero. */
static f80 round_denormal(struct f80_env *env, bool neg, int32_t exp, uint64_t hi, uint64_t lo,
                          unsigned bits, bool tiny)
{
    struct f80_wide v = f80_shift_jam((struct f80_wide){hi, lo}, (uint32_t)(1 - exp));
    struct rounded r = round_sig(f80_rc(env), neg, v.hi, v.lo, bits);
    env->up = r.grown;
    if (r.inexact) env->flags |= (uint16_t)(FE_PE | (tiny ? FE_UE : 0));
    return pack(neg, r.sig & F80_J ? 1 : 0, r.sig);
}

f80 f80_round(struct f80_env *env, bool neg, int32_t exp, uint64_t hi, uint64_t lo, unsigned bits)
{
    struct rounded r = round_sig(f80_rc(env), neg, hi, lo, bits);
    bool tiny = exp + r.carried <= 0; /* judged after rounding, the exponent unbounded */
    if (exp <= 0 && !(tiny && f80_unmasked(env, FE_UE)))
        return round_denormal(env, neg, exp, hi, lo, bits, tiny);
    exp += r.carried;
    if (r.carried) r.sig = F80_J;
    if (exp <= 0) {
        env->flags |= FE_UE;
        exp += BIAS_ADJUST;
        if (exp <= 0) return massive(env, neg, false);
    } else if (exp >= EXP_MAX) {
        if (!f80_unmasked(env, FE_OE)) return overflowed(env, neg, bits);
        env->flags |= FE_OE;
        exp -= BIAS_ADJUST;
        if (exp >= EXP_MAX) return massive(env, neg, true);
    }
    env->up = r.grown;
    if (r.inexact) env->flags |= FE_PE;
    return pack(neg, exp, r.sig);
}

/* Precision control: 24, 53 and 64 bits; the reserved value means 64. */
static unsigned precision(const struct f80_env *env)
{
    static const uint8_t bits[4] = {24, 64, 53, 64};
    return bits[env->cw >> 8 & 3];
}

/* --- addition --- */

static f80 add_magnitudes(struct f80_env *env, struct f80_parts a, struct f80_parts b)
{
    struct f80_wide w = f80_shift_jam((struct f80_wide){b.sig, 0}, (uint32_t)(a.exp - b.exp));
    uint64_t hi = a.sig + w.hi;
    if (hi < a.sig) { /* carry */
        w = f80_shift_jam((struct f80_wide){hi, w.lo}, 1);
        return f80_round(env, a.neg, a.exp + 1, w.hi | F80_J, w.lo, precision(env));
    }
    return f80_round(env, a.neg, a.exp, hi, w.lo, precision(env));
}

/* |a| >= |b|. */
static f80 sub_magnitudes(struct f80_env *env, struct f80_parts a, struct f80_parts b)
{
    struct f80_wide w = f80_shift_jam((struct f80_wide){b.sig, 0}, (uint32_t)(a.exp - b.exp));
    uint64_t lo = 0 - w.lo, hi = a.sig - w.hi - (w.lo != 0);
    if (!hi && !lo) return f80_zero(f80_rc(env) == RC_DOWN);
    if (!hi) {
        hi = lo;
        lo = 0;
        a.exp -= 64;
    }
    int n = __builtin_clzll(hi);
    if (n) {
        hi = hi << n | lo >> (64 - n);
        lo <<= n;
    }
    return f80_round(env, a.neg, a.exp - n, hi, lo, precision(env));
}

static f80 add_zero(struct f80_env *env, f80 a, enum f80_class ca, f80 b, enum f80_class cb)
{
    if (ca == F80_ZERO && cb == F80_ZERO)
        return f80_sign(a) == f80_sign(b) ? a : f80_zero(f80_rc(env) == RC_DOWN);
    struct f80_parts p = f80_unpack(ca == F80_ZERO ? b : a);
    return f80_round(env, p.neg, p.exp, p.sig, 0, precision(env));
}

f80 f80_add(struct f80_env *env, f80 a, f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    if (special(ca) || special(cb)) return f80_nan2(env, a, b);
    if (ca == F80_INF && cb == F80_INF) return f80_sign(a) == f80_sign(b) ? a : f80_invalid(env);
    f80_denormals(env, ca, cb);
    if (ca == F80_INF) return a;
    if (cb == F80_INF) return b;
    if (ca == F80_ZERO || cb == F80_ZERO) return add_zero(env, a, ca, b, cb);
    struct f80_parts p = f80_unpack(a), q = f80_unpack(b);
    bool less = p.exp < q.exp || (p.exp == q.exp && p.sig < q.sig);
    struct f80_parts big = less ? q : p, small = less ? p : q;
    return p.neg == q.neg ? add_magnitudes(env, big, small) : sub_magnitudes(env, big, small);
}

f80 f80_sub(struct f80_env *env, f80 a, f80 b)
{
    enum f80_class cb = f80_classify(b);
    if (!special(cb)) b.se ^= 0x8000;
    return f80_add(env, a, b);
}

/* --- multiplication and division --- */

f80 f80_mul(struct f80_env *env, f80 a, f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    bool neg = f80_sign(a) != f80_sign(b);
    if (special(ca) || special(cb)) return f80_nan2(env, a, b);
    if ((ca == F80_INF && cb == F80_ZERO) || (ca == F80_ZERO && cb == F80_INF))
        return f80_invalid(env);
    f80_denormals(env, ca, cb);
    if (ca == F80_INF || cb == F80_INF) return f80_inf(neg);
    if (ca == F80_ZERO || cb == F80_ZERO) return f80_zero(neg);
    struct f80_parts p = f80_unpack(a), q = f80_unpack(b);
    struct f80_wide w = f80_mul64(p.sig, q.sig);
    int32_t exp = p.exp + q.exp - F80_BIAS + 1;
    if (!(w.hi & F80_J)) {
        w.hi = w.hi << 1 | w.lo >> 63;
        w.lo <<= 1;
        exp--;
    }
    return f80_round(env, neg, exp, w.hi, w.lo, precision(env));
}

static f80 div_finite(struct f80_env *env, bool neg, struct f80_parts p, struct f80_parts q)
{
    int32_t exp = p.exp - q.exp + F80_BIAS;
    uint64_t rem, rest;
    bool fits = p.sig >= q.sig; /* the quotient of the significands is 1 or more */
    uint64_t hi =
        fits ? f80_div128(p.sig >> 1, p.sig << 63, q.sig, &rem) : f80_div128(p.sig, 0, q.sig, &rem);
    uint64_t lo = f80_div128(rem, 0, q.sig, &rest);
    return f80_round(env, neg, fits ? exp : exp - 1, hi, lo | (rest != 0), precision(env));
}

f80 f80_div(struct f80_env *env, f80 a, f80 b)
{
    enum f80_class ca = f80_classify(a), cb = f80_classify(b);
    bool neg = f80_sign(a) != f80_sign(b);
    if (special(ca) || special(cb)) return f80_nan2(env, a, b);
    if ((ca == F80_INF && cb == F80_INF) || (ca == F80_ZERO && cb == F80_ZERO))
        return f80_invalid(env);
    if (cb == F80_ZERO && f80_is_finite(ca)) { /* before the denormal operand is noticed */
        env->flags |= FE_ZE;
        return f80_inf(neg);
    }
    f80_denormals(env, ca, cb);
    if (ca == F80_INF) return f80_inf(neg);
    if (cb == F80_INF || ca == F80_ZERO) return f80_zero(neg);
    return div_finite(env, neg, f80_unpack(a), f80_unpack(b));
}

/* --- square root, digit by digit --- */

/* 66 bits of sqrt(v), v a fraction: the first 64 are returned, the others and "there is more" in *low. */
static uint64_t root128(struct f80_wide v, uint64_t *low)
{
    struct f80_wide rem = {0, 0}, root = {0, 0};
    for (unsigned i = 0; i < 66; i++) {
        uint64_t two = v.hi >> 62;
        v = (struct f80_wide){v.hi << 2 | v.lo >> 62, v.lo << 2};
        rem = (struct f80_wide){rem.hi << 2 | rem.lo >> 62, rem.lo << 2 | two};
        struct f80_wide trial = {root.hi << 2 | root.lo >> 62, root.lo << 2 | 1};
        root = (struct f80_wide){root.hi << 1 | root.lo >> 63, root.lo << 1};
        if (rem.hi < trial.hi || (rem.hi == trial.hi && rem.lo < trial.lo)) continue;
        rem.hi -= trial.hi + (rem.lo < trial.lo);
        rem.lo -= trial.lo;
        root.lo |= 1;
    }
    *low = root.lo << 62 | ((rem.hi | rem.lo) != 0);
    return root.hi << 62 | root.lo >> 2;
}

f80 f80_sqrt(struct f80_env *env, f80 a)
{
    enum f80_class c = f80_classify(a);
    if (special(c)) return f80_nan1(env, a);
    if (c == F80_ZERO) return a;
    if (f80_sign(a)) return f80_invalid(env);
    if (c == F80_INF) return a;
    f80_denormals(env, c, c);
    struct f80_parts p = f80_unpack(a);
    int32_t e = p.exp - F80_BIAS, odd = e & 1;
    /* The radicand is brought into [1/4, 1), so the root has bit 63. */
    struct f80_wide v = {odd ? p.sig : p.sig >> 1, odd ? 0 : p.sig << 63};
    uint64_t lo, hi = root128(v, &lo);
    return f80_round(env, false, (e - odd) / 2 + F80_BIAS, hi, lo, precision(env));
}
