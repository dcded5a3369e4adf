/* Task switches [386 7]: images compared byte for byte, busy bits, NT, back links. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* --- the next task --- */

/* Fills a TSS with values that all differ, runnable at ring 0. */
static void fill_next(struct bench *b, bool is32, uint32_t flags)
{
    static const uint16_t sel[] = {SEL_DATA0, SEL_CODE, SEL_STACK, SEL_DATA3, SEL_CONFORM, 0};
    uint32_t at = is32 ? TSS_B_AT : TSS_C_AT;
    unsigned n = is32 ? 4 : 2, eip = is32 ? 0x20 : 0x0e;
    for (unsigned i = 0; i < 0x68; i++)
        bench_put(b, at + i, 1, 0x60 + i);
    bench_put(b, at + eip, n, 0x777);
    bench_put(b, at + eip + n, n, flags);
    for (unsigned i = 0; i < 8; i++)
        bench_put(b, at + eip + (2 + i) * n, n, 0xb0b0b000u + i * 0x11);
    bench_put(b, at + eip + 6 * n, n, 0x600); /* ESP */
    for (unsigned i = 0; i < (is32 ? 6u : 4u); i++)
        bench_put(b, at + eip + (10 + i) * n, 2, sel[i]);
    bench_put(b, at + (is32 ? 0x60 : 0x2a), 2, SEL_LDT);
    if (is32) bench_put(b, at + 0x1c, 4, PD_AT);
    if (is32) bench_put(b, at + 0x64, 4, 0x680000);
}

static uint16_t next_sel(bool is32)
{
    return is32 ? SEL_TSS_B : SEL_TSS_C;
}

/* The current task in a TSS of either kind; 286: TSS C is current, then the next one is B. */
static void current_286(struct bench *b)
{
    bench_set_access(b, SEL_TSS_C, 0x80 | SYS_TSS16_BUSY);
    bench_set_access(b, SEL_TSS_A, 0x80 | SYS_TSS32_AVAIL);
    b->cpu.s.tr = (struct seg){.sel = SEL_TSS_C, .sh = shadow_of(bench_get_gdt(b, SEL_TSS_C))};
}

/* What a saved 386 image must be: `was` with the registers of the old task put in. */
static void expect_saved32(struct bench *b, struct bench_image *was, uint32_t eip, uint32_t flags)
{
    uint8_t *t = was->ram + TSS_A_AT;
    put32(t + 0x20, eip);
    put32(t + 0x24, flags);
    for (unsigned i = 0; i < 8; i++)
        put32(t + 0x28 + 4 * i, was->s.gpr[i]);
    for (unsigned i = 0; i < 6; i++)
        put16(t + 0x48 + 4 * i, was->s.seg[i].sel);
    for (unsigned i = 0; i < 0x200; i++)
        cr_expect_eq(bench_get(b, TSS_A_AT + i, 1), t[i], "TSS A byte %x", i);
}

static void expect_saved16(struct bench *b, struct bench_image *was, uint32_t eip, uint32_t flags)
{
    uint8_t *t = was->ram + TSS_C_AT;
    put16(t + 0x0e, eip);
    put16(t + 0x10, flags);
    for (unsigned i = 0; i < 8; i++)
        put16(t + 0x12 + 2 * i, was->s.gpr[i]);
    for (unsigned i = 0; i < 4; i++)
        put16(t + 0x22 + 2 * i, was->s.seg[i].sel);
    for (unsigned i = 0; i < 0x80; i++)
        cr_expect_eq(bench_get(b, TSS_C_AT + i, 1), t[i], "TSS C byte %x", i);
}

