/* servicecalls.c: calls for the code of a service: its buffers, its transactions and their queues, what it delivers.
 *
 * Pointers to transactions and control buffers are only names here: of places in the service's records. A control buffer
 * that is delivered is read, once. */
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "heap.h"
#include "service.h"

enum { INPUT, OUTPUT };

/* --- which service --- */

/* The caller's service with that descriptor: c->object. */
static uint32_t descriptor_get(struct rt_kernel *k, struct call *c)
{
    char name[NAME_SERVICE_MAX];
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct service *s = service_of(k, (uint16_t)i);
        if (!s || s->process != c->p || s->descriptor != c->arg[0]) continue;
        c->object = &k->slot[i];
        if (s->ending) return E_CONTEXT;
        bool read = k->port.user_read(k->port.ctx, c->arg[0], name, sizeof name) == RT_REACH_OK;
        return read && !strncmp(name, s->name, strnlen(s->name, NAME_SERVICE_MAX)) ? E_OK : E_TYPE;
    }
    return E_EXIST;
}

/* A port of the caller's service: c->object. */
static uint32_t own_port(struct rt_kernel *k, struct call *c, uint32_t handle, struct service **s)
{
    uint32_t status = object_get(k, handle, TYPE_PORT, E_EXIST, &c->object);
    if (status != E_OK) return status;
    *s = service_of(k, c->object->port->service);
    if (!*s || (*s)->process != c->p) return E_TYPE;
    return c->object->port->deleting ? E_CONTEXT : E_OK;
}

/* A service or port of the caller: c->object. */
static uint32_t own_object(struct rt_kernel *k, struct call *c, struct service **s)
{
    c->object = object_find(k, c->arg[0]);
    if (!c->object || c->object->reference) return E_EXIST;
    if (c->object->type == TYPE_PORT) return own_port(k, c, c->arg[0], s);
    if (c->object->type != TYPE_SERVICE || c->object->service->process != c->p) return E_TYPE;
    *s = c->object->service;
    return (*s)->ending ? E_CONTEXT : E_OK;
}

static bool transaction_named(const struct service *s, uint32_t at, unsigned *i)
{
    uint32_t first = transaction_at(s, 0);
    if (at < first || (at - first) % TRANSACTION_SIZE) return false;
    *i = (at - first) / TRANSACTION_SIZE;
    return *i < s->transactions && s->transaction[*i].state != TRANSACTION_FREE &&
           s->transaction[*i].state != TRANSACTION_LEFT;
}

/* One that the service has in its hands. */
static bool control_named(const struct service *s, uint32_t at, unsigned *i)
{
    uint32_t first = control_at(s, 0), size = control_bytes(s);
    if (at < first || (at - first) % size) return false;
    *i = (at - first) / size;
    return *i < s->controls && s->control[*i].state == CONTROL_TAKEN;
}

/* The transaction of any of the caller's services. */
static struct service *transaction_service(const struct rt_kernel *k, const struct call *c,
                                           uint32_t at, unsigned *i)
{
    for (uint32_t n = 0; n < k->slots; n++) {
        struct service *s = service_of(k, (uint16_t)n);
        if (s && s->process == c->p && transaction_named(s, at, i)) return s;
    }
    return NULL;
}

/* --- RequestControlBuffer(descriptor), ReleaseControlBuffer(descriptor, buffer) --- */

uint32_t vrfy_RequestControlBuffer(struct rt_kernel *k, struct call *c)
{
    uint32_t status = descriptor_get(k, c);
    if (status != E_OK) return status;
    const struct service *s = c->object->service;
    return control_free(s) < s->controls ? E_OK : E_RESOURCE_LIMIT;
}

void impl_RequestControlBuffer(struct rt_kernel *k, struct call *c)
{
    struct service *s = c->object->service;
    static const uint8_t empty[CONTROL_HEAD];
    unsigned i = control_free(s);
    s->control[i].state = CONTROL_TAKEN;
    c->eax = control_at(s, i);
    vseg_poke(k, s->process, c->eax, empty, sizeof empty);
}

uint32_t vrfy_ReleaseControlBuffer(struct rt_kernel *k, struct call *c)
{
    unsigned i;
    uint32_t status = descriptor_get(k, c);
    if (status != E_OK) return status;
    return control_named(c->object->service, c->arg[1], &i) ? E_OK : E_NUC_BAD_BUF;
}

void impl_ReleaseControlBuffer(struct rt_kernel *k, struct call *c)
{
    unsigned i = 0;
    control_named(c->object->service, c->arg[1], &i);
    control_drop(k, c->object->service, i);
    c->eax = 1;
}

