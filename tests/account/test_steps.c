/* Each kind of step, with exact values, on the machine of world.h. */
#include <stdlib.h>

#include "world.h"

/* The steps of one kind, in their order. */
static const rt386_step *nth(const rt386_account *a, rt386_step_kind kind, unsigned n)
{
    const rt386_step *s;
    for (unsigned i = 0; (s = rt386_account_step(a, i)); i++)
        if (s->kind == kind && n-- == 0) return s;
    cr_assert_fail("there is no such step of kind %u", kind);
    return NULL;
}

#define SELECTOR   RT386_STEP_SELECTOR
#define GATE       RT386_STEP_GATE
#define MEMORY     RT386_STEP_MEMORY
#define STACK      RT386_STEP_STACK
#define PUSH       RT386_STEP_PUSH
#define TARGET     RT386_STEP_TARGET
#define DESCRIPTOR RT386_STEP_DESCRIPTOR
#define REGISTER   RT386_STEP_REGISTER
#define STAGE      RT386_STEP_TASK
#define IO_MAP     RT386_STEP_IO_MAP
#define PORT       RT386_STEP_PORT
#define FAULT      RT386_STEP_FAULT
#define DELIVERY   RT386_STEP_DELIVERY

static void expect_kinds(const rt386_account *a, const rt386_step_kind *kinds, unsigned n)
{
    const rt386_step *s;
    for (unsigned i = 0; (s = rt386_account_step(a, i)) || i < n; i++) {
        cr_assert(s && i < n, "step %u: %s", i, s ? "too many" : "missing");
        cr_expect_eq(s->kind, kinds[i], "step %u is %u, not %u", i, s->kind, kinds[i]);
    }
}
#define EXPECT_KINDS(a, ...)                                                                       \
    expect_kinds(a, (const rt386_step_kind[]){__VA_ARGS__},                                        \
                 sizeof((const rt386_step_kind[]){__VA_ARGS__}) / sizeof(rt386_step_kind))

struct pushed {
    rt386_element element;
    uint32_t value;
};

/* From `top` down, `size` bytes each. */
static void expect_pushes(const rt386_account *a, uint32_t top, unsigned size,
                          const struct pushed *want, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const rt386_step *s = nth(a, PUSH, i);
        cr_expect_eq(s->element, want[i].element, "push %u: element %u", i, s->element);
        cr_expect_eq(s->value, want[i].value, "push %u: %x, not %x", i, s->value, want[i].value);
        cr_expect_eq(s->linear, top - (i + 1) * size, "push %u at %x", i, s->linear);
        cr_expect_eq(s->size, size);
        cr_expect(s->access == RT386_WRITE && s->reg == RT386_SS && !s->why.fault.raised);
    }
}

static rt386_account_end end_of(const rt386_account *a)
{
    return rt386_account_result_of(a)->end;
}

