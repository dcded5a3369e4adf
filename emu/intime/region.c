/* region.c: regions: one thread at a time has control.
 *
 *   thread.held --> region taken last --> region taken before --> ... 0      (held_next)
 *
 * The holder of a region with a queue by priority runs with the priority of the best waiter, until it
 * has left its LAST region. A thread that holds or waits for a region, or is inside of the C library
 * (cliblock.c), is not suspended or deleted by others before it has left: both take effect then.
 */
#include "service.h"

bool region_protects(struct rt_kernel *k, struct thread *t)
{
    if (t->faulted) return false; /* it will never leave by itself */
    return t->held != 0 || t->wait == WAIT_REGION || library_protects(k, t);
}

/* The best waiter's priority goes to the holder, and on along the chain of holders that wait: each step makes
 * one thread better, so the chain ends. */
void region_inherit(struct rt_kernel *k, struct object *o)
{
    const struct thread *head = exchange_head(k, o, WAIT_REGION);
    struct thread *h = o->thread;
    if (!o->by_priority || !head || !h || head->priority >= h->priority) return;
    sched_priority(k, h, head->priority);
    exchange_changed(k, h);
}

void region_relax(struct rt_kernel *k, struct thread *t)
{
    if (t->held || t->kn_held) return;
    t->hurried = false;
    sched_priority(k, t, t->base);
}

static void region_take(struct rt_kernel *k, struct object *o, struct thread *t)
{
    o->thread = t;
    o->held_next = t->held;
    t->held = (uint16_t)(o - k->slot);
}

static void region_unlink(struct rt_kernel *k, struct object *o)
{
    uint16_t *at = &o->thread->held;
    while (&k->slot[*at] != o)
        at = &k->slot[*at].held_next;
    *at = o->held_next;
    o->thread = NULL;
    o->held_next = 0;
}

void region_left(struct rt_kernel *k, struct thread *t)
{
    if (!t->process->alive) return;
    region_relax(k, t);
    if (region_protects(k, t)) return;
    if (t->doomed)
        thread_delete(k, t);
    else if (t->depth)
        sched_remove(k, t);
}

void region_leave(struct rt_kernel *k, struct call *c)
{
    struct thread *t = c->t;
    if (t->doomed && !region_protects(k, t)) {
        c->ended = true;
        call_leave(k, c->row, t, c->eax, E_OK, false);
    }
    region_left(k, t);
}

void region_close(struct rt_kernel *k, struct object *o)
{
    struct thread *t, *holder = o->thread;
    if (holder) region_unlink(k, o);
    while ((t = exchange_head(k, o, WAIT_REGION))) {
        sched_wake(k, t, E_EXIST, 0);
        region_left(k, t);
    }
    while ((t = exchange_head(k, o, WAIT_REGION_END)))
        sched_wake(k, t, E_EXIST, 0);
    if (holder && holder == k->current && holder->doomed)
        region_relax(k, holder);
    else if (holder)
        region_left(k, holder);
}

/* Control goes to the next thread, or the region dies when somebody waits for that. */
static void region_pass(struct rt_kernel *k, struct object *o)
{
    region_unlink(k, o);
    struct thread *end = exchange_head(k, o, WAIT_REGION_END);
    struct thread *t = exchange_head(k, o, WAIT_REGION);
    if (end) {
        sched_wake(k, end, E_OK, 1);
        region_close(k, o);
        object_delete(k, o);
    } else if (t) {
        region_take(k, o, t);
        sched_wake(k, t, E_OK, 1);
        region_inherit(k, o);
    }
}

void region_exit(struct rt_kernel *k, struct call *c, struct object *o)
{
    region_pass(k, o);
    region_leave(k, c);
}

void region_drop_all(struct rt_kernel *k, struct thread *t)
{
    while (t->held)
        region_pass(k, &k->slot[t->held]);
}

/* --- CreateRtRegion(flags) --- */

uint32_t vrfy_CreateRtRegion(struct rt_kernel *k, struct call *c)
{
    return object_room(k, c->p, 1, 0);
}

void impl_CreateRtRegion(struct rt_kernel *k, struct call *c)
{
    c->eax = exchange_make(k, c, TYPE_REGION, c->arg[0]);
}

/* --- DeleteRtRegion(region): waits until the holder has left --- */

static uint32_t region_get(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_REGION, E_EXIST, &c->object);
    if (status != E_OK) return status;
    return c->object->thread == c->t ? E_CONTEXT : E_OK;
}

uint32_t vrfy_DeleteRtRegion(struct rt_kernel *k, struct call *c)
{
    uint32_t status = region_get(k, c);
    return status == E_OK && service_region(k, c->object) ? E_CONTEXT : status;
}

void impl_DeleteRtRegion(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    if (c->object->thread) {
        exchange_wait(k, c, WAIT_REGION_END, WAIT_FOREVER);
        return;
    }
    region_close(k, c->object);
    object_delete(k, c->object);
}

/* --- WaitForRtControl(region), AcceptRtControl(region) --- */

uint32_t vrfy_WaitForRtControl(struct rt_kernel *k, struct call *c)
{
    return region_get(k, c);
}

void impl_WaitForRtControl(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    if (!c->object->thread) {
        region_take(k, c->object, c->t);
        return;
    }
    exchange_wait(k, c, WAIT_REGION, WAIT_FOREVER);
    region_inherit(k, c->object);
}

uint32_t vrfy_AcceptRtControl(struct rt_kernel *k, struct call *c)
{
    uint32_t status = region_get(k, c);
    return status == E_OK && c->object->thread ? E_BUSY : status;
}

void impl_AcceptRtControl(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    region_take(k, c->object, c->t);
}

/* --- ReleaseRtControl(): the region taken last --- */

uint32_t vrfy_ReleaseRtControl(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->t->held ? E_OK : E_CONTEXT;
}

void impl_ReleaseRtControl(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    region_exit(k, c, &k->slot[c->t->held]);
}
