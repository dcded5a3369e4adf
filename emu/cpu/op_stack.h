/* op_stack.h: bodies of PUSH, POP and the frame instructions [386 3.1.2, 3.5.4]. */
#ifndef RT386_CPU_OP_STACK_H
#define RT386_CPU_OP_STACK_H

#include "operand.h"

/* ESP moved by `by`: all of it, or SP alone, by the B bit of SS. */
static inline uint32_t esp_moved(const struct i386_state *s, uint32_t by)
{
    uint32_t to = s->gpr[ESP] + by;
    return shadow_big(&s->seg[SS].sh) ? to : (s->gpr[ESP] & 0xffff0000u) | (to & 0xffff);
}
static inline eff_t stack_address(const struct i386_state *s, uint32_t esp)
{
    return eff(shadow_big(&s->seg[SS].sh) ? esp : esp & 0xffff);
}
static inline fault_t push(struct exec *x, uint32_t value)
{
    struct i386_state *s = &x->cpu->s;
    unsigned size = x->in->opsize;
    uint32_t esp = esp_moved(s, 0u - size);
    TRY(data_write(x->cpu, SS, stack_address(s, esp), size, value & size_mask(size)));
    s->gpr[ESP] = esp;
    return fault_none();
}
/* The value on top; *esp: the stack pointer behind it, for the body to commit. */
static inline fault_t top_of_stack(struct exec *x, uint32_t *value, uint32_t *esp)
{
    const struct i386_state *s = &x->cpu->s;
    *esp = esp_moved(s, x->in->opsize);
    return data_read(x->cpu, SS, stack_address(s, s->gpr[ESP]), x->in->opsize, value);
}
/* PUSH eSP pushes the value from before the instruction. */
FOLD fault_t op_PUSH(struct exec *x, struct mode m)
{
    uint32_t v;
    TRY(opd_read(x, m.a, &v));
    return push(x, v);
}
static inline eff_t address_after_pop(const struct i386_state *s, const struct insn *in,
                                      uint32_t esp)
{
    uint32_t at = in->disp;
    if (in->base != 0xff) at += in->base == ESP ? esp : s->gpr[in->base];
    if (in->index != 0xff) at += (in->index == ESP ? esp : s->gpr[in->index]) << in->scale;
    return eff(in->adsize == 4 ? at : at & 0xffff);
}
/* An address with ESP as base is computed after the increment. POP eSP loads the value popped. */
FOLD fault_t op_POP(struct exec *x, struct mode m)
{
    uint32_t v, esp;
    TRY(top_of_stack(x, &v, &esp));
    if (opd_is_mem(x, m.a)) {
        x->ea = address_after_pop(&x->cpu->s, x->in, esp);
        TRY(opd_write(x, m.a, v));
        x->cpu->s.gpr[ESP] = esp;
        return fault_none();
    }
    x->cpu->s.gpr[ESP] = esp;
    return opd_write(x, m.a, v);
}

/* --- segment registers: the slot is as wide as the operand size, but only 16 bits are moved --- */

FOLD enum segreg opd_sreg(unsigned kind)
{
    return (enum segreg)(ES + (kind - O_ES));
}

FOLD fault_t op_PUSH_SREG(struct exec *x, struct mode m)
{
    struct stack st = stack_now(x->cpu);
    unsigned pad = x->in->opsize - 2u;
    stack_skip(&st, -(int32_t)pad);
    TRY(stack_push(&st, 2, x->cpu->s.seg[opd_sreg(m.a)].sel));
    stack_commit(&st);
    return fault_none();
}
FOLD fault_t op_POP_SREG(struct exec *x, struct mode m)
{
    enum segreg reg = opd_sreg(m.a);
    struct stack st = stack_now(x->cpu);
    struct seg_load load;
    uint32_t sel;
    TRY(stack_pop(&st, 2, &sel));
    stack_skip(&st, x->in->opsize - 2);
    TRY(segload_prepare(x->cpu, reg, (uint16_t)sel, &load));
    segload_commit(x->cpu, reg, &load);
    stack_commit(&st);
    if (reg == SS) x->inhibit = INHIBIT_SS;
    return fault_none();
}

/* --- all registers. A fault midway leaves what was stored (PUSHA) or loaded (POPA) so far, as the
 * chip does; ESP does not move. --- */

/* UNDOC: EDI is stored first, in the lowest slot, and EAX last: so does the microcode of the 80386. It
 * shows only when a slot is refused. */
