/* mathexp.c: exponentials, logarithms, powers, roots. */
#include "errno.h"
#include "math.h"
#include "x87.h"

/* ln 2 as a number of 32 bits and what that lacks: a whole number of up to 16 bits times the first is exact. */
#define LN2_HIGH 0.693147180369123816490173339843750L
#define LN2_LOW  1.90821492927058770002e-10L

double math_domain(void)
{
    errno = EDOM;
    return of_bits(DOUBLE_NAN);
}

double math_pole(int negative)
{
    errno = ERANGE;
    return of_bits(DOUBLE_INF | (negative ? DOUBLE_SIGN : 0));
}

double math_result(x80 v)
{
    double to = narrow(v);
    if (is_inf(to) || (to == 0 && v != 0)) errno = ERANGE;
    return to;
}

/* v = n * ln 2 + r, |r| <= ln 2 / 2 */
static x80 reduce(x80 v, int *n)
{
    x80 whole = x87_rint(v * X80_LOG2E);
    *n = (int)whole;
    return (v - whole * LN2_HIGH) - whole * LN2_LOW;
}

x80 math_exp(x80 v)
{
    int n;
    x80 r = reduce(v, &n);
    return x87_scale(1 + x87_2xm1(r * X80_LOG2E), n);
}

x80 math_expm1(x80 v)
{
    int n;
    x80 r = reduce(v, &n), e = x87_2xm1(r * X80_LOG2E);
    if (n == 0) return e;
    return x87_scale(e, n) + (x87_scale(1, n) - 1);
}

static int huge(double x)
{
    return !(x < 800 && x > -800); /* beyond every exponent of a double; or no number */
}

double exp(double x)
{
    if (is_nan(x)) return x;
    if (is_inf(x)) return x < 0 ? 0 : x;
    return math_result(huge(x) ? x87_scale(1, x < 0 ? -2000 : 2000) : math_exp(x));
}

double expm1(double x)
{
    if (is_nan(x) || x == 0) return x;
    if (is_inf(x)) return x < 0 ? -1 : x;
    if (huge(x)) return x < 0 ? -1 : math_pole(0);
    return math_result(math_expm1(x));
}

static x80 power_of_two(x80 v)
{
    x80 whole = x87_rint(v);
    return x87_scale(1 + x87_2xm1(v - whole), (int)whole);
}

double exp2(double x)
{
    if (is_nan(x)) return x;
    if (is_inf(x)) return x < 0 ? 0 : x;
    return math_result(x < -2000 || x > 2000 ? x87_scale(1, x < 0 ? -2000 : 2000)
                                             : power_of_two(x));
}

/* --- logarithms --- */

/* What all of them have: 0 and below, infinity, no number. False: x is a good argument. */
static int log_special(double x, double *result)
{
    if (is_nan(x)) {
        *result = x;
    } else if (x == 0) {
        *result = math_pole(1);
    } else if (x < 0) {
        *result = math_domain();
    } else if (is_inf(x)) {
        *result = x;
    } else {
        return 0;
    }
    return 1;
}

static double logarithm(double x, x80 unit)
{
    double result;
    if (log_special(x, &result)) return result;
    x80 less = (x80)x - 1;
    return narrow(less > -0.25L && less < 0.25L ? x87_yl2xp1(unit, less) : x87_yl2x(unit, x));
}

double log(double x)
{
    return logarithm(x, X80_LN2);
}

double log2(double x)
{
    return logarithm(x, 1);
}

double log10(double x)
{
    return logarithm(x, X80_LOG102);
}

x80 math_log1p(x80 v)
{
    return v > -0.25L && v < 0.25L ? x87_yl2xp1(X80_LN2, v) : x87_yl2x(X80_LN2, 1 + v);
}

double log1p(double x)
{
    if (is_nan(x) || x == 0) return x;
    if (x == -1) return math_pole(1);
    if (x < -1) return math_domain();
    return is_inf(x) ? x : narrow(math_log1p(x));
}

/* --- powers --- */

enum { NOT_WHOLE, ODD, EVEN };
static int whole_kind(double y)
{
    if (x87_round_to(y, X87_CHOP) != y) return NOT_WHOLE;
    x80 half = (x80)y / 2;
    return x87_round_to(half, X87_CHOP) == half ? EVEN : ODD;
}

