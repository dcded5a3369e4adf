/* knsem.c: low-level semaphores.
 *
 *   +0 units, +4 flags
 *
 * A region is a semaphore of one unit whose holder the kernel knows (knregion.c).
 */
#include "bits.h"
#include "kn.h"

#define KN_ONE_UNIT 4u
#define KN_SIZE     8u
#define UNITS_MAX   65535u

struct sem {
    uint32_t units;
    bool by_priority, region;
};

static struct sem sem_get(const struct rt_kernel *k, uint64_t at)
{
    uint8_t area[KN_SIZE] = {0};
    kn_get(k, at, area, sizeof area);
    uint32_t kind = get32(area + 4) & KN_KIND;
    return (struct sem){get32(area), kind != 0, kind == KN_REGION};
}

static void sem_set(struct rt_kernel *k, uint64_t at, uint32_t units)
{
    uint8_t value[4];
    put32(value, units);
    kn_put(k, at, value, sizeof value);
}

static uint32_t sem_check(const struct rt_kernel *k, const struct call *c)
{
    return kn_process(k, kn_named(c), KN_SIZE) ? E_OK : E_BAD_ADDR;
}

/* --- knCreateRtSemaphore(area, flags) --- */

uint32_t vrfy_knCreateRtSemaphore(struct rt_kernel *k, struct call *c)
{
    return kn_room(k, c, c->arg[0], KN_SIZE);
}

void impl_knCreateRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint8_t area[KN_SIZE];
    uint32_t units = c->arg[1] & KN_ONE_UNIT ? 1 : 0;
    uint64_t at = kn_make(k, c->p, c->arg[0], KN_SIZE);
    c->eax = (uint32_t)at;
    put32(area, units);
    put32(area + 4, c->arg[1]);
    kn_put(k, at, area, sizeof area);
    kn_region_leave(k, at); /* of what lay there before */
    if (!units && (c->arg[1] & KN_KIND) == KN_REGION) kn_region_take(k, at, c->t);
}

/* --- knReleaseRtSemaphore(handle) --- */

uint32_t vrfy_knReleaseRtSemaphore(struct rt_kernel *k, struct call *c)
{
    return sem_check(k, c);
}

void impl_knReleaseRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint64_t at = kn_named(c);
    const struct sem s = sem_get(k, at);
    struct thread *t = kn_head(k, at, WAIT_KNSEM, s.by_priority);
    if (s.region) kn_region_leave(k, at);
    if (!t) {
        if (s.units < UNITS_MAX) sem_set(k, at, s.units + 1);
        return;
    }
    sched_wake(k, t, E_OK, 1);
    if (!s.region) return;
    kn_region_take(k, at, t);
    kn_region_inherit(k, at);
}

/* --- knWaitForRtSemaphore(handle, low-level ticks) --- */

uint32_t vrfy_knWaitForRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint32_t status = sem_check(k, c);
    if (status != E_OK) return status;
    return sem_get(k, kn_named(c)).units || c->arg[1] ? E_OK : E_KN_TIME_OUT;
}

void impl_knWaitForRtSemaphore(struct rt_kernel *k, struct call *c)
{
    uint64_t at = kn_named(c);
    const struct sem s = sem_get(k, at);
    c->eax = 1;
    if (s.units) {
        sem_set(k, at, s.units - 1);
        if (s.region) kn_region_take(k, at, c->t);
        return;
    }
    kn_wait(k, c, WAIT_KNSEM, c->arg[1]);
    if (s.region) kn_region_inherit(k, at);
}

/* --- knDeleteRtSemaphore(handle): waiters go on; the area stays usable --- */

uint32_t vrfy_knDeleteRtSemaphore(struct rt_kernel *k, struct call *c)
{
    return sem_check(k, c);
}

void impl_knDeleteRtSemaphore(struct rt_kernel *k, struct call *c)
{
    kn_wake_all(k, kn_named(c), WAIT_KNSEM);
    kn_region_leave(k, kn_named(c));
}
