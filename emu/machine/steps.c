/* steps.c: the steps of an instruction as they happen. Checks are asked again of the functions that have
 * just decided, with the same inputs and a log; pages are looked at when an access is announced, before
 * accessed and dirty bits are set. */
#include "steps.h"

#include <stdlib.h>
#include <string.h>

static void emit(struct steps *s, const rt386_step *step)
{
    s->m->in_observer = true;
    s->step(s->ctx, step);
    s->m->in_observer = false;
}

static rt386_seg seg_public(const struct seg *seg)
{
    return (rt386_seg){.selector = seg->sel,
                       .usable = seg->sh.usable,
                       .base = seg->sh.base,
                       .limit = seg->sh.limit,
                       .lo = seg->sh.lo,
                       .hi = seg->sh.hi,
                       .access = seg->sh.access,
                       .flags = seg->sh.flags};
}

static rt386_fault fault_now(const struct steps *s, fault_t fault)
{
    return fault_public(s->m, fault, s->m->cpu.s.eip, s->m->cpu.s.seg[CS].sel);
}

/* --- pages, when an access is announced --- */

static rt386_walk walk_public(const struct page_walk *w, uint32_t linear, bool mapped)
{
    return (rt386_walk){.paging = w->paging,
                        .mapped = mapped,
                        .linear = linear,
                        .phys = mapped ? w->phys.v : 0,
                        .pde_at = w->pde_at.v,
                        .pde = w->pde,
                        .pte_at = w->pte_at.v,
                        .pte = w->pte,
                        .pte_valid = w->pte_read,
                        .user = w->user,
                        .writable = w->writable};
}

static void look_at_page(const struct steps *s, struct pending *p, uint32_t at)
{
    struct page_env env = cpu_page_env(&s->m->cpu);
    struct page_walk w;
    env.hook = NULL;
    fault_t f = page_probe_checked(&env, lin(at), p->access, p->user, &w, &p->log);
    if (w.paging) p->walk[p->pages++] = walk_public(&w, at, !is_fault(f));
}

static fault_t announced(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    struct steps *s = ctx;
    struct pending *p = &s->pending[s->next++ % STEPS_PENDING];
    unsigned room = PAGE_SIZE - (at.v & PAGE_MASK);
    *p = (struct pending){
        .at = at.v, .size = size, .user = user, .access = access, .log = {.carry_on = true}};
    look_at_page(s, p, at.v);
    if (size > room) look_at_page(s, p, at.v + room);
    (void)machine_lin_peek(s->m, at.v, p->old, size < sizeof p->old ? size : sizeof p->old);
    return fault_none();
}

void steps_wire(rt386 *m)
{
    struct i386_cpu *cpu = &m->cpu;
    const struct access_hook **place =
        cpu->hook == &cpu->costs_hook ? &cpu->costs_below : &cpu->hook;
    if (m->steps) m->steps->hook = (struct access_hook){announced, m->steps};
    *place = m->steps ? &m->steps->hook : NULL;
}

void steps_free(rt386 *m)
{
    struct steps *s = m->steps;
    m->steps = NULL;
    if (s) steps_wire(m);
    free(s);
}

/* The announcement, newest first, of an access that has all these bytes. */
static const struct pending *pending_of(const struct steps *s, uint32_t at, unsigned size)
{
    unsigned n = s->next < STEPS_PENDING ? s->next : STEPS_PENDING;
    for (unsigned i = 1; i <= n; i++) {
        const struct pending *p = &s->pending[(s->next - i) % STEPS_PENDING];
        if (at - p->at < p->size && p->size - (at - p->at) >= size) return p;
    }
    return NULL;
}

static void put_checks(rt386_explanation *why, const struct check *check, unsigned n)
{
    for (unsigned i = 0; i < n && why->count < RT386_CHECKS_MAX; i++)
        why->checks[why->count++] = check_public(&check[i]);
}

