/* Services used in any order by three processes: installed, asked, answered, and ended in the middle of it all. After
 * each call the invariants hold; when the processes have gone, the node has what it had before them. */
#include <criterion/criterion.h>

#include "serving.h"

#define SEQUENCES 48u
#define STEPS     220u
#define PROCESSES 3u
#define INFO      (FAKE_DATA + 0x300)
#define ADDR      (FAKE_DATA + 0x280)
#define TEXT      (FAKE_DATA + 0x2C0)
#define REPLY     (FAKE_DATA + 0x700)

struct soup {
    struct fake *f;
    uint64_t seed;
    uint16_t process[PROCESSES];
};

static uint32_t rnd(struct soup *s, uint32_t below)
{
    s->seed = s->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->seed >> 33) % below;
}

/* --- what there is --- */

/* Any object of that type; 0: there is none. */
static uint32_t some(struct soup *s, uint8_t type)
{
    const struct rt_kernel *k = s->f->k;
    uint32_t n = 0, pick = 0;
    for (uint32_t i = 0; i < k->slots; i++)
        if (k->slot[i].use == USE_OBJECT && k->slot[i].type == type && rnd(s, ++n) == 0)
            pick = i << 3;
    return pick;
}

/* One of the running process's services; NULL: it has none. */
static struct service *mine(struct soup *s)
{
    const struct rt_kernel *k = s->f->k;
    struct service *pick = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->slots; i++) {
        struct service *x = service_of(k, (uint16_t)i);
        if (x && x->process == k->current->process && rnd(s, ++n) == 0) pick = x;
    }
    return pick;
}

static uint32_t some_port(struct soup *s)
{
    return some(s, TYPE_PORT);
}

static uint32_t some_name(struct soup *s)
{
    return fake_string(s->f, rnd(s, 4) ? "LOOP" : "TWO");
}

static uint32_t some_id(struct soup *s)
{
    struct service *x = NULL;
    uint32_t service = some(s, TYPE_SERVICE);
    if (service) x = object_find(s->f->k, service)->service;
    return x && x->transactions ? x->transaction[rnd(s, x->transactions)].id : 1;
}

static uint32_t some_transaction(struct soup *s)
{
    const struct service *x = mine(s);
    return x && x->transactions ? transaction_at(x, rnd(s, x->transactions)) : 0;
}

static uint32_t some_control(struct soup *s)
{
    const struct service *x = mine(s);
    return x && x->controls ? control_at(x, rnd(s, x->controls)) : 0;
}

static uint32_t some_wait(struct soup *s)
{
    static const uint32_t ms[] = {0, 0, 20, 0xffffffff};
    return ms[rnd(s, 4)];
}

/* --- what is done --- */

static void install(struct soup *s)
{
    const struct serving x = {rnd(s, 4) ? "LOOP" : "TWO",
                              rnd(s, 4) ? 0 : SERVICE_LATE_INIT,
                              rnd(s, 4) ? 4 : 0,
                              4,
                              3,
                              3,
                              rnd(s, 4096) | 1u << SERVE_SEND_MESSAGE};
    serve_describe(s->f, &x);
    CALL1(s->f, "InstallRtServiceDescriptor", SERVE_DESC);
}

static void uninstall(struct soup *s)
{
    if (rnd(s, 3) == 0) CALL1(s->f, "UninstallRtServiceDescriptor", some_name(s));
}

/* The thread of a service comes back from a handler, or from nowhere. */
static void serve(struct soup *s)
{
    static const uint16_t codes[] = {E_OK, E_OK, E_OK, E_SEND_NOT_COMPLETE, E_TRANSMISSION};
    const struct object *o = service_served(s->f->k, s->f->k->current);
    uint8_t raw[2];
    if (!o) return;
    put16(raw, codes[rnd(s, 5)]);
    fake_put(s->f, scratch_at(o->service, SCRATCH_EXCEP), raw, sizeof raw);
    CALL1(s->f, "clib_service", SERVE_ROOM);
}

static void make_port(struct soup *s)
{
    uint32_t name = rnd(s, 4) ? some_name(s) : 0, flags = rnd(s, 4) ? 0 : PORT_UNBOUND;
    uint32_t number = rnd(s, 10), limit = rnd(s, 3);
    if (rnd(s, 2))
        CALL4(s->f, "CreateRtPort", name, number, limit, flags);
    else
        CALL5(s->f, "CreateRtPortEx", name, number, limit, flags, 4096);
}

