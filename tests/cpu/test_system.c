/* System registers, table registers, ports [386 4.1, 8.3, 17]. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench.h"

static struct exec *mem_operand(struct bench *b, unsigned opsize, uint32_t ea)
{
    struct exec *x = bench_exec(b, opsize);
    bench_seg(b, DS, SEL_DATA0);
    x->ea = eff(ea);
    return x;
}

Test(system, lgdt_and_lidt)
{
    struct bench *b = bench_new();
    bench_put(b, CODE_AT + 0x100, 2, 0x3ff);
    bench_put(b, CODE_AT + 0x102, 4, 0x89abcdef);
    NO_FAULT(sys_lgdt(mem_operand(b, 4, 0x100), false));
    cr_expect_eq(b->cpu.s.gdtr.limit, 0x3ff);
    cr_expect_eq(b->cpu.s.gdtr.base, 0x89abcdef);
    NO_FAULT(sys_lgdt(bench_exec(b, 2), true) /* ea 0 */);
    b->cpu.s.gdtr.base = 0x1000;
    NO_FAULT(sys_lgdt(mem_operand(b, 2, 0x100), true));
    cr_expect_eq(b->cpu.s.idtr.base, 0xabcdef); /* 24 bits */
    bench_free(b);
}

Test(system, sgdt_stores_48_bits)
{
    for (unsigned size = 2; size <= 4; size += 2) {
        struct bench *b = bench_new();
        b->cpu.s.idtr = (struct dtable){0x89abcdef, 0x7ff};
        bench_put(b, CODE_AT + 0x106, 2, 0xeeee);
        NO_FAULT(sys_sgdt(mem_operand(b, size, 0x100), true));
        EXPECT_AT(b, "SIDT", CODE_AT + 0x100, 2, 0x7ff, 0xcdef, 0x89ab, 0xeeee);
        bench_free(b);
    }
}

/* Six bytes or none. */
Test(system, table_operand_at_the_limit)
{
    for (uint32_t ea = CODE_LIMIT - 6; ea <= CODE_LIMIT; ea++) {
        struct bench *b = bench_new();
        bool fits = ea + 5 <= CODE_LIMIT;
        struct exec *x = mem_operand(b, 4, ea);
        struct bench_image *was = bench_image(b);
        fault_t f = sys_sgdt(x, false);
        cr_expect_eq(is_fault(f), !fits, "%x", ea);
        if (!fits) cr_expect_eq(bench_ram_diff(b, was), -1, "%x", ea);
        f = sys_lgdt(x, true);
        cr_expect_eq(is_fault(f), !fits, "%x", ea);
        free(was);
        bench_free(b);
    }
}

Test(system, lldt)
{
    struct bench *b = bench_new();
    bench_gdt(b, SEL_FREE, desc_make(0x7000, 0x1f, 0x80 | SYS_LDT, false, false));
    NO_FAULT(sys_lldt(bench_exec(b, 4), SEL_FREE | 3));
    cr_expect_eq(b->cpu.s.ldtr.sel, SEL_FREE | 3);
    cr_expect_eq(b->cpu.s.ldtr.sh.base, 0x7000);
    cr_expect_eq(b->cpu.s.ldtr.sh.limit, 0x1f);
    NO_FAULT(sys_lldt(bench_exec(b, 4), 0));
    cr_expect(!b->cpu.s.ldtr.sh.usable);
    fault_t f = sys_lldt(bench_exec(b, 4), SEL_DATA0);
    cr_expect_eq(f.vector, VEC_GP);
    cr_expect_eq(f.error, SEL_DATA0);
    f = cpu_seg_load(&b->cpu, ES, 0x0c); /* TI = 1 without an LDT */
    cr_expect_eq(f.error, 0x0c);
    bench_free(b);
}

