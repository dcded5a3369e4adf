/* Snapshots of the kernel. That they forget nothing is for the other tests to say, which run once more with the kernel
 * loaded anew before each call (RT386_TEST_SNAP); here: bytes that are no snapshot, or that somebody has changed. */
#include <criterion/criterion.h>
#include <string.h>

#include "serving.h"
#include "snap.h"

#define RAM   0x400000u
#define FLIPS 6000u

/* A service with a port, where a message stands. */
static uint32_t loop_service(struct fake *f)
{
    const struct serving loop = {"LOOP", 0, 4, 4, 3, 3, 1u << SERVE_SEND_MESSAGE};
    serve_describe(f, &loop);
    CALL1(f, "InstallRtServiceDescriptor", SERVE_DESC);
    uint32_t first = CALL5(f, "CreateRtPortEx", fake_string(f, "LOOP"), 1, 0, 0, 100);
    uint32_t sink = CALL4(f, "CreateRtPort", 0, 0, 0, 0);
    CALL2(f, "AttachRtPort", first, sink);
    CALL2(f, "DeliverMessage", first, serve_control(f, first, 7, 0, 0));
    return CALL4(f, "CreateRtPort", fake_string(f, "LOOP"), 2, 0, 0);
}

/* The other program sends something, and the service is at work on it. */
static void loop_sends(struct fake *f, uint32_t port)
{
    fake_call(f, "SendRtMessageRSVP", 9, port, 0u, FAKE_DATA, 4u, FAKE_DATA, 9u, FAKE_DATA, 9u, 0u);
    CALL1(f, "clib_service", SERVE_ROOM);
}

/* A kernel with something of every kind in it. */
static struct fake *full(void)
{
    struct fake *f = fake_new(RAM, 512);
    uint16_t first = fake_app(f);
    fake_app(f);
    fake_run(f);
    uint32_t to = FAKE_DATA + 0x400, box = CALL1(f, "CreateRtMailbox", 0x20);
    CALL3(f, "SendRtData", box, FAKE_DATA, 100);
    CALL3(f, "SendRtHandle", CALL1(f, "CreateRtMailbox", 0), first, 0);
    CALL2(f, "CreateRtAlarm", 1, 3000);
    uint32_t heap = CALL2(f, "CreateRtHeap", 5000, 0);
    CALL3(f, "RequestRtBuffer", heap, 100, to);
    uint32_t queue = CALL3(f, "CreateRtQueue", 200, 20, 0);
    CALL3(f, "SendRtShortDataMessage", queue, FAKE_DATA, 20);
    CALL2(f, "CreateRtMemoryHandle", FAKE_DATA, 4096);
    CALL3(f, "CatalogRtHandle", 0, heap, fake_string(f, "HEAP"));
    CALL3(f, "CatalogRtHandleLong", 0, heap,
          fake_string(f, "a name that is too long for an entry"));
    uint32_t region = CALL1(f, "CreateRtRegion", 1);
    CALL1(f, "AcceptRtControl", region);
    CALL1(f, "RegisterRtSponsor", fake_string(f, "SPONSOR"));
    CALL4(f, "CreateRtThread", 140, FAKE_IMAGE, 4096, 0);
    uint32_t port = loop_service(f);
    CALL5(f, "SendRtLongDataMessage", queue, FAKE_DATA, 100, 500, 7);
    loop_sends(f, port);
    return f;
}

static void ignore(struct rt_kernel *k, struct rt_effects *fx)
{
    while (fx->more)
        rt_kernel_more(k, fx);
}

/* Time passes, and all come to their end: whatever the kernel believes, it follows no wild number. */
static void wear_out(struct rt_kernel *k)
{
    struct rt_effects fx = {0};
    struct rt_process_info info;
    for (unsigned i = 1; i < 4; i++) {
        rt_kernel_time(k, k->now + i * 700000u, &fx);
        ignore(k, &fx);
    }
    for (unsigned i = 0; rt_process_info(k, i, &info); i++) {
        rt_process_delete(k, info.handle, &fx);
        ignore(k, &fx);
    }
}

static struct rt_kernel *load(const struct fake *f, const uint8_t *bytes, size_t n)
{
    struct snap s;
    snap_load(&s, bytes, n);
    struct rt_kernel *k = rt_kernel_load(&f->k->config, &f->k->port, &s);
    cr_assert(k || s.refused, "it is refused without a reason");
    return k;
}

