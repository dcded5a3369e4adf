/* ksnap_service.c: services, ports and what waits at them, to and from a snapshot. See ksnap.h. */
#include "ksnap.h"

#include <string.h>

#include "heap.h"
#include "service.h"

/* --- ports --- */

SNAP_SIZE(struct port, 76);
void port_snap(struct ksnap *x, struct port **at)
{
    if (x->s->loading) *at = snap_new(x->s, 1, sizeof **at);
    struct port *p = *at;
    if (!p) return;
    ref_slot(x, &p->service);
    ref_slot(x, &p->sink);
    snap_bool(x->s, &p->bound);
    snap_bool(x->s, &p->connected);
    snap_bool(x->s, &p->deleting);
    snap_u8(x->s, &p->count);
    snap_u32(x->s, &p->parameter);
    snap_raw(x->s, p->local, ADDRESS_BYTES);
    snap_raw(x->s, p->remote, ADDRESS_BYTES);
}

/* --- services --- */

SNAP_SIZE(struct window, 8);
SNAP_SIZE(struct transaction, 96);
static void transaction_snap(struct ksnap *x, const struct service *s, struct transaction *t)
{
    struct snap *n = x->s;
    snap_below8(n, &t->state, TRANSACTION_LEFT + 1);
    if (t->state == TRANSACTION_FREE) return;
    snap_bool(n, &t->rsvp);
    ref_slot(x, &t->port);
    snap_u16(n, &t->id);
    snap_below16(n, &t->control, s->controls + 1u);
    snap_u16(n, &t->thread);
    snap_u16(n, &t->flags);
    uint32_t *words[] = {&t->window.page, &t->window.pages, &t->data,      &t->size,
                         &t->shown,       &t->reply,        &t->reply_size};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        snap_u32(n, words[i]);
    for (unsigned i = 0; i < 2; i++) {
        ref_slot(x, &t->queue[i]);
        snap_u64(n, &t->order[i]);
    }
    snap_raw(n, t->remote, ADDRESS_BYTES);
}

SNAP_SIZE(struct control, 72);
static void control_snap(struct ksnap *x, struct service *s, unsigned i)
{
    struct control *c = &s->control[i];
    snap_below8(x->s, &c->state, CONTROL_GIVEN + 1);
    if (c->state == CONTROL_FREE || c->state == CONTROL_TAKEN) return;
    snap_bool(x->s, &c->reply);
    ref_slot(x, &c->at);
    ref_slot(x, &c->port);
    snap_u16(x->s, &c->kind);
    snap_u16(x->s, &c->status);
    snap_u16(x->s, &c->id);
    snap_u64(x->s, &c->order);
    ref_slot(x, &c->heap);
    snap_u32(x->s, &c->heap_life);
    snap_u32(x->s, &c->data);
    snap_u32(x->s, &c->size);
    snap_raw(x->s, c->remote, ADDRESS_BYTES);
    snap_raw(x->s, s->message + (size_t)i * s->control_size, s->control_size);
}

/* What the descriptor said. */
static void descriptor_snap(struct snap *n, struct service *s)
{
    snap_u32(n, &s->descriptor);
    snap_raw(n, s->name, sizeof s->name);
    uint16_t *words[] = {
        &s->transactions_default, &s->address_size, &s->port_null, &s->port_first, &s->port_last,
        &s->given_first,          &s->given_last};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        snap_u16(n, words[i]);
    for (unsigned i = 0; i < SERVES; i++)
        snap_u32(n, &s->handler[i]);
    snap_raw(n, s->local, ADDRESS_BYTES);
    snap_expect(n, s->address_size <= ADDRESS_MAX, "a service has addresses that are too long");
}

static void work_snap(struct ksnap *x, struct service *s)
{
    struct snap *n = x->s;
    ref_process_need(x, &s->process);
    snap_u32(n, &s->parameter);
    snap_u32(n, &s->page);
    snap_u32(n, &s->pages);
    snap_bool(n, &s->late);
    snap_bool(n, &s->initialized);
    snap_bool(n, &s->ending);
    ref_slot(x, &s->region);
    snap_u16(n, &s->thread);
    snap_u32(n, &s->room);
    snap_bool(n, &s->busy);
    snap_below8(n, &s->serving, SERVES);
    snap_u16(n, &s->caller);
    snap_below16(n, &s->working, s->transactions + 1u);
    snap_u32(n, &s->left.page);
    snap_u32(n, &s->left.pages);
}

