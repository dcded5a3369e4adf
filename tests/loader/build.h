/* build.h: small good images made in memory, for the tests to read, cut and spoil.
 *
 *   ELF   0 header  34 program headers (text, data, note)  100 text  140 data  160 note  180
 * symbols 1c0 strings  200 section headers (none, symbols, strings, note) PE    0 DOS  80 PE  98
 * optional  178 sections  400 .text  600 .rdata  800 .data  a00 .tls c00 .reloc  e00 COFF symbols
 * and strings multiboot (flat)   10 header  40 code multiboot (ELF)    as ELF, the header at the
 * start of text
 */
#ifndef RT386_TESTS_LOADER_BUILD_H
#define RT386_TESTS_LOADER_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "image.h"

#define BYTES_MAX 40000u

struct bytes {
    uint8_t b[BYTES_MAX];
    size_t n;
};

enum {
    ELF_PHDR = 0x34,
    ELF_TEXT = 0x100,
    ELF_DATA = 0x140,
    ELF_NOTE = 0x160,
    ELF_SYMS = 0x180,
    ELF_STRS = 0x1c0,
    ELF_SHDR = 0x200,
    ELF_SIZE = ELF_SHDR + 4 * 40,
    ELF_BASE = 0x08048000
};
enum {
    PE_COFF = 0x84,
    PE_OPT = 0x98,
    PE_DIR = PE_OPT + 96,
    PE_SECT = 0x178,
    PE_TEXT = 0x400,
    PE_RDATA = 0x600,
    PE_DATA = 0x800,
    PE_TLS = 0xa00,
    PE_RELOC = 0xc00,
    PE_SYMS = 0xe00,
    PE_BASE = 0x00400000,
    /* inside .rdata, which is loaded at 2000 */
    PE_IMPORT = PE_RDATA,        /* three descriptors */
    PE_NAMES1 = PE_RDATA + 0x40, /* names of RtRsl.rsl */
    PE_SLOTS1 = PE_RDATA + 0x50,
    PE_NAMES2 = PE_RDATA + 0x60, /* ordinals of clib.rsl */
    PE_SLOTS2 = PE_RDATA + 0x70,
    PE_STRINGS = PE_RDATA + 0x80,
    PE_TLSDIR = PE_RDATA + 0x100,
    PE_EXPORT = PE_RDATA + 0x140
};
enum { MB_AT = 0x10, MB_CODE = 0x40, MB_BASE = 0x00100000 };

void build_elf(struct bytes *f);
void build_pe(struct bytes *f);
void build_multiboot(struct bytes *f);
void build_multiboot_elf(struct bytes *f);
void build_boot(struct bytes *f);
/* Sets the three dwords of a multiboot header. */
void build_mb_header(uint8_t *at, uint32_t flags);

/* All of the above, for tests that take each in turn. */
struct good_image {
    const char *name;
    void (*build)(struct bytes *f);
    enum image_kind kind;
};
extern const struct good_image good_images[];
extern const size_t good_image_count;

/* What a parse said. check_parse also fails the test when the result breaks a promise of image.h: a
 * refusal without exactly one sentence, a segment outside the file, too much memory, too much time.
 */
struct verdict {
    status_t status;
    char err[400];
    struct image *image; /* NULL when refused; free with verdict_free */
    uint8_t *copy;       /* exactly as long as the file, so that a read past its end is seen */
};
struct verdict check_parse(const uint8_t *bytes, size_t size, enum image_kind kind);
void verdict_free(struct verdict *v);
/* The host refuses memory from the n-th request on; 0: never. */
void check_refuse_memory(unsigned n);
/* Parse as AUTO, require the refusal to contain the text. */
void expect_refused(const struct bytes *f, enum image_kind kind, const char *text);

#endif
