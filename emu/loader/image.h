/* image.h: what a guest file says, checked, before anything is placed in memory.
 *
 *   file bytes --image_parse--> struct image: segments | imports, exports, relocations, TLS |
 * symbols ^                          |
 *        +---- segment bytes and names point into the file, which must outlive the image
 *
 * Offsets and sizes are validated against the file; a refused file gets one sentence: what is
 * wrong, where, what to do. Nothing here knows of a machine.
 *
 * Not read: dynamic linking of ELF (DT_*), ELF relocations, PE resources, delay imports (the helper
 * code in the image does those), bound import stamps, checksums, debug data.
 *
 * Holds for every accepted image:
 *  - a segment's bytes lie inside the file; mem_size >= file_size; vaddr + mem_size and
 *    paddr + mem_size are at most 4 GB; the sum of mem_size is at most IMAGE_MEMORY_MAX;
 *  - segments ascend and do not overlap in vaddr (multiboot: in paddr);
 *  - the entry point lies in a segment (a PE library may have none: entry 0);
 *  - every import slot and relocated dword lies in one segment; every export in the image, but for forwarded
 *    ones, whose text has a module and a symbol;
 *  - the tables made take at most IMAGE_STORE_FACTOR times the file's size + IMAGE_STORE_EXTRA
 * bytes.
 */
#ifndef RT386_LOADER_IMAGE_H
#define RT386_LOADER_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

#define IMAGE_FILE_MAX     0x10000000u /* 256 MB: the largest file that is read */
#define IMAGE_MEMORY_MAX   0x40000000u /* 1 GB: the most memory an image may ask for */
#define IMAGE_ERR_MAX      224u        /* room that any sentence fits into */
#define IMAGE_SEGMENT_MAX  128u        /* loadable ELF segments, PE sections with the headers */
#define IMAGE_STORE_FACTOR 16u
#define IMAGE_STORE_EXTRA  65536u

/* The image version of the linker that marks INtime images: "RT" "NU" read as two words. */
#define IMAGE_INTIME_MAJOR 21076u
#define IMAGE_INTIME_MINOR 20053u

enum image_kind {
    IMAGE_AUTO,      /* for callers: find out */
    IMAGE_ELF,       /* ELF32 i386 executable */
    IMAGE_PE,        /* PE32 i386: .rta or .rsl */
    IMAGE_MULTIBOOT, /* multiboot 1 kernel (ELF or with address fields) */
    IMAGE_BOOT,      /* 512-byte boot sector with 55 AA, goes to 7C00 in real mode */
    IMAGE_RAW        /* flat binary */
};

struct image_segment {
    uint32_t vaddr;       /* absolute (image base included) */
    uint32_t paddr;       /* ELF p_paddr; else = vaddr */
    uint32_t file_size;   /* bytes from the file */
    uint32_t mem_size;    /* >= file_size; the rest is zero */
    const uint8_t *bytes; /* inside the file's bytes */
    bool writable, executable;
    bool discardable; /* PE: not used at run time (relocations, debug data) */
    char name[12];    /* printable; a PE section's name, "headers", or "load0" and so on */
};
struct image_symbol {
    uint32_t value, size; /* size 0: not known */
    const char *name;
};
struct image_import {
    const char *module; /* "RtRsl.rsl" */
    const char *name;   /* NULL: by ordinal */
    uint16_t ordinal, hint;
    uint32_t slot; /* absolute address of the IAT entry */
};
struct image_export {
    const char *name; /* NULL: by ordinal only */
    uint16_t ordinal;
    uint32_t vaddr;      /* 0: forwarded */
    const char *forward; /* "module.symbol" or "module.#ordinal"; NULL: it is here */
};
struct image {
    enum image_kind kind;
    uint32_t entry; /* multiboot: physical */
    struct image_segment *segments;
    size_t segment_count;
    struct image_symbol *symbols; /* sorted by value */
    size_t symbol_count;
    struct image_import *imports;
    size_t import_count;
    struct image_export *exports; /* sorted by name, those without one last */
    size_t export_count;
    uint32_t *ordinals; /* of ordinal_base + i: its export's index + 1, or 0 */
    uint32_t ordinal_base, ordinal_count;
    uint32_t *relocs; /* absolute addresses of dwords to which the load delta is added */
    size_t reloc_count;
    /* PE */
    uint32_t base, size;
    uint32_t stack_reserve, stack_commit, heap_reserve, heap_commit;
    uint16_t version_major, version_minor; /* 21076.20053 marks INtime */
    bool is_dll;
    bool fixed;         /* relocations were stripped: it runs at `base` only */
    const char *module; /* the library's own name in its export table, or NULL */
    uint32_t tls_start, tls_end, tls_index, tls_callbacks, tls_zero; /* 0: no TLS directory */
    /* multiboot */
    uint32_t mb_flags;
    bool mb_has_video;
    uint32_t mb_video[4]; /* mode type, width, height, depth */
    /* INtime mark: PE image version, imports from RtRsl.rsl or clib.rsl, or an ELF note named "INtime" */
    bool intime;
    const uint8_t *file; /* the bytes given; must outlive the image */
    size_t file_size;
    void *storage; /* owned strings and tables */
};

/* Reads at most 256 MB. err gets one sentence without the file's name: what is wrong, where, what
 * to do. */
status_t file_read(const char *path, uint8_t **bytes, size_t *size, char *err, size_t err_size);
/* kind IMAGE_AUTO looks at the bytes: PE, multiboot, ELF, boot sector, raw, in this order.
 * `raw_base` is where a raw image goes. */
status_t image_parse(const uint8_t *bytes, size_t size, enum image_kind kind, uint32_t raw_base,
                     struct image **out, char *err, size_t err_size);
void image_free(struct image *image);
/* The segment that holds [vaddr, vaddr + size), or NULL. */
const struct image_segment *image_segment_at(const struct image *image, uint32_t vaddr,
                                             uint32_t size);
/* The symbol that covers `address`, or NULL. One of unknown size covers up to the next symbol or
 * the end of its segment. */
const struct image_symbol *image_symbol_at(const struct image *image, uint32_t address);
const struct image_export *image_export_by_name(const struct image *image, const char *name);
const struct image_export *image_export_by_ordinal(const struct image *image, uint16_t ordinal);
const char *image_kind_text(enum image_kind kind);

#endif
