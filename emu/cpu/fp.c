/* fp.c: classes, NaNs, rounding, and the arithmetic of fp.h. */
#include "fp.h"

#define TOP        F80_J
#define SIGN_OF(f) ((f) == FP_32 ? 31 : 63)

const struct fp_layout *fp_layout(enum fp_format f)
{
    static const struct fp_layout layouts[] = {{23, 0xff, 127}, {52, 0x7ff, 1023}};
    return &layouts[f];
}

bool fp_settle(struct fp_env *env)
{
    const uint32_t before = FE_IE | FE_DE | FE_ZE;
    if (fp_unmasked(env) & before) env->flags &= before;
    env->mxcsr |= env->flags;
    return !fp_unmasked(env);
}

/* --- taking apart --- */

static enum fp_class class_of(const struct fp_layout *l, int32_t exp, uint64_t fraction)
{
    if (exp == 0) return fraction ? FPC_DENORMAL : FPC_ZERO;
    if (exp < l->exp_max) return FPC_NORMAL;
    if (!fraction) return FPC_INF;
    return fraction >> (l->fraction - 1) ? FPC_QNAN : FPC_SNAN;
}

struct fp_num fp_unpack(const struct fp_env *env, enum fp_format f, uint64_t a)
{
    const struct fp_layout *l = fp_layout(f);
    uint64_t fraction = a & ((UINT64_C(1) << l->fraction) - 1);
    struct fp_num n = {.neg = a >> SIGN_OF(f) & 1, .exp = (int32_t)(a >> l->fraction) & l->exp_max};
    n.class = class_of(l, n.exp, fraction);
    if (n.class == FPC_DENORMAL && (env->mxcsr & MXCSR_DAZ)) n.class = FPC_ZERO;
    if (n.class == FPC_ZERO) return n;
    n.sig = fraction << (63 - l->fraction);
    if (n.class != FPC_DENORMAL) {
        n.sig |= TOP;
        return n;
    }
    int shift = __builtin_clzll(n.sig);
    n.sig <<= shift;
    n.exp = 1 - shift;
    return n;
}

uint64_t fp_zero(enum fp_format f, bool neg)
{
    return (uint64_t)neg << SIGN_OF(f);
}

uint64_t fp_inf(enum fp_format f, bool neg)
{
    return fp_zero(f, neg) | (uint64_t)fp_layout(f)->exp_max << fp_layout(f)->fraction;
}

uint64_t fp_quieted(enum fp_format f, uint64_t a)
{
    return a | UINT64_C(1) << (fp_layout(f)->fraction - 1);
}

uint64_t fp_invalid(struct fp_env *env, enum fp_format f)
{
    env->flags |= FE_IE;
    return fp_quieted(f, fp_inf(f, true));
}

/* At least one of them is a NaN. */
static uint64_t nan_of(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b)
{
    struct fp_num p = fp_unpack(env, f, a), q = fp_unpack(env, f, b);
    if (p.class == FPC_SNAN || q.class == FPC_SNAN) env->flags |= FE_IE;
    return fp_quieted(f, fp_is_nan(p.class) ? a : b);
}

static void denormals(struct fp_env *env, const struct fp_num *p, const struct fp_num *q)
{
    if (p->class == FPC_DENORMAL || q->class == FPC_DENORMAL) env->flags |= FE_DE;
}

/* --- putting together --- */

struct rounded {
    uint64_t sig;
    bool carried; /* sig wrapped: it is 2^63 of the next exponent */
    bool inexact;
};

static struct rounded cut(enum f80_rc rc, bool neg, uint64_t sig, bool more, unsigned bits)
{
    uint64_t unit = UINT64_C(1) << (64 - bits), tail = sig & (unit - 1), half = unit >> 1;
    unsigned rest = tail == 0 && !more ? 0 : tail < half ? 1 : tail == half && !more ? 2 : 3;
    struct rounded r = {.sig = sig & ~(unit - 1), .inexact = rest != 0};
    if (!f80_grows(rc, neg, r.sig & unit, rest)) return r;
    r.sig += unit;
    r.carried = r.sig == 0;
    return r;
}

static uint64_t pack(enum fp_format f, bool neg, int32_t exp, uint64_t sig)
{
    const struct fp_layout *l = fp_layout(f);
    uint64_t fraction = sig << 1 >> (64 - l->fraction);
    return fp_zero(f, neg) | (uint64_t)exp << l->fraction | fraction;
}

/* Unmasked, only what rounding took away counts as a loss. */
static uint64_t overflowed(struct fp_env *env, enum fp_format f, bool neg, bool inexact)
{
    enum f80_rc rc = fp_rc(env);
    bool masked = env->mxcsr >> 7 & FE_OE;
    env->flags |= FE_OE | (masked || inexact ? FE_PE : 0);
    if (rc == RC_NEAR || rc == (neg ? RC_DOWN : RC_UP)) return fp_inf(f, neg);
    return fp_inf(f, neg) - 1; /* the largest number */
}

