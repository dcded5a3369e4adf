/* test_text.c: guest_text: string functions against the host's, on random short strings. */
#include <criterion/criterion.h>
#include <string.h>
#include <strings.h>

#include "glib.h"

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void random_text(uint64_t *seed, char *s)
{
    size_t n = next_random(seed) % 8;
    for (size_t i = 0; i < n; i++)
        s[i] = "aAbB\x80"[next_random(seed) % 5];
    s[n] = 0;
}

static ptrdiff_t place(const char *found, const char *in)
{
    return found == NULL ? -1 : found - in;
}

Test(guest_text, compare_and_find)
{
    uint64_t seed = 77;
    for (int i = 0; i < 100000; i++) {
        char a[16], b[16];
        random_text(&seed, a);
        random_text(&seed, b);
        size_t n = next_random(&seed) % 9;
        cr_assert_eq(g_strlen(a), strlen(a));
        cr_assert_eq(sign(g_strcmp(a, b)), sign(strcmp(a, b)), "\"%s\" \"%s\"", a, b);
        cr_assert_eq(sign(g_strncmp(a, b, n)), sign(strncmp(a, b, n)));
        cr_assert_eq(sign(g_strnicmp(a, b, n)), sign(strncasecmp(a, b, n)));
        cr_assert_eq(place(g_strstr(a, b), a), place(strstr(a, b), a));
        cr_assert_eq(g_strcspn(a, b), strcspn(a, b));
        cr_assert_eq(place(g_strchr(a, b[0]), a), place(strchr(a, b[0]), a));
        cr_assert_eq(place(g_strrchr(a, b[0]), a), place(strrchr(a, b[0]), a));
        size_t shorter = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
        cr_assert_eq(sign(g_memcmp(a, b, shorter)), sign(memcmp(a, b, shorter)));
    }
}

Test(guest_text, copy_and_move)
{
    uint64_t seed = 99;
    for (int i = 0; i < 50000; i++) {
        char a[64], b[64], s[16];
        random_text(&seed, s);
        for (unsigned k = 0; k < sizeof a; k++)
            a[k] = b[k] = (char)('0' + k % 10);
        size_t n = next_random(&seed) % 12;
        cr_assert_eq(g_strncpy(a, s, n), a);
        memset(b, 0, n);
        memcpy(b, s, strlen(s) < n ? strlen(s) : n);
        cr_assert_arr_eq(a, b, sizeof a);
        size_t from = next_random(&seed) % 32, to = next_random(&seed) % 32,
               size = next_random(&seed) % 32;
        g_memmove(a + to, a + from, size);
        memmove(b + to, b + from, size);
        cr_assert_arr_eq(a, b, sizeof a);
    }
}

Test(guest_text, tokens)
{
    char text[] = ",one,,two;three,";
    cr_assert_str_eq(g_strtok(text, ",;"), "one");
    cr_assert_str_eq(g_strtok(NULL, ","), "two;three");
    cr_assert_null(g_strtok(NULL, ","));
    cr_assert_null(g_strtok(NULL, ","));
}
