/* bus_map.h: the bus's tables of regions and ports. Private to emu/bus. */
#ifndef RT386_BUS_MAP_H
#define RT386_BUS_MAP_H

#include "bus.h"

enum { MAX_REGIONS = 64, MAX_CLAIMS = 128 };

struct region {
    uint32_t base;
    uint64_t size;
    uint8_t *bytes; /* NULL: a device */
    struct mmio_ops ops;
    void *ctx;
    const char *owner;
    char kind;
};
struct claim {
    uint16_t first, last;
    struct port_ops ops;
    void *ctx;
    const char *owner;
};
struct bus_map {
    struct region region[MAX_REGIONS]; /* by rising base */
    unsigned regions;
    struct claim claim[MAX_CLAIMS];
    unsigned claims;
    uint8_t *port_owner; /* claim index + 1 for each port, 0 = nobody; NULL until the first claim */
    unsigned depth;      /* 1 while a device callback runs */
    uint64_t unclaimed_memory, unclaimed_ports, dropped;
    struct bus_unclaimed observer;
};

/* --- bus.c --- */
void region_free(struct region *r); /* its bytes */
void region_insert(struct bus_map *map, const struct region *r);
void choose_windows(struct bus *bus);
/* A region of zeros, kind 'M' or 'R'. */
status_t map_memory(struct bus *bus, phys_t base, uint64_t size, char kind, const char *owner,
                    struct region **made);

#endif
