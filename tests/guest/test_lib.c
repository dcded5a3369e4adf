/* test_lib.c: guest_lib: tables, characters, time, environment and signals of the guest C library. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "glib.h"

void *_thread_ptr(void);
#define GERRNO (*(int *)_thread_ptr())

Test(guest_lib, characters)
{
    static const struct {
        int (*mine)(int), (*host)(int);
    } pairs[] = {{g_isalnum, isalnum}, {g_isalpha, isalpha}, {g_isblank, isblank},
                 {g_iscntrl, iscntrl}, {g_isdigit, isdigit}, {g_isgraph, isgraph},
                 {g_islower, islower}, {g_isprint, isprint}, {g_ispunct, ispunct},
                 {g_isspace, isspace}, {g_isupper, isupper}, {g_isxdigit, isxdigit}};
    for (int c = -1; c < 256; c++) {
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
            cr_assert_eq(!pairs[i].mine(c), !pairs[i].host(c), "function %zu of %d", i, c);
        cr_assert_eq(g_tolower(c), tolower(c));
        cr_assert_eq(g_toupper(c), toupper(c));
    }
}

static int by_first(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

Test(guest_lib, sort_and_search)
{
    uint64_t seed = 3;
    for (int run = 0; run < 2000; run++) {
        struct {
            int key, more[2];
        } a[64] = {0}, b[64], key = {0};
        size_t n = next_random(&seed) % 64;
        int range = 1 + (int)(next_random(&seed) % 100);
        for (size_t i = 0; i < n; i++) {
            a[i].key = (int)(next_random(&seed) % (unsigned)range);
            a[i].more[0] = a[i].more[1] = a[i].key * 3;
        }
        memcpy(b, a, sizeof a);
        g_qsort(a, n, sizeof a[0], by_first);
        qsort(b, n, sizeof b[0], by_first);
        cr_assert(!memcmp(a, b, n * sizeof a[0]));
        for (key.key = 0; key.key < range; key.key++) {
            void *mine = g_bsearch(&key, a, n, sizeof a[0], by_first);
            cr_assert_eq(!mine, !bsearch(&key, b, n, sizeof b[0], by_first));
            if (mine) cr_assert_eq(*(int *)mine, key.key);
        }
    }
}

Test(guest_lib, numbers_to_text)
{
    char s[40];
    cr_assert_str_eq(g_itoa(-2147483647 - 1, s, 10), "-2147483648");
    cr_assert_str_eq(g_itoa(-1, s, 16), "ffffffff");
    cr_assert_str_eq(g_itoa(0, s, 2), "0");
    cr_assert_str_eq(g_itoa(35, s, 36), "z");
    cr_assert_str_eq(g_itoa(35, s, 1), "");
    wchar_t w[8];
    cr_assert_eq(g_mbstowcs(w, "ab\xE4", 8), 3);
    cr_assert(w[2] == 0xE4 && w[3] == 0);
    cr_assert_eq(g_wcstombs(s, w, 2), 2);
    cr_assert_eq(g_wcstombs(NULL, w, 0), 3);
    w[1] = 0x141;
    cr_assert_eq(g_wcstombs(s, w, 8), (size_t)-1);
    cr_assert_eq(GERRNO, 86); /* EILSEQ */
}

/* The guest's struct tm is the first nine ints of the host's. */
static int same_date(const struct tm *a, const struct tm *b)
{
    return !memcmp(a, b, 9 * sizeof(int));
}

Test(guest_lib, dates)
{
    uint64_t seed = 17;
    for (int i = 0; i < 300000; i++) {
        long t = (int32_t)next_random(&seed);
        if (i < 10)
            t = (long[]){0,         -1,        1,         86399,     86400,
                         INT32_MAX, INT32_MIN, 951782399, 951868799, 951868800}[i];
        time_t host = t;
        struct tm *mine = g_gmtime(&t), theirs;
        gmtime_r(&host, &theirs);
        cr_assert(same_date(mine, &theirs), "%ld", t);
        if (i % 50) continue;
        char a[100], b[100];
        static const char format[] =
            "%a %A %b %B %c %C %d %D %e %F %g %G %H %I %j %m %M %p %r %R %S %T %u %U %V "
            "%w %W %x %X %y %Y %%";
        struct tm copy = theirs;
        cr_assert_eq(g_strftime(a, sizeof a, "%D", &copy), strftime(b, sizeof b, "%D", &theirs));
        char la[400], lb[400];
        size_t n = g_strftime(la, sizeof la, format, &copy);
        cr_assert_eq(n, strftime(lb, sizeof lb, format, &theirs));
        cr_assert_str_eq(la, lb);
    }
    char s[8];
    long t = 0;
    cr_assert_eq(g_strftime(s, 5, "%Y", g_gmtime(&t)), 4);
    cr_assert_eq(g_strftime(s, 4, "%Y", g_gmtime(&t)), 0);
    cr_assert_str_eq(g_asctime(g_gmtime(&t)), "Thu Jan  1 00:00:00 1970\n");
}

