/* Clocks of far transfers as the manual prints them, instruction by instruction through the engine.
 * Every target is a NOP, so m is 1. */
#include <criterion/criterion.h>

#include "bench.h"

#define NOP 0x90
#define M   1

static void nops(struct bench *b, uint32_t at)
{
    for (uint32_t i = 0; i < 0x20; i++)
        bench_put(b, at + i, 1, NOP);
}

static void frame(struct bench *b, unsigned n, const uint32_t *values)
{
    for (unsigned i = 0; i < n; i++)
        bench_put(b, b->cpu.s.seg[SS].sh.base + b->cpu.s.gpr[ESP] + 4 * i, 4, values[i]);
}

static void call_gate(struct bench *b, uint16_t code, unsigned count)
{
    bench_gdt(b, SEL_FREE, desc_make_gate(SYS_CALL32, code, 0x234, 3, count));
}
static void gate_same(struct bench *b)
{
    call_gate(b, SEL_CODE, 0);
}
static void gate_inner(struct bench *b)
{
    bench_ring(b, 3, true);
    call_gate(b, SEL_CODE, 0);
}
static void gate_inner_4(struct bench *b)
{
    bench_ring(b, 3, true);
    call_gate(b, SEL_CODE, 4);
}
static void plain(struct bench *b)
{
    bench_idt(b, 0x40, desc_make_gate(SYS_INT32, SEL_CODE, 0x234, 3, 0));
    bench_idt(b, VEC_BP, desc_make_gate(SYS_INT32, SEL_CODE, 0x234, 3, 0));
    bench_idt(b, VEC_OF, desc_make_gate(SYS_INT32, SEL_CODE, 0x234, 3, 0));
    b->cpu.s.eflags |= FL_OF;
}
static void ring3(struct bench *b)
{
    plain(b);
    bench_ring(b, 3, true);
}
static void v86(struct bench *b)
{
    plain(b);
    bench_v86(b, 3);
}
static void real(struct bench *b)
{
    bench_real(b);
    b->cpu.s.eflags |= FL_OF;
    bench_put(b, 0x40 * 4, 4, 0x10000234);
    bench_put(b, VEC_BP * 4, 4, 0x10000234);
    bench_put(b, VEC_OF * 4, 4, 0x10000234);
    bench_put(b, 0x20800, 4, 0x10000234);
    bench_put(b, 0x20804, 4, 2);
}
static void back_same(struct bench *b)
{
    frame(b, 3, (const uint32_t[]){0x234, SEL_CODE, FL_1});
}
static void back_outer(struct bench *b)
{
    frame(b, 5, (const uint32_t[]){0x234, 0x23, FL_1, 0x700, 0x43});
}
static void ret_outer(struct bench *b)
{
    frame(b, 4, (const uint32_t[]){0x234, 0x23, 0x700, 0x43});
}
static void back_v86(struct bench *b)
{
    frame(b, 9, (const uint32_t[]){0x234, 0x1000, FL_VM | 2, 0x700, 0x2000, 0, 0, 0, 0});
}
static void task(struct bench *b)
{
    bench_put(b, TSS_B_AT + 0x20, 4, 0x234);
    bench_put(b, TSS_B_AT + 0x38, 4, 0x700);
    bench_put(b, TSS_B_AT + 0x4c, 2, SEL_CODE);
    bench_put(b, TSS_B_AT + 0x50, 2, SEL_STACK);
    bench_gdt(b, SEL_FREE, desc_make_gate(SYS_TASK_GATE, SEL_TSS_B, 0, 3, 0));
    bench_idt(b, 0x40, desc_make_gate(SYS_TASK_GATE, SEL_TSS_B, 0, 3, 0));
    bench_put(b, CODE_AT + 0x300, 4, 0);
    bench_put(b, CODE_AT + 0x304, 2, SEL_TSS_B);
    bench_seg(b, DS, SEL_DATA0);
}
static void task_v86(struct bench *b)
{
    task(b);
    bench_put(b, TSS_B_AT + 0x24, 4, FL_VM | 2);
    bench_put(b, TSS_B_AT + 0x4c, 2, 0x1000);
}
static void back_task(struct bench *b)
{
    task(b);
    b->cpu.s.eflags |= FL_NT;
    bench_put(b, TSS_A_AT, 2, SEL_TSS_B);
    bench_set_access(b, SEL_TSS_B, 0x80 | SYS_TSS32_BUSY);
}
static void pointer(struct bench *b)
{
    bench_put(b, CODE_AT + 0x300, 4, 0x234);
    bench_put(b, CODE_AT + 0x304, 2, SEL_CODE);
    bench_seg(b, DS, SEL_DATA0);
}
static void pages(struct bench *b)
{
    bench_gdt(b, SEL_FREE, desc_make(0, 0xffffffff, 0x93, true, true));
    b->cpu.s.gpr[EAX] = SEL_FREE;
}

