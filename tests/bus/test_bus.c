/* Memory half of the bus: look-up, crossing, A20, host accesses, watcher, nesting. */
#include <criterion/criterion.h>
#include <string.h>

#include "bus.h"

/* A device that records what reaches it. */
struct probe {
    unsigned reads, writes;
    uint32_t offset, size, value; /* of the last access */
    struct bus *bus;              /* not NULL: the callback writes to `target` through it */
    phys_t target;
    uint32_t got; /* what the callback read there */
};
static uint32_t probe_read(void *ctx, uint32_t offset, unsigned size)
{
    struct probe *p = ctx;
    p->reads++;
    p->offset = offset;
    p->size = size;
    if (p->bus) p->got = bus_read(p->bus, p->target, 4);
    return 0x44332211u + offset;
}
static void probe_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    struct probe *p = ctx;
    p->writes++;
    p->offset = offset;
    p->size = size;
    p->value = value;
    if (p->bus) bus_write(p->bus, p->target, 4, 0xfeedface);
}
static const struct mmio_ops probe_ops = {probe_read, probe_write, 0};
static const struct mmio_ops narrow_ops = {probe_read, probe_write, 1};

/* Notes the bytes that changed. */
struct seen {
    unsigned calls;
    uint32_t at[64];
    unsigned size[64];
};
static void seen_wrote(void *ctx, phys_t at, unsigned size)
{
    struct seen *s = ctx;
    if (s->calls < 64) {
        s->at[s->calls] = at.v;
        s->size[s->calls] = size;
    }
    s->calls++;
}

#define KB(n) ((n)*1024u)
#define MB(n) ((n)*1024u * 1024u)

/* 0-640K RAM, A0000 device, F0000 ROM of 5000 bytes, 1-4M RAM, 5M device (byte wide), top RAM. */
struct world {
    struct bus *bus;
    struct probe a, b;
};
static struct world *make(void)
{
    static const uint8_t rom[5000] = {0xea, 0x5b, [4998] = 0x77, [4999] = 0x88};
    static struct world storage;
    struct world *w = &storage;
    memset(w, 0, sizeof *w);
    w->bus = bus_new();
    cr_assert(w->bus);
    cr_assert_eq(bus_map_ram(w->bus, phys(MB(1)), MB(3), "main"), ST_OK);
    cr_assert_eq(bus_map_ram(w->bus, phys(0), KB(640), "low"), ST_OK);
    cr_assert_eq(bus_map_mmio(w->bus, phys(0xa0000), KB(128), &probe_ops, &w->a, "vga"), ST_OK);
    cr_assert_eq(bus_map_rom(w->bus, phys(0xf0000), rom, sizeof rom, "bios"), ST_OK);
    cr_assert_eq(bus_map_mmio(w->bus, phys(MB(5)), 4096, &narrow_ops, &w->b, "card"), ST_OK);
    cr_assert_eq(bus_map_ram(w->bus, phys(0xfffff000u), 4096, "top"), ST_OK);
    return w;
}

Test(bus, every_width_at_every_offset)
{
    static const uint32_t places[] = {0, KB(640) - 16, MB(1), MB(4) - 16, 0xfffff000u};
    struct world *w = make();
    for (unsigned p = 0; p < sizeof places / sizeof *places; p++)
        for (uint32_t off = 0; off < 12; off++)
            for (unsigned size = 1; size <= 4; size *= 2) {
                phys_t at = phys(places[p] + off);
                uint8_t bytes[4] = {0};
                bus_write(w->bus, at, size, 0x8a7b6c5du);
                uint32_t want = 0x8a7b6c5du & size_mask(size);
                cr_assert_eq(bus_read(w->bus, at, size), want);
                cr_assert(bus_peek(w->bus, at, bytes, size));
                cr_assert_eq(get32(bytes), want);
            }
    bus_free(w->bus);
}

Test(bus, ram_starts_as_zeros_and_neighbours_stay)
{
    struct world *w = make();
    cr_assert_eq(bus_read(w->bus, phys(0x500), 4), 0);
    bus_write(w->bus, phys(0x501), 2, 0xffff1234u);
    cr_assert_eq(bus_read(w->bus, phys(0x500), 4), 0x00123400);
    bus_free(w->bus);
}

