#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "dbgport.h"

struct desk {
    struct bus *bus;
    struct dbgport port;
    char log[256];
    size_t used;
};
static void add(struct desk *d, const char *what, uint32_t code, unsigned size)
{
    d->used += (size_t)snprintf(d->log + d->used, sizeof d->log - d->used, "%s %x.%u;", what,
                                (unsigned)code, size);
}
static void put(void *ctx, uint8_t c)
{
    add(ctx, "put", c, 1);
}
static void leave(void *ctx, uint32_t code, unsigned size)
{
    add(ctx, "exit", code, size);
}
static void off(void *ctx)
{
    add(ctx, "off", 0, 0);
}
static void post(void *ctx, uint32_t code, unsigned size)
{
    add(ctx, "post", code, size);
}

static struct desk *setup(uint16_t post_port, uint8_t post_size)
{
    static struct desk d;
    memset(&d, 0, sizeof d);
    d.bus = bus_new();
    struct dbgport_config config = {.put = put,
                                    .exit = leave,
                                    .shutdown = off,
                                    .post = post,
                                    .ctx = &d,
                                    .post_port = post_port,
                                    .post_size = post_size};
    cr_assert_eq(dbgport_init(&d.port, &config, d.bus), ST_OK);
    return &d;
}

Test(dbgport, writes)
{
    static const struct {
        uint16_t port;
        unsigned size;
        uint32_t value;
        const char *want;
        unsigned unclaimed;
    } rows[] = {
        {0xe9, 1, 'A', "put 41.1;", 0},
        {0xe9, 2, 0x4241, "put 41.1;", 1},
        {0xf4, 1, 0x10, "exit 10.1;", 0},
        {0xf4, 2, 0x1234, "exit 1234.2;", 0},
        {0xf4, 4, 0xdeadbeef, "exit deadbeef.4;", 0},
        {0xf4, 4, 0, "exit 0.4;", 0},
        {0xf5, 1, 0x10, "", 0},
        {0xf8, 1, 0x10, "", 1},
        {0x80, 1, 0xfe, "post fe.1;", 0},
        {0x80, 2, 0x0102, "post 2.1;", 1},
        {0x8900, 1, 'S', "", 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = setup(0, 0);
        bus_out(d->bus, rows[i].port, rows[i].size, rows[i].value);
        cr_assert_str_eq(d->log, rows[i].want, "row %u", i);
        cr_assert_eq(bus_unclaimed_ports(d->bus), rows[i].unclaimed, "row %u", i);
        bus_free(d->bus);
    }
}

Test(dbgport, reads)
{
    struct desk *d = setup(0, 0);
    cr_assert_eq(bus_in(d->bus, 0xe9, 1), 0xe9);
    cr_assert_eq(bus_in(d->bus, 0xf4, 4), 0);
    cr_assert_eq(bus_in(d->bus, 0x8900, 1), 0xff);
    bus_out(d->bus, 0x80, 1, 0x42);
    cr_assert_eq(bus_in(d->bus, 0x80, 1), 0x42);
    bus_free(d->bus);
}

Test(dbgport, shutdown_word)
{
    static const struct {
        const char *letters;
        unsigned times;
    } rows[] = {
        {"Shutdown", 1},   {"Shutdow", 0},      {"shutdown", 0},         {"xxShutdown", 1},
        {"SShutdown", 1},  {"ShutShutdown", 1}, {"ShutdownShutdown", 2}, {"Shut down", 0},
        {"Shutdow\nn", 0}, {"hutdown", 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = setup(0, 0);
        for (const char *p = rows[i].letters; *p; p++)
            bus_out(d->bus, 0x8900, 1, (uint8_t)*p);
        cr_assert_str_eq(d->log,
                         rows[i].times == 2   ? "off 0.0;off 0.0;"
                         : rows[i].times == 1 ? "off 0.0;"
                                              : "",
                         "row %u", i);
        bus_free(d->bus);
    }
}

Test(dbgport, a_zero_byte_is_no_letter)
{
    struct desk *d = setup(0, 0);
    for (unsigned i = 0; i < 20; i++)
        bus_out(d->bus, 0x8900, 1, 0);
    cr_assert_str_eq(d->log, "");
    bus_free(d->bus);
}

Test(dbgport, post_port_of_16_bits)
{
    struct desk *d = setup(0x190, 2);
    bus_out(d->bus, 0x190, 2, 0xbeef);
    bus_out(d->bus, 0x190, 1, 0x12);
    bus_out(d->bus, 0x191, 1, 0x34);
    cr_assert_str_eq(d->log, "post beef.2;post 12.1;");
    cr_assert_eq(bus_in(d->bus, 0x190, 2), 0x0012);
    bus_out(d->bus, 0x190, 2, 0xa55a);
    cr_assert_eq(bus_in(d->bus, 0x191, 1), 0xa5);
    bus_out(d->bus, 0x80, 1, 1);
    cr_assert_eq(bus_unclaimed_ports(d->bus), 1);
    bus_free(d->bus);
}

Test(dbgport, no_callback_no_claim)
{
    struct bus *bus = bus_new();
    struct dbgport port;
    struct bus_ports_info info;
    cr_assert_eq(dbgport_init(&port, &(struct dbgport_config){0}, bus), ST_OK);
    cr_assert_not(bus_ports_at(bus, 0, &info));
    cr_assert_eq(dbgport_init(&port, &(struct dbgport_config){.post_port = 0x84}, bus), ST_OK);
    bus_out(bus, 0x84, 1, 0x77);
    cr_assert_eq(bus_in(bus, 0x84, 1), 0x77);
    cr_assert_not(bus_ports_at(bus, 1, &info));
    bus_free(bus);
}

Test(dbgport, refusals)
{
    static const struct {
        struct dbgport_config config;
        status_t want;
    } rows[] = {
        {{.post = post, .post_size = 3}, ST_ARG},
        {{.post = post, .post_port = 0xffff, .post_size = 2}, ST_ARG},
        {{.post = post, .post_port = 0xffff, .post_size = 1}, ST_OK},
        {{.post = post, .exit = leave, .post_port = 0xf5}, ST_CLASH},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bus *bus = bus_new();
        struct dbgport port;
        cr_assert_eq(dbgport_init(&port, &rows[i].config, bus), rows[i].want, "row %u", i);
        bus_free(bus);
    }
}
