/* bus.h: what the processor's pins reach: physical memory and ports.
 *
 *   phys_t --A20 gate--> region table --> RAM | ROM | device (mmio_ops) | nobody
 *   port   ------------> port table   --> device (port_ops)            | nobody
 *
 * Every region and port range has an owner's name. Nobody answers reads with all ones and swallows
 * writes; both are counted and can be observed. Every change of guest memory goes through
 * bus_write, bus_poke or bus_fill: so watchers and code stamps see all of them.
 *
 * A cache of translations (mmu/tlb.h) has the pages watched that hold the tables it read: a write to one of
 * them, from whomever, starts a new generation, and so does a change of the map or of A20.
 *
 * Not emulated: bus width, wait states, LOCK#, parity.
 *
 * Invariants: regions never overlap; an access that crosses a region or the 4 GB end is done byte
 * by byte (addresses wrap, each byte passes the A20 gate by itself); no device callback runs inside
 * another one's: a device may move memory, but an access of its callback that reaches a device
 * again is dropped (reads all ones) and counted. Guests can cause that, so it is not an assertion.
 */
#ifndef RT386_BUS_BUS_H
#define RT386_BUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "bits.h"
#include "status.h"

struct bus;
struct snap;

/* A device's memory: size is 1, 2 or 4; offset counts from the region's base. An access wider than
 * `widest` (1, 2 or 4; 0 means 4) arrives as consecutive accesses of `widest` bytes, lowest first,
 * as an 8-bit card on an ISA bus sees it. A missing function reads all ones or ignores the write.
 */
struct mmio_ops {
    uint32_t (*read)(void *ctx, uint32_t offset, unsigned size);
    void (*write)(void *ctx, uint32_t offset, unsigned size, uint32_t value);
    unsigned widest;
};
/* A device's ports: size is 1, 2 or 4; `port` is the absolute port number. `widest` as above. An
 * access whose ports do not all belong to one claim is split into bytes; ports wrap at 64 K. */
struct port_ops {
    uint32_t (*in)(void *ctx, uint16_t port, unsigned size);
    void (*out)(void *ctx, uint16_t port, unsigned size, uint32_t value);
    unsigned widest;
};
/* Sees each physical write that reached RAM or a device, and each change of ROM by the host, after
 * it happened, from whomever (CPU, host, device). `at` is after the A20 gate. An access that was
 * split is seen in its parts. A watcher only looks: it must not write. */
struct bus_watcher {
    void (*wrote)(void *ctx, phys_t at, unsigned size);
    void *ctx;
};
/* Sees each access that nobody answered; `value` is 0 for reads. An observer only looks. */
struct bus_unclaimed {
    void (*access)(void *ctx, bool is_port, uint32_t at, unsigned size, bool is_write,
                   uint32_t value);
    void *ctx;
};

struct bus *bus_new(void); /* NULL: no memory */
void bus_free(struct bus *bus);

/* base and size are multiples of 4096, size > 0, base + size <= 4 GB. RAM starts as zeros and costs
 * the host nothing until touched. Operations are copied; contexts and owner names must outlive the
 * bus. ST_ARG, ST_CLASH, ST_FULL or ST_NOMEM: nothing has changed. */
status_t bus_map_ram(struct bus *bus, phys_t base, uint64_t size, const char *owner);
/* Copies the bytes; size need not be a page multiple: the rest of the last page reads FF. */
status_t bus_map_rom(struct bus *bus, phys_t base, const void *bytes, size_t size,
                     const char *owner);
status_t bus_map_mmio(struct bus *bus, phys_t base, uint64_t size, const struct mmio_ops *ops,
                      void *ctx, const char *owner);
/* The device's memory that begins there is gone. */
void bus_unmap_mmio(struct bus *bus, phys_t base);
/* first..last inclusive */
status_t bus_claim_ports(struct bus *bus, uint16_t first, uint16_t last, const struct port_ops *ops,
                         void *ctx, const char *owner);

