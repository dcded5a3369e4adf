/* Regions: control, inherited priority, what is put off until a region is left, ends. */
#include <criterion/criterion.h>

#include "fake.h"

#define ALL 0xffffffffu

/* A process with threads of its own: [0] is the main thread. */
struct team {
    struct fake *f;
    uint32_t t[4];
};

static struct team team(void)
{
    struct team m = {.f = fake_new(0x1000000, 0)};
    fake_app(m.f);
    fake_run(m.f);
    CALL2(m.f, "SetRtProcessMaxPriority", 0, 10);
    m.t[0] = rt_current_thread(m.f->k);
    CALL2(m.f, "SetRtThreadPriority", 0, 10);
    for (unsigned i = 1; i < 4; i++)
        m.t[i] = CALL4(m.f, "CreateRtThread", 50 + 10 * i, FAKE_IMAGE, 4096, 0);
    return m;
}

static struct thread *member(const struct team *m, unsigned i)
{
    return object_find(m->f->k, m->t[i])->thread;
}

/* The others wait; member i runs. */
static void only(struct team *m, unsigned i)
{
    while (rt_current_thread(m->f->k) != m->t[i]) {
        cr_assert_neq(rt_current_thread(m->f->k), 0);
        CALL1(m->f, "SuspendRtThread", 0);
    }
}

static void resume(struct team *m, unsigned i)
{
    cr_assert_eq(CALL1(m->f, "ResumeRtThread", m->t[i]), 1);
}

static void expect_runs(const struct team *m, unsigned i)
{
    uint16_t now = rt_current_thread(m->f->k);
    cr_expect_eq(now, i < 4 ? m->t[i] : 0, "%04X runs", now);
    cr_expect_null(fake_check(m->f), "%s", fake_check(m->f));
}

Test(regions, control)
{
    struct team m = team();
    uint32_t r = CALL1(m.f, "CreateRtRegion", 0);
    cr_expect_eq(m.f->gdt[r >> 3].dpl, 0);
    cr_expect_eq(CALL1(m.f, "WaitForRtControl", r), 1);
    cr_expect_eq(CALL1(m.f, "WaitForRtControl", r), 0);
    cr_expect_eq(fake_last(m.f), E_CONTEXT);
    only(&m, 1);
    CALL1(m.f, "AcceptRtControl", r);
    cr_expect_eq(fake_last(m.f), E_BUSY);
    CALL1(m.f, "WaitForRtControl", r);
    expect_runs(&m, 2);
    cr_expect_eq(member(&m, 0)->priority, 10, "the holder is better");
    resume(&m, 0);
    expect_runs(&m, 0);
    cr_expect_eq(CALL0(m.f, "ReleaseRtControl"), 1);
    cr_expect_eq(CALL0(m.f, "ReleaseRtControl"), 0);
    only(&m, 1);
    cr_expect_eq(m.f->eax, 1);
    cr_expect_eq(member(&m, 1)->held, r >> 3);
    fake_free(m.f);
}

Test(regions, inherited_until_the_last_is_released)
{
    for (uint32_t flags = 0; flags < 2; flags++) {
        struct team m = team();
        uint32_t a = CALL1(m.f, "CreateRtRegion", flags), b = CALL1(m.f, "CreateRtRegion", flags);
        only(&m, 3);
        CALL1(m.f, "WaitForRtControl", a);
        CALL1(m.f, "WaitForRtControl", b);
        resume(&m, 1);
        expect_runs(&m, 1);
        CALL1(m.f, "WaitForRtControl", b);
        expect_runs(&m, 3);
        cr_expect_eq(member(&m, 3)->priority, flags ? 60 : 80);
        cr_expect_eq(CALL1(m.f, "GetRtThreadPriority", 0), 80, "the static one");
        resume(&m, 2);
        expect_runs(&m, flags ? 3 : 2);
        if (!flags) CALL1(m.f, "SuspendRtThread", 0);
        CALL0(m.f, "ReleaseRtControl"); /* b goes to member 1 */
        expect_runs(&m, flags ? 3 : 1); /* equals now: the caller goes on */
        if (flags) CALL1(m.f, "knRtSleep", 0);
        expect_runs(&m, 1);
        cr_expect_eq(member(&m, 3)->priority, flags ? 60 : 80, "a is still held");
        CALL0(m.f, "ReleaseRtControl");
        CALL1(m.f, "SuspendRtThread", 0);
        expect_runs(&m, 3);
        CALL0(m.f, "ReleaseRtControl");
        cr_expect_eq(member(&m, 3)->priority, 80);
        expect_runs(&m, flags ? 2 : 3);
        fake_free(m.f);
    }
}

