/* Who runs when: sleeps, look-ups that wait, suspension, death, deadlock. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

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
    cr_assert_eq(rt_current_process(t.f->k), t.a, "first come first served");
    return t;
}

static void expect_runs(const struct two *t, uint16_t process)
{
    cr_expect_eq(rt_current_process(t->f->k), process);
    cr_expect_null(fake_check(t->f), "%s", fake_check(t->f));
}

/* now, ms, due: the tick that is running counts as the first one */
struct sleep_row {
    uint64_t now;
    uint32_t ms;
    uint64_t due;
};

Test(sleep, ends_on_a_tick)
{
    static const struct sleep_row rows[] = {
        {0, 10, 10000},     {1, 10, 10000},     {9999, 10, 10000},
        {10000, 10, 20000}, {12345, 19, 20000}, {12345, 20, 30000},
        {12345, 0, 0},      {12345, 9, 0},      {0, 655349, 655340000},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct two t = two();
        t.f->now = rows[i].now;
        CALL1(t.f, "RtSleep", rows[i].ms);
        if (!rows[i].due) {
            expect_runs(&t, t.a);
            cr_expect_eq(t.f->eax, 1);
            cr_expect_eq(t.f->alarm, UINT64_MAX);
        } else {
            expect_runs(&t, t.b);
            cr_expect_eq(t.f->alarm, rows[i].due, "row %u: %llu", i,
                         (unsigned long long)t.f->alarm);
            CALL1(t.f, "SuspendRtThread", 0);
            expect_runs(&t, 0);
            fake_time(t.f, rows[i].due - 1);
            expect_runs(&t, 0);
            cr_expect_eq(t.f->idles, 0);
            fake_time(t.f, rows[i].due);
            expect_runs(&t, t.a);
            cr_expect_eq(t.f->eax, 1, "TRUE in EAX through the TSS");
        }
        fake_free(t.f);
    }
}

Test(sleep, low_level_ticks)
{
    struct two t = two();
    t.f->now = 1700;
    CALL1(t.f, "RtSleepEx", 1);
    cr_expect_eq(t.f->alarm, 2500, "%llu", (unsigned long long)t.f->alarm);
    CALL1(t.f, "knRtSleep", 3);
    cr_expect_eq(t.f->alarm, 2500);
    expect_runs(&t, 0);
    fake_time(t.f, 2500);
    expect_runs(&t, t.a);
    CALL1(t.f, "knRtSleep", 0xffffffff);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->alarm, 3000);
    fake_time(t.f, 5000);
    expect_runs(&t, t.b);
    CALL1(t.f, "knRtSleep", 0xffffffff);
    cr_expect_eq(t.f->idle_code, 1, "deadlock");
    cr_expect_eq(t.f->idles, 1);
    fake_free(t.f);
}

Test(sleep, yield)
{
    struct two t = two();
    unsigned switches = t.f->switches;
    CALL1(t.f, "knRtSleep", 0);
    expect_runs(&t, t.b);
    CALL1(t.f, "knRtSleep", 0);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->switches, switches + 2);
    CALL0(t.f, "ExitRtProcess");
    CALL1(t.f, "knRtSleep", 0);
    expect_runs(&t, t.b);
    cr_expect_eq(t.f->switches, switches + 3, "nobody else: no switch");
    fake_free(t.f);
}

Test(sleep, equal_due_times_in_order_of_call)
{
    struct two t = two();
    CALL1(t.f, "RtSleep", 20);
    CALL1(t.f, "RtSleep", 20);
    fake_time(t.f, 20000);
    expect_runs(&t, t.a);
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, t.b);
    fake_free(t.f);
}

/* --- LookupRtHandle that waits --- */

Test(lookup, waits_until_the_name_is_catalogued)
{
    struct two t = two();
    CALL3(t.f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(t.f, "LATER"), 0xffffffff);
    cr_expect(t.f->leave_blocked);
    expect_runs(&t, t.b);
    cr_expect_eq(CALL3(t.f, "CatalogRtHandle", RT_ROOT_PROCESS, t.b, fake_string(t.f, "LATER")), 1);
    expect_runs(&t, t.b); /* equal priority: the caller goes on */
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->eax, t.b);
    fake_free(t.f);
}

