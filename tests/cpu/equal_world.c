/* equal_world.c: the processors of equal.h, their memory and devices. */
#include "equal.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocks.h"

uint32_t roll(struct dice *d, uint32_t below)
{
    d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((d->state >> 33) % below);
}

bool chance(struct dice *d, uint32_t in)
{
    return roll(d, in) == 0;
}

static void mix(uint64_t *digest, uint64_t value)
{
    *digest = (*digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    *digest ^= *digest >> 29;
}

/* --- what watches --- */

static void on_write(void *ctx, phys_t at, unsigned size)
{
    struct world *w = ctx;
    uint8_t bytes[8] = {0};
    uint32_t last = at.v + size - 1;
    if (at.v >> PAGE_SHIFT < PAGES) w->dirty[at.v >> PAGE_SHIFT] = true;
    if (last >> PAGE_SHIFT < PAGES) w->dirty[last >> PAGE_SHIFT] = true;
    if (size <= sizeof bytes) (void)bus_peek(w->bus, at, bytes, size);
    mix(&w->wrote, (uint64_t)at.v << 8 | size);
    mix(&w->wrote, get32(bytes) | (uint64_t)get32(bytes + 4) << 32);
}

static void on_unclaimed(void *ctx, bool is_port, uint32_t at, unsigned size, bool is_write,
                         uint32_t value)
{
    struct world *w = ctx;
    mix(&w->unclaimed, (uint64_t)at << 8 | size << 2 | (unsigned)is_port << 1 | is_write);
    mix(&w->unclaimed, value);
}

/* An observer may throw everything away. */
static void maybe_drop(struct world *w, uint32_t in)
{
    if (w->kind == DROP && chance(&w->drops, in)) cpu_drop_derived(&w->cpu);
}

static fault_t on_access(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    struct world *w = ctx;
    mix(&w->seen, (uint64_t)at.v << 16 | size << 4 | (unsigned)access << 1 | user);
    maybe_drop(w, 8);
    return fault_none();
}

static void on_insn(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    struct world *w = ctx;
    mix(&w->seen, (uint64_t)cpu->s.eip << 32 | (uint32_t)in->opcode << 8 | in->len);
    maybe_drop(w, 8);
}

static void on_mem(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                   unsigned size, enum access access, uint32_t value)
{
    struct world *w = ctx;
    mix(&w->seen, (uint64_t)off.v << 32 | at.v);
    mix(&w->seen, (uint64_t)value << 32 | (uint32_t)reg << 16 | size << 8 | (uint32_t)access);
    maybe_drop(w, 8);
}

static void on_event(void *ctx, const struct i386_cpu *cpu, unsigned vector,
                     enum event_source source, fault_t fault)
{
    struct world *w = ctx;
    mix(&w->seen, (uint64_t)vector << 40 | (uint64_t)fault.rule << 8 | (uint32_t)source);
}

/* --- devices --- */

static void set_intr(struct world *w, bool level)
{
    w->cpu.intr = level;
}

static int on_inta(void *ctx)
{
    set_intr(ctx, false);
    return 0x20;
}

/* Table entries that change from outside: presence, rights, marks, the frame of a code page. */
static void dma(struct world *w, uint32_t value)
{
    static const uint32_t xors[] = {1, 2, 4, 0x20, 0x40, 0x60, 0x1000, 0x2000};
    uint32_t at = (value & 0x100 ? TABLE_A : DIR_A) + 0x2000 * (value >> 9 & 1);
    uint8_t entry[4];
    at += 4 * (value & 0x200 ? 0 : 8 + (value >> 10) % 8);
    cr_assert(bus_peek(w->bus, phys(at), entry, 4));
    put32(entry, get32(entry) ^ xors[value & 7]);
    cr_assert(bus_poke(w->bus, phys(at), entry, 4));
}

static uint32_t device_in(struct world *w, uint32_t what)
{
    w->device_reads++;
    maybe_drop(w, 2);
    if (what == 1) dma(w, w->device_reads * 77);
    if (what == 2) set_intr(w, true);
    return w->device_reads * 0x01010101u;
}

static void device_out(struct world *w, uint32_t what, uint32_t value)
{
    maybe_drop(w, 2);
    switch (what) {
    case 0: bus_set_a20(w->bus, value & 2); break;
    case 1: dma(w, value); break;
    case 2: set_intr(w, value & 1); break;
    case 3: w->cpu.stop = 1; break;
    default: break;
    }
}

static uint32_t mmio_read(void *ctx, uint32_t offset, unsigned size)
{
    return device_in(ctx, offset >> 2 & 3);
}
static void mmio_write(void *ctx, uint32_t offset, unsigned size, uint32_t value)
{
    device_out(ctx, offset >> 2 & 3, value);
}
static uint32_t what_port(uint16_t port)
{
    return port == PORT_A20 ? 0 : 1u + port - PORT_DMA;
}
static uint32_t port_in(void *ctx, uint16_t port, unsigned size)
{
    return device_in(ctx, what_port(port));
}
static void port_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    device_out(ctx, what_port(port), value);
}

