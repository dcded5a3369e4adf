/* For every kind of transfer and every n: the n-th access page-faults. Then nothing has happened, but
 * for these, by name:
 *
 *   accessed     accessed bits of descriptors, written one after the other
 *   committed    a task switch past its commit point: the new task is there, all of it
 *
 * Enough accesses must have been seen that the sweep means something.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench.h"
#include "event.h"

/* --- the scenes: descriptors that are loaded are not accessed yet --- */

static void fresh(struct bench *b, uint16_t sel)
{
    bench_set_access(b, sel, desc_access(bench_get_gdt(b, sel)) & 0xfe);
}

static void gate_to(struct bench *b, uint16_t code, unsigned count)
{
    bench_gdt(b, SEL_FREE, desc_make_gate(SYS_CALL32, code, 0x234, 3, count));
    fresh(b, code);
}
static void int_to(struct bench *b, unsigned type, uint16_t code)
{
    bench_idt(b, 0x40, desc_make_gate(type, code, 0x234, 3, 0));
    fresh(b, code);
}

static fault_t jmp_code(struct bench *b)
{
    fresh(b, SEL_CODE16);
    return far_jmp(bench_exec(b, 4), SEL_CODE16, 0x10);
}
static fault_t call_code(struct bench *b)
{
    fresh(b, SEL_CODE16);
    return far_call(bench_exec(b, 4), SEL_CODE16, 0x10);
}
static fault_t jmp_gate(struct bench *b)
{
    gate_to(b, SEL_CODE16, 0);
    return far_jmp(bench_exec(b, 4), SEL_FREE, 0);
}
static fault_t call_gate_same(struct bench *b)
{
    gate_to(b, SEL_CODE16, 3);
    return far_call(bench_exec(b, 4), SEL_FREE, 0);
}
static fault_t call_gate_inner(struct bench *b)
{
    bench_ring(b, 3, true);
    gate_to(b, ring_sel(SEL_CODE, 1), 5);
    fresh(b, ring_sel(SEL_STACK, 1));
    return far_call(bench_exec(b, 4), SEL_FREE | 3, 0);
}
static void frame(struct bench *b, unsigned n, const uint32_t *values)
{
    for (unsigned i = 0; i < n; i++)
        bench_put(b, b->cpu.s.seg[SS].sh.base + b->cpu.s.gpr[ESP] + 4 * i, 4, values[i]);
}
static fault_t ret_same(struct bench *b)
{
    frame(b, 2, (const uint32_t[]){0x10, SEL_CODE16});
    fresh(b, SEL_CODE16);
    return far_ret(bench_exec(b, 4), 8);
}
static fault_t ret_outer(struct bench *b)
{
    frame(b, 5, (const uint32_t[]){0x10, 0x23, 0, 0x700, 0x43});
    fresh(b, 0x23);
    fresh(b, 0x43);
    return far_ret(bench_exec(b, 4), 4);
}
static fault_t iret_same(struct bench *b)
{
    b->cpu.s.nmi_blocked = 1;
    frame(b, 3, (const uint32_t[]){0x10, SEL_CODE16, 0x3fd7});
    fresh(b, SEL_CODE16);
    return far_iret(bench_exec(b, 4));
}
static fault_t iret_outer(struct bench *b)
{
    frame(b, 5, (const uint32_t[]){0x10, 0x23, 0x3fd7, 0x700, 0x43});
    fresh(b, 0x23);
    fresh(b, 0x43);
    return far_iret(bench_exec(b, 4));
}
static fault_t iret_v86(struct bench *b)
{
    frame(b, 9, (const uint32_t[]){0x10, 0x1000, FL_VM | 2, 0x700, 0x2000, 1, 2, 3, 4});
    return far_iret(bench_exec(b, 4));
}
static fault_t deliver(struct bench *b, bool has_error)
{
    struct event ev = {.vector = 0x40,
                       .source = EVENT_FAULT,
                       .has_error = has_error,
                       .error = 0x1230,
                       .eip = b->cpu.s.eip,
                       .eflags = b->cpu.s.eflags | FL_RF};
    uint32_t clocks;
    return event_deliver(&b->cpu, &ev, &clocks);
}
static fault_t int_same(struct bench *b)
{
    int_to(b, SYS_INT32, SEL_CODE16);
    return deliver(b, true);
}
static fault_t int_inner(struct bench *b)
{
    bench_ring(b, 3, true);
    int_to(b, SYS_TRAP16, SEL_CODE);
    fresh(b, SEL_STACK);
    return deliver(b, true);
}
static fault_t int_v86(struct bench *b)
{
    bench_v86(b, 0);
    int_to(b, SYS_INT32, SEL_CODE);
    fresh(b, SEL_STACK);
    return deliver(b, true);
}
static fault_t int_real(struct bench *b)
{
    bench_real(b);
    bench_put(b, 0x100, 4, 0x10000234);
    return deliver(b, false);
}
static fault_t int_software(struct bench *b)
{
    int_to(b, SYS_INT32, SEL_CODE16);
    return event_software(bench_exec(b, 4), 0x40);
}
static fault_t call_real(struct bench *b)
{
    bench_real(b);
    return far_call(bench_exec(b, 2), 0x1100, 0x10);
}
static fault_t ret_real(struct bench *b)
{
    bench_real(b);
    return far_ret(bench_exec(b, 2), 2);
}