Test(steps, interrupt_to_ring_0)
{
    rt386 *m = WORLD(3, 0xcd, 0x40);
    rt386_account *a = world_account(m);
    EXPECT_KINDS(a, DELIVERY, GATE, SELECTOR, STACK, SELECTOR, TARGET, PUSH, PUSH, PUSH, PUSH, PUSH,
                 REGISTER, REGISTER);
    const rt386_step *gate = nth(a, GATE, 0), *stack = nth(a, STACK, 0);
    cr_expect(gate->vector == 0x40 && gate->linear == IDT_AT + 0x200 && gate->why.located);
    cr_expect_eq(gate->why.desc.kind, RT386_DESC_INT32);
    cr_expect_eq(gate->why.desc.offset, HANDLER);
    cr_expect_eq(gate->why.count, 4, "limit, type, DPL, present");
    cr_expect(stack->level == 0 && stack->selector == DATA0 && stack->value == STACK0);
    cr_expect_eq(stack->linear, TSSA_AT + 4);
    static const struct pushed want[] = {{RT386_ELEMENT_SS, DATA3 + 3},
                                         {RT386_ELEMENT_ESP, STACK3},
                                         {RT386_ELEMENT_EFLAGS, 2},
                                         {RT386_ELEMENT_CS, CODE3 + 3},
                                         {RT386_ELEMENT_EIP, CODE_AT + 2}};
    expect_pushes(a, STACK0, 4, want, 5);
    const rt386_step *target = nth(a, TARGET, 0);
    cr_expect(target->value == HANDLER && target->linear == HANDLER && target->why.count == 1);
    cr_expect_eq(end_of(a), RT386_ACCOUNT_RETIRED);
    cr_expect_eq(rt386_account_result_of(a)->after.cpl, 0);
    cr_expect_eq(rt386_account_result_of(a)->after.eip, HANDLER);
    cr_expect_eq(world_reg(m, "eip"), CODE_AT, "the machine stands where it stood");
    cr_expect_eq(world_get(m, STACK0 - 4, 4), 0, "and nothing was pushed");
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, call_gate_with_parameters)
{
    rt386 *m = WORLD(3, 0x9a, 0, 0, 0, 0, CALL, 0); /* LCALL CALL:0 */
    world_gate(m, GDT_AT + CALL, CODE0, HANDLER, 0xec, 2);
    world_put(m, STACK3 - 8, 0x22222222, 4);
    world_put(m, STACK3 - 4, 0x11111111, 4);
    world_set(m, "esp", STACK3 - 8);
    rt386_account *a = world_account(m);
    static const struct pushed want[] = {
        {RT386_ELEMENT_SS, DATA3 + 3},         {RT386_ELEMENT_ESP, STACK3 - 8},
        {RT386_ELEMENT_PARAMETER, 0x11111111}, {RT386_ELEMENT_PARAMETER, 0x22222222},
        {RT386_ELEMENT_CS, CODE3 + 3},         {RT386_ELEMENT_EIP, CODE_AT + 7}};
    expect_pushes(a, STACK0, 4, want, 6);
    cr_expect(nth(a, PUSH, 2)->number == 0 && nth(a, PUSH, 3)->number == 1);
    cr_expect_eq(nth(a, SELECTOR, 0)->why.desc.kind, RT386_DESC_CALL32);
    cr_expect_eq(nth(a, SELECTOR, 1)->selector, CODE0);
    cr_expect_eq(nth(a, MEMORY, 0)->value, 0x11111111, "the parameters are read first");
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, load_sets_the_accessed_bit)
{
    rt386 *m = WORLD(3, 0x8e, 0xc0); /* MOV ES, AX */
    world_segment(m, GDT_AT + FREE, 0x8000, 0xfff, 0xf2, 4);
    world_set(m, "eax", FREE + 3);
    rt386_account *a = world_account(m);
    EXPECT_KINDS(a, SELECTOR, DESCRIPTOR, REGISTER);
    const rt386_step *byte = nth(a, DESCRIPTOR, 0), *es = nth(a, REGISTER, 0);
    cr_expect(byte->linear == GDT_AT + FREE && byte->old_desc.bytes[5] == 0xf2);
    cr_expect(byte->new_desc.bytes[5] == 0xf3 && byte->new_desc.accessed);
    cr_expect(!byte->old_desc.accessed && byte->new_desc.base == 0x8000);
    cr_expect(es->reg == RT386_ES && es->before.selector == DATA3 + 3 && es->before.base == 0);
    cr_expect(es->after.selector == FREE + 3 && es->after.base == 0x8000 &&
              es->after.limit == 0xfff);
    cr_expect_eq(nth(a, SELECTOR, 0)->why.count, 6);
    rt386_account_free(a);
    world_segment(m, GDT_AT + FREE, 0x8000, 0xfff, 0xf3, 4);
    a = world_account(m);
    EXPECT_KINDS(a, SELECTOR, REGISTER);
    rt386_account_free(a);
    world_set(m, "eax", 2);
    a = world_account(m); /* null: no check, no descriptor */
    EXPECT_KINDS(a, SELECTOR, REGISTER);
    cr_expect_eq(nth(a, SELECTOR, 0)->why.count, 0);
    cr_expect_not(nth(a, REGISTER, 0)->after.usable);
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, pages_before_and_after)
{
    rt386 *m = WORLD(0, 0xa3, 0xfe, 0x8f, 0, 0); /* MOV [8FFE], EAX: across two pages */
    world_paging(m);
    world_set(m, "eax", 0xcafe1234);
    rt386_account *a = world_account(m);
    const rt386_step *s = nth(a, MEMORY, 0);
    cr_expect(s->access == RT386_WRITE && s->value == 0xcafe1234 && s->offset == 0x8ffe);
    cr_assert_eq(s->pages, 2);
    for (unsigned i = 0; i < 2; i++) {
        const rt386_step_page *p = &s->page[i];
        cr_expect_eq(p->walk.linear, 0x8ffeu + 2 * i);
        cr_expect(p->walk.mapped && p->walk.phys == 0x8ffeu + 2 * i);
        cr_expect_eq(p->walk.pde_at, DIR_AT);
        cr_expect_eq(p->walk.pte_at, TABLE_AT + 4 * (8 + i));
        cr_expect_eq(p->walk.pte, (8 + i) << 12 | 3, "as it was");
        cr_expect_eq(p->pte_after, (8 + i) << 12 | 0x63, "accessed and dirty");
        cr_expect_eq(p->pde_after & 0x20, 0x20);
    }
    /* USE_NULL, WRITE_CODE, WRITE_READ_ONLY, LIMIT_UP, LIMIT_WRAP; PDE and PTE of each page */
    cr_expect_eq(s->why.count, 5 + 2 * 2);
    cr_expect_eq(s->why.checks[5].where, DIR_AT);
    rt386_account_free(a);
    rt386_destroy(m);
}

