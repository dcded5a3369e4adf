/* op_arith.h: bodies of the arithmetic, logic and decimal instructions [386 3.2, 3.3]. */
#ifndef RT386_CPU_OP_ARITH_H
#define RT386_CPU_OP_ARITH_H

#include "alu.h"
#include "clocks.h"
#include "operand.h"

/* destination := destination OP source */
#define ARITH_BODY(name, expression)                                                               \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        uint32_t a, b, flags = x->cpu->s.eflags;                                                   \
        unsigned size = op_size(x, m);                                                             \
        TRY(opd_read_rmw(x, m.a, &a));                                                             \
        TRY(opd_read(x, m.b, &b));                                                                 \
        struct alu_out o = expression;                                                             \
        return opd_commit(x, m.a, &o);                                                             \
    }
ARITH_BODY(ADD, alu_add(a, b, flags, size))
ARITH_BODY(ADC, alu_adc(a, b, flags &FL_CF, flags, size))
ARITH_BODY(SUB, alu_sub(a, b, flags, size))
ARITH_BODY(SBB, alu_sbb(a, b, flags &FL_CF, flags, size))
ARITH_BODY(AND, alu_logic(a &b, flags, size))
ARITH_BODY(OR, alu_logic(a | b, flags, size))
ARITH_BODY(XOR, alu_logic(a ^ b, flags, size))

/* flags only */
#define COMPARE_BODY(name, expression)                                                             \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        uint32_t a, b, flags = x->cpu->s.eflags;                                                   \
        unsigned size = op_size(x, m);                                                             \
        TRY(opd_read(x, m.a, &a));                                                                 \
        TRY(opd_read(x, m.b, &b));                                                                 \
        struct alu_out o = expression;                                                             \
        x->cpu->s.eflags = o.flags;                                                                \
        return fault_none();                                                                       \
    }
COMPARE_BODY(CMP, alu_sub(a, b, flags, size))
COMPARE_BODY(TEST, alu_logic(a &b, flags, size))

/* one operand */
#define UNARY_BODY(name, expression)                                                               \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        uint32_t a, flags = x->cpu->s.eflags;                                                      \
        unsigned size = op_size(x, m);                                                             \
        TRY(opd_read_rmw(x, m.a, &a));                                                             \
        struct alu_out o = expression;                                                             \
        return opd_commit(x, m.a, &o);                                                             \
    }
UNARY_BODY(INC, alu_inc(a, flags, size))
UNARY_BODY(DEC, alu_dec(a, flags, size))
UNARY_BODY(NEG, alu_neg(a, flags, size))
UNARY_BODY(NOT, alu_not(a, flags, size))

/* --- multiplication and division: the wide operand is AX, DX:AX or EDX:EAX --- */

FOLD void wide_set(struct i386_state *s, unsigned size, const struct alu_out *o)
{
    if (size == 1) {
        reg_set(s, EAX, 2, o->result2 << 8 | o->result);
    } else {
        reg_set(s, EAX, size, o->result);
        reg_set(s, EDX, size, o->result2);
    }
}
FOLD uint32_t wide_high(const struct i386_state *s, unsigned size)
{
    return size == 1 ? s->gpr[EAX] >> 8 & 0xff : reg_get(s, EDX, size);
}

