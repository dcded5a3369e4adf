#include <criterion/criterion.h>
#include <string.h>

#include "board.h"

#define HZ 16000000u
#define MB UINT64_C(0x100000)

/* Rising edges of IRQ 0, and when the last one was. */
struct edges {
    const struct clock *clock;
    unsigned rises;
    bool level;
    uint64_t last;
};
static void edge(void *ctx, bool level)
{
    struct edges *e = ctx;
    e->rises += level && !e->level;
    if (level && !e->level) e->last = e->clock->now;
    e->level = level;
}

struct desk {
    struct bus *bus;
    struct clock clock;
    struct board board;
    struct edges irq0;
    unsigned resets;
};
static void reset(void *ctx)
{
    struct desk *d = ctx;
    d->resets++;
}
static struct desk *setup(uint64_t ram, bool a20_closed)
{
    static struct desk d;
    memset(&d, 0, sizeof d);
    d.bus = bus_new();
    clock_init(&d.clock, HZ);
    d.irq0.clock = &d.clock;
    struct board_config config = {.clock = &d.clock,
                                  .irq0 = {edge, &d.irq0},
                                  .ram_bytes = ram,
                                  .reset = reset,
                                  .reset_ctx = &d,
                                  .a20_closed = a20_closed};
    cr_assert_eq(board_init(&d.board, &config, d.bus), ST_OK);
    return &d;
}
static uint8_t in(struct desk *d, uint16_t port)
{
    return (uint8_t)bus_in(d->bus, port, 1);
}
static void out(struct desk *d, uint16_t port, uint8_t v)
{
    bus_out(d->bus, port, 1, v);
}
/* Moves time to the first clock at which `ticks` periods of the timer have passed since reset. */
static void at_tick(struct desk *d, uint64_t ticks)
{
    clock_advance(&d->clock, (ticks * HZ + 1193181) / 1193182);
}

Test(board, every_port_is_claimed)
{
    static const uint16_t ports[] = {0x40, 0x41, 0x42, 0x43, 0x60, 0x61, 0x64, 0x70, 0x71, 0x92};
    struct desk *d = setup(0, false);
    for (unsigned i = 0; i < sizeof ports / sizeof *ports; i++)
        in(d, ports[i]);
    cr_assert_eq(bus_unclaimed_ports(d->bus), 0);
    in(d, 0x63);
    cr_assert_eq(bus_unclaimed_ports(d->bus), 1);
    bus_free(d->bus);
}

Test(board, pit_counts_down)
{
    static const struct {
        uint8_t control;
        uint16_t reload;
        uint64_t ticks;
        uint16_t want;
    } rows[] = {
        {0xb0, 1000, 0, 1000},      {0xb0, 1000, 1, 999}, {0xb0, 1000, 1000, 0},
        {0xb0, 1000, 1001, 0xffff}, {0xb4, 1000, 999, 1}, {0xb4, 1000, 1000, 1000},
        {0xb4, 1000, 2500, 500},    {0xb6, 1000, 1, 998}, {0xb6, 1000, 500, 1000},
        {0xb4, 0, 1, 0xffff},       {0xb4, 0, 65536, 0},  {0xbc, 1000, 3, 997},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = setup(0, false);
        out(d, 0x43, rows[i].control);
        out(d, 0x42, (uint8_t)rows[i].reload);
        out(d, 0x42, (uint8_t)(rows[i].reload >> 8));
        at_tick(d, rows[i].ticks);
        out(d, 0x43, 0x80); /* latch counter 2 */
        at_tick(d, rows[i].ticks + 77);
        unsigned low = in(d, 0x42), high = in(d, 0x42);
        cr_assert_eq(high << 8 | low, rows[i].want, "row %u", i);
        bus_free(d->bus);
    }
}

Test(board, pit_byte_accesses)
{
    struct desk *d = setup(0, false);
    out(d, 0x43, 0x14); /* counter 0, low byte only, mode 2 */
    out(d, 0x40, 200);
    at_tick(d, 50);
    cr_assert_eq(in(d, 0x40), 150);
    cr_assert_eq(in(d, 0x40), 150);
    out(d, 0x43, 0x64); /* counter 1, high byte only, mode 2 */
    out(d, 0x41, 0x12);
    at_tick(d, 51);
    cr_assert_eq(in(d, 0x41), 0x11);
    out(d, 0x43, 0x40);
    cr_assert_eq(in(d, 0x41), 0x11);
    cr_assert_eq(in(d, 0x43), 0xff, "the control word cannot be read");
    bus_free(d->bus);
}

