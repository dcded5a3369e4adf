/* Low-level objects: semaphores and regions, mailboxes, alarm events, their pages; the scheduler's lock. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "kn.h"

#define ALL      0xffffffffu
#define SCRATCH  (FAKE_DATA + 0x100)
#define AREA     FAKE_DATA
#define PRIORITY 1u
#define REGION   2u
#define ONE_UNIT 4u
#define RESERVE  8u

struct three {
    struct fake *f;
    uint16_t p[3];
};

static struct three three(void)
{
    struct three t = {.f = fake_new(0x1000000, 0)};
    for (unsigned i = 0; i < 3; i++)
        t.p[i] = fake_app(t.f);
    fake_run(t.f);
    return t;
}

static void expect_runs(const struct three *t, unsigned i)
{
    cr_expect_eq(rt_current_process(t->f->k), i < 3 ? t->p[i] : 0);
    cr_expect_null(fake_check(t->f), "%s", fake_check(t->f));
}

static void stop(const struct three *t)
{
    CALL1(t->f, "SuspendRtThread", 0);
}

static struct thread *main_of(const struct three *t, unsigned i)
{
    struct thread *m = object_find(t->f->k, t->p[i])->process->threads;
    while (!m->main)
        m = m->next;
    return m;
}

/* --- semaphores --- */

Test(kn, semaphore_units)
{
    struct three t = three();
    uint32_t h = CALL2(t.f, "knCreateRtSemaphore", AREA, ONE_UNIT), n = 0;
    cr_expect_eq(h, object_find(t.f->k, t.p[0])->process->base + AREA);
    for (unsigned i = 0; i < 70000; i++)
        CALL1(t.f, "knReleaseRtSemaphore", h);
    while (CALL2(t.f, "knWaitForRtSemaphore", h, 0))
        n++;
    cr_expect_eq(n, 65535);
    cr_expect_eq(fake_last(t.f), E_KN_TIME_OUT);
    fake_free(t.f);
}

/* Queue order: kind 0 first come first served, 1 by priority. */
Test(kn, semaphore_order)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    for (uint32_t kind = 0; kind <= PRIORITY; kind++) {
        struct three t = three();
        uint32_t h = CALL2(t.f, "knCreateRtSemaphore", AREA, kind);
        CALL2(t.f, "SetRtThreadPriority", main_of(&t, 1)->handle, 140);
        CALL2(t.f, "SetRtThreadPriority", main_of(&t, 2)->handle, 150);
        CALL1(t.f, "SuspendRtThread", main_of(&t, 1)->handle);
        CALL1(t.f, "RtSleep", 10);
        CALL2(t.f, "knWaitForRtSemaphore", h, ALL); /* c waits first */
        fake_time(t.f, 10000);
        CALL1(t.f, "ResumeRtThread", main_of(&t, 1)->handle);
        CALL1(t.f, "RtSleep", 10);
        CALL2(t.f, "knWaitForRtSemaphore", h, ALL); /* then b, who is better */
        fake_time(t.f, 20000);
        CALL1(t.f, "knReleaseRtSemaphore", h);
        stop(&t);
        expect_runs(&t, kind == PRIORITY ? 1 : 2);
        cr_expect_eq(t.f->eax, 1);
        fake_free(t.f);
    }
}

Test(kn, semaphore_limits_on_low_ticks)
{
    struct three t = three();
    uint32_t h = CALL2(t.f, "knCreateRtSemaphore", AREA, 0);
    stop(&t);
    stop(&t);
    t.f->now = 700;
    CALL2(t.f, "knWaitForRtSemaphore", h, 3);
    cr_expect_eq(t.f->alarm, 2000);
    fake_time(t.f, 2000);
    expect_runs(&t, 2);
    cr_expect_eq(t.f->eax, 0);
    cr_expect_eq(fake_last(t.f), E_KN_TIME_OUT);
    fake_free(t.f);
}

