/* knsem.c: low-level semaphores. They live in memory that the application supplies:
 *
 *   +0 units, +4 flags        the handle is the area's linear address, the same in every process
 *
 * The kernel trusts nothing in there: units are a number and flags choose a queue order. Who waits
 * stands in the kernel's threads, keyed by linear address.
 */
#include "bits.h"
#include "kernel.h"

#define KN_KIND     3u /* 0 first come first served, 1 by priority, 2 region: by priority */
#define KN_ONE_UNIT 4u
#define KN_SIZE     8u
#define UNITS_MAX   65535u

/* The process whose VSEG holds the area, if all its pages are there and writable. */
static struct process *area_process(const struct rt_kernel *k, uint32_t at)
{
    uint8_t area[KN_SIZE];
    struct process *p = k->vseg_at[at >> 22];
    if (!p || !vseg_writable(p, at - p->base, KN_SIZE)) return NULL;
    return vseg_peek(k, p, at - p->base, area, sizeof area) ? p : NULL;
}

static void area_get(struct rt_kernel *k, uint32_t at, uint32_t *units, uint32_t *flags)
{
    uint8_t area[KN_SIZE] = {0};
    const struct process *p = area_process(k, at);
    vseg_peek(k, p, at - p->base, area, sizeof area);
    *units = get32(area);
    *flags = get32(area + 4);
}

static void area_set(struct rt_kernel *k, uint32_t at, uint32_t units)
{
    uint8_t value[4];
    const struct process *p = area_process(k, at);
    put32(value, units);
    vseg_poke(k, p, at - p->base, value, sizeof value);
}

static struct thread *waiter(const struct rt_kernel *k, uint32_t at, bool by_priority)
{
    struct thread *best = NULL;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        if (t->wait != WAIT_KNSEM || t->wait_at != at) continue;
        bool better = !best || t->since < best->since;
        if (best && by_priority && t->priority != best->priority)
            better = t->priority < best->priority;
        if (better) best = t;
    }
    return best;
}

/* --- knCreateRtSemaphore(area, flags) --- */

uint32_t vrfy_knCreateRtSemaphore(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] >= c->p->size) return E_BAD_ADDR;
    return area_process(k, c->p->base + c->arg[0]) ? E_OK : E_BAD_ADDR;
}

void impl_knCreateRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint8_t area[KN_SIZE];
    put32(area, c->arg[1] & KN_ONE_UNIT ? 1 : 0);
    put32(area + 4, c->arg[1]);
    vseg_poke(k, c->p, c->arg[0], area, sizeof area);
    c->eax = c->p->base + c->arg[0];
}

static uint32_t check(const struct rt_kernel *k, const struct call *c)
{
    return area_process(k, c->arg[0]) ? E_OK : E_BAD_ADDR;
}

/* --- knReleaseRtSemaphore(handle) --- */

uint32_t vrfy_knReleaseRtSemaphore(struct rt_kernel *k, struct call *c)
{
    return check(k, c);
}

void impl_knReleaseRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint32_t units, flags;
    area_get(k, c->arg[0], &units, &flags);
    struct thread *t = waiter(k, c->arg[0], flags & KN_KIND);
    if (t)
        sched_wake(k, t, E_OK, 1);
    else if (units < UNITS_MAX)
        area_set(k, c->arg[0], units + 1);
}

/* --- knWaitForRtSemaphore(handle, low-level ticks) --- */

uint32_t vrfy_knWaitForRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint32_t units, flags;
    if (check(k, c) != E_OK) return E_BAD_ADDR;
    area_get(k, c->arg[0], &units, &flags);
    return units == 0 && c->arg[1] == 0 ? E_TIME : E_OK;
}

void impl_knWaitForRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint32_t units, flags, ticks = c->arg[1];
    area_get(k, c->arg[0], &units, &flags);
    c->eax = 1;
    if (units) {
        area_set(k, c->arg[0], units - 1);
        return;
    }
    c->t->wait_at = c->arg[0];
    sched_wait(k, c, WAIT_KNSEM,
               ticks == WAIT_FOREVER ? NEVER : sched_tick_due(k, k->config.low_tick_us, ticks));
}

/* --- knDeleteRtSemaphore(handle): waiters go on with FALSE; the area stays usable --- */

uint32_t vrfy_knDeleteRtSemaphore(struct rt_kernel *k, struct call *c)
{
    return check(k, c);
}

void impl_knDeleteRtSemaphore(struct rt_kernel *k, struct call *c)
{
    struct thread *t;
    while ((t = waiter(k, c->arg[0], false)))
        sched_wake(k, t, E_EXIST, 0);
}
