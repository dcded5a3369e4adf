/* test_reverse.c: back in time, against lists of what observers of the recorded run have seen. */
#include <rt386/reverse.h>

#include "guest.h"
#include "recorded.h"
#include "trace_inside.h"

/* Each instruction that began: where, and with which registers. */
struct begun {
    rt386_place at;
    uint32_t linear;
    uint64_t registers;
};
struct seen {
    rt386 *m;
    struct begun *begun;
    size_t n, room;
    rt386_place event[4096]; /* by their numbers, the last ones */
    uint8_t vector[4096];
    unsigned events;
    unsigned calls;
};

static uint64_t registers(const rt386 *m)
{
    static const char *const name[] = {"eax", "ecx", "edx", "ebx", "esp",    "ebp", "esi",
                                       "edi", "cs",  "ds",  "ss",  "eflags", "eip", "cr3"};
    uint64_t h = 0, v = 0;
    for (unsigned i = 0; i < sizeof name / sizeof *name; i++) {
        rt386_reg_get(m, name[i], &v);
        h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h;
}

static void see_insn(void *ctx, const rt386_insn_event *e)
{
    struct seen *s = ctx;
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 1024;
        s->begun = realloc(s->begun, s->room * sizeof *s->begun);
    }
    s->begun[s->n++] = (struct begun){.at = {rt386_insns(s->m), rt386_clocks(s->m)},
                                      .linear = e->linear,
                                      .registers = registers(s->m)};
}

static void see_event(void *ctx, const rt386_event_event *e)
{
    struct seen *s = ctx;
    s->event[s->events % 4096] = (rt386_place){rt386_insns(s->m), rt386_clocks(s->m)};
    s->vector[s->events++ % 4096] = e->vector;
}

static void see_call(void *ctx, const rt386_call_event *e)
{
    struct seen *s = ctx;
    s->calls += !e->leaving;
}

/* A recorded run, and one that can go back in it. */
struct past {
    struct seen seen;
    struct bytes bytes;
    rt386_place end;
    rt386_trace *t;
    struct run *r;
    rt386_reverse *back;
};

static void past_begin(struct past *p, const char *guest)
{
    rt386_config config = {.size = sizeof config};
    bool network;
    *p = (struct past){0};
    const rt386_observer o = {
        .size = sizeof o, .ctx = &p->seen, .insn = see_insn, .event = see_event, .call = see_call};
    struct run *was = run_new(&config, false);
    p->seen.m = was->m;
    record_run(was, guest, &o, false, &p->bytes);
    p->end = (rt386_place){rt386_insns(was->m), rt386_clocks(was->m)};
    run_free(was);
    p->t = bytes_open(&p->bytes);
    config = (rt386_config){.size = sizeof config};
    cr_assert_eq(rt386_trace_config(p->t, &config, &network), RT386_OK);
    p->r = run_new(&config, network);
    cr_assert_eq(rt386_reverse_open(p->r->m, p->t, &p->back), RT386_OK, "%s", rt386_error(p->r->m));
}

static void past_end(struct past *p)
{
    rt386_reverse_close(p->back);
    rt386_trace_close(p->t);
    run_free(p->r);
    free(p->bytes.p);
    free(p->seen.begun);
}

