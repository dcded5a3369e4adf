#include "build.h"

#include <stdio.h>
#include <string.h>

#include "bits.h"

static void start(struct bytes *f, size_t n)
{
    memset(f->b, 0, sizeof f->b);
    f->n = n;
}

static void text(uint8_t *at, const char *s)
{
    memcpy(at, s, strlen(s) + 1);
}

static void dwords(uint8_t *at, size_t n, const uint32_t *v)
{
    for (size_t i = 0; i < n; i++)
        put32(at + 4 * i, v[i]);
}
#define DWORDS(at, ...)                                                                            \
    dwords((at), sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t), (uint32_t[]){__VA_ARGS__})

static void elf_symbol(struct bytes *f, unsigned index, uint32_t name, uint32_t value,
                       uint32_t size, uint8_t info)
{
    uint8_t *s = f->b + ELF_SYMS + 16 * index;
    DWORDS(s, name, value, size);
    s[12] = info;
    put16(s + 14, 1);
}

static void elf_header(struct bytes *f)
{
    memcpy(f->b,
           "\x7f"
           "ELF\1\1\1",
           7);
    put16(f->b + 0x10, 2);
    put16(f->b + 0x12, 3);
    DWORDS(f->b + 0x14, 1, ELF_BASE + ELF_TEXT + 0x10, ELF_PHDR, ELF_SHDR, 0);
    put16(f->b + 0x28, 52);
    put16(f->b + 0x2a, 32);
    put16(f->b + 0x2c, 3);
    put16(f->b + 0x2e, 40);
    put16(f->b + 0x30, 4);
}

void build_elf(struct bytes *f)
{
    start(f, ELF_SIZE);
    elf_header(f);
    /* type, offset, vaddr, paddr, filesz, memsz, flags, align */
    DWORDS(f->b + ELF_PHDR, 1, ELF_TEXT, ELF_BASE + ELF_TEXT, ELF_BASE + ELF_TEXT, 0x40, 0x40, 5,
           4);
    DWORDS(f->b + ELF_PHDR + 32, 1, ELF_DATA, ELF_BASE + 0x1140, ELF_BASE + 0x1140, 0x20, 0x100, 6,
           4);
    DWORDS(f->b + ELF_PHDR + 64, 4, ELF_NOTE, 0, 0, 0x18, 0x18, 4, 4);
    memset(f->b + ELF_TEXT, 0x90, 0x40);
    DWORDS(f->b + ELF_NOTE, 7, 4, 1);
    text(f->b + ELF_NOTE + 12, "INtime");
    text(f->b + ELF_STRS, "");
    text(f->b + ELF_STRS + 1, "_start");
    text(f->b + ELF_STRS + 8, "counter");
    text(f->b + ELF_STRS + 16, "loop");
    elf_symbol(f, 1, 8, ELF_BASE + 0x1140, 4, 0x11);
    elf_symbol(f, 2, 1, ELF_BASE + ELF_TEXT + 0x10, 0x20, 0x12);
    elf_symbol(f, 3, 16, ELF_BASE + ELF_TEXT + 0x18, 0, 0x00);
    /* name, type, flags, addr, offset, size, link, info, align, entsize */
    DWORDS(f->b + ELF_SHDR + 40, 0, 2, 0, 0, ELF_SYMS, 0x40, 2, 1, 4, 16);
    DWORDS(f->b + ELF_SHDR + 80, 0, 3, 0, 0, ELF_STRS, 24, 0, 0, 1, 0);
    DWORDS(f->b + ELF_SHDR + 120, 0, 7, 0, 0, ELF_NOTE, 0x18, 0, 0, 4, 0);
}

static void pe_section(struct bytes *f, unsigned index, const char *name, uint32_t mem, uint32_t at,
                       uint32_t flags)
{
    uint8_t *s = f->b + PE_SECT + 40 * index;
    memcpy(s, name, strlen(name));
    DWORDS(s + 8, mem, 0x1000 * (index + 1), 0x200, at);
    put32(s + 36, flags);
}