/* The early-out works on the operand named in the instruction [386 17 MUL]. */
FOLD fault_t op_MUL(struct exec *x, struct mode m)
{
    uint32_t b;
    unsigned size = op_size(x, m);
    TRY(opd_read(x, m.a, &b));
    struct i386_state *s = &x->cpu->s;
    struct alu_out o = alu_mul(reg_get(s, EAX, size), b, s->eflags, size);
    wide_set(s, size, &o);
    s->eflags = o.flags;
    x->clocks += clocks_multiply(b);
    return fault_none();
}
FOLD fault_t op_IMUL(struct exec *x, struct mode m)
{
    uint32_t b;
    unsigned size = op_size(x, m);
    TRY(opd_read(x, m.a, &b));
    struct i386_state *s = &x->cpu->s;
    struct alu_out o = alu_imul(reg_get(s, EAX, size), b, s->eflags, size);
    wide_set(s, size, &o);
    s->eflags = o.flags;
    x->clocks += clocks_multiply_signed(b, size);
    return fault_none();
}
FOLD fault_t multiply_to(struct exec *x, struct mode m, uint32_t a, uint32_t b)
{
    unsigned size = op_size(x, m);
    struct alu_out o = alu_imul(a, b, x->cpu->s.eflags, size);
    x->clocks += clocks_multiply_signed(b, size);
    return opd_commit(x, m.a, &o);
}
FOLD fault_t op_IMUL2(struct exec *x, struct mode m)
{
    uint32_t a, b;
    TRY(opd_read(x, m.a, &a));
    TRY(opd_read(x, m.b, &b));
    return multiply_to(x, m, a, b);
}
FOLD fault_t op_IMUL3(struct exec *x, struct mode m)
{
    uint32_t a, b;
    TRY(opd_read(x, m.b, &a));
    TRY(opd_read(x, m.c, &b));
    return multiply_to(x, m, a, b);
}

static inline fault_t divide_fault(enum alu_divide how)
{
    if (how == DIVIDE_BY_ZERO) return fault_make(VEC_DE, 0, RULE_INSN_DIVIDE_ZERO);
    if (how == DIVIDE_OVERFLOW) return fault_make(VEC_DE, 0, RULE_INSN_DIVIDE_OVERFLOW);
    return fault_none();
}
FOLD fault_t op_DIV(struct exec *x, struct mode m)
{
    uint32_t b;
    unsigned size = op_size(x, m);
    TRY(opd_read(x, m.a, &b));
    struct i386_state *s = &x->cpu->s;
    struct alu_out o = {0};
    TRY(divide_fault(alu_div(wide_high(s, size), reg_get(s, EAX, size), b, s->eflags, size, &o)));
    wide_set(s, size, &o);
    s->eflags = o.flags;
    return fault_none();
}
FOLD fault_t op_IDIV(struct exec *x, struct mode m)
{
    uint32_t b;
    unsigned size = op_size(x, m);
    TRY(opd_read(x, m.a, &b));
    struct i386_state *s = &x->cpu->s;
    struct alu_out o = {0};
    TRY(divide_fault(alu_idiv(wide_high(s, size), reg_get(s, EAX, size), b, s->eflags, size, &o)));
    wide_set(s, size, &o);
    s->eflags = o.flags;
    return fault_none();
}

/* --- decimal --- */

#define DECIMAL_BODY(name, expression, bytes)                                                      \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        struct i386_state *s = &x->cpu->s;                                                         \
        uint32_t a = reg_get(s, EAX, bytes), flags = s->eflags;                                    \
        struct alu_out o = expression;                                                             \
        reg_set(s, EAX, bytes, o.result);                                                          \
        s->eflags = o.flags;                                                                       \
        return fault_none();                                                                       \
    }
DECIMAL_BODY(DAA, alu_daa(a, flags), 1)
DECIMAL_BODY(DAS, alu_das(a, flags), 1)
DECIMAL_BODY(AAA, alu_aaa(a, flags), 2)
DECIMAL_BODY(AAS, alu_aas(a, flags), 2)
DECIMAL_BODY(AAD, alu_aad(a, x->in->imm, flags), 2)

FOLD fault_t op_AAM(struct exec *x, struct mode m)
{
    struct i386_state *s = &x->cpu->s;
    struct alu_out o = {0};
    TRY(divide_fault(alu_aam(reg_get(s, EAX, 1), x->in->imm, s->eflags, &o)));
    reg_set(s, EAX, 2, o.result);
    s->eflags = o.flags;
    return fault_none();
}

#endif
