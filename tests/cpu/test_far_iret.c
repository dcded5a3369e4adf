/* IRET in all forms but the return to another task (test_task.c). */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench.h"

static void frame(struct bench *b, unsigned size, unsigned n, const uint32_t *values)
{
    for (unsigned i = 0; i < n; i++)
        bench_put(b, b->cpu.s.seg[SS].sh.base + 0x800 + i * size, size, values[i]);
}
#define FRAME(b, size, ...)                                                                        \
    do {                                                                                           \
        const uint32_t v_[] = {__VA_ARGS__};                                                       \
        frame(b, size, sizeof v_ / sizeof v_[0], v_);                                              \
    } while (0)

Test(far_iret, same_level)
{
    for (unsigned size = 2; size <= 4; size += 2) {
        struct bench *b = bench_new();
        b->cpu.s.nmi_blocked = 1;
        FRAME(b, size, 0x1234, SEL_CODE16, 0x0ed7);
        NO_FAULT(far_iret(bench_exec(b, size)));
        cr_expect_eq(b->cpu.s.eip, 0x1234);
        cr_expect_eq(b->cpu.s.seg[CS].sel, SEL_CODE16);
        cr_expect_eq(b->cpu.s.eflags, 0xed7);
        cr_expect_eq(b->cpu.s.gpr[ESP], 0x800 + 3 * size);
        cr_expect_eq(b->cpu.s.nmi_blocked, 0);
        cr_expect(b->x.keep_rf);
        bench_free(b);
    }
}

/* All flags, by CPL, IOPL and operand size; each bit is tried set and clear. */
Test(far_iret, which_flags_change)
{
    for (unsigned ring = 0; ring < 4; ring++)
        for (unsigned iopl = 0; iopl < 4; iopl++)
            for (unsigned size = 2; size <= 4; size += 2)
                for (unsigned set = 0; set < 2; set++) {
                    struct bench *b = bench_new();
                    bench_ring(b, ring, true);
                    uint32_t old = FL_1 | iopl << 12 | (set ? 0 : FL_IF | FL_ARITH | FL_TF | FL_DF);
                    uint32_t image = set ? FL_ALL & ~FL_VM : 0;
                    b->cpu.s.eflags = old;
                    FRAME(b, size, 0x10, ring_sel(SEL_CODE, ring), image);
                    NO_FAULT(far_iret(bench_exec(b, size)));
                    uint32_t may = FL_ARITH | FL_TF | FL_DF | FL_NT;
                    if (ring == 0) may |= FL_IOPL;
                    if (ring <= iopl) may |= FL_IF;
                    if (size == 4) may |= FL_RF;
                    uint32_t want = (old & ~may) | (image & may) | FL_1;
                    cr_expect_eq(b->cpu.s.eflags, want, "ring %u IOPL %u size %u: %x, not %x", ring,
                                 iopl, size, b->cpu.s.eflags, want);
                    bench_free(b);
                }
}

Test(far_iret, outer_level)
{
    for (unsigned ring = 1; ring < 4; ring++)
        for (unsigned size = 2; size <= 4; size += 2) {
            struct bench *b = bench_new();
            bench_seg(b, DS, SEL_DATA0);
            FRAME(b, size, 0x10, ring_sel(SEL_CODE, ring), 0x3202, 0x700,
                  ring_sel(SEL_STACK, ring));
            NO_FAULT(far_iret(bench_exec(b, size)));
            bench_levels(b, "outer IRET", ring);
            cr_expect_eq(b->cpu.s.gpr[ESP], 0x700);
            cr_expect_eq(b->cpu.s.eflags, 0x3202); /* by the old CPL */
            cr_expect_eq(b->cpu.s.seg[DS].sel, 0);
            bench_free(b);
        }
}

/* ESP[31:16] stays when the outer stack is 16-bit. */
Test(far_iret, to_a_16_bit_stack)
{
    struct bench *b = bench_new();
    bench_ring(b, 0, false);
    b->cpu.s.gpr[ESP] = 0xc0de0800;
    FRAME(b, 4, 0x10, ring_sel(SEL_CODE, 3), 2, 0x12340700, ring_sel(SEL_STACK16, 3));
    NO_FAULT(far_iret(bench_exec(b, 4)));
    cr_expect_eq(b->cpu.s.gpr[ESP], 0xc0de0700);
    bench_free(b);
}

Test(far_iret, to_v86)
{
    struct bench *b = bench_new();
    FRAME(b, 4, 0x1234, 0x99991000, FL_VM | FL_RF | FL_NT | 0x3246, 0x56780700, 0x2000, 0x1002,
          0x1001, 0x1003, 0xffff1004);
    NO_FAULT(far_iret(bench_exec(b, 4)));
    const struct i386_state *s = &b->cpu.s;
    static const uint16_t sel[SEGREG_COUNT] = {0x1002, 0x1000, 0x2000, 0x1001, 0x1003, 0x1004};
    cr_expect_eq(s->cpl, 3);
    cr_expect_eq(s->eip, 0x1234);
    cr_expect_eq(s->eflags, FL_VM | FL_RF | FL_NT | 0x3246);
    cr_expect_eq(s->gpr[ESP], 0x56780700);
    for (unsigned r = 0; r < SEGREG_COUNT; r++) {
        cr_expect_eq(s->seg[r].sel, sel[r], "segment %u", r);
        cr_expect_eq(s->seg[r].sh.base, sel[r] * 16u);
        cr_expect_eq(s->seg[r].sh.limit, 0xffff);
    }
    bench_free(b);
}

