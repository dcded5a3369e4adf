/* mathtrig.c: sines and angles.
 *
 * An argument beyond pi/4 is reduced by whole numbers, with as many bits of 2/pi as it takes: x = m * 2^e, so that of
 * 2/pi only the bits around 2^-e count; those before make whole turns, those after are too small. The coprocessor's own
 * reduction knows 66 bits of pi.
 */
#include "errno.h"
#include "math.h"
#include "x87.h"

#define WORDS 7 /* of 2/pi: 224 bits */

static const uint32_t two_over_pi[] = {
    0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu,
    0xdebbc561u, 0xb7246e3au, 0x424dd2e0u, 0x06492eeau, 0x09d1921cu, 0xfe1deb1cu, 0xb129a73eu,
    0xe88235f5u, 0x2ebb4484u, 0xe99c7026u, 0xb45f7e41u, 0x3991d639u, 0x835339f4u, 0x9c845f8bu,
    0xbdf9283bu, 0x1ff897ffu, 0xde05980fu, 0xef2f118bu, 0x5a0a6d1fu, 0x6d367ecfu, 0x27cb09b7u,
    0x4f463f66u, 0x9e5fea2du, 0x7527bac7u, 0xebe5f17bu, 0x3d0739f7u, 0x8a5292eau, 0x6bfb5fb1u,
    0x1f8d5d08u, 0x56033046u, 0xfc7b6babu, 0xf0cfbc20u};

/* product = m * (WORDS words of 2/pi from word k on), least significant word first */
static void multiply(uint64_t m, unsigned k, uint32_t product[WORDS + 2])
{
    uint32_t low = (uint32_t)m, high = (uint32_t)(m >> 32);
    for (unsigned i = 0; i < WORDS + 2; i++)
        product[i] = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        uint32_t word = two_over_pi[k + WORDS - 1 - i];
        uint64_t sum = (uint64_t)word * low + product[i];
        product[i] = (uint32_t)sum;
        sum = (sum >> 32) + product[i + 1];
        product[i + 1] = (uint32_t)sum;
        product[i + 2] += (uint32_t)(sum >> 32);
        sum = (uint64_t)word * high + product[i + 1];
        product[i + 1] = (uint32_t)sum;
        product[i + 2] += (uint32_t)(sum >> 32);
    }
}

/* 32 bits of the number from bit `at` on, at >= -128; bits below 0 are 0. */
static uint32_t word_from(const uint32_t *number, int at)
{
    int i = (at + 128) / 32 - 4, by = (at + 128) % 32;
    uint32_t low = i >= 0 ? number[i] >> by : 0;
    return by == 0 || i < -1 ? low : low | number[i + 1] << (32 - by);
}

/* 64 bits of the number that end just below bit `top`, top >= -64. */
static uint64_t window(const uint32_t *number, int top)
{
    return (uint64_t)word_from(number, top - 32) << 32 | word_from(number, top - 64);
}

static void negate(uint32_t *number)
{
    uint32_t carry = 1;
    for (unsigned i = 0; i < WORDS + 2; i++) {
        number[i] = ~number[i] + carry;
        carry = carry && number[i] == 0;
    }
}

static x80 from_window(uint64_t bits, int exponent)
{
    return bits == 0 ? 0 : x87_scale((x80)bits, exponent);
}

/* x = q * pi/2 + the result, which is at most pi/4. q modulo 4. */
static x80 reduce(double x, unsigned *q)
{
    double size = x < 0 ? -x : x;
    *q = 0;
    if (size <= 0.785398163397448309) return x;
    uint64_t bits = bits_of(size), m = (bits & 0xFFFFFFFFFFFFFull) | 1ull << 52;
    int e = (int)(bits >> 52) - 1075;
    unsigned k = e > 2 ? (unsigned)(e - 2) / 32 : 0;
    uint32_t product[WORDS + 2];
    multiply(m, k, product);
    int point = 32 * (int)(k + WORDS) - e; /* bits from here on are whole numbers */
    *q = (unsigned)(window(product, point + 2) >> 62);
    int above = (product[(point - 1) / 32] >> ((point - 1) % 32) & 1) != 0;
    if (above) {
        ++*q;
        negate(product);
    }
    int top = point;
    while (top > 0 && !(product[(top - 1) / 32] >> ((top - 1) % 32) & 1))
        top--;
    x80 high = from_window(window(product, top), top - 64 - point);
    x80 low = from_window(window(product, top - 64), top - 128 - point);
    x80 r = high * X80_PIO2 + (high * X80_PIO2_L + low * X80_PIO2);
    if (above) r = -r;
    if (x < 0) {
        *q = -*q;
        r = -r;
    }
    *q &= 3;
    return r;
}

static int no_angle(double x)
{
    return is_nan(x) || is_inf(x);
}

void math_sincos(double x, x80 *sine, x80 *cosine)
{
    unsigned q;
    x80 r = reduce(x, &q), s = x87_sin(r), c = x87_cos(r);
    *sine = q & 1 ? c : s;
    *cosine = q & 1 ? s : c;
    if (q & 2) *sine = -*sine;
    if (q == 1 || q == 2) *cosine = -*cosine;
}

double sin(double x)
{
    unsigned q;
    if (no_angle(x)) return is_nan(x) ? x : math_domain();
    if (x == 0) return x;
    x80 r = reduce(x, &q), result = q & 1 ? x87_cos(r) : x87_sin(r);
    return narrow(q & 2 ? -result : result);
}

double cos(double x)
{
    unsigned q;
    if (no_angle(x)) return is_nan(x) ? x : math_domain();
    x80 r = reduce(x, &q), result = q & 1 ? x87_sin(r) : x87_cos(r);
    return narrow(q == 1 || q == 2 ? -result : result);
}

double tan(double x)
{
    unsigned q;
    if (no_angle(x)) return is_nan(x) ? x : math_domain();
    if (x == 0) return x;
    x80 r = reduce(x, &q), s = x87_sin(r), c = x87_cos(r);
    return narrow(q & 1 ? -c / s : s / c);
}

double atan2(double y, double x)
{
    return is_nan(x) || is_nan(y) ? x + y : narrow(x87_atan2(y, x));
}

double atan(double x)
{
    return is_nan(x) || x == 0 ? x : narrow(x87_atan2(x, 1));
}

double asin(double x)
{
    if (is_nan(x) || x == 0) return x;
    if (x > 1 || x < -1) return math_domain();
    return narrow(x87_atan2(x, x87_sqrt((1 - (x80)x) * (1 + (x80)x))));
}

double acos(double x)
{
    if (is_nan(x)) return x;
    if (x > 1 || x < -1) return math_domain();
    return narrow(x87_atan2(x87_sqrt((1 - (x80)x) * (1 + (x80)x)), x));
}

void sincos(double x, double *sine, double *cosine)
{
    *sine = sin(x);
    *cosine = cos(x);
}
