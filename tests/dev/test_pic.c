#include <criterion/criterion.h>

#include "pic.h"

struct board {
    struct bus *bus;
    struct pic master, slave;
    bool intr;
};

static void set_intr(void *ctx, bool level)
{
    ((struct board *)ctx)->intr = level;
}

static void set_cascade(void *ctx, bool level)
{
    pic_line(&((struct board *)ctx)->master, 2, level);
}

static void out(struct board *b, uint16_t port, uint8_t value)
{
    bus_out(b->bus, port, 1, value);
}

static uint8_t in(struct board *b, uint16_t port)
{
    return (uint8_t)bus_in(b->bus, port, 1);
}

/* Both chips as a PC wires them, initialised with icw4 for both, nothing masked. */
static void board_icw4(struct board *b, uint8_t icw1, uint8_t icw4)
{
    *b = (struct board){.bus = bus_new()};
    struct pic_config slave = {.base = 0xa0, .out = {set_cascade, b}};
    struct pic_config master = {.base = 0x20, .out = {set_intr, b}, .slave = &b->slave};
    cr_assert_eq(pic_init(&b->slave, &slave, b->bus), ST_OK);
    cr_assert_eq(pic_init(&b->master, &master, b->bus), ST_OK);
    for (unsigned i = 0; i < 2; i++) {
        uint16_t port = i ? 0xa0 : 0x20;
        out(b, port, icw1);
        out(b, (uint16_t)(port + 1), i ? 0x70 : 0x08);
        out(b, (uint16_t)(port + 1), i ? 2 : 4);
        out(b, (uint16_t)(port + 1), icw4);
    }
}

static void board(struct board *b)
{
    board_icw4(b, 0x11, 0x01);
}

static void line(struct board *b, unsigned n, bool level)
{
    pic_line(n < 8 ? &b->master : &b->slave, n & 7, level);
}

static uint8_t ack(struct board *b)
{
    return pic_acknowledge(&b->master);
}

Test(pic, power_on)
{
    struct board b = {.bus = bus_new()};
    struct pic_config config = {.base = 0x20, .out = {set_intr, &b}};
    cr_assert_eq(pic_init(&b.master, &config, b.bus), ST_OK);
    cr_expect_eq(in(&b, 0x21), 0xff);
    line(&b, 0, true);
    cr_expect_not(b.intr, "masked");
    bus_free(b.bus);
}

Test(pic, one_interrupt)
{
    struct board b;
    board(&b);
    line(&b, 3, true);
    cr_expect(b.intr);
    cr_expect_eq(in(&b, 0x20), 0x08, "IRR");
    cr_expect_eq(ack(&b), 0x0b);
    cr_expect_not(b.intr);
    cr_expect_eq(in(&b, 0x20), 0x00);
    out(&b, 0x20, 0x0b); /* read ISR */
    cr_expect_eq(in(&b, 0x20), 0x08);
    cr_expect_eq(pic_in_service(&b.master), 3);
    out(&b, 0x20, 0x20);
    cr_expect_eq(in(&b, 0x20), 0x00);
    cr_expect_not(b.intr, "the line is still up: an edge is an edge");
    line(&b, 3, false);
    line(&b, 3, true);
    cr_expect(b.intr);
    bus_free(b.bus);
}

Test(pic, level_triggered)
{
    struct board b;
    board_icw4(&b, 0x19, 0x01);
    line(&b, 3, true);
    cr_expect_eq(ack(&b), 0x0b);
    cr_expect_not(b.intr, "in service");
    out(&b, 0x20, 0x20);
    cr_expect(b.intr, "still up");
    line(&b, 3, false);
    cr_expect_not(b.intr);
    bus_free(b.bus);
}

Test(pic, priorities_nest)
{
    struct board b;
    board(&b);
    line(&b, 5, true);
    cr_expect_eq(ack(&b), 0x0d);
    line(&b, 6, true);
    cr_expect_not(b.intr, "a worse line waits");
    line(&b, 5, false);
    line(&b, 5, true);
    cr_expect_not(b.intr, "an equal one, too");
    line(&b, 1, true);
    cr_expect(b.intr);
    cr_expect_eq(ack(&b), 0x09);
    out(&b, 0x20, 0x20);
    cr_expect_eq(pic_in_service(&b.master), 5, "the best in service ends first");
    cr_expect_not(b.intr);
    out(&b, 0x20, 0x65); /* specific end of 5 */
    cr_expect_eq(ack(&b), 0x0d);
    bus_free(b.bus);
}

Test(pic, masks)
{
    struct board b;
    board(&b);
    out(&b, 0x21, 0x08);
    cr_expect_eq(in(&b, 0x21), 0x08);
    line(&b, 3, true);
    cr_expect_not(b.intr);
    out(&b, 0x21, 0x00);
    cr_expect(b.intr, "the request was kept");
    bus_free(b.bus);
}

Test(pic, spurious_7_and_15)
{
    struct board b;
    board(&b);
    line(&b, 3, true);
    line(&b, 3, false); /* taken back before the acknowledgement */
    cr_expect_not(b.intr);
    cr_expect_eq(ack(&b), 0x0f);
    cr_expect_eq(pic_in_service(&b.master), -1, "no bit for a spurious interrupt");
    line(&b, 12, true);
    cr_expect(b.intr);
    b.slave.state.irr =
        0; /* gone between the two INTA cycles, when the master has chosen its line 2 */
    cr_expect_eq(ack(&b), 0x77);
    cr_expect_eq(pic_in_service(&b.master), 2, "the master knows nothing of it");
    cr_expect_eq(pic_in_service(&b.slave), -1);
    bus_free(b.bus);
}

