/* ending_steps.c: the steps of struct life. A handle that is not there yet is 0, and its call is refused. */
#include <string.h>

#include "ending.h"
#include "serving.h"

uint32_t life_random(struct life *l, uint32_t below)
{
    l->seed = l->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(l->seed >> 33) % below;
}

uint32_t life_text(struct life *l, const char *words)
{
    fake_put(l->f, E_TEXT, words, (uint32_t)strlen(words) + 1);
    return E_TEXT;
}

static void word(struct life *l, uint32_t at, uint32_t value)
{
    uint8_t raw[4];
    put32(raw, value);
    fake_put(l->f, at, raw, 4);
}

static uint32_t some_worker(struct life *l)
{
    return l->workers ? l->worker[life_random(l, l->workers)] : 0;
}

void life_worker(struct life *l)
{
    uint32_t h = CALL4(l->f, "CreateRtThread", 120, FAKE_IMAGE, 4096, 0);
    /* the new thread runs already; its creator would see the handle */
    h = rt_current_thread(l->f->k);
    if (l->workers < WORKERS) l->worker[l->workers++] = h;
}

void life_things(struct life *l, struct things *t)
{
    struct fake *f = l->f;
    t->sem = CALL3(f, "CreateRtSemaphore", 0, 9, 0);
    t->region = CALL1(f, "CreateRtRegion", 1);
    t->handles = CALL1(f, "CreateRtMailbox", 0);
    t->data = CALL1(f, "CreateRtMailbox", 0x21);
    t->alarm = CALL2(f, "CreateRtAlarm", 1, 30000);
    t->queue = CALL3(f, "CreateRtQueue", 4000, 64, 0);
    t->port = CALL5(f, "CreateRtPortEx", 0, 0, 0, 0, 8192);
    t->heap = CALL2(f, "CreateRtHeap", 20000, 0);
    t->memory = CALL1(f, "AllocateRtMemory", 3 * 4096);
    t->segment = CALL2(f, "CreateRtMemoryHandle", t->memory, 3 * 4096);
}

static void make_things(struct life *l)
{
    fake_put(l->f, E_NAME, "child.rta", 10);
    life_things(l, &l->own);
}

static void best_priority(struct life *l)
{
    CALL2(l->f, "SetRtProcessMaxPriority", 0, 20);
}

/* --- memory --- */

static void map_theirs(struct life *l)
{
    CALL1(l->f, "MapRtSharedMemory", l->theirs.segment);
    CALL1(l->f, "MapRtSharedMemory", l->own.segment);
    CALL2(l->f, "MapRtPhysicalMemory", 0x100000, 8192);
}

static void buffers(struct life *l)
{
    CALL3(l->f, "RequestRtBuffer", l->own.heap, 100, E_INFO);
    CALL3(l->f, "RequestRtBuffer", l->theirs.heap, 100, E_INFO);
    CALL1(l->f, "DetachRtHeap", l->own.port);
    CALL2(l->f, "AttachRtHeap", l->theirs.heap, l->own.port);
}

static void free_own(struct life *l)
{
    CALL1(l->f, "FreeRtMemory", l->own.memory);
}

/* --- messages --- */

static void fill_mailboxes(struct life *l)
{
    for (unsigned i = 0; i < 40; i++) {
        CALL3(l->f, "SendRtHandle", l->own.handles, l->own.sem, l->own.data);
        CALL3(l->f, "SendRtData", l->own.data, E_BYTES, 100);
    }
}

static void fill_theirs(struct life *l)
{
    for (unsigned i = 0; i < 3; i++)
        CALL3(l->f, "SendRtHandle", l->theirs.handles, l->own.region, 0);
    CALL3(l->f, "SendRtData", l->theirs.data, E_BYTES, 64);
    CALL3(l->f, "SendRtShortDataMessage", l->own.queue, E_BYTES, 32);
    CALL3(l->f, "SendRtShortDataMessage", l->theirs.queue, E_BYTES, 32);
}

static void empty_mailboxes(struct life *l)
{
    for (unsigned i = 0; i < 40; i++) {
        CALL3(l->f, "ReceiveRtHandle", l->own.handles, 0, 0);
        CALL3(l->f, "ReceiveRtData", l->own.data, E_BYTES, 0);
    }
}

