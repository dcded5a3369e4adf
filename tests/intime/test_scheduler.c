/* The scheduler, sentence by sentence: docs/intime-scheduler.md says which test stands for which. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "fake.h"

#define INFO  (FAKE_DATA + 0x100)
#define BYTES (FAKE_DATA + 0x200)
#define KN    (FAKE_DATA + 0x300)
#define IRQ5  0x58u

static struct fake *started(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    CALL2(f, "SetRtProcessMaxPriority", 0, 0);
    return f;
}

/* The new thread has run if it is better than the caller, and is the current one then. */
static uint32_t make(struct fake *f, uint32_t priority)
{
    uint32_t creator = rt_current_thread(f->k);
    uint32_t t = CALL4(f, "CreateRtThread", priority, FAKE_IMAGE, 4096, 0);
    uint32_t now = rt_current_thread(f->k);
    return now == creator ? t : now;
}

static void expect_runs(struct fake *f, uint32_t thread, const char *when)
{
    cr_expect_eq(rt_current_thread(f->k), thread, "%s: %04X runs, not %04X", when,
                 rt_current_thread(f->k), thread);
    cr_expect_null(fake_check(f), "%s: %s", when, fake_check(f));
}

Test(scheduler, priority_0_is_the_best_and_254_the_worst)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k);
    uint32_t worst = make(f, 254), low = make(f, 130);
    cr_expect_eq(CALL4(f, "CreateRtThread", 255, FAKE_IMAGE, 4096, 0), BAD_RTHANDLE);
    expect_runs(f, main_thread, "worse ones wait");
    uint32_t best = make(f, 1);
    expect_runs(f, best, "1 before 129");
    CALL2(f, "SetRtThreadPriority", main_thread, 0);
    expect_runs(f, main_thread, "0, the process's maximum, before 1");
    cr_expect_eq(CALL1(f, "GetRtThreadPriority", 0), 0);
    CALL1(f, "SuspendRtThread", 0);
    expect_runs(f, best, "then 1");
    CALL1(f, "SuspendRtThread", 0);
    expect_runs(f, low, "then 130");
    CALL1(f, "SuspendRtThread", 0);
    expect_runs(f, worst, "then 254");
    fake_free(f);
}

/* --- preemption at once --- */

struct objects {
    uint32_t sem, data, handles, region, kn, waiter;
};

/* How a thread waits, and what another one does that lets it go on. */
struct way {
    const char *name;
    void (*wait)(struct fake *f, const struct objects *o);
    void (*ready)(struct fake *f, const struct objects *o);
};

#define DO(name, ...)                                                                              \
    static void name(struct fake *f, const struct objects *o)                                      \
    {                                                                                              \
        (void)o;                                                                                   \
        __VA_ARGS__;                                                                               \
    }
DO(w_sem, CALL3(f, "WaitForRtSemaphore", o->sem, 1, WAIT_FOREVER))
DO(r_sem, CALL2(f, "ReleaseRtSemaphore", o->sem, 1))
DO(d_sem, CALL1(f, "DeleteRtSemaphore", o->sem))
DO(w_data, CALL3(f, "ReceiveRtData", o->data, BYTES, WAIT_FOREVER))
DO(r_data, CALL3(f, "SendRtData", o->data, BYTES, 4))
DO(w_handles, CALL3(f, "ReceiveRtHandle", o->handles, WAIT_FOREVER, 0))
DO(r_handles, CALL3(f, "SendRtHandle", o->handles, o->sem, 0))
DO(w_kn, CALL2(f, "knWaitForRtSemaphore", o->kn, WAIT_FOREVER))
DO(r_kn, CALL1(f, "knReleaseRtSemaphore", o->kn))
DO(w_name, CALL3(f, "LookupRtHandle", 0, fake_string(f, "NAME"), WAIT_FOREVER))
DO(r_name, CALL3(f, "CatalogRtHandle", 0, o->sem, fake_string(f, "NAME")))
DO(w_self, CALL1(f, "SuspendRtThread", 0))
DO(r_self, CALL1(f, "ResumeRtThread", o->waiter))
DO(w_time, CALL1(f, "RtSleep", 10))
DO(r_time, fake_time(f, f->now + 10000))
#undef DO

