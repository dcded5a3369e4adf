/* test_reverse_cost.c: how much of a run is made again to go back in it, and keyframes by what a guest costs. */
#include "past.h"
#include "reverse_inside.h"

#define KEYFRAMES 9001u /* instructions from one to the next: recorded.h */

/* Instructions of `n` before the end that were refused: they are looked at one by one. */
static uint64_t refused_of(const struct past *p, uint64_t n)
{
    const struct seen *s = &p->seen;
    return s->n - (p->end.insns - s->begun[0].at.insns) + (n < s->n ? 0 : 1);
}

/* From the end of a trace that nobody has looked at yet: to a keyframe before the place, from there to the end, once. */
static void costs_once(const char *guest)
{
    for (unsigned share = 1; share < 6; share += 2) {
        struct past *p = calloc(1, sizeof *p);
        past_begin(p, guest);
        uint64_t n = p->seen.n * share / 6, again = p->back->again;
        OK(p, rt386_reverse_back_from_end(p->back, n));
        stands_at(p, &p->seen.begun[p->seen.n - n]);
        again = p->back->again - again;
        cr_expect_leq(again, n + KEYFRAMES + 2 * refused_of(p, n) + 8, "%s: %llu for %llu", guest,
                      (unsigned long long)again, (unsigned long long)n);
        /* and one more is found near it */
        again = p->back->again;
        OK(p, rt386_reverse_back(p->back, 1));
        stands_at(p, &p->seen.begun[p->seen.n - n - 1]);
        cr_expect_leq(p->back->again - again, 2048u + refused_of(p, n), "%s", guest);
        past_end(p);
        free(p);
    }
}

#define GUEST(name, file)                                                                          \
    Test(reverse_cost, name)                                                                       \
    {                                                                                              \
        costs_once(file);                                                                          \
    }
GUEST(ring0_faults, "ring0/ring0_faults.elf")
GUEST(ring0_interrupts, "ring0/ring0_interrupts.elf")
GUEST(ring0_tasks, "ring0/ring0_tasks.elf")
GUEST(intime_threads, "conformance/threads.rta")
GUEST(intime_exceptions, "conformance/exceptions.rta")
GUEST(intime_interrupts, "conformance/interrupts.rta")

Test(reverse_cost, further_than_the_beginning)
{
    struct past *p = calloc(1, sizeof *p);
    past_begin(p, "ring0/ring0_faults.elf");
    cr_expect_eq(rt386_reverse_back_from_end(p->back, p->seen.n + 1), RT386_E_NOTFOUND);
    cr_expect_eq(rt386_reverse_counted(p->back), p->seen.n);
    stands_at(p, &p->seen.begun[0]);
    OK(p, rt386_reverse_back_from_end(p->back, p->seen.n));
    stands_at(p, &p->seen.begun[0]);
    past_end(p);
    free(p);
}

/* --- keyframes by what the guest costs --- */

static void record_paced(struct run *r, uint64_t us, struct bytes *to)
{
    const rt386_record_options o = {.size = sizeof o,
                                    .put = bytes_put,
                                    .put_ctx = to,
                                    .keyframe_every = UINT64_MAX,
                                    .keyframe_us = us};
    cr_assert_eq(rt386_load_file(r->m, guest_path("conformance/threads.rta"), NULL), RT386_OK);
    cr_assert_eq(rt386_record_begin(r->m, &o), RT386_OK, "%s", rt386_error(r->m));
    for (unsigned i = 0; i < 60; i++) /* time between two runs does not count */
        cr_assert_eq(rt386_run(r->m, 2000, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_record_end(r->m, &r->end), RT386_OK, "%s", rt386_error(r->m));
}

static unsigned keyframes_of(const rt386_trace *t, uint64_t at[64])
{
    unsigned n = 0;
    size_t chunk;
    for (uint64_t to = UINT64_MAX; n < 64 && trace_keyframe_before(t, to, &chunk);
         to = at[n++] - 1) {
        at[n] = trace_chunk_insns(t, chunk);
        if (!at[n]) return n + 1;
    }
    return n;
}

/* Where they are is the host's doing; that the run is the same is not. */
Test(reverse_cost, keyframes_by_time)
{
    struct bytes b = {0}, without = {0};
    rt386_config config = {.size = sizeof config};
    uint64_t at[64];
    struct run *was = run_new(&config, false);
    record_paced(was, 1, &b);
    rt386_trace *t = bytes_open(&b);
    unsigned n = keyframes_of(t, at);
    cr_assert_gt(n, 1u, "the first one, and one by time");
    cr_expect_eq(at[n - 1], 0u);
    for (unsigned i = 0; i + 1 < n; i++)
        cr_expect_geq(at[i] - at[i + 1], 50000u, "the clock is not looked at more often");
    for (unsigned i = 0; i < n; i++) {
        bool network;
        rt386_divergence v;
        config = (rt386_config){.size = sizeof config};
        cr_assert_eq(rt386_trace_config(t, &config, &network), RT386_OK);
        struct run *r = run_new(&config, network);
        const rt386_replay_options o = {.size = sizeof o, .keyframe = true, .from = at[i]};
        cr_assert_eq(rt386_replay_begin(r->m, t, &o), RT386_OK, "%s", rt386_error(r->m));
        cr_assert_eq(rt386_insns(r->m), at[i]);
        cr_assert_eq(rt386_run(r->m, rt386_insns(was->m) - at[i], 0, &r->end), RT386_OK);
        cr_expect_eq(rt386_clocks(r->m), rt386_clocks(was->m));
        cr_expect_eq(registers(r->m), registers(was->m));
        cr_assert_eq(rt386_replay_end(r->m, &v), RT386_OK);
        cr_expect(!v.diverged);
        run_free(r);
    }
    rt386_trace_close(t);
    config = (rt386_config){.size = sizeof config};
    struct run *plain = run_new(&config, false);
    record_paced(plain, 0, &without);
    t = bytes_open(&without);
    cr_expect_eq(keyframes_of(t, at), 1u);
    cr_expect_eq(rt386_clocks(plain->m), rt386_clocks(was->m));
    rt386_trace_close(t);
    run_free(plain);
    run_free(was);
    free(b.p);
    free(without.p);
}