static void put_pages(const struct steps *s, rt386_step *to, const struct pending *p)
{
    if (!p) return;
    put_checks(&to->why, p->log.at, p->log.count);
    for (; to->pages < p->pages; to->pages++) {
        const rt386_walk *w = &p->walk[to->pages];
        rt386_walk now = rt386_page_walk(s->m, w->linear);
        to->page[to->pages] = (rt386_step_page){*w, now.pde, now.pte};
    }
}

/* --- registers --- */

static const struct seg *seg_at(const struct i386_state *s, unsigned reg)
{
    return reg < SEGREG_COUNT ? &s->seg[reg] : reg == RT386_LDTR ? &s->ldtr : &s->tr;
}

static bool same_seg(const struct seg *a, const struct seg *b)
{
    return a->sel == b->sel && memcmp(&a->sh, &b->sh, sizeof a->sh) == 0;
}

static void tell_register(struct steps *s, unsigned reg, const struct seg *now)
{
    rt386_step step = {.kind = RT386_STEP_REGISTER,
                       .has_reg = true,
                       .reg = (rt386_segreg)reg,
                       .before = seg_public(&s->told[reg]),
                       .after = seg_public(now),
                       .selector = now->sel};
    s->told[reg] = *now;
    emit(s, &step);
}

void steps_begin(struct steps *s)
{
    if (s->begun) steps_end(s);
    for (unsigned i = 0; i < 8; i++)
        s->told[i] = s->seg[i] = *seg_at(&s->m->cpu.s, i);
    s->begun = true;
    s->has_element = s->has_no_stack = s->has_selector = false;
    s->next = 0;
}

void steps_end(struct steps *s)
{
    for (unsigned i = 0; s->begun && i < 8; i++) {
        const struct seg *now = seg_at(&s->m->cpu.s, i);
        if (!same_seg(now, &s->told[i])) tell_register(s, i, now);
    }
    s->begun = false;
}

/* --- memory and ports --- */

static rt386_step access_step(const struct steps *s, const struct seg *seg, enum segreg reg,
                              eff_t off, unsigned size, enum access access)
{
    rt386_step step = {.kind = RT386_STEP_MEMORY,
                       .has_reg = true,
                       .reg = (rt386_segreg)reg,
                       .before = seg_public(seg),
                       .selector = seg->sel,
                       .offset = off.v,
                       .linear = seg->sh.base + off.v,
                       .size = size,
                       .access = (rt386_access)access};
    explain_segment(s->m, seg, reg == SS, off.v, size, access, &step.why);
    return step;
}

void steps_mem(struct steps *s, enum segreg reg, eff_t off, lin_t at, unsigned size,
               enum access access, uint32_t value)
{
    const struct seg *seg = s->has_element ? &s->stack : &s->m->cpu.s.seg[reg];
    rt386_step step = access_step(s, seg, reg, off, size, access);
    step.linear = at.v;
    step.value = value;
    if (s->has_element) {
        step.kind = RT386_STEP_PUSH;
        step.element = (rt386_element)s->element;
        step.number = s->number;
        s->has_element = false;
    }
    put_pages(s, &step, pending_of(s, at.v, size));
    emit(s, &step);
}

void steps_io(struct steps *s, uint16_t port, unsigned size, bool out, uint32_t value)
{
    emit(s, &(rt386_step){.kind = RT386_STEP_PORT,
                          .port = port,
                          .size = size,
                          .access = out ? RT386_WRITE : RT386_READ,
                          .value = value});
}

/* --- selectors, faults, deliveries --- */

static bool register_of(enum seg_purpose purpose, rt386_segreg *reg)
{
    switch (purpose) {
    case SEG_STACK:
    case SEG_RET_SS:
    case SEG_INNER_SS:
    case SEG_TASK_SS: *reg = RT386_SS; return true;
    case SEG_LLDT:
    case SEG_TASK_LDT: *reg = RT386_LDTR; return true;
    case SEG_LTR:
    case SEG_TASK_GATE:
    case SEG_TASK_IRET: *reg = RT386_TR; return true;
    case SEG_DATA:
    case SEG_TASK_DATA:
    case SEG_LAR:
    case SEG_LSL:
    case SEG_VERR:
    case SEG_VERW: return false;
    default: *reg = RT386_CS; return true;
    }
}

