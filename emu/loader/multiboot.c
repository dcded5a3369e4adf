/* multiboot.c: kernels with a multiboot 1 header.
 *
 *   0 magic 1BADB002  4 flags  8 checksum (the three add up to 0)
 *   12 header_addr  16 load_addr  20 load_end_addr  24 bss_end_addr  28 entry_addr   if flags bit
 * 16 32 mode_type    36 width      40 height         44 depth                         if flags bit
 * 2
 *
 * The header begins at a multiple of 4 and ends inside the first 8192 bytes of the file. Bits 0-15
 * of the flags are demands: one that is not known must be refused. With bit 16 the address fields
 * place the file, even an ELF file; without it the file is ELF and its program headers do, by
 * p_paddr.
 */
#include <string.h>

#include "load.h"

#define MB_MAGIC       0x1badb002u
#define MB_HEADER      12u
#define MB_FLAG_VIDEO  (1u << 2)
#define MB_FLAG_PLACE  (1u << 16)
#define MB_KNOWN       7u /* page-aligned modules, memory map, video mode */
#define MB2_MAGIC      0xe85250d6u
#define MB2_SEARCH     32768u
#define NOT_FOUND      UINT64_MAX
#define MB_PLACE_SIZE  32u
#define MB_VIDEO_START 32u
#define MB_VIDEO_SIZE  48u

static bool sums_to_zero(const uint8_t *b)
{
    return !(get32(b) + get32(b + 4) + get32(b + 8));
}

/* The first offset in [from, to) with the magic; `sum`: and with a matching checksum. */
static uint64_t header_find(const struct load *l, uint64_t from, uint64_t to, unsigned step,
                            bool sum)
{
    if (to > l->size) to = l->size;
    for (uint64_t at = from; at + MB_HEADER <= to; at += step)
        if (get32(l->bytes + at) == MB_MAGIC && (!sum || sums_to_zero(l->bytes + at))) return at;
    return NOT_FOUND;
}

/* A header without addresses in a file that is not ELF is a chance find in a flat file. */
bool load_is_multiboot(const struct load *l)
{
    uint64_t at = header_find(l, 0, MB_SEARCH, 4, true);
    return at != NOT_FOUND && (load_is_elf(l) || (get32(l->bytes + at + 4) & MB_FLAG_PLACE));
}

static status_t beyond_refuse(struct load *l, uint64_t at)
{
    return load_refuse(l,
                       "the multiboot header at file offset 0x%llx does not lie inside the first "
                       "8192 bytes, where loaders look; put its section first in the linker script",
                       (unsigned long long)at);
}

static uint64_t header2_find(const struct load *l)
{
    for (uint64_t at = 0; at + 16 <= MB2_SEARCH && at + 16 <= l->size; at += 8) {
        const uint8_t *b = l->bytes + at;
        if (get32(b) == MB2_MAGIC && !(get32(b) + get32(b + 4) + get32(b + 8) + get32(b + 12)))
            return at;
    }
    return NOT_FOUND;
}

status_t load_multiboot_misplaced(struct load *l)
{
    uint64_t at = header_find(l, MB_SEARCH - 8, l->size, 4, true);
    if (at != NOT_FOUND) return beyond_refuse(l, at);
    at = header2_find(l);
    if (at != NOT_FOUND)
        return load_refuse(l,
                           "this kernel has only a multiboot 2 header (file offset 0x%llx); build "
                           "it with a multiboot 1 header",
                           (unsigned long long)at);
    return ST_OK;
}

/* No good header: say what comes nearest to one. */
static status_t missing_refuse(struct load *l)
{
    uint64_t at = header_find(l, 0, MB_SEARCH, 4, false);
    if (at != NOT_FOUND)
        return load_refuse(
            l,
            "the multiboot header at file offset 0x%llx has checksum 0x%08x instead of 0x%08x; "
            "correct it",
            (unsigned long long)at, get32(l->bytes + at + 8),
            0u - MB_MAGIC - get32(l->bytes + at + 4));
    at = header_find(l, 0, MB_SEARCH, 1, true);
    if (at != NOT_FOUND)
        return load_refuse(l,
                           "the multiboot header at file offset 0x%llx is not at a multiple of 4; "
                           "align its section to 4",
                           (unsigned long long)at);
    status_t s = load_multiboot_misplaced(l);
    if (s) return s;
    return load_refuse(l,
                       "there is no multiboot header (1badb002) in the first 8192 bytes; add one, "
                       "or name the file's real kind");
}

static status_t flags_check(struct load *l, uint64_t at, uint32_t flags)
{
    for (unsigned bit = 0; bit < 16; bit++)
        if ((flags & ~MB_KNOWN) & (1u << bit))
            return load_refuse(l,
                               "the multiboot header at file offset 0x%llx demands flag bit %u, "
                               "which is not known here; clear it",
                               (unsigned long long)at, bit);
    return ST_OK;
}

