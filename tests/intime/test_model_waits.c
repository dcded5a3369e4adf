/* Random sequences of waits against a plain model: who runs, who waits where and in which order, what a thread finds when
 * it goes on. Four threads of two priorities and a fifth that never waits; semaphores, data mailboxes and queues of
 * both orders, a region, a heap. Now and then the host has no memory for what a call needs. No code is shared with the
 * kernel, whose invariants are walked after each call. Each sequence uses a subset of the kinds of step, and one that fails
 * is shrunk (steps.h). RT386_MODEL_SEED and RT386_MODEL_SEQUENCES make it a run of other seeds and lengths:
 * scripts/soak; RT386_MODEL_REPLAY plays one run. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "hostmem.h"
#include "steps.h"

#define SEQUENCES 100000u
#define THREADS   5u
#define IDLER     4u
#define ITEMS     20u
#define TICK      10000u
#define BUFFER    (FAKE_DATA + 0x200) /* 64 bytes for each thread */
#define SIZES     (FAKE_DATA + 0x600)
#define HEAP_SIZE 4096u

enum kind {
    SEM_FIFO,
    SEM_PRIO,
    BOX_FIFO,
    BOX_PRIO,
    QUEUE,
    REGION,
    HEAP,
    OBJECTS,
    ASLEEP = OBJECTS
};

struct m_thread {
    uint32_t handle;
    unsigned priority;
    bool waits, told;
    enum kind at;
    unsigned want;
    uint64_t due, since;
    int64_t rank; /* among equals that are ready */
    uint32_t eax, error;
    int byte; /* that it has received; -1 = none */
};
struct m_object {
    uint32_t handle;
    unsigned units; /* of a semaphore */
    uint8_t item[ITEMS];
    unsigned items;
    int owner; /* of the region */
};
struct m_buffer {
    uint32_t at, size;
};
struct waits {
    struct fake *f;
    struct steps *s;
    uint64_t order;
    int64_t last, first; /* ranks given out */
    struct m_thread t[THREADS];
    unsigned now;
    struct m_object o[OBJECTS];
    struct m_buffer buffer[8];
    bool open;      /* the objects are there */
    unsigned slots; /* free when they are not */
};
/* Of the verdict's counts. */
enum { BLOCKED, TIMED_OUT, STARVED };

static uint32_t rnd(struct waits *w, uint32_t below)
{
    return steps_draw(w->s, below);
}

static void counts(struct waits *w, unsigned what)
{
    w->s->verdict->count[what]++;
}

/* --- the model's scheduler --- */

static void go_on(struct waits *w, unsigned i, uint32_t eax, uint32_t error)
{
    struct m_thread *t = &w->t[i];
    t->waits = false;
    t->told = true;
    t->eax = eax;
    t->error = error;
    t->rank = ++w->last;
}

static void pick(struct waits *w)
{
    unsigned best = THREADS;
    for (unsigned i = 0; i < THREADS; i++) {
        const struct m_thread *t = &w->t[i], *b = &w->t[best % THREADS];
        if (t->waits || i == w->now) continue;
        if (best == THREADS || t->priority < b->priority ||
            (t->priority == b->priority && t->rank < b->rank))
            best = i;
    }
    struct m_thread *now = &w->t[w->now];
    if (!now->waits && (best == THREADS || now->priority <= w->t[best].priority)) return;
    if (!now->waits) now->rank = --w->first; /* it keeps its place */
    w->now = best;
}

static bool by_priority(const struct waits *w, enum kind at)
{
    return (at == SEM_PRIO && !w->s->def->wrong) || at == BOX_PRIO;
}

static int head(const struct waits *w, enum kind at)
{
    int best = -1;
    for (unsigned i = 0; i < THREADS; i++) {
        const struct m_thread *t = &w->t[i], *b = &w->t[best < 0 ? 0 : best];
        if (!t->waits || t->at != at) continue;
        if (best < 0 || (by_priority(w, at) && t->priority < b->priority) ||
            ((!by_priority(w, at) || t->priority == b->priority) && t->since < b->since))
            best = (int)i;
    }
    return best;
}