#define OK(p, call)                                                                                \
    do {                                                                                           \
        rt386_status status_ = call;                                                               \
        cr_assert_eq(status_, RT386_OK, "%s: %s", #call, rt386_error((p)->r->m));                  \
    } while (0)

static void stands_at(const struct past *p, const struct begun *b)
{
    rt386_place at = rt386_reverse_place(p->back);
    cr_assert_eq(at.insns, b->at.insns);
    cr_assert_eq(at.clocks, b->at.clocks);
    cr_assert_eq(registers(p->r->m), b->registers, "at instruction %llu",
                 (unsigned long long)at.insns);
}

/* --- to a place --- */

static void goes_anywhere(struct past *p)
{
    uint64_t x = 12345;
    for (unsigned i = 0; i < 12; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        const struct begun *b = &p->seen.begun[(x >> 33) % p->seen.n];
        OK(p, rt386_reverse_return(p->back, b->at));
        stands_at(p, b);
        OK(p, rt386_reverse_go(p->back, b->at.insns));
        cr_assert_eq(rt386_reverse_place(p->back).insns, b->at.insns);
        cr_assert_leq(rt386_reverse_place(p->back).clocks, b->at.clocks);
    }
    cr_expect_eq(rt386_reverse_go(p->back, p->end.insns + 1), RT386_E_RANGE);
}

static void goes_back(struct past *p)
{
    OK(p, rt386_reverse_go(p->back, rt386_reverse_end(p->back)));
    size_t n = p->seen.n;
    while (n && p->seen.begun[n - 1].at.clocks >= rt386_reverse_place(p->back).clocks)
        n--;
    for (unsigned i = 0; i < 30 && n > 0; i++) {
        OK(p, rt386_reverse_back(p->back, 1));
        stands_at(p, &p->seen.begun[--n]);
    }
    for (size_t by = 3; by < n; by = by * 3 + 1) {
        OK(p, rt386_reverse_back(p->back, by));
        stands_at(p, &p->seen.begun[n -= by]);
    }
    cr_expect_eq(rt386_reverse_back(p->back, n + 1), RT386_E_NOTFOUND);
    stands_at(p, &p->seen.begun[0]);
}

static void steps_on(struct past *p)
{
    size_t n = p->seen.n / 2;
    OK(p, rt386_reverse_return(p->back, p->seen.begun[n].at));
    for (size_t i = 0; i < 20 && n + i + 40 < p->seen.n; i++) {
        OK(p, rt386_reverse_step(p->back, i % 3 + 1));
        n += i % 3 + 1;
        /* It may stand behind the instruction, before an interrupt. */
        rt386_place at = rt386_reverse_place(p->back);
        cr_assert_gt(at.clocks, p->seen.begun[n - 1].at.clocks);
        cr_assert_leq(at.clocks, p->seen.begun[n].at.clocks);
    }
    OK(p, rt386_reverse_go(p->back, rt386_reverse_end(p->back)));
    cr_expect_eq(rt386_reverse_step(p->back, 1), RT386_E_NOTFOUND);
}

/* --- to where something was last --- */

static void finds_execution(struct past *p)
{
    const struct seen *s = &p->seen;
    for (size_t from = s->n / 3; from < s->n; from += s->n / 3) {
        uint32_t linear = s->begun[from / 2].linear;
        rt386_seek seek = {.size = sizeof seek,
                           .kind = RT386_SEEK_EXEC,
                           .at = {.space = RT386_LINEAR, .at = linear}};
        rt386_sighting found;
        OK(p, rt386_reverse_return(p->back, s->begun[from].at));
        size_t n = from;
        for (unsigned hits = 0; hits < 4; hits++) {
            size_t last = n;
            while (n && s->begun[n - 1].linear != linear)
                n--;
            if (!n--) {
                cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found),
                             RT386_E_NOTFOUND);
                stands_at(p, &s->begun[0]);
                break;
            }
            OK(p, rt386_reverse_find(p->back, &seek, 1, false, &found));
            stands_at(p, &s->begun[n]);
            /* and forwards to the one after it */
            size_t next = n + 1;
            while (next < s->n && s->begun[next].linear != linear)
                next++;
            if (next < s->n && last > next) {
                OK(p, rt386_reverse_find(p->back, &seek, 1, true, &found));
                stands_at(p, &s->begun[next]);
                OK(p, rt386_reverse_return(p->back, s->begun[n].at));
            }
        }
    }
}