Test(bus, access_across_regions_is_done_by_bytes)
{
    struct world *w = make();
    /* RAM | device: two bytes each */
    bus_write(w->bus, phys(0x9fffe), 4, 0xddccbbaa);
    cr_assert_eq(bus_read(w->bus, phys(0x9fffe), 2), 0xbbaa);
    cr_assert_eq(w->a.writes, 2);
    cr_assert_eq(w->a.size, 1);
    cr_assert_eq(w->a.offset, 1);
    cr_assert_eq(w->a.value, 0xdd);
    cr_assert_eq(bus_read(w->bus, phys(0x9fffe), 4), 0x1211bbaa);
    cr_assert_eq(w->a.reads, 2);
    /* RAM | nobody */
    bus_write(w->bus, phys(MB(4) - 1), 2, 0x9977);
    cr_assert_eq(bus_read(w->bus, phys(MB(4) - 1), 4), 0xffffff77);
    cr_assert_eq(bus_unclaimed_memory(w->bus), 1 + 3);
    /* nobody | device */
    cr_assert_eq(bus_read(w->bus, phys(MB(5) - 2), 4), 0x1211ffff);
    bus_free(w->bus);
}

Test(bus, addresses_wrap_at_4_gb)
{
    struct world *w = make();
    bus_write(w->bus, phys(0xfffffffe), 4, 0x44332211);
    cr_assert_eq(bus_read(w->bus, phys(0xfffffffe), 2), 0x2211);
    cr_assert_eq(bus_read(w->bus, phys(0), 2), 0x4433);
    cr_assert_eq(bus_read(w->bus, phys(0xffffffff), 4), 0x00443322);
    bus_free(w->bus);
}

Test(bus, rom_ignores_writes_and_pads_with_ff)
{
    struct world *w = make();
    struct seen seen = {0};
    bus_set_watcher(w->bus, &(struct bus_watcher){seen_wrote, &seen});
    bus_write(w->bus, phys(0xf0000), 4, 0);
    cr_assert_eq(bus_read(w->bus, phys(0xf0000), 2), 0x5bea);
    cr_assert_eq(seen.calls, 0);
    cr_assert_eq(bus_read(w->bus, phys(0xf0000 + 4998), 4), 0xffff8877);
    cr_assert_eq(bus_read(w->bus, phys(0xf1ffc), 4), 0xffffffff);
    cr_assert_eq(bus_unclaimed_memory(w->bus), 0);
    cr_assert_eq(bus_read(w->bus, phys(0xf2000), 1), 0xff);
    cr_assert_eq(bus_unclaimed_memory(w->bus), 1);
    cr_assert(bus_poke(w->bus, phys(0xf0000), "\x12\x34", 2));
    cr_assert_eq(bus_read(w->bus, phys(0xf0000), 2), 0x3412);
    cr_assert_eq(seen.calls, 1);
    bus_free(w->bus);
}

static void note_unclaimed(void *ctx, bool is_port, uint32_t at, unsigned size, bool is_write,
                           uint32_t value)
{
    uint32_t *note = ctx;
    note[0]++;
    note[1] = at;
    note[2] = size;
    note[3] = (uint32_t)is_write;
    note[4] = value;
    note[5] = (uint32_t)is_port;
}

Test(bus, nobody_answers_all_ones_and_is_observed)
{
    struct world *w = make();
    uint32_t note[6] = {0};
    bus_set_unclaimed(w->bus, &(struct bus_unclaimed){note_unclaimed, note});
    for (unsigned size = 1; size <= 4; size *= 2)
        cr_assert_eq(bus_read(w->bus, phys(MB(100)), size), size_mask(size));
    cr_assert_eq(bus_unclaimed_memory(w->bus), 3);
    bus_write(w->bus, phys(MB(100) + 1), 2, 0xabcd1234);
    static const uint32_t want[6] = {4, MB(100) + 1, 2, 1, 0x1234, 0};
    cr_assert_arr_eq(note, want, sizeof want);
    bus_set_unclaimed(w->bus, NULL);
    bus_write(w->bus, phys(MB(100)), 1, 0);
    cr_assert_eq(note[0], 4);
    cr_assert_eq(bus_unclaimed_memory(w->bus), 5);
    cr_assert_eq(bus_unclaimed_ports(w->bus), 0);
    bus_free(w->bus);
}

