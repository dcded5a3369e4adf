/* rtport.c: ports: made, deleted, connected, forwarded, looked at. What they send and receive: portsend.c and
 * portreceive.c. */
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "heap.h"
#include "service.h"

#define PORT_INFO  98u
#define ATTRIBUTES 4u      /* SERVICEATTRIBUTES: operation code, length of what follows */
#define OF_KERNEL  0x8000u /* operation codes from here on are not for the service */

uint32_t port_get(struct rt_kernel *k, struct call *c, uint32_t handle)
{
    uint32_t status = object_get(k, handle, TYPE_PORT, E_EXIST, &c->object);
    return status == E_OK && c->object->port->deleting ? E_EXIST : status;
}

/* E_STATE when it has none. */
static uint32_t port_service(const struct rt_kernel *k, const struct object *o, struct service **s)
{
    *s = o->port->service ? service_of(k, o->port->service) : NULL;
    return *s ? E_OK : E_STATE;
}

struct request *request_new(struct call *c, enum serve serve, uint32_t bytes)
{
    struct request *r = calloc(1, sizeof *r + bytes);
    c->request = r;
    if (!r) return NULL;
    r->serve = (uint8_t)serve;
    r->length = bytes;
    r->result = 1;
    return r;
}

/* --- CreateRtPort(service, number, transactions, flags), ...Ex(..., heap size) --- */

static bool number_used(const struct rt_kernel *k, uint16_t service, uint16_t number)
{
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct object *o = &k->slot[i];
        if (o->port && o->port->service == service && o->units == number) return true;
    }
    return false;
}

/* The number that the port gets: the one asked for, or a free one of those that are given out. */
static uint32_t port_number(const struct rt_kernel *k, uint16_t service, uint16_t *number)
{
    const struct service *s = k->slot[service].service;
    if (*number != s->port_null) {
        if (*number < s->port_first || *number > s->port_last) return E_PARAM;
        return number_used(k, service, *number) ? E_PORT_ID_USED : E_OK;
    }
    for (uint32_t n = s->given_first; n <= s->given_last; n++) {
        *number = (uint16_t)n;
        if (!number_used(k, service, *number)) return E_OK;
    }
    return E_LIMIT;
}

static uint32_t ordinary_room(struct rt_kernel *k, struct call *c)
{
    struct object *o = service_find(k, c);
    if (!o || o->service->ending || !service_may_wait(o->service, c)) return E_CONTEXT;
    uint16_t number = (uint16_t)c->arg[1];
    if (c->arg[3] & ~(uint32_t)PORT_FLAGS || c->arg[2] > TRANSACTIONS_MAX) return E_PARAM;
    c->off = (uint32_t)(o - k->slot);
    uint32_t status = port_number(k, (uint16_t)c->off, &number);
    c->arg[1] = number;
    return status;
}

static uint32_t port_room(struct rt_kernel *k, struct call *c, uint32_t heap)
{
    c->off = 0;
    if (c->arg[0] && c->str_reach != RT_REACH_OK) return E_PARAM;
    if (c->arg[0] && (c->str_length == 0 || c->str_length > NAME_SERVICE_MAX)) return E_PARAM;
    uint32_t status = c->arg[0] ? ordinary_room(k, c) : E_OK;
    if (status != E_OK) return status;
    c->host = calloc(1, sizeof(struct port));
    if (!c->host || !request_new(c, SERVE_CREATE_PORT, 0)) return E_MEM;
    return heap ? heap_room(k, c, heap, 2) : object_room(k, c->p, 1, 0);
}

static void port_addresses(const struct rt_kernel *k, struct object *o)
{
    const struct service *s = k->slot[o->port->service].service;
    memcpy(o->port->local, s->local, ADDRESS_BYTES);
    o->port->local[0] = (uint8_t)s->address_size;
    put16(o->port->local + 2, o->units);
}

static struct object *port_make(struct rt_kernel *k, struct call *c)
{
    struct port *p = c->host;
    const struct service *s = service_of(k, (uint16_t)c->off);
    c->host = NULL;
    c->eax = exchange_make(k, c, TYPE_PORT, c->arg[3]);
    c->object->units = (uint16_t)c->arg[1];
    c->object->units_max = (uint16_t)c->arg[2];
    c->object->port_flags = (uint16_t)c->arg[3];
    c->object->port = p;
    p->service = (uint16_t)c->off;
    p->bound = !(c->arg[3] & PORT_UNBOUND);
    if (!s) return c->object;
    if (!c->arg[2]) c->object->units_max = s->transactions_default;
    if (c->object->units_max > TRANSACTIONS_MAX) c->object->units_max = TRANSACTIONS_MAX;
    port_addresses(k, c->object);
    return c->object;
}