static void block(struct waits *w, enum kind at, uint32_t ms)
{
    struct m_thread *t = &w->t[w->now];
    t->waits = true;
    t->at = at;
    t->since = w->order++;
    t->due = ms == WAIT_FOREVER ? UINT64_MAX : (w->f->now / TICK + ms / 10) * TICK;
    counts(w, BLOCKED);
    MUST(w, w->f->leave_blocked, "it did not wait");
    pick(w);
}

static uint32_t failure(enum kind at)
{
    return at <= SEM_PRIO ? 0xffffffffu : 0;
}

static void serve(struct waits *w, enum kind at)
{
    struct m_object *o = &w->o[at];
    for (int i; (i = head(w, at)) >= 0 && w->t[i].want <= o->units;) {
        o->units -= w->t[i].want;
        go_on(w, (unsigned)i, o->units, 0);
    }
}

/* What the thread that runs now finds, if it has waited. */
static void found(struct waits *w)
{
    struct m_thread *t = &w->t[w->now];
    MUST(w, rt_current_thread(w->f->k) == t->handle, "another thread runs");
    if (!t->told) return;
    t->told = false;
    MUST(w, w->f->eax == t->eax, "EAX %08X instead of %08X", w->f->eax, t->eax);
    if (t->error) MUST(w, fake_last(w->f) == t->error);
    uint8_t byte = 0;
    if (t->byte >= 0) fake_get(w->f, BUFFER + 64 * w->now, &byte, 1);
    if (t->byte >= 0) MUST(w, byte == t->byte, "the wrong message");
    t->byte = -1;
}

/* The host had no memory for the last call, which says so; nothing has changed. */
static bool starved(struct waits *w, uint32_t want)
{
    if (!hostmem_failed()) return false;
    MUST(w, w->f->leave_status == want, "without host memory: %s",
         rt_status_name(w->f->leave_status));
    hostmem_fail(0);
    counts(w, STARVED);
    return true;
}

static void status(struct waits *w, uint32_t want)
{
    MUST(w, !hostmem_failed(), "it did not say E_MEM");
    MUST(w, w->f->leave_status == want, "%s instead of %s", rt_status_name(w->f->leave_status),
         rt_status_name(want));
}

/* --- steps --- */

static uint32_t limit(struct waits *w)
{
    static const uint32_t ms[] = {0, 9, 10, 30, 50, WAIT_FOREVER};
    return w->now == IDLER ? 0 : ms[rnd(w, 6)];
}

static void step_release(struct waits *w)
{
    enum kind at = rnd(w, 2) ? SEM_PRIO : SEM_FIFO;
    struct m_object *o = &w->o[at];
    uint32_t n = rnd(w, 4);
    CALL2(w->f, "ReleaseRtSemaphore", o->handle, n);
    if (o->units + n > 5) {
        status(w, E_LIMIT);
        return;
    }
    status(w, E_OK);
    o->units += n;
    serve(w, at);
    pick(w);
}

static void step_wait(struct waits *w)
{
    enum kind at = rnd(w, 2) ? SEM_PRIO : SEM_FIFO;
    struct m_object *o = &w->o[at];
    struct m_thread *t = &w->t[w->now];
    int first = head(w, at);
    uint32_t n = rnd(w, 7), ms = limit(w);
    bool passes = first < 0 || (by_priority(w, at) && t->priority < w->t[first].priority);
    CALL3(w->f, "WaitForRtSemaphore", o->handle, n, ms);
    if (n > 5) {
        status(w, E_LIMIT);
    } else if (n == 0 || (n <= o->units && passes)) {
        status(w, E_OK);
        o->units -= n;
        MUST(w, w->f->eax == o->units);
    } else if (ms < 10) {
        status(w, E_TIME);
    } else {
        t->want = n;
        block(w, at, ms);
    }
}

static enum kind some_box(struct waits *w)
{
    static const enum kind boxes[] = {BOX_FIFO, BOX_PRIO, QUEUE};
    return boxes[rnd(w, 3)];
}