Test(system, ltr_sets_busy)
{
    struct bench *b = bench_new();
    NO_FAULT(sys_ltr(bench_exec(b, 4), SEL_TSS_B));
    cr_expect_eq(b->cpu.s.tr.sel, SEL_TSS_B);
    cr_expect_eq(b->cpu.s.tr.sh.access, 0x80 | SYS_TSS32_BUSY);
    cr_expect_eq(b->cpu.s.tr.sh.base, TSS_B_AT);
    cr_expect_eq(desc_access(bench_get_gdt(b, SEL_TSS_B)), 0x80 | SYS_TSS32_BUSY);
    fault_t f = sys_ltr(bench_exec(b, 4), SEL_TSS_B);
    cr_expect_eq(f.vector, VEC_GP);
    cr_expect_eq(f.error, SEL_TSS_B);
    f = sys_ltr(bench_exec(b, 4), 0);
    cr_expect_eq(f.error, 0);
    cr_expect_eq(desc_access(bench_get_gdt(b, SEL_TSS_A)), 0x80 | SYS_TSS32_BUSY);
    bench_free(b);
}

Test(system, lmsw_cannot_clear_pe)
{
    struct bench *b = bench_new();
    NO_FAULT(sys_lmsw(bench_exec(b, 4), 0xfffe));
    cr_expect_eq(b->cpu.s.cr0, CR0_ET | 0xf);
    NO_FAULT(sys_lmsw(bench_exec(b, 4), 0));
    cr_expect_eq(b->cpu.s.cr0, CR0_ET | CR0_PE);
    b->cpu.s.cr0 = 0;
    NO_FAULT(sys_lmsw(bench_exec(b, 4), 0xfff1));
    cr_expect_eq(b->cpu.s.cr0, CR0_PE);
    bench_free(b);
}

Test(system, control_registers)
{
    struct bench *b = bench_new();
    struct exec *x = bench_exec(b, 4);
    uint32_t v;
    NO_FAULT(sys_mov_to_cr(x, 0, 0xffffffff));
    NO_FAULT(sys_mov_from_cr(x, 0, &v));
    cr_expect_eq(v, 0x8000001f);
    b->cpu.wp_exists = true;
    NO_FAULT(sys_mov_to_cr(x, 0, 0x7fffffff));
    cr_expect_eq(b->cpu.s.cr0, 0x0001001f);
    NO_FAULT(sys_mov_to_cr(x, 2, 0x12345678));
    NO_FAULT(sys_mov_from_cr(x, 2, &v));
    cr_expect_eq(v, 0x12345678);
    NO_FAULT(sys_mov_to_cr(x, 3, 0x12345fff));
    NO_FAULT(sys_mov_from_cr(x, 3, &v));
    cr_expect_eq(v, 0x12345000);
    bench_free(b);
}

Test(system, debug_registers)
{
    struct bench *b = bench_new();
    struct exec *x = bench_exec(b, 4);
    uint32_t v;
    for (unsigned n = 0; n < 4; n++) {
        NO_FAULT(sys_mov_to_dr(x, n, 0xa5a50000 + n));
        NO_FAULT(sys_mov_from_dr(x, n, &v));
        cr_expect_eq(v, 0xa5a50000 + n);
    }
    NO_FAULT(sys_mov_to_dr(x, 6, 0));
    NO_FAULT(sys_mov_from_dr(x, 4, &v)); /* an alias */
    cr_expect_eq(v, 0xffff0ff0);
    NO_FAULT(sys_mov_to_dr(x, 5, 0x155));
    NO_FAULT(sys_mov_from_dr(x, 7, &v));
    cr_expect_eq(v, 0x555);
    bench_free(b);
}

Test(system, test_registers)
{
    struct bench *b = bench_new();
    struct exec *x = bench_exec(b, 4);
    uint32_t v;
    NO_FAULT(sys_mov_to_tr(x, 7, 0x1010));
    NO_FAULT(sys_mov_to_tr(x, 6, 0x5000)); /* write: nothing to see */
    NO_FAULT(sys_mov_from_tr(x, 7, &v));
    cr_expect_eq(v, 0x1010);
    NO_FAULT(sys_mov_to_tr(x, 6, 0x5801)); /* look-up: a miss */
    NO_FAULT(sys_mov_from_tr(x, 7, &v));
    cr_expect_eq(v & 0x10, 0);
    NO_FAULT(sys_mov_from_tr(x, 6, &v));
    cr_expect_eq(v, 0x5801);
    for (unsigned tr = 0; tr < 6; tr++) {
        cr_expect_eq(sys_mov_to_tr(x, tr, 0).vector, VEC_UD);
        cr_expect_eq(sys_mov_from_tr(x, tr, &v).vector, VEC_UD);
    }
    bench_free(b);
}

