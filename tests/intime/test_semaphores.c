/* Semaphores: units and their queue, limits of time, ends. */
#include <criterion/criterion.h>

#include "fake.h"

#define ALL 0xffffffffu

/* Three processes of equal priority: a runs. */
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

static void stop(const struct three *t) /* whoever runs */
{
    CALL1(t->f, "SuspendRtThread", 0);
}

Test(semaphores, descriptor)
{
    struct three t = three();
    uint32_t s = CALL3(t.f, "CreateRtSemaphore", 1, 5, 0);
    const struct rt_segdef *seg = &t.f->gdt[s >> 3];
    cr_expect(seg->kind == RT_SEG_DATA && seg->dpl == 0 && seg->limit == 63);
    cr_expect_geq(seg->base, KERNEL_BASE, "in kernel memory");
    cr_expect_eq(CALL1(t.f, "GetRtHandleType", s), TYPE_SEMAPHORE);
    cr_expect_eq(CALL3(t.f, "WaitForRtSemaphore", s, 0, 0), 1);
    cr_expect_eq(CALL3(t.f, "WaitForRtSemaphore", s, 1, 0), 0);
    fake_free(t.f);
}

Test(semaphores, served_from_the_head_only)
{
    struct three t = three();
    uint32_t s = CALL3(t.f, "CreateRtSemaphore", 1, 9, 0);
    CALL3(t.f, "WaitForRtSemaphore", s, 3, ALL);
    expect_runs(&t, 1);
    cr_expect_eq(CALL3(t.f, "WaitForRtSemaphore", s, 0, 0), 1);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, 0); /* enough units, but one stands before */
    cr_expect_eq(t.f->leave_status, E_TIME);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
    expect_runs(&t, 2);
    CALL2(t.f, "ReleaseRtSemaphore", s, 1);
    stop(&t);
    expect_runs(&t, 9);
    fake_free(t.f);
    t = three();
    s = CALL3(t.f, "CreateRtSemaphore", 1, 9, 0);
    CALL3(t.f, "WaitForRtSemaphore", s, 3, ALL);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
    CALL2(t.f, "ReleaseRtSemaphore", s, 4);
    expect_runs(&t, 2);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, 2, "units left after the first");
    stop(&t);
    expect_runs(&t, 1);
    cr_expect_eq(t.f->eax, 1);
    fake_free(t.f);
}

Test(semaphores, order_by_priority)
{
    HOLDS_POINTERS();
    struct three t = three();
    uint32_t s = CALL3(t.f, "CreateRtSemaphore", 0, 9, 1);
    uint32_t worse = CALL4(t.f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
    stop(&t);
    stop(&t);
    stop(&t);
    cr_expect_eq(rt_current_thread(t.f->k), worse);
    struct thread *main_thread = object_find(t.f->k, t.p[1])->process->threads;
    uint32_t last = CALL4(t.f, "CreateRtThread", 200, FAKE_IMAGE, 4096, 0);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
    cr_expect_eq(rt_current_thread(t.f->k), last);
    CALL1(t.f, "ResumeRtThread", main_thread->handle);
    expect_runs(&t, 1);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
    CALL2(t.f, "ReleaseRtSemaphore", s, 1);
    expect_runs(&t, 1); /* came later, is better */
    fake_free(t.f);
}

Test(semaphores, time_out_lets_the_next_one_in)
{
    struct three t = three();
    uint32_t s = CALL3(t.f, "CreateRtSemaphore", 1, 9, 0);
    CALL3(t.f, "WaitForRtSemaphore", s, 3, 25);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
    stop(&t);
    expect_runs(&t, 9);
    cr_expect_eq(t.f->alarm, 20000);
    fake_time(t.f, 20000);
    expect_runs(&t, 1);
    cr_expect_eq(t.f->eax, 0);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, ALL);
    cr_expect_eq(fake_last(t.f), E_TIME);
    fake_free(t.f);
}

Test(semaphores, end_of_the_object)
{
    for (unsigned by_process = 0; by_process < 2; by_process++) {
        struct three t = three();
        stop(&t);
        uint32_t s = CALL3(t.f, "CreateRtSemaphore", 0, 9, 0);
        CALL1(t.f, "ResumeRtThread", object_find(t.f->k, t.p[0])->process->threads->handle);
        CALL1(t.f, "knRtSleep", 0);
        expect_runs(&t, 2);
        CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
        expect_runs(&t, 0);
        CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
        expect_runs(&t, 1);
        if (by_process)
            CALL0(t.f, "ExitRtProcess");
        else
            cr_expect_eq(CALL1(t.f, "DeleteRtSemaphore", s), 1);
        cr_expect_null(object_find(t.f->k, s));
        if (!by_process) stop(&t);
        expect_runs(&t, 2);
        cr_expect_eq(t.f->eax, ALL);
        cr_expect_eq(fake_last(t.f), E_EXIST);
        stop(&t);
        expect_runs(&t, 0);
        cr_expect_eq(fake_last(t.f), E_EXIST);
        fake_free(t.f);
    }
}

/* The head of the queue dies with its process: its fellow in the queue dies too, the third is served. */
Test(semaphores, end_of_waiters)
{
    struct three t = three();
    uint32_t s = CALL3(t.f, "CreateRtSemaphore", 1, 9, 0), thread = rt_current_thread(t.f->k);
    CALL1(t.f, "knRtSleep", 0);
    uint32_t second = CALL4(t.f, "CreateRtThread", 0, FAKE_IMAGE, 4096, 0);
    cr_expect_neq(second, 0);
    CALL3(t.f, "WaitForRtSemaphore", s, 2, ALL);
    expect_runs(&t, 2);
    CALL1(t.f, "knRtSleep", 0);
    expect_runs(&t, 0);
    CALL1(t.f, "knRtSleep", 0);
    cr_assert_eq(rt_current_thread(t.f->k), second);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
    expect_runs(&t, 2);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
    expect_runs(&t, 0);
    struct thread *head = exchange_head(t.f->k, object_find(t.f->k, s), WAIT_SEMAPHORE);
    cr_assert_eq(head->process->handle, t.p[1]);
    CALL1(t.f, "DeleteRtThread", head->handle);
    cr_expect_eq(CALL3(t.f, "WaitForRtSemaphore", s, 0, 0), 0, "the next one is served");
    stop(&t);
    expect_runs(&t, 1);
    fake_fault(t.f, 13, 0);
    expect_runs(&t, 9);
    cr_expect_eq(t.f->idle_code, 1);
    cr_expect_neq(thread, 0);
    fake_free(t.f);
}

Test(semaphores, suspended_waiters_are_served)
{
    struct three t = three();
    uint32_t s = CALL3(t.f, "CreateRtSemaphore", 0, 9, 0), thread = rt_current_thread(t.f->k);
    CALL3(t.f, "WaitForRtSemaphore", s, 1, ALL);
    CALL1(t.f, "SuspendRtThread", thread);
    CALL2(t.f, "ReleaseRtSemaphore", s, 1);
    stop(&t);
    expect_runs(&t, 2);
    cr_expect_eq(CALL3(t.f, "WaitForRtSemaphore", s, 0, 0), 0);
    CALL1(t.f, "ResumeRtThread", thread);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, 0);
    fake_free(t.f);
}
