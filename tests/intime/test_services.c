/* Services with callers in other processes, what is under way when somebody ends, and handlers that come late. */
#include <criterion/criterion.h>

#include "heap.h"
#include "serving.h"

#define INFO (FAKE_DATA + 0x300)
#define ADDR (FAKE_DATA + 0x280)
#define TEXT (FAKE_DATA + 0x2C0)

/* a has the service, b uses it; b runs first. */
struct pair {
    struct fake *f;
    uint16_t a, b;
    uint32_t service;
    uint32_t at_a, at_b; /* ports 1 and 2 */
};

static void other_runs(const struct pair *t)
{
    CALL1(t->f, "knRtSleep", 0);
}

static struct pair with(uint32_t handlers)
{
    struct pair t = {.f = fake_new(0x1000000, 0)};
    const struct serving s = {"LOOP", 0, 4, 4, 4, 4, handlers | 1u << SERVE_SEND_MESSAGE};
    t.a = fake_app(t.f);
    t.b = fake_app(t.f);
    fake_run(t.f);
    serve_describe(t.f, &s);
    cr_assert_eq(CALL1(t.f, "InstallRtServiceDescriptor", SERVE_DESC), 1);
    t.service = serve_half(t.f, SERVE_DESC + 116);
    t.at_a = CALL5(t.f, "CreateRtPortEx", fake_string(t.f, "LOOP"), 1, 0, 0, 4096);
    other_runs(&t);
    t.at_b = CALL4(t.f, "CreateRtPort", fake_string(t.f, "LOOP"), 2, 0, 0);
    other_runs(&t);
    return t;
}

static void good(const struct pair *t)
{
    cr_expect_null(fake_check(t->f), "%s", fake_check(t->f));
}

static struct service *service(const struct pair *t)
{
    return object_find(t->f->k, t->service)->service;
}

/* Runs whoever is next until the service's thread waits for work. */
static void serves(const struct pair *t)
{
    for (unsigned i = 0; i < 8; i++) {
        if (rt_current_thread(t->f->k) == service(t)->thread) {
            serve_start(t->f);
            if (rt_current_thread(t->f->k) != service(t)->thread) break;
        }
        other_runs(t);
    }
}

/* The main thread of the process. */
static void runs(const struct pair *t, uint16_t process)
{
    for (unsigned i = 0;
         i < 8 && !(t->f->k->current->main && rt_current_process(t->f->k) == process); i++)
        other_runs(t);
    cr_assert(t->f->k->current->main && rt_current_process(t->f->k) == process);
}

static void worker_runs(const struct pair *t)
{
    for (unsigned i = 0; i < 8 && rt_current_thread(t->f->k) != service(t)->thread; i++)
        other_runs(t);
    cr_assert_eq(rt_current_thread(t->f->k), service(t)->thread);
}

/* b's data and its buffer for the response are seen by a's handler, for as long as the transaction lasts. */
Test(services, windows)
{
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.b);
    uint32_t areas = object_find(t.f->k, t.a)->process->area_count;
    fake_put(t.f, TEXT, "from b", 7);
    fake_call(t.f, "SendRtMessageRSVP", 9, t.at_b, serve_address(t.f, ADDR, 1), TEXT, 4u, TEXT, 7u,
              FAKE_DATA + 0x700, 16u, 0u);
    worker_runs(&t);
    cr_expect_eq(object_find(t.f->k, t.a)->process->area_count, areas + 1);
    cr_expect_eq(serve_arg(t.f, 1), t.at_b);
    cr_expect_eq(serve_half(t.f, serve_arg(t.f, 2) + 2), 1, "the address");
    uint32_t x = serve_arg(t.f, 4);
    char seen[7];
    fake_get(t.f, serve_word(t.f, x + 48), seen, 7);
    cr_expect_str_eq(seen, "from b");
    cr_expect_eq(serve_word(t.f, x + 44), 7);
    cr_expect_eq(serve_half(t.f, x + 18), STATE_RSVP);
    fake_put(t.f, serve_word(t.f, x + 58), "answer", 7);
    uint32_t buffer = serve_control(t.f, t.at_b, 0, 0, 7);
    serve_end(t.f, 8, E_OK);
    runs(&t, t.b);
    uint32_t id = service(&t)->transaction[0].id;
    good(&t);
    CALL4(t.f, "ReceiveRtReply", t.at_b, id, 0xffffffff, INFO);
    runs(&t, t.a);
    cr_expect_eq(CALL2(t.f, "DeliverTransaction", buffer, x), 1);
    runs(&t, t.b);
    cr_expect_eq(serve_word(t.f, INFO + 10), FAKE_DATA + 0x700);
    cr_expect_eq(serve_word(t.f, INFO + 6), 7);
    fake_get(t.f, FAKE_DATA + 0x700, seen, 7);
    cr_expect_str_eq(seen, "answer");
    cr_expect_eq(object_find(t.f->k, t.a)->process->area_count, areas, "nothing is left mapped");
    good(&t);
    fake_free(t.f);
}

