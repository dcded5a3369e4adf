/* operand.h: reading and writing operands by the letters of the opcode map.
 *
 * A body gets its operands as a `struct mode` of constants, so that in an engine which instantiates
 * it for one row every switch below folds away.
 */
#ifndef RT386_CPU_OPERAND_H
#define RT386_CPU_OPERAND_H

#include "access.h"
#include "alu.h"
#include "bits.h"
#include "exec.h"
#include "memo.h"

#define FOLD static inline __attribute__((always_inline))

struct mode {
    uint8_t a, b, c; /* enum operand */
    bool byte;       /* ATT_BYTE */
};

/* --- registers --- */

FOLD uint32_t reg_get(const struct i386_state *s, unsigned reg, unsigned size)
{
    if (size == 1) return s->gpr[reg & 3] >> (reg & 4 ? 8 : 0) & 0xff;
    return size == 2 ? s->gpr[reg] & 0xffff : s->gpr[reg];
}
FOLD void reg_set(struct i386_state *s, unsigned reg, unsigned size, uint32_t v)
{
    if (size == 1) {
        unsigned shift = reg & 4 ? 8 : 0;
        s->gpr[reg & 3] = (s->gpr[reg & 3] & ~(0xffu << shift)) | (v & 0xff) << shift;
    } else if (size == 2) {
        s->gpr[reg] = (s->gpr[reg] & 0xffff0000u) | (v & 0xffff);
    } else {
        s->gpr[reg] = v;
    }
}

/* --- operands --- */

FOLD unsigned opd_size(const struct exec *x, unsigned kind)
{
    switch (kind) {
    case O_Eb:
    case O_Gb:
    case O_Ib:
    case O_Ob:
    case O_Xb:
    case O_Yb:
    case O_Zb:
    case O_AL:
    case O_CL: return 1;
    case O_Ew:
    case O_Gw:
    case O_Iw:
    case O_Sw:
    case O_AX:
    case O_DX: return 2;
    case O_Ed:
    case O_Gd:
    case O_Rd: return 4;
    default: return x->in->opsize;
    }
}
/* The size at which the instruction computes. */
FOLD unsigned op_size(const struct exec *x, struct mode m)
{
    return m.byte ? 1 : x->in->opsize;
}

FOLD bool opd_is_e(unsigned kind)
{
    return kind >= O_Eb && kind <= O_Ev;
}
FOLD bool opd_is_mem(const struct exec *x, unsigned kind)
{
    return kind == O_Ob || kind == O_Ov || (opd_is_e(kind) && x->in->mod != 3);
}

/* Register number of an operand that is a general register. */
FOLD unsigned opd_reg(const struct exec *x, unsigned kind)
{
    switch (kind) {
    case O_AL:
    case O_AX:
    case O_eAX: return EAX;
    case O_CL: return ECX;
    case O_DX: return EDX;
    case O_Eb:
    case O_Ew:
    case O_Ed:
    case O_Ev:
    case O_Rd: return x->in->rm;
    default: return x->in->reg;
    }
}
FOLD bool opd_is_imm(unsigned kind)
{
    return kind >= O_Ib && kind <= O_Jv;
}

FOLD fault_t opd_read(struct exec *x, unsigned kind, uint32_t *v)
{
    if (opd_is_mem(x, kind)) return data_read(x->cpu, x->in->seg, x->ea, opd_size(x, kind), v);
    if (opd_is_imm(kind))
        *v = x->in->imm;
    else if (kind == O_1)
        *v = 1;
    else
        *v = reg_get(&x->cpu->s, opd_reg(x, kind), opd_size(x, kind));
    return fault_none();
}
/* The destination of a read-modify-write: refused as a write would be, before anything is computed.
 */
FOLD fault_t opd_read_rmw(struct exec *x, unsigned kind, uint32_t *v)
{
    if (opd_is_mem(x, kind)) return data_read_rmw(x->cpu, x->in->seg, x->ea, opd_size(x, kind), v);
    return opd_read(x, kind, v);
}
FOLD fault_t opd_write(struct exec *x, unsigned kind, uint32_t v)
{
    if (opd_is_mem(x, kind)) return data_write(x->cpu, x->in->seg, x->ea, opd_size(x, kind), v);
    reg_set(&x->cpu->s, opd_reg(x, kind), opd_size(x, kind), v);
    return fault_none();
}
/* Writes a result, then its flags: a write that is refused leaves both. */
FOLD fault_t opd_commit(struct exec *x, unsigned kind, const struct alu_out *o)
{
    TRY(opd_write(x, kind, o->result));
    x->cpu->s.eflags = o->flags;
    return fault_none();
}

/* --- addresses --- */

FOLD uint32_t address_mask(const struct exec *x)
{
    return x->in->adsize == 4 ? 0xffffffffu : 0xffffu;
}
FOLD eff_t operand_address(const struct i386_state *s, const struct insn *in)
{
    uint32_t at = in->disp;
    if (in->base != 0xff) at += s->gpr[in->base];
    if (in->index != 0xff) at += s->gpr[in->index] << in->scale;
    return eff(in->adsize == 4 ? at : at & 0xffff);
}
/* ECX, ESI, EDI as counter or index: the address size says how much of it takes part. */
FOLD uint32_t index_get(const struct exec *x, unsigned reg)
{
    return x->cpu->s.gpr[reg] & address_mask(x);
}
FOLD void index_set(struct exec *x, unsigned reg, uint32_t v)
{
    reg_set(&x->cpu->s, reg, x->in->adsize, v);
}

/* --- near transfers --- */

/* The target of a jump is EIP cut to the operand size; it must lie inside CS [386 17 JMP]. */
FOLD uint32_t target_of(const struct exec *x, uint32_t to)
{
    return x->in->opsize == 4 ? to : to & 0xffff;
}
static inline fault_t target_check(const struct exec *x, uint32_t to)
{
    const struct shadow *cs = &x->cpu->s.seg[CS].sh;
    if (to <= cs->hi) return fault_none();
    return fault_detail(VEC_GP, 0, RULE_INSN_TARGET_LIMIT, to);
}
static inline void jump(struct exec *x, uint32_t to)
{
    struct i386_cpu *cpu = x->cpu;
    const struct insn *known = cpu->straight ? memo_jump(cpu, x->in, to) : NULL;
    x->next_eip = to;
    x->clocks += LIKELY(known) ? known->components : clocks_m(cpu, to);
}

#endif