Test(lookup, null_handle_and_time_out)
{
    struct two t = two();
    uint32_t used = t.f->k->root->dir_used;
    CALL3(t.f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(t.f, "LATER"), 100);
    cr_expect_eq(t.f->k->root->dir_used, used + 1, "a waiter takes an entry");
    cr_expect_eq(CALL3(t.f, "CatalogRtHandle", RT_ROOT_PROCESS, 0, fake_string(t.f, "LATER")), 1);
    CALL3(t.f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(t.f, "NEVER"), 100);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->eax, BAD_RTHANDLE);
    cr_expect_eq(fake_last(t.f), E_EXIST);
    CALL1(t.f, "SuspendRtThread", 0);
    fake_time(t.f, 100000);
    expect_runs(&t, t.b);
    cr_expect_eq(t.f->eax, BAD_RTHANDLE);
    cr_expect_eq(fake_last(t.f), E_TIME);
    cr_expect_eq(t.f->k->root->dir_used, used + 1, "the waiter's entry is gone");
    fake_free(t.f);
}

Test(lookup, process_of_the_directory_ends)
{
    struct two t = two();
    fake_string(t.f, "X");
    CALL3(t.f, "LookupRtHandle", t.b, FAKE_DATA + 0x800, 0xffffffff);
    expect_runs(&t, t.b);
    CALL0(t.f, "ExitRtProcess");
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->eax, BAD_RTHANDLE);
    cr_expect_eq(fake_last(t.f), E_EXIST);
    fake_free(t.f);
}

Test(lookup, waiter_ends)
{
    struct two t = two();
    uint32_t used = t.f->k->root->dir_used;
    /* both wait for one name in the root; a third ends nobody's wait */
    CALL3(t.f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(t.f, "SAME"), 50);
    CALL3(t.f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(t.f, "SAME"), 70);
    cr_expect_eq(t.f->k->root->dir_used, used + 1, "one entry for one name");
    fake_time(t.f, 50000);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->k->root->dir_used, used + 1, "the other still waits");
    cr_expect_eq(CALL3(t.f, "CatalogRtHandle", RT_ROOT_PROCESS, t.a, fake_string(t.f, "SAME")), 1);
    CALL0(t.f, "ExitRtProcess");
    expect_runs(&t, t.b);
    cr_expect_eq(t.f->eax, t.a, "a stale handle, as catalogued");
    CALL1(t.f, "GetRtHandleType", t.a);
    cr_expect_eq(t.f->leave_status, E_EXIST);
    fake_free(t.f);
}

/* --- suspension --- */

Test(suspend, self_and_others)
{
    struct two t = two();
    uint32_t thread_a = CALL1(t.f, "GetRtThreadHandles", 0);
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, t.b);
    cr_expect_eq(CALL1(t.f, "ResumeRtThread", thread_a), 1);
    expect_runs(&t, t.b);
    cr_expect_eq(CALL1(t.f, "SuspendRtThread", thread_a), 1, "ready, then suspended");
    CALL1(t.f, "RtSleep", 10);
    expect_runs(&t, 0);
    fake_time(t.f, 10000);
    expect_runs(&t, t.b);
    cr_expect_eq(CALL1(t.f, "ResumeRtThread", thread_a), 1);
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->eax, 1);
    fake_free(t.f);
}

Test(suspend, asleep_and_suspended)
{
    struct two t = two();
    uint32_t thread_a = CALL1(t.f, "GetRtThreadHandles", 0);
    CALL1(t.f, "RtSleep", 10);
    cr_expect_eq(CALL1(t.f, "SuspendRtThread", thread_a), 1);
    fake_time(t.f, 10000);
    expect_runs(&t, t.b);
    CALL1(t.f, "knRtSleep", 0);
    expect_runs(&t, t.b);
    CALL1(t.f, "ResumeRtThread", thread_a);
    CALL1(t.f, "knRtSleep", 0);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->eax, 1);
    fake_free(t.f);
}

/* --- low-level semaphores --- */

