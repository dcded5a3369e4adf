/* Damaged files: every length, every header field with boundary values, and files spoiled at random
 * from a fixed seed. check_parse holds each result against the promises of image.h. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "build.h"

/* RT386_MUTATIONS in the environment asks for more than these, for a longer search. */
#define MUTATIONS_A_TEST 50000u

static unsigned long mutations(void)
{
    const char *more = getenv("RT386_MUTATIONS");
    unsigned long n = more ? strtoul(more, NULL, 10) : 0;
    return n > MUTATIONS_A_TEST ? n : MUTATIONS_A_TEST;
}

static void parse_and_drop(const struct bytes *f, enum image_kind kind)
{
    struct verdict v = check_parse(f->b, f->n, kind);
    verdict_free(&v);
}

Test(damage, good_images_are_accepted)
{
    struct bytes f;
    for (size_t i = 0; i < good_image_count; i++) {
        good_images[i].build(&f);
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_assert(v.image, "%s: %s", good_images[i].name, v.err);
        cr_assert_eq(v.image->kind, good_images[i].kind, "%s", good_images[i].name);
        verdict_free(&v);
    }
}

/* Shorter than its last loaded byte or table, an image is refused when its kind is asked for. */
Test(damage, cut_at_every_length)
{
    static const size_t least[] = {ELF_SIZE, PE_SYMS + 72 + 24, 0x70, ELF_SIZE, 512};
    struct bytes f;
    for (size_t i = 0; i < good_image_count; i++) {
        good_images[i].build(&f);
        for (size_t whole = f.n, n = 0; n <= whole; n++) {
            f.n = n;
            parse_and_drop(&f, IMAGE_AUTO);
            struct verdict v = check_parse(f.b, f.n, good_images[i].kind);
            cr_assert_eq(v.image != NULL, n >= least[i], "%s cut to %zu: %s", good_images[i].name,
                         n, v.err);
            verdict_free(&v);
        }
    }
}

#define VALUES 24
/* The last ones are about the file's size. */
static uint32_t boundary(unsigned i, size_t n)
{
    static const uint32_t fixed[VALUES] = {
        0,      1,       2,          3,          4,          7,          8,         0x1f,
        0x7f,   0x80,    0xff,       0x100,      0xfff,      0x1000,     0x7fff,    0x8000,
        0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffff000, 0xfffffffe, 0xffffffff};
    return i < VALUES - 1 ? fixed[i] : (uint32_t)n;
}

struct field {
    uint32_t at;
    unsigned size;
};