/* --- RequestTransaction(port, id), ReleaseTransaction(port, transaction), GetTransaction(port, id, remote) --- */

uint32_t vrfy_RequestTransaction(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    uint32_t status = own_port(k, c, c->arg[0], &s);
    if (status != E_OK) return status;
    if (call_writable(k, c->arg[1], 2) != E_OK) return E_NUC_BAD_BUF;
    uint16_t port = (uint16_t)(c->object - k->slot);
    bool full = transactions_used(s, port) >= c->object->units_max;
    return full || transaction_free(s) == s->transactions ? E_TRANS_LIMIT : E_OK;
}

void impl_RequestTransaction(struct rt_kernel *k, struct call *c)
{
    struct service *s = service_of(k, c->object->port->service);
    unsigned i = transaction_free(s);
    uint16_t port = (uint16_t)(c->object - k->slot);
    uint8_t id[2];
    s->transaction[i] = (struct transaction){
        .state = TRANSACTION_SENDING, .port = port, .id = transaction_id(s, c->object->port, port)};
    put16(id, s->transaction[i].id);
    transaction_write(k, s, i);
    call_put(k, c->arg[1], id, sizeof id);
    c->eax = transaction_at(s, i);
}

uint32_t vrfy_ReleaseTransaction(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    unsigned i;
    uint32_t status = own_port(k, c, c->arg[0], &s);
    if (status != E_OK) return status;
    bool named = transaction_named(s, c->arg[1], &i) &&
                 s->transaction[i].port == (uint16_t)(c->object - k->slot);
    return named ? E_OK : E_NUC_BAD_BUF;
}

void impl_ReleaseTransaction(struct rt_kernel *k, struct call *c)
{
    struct service *s = service_of(k, c->object->port->service);
    unsigned i = 0;
    transaction_named(s, c->arg[1], &i);
    transaction_give(k, s, i, E_TRANSMISSION);
    c->eax = 1;
}

uint32_t vrfy_GetTransaction(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    uint8_t remote[ADDRESS_BYTES];
    uint32_t status = own_port(k, c, c->arg[0], &s);
    if (status != E_OK) return status;
    unsigned i = transaction_find(s, (uint16_t)(c->object - k->slot), (uint16_t)c->arg[1]);
    c->off = i < s->transactions ? transaction_at(s, i) : 0;
    if (!c->arg[2]) return E_OK;
    if (k->port.user_read(k->port.ctx, c->arg[2], remote, sizeof remote) != RT_REACH_OK)
        return E_NUC_BAD_BUF;
    /* Number and address count; the byte that nobody uses does not. */
    const uint8_t *x = i < s->transactions ? s->transaction[i].remote : remote;
    if (memcmp(x + 2, remote + 2, 2u + s->address_size)) c->off = 0;
    return E_OK;
}

void impl_GetTransaction(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->off;
}

/* --- DeliverMessage(port, buffer), DeliverTransaction(buffer, transaction) --- */

struct delivery {
    unsigned control, transaction;
    uint16_t heap;
    uint32_t data, size;
    uint8_t raw[]; /* the control buffer */
};

static struct delivery *delivery_read(struct rt_kernel *k, struct call *c, const struct service *s,
                                      uint32_t at)
{
    uint32_t n = CONTROL_HEAD + s->control_size;
    struct delivery *d = calloc(1, sizeof *d + n);
    c->host = d;
    bool read = d && control_named(s, at, &d->control) &&
                k->port.user_read(k->port.ctx, at, d->raw, n) == RT_REACH_OK;
    return read ? d : NULL;
}

/* Data come from the heap of the port: who receives them finds them there. Those of a request may stay away, but for their
 * size: then they are fetched in fragments. */
static uint32_t delivery_data(const struct rt_kernel *k, const struct call *c, struct delivery *d)
{
    uint32_t at = get32(d->raw + 10);
    d->size = at || get16(d->raw + 8) ? get32(d->raw + 16) : 0;
    if (!at || !d->size) return E_OK;
    d->heap = c->object->port_heap;
    const struct object *heap = &k->slot[d->heap];
    bool holds = d->heap && heap->heap && heap_holds(heap, c->p, at, d->size, &d->data);
    return holds ? E_OK : E_NO_LOCAL_BUFFER;
}

static void deliver(struct rt_kernel *k, struct service *s, const struct delivery *d, uint16_t port,
                    uint16_t kind, uint16_t id, bool reply)
{
    struct control *c = &s->control[d->control];
    *c = (struct control){.reply = reply,
                          .port = port,
                          .kind = kind,
                          .status = get16(d->raw + 22),
                          .id = id,
                          .heap = d->heap,
                          .heap_life = k->slot[d->heap].generation,
                          .data = d->data,
                          .size = d->size};
    memcpy(c->remote, d->raw + 24, ADDRESS_BYTES);
    memcpy(s->message + (size_t)d->control * s->control_size, d->raw + CONTROL_HEAD,
           s->control_size);
    message_queue(k, s, d->control);
}