/* The service has a say, if it wants one. */
static void port_announce(struct rt_kernel *k, struct call *c)
{
    uint16_t service = c->object->port->service;
    const struct service *s = service_of(k, service);
    if (!s || (s->initialized && !s->handler[SERVE_CREATE_PORT])) return;
    c->request->port = (uint16_t)(c->object - k->slot);
    c->request->result = c->eax;
    service_ask(k, c, &k->slot[service]);
}

uint32_t vrfy_CreateRtPort(struct rt_kernel *k, struct call *c)
{
    return port_room(k, c, 0);
}

void impl_CreateRtPort(struct rt_kernel *k, struct call *c)
{
    port_make(k, c);
    port_announce(k, c);
}

static void heap_attach(struct rt_kernel *k, struct object *port, struct object *heap)
{
    port->port_heap = (uint16_t)(heap - k->slot);
    heap->heap->ports++;
}

static void heap_detach(struct rt_kernel *k, struct object *port)
{
    struct object *heap = &k->slot[port->port_heap];
    if (port->port_heap && heap->heap) heap->heap->ports--;
    port->port_heap = 0;
}

uint32_t vrfy_CreateRtPortEx(struct rt_kernel *k, struct call *c)
{
    return port_room(k, c, c->arg[4]);
}

void impl_CreateRtPortEx(struct rt_kernel *k, struct call *c)
{
    uint32_t service = c->off;
    struct object *heap = c->arg[4] ? heap_make(k, c, c->arg[4]) : NULL;
    c->off = service;
    struct object *port = port_make(k, c);
    if (heap) heap_attach(k, port, heap);
    if (heap) c->request->to = object_handle(k, heap);
    port_announce(k, c);
}

/* --- DeleteRtPort(port): waiters go on with E_EXIST --- */

uint32_t vrfy_DeleteRtPort(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    bool asks = port_service(k, c->object, &s) == E_OK;
    if (asks && !service_may_wait(s, c)) return E_CONTEXT;
    return request_new(c, SERVE_DELETE_PORT, 0) ? E_OK : E_CONTEXT;
}

static void port_remove(struct rt_kernel *k, struct object *o)
{
    object_close(k, o);
    object_delete(k, o);
}

/* The heap that came with a port goes with it when nobody has got the port. */
static void heap_unmake(struct rt_kernel *k, const struct object *port, const struct request *r)
{
    struct object *heap = &k->slot[port->port_heap];
    bool made = r->serve == SERVE_CREATE_PORT && r->to && r->to == (uint32_t)port->port_heap << 3;
    if (!made || !heap->heap) return;
    object_close(k, heap);
    object_delete(k, heap);
}

void port_unmake(struct rt_kernel *k, const struct request *r)
{
    struct object *o = &k->slot[r->port];
    heap_unmake(k, o, r);
    port_remove(k, o);
}

void impl_DeleteRtPort(struct rt_kernel *k, struct call *c)
{
    struct object *o = c->object;
    const struct service *s = service_of(k, o->port->service);
    bool cancels =
        s && s->handler[SERVE_CANCEL_TRANSACTION] && transactions_used(s, (uint16_t)(o - k->slot));
    c->eax = 1;
    if (!s || !(s->handler[SERVE_DELETE_PORT] || cancels)) {
        port_remove(k, o);
        return;
    }
    o->port->deleting = true;
    c->request->port = (uint16_t)(o - k->slot);
    service_ask(k, c, &k->slot[o->port->service]);
}

/* Is t's request about this port, as sender, as receiver or to have it deleted? */
static bool asks_about(const struct rt_kernel *k, const struct thread *t, uint16_t port)
{
    const struct request *r = t->request;
    if (!r) return false;
    if (r->port == port) return true;
    const struct service *s = t->wait == WAIT_SERVICE ? service_of(k, t->wait_object) : NULL;
    return s && r->control && s->control[r->control - 1].at == port;
}

/* Transactions of the port end, those of others leave its queues. */
static void transactions_leave(struct rt_kernel *k, struct service *s, uint16_t port)
{
    for (unsigned i = 0; s && i < s->transactions; i++) {
        struct transaction *x = &s->transaction[i];
        if (x->state != TRANSACTION_FREE && x->port == port) transaction_end(k, s, i, E_EXIST);
        for (unsigned way = 0; way < 2; way++)
            if (x->queue[way] == port) x->queue[way] = 0;
    }
}