/* --- a world --- */

static void map_all(struct world *w)
{
    static const struct mmio_ops mmio = {mmio_read, mmio_write, 4};
    static const struct port_ops ports = {port_in, port_out, 1};
    static uint8_t rom[2 * PAGE_SIZE];
    for (unsigned i = 0; i < sizeof rom / 4; i++)
        put32(rom + 4 * i, i % 1024 << 12 | 7); /* looks like a page table; as code: mostly ADD */
    cr_assert_eq(bus_map_ram(w->bus, phys(0), LOW_RAM, "ram"), ST_OK);
    cr_assert_eq(bus_map_mmio(w->bus, phys(DEVICE_AT), PAGE_SIZE, &mmio, w, "device"), ST_OK);
    cr_assert_eq(bus_map_rom(w->bus, phys(ROM_AT), rom, sizeof rom, "rom"), ST_OK);
    cr_assert_eq(bus_map_ram(w->bus, phys(MORE_RAM), MORE_SIZE, "more"), ST_OK);
    cr_assert_eq(bus_claim_ports(w->bus, PORT_DMA, PORT_STOP, &ports, w, "device"), ST_OK);
    cr_assert_eq(bus_claim_ports(w->bus, PORT_A20, PORT_A20, &ports, w, "gate"), ST_OK);
}

struct world *world_new(enum kind kind)
{
    struct world *w = calloc(1, sizeof *w);
    cr_assert(w);
    w->kind = kind;
    w->bus = bus_new();
    cr_assert(w->bus);
    map_all(w);
    cpu_init(&w->cpu, w->bus);
    w->cpu.inta = on_inta;
    w->cpu.inta_ctx = w;
    w->cpu.personality = true;
    w->cpu.keep_nothing = kind == PLAIN;
    w->hook = (struct access_hook){on_access, w};
    w->observer =
        (struct cpu_observer){.ctx = w, .insn = on_insn, .mem = on_mem, .event = on_event};
    bus_set_watcher(w->bus, &(struct bus_watcher){on_write, w});
    bus_set_unclaimed(w->bus, &(struct bus_unclaimed){on_unclaimed, w});
    return w;
}

void world_free(struct world *w)
{
    bus_free(w->bus);
    free(w);
}

static void set_looks(struct world *w, enum looks looks)
{
    static const struct clock_costs none = {0}, costs = {1, 2, 3};
    clocks_set_costs(&w->cpu, &none);
    w->cpu.hook = looks == LOOK_HOOK ? &w->hook : NULL;
    w->cpu.obs = looks == LOOK_OBSERVER ? &w->observer : NULL;
    if (looks == LOOK_COSTS) clocks_set_costs(&w->cpu, &costs);
}

/* Pages that were written since the last start become zero, then the image is laid down. */
void world_start(struct world *w, const struct round *r)
{
    bus_set_a20(w->bus, true);
    for (uint32_t page = 0; page < PAGES; page++) {
        bool ram = page < LOW_RAM / PAGE_SIZE || page >= MORE_RAM / PAGE_SIZE;
        if (w->dirty[page] && ram)
            cr_assert(bus_fill(w->bus, phys(page << PAGE_SHIFT), 0, PAGE_SIZE));
        w->dirty[page] = false;
    }
    cr_assert(bus_poke(w->bus, phys(0), r->image, sizeof r->image));
    for (uint32_t page = 0; page < sizeof r->image / PAGE_SIZE; page++)
        w->dirty[page] = true;
    cpu_set_level(&w->cpu, r->level);
    w->cpu.x87 = r->level > LEVEL_386;
    w->cpu.s = r->state;
    w->cpu.s.clocks = w->cpu.s.insns = 0;
    w->cpu.wp_exists = r->wp;
    w->cpu.intr = false;
    w->cpu.stop = 0;
    w->cpu.chain_len = 0;
    set_looks(w, r->looks);
    w->device_reads = 0;
    w->wrote = w->seen = w->unclaimed = 0;
}

