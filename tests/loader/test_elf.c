#include <criterion/criterion.h>
#include <string.h>

#include "bits.h"
#include "build.h"

Test(elf, good_program_is_read_whole)
{
    struct bytes f;
    build_elf(&f);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    const struct image *m = v.image;
    cr_assert(m, "%s", v.err);
    cr_assert_eq(m->kind, IMAGE_ELF);
    cr_assert_eq(m->entry, ELF_BASE + ELF_TEXT + 0x10);
    cr_assert_eq(m->segment_count, 2);
    cr_assert_eq(m->segments[0].vaddr, ELF_BASE + ELF_TEXT);
    cr_assert_eq(m->segments[0].bytes - m->file, ELF_TEXT);
    cr_assert(m->segments[0].executable && !m->segments[0].writable);
    cr_assert_eq(m->segments[1].file_size, 0x20);
    cr_assert_eq(m->segments[1].mem_size, 0x100);
    cr_assert(m->segments[1].writable && !m->segments[1].executable);
    cr_assert(m->intime);
    cr_assert_eq(m->symbol_count, 3);
    cr_assert_str_eq(m->symbols[0].name, "_start");
    cr_assert_str_eq(m->symbols[1].name, "loop");
    cr_assert_str_eq(m->symbols[2].name, "counter");
    verdict_free(&v);
}

Test(elf, note_name_must_match_whole)
{
    static const struct {
        uint32_t name_size;
        const char *name;
        bool intime;
    } rows[] = {{7, "INtime", true},           {6, "INtime", true},          {7, "INtimeX", false},
                {7, "INtame", false},          {8, "INtime", false},         {5, "INtim", false},
                {0xffffffff, "INtime", false}, {0xfffffffd, "INtime", false}};
    struct bytes f;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        build_elf(&f);
        put32(f.b + ELF_NOTE, rows[i].name_size);
        memcpy(f.b + ELF_NOTE + 12, rows[i].name, strlen(rows[i].name));
        struct verdict v = check_parse(f.b, f.n, IMAGE_ELF);
        cr_assert(v.image, "%s", v.err);
        cr_expect_eq(v.image->intime, rows[i].intime, "row %zu", i);
        verdict_free(&v);
    }
}

Test(elf, note_section_without_segment_counts)
{
    struct bytes f;
    build_elf(&f);
    put32(f.b + ELF_PHDR + 64, 0); /* PT_NULL */
    struct verdict v = check_parse(f.b, f.n, IMAGE_ELF);
    cr_assert(v.image && v.image->intime);
    verdict_free(&v);
}

Test(elf, note_at_the_files_end)
{
    struct bytes f;
    for (uint32_t cut = 0; cut < 9; cut++) {
        build_elf(&f);
        put32(f.b + 0x20, 0);
        put32(f.b + ELF_NOTE + 4, 0);
        put32(f.b + ELF_PHDR + 64 + 16, 20 - cut);
        put32(f.b + ELF_PHDR + 64 + 20, 20 - cut);
        f.n = ELF_NOTE + 20 - cut;
        struct verdict v = check_parse(f.b, f.n, IMAGE_ELF);
        cr_assert(v.image, "%s", v.err);
        cr_expect_eq(v.image->intime, cut <= 1, "%u bytes cut", cut);
        verdict_free(&v);
    }
}

Test(elf, name_past_the_strings_is_left_out)
{
    struct bytes f;
    build_elf(&f);
    f.b[ELF_STRS + 24] = 'x';
    put32(f.b + ELF_SYMS + 16, 24);
    struct verdict v = check_parse(f.b, f.n, IMAGE_ELF);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->symbol_count, 2);
    verdict_free(&v);
}

/* A field set to a value, and what the sentence must say. */
struct spoil {
    uint32_t at;
    unsigned size;
    uint32_t value;
    const char *text;
};

static const struct spoil spoils[] = {
    {4, 1, 2, "64-bit ELF file"},
    {4, 1, 3, "ELF class at offset 4 is 3"},
    {5, 1, 2, "byte order at offset 5 is 2"},
    {6, 1, 0, "ELF version"},
    {0x10, 2, 0, "ELF type at offset 0x10 is 0"},
    {0x10, 2, 1, "object file"},
    {0x10, 2, 3, "-static -no-pie"},
    {0x10, 2, 4, "core dump"},
    {0x12, 2, 62, "for x86-64 (machine 62"},
    {0x12, 2, 40, "for ARM (machine 40"},
    {0x12, 2, 6, "Intel 486"},
    {0x12, 2, 20, "for PowerPC"},
    {0x12, 2, 183, "for ARM64"},
    {0x12, 2, 243, "for RISC-V"},
    {0x12, 2, 0, "for another processor"},
    {0x18, 4, 0, "entry point 0x0 lies in no loaded segment"},
    {0x1c, 4, 0, "no program headers"},
    {0x1c, 4, 0x10000, "program header table at file offset 0x10000"},
    {0x1c, 4, 0xffffffe0, "reaches 0x100000040"},
    {0x20, 4, 0x280, "section header table at file offset 0x280 reaches 0x320 but the file ends"},
    {0x2a, 2, 31, "not 52 and 32"},
    {0x2c, 2, 0xffff, "more than 65534 program headers"},
    {0x2c, 2, 0xfffe, "the file is cut off"},
    {0x2e, 2, 41, "section header size at offset 0x2e is 41"},
    {ELF_PHDR, 4, 3, "needs the dynamic linker"},
    {ELF_PHDR + 4, 4, 0x280, "segment load0 at file offset 0x280 reaches 0x2c0"},
    {ELF_PHDR + 4, 4, 0xffffffff, "segment load0 at file offset 0xffffffff"},
    {ELF_PHDR + 8, 4, 0xffffffe0, "reaches past 4 GB"},
    {ELF_PHDR + 12, 4, 0xffffffe0, "reaches past 4 GB"},
    {ELF_PHDR + 16, 4, 0x41, "0x41 bytes in the file but only 0x40 in memory"},
    {ELF_PHDR + 20, 4, 0x3f, "only 0x3f in memory"},
    {ELF_PHDR + 20, 4, 0x40000000, "overlap in memory"},
    {ELF_PHDR + 32 + 8, 4, ELF_BASE + ELF_TEXT + 0x3f,
     "segments load0 (0x8048100) and load1 (0x804813f) overlap"},
    {ELF_PHDR + 32 + 20, 4, 0x40000000, "more than 1 GB"},
    {ELF_SHDR + 40 + 16, 4, 0x2a0, "symbol table at file offset 0x2a0"},
    {ELF_SHDR + 40 + 24, 4, 1, "names section 1 as its strings"},
    {ELF_SHDR + 40 + 24, 4, 9, "names section 9 as its strings"},
    {ELF_SHDR + 80 + 20, 4, 10, "does not end with a zero byte"},
    {ELF_STRS + 3, 1, 0x1b, "control byte 0x1b at file offset 0x1c3"},
};

