/* sched.c: who runs. Ready threads stand in one queue, by priority, first come first served within
 * one; the current thread is not in it. A switch is the processor's own task switch to a TSS. */
#include "alarm.h"
#include "kn.h"
#include "request.h"

static bool runnable(const struct thread *t)
{
    return t->wait == WAIT_NONE && !t->faulted && (t->depth == 0 || t->held || t->inside);
}

static void ready_insert(struct rt_kernel *k, struct thread *t, bool before_equals)
{
    struct thread **at = &k->ready;
    while (*at &&
           ((*at)->priority < t->priority || (!before_equals && (*at)->priority == t->priority)))
        at = &(*at)->next_ready;
    t->next_ready = *at;
    t->queued = true;
    *at = t;
}

void sched_ready(struct rt_kernel *k, struct thread *t)
{
    if (t != k->current && !t->queued && runnable(t)) ready_insert(k, t, false);
}

void sched_remove(struct rt_kernel *k, struct thread *t)
{
    if (!t->queued) return;
    struct thread **at = &k->ready;
    while (*at != t)
        at = &(*at)->next_ready;
    *at = t->next_ready;
    t->queued = false;
}

static struct thread *ready_pop(struct rt_kernel *k)
{
    struct thread *t = k->ready;
    if (t) sched_remove(k, t);
    return t;
}

void sched_yield_current(struct rt_kernel *k)
{
    if (k->current && !k->current->queued) ready_insert(k, k->current, false);
}

struct thread *thread_after(const struct rt_kernel *k, const struct thread *t)
{
    if (t && t->next) return t->next;
    unsigned i = 0;
    if (t)
        while (k->process[i++] != t->process) {
        }
    for (; i < k->process_count; i++)
        if (k->process[i]->threads) return k->process[i]->threads;
    return NULL;
}

struct thread *thread_first(const struct rt_kernel *k)
{
    return thread_after(k, NULL);
}

/* Ticks are counted on the clock's own boundaries: the first one ends the running tick. */
uint64_t sched_tick_due(const struct rt_kernel *k, uint64_t tick_us, uint64_t ticks)
{
    return (k->now / tick_us + ticks) * tick_us;
}

void sched_wait(struct rt_kernel *k, struct call *c, enum wait_kind kind, uint64_t due)
{
    struct thread *t = c->t;
    t->wait = (uint8_t)kind;
    t->due = due;
    t->since = k->order++;
    t->wait_row = c->row;
    t->notify = 0;
    t->handles = false;
    c->blocked = true;
}

void sched_wake(struct rt_kernel *k, struct thread *t, uint32_t status, uint32_t eax)
{
    const struct row *row = t->wait_row;
    dir_unwait(k, t);
    t->wait = WAIT_NONE;
    t->due = NEVER;
    if (status != E_OK) {
        eax = row_failure(row);
        if (!(row->flags & FLAG_NOERR)) t->last_error = (uint16_t)status;
    }
    if (t == k->current)
        call_return(k, eax, 0); /* it has not left the processor yet */
    else
        thread_result(k, t, eax, 0);
    call_leave(k, row, t, eax, status, false);
    sched_ready(k, t);
}

/* A sleep ends well; otherwise those behind it in its queue may be served now. */
static void sched_time_out(struct rt_kernel *k, struct thread *t)
{
    static const uint16_t late[] = {
#define RT_WAIT(kind, state, late, at) [WAIT_##kind] = late,
#include "waits.def"
#undef RT_WAIT
    };
    uint16_t status = late[t->wait];
    if (t->wait == WAIT_INIT) load_give_up(k, t);
    exchange_unwait(k, t);
    sched_wake(k, t, status, 1);
}

void sched_expire(struct rt_kernel *k)
{
    for (;;) {
        struct thread *best = NULL;
        for (struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
            if (t->wait == WAIT_NONE || t->due > k->now) continue;
            if (!best || t->due < best->due || (t->due == best->due && t->since < best->since))
                best = t;
        }
        if (!best) return;
        if (best->wait == WAIT_ALARM)
            alarm_expire(k, best);
        else if (best->wait == WAIT_KNALARM)
            kn_alarm_expire(k, best);
        else if (best->wait == WAIT_TERMINATE)
            terminate_late(k, best);
        else if (best->wait == WAIT_SOCKET)
            net_expire(k, best);
        else
            sched_time_out(k, best);
    }
}