static void finds_events(struct past *p)
{
    const struct seen *s = &p->seen;
    rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = -1};
    rt386_sighting found;
    OK(p, rt386_reverse_go(p->back, rt386_reverse_end(p->back)));
    unsigned n = s->events;
    while (n && s->event[(n - 1) % 4096].clocks >= rt386_reverse_place(p->back).clocks)
        n--;
    for (unsigned i = 0; i < 5 && n > 0; i++) {
        OK(p, rt386_reverse_find(p->back, &seek, 1, false, &found));
        n--;
        cr_assert_eq(found.vector, s->vector[n % 4096]);
        cr_assert_eq(found.place.insns, s->event[n % 4096].insns);
        cr_assert_eq(found.place.clocks, s->event[n % 4096].clocks);
    }
    if (!n) cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found), RT386_E_NOTFOUND);
}

/* What the last write left is what is there; before it there was something else, or the same. */
static void finds_writes(struct past *p)
{
    const struct seen *s = &p->seen;
    uint64_t x = 99;
    for (unsigned i = 0; i < 6; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        const struct begun *b = &s->begun[(x >> 33) % s->n];
        uint8_t is[4], was[4];
        rt386_sighting found;
        OK(p, rt386_reverse_return(p->back, b->at));
        uint64_t esp = reg(p->r->m, "esp");
        rt386_addr at = {.space = RT386_LOGICAL, .seg = RT386_SS, .at = (uint32_t)esp};
        rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_WRITE, .at = at, .n = 4};
        if (rt386_peek(p->r->m, at, is, 4) != RT386_OK) continue;
        rt386_status st = rt386_reverse_find(p->back, &seek, 1, false, &found);
        if (st == RT386_E_NOTFOUND) continue;
        cr_assert_eq(st, RT386_OK, "%s", rt386_error(p->r->m));
        cr_expect(!memcmp(found.after, is, 4));
        cr_assert_lt(found.place.clocks, b->at.clocks);
        rt386_addr where = {.space = RT386_PHYS, .at = found.at};
        memset(was, 0, sizeof was);
        cr_assert_eq(rt386_peek(p->r->m, where, was, 1), RT386_OK);
        OK(p, rt386_reverse_step(p->back, 1));
        cr_expect_geq(rt386_reverse_place(p->back).clocks, found.place.clocks);
        /* forwards from before it, the same write is the first one */
        OK(p, rt386_reverse_return(p->back, found.place));
        seek.at = where;
        seek.n = 1;
        rt386_sighting again;
        OK(p, rt386_reverse_find(p->back, &seek, 1, true, &again));
        cr_expect_eq(again.at, found.at);
        cr_expect_eq(again.before[0], was[0]);
    }
}

static void check(const char *guest)
{
    struct past *p = calloc(1, sizeof *p);
    past_begin(p, guest);
    goes_anywhere(p);
    goes_back(p);
    steps_on(p);
    finds_execution(p);
    finds_events(p);
    finds_writes(p);
    past_end(p);
    free(p);
}

#define GUEST(name, file)                                                                          \
    Test(reverse, name)                                                                            \
    {                                                                                              \
        check(file);                                                                               \
    }
GUEST(ring0_faults, "ring0/ring0_faults.elf")
GUEST(ring0_interrupts, "ring0/ring0_interrupts.elf")
GUEST(ring0_paging, "ring0/ring0_paging.elf")
GUEST(ring0_tasks, "ring0/ring0_tasks.elf")
GUEST(intime, "demo/hello.rta")
GUEST(intime_threads, "conformance/threads.rta")
GUEST(intime_exceptions, "conformance/exceptions.rta")
GUEST(intime_interrupts, "conformance/interrupts.rta")

