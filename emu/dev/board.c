#include "board.h"

#include <string.h>

#include "bits.h"
#include "snap.h"

enum { PIT_HZ = 1193182, REFRESH_TICKS = 18 };

/* --- interval timer --- */

static uint64_t ticks_now(const struct board *s)
{
    const struct clock *clock = s->config.clock;
    return clock_scale(clock_read(clock), PIT_HZ, clock->hz);
}

/* The counting element. Modes 0, 1, 4 and 5 run on through FFFF; 2 and 3 reload, 3 by steps of two.
 */
static uint16_t counter_value(const struct board *s, const struct board_counter *c)
{
    uint64_t gone = ticks_now(s) - c->start;
    if (c->mode == 3) return (uint16_t)(c->reload - (2 * gone) % c->reload);
    if (c->mode == 2) return (uint16_t)(c->reload - gone % c->reload);
    return (uint16_t)(c->reload - gone);
}

static bool counter_output(const struct board *s, const struct board_counter *c)
{
    uint64_t gone = ticks_now(s) - c->start;
    if (c->mode == 0 || c->mode == 1) return gone >= c->reload;
    if (c->mode == 3) return gone % c->reload < (c->reload + 1) / 2;
    if (c->mode == 2) return gone % c->reload != c->reload - 1;
    return gone != c->reload;
}

/* Counter 0's output is IRQ 0. What a PIC sees of it are its rising edges: at the terminal count in mode
 * 0, behind the strobe in mode 4, with each reload in modes 2 and 3. Its gate is always high, so modes 1
 * and 5 never start. */
static bool irq0_periodic(const struct board_counter *c)
{
    return c->mode == 2 || c->mode == 3;
}

static void irq0_arm(struct board *s)
{
    const struct board_counter *c = &s->counter[0];
    struct clock *clock = s->config.clock;
    uint64_t tick = c->start + c->reload, now = ticks_now(s);
    if (c->mode == 1 || c->mode == 5) return;
    if (irq0_periodic(c) && tick <= now) tick += ((now - tick) / c->reload + 1) * c->reload;
    clock_arm(clock, &s->irq0, clock_scale_up(tick, clock->hz, PIT_HZ));
}

static void irq0_fired(void *ctx, uint64_t now)
{
    struct board *s = ctx;
    (void)now;
    if (s->counter[0].mode != 0) irq_set(&s->config.irq0, false);
    irq_set(&s->config.irq0, true);
    if (irq0_periodic(&s->counter[0])) irq0_arm(s);
}

static void irq0_stop(struct board *s)
{
    clock_disarm(s->config.clock, &s->irq0);
    irq_set(&s->config.irq0, s->counter[0].mode != 0);
}

static void counter_load(struct board *s, struct board_counter *c, unsigned value)
{
    c->reload = value ? value : 0x10000;
    c->start = ticks_now(s);
    if (c != s->counter) return;
    irq0_stop(s);
    irq0_arm(s);
}

static void counter_latch(const struct board *s, struct board_counter *c)
{
    if (c->latched) return; /* the first latch stays until read */
    c->latch = counter_value(s, c);
    c->latched = c->access == 3 ? 2 : 1;
    c->read_high = c->access == 2;
}

static void counter_status(const struct board *s, struct board_counter *c)
{
    if (c->has_status) return;
    c->has_status = 1;
    c->status = (uint8_t)(counter_output(s, c) << 7 | c->access << 4 | c->mode << 1);
}

static void pit_control(struct board *s, uint8_t v)
{
    unsigned select = v >> 6, access = v >> 4 & 3;
    if (select == 3) { /* read-back: bits 3..1 pick counters; bit 5, 4 clear = count, status */
        for (unsigned i = 0; i < 3; i++) {
            if (!(v & 2u << i)) continue;
            if (!(v & 0x20)) counter_latch(s, &s->counter[i]);
            if (!(v & 0x10)) counter_status(s, &s->counter[i]);
        }
        return;
    }
    struct board_counter *c = &s->counter[select];
    if (access == 0) {
        counter_latch(s, c);
        return;
    }
    unsigned mode = v >> 1 & 7;
    *c = (struct board_counter){.start = ticks_now(s), .reload = 0x10000};
    c->mode = (uint8_t)(mode > 5 ? mode - 4 : mode);
    c->access = (uint8_t)access;
    c->write_high = c->read_high = access == 2;
    if (select == 0) irq0_stop(s);
}

static uint32_t pit_in(void *ctx, uint16_t port, unsigned size)
{
    struct board *s = ctx;
    if (port == 0x43) return 0xff;
    struct board_counter *c = &s->counter[port & 3];
    if (c->has_status) {
        c->has_status = 0;
        return c->status;
    }
    uint16_t value = c->latched ? c->latch : counter_value(s, c);
    uint8_t byte = (uint8_t)(c->read_high ? value >> 8 : value);
    if (c->latched) c->latched--;
    if (c->access == 3) c->read_high ^= 1;
    return byte;
}