Test(kn, semaphore_deleted_and_used_again)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    struct three t = three();
    uint32_t h = CALL2(t.f, "knCreateRtSemaphore", AREA, 0);
    CALL2(t.f, "knWaitForRtSemaphore", h, ALL);
    expect_runs(&t, 1);
    CALL1(t.f, "knDeleteRtSemaphore", h);
    stop(&t);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, 0);
    cr_expect_eq(fake_last(t.f), E_KN_NONEXIST);
    CALL1(t.f, "knReleaseRtSemaphore", h);
    cr_expect_eq(CALL2(t.f, "knWaitForRtSemaphore", h, 0), 1);
    fake_free(t.f);
}

/* --- regions --- */

static uint8_t priority_of(const struct three *t, unsigned i)
{
    return main_of(t, i)->priority;
}

/* The others stand still; a has a low priority. */
static struct three alone(uint8_t priority)
{
    struct three t = three();
    CALL1(t.f, "SuspendRtThread", main_of(&t, 1)->handle);
    CALL1(t.f, "SuspendRtThread", main_of(&t, 2)->handle);
    CALL2(t.f, "SetRtThreadPriority", 0, priority);
    return t;
}

static void let_run(const struct three *t, unsigned i, uint8_t priority)
{
    CALL2(t->f, "SetRtThreadPriority", main_of(t, i)->handle, priority);
    CALL1(t->f, "ResumeRtThread", main_of(t, i)->handle);
}

/* a (200) holds, b (150) waits, then c (140): the holder runs as the best of them. */
Test(kn, region_inherits)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    for (unsigned created_held = 0; created_held < 2; created_held++) {
        struct three t = alone(200);
        uint32_t h =
            CALL2(t.f, "knCreateRtSemaphore", AREA, REGION | (created_held ? 0 : ONE_UNIT));
        if (!created_held) cr_expect_eq(CALL2(t.f, "knWaitForRtSemaphore", h, ALL), 1);
        CALL1(t.f, "WaitForRtControl", CALL1(t.f, "CreateRtRegion", 1));
        let_run(&t, 1, 150);
        CALL2(t.f, "knWaitForRtSemaphore", h, ALL);
        expect_runs(&t, 0);
        cr_expect_eq(priority_of(&t, 0), 150);
        let_run(&t, 2, 140);
        CALL2(t.f, "knWaitForRtSemaphore", h, ALL);
        expect_runs(&t, 0);
        cr_expect_eq(priority_of(&t, 0), 140);
        CALL1(t.f, "knReleaseRtSemaphore", h);
        cr_expect_eq(priority_of(&t, 0), 140, "until the last region is left");
        CALL0(t.f, "ReleaseRtControl");
        cr_expect_eq(priority_of(&t, 0), 200);
        expect_runs(&t, 2);
        CALL1(t.f, "knReleaseRtSemaphore", h);
        stop(&t);
        expect_runs(&t, 1);
        CALL1(t.f, "knReleaseRtSemaphore", h);
        cr_expect_eq(CALL2(t.f, "knWaitForRtSemaphore", h, 0), 1);
        fake_free(t.f);
    }
}

/* a holds a low-level region and waits for a high-level one of b's; c waits for the low-level one. */
Test(kn, region_chain)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    struct three t = alone(180);
    uint32_t h = CALL2(t.f, "knCreateRtSemaphore", AREA, REGION);
    uint32_t high = CALL1(t.f, "CreateRtRegion", 1);
    let_run(&t, 1, 220);
    CALL1(t.f, "RtSleep", 10);
    CALL1(t.f, "WaitForRtControl", high);
    fake_time(t.f, 10000);
    CALL1(t.f, "WaitForRtControl", high);
    expect_runs(&t, 1);
    cr_expect_eq(priority_of(&t, 1), 180);
    let_run(&t, 2, 130);
    CALL2(t.f, "knWaitForRtSemaphore", h, ALL);
    expect_runs(&t, 1);
    cr_expect_eq(priority_of(&t, 0), 130);
    cr_expect_eq(priority_of(&t, 1), 130);
    fake_free(t.f);
}

