/* exit.c: who waits for the end of a process, and the end that another one brings. */
#include <string.h>

#include "bits.h"
#include "request.h"

#define LOAD_PATH "." /* what a guest learns of the folder that it was loaded from */

static uint16_t slot_of(const struct rt_kernel *k, const struct object *o)
{
    return (uint16_t)(o - k->slot);
}

struct object *exit_make(struct rt_kernel *k, struct call *c, struct process *p)
{
    struct object *o = object_new(k, c->p, TYPE_EXIT, SUBTYPE_NONE, true);
    o->process = p;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_DATA, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
    return o;
}

/* The longest waiting of those that wait for p, or through the wait handle in slot `through`. */
static struct thread *exit_waiter(const struct rt_kernel *k, const struct process *p,
                                  uint16_t through)
{
    struct thread *best = NULL;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        if (t->wait != WAIT_PROCESS) continue;
        if (through ? t->wait_object != through : t->wait_process != p) continue;
        if (!best || t->since < best->since) best = t;
    }
    return best;
}

void exit_close(struct rt_kernel *k, struct object *o)
{
    struct thread *t;
    while ((t = exit_waiter(k, NULL, slot_of(k, o))))
        sched_wake(k, t, E_EXIST, 0);
}

/* The code goes into the waiter's memory, which may have gone in the meantime. */
static void exit_wake(struct rt_kernel *k, struct thread *t, const struct process *p, uint32_t code)
{
    uint8_t bytes[4];
    put32(bytes, code);
    bool lost = t->wait_to && !thread_put(k, t, t->wait_to, bytes, sizeof bytes);
    uint32_t result = t->wait_row->result == RESULT_HANDLE ? p->handle : 1;
    sched_wake(k, t, lost ? E_BAD_ADDR : E_OK, result);
}

void exit_tell(struct rt_kernel *k, struct process *p, uint32_t code)
{
    struct thread *t;
    for (t = thread_first(k); t; t = thread_after(k, t)) {
        if (t->wait != WAIT_INIT || t->wait_process != p) continue;
        if (t->wait_object) object_delete(k, &k->slot[t->wait_object]);
        sched_wake(k, t, E_EXIST, 0);
    }
    for (t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_TERMINATE && t->wait_process == p) sched_wake(k, t, E_OK, 1);
    for (uint32_t i = 0; i < k->slots; i++) {
        struct object *o = &k->slot[i];
        if (o->use != USE_OBJECT || o->type != TYPE_EXIT || o->process != p) continue;
        o->process = NULL;
        o->ended = p->handle;
        o->exit_code = code;
    }
    while ((t = exit_waiter(k, p, 0))) {
        uint16_t handle = t->wait_object;
        exit_wake(k, t, p, code);
        if (handle && !exit_waiter(k, NULL, handle)) object_delete(k, &k->slot[handle]);
    }
}

/* --- WaitForRtProcess(process, ms, code), ...Ex(process or wait handle, ms, code) --- */

static uint32_t wait_check(struct rt_kernel *k, const struct call *c)
{
    if (c->arg[2]) {
        uint32_t status = call_writable(k, c->arg[2], 4);
        if (status == E_OK) status = call_lasting(c);
        if (status != E_OK) return status;
    }
    return c->arg[1] < HIGH_TICK_US / 1000 ? E_TIME : E_OK;
}

static uint32_t wait_process(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_PROCESS, E_EXIST, &c->object);
    if (status != E_OK) return status;
    c->target = c->object->process;
    if (c->target->system) return E_CONTEXT; /* it was not loaded */
    return wait_check(k, c);
}

static void wait_begin(struct rt_kernel *k, struct call *c, uint16_t through)
{
    c->t->wait_process = c->target;
    c->t->wait_object = through;
    c->t->wait_to = c->arg[2];
    uint32_t ms = c->arg[1];
    sched_wait(k, c, WAIT_PROCESS, exchange_due(k, ms));
}

uint32_t vrfy_WaitForRtProcess(struct rt_kernel *k, struct call *c)
{
    return exchange_ms(c->arg[1]) ? wait_process(k, c) : E_PARAM;
}

void impl_WaitForRtProcess(struct rt_kernel *k, struct call *c)
{
    wait_begin(k, c, 0);
}

uint32_t vrfy_WaitForRtProcessEx(struct rt_kernel *k, struct call *c)
{
    if (!exchange_ms(c->arg[1])) return E_PARAM;
    c->object = object_find(k, c->arg[0]);
    if (!c->object || c->object->type != TYPE_EXIT) return wait_process(k, c);
    c->target = c->object->process;
    uint32_t status = wait_check(k, c);
    return status == E_TIME && !c->target ? E_OK : status;
}

void impl_WaitForRtProcessEx(struct rt_kernel *k, struct call *c)
{
    struct object *o = c->object;
    if (c->target) {
        wait_begin(k, c, o->type == TYPE_EXIT ? slot_of(k, o) : 0);
        return;
    }
    uint8_t code[4];
    put32(code, o->exit_code);
    if (c->arg[2]) call_put(k, c->arg[2], code, sizeof code);
    c->eax = o->ended;
    object_delete(k, o);
}

/* --- StartRtProcess(process): a wait handle --- */

uint32_t vrfy_StartRtProcess(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_PROCESS, E_EXIST, &c->object);
    if (status != E_OK) return status;
    c->target = c->object->process;
    return c->target->suspended ? E_OK : E_STATE;
}

void impl_StartRtProcess(struct rt_kernel *k, struct call *c)
{
    c->target->suspended = false;
    for (struct thread *t = c->target->threads; t; t = t->next)
        if (t->wait == WAIT_START) {
            t->wait = WAIT_NONE;
            sched_ready(k, t);
        }
    if (object_room(k, c->p, 1, 0) == E_OK)
        c->eax = object_handle(k, exit_make(k, c, c->target));
    else
        c->status = E_CONTEXT; /* started all the same, as documented */
}

/* --- DeleteRtProcess(process, 0), ExitRtProcess() --- */

uint32_t vrfy_DeleteRtProcess(struct rt_kernel *k, struct call *c)
{
    if (c->arg[1] != 0) return E_PARAM;
    uint32_t status = process_get(k, c, c->arg[0], E_EXIST);
    if (status != E_OK) return status;
    return c->target->system || process_in_region(c->target) ? E_CONTEXT : E_OK;
}

void impl_DeleteRtProcess(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    if (c->target == c->p) {
        c->ended = true;
        call_leave(k, c->row, c->t, 1, E_OK, false);
    }
    process_end(k, c->target, RT_END_DELETED, 0, NULL);
}

uint32_t vrfy_ExitRtProcess(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return process_in_region(c->p) ? E_CONTEXT : E_OK;
}

void impl_ExitRtProcess(struct rt_kernel *k, struct call *c)
{
    c->ended = true;
    call_leave(k, c->row, c->t, 0, E_OK, false);
    process_end(k, c->p, RT_END_EXIT, 0, NULL);
}

/* --- GetRtLoadPath(buffer, size) --- */

uint32_t vrfy_GetRtLoadPath(struct rt_kernel *k, struct call *c)
{
    return c->arg[1] < sizeof LOAD_PATH ? E_LIMIT : call_writable(k, c->arg[0], sizeof LOAD_PATH);
}

void impl_GetRtLoadPath(struct rt_kernel *k, struct call *c)
{
    call_put(k, c->arg[0], LOAD_PATH, sizeof LOAD_PATH);
    c->eax = 1;
}
