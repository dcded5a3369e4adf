/* Events: RtNotifyEvent and its mailbox, event handlers, sponsors and dependents, and the end that one process
 * asks of another. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"

#define NAME    (FAKE_DATA + 0x900)
#define INFO    (FAKE_DATA + 0x240)
#define BYTES   (FAKE_DATA + 0x300)
#define HANDLER (FAKE_IMAGE + 0x10)
#define FOREVER WAIT_FOREVER
#define SYSTEM  9 /* RT_CLIENT_UP */

static struct fake *started(void)
{
    struct fake *f = fake_new(0x1000000, 0);
    fake_app(f);
    fake_run(f);
    fake_put(f, NAME, "child.rta", 10);
    return f;
}

static void good(struct fake *f)
{
    const char *bad = fake_check(f);
    cr_assert_null(bad, "%s", bad);
}

static void finish(struct fake *f)
{
    good(f);
    fake_free(f);
}

static struct process *me(struct fake *f)
{
    return f->k->current->process;
}

static uint32_t word(struct fake *f, uint32_t off)
{
    uint8_t raw[4];
    fake_get(f, off, raw, 4);
    return get32(raw);
}

static void expect_event(struct fake *f, uint32_t type, uint32_t process)
{
    cr_expect_eq(word(f, INFO), type, "event %u instead of %u", word(f, INFO), type);
    cr_expect_eq(word(f, INFO + 4), 0, "there is one node");
    cr_expect_eq(word(f, INFO + 8), process);
    uint8_t none[12] = {0};
    fake_put(f, INFO, none, sizeof none);
}

static uint32_t child(struct fake *f, uint32_t flags)
{
    uint32_t h = CALL4(f, "CreateRtProcess", NAME, 0, 0, flags);
    cr_assert_eq(f->leave_status, E_OK);
    return h;
}

/* Another thread of this process, of a worse priority. */
static uint32_t thread(struct fake *f, unsigned priority)
{
    uint32_t h = CALL4(f, "CreateRtThread", priority, FAKE_IMAGE, 4096, 0);
    cr_assert_neq(h, BAD_RTHANDLE);
    return h;
}

static uint32_t exit_mbox(struct fake *f)
{
    return CALL3(f, "LookupRtHandle", 0, fake_string(f, EXIT_MBOX), 0);
}

static void send(struct fake *f, uint32_t mailbox, uint32_t type)
{
    uint8_t raw[4];
    put32(raw, type);
    fake_put(f, BYTES, raw, 4);
    CALL3(f, "SendRtData", mailbox, BYTES, 4);
    cr_expect_eq(f->leave_status, E_OK); /* EAX may be that of a thread that goes on */
}

/* The child listens: its main thread waits in RtNotifyEvent, and this one runs again. */
static uint32_t listening_child(struct fake *f, uint32_t flags)
{
    uint32_t h = child(f, 0);
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(rt_current_process(f->k), h);
    CALL3(f, "RtNotifyEvent", flags, FOREVER, INFO);
    cr_assert(f->leave_blocked);
    fake_time(f, (f->now / 10000 + 1) * 10000);
    cr_assert_neq(rt_current_process(f->k), h);
    good(f);
    return h;
}

/* --- RtNotifyEvent --- */

Test(events, first_call_makes_and_catalogs_the_mailbox)
{
    struct fake *f = started();
    uint32_t objects = me(f)->objects, names = me(f)->dir_used;
    cr_expect_eq(exit_mbox(f), BAD_RTHANDLE);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 8, 0, INFO), 0);
    cr_expect_eq(f->leave_status, E_TIME);
    uint32_t m = exit_mbox(f);
    cr_expect_eq(CALL1(f, "GetRtHandleType", m), TYPE_MAILBOX);
    cr_expect_eq(me(f)->objects, objects + 1);
    cr_expect_eq(me(f)->dir_used, names + 1);
    CALL3(f, "RtNotifyEvent", 8, 0, INFO);
    cr_expect_eq(exit_mbox(f), m);
    cr_expect_eq(me(f)->objects, objects + 1, "a second mailbox");
    finish(f);
}

