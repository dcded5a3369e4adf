/* knalarm.c: low-level alarm events.
 *
 *   +0 next event in us, 64 bits (all ones: none), +8 interval in low-level ticks, +12 unseen events,
 *   +14 flags
 */
#include "alarm.h"
#include "bits.h"
#include "kn.h"

#define AREA 16u

static bool event_get(const struct rt_kernel *k, uint64_t at, struct alarm *a)
{
    uint8_t area[AREA] = {0};
    if (!kn_process(k, at, AREA)) return false;
    kn_get(k, at, area, sizeof area);
    *a = (struct alarm){.due = get64(area),
                        .interval = get32(area + 8),
                        .unseen = get16(area + 12),
                        .repeats = get16(area + 14) & ALARM_REPEATS};
    if (a->interval == 0) a->interval = 1;
    alarm_advance(a, k->now, k->config.low_tick_us);
    if (a->unseen > UNSEEN_MAX) a->unseen = UNSEEN_MAX;
    return true;
}

static void event_set(struct rt_kernel *k, uint64_t at, const struct alarm *a)
{
    uint8_t area[AREA];
    put64(area, a->due);
    put32(area + 8, a->interval);
    put16(area + 12, (uint16_t)a->unseen);
    put16(area + 14, a->repeats ? ALARM_REPEATS : 0);
    kn_put(k, at, area, sizeof area);
}

/* --- knCreateRtAlarmEvent(area, flags, low-level ticks) --- */

uint32_t vrfy_knCreateRtAlarmEvent(struct rt_kernel *k, struct call *c)
{
    return kn_room(k, c, c->arg[0], AREA);
}

void impl_knCreateRtAlarmEvent(struct rt_kernel *k, struct call *c)
{
    struct alarm a = {.repeats = c->arg[1] & ALARM_REPEATS, .interval = c->arg[2] ? c->arg[2] : 1};
    alarm_start(&a, k->now, k->config.low_tick_us);
    uint64_t at = kn_make(k, c->p, c->arg[0], AREA);
    c->eax = (uint32_t)at;
    event_set(k, at, &a);
}

static uint32_t event_check(const struct rt_kernel *k, const struct call *c, struct alarm *a)
{
    return event_get(k, kn_named(c), a) ? E_OK : E_BAD_ADDR;
}

/* --- knWaitForRtAlarmEvent(handle, low-level ticks) --- */

uint32_t vrfy_knWaitForRtAlarmEvent(struct rt_kernel *k, struct call *c)
{
    struct alarm a;
    uint32_t status = event_check(k, c, &a);
    if (status != E_OK) return status;
    return a.unseen || c->arg[1] ? E_OK : E_KN_TIME_OUT;
}

static void event_wait(struct thread *t, const struct alarm *a)
{
    t->due = a->due < t->limit ? a->due : t->limit;
}

void impl_knWaitForRtAlarmEvent(struct rt_kernel *k, struct call *c)
{
    struct alarm a;
    event_get(k, kn_named(c), &a);
    c->eax = 1;
    if (a.unseen) {
        a.unseen--;
    } else {
        kn_wait(k, c, WAIT_KNALARM, c->arg[1]);
        c->t->limit = c->t->due;
        event_wait(c->t, &a);
    }
    event_set(k, kn_named(c), &a);
}

void kn_alarm_expire(struct rt_kernel *k, struct thread *t)
{
    struct alarm a;
    if (!event_get(k, t->wait_at, &a)) {
        sched_wake(k, t, E_KN_NONEXIST, 0);
        return;
    }
    if (a.unseen) {
        a.unseen--;
        sched_wake(k, t, E_OK, 1);
    } else if (t->limit <= k->now) {
        sched_wake(k, t, E_KN_TIME_OUT, 0);
    } else {
        event_wait(t, &a);
    }
    event_set(k, t->wait_at, &a);
}

/* --- knResetRtAlarmEvent(handle), knDeleteRtAlarmEvent(handle) --- */

uint32_t vrfy_knResetRtAlarmEvent(struct rt_kernel *k, struct call *c)
{
    struct alarm a;
    return event_check(k, c, &a);
}

void impl_knResetRtAlarmEvent(struct rt_kernel *k, struct call *c)
{
    struct alarm a;
    event_get(k, kn_named(c), &a);
    kn_wake_all(k, kn_named(c), WAIT_KNALARM);
    alarm_start(&a, k->now, k->config.low_tick_us);
    event_set(k, kn_named(c), &a);
}

uint32_t vrfy_knDeleteRtAlarmEvent(struct rt_kernel *k, struct call *c)
{
    struct alarm a;
    return event_check(k, c, &a);
}

void impl_knDeleteRtAlarmEvent(struct rt_kernel *k, struct call *c)
{
    struct alarm a;
    event_get(k, kn_named(c), &a);
    kn_wake_all(k, kn_named(c), WAIT_KNALARM);
    a.due = NEVER;
    a.unseen = 0;
    event_set(k, kn_named(c), &a);
}
