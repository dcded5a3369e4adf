/* alarm.c: alarms as objects. */
#include "alarm.h"

#include <stdlib.h>

static uint64_t alarm_due(uint64_t now, uint32_t tick, uint32_t ticks)
{
    return (now / tick + ticks) * tick;
}

void alarm_start(struct alarm *a, uint64_t now, uint32_t tick)
{
    a->unseen = 0;
    a->due = alarm_due(now, tick, a->interval);
}

void alarm_advance(struct alarm *a, uint64_t now, uint32_t tick)
{
    if (a->due > now) return;
    uint64_t step = (uint64_t)a->interval * tick, n = a->repeats ? (now - a->due) / step + 1 : 1;
    a->due = a->repeats ? a->due + n * step : NEVER;
    n += a->unseen;
    a->unseen = n > UNSEEN_MAX ? UNSEEN_MAX + 1 : (uint32_t)n;
}

/* --- CreateRtAlarm(flags, microseconds) --- */

uint32_t vrfy_CreateRtAlarm(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_room(k, c->p, 1, 0);
    if (status != E_OK) return status;
    c->alarm = calloc(1, sizeof *c->alarm);
    return c->alarm ? E_OK : E_MEM;
}

void impl_CreateRtAlarm(struct rt_kernel *k, struct call *c)
{
    struct alarm *a = c->alarm;
    a->repeats = c->arg[0] & ALARM_REPEATS;
    a->interval = c->arg[1] / k->config.low_tick_us;
    if (a->interval == 0) a->interval = 1;
    alarm_start(a, k->now, k->config.low_tick_us);
    c->eax = exchange_make(k, c, TYPE_ALARM, 0); /* first come first served */
    c->object->alarm = a;
}

static uint32_t alarm_get(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_ALARM, E_EXIST, &c->object);
    if (status == E_OK) alarm_advance(c->object->alarm, k->now, k->config.low_tick_us);
    return status;
}

/* --- WaitForRtAlarm(alarm, microseconds) --- */

uint32_t vrfy_WaitForRtAlarm(struct rt_kernel *k, struct call *c)
{
    uint32_t status = alarm_get(k, c);
    if (status != E_OK) return status;
    const struct alarm *a = c->object->alarm;
    if (a->unseen > UNSEEN_MAX) return E_LIMIT;
    return a->unseen || c->arg[1] >= k->config.low_tick_us ? E_OK : E_TIME;
}

static void alarm_wait(struct thread *t, const struct alarm *a)
{
    t->due = a->due < t->limit ? a->due : t->limit;
}

/* A limit that is not longer than the interval becomes the interval and a tick. */
static uint64_t alarm_limit(const struct rt_kernel *k, const struct alarm *a, uint32_t us)
{
    uint32_t ticks = us / k->config.low_tick_us;
    if (us == WAIT_FOREVER) return NEVER;
    if (ticks <= a->interval) ticks = a->interval + 1;
    return alarm_due(k->now, k->config.low_tick_us, ticks);
}

void impl_WaitForRtAlarm(struct rt_kernel *k, struct call *c)
{
    struct alarm *a = c->object->alarm;
    c->eax = 1;
    if (a->unseen) {
        a->unseen--;
        return;
    }
    exchange_wait(k, c, WAIT_ALARM, WAIT_FOREVER);
    c->t->limit = alarm_limit(k, a, c->arg[1]);
    alarm_wait(c->t, a);
}

void alarm_expire(struct rt_kernel *k, struct thread *t)
{
    struct alarm *a = k->slot[t->wait_object].alarm;
    alarm_advance(a, k->now, k->config.low_tick_us);
    if (a->unseen) {
        a->unseen--;
        sched_wake(k, t, E_OK, 1);
    } else if (t->limit <= k->now) {
        sched_wake(k, t, E_TIME, 0);
    } else {
        alarm_wait(t, a); /* another thread has had the event */
    }
}

/* --- ResetRtAlarm(alarm): as if deleted and created anew --- */

uint32_t vrfy_ResetRtAlarm(struct rt_kernel *k, struct call *c)
{
    return alarm_get(k, c);
}

void impl_ResetRtAlarm(struct rt_kernel *k, struct call *c)
{
    alarm_close(k, c->object);
    alarm_start(c->object->alarm, k->now, k->config.low_tick_us);
    c->eax = 1;
}

/* --- DeleteRtAlarm(alarm) --- */

uint32_t vrfy_DeleteRtAlarm(struct rt_kernel *k, struct call *c)
{
    return alarm_get(k, c);
}

void impl_DeleteRtAlarm(struct rt_kernel *k, struct call *c)
{
    object_close(k, c->object);
    object_delete(k, c->object);
    c->eax = 1;
}

void alarm_close(struct rt_kernel *k, struct object *o)
{
    struct thread *t;
    while ((t = exchange_head(k, o, WAIT_ALARM)))
        sched_wake(k, t, E_EXIST, 0);
}

void alarm_forget(struct object *o)
{
    free(o->alarm);
    o->alarm = NULL;
}

const char *alarm_check(const struct rt_kernel *k, const struct object *o)
{
    const struct alarm *a = o->alarm;
    if (!a) return "an alarm has no interval";
    const struct thread *head = exchange_head(k, o, WAIT_ALARM);
    if (a->unseen && head) return "an alarm keeps a thread waiting";
    if (head && head->due > a->due) return "a thread would sleep through an alarm";
    return NULL;
}
