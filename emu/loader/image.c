#include "image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

/* What an image owns: a chain of blocks. */
struct block {
    struct block *next;
};
struct storage {
    struct block *blocks;
    uint64_t used, limit;
};

status_t load_refuse(struct load *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (l->err && l->err_size) vsnprintf(l->err, l->err_size, format, args);
    va_end(args);
    return ST_FORMAT;
}

status_t load_cut(struct load *l, const char *what, uint64_t off, uint64_t len)
{
    return load_refuse(
        l,
        "%s at file offset 0x%llx reaches 0x%llx but the file ends at 0x%zx: the file "
        "is cut off; copy it again",
        what, (unsigned long long)off, (unsigned long long)(off + len), l->size);
}

status_t load_table(struct load *l, uint64_t count, size_t element, void *out)
{
    struct storage *s = l->image->storage;
    void **to = out;
    *to = NULL;
    if (!count) return ST_OK;
    if (count > s->limit || count * element > s->limit - s->used)
        return load_refuse(l,
                           "the tables of this file would take more than %u times its size: it is "
                           "damaged; link it again",
                           IMAGE_STORE_FACTOR);
    struct block *b = calloc(1, sizeof *b + (size_t)count * element);
    if (!b) {
        load_refuse(l, "the host has no memory left for the tables of this file; free some");
        return ST_NOMEM;
    }
    s->used += count * element;
    b->next = s->blocks;
    s->blocks = b;
    *to = b + 1;
    return ST_OK;
}

const char *load_quote(char *to, size_t to_size, const uint8_t *from, size_t len)
{
    size_t n = 0;
    while (n < len && n + 1 < to_size && from[n]) {
        to[n] = from[n] >= 0x20 && from[n] < 0x7f ? (char)from[n] : '?';
        n++;
    }
    to[n] = 0;
    return to;
}

static bool control_byte(uint8_t b)
{
    return b < 0x20 || b == 0x7f;
}

bool load_name_ok(struct load *l, uint64_t off, size_t max)
{
    for (size_t n = 0; n < max && load_span(l, off + n, 1) && l->walk_left; n++) {
        uint8_t b = l->bytes[off + n];
        l->walk_left--;
        if (!b) return n > 0;
        if (control_byte(b)) return false;
    }
    return false;
}

status_t load_strings_check(struct load *l, const char *what, uint32_t off, uint32_t size,
                            uint32_t skip)
{
    if (!load_span(l, off, size)) return load_cut(l, what, off, size);
    if (size <= skip) return ST_OK;
    if (l->bytes[off + size - 1])
        return load_refuse(l,
                           "%s at file offset 0x%x does not end with a zero byte: the file is "
                           "damaged; link it again",
                           what, off);
    for (uint32_t i = skip; i < size; i++)
        if (l->bytes[off + i] && control_byte(l->bytes[off + i]))
            return load_refuse(l,
                               "%s has the control byte 0x%02x at file offset 0x%x: the file is "
                               "damaged; link it again",
                               what, l->bytes[off + i], off + i);
    return ST_OK;
}

static uint32_t place_of(const struct image_segment *s, bool physical)
{
    return physical ? s->paddr : s->vaddr;
}

static bool overlap(const struct image_segment *a, const struct image_segment *b, bool physical)
{
    uint64_t x = place_of(a, physical), y = place_of(b, physical);
    return a->mem_size && b->mem_size && x < y + b->mem_size && y < x + a->mem_size;
}

static bool holds(uint32_t start, uint32_t size, uint32_t at, uint32_t n)
{
    return at >= start && at - start <= size && n <= size - (at - start);
}

const struct image_segment *image_segment_at(const struct image *image, uint32_t vaddr,
                                             uint32_t size)
{
    for (size_t i = 0; i < image->segment_count; i++)
        if (image->segments[i].mem_size &&
            holds(image->segments[i].vaddr, image->segments[i].mem_size, vaddr, size ? size : 1))
            return &image->segments[i];
    return NULL;
}

