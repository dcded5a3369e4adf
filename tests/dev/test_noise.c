/* A guest that writes anything to any port of the board, of any width, while time moves: devices
 * stay within their tables (the sanitizers watch), answer within the width, and repeat exactly. */
#include <criterion/criterion.h>
#include <string.h>

#include "board.h"
#include "dbgport.h"
#include "uart.h"

enum { ROUNDS = 200000 };

struct pc {
    struct bus *bus;
    struct clock clock;
    uint64_t running;
    struct uart uart;
    struct dbgport dbgport;
    struct board board;
    uint64_t digest;
};
static void mix(struct pc *b, uint64_t v)
{
    b->digest = (b->digest ^ v) * UINT64_C(0x100000001b3);
}
static void put(void *ctx, uint8_t c)
{
    mix(ctx, c);
}
static void leave(void *ctx, uint32_t code, unsigned size)
{
    mix(ctx, code + size);
}
static void off(void *ctx)
{
    mix(ctx, 1);
}
static void post(void *ctx, uint32_t code, unsigned size)
{
    mix(ctx, code + size);
}
static void irq(void *ctx, bool level)
{
    mix(ctx, level);
}

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 32);
}

static void wire(struct pc *b)
{
    memset(b, 0, sizeof *b);
    b->bus = bus_new();
    cr_assert(b->bus);
    clock_init(&b->clock, 33000000);
    b->clock.running = &b->running;
    struct uart_config uart = {.put = put, .put_ctx = b, .irq = {irq, b}};
    struct dbgport_config debug = {put, leave, off, post, b, 0x80, 2};
    struct board_config pc = {
        .clock = &b->clock, .ram_bytes = 1u << 24, .reset = off, .reset_ctx = b};
    cr_assert_eq(uart_init(&b->uart, &uart, b->bus), ST_OK);
    cr_assert_eq(dbgport_init(&b->dbgport, &debug, b->bus), ST_OK);
    cr_assert_eq(board_init(&b->board, &pc, b->bus), ST_OK);
}

static void step(struct pc *b, uint64_t *seed)
{
    struct bus_ports_info ports;
    uint32_t pick = next(seed), value = next(seed);
    unsigned index = pick % 16, size = 1u << (pick >> 8) % 3;
    if (!bus_ports_at(b->bus, index, &ports)) ports.first = ports.last = (uint16_t)value;
    uint16_t span = (uint16_t)(ports.last - ports.first + 1);
    uint16_t port = (uint16_t)(ports.first + (pick >> 16) % span);
    if (pick & 0x800) {
        uint32_t got = bus_in(b->bus, port, size);
        cr_assert_eq(got & ~size_mask(size), 0);
        mix(b, got);
    } else {
        bus_out(b->bus, port, size, value);
    }
    if (pick & 0x1000) uart_receive(&b->uart, (uint8_t)value);
    b->running += value % 5000;
    if (!(pick & 0x6000)) clock_advance(&b->clock, b->running);
}

static uint64_t run(uint64_t seed)
{
    static struct pc b;
    wire(&b);
    for (unsigned i = 0; i < ROUNDS; i++)
        step(&b, &seed);
    cr_assert_eq(bus_dropped(b.bus), 0);
    cr_assert_eq(bus_unclaimed_memory(b.bus), 0);
    mix(&b, bus_a20(b.bus));
    mix(&b, bus_unclaimed_ports(b.bus));
    bus_free(b.bus);
    return b.digest;
}

Test(noise, any_port_any_value_twice_the_same)
{
    for (uint64_t seed = 1; seed <= 3; seed++)
        cr_assert_eq(run(seed), run(seed));
    cr_assert_neq(run(1), run(2), "the digest follows what happens");
}
