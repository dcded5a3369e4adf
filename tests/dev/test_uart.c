#include <criterion/criterion.h>
#include <string.h>

#include "uart.h"

struct desk {
    struct bus *bus;
    struct uart uart;
    char text[64];
    unsigned length;
    bool irq;
};
static void put(void *ctx, uint8_t c)
{
    struct desk *d = ctx;
    if (d->length < sizeof d->text - 1) d->text[d->length++] = (char)c;
}
static void set_irq(void *ctx, bool level)
{
    struct desk *d = ctx;
    d->irq = level;
}
static struct desk *setup(uint16_t base)
{
    static struct desk d;
    memset(&d, 0, sizeof d);
    d.bus = bus_new();
    struct uart_config config = {
        .base = base, .put = put, .put_ctx = &d, .irq = {.set = set_irq, .ctx = &d}};
    cr_assert_eq(uart_init(&d.uart, &config, d.bus), ST_OK);
    return &d;
}
static uint8_t in(struct desk *d, unsigned reg)
{
    return (uint8_t)bus_in(d->bus, (uint16_t)(d->uart.config.base + reg), 1);
}
static void out(struct desk *d, unsigned reg, uint8_t value)
{
    bus_out(d->bus, (uint16_t)(d->uart.config.base + reg), 1, value);
}

Test(uart, reset_values)
{
    static const uint8_t want[8] = {0, 0, 0x01, 0, 0, 0x60, 0xb0, 0};
    struct desk *d = setup(0);
    cr_assert_eq(d->uart.config.base, 0x3f8);
    for (unsigned reg = 0; reg < 8; reg++)
        cr_assert_eq(in(d, reg), want[reg], "register %u", reg);
    cr_assert_not(d->irq);
    bus_free(d->bus);
}

/* The polling loop of a bare kernel. */
Test(uart, prints)
{
    struct desk *d = setup(0x2f8);
    for (const char *p = "hi\r\n"; *p; p++) {
        cr_assert_eq(in(d, 5) & 0x60, 0x60);
        out(d, 0, (uint8_t)*p);
    }
    cr_assert_str_eq(d->text, "hi\r\n");
    bus_free(d->bus);
}

Test(uart, registers_keep_what_they_should)
{
    static const struct {
        unsigned reg;
        uint8_t write, read;
    } rows[] = {{1, 0xff, 0x0f}, {3, 0x7f, 0x7f}, {4, 0xef, 0x0f}, {4, 0xff, 0x1f},
                {7, 0x5a, 0x5a}, {5, 0x00, 0x60}, {2, 0x00, 0x01}, {2, 0x80, 0x01},
                {2, 0x07, 0xc1}, {2, 0xc1, 0xc1}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = setup(0);
        out(d, rows[i].reg, rows[i].write);
        cr_assert_eq(in(d, 5) & 0x60, 0x60);
        if (rows[i].reg != 5) cr_assert_eq(in(d, rows[i].reg), rows[i].read, "row %u", i);
        bus_free(d->bus);
    }
}

Test(uart, divisor_latch)
{
    struct desk *d = setup(0);
    out(d, 3, 0x83);
    cr_assert_eq(in(d, 0), 12, "9600 baud after reset");
    out(d, 0, 0x01);
    out(d, 1, 0xc2);
    cr_assert_eq(in(d, 0), 0x01);
    cr_assert_eq(in(d, 1), 0xc2);
    out(d, 3, 0x03);
    cr_assert_eq(in(d, 1), 0, "IER is another register");
    cr_assert_eq(d->length, 0, "the divisor is no text");
    bus_free(d->bus);
}

/* How drivers look for the chip: loop-back, then the modem lines answer the outputs. */
Test(uart, loopback_modem_lines)
{
    static const struct {
        uint8_t mcr, msr;
    } rows[] = {{0x10, 0x00}, {0x11, 0x20}, {0x12, 0x10}, {0x14, 0x40}, {0x18, 0x80},
                {0x1a, 0x90}, {0x1f, 0xf0}, {0x0f, 0xb0}, {0x00, 0xb0}};
    struct desk *d = setup(0);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        out(d, 4, rows[i].mcr);
        cr_assert_eq(in(d, 6) & 0xf0, rows[i].msr, "row %u", i);
        cr_assert_eq(in(d, 6) & 0x0f, 0, "reading clears the deltas");
    }
    bus_free(d->bus);
}

Test(uart, modem_deltas)
{
    static const struct {
        uint8_t from, to, deltas;
    } rows[] = {{0x10, 0x12, 1}, {0x12, 0x10, 1}, {0x10, 0x11, 2},  {0x10, 0x14, 0},
                {0x14, 0x10, 4}, {0x10, 0x18, 8}, {0x1f, 0x10, 15}, {0x03, 0x0c, 0}};
    struct desk *d = setup(0);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        out(d, 4, rows[i].from);
        in(d, 6);
        out(d, 4, rows[i].to);
        cr_assert_eq(in(d, 6) & 0x0f, rows[i].deltas, "row %u", i);
    }
    bus_free(d->bus);
}

Test(uart, loopback_data)
{
    struct desk *d = setup(0);
    out(d, 4, 0x1e);
    out(d, 0, 0xae);
    cr_assert_eq(in(d, 5), 0x61);
    cr_assert_eq(in(d, 0), 0xae);
    cr_assert_eq(in(d, 5), 0x60);
    cr_assert_eq(d->length, 0, "nothing leaves");
    cr_assert_not(uart_receive(&d->uart, 'x'));
    cr_assert_eq(uart_room(&d->uart), 0);
    bus_free(d->bus);
}