/* Below the smallest normal number. tiny: still so after rounding with an unbounded exponent. */
static uint64_t round_denormal(struct fp_env *env, enum fp_format f, struct fp_num n, bool more,
                               bool tiny)
{
    struct f80_wide v = f80_shift_jam((struct f80_wide){n.sig, more}, (uint32_t)(1 - n.exp));
    struct rounded r = cut(fp_rc(env), n.neg, v.hi, v.lo != 0, fp_layout(f)->fraction + 1);
    if (r.inexact) env->flags |= FE_PE | (tiny ? FE_UE : 0);
    return pack(f, n.neg, r.sig & TOP ? 1 : 0, r.sig);
}

uint64_t fp_round(struct fp_env *env, enum fp_format f, struct fp_num n, bool more)
{
    const struct fp_layout *l = fp_layout(f);
    struct rounded r = cut(fp_rc(env), n.neg, n.sig, more, l->fraction + 1);
    int32_t exp = n.exp + r.carried;
    bool tiny = exp <= 0, masked = env->mxcsr >> 7 & FE_UE;
    if (tiny && !masked) {
        env->flags |= FE_UE | (r.inexact ? FE_PE : 0);
        return fp_zero(f, n.neg);
    }
    if (tiny && (env->mxcsr & MXCSR_FTZ)) {
        env->flags |= FE_UE | FE_PE;
        return fp_zero(f, n.neg);
    }
    if (n.exp <= 0) return round_denormal(env, f, n, more, tiny);
    if (exp >= l->exp_max) return overflowed(env, f, n.neg, r.inexact);
    if (r.inexact) env->flags |= FE_PE;
    return pack(f, n.neg, exp, r.sig);
}

/* --- addition --- */

/* |p| >= |q|, both finite and not zero. */
static uint64_t add_magnitudes(struct fp_env *env, enum fp_format f, struct fp_num p,
                               struct fp_num q)
{
    struct f80_wide w = f80_shift_jam((struct f80_wide){q.sig, 0}, (uint32_t)(p.exp - q.exp));
    uint64_t sum = p.sig + w.hi;
    bool more = w.lo != 0;
    if (sum < p.sig) {
        more |= sum & 1;
        sum = sum >> 1 | TOP;
        p.exp++;
    }
    p.sig = sum;
    return fp_round(env, f, p, more);
}

static uint64_t sub_magnitudes(struct fp_env *env, enum fp_format f, struct fp_num p,
                               struct fp_num q)
{
    struct f80_wide w = f80_shift_jam((struct f80_wide){q.sig, 0}, (uint32_t)(p.exp - q.exp));
    uint64_t lo = 0 - w.lo, hi = p.sig - w.hi - (w.lo != 0);
    if (!hi && !lo) return fp_zero(f, fp_rc(env) == RC_DOWN);
    if (!hi) { /* only one bit was lost, and it is what is left */
        hi = lo;
        lo = 0;
        p.exp -= 64;
    }
    int n = __builtin_clzll(hi);
    p.sig = n ? hi << n | lo >> (64 - n) : hi;
    p.exp -= n;
    return fp_round(env, f, p, lo << n != 0);
}

static uint64_t add_zero(struct fp_env *env, enum fp_format f, struct fp_num p, struct fp_num q)
{
    if (p.class == FPC_ZERO && q.class == FPC_ZERO)
        return fp_zero(f, p.neg == q.neg ? p.neg : fp_rc(env) == RC_DOWN);
    return fp_round(env, f, p.class == FPC_ZERO ? q : p, false);
}

static uint64_t add(struct fp_env *env, enum fp_format f, struct fp_num p, struct fp_num q)
{
    if (p.class == FPC_INF && q.class == FPC_INF && p.neg != q.neg) return fp_invalid(env, f);
    denormals(env, &p, &q);
    if (p.class == FPC_INF || q.class == FPC_INF)
        return fp_inf(f, p.class == FPC_INF ? p.neg : q.neg);
    if (p.class == FPC_ZERO || q.class == FPC_ZERO) return add_zero(env, f, p, q);
    bool less = p.exp < q.exp || (p.exp == q.exp && p.sig < q.sig);
    struct fp_num big = less ? q : p, small = less ? p : q;
    return p.neg == q.neg ? add_magnitudes(env, f, big, small) : sub_magnitudes(env, f, big, small);
}

uint64_t fp_add(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b)
{
    struct fp_num p = fp_unpack(env, f, a), q = fp_unpack(env, f, b);
    if (fp_is_nan(p.class) || fp_is_nan(q.class)) return nan_of(env, f, a, b);
    return add(env, f, p, q);
}

