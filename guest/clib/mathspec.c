/* mathspec.c: error function and gamma function.
 *
 *   erf, |x| < 1        2/sqrt(pi) e^(-x^2) (x + 2 x^3/3 + 4 x^5/15 + ...): every term positive
 *   erfc, x >= 1        e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...))))
 *   gamma               from 20 <= w < 21, where Stirling's series is exact enough, by whole steps: gamma(w + 1) = w gamma(w)
 *   ln gamma, 0 to 2.5  ln gamma(2 + z) = (1 - Euler's constant) z + sum of (-1)^k (zeta(k) - 1) z^k / k, as its zeros are here
 */
#include "errno.h"
#include "math.h"
#include "x87.h"

#define SQRT_PI     1.77245385090551602729816748334114518L
#define PI          3.141592653589793238462643383279502884L
#define LN_SQRT_2PI 0.91893853320467274178032973640561764L
#define ONE_EULER   0.422784335098467139393487909917597569L /* 1 - 0.5772... */

/* --- error function --- */

/* e^(-x^2): the square of the upper half of x is exact. */
static x80 exp_of_square(double x)
{
    double upper = of_bits(bits_of(x) & ~0x7FFFFFFull);
    return math_exp(-(x80)upper * upper) * math_exp(-((x80)x - upper) * ((x80)x + upper));
}

static x80 erf_series(double x)
{
    x80 square = (x80)x * x, term = x, sum = x;
    for (int n = 1; n < 60; n++) {
        term *= 2 * square / (2 * n + 1);
        sum += term;
    }
    return 2 / SQRT_PI * exp_of_square(x) * sum;
}

/* 1 <= x <= 28; the fewer steps the larger x. */
static x80 erfc_fraction(double x)
{
    x80 below = x;
    for (int n = (int)(300 / (x * x)) + 12; n > 0; n--)
        below = x + n / (2 * below);
    return exp_of_square(x) / (SQRT_PI * below);
}

double erf(double x)
{
    if (is_nan(x) || x == 0) return x;
    double size = fabs(x);
    if (size < 1) return math_result(erf_series(x));
    return copysign(size > 7 ? 1 : narrow(1 - erfc_fraction(size)), x);
}

double erfc(double x)
{
    if (is_nan(x)) return x;
    if (x < -7) return 2;
    if (x < -1) return narrow(2 - erfc_fraction(-x));
    if (x < 1) return narrow(1 - erf_series(x));
    if (is_inf(x)) return 0;
    return x > 28 ? math_result(x87_scale(1, -5000)) : math_result(erfc_fraction(x));
}

/* --- gamma --- */

/* What Stirling's formula lacks: 1/(12 w) - 1/(360 w^3) + ..., w >= 20. */
static x80 stirling_rest(x80 w)
{
    static const x80 parts[] = {-3617 / 122400.0L, 1 / 156.0L,  -691 / 360360.0L, 1 / 1188.0L,
                                -1 / 1680.0L,      1 / 1260.0L, -1 / 360.0L,      1 / 12.0L};
    x80 sum = 0, square = w * w;
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
        sum = sum / square + parts[i];
    return sum / w;
}

static x80 ln_gamma_large(x80 w)
{
    return (w - 0.5L) * x87_yl2x(X80_LN2, w) - w + LN_SQRT_2PI + stirling_rest(w);
}

/* -200 < x < 180, no pole. Each step is exact but for its product. */
static x80 gamma_80(double x)
{
    x80 w = x, steps = 1;
    for (; w < 20; w += 1)
        steps *= w;
    if (x < 20) return math_exp(ln_gamma_large(w)) / steps;
    while (w >= 21) {
        w -= 1;
        steps *= w;
    }
    return math_exp(ln_gamma_large(w)) * steps;
}

static int is_whole(double x)
{
    return floor(x) == x;
}

double tgamma(double x)
{
    if (is_nan(x)) return x;
    if (x == 0) return math_pole(bits_of(x) >> 63 != 0);
    if (x < 0 && (is_inf(x) || is_whole(x))) return math_domain();
    if (is_inf(x)) return x;
    if (x > 180) return math_pole(0);
    if (x > -200) return math_result(gamma_80(x));
    return math_result(x87_scale(fmod(floor(x), 2) == 0 ? 1 : -1, -5000));
}

/* ln gamma(2 + z), |z| <= 1/2 */
static x80 ln_gamma_at_2(x80 z)
{
    static const x80 zeta[] = {/* less 1, from 2 on */
                               6.44934066848226436472415e-1L,  2.02056903159594285399738e-1L,
                               8.23232337111381915160037e-2L,  3.69277551433699263313655e-2L,
                               1.73430619844491397145179e-2L,  8.34927738192282683979755e-3L,
                               4.07735619794433937868524e-3L,  2.00839282608221441785277e-3L,
                               9.94575127818085337145959e-4L,  4.94188604119464558702283e-4L,
                               2.46086553308048298637998e-4L,  1.22713347578489146751837e-4L,
                               6.12481350587048292585451e-5L,  3.05882363070204935517285e-5L,
                               1.52822594086518717325715e-5L,  7.63719763789976227360029e-6L,
                               3.81729326499983985646164e-6L,  1.90821271655393892565696e-6L,
                               9.53962033872796113152039e-7L,  4.76932986787806463116720e-7L,
                               2.38450502727732990003648e-7L,  1.19219925965311073067789e-7L,
                               5.96081890512594796124402e-8L,  2.98035035146522801860637e-8L,
                               1.49015548283650412346585e-8L,  7.45071178983542949198100e-9L,
                               3.72533402478845705481920e-9L,  1.86265972351304900640391e-9L,
                               9.31327432419668182871765e-10L, 4.65662906503378407298923e-10L,
                               2.32831183367650549200146e-10L, 1.16415501727005197759297e-10L,
                               5.82077208790270088924369e-11L, 2.91038504449709968692943e-11L};
    x80 sum = 0;
    for (int i = sizeof zeta / sizeof zeta[0] - 1; i >= 0; i--)
        sum = zeta[i] / (i + 2) - z * sum;
    return z * (ONE_EULER + z * sum);
}

/* |sin(pi x)|, x no whole number */
static x80 sine_of_turns(double x)
{
    double part = fabs(remainder(x, 1)); /* 0 to 1/2 */
    return part > 0.25 ? x87_cos(PI * (0.5L - part)) : x87_sin(PI * part);
}

static x80 ln_gamma_positive(double x)
{
    if (x >= 20) return ln_gamma_large(x);
    if (x > 2.5) return x87_yl2x(X80_LN2, gamma_80(x));
    if (x >= 1.5) return ln_gamma_at_2((x80)x - 2);
    if (x >= 0.5) return ln_gamma_at_2((x80)x - 1) - x87_yl2x(X80_LN2, x);
    return ln_gamma_at_2(x) - math_log1p(x) - x87_yl2x(X80_LN2, x);
}

double lgamma(double x)
{
    if (is_nan(x)) return x;
    if (is_inf(x)) return fabs(x);
    if (x <= 0 && is_whole(x)) return math_pole(0);
    if (x > 0) return math_result(ln_gamma_positive(x));
    if (x > -20) return math_result(x87_yl2x(X80_LN2, x87_abs(gamma_80(x))));
    x80 mirror = x87_yl2x(X80_LN2, PI / (-(x80)x * sine_of_turns(x)));
    return math_result(mirror - ln_gamma_positive(-x));
}