Test(events, lookup_of_the_mailbox_waits_for_it)
{
    struct fake *f = started();
    thread(f, 150);
    CALL3(f, "LookupRtHandle", 0, fake_string(f, EXIT_MBOX), 5000);
    cr_assert(f->leave_blocked);
    CALL3(f, "RtNotifyEvent", 8, FOREVER, INFO); /* by the other thread */
    uint32_t m = f->eax;
    cr_expect_eq(CALL1(f, "GetRtHandleType", m), TYPE_MAILBOX);
    send(f, m, TERMINATE);
    CALL1(f, "RtSleep", 100);
    cr_expect_eq(f->eax, 1);
    expect_event(f, TERMINATE, 0);
    finish(f);
}

Test(events, a_mailbox_of_the_program_itself_is_used)
{
    struct fake *f = started();
    uint32_t m = CALL1(f, "CreateRtMailbox", 0x20);
    CALL3(f, "CatalogRtHandle", 0, m, fake_string(f, EXIT_MBOX));
    send(f, m, TERMINATE);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 15, 0, INFO), 1);
    expect_event(f, TERMINATE, 0);
    /* One that is gone is replaced under the same name. */
    CALL1(f, "DeleteRtMailbox", m);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 15, 0, INFO), 0);
    cr_expect_eq(f->leave_status, E_TIME);
    cr_expect_neq(exit_mbox(f), m);
    finish(f);
}

Test(events, events_of_other_kinds_are_lost)
{
    struct fake *f = started();
    CALL3(f, "RtNotifyEvent", 8, 0, INFO);
    uint32_t m = exit_mbox(f);
    send(f, m, SYSTEM);
    send(f, m, TERMINATE);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 8, 0, INFO), 1);
    expect_event(f, TERMINATE, 0);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 15, 0, INFO), 0, "the other one is gone");
    uint32_t other = thread(f, 150);
    CALL3(f, "RtNotifyEvent", 3, 500, INFO);
    cr_assert_eq(rt_current_thread(f->k), other);
    for (unsigned i = 0; i < 10; i++)
        send(f, m, TERMINATE);
    cr_expect_eq(rt_current_thread(f->k), other, "nobody waits for that kind");
    good(f);
    send(f, m, DEPENDENT_REGISTERED);
    cr_expect_eq(f->eax, 1);
    expect_event(f, DEPENDENT_REGISTERED, 0);
    finish(f);
}

Test(events, each_of_two_threads_gets_its_kind)
{
    struct fake *f = started();
    uint32_t second = thread(f, 140), third = thread(f, 150);
    CALL3(f, "RtNotifyEvent", 1, FOREVER, INFO);
    cr_assert_eq(rt_current_thread(f->k), second);
    CALL3(f, "RtNotifyEvent", 8, FOREVER, INFO + 32);
    cr_assert_eq(rt_current_thread(f->k), third);
    send(f, exit_mbox(f), TERMINATE);
    cr_expect_eq(rt_current_thread(f->k), second);
    cr_expect_eq(word(f, INFO + 32), TERMINATE);
    cr_expect_eq(word(f, INFO), 0);
    finish(f);
}

Test(events, time_runs_out)
{
    struct fake *f = started();
    CALL3(f, "RtNotifyEvent", 8, 100, INFO);
    cr_assert(f->leave_blocked);
    fake_time(f, 100000);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_TIME);
    /* It is an ordinary receiver again. */
    uint32_t m = exit_mbox(f);
    thread(f, 150);
    CALL3(f, "ReceiveRtData", m, BYTES + 64, 1000);
    send(f, m, 77);
    cr_expect_eq(f->eax, 4);
    cr_expect_eq(word(f, BYTES + 64), 77);
    finish(f);
}

Test(events, memory_that_has_gone)
{
    struct fake *f = started();
    thread(f, 150);
    uint32_t block = CALL1(f, "AllocateRtMemory", 4096);
    CALL3(f, "RtNotifyEvent", 8, FOREVER, block);
    CALL1(f, "FreeRtMemory", block);
    uint32_t m = exit_mbox(f);
    send(f, m, TERMINATE);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_BAD_ADDR);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 8, 0, INFO), 1, "the event stays in the queue");
    finish(f);
}

/* --- TerminateRtProcess --- */

Test(terminate, a_process_that_listens_ends_by_itself)
{
    struct fake *f = started();
    uint32_t h = listening_child(f, 8);
    CALL3(f, "TerminateRtProcess", h, 0, 1000);
    cr_assert_eq(rt_current_process(f->k), h, "the caller waits, the child has its event");
    cr_expect_eq(f->eax, 1);
    expect_event(f, TERMINATE, 0);
    CALL1(f, "clib_exit", 7);
    cr_expect_eq(f->end_code, 7);
    cr_expect_eq(f->end_reason, RT_END_EXIT);
    cr_expect_eq(f->eax, 1);
    cr_expect_eq(CALL1(f, "GetRtHandleType", h), 0);
    finish(f);
}

