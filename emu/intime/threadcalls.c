/* threadcalls.c: calls about threads, sleep and the end of processes. */
#include "kernel.h"

enum { THIS_THREAD = 0, THIS_PROCESS = 1, PARAMETER_OBJECT = 2, ROOT_PROCESS = 3 };
#define SUSPEND_MAX 254u

/* --- GetRtThreadHandles(selection) --- */

uint32_t vrfy_GetRtThreadHandles(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->arg[0] <= ROOT_PROCESS ? E_OK : E_PARAM;
}

void impl_GetRtThreadHandles(struct rt_kernel *k, struct call *c)
{
    const uint32_t handles[] = {[THIS_THREAD] = c->t->handle,
                                [THIS_PROCESS] = c->p->handle,
                                [PARAMETER_OBJECT] = NULL_RTHANDLE,
                                [ROOT_PROCESS] = k->root->handle};
    c->eax = handles[c->arg[0]];
}

/* --- RtSleep(ms): high-level ticks; less than one is no wait --- */

uint32_t vrfy_RtSleep(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->arg[0] <= MS_MAX ? E_OK : E_PARAM;
}

void impl_RtSleep(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    uint32_t ticks = c->arg[0] / (HIGH_TICK_US / 1000);
    if (ticks) sched_wait(k, c, WAIT_SLEEP, sched_tick_due(k, HIGH_TICK_US, ticks));
}

/* --- RtSleepEx(ms): low-level ticks --- */

uint32_t vrfy_RtSleepEx(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->arg[0] != WAIT_FOREVER ? E_OK : E_PARAM;
}

void impl_RtSleepEx(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    uint32_t tick = k->config.low_tick_us;
    uint64_t ticks = ((uint64_t)c->arg[0] * 1000 + tick - 1) / tick;
    if (ticks) sched_wait(k, c, WAIT_SLEEP, sched_tick_due(k, tick, ticks));
}

/* --- knRtSleep(low-level ticks): 0 yields, -1 never ends --- */

uint32_t vrfy_knRtSleep(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_knRtSleep(struct rt_kernel *k, struct call *c)
{
    uint32_t ticks = c->arg[0];
    if (ticks == 0) {
        if (!c->t->locks) sched_yield_current(k);
        return;
    }
    uint64_t due = sched_tick_due(k, k->config.low_tick_us, ticks);
    sched_wait(k, c, WAIT_SLEEP, ticks == WAIT_FOREVER ? NEVER : due);
}

/* --- knStopRtScheduler(), knStartRtScheduler(): locks of the calling thread; while it has one, nobody takes
 * the processor from it, but a wait gives it away --- */

uint32_t vrfy_knStopRtScheduler(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_knStopRtScheduler(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->t->locks++;
}

uint32_t vrfy_knStartRtScheduler(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_knStartRtScheduler(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (c->t->locks) c->t->locks--;
}

/* --- SuspendRtThread(thread), ResumeRtThread(thread) --- */

uint32_t thread_get(struct rt_kernel *k, struct call *c)
{
    c->object = object_find(k, c->t->handle);
    if (c->arg[0] == NULL_RTHANDLE) return E_OK;
    return object_get(k, c->arg[0], TYPE_THREAD, E_EXIST, &c->object);
}

uint32_t vrfy_SuspendRtThread(struct rt_kernel *k, struct call *c)
{
    uint32_t status = thread_get(k, c);
    if (status != E_OK) return status;
    if (c->object->thread->interrupt) return E_CONTEXT;
    return c->object->thread->depth < SUSPEND_MAX ? E_OK : E_LIMIT;
}

void impl_SuspendRtThread(struct rt_kernel *k, struct call *c)
{
    struct thread *t = c->object->thread;
    t->depth++;
    c->eax = 1;
    if (t == c->t)
        sched_wait(k, c, WAIT_SELF, NEVER);
    else if (!region_protects(k, t))
        sched_remove(k, t);
}

uint32_t vrfy_ResumeRtThread(struct rt_kernel *k, struct call *c)
{
    uint32_t status = thread_get(k, c);
    if (status != E_OK) return status;
    if (c->object->thread->interrupt) return E_CONTEXT;
    return c->object->thread->depth ? E_OK : E_STATE;
}

void impl_ResumeRtThread(struct rt_kernel *k, struct call *c)
{
    struct thread *t = c->object->thread;
    c->eax = 1;
    if (--t->depth) return;
    t->faulted = false;
    if (t->wait == WAIT_SELF)
        sched_wake(k, t, E_OK, 1);
    else
        sched_ready(k, t);
}

/* --- the end of a process --- */

uint32_t vrfy_clib_exit(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_clib_exit(struct rt_kernel *k, struct call *c)
{
    c->ended = true;
    call_leave(k, c->row, c->t, 0, E_OK, false);
    process_end(k, c->p, RT_END_EXIT, c->arg[0], NULL);
}

uint32_t vrfy_clib_thread_return(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_clib_thread_return(struct rt_kernel *k, struct call *c)
{
    if (!c->t->main) {
        thread_leave(k, c);
        return;
    }
    c->ended = true;
    call_leave(k, c->row, c->t, 0, E_OK, false);
    process_end(k, c->p, RT_END_EXIT, c->result_in, NULL);
}
