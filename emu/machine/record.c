/* record.c: from observers to a trace. */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INPUTS_KEPT (64u << 10) /* bytes */
#define EVERY       16000000u   /* instructions */
#define LOOK        1000000u    /* steps between two looks at whether it could be written */
#define PACE_LOOK   50000u      /* at the clock, if keyframes go by that: some milliseconds */
#define PACE_SHARE  16u         /* a keyframe takes a part of the time at most */

/* --- into the trace, or to be compared with one --- */

static void emit_insn(struct recorder *r)
{
    if (r->w)
        feed_insn(r->feed, &r->insn);
    else
        replay_insn(r->replay, &r->insn);
}

static void emit_item(struct recorder *r, const rt386_trace_item *item)
{
    if (r->w)
        feed_item(r->feed, item);
    else
        replay_item(r->replay, item);
}

/* --- the state as the trace knows it --- */

/* Accesses that no instruction's item tells of. */
static void put_accesses(struct recorder *r)
{
    for (unsigned i = 0; i < r->insn.accesses; i++) {
        rt386_trace_item item = {.kind = RT386_TRACE_MEM, .mem = r->insn.access[i]};
        emit_item(r, &item);
    }
    r->insn.accesses = 0;
    r->elsewhere = false;
}

/* Up to now something else than instructions may have been at work. */
static void catch_up(struct recorder *r)
{
    const struct i386_state *s = &r->m->cpu.s;
    bool later = s->clocks != r->last.clocks;
    put_accesses(r);
    record_fields(r);
    if (r->w && later) feed_clocks(r->feed, s->clocks);
    r->differs = false;
}

/* The trace is to have all that was before the instruction which begins. */
static void settle(struct recorder *r)
{
    const struct i386_state *s = &r->m->cpu.s;
    if (r->differs || s->clocks != r->last.clocks || s->eip != r->last.eip ||
        memcmp(s->gpr, r->last.gpr, sizeof s->gpr) != 0 || s->eflags != r->last.eflags)
        catch_up(r);
}

/* Before an item: its accesses, and time may have gone on since the last instruction. */
static void item_begins(struct recorder *r)
{
    const uint64_t clocks = r->m->cpu.s.clocks;
    put_accesses(r);
    if (r->w && clocks != r->last.clocks) feed_clocks(r->feed, clocks);
    r->last.clocks = clocks;
}

void record_item(struct recorder *r, rt386_trace_item *item)
{
    item_begins(r);
    emit_item(r, item);
}

/* --- the processor's observers --- */

/* Which bytes the instruction has, before it can change them. */
static void take_bytes(struct recorder *r, const struct i386_cpu *cpu, const struct insn *in)
{
    const struct insn_memo *e = cpu->memo;
    uintptr_t off = (uintptr_t)in - (uintptr_t)e;
    uint8_t *to = r->insn.bytes;
    if (off < sizeof cpu->memo) {
        memcpy(to, e[off / sizeof *e].code.bytes, sizeof r->insn.bytes);
        return;
    }
    memset(to, 0, sizeof r->insn.bytes);
    machine_lin_peek(r->m, r->insn.linear, to, in->len);
}

static void see_insn(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    struct recorder *r = ctx;
    const struct i386_state *s = &cpu->s;
    settle(r);
    r->insn.linear = s->seg[CS].sh.base + s->eip;
    r->insn.length = in->len;
    r->insn.code32 = shadow_big(&s->seg[CS].sh);
    take_bytes(r, cpu, in);
    if (r->next.insn) r->next.insn(r->next.ctx, cpu, in);
}

/* An instruction has retired: does it leave no trace but in general registers, EIP, EFLAGS and memory? */
static bool left_plain(const struct recorder *r)
{
    const struct i386_state *s = &r->m->cpu.s;
    return s->inhibit == r->last.inhibit && !s->pending_db;
}

static void take_general(struct recorder *r)
{
    const struct i386_state *s = &r->m->cpu.s;
    memcpy(r->last.gpr, s->gpr, sizeof s->gpr);
    r->last.eip = s->eip;
    r->last.eflags = s->eflags;
    r->last.clocks = s->clocks;
    r->last.insns = s->insns;
}