void steps_selector(struct steps *s, const rt386_explanation *why, enum seg_purpose purpose)
{
    rt386_step step = {.kind = RT386_STEP_SELECTOR, .why = *why, .selector = why->selector};
    step.has_reg = register_of(purpose, &step.reg);
    if (why->located) step.linear = why->descriptor_at;
    s->has_selector = why->fault.raised;
    if (s->has_selector) s->selector = *why;
    emit(s, &step);
}

/* The refused access with its checks, or the refused selector. */
static void tell_fault(struct steps *s, fault_t fault)
{
    const struct refused_access *r = &s->m->cpu.refused;
    rt386_step step = {.kind = RT386_STEP_FAULT};
    if (s->has_selector && s->selector.fault.rule == fault.rule) {
        step.why = s->selector;
        step.selector = step.why.selector;
    } else if (r->valid) {
        const struct seg *seg = s->has_no_stack ? &s->no_stack : &s->m->cpu.s.seg[r->seg];
        step = access_step(s, seg, (enum segreg)r->seg, r->off, r->size, (enum access)r->access);
        step.kind = RT386_STEP_FAULT;
        put_pages(s, &step, pending_of(s, step.linear, 1));
    }
    step.vector = fault.vector;
    step.why.fault = fault_now(s, fault);
    s->has_selector = s->has_no_stack = false;
    emit(s, &step);
}

void steps_event(struct steps *s, unsigned vector, enum event_source source, fault_t fault)
{
    if (!s->begun) steps_begin(s);
    if (source == EVENT_FAULT) tell_fault(s, fault);
    rt386_step step = {
        .kind = RT386_STEP_DELIVERY, .vector = (uint8_t)vector, .source = "ftsx"[source & 3]};
    step.why.fault = fault_now(s, fault);
    emit(s, &step);
}

/* --- notes --- */

static rt386_step note_step(const struct steps *s, rt386_step_kind kind, const struct cpu_note *n)
{
    rt386_step step = {.kind = kind, .linear = n->where.v};
    step.why.cpl = s->m->cpu.s.cpl;
    put_checks(&step.why, n->check, n->checks);
    step.why.fault = fault_now(s, n->fault);
    return step;
}

/* The IDT's checks, by the functions that have just looked; those of the table's page between them. */
static void put_gate_checks(struct steps *s, rt386_step *step, const struct cpu_note *n)
{
    struct check_log log = {.carry_on = true};
    const struct i386_state *cpu = &s->m->cpu.s;
    struct gate gate;
    lin_t at;
    fault_t again = segm_idt_locate(&cpu->idtr, n->gate.vector, &at, &log);
    put_checks(&step->why, log.at, log.count);
    if (n->fault.has_cr2) put_pages(s, step, pending_of(s, n->where.v, 8));
    log.count = 0;
    log.refused = is_fault(again) || n->fault.has_cr2;
    again = segm_idt_gate(n->gate.desc, n->gate.vector, n->gate.software, cpu->cpl, &gate, &log);
    for (unsigned i = 0; !n->gate.read && i < log.count; i++)
        log.at[i].have = log.at[i].want = 0;
    (void)again;
    put_checks(&step->why, log.at, log.count);
}

static void note_gate(struct steps *s, const struct cpu_note *n)
{
    rt386_step step = note_step(s, RT386_STEP_GATE, n);
    step.vector = n->gate.vector;
    step.source = n->gate.software ? 's' : 'x';
    put_gate_checks(s, &step, n);
    if (n->gate.read) {
        uint8_t bytes[8];
        put64(bytes, n->gate.desc.raw);
        step.why.located = true;
        step.why.descriptor_at = n->where.v;
        step.why.desc = rt386_desc_decode(bytes);
    }
    emit(s, &step);
}

static void note_vector(struct steps *s, const struct cpu_note *n)
{
    rt386_step step = note_step(s, RT386_STEP_GATE, n);
    step.vector = n->gate.vector;
    step.value = (uint32_t)n->gate.cs << 16 | n->gate.ip;
    emit(s, &step);
}