Test(terminate, a_deaf_process_is_deleted_with_force_only)
{
    struct fake *f = started();
    uint32_t h = child(f, 0x100); /* it never runs */
    CALL3(f, "TerminateRtProcess", h, 0, 100);
    cr_assert(f->leave_blocked);
    fake_time(f, 99999);
    cr_expect_eq(f->k->current, NULL);
    fake_time(f, 100000);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_TIME);
    cr_expect_eq(CALL1(f, "GetRtHandleType", h), TYPE_PROCESS);
    good(f);
    CALL3(f, "TerminateRtProcess", h, 1, 100);
    fake_time(f, 200000);
    cr_expect_eq(f->eax, 1);
    cr_expect_eq(f->end_reason, RT_END_DELETED);
    cr_expect_eq(CALL1(f, "GetRtHandleType", h), 0);
    finish(f);
}

Test(terminate, a_region_protects)
{
    struct fake *f = started();
    uint32_t h = child(f, 0);
    CALL1(f, "RtSleep", 10);
    CALL1(f, "WaitForRtControl", CALL1(f, "CreateRtRegion", 0));
    CALL1(f, "RtSleep", 600000);
    fake_time(f, 10000);
    CALL3(f, "TerminateRtProcess", h, 1, 50);
    fake_time(f, f->now + 60000);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_CONTEXT);
    finish(f);
}

Test(terminate, oneself)
{
    struct fake *f = started();
    thread(f, 150);
    CALL3(f, "TerminateRtProcess", 0, 1, 100);
    CALL1(f, "RtSleep", 600000);
    fake_time(f, 100000);
    cr_expect_eq(f->ends, 1);
    cr_expect_eq(f->end_reason, RT_END_DELETED);
    good(f);
    fake_free(f);
    f = started();
    CALL3(f, "TerminateRtProcess", 0, 1, 0);
    cr_expect_eq(f->ends, 1);
    cr_expect_eq(f->idle_code, 0);
    finish(f);
}

Test(terminate, several_ask_and_one_dies_while_it_waits)
{
    struct fake *f = started();
    uint32_t h = child(f, 0x100), other = child(f, 0);
    CALL3(f, "TerminateRtProcess", h, 1, 200);
    cr_assert_eq(rt_current_process(f->k), other);
    CALL3(f, "TerminateRtProcess", h, 0, FOREVER);
    cr_expect_eq(f->k->current, NULL);
    fake_time(f, 200000); /* the first one gets the process, both go on */
    cr_expect_eq(f->eax, 1);
    cr_expect_eq(f->ends, 1);
    CALL1(f, "RtSleep", 100);
    cr_expect_eq(rt_current_process(f->k), other);
    cr_expect_eq(f->eax, 1);
    good(f);
    CALL3(f, "TerminateRtProcess", 0, 0, FOREVER);
    fake_time(f, f->now + 100000);
    CALL2(f, "DeleteRtProcess", other, 0);
    finish(f);
}

Test(terminate, from_the_machine)
{
    struct fake *f = started();
    struct rt_effects fx;
    uint32_t h = listening_child(f, 8), deaf = child(f, 0x100);
    cr_expect_not(rt_process_terminate(f->k, (uint16_t)deaf, &fx));
    fake_apply(f, &fx);
    cr_expect_not(rt_process_terminate(f->k, 0x1230, &fx));
    fake_apply(f, &fx);
    cr_expect(rt_process_terminate(f->k, (uint16_t)h, &fx));
    fake_apply(f, &fx);
    CALL1(f, "RtSleep", 100);
    cr_assert_eq(rt_current_process(f->k), h);
    expect_event(f, TERMINATE, 0);
    rt_process_delete(f->k, (uint16_t)h, &fx);
    fake_apply(f, &fx);
    cr_expect_eq(f->ends, 1);
    good(f);
    rt_process_delete(f->k, (uint16_t)h, &fx);
    fake_apply(f, &fx);
    cr_expect_eq(f->ends, 1, "it is gone already");
    finish(f);
}

/* --- handlers --- */

