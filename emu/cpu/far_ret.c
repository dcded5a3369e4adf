/* far_ret.c: far RET [386 17 RET]. */
#include "transfer.h"

#define CLOCKS_OUTER 36u /* 68 against 32 + m */

static fault_t ret_8086(struct exec *x, uint16_t release)
{
    unsigned size = x->in->opsize;
    struct stack st = stack_now(x->cpu);
    struct seg cs;
    uint32_t eip, sel;
    TRY(stack_pop(&st, size, &eip));
    TRY(stack_pop(&st, size, &sel));
    TRY(code_prepare_8086(x->cpu, (uint16_t)sel, eip, &cs));
    stack_skip(&st, release);
    /* commit point */
    stack_commit(&st);
    code_commit_8086(x->cpu, &cs, eip);
    exec_transferred(x);
    return fault_none();
}

static fault_t ret_same(struct exec *x, const struct target *to, uint16_t release)
{
    struct stack st = stack_now(x->cpu);
    TRY(target_check_eip(x->cpu, &to->code.answer.sh, to->eip));
    TRY(descriptor_write_back(x->cpu, &to->code));
    stack_skip(&st, 2 * x->in->opsize + release);
    /* commit point */
    stack_commit(&st);
    target_commit(x->cpu, to);
    exec_transferred(x);
    return fault_none();
}

fault_t outer_stack_find(struct i386_cpu *cpu, uint16_t sel, uint32_t esp, uint8_t cpl,
                         struct outer_stack *outer)
{
    TRY(descriptor_resolve(cpu, sel, cpl, SEG_RET_SS, &outer->ss));
    outer->st = stack_at(cpu, &(struct seg){.sel = sel, .sh = outer->ss.answer.sh}, 0, cpl);
    outer->st.esp = esp_loaded(cpu, &outer->st.ss.sh, esp);
    return fault_none();
}

void outer_commit(struct i386_cpu *cpu, const struct target *to, const struct outer_stack *outer)
{
    target_commit(cpu, to);
    cpu->s.seg[SS] = outer->st.ss;
    stack_commit(&outer->st);
    outer_null_data(&cpu->s);
}

/* The frame, from the top of the stack: EIP, CS, parameters, ESP, SS. The parameters are released
 * on both stacks. Everything must be readable before the selectors are looked at. */
static fault_t ret_outer(struct exec *x, uint16_t sel, uint32_t eip, uint16_t release)
{
    unsigned size = x->in->opsize;
    struct stack st = stack_now(x->cpu);
    struct outer_stack outer;
    struct target to;
    uint32_t esp, ss;
    TRY(stack_peek(&st, 3 * size + release, size, &ss));
    TRY(stack_peek(&st, 2 * size + release, size, &esp));
    TRY(target_resolve(x->cpu, sel, eip, SEG_RET, &to));
    TRY(outer_stack_find(x->cpu, (uint16_t)ss, esp, to.cpl, &outer));
    TRY(target_check_eip(x->cpu, &to.code.answer.sh, eip));
    TRY(descriptor_write_back(x->cpu, &to.code));
    TRY(descriptor_write_back(x->cpu, &outer.ss));
    stack_skip(&outer.st, release);
    /* commit point */
    outer_commit(x->cpu, &to, &outer);
    exec_transferred(x);
    x->clocks += CLOCKS_OUTER - clocks_m(x->cpu, eip); /* the engine adds m */
    return fault_none();
}

fault_t far_ret(struct exec *x, uint16_t release)
{
    unsigned size = x->in->opsize;
    struct stack st = stack_now(x->cpu);
    struct target to;
    uint32_t eip, sel;
    if (!state_descriptors(&x->cpu->s)) return ret_8086(x, release);
    TRY(stack_peek(&st, size, size, &sel));
    TRY(stack_peek(&st, 0, size, &eip));
    if (SEL_RPL(sel) > x->cpu->s.cpl) return ret_outer(x, (uint16_t)sel, eip, release);
    TRY(target_resolve(x->cpu, (uint16_t)sel, eip, SEG_RET, &to));
    return ret_same(x, &to, release);
}
