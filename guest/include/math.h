/* math.h of the guest C library. Errors set errno: EDOM, ERANGE.
 *
 * Worked out with 64 bits on the coprocessor and rounded once: off by less than 0.51 units of the last place, pow and
 * the hyperbolic functions by less than one, tgamma and lgamma by less than 0.6; lgamma near its zeros below 0 is only
 * as exact as numbers of size 1 are there. Arguments of sin, cos and tan are reduced with as many bits of pi as it takes.
 */
#ifndef RT386_GUEST_MATH_H
#define RT386_GUEST_MATH_H

#ifdef __cplusplus
extern "C" {
#endif

#define HUGE_VAL  __builtin_huge_val()
#define HUGE_VALF __builtin_huge_valf()
#define INFINITY  __builtin_inff()
#define NAN       __builtin_nanf("")

#define MATH_ERRNO       1
#define MATH_ERREXCEPT   2
#define math_errhandling MATH_ERRNO
#define FP_ILOGB0        (-2147483647 - 1)
#define FP_ILOGBNAN      (-2147483647 - 1)

#define FP_NAN       0
#define FP_INFINITE  1
#define FP_ZERO      2
#define FP_SUBNORMAL 3
#define FP_NORMAL    4
#define fpclassify(x)                                                                              \
    __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, (x))
#define isfinite(x)          __builtin_isfinite(x)
#define isinf(x)             __builtin_isinf_sign(x)
#define isnan(x)             __builtin_isnan(x)
#define isnormal(x)          __builtin_isnormal(x)
#define signbit(x)           __builtin_signbit(x)
#define isgreater(x, y)      __builtin_isgreater((x), (y))
#define isgreaterequal(x, y) __builtin_isgreaterequal((x), (y))
#define isless(x, y)         __builtin_isless((x), (y))
#define islessequal(x, y)    __builtin_islessequal((x), (y))
#define islessgreater(x, y)  __builtin_islessgreater((x), (y))
#define isunordered(x, y)    __builtin_isunordered((x), (y))

#define M_E        2.7182818284590452354
#define M_LOG2E    1.4426950408889634074
#define M_LOG10E   0.43429448190325182765
#define M_LN2      0.69314718055994530942
#define M_LN10     2.30258509299404568402
#define M_PI       3.14159265358979323846
#define M_PI_2     1.57079632679489661923
#define M_PI_4     0.78539816339744830962
#define M_1_PI     0.31830988618379067154
#define M_2_PI     0.63661977236758134308
#define M_2_SQRTPI 1.12837916709551257390
#define M_SQRT2    1.41421356237309504880
#define M_SQRT1_2  0.70710678118654752440

typedef double double_t;
typedef float float_t;

#define FLOAT_1(name)                                                                              \
    double name(double x);                                                                         \
    float name##f(float x);
#define FLOAT_2(name)                                                                              \
    double name(double x, double y);                                                               \
    float name##f(float x, float y);
#define INTEGER_1(type, name)                                                                      \
    type name(double x);                                                                           \
    type name##f(float x);
#include "math.def"

double frexp(double x, int *exponent);
double ldexp(double x, int n);
double scalbn(double x, int n);
double scalbln(double x, long n);
double modf(double x, double *whole);
double remquo(double x, double y, int *quotient);
double nan(const char *tag);
double nextafter(double x, double y);
double fma(double x, double y, double z); /* rounded once */
double square(double x);
/* What GNU compilers make of sin(x) and cos(x) side by side. */
void sincos(double x, double *sine, double *cosine);
void sincosf(float x, float *sine, float *cosine);
struct exception {
    int type;
    char *name;
    double arg1, arg2, retval;
};
int matherr(struct exception *e); /* 0: errors are told by errno */
/* Bessel functions. Near their zeros the error is that of numbers of size 1/4. x < 0: the second kind is -HUGE_VAL, EDOM. */
double j0(double x);
double j1(double x);
double jn(int n, double x);
double y0(double x);
double y1(double x);
double yn(int n, double x);
#if __LDBL_MANT_DIG__ == 53 /* long double is double in this library */
double nexttoward(double x, long double y);
float nexttowardf(float x, long double y);
#endif
float frexpf(float x, int *exponent);
float ldexpf(float x, int n);
float scalbnf(float x, int n);
float scalblnf(float x, long n);
float modff(float x, float *whole);
float remquof(float x, float y, int *quotient);
float nanf(const char *tag);
float nextafterf(float x, float y);
float fmaf(float x, float y, float z);

#ifdef __cplusplus
}
#endif

#endif
