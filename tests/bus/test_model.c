/* The bus against a model that knows only single bytes: a long random walk of reads, writes, host
 * accesses and gate switches over a small map with every kind of border. */
#include <criterion/criterion.h>
#include <string.h>

#include "bus.h"

#define TOP 0xfffff000u
enum { LOW_SIZE = 0x3000, SPAN = 0x402000, ROUNDS = 300000 };

/* Bytes of 0..SPAN and of the top page; kind: 'M', 'R', 'D' or 0. */
struct model {
    uint8_t low[SPAN], top[4096];
    bool open;
};
static char kind_of(uint32_t at)
{
    if (at < LOW_SIZE || (at >= 0x100000 && at < 0x103000) || at >= TOP) return 'M';
    if (at >= 0x3000 && at < 0x5000) return 'R';
    if (at >= 0x5000 && at < 0x6000) return 'D';
    if (at >= 0x2ff000 && at < 0x400000) return 'M';
    return 0;
}
static uint8_t *cell(struct model *m, uint32_t at)
{
    return at >= TOP ? &m->top[at - TOP] : &m->low[at];
}
static uint32_t gated(const struct model *m, uint32_t at)
{
    return m->open ? at : at & ~0x100000u;
}

static uint32_t model_read(struct model *m, uint32_t at, unsigned size)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        uint32_t a = gated(m, at + i);
        value |= (kind_of(a) ? *cell(m, a) : 0xffu) << (8 * i);
    }
    return value;
}
static void model_write(struct model *m, uint32_t at, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++) {
        uint32_t a = gated(m, at + i);
        if (kind_of(a) == 'M' || kind_of(a) == 'D') *cell(m, a) = (uint8_t)(value >> (8 * i));
    }
}

/* The device of the map: memory behind callbacks. */
static uint32_t device_read(void *ctx, uint32_t offset, unsigned size)
{
    const uint8_t *bytes = ctx;
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)bytes[offset + i] << (8 * i);
    return value;
}
static void device_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    uint8_t *bytes = ctx;
    for (unsigned i = 0; i < size; i++)
        bytes[offset + i] = (uint8_t)(value >> (8 * i));
}

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 32);
}

/* Near a border nearly always. */
static uint32_t pick_address(uint64_t *seed)
{
    static const uint32_t borders[] = {0,        0x3000,   0x5000,   0x6000,   0x100000, 0x103000,
                                       0x200000, 0x2ff000, 0x300000, 0x400000, TOP};
    uint32_t border = borders[next(seed) % (sizeof borders / sizeof *borders)];
    return border + next(seed) % 16 - 8;
}

/* The watcher marks what it saw; unmarked changes are found at the end. */
struct shadow_copy {
    struct bus *bus;
    struct model seen;
    uint8_t *device;
};
static void wrote(void *ctx, phys_t at, unsigned size)
{
    struct shadow_copy *s = ctx;
    for (unsigned i = 0; i < size; i++) {
        uint32_t a = at.v + i;
        uint8_t byte = 0;
        if (kind_of(a) == 'D')
            byte = s->device[a - 0x5000];
        else
            cr_assert(bus_peek(s->bus, phys(a), &byte, 1));
        *cell(&s->seen, a) = byte;
    }
}

static struct model model;
static struct shadow_copy copy;
static uint8_t device[4096];

static struct bus *make(void)
{
    static const struct mmio_ops ops = {device_read, device_write, 0};
    static uint8_t rom[0x2000];
    struct bus *bus = bus_new();
    for (unsigned i = 0; i < sizeof rom; i++)
        model.low[0x3000 + i] = rom[i] = (uint8_t)(i * 5 + 1);
    model.open = true;
    copy = (struct shadow_copy){.bus = bus, .seen = model, .device = device};
    cr_assert_eq(bus_map_ram(bus, phys(0x2ff000), 0x101000, "d"), ST_OK);
    cr_assert_eq(bus_map_ram(bus, phys(0x100000), 0x3000, "c"), ST_OK);
    cr_assert_eq(bus_map_ram(bus, phys(0), LOW_SIZE, "a"), ST_OK);
    cr_assert_eq(bus_map_mmio(bus, phys(0x5000), 0x1000, &ops, device, "dev"), ST_OK);
    cr_assert_eq(bus_map_rom(bus, phys(0x3000), rom, sizeof rom, "b"), ST_OK);
    cr_assert_eq(bus_map_ram(bus, phys(TOP), 4096, "top"), ST_OK);
    bus_set_watcher(bus, &(struct bus_watcher){wrote, &copy});
    return bus;
}

static void host_step(struct bus *bus, uint32_t at, uint64_t *seed)
{
    uint8_t bytes[32], got[32];
    uint32_t n = next(seed) % 33;
    bool memory = n == 0 || at + (n - 1) >= at;
    for (uint32_t i = 0; i < n && memory; i++)
        memory = kind_of(at + i) == 'M' || kind_of(at + i) == 'R';
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)next(seed);
    cr_assert_eq(bus_poke(bus, phys(at), bytes, n), memory, "%x + %u", at, n);
    cr_assert_eq(bus_peek(bus, phys(at), got, n), memory);
    if (!memory) return;
    cr_assert_arr_eq(got, bytes, n);
    for (uint32_t i = 0; i < n; i++)
        *cell(&model, at + i) = bytes[i];
}

Test(bus_model, random_walk)
{
    struct bus *bus = make();
    uint64_t seed = 386;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t at = pick_address(&seed), action = next(&seed) % 64;
        unsigned size = 1u << next(&seed) % 3;
        uint32_t value = next(&seed);
        if (action == 0) {
            model.open = !model.open;
            bus_set_a20(bus, model.open);
        } else if (action < 8) {
            host_step(bus, at, &seed);
        } else if (action < 36) {
            bus_write(bus, phys(at), size, value);
            model_write(&model, at, size, value);
        }
        cr_assert_eq(bus_read(bus, phys(at), size), model_read(&model, at, size),
                     "round %u: %u bytes at %x", round, size, at);
    }
    cr_assert_eq(memcmp(&model.low, &copy.seen.low, SPAN), 0, "the watcher missed a write");
    cr_assert_eq(memcmp(&model.top, &copy.seen.top, 4096), 0, "the watcher missed a write");
    bus_free(bus);
}