/* --- LAR, LSL, VERR, VERW --- */

Test(system, lar)
{
    struct bench *b = bench_new();
    struct exec *x = bench_exec(b, 4);
    uint32_t v = 7;
    bool ok = false;
    bench_gdt(b, SEL_FREE, desc_make(0x12345678, 0xfffff, 0xf3, true, true));
    NO_FAULT(sys_lar(x, SEL_FREE, &ok, &v));
    cr_expect(ok);
    cr_expect_eq(v, 0x00c0f300); /* no limit bits */
    v = 7;
    NO_FAULT(sys_lar(x, 0, &ok, &v));
    cr_expect(!ok);
    NO_FAULT(sys_lar(x, 0x400, &ok, &v));
    cr_expect(!ok);
    cr_expect_eq(v, 7);
    bench_free(b);
}

Test(system, lsl_and_its_clocks)
{
    struct bench *b = bench_new();
    struct exec *x = bench_exec(b, 4);
    uint32_t v = 7;
    bool ok = false;
    NO_FAULT(sys_lsl(x, SEL_CODE, &ok, &v));
    cr_expect_eq(v, CODE_LIMIT);
    cr_expect_eq(x->clocks, 0);
    bench_gdt(b, SEL_FREE, desc_make(0, 0x5fff, 0xf3, true, true));
    NO_FAULT(sys_lsl(x, SEL_FREE, &ok, &v));
    cr_expect(ok);
    cr_expect_eq(v, 0x5fff);
    cr_expect_eq(x->clocks, 5);
    bench_gdt(b, SEL_FREE, desc_make_gate(SYS_CALL32, SEL_CODE, 0, 3, 0));
    NO_FAULT(sys_lsl(x, SEL_FREE, &ok, &v));
    cr_expect(!ok);
    bench_free(b);
}

Test(system, verr_and_verw)
{
    struct bench *b = bench_new();
    struct exec *x = bench_exec(b, 4);
    bool ok = false;
    NO_FAULT(sys_ver(x, SEL_CODE, false, &ok));
    cr_expect(ok);
    NO_FAULT(sys_ver(x, SEL_CODE, true, &ok));
    cr_expect(!ok);
    NO_FAULT(sys_ver(x, SEL_DATA3 | 3, true, &ok));
    cr_expect(ok);
    NO_FAULT(sys_ver(x, SEL_TSS_A, false, &ok));
    cr_expect(!ok);
    bench_ring(b, 3, true);
    NO_FAULT(sys_ver(x, SEL_DATA0, false, &ok));
    cr_expect(!ok);
    bench_free(b);
}

/* A table on an absent page is a page fault, not an answer. */
Test(system, asking_can_page_fault)
{
    struct bench *b = bench_new();
    uint32_t v;
    bool ok;
    bench_paging(b);
    bench_page_present(b, GDT_AT, false);
    fault_t f = sys_lar(bench_exec(b, 4), SEL_CODE, &ok, &v);
    cr_expect_eq(f.vector, VEC_PF);
    cr_expect_eq(f.cr2, GDT_AT + SEL_CODE);
    cr_expect_eq(f.error, 0);
    f = sys_lsl(bench_exec(b, 4), SEL_CODE, &ok, &v);
    cr_expect_eq(f.vector, VEC_PF);
    f = sys_ver(bench_exec(b, 4), SEL_CODE, true, &ok);
    cr_expect_eq(f.vector, VEC_PF);
    bench_free(b);
}

/* --- flags --- */

Test(system, flags_of_popf)
{
    for (uint8_t cpl = 0; cpl < 4; cpl++)
        for (uint32_t iopl = 0; iopl < 4; iopl++) {
            static struct i386_cpu cpu = {.level = LEVEL_386};
            struct i386_state s = {.cpl = cpl, .eflags = FL_1 | iopl << 12 | FL_RF | FL_VM};
            cpu.s = s;
            uint32_t may = FL_ARITH | FL_TF | FL_DF | FL_NT;
            if (cpl == 0) may |= FL_IOPL;
            if (cpl <= iopl) may |= FL_IF;
            cr_expect_eq(flags_loaded(&cpu, 0xffffffff, 4), s.eflags | may);
            cr_expect_eq(flags_loaded(&cpu, 0, 2), (s.eflags & ~may) | FL_1);
        }
}

