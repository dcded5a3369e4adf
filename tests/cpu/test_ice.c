/* What was made for in-circuit emulation and test: INT1 (ICEBP), LOADALL, UMOV [ADR 0012]. UMOV has lines in
 * insn_cases.def. */
#include <criterion/criterion.h>
#include <string.h>

#include "bench.h"
#include "flat.h"

/* --- INT1 --- */

static void debug_gate(struct bench *b, uint16_t sel, unsigned dpl)
{
    bench_idt(b, VEC_DB, desc_make_gate(SYS_INT32, sel, 0x234, dpl, 0));
}

/* A handler of level 0, a gate of level 0, entered from level 3; then a conforming one. */
Test(ice, int1_asks_for_no_privilege)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    debug_gate(b, SEL_CODE, 0);
    b->cpu.s.dr[6] = 0x2002;
    b->cpu.s.dr[7] = 0x2400;
    b->cpu.s.eflags = FL_1 | FL_TF | FL_RF | FL_IF;
    NO_FAULT(event_icebp(bench_exec(b, 4)));
    bench_levels(b, "INT1", 0);
    EXPECT_AT(b, "frame", STACK_AT + 0xc00 - 20, 4, 0x106, ring_sel(SEL_CODE, 3),
              FL_1 | FL_TF | FL_IF, 0x800, ring_sel(SEL_STACK, 3));
    cr_expect_eq(b->cpu.s.dr[6], 0x2002, "no bit tells of it");
    cr_expect_eq(b->cpu.s.dr[7], 0x400, "GD is clear, as for any debug exception");
    cr_expect_eq(b->last_source, EVENT_TRAP);
    cr_expect(b->x.no_step);
    cr_expect_eq(b->x.clocks, 99);
    bench_free(b);
}

Test(ice, int1_in_v86_mode_asks_for_no_iopl)
{
    struct bench *b = bench_new();
    bench_v86(b, 0);
    debug_gate(b, SEL_CODE, 0);
    NO_FAULT(event_icebp(bench_exec(b, 2)));
    bench_levels(b, "INT1", 0);
    bench_free(b);
}

/* As for an interrupt from outside the error code has EXT; the instruction can be begun again. */
Test(ice, int1_refused)
{
    struct bench *b = bench_new();
    debug_gate(b, SEL_CODE, 3);
    bench_idt(b, VEC_DB,
              (desc_t){desc_make_gate(SYS_INT32, SEL_CODE, 0, 3, 0).raw & ~(1ull << 47)});
    b->cpu.s.dr[7] = 0x2400;
    struct i386_state before = b->cpu.s;
    fault_t f = event_icebp(bench_exec(b, 4));
    cr_expect_eq(f.vector, VEC_NP);
    cr_expect_eq(f.error, VEC_DB * 8 + 3);
    cr_expect_arr_eq(&before, &b->cpu.s, sizeof before);
    bench_free(b);
}

/* mov ss,[watched]; int1: one entry, and nothing of the breakpoint. */
Test(ice, int1_drops_the_trap_that_mov_ss_put_off)
{
    struct bench *b = bench_new();
    debug_gate(b, SEL_CODE, 0);
    bench_code(b, "\xf1", 1);
    b->cpu.s.pending_db = 1;
    b->cpu.s.inhibit = INHIBIT_SS;
    b->cpu.s.eflags |= FL_TF;
    uint32_t dr6 = b->cpu.s.dr[6];
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(b->events, 1);
    cr_expect_eq(b->cpu.s.eip, 0x234);
    cr_expect_eq(b->cpu.s.pending_db, 0);
    cr_expect_eq(b->cpu.s.dr[6], dr6);
    bench_free(b);
}

/* --- LOADALL --- */

#define TABLE 0x2000u

static const uint8_t seg_order[SEGREG_COUNT] = {GS, FS, DS, SS, CS, ES};

static void put_cache(struct flat *f, unsigned at, uint32_t rights, uint32_t base, uint32_t limit)
{
    flat_put(f, TABLE + at, 4, rights);
    flat_put(f, TABLE + at + 4, 4, base);
    flat_put(f, TABLE + at + 8, 4, limit);
}

