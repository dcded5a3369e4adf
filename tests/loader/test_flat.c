/* Multiboot, boot sectors, flat files, and which of all is chosen. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bits.h"
#include "build.h"

Test(multiboot, address_fields_place_the_file)
{
    struct bytes f;
    build_multiboot(&f);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    const struct image *m = v.image;
    cr_assert(m, "%s", v.err);
    cr_assert_eq(m->kind, IMAGE_MULTIBOOT);
    cr_assert_eq(m->entry, MB_BASE + MB_CODE);
    cr_assert_eq(m->segment_count, 1);
    cr_assert_eq(m->segments[0].bytes, m->file);
    cr_assert_eq(m->segments[0].paddr, MB_BASE);
    cr_assert_eq(m->segments[0].file_size, 0x70);
    cr_assert_eq(m->segments[0].mem_size, 0x1000);
    cr_assert_eq(m->mb_flags, 0x00010007);
    cr_assert(m->mb_has_video);
    static const uint32_t video[4] = {1, 80, 25, 0};
    cr_assert_arr_eq(m->mb_video, video, sizeof video);
    verdict_free(&v);
}

Test(multiboot, zero_ends_mean_whole_file_and_no_bss)
{
    struct bytes f;
    build_multiboot(&f);
    put32(f.b + MB_AT + 20, 0);
    put32(f.b + MB_AT + 24, 0);
    put32(f.b + MB_AT + 16, MB_BASE + 8); /* the first 8 bytes of the file are not loaded */
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->segments[0].bytes - v.image->file, 8);
    cr_assert_eq(v.image->segments[0].file_size, f.n - 8);
    cr_assert_eq(v.image->segments[0].mem_size, f.n - 8);
    verdict_free(&v);
}

Test(multiboot, elf_kernel_is_placed_physically)
{
    struct bytes f;
    build_multiboot_elf(&f);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->kind, IMAGE_MULTIBOOT);
    cr_assert_eq(v.image->segment_count, 2);
    cr_assert_eq(v.image->segments[0].paddr, MB_BASE);
    cr_assert_eq(v.image->segments[1].paddr, MB_BASE + 0x1000);
    cr_assert_eq(v.image->entry, MB_BASE + 0x10, "the linked entry as a physical address");
    cr_assert_eq(v.image->symbol_count, 3);
    cr_assert_not(v.image->mb_has_video);
    verdict_free(&v);
}

Test(multiboot, physical_entry_stays)
{
    struct bytes f;
    build_multiboot_elf(&f);
    put32(f.b + 0x18, MB_BASE + 0x10);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->entry, MB_BASE + 0x10);
    verdict_free(&v);
}

Test(multiboot, each_unknown_demand_is_named)
{
    struct bytes f;
    char text[32];
    for (unsigned bit = 0; bit < 32; bit++) {
        build_multiboot(&f);
        build_mb_header(f.b + MB_AT, 0x00010000u | 1u << bit);
        if (bit >= 3 && bit < 16) {
            snprintf(text, sizeof text, "demands flag bit %u,", bit);
            expect_refused(&f, IMAGE_AUTO, text);
        } else {
            struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
            cr_expect(v.image, "bit %u: %s", bit, v.err);
            verdict_free(&v);
        }
    }
}

Test(multiboot, header_beyond_8192_is_named)
{
    struct bytes f;
    build_multiboot_elf(&f);
    memmove(f.b + 0x3000, f.b + ELF_TEXT, 0x40);
    memset(f.b + ELF_TEXT, 0x90, 0x40);
    put32(f.b + ELF_PHDR + 4, 0x3000);
    f.n = 0x3040;
    expect_refused(&f, IMAGE_AUTO, "multiboot header at file offset 0x3000 does not lie inside");
    expect_refused(&f, IMAGE_MULTIBOOT, "first 8192 bytes");
}

Test(multiboot, header_across_8192_is_named)
{
    struct bytes f;
    for (uint32_t at = 8184; at <= 8192; at += 4) {
        build_elf(&f);
        build_mb_header(f.b + at, 3);
        f.n = at + 12;
        expect_refused(&f, IMAGE_AUTO, "does not lie inside the first 8192 bytes");
    }
}