/* --- ports --- */

static const struct {
    uint16_t port;
    unsigned size;
    int limit; /* relative to the last byte that is needed */
    bool granted;
} ports[] = {
    {0, 1, 0, true},        {0, 1, -1, false},   {7, 1, 0, true},   {7, 1, -1, false},
    {7, 2, 0, true},        {8, 4, 0, true},     {8, 4, -1, false}, {0xffff, 1, 0, true},
    {0xffff, 1, -1, false}, {0x3f8, 1, 5, true},
};

/* Two bytes are read, so the map needs one byte after that of the port. */
Test(system, io_map_limit)
{
    for (unsigned i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        struct bench *b = bench_new();
        bench_ring(b, 3, true);
        b->cpu.s.tr.sh.base = 0x30000;
        bench_put(b, 0x30066, 2, 0x68);
        b->cpu.s.tr.sh.limit = (uint32_t)(0x68 + ports[i].port / 8 + 1 + ports[i].limit);
        fault_t f = io_check(&b->cpu, ports[i].port, ports[i].size);
        cr_expect_eq(is_fault(f), !ports[i].granted, "port %x size %u", ports[i].port,
                     ports[i].size);
        if (is_fault(f)) cr_expect_eq(f.vector, VEC_GP);
        bench_free(b);
    }
}

/* Every bit of every port of the access is asked, and no other. */
Test(system, io_map_bits)
{
    for (unsigned size = 1; size <= 4; size *= 2)
        for (unsigned port = 0x40; port < 0x50; port++)
            for (unsigned bit = 0x38; bit < 0x58; bit++) {
                struct bench *b = bench_new();
                bench_ring(b, 3, true);
                b->cpu.s.tr.sh.base = 0x30000;
                b->cpu.s.tr.sh.limit = 0xfff;
                bench_put(b, 0x30066, 2, 0x68);
                bench_put(b, 0x30068 + bit / 8, 1, 1u << (bit & 7));
                bool hit = bit >= port && bit < port + size;
                fault_t f = io_check(&b->cpu, (uint16_t)port, size);
                cr_expect_eq(is_fault(f), hit, "port %x size %u bit %x", port, size, bit);
                bench_free(b);
            }
}

/* IOPL is asked in protected mode only; in V86 mode the map decides alone. */
Test(system, io_privilege)
{
    for (uint8_t cpl = 0; cpl < 4; cpl++)
        for (uint32_t iopl = 0; iopl < 4; iopl++) {
            struct bench *b = bench_new();
            bench_ring(b, cpl, true);
            b->cpu.s.eflags = FL_1 | iopl << 12;
            bench_put(b, TSS_A_AT + 0x66, 2, 0xffff); /* no map */
            cr_expect_eq(is_fault(io_check(&b->cpu, 0x60, 1)), cpl > iopl);
            bench_free(b);
        }
    struct bench *b = bench_new();
    bench_v86(b, 3);
    bench_put(b, TSS_A_AT + 0x66, 2, 0xffff);
    cr_expect(is_fault(io_check(&b->cpu, 0x60, 1)));
    bench_put(b, TSS_A_AT + 0x66, 2, 0x68);
    cr_expect(!is_fault(io_check(&b->cpu, 0x60, 1)));
    bench_real(b);
    b->cpu.s.eflags = FL_1;
    b->cpu.s.tr.sh.usable = 0;
    cr_expect(!is_fault(io_check(&b->cpu, 0x60, 1)));
    bench_free(b);
}

static uint32_t seen_port;
static uint32_t port_in(void *ctx, uint16_t port, unsigned size)
{
    return 0x12345678;
}
static void port_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    seen_port = value;
}

Test(system, io_is_told)
{
    static const struct port_ops ops = {port_in, port_out};
    struct bench *b = bench_new();
    cr_assert_eq(bus_claim_ports(b->bus, 0x60, 0x67, &ops, NULL, "test"), ST_OK);
    cr_expect_eq(io_in(&b->cpu, 0x60, 2), 0x5678);
    io_out(&b->cpu, 0x60, 1, 0xaabbccdd);
    cr_expect_eq(seen_port, 0xdd);
    cr_expect_eq(b->ios, 2);
    bench_free(b);
}