SNAP_SIZE(struct service, 192);
void service_snap(struct ksnap *x, struct service **at)
{
    struct snap *n = x->s;
    uint16_t size = *at ? (*at)->control_size : 0;
    snap_u16(n, &size);
    uint32_t transactions = snap_count(n, *at ? (*at)->transactions : 0, 0xffff, 1);
    uint32_t controls = snap_count(n, *at ? (*at)->controls : 0, 0xffff, 1);
    if (n->loading) *at = service_record(transactions, controls, size);
    if (!*at) {
        snap_refuse(n, "the host has no memory for it");
        return;
    }
    struct service *s = *at;
    descriptor_snap(n, s);
    work_snap(x, s);
    for (unsigned i = 0; i < s->transactions && snap_ok(n); i++)
        transaction_snap(x, s, &s->transaction[i]);
    for (unsigned i = 0; i < s->controls && snap_ok(n); i++)
        control_snap(x, s, i);
}

/* --- requests --- */

SNAP_SIZE(struct request, 72);
void request_of_snap(struct ksnap *x, struct thread *t)
{
    struct snap *n = x->s;
    uint32_t bytes = snap_count(n, t->request ? t->request->length : 0, UINT32_MAX, 1);
    if (n->loading) t->request = snap_new(n, 1, sizeof *t->request + bytes);
    struct request *r = t->request;
    if (!r) return;
    r->length = bytes;
    snap_below8(n, &r->serve, SERVES);
    snap_bool(n, &r->binds);
    snap_bool(n, &r->addressed);
    ref_slot(x, &r->port);
    snap_u16(n, &r->id);
    snap_u16(n, &r->transaction);
    snap_u16(n, &r->control);
    snap_u32(n, &r->result);
    snap_u32(n, &r->window.page);
    snap_u32(n, &r->window.pages);
    snap_u32(n, &r->shown);
    snap_u32(n, &r->size);
    snap_u32(n, &r->to);
    snap_raw(n, r->address, ADDRESS_BYTES);
    snap_raw(n, r->bytes, bytes);
}

/* --- what calls take for granted --- */

static const struct object *port_at(const struct rt_kernel *k, uint16_t slot)
{
    const struct object *o = &k->slot[slot];
    return slot && o->use == USE_OBJECT && o->type == TYPE_PORT && !o->reference ? o : NULL;
}

static const struct thread *thread_of(const struct rt_kernel *k, uint16_t handle)
{
    const struct object *o = object_find(k, handle);
    return o && o->type == TYPE_THREAD && !o->reference ? o->thread : NULL;
}

/* The call of t is about that transaction, and nobody else's is. */
static bool sends(const struct rt_kernel *k, const struct thread *t, uint16_t service, unsigned i)
{
    if (!t || !t->request || t->request->serve != SERVE_SEND_MESSAGE) return false;
    if (t->request->transaction != i + 1) return false;
    if (t->wait == WAIT_SERVICE) return t->wait_object == service;
    const struct object *port = port_at(k, t->wait_object);
    return t->wait == WAIT_SENDING && port && port->port->service == service;
}

static const char *transactions_check(const struct rt_kernel *k, uint16_t slot)
{
    const struct service *s = k->slot[slot].service;
    for (unsigned i = 0; i < s->transactions; i++) {
        const struct transaction *t = &s->transaction[i];
        if (t->state == TRANSACTION_FREE) continue;
        if (t->state == TRANSACTION_LEFT) {
            if (!s->busy || s->working != i + 1 || t->thread)
                return "a transaction is left to nobody";
            if (t->control && s->control[t->control - 1].state != CONTROL_SENDING)
                return "a transaction that is over sends nothing";
            continue;
        }
        const struct object *port = port_at(k, t->port);
        if (!port || port->port->service != slot) return "a transaction is at no port";
        if (t->control && s->control[t->control - 1].state != CONTROL_SENDING)
            return "a transaction sends nothing";
        if (t->thread && !sends(k, thread_of(k, t->thread), slot, i))
            return "a transaction is that of a thread that does not send";
        for (unsigned n = 0; n < i; n++)
            if (t->control && s->transaction[n].state != TRANSACTION_FREE &&
                s->transaction[n].control == t->control)
                return "two transactions send the same";
    }
    return NULL;
}

