/* semaphore.c: semaphores: units up to a maximum, and a queue of threads that ask for some.
 *
 * The queue is served from its head only: who asks for few units does not overtake who asks for
 * many. Who waits stands in the threads (wait_object), in order of arrival or of priority.
 */
#include "kn.h"
#include "queue.h"
#include "service.h"

bool exchange_before(bool by_priority, const struct thread *a, const struct thread *b)
{
    if (b && by_priority && a->priority != b->priority) return a->priority < b->priority;
    return !b || a->since < b->since;
}

/* The head of an object's queue. */
struct thread *exchange_head(const struct rt_kernel *k, const struct object *o, enum wait_kind kind)
{
    struct thread *best = NULL;
    uint16_t index = (uint16_t)(o - k->slot);
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == kind && t->wait_object == index && exchange_before(o->by_priority, t, best))
            best = t;
    return best;
}

uint64_t exchange_due(const struct rt_kernel *k, uint32_t ms)
{
    return ms == WAIT_FOREVER ? NEVER : sched_tick_due(k, HIGH_TICK_US, ms / 10);
}

void exchange_wait(struct rt_kernel *k, struct call *c, enum wait_kind kind, uint32_t ms)
{
    c->t->wait_object = (uint16_t)(c->object - k->slot);
    sched_wait(k, c, kind, exchange_due(k, ms));
}

bool exchange_ms(uint32_t ms)
{
    return ms == WAIT_FOREVER || ms <= MS_MAX;
}

uint32_t exchange_make(struct rt_kernel *k, struct call *c, enum object_type type, uint32_t flags)
{
    struct object *o = object_new(k, c->p, type, SUBTYPE_NONE, true);
    o->by_priority = flags & FLAG_PRIORITY;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_DATA, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
    c->object = o;
    return object_handle(k, o);
}

void semaphore_serve(struct rt_kernel *k, struct object *o)
{
    struct thread *t;
    while ((t = exchange_head(k, o, WAIT_SEMAPHORE)) && t->wait_units <= o->units) {
        o->units = (uint16_t)(o->units - t->wait_units);
        sched_wake(k, t, E_OK, o->units);
    }
}

void exchange_unwait(struct rt_kernel *k, struct thread *t)
{
    if (t->wait == WAIT_SENT) queue_unsend(k, t);
    if (t->wait == WAIT_SPONSOR) dependency_drop(k, t);
    service_forget(k, t);
    if (t->wait != WAIT_SEMAPHORE) return;
    t->wait = WAIT_NONE;
    semaphore_serve(k, &k->slot[t->wait_object]);
}

void exchange_changed(struct rt_kernel *k, struct thread *t)
{
    if (t->wait == WAIT_SEMAPHORE) semaphore_serve(k, &k->slot[t->wait_object]);
    if (t->wait == WAIT_REGION) region_inherit(k, &k->slot[t->wait_object]);
    if (t->wait == WAIT_SERVICE) service_hurry(k, k->slot[t->wait_object].service, t);
    if (t->wait == WAIT_KNSEM) kn_region_inherit(k, t->wait_at);
}

/* --- CreateRtSemaphore(units, maximum, flags) --- */

uint32_t vrfy_CreateRtSemaphore(struct rt_kernel *k, struct call *c)
{
    if (c->arg[1] == 0 || c->arg[0] > c->arg[1]) return E_PARAM;
    return object_room(k, c->p, 1, 0);
}

void impl_CreateRtSemaphore(struct rt_kernel *k, struct call *c)
{
    c->eax = exchange_make(k, c, TYPE_SEMAPHORE, c->arg[2]);
    c->object->units = (uint16_t)c->arg[0];
    c->object->units_max = (uint16_t)c->arg[1];
}

/* --- DeleteRtSemaphore(semaphore): waiters go on with E_EXIST --- */

static uint32_t semaphore_get(struct rt_kernel *k, struct call *c)
{
    return object_get(k, c->arg[0], TYPE_SEMAPHORE, E_INVALID_ADDRESS, &c->object);
}

uint32_t vrfy_DeleteRtSemaphore(struct rt_kernel *k, struct call *c)
{
    return semaphore_get(k, c);
}

void semaphore_close(struct rt_kernel *k, struct object *o)
{
    struct thread *t;
    while ((t = exchange_head(k, o, WAIT_SEMAPHORE)))
        sched_wake(k, t, E_EXIST, 0);
}

void impl_DeleteRtSemaphore(struct rt_kernel *k, struct call *c)
{
    object_close(k, c->object);
    object_delete(k, c->object);
    c->eax = 1;
}

/* --- ReleaseRtSemaphore(semaphore, units) --- */

uint32_t vrfy_ReleaseRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint32_t status = semaphore_get(k, c);
    if (status != E_OK) return status;
    return c->arg[1] <= (uint32_t)(c->object->units_max - c->object->units) ? E_OK : E_LIMIT;
}

void impl_ReleaseRtSemaphore(struct rt_kernel *k, struct call *c)
{
    c->object->units = (uint16_t)(c->object->units + c->arg[1]);
    semaphore_serve(k, c->object);
    c->eax = 1;
}

/* --- WaitForRtSemaphore(semaphore, units, ms): units left --- */

/* Enough units, and nobody stands before the caller. */
static bool semaphore_now(const struct rt_kernel *k, const struct call *c)
{
    const struct object *o = c->object;
    const struct thread *head = exchange_head(k, o, WAIT_SEMAPHORE);
    if (c->arg[1] == 0) return true;
    if (c->arg[1] > o->units) return false;
    return !head || (o->by_priority && c->t->priority < head->priority);
}

uint32_t vrfy_WaitForRtSemaphore(struct rt_kernel *k, struct call *c)
{
    if (!exchange_ms(c->arg[2])) return E_PARAM;
    uint32_t status = semaphore_get(k, c);
    if (status != E_OK) return status;
    if (c->arg[1] > c->object->units_max) return E_LIMIT;
    return semaphore_now(k, c) || c->arg[2] >= HIGH_TICK_US / 1000 ? E_OK : E_TIME;
}

void impl_WaitForRtSemaphore(struct rt_kernel *k, struct call *c)
{
    struct object *o = c->object;
    if (semaphore_now(k, c)) {
        o->units = (uint16_t)(o->units - c->arg[1]);
        c->eax = o->units;
        return;
    }
    c->t->wait_units = (uint16_t)c->arg[1];
    exchange_wait(k, c, WAIT_SEMAPHORE, c->arg[2]);
}
