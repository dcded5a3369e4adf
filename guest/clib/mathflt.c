/* mathflt.c: the same for float: the double's result, rounded. */
#include "errno.h"
#include "math.h"
#include "x87.h"

float nexttowardf(float x, double y);

static float narrow_float(double v)
{
    volatile float to = (float)v;
    uint32_t bits = (union float_bits){.value = to}.bits & 0x7FFFFFFFu;
    if ((bits == 0x7F800000u && !is_inf(v)) || (bits == 0 && v != 0)) errno = ERANGE;
    return to;
}

#define FLOAT_1(name)                                                                              \
    float name##f(float x)                                                                         \
    {                                                                                              \
        return narrow_float(name(x));                                                              \
    }
#define FLOAT_2(name)                                                                              \
    float name##f(float x, float y)                                                                \
    {                                                                                              \
        return narrow_float(name(x, y));                                                           \
    }
#define INTEGER_1(type, name)                                                                      \
    type name##f(float x)                                                                          \
    {                                                                                              \
        return name(x);                                                                            \
    }
#include "math.def"

float frexpf(float x, int *exponent)
{
    return (float)frexp(x, exponent);
}

float ldexpf(float x, int n)
{
    return narrow_float(ldexp(x, n));
}

float scalbnf(float x, int n)
{
    return ldexpf(x, n);
}

float scalblnf(float x, long n)
{
    return ldexpf(x, (int)n);
}

float modff(float x, float *whole)
{
    double part, rest = modf(x, &part);
    *whole = (float)part;
    return (float)rest;
}

float remquof(float x, float y, int *quotient)
{
    return narrow_float(remquo(x, y, quotient));
}

float nanf(const char *tag)
{
    return (float)nan(tag);
}

/* long double is double in this library. */
float nexttowardf(float x, double y)
{
    union float_bits to = {.value = x};
    if (is_nan(x) || is_nan(y)) return (float)(x + y);
    if (x == y) return (float)y;
    if (x == 0) {
        to.bits = 1u | (bits_of(y) >> 63 ? 0x80000000u : 0);
        return to.value;
    }
    to.bits += (x < y) == (x > 0) ? 1u : -1u;
    return to.value;
}

float nextafterf(float x, float y)
{
    return nexttowardf(x, y);
}

void sincosf(float x, float *sine, float *cosine)
{
    *sine = sinf(x);
    *cosine = cosf(x);
}