static void next_task(struct bench *b, bool is32)
{
    uint32_t at = is32 ? TSS_B_AT : TSS_C_AT;
    unsigned n = is32 ? 4 : 2, eip = is32 ? 0x20 : 0x0e;
    static const uint16_t sel[] = {SEL_DATA0, SEL_CODE16, SEL_STACK16, SEL_DATA3, 0, SEL_CONFORM};
    bench_put(b, at + eip, n, 0x777);
    bench_put(b, at + eip + n, n, FL_1);
    bench_put(b, at + eip + 6 * n, n, 0x600);
    for (unsigned i = 0; i < (is32 ? 6u : 4u); i++)
        bench_put(b, at + eip + (10 + i) * n, 2, sel[i]);
    bench_put(b, at + (is32 ? 0x60 : 0x2a), 2, SEL_LDT);
    for (unsigned i = 0; i < 6; i++)
        if (sel[i]) fresh(b, sel[i]);
}
static fault_t jmp_task(struct bench *b)
{
    next_task(b, true);
    return far_jmp(bench_exec(b, 4), SEL_TSS_B, 0);
}
static fault_t call_task_286(struct bench *b)
{
    next_task(b, false);
    return far_call(bench_exec(b, 4), SEL_TSS_C, 0);
}
static fault_t int_task(struct bench *b)
{
    next_task(b, true);
    bench_idt(b, 0x40, desc_make_gate(SYS_TASK_GATE, SEL_TSS_B, 0, 3, 0));
    return deliver(b, true);
}
static fault_t iret_task(struct bench *b)
{
    next_task(b, true);
    bench_put(b, TSS_A_AT, 2, SEL_TSS_B);
    bench_set_access(b, SEL_TSS_B, 0x80 | SYS_TSS32_BUSY);
    b->cpu.s.eflags |= FL_NT;
    return far_iret(bench_exec(b, 4));
}
static fault_t ltr(struct bench *b)
{
    return sys_ltr(bench_exec(b, 4), SEL_TSS_B);
}
static fault_t lldt(struct bench *b)
{
    return sys_lldt(bench_exec(b, 4), SEL_LDT);
}
static fault_t lgdt(struct bench *b)
{
    bench_seg(b, DS, SEL_DATA0);
    return sys_lgdt(bench_exec(b, 4), false);
}
static fault_t sgdt(struct bench *b)
{
    bench_seg(b, DS, SEL_DATA0);
    return sys_sgdt(bench_exec(b, 4), false);
}
static fault_t load_ss(struct bench *b)
{
    fresh(b, SEL_STACK16);
    return cpu_seg_load(&b->cpu, SS, SEL_STACK16);
}
static fault_t load_fs(struct bench *b)
{
    fresh(b, SEL_CODE16);
    return cpu_seg_load(&b->cpu, FS, SEL_CODE16);
}
static fault_t port(struct bench *b)
{
    bench_ring(b, 3, true);
    bench_put(b, TSS_A_AT + 0x66, 2, 0x68);
    return io_check(&b->cpu, 0x60, 1);
}

static const struct {
    const char *name;
    unsigned least; /* accesses */
    fault_t (*act)(struct bench *b);
} scenes[] = {
    {"JMP code", 2, jmp_code},
    {"CALL code", 4, call_code},
    {"JMP gate", 3, jmp_gate},
    {"CALL gate, same level", 5, call_gate_same},
    {"CALL gate, inner level", 21, call_gate_inner},
    {"RETF same level", 4, ret_same},
    {"RETF outer level", 8, ret_outer},
    {"IRET same level", 5, iret_same},
    {"IRET outer level", 9, iret_outer},
    {"IRET to V86", 9, iret_v86},
    {"interrupt, same level", 7, int_same},
    {"interrupt, inner level", 13, int_inner},
    {"interrupt from V86", 17, int_v86},
    {"interrupt, real mode", 4, int_real},
    {"INT n", 6, int_software},
    {"CALL, real mode", 2, call_real},
    {"RETF, real mode", 2, ret_real},
    {"JMP task", 15, jmp_task},
    {"CALL 286 task", 14, call_task_286},
    {"interrupt task", 17, int_task},
    {"IRET task", 15, iret_task},
    {"LTR", 2, ltr},
    {"LLDT", 1, lldt},
    {"LGDT", 2, lgdt},
    {"SGDT", 1, sgdt},
    {"load SS", 2, load_ss},
    {"load FS", 2, load_fs},
    {"I/O map", 2, port},
};