static bool shares(const struct thread *t)
{
    return t && t->priority >= ROUND_ROBIN;
}

/* Of the running thread: what has passed of its slice; a new slice begins when nobody shared. */
static void slice_count(struct rt_kernel *k)
{
    struct thread *t = k->current;
    if (!t) return;
    uint64_t passed = k->now - k->slice_from;
    if (passed >= t->slice) {
        passed = (passed - t->slice) % SLICE_US;
        t->slice = SLICE_US;
    }
    t->slice -= (uint32_t)passed;
    k->slice_from = k->now;
}

void sched_slice(struct rt_kernel *k)
{
    struct thread *t = k->current;
    if (!shares(t) || !runnable(t) || t->queued || t->locks) return;
    if (k->now - k->slice_from < t->slice) return;
    slice_count(k);
    t->slice = SLICE_US;
    if (k->ready && k->ready->priority == t->priority) ready_insert(k, t, false);
}

void sched_priority(struct rt_kernel *k, struct thread *t, uint8_t priority)
{
    if (t->priority == priority) return;
    bool queued = t->queued;
    sched_remove(k, t);
    t->priority = priority;
    if (queued) ready_insert(k, t, false);
}

static void switch_to(struct rt_kernel *k, struct thread *t)
{
    if (t != k->current) {
        k->slice_from = k->now;
        account_count(k);
    }
    k->current = t;
    int_space(k, t);
    uint16_t selector = t ? t->handle : SLOT_IDLE_TSS << 3;
    if (selector == k->running) return;
    uint32_t base = t ? t->process->base + t->block : k->block_base;
    if (base != k->block_base) {
        k->block_base = base;
        struct rt_segdef block = {.kind = RT_SEG_DATA, .dpl = 3, .base = base, .limit = PAGE - 1};
        slot_fix(k, SLOT_THREAD_BLOCK, &block);
    }
    k->running = selector;
    fx_add(k, RT_FX_SWITCH)->selector = selector;
}

static void alarm_set(struct rt_kernel *k)
{
    uint64_t due = NEVER;
    bool listens = false;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        if (t->wait != WAIT_NONE && t->due < due) due = t->due;
        listens |= t->wait == WAIT_SOCKET;
    }
    uint64_t look = listens ? sched_tick_due(k, HIGH_TICK_US, 1) : NEVER;
    if (look < due) due = look; /* each tick looks at the network */
    struct thread *now = k->current;
    if (shares(now) && k->ready && k->ready->priority == now->priority) {
        slice_count(k);
        if (k->now + now->slice < due) due = k->now + now->slice;
    }
    if (now && now->priority <= PRIORITY_TICK) due = NEVER; /* it masks the tick */
    if (due == k->alarm) return;
    k->alarm = due;
    fx_add(k, RT_FX_ALARM)->due_us = due;
}

static void idle_report(struct rt_kernel *k)
{
    if (k->current || k->alarm != NEVER || k->loads || int_expected(k)) {
        k->idle_told = false;
        return;
    }
    if (k->idle_told) return;
    k->idle_told = true;
    uint32_t code = 0;
    for (unsigned i = 0; i < k->process_count; i++)
        code |= k->process[i]->alive && !k->process[i]->system;
    fx_add(k, RT_FX_IDLE)->code = code;
}

static void sched_pick(struct rt_kernel *k)
{
    if (k->chain_locks || k->in_handler.locks) return;
    struct thread *t = k->current;
    if (t && !t->queued && runnable(t)) {
        if (t->locks || !k->ready || k->ready->priority >= t->priority) return;
        slice_count(k);
        ready_insert(k, t, true);
    } else if (t) {
        t->slice = SLICE_US;
    }
    switch_to(k, ready_pop(k));
}

void sched_commit(struct rt_kernel *k)
{
    sched_pick(k);
}

void sched_settle(struct rt_kernel *k)
{
    sched_pick(k);
    int_masks(k);
    alarm_set(k);
    idle_report(k);
}
