/* observe.c: what observers see. The CPU's and the kernel's observers are wired only where somebody
 * looks; each callback turns an internal event into a public one. */
#include <string.h>

#include "breaks.h"
#include "machine.h"
#include "record.h"
#include "steps.h"

rt386_fault fault_public(const rt386 *m, fault_t f, uint32_t eip, uint16_t cs)
{
    (void)m;
    if (!is_fault(f)) return (rt386_fault){0};
    return (rt386_fault){.raised = true,
                         .vector = f.vector,
                         .has_error = vector_has_error(f.vector),
                         .has_cr2 = f.has_cr2,
                         .error = f.error,
                         .cr2 = f.cr2,
                         .rule = f.rule,
                         .eip = eip,
                         .cs = cs,
                         .detail = f.detail};
}

struct rt_cause observe_cause(const rt386 *m)
{
    const fault_t *f = &m->cpu.last_fault;
    const struct refused_access *r = &m->cpu.last_refused;
    return (struct rt_cause){.known = is_fault(*f),
                             .vector = f->vector,
                             .rule = f->rule,
                             .detail = f->detail,
                             .eip = m->cpu.last_fault_eip,
                             .cs = m->cpu.last_fault_cs,
                             .has_access = r->valid,
                             .seg = r->seg,
                             .access = r->access,
                             .size = r->size,
                             .off = r->off.v};
}

/* The symbol over a linear address among all loaded images. */
const char *machine_symbol(const rt386 *m, uint32_t linear, uint32_t *offset)
{
    for (unsigned i = 0; i < m->loaded_count; i++) {
        const struct loaded *l = m->loaded[i];
        if (l->ended) continue;
        const struct image_symbol *s =
            image_symbol_at(l->image, linear - l->linear_base - l->delta);
        if (!s) continue;
        *offset = linear - l->linear_base - l->delta - s->value;
        return s->name;
    }
    return NULL;
}

/* Of an instruction. Ring 3 of INtime is in the running process: its program's symbol, else the name of the module. */
static const char *symbol_of(rt386 *m, uint16_t cs, uint32_t eip, uint32_t linear, uint32_t *offset)
{
    if (!m->kernel || (cs & 3) != 3) return machine_symbol(m, linear, offset);
    uint16_t process = rt_current_process(m->kernel);
    const char *name = rt386_intime_symbol(m, process, eip, offset);
    if (name || !rt_module_at(m->kernel, process, eip, &m->insn_module)) return name;
    *offset = eip - m->insn_module.base;
    return m->insn_module.name;
}

static rt386_cpu cpu_of(enum cpu_level level)
{
    switch (level) {
    case LEVEL_486: return RT386_CPU_486;
    case LEVEL_PENTIUM: return RT386_CPU_PENTIUM;
    case LEVEL_P6: return RT386_CPU_P6;
    case LEVEL_SSE:
    case LEVEL_SSE2: return RT386_CPU_SSE2;
    default: return RT386_CPU_386;
    }
}

static void see_insn(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    rt386 *m = ctx;
    const struct seg *cs = &cpu->s.seg[CS];
    rt386_insn_event e = {.cs = cs->sel,
                          .eip = cpu->s.eip,
                          .linear = cs->sh.base + cpu->s.eip,
                          .length = in->len,
                          .code32 = shadow_big(&cs->sh),
                          .cpu = cpu_of(cpu->level)};
    machine_lin_peek(m, e.linear, e.bytes, in->len <= sizeof e.bytes ? in->len : sizeof e.bytes);
    if (m->steps) steps_begin(m->steps);
    if (!m->observer.insn) return;
    e.symbol = symbol_of(m, e.cs, e.eip, e.linear, &e.symbol_offset);
    m->in_observer = true;
    m->observer.insn(m->observer.ctx, &e);
    m->in_observer = false;
}

static void see_mem(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                    unsigned size, enum access access, uint32_t value)
{
    (void)cpu;
    rt386 *m = ctx;
    if (m->steps) steps_mem(m->steps, reg, off, at, size, access, value);
    if (!m->observer.mem) return;
    rt386_mem_event e = {.seg = (rt386_segreg)reg,
                         .offset = off.v,
                         .linear = at.v,
                         .size = size,
                         .access = (rt386_access)access,
                         .value = value};
    m->in_observer = true;
    m->observer.mem(m->observer.ctx, &e);
    m->in_observer = false;
}

static void see_selector(void *ctx, const struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                         enum seg_purpose purpose, bool located, lin_t where, desc_t desc,
                         fault_t fault)
{
    (void)cpu;
    rt386 *m = ctx;
    rt386_explanation e;
    explain_fill(&e, sel, cpl, purpose, located, where, desc, fault, m);
    if (m->steps) steps_selector(m->steps, &e, purpose);
    if (!m->observer.segload) return;
    m->in_observer = true;
    m->observer.segload(m->observer.ctx, &e);
    m->in_observer = false;
}

static void see_event(void *ctx, const struct i386_cpu *cpu, unsigned vector,
                      enum event_source source, fault_t fault)
{
    rt386 *m = ctx;
    if (m->steps) steps_event(m->steps, vector, source, fault);
    if (!m->observer.event) return;
    rt386_event_event e = {.vector = (uint8_t)vector, .source = "ftsx"[source & 3]};
    e.fault = fault_public(m, fault, cpu->s.eip, cpu->s.seg[CS].sel);
    if (source == EVENT_FAULT && cpu->refused.valid) {
        e.has_access = true;
        e.seg = (rt386_segreg)cpu->refused.seg;
        e.offset = cpu->refused.off.v;
        e.size = cpu->refused.size;
        e.access = (rt386_access)cpu->refused.access;
    }
    m->in_observer = true;
    m->observer.event(m->observer.ctx, &e);
    m->in_observer = false;
}

