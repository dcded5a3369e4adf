/* reverse.c: to any place of a recorded run, and to the last one where something happened.
 *
 *   earlier place = the nearest keyframe or shot before it, and from there the run again
 *   last time     = keyframe by keyframe backwards, the run again up to where the next one began, with somebody looking
 *
 * A shot is a snapshot that is kept on the way to a place, so that the next one, which is mostly near, is not far. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reverse_inside.h"

/* --- nobody hears a run again --- */

void reverse_wire(rt386_reverse *r, bool looking)
{
    rt386 *m = r->m;
    m->cpu.obs = looking ? &r->look.cpu : NULL;
    m->rt_observer = looking ? r->look.kernel : (struct rt_observer){0};
    if (m->kernel) rt_kernel_observe(m->kernel, &m->rt_observer);
}

void reverse_hush(rt386_reverse *r)
{
    r->theirs = r->m->observer;
    memset(&r->m->observer, 0, sizeof r->m->observer);
    r->m->quiet = true;
    reverse_wire(r, false);
}

rt386_status reverse_speak(rt386_reverse *r, rt386_status status)
{
    bus_set_watcher(r->m->bus, NULL);
    r->look.first = false;
    r->m->observer = r->theirs;
    r->m->quiet = false;
    observe_wire(r->m);
    return status;
}

bool reverse_met(const rt386_reverse *r)
{
    return r->look.any && r->look.first;
}

#define PIECE 1000000u /* instructions between two questions */

/* Nothing of the trace is left, but it said so. */
static bool past_end(const rt386_reverse *r)
{
    rt386_place end = reverse_end_of(r), at = place_now(r->m);
    return at.insns <= end.insns && at.clocks > end.clocks;
}

/* Piece by piece, so that somebody can be asked. One may end early, in the middle of a long row of exceptions. */
static rt386_status run_pieces(rt386_reverse *r, uint64_t insns, uint64_t clocks, rt386_exit *why)
{
    for (;;) {
        if (r->ask && !r->ask(r->ask_ctx, r->again))
            return machine_fail(r->m, RT386_E_STATE, "ended on request");
        uint64_t piece = insns < PIECE ? insns : PIECE, from = r->m->cpu.s.insns;
        rt386_status st = rt386_run(r->m, piece, clocks, why);
        uint64_t done = r->m->cpu.s.insns - from;
        r->again += done;
        insns -= done;
        if (st != RT386_OK || why->kind != RT386_EXIT_BUDGET || !insns) return st;
        if (done < piece && past_end(r))
            return machine_fail(r->m, RT386_E_FORMAT, "the run ends later than the trace says");
    }
}

/* So many instructions at most, not past those clocks (0: any number). */
static rt386_status run(rt386_reverse *r, uint64_t insns, uint64_t clocks)
{
    rt386_exit why;
    if (r->m->record) return machine_fail(r->m, RT386_E_STATE, "a recording is under way");
    rt386_status st = run_pieces(r, insns, clocks, &why);
    if (st != RT386_OK) return st;
    if (replay_lost(r->m)) return machine_fail(r->m, RT386_E_STATE, "%s", why.text);
    bool ours = reverse_met(r) || r->enough;
    r->enough = false;
    if (ours) r->m->stop = 0;
    if (why.kind == RT386_EXIT_STOPPED && !ours)
        return machine_fail(r->m, RT386_E_STATE, "stopped on request");
    return RT386_OK;
}

/* On to those clocks, for places of as many instructions: where one more has retired there are none. */
static rt386_status run_clocks(rt386_reverse *r, uint64_t clocks)
{
    bool there = clocks == UINT64_MAX || r->m->cpu.s.clocks >= clocks;
    return there ? RT386_OK : run(r, 1, clocks);
}

/* --- places to begin from --- */

/* Without memory for it there is none. */
void reverse_shot(rt386_reverse *r)
{
    rt386 *m = r->m;
    struct shot *s = &r->shot[r->next_shot++ % SHOTS];
    s->bytes.n = 0;
    s->at = place_now(m);
    s->inputs = replay_inputs(m);
    if (record_shot(m, &s->bytes) == RT386_OK) return;
    buffer_free(&s->bytes);
}

/* It comes before the place, or is it. */
static bool leads_to(rt386_place from, rt386_place to)
{
    return from.insns < to.insns || (from.insns == to.insns && from.clocks <= to.clocks);
}

static const struct shot *best_shot(const rt386_reverse *r, rt386_place to)
{
    const struct shot *best = NULL;
    for (unsigned i = 0; i < SHOTS; i++) {
        const struct shot *s = &r->shot[i];
        if (s->bytes.n && leads_to(s->at, to) && (!best || leads_to(best->at, s->at))) best = s;
    }
    return best;
}