/* One segment against the 4 GB and against those before it. */
static status_t segment_check(struct load *l, size_t i, bool physical)
{
    const struct image_segment *s = &l->image->segments[i];
    uint64_t top = UINT64_C(1) << 32;
    if (s->vaddr + (uint64_t)s->mem_size > top || s->paddr + (uint64_t)s->mem_size > top)
        return load_refuse(l,
                           "segment %s at 0x%x with 0x%x bytes of memory reaches past 4 GB; link "
                           "it at a lower address",
                           s->name, place_of(s, physical), s->mem_size);
    for (size_t j = 0; j < i; j++)
        if (overlap(&l->image->segments[j], s, physical))
            return load_refuse(l,
                               "segments %s (0x%x) and %s (0x%x) overlap in memory; mend the "
                               "addresses in the linker script",
                               l->image->segments[j].name,
                               place_of(&l->image->segments[j], physical), s->name,
                               place_of(s, physical));
    return ST_OK;
}

static bool entry_ok(const struct image *image, bool physical)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *s = &image->segments[i];
        if (s->mem_size && holds(place_of(s, physical), s->mem_size, image->entry, 1)) return true;
    }
    return image->is_dll && image->entry == 0;
}

status_t load_segments_check(struct load *l, bool physical)
{
    struct image *image = l->image;
    uint64_t sum = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        status_t s = segment_check(l, i, physical);
        if (s) return s;
        sum += image->segments[i].mem_size;
    }
    if (sum > IMAGE_MEMORY_MAX)
        return load_refuse(l,
                           "the image asks for 0x%llx bytes of memory, more than 1 GB; make its "
                           "zeroed data smaller",
                           (unsigned long long)sum);
    if (!entry_ok(image, physical))
        return load_refuse(l,
                           "the entry point 0x%x lies in no loaded segment; give the linker an "
                           "entry symbol (-e)",
                           image->entry);
    return ST_OK;
}

/* Merges from[lo, mid) and from[mid, hi) to to[lo, hi); equal values keep their order. */
static void merge(const struct image_symbol *from, struct image_symbol *to, size_t lo, size_t mid,
                  size_t hi)
{
    size_t a = lo, b = mid;
    for (size_t i = lo; i < hi; i++) {
        bool left = a < mid && (b >= hi || from[a].value <= from[b].value);
        to[i] = left ? from[a++] : from[b++];
    }
}

/* Stable, so that the order depends on the file alone. */
void load_symbols_sort(struct load *l, struct image_symbol *scratch)
{
    struct image_symbol *from = l->image->symbols, *to = scratch;
    size_t n = l->image->symbol_count;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            size_t mid = lo + width < n ? lo + width : n;
            size_t hi = mid + width < n ? mid + width : n;
            merge(from, to, lo, mid, hi);
        }
        struct image_symbol *swap = from;
        from = to;
        to = swap;
    }
    l->image->symbols = from;
}

static struct image *image_new(const uint8_t *bytes, size_t size)
{
    struct image *image = calloc(1, sizeof *image);
    struct storage *s = calloc(1, sizeof *s);
    if (!image || !s) {
        free(image);
        free(s);
        return NULL;
    }
    s->limit = (uint64_t)size * IMAGE_STORE_FACTOR + IMAGE_STORE_EXTRA;
    image->storage = s;
    image->file = bytes;
    image->file_size = size;
    return image;
}

