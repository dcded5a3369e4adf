/* Descriptor images: fields, predicates over all access bytes, makers, shadows, words. */
#include <criterion/criterion.h>

#include "rows.h"

/* What a type is, as a table of the manual: figure 5-3, table 6-1. */
enum what { RESERVED, TSS, LDT, GATE, DATA, CODE };
struct type_row {
    enum what what;
    bool busy, is32, writable, readable, down, conforming;
};
static const struct type_row sys_types[16] = {
    [1] = {TSS},
    [2] = {LDT},
    [3] = {TSS, .busy = true},
    [4] = {GATE},
    [5] = {GATE},
    [6] = {GATE},
    [7] = {GATE},
    [9] = {TSS, .is32 = true},
    [11] = {TSS, .busy = true, .is32 = true},
    [12] = {GATE, .is32 = true},
    [14] = {GATE, .is32 = true},
    [15] = {GATE, .is32 = true},
};
/* Types of S = 1, without the accessed bit. */
static const struct type_row app_types[8] = {
    {DATA, .readable = true},
    {DATA, .readable = true, .writable = true},
    {DATA, .readable = true, .down = true},
    {DATA, .readable = true, .writable = true, .down = true},
    {CODE},
    {CODE, .readable = true},
    {CODE, .conforming = true},
    {CODE, .readable = true, .conforming = true},
};

Test(desc, predicates_of_all_access_bytes)
{
    for (unsigned access = 0; access < 256; access++) {
        bool s = access & 0x10;
        struct type_row t = s ? app_types[(access & 0xf) >> 1] : sys_types[access & 0xf];
        /* Everything but the access byte is noise. */
        desc_t d = {UINT64_C(0xa5c3005a3c96e178) | (uint64_t)access << 40};
        cr_expect_eq(desc_access(d), access);
        cr_expect_eq(desc_is_code(d), t.what == CODE, "%02x", access);
        cr_expect_eq(desc_is_data(d), t.what == DATA, "%02x", access);
        cr_expect_eq(desc_is_conforming(d), t.conforming, "%02x", access);
        cr_expect_eq(desc_is_readable(d), t.readable, "%02x", access);
        cr_expect_eq(desc_is_writable(d), t.writable, "%02x", access);
        cr_expect_eq(desc_is_expand_down(d), t.down, "%02x", access);
        cr_expect_eq(desc_is_tss(d), t.what == TSS, "%02x", access);
        cr_expect_eq(desc_is_tss_available(d), t.what == TSS && !t.busy, "%02x", access);
        cr_expect_eq(desc_is_tss32(d), t.what == TSS && t.is32, "%02x", access);
        cr_expect_eq(desc_is_call_gate(d), !s && ((access & 0xf) == 4 || (access & 0xf) == 12));
        cr_expect_eq(desc_present(d), access >= 0x80, "%02x", access);
        cr_expect_eq(desc_dpl(d), (access & 0x60) / 0x20, "%02x", access);
        for (unsigned type = 0; type < 16; type++)
            cr_expect_eq(desc_is_system(d, (enum sys_type)type), !s && (access & 0xf) == type);
    }
}

Test(desc, accessed_and_busy_change_one_bit)
{
    for (unsigned access = 0; access < 256; access++) {
        desc_t d = {UINT64_C(0x5a3c005a3c96e178) | (uint64_t)access << 40};
        bool s = access & 0x10, tss = !s && sys_types[access & 0xf].what == TSS;
        uint64_t a = UINT64_C(1) << 40, b = UINT64_C(2) << 40;
        cr_expect_eq(desc_with_accessed(d).raw, s ? d.raw | a : d.raw, "%02x", access);
        cr_expect_eq(desc_with_busy(d, true).raw, tss ? d.raw | b : d.raw, "%02x", access);
        cr_expect_eq(desc_with_busy(d, false).raw, tss ? d.raw & ~b : d.raw, "%02x", access);
    }
}