FOLD fault_t op_PUSHA(struct exec *x, struct mode m)
{
    struct stack st = stack_now(x->cpu);
    unsigned size = x->in->opsize;
    stack_skip(&st, -8 * (int32_t)size);
    for (unsigned i = 0; i < 8; i++) {
        unsigned reg = x->cpu->pusha_down ? i : EDI - i;
        struct stack slot = st;
        stack_skip(&slot, (int32_t)((8 - reg) * size));
        TRY(stack_push(&slot, size, x->cpu->s.gpr[reg]));
    }
    stack_commit(&st);
    return fault_none();
}
/* UNDOC: with a 16-bit stack POPAD loads ESP[31:16] from the slot that it otherwise skips; later processors
 * leave it. */
FOLD fault_t op_POPA(struct exec *x, struct mode m)
{
    struct stack st = stack_now(x->cpu);
    uint32_t upper = st.esp & 0xffff0000u;
    for (unsigned i = 0; i < 8; i++) {
        uint32_t v;
        TRY(stack_pop(&st, x->in->opsize, &v));
        if (EDI - i != ESP)
            reg_set(&x->cpu->s, EDI - i, x->in->opsize, v);
        else if (x->in->opsize == 4 && x->cpu->level <= LEVEL_386)
            upper = v & 0xffff0000u;
    }
    if (!shadow_big(&st.ss.sh)) st.esp = upper | (st.esp & 0xffff);
    stack_commit(&st);
    return fault_none();
}

/* VM and RF are not pushed by PUSHFD [386 17 PUSHF]. */
FOLD fault_t op_PUSHF(struct exec *x, struct mode m)
{
    return push(x, (x->cpu->s.eflags & ~(FL_VM | FL_RF)) | FL_1);
}
FOLD fault_t op_POPF(struct exec *x, struct mode m)
{
    struct stack st = stack_now(x->cpu);
    uint32_t v;
    TRY(stack_pop(&st, x->in->opsize, &v));
    stack_commit(&st);
    x->cpu->s.eflags = flags_loaded(x->cpu, v, x->in->opsize);
    return fault_none();
}

/* --- frames --- */

/* Copies the frame pointers of the outer levels, which lie below the present frame. */
static inline fault_t enter_display(struct exec *x, struct stack *st, unsigned level)
{
    struct stack from = *st;
    from.esp = x->cpu->s.gpr[EBP];
    uint32_t frame = st->esp, v;
    for (unsigned i = 1; i < level; i++) {
        stack_skip(&from, -(int32_t)x->in->opsize);
        TRY(stack_peek(&from, 0, x->in->opsize, &v));
        TRY(stack_push(st, x->in->opsize, v));
    }
    return level ? stack_push(st, x->in->opsize, frame) : fault_none();
}
/* The final stack pointer is probed with a write before EBP and ESP change; what was pushed before
 * a fault stays in memory, as on the chip. */
FOLD fault_t op_ENTER(struct exec *x, struct mode m)
{
    unsigned level = x->in->imm2 & 31, size = x->in->opsize;
    struct stack st = stack_now(x->cpu);
    TRY(stack_push(&st, size, x->cpu->s.gpr[EBP]));
    uint32_t frame = st.esp;
    TRY(enter_display(x, &st, level));
    stack_skip(&st, -(int32_t)(x->in->imm & 0xffff));
    eff_t top = eff(shadow_big(&st.ss.sh) ? st.esp : st.esp & 0xffff);
    TRY(mem_touch(x->cpu, SS, top, size, ACCESS_WRITE));
    reg_set(&x->cpu->s, EBP, size, frame);
    stack_commit(&st);
    x->clocks += level == 0 ? 0 : level == 1 ? 2 : 5 + 4 * (level - 1);
    return fault_none();
}
FOLD fault_t op_LEAVE(struct exec *x, struct mode m)
{
    struct i386_state *s = &x->cpu->s;
    struct stack st = stack_now(x->cpu);
    bool big = shadow_big(&st.ss.sh);
    st.esp = big ? s->gpr[EBP] : (s->gpr[ESP] & 0xffff0000u) | (s->gpr[EBP] & 0xffff);
    uint32_t v;
    TRY(stack_pop(&st, x->in->opsize, &v));
    reg_set(s, EBP, x->in->opsize, v);
    stack_commit(&st);
    return fault_none();
}

#endif
