/* Mailboxes: hand to hand, the two queues, what they cost, ends. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "mailbox.h"

#define ALL     0xffffffffu
#define DATA    0x20u
#define SCRATCH (FAKE_DATA + 0x100)

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

static void send(const struct three *t, uint32_t m, const char *text)
{
    fake_put(t->f, SCRATCH, text, (uint32_t)strlen(text));
    cr_expect_eq(CALL3(t->f, "SendRtData", m, SCRATCH, strlen(text)), 1);
}

static void expect_text(const struct three *t, uint32_t at, const char *text)
{
    char got[129] = "";
    fake_get(t->f, at, got, (uint32_t)strlen(text));
    cr_expect_str_eq(got, text);
}

Test(mailboxes, descriptor_and_types)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA);
    const struct rt_segdef *seg = &t.f->gdt[m >> 3];
    cr_expect(seg->kind == RT_SEG_DATA && seg->dpl == 0 && seg->limit == 63);
    cr_expect_geq(seg->base, KERNEL_BASE, "in kernel memory");
    cr_expect_eq(CALL2(t.f, "GetRtHandleTypeEx", m, SCRATCH), TYPE_MAILBOX);
    uint8_t subtype[2];
    fake_get(t.f, SCRATCH, subtype, 2);
    cr_expect_eq(get16(subtype), 1);
    CALL2(t.f, "GetRtHandleTypeEx", CALL1(t.f, "CreateRtMailbox", 0), SCRATCH);
    fake_get(t.f, SCRATCH, subtype, 2);
    cr_expect_eq(get16(subtype), 0);
    struct rt_slot_info info;
    rt_slot_info(t.f->k, (uint16_t)(m >> 3), &info);
    cr_expect_str_eq(info.text, "mailbox of process APP");
    fake_free(t.f);
}

Test(mailboxes, data_in_order)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA), to = FAKE_DATA + 0x400;
    send(&t, m, "first");
    send(&t, m, "");
    send(&t, m, "third one");
    cr_expect_eq(CALL3(t.f, "ReceiveRtData", m, to, 0), 5);
    expect_text(&t, to, "first");
    CALL1(t.f, "SetLastRtError", 0x7777);
    cr_expect_eq(CALL3(t.f, "ReceiveRtData", m, to, 0), 0);
    cr_expect_eq(fake_last(t.f), 0x7777, "an empty message is no error");
    cr_expect_eq(CALL3(t.f, "ReceiveRtData", m, to, 0), 9);
    expect_text(&t, to, "third one");
    fake_free(t.f);
}

Test(mailboxes, hand_to_hand_across_processes)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA), to = FAKE_DATA + 0x400;
    CALL3(t.f, "ReceiveRtData", m, to, ALL);
    expect_runs(&t, 1);
    CALL3(t.f, "ReceiveRtData", m, to, ALL);
    expect_runs(&t, 2);
    send(&t, m, "to a");
    send(&t, m, "for b");
    send(&t, m, "kept");
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, 4);
    expect_text(&t, to, "to a");
    stop(&t);
    expect_runs(&t, 1);
    cr_expect_eq(t.f->eax, 5);
    expect_text(&t, to, "for b");
    cr_expect_eq(CALL3(t.f, "ReceiveRtData", m, to, 0), 4);
    fake_free(t.f);
}

Test(mailboxes, handles_with_responses)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", 0), r = CALL3(t.f, "CreateRtSemaphore", 0, 1, 0);
    uint8_t got[2];
    CALL3(t.f, "ReceiveRtHandle", m, ALL, SCRATCH);
    expect_runs(&t, 1);
    CALL3(t.f, "ReceiveRtHandle", m, ALL, 0);
    expect_runs(&t, 2);
    cr_expect_eq(CALL3(t.f, "SendRtHandle", m, t.p[0], r), 1);
    cr_expect_eq(CALL3(t.f, "SendRtHandle", m, t.p[1], r), 1);
    cr_expect_eq(CALL3(t.f, "SendRtHandle", m, r, 0), 1);
    CALL1(t.f, "DeleteRtSemaphore", r);
    cr_expect_eq(CALL3(t.f, "ReceiveRtHandle", m, 0, SCRATCH), r, "not looked at again");
    fake_get(t.f, SCRATCH, got, 2);
    cr_expect_eq(get16(got), 0);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, t.p[0]);
    fake_get(t.f, SCRATCH, got, 2);
    cr_expect_eq(get16(got), r);
    stop(&t);
    expect_runs(&t, 1);
    cr_expect_eq(t.f->eax, t.p[1]);
    fake_free(t.f);
}

/* The receiver's memory goes while it waits: it fails, the next one gets the message. */
Test(mailboxes, buffer_is_gone)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA), to = FAKE_DATA + 0x400;
    uint32_t block = CALL1(t.f, "AllocateRtMemory", 4096);
    uint32_t second = CALL4(t.f, "CreateRtThread", 0, FAKE_IMAGE, 4096, 0);
    CALL3(t.f, "ReceiveRtData", m, block, ALL);
    expect_runs(&t, 1);
    CALL3(t.f, "ReceiveRtData", m, to, ALL);
    expect_runs(&t, 2);
    CALL1(t.f, "knRtSleep", 0);
    cr_assert_eq(rt_current_thread(t.f->k), second);
    CALL1(t.f, "FreeRtMemory", block);
    send(&t, m, "who?");
    stop(&t);
    expect_runs(&t, 2);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, 0);
    cr_expect_eq(fake_last(t.f), E_BAD_ADDR);
    stop(&t);
    expect_runs(&t, 1);
    cr_expect_eq(t.f->eax, 4);
    expect_text(&t, to, "who?");
    fake_free(t.f);
}

