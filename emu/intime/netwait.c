/* netwait.c: requests of socket calls: tried at once, and again while their threads wait. See net.h. */
#include "net.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

/* Would the call have to wait? */
static bool unfinished(int32_t result)
{
    return result == -RT_NET_EWOULDBLOCK || result == -RT_NET_EINPROGRESS ||
           result == -RT_NET_EALREADY;
}

static bool reachable(struct rt_kernel *k, const struct thread *t, const struct net_request *r)
{
    if (r->header_at && !thread_reach(k, t, r->header_at, HEADER_SIZE)) return false;
    return !r->name_at ||
           (thread_reach(k, t, r->name_at, r->room) && thread_reach(k, t, r->room_at, 4));
}

/* The next n bytes into the request's pieces; from NULL: only, can they go there? */
static bool scatter(struct rt_kernel *k, struct thread *t, const struct net_request *r, uint32_t n,
                    const uint8_t *from)
{
    uint32_t skip = r->done;
    for (const struct net_piece *p = r->piece; n; p++) {
        uint32_t here = p->size > skip ? p->size - skip : 0;
        if (here > n) here = n;
        if (here && !from && !thread_reach(k, t, p->at + skip, here)) return false;
        if (here && from) {
            thread_put(k, t, p->at + skip, from, here);
            from += here;
        }
        n -= here;
        skip -= p->size < skip ? p->size : skip;
    }
    return true;
}

/* --- one try of each kind: a result, or an error --- */

static int32_t try_accept(struct rt_kernel *k, struct thread *t, struct net_request *r,
                          const struct socket *s)
{
    uint32_t fd;
    struct rt_net_op op = {.kind = RT_NET_ACCEPT, .socket = s->number};
    struct socket *fresh = socket_free(t->process, &fd);
    if (!fresh) return -RT_NET_EMFILE;
    if (!reachable(k, t, r)) return -RT_NET_EFAULT;
    int32_t number = net_op(k, &op);
    if (number < 0) return number;
    *fresh = *s;
    fresh->number = number;
    fresh->listening = false;
    address_put(k, t, r, &(struct net_address){op.address, op.port});
    return (int32_t)fd;
}

static int32_t try_connect(struct rt_kernel *k, const struct net_request *r, const struct socket *s)
{
    struct rt_net_op op = {.kind = RT_NET_CONNECT,
                           .socket = s->number,
                           .named = r->named,
                           .address = r->peer.address,
                           .port = r->peer.port};
    return net_op(k, &op);
}

/* Bytes of one operation, to where they belong. */
static int32_t receive_some(struct rt_kernel *k, struct thread *t, struct net_request *r,
                            const struct socket *s)
{
    uint32_t left = r->size - r->done, n = left < NET_CHUNK ? left : NET_CHUNK;
    if (!scatter(k, t, r, n, NULL) || !reachable(k, t, r)) return -RT_NET_EFAULT;
    struct rt_net_op op = {.kind = RT_NET_RECEIVE,
                           .socket = s->number,
                           .flags = r->flags & RT_NET_MSG_PEEK,
                           .n = n,
                           .to = k->packet};
    int32_t got = net_op(k, &op);
    if (got < 0) return got;
    scatter(k, t, r, (uint32_t)got, k->packet);
    if (!s->stream) address_put(k, t, r, &(struct net_address){op.address, op.port});
    if (r->header_at) message_put(k, t, r, op.flags & RT_NET_MSG_TRUNC);
    return got;
}

static int32_t try_receive(struct rt_kernel *k, struct thread *t, struct net_request *r,
                           const struct socket *s)
{
    bool all = s->stream && (r->flags & RT_NET_MSG_WAITALL) && !(r->flags & RT_NET_MSG_PEEK);
    for (;;) {
        int32_t got = receive_some(k, t, r, s);
        if (got < 0) return r->done && !unfinished(got) ? (int32_t)r->done : got;
        r->done += (uint32_t)got;
        if (!all || got == 0 || r->done == r->size) return (int32_t)r->done;
    }
}

