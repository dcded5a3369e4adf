/* iret.c: IRET and IRETD in all forms [386 17 IRET].
 *
 *   frame, from the top:   EIP  CS  EFLAGS | ESP  SS | ES  DS  FS  GS
 *                          same level      | outer   | to V86 mode
 *
 * Which flags change [386 17 IRET, 4.1.1, 12.3.1.1]:
 *
 *            IOPL        IF             VM                        RF
 *   IRET     CPL = 0     CPL <= IOPL    never                     never (upper half stays)
 *   IRETD    CPL = 0     CPL <= IOPL    CPL = 0, to V86 mode      always
 */
#include "level.h"
#include "transfer.h"

enum { CLOCKS_OUTER = 44, CLOCKS_V86 = 22 }; /* 82 and 60 against 38 */

struct iret_frame {
    uint32_t eip, cs, flags;
};

/* EFLAGS is looked at first: it decides how much more there must be. */
static fault_t read_frame(struct stack *st, unsigned size, struct iret_frame *f)
{
    TRY(stack_peek(st, 2 * size, size, &f->flags));
    TRY(stack_peek(st, size, size, &f->cs));
    return stack_peek(st, 0, size, &f->eip);
}

static uint32_t iret_flags(const struct i386_cpu *cpu, uint32_t value, unsigned opsize)
{
    uint32_t flags = flags_loaded(cpu, value, opsize);
    return opsize == 4 ? (flags & ~FL_RF) | (value & FL_RF) : flags;
}

static void iret_done(struct exec *x)
{
    x->cpu->s.nmi_blocked = 0;
    x->keep_rf = true;
    exec_transferred(x);
}

static fault_t iret_8086(struct exec *x)
{
    struct i386_state *s = &x->cpu->s;
    unsigned size = x->in->opsize;
    struct stack st = stack_now(x->cpu);
    struct iret_frame f;
    struct seg cs;
    TRY(read_frame(&st, size, &f));
    TRY(code_prepare_8086(x->cpu, (uint16_t)f.cs, f.eip, &cs));
    stack_skip(&st, 3 * (int32_t)size);
    /* commit point */
    stack_commit(&st);
    s->eflags = iret_flags(x->cpu, f.flags, size);
    code_commit_8086(x->cpu, &cs, f.eip);
    iret_done(x);
    return fault_none();
}

/* --- to V86 mode [386 15.3.2] --- */

static const enum segreg v86_order[] = {SS, ES, DS, FS, GS};
#define V86_EXTRA 6 /* ESP and five selectors */

static fault_t iret_to_v86(struct exec *x, const struct iret_frame *f)
{
    struct i386_state *s = &x->cpu->s;
    struct stack st = stack_now(x->cpu);
    uint32_t extra[V86_EXTRA];
    for (unsigned i = 0; i < V86_EXTRA; i++)
        TRY(stack_peek(&st, 12 + 4 * i, 4, &extra[i]));
    struct seg cs = {.sel = (uint16_t)f->cs, .sh = shadow_v86((uint16_t)f->cs)};
    TRY(target_check_eip(x->cpu, &cs.sh, f->eip));
    /* commit point */
    s->eflags = (f->flags & level_eflags(x->cpu)) | FL_1;
    s->cpl = 3;
    s->gpr[ESP] = extra[0];
    for (unsigned i = 1; i < V86_EXTRA; i++) {
        uint16_t sel = (uint16_t)extra[i];
        s->seg[v86_order[i - 1]] = (struct seg){.sel = sel, .sh = shadow_v86(sel)};
    }
    code_commit_8086(x->cpu, &cs, f->eip);
    iret_done(x);
    x->clocks += CLOCKS_V86;
    return fault_none();
}

/* --- inside protected mode --- */

