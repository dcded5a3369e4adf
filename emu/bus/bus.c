#include "bus_map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FOUR_GB       (UINT64_C(1) << 32)
#define A20_BIT       (1u << 20)
#define PORT_COUNT    0x10000u
#define WATCH_AT_MOST 0x40000000u /* a poke of more is shown to the watcher in parts */

/* Zeroed memory straight from the host's pager: untouched pages cost nothing, whatever the size and
 * whatever malloc does. A page without access before and behind stops a look-up gone wrong. NULL
 * also when the host cannot address so much. */
static uint8_t *new_bytes(uint64_t size)
{
    size_t guard = (size_t)sysconf(_SC_PAGESIZE), n = (size_t)size;
    if (n != size || n > SIZE_MAX - 2 * guard) return NULL;
    uint8_t *all =
        mmap(NULL, n + 2 * guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED) return NULL;
    if (mprotect(all + guard, n, PROT_READ | PROT_WRITE) == 0) return all + guard;
    munmap(all, n + 2 * guard);
    return NULL;
}

static void free_bytes(uint8_t *bytes, uint64_t size)
{
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    if (bytes) munmap(bytes - guard, (size_t)size + 2 * guard);
}

void region_free(struct region *r)
{
    free_bytes(r->bytes, r->size);
    r->bytes = NULL;
}

struct bus *bus_new(void)
{
    struct bus *bus = calloc(1, sizeof *bus);
    struct bus_map *map = calloc(1, sizeof *map);
    uint8_t *tables = new_bytes(TABLES_SIZE);
    if (!bus || !map || !tables) {
        free(bus);
        free(map);
        free_bytes(tables, TABLES_SIZE);
        return NULL;
    }
    bus->map = map;
    bus->tables = tables;
    bus->a20_mask = UINT32_MAX;
    bus->generation = GENERATION;
    return bus;
}

/* --- the map --- */

static uint64_t region_end(const struct region *r)
{
    return r->base + r->size;
}

/* The region that holds `at`, or NULL. */
static struct region *find(const struct bus_map *map, uint32_t at)
{
    unsigned low = 0, high = map->regions; /* the answer is the last one with base <= at */
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (map->region[middle].base <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || at >= region_end(&map->region[low - 1])) return NULL;
    return (struct region *)&map->region[low - 1];
}

static struct bus_window window_of(const struct region *r, bool a20_open)
{
    if (!r) return (struct bus_window){0};
    uint64_t size = r->size;
    if (!a20_open)
        size = r->base >= A20_BIT ? 0 : size < A20_BIT - r->base ? size : A20_BIT - r->base;
    return (struct bus_window){r->bytes, r->base, size ? (uint32_t)(size - 3) : 0};
}

void choose_windows(struct bus *bus)
{
    const struct bus_map *map = bus->map;
    const struct region *largest = NULL, *low = NULL;
    for (unsigned i = 0; i < map->regions; i++) {
        const struct region *r = &map->region[i];
        if (r->kind != 'M') continue;
        if (!largest || r->size > largest->size) largest = r;
        if (r->base == 0) low = r;
    }
    bus->window[0] = window_of(largest, bus_a20(bus));
    bus->window[1] = window_of(low == largest ? NULL : low, bus_a20(bus));
    bus_new_generation(bus);
}

static status_t check_range(const struct bus_map *map, uint32_t base, uint64_t size)
{
    if (base & PAGE_MASK || size & PAGE_MASK || size == 0) return ST_ARG;
    if (size > FOUR_GB - base) return ST_ARG;
    for (unsigned i = 0; i < map->regions; i++)
        if (map->region[i].base < base + size && base < region_end(&map->region[i]))
            return ST_CLASH;
    return map->regions == MAX_REGIONS ? ST_FULL : ST_OK;
}

void region_insert(struct bus_map *map, const struct region *r)
{
    unsigned i = map->regions++;
    for (; i > 0 && map->region[i - 1].base > r->base; i--)
        map->region[i] = map->region[i - 1];
    map->region[i] = *r;
}

static void add_region(struct bus *bus, const struct region *r)
{
    region_insert(bus->map, r);
    choose_windows(bus);
}

void bus_free(struct bus *bus)
{
    if (!bus) return;
    for (unsigned i = 0; i < bus->map->regions; i++)
        region_free(&bus->map->region[i]);
    free_bytes(bus->tables, TABLES_SIZE);
    free(bus->map->port_owner);
    free(bus->map);
    free(bus);
}