static void step_send(struct waits *w)
{
    enum kind at = some_box(w);
    struct m_object *o = &w->o[at];
    uint8_t byte = (uint8_t)rnd(w, 256);
    if (o->items == ITEMS) return;
    fake_put(w->f, BUFFER + 64 * THREADS, &byte, 1);
    if (at == QUEUE)
        CALL3(w->f, "SendRtShortDataMessage", o->handle, BUFFER + 64 * THREADS, 32);
    else
        CALL3(w->f, "SendRtData", o->handle, BUFFER + 64 * THREADS, 1);
    if (starved(w, at == QUEUE ? E_LIMIT : E_MEM)) return;
    status(w, E_OK);
    int i = head(w, at);
    if (i >= 0) {
        w->t[i].byte = byte;
        go_on(w, (unsigned)i, 1, 0);
        pick(w);
    } else {
        o->item[o->items++] = byte;
    }
}

static void step_receive(struct waits *w)
{
    enum kind at = some_box(w);
    struct m_object *o = &w->o[at];
    uint32_t to = BUFFER + 64 * w->now, ms = limit(w);
    uint8_t byte;
    if (at == QUEUE)
        CALL5(w->f, "ReceiveRtDataMessage", o->handle, to, 64, ms, SIZES + 4 * w->now);
    else
        CALL3(w->f, "ReceiveRtData", o->handle, to, ms);
    if (o->items) {
        status(w, E_OK);
        fake_get(w->f, to, &byte, 1);
        MUST(w, byte == o->item[0], "the wrong message");
        memmove(o->item, o->item + 1, --o->items);
    } else if (ms < 10) {
        status(w, E_TIME);
    } else {
        block(w, at, ms);
    }
}

static void step_control(struct waits *w)
{
    struct m_object *o = &w->o[REGION];
    bool accept = w->now == IDLER || rnd(w, 3) == 0;
    CALL1(w->f, accept ? "AcceptRtControl" : "WaitForRtControl", o->handle);
    if (o->owner == (int)w->now) {
        status(w, E_CONTEXT);
    } else if (o->owner < 0) {
        status(w, E_OK);
        o->owner = (int)w->now;
    } else if (accept) {
        status(w, E_BUSY);
    } else {
        block(w, REGION, WAIT_FOREVER);
    }
}

static void step_leave(struct waits *w)
{
    struct m_object *o = &w->o[REGION];
    CALL0(w->f, "ReleaseRtControl");
    if (o->owner != (int)w->now) {
        status(w, E_CONTEXT);
        return;
    }
    status(w, E_OK);
    o->owner = head(w, REGION);
    if (o->owner < 0) return;
    go_on(w, (unsigned)o->owner, 1, 0);
    pick(w);
}

static void step_sleep(struct waits *w)
{
    uint32_t ms = 10 * (1 + rnd(w, 4));
    if (w->now == IDLER) return;
    CALL1(w->f, "RtSleep", ms);
    block(w, ASLEEP, ms);
}

static void step_time(struct waits *w)
{
    uint64_t now = (w->f->now / TICK + 1 + rnd(w, 3)) * TICK;
    fake_time(w->f, now);
    for (;;) {
        unsigned best = THREADS;
        for (unsigned i = 0; i < THREADS; i++) {
            const struct m_thread *t = &w->t[i], *b = &w->t[best % THREADS];
            if (!t->waits || t->due > now) continue;
            if (best == THREADS || t->due < b->due || (t->due == b->due && t->since < b->since))
                best = i;
        }
        if (best == THREADS) break;
        enum kind at = w->t[best].at;
        counts(w, TIMED_OUT);
        w->t[best].waits = false; /* those behind it may be served first */
        if (at <= SEM_PRIO) serve(w, at);
        go_on(w, best, at == ASLEEP ? 1 : failure(at), at == ASLEEP ? 0 : E_TIME);
    }
    pick(w);
}