Test(multiboot, header_must_end_inside_8192)
{
    struct bytes f;
    static const struct {
        uint32_t at;
        bool good;
    } rows[] = {{8192 - 32, true}, {8192 - 28, false}, {8192 - 12, false}};
    for (size_t i = 0; i < 3; i++) {
        memset(f.b, 0x90, f.n = 9000);
        uint8_t *h = f.b + rows[i].at;
        build_mb_header(h, 0x00010000);
        put32(h + 12, MB_BASE + rows[i].at);
        put32(h + 16, MB_BASE);
        put32(h + 20, 0);
        put32(h + 24, 0);
        put32(h + 28, MB_BASE);
        if (!rows[i].good) expect_refused(&f, IMAGE_AUTO, "address fields of the multiboot header");
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_expect_eq(v.image != NULL, rows[i].good, "at %u: %s", rows[i].at, v.err);
        verdict_free(&v);
    }
}

Test(multiboot, near_misses_are_named)
{
    struct bytes f;
    build_multiboot(&f);
    f.b[MB_AT + 8]++;
    expect_refused(&f, IMAGE_MULTIBOOT, "has checksum 0xe4514ff8 instead of 0xe4514ff7");
    build_multiboot(&f);
    memmove(f.b + MB_AT + 1, f.b + MB_AT, 48);
    expect_refused(&f, IMAGE_MULTIBOOT, "at file offset 0x11 is not at a multiple of 4");
    memset(f.b, 0, f.n);
    expect_refused(&f, IMAGE_MULTIBOOT, "no multiboot header");
    build_elf(&f);
    static const uint32_t second[4] = {0xe85250d6, 0, 16, 0u - 0xe85250d6 - 16};
    for (unsigned i = 0; i < 4; i++)
        put32(f.b + ELF_TEXT + 4 * i, second[i]);
    expect_refused(&f, IMAGE_AUTO, "only a multiboot 2 header (file offset 0x100)");
    build_multiboot_elf(&f);
    f.b[4] = 2;
    expect_refused(&f, IMAGE_AUTO, "64-bit ELF");
    build_multiboot(&f);
    build_mb_header(f.b + MB_AT, 3);
    expect_refused(&f, IMAGE_MULTIBOOT, "the file is not ELF");
}

Test(multiboot, addresses_are_checked)
{
    static const struct {
        unsigned field;
        uint32_t value;
        const char *text;
    } rows[] = {
        {12, MB_BASE - 1, "before its first byte"},
        {12, MB_BASE + MB_AT + 1, "before its first byte"},
        {16, MB_BASE - 1, "before its first byte"},
        {20, MB_BASE - 1, "load_end_addr 0xfffff"},
        {20, MB_BASE + 0x81, "reaches 0x81 but the file ends at 0x80"},
        {24, MB_BASE + 0x6f, "bss_end_addr 0x10006f"},
        {24, 0xffffffff, "more than 1 GB"},
        {28, MB_BASE + 0x1000, "entry point 0x101000"},
    };
    struct bytes f;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        build_multiboot(&f);
        put32(f.b + MB_AT + rows[i].field, rows[i].value);
        expect_refused(&f, IMAGE_AUTO, rows[i].text);
    }
}

Test(multiboot, overlap_is_judged_by_physical_address)
{
    struct bytes f;
    build_multiboot_elf(&f);
    put32(f.b + ELF_PHDR + 32 + 12, MB_BASE + 0x3f);
    expect_refused(&f, IMAGE_AUTO, "segments load0 (0x100000) and load1 (0x10003f) overlap");
}

Test(flat, boot_sector_goes_to_7c00)
{
    struct bytes f;
    build_boot(&f);
    for (f.n = 512; f.n <= 1024; f.n += 256) {
        struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
        cr_assert(v.image, "%s", v.err);
        cr_assert_eq(v.image->kind, IMAGE_BOOT);
        cr_assert_eq(v.image->entry, 0x7c00);
        cr_assert_eq(v.image->segments[0].mem_size, 512);
        cr_assert_eq(v.image->file_size, f.n, "the rest stays as the disk");
        verdict_free(&v);
    }
    f.b[511] = 0;
    expect_refused(&f, IMAGE_BOOT, "has 55 00 at file offset 0x1fe");
    f.n = 511;
    expect_refused(&f, IMAGE_BOOT, "the file has 511");
}

Test(flat, anything_else_is_flat)
{
    uint8_t code[3] = {0xf4, 0xeb, 0xfd};
    struct verdict v = check_parse(code, 3, IMAGE_AUTO);
    cr_assert(v.image, "%s", v.err);
    cr_assert_eq(v.image->kind, IMAGE_RAW);
    cr_assert_eq(v.image->entry, 0x10000);
    cr_assert_eq(v.image->segments[0].file_size, 3);
    cr_assert(v.image->segments[0].writable && v.image->segments[0].executable);
    verdict_free(&v);
}