static const char *controls_check(const struct rt_kernel *k, uint16_t slot)
{
    const struct service *s = k->slot[slot].service;
    for (unsigned i = 0; i < s->controls; i++) {
        const struct control *c = &s->control[i];
        if (c->state != CONTROL_QUEUED && c->state != CONTROL_GIVEN) continue;
        const struct object *port = port_at(k, c->port);
        if (!port || port->port->service != slot || !port_at(k, c->at))
            return "a message is at no port";
        if (c->heap && k->slot[c->heap].heap && k->slot[c->heap].generation == c->heap_life &&
            c->data >= k->slot[c->heap].heap->size)
            return "a message lies outside of its heap";
    }
    return NULL;
}

const char *service_look(const struct rt_kernel *k, uint16_t slot)
{
    const struct service *s = k->slot[slot].service;
    const struct object *region = &k->slot[s->region];
    const struct thread *t = s->thread ? thread_of(k, s->thread) : NULL;
    if (s->process != k->slot[slot].owner) return "a service is that of another process";
    if (region->use != USE_OBJECT || region->type != TYPE_REGION || region->reference ||
        region->owner != s->process)
        return "a service has no region";
    if (!t || t->process != s->process) return "a service has no thread";
    if (service_served(k, t) != &k->slot[slot]) return "two services have one thread";
    const struct thread *caller = s->caller ? thread_of(k, s->caller) : NULL;
    if (s->caller &&
        (!s->busy || !caller || caller->wait != WAIT_SERVICE || caller->wait_object != slot))
        return "a service works for a thread that does not wait";
    if (caller && request_serve(s, caller->request) != s->serving)
        return "a service does something else than it was asked for";
    if (memory_pages(s) != s->pages) return "a service has not the memory that it needs";
    const char *bad = transactions_check(k, slot);
    return bad ? bad : controls_check(k, slot);
}

/* Which members count depends on the handler that it is for. */
static bool request_good(const struct rt_kernel *k, const struct thread *t, const struct service *s,
                         uint16_t slot)
{
    const struct request *r = t->request;
    const struct object *port = r->port ? port_at(k, r->port) : NULL;
    bool own = port && port->port->service == slot;
    uint32_t info = RECEIVE_HEAD + s->control_size;
    if (r->control && r->serve != SERVE_UPDATE_RECEIVE_INFO) return false;
    if (r->window.pages && r->serve != SERVE_GET_FRAGMENT) return false;
    switch (r->serve) {
    case SERVE_INITIALIZE:
    case SERVE_FINISH: return !r->port;
    case SERVE_GET_ATTRIBUTES:
    case SERVE_SET_ATTRIBUTES: return own && r->length >= 4 && r->length <= 4 + ATTRIBUTES_MAX;
    case SERVE_SEND_MESSAGE:
        return own && r->transaction && r->transaction <= s->transactions &&
               s->transaction[r->transaction - 1].state == TRANSACTION_SENDING &&
               s->transaction[r->transaction - 1].thread == t->handle &&
               s->transaction[r->transaction - 1].port == r->port &&
               (t->wait == WAIT_SENDING || s->transaction[r->transaction - 1].control);
    case SERVE_GET_FRAGMENT: return own && !r->length;
    case SERVE_UPDATE_RECEIVE_INFO:
        return own && r->control && r->control <= s->controls && r->length == info &&
               s->control[r->control - 1].state == CONTROL_GIVEN &&
               s->control[r->control - 1].port == r->port;
    case SERVE_CREATE_PORT:
    case SERVE_DELETE_PORT:
    case SERVE_CANCEL_TRANSACTION:
    case SERVE_VERIFY_ADDRESS: return own;
    default: return false;
    }
}

const char *request_look(const struct rt_kernel *k, const struct thread *t)
{
    bool sending = t->wait == WAIT_SENDING;
    if ((sending || t->wait == WAIT_SERVICE) != (t->request != NULL))
        return "a thread waits at a service for nothing";
    if (!t->request) return NULL;
    const struct object *port = sending ? port_at(k, t->wait_object) : NULL;
    if (sending && (!port || t->request->port != t->wait_object))
        return "a thread sends from no port";
    uint16_t slot = sending ? port->port->service : t->wait_object;
    const struct service *s = service_of(k, slot);
    if (!s || (sending && t->request->serve != SERVE_SEND_MESSAGE))
        return "a thread waits at no service";
    for (const struct thread *o = thread_first(k); o; o = thread_after(k, o))
        if (o != t && o->request && o->request->serve == SERVE_UPDATE_RECEIVE_INFO &&
            t->request->serve == SERVE_UPDATE_RECEIVE_INFO && o->wait_object == slot &&
            o->request->control == t->request->control)
            return "two threads receive one message";
    return request_good(k, t, s, slot) ? NULL : "a request to a service makes no sense";
}