static bool goes_on(enum cpu_step step)
{
    return step == STEP_RETIRED || step == STEP_EVENT;
}

/* What cpu_run promises. */
static enum cpu_step run_by_steps(struct world *w, uint64_t n, uint64_t until)
{
    enum cpu_step step = STEP_RETIRED;
    while (n-- && w->cpu.s.clocks < until && !w->cpu.stop) {
        step = cpu_step(&w->cpu);
        if (!goes_on(step)) return step;
    }
    return STEP_RETIRED;
}

static enum cpu_step run_in_pieces(struct world *w, uint64_t n, uint64_t until)
{
    while (n && w->cpu.s.clocks < until && !w->cpu.stop) {
        uint64_t piece = 1 + roll(&w->drops, 6);
        if (piece > n) piece = n;
        maybe_drop(w, 2);
        enum cpu_step step = cpu_run(&w->cpu, piece, until);
        if (!goes_on(step)) return step;
        n -= piece;
    }
    return STEP_RETIRED;
}

enum cpu_step world_run(struct world *w, uint64_t n, uint64_t until)
{
    switch (w->kind) {
    case RUN: return cpu_run(&w->cpu, n, until);
    case DROP: return run_in_pieces(w, n, until);
    default: return run_by_steps(w, n, until);
    }
}

void world_host(struct world *w, uint32_t what, uint32_t value)
{
    struct i386_state *s = &w->cpu.s;
    w->cpu.stop = 0;
    switch (what % 12) {
    case 0: set_intr(w, true); break;
    case 1: cpu_nmi(&w->cpu); break;
    case 2:
    case 3: dma(w, value); break;
    case 4: bus_set_a20(w->bus, value & 1); break;
    case 5: s->cr3 = value & 1 ? DIR_A : DIR_B; break;
    case 6:
        if (s->cr0 & CR0_PE) s->cr0 ^= value & 1 ? CR0_PG : CR0_WP;
        break;
    case 7: set_looks(w, (enum looks)(value % LOOK_COUNT)); break;
    case 8: s->eflags ^= value & 1 ? FL_TF : FL_IF; break;
    default: break;
    }
}

/* --- comparison --- */

static bool states_equal(const struct i386_state *a, const struct i386_state *b, char *why,
                         size_t room)
{
    unsigned count;
    const struct state_field *field = state_fields(&count);
    if (memcmp(a, b, sizeof *a) == 0) return true;
    int n = snprintf(why, room, "state:");
    for (unsigned i = 0; i < count && n > 0 && (size_t)n < room; i++)
        if (state_get(a, &field[i]) != state_get(b, &field[i]))
            n += snprintf(why + n, room - (size_t)n, " %s %" PRIx64 "/%" PRIx64, field[i].name,
                          state_get(a, &field[i]), state_get(b, &field[i]));
    return false;
}

bool world_equal(const struct world *a, const struct world *b, char *why, size_t room)
{
    if (!states_equal(&a->cpu.s, &b->cpu.s, why, room)) return false;
    const char *what = a->wrote != b->wrote                         ? "writes"
                       : a->seen != b->seen                         ? "what observers see"
                       : a->unclaimed != b->unclaimed               ? "unclaimed accesses"
                       : a->device_reads != b->device_reads         ? "device reads"
                       : a->cpu.intr != b->cpu.intr                 ? "interrupt line"
                       : a->cpu.stop != b->cpu.stop                 ? "stop"
                       : bus_a20(a->bus) != bus_a20(b->bus)         ? "A20"
                       : a->cpu.chain_len != b->cpu.chain_len       ? "chain of faults"
                       : bus_dropped(a->bus) != bus_dropped(b->bus) ? "dropped accesses"
                                                                    : NULL;
    if (what) snprintf(why, room, "%s", what);
    return !what;
}

bool world_same_memory(const struct world *a, const struct world *b)
{
    uint8_t x[PAGE_SIZE], y[PAGE_SIZE];
    for (uint32_t page = 0; page < PAGES; page++) {
        if (!a->dirty[page] && !b->dirty[page]) continue;
        phys_t at = phys(page << PAGE_SHIFT);
        bool there = bus_peek(a->bus, at, x, sizeof x) && bus_peek(b->bus, at, y, sizeof y);
        if (there && memcmp(x, y, sizeof x) != 0) return false;
    }
    return true;
}