static void expect_loaded(struct bench *b, bool is32)
{
    const struct i386_state *s = &b->cpu.s;
    for (unsigned i = 0; i < 8; i++) {
        uint32_t want = 0xb0b0b000u + i * 0x11;
        if (i == ESP) want = 0x600;
        if (!is32) want |= 0xffff0000u;
        cr_expect_eq(s->gpr[i], want, "register %u: %x", i, s->gpr[i]);
    }
    cr_expect_eq(s->eip, 0x777);
    cr_expect_eq(s->seg[ES].sel, SEL_DATA0);
    cr_expect_eq(s->seg[CS].sel, SEL_CODE);
    cr_expect_eq(s->seg[SS].sel, SEL_STACK);
    cr_expect_eq(s->seg[DS].sel, SEL_DATA3);
    cr_expect_eq(s->seg[FS].sel, is32 ? SEL_CONFORM : 0);
    cr_expect_eq(s->seg[GS].sel, 0);
    cr_expect_eq(s->seg[FS].sh.usable, is32);
    cr_expect_eq(s->ldtr.sel, SEL_LDT);
    cr_expect_eq(s->ldtr.sh.base, LDT_AT);
    cr_expect_eq(s->tr.sel, next_sel(is32));
    cr_expect(s->tr.sh.access & 2, "TR is busy");
    cr_expect(s->cr0 & CR0_TS);
    cr_expect_eq(s->cpl, 0);
}

static bool busy(const struct bench *b, uint16_t sel)
{
    return desc_access(bench_get_gdt(b, sel)) & 2;
}

/* --- JMP, CALL, INT: all pairings --- */

enum way { BY_JMP, BY_CALL, BY_GATE_JMP, BY_GATE_CALL, BY_INT, WAYS };

static fault_t go(struct bench *b, enum way way, bool is32)
{
    uint16_t sel = next_sel(is32);
    desc_t gate = desc_make_gate(SYS_TASK_GATE, sel, 0, 3, 0);
    bench_gdt(b, SEL_FREE, gate);
    bench_idt(b, 0x40, gate);
    bench_exec(b, 4);
    switch (way) {
    case BY_JMP: return far_jmp(&b->x, sel, 0x12345);
    case BY_CALL: return far_call(&b->x, sel, 0);
    case BY_GATE_JMP: return far_jmp(&b->x, SEL_FREE, 0);
    case BY_GATE_CALL: return far_call(&b->x, SEL_FREE, 0);
    default: return event_software(&b->x, 0x40);
    }
}

static void switch_and_compare(enum way way, bool from32, bool to32)
{
    bool nests = way == BY_CALL || way == BY_GATE_CALL || way == BY_INT;
    struct bench *b = bench_new();
    if (!from32) current_286(b);
    if (!from32 && !to32) { /* 286 to 286: TSS B becomes one */
        bench_free(b);
        return;
    }
    uint16_t old = b->cpu.s.tr.sel;
    fill_next(b, to32, FL_1 | FL_CF);
    b->cpu.s.eflags = FL_1 | FL_IF | FL_DF;
    b->cpu.s.dr[7] = 0x7ff;
    struct bench_image *was = bench_image(b);
    NO_FAULT(go(b, way, to32));
    expect_loaded(b, to32);
    if (from32)
        expect_saved32(b, was, 0x106, FL_1 | FL_IF | FL_DF);
    else
        expect_saved16(b, was, 0x106, FL_1 | FL_IF | FL_DF);
    cr_expect_eq(busy(b, old), nests);
    cr_expect(busy(b, next_sel(to32)));
    cr_expect_eq(b->cpu.s.eflags, FL_1 | FL_CF | (nests ? FL_NT : 0));
    uint32_t link = bench_get(b, to32 ? TSS_B_AT : TSS_C_AT, 2);
    cr_expect_eq(link, nests ? old : 0x6160);
    cr_expect_eq(b->cpu.s.dr[7], 0x7ff & ~0x155u);
    cr_expect_eq(b->tasks, 1);
    cr_expect_eq(b->task_from, old);
    cr_expect_eq(b->task_to, next_sel(to32));
    cr_expect(b->x.transferred && b->x.keep_rf && b->x.no_step);
    cr_expect_eq(b->cpu.s.cr3, 0, "CR3 is read with paging only");
    free(was);
    bench_free(b);
}

Test(task, all_ways_all_kinds)
{
    for (unsigned way = 0; way < WAYS; way++)
        for (unsigned kinds = 1; kinds < 4; kinds++)
            switch_and_compare((enum way)way, kinds & 1, kinds & 2);
}