void port_close(struct rt_kernel *k, struct object *o)
{
    uint16_t port = (uint16_t)(o - k->slot);
    transactions_leave(k, service_of(k, o->port->service), port);
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        if (asks_about(k, t, port)) {
            heap_unmake(k, o, t->request);
            service_answer(k, t, E_EXIST);
        } else if ((t->wait == WAIT_PORT || t->wait == WAIT_REPLY) && t->wait_object == port) {
            sched_wake(k, t, E_EXIST, 0);
        }
    }
    messages_discard(k, port);
    for (uint32_t i = 0; i < k->slots; i++)
        if (k->slot[i].port && k->slot[i].port->sink == port) k->slot[i].port->sink = 0;
    heap_detach(k, o);
}

void port_free(struct object *o)
{
    free(o->port);
    o->port = NULL;
}

/* --- when the service has answered --- */

static void port_end(struct rt_kernel *k, struct thread *t, uint32_t status)
{
    struct object *o = &k->slot[t->request->port];
    heap_unmake(k, o, t->request);
    service_answer(k, t, status);
    port_remove(k, o);
}

/* One transaction after the other is cancelled, then the port goes. */
static bool delete_done(struct rt_kernel *k, struct service *s, struct thread *t, uint32_t status)
{
    struct request *r = t->request;
    struct port *p = k->slot[r->port].port;
    bool first = !r->transaction && r->serve == SERVE_DELETE_PORT;
    if (first && status != E_OK) {
        p->deleting = false;
        service_answer(k, t, status);
        return true;
    }
    unsigned i = 0;
    if (r->transaction && (i = transaction_find(s, r->port, r->id)) < s->transactions)
        transaction_end(k, s, i, E_EXIST);
    for (i = 0; i < s->transactions; i++)
        if (s->transaction[i].state != TRANSACTION_FREE && s->transaction[i].port == r->port) break;
    if (i == s->transactions || !s->handler[SERVE_CANCEL_TRANSACTION]) {
        port_end(k, t, E_OK);
        return true;
    }
    r->transaction = (uint16_t)(i + 1);
    r->id = s->transaction[i].id;
    return false;
}

static void cancel(struct rt_kernel *k, struct service *s, uint16_t port, uint16_t id)
{
    unsigned i = transaction_find(s, port, id), n = reply_find(s, port, id);
    if (i < s->transactions) transaction_end(k, s, i, E_TRANSMISSION);
    if (n < s->controls) message_discard(k, s, n);
}

static void verify_done(struct rt_kernel *k, struct thread *t, uint32_t status)
{
    const struct request *r = t->request;
    struct port *p = k->slot[r->port].port;
    if (status == E_OK && r->binds && p->bound) status = E_STATE; /* somebody was faster */
    if (status == E_OK) {
        memcpy(r->binds ? p->local : p->remote, r->address, ADDRESS_BYTES);
        p->bound |= r->binds;
        p->connected |= !r->binds;
    }
    service_answer(k, t, status);
}

bool port_done(struct rt_kernel *k, struct service *s, struct thread *t, uint32_t status)
{
    const struct request *r = t->request;
    switch (r->serve) {
    case SERVE_DELETE_PORT: return delete_done(k, s, t, status);
    case SERVE_VERIFY_ADDRESS: verify_done(k, t, status); return true;
    case SERVE_GET_FRAGMENT: break;
    case SERVE_CANCEL_TRANSACTION:
        if (status == E_OK) cancel(k, s, r->port, r->id);
        break;
    default:
        if (status == E_OK) break; /* CreatePort */
        port_end(k, t, status);
        return true;
    }
    service_answer(k, t, status);
    return true;
}

/* --- AttachRtHeap(heap, port), DetachRtHeap(port): the heap --- */

uint32_t vrfy_AttachRtHeap(struct rt_kernel *k, struct call *c)
{
    uint32_t status = heap_get(k, c, c->arg[0]);
    if (status == E_OK) status = port_get(k, c, c->arg[1]);
    if (status != E_OK) return status;
    return c->object->port_heap ? E_STATE : E_OK;
}

void impl_AttachRtHeap(struct rt_kernel *k, struct call *c)
{
    heap_attach(k, c->object, object_find(k, c->arg[0]));
    c->eax = 1;
}

