/* netpoll.c: poll of the C library: clib_poll(list, n, milliseconds).
 *
 *   pollfd  +0 descriptor  +4 events asked for  +6 events that are there (a result)
 *
 * Bits are BSD's. POLLERR, POLLHUP and POLLNVAL come unasked; where the other side has gone nothing can be written, so
 * POLLHUP and POLLOUT exclude each other.
 */
#include "net.h"

#include <string.h>

#include "bits.h"

#define AT_RESULT 6u

enum poll_event {
    POLL_IN = 0x0001,
    POLL_PRI = 0x0002,
    POLL_OUT = 0x0004,
    POLL_ERR = 0x0008,
    POLL_HUP = 0x0010,
    POLL_NVAL = 0x0020,
    POLL_READ_NORMAL = 0x0040 /* the same as POLL_IN here */
};

static uint32_t entry_fd(const struct net_request *r, uint32_t i)
{
    return get32(r->data + i * POLL_ENTRY);
}

static uint32_t entry_events(const struct net_request *r, uint32_t i)
{
    return get16(r->data + i * POLL_ENTRY + 4);
}

/* --- clib_poll(list, n, limit): how many entries have events, or a negative error --- */

uint32_t vrfy_clib_poll(struct rt_kernel *k, struct call *c)
{
    uint32_t n = c->arg[1];
    if (n > SELECT_MAX) {
        c->error = -RT_NET_EINVAL;
        return E_OK;
    }
    struct net_request *r = net_request_new(k, c, NET_POLL, n * POLL_ENTRY);
    if (!r) return E_OK;
    r->header_at = c->arg[0];
    r->fds = n;
    r->endless = c->arg[2] > INT32_MAX;
    r->limit_us = (uint64_t)c->arg[2] * 1000;
    if (!net_exchange(k, c->arg[0], r->data, n * POLL_ENTRY)) c->error = -RT_NET_EFAULT;
    return E_OK;
}

void impl_clib_poll(struct rt_kernel *k, struct call *c)
{
    c->eax = (uint32_t)c->error;
    if (!c->error) net_begin(k, c);
}

/* --- tries --- */

static uint8_t port_events(uint32_t asked)
{
    uint8_t events = RT_NET_BROKEN | RT_NET_HUNG_UP;
    if (asked & (POLL_IN | POLL_READ_NORMAL)) events |= RT_NET_CAN_READ;
    if (asked & POLL_OUT) events |= RT_NET_CAN_WRITE;
    if (asked & POLL_PRI) events |= RT_NET_URGENT;
    return events;
}

static uint32_t socket_events(struct rt_kernel *k, const struct socket *s, uint32_t asked)
{
    struct rt_net_op op = {.kind = RT_NET_READY, .socket = s->number, .events = port_events(asked)};
    int32_t there = net_op(k, &op);
    uint32_t events = 0;
    if (there < 0) return POLL_ERR;
    if (there & RT_NET_CAN_READ) events |= asked & (POLL_IN | POLL_READ_NORMAL);
    if (there & RT_NET_CAN_WRITE && !(there & RT_NET_HUNG_UP)) events |= POLL_OUT;
    if (there & RT_NET_URGENT) events |= POLL_PRI;
    if (there & RT_NET_BROKEN) events |= POLL_ERR;
    if (there & RT_NET_HUNG_UP) events |= POLL_HUP;
    return events;
}

/* Files and the console never make anybody wait. */
static uint32_t events_of(struct rt_kernel *k, const struct process *p, uint32_t fd, uint32_t asked)
{
    int32_t error = 0;
    if (fd > INT32_MAX) return 0;
    const struct socket *s = socket_need(p, fd, &error);
    if (s) return socket_events(k, s, asked);
    return error == -RT_NET_EBADF ? POLL_NVAL : asked & (POLL_IN | POLL_OUT | POLL_READ_NORMAL);
}

static void events_put(struct rt_kernel *k, struct thread *t, const struct net_request *r,
                       const uint16_t *events)
{
    for (uint32_t i = 0; i < r->fds; i++) {
        uint8_t raw[2];
        put16(raw, events ? events[i] : 0);
        thread_put(k, t, r->header_at + i * POLL_ENTRY + AT_RESULT, raw, sizeof raw);
    }
}

int32_t poll_try(struct rt_kernel *k, struct thread *t, const struct net_request *r)
{
    uint16_t events[SELECT_MAX] = {0};
    int32_t count = 0;
    for (uint32_t i = 0; i < r->fds; i++) {
        events[i] = (uint16_t)events_of(k, t->process, entry_fd(r, i), entry_events(r, i));
        count += events[i] != 0;
    }
    if (!thread_reach(k, t, r->header_at, r->fds * POLL_ENTRY)) return -RT_NET_EFAULT;
    if (!count) return -RT_NET_EWOULDBLOCK;
    events_put(k, t, r, events);
    return count;
}

void poll_nothing(struct rt_kernel *k, struct thread *t, const struct net_request *r)
{
    events_put(k, t, r, NULL);
}

unsigned poll_wants(const struct process *p, const struct net_request *r, struct rt_net_want *to,
                    unsigned room)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < r->fds; i++) {
        const struct socket *s = socket_of(p, entry_fd(r, i));
        if (s && n < room)
            to[n++] = (struct rt_net_want){s->number, port_events(entry_events(r, i))};
    }
    return n;
}