/* --- comparing --- */

/* Memory is as it was, but for accessed bits in the GDT. */
static void expect_memory(struct bench *b, struct bench_image *was, const char *name, unsigned n)
{
    for (uint32_t at = GDT_AT + 5; at < GDT_AT + GDT_LIMIT; at += 8)
        if (was->ram[at] & ACC_S) was->ram[at] |= bench_get(b, at, 1) & ACC_ACCESSED;
    long diff = bench_ram_diff(b, was);
    cr_expect_eq(diff, -1, "%s, access %u: memory at %lx", name, n, diff);
}

/* Past the commit point: the old registers are saved, the new ones loaded. */
static void expect_committed(struct bench *b, const struct bench_image *was, const char *name,
                             unsigned n)
{
    const struct i386_state *s = &b->cpu.s;
    cr_expect_eq(s->eip, 0x777, "%s, access %u", name, n);
    cr_expect_eq(s->tr.sel, b->task_to, "%s, access %u", name, n);
    cr_expect_eq(s->seg[CS].sel, SEL_CODE16, "%s, access %u", name, n);
    cr_expect_eq(s->seg[DS].sel, SEL_DATA3, "%s, access %u", name, n);
    cr_expect_eq(bench_get(b, TSS_A_AT + 0x28, 4), was->s.gpr[EAX], "%s, access %u", name, n);
    cr_expect_eq(bench_get(b, TSS_A_AT + 0x54, 2), was->s.seg[DS].sel, "%s, access %u", name, n);
}

/* The scene is played once to prepare everything, undone, and played again with the fault. */
static bool fault_at(unsigned scene, unsigned n)
{
    const char *name = scenes[scene].name;
    struct bench *b = bench_new(), *first = bench_new();
    bench_inject(first, 1); /* stops at once: what is left is the scene */
    (void)scenes[scene].act(first);
    struct bench_image *was = bench_image(first);
    bench_inject(b, n);
    fault_t f = scenes[scene].act(b);
    bool injected = b->accesses >= n;
    if (injected) {
        cr_expect_eq(f.vector, VEC_PF, "%s, access %u: %u", name, n, f.vector);
        cr_expect_eq(f.cr2, b->last_at.v, "%s, access %u", name, n);
        const char *field = bench_state_diff(&b->cpu.s, &was->s);
        if (b->tasks) {
            expect_committed(b, was, name, n);
        } else {
            cr_expect_null(field, "%s, access %u: %s", name, n, field);
            expect_memory(b, was, name, n);
        }
    } else {
        cr_expect(!is_fault(f), "%s: %s", name, rule_name(f.rule));
        cr_expect_geq(b->accesses, scenes[scene].least, "%s: %u accesses", name, b->accesses);
    }
    free(was);
    bench_free(b);
    bench_free(first);
    return injected;
}

Test(far_sweep, every_access_of_every_transfer)
{
    for (unsigned scene = 0; scene < sizeof scenes / sizeof scenes[0]; scene++) {
        unsigned n = 1;
        while (n < 200 && fault_at(scene, n))
            n++;
        cr_expect_lt(n, 200, "%s", scenes[scene].name);
    }
}

/* The same with real pages: the n-th page of the scene is absent. A second try after the page came
 * back gives what the first would have given. */
static const uint32_t pages[] = {GDT_AT,   IDT_AT,           TSS_A_AT,          TSS_B_AT,
                                 TSS_C_AT, STACK_AT,         STACK_AT + 0x1000, STACK_AT + 0x3000,
                                 LDT_AT,   STACK_AT + 0x2000};

static void restart_after(unsigned scene, uint32_t page)
{
    const char *name = scenes[scene].name;
    struct bench *b = bench_new(), *plain = bench_new();
    bench_paging(b);
    bench_paging(plain);
    fault_t want = scenes[scene].act(plain);
    bench_page_present(b, page, false);
    fault_t f = scenes[scene].act(b);
    bench_page_present(b, page, true);
    if (is_fault(f) && !b->tasks) {
        cr_expect_eq(f.vector, VEC_PF, "%s, page %x: %s", name, page, rule_name(f.rule));
        f = scenes[scene].act(b);
        cr_expect_eq(f.rule, want.rule, "%s, page %x", name, page);
        cr_expect_null(bench_state_diff(&b->cpu.s, &plain->cpu.s), "%s, page %x: %s", name, page,
                       bench_state_diff(&b->cpu.s, &plain->cpu.s));
    }
    bench_free(b);
    bench_free(plain);
}

Test(far_sweep, restart_with_absent_pages)
{
    for (unsigned scene = 0; scene < sizeof scenes / sizeof scenes[0]; scene++)
        for (unsigned i = 0; i < sizeof pages / sizeof pages[0]; i++)
            restart_after(scene, pages[i]);
}
