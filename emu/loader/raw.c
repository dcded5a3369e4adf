/* raw.c: flat binaries and boot sectors, which have no header. */
#include <stdio.h>

#include "load.h"

#define BOOT_ADDRESS 0x7c00u
#define SECTOR       512u

static status_t one_segment(struct load *l, const char *name, uint32_t at, uint32_t size)
{
    struct image_segment *s;
    status_t st = load_table(l, 1, sizeof *s, &s);
    if (st) return st;
    *s = (struct image_segment){.vaddr = at,
                                .paddr = at,
                                .file_size = size,
                                .mem_size = size,
                                .bytes = l->bytes,
                                .writable = true,
                                .executable = true};
    snprintf(s->name, sizeof s->name, "%s", name);
    l->image->segments = s;
    l->image->segment_count = 1;
    l->image->entry = at;
    l->image->base = at;
    l->image->size = size;
    return load_segments_check(l, false);
}

/* The whole file stays reachable through image->file as the disk to come. */
status_t load_boot(struct load *l)
{
    if (l->size < SECTOR)
        return load_refuse(l,
                           "a boot sector has 512 bytes but the file has %zu; pad it, or load it "
                           "as a flat binary",
                           l->size);
    if (get16(l->bytes + 510) != 0xaa55)
        return load_refuse(
            l,
            "the boot sector has %02x %02x at file offset 0x1fe instead of 55 aa; add "
            "the signature, or load the file as a flat binary",
            l->bytes[510], l->bytes[511]);
    return one_segment(l, "boot", BOOT_ADDRESS, SECTOR);
}

status_t load_raw(struct load *l)
{
    if (l->raw_base + (uint64_t)l->size > UINT64_C(1) << 32)
        return load_refuse(l, "0x%zx bytes at address 0x%x reach past 4 GB; load them lower",
                           l->size, l->raw_base);
    return one_segment(l, "raw", l->raw_base, (uint32_t)l->size);
}