Test(bus, a20_gate)
{
    static const struct {
        uint32_t at, lands;
    } rows[] = {
        {0x00100000, 0x00000000}, {0x0010ffee, 0x0000ffee}, {0x00000500, 0x00000500},
        {0x00200000, 0x00200000}, {0x00300004, 0x00200004}, {0x002ffff0, 0x002ffff0},
    };
    struct world *w = make();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t value = 0x51000000u + i;
        bus_set_a20(w->bus, false);
        cr_assert_not(bus_a20(w->bus));
        bus_write(w->bus, phys(rows[i].at), 4, value);
        cr_assert_eq(bus_read(w->bus, phys(rows[i].at), 4), value);
        bus_set_a20(w->bus, true);
        cr_assert(bus_a20(w->bus));
        cr_assert_eq(bus_read(w->bus, phys(rows[i].lands), 4), value, "row %u", i);
        if (rows[i].at != rows[i].lands)
            cr_assert_neq(bus_read(w->bus, phys(rows[i].at), 4), value);
    }
    bus_free(w->bus);
}

/* One region over the whole megabyte boundary: bytes past it fold back one by one. */
Test(bus, a20_gate_inside_one_access)
{
    for (unsigned back = 0; back < 5; back++)
        for (unsigned size = 1; size <= 4; size *= 2) {
            struct bus *bus = bus_new();
            uint32_t at = MB(1) - back;
            uint8_t bytes[4];
            cr_assert_eq(bus_map_ram(bus, phys(0), MB(2), "ram"), ST_OK);
            bus_set_a20(bus, false);
            bus_write(bus, phys(at), size, 0x04030201);
            cr_assert_eq(bus_read(bus, phys(at), size), 0x04030201u & size_mask(size));
            for (unsigned i = 0; i < size; i++) {
                cr_assert(bus_peek(bus, phys((at + i) & 0xfffff), bytes, 1));
                cr_assert_eq(bytes[0], i + 1);
            }
            cr_assert(bus_peek(bus, phys(MB(1)), bytes, 4));
            cr_assert_eq(get32(bytes), 0, "nothing above 1 MB");
            bus_free(bus);
        }
}

Test(bus, host_accesses_do_not_pass_the_gate)
{
    struct world *w = make();
    uint8_t byte = 0x5a;
    bus_set_a20(w->bus, false);
    cr_assert(bus_poke(w->bus, phys(MB(1)), &byte, 1));
    cr_assert_eq(bus_read(w->bus, phys(MB(1)), 1), 0);
    bus_set_a20(w->bus, true);
    cr_assert_eq(bus_read(w->bus, phys(MB(1)), 1), 0x5a);
    bus_free(w->bus);
}

Test(bus, host_ranges)
{
    static const struct {
        uint32_t at;
        uint64_t n;
        bool ok;
    } rows[] = {
        {0, 0, true},
        {MB(100), 0, true},
        {0, KB(640), true},
        {1, KB(640), false},   /* ends in a device */
        {0xa0000, 1, false},   /* a device */
        {0xf0000, 8192, true}, /* ROM with its padding */
        {0xf0000, 8193, false},
        {MB(1), MB(3), true},
        {MB(1) - 1, 2, false}, /* starts in nobody's */
        {0xfffff000u, 4096, true},
        {0xfffff000u, 4097, false}, /* past 4 GB */
        {0xffffffffu, 1, true},
        {0xffffffffu, 2, false},
    };
    static uint8_t buffer[MB(3) + 1];
    struct world *w = make();
    struct seen seen = {0};
    bus_set_watcher(w->bus, &(struct bus_watcher){seen_wrote, &seen});
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        phys_t at = phys(rows[i].at);
        unsigned before = seen.calls;
        cr_assert_eq(bus_peek(w->bus, at, buffer, (size_t)rows[i].n), rows[i].ok, "row %u", i);
        cr_assert_eq(bus_poke(w->bus, at, buffer, (size_t)rows[i].n), rows[i].ok, "row %u", i);
        cr_assert_eq(bus_fill(w->bus, at, 0x33, rows[i].n), rows[i].ok, "row %u", i);
        cr_assert_eq(seen.calls - before, rows[i].ok && rows[i].n ? 2 : 0, "row %u", i);
    }
    cr_assert_eq(w->a.reads + w->a.writes, 0, "no device is touched");
    cr_assert_eq(bus_unclaimed_memory(w->bus), 0);
    cr_assert_eq(bus_read(w->bus, phys(MB(4) - 4), 4), 0x33333333);
    bus_free(w->bus);
}