/* Whoever ends while the handler works for him, or waits for the end of the transmission. */
Test(services, sender_ends)
{
    for (unsigned how = 0; how < 4; how++) {
        struct pair t = with(0);
        serves(&t);
        runs(&t, t.b);
        CALL6(t.f, "SendRtMessage", t.at_b, 0, TEXT, 4, TEXT, 4);
        worker_runs(&t);
        if (how & 1) serve_end(t.f, 8, E_SEND_NOT_COMPLETE);
        struct rt_effects fx;
        if (how & 2) {
            rt_process_delete(t.f->k, t.b, &fx);
            fake_apply(t.f, &fx);
        } else {
            runs(&t, t.a);
            CALL1(t.f, "DeleteRtPort", t.at_b);
        }
        good(&t);
        if (!(how & 1)) {
            worker_runs(&t);
            serve_end(t.f, 8, E_OK);
        }
        good(&t);
        cr_expect_eq(transaction_free(service(&t)), 0, "%u", how);
        cr_expect_eq(control_free(service(&t)), 0, "%u", how);
        if (!(how & 2)) {
            runs(&t, t.b);
            cr_expect_eq(fake_last(t.f), E_EXIST);
        }
        fake_free(t.f);
    }
}

/* Whoever ends while the handler works for him: what the handler sees of the message stays until it has come back, and
 * nobody else gets that memory meanwhile. */
Test(services, what_a_handler_sees_stays)
{
    for (unsigned how = 0; how < 2; how++) {
        struct pair t = with(0);
        serves(&t);
        runs(&t, t.b);
        fake_put(t.f, TEXT, "from b", 7);
        fake_call(t.f, "SendRtMessageRSVP", 9, t.at_b, 0u, TEXT, 4u, TEXT, 7u, FAKE_DATA + 0x700,
                  16u, 0u);
        worker_runs(&t);
        uint32_t x = serve_arg(t.f, 4), text = serve_arg(t.f, 5), data = serve_word(t.f, x + 48);
        uint32_t reply = serve_word(t.f, x + 58);
        struct rt_effects fx;
        if (how) {
            rt_process_delete(t.f->k, t.b, &fx);
            fake_apply(t.f, &fx);
        } else {
            runs(&t, t.a);
            CALL1(t.f, "DeleteRtPort", t.at_b);
        }
        good(&t);
        runs(&t, t.a);
        CALL6(t.f, "SendRtMessage", t.at_a, 0, TEXT, 4, 0, 0);
        cr_expect_eq(service(&t)->transaction[1].state, TRANSACTION_SENDING,
                     "in a place of its own");
        worker_runs(&t);
        char seen[7];
        fake_get(t.f, data, seen, 7);
        cr_expect_str_eq(seen, "from b", "%u", how);
        fake_put(t.f, reply, "late", 5);
        cr_expect_eq(serve_word(t.f, x + 44), 7);
        fake_get(t.f, text, seen, 4);
        cr_expect_arr_eq(seen, "from", 4);
        CALL2(t.f, "DeliverStatus", x, E_OK);
        cr_expect_eq(fake_last(t.f), E_NUC_BAD_BUF, "it is over");
        good(&t);
        uint32_t areas = object_find(t.f->k, t.a)->process->area_count;
        serve_end(t.f, 8, E_OK);
        cr_expect_eq(object_find(t.f->k, t.a)->process->area_count, areas - 1);
        cr_expect_eq(transaction_free(service(&t)), 0);
        good(&t);
        fake_free(t.f);
    }
}

