/* Growing text, wrapping, JSON. */
#include <criterion/criterion.h>
#include <string.h>

#include "json.h"

Test(text, grows_and_empties)
{
    struct text t = {0};
    cr_assert_str_eq(text_str(&t), "");
    for (int i = 0; i < 1000; i++)
        text_addf(&t, "%d,", i % 10);
    cr_assert_eq(t.n, 2000);
    cr_assert_not(t.failed);
    text_clear(&t);
    cr_assert_str_eq(text_str(&t), "");
    text_add(&t, "a\nbc");
    cr_assert_eq(text_column(&t), 2);
    text_pad(&t, 5);
    cr_assert_str_eq(text_str(&t), "a\nbc   ");
    text_free(&t);
}

static unsigned widest(const char *s)
{
    unsigned best = 0;
    while (*s) {
        unsigned n = (unsigned)strcspn(s, "\n");
        if (n > best) best = n;
        s += n + (s[n] == '\n');
    }
    return best;
}

Test(text, wraps_at_words)
{
    struct text t = {0};
    text_add(&t, "key  ");
    text_wrap(&t, "one two three four", 5, 14);
    cr_assert_str_eq(text_str(&t), "key  one two\n     three\n     four\n");
    text_free(&t);
}

Test(text, wraps_every_width)
{
    const char *s = "The last byte of the access must not lie beyond the segment's limit; "
                    "averyveryveryveryveryveryverylongwordthatfitsnoline and more.";
    for (unsigned width = 20; width < 90; width++)
        for (unsigned indent = 0; indent < 12; indent++) {
            struct text t = {0};
            text_pad(&t, indent);
            text_wrap(&t, s, indent, width);
            cr_expect_leq(widest(text_str(&t)), width, "width %u indent %u", width, indent);
            size_t letters = 0, want = 0;
            for (const char *p = text_str(&t); *p; p++)
                letters += *p != ' ' && *p != '\n';
            for (const char *p = s; *p; p++)
                want += *p != ' ';
            cr_expect_eq(letters, want, "nothing is lost");
            text_free(&t);
        }
}

Test(text, wraps_nothing)
{
    struct text t = {0};
    text_wrap(&t, "  ", 4, 20);
    cr_assert_str_eq(text_str(&t), "\n");
    text_free(&t);
}

static void json_of(const char *bytes, size_t n, const char *want)
{
    struct text t = {0};
    struct json j = {.to = &t};
    json_strn(&j, NULL, bytes, n);
    cr_expect_str_eq(text_str(&t), want);
    text_free(&t);
}

Test(json, escapes)
{
    json_of("a\"b\\c\n\r\t\x01\x7f\0z", 12, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\\u0000z\"");
}