static const struct way ways[] = {
    {"semaphore", w_sem, r_sem},      {"semaphore deleted", w_sem, d_sem},
    {"data mailbox", w_data, r_data}, {"object mailbox", w_handles, r_handles},
    {"low-level", w_kn, r_kn},        {"name", w_name, r_name},
    {"resumed", w_self, r_self},      {"time", w_time, r_time},
};
#define WAYS (sizeof ways / sizeof ways[0])

static struct objects objects_make(struct fake *f)
{
    return (struct objects){.sem = CALL3(f, "CreateRtSemaphore", 0, 9, 0),
                            .data = CALL1(f, "CreateRtMailbox", 0x20),
                            .handles = CALL1(f, "CreateRtMailbox", 0),
                            .kn = CALL2(f, "knCreateRtSemaphore", KN, 0)};
}

Test(scheduler, a_better_thread_preempts_at_once_an_equal_one_does_not)
{
    for (unsigned i = 0; i < 2 * WAYS; i++) {
        const struct way *way = &ways[i / 2];
        bool better = i % 2;
        struct fake *f = started();
        uint32_t main_thread = rt_current_thread(f->k);
        struct objects o = objects_make(f);
        CALL2(f, "SetRtThreadPriority", 0, 115);
        o.waiter = make(f, better ? 114 : 115);
        if (!better) CALL1(f, "knRtSleep", 0); /* its turn */
        expect_runs(f, o.waiter, way->name);
        way->wait(f, &o);
        expect_runs(f, main_thread, way->name);
        way->ready(f, &o);
        expect_runs(f, better ? o.waiter : main_thread, way->name);
        fake_free(f);
    }
}

/* A thread that a handler signals goes on when the handler has ended. */
Test(scheduler, an_interrupt_thread_preempts_at_once)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k), t = make(f, 90);
    CALL3(f, "SetRtInterruptHandler", IRQ5, 1, FAKE_IMAGE + 0x10);
    CALL2(f, "WaitForRtInterrupt", IRQ5, WAIT_FOREVER);
    expect_runs(f, main_thread, "nothing signalled");
    fake_handler(f, "SignalRtInterruptThread", IRQ5);
    expect_runs(f, t, "signalled");
    fake_free(f);
}

/* --- turns --- */

/* Three equals and a worse one, the better main thread asleep. */
Test(scheduler, equals_from_140_on_take_turns_and_go_to_the_tail)
{
    struct fake *f = started();
    uint32_t t[3];
    for (unsigned i = 0; i < 3; i++)
        t[i] = make(f, 140);
    make(f, 141);
    CALL1(f, "RtSleep", 655349);
    for (unsigned turn = 0; turn < 9; turn++) {
        expect_runs(f, t[turn % 3], "its turn");
        fake_time(f, turn * 50000 + 49999);
        expect_runs(f, t[turn % 3], "just before its end");
        fake_time(f, turn * 50000 + 50000);
    }
    fake_free(f);
}

Test(scheduler, equals_better_than_140_run_until_they_wait)
{
    struct fake *f = started();
    uint32_t a = make(f, 139), b = make(f, 139);
    CALL1(f, "RtSleep", 655349);
    expect_runs(f, a, "the first one");
    for (unsigned second = 1; second < 10; second++) {
        fake_time(f, second * 1000000);
        expect_runs(f, a, "still");
    }
    CALL1(f, "RtSleep", 10);
    expect_runs(f, b, "it waits");
    fake_free(f);
}

/* --- the high-level tick --- */

/* Calls with milliseconds as argument number `at`; all of them would wait. */
static const struct timed {
    const char *name;
    unsigned count, at;
} timed[] = {{"WaitForRtSemaphore", 3, 2}, {"ReceiveRtData", 3, 2}, {"ReceiveRtHandle", 3, 1},
             {"ReceiveRtMessage", 3, 1},   {"RtSleep", 1, 0},       {"ReceiveRtDataMessage", 5, 3}};

