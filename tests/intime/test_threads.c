/* Threads of one process: birth, callbacks, end, priorities, turns of 50 ms, states, reports. */
#include <criterion/criterion.h>

#include "fake.h"

static struct fake *started(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    return f;
}

static uint32_t make(struct fake *f, uint32_t priority)
{
    uint32_t t = CALL4(f, "CreateRtThread", priority, FAKE_IMAGE + 0x10, 0x2000, 0x1234);
    cr_assert_null(fake_check(f), "%s", fake_check(f));
    return t;
}

static void expect_runs(struct fake *f, uint32_t thread)
{
    cr_expect_eq(rt_current_thread(f->k), thread, "%04X runs, not %04X", rt_current_thread(f->k),
                 thread);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
}

static uint32_t return_from_entry(struct fake *f)
{
    const struct row *row = fake_row("clib_thread_return");
    return fake_call_raw(f, (uint32_t)row->number << 16 | row->class, 0);
}

static uint32_t word_at(struct fake *f, uint32_t off)
{
    uint8_t raw[4];
    fake_get(f, off, raw, 4);
    return get32(raw);
}

static uint32_t tss_word(struct fake *f, uint32_t thread, uint32_t at)
{
    uint8_t raw[4];
    cr_assert(phys_get(f->k, kernel_phys(f->gdt[thread >> 3].base) + at, raw, 4));
    return get32(raw);
}

/* --- birth --- */

Test(threads, start_state)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k), t = make(f, 150);
    uint32_t esp = tss_word(f, t, 0x38), text = f->k->current->process->text_off;
    cr_expect_eq(tss_word(f, t, 0x20), FAKE_IMAGE + 0x10);
    cr_expect_eq(tss_word(f, t, 0x24), tss_word(f, main_thread, 0x24), "flags as the main thread");
    cr_expect_eq(word_at(f, esp), text + TRAMPOLINE_OFF);
    cr_expect_eq(word_at(f, esp + 4), 0x1234);
    cr_expect_eq(word_at(f, text + TRAMPOLINE_OFF) & 0xff, 0x68);
    uint32_t block = object_find(f->k, t)->thread->block;
    cr_expect_eq(word_at(f, block), 0xffffffff);
    uint32_t tls = word_at(f, block + 0x2C);
    for (unsigned i = 0; i < 64; i++)
        cr_expect_eq(word_at(f, tls + i * 4), 0xffffffff);
    uint32_t guard = block - 3 * 4096; /* 0x2000 bytes of stack, then nothing */
    cr_expect_eq(f->k->port.user_check(f, guard + 4096, 8192, true), RT_REACH_OK);
    cr_expect_neq(f->k->port.user_check(f, guard + 4095, 1, false), RT_REACH_OK);
    CALL1(f, "SuspendRtThread", 0);
    expect_runs(f, t);
    cr_expect_eq(f->gdt[SLOT_THREAD_BLOCK].base, f->k->current->process->base + block);
    fake_free(f);
}

Test(threads, first_callback)
{
    struct fake *f = started();
    CALL2(f, "RslSetCallback", FAKE_IMAGE + 0x800, 0);
    uint32_t t = make(f, 150), esp = tss_word(f, t, 0x38);
    cr_expect_eq(tss_word(f, t, 0x20), FAKE_IMAGE + 0x800, "the callback runs first");
    cr_expect_eq(word_at(f, esp), FAKE_IMAGE + 0x10, "and returns to the entry");
    cr_expect_eq(word_at(f, esp + 4), f->k->current->process->text_off + TRAMPOLINE_OFF);
    cr_expect_eq(word_at(f, esp + 8), 0x1234);
    fake_free(f);
}

/* --- end --- */

static void expect_gone(struct fake *f, uint32_t thread, unsigned slots, uint32_t used)
{
    cr_expect_eq(rt_free_slots(f->k), slots);
    cr_expect_eq(f->k->current->process->pool.used, used);
    cr_expect_null(object_find(f->k, thread));
    cr_expect_eq(f->ends, 0, "the process lives on");
}

Test(threads, end_leaves_nothing)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k);
    unsigned slots = rt_free_slots(f->k);
    uint32_t used = f->k->current->process->pool.used;
    for (unsigned how = 0; how < 4; how++) {
        uint32_t t = make(f, 0);
        if (how == 1) CALL1(f, "SuspendRtThread", t);
        if (how != 0 && how != 1) {
            CALL1(f, "RtSleep", 10);
            expect_runs(f, t);
            if (how == 2) CALL1(f, "DeleteRtThread", 0);
            if (how == 3) return_from_entry(f);
            fake_time(f, f->now + 10000);
        } else {
            cr_expect_eq(CALL1(f, "DeleteRtThread", t), 1);
        }
        expect_runs(f, main_thread);
        expect_gone(f, t, slots, used);
    }
    fake_free(f);
}

