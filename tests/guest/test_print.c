/* test_print.c: guest_print: what the guest C library prints is what the host's prints, character
 * for character. %p and the length I64 are the guest's own and are tested by themselves.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "glib.h"

#define BUFFER 2048

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

static char expected[BUFFER], got[BUFFER];

#define SAME(...)                                                                                  \
    do {                                                                                           \
        int n = snprintf(expected, sizeof expected, __VA_ARGS__);                                  \
        int m = g_snprintf(got, sizeof got, __VA_ARGS__);                                          \
        cr_assert(n == m && !strcmp(expected, got), "expected \"%s\" (%d), got \"%s\" (%d)",       \
                  expected, n, got, m);                                                            \
    } while (0)

static void random_format(uint64_t *seed, char *out, const char *length, char conv)
{
    static const char flags[] = "-+ #0";
    int at = 0;
    out[at++] = '%';
    uint64_t r = next_random(seed);
    for (int i = 0; i < 5; i++)
        if (r >> i & 1 && r >> (i + 5) & 1) out[at++] = flags[i];
    if (r >> 10 & 1) at += sprintf(out + at, "%d", (int)(r >> 12 & 63));
    if (r >> 11 & 1) at += sprintf(out + at, ".%d", (int)(r >> 20 & 31));
    at += sprintf(out + at, "%s", length);
    out[at++] = conv;
    out[at] = 0;
}

Test(guest_print, integers)
{
    static const char convs[] = "diuoxX";
    uint64_t seed = 0x1234567;
    for (int i = 0; i < 200000; i++) {
        char f[40];
        uint64_t value = next_random(&seed) >> (next_random(&seed) & 63);
        char conv = convs[next_random(&seed) % 6];
        random_format(&seed, f, "ll", conv);
        SAME(f, value);
        random_format(&seed, f, "", conv);
        SAME(f, (unsigned)value);
        random_format(&seed, f, "h", conv);
        SAME(f, (unsigned)value);
        random_format(&seed, f, "hh", conv);
        SAME(f, (unsigned)value);
    }
}

static double random_double(uint64_t *seed)
{
    uint64_t bits = next_random(seed), kind = next_random(seed) % 4;
    double value;
    if (kind == 0) return (double)(int64_t)bits / 1000.0;
    if (kind == 1) return (double)(bits % 2000001) / 1000.0 - 1000.0; /* ties and short decimals */
    if (kind == 2) return (double)(bits % 4096) / 64.0;
    memcpy(&value, &bits, sizeof value);
    return isnan(value) ? 1.0 : value;
}

Test(guest_print, floats)
{
    static const char convs[] = "fFeEgGaA";
    uint64_t seed = 0xABCDEF12345;
    for (int i = 0; i < 300000; i++) {
        char f[40];
        random_format(&seed, f, "", convs[next_random(&seed) % 8]);
        double value = random_double(&seed);
        SAME(f, value);
    }
}

Test(guest_print, float_corners)
{
    static const double values[] = {
        0.0,      -0.0,     1.0,      0.5,       1.5,
        2.5,      0.05,     9.5,      99.5,      0.999999,
        999999.,  1000000., 9999995., 1e-5,      1e-4,
        1e15,     1e22,     1e23,     5e-324,    1.7976931348623157e308,
        0.1,      1.0 / 3,  INFINITY, -INFINITY, 2.2250738585072014e-308,
        123456.5, 0.125,    0.375};
    static const char *const formats[] = {
        "%f",    "%e",    "%g",      "%.0f",   "%.0e", "%.0g",  "%#.0f", "%#g",    "%a",     "%.3a",
        "%#.0a", "%+.1f", "%010.2f", "%-12g|", "% E",  "%.20f", "%.60g", "%.400f", "%.1074f"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        for (size_t j = 0; j < sizeof formats / sizeof formats[0]; j++)
            SAME(formats[j], values[i]);
}

Test(guest_print, text)
{
    SAME("%s|%10s|%-10s|%.2s|%c|%5c|%-5c|%%", "abc", "abc", "abc", "abc", 'x', 'y', 'z');
    SAME("%*d|%-*d|%.*d|%*d", 8, 1, 8, 2, 5, 3, -6, 4);
    SAME("no conversion");
    SAME("%.*s|%.*f", -1, "whole", -1, 0.5);
    SAME("%zu %td %jd", (size_t)7, (ptrdiff_t)-7, (intmax_t)INT64_MIN);
}

Test(guest_print, own)
{
    g_snprintf(got, sizeof got, "%p %I64d %I64x", (void *)0x1ABCu, (long long)-5, 0xFFFFFFFFFFull);
    cr_assert_str_eq(got, "00001ABC -5 ffffffffff");
    g_snprintf(got, sizeof got, "%Iu %Id %Ix %I %I32d", 5, -6, 255, -7);
    cr_assert_str_eq(got, "5 -6 ff I -7");
    int n = -1;
    cr_assert_eq(g_snprintf(got, 4, "%s%n", "abcdef", &n), 6);
    cr_assert_str_eq(got, "abc");
    cr_assert_eq(n, 6);
    got[0] = 'k';
    cr_assert_eq(g_snprintf(got, 0, "%d", 12345), 5);
    cr_assert_eq(got[0], 'k');
}
