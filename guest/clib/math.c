/* math.c: whole numbers, parts of numbers, remainders. All of it is exact. */
#include "math.h"
#include "errno.h"
#include "limits.h"
#include "time.h"
#include "x87.h"

#define EXPONENT(bits) ((int)((bits) >> 52 & 0x7FF))
#define FRACTION       0xFFFFFFFFFFFFFull

double fabs(double x)
{
    return of_bits(bits_of(x) & ~DOUBLE_SIGN);
}

double copysign(double x, double y)
{
    return of_bits((bits_of(x) & ~DOUBLE_SIGN) | (bits_of(y) & DOUBLE_SIGN));
}

double nan(const char *tag)
{
    (void)tag;
    return of_bits(DOUBLE_NAN);
}

/* --- to whole numbers --- */

double floor(double x)
{
    return narrow(x87_round_to(x, X87_DOWN));
}

double ceil(double x)
{
    return narrow(x87_round_to(x, X87_UP));
}

double trunc(double x)
{
    return narrow(x87_round_to(x, X87_CHOP));
}

double rint(double x)
{
    return narrow(x87_rint(x));
}

double nearbyint(double x)
{
    return rint(x);
}

/* Halves go away from zero. */
double round(double x)
{
    double whole = trunc(x), rest = x - whole;
    if (rest >= 0.5) whole += 1;
    if (rest <= -0.5) whole -= 1;
    return copysign(whole, x);
}

/* `most` is the type's largest value, `beyond` the next one as a double. */
static long long to_whole(double x, double beyond, long long most)
{
    if (x >= -beyond && x < beyond) return (long long)x;
    errno = EDOM;
    return x > 0 ? most : -most - 1;
}

#define LONG_BEYOND  2147483648.0
#define LONG_MOST    2147483647ll
#define LLONG_BEYOND 9223372036854775808.0

long lrint(double x)
{
    return (long)to_whole(rint(x), LONG_BEYOND, LONG_MOST);
}

long lround(double x)
{
    return (long)to_whole(round(x), LONG_BEYOND, LONG_MOST);
}

long long llrint(double x)
{
    return to_whole(rint(x), LLONG_BEYOND, LLONG_MAX);
}

long long llround(double x)
{
    return to_whole(round(x), LLONG_BEYOND, LLONG_MAX);
}

/* --- parts --- */

double modf(double x, double *whole)
{
    *whole = trunc(x);
    return is_inf(x) ? copysign(0, x) : copysign(x - *whole, x);
}

double frexp(double x, int *exponent)
{
    uint64_t bits = bits_of(x);
    *exponent = 0;
    if (x == 0 || is_nan(x) || is_inf(x)) return x;
    if (EXPONENT(bits) == 0) {
        bits = bits_of(x * 18014398509481984.0); /* 2^54 */
        *exponent = -54;
    }
    *exponent += EXPONENT(bits) - 1022;
    return of_bits((bits & (DOUBLE_SIGN | FRACTION)) | 1022ull << 52);
}

double ldexp(double x, int n)
{
    if (x == 0 || is_nan(x) || is_inf(x)) return x;
    return math_result(x87_scale(x, n > 5000 ? 5000 : n < -5000 ? -5000 : n));
}

double scalbn(double x, int n)
{
    return ldexp(x, n);
}

double scalbln(double x, long n)
{
    return ldexp(x, (int)n); /* the same width */
}

int ilogb(double x)
{
    int n;
    if (x != 0 && !is_nan(x) && !is_inf(x)) {
        frexp(x, &n);
        return n - 1;
    }
    errno = EDOM;
    return x == 0 ? FP_ILOGB0 : is_nan(x) ? FP_ILOGBNAN : INT_MAX;
}

double logb(double x)
{
    if (is_nan(x)) return x;
    if (is_inf(x)) return of_bits(DOUBLE_INF);
    return x == 0 ? math_pole(1) : ilogb(x);
}

double nextafter(double x, double y)
{
    if (is_nan(x) || is_nan(y)) return x + y;
    if (x == y) return y;
    if (x == 0) return copysign(of_bits(1), y);
    uint64_t bits = bits_of(x);
    double to = of_bits((x < y) == (x > 0) ? bits + 1 : bits - 1);
    if (is_inf(to) || EXPONENT(bits_of(to)) == 0) errno = ERANGE;
    return to;
}

/* long double is double in this library. */
double nexttoward(double x, double y);
double nexttoward(double x, double y)
{
    return nextafter(x, y);
}

/* --- remainders: step by step, each exact --- */

#define MORE_STEPS 0x400u
static int quotient_bits(uint16_t status)
{
    return (status >> 8 & 1) << 2 | (status >> 14 & 1) << 1 | (status >> 9 & 1);
}

static int no_remainder(double x, double y, double *result)
{
    *result = x;
    if (is_nan(x) || is_nan(y))
        *result = x + y;
    else if (is_inf(x) || y == 0)
        *result = math_domain();
    else
        return is_inf(y) || x == 0;
    return 1;
}

double fmod(double x, double y)
{
    double result;
    uint16_t status = MORE_STEPS;
    if (no_remainder(x, y, &result)) return result;
    x80 v = x;
    while (status & MORE_STEPS)
        v = x87_rem_step(v, y, &status);
    return copysign(narrow(v), x);
}

double remquo(double x, double y, int *quotient)
{
    double result;
    uint16_t status = MORE_STEPS;
    *quotient = 0;
    if (no_remainder(x, y, &result)) return result;
    x80 v = x;
    while (status & MORE_STEPS)
        v = x87_rem1_step(v, y, &status);
    *quotient = (bits_of(x) ^ bits_of(y)) >> 63 ? -quotient_bits(status) : quotient_bits(status);
    result = narrow(v);
    return result == 0 ? copysign(0, x) : result;
}

double remainder(double x, double y)
{
    int quotient;
    return remquo(x, y, &quotient);
}

/* --- two numbers --- */

double difftime(time_t later, time_t sooner)
{
    return (double)later - (double)sooner;
}

double fdim(double x, double y)
{
    if (is_nan(x) || is_nan(y)) return x + y;
    return x > y ? math_result((x80)x - y) : 0;
}

double fmax(double x, double y)
{
    if (is_nan(x)) return y;
    if (x == 0 && y == 0) return bits_of(x) >> 63 ? y : x;
    return x < y ? y : x;
}

double fmin(double x, double y)
{
    if (is_nan(x)) return y;
    if (x == 0 && y == 0) return bits_of(x) >> 63 ? x : y;
    return y < x ? y : x;
}
