/* op_move.h: bodies of moves, conversions, address loads and single flags [386 3.1, 3.8, 3.9]. */
#ifndef RT386_CPU_OP_MOVE_H
#define RT386_CPU_OP_MOVE_H

#include "alu.h"
#include "operand.h"

/* MOV, and MOVZX: sources are zero-extended as they are read. */
FOLD fault_t op_MOV(struct exec *x, struct mode m)
{
    uint32_t v;
    TRY(opd_read(x, m.b, &v));
    return opd_write(x, m.a, v);
}
FOLD fault_t op_MOVSX(struct exec *x, struct mode m)
{
    uint32_t v;
    TRY(opd_read(x, m.b, &v));
    return opd_write(x, m.a, sign_extend(v, opd_size(x, m.b)));
}
/* The destination is locked and checked as a write before anything is exchanged. */
FOLD fault_t op_XCHG(struct exec *x, struct mode m)
{
    uint32_t a, b;
    TRY(opd_read_rmw(x, m.a, &a));
    TRY(opd_read(x, m.b, &b));
    TRY(opd_write(x, m.a, b));
    return opd_write(x, m.b, a);
}
FOLD fault_t op_LEA(struct exec *x, struct mode m)
{
    return opd_write(x, m.a, x->ea.v);
}

FOLD fault_t op_XLAT(struct exec *x, struct mode m)
{
    struct i386_state *s = &x->cpu->s;
    uint32_t v, at = (s->gpr[EBX] + reg_get(s, EAX, 1)) & address_mask(x);
    TRY(mem_read(x->cpu, x->in->seg, eff(at), 1, &v));
    reg_set(s, EAX, 1, v);
    return fault_none();
}

/* AX from AL, EAX from AX */
FOLD fault_t op_CBW(struct exec *x, struct mode m)
{
    struct i386_state *s = &x->cpu->s;
    unsigned size = x->in->opsize;
    reg_set(s, EAX, size, sign_extend(s->gpr[EAX], size / 2));
    return fault_none();
}
/* DX from AX, EDX from EAX */
FOLD fault_t op_CWD(struct exec *x, struct mode m)
{
    struct i386_state *s = &x->cpu->s;
    unsigned size = x->in->opsize;
    reg_set(s, EDX, size, s->gpr[EAX] & size_sign(size) ? 0xffffffffu : 0);
    return fault_none();
}

/* --- segment registers --- */

static inline fault_t sreg_check(unsigned reg)
{
    return reg < SEGREG_COUNT ? fault_none() : fault_make(VEC_UD, 0, RULE_INSN_SREG_NUMBER);
}
/* Memory gets 16 bits whatever the operand size; a 32-bit register gets zeros above (the manual
 * leaves them undefined). */
FOLD fault_t selector_store(struct exec *x, struct mode m, uint32_t sel)
{
    if (opd_is_mem(x, m.a)) return mem_write(x->cpu, x->in->seg, x->ea, 2, sel);
    reg_set(&x->cpu->s, x->in->rm, x->in->opsize, sel);
    return fault_none();
}
FOLD fault_t op_MOV_FROM_SREG(struct exec *x, struct mode m)
{
    TRY(sreg_check(x->in->reg));
    return selector_store(x, m, x->cpu->s.seg[x->in->reg].sel);
}
FOLD fault_t op_MOV_TO_SREG(struct exec *x, struct mode m)
{
    unsigned reg = x->in->reg;
    uint32_t sel;
    struct seg_load load;
    TRY(sreg_check(reg));
    if (reg == CS) return fault_make(VEC_UD, 0, RULE_INSN_MOV_CS);
    TRY(opd_read(x, m.b, &sel));
    TRY(segload_prepare(x->cpu, reg, (uint16_t)sel, &load));
    segload_commit(x->cpu, reg, &load);
    if (reg == SS) x->inhibit = INHIBIT_SS;
    return fault_none();
}

/* Offset and selector are read and the segment is checked before either register changes. The
 * selector lies after the offset. */
static inline fault_t load_pointer(struct exec *x, enum segreg reg)
{
    unsigned size = x->in->opsize;
    uint32_t off, sel;
    struct seg_load load;
    eff_t sel_at = eff((x->ea.v + size) & address_mask(x));
    TRY(mem_read(x->cpu, x->in->seg, x->ea, size, &off));
    TRY(mem_read(x->cpu, x->in->seg, sel_at, 2, &sel));
    TRY(segload_prepare(x->cpu, reg, (uint16_t)sel, &load));
    segload_commit(x->cpu, reg, &load);
    reg_set(&x->cpu->s, x->in->reg, size, off);
    return fault_none();
}
FOLD fault_t op_LES(struct exec *x, struct mode m)
{
    return load_pointer(x, ES);
}
FOLD fault_t op_LDS(struct exec *x, struct mode m)
{
    return load_pointer(x, DS);
}
FOLD fault_t op_LSS(struct exec *x, struct mode m)
{
    return load_pointer(x, SS);
}
FOLD fault_t op_LFS(struct exec *x, struct mode m)
{
    return load_pointer(x, FS);
}
FOLD fault_t op_LGS(struct exec *x, struct mode m)
{
    return load_pointer(x, GS);
}

/* --- flags --- */

FOLD fault_t flag_set(struct exec *x, uint32_t flag, uint32_t value)
{
    x->cpu->s.eflags = alu_merge(x->cpu->s.eflags, flag, value);
    return fault_none();
}
FOLD fault_t op_CLC(struct exec *x, struct mode m)
{
    return flag_set(x, FL_CF, 0);
}
FOLD fault_t op_STC(struct exec *x, struct mode m)
{
    return flag_set(x, FL_CF, FL_CF);
}
FOLD fault_t op_CMC(struct exec *x, struct mode m)
{
    return flag_set(x, FL_CF, ~x->cpu->s.eflags);
}
FOLD fault_t op_CLD(struct exec *x, struct mode m)
{
    return flag_set(x, FL_DF, 0);
}
FOLD fault_t op_STD(struct exec *x, struct mode m)
{
    return flag_set(x, FL_DF, FL_DF);
}
FOLD fault_t op_CLI(struct exec *x, struct mode m)
{
    return flag_set(x, FL_IF, 0);
}
/* Interrupts stay off for one more instruction when they were off. */
FOLD fault_t op_STI(struct exec *x, struct mode m)
{
    if (!(x->cpu->s.eflags & FL_IF)) x->inhibit = INHIBIT_STI;
    return flag_set(x, FL_IF, FL_IF);
}

#define FLAGS_IN_AH (FL_SF | FL_ZF | FL_AF | FL_PF | FL_CF)
FOLD fault_t op_LAHF(struct exec *x, struct mode m)
{
    reg_set(&x->cpu->s, 4, 1, (x->cpu->s.eflags & FLAGS_IN_AH) | FL_1);
    return fault_none();
}
FOLD fault_t op_SAHF(struct exec *x, struct mode m)
{
    return flag_set(x, FLAGS_IN_AH, reg_get(&x->cpu->s, 4, 1));
}
/* UNDOC: AL := CF ? FF : 0 */
FOLD fault_t op_SALC(struct exec *x, struct mode m)
{
    reg_set(&x->cpu->s, EAX, 1, x->cpu->s.eflags & FL_CF ? 0xff : 0);
    return fault_none();
}
FOLD fault_t op_NOP(struct exec *x, struct mode m)
{
    return fault_none();
}

#endif