Test(task, from_286_to_286)
{
    struct bench *b = bench_new();
    fill_next(b, false, FL_1);
    /* a 286 TSS at the place of A */
    bench_gdt(b, SEL_TSS_A, desc_make(TSS_A_AT, 0x2b, 0x80 | SYS_TSS16_BUSY, false, false));
    b->cpu.s.tr.sh = shadow_of(bench_get_gdt(b, SEL_TSS_A));
    for (unsigned i = 0; i < 0x2c; i++)
        bench_put(b, TSS_A_AT + i, 1, 0xee);
    NO_FAULT(go(b, BY_JMP, false));
    expect_loaded(b, false);
    EXPECT_AT(b, "link, stacks", TSS_A_AT, 2, 0xeeee, 0xeeee, 0xeeee, 0xeeee, 0xeeee, 0xeeee,
              0xeeee);
    EXPECT_AT(b, "IP FLAGS AX", TSS_A_AT + 0x0e, 2, 0x106, FL_1, 0x1111, 0x2222);
    EXPECT_AT(b, "ES CS SS DS LDT", TSS_A_AT + 0x22, 2, SEL_DATA0, SEL_CODE, SEL_STACK,
              SEL_DATA3 | 3, 0xeeee);
    bench_free(b);
}

/* "Documented only": a 286 TSS has 16 bits, the others are not touched. */
Test(task, documented_286_tss_leaves_the_upper_halves)
{
    struct bench *b = bench_new();
    fill_next(b, false, FL_1);
    cpu_set_documented(&b->cpu, true);
    b->cpu.s.gpr[EAX] = 0x12345678;
    b->cpu.s.gpr[EDI] = 0x9abcdef0;
    NO_FAULT(go(b, BY_JMP, false));
    cr_expect_eq(b->cpu.s.gpr[EAX] >> 16, 0x1234);
    cr_expect_eq(b->cpu.s.gpr[EDI] >> 16, 0x9abc);
    cr_expect_neq(b->cpu.s.gpr[EDI] & 0xffff, 0xdef0);
    bench_free(b);
}

/* Nothing but the dynamic fields is written: CR3, LDT, stacks, T bit and link stay. Covered by the byte
 * compare above; here with values that would show. */
Test(task, static_fields_are_not_saved)
{
    struct bench *b = bench_new();
    fill_next(b, true, FL_1);
    for (unsigned i = 0; i < 0x68; i++)
        bench_put(b, TSS_A_AT + i, 1, 0xee);
    b->cpu.s.cr3 = 0x7000;
    NO_FAULT(go(b, BY_CALL, true));
    for (unsigned i = 0; i < 0x20; i += 4)
        EXPECT_AT(b, "static", TSS_A_AT + i, 4, 0xeeeeeeee);
    EXPECT_AT(b, "LDT, T", TSS_A_AT + 0x60, 4, 0xeeeeeeee, 0xeeeeeeee);
    for (unsigned i = 0x48; i < 0x60; i += 4)
        EXPECT_AT(b, "upper half of a selector", TSS_A_AT + i + 2, 2, 0xeeee);
    bench_free(b);
}

/* --- and back by IRET --- */

Test(task, iret_returns)
{
    for (unsigned kinds = 1; kinds < 4; kinds++) {
        bool from32 = kinds & 1, to32 = kinds & 2;
        struct bench *b = bench_new();
        if (!from32) current_286(b);
        uint16_t old = b->cpu.s.tr.sel;
        fill_next(b, to32, FL_1);
        NO_FAULT(go(b, BY_CALL, to32));
        b->cpu.s.nmi_blocked = 1;
        NO_FAULT(far_iret(bench_exec(b, 4)));
        const struct i386_state *s = &b->cpu.s;
        cr_expect_eq(s->tr.sel, old);
        cr_expect_eq(s->eip, 0x106);
        cr_expect_eq(s->seg[CS].sel, SEL_CODE);
        cr_expect_eq(s->nmi_blocked, 0);
        cr_expect(!(s->eflags & FL_NT));
        cr_expect(busy(b, old));
        cr_expect(!busy(b, next_sel(to32)));
        cr_expect_eq(s->gpr[EAX], from32 ? 0x11111111u : 0xffff1111u);
        /* NT is cleared in the image of the task that is left */
        uint32_t flags = bench_get(b, to32 ? TSS_B_AT + 0x24 : TSS_C_AT + 0x10, 2);
        cr_expect_eq(flags, FL_1);
        bench_free(b);
    }
}

