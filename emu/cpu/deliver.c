/* deliver.c: through the IDT to a handler [386 17 INT, 9.6, 15.3.2; 14.3 for real mode]. */
#include "event.h"
#include "transfer.h"

enum { CLOCKS_REAL = 37, CLOCKS_SAME = 59, CLOCKS_INNER = 99, CLOCKS_V86 = 119 };

/* --- real mode: four bytes a vector, FLAGS CS IP on the stack, no error code --- */

static fault_t read_vector(struct i386_cpu *cpu, uint8_t vector, uint16_t *sel, uint32_t *ip)
{
    const struct dtable *idtr = &cpu->s.idtr;
    uint32_t first = 4u * vector, entry;
    if (first + 3 > idtr->limit) return fault_detail(VEC_DF, 0, RULE_FAR_IVT_LIMIT, first + 3);
    TRY(sys_read(cpu, lin(idtr->base + first), 4, &entry));
    *sel = (uint16_t)(entry >> 16);
    *ip = entry & 0xffffu;
    return fault_none();
}

static void note_vector(const struct i386_cpu *cpu, uint8_t vector, uint16_t sel, uint32_t ip,
                        fault_t fault)
{
    const struct dtable *idtr = &cpu->s.idtr;
    bool inside = fault.rule != RULE_FAR_IVT_LIMIT;
    const struct cpu_note note = {
        .kind = NOTE_VECTOR,
        .fault = fault,
        .where = lin(idtr->base + 4u * vector),
        .checks = 1,
        .check = {note_check(RULE_FAR_IVT_LIMIT, inside, 4u * vector + 3, idtr->limit)},
        .gate = {.vector = vector, .read = !is_fault(fault), .cs = sel, .ip = (uint16_t)ip}};
    note_tell(cpu, &note);
}

static fault_t deliver_real(struct i386_cpu *cpu, const struct event *ev)
{
    struct i386_state *s = &cpu->s;
    struct frame frame = {.size = 2};
    struct stack st = stack_now(cpu);
    struct seg cs;
    uint16_t sel = 0;
    uint32_t ip = 0;
    fault_t fault = read_vector(cpu, ev->vector, &sel, &ip);
    if (note_wanted(cpu)) note_vector(cpu, ev->vector, sel, ip, fault);
    TRY(fault);
    frame_add(&frame, ELEMENT_EFLAGS, ev->eflags);
    frame_add(&frame, ELEMENT_CS, s->seg[CS].sel);
    frame_add(&frame, ELEMENT_EIP, ev->eip);
    TRY(frame_probe(&st, &frame));
    TRY(code_prepare_8086(cpu, sel, ip, &cs));
    /* commit point */
    TRY(frame_fill(&st, &frame));
    stack_commit(&st);
    s->eflags = ev->eflags & ~(FL_IF | FL_TF | FL_RF);
    code_commit_8086(cpu, &cs, ip);
    return fault_none();
}

/* --- interrupt and trap gates --- */

static struct frame handler_frame(const struct i386_state *s, const struct event *ev, uint8_t size,
                                  bool inner)
{
    static const enum segreg v86_order[] = {GS, FS, DS, ES};
    static const enum element names[] = {ELEMENT_GS, ELEMENT_FS, ELEMENT_DS, ELEMENT_ES};
    struct frame frame = {.size = size};
    if (state_v86(s))
        for (unsigned i = 0; i < 4; i++)
            frame_add(&frame, names[i], s->seg[v86_order[i]].sel);
    if (inner) {
        frame_add(&frame, ELEMENT_SS, s->seg[SS].sel);
        frame_add(&frame, ELEMENT_ESP, s->gpr[ESP]);
    }
    frame_add(&frame, ELEMENT_EFLAGS, ev->eflags);
    frame_add(&frame, ELEMENT_CS, s->seg[CS].sel);
    frame_add(&frame, ELEMENT_EIP, ev->eip);
    if (ev->has_error) frame_add(&frame, ELEMENT_ERROR, ev->error);
    return frame;
}

static bool is_interrupt_gate(const struct gate *gate)
{
    return gate->type == SYS_INT16 || gate->type == SYS_INT32;
}

static uint32_t handler_flags(const struct event *ev, const struct gate *gate)
{
    uint32_t cleared = FL_TF | FL_NT | FL_RF | FL_VM;
    return ev->eflags & ~(cleared | (is_interrupt_gate(gate) ? FL_IF : 0));
}

static fault_t deliver_same(struct i386_cpu *cpu, const struct event *ev, const struct gate *gate,
                            const struct target *to)
{
    struct frame frame = handler_frame(&cpu->s, ev, gate->is32 ? 4 : 2, false);
    struct stack st = stack_now(cpu);
    TRY(frame_probe(&st, &frame));
    TRY(target_check_eip(cpu, &to->code.answer.sh, to->eip));
    TRY(descriptor_write_back(cpu, &to->code));
    /* commit point */
    TRY(frame_fill(&st, &frame));
    stack_commit(&st);
    target_commit(cpu, to);
    cpu->s.eflags = handler_flags(ev, gate);
    return fault_none();
}

