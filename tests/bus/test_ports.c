/* Port half of the bus: claims, splitting, unclaimed, nesting. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"

struct chip {
    char log[200]; /* "o3f8.1=41 " for each access */
    size_t used;
    struct bus *bus; /* not NULL: a callback does an access of its own */
    uint32_t got;
};
static void note(struct chip *c, const char *format, unsigned port, unsigned size, uint32_t value)
{
    c->used +=
        (size_t)snprintf(c->log + c->used, sizeof c->log - c->used, format, port, size, value);
}
static uint32_t chip_in(void *ctx, uint16_t port, unsigned size)
{
    struct chip *c = ctx;
    note(c, "i%x.%u ", port, size, 0);
    if (c->bus) c->got = bus_in(c->bus, 0x200, 1);
    return 0xd0c0b0a0u + port % 16u;
}
static void chip_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct chip *c = ctx;
    note(c, "o%x.%u=%x ", port, size, value);
    if (c->bus) bus_out(c->bus, 0x200, 1, 7);
}

static struct chip wide, bytes, words;
static struct bus *make(void)
{
    static const struct port_ops w4 = {chip_in, chip_out, 0}, w1 = {chip_in, chip_out, 1},
                                 w2 = {chip_in, chip_out, 2};
    memset(&wide, 0, sizeof wide);
    memset(&bytes, 0, sizeof bytes);
    memset(&words, 0, sizeof words);
    struct bus *bus = bus_new();
    cr_assert_eq(bus_claim_ports(bus, 0x100, 0x107, &w4, &wide, "wide"), ST_OK);
    cr_assert_eq(bus_claim_ports(bus, 0x108, 0x10f, &w1, &bytes, "bytes"), ST_OK);
    cr_assert_eq(bus_claim_ports(bus, 0x200, 0x207, &w2, &words, "words"), ST_OK);
    cr_assert_eq(bus_claim_ports(bus, 0xfffe, 0xffff, &w4, &wide, "end"), ST_OK);
    cr_assert_eq(bus_claim_ports(bus, 0x0000, 0x0001, &w4, &bytes, "start"), ST_OK);
    return bus;
}

