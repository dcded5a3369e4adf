/* service.c: services: how they are installed and uninstalled, and the thread that calls their handlers.
 *
 * Its code, in the text pages:
 *
 *           sub esp, 32                         arguments of a handler
 *           mov ebx, esp
 *     next: mov esp, ebx                        whatever the handler has left
 *           push ebx
 *           lea ebp, [esp-8]                    where the gate finds arguments
 *           push code; call far the gate        clib_service(arguments): a handler, or 0 at the end
 *           mov esp, ebx
 *           test eax, eax; jz end
 *           call eax                            handler(arguments)
 *           jmp next
 *     end:  add esp, 32; ret
 */
#include "service.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "rsl.h"

#define SERVICE_CALL (41u << 16 | CLASS_CLIB)
#define ARGUMENTS    8u
#define DESC_HANDLE  116u
#define DESC_LOCAL   118u

void service_fill(uint8_t *pages)
{
    static const uint8_t head[] = {0x83, 0xEC, 32,   0x89, 0xE3, 0x89, 0xDC,
                                   0x53, 0x8D, 0x6C, 0x24, 0xF8, 0x68};
    static const uint8_t tail[] = {0x89, 0xDC, 0x85, 0xC0, 0x74, 4,  0xFF,
                                   0xD0, 0xEB, 0xE3, 0x83, 0xC4, 32, 0xC3};
    uint8_t *at = pages + SERVICE_OFF;
    memcpy(at, head, sizeof head);
    put32(at + 13, SERVICE_CALL);
    at[17] = 0x9A;
    put32(at + 18, 0);
    put16(at + 22, RT_CALL_GATE_SEL);
    memcpy(at + 24, tail, sizeof tail);
}

struct service *service_of(const struct rt_kernel *k, uint16_t index)
{
    const struct object *o = &k->slot[index];
    return o->use == USE_OBJECT && o->type == TYPE_SERVICE ? o->service : NULL;
}

struct object *service_served(const struct rt_kernel *k, const struct thread *t)
{
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct service *s = service_of(k, (uint16_t)i);
        if (s && s->thread == t->handle) return &k->slot[i];
    }
    return NULL;
}

bool service_may_wait(const struct service *s, const struct call *c)
{
    return s->thread != c->t->handle;
}

/* --- its memory --- */

static uint32_t round4(uint32_t n)
{
    return (n + 3) & ~3u;
}

uint32_t scratch_size(const struct service *s)
{
    uint32_t info = RECEIVE_HEAD + s->control_size, attributes = 4 + ATTRIBUTES_MAX;
    return SCRATCH_REST + round4(info > attributes ? info : attributes);
}

uint32_t control_bytes(const struct service *s)
{
    return round4(CONTROL_HEAD + s->control_size);
}

uint32_t scratch_at(const struct service *s, uint32_t off)
{
    return s->page * PAGE + off;
}

uint32_t transaction_at(const struct service *s, unsigned i)
{
    return s->page * PAGE + scratch_size(s) + i * TRANSACTION_SIZE;
}

uint32_t control_at(const struct service *s, unsigned i)
{
    return transaction_at(s, s->transactions) + i * control_bytes(s);
}

uint64_t memory_pages(const struct service *s)
{
    uint64_t bytes = scratch_size(s) + (uint64_t)s->transactions * TRANSACTION_SIZE +
                     (uint64_t)s->controls * control_bytes(s);
    return (bytes + PAGE - 1) / PAGE;
}

/* --- InstallRtServiceDescriptor(descriptor) ---
 *
 * SERVICEDESC:
 *   +0 name, +14 flags, +16 default of transactions, +18 bytes of an address, +20 of a control message, +22 transactions,
 *   +24 control buffers, +26 size of the port table, +28 null port, +30 first and +32 last valid port, +34 first and
 *   +36 last that is given out, +38 twelve handlers of six bytes, +110 stack, +116 service, +118 local address,
 *   +206 bytes that follow */

static void name_read(const uint8_t *from, char *name)
{
    unsigned n = 0;
    while (n < NAME_SERVICE_MAX && from[n] && from[n] != ' ')
        n++;
    memset(name, 0, NAME_SERVICE_MAX);
    memcpy(name, from, n);
}

static struct object *service_named(const struct rt_kernel *k, const char *name)
{
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct service *s = service_of(k, (uint16_t)i);
        if (s && !memcmp(s->name, name, NAME_SERVICE_MAX)) return &k->slot[i];
    }
    return NULL;
}