/* TZ is CET-1 in the test's environment. */
Test(guest_lib, local_time)
{
    long t = 86400 * 365 - 1800;
    struct tm tm = {0};
    memcpy(&tm, g_localtime(&t), 9 * sizeof(int));
    cr_assert(tm.tm_year == 71 && tm.tm_mon == 0 && tm.tm_mday == 1 && tm.tm_hour == 0 &&
              tm.tm_min == 30);
    cr_assert_eq(g_mktime(&tm), t);
    char s[40];
    g_strftime(s, sizeof s, "%z %Z", &tm);
    cr_assert_str_eq(s, "+0100 CET");
    uint64_t seed = 5;
    g_setenv("TZ", "UTC0", 1);
    setenv("TZ", "UTC0", 1);
    for (int i = 0; i < 100000; i++) {
        struct tm a = {.tm_sec = (int)(next_random(&seed) % 20000) - 10000,
                       .tm_min = (int)(next_random(&seed) % 2000) - 1000,
                       .tm_hour = (int)(next_random(&seed) % 2000) - 1000,
                       .tm_mday = (int)(next_random(&seed) % 2000) - 1000,
                       .tm_mon = (int)(next_random(&seed) % 100) - 50,
                       .tm_year = (int)(next_random(&seed) % 60) + 75},
                  b = a;
        time_t host = mktime(&b);
        long mine = g_mktime(&a);
        if (host != (int32_t)host) continue;
        cr_assert_eq(mine, (long)host);
        cr_assert(same_date(&a, &b));
    }
    g_setenv("TZ", "IST-5:30", 1);
    t = 0;
    memcpy(&tm, g_localtime(&t), 9 * sizeof(int));
    cr_assert(tm.tm_hour == 5 && tm.tm_min == 30);
    host_clock(5000000);
    cr_assert_eq(g_time(NULL), 946684805);
    long tv[2];
    int zone[2] = {7, 7};
    cr_assert_eq(g_gettimeofday(tv, zone), 0);
    cr_assert(tv[0] == 946684805 && tv[1] == 0 && zone[0] == -330 && zone[1] == 0);
    cr_assert_eq(g_gettimeofday(tv, NULL), 0);
    tm = (struct tm){.tm_year = 300};
    cr_assert_eq(g_mktime(&tm), -1);
}

Test(guest_lib, environment)
{
    cr_assert_str_eq(g_getenv("PATH"), "a;b");
    cr_assert_null(g_getenv("broken"));
    cr_assert_null(g_getenv("PAT"));
    cr_assert_null(g_getenv("PATH=a"));
    cr_assert_eq(g_setenv("PATH", "c", 0), 0);
    cr_assert_str_eq(g_getenv("PATH"), "a;b");
    cr_assert_eq(g_setenv("PATH", "c", 1), 0);
    cr_assert_str_eq(g_getenv("PATH"), "c");
    cr_assert_eq(g_setenv("A=B", "c", 1), -1);
    static char own[] = "NEW=1";
    cr_assert_eq(g_putenv(own), 0);
    own[4] = '2';
    cr_assert_str_eq(g_getenv("NEW"), "2");
    cr_assert_eq(g_unsetenv("NEW"), 0);
    cr_assert_null(g_getenv("NEW"));
    for (int i = 0; i < 100; i++) {
        char name[8] = {'V', (char)('0' + i / 10), (char)('0' + i % 10), 0};
        cr_assert_eq(g_setenv(name, name, 1), 0);
    }
    cr_assert_str_eq(g_getenv("V57"), "V57");
}

static int handled;
static void handler(int number)
{
    handled += number;
}

Test(guest_lib, signals)
{
    cr_assert_eq(g_signal(8, handler), (void (*)(int))0);
    cr_assert_eq(g_raise(8), 0);
    cr_assert_eq(handled, 8);
    cr_assert_eq(g_signal(8, handler), (void (*)(int))0); /* default again after it ran */
    cr_assert_eq(g_signal(8, (void (*)(int))1), handler);
    cr_assert_eq(g_raise(8), 0);
    cr_assert_eq(handled, 8);
    GERRNO = 0;
    cr_assert_eq(g_raise(11), 0); /* SIGSEGV */
    cr_assert_eq(GERRNO, EDOM);
    cr_assert_eq(g_raise(0), -1);
    cr_assert_eq(GERRNO, EINVAL);
    cr_assert_eq(g_raise(2), 0); /* SIGINT is ignored */
    cr_assert_str_eq(g_strerror(ENOENT), "no such file");
    cr_assert_str_eq(g_strerror(1234), "error 1234");
}