/* --- names --- */

static void catalog(struct life *l)
{
    CALL3(l->f, "CatalogRtHandle", 0, l->own.sem, life_text(l, "MINE"));
    CALL3(l->f, "CatalogRtHandleLong", 0, l->own.sem,
          life_text(l, "a name that is too long for an entry"));
    CALL3(l->f, "CatalogRtHandle", l->parent, l->own.sem, life_text(l, "THEIRS"));
}

/* --- low-level objects --- */

static void low_level(struct life *l)
{
    l->kn_sem = CALL2(l->f, "knCreateRtSemaphore", E_KN, 0);
    l->kn_region = CALL2(l->f, "knCreateRtSemaphore", E_KN + 64, 2); /* owned */
    l->kn_mail = CALL4(l->f, "knCreateRtMailbox", E_KN + 128, 16, 2, 0);
    l->kn_alarm = CALL3(l->f, "knCreateRtAlarmEvent", E_KN + 320, 1, 100);
    /* the parent's: in the classic model it has the same name everywhere */
    CALL2(l->f, "knWaitForRtSemaphore", l->theirs.kn_region, 0);
}

static void kn_release(struct life *l)
{
    CALL1(l->f, "knReleaseRtSemaphore", l->kn_sem);
}

/* --- other processes --- */

static void grandchild(struct life *l)
{
    l->grandchild = CALL5(l->f, "CreateRtProcessEx", E_NAME, 0, 0, 0x100, E_RESULT);
}

static void start_grandchild(struct life *l)
{
    l->wait = CALL1(l->f, "StartRtProcess", l->grandchild);
}

static void events(struct life *l)
{
    CALL2(l->f, "RegisterRtEventHandler", 15, FAKE_IMAGE + 0x10);
    CALL1(l->f, "RegisterRtSponsor", life_text(l, "CHILD"));
    CALL2(l->f, "RegisterRtDependency", life_text(l, "PARENT"), 0);
}

/* --- threads --- */

static void suspend(struct life *l)
{
    CALL1(l->f, "SuspendRtThread", some_worker(l));
}

static void resume(struct life *l)
{
    CALL1(l->f, "ResumeRtThread", some_worker(l));
}

static void delete_worker(struct life *l)
{
    CALL1(l->f, "DeleteRtThread", some_worker(l));
}

static void low_thread(struct life *l)
{
    CALL4(l->f, "CreateRtThread", 200, FAKE_IMAGE, 8192, 0); /* stays ready */
}

static void set_priority(struct life *l)
{
    CALL2(l->f, "SetRtThreadPriority", some_worker(l), 100 + life_random(l, 60));
}

static void take_region(struct life *l)
{
    CALL1(l->f, "AcceptRtControl", l->own.region);
    CALL1(l->f, "AcceptRtControl", l->theirs.region);
}

static void leave_region(struct life *l)
{
    CALL0(l->f, "ReleaseRtControl");
}

static void release(struct life *l)
{
    CALL2(l->f, "ReleaseRtSemaphore", l->own.sem, 1);
}

static void fault(struct life *l)
{
    l->f->k->config.on_fault = RT_FAULT_SUSPEND;
    fake_fault(l->f, 13, 0);
}

static void tls(struct life *l)
{
    CALL2(l->f, "RtTlsSetValue", CALL0(l->f, "RtTlsAlloc"), 5);
    CALL2(l->f, "RslSetCallback", FAKE_IMAGE + 0x20, 0);
}

static void delete_some(struct life *l)
{
    static const char *const calls[] = {"DeleteRtSemaphore",    "DeleteRtMailbox", "DeleteRtQueue",
                                        "DeleteRtPort",         "DeleteRtHeap",    "DeleteRtAlarm",
                                        "DeleteRtMemoryHandle", "DeleteRtPort",    "DeleteRtPort"};
    const uint32_t handles[] = {l->own.sem,     l->own.handles, l->own.queue,
                                l->own.port,    l->own.heap,    l->own.alarm,
                                l->own.segment, l->served,      l->asking};
    unsigned i = life_random(l, 9);
    CALL1(l->f, calls[i], handles[i]);
}