/* At the beginning the kernel has not looked at its programs yet: a run would let it do so first. */
void reverse_start(rt386_reverse *r)
{
    if (r->m->kernel && r->m->started) port_start(r->m);
}

static rt386_status load_unstarted(rt386_reverse *r, size_t chunk)
{
    struct buffer b = {0};
    rt386_status st = replay_keyframe(r->m, r->t, chunk, &b);
    if (st == RT386_OK) st = replay_jump(r->m, b.p + 8, b.n - 8, get64(b.p));
    buffer_free(&b);
    return st == RT386_OK ? replay_at_keyframe(r->m, r->t, chunk) : st;
}

static rt386_status load_keyframe(rt386_reverse *r, size_t chunk)
{
    rt386_status st = load_unstarted(r, chunk);
    if (st == RT386_OK) reverse_start(r);
    return st;
}

/* The last keyframe before so many instructions, or the first one. */
static bool keyframe_before(const rt386_reverse *r, uint64_t insns, size_t *chunk)
{
    return trace_keyframe_before(r->t, insns ? insns - 1 : 0, chunk) ||
           trace_keyframe_before(r->t, rt386_trace_describe(r->t).first, chunk);
}

/* The machine becomes one that comes before the place and is near, or stays if it is that. */
static rt386_status begin_near(rt386_reverse *r, rt386_place to)
{
    size_t chunk = 0;
    rt386_place at = place_now(r->m);
    const struct shot *s = best_shot(r, to);
    bool stay = leads_to(at, to) && !r->m->ended && !replay_lost(r->m);
    bool key = keyframe_before(r, to.insns, &chunk);
    uint64_t frame = key ? trace_chunk_insns(r->t, chunk) : 0;
    uint64_t held = s ? s->at.insns : 0;
    rt386_status st = RT386_OK;
    if (stay && (!s || leads_to(s->at, at)) && (!key || frame <= at.insns)) return RT386_OK;
    if (s && (!key || frame <= held))
        st = replay_jump(r->m, s->bytes.p, s->bytes.n, s->inputs);
    else if (key)
        st = load_keyframe(r, chunk);
    reverse_wire(r, false);
    return st;
}

/* On towards so many instructions, leaving shots closer and closer to them. */
static rt386_status run_near(rt386_reverse *r, uint64_t insns)
{
    static const uint64_t distance[] = {1u << 22, 1u << 18, 1u << 14, 1u << 10};
    rt386_status st = RT386_OK;
    for (unsigned i = 0; i < sizeof distance / sizeof *distance && st == RT386_OK; i++) {
        uint64_t at = r->m->cpu.s.insns, d = distance[i];
        if (insns < at || insns - at < 2 * d) continue;
        st = run(r, insns - at - d, 0);
        if (st == RT386_OK) reverse_shot(r);
    }
    return st;
}

rt386_status reverse_go(rt386_reverse *r, rt386_place to)
{
    if (place_same(place_now(r->m), to) && !r->m->ended) return RT386_OK;
    rt386_status st = begin_near(r, to);
    if (st == RT386_OK) st = run_near(r, to.insns);
    uint64_t at = r->m->cpu.s.insns;
    if (st == RT386_OK && at < to.insns) st = run(r, to.insns - at, to.clocks);
    if (st == RT386_OK) st = run_clocks(r, to.clocks);
    if (st != RT386_OK || place_same(place_now(r->m), to)) return st;
    return machine_fail(r->m, RT386_E_STATE,
                        "there is no place after %llu instructions, %llu clocks",
                        (unsigned long long)to.insns, (unsigned long long)to.clocks);
}

/* The first place after so many instructions. */
static rt386_status go_insns(rt386_reverse *r, uint64_t insns)
{
    /* One that has as many may come after an exception. */
    rt386_place before = {insns ? insns - 1 : 0, insns ? UINT64_MAX : 0};
    rt386_status st = begin_near(r, before);
    if (st == RT386_OK) st = run_near(r, insns);
    uint64_t at = r->m->cpu.s.insns;
    if (st == RT386_OK && at < insns) st = run(r, insns - at, 0);
    return st;
}

rt386_status reverse_first(rt386_reverse *r)
{
    size_t chunk;
    if (!trace_keyframe_before(r->t, rt386_trace_describe(r->t).first, &chunk))
        return machine_fail(r->m, RT386_E_NOTFOUND, "the trace has no keyframe");
    rt386_status st = load_keyframe(r, chunk);
    reverse_wire(r, false);
    return st;
}