/* The kernel's writes: a descriptor, which a call made. */
Test(reverse, who_wrote_a_descriptor)
{
    struct past *p = calloc(1, sizeof *p);
    past_begin(p, "demo/limit.rta");
    rt386_seek call = {
        .size = sizeof call, .kind = RT386_SEEK_CALL, .call = "CreateRtMemoryHandle"};
    rt386_sighting found;
    rt386_status st = rt386_reverse_find(p->back, &call, 1, true, &found);
    cr_assert_eq(st, RT386_OK, "%s", rt386_error(p->r->m));
    rt386_place called = rt386_reverse_place(p->back);
    OK(p, rt386_reverse_step(p->back, 1));
    uint64_t handle = reg(p->r->m, "eax"), gdt = reg(p->r->m, "gdtr_base");
    rt386_seek seek = {.size = sizeof seek,
                       .kind = RT386_SEEK_WRITE,
                       .at = {.space = RT386_LINEAR, .at = (uint32_t)(gdt + (handle & ~7u))},
                       .n = 8};
    OK(p, rt386_reverse_find(p->back, &seek, 1, false, &found));
    cr_expect(found.by_kernel);
    cr_expect_str_eq(found.call, "CreateRtMemoryHandle");
    cr_expect_eq(found.place.clocks, called.clocks);
    cr_expect_eq(found.n, 8u);
    cr_expect(!(found.before[5] & 0x80), "not present before");
    cr_expect(found.after[5] & 0x80, "present after");
    past_end(p);
    free(p);
}

Test(reverse, misuse)
{
    struct past *p = calloc(1, sizeof *p);
    past_begin(p, "demo/hello.rta");
    rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_WRITE, .n = 0};
    rt386_sighting found;
    cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found), RT386_E_ARG);
    cr_expect_eq(rt386_reverse_find(p->back, &seek, 0, false, &found), RT386_E_ARG);
    seek.n = 8;
    seek.at = (rt386_addr){.space = RT386_LINEAR, .at = 0xe0000000u};
    cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found), RT386_E_RANGE);
    rt386_place nowhere = {10, 1};
    cr_expect_eq(rt386_reverse_return(p->back, nowhere), RT386_E_STATE);
    cr_expect_neq(rt386_error(p->r->m)[0], 0);
    OK(p, rt386_reverse_return(p->back, p->seen.begun[5].at));
    stands_at(p, &p->seen.begun[5]);
    past_end(p);
    free(p);
}

/* An exception behind which nothing retires any more has happened at the end. */
Test(reverse, the_end_is_behind_the_last_fault)
{
    struct past *p = calloc(1, sizeof *p);
    rt386_sighting found;
    past_begin(p, "bare/bare_triple.elf");
    unsigned last = p->seen.events - 1;
    cr_assert_gt(p->seen.events, 0u);
    cr_assert_eq(p->seen.event[last].insns, p->end.insns);
    OK(p, rt386_reverse_go(p->back, rt386_reverse_end(p->back)));
    cr_expect_eq(rt386_reverse_place(p->back).clocks, p->end.clocks);
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = -1};
    OK(p, rt386_reverse_find(p->back, &seek, 1, false, &found));
    cr_expect_eq(found.vector, p->seen.vector[last]);
    cr_expect_eq(found.place.clocks, p->seen.event[last].clocks);
    past_end(p);
    free(p);
}

/* The machine was kept at the very beginning, before the kernel has looked at its program. */
Test(reverse, the_beginning_again)
{
    struct past *p = calloc(1, sizeof *p);
    rt386_sighting found;
    past_begin(p, "demo/hello.rta");
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_CALL};
    OK(p, rt386_reverse_find(p->back, &seek, 1, true, &found));
    OK(p, rt386_reverse_return(p->back, p->seen.begun[0].at));
    stands_at(p, &p->seen.begun[0]);
    past_end(p);
    free(p);
}

/* --- forwards: each one once, and never beyond the trace --- */

/* How often it happened, from here to the beginning or to the end. */
static unsigned times(struct past *p, const rt386_seek *seek, bool forwards)
{
    rt386_sighting found;
    rt386_status st;
    unsigned n = 0;
    while ((st = rt386_reverse_find(p->back, seek, 1, forwards, &found)) == RT386_OK)
        cr_assert_lt(n++, 1000u);
    cr_expect_eq(st, RT386_E_NOTFOUND, "%s", rt386_error(p->r->m));
    return n;
}

