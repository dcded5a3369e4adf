/* mathbes.c: Bessel functions of whole orders.
 *
 *   x < 1          power series of J0, J1, Y0 and Y1: every term is smaller than the one before
 *   1 <= x < 25    J of all orders downwards from one that vanishes: J[k-1] = 2 k/x J[k] - J[k+1], then all of them divided by
 *                  J0 + 2 J2 + 2 J4 + ... = 1; Y0 and Y1 are sums of them
 *   25 <= x        sqrt(2/(pi x)) (P cos c - Q sin c), c = x - (n/2 + 1/4) pi, and P, Q in powers of 1/x until those grow
 *   order n        Y, and J as long as n < x, upwards from orders 0 and 1; else J downwards to them
 *
 * Exact to less than a unit of the last place but near zeros, where the error is that of numbers of size 1/4 and the relative one
 * larger. UNDOC: errors of Y are those of the vendor's page but for the message that it prints.
 */
#include "errno.h"
#include "math.h"
#include "x87.h"

#define EULER 0.577215664901532860606512090082402431L
#define PI    3.141592653589793238462643383279502884L
#define LARGE 25

struct bessel {
    x80 j[2], y[2]; /* orders 0 and 1; Y only where it was asked for */
};

static x80 ln_half(x80 x)
{
    return x87_yl2x(X80_LN2, x / 2);
}

/* --- x < 1 --- */

static void small(double x, bool second, struct bessel *to)
{
    x80 q = -(x80)x * x / 4, term[2] = {1, 1}, sum[2] = {0, 0}, other[2] = {0, 0}, harmonic = 0;
    for (int k = 0; k < 12; k++) {
        if (k) {
            term[0] *= q / k / k;
            term[1] *= q / k / (k + 1);
            harmonic += (x80)1 / k;
        }
        sum[0] += term[0];
        sum[1] += term[1];
        other[0] += term[0] * harmonic;
        other[1] += term[1] * (2 * harmonic + (x80)1 / (k + 1));
    }
    to->j[0] = sum[0];
    to->j[1] = sum[1] * x / 2;
    if (!second) return;
    x80 rest = ln_half(x) + EULER;
    to->y[0] = 2 / PI * (rest * sum[0] - other[0]);
    to->y[1] = 2 / PI * (rest * to->j[1] - 1 / (x80)x - (x80)x / 4 * other[1]);
}

/* --- 1 <= x < LARGE --- */

static void middle(double x, bool second, struct bessel *to)
{
    int from = ((int)x + 50) & ~1;
    x80 above = 0, here = 1e-300L, whole = 0, even = 0, odd = 0;
    for (int k = from; k > 0; k--) { /* `here` is of order k */
        int half = k / 2;
        if (k & 1 && k > 1) odd += (half & 1 ? -here : here) * (x80)k / half / (half + 1);
        if (!(k & 1)) even += (half & 1 ? -here : here) / half;
        if (!(k & 1)) whole += 2 * here;
        x80 below = 2 * k / (x80)x * here - above;
        above = here;
        here = below;
    }
    whole += here;
    to->j[0] = here / whole;
    to->j[1] = above / whole;
    if (!second) return;
    x80 rest = ln_half(x) + EULER;
    to->y[0] = 2 / PI * (rest * to->j[0] - 2 * (even / whole));
    to->y[1] = 2 / PI * ((rest - 1) * to->j[1] - to->j[0] / (x80)x - odd / whole);
}

/* --- LARGE <= x --- */

/* P and Q of order n, 0 or 1. */
static void asymptotic(double x, int n, x80 *p, x80 *q)
{
    x80 term = 1;
    *p = 1;
    *q = 0;
    for (int k = 1; k < 60; k++) {
        x80 factor = (x80)(4 * n * n - (2 * k - 1) * (2 * k - 1)) / (8 * k) / (x80)x;
        if (x87_abs(factor) >= 1 || x87_abs(term) < 1e-21L) return;
        term *= factor;
        x80 *to = k & 1 ? q : p;
        *to += k & 2 ? -term : term;
    }
}

