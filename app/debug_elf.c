#include "debug_elf.h"

#include "bytes.h"

#include <string.h>

#define SECTIONS_MAX 96u
#define PE_SECTION   40u /* bytes of a header [PE/COFF Section Table] */
#define PE_SYMBOL    18u
#define ELF_HEADER   52u
#define ELF_SECTION  40u

struct section {
    const char *name;
    const uint8_t *bytes;
    uint32_t n;
};
struct found {
    unsigned count;
    struct section at[SECTIONS_MAX];
};

/* Names longer than eight letters are "/N": an offset in the string table behind the symbols. */
static const char *name_of(const uint8_t *pe, size_t n, size_t strings, const uint8_t *header,
                           char shorts[9])
{
    memcpy(shorts, header, 8);
    shorts[8] = '\0';
    if (shorts[0] != '/') return shorts;
    size_t at = strings;
    unsigned long offset = 0;
    for (const char *p = shorts + 1; *p >= '0' && *p <= '9'; p++)
        offset = offset * 10 + (unsigned long)(*p - '0');
    if (!strings || offset >= n - at) return "";
    const char *name = (const char *)pe + at + offset;
    return memchr(name, 0, n - at - offset) ? name : "";
}

static bool sections_of(const uint8_t *pe, size_t n, struct found *found)
{
    if (n < 0x40 || pe[0] != 'M' || pe[1] != 'Z') return false;
    size_t head = bytes_get32(pe + 0x3c);
    if (head > n || n - head < 24 || memcmp(pe + head, "PE\0\0", 4) != 0) return false;
    unsigned count = bytes_get16(pe + head + 6);
    size_t symbols = bytes_get32(pe + head + 12);
    uint64_t strings = symbols + (uint64_t)bytes_get32(pe + head + 16) * PE_SYMBOL;
    size_t table = head + 24 + bytes_get16(pe + head + 20);
    if (strings >= n || !symbols) strings = 0;
    for (unsigned i = 0; i < count && found->count < SECTIONS_MAX; i++) {
        if (table > n || n - table < (i + 1) * (size_t)PE_SECTION) return false;
        const uint8_t *header = pe + table + i * (size_t)PE_SECTION;
        char shorts[9];
        const char *name = name_of(pe, n, (size_t)strings, header, shorts);
        uint32_t size = bytes_get32(header + 16), at = bytes_get32(header + 20);
        uint32_t used = bytes_get32(header + 8);
        if (strncmp(name, ".debug_", 7) != 0 || name == shorts) continue;
        if (at > n || size > n - at) return false;
        found->at[found->count++] =
            (struct section){name, pe + at, used && used < size ? used : size};
    }
    return found->count != 0;
}

static void put16(struct text *t, unsigned v)
{
    uint8_t bytes[2];
    bytes_put16(bytes, v);
    text_addn(t, (const char *)bytes, sizeof bytes);
}
static void put32(struct text *t, uint32_t v)
{
    uint8_t bytes[4];
    bytes_put32(bytes, v);
    text_addn(t, (const char *)bytes, sizeof bytes);
}

static void elf_header(struct text *t, uint32_t sections_at, unsigned count)
{
    static const char ident[16] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    text_addn(t, ident, sizeof ident);
    put16(t, 2); /* an executable, */
    put16(t, 3); /* of an 80386 */
    put32(t, 1);
    put32(t, 0);
    put32(t, 0);
    put32(t, sections_at);
    put32(t, 0);
    put16(t, ELF_HEADER);
    put16(t, 0);
    put16(t, 0);
    put16(t, ELF_SECTION);
    put16(t, count);
    put16(t, count - 1);
}

static void elf_section(struct text *t, uint32_t name, uint32_t type, uint32_t at, uint32_t size)
{
    const uint32_t words[] = {name, type, 0, 0, at, size, 0, 0, 1, 0};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        put32(t, words[i]);
}

bool debug_elf_of_pe(const uint8_t *pe, size_t n, struct text *elf)
{
    enum { PROGBITS = 1, STRTAB = 3 };
    struct found found = {0};
    struct text names = {0};
    if (n > UINT32_MAX / 2 || !sections_of(pe, n, &found)) return false;
    uint32_t at = ELF_HEADER + (found.count + 2) * ELF_SECTION;
    elf_header(elf, ELF_HEADER, found.count + 2);
    elf_section(elf, 0, 0, 0, 0);
    text_addn(&names, "", 1);
    for (unsigned i = 0; i < found.count; i++) {
        elf_section(elf, (uint32_t)names.n, PROGBITS, at, found.at[i].n);
        text_addn(&names, found.at[i].name, strlen(found.at[i].name) + 1);
        at += found.at[i].n;
    }
    uint32_t own = (uint32_t)names.n;
    text_addn(&names, ".shstrtab", 10);
    elf_section(elf, own, STRTAB, at, (uint32_t)names.n);
    for (unsigned i = 0; i < found.count; i++)
        text_addn(elf, (const char *)found.at[i].bytes, found.at[i].n);
    text_addn(elf, names.p, names.n);
    bool ok = !names.failed && !elf->failed;
    text_free(&names);
    return ok;
}