void image_free(struct image *image)
{
    if (!image) return;
    struct storage *s = image->storage;
    for (struct block *b = s->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(s);
    free(image);
}

/* Formats that would otherwise be taken for flat code. */
static status_t foreign_refuse(struct load *l)
{
    static const struct {
        const char *magic, *sentence;
    } table[] = {
        {"!<arch>\n", "this is a library archive (ar); link it into a program first"},
        {"#!", "this is a script for the host's shell; give a guest program"},
        {"\x1f\x8b\x08", "this is gzip-compressed data; unpack it first"},
        {"\xfd"
         "7zXZ",
         "this is xz-compressed data; unpack it first"},
        {"\x28\xb5\x2f\xfd", "this is zstd-compressed data; unpack it first"},
        {"PK\x03\x04", "this is a zip archive; unpack it first"},
        {"\xce\xfa\xed\xfe", "this is a Mach-O program; build it as ELF for i386 or as PE"},
        {"\xcf\xfa\xed\xfe", "this is a 64-bit Mach-O program; build it as ELF for i386 or as PE"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        size_t n = strlen(table[i].magic);
        if (l->size >= n && !memcmp(l->bytes, table[i].magic, n))
            return load_refuse(l, "%s", table[i].sentence);
    }
    return ST_OK;
}

static bool boot_signature(const struct load *l)
{
    return l->size >= 512 && get16(l->bytes + 510) == 0xaa55;
}

static enum image_kind detect(const struct load *l)
{
    if (l->size >= 2 && l->bytes[0] == 'M' && l->bytes[1] == 'Z' &&
        (load_pe_offset(l) || !boot_signature(l)))
        return IMAGE_PE;
    if (load_is_multiboot(l)) return IMAGE_MULTIBOOT;
    if (load_is_elf(l)) return IMAGE_ELF;
    if (boot_signature(l)) return IMAGE_BOOT;
    return IMAGE_RAW;
}

static status_t parse(struct load *l, enum image_kind kind)
{
    bool found = kind == IMAGE_AUTO;
    status_t s = ST_OK;
    if (found) kind = detect(l);
    if (found && kind == IMAGE_ELF) s = load_multiboot_misplaced(l);
    if (found && kind == IMAGE_RAW) s = foreign_refuse(l);
    if (s) return s;
    l->image->kind = kind;
    switch (kind) {
    case IMAGE_ELF: return load_elf(l);
    case IMAGE_PE: return load_pe(l);
    case IMAGE_MULTIBOOT: return load_multiboot(l);
    case IMAGE_BOOT: return load_boot(l);
    case IMAGE_RAW: return load_raw(l);
    case IMAGE_AUTO: break;
    }
    return ST_ARG;
}

status_t image_parse(const uint8_t *bytes, size_t size, enum image_kind kind, uint32_t raw_base,
                     struct image **out, char *err, size_t err_size)
{
    struct load l = {
        .bytes = bytes, .size = size, .raw_base = raw_base, .err = err, .err_size = err_size};
    if (err && err_size) err[0] = 0;
    *out = NULL;
    if (!bytes || (unsigned)kind > IMAGE_RAW) return ST_ARG;
    if (!size) return load_refuse(&l, "the file is empty; build or copy it again");
    if (size > IMAGE_FILE_MAX)
        return load_refuse(&l, "the file has %zu bytes, more than 256 MB; give a smaller one",
                           size);
    l.image = image_new(bytes, size);
    l.walk_left = (uint64_t)size * WALK_FACTOR + IMAGE_STORE_EXTRA;
    if (!l.image) {
        load_refuse(&l, "the host has no memory left to read this file; free some");
        return ST_NOMEM;
    }
    status_t s = parse(&l, kind);
    if (s) {
        image_free(l.image);
        return s;
    }
    *out = l.image;
    return ST_OK;
}

const char *image_kind_text(enum image_kind kind)
{
    switch (kind) {
    case IMAGE_AUTO: return "not known yet";
    case IMAGE_ELF: return "ELF32 i386 program";
    case IMAGE_PE: return "PE32 i386 image";
    case IMAGE_MULTIBOOT: return "multiboot kernel";
    case IMAGE_BOOT: return "boot sector or disk image";
    case IMAGE_RAW: return "flat binary";
    }
    return "unknown";
}