/* cos c and sin c come as sums and differences of those of x. */
static void large(double x, struct bessel *to)
{
    x80 s, c, p, q, size = 1 / x87_sqrt(PI * x);
    math_sincos(x, &s, &c);
    asymptotic(x, 0, &p, &q);
    to->j[0] = size * (p * (s + c) - q * (s - c));
    to->y[0] = size * (p * (s - c) + q * (s + c));
    asymptotic(x, 1, &p, &q);
    to->j[1] = size * (p * (s - c) + q * (s + c));
    to->y[1] = size * (q * (s - c) - p * (s + c));
}

/* x > 0 and finite. */
static void bessel(double x, bool second, struct bessel *to)
{
    if (x < 1)
        small(x, second, to);
    else if (x < LARGE)
        middle(x, second, to);
    else
        large(x, to);
}

/* --- first kind --- */

/* 1 < n, n < x. */
static x80 upwards(int n, double x, x80 low, x80 high)
{
    for (int k = 1; k < n; k++) {
        x80 next = 2 * (x80)k / (x80)x * high - low;
        low = high;
        high = next;
    }
    return high;
}

#define SCALE 1e4000L

/* 1 < n, x <= n. What is larger than `SCALE` is made smaller, and what it stands for with it. */
static x80 downwards(int n, double x, const struct bessel *b)
{
    x80 above = 0, here = 1e-300L, wanted = 0;
    for (int k = n + 40 + 12 * (int)cbrt(n); k > 0; k--) {
        if (k == n) wanted = here;
        x80 below = 2 * (x80)k / (x80)x * here - above;
        above = here;
        here = below;
        if (x87_abs(here) < SCALE) continue;
        above /= SCALE;
        here /= SCALE;
        wanted /= SCALE;
    }
    bool first = x87_abs(b->j[0]) > x87_abs(b->j[1]);
    return first ? wanted / here * b->j[0] : wanted / above * b->j[1];
}

/* It is less than (x/2)^n / n!, and that less than (e x/2n)^n. */
static bool vanishes(int n, double x)
{
    return x < n && n * x87_yl2x(1, (x80)n / x * 0.735758882342884643191047540323L) > 1100;
}

static x80 of_first(int n, double x)
{
    struct bessel b;
    if (n > 1 && vanishes(n, x)) return x87_scale(1, -5000);
    bessel(x, false, &b);
    if (n < 2) return b.j[n];
    return n < x ? upwards(n, x, b.j[0], b.j[1]) : downwards(n, x, &b);
}

double jn(int n, double x)
{
    if (is_nan(x)) return x;
    unsigned order = n < 0 ? 0u - (unsigned)n : (unsigned)n;
    bool minus = order & 1 && (n < 0) != (x < 0);
    if (is_inf(x)) return 0;
    if (order > 0x7FFFFFFFu) order = 0x7FFFFFFE;
    if (x == 0) return order == 0;
    x80 v = of_first((int)order, fabs(x));
    return math_result(minus ? -v : v);
}

double j0(double x)
{
    return jn(0, x);
}

double j1(double x)
{
    return jn(1, x);
}

/* --- second kind --- */

static double below_zero(void)
{
    errno = EDOM;
    return -HUGE_VAL;
}

double yn(int n, double x)
{
    struct bessel b;
    if (is_nan(x)) return x;
    if (x < 0) return below_zero();
    unsigned order = n < 0 ? 0u - (unsigned)n : (unsigned)n;
    bool minus = n < 0 && order & 1;
    if (x == 0) return math_pole(!minus);
    if (is_inf(x)) return 0;
    bessel(x, true, &b);
    x80 low = b.y[0], high = order ? b.y[1] : b.y[0];
    for (unsigned k = 1; k < order && x87_abs(high) < SCALE; k++) {
        x80 next = 2 * (x80)k / (x80)x * high - low;
        low = high;
        high = next;
    }
    return math_result(minus ? -high : high);
}

double y0(double x)
{
    return yn(0, x);
}

double y1(double x)
{
    return yn(1, x);
}

/* --- others --- */

/* Rounded once. */
double square(double x)
{
    return fma(x, x, 0);
}