static void expect_stages(const rt386_account *a, const rt386_task_stage *want, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const rt386_step *s = nth(a, STAGE, i);
        cr_expect_eq(s->task.stage, want[i], "stage %u is %u", i, s->task.stage);
    }
}

Test(steps, task_switch_by_call)
{
    rt386 *m = WORLD(0, 0x9a, 0, 0, 0, 0, TSSB, 0);
    rt386_account *a = world_account(m);
    static const rt386_task_stage want[] = {
        RT386_TASK_BEGIN,  RT386_TASK_COMMIT,  RT386_TASK_SAVED,    RT386_TASK_BUSY,
        RT386_TASK_LINKED, RT386_TASK_FETCHED, RT386_TASK_REGISTERS};
    expect_stages(a, want, 7);
    const rt386_step *saved = nth(a, STAGE, 2), *link = nth(a, STAGE, 4), *got = nth(a, STAGE, 5);
    cr_expect(saved->linear == TSSA_AT + 0x20 && saved->size == 0x3e);
    cr_expect_eq(saved->value, CODE_AT + 7);
    cr_expect(link->linear == TSSB_AT && link->value == TSSA && link->size == 2);
    cr_expect(got->value == TASK_ENTRY && got->task.from == TSSA && got->task.to == TSSB);
    cr_expect_eq(got->task.how, RT386_TASK_BY_CALL);
    const rt386_step *busy = nth(a, DESCRIPTOR, 0);
    cr_expect(busy->old_desc.bytes[5] == 0x89 && busy->new_desc.bytes[5] == 0x8b);
    static const uint16_t loaded[] = {TSSB, 0, CODE0, DATA0, DATA0, DATA0, 0, 0};
    static const rt386_segreg reg[] = {RT386_CS, RT386_LDTR, RT386_CS, RT386_SS};
    for (unsigned i = 0; i < 8; i++) {
        cr_expect_eq(nth(a, SELECTOR, i)->selector, loaded[i], "selector %u", i);
        if (i && i < 4) cr_expect_eq(nth(a, SELECTOR, i)->reg, reg[i]);
    }
    const rt386_account_result *r = rt386_account_result_of(a);
    cr_expect(r->after.eip == TASK_ENTRY && r->after.seg[RT386_TR].selector == TSSB);
    cr_expect_eq(r->after.eflags, 0x4002, "NT");
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, back_by_iret)
{
    rt386 *m = WORLD(0, 0xcf);
    world_set(m, "eflags", 0x4002);
    world_put(m, TSSA_AT, TSSB, 2);
    world_put(m, GDT_AT + TSSB + 5, 0x8b, 1);
    rt386_account *a = world_account(m);
    static const rt386_task_stage want[] = {
        RT386_TASK_LINK_READ, RT386_TASK_BEGIN,   RT386_TASK_COMMIT,   RT386_TASK_SAVED,
        RT386_TASK_NOT_BUSY,  RT386_TASK_FETCHED, RT386_TASK_REGISTERS};
    expect_stages(a, want, 7);
    cr_expect_eq(nth(a, STAGE, 0)->value, TSSB);
    const rt386_step *idle = nth(a, DESCRIPTOR, 0);
    cr_expect(idle->linear == GDT_AT + TSSA && idle->old_desc.busy && !idle->new_desc.busy);
    rt386_account_free(a);
    rt386_destroy(m);
}