Test(kn, region_deleted_or_holder_gone)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    struct three t = alone(200);
    uint32_t h = CALL2(t.f, "knCreateRtSemaphore", AREA, REGION);
    let_run(&t, 2, 150);
    CALL2(t.f, "knWaitForRtSemaphore", h, ALL);
    expect_runs(&t, 0);
    cr_expect_eq(priority_of(&t, 0), 150);
    CALL1(t.f, "knDeleteRtSemaphore", h);
    expect_runs(&t, 2);
    cr_expect_eq(priority_of(&t, 0), 200, "at once");
    cr_expect_eq(fake_last(t.f), E_KN_NONEXIST);
    h = CALL2(t.f, "knCreateRtSemaphore", AREA, REGION | ONE_UNIT);
    cr_expect_eq(CALL2(t.f, "knWaitForRtSemaphore", h, 0), 1);
    cr_expect_eq(t.f->k->kn_region_count, 1);
    CALL0(t.f, "ExitRtProcess");
    cr_expect_eq(t.f->k->kn_region_count, 0);
    expect_runs(&t, 0);
    h = CALL2(t.f, "knCreateRtSemaphore", AREA, REGION);
    CALL4(t.f, "CreateRtThread", 0, FAKE_IMAGE, 4096, 0); /* better than its maker */
    cr_assert_neq(rt_current_thread(t.f->k), main_of(&t, 0)->handle);
    CALL1(t.f, "DeleteRtThread", main_of(&t, 0)->handle);
    cr_expect_eq(t.f->k->kn_region_count, 0);
    cr_expect_eq(CALL2(t.f, "knWaitForRtSemaphore", h, 0), 0, "its unit went with the thread");
    cr_expect_null(fake_check(t.f), "%s", fake_check(t.f));
    fake_free(t.f);
}

/* --- pages --- */

Test(kn, pages_are_limited)
{
    HOLDS_POINTERS();
    struct three t = three();
    struct process *p = object_find(t.f->k, t.p[0])->process;
    uint32_t block = CALL1(t.f, "AllocateRtMemory", 257 * 4096), made = 0;
    for (unsigned i = 0; i < 256; i++) {
        made += CALL2(t.f, "knCreateRtSemaphore", block + i * 4096, 0) != ALL;
        made += CALL2(t.f, "knCreateRtSemaphore", block + i * 4096 + 64, 0) != ALL;
    }
    cr_expect_eq(made, 512);
    cr_expect_eq(p->kn_count, 256);
    cr_expect_eq(CALL2(t.f, "knCreateRtSemaphore", block + 256 * 4096, 0), ALL);
    cr_expect_eq(fake_last(t.f), E_KN_LIMIT_EXCEEDED);
    cr_expect_eq(CALL4(t.f, "knCreateRtMailbox", block + 255 * 4096 + 4000, 64, 2, 0), ALL,
                 "it reaches into one more page");
    CALL1(t.f, "knRtSleep", 0);
    cr_expect_neq(CALL2(t.f, "knCreateRtSemaphore", AREA, 0), ALL, "another process has its own");
    stop(&t);
    stop(&t);
    expect_runs(&t, 0);
    CALL1(t.f, "FreeRtMemory", block);
    cr_expect_eq(p->kn_count, 0);
    cr_expect_neq(CALL2(t.f, "knCreateRtSemaphore", AREA, 0), ALL);
    fake_free(t.f);
}

