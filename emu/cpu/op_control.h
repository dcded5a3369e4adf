/* op_control.h: bodies of jumps, calls, returns, loops, interrupts and ports [386 3.5, 8]. */
#ifndef RT386_CPU_OP_CONTROL_H
#define RT386_CPU_OP_CONTROL_H

#include "alu.h"
#include "clocks.h"
#include "op_stack.h"
#include "operand.h"

/* --- near --- */

FOLD fault_t jump_relative(struct exec *x)
{
    uint32_t to = target_of(x, x->next_eip + x->in->imm);
    TRY(target_check(x, to));
    jump(x, to);
    return fault_none();
}
FOLD fault_t op_JMP_REL(struct exec *x, struct mode m)
{
    return jump_relative(x);
}

FOLD fault_t op_JMP_IND(struct exec *x, struct mode m)
{
    uint32_t to;
    TRY(opd_read(x, m.a, &to));
    TRY(target_check(x, to));
    jump(x, to);
    return fault_none();
}
FOLD fault_t op_JCC(struct exec *x, struct mode m)
{
    if (!alu_condition(x->in->opcode & 15, x->cpu->s.eflags)) return fault_none();
    TRY(jump_relative(x));
    x->clocks += 4;
    return fault_none();
}

/* The manual pushes before it looks at the target: a stack that refuses comes first, but nothing is
 * written when the target is refused. */
static inline fault_t call_near(struct exec *x, uint32_t to)
{
    fault_t refused = target_check(x, to);
    if (is_fault(refused)) {
        struct stack st = stack_now(x->cpu);
        TRY(stack_room(&st, x->in->opsize));
        return refused;
    }
    TRY(push(x, x->next_eip));
    jump(x, to);
    return fault_none();
}
FOLD fault_t op_CALL_REL(struct exec *x, struct mode m)
{
    return call_near(x, target_of(x, x->next_eip + x->in->imm));
}
FOLD fault_t op_CALL_IND(struct exec *x, struct mode m)
{
    uint32_t to;
    TRY(opd_read(x, m.a, &to));
    return call_near(x, to);
}
FOLD fault_t op_RET(struct exec *x, struct mode m)
{
    uint32_t to, esp;
    TRY(top_of_stack(x, &to, &esp));
    TRY(target_check(x, to));
    x->cpu->s.gpr[ESP] = esp;
    if (m.a == O_Iw) x->cpu->s.gpr[ESP] = esp_moved(&x->cpu->s, x->in->imm);
    jump(x, to);
    return fault_none();
}

/* The address size chooses CX or ECX; the operand size cuts the target. */
FOLD fault_t loop_if(struct exec *x, bool condition)
{
    uint32_t left = (index_get(x, ECX) - 1) & address_mask(x);
    if (left != 0 && condition) TRY(jump_relative(x));
    index_set(x, ECX, left);
    return fault_none();
}
FOLD fault_t op_LOOP(struct exec *x, struct mode m)
{
    return loop_if(x, true);
}
FOLD fault_t op_LOOPE(struct exec *x, struct mode m)
{
    return loop_if(x, x->cpu->s.eflags & FL_ZF);
}
FOLD fault_t op_LOOPNE(struct exec *x, struct mode m)
{
    return loop_if(x, !(x->cpu->s.eflags & FL_ZF));
}
FOLD fault_t op_JCXZ(struct exec *x, struct mode m)
{
    if (index_get(x, ECX) != 0) return fault_none();
    TRY(jump_relative(x));
    x->clocks += 4;
    return fault_none();
}

/* --- far (far.c, iret.c, event.c) --- */

static inline fault_t far_pointer(struct exec *x, uint32_t *off, uint32_t *sel)
{
    eff_t sel_at = eff((x->ea.v + x->in->opsize) & address_mask(x));
    TRY(mem_read(x->cpu, x->in->seg, x->ea, x->in->opsize, off));
    return mem_read(x->cpu, x->in->seg, sel_at, 2, sel);
}
/* Between segments of one task the target's components count as for near transfers. */
FOLD fault_t far_done(struct exec *x, fault_t fault)
{
    if (!is_fault(fault) && !x->no_step) x->clocks += clocks_m(x->cpu, x->next_eip);
    return fault;
}
FOLD fault_t op_JMP_FAR(struct exec *x, struct mode m)
{
    return far_done(x, far_jmp(x, (uint16_t)x->in->imm2, x->in->imm));
}
FOLD fault_t op_CALL_FAR(struct exec *x, struct mode m)
{
    return far_done(x, far_call(x, (uint16_t)x->in->imm2, x->in->imm));
}
FOLD fault_t op_JMP_FAR_M(struct exec *x, struct mode m)
{
    uint32_t off, sel;
    TRY(far_pointer(x, &off, &sel));
    return far_done(x, far_jmp(x, (uint16_t)sel, off));
}
FOLD fault_t op_CALL_FAR_M(struct exec *x, struct mode m)
{
    uint32_t off, sel;
    TRY(far_pointer(x, &off, &sel));
    return far_done(x, far_call(x, (uint16_t)sel, off));
}
FOLD fault_t op_RET_FAR(struct exec *x, struct mode m)
{
    return far_done(x, far_ret(x, m.a == O_Iw ? (uint16_t)x->in->imm : 0));
}
FOLD fault_t op_IRET(struct exec *x, struct mode m)
{
    return far_iret(x);
}

FOLD fault_t op_INT(struct exec *x, struct mode m)
{
    return event_software(x, (uint8_t)x->in->imm);
}
FOLD fault_t op_INT3(struct exec *x, struct mode m)
{
    return event_software(x, VEC_BP);
}
FOLD fault_t op_INT1(struct exec *x, struct mode m)
{
    return event_icebp(x);
}
FOLD fault_t op_INTO(struct exec *x, struct mode m)
{
    if (!(x->cpu->s.eflags & FL_OF)) return fault_none();
    x->clocks = clocks_into(x->cpu);
    return event_software(x, VEC_OF);
}

/* Signed; the upper bound lies after the lower one [386 17 BOUND]. */
FOLD fault_t op_BOUND(struct exec *x, struct mode m)
{
    unsigned size = x->in->opsize;
    uint32_t lo, hi;
    TRY(mem_read(x->cpu, x->in->seg, x->ea, size, &lo));
    TRY(mem_read(x->cpu, x->in->seg, eff((x->ea.v + size) & address_mask(x)), size, &hi));
    int32_t at = (int32_t)sign_extend(reg_get(&x->cpu->s, x->in->reg, size), size);
    if (at >= (int32_t)sign_extend(lo, size) && at <= (int32_t)sign_extend(hi, size))
        return fault_none();
    return fault_make(VEC_BR, 0, RULE_INSN_BOUND);
}

FOLD fault_t op_HLT(struct exec *x, struct mode m)
{
    x->cpu->s.activity = ACT_HLT;
    return fault_none();
}

/* --- ports --- */

FOLD uint16_t port_of(const struct exec *x, unsigned kind)
{
    return (uint16_t)(kind == O_DX ? x->cpu->s.gpr[EDX] : x->in->imm & 0xff);
}
FOLD fault_t op_IN(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    uint16_t port = port_of(x, m.b);
    TRY(io_check(x->cpu, port, size));
    reg_set(&x->cpu->s, EAX, size, io_in(x->cpu, port, size));
    return fault_none();
}
FOLD fault_t op_OUT(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    uint16_t port = port_of(x, m.a);
    TRY(io_check(x->cpu, port, size));
    io_out(x->cpu, port, size, reg_get(&x->cpu->s, EAX, size));
    return fault_none();
}

#endif
