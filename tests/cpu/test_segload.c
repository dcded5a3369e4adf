/* Segment registers loaded and poked (segload.c). The rules themselves are tested with segm.c. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench.h"

Test(segload, data_registers)
{
    static const enum segreg regs[] = {ES, DS, FS, GS};
    for (unsigned i = 0; i < 4; i++) {
        struct bench *b = bench_new();
        bench_gdt(b, SEL_FREE, desc_make(0x34567, 0xabc, 0xf2, true, false));
        NO_FAULT(cpu_seg_load(&b->cpu, regs[i], SEL_FREE | 3));
        const struct seg *seg = &b->cpu.s.seg[regs[i]];
        cr_expect_eq(seg->sel, SEL_FREE | 3);
        cr_expect_eq(seg->sh.base, 0x34567);
        cr_expect_eq(seg->sh.limit, 0xabc);
        cr_expect_eq(seg->sh.access, 0xf3);
        cr_expect_eq(desc_access(bench_get_gdt(b, SEL_FREE)), 0xf3, "accessed");
        NO_FAULT(cpu_seg_load(&b->cpu, regs[i], 3));
        cr_expect_eq(seg->sel, 3);
        cr_expect(!seg->sh.usable);
        bench_free(b);
    }
}

Test(segload, refusal_leaves_register_and_accessed_bit)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    bench_gdt(b, SEL_FREE, desc_make(0x34567, 0xabc, 0x92, true, false));
    struct bench_image *was = bench_image(b);
    fault_t f = cpu_seg_load(&b->cpu, DS, SEL_FREE);
    cr_expect_eq(f.vector, VEC_GP);
    cr_expect_eq(f.error, SEL_FREE);
    cr_expect_null(bench_state_diff(&b->cpu.s, &was->s));
    cr_expect_eq(bench_ram_diff(b, was), -1);
    cr_expect_eq(b->selectors, 1);
    free(was);
    bench_free(b);
}

/* A descriptor that is changed later does not change the register. */
Test(segload, shadow_is_a_copy)
{
    struct bench *b = bench_new();
    NO_FAULT(cpu_seg_load(&b->cpu, ES, SEL_DATA0));
    bench_gdt(b, SEL_DATA0, (desc_t){0});
    cr_expect_eq(b->cpu.s.seg[ES].sh.base, CODE_AT);
    fault_t f = cpu_seg_load(&b->cpu, ES, SEL_DATA0);
    cr_expect_eq(f.vector, VEC_GP);
    cr_expect_eq(b->cpu.s.seg[ES].sh.base, CODE_AT);
    bench_free(b);
}

Test(segload, real_and_v86_mode)
{
    struct bench *b = bench_new();
    bench_real(b);
    b->cpu.s.seg[FS].sh.limit = b->cpu.s.seg[FS].sh.hi = 0xffffffff; /* "big real mode" */
    NO_FAULT(cpu_seg_load(&b->cpu, FS, 0x1234));
    cr_expect_eq(b->cpu.s.seg[FS].sh.base, 0x12340);
    cr_expect_eq(b->cpu.s.seg[FS].sh.limit, 0xffffffff);
    bench_v86(b, 0);
    b->cpu.s.cr0 |= CR0_PE;
    NO_FAULT(cpu_seg_load(&b->cpu, FS, 0xffff));
    cr_expect_eq(b->cpu.s.seg[FS].sh.base, 0xffff0);
    cr_expect_eq(b->cpu.s.seg[FS].sh.limit, 0xffff);
    cr_expect_eq(b->selectors, 0);
    bench_free(b);
}

Test(segload, poke)
{
    struct bench *b = bench_new();
    struct seg seg = {.sel = 0x1b, .sh = shadow_of(desc_make(0, 0xffffffff, 0xfb, true, true))};
    cpu_seg_poke(&b->cpu, CS, seg);
    cr_expect_eq(b->cpu.s.cpl, 3);
    seg.sel = 0x23;
    cpu_seg_poke(&b->cpu, DS, seg);
    cr_expect_eq(b->cpu.s.seg[DS].sel, 0x23);
    cr_expect_eq(b->cpu.s.cpl, 3);
    cr_expect_eq(b->selectors, 0);
    bench_free(b);
}

Test(segload, poke_of_cs_in_real_mode_keeps_cpl)
{
    struct bench *b = bench_new();
    bench_real(b);
    struct seg seg = {.sel = 0x1003, .sh = shadow_real(b->cpu.s.seg[CS].sh, 0x1003)};
    cpu_seg_poke(&b->cpu, CS, seg);
    cr_expect_eq(b->cpu.s.cpl, 0);
    cr_expect_eq(b->cpu.s.seg[CS].sh.base, 0x10030);
    bench_free(b);
}