rt386_status reverse_keyframe(rt386_reverse *r, uint64_t insns)
{
    size_t chunk;
    if (keyframe_before(r, insns, &chunk)) return load_unstarted(r, chunk);
    return machine_fail(r->m, RT386_E_NOTFOUND, "the trace has no keyframe");
}

rt386_status reverse_run_to(rt386_reverse *r, rt386_place to)
{
    uint64_t at = r->m->cpu.s.insns;
    rt386_status st = at < to.insns ? run(r, to.insns - at, to.clocks) : RT386_OK;
    return st == RT386_OK && !reverse_met(r) ? run_clocks(r, to.clocks) : st;
}

rt386_place reverse_end_of(const rt386_reverse *r)
{
    rt386_trace_info i = rt386_trace_describe(r->t);
    return (rt386_place){r->end, i.has_end ? i.clocks : UINT64_MAX};
}

bool reverse_at_end(const rt386_reverse *r)
{
    rt386_place end = reverse_end_of(r), here = place_now(r->m);
    if (r->m->ended || here.insns > end.insns) return true;
    return here.insns == end.insns && (end.clocks == UINT64_MAX || here.clocks >= end.clocks);
}

/* A shutdown takes no time, and behind HLT for ever none passes. */
rt386_status reverse_finish(rt386_reverse *r)
{
    rt386_trace_info i = rt386_trace_describe(r->t);
    bool broken_off = !i.has_end || i.end_kind == RT386_EXIT_BUDGET ||
                      i.end_kind == RT386_EXIT_TIME || i.end_kind == RT386_EXIT_STOPPED ||
                      i.end_kind == RT386_EXIT_BREAK;
    bool there = !r->m->ended && place_same(place_now(r->m), reverse_end_of(r));
    return there && !broken_off ? run(r, 1, 0) : RT386_OK;
}

/* --- instructions that begin --- */

static void count_begun(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    struct begun_count *b = ctx;
    (void)in;
    if (++b->n != b->wanted && b->wanted) return;
    b->at = (rt386_place){cpu->s.insns, cpu->s.clocks};
    if (!b->ends) return;
    b->ends->enough = true;
    rt386_stop(b->ends->m);
}

static void count_on(rt386_reverse *r, struct begun_count *b, uint64_t wanted)
{
    *b = (struct begun_count){.wanted = wanted};
    b->cpu = (struct cpu_observer){.ctx = b, .insn = count_begun};
    reverse_wire(r, false);
    r->m->cpu.obs = &b->cpu;
}

static uint64_t begun_by_now(const rt386_reverse *r)
{
    return r->m->cpu.s.insns + r->m->cpu.refusals;
}

/* From here to the place, with nobody looking: so many begin before it. */
static rt386_status count_to(rt386_reverse *r, rt386_place to, uint64_t *begun)
{
    uint64_t before = begun_by_now(r);
    r->look = (struct look){0};
    rt386_status st = reverse_run_to(r, to);
    *begun = begun_by_now(r) - before;
    return st;
}

/* On to where the n-th one from here begins, and no further than that place. */
static rt386_status go_begun(rt386_reverse *r, uint64_t n, rt386_place most)
{
    struct begun_count b;
    count_on(r, &b, n);
    b.ends = r;
    uint64_t at = r->m->cpu.s.insns;
    rt386_status st = at < most.insns ? run(r, most.insns - at, most.clocks) : RT386_OK;
    if (st == RT386_OK && b.n < n) st = run_clocks(r, most.clocks);
    reverse_wire(r, false);
    return st == RT386_OK ? reverse_go(r, b.at) : st;
}

/* Most of it is run through once, as fast as can be; what is looked at one by one are as many as were refused there, and
 * one or two more. */
rt386_status reverse_back_from(rt386_reverse *r, rt386_place from, uint64_t n)
{
    uint64_t base = from.insns > n ? from.insns - n - 1 : 0;
    if (base < rt386_trace_describe(r->t).first) base = rt386_trace_describe(r->t).first;
    rt386_status st = go_insns(r, base);
    rt386_place start = place_now(r->m);
    if (st != RT386_OK) return st;
    reverse_shot(r);
    st = count_to(r, from, &r->counted);
    if (st != RT386_OK) return st;
    if (r->counted < n) {
        st = reverse_first(r);
        return st == RT386_OK ? RT386_E_NOTFOUND : st;
    }
    st = reverse_go(r, start);
    return st == RT386_OK ? go_begun(r, r->counted - n + 1, from) : st;
}