static int32_t try_send(struct rt_kernel *k, struct net_request *r, const struct socket *s)
{
    do {
        struct rt_net_op op = {.kind = RT_NET_SEND,
                               .socket = s->number,
                               .named = r->named,
                               .address = r->peer.address,
                               .port = r->peer.port,
                               .n = r->size - r->done,
                               .from = r->data + r->done};
        int32_t sent = net_op(k, &op);
        if (sent < 0) return r->done && !unfinished(sent) ? (int32_t)r->done : sent;
        r->done += (uint32_t)sent;
        if (!sent) break;
    } while (s->stream && r->done < r->size);
    return (int32_t)r->done;
}

/* --- select --- */

static uint8_t events_asked(const struct net_request *r, uint32_t fd)
{
    uint8_t events = 0;
    for (unsigned i = 0; i < 3; i++)
        if (r->set_at[i] && (r->set[i][fd / 32] >> fd % 32 & 1)) events |= (uint8_t)(1u << i);
    return events;
}

/* Files and the console never make anybody wait. */
static int32_t events_there(struct rt_kernel *k, const struct process *p, uint32_t fd,
                            uint8_t events)
{
    int32_t error = 0;
    const struct socket *s = socket_need(p, fd, &error);
    if (!s) return error == -RT_NET_EBADF ? error : events & (RT_NET_CAN_READ | RT_NET_CAN_WRITE);
    struct rt_net_op op = {.kind = RT_NET_READY, .socket = s->number, .events = events};
    return net_op(k, &op);
}

static bool sets_reach(const struct rt_kernel *k, const struct thread *t,
                       const struct net_request *r)
{
    bool all = true;
    for (unsigned i = 0; i < 3; i++)
        if (r->set_at[i]) all &= thread_reach(k, t, r->set_at[i], (r->fds + 31) / 32 * 4);
    return all;
}

static void sets_put(struct rt_kernel *k, struct thread *t, const struct net_request *r,
                     uint32_t set[3][SELECT_WORDS])
{
    uint8_t bytes[SELECT_WORDS * 4];
    uint32_t words = (r->fds + 31) / 32;
    for (unsigned i = 0; i < 3; i++) {
        if (!r->set_at[i]) continue;
        for (uint32_t j = 0; j < words; j++)
            put32(bytes + 4 * j, set[i][j]);
        thread_put(k, t, r->set_at[i], bytes, words * 4);
    }
}

static int32_t try_select(struct rt_kernel *k, struct thread *t, const struct net_request *r)
{
    uint32_t set[3][SELECT_WORDS] = {{0}};
    int32_t count = 0;
    for (uint32_t fd = 0; fd < r->fds; fd++) {
        uint8_t events = events_asked(r, fd);
        if (!events) continue;
        int32_t there = events_there(k, t->process, fd, events);
        if (there < 0) return there;
        for (unsigned i = 0; i < 3; i++)
            if ((unsigned)there & events & 1u << i) {
                set[i][fd / 32] |= 1u << fd % 32;
                count++;
            }
    }
    if (!sets_reach(k, t, r)) return -RT_NET_EFAULT;
    if (!count) return -RT_NET_EWOULDBLOCK;
    sets_put(k, t, r, set);
    return count;
}

static int32_t try_request(struct rt_kernel *k, struct thread *t, struct net_request *r)
{
    if (r->kind == NET_SELECT) return try_select(k, t, r);
    if (r->kind == NET_POLL) return poll_try(k, t, r);
    const struct socket *s = socket_of(t->process, r->fd);
    if (!s) return -RT_NET_EBADF;
    switch ((enum net_kind)r->kind) {
    case NET_ACCEPT: return try_accept(k, t, r, s);
    case NET_CONNECT: return try_connect(k, r, s);
    case NET_RECEIVE: return try_receive(k, t, r, s);
    default: return try_send(k, r, s);
    }
}

/* --- waiting --- */

/* select, poll: of many descriptors, with a time limit of their own and a plain result. */
static bool of_many(const struct net_request *r)
{
    return r->kind == NET_SELECT || r->kind == NET_POLL;
}