Test(mailboxes, time_limits)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA);
    stop(&t);
    stop(&t);
    CALL3(t.f, "ReceiveRtData", m, SCRATCH, 25);
    expect_runs(&t, 9);
    cr_expect_eq(t.f->alarm, 20000, "whole ticks of 10 ms");
    fake_time(t.f, 20000);
    expect_runs(&t, 2);
    cr_expect_eq(t.f->eax, 0);
    cr_expect_eq(fake_last(t.f), E_TIME);
    CALL3(t.f, "ReceiveRtData", m, SCRATCH, 655349);
    cr_expect_eq(t.f->alarm, 20000 + 655340000ull);
    fake_free(t.f);
}

/* By priority, or first come first served. */
Test(mailboxes, queue_of_threads)
{
    HOLDS_POINTERS();
    for (uint32_t by_priority = 0; by_priority < 2; by_priority++) {
        struct three t = three();
        uint32_t m = CALL1(t.f, "CreateRtMailbox", by_priority), got[3];
        uint32_t worse = CALL4(t.f, "CreateRtThread", 150, FAKE_IMAGE, 4096, 0);
        struct thread *mains[3];
        for (unsigned i = 0; i < 3; i++) {
            mains[i] = object_find(t.f->k, t.p[i])->process->threads;
            while (!mains[i]->main)
                mains[i] = mains[i]->next;
        }
        CALL1(t.f, "SuspendRtThread", mains[1]->handle);
        CALL1(t.f, "SuspendRtThread", mains[2]->handle);
        CALL1(t.f, "RtSleep", 10);
        cr_assert_eq(rt_current_thread(t.f->k), worse);
        CALL3(t.f, "ReceiveRtHandle", m, ALL, 0);
        fake_time(t.f, 10000);
        CALL1(t.f, "ResumeRtThread", mains[1]->handle);
        CALL3(t.f, "ReceiveRtHandle", m, ALL, 0);
        expect_runs(&t, 1);
        for (unsigned i = 0; i < 2; i++)
            CALL3(t.f, "SendRtHandle", m, t.p[i], 0);
        for (unsigned i = 0; i < 2; i++) {
            stop(&t);
            got[i] = rt_current_thread(t.f->k);
            cr_expect_eq(t.f->eax, got[i] == worse ? t.p[by_priority] : t.p[1 - by_priority]);
        }
        cr_expect_eq(got[0], mains[0]->handle, "the better one runs first in any case");
        fake_free(t.f);
    }
}

