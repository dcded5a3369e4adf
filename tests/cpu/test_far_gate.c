/* Call gates [386 6.3.4]. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

static void gate(struct bench *b, unsigned type, uint16_t sel, uint32_t off, unsigned count)
{
    bench_gdt(b, SEL_FREE, desc_make_gate(type, sel, off, 3, count));
}

Test(far_gate, jmp_same_level)
{
    struct bench *b = bench_new();
    gate(b, SYS_CALL32, SEL_CODE | 3, 0x1234, 0);
    NO_FAULT(far_jmp(bench_exec(b, 4), SEL_FREE | 3, 0x99999999));
    cr_expect_eq(b->cpu.s.seg[CS].sel, SEL_CODE);
    cr_expect_eq(b->cpu.s.eip, 0x1234);
    cr_expect_eq(b->cpu.s.gpr[ESP], 0x800);
    bench_free(b);
}

/* A 286 gate has 16 bits of offset, whatever is in the upper word. */
Test(far_gate, offset_of_a_286_gate)
{
    struct bench *b = bench_new();
    gate(b, SYS_CALL16, SEL_CODE, 0xffff0234, 0);
    NO_FAULT(far_call(bench_exec(b, 4), SEL_FREE, 0));
    cr_expect_eq(b->cpu.s.eip, 0x234);
    EXPECT_AT(b, "IP CS", STACK_AT + 0x7fc, 2, 0x106, SEL_CODE);
    bench_free(b);
}

/* The size of the gate, not of the operand, decides what is pushed. */
Test(far_gate, call_same_level)
{
    struct bench *b = bench_new();
    gate(b, SYS_CALL32, SEL_CODE16, 0x234, 5);
    NO_FAULT(far_call(bench_exec(b, 2), SEL_FREE, 0));
    EXPECT_AT(b, "EIP CS", STACK_AT + 0x7f8, 4, 0x106, SEL_CODE);
    cr_expect_eq(b->cpu.s.gpr[ESP], 0x7f8); /* no parameters without a stack switch */
    cr_expect_eq(b->cpu.s.seg[CS].sel, SEL_CODE16);
    bench_free(b);
}

Test(far_gate, jmp_to_more_privilege_is_refused)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    gate(b, SYS_CALL32, SEL_CODE, 0x234, 0);
    fault_t f = far_jmp(bench_exec(b, 4), SEL_FREE | 3, 0);
    cr_expect_eq(f.vector, VEC_GP);
    cr_expect_eq(f.error, SEL_CODE);
    gate(b, SYS_CALL32, SEL_CONFORM, 0x234, 0);
    NO_FAULT(far_jmp(bench_exec(b, 4), SEL_FREE | 3, 0));
    bench_levels(b, "JMP through gate to conforming code", 3);
    bench_free(b);
}

static void fill_params(struct bench *b, unsigned size, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        bench_put(b, b->cpu.s.seg[SS].sh.base + 0x800 + i * size, size, 0xa1b2c300u + i);
}

