/* <math.h> of the guest against the host's long double functions: how far off in units of the last place. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "glib.h"

#define FLOAT_1(name)                                                                              \
    double g_##name(double x);                                                                     \
    float g_##name##f(float x);
#define FLOAT_2(name)                                                                              \
    double g_##name(double x, double y);                                                           \
    float g_##name##f(float x, float y);
#define INTEGER_1(type, name)                                                                      \
    type g_##name(double x);                                                                       \
    type g_##name##f(float x);
#include "math.def"
double g_frexp(double x, int *n);
double g_ldexp(double x, int n);
double g_modf(double x, double *whole);
double g_remquo(double x, double y, int *quotient);
double g_nextafter(double x, double y);
double g_fma(double x, double y, double z);
float g_fmaf(float x, float y, float z);
float g_nextafterf(float x, float y);
double g_nexttoward(double x, double y);
float g_nexttowardf(float x, double y);
double g_square(double x);
double g_j0(double x);
double g_j1(double x);
double g_jn(int n, double x);
double g_y0(double x);
double g_y1(double x);
double g_yn(int n, double x);
double g_difftime(time_t later, time_t sooner);

void *_thread_ptr(void); /* errno first */

#define ROUNDS 20000u

static uint64_t seed = 88172645463325252u;
static uint64_t next(void)
{
    return next_random(&seed);
}