/* Field MAILBOX_DEPTH: n / 2 in bits 1..4; the page of the longer queue comes with one more. */
Test(mailboxes, depths_and_cost)
{
    HOLDS_POINTERS();
    static const struct {
        uint32_t flags, depth, page;
    } rows[] = {{0, 8, 200}, {4, 8, 200}, {6, 12, 200}, {0x1E, 60, 200}, {0x3E, 3, 30}};
    for (unsigned i = 0; i < 5; i++) {
        struct three t = three();
        uint32_t m = CALL1(t.f, "CreateRtMailbox", rows[i].flags), sent = 0;
        bool data = rows[i].flags & DATA;
        struct process *p = object_find(t.f->k, m)->owner;
        uint32_t used = p->pool.used, objects = p->objects, slots = rt_free_slots(t.f->k);
        for (unsigned n = 0; n <= 2; n++) {
            uint32_t until = rows[i].depth + n * rows[i].page;
            for (; sent < until; sent++)
                cr_assert_eq(data ? CALL3(t.f, "SendRtData", m, FAKE_DATA, 1)
                                  : CALL3(t.f, "SendRtHandle", m, m, 0),
                             1);
            cr_expect_eq(p->pool.used, used + n, "row %u: %u items cost %u pages", i, sent,
                         p->pool.used - used);
            cr_expect_eq(rt_free_slots(t.f->k), slots - (data ? n : 0));
            cr_expect_null(fake_check(t.f), "%s", fake_check(t.f));
        }
        cr_expect_eq(p->objects, objects);
        if (data) {
            struct rt_slot_info info;
            uint16_t slot = object_find(t.f->k, m)->mailbox->page[0].slot;
            rt_slot_info(t.f->k, slot, &info);
            cr_expect_str_eq(info.text, "longer queue of a mailbox of process APP");
            CALL1(t.f, "GetRtHandleType", slot << 3);
            cr_expect_eq(t.f->leave_status, E_EXIST);
        }
        for (; sent > rows[i].depth; sent--)
            cr_assert(data ? CALL3(t.f, "ReceiveRtData", m, FAKE_DATA, 0) == 1
                           : CALL3(t.f, "ReceiveRtHandle", m, 0, 0) == m);
        cr_expect_eq(p->pool.used, used);
        cr_expect_eq(rt_free_slots(t.f->k), slots);
        fake_free(t.f);
    }
}

