/* Far JMP and CALL without gates: real, V86 and protected mode. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench.h"

Test(far, jmp_to_code_of_the_same_level)
{
    for (unsigned ring = 0; ring < 4; ring++) {
        struct bench *b = bench_new();
        bench_ring(b, ring, true);
        uint16_t sel = ring_sel(SEL_CODE16, ring);
        NO_FAULT(far_jmp(bench_exec(b, 4), sel, 0x1234));
        cr_expect_eq(b->cpu.s.seg[CS].sel, sel);
        cr_expect_eq(b->cpu.s.eip, 0x1234);
        cr_expect(!shadow_big(&b->cpu.s.seg[CS].sh));
        cr_expect(b->x.transferred);
        cr_expect_eq(b->x.next_eip, 0x1234);
        bench_levels(b, "JMP", ring);
        bench_free(b);
    }
}

/* The RPL in CS is the CPL, whatever the selector said. */
Test(far, rpl_of_cs_becomes_cpl)
{
    struct bench *b = bench_new();
    bench_ring(b, 2, true);
    NO_FAULT(far_jmp(bench_exec(b, 4), SEL_CONFORM | 3, 0x10));
    cr_expect_eq(b->cpu.s.seg[CS].sel, SEL_CONFORM | 2);
    bench_levels(b, "conforming", 2);
    NO_FAULT(far_jmp(bench_exec(b, 4), ring_sel(SEL_CODE, 2) & 0xfffcu, 0x20));
    cr_expect_eq(b->cpu.s.seg[CS].sel, ring_sel(SEL_CODE, 2));
    bench_free(b);
}

Test(far, sixteen_bit_operand_cuts_the_offset)
{
    struct bench *b = bench_new();
    NO_FAULT(far_jmp(bench_exec(b, 2), SEL_CODE, 0xffff1234));
    cr_expect_eq(b->cpu.s.eip, 0x1234);
    b->cpu.s.eip = 0x12345;
    NO_FAULT(far_call(bench_exec(b, 2), SEL_CODE, 0xffff0042));
    cr_expect_eq(b->cpu.s.eip, 0x42);
    EXPECT_AT(b, "IP CS", STACK_AT + 0x7fc, 2, 0x234b, SEL_CODE);
    cr_expect_eq(b->cpu.s.gpr[ESP], 0x7fc);
    bench_free(b);
}

Test(far, call_pushes_cs_and_eip)
{
    struct bench *b = bench_new();
    bench_put(b, STACK_AT + 0x7fc, 4, 0xffffffff);
    NO_FAULT(far_call(bench_exec(b, 4), SEL_CODE16, 0x500));
    EXPECT_AT(b, "EIP CS", STACK_AT + 0x7f8, 4, 0x106, SEL_CODE);
    cr_expect_eq(b->cpu.s.gpr[ESP], 0x7f8);
    bench_free(b);
}

/* A 16-bit stack wraps inside 64 KB and keeps ESP[31:16]. */
Test(far, call_on_a_16_bit_stack)
{
    struct bench *b = bench_new();
    bench_ring(b, 0, false);
    bench_put(b, GDT_AT + SEL_STACK16, 2, 0xffff);
    bench_seg(b, SS, SEL_STACK16);
    b->cpu.s.gpr[ESP] = 0xabcd0004;
    NO_FAULT(far_call(bench_exec(b, 4), SEL_CODE, 0x500));
    cr_expect_eq(b->cpu.s.gpr[ESP], 0xabcdfffc);
    EXPECT_AT(b, "CS", STACK_AT, 4, SEL_CODE16);
    EXPECT_AT(b, "EIP", STACK_AT + 0xfffc, 4, 0x106);
    bench_free(b);
}

Test(far, call_without_room_changes_nothing)
{
    struct bench *b = bench_new();
    b->cpu.s.gpr[ESP] = 4; /* CS fits, EIP does not */
    struct bench_image *was = bench_image(b);
    fault_t f = far_call(bench_exec(b, 4), SEL_CODE16, 0xffffffff);
    cr_expect_eq(f.vector, VEC_SS); /* before the limit of EIP */
    cr_expect_eq(f.error, 0);
    cr_expect_null(bench_state_diff(&b->cpu.s, &was->s));
    cr_expect_eq(bench_ram_diff(b, was), -1);
    free(was);
    bench_free(b);
}