static void see_retired(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    struct recorder *r = ctx;
    const struct i386_state *s = &cpu->s;
    memcpy(r->insn.after.gpr, s->gpr, sizeof s->gpr);
    r->insn.after.eip = s->eip;
    r->insn.after.eflags = s->eflags;
    r->insn.clocks = (uint32_t)(s->clocks - r->last.clocks);
    if (r->elsewhere) put_accesses(r);
    emit_insn(r);
    r->insn.accesses = 0;
    take_general(r);
    if (!(row_plain(in->row) && left_plain(r))) record_fields(r);
    if (r->next.retired) r->next.retired(r->next.ctx, cpu, in);
}

static void add_access(struct recorder *r, rt386_trace_access access)
{
    if (!coder_fits(&r->insn, &access)) put_accesses(r);
    if (access.linear != r->last.seg[access.seg].sh.base + access.offset) r->elsewhere = true;
    r->insn.access[r->insn.accesses++] = access;
}

static void see_mem(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                    unsigned size, enum access access, uint32_t value)
{
    struct recorder *r = ctx;
    add_access(r, (rt386_trace_access){.seg = (uint8_t)reg,
                                       .access = (uint8_t)access,
                                       .size = (uint8_t)size,
                                       .offset = off.v,
                                       .linear = at.v,
                                       .physical = cpu_physical(cpu, at),
                                       .value = value});
    if (r->next.mem) r->next.mem(r->next.ctx, cpu, reg, off, at, size, access, value);
}

/* A text into a place that was zero: what fits of it. */
static void put_text(char *to, size_t size, const char *text)
{
    memcpy(to, text, strnlen(text, size - 1));
}

static void compare_selector(struct recorder *r, const struct encode_load *load)
{
    rt386_trace_item item = {.kind = RT386_TRACE_LOAD};
    item.load.selector = load->selector;
    item.load.cpl = load->cpl;
    item.load.located = load->located;
    item.load.descriptor_at = load->descriptor_at;
    memcpy(item.load.descriptor, load->descriptor, sizeof item.load.descriptor);
    put_text(item.load.purpose, sizeof item.load.purpose, load->purpose);
    put_text(item.load.rule_name, sizeof item.load.rule_name, load->rule_name);
    replay_item(r->replay, &item);
}

static void see_selector(void *ctx, const struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                         enum seg_purpose purpose, bool located, lin_t where, desc_t desc,
                         fault_t fault)
{
    struct recorder *r = ctx;
    struct encode_load load = {.selector = sel,
                               .cpl = cpl,
                               .located = located,
                               .descriptor_at = where.v,
                               .purpose = segm_purpose_text(purpose),
                               .rule_name = is_fault(fault) ? rule_name(fault.rule) : ""};
    put64(load.descriptor, desc.raw);
    item_begins(r);
    if (r->w)
        feed_load(r->feed, &load);
    else
        compare_selector(r, &load);
    if (r->next.selector)
        r->next.selector(r->next.ctx, cpu, sel, cpl, purpose, located, where, desc, fault);
}

static void see_event(void *ctx, const struct i386_cpu *cpu, unsigned vector,
                      enum event_source source, fault_t fault)
{
    struct recorder *r = ctx;
    rt386_trace_item item = {.kind = RT386_TRACE_EVENT};
    item.event.vector = (uint8_t)vector;
    item.event.source = "ftsx"[source & 3];
    if (is_fault(fault)) {
        item.event.has_error = vector_has_error(fault.vector);
        item.event.has_cr2 = fault.has_cr2;
        item.event.error = fault.error;
        item.event.cr2 = fault.cr2;
        put_text(item.event.rule_name, sizeof item.event.rule_name, rule_name(fault.rule));
    }
    record_item(r, &item);
    r->differs = true;
    if (r->next.event) r->next.event(r->next.ctx, cpu, vector, source, fault);
}

static void see_task(void *ctx, const struct i386_cpu *cpu, uint16_t from, uint16_t to)
{
    struct recorder *r = ctx;
    rt386_trace_item item = {.kind = RT386_TRACE_TASK, .task = {from, to}};
    record_item(r, &item);
    r->differs = true;
    if (r->next.task) r->next.task(r->next.ctx, cpu, from, to);
}