static void pit_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct board *s = ctx;
    if (port == 0x43) {
        pit_control(s, (uint8_t)value);
        return;
    }
    struct board_counter *c = &s->counter[port & 3];
    if (c->access == 3 && !c->write_high) {
        c->low = (uint8_t)value;
        c->write_high = 1;
        return;
    }
    counter_load(s, c, c->write_high ? value << 8 | c->low : value);
    if (c->access == 3) c->write_high = 0;
}

static uint32_t port61_in(void *ctx, uint16_t port, unsigned size)
{
    const struct board *s = ctx;
    unsigned refresh = (unsigned)(ticks_now(s) / REFRESH_TICKS & 1) << 4;
    unsigned output = (unsigned)counter_output(s, &s->counter[2]) << 5;
    return s->port61 | refresh | output;
}

/* The gate going up starts counter 2 anew. */
static void port61_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct board *s = ctx;
    if (value & ~(uint32_t)s->port61 & 1) s->counter[2].start = ticks_now(s);
    s->port61 = value & 0x0f;
}

/* --- A20 and reset --- */

static void pulse_reset(struct board *s)
{
    if (s->config.reset) s->config.reset(s->config.reset_ctx);
}

static uint32_t port92_in(void *ctx, uint16_t port, unsigned size)
{
    const struct board *s = ctx;
    return (s->port92 & ~2u) | (bus_a20(s->bus) ? 2u : 0);
}

static void port92_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct board *s = ctx;
    bool rises = value & ~(uint32_t)s->port92 & 1;
    s->port92 = (uint8_t)value;
    bus_set_a20(s->bus, value & 2);
    if (rises) pulse_reset(s);
}

/* --- keyboard controller --- */

static void kbd_put(struct board_kbd *k, uint8_t byte)
{
    if (k->count < BOARD_KBD_QUEUE) k->queue[k->count++] = byte;
}

static uint8_t kbd_get(struct board_kbd *k)
{
    uint8_t byte = k->queue[0];
    if (k->count > 1) memmove(k->queue, k->queue + 1, k->count - 1u);
    if (k->count) k->count--;
    return byte;
}

static uint8_t output_port(const struct board *s)
{
    return (uint8_t)(0xcd | (bus_a20(s->bus) ? 2 : 0));
}

static void set_output_port(struct board *s, uint8_t value)
{
    bus_set_a20(s->bus, value & 2);
    if (!(value & 1)) pulse_reset(s);
}

static void kbd_command(struct board *s, uint8_t command)
{
    struct board_kbd *k = &s->kbd;
    k->pending = 0;
    switch (command) {
    case 0x20: kbd_put(k, k->command_byte); break;
    case 0x60:
    case 0xd1:
    case 0xd2:
    case 0xd3:
    case 0xd4: k->pending = command; break;
    case 0xa9:
    case 0xab: kbd_put(k, 0x00); break; /* line tests: no error */
    case 0xaa: kbd_put(k, 0x55); break; /* self test passed */
    case 0xad: k->command_byte |= 0x10; break;
    case 0xae: k->command_byte &= 0xef; break;
    case 0xd0: kbd_put(k, output_port(s)); break;
    case 0xdd: bus_set_a20(s->bus, false); break;
    case 0xdf: bus_set_a20(s->bus, true); break;
    default: /* F0 to FF pulse the output lines that are 0 in the low bits; line 0 is reset */
        if (command >= 0xf0 && !(command & 1)) pulse_reset(s);
        break;
    }
}

static void kbd_data(struct board *s, uint8_t value)
{
    struct board_kbd *k = &s->kbd;
    uint8_t command = k->pending;
    k->pending = 0;
    switch (command) {
    case 0x60: k->command_byte = value; return;
    case 0xd1: set_output_port(s, value); return;
    case 0xd2: kbd_put(k, value); return;
    case 0xd3:
    case 0xd4: return; /* there is no mouse */
    }
    kbd_put(k, 0xfa); /* the keyboard acknowledges; after a reset it reports its self test */
    if (value == 0xff) kbd_put(k, 0xaa);
}

static uint32_t kbd_in(void *ctx, uint16_t port, unsigned size)
{
    struct board *s = ctx;
    if (port == 0x60) return kbd_get(&s->kbd);
    uint32_t ready = s->kbd.count != 0;
    return 0x14 | ready | (s->kbd.pending ? 8u : 0); /* not locked, self test passed */
}

static void kbd_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    if (port == 0x60)
        kbd_data(ctx, (uint8_t)value);
    else
        kbd_command(ctx, (uint8_t)value);
}

/* --- CMOS --- */

enum { CMOS_FIRST_FREE = 0x0e };

static uint32_t cmos_in(void *ctx, uint16_t port, unsigned size)
{
    const struct board *s = ctx;
    return port == 0x70 ? 0xff : s->cmos[s->cmos_index];
}