/* The service goes while its handler looks at what a caller left behind: nothing stays mapped. */
Test(services, what_a_handler_sees_goes_with_the_service)
{
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.b);
    uint32_t areas = object_find(t.f->k, t.a)->process->area_count;
    CALL6(t.f, "SendRtMessage", t.at_b, 0, TEXT, 4, TEXT, 4);
    worker_runs(&t);
    struct rt_effects fx;
    rt_process_delete(t.f->k, t.b, &fx);
    fake_apply(t.f, &fx);
    runs(&t, t.a);
    CALL1(t.f, "DeleteRtThread", service(&t)->thread);
    cr_expect_null(object_find(t.f->k, t.service));
    cr_expect_leq(object_find(t.f->k, t.a)->process->area_count, areas);
    good(&t);
    fake_free(t.f);
}

/* A request without its data, and a piece of them. */
Test(services, fragments)
{
    struct pair t = with(1u << SERVE_GET_FRAGMENT);
    serves(&t);
    runs(&t, t.a);
    CALL2(t.f, "DeliverMessage", t.at_b, serve_control(t.f, t.at_b, 0x1234, 0, 100));
    runs(&t, t.b);
    cr_expect_eq(CALL3(t.f, "ReceiveRtMessage", t.at_b, 0, INFO), 0, "there are no data");
    cr_expect_eq(serve_word(t.f, INFO + 6), 100, "but so many to be fetched");
    cr_expect_eq(serve_half(t.f, INFO), MESSAGE_REQUEST);
    uint32_t areas = object_find(t.f->k, t.a)->process->area_count;
    for (unsigned how = 0; how < 3; how++) {
        static const uint16_t codes[] = {E_OK, E_TRANS_ID};
        runs(&t, t.b);
        CALL6(t.f, "ReceiveRtFragment", t.at_b, serve_address(t.f, ADDR, 77), 0x1234, TEXT + 0xD00,
              8, 0);
        worker_runs(&t);
        cr_expect_eq(serve_arg(t.f, 1), t.at_b);
        cr_expect_eq(serve_half(t.f, serve_arg(t.f, 2) + 2), 77);
        cr_expect_eq(serve_arg(t.f, 3), 0x1234);
        cr_expect_eq(serve_arg(t.f, 5), 8);
        cr_expect_eq(serve_arg(t.f, 6), 0);
        cr_expect_eq(object_find(t.f->k, t.a)->process->area_count, areas + 1);
        struct rt_effects fx;
        if (how == 2) { /* whoever asked is gone */
            rt_process_delete(t.f->k, t.b, &fx);
            fake_apply(t.f, &fx);
            good(&t);
            worker_runs(&t);
        }
        fake_put(t.f, serve_arg(t.f, 4), "a piece", 8);
        serve_end(t.f, 8, how < 2 ? codes[how] : E_OK);
        cr_expect_eq(object_find(t.f->k, t.a)->process->area_count, areas, "%u", how);
        good(&t);
        if (how == 2) break;
        runs(&t, t.b);
        char seen[8];
        fake_get(t.f, TEXT + 0xD00, seen, 8);
        cr_expect_str_eq(seen, "a piece");
        CALL1(t.f, "GetLastRtError", 0);
        if (how) cr_expect_eq(fake_last(t.f), codes[how], "as the handler left it");
    }
    fake_free(t.f);
}

