#include "clock.h"

#include <stddef.h>

void clock_init(struct clock *clock, uint64_t hz)
{
    *clock = (struct clock){.hz = hz ? hz : 1, .instant = 1};
}

static bool comes_before(const struct clock_event *a, const struct clock_event *b)
{
    return a->due != b->due ? a->due < b->due : a->priority < b->priority;
}

/* Behind all that are not later: equal ones stay in the order of arming. */
static void insert(struct clock_event **at, struct clock_event *event)
{
    while (*at && !comes_before(event, *at))
        at = &(*at)->next;
    event->next = *at;
    *at = event;
}

static bool unlink_from(struct clock_event **at, struct clock_event *event)
{
    while (*at && *at != event)
        at = &(*at)->next;
    if (!*at) return false;
    *at = event->next;
    return true;
}

void clock_disarm(struct clock *clock, struct clock_event *event)
{
    if (!event->armed) return;
    if (!unlink_from(&clock->head, event)) unlink_from(&clock->late, event);
    event->armed = false;
    event->next = NULL;
}

void clock_arm(struct clock *clock, struct clock_event *event, uint64_t due)
{
    clock_disarm(clock, event);
    event->due = due;
    event->armed = true;
    bool again = clock->firing && event->fired == clock->instant && due <= clock->now;
    insert(again ? &clock->late : &clock->head, event);
}

static void fire_first(struct clock *clock)
{
    struct clock_event *event = clock->head;
    clock->head = event->next;
    event->next = NULL;
    event->armed = false;
    if (event->due > clock->now) {
        clock->now = event->due;
        clock->instant++;
    }
    event->fired = clock->instant;
    event->fire(event->ctx, clock->now);
}

void clock_advance(struct clock *clock, uint64_t to)
{
    if (clock->firing) return;
    if (to < clock->now) to = clock->now;
    clock->firing = true;
    clock->instant++;
    while (clock->head && clock->head->due <= to)
        fire_first(clock);
    clock->firing = false;
    clock->now = to;
    while (clock->late) {
        struct clock_event *event = clock->late;
        clock->late = event->next;
        insert(&clock->head, event);
    }
}

uint64_t clock_read(const struct clock *clock)
{
    return clock->running && *clock->running > clock->now ? *clock->running : clock->now;
}

uint64_t clock_next(const struct clock *clock)
{
    uint64_t head = clock->head ? clock->head->due : UINT64_MAX;
    uint64_t late = clock->late ? clock->late->due : UINT64_MAX;
    return head < late ? head : late;
}

/* value * to / from with the remainder; split so that only results that do not fit overflow. */
static bool scale(uint64_t value, uint64_t to, uint64_t from, uint64_t *result, uint64_t *rest)
{
    uint64_t whole, part = value % from * to; /* both below 2^32 */
    *rest = part % from;
    return !__builtin_mul_overflow(value / from, to, &whole) &&
           !__builtin_add_overflow(whole, part / from, result);
}

uint64_t clock_scale(uint64_t value, uint64_t to, uint64_t from)
{
    uint64_t result, rest;
    return scale(value, to, from ? from : 1, &result, &rest) ? result : UINT64_MAX;
}

uint64_t clock_scale_up(uint64_t value, uint64_t to, uint64_t from)
{
    uint64_t result, rest;
    if (!scale(value, to, from ? from : 1, &result, &rest)) return UINT64_MAX;
    return rest && result != UINT64_MAX ? result + 1 : result;
}

#define US_PER_SECOND 1000000u

uint64_t clock_from_us(const struct clock *clock, uint64_t us)
{
    return clock_scale_up(us, clock->hz, US_PER_SECOND);
}

uint64_t clock_to_us(const struct clock *clock, uint64_t clocks)
{
    return clock_scale(clocks, US_PER_SECOND, clock->hz);
}