static void pass_time(struct life *l)
{
    fake_time(l->f, l->f->now + 1000 * life_random(l, 30));
}

/* --- libraries --- */

static void load_libraries(struct life *l)
{
    CALL1(l->f, "LoadRtLibrary", life_text(l, "two.rsl"));
    CALL1(l->f, "LoadRtLibrary", life_text(l, "circle.rsl"));
    CALL0(l->f, "RslEnter");
}

static void free_library(struct life *l)
{
    CALL1(l->f, "FreeRtLibrary", CALL1(l->f, "GetRtModuleHandle", life_text(l, "circle.rsl")));
    CALL0(l->f, "RslLeave");
}

/* --- interrupts: a handler with a level of its own, one that shares a level with the parent's, one of messages --- */

static void handlers(struct life *l)
{
    struct fake *f = l->f;
    CALL3(f, "SetRtInterruptHandler", 0x38, 0, FAKE_IMAGE + 0x30);
    CALL3(f, "SetRtInterruptHandler", 0x22, 0, FAKE_IMAGE + 0x38);
    CALL4(f, "SetRtInterruptHandlerEx", E_SHARED, 0, FAKE_IMAGE + 0x40, 7);
    word(l, E_BYTES + 4, 9);
    word(l, E_BYTES + 8, CALL1(f, "AllocateRtInterrupts", 4) << 16 | 1);
    CALL4(f, "SetRtInterruptHandlerEx", MESSAGE_LEVEL, 0, FAKE_IMAGE + 0x50, E_BYTES);
}

/* Signals for the interrupt thread; the handlers of the shared level, one after the other. */
static void interrupted(struct life *l)
{
    uint32_t room[8] = {0};
    fake_handler(l->f, "SignalRtInterruptThread", E_LEVEL);
    do
        fake_chain(l->f, E_VECTOR, room[7], room);
    while (l->f->k->chain_locks);
}

static void other_levels(struct life *l)
{
    CALL1(l->f, "DisableRtInterrupt", 0x38);
    CALL1(l->f, "ResetRtInterruptHandler", 0x38);
}

/* --- files --- */

static void files(struct life *l)
{
    for (unsigned i = 0; i < 3; i++)
        CALL2(l->f, "clib_open", life_text(l, "name"), 1 + i);
    CALL1(l->f, "clib_close", 4);
}

/* --- waits; time limits that never come but in sleeps --- */

#define WAIT(name, ...)                                                                            \
    static void name(struct life *l)                                                               \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }
WAIT(w_sleep, CALL1(l->f, "RtSleep", 10 + life_random(l, 60)))
WAIT(w_sleep_long, CALL1(l->f, "RtSleep", 655349))
WAIT(w_kn_sleep, CALL1(l->f, "knRtSleep", 5))
WAIT(w_self, CALL1(l->f, "SuspendRtThread", 0))
WAIT(w_sem, CALL3(l->f, "WaitForRtSemaphore", l->own.sem, 2, WAIT_FOREVER))
WAIT(w_sem_time, CALL3(l->f, "WaitForRtSemaphore", l->own.sem, 1, 50))
WAIT(w_sem_theirs, CALL3(l->f, "WaitForRtSemaphore", l->theirs.sem, 1, WAIT_FOREVER))
WAIT(w_region, CALL1(l->f, "WaitForRtControl", l->own.region))
WAIT(w_region_theirs, CALL1(l->f, "WaitForRtControl", l->theirs.region))
WAIT(w_region_end, CALL1(l->f, "DeleteRtRegion", l->own.region))
WAIT(w_handles, CALL3(l->f, "ReceiveRtHandle", l->own.handles, WAIT_FOREVER, E_INFO))
WAIT(w_data, CALL3(l->f, "ReceiveRtData", l->own.data, E_BYTES, WAIT_FOREVER))
WAIT(w_data_theirs, CALL3(l->f, "ReceiveRtData", l->theirs.data, E_BYTES, WAIT_FOREVER))
WAIT(w_port, CALL3(l->f, "ReceiveRtMessage", l->own.port, WAIT_FOREVER, E_INFO))
WAIT(w_port_theirs, CALL3(l->f, "ReceiveRtMessage", l->theirs.port, 1000, E_INFO))
WAIT(w_queue,
     CALL5(l->f, "ReceiveRtDataMessage", l->own.queue, E_BYTES, 64, WAIT_FOREVER, E_RESULT))