/* Every count, both sizes, both TSSs, both widths of the inner and of the outer stack. */
static void inner_call(unsigned size, unsigned count, bool tss32, bool inner_big, bool outer_big)
{
    struct bench *b = bench_new();
    char name[80];
    snprintf(name, sizeof name, "gate %u, count %u, TSS %d, B %d, %d", size * 8, count, tss32,
             inner_big, outer_big);
    uint16_t inner_ss = ring_sel(inner_big ? SEL_STACK : SEL_STACK16, 1);
    bench_ring(b, 3, true);
    bench_seg(b, SS, ring_sel(outer_big ? SEL_STACK : SEL_STACK16, 3));
    fill_params(b, size, count);
    if (!outer_big) b->cpu.s.gpr[ESP] = 0x77770800;
    if (tss32) {
        bench_put(b, TSS_A_AT + 0x0c, 4, 0xc00);
        bench_put(b, TSS_A_AT + 0x10, 2, inner_ss);
    } else {
        b->cpu.s.tr = (struct seg){.sel = SEL_TSS_C, .sh = shadow_of(bench_get_gdt(b, SEL_TSS_C))};
        bench_put(b, TSS_C_AT + 6, 2, 0xc00);
        bench_put(b, TSS_C_AT + 8, 2, inner_ss);
    }
    gate(b, size == 4 ? SYS_CALL32 : SYS_CALL16, ring_sel(SEL_CODE, 1) & 0xfffcu, 0x234, count);
    uint32_t old_esp = b->cpu.s.gpr[ESP];
    NO_FAULT(far_call(bench_exec(b, 4), SEL_FREE | 3, 0));

    uint32_t bytes = size * (4 + count), at = STACK_AT + 0x1000 + 0xc00 - bytes;
    uint32_t mask = size_mask(size);
    bench_levels(b, name, 1);
    cr_expect_eq(b->cpu.s.eip, 0x234, "%s", name);
    cr_expect_eq(b->cpu.s.seg[SS].sel, inner_ss, "%s", name);
    uint32_t upper = inner_big ? 0 : old_esp & 0xffff0000u;
    cr_expect_eq(b->cpu.s.gpr[ESP], upper | (0xc00 - bytes), "%s: ESP %x", name, b->cpu.s.gpr[ESP]);
    EXPECT_AT(b, name, at, size, 0x106, ring_sel(SEL_CODE, 3));
    for (unsigned i = 0; i < count; i++)
        EXPECT_AT(b, name, at + (2 + i) * size, size, (0xa1b2c300u + i) & mask);
    EXPECT_AT(b, name, at + (2 + count) * size, size, old_esp & mask,
              ring_sel(outer_big ? SEL_STACK : SEL_STACK16, 3));

    /* And back: RETF releases on both stacks. */
    NO_FAULT(far_ret(bench_exec(b, size), (uint16_t)(count * size)));
    bench_levels(b, name, 3);
    cr_expect_eq(b->cpu.s.eip, 0x106, "%s", name);
    cr_expect_eq(b->cpu.s.gpr[ESP] & 0xffff, 0x800 + count * size, "%s", name);
    bench_free(b);
}

Test(far_gate, call_to_more_privilege)
{
    static const unsigned counts[] = {0, 1, 2, 7, 30, 31};
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        for (unsigned bits = 0; bits < 16; bits++)
            inner_call(bits & 1 ? 4 : 2, counts[i], bits & 2, bits & 4, bits & 8);
}

static const struct {
    const char *name;
    uint16_t ss;
    uint32_t esp;
    uint8_t vector;
    uint32_t error;
} stacks[] = {
    {"null SS", 0, 0xc00, VEC_TS, 0},
    {"null SS, RPL 1", 1, 0xc00, VEC_TS, 0},
    {"beyond the GDT", 0x409, 0xc00, VEC_TS, 0x408},
    {"RPL", 0x30, 0xc00, VEC_TS, 0x30},
    {"DPL", SEL_STACK | 1, 0xc00, VEC_TS, SEL_STACK},
    {"code", 0x11, 0xc00, VEC_TS, 0x10},
    {"no room", 0x31, 0x14, VEC_SS, 0x30},
    {"room for all but EIP", 0x31, 0x17, VEC_SS, 0x30},
    {"room", 0x31, 0x18, 0, 0},
};