Test(far, accessed_bit_is_set_with_the_load)
{
    struct bench *b = bench_new();
    bench_gdt(b, SEL_FREE, desc_make(CODE_AT, 0xff, 0x9a, true, false));
    fault_t f = far_jmp(bench_exec(b, 4), SEL_FREE, 0x100);
    cr_expect_eq(f.rule, RULE_FAR_EIP_LIMIT);
    cr_expect_eq(desc_access(bench_get_gdt(b, SEL_FREE)), 0x9a);
    NO_FAULT(far_jmp(bench_exec(b, 4), SEL_FREE, 0xff));
    cr_expect_eq(desc_access(bench_get_gdt(b, SEL_FREE)), 0x9b);
    cr_expect_eq(b->cpu.s.seg[CS].sh.access, 0x9b);
    bench_free(b);
}

Test(far, code_in_the_ldt)
{
    struct bench *b = bench_new();
    bench_ldt(b, 0x0c, desc_make(0x12000, 0xfff, 0x9a, true, false));
    NO_FAULT(far_jmp(bench_exec(b, 4), 0x0c, 0x20));
    cr_expect_eq(b->cpu.s.seg[CS].sel, 0x0c);
    cr_expect_eq(b->cpu.s.seg[CS].sh.base, 0x12000);
    cr_expect_eq(bench_get(b, LDT_AT + 8 + 5, 1), 0x9b);
    bench_free(b);
}

/* --- 8086 --- */

Test(far, real_mode)
{
    struct bench *b = bench_new();
    bench_real(b);
    NO_FAULT(far_jmp(bench_exec(b, 2), 0x1234, 0xfffff));
    cr_expect_eq(b->cpu.s.seg[CS].sel, 0x1234);
    cr_expect_eq(b->cpu.s.seg[CS].sh.base, 0x12340);
    cr_expect_eq(b->cpu.s.seg[CS].sh.limit, 0xffff);
    cr_expect_eq(b->cpu.s.eip, 0xffff);
    NO_FAULT(far_call(bench_exec(b, 2), 0x1003, 0x10));
    EXPECT_AT(b, "IP CS", 0x207fc, 2, 0x0005, 0x1234);
    cr_expect_eq(b->cpu.s.cpl, 0);
    NO_FAULT(far_call(bench_exec(b, 4), 0x1000, 0x20));
    EXPECT_AT(b, "EIP CS", 0x207f4, 4, 0x16, 0x1003);
    NO_FAULT(far_ret(bench_exec(b, 4), 0));
    cr_expect_eq(b->cpu.s.eip, 0x16);
    NO_FAULT(far_ret(bench_exec(b, 2), 6));
    cr_expect_eq(b->cpu.s.gpr[ESP], 0x806);
    cr_expect_eq(b->cpu.s.seg[CS].sel, 0x1234);
    bench_free(b);
}

/* The far JMP after PE was cleared gives CS the rights of real mode; limit and D stay. */
Test(far, real_mode_jmp_makes_cs_writable)
{
    struct bench *b = bench_new();
    b->cpu.s.cr0 &= ~CR0_PE;
    NO_FAULT(far_jmp(bench_exec(b, 2), 0x1000, 0x10));
    cr_expect_eq(b->cpu.s.seg[CS].sh.access, 0x93);
    cr_expect_eq(b->cpu.s.seg[CS].sh.limit, CODE_LIMIT);
    cr_expect(shadow_big(&b->cpu.s.seg[CS].sh));
    bench_free(b);
}

Test(far, v86_mode)
{
    struct bench *b = bench_new();
    bench_v86(b, 0);
    NO_FAULT(far_call(bench_exec(b, 2), 0xffff, 0x10));
    cr_expect_eq(b->cpu.s.seg[CS].sel, 0xffff);
    cr_expect_eq(b->cpu.s.seg[CS].sh.base, 0xffff0);
    cr_expect_eq(b->cpu.s.cpl, 3);
    EXPECT_AT(b, "IP CS", 0x207fc, 2, 0x106, 0x1000);
    NO_FAULT(far_ret(bench_exec(b, 2), 0));
    cr_expect_eq(b->cpu.s.seg[CS].sel, 0x1000);
    cr_expect_eq(b->cpu.s.gpr[ESP], 0x800);
    cr_expect_eq(b->selectors, 0);
    bench_free(b);
}

