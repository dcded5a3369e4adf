/* f80_trans.c: the transcendental functions of the 80387.
 *
 * Each is computed to about 250 bits and rounded once to 64 as RC says: the result is the correctly
 * rounded value of the function (of the reduced argument, which is exact: x - n * pi/2 with the 66 bits of
 * pi that the 387 uses). The 387 itself is only promised to be within one unit in the last place. Apart
 * from the cases noted, values are irrational: FE_PE always comes up.
 */
#include "f80_big.h"

#define EXACT   false
#define INEXACT true
#define ENOUGH  262 /* terms this many bits below the sum are left out */

static bool negligible(const struct big *term, const struct big *sum)
{
    return big_is_zero(term) || term->exp < sum->exp - ENOUGH;
}

static f80 minus(f80 a)
{
    a.se ^= 0x8000;
    return a;
}

/* --- series --- */

/* z + z^3/3 + z^5/5 ... (atanh), or with alternating signs (atan); |z| <= 1/16 or so. */
static struct big arc_series(struct big z, bool alternate)
{
    struct big sum = z, power = z, square = big_mul(&z, &z);
    for (uint32_t n = 3; !big_is_zero(&z); n += 2) {
        power = big_mul(&power, &square);
        if (alternate) power = big_neg(power);
        struct big term = big_div_small(power, n);
        bool last = negligible(&term, &sum);
        sum = big_add(sum, term); /* also a negligible one: it tells on which side the value lies */
        if (last) break;
    }
    return sum;
}

/* sum of terms term * (-r^2)^k / (first (first+1) ...): sine from r, cosine from 1. */
static struct big sine_series(struct big term, const struct big *r, uint32_t first)
{
    struct big sum = term, square = big_neg(big_mul(r, r));
    for (uint32_t n = first; !big_is_zero(&square); n += 2) {
        term = big_mul(&term, &square);
        term = big_div_small(term, n * (n + 1));
        bool last = negligible(&term, &sum);
        sum = big_add(sum, term);
        if (last) break;
    }
    return sum;
}

/* e^r - 1: r is cut to 1/32, the series summed, then (1 + u)^2 - 1 = u (2 + u) five times. */
static struct big exp_minus_1(struct big r)
{
    r = big_shift(r, -5);
    struct big sum = r, term = r, two = big_of_int(2);
    for (uint32_t n = 2; !big_is_zero(&r); n++) {
        term = big_mul(&term, &r);
        term = big_div_small(term, n);
        bool last = negligible(&term, &sum);
        sum = big_add(sum, term);
        if (last) break;
    }
    for (unsigned i = 0; i < 5; i++) {
        struct big plus = big_add(two, sum);
        sum = big_mul(&sum, &plus);
    }
    return sum;
}

/* --- F2XM1 --- */

f80 f80_2xm1(struct f80_env *env, f80 a)
{
    enum f80_class c = f80_classify(a);
    if (c >= F80_QNAN) return f80_nan1(env, a);
    if (c == F80_ZERO) return a;
    if (c == F80_INF) return f80_sign(a) ? minus(F80_ONE) : a;
    f80_denormals(env, c, c);
    struct f80_parts p = f80_unpack(a);
    if (p.exp >= F80_BIAS) { /* 1 and -1 are exact; beyond them the 387 promises nothing */
        if (p.exp > F80_BIAS || p.sig != F80_J) return a;
        return p.neg ? (f80){F80_J, 0x8000 | (F80_BIAS - 1)} : a;
    }
    struct big x = big_of(a), r = big_mul(&x, &big_ln2), v = exp_minus_1(r);
    return big_round(env, &v, INEXACT);
}

/* --- logarithms --- */

/* ln m for m in about [0.68, 1.5]: ln c + 2 atanh((m - c) / (m + c)), c = n/16. */
static struct big ln_near_one(const struct big *m)
{
    struct big by16 = big_shift(*m, 4);
    uint64_t n;
    struct big c = big_shift(big_integer(&by16, &n), -4);
    struct big above = big_sub(*m, c), below = big_add(*m, c), z = big_div(&above, &below);
    return big_add(big_ln[n], big_shift(arc_series(z, false), 1));
}

static bool is_power_of_two(const struct big *v)
{
    uint32_t rest = 0;
    for (unsigned i = 0; i + 1 < BIG_WORDS; i++)
        rest |= v->d[i];
    return !rest && v->d[BIG_WORDS - 1] == 0x80000000u;
}

/* log2 of v > 0; *exact: it is an integer. */
static struct big log2_of(struct big v, bool *exact)
{
    int32_t k = v.exp;
    *exact = is_power_of_two(&v);
    if (*exact) return big_of_int(k - 1);
    v.exp = 0;
    if (v.d[BIG_WORDS - 1] < 0xb504f334u) { /* below sqrt(1/2): up to [0.7, 1.4) */
        v.exp = 1;
        k--;
    }
    struct big ln = ln_near_one(&v);
    return big_add(big_of_int(k), big_mul(&ln, &big_log2e));
}