static void timed_call(struct fake *f, const struct timed *row, uint32_t ms)
{
    uint32_t a[5] = {0, 1, 0, 0, BYTES + 128};
    switch (row - timed) {
    case 0: a[0] = CALL3(f, "CreateRtSemaphore", 0, 9, 0); break;
    case 1:
        a[0] = CALL1(f, "CreateRtMailbox", 0x20);
        a[1] = BYTES;
        break;
    case 2: a[0] = CALL1(f, "CreateRtMailbox", 0); break;
    case 3:
        a[0] = CALL4(f, "CreateRtPort", 0, 0, 0, 0);
        a[2] = BYTES;
        break;
    case 5:
        a[0] = CALL3(f, "CreateRtQueue", 4000, 64, 0);
        a[1] = BYTES;
        a[2] = 64;
        break;
    default: break;
    }
    a[row->at] = ms;
    fake_call(f, row->name, row->count, a[0], a[1], a[2], a[3], a[4]);
}

Test(scheduler, milliseconds_are_ticks_of_10_ms)
{
    static const struct {
        uint32_t ms;
        uint64_t ticks; /* 0: no wait */
    } rows[] = {{0, 0}, {9, 0}, {10, 1}, {19, 1}, {20, 2}, {99, 9}, {1000, 100}, {655349, 65534}};
    for (unsigned i = 0; i < sizeof timed / sizeof timed[0]; i++) {
        struct fake *f = started();
        for (unsigned r = 0; r < sizeof rows / sizeof rows[0]; r++) {
            f->now += 3700; /* within a tick */
            uint64_t due = (f->now / 10000 + rows[r].ticks) * 10000;
            timed_call(f, &timed[i], rows[r].ms);
            cr_expect_eq(f->leave_blocked, rows[r].ticks != 0, "%s, %u ms", timed[i].name,
                         rows[r].ms);
            if (!rows[r].ticks) continue;
            cr_expect_eq(f->alarm, due, "%s, %u ms: %llu, not %llu", timed[i].name, rows[r].ms,
                         (unsigned long long)f->alarm, (unsigned long long)due);
            fake_time(f, due);
        }
        timed_call(f, &timed[i], 655350);
        cr_expect_eq(f->leave_status, E_PARAM, "%s: more than 65534 ticks", timed[i].name);
        timed_call(f, &timed[i], WAIT_FOREVER);
        if (i != 4) cr_expect_eq(f->alarm, UINT64_MAX, "%s: for ever", timed[i].name);
        fake_free(f);
    }
}

/* --- the low-level tick --- */

Test(scheduler, the_low_level_tick_is_configured)
{
    static const uint32_t us[] = {0, 50, 100, 500, 1000, 2000, 10000};
    for (unsigned i = 0; i < sizeof us / sizeof us[0]; i++) {
        struct fake *f = fake_new_tick(0x1000000, 0, us[i]);
        uint32_t tick = us[i] ? us[i] : 500;
        uint8_t info[2];
        fake_app(f);
        fake_run(f);
        f->now = 7 * tick + 1;
        CALL1(f, "knRtSleep", 3);
        cr_expect_eq(f->alarm, 10 * tick, "a tick of %u us", tick);
        fake_time(f, 10 * tick);
        cr_expect_eq(CALL1(f, "knGetKernelTime", 0), 10);
        cr_expect_eq(CALL1(f, "CopyRtSystemInfo", BYTES), 1);
        fake_get(f, BYTES + 57, info, 2);
        cr_expect_eq(get16(info), 10, "NucleusTickInterval");
        fake_get(f, BYTES + 59, info, 2);
        cr_expect_eq(get16(info), 10000 / tick, "KernelTickRatio");
        f->now = 25000;
        CALL1(f, "RtSleep", 10);
        cr_expect_eq(f->alarm, 30000, "the high-level tick stays");
        fake_free(f);
    }
}

/* --- states and suspension --- */

