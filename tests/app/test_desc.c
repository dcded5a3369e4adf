/* Descriptors: spellings that are read, the picture, the fields. */
#include <criterion/criterion.h>
#include <string.h>

#include "desc_text.h"

static const uint8_t want[8] = {0xff, 0x0f, 0x00, 0x40, 0x01, 0xf2, 0x40, 0x00};

Test(desc, spellings)
{
    static const struct {
        int n;
        char *word[8];
    } cases[] = {
        {8, {"ff", "0f", "00", "40", "01", "f2", "40", "00"}},
        {1, {"ff0f004001f24000"}},
        {1, {"ff 0f 00 40 01 f2 40 00"}},
        {1, {"FF,0F,00,40,01,F2,40,00"}},
        {8, {"0xff,", "0xf,", "0x0,", "0x40,", "1h", "0f2h", "40", "0"}},
        {1, {"0040f201:40000fff"}},
        {2, {"0x0040f201", "0x40000fff"}},
        {2, {"40f201", "40000fff"}},
        {1, {"0x0040f20140000fff"}},
        {1, {"0x0040_f201_4000_0fff"}},
        {4, {"0fff", "4000", "f201", "0040"}},
        {1, {"{ 0xff, 0x0f, 0x00, 0x40, 0x01, 0xf2, 0x40, 0x00 }"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[8] = {0};
        char err[200] = "";
        const char *how = NULL;
        cr_expect(desc_parse(cases[i].n, cases[i].word, bytes, &how, err, sizeof err), "%zu: %s", i,
                  err);
        cr_expect_arr_eq(bytes, want, 8, "case %zu", i);
        cr_expect_not_null(how);
    }
}

Test(desc, what_is_refused)
{
    static const struct {
        int n;
        char *word[9];
    } cases[] = {
        {0, {0}},
        {1, {""}},
        {1, {"xyz"}},
        {1, {"0x"}},
        {1, {"ff0f0040"}},
        {1, {"ff0f004001f2400011"}},
        {3, {"1", "2", "3"}},
        {8, {"100", "0", "0", "0", "0", "0", "0", "0"}},
        {9, {"1", "2", "3", "4", "5", "6", "7", "8", "9"}},
        {2, {"123456789", "0"}},
        {4, {"12345", "0", "0", "0"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[8];
        char err[200] = "";
        const char *how;
        cr_expect_not(desc_parse(cases[i].n, cases[i].word, bytes, &how, err, sizeof err), "%zu",
                      i);
        cr_expect(strlen(err) > 10, "case %zu says why", i);
    }
}

/* Every kind of descriptor prints, within the page, and with the right numbers. */
Test(desc, pages_of_all_access_bytes)
{
    for (unsigned access = 0; access < 256; access++) {
        uint8_t bytes[8] = {0xff, 0x0f, 0x34, 0x12, 0x56, (uint8_t)access, 0xcf, 0x78};
        rt386_desc d = rt386_desc_decode(bytes);
        struct text t = {0};
        desc_picture(&t, &d);
        desc_fields(&t, &d);
        for (const char *s = text_str(&t); *s; s += strcspn(s, "\n") + 1)
            cr_expect_leq(strcspn(s, "\n"), TEXT_WIDTH, "access %02x: %.90s", access, s);
        cr_expect(strstr(text_str(&t), "1234"), "access %02x", access);
        text_free(&t);
    }
}

/* No field under a name that the kind does not have: a task gate has no offset, only call gates have a count. */
Test(desc, unused_bits_have_no_field_s_name)
{
    static const struct {
        unsigned offsets; /* halves of one */
        bool count, unused;
    } has[16] = {[0] = {0, false, true},  [4] = {1, true, true},   [5] = {0, false, true},
                 [6] = {1, false, true},  [7] = {1, false, true},  [8] = {0, false, true},
                 [10] = {0, false, true}, [12] = {2, true, false}, [13] = {0, false, true},
                 [14] = {2, false, true}, [15] = {2, false, true}};
    for (unsigned type = 0; type < 16; type++) {
        uint8_t bytes[8] = {0xff, 0x0f, 0x34, 0x12, 0x1f, (uint8_t)(0x80 | type), 0xcf, 0x78};
        rt386_desc d = rt386_desc_decode(bytes);
        struct text t = {0};
        desc_picture(&t, &d);
        const char *s = text_str(&t);
        bool high = strstr(s, "offset 31..16"), low = strstr(s, "offset 15..0");
        cr_expect_eq(high + low, (int)has[type].offsets, "type %x:\n%s", type, s);
        cr_expect_eq(strstr(s, "count") != NULL, has[type].count, "type %x:\n%s", type, s);
        cr_expect_eq(strstr(s, "unused") != NULL, has[type].unused, "type %x:\n%s", type, s);
        cr_expect_null(strstr(s, "D/B"), "no system descriptor has one");
        text_free(&t);
    }
}

Test(desc, words)
{
    rt386_desc d = rt386_desc_decode(want);
    struct text t = {0};
    desc_words(&t, &d);
    cr_assert_str_eq(text_str(&t), "ff 0f 00 40 01 f2 40 00  0x0040f201 0x40000fff");
    text_free(&t);
}

Test(desc, fields_of_a_memory_handle)
{
    rt386_desc d = rt386_desc_decode(want);
    struct text t = {0};
    desc_fields(&t, &d);
    const char *s = text_str(&t);
    cr_assert(strstr(s, "base  = 0x00014000"));
    cr_assert(strstr(s, "limit = 0x00fff     G=0"));
    cr_assert(strstr(s, "valid offsets: 0x00000000..0x00000fff, 4096 bytes"));
    text_free(&t);
}

Test(desc, fields_of_an_expand_down_segment)
{
    static const uint8_t down[8] = {0xff, 0x0f, 0, 0, 0, 0x96, 0x40, 0};
    rt386_desc d = rt386_desc_decode(down);
    struct text t = {0};
    desc_fields(&t, &d);
    cr_assert(strstr(text_str(&t), "valid offsets: 0x00001000..0xffffffff"), "%s", text_str(&t));
    text_free(&t);
}
