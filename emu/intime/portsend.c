/* portsend.c: SendRtMessage, SendRtMessageRSVP and SendRtReply, and the transactions and control buffers that they take
 * from the service.
 *
 * Data of another process is mapped into the service's for as long as the transaction lasts:
 *
 *   window   |pages of the data|pages of the buffer for the response|
 */
#include "service.h"

#include <string.h>

#include "bits.h"

/* --- pools --- */

unsigned transaction_free(const struct service *s)
{
    unsigned i = 0;
    while (i < s->transactions && s->transaction[i].state != TRANSACTION_FREE)
        i++;
    return i;
}

unsigned control_free(const struct service *s)
{
    unsigned i = 0;
    while (i < s->controls && s->control[i].state != CONTROL_FREE)
        i++;
    return i;
}

unsigned transaction_find(const struct service *s, uint16_t port, uint16_t id)
{
    unsigned i = 0;
    while (i < s->transactions && (s->transaction[i].state == TRANSACTION_FREE ||
                                   s->transaction[i].port != port || s->transaction[i].id != id))
        i++;
    return i;
}

unsigned reply_find(const struct service *s, uint16_t port, uint16_t id)
{
    unsigned i = 0;
    while (i < s->controls && !(s->control[i].state == CONTROL_QUEUED && s->control[i].reply &&
                                s->control[i].port == port && s->control[i].id == id))
        i++;
    return i;
}

static bool is_reply(const struct control *c, uint16_t port)
{
    return c->reply && c->port == port && (c->state == CONTROL_QUEUED || c->state == CONTROL_GIVEN);
}

unsigned transactions_used(const struct service *s, uint16_t port)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->transactions; i++)
        n += s->transaction[i].state != TRANSACTION_FREE && s->transaction[i].port == port;
    for (unsigned i = 0; i < s->controls; i++)
        n += is_reply(&s->control[i], port);
    return n;
}

/* The lower byte is a place that nobody at the port has; the upper one counts, so that an old id is none. */
uint16_t transaction_id(const struct service *s, struct port *p, uint16_t port)
{
    bool used[256] = {true};
    for (unsigned i = 0; i < s->transactions; i++)
        if (s->transaction[i].state != TRANSACTION_FREE && s->transaction[i].port == port)
            used[s->transaction[i].id & 255] = true;
    for (unsigned i = 0; i < s->controls; i++)
        if (is_reply(&s->control[i], port)) used[s->control[i].id & 255] = true;
    unsigned place = 1;
    while (place < TRANSACTIONS_MAX && used[place])
        place++;
    return (uint16_t)((unsigned)p->count++ << 8 | place);
}

/* --- what the service reads --- */

void transaction_write(struct rt_kernel *k, struct service *s, unsigned i)
{
    const struct transaction *x = &s->transaction[i];
    uint8_t raw[TRANSACTION_SIZE] = {0};
    raw[12] = (uint8_t)(x->id >> 8);
    raw[13] = (uint8_t)x->id;
    put16(raw + 16, x->flags & (SEND_ASYNC | 15));
    put16(raw + 18, x->rsvp ? STATE_RSVP : 0);
    put16(raw + 20, (uint16_t)(x->port << 3));
    put16(raw + 22, x->thread);
    if (x->control) put32(raw + 38, control_at(s, x->control - 1u));
    put32(raw + 44, x->size);
    put32(raw + 48, x->data);
    put32(raw + 54, x->reply_size);
    put32(raw + 58, x->shown);
    put32(raw + 64, x->reply);
    memcpy(raw + 76, x->remote, ADDRESS_BYTES);
    vseg_poke(k, s->process, transaction_at(s, i), raw, sizeof raw);
}

static void control_write(struct rt_kernel *k, struct service *s, unsigned i,
                          const struct transaction *x, const struct port *p)
{
    uint8_t raw[CONTROL_HEAD] = {0};
    put16(raw + 6, (uint16_t)(x->port << 3));
    put16(raw + 8, s->control[i].id);
    put32(raw + 10, x->data);
    put32(raw + 16, x->size);
    put16(raw + 20, x->flags & 15);
    memcpy(raw + 24, p->local, ADDRESS_BYTES);
    vseg_poke(k, s->process, control_at(s, i), raw, sizeof raw);
    vseg_poke(k, s->process, control_at(s, i) + CONTROL_HEAD,
              s->message + (size_t)i * s->control_size, s->control_size);
}

