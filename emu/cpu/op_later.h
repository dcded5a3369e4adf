/* op_later.h: bodies of the integer and system instructions that came after the 80386 [SDM2, by name]. */
#ifndef RT386_CPU_OP_LATER_H
#define RT386_CPU_OP_LATER_H

#include "alu.h"
#include "later.h"
#include "operand.h"

/* UNDOC: a 16-bit register becomes zero. */
FOLD fault_t op_BSWAP(struct exec *x, struct mode m)
{
    uint32_t v;
    TRY(opd_read(x, m.a, &v));
    uint32_t swapped = v >> 24 | (v >> 8 & 0xff00) | (v & 0xff00) << 8 | v << 24;
    return opd_write(x, m.a, x->in->opsize == 4 ? swapped : 0);
}

/* The destination is written in any case; when it does not match, with its own value. */
FOLD fault_t op_CMPXCHG(struct exec *x, struct mode m)
{
    struct i386_state *s = &x->cpu->s;
    unsigned size = op_size(x, m);
    uint32_t a, b, acc = reg_get(s, EAX, size);
    TRY(opd_read_rmw(x, m.a, &a));
    TRY(opd_read(x, m.b, &b));
    struct alu_out o = alu_sub(acc, a, s->eflags, size);
    TRY(opd_write(x, m.a, acc == a ? b : a));
    if (acc != a) reg_set(s, EAX, size, a);
    s->eflags = o.flags;
    return fault_none();
}

/* The sum goes to the destination last: it is what stays when both are one register. */
FOLD fault_t op_XADD(struct exec *x, struct mode m)
{
    uint32_t a, b;
    TRY(opd_read_rmw(x, m.a, &a));
    TRY(opd_read(x, m.b, &b));
    struct alu_out o = alu_add(a, b, x->cpu->s.eflags, op_size(x, m));
    if (opd_is_mem(x, m.a)) TRY(opd_write(x, m.a, o.result));
    TRY(opd_write(x, m.b, a));
    if (!opd_is_mem(x, m.a)) TRY(opd_write(x, m.a, o.result));
    x->cpu->s.eflags = o.flags;
    return fault_none();
}

FOLD fault_t op_CMPXCHG8B(struct exec *x, struct mode m)
{
    return later_cmpxchg8b(x);
}

/* The source is read whatever the condition says. */
FOLD fault_t op_CMOV(struct exec *x, struct mode m)
{
    uint32_t v;
    TRY(opd_read(x, m.b, &v));
    if (!alu_condition(x->in->opcode & 15, x->cpu->s.eflags)) return fault_none();
    return opd_write(x, m.a, v);
}

FOLD fault_t op_UD2(struct exec *x, struct mode m)
{
    return fault_make(VEC_UD, 0, RULE_LATER_UD2);
}

/* --- system --- */

FOLD fault_t op_CPUID(struct exec *x, struct mode m)
{
    later_cpuid(x);
    return fault_none();
}
FOLD fault_t op_RDTSC(struct exec *x, struct mode m)
{
    return later_rdtsc(x);
}
FOLD fault_t op_RDMSR(struct exec *x, struct mode m)
{
    return later_rdmsr(x);
}
FOLD fault_t op_WRMSR(struct exec *x, struct mode m)
{
    return later_wrmsr(x);
}
FOLD fault_t op_RDPMC(struct exec *x, struct mode m)
{
    return later_rdpmc(x);
}

#endif
