/* op_system.h: bodies of the system instructions [386 4.2]; the work is in system.c. */
#ifndef RT386_CPU_OP_SYSTEM_H
#define RT386_CPU_OP_SYSTEM_H

#include "alu.h"
#include "op_move.h"
#include "operand.h"

FOLD fault_t set_zf(struct exec *x, bool zf)
{
    x->cpu->s.eflags = alu_merge(x->cpu->s.eflags, FL_ZF, alu_flag(zf, FL_ZF));
    return fault_none();
}

/* --- questions about selectors --- */

/* The destination is written, and checked for writing, only if its RPL is below that of the source
 * [386 17 ARPL]: an 80386 leaves a read-only operand alone when nothing is to change. */
FOLD fault_t op_ARPL(struct exec *x, struct mode m)
{
    uint32_t a, b;
    TRY(opd_read(x, m.a, &a));
    TRY(opd_read(x, m.b, &b));
    bool raise = SEL_RPL(a) < SEL_RPL(b);
    if (raise) TRY(opd_write(x, m.a, (a & ~3u) | SEL_RPL(b)));
    return set_zf(x, raise);
}
FOLD fault_t selector_query(struct exec *x, struct mode m,
                            fault_t (*ask)(struct exec *, uint16_t, bool *, uint32_t *))
{
    uint32_t sel, value = 0;
    bool ok = false;
    TRY(opd_read(x, m.b, &sel));
    TRY(ask(x, (uint16_t)sel, &ok, &value));
    if (ok) TRY(opd_write(x, m.a, value));
    return set_zf(x, ok);
}
FOLD fault_t op_LAR(struct exec *x, struct mode m)
{
    return selector_query(x, m, sys_lar);
}
FOLD fault_t op_LSL(struct exec *x, struct mode m)
{
    return selector_query(x, m, sys_lsl);
}

FOLD fault_t selector_verify(struct exec *x, struct mode m, bool write)
{
    uint32_t sel;
    bool ok = false;
    TRY(opd_read(x, m.a, &sel));
    TRY(sys_ver(x, (uint16_t)sel, write, &ok));
    return set_zf(x, ok);
}
FOLD fault_t op_VERR(struct exec *x, struct mode m)
{
    return selector_verify(x, m, false);
}
FOLD fault_t op_VERW(struct exec *x, struct mode m)
{
    return selector_verify(x, m, true);
}

/* --- table registers --- */

FOLD fault_t op_SLDT(struct exec *x, struct mode m)
{
    return selector_store(x, m, x->cpu->s.ldtr.sel);
}
FOLD fault_t op_STR(struct exec *x, struct mode m)
{
    return selector_store(x, m, x->cpu->s.tr.sel);
}
FOLD fault_t op_LLDT(struct exec *x, struct mode m)
{
    uint32_t sel;
    TRY(opd_read(x, m.a, &sel));
    return sys_lldt(x, (uint16_t)sel);
}
FOLD fault_t op_LTR(struct exec *x, struct mode m)
{
    uint32_t sel;
    TRY(opd_read(x, m.a, &sel));
    return sys_ltr(x, (uint16_t)sel);
}
FOLD fault_t op_SGDT(struct exec *x, struct mode m)
{
    return sys_sgdt(x, false);
}
FOLD fault_t op_SIDT(struct exec *x, struct mode m)
{
    return sys_sgdt(x, true);
}
FOLD fault_t op_LGDT(struct exec *x, struct mode m)
{
    return sys_lgdt(x, false);
}
FOLD fault_t op_LIDT(struct exec *x, struct mode m)
{
    return sys_lgdt(x, true);
}

FOLD fault_t op_LOADALL(struct exec *x, struct mode m)
{
    return sys_loadall(x);
}

/* --- control, debug and test registers --- */

/* UNDOC: a 32-bit register receives CR0 as a whole. */
FOLD fault_t op_SMSW(struct exec *x, struct mode m)
{
    uint32_t cr0 = x->cpu->s.cr0;
    if (opd_is_mem(x, m.a)) return mem_write(x->cpu, x->in->seg, x->ea, 2, cr0 & 0xffff);
    reg_set(&x->cpu->s, x->in->rm, x->in->opsize, cr0);
    return fault_none();
}
FOLD fault_t op_LMSW(struct exec *x, struct mode m)
{
    uint32_t v;
    TRY(opd_read(x, m.a, &v));
    return sys_lmsw(x, (uint16_t)v);
}
FOLD fault_t op_CLTS(struct exec *x, struct mode m)
{
    x->cpu->s.cr0 &= ~CR0_TS;
    return fault_none();
}

FOLD fault_t op_MOV_TO_CR(struct exec *x, struct mode m)
{
    x->clocks = clocks_control(x->in, true);
    return sys_mov_to_cr(x, x->in->reg, x->cpu->s.gpr[x->in->rm]);
}
FOLD fault_t op_MOV_FROM_CR(struct exec *x, struct mode m)
{
    return sys_mov_from_cr(x, x->in->reg, &x->cpu->s.gpr[x->in->rm]);
}
FOLD fault_t op_MOV_TO_DR(struct exec *x, struct mode m)
{
    x->clocks = clocks_control(x->in, true);
    return sys_mov_to_dr(x, x->in->reg, x->cpu->s.gpr[x->in->rm]);
}
FOLD fault_t op_MOV_FROM_DR(struct exec *x, struct mode m)
{
    x->clocks = clocks_control(x->in, false);
    return sys_mov_from_dr(x, x->in->reg, &x->cpu->s.gpr[x->in->rm]);
}
FOLD fault_t op_MOV_TO_TR(struct exec *x, struct mode m)
{
    return sys_mov_to_tr(x, x->in->reg, x->cpu->s.gpr[x->in->rm]);
}
FOLD fault_t op_MOV_FROM_TR(struct exec *x, struct mode m)
{
    return sys_mov_from_tr(x, x->in->reg, &x->cpu->s.gpr[x->in->rm]);
}

/* --- the personality --- */

FOLD fault_t op_TRAP(struct exec *x, struct mode m)
{
    if (!x->cpu->personality || x->cpu->s.cpl != 0)
        return fault_make(VEC_UD, 0, RULE_INSN_PERSONALITY);
    x->cpu->trap_point = (uint8_t)x->in->imm;
    x->personality = true;
    return fault_none();
}

#endif