Test(knsem, units_and_waiters)
{
    CLASSIC_ONLY("handles of low-level objects serve one XM process only: test_xm.c");
    struct two t = two();
    uint32_t h = CALL2(t.f, "knCreateRtSemaphore", FAKE_DATA, 5);
    cr_expect_eq(h, t.f->k->current->process->base + FAKE_DATA);
    cr_expect_eq(CALL2(t.f, "knWaitForRtSemaphore", h, 0xffffffff), 1);
    CALL2(t.f, "knWaitForRtSemaphore", h, 0xffffffff);
    expect_runs(&t, t.b);
    CALL1(t.f, "knReleaseRtSemaphore", h); /* the handle is good in any process */
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->eax, 1);
    CALL2(t.f, "knWaitForRtSemaphore", h, 4);
    cr_expect_eq(t.f->alarm, 2000);
    fake_time(t.f, 2000);
    expect_runs(&t, t.a);
    cr_expect_eq(t.f->eax, 0, "time out");
    fake_free(t.f);
}

/* --- the end --- */

Test(end, deadlock_and_all_ended)
{
    struct two t = two();
    CALL0(t.f, "ExitRtProcess");
    cr_expect_eq(t.f->idles, 0);
    expect_runs(&t, t.b);
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->idles, 1);
    cr_expect_eq(t.f->idle_code, 1);
    fake_free(t.f);
    t = two();
    CALL0(t.f, "ExitRtProcess");
    CALL1(t.f, "clib_exit", 3);
    cr_expect_eq(t.f->end_code, 3);
    cr_expect_eq(t.f->idles, 1);
    cr_expect_eq(t.f->idle_code, 0);
    fake_free(t.f);
}

Test(end, fault_is_named)
{
    struct two t = two();
    fake_fault(t.f, 13, 0x1234);
    cr_expect_eq(t.f->end_process, t.a);
    cr_expect_eq(t.f->end_code, 0x810D);
    cr_expect_str_eq(t.f->text, "EH_GENERAL_PROTECTION at 001B:00400012, error code 1234");
    expect_runs(&t, t.b);
    fake_free(t.f);
}

Test(end, fault_of_the_idle_thread)
{
    struct two t = two();
    CALL1(t.f, "RtSleep", 10);
    CALL1(t.f, "RtSleep", 10);
    expect_runs(&t, 0);
    fake_fault(t.f, 13, 0);
    cr_expect_eq(t.f->idle_code, 2);
    cr_expect_eq(t.f->ends, 0);
    fake_free(t.f);
}

Test(end, entry_function_returns)
{
    struct two t = two();
    const struct row *row = fake_row("clib_thread_return");
    t.f->eax = 77;
    fake_call_raw(t.f, (uint32_t)row->number << 16 | row->class, 0);
    cr_expect_eq(t.f->end_code, 77);
    cr_expect_eq(t.f->end_process, t.a);
    expect_runs(&t, t.b);
    fake_free(t.f);
}

Test(start, command_line)
{
    struct two t = two();
    cr_expect_eq(CALL5(t.f, "clib_args", FAKE_DATA, FAKE_DATA + 16, 100, FAKE_DATA + 512, 0x100),
                 3);
    uint8_t words[16];
    char text[16];
    fake_get(t.f, FAKE_DATA + 16, words, 16);
    fake_get(t.f, get32(words), text, 9);
    cr_expect_str_eq(text, "demo.rta");
    fake_get(t.f, get32(words + 8), text, 10);
    cr_expect_str_eq(text, "two words");
    cr_expect_eq(get32(words + 12), 0, "argv[argc]");
    fake_free(t.f);
}

Test(start, console)
{
    struct two t = two();
    fake_put(t.f, FAKE_DATA, "hello", 5);
    cr_expect_eq(CALL2(t.f, "clib_write", FAKE_DATA, 5), 5);
    cr_expect_str_eq(t.f->text, "hello");
    uint32_t block = CALL1(t.f, "AllocateRtMemory", 0x3000);
    cr_expect_eq(CALL2(t.f, "clib_write", block, 0x3000), 4096, "in pieces");
    fake_free(t.f);
}

/* --- a script of two processes, killed after each of its steps --- */

static uint32_t script_block[2], script_handle[2];