static uint8_t state_of(struct fake *f, uint32_t t, uint8_t *depth)
{
    uint8_t info[34], state[102];
    cr_assert_eq(CALL2(f, "GetRtThreadInfo", t, INFO), 1);
    fake_get(f, INFO, info, sizeof info);
    cr_assert_eq(CALL2(f, "GetRtThreadState", t, INFO), 1);
    fake_get(f, INFO, state, sizeof state);
    cr_expect_eq(info[20], state[4], "both calls say the same");
    cr_expect_eq(info[21], state[5]);
    *depth = info[21];
    return info[20];
}

/* A thread that does what the row says, seen by the main thread; then suspended, too. */
static void expect_states(struct fake *f, const char *what, uint32_t t, uint8_t waits)
{
    uint8_t depth, state = state_of(f, t, &depth);
    cr_expect_eq(state, waits, "%s: %02X instead of %02X", what, state, waits);
    cr_expect_eq(depth, 0);
    CALL1(f, "SuspendRtThread", t);
    state = state_of(f, t, &depth);
    uint8_t both = waits == 1 ? 0x10 : waits | 0x10;
    cr_expect_eq(state, both, "%s, suspended: %02X instead of %02X", what, state, both);
    cr_expect_eq(depth, 1);
}

Test(scheduler, states_as_documented)
{
    static const struct {
        const char *what, *call;
        unsigned count;
        uint8_t state;
    } rows[] = {{"ready", NULL, 0, 0x01},
                {"asleep", "RtSleep", 1, 0x02},
                {"exchange", "WaitForRtSemaphore", 3, 0x03},
                {"region", "WaitForRtControl", 1, 0x04},
                {"directory", "LookupRtHandle", 3, 0x05},
                {"port", "ReceiveRtMessage", 3, 0x06},
                {"low-level", "knWaitForRtSemaphore", 2, 0x08}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake *f = started();
        uint32_t main_thread = rt_current_thread(f->k), a[3] = {0, 1, WAIT_FOREVER};
        uint8_t depth;
        CALL2(f, "SetRtThreadPriority", 0, 115);
        cr_expect_eq(state_of(f, main_thread, &depth), 0x00, "running");
        uint32_t region = CALL1(f, "CreateRtRegion", 0);
        CALL1(f, "AcceptRtControl", region);
        if (rows[i].state == 2) a[0] = 100;
        if (rows[i].state == 3) a[0] = CALL3(f, "CreateRtSemaphore", 0, 9, 0);
        if (rows[i].state == 4) a[0] = region;
        if (rows[i].state == 5) a[1] = fake_string(f, "NAME");
        if (rows[i].state == 6) {
            a[0] = CALL4(f, "CreateRtPort", 0, 0, 0, 0);
            a[1] = WAIT_FOREVER;
            a[2] = BYTES;
        }
        if (rows[i].state == 8) a[0] = CALL2(f, "knCreateRtSemaphore", KN, 0);
        if (rows[i].state == 8) a[1] = WAIT_FOREVER;
        uint32_t t = make(f, rows[i].call ? 100 : 120);
        if (rows[i].call) fake_call(f, rows[i].call, rows[i].count, a[0], a[1], a[2]);
        expect_runs(f, main_thread, rows[i].what);
        expect_states(f, rows[i].what, t, rows[i].state);
        fake_free(f);
    }
}

Test(scheduler, state_self_suspended)
{
    struct fake *f = started();
    uint8_t depth;
    uint32_t t = make(f, 100);
    CALL1(f, "SuspendRtThread", 0);
    cr_expect_eq(state_of(f, t, &depth), 0x11);
    cr_expect_eq(depth, 1);
    CALL1(f, "SuspendRtThread", t);
    cr_expect_eq(state_of(f, t, &depth), 0x11);
    cr_expect_eq(depth, 2);
    CALL1(f, "ResumeRtThread", t);
    CALL1(f, "ResumeRtThread", t);
    expect_runs(f, t, "resumed as often as suspended");
    fake_free(f);
}