static status_t video_read(struct load *l, uint64_t at)
{
    if (!load_span(l, at, MB_VIDEO_SIZE) || at + MB_VIDEO_SIZE > MB_SEARCH)
        return load_refuse(l,
                           "the video fields of the multiboot header at file offset 0x%llx do not "
                           "lie inside the file's first 8192 bytes; move the header up or clear "
                           "flag bit 2",
                           (unsigned long long)at);
    l->image->mb_has_video = true;
    for (unsigned i = 0; i < 4; i++)
        l->image->mb_video[i] = get32(l->bytes + at + MB_VIDEO_START + 4 * i);
    return ST_OK;
}

struct place {
    uint32_t header, load, load_end, bss_end, entry;
};

/* File offset at which the loaded part begins, or a sentence. */
static status_t place_check(struct load *l, uint64_t at, const struct place *p, uint64_t *start)
{
    if (p->header < p->load || p->header - p->load > at)
        return load_refuse(l,
                           "the multiboot header at file offset 0x%llx says it is loaded at 0x%x "
                           "and the file at 0x%x, which puts the file's start before its first "
                           "byte; correct load_addr",
                           (unsigned long long)at, p->header, p->load);
    *start = at - (p->header - p->load);
    if (p->load_end && p->load_end < p->load)
        return load_refuse(l,
                           "load_end_addr 0x%x in the multiboot header at file offset 0x%llx is "
                           "below load_addr 0x%x; correct it or set it to 0",
                           p->load_end, (unsigned long long)at, p->load);
    uint64_t size = p->load_end ? p->load_end - p->load : l->size - *start;
    if (!load_span(l, *start, size))
        return load_cut(l, "the part that the multiboot header loads", *start, size);
    if (p->bss_end && p->bss_end < p->load + size)
        return load_refuse(l,
                           "bss_end_addr 0x%x in the multiboot header at file offset 0x%llx is "
                           "below the end of the loaded part 0x%llx; correct it or set it to 0",
                           p->bss_end, (unsigned long long)at,
                           (unsigned long long)(p->load + size));
    return ST_OK;
}

static status_t place_load(struct load *l, uint64_t at)
{
    if (!load_span(l, at, MB_PLACE_SIZE) || at + MB_PLACE_SIZE > MB_SEARCH)
        return load_refuse(l,
                           "the address fields of the multiboot header at file offset 0x%llx do "
                           "not lie inside the file's first 8192 bytes; move the header up",
                           (unsigned long long)at);
    const uint8_t *b = l->bytes + at;
    struct place p = {.header = get32(b + 12),
                      .load = get32(b + 16),
                      .load_end = get32(b + 20),
                      .bss_end = get32(b + 24),
                      .entry = get32(b + 28)};
    uint64_t start = 0;
    struct image_segment *seg;
    status_t s = place_check(l, at, &p, &start);
    if (!s) s = load_table(l, 1, sizeof *seg, &seg);
    if (s) return s;
    uint32_t size = p.load_end ? p.load_end - p.load : (uint32_t)(l->size - start);
    *seg = (struct image_segment){.vaddr = p.load,
                                  .paddr = p.load,
                                  .file_size = size,
                                  .mem_size = p.bss_end ? p.bss_end - p.load : size,
                                  .bytes = l->bytes + start,
                                  .writable = true,
                                  .executable = true,
                                  .name = "kernel"};
    l->image->segments = seg;
    l->image->segment_count = 1;
    l->image->entry = p.entry;
    return load_segments_check(l, true);
}

/* Kernels that run in a high half often give a virtual entry point; the loader jumps with paging
 * off. */
static uint32_t entry_physical(const struct image *image)
{
    const struct image_segment *s = image_segment_at(image, image->entry, 1);
    return s ? s->paddr + (image->entry - s->vaddr) : image->entry;
}

status_t load_multiboot(struct load *l)
{
    uint64_t at = header_find(l, 0, MB_SEARCH, 4, true);
    if (at == NOT_FOUND) return missing_refuse(l);
    uint32_t flags = get32(l->bytes + at + 4);
    l->image->mb_flags = flags;
    status_t s = flags_check(l, at, flags);
    if (!s && (flags & MB_FLAG_VIDEO)) s = video_read(l, at);
    if (s) return s;
    if (flags & MB_FLAG_PLACE) return place_load(l, at);
    if (!load_is_elf(l))
        return load_refuse(l,
                           "the multiboot header at file offset 0x%llx gives no addresses (flag "
                           "bit 16) and the file is not ELF; add the address fields or link it as "
                           "ELF",
                           (unsigned long long)at);
    s = load_elf_body(l);
    if (s) return s;
    l->image->entry = entry_physical(l->image);
    load_elf_order(l->image, true);
    return load_segments_check(l, true);
}