/* UNDOC: JMP leaves NT as it is in the TSS. */
Test(task, jmp_keeps_nt_of_the_image)
{
    struct bench *b = bench_new();
    fill_next(b, true, FL_1 | FL_NT);
    NO_FAULT(go(b, BY_JMP, true));
    cr_expect_eq(b->cpu.s.eflags, FL_1 | FL_NT);
    bench_free(b);
}

Test(task, iret_to_a_task_that_is_not_busy)
{
    struct bench *b = bench_new();
    b->cpu.s.eflags |= FL_NT;
    bench_put(b, TSS_A_AT, 2, SEL_TSS_B);
    struct bench_image *was = bench_image(b);
    fault_t f = far_iret(bench_exec(b, 4));
    cr_expect_eq(f.vector, VEC_TS);
    cr_expect_eq(f.error, SEL_TSS_B);
    cr_expect_null(bench_state_diff(&b->cpu.s, &was->s));
    cr_expect_eq(bench_ram_diff(b, was), -1);
    free(was);
    bench_free(b);
}

/* --- V86 tasks --- */

Test(task, into_v86_and_out_of_it)
{
    struct bench *b = bench_new();
    static const uint16_t sel[] = {0x1002, 0x1000, 0x2000, 0x1001, 0x1003, 0x1004};
    fill_next(b, true, FL_1 | FL_VM | 0x3000);
    for (unsigned i = 0; i < 6; i++)
        bench_put(b, TSS_B_AT + 0x48 + 4 * i, 2, sel[i]);
    NO_FAULT(go(b, BY_CALL, true));
    const struct i386_state *s = &b->cpu.s;
    cr_expect_eq(s->cpl, 3);
    cr_expect_eq(s->eflags, FL_1 | FL_VM | FL_NT | 0x3000);
    for (unsigned i = 0; i < 6; i++) {
        cr_expect_eq(s->seg[i].sel, sel[i]);
        cr_expect_eq(s->seg[i].sh.base, sel[i] * 16u);
    }
    cr_expect_eq(s->ldtr.sh.base, LDT_AT);
    /* an interrupt through a task gate, back to task A by a task gate is a busy TSS: use C */
    bench_put(b, TSS_C_AT, 2, 0);
    fill_next(b, false, FL_1);
    bench_idt(b, 0x41, desc_make_gate(SYS_TASK_GATE, SEL_TSS_C, 0, 0, 0));
    cr_expect_eq(cpu_interrupt(&b->cpu, 0x41), STEP_EVENT);
    cr_expect_eq(s->eflags, FL_1 | FL_NT);
    cr_expect_eq(s->cpl, 0);
    cr_expect_eq(bench_get(b, TSS_B_AT + 0x24, 4), FL_1 | FL_VM | FL_NT | 0x3000);
    cr_expect_eq(bench_get(b, TSS_C_AT, 2), SEL_TSS_B);
    cr_expect_eq(s->clocks, 287);
    bench_free(b);
}

/* --- faults through a task gate --- */

/* A 286 TSS fills ESP[31:16] with FFFF, so its task needs a 16-bit stack. */
Test(task, error_code_on_the_new_stack)
{
    for (unsigned is32 = 0; is32 < 2; is32++) {
        struct bench *b = bench_new();
        unsigned n = is32 ? 4 : 2;
        fill_next(b, is32, FL_1);
        if (!is32) bench_put(b, TSS_C_AT + 0x26, 2, SEL_STACK16);
        bench_put(b, STACK_AT + 0x5fc, 4, 0xeeeeeeee);
        bench_idt(b, VEC_GP, desc_make_gate(SYS_TASK_GATE, next_sel(is32), 0, 0, 0));
        cr_expect_eq(event_fault(&b->cpu, fault_make(VEC_GP, 0x1230, RULE_FAR_EIP_LIMIT)),
                     STEP_EVENT);
        cr_expect_eq(b->cpu.s.gpr[ESP], (is32 ? 0x600 : 0xffff0600) - n);
        EXPECT_AT(b, "error", STACK_AT + 0x5fc, 4, is32 ? 0x1230 : 0x1230eeee);
        /* the old task: EIP of the faulting instruction, RF set */
        EXPECT_AT(b, "EIP EFLAGS", TSS_A_AT + 0x20, 4, 0x100, FL_1 | FL_RF);
        bench_free(b);
    }
}