/* The service's process ends: ports go, and those who wait there or for a handler. */
Test(services, service_ends)
{
    for (unsigned how = 0; how < 3; how++) {
        struct pair t = with(0);
        serves(&t);
        runs(&t, t.b);
        if (how == 0) CALL3(t.f, "ReceiveRtMessage", t.at_b, 0xffffffff, INFO);
        if (how > 0) CALL6(t.f, "SendRtMessage", t.at_b, 0, TEXT, 4, TEXT, 4);
        if (how == 2) worker_runs(&t);
        if (how == 2) serve_end(t.f, 8, E_SEND_NOT_COMPLETE);
        struct rt_effects fx;
        rt_process_delete(t.f->k, t.a, &fx);
        fake_apply(t.f, &fx);
        cr_assert_eq(rt_current_process(t.f->k), t.b);
        cr_expect_eq(t.f->eax, 0xffffffff);
        cr_expect_eq(fake_last(t.f), E_EXIST);
        cr_expect_eq(CALL1(t.f, "DeleteRtPort", t.at_b), 0);
        good(&t);
        fake_free(t.f);
    }
}

/* Its thread is deleted: so is the service. */
Test(services, thread_ends)
{
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.a);
    cr_expect_eq(CALL1(t.f, "DeleteRtThread", service(&t)->thread), 1);
    cr_expect_null(object_find(t.f->k, t.service));
    cr_expect_null(object_find(t.f->k, t.at_b));
    good(&t);
    fake_free(t.f);
}

/* A message with data from a's port to b's sink: b finds the heap mapped, once. */
Test(services, data_in_the_heap)
{
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.a);
    uint32_t heap = CALL1(t.f, "DetachRtHeap", t.at_a);
    CALL2(t.f, "AttachRtHeap", heap, t.at_a);
    uint32_t data = CALL3(t.f, "RequestRtBuffer", heap, 8, INFO);
    fake_put(t.f, data, "in heap", 8);
    runs(&t, t.b);
    uint32_t sink = CALL4(t.f, "CreateRtPort", 0, 0, 0, 0);
    CALL2(t.f, "AttachRtPort", t.at_a, sink);
    CALL3(t.f, "ReceiveRtMessage", sink, 0xffffffff, INFO);
    runs(&t, t.a);
    CALL2(t.f, "DeliverMessage", t.at_a, serve_control(t.f, t.at_a, 0, data, 8));
    good(&t);
    runs(&t, t.b);
    char seen[8];
    fake_get(t.f, serve_word(t.f, INFO + 10), seen, 8);
    cr_expect_str_eq(seen, "in heap");
    cr_expect_eq(serve_half(t.f, INFO + 16), t.at_a);
    cr_expect_eq(CALL3(t.f, "ReleaseRtBuffer", heap, serve_word(t.f, INFO + 10), 0), 1);
    fake_free(t.f);
}

/* Messages that nobody will receive: their buffers are free again. */
Test(services, discarded)
{
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.a);
    uint32_t heap = CALL1(t.f, "DetachRtHeap", t.at_a);
    CALL2(t.f, "AttachRtHeap", heap, t.at_a);
    uint32_t data = CALL3(t.f, "RequestRtBuffer", heap, 8, INFO);
    CALL2(t.f, "DeliverMessage", t.at_a, serve_control(t.f, t.at_a, 0, data, 8));
    CALL1(t.f, "DeleteRtPort", t.at_a);
    cr_expect_eq(CALL3(t.f, "RequestRtBuffer", heap, 8, INFO), data);
    cr_expect_eq(control_free(service(&t)), 0);
    good(&t);
    fake_free(t.f);
}

/* The thread has the best priority of those who wait for it. */
Test(services, priority)
{
    HOLDS_POINTERS();
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.b);
    CALL2(t.f, "SetRtThreadPriority", 0, 180);
    runs(&t, t.a);
    CALL1(t.f, "RtSleep", 10);
    CALL6(t.f, "SendRtMessage", t.at_b, 0, TEXT, 4, 0, 0);
    const struct thread *worker = object_find(t.f->k, service(&t)->thread)->thread;
    cr_expect_eq(worker->priority, 180);
    fake_time(t.f, 30000);
    cr_assert_eq(rt_current_process(t.f->k), t.a);
    CALL6(t.f, "SendRtMessage", t.at_a, 0, TEXT, 4, 0, 0);
    cr_expect_eq(worker->priority, 129, "it works for b, but a waits");
    good(&t);
    fake_free(t.f);
}