/* The owner pays, whoever sends. */
Test(mailboxes, owner_pays)
{
    HOLDS_POINTERS();
    struct fake *f = fake_new(0x1000000, 0);
    struct rt_process_attr attr = {.name = "POOR", .pool_min = 0x10000, .pool_max = 0x20000};
    struct process *poor = object_find(f->k, fake_process(f, &attr))->process;
    struct process *rich = object_find(f->k, fake_app(f))->process;
    fake_run(f);
    uint32_t m = CALL1(f, "CreateRtMailbox", DATA);
    while (CALL1(f, "clib_pages", 4096)) {
    }
    CALL1(f, "knRtSleep", 0);
    uint32_t used = rich->pool.used;
    for (unsigned i = 0; i < 3; i++)
        cr_expect_eq(CALL3(f, "SendRtData", m, 0, 0), 1);
    CALL3(f, "SendRtData", m, 0, 0);
    cr_expect_eq(f->leave_status, E_MEM);
    cr_expect_eq(rich->pool.used, used);
    cr_expect_eq(poor->pool.used, poor->pool.max);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

Test(mailboxes, end_of_the_object)
{
    for (unsigned by_process = 0; by_process < 2; by_process++) {
        struct three t = three();
        CALL1(t.f, "CreateRtMailbox", 0);
        stop(&t);
        uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA),
                 full = CALL1(t.f, "CreateRtMailbox", DATA);
        unsigned slots = rt_free_slots(t.f->k);
        for (unsigned i = 0; i < 100; i++)
            CALL3(t.f, "SendRtData", full, FAKE_DATA, 128);
        cr_expect_lt(rt_free_slots(t.f->k), slots);
        CALL1(t.f, "ResumeRtThread", object_find(t.f->k, t.p[0])->process->threads->handle);
        CALL1(t.f, "knRtSleep", 0);
        expect_runs(&t, 2);
        CALL3(t.f, "ReceiveRtData", m, SCRATCH, ALL);
        expect_runs(&t, 0);
        CALL3(t.f, "ReceiveRtData", m, SCRATCH, 20);
        expect_runs(&t, 1);
        if (by_process) {
            CALL0(t.f, "ExitRtProcess");
        } else {
            cr_expect_eq(CALL1(t.f, "DeleteRtMailbox", m), 1);
            cr_expect_eq(CALL1(t.f, "DeleteRtMailbox", full), 1);
            cr_expect_eq(rt_free_slots(t.f->k), slots + 2);
            stop(&t);
        }
        for (unsigned i = 2; i != 1; i = i == 2 ? 0 : 1) {
            expect_runs(&t, i);
            cr_expect_eq(t.f->eax, 0);
            cr_expect_eq(fake_last(t.f), E_EXIST);
            stop(&t);
        }
        expect_runs(&t, 9);
        cr_expect_eq(t.f->alarm, UINT64_MAX, "no timer is left");
        fake_free(t.f);
    }
}

Test(mailboxes, end_of_waiters)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA);
    CALL1(t.f, "knRtSleep", 0);
    CALL3(t.f, "ReceiveRtData", m, SCRATCH, ALL); /* b */
    expect_runs(&t, 2);
    CALL3(t.f, "ReceiveRtData", m, SCRATCH, ALL); /* c */
    expect_runs(&t, 0);
    uint16_t b = object_find(t.f->k, t.p[1])->process->threads->handle;
    CALL1(t.f, "SuspendRtThread", b);
    CALL1(t.f, "DeleteRtThread", b);
    send(&t, m, "left");
    stop(&t);
    expect_runs(&t, 2);
    cr_expect_eq(t.f->eax, 4);
    CALL3(t.f, "ReceiveRtData", m, SCRATCH, ALL);
    expect_runs(&t, 9);
    fake_free(t.f);
}

Test(mailboxes, suspended_receiver_is_served)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA), thread = rt_current_thread(t.f->k);
    CALL3(t.f, "ReceiveRtData", m, SCRATCH, ALL);
    CALL1(t.f, "SuspendRtThread", thread);
    CALL2(t.f, "GetRtThreadInfo", thread, FAKE_DATA);
    uint8_t info[34];
    fake_get(t.f, FAKE_DATA, info, sizeof info);
    cr_expect_eq(info[20], 0x13, "at an exchange and suspended");
    cr_expect_eq(get16(info + 24), m);
    send(&t, m, "asleep");
    stop(&t);
    expect_runs(&t, 2);
    CALL1(t.f, "ResumeRtThread", thread);
    stop(&t);
    expect_runs(&t, 0);
    cr_expect_eq(t.f->eax, 6);
    fake_free(t.f);
}

/* Pointers of a call that waits are meant in the process's own data segment. */
Test(mailboxes, another_data_segment)
{
    struct three t = three();
    uint32_t m = CALL1(t.f, "CreateRtMailbox", DATA);
    t.f->ds = (uint16_t)(CALL2(t.f, "CreateRtMemoryHandle", FAKE_IMAGE, 0x4000) | 3);
    CALL3(t.f, "ReceiveRtData", m, SCRATCH, ALL);
    cr_expect_eq(t.f->leave_status, E_BAD_ADDR);
    t.f->ds = object_find(t.f->k, t.p[0])->process->ds & 0xfff8;
    CALL3(t.f, "ReceiveRtData", m, SCRATCH, ALL);
    expect_runs(&t, 1);
    fake_free(t.f);
}
