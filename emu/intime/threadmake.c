/* threadmake.c: calls that make and end threads, set their priorities, and report on them. */
#include <string.h>

#include "bits.h"
#include "rsl.h"

#define INFO_SIZE       34u
#define STATE_SIZE      102u
#define CPUFRAME_SIZE   84u
#define STACK_INFO_SIZE 12u

/* ThreadState, besides those of waits.def. */
enum {
    STATE_RUNNING = 0x00,
    STATE_DELETED = 0x07,   /* being deleted */
    STATE_SUSPENDED = 0x10, /* alone, or added to what it waits for */
    STATE_FAULTED = 0x20
};

/* --- CreateRtThread(priority, entry, stack bytes, parameter) --- */

uint32_t vrfy_CreateRtThread(struct rt_kernel *k, struct call *c)
{
    uint32_t priority = c->arg[0], stack = c->arg[2];
    if (stack == 0 || priority > PRIORITY_WORST) return E_PARAM;
    if (c->arg[1] >= c->p->size) return E_BAD_ADDR;
    if (priority && priority < c->p->max_priority) return E_LIMIT;
    c->pages = stack / PAGE + (stack % PAGE != 0);
    uint32_t status = thread_room(k, c->p, c->pages, &c->fresh);
    return status == E_VMEM ? E_MEM : status; /* the page knows one code for both */
}

void impl_CreateRtThread(struct rt_kernel *k, struct call *c)
{
    uint32_t libraries = rsl_thread_function(c->p, RSL_THREAD_ATTACH);
    const struct thread_start start = {.entry = c->arg[1],
                                       .parameter = c->arg[3],
                                       .first = {c->p->callback[0], libraries},
                                       .stack_pages = c->pages,
                                       .priority =
                                           c->arg[0] ? (uint8_t)c->arg[0] : c->p->max_priority};
    struct thread *t = c->fresh;
    thread_make(k, c->p, t, &start);
    sched_ready(k, t);
    c->eax = t->handle;
}

/* --- DeleteRtThread(thread) --- */

uint32_t vrfy_DeleteRtThread(struct rt_kernel *k, struct call *c)
{
    uint32_t status = thread_get(k, c);
    if (status != E_OK) return status;
    if (c->object->thread->interrupt) return E_CONTEXT;
    return c->object->thread == c->t && c->t->held ? E_CONTEXT : E_OK;
}

void thread_end(struct rt_kernel *k, struct call *c, struct thread *t)
{
    if (t == c->t)
        thread_leave(k, c);
    else if (region_protects(k, t))
        t->doomed = true;
    else
        thread_delete(k, t);
}

void impl_DeleteRtThread(struct rt_kernel *k, struct call *c)
{
    c->eax = 1;
    thread_end(k, c, c->object->thread);
}

/* --- GetRtThreadPriority(thread), SetRtThreadPriority(thread, priority) --- */

uint32_t vrfy_GetRtThreadPriority(struct rt_kernel *k, struct call *c)
{
    return thread_get(k, c);
}

void impl_GetRtThreadPriority(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->object->thread->base;
}

uint32_t vrfy_SetRtThreadPriority(struct rt_kernel *k, struct call *c)
{
    uint32_t status = thread_get(k, c), priority = c->arg[1];
    if (priority > PRIORITY_WORST) return E_PARAM;
    if (status != E_OK) return status;
    if (c->object->thread->interrupt) return E_CONTEXT;
    return priority && priority < c->object->owner->max_priority ? E_LIMIT : E_OK;
}

void thread_priority(struct rt_kernel *k, struct thread *t, uint8_t priority)
{
    t->base = priority;
    /* what is inherited stays until the last region is left */
    if ((!t->held && !t->kn_held) || t->base < t->priority) sched_priority(k, t, t->base);
    exchange_changed(k, t);
}

void impl_SetRtThreadPriority(struct rt_kernel *k, struct call *c)
{
    struct thread *t = c->object->thread;
    thread_priority(k, t, c->arg[1] ? (uint8_t)c->arg[1] : t->process->max_priority);
    c->eax = 1;
}

/* --- SetRtProcessMaxPriority(process, priority): only ever better --- */

uint32_t vrfy_SetRtProcessMaxPriority(struct rt_kernel *k, struct call *c)
{
    uint32_t status = process_get(k, c, c->arg[0], E_EXIST);
    if (status != E_OK) return status == E_TYPE ? E_CONTEXT : status;
    return c->arg[1] > c->target->max_priority ? E_LIMIT : E_OK;
}

void impl_SetRtProcessMaxPriority(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->target->max_priority = (uint8_t)c->arg[1];
    c->eax = 1;
}

/* --- GetRtThreadInfo(thread, info), GetRtThreadState(thread, state) --- */

uint8_t thread_state(const struct rt_kernel *k, const struct thread *t)
{
    static const uint8_t states[] = {
#define RT_WAIT(kind, state, late, at) [WAIT_##kind] = state,
#include "waits.def"
#undef RT_WAIT
    };
    uint8_t suspended = t->depth ? STATE_SUSPENDED : 0;
    if (t == k->current && t->wait == WAIT_NONE) return STATE_RUNNING;
    if (t->faulted) return STATE_FAULTED;
    if (t->doomed) return STATE_DELETED | suspended;
    if (t->wait == WAIT_SELF || t->wait == WAIT_START) return states[t->wait];
    if (t->wait != WAIT_NONE) return states[t->wait] | suspended;
    /* what protects it puts the suspension off */
    return suspended && !t->held && !t->inside ? STATE_SUSPENDED : states[WAIT_NONE];
}