/* Runs of fields: first offset, size of each, how many, as the formats have them. */
struct run {
    const char *image;
    uint32_t at;
    unsigned size, count;
};
static const struct run runs[] = {
    {"elf", 0, 1, 16},             /* e_ident */
    {"elf", 0x10, 2, 2},           /* type, machine */
    {"elf", 0x14, 4, 5},           /* version, entry, two tables, flags */
    {"elf", 0x28, 2, 6},           /* sizes and counts */
    {"elf", ELF_PHDR, 4, 24},      /* three program headers */
    {"elf", ELF_NOTE, 4, 3},       /* note */
    {"elf", ELF_SHDR, 4, 40},      /* four section headers */
    {"elf", ELF_SYMS + 16, 4, 3},  /* a symbol */
    {"elf", ELF_SYMS + 28, 1, 2},  /* its type and visibility */
    {"elf", ELF_SYMS + 30, 2, 1},  /* its section */
    {"multiboot elf", 0x10, 2, 2}, /* as above, by physical address */
    {"multiboot elf", 0x14, 4, 5},
    {"multiboot elf", ELF_PHDR, 4, 24},
    {"multiboot elf", ELF_TEXT, 4, 3},
    {"multiboot", MB_AT, 4, 12},     /* the whole header */
    {"pe", 0, 2, 30},                /* DOS header */
    {"pe", 0x3c, 4, 1},              /* place of the PE header */
    {"pe", 0x80, 4, 1},              /* signature */
    {"pe", PE_COFF, 2, 2},           /* machine, sections */
    {"pe", PE_COFF + 4, 4, 3},       /* time, symbols */
    {"pe", PE_COFF + 16, 2, 2},      /* optional size, characteristics */
    {"pe", PE_OPT, 2, 1},            /* magic */
    {"pe", PE_OPT + 2, 1, 2},        /* linker version */
    {"pe", PE_OPT + 4, 4, 9},        /* sizes, entry, bases, alignments */
    {"pe", PE_OPT + 40, 2, 6},       /* versions */
    {"pe", PE_OPT + 52, 4, 4},       /* image and header sizes, checksum */
    {"pe", PE_OPT + 68, 2, 2},       /* subsystem, characteristics */
    {"pe", PE_OPT + 72, 4, 6},       /* stack, heap, directories */
    {"pe", PE_DIR, 4, 32},           /* all directories */
    {"pe", PE_SECT, 1, 8},           /* a section's name */
    {"pe", PE_SECT + 8, 4, 8},       /* .text */
    {"pe", PE_SECT + 48, 4, 8},      /* .rdata */
    {"pe", PE_SECT + 88, 4, 8},      /* .data */
    {"pe", PE_SECT + 168, 4, 8},     /* .reloc */
    {"pe", PE_IMPORT, 4, 15},        /* import descriptors */
    {"pe", PE_NAMES1, 4, 16},        /* names and slots */
    {"pe", PE_STRINGS + 0x20, 2, 1}, /* hint */
    {"pe", PE_TLSDIR, 4, 6},
    {"pe", PE_EXPORT, 4, 17},       /* directory, functions, names */
    {"pe", PE_EXPORT + 0x44, 2, 3}, /* ordinals */
    {"pe", PE_RELOC, 4, 2},
    {"pe", PE_RELOC + 8, 2, 2},
    {"pe", PE_SYMS + 8, 4, 1},  /* COFF symbol: value */
    {"pe", PE_SYMS + 12, 2, 2}, /* section, type */
    {"pe", PE_SYMS + 16, 1, 2}, /* class, auxiliary records */
    {"pe", PE_SYMS + 18, 4, 2}, /* long name */
    {"pe", PE_SYMS + 72, 4, 1}, /* size of the strings */
};

static void field_try(struct bytes *f, uint32_t at, unsigned size)
{
    uint8_t old[4];
    memcpy(old, f->b + at, size);
    for (unsigned i = 0; i < VALUES; i++) {
        uint32_t v = boundary(i, f->n);
        for (unsigned k = 0; k < size; k++)
            f->b[at + k] = (uint8_t)(v >> (8 * k));
        parse_and_drop(f, IMAGE_AUTO);
        for (int kind = IMAGE_ELF; kind <= IMAGE_MULTIBOOT; kind++)
            parse_and_drop(f, (enum image_kind)kind);
        memcpy(f->b + at, old, size);
    }
}

Test(damage, every_header_field_with_boundary_values)
{
    struct bytes f;
    for (size_t g = 0; g < good_image_count; g++) {
        good_images[g].build(&f);
        for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
            if (strcmp(runs[i].image, good_images[g].name)) continue;
            for (unsigned k = 0; k < runs[i].count; k++)
                field_try(&f, runs[i].at + k * runs[i].size, runs[i].size);
        }
    }
    cr_assert(f.n > 0);
}

/* xorshift64*: the corpus is the same in every run. */
static uint32_t next(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (uint32_t)((*seed * UINT64_C(2685821657736338717)) >> 32);
}