Test(pic, cascade)
{
    struct board b;
    board(&b);
    line(&b, 9, true);
    line(&b, 8, true);
    cr_expect_eq(ack(&b), 0x70);
    cr_expect_eq(pic_in_service(&b.master), 2);
    cr_expect_eq(pic_in_service(&b.slave), 0);
    out(&b, 0xa0, 0x20);
    out(&b, 0x20, 0x20);
    cr_expect(b.intr);
    cr_expect_eq(ack(&b), 0x71);
    line(&b, 3, true);
    cr_expect_not(b.intr, "line 2 of the master is better");
    line(&b, 1, true);
    cr_expect_eq(ack(&b), 0x09);
    bus_free(b.bus);
}

Test(pic, special_fully_nested)
{
    struct board b;
    board_icw4(&b, 0x11, 0x11);
    line(&b, 12, true);
    cr_expect_eq(ack(&b), 0x74);
    line(&b, 9, true);
    cr_expect(b.intr, "a better line of the same slave");
    cr_expect_eq(ack(&b), 0x71);
    bus_free(b.bus);
}

Test(pic, special_mask_mode)
{
    struct board b;
    board(&b);
    line(&b, 1, true);
    cr_expect_eq(ack(&b), 0x09);
    line(&b, 6, true);
    cr_expect_not(b.intr);
    out(&b, 0x21, 0x02);
    cr_expect_not(b.intr);
    out(&b, 0x20, 0x68); /* special mask mode: a masked line in service holds nothing up */
    cr_expect(b.intr);
    cr_expect_eq(ack(&b), 0x0e);
    out(&b, 0x20, 0x20);
    cr_expect_eq(b.master.state.isr, 0x02, "the masked one is not ended by an unnamed end");
    out(&b, 0x20, 0x61);
    cr_expect_eq(b.master.state.isr, 0);
    out(&b, 0x20, 0x48);
    cr_expect_not(b.master.state.special_mask);
    bus_free(b.bus);
}

Test(pic, rotation)
{
    struct board b;
    board(&b);
    line(&b, 4, true);
    cr_expect_eq(ack(&b), 0x0c);
    out(&b, 0x20, 0xa0); /* end and rotate: 4 becomes the lowest */
    cr_expect_eq(b.master.state.lowest, 4);
    line(&b, 4, false);
    line(&b, 4, true);
    line(&b, 7, true);
    line(&b, 0, true);
    cr_expect_eq(ack(&b), 0x0f, "5, 6, 7, 0, 1, 2, 3, 4");
    out(&b, 0x20, 0xe7); /* named end, 7 becomes the lowest */
    cr_expect_eq(ack(&b), 0x08);
    out(&b, 0x20, 0x60);
    out(&b, 0x20, 0xc3); /* 3 becomes the lowest */
    cr_expect_eq(ack(&b), 0x0c);
    out(&b, 0x20, 0x40); /* no operation */
    cr_expect_eq(pic_in_service(&b.master), 4);
    bus_free(b.bus);
}

Test(pic, automatic_end)
{
    struct board b;
    board_icw4(&b, 0x11, 0x03);
    line(&b, 3, true);
    cr_expect_eq(ack(&b), 0x0b);
    cr_expect_eq(b.master.state.isr, 0);
    out(&b, 0x20, 0x80); /* rotate at each automatic end */
    line(&b, 3, false);
    line(&b, 3, true);
    cr_expect_eq(ack(&b), 0x0b);
    cr_expect_eq(b.master.state.lowest, 3);
    out(&b, 0x20, 0x00);
    line(&b, 5, true);
    cr_expect_eq(ack(&b), 0x0d);
    cr_expect_eq(b.master.state.lowest, 3);
    bus_free(b.bus);
}

Test(pic, poll)
{
    struct board b;
    board(&b);
    out(&b, 0x20, 0x0c);
    cr_expect_eq(in(&b, 0x20), 0x07, "nobody asks");
    line(&b, 5, true);
    out(&b, 0x20, 0x0c);
    cr_expect_eq(in(&b, 0x20), 0x85);
    cr_expect_eq(pic_in_service(&b.master), 5, "a poll acknowledges");
    cr_expect_eq(in(&b, 0x21), 0x00, "one read only");
    bus_free(b.bus);
}

Test(pic, initialisation_words)
{
    struct board b;
    board(&b);
    line(&b, 3, true);
    out(&b, 0x21, 0x55);
    out(&b, 0x20, 0x12); /* single, no ICW4 */
    cr_expect_not(b.intr, "an edge is forgotten");
    cr_expect_eq(in(&b, 0x21), 0x00);
    out(&b, 0x21, 0x47); /* ICW2: the low bits are not part of it */
    out(&b, 0x21, 0xf7); /* already OCW1 */
    cr_expect_eq(in(&b, 0x21), 0xf7);
    line(&b, 3, false);
    line(&b, 3, true);
    cr_expect_eq(ack(&b), 0x43);
    bus_free(b.bus);
}