static void script_step(const struct two *t, unsigned step)
{
    struct fake *f = t->f;
    unsigned i = rt_current_process(f->k) == t->b;
    if (!rt_current_process(f->k)) {
        fake_time(f, f->now + 10000);
        return;
    }
    switch (step % 12) {
    case 0: script_block[i] = CALL1(f, "AllocateRtMemory", 0x5000); break;
    case 1: script_handle[i] = CALL2(f, "CreateRtMemoryHandle", script_block[i] + 7, 0x4001); break;
    case 2:
        CALL3(f, "CatalogRtHandle", RT_ROOT_PROCESS, script_handle[i],
              fake_string(f, i ? "B" : "A"));
        break;
    case 3: CALL3(f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(f, i ? "A" : "B"), 100); break;
    case 4: CALL1(f, "MapRtSharedMemory", script_handle[!i]); break;
    case 5: CALL1(f, "RtSleep", 20); break;
    case 6: CALL2(f, "MapRtPhysicalMemory", 0x100000, 0x3000); break;
    case 7: CALL3(f, "LookupRtHandle", i ? t->a : t->b, fake_string(f, "NONE"), 200); break;
    case 8: CALL1(f, "FreeRtMemory", script_block[i]); break;
    case 9: CALL1(f, "DeleteRtMemoryHandle", script_handle[!i]); break;
    case 10: CALL1(f, "SuspendRtThread", object_find(f->k, i ? t->a : t->b) ? 0xffff : 0); break;
    default: CALL1(f, "knRtSleep", 0); break;
    }
}

Test(end, killed_after_every_step)
{
    for (unsigned order = 0; order < 2; order++)
        for (unsigned steps = 0; steps < 40; steps++) {
            struct fake *f = fake_new(0x1000000, 0);
            unsigned slots = rt_free_slots(f->k);
            uint32_t used = f->k->root->pool.used;
            struct two t = {.f = f, .a = fake_app(f), .b = fake_app(f)};
            fake_run(f);
            if (order) CALL1(f, "knRtSleep", 0);
            for (unsigned i = 0; i < steps; i++) {
                script_step(&t, i);
                cr_assert_null(fake_check(f), "step %u of %u: %s", i, steps, fake_check(f));
            }
            for (unsigned rounds = 0; f->ends < 2 && rounds < 100; rounds++) {
                if (rt_current_process(f->k))
                    fake_fault(f, 6, 0);
                else
                    fake_time(f, f->now + 10000);
                cr_assert_null(fake_check(f), "killed after %u: %s", steps, fake_check(f));
            }
            cr_expect_eq(f->ends, 2, "after %u steps", steps);
            cr_expect_eq(f->idle_code, 0);
            cr_expect_eq(rt_free_slots(f->k), slots, "after %u steps", steps);
            cr_expect_eq(f->k->root->pool.used, used, "after %u steps", steps);
            cr_expect_eq(f->alarm, UINT64_MAX, "no alarm is left");
            fake_free(f);
        }
}

/* An interrupt that nobody handles changes nothing: the stub returns. */
Test(end, stray_interrupt)
{
    struct two t = two();
    fake_fault(t.f, 0x40, 0);
    cr_expect_eq(t.f->ends, 0);
    expect_runs(&t, t.a);
    fake_free(t.f);
}

/* Who has waited longest gets the name first, whatever its limit. */
Test(lookup, waiters_in_order)
{
    struct two t = two();
    uint16_t c = fake_app(t.f);
    CALL3(t.f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(t.f, "SAME"), 500);
    CALL3(t.f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(t.f, "SAME"), 100);
    expect_runs(&t, c);
    CALL3(t.f, "CatalogRtHandle", RT_ROOT_PROCESS, c, fake_string(t.f, "SAME"));
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, t.a);
    CALL1(t.f, "SuspendRtThread", 0);
    expect_runs(&t, t.b);
    fake_free(t.f);
}

/* Low-level ticks are rounded up when they do not divide a millisecond. */
Test(sleep, odd_low_level_tick)
{
    struct two t = two();
    t.f->k->config.low_tick_us = 300;
    CALL1(t.f, "RtSleepEx", 1);
    cr_expect_eq(t.f->alarm, 1200);
    fake_free(t.f);
}

Test(knsem, units_end_at_65535)
{
    struct two t = two();
    uint32_t h = CALL2(t.f, "knCreateRtSemaphore", FAKE_DATA, 0);
    uint8_t units[4];
    put32(units, 65534);
    fake_put(t.f, FAKE_DATA, units, 4);
    for (unsigned i = 0; i < 3; i++) {
        CALL1(t.f, "knReleaseRtSemaphore", h);
        fake_get(t.f, FAKE_DATA, units, 4);
        cr_expect_eq(get32(units), 65535);
    }
    fake_free(t.f);
}
