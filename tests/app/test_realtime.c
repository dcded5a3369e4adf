/* Idle time that is slept: exact on a clock of the test's own; on the host's only what cannot flake. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "realtime.h"

#define START 5000000123ull

struct fake {
    uint64_t now, asked; /* the end of the last sleep that was asked for */
    uint64_t late;       /* how much each sleep oversleeps */
    unsigned sleeps;
    struct realtime *wakes; /* who is woken in the middle of a sleep */
};

static uint64_t fake_now(void *ctx)
{
    return ((struct fake *)ctx)->now;
}

static void fake_sleep(void *ctx, uint64_t until)
{
    struct fake *f = ctx;
    f->sleeps++;
    f->asked = until;
    f->now = until + f->late;
}

static struct realtime *with(struct fake *f)
{
    const struct realtime_clock clock = {.ctx = f, .now = fake_now, .sleep = fake_sleep};
    struct realtime *r = realtime_new(&clock);
    cr_assert_not_null(r);
    f->now = START;
    realtime_start(r);
    return r;
}

/* Each sleep is 300 us late, and the program works for 100 us in between: the ends stay where they were. */
Test(realtime, no_error_adds_up)
{
    struct fake f = {.late = 300000};
    struct realtime *r = with(&f);
    for (uint64_t us = 1000; us <= 10000000; us += 1000) {
        cr_assert_eq(realtime_idle(r, us), us);
        cr_assert_eq(f.asked, START + us * 1000, "%llu", (unsigned long long)us);
        f.now += 100000;
    }
    cr_expect_eq(f.sleeps, 10000u);
    realtime_free(r);
}

Test(realtime, who_is_behind_does_not_sleep)
{
    struct fake f = {0};
    struct realtime *r = with(&f);
    f.now = START + 5000000;
    cr_expect_eq(realtime_idle(r, 1000), 1000u);
    cr_expect_eq(realtime_idle(r, 5000), 5000u);
    cr_expect_eq(f.sleeps, 0u);
    cr_expect_eq(realtime_idle(r, 5001), 5001u);
    cr_expect_eq(f.sleeps, 1u);
    cr_expect_eq(f.now, START + 5001000);
    realtime_free(r);
}

Test(realtime, a_wake_up_is_not_lost)
{
    struct fake f = {0};
    struct realtime *r = with(&f);
    f.now += 2500;
    realtime_wake(r);
    cr_expect_eq(realtime_idle(r, 1000), 2u, "2.5 us have passed");
    cr_expect_eq(f.sleeps, 0u);
    cr_expect_eq(realtime_idle(r, 1000), 1000u, "it counts once");
    cr_expect_eq(f.sleeps, 1u);
    realtime_free(r);
}

Test(realtime, the_end_of_time)
{
    struct fake f = {0};
    struct realtime *r = with(&f);
    realtime_wake(r);
    cr_expect_eq(realtime_idle(r, UINT64_MAX), 0u);
    realtime_free(r);
}

static void *wake(void *r)
{
    const struct timespec t = {.tv_nsec = 20000000};
    nanosleep(&t, NULL);
    realtime_wake(r);
    return NULL;
}

Test(realtime, the_hosts_clock)
{
    struct realtime *r = realtime_new(NULL);
    struct timespec from, to;
    cr_assert_not_null(r);
    realtime_start(r);
    clock_gettime(CLOCK_MONOTONIC, &from);
    cr_expect_eq(realtime_idle(r, 30000), 30000u);
    clock_gettime(CLOCK_MONOTONIC, &to);
    int64_t ns = (to.tv_sec - from.tv_sec) * 1000000000ll + (to.tv_nsec - from.tv_nsec);
    cr_expect_geq(ns, 29000000ll, "it has slept: %lld", (long long)ns);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, wake, r), 0);
    cr_expect_lt(realtime_idle(r, 3600000000ull), 3600000000ull, "an hour, but for the wake-up");
    pthread_join(thread, NULL);
    realtime_free(r);
}