/* The region of a service is no object of its own: it cannot be deleted, whoever finds its handle. */
Test(services, region_stays)
{
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.a);
    uint32_t region = (uint32_t)service(&t)->region << 3;
    cr_expect_eq(CALL1(t.f, "DeleteRtRegion", region), 0);
    cr_expect_eq(fake_last(t.f), E_CONTEXT);
    cr_expect_eq(CALL1(t.f, "EnterServiceRegion", SERVE_DESC), 1);
    cr_expect_eq(CALL0(t.f, "ReleaseRtControl"), 1);
    CALL1(t.f, "UninstallRtServiceDescriptor", fake_string(t.f, "LOOP"));
    cr_expect_null(object_find(t.f->k, region));
    good(&t);
    fake_free(t.f);
}

/* Who has the service's region is not deleted before he has left it. When he makes the service go, and the region with
 * it, his call ends first. */
Test(services, holder_ends_the_service)
{
    for (unsigned how = 0; how < 2; how++) {
        struct pair t = with(0);
        serves(&t);
        runs(&t, t.a);
        uint32_t first = rt_current_thread(t.f->k), worker = service(&t)->thread;
        CALL4(t.f, "CreateRtThread", 129, FAKE_IMAGE, 4096, 0);
        for (unsigned i = 0;
             i < 8 && (t.f->k->current->main || rt_current_thread(t.f->k) == worker); i++)
            other_runs(&t);
        uint32_t holder = rt_current_thread(t.f->k);
        cr_assert_eq(CALL1(t.f, "EnterServiceRegion", SERVE_DESC), 1);
        for (unsigned i = 0; i < 8 && rt_current_thread(t.f->k) != first; i++)
            other_runs(&t);
        cr_assert_eq(CALL1(t.f, "DeleteRtThread", holder), 1);
        cr_assert_not_null(object_find(t.f->k, holder), "it has the region");
        for (unsigned i = 0; i < 8 && rt_current_thread(t.f->k) != holder; i++)
            other_runs(&t);
        if (how)
            CALL1(t.f, "DeleteRtThread", worker);
        else
            CALL1(t.f, "UninstallRtServiceDescriptor", fake_string(t.f, "LOOP"));
        cr_expect_eq(t.f->leave_status, E_OK);
        cr_expect_null(object_find(t.f->k, t.service));
        cr_expect_null(object_find(t.f->k, holder));
        good(&t);
        fake_free(t.f);
    }
}

/* A handler that receives a status message does not wait for its own thread. */
Test(services, handler_receives)
{
    struct pair t = with(1u << SERVE_UPDATE_RECEIVE_INFO);
    serves(&t);
    runs(&t, t.b);
    fake_call(t.f, "SendRtMessage", 7, t.at_b, 0u, TEXT, 4u, 0u, 0u,
              (uint32_t)(SEND_ASYNC | SEND_NOTIFY));
    worker_runs(&t);
    serve_end(t.f, 8, E_OK);
    runs(&t, t.b);
    CALL6(t.f, "SendRtMessage", t.at_b, 0, TEXT, 4, 0, 0);
    worker_runs(&t);
    CALL3(t.f, "ReceiveRtMessage", t.at_b, 0, INFO);
    cr_assert_eq(rt_current_thread(t.f->k), service(&t)->thread, "it waits for itself");
    cr_expect_eq(t.f->leave_status, E_OK);
    cr_expect_eq(serve_half(t.f, INFO), MESSAGE_STATUS);
    serve_end(t.f, 8, E_OK);
    good(&t);
    fake_free(t.f);
}

