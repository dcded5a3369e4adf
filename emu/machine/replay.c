/* replay.c: a run again, with what came from outside out of its trace, compared with it on the way. */
#include <stdlib.h>
#include <string.h>

#include "outside.h"
#include "record.h"

struct replay {
    rt386 *m;
    rt386_trace *t;
    struct trace_inputs inputs;
    bool verify;
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
    machine_end(p->m, RT386_EXIT_DIVERGED, 0,
                "the run goes another way than the trace at instruction %llu",
                (unsigned long long)d->insns);
}

/* What the trace says comes next. False: the comparison is over. */
static bool expected(struct replay *p, const rt386_trace_item *actual, rt386_trace_item *item)
{
    if (p->found.diverged) return false;
    if (rt386_trace_next(p->t, item) == RT386_OK) return true;
    diverge(p, actual, NULL);
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

static bool same_load(const rt386_trace_item *a, const rt386_trace_item *b)
{
    return a->load.selector == b->load.selector && a->load.cpl == b->load.cpl &&
           a->load.located == b->load.located &&
           (!a->load.located || (a->load.descriptor_at == b->load.descriptor_at &&
                                 !memcmp(a->load.descriptor, b->load.descriptor, 8))) &&
           !strcmp(a->load.rule_name, b->load.rule_name);
}

static bool same_event(const rt386_trace_item *a, const rt386_trace_item *b)
{
    return a->event.vector == b->event.vector && a->event.source == b->event.source &&
           a->event.has_error == b->event.has_error && a->event.error == b->event.error &&
           a->event.has_cr2 == b->event.has_cr2 && a->event.cr2 == b->event.cr2 &&
           !strcmp(a->event.rule_name, b->event.rule_name);
}

static bool same_call(const rt386_trace_item *a, const rt386_trace_item *b)
{
    return a->call.leaving == b->call.leaving && a->call.blocked == b->call.blocked &&
           a->call.process == b->call.process && a->call.thread == b->call.thread &&
           a->call.result == b->call.result && a->call.status == b->call.status &&
           !strncmp(a->call.name, b->call.name, sizeof a->call.name - 1) &&
           !strncmp(a->call.arguments, b->call.arguments, sizeof a->call.arguments - 1);
}

static bool same_item(const rt386_trace_item *a, const rt386_trace_item *b)
{
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case RT386_TRACE_MEM: return rt386_trace_same_access(&a->mem, &b->mem);
    case RT386_TRACE_LOAD: return same_load(a, b);
    case RT386_TRACE_TABLE:
        return a->table.selector == b->table.selector && a->table.linear == b->table.linear &&
               !memcmp(a->table.before, b->table.before, 8) &&
               !memcmp(a->table.after, b->table.after, 8);
    case RT386_TRACE_EVENT: return same_event(a, b);
    case RT386_TRACE_IO:
        return a->io.port == b->io.port && a->io.size == b->io.size && a->io.out == b->io.out &&
               a->io.value == b->io.value;
    case RT386_TRACE_TASK: return a->task.from == b->task.from && a->task.to == b->task.to;
    case RT386_TRACE_CALL: return same_call(a, b);
    case RT386_TRACE_PROCESS:
        return a->process.started == b->process.started && a->process.handle == b->process.handle &&
               a->process.code == b->process.code;
    default: return true;
    }
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
    if (!placed || !same_item(&have, &want)) diverge(p, &have, &want);
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

rt386_status rt386_replay_begin(rt386 *m, rt386_trace *t, const rt386_replay_options *options)
{
    if (!t || (options && options->size < sizeof *options))
        return machine_fail(m, RT386_E_ARG, "a replay needs a trace");
    if (m->replay || m->record || m->in_observer)
        return machine_fail(m, RT386_E_STATE, "a recording or a replay is under way");
    rt386_status status = check_start(m, t);
    if (status != RT386_OK) return status;
    struct replay *p = calloc(1, sizeof *p);
    if (!p) return machine_fail(m, RT386_E_NOMEM, "the host has no memory for a replay");
    *p = (struct replay){.m = m, .t = t, .inputs = {.t = t}};
    p->verify = options && options->verify && rt386_trace_describe(t).records;
    if (p->verify && !(m->record = record_compare(m, p))) {
        free(p);
        return machine_fail(m, RT386_E_NOMEM, "the host has no memory for a replay");
    }
    m->replay = p;
    m->outside.from = &p->inputs;
    m->outside.live = options && options->live;
    m->outside.diverged = false;
    m->outside.count = 0;
    outside_begin(m, 0);
    observe_wire(m);
    return RT386_OK;
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
        if (!p->found.diverged && rt386_trace_next(p->t, &more) == RT386_OK)
            diverge(p, NULL, &more);
    }
    if (m->outside.diverged && !p->found.diverged) {
        p->found.diverged = p->found.input = true;
        p->found.insns = m->cpu.s.insns;
    }
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
    free(p);
    m->replay = NULL;
}
