/* The C library's lock: its kernel side, with the library's instructions done by hand. */
#include <criterion/criterion.h>

#include "fake.h"

#define LOCK (FAKE_DATA + 0x40)

static struct fake *fx;
static uint32_t main_thread, other;

static uint32_t word(uint32_t off)
{
    uint8_t b[4];
    fake_get(fx, off, b, 4);
    return get32(b);
}

static void set_word(uint32_t off, uint32_t value)
{
    uint8_t b[4];
    put32(b, value);
    fake_put(fx, off, b, 4);
}

static struct thread *thread_of(uint32_t handle)
{
    return object_find(fx->k, handle)->thread;
}

static void set_inside(uint32_t handle, uint32_t value)
{
    set_word(thread_of(handle)->block + 0xF4, value);
}

/* Two threads: the main one at 100, the other at 120, which has the lock. */
static void start(void)
{
    fx = fake_new(0x1000000, 0);
    fake_app(fx);
    fake_run(fx);
    CALL2(fx, "SetRtProcessMaxPriority", 0, 10);
    CALL2(fx, "SetRtThreadPriority", 0, 100);
    main_thread = rt_current_thread(fx->k);
    other = CALL4(fx, "CreateRtThread", 120, FAKE_IMAGE, 4096, 0);
    set_word(LOCK, (uint32_t)-1);
    set_word(LOCK + 4, other);
    set_word(LOCK + 8, 0);
    set_inside(other, 1);
}

Test(cliblock, waiter_lends_its_priority)
{
    start();
    set_inside(main_thread, 1);
    CALL1(fx, "clib_wait", LOCK);
    cr_assert_eq(rt_current_thread(fx->k), other);
    cr_expect_eq(thread_of(other)->priority, 100);
    set_word(LOCK + 4, 0);
    CALL1(fx, "clib_wake", LOCK);
    cr_expect_eq(thread_of(other)->priority, 120);
    cr_expect_eq(rt_current_thread(fx->k), main_thread);
    cr_expect_eq(fx->eax, 1);
    cr_expect_eq(word(LOCK + 8), 0);
    cr_expect_null(fake_check(fx));
    fake_free(fx);
}

Test(cliblock, wake_before_wait)
{
    start();
    CALL1(fx, "clib_wake", LOCK);
    cr_expect_eq(word(LOCK + 8), 1);
    cr_expect_eq(CALL1(fx, "clib_wait", LOCK), 1);
    cr_expect_eq(word(LOCK + 8), 0);
    fake_free(fx);
}

Test(cliblock, best_waiter_first)
{
    start();
    uint32_t third = CALL4(fx, "CreateRtThread", 130, FAKE_IMAGE, 4096, 0);
    CALL2(fx, "SetRtThreadPriority", third, 90);
    cr_assert_eq(rt_current_thread(fx->k), third);
    CALL1(fx, "SuspendRtThread", 0);
    CALL1(fx, "clib_wait", LOCK);
    CALL1(fx, "ResumeRtThread", third); /* runs, and waits too */
    CALL1(fx, "clib_wait", LOCK);
    cr_assert_eq(rt_current_thread(fx->k), other);
    CALL1(fx, "clib_wake", LOCK);
    cr_expect_eq(rt_current_thread(fx->k), third);
    fake_free(fx);
}

Test(cliblock, owner_that_is_no_more)
{
    start();
    set_word(LOCK + 4, 0x1ff8);
    cr_expect_eq(CALL1(fx, "clib_wait", LOCK), 2);
    set_word(LOCK + 4, main_thread); /* nonsense: it is the caller's own */
    cr_expect_eq(CALL1(fx, "clib_wait", LOCK), 2);
    set_word(LOCK + 4, RT_ROOT_PROCESS);
    cr_expect_eq(CALL1(fx, "clib_wait", LOCK), 2);
    set_word(LOCK + 4, other);
    set_inside(other, 0);
    CALL1(fx, "clib_wait", LOCK);
    cr_assert_eq(rt_current_thread(fx->k), other);
    CALL1(fx, "DeleteRtThread", 0);
    fake_time(fx, 10000);
    cr_expect_eq(rt_current_thread(fx->k), main_thread);
    cr_expect_eq(fx->eax, 0, "it looks again");
    cr_expect_eq(fake_last(fx), 0);
    cr_expect_eq(CALL1(fx, "clib_wait", LOCK), 2);
    fake_free(fx);
}

/* Taken, but the owner's name is not there yet. */
Test(cliblock, owner_without_a_name)
{
    start();
    set_word(LOCK + 4, 0);
    CALL1(fx, "clib_wait", LOCK);
    cr_assert_eq(rt_current_thread(fx->k), other);
    fake_time(fx, 500);
    cr_expect_eq(rt_current_thread(fx->k), main_thread);
    cr_expect_eq(fx->eax, 0);
    fake_free(fx);
}

Test(cliblock, suspension_is_put_off)
{
    start();
    CALL1(fx, "SuspendRtThread", other);
    cr_expect_eq(word(thread_of(other)->block + 0xF4), 2);
    CALL1(fx, "SuspendRtThread", 0);
    cr_assert_eq(rt_current_thread(fx->k), other, "it goes on");
    cr_expect_null(fake_check(fx));
    set_inside(other, 0);
    CALL0(fx, "clib_left");
    cr_expect_eq(rt_current_thread(fx->k), 0, "now it is suspended");
    cr_expect_null(fake_check(fx));
    fake_free(fx);
}

Test(cliblock, resumed_before_it_left)
{
    start();
    CALL1(fx, "SuspendRtThread", other);
    CALL1(fx, "ResumeRtThread", other);
    CALL1(fx, "SuspendRtThread", 0);
    set_inside(other, 0);
    CALL0(fx, "clib_left");
    cr_expect_eq(rt_current_thread(fx->k), other);
    fake_free(fx);
}

Test(cliblock, deletion_is_put_off)
{
    start();
    CALL1(fx, "DeleteRtThread", other);
    cr_expect_not_null(object_find(fx->k, other));
    CALL1(fx, "RtSleep", 100);
    cr_assert_eq(rt_current_thread(fx->k), other);
    set_inside(other, 0);
    CALL0(fx, "clib_left");
    cr_expect_null(object_find(fx->k, other));
    cr_expect_null(fake_check(fx));
    fake_free(fx);
}

Test(cliblock, nonsense_in_memory)
{
    start();
    cr_expect_eq(CALL1(fx, "clib_wait", FAKE_RO), 2);
    CALL1(fx, "clib_wake", 0xfffffff8);
    for (uint32_t v = 1; v; v <<= 1) {
        set_word(LOCK + 4, v);
        set_word(LOCK + 8, 1);
        cr_expect_eq(CALL1(fx, "clib_wait", LOCK), 1);
    }
    set_word(LOCK + 8, 0xffffffff);
    CALL1(fx, "clib_wake", LOCK);
    CALL0(fx, "clib_left");
    cr_expect_null(fake_check(fx));
    fake_free(fx);
}