static void see_io(void *ctx, const struct i386_cpu *cpu, uint16_t port, unsigned size, bool out,
                   uint32_t value)
{
    struct recorder *r = ctx;
    rt386_trace_item item = {.kind = RT386_TRACE_IO, .io = {port, (uint8_t)size, out, value}};
    record_item(r, &item);
    if (r->next.io) r->next.io(r->next.ctx, cpu, port, size, out, value);
}

static void pass_note(void *ctx, const struct i386_cpu *cpu, const struct cpu_note *note)
{
    const struct recorder *r = ctx;
    r->next.note(r->next.ctx, cpu, note);
}

const struct cpu_observer *record_cpu(struct recorder *r, const struct cpu_observer *next)
{
    r->next = next ? *next : (struct cpu_observer){0};
    r->cpu = (struct cpu_observer){.ctx = r,
                                   .insn = see_insn,
                                   .retired = see_retired,
                                   .mem = see_mem,
                                   .selector = see_selector,
                                   .event = see_event,
                                   .task = see_task,
                                   .io = see_io,
                                   .note = r->next.note ? pass_note : NULL};
    return &r->cpu;
}

/* --- plain instructions, many at once --- */

/* The present state into the log. */
static void plain_state(struct recorder *r)
{
    const struct i386_state *s = &r->m->cpu.s;
    struct plain_state *to = &r->log.state[r->log.states++];
    memcpy(to->x, s->gpr, sizeof s->gpr);
    to->x[PLAIN_EFLAGS] = s->eflags;
    to->accesses = r->log.accesses;
    r->log.behind = false;
}

static void plain_begin(void *ctx)
{
    struct recorder *r = ctx;
    const struct i386_state *s = &r->m->cpu.s;
    settle(r);
    bool wide = shadow_big(&s->seg[SS].sh);
    if (wide != r->wide_stack) {
        r->wide_stack = wide;
        cpu_set_log(&r->m->cpu, &r->log); /* it knows nothing yet of what is sure with this stack */
    }
    feed_room(r->feed, &r->log);
    r->log.most = (unsigned)(PLAIN_INSNS - s->insns % PLAIN_INSNS);
    r->log.states = r->log.accesses = 0;
    plain_state(r);
}

static bool plain_code(void *ctx, unsigned number, const struct plain_code *code)
{
    const struct recorder *r = ctx;
    const struct sure s = sure_of(code);
    feed_code(r->feed, number, code);
    return s.whole && (!s.stack || r->wide_stack);
}

/* Accesses of an instruction that was refused. */
static void take_refused(struct recorder *r, unsigned from)
{
    const struct i386_state *s = &r->m->cpu.s;
    for (unsigned i = from; i < r->log.accesses; i++) {
        const struct plain_access *a = &r->log.access[i];
        unsigned seg = a->shape & 7;
        add_access(r, (rt386_trace_access){.seg = (uint8_t)seg,
                                           .access = a->shape >> 3 & 1,
                                           .size = a->shape >> 4,
                                           .offset = a->offset,
                                           .linear = s->seg[seg].sh.base + a->offset,
                                           .physical = a->physical,
                                           .value = a->value});
    }
}

/* The last state is not that of the processor where an instruction was refused: it may have changed it. */
static void plain_take(void *ctx)
{
    struct recorder *r = ctx;
    struct plain_log *log = &r->log;
    const struct i386_state *s = &r->m->cpu.s;
    if (log->behind) plain_state(r);
    const struct plain_state *last = &log->state[log->states - 1];
    uint32_t eip = r->last.eip;
    memcpy(r->last.gpr, last->x, sizeof r->last.gpr);
    r->last.eflags = last->x[PLAIN_EFLAGS];
    if (log->n) r->last.eip = log->step[log->n - 1].eip;
    feed_plain(r->feed, eip, log);
    take_refused(r, last->accesses);
    r->last.clocks = s->clocks;
    r->last.insns = s->insns;
    log->n = log->accesses = 0;
    if (!left_plain(r)) record_fields(r);
}

struct plain_log *record_log(struct recorder *r)
{
    if (!r->w) return NULL;
    r->log.ctx = r;
    r->log.begin = plain_begin;
    r->log.code = plain_code;
    r->log.take = plain_take;
    return &r->log;
}

/* --- beginning and end --- */

/* All that was said before is written. */
static struct trace_writer *writer(struct recorder *r)
{
    feed_wait(r->feed);
    return r->w;
}

