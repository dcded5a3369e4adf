/* replay.c: a run again, with what came from outside out of its trace, compared with it on the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rt386/snapshot.h>

#include "outside.h"
#include "record.h"

struct replay {
    rt386 *m;
    rt386_trace *t;
    struct trace_inputs inputs;
    bool verify;
    bool over; /* the trace was cut, or its run broken off, and all of it is compared */
    rt386_trace_info recorded;
    struct trace_one_digest *digest; /* of the trace */
    size_t digests, next_digest;
    uint64_t digest_equal; /* instructions at the last one that was */
    struct buffer shot;
    uint64_t skipped;        /* inputs before the place where it began */
    uint64_t inputs_at_last; /* inputs up to the last equal instruction */
    uint64_t equal;          /* instructions that were equal */
    rt386_divergence found;
    rt386_trace_item last[RT386_REPLAY_LAST]; /* a ring */
};

/* --- comparison --- */

static void diverge(struct replay *p, const rt386_trace_item *actual,
                    const rt386_trace_item *expected)
{
    rt386_divergence *d = &p->found;
    if (d->diverged) return;
    d->diverged = true;
    d->insns = p->m->cpu.s.insns;
    d->after_input = p->m->outside.count != p->inputs_at_last;
    d->has_expected = expected != NULL;
    if (expected) d->expected = *expected;
    d->has_actual = actual != NULL;
    if (actual) d->actual = *actual;
    if (d->damaged)
        machine_end(p->m, RT386_EXIT_DIVERGED, 0, "the trace is damaged: %s",
                    rt386_trace_error(p->t));
    else
        machine_end(p->m, RT386_EXIT_DIVERGED, 0,
                    "the run goes another way than the trace at instruction %llu",
                    (unsigned long long)d->insns);
}

/* The trace was cut, or the run did not end by itself: nobody knows how it would have gone on. */
static bool broken_off(const rt386_trace_info *i)
{
    return !i->has_end || i->end_kind == RT386_EXIT_BUDGET || i->end_kind == RT386_EXIT_TIME ||
           i->end_kind == RT386_EXIT_STOPPED || i->end_kind == RT386_EXIT_BREAK ||
           i->end_kind == RT386_EXIT_DIVERGED;
}

/* What the trace says comes next. False: the comparison is over. */
static bool expected(struct replay *p, const rt386_trace_item *actual, rt386_trace_item *item)
{
    if (p->found.diverged || p->over) return false;
    rt386_status st = rt386_trace_next(p->t, item);
    if (st == RT386_OK) return true;
    p->over = st == RT386_E_NOTFOUND && broken_off(&p->recorded);
    p->found.damaged = st != RT386_E_NOTFOUND;
    if (!p->over) diverge(p, actual, NULL);
    return false;
}

static bool same_insn(const rt386_trace_insn *a, const rt386_trace_insn *b)
{
    return a->code32 == b->code32 && a->clocks == b->clocks && rt386_trace_same_insn(a, b);
}

void replay_insn(struct replay *p, const rt386_trace_insn *in)
{
    rt386_trace_item want, have = {.kind = RT386_TRACE_INSN, .insn = *in};
    have.insns = p->m->cpu.s.insns - 1;
    have.clocks = p->m->cpu.s.clocks - in->clocks;
    if (!expected(p, &have, &want)) return;
    have.insn.before = want.kind == RT386_TRACE_INSN ? want.insn.before : in->after;
    have.insn.cs = p->m->cpu.s.seg[CS].sel;
    if (want.kind != RT386_TRACE_INSN || want.insns != have.insns || want.clocks != have.clocks ||
        !same_insn(in, &want.insn)) {
        diverge(p, &have, &want);
        return;
    }
    p->last[p->equal++ % RT386_REPLAY_LAST] = want;
    p->inputs_at_last = p->m->outside.count;
}

void replay_field(struct replay *p, unsigned index, uint64_t value)
{
    rt386_trace_item want, have = {.kind = RT386_TRACE_FIELD, .insns = p->m->cpu.s.insns};
    have.clocks = p->m->cpu.s.clocks;
    have.field.index = index;
    have.field.after = value;
    if (!expected(p, &have, &want)) return;
    if (want.kind != RT386_TRACE_FIELD || want.field.index != index || want.field.after != value)
        diverge(p, &have, &want);
}