/* The memory goes while threads of other processes wait at it. */
Test(kn, memory_goes)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    for (unsigned how = 0; how < 2; how++) {
        struct three t = three();
        uint32_t block = CALL1(t.f, "AllocateRtMemory", 8192);
        uint32_t s = CALL2(t.f, "knCreateRtSemaphore", block, 0);
        uint32_t m = CALL4(t.f, "knCreateRtMailbox", block + 4000, 16, 8, 0);
        CALL1(t.f, "knRtSleep", 0);
        CALL2(t.f, "knWaitForRtSemaphore", s, ALL);
        expect_runs(&t, 2);
        CALL4(t.f, "knWaitForRtData", m, SCRATCH, SCRATCH + 64, 5000);
        expect_runs(&t, 0);
        if (how)
            CALL0(t.f, "ExitRtProcess");
        else
            CALL1(t.f, "FreeRtMemory", block);
        if (!how) stop(&t);
        for (unsigned i = 1; i < 3; i++) {
            expect_runs(&t, i);
            cr_expect_eq(t.f->eax, 0);
            cr_expect_eq(fake_last(t.f), E_KN_NONEXIST);
            cr_expect_eq(CALL2(t.f, "knWaitForRtSemaphore", s, ALL), 0);
            cr_expect_eq(fake_last(t.f), E_BAD_ADDR);
            stop(&t);
        }
        cr_expect_eq(t.f->alarm, UINT64_MAX);
        fake_free(t.f);
    }
}

/* --- mailboxes --- */

static uint32_t receive(const struct three *t, uint32_t h, char *to)
{
    uint8_t length[4];
    uint32_t got = CALL4(t->f, "knWaitForRtData", h, SCRATCH, SCRATCH + 64, 0);
    fake_get(t->f, SCRATCH + 64, length, 4);
    fake_get(t->f, SCRATCH, to, 8);
    to[got ? get32(length) : 0] = 0;
    return got;
}

static uint32_t send(const struct three *t, const char *call, uint32_t h, const char *text)
{
    fake_put(t->f, FAKE_DATA + 0x700, text, (uint32_t)strlen(text) + 1);
    return CALL3(t->f, call, h, FAKE_DATA + 0x700, strlen(text));
}

Test(kn, mailbox_order_and_room)
{
    static const char *const normal = "knSendRtData", *const priority = "knSendRtPriorityData";
    for (uint32_t flags = 0; flags <= RESERVE; flags += RESERVE) {
        struct three t = three();
        char got[16];
        uint32_t h = CALL4(t.f, "knCreateRtMailbox", FAKE_DATA + 0x200, 8, 4, flags);
        cr_expect_eq(send(&t, normal, h, "one"), 1);
        cr_expect_eq(send(&t, normal, h, "two"), 1);
        cr_expect_eq(send(&t, normal, h, "three"), 1);
        cr_expect_eq(send(&t, normal, h, "four"), flags == 0);
        if (flags) cr_expect_eq(t.f->leave_status, E_KN_LIMIT_EXCEEDED);
        cr_expect_eq(send(&t, priority, h, "first"), flags != 0);
        if (flags) cr_expect_eq(receive(&t, h, got), 1);
        if (flags) cr_expect_str_eq(got, "first");
        for (unsigned i = 0; i < 10; i++) { /* round the ring */
            receive(&t, h, got);
            cr_expect_eq(send(&t, normal, h, got), 1);
        }
        receive(&t, h, got);
        cr_expect_str_eq(got, flags ? "two" : "three");
        cr_expect_eq(send(&t, priority, h, "older"), 1);
        cr_expect_eq(send(&t, priority, h, "newer"), flags != 0);
        receive(&t, h, got);
        cr_expect_str_eq(got, flags ? "newer" : "older");
        CALL1(t.f, "knDeleteRtMailbox", h);
        cr_expect_eq(receive(&t, h, got), 0);
        cr_expect_eq(fake_last(t.f), E_KN_TIME_OUT);
        fake_free(t.f);
    }
}