/* A transaction of one port in the queue of another, which goes: it can be queued again. */
Test(services, queue_goes)
{
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.a);
    uint32_t x = CALL2(t.f, "RequestTransaction", t.at_a, INFO);
    CALL3(t.f, "EnqueueInputTransaction", t.at_b, x, INFO);
    cr_expect_eq(CALL1(t.f, "QueryInputTransactionQueue", t.at_b), x);
    CALL1(t.f, "DeleteRtPort", t.at_b);
    cr_expect_eq(CALL3(t.f, "EnqueueInputTransaction", t.at_a, x, INFO), 1);
    cr_expect_eq(CALL1(t.f, "DequeueInputTransaction", t.at_a), x);
    good(&t);
    fake_free(t.f);
}

/* An XM process can address what descriptors show, but has no pages of its own there. */
Test(services, data_that_is_not_its_own)
{
    if (!fake_xm()) cr_skip_test("only XM processes have such addresses");
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.b);
    uint32_t memory = CALL1(t.f, "AllocateRtMemory", 4096);
    uint32_t handle = CALL2(t.f, "CreateRtMemoryHandle", memory, 4096);
    uint32_t at = t.f->k->slot[handle >> 3].seg.base;
    cr_assert_geq(at, SHARED_BASE);
    cr_expect_eq(CALL6(t.f, "SendRtMessage", t.at_b, 0, TEXT, 4, at, 16), 0xffffffff);
    cr_expect_eq(fake_last(t.f), E_NUC_BAD_BUF);
    fake_call(t.f, "SendRtMessageRSVP", 9, t.at_b, 0u, TEXT, 4u, memory, 16u, at, 16u, 0u);
    cr_expect_eq(fake_last(t.f), E_NUC_BAD_BUF);
    cr_expect_eq(transaction_free(service(&t)), 0);
    good(&t);
    fake_free(t.f);
}

/* The service refuses a port, the port is deleted while the service looks at it, or who makes it ends: nothing of it
 * stays, not even the heap. */
Test(services, port_that_is_refused)
{
    for (unsigned how = 0; how < 3; how++) {
        struct pair t = with(0);
        serves(&t);
        runs(&t, t.a);
        CALL1(t.f, "UninstallRtServiceDescriptor", fake_string(t.f, "LOOP"));
        const struct serving s = {"LOOP", 0, 4, 4, 4, 4, 1u << SERVE_CREATE_PORT};
        serve_describe(t.f, &s);
        CALL1(t.f, "InstallRtServiceDescriptor", SERVE_DESC);
        t.service = serve_half(t.f, SERVE_DESC + 116);
        serves(&t);
        runs(&t, t.b);
        CALL4(t.f, "CreateRtThread", 129, FAKE_IMAGE, 4096, 0);
        for (unsigned i = 0; i < 8 && (t.f->k->current->main || rt_current_process(t.f->k) != t.b);
             i++)
            other_runs(&t);
        uint32_t maker = rt_current_thread(t.f->k), slots = t.f->k->free_count;
        CALL5(t.f, "CreateRtPortEx", fake_string(t.f, "LOOP"), 1, 0, 0, 4096);
        cr_expect_lt(t.f->k->free_count, slots);
        worker_runs(&t);
        uint32_t port = serve_arg(t.f, 1);
        if (how == 1) {
            runs(&t, t.a);
            CALL1(t.f, "DeleteRtPort", port);
        }
        if (how == 2) {
            runs(&t, t.b);
            CALL1(t.f, "DeleteRtThread", maker);
            slots++;
        }
        worker_runs(&t);
        serve_end(t.f, 3, how ? E_OK : E_PARAM);
        cr_expect_null(object_find(t.f->k, port), "%u", how);
        cr_expect_eq(t.f->k->free_count, slots, "%u", how);
        good(&t);
        fake_free(t.f);
    }
}