Test(json, utf8_passes_and_other_bytes_are_seen)
{
    static const char good[] = "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80";
    json_of(good, sizeof good - 1, "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"");
    json_of("\xff\xc3", 2, "\"\\\\xff\\\\xc3\"");   /* nothing, and cut off */
    json_of("\xc3(\xa4", 3, "\"\\\\xc3(\\\\xa4\""); /* torn apart */
    json_of("\xc0\xaf\xe0\x80\xaf", 5, "\"\\\\xc0\\\\xaf\\\\xe0\\\\x80\\\\xaf\""); /* too long */
    json_of("\xed\xa0\x80", 3, "\"\\\\xed\\\\xa0\\\\x80\"");            /* half of a pair */
    json_of("\xf4\x90\x80\x80", 4, "\"\\\\xf4\\\\x90\\\\x80\\\\x80\""); /* beyond 10FFFF */
    json_of("\xc2\x9b"
            "31m",
            5, "\"\\u009b31m\"");                     /* a terminal would obey it */
    json_of("\xe2\x82\xac", 2, "\"\\\\xe2\\\\x82\""); /* what is behind the end is not looked at */
}

Test(text, a_character_that_is_not_whole)
{
    static const struct {
        const char *s;
        size_t n, whole;
    } cases[] = {{"", 0, 0},
                 {"ab", 2, 2},
                 {"a\xc3", 2, 1},
                 {"a\xc3\xa4", 3, 3},
                 {"\xe2\x82", 2, 0},
                 {"\xf0\x9f\x98", 3, 0},
                 {"x\xf0\x9f\x98\x80", 5, 5},
                 {"\x80\x80\x80\x80", 4, 4}, /* nothing will make these whole */
                 {"\xff", 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(text_whole(cases[i].s, cases[i].n), cases[i].whole, "case %zu", i);
    struct text t = {0};
    text_add(&t, "abcd");
    text_drop(&t, 3);
    cr_expect_str_eq(text_str(&t), "d");
    text_drop(&t, 9);
    cr_expect_str_eq(text_str(&t), "");
    text_free(&t);
}

static void markup_of(const char *bytes, size_t n, const char *want)
{
    struct text t = {0};
    text_markup(&t, bytes, n);
    cr_expect_str_eq(text_str(&t), want);
    text_free(&t);
}

Test(text, markup)
{
    markup_of("<a href=\"x\">&amp;</a>", 21, "&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;");
    markup_of("\t1\n\0\x1b[2J\x7f\xc2\x9b"
              "2",
              13, "\t1\n[2J2");
    markup_of("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    markup_of("\xff<\xc3", 3, "\xef\xbf\xbd&lt;\xef\xbf\xbd");
    markup_of("\xc0\xbc\xed\xa0\x80", 5,
              "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    markup_of("\xef\xbf\xbe", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* XML has no U+FFFE */
    markup_of("\xe2\x82\xac", 2, "\xef\xbf\xbd\xef\xbf\xbd");
    markup_of("", 0, "");
}

Test(json, nests_in_order)
{
    struct text t = {0};
    struct json j = {.to = &t};
    json_open(&j, NULL, '{');
    json_str(&j, "s", NULL);
    json_open(&j, "list", '[');
    json_num(&j, NULL, 18446744073709551615u);
    json_bool(&j, NULL, true);
    json_open(&j, NULL, '{');
    json_close(&j, '}');
    json_close(&j, ']');
    json_hex(&j, "at", 0xabc, 8);
    json_bytes(&j, "b", (const uint8_t[]){0, 0xff}, 2);
    json_real(&j, "r", 0.5);
    json_close(&j, '}');
    cr_assert_str_eq(text_str(&t), "{\"s\":\"\",\"list\":[18446744073709551615,true,{}],"
                                   "\"at\":\"0x00000abc\",\"b\":\"00 ff\",\"r\":0.500}");
    text_free(&t);
}

Test(text, utf8_characters)
{
    static const struct {
        const char *s;
        unsigned length;
    } cases[] = {{"a", 1},
                 {"\xc3\xa9", 2},
                 {"\xe2\x80\x8c", 3},
                 {"\xf0\x9f\x98\x80", 4},
                 {"\x80", 0},
                 {"\xe9", 0},
                 {"\xc3", 0},
                 {"\xc3z", 0},
                 {"\xc0\xaf", 0},
                 {"\xe0\x80\x80", 0},
                 {"\xed\xa0\x80", 0},
                 {"\xef\xbf\xbf", 0},
                 {"\xf4\x90\x80\x80", 0},
                 {"\xff", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(text_utf8(cases[i].s, strlen(cases[i].s)), cases[i].length, "case %zu", i);
    cr_expect_eq(text_utf8("\xe2\x80\x8c", 2), 0, "cut");
}

Test(text, a_line_by_its_number)
{
    const char *s = "one\n\nthree";
    cr_expect_eq(text_line_at(s, 10, 1), s);
    cr_expect_eq(text_line_at(s, 10, 2), s + 4);
    cr_expect_eq(text_line_at(s, 10, 3), s + 5);
    cr_expect_null(text_line_at(s, 10, 4));
    cr_expect_null(text_line_at(s, 10, 0));
    cr_expect_null(text_line_at(s, 5, 3), "it begins behind the end");
    cr_expect_null(text_line_at("", 0, 1));
}