/* As the processor does it: devices are touched. size 1, 2 or 4; value zero-extended. */
static inline uint32_t bus_read(struct bus *bus, phys_t at, unsigned size);
static inline void bus_write(struct bus *bus, phys_t at, unsigned size, uint32_t value);
uint32_t bus_in(struct bus *bus, uint16_t port, unsigned size);
void bus_out(struct bus *bus, uint16_t port, unsigned size, uint32_t value);

/* As the host does it: RAM and ROM only, no device is touched, the A20 gate is not applied. False:
 * part of the range is not memory or lies past 4 GB (nothing is done then). bus_poke and bus_fill
 * also change ROM. n = 0 succeeds anywhere. */
bool bus_peek(const struct bus *bus, phys_t at, void *to, size_t n);
bool bus_poke(struct bus *bus, phys_t at, const void *from, size_t n);
bool bus_fill(struct bus *bus, phys_t at, uint8_t value, uint64_t n);

/* A20 closed: bit 20 of physical addresses reads as 0. Open after bus_new. */
void bus_set_a20(struct bus *bus, bool open);
bool bus_a20(const struct bus *bus);

/* One watcher; NULL takes it off. */
void bus_set_watcher(struct bus *bus, const struct bus_watcher *watcher);
/* Likewise for accesses that nobody answers. */
void bus_set_unclaimed(struct bus *bus, const struct bus_unclaimed *observer);

/* --- snapshots (bus_snap.c) --- */

/* Memory, the gate and the counts; loading, into a bus without memory: at most `ram` bytes of it. */
void bus_snap(struct snap *s, struct bus *bus, uint64_t ram);
uint64_t bus_snap_size(const struct bus *bus); /* bytes that it writes */
/* Memory, gate and counts of one bus become those of the other, whose own memory is gone. */
void bus_take_memory(struct bus *to, struct bus *from);

/* --- for what is derived from page tables in memory --- */

/* Watches the pages of two page table entries until the next generation. False: one of them is not plain
 * RAM, so that reading it may have an effect or its changes are not seen: nothing may be kept. */
bool bus_watch_tables(struct bus *bus, phys_t pde, phys_t pte);
/* A new generation: whatever was derived before is void, no page is watched. */
void bus_new_generation(struct bus *bus);
/* bus_write of an entry, `value`, to which only A or D was added: translations kept stay true. */
static inline void bus_write_entry(struct bus *bus, phys_t at, uint32_t value);

/* Number of accesses that nobody answered: memory, ports. A split access counts in its parts. */
uint64_t bus_unclaimed_memory(const struct bus *bus);
uint64_t bus_unclaimed_ports(const struct bus *bus);
/* Number of accesses dropped because a device callback made them to a device. */
uint64_t bus_dropped(const struct bus *bus);

/* The region list for views, by rising address: index from 0; false past the end. */
struct bus_region_info {
    phys_t base;
    uint64_t size;
    const char *owner;
    char kind; /* 'M' RAM, 'R' ROM, 'D' device */
};
bool bus_region_at(const struct bus *bus, unsigned index, struct bus_region_info *info);

/* The port claims for views, in the order made: index from 0; false past the end. */
struct bus_ports_info {
    uint16_t first, last;
    const char *owner;
};
bool bus_ports_at(const struct bus *bus, unsigned index, struct bus_ports_info *info);

/* A wire from a device to whoever listens. */
struct irq_line {
    void (*set)(void *ctx, bool level);
    void *ctx;
};
static inline void irq_set(const struct irq_line *line, bool level)
{
    if (line && line->set) line->set(line->ctx, level);
}

/* --- private to bus.c, here only so that RAM accesses are inlined --- */

/* RAM reached without a look-up. `reach` is the number of offsets at which any access of up to 4
 * bytes lies inside (size - 3); 0 = window not used. A closed A20 gate narrows it so that no access
 * inside crosses a multiple of 1 MB. */