static void delete_port(struct soup *s)
{
    if (rnd(s, 2)) CALL1(s->f, "DeleteRtPort", some_port(s));
}

static void forward(struct soup *s)
{
    uint32_t from = some_port(s), to = some_port(s);
    CALL2(s->f, "AttachRtPort", from, to);
    if (rnd(s, 3) == 0) CALL1(s->f, "DetachRtPort", from);
}

static void heaps(struct soup *s)
{
    uint32_t port = some_port(s), heap = some(s, TYPE_HEAP);
    if (rnd(s, 3) == 0) CALL1(s->f, "DetachRtHeap", port);
    CALL2(s->f, "AttachRtHeap", heap, port);
    if (rnd(s, 6) == 0) CALL1(s->f, "DeleteRtHeap", heap);
}

static void address(struct soup *s)
{
    uint32_t at = serve_address(s->f, ADDR, (uint16_t)rnd(s, 10)), port = some_port(s);
    CALL2(s->f, rnd(s, 2) ? "BindRtPort" : "ConnectRtPort", port, at);
}

static void sends(struct soup *s)
{
    uint32_t flags = rnd(s, 2) * SEND_ASYNC | rnd(s, 2) * SEND_NOTIFY | rnd(s, 2) * SEND_RECEIVE;
    uint32_t port = some_port(s), size = rnd(s, 3) * 5, id = some_id(s);
    switch (rnd(s, 3)) {
    case 0: fake_call(s->f, "SendRtMessage", 7, port, 0u, TEXT, 4u, TEXT, size, flags); break;
    case 1:
        fake_call(s->f, "SendRtMessageRSVP", 9, port, 0u, TEXT, 4u, TEXT, size, REPLY, size, flags);
        break;
    default: fake_call(s->f, "SendRtReply", 8, port, 0u, id, TEXT, 4u, TEXT, size, flags); break;
    }
}

static void receives(struct soup *s)
{
    uint32_t port = some_port(s), id = some_id(s), ms = some_wait(s);
    if (rnd(s, 2))
        CALL3(s->f, "ReceiveRtMessage", port, ms, INFO);
    else
        CALL4(s->f, "ReceiveRtReply", port, id, ms, INFO);
}

static void cancels(struct soup *s)
{
    uint32_t port = some_port(s), id = some_id(s);
    CALL2(s->f, "CancelRtTransaction", port, id);
}

static void transactions(struct soup *s)
{
    uint32_t port = some_port(s), x = some_transaction(s);
    if (rnd(s, 2))
        CALL2(s->f, "RequestTransaction", port, INFO);
    else
        CALL2(s->f, "ReleaseTransaction", port, x);
}

static void queues(struct soup *s)
{
    uint32_t object = rnd(s, 3) ? some_port(s) : some(s, TYPE_SERVICE), x = some_transaction(s);
    if (rnd(s, 3))
        CALL3(s->f, "EnqueueInputTransaction", object, x, INFO);
    else
        CALL1(s->f, "DequeueInputTransaction", object);
}

/* A control buffer for that port, with data in a buffer of its heap or without; 0: there is none. */
static uint32_t filled(struct soup *s, uint32_t port)
{
    const struct object *o = object_find(s->f->k, port);
    uint32_t heap = o && o->port ? (uint32_t)o->port_heap << 3 : 0, data = 0;
    if (heap && rnd(s, 2)) data = CALL3(s->f, "RequestRtBuffer", heap, 8, INFO);
    uint32_t at = s->f->k->current ? CALL1(s->f, "RequestControlBuffer", SERVE_DESC) : 0;
    uint8_t raw[CONTROL_HEAD] = {0};
    if (!at) return 0;
    put16(raw + 6, (uint16_t)port);
    put16(raw + 8, (uint16_t)rnd(s, 2));
    put32(raw + 10, data);
    put32(raw + 16, data ? 8 : 0);
    fake_put(s->f, at, raw, sizeof raw);
    return at;
}

static void delivers(struct soup *s)
{
    uint32_t port = some_port(s), at = filled(s, port), x = some_transaction(s);
    switch (rnd(s, 4)) {
    case 0: CALL2(s->f, "DeliverMessage", port, at); break;
    case 1: CALL2(s->f, "DeliverTransaction", at, x); break;
    case 2: CALL2(s->f, "DeliverStatus", x, rnd(s, 2) ? E_OK : E_DISCONNECTED); break;
    default: CALL2(s->f, "ReleaseControlBuffer", SERVE_DESC, some_control(s)); break;
    }
}

