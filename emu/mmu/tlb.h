/* tlb.h: translations kept, so that the tables need not be walked for each access (docs/adr/0015).
 *
 *   linear page --> entry [user or supervisor][page % 256]
 *                   tag = generation of the bus | page: of reads, of writes
 *                   frame, and the RAM behind it
 *
 * An entry says what a walk at this moment would find and do: the same frame, the access granted, A and D
 * already set. It is void as soon as its tag is not of the bus's present generation, and the bus begins a new
 * one when anything changes that a walk depends on: a byte of a page that holds a table, from whomever, the
 * A20 gate, the memory map. CR3 and CR0.WP are compared; user and supervisor have entries of their own.
 *
 * Kept only when both table entries and the frame are plain RAM: a walk through a device, ROM or nothing has
 * effects of its own.
 *
 * Invariant: derived data; dropping it at any instant has no visible effect but on speed.
 */
#ifndef RT386_MMU_TLB_H
#define RT386_MMU_TLB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "bus.h"

#define TLB_ENTRIES 256u

struct tlb_entry {
    uint64_t read, write; /* tags; 0 is none's. A write was granted: D is set, and reads are, too */
    uint8_t *bytes;       /* of the frame */
    uint32_t frame;       /* physical address */
    uint32_t wire;        /* ... behind the A20 gate */
};
struct tlb {
    const struct bus *bus; /* NULL: nothing was kept yet */
    uint32_t cr3;
    bool wp;
    struct tlb_entry entry[2][TLB_ENTRIES]; /* supervisor, user */
};

static inline uint64_t tlb_tag(const struct bus *bus, uint32_t linear)
{
    return bus->generation | linear >> PAGE_SHIFT;
}
static inline size_t tlb_index(uint32_t linear)
{
    return linear >> PAGE_SHIFT & (TLB_ENTRIES - 1);
}
static inline void tlb_drop(struct tlb *tlb)
{
    tlb->bus = NULL;
}

#endif