Test(kn, mailbox_hand_to_hand)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    struct three t = three();
    uint32_t h = CALL4(t.f, "knCreateRtMailbox", FAKE_DATA + 0x200, 8, 4, PRIORITY);
    CALL4(t.f, "knWaitForRtData", h, SCRATCH, SCRATCH + 64, ALL);
    expect_runs(&t, 1);
    cr_expect_eq(send(&t, "knSendRtData", h, "hello b"), 1);
    CALL4(t.f, "knWaitForRtData", h, SCRATCH, SCRATCH + 64, 4);
    cr_expect_eq(t.f->alarm, 2000);
    stop(&t);
    expect_runs(&t, 0);
    char got[8];
    uint8_t length[4];
    cr_expect_eq(t.f->eax, 1);
    fake_get(t.f, SCRATCH, got, 8);
    fake_get(t.f, SCRATCH + 64, length, 4);
    cr_expect(!memcmp(got, "hello b", 7) && get32(length) == 7);
    stop(&t);
    fake_time(t.f, 2000);
    expect_runs(&t, 1);
    cr_expect_eq(fake_last(t.f), E_KN_TIME_OUT);
    uint32_t block = CALL1(t.f, "AllocateRtMemory", 4096);
    uint32_t other = CALL4(t.f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    CALL4(t.f, "knWaitForRtData", h, block, block + 64, ALL);
    cr_assert_eq(rt_current_thread(t.f->k), other);
    CALL1(t.f, "FreeRtMemory", block);
    send(&t, "knSendRtData", h, "lost?");
    cr_assert_eq(rt_current_thread(t.f->k), main_of(&t, 1)->handle);
    cr_expect_eq(t.f->eax, 0);
    cr_expect_eq(fake_last(t.f), E_BAD_ADDR);
    cr_expect_eq(receive(&t, h, got), 1);
    cr_expect_str_eq(got, "lost?");
    fake_free(t.f);
}

/* The guest scribbles over an area: nothing of it is believed. */
Test(kn, areas_are_not_trusted)
{
    struct three t = three();
    uint32_t m = CALL4(t.f, "knCreateRtMailbox", FAKE_DATA + 0x200, 8, 4, 0), seed = 1;
    uint32_t a = CALL3(t.f, "knCreateRtAlarmEvent", FAKE_DATA + 0x300, 1, 4);
    uint32_t s = CALL2(t.f, "knCreateRtSemaphore", FAKE_DATA + 0x320, REGION | ONE_UNIT);
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t noise[4];
        seed = seed * 1664525u + 1013904223u;
        static const uint32_t values[] = {0, 1, 4, 0x7fffffff, 0x80000000, 0xffffffff, 0x1000, 7};
        put32(noise, seed >> 16 & 1 ? seed : values[seed >> 8 & 7]);
        fake_put(t.f, FAKE_DATA + 0x200 + (seed >> 20) % 0x128 / 4 * 4, noise, 4);
        t.f->now += seed >> 28;
        switch (seed >> 12 & 7) {
        case 0: CALL3(t.f, "knSendRtData", m, FAKE_DATA, seed >> 24 & 15); break;
        case 1: CALL3(t.f, "knSendRtPriorityData", m, FAKE_DATA, 4); break;
        case 2: CALL4(t.f, "knWaitForRtData", m, SCRATCH, SCRATCH + 64, 0); break;
        case 3: CALL2(t.f, "knWaitForRtAlarmEvent", a, 0); break;
        case 4: CALL1(t.f, "knReleaseRtSemaphore", s); break;
        case 5: CALL2(t.f, "knWaitForRtSemaphore", s, 0); break;
        case 6: CALL1(t.f, "knResetRtAlarmEvent", a); break;
        default: CALL1(t.f, "knDeleteRtMailbox", m); break;
        }
        if (i % 50 == 0) cr_assert_null(fake_check(t.f), "round %u: %s", i, fake_check(t.f));
    }
    fake_free(t.f);
}

/* --- alarm events --- */

