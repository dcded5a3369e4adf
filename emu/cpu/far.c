/* far.c: far JMP and CALL: code segments, call gates, task gates, TSSs [386 17 JMP, 17 CALL]. */
#include "transfer.h"

/* --- real and V86 mode: no descriptors [386 14.1, 15.1.2] --- */

/* After the far JMP that follows clearing PE, CS has the rights of a real-mode segment
 * [386 14.5 step 6]; its limit and D bit stay. */
static struct seg code_seg_8086(const struct i386_state *s, uint16_t sel)
{
    struct seg cs = {.sel = sel};
    cs.sh = state_v86(s) ? shadow_v86(sel) : shadow_real(s->seg[CS].sh, sel);
    if (!state_v86(s)) cs.sh.access = ACC_PRESENT | ACC_S | ACC_WRITE | ACC_ACCESSED;
    return cs;
}

fault_t code_prepare_8086(const struct i386_cpu *cpu, uint16_t sel, uint32_t eip, struct seg *cs)
{
    *cs = code_seg_8086(&cpu->s, sel);
    return target_check_eip(cpu, &cs->sh, eip);
}

void code_commit_8086(struct i386_cpu *cpu, const struct seg *cs, uint32_t eip)
{
    cpu->s.seg[CS] = *cs;
    cpu->s.eip = eip;
}

/* --- the return address --- */

static struct frame return_frame(const struct exec *x, uint8_t size)
{
    struct frame frame = {.size = size};
    frame_add(&frame, ELEMENT_CS, x->cpu->s.seg[CS].sel);
    frame_add(&frame, ELEMENT_EIP, x->next_eip);
    return frame;
}

static fault_t jmp_8086(struct exec *x, uint16_t sel, uint32_t off)
{
    struct seg cs;
    TRY(code_prepare_8086(x->cpu, sel, off, &cs));
    /* commit point */
    code_commit_8086(x->cpu, &cs, off);
    exec_transferred(x);
    return fault_none();
}

static fault_t call_8086(struct exec *x, uint16_t sel, uint32_t off)
{
    struct frame frame = return_frame(x, x->in->opsize);
    struct stack st = stack_now(x->cpu);
    struct seg cs;
    TRY(frame_probe(&st, &frame));
    TRY(code_prepare_8086(x->cpu, sel, off, &cs));
    /* commit point */
    TRY(frame_fill(&st, &frame));
    stack_commit(&st);
    code_commit_8086(x->cpu, &cs, off);
    exec_transferred(x);
    return fault_none();
}

/* --- to a code segment of the same level --- */

static fault_t jmp_code(struct exec *x, const struct target *to)
{
    TRY(target_check_eip(x->cpu, &to->code.answer.sh, to->eip));
    TRY(descriptor_write_back(x->cpu, &to->code));
    /* commit point */
    target_commit(x->cpu, to);
    exec_transferred(x);
    return fault_none();
}

/* The manual's order: room for the return address, then the new EIP. */
static fault_t call_code(struct exec *x, const struct target *to, uint8_t size)
{
    struct frame frame = return_frame(x, size);
    struct stack st = stack_now(x->cpu);
    TRY(frame_probe(&st, &frame));
    TRY(target_check_eip(x->cpu, &to->code.answer.sh, to->eip));
    TRY(descriptor_write_back(x->cpu, &to->code));
    /* commit point */
    TRY(frame_fill(&st, &frame));
    stack_commit(&st);
    target_commit(x->cpu, to);
    exec_transferred(x);
    return fault_none();
}

/* --- through a call gate [386 6.3.4] --- */

/* What the manual's table asks beyond the count of the plain transfer. */
#define CLOCKS_GATE   18u
#define CLOCKS_INNER  52u
#define CLOCKS_PARAMS 60u
#define CLOCKS_PARAM  4u

/* Parameters keep their order: the one pushed first by the caller is pushed first again. */
static fault_t copy_parameters(struct i386_cpu *cpu, const struct gate *gate, struct frame *frame)
{
    struct stack outer = stack_now(cpu);
    for (unsigned i = gate->count; i > 0; i--) {
        uint32_t value;
        TRY(stack_peek(&outer, (i - 1) * frame->size, frame->size, &value));
        frame_add(frame, ELEMENT_PARAMETER, value);
    }
    return fault_none();
}

/* As many zeros as will be pushed: room is asked for before the parameters are read. */
static fault_t inner_room(const struct inner_stack *inner, const struct gate *gate, uint8_t size)
{
    struct frame blank = {.size = size, .count = (uint8_t)(4 + gate->count)};
    return frame_probe(&inner->st, &blank);
}