/* --- ends --- */

void control_drop(struct rt_kernel *k, struct service *s, unsigned i)
{
    (void)k;
    s->control[i] = (struct control){0};
}

static struct thread *sender_of(const struct rt_kernel *k, const struct transaction *x)
{
    struct object *o = x->thread ? object_find(k, x->thread) : NULL;
    return o ? o->thread : NULL;
}

/* Those who wait for its response wait in vain. */
static void waiters_end(struct rt_kernel *k, uint16_t port, uint16_t id)
{
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_REPLY && t->wait_object == port && t->wait_units == id)
            sched_wake(k, t, E_TRANS_ID, 0);
}

/* What a handler sees of it. */
static void transaction_hide(struct rt_kernel *k, struct service *s, struct transaction *x)
{
    if (x->control) control_drop(k, s, x->control - 1u);
    window_hide(k, s->process, &x->window);
    *x = (struct transaction){0};
}

static void transaction_over(struct rt_kernel *k, struct service *s, unsigned i, uint32_t status,
                             bool stays)
{
    struct transaction *x = &s->transaction[i];
    struct thread *t = sender_of(k, x);
    uint16_t port = x->port, id = x->id;
    if (stays)
        *x = (struct transaction){
            .state = TRANSACTION_LEFT, .control = x->control, .window = x->window};
    else
        transaction_hide(k, s, x);
    if (t) service_answer(k, t, status);
    waiters_end(k, port, id);
}

void transaction_end(struct rt_kernel *k, struct service *s, unsigned i, uint32_t status)
{
    transaction_over(k, s, i, status, s->busy && s->working == i + 1);
}

void transaction_give(struct rt_kernel *k, struct service *s, unsigned i, uint32_t status)
{
    transaction_over(k, s, i, status, false);
}

void transaction_left(struct rt_kernel *k, struct service *s)
{
    struct transaction *x = s->working ? &s->transaction[s->working - 1] : NULL;
    s->working = 0;
    if (x && x->state == TRANSACTION_LEFT) transaction_hide(k, s, x);
    window_hide(k, s->process, &s->left);
}

/* A message to the sender of what failed, or of what he wants to hear of: its control buffer comes back to him. */
static void status_queue(struct rt_kernel *k, struct service *s, struct transaction *x,
                         uint32_t status)
{
    unsigned i = x->control - 1u;
    struct control *c = &s->control[i];
    x->control = 0;
    c->port = x->port;
    c->id = x->id;
    c->kind = MESSAGE_STATUS;
    c->status = (uint16_t)status;
    c->reply = x->rsvp && status != E_OK;
    memcpy(c->remote, x->remote, ADDRESS_BYTES);
    message_queue(k, s, i);
}

void transaction_sent(struct rt_kernel *k, struct service *s, unsigned i, uint32_t status)
{
    struct transaction *x = &s->transaction[i];
    struct thread *t = sender_of(k, x);
    bool told = status != E_OK || x->flags & SEND_NOTIFY;
    if (!t && told && x->control) status_queue(k, s, x, status);
    if (status != E_OK || !x->rsvp) {
        transaction_give(k, s, i, status);
        return;
    }
    x->state = TRANSACTION_SENT;
    x->thread = 0;
    if (x->control) control_drop(k, s, x->control - 1u);
    x->control = 0;
    if (t) service_answer(k, t, E_OK);
}

/* The SendMessage handler has come back, and the caller still waits. */
void send_done(struct rt_kernel *k, struct service *s, struct thread *t, uint32_t status)
{
    unsigned i = t->request->transaction - 1u;
    struct transaction *x = &s->transaction[i];
    bool async = x->flags & SEND_ASYNC;
    if (status == E_SEND_NOT_COMPLETE && !async) {
        t->wait = WAIT_SENDING;
        t->wait_object = x->port;
    } else if (async && (status == E_OK || status == E_SEND_NOT_COMPLETE)) {
        x->thread = 0;
        service_answer(k, t, E_OK);
        if (status == E_OK) transaction_sent(k, s, i, E_OK);
    } else if (status == E_OK) {
        transaction_sent(k, s, i, E_OK);
    } else {
        transaction_end(k, s, i, status);
    }
}

