#include <criterion/criterion.h>
#include <string.h>

#include "bits.h"
#include "build.h"

static struct verdict good(void)
{
    static struct bytes f;
    build_pe(&f);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->kind, IMAGE_PE);
    return v;
}

Test(pe, headers_and_sections)
{
    struct verdict v = good();
    const struct image *m = v.image;
    cr_assert_eq(m->entry, PE_BASE + 0x1010);
    cr_assert_eq(m->base, PE_BASE);
    cr_assert_eq(m->size, 0x6000);
    cr_assert(m->intime && !m->is_dll && !m->fixed);
    cr_assert_eq(m->version_major, 21076);
    cr_assert_eq(m->version_minor, 20053);
    cr_assert_eq(m->stack_reserve, 0x100000);
    cr_assert_eq(m->stack_commit, 0x1000);
    cr_assert_eq(m->heap_reserve, 0x200000);
    cr_assert_eq(m->heap_commit, 0x2000);
    static const struct {
        const char *name;
        uint32_t vaddr, file, mem;
        bool w, x, d;
    } rows[] = {{"headers", PE_BASE, 0x400, 0x400, 0, 0, 0},
                {".text", PE_BASE + 0x1000, 0x100, 0x100, 0, 1, 0},
                {".rdata", PE_BASE + 0x2000, 0x200, 0x200, 0, 0, 0},
                {".data", PE_BASE + 0x3000, 0x200, 0x900, 1, 0, 0},
                {".tls", PE_BASE + 0x4000, 0x10, 0x10, 1, 0, 0},
                {".reloc_long", PE_BASE + 0x5000, 0x20, 0x20, 0, 0, 1}};
    cr_assert_eq(m->segment_count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < m->segment_count; i++) {
        const struct image_segment *s = &m->segments[i];
        cr_expect_str_eq(s->name, rows[i].name);
        cr_expect_eq(s->vaddr, rows[i].vaddr, "%s", s->name);
        cr_expect_eq(s->paddr, rows[i].vaddr, "%s", s->name);
        cr_expect_eq(s->file_size, rows[i].file, "%s", s->name);
        cr_expect_eq(s->mem_size, rows[i].mem, "%s", s->name);
        cr_expect(s->writable == rows[i].w && s->executable == rows[i].x, "%s", s->name);
        cr_expect_eq(s->discardable, rows[i].d, "%s", s->name);
    }
    verdict_free(&v);
}

Test(pe, imports_by_name_and_ordinal)
{
    static const struct {
        const char *module, *name;
        uint16_t ordinal, hint;
        uint32_t slot;
    } rows[] = {{"RtRsl.rsl", "CreateRtMemoryHandle", 0, 35, 0x2050},
                {"RtRsl.rsl", "AllocateRtMemory", 0, 3, 0x2054},
                {"clib.rsl", NULL, 301, 0, 0x2070},
                {"clib.rsl", NULL, 237, 0, 0x2074}};
    struct verdict v = good();
    cr_assert_eq(v.image->import_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct image_import *x = &v.image->imports[i];
        cr_expect_str_eq(x->module, rows[i].module);
        cr_expect(rows[i].name ? x->name && !strcmp(x->name, rows[i].name) : !x->name);
        cr_expect_eq(x->ordinal, rows[i].ordinal);
        cr_expect_eq(x->hint, rows[i].hint);
        cr_expect_eq(x->slot, PE_BASE + rows[i].slot);
    }
    verdict_free(&v);
}

Test(pe, imports_without_name_list_use_the_slots)
{
    struct bytes f;
    build_pe(&f);
    put32(f.b + PE_IMPORT, 0);
    struct verdict v = check_parse(f.b, f.n, IMAGE_PE);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->import_count, 4);
    cr_assert_str_eq(v.image->imports[1].name, "AllocateRtMemory");
    verdict_free(&v);
}

Test(pe, exports_by_name_and_ordinal)
{
    struct verdict v = good();
    const struct image *m = v.image;
    cr_assert_str_eq(m->module, "demo.rsl");
    cr_assert_eq(m->export_count, 4);
    cr_assert_eq(image_export_by_name(m, "open")->vaddr, PE_BASE + 0x100c);
    cr_assert_eq(image_export_by_name(m, "open")->ordinal, 7);
    cr_assert_eq(image_export_by_name(m, "close")->vaddr, PE_BASE + 0x1008);
    cr_assert_eq(image_export_by_name(m, "read")->vaddr, PE_BASE + 0x1008);
    cr_assert_null(image_export_by_name(m, "clos"));
    cr_assert_null(image_export_by_name(m, "zzz"));
    cr_assert_null(image_export_by_name(m, ""));
    cr_assert_eq(image_export_by_ordinal(m, 5)->vaddr, PE_BASE + 0x1004);
    cr_assert_null(image_export_by_ordinal(m, 5)->name);
    cr_assert_null(image_export_by_ordinal(m, 8), "a gap in the ordinals");
    cr_assert_null(image_export_by_ordinal(m, 4));
    verdict_free(&v);
}