status_t map_memory(struct bus *bus, phys_t base, uint64_t size, char kind, const char *owner,
                    struct region **made)
{
    status_t s = check_range(bus->map, base.v, size);
    if (s != ST_OK) return s;
    uint8_t *bytes = new_bytes(size);
    if (!bytes) return ST_NOMEM;
    add_region(bus, &(struct region){base.v, size, bytes, .owner = owner, .kind = kind});
    *made = find(bus->map, base.v);
    memset(bus->tables + (base.v >> PAGE_SHIFT), kind == 'M' ? PAGE_UNTOUCHED : 0,
           (size_t)(size >> PAGE_SHIFT));
    return ST_OK;
}

status_t bus_map_ram(struct bus *bus, phys_t base, uint64_t size, const char *owner)
{
    struct region *r;
    return map_memory(bus, base, size, 'M', owner, &r);
}

status_t bus_map_rom(struct bus *bus, phys_t base, const void *from, size_t size, const char *owner)
{
    struct region *r;
    if (size > FOUR_GB) return ST_ARG;
    uint64_t whole = ((uint64_t)size + PAGE_MASK) & ~(uint64_t)PAGE_MASK;
    status_t s = map_memory(bus, base, whole, 'R', owner, &r);
    if (s != ST_OK) return s;
    memcpy(r->bytes, from, size);
    memset(r->bytes + size, 0xff, (size_t)(whole - size));
    return ST_OK;
}

void bus_unmap_mmio(struct bus *bus, phys_t base)
{
    struct bus_map *map = bus->map;
    const struct region *r = find(map, base.v);
    if (!r || r->bytes || r->base != base.v) return;
    map->regions--;
    for (unsigned i = (unsigned)(r - map->region); i < map->regions; i++)
        map->region[i] = map->region[i + 1];
    choose_windows(bus);
}

static bool good_width(unsigned widest)
{
    return widest == 0 || widest == 1 || widest == 2 || widest == 4;
}

status_t bus_map_mmio(struct bus *bus, phys_t base, uint64_t size, const struct mmio_ops *ops,
                      void *ctx, const char *owner)
{
    status_t s = check_range(bus->map, base.v, size);
    if (s != ST_OK) return s;
    if (!good_width(ops->widest)) return ST_ARG;
    add_region(bus, &(struct region){base.v, size, NULL, *ops, ctx, owner, 'D'});
    return ST_OK;
}

status_t bus_claim_ports(struct bus *bus, uint16_t first, uint16_t last, const struct port_ops *ops,
                         void *ctx, const char *owner)
{
    struct bus_map *map = bus->map;
    if (last < first || !good_width(ops->widest)) return ST_ARG;
    for (unsigned i = 0; i < map->claims; i++)
        if (map->claim[i].first <= last && first <= map->claim[i].last) return ST_CLASH;
    if (map->claims == MAX_CLAIMS) return ST_FULL;
    if (!map->port_owner) map->port_owner = calloc(1, PORT_COUNT);
    if (!map->port_owner) return ST_NOMEM;
    map->claim[map->claims++] = (struct claim){first, last, *ops, ctx, owner};
    memset(map->port_owner + first, (int)map->claims, (size_t)(last - first) + 1);
    return ST_OK;
}

/* --- devices: one callback at a time --- */

/* False: the caller is a device callback already; the access is dropped. */
static bool enter(struct bus_map *map)
{
    if (map->depth) {
        map->dropped++;
        return false;
    }
    map->depth++;
    return true;
}

static unsigned part_size(unsigned widest, unsigned size)
{
    return widest && widest < size ? widest : size;
}

static uint32_t device_read(struct bus_map *map, const struct region *r, uint32_t offset,
                            unsigned size)
{
    if (!r->ops.read || !enter(map)) return size_mask(size);
    uint32_t value = 0;
    unsigned part = part_size(r->ops.widest, size);
    for (unsigned i = 0; i < size; i += part)
        value |= (r->ops.read(r->ctx, offset + i, part) & size_mask(part)) << (8 * i);
    map->depth--;
    return value;
}

/* False: dropped. */
static bool device_write(struct bus_map *map, const struct region *r, uint32_t offset,
                         unsigned size, uint32_t value)
{
    if (!r->ops.write) return true;
    if (!enter(map)) return false;
    unsigned part = part_size(r->ops.widest, size);
    for (unsigned i = 0; i < size; i += part)
        r->ops.write(r->ctx, offset + i, part, (value >> (8 * i)) & size_mask(part));
    map->depth--;
    return true;
}