static fault_t deliver_inner(struct i386_cpu *cpu, const struct event *ev, const struct gate *gate,
                             const struct target *to)
{
    struct frame frame = handler_frame(&cpu->s, ev, gate->is32 ? 4 : 2, true);
    struct inner_stack inner;
    TRY(inner_stack_find(cpu, to->cpl, &inner));
    TRY(frame_probe(&inner.st, &frame));
    TRY(target_check_eip(cpu, &to->code.answer.sh, to->eip));
    TRY(descriptor_write_back(cpu, &to->code));
    TRY(descriptor_write_back(cpu, &inner.ss));
    /* commit point */
    TRY(frame_fill(&inner.st, &frame));
    if (state_v86(&cpu->s)) null_all_data(&cpu->s);
    target_commit(cpu, to);
    inner_stack_commit(cpu, &inner);
    cpu->s.eflags = handler_flags(ev, gate);
    return fault_none();
}

static fault_t deliver_gate(struct i386_cpu *cpu, const struct event *ev, const struct gate *gate,
                            uint32_t *clocks)
{
    const struct i386_state *s = &cpu->s;
    struct target to;
    bool v86 = state_v86(s);
    TRY(target_resolve(cpu, gate->selector, gate->offset, SEG_INT, &to));
    if (v86 && to.cpl != 0)
        return fault_detail(VEC_GP, SEL_ERROR(gate->selector), RULE_FAR_V86_HANDLER, to.cpl);
    bool inner = to.cpl != s->cpl;
    *clocks = v86 ? CLOCKS_V86 : inner ? CLOCKS_INNER : CLOCKS_SAME;
    return inner ? deliver_inner(cpu, ev, gate, &to) : deliver_same(cpu, ev, gate, &to);
}

/* --- task gates [386 9.6.2] --- */

static fault_t deliver_task(struct i386_cpu *cpu, const struct event *ev, const struct gate *gate,
                            uint32_t *clocks)
{
    uint8_t old_kind = task_kind(&cpu->s);
    struct resolved tss;
    TRY(descriptor_resolve(cpu, gate->selector, cpu->s.cpl, SEG_TASK_GATE, &tss));
    struct task_request req = {gate->selector, &tss,          TASK_INT, ev->eip,
                               ev->eflags,     ev->has_error, ev->error};
    TRY(task_switch_full(cpu, &req));
    *clocks = task_clocks(TASK_INT, false, old_kind, task_kind(&cpu->s));
    return fault_none();
}

/* The IDT's entry, as far as it was found. */
struct entry {
    lin_t where;
    desc_t desc;
    bool read;
};

static fault_t read_gate(struct i386_cpu *cpu, const struct event *ev, struct entry *e,
                         struct gate *gate)
{
    const struct page_env env = cpu_page_cached(cpu);
    bool software = ev->source == EVENT_SOFTWARE;
    e->read = false;
    TRY(segm_idt_locate(&cpu->s.idtr, ev->vector, &e->where, NULL));
    TRY(lin_read64(&env, e->where, &e->desc.raw));
    e->read = true;
    return segm_idt_gate(e->desc, ev->vector, software, cpu->s.cpl, gate, NULL);
}

static void note_gate(const struct i386_cpu *cpu, const struct event *ev, const struct entry *e,
                      fault_t fault)
{
    const struct cpu_note note = {.kind = NOTE_GATE,
                                  .fault = fault,
                                  .where = lin(cpu->s.idtr.base + 8u * ev->vector),
                                  .gate = {.vector = ev->vector,
                                           .software = ev->source == EVENT_SOFTWARE,
                                           .read = e->read,
                                           .desc = e->read ? e->desc : (desc_t){0}}};
    note_tell(cpu, &note);
}

static fault_t find_gate(struct i386_cpu *cpu, const struct event *ev, struct gate *gate)
{
    struct entry e;
    fault_t fault = read_gate(cpu, ev, &e, gate);
    if (note_wanted(cpu)) note_gate(cpu, ev, &e, fault);
    return fault;
}

/* Nothing is delivered; what would be saved stays in the state. */
static fault_t hold_event(struct i386_cpu *cpu, const struct event *ev)
{
    struct gate gate;
    if (ev->source == EVENT_SOFTWARE && state_protected(&cpu->s)) TRY(find_gate(cpu, ev, &gate));
    if (!cpu->hold->taken)
        *cpu->hold = (struct held_event){true, ev->vector, ev->has_error, ev->error};
    cpu->s.eip = ev->eip;
    cpu->s.eflags = ev->eflags;
    return fault_none();
}

static fault_t deliver_protected(struct i386_cpu *cpu, const struct event *ev, uint32_t *clocks)
{
    struct gate gate;
    TRY(find_gate(cpu, ev, &gate));
    if (gate.type == SYS_TASK_GATE) return deliver_task(cpu, ev, &gate, clocks);
    return deliver_gate(cpu, ev, &gate, clocks);
}

fault_t event_deliver(struct i386_cpu *cpu, const struct event *ev, uint32_t *clocks)
{
    const struct cpu_observer *obs = cpu->obs;
    *clocks = CLOCKS_REAL;
    if (obs && obs->event) obs->event(obs->ctx, cpu, ev->vector, ev->source, ev->fault);
    if (cpu->hold) return hold_event(cpu, ev);
    if (state_protected(&cpu->s)) return deliver_protected(cpu, ev, clocks);
    return deliver_real(cpu, ev);
}