struct object *service_find(const struct rt_kernel *k, const struct call *c)
{
    char name[NAME_SERVICE_MAX] = {0};
    if (c->str_length > NAME_SERVICE_MAX) return NULL;
    memcpy(name, c->str, c->str_length);
    return service_named(k, name);
}

static void desc_read(const uint8_t *desc, struct service *s)
{
    name_read(desc, s->name);
    s->late = get16(desc + 14) & SERVICE_LATE_INIT;
    s->transactions_default = get16(desc + 16);
    s->address_size = get16(desc + 18);
    s->port_null = get16(desc + 28);
    s->port_first = get16(desc + 30);
    s->port_last = get16(desc + 32);
    s->given_first = get16(desc + 34);
    s->given_last = get16(desc + 36);
    for (unsigned i = 0; i < SERVES; i++)
        s->handler[i] = get32(desc + 38 + 6 * i);
    memcpy(s->local, desc + DESC_LOCAL, ADDRESS_BYTES);
}

static uint32_t desc_check(const struct rt_kernel *k, const struct process *p, const uint8_t *desc)
{
    uint16_t flags = get16(desc + 14);
    char name[NAME_SERVICE_MAX];
    if (get16(desc + 32) > get16(desc + 26)) return E_PARAM;
    if (flags & ~(SERVICE_TYPE_MASK | SERVICE_LATE_INIT)) return E_PARAM;
    if (get16(desc + 18) > ADDRESS_MAX) return E_PARAM;
    for (unsigned i = 0; i < SERVES; i++)
        if (get32(desc + 38 + 6 * i) >= p->size) return E_PARAM;
    name_read(desc, name);
    if (!name[0]) return E_PARAM;
    if (flags & SERVICE_TYPE_MASK) return E_NOT_CONFIGURED;
    return service_named(k, name) ? E_STATE : E_OK;
}

struct service *service_record(uint32_t transactions, uint32_t controls, uint16_t control_size)
{
    size_t of_transactions = transactions * sizeof(struct transaction);
    size_t of_controls = controls * sizeof(struct control);
    struct service *s =
        calloc(1, sizeof *s + of_transactions + of_controls + (size_t)controls * control_size);
    if (!s) return NULL;
    s->transactions = (uint16_t)transactions;
    s->controls = (uint16_t)controls;
    s->control_size = control_size;
    s->transaction = (struct transaction *)(void *)(s + 1);
    s->control = (struct control *)(void *)((uint8_t *)(s + 1) + of_transactions);
    s->message = (uint8_t *)s->control + of_controls;
    return s;
}

/* Both areas, one behind the other: whichever hole is found first for which, both have room. */
static uint32_t install_room(struct rt_kernel *k, struct call *c, const struct service *s,
                             uint32_t stack)
{
    uint64_t pages = memory_pages(s);
    if (pages + stack > c->p->size / PAGE) return E_VMEM;
    uint32_t all = (uint32_t)pages + stack + 2;
    c->pages = (uint32_t)pages;
    c->off = stack;
    c->page = area_find(c->p, all);
    uint32_t tables = c->page == NO_PAGE ? 0 : vseg_new_tables(c->p, c->page, all);
    tables += stack / 1024 + 2; /* the stack may find another hole */
    uint32_t status = object_room(k, c->p, 3, c->pages + stack + tables + 2);
    if (status != E_OK) return status;
    if (c->page == NO_PAGE) return E_VMEM;
    if (!frame_low_free(k, 4) || !vseg_reserve(c->p, c->page, all)) return E_MEM;
    return thread_room(k, c->p, stack, &c->fresh);
}

uint32_t vrfy_InstallRtServiceDescriptor(struct rt_kernel *k, struct call *c)
{
    uint8_t desc[SERVICE_DESC];
    if (k->port.user_read(k->port.ctx, c->arg[0], desc, sizeof desc) != RT_REACH_OK ||
        call_writable(k, c->arg[0], SERVICE_DESC) != E_OK || call_lasting(c) != E_OK)
        return E_NUC_BAD_BUF;
    uint32_t status = desc_check(k, c->p, desc);
    if (status != E_OK) return status;
    struct service *s = service_record(get16(desc + 22), get16(desc + 24), get16(desc + 20));
    c->host = s;
    if (!s || !request_new(c, SERVE_INITIALIZE, 0)) return E_MEM;
    desc_read(desc, s);
    uint32_t bytes = get32(desc + 110);
    uint32_t stack = bytes / PAGE + (bytes % PAGE != 0);
    return install_room(k, c, s, stack ? stack : SERVICE_STACK);
}