static void see_task(void *ctx, const struct i386_cpu *cpu, uint16_t from, uint16_t to)
{
    (void)cpu;
    rt386 *m = ctx;
    m->observer.task(m->observer.ctx, from, to);
}

static void see_io(void *ctx, const struct i386_cpu *cpu, uint16_t port, unsigned size, bool out,
                   uint32_t value)
{
    (void)cpu;
    rt386 *m = ctx;
    if (m->steps) steps_io(m->steps, port, size, out, value);
    if (m->observer.io) m->observer.io(m->observer.ctx, port, size, out, value);
}

static void see_call(rt386 *m, const struct rt_call_info *call, bool leaving)
{
    struct rt386_process p;
    const char *name = "";
    for (unsigned i = 0; rt386_intime_process(m, i, &p); i++)
        if (p.handle == call->process) {
            name = p.name;
            break;
        }
    rt386_call_event e = {.name = call->name,
                          .arguments = call->arguments,
                          .process = call->process,
                          .thread = call->thread,
                          .process_name = name,
                          .leaving = leaving,
                          .blocked = call->blocked,
                          .result = call->result,
                          .status = call->status,
                          .status_name = rt_status_name(call->status)};
    m->in_observer = true;
    m->observer.call(m->observer.ctx, &e);
    m->in_observer = false;
}

static void see_call_enter(void *ctx, const struct rt_call_info *call)
{
    see_call(ctx, call, false);
}

static void see_call_leave(void *ctx, const struct rt_call_info *call)
{
    rt386 *m = ctx;
    if (m->leaving_count == LEAVING_MAX)
        observe_left(m); /* a mass wake-up: nobody's GDT entries wait */
    m->leaving[m->leaving_count++] = *call;
}

/* The strings are the kernel's; they stand until the next call into it. */
void observe_left(rt386 *m)
{
    for (unsigned i = 0; i < m->leaving_count; i++)
        see_call(m, &m->leaving[i], true);
    m->leaving_count = 0;
}

void observe_table(rt386 *m, uint16_t slot, const uint8_t before[8])
{
    if (!m->observer.table && !m->record) return;
    uint32_t at = m->cpu.s.gdtr.base + 8u * slot;
    uint8_t after[8] = {0};
    machine_lin_peek(m, at, after, 8);
    rt386_table_event e = {.selector = (uint16_t)(slot << 3),
                           .linear = at,
                           .before = rt386_desc_decode(before),
                           .after = rt386_desc_decode(after)};
    struct rt_slot_info info;
    if (m->kernel && rt_slot_info(m->kernel, slot, &info))
        memcpy(e.owner, info.text, sizeof e.owner);
    if (m->record) record_table(m->record, &e);
    if (!m->observer.table) return;
    m->in_observer = true;
    m->observer.table(m->observer.ctx, &e);
    m->in_observer = false;
}

void observe_process(rt386 *m, uint16_t handle, const char *name, bool started, uint32_t code)
{
    if (m->record) record_process(m->record, handle, name, started, code);
    if (m->observer.process) m->observer.process(m->observer.ctx, handle, name, started, code);
}

/* Only what somebody looks at is wired; nothing is, when nobody does. */
void observe_wire(rt386 *m)
{
    const rt386_observer *o = &m->observer;
    bool steps = m->steps;
    m->cpu_observer = (struct cpu_observer){.ctx = m,
                                            .insn = o->insn || steps ? see_insn : NULL,
                                            .mem = o->mem || steps ? see_mem : NULL,
                                            .selector = o->segload || steps ? see_selector : NULL,
                                            .event = o->event || steps ? see_event : NULL,
                                            .task = o->task ? see_task : NULL,
                                            .io = o->io || steps ? see_io : NULL,
                                            .note = steps ? steps_note : NULL};
    bool any = steps || o->insn || o->mem || o->segload || o->event || o->task || o->io;
    m->cpu.obs = any ? &m->cpu_observer : NULL;
    bool record = m->record && m->record->instructions;
    if (record) m->cpu.obs = record_cpu(m->record, m->cpu.obs);
    cpu_set_log(&m->cpu, record && !any ? record_log(m->record) : NULL);
    m->rt_observer = (struct rt_observer){.ctx = m,
                                          .enter = o->call ? see_call_enter : NULL,
                                          .leave = o->call ? see_call_leave : NULL,
                                          .fault = thread_fault_see};
    if (record) m->rt_observer = record_kernel(m->record, &m->rt_observer);
    breaks_wire(m);
    if (m->kernel) rt_kernel_observe(m->kernel, &m->rt_observer);
}

rt386_status rt386_observe(rt386 *m, const rt386_observer *observer)
{
    memset(&m->observer, 0, sizeof m->observer);
    if (observer) {
        if (observer->size < 2 * sizeof(void *) || observer->size > 4096)
            return machine_fail(m, RT386_E_ARG, "the observer's size field is not set");
        size_t n = observer->size < sizeof m->observer ? observer->size : sizeof m->observer;
        memcpy(&m->observer, observer, n);
    }
    observe_wire(m);
    return RT386_OK;
}