void replay_item(struct replay *p, const rt386_trace_item *item)
{
    rt386_trace_item want, have = *item;
    have.insns = p->m->cpu.s.insns;
    have.clocks = p->m->cpu.s.clocks;
    if (!expected(p, &have, &want)) return;
    /* An access may be told of when its instruction has already retired. */
    bool placed =
        item->kind == RT386_TRACE_MEM || (want.insns == have.insns && want.clocks == have.clocks);
    if (!placed || !rt386_trace_same_item(&have, &want)) diverge(p, &have, &want);
}

/* --- the end --- */

/* The run has gone on behind the place where the recorded one ended by itself. */
static bool behind_end(const struct replay *p)
{
    const struct i386_state *s = &p->m->cpu.s;
    const rt386_trace_info *i = &p->recorded;
    if (broken_off(i) || p->m->outside.live || p->m->ended) return false;
    return s->insns > i->insns || (s->insns == i->insns && s->clocks > i->clocks);
}

/* The run ended by itself, otherwise than the recorded one or before it. With inputs of the host it may. */
static bool ended_otherwise(const struct replay *p)
{
    const struct rt386 *m = p->m;
    const rt386_trace_info *i = &p->recorded;
    if (!m->ended || m->outside.live) return false;
    if (broken_off(i)) return m->cpu.s.insns < i->insns;
    return m->end.kind != i->end_kind || m->end.code != i->end_code || m->cpu.s.insns != i->insns ||
           m->cpu.s.clocks != i->clocks;
}

static void diverge_at_end(struct replay *p)
{
    p->found.end = true;
    if (p->m->ended) snprintf(p->found.ended, sizeof p->found.ended, "%s", p->m->end.text);
    diverge(p, NULL, NULL);
}

/* --- digests of the whole state --- */

rt386_status replay_tick(rt386 *m)
{
    struct replay *p = m->replay;
    uint64_t have = 0;
    if (p->found.diverged) return RT386_OK;
    if (behind_end(p)) {
        diverge_at_end(p);
        return RT386_OK;
    }
    if (p->next_digest == p->digests) return RT386_OK;
    const struct trace_one_digest *d = &p->digest[p->next_digest];
    if (m->cpu.s.insns != d->insns) return RT386_OK;
    rt386_status st = machine_digest(m, &p->shot, &have);
    if (st != RT386_OK) return st;
    p->next_digest++;
    if (m->cpu.s.clocks == d->clocks && have == d->digest) {
        p->digest_equal = d->insns;
        return RT386_OK;
    }
    p->found.digest = true;
    diverge(p, NULL, NULL);
    return RT386_OK;
}

uint64_t replay_steps(const rt386 *m)
{
    const struct replay *p = m->replay;
    uint64_t now = m->cpu.s.insns, end = p->recorded.insns, most = UINT64_MAX;
    if (!broken_off(&p->recorded) && end >= now) most = end - now + 1;
    if (p->next_digest == p->digests) return most;
    uint64_t at = p->digest[p->next_digest].insns;
    return at > now && at - now < most ? at - now : most;
}

/* --- keyframes --- */

/* A keyframe, behind the number of inputs before it. */
rt386_status replay_keyframe(rt386 *m, rt386_trace *t, size_t chunk, struct buffer *to)
{
    const char *why = trace_keyframe_read(t, chunk, to);
    if (!why && to->n < 8) why = "a keyframe is too short";
    return why ? machine_fail(m, RT386_E_FORMAT, "%s", why) : RT386_OK;
}

/* Whoever looks for places relies on where a trace says that its keyframes are. */
rt386_status replay_at_keyframe(rt386 *m, const rt386_trace *t, size_t chunk)
{
    uint64_t says = trace_chunk_insns(t, chunk);
    return m->cpu.s.insns == says
               ? RT386_OK
               : machine_fail(m, RT386_E_FORMAT,
                              "the trace has a keyframe of instruction %llu at instruction %llu",
                              (unsigned long long)m->cpu.s.insns, (unsigned long long)says);
}