uint32_t vrfy_DetachRtHeap(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    return c->object->port_heap ? E_OK : E_STATE;
}

void impl_DetachRtHeap(struct rt_kernel *k, struct call *c)
{
    c->eax = (uint32_t)c->object->port_heap << 3;
    heap_detach(k, c->object);
}

/* --- GetRtPortAttributes(port, info) ---
 *
 *   +0 number, +2 FF, +4 transactions, +6 size of control messages, +8 service, +10 sink port, +16 heap, +18 flags,
 *   +20 local address, +52 remote address, +84 name of the service
 *
 * A sink port has no service, and so no addresses, no control messages, and is forwarded to nobody: 0. */

uint32_t vrfy_GetRtPortAttributes(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    return call_writable(k, c->arg[1], PORT_INFO) == E_OK ? E_OK : E_NUC_BAD_BUF;
}

void impl_GetRtPortAttributes(struct rt_kernel *k, struct call *c)
{
    const struct object *o = c->object;
    const struct service *s = service_of(k, o->port->service);
    uint8_t info[PORT_INFO] = {0};
    put16(info, o->units);
    info[2] = 0xFF;
    put16(info + 4, o->units_max);
    put16(info + 6, s ? s->control_size : 0);
    put16(info + 8, (uint16_t)(o->port->service << 3));
    put16(info + 10, (uint16_t)(o->port->sink << 3));
    put16(info + 16, (uint16_t)(o->port_heap << 3));
    put16(info + 18, o->port_flags);
    memcpy(info + 20, o->port->local, ADDRESS_BYTES);
    memcpy(info + 52, o->port->remote, ADDRESS_BYTES);
    if (s) memcpy(info + 84, s->name, NAME_SERVICE_MAX);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

/* --- GetRtServiceAttributes(port, attributes), SetRtServiceAttributes(port, attributes) --- */

/* The kernel has no operations of its own. */
static uint32_t attributes_check(struct rt_kernel *k, struct call *c, enum serve serve)
{
    uint8_t head[ATTRIBUTES];
    struct service *s;
    uint32_t status = port_get(k, c, c->arg[0]), at = c->arg[1];
    if (status != E_OK) return status;
    if (k->port.user_read(k->port.ctx, at, head, sizeof head) != RT_REACH_OK) return E_NUC_BAD_BUF;
    if (get16(head) >= OF_KERNEL || get16(head + 2) > ATTRIBUTES_MAX) return E_PARAM;
    bool ordinary = port_service(k, c->object, &s) == E_OK;
    if (!ordinary || !s->handler[serve] || !service_may_wait(s, c)) return E_NOT_CONFIGURED;
    uint32_t rest = get16(head + 2);
    struct request *r = request_new(c, serve, ATTRIBUTES + rest);
    if (!r) return E_NUC_BAD_BUF;
    memcpy(r->bytes, head, ATTRIBUTES);
    bool read =
        k->port.user_read(k->port.ctx, at + ATTRIBUTES, r->bytes + ATTRIBUTES, rest) == RT_REACH_OK;
    bool written = serve == SERVE_SET_ATTRIBUTES || call_writable(k, at, r->length) == E_OK;
    return read && written && call_lasting(c) == E_OK ? E_OK : E_NUC_BAD_BUF;
}

static void attributes_ask(struct rt_kernel *k, struct call *c)
{
    c->request->port = (uint16_t)(c->object - k->slot);
    c->request->to = c->arg[1];
    service_ask(k, c, &k->slot[c->object->port->service]);
}

uint32_t vrfy_GetRtServiceAttributes(struct rt_kernel *k, struct call *c)
{
    return attributes_check(k, c, SERVE_GET_ATTRIBUTES);
}

void impl_GetRtServiceAttributes(struct rt_kernel *k, struct call *c)
{
    attributes_ask(k, c);
}

uint32_t vrfy_SetRtServiceAttributes(struct rt_kernel *k, struct call *c)
{
    return attributes_check(k, c, SERVE_SET_ATTRIBUTES);
}

void impl_SetRtServiceAttributes(struct rt_kernel *k, struct call *c)
{
    attributes_ask(k, c);
}

/* --- ConnectRtPort(port, address), BindRtPort(port, address) --- */

/* c->request: the address, for the service to verify. */
static uint32_t address_check(struct rt_kernel *k, struct call *c, const struct service *s)
{
    struct request *r = request_new(c, SERVE_VERIFY_ADDRESS, 0);
    if (!r) return E_CONTEXT;
    r->addressed = true;
    r->port = (uint16_t)(c->object - k->slot);
    if (k->port.user_read(k->port.ctx, c->arg[1], r->address, ADDRESS_BYTES) != RT_REACH_OK)
        return E_NUC_BAD_BUF;
    return r->address[0] > s->address_size ? E_INVALID_ADDRESS : E_OK;
}

static void address_take(struct rt_kernel *k, struct call *c)
{
    struct port *p = c->object->port;
    const struct service *s = service_of(k, p->service);
    c->eax = 1;
    if (s->handler[SERVE_VERIFY_ADDRESS]) {
        service_ask(k, c, &k->slot[p->service]);
        return;
    }
    memcpy(c->request->binds ? p->local : p->remote, c->request->address, ADDRESS_BYTES);
    p->bound |= c->request->binds;
    p->connected |= !c->request->binds;
}

uint32_t vrfy_ConnectRtPort(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status == E_OK) status = port_service(k, c->object, &s);
    if (status != E_OK) return status;
    if (!s->address_size || !service_may_wait(s, c)) return E_CONTEXT;
    if (!c->object->port->bound) return E_UNBOUND;
    return c->arg[1] ? address_check(k, c, s) : E_OK;
}

