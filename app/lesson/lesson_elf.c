#include "lesson_elf.h"

#include <string.h>

enum { SHT_SYMTAB = 2, PT_LOAD = 1, BOOT_AT = 0x7c00 };

struct file {
    const uint8_t *p;
    size_t n;
};

static bool inside(const struct file *f, uint64_t at, uint64_t n)
{
    return at <= f->n && n <= f->n - at;
}

static uint32_t le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t le16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static bool is_elf32(const struct file *f)
{
    return f->n >= 52 && !memcmp(f->p, "\177ELF\1\1", 6);
}

bool lesson_elf_is(const uint8_t *bytes, size_t n)
{
    return is_elf32(&(struct file){bytes, n});
}

/* The i-th section header, or NULL. */
static const uint8_t *section(const struct file *f, uint32_t i)
{
    uint64_t at = le32(f->p + 32) + (uint64_t)i * 40;
    return i < le16(f->p + 48) && le16(f->p + 46) == 40 && inside(f, at, 40) ? f->p + at : NULL;
}

static bool is_called(const struct file *f, const uint8_t *strings, uint32_t at, const char *name)
{
    size_t n = strlen(name) + 1;
    return at <= le32(strings + 20) && inside(f, (uint64_t)le32(strings + 16) + at, n) &&
           !memcmp(f->p + le32(strings + 16) + at, name, n);
}

static bool find_in(const struct file *f, const uint8_t *table, const char *name, uint32_t *value)
{
    uint32_t at = le32(table + 16), size = le32(table + 20);
    const uint8_t *strings = section(f, le32(table + 24));
    if (!strings || !inside(f, at, size)) return false;
    for (uint32_t i = 0; i + 16 <= size; i += 16) {
        const uint8_t *symbol = f->p + at + i;
        if (!le16(symbol + 14) || !is_called(f, strings, le32(symbol), name)) continue;
        *value = le32(symbol + 4);
        return true;
    }
    return false;
}

bool lesson_elf_symbol(const uint8_t *bytes, size_t n, const char *name, uint32_t *value)
{
    struct file f = {bytes, n};
    if (!is_elf32(&f)) return false;
    for (uint32_t i = 0; i < le16(f.p + 48); i++) {
        const uint8_t *s = section(&f, i);
        if (s && le32(s + 4) == SHT_SYMTAB && find_in(&f, s, name, value)) return true;
    }
    return false;
}

bool lesson_elf_boot(const uint8_t *bytes, size_t n, uint8_t sector[512])
{
    struct file f = {bytes, n};
    if (!is_elf32(&f) || le32(f.p + 24) != BOOT_AT) return false;
    for (uint32_t i = 0; i < le16(f.p + 44); i++) {
        uint64_t at = le32(f.p + 28) + (uint64_t)i * 32;
        if (!inside(&f, at, 32)) return false;
        const uint8_t *p = f.p + at;
        if (le32(p) != PT_LOAD || le32(p + 8) != BOOT_AT || le32(p + 16) < 512) continue;
        if (!inside(&f, le32(p + 4), 512)) return false;
        memcpy(sector, f.p + le32(p + 4), 512);
        return true;
    }
    return false;
}
