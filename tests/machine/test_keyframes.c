/* test_keyframes.c: a trace is the same run from each of its keyframes on, on a machine that has nothing but the trace. */
#include <rt386/trace.h>
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"
#include "machine.h"
#include "recorded.h"
#include "trace_inside.h"

#define PLACES 5u /* where replays begin */

/* A machine out of the trace alone, at the keyframe at or before `from`. */
static struct run *replay(rt386_trace *t, uint64_t from, bool verify)
{
    rt386_config config = {.size = sizeof config};
    bool network;
    cr_assert_eq(rt386_trace_config(t, &config, &network), RT386_OK);
    struct run *r = run_new(&config, network);
    const rt386_replay_options o = {
        .size = sizeof o, .verify = verify, .keyframe = true, .from = from};
    cr_assert_eq(rt386_replay_begin(r->m, t, &o), RT386_OK, "%s", rt386_error(r->m));
    cr_assert_leq(rt386_insns(r->m), from);
    return r;
}

static void same_from(const char *guest, const struct run *want, rt386_trace *t, uint64_t from)
{
    rt386_divergence v;
    struct run *r = replay(t, from, true);
    uint64_t at = rt386_insns(r->m), left = rt386_insns(want->m) - at;
    cr_assert_lt(from - at, 9001u);
    if (left) cr_assert_eq(rt386_run(r->m, left, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_replay_end(r->m, &v), RT386_OK);
    cr_assert(!v.diverged, "%s from %llu: another way at %llu%s", guest, (unsigned long long)at,
              (unsigned long long)v.insns, v.digest ? ", a digest" : "");
    cr_expect_eq(rt386_insns(r->m), rt386_insns(want->m), "%s", guest);
    cr_expect_eq(rt386_clocks(r->m), rt386_clocks(want->m), "%s", guest);
    cr_assert_leq(r->n, want->n);
    cr_expect(!memcmp(r->said, want->said + want->n - r->n, r->n), "%s: other text", guest);
    uint64_t last = (rt386_insns(want->m) - 1) / 2003 * 2003;
    cr_expect_eq(v.digest_equal, last > at ? last : 0, "%s from %llu: digests equal up to %llu",
                 guest, (unsigned long long)at, (unsigned long long)v.digest_equal);
    run_free(r);
}

static void check(const char *guest)
{
    for (int instructions = 0; instructions < 2; instructions++) {
        struct bytes b = {0};
        struct run *want = record(guest, instructions, &b);
        for (unsigned i = 0; i < PLACES; i++) {
            rt386_trace *t = bytes_open(&b);
            same_from(guest, want, t, rt386_insns(want->m) * i / PLACES);
            rt386_trace_close(t);
        }
        run_free(want);
        free(b.p);
    }
}

#define GUEST(name, file)                                                                          \
    Test(keyframes, name)                                                                          \
    {                                                                                              \
        check(file);                                                                               \
    }
GUEST(ring0_faults, "ring0/ring0_faults.elf")
GUEST(ring0_interrupts, "ring0/ring0_interrupts.elf")
GUEST(ring0_paging, "ring0/ring0_paging.elf")
GUEST(ring0_tasks, "ring0/ring0_tasks.elf")
GUEST(ring0_v86, "ring0/ring0_v86.elf")
GUEST(intime, "demo/hello.rta")
GUEST(intime_elf, "demo/share_a.elf")
GUEST(intime_threads, "conformance/threads.rta")
GUEST(intime_exceptions, "conformance/exceptions.rta")
GUEST(intime_interrupts, "conformance/interrupts.rta")
GUEST(intime_simd, "conformance/sse2.rta")

/* --- what differs is told --- */

/* A byte of memory that nothing looks at before the next digest: only that can tell. */
Test(keyframes, a_digest_tells_what_no_instruction_shows)
{
    struct bytes b = {0};
    struct run *want = record("conformance/threads.rta", true, &b);
    rt386_divergence v;
    rt386_trace *t = bytes_open(&b);
    struct run *r = replay(t, 0, false);
    const rt386_addr at = {.space = RT386_PHYS, .at = 31u << 20};
    cr_assert_eq(rt386_run(r->m, 5000, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_poke(r->m, at, "x", 1), RT386_OK);
    cr_assert_eq(rt386_run(r->m, 5000, 0, &r->end), RT386_OK);
    cr_expect_eq(r->end.kind, RT386_EXIT_DIVERGED);
    cr_assert_eq(rt386_replay_end(r->m, &v), RT386_OK);
    cr_expect(v.diverged && v.digest && !v.input);
    cr_expect_eq(v.insns, 6009u);
    cr_expect_eq(v.digest_equal, 4006u);
    run_free(r);
    run_free(want);
    rt386_trace_close(t);
    free(b.p);
}

/* A run in parts is the run in one piece: how often somebody looks changes nothing. */
Test(keyframes, parts_change_no_digest)
{
    struct bytes b = {0};
    rt386_divergence v;
    struct run *want = record("conformance/threads.rta", false, &b);
    rt386_trace *t = bytes_open(&b);
    struct run *r = replay(t, 0, false);
    while (rt386_insns(r->m) < rt386_insns(want->m))
        cr_assert_eq(rt386_run(r->m, 137, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_replay_end(r->m, &v), RT386_OK);
    cr_expect(!v.diverged);
    cr_expect_gt(v.digest_equal, 100000u);
    run_free(r);
    run_free(want);
    rt386_trace_close(t);
    free(b.p);
}

/* Behind the trace's end a replay goes on as the run would have. */
Test(keyframes, a_replay_goes_on_behind_its_trace)
{
    struct bytes b = {0};
    struct run *want = record("conformance/threads.rta", true, &b);
    rt386_config config = {.size = sizeof config};
    bool network;
    rt386_trace *t = bytes_open(&b);
    cr_assert_eq(rt386_trace_config(t, &config, &network), RT386_OK);
    struct run *r = run_new(&config, network);
    const rt386_replay_options o = {
        .size = sizeof o, .live = true, .keyframe = true, .from = INSNS};
    cr_assert_eq(rt386_replay_begin(r->m, t, &o), RT386_OK, "%s", rt386_error(r->m));
    uint64_t more = rt386_insns(want->m) - rt386_insns(r->m) + 50000;
    cr_assert_eq(rt386_run(r->m, more, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_replay_end(r->m, NULL), RT386_OK);
    cr_assert_eq(rt386_run(want->m, 50000, 0, &want->end), RT386_OK);
    cr_expect_eq(rt386_insns(r->m), rt386_insns(want->m));
    cr_expect_eq(rt386_clocks(r->m), rt386_clocks(want->m));
    cr_expect_eq(reg(r->m, "eip"), reg(want->m, "eip"));
    cr_expect_eq(reg(r->m, "esp"), reg(want->m, "esp"));
    run_free(r);
    run_free(want);
    rt386_trace_close(t);
    free(b.p);
}

Test(keyframes, a_damaged_keyframe_is_refused)
{
    struct bytes b = {0};
    char why[200];
    rt386_config config = {.size = sizeof config};
    bool network;
    struct run *want = record("demo/hello.rta", true, &b);
    for (size_t i = 0; i + 4 < b.n; i++)
        if (!memcmp(b.p + i, "KEYF", 4)) b.p[i + 100] ^= 1;
    char *name = bytes_file(&b);
    rt386_trace *t = NULL;
    cr_assert_eq(rt386_trace_open(name, &t, why, sizeof why), RT386_OK, "%s", why);
    cr_expect_eq(rt386_trace_config(t, &config, &network), RT386_E_FORMAT);
    const rt386_replay_options o = {.size = sizeof o, .keyframe = true};
    config = (rt386_config){.size = sizeof config};
    struct run *r = run_new(&config, false);
    cr_expect_eq(rt386_replay_begin(r->m, t, &o), RT386_E_FORMAT);
    cr_expect_neq(rt386_error(r->m)[0], 0);
    run_free(r);
    run_free(want);
    rt386_trace_close(t);
    remove(name);
    free(name);
    free(b.p);
}

/* Nothing is left behind by a replay that does not begin. */
Test(keyframes, damaged_digests_are_refused)
{
    struct bytes b = {0}, other = {0};
    struct run *want = record("demo/hello.rta", true, &b);
    for (size_t i = 0; i + 64 < b.n; i++)
        if (!memcmp(b.p + i, "DIGE", 4)) b.p[i + 60] ^= 1;
    rt386_trace *t = bytes_open(&b);
    rt386_config config = {.size = sizeof config};
    struct run *r = run_new(&config, false);
    const rt386_replay_options o = {.size = sizeof o, .keyframe = true, .verify = true};
    cr_expect_eq(rt386_replay_begin(r->m, t, &o), RT386_E_FORMAT);
    cr_expect_neq(rt386_error(r->m)[0], 0);
    const rt386_record_options how = {.size = sizeof how, .put = bytes_put, .put_ctx = &other};
    cr_expect_eq(rt386_record_begin(r->m, &how), RT386_OK, "%s", rt386_error(r->m));
    run_free(r);
    run_free(want);
    rt386_trace_close(t);
    free(b.p);
    free(other.p);
}

/* A keyframe of 17 MB takes two chunks: with only the first one of them there, the one before it is the last. */
Test(keyframes, one_that_was_cut_off_is_left_out)
{
    struct bytes b = {0}, cut = {0};
    struct run *want = record("demo/hello.rta", false, &b);
    rt386_trace *t = bytes_open(&b);
    rt386_config config = {.size = sizeof config};
    bool network;
    struct chunk_writer w;
    cr_assert(chunk_begin(&w, bytes_put, &cut));
    w.plain = true;
    for (size_t i = 0; i < t->file.count; i++) {
        const struct chunk *c = &t->file.chunk[i];
        struct buffer raw = {0};
        cr_assert_null(chunk_read(&t->file, i, &raw));
        if (c->tag != CHUNK_END) cr_assert(chunk_put(&w, c->tag, c->insns, c->items, raw.p, raw.n));
        buffer_free(&raw);
    }
    size_t whole = cut.n + CHUNK_HEADER + CHUNK_RAW_MAX;
    void *zeros = calloc(17, 1u << 20);
    cr_assert(chunk_put(&w, CHUNK_KEYFRAME, rt386_insns(want->m), 1, zeros, 17u << 20));
    cr_assert_lt(whole, cut.n);
    cut.n = whole;
    free(zeros);
    chunk_writer_free(&w);
    rt386_trace_close(t);
    t = bytes_open(&cut);
    cr_expect(!rt386_trace_describe(t).whole);
    cr_assert_eq(rt386_trace_config(t, &config, &network), RT386_OK);
    struct run *r = run_new(&config, network);
    const rt386_replay_options o = {.size = sizeof o, .keyframe = true, .from = UINT64_MAX};
    cr_expect_eq(rt386_replay_begin(r->m, t, &o), RT386_OK, "%s", rt386_error(r->m));
    run_free(r);
    run_free(want);
    rt386_trace_close(t);
    free(b.p);
    free(cut.p);
}

/* --- what cannot be made is told --- */

/* No snapshot can be made of it: neither keyframe nor digest. */
static void spoil(rt386 *m)
{
    m->environment_size = ENVIRONMENT_MAX + 1;
}

Test(keyframes, a_digest_that_cannot_be_made_ends_a_replay)
{
    struct bytes b = {0};
    struct run *want = record("conformance/threads.rta", false, &b);
    rt386_divergence v;
    rt386_trace *t = bytes_open(&b);
    struct run *r = replay(t, 0, false);
    unsigned size = r->m->environment_size;
    cr_assert_eq(rt386_run(r->m, 1000, 0, &r->end), RT386_OK);
    spoil(r->m);
    cr_expect_eq(rt386_run(r->m, 5000, 0, &r->end), RT386_E_STATE);
    cr_expect_eq(rt386_insns(r->m), 2003u);
    cr_expect_neq(rt386_error(r->m)[0], 0);
    r->m->environment_size = size; /* there is memory again: the digest is compared after all */
    cr_expect_eq(rt386_run(r->m, 3000, 0, &r->end), RT386_OK);
    cr_assert_eq(rt386_replay_end(r->m, &v), RT386_OK);
    cr_expect(!v.diverged);
    cr_expect_eq(v.digest_equal, 4006u);
    run_free(r);
    run_free(want);
    rt386_trace_close(t);
    free(b.p);
}

Test(keyframes, one_that_cannot_be_made_ends_the_recording)
{
    for (unsigned digest = 0; digest < 3; digest++) {
        struct bytes b = {0};
        const rt386_record_options o = {.size = sizeof o,
                                        .put = bytes_put,
                                        .put_ctx = &b,
                                        .instructions = true,
                                        .keyframe_every = digest == 1 ? 0 : 2000,
                                        .digest_every = digest == 1 ? 2000 : 0};
        rt386_config config = {.size = sizeof config};
        struct run *r = run_new(&config, false);
        cr_assert_eq(rt386_load_file(r->m, guest_path("demo/limit.rta"), NULL), RT386_OK);
        unsigned size = r->m->environment_size;
        if (digest == 2) spoil(r->m);
        rt386_status st = rt386_record_begin(r->m, &o);
        cr_expect_eq(st, digest == 2 ? RT386_E_NOMEM : RT386_OK);
        spoil(r->m);
        cr_assert_eq(rt386_run(r->m, 3000, 0, &r->end), digest == 2 ? RT386_OK : RT386_E_NOMEM);
        if (digest != 2) {
            cr_expect_eq(rt386_record_flush(r->m), RT386_E_NOMEM);
            cr_expect_eq(rt386_record_end(r->m, &r->end), RT386_E_NOMEM);
        }
        cr_expect_neq(rt386_error(r->m)[0], 0);
        r->m->environment_size = size;
        run_free(r);
        free(b.p);
    }
}

/* 2.5 GB of parts in a small file, and as many digests: refused before the host's memory is used up. */
static void hostile_parts(uint32_t tag, unsigned parts, uint32_t flags)
{
    struct bytes head = {0}, part = {0};
    struct run *want = record("demo/hello.rta", false, &head);
    rt386_trace *t = bytes_open(&head);
    rt386_config config = {.size = sizeof config};
    bool network;
    struct chunk_writer w;
    void *zeros = calloc(2, CHUNK_RAW_MAX);
    head.n = (size_t)t->file.chunk[1].at;
    cr_assert(chunk_begin(&w, bytes_put, &part));
    size_t from = part.n;
    cr_assert(chunk_put(&w, tag, 0, 1, zeros, CHUNK_RAW_MAX + (flags ? 1u : 0u)));
    size_t n = CHUNK_HEADER + get32(part.p + from + 8);
    for (unsigned i = 0; i < parts; i++)
        bytes_put(&head, part.p + from, n);
    bytes_put(&head, part.p + from + (flags ? n : 0), part.n - from - (flags ? n : 0));
    cr_assert_lt(head.n, 1u << 20);
    rt386_trace_close(t);
    t = bytes_open(&head);
    struct run *r = run_new(&config, false);
    const rt386_replay_options o = {.size = sizeof o, .keyframe = flags != 0};
    cr_assert_eq(rt386_load_file(r->m, guest_path("demo/hello.rta"), NULL), RT386_OK);
    if (flags) cr_expect_eq(rt386_trace_config(t, &config, &network), RT386_E_FORMAT);
    cr_expect_eq(rt386_replay_begin(r->m, t, &o), RT386_E_FORMAT);
    cr_expect(strstr(rt386_error(r->m), flags ? "larger than any machine" : "more than"), "%s",
              rt386_error(r->m));
    run_free(r);
    run_free(want);
    rt386_trace_close(t);
    chunk_writer_free(&w);
    free(zeros);
    free(head.p);
    free(part.p);
}

Test(keyframes, one_larger_than_any_machine_is_refused)
{
    hostile_parts(CHUNK_KEYFRAME, 160, CHUNK_MORE);
}

Test(keyframes, more_digests_than_can_be_are_refused)
{
    hostile_parts(CHUNK_DIGESTS, 160, 0);
}