static void cmos_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct board *s = ctx;
    if (port == 0x70)
        s->cmos_index = value & 0x7f; /* bit 7 masks NMI: there is none */
    else if (s->cmos_index >= CMOS_FIRST_FREE)
        s->cmos[s->cmos_index] = (uint8_t)value;
}

static uint16_t at_most_ffff(uint64_t v)
{
    return v > 0xffff ? 0xffff : (uint16_t)v;
}

static void cmos_reset(struct board *s)
{
    static const uint8_t date[CMOS_FIRST_FREE] = {
        [0x06] = 0x01, [0x07] = 0x01, [0x08] = 0x01, [0x09] = 0x95, /* BCD */
        [0x0a] = 0x26, [0x0b] = 0x02, [0x0d] = 0x80, /* 32 kHz; 24 hours; battery good */
    };
    const uint64_t mb = UINT64_C(1) << 20;
    uint64_t ram = s->config.ram_bytes;
    uint16_t extended = at_most_ffff(ram > mb ? (ram - mb) >> 10 : 0);
    uint16_t beyond16 = at_most_ffff(ram > 16 * mb ? (ram - 16 * mb) >> 16 : 0);
    memset(s->cmos, 0, sizeof s->cmos);
    memcpy(s->cmos, date, sizeof date);
    put16(s->cmos + 0x15, 640);
    put16(s->cmos + 0x17, extended);
    put16(s->cmos + 0x30, extended);
    put16(s->cmos + 0x34, beyond16);
    s->cmos[0x32] = 0x19; /* century */
    s->cmos_index = 0;
}

/* --- all together --- */

void board_reset(struct board *s)
{
    for (unsigned i = 0; i < 3; i++)
        s->counter[i] = (struct board_counter){.reload = 0x10000, .mode = 3, .access = 3};
    irq0_stop(s);
    irq0_arm(s);
    s->kbd = (struct board_kbd){.command_byte = 0x45};
    s->port61 = s->port92 = 0;
    cmos_reset(s);
    bus_set_a20(s->bus, !s->config.a20_closed);
}

status_t board_init(struct board *s, const struct board_config *config, struct bus *bus)
{
    static const struct {
        struct port_ops ops;
        uint16_t first, last;
        const char *owner;
    } claims[] = {
        {{pit_in, pit_out, 1}, 0x40, 0x43, "PIT"},
        {{kbd_in, kbd_out, 1}, 0x60, 0x60, "keyboard"},
        {{port61_in, port61_out, 1}, 0x61, 0x61, "system control"},
        {{kbd_in, kbd_out, 1}, 0x64, 0x64, "keyboard"},
        {{cmos_in, cmos_out, 1}, 0x70, 0x71, "CMOS"},
        {{port92_in, port92_out, 1}, 0x92, 0x92, "system port"},
    };
    if (!config->clock) return ST_ARG;
    memset(s, 0, sizeof *s);
    s->config = *config;
    s->bus = bus;
    s->irq0 = (struct clock_event){.fire = irq0_fired, .ctx = s, .name = "PIT"};
    board_reset(s);
    for (unsigned i = 0; i < sizeof claims / sizeof *claims; i++) {
        status_t st = bus_claim_ports(bus, claims[i].first, claims[i].last, &claims[i].ops, s,
                                      claims[i].owner);
        if (st != ST_OK) return st;
    }
    return ST_OK;
}

/* --- snapshots --- */

SNAP_SIZE(struct board_counter, 24);
static void counter_snap(struct snap *s, struct board_counter *c)
{
    uint8_t *bytes[] = {&c->low,     &c->write_high, &c->read_high,
                        &c->latched, &c->status,     &c->has_status};
    snap_u64(s, &c->start);
    snap_u32(s, &c->reload);
    snap_expect(s, c->reload && c->reload <= 0x10000, "a counter counts nothing");
    snap_u16(s, &c->latch);
    snap_below8(s, &c->mode, 6);
    snap_below8(s, &c->access, 4);
    for (unsigned i = 0; i < sizeof bytes / sizeof bytes[0]; i++)
        snap_u8(s, bytes[i]);
}

SNAP_SIZE(struct board_kbd, 7);
SNAP_SIZE(struct board, 344);
void board_snap(struct snap *s, struct board *b)
{
    for (unsigned i = 0; i < 3; i++)
        counter_snap(s, &b->counter[i]);
    snap_u8(s, &b->kbd.command_byte);
    snap_u8(s, &b->kbd.pending);
    snap_below8(s, &b->kbd.count, BOARD_KBD_QUEUE + 1);
    snap_raw(s, b->kbd.queue, BOARD_KBD_QUEUE);
    snap_u8(s, &b->port61);
    snap_u8(s, &b->port92);
    snap_below8(s, &b->cmos_index, sizeof b->cmos);
    snap_raw(s, b->cmos, sizeof b->cmos);
}