static void note_inner(struct steps *s, const struct cpu_note *n)
{
    rt386_step step = note_step(s, RT386_STEP_STACK, n);
    step.level = n->inner.level;
    step.size = n->inner.size;
    step.selector = n->inner.ss;
    step.value = n->inner.esp;
    emit(s, &step);
}

static void note_target(struct steps *s, const struct cpu_note *n)
{
    rt386_step step = note_step(s, RT386_STEP_TARGET, n);
    struct seg code = {.sh = *n->target.code};
    step.has_reg = true;
    step.reg = RT386_CS;
    step.after = seg_public(&code);
    step.value = n->target.eip;
    emit(s, &step);
}

#define ACCESS_BYTE_AT 5u

static void note_byte(struct steps *s, const struct cpu_note *n)
{
    rt386_step step = note_step(s, RT386_STEP_DESCRIPTOR, n);
    const struct pending *p = pending_of(s, n->where.v + ACCESS_BYTE_AT, 1);
    uint8_t bytes[8];
    put64(bytes, n->image.raw);
    step.new_desc = rt386_desc_decode(bytes);
    if (p && n->where.v + ACCESS_BYTE_AT - p->at < sizeof p->old)
        bytes[ACCESS_BYTE_AT] = p->old[n->where.v + ACCESS_BYTE_AT - p->at];
    step.old_desc = rt386_desc_decode(bytes);
    step.size = 1;
    emit(s, &step);
}

static void note_task(struct steps *s, const struct cpu_note *n)
{
    rt386_step step = note_step(s, RT386_STEP_TASK, n);
    step.task.stage = (rt386_task_stage)n->task.stage;
    step.task.how = (rt386_task_how)n->task.how;
    step.task.from = n->task.from;
    step.task.to = n->task.to;
    step.size = n->task.size;
    step.value = n->task.value;
    emit(s, &step);
}

static void note_io_map(struct steps *s, const struct cpu_note *n)
{
    rt386_step step = note_step(s, RT386_STEP_IO_MAP, n);
    step.port = n->io.port;
    step.size = n->io.size;
    step.value = n->io.map;
    step.offset = n->io.base;
    emit(s, &step);
}

static void note_element(struct steps *s, const struct cpu_note *n)
{
    s->has_element = true;
    s->element = n->push.element;
    s->number = n->push.number;
    s->stack = *n->push.ss;
}

static void note_no_stack(struct steps *s, const struct cpu_note *n)
{
    s->has_no_stack = true;
    s->no_stack = *n->no_stack.ss;
}

static void note_loaded(struct steps *s, const struct cpu_note *n)
{
    tell_register(s, n->loaded.reg, n->loaded.seg);
}

void steps_note(void *ctx, const struct i386_cpu *cpu, const struct cpu_note *note)
{
    static void (*const told[])(struct steps *, const struct cpu_note *) = {
        [NOTE_GATE] = note_gate,        [NOTE_VECTOR] = note_vector, [NOTE_TSS_SS] = note_inner,
        [NOTE_ELEMENT] = note_element,  [NOTE_TARGET] = note_target, [NOTE_BYTE] = note_byte,
        [NOTE_LOADED] = note_loaded,    [NOTE_TASK] = note_task,     [NOTE_IO_MAP] = note_io_map,
        [NOTE_NO_STACK] = note_no_stack};
    rt386 *m = ctx;
    (void)cpu;
    if (m->steps) told[note->kind](m->steps, note);
}

rt386_status rt386_observe_steps(rt386 *m, void (*step)(void *ctx, const rt386_step *step),
                                 void *ctx)
{
    if (m->in_observer)
        return machine_fail(m, RT386_E_STATE, "an observer cannot take observers off");
    if (step && !m->steps) m->steps = calloc(1, sizeof *m->steps);
    if (step && !m->steps) return machine_fail(m, RT386_E_NOMEM, "the host has no memory left");
    if (!step) steps_free(m);
    if (m->steps) {
        m->steps->m = m;
        m->steps->step = step;
        m->steps->ctx = ctx;
        steps_wire(m);
    }
    observe_wire(m);
    return RT386_OK;
}