/* What is wrong behind the commit point is the new task's fault. */
Test(steps, fault_of_the_new_task)
{
    rt386 *m = WORLD(0, 0xea, 0, 0, 0, 0, TSSB, 0);
    world_put(m, TSSB_AT + 0x50, CODE0, 2); /* SS */
    rt386_account *a = world_account(m);
    const rt386_step *s = nth(a, FAULT, 0);
    cr_expect_eq(s->why.fault.vector, 10);
    cr_expect_eq(s->why.fault.error, CODE0);
    cr_expect_str_eq(rt386_rule(s->why.fault.rule).name, "SEGM_STACK_TYPE");
    cr_expect_eq(s->selector, CODE0);
    cr_expect_eq(s->why.fault.eip, TASK_ENTRY);
    cr_expect_eq(end_of(a), RT386_ACCOUNT_SHUTDOWN, "it has no stack for the handler");
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, io_map)
{
    rt386 *m = WORLD(3, 0xe5, 0x0e); /* IN EAX, 0Eh: bits 14..17 */
    world_set(m, "tr_limit", 0x80);
    world_set(m, "tr_hi", 0x80);
    world_put(m, TSSA_AT + 0x69, 0x3f, 2);
    rt386_account *a = world_account(m);
    const rt386_step *s = nth(a, IO_MAP, 0);
    cr_expect(s->port == 0x0e && s->size == 4 && s->value == 0x3f && s->offset == 0x68);
    cr_expect_eq(s->linear, TSSA_AT + 0x69);
    cr_expect(s->why.count == 3 && s->why.checks[2].passed && s->why.checks[2].want == 0x3c0);
    cr_expect_eq(nth(a, PORT, 0)->port, 0x0e);
    rt386_account_free(a);
    world_put(m, TSSA_AT + 0x69, 0x40, 2);
    a = world_account(m);
    s = nth(a, IO_MAP, 0);
    cr_expect_eq(s->why.checks[2].state, RT386_CHECK_FAILED);
    cr_expect_str_eq(rt386_rule(s->why.fault.rule).name, "FAR_IO_BITMAP");
    cr_expect_eq(nth(a, FAULT, 0)->vector, 13);
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, fault_with_its_checks_and_its_delivery)
{
    rt386 *m = WORLD(3, 0x8e, 0xc0);
    world_set(m, "eax", DATA0 + 3);
    rt386_account *a = world_account(m);
    EXPECT_KINDS(a, SELECTOR, FAULT, DELIVERY, GATE, SELECTOR, STACK, SELECTOR, TARGET, PUSH, PUSH,
                 PUSH, PUSH, PUSH, PUSH, REGISTER, REGISTER);
    const rt386_step *f = nth(a, FAULT, 0), *d = nth(a, DELIVERY, 0);
    cr_expect(f->why.fault.vector == 13 && f->why.fault.error == DATA0 && f->vector == 13);
    cr_expect_eq(f->why.count, 6);
    cr_expect_eq(f->why.checks[3].state, RT386_CHECK_FAILED);
    cr_expect_eq(f->why.checks[5].state, RT386_CHECK_NOT_REACHED);
    cr_expect(d->vector == 13 && d->source == 'f');
    cr_expect_eq(nth(a, PUSH, 5)->element, RT386_ELEMENT_ERROR);
    cr_expect_eq(nth(a, PUSH, 5)->value, DATA0);
    const rt386_account_result *r = rt386_account_result_of(a);
    cr_expect(r->end == RT386_ACCOUNT_FAULT && r->deliveries == 1 && r->fault.error == DATA0);
    cr_expect(r->has_insn && r->insn.length == 2 && r->insn.bytes[0] == 0x8e);
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, refused_access_with_its_pages)
{
    rt386 *m = WORLD(3, 0xa1, 0x10, 0x80, 0, 0); /* MOV EAX, [8010]: a supervisor's page */
    world_paging(m);
    world_put(m, DIR_AT, TABLE_AT | 7, 4);
    world_put(m, TABLE_AT + 4 * 0x100, CODE_AT | 7, 4);
    rt386_account *a = world_account(m);
    const rt386_step *f = nth(a, FAULT, 0);
    cr_expect(f->has_reg && f->reg == RT386_DS && f->offset == 0x8010 && f->size == 4);
    cr_expect_eq(f->why.fault.vector, 14);
    cr_expect_eq(f->why.fault.error, 5);
    cr_expect_eq(f->why.fault.cr2, 0x8010);
    cr_assert_eq(f->pages, 1);
    cr_expect_eq(f->page[0].walk.pte, 0x8003);
    cr_expect_eq(f->page[0].pte_after, 0x8003, "a refused access leaves no mark");
    const rt386_check *last = &f->why.checks[f->why.count - 1];
    cr_expect_str_eq(rt386_rule(last->rule).name, "PAGE_PTE_USER");
    cr_expect(last->state == RT386_CHECK_FAILED && last->have == 0x8003 && last->want == 4);
    cr_expect_eq(last->where, TABLE_AT + 4 * 8);
    rt386_account_free(a);
    rt386_destroy(m);
}