Test(far_gate, inner_stack_refusals)
{
    for (unsigned i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
        struct bench *b = bench_new();
        bench_ring(b, 3, true);
        bench_put(b, TSS_A_AT + 0x0c, 4, stacks[i].esp);
        bench_put(b, TSS_A_AT + 0x10, 2, stacks[i].ss);
        gate(b, SYS_CALL32, ring_sel(SEL_CODE, 1), 0x234, 2);
        struct bench_image *was = bench_image(b);
        fault_t f = far_call(bench_exec(b, 4), SEL_FREE | 3, 0);
        cr_expect_eq(f.vector, stacks[i].vector, "%s: %u", stacks[i].name, f.vector);
        cr_expect_eq(f.error, stacks[i].error, "%s: %x", stacks[i].name, f.error);
        if (is_fault(f)) {
            cr_expect_null(bench_state_diff(&b->cpu.s, &was->s), "%s", stacks[i].name);
            cr_expect_eq(bench_ram_diff(b, was), -1, "%s", stacks[i].name);
        }
        free(was);
        bench_free(b);
    }
}

/* Room on the inner stack, then EIP, then the parameters on the outer stack. */
Test(far_gate, order_of_refusals)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    b->cpu.s.gpr[ESP] = 0xffd;              /* parameters outside */
    bench_put(b, TSS_A_AT + 0x0c, 4, 0x10); /* no room */
    gate(b, SYS_CALL32, ring_sel(SEL_CODE, 1), CODE_LIMIT + 1, 1);
    cr_expect_eq(far_call(bench_exec(b, 4), SEL_FREE | 3, 0).error, 0x30);
    bench_put(b, TSS_A_AT + 0x0c, 4, 0xc00);
    fault_t f = far_call(bench_exec(b, 4), SEL_FREE | 3, 0);
    cr_expect_eq(f.rule, RULE_FAR_EIP_LIMIT);
    gate(b, SYS_CALL32, ring_sel(SEL_CODE, 1), 0x234, 1);
    f = far_call(bench_exec(b, 4), SEL_FREE | 3, 0);
    cr_expect_eq(f.vector, VEC_SS);
    cr_expect_eq(f.error, 0);
    bench_free(b);
}

/* At the edge of the TSS: the whole slot of ESPn and SSn must be inside. */
Test(far_gate, tss_limit_at_the_stack)
{
    for (unsigned ring = 0; ring < 3; ring++) {
        for (int over = -1; over <= 1; over++) {
            struct bench *b = bench_new();
            bench_ring(b, 3, true);
            b->cpu.s.tr.sh.limit = (uint32_t)(4 + 8 * (int)ring + 7 + over);
            gate(b, SYS_CALL32, ring_sel(SEL_CODE, ring), 0x234, 0);
            fault_t f = far_call(bench_exec(b, 4), SEL_FREE | 3, 0);
            cr_expect_eq(is_fault(f), over < 0, "ring %u, %d", ring, over);
            if (over < 0) cr_expect_eq(f.error, SEL_TSS_A);
            bench_free(b);
        }
    }
}

/* System tables are read as supervisor: all their pages have U = 0. */
Test(far_gate, tables_are_read_as_supervisor)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    gate(b, SYS_CALL32, ring_sel(SEL_CODE, 0), 0x234, 0);
    bench_paging(b);
    NO_FAULT(far_call(bench_exec(b, 4), SEL_FREE | 3, 0));
    bench_levels(b, "paging", 0);
    bench_free(b);
}

Test(far_gate, clocks)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    gate(b, SYS_CALL32, SEL_CODE, 0x234, 3);
    bench_exec(b, 4)->clocks = 34;
    NO_FAULT(far_call(&b->x, SEL_FREE | 3, 0));
    cr_expect_eq(b->x.clocks, 94 + 4 * 3);
    bench_ring(b, 3, true);
    gate(b, SYS_CALL32, SEL_CODE, 0x234, 0);
    bench_exec(b, 4)->clocks = 34;
    NO_FAULT(far_call(&b->x, SEL_FREE | 3, 0));
    cr_expect_eq(b->x.clocks, 86);
    bench_exec(b, 4)->clocks = 27;
    NO_FAULT(far_jmp(&b->x, SEL_FREE, 0));
    cr_expect_eq(b->x.clocks, 45);
    bench_free(b);
}