/* log2(1 + x), small x: the argument of atanh without the sum. */
static struct big log2_1p(f80 a, bool *exact)
{
    struct big x = big_of(a);
    if (x.exp > -4) return log2_of(big_add(big_of_int(1), x), exact);
    struct big below = big_add(big_of_int(2), x), z = big_div(&x, &below);
    struct big ln = big_shift(arc_series(z, false), 1);
    *exact = false;
    return big_mul(&ln, &big_log2e);
}

static f80 times_y(struct f80_env *env, const struct big *log, f80 y, bool exact)
{
    struct big by = big_of(y), v = big_mul(log, &by);
    return big_round(env, &v, exact ? EXACT : INEXACT);
}

/* Is a > 0 above 1? */
static bool above_one(f80 a)
{
    return a.se > F80_BIAS || (a.se == F80_BIAS && a.m > F80_J);
}
static bool is_one(f80 a)
{
    return a.se == F80_BIAS && a.m == F80_J;
}

static f80 yl2x_of_zero(struct f80_env *env, f80 y, enum f80_class cy)
{
    if (cy == F80_ZERO) return f80_invalid(env);
    if (cy != F80_INF) env->flags |= FE_ZE;
    return f80_inf(!f80_sign(y));
}

f80 f80_yl2x(struct f80_env *env, f80 x, f80 y)
{
    enum f80_class cx = f80_classify(x), cy = f80_classify(y);
    bool exact;
    if (cx >= F80_QNAN || cy >= F80_QNAN) return f80_nan2(env, x, y);
    if (cx == F80_ZERO) return yl2x_of_zero(env, y, cy);
    if (f80_sign(x)) return f80_invalid(env);
    if (cx == F80_INF && cy == F80_ZERO) return f80_invalid(env);
    if (cy == F80_INF && is_one(x)) return f80_invalid(env);
    f80_denormals(env, cx, cy);
    if (cx == F80_INF) return f80_inf(f80_sign(y));
    if (is_one(x)) return f80_zero(f80_sign(y));
    if (!f80_is_finite(cy)) return above_one(x) ? y : minus(y);
    struct big log = log2_of(big_of(x), &exact);
    return times_y(env, &log, y, exact);
}

static bool below_minus_one(f80 x)
{
    return f80_sign(x) && (above_one(minus(x)));
}

f80 f80_yl2xp1(struct f80_env *env, f80 x, f80 y)
{
    enum f80_class cx = f80_classify(x), cy = f80_classify(y);
    bool neg = f80_sign(x) != f80_sign(y), exact;
    if (cx >= F80_QNAN || cy >= F80_QNAN) return f80_nan2(env, x, y);
    if (below_minus_one(x)) return f80_invalid(env);
    if ((cx == F80_INF && cy == F80_ZERO) || (cx == F80_ZERO && cy == F80_INF))
        return f80_invalid(env);
    if (is_one(minus(x))) return yl2x_of_zero(env, y, cy);
    f80_denormals(env, cx, cy);
    if (cx == F80_INF || cy == F80_INF) return f80_inf(neg);
    if (cx == F80_ZERO || cy == F80_ZERO) return f80_zero(neg);
    struct big log = log2_1p(x, &exact);
    return times_y(env, &log, y, exact);
}

/* --- FPATAN --- */

/* atan(t), 0 < t <= 1: atan(c) + atan((t - c) / (1 + t c)), c = n/16. */
static struct big atan_of(const struct big *t)
{
    struct big by16 = big_shift(*t, 4);
    uint64_t n;
    struct big c = big_shift(big_integer(&by16, &n), -4);
    if (n == 0) return arc_series(*t, true);
    struct big tc = big_mul(t, &c), below = big_add(big_of_int(1), tc), above = big_sub(*t, c);
    struct big r = big_div(&above, &below);
    return big_add(big_atan[n], arc_series(r, true));
}

/* n quarters of pi, with the sign of y. */
static f80 quarters(struct f80_env *env, unsigned n, bool neg)
{
    struct big count = big_of_int(n), v = big_mul(&big_pi, &count);
    v = big_shift(v, -2);
    v.neg = neg;
    return big_round(env, &v, INEXACT);
}

static f80 patan_finite(struct f80_env *env, f80 x, f80 y)
{
    struct big bx = big_of(x), by = big_of(y);
    bx.neg = by.neg = false;
    bool steep = big_below(&bx, &by);
    struct big t = steep ? big_div(&bx, &by) : big_div(&by, &bx), v = atan_of(&t);
    if (steep) v = big_sub(big_shift(big_pi, -1), v);
    if (f80_sign(x)) v = big_sub(big_pi, v);
    v.neg = f80_sign(y);
    return big_round(env, &v, INEXACT);
}

