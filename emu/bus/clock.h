/* clock.h: virtual time and the sorted list of what happens when.
 *
 * Time is a count of processor clocks since reset. Events are embedded in their owners; the list
 * allocates nothing. Events due at the same time fire in the order of `priority`, then of arming.
 *
 *   head -> [due 90] -> [due 120, priority 0] -> [due 120, priority 5] -> NULL
 *
 * An event may arm and disarm any event, itself included, while it fires. An event fires at most
 * once at one instant of one clock_advance: armed again for that instant or the past, it waits for
 * the next clock_advance. So no guest can make an advance endless by a period of zero.
 *
 * Not here: real time; the machine lets somebody wait while idle time passes.
 */
#ifndef RT386_BUS_CLOCK_H
#define RT386_BUS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock_event {
    void (*fire)(void *ctx, uint64_t now);
    void *ctx;
    const char *name;
    int priority; /* smaller first */
    /* owned by clock.c */
    uint64_t due;
    bool armed;
    uint64_t fired; /* the instant it last fired in */
    struct clock_event *next;
};

struct clock {
    uint64_t now;
    uint64_t hz; /* clocks a second, for owners that think in time */
    /* Not NULL: a count that runs ahead of `now` between two clock_advance calls: the processor's
     * clocks. Set by the owner after clock_init. */
    const uint64_t *running;
    struct clock_event *head;
    struct clock_event *late; /* armed again in the instant they fired in */
    uint64_t instant;         /* counts moves of `now` and calls of clock_advance */
    bool firing;
};

void clock_init(struct clock *clock, uint64_t hz); /* hz 0 counts as 1 */
/* Re-arms when armed already. A due time in the past fires at the next clock_advance, or in the one
 * under way. */
void clock_arm(struct clock *clock, struct clock_event *event, uint64_t due);
void clock_disarm(struct clock *clock, struct clock_event *event);
/* Moves time and fires what is due, in order; an event sees `now` = its own due time or later. Time
 * never goes back: an earlier `to` only fires what is due by now. From inside an event: no effect.
 */
void clock_advance(struct clock *clock, uint64_t to);
/* The time a device sees when it is accessed: `now`, or the running count where that is further. */
uint64_t clock_read(const struct clock *clock);
/* Time of the next event, or UINT64_MAX. */
uint64_t clock_next(const struct clock *clock);
/* Microseconds to clocks, rounding up; and back, rounding down. What does not fit in 64 bits gives
 * UINT64_MAX. */
uint64_t clock_from_us(const struct clock *clock, uint64_t us);
uint64_t clock_to_us(const struct clock *clock, uint64_t clocks);

/* value * to / from, rounded down, for two frequencies: clocks to ticks of another oscillator.
 * `from` 0 counts as 1; frequencies below 2^32. UINT64_MAX if it does not fit. */
uint64_t clock_scale(uint64_t value, uint64_t to, uint64_t from);
/* The same, rounded up: the first clock at which so many ticks have passed. */
uint64_t clock_scale_up(uint64_t value, uint64_t to, uint64_t from);

#endif