uint32_t vrfy_DeliverMessage(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    uint32_t status = own_port(k, c, c->arg[0], &s);
    if (status != E_OK) return status;
    struct delivery *d = delivery_read(k, c, s, c->arg[1]);
    return d ? delivery_data(k, c, d) : E_NUC_BAD_BUF;
}

void impl_DeliverMessage(struct rt_kernel *k, struct call *c)
{
    const struct delivery *d = c->host;
    uint16_t id = get16(d->raw + 8);
    c->eax = 1;
    deliver(k, service_of(k, c->object->port->service), d, (uint16_t)(c->object - k->slot),
            id ? MESSAGE_REQUEST : MESSAGE_NORMAL, id, false);
}

uint32_t vrfy_DeliverTransaction(struct rt_kernel *k, struct call *c)
{
    unsigned i;
    struct service *s = transaction_service(k, c, c->arg[1], &i), *of;
    struct delivery *d = s ? delivery_read(k, c, s, c->arg[0]) : NULL;
    if (!d) return E_NUC_BAD_BUF;
    const struct transaction *x = &s->transaction[i];
    uint32_t status = own_port(k, c, get16(d->raw + 6), &of);
    if (status != E_OK) return status;
    if (c->object - k->slot != x->port) return E_TYPE;
    d->transaction = i;
    if (!x->reply_size) return delivery_data(k, c, d);
    uint32_t size = get32(d->raw + 16);
    d->data = x->reply;
    d->size = size < x->reply_size ? size : x->reply_size;
    return E_OK;
}

void impl_DeliverTransaction(struct rt_kernel *k, struct call *c)
{
    const struct delivery *d = c->host;
    struct service *s = service_of(k, c->object->port->service);
    const struct transaction x = s->transaction[d->transaction];
    struct object *sender = x.thread ? object_find(k, x.thread) : NULL;
    c->eax = 1;
    s->transaction[d->transaction].thread = 0;
    if (sender) service_answer(k, sender->thread, E_OK); /* the response tells that it was sent */
    deliver(k, s, d, x.port, MESSAGE_RESPONSE, x.id, !(x.flags & SEND_RECEIVE));
    transaction_give(k, s, d->transaction, E_OK);
}

/* --- DeliverStatus(transaction, status) --- */

uint32_t vrfy_DeliverStatus(struct rt_kernel *k, struct call *c)
{
    unsigned i;
    const struct service *s = transaction_service(k, c, c->arg[0], &i);
    if (!s) return E_NUC_BAD_BUF;
    return k->slot[s->transaction[i].port].port->deleting ? E_CONTEXT : E_OK;
}

void impl_DeliverStatus(struct rt_kernel *k, struct call *c)
{
    unsigned i = 0;
    struct service *s = transaction_service(k, c, c->arg[0], &i);
    c->eax = 1;
    transaction_sent(k, s, i, c->arg[1]);
}

/* --- LookupPortHandle(descriptor, number) --- */

uint32_t vrfy_LookupPortHandle(struct rt_kernel *k, struct call *c)
{
    uint32_t status = descriptor_get(k, c);
    if (status != E_OK) return status;
    uint16_t service = (uint16_t)(c->object - k->slot);
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct object *o = &k->slot[i];
        if (!o->port || o->port->service != service || o->units != c->arg[1]) continue;
        c->off = i << 3;
        return E_OK;
    }
    return E_EXIST;
}

void impl_LookupPortHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->off;
}

/* --- EnterServiceRegion(descriptor), ExitServiceRegion(descriptor) --- */

bool service_region(const struct rt_kernel *k, const struct object *region)
{
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct service *s = service_of(k, (uint16_t)i);
        if (s && &k->slot[s->region] == region) return true;
    }
    return false;
}

static uint32_t region_of(struct rt_kernel *k, struct call *c)
{
    uint32_t status = descriptor_get(k, c);
    if (status == E_OK) c->object = &k->slot[c->object->service->region];
    return status;
}

uint32_t vrfy_EnterServiceRegion(struct rt_kernel *k, struct call *c)
{
    uint32_t status = region_of(k, c);
    return status == E_OK && c->object->thread == c->t ? E_CONTEXT : status;
}

void impl_EnterServiceRegion(struct rt_kernel *k, struct call *c)
{
    impl_WaitForRtControl(k, c);
}