static unsigned both_ways(const char *guest, const rt386_seek *seek)
{
    struct past *p = calloc(1, sizeof *p);
    past_begin(p, guest);
    unsigned on = times(p, seek, true);
    cr_expect_eq(rt386_reverse_place(p->back).insns, p->end.insns);
    cr_expect_eq(rt386_reverse_place(p->back).clocks, p->end.clocks);
    unsigned back = times(p, seek, false);
    cr_expect_eq(on, back, "%s: %u on, %u back", guest, on, back);
    past_end(p);
    free(p);
    return on;
}

Test(reverse, each_call_is_met_once)
{
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_CALL};
    cr_expect_gt(both_ways("demo/hello.rta", &seek), 1u);
}

/* A trace of `insns` instructions of a guest that never ends. */
static void endless_of(struct past *p, uint64_t insns, const uint8_t *code, size_t n)
{
    rt386_config config = {.size = sizeof config};
    bool network;
    rt386_exit why;
    rt386 *m = machine_with(code, n, NULL);
    const rt386_record_options o = {
        .size = sizeof o, .put = bytes_put, .put_ctx = &p->bytes, .keyframe_every = 300};
    cr_assert_eq(rt386_record_begin(m, &o), RT386_OK, "%s", rt386_error(m));
    cr_assert_eq(rt386_run(m, insns, 0, &why), RT386_OK);
    cr_assert_eq(rt386_record_end(m, &why), RT386_OK);
    p->end = (rt386_place){rt386_insns(m), rt386_clocks(m)};
    rt386_destroy(m);
    p->t = bytes_open(&p->bytes);
    cr_assert_eq(rt386_trace_config(p->t, &config, &network), RT386_OK);
    p->r = run_new(&config, network);
    cr_assert_eq(rt386_reverse_open(p->r->m, p->t, &p->back), RT386_OK, "%s", rt386_error(p->r->m));
}

/* INC of the dword at 110000h, JMP to it. */
static void endless(struct past *p, uint64_t insns)
{
    const uint8_t code[] = {0xff, 0x05, 0x00, 0x00, 0x11, 0x00, 0xeb, 0xf8};
    endless_of(p, insns, code, sizeof code);
}

Test(reverse, each_load_is_met_once)
{
    const uint8_t code[] = {0x8c, 0xd8, 0x8e, 0xd8, 0xeb, 0xfc}; /* mov eax, ds; mov ds, eax; jmp */
    struct past *p = calloc(1, sizeof *p);
    endless_of(p, 21, code, sizeof code);
    const rt386_seek seek = {
        .size = sizeof seek, .kind = RT386_SEEK_SELECTOR, .selector = (uint16_t)reg(p->r->m, "ds")};
    cr_expect_eq(times(p, &seek, true), 10u);
    cr_expect_eq(times(p, &seek, false), 10u);
    past_end(p);
    free(p);
}

Test(reverse, forwards_stays_in_the_trace, .timeout = 60)
{
    struct past *p = calloc(1, sizeof *p);
    endless(p, 1000);
    rt386_seek seek = {.size = sizeof seek,
                       .kind = RT386_SEEK_WRITE,
                       .at = {.space = RT386_PHYS, .at = 0x110000},
                       .n = 4};
    rt386_sighting found;
    for (unsigned i = 0; i < 3; i++) {
        OK(p, rt386_reverse_find(p->back, &seek, 1, true, &found));
        cr_expect_eq(found.place.insns, 2u * i);
        cr_expect_eq(found.before[0], i);
        cr_expect_eq(found.after[0], i + 1);
        cr_expect_eq(rt386_reverse_place(p->back).insns, 2u * i + 1, "it stands behind it");
    }
    seek.kind = RT386_SEEK_EXEC;
    seek.at = (rt386_addr){.space = RT386_LINEAR, .at = 0x1234};
    cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, true, &found), RT386_E_NOTFOUND);
    cr_expect_eq(rt386_reverse_place(p->back).insns, 1000u);
    past_end(p);
    free(p);
}