Test(board, pit_latch_is_held)
{
    struct desk *d = setup(0, false);
    out(d, 0x43, 0x34);
    out(d, 0x40, 0);
    out(d, 0x40, 0);
    at_tick(d, 0x100);
    out(d, 0x43, 0x00);
    at_tick(d, 0x300);
    out(d, 0x43, 0x00); /* the first latch is not read yet: it stays */
    cr_assert_eq(in(d, 0x40), 0x00);
    cr_assert_eq(in(d, 0x40), 0xff);
    cr_assert_eq(in(d, 0x40), 0x00);
    cr_assert_eq(in(d, 0x40), 0xfd, "afterwards the count runs");
    bus_free(d->bus);
}

Test(board, pit_read_back)
{
    struct desk *d = setup(0, false);
    out(d, 0x43, 0xb0); /* counter 2, both bytes, mode 0 */
    out(d, 0x42, 0x34);
    out(d, 0x42, 0x12);
    out(d, 0x43, 0xc8); /* count and status of counter 2 */
    cr_assert_eq(in(d, 0x42), 0x30, "status first: output low, both bytes, mode 0");
    cr_assert_eq(in(d, 0x42), 0x34);
    cr_assert_eq(in(d, 0x42), 0x12);
    at_tick(d, 0x1234);
    out(d, 0x43, 0xe8); /* status alone */
    cr_assert_eq(in(d, 0x42), 0xb0);
    out(d, 0x43, 0xe4); /* of counter 1: counter 2 has none */
    cr_assert_eq(in(d, 0x42), 0x00);
    bus_free(d->bus);
}

Test(board, pit_outputs_of_all_modes)
{
    static const struct {
        uint8_t mode, status; /* as written in bits 3..1, as read back */
        uint16_t ticks;
        bool output;
    } rows[] = {
        {0, 0, 9, false},  {0, 0, 10, true}, {0, 0, 11, true},  {1, 1, 9, false}, {1, 1, 10, true},
        {2, 2, 0, true},   {2, 2, 8, true},  {2, 2, 9, false},  {2, 2, 10, true}, {2, 2, 19, false},
        {3, 3, 4, true},   {3, 3, 5, false}, {3, 3, 9, false},  {3, 3, 10, true}, {4, 4, 9, true},
        {4, 4, 10, false}, {4, 4, 11, true}, {5, 5, 10, false}, {6, 2, 9, false}, {6, 2, 8, true},
        {7, 3, 5, false},  {7, 3, 4, true},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = setup(0, false);
        out(d, 0x43, (uint8_t)(0x90 | rows[i].mode << 1));
        out(d, 0x42, 10);
        at_tick(d, rows[i].ticks);
        cr_assert_eq(in(d, 0x61) >> 5 & 1, rows[i].output, "row %u", i);
        out(d, 0x43, 0xe8);
        out(d, 0x43, 0x92); /* a new control word forgets the status */
        out(d, 0x42, 77);
        cr_assert_eq(in(d, 0x42), 77, "row %u", i);
        out(d, 0x43, (uint8_t)(0x90 | rows[i].mode << 1));
        out(d, 0x43, 0xe8);
        cr_assert_eq(in(d, 0x42) & 0x3f, 0x10 | rows[i].status << 1, "row %u", i);
        bus_free(d->bus);
    }
}

Test(board, pit_status_is_held)
{
    struct desk *d = setup(0, false);
    out(d, 0x43, 0x90); /* mode 0: output low until the count is over */
    out(d, 0x42, 10);
    out(d, 0x43, 0xe8);
    at_tick(d, 20);
    out(d, 0x43, 0xe8); /* the first status is not read yet: it stays */
    cr_assert_eq(in(d, 0x42), 0x10);
    out(d, 0x43, 0xe8);
    cr_assert_eq(in(d, 0x42), 0x90);
    bus_free(d->bus);
}