/* The machine as the keyframe has it. *skip: inputs before it. */
static rt386_status begin_at(rt386 *m, rt386_trace *t, uint64_t from, uint64_t *skip)
{
    struct buffer b = {0};
    size_t chunk;
    if (!trace_keyframe_before(t, from, &chunk))
        return machine_fail(m, RT386_E_NOTFOUND,
                            "the trace has no keyframe at or before instruction %llu",
                            (unsigned long long)from);
    rt386_status st = replay_keyframe(m, t, chunk, &b);
    if (st == RT386_OK) st = rt386_snapshot_load(m, b.p + 8, b.n - 8);
    if (st == RT386_OK) st = replay_at_keyframe(m, t, chunk);
    if (st == RT386_OK) {
        *skip = get64(b.p);
        trace_records_behind(t, chunk);
    }
    buffer_free(&b);
    return st;
}

rt386_status rt386_trace_config(rt386_trace *t, rt386_config *config, bool *network)
{
    size_t chunk;
    struct buffer b = {0};
    if (!trace_keyframe_before(t, UINT64_MAX, &chunk)) return RT386_E_NOTFOUND;
    bool good = !trace_keyframe_read(t, chunk, &b) && b.n > 8;
    rt386_status st =
        good ? rt386_snapshot_config(b.p + 8, b.n - 8, config, NULL, 0) : RT386_E_FORMAT;
    const char *text = rt386_trace_value(t, "config");
    *network = text && strstr(text, "net=1");
    buffer_free(&b);
    return st;
}

/* --- life --- */

/* The first register in which the machine is not where the trace begins; NULL: it is there. */
static const char *elsewhere(const rt386 *m, const rt386_trace *t)
{
    const char *name;
    uint64_t v;
    for (unsigned i = 0; (name = rt386_trace_field_name(t, i, NULL)); i++)
        if (rt386_reg_get(m, name, &v) != RT386_OK ||
            (v != rt386_trace_field(t, i) && strcmp(name, "clocks") != 0 &&
             strcmp(name, "insns") != 0))
            return name;
    return NULL;
}

static rt386_status check_start(rt386 *m, const rt386_trace *t)
{
    rt386_trace_info info = rt386_trace_describe(t);
    const char *name = info.records ? elsewhere(m, t) : NULL;
    const char *config = rt386_trace_value(t, "config");
    char have[256];
    record_config_text(m, have, sizeof have);
    if (config && strcmp(config, have) != 0)
        return machine_fail(m, RT386_E_STATE, "it was recorded with %s, this machine has %s",
                            config, have);
    if (m->cpu.s.insns != info.first)
        return machine_fail(m, RT386_E_STATE, "the trace begins at instruction %llu",
                            (unsigned long long)info.first);
    if (name)
        return machine_fail(m, RT386_E_STATE,
                            "the trace begins with another %s: is it of this guest, and are the "
                            "options the same?",
                            name);
    return RT386_OK;
}

static void digests_from(struct replay *p)
{
    p->next_digest = 0;
    while (p->next_digest < p->digests && p->digest[p->next_digest].insns <= p->m->cpu.s.insns)
        p->next_digest++;
}

/* Other files are loaded than were. Traces of others may not name them. */
static bool other_guest(const rt386 *m, const rt386_trace *t)
{
    char key[16], have[160];
    const char *was = NULL;
    for (unsigned i = 0; record_image_text(m, i, have, sizeof have); i++) {
        snprintf(key, sizeof key, "image.%u", i + 1);
        was = rt386_trace_value(t, key);
        if (was && strcmp(was, have) != 0) return true;
    }
    return false;
}