static void flush_inputs(struct recorder *r)
{
    struct trace_writer *w = writer(r);
    if (r->inputs.failed) w->out.failed = true;
    if (r->inputs.n) trace_input(w, r->m->cpu.s.insns, r->inputs.p, r->inputs.n);
    r->inputs.n = 0;
    r->lost |= w->out.failed;
}

static void shot_put(void *ctx, const void *bytes, size_t n)
{
    buffer_add(ctx, bytes, n);
}

static rt386_status shot(rt386 *m, bool guest_only, struct buffer *to)
{
    rt386_status st = machine_snapshot(m, guest_only, shot_put, to);
    if (st != RT386_OK || !to->failed) return st;
    return machine_fail(m, RT386_E_NOMEM, "the host has no memory for a snapshot");
}

rt386_status record_shot(rt386 *m, struct buffer *to)
{
    return shot(m, false, to);
}

rt386_status machine_digest(rt386 *m, struct buffer *bytes, uint64_t *digest)
{
    bytes->n = 0;
    bytes->failed = false;
    rt386_status st = shot(m, true, bytes);
    if (st == RT386_OK) *digest = trace_hash(bytes->p, bytes->n);
    return st;
}

/* A trace that lacks what others rely on is none: the recording has failed. */
static void lose(struct recorder *r)
{
    if (!r->why[0]) snprintf(r->why, sizeof r->why, "%.119s", r->m->error);
    writer(r)->out.failed = r->lost = true;
}

/* Everything up to now is written before it, so that reading can begin there. */
static void keyframe(struct recorder *r)
{
    rt386 *m = r->m;
    if (r->instructions) catch_up(r);
    flush_inputs(r);
    r->shot.n = 0;
    r->shot.failed = false;
    buffer_add64(&r->shot, m->outside.noted);
    if (record_shot(m, &r->shot) == RT386_OK)
        trace_keyframe(writer(r), m->cpu.s.insns, r->shot.p, r->shot.n);
    else
        lose(r);
    r->lost |= writer(r)->out.failed;
    r->next_keyframe = m->cpu.s.insns + r->keyframe_every;
}

/* --- keyframes by time --- */

static uint64_t processor_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Runs may be made by one thread now and by another one then: each of them has its own clock. */
void record_pace(struct recorder *r, bool begins)
{
    struct pace *p = &r->pace;
    if (!p->every) return;
    uint64_t now = processor_time();
    if (!begins) p->worked += now - p->looked;
    p->looked = now;
}

static void pace_tick(struct recorder *r)
{
    struct pace *p = &r->pace;
    uint64_t insns = r->m->cpu.s.insns, from = p->looked;
    if (!p->every || insns < p->next_look) return;
    p->next_look = insns + PACE_LOOK;
    p->looked = processor_time();
    p->worked += p->looked - from;
    if (p->worked < p->every || p->worked / PACE_SHARE < p->cost) return;
    from = p->looked;
    keyframe(r);
    p->looked = processor_time();
    p->cost = p->looked - from;
    p->worked = 0;
}

/* why: of the machine's, if it could not be made; else it could not be written. */
static rt386_status failed(rt386 *m, const char *why, const char *unwritten)
{
    if (!why[0]) return machine_fail(m, RT386_E_IO, "%s", unwritten);
    return machine_fail(m, RT386_E_NOMEM, "the trace is not whole: %s", why);
}

rt386_status record_tick(struct recorder *r)
{
    const struct i386_state *s = &r->m->cpu.s;
    if (!r->w) return RT386_OK;
    if (r->inputs.n > INPUTS_KEPT) flush_inputs(r);
    if (s->insns == r->next_digest) {
        uint64_t digest;
        if (machine_digest(r->m, &r->shot, &digest) == RT386_OK)
            trace_digest(writer(r), s->insns, s->clocks, digest);
        else
            lose(r);
        r->next_digest += r->digest_every;
    }
    if (s->insns == r->next_keyframe) keyframe(r);
    pace_tick(r);
    bool lost = r->lost || feed_failed(r->feed);
    return lost ? failed(r->m, r->why, "the trace could not be written") : RT386_OK;
}

