/* alarm.h: alarms: events on ticks of the low-level clock.
 *
 *   created ---------- first event ---------- next ---------- next       repeater
 *            interval               interval        interval
 *
 * Events that nobody waits for are only counted when somebody looks: an alarm alone wakes no machine.
 */
#ifndef RT386_INTIME_ALARM_H
#define RT386_INTIME_ALARM_H

#include "kernel.h"

#define ALARM_REPEATS 1u
#define UNSEEN_MAX    65535u

struct alarm {
    bool repeats;
    uint32_t interval; /* low-level ticks, at least 1 */
    uint32_t unseen;   /* events that nobody has taken; above UNSEEN_MAX: too many */
    uint64_t due;      /* next event, in us; NEVER: a single one that is over */
};

void alarm_start(struct alarm *a, uint64_t now, uint32_t tick);
/* Counts the events up to now. */
void alarm_advance(struct alarm *a, uint64_t now, uint32_t tick);

/* Waiters go on with E_EXIST. */
void alarm_close(struct rt_kernel *k, struct object *o);
void alarm_forget(struct object *o);
const char *alarm_check(const struct rt_kernel *k, const struct object *o);
/* The time of a thread that waits for an alarm has come: an event, or its limit. */
void alarm_expire(struct rt_kernel *k, struct thread *t);

#endif
