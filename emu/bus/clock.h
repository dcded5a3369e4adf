/* clock.h: virtual time and the sorted list of what happens when.
 *
 * Time is a count of processor clocks since reset. Events are embedded in their owners; the list
 * allocates nothing. Events due at the same time fire in the order of `priority`, then of arming.
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
    struct clock_event *next;
};

struct clock {
    uint64_t now;
    uint64_t hz; /* clocks a second, for owners that think in time */
    struct clock_event *head;
};

void clock_init(struct clock *clock, uint64_t hz);
/* Re-arms when armed already. A due time in the past fires at the next clock_advance. */
void clock_arm(struct clock *clock, struct clock_event *event, uint64_t due);
void clock_disarm(struct clock *clock, struct clock_event *event);
/* Moves time and fires what is due, in order; an event sees `now` = its own due time or later. */
void clock_advance(struct clock *clock, uint64_t to);
/* Time of the next event, or UINT64_MAX. */
uint64_t clock_next(const struct clock *clock);
/* Microseconds to clocks, rounding up; and back, rounding down. No overflow below 2^63 clocks. */
uint64_t clock_from_us(const struct clock *clock, uint64_t us);
uint64_t clock_to_us(const struct clock *clock, uint64_t clocks);

#endif