Test(regions, inherited_along_a_chain)
{
    struct team m = team();
    uint32_t a = CALL1(m.f, "CreateRtRegion", 1), b = CALL1(m.f, "CreateRtRegion", 1);
    only(&m, 3);
    CALL1(m.f, "WaitForRtControl", a);
    resume(&m, 2);
    CALL1(m.f, "WaitForRtControl", b);
    CALL1(m.f, "WaitForRtControl", a);
    expect_runs(&m, 3);
    cr_expect_eq(member(&m, 3)->priority, 70);
    resume(&m, 1);
    CALL1(m.f, "WaitForRtControl", b);
    expect_runs(&m, 3);
    cr_expect_eq(member(&m, 2)->priority, 60);
    cr_expect_eq(member(&m, 3)->priority, 60);
    CALL0(m.f, "ReleaseRtControl");
    expect_runs(&m, 2);
    cr_expect_eq(member(&m, 3)->priority, 80);
    CALL0(m.f, "ReleaseRtControl"); /* a, taken last */
    expect_runs(&m, 2);
    cr_expect_eq(member(&m, 2)->priority, 60);
    CALL0(m.f, "ReleaseRtControl");
    expect_runs(&m, 1);
    fake_free(m.f);
}

Test(regions, a_waiter_gets_better)
{
    struct team m = team();
    uint32_t a = CALL1(m.f, "CreateRtRegion", 1);
    CALL1(m.f, "RtSleep", 50);
    CALL1(m.f, "RtSleep", 20); /* member 1 */
    CALL1(m.f, "WaitForRtControl", a);
    CALL1(m.f, "RtSleep", 30); /* member 2, with control */
    CALL1(m.f, "WaitForRtControl", a);
    expect_runs(&m, 9);
    fake_time(m.f, 20000);
    expect_runs(&m, 1);
    cr_expect_eq(member(&m, 2)->priority, 70);
    CALL2(m.f, "SetRtThreadPriority", m.t[3], 20);
    cr_expect_eq(member(&m, 2)->priority, 20);
    CALL2(m.f, "SetRtThreadPriority", m.t[2], 100);
    cr_expect_eq(member(&m, 2)->priority, 20, "kept while it holds");
    fake_time(m.f, 30000);
    expect_runs(&m, 2);
    CALL0(m.f, "ReleaseRtControl");
    expect_runs(&m, 3);
    cr_expect_eq(member(&m, 2)->priority, 100);
    fake_free(m.f);
}

Test(regions, suspension_and_deletion_wait)
{
    for (unsigned del = 0; del < 2; del++) {
        struct team m = team();
        uint32_t a = CALL1(m.f, "CreateRtRegion", 0), b = CALL1(m.f, "CreateRtRegion", 0);
        CALL1(m.f, "RtSleep", 50);
        expect_runs(&m, 1);
        CALL1(m.f, "WaitForRtControl", a);
        CALL1(m.f, "WaitForRtControl", b);
        fake_time(m.f, 50000);
        expect_runs(&m, 0);
        cr_expect_eq(CALL1(m.f, del ? "DeleteRtThread" : "SuspendRtThread", m.t[1]), 1);
        CALL1(m.f, "RtSleep", 50);
        expect_runs(&m, 1);
        CALL1(m.f, "DeleteRtThread", 0);
        cr_expect_eq(fake_last(m.f), E_CONTEXT, "not inside a region");
        CALL0(m.f, "ReleaseRtControl");
        expect_runs(&m, 1);
        CALL0(m.f, "ReleaseRtControl");
        expect_runs(&m, 2);
        cr_expect_eq(object_find(m.f->k, m.t[1]) == NULL, del);
        fake_free(m.f);
    }
}