static fault_t inner_frame(struct exec *x, const struct gate *gate, struct frame *frame)
{
    const struct i386_state *s = &x->cpu->s;
    frame_add(frame, ELEMENT_SS, s->seg[SS].sel);
    frame_add(frame, ELEMENT_ESP, s->gpr[ESP]);
    TRY(copy_parameters(x->cpu, gate, frame));
    frame_add(frame, ELEMENT_CS, s->seg[CS].sel);
    frame_add(frame, ELEMENT_EIP, x->next_eip);
    return fault_none();
}

static fault_t call_inner(struct exec *x, const struct gate *gate, const struct target *to)
{
    struct frame frame = {.size = gate->is32 ? 4 : 2};
    struct inner_stack inner;
    TRY(inner_stack_find(x->cpu, to->cpl, &inner));
    TRY(inner_room(&inner, gate, frame.size));
    TRY(target_check_eip(x->cpu, &to->code.answer.sh, to->eip));
    TRY(inner_frame(x, gate, &frame));
    TRY(descriptor_write_back(x->cpu, &to->code));
    TRY(descriptor_write_back(x->cpu, &inner.ss));
    /* commit point */
    TRY(frame_fill(&inner.st, &frame));
    target_commit(x->cpu, to);
    inner_stack_commit(x->cpu, &inner);
    exec_transferred(x);
    x->clocks += gate->count ? CLOCKS_PARAMS + CLOCKS_PARAM * gate->count : CLOCKS_INNER;
    return fault_none();
}

static fault_t call_gate(struct exec *x, const struct gate *gate)
{
    struct target to;
    TRY(target_resolve(x->cpu, gate->selector, gate->offset, SEG_GATE_CALL, &to));
    if (to.cpl != x->cpu->s.cpl) return call_inner(x, gate, &to);
    TRY(call_code(x, &to, gate->is32 ? 4 : 2));
    x->clocks += CLOCKS_GATE;
    return fault_none();
}

static fault_t jmp_gate(struct exec *x, const struct gate *gate)
{
    struct target to;
    TRY(target_resolve(x->cpu, gate->selector, gate->offset, SEG_GATE_JMP, &to));
    TRY(jmp_code(x, &to));
    x->clocks += CLOCKS_GATE;
    return fault_none();
}

/* --- to another task [386 7.5] --- */

static fault_t to_task(struct exec *x, uint16_t sel, const struct resolved *tss, enum task_how how,
                       bool gate)
{
    uint8_t old_kind = task_kind(&x->cpu->s);
    TRY(task_switch(x->cpu, sel, tss, how, x->next_eip, false, 0));
    exec_task_switched(x, how, gate, old_kind);
    return fault_none();
}

static fault_t to_task_gate(struct exec *x, const struct gate *gate, enum task_how how)
{
    struct resolved tss;
    TRY(descriptor_resolve(x->cpu, gate->selector, x->cpu->s.cpl, SEG_TASK_GATE, &tss));
    return to_task(x, gate->selector, &tss, how, true);
}

/* --- entry --- */

static uint32_t offset_of(const struct exec *x, uint32_t off)
{
    return off & size_mask(x->in->opsize);
}

fault_t far_jmp(struct exec *x, uint16_t sel, uint32_t off)
{
    struct target to;
    off = offset_of(x, off);
    if (!state_descriptors(&x->cpu->s)) return jmp_8086(x, sel, off);
    TRY(target_resolve(x->cpu, sel, off, SEG_JMP, &to));
    struct gate gate = desc_gate(to.code.desc);
    switch (to.code.answer.kind) {
    case KIND_CALL_GATE: return jmp_gate(x, &gate);
    case KIND_TASK_GATE: return to_task_gate(x, &gate, TASK_JMP);
    case KIND_TSS: return to_task(x, sel, &to.code, TASK_JMP, false);
    default: return jmp_code(x, &to);
    }
}

fault_t far_call(struct exec *x, uint16_t sel, uint32_t off)
{
    struct target to;
    off = offset_of(x, off);
    if (!state_descriptors(&x->cpu->s)) return call_8086(x, sel, off);
    TRY(target_resolve(x->cpu, sel, off, SEG_CALL, &to));
    struct gate gate = desc_gate(to.code.desc);
    switch (to.code.answer.kind) {
    case KIND_CALL_GATE: return call_gate(x, &gate);
    case KIND_TASK_GATE: return to_task_gate(x, &gate, TASK_CALL);
    case KIND_TSS: return to_task(x, sel, &to.code, TASK_CALL, false);
    default: return call_code(x, &to, x->in->opsize);
    }
}
