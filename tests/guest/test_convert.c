/* Numbers to text by their old names, against the host's printf: it is exact. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "glib.h"

char *g_ecvt(double value, int count, int *point, int *sign);
char *g_fcvt(double value, int count, int *point, int *sign);
char *g_gcvt(double value, int digits, char *buffer);
char *g_ftoa(double value, char *s, unsigned places, unsigned fraction);
char *g_itoh(int value, char *s);
char *g_ltoh(unsigned long value, char *s);
char *g_ltos(long value, char *s, int base);

static uint64_t seed = 4101842887655102017u;

static double random_value(unsigned i)
{
    uint64_t bits = next_random(&seed);
    double v;
    memcpy(&v, &bits, sizeof v);
    if (!isfinite(v)) v = 1;
    return i & 1 ? v : ldexp((double)(int64_t)next_random(&seed), -(int)(next_random(&seed) % 90));
}

/* As printf's %e has them: the digits without the point, and where it is. */
static void expected_digits(double v, int count, char *to, int *point)
{
    char text[500];
    snprintf(text, sizeof text, "%.*e", count - 1, fabs(v));
    char *e = strchr(text, 'e');
    *point = v == 0 ? 0 : atoi(e + 1) + 1;
    *e = 0;
    unsigned n = 0;
    for (const char *s = text; *s; s++)
        if (*s != '.') to[n++] = *s;
    to[n] = 0;
}

Test(convert, significant_digits)
{
    for (unsigned i = 0; i < 20000; i++) {
        double v = random_value(i);
        int count = 1 + (int)(i % 40), point, sign, where;
        char want[64];
        expected_digits(v, count, want, &where);
        const char *got = g_ecvt(v, count, &point, &sign);
        cr_assert_str_eq(got, want, "%a, %d: %s, not %s", v, count, got, want);
        cr_assert_eq(point, where, "%a, %d", v, count);
        cr_assert_eq(sign != 0, signbit(v) != 0);
    }
}

Test(convert, digits_behind_the_point)
{
    for (unsigned i = 0; i < 20000; i++) {
        double v = random_value(i);
        int count = (int)(i % 30), point, sign;
        char text[400], want[400];
        if (fabs(v) > 1e60) continue;
        snprintf(text, sizeof text, "%.*f", count, fabs(v));
        const char *got = g_fcvt(v, count, &point, &sign);
        unsigned n = 0;
        for (int k = point; k < 0 && n < (unsigned)count; k++) /* zeros that the point stands for */
            want[n++] = '0';
        strcpy(want + n, got);
        char *dot = strchr(text, '.');
        if (dot) memmove(dot, dot + 1, strlen(dot));
        const char *from = text;
        if (point <= 0) from += 1; /* the 0 before the point */
        cr_assert_str_eq(want, from, "%a, %d: %s at %d, not %s", v, count, got, point, text);
    }
}

Test(convert, shortest)
{
    for (unsigned i = 0; i < 5000; i++) {
        double v = random_value(i);
        char got[64], want[64];
        int digits = 1 + (int)(i % 20);
        snprintf(want, sizeof want, "%.*g", digits, v);
        cr_assert_str_eq(g_gcvt(v, digits, got), want);
    }
}

static void cuts(double v, unsigned places, unsigned fraction, const char *want)
{
    char got[64];
    cr_expect_str_eq(g_ftoa(v, got, places, fraction), want, "%g: %s, not %s", v, got, want);
}

Test(convert, cut_and_not_rounded)
{
    cuts(123.999, 3, 2, "123.99E0");
    cuts(-123.999, 1, 3, "-1.239E2");
    cuts(0.000999, 3, 0, "999.E-6");
    cuts(0.00099, 3, 0, "989.E-6"); /* it is a little less than that */
    cuts(1, 0, 3, ".100E1");
    cuts(0, 2, 2, "00.00E0");
    cuts(-0.0, 1, 1, "-0.0E0");
    cuts(2.0 / 3, 1, 30, "6.66666666666666629E-1"); /* 18 digits */
    cuts(1e300, 30, 30, "100000000000000005.E283");
    cuts(INFINITY, 1, 1, "inf");
    cuts(NAN, 1, 1, "nan");
}

Test(convert, no_numbers_and_none)
{
    int point, sign;
    char text[40];
    cr_expect_str_eq(g_ecvt(0, 3, &point, &sign), "000");
    cr_expect_eq(point, 0);
    cr_expect_str_eq(g_fcvt(0.0001, 2, &point, &sign), "00");
    cr_expect_eq(point, 0);
    cr_expect_str_eq(g_fcvt(0.96, 0, &point, &sign), "1");
    cr_expect_eq(point, 1);
    cr_expect_str_eq(g_ecvt(-INFINITY, 3, &point, &sign), "inf");
    cr_expect_eq(sign, 1);
    cr_expect_eq(strlen(g_ecvt(1, 100000, &point, &sign)), 400u);
    cr_expect_eq(strlen(g_fcvt(DBL_MAX, 100000, &point, &sign)), 400u);
    cr_expect_eq(point, 309);
    cr_expect_str_eq(g_gcvt(0.5, -3, text), "0.5");
}

Test(convert, whole_numbers)
{
    char s[40];
    cr_expect_str_eq(g_itoh(0, s), "0");
    cr_expect_str_eq(g_itoh(48879, s), "beef");
    cr_expect_str_eq(g_ltos(-255, s, -16), "-ff");
    cr_expect_str_eq(g_ltos(-255, s, -10), "-255");
    cr_expect_str_eq(g_ltos(-255, s, 10), "-255");
    cr_expect_str_eq(g_ltos(35, s, -36), "z");
    cr_expect_str_eq(g_ltos(5, s, -1), "");
    cr_expect_str_eq(g_ltoh(0xabcdef01u, s), "abcdef01");
}