static void install_thread(struct rt_kernel *k, struct call *c, struct service *s)
{
    uint32_t libraries = rsl_thread_function(c->p, RSL_THREAD_ATTACH);
    const struct thread_start start = {.entry = c->p->text_off + SERVICE_OFF,
                                       .first = {c->p->callback[0], libraries},
                                       .stack_pages = c->off,
                                       .priority = c->t->priority};
    thread_make(k, c->p, c->fresh, &start);
    s->thread = c->fresh->handle;
    sched_ready(k, c->fresh);
}

void impl_InstallRtServiceDescriptor(struct rt_kernel *k, struct call *c)
{
    struct service *s = c->host;
    uint8_t handle[2];
    c->host = NULL;
    s->process = c->p;
    s->descriptor = c->arg[0];
    s->page = c->page;
    s->pages = c->pages;
    vseg_fill(k, c->p, s->page, s->pages, PTE_W);
    area_add(c->p, s->page, s->pages, AREA_SYSTEM);
    exchange_make(k, c, TYPE_REGION, FLAG_PRIORITY);
    s->region = (uint16_t)(c->object - k->slot);
    put16(handle, exchange_make(k, c, TYPE_SERVICE, FLAG_PRIORITY));
    c->object->service = s;
    call_put(k, s->descriptor + DESC_HANDLE, handle, sizeof handle);
    install_thread(k, c, s);
    c->eax = 1;
    s->initialized = !s->handler[SERVE_INITIALIZE];
    c->request->result = 1;
    if (!s->initialized && !s->late) service_ask(k, c, c->object);
}

/* --- UninstallRtServiceDescriptor(name) --- */

uint32_t vrfy_UninstallRtServiceDescriptor(struct rt_kernel *k, struct call *c)
{
    if (c->str_reach != RT_REACH_OK) return E_NUC_BAD_BUF;
    c->object = service_find(k, c);
    if (!c->object || !service_may_wait(c->object->service, c)) return E_CONTEXT;
    if (c->object->service->ending) return E_EXIST;
    return request_new(c, SERVE_FINISH, 0) ? E_OK : E_MEM;
}

static void ports_close(struct rt_kernel *k, uint16_t service)
{
    for (uint32_t i = 0; i < k->slots; i++) {
        struct object *o = &k->slot[i];
        if (o->use != USE_OBJECT || !o->port || o->port->service != service) continue;
        object_close(k, o);
        object_delete(k, o);
    }
}

static void service_remove(struct rt_kernel *k, struct object *o)
{
    object_close(k, o);
    object_delete(k, o);
}

void impl_UninstallRtServiceDescriptor(struct rt_kernel *k, struct call *c)
{
    struct service *s = c->object->service;
    s->ending = true;
    ports_close(k, (uint16_t)(c->object - k->slot));
    c->eax = 1;
    c->request->result = 1;
    if (s->busy || s->handler[SERVE_FINISH])
        service_ask(k, c, c->object);
    else
        service_remove(k, c->object);
}

/* --- its end --- */

/* Its thread finds out by itself: what it calls answers with no handler any more. */
void service_close(struct rt_kernel *k, struct object *o)
{
    struct service *s = o->service;
    struct thread *t;
    s->ending = true;
    ports_close(k, (uint16_t)(o - k->slot));
    while ((t = exchange_head(k, o, WAIT_SERVICE)))
        service_answer(k, t, E_EXIST);
    struct object *worker = s->thread ? object_find(k, s->thread) : NULL;
    s->thread = 0;
    if (s->process->alive && worker && worker->thread->wait == WAIT_SERVE)
        sched_wake(k, worker->thread, E_OK, 0);
    transaction_left(k, s);
    area_remove(s->process, area_at(s->process, s->page));
    vseg_unmap(k, s->process, s->page, s->pages);
    object_close(k, &k->slot[s->region]);
    object_delete(k, &k->slot[s->region]);
}

void service_free(struct object *o)
{
    free(o->service);
    o->service = NULL;
}

void service_thread_gone(struct rt_kernel *k, const struct thread *t)
{
    struct object *o = service_served(k, t);
    if (!o) return;
    o->service->thread = 0;
    service_remove(k, o);
}

/* --- requests --- */

void service_answer(struct rt_kernel *k, struct thread *t, uint32_t status)
{
    struct request *r = t->request;
    struct service *s = service_of(k, t->wait_object);
    uint32_t eax = r->result;
    if (s) window_leave(k, s, t, r);
    if (s && s->caller == t->handle) s->caller = 0;
    t->request = NULL;
    free(r);
    sched_wake(k, t, status, eax);
}

