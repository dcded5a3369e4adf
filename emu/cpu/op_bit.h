/* op_bit.h: bodies of bit tests, bit scans and SETcc [386 3.4.2]. */
#ifndef RT386_CPU_OP_BIT_H
#define RT386_CPU_OP_BIT_H

#include "alu.h"
#include "operand.h"

/* With a register offset, memory is a bit string: the offset is signed and moves the address by
 * whole operands. An immediate offset stays inside the operand. */
FOLD eff_t bit_address(const struct exec *x, unsigned kind, uint32_t offset, unsigned size)
{
    if (opd_is_imm(kind)) return x->ea;
    int32_t n = (int32_t)sign_extend(offset, size);
    uint32_t by = size == 4 ? (uint32_t)(n >> 5) * 4 : (uint32_t)(n >> 4) * 2;
    return eff((x->ea.v + by) & address_mask(x));
}
FOLD fault_t bit_op(struct exec *x, struct mode m, enum alu_bit how)
{
    uint32_t a, n;
    unsigned size = op_size(x, m);
    TRY(opd_read(x, m.b, &n));
    if (opd_is_mem(x, m.a)) x->ea = bit_address(x, m.b, n, size);
    if (how == BIT_TEST)
        TRY(opd_read(x, m.a, &a));
    else
        TRY(opd_read_rmw(x, m.a, &a));
    struct alu_out o = alu_bit(a, n & (8 * size - 1), how, x->cpu->s.eflags, size);
    if (how != BIT_TEST) return opd_commit(x, m.a, &o);
    x->cpu->s.eflags = o.flags;
    return fault_none();
}
FOLD fault_t op_BT(struct exec *x, struct mode m)
{
    return bit_op(x, m, BIT_TEST);
}
FOLD fault_t op_BTS(struct exec *x, struct mode m)
{
    return bit_op(x, m, BIT_SET);
}
FOLD fault_t op_BTR(struct exec *x, struct mode m)
{
    return bit_op(x, m, BIT_RESET);
}
FOLD fault_t op_BTC(struct exec *x, struct mode m)
{
    return bit_op(x, m, BIT_COMPLEMENT);
}

FOLD fault_t bit_scan(struct exec *x, struct mode m, bool reverse)
{
    uint32_t a, old;
    TRY(opd_read(x, m.b, &a));
    TRY(opd_read(x, m.a, &old));
    struct alu_out o = alu_scan(a, old, reverse, x->cpu->s.eflags);
    unsigned top = 8 * op_size(x, m) - 1;
    if (a) x->clocks += 3 * (reverse ? top - o.result : o.result);
    return opd_commit(x, m.a, &o);
}
FOLD fault_t op_BSF(struct exec *x, struct mode m)
{
    return bit_scan(x, m, false);
}
FOLD fault_t op_BSR(struct exec *x, struct mode m)
{
    return bit_scan(x, m, true);
}

FOLD fault_t op_SETCC(struct exec *x, struct mode m)
{
    return opd_write(x, m.a, alu_condition(x->in->opcode & 15, x->cpu->s.eflags));
}

#endif