/* Address (without base) of a file offset inside a section. */
static uint32_t rva(uint32_t off)
{
    return (off - PE_TEXT) / 0x200 * 0x1000 + 0x1000 + off % 0x200;
}

static void pe_headers(struct bytes *f)
{
    uint8_t *o = f->b + PE_OPT;
    text(f->b, "MZ");
    put32(f->b + 0x3c, 0x80);
    memcpy(f->b + 0x80, "PE\0\0", 4);
    put16(f->b + PE_COFF, 0x14c);
    put16(f->b + PE_COFF + 2, 5);
    DWORDS(f->b + PE_COFF + 8, PE_SYMS, 4);
    put16(f->b + PE_COFF + 16, 0xe0);
    put16(f->b + PE_COFF + 18, 0x0102);
    put16(o, 0x10b);
    put32(o + 16, 0x1010);
    DWORDS(o + 28, PE_BASE, 0x1000, 0x200);
    put16(o + 44, 21076);
    put16(o + 46, 20053);
    DWORDS(o + 56, 0x6000, 0x400);
    put16(o + 68, 3);
    DWORDS(o + 72, 0x100000, 0x1000, 0x200000, 0x2000, 0, 16);
    DWORDS(o + 96 + 8 * 0, rva(PE_EXPORT), 0x80);
    DWORDS(o + 96 + 8 * 1, rva(PE_IMPORT), 60);
    DWORDS(o + 96 + 8 * 5, rva(PE_RELOC), 12);
    DWORDS(o + 96 + 8 * 9, rva(PE_TLSDIR), 24);
    pe_section(f, 0, ".text", 0x100, PE_TEXT, 0x60000020);
    pe_section(f, 1, ".rdata", 0x200, PE_RDATA, 0x40000040);
    pe_section(f, 2, ".data", 0x900, PE_DATA, 0xc0000040);
    pe_section(f, 3, ".tls", 0x10, PE_TLS, 0xc0000040);
    pe_section(f, 4, "/4", 0x20, PE_RELOC, 0x42000040);
}

static void pe_imports_put(struct bytes *f)
{
    uint8_t *s = f->b + PE_STRINGS;
    text(s, "RtRsl.rsl");
    text(s + 0x10, "clib.rsl");
    put16(s + 0x20, 35);
    text(s + 0x22, "CreateRtMemoryHandle");
    put16(s + 0x40, 3);
    text(s + 0x42, "AllocateRtMemory");
    DWORDS(f->b + PE_IMPORT, rva(PE_NAMES1), 0, 0, rva(PE_STRINGS), rva(PE_SLOTS1));
    DWORDS(f->b + PE_IMPORT + 20, rva(PE_NAMES2), 0, 0, rva(PE_STRINGS + 0x10), rva(PE_SLOTS2));
    DWORDS(f->b + PE_NAMES1, rva(PE_STRINGS + 0x20), rva(PE_STRINGS + 0x40), 0);
    DWORDS(f->b + PE_SLOTS1, rva(PE_STRINGS + 0x20), rva(PE_STRINGS + 0x40), 0);
    DWORDS(f->b + PE_NAMES2, 0x80000000u + 301, 0x80000000u + 237, 0);
    DWORDS(f->b + PE_SLOTS2, 0x80000000u + 301, 0x80000000u + 237, 0);
}

/* Three functions from ordinal 5 on: "open" = 7, no name = 5, "close" = 6; "read" is a second name
 * of 6; ordinal 8 is a gap. */
