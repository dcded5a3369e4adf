/* x87_arith.c: instructions that compute. */
#include "x87_insn.h"

static bool is_special(f80 v)
{
    return f80_classify(v) >= F80_QNAN;
}

/* A denormal in memory counts as the operand of the operation, unless that found something worse. */
static void note_denormal(struct f80_env *env, bool denormal, f80 a, f80 b)
{
    if (denormal && !(env->flags & (FE_IE | FE_ZE)) && !is_special(a) && !is_special(b))
        env->flags |= FE_DE;
}

static f80 apply(enum x87_arith op, struct f80_env *env, f80 a, f80 b)
{
    switch (op) {
    case X87_ADD: return f80_add(env, a, b);
    case X87_MUL: return f80_mul(env, a, b);
    case X87_SUB: return f80_sub(env, a, b);
    case X87_SUBR: return f80_sub(env, b, a);
    case X87_DIV: return f80_div(env, a, b);
    default: return f80_div(env, b, a);
    }
}

fault_t x87_arith(struct exec *x, struct mode m, enum x87_arith op)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    bool mem = insn_is_mem(x->in), denormal = false, pop = !mem && x->in->opcode == 0xde;
    unsigned to = m.a == O_STi ? x->in->rm : 0, from = m.a == O_STi ? 0 : x->in->rm;
    f80 b = F80_INDEFINITE;
    if (mem) TRY(x87_number(x, m.a, &b, &denormal));
    x87_begin(x);
    if (x87_empty(f, to) || (!mem && x87_empty(f, from))) {
        if (!x87_stack_fault(f, false)) return fault_none();
        x87_set(f, to, F80_INDEFINITE);
    } else {
        struct f80_env env = {.cw = f->cw};
        f80 a = x87_get(f, to);
        if (!mem) b = x87_get(f, from);
        f80 r = apply(op, &env, a, b);
        note_denormal(&env, denormal, a, b);
        if (!x87_settle(f, &env)) return fault_none();
        x87_set(f, to, r);
    }
    if (pop) x87_pop(f);
    return fault_none();
}

/* --- comparison --- */

static uint16_t order_bits(enum f80_order order)
{
    static const uint16_t bits[] = {0, FSW_C0, FSW_C3, FSW_C0 | FSW_C2 | FSW_C3};
    return bits[order];
}

static void set_condition(struct i386_x87 *f, uint16_t bits)
{
    f->sw = (uint16_t)((f->sw & ~(FSW_C0 | FSW_C2 | FSW_C3)) | bits);
}

fault_t x87_compare(struct exec *x, struct mode m, bool quiet, unsigned pops)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    bool mem = insn_is_mem(x->in), denormal = false, reg = m.b == O_STi, go;
    f80 b = f80_zero(false);
    if (mem) TRY(x87_number(x, m.a, &b, &denormal));
    x87_begin(x);
    if (x87_empty(f, 0) || (reg && x87_empty(f, x->in->rm))) {
        set_condition(f, order_bits(F80_UNORDERED));
        go = x87_stack_fault(f, false);
    } else {
        struct f80_env env = {.cw = f->cw};
        f80 a = x87_get(f, 0);
        if (reg) b = x87_get(f, x->in->rm);
        set_condition(f, order_bits(f80_compare(&env, a, b, quiet)));
        note_denormal(&env, denormal, a, b);
        go = x87_settle(f, &env);
    }
    for (; go && pops; pops--)
        x87_pop(f);
    return fault_none();
}

/* --- one operand --- */

fault_t x87_unary(struct exec *x, f80 (*fn)(struct f80_env *, f80))
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    x87_begin(x);
    if (x87_empty(f, 0)) {
        if (x87_stack_fault(f, false)) x87_set(f, 0, F80_INDEFINITE);
        return fault_none();
    }
    f80 r = fn(&env, x87_get(f, 0));
    if (x87_settle(f, &env)) x87_set(f, 0, r);
    return fault_none();
}