static void unclaimed(struct bus_map *map, bool is_port, uint32_t at, unsigned size, bool is_write,
                      uint32_t value)
{
    if (is_port)
        map->unclaimed_ports++;
    else
        map->unclaimed_memory++;
    if (map->observer.access)
        map->observer.access(map->observer.ctx, is_port, at, size, is_write, value);
}

/* --- accesses of the processor --- */

/* Are the bytes at..at+size-1 answered by different parties, or not consecutive behind the gate? */
static bool is_split(const struct bus *bus, uint32_t a, unsigned size, const struct region *r)
{
    uint32_t last = a + size - 1;
    if (last < a || ((last & bus->a20_mask) != last)) return true;
    return r ? last >= region_end(r) : find(bus->map, last) != NULL;
}

uint32_t bus_read_slow(struct bus *bus, phys_t at, unsigned size)
{
    uint32_t a = at.v & bus->a20_mask;
    const struct region *r = find(bus->map, a);
    if (size > 1 && is_split(bus, a, size, r)) {
        uint32_t value = 0;
        for (unsigned i = 0; i < size; i++)
            value |= bus_read_slow(bus, phys(at.v + i), 1) << (8 * i);
        return value;
    }
    if (!r) {
        unclaimed(bus->map, false, a, size, false, 0);
        return size_mask(size);
    }
    if (r->bytes) return bus_load(r->bytes + (a - r->base), size);
    return device_read(bus->map, r, a - r->base, size);
}

void bus_write_slow(struct bus *bus, phys_t at, unsigned size, uint32_t value)
{
    uint32_t a = at.v & bus->a20_mask;
    struct region *r = find(bus->map, a);
    if (size > 1 && is_split(bus, a, size, r)) {
        for (unsigned i = 0; i < size; i++)
            bus_write_slow(bus, phys(at.v + i), 1, (value >> (8 * i)) & 0xff);
        return;
    }
    value &= size_mask(size);
    if (!r) {
        unclaimed(bus->map, false, a, size, true, value);
        return;
    }
    if (r->kind == 'R') return;
    if (r->bytes)
        bus_store(r->bytes + (a - r->base), size, value);
    else if (!device_write(bus->map, r, a - r->base, size, value))
        return;
    bus_stored(bus, a, size);
}

/* --- ports --- */

/* The claim that owns port..port+size-1, NULL if it is nobody's; *split if not all have one owner.
 */
static const struct claim *port_find(const struct bus_map *map, uint16_t port, unsigned size,
                                     bool *split)
{
    *split = false;
    if (!map->port_owner) return NULL;
    unsigned owner = map->port_owner[port];
    for (unsigned i = 1; i < size; i++)
        if (map->port_owner[(uint16_t)(port + i)] != owner || port + i >= PORT_COUNT) *split = true;
    return owner ? &map->claim[owner - 1] : NULL;
}

uint32_t bus_in(struct bus *bus, uint16_t port, unsigned size)
{
    struct bus_map *map = bus->map;
    bool split;
    const struct claim *c = port_find(map, port, size, &split);
    if (!split && !c) {
        unclaimed(map, true, port, size, false, 0);
        return size_mask(size);
    }
    unsigned part = split ? 1 : part_size(c->ops.widest, size);
    uint32_t value = 0;
    if (part < size) {
        for (unsigned i = 0; i < size; i += part)
            value |= bus_in(bus, (uint16_t)(port + i), part) << (8 * i);
        return value;
    }
    if (!c->ops.in || !enter(map)) return size_mask(size);
    value = c->ops.in(c->ctx, port, size) & size_mask(size);
    map->depth--;
    return value;
}

void bus_out(struct bus *bus, uint16_t port, unsigned size, uint32_t value)
{
    struct bus_map *map = bus->map;
    bool split;
    const struct claim *c = port_find(map, port, size, &split);
    value &= size_mask(size);
    if (!split && !c) {
        unclaimed(map, true, port, size, true, value);
        return;
    }
    unsigned part = split ? 1 : part_size(c->ops.widest, size);
    if (part < size) {
        for (unsigned i = 0; i < size; i += part)
            bus_out(bus, (uint16_t)(port + i), part, value >> (8 * i));
        return;
    }
    if (!c->ops.out || !enter(map)) return;
    c->ops.out(c->ctx, port, size, value);
    map->depth--;
}