Test(threads, last_callback_runs_once)
{
    struct fake *f = started();
    CALL2(f, "RslSetCallback", FAKE_IMAGE + 0x900, 1);
    for (unsigned how = 0; how < 2; how++) {
        uint32_t t = make(f, 0);
        CALL1(f, "RtSleep", 10);
        expect_runs(f, t);
        uint32_t eax = how ? return_from_entry(f) : CALL1(f, "DeleteRtThread", 0);
        expect_runs(f, t);
        cr_expect_eq(eax, FAKE_IMAGE + 0x900);
        uint32_t frame = kernel_phys(f->gdt[f->tr >> 3].base) + 4096 - 20;
        uint8_t eip[4];
        cr_assert(phys_get(f->k, frame, eip, 4));
        cr_expect_eq(get32(eip), f->k->current->process->text_off + FINISH_OFF);
        cr_expect_eq(word_at(f, get32(eip)) & 0xffff, 0xD0FF, "CALL EAX");
        return_from_entry(f);
        cr_expect_null(object_find(f->k, t));
        fake_time(f, f->now + 10000);
    }
    uint32_t t = make(f, 0);
    CALL1(f, "DeleteRtThread", t);
    cr_expect_null(object_find(f->k, t), "deleted by another: no callback");
    fake_free(f);
}

Test(threads, main_thread_deleted_by_another)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k), t = make(f, 0);
    CALL1(f, "RtSleep", 500);
    expect_runs(f, t);
    cr_expect_eq(CALL1(f, "DeleteRtThread", main_thread), 1);
    expect_runs(f, t);
    cr_expect_eq(f->alarm, UINT64_MAX, "its sleep is forgotten");
    CALL1(f, "DeleteRtThread", 0);
    expect_runs(f, 0);
    cr_expect_eq(f->idle_code, 1, "a process without threads is a deadlock");
    fake_free(f);
}