/* As a PC leaves its BIOS: 18.2 Hz square wave, read as two bytes. */
Test(board, pit_after_reset)
{
    struct desk *d = setup(0, false);
    at_tick(d, 0x100);
    out(d, 0x43, 0x00);
    cr_assert_eq(in(d, 0x40), 0x00);
    cr_assert_eq(in(d, 0x40), 0xfe, "mode 3 counts by two");
    bus_free(d->bus);
}

/* Time moves within a run, between two advances of the event clock. */
Test(board, polling_sees_time_move)
{
    struct desk *d = setup(0, false);
    uint64_t clocks = 0;
    d->clock.running = &clocks;
    uint8_t first = in(d, 0x61) & 0x10;
    unsigned polls = 0;
    while ((in(d, 0x61) & 0x10) == first && polls < 1000) {
        clocks += 10;
        polls++;
    }
    cr_assert_lt(polls, 30);
    cr_assert_eq(d->clock.now, 0);
    bus_free(d->bus);
}

/* The delay loop that measures processor speed: gate on, mode 0, poll the output on port 61. */
Test(board, counter_2_output)
{
    struct desk *d = setup(0, false);
    out(d, 0x61, 0x00);
    out(d, 0x43, 0xb0);
    out(d, 0x42, 100);
    out(d, 0x42, 0);
    at_tick(d, 40);
    out(d, 0x61, 0x01); /* the gate starts it anew */
    at_tick(d, 139);
    cr_assert_eq(in(d, 0x61) & 0x2f, 0x01);
    at_tick(d, 140);
    cr_assert_eq(in(d, 0x61) & 0x2f, 0x21);
    out(d, 0x43, 0xb6); /* square wave */
    out(d, 0x42, 100);
    out(d, 0x42, 0);
    cr_assert_eq(in(d, 0x61) & 0x20, 0x20);
    at_tick(d, 140 + 50);
    cr_assert_eq(in(d, 0x61) & 0x20, 0);
    out(d, 0x61, 0xff);
    cr_assert_eq(in(d, 0x61) & 0xcf, 0x0f);
    bus_free(d->bus);
}

Test(board, refresh_bit_toggles)
{
    struct desk *d = setup(0, false);
    unsigned changes = 0;
    uint8_t last = in(d, 0x61) & 0x10;
    for (unsigned us = 1; us <= 1000; us++) {
        clock_advance(&d->clock, clock_from_us(&d->clock, us));
        uint8_t now = in(d, 0x61) & 0x10;
        changes += now != last;
        last = now;
    }
    cr_assert_eq(changes, 66, "every 15 microseconds");
    bus_free(d->bus);
}

Test(board, a20_by_port_92)
{
    struct desk *d = setup(0, true);
    cr_assert_not(bus_a20(d->bus));
    cr_assert_eq(in(d, 0x92), 0);
    out(d, 0x92, 0x02);
    cr_assert(bus_a20(d->bus));
    cr_assert_eq(in(d, 0x92), 2);
    out(d, 0x92, 0x00);
    cr_assert_not(bus_a20(d->bus));
    out(d, 0x92, 0x40 | 2);
    cr_assert_eq(in(d, 0x92), 0x42);
    cr_assert_eq(d->resets, 0);
    out(d, 0x92, 0x03);
    cr_assert_eq(d->resets, 1);
    out(d, 0x92, 0x03);
    cr_assert_eq(d->resets, 1, "only the rising edge");
    board_reset(&d->board);
    cr_assert_not(bus_a20(d->bus));
    bus_free(d->bus);
}