struct bus_window {
    uint8_t *bytes;
    uint32_t base;
    uint32_t reach;
};
#define PAGE_WATCHED   1u   /* translations come from it */
#define PAGE_UNTOUCHED 2u   /* RAM that nobody has written to since it was mapped: all zero */
#define WATCHED_TABLES 256u /* pages; one more begins a new generation */
#define TABLES_SIZE    (1u << (32 - PAGE_SHIFT))
#define GENERATION     ((uint64_t)TABLES_SIZE) /* leaves room for the number of a page */
struct bus {
    struct bus_window window[2]; /* the largest RAM region; the one at address 0 */
    uint32_t a20_mask;
    struct bus_watcher watcher;
    struct bus_map *map;
    uint64_t generation; /* a multiple of GENERATION, not 0 */
    uint8_t *tables;     /* for each page of the 4 GB: PAGE_WATCHED, PAGE_UNTOUCHED */
    uint32_t watched[WATCHED_TABLES];
    unsigned watched_count;
};

uint32_t bus_read_slow(struct bus *bus, phys_t at, unsigned size);
void bus_write_slow(struct bus *bus, phys_t at, unsigned size, uint32_t value);

/* Pages with a mark are written to. */
void bus_noticed(struct bus *bus, uint32_t first, uint32_t last);

static inline void bus_tell(struct bus *bus, uint32_t at, unsigned size)
{
    if (bus->watcher.wrote) bus->watcher.wrote(bus->watcher.ctx, phys(at), size);
}
/* The one place that every change of guest memory passes, but for A and D; `at` is after the A20 gate,
 * size 1, 2 or 4. (bus_poke and bus_fill have their own for any size.) */
static inline void bus_stored(struct bus *bus, uint32_t at, unsigned size)
{
    uint32_t first = at >> PAGE_SHIFT, last = (at + size - 1) >> PAGE_SHIFT;
    if (__builtin_expect(bus->tables[first] | bus->tables[last], 0)) bus_noticed(bus, first, last);
    bus_tell(bus, at, size);
}
static inline uint8_t *bus_ram_at(const struct bus *bus, uint32_t at)
{
    const struct bus_window *w = bus->window;
    if (at - w[0].base < w[0].reach) return w[0].bytes + (at - w[0].base);
    if (at - w[1].base < w[1].reach) return w[1].bytes + (at - w[1].base);
    return NULL;
}
/* Likewise, and how much RAM lies before `at` and, with `at` itself, after it in one piece. */
static inline uint8_t *bus_ram_run(const struct bus *bus, uint32_t at, uint32_t *before,
                                   uint32_t *after)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct bus_window *w = &bus->window[i];
        if (at - w->base >= w->reach) continue;
        *before = at - w->base;
        *after = w->reach - *before;
        return w->bytes + *before;
    }
    return NULL;
}
static inline uint32_t bus_load(const uint8_t *p, unsigned size)
{
    return size == 4 ? get32(p) : size == 2 ? get16(p) : *p;
}
static inline void bus_store(uint8_t *p, unsigned size, uint32_t value)
{
    if (size == 4)
        put32(p, value);
    else if (size == 2)
        put16(p, value);
    else
        *p = (uint8_t)value;
}
static inline uint32_t bus_read(struct bus *bus, phys_t at, unsigned size)
{
    const uint8_t *p = bus_ram_at(bus, at.v & bus->a20_mask);
    return p ? bus_load(p, size) : bus_read_slow(bus, at, size);
}
static inline void bus_write(struct bus *bus, phys_t at, unsigned size, uint32_t value)
{
    uint32_t a = at.v & bus->a20_mask;
    uint8_t *p = bus_ram_at(bus, a);
    if (!p) {
        bus_write_slow(bus, at, size, value);
        return;
    }
    bus_store(p, size, value);
    bus_stored(bus, a, size);
}
static inline void bus_write_entry(struct bus *bus, phys_t at, uint32_t value)
{
    uint32_t a = at.v & bus->a20_mask;
    uint8_t *p = bus_ram_at(bus, a);
    if (!p) {
        bus_write_slow(bus, at, 4, value);
        return;
    }
    bus_store(p, 4, value);
    bus_tell(bus, a, 4);
}

#endif