static void region(struct soup *s)
{
    uint32_t region = some(s, TYPE_REGION);
    switch (rnd(s, 5)) {
    case 0: CALL1(s->f, "EnterServiceRegion", SERVE_DESC); break;
    case 1: CALL1(s->f, "ExitServiceRegion", SERVE_DESC); break;
    case 2: CALL1(s->f, "WaitForRtControl", region); break;
    case 3: CALL1(s->f, "DeleteRtRegion", region); break;
    default: CALL0(s->f, "ReleaseRtControl"); break;
    }
}

static void attributes(struct soup *s)
{
    const uint8_t head[8] = {1, 0, 4, 0};
    uint32_t port = some_port(s);
    fake_put(s->f, INFO, head, sizeof head);
    CALL2(s->f, rnd(s, 2) ? "GetRtServiceAttributes" : "SetRtServiceAttributes", port, INFO);
}

static void threads(struct soup *s)
{
    uint32_t t = some(s, TYPE_THREAD);
    const struct thread *x = object_find(s->f->k, t)->thread;
    switch (rnd(s, 6)) {
    case 0:
        if (!x->main) CALL1(s->f, "DeleteRtThread", t);
        break;
    case 1: CALL2(s->f, "SetRtThreadPriority", t, 129 + rnd(s, 9)); break;
    case 2: CALL1(s->f, "SuspendRtThread", t); break;
    case 3:
        for (unsigned i = 0; i < 4 && s->f->k->current; i++)
            CALL1(s->f, "ResumeRtThread", some(s, TYPE_THREAD));
        break;
    default: CALL4(s->f, "CreateRtThread", 129 + rnd(s, 4), FAKE_IMAGE, 4096, 0); break;
    }
}

static void rest(struct soup *s)
{
    if (rnd(s, 2))
        CALL1(s->f, "RtSleep", 10 * rnd(s, 4));
    else
        CALL1(s->f, "knRtSleep", 0);
}

/* --- whose turn it is --- */

static void end(struct soup *s, unsigned n)
{
    struct rt_effects fx;
    rt_process_delete(s->f->k, s->process[n], &fx);
    fake_apply(s->f, &fx);
    const char *bad = fake_check(s->f);
    cr_assert_null(bad, "after the end of a process: %s", bad);
}

static void again(struct soup *s, unsigned n)
{
    end(s, n);
    s->process[n] = fake_app(s->f);
    fake_run(s->f);
}

static void step(struct soup *s)
{
    static void (*const acts[])(struct soup *) = {
        install,    uninstall,    serve,       serve,    serve,    serve,    make_port, make_port,
        forward,    heaps,        address,     sends,    sends,    sends,    receives,  receives,
        cancels,    transactions, queues,      delivers, delivers, delivers, region,    region,
        attributes, threads,      delete_port, rest,     rest,     rest};
    if (s->f->k->current) {
        if (rnd(s, 90) == 0)
            again(s, rnd(s, PROCESSES));
        else
            acts[rnd(s, sizeof acts / sizeof *acts)](s);
    } else if (s->f->alarm != UINT64_MAX) {
        fake_time(s->f, s->f->alarm);
    } else {
        again(s, rnd(s, PROCESSES));
    }
}

static void sequence(uint64_t seed)
{
    struct soup s = {.f = fake_new(0x800000, 500), .seed = seed};
    const struct rt_kernel *k = s.f->k;
    uint32_t slots = k->free_count, used = k->root->pool.used;
    for (unsigned i = 0; i < PROCESSES; i++)
        s.process[i] = fake_app(s.f);
    fake_run(s.f);
    s.f->walk = true;
    for (unsigned i = 0; i < STEPS; i++)
        step(&s);
    for (unsigned i = 0; i < PROCESSES; i++)
        end(&s, i);
    cr_expect_eq(s.f->k->free_count, slots, "seed %u: slots stay", (unsigned)seed);
    cr_expect_eq(s.f->k->root->pool.used, used, "seed %u: frames stay", (unsigned)seed);
    fake_free(s.f);
}

Test(services_soup, first_half)
{
    for (unsigned i = 0; i < SEQUENCES / 2; i++)
        sequence(i);
}

Test(services_soup, second_half)
{
    for (unsigned i = SEQUENCES / 2; i < SEQUENCES; i++)
        sequence(i);
}