WAIT(w_sent, CALL5(l->f, "SendRtLongDataMessage", l->own.queue, E_BYTES, 100, WAIT_FOREVER, 5))
WAIT(w_sent_theirs,
     CALL5(l->f, "SendRtLongDataMessage", l->theirs.queue, E_BYTES, 100, WAIT_FOREVER, 5))
WAIT(w_described, CALL5(l->f, "ReceiveRtDataMessage", l->own.queue, E_BYTES, 64, 0, E_RESULT))
WAIT(w_alarm, CALL2(l->f, "WaitForRtAlarm", l->own.alarm, 0xffffffff))
WAIT(w_kn_sem, CALL2(l->f, "knWaitForRtSemaphore", l->kn_sem, WAIT_FOREVER))
WAIT(w_kn_region, CALL2(l->f, "knWaitForRtSemaphore", l->kn_region, WAIT_FOREVER))
WAIT(w_kn_mail, CALL4(l->f, "knWaitForRtData", l->kn_mail, E_BYTES, E_RESULT, WAIT_FOREVER))
WAIT(w_kn_alarm, CALL2(l->f, "knWaitForRtAlarmEvent", l->kn_alarm, WAIT_FOREVER))
WAIT(w_lookup, CALL3(l->f, "LookupRtHandle", 0, life_text(l, "NEVER"), WAIT_FOREVER))
WAIT(w_lookup_root,
     CALL3(l->f, "LookupRtHandle", RT_ROOT_PROCESS, life_text(l, "NEVER"), WAIT_FOREVER))
WAIT(w_lookup_theirs, CALL3(l->f, "LookupRtHandle", l->parent, life_text(l, "NO"), 655349))
WAIT(w_lookup_long,
     CALL3(l->f, "LookupRtHandleLong", l->parent, life_text(l, "a name as long as this"), 655349))
WAIT(w_process, CALL3(l->f, "WaitForRtProcess", l->grandchild, WAIT_FOREVER, E_RESULT))
WAIT(w_process_ex, CALL3(l->f, "WaitForRtProcessEx", l->wait, WAIT_FOREVER, E_RESULT))
WAIT(w_terminate, CALL3(l->f, "TerminateRtProcess", l->grandchild, 0, WAIT_FOREVER))
WAIT(w_terminate_self, CALL3(l->f, "TerminateRtProcess", 0, 0, WAIT_FOREVER))
WAIT(w_notify, CALL3(l->f, "RtNotifyEvent", 3, WAIT_FOREVER, E_INFO))
WAIT(w_sponsor, CALL2(l->f, "RegisterRtDependency", life_text(l, "NOBODY"), WAIT_FOREVER))
WAIT(w_init, CALL4(l->f, "CreateRtProcess", E_NAME, 0, 0, 8))
WAIT(w_lock, word(l, E_LOCK, 0); word(l, E_LOCK + 4, some_worker(l));
     CALL1(l->f, "clib_wait", E_LOCK))
WAIT(w_event, CALL1(l->f, "clib_event", E_INFO))
WAIT(w_rsl, CALL0(l->f, "RslEnter"))
/* a thread of a level cannot become that of another one */
WAIT(w_interrupt, CALL3(l->f, "SetRtInterruptHandler", E_LEVEL, 2, FAKE_IMAGE + 0x60);
     CALL2(l->f, "WaitForRtInterrupt", E_LEVEL, WAIT_FOREVER))
WAIT(w_interrupt_time, CALL3(l->f, "SetRtInterruptHandler", 0x68, 1, FAKE_IMAGE + 0x70);
     CALL2(l->f, "WaitForRtInterrupt", 0x68, 655349))
