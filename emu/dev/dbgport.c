#include "dbgport.h"

#include "bits.h"
#include "snap.h"

enum { PORT_TEXT = 0xe9, PORT_EXIT = 0xf4, PORT_SHUTDOWN = 0x8900, PORT_POST = 0x80 };

static uint32_t text_in(void *ctx, uint16_t port, unsigned size)
{
    return PORT_TEXT;
}

static void text_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct dbgport *d = ctx;
    d->config.put(d->config.ctx, (uint8_t)value);
}

static uint32_t exit_in(void *ctx, uint16_t port, unsigned size)
{
    return 0;
}

static void exit_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct dbgport *d = ctx;
    if (port == PORT_EXIT) d->config.exit(d->config.ctx, value, size);
}

static void shutdown_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    static const char word[] = "Shutdown";
    struct dbgport *d = ctx;
    if (value != (uint8_t)word[d->letters]) d->letters = 0;
    if (value == (uint8_t)word[d->letters]) d->letters++;
    if (word[d->letters]) return;
    d->letters = 0;
    d->config.shutdown(d->config.ctx);
}

static uint32_t post_in(void *ctx, uint16_t port, unsigned size)
{
    const struct dbgport *d = ctx;
    return (uint32_t)d->last_post >> (8 * (port - d->config.post_port));
}

static void post_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct dbgport *d = ctx;
    if (port != d->config.post_port) return;
    d->last_post = (uint16_t)value;
    if (d->config.post) d->config.post(d->config.ctx, value, size);
}

static status_t claim(struct bus *bus, bool wanted, unsigned first, unsigned count,
                      const struct port_ops *ops, struct dbgport *d, const char *owner)
{
    if (!wanted) return ST_OK;
    return bus_claim_ports(bus, (uint16_t)first, (uint16_t)(first + count - 1), ops, d, owner);
}

status_t dbgport_init(struct dbgport *d, const struct dbgport_config *config, struct bus *bus)
{
    static const struct port_ops text = {text_in, text_out, .widest = 1};
    static const struct port_ops leave = {exit_in, exit_out, 0};
    static const struct port_ops off = {NULL, shutdown_out, .widest = 1};
    static const struct port_ops post[2] = {{post_in, post_out, .widest = 1},
                                            {post_in, post_out, .widest = 2}};
    *d = (struct dbgport){.config = *config};
    struct dbgport_config *c = &d->config;
    if (c->post && !c->post_port) c->post_port = PORT_POST;
    if (!c->post_size) c->post_size = 1;
    if (c->post_size > 2 || c->post_port > 0x10000 - c->post_size) return ST_ARG;
    status_t s = claim(bus, c->put, PORT_TEXT, 1, &text, d, "debug text");
    if (s == ST_OK) s = claim(bus, c->exit, PORT_EXIT, 4, &leave, d, "debug exit");
    if (s == ST_OK) s = claim(bus, c->shutdown, PORT_SHUTDOWN, 1, &off, d, "debug shutdown");
    if (s == ST_OK)
        s = claim(bus, c->post_port, c->post_port, c->post_size, &post[c->post_size - 1], d,
                  "POST");
    return s;
}

/* --- snapshots --- */

void dbgport_snap(struct snap *s, struct dbgport *d)
{
    snap_below8(s, &d->letters, sizeof "Shutdown" - 1);
    snap_u16(s, &d->last_post);
}