#define GATE SEL_FREE, 0
#define RPL3 SEL_FREE | 3, 0
static const struct {
    const char *name;
    void (*scene)(struct bench *b);
    uint8_t code[8];
    unsigned clocks;
} rows[] = {
    {"JMP ptr, real", real, {0xea, 0x34, 2, 0, 0x10}, 12 + M},
    {"JMP ptr", plain, {0xea, 0x34, 2, 0, 0, SEL_CODE, 0}, 27 + M},
    {"JMP m", pointer, {0xff, 0x2d, 0, 3, 0, 0}, 31 + M},
    {"JMP gate", gate_same, {0xea, 0, 0, 0, 0, GATE}, 45 + M},
    {"JMP TSS", task, {0xea, 0, 0, 0, 0, SEL_TSS_B, 0}, 303},
    {"JMP m to TSS", task, {0xff, 0x2d, 0, 3, 0, 0}, 5 + 303},
    {"JMP task gate", task, {0xea, 0, 0, 0, 0, GATE}, 312},
    {"JMP V86 task", task_v86, {0xea, 0, 0, 0, 0, SEL_TSS_B, 0}, 220},
    {"CALL ptr, real", real, {0x9a, 0x34, 2, 0, 0x10}, 17 + M},
    {"CALL ptr", plain, {0x9a, 0x34, 2, 0, 0, SEL_CODE, 0}, 34 + M},
    {"CALL m", pointer, {0xff, 0x1d, 0, 3, 0, 0}, 38 + M},
    {"CALL gate", gate_same, {0x9a, 0, 0, 0, 0, GATE}, 52 + M},
    {"CALL gate, inner", gate_inner, {0x9a, 0, 0, 0, 0, RPL3}, 86 + M},
    {"CALL gate, 4 parameters", gate_inner_4, {0x9a, 0, 0, 0, 0, RPL3}, 94 + 16 + M},
    {"CALL TSS", task, {0x9a, 0, 0, 0, 0, SEL_TSS_B, 0}, 300},
    {"CALL task gate", task, {0x9a, 0, 0, 0, 0, GATE}, 309},
    {"CALL V86 task, gate", task_v86, {0x9a, 0, 0, 0, 0, GATE}, 226},
    {"RETF, real", real, {0xcb}, 18 + M},
    {"RETF", back_same, {0xcb}, 32 + M},
    {"RETF n", back_same, {0xca, 8, 0}, 32 + M},
    {"RETF, outer", ret_outer, {0xcb}, 68},
    {"INT 3, real", real, {0xcc}, 33},
    {"INT n, real", real, {0xcd, 0x40}, 37},
    {"INTO, real", real, {0xce}, 35},
    {"INT 3", plain, {0xcc}, 59},
    {"INT n", plain, {0xcd, 0x40}, 59},
    {"INTO", plain, {0xce}, 59},
    {"INT n, inner", ring3, {0xcd, 0x40}, 99},
    {"INT n from V86", v86, {0xcd, 0x40}, 119},
    {"INT n, task", task, {0xcd, 0x40}, 309},
    {"IRET, real", real, {0xcf}, 22},
    {"IRETD", back_same, {0xcf}, 38},
    {"IRETD, outer", back_outer, {0xcf}, 82},
    {"IRETD to V86", back_v86, {0xcf}, 60},
    {"IRET, task", back_task, {0xcf}, 275},
    {"LSL, pages", pages, {0x0f, 0x03, 0xc8}, 25},
};

Test(far_clocks, as_printed)
{
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *b = bench_new();
        rows[i].scene(b);
        nops(b, CODE_AT + 0x234);
        bench_code(b, rows[i].code, sizeof rows[i].code);
        cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED, "%s: %s", rows[i].name,
                     rule_name(b->cpu.last_fault.rule));
        cr_expect_eq(b->cpu.s.clocks, rows[i].clocks, "%s: %u, not %u", rows[i].name,
                     (unsigned)b->cpu.s.clocks, rows[i].clocks);
        bench_free(b);
    }
}