WAIT(w_service, CALL6(l->f, "SendRtMessage", l->served, 0, E_BYTES, 4, E_BYTES, 9))
WAIT(w_request, fake_call(l->f, "SendRtMessageRSVP", 9, l->served, 0u, E_BYTES, 4u, E_BYTES, 9u,
                          E_BYTES, 9u, 0u))
WAIT(w_ask_watchers, CALL6(l->f, "SendRtMessage", l->asking, 0, E_BYTES, 4, E_BYTES, 9))
WAIT(w_fragment, CALL6(l->f, "ReceiveRtFragment", l->asking, 0, 1, E_BYTES, 9, 0))
WAIT(w_reply, wait_reply(l))
WAIT(w_stopped, CALL0(l->f, "knStopRtScheduler"); CALL1(l->f, "RtSleep", 20))

/* --- others that wait at what the child has, or use it --- */

void life_watchers(struct life *l)
{
    struct fake *f = l->f;
    fake_put(f, E_NAME, "child.rta", 10);
    CALL2(f, "SetRtProcessMaxPriority", 0, 110);
    for (unsigned i = 0; i < WATCHERS; i++) {
        CALL4(f, "CreateRtThread", 110, FAKE_IMAGE, 4096, 0); /* it runs at once */
        CALL3(f, "WaitForRtSemaphore", l->watch_gate, 1, WAIT_FOREVER);
    }
    life_install(l, "WATCH");
    CALL1(f, "RtSleep", 655349);
    if (rt_current_process(f->k) == l->watch) CALL1(f, "clib_service", SERVE_ROOM);
}

static void watcher_waits_at_object(struct life *l, unsigned n)
{
    struct fake *f = l->f;
    const struct things *o = &l->own;
    switch (n) {
    case 0: CALL3(f, "WaitForRtSemaphore", o->sem, 9, WAIT_FOREVER); break;
    case 1: CALL1(f, "WaitForRtControl", o->region); break;
    case 2: /* who waits to delete a region is served before those who want it */
        if (life_random(l, 2)) CALL1(f, "DeleteRtRegion", o->region);
        break;
    case 3: CALL3(f, "ReceiveRtHandle", o->handles, WAIT_FOREVER, E_INFO); break;
    case 4: CALL3(f, "ReceiveRtData", o->data, E_BYTES, WAIT_FOREVER); break;
    case 5: CALL2(f, "WaitForRtAlarm", o->alarm, WAIT_FOREVER); break;
    case 6: CALL3(f, "ReceiveRtMessage", o->port, WAIT_FOREVER, E_INFO); break;
    case 7: CALL5(f, "ReceiveRtDataMessage", o->queue, E_BYTES, 64, WAIT_FOREVER, E_RESULT); break;
    default: CALL5(f, "SendRtLongDataMessage", o->queue, E_BYTES, 100, WAIT_FOREVER, 5); break;
    }
}

static void watcher_waits(struct life *l, unsigned n)
{
    struct fake *f = l->f;
    switch (n) {
    case 9: CALL3(f, "LookupRtHandle", l->child, life_text(l, "NEVER"), WAIT_FOREVER); break;
    case 10: CALL3(f, "WaitForRtProcess", l->child, WAIT_FOREVER, E_RESULT); break;
    case 11: CALL3(f, "TerminateRtProcess", l->child, 0, WAIT_FOREVER); break;
    case 12: CALL2(f, "knWaitForRtSemaphore", l->kn_sem, WAIT_FOREVER); break;
    case 13: CALL2(f, "RegisterRtDependency", life_text(l, "CHILD"), WAIT_FOREVER); break;
    case 14: CALL3(f, "WaitForRtProcessEx", l->child_end, WAIT_FOREVER, E_RESULT); break;
    case 15: CALL3(f, "RequestRtBuffer", l->own.heap, 100, E_INFO); break;
    case 16: CALL1(f, "MapRtSharedMemory", l->own.segment); break;
    case 17:
        CALL3(f, "LookupRtHandleLong", l->child, life_text(l, "a name that never comes"), 655349);
        break;
    case 18: CALL3(f, "WaitForRtProcessEx", l->wait, WAIT_FOREVER, E_RESULT); break;
    case 19: CALL3(f, "ReceiveRtMessage", l->served, WAIT_FOREVER, E_INFO); break;
    case 20: CALL4(f, "CreateRtPort", life_text(l, "OWN"), 4, 0, 0); break;
    default: watcher_waits_at_object(l, n); break;
    }
}