/* --- SendRtMessage(port, address, control, length, data, size, flags),
 *     SendRtMessageRSVP(port, address, control, length, data, size, reply, reply size, flags),
 *     SendRtReply(port, address, id, control, length, data, size, flags) --- */

struct send {
    uint32_t address, control, length, data, size, reply, reply_size, flags, id;
    bool rsvp, answers;
};

static struct send of_message(const struct call *c)
{
    return (struct send){.address = c->arg[1],
                         .control = c->arg[2],
                         .length = c->arg[3],
                         .data = c->arg[4],
                         .size = c->arg[5],
                         .flags = c->arg[6]};
}

static struct send of_request(const struct call *c)
{
    struct send a = of_message(c);
    a.rsvp = true;
    a.reply = c->arg[6];
    a.reply_size = c->arg[6] ? c->arg[7] : 0;
    a.flags = c->arg[8] & 0xffff;
    return a;
}

static struct send of_reply(const struct call *c)
{
    return (struct send){.address = c->arg[1],
                         .id = c->arg[2],
                         .control = c->arg[3],
                         .length = c->arg[4],
                         .data = c->arg[5],
                         .size = c->arg[6],
                         .flags = c->arg[7],
                         .answers = true};
}

uint32_t pages_touched(uint32_t at, uint32_t n)
{
    return n ? (at % PAGE + n - 1) / PAGE + 1 : 0;
}

static uint32_t send_port(struct rt_kernel *k, struct call *c, struct service **s)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    const struct port *p = c->object->port;
    *s = p->service ? service_of(k, p->service) : NULL;
    if (!*s || !service_may_wait(*s, c)) return E_CONTEXT;
    if (!(*s)->handler[SERVE_SEND_MESSAGE]) return E_NOT_CONFIGURED;
    return p->bound ? E_OK : E_UNBOUND;
}

/* Where it goes: as the call says, else to the port's partner, else to the service itself. */
static uint32_t send_address(struct rt_kernel *k, const struct call *c, const struct service *s,
                             uint32_t at, struct request *r)
{
    const struct port *p = c->object->port;
    if (!at) {
        r->addressed = p->connected;
        memcpy(r->address, p->remote, ADDRESS_BYTES);
        return E_OK;
    }
    if (!s->address_size) return E_INVALID_ADDRESS;
    if (k->port.user_read(k->port.ctx, at, r->address, ADDRESS_BYTES) != RT_REACH_OK)
        return E_NUC_BAD_BUF;
    r->addressed = true;
    return r->address[0] > s->address_size ? E_INVALID_ADDRESS : E_OK;
}

/* Another process can be shown the caller's own memory only, and not the part of an XM process's space that all
 * processes have. */
static bool send_shows(const struct call *c, const struct service *s, const struct send *a)
{
    if (s->process == c->p) return true;
    return (!a->size || vseg_mapped(c->p, a->data, a->size)) &&
           (!a->reply_size || vseg_mapped(c->p, a->reply, a->reply_size));
}

static uint32_t send_memory(struct rt_kernel *k, const struct call *c, const struct send *a,
                            struct request *r)
{
    if (k->port.user_read(k->port.ctx, a->control, r->bytes, a->length) != RT_REACH_OK)
        return E_NUC_BAD_BUF;
    if (call_readable(k, a->data, a->size) != E_OK || call_lasting(c) != E_OK) return E_NUC_BAD_BUF;
    return call_writable(k, a->reply, a->reply_size) == E_OK ? E_OK : E_NUC_BAD_BUF;
}

static uint32_t send_room(struct call *c, const struct service *s, const struct send *a)
{
    uint16_t limit = c->object->units_max;
    uint16_t port = (uint16_t)c->off;
    if (transactions_used(s, port) >= limit) return E_TRANS_LIMIT;
    if (transaction_free(s) == s->transactions || control_free(s) == s->controls)
        return E_RESOURCE_LIMIT;
    c->pages = 0;
    if (s->process == c->p) return E_OK;
    c->pages = pages_touched(a->data, a->size) + pages_touched(a->reply, a->reply_size);
    if (!c->pages) return E_OK;
    c->page = area_find(s->process, c->pages);
    if (c->page == NO_PAGE) return E_RESOURCE_LIMIT;
    bool can = pool_can(s->process, vseg_new_tables(s->process, c->page, c->pages));
    return can && vseg_reserve(s->process, c->page, c->pages) ? E_OK : E_RESOURCE_LIMIT;
}