/* Up to the end of the trace at most; there may be exceptions behind its last instruction. */
static rt386_status step_from(rt386_reverse *r, uint64_t n)
{
    rt386_place start = place_now(r->m);
    if (reverse_at_end(r)) return RT386_E_NOTFOUND;
    uint64_t most = r->end - start.insns < n ? r->end - start.insns : n;
    reverse_shot(r);
    r->look = (struct look){0};
    struct begun_count b;
    count_on(r, &b, n + 1);
    b.ends = r;
    rt386_status st = most ? run(r, most, 0) : RT386_OK;
    if (st == RT386_OK && b.n < n) st = run_clocks(r, reverse_end_of(r).clocks);
    reverse_wire(r, false);
    if (st == RT386_OK && b.n > n) return reverse_go(r, b.at);
    return st == RT386_OK && b.n < n ? RT386_E_NOTFOUND : st;
}

/* --- for others --- */

rt386_status rt386_reverse_open(rt386 *m, rt386_trace *t, rt386_reverse **reverse)
{
    const rt386_replay_options o = {
        .size = sizeof o, .keyframe = true, .from = rt386_trace_describe(t).first};
    rt386_reverse *r = calloc(1, sizeof *r);
    *reverse = NULL;
    if (!r) return machine_fail(m, RT386_E_NOMEM, "the host has no memory for the way back");
    *r = (rt386_reverse){.m = m, .t = t, .end = rt386_trace_describe(t).insns};
    rt386_status st = rt386_replay_begin(m, t, &o);
    if (st != RT386_OK) {
        free(r);
        return st;
    }
    reverse_hush(r);
    reverse_start(r);
    *reverse = r;
    return reverse_speak(r, st);
}

void rt386_reverse_close(rt386_reverse *r)
{
    if (!r) return;
    (void)rt386_replay_end(r->m, NULL);
    for (unsigned i = 0; i < SHOTS; i++)
        buffer_free(&r->shot[i].bytes);
    free(r);
}

void rt386_reverse_look(rt386_reverse *r, rt386_look look, void *ctx)
{
    r->ask = look;
    r->ask_ctx = ctx;
}

rt386_place rt386_reverse_place(const rt386_reverse *r)
{
    return place_now(r->m);
}

uint64_t rt386_reverse_end(const rt386_reverse *r)
{
    return r->end;
}

static rt386_status check_range(const rt386_reverse *r, rt386_place p)
{
    uint64_t first = rt386_trace_describe(r->t).first;
    if (p.insns >= first && p.insns <= r->end && p.clocks <= reverse_end_of(r).clocks)
        return RT386_OK;
    return machine_fail(r->m, RT386_E_RANGE, "the trace holds instructions %llu to %llu",
                        (unsigned long long)first, (unsigned long long)r->end);
}

rt386_status rt386_reverse_go(rt386_reverse *r, uint64_t insns)
{
    rt386_status st = check_range(r, (rt386_place){.insns = insns});
    if (st != RT386_OK) return st;
    rt386_place end = reverse_end_of(r);
    bool at_end = insns == r->end && end.clocks != UINT64_MAX;
    reverse_hush(r);
    st = at_end ? reverse_go(r, end) : go_insns(r, insns);
    return reverse_speak(r, st == RT386_OK && at_end ? reverse_finish(r) : st);
}

rt386_status rt386_reverse_return(rt386_reverse *r, rt386_place place)
{
    rt386_status st = check_range(r, place);
    if (st != RT386_OK) return st;
    reverse_hush(r);
    return reverse_speak(r, reverse_go(r, place));
}

rt386_status rt386_reverse_back(rt386_reverse *r, uint64_t n)
{
    if (!n) return RT386_OK;
    reverse_hush(r);
    return reverse_speak(r, reverse_back_from(r, place_now(r->m), n));
}

rt386_status rt386_reverse_back_from_end(rt386_reverse *r, uint64_t n)
{
    if (!n) return RT386_OK;
    rt386_place end = reverse_end_of(r);
    rt386_status st = RT386_OK;
    reverse_hush(r);
    if (end.clocks == UINT64_MAX) { /* cut off: where that is has to be seen */
        st = go_insns(r, end.insns);
        end = place_now(r->m);
    }
    return reverse_speak(r, st == RT386_OK ? reverse_back_from(r, end, n) : st);
}

uint64_t rt386_reverse_counted(const rt386_reverse *r)
{
    return r->counted;
}

rt386_status rt386_reverse_step(rt386_reverse *r, uint64_t n)
{
    if (!n) return RT386_OK;
    reverse_hush(r);
    return reverse_speak(r, step_from(r, n));
}