/* Who makes a port before the service's thread has run has it initialized first; that is not done again. */
Test(services, initialized_once)
{
    struct pair t = {.f = fake_new(0x1000000, 0)};
    const struct serving s = {"LOOP", 0, 4, 4, 4, 4, 1u << SERVE_INITIALIZE};
    t.a = fake_app(t.f);
    t.b = fake_app(t.f);
    fake_run(t.f);
    runs(&t, t.b);
    CALL2(t.f, "SetRtProcessMaxPriority", 0, 100);
    CALL2(t.f, "SetRtThreadPriority", 0, 100);
    CALL1(t.f, "RtSleep", 10);
    cr_assert_eq(rt_current_process(t.f->k), t.a);
    serve_describe(t.f, &s);
    CALL2(t.f, "SetRtThreadPriority", 0, 150);
    CALL1(t.f, "InstallRtServiceDescriptor", SERVE_DESC);
    t.service = serve_half(t.f, SERVE_DESC + 116);
    fake_time(t.f, t.f->now + 20000);
    cr_assert_eq(rt_current_process(t.f->k), t.b);
    CALL4(t.f, "CreateRtPort", fake_string(t.f, "LOOP"), 1, 0, 0);
    worker_runs(&t);
    cr_assert_eq(serve_start(t.f), SERVE_INITIALIZE);
    serve_end(t.f, 2, E_OK);
    cr_expect_eq(rt_current_process(t.f->k), t.b, "it has its port");
    cr_expect_neq(t.f->eax, 0xffff);
    CALL1(t.f, "RtSleep", 100);
    cr_expect(t.f->k->current->main, "the installer goes on, and no handler runs");
    cr_expect_eq(t.f->eax, 1);
    good(&t);
    fake_free(t.f);
}

/* Two bind one port: the first whose address the service has found good has it. */
Test(services, bound_once)
{
    struct pair t = with(1u << SERVE_VERIFY_ADDRESS);
    serves(&t);
    runs(&t, t.a);
    uint32_t loose = CALL4(t.f, "CreateRtPort", fake_string(t.f, "LOOP"), 3, 0, PORT_UNBOUND);
    CALL2(t.f, "BindRtPort", loose, serve_address(t.f, ADDR, 11));
    runs(&t, t.b);
    CALL2(t.f, "BindRtPort", loose, serve_address(t.f, ADDR, 12));
    worker_runs(&t);
    serve_end(t.f, 4, E_OK);
    worker_runs(&t);
    serve_end(t.f, 4, E_OK);
    runs(&t, t.a);
    CALL2(t.f, "GetRtPortAttributes", loose, INFO);
    cr_expect_eq(serve_half(t.f, INFO + 22), 11);
    runs(&t, t.b);
    cr_expect_eq(t.f->eax, 0);
    cr_expect_eq(fake_last(t.f), E_STATE);
    good(&t);
    fake_free(t.f);
}

/* Who waits gets a better priority, by himself or from somebody who waits for what he has: so does the thread. */
Test(services, priority_on_the_way)
{
    HOLDS_POINTERS();
    struct pair t = with(0);
    serves(&t);
    runs(&t, t.b);
    uint32_t sender = rt_current_thread(t.f->k), region = CALL1(t.f, "CreateRtRegion", 1);
    CALL2(t.f, "SetRtThreadPriority", 0, 180);
    const struct thread *worker = object_find(t.f->k, service(&t)->thread)->thread;
    runs(&t, t.a);
    CALL1(t.f, "RtSleep", 10);
    cr_assert_eq(rt_current_thread(t.f->k), sender);
    CALL1(t.f, "AcceptRtControl", region);
    CALL6(t.f, "SendRtMessage", t.at_b, 0, TEXT, 4, 0, 0);
    cr_expect_eq(worker->priority, 180);
    fake_time(t.f, t.f->now + 20000);
    cr_assert_eq(rt_current_process(t.f->k), t.a);
    CALL2(t.f, "SetRtThreadPriority", sender, 170);
    cr_expect_eq(worker->priority, 170);
    CALL1(t.f, "WaitForRtControl", region);
    cr_expect_eq(worker->priority, 129);
    good(&t);
    fake_free(t.f);
}