/* Deleted or suspended while it has control of a region: it goes on until it has left that. */
Test(scheduler, state_of_a_protected_thread)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k);
    uint32_t region = CALL1(f, "CreateRtRegion", 0);
    uint8_t depth;
    uint32_t t = make(f, 100);
    CALL1(f, "AcceptRtControl", region);
    CALL1(f, "RtSleep", 10);
    expect_runs(f, main_thread, "the holder sleeps");
    cr_expect_eq(CALL1(f, "SuspendRtThread", t), 1);
    cr_expect_eq(state_of(f, t, &depth), 0x12);
    CALL2(f, "SetRtThreadPriority", 0, 50);
    fake_time(f, 10000);
    expect_runs(f, main_thread, "the better one");
    cr_expect_eq(state_of(f, t, &depth), 0x01, "ready, as it is not suspended yet");
    cr_expect_eq(depth, 1);
    cr_expect_eq(CALL1(f, "DeleteRtThread", t), 1);
    cr_expect_eq(state_of(f, t, &depth), 0x17, "being deleted and suspended");
    cr_expect_eq(CALL1(f, "ResumeRtThread", t), 1);
    cr_expect_eq(state_of(f, t, &depth), 0x07, "being deleted");
    CALL1(f, "RtSleep", 10);
    expect_runs(f, t, "still in its region");
    CALL0(f, "ReleaseRtControl");
    cr_expect_neq(rt_current_thread(f->k), t);
    fake_time(f, 20000);
    expect_runs(f, main_thread, "it is gone");
    cr_expect_eq(CALL1(f, "GetRtHandleType", t), 0);
    fake_free(f);
}

Test(scheduler, suspension_depth_up_to_254)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k);
    uint8_t depth;
    CALL2(f, "SetRtThreadPriority", 0, 115);
    uint32_t t = make(f, 100);
    CALL1(f, "RtSleep", 10);
    for (unsigned i = 1; i <= 254; i++) {
        cr_assert_eq(CALL1(f, "SuspendRtThread", t), 1);
        cr_assert_eq(state_of(f, t, &depth), 0x12, "asleep-suspended");
        cr_assert_eq(depth, i);
    }
    cr_expect_eq(CALL1(f, "SuspendRtThread", t), 0);
    cr_expect_eq(fake_last(f), E_LIMIT);
    fake_time(f, 10000);
    expect_runs(f, main_thread, "its sleep is over, it is suspended");
    cr_expect_eq(state_of(f, t, &depth), 0x10);
    for (unsigned i = 254; i > 1; i--) {
        cr_assert_eq(CALL1(f, "ResumeRtThread", t), 1);
        cr_assert_eq(state_of(f, t, &depth), 0x10);
    }
    CALL1(f, "ResumeRtThread", t);
    expect_runs(f, t, "at depth 0");
    cr_expect_eq(CALL1(f, "ResumeRtThread", t), 0);
    cr_expect_eq(fake_last(f), E_STATE);
    fake_free(f);
}

Test(scheduler, resumed_before_its_time_it_sleeps_on)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k);
    uint8_t depth;
    CALL2(f, "SetRtThreadPriority", 0, 115);
    uint32_t t = make(f, 100);
    CALL1(f, "RtSleep", 20);
    CALL1(f, "SuspendRtThread", t);
    CALL1(f, "ResumeRtThread", t);
    cr_expect_eq(state_of(f, t, &depth), 0x02);
    fake_time(f, 19999);
    expect_runs(f, main_thread, "asleep");
    fake_time(f, 20000);
    expect_runs(f, t, "awake");
    fake_free(f);
}

/* --- the slot of a thread is its TSS --- */

Test(scheduler, the_slot_of_a_thread_is_its_tss)
{
    struct fake *f = started();
    uint32_t t = make(f, 100);
    cr_expect_eq(f->tr, t, "the task that runs");
    cr_expect_eq(f->gdt[t >> 3].kind, RT_SEG_TSS);
    cr_expect_eq(f->gdt[t >> 3].dpl, 0);
    unsigned switches = f->switches;
    CALL1(f, "SuspendRtThread", 0);
    cr_expect_eq(f->switches, switches + 1);
    cr_expect_eq(f->tr, rt_current_thread(f->k));
    fake_free(f);
}