/* A table for level `dpl` of protected mode, everything with a value of its own. */
static void put_table(struct flat *f, uint32_t cr0, uint32_t eflags, unsigned dpl)
{
    static const uint16_t registers[] = {0x0c, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x28};
    uint32_t data = 0x409300u | dpl << 13, code = 0x409b00u | dpl << 13;
    flat_put(f, TABLE, 4, cr0);
    flat_put(f, TABLE + 4, 4, eflags);
    flat_put(f, TABLE + 8, 4, 0x100);
    for (unsigned i = 0; i < 8; i++)
        flat_put(f, TABLE + registers[i], 4, 0xab000000u + registers[i]);
    flat_put(f, TABLE + 0x2c, 4, 0x0000e00f);
    flat_put(f, TABLE + 0x30, 4, 0x00002000);
    flat_put(f, TABLE + 0x34, 4, 0xffff0060);
    flat_put(f, TABLE + 0x38, 4, 0xffff0068);
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        flat_put(f, TABLE + 0x3c + 4 * i, 4, 0xffff0100 + 8 * i + dpl);
        uint32_t rights = seg_order[i] == CS ? code : data;
        put_cache(f, 0x84 + 12 * i, rights, 0x3000 + 0x100 * i, 0x45678 + i);
    }
    put_cache(f, 0x54, 0x008b00, 0x5000, 0x67);
    put_cache(f, 0x60, 0, 0x6000, 0x7ff);
    put_cache(f, 0x6c, 0, 0x7000, 0xffff);
    put_cache(f, 0x78, 0x008200, 0x8000, 0x1f);
}

static enum cpu_step run_loadall(struct flat *f)
{
    f->cpu.s.gpr[EDI] = TABLE;
    cr_assert(bus_poke(f->bus, phys(FLAT_CODE), "\x0f\x07", 2));
    return cpu_step(&f->cpu);
}

Test(ice, loadall_layout)
{
    struct flat *f = flat_new();
    const struct i386_state *s = &f->cpu.s;
    flat_real(f);
    put_table(f, CR0_PE | CR0_TS, FL_1 | FL_IOPL | FL_RF | FL_CF | 0x8028, 2);
    f->cpu.s.nmi_blocked = 1;
    f->cpu.s.cr2 = 0x11111111;
    f->cpu.s.cr3 = 0x22222000;
    f->cpu.s.dr[3] = 0x33333333;
    uint64_t clocks = s->clocks;
    cr_assert_eq(run_loadall(f), STEP_RETIRED);
    cr_expect_eq(s->clocks - clocks, 122);
    cr_expect_eq(s->cr0, CR0_PE | CR0_TS);
    cr_expect_eq(s->eflags, FL_1 | FL_IOPL | FL_RF | FL_CF);
    cr_expect_eq(s->eip, 0x100);
    cr_expect_eq(s->cpl, 2);
    cr_expect_eq(s->nmi_blocked, 0);
    for (unsigned i = 0; i < 8; i++)
        cr_expect_eq(s->gpr[i], 0xab000028u - 4 * i, "register %u: %x", i, s->gpr[i]);
    cr_expect_eq(s->dr[6], 0xffffefffu, "%x", s->dr[6]);
    cr_expect_eq(s->dr[7], 0x2400);
    cr_expect_eq(s->cr2, 0x11111111);
    cr_expect_eq(s->cr3, 0x22222000);
    cr_expect_eq(s->dr[3], 0x33333333);
    cr_expect(s->tr.sel == 0x60 && s->tr.sh.base == 0x5000 && s->tr.sh.limit == 0x67);
    cr_expect(s->ldtr.sel == 0x68 && s->ldtr.sh.base == 0x8000 && s->ldtr.sh.hi == 0x1f);
    cr_expect(s->idtr.base == 0x6000 && s->idtr.limit == 0x7ff);
    cr_expect(s->gdtr.base == 0x7000 && s->gdtr.limit == 0xffff);
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        const struct seg *seg = &s->seg[seg_order[i]];
        cr_expect_eq(seg->sel, 0x100 + 8 * i + 2);
        cr_expect_eq(seg->sh.base, 0x3000 + 0x100 * i);
        cr_expect_eq(seg->sh.limit, 0x45678 + i);
        cr_expect_eq(seg->sh.hi, 0x45678 + i);
        cr_expect(shadow_big(&seg->sh) && seg->sh.usable);
    }
    flat_free(f);
}