/* Those whose call is refused, or goes well at once, sleep. */
static void watched(struct life *l)
{
    struct fake *f = l->f;
    CALL2(f, "ReleaseRtSemaphore", l->watch_gate, WATCHERS);
    for (unsigned n = 0; n < WATCHERS && rt_current_process(f->k) == l->watch; n++) {
        uint32_t who = rt_current_thread(f->k);
        watcher_waits(l, n);
        if (rt_current_thread(f->k) == who) CALL1(f, "RtSleep", 655349);
    }
}

#define STEP(name)                                                                                 \
    {                                                                                              \
#name, name, false                                                                         \
    }
#define SLEEP(name)                                                                                \
    {                                                                                              \
#name, name, true                                                                          \
    }
const struct step life_steps[] = {
    STEP(best_priority),
    STEP(make_things),
    STEP(low_thread),
    STEP(install_service),
    STEP(serve),
    STEP(stop_server),
    STEP(start_server),
    STEP(ask_watchers),
    SLEEP(w_service),
    STEP(serve_later),
    SLEEP(w_request),
    STEP(serve_well),
    SLEEP(w_reply),
    SLEEP(w_ask_watchers),
    SLEEP(w_fragment),
    STEP(deliver),
    SLEEP(w_service),
    STEP(suspend),
    STEP(handlers),
    SLEEP(w_interrupt),
    SLEEP(w_interrupt_time),
    STEP(interrupted),
    STEP(files),
    SLEEP(w_sleep),
    SLEEP(w_sleep_long),
    SLEEP(w_kn_sleep),
    SLEEP(w_self),
    STEP(take_region),
    SLEEP(w_sem),
    SLEEP(w_sem_time),
    SLEEP(w_sem_theirs),
    SLEEP(w_region),
    SLEEP(w_region_theirs),
    STEP(suspend),
    SLEEP(w_handles),
    SLEEP(w_data),
    SLEEP(w_data_theirs),
    STEP(low_level),
    SLEEP(w_kn_sem),
    SLEEP(w_kn_region),
    SLEEP(w_kn_mail),
    SLEEP(w_kn_alarm),
    STEP(suspend),
    STEP(map_theirs),
    STEP(buffers),
    STEP(fill_mailboxes),
    STEP(fill_theirs),
    SLEEP(w_port),
    SLEEP(w_port_theirs),
    SLEEP(w_queue),
    SLEEP(w_alarm),
    STEP(catalog),
    SLEEP(w_lookup),
    SLEEP(w_lookup_root),
    SLEEP(w_lookup_theirs),
    SLEEP(w_lookup_long),
    STEP(grandchild),
    SLEEP(w_process),
    STEP(start_grandchild),
    SLEEP(w_process_ex),
    SLEEP(w_terminate),
    SLEEP(w_terminate_self),
    STEP(events),
    STEP(watched),
    SLEEP(w_notify),
    SLEEP(w_sponsor),
    STEP(pass_time),
    SLEEP(w_init),
    SLEEP(w_sent),
    SLEEP(w_sent_theirs),
    STEP(w_described),
    SLEEP(fault),
    STEP(suspend),
    STEP(set_priority),
    SLEEP(w_lock),
    STEP(tls),
    STEP(release),
    SLEEP(w_region_end),
    STEP(kn_release),
    SLEEP(w_event),
    STEP(load_libraries),
    SLEEP(w_rsl),
    SLEEP(w_stopped),
    STEP(resume),
    STEP(delete_worker),
    STEP(empty_mailboxes),
    STEP(leave_region),
    STEP(other_levels),
    STEP(serve_well),
    STEP(delete_some),
    STEP(free_library),
    STEP(free_own),
    STEP(pass_time),
};
const unsigned life_step_count = sizeof life_steps / sizeof life_steps[0];