static void pe_exports_put(struct bytes *f)
{
    uint8_t *x = f->b + PE_EXPORT;
    DWORDS(x + 12, rva(PE_EXPORT + 0x60), 5, 4, 3, rva(PE_EXPORT + 0x28), rva(PE_EXPORT + 0x38),
           rva(PE_EXPORT + 0x44));
    DWORDS(x + 0x28, 0x1004, 0x1008, 0x100c, 0);
    DWORDS(x + 0x38, rva(PE_EXPORT + 0x4c), rva(PE_EXPORT + 0x52), rva(PE_EXPORT + 0x58));
    put16(x + 0x44, 1);
    put16(x + 0x46, 2);
    put16(x + 0x48, 1);
    text(x + 0x4c, "close");
    text(x + 0x52, "open");
    text(x + 0x58, "read");
    text(x + 0x60, "demo.rsl");
}

static void pe_symbols_put(struct bytes *f)
{
    uint8_t *s = f->b + PE_SYMS;
    memcpy(s, "_main\0\0\0", 8);
    put32(s + 8, 0x20);
    put16(s + 12, 1);
    s[16] = 2;
    DWORDS(s + 18, 0, 4, 0x40); /* long name at 4 of the strings */
    put16(s + 18 + 12, 1);
    s[18 + 16] = 2;
    s[18 + 17] = 1;            /* one auxiliary record follows, which is record 3 */
    memcpy(s + 36, "_aux", 4); /* looks like a symbol and is none */
    put16(s + 36 + 12, 1);
    s[36 + 16] = 2;
    memcpy(s + 54, "_count8!", 8); /* eight bytes, no end */
    put32(s + 54 + 8, 0x10);
    put16(s + 54 + 12, 3);
    s[54 + 16] = 3;
    put32(s + 72, 4 + 20);
    text(s + 76, ".reloc_longer_name_");
}

void build_pe(struct bytes *f)
{
    start(f, PE_SYMS + 72 + 24);
    pe_headers(f);
    memset(f->b + PE_TEXT, 0x90, 0x100);
    put32(f->b + PE_TEXT + 0x30, PE_BASE + 0x3000);
    pe_imports_put(f);
    pe_exports_put(f);
    DWORDS(f->b + PE_TLSDIR, PE_BASE + rva(PE_TLS), PE_BASE + rva(PE_TLS) + 0x10, PE_BASE + 0x3000,
           PE_BASE + 0x3008, 0x20, 0);
    put32(f->b + PE_DATA, 0xffffffff);
    DWORDS(f->b + PE_RELOC, 0x1000, 12);
    put16(f->b + PE_RELOC + 8, 0x3030);
    pe_symbols_put(f);
}

void build_mb_header(uint8_t *at, uint32_t flags)
{
    DWORDS(at, 0x1badb002, flags, 0u - 0x1badb002 - flags);
}

void build_multiboot(struct bytes *f)
{
    start(f, 0x80);
    memset(f->b, 0x90, f->n);
    build_mb_header(f->b + MB_AT, 0x00010007);
    DWORDS(f->b + MB_AT + 12, MB_BASE + MB_AT, MB_BASE, MB_BASE + 0x70, MB_BASE + 0x1000,
           MB_BASE + MB_CODE, 1, 80, 25, 0);
}

void build_multiboot_elf(struct bytes *f)
{
    build_elf(f);
    build_mb_header(f->b + ELF_TEXT, 3);
    /* linked high, loaded at 1 MB; the entry point is given as it was linked */
    put32(f->b + ELF_PHDR + 12, MB_BASE);
    put32(f->b + ELF_PHDR + 32 + 12, MB_BASE + 0x1000);
}

void build_boot(struct bytes *f)
{
    start(f, 1024);
    memset(f->b, 0xcc, f->n);
    put16(f->b + 510, 0xaa55);
}

const struct good_image good_images[] = {
    {"elf", build_elf, IMAGE_ELF},
    {"pe", build_pe, IMAGE_PE},
    {"multiboot", build_multiboot, IMAGE_MULTIBOOT},
    {"multiboot elf", build_multiboot_elf, IMAGE_MULTIBOOT},
    {"boot", build_boot, IMAGE_BOOT},
};
const size_t good_image_count = sizeof good_images / sizeof good_images[0];