Test(pe, unsorted_export_names_are_found)
{
    struct bytes f;
    build_pe(&f);
    uint32_t first = get32(f.b + PE_EXPORT + 0x38);
    put32(f.b + PE_EXPORT + 0x38, get32(f.b + PE_EXPORT + 0x40));
    put32(f.b + PE_EXPORT + 0x40, first);
    struct verdict v = check_parse(f.b, f.n, IMAGE_PE);
    cr_assert(v.image, "%s", v.err);
    cr_assert(image_export_by_name(v.image, "close"));
    cr_assert(image_export_by_name(v.image, "open"));
    cr_assert(image_export_by_name(v.image, "read"));
    verdict_free(&v);
}

Test(pe, relocations_tls_and_symbols)
{
    struct verdict v = good();
    const struct image *m = v.image;
    cr_assert_eq(m->reloc_count, 1, "the padding entry does not count");
    cr_assert_eq(m->relocs[0], PE_BASE + 0x1030);
    cr_assert_eq(m->tls_start, PE_BASE + 0x4000);
    cr_assert_eq(m->tls_end, PE_BASE + 0x4010);
    cr_assert_eq(m->tls_index, PE_BASE + 0x3000);
    cr_assert_eq(m->tls_callbacks, PE_BASE + 0x3008);
    cr_assert_eq(m->tls_zero, 0x20);
    cr_assert_null(image_symbol_at(m, PE_BASE + 0x1004), "an export without a name is no symbol");
    cr_assert_str_eq(image_symbol_at(m, PE_BASE + 0x1008)->name, "close");
    cr_assert_str_eq(image_symbol_at(m, PE_BASE + 0x100c)->name, "open");
    cr_assert_str_eq(image_symbol_at(m, PE_BASE + 0x1021)->name, "_main");
    cr_assert_str_eq(image_symbol_at(m, PE_BASE + 0x1040)->name, ".reloc_longer_name_");
    cr_assert_str_eq(image_symbol_at(m, PE_BASE + 0x3010)->name, "_count8!");
    cr_assert_eq(m->symbol_count, 6);
    verdict_free(&v);
}

struct spoil {
    uint32_t at;
    unsigned size;
    uint32_t value;
    const char *text;
};

#define SECT(i, field) (PE_SECT + 40 * (i) + (field))

