/* Event clock: order, arming inside events, conversions. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

/* What happened, as "a10 b20 ": name and the time seen. */
struct story {
    char text[256];
    size_t used;
};
struct actor {
    struct clock_event event;
    struct clock *clock;
    struct story *story;
    struct clock_event *arm, *disarm; /* done while firing */
    uint64_t arm_due;
    unsigned times; /* how often `arm` is done; 0 = no limit */
};
static void act(void *ctx, uint64_t now)
{
    struct actor *a = ctx;
    struct story *s = a->story;
    cr_assert_eq(now, a->clock->now);
    s->used += (size_t)snprintf(s->text + s->used, sizeof s->text - s->used, "%s%u ", a->event.name,
                                (unsigned)now);
    if (a->disarm) clock_disarm(a->clock, a->disarm);
    if (a->arm && (a->times == 0 || --a->times)) clock_arm(a->clock, a->arm, a->arm_due);
}
struct stage {
    struct clock clock;
    struct story story;
    struct actor a, b, c;
};
static struct stage *setup(void)
{
    static struct stage s;
    memset(&s, 0, sizeof s);
    clock_init(&s.clock, 1000000);
    struct actor *all[] = {&s.a, &s.b, &s.c};
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        all[i]->event = (struct clock_event){.fire = act, .ctx = all[i], .name = names[i]};
        all[i]->clock = &s.clock;
        all[i]->story = &s.story;
    }
    return &s;
}

Test(clock, order)
{
    static const struct {
        uint64_t due[3];
        int priority[3];
        const char *want;
    } rows[] = {
        {{10, 20, 30}, {0, 0, 0}, "a10 b20 c30 "},
        {{30, 20, 10}, {0, 0, 0}, "c10 b20 a30 "},
        {{10, 10, 10}, {0, 0, 0}, "a10 b10 c10 "}, /* arming order */
        {{10, 10, 10}, {2, 1, 0}, "c10 b10 a10 "}, /* priority first */
        {{10, 10, 10}, {0, -1, 0}, "b10 a10 c10 "},
        {{20, 10, 10}, {-9, 1, 1}, "b10 c10 a20 "}, /* time before priority */
        {{0, 0, 100}, {0, 0, 0}, "a0 b0 c100 "},    /* due now, and at the very end */
        {{0, 0, 101}, {0, 0, 0}, "a0 b0 "},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stage *s = setup();
        struct clock_event *e[] = {&s->a.event, &s->b.event, &s->c.event};
        for (int k = 0; k < 3; k++) {
            e[k]->priority = rows[i].priority[k];
            clock_arm(&s->clock, e[k], rows[i].due[k]);
        }
        clock_advance(&s->clock, 100);
        cr_assert_str_eq(s->story.text, rows[i].want, "row %u", i);
        cr_assert_eq(s->clock.now, 100);
    }
}

Test(clock, next_and_disarm)
{
    struct stage *s = setup();
    cr_assert_eq(clock_next(&s->clock), UINT64_MAX);
    clock_arm(&s->clock, &s->a.event, 50);
    clock_arm(&s->clock, &s->b.event, 40);
    cr_assert_eq(clock_next(&s->clock), 40);
    clock_disarm(&s->clock, &s->b.event);
    cr_assert_not(s->b.event.armed);
    clock_disarm(&s->clock, &s->b.event); /* again: nothing */
    cr_assert_eq(clock_next(&s->clock), 50);
    clock_arm(&s->clock, &s->a.event, 70); /* moves it */
    cr_assert_eq(clock_next(&s->clock), 70);
    clock_advance(&s->clock, 69);
    cr_assert_str_eq(s->story.text, "");
    clock_advance(&s->clock, 70);
    cr_assert_str_eq(s->story.text, "a70 ");
    cr_assert_not(s->a.event.armed);
    cr_assert_eq(clock_next(&s->clock), UINT64_MAX);
}