Test(elf, each_refusal_has_its_sentence)
{
    struct bytes f;
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        const struct spoil *s = &spoils[i];
        build_elf(&f);
        for (unsigned k = 0; k < s->size; k++)
            f.b[s->at + k] = (uint8_t)(s->value >> (8 * k));
        expect_refused(&f, IMAGE_ELF, s->text);
    }
}

Test(elf, nothing_to_load_is_refused)
{
    struct bytes f;
    build_elf(&f);
    put32(f.b + ELF_PHDR, 0);
    put32(f.b + ELF_PHDR + 32, 0);
    expect_refused(&f, IMAGE_AUTO, "none of the 3 program headers loads anything");
}

Test(elf, interpreter_path_is_quoted)
{
    struct bytes f;
    build_elf(&f);
    put32(f.b + ELF_PHDR + 64, 3);
    memcpy(f.b + ELF_NOTE, "/lib/\x1bld.so.2", 14);
    expect_refused(&f, IMAGE_AUTO,
                   "the dynamic linker /lib/?ld.so.2 (PT_INTERP, file offset 0x160)");
}

Test(elf, too_many_segments_are_refused)
{
    struct bytes f;
    build_elf(&f);
    uint32_t at = 0x400, n = IMAGE_SEGMENT_MAX + 1;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *p = f.b + at + 32 * i;
        memcpy(p, f.b + ELF_PHDR, 32);
        put32(p + 8, ELF_BASE + ELF_TEXT + 0x1000 * i);
    }
    put32(f.b + 0x1c, at);
    put16(f.b + 0x2c, n);
    f.n = at + 32 * n;
    expect_refused(&f, IMAGE_AUTO, "more than 128 segments");
    put16(f.b + 0x2c, n - 1);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->segment_count, IMAGE_SEGMENT_MAX);
    verdict_free(&v);
}

Test(elf, segments_are_put_in_order)
{
    struct bytes f;
    build_elf(&f);
    put32(f.b + ELF_PHDR + 32 + 8, ELF_BASE); /* data below text */
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_str_eq(v.image->segments[0].name, "load1");
    cr_assert_eq(v.image->segments[0].vaddr, ELF_BASE);
    cr_assert_str_eq(v.image->segments[1].name, "load0");
    verdict_free(&v);
}

Test(elf, stripped_program_has_no_symbols)
{
    struct bytes f;
    build_elf(&f);
    put32(f.b + 0x20, 0);
    f.n = ELF_SYMS;
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->symbol_count, 0);
    cr_assert_null(image_symbol_at(v.image, v.image->entry));
    verdict_free(&v);
    put32(f.b + 0x20, 0xffffff00); /* a place without a count means nothing */
    put16(f.b + 0x30, 0);
    v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->symbol_count, 0);
    verdict_free(&v);
}

Test(elf, symbols_cover_their_sizes)
{
    static const struct {
        uint32_t at;
        const char *name;
    } rows[] = {
        {ELF_BASE + ELF_TEXT, NULL},            /* before the first */
        {ELF_BASE + ELF_TEXT + 0x10, "_start"}, /* its first byte */
        {ELF_BASE + ELF_TEXT + 0x17, "_start"},
        {ELF_BASE + ELF_TEXT + 0x18, "loop"}, /* a label inside it */
        {ELF_BASE + ELF_TEXT + 0x2f, "loop"},
        {ELF_BASE + ELF_TEXT + 0x3f, "loop"}, /* up to the segment's end */
        {ELF_BASE + ELF_TEXT + 0x40, NULL},
        {ELF_BASE + 0x1140, "counter"},
        {ELF_BASE + 0x1143, "counter"},
        {ELF_BASE + 0x1144, NULL}, /* its size is known */
        {0xffffffff, NULL},
        {0, NULL},
    };
    struct bytes f;
    build_elf(&f);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct image_symbol *s = image_symbol_at(v.image, rows[i].at);
        cr_expect(rows[i].name ? s && !strcmp(s->name, rows[i].name) : !s, "at 0x%x: %s",
                  rows[i].at, s ? s->name : "none");
    }
    verdict_free(&v);
}