static const struct spoil spoils[] = {
    {0x3c, 4, 0x40, "'MZ' but has no PE header at file offset 0x40"},
    {0x3c, 4, 0x10000, "PE signature at file offset 0x10000"},
    {0x80, 2, 0x454e, "(NE header at file offset 0x80)"},
    {0x80, 2, 0x584c, "(LX header"},
    {PE_COFF, 2, 0x8664, "for x86-64 (machine 0x8664"},
    {PE_COFF, 2, 0x1c4, "for ARM (machine"},
    {PE_COFF, 2, 0xaa64, "for ARM64"},
    {PE_COFF, 2, 0x200, "for Itanium"},
    {PE_COFF, 2, 0x166, "for MIPS"},
    {PE_COFF, 2, 0x1f0, "for PowerPC"},
    {PE_COFF, 2, 0xebc, "for EFI byte code"},
    {PE_COFF + 2, 2, 0, "0 sections"},
    {PE_COFF + 2, 2, 0xffff, "section header table at file offset 0x178"},
    {PE_COFF + 2, 2, 17, "after the headers' own size 0x400"},
    {PE_COFF + 8, 4, 0x10000, "symbol table at file offset 0x10000"},
    {PE_COFF + 12, 4, 0xffffffff, "the symbol table"},
    {PE_COFF + 16, 2, 95, "has 95 bytes"},
    {PE_COFF + 18, 2, 0x0100, "not marked executable"},
    {PE_OPT, 2, 0x20b, "PE32+"},
    {PE_OPT, 2, 0x107, "magic 0x107"},
    {PE_OPT + 16, 4, 0, "entry point 0x0"},
    {PE_OPT + 16, 4, 0x1100, "entry point 0x1100 (file offset 0xa8) lies in no section"},
    {PE_OPT + 28, 4, 0x400800, "not a multiple of 4 KB"},
    {PE_OPT + 28, 4, 0xffff0000, "reaches past 4 GB or"}, /* 0x6000 still fits below */
    {PE_OPT + 32, 4, 0x200, "section alignment"},
    {PE_OPT + 32, 4, 0x3000, "section alignment"},
    {PE_OPT + 32, 4, 0x2000, "not a multiple of the section alignment 0x2000"},
    {PE_OPT + 56, 4, 0, "headers' size 0x400 is larger than the image size 0x0"},
    {PE_OPT + 56, 4, 0x5000, "reaches address 0x5020, past the image size 0x5000"},
    {PE_OPT + 56, 4, 0xffffffff, "larger than 1 GB"},
    {PE_OPT + 60, 4, 0x10000, "header part at file offset 0x0 reaches 0x10000"},
    {PE_OPT + 60, 4, 0x200, "after the headers' own size 0x200"},
    {PE_COFF + 16, 2, 96 + 8 * 15, "16 directories but has room for 15"},
    {PE_DIR + 8 * 14, 4, 0x2000, ".NET"},
    {SECT(1, 12), 4, 0x1000, "section .rdata (header at file offset 0x1a0) has address 0x1000"},
    {SECT(0, 8), 4, 0x1001, "sections overlap"},
    {SECT(2, 20), 4, 0xe00,
     "section .data at file offset 0xe00 reaches 0x1000 but the file ends at 0xe60"},
    {SECT(2, 20), 4, 0x801, "not a multiple of 512"},
    {SECT(4, 8), 4, 0xffffffff, "past the image size"},
    {PE_DIR + 8, 4, 0x7000, "import descriptor at address 0x7000"},
    {PE_DIR + 8, 4, 0xfffffffc, "import descriptor"},
    {PE_DIR + 8, 4, 0x3300, "import descriptor"}, /* zeroed part of .data: not from the file */
    {PE_IMPORT + 12, 4, 0x2200, "name of an imported module"},
    {PE_IMPORT + 12, 4, 0x21fe, "is empty"},
    {PE_IMPORT + 16, 4, 0x21fc, "import's slot"},
    {PE_IMPORT, 4, 0x21fe, "list of imports"},
    {PE_NAMES1, 4, 0x2300, "import's hint"},
    {PE_NAMES1, 4, 0x1ffe, "import's hint"},
    {PE_STRINGS + 0x25, 1, 7, "control bytes"},
    {PE_DIR, 4, 0x21e0, "export directory"},
    {PE_EXPORT + 16, 4, 65533, "past 65535"},
    {PE_EXPORT + 16, 4, 0xffffffff, "past 65535"},
    {PE_EXPORT + 20, 4, 0x10000, "past 65535"},
    {PE_EXPORT + 20, 4, 0x8000, "list of exports"},
    {PE_EXPORT + 24, 4, 0x8000, "list of export names"},
    {PE_EXPORT + 36, 4, 0x21ff, "list of export ordinals"},
    {PE_EXPORT + 0x28, 4, 0x2150, "the target of a forwarded export at file offset"},
    {PE_EXPORT + 0x28, 4, 0x2140 + 0x7f, "the target of a forwarded export at file offset"},
    {PE_EXPORT + 0x28, 4, 0x2140 + 0x4c,
     "export 5 is forwarded to close, which is no module and symbol"},
    {PE_EXPORT + 0x2c, 4, 0x2140 + 0x64, "export 6 is forwarded to .rsl, which is no module"},
    {PE_EXPORT + 0x28, 4, 0x6000, "past the image size"},
    {PE_EXPORT + 0x44, 2, 4, "names function 4 of 4"},
    {PE_DIR + 40 + 4, 4, 0x1001, "the relocations at address"},
    {PE_RELOC + 4, 4, 7, "has 0x7 bytes"},
    {PE_RELOC + 4, 4, 14, "has 0xe bytes"},
    {PE_RELOC + 8, 2, 0xa030, "type 10"},
    {PE_RELOC + 8, 2, 0x1030, "type 1"},
    {PE_RELOC + 8, 2, 0x30fd, "changes address 0x10fd"},
    {PE_RELOC, 4, 0xfffff000, "changes address 0xfffff030"},
    {PE_DIR + 72, 4, 0x21f0, "TLS directory"},
    {PE_TLSDIR, 4, PE_BASE + 0x4011, "before it starts"},
    {PE_TLSDIR + 4, 4, PE_BASE + 0x4011, "template in the TLS directory"},
    {PE_TLSDIR + 8, 4, PE_BASE - 4, "index in the TLS directory"},
    {PE_TLSDIR + 12, 4, PE_BASE + 0x5020, "callback list"},
    {PE_TLSDIR + 16, 4, 0xffffffff, "more than 1 GB"},
    {PE_SYMS + 72, 4, 100, "string table at file offset 0xe48 reaches"},
    {PE_SYMS + 72, 4, 20, "does not end with a zero byte"},
};