Test(desc, fields_by_hand)
{
    /* base 87654321, limit field 9ABCD, G and AVL, access F3 */
    desc_t d = {UINT64_C(0x8799f3654321abcd)};
    cr_expect_eq(desc_base(d), 0x87654321u);
    cr_expect_eq(desc_limit_field(d), 0x9abcdu);
    cr_expect_eq(desc_limit(d), 0x9abcdfffu);
    cr_expect_eq(desc_flags(d), FLG_G | FLG_AVL);
    cr_expect_eq(desc_dpl(d), 3);
    desc_t bytes = {UINT64_C(0x8719f3654321abcd)};
    cr_expect_eq(desc_limit(bytes), 0x9abcdu);
}

Test(desc, make_gives_back_what_went_in)
{
    static const uint32_t bases[] = {0,        1,         0xffff,     0x10000,
                                     0xffffff, 0x1000000, 0xdeadbeef, 0xffffffff};
    static const struct {
        uint32_t limit;
        bool granular;
    } limits[] = {{0, false},       {1, false},          {0xffff, false},    {0x10000, false},
                  {0xfffff, false}, {0x100fff, false},   {0xfff, true},      {0x1fff, true},
                  {0xfffff, true},  {0xffffffff, false}, {0xffffffff, true}, {0x12345fff, false}};
    for (unsigned b = 0; b < 8; b++)
        for (unsigned l = 0; l < 12; l++)
            for (unsigned access = 0; access < 256; access++)
                for (unsigned db = 0; db < 2; db++) {
                    desc_t d = desc_make(bases[b], limits[l].limit, (uint8_t)access, db,
                                         limits[l].granular);
                    bool g = limits[l].granular || limits[l].limit > 0xfffff;
                    uint32_t field = g ? limits[l].limit >> 12 : limits[l].limit;
                    uint8_t flags = (uint8_t)((g ? 8 : 0) | (db ? 4 : 0));
                    cr_assert_eq(d.raw, image(bases[b], field, (uint8_t)access, flags).raw);
                    cr_assert_eq(desc_base(d), bases[b]);
                    cr_assert_eq(desc_limit(d), limits[l].limit);
                }
}

Test(desc, gates)
{
    desc_t d = desc_make_gate(SYS_CALL32, 0x1234, 0xdeadbeef, 3, 0x1f);
    cr_expect_eq(d.raw, UINT64_C(0xdeadec1f1234beef));
    struct gate g = desc_gate(d);
    cr_expect(g.selector == 0x1234 && g.offset == 0xdeadbeef && g.type == SYS_CALL32);
    cr_expect(g.count == 31 && g.dpl == 3 && g.present && g.is32);
    /* A 286 gate has no upper half, even when the bytes are there. */
    g = desc_gate((desc_t){UINT64_C(0xdead84e21234beef)});
    cr_expect(g.offset == 0xbeef && g.type == SYS_CALL16 && !g.is32 && g.count == 2);
    for (unsigned type = 0; type < 16; type++) {
        g = desc_gate((desc_t){UINT64_C(0xdead00ff5678beef) | (uint64_t)type << 40});
        cr_expect_eq(g.offset, type >= 8 ? 0xdeadbeefu : 0xbeefu, "type %u", type);
        cr_expect(g.selector == 0x5678 && g.count == 31 && !g.present && g.dpl == 0);
    }
    cr_expect_eq(desc_gate(desc_make_gate(SYS_INT16, 8, 0x12345678, 0, 0)).offset, 0x5678);
}

static void expect_bounds(desc_t d, uint32_t lo, uint32_t hi)
{
    struct shadow sh = shadow_of(d);
    cr_expect(sh.lo == lo && sh.hi == hi, "%016lx: %x..%x, want %x..%x", (unsigned long)d.raw,
              sh.lo, sh.hi, lo, hi);
    cr_expect(sh.usable == 1 && sh.pad == 0);
}

