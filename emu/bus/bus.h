/* bus.h: what the processor's pins reach: physical memory and ports.
 *
 *   phys_t --A20 gate--> region table --> RAM | ROM | device (mmio_ops) | nobody
 *   port   ------------> port table   --> device (port_ops)            | nobody
 *
 * Every region and port range has an owner's name. Nobody answers reads with all ones and swallows
 * writes; both are counted and can be observed. Every change of guest memory goes through bus_write,
 * bus_poke or bus_fill: so watchers and code stamps see all of them.
 *
 * Not emulated: bus width, wait states, LOCK#, parity.
 *
 * Invariants: regions never overlap; an access that crosses a region or the 4 GB end is done byte by
 * byte (addresses wrap); no device callback runs inside another one's (depth is asserted <= 1).
 */
#ifndef RT386_BUS_BUS_H
#define RT386_BUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "status.h"

struct bus;

/* A device's memory: size is 1, 2 or 4; offset counts from the region's base. */
struct mmio_ops {
    uint32_t (*read)(void *ctx, uint32_t offset, unsigned size);
    void (*write)(void *ctx, uint32_t offset, unsigned size, uint32_t value);
};
/* A device's ports: size is 1, 2 or 4; `port` is the absolute port number. */
struct port_ops {
    uint32_t (*in)(void *ctx, uint16_t port, unsigned size);
    void (*out)(void *ctx, uint16_t port, unsigned size, uint32_t value);
};
/* Sees each physical write after it happened, from whomever (CPU, host, device). */
struct bus_watcher {
    void (*wrote)(void *ctx, phys_t at, unsigned size);
    void *ctx;
};

struct bus *bus_new(void); /* NULL: no memory */
void bus_free(struct bus *bus);

/* base and size are multiples of 4096, size > 0, base + size <= 4 GB. RAM starts as zeros. */
status_t bus_map_ram(struct bus *bus, phys_t base, uint64_t size, const char *owner);
/* Copies the bytes; size need not be a page multiple: the rest of the last page reads FF. */
status_t bus_map_rom(struct bus *bus, phys_t base, const void *bytes, size_t size,
                     const char *owner);
status_t bus_map_mmio(struct bus *bus, phys_t base, uint64_t size, const struct mmio_ops *ops,
                      void *ctx, const char *owner);
/* first..last inclusive */
status_t bus_claim_ports(struct bus *bus, uint16_t first, uint16_t last,
                         const struct port_ops *ops, void *ctx, const char *owner);

/* As the processor does it: devices are touched. size 1, 2 or 4; value zero-extended. */
uint32_t bus_read(struct bus *bus, phys_t at, unsigned size);
void bus_write(struct bus *bus, phys_t at, unsigned size, uint32_t value);
uint32_t bus_in(struct bus *bus, uint16_t port, unsigned size);
void bus_out(struct bus *bus, uint16_t port, unsigned size, uint32_t value);

/* As the host does it: RAM and ROM only, no device is touched, the A20 gate is not applied. False:
 * part of the range is not memory (nothing is done then). bus_poke also changes ROM. */
bool bus_peek(const struct bus *bus, phys_t at, void *to, size_t n);
bool bus_poke(struct bus *bus, phys_t at, const void *from, size_t n);

/* A20 closed: bit 20 of physical addresses reads as 0. Open after bus_new. */
void bus_set_a20(struct bus *bus, bool open);
bool bus_a20(const struct bus *bus);

/* One watcher; NULL takes it off. */
void bus_set_watcher(struct bus *bus, const struct bus_watcher *watcher);

/* Number of accesses that nobody answered: memory, ports. */
uint64_t bus_unclaimed_memory(const struct bus *bus);
uint64_t bus_unclaimed_ports(const struct bus *bus);

/* The region list for views: index from 0; false past the end. */
struct bus_region_info {
    phys_t base;
    uint64_t size;
    const char *owner;
    char kind; /* 'M' RAM, 'R' ROM, 'D' device */
};
bool bus_region_at(const struct bus *bus, unsigned index, struct bus_region_info *info);

/* A wire from a device to whoever listens. */
struct irq_line {
    void (*set)(void *ctx, bool level);
    void *ctx;
};
static inline void irq_set(const struct irq_line *line, bool level)
{
    if (line && line->set) line->set(line->ctx, level);
}

#endif