/* What a call gives that has waited as long as it may. */
static int32_t late_result(struct rt_kernel *k, struct thread *t, const struct net_request *r,
                           int32_t result)
{
    uint32_t none[3][SELECT_WORDS] = {{0}};
    if (!of_many(r)) return r->done ? (int32_t)r->done : result;
    if (r->kind == NET_SELECT)
        sets_put(k, t, r, none);
    else
        poll_nothing(k, t, r);
    return 0;
}

static uint32_t request_answer(struct rt_kernel *k, struct thread *t, const struct net_request *r,
                               int32_t result)
{
    return of_many(r) ? (uint32_t)result : net_answer(k, t, result);
}

/* May it wait, and until when? */
static bool may_wait(const struct rt_kernel *k, const struct call *c, const struct net_request *r,
                     uint64_t *due)
{
    uint64_t us = r->limit_us, tick = k->config.low_tick_us;
    bool endless = r->endless;
    const struct socket *s = socket_of(c->p, r->fd);
    if (!of_many(r)) {
        if (!s || s->nonblocking || r->flags & RT_NET_MSG_DONTWAIT) return false;
        us = r->kind == NET_RECEIVE || r->kind == NET_ACCEPT ? s->receive_us : s->send_us;
        endless = us == 0;
    }
    *due = endless ? NEVER : sched_tick_due(k, tick, us / tick + (us % tick != 0));
    return endless || us;
}

void net_begin(struct rt_kernel *k, struct call *c)
{
    struct net_request *r = c->host;
    int32_t result = try_request(k, c->t, r);
    uint64_t due;
    if (unfinished(result) && may_wait(k, c, r, &due)) {
        c->host = NULL;
        c->t->net = r;
        sched_wait(k, c, WAIT_SOCKET, due);
        return;
    }
    if (unfinished(result)) result = late_result(k, c->t, r, result);
    c->eax = request_answer(k, c->t, r, result);
}

static void wake(struct rt_kernel *k, struct thread *t, int32_t result)
{
    struct net_request *r = t->net;
    uint32_t eax = request_answer(k, t, r, result);
    t->net = NULL;
    free(r);
    sched_wake(k, t, E_OK, eax);
}

/* Of those who wait since `from` or later, who waits longest. */
static struct thread *next_waiting(const struct rt_kernel *k, uint64_t from)
{
    struct thread *best = NULL;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_SOCKET && t->since >= from && (!best || t->since < best->since))
            best = t;
    return best;
}

void net_poll(struct rt_kernel *k)
{
    struct thread *t;
    for (uint64_t from = 0; (t = next_waiting(k, from)) != NULL;) {
        from = t->since + 1;
        int32_t result = try_request(k, t, t->net);
        if (!unfinished(result)) wake(k, t, result);
    }
}

void net_expire(struct rt_kernel *k, struct thread *t)
{
    wake(k, t, late_result(k, t, t->net, -RT_NET_EWOULDBLOCK));
}

void net_forget(struct thread *t)
{
    free(t->net);
    t->net = NULL;
}

/* --- what the machine listens for --- */

static uint8_t events_wanted(const struct net_request *r)
{
    return r->kind == NET_ACCEPT || r->kind == NET_RECEIVE ? RT_NET_CAN_READ : RT_NET_CAN_WRITE;
}

static unsigned add_wants(const struct process *p, const struct net_request *r,
                          struct rt_net_want *to, unsigned room)
{
    unsigned n = 0;
    bool select = r->kind == NET_SELECT;
    if (r->kind == NET_POLL) return poll_wants(p, r, to, room);
    for (uint32_t i = select ? 0 : r->fd, end = select ? r->fds : r->fd + 1; i < end; i++) {
        uint8_t events = select ? events_asked(r, i) : events_wanted(r);
        const struct socket *s = socket_of(p, i);
        if (events && s && n < room) to[n++] = (struct rt_net_want){s->number, events};
    }
    return n;
}

unsigned rt_kernel_wants(const struct rt_kernel *k, struct rt_net_want *to, unsigned room)
{
    unsigned n = 0;
    for (const struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_SOCKET) n += add_wants(t->process, t->net, to + n, room - n);
    return n;
}