Test(reverse, places_that_are_none, .timeout = 60)
{
    struct past *p = calloc(1, sizeof *p);
    endless(p, 1000);
    const rt386_place none[] = {{1001, p->end.clocks + 1},
                                {UINT64_MAX, UINT64_MAX},
                                {1000, p->end.clocks + 1},
                                {500, UINT64_MAX - 1}};
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect_eq(rt386_reverse_return(p->back, none[i]), RT386_E_RANGE, "place %u", i);
    cr_expect_eq(rt386_reverse_return(p->back, (rt386_place){500, p->end.clocks}), RT386_E_STATE);
    OK(p, rt386_reverse_return(p->back, p->end));
    past_end(p);
    free(p);
}

/* --- a trace that says wrong things --- */

/* Its keyframes say that they are of the fifth instruction: none leads to any other place. */
Test(reverse, keyframes_of_another_place, .timeout = 60)
{
    struct past *p = calloc(1, sizeof *p);
    struct bytes b = {0};
    struct chunk_writer w;
    rt386_sighting found;
    endless(p, 1000);
    cr_assert(chunk_begin(&w, bytes_put, &b));
    for (size_t i = 0; i < p->t->file.count; i++) {
        const struct chunk *c = &p->t->file.chunk[i];
        struct buffer raw = {0};
        uint64_t insns = c->tag == CHUNK_KEYFRAME && c->insns ? 5 : c->insns;
        cr_assert_null(chunk_read(&p->t->file, i, &raw));
        cr_assert(chunk_put(&w, c->tag, insns, c->items, raw.p, raw.n));
        buffer_free(&raw);
    }
    cr_assert(chunk_end(&w));
    chunk_writer_free(&w);
    rt386_reverse_close(p->back);
    rt386_trace_close(p->t);
    p->t = bytes_open(&b);
    OK(p, rt386_reverse_open(p->r->m, p->t, &p->back));
    const rt386_seek seek = {.size = sizeof seek, .kind = RT386_SEEK_EVENT, .vector = -1};
    cr_expect_eq(rt386_reverse_go(p->back, 1000), RT386_E_FORMAT);
    cr_expect_neq(rt386_error(p->r->m)[0], 0);
    cr_expect_eq(rt386_reverse_find(p->back, &seek, 1, false, &found), RT386_E_FORMAT);
    past_end(p);
    free(p);
    free(b.p);
}

/* --- idle time that the host cut short --- */

/* Asks the programs to end in the middle of an idle time. */
struct cutter {
    rt386 *m;
    unsigned calls;
    rt386_place began; /* that idle time */
    uint64_t reached;  /* microseconds */
};

static uint64_t cut_idle(void *ctx, uint64_t us)
{
    struct cutter *c = ctx;
    if (++c->calls != 3) return us;
    rt386_terminate(c->m);
    c->began = (rt386_place){rt386_insns(c->m), rt386_clocks(c->m)};
    return c->reached = us - 4000;
}

/* *inside: a place in the first part of that idle time. */
static void record_cut(struct bytes *to, rt386_place *end, rt386_place *inside)
{
    struct cutter c = {0};
    rt386_config config = {.size = sizeof config, .idle = cut_idle, .idle_ctx = &c};
    struct run *r = run_new(&config, false);
    const char *const argv[] = {"serve"};
    const rt386_load_options load = {.size = sizeof load, .argc = 1, .argv = argv};
    const rt386_record_options o = {
        .size = sizeof o, .put = bytes_put, .put_ctx = to, .digest_every = 2003};
    c.m = r->m;
    cr_assert_eq(rt386_load_file(r->m, guest_path("conformance/events.rta"), &load), RT386_OK);
    cr_assert_eq(rt386_record_begin(r->m, &o), RT386_OK);
    cr_assert_eq(rt386_run(r->m, 900000, 0, &r->end), RT386_OK);
    cr_assert_eq(r->end.kind, RT386_EXIT_GUEST, "%s", r->end.text);
    cr_assert_eq(r->end.code, 5, "it was told to end");
    cr_assert_eq(rt386_record_end(r->m, &r->end), RT386_OK);
    *end = (rt386_place){rt386_insns(r->m), rt386_clocks(r->m)};
    *inside = (rt386_place){c.began.insns, (c.began.clocks + c.reached * 33) / 2};
    cr_assert_gt(inside->clocks, c.began.clocks + 1000);
    run_free(r);
}