Test(ports, splitting)
{
    static const struct {
        uint16_t port;
        unsigned size;
        const char *wide, *bytes, *words;
        unsigned unclaimed;
    } rows[] = {
        {0x100, 1, "o100.1=11 ", "", "", 0},
        {0x103, 2, "o103.2=2211 ", "", "", 0},
        {0x104, 4, "o104.4=44332211 ", "", "", 0},
        {0x106, 4, "o106.1=11 o107.1=22 ", "o108.1=33 o109.1=44 ", "", 0},
        {0x108, 4, "", "o108.1=11 o109.1=22 o10a.1=33 o10b.1=44 ", "", 0},
        {0x10f, 2, "", "o10f.1=11 ", "", 1},
        {0x0ff, 4, "o100.1=22 o101.1=33 o102.1=44 ", "", "", 1},
        {0x201, 4, "", "", "o201.2=2211 o203.2=4433 ", 0},
        {0x200, 1, "", "", "o200.1=11 ", 0},
        {0x206, 4, "", "", "o206.1=11 o207.1=22 ", 2},
        {0x300, 4, "", "", "", 1},
        {0xfffe, 2, "offfe.2=2211 ", "", "", 0},
        {0xfffe, 4, "offfe.1=11 offff.1=22 ", "o0.1=33 o1.1=44 ", "", 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bus *bus = make();
        bus_out(bus, rows[i].port, rows[i].size, 0x44332211);
        cr_assert_str_eq(wide.log, rows[i].wide, "row %u", i);
        cr_assert_str_eq(bytes.log, rows[i].bytes, "row %u", i);
        cr_assert_str_eq(words.log, rows[i].words, "row %u", i);
        cr_assert_eq(bus_unclaimed_ports(bus), rows[i].unclaimed, "row %u", i);
        cr_assert_eq(bus_unclaimed_memory(bus), 0);
        bus_free(bus);
    }
}

Test(ports, one_owner_of_all_ports_still_wraps_by_bytes)
{
    static const struct port_ops w4 = {chip_in, chip_out, 0};
    struct bus *bus = bus_new();
    memset(&wide, 0, sizeof wide);
    cr_assert_eq(bus_claim_ports(bus, 0, 0xffff, &w4, &wide, "all"), ST_OK);
    bus_out(bus, 0xfffd, 4, 0x44332211);
    cr_assert_str_eq(wide.log, "offfd.1=11 offfe.1=22 offff.1=33 o0.1=44 ");
    bus_free(bus);
}

Test(ports, reading)
{
    static const struct {
        uint16_t port;
        unsigned size;
        uint32_t want;
    } rows[] = {
        {0x100, 4, 0xd0c0b0a0}, {0x101, 2, 0xb0a1},     {0x102, 1, 0xa2}, {0x106, 4, 0xa9a8a7a6},
        {0x10e, 4, 0xffffafae}, {0x200, 4, 0xb0a2b0a0}, {0x300, 1, 0xff}, {0x300, 2, 0xffff},
        {0x300, 4, 0xffffffff}, {0xffff, 2, 0xa0af},
    };
    struct bus *bus = make();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert_eq(bus_in(bus, rows[i].port, rows[i].size), rows[i].want, "row %u", i);
    cr_assert_eq(bus_unclaimed_ports(bus), 2 + 3);
    bus_free(bus);
}

Test(ports, no_claim_at_all)
{
    struct bus *bus = bus_new();
    bus_out(bus, 0x80, 1, 1);
    cr_assert_eq(bus_in(bus, 0xffff, 4), 0xffffffff);
    cr_assert_eq(bus_unclaimed_ports(bus), 2);
    bus_free(bus);
}

Test(ports, claim_refusals)
{
    static const struct port_ops none = {NULL, NULL, 0}, odd = {NULL, NULL, 3};
    struct bus *bus = make();
    cr_assert_eq(bus_claim_ports(bus, 0x107, 0x107, &none, NULL, "x"), ST_CLASH);
    cr_assert_eq(bus_claim_ports(bus, 0x0f0, 0x100, &none, NULL, "x"), ST_CLASH);
    cr_assert_eq(bus_claim_ports(bus, 0x0f0, 0x8000, &none, NULL, "x"), ST_CLASH);
    cr_assert_eq(bus_claim_ports(bus, 0x301, 0x300, &none, NULL, "x"), ST_ARG);
    cr_assert_eq(bus_claim_ports(bus, 0x300, 0x300, &odd, NULL, "x"), ST_ARG);
    cr_assert_eq(bus_claim_ports(bus, 0x300, 0x303, &none, NULL, "x"), ST_OK);
    cr_assert_eq(bus_in(bus, 0x300, 2), 0xffff, "claimed, but it cannot be read");
    bus_out(bus, 0x300, 2, 0);
    cr_assert_eq(bus_unclaimed_ports(bus), 0);
    status_t s = ST_OK;
    uint16_t port = 0x1000;
    while (s == ST_OK && port < 0x2000) {
        s = bus_claim_ports(bus, port, port, &none, NULL, "x");
        port++;
    }
    cr_assert_eq(s, ST_FULL);
    bus_free(bus);
}

Test(ports, a_callback_reaches_no_other_device)
{
    struct bus *bus = make();
    wide.bus = bus;
    bus_out(bus, 0x100, 1, 1);
    bus_in(bus, 0x100, 1);
    cr_assert_eq(wide.got, 0xff);
    cr_assert_str_eq(words.log, "");
    cr_assert_eq(bus_dropped(bus), 2);
    bus_out(bus, 0x200, 1, 9);
    cr_assert_str_eq(words.log, "o200.1=9 ");
    bus_free(bus);
}

Test(ports, list)
{
    struct bus *bus = make();
    struct bus_ports_info info;
    cr_assert(bus_ports_at(bus, 1, &info));
    cr_assert_eq(info.first, 0x108);
    cr_assert_eq(info.last, 0x10f);
    cr_assert_str_eq(info.owner, "bytes");
    cr_assert(bus_ports_at(bus, 4, &info));
    cr_assert_not(bus_ports_at(bus, 5, &info));
    bus_free(bus);
}
