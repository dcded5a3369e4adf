/* Stale handles: objects of several kinds are made and deleted in every order in a small GDT, and ten million times a
 * handle is used that some object has had at some time. It is taken if and only if an object of the right kind has it
 * now. */
#include <criterion/criterion.h>
#include <string.h>

#include "serving.h"

#define SLOTS    340u
#define ATTEMPTS 10000000u
#define CHANGE   8u /* attempts between two changes, on average */

enum kind {
    NONE,
    SEGMENT,
    SEMAPHORE,
    MAILBOX,
    REGION,
    ALARM,
    PORT,
    SERVED_PORT,
    PROCESS_OR_OTHER,
    KINDS
};

struct attempts {
    struct fake *f;
    uint64_t seed;
    uint8_t kind[SLOTS]; /* what the model says is in the slot */
    uint32_t code[KINDS];
    uint32_t service; /* the name of the one that ports are at */
    unsigned taken, wrong_kind, gone;
};

static uint32_t next(struct attempts *a, uint32_t below)
{
    a->seed = a->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((a->seed >> 33) % below);
}

static uint32_t make(struct attempts *a, enum kind kind)
{
    switch (kind) {
    case SEGMENT: return CALL2(a->f, "CreateRtMemoryHandle", FAKE_DATA, 16);
    case SEMAPHORE: return CALL3(a->f, "CreateRtSemaphore", 1, 1, 0);
    case MAILBOX: return CALL1(a->f, "CreateRtMailbox", 0);
    case REGION: return CALL1(a->f, "CreateRtRegion", 0);
    case PORT: return CALL4(a->f, "CreateRtPort", 0, 0, 0, 0);
    case SERVED_PORT: return CALL4(a->f, "CreateRtPort", a->service, 0, 0, 0);
    default: return CALL2(a->f, "CreateRtAlarm", 0, 1000);
    }
}

/* An object more or one less; the kernel's own stay. */
static void change(struct attempts *a)
{
    static const char *const deletes[] = {
        [SEGMENT] = "DeleteRtMemoryHandle", [SEMAPHORE] = "DeleteRtSemaphore",
        [MAILBOX] = "DeleteRtMailbox",      [REGION] = "DeleteRtRegion",
        [ALARM] = "DeleteRtAlarm",          [PORT] = "DeleteRtPort",
        [SERVED_PORT] = "DeleteRtPort"};
    uint32_t slot = next(a, SLOTS);
    uint8_t kind = a->kind[slot];
    if (kind == PROCESS_OR_OTHER) return;
    if (kind != NONE) {
        CALL1(a->f, deletes[kind], slot << 3);
        cr_assert_eq(a->f->leave_status, E_OK, "%s", deletes[kind]);
        a->kind[slot] = NONE;
        return;
    }
    kind = (uint8_t)(1 + next(a, PROCESS_OR_OTHER - 1));
    uint32_t handle = make(a, (enum kind)kind);
    if (handle == BAD_RTHANDLE) return;
    cr_assert_eq(a->kind[handle >> 3], NONE, "slot %u is given out twice", handle >> 3);
    a->kind[handle >> 3] = kind;
}

/* The call that tells whether a handle is of that kind, and changes nothing. */
static uint32_t use(struct attempts *a, enum kind kind, uint32_t handle)
{
    uint8_t raw[16] = {0};
    put32(raw, handle);
    if (kind == PORT) put32(raw + 8, FAKE_DATA); /* for the message */
    fake_put(a->f, FAKE_STACK + 8, raw, kind == ALARM || kind == SERVED_PORT ? 4 : 12);
    fake_call_raw(a->f, a->code[kind], FAKE_STACK);
    return a->f->leave_status;
}

static void attempt(struct attempts *a)
{
    enum kind kind = (enum kind)(1 + next(a, PROCESS_OR_OTHER - 1));
    uint32_t slot = next(a, SLOTS), status = use(a, kind, slot << 3);
    uint8_t is = a->kind[slot];
    bool same = is == kind || (kind == PORT && is == SERVED_PORT);
    uint32_t good = kind == MAILBOX || kind == PORT ? E_TIME : E_OK; /* it is empty */
    uint32_t want = is == NONE ? E_EXIST : same ? good : E_TYPE;
    if (is ==
        PROCESS_OR_OTHER) { /* a data segment is a segment, too, a service has a region and a parameter */
        cr_assert(status == E_TYPE || status == E_EXIST || kind == SEGMENT || kind == REGION ||
                  kind == SERVED_PORT);
        return;
    }
    cr_assert_eq(status, want, "slot %u holds kind %u, asked for %u: %s", slot, is, kind,
                 rt_status_name(status));
    a->taken += same;
    a->wrong_kind += !same && is != NONE;
    a->gone += is == NONE;
}

static uint32_t code_of(const char *name)
{
    const struct row *row = fake_row(name);
    return (uint32_t)row->number << 16 | row->class;
}

/* `seed` and its share of the attempts. */
static void attempts(uint64_t seed, unsigned count)
{
    const struct serving s = {"PORTS", 0, 4, 4, 4, 4, 0};
    struct attempts a = {.f = fake_new(0x400000, SLOTS), .seed = seed};
    fake_app(a.f);
    fake_run(a.f);
    serve_describe(a.f, &s);
    fake_put(a.f, SERVE_DESC + 36, (const uint8_t[]){0xff, 0},
             2); /* ports 5 to 255 are given out */
    fake_put(a.f, SERVE_DESC + 32, (const uint8_t[]){0xff, 0}, 2);
    fake_put(a.f, SERVE_DESC + 26, (const uint8_t[]){0xff, 0}, 2);
    cr_assert_eq(CALL1(a.f, "InstallRtServiceDescriptor", SERVE_DESC), 1);
    CALL1(a.f, "RtSleep", 10); /* its thread waits for work */
    CALL1(a.f, "clib_service", SERVE_ROOM);
    fake_time(a.f, 20000);
    a.service = FAKE_DATA + 0xF00;
    fake_put(a.f, a.service, "PORTS", 6);
    CALL2(a.f, "SetLastRtError", 0, 0);
    a.code[SEGMENT] = code_of("GetRtSize");
    a.code[SEMAPHORE] = code_of("WaitForRtSemaphore"); /* for no units */
    a.code[MAILBOX] = code_of("ReceiveRtHandle");
    a.code[REGION] = code_of("AcceptRtControl");
    a.code[ALARM] = code_of("ResetRtAlarm");
    a.code[PORT] = code_of("ReceiveRtMessage");
    a.code[SERVED_PORT] = code_of("GetPortParameter"); /* E_TYPE for sink ports */
    for (uint32_t i = 0; i < SLOTS; i++)
        if (a.f->k->slot[i].use != USE_FREE) a.kind[i] = PROCESS_OR_OTHER;
    uint32_t release = code_of("ReleaseRtControl");
    for (unsigned i = 0; i < count; i++) {
        if (next(&a, CHANGE) == 0) change(&a);
        attempt(&a);
        if (a.f->k->current->held) fake_call_raw(a.f, release, FAKE_STACK);
    }
    cr_expect_gt(a.taken, count / 50);
    cr_expect_gt(a.wrong_kind, count / 20);
    cr_expect_gt(a.gone, count / 20);
    cr_expect_null(fake_check(a.f), "%s", fake_check(a.f));
    fake_free(a.f);
}

Test(stale, first_half_of_ten_million_attempts)
{
    attempts(1, fake_share(ATTEMPTS) / 2);
}

Test(stale, second_half_of_ten_million_attempts)
{
    attempts(2, fake_share(ATTEMPTS) / 2);
}