Test(pe, each_refusal_has_its_sentence)
{
    struct bytes f;
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        const struct spoil *s = &spoils[i];
        build_pe(&f);
        for (unsigned k = 0; k < s->size; k++)
            f.b[s->at + k] = (uint8_t)(s->value >> (8 * k));
        if (s->value == 0xffff0000) put32(f.b + PE_OPT + 56, 0x10001);
        expect_refused(&f, IMAGE_PE, s->text);
    }
}

/* Symbols that lead nowhere are left out; a section keeps its short name then. */
Test(pe, symbols_that_lead_nowhere)
{
    static const struct {
        uint32_t at, value;
    } rows[] = {{PE_SYMS + 12, 6},       /* section 6 of 5 */
                {PE_SYMS + 12, 0xffff},  /* absolute */
                {PE_SYMS + 18 + 4, 24},  /* past the strings */
                {PE_SYMS + 18 + 4, 3},   /* in their size */
                {PE_SYMS + 54, 0x5f00}}; /* a name that begins with its end */
    struct bytes f;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        build_pe(&f);
        put16(f.b + rows[i].at, rows[i].value);
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_assert(v.image, "%s", v.err);
        cr_expect_eq(v.image->symbol_count, 5, "row %zu: %zu", i, v.image->symbol_count);
        verdict_free(&v);
    }
    build_pe(&f);
    memcpy(f.b + SECT(4, 0), "/24", 4);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_str_eq(v.image->segments[5].name, "/24");
    verdict_free(&v);
}

Test(pe, forwarded_exports_by_name_and_by_ordinal)
{
    struct bytes f;
    build_pe(&f);
    put32(f.b + PE_EXPORT + 0x28, 0x2140 + 0x60);
    put32(f.b + PE_EXPORT + 0x2c, 0x2140 + 0x60);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    const struct image_export *by_ordinal = image_export_by_ordinal(v.image, 5);
    const struct image_export *by_name = image_export_by_name(v.image, "close");
    cr_assert_str_eq(by_ordinal->forward, "demo.rsl");
    cr_assert_str_eq(by_name->forward, "demo.rsl");
    cr_assert_null(image_export_by_name(v.image, "open")->forward);
    for (size_t i = 0; i < v.image->symbol_count; i++)
        cr_assert_neq(v.image->symbols[i].value, 0, "a forwarded export is no symbol");
    verdict_free(&v);
}

Test(pe, address_after_the_export_directory_is_no_forwarder)
{
    struct bytes f;
    build_pe(&f);
    put32(f.b + PE_EXPORT + 0x28, 0x2140 + 0x80);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(image_export_by_ordinal(v.image, 5)->vaddr, PE_BASE + 0x21c0);
    verdict_free(&v);
}

Test(pe, library_may_have_no_entry)
{
    struct bytes f;
    build_pe(&f);
    put16(f.b + PE_COFF + 18, 0x2103);
    put32(f.b + PE_OPT + 16, 0);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert(v.image->is_dll && v.image->fixed);
    cr_assert_eq(v.image->entry, 0);
    verdict_free(&v);
}

/* Another version, and other modules than INtime's. */
static void build_unmarked(struct bytes *f, const char *first, const char *second)
{
    build_pe(f);
    put16(f->b + PE_OPT + 46, 20054);
    memcpy(f->b + PE_STRINGS, first, 9);
    memcpy(f->b + PE_STRINGS + 0x10, second, 8);
}

Test(pe, other_version_is_not_intime)
{
    struct bytes f;
    build_unmarked(&f, "kern2.dll", "user.dll");
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image && !v.image->intime);
    verdict_free(&v);
}