uint64_t record_steps(const struct recorder *r)
{
    uint64_t insns = r->m->cpu.s.insns, next = insns + (r->pace.every ? PACE_LOOK : LOOK);
    if (!r->w) return UINT64_MAX;
    if (r->next_keyframe > insns && r->next_keyframe < next) next = r->next_keyframe;
    if (r->next_digest > insns && r->next_digest < next) next = r->next_digest;
    return next - insns;
}

/* Its first keyframe could not be made, or not written. */
static rt386_status not_begun(rt386 *m)
{
    struct recorder *r = m->record;
    rt386_status st = r->why[0] ? RT386_E_NOMEM : RT386_E_IO;
    m->record = NULL;
    m->outside.to = NULL;
    machine_fail(m, st, "the recording cannot be begun: %s",
                 r->why[0] ? r->why : "nothing can be written");
    record_free(r);
    return st;
}

rt386_status rt386_record_begin(rt386 *m, const rt386_record_options *options)
{
    unsigned count;
    const struct state_field *f = state_fields(&count);
    if (!options || options->size < sizeof *options || !options->put)
        return machine_fail(m, RT386_E_ARG, "a recording needs a function that takes its bytes");
    if (m->record) return machine_fail(m, RT386_E_STATE, "a recording is under way");
    if (m->in_observer || m->running)
        return machine_fail(m, RT386_E_STATE, "a recording begins between runs only");
    struct recorder *r = calloc(1, sizeof *r);
    if (r) r->w = record_writer(m, options);
    if (r && r->w) r->feed = feed_new(r->w);
    if (!r || !r->feed) {
        record_free(r);
        return machine_fail(m, RT386_E_NOMEM, "the recording cannot be begun");
    }
    r->m = m;
    r->last = m->cpu.s;
    record_fields_begin(r);
    r->instructions = options->instructions;
    for (unsigned i = 0; i < count; i++)
        encoder_set(r->w->enc, i, state_get(&r->last, &f[i]));
    trace_records_begin(r->w, r->last.insns, r->last.clocks);
    r->w->out.plain = options->plain;
    m->record = r;
    m->outside.to = &r->inputs;
    m->outside.noted = 0;
    r->keyframe_every = options->keyframe_every ? options->keyframe_every : EVERY;
    r->digest_every = options->digest_every ? options->digest_every : EVERY;
    r->next_digest = r->last.insns + r->digest_every;
    r->pace =
        (struct pace){.every = options->keyframe_us * 1000, .next_look = r->last.insns + PACE_LOOK};
    keyframe(r);
    if (r->lost) return not_begun(m);
    observe_wire(m);
    return RT386_OK;
}

struct recorder *record_compare(rt386 *m, struct replay *replay)
{
    struct recorder *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    *r = (struct recorder){.m = m, .replay = replay, .last = m->cpu.s, .instructions = true};
    record_fields_begin(r);
    return r;
}

rt386_status rt386_record_flush(rt386 *m)
{
    struct recorder *r = m->record;
    if (!r || !r->w) return machine_fail(m, RT386_E_STATE, "there is no recording");
    flush_inputs(r);
    if (r->instructions) trace_records_flush(writer(r));
    return writer(r)->out.failed ? failed(m, r->why, "the trace could not be written") : RT386_OK;
}

rt386_status rt386_record_end(rt386 *m, const rt386_exit *why)
{
    struct recorder *r = m->record;
    if (!r || !r->w) return machine_fail(m, RT386_E_STATE, "there is no recording");
    if (m->in_observer || m->running)
        return machine_fail(m, RT386_E_STATE, "a recording ends between runs only");
    if (r->instructions) catch_up(r);
    flush_inputs(r);
    m->record = NULL;
    m->outside.to = NULL;
    observe_wire(m);
    bool good = trace_writer_end(writer(r), m->cpu.s.insns, m->cpu.s.clocks, why ? why->kind : 0,
                                 why ? why->code : 0, why ? why->text : "");
    rt386_status st =
        good ? RT386_OK : failed(m, r->why, "the trace could not be written to its end");
    record_free(r);
    return st;
}

void record_close(struct recorder *r)
{
    catch_up(r);
}

void record_free(struct recorder *r)
{
    if (!r) return;
    feed_free(r->feed);
    trace_writer_free(r->w);
    buffer_free(&r->inputs);
    buffer_free(&r->shot);
    free(r);
}
