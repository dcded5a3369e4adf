/* portreceive.c: messages at ports: their queues, ReceiveRtMessage, ReceiveRtReply.
 *
 * RECEIVEINFO:
 *   +0 flags, +2 status, +4 transaction, +6 bytes of data, +10 data, +14 0, +16 the port that forwarded it, +18 local and
 *   +50 remote address, +82 bytes of the control message, +84 the message
 */
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "heap.h"
#include "service.h"

#define NO_MESSAGE 0xFFFFFFFFu

/* --- queues --- */

/* The oldest message for t, which waits or asks at this port, and whose service it is of. */
static unsigned message_first(const struct rt_kernel *k, uint16_t at, bool reply, uint16_t id,
                              struct object **of)
{
    unsigned best = NO_MESSAGE;
    uint64_t order = UINT64_MAX;
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct service *s = service_of(k, (uint16_t)i);
        for (unsigned n = 0; s && n < s->controls; n++) {
            const struct control *c = &s->control[n];
            if (c->state != CONTROL_QUEUED || c->at != at || c->reply != reply) continue;
            if ((reply && c->id != id) || c->order >= order) continue;
            order = c->order;
            best = n;
            *of = &k->slot[i];
        }
    }
    return best;
}

void message_queue(struct rt_kernel *k, struct service *s, unsigned i)
{
    struct control *c = &s->control[i];
    const struct port *p = k->slot[c->port].port;
    c->state = CONTROL_QUEUED;
    c->at = p->sink && !c->reply ? p->sink : c->port;
    c->order = k->order++;
    port_serve(k, &k->slot[c->at]);
}

void message_discard(struct rt_kernel *k, struct service *s, unsigned i)
{
    const struct control *c = &s->control[i];
    struct object *heap = &k->slot[c->heap];
    if (c->heap && heap->heap && heap->generation == c->heap_life) heap_give(heap->heap, c->data);
    control_drop(k, s, i);
}

void messages_discard(struct rt_kernel *k, uint16_t port)
{
    for (uint32_t i = 0; i < k->slots; i++) {
        struct service *s = service_of(k, (uint16_t)i);
        for (unsigned n = 0; s && n < s->controls; n++) {
            const struct control *c = &s->control[n];
            bool queued = c->state == CONTROL_QUEUED || c->state == CONTROL_GIVEN;
            if (queued && (c->at == port || c->port == port)) message_discard(k, s, n);
        }
    }
}

/* --- a message and its receiver --- */

/* The receiver's address of the data; false: it has no room for the heap. */
static bool data_show(struct rt_kernel *k, const struct control *c, struct process *p,
                      uint32_t *data)
{
    struct object *heap = &k->slot[c->heap];
    *data = c->data;
    if (!c->heap) return true;
    *data = 0;
    if (!heap->heap || heap->generation != c->heap_life)
        return true; /* it is gone, and they with it */
    uint32_t base = heap_show(k, heap, p);
    *data = base ? base + c->data : 0;
    return base != 0;
}

static void info_fill(const struct rt_kernel *k, const struct service *s, unsigned i, uint32_t data,
                      uint8_t *info)
{
    const struct control *c = &s->control[i];
    memset(info, 0, RECEIVE_HEAD);
    put16(info, c->kind);
    put16(info + 2, c->status);
    put16(info + 4, c->id);
    bool apart = !c->heap && c->kind == MESSAGE_REQUEST; /* to be fetched in fragments */
    put32(info + 6, data || apart ? c->size : 0);
    put32(info + 10, data);
    if (c->at != c->port) put16(info + 16, (uint16_t)(c->port << 3));
    memcpy(info + 18, k->slot[c->port].port->local, ADDRESS_BYTES);
    memcpy(info + 50, c->remote, ADDRESS_BYTES);
    put16(info + 82, s->control_size);
    memcpy(info + RECEIVE_HEAD, s->message + (size_t)i * s->control_size, s->control_size);
}

/* Into the memory of t, which runs (now) or waits. The message is gone then. */
static uint32_t message_give(struct rt_kernel *k, struct service *s, unsigned i, struct thread *t,
                             bool now, uint32_t to, uint32_t *data)
{
    uint32_t n = RECEIVE_HEAD + s->control_size;
    if (now ? call_writable(k, to, n) != E_OK : !thread_reach(k, t, to, n)) return E_NUC_BAD_BUF;
    if (!data_show(k, &s->control[i], t->process, data)) return E_VMEM;
    uint8_t *info = malloc(n);
    if (!info) return E_VMEM;
    info_fill(k, s, i, *data, info);
    if (now)
        call_put(k, to, info, n);
    else
        thread_put(k, t, to, info, n);
    free(info);
    control_drop(k, s, i);
    return E_OK;
}

/* --- the UpdateReceiveInfo handler: of status messages --- */

/* The thread of the service cannot wait for itself: it gets the message as it is. */
static bool message_updates(const struct service *s, unsigned i, const struct thread *t)
{
    return s->control[i].kind == MESSAGE_STATUS && s->handler[SERVE_UPDATE_RECEIVE_INFO] &&
           s->thread != t->handle;
}

/* What the handler reads and may change: the control buffer still has what was sent. */
void receive_prepare(struct rt_kernel *k, struct service *s, const struct request *r)
{
    uint8_t status[2], *info = malloc(RECEIVE_HEAD + s->control_size);
    put16(status, s->control[r->control - 1].status);
    vseg_poke(k, s->process, control_at(s, r->control - 1u) + 22, status, sizeof status);
    if (!info) return;
    info_fill(k, s, r->control - 1u, 0, info);
    vseg_poke(k, s->process, scratch_at(s, SCRATCH_REST), info, RECEIVE_HEAD + s->control_size);
    free(info);
}