Test(threads, waiter_for_a_name_deleted)
{
    struct fake *f = started();
    uint32_t t = make(f, 0);
    CALL1(f, "RtSleep", 10);
    expect_runs(f, t);
    CALL3(f, "LookupRtHandle", RT_ROOT_PROCESS, fake_string(f, "LATER"), 0xffffffff);
    uint32_t used = f->k->root->dir_used;
    fake_time(f, 10000);
    CALL1(f, "DeleteRtThread", t);
    cr_expect_eq(f->k->root->dir_used, used - 1);
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

/* --- priorities --- */

Test(threads, better_priority_preempts_at_once)
{
    struct fake *f = started();
    uint32_t main_thread = rt_current_thread(f->k);
    CALL2(f, "SetRtProcessMaxPriority", 0, 50);
    uint32_t worse = make(f, 200);
    expect_runs(f, main_thread);
    CALL4(f, "CreateRtThread", 60, FAKE_IMAGE, 1, 0);
    uint32_t better = rt_current_thread(f->k);
    cr_expect_neq(better, main_thread);
    cr_expect_eq(CALL1(f, "GetRtThreadPriority", 0), 60);
    CALL2(f, "SetRtThreadPriority", 0, 201);
    expect_runs(f, main_thread);
    cr_expect_eq(f->eax, better, "the creator's result");
    CALL2(f, "SetRtThreadPriority", worse, 0);
    expect_runs(f, worse);
    cr_expect_eq(CALL1(f, "GetRtThreadPriority", worse), 50);
    fake_free(f);
}

/* --- turns --- */

Test(turns, of_50_ms_from_140_on)
{
    for (unsigned priority = 139; priority < 142; priority++) {
        struct fake *f = started();
        uint32_t a = rt_current_thread(f->k), b = make(f, priority);
        fake_time(f, 10000);
        CALL2(f, "SetRtThreadPriority", 0, priority);
        if (priority == 139) {
            cr_expect_eq(f->alarm, UINT64_MAX, "better threads run until they wait");
            fake_free(f);
            continue;
        }
        uint32_t first = rt_current_thread(f->k), second = first == a ? b : a;
        uint64_t due = f->alarm;
        cr_expect_leq(due, 60000);
        fake_time(f, due - 1);
        expect_runs(f, first);
        fake_time(f, due);
        expect_runs(f, second);
        cr_expect_eq(f->alarm, due + 50000);
        fake_time(f, due + 50000);
        expect_runs(f, first);
        CALL1(f, "DeleteRtThread", second);
        cr_expect_eq(f->alarm, UINT64_MAX, "alone: no turns");
        fake_free(f);
    }
}

/* A better thread interrupts: the rest of the slice is kept, and the place at the head. */
Test(turns, interrupted)
{
    struct fake *f = started();
    uint32_t top = rt_current_thread(f->k), a = make(f, 150), b = make(f, 150);
    CALL1(f, "RtSleep", 20);
    expect_runs(f, a);
    cr_expect_eq(f->alarm, 20000);
    fake_time(f, 20000);
    expect_runs(f, top);
    CALL1(f, "RtSleep", 500);
    expect_runs(f, a);
    cr_expect_eq(f->alarm, 50000);
    fake_time(f, 50000);
    expect_runs(f, b);
    f->now = 60000;
    CALL1(f, "RtSleep", 30);
    expect_runs(f, a);
    fake_time(f, 90000);
    expect_runs(f, a);
    cr_expect_eq(f->alarm, 110000, "a slice from 60000: %llu", (unsigned long long)f->alarm);
    fake_free(f);
}

/* --- reports --- */

struct state_row {
    const char *call;
    uint32_t arg;
    bool suspended;
    uint8_t state;
};

Test(reports, states)
{
    static const struct state_row rows[] = {
        {NULL, 0, false, 0x01},          {NULL, 0, true, 0x10},
        {"RtSleep", 100, false, 0x02},   {"RtSleep", 100, true, 0x12},
        {"SuspendRtThread", 0, 0, 0x11},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake *f = started();
        uint32_t main_thread = rt_current_thread(f->k), t = make(f, 0);
        uint8_t info[34], state[102];
        CALL1(f, "RtSleep", 10);
        if (rows[i].call) CALL1(f, rows[i].call, rows[i].arg);
        fake_time(f, 10000);
        if (!rows[i].call) CALL1(f, "knRtSleep", 0);
        expect_runs(f, main_thread);
        if (rows[i].suspended) CALL1(f, "SuspendRtThread", t);
        cr_expect_eq(CALL2(f, "GetRtThreadInfo", t, FAKE_DATA), 1);
        fake_get(f, FAKE_DATA, info, sizeof info);
        cr_expect_eq(info[20], rows[i].state, "row %u: state %02X", i, info[20]);
        cr_expect_eq(info[12], 129);
        cr_expect_eq(get16(info), rt_current_process(f->k));
        CALL2(f, "GetRtThreadState", t, FAKE_DATA);
        fake_get(f, FAKE_DATA, state, sizeof state);
        cr_expect_eq(state[4], rows[i].state);
        cr_expect_eq(get16(state + 18), t);
        CALL2(f, "GetRtThreadInfo", 0, FAKE_DATA);
        fake_get(f, FAKE_DATA, info, sizeof info);
        cr_expect_eq(info[20], 0x00, "running");
        fake_free(f);
    }
}

Test(reports, registers_of_a_thread_that_has_not_run)
{
    struct fake *f = started();
    uint32_t t = make(f, 200);
    uint8_t state[102];
    CALL2(f, "GetRtThreadState", t, FAKE_DATA);
    fake_get(f, FAKE_DATA, state, sizeof state);
    cr_expect_eq(get32(state + 18 + 64), FAKE_IMAGE + 0x10, "EIP");
    cr_expect_eq(get16(state + 18 + 68), f->k->current->process->cs);
    cr_expect_eq(get32(state + 18 + 76), tss_word(f, t, 0x38), "ESP");
    cr_expect_eq(get16(state + 18 + 80), f->k->current->process->ds);
    fake_free(f);
}

Test(reports, every_thread_is_in_the_list)
{
    struct fake *f = started();
    fake_app(f);
    for (unsigned i = 0; i < 3; i++)
        make(f, 200);
    unsigned n = 0;
    uint8_t info[34];
    for (uint32_t t = thread_first(f->k)->handle; t; t = get16(info + 2), n++) {
        cr_assert_eq(CALL2(f, "GetRtThreadInfo", t, FAKE_DATA), 1);
        fake_get(f, FAKE_DATA, info, sizeof info);
    }
    cr_expect_eq(n, 5);
    fake_free(f);
}

Test(reports, stack_use_only_grows)
{
    struct fake *f = started();
    uint32_t t = make(f, 200);
    const uint8_t size[4] = {12}, mark[4] = {1};
    fake_put(f, FAKE_DATA, size, 4);
    CALL2(f, "GetRtStackInfo", t, FAKE_DATA);
    cr_expect_eq(word_at(f, FAKE_DATA + 4), 0x2000);
    uint32_t used = word_at(f, FAKE_DATA + 8);
    cr_expect_eq(used, 0x100);
    uint32_t top = object_find(f->k, t)->thread->block;
    fake_put(f, top - 0x1804, mark, 4);
    CALL2(f, "GetRtStackInfo", t, FAKE_DATA);
    cr_expect_eq(word_at(f, FAKE_DATA + 8), 0x1804);
    fake_free(f);
}