/* --- accesses of the host --- */

/* Bytes from `at` to the end of its memory region, at most n; 0: not memory. */
static uint64_t memory_run(const struct bus_map *map, uint32_t at, uint64_t n, uint8_t **bytes)
{
    const struct region *r = find(map, at);
    if (!r || !r->bytes) return 0;
    *bytes = r->bytes + (at - r->base);
    uint64_t left = region_end(r) - at;
    return left < n ? left : n;
}

static bool is_memory(const struct bus_map *map, uint32_t at, uint64_t n)
{
    uint8_t *bytes;
    if (n > FOUR_GB - at) return n == 0;
    while (n) {
        uint64_t run = memory_run(map, at, n, &bytes);
        if (!run) return false;
        at += (uint32_t)run;
        n -= run;
    }
    return true;
}

bool bus_peek(const struct bus *bus, phys_t at, void *to, size_t n)
{
    uint8_t *out = to, *bytes = NULL;
    if (!is_memory(bus->map, at.v, n)) return false;
    while (n) {
        size_t run = (size_t)memory_run(bus->map, at.v, n, &bytes);
        memcpy(out, bytes, run);
        out += run;
        at.v += (uint32_t)run;
        n -= run;
    }
    return true;
}

/* A run of any size was changed. */
static void run_stored(struct bus *bus, uint32_t at, uint32_t size)
{
    uint32_t first = at >> PAGE_SHIFT, last = (at + (size - 1)) >> PAGE_SHIFT;
    bool watched = false;
    for (uint32_t page = first; page <= last; page++) {
        watched |= bus->tables[page] & PAGE_WATCHED;
        bus->tables[page] &= (uint8_t)~PAGE_UNTOUCHED;
    }
    if (watched) bus_new_generation(bus);
    bus_tell(bus, at, size);
}

/* Copies from `from`, or fills with `value` when from is NULL. */
static bool host_write(struct bus *bus, uint32_t at, const uint8_t *from, uint8_t value, uint64_t n)
{
    uint8_t *bytes = NULL;
    if (!is_memory(bus->map, at, n)) return false;
    while (n) {
        uint64_t run = memory_run(bus->map, at, n < WATCH_AT_MOST ? n : WATCH_AT_MOST, &bytes);
        if (from) {
            memcpy(bytes, from, (size_t)run);
            from += run;
        } else {
            memset(bytes, value, (size_t)run);
        }
        run_stored(bus, at, (uint32_t)run);
        at += (uint32_t)run;
        n -= run;
    }
    return true;
}

bool bus_poke(struct bus *bus, phys_t at, const void *from, size_t n)
{
    return host_write(bus, at.v, from, 0, n);
}

bool bus_fill(struct bus *bus, phys_t at, uint8_t value, uint64_t n)
{
    return host_write(bus, at.v, NULL, value, n);
}

/* --- switches and views --- */

void bus_set_a20(struct bus *bus, bool open)
{
    bus->a20_mask = open ? UINT32_MAX : ~A20_BIT;
    choose_windows(bus);
}

bool bus_a20(const struct bus *bus)
{
    return bus->a20_mask == UINT32_MAX;
}

void bus_set_watcher(struct bus *bus, const struct bus_watcher *watcher)
{
    bus->watcher = watcher ? *watcher : (struct bus_watcher){0};
}

void bus_set_unclaimed(struct bus *bus, const struct bus_unclaimed *observer)
{
    bus->map->observer = observer ? *observer : (struct bus_unclaimed){0};
}

uint64_t bus_unclaimed_memory(const struct bus *bus)
{
    return bus->map->unclaimed_memory;
}
uint64_t bus_unclaimed_ports(const struct bus *bus)
{
    return bus->map->unclaimed_ports;
}
uint64_t bus_dropped(const struct bus *bus)
{
    return bus->map->dropped;
}

bool bus_region_at(const struct bus *bus, unsigned index, struct bus_region_info *info)
{
    if (index >= bus->map->regions) return false;
    const struct region *r = &bus->map->region[index];
    *info = (struct bus_region_info){phys(r->base), r->size, r->owner, r->kind};
    return true;
}

bool bus_ports_at(const struct bus *bus, unsigned index, struct bus_ports_info *info)
{
    if (index >= bus->map->claims) return false;
    const struct claim *c = &bus->map->claim[index];
    *info = (struct bus_ports_info){c->first, c->last, c->owner};
    return true;
}