static void spoil(struct bytes *f, uint64_t *seed)
{
    uint32_t r = next(seed), at = next(seed) % (uint32_t)f->n, from = next(seed) % (uint32_t)f->n;
    uint32_t room = (uint32_t)f->n - at;
    switch (r % 8) {
    case 0: f->b[at] ^= (uint8_t)(1u << (r >> 8) % 8); break;
    case 1: f->b[at] = (uint8_t)(r >> 8); break;
    case 2:
    case 3:
        if (room >= 4) put32(f->b + (at & ~3u), boundary((r >> 8) % VALUES, f->n));
        break;
    case 4:
        if (room >= 2) put16(f->b + (at & ~1u), boundary((r >> 8) % VALUES, f->n));
        break;
    case 5: /* a dword of the file elsewhere: offsets then point at real things */
        if (room >= 4 && f->n - from >= 4) memmove(f->b + at, f->b + from, 4);
        break;
    case 6: /* a little more or less */
        if (room >= 4) put32(f->b + (at & ~3u), get32(f->b + (at & ~3u)) + (r >> 8) % 65 - 32);
        break;
    case 7:
        if ((r >> 8) % 4 == 0) f->n = at ? at : 1;
        break;
    }
}

static void spoil_many(size_t which, uint64_t seed)
{
    struct bytes good, f;
    size_t accepted = 0;
    unsigned long count = mutations();
    good_images[which].build(&good);
    for (unsigned long i = 0; i < count; i++) {
        memcpy(f.b, good.b, good.n);
        f.n = good.n;
        for (unsigned k = next(&seed) % 6 + 1; k; k--)
            spoil(&f, &seed);
        struct verdict v = check_parse(f.b, f.n, i % 4 == 3 ? good_images[which].kind : IMAGE_AUTO);
        accepted += v.image != NULL;
        verdict_free(&v);
    }
    cr_assert(accepted > 0 && accepted < count, "%zu of %lu accepted", accepted, count);
}

Test(damage, spoiled_elf)
{
    spoil_many(0, 0x386);
}
Test(damage, spoiled_pe)
{
    spoil_many(1, 0x1986);
}
Test(damage, spoiled_multiboot)
{
    spoil_many(2, 0x1badb002);
}
Test(damage, spoiled_multiboot_elf)
{
    spoil_many(3, 0x8192);
}

/* Small files made to cost much: every table entry names the same long string or the same notes. */
static void fill(uint8_t *at, size_t n, uint32_t value)
{
    for (size_t i = 0; i < n; i++)
        put32(at + 4 * i, value);
}

#define BIG_ELF (4u << 20)

Test(damage, notes_named_over_and_over)
{
    static uint8_t b[BIG_ELF];
    struct bytes f;
    build_elf(&f);
    memcpy(b, f.b, f.n);
    put32(b + 0x1c, 0x1000);
    put32(b + 0x20, 0);
    put16(b + 0x2c, 0xfffe);
    for (uint32_t i = 0; i < 0xfffe; i++) {
        uint8_t *p = b + 0x1000 + 32 * (size_t)i;
        memcpy(p, f.b + ELF_PHDR + (i ? 64 : 0), 32);
        if (!i) continue;
        put32(p + 4, 0x202000);
        put32(p + 16, BIG_ELF - 0x202000);
    }
    struct verdict v = check_parse(b, sizeof b, IMAGE_ELF);
    cr_assert(v.image && !v.image->intime, "%s", v.err);
    verdict_free(&v);
}

#define BIG_PE (2u << 20)

/* One section of 1 MB: 65535 imports of one name, or as many exports, 4 KB long each. */
static void costly_pe(uint8_t *b)
{
    struct bytes f;
    build_pe(&f);
    memcpy(b, f.b, f.n);
    put32(b + PE_COFF + 8, 0);
    put32(b + PE_DIR + 40, 0);
    put32(b + PE_OPT + 56, 0x200000);
    uint8_t *last = b + PE_SECT + 160;
    put32(last + 8, BIG_PE - 0x1000);
    put32(last + 16, BIG_PE - 0x1000);
    put32(last + 20, 0x1000);
    put32(b + PE_OPT + 56, 0x5000 + BIG_PE);
    memset(b + 0x1002, 'n', 4000);
}
#define COSTLY_RVA(off) ((off)-0x1000 + 0x5000)

