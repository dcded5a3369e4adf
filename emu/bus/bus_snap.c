/* bus_snap.c: memory and what the bus counts, to and from a snapshot.
 *
 *   A20, counts | regions: base, size, kind, owner | a bit for each page: it holds something | those pages
 *
 * Pages that are all zero are not kept. Devices in the map are not memory: their owners map them.
 */
#include <stdlib.h>
#include <string.h>

#include "bus_map.h"
#include "snap.h"

#define OWNER_MAX 32u
#define ROM_MAX   0x2000000u /* all of it: 16 MB and the part of it below 1 MB */

static bool page_empty(const uint8_t *page)
{
    const uint64_t *words = (const uint64_t *)(const void *)page;
    for (unsigned i = 0; i < PAGE_SIZE / 8; i += 8)
        if (words[i] | words[i + 1] | words[i + 2] | words[i + 3] | words[i + 4] | words[i + 5] |
            words[i + 6] | words[i + 7])
            return false;
    return true;
}

static uint32_t pages_of(const struct region *r)
{
    return (uint32_t)(r->size >> PAGE_SHIFT);
}

/* What nobody has written to is not looked at: to look would cost the host a page. */
static bool page_kept(const struct region *r, const uint8_t *marks, uint32_t page)
{
    return !(marks[page] & PAGE_UNTOUCHED) && !page_empty(r->bytes + ((size_t)page << PAGE_SHIFT));
}

/* Which pages hold something; the caller frees. */
static uint8_t *pages_marked(struct snap *s, const struct region *r, const uint8_t *marks)
{
    uint8_t *bits = snap_new(s, (pages_of(r) + 7) / 8, 1);
    for (uint32_t i = 0; bits && !s->loading && i < pages_of(r); i++)
        if (page_kept(r, marks, i)) bits[i / 8] |= (uint8_t)(1u << i % 8);
    return bits;
}

static void pages_snap(struct snap *s, const struct region *r, uint8_t *marks)
{
    uint8_t *bits = pages_marked(s, r, marks);
    if (!bits) return;
    snap_raw(s, bits, (pages_of(r) + 7) / 8);
    for (uint32_t i = 0; i < pages_of(r) && snap_ok(s); i++) {
        if (!(bits[i / 8] >> i % 8 & 1)) continue;
        snap_raw(s, r->bytes + ((size_t)i << PAGE_SHIFT), PAGE_SIZE);
        marks[i] &= (uint8_t)~PAGE_UNTOUCHED;
    }
    free(bits);
}

/* The names that machines give; the string outlives the bus. */
static const char *owner_kept(const char *name)
{
    static const char *const known[] = {"memory", "base memory", "extended memory", "ROM",
                                        "ROM below 1 MB"};
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(name, known[i])) return known[i];
    return NULL;
}

struct limits {
    uint64_t ram, rom; /* bytes that may still be mapped */
};

/* A new region without its pages. NULL: refused. */
static struct region *region_new(struct snap *s, struct bus *bus, const struct region *of,
                                 struct limits *left)
{
    struct region *made = NULL;
    uint64_t *room = of->kind == 'M' ? &left->ram : &left->rom;
    bool good = (of->kind == 'M' || of->kind == 'R') && of->owner && of->size <= *room;
    if (!snap_expect(s, good, "memory is larger than the machine has, or of no known kind"))
        return NULL;
    *room -= of->size;
    status_t st = map_memory(bus, phys(of->base), of->size, of->kind, of->owner, &made);
    if (st != ST_OK)
        snap_refuse(s, st == ST_NOMEM ? "the host has no memory for it" : "memory overlaps");
    return st == ST_OK ? made : NULL;
}

static void region_snap(struct snap *s, struct bus *bus, struct region *r, struct limits *left)
{
    char owner[OWNER_MAX] = "";
    uint8_t kind = (uint8_t)r->kind;
    if (!s->loading) strncpy(owner, r->owner, sizeof owner - 1);
    snap_u8(s, &kind);
    snap_u32(s, &r->base);
    snap_u64(s, &r->size);
    snap_text(s, owner, sizeof owner);
    if (s->loading) {
        r->kind = (char)kind;
        r->owner = owner_kept(owner);
        r = region_new(s, bus, r, left);
    } else if (!owner_kept(owner)) {
        snap_refuse(s, "there is memory of a kind that is not kept");
    }
    if (r) pages_snap(s, r, bus->tables + (r->base >> PAGE_SHIFT));
}

static uint32_t memory_count(const struct bus_map *map)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < map->regions; i++)
        n += map->region[i].bytes != NULL;
    return n;
}

void bus_snap(struct snap *s, struct bus *bus, uint64_t ram)
{
    struct bus_map *map = bus->map;
    struct limits left = {.ram = ram, .rom = ROM_MAX};
    bool a20 = bus_a20(bus);
    snap_bool(s, &a20);
    snap_u64(s, &map->unclaimed_memory);
    snap_u64(s, &map->unclaimed_ports);
    snap_u64(s, &map->dropped);
    uint32_t n = snap_count(s, memory_count(map), MAX_REGIONS, 17);
    unsigned at = 0;
    for (uint32_t i = 0; i < n && snap_ok(s); i++, at++) {
        struct region fresh = {0};
        while (!s->loading && !map->region[at].bytes)
            at++;
        region_snap(s, bus, s->loading ? &fresh : &map->region[at], &left);
    }
    if (s->loading) bus_set_a20(bus, a20);
}

#define HEAD_BYTES   29u /* the gate, three counts, how many regions */
#define REGION_BYTES 17u /* kind, base, size, length of the name */

uint64_t bus_snap_size(const struct bus *bus)
{
    uint64_t n = HEAD_BYTES;
    for (unsigned i = 0; i < bus->map->regions; i++) {
        const struct region *r = &bus->map->region[i];
        const uint8_t *marks = bus->tables + (r->base >> PAGE_SHIFT);
        if (!r->bytes) continue;
        n += REGION_BYTES + strlen(r->owner) + (pages_of(r) + 7) / 8;
        for (uint32_t page = 0; page < pages_of(r); page++)
            n += page_kept(r, marks, page) ? PAGE_SIZE : 0;
    }
    return n;
}

static void memory_drop(struct bus *bus)
{
    struct bus_map *map = bus->map;
    unsigned kept = 0;
    for (unsigned i = 0; i < map->regions; i++) {
        struct region *r = &map->region[i];
        if (!r->bytes) {
            map->region[kept++] = *r;
            continue;
        }
        memset(bus->tables + (r->base >> PAGE_SHIFT), 0, pages_of(r));
        region_free(r);
    }
    map->regions = kept;
}

void bus_take_memory(struct bus *to, struct bus *from)
{
    struct bus_map *map = to->map, *other = from->map;
    bus_new_generation(to);
    bus_new_generation(from); /* no page is watched */
    memory_drop(to);
    for (unsigned i = 0; i < other->regions; i++) {
        const struct region *r = &other->region[i];
        uint32_t page = r->base >> PAGE_SHIFT;
        if (!r->bytes) continue;
        region_insert(map, r);
        memcpy(to->tables + page, from->tables + page, pages_of(r));
    }
    other->regions = 0;
    choose_windows(from);
    map->unclaimed_memory = other->unclaimed_memory;
    map->unclaimed_ports = other->unclaimed_ports;
    map->dropped = other->dropped;
    bus_set_a20(to, bus_a20(from));
}
