/* test_parse.c: guest_parse: strtod, strtof, strtol's family and sscanf against the host's. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clib.h"
#include "glib.h"

static void same_double(const char *text)
{
    char *end, *gend;
    double value = strtod(text, &end), mine = g_strtod(text, &gend);
    float fvalue = strtof(text, NULL), fmine = g_strtof(text, &gend);
    cr_assert(!memcmp(&value, &mine, sizeof value), "%s: %.17g, got %.17g", text, value, mine);
    cr_assert(!memcmp(&fvalue, &fmine, sizeof fvalue), "%s: %.9g, got %.9g", text, (double)fvalue,
              (double)fmine);
    cr_assert(end == gend, "%s: ends at %d, got %d", text, (int)(end - text), (int)(gend - text));
}

Test(guest_parse, double_corners)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "  +1.5x",
        ".5",
        "5.",
        ".",
        "-",
        "e5",
        "1e",
        "1e+",
        "1e5",
        "1E-5",
        "inf",
        "-Infinity",
        "infin",
        "1e308",
        "1.8e308",
        "1e309",
        "-1e400",
        "1e-320",
        "4.9e-324",
        "2.4703282292062328e-324",
        "2.4703282292062327e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "9007199254740993",
        "9007199254740992.5",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "0x1p3",
        "0x1.8p-1",
        "0x",
        "0x.8",
        "0x1.fffffffffffff8p0",
        "0x1.fffffffffffff7p0",
        "0xFFFFFFFFFFFFFFFFFFp-10",
        "0x1p-1074",
        "0x1p-1075",
        "0x1.8p-1075",
        "0x1p1024",
        "16777217",
        "16777219",
        "3.4028235677973366e38",
        "1e999999999999",
        "1e-999999999999",
        "0e99999",
        "0000000001.5",
        "0.000000000000000000000000000000000000000000000000000000000001",
        "1.4e-45",
        "7e-46",
        "7.1e-46",
        "nothing",
        ""};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        same_double(texts[i]);
}

Test(guest_parse, doubles_round_trip)
{
    uint64_t seed = 0x9876543210;
    char text[900];
    for (int i = 0; i < 150000; i++) {
        uint64_t bits = next_random(&seed);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isnan(value)) continue;
        sprintf(text, "%.*e", (int)(next_random(&seed) % 25), value);
        same_double(text);
    }
}

/* Exactly half way between two doubles, and a digit more or less at the far end. */
Test(guest_parse, doubles_half_way)
{
    uint64_t seed = 0x5555AAAA5555;
    char text[1300];
    for (int i = 0; i < 3000; i++) {
        uint64_t bits = next_random(&seed) & 0x7FFFFFFFFFFFFFFF;
        double low;
        if (bits >> 52 >= 0x7FE) continue;
        if (i % 3 == 0) bits &= 0xFFFFFFFFFFFFFull; /* denormal */
        memcpy(&low, &bits, sizeof low);
        bits++;
        long double half = (long double)low;
        double high;
        memcpy(&high, &bits, sizeof high);
        half = half / 2 + (long double)high / 2;
        int n = snprintf(text, sizeof text, "%.800Le", half);
        same_double(text);
        char *e = strchr(text, 'e');
        cr_assert(n > 0 && e != NULL);
        e[-1] = '1';
        same_double(text);
    }
}

Test(guest_parse, decimal_digits)
{
    uint64_t seed = 0x13579BDF;
    char text[64];
    for (int i = 0; i < 150000; i++) {
        int digits = 1 + (int)(next_random(&seed) % 20);
        uint64_t number = next_random(&seed);
        sprintf(text, "%.*se%d", digits, "", (int)(next_random(&seed) % 80) - 40);
        snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)(number >> (digits * 3)),
                 (unsigned long long)(next_random(&seed) >> 20),
                 (int)(next_random(&seed) % 700) - 350);
        same_double(text);
    }
}

Test(guest_parse, integers)
{
    static const char *const texts[] = {"0",
                                        "-1",
                                        "+7",
                                        " \t42x",
                                        "0x1F",
                                        "0xg",
                                        "0x",
                                        "077",
                                        "08",
                                        "zz",
                                        "-",
                                        "",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "99999999999999999999999",
                                        "-9223372036854775808",
                                        "0xFFFFFFFFFFFFFFFF",
                                        "-0x10",
                                        "ZZ",
                                        "2147483648"};
    static const int bases[] = {0, 2, 8, 10, 16, 36};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t b = 0; b < sizeof bases / sizeof bases[0]; b++) {
            char *end;
            errno = 0;
            unsigned long long value = strtoull(texts[i], &end, bases[b]);
            struct num_result r = num_parse(texts[i], bases[b]);
            cr_assert_eq(r.overflow, errno == ERANGE, "%s base %d", texts[i], bases[b]);
            if (!r.overflow)
                cr_assert_eq(r.negative ? 0 - r.magnitude : r.magnitude, value, "%s base %d",
                             texts[i], bases[b]);
            cr_assert(r.end == end, "%s base %d ends at %d, got %d", texts[i], bases[b],
                      (int)(end - texts[i]), (int)(r.end - texts[i]));
        }
}

#define SCAN(text, format)                                                                         \
    do {                                                                                           \
        memset(a, 0, sizeof a);                                                                    \
        memset(b, 0, sizeof b);                                                                    \
        int n = sscanf(text, format, a[0], a[1], a[2], a[3]);                                      \
        int m = g_sscanf(text, format, b[0], b[1], b[2], b[3]);                                    \
        cr_assert(n == m, "%s / %s: %d, got %d", text, format, n, m);                              \
        cr_assert(!memcmp(a, b, sizeof a), "%s / %s: values differ", text, format);                \
    } while (0)

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
Test(guest_parse, scan)
{
    char a[4][64], b[4][64];
    SCAN("12 -34 0x1F 77", "%d %i %x %o");
    SCAN("12 34", "%d %d %d");
    SCAN("", "%d");
    SCAN("   ", "%d");
    SCAN("x", "%d");
    SCAN("12,34", "%d,%d");
    SCAN("12;34", "%d,%d");
    SCAN("hello world", "%s %s");
    SCAN("hello", "%3s%s");
    SCAN("abc123", "%[a-z]%d");
    SCAN("abc123", "%[^0-9]%d");
    SCAN("]x", "%[]]%c");
    SCAN("abcd", "%2c%c");
    SCAN("a b", "%c%c%c");
    SCAN("3.5 -2e3 7", "%lf %f %lf");
    SCAN("12345678", "%3d%2d%d");
    SCAN("1 2 3", "%*d %d %n");
    SCAN("50%", "%d%%%n");
    SCAN("9999999999 -5", "%lld %hd");
    SCAN("300 300", "%hhd %hhu");
    SCAN("0x", "%x");
    SCAN("-0x1f", "%i");
    SCAN("1.5abc", "%3lf%s");
}