/* The same tables with a short name are within the bounds. */
static void shorten(uint8_t *b)
{
    b[0x1004] = 0;
}

Test(damage, imports_of_one_long_name)
{
    static uint8_t b[BIG_PE];
    costly_pe(b);
    put32(b + PE_DIR, 0);
    fill(b + 0x10000, 65535, COSTLY_RVA(0x1000));
    put32(b + PE_IMPORT, COSTLY_RVA(0x10000));
    put32(b + PE_IMPORT + 16, COSTLY_RVA(0x100000));
    put32(b + PE_IMPORT + 32, 0);
    struct verdict v = check_parse(b, sizeof b, IMAGE_PE);
    cr_assert(v.status && strstr(v.err, "makes all names longer than the file can hold"), "%s",
              v.err);
    verdict_free(&v);
    shorten(b);
    v = check_parse(b, sizeof b, IMAGE_PE);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->import_count, 65535);
    verdict_free(&v);
}

Test(damage, exports_of_one_long_name)
{
    static uint8_t b[BIG_PE];
    costly_pe(b);
    fill(b + 0x10000, 65535, 0x1004);
    fill(b + 0x80000, 65535, COSTLY_RVA(0x1002));
    put32(b + PE_EXPORT + 16, 1);
    put32(b + PE_EXPORT + 20, 65535);
    put32(b + PE_EXPORT + 24, 65535);
    put32(b + PE_EXPORT + 28, COSTLY_RVA(0x10000));
    put32(b + PE_EXPORT + 32, COSTLY_RVA(0x80000));
    put32(b + PE_EXPORT + 36, COSTLY_RVA(0x100000));
    struct verdict v = check_parse(b, sizeof b, IMAGE_PE);
    cr_assert(v.status && strstr(v.err, "makes all names longer than the file can hold"), "%s",
              v.err);
    verdict_free(&v);
    shorten(b);
    v = check_parse(b, sizeof b, IMAGE_PE);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->export_count, 65535 + 65534);
    verdict_free(&v);
}

Test(damage, descriptors_of_one_long_name)
{
    static uint8_t b[BIG_PE];
    costly_pe(b);
    for (uint32_t at = 0x10000; at + 20 <= 0x100000; at += 20) {
        put32(b + at, COSTLY_RVA(0x1ff000));
        put32(b + at + 12, COSTLY_RVA(0x1002));
        put32(b + at + 16, COSTLY_RVA(0x1ff000));
    }
    put32(b + PE_DIR + 8, COSTLY_RVA(0x10000));
    struct verdict v = check_parse(b, sizeof b, IMAGE_PE);
    cr_assert(v.status && strstr(v.err, "more than 1024 modules"), "%s", v.err);
    verdict_free(&v);
}

Test(damage, host_without_memory)
{
    struct bytes f;
    char err[IMAGE_ERR_MAX];
    for (size_t i = 0; i < good_image_count; i++) {
        struct image *m = NULL;
        status_t s = ST_NOMEM;
        unsigned n = 1;
        good_images[i].build(&f);
        for (; s != ST_OK && n < 20; n++) {
            check_refuse_memory(n);
            s = image_parse(f.b, f.n, IMAGE_AUTO, 0, &m, err, sizeof err);
            check_refuse_memory(0);
            if (s == ST_OK) break;
            cr_assert_eq(s, ST_NOMEM, "%s, request %u", good_images[i].name, n);
            cr_assert(strstr(err, "the host has no memory left"));
            cr_assert_null(m);
        }
        cr_assert(n > 3 && n < 20, "%s: %u requests", good_images[i].name, n);
        image_free(m);
    }
}