static fault_t iret_same(struct exec *x, const struct iret_frame *f)
{
    struct i386_state *s = &x->cpu->s;
    unsigned size = x->in->opsize;
    struct stack st = stack_now(x->cpu);
    struct target to;
    TRY(target_resolve(x->cpu, (uint16_t)f->cs, f->eip, SEG_IRET, &to));
    TRY(target_check_eip(x->cpu, &to.code.answer.sh, f->eip));
    TRY(descriptor_write_back(x->cpu, &to.code));
    stack_skip(&st, 3 * (int32_t)size);
    /* commit point */
    s->eflags = iret_flags(x->cpu, f->flags, size); /* by the CPL before the return */
    stack_commit(&st);
    target_commit(x->cpu, &to);
    iret_done(x);
    return fault_none();
}

static fault_t iret_outer(struct exec *x, const struct iret_frame *f)
{
    struct i386_state *s = &x->cpu->s;
    unsigned size = x->in->opsize;
    struct stack st = stack_now(x->cpu);
    struct outer_stack outer;
    struct target to;
    uint32_t esp, ss;
    TRY(stack_peek(&st, 4 * size, size, &ss));
    TRY(stack_peek(&st, 3 * size, size, &esp));
    TRY(target_resolve(x->cpu, (uint16_t)f->cs, f->eip, SEG_IRET, &to));
    TRY(outer_stack_find(x->cpu, (uint16_t)ss, esp, to.cpl, &outer));
    TRY(target_check_eip(x->cpu, &to.code.answer.sh, f->eip));
    TRY(descriptor_write_back(x->cpu, &to.code));
    TRY(descriptor_write_back(x->cpu, &outer.ss));
    /* commit point */
    s->eflags = iret_flags(x->cpu, f->flags, size);
    outer_commit(x->cpu, &to, &outer);
    iret_done(x);
    x->clocks += CLOCKS_OUTER;
    return fault_none();
}

/* --- to the task that was interrupted or that called [386 7.6] --- */

static void note_link(const struct i386_cpu *cpu, uint16_t link, fault_t fault)
{
    const struct seg *tr = &cpu->s.tr;
    bool there = fault.rule != RULE_FAR_BACK_LINK_TSS;
    const struct cpu_note note = {
        .kind = NOTE_TASK,
        .fault = fault,
        .where = lin(tr->sh.base),
        .checks = 1,
        .check = {note_check(RULE_FAR_BACK_LINK_TSS, there, tr->sh.limit, 1)},
        .task = {STAGE_LINK_READ, tr->sel, link, TASK_IRET, 2, link}};
    note_tell(cpu, &note);
}

static fault_t back_link(struct i386_cpu *cpu, uint32_t *link)
{
    const struct seg *tr = &cpu->s.tr;
    if (!tr->sh.usable || tr->sh.limit < 1)
        return fault_make(VEC_TS, SEL_ERROR(tr->sel), RULE_FAR_BACK_LINK_TSS);
    return sys_read(cpu, lin(tr->sh.base), 2, link);
}

static fault_t iret_task(struct exec *x)
{
    uint8_t old_kind = task_kind(&x->cpu->s);
    struct resolved tss;
    uint32_t link = 0;
    fault_t fault = back_link(x->cpu, &link);
    if (note_wanted(x->cpu)) note_link(x->cpu, (uint16_t)link, fault);
    TRY(fault);
    TRY(descriptor_resolve(x->cpu, (uint16_t)link, x->cpu->s.cpl, SEG_TASK_IRET, &tss));
    TRY(task_switch(x->cpu, (uint16_t)link, &tss, TASK_IRET, x->next_eip, false, 0));
    exec_task_switched(x, TASK_IRET, false, old_kind);
    return fault_none();
}

fault_t far_iret(struct exec *x)
{
    const struct i386_state *s = &x->cpu->s;
    struct stack st = stack_now(x->cpu);
    struct iret_frame f;
    if (state_v86(s) && FL_IOPL_OF(s->eflags) < 3) return fault_make(VEC_GP, 0, RULE_FAR_V86_IOPL);
    if (!state_descriptors(s)) return iret_8086(x);
    if (s->eflags & FL_NT) return iret_task(x);
    TRY(read_frame(&st, x->in->opsize, &f));
    if (x->in->opsize == 4 && (f.flags & FL_VM) && s->cpl == 0) return iret_to_v86(x, &f);
    return SEL_RPL(f.cs) > s->cpl ? iret_outer(x, &f) : iret_same(x, &f);
}