/* What it had begun is taken back, as far as nobody else knows of it. */
static void request_undo(struct rt_kernel *k, struct thread *t, struct service *s,
                         const struct request *r)
{
    struct object *port = r->port ? &k->slot[r->port] : NULL;
    if (r->serve == SERVE_SEND_MESSAGE && s && r->transaction) {
        s->transaction[r->transaction - 1].thread = 0;
        transaction_end(k, s, r->transaction - 1u, E_EXIST);
    }
    if (r->serve == SERVE_DELETE_PORT && port && port->port) port->port->deleting = false;
    if (r->serve == SERVE_CREATE_PORT && port && port->port && t->process->alive) port_unmake(k, r);
    if (r->serve == SERVE_UPDATE_RECEIVE_INFO && s) {
        s->control[r->control - 1].state = CONTROL_QUEUED;
        port_serve(k, &k->slot[s->control[r->control - 1].at]);
    }
    if (r->serve == SERVE_FINISH && s && s->caller != t->handle) s->ending = false;
}

void service_forget(struct rt_kernel *k, struct thread *t)
{
    struct request *r = t->request;
    if (!r) return;
    uint16_t at = t->wait == WAIT_SENDING ? k->slot[t->wait_object].port->service : t->wait_object;
    struct service *s = service_of(k, at);
    t->request = NULL;
    request_undo(k, t, s, r);
    if (s) window_leave(k, s, t, r);
    if (s && s->caller == t->handle) s->caller = 0;
    free(r);
}

/* --- attributes: in and out again --- */

static void attributes_done(struct rt_kernel *k, const struct service *s, struct thread *t,
                            uint32_t status)
{
    struct request *r = t->request;
    if (status == E_OK && r->serve == SERVE_GET_ATTRIBUTES) {
        bool read = k->port.user_read(k->port.ctx, scratch_at(s, SCRATCH_REST), r->bytes,
                                      r->length) == RT_REACH_OK;
        if (!read || !thread_put(k, t, r->to, r->bytes, r->length)) status = E_NUC_BAD_BUF;
    }
    service_answer(k, t, status);
}

/* --- the thread that calls handlers --- */

/* A handler has answered (or there is none, which is E_OK) for t, or for nobody any more. False: the service is gone. */
static bool service_done(struct rt_kernel *k, struct object *o, struct thread *t, enum serve serve,
                         uint32_t status)
{
    struct service *s = o->service;
    bool late = t && t->request->serve == SERVE_CREATE_PORT;
    if (serve == SERVE_INITIALIZE) s->initialized |= status == E_OK;
    if (serve == SERVE_INITIALIZE && late) {
        if (status != E_OK) port_done(k, s, t, status);
        return true;
    }
    bool ends = serve == SERVE_FINISH || (serve == SERVE_INITIALIZE && status != E_OK && !s->late);
    if (ends || serve == SERVE_INITIALIZE) {
        if (t) service_answer(k, t, status);
        if (ends) service_remove(k, o);
        return !ends;
    }
    if (!t) return true;
    switch (serve) {
    case SERVE_GET_ATTRIBUTES:
    case SERVE_SET_ATTRIBUTES: attributes_done(k, s, t, status); break;
    case SERVE_SEND_MESSAGE: send_done(k, s, t, status); break;
    case SERVE_UPDATE_RECEIVE_INFO: receive_done(k, s, t, status); break;
    default: port_done(k, s, t, status); break;
    }
    return true;
}

/* The next handler to call and its arguments; 0: none. *gone: the service is no more. */
static uint32_t service_next(struct rt_kernel *k, struct object *o, uint32_t *arg, bool *gone)
{
    struct thread *t;
    *gone = false;
    while (!*gone && (t = exchange_head(k, o, WAIT_SERVICE))) {
        struct service *s = o->service;
        enum serve serve = request_serve(s, t->request);
        bool again = serve == SERVE_INITIALIZE && s->initialized; /* a port has asked before */
        if (s->handler[serve] && !again) {
            struct object *worker = object_find(k, s->thread);
            s->busy = true;
            s->serving = (uint8_t)serve;
            s->caller = t->handle;
            s->working = serve == SERVE_SEND_MESSAGE ? t->request->transaction : 0;
            thread_priority(k, worker->thread, t->priority);
            arguments_fill(k, s, t->request, serve, arg);
            return s->handler[serve];
        }
        *gone = !service_done(k, o, t, serve, E_OK);
    }
    return 0;
}

