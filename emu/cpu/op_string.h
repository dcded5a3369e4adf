/* op_string.h: bodies of the string instructions and REP [386 3.6].
 *
 * A body makes one iteration. Under REP the instruction stays where it is (rep_again) until the
 * count is used up or, for CMPS and SCAS, ZF ends it; interrupts and traps are taken between
 * iterations, and a fault leaves the registers of the last complete one.
 */
#ifndef RT386_CPU_OP_STRING_H
#define RT386_CPU_OP_STRING_H

#include "alu.h"
#include "clocks.h"
#include "operand.h"
#include "transfer.h"

/* REP with a count of zero touches nothing. */
FOLD bool rep_done(struct exec *x)
{
    if (!x->in->rep || index_get(x, ECX) != 0) return false;
    x->clocks =
        clocks_repeat(x->cpu, x->row->body, true) - clocks_repeat(x->cpu, x->row->body, false);
    return true;
}
FOLD void rep_next(struct exec *x, bool go_on)
{
    if (!x->in->rep) return;
    uint32_t left = index_get(x, ECX) - 1;
    index_set(x, ECX, left);
    x->rep_again = (left & address_mask(x)) != 0 && go_on;
    x->clocks = clocks_repeat(x->cpu, x->row->body, !x->rep_again);
}
FOLD void index_step(struct exec *x, unsigned reg, unsigned size)
{
    uint32_t by = x->cpu->s.eflags & FL_DF ? 0u - size : size;
    index_set(x, reg, index_get(x, reg) + by);
}
FOLD fault_t string_source(struct exec *x, unsigned size, uint32_t *v)
{
    return data_read(x->cpu, x->in->seg, eff(index_get(x, ESI)), size, v);
}
FOLD fault_t string_target(struct exec *x, unsigned size, uint32_t *v)
{
    return data_read(x->cpu, ES, eff(index_get(x, EDI)), size, v);
}
FOLD fault_t string_store(struct exec *x, unsigned size, uint32_t v)
{
    return data_write(x->cpu, ES, eff(index_get(x, EDI)), size, v);
}
/* REPE goes on while ZF = 1, REPNE while ZF = 0. */
FOLD bool rep_condition(const struct exec *x)
{
    return !(x->cpu->s.eflags & FL_ZF) == (x->in->rep == 0xf2);
}

FOLD fault_t op_MOVS(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    uint32_t v;
    if (rep_done(x)) return fault_none();
    TRY(string_source(x, size, &v));
    TRY(string_store(x, size, v));
    index_step(x, ESI, size);
    index_step(x, EDI, size);
    rep_next(x, true);
    return fault_none();
}
FOLD fault_t op_STOS(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    if (rep_done(x)) return fault_none();
    TRY(string_store(x, size, reg_get(&x->cpu->s, EAX, size)));
    index_step(x, EDI, size);
    rep_next(x, true);
    return fault_none();
}
FOLD fault_t op_LODS(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    uint32_t v;
    if (rep_done(x)) return fault_none();
    TRY(string_source(x, size, &v));
    reg_set(&x->cpu->s, EAX, size, v);
    index_step(x, ESI, size);
    rep_next(x, true);
    return fault_none();
}
FOLD fault_t op_CMPS(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    uint32_t a, b;
    if (rep_done(x)) return fault_none();
    TRY(string_source(x, size, &a));
    TRY(string_target(x, size, &b));
    x->cpu->s.eflags = alu_sub(a, b, x->cpu->s.eflags, size).flags;
    index_step(x, ESI, size);
    index_step(x, EDI, size);
    rep_next(x, rep_condition(x));
    return fault_none();
}
FOLD fault_t op_SCAS(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    uint32_t b;
    if (rep_done(x)) return fault_none();
    TRY(string_target(x, size, &b));
    uint32_t a = reg_get(&x->cpu->s, EAX, size);
    x->cpu->s.eflags = alu_sub(a, b, x->cpu->s.eflags, size).flags;
    index_step(x, EDI, size);
    rep_next(x, rep_condition(x));
    return fault_none();
}
/* The destination is checked before the port is read: a port must not be read twice. That is when
 * the access hook hears of the write; a refusal after the port was read would lose the value. */
FOLD fault_t op_INS(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    uint16_t port = (uint16_t)x->cpu->s.gpr[EDX];
    if (rep_done(x)) return fault_none();
    TRY(io_check(x->cpu, port, size));
    TRY(mem_touch(x->cpu, ES, eff(index_get(x, EDI)), size, ACCESS_WRITE));
    const struct access_hook *hook = hook_mute(x->cpu);
    fault_t fault = string_store(x, size, io_in(x->cpu, port, size));
    x->cpu->hook = hook;
    TRY(fault);
    index_step(x, EDI, size);
    rep_next(x, true);
    return fault_none();
}
FOLD fault_t op_OUTS(struct exec *x, struct mode m)
{
    unsigned size = op_size(x, m);
    uint16_t port = (uint16_t)x->cpu->s.gpr[EDX];
    uint32_t v;
    if (rep_done(x)) return fault_none();
    TRY(io_check(x->cpu, port, size));
    TRY(string_source(x, size, &v));
    io_out(x->cpu, port, size, v);
    index_step(x, ESI, size);
    rep_next(x, true);
    return fault_none();
}

#endif