uint64_t fp_sub(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b)
{
    struct fp_num p = fp_unpack(env, f, a), q = fp_unpack(env, f, b);
    if (fp_is_nan(p.class) || fp_is_nan(q.class)) return nan_of(env, f, a, b);
    q.neg = !q.neg;
    return add(env, f, p, q);
}

/* --- multiplication and division --- */

uint64_t fp_mul(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b)
{
    struct fp_num p = fp_unpack(env, f, a), q = fp_unpack(env, f, b);
    struct fp_num r = {.class = FPC_NORMAL, .neg = p.neg != q.neg};
    if (fp_is_nan(p.class) || fp_is_nan(q.class)) return nan_of(env, f, a, b);
    bool inf = p.class == FPC_INF || q.class == FPC_INF;
    bool zero = p.class == FPC_ZERO || q.class == FPC_ZERO;
    if (inf && zero) return fp_invalid(env, f);
    denormals(env, &p, &q);
    if (inf) return fp_inf(f, r.neg);
    if (zero) return fp_zero(f, r.neg);
    struct f80_wide w = f80_mul64(p.sig, q.sig);
    r.exp = p.exp + q.exp - fp_layout(f)->bias + 1;
    if (!(w.hi & TOP)) {
        w.hi = w.hi << 1 | w.lo >> 63;
        w.lo <<= 1;
        r.exp--;
    }
    r.sig = w.hi;
    return fp_round(env, f, r, w.lo != 0);
}

uint64_t fp_div(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b)
{
    struct fp_num p = fp_unpack(env, f, a), q = fp_unpack(env, f, b);
    struct fp_num r = {.class = FPC_NORMAL, .neg = p.neg != q.neg};
    if (fp_is_nan(p.class) || fp_is_nan(q.class)) return nan_of(env, f, a, b);
    if ((p.class == FPC_INF && q.class == FPC_INF) || (p.class == FPC_ZERO && q.class == FPC_ZERO))
        return fp_invalid(env, f);
    if (q.class == FPC_ZERO && p.class != FPC_INF) { /* before the denormal operand is noticed */
        env->flags |= FE_ZE;
        return fp_inf(f, r.neg);
    }
    denormals(env, &p, &q);
    if (p.class == FPC_INF) return fp_inf(f, r.neg);
    if (q.class == FPC_INF || p.class == FPC_ZERO) return fp_zero(f, r.neg);
    bool fits = p.sig >= q.sig; /* the quotient of the significands is 1 or more */
    uint64_t rem;
    r.sig =
        fits ? f80_div128(p.sig >> 1, p.sig << 63, q.sig, &rem) : f80_div128(p.sig, 0, q.sig, &rem);
    r.exp = p.exp - q.exp + fp_layout(f)->bias - !fits;
    return fp_round(env, f, r, rem != 0);
}

/* --- square root, digit by digit --- */

/* The first `bits` bits of sqrt(v), v a fraction in [1/4, 1), left-aligned; *more: it goes on. */
static uint64_t root(struct f80_wide v, unsigned bits, bool *more)
{
    uint64_t rem = 0, r = 0;
    for (unsigned i = 0; i < bits; i++) {
        rem = rem << 2 | v.hi >> 62;
        v = (struct f80_wide){v.hi << 2 | v.lo >> 62, v.lo << 2};
        uint64_t trial = r << 2 | 1;
        r <<= 1;
        if (rem < trial) continue;
        rem -= trial;
        r |= 1;
    }
    *more |= (rem | v.hi | v.lo) != 0;
    return r << (64 - bits);
}

/* *more, before: bits follow below p.sig. */
static struct fp_num root_of(struct fp_num p, int32_t bias, unsigned bits, bool *more)
{
    int32_t e = p.exp - bias, odd = e & 1;
    struct f80_wide v = {odd ? p.sig : p.sig >> 1, odd ? 0 : p.sig << 63};
    p.sig = root(v, bits, more);
    p.exp = (e - odd) / 2 + bias;
    return p;
}

uint64_t fp_sqrt(struct fp_env *env, enum fp_format f, uint64_t a)
{
    struct fp_num p = fp_unpack(env, f, a);
    if (fp_is_nan(p.class)) return nan_of(env, f, a, a);
    if (p.class == FPC_ZERO) return fp_zero(f, p.neg);
    if (p.neg) return fp_invalid(env, f);
    if (p.class == FPC_INF) return a;
    denormals(env, &p, &p);
    bool more = false;
    p = root_of(p, fp_layout(f)->bias, fp_layout(f)->fraction + 3, &more);
    return fp_round(env, f, p, more);
}

/* --- approximations --- */

#define BIAS32      127
#define APPROX_BITS 12