static double random_bits(void)
{
    uint64_t bits = next();
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Between low and high, half of them nearer to 0 by powers of two. */
static double random_in(double low, double high)
{
    double v = low + (high - low) * ((double)(next() >> 11) / 9007199254740992.0);
    return next() & 1 ? v : ldexp(v, -(int)(next() % 60));
}

static double off_by(double got, long double exact)
{
    double nearest = (double)exact;
    if (isnan(nearest)) return isnan(got) ? 0 : INFINITY;
    if (isinf(nearest) || nearest == 0) return got == nearest ? 0 : INFINITY;
    int n;
    frexp(nearest, &n);
    return (double)(fabsl((long double)got - exact) / ldexpl(1, n - 53 < -1074 ? -1074 : n - 53));
}

typedef double one(double);
typedef long double one_exact(long double);

static const struct {
    const char *name;
    one *f;
    one_exact *exact;
    double low, high, most; /* units of the last place */
} ones[] = {
    {"sin", g_sin, sinl, -7, 7, 0.51},
    {"cos", g_cos, cosl, -7, 7, 0.51},
    {"tan", g_tan, tanl, -7, 7, 0.52},
    {"sin", g_sin, sinl, -1e5, 1e5, 0.51},
    {"cos", g_cos, cosl, -1e15, 1e15, 0.51},
    {"sin", g_sin, sinl, -1e300, 1e300, 0.51},
    {"asin", g_asin, asinl, -1, 1, 0.52},
    {"acos", g_acos, acosl, -1, 1, 0.52},
    {"atan", g_atan, atanl, -50, 50, 0.51},
    {"exp", g_exp, expl, -745, 709, 0.51},
    {"exp2", g_exp2, exp2l, -1074, 1023, 0.51},
    {"expm1", g_expm1, expm1l, -40, 700, 0.52},
    {"log", g_log, logl, 1e-300, 3, 0.51},
    {"log", g_log, logl, 1, 1e300, 0.51},
    {"log2", g_log2, log2l, 1e-300, 3, 0.51},
    {"log10", g_log10, log10l, 1e-300, 1e300, 0.51},
    {"log1p", g_log1p, log1pl, -1, 1e10, 0.51},
    {"sqrt", g_sqrt, sqrtl, 0, 1e300, 0.5},
    {"cbrt", g_cbrt, cbrtl, -1e300, 1e300, 0.51},
    {"sinh", g_sinh, sinhl, -700, 700, 0.52},
    {"cosh", g_cosh, coshl, -700, 700, 0.52},
    {"tanh", g_tanh, tanhl, -25, 25, 0.52},
    {"asinh", g_asinh, asinhl, -1e10, 1e10, 0.52},
    {"acosh", g_acosh, acoshl, 1, 1e10, 0.52},
    {"atanh", g_atanh, atanhl, -1, 1, 0.52},
    {"erf", g_erf, erfl, -7, 7, 0.51},
    {"erfc", g_erfc, erfcl, -7, 27, 0.52},
    {"erfc", g_erfc, erfcl, -1.5, 1.5, 0.52},
    {"tgamma", g_tgamma, tgammal, 0, 172, 0.58},
    {"tgamma", g_tgamma, tgammal, -180, 0, 0.58},
    {"lgamma", g_lgamma, lgammal, 0, 3, 0.6},
    {"lgamma", g_lgamma, lgammal, 0, 1e6, 0.52},
    {"lgamma", g_lgamma, lgammal, 1, 1e300, 0.52},
    {"floor", g_floor, floorl, -1e18, 1e18, 0},
    {"ceil", g_ceil, ceill, -1e18, 1e18, 0},
    {"trunc", g_trunc, truncl, -1e18, 1e18, 0},
    {"round", g_round, roundl, -1e18, 1e18, 0},
    {"rint", g_rint, rintl, -1e18, 1e18, 0},
    {"fabs", g_fabs, fabsl, -1, 1, 0},
    {"logb", g_logb, logbl, 1e-300, 1e300, 0},
};

Test(math, functions_of_one_number)
{
    for (size_t i = 0; i < sizeof ones / sizeof ones[0]; i++) {
        double worst = 0, at = 0;
        for (unsigned n = 0; n < ROUNDS; n++) {
            double x = random_in(ones[i].low, ones[i].high);
            if (x < ones[i].low || x > ones[i].high) continue;
            double off = off_by(ones[i].f(x), ones[i].exact(x));
            if (off > worst) {
                worst = off;
                at = x;
            }
        }
        cr_expect(worst <= ones[i].most, "%s(%a) is off by %g", ones[i].name, at, worst);
    }
}

/* Any bits at all: specials, overflow, vanishing results. */
Test(math, any_argument)
{
    for (size_t i = 0; i < sizeof ones / sizeof ones[0]; i++) {
        double worst = 0, at = 0;
        for (unsigned n = 0; n < ROUNDS; n++) {
            double x = n < 8 ? (double[]){0, -0.0, INFINITY, -INFINITY, NAN, 1, -1, 0x1p-1074}[n]
                             : random_bits();
            double got = ones[i].f(x), off = off_by(got, ones[i].exact(x));
            if (signbit(got) != signbit((double)ones[i].exact(x)) && !isnan(got)) off = INFINITY;
            if (off > worst) {
                worst = off;
                at = x;
            }
        }
        double most =
            ones[i].f == g_lgamma ? 0.7 : fmax(ones[i].most, 0.55); /* its zeros below 0 */
        cr_expect(worst <= most, "%s(%a) is off by %g", ones[i].name, at, worst);
    }
}

typedef double two(double, double);
typedef long double two_exact(long double, long double);
static const struct {
    const char *name;
    two *f;
    two_exact *exact;
    double low, high, most;
} twos[] = {{"pow", g_pow, powl, -20, 20, 0.6},
            {"pow", g_pow, powl, 0.9, 1.1, 0.8},
            {"atan2", g_atan2, atan2l, -1e5, 1e5, 0.51},
            {"hypot", g_hypot, hypotl, -1e200, 1e200, 0.51},
            {"fmod", g_fmod, fmodl, -1e9, 1e9, 0},
            {"remainder", g_remainder, remainderl, -1e9, 1e9, 0},
            {"copysign", g_copysign, copysignl, -1, 1, 0},
            {"fdim", g_fdim, fdiml, -1e9, 1e9, 0.5},
            {"fmax", g_fmax, fmaxl, -1e9, 1e9, 0},
            {"fmin", g_fmin, fminl, -1e9, 1e9, 0}};

Test(math, functions_of_two_numbers)
{
    for (size_t i = 0; i < sizeof twos / sizeof twos[0]; i++)
        for (unsigned n = 0; n < ROUNDS; n++) {
            double x = random_in(twos[i].low, twos[i].high);
            double y = random_in(twos[i].low, twos[i].high) * (twos[i].low == 0.9 ? 4000 : 1);
            double off = off_by(twos[i].f(x, y), twos[i].exact(x, y));
            cr_assert(off <= twos[i].most, "%s(%a, %a) is off by %g", twos[i].name, x, y, off);
        }
}

static const double specials[] = {0,         -0.0,  1,      -1,     0.5,      -0.5,      2,
                                  -2,        3,     -3,     2.5,    INFINITY, -INFINITY, NAN,
                                  0x1p-1074, 1e308, -1e308, 0x1p53, -0x1p53,  1e-300};

Test(math, special_pairs)
{
    const size_t n = sizeof specials / sizeof specials[0];
    for (size_t i = 0; i < sizeof twos / sizeof twos[0]; i++)
        for (size_t k = 0; k < n * n; k++) {
            double x = specials[k / n], y = specials[k % n];
            double got = twos[i].f(x, y), exact = (double)twos[i].exact(x, y);
            bool zeros = x == 0 && y == 0 && twos[i].name[0] == 'f'; /* the sign is anybody's */
            cr_expect(isnan(exact)
                          ? isnan(got)
                          : off_by(got, exact) <= 1 && (zeros || signbit(got) == signbit(exact)),
                      "%s(%a, %a): %a, not %a", twos[i].name, x, y, got, exact);
        }
}

Test(math, parts_of_numbers)
{
    for (unsigned k = 0; k < ROUNDS; k++) {
        double x = k < 20 ? specials[k] : random_bits(), whole, host_whole;
        int n = 0, host_n = 0;
        double part = g_frexp(x, &n), host = frexp(x, &host_n);
        cr_assert(isnan(x) || (part == host && n == host_n) || isinf(x), "frexp(%a)", x);
        part = g_modf(x, &whole);
        host = modf(x, &host_whole);
        cr_assert(isnan(x) ||
                      (part == host && whole == host_whole && signbit(part) == signbit(host)),
                  "modf(%a)", x);
        int by = (int)(next() % 4200) - 2100;
        cr_assert(isnan(x) || fabs(x) < 0x1p-1000 || g_ldexp(x, by) == ldexp(x, by),
                  "ldexp(%a, %d)", x, by);
        double y = random_bits();
        cr_assert(isnan(x) || isnan(y) || g_nextafter(x, y) == nextafter(x, y), "nextafter(%a)", x);
        cr_assert_eq(g_ilogb(x), x == 0 || isnan(x) ? INT32_MIN : ilogb(x), "ilogb(%a)", x);
    }
}

Test(math, to_whole_numbers)
{
    for (unsigned k = 0; k < ROUNDS; k++) {
        double x = random_in(-1e9, 1e9) + (k % 3) * 0.5;
        cr_assert_eq(g_lrint(x), lrint(x), "lrint(%a)", x);
        cr_assert_eq(g_lround(x), lround(x), "lround(%a)", x);
        x *= 1e6;
        cr_assert_eq(g_llrint(x), llrint(x), "llrint(%a)", x);
        cr_assert_eq(g_llround(x), llround(x), "llround(%a)", x);
        int q, host_q;
        double y = random_in(1, 1e6);
        cr_assert_eq(g_remquo(x, y, &q), remquo(x, y, &host_q));
        cr_assert_eq(q, host_q % 8, "remquo(%a, %a): %d, %d", x, y, q, host_q);
    }
}

Test(math, floats)
{
    for (unsigned k = 0; k < ROUNDS; k++) {
        float x = (float)random_in(-30, 30);
        cr_assert_eq(g_sinf(x), (float)sin(x));
        cr_assert_eq(g_floorf(x), floorf(x));
        cr_assert_eq(g_sqrtf(fabsf(x)), sqrtf(fabsf(x)));
        cr_assert_eq(g_nextafterf(x, 0), nextafterf(x, 0));
    }
    cr_expect_eq(g_expf(100), INFINITY);
    cr_expect_eq(g_difftime(2000000000, -2000000000), 4e9);
}

/* IEEE 754 wants the nearest double; 64 bits in between would miss it once in some thousand times. */
Test(math, sqrt_is_rounded_once)
{
    for (unsigned k = 0; k < 10 * ROUNDS; k++) {
        double x = fabs(random_bits());
        if (!isnan(x)) cr_assert_eq(g_sqrt(x), sqrt(x), "sqrt(%a)", x);
    }
    cr_expect_eq(g_sqrt(0x1.c2ef8410624ddp+4), 0x1.53c38fbc1288bp+2);
}

Test(math, errors)
{
    static const struct {
        one *f;
        double x;
        int error;
    } rows[] = {{g_sqrt, -1, EDOM},      {g_log, -1, EDOM},     {g_log, 0, ERANGE},
                {g_acos, 2, EDOM},       {g_exp, 1000, ERANGE}, {g_exp, -1000, ERANGE},
                {g_sin, INFINITY, EDOM}, {g_atanh, 1, ERANGE},  {g_acosh, 0, EDOM},
                {g_cosh, 1e4, ERANGE},   {g_sqrt, 4, 0},        {g_exp, -INFINITY, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int *error = _thread_ptr();
        *error = 0;
        rows[i].f(rows[i].x);
        cr_expect_eq(*error, rows[i].error, "row %zu: %d", i, *error);
    }
}

/* A quarter of them near to a half between two results, and some that vanish or cancel. */
static double fma_third(double x, double y, unsigned n)
{
    double product = x * y;
    switch (n % 4) {
    case 0: return random_bits();
    case 1: return -product;
    case 2: return ldexp(product, (int)(next() % 120) - 60);
    default: return ldexp((double)(1 + next() % 3), ilogb(product) - 53);
    }
}

Test(math, fused)
{
    unsigned wrong = 0;
    for (unsigned n = 0; n < 200000; n++) {
        bool any = n % 3 == 0;
        double x = any ? random_bits() : random_in(-1e3, 1e3);
        double y = any ? random_bits() : random_in(-1e3, 1e3);
        if (n % 7 == 0) x = ldexp(x, -1040);
        double z = fma_third(x, y, n / 7), got = g_fma(x, y, z), exact = fma(x, y, z);
        float fx = (float)x, fy = (float)y, fz = (float)z;
        float fgot = g_fmaf(fx, fy, fz), fexact = fmaf(fx, fy, fz);
        bool same = isnan(exact) ? isnan(got) : got == exact && !signbit(got) == !signbit(exact);
        bool fsame =
            isnan(fexact) ? isnan(fgot) : fgot == fexact && !signbit(fgot) == !signbit(fexact);
        if ((!same || !fsame) && !wrong++)
            cr_log_error("fma(%a, %a, %a) = %a, not %a; as float %a, not %a", x, y, z, got, exact,
                         (double)fgot, (double)fexact);
    }
    cr_expect_eq(wrong, 0u);
}

Test(math, fused_special)
{
    static const double v[] = {
        0, -0.0, 1, -1, INFINITY, -INFINITY, NAN, 0x1p-1074, 0x1.fffffffffffffp1023};
    for (unsigned i = 0; i < 9 * 9 * 9; i++) {
        double x = v[i % 9], y = v[i / 9 % 9], z = v[i / 81], got = g_fma(x, y, z),
               exact = fma(x, y, z);
        bool same = isnan(exact) ? isnan(got) : got == exact && !signbit(got) == !signbit(exact);
        cr_expect(same, "fma(%a, %a, %a) = %a, not %a", x, y, z, got, exact);
    }
}

Test(math, gamma_of_whole_numbers)
{
    double product = 1;
    for (int n = 1; n <= 23; n++) {
        cr_expect_eq(g_tgamma(n), product, "%d", n);
        product *= n;
    }
    cr_expect_eq(g_lgamma(1), 0);
    cr_expect_eq(g_lgamma(2), 0);
    static const struct {
        double x, result;
        int error;
    } cases[] = {{0, INFINITY, ERANGE},     {-0.0, -INFINITY, ERANGE}, {-3, NAN, EDOM},
                 {-INFINITY, NAN, EDOM},    {INFINITY, INFINITY, 0},   {172, INFINITY, ERANGE},
                 {1e300, INFINITY, ERANGE}, {-200.5, -0.0, ERANGE},    {-1e300, NAN, EDOM}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        *(int *)_thread_ptr() = 0;
        double got = g_tgamma(cases[i].x);
        cr_expect(isnan(cases[i].result) ? isnan(got) : got == cases[i].result, "%g: %g",
                  cases[i].x, got);
        cr_expect_eq(*(int *)_thread_ptr(), cases[i].error, "%g", cases[i].x);
    }
    *(int *)_thread_ptr() = 0;
    cr_expect(isinf(g_lgamma(-7)) && *(int *)_thread_ptr() == ERANGE);
    *(int *)_thread_ptr() = 0;
    cr_expect(g_erfc(30) == 0 && *(int *)_thread_ptr() == ERANGE);
}

Test(math, towards)
{
    static const double v[] = {0,           -0.0,         1,        -1,    INFINITY,  -INFINITY,
                               1 + 0x1p-40, -1 - 0x1p-40, 0x1p-149, 1e300, -0x1p-1074};
    for (unsigned i = 0; i < 11 * 11; i++) {
        float x = (float)v[i / 11];
        double y = v[i % 11];
        cr_expect_eq(g_nexttowardf(x, y), nexttowardf(x, y), "%a %a", (double)x, y);
        cr_expect_eq(g_nexttoward(v[i / 11], y), nexttoward(v[i / 11], y), "%a %a", v[i / 11], y);
        cr_expect_eq(g_nextafterf(x, (float)y), nextafterf(x, (float)y), "%a %a", (double)x, y);
    }
}

/* --- Bessel functions: near zeros an error is one of numbers of size 1/4, as far from 0 the functions have a size of sqrt(2/(pi x)). */

static double bessel_off(double got, long double exact, double x)
{
    double size = fmin(0.25, 0.5 / sqrt(fabs(x) + 1)), nearest = (double)exact;
    if (isinf(nearest)) return got == nearest ? 0 : INFINITY;
    int n;
    frexp(fmax(fabs(nearest), size), &n);
    return (double)(fabsl((long double)got - exact) / ldexpl(1, n - 53));
}

static const struct {
    const char *name;
    one *f;
    one_exact *exact;
    bool second;
} bessels[] = {{"j0", g_j0, j0l, false},
               {"j1", g_j1, j1l, false},
               {"y0", g_y0, y0l, true},
               {"y1", g_y1, y1l, true}};

Test(math, bessel_functions)
{
    static const double upto[] = {1, 3, 30, 1000, 1e6, 1e15};
    for (size_t i = 0; i < 4; i++)
        for (size_t r = 0; r < sizeof upto / sizeof upto[0]; r++) {
            double worst = 0, at = 0;
            for (unsigned n = 0; n < ROUNDS / 4; n++) {
                double x = random_in(bessels[i].second ? 0 : -upto[r], upto[r]);
                if (bessels[i].second && x <= 0) continue;
                double off = bessel_off(bessels[i].f(x), bessels[i].exact(x), x);
                if (off > worst) worst = off, at = x;
            }
            cr_expect(worst <= 0.51, "%s(%a) is off by %g", bessels[i].name, at, worst);
        }
}

/* Of an order beyond x they are small, or large: there the relative error counts. */
Test(math, bessel_functions_of_any_order)
{
    double worst = 0, at = 0;
    int order = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        int n = (int)(next() % 200) - 40;
        double x = random_in(0.01, 300);
        if (x < 0.01) continue;
        bool beyond = abs(n) > x;
        long double j = jnl(n, x), y = ynl(n, x);
        double off =
            beyond && fabsl(j) > 1e-300L ? off_by(g_jn(n, x), j) : bessel_off(g_jn(n, x), j, x);
        double other = fabsl(y) > 1e300L ? 0 : bessel_off(g_yn(n, x), y, x);
        if (other > off) off = other;
        if (off > worst) worst = off, at = x, order = n;
    }
    cr_expect(worst <= 0.6, "order %d of %a is off by %g", order, at, worst);
    cr_expect_eq(g_jn(-3, 2.5), -g_jn(3, 2.5));
    cr_expect_eq(g_jn(3, -2.5), -g_jn(3, 2.5));
    cr_expect_eq(g_jn(-3, -2.5), g_jn(3, 2.5));
    cr_expect_eq(g_yn(-3, 2.5), -g_yn(3, 2.5));
}

Test(math, bessel_functions_at_the_edges)
{
    int *error = _thread_ptr();
    cr_expect_eq(g_j0(0), 1);
    cr_expect_eq(g_j1(0), 0);
    cr_expect_eq(g_jn(5, INFINITY), 0);
    cr_expect(isnan(g_j0(NAN)) && isnan(g_yn(2, NAN)));
    *error = 0;
    cr_expect_eq(g_y0(0), -INFINITY);
    cr_expect_eq(*error, ERANGE);
    *error = 0;
    cr_expect_eq(g_y1(-1), -HUGE_VAL);
    cr_expect_eq(*error, EDOM);
    *error = 0;
    cr_expect_eq(g_jn(1000000000, 1), 0, "at once");
    cr_expect_eq(*error, ERANGE);
    cr_expect_eq(g_yn(500, 1), -INFINITY);
    cr_expect_eq(g_yn(-2147483647 - 1, 1), -INFINITY);
    cr_expect_leq(fabs(g_j0(1e308)), 1e-150);
}

Test(math, square_is_rounded_once)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        double x = random_bits();
        if (isnan(x)) continue;
        cr_expect_eq(g_square(x), x * x, "%a", x); /* the host rounds a product once */
    }
}