fault_t x87_sign(struct exec *x, bool change)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    x87_begin(x);
    if (x87_empty(f, 0)) {
        if (x87_stack_fault(f, false)) x87_set(f, 0, F80_INDEFINITE);
        return fault_none();
    }
    f80 v = x87_get(f, 0);
    v.se = (uint16_t)(change ? v.se ^ 0x8000 : v.se & 0x7fff);
    x87_set(f, 0, v);
    return fault_none();
}

fault_t x87_sine(struct exec *x, bool cosine)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    f80 r;
    x87_begin(x);
    f->sw &= (uint16_t)~FSW_C2;
    if (x87_empty(f, 0)) {
        if (x87_stack_fault(f, false)) x87_set(f, 0, F80_INDEFINITE);
        return fault_none();
    }
    f80 a = x87_get(f, 0);
    if (!f80_sincos(&env, a, cosine ? NULL : &r, cosine ? &r : NULL))
        f->sw |= FSW_C2;
    else if (x87_settle(f, &env))
        x87_set(f, 0, r);
    return fault_none();
}

/* --- ST0 and ST1 --- */

fault_t x87_binary(struct exec *x, f80 (*fn)(struct f80_env *, f80, f80), bool pop)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    f80 r = F80_INDEFINITE;
    x87_begin(x);
    if (x87_empty(f, 0) || x87_empty(f, 1)) {
        if (!x87_stack_fault(f, false)) return fault_none();
    } else {
        r = fn(&env, x87_get(f, 0), x87_get(f, 1));
        if (!x87_settle(f, &env)) return fault_none();
    }
    if (pop) x87_pop(f);
    x87_set(f, 0, r);
    return fault_none();
}

static uint16_t quotient_bits(unsigned q)
{
    return (uint16_t)((q & 4 ? FSW_C0 : 0) | (q & 2 ? FSW_C3 : 0) | (q & 1 ? FSW_C1 : 0));
}

fault_t x87_rem(struct exec *x, bool nearest)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    bool partial;
    unsigned q;
    x87_begin(x);
    f->sw &= (uint16_t)~FSW_C2;
    if (x87_empty(f, 0) || x87_empty(f, 1)) {
        if (x87_stack_fault(f, false)) x87_set(f, 0, F80_INDEFINITE);
        return fault_none();
    }
    f80 a = x87_get(f, 0), b = x87_get(f, 1), r = f80_rem(&env, a, b, nearest, &partial, &q);
    if (!x87_settle(f, &env)) return fault_none();
    x87_set(f, 0, r);
    if (is_special(r)) return fault_none(); /* no quotient: C0 and C3 stay */
    set_condition(f, partial ? FSW_C2 : 0);
    if (!partial) f->sw |= quotient_bits(q);
    return fault_none();
}

/* --- two results --- */

/* False: the argument is out of range. `below` replaces ST0, `above` is pushed. */
static bool pair_of(enum x87_pair which, struct f80_env *env, f80 a, f80 *below, f80 *above)
{
    if (which == X87_SINCOS) return f80_sincos(env, a, below, above);
    if (which == X87_XTRACT) {
        *above = f80_xtract(env, a, below);
        return true;
    }
    bool in_range = f80_tan(env, a, below);
    *above = is_special(*below) ? *below : F80_ONE;
    return in_range;
}

fault_t x87_two(struct exec *x, enum x87_pair which)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    struct f80_env env = {.cw = f->cw};
    f80 below = F80_INDEFINITE, above = F80_INDEFINITE;
    x87_begin(x);
    if (which != X87_XTRACT) f->sw &= (uint16_t)~FSW_C2;
    bool under = x87_empty(f, 0), over = !x87_empty(f, 7);
    if (under || over) {
        if (!x87_stack_fault(f, !under)) return fault_none();
    } else if (!pair_of(which, &env, x87_get(f, 0), &below, &above)) {
        f->sw |= FSW_C2;
        return fault_none();
    } else if (!x87_settle(f, &env)) {
        return fault_none();
    }
    x87_set(f, 0, below);
    x87_push(f, above);
    return fault_none();
}