Test(reverse, inside_of_idle_time_that_was_cut, .timeout = 60)
{
    struct past p = {0};
    rt386_place inside;
    rt386_config config = {.size = sizeof config};
    bool network;
    record_cut(&p.bytes, &p.end, &inside);
    p.t = bytes_open(&p.bytes);
    cr_assert_eq(rt386_trace_config(p.t, &config, &network), RT386_OK);
    p.r = run_new(&config, network);
    cr_assert_eq(rt386_reverse_open(p.r->m, p.t, &p.back), RT386_OK, "%s", rt386_error(p.r->m));
    OK(&p, rt386_reverse_return(p.back, inside));
    rt386_place at = rt386_reverse_place(p.back);
    cr_expect_eq(at.clocks, inside.clocks);
    /* to the end from there, without a look at the clock */
    uint64_t left = p.end.insns - at.insns;
    rt386_status st = rt386_reverse_step(p.back, left - 1);
    cr_expect_eq(st, RT386_OK, "%s", rt386_error(p.r->m));
    OK(&p, rt386_reverse_return(p.back, inside));
    OK(&p, rt386_reverse_go(p.back, p.end.insns));
    cr_expect_eq(rt386_reverse_place(p.back).clocks, p.end.clocks);
    past_end(&p);
}

/* --- before the first instruction --- */

#define LOW (8u << 20)

/* The first byte that the kernel's first choice of a thread changes: in `m` it has been made, in a fresh machine not. */
static uint32_t first_change(const char *guest, const rt386 *m)
{
    rt386_config config = {.size = sizeof config};
    struct run *r = run_new(&config, false);
    uint8_t *was = malloc(LOW), *now = malloc(LOW);
    const rt386_addr low = {.space = RT386_PHYS};
    cr_assert_eq(rt386_load_file(r->m, guest_path(guest), NULL), RT386_OK);
    cr_assert_eq(rt386_peek(r->m, low, was, LOW), RT386_OK);
    cr_assert_eq(rt386_peek(m, low, now, LOW), RT386_OK);
    uint32_t at = 0;
    while (at < LOW && was[at] == now[at])
        at++;
    cr_assert_lt(at, LOW, "it changes nothing");
    free(was);
    free(now);
    run_free(r);
    return at;
}

Test(reverse, what_the_kernel_does_first, .timeout = 60)
{
    struct past p;
    past_begin(&p, "demo/limit.rta");
    uint32_t at = first_change("demo/limit.rta", p.r->m);
    const rt386_seek seek = {.size = sizeof seek,
                             .kind = RT386_SEEK_WRITE,
                             .at = {.space = RT386_PHYS, .at = at},
                             .n = 1,
                             .vector = -1};
    rt386_sighting found;
    rt386_place beginning = rt386_reverse_place(p.back);
    rt386_status st;
    unsigned times = 0;
    OK(&p, rt386_reverse_go(p.back, rt386_reverse_end(p.back)));
    while ((st = rt386_reverse_find(p.back, &seek, 1, false, &found)) == RT386_OK && times < 10000)
        times++;
    cr_assert_eq(st, RT386_E_NOTFOUND, "%s", rt386_error(p.r->m));
    cr_assert_gt(times, 0);
    cr_expect(found.which == 0);
    OK(&p, rt386_reverse_go(p.back, 5));
    OK(&p, rt386_reverse_find(p.back, &seek, 1, false, &found));
    cr_expect(found.by_kernel);
    cr_expect_neq(found.before[0], found.after[0]);
    cr_expect_eq(found.place.insns, beginning.insns);
    cr_expect_eq(found.place.clocks, beginning.clocks);
    past_end(&p);
}