Test(desc, shadow_bounds)
{
    expect_bounds(image(0, 0xfff, 0x92, 0), 0, 0xfff);
    expect_bounds(image(0, 0, 0x92, FLG_G), 0, 0xfff);
    expect_bounds(image(0, 0xfffff, 0x92, FLG_G | FLG_DB), 0, 0xffffffff);
    expect_bounds(image(0, 0xfff, 0x96, 0), 0x1000, 0xffff);
    expect_bounds(image(0, 0xfff, 0x96, FLG_DB), 0x1000, 0xffffffff);
    expect_bounds(image(0, 0xfff, 0x97, FLG_DB), 0x1000, 0xffffffff); /* accessed: same type */
    expect_bounds(image(0, 0, 0x94, 0), 1, 0xffff);
    expect_bounds(image(0, 1, 0x96, FLG_G | FLG_DB), 0x2000, 0xffffffff);
    /* Conforming code has the same bit as expand-down. */
    expect_bounds(image(0, 0xfff, 0x9e, 0), 0, 0xfff);
    expect_bounds(image(0, 0x67, 0x8b, 0), 0, 0x67);
    struct shadow none = shadow_of(image(0, 0xfffff, 0x96, FLG_G));
    cr_expect_gt(none.lo, none.hi);
    none = shadow_of(image(0, 0xffff, 0x96, 0));
    cr_expect_gt(none.lo, none.hi);
}

Test(desc, shadow_null_real_v86)
{
    struct shadow null = shadow_null();
    cr_expect(!null.usable && null.lo == 0xffffffff && null.hi == 0 && null.limit == 0);

    struct shadow big = shadow_of(image(0, 0xfffff, 0x93, FLG_G | FLG_DB));
    struct shadow real = shadow_real(big, 0xf000);
    cr_expect(real.base == 0xf0000 && real.limit == 0xffffffff && real.hi == 0xffffffff);
    cr_expect(real.access == 0x93 && real.flags == (FLG_G | FLG_DB) && real.usable);
    /* Code becomes something that real-mode programs can write. */
    real = shadow_real(shadow_of(image(0, 0xffff, 0x9a, 0)), 0x0100);
    cr_expect(real.base == 0x1000 && real.access == 0x93 && real.hi == 0xffff);
    real = shadow_real(null, 0x0040);
    cr_expect(real.base == 0x400 && real.usable && real.lo == 0 && real.hi == 0xffff);
    cr_expect_eq(real.access, 0x93);

    struct shadow v86 = shadow_v86(0xffff);
    cr_expect(v86.base == 0xffff0 && v86.limit == 0xffff && v86.lo == 0 && v86.hi == 0xffff);
    cr_expect(v86.access == 0xf3 && v86.flags == 0 && v86.usable && shadow_dpl(&v86) == 3);
    cr_expect(!shadow_big(&v86) && shadow_big(&big));
}

static void expect_words(desc_t d, const char *want)
{
    char text[120];
    cr_expect_str_eq(desc_describe(d, text, sizeof text), want);
}

Test(desc, words)
{
    expect_words(image(0, 0xfff, 0xf2, FLG_DB), "data, writable, expand-up, 32-bit, DPL 3");
    expect_words(image(0, 0, 0x14, 0), "data, read-only, expand-down, 16-bit, DPL 0, not present");
    expect_words(image(0, 0, 0x9e, FLG_DB), "code, readable, conforming, 32-bit, DPL 0");
    expect_words(image(0, 0, 0xb8, 0), "code, execute-only, nonconforming, 16-bit, DPL 1");
    expect_words(image(0, 0, 0x8b, 0), "386 TSS, busy, DPL 0");
    expect_words(image(0, 0, 0x82, 0), "LDT, DPL 0");
    expect_words(desc_make_gate(SYS_CALL32, 8, 0x1000, 3, 1),
                 "386 call gate to 0008:00001000, 1 parameter, DPL 3");
    expect_words(desc_make_gate(SYS_TASK_GATE, 0x40, 0, 0, 0), "task gate to TSS 0040, DPL 0");
    expect_words(desc_make_gate(SYS_TRAP16, 8, 0x1234, 0, 0),
                 "286 trap gate to 0008:00001234, DPL 0");
    expect_words((desc_t){0}, "empty");
    expect_words(image(0, 0, 0x8d, 0), "reserved type 13, DPL 0");
}

Test(desc, words_are_cut_not_overrun)
{
    char text[8];
    memset(text, 'x', sizeof text);
    desc_describe(image(0, 0, 0x92, 0), text, 5);
    cr_expect_str_eq(text, "data");
    cr_expect_eq(text[5], 'x');
}
