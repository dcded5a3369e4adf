/* load.h: what the readers of this folder share; not for other layers.
 *
 * Rules for a reader: nothing of the file is touched before load_span() or load_at() said that it
 * is there; sums are made in 64 bits; loops are bounded by the file's size; memory comes from
 * load_table(), which counts it against the limit; strings go into sentences through load_quote().
 */
#ifndef RT386_LOADER_LOAD_H
#define RT386_LOADER_LOAD_H

#include "bits.h"
#include "image.h"

#define LOAD_NAME_MAX 4096u /* longest name of an import or export */
#define WALK_FACTOR   4u    /* names and notes walked, in file sizes */
#define MB_SEARCH     8192u /* a multiboot header lies in the first bytes of the file */

struct load {
    const uint8_t *bytes;
    size_t size;
    struct image *image;
    uint32_t raw_base;
    uint64_t walk_left; /* bytes of names and notes that may still be walked */
    char *err;
    size_t err_size;
};

/* Is [off, off + len) inside the file? */
static inline bool load_span(const struct load *l, uint64_t off, uint64_t len)
{
    return off <= l->size && len <= l->size - off;
}
/* Writes the sentence; always ST_FORMAT. */
status_t load_refuse(struct load *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The sentence for a table of `what` at [off, off + len) that the file does not hold. */
status_t load_cut(struct load *l, const char *what, uint64_t off, uint64_t len);
/* Zeroed memory owned by the image. *out is NULL for count 0. */
status_t load_table(struct load *l, uint64_t count, size_t element, void *out);
/* Up to `len` bytes as printable text, '?' for the rest; ends at a NUL; to[] gets a NUL. */
const char *load_quote(char *to, size_t to_size, const uint8_t *from, size_t len);
/* Is there a name of printable bytes at `off`, with its NUL before off + max? False also when the
 * names so far add up to more than WALK_FACTOR times the file: many entries then share long ones.
 */
bool load_name_ok(struct load *l, uint64_t off, size_t max);
/* String tables: ends with NUL and has no control bytes from `skip` on, so that every offset in it
 * names a string. */
status_t load_strings_check(struct load *l, const char *what, uint32_t off, uint32_t size,
                            uint32_t skip);
/* Overlap of ordered or unordered segments, sums and the entry point, common to all kinds. `physical`: overlap is judged by paddr.
 */
status_t load_segments_check(struct load *l, bool physical);
void load_symbols_sort(struct load *l, struct image_symbol *scratch);

status_t load_elf(struct load *l);
status_t load_pe(struct load *l);
status_t load_multiboot(struct load *l);
status_t load_boot(struct load *l);
status_t load_raw(struct load *l);

bool load_is_elf(const struct load *l);
/* The PE signature's offset, or 0. */
uint32_t load_pe_offset(const struct load *l);
/* What image_parse does for multiboot files: is this one? */
bool load_is_multiboot(const struct load *l);
/* Refuses an ELF file whose multiboot header is where no loader looks, or is of version 2. */
status_t load_multiboot_misplaced(struct load *l);
/* Reads program headers and symbols of an ELF file; leaves checks of overlap to the caller. */
status_t load_elf_body(struct load *l);
void load_elf_order(struct image *image, bool physical);

#endif