Test(uart, receives_without_fifos)
{
    struct desk *d = setup(0);
    cr_assert_eq(uart_room(&d->uart), 1);
    cr_assert(uart_receive(&d->uart, 'a'));
    cr_assert_eq(uart_room(&d->uart), 0);
    cr_assert_not(uart_receive(&d->uart, 'b'));
    cr_assert_eq(in(d, 5), 0x63);
    cr_assert_eq(in(d, 5), 0x61, "reading clears OE");
    cr_assert_eq(in(d, 0), 'b', "the new byte replaced the unread one");
    cr_assert_eq(in(d, 5), 0x60);
    cr_assert_eq(in(d, 0), 'b', "an empty register shows the last byte");
    cr_assert_eq(in(d, 5), 0x60);
    bus_free(d->bus);
}

Test(uart, receives_with_fifos)
{
    struct desk *d = setup(0);
    out(d, 2, 0x01);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 16; i++)
            cr_assert(uart_receive(&d->uart, (uint8_t)(round * 50 + i)));
        cr_assert_not(uart_receive(&d->uart, 0xee));
        cr_assert_eq(in(d, 5), 0x63);
        for (unsigned i = 0; i < 16; i++)
            cr_assert_eq(in(d, 0), round * 50 + i);
        cr_assert_eq(in(d, 5), 0x60);
        uart_receive(&d->uart, 1); /* so that the next round starts elsewhere */
        in(d, 0);
    }
    uart_receive(&d->uart, 1);
    out(d, 2, 0x03);
    cr_assert_eq(in(d, 5), 0x60, "FCR bit 1 empties it");
    uart_receive(&d->uart, 1);
    out(d, 2, 0x00);
    cr_assert_eq(in(d, 5), 0x60, "so does switching FIFOs off");
    bus_free(d->bus);
}

Test(uart, interrupts)
{
    struct desk *d = setup(0);
    out(d, 4, 0x08);
    out(d, 1, 0x02);
    cr_assert(d->irq, "the transmitter is empty when its interrupt is enabled");
    cr_assert_eq(in(d, 2), 0x02);
    cr_assert_not(d->irq, "reading IIR took it back");
    cr_assert_eq(in(d, 2), 0x01);
    out(d, 0, 'x');
    cr_assert(d->irq);
    out(d, 1, 0x0f);
    uart_receive(&d->uart, 'r');
    cr_assert_eq(in(d, 2), 0x04, "received data before transmitter empty");
    uart_receive(&d->uart, 's');
    cr_assert_eq(in(d, 2), 0x06, "line status first");
    in(d, 5);
    cr_assert_eq(in(d, 2), 0x04);
    in(d, 0);
    cr_assert_eq(in(d, 2), 0x02);
    cr_assert_not(d->irq);
    out(d, 4, 0x18); /* loop: RTS, DTR, off change CTS and DSR */
    cr_assert_not(d->irq, "the outputs are inactive in loop-back");
    cr_assert_eq(in(d, 2), 0x00);
    out(d, 4, 0x08);
    cr_assert(d->irq);
    in(d, 6);
    cr_assert_not(d->irq);
    bus_free(d->bus);
}

Test(uart, out2_gates_the_line)
{
    struct desk *d = setup(0);
    out(d, 1, 0x01);
    uart_receive(&d->uart, 'a');
    cr_assert_not(d->irq);
    cr_assert_eq(in(d, 2), 0x04);
    out(d, 4, 0x08);
    cr_assert(d->irq);
    out(d, 1, 0x00);
    cr_assert_not(d->irq);
    bus_free(d->bus);
}

Test(uart, trigger_levels)
{
    static const uint8_t level[4] = {1, 4, 8, 14};
    for (unsigned i = 0; i < 4; i++) {
        struct desk *d = setup(0);
        out(d, 2, (uint8_t)(i << 6 | 1));
        out(d, 1, 0x01);
        for (unsigned n = 1; n <= 16; n++) {
            uart_receive(&d->uart, 'a');
            cr_assert_eq(in(d, 2), n >= level[i] ? 0xc4 : 0xcc, "level %u, %u bytes", level[i], n);
        }
        bus_free(d->bus);
    }
}

Test(uart, wide_accesses_are_bytes)
{
    struct desk *d = setup(0);
    bus_out(d->bus, 0x3fb, 2, 0x0383); /* LCR, MCR */
    cr_assert_eq(in(d, 3), 0x83);
    cr_assert_eq(in(d, 4), 0x03);
    cr_assert_eq(bus_in(d->bus, 0x3fd, 4), 0xff00b060u);
    bus_free(d->bus);
}

Test(uart, refusals)
{
    struct desk *d = setup(0);
    struct uart other;
    struct uart_config config = {.base = 0x3ff};
    cr_assert_eq(uart_init(&other, &config, d->bus), ST_CLASH);
    config.base = 0xfff9;
    cr_assert_eq(uart_init(&other, &config, d->bus), ST_ARG);
    config.base = 0xfff8;
    cr_assert_eq(uart_init(&other, &config, d->bus), ST_OK);
    bus_out(d->bus, 0xfff8, 1, 'x'); /* without a callback: nothing happens */
    cr_assert_eq(d->length, 0);
    bus_free(d->bus);
}