Test(kn, alarm_events)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    struct three t = three();
    uint32_t h = CALL3(t.f, "knCreateRtAlarmEvent", AREA, 1, 4), n = 0;
    stop(&t);
    stop(&t);
    CALL2(t.f, "knWaitForRtAlarmEvent", h, ALL);
    expect_runs(&t, 9);
    cr_expect_eq(t.f->alarm, 2000);
    fake_time(t.f, 2000);
    expect_runs(&t, 2);
    cr_expect_eq(t.f->eax, 1);
    CALL2(t.f, "knWaitForRtAlarmEvent", h, 2);
    fake_time(t.f, 3000);
    expect_runs(&t, 2);
    cr_expect_eq(t.f->eax, 0);
    cr_expect_eq(fake_last(t.f), E_KN_TIME_OUT);
    t.f->now = 9000;
    while (CALL2(t.f, "knWaitForRtAlarmEvent", h, 0))
        n++;
    cr_expect_eq(n, 3);
    CALL1(t.f, "knResetRtAlarmEvent", h);
    CALL2(t.f, "knWaitForRtAlarmEvent", h, ALL);
    cr_expect_eq(t.f->alarm, 11000);
    fake_time(t.f, 11000);
    CALL1(t.f, "knDeleteRtAlarmEvent", h);
    CALL2(t.f, "knWaitForRtAlarmEvent", h, ALL);
    expect_runs(&t, 9);
    cr_expect_eq(t.f->idle_code, 1, "never signalled again");
    fake_free(t.f);
}

Test(kn, alarm_deleted_while_waited_for)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    struct three t = three();
    uint32_t h = CALL3(t.f, "knCreateRtAlarmEvent", AREA, 0, 40);
    CALL2(t.f, "knWaitForRtAlarmEvent", h, ALL);
    expect_runs(&t, 1);
    CALL1(t.f, "knDeleteRtAlarmEvent", h);
    stop(&t);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(fake_last(t.f), E_KN_NONEXIST);
    fake_free(t.f);
}

/* --- the scheduler's lock --- */

Test(kn, lock_keeps_the_processor)
{
    struct three t = three();
    CALL1(t.f, "SuspendRtThread", main_of(&t, 1)->handle);
    CALL2(t.f, "SetRtThreadPriority", 0, 200);
    expect_runs(&t, 2);
    CALL2(t.f, "SetRtThreadPriority", 0, 200);
    stop(&t);
    expect_runs(&t, 0);
    CALL0(t.f, "knStopRtScheduler");
    CALL0(t.f, "knStopRtScheduler");
    CALL1(t.f, "ResumeRtThread", main_of(&t, 1)->handle); /* better */
    CALL1(t.f, "ResumeRtThread", main_of(&t, 2)->handle); /* equal */
    CALL1(t.f, "knRtSleep", 0);
    fake_time(t.f, 1000000);
    expect_runs(&t, 0);
    CALL0(t.f, "knStartRtScheduler");
    expect_runs(&t, 0);
    CALL0(t.f, "knStartRtScheduler");
    expect_runs(&t, 1);
    CALL0(t.f, "knStartRtScheduler"); /* without a stop: nothing */
    expect_runs(&t, 1);
    fake_free(t.f);
}

/* A locked thread that waits gives the processor away; its lock comes back with it. */
Test(kn, lock_belongs_to_the_thread)
{
    struct three t = three();
    CALL0(t.f, "knStopRtScheduler");
    CALL1(t.f, "RtSleep", 10);
    expect_runs(&t, 1);
    CALL1(t.f, "knRtSleep", 0);
    expect_runs(&t, 2);
    stop(&t);
    expect_runs(&t, 1);
    fake_time(t.f, 10000);
    stop(&t);
    expect_runs(&t, 0);
    CALL2(t.f, "SetRtThreadPriority", 0, 200);
    CALL1(t.f, "ResumeRtThread", main_of(&t, 1)->handle);
    expect_runs(&t, 0);
    CALL0(t.f, "knStartRtScheduler");
    expect_runs(&t, 1);
    fake_free(t.f);
}