/* The stack that refuses is the inner one, which SS does not hold yet. */
Test(steps, no_room_on_the_inner_stack)
{
    rt386 *m = WORLD(3, 0xcd, 0x40);
    world_segment(m, GDT_AT + FREE, 0, 0xfff, 0x93, 4);
    world_put(m, TSSA_AT + 8, FREE, 2);
    rt386_account *a = world_account(m);
    const rt386_step *f = nth(a, FAULT, 0);
    cr_expect(f->why.fault.vector == 12 && f->why.fault.error == FREE, "%x", f->why.fault.error);
    cr_expect(f->selector == FREE && f->before.limit == 0xfff && f->offset == STACK0 - 4);
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, triple_fault)
{
    rt386 *m = WORLD(0, 0x0f, 0x0b);
    world_set(m, "idtr_limit", 0);
    rt386_account *a = world_account(m);
    const rt386_account_result *r = rt386_account_result_of(a);
    cr_expect_eq(r->end, RT386_ACCOUNT_SHUTDOWN);
    cr_expect(r->deliveries == 3 && r->exit.kind == RT386_EXIT_TRIPLE_FAULT);
    static const uint8_t vectors[] = {6, 13, 8};
    for (unsigned i = 0; i < 3; i++) {
        cr_expect_eq(nth(a, FAULT, i)->vector, vectors[i]);
        cr_expect_str_eq(rt386_rule(nth(a, GATE, i)->why.fault.rule).name, "SEGM_IDT_LIMIT");
        cr_expect_eq(nth(a, GATE, i)->why.checks[1].state, RT386_CHECK_NOT_REACHED);
    }
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, interrupt_from_outside)
{
    rt386 *m = WORLD(3, 0x90);
    rt386_account *a;
    cr_assert_eq(rt386_account_interrupt(m, 0x21, &a), RT386_OK);
    EXPECT_KINDS(a, DELIVERY, GATE, SELECTOR, STACK, SELECTOR, TARGET, PUSH, PUSH, PUSH, PUSH, PUSH,
                 REGISTER, REGISTER);
    cr_expect(nth(a, DELIVERY, 0)->source == 'x' && nth(a, GATE, 0)->vector == 0x21);
    cr_expect_eq(nth(a, GATE, 0)->why.count, 3, "the gate's DPL is not asked");
    cr_expect_eq(nth(a, PUSH, 4)->value, CODE_AT);
    cr_expect_eq(end_of(a), RT386_ACCOUNT_INTERRUPT);
    cr_expect_not(rt386_account_result_of(a)->has_insn);
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, out_of_v86_mode)
{
    rt386 *m = WORLD(0, 0xcd, 0x21);
    world_v86(m, 3);
    world_put(m, IDT_AT + 8 * 0x21 + 5, 0xee, 1);
    rt386_account *a = world_account(m);
    static const struct pushed want[] = {
        {RT386_ELEMENT_GS, 0x800},       {RT386_ELEMENT_FS, 0x800},  {RT386_ELEMENT_DS, 0x800},
        {RT386_ELEMENT_ES, 0x800},       {RT386_ELEMENT_SS, 0x800},  {RT386_ELEMENT_ESP, 0x1000},
        {RT386_ELEMENT_EFLAGS, 0x23002}, {RT386_ELEMENT_CS, 0xf000}, {RT386_ELEMENT_EIP, 2}};
    expect_pushes(a, STACK0, 4, want, 9);
    cr_expect_not(rt386_account_result_of(a)->after.seg[RT386_DS].usable);
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, real_mode)
{
    rt386 *m = WORLD(0, 0xcd, 0x21);
    world_real(m);
    rt386_account *a = world_account(m);
    EXPECT_KINDS(a, DELIVERY, GATE, TARGET, PUSH, PUSH, PUSH, REGISTER);
    cr_expect_eq(nth(a, GATE, 0)->value, 0x07000021);
    cr_expect_eq(nth(a, GATE, 0)->linear, 4 * 0x21);
    static const struct pushed want[] = {
        {RT386_ELEMENT_EFLAGS, 2}, {RT386_ELEMENT_CS, 0xf000}, {RT386_ELEMENT_EIP, 2}};
    expect_pushes(a, 0x9000, 2, want, 3);
    rt386_account_free(a);
    rt386_destroy(m);
}