/* m->replay, and the recorder that compares. */
static rt386_status replay_new(rt386 *m, rt386_trace *t, const rt386_replay_options *o)
{
    struct replay *p = calloc(1, sizeof *p);
    const char *why = NULL;
    if (p) {
        *p = (struct replay){.m = m, .t = t, .inputs = {.t = t}};
        p->recorded = rt386_trace_describe(t);
        p->verify = o->verify && p->recorded.records;
        p->found.other_guest = other_guest(m, t);
        p->digest = trace_digests(t, &p->digests, &why);
    }
    if (p && p->digest) {
        digests_from(p);
        if (p->verify) m->record = record_compare(m, p);
        m->replay = p;
        if (!p->verify || m->record) return RT386_OK;
        m->replay = NULL;
        free(p->digest);
    }
    free(p);
    return why ? machine_fail(m, RT386_E_FORMAT, "the trace's digests: %s", why)
               : machine_fail(m, RT386_E_NOMEM, "the host has no memory for a replay");
}

rt386_status rt386_replay_begin(rt386 *m, rt386_trace *t, const rt386_replay_options *options)
{
    rt386_replay_options o = {.size = sizeof o};
    uint64_t skip = 0;
    if (!t || (options && options->size < sizeof *options))
        return machine_fail(m, RT386_E_ARG, "a replay needs a trace");
    if (options) o = *options;
    if (m->replay || m->record || m->in_observer)
        return machine_fail(m, RT386_E_STATE, "a recording or a replay is under way");
    rt386_status status = o.keyframe ? begin_at(m, t, o.from, &skip) : check_start(m, t);
    if (status == RT386_OK) status = replay_new(m, t, &o);
    if (status != RT386_OK) return status;
    m->outside.from = &m->replay->inputs;
    m->outside.live = o.live;
    m->outside.foreign = true;
    m->outside.diverged = false;
    m->replay->skipped = skip;
    outside_begin(m, skip);
    observe_wire(m);
    return RT386_OK;
}

rt386_status replay_jump(rt386 *m, const uint8_t *snapshot, size_t n, uint64_t inputs)
{
    struct replay *p = m->replay;
    rt386_status st = rt386_snapshot_load(m, snapshot, n);
    if (st != RT386_OK) return st;
    trace_inputs_free(&p->inputs);
    p->inputs = (struct trace_inputs){.t = p->t};
    p->found = (rt386_divergence){.other_guest = p->found.other_guest};
    p->skipped = inputs;
    m->outside.diverged = false;
    outside_begin(m, inputs);
    digests_from(p);
    return RT386_OK;
}

uint64_t replay_inputs(const rt386 *m)
{
    return m->replay->skipped + m->outside.count;
}

bool replay_lost(const rt386 *m)
{
    return m->replay->found.diverged || m->outside.diverged;
}

static void last_in_order(struct replay *p, rt386_divergence *out)
{
    unsigned kept = p->equal < RT386_REPLAY_LAST ? (unsigned)p->equal : RT386_REPLAY_LAST;
    out->last_count = kept;
    for (unsigned i = 0; i < kept; i++)
        out->last[i] = p->last[(p->equal - kept + i) % RT386_REPLAY_LAST];
}

rt386_status rt386_replay_end(rt386 *m, rt386_divergence *out)
{
    struct replay *p = m->replay;
    rt386_trace_item more;
    if (!p) return machine_fail(m, RT386_E_STATE, "there is no replay");
    if (p->verify && m->ended && !p->found.diverged && !m->outside.diverged) {
        record_close(m->record);
        if (!p->found.diverged && !p->over && rt386_trace_next(p->t, &more) == RT386_OK)
            diverge(p, NULL, &more);
    }
    if (!p->found.diverged && !m->outside.diverged && (behind_end(p) || ended_otherwise(p)))
        diverge_at_end(p);
    if (m->outside.diverged && !p->found.diverged) {
        p->found.diverged = p->found.input = true;
        p->found.insns = m->cpu.s.insns;
    }
    p->found.digest_equal = p->digest_equal;
    if (out) *out = p->found;
    if (out) last_in_order(p, out);
    replay_free(m);
    observe_wire(m);
    return RT386_OK;
}

void replay_free(rt386 *m)
{
    struct replay *p = m->replay;
    if (!p) return;
    if (p->verify) {
        record_free(m->record);
        m->record = NULL;
    }
    m->outside.from = NULL;
    m->outside.has_next = false;
    trace_inputs_free(&p->inputs);
    buffer_free(&p->shot);
    free(p->digest);
    free(p);
    m->replay = NULL;
}