static void step_heap(struct waits *w)
{
    struct m_buffer *b = &w->buffer[rnd(w, 8)];
    uint32_t heap = w->o[HEAP].handle;
    if (b->at) {
        CALL3(w->f, "ReleaseRtBuffer", heap, b->at + 4, 0);
        status(w, E_NUC_BAD_BUF);
        CALL3(w->f, "ReleaseRtBuffer", heap, b->at, 0);
        status(w, E_OK);
        b->at = 0;
        return;
    }
    b->size = 1 + rnd(w, 400); /* eight of them fit, in whatever holes */
    b->at = CALL3(w->f, "RequestRtBuffer", heap, b->size, SIZES + 64);
    if (starved(w, E_MEM)) {
        b->at = 0;
        return;
    }
    status(w, E_OK);
    for (unsigned i = 0; i < 8; i++) {
        const struct m_buffer *a = &w->buffer[i];
        if (a == b || !a->at) continue;
        MUST(w, a->at + a->size <= b->at || b->at + b->size <= a->at, "buffers overlap");
    }
}

/* --- the objects of one sequence --- */

/* The handle of a new object, made as soon as the host has memory for it. */
static uint32_t made(struct waits *w, const char *call, unsigned count, uint32_t a, uint32_t b,
                     uint32_t c)
{
    uint32_t handle;
    do {
        hostmem_fail(rnd(w, 8) == 7 ? 1 + rnd(w, 2) : 0);
        handle = fake_call(w->f, call, count, a, b, c);
    } while (starved(w, E_MEM));
    hostmem_fail(0);
    status(w, E_OK);
    return handle;
}

static void objects_make(struct waits *w)
{
    memset(w->o, 0, sizeof w->o);
    memset(w->buffer, 0, sizeof w->buffer);
    w->o[REGION].owner = -1;
    for (unsigned at = SEM_FIFO; at <= SEM_PRIO; at++) {
        w->o[at].units = rnd(w, 3);
        w->o[at].handle = made(w, "CreateRtSemaphore", 3, w->o[at].units, 5, at == SEM_PRIO);
    }
    w->o[BOX_FIFO].handle = made(w, "CreateRtMailbox", 1, 0x20, 0, 0);
    w->o[BOX_PRIO].handle = made(w, "CreateRtMailbox", 1, 0x21, 0, 0);
    w->o[QUEUE].handle = made(w, "CreateRtQueue", 3, 4000, 64, 0);
    w->o[REGION].handle = made(w, "CreateRtRegion", 1, 0, 0, 0);
    w->o[HEAP].handle = made(w, "CreateRtHeap", 2, 8 * HEAP_SIZE, 0, 0);
}

static void object_end(struct waits *w, enum kind at)
{
    static const char *const calls[] = {"DeleteRtSemaphore", "DeleteRtSemaphore", "DeleteRtMailbox",
                                        "DeleteRtMailbox",   "DeleteRtQueue",     "DeleteRtRegion",
                                        "DeleteRtHeap"};
    CALL1(w->f, calls[at], w->o[at].handle);
    status(w, E_OK);
    for (int i; (i = head(w, at)) >= 0;)
        go_on(w, (unsigned)i, failure(at), E_EXIST);
    pick(w);
    found(w);
}

/* Everything ends: all waits but sleep; whoever runs makes the calls. */
static void sequence_end(struct waits *w)
{
    for (unsigned i = 0; w->o[REGION].owner >= 0; i++) {
        MUST(w, i < 1000);
        if (w->o[REGION].owner == (int)w->now)
            step_leave(w);
        else if (w->now != IDLER) {
            CALL1(w->f, "RtSleep", 30);
            block(w, ASLEEP, 30);
        } else
            step_time(w);
        found(w);
        if (w->now == IDLER && w->o[REGION].owner >= 0 && w->t[w->o[REGION].owner].waits &&
            w->t[w->o[REGION].owner].at != ASLEEP) /* the owner waits for something else */
            for (enum kind at = SEM_FIFO; at <= QUEUE; at++)
                if (w->t[w->o[REGION].owner].waits && w->t[w->o[REGION].owner].at == at) {
                    object_end(w, at);
                    w->o[at].handle = 0;
                }
    }
    for (enum kind at = SEM_FIFO; at < OBJECTS; at++)
        if (w->o[at].handle) object_end(w, at);
}