/* --- observers --- */

Test(far, selectors_are_told)
{
    struct bench *b = bench_new();
    NO_FAULT(far_jmp(bench_exec(b, 4), SEL_CODE, 0));
    cr_expect_eq(b->selectors, 1);
    fault_t f = far_jmp(bench_exec(b, 4), SEL_DATA0, 0);
    cr_expect_eq(f.vector, VEC_GP);
    cr_expect_eq(f.error, SEL_DATA0);
    cr_expect_eq(b->selectors, 2);
    f = far_jmp(bench_exec(b, 4), 3, 0);
    cr_expect_eq(f.error, 0);
    cr_expect_eq(b->selectors, 3);
    bench_free(b);
}

/* --- RET --- */

static void push_far(struct bench *b, unsigned size, uint32_t eip, uint32_t cs)
{
    uint32_t at = b->cpu.s.seg[SS].sh.base + 0x800;
    bench_put(b, at, size, eip);
    bench_put(b, at + size, size, cs);
}

static void push_outer(struct bench *b, unsigned size, unsigned release, uint32_t esp, uint32_t ss)
{
    uint32_t at = b->cpu.s.seg[SS].sh.base + 0x800 + 2 * size + release;
    bench_put(b, at, size, esp);
    bench_put(b, at + size, size, ss);
}

Test(far_ret, same_level)
{
    for (unsigned ring = 0; ring < 4; ring++) {
        for (unsigned size = 2; size <= 4; size += 2) {
            struct bench *b = bench_new();
            bench_ring(b, ring, true);
            push_far(b, size, 0x1234, ring_sel(SEL_CODE16, ring) | (size == 4 ? 0xdead0000u : 0));
            NO_FAULT(far_ret(bench_exec(b, size), 0x10));
            cr_expect_eq(b->cpu.s.seg[CS].sel, ring_sel(SEL_CODE16, ring));
            cr_expect_eq(b->cpu.s.eip, 0x1234);
            cr_expect_eq(b->cpu.s.gpr[ESP], 0x810 + 2 * size);
            bench_levels(b, "RET", ring);
            bench_free(b);
        }
    }
}

/* The parameters are released on both stacks. */
Test(far_ret, outer_level)
{
    for (unsigned ring = 1; ring < 4; ring++) {
        for (unsigned size = 2; size <= 4; size += 2) {
            struct bench *b = bench_new();
            push_far(b, size, 0x1234, ring_sel(SEL_CODE, ring));
            push_outer(b, size, 8, 0x700, ring_sel(SEL_STACK, ring));
            NO_FAULT(far_ret(bench_exec(b, size), 8));
            cr_expect_eq(b->cpu.s.eip, 0x1234);
            cr_expect_eq(b->cpu.s.seg[SS].sel, ring_sel(SEL_STACK, ring));
            cr_expect_eq(b->cpu.s.gpr[ESP], 0x708);
            bench_levels(b, "outer RET", ring);
            bench_free(b);
        }
    }
}

Test(far_ret, to_a_16_bit_stack_loads_sp_only)
{
    struct bench *b = bench_new();
    b->cpu.s.gpr[ESP] = 0x800;
    push_far(b, 4, 0x10, ring_sel(SEL_CODE, 3));
    push_outer(b, 4, 0, 0xaaaa0700, ring_sel(SEL_STACK16, 3));
    NO_FAULT(far_ret(bench_exec(b, 4), 0));
    cr_expect_eq(b->cpu.s.gpr[ESP], 0x0700);
    bench_free(b);
}

/* DS, ES, FS, GS that the outer level may not use become null; conforming code may stay. */
Test(far_ret, outer_level_nulls_data)
{
    struct bench *b = bench_new();
    bench_seg(b, DS, SEL_DATA0);
    bench_seg(b, ES, SEL_CONFORM);
    bench_seg(b, FS, SEL_DATA3);
    bench_seg(b, GS, ring_sel(SEL_CODE, 2));
    push_far(b, 4, 0x10, ring_sel(SEL_CODE, 3));
    push_outer(b, 4, 0, 0x700, ring_sel(SEL_STACK, 3));
    NO_FAULT(far_ret(bench_exec(b, 4), 0));
    cr_expect_eq(b->cpu.s.seg[DS].sel, 0);
    cr_expect(!b->cpu.s.seg[DS].sh.usable);
    cr_expect_eq(b->cpu.s.seg[ES].sel, SEL_CONFORM);
    cr_expect(b->cpu.s.seg[ES].sh.usable);
    cr_expect_eq(b->cpu.s.seg[FS].sel, SEL_DATA3);
    cr_expect_eq(b->cpu.s.seg[GS].sel, 0);
    bench_free(b);
}