Test(regions, deletion_of_a_waiter_waits)
{
    struct team m = team();
    uint32_t a = CALL1(m.f, "CreateRtRegion", 0);
    CALL1(m.f, "WaitForRtControl", a);
    CALL1(m.f, "RtSleep", 50);
    CALL1(m.f, "WaitForRtControl", a); /* member 1 */
    CALL1(m.f, "WaitForRtControl", a); /* member 2 */
    fake_time(m.f, 50000);
    expect_runs(&m, 0);
    CALL1(m.f, "DeleteRtThread", m.t[1]);
    CALL1(m.f, "DeleteRtThread", m.t[2]);
    cr_expect_not_null(object_find(m.f->k, m.t[1]));
    CALL0(m.f, "ReleaseRtControl");
    CALL1(m.f, "RtSleep", 50);
    expect_runs(&m, 1);
    CALL1(m.f, "RtSleep", 100);
    expect_runs(&m, 3);
    fake_time(m.f, 100000);
    expect_runs(&m, 0);
    CALL1(m.f, "DeleteRtRegion", a); /* held: waits */
    expect_runs(&m, 3);
    fake_time(m.f, 150000);
    expect_runs(&m, 1);
    CALL0(m.f, "ReleaseRtControl");
    expect_runs(&m, 0);
    cr_expect_eq(m.f->eax, 1);
    cr_expect_null(object_find(m.f->k, a));
    cr_expect_null(object_find(m.f->k, m.t[1]));
    cr_expect_null(object_find(m.f->k, m.t[2]), "its wait ended with E_EXIST, and it with it");
    fake_free(m.f);
}

Test(regions, return_from_entry_leaves_them)
{
    struct team m = team();
    uint32_t a = CALL1(m.f, "CreateRtRegion", 0);
    only(&m, 1);
    CALL1(m.f, "WaitForRtControl", a);
    resume(&m, 0);
    CALL1(m.f, "WaitForRtControl", a);
    expect_runs(&m, 1);
    const struct row *row = fake_row("clib_thread_return");
    fake_call_raw(m.f, (uint32_t)row->number << 16 | row->class, 0);
    expect_runs(&m, 0);
    cr_expect_eq(m.f->eax, 1);
    cr_expect_eq(member(&m, 0)->held, a >> 3);
    fake_free(m.f);
}

/* Holder and owner in two processes; either dies. */
Test(regions, end_of_a_process)
{
    for (unsigned owner = 0; owner < 2; owner++) {
        struct fake *f = fake_new(0x1000000, 0);
        uint16_t a = fake_app(f), b = fake_app(f), c = fake_app(f);
        fake_run(f);
        uint32_t r = CALL1(f, "CreateRtRegion", 1);
        CALL1(f, "knRtSleep", 0);
        cr_assert_eq(rt_current_process(f->k), b);
        CALL1(f, "WaitForRtControl", r);
        CALL1(f, "knRtSleep", 0);
        cr_assert_eq(rt_current_process(f->k), c);
        CALL1(f, "WaitForRtControl", r);
        cr_assert_eq(rt_current_process(f->k), a);
        if (!owner) CALL1(f, "knRtSleep", 0);
        cr_assert_eq(rt_current_process(f->k), owner ? a : b);
        fake_fault(f, 13, 0);
        cr_expect_null(fake_check(f), "%s", fake_check(f));
        cr_expect_eq(object_find(f->k, r) == NULL, owner);
        CALL1(f, "SuspendRtThread", 0);
        cr_assert_eq(rt_current_process(f->k), c);
        cr_expect_eq(f->eax, !owner);
        if (owner) cr_expect_eq(fake_last(f), E_EXIST);
        cr_expect_eq(f->k->current->held, owner ? 0 : r >> 3);
        fake_free(f);
    }
}