static uint32_t send_check(struct rt_kernel *k, struct call *c, const struct send *a)
{
    struct service *s = NULL;
    uint32_t status = send_port(k, c, &s);
    if (status != E_OK) return status;
    if (a->flags & ~(uint32_t)SEND_FLAGS || a->length > s->control_size) return E_PARAM;
    if (a->answers && (a->id == 0 || a->id == 0xffff)) return E_TRANS_ID;
    struct request *r = request_new(c, SERVE_SEND_MESSAGE, a->length);
    if (!r) return E_RESOURCE_LIMIT;
    status = send_address(k, c, s, a->address, r);
    if (status == E_OK) status = send_memory(k, c, a, r);
    if (status == E_OK && !send_shows(c, s, a)) status = E_NUC_BAD_BUF;
    c->off = (uint32_t)(c->object - k->slot);
    return status == E_OK ? send_room(c, s, a) : status;
}

/* Where the service sees the caller's data and buffer. */
static void send_show(struct rt_kernel *k, struct call *c, const struct service *s,
                      const struct send *a, struct transaction *x)
{
    uint32_t first = pages_touched(a->data, a->size);
    x->data = a->size ? a->data : 0;
    x->shown = a->reply;
    if (!c->pages) return;
    x->window = (struct window){c->page, c->pages};
    vseg_map_entries(k, s->process, c->page, first, c->p, a->data / PAGE);
    vseg_map_entries(k, s->process, c->page + first, c->pages - first, c->p, a->reply / PAGE);
    area_add(s->process, c->page, c->pages, AREA_SYSTEM);
    if (a->size) x->data = c->page * PAGE + a->data % PAGE;
    if (a->reply_size) x->shown = (c->page + first) * PAGE + a->reply % PAGE;
}

static void send_start(struct rt_kernel *k, struct call *c, const struct send *a)
{
    uint16_t port = (uint16_t)c->off;
    struct port *p = c->object->port;
    struct service *s = service_of(k, p->service);
    struct request *r = c->request;
    unsigned i = transaction_free(s), n = control_free(s);
    struct transaction *x = &s->transaction[i];
    *x = (struct transaction){.state = TRANSACTION_SENDING,
                              .rsvp = a->rsvp,
                              .port = port,
                              .id = transaction_id(s, p, port),
                              .control = (uint16_t)(n + 1),
                              .thread = c->t->handle,
                              .flags = (uint16_t)a->flags,
                              .size = a->size,
                              .reply = a->reply,
                              .reply_size = a->reply_size};
    if (r->addressed) memcpy(x->remote, r->address, ADDRESS_BYTES);
    send_show(k, c, s, a, x);
    r->port = port;
    r->id = a->answers ? (uint16_t)a->id : a->rsvp ? x->id : 0;
    r->transaction = (uint16_t)(i + 1);
    r->result = a->answers ? 1 : x->id;
    s->control[n] = (struct control){.state = CONTROL_SENDING, .id = r->id};
    uint8_t *message = s->message + (size_t)n * s->control_size;
    memset(message, 0, s->control_size);
    memcpy(message, r->bytes, a->length);
    control_write(k, s, n, x, p);
    transaction_write(k, s, i);
    service_ask(k, c, &k->slot[p->service]);
}

uint32_t vrfy_SendRtMessage(struct rt_kernel *k, struct call *c)
{
    const struct send a = of_message(c);
    return send_check(k, c, &a);
}

void impl_SendRtMessage(struct rt_kernel *k, struct call *c)
{
    const struct send a = of_message(c);
    send_start(k, c, &a);
}

uint32_t vrfy_SendRtMessageRSVP(struct rt_kernel *k, struct call *c)
{
    const struct send a = of_request(c);
    return send_check(k, c, &a);
}

void impl_SendRtMessageRSVP(struct rt_kernel *k, struct call *c)
{
    const struct send a = of_request(c);
    send_start(k, c, &a);
}

uint32_t vrfy_SendRtReply(struct rt_kernel *k, struct call *c)
{
    const struct send a = of_reply(c);
    return send_check(k, c, &a);
}

void impl_SendRtReply(struct rt_kernel *k, struct call *c)
{
    const struct send a = of_reply(c);
    send_start(k, c, &a);
}