Test(bus, host_ranges_over_neighbouring_regions)
{
    struct bus *bus = bus_new();
    uint8_t in[8192], out[8192];
    for (unsigned i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(i * 7);
    memset(out, 0, sizeof out);
    cr_assert_eq(bus_map_ram(bus, phys(0x10000), 0x2000, "a"), ST_OK);
    cr_assert_eq(bus_map_rom(bus, phys(0x12000), out, 4096, "b"), ST_OK);
    cr_assert(bus_poke(bus, phys(0x11000), in, sizeof in));
    cr_assert(bus_peek(bus, phys(0x11000), out, sizeof out));
    cr_assert_arr_eq(in, out, sizeof in);
    cr_assert_eq(bus_read(bus, phys(0x11ffe), 4), get32(in + 0xffe), "RAM and ROM in one access");
    bus_free(bus);
}

Test(bus, watcher_sees_every_write)
{
    static const struct {
        uint32_t at;
        unsigned size, calls;
    } rows[] = {
        {0x1000, 1, 1},  {0x1001, 4, 1},     {MB(2), 2, 1},     {0xa0010, 4, 1}, /* device */
        {0x9ffff, 4, 4}, {0xfffff, 2, 1},    {MB(4) - 1, 4, 1}, {0xf0000, 4, 0}, /* ROM */
        {MB(64), 4, 0},  {0xfffffffd, 4, 4}, {MB(5) + 8, 4, 1},
    };
    struct world *w = make();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seen seen = {0};
        bus_set_watcher(w->bus, &(struct bus_watcher){seen_wrote, &seen});
        bus_write(w->bus, phys(rows[i].at), rows[i].size, 0);
        cr_assert_eq(seen.calls, rows[i].calls, "row %u", i);
        if (seen.calls == 1 && seen.size[0] == rows[i].size)
            cr_assert_eq(seen.at[0], rows[i].at, "row %u", i);
    }
    bus_free(w->bus);
}

Test(bus, watcher_sees_where_a_gated_write_landed)
{
    struct world *w = make();
    struct seen seen = {0};
    bus_set_watcher(w->bus, &(struct bus_watcher){seen_wrote, &seen});
    bus_set_a20(w->bus, false);
    bus_write(w->bus, phys(MB(1) + 0x40), 4, 1);
    cr_assert_eq(seen.calls, 1);
    cr_assert_eq(seen.at[0], 0x40);
    cr_assert_eq(seen.size[0], 4);
    bus_set_watcher(w->bus, NULL);
    bus_write(w->bus, phys(0), 4, 1);
    cr_assert_eq(seen.calls, 1);
    bus_free(w->bus);
}

Test(bus, devices_get_offset_size_and_value)
{
    struct world *w = make();
    cr_assert_eq(bus_read(w->bus, phys(0xa0100), 2), 0x2311);
    cr_assert_eq(w->a.offset, 0x100);
    cr_assert_eq(w->a.size, 2);
    bus_write(w->bus, phys(0xa0104), 1, 0xaabbccdd);
    cr_assert_eq(w->a.value, 0xdd);
    /* the byte-wide card */
    cr_assert_eq(bus_read(w->bus, phys(MB(5)), 4), 0x14131211);
    cr_assert_eq(w->b.reads, 4);
    bus_write(w->bus, phys(MB(5) + 4), 4, 0x04030201);
    cr_assert_eq(w->b.writes, 4);
    cr_assert_eq(w->b.offset, 7);
    cr_assert_eq(w->b.value, 4);
    bus_free(w->bus);
}

Test(bus, a_device_callback_reaches_memory_but_no_device)
{
    struct world *w = make();
    w->a.bus = w->bus;
    w->a.target = phys(0x2000); /* bus master into RAM */
    bus_write(w->bus, phys(0xa0000), 1, 0);
    cr_assert_eq(bus_read(w->bus, phys(0x2000), 4), 0xfeedface);
    cr_assert_eq(bus_dropped(w->bus), 0);
    w->a.target = phys(MB(5)); /* another device */
    bus_write(w->bus, phys(0xa0000), 1, 0);
    cr_assert_eq(w->b.writes, 0);
    cr_assert_eq(bus_dropped(w->bus), 1);
    w->a.target = phys(0xa0000); /* itself */
    bus_write(w->bus, phys(0xa0000), 1, 0);
    cr_assert_eq(w->a.writes, 3);
    bus_read(w->bus, phys(0xa0000), 1);
    cr_assert_eq(w->a.got, 0xffffffff);
    cr_assert_eq(bus_dropped(w->bus), 3);
    w->a.bus = NULL;
    bus_write(w->bus, phys(MB(5)), 1, 0);
    cr_assert_eq(w->b.writes, 1, "afterwards devices answer again");
    bus_free(w->bus);
}

