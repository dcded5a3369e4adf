/* x87_p6.c: instructions that the coprocessor has had since the P6 [SDM2 FCMOVcc, FCOMI]. */
#include "x87_insn.h"

/* B, E, BE, U; the opcode DB turns the condition around. */
static bool condition(const struct exec *x)
{
    static const uint32_t flags[] = {FL_CF, FL_ZF, FL_CF | FL_ZF, FL_PF};
    bool holds = x->cpu->s.eflags & flags[x->in->reg & 3];
    return holds != (x->in->opcode & 1);
}

/* As x87_begin, but C1 is cleared by an underflow of the stack alone. Returns whether there is none. */
static bool begin(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    uint16_t c1 = f->sw & FSW_C1;
    x87_begin(x);
    if (x87_empty(f, 0) || x87_empty(f, x->in->rm)) return false;
    f->sw |= c1;
    return true;
}

/* An empty register is an underflow, whatever the condition says. */
fault_t x87_cmov(struct exec *x)
{
    struct i386_x87 *f = &x->cpu->s.x87;
    if (!begin(x)) {
        if (x87_stack_fault(f, false)) x87_set(f, 0, F80_INDEFINITE);
        return fault_none();
    }
    if (condition(x)) x87_set(f, 0, x87_get(f, x->in->rm));
    return fault_none();
}

fault_t x87_compare_flags(struct exec *x, bool quiet, bool pop)
{
    struct i386_state *s = &x->cpu->s;
    struct i386_x87 *f = &s->x87;
    struct f80_env env = {.cw = f->cw};
    enum f80_order o = F80_UNORDERED;
    bool go;
    if (!begin(x)) {
        go = x87_stack_fault(f, false);
    } else {
        o = f80_compare(&env, x87_get(f, 0), x87_get(f, x->in->rm), quiet);
        go = x87_settle(f, &env);
    }
    if (!go) return fault_none();
    s->eflags = alu_merge(s->eflags, FL_ARITH, x87_order_flags(o));
    if (pop) x87_pop(f);
    return fault_none();
}