/* RETF to ring 3: registers that ring 3 may not have become null. */
Test(steps, return_to_an_outer_ring)
{
    rt386 *m = WORLD(0, 0xcb);
    static const uint32_t frame[] = {CODE_AT + 0x100, CODE3 + 3, STACK3, DATA3 + 3};
    for (unsigned i = 0; i < 4; i++)
        world_put(m, STACK0 - 16 + 4 * i, frame[i], 4);
    world_set(m, "esp", STACK0 - 16);
    rt386_account *a = world_account(m);
    unsigned nulled = 0;
    const rt386_step *s;
    for (unsigned i = 0; (s = rt386_account_step(a, i)); i++)
        nulled += s->kind == REGISTER && s->before.usable && !s->after.usable;
    cr_expect_eq(nulled, 4, "DS, ES, FS, GS");
    cr_expect_eq(nth(a, MEMORY, 0)->value, CODE3 + 3, "CS is read first");
    cr_expect_eq(rt386_account_result_of(a)->after.cpl, 3);
    rt386_account_free(a);
    rt386_destroy(m);
}

struct live {
    unsigned count;
    rt386_step step[64];
};

static void see_step(void *ctx, const rt386_step *step)
{
    struct live *l = ctx;
    if (l->count < 64) l->step[l->count++] = *step;
}

/* Whoever observes a run is told the same; then nobody is. */
Test(steps, of_a_run)
{
    rt386 *m = WORLD(3, 0xcd, 0x40);
    rt386_account *a = world_account(m);
    struct live *l = calloc(1, sizeof *l);
    rt386_exit why;
    cr_assert_eq(rt386_observe_steps(m, see_step, l), RT386_OK);
    cr_assert_eq(rt386_run(m, 2, 0, &why), RT386_OK); /* registers are told when the next begins */
    const rt386_step *s;
    unsigned n = 0;
    for (; (s = rt386_account_step(a, n)); n++)
        cr_expect(n < l->count && s->kind == l->step[n].kind && s->value == l->step[n].value &&
                      s->linear == l->step[n].linear,
                  "step %u", n);
    cr_expect_eq(n, 13);
    cr_assert_eq(rt386_observe_steps(m, NULL, NULL), RT386_OK);
    unsigned before = l->count;
    cr_assert_eq(rt386_run(m, 2, 0, &why), RT386_OK);
    cr_expect_eq(l->count, before);
    free(l);
    rt386_account_free(a);
    rt386_destroy(m);
}

Test(steps, arguments)
{
    rt386 *m = WORLD(3, 0x90);
    cr_expect_eq(rt386_account_next(m, NULL), RT386_E_ARG);
    cr_expect_eq(rt386_account_interrupt(m, 1, NULL), RT386_E_ARG);
    rt386_account *a = world_account(m);
    cr_expect_null(rt386_account_step(a, 0));
    cr_expect_eq(end_of(a), RT386_ACCOUNT_RETIRED);
    rt386_account_free(a);
    rt386_account_free(NULL);
    rt386_destroy(m);
}