Test(flat, raw_base_is_bounded)
{
    uint8_t code[3] = {0xf4, 0xeb, 0xfd};
    char err[200];
    struct image *m;
    cr_assert_eq(image_parse(code, 3, IMAGE_RAW, 0xfffffffd, &m, err, sizeof err), ST_OK);
    image_free(m);
    cr_assert_eq(image_parse(code, 3, IMAGE_RAW, 0xfffffffe, &m, err, sizeof err), ST_FORMAT);
    cr_assert(strstr(err, "past 4 GB"));
    cr_assert_eq(image_parse(code, 3, (enum image_kind)99, 0, &m, err, sizeof err), ST_ARG);
    cr_assert_eq(image_parse(code, 3, (enum image_kind)99, 0, &m, NULL, 0), ST_ARG);
    cr_assert_eq(image_parse(code, IMAGE_FILE_MAX + 1u, IMAGE_RAW, 0, &m, err, sizeof err),
                 ST_FORMAT);
    cr_assert(strstr(err, "more than 256 MB"));
    cr_assert_eq(image_parse(code, 0, IMAGE_RAW, 0, &m, NULL, 0), ST_FORMAT);
}

Test(flat, foreign_files_are_named)
{
    static const struct {
        const char *start, *text;
    } rows[] = {{"!<arch>\n", "library archive"},
                {"#!/bin/sh", "script"},
                {"\x1f\x8b\x08", "gzip"},
                {"PK\x03\x04", "zip archive"},
                {"MZ", "DOS header"},
                {"\x7f"
                 "ELF",
                 "ELF header"},
                {"\xcf\xfa\xed\xfe", "Mach-O"}};
    struct bytes f;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(f.b, 0, f.n = 40);
        memcpy(f.b, rows[i].start, strlen(rows[i].start));
        expect_refused(&f, IMAGE_AUTO, rows[i].text);
        struct verdict v = check_parse(f.b, f.n, IMAGE_RAW);
        cr_expect(v.image, "asked for, it is taken as flat: %s", v.err);
        verdict_free(&v);
    }
}

Test(flat, order_of_recognition)
{
    struct bytes f;
    build_multiboot(&f);
    f.n = 1024;
    put16(f.b + 510, 0xaa55);
    struct verdict v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image && v.image->kind == IMAGE_MULTIBOOT, "multiboot comes before boot sectors");
    verdict_free(&v);
    build_mb_header(f.b + MB_AT, 3); /* no addresses, no ELF: not a kernel */
    v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image && v.image->kind == IMAGE_BOOT);
    verdict_free(&v);
    memcpy(f.b, "MZ", 2); /* a boot sector may begin with any bytes */
    v = check_parse(f.b, f.n, IMAGE_AUTO);
    cr_assert(v.image && v.image->kind == IMAGE_BOOT);
    verdict_free(&v);
}

Test(flat, every_kind_has_a_text)
{
    for (int k = IMAGE_AUTO; k <= IMAGE_RAW; k++)
        cr_assert_str_neq(image_kind_text((enum image_kind)k), "unknown");
    cr_assert_str_eq(image_kind_text((enum image_kind)99), "unknown");
}

Test(file, reads_whole_files_and_names_errors)
{
    char name[] = "/tmp/rt386-loader-XXXXXX", err[200];
    uint8_t *bytes;
    size_t size;
    int fd = mkstemp(name);
    cr_assert(fd >= 0);
    for (int i = 0; i < 20000; i++)
        cr_assert_eq(write(fd, "abcdefghij", 10), 10);
    close(fd);
    cr_assert_eq(file_read(name, &bytes, &size, err, sizeof err), ST_OK);
    cr_assert_eq(size, 200000);
    cr_assert_eq(bytes[199999], 'j');
    free(bytes);
    unlink(name);
    cr_assert_eq(file_read(name, &bytes, &size, err, sizeof err), ST_NOTFOUND);
    cr_assert(strstr(err, "No such file"));
    cr_assert_eq(file_read("/tmp", &bytes, &size, err, sizeof err), ST_IO);
    cr_assert(strstr(err, "folder"));
    cr_assert_eq(file_read("/dev/zero", &bytes, &size, err, sizeof err), ST_FORMAT);
    cr_assert(strstr(err, "256 MB"));
    cr_assert_null(bytes);
    cr_assert_eq(file_read("/dev/null", &bytes, &size, err, sizeof err), ST_OK);
    cr_assert_eq(size, 0);
    free(bytes);
}