/* x is 0 or infinite */
static double power_edge(double x, double y, int kind)
{
    int negative = kind == ODD && bits_of(x) >> 63;
    if ((x == 0) == (y > 0)) return negative ? -0.0 : 0;
    if (x == 0 && !is_inf(y)) return math_pole(negative);
    return of_bits(DOUBLE_INF | (negative ? DOUBLE_SIGN : 0));
}

/* |x|^y: log2(x) = k + l, and y * k is exact but for what the product with l takes in. */
static x80 power_80(double x, double y)
{
    int k;
    double m = frexp(x, &k);
    if (m < 0.70710678118654752) {
        m *= 2;
        k--;
    }
    x80 l = m > 0.75 && m < 1.25 ? x87_yl2xp1(1, (x80)m - 1) : x87_yl2x(1, m);
    x80 product = (x80)y * k, small = (x80)y * l;
    if (product + small > 2000) return x87_scale(1, 2000);
    if (product + small < -2000) return x87_scale(1, -2000);
    x80 whole = x87_rint(product);
    x80 rest = (product - whole) + small, more = x87_rint(rest);
    return x87_scale(1 + x87_2xm1(rest - more), (int)(whole + more));
}

double pow(double x, double y)
{
    if (y == 0 || x == 1) return 1;
    if (is_nan(x) || is_nan(y)) return x + y;
    int kind = is_inf(y) ? EVEN : whole_kind(y);
    if (is_inf(y) && x == -1) return 1;
    if (x == 0 || is_inf(x)) return power_edge(x, y, kind);
    double size = x < 0 ? -x : x;
    if (is_inf(y)) return (size > 1) == (y > 0) ? of_bits(DOUBLE_INF) : 0;
    if (x < 0 && kind == NOT_WHOLE) return math_domain();
    x80 result = power_80(size, y);
    return math_result(x < 0 && kind == ODD ? -result : result);
}

double sqrt(double x)
{
    return x < 0 ? math_domain() : x87_sqrt_double(x);
}

double cbrt(double x)
{
    if (is_nan(x) || is_inf(x) || x == 0) return x;
    double size = x < 0 ? -x : x;
    x80 third = x87_yl2x(1.0L / 3, size), root = power_of_two(third);
    root -= (root * root * root - size) / (3 * root * root); /* one step of Newton's */
    return narrow(x < 0 ? -root : root);
}

double hypot(double x, double y)
{
    if (is_inf(x) || is_inf(y)) return of_bits(DOUBLE_INF);
    return is_nan(x) || is_nan(y) ? x + y : math_result(x87_sqrt((x80)x * x + (x80)y * y));
}

/* --- hyperbolic functions --- */

static int tiny(double x)
{
    return x < 1e-10 && x > -1e-10;
}

double sinh(double x)
{
    if (is_nan(x) || is_inf(x) || tiny(x)) return x;
    if (huge(x)) return math_pole(x < 0);
    x80 e = math_expm1(x < 0 ? -x : x), result = (e + e / (e + 1)) / 2;
    return math_result(x < 0 ? -result : result);
}

double cosh(double x)
{
    if (is_nan(x)) return x;
    if (is_inf(x)) return of_bits(DOUBLE_INF);
    if (huge(x)) return math_pole(0);
    x80 e = math_exp(x);
    return math_result((e + 1 / e) / 2);
}

double tanh(double x)
{
    if (is_nan(x) || tiny(x)) return x;
    if (x > 30 || x < -30) return x < 0 ? -1 : 1;
    x80 e = math_expm1(2 * (x80)(x < 0 ? -x : x)), result = e / (e + 2);
    return narrow(x < 0 ? -result : result);
}

double asinh(double x)
{
    if (is_nan(x) || is_inf(x) || tiny(x)) return x;
    x80 v = x87_abs(x), square = v * v;
    x80 result = math_log1p(v + square / (1 + x87_sqrt(1 + square)));
    return narrow(x < 0 ? -result : result);
}

double acosh(double x)
{
    if (is_nan(x)) return x;
    if (x < 1) return math_domain();
    if (is_inf(x)) return x;
    x80 t = (x80)x - 1;
    return narrow(math_log1p(t + x87_sqrt(t * (t + 2))));
}

double atanh(double x)
{
    if (is_nan(x) || tiny(x)) return x;
    if (x == 1 || x == -1) return math_pole(x < 0);
    if (x > 1 || x < -1) return math_domain();
    x80 v = x87_abs(x), result = math_log1p(2 * v / (1 - v)) / 2;
    return narrow(x < 0 ? -result : result);
}