/* --- checks before the commit point: the old task is untouched --- */

static const struct {
    const char *name;
    uint16_t limit;
    uint8_t access;
    uint8_t vector;
} before[] = {
    {"busy", 0x67, 0x80 | SYS_TSS32_BUSY, VEC_GP},
    {"not present", 0x67, SYS_TSS32_AVAIL, VEC_NP},
    {"limit 66", 0x66, 0x80 | SYS_TSS32_AVAIL, VEC_TS},
    {"286 limit 2A", 0x2a, 0x80 | SYS_TSS16_AVAIL, VEC_TS},
    {"an LDT", 0x67, 0x80 | SYS_LDT, VEC_GP},
};

Test(task, refused_before_the_commit_point)
{
    for (unsigned i = 0; i < sizeof before / sizeof before[0]; i++)
        for (unsigned way = 0; way < WAYS; way++) {
            struct bench *b = bench_new();
            fill_next(b, true, FL_1);
            bench_set_limit(b, SEL_TSS_B, before[i].limit);
            bench_set_access(b, SEL_TSS_B, before[i].access);
            bench_gdt(b, SEL_FREE, desc_make_gate(SYS_TASK_GATE, SEL_TSS_B, 0, 3, 0));
            bench_idt(b, 0x40, desc_make_gate(SYS_TASK_GATE, SEL_TSS_B, 0, 3, 0));
            struct bench_image *was = bench_image(b);
            fault_t f = go(b, (enum way)way, true);
            cr_expect_eq(f.vector, before[i].vector, "%s by %u: %u", before[i].name, way, f.vector);
            cr_expect_eq(f.error, SEL_TSS_B, "%s by %u: %x", before[i].name, way, f.error);
            cr_expect_null(bench_state_diff(&b->cpu.s, &was->s), "%s", before[i].name);
            cr_expect_eq(bench_ram_diff(b, was), -1, "%s", before[i].name);
            free(was);
            bench_free(b);
        }
}

/* --- after it: in the context of the new task --- */

static const struct {
    const char *name;
    unsigned at; /* in TSS B */
    uint16_t value;
    uint8_t vector;
    uint32_t error;
} after[] = {
    {"LDT is a TSS", 0x60, SEL_TSS_C, VEC_TS, SEL_TSS_C},
    {"LDT in the LDT", 0x60, SEL_LDT | 4, VEC_TS, SEL_LDT | 4},
    {"CS null", 0x4c, 0, VEC_TS, 0},
    {"CS is data", 0x4c, SEL_DATA0, VEC_TS, SEL_DATA0},
    {"CS DPL is not RPL", 0x4c, SEL_CODE | 1, VEC_TS, SEL_CODE},
    {"SS null", 0x50, 0, VEC_TS, 0},
    {"SS RPL", 0x50, SEL_STACK | 1, VEC_TS, SEL_STACK},
    {"SS DPL", 0x50, SEL_STACK + 9, VEC_TS, 0x30},
    {"DS is a TSS", 0x54, SEL_TSS_A, VEC_TS, SEL_TSS_A},
    {"GS beyond the GDT", 0x5c, 0x400, VEC_TS, 0x400},
    {"EIP beyond the limit", 0x20, 0x8000, VEC_GP, 0},
};

Test(task, refused_after_the_commit_point)
{
    for (unsigned i = 0; i < sizeof after / sizeof after[0]; i++) {
        struct bench *b = bench_new();
        fill_next(b, true, FL_1);
        bench_put(b, TSS_B_AT + after[i].at, 2, after[i].value);
        fault_t f = go(b, BY_CALL, true);
        const struct i386_state *s = &b->cpu.s;
        cr_expect_eq(f.vector, after[i].vector, "%s: %u", after[i].name, f.vector);
        cr_expect_eq(f.error, after[i].error, "%s: %x", after[i].name, f.error);
        cr_expect_eq(s->tr.sel, SEL_TSS_B, "%s", after[i].name);
        cr_expect_eq(s->eip, after[i].at == 0x20 ? 0x8000 : 0x777, "%s", after[i].name);
        cr_expect_eq(s->seg[DS].sel, after[i].at == 0x54 ? SEL_TSS_A : SEL_DATA3);
        cr_expect_eq(bench_get(b, TSS_B_AT, 2), SEL_TSS_A);
        cr_expect(busy(b, SEL_TSS_B));
        bench_free(b);
    }
}