f80 f80_patan(struct f80_env *env, f80 x, f80 y)
{
    enum f80_class cx = f80_classify(x), cy = f80_classify(y);
    bool neg = f80_sign(y), left = f80_sign(x);
    if (cx >= F80_QNAN || cy >= F80_QNAN) return f80_nan2(env, x, y);
    f80_denormals(env, cx, cy);
    if (cy == F80_INF) return quarters(env, cx == F80_INF ? (left ? 3 : 1) : 2, neg);
    if (cx == F80_INF || cy == F80_ZERO) return left ? quarters(env, 4, neg) : f80_zero(neg);
    if (cx == F80_ZERO) return quarters(env, 2, neg);
    return patan_finite(env, x, y);
}

/* --- sine, cosine, tangent --- */

struct reduced {
    struct big r;     /* |r| <= pi/4 */
    unsigned quarter; /* x = r + quarter * pi/2 */
};

static struct reduced reduce(f80 a)
{
    struct reduced out = {.r = big_of(a)};
    if (f80_unpack(a).exp < F80_BIAS - 1) return out; /* below 1/2 */
    struct big half_pi = big_shift(big_pi66, -1), ratio = big_div(&out.r, &half_pi);
    uint64_t n;
    struct big whole = big_integer(&ratio, &n), part = big_mul(&whole, &half_pi);
    out.r = big_sub(out.r, part);
    out.quarter = (unsigned)(f80_sign(a) ? 0 - n : n) & 3;
    return out;
}

static struct big sine(const struct big *r)
{
    return sine_series(*r, r, 2);
}
static struct big cosine(const struct big *r)
{
    return sine_series(big_of_int(1), r, 1);
}

/* sin(r + quarter * pi/2) */
static f80 sine_at(struct f80_env *env, const struct reduced *x, unsigned quarter)
{
    unsigned q = (x->quarter + quarter) & 3;
    struct big v = q & 1 ? cosine(&x->r) : sine(&x->r);
    if (q & 2) v = big_neg(v);
    return big_round(env, &v, INEXACT);
}

/* What needs no computing. False: out of range. */
static bool trig_special(struct f80_env *env, f80 a, f80 *answer, bool *done)
{
    enum f80_class c = f80_classify(a);
    *done = true;
    if (c >= F80_QNAN)
        *answer = f80_nan1(env, a);
    else if (c == F80_INF)
        *answer = f80_invalid(env);
    else
        *done = false;
    if (*done) return true;
    if (f80_unpack(a).exp >= F80_BIAS + 63) return false;
    f80_denormals(env, c, c);
    return true;
}

bool f80_sincos(struct f80_env *env, f80 a, f80 *sin, f80 *cos)
{
    f80 answer;
    bool done;
    if (!trig_special(env, a, &answer, &done)) return false;
    bool zero = f80_classify(a) == F80_ZERO;
    struct reduced x = done || zero ? (struct reduced){0} : reduce(a);
    if (cos) *cos = done ? answer : zero ? F80_ONE : sine_at(env, &x, 1);
    if (sin) *sin = done ? answer : zero ? a : sine_at(env, &x, 0);
    return true;
}

static struct big cube(const struct big *v)
{
    struct big square = big_mul(v, v);
    return big_mul(&square, v);
}

bool f80_tan(struct f80_env *env, f80 a, f80 *tan)
{
    bool done;
    *tan = a;
    if (!trig_special(env, a, tan, &done)) return false;
    if (done || f80_classify(a) == F80_ZERO) return true;
    struct reduced x = reduce(a);
    struct big s = sine(&x.r), c = cosine(&x.r), v;
    if (x.quarter & 1)
        v = big_neg(big_div(&c, &s));
    else if (x.r.exp < -100) /* x + x^3/3: cut sine and cosine could not tell it from x */
        v = big_add(x.r, big_div_small(cube(&x.r), 3));
    else
        v = big_div(&s, &c);
    *tan = big_round(env, &v, INEXACT);
    return true;
}

/* --- constants --- */

f80 f80_constant(enum f80_constant which, enum f80_rc rc)
{
    static const struct {
        uint64_t down; /* rounded down */
        uint16_t exp;
        bool nearer_up;
    } table[] = {
        [F80_C_L2T] = {UINT64_C(0xd49a784bcd1b8afe), 0x4000, false},
        [F80_C_L2E] = {UINT64_C(0xb8aa3b295c17f0bb), 0x3fff, true},
        [F80_C_PI] = {UINT64_C(0xc90fdaa22168c234), 0x4000, true},
        [F80_C_LG2] = {UINT64_C(0x9a209a84fbcff798), 0x3ffd, true},
        [F80_C_LN2] = {UINT64_C(0xb17217f7d1cf79ab), 0x3ffe, true},
    };
    if (which == F80_C_0) return f80_zero(false);
    if (which == F80_C_1) return F80_ONE;
    bool up = rc == RC_UP || (rc == RC_NEAR && table[which].nearer_up);
    return (f80){table[which].down + up, table[which].exp};
}