uint32_t vrfy_ExitServiceRegion(struct rt_kernel *k, struct call *c)
{
    uint32_t status = region_of(k, c);
    return status == E_OK && c->object->thread != c->t ? E_CONTEXT : status;
}

void impl_ExitServiceRegion(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    region_exit(k, c, c->object);
}

/* --- SetPortParameter(object, value), GetPortParameter(object) --- */

static uint32_t *parameter_of(struct object *o)
{
    return o->port ? &o->port->parameter : &o->service->parameter;
}

uint32_t vrfy_SetPortParameter(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    return own_object(k, c, &s);
}

void impl_SetPortParameter(struct rt_kernel *k, struct call *c)
{
    (void)k;
    *parameter_of(c->object) = c->arg[1];
    c->eax = 1;
}

uint32_t vrfy_GetPortParameter(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    return own_object(k, c, &s);
}

void impl_GetPortParameter(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = *parameter_of(c->object);
}

/* --- queues of transactions: of a service, of a port; one for input, one for output --- */

/* The first in the queue of c->object; `transactions` when it is empty. */
static unsigned queue_first(const struct rt_kernel *k, const struct call *c, unsigned way,
                            const struct service *s)
{
    uint16_t at = (uint16_t)(c->object - k->slot);
    unsigned best = s->transactions;
    for (unsigned i = 0; i < s->transactions; i++) {
        const struct transaction *x = &s->transaction[i];
        if (x->state == TRANSACTION_FREE || x->queue[way] != at) continue;
        if (best == s->transactions || x->order[way] < s->transaction[best].order[way]) best = i;
    }
    return best;
}

static uint32_t enqueue_check(struct rt_kernel *k, struct call *c, unsigned way)
{
    struct service *s;
    unsigned i;
    uint32_t status = own_object(k, c, &s);
    if (status != E_OK) return status;
    if (!transaction_named(s, c->arg[1], &i) || call_writable(k, c->arg[2], 1) != E_OK)
        return E_NUC_BAD_BUF;
    return s->transaction[i].queue[way] ? E_STATE : E_OK;
}

static struct service *queue_service(const struct rt_kernel *k, const struct object *o)
{
    return o->port ? service_of(k, o->port->service) : o->service;
}

static void enqueue(struct rt_kernel *k, struct call *c, unsigned way)
{
    struct service *s = queue_service(k, c->object);
    unsigned i = 0;
    transaction_named(s, c->arg[1], &i);
    uint8_t empty = queue_first(k, c, way, s) == s->transactions;
    s->transaction[i].queue[way] = (uint16_t)(c->object - k->slot);
    s->transaction[i].order[way] = k->order++;
    call_put(k, c->arg[2], &empty, 1);
    c->eax = 1;
}

/* NULL: the queue is empty. */
static void queue_look(struct rt_kernel *k, struct call *c, unsigned way, bool take)
{
    struct service *s = queue_service(k, c->object);
    unsigned i = queue_first(k, c, way, s);
    c->eax = i < s->transactions ? transaction_at(s, i) : 0;
    if (take && c->eax) s->transaction[i].queue[way] = 0;
}

uint32_t vrfy_EnqueueInputTransaction(struct rt_kernel *k, struct call *c)
{
    return enqueue_check(k, c, INPUT);
}

void impl_EnqueueInputTransaction(struct rt_kernel *k, struct call *c)
{
    enqueue(k, c, INPUT);
}

uint32_t vrfy_EnqueueOutputTransaction(struct rt_kernel *k, struct call *c)
{
    return enqueue_check(k, c, OUTPUT);
}

void impl_EnqueueOutputTransaction(struct rt_kernel *k, struct call *c)
{
    enqueue(k, c, OUTPUT);
}

uint32_t vrfy_DequeueInputTransaction(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    return own_object(k, c, &s);
}

void impl_DequeueInputTransaction(struct rt_kernel *k, struct call *c)
{
    queue_look(k, c, INPUT, true);
}

uint32_t vrfy_DequeueOutputTransaction(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    return own_object(k, c, &s);
}

void impl_DequeueOutputTransaction(struct rt_kernel *k, struct call *c)
{
    queue_look(k, c, OUTPUT, true);
}

uint32_t vrfy_QueryInputTransactionQueue(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    return own_object(k, c, &s);
}

void impl_QueryInputTransactionQueue(struct rt_kernel *k, struct call *c)
{
    queue_look(k, c, INPUT, false);
}

uint32_t vrfy_QueryOutputTransactionQueue(struct rt_kernel *k, struct call *c)
{
    struct service *s;
    return own_object(k, c, &s);
}

void impl_QueryOutputTransactionQueue(struct rt_kernel *k, struct call *c)
{
    queue_look(k, c, OUTPUT, false);
}