Test(pe, imports_mark_what_older_linkers_made)
{
    static const struct {
        const char *first, *second;
    } rows[] = {{"RtRsl.rsl", "user.dll"}, {"kern2.dll", "clib.rsl"}, {"RTRSL.RSL", "CLIB.RSL"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes f;
        build_unmarked(&f, rows[i].first, rows[i].second);
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_expect(v.image && v.image->intime, "row %zu: %s", i, v.err);
        verdict_free(&v);
    }
}

static const struct {
    unsigned subsystem;
    const char *says;
} subsystems[] = {{0, "subsystem at file offset 0xdc is 0"},
                  {1, "Windows driver"},
                  {9, "is 9, not 2 or 3"},
                  {10, "EFI image"}};

Test(pe, subsystem_of_other_images)
{
    for (size_t i = 0; i < sizeof subsystems / sizeof *subsystems; i++) {
        struct bytes f;
        build_unmarked(&f, "kern2.dll", "user.dll");
        put16(f.b + PE_OPT + 68, (uint16_t)subsystems[i].subsystem);
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_expect(!v.image && strstr(v.err, subsystems[i].says), "%s", v.err);
        verdict_free(&v);
    }
}

Test(pe, subsystem_means_nothing_with_the_mark)
{
    for (size_t i = 0; i < sizeof subsystems / sizeof *subsystems; i++) {
        struct bytes f;
        build_pe(&f);
        put16(f.b + PE_OPT + 68, (uint16_t)subsystems[i].subsystem);
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_expect(v.image && v.image->intime, "%s", v.err);
        verdict_free(&v);
    }
}

Test(pe, bound_imports_without_names_are_refused)
{
    struct bytes f;
    build_pe(&f);
    put32(f.b + PE_IMPORT, 0);
    put32(f.b + PE_IMPORT + 4, 1);
    expect_refused(&f, IMAGE_AUTO, "bound");
}

Test(pe, section_of_zeroes_needs_no_bytes)
{
    struct bytes f;
    build_pe(&f);
    put32(f.b + SECT(3, 16), 0);
    put32(f.b + SECT(3, 20), 0);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->segments[4].file_size, 0);
    cr_assert_eq(v.image->segments[4].mem_size, 0x10);
    verdict_free(&v);
}

/* Linkers round the size of the table up; what is behind the section's own bytes is padding. */
Test(pe, relocations_may_be_padded)
{
    static const uint32_t sizes[] = {0x20, 0x21, 0x200, 0x1000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bytes f;
        build_pe(&f);
        put32(f.b + PE_DIR + 40 + 4, sizes[i]);
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_assert(v.image, "0x%x: %s", sizes[i], v.err);
        cr_assert_eq(v.image->reloc_count, 1);
        verdict_free(&v);
    }
}

/* Of a section's bytes in the file only those count that are mapped: the rest of its last 512 may be missing. */
Test(pe, last_section_may_end_with_its_bytes)
{
    struct bytes f;
    build_pe(&f);
    put32(f.b + PE_COFF + 8, 0); /* no symbols behind it */
    for (f.n = PE_RELOC + 0x200; f.n >= PE_RELOC + 0x20; f.n -= 0x20) {
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_assert(v.image, "%zu bytes: %s", f.n, v.err);
        cr_assert_eq(v.image->reloc_count, 1);
        verdict_free(&v);
    }
    f.n = PE_RELOC + 0x1f;
    expect_refused(&f, IMAGE_PE, "section /4 at file offset 0xc00 reaches 0xc20");
}

/* There are 16 directories, whatever number the header names. */
Test(pe, more_directories_than_there_are)
{
    struct bytes f;
    build_pe(&f);
    put32(f.b + PE_OPT + 92, 0xffffffff);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->import_count, 4);
    verdict_free(&v);
}

/* Many descriptors that share one list of names must not make more entries than the file has room
 * for. */
Test(pe, shared_import_lists_are_bounded)
{
    struct bytes f;
    build_pe(&f);
    uint32_t at = 0x1000;
    put32(f.b + SECT(4, 8), 0x8000);
    put32(f.b + SECT(4, 16), 0x8000);
    put32(f.b + SECT(4, 20), at);
    put32(f.b + PE_OPT + 56, 0xd000);
    put32(f.b + PE_DIR + 40, 0);
    put32(f.b + PE_COFF + 8, 0);
    f.n = at + 0x8000;
    for (uint32_t i = 0; i < 0x1000; i += 4)
        put32(f.b + at + 0x6000 + i, 0x80000001);
    for (uint32_t i = 0; i < 400; i += 20) {
        put32(f.b + at + i, 0x5000 + 0x6000);
        put32(f.b + at + i + 12, 0x2080);
        put32(f.b + at + i + 16, 0x5000 + 0x6000);
    }
    put32(f.b + PE_DIR + 8, 0x5000);
    expect_refused(&f, IMAGE_AUTO, "more functions than the file can hold");
}