Test(clock, disarm_anywhere_in_the_list)
{
    static const char *const want[3] = {"b20 c30 ", "a10 c30 ", "a10 b20 "};
    for (unsigned i = 0; i < 3; i++) {
        struct stage *s = setup();
        struct clock_event *e[] = {&s->a.event, &s->b.event, &s->c.event};
        for (unsigned k = 0; k < 3; k++)
            clock_arm(&s->clock, e[k], 10 * k + 10);
        clock_disarm(&s->clock, e[i]);
        clock_advance(&s->clock, 100);
        cr_assert_str_eq(s->story.text, want[i]);
    }
}

Test(clock, the_past_fires_at_the_next_advance)
{
    struct stage *s = setup();
    clock_advance(&s->clock, 100);
    clock_arm(&s->clock, &s->a.event, 5);
    cr_assert_str_eq(s->story.text, "");
    clock_advance(&s->clock, 20); /* time does not go back */
    cr_assert_str_eq(s->story.text, "a100 ");
    cr_assert_eq(s->clock.now, 100);
}

Test(clock, events_arm_others)
{
    static const struct {
        uint64_t due; /* of b, armed by a at 10 */
        const char *want;
    } rows[] = {
        {10, "a10 b10 c30 "}, {3, "a10 b10 c30 "}, {20, "a10 b20 c30 "}, {40, "a10 c30 b40 "}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stage *s = setup();
        clock_arm(&s->clock, &s->a.event, 10);
        clock_arm(&s->clock, &s->c.event, 30);
        s->a.arm = &s->b.event;
        s->a.arm_due = rows[i].due;
        clock_advance(&s->clock, 100);
        cr_assert_str_eq(s->story.text, rows[i].want, "row %u", i);
    }
}

Test(clock, an_event_disarms_another_that_is_due)
{
    struct stage *s = setup();
    clock_arm(&s->clock, &s->a.event, 10);
    clock_arm(&s->clock, &s->b.event, 10);
    clock_arm(&s->clock, &s->c.event, 11);
    s->a.disarm = &s->b.event;
    clock_advance(&s->clock, 100);
    cr_assert_str_eq(s->story.text, "a10 c11 ");
}

Test(clock, an_event_rearms_itself_later)
{
    struct stage *s = setup();
    clock_arm(&s->clock, &s->a.event, 10);
    s->a.arm = &s->a.event;
    s->a.arm_due = 25;
    s->a.times = 2;
    clock_advance(&s->clock, 100);
    cr_assert_str_eq(s->story.text, "a10 a25 ");
}

/* A period of zero makes no endless advance: once for each call. */
Test(clock, an_event_rearms_itself_for_now)
{
    struct stage *s = setup();
    clock_arm(&s->clock, &s->a.event, 10);
    clock_arm(&s->clock, &s->b.event, 10);
    s->a.arm = &s->a.event;
    s->a.arm_due = 10;
    clock_advance(&s->clock, 50);
    cr_assert_str_eq(s->story.text, "a10 b10 ");
    cr_assert_eq(clock_next(&s->clock), 10);
    clock_advance(&s->clock, 50);
    cr_assert_str_eq(s->story.text, "a10 b10 a50 ");
    clock_disarm(&s->clock, &s->a.event);
    cr_assert_eq(clock_next(&s->clock), UINT64_MAX);
}

Test(clock, two_events_arm_each_other_for_now)
{
    struct stage *s = setup();
    clock_arm(&s->clock, &s->a.event, 10);
    s->a.arm = &s->b.event;
    s->b.arm = &s->a.event;
    s->a.arm_due = s->b.arm_due = 0;
    clock_advance(&s->clock, 50);
    cr_assert_str_eq(s->story.text, "a10 b10 ");
    cr_assert(s->a.event.armed);
    clock_advance(&s->clock, 60);
    cr_assert_str_eq(s->story.text, "a10 b10 a50 b50 ");
}

Test(clock, a_waiting_event_can_be_disarmed_by_a_later_one)
{
    struct stage *s = setup();
    clock_arm(&s->clock, &s->a.event, 10);
    clock_arm(&s->clock, &s->b.event, 20);
    s->a.arm = &s->a.event;
    s->a.arm_due = 10;
    s->b.disarm = &s->a.event;
    clock_advance(&s->clock, 50);
    cr_assert_not(s->a.event.armed);
    clock_advance(&s->clock, 60);
    cr_assert_str_eq(s->story.text, "a10 b20 ");
}