Test(ksnap, everything_comes_back)
{
    struct fake *f = full();
    cr_assert_eq(f->eax, SERVE_HANDLER + SERVE_SEND_MESSAGE, "the service works");
    uint16_t thread = rt_current_thread(f->k);
    fake_reload(f);
    cr_expect_null(fake_check(f));
    cr_expect_eq(rt_current_thread(f->k), thread);
    fake_free(f);
}

/* What is in it now is refused. */
static void refused(struct fake *f, const char *what)
{
    struct snap s;
    snap_save(&s);
    cr_assert_null(rt_kernel_save(f->k, &s));
    cr_expect_null(load(f, s.bytes, s.size), "%s", what);
    snap_end(&s);
}

/* A service that does not do what it was asked for, or has the thread of another; a caller who is elsewhere. */
Test(ksnap, services_without_sense)
{
    HOLDS_POINTERS();
    struct fake *f = full();
    const struct serving two = {"TWO", 0, 0, 4, 1, 1, 0};
    uint16_t worker = rt_current_thread(f->k);
    struct service *s = object_find(f->k, serve_half(f, SERVE_DESC + 116))->service;
    struct thread *caller = object_find(f->k, s->caller)->thread;
    for (unsigned serve = 0; serve < SERVES; serve++) {
        s->serving = (uint8_t)serve;
        if (serve != SERVE_SEND_MESSAGE) refused(f, "another handler");
    }
    s->serving = SERVE_SEND_MESSAGE;
    serve_describe(f, &two);
    cr_assert_eq(CALL1(f, "InstallRtServiceDescriptor", SERVE_DESC), 1);
    cr_assert_eq(rt_current_thread(f->k), worker);
    struct service *other = object_find(f->k, serve_half(f, SERVE_DESC + 116))->service;
    uint16_t its = other->thread;
    other->thread = worker;
    refused(f, "one thread");
    other->thread = its;
    serve_end(f, 8, E_SEND_NOT_COMPLETE);
    cr_assert_eq(caller->wait, WAIT_SENDING);
    uint16_t at = caller->wait_object;
    for (uint16_t i = 1; i < f->k->slots; i++) {
        const struct object *o = &f->k->slot[i];
        if (!o->port || i == at) continue;
        caller->wait_object = i;
        refused(f, "another port");
    }
    caller->wait_object = at;
    f->k->in_handler.wait = WAIT_SENDING;
    f->k->in_handler.request = caller->request;
    refused(f, "an interrupt handler");
    f->k->in_handler.wait = WAIT_NONE;
    f->k->in_handler.request = NULL;
    struct rt_kernel *k;
    struct snap good;
    snap_save(&good);
    cr_assert_null(rt_kernel_save(f->k, &good));
    k = load(f, good.bytes, good.size);
    cr_expect_not_null(k, "as it was");
    rt_kernel_free(k);
    snap_end(&good);
    fake_free(f);
}

Test(ksnap, cut_off)
{
    struct fake *f = full();
    struct snap s;
    snap_save(&s);
    cr_assert_null(rt_kernel_save(f->k, &s));
    for (size_t n = 0; n < s.size; n += n < 3000 ? 7 : 61)
        cr_assert_null(load(f, s.bytes, n), "%zu of %zu bytes are taken for all", n, s.size);
    snap_end(&s);
    fake_free(f);
}

Test(ksnap, of_another_configuration)
{
    struct fake *f = full(), *other = fake_new(RAM * 2, 512);
    struct snap s;
    snap_save(&s);
    cr_assert_null(rt_kernel_save(f->k, &s));
    cr_expect_null(load(other, s.bytes, s.size));
    snap_end(&s);
    fake_free(f);
    fake_free(other);
}

Test(ksnap, changed_by_somebody)
{
    struct fake *f = full();
    struct snap s;
    uint64_t seed = 386;
    unsigned taken = 0;
    snap_save(&s);
    cr_assert_null(rt_kernel_save(f->k, &s));
    for (unsigned i = 0; i < FLIPS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)((seed >> 33) % s.size);
        uint8_t was = s.bytes[at];
        s.bytes[at] = (uint8_t)(seed >> 20 & 3 ? was ^ 1u << (seed >> 24 & 7) : seed >> 24);
        struct rt_kernel *k = load(f, s.bytes, s.size);
        s.bytes[at] = was;
        if (!k) continue;
        taken++;
        wear_out(k);
        rt_kernel_free(k);
    }
    cr_expect_gt(taken, FLIPS / 50, "%u of %u were taken", taken, FLIPS);
    cr_expect_lt(taken, FLIPS, "%u of %u were taken", taken, FLIPS);
    snap_end(&s);
    fake_free(f);
}