/* Code of the event thread up to its call, as the processor would go: what it passes is its own EBX. */
static uint32_t event_thread(struct fake *f)
{
    uint32_t h = me(f)->events.thread;
    const struct object *o = object_find(f->k, h);
    cr_assert(o && o->type == TYPE_THREAD);
    return h;
}

Test(handlers, first_one_makes_the_thread)
{
    struct fake *f = started();
    unsigned threads = me(f)->quota[QUOTA_THREADS].used;
    uint32_t a = CALL2(f, "RegisterRtEventHandler", 8, HANDLER);
    cr_expect_neq(a, 0);
    uint32_t h = event_thread(f);
    cr_expect_eq(me(f)->quota[QUOTA_THREADS].used, threads + 1);
    cr_expect_eq(CALL1(f, "GetRtThreadPriority", h), 140);
    uint32_t b = CALL2(f, "RegisterRtEventHandler", 3, HANDLER + 4);
    cr_expect(b != 0 && b != a);
    cr_expect_eq(me(f)->quota[QUOTA_THREADS].used, threads + 1, "one thread for all");
    cr_expect_eq(CALL1(f, "SetRtEventHandlerPriority", 200), 1);
    cr_expect_eq(CALL1(f, "GetRtThreadPriority", h), 200);
    cr_expect_eq(CALL1(f, "GetRtHandleType", exit_mbox(f)), TYPE_MAILBOX);
    good(f);
    CALL1(f, "DeleteRtThread", h);
    cr_expect_eq(me(f)->events.thread, 0);
    cr_expect_neq(CALL2(f, "RegisterRtEventHandler", 8, HANDLER), 0);
    cr_expect_eq(CALL1(f, "GetRtThreadPriority", event_thread(f)), 200, "the preset one");
    finish(f);
}

/* The event thread's calls are made by hand here; the guest `events` runs its code. */
Test(handlers, those_of_the_kind_are_called_in_order)
{
    struct fake *f = started();
    CALL2(f, "RegisterRtEventHandler", 8, HANDLER);
    CALL2(f, "RegisterRtEventHandler", 1, HANDLER + 1);
    CALL2(f, "RegisterRtEventHandler", 15, HANDLER + 2);
    uint32_t m = exit_mbox(f), worker = event_thread(f);
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(rt_current_thread(f->k), worker);
    CALL1(f, "clib_event", INFO);
    fake_time(f, 10000);
    send(f, m, TERMINATE);
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(rt_current_thread(f->k), worker);
    cr_expect_eq(f->eax, HANDLER);
    expect_event(f, TERMINATE, 0); /* and wipes it, as a handler may */
    cr_expect_eq(CALL1(f, "clib_event", INFO), HANDLER + 2);
    expect_event(f, TERMINATE, 0);
    fake_time(f, 20000);
    send(f, m, DEPENDENT_REGISTERED); /* while the handler runs */
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(CALL1(f, "clib_event", INFO), HANDLER + 1);
    cr_expect_eq(CALL1(f, "clib_event", INFO), HANDLER + 2);
    CALL1(f, "clib_event", INFO);
    cr_expect(f->leave_blocked);
    finish(f);
}

Test(handlers, without_any_events_are_lost)
{
    struct fake *f = started();
    uint32_t a = CALL2(f, "RegisterRtEventHandler", 8, HANDLER);
    CALL1(f, "RtSleep", 10);
    CALL1(f, "clib_event", INFO);
    fake_time(f, 10000);
    cr_expect_eq(CALL1(f, "UnregisterRtEventHandler", a), 1);
    for (unsigned i = 0; i < 100; i++)
        send(f, exit_mbox(f), TERMINATE);
    cr_expect_eq(notify_mailbox(f->k, me(f))->block_page != 0, true);
    good(f);
    CALL2(f, "RegisterRtEventHandler", 8, HANDLER + 8);
    send(f, exit_mbox(f), TERMINATE);
    CALL1(f, "RtSleep", 10);
    cr_expect_eq(f->eax, HANDLER + 8);
    finish(f);
}

/* --- sponsors --- */

/* The child's main thread runs, with the parent asleep for `ms`. */
static void to_child(struct fake *f, uint32_t h, uint32_t ms)
{
    CALL1(f, "RtSleep", ms);
    cr_assert_eq(rt_current_process(f->k), h);
}