void impl_ConnectRtPort(struct rt_kernel *k, struct call *c)
{
    struct port *p = c->object->port;
    if (c->arg[1]) {
        address_take(k, c);
        return;
    }
    p->connected = false;
    memset(p->remote, 0, ADDRESS_BYTES);
    c->eax = 1;
}

uint32_t vrfy_BindRtPort(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status == E_OK) status = port_service(k, c->object, &s);
    if (status != E_OK) return status;
    if (!s->address_size || !service_may_wait(s, c)) return E_CONTEXT;
    return c->object->port->bound ? E_STATE : address_check(k, c, s);
}

void impl_BindRtPort(struct rt_kernel *k, struct call *c)
{
    c->request->binds = true;
    address_take(k, c);
}

/* --- AttachRtPort(port, sink), DetachRtPort(port): messages go to the sink port --- */

uint32_t vrfy_AttachRtPort(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    const struct object *o = c->object;
    if (status == E_OK) status = port_get(k, c, c->arg[1]);
    if (status != E_OK) return status;
    if (!o->port->service || c->object->port->service) return E_TYPE;
    return o->port->sink ? E_STATE : E_OK;
}

void impl_AttachRtPort(struct rt_kernel *k, struct call *c)
{
    object_find(k, c->arg[0])->port->sink = (uint16_t)(c->object - k->slot);
    c->eax = 1;
}

uint32_t vrfy_DetachRtPort(struct rt_kernel *k, struct call *c)
{
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    return c->object->port->sink ? E_OK : E_STATE;
}

void impl_DetachRtPort(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->object->port->sink = 0;
    c->eax = 1;
}

/* --- CancelRtTransaction(port, id) --- */

uint32_t vrfy_CancelRtTransaction(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    uint32_t status = port_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    if (port_service(k, c->object, &s) != E_OK || !service_may_wait(s, c)) return E_TRANS_ID;
    uint16_t port = (uint16_t)(c->object - k->slot), id = (uint16_t)c->arg[1];
    bool there =
        transaction_find(s, port, id) < s->transactions || reply_find(s, port, id) < s->controls;
    return there && request_new(c, SERVE_CANCEL_TRANSACTION, 0) ? E_OK : E_TRANS_ID;
}

void impl_CancelRtTransaction(struct rt_kernel *k, struct call *c)
{
    uint16_t port = (uint16_t)(c->object - k->slot);
    struct object *o = &k->slot[c->object->port->service];
    c->eax = 1;
    if (!o->service->handler[SERVE_CANCEL_TRANSACTION]) {
        cancel(k, o->service, port, (uint16_t)c->arg[1]);
        return;
    }
    c->request->port = port;
    c->request->id = (uint16_t)c->arg[1];
    service_ask(k, c, o);
}

const char *port_check(const struct rt_kernel *k, const struct object *o)
{
    const struct port *p = o->port;
    if (!p) return "a port has no record";
    if (p->service && !service_of(k, p->service)) return "a port's service is gone";
    if (p->sink && !k->slot[p->sink].port) return "a port is forwarded to none";
    if (p->sink && (!p->service || k->slot[p->sink].port->service))
        return "a port is forwarded to one that is no sink port";
    return NULL;
}
