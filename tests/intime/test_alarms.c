/* Alarms, the system time, the counter of low-level ticks. */
#include <criterion/criterion.h>

#include "alarm.h"
#include "fake.h"

#define ALL      0xffffffffu
#define SCRATCH  (FAKE_DATA + 0x100)
#define REPEATER 1u

struct two {
    struct fake *f;
    uint16_t a, b;
};

static struct two two(void)
{
    struct two t = {.f = fake_new(0x1000000, 0)};
    t.a = fake_app(t.f);
    t.b = fake_app(t.f);
    fake_run(t.f);
    return t;
}

static void expect_runs(const struct two *t, uint16_t process)
{
    cr_expect_eq(rt_current_process(t->f->k), process);
    cr_expect_null(fake_check(t->f), "%s", fake_check(t->f));
}

/* Interval in us, time of creation, first and third event of a repeater: ticks of 500 us. */
Test(alarms, events_on_ticks)
{
    static const struct {
        uint32_t us;
        uint64_t now, first, third;
    } rows[] = {{0, 0, 500, 1500},          {1, 499, 500, 1500},     {500, 250, 500, 1500},
                {999, 250, 500, 1500},      {2500, 250, 2500, 7500}, {2500, 1000, 3500, 8500},
                {10000, 9999, 19500, 39500}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct two t = two();
        t.f->now = rows[i].now;
        uint32_t h = CALL2(t.f, "CreateRtAlarm", REPEATER, rows[i].us);
        cr_expect_eq(t.f->alarm, UINT64_MAX, "nobody waits");
        for (unsigned n = 0; n < 3; n++) {
            CALL2(t.f, "WaitForRtAlarm", h, ALL);
            expect_runs(&t, t.b);
            uint64_t due = t.f->alarm;
            if (n == 0)
                cr_expect_eq(due, rows[i].first, "row %u: %llu", i, (long long unsigned)due);
            if (n == 2)
                cr_expect_eq(due, rows[i].third, "row %u: %llu", i, (long long unsigned)due);
            CALL1(t.f, "SuspendRtThread", 0);
            fake_time(t.f, due);
            expect_runs(&t, t.a);
            cr_expect_eq(t.f->eax, 1);
            CALL1(t.f, "ResumeRtThread", object_find(t.f->k, t.b)->process->threads->handle);
        }
        fake_free(t.f);
    }
}

Test(alarms, unseen_events_are_counted)
{
    struct two t = two();
    uint32_t h = CALL2(t.f, "CreateRtAlarm", REPEATER, 1000), n = 0;
    t.f->now = 5600;
    while (CALL2(t.f, "WaitForRtAlarm", h, 0))
        n++;
    cr_expect_eq(n, 5);
    cr_expect_eq(fake_last(t.f), E_TIME);
    t.f->now = 6000;
    cr_expect_eq(CALL2(t.f, "WaitForRtAlarm", h, 499), 1);
    t.f->now = 6000 + 65535000ull;
    cr_expect_eq(CALL2(t.f, "WaitForRtAlarm", h, 0), 1);
    t.f->now += 2000;
    for (unsigned i = 0; i < 2; i++) {
        cr_expect_eq(CALL2(t.f, "WaitForRtAlarm", h, ALL), 0);
        cr_expect_eq(fake_last(t.f), E_LIMIT, "until it is reset");
    }
    cr_expect_eq(CALL1(t.f, "ResetRtAlarm", h), 1);
    CALL2(t.f, "WaitForRtAlarm", h, 0);
    cr_expect_eq(t.f->leave_status, E_TIME);
    fake_free(t.f);
}

Test(alarms, single_shot)
{
    struct two t = two();
    uint32_t h = CALL2(t.f, "CreateRtAlarm", 0, 1000);
    t.f->now = 7000;
    cr_expect_eq(CALL2(t.f, "WaitForRtAlarm", h, 0), 1);
    CALL1(t.f, "SuspendRtThread", object_find(t.f->k, t.b)->process->threads->handle);
    CALL2(t.f, "WaitForRtAlarm", h, 4000);
    cr_expect_eq(t.f->alarm, 11000, "only its limit can end the wait");
    fake_time(t.f, 11000);
    cr_expect_eq(fake_last(t.f), E_TIME);
    CALL1(t.f, "ResetRtAlarm", h);
    CALL2(t.f, "WaitForRtAlarm", h, ALL);
    cr_expect_eq(t.f->alarm, 12000);
    fake_time(t.f, 12000);
    expect_runs(&t, t.a);
    CALL2(t.f, "WaitForRtAlarm", h, ALL);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->idle_code, 1, "nothing can ever come");
    fake_free(t.f);
}