static void arguments_put(const uint32_t *arg, uint8_t *raw)
{
    for (unsigned i = 0; i < ARGUMENTS; i++)
        put32(raw + 4 * i, arg[i]);
}

void service_kick(struct rt_kernel *k, struct object *o)
{
    struct service *s = o->service;
    struct object *worker = s->thread ? object_find(k, s->thread) : NULL;
    uint32_t arg[ARGUMENTS] = {0};
    uint8_t raw[4 * ARGUMENTS];
    bool gone;
    if (!worker || worker->thread->wait != WAIT_SERVE) return;
    uint32_t room = s->room, entry = service_next(k, o, arg, &gone);
    if (!entry) return;
    arguments_put(arg, raw);
    thread_put(k, worker->thread, room, raw, sizeof raw);
    sched_wake(k, worker->thread, E_OK, entry);
}

void service_hurry(struct rt_kernel *k, const struct service *s, const struct thread *t)
{
    struct object *worker = s->thread ? object_find(k, s->thread) : NULL;
    if (worker && t->priority < worker->thread->priority)
        thread_priority(k, worker->thread, t->priority);
}

void service_turn(struct rt_kernel *k, struct thread *t, struct object *o, struct request *r)
{
    t->wait = WAIT_SERVICE;
    t->due = NEVER;
    t->wait_object = (uint16_t)(o - k->slot);
    t->request = r;
    service_hurry(k, o->service, t);
    service_kick(k, o);
}

void service_ask(struct rt_kernel *k, struct call *c, struct object *o)
{
    struct request *r = c->request;
    c->request = NULL;
    sched_wait(k, c, WAIT_SERVICE, NEVER);
    service_turn(k, c->t, o, r);
}

/* --- clib_service(arguments): the thread asks what to do --- */

uint32_t vrfy_clib_service(struct rt_kernel *k, struct call *c)
{
    c->object = service_served(k, c->t);
    if (!c->object) return E_CONTEXT;
    uint32_t status = call_writable(k, c->arg[0], 4 * ARGUMENTS);
    return status == E_OK ? call_lasting(c) : status;
}

void impl_clib_service(struct rt_kernel *k, struct call *c)
{
    struct object *o = c->object;
    struct service *s = o->service;
    uint32_t arg[ARGUMENTS] = {0};
    uint8_t raw[4 * ARGUMENTS], excep[2];
    bool gone = false;
    if (s->busy) {
        struct object *caller = s->caller ? object_find(k, s->caller) : NULL;
        uint32_t at = scratch_at(s, SCRATCH_EXCEP);
        bool read = k->port.user_read(k->port.ctx, at, excep, sizeof excep) == RT_REACH_OK;
        s->busy = false;
        s->caller = 0;
        transaction_left(k, s);
        gone = !service_done(k, o, caller ? caller->thread : NULL, (enum serve)s->serving,
                             read ? get16(excep) : E_NUC_BAD_BUF);
    }
    if (!gone) c->eax = service_next(k, o, arg, &gone);
    if (gone || c->eax) {
        arguments_put(arg, raw);
        call_put(k, c->arg[0], raw, sizeof raw);
        return;
    }
    s->room = c->arg[0];
    sched_wait(k, c, WAIT_SERVE, NEVER);
}

const char *service_check(const struct rt_kernel *k, const struct object *o)
{
    const struct service *s = o->service;
    if (!s) return "a service has no record";
    if (s->caller && !s->busy) return "a service works for somebody and does nothing";
    const struct object *region = &k->slot[s->region], *worker = object_find(k, s->thread);
    if (region->type != TYPE_REGION || region->owner != s->process)
        return "the region of a service is gone";
    if (!worker || worker->type != TYPE_THREAD) return "a service has no thread";
    if (worker->thread->wait == WAIT_SERVE && (s->busy || exchange_head(k, o, WAIT_SERVICE)))
        return "the thread of a service waits, and so does work";
    for (unsigned i = 0; i < s->transactions; i++) {
        const struct transaction *x = &s->transaction[i];
        if (x->state == TRANSACTION_FREE) continue;
        if (x->state == TRANSACTION_LEFT) {
            if (!s->busy || s->working != i + 1) return "a transaction is left to nobody";
            continue;
        }
        const struct object *port = &k->slot[x->port];
        if (!port->port || &k->slot[port->port->service] != o)
            return "a transaction is at no port of its service";
        if (x->control && s->control[x->control - 1].state != CONTROL_SENDING)
            return "a transaction sends what is not sent";
    }
    return NULL;
}