static uint32_t twelve_bits(struct fp_num n, bool more)
{
    struct rounded r = cut(RC_NEAR, n.neg, n.sig, more, APPROX_BITS);
    n.exp += r.carried;
    if (n.exp <= 0) return (uint32_t)fp_zero(FP_32, n.neg);
    return (uint32_t)pack(FP_32, n.neg, n.exp, r.sig);
}

/* 64 bits of 1 / p. */
static struct fp_num reciprocal(struct fp_num p, bool *more)
{
    uint64_t rem = 0;
    bool power = p.sig == TOP;
    p.sig = power ? TOP : f80_div128(TOP, 0, p.sig, &rem);
    p.exp = 2 * BIAS32 - p.exp - !power;
    *more = rem != 0;
    return p;
}

/* Answers that are no computation; false: there is none. */
static bool plain_answer(struct fp_num p, uint32_t a, uint32_t *answer)
{
    if (fp_is_nan(p.class))
        *answer = (uint32_t)fp_quieted(FP_32, a);
    else if (p.class == FPC_ZERO)
        *answer = (uint32_t)fp_inf(FP_32, p.neg);
    else if (p.class == FPC_INF)
        *answer = (uint32_t)fp_zero(FP_32, p.neg);
    else
        return false;
    return true;
}

uint32_t fp_rcp(uint32_t a)
{
    const struct fp_env env = {.mxcsr = MXCSR_DEFAULT | MXCSR_DAZ};
    struct fp_num p = fp_unpack(&env, FP_32, a);
    uint32_t answer;
    bool more;
    if (plain_answer(p, a, &answer)) return answer;
    p = reciprocal(p, &more);
    return twelve_bits(p, more);
}

uint32_t fp_rsqrt(uint32_t a)
{
    const struct fp_env env = {.mxcsr = MXCSR_DEFAULT | MXCSR_DAZ};
    struct fp_num p = fp_unpack(&env, FP_32, a);
    uint32_t answer;
    bool more;
    if (p.neg && p.class != FPC_ZERO && !fp_is_nan(p.class))
        return (uint32_t)fp_quieted(FP_32, fp_inf(FP_32, true));
    if (plain_answer(p, a, &answer)) return answer;
    p = reciprocal(p, &more);
    p = root_of(p, BIAS32, APPROX_BITS + 2, &more);
    return twelve_bits(p, more);
}

/* --- comparing --- */

static enum f80_order order(struct fp_num p, struct fp_num q)
{
    bool zeros = p.class == FPC_ZERO && q.class == FPC_ZERO;
    if (zeros) return F80_EQUAL;
    if (p.neg != q.neg) return p.neg ? F80_LESS : F80_GREATER;
    if (p.class == FPC_ZERO) return p.neg ? F80_GREATER : F80_LESS;
    if (q.class == FPC_ZERO) return p.neg ? F80_LESS : F80_GREATER;
    if (p.exp == q.exp && p.sig == q.sig) return F80_EQUAL;
    bool less = p.exp < q.exp || (p.exp == q.exp && p.sig < q.sig);
    return less != p.neg ? F80_LESS : F80_GREATER;
}

enum f80_order fp_compare(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b, bool quiet)
{
    struct fp_num p = fp_unpack(env, f, a), q = fp_unpack(env, f, b);
    if (fp_is_nan(p.class) || fp_is_nan(q.class)) {
        bool signals = !quiet || p.class == FPC_SNAN || q.class == FPC_SNAN;
        if (signals) env->flags |= FE_IE;
        return F80_UNORDERED;
    }
    denormals(env, &p, &q);
    return order(p, q);
}

bool fp_predicate(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b, unsigned predicate)
{
    unsigned which = predicate & 3;
    enum f80_order o = fp_compare(env, f, a, b, which == 0 || which == 3);
    bool holds = which == 0   ? o == F80_EQUAL
                 : which == 1 ? o == F80_LESS
                 : which == 2 ? o == F80_LESS || o == F80_EQUAL
                              : o == F80_UNORDERED;
    return holds != (predicate >> 2 & 1);
}

/* The chosen operand is a zero when DAZ makes it one. */
static uint64_t chosen(struct fp_num n, enum fp_format f, uint64_t v)
{
    return n.class == FPC_ZERO ? fp_zero(f, n.neg) : v;
}

static uint64_t extreme(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b,
                        enum f80_order first)
{
    struct fp_num p = fp_unpack(env, f, a), q = fp_unpack(env, f, b);
    enum f80_order o = fp_compare(env, f, a, b, false);
    return o == first ? chosen(p, f, a) : chosen(q, f, b);
}

uint64_t fp_min(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b)
{
    return extreme(env, f, a, b, F80_LESS);
}

uint64_t fp_max(struct fp_env *env, enum fp_format f, uint64_t a, uint64_t b)
{
    return extreme(env, f, a, b, F80_GREATER);
}