uint16_t thread_next(const struct rt_kernel *k, const struct thread *t)
{
    const struct thread *next = thread_after(k, t);
    return next ? next->handle : NULL_RTHANDLE;
}

/* +0 state, +1 depth, +2 delay, +4 exchange, +6 low-level delay, +10 low-level object */
static void thread_waits(const struct rt_kernel *k, const struct thread *t, uint8_t *to)
{
    enum { NOWHERE, OBJECT, AREA };
    static const uint8_t places[] = {
#define RT_WAIT(kind, state, late, at) [WAIT_##kind] = at,
#include "waits.def"
#undef RT_WAIT
    };
    memset(to, 0, 14);
    to[0] = thread_state(k, t);
    to[1] = t->depth;
    if (places[t->wait] == OBJECT) put16(to + 4, (uint16_t)(t->wait_object << 3));
    if (places[t->wait] == AREA) put32(to + 10, (uint32_t)t->wait_at);
}

static uint32_t report_check(struct rt_kernel *k, struct call *c, uint32_t size)
{
    uint32_t status = thread_get(k, c);
    return status == E_OK ? call_writable(k, c->arg[1], size) : status;
}

uint32_t vrfy_GetRtThreadInfo(struct rt_kernel *k, struct call *c)
{
    return report_check(k, c, INFO_SIZE);
}

void impl_GetRtThreadInfo(struct rt_kernel *k, struct call *c)
{
    const struct thread *t = c->object->thread;
    uint8_t info[INFO_SIZE] = {0};
    put16(info, t->process->handle);
    put16(info + 2, thread_next(k, t));
    handler_put(t->process, &t->handler, 0, info + 4);
    info[12] = t->base;
    info[13] = t->priority;
    if (t->interrupt) {
        info[15] = 1;
        info[16] = (uint8_t)t->interrupt->count;
        info[17] = (uint8_t)t->interrupt->max;
        put16(info + 18, t->interrupt->level);
    }
    thread_waits(k, t, info + 20);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

/* The registers of ring 3: in the TSS, or, when the thread left the processor inside a call or an interrupt
 * handler, its return address and stack in the frame at the top of its kernel stack. */
static void thread_frame(const struct rt_kernel *k, const struct thread *t, uint8_t *frame)
{
    static const uint8_t from[][2] = {{0x5C, 8},  {0x58, 12}, {0x48, 16}, {0x54, 20}, {0x60, 24},
                                      {0x44, 28}, {0x40, 32}, {0x3C, 36}, {0x34, 44}, {0x30, 48},
                                      {0x2C, 52}, {0x28, 56}, {0x20, 64}, {0x4C, 68}, {0x24, 72},
                                      {0x38, 76}, {0x50, 80}};
    uint8_t tss[104], inner[20];
    put16(frame, t->handle);
    if (t == k->current || !phys_get(k, t->tss, tss, sizeof tss)) return;
    for (unsigned i = 0; i < sizeof from / sizeof from[0]; i++)
        memcpy(frame + from[i][1], tss + from[i][0], 4);
    if (get32(tss + 0x4C) & 3) return;
    phys_get(k, t->tss + PAGE - (uint32_t)sizeof inner, inner, sizeof inner);
    memcpy(frame + 64, inner, 8);      /* EIP, CS */
    memcpy(frame + 76, inner + 12, 8); /* ESP, SS */
}

uint32_t vrfy_GetRtThreadState(struct rt_kernel *k, struct call *c)
{
    return report_check(k, c, STATE_SIZE);
}

void impl_GetRtThreadState(struct rt_kernel *k, struct call *c)
{
    const struct thread *t = c->object->thread;
    uint8_t state[STATE_SIZE] = {0};
    put16(state, t->process->handle);
    put16(state + 2, thread_next(k, t));
    thread_waits(k, t, state + 4);
    thread_frame(k, t, state + STATE_SIZE - CPUFRAME_SIZE);
    call_put(k, c->arg[1], state, sizeof state);
    c->eax = 1;
}

/* --- GetRtStackInfo(thread, info): +0 size of the structure (in), +4 stack, +8 used --- */

uint32_t vrfy_GetRtStackInfo(struct rt_kernel *k, struct call *c)
{
    uint8_t size[4];
    if (k->port.user_read(k->port.ctx, c->arg[1], size, sizeof size) != RT_REACH_OK)
        return E_BAD_ADDR;
    if (get32(size) < STACK_INFO_SIZE) return E_PARAM;
    uint32_t status = thread_get(k, c);
    if (status != E_OK) return status;
    return k->port.user_check(k->port.ctx, c->arg[1], STACK_INFO_SIZE, true) == RT_REACH_OK
               ? E_OK
               : E_BAD_ADDR;
}

/* A new stack is zero: what is not was used at some time. */
static uint32_t stack_used(const struct rt_kernel *k, const struct thread *t)
{
    uint8_t page[PAGE];
    uint32_t size = t->stack_pages * PAGE;
    for (uint32_t at = 0; at < size; at += PAGE) {
        if (!vseg_peek(k, t->process, t->block - size + at, page, PAGE)) continue;
        for (uint32_t i = 0; i < PAGE; i += 4)
            if (get32(page + i)) return size - at - i;
    }
    return 0;
}

void impl_GetRtStackInfo(struct rt_kernel *k, struct call *c)
{
    const struct thread *t = c->object->thread;
    uint8_t info[8];
    put32(info, t->stack_pages * PAGE);
    put32(info + 4, stack_used(k, t));
    call_put(k, c->arg[1] + 4, info, sizeof info);
    c->eax = 1;
}