Test(board, a20_by_keyboard_controller)
{
    struct desk *d = setup(0, false);
    cr_assert(bus_a20(d->bus));
    out(d, 0x64, 0xd1);
    cr_assert_eq(in(d, 0x64) & 2, 0, "the input buffer is never full");
    out(d, 0x60, 0xdd);
    cr_assert_not(bus_a20(d->bus));
    out(d, 0x64, 0xd1);
    out(d, 0x60, 0xdf);
    cr_assert(bus_a20(d->bus));
    out(d, 0x64, 0xdd);
    cr_assert_not(bus_a20(d->bus));
    cr_assert_eq(in(d, 0x92) & 2, 0, "port 92 reads the gate");
    out(d, 0x64, 0xdf);
    cr_assert(bus_a20(d->bus));
    out(d, 0x64, 0xd0);
    cr_assert_eq(in(d, 0x64) & 1, 1);
    cr_assert_eq(in(d, 0x60) & 3, 3);
    cr_assert_eq(in(d, 0x64) & 1, 0);
    cr_assert_eq(d->resets, 0);
    out(d, 0x64, 0xd1);
    out(d, 0x60, 0xfe);
    cr_assert_eq(d->resets, 1);
    bus_free(d->bus);
}

Test(board, keyboard_controller_answers)
{
    static const struct {
        uint16_t port;
        uint8_t write;
        unsigned answers;
        uint8_t answer[2];
        unsigned resets;
    } rows[] = {
        {0x64, 0xaa, 1, {0x55}, 0},       {0x64, 0xab, 1, {0x00}, 0}, {0x64, 0xa9, 1, {0x00}, 0},
        {0x64, 0x20, 1, {0x45}, 0},       {0x64, 0xad, 0, {0}, 0},    {0x60, 0xf4, 1, {0xfa}, 0},
        {0x60, 0xff, 2, {0xfa, 0xaa}, 0}, {0x64, 0xfe, 0, {0}, 1},    {0x64, 0xff, 0, {0}, 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = setup(0, false);
        cr_assert_eq(in(d, 0x64), 0x14);
        out(d, rows[i].port, rows[i].write);
        for (unsigned k = 0; k < rows[i].answers; k++) {
            cr_assert_eq(in(d, 0x64) & 1, 1, "row %u", i);
            cr_assert_eq(in(d, 0x60), rows[i].answer[k], "row %u", i);
        }
        cr_assert_eq(in(d, 0x64) & 1, 0, "row %u", i);
        cr_assert_eq(d->resets, rows[i].resets, "row %u", i);
        bus_free(d->bus);
    }
}

Test(board, a_second_command_replaces_the_first)
{
    struct desk *d = setup(0, false);
    out(d, 0x64, 0xd1);
    out(d, 0x64, 0xae);
    out(d, 0x60, 0x00); /* to the keyboard, not to the output port */
    cr_assert(bus_a20(d->bus));
    cr_assert_eq(d->resets, 0);
    cr_assert_eq(in(d, 0x60), 0xfa);
    bus_free(d->bus);
}

Test(board, data_for_the_mouse_and_for_the_output_buffer)
{
    struct desk *d = setup(0, false);
    out(d, 0x64, 0xd2); /* write the output buffer as the keyboard would */
    cr_assert_eq(in(d, 0x64) & 8, 8, "the last byte was a command");
    out(d, 0x60, 0x3c);
    cr_assert_eq(in(d, 0x60), 0x3c);
    for (uint8_t command = 0xd3; command <= 0xd4; command++) {
        out(d, 0x64, command);
        out(d, 0x60, 0xf4);
        cr_assert_eq(in(d, 0x64), 0x14, "there is no mouse to answer");
    }
    bus_free(d->bus);
}

Test(board, keyboard_command_byte_and_queue)
{
    struct desk *d = setup(0, false);
    out(d, 0x64, 0x60);
    out(d, 0x60, 0x61);
    cr_assert_eq(in(d, 0x64) & 1, 0, "controller data is not acknowledged");
    out(d, 0x64, 0xad);
    out(d, 0x64, 0x20);
    cr_assert_eq(in(d, 0x60), 0x71);
    out(d, 0x64, 0xae);
    out(d, 0x64, 0x20);
    cr_assert_eq(in(d, 0x60), 0x61);
    for (unsigned i = 0; i < 100; i++)
        out(d, 0x60, 0xff); /* more answers than fit */
    unsigned answers = 0;
    while (in(d, 0x64) & 1 && answers < 1000) {
        in(d, 0x60);
        answers++;
    }
    cr_assert_eq(answers, BOARD_KBD_QUEUE);
    in(d, 0x60);
    cr_assert_eq(in(d, 0x64) & 1, 0);
    bus_free(d->bus);
}

static uint8_t cmos(struct desk *d, uint8_t index)
{
    out(d, 0x70, index);
    return in(d, 0x71);
}

static unsigned cmos16(struct desk *d, uint8_t index)
{
    return cmos(d, index) | (unsigned)cmos(d, (uint8_t)(index + 1)) << 8;
}

Test(board, cmos_values)
{
    static const struct {
        uint8_t index, want;
    } rows[] = {{0x00, 0x00}, {0x02, 0x00}, {0x04, 0x00}, {0x06, 0x01}, {0x07, 0x01},
                {0x08, 0x01}, {0x09, 0x95}, {0x32, 0x19}, {0x0a, 0x26}, {0x0b, 0x02},
                {0x0c, 0x00}, {0x0d, 0x80}, {0x8d, 0x80}, {0x15, 0x80}, {0x16, 0x02}};
    struct desk *d = setup(0, false);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert_eq(cmos(d, rows[i].index), rows[i].want, "row %u", i);
    out(d, 0x71, 1); /* index 16: ordinary storage */
    cr_assert_eq(cmos(d, 0x16), 1);
    out(d, 0x70, 0x0a);
    out(d, 0x71, 0xff);
    cr_assert_eq(cmos(d, 0x0a), 0x26, "the clock's part is fixed");
    bus_free(d->bus);
}

Test(board, cmos_memory_size)
{
    static const struct {
        uint64_t ram;
        unsigned extended_kb, beyond_64k;
    } rows[] = {{0, 0, 0},
                {MB, 0, 0},
                {2 * MB, 1024, 0},
                {16 * MB, 15360, 0},
                {17 * MB, 16384, 16},
                {64 * MB, 64512, 768},
                {65 * MB, 65535, 784},
                {4096 * MB, 65535, 65280},
                {8192 * MB, 65535, 65535}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = setup(rows[i].ram, false);
        cr_assert_eq(cmos16(d, 0x30), rows[i].extended_kb, "row %u", i);
        cr_assert_eq(cmos16(d, 0x17), rows[i].extended_kb, "row %u", i);
        cr_assert_eq(cmos16(d, 0x34), rows[i].beyond_64k, "row %u", i);
        bus_free(d->bus);
    }
}

Test(board, refusals)
{
    struct desk *d = setup(0, false);
    struct board other;
    cr_assert_eq(board_init(&other, &(struct board_config){0}, d->bus), ST_ARG);
    cr_assert_eq(board_init(&other, &(struct board_config){.clock = &d->clock}, d->bus), ST_CLASH);
    bus_free(d->bus);
}

/* Counter 0 of a board of its own: `mode` and count 1000, then `ticks` of time. */
static struct edges irq0_edges(uint8_t control, uint64_t ticks)
{
    struct desk *d = setup(0, false);
    out(d, 0x43, control);
    d->irq0.rises = 0;
    out(d, 0x40, 1000 & 0xff);
    out(d, 0x40, 1000 >> 8);
    at_tick(d, ticks);
    bus_free(d->bus);
    return d->irq0;
}

Test(board, counter_0_is_irq_0)
{
    static const struct {
        uint8_t control;
        uint64_t ticks;
        unsigned rises;
    } rows[] = {
        {0x30, 999, 0},   {0x30, 1000, 1},  {0x30, 90000, 1},  /* mode 0: once */
        {0x34, 999, 0},   {0x34, 1000, 1},  {0x34, 10000, 10}, /* mode 2: each reload */
        {0x36, 999, 0},   {0x36, 1000, 1},  {0x36, 10999, 10}, /* mode 3 */
        {0x38, 999, 0},   {0x38, 5000, 1},                     /* mode 4: once */
        {0x32, 90000, 0}, {0x3a, 90000, 0}, /* modes 1 and 5: the gate never rises */
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct edges e = irq0_edges(rows[i].control, rows[i].ticks);
        cr_expect_eq(e.rises, rows[i].rises, "control %02x, %u ticks: %u", rows[i].control,
                     (unsigned)rows[i].ticks, e.rises);
    }
    cr_expect_eq(irq0_edges(0x34, 1000).last, (1000u * (uint64_t)HZ + 1193181) / 1193182);
}