static void threads_make(struct waits *w)
{
    static const unsigned priorities[THREADS] = {130, 130, 135, 135, 139};
    for (unsigned i = 0; i < THREADS; i++) {
        w->t[i] = (struct m_thread){.priority = priorities[i], .rank = ++w->last, .byte = -1};
        w->t[i].handle = i ? CALL4(w->f, "CreateRtThread", priorities[i], FAKE_IMAGE, 4096, 0)
                           : rt_current_thread(w->f->k);
    }
    CALL2(w->f, "SetRtThreadPriority", 0, 130);
    w->slots = rt_free_slots(w->f->k);
}

/* A sequence ends and leaves nothing, but for threads that sleep. */
static void close_objects(struct waits *w)
{
    if (!w->open) return;
    sequence_end(w);
    MUST(w, rt_free_slots(w->f->k) == w->slots);
    w->open = false;
}

/* The first step of each sequence. */
static void step_open(struct waits *w)
{
    close_objects(w);
    objects_make(w);
    w->open = true;
}

static void *make(struct steps *s)
{
    struct waits *w = calloc(1, sizeof *w);
    w->f = fake_new(0x300000, 400);
    w->s = s;
    w->f->walk = true;
    fake_app(w->f);
    fake_run(w->f);
    threads_make(w);
    return w;
}

static void play(struct steps *s, void *model)
{
    struct waits *w = model;
    static void (*const steps[])(struct waits *) = {
        step_open,    step_release, step_wait,  step_send, step_receive,
        step_control, step_leave,   step_sleep, step_time, step_heap};
    w->s = s;
    w->f->unsound = steps_unsound;
    w->f->unsound_ctx = s;
    w->f->tell = s->tell;
    for (unsigned kind; steps_next(s, &kind);) {
        if (kind && !w->open) step_open(w);
        hostmem_fail(kind && rnd(w, 4) == 3 ? 1 : 0);
        steps[kind](w);
        hostmem_fail(0);
        found(w);
    }
    close_objects(w);
    fake_free(w->f);
    free(w);
}

static const char *const kinds[] = {"open",    "release", "wait",  "send", "receive",
                                    "control", "leave",   "sleep", "time", "heap"};
static const struct steps_def waits_def = {.name = "model_waits",
                                           .kinds = kinds,
                                           .kind_count = sizeof kinds / sizeof kinds[0],
                                           .longest = 12, /* ten on average */
                                           .opens = true,
                                           .make = make,
                                           .play = play};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* The n-th half: of the usual sequences, or of those that were asked for. */
static void half(unsigned n, uint64_t seed)
{
    uint64_t first = number_of("RT386_MODEL_SEED", 0);
    unsigned count = (unsigned)number_of("RT386_MODEL_SEQUENCES", fake_share(SEQUENCES)) / 2;
    unsigned of[COUNTS_MAX];
    steps_test(&waits_def, first ? first * 2 + n : seed, count, of);
    cr_expect_gt(of[BLOCKED], count);
    cr_expect_gt(of[TIMED_OUT], count / 10);
    cr_expect_gt(of[STARVED], count / 10);
}

Test(model_waits, first_half)
{
    half(0, 1);
}

Test(model_waits, second_half)
{
    half(1, 80386);
}

/* The model with a wrong rule, a queue by priority that is served in order of arrival, is found out, and what is
 * shown is a run in which nothing is too much. */
Test(model_waits, shrinks)
{
    struct steps_def def = waits_def;
    struct steps_run *run = steps_run_new(), *less = steps_run_new();
    char why[600];
    def.wrong = true;
    uint64_t seed = 1;
    while (!steps_smallest(&def, seed, 300, run, why))
        cr_assert_lt(++seed, 50, "the wrong rule was not found out");
    cr_assert(steps_fails(&def, run) && !steps_fails(&waits_def, run), "%s", why);
    cr_expect_leq(run->steps, 7, "%u steps", run->steps);
    for (unsigned i = 0; i < run->steps; i++) {
        steps_without(less, run, i, 1);
        cr_expect_not(steps_fails(&def, less), "step %u was not needed", i + 1);
    }
    for (unsigned i = 0; i < run->draws; i++) {
        steps_without(less, run, 0, 0);
        less->draw[i] = 0;
        cr_expect(less->draw[i] == run->draw[i] || !steps_fails(&def, less), "number %u", i);
    }
    steps_run_free(run);
    steps_run_free(less);
}