static void advance_inside(void *ctx, uint64_t now)
{
    struct clock *clock = ctx;
    clock_advance(clock, now + 1000);
    cr_assert_eq(clock->now, now);
}

Test(clock, no_advance_inside_an_event)
{
    struct stage *s = setup();
    struct clock_event e = {.fire = advance_inside, .ctx = &s->clock};
    clock_arm(&s->clock, &e, 10);
    clock_arm(&s->clock, &s->a.event, 12);
    clock_advance(&s->clock, 20);
    cr_assert_str_eq(s->story.text, "a12 ");
    cr_assert_eq(s->clock.now, 20);
}

/* a has fired at 10; at 20 it is a new instant, so b can have it fire at once. */
Test(clock, an_event_fires_again_at_a_later_instant_of_one_advance)
{
    struct stage *s = setup();
    clock_arm(&s->clock, &s->a.event, 10);
    clock_arm(&s->clock, &s->b.event, 20);
    s->b.arm = &s->a.event;
    s->b.arm_due = 20;
    clock_advance(&s->clock, 50);
    cr_assert_str_eq(s->story.text, "a10 b20 a20 ");
}

Test(clock, devices_see_the_running_count)
{
    struct stage *s = setup();
    uint64_t running = 30;
    clock_advance(&s->clock, 20);
    cr_assert_eq(clock_read(&s->clock), 20);
    s->clock.running = &running;
    cr_assert_eq(clock_read(&s->clock), 30);
    running = 5; /* behind: time does not go back */
    cr_assert_eq(clock_read(&s->clock), 20);
    cr_assert_eq(s->clock.now, 20);
}

Test(clock, conversions)
{
    static const struct {
        uint64_t hz, us, from_us, clocks, to_us;
    } rows[] = {
        {16000000, 1, 16, 15, 0},
        {16000000, 0, 0, 16, 1},
        {16000000, 1000000, 16000000, 31999999, 1999999},
        {33333333, 1, 34, 34, 1},
        {33333333, 3, 100, 100, 3},
        {1000003, UINT64_C(18446688733643350685), UINT64_MAX, 1, 0},
        {1, 1, 1, 1, 1000000},
        {1, 1000001, 2, 2, 2000000},
        {4000000000u, UINT64_C(1) << 51, UINT64_C(4000) << 51, UINT64_C(1) << 63,
         (UINT64_C(1) << 63) / 4000},
        {4000000000u, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX / 4000},
        {1, UINT64_MAX, UINT64_MAX / 1000000 + 1, UINT64_MAX, UINT64_MAX},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct clock clock;
        clock_init(&clock, rows[i].hz);
        cr_assert_eq(clock_from_us(&clock, rows[i].us), rows[i].from_us, "row %u", i);
        cr_assert_eq(clock_to_us(&clock, rows[i].clocks), rows[i].to_us, "row %u", i);
    }
}

Test(clock, scale)
{
    cr_assert_eq(clock_scale(16000000, 1193182, 16000000), 1193182);
    cr_assert_eq(clock_scale(14, 1193182, 16000000), 1);
    cr_assert_eq(clock_scale(13, 1193182, 16000000), 0);
    cr_assert_eq(clock_scale(UINT64_C(1) << 62, 1193182, 16000000), UINT64_C(343911296677451722));
    cr_assert_eq(clock_scale(UINT64_MAX, 2, 1), UINT64_MAX);
    cr_assert_eq(clock_scale(9, 2, 0), 18);
    cr_assert_eq(clock_scale_up(16000000, 1193182, 16000000), 1193182);
    cr_assert_eq(clock_scale_up(14, 1193182, 16000000), 2);
    cr_assert_eq(clock_scale_up(0, 1193182, 16000000), 0);
    cr_assert_eq(clock_scale_up(UINT64_MAX, 2, 1), UINT64_MAX);
    cr_assert_eq(clock_scale_up(9, 2, 0), 18);
    struct clock clock;
    clock_init(&clock, 0);
    cr_assert_eq(clock.hz, 1);
}