void receive_done(struct rt_kernel *k, struct service *s, struct thread *t, uint32_t status)
{
    struct request *r = t->request;
    bool read = k->port.user_read(k->port.ctx, scratch_at(s, SCRATCH_REST), r->bytes, r->length) ==
                RT_REACH_OK;
    control_drop(k, s, r->control - 1u);
    if (status == E_OK && (!read || !thread_put(k, t, r->to, r->bytes, r->length)))
        status = E_NUC_BAD_BUF;
    service_answer(k, t, status);
}

/* A request for t about the message; NULL: no host memory, and the handler is not asked. */
static struct request *update_request(struct service *s, unsigned i, uint32_t to)
{
    uint32_t n = RECEIVE_HEAD + s->control_size;
    struct request *r = calloc(1, sizeof *r + n);
    if (!r) return NULL;
    r->serve = SERVE_UPDATE_RECEIVE_INFO;
    r->port = s->control[i].port;
    r->control = (uint16_t)(i + 1);
    r->to = to;
    r->length = n;
    s->control[i].state = CONTROL_GIVEN;
    return r;
}

/* --- those who wait --- */

static void waiter_serve(struct rt_kernel *k, struct thread *t, struct object *of, unsigned i)
{
    struct service *s = of->service;
    struct request *r = message_updates(s, i, t) ? update_request(s, i, t->wait_to) : NULL;
    uint32_t data = 0;
    if (r) {
        service_turn(k, t, of, r);
        return;
    }
    uint32_t status = message_give(k, s, i, t, false, t->wait_to, &data);
    sched_wake(k, t, status, data);
}

/* Somebody who waits for a response that is there. */
static struct thread *reply_waiter(const struct rt_kernel *k, uint16_t port, struct object **of,
                                   unsigned *i)
{
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        if (t->wait != WAIT_REPLY || t->wait_object != port) continue;
        *i = message_first(k, port, true, t->wait_units, of);
        if (*i != NO_MESSAGE) return t;
    }
    return NULL;
}

void port_serve(struct rt_kernel *k, struct object *o)
{
    uint16_t at = (uint16_t)(o - k->slot);
    struct object *of;
    struct thread *t;
    unsigned i;
    while ((t = exchange_head(k, o, WAIT_PORT)) &&
           (i = message_first(k, at, false, 0, &of)) != NO_MESSAGE)
        waiter_serve(k, t, of, i);
    while ((t = reply_waiter(k, at, &of, &i)))
        waiter_serve(k, t, of, i);
}

/* --- ReceiveRtMessage(port, ms, info), ReceiveRtReply(port, id, ms, info): the data --- */

static uint32_t info_check(struct rt_kernel *k, const struct call *c, uint32_t to)
{
    if (call_writable(k, to, RECEIVE_HEAD) != E_OK) return E_NUC_BAD_BUF;
    return call_lasting(c) == E_OK ? E_OK : E_NUC_BAD_BUF;
}

static void receive(struct rt_kernel *k, struct call *c, enum wait_kind kind, uint32_t ms,
                    uint32_t to)
{
    uint16_t at = (uint16_t)(c->object - k->slot);
    struct object *of = NULL;
    unsigned i = message_first(k, at, kind == WAIT_REPLY, c->t->wait_units, &of);
    if (i == NO_MESSAGE) {
        c->t->wait_to = to;
        exchange_wait(k, c, kind, ms);
        return;
    }
    bool updates = message_updates(of->service, i, c->t);
    struct request *r = updates ? update_request(of->service, i, to) : NULL;
    if (r) {
        sched_wait(k, c, WAIT_SERVICE, NEVER);
        service_turn(k, c->t, of, r);
        return;
    }
    c->status = message_give(k, of->service, i, c->t, true, to, &c->eax);
}

uint32_t vrfy_ReceiveRtMessage(struct rt_kernel *k, struct call *c)
{
    struct object *of;
    uint32_t status = exchange_ms(c->arg[1]) ? port_get(k, c, c->arg[0]) : E_PARAM;
    if (status == E_OK) status = info_check(k, c, c->arg[2]);
    if (status != E_OK || c->arg[1] >= HIGH_TICK_US / 1000) return status;
    uint16_t at = (uint16_t)(c->object - k->slot);
    return message_first(k, at, false, 0, &of) == NO_MESSAGE ? E_TIME : E_OK;
}

void impl_ReceiveRtMessage(struct rt_kernel *k, struct call *c)
{
    receive(k, c, WAIT_PORT, c->arg[1], c->arg[2]);
}

uint32_t vrfy_ReceiveRtReply(struct rt_kernel *k, struct call *c)
{
    uint16_t id = (uint16_t)c->arg[1];
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    if (!c->object->port->service) return E_STATE;
    if (!exchange_ms(c->arg[2])) return E_PARAM;
    const struct service *s = service_of(k, c->object->port->service);
    uint16_t port = (uint16_t)(c->object - k->slot);
    unsigned i = transaction_find(s, port, id);
    bool there = reply_find(s, port, id) < s->controls;
    if (!there && (i == s->transactions || !s->transaction[i].rsvp)) return E_TRANS_ID;
    status = info_check(k, c, c->arg[3]);
    if (status != E_OK) return status;
    return there || c->arg[2] >= HIGH_TICK_US / 1000 ? E_OK : E_TIME;
}

void impl_ReceiveRtReply(struct rt_kernel *k, struct call *c)
{
    c->t->wait_units = (uint16_t)c->arg[1];
    receive(k, c, WAIT_REPLY, c->arg[2], c->arg[3]);
}
