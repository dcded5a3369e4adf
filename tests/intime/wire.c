#include "wire.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct wire wire;

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    size_t n = strlen(wire.log);
    va_list args;
    va_start(args, format);
    vsnprintf(wire.log + n, sizeof wire.log - n, format, args);
    va_end(args);
}

static int32_t receive(struct rt_net_op *op)
{
    uint32_t n = wire.in_size < op->n ? wire.in_size : op->n;
    if (!n) return wire.ended ? 0 : -RT_NET_EWOULDBLOCK;
    memcpy(op->to, wire.in, n);
    op->address = BOUND;
    op->port = wire.peer_port;
    bool peek = op->flags & RT_NET_MSG_PEEK;
    op->flags = wire.cut ? RT_NET_MSG_TRUNC : 0;
    if (peek) return (int32_t)n;
    wire.in_size -= n;
    memmove(wire.in, wire.in + n, wire.in_size);
    return (int32_t)n;
}

static int32_t transmit(struct rt_net_op *op)
{
    uint32_t n = op->n < wire.window ? op->n : wire.window;
    if (!n && op->n) return -RT_NET_EWOULDBLOCK;
    memcpy(wire.out + wire.out_size, op->from, n);
    wire.out_size += n;
    wire.window -= n;
    return (int32_t)n;
}

static int32_t ready(const struct rt_net_op *op)
{
    int32_t there = 0;
    if (wire.in_size || wire.ended || wire.callers) there |= RT_NET_CAN_READ;
    if (wire.window) there |= RT_NET_CAN_WRITE;
    if (wire.error) there |= RT_NET_BROKEN;
    if (wire.hung_up) there |= RT_NET_HUNG_UP;
    return there & op->events;
}

static int32_t name(struct rt_net_op *op, uint16_t port)
{
    op->address = BOUND;
    op->port = port;
    return 0;
}

static int32_t operate(struct rt_net_op *op)
{
    switch ((enum rt_net_kind)op->kind) {
    case RT_NET_SOCKET:
        note("socket(%s) ", op->stream ? "tcp" : "udp");
        return 500 + wire.sockets++;
    case RT_NET_BIND: note("bind(%d,%x,%u) ", op->socket, op->address, op->port); return 0;
    case RT_NET_CONNECT:
        note("connect(%d,%x,%u) ", op->socket, op->named ? op->address : 0, op->port);
        return wire.connect;
    case RT_NET_LISTEN: note("listen(%d,%u) ", op->socket, op->n); return 0;
    case RT_NET_ACCEPT:
        note("accept(%d) ", op->socket);
        if (!wire.callers) return -RT_NET_EWOULDBLOCK;
        wire.callers--;
        name(op, wire.peer_port);
        return 500 + wire.sockets++;
    case RT_NET_SEND:
        note("send(%d,%u,%x,%u) ", op->socket, op->n, op->named ? op->address : 0, op->port);
        return transmit(op);
    case RT_NET_RECEIVE:
        note("receive(%d,%u,%x) ", op->socket, op->n, op->flags);
        return receive(op);
    case RT_NET_SHUTDOWN: note("shutdown(%d,%u) ", op->socket, op->n); return 0;
    case RT_NET_CLOSE:
        note("close(%d) ", op->socket);
        wire.closed++;
        return 0;
    case RT_NET_NAME: return name(op, 4711);
    case RT_NET_PEER: return name(op, wire.peer_port);
    case RT_NET_SET: note("set(%d,%u,%u) ", op->socket, op->option, op->n); return 0;
    case RT_NET_GET: return (int32_t)wire.error;
    case RT_NET_UNREAD: return (int32_t)wire.in_size;
    case RT_NET_READY: return ready(op);
    default: cr_assert(false, "operation %u", op->kind); return -1;
    }
}

static int32_t wire_net(void *ctx, struct rt_net_op *op)
{
    (void)ctx;
    int32_t fail = wire.fail;
    wire.fail = 0;
    return fail ? fail : operate(op);
}

void wire_attach(struct fake *f)
{
    memset(&wire, 0, sizeof wire);
    wire.window = sizeof wire.out;
    wire.peer_port = 9;
    f->k->port.net = wire_net;
}

struct fake *wire_start(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    wire_attach(f);
    fake_app(f);
    fake_run(f);
    return f;
}

void wire_in(const char *text)
{
    memcpy(wire.in + wire.in_size, text, strlen(text));
    wire.in_size += (uint32_t)strlen(text);
}

uint32_t wire_socket(struct fake *f, bool stream)
{
    uint32_t fd = CALL3(f, "socket", 2, stream ? 1 : 2, 0);
    wire.log[0] = 0;
    return fd;
}

uint32_t wire_errno(struct fake *f)
{
    uint8_t word[4];
    fake_get(f, f->k->current->block + 0xF0, word, 4);
    return get32(word);
}