/* What the caches say holds in real mode as well: a segment of 4 GB, whatever its selector. */
Test(ice, loadall_real_mode_beyond_64k)
{
    struct flat *f = flat_new();
    flat_real(f);
    put_table(f, 0, 0, 3);
    put_cache(f, 0xb4, 0x009b00, 0x1000, 0xffff); /* CS */
    put_cache(f, 0x9c, 0x809300, 0, 0xffffffff);  /* DS */
    flat_put(f, TABLE + 8, 4, 2);                 /* EIP */
    flat_put(f, TABLE + 0x1c, 4, 0x81234);        /* EBX */
    flat_put(f, 0x81234, 4, 0x13572468);
    cr_assert_eq(run_loadall(f), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.cpl, 0);
    cr_assert(bus_poke(f->bus, phys(FLAT_CODE + 2), "\x67\x66\x8b\x03", 4)); /* mov eax,[ebx] */
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.gpr[EAX], 0x13572468);
    flat_free(f);
}

Test(ice, loadall_caches)
{
    struct flat *f = flat_new();
    const struct i386_state *s = &f->cpu.s;
    flat_reset(f, 32);
    put_table(f, CR0_PE, FL_VM, 0);
    put_cache(f, 0x9c, 0x009700, 0, 0xfff); /* DS: expand-down */
    put_cache(f, 0x90, 0x001300, 0, 0xfff); /* FS: absent */
    put_cache(f, 0x6c, 0, 0x7000, 0x12345); /* GDT: longer than any selector reaches */
    cr_assert_eq(run_loadall(f), STEP_RETIRED);
    cr_expect(state_v86(s));
    cr_expect_eq(s->cpl, 3);
    cr_expect(s->seg[DS].sh.lo == 0x1000 && s->seg[DS].sh.hi == 0xffff);
    cr_expect(!s->seg[FS].sh.usable);
    cr_expect_eq(s->gdtr.limit, 0xffff);

    flat_reset(f, 32);
    put_table(f, 0, FL_VM, 0);
    cr_assert_eq(run_loadall(f), STEP_RETIRED);
    cr_expect_eq(s->eflags, FL_1, "no V86 mode without protection");
    flat_free(f);
}

/* The registers that nobody sees are read, too. */
Test(ice, loadall_outside_the_segment)
{
    static const uint32_t last[] = {0xcb, 0x126};
    struct flat *f = flat_new();
    for (unsigned i = 0; i < 2; i++) {
        flat_reset(f, 32);
        put_table(f, CR0_PE, 0, 0);
        f->cpu.s.seg[ES].sh.limit = f->cpu.s.seg[ES].sh.hi = TABLE + last[i] - (i == 0);
        uint32_t eax = f->cpu.s.gpr[EAX];
        cr_expect_eq(run_loadall(f), STEP_SHUTDOWN);
        cr_expect_eq(f->cpu.chain[0].vector, VEC_GP);
        cr_expect_eq(f->cpu.chain[0].error, 0);
        cr_expect_eq(f->cpu.s.gpr[EAX], eax);
        cr_expect_eq(f->cpu.s.eip, FLAT_CODE);
    }
    flat_free(f);
}

/* --- neither of them --- */

Test(ice, refused_for_good)
{
    static const uint8_t code[][3] = {{0xf1},
                                      {0x0f, 0x07},
                                      {0x0f, 0x10, 0xc0},
                                      {0x0f, 0x11, 0xc0},
                                      {0x0f, 0x12, 0xc0},
                                      {0x0f, 0x13, 0xc0}};
    struct flat *f = flat_new();
    for (unsigned i = 0; i < sizeof code / sizeof code[0]; i++) {
        flat_reset(f, 32);
        put_table(f, CR0_PE, 0, 0);
        f->cpu.s.gpr[EDI] = TABLE;
        cr_assert(bus_poke(f->bus, phys(FLAT_CODE), code[i], 3));
        cpu_refuse_ice(&f->cpu);
        cr_expect_eq(cpu_step(&f->cpu), STEP_SHUTDOWN);
        cr_expect_eq(f->cpu.chain[0].rule, RULE_INSN_UNDEFINED);
    }
    flat_free(f);
}