Test(sponsors, each_side_hears_of_the_other)
{
    struct fake *f = started();
    uint32_t self = rt_current_process(f->k), h = child(f, 0);
    cr_expect_eq(CALL1(f, "RegisterRtSponsor", fake_string(f, "SERVICE")), 1);
    CALL3(f, "RtNotifyEvent", 1, 1000, INFO);
    cr_assert_eq(rt_current_process(f->k), h);
    cr_expect_eq(CALL2(f, "RegisterRtDependency", fake_string(f, "SERVICE"), 0), 1);
    cr_assert_eq(rt_current_process(f->k), h, "equals do not preempt");
    CALL3(f, "RtNotifyEvent", 2, FOREVER, INFO);
    cr_assert_eq(rt_current_process(f->k), self);
    expect_event(f, DEPENDENT_REGISTERED, h);
    cr_expect_eq(CALL1(f, "UnregisterRtSponsor", fake_string(f, "SERVICE")), 1);
    to_child(f, h, 10);
    expect_event(f, SPONSOR_UNREGISTERED, self);
    cr_expect_eq(CALL1(f, "RegisterRtSponsor", fake_string(f, "SERVICE")), 0);
    cr_expect_eq(f->leave_status, E_CONTEXT, "somebody still depends on the name");
    cr_expect_eq(CALL1(f, "UnregisterRtDependency", fake_string(f, "SERVICE")), 1);
    cr_expect_eq(CALL1(f, "RegisterRtSponsor", fake_string(f, "SERVICE")), 1);
    fake_time(f, 10000);
    good(f);
    CALL0(f, "ExitRtProcess"); /* the child */
    cr_expect_eq(f->k->sponsors, NULL);
    cr_assert_eq(rt_current_process(f->k), self);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 1, 0, INFO), 1);
    expect_event(f, DEPENDENT_UNREGISTERED, h);
    cr_expect_eq(f->k->dependencies, NULL);
    finish(f);
}

Test(sponsors, ends_are_told)
{
    struct fake *f = started();
    uint32_t self = rt_current_process(f->k), h = child(f, 0);
    CALL3(f, "RtNotifyEvent", 3, 0, INFO); /* both listen */
    to_child(f, h, 10);
    CALL3(f, "RtNotifyEvent", 3, 0, INFO);
    CALL1(f, "RegisterRtSponsor", fake_string(f, "CHILD"));
    CALL2(f, "RegisterRtDependency", fake_string(f, "PARENT"), 1000);
    fake_time(f, 10000);
    cr_assert_eq(rt_current_process(f->k), self);
    CALL1(f, "RegisterRtSponsor", fake_string(f, "PARENT"));
    CALL2(f, "RegisterRtDependency", fake_string(f, "CHILD"), 0);
    to_child(f, h, 10);
    cr_expect_eq(f->eax, 1, "it has waited for its sponsor");
    CALL0(f, "ExitRtProcess");
    fake_time(f, 20000);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 3, 0, INFO), 1);
    expect_event(f, DEPENDENT_REGISTERED, h);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 3, 0, INFO), 1);
    expect_event(f, SPONSOR_TERMINATED, h);
    cr_expect_eq(CALL3(f, "RtNotifyEvent", 3, 0, INFO), 1);
    expect_event(f, DEPENDENT_TERMINATED, h);
    cr_expect_eq(f->k->dependencies, NULL);
    finish(f);
}

Test(sponsors, who_waits_for_one_may_give_up_or_die)
{
    struct fake *f = started();
    uint32_t h = child(f, 0), t = thread(f, 129);
    CALL2(f, "RegisterRtDependency", fake_string(f, "LATE"), 50);
    cr_assert_eq(rt_current_process(f->k), h);
    CALL2(f, "RegisterRtDependency", fake_string(f, "LATE"), FOREVER);
    cr_assert_eq(rt_current_thread(f->k), t);
    CALL2(f, "RegisterRtDependency", fake_string(f, "LATE"), FOREVER);
    good(f);
    fake_time(f, 50000);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_TIME);
    CALL2(f, "DeleteRtProcess", h, 0);
    good(f);
    /* The sponsor is the process itself: its own thread cannot depend on it. */
    CALL1(f, "RegisterRtSponsor", fake_string(f, "LATE"));
    CALL1(f, "RtSleep", 10);
    cr_assert_eq(rt_current_thread(f->k), t);
    cr_expect_eq(f->eax, 0);
    cr_expect_eq(fake_last(f), E_CONTEXT);
    cr_expect_eq(f->k->dependencies, NULL);
    finish(f);
}