/* A limit of up to the interval is the interval and one tick more. */
Test(alarms, limits)
{
    static const struct {
        uint32_t limit;
        uint64_t due;
    } rows[] = {{500, 20500}, {10000, 20500}, {10500, 20500}, {20000, 30000}, {ALL, UINT64_MAX}};
    for (unsigned i = 0; i < 5; i++) {
        struct two t = two();
        uint32_t h = CALL2(t.f, "CreateRtAlarm", 0, 10000);
        t.f->now = 10250;
        cr_expect_eq(CALL2(t.f, "WaitForRtAlarm", h, 0), 1);
        CALL2(t.f, "WaitForRtAlarm", h, rows[i].limit);
        cr_expect_eq(t.f->alarm, rows[i].due, "row %u: %llu", i, (unsigned long long)t.f->alarm);
        fake_free(t.f);
    }
}

Test(alarms, one_event_for_one_thread)
{
    struct two t = two();
    uint32_t h = CALL2(t.f, "CreateRtAlarm", REPEATER, 2000);
    CALL2(t.f, "WaitForRtAlarm", h, 2500);
    expect_runs(&t, t.b);
    CALL2(t.f, "WaitForRtAlarm", h, ALL);
    expect_runs(&t, 0);
    fake_time(t.f, 2000);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->alarm, 4000);
    CALL2(t.f, "WaitForRtAlarm", h, 2500); /* behind b now; it had no share of the event at 4000 */
    cr_expect_eq(t.f->alarm, 4000);
    fake_time(t.f, 4000);
    expect_runs(&t, t.b);
    cr_expect_eq(t.f->alarm, 4500, "a's limit");
    CALL1(t.f, "SuspendRtThread", 0);
    fake_time(t.f, 4500);
    expect_runs(&t, t.a);
    cr_expect_eq(fake_last(t.f), E_TIME);
    fake_free(t.f);
}

Test(alarms, late_time_serves_all)
{
    struct two t = two();
    uint32_t h = CALL2(t.f, "CreateRtAlarm", REPEATER, 1000);
    CALL2(t.f, "WaitForRtAlarm", h, ALL);
    CALL2(t.f, "WaitForRtAlarm", h, ALL);
    fake_time(t.f, 2300);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->alarm, UINT64_MAX);
    cr_expect_eq(CALL2(t.f, "WaitForRtAlarm", h, 0), 0);
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, t.b);
    fake_free(t.f);
}

Test(alarms, ends)
{
    for (unsigned how = 0; how < 3; how++) {
        struct two t = two();
        uint32_t h = CALL2(t.f, "CreateRtAlarm", REPEATER, 1000);
        CALL1(t.f, "knRtSleep", 0);
        CALL2(t.f, "WaitForRtAlarm", h, ALL);
        expect_runs(&t, t.a);
        if (how == 0) cr_expect_eq(CALL1(t.f, "DeleteRtAlarm", h), 1);
        if (how == 1) CALL0(t.f, "ExitRtProcess");
        if (how == 2) cr_expect_eq(CALL1(t.f, "ResetRtAlarm", h), 1);
        if (how != 1) CALL1(t.f, "SuspendRtThread", 0);
        expect_runs(&t, t.b);
        cr_expect_eq(t.f->eax, 0);
        cr_expect_eq(fake_last(t.f), E_EXIST);
        cr_expect_eq(object_find(t.f->k, h) != NULL, how == 2);
        cr_expect_eq(t.f->alarm, UINT64_MAX);
        fake_free(t.f);
    }
}

Test(alarms, waiter_dies_and_is_suspended)
{
    struct two t = two();
    uint32_t h = CALL2(t.f, "CreateRtAlarm", REPEATER, 1000);
    uint16_t b = object_find(t.f->k, t.b)->process->threads->handle;
    CALL1(t.f, "knRtSleep", 0);
    CALL2(t.f, "WaitForRtAlarm", h, ALL);
    expect_runs(&t, t.a);
    CALL1(t.f, "SuspendRtThread", b);
    fake_time(t.f, 1000);
    CALL2(t.f, "WaitForRtAlarm", h, 0);
    cr_expect_eq(t.f->leave_status, E_TIME, "the suspended thread has the event");
    CALL1(t.f, "ResumeRtThread", b);
    CALL1(t.f, "knRtSleep", 0);
    expect_runs(&t, t.b);
    cr_expect_eq(t.f->eax, 1);
    CALL2(t.f, "WaitForRtAlarm", h, ALL);
    CALL1(t.f, "DeleteRtThread", b);
    cr_expect_eq(t.f->alarm, UINT64_MAX);
    expect_runs(&t, t.a);
    fake_free(t.f);
}

/* --- time --- */

static void set_time(struct fake *f, const uint16_t *words, uint32_t us)
{
    uint8_t time[18];
    for (unsigned i = 0; i < 7; i++)
        put16(time + i * 2, words[i]);
    put32(time + 14, us);
    fake_put(f, SCRATCH, time, sizeof time);
    CALL1(f, "SetRtSystemTime", SCRATCH);
}

static uint64_t seconds(struct fake *f, uint32_t *us)
{
    uint8_t value[12];
    CALL1(f, "GetRtSystemTimeAsTimeValue", SCRATCH + 64);
    fake_get(f, SCRATCH + 64, value, sizeof value);
    *us = get32(value + 8);
    return get64(value);
}