/* CS and SS in the LDT of the new task. */
Test(task, code_and_stack_in_the_new_ldt)
{
    struct bench *b = bench_new();
    fill_next(b, true, FL_1);
    b->cpu.s.ldtr = (struct seg){.sel = 0, .sh = shadow_null()};
    bench_ldt(b, 0x0c, desc_make(0x12000, 0xfff, 0x9a, true, false));
    bench_ldt(b, 0x14, desc_make(0x22000, 0xfff, 0x92, true, false));
    bench_put(b, TSS_B_AT + 0x4c, 2, 0x0c);
    bench_put(b, TSS_B_AT + 0x50, 2, 0x14);
    NO_FAULT(go(b, BY_JMP, true));
    cr_expect_eq(b->cpu.s.seg[CS].sh.base, 0x12000);
    cr_expect_eq(b->cpu.s.seg[SS].sh.base, 0x22000);
    cr_expect_eq(bench_get(b, LDT_AT + 0x0d, 1), 0x9b);
    bench_free(b);
}

Test(task, cr3_with_paging)
{
    struct bench *b = bench_new();
    bench_paging(b);
    fill_next(b, true, FL_1);
    /* a second directory with the same table */
    bench_put(b, 0xa000, 4, PT_AT | 7);
    bench_put(b, TSS_B_AT + 0x1c, 4, 0xa018);
    NO_FAULT(go(b, BY_JMP, true));
    cr_expect_eq(b->cpu.s.cr3, 0xa000);
    bench_free(b);
}

/* The T bit: bit 0 of the word at 64h, whatever the I/O map base beside it is. */
Test(task, t_bit)
{
    for (unsigned t = 0; t < 2; t++) {
        struct bench *b = bench_new();
        fill_next(b, true, FL_1);
        bench_put(b, TSS_B_AT + 0x64, 4, 0xffff0000u | t);
        NO_FAULT(go(b, BY_JMP, true));
        cr_expect_eq(b->cpu.s.pending_db, t ? 0x8000 : 0);
        bench_free(b);
    }
}

Test(task, host_jump)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    fill_next(b, true, FL_1);
    b->cpu.s.activity = ACT_HLT;
    bench_set_limit(b, SEL_TSS_B, 0x66);
    cr_expect_eq(cpu_task_jump(&b->cpu, SEL_TSS_B).vector, VEC_TS);
    cr_expect_eq(b->cpu.s.activity, ACT_HLT);
    bench_set_limit(b, SEL_TSS_B, 0x67);
    NO_FAULT(cpu_task_jump(&b->cpu, SEL_TSS_B | 3)); /* no privilege asked */
    cr_expect_eq(b->cpu.s.activity, ACT_RUN);
    cr_expect_eq(b->cpu.s.tr.sel, SEL_TSS_B);
    EXPECT_AT(b, "EIP", TSS_A_AT + 0x20, 4, 0x100);
    cr_expect(!busy(b, SEL_TSS_A));
    bench_free(b);
}

Test(task, clocks)
{
    struct bench *b = bench_new();
    fill_next(b, true, FL_1);
    NO_FAULT(go(b, BY_JMP, true));
    cr_expect_eq(b->x.clocks, 303);
    bench_free(b);
    b = bench_new();
    fill_next(b, false, FL_1);
    NO_FAULT(go(b, BY_GATE_CALL, false));
    cr_expect_eq(b->x.clocks, 282);
    bench_free(b);
    b = bench_new();
    fill_next(b, true, FL_1);
    NO_FAULT(go(b, BY_INT, true));
    cr_expect_eq(b->x.clocks, 309);
    NO_FAULT(far_iret(bench_exec(b, 4)));
    cr_expect_eq(b->x.clocks, 275);
    bench_free(b);
}
