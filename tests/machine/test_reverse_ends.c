/* test_reverse_ends.c: back in time, up to where a trace ends and begins, in idle time, and in traces that say wrong things. */
#include "past.h"

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