/* year, month, day of week, day, hour, minute, second; seconds since 1978 */
Test(systime, dates)
{
    static const struct {
        uint16_t date[7];
        uint64_t seconds;
    } rows[] = {
        {{1978, 1, 0, 1, 0, 0, 0}, 0},           {{1978, 12, 0, 31, 23, 59, 59}, 31535999},
        {{1980, 2, 5, 29, 0, 0, 0}, 68169600},   {{2000, 1, 6, 1, 0, 0, 0}, 694224000},
        {{2000, 2, 2, 29, 12, 0, 0}, 699364800}, {{2000, 3, 3, 1, 0, 0, 0}, 699408000},
        {{2026, 10, 6, 3, 1, 2, 3}, 1538528523}, {{2100, 3, 1, 1, 0, 0, 0}, 3855081600},
        {{2378, 1, 0, 1, 0, 0, 0}, 12622780800}, {{65535, 12, 2, 31, 23, 59, 59}, 2005696684799}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct two t = two();
        uint32_t us;
        uint8_t got[18];
        t.f->now = 123;
        set_time(t.f, rows[i].date, 999999);
        cr_expect_eq(t.f->leave_status, E_OK, "row %u", i);
        cr_expect_eq(seconds(t.f, &us), rows[i].seconds, "row %u: %llu", i,
                     (unsigned long long)seconds(t.f, &us));
        cr_expect_eq(us, 999999);
        CALL1(t.f, "GetRtSystemTime", SCRATCH + 32);
        fake_get(t.f, SCRATCH + 32, got, sizeof got);
        for (unsigned w = 0; w < 7; w++)
            cr_expect_eq(get16(got + w * 2), rows[i].date[w], "row %u: word %u is %u", i, w,
                         get16(got + w * 2));
        cr_expect_eq(get32(got + 14), 999999);
        t.f->now += 2;
        cr_expect_eq(seconds(t.f, &us), rows[i].seconds + 1);
        cr_expect_eq(us, 1);
        fake_free(t.f);
    }
}

Test(systime, bad_fields)
{
    static const uint16_t rows[][7] = {{1977, 12, 0, 31, 0, 0, 0}, {2001, 0, 0, 1, 0, 0, 0},
                                       {2001, 13, 0, 1, 0, 0, 0},  {2001, 1, 0, 0, 0, 0, 0},
                                       {2001, 2, 0, 29, 0, 0, 0},  {2100, 2, 0, 29, 0, 0, 0},
                                       {2001, 4, 0, 31, 0, 0, 0},  {2001, 1, 0, 1, 24, 0, 0},
                                       {2001, 1, 0, 1, 0, 60, 0},  {2001, 1, 0, 1, 0, 0, 60}};
    static const uint16_t good[7] = {2001, 1, 99, 1, 0, 0, 0};
    struct two t = two();
    uint32_t us;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set_time(t.f, rows[i], 0);
        cr_expect_eq(t.f->leave_status, E_PARAM, "row %u", i);
    }
    set_time(t.f, good, 1000000);
    cr_expect_eq(t.f->leave_status, E_PARAM);
    cr_expect_eq(seconds(t.f, &us), 694224000, "the default start: 1 January 2000");
    set_time(t.f, good, 0);
    cr_expect_eq(t.f->leave_status, E_OK, "the day of the week does not count");
    fake_free(t.f);
}

Test(systime, start_is_configured)
{
    struct fake *f = fake_new(0x400000, 0);
    struct rt_config config = {.ram_base = FAKE_RAM_BASE, .ram_size = 0x400000, .start_time = 77};
    struct rt_kernel *k = rt_kernel_new(&config, &f->k->port);
    cr_expect_eq(k->clock_base, 77000000);
    rt_kernel_free(k);
    fake_free(f);
}

Test(systime, kernel_ticks)
{
    struct two t = two();
    uint8_t bytes[8];
    t.f->now = 1700;
    cr_expect_eq(CALL1(t.f, "knGetKernelTime", SCRATCH), 3);
    fake_get(t.f, SCRATCH, bytes, 8);
    cr_expect_eq(get64(bytes), 3);
    put64(bytes, 0xfffffffffull);
    fake_put(t.f, SCRATCH, bytes, 8);
    CALL1(t.f, "knSetKernelTime", SCRATCH);
    t.f->now = 2000;
    cr_expect_eq(CALL0(t.f, "knGetKernelTime0"), 0);
    cr_expect_eq(t.f->edx, 0x10);
    cr_expect_eq(CALL1(t.f, "knGetKernelTime", 0), 0);
    cr_expect_eq(t.f->edx, 0x10);
    CALL1(t.f, "knRtSleep", 3);
    cr_expect_eq(t.f->alarm, 3500, "sleeps do not follow the counter");
    fake_free(t.f);
}