Test(bus, map_refusals)
{
    static const struct {
        uint32_t base;
        uint64_t size;
        status_t want;
    } rows[] = {
        {0x1000, 0, ST_ARG},
        {0x1001, 4096, ST_ARG},
        {0x1000, 4095, ST_ARG},
        {0xfffff000u, 8192, ST_ARG},
        {0, MB(4096ull) + 4096, ST_ARG},
        {0x1000, UINT64_MAX - 4095, ST_ARG},
        {0x9f000, 4096, ST_CLASH},
        {0x9f000, MB(1), ST_CLASH},
        {0, MB(4096ull), ST_CLASH},
        {MB(4), MB(1), ST_OK},
        {MB(6), 4096, ST_OK},
    };
    struct world *w = make();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert_eq(bus_map_mmio(w->bus, phys(rows[i].base), rows[i].size, &probe_ops, &w->a, "x"),
                     rows[i].want, "row %u", i);
    struct mmio_ops odd = probe_ops;
    odd.widest = 3;
    cr_assert_eq(bus_map_mmio(w->bus, phys(MB(8)), 4096, &odd, &w->a, "x"), ST_ARG);
    cr_assert_eq(bus_map_rom(w->bus, phys(MB(8)), "", 0, "x"), ST_ARG);
    bus_free(w->bus);
}

Test(bus, table_full)
{
    struct bus *bus = bus_new();
    status_t s = ST_OK;
    uint32_t n = 0;
    while (s == ST_OK && n < 1000)
        s = bus_map_ram(bus, phys(n++ * 8192), 4096, "x");
    cr_assert_eq(s, ST_FULL);
    cr_assert_eq(n - 1, 64);
    for (uint32_t i = 0; i < n - 1; i++) {
        bus_write(bus, phys(i * 8192 + 8), 4, i);
        cr_assert_eq(bus_read(bus, phys(i * 8192 + 8), 4), i);
        cr_assert_eq(bus_read(bus, phys(i * 8192 + 4096), 1), 0xff);
    }
    bus_free(bus);
}

Test(bus, all_of_4_gb_as_ram)
{
    struct bus *bus = bus_new();
    if (bus_map_ram(bus, phys(0), UINT64_C(1) << 32, "all") == ST_OK) {
        bus_write(bus, phys(0xfffffffc), 4, 0x11223344);
        cr_assert_eq(bus_read(bus, phys(0xfffffffc), 4), 0x11223344);
        bus_write(bus, phys(0xfffffffe), 4, 0xa1b2c3d4);
        cr_assert_eq(bus_read(bus, phys(0), 2), 0xa1b2);
        cr_assert_eq(bus_read(bus, phys(0xfffffffe), 2), 0xc3d4);
    }
    cr_assert_eq(bus_unclaimed_memory(bus), 0);
    bus_free(bus);
}

Test(bus, region_list_is_sorted)
{
    static const struct {
        uint32_t base;
        const char *owner;
        char kind;
    } want[] = {{0, "low", 'M'},      {0xa0000, "vga", 'D'}, {0xf0000, "bios", 'R'},
                {MB(1), "main", 'M'}, {MB(5), "card", 'D'},  {0xfffff000u, "top", 'M'}};
    struct world *w = make();
    struct bus_region_info info;
    for (unsigned i = 0; i < 6; i++) {
        cr_assert(bus_region_at(w->bus, i, &info));
        cr_assert_eq(info.base.v, want[i].base);
        cr_assert_str_eq(info.owner, want[i].owner);
        cr_assert_eq(info.kind, want[i].kind);
    }
    cr_assert_not(bus_region_at(w->bus, 6, &info));
    bus_free(w->bus);
}

static void note_level(void *ctx, bool level)
{
    unsigned *counts = ctx;
    counts[level]++;
}

Test(bus, irq_lines)
{
    unsigned counts[2] = {0};
    struct irq_line line = {note_level, counts};
    irq_set(&line, true);
    irq_set(&line, true);
    irq_set(&line, false);
    cr_assert_eq(counts[1], 2);
    cr_assert_eq(counts[0], 1);
    irq_set(NULL, true);
    irq_set(&(struct irq_line){.ctx = counts}, true);
    cr_assert_eq(counts[1], 2, "a wire that ends nowhere");
    bus_free(NULL);
}