Test(far_iret, v86_needs_ring_0_and_32_bits)
{
    struct bench *b = bench_new();
    bench_ring(b, 1, true);
    FRAME(b, 4, 0x10, ring_sel(SEL_CODE, 1), FL_VM | 2);
    NO_FAULT(far_iret(bench_exec(b, 4)));
    bench_levels(b, "VM ignored", 1);
    cr_expect_eq(b->cpu.s.eflags, 2);
    bench_free(b);
}

Test(far_iret, v86_refusals)
{
    struct bench *b = bench_new();
    FRAME(b, 4, 0x10000, 0x1000, FL_VM | 2, 0x700, 0x2000, 0, 0, 0, 0);
    fault_t f = far_iret(bench_exec(b, 4));
    cr_expect_eq(f.rule, RULE_FAR_EIP_LIMIT);
    b->cpu.s.gpr[ESP] = 0xfe0; /* 32 of 36 bytes */
    bench_put(b, STACK_AT + 0xfe8, 4, FL_VM | 2);
    f = far_iret(bench_exec(b, 4));
    cr_expect_eq(f.vector, VEC_SS);
    bench_free(b);
}

/* In V86 mode with IOPL 3: as on the 8086; VM and IOPL stay. */
Test(far_iret, inside_v86)
{
    struct bench *b = bench_new();
    bench_v86(b, 3);
    FRAME(b, 2, 0x1234, 0x1111, 0x0ad5);
    NO_FAULT(far_iret(bench_exec(b, 2)));
    cr_expect_eq(b->cpu.s.eip, 0x1234);
    cr_expect_eq(b->cpu.s.seg[CS].sh.base, 0x11110);
    cr_expect_eq(b->cpu.s.eflags, FL_VM | 0x3000 | 0x0ad7);
    cr_expect_eq(b->cpu.s.cpl, 3);
    bench_free(b);
}

Test(far_iret, real_mode)
{
    struct bench *b = bench_new();
    bench_real(b);
    FRAME(b, 2, 0x1234, 0x1111, 0x7fff);
    NO_FAULT(far_iret(bench_exec(b, 2)));
    cr_expect_eq(b->cpu.s.eflags, 0x7fd7);
    cr_expect_eq(b->cpu.s.gpr[ESP], 0x806);
    b->cpu.s.gpr[ESP] = 0x800;
    FRAME(b, 4, 0x1234, 0x1111, 0xffffffff);
    NO_FAULT(far_iret(bench_exec(b, 4)));
    cr_expect_eq(b->cpu.s.eflags, 0x17fd7); /* RF, but not VM */
    b->cpu.s.gpr[ESP] = 0x800;
    FRAME(b, 4, 0x12345, 0x1111, 2);
    cr_expect_eq(far_iret(bench_exec(b, 4)).rule, RULE_FAR_EIP_LIMIT);
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
    {"inner level", 2, SEL_CODE, 0, 0, VEC_GP, SEL_CODE},
    {"TSS", 0, SEL_TSS_B, 0, 0, VEC_GP, SEL_TSS_B},
    {"EIP", 0, SEL_CODE, 0, 0x8000, VEC_GP, 0},
    {"outer: null SS", 0, 0x23, 3, 0, VEC_GP, 0},
    {"outer: SS is code", 0, 0x23, 0x23, 0, VEC_GP, 0x20},
    {"outer: EIP", 0, 0x23, 0x43, 0x8000, VEC_GP, 0},
};

Test(far_iret, refusals_change_nothing)
{
    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct bench *b = bench_new();
        bench_ring(b, refused[i].ring, true);
        b->cpu.s.nmi_blocked = 1;
        FRAME(b, 4, refused[i].eip, refused[i].cs, 0x3fd7, 0x700, refused[i].ss);
        struct bench_image *was = bench_image(b);
        fault_t f = far_iret(bench_exec(b, 4));
        cr_expect(is_fault(f), "%s", refused[i].name);
        cr_expect_eq(f.vector, refused[i].vector, "%s: %u", refused[i].name, f.vector);
        cr_expect_eq(f.error, refused[i].error, "%s: %x", refused[i].name, f.error);
        cr_expect_null(bench_state_diff(&b->cpu.s, &was->s), "%s", refused[i].name);
        cr_expect_eq(bench_ram_diff(b, was), -1, "%s", refused[i].name);
        free(was);
        bench_free(b);
    }
}

/* A return to more privilege is refused before the outer frame is looked for. */
Test(far_iret, inner_level_at_the_end_of_the_stack)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    b->cpu.s.gpr[ESP] = 0xff4;
    bench_put(b, STACK_AT + 0x3ff8, 4, ring_sel(SEL_CODE, 2));
    fault_t f = far_iret(bench_exec(b, 4));
    cr_expect_eq(f.rule, RULE_SEGM_RET_RPL);
    cr_expect_eq(f.error, ring_sel(SEL_CODE, 2) & 0xfffcu);
    bench_free(b);
}

Test(far_iret, real_mode_frame_across_64_kb)
{
    struct bench *b = bench_new();
    bench_real(b);
    b->cpu.s.gpr[ESP] = 0xfffb; /* FLAGS would lie across the end */
    struct i386_state was = b->cpu.s;
    fault_t f = far_iret(bench_exec(b, 2));
    cr_expect_eq(f.vector, VEC_SS);
    cr_expect_null(bench_state_diff(&b->cpu.s, &was));
    bench_free(b);
}

/* A null selector with an RPL becomes plain null on the way out. */
Test(far_iret, outer_level_zeroes_null_selectors)
{
    struct bench *b = bench_new();
    b->cpu.s.seg[GS] = (struct seg){.sel = 3, .sh = shadow_null()};
    FRAME(b, 4, 0x10, 0x23, 2, 0x700, 0x43);
    NO_FAULT(far_iret(bench_exec(b, 4)));
    cr_expect_eq(b->cpu.s.seg[GS].sel, 0);
    bench_free(b);
}