static const struct {
    const char *name;
    unsigned ring;
    uint32_t cs, ss, eip;
    uint8_t vector;
    uint32_t error;
} refused[] = {
    {"null CS", 0, 0, 0, 0, VEC_GP, 0},
    {"RPL 3, null CS", 0, 3, 0x43, 0, VEC_GP, 0},
    {"inner level", 3, SEL_CODE, 0, 0, VEC_GP, SEL_CODE},
    {"data segment", 0, SEL_DATA0, 0, 0, VEC_GP, SEL_DATA0},
    {"DPL is not RPL", 0, SEL_CODE | 3, SEL_STACK | 3, 0, VEC_GP, SEL_CODE},
    {"beyond the GDT", 0, 0x408, 0, 0, VEC_GP, 0x408},
    {"EIP beyond the limit", 0, SEL_CODE, 0, CODE_LIMIT + 1, VEC_GP, 0},
    {"outer: null SS", 0, 0x23, 0, 0, VEC_GP, 0},
    {"outer: RPL of SS", 0, 0x23, 0x40, 0, VEC_GP, 0x40},
    {"outer: DPL of SS", 0, 0x23, SEL_STACK | 3, 0, VEC_GP, SEL_STACK},
    {"outer: SS before EIP", 0, 0x23, SEL_STACK | 3, 0xffffffff, VEC_GP, SEL_STACK},
    {"outer: EIP beyond the limit", 0, 0x23, 0x43, CODE_LIMIT + 1, VEC_GP, 0},
};

Test(far_ret, refusals_change_nothing)
{
    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct bench *b = bench_new();
        bench_ring(b, refused[i].ring, true);
        push_far(b, 4, refused[i].eip, refused[i].cs);
        push_outer(b, 4, 0, 0x700, refused[i].ss);
        struct bench_image *was = bench_image(b);
        fault_t f = far_ret(bench_exec(b, 4), 0);
        cr_expect(is_fault(f), "%s", refused[i].name);
        cr_expect_eq(f.vector, refused[i].vector, "%s: %u", refused[i].name, f.vector);
        cr_expect_eq(f.error, refused[i].error, "%s: %x", refused[i].name, f.error);
        cr_expect_null(bench_state_diff(&b->cpu.s, &was->s), "%s", refused[i].name);
        cr_expect_eq(bench_ram_diff(b, was), -1, "%s", refused[i].name);
        free(was);
        bench_free(b);
    }
}

Test(far_ret, frame_outside_the_stack)
{
    struct bench *b = bench_new();
    bench_put(b, STACK_AT + 0xffc, 4, 0x10);
    b->cpu.s.gpr[ESP] = 0xffc;
    fault_t f = far_ret(bench_exec(b, 4), 0);
    cr_expect_eq(f.vector, VEC_SS);
    b->cpu.s.gpr[ESP] = 0xff8; /* CS is inside, the outer frame is not: before CS is looked at */
    bench_put(b, STACK_AT + 0xffc, 4, SEL_DATA0 | 3);
    f = far_ret(bench_exec(b, 4), 0);
    cr_expect_eq(f.vector, VEC_SS);
    cr_expect_eq(f.error, 0);
    bench_free(b);
}

/* A return to more privilege is refused before the outer frame is looked for. */
Test(far_ret, inner_level_at_the_end_of_the_stack)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    b->cpu.s.gpr[ESP] = 0xff8;
    bench_put(b, STACK_AT + 0x3ff8, 4, 0x10);
    bench_put(b, STACK_AT + 0x3ffc, 4, ring_sel(SEL_CODE, 2));
    fault_t f = far_ret(bench_exec(b, 4), 0);
    cr_expect_eq(f.rule, RULE_SEGM_RET_RPL);
    cr_expect_eq(f.error, ring_sel(SEL_CODE, 2) & 0xfffcu);
    bench_free(b);
}
