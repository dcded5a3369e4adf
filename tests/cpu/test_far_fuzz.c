/* Random tables, random transfers; what must hold whatever happens:
 *
 *   a refusal leaves state and memory as they were (accessed bits may be set);
 *   afterwards CS.RPL = SS.RPL = CPL, CS is usable code with EIP inside, SS is usable and writable;
 *   in V86 mode CPL is 3 and every segment is 64 KB at selector * 16;
 *   EFLAGS has bit 1 and nothing that a 386 does not have;
 *   a step ends.
 *
 * The seed is fixed: a failure names its round.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench.h"

#define ROUNDS 5000u

struct dice {
    uint64_t state;
};
static uint32_t roll(struct dice *d, uint32_t below)
{
    d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(d->state >> 33) % below;
}

/* --- random scenes --- */

static uint16_t some_selector(struct dice *d)
{
    if (roll(d, 10) == 0) return roll(d, 2) ? SEL_TSS_B : SEL_TSS_C;
    uint16_t sel = (uint16_t)(roll(d, 0x1d) * 8);
    unsigned rpl = roll(d, 8);
    if (rpl > 3) return sel >= 0x88 ? sel : (uint16_t)(sel | ((sel - 8u) / 8u & 3u)); /* fitting */
    if (roll(d, 16) == 0) sel |= 4;
    return (uint16_t)(sel | rpl);
}

static uint32_t some_offset(struct dice *d)
{
    static const uint32_t offsets[] = {0,      0x10,    0x700,      CODE_LIMIT, CODE_LIMIT + 1,
                                       0xffff, 0x10000, 0xffffffff, 4,          0x800};
    return offsets[roll(d, roll(d, 4) ? 3 : 10)];
}

static void some_gates(struct bench *b, struct dice *d)
{
    static const uint8_t types[] = {SYS_CALL16, SYS_CALL32, SYS_TASK_GATE, SYS_INT16,
                                    SYS_INT32,  SYS_TRAP16, SYS_TRAP32};
    for (uint16_t sel = SEL_FREE; sel <= SEL_FREE + 0x20; sel += 8) {
        unsigned type = roll(d, 3);
        bench_gdt(
            b, sel,
            desc_make_gate(types[type], some_selector(d), some_offset(d), roll(d, 4), roll(d, 32)));
    }
    for (unsigned vector = 0; vector < 0x44; vector++)
        bench_idt(
            b, (uint8_t)vector,
            desc_make_gate(types[2 + roll(d, 5)], some_selector(d), some_offset(d), roll(d, 4), 0));
}

static void some_damage(struct bench *b, struct dice *d)
{
    for (unsigned n = roll(d, 4); n > 0; n--) {
        uint32_t at = GDT_AT + 8 * roll(d, 0x1d);
        if (roll(d, 2))
            bench_put(b, at + 5, 1, bench_get(b, at + 5, 1) ^ 1u << roll(d, 8));
        else
            bench_put(b, at, 2, roll(d, 0x1000));
    }
}

static void some_tss(struct bench *b, struct dice *d, uint32_t at, bool is32)
{
    unsigned n = is32 ? 4 : 2, eip = is32 ? 0x20 : 0x0e;
    bench_put(b, at, 2, some_selector(d));
    for (unsigned i = 0; i < 3; i++) {
        bench_put(b, at + n + 2 * n * i, n, roll(d, 8) ? 0xc00 : some_offset(d));
        bench_put(b, at + 2 * n + 2 * n * i, 2,
                  roll(d, 4) ? ring_sel(SEL_STACK, i) : some_selector(d));
    }
    bench_put(b, at + eip, n, some_offset(d));
    bench_put(b, at + eip + n, n, roll(d, 0x40000));
    bench_put(b, at + eip + 6 * n, n, 0x600);
    for (unsigned i = 0; i < (is32 ? 6u : 4u); i++)
        bench_put(b, at + eip + (10 + i) * n, 2, some_selector(d));
    bench_put(b, at + eip + 11 * n, 2, ring_sel(SEL_CODE, roll(d, 4)));
    bench_put(b, at + (is32 ? 0x60 : 0x2a), 2, roll(d, 3) ? SEL_LDT : some_selector(d));
}

static void some_stack(struct bench *b, struct dice *d)
{
    uint32_t at = b->cpu.s.seg[SS].sh.base + (b->cpu.s.gpr[ESP] & 0xfff);
    unsigned n = roll(d, 2) ? 4 : 2;
    for (unsigned i = 0; i < 10; i++)
        bench_put(b, at + i * n, n, roll(d, 3) ? some_selector(d) : some_offset(d));
    if (roll(d, 2)) bench_put(b, at, n, 0x10);
    if (roll(d, 2)) bench_put(b, at + n, n, ring_sel(SEL_CODE, roll(d, 4)));
    if (roll(d, 2)) bench_put(b, at + 2 * n, n, roll(d, 0x40000));
    if (roll(d, 2)) bench_put(b, at + 3 * n, n, 0x600);
    if (roll(d, 2)) bench_put(b, at + 4 * n, n, ring_sel(SEL_STACK, roll(d, 4)));
}

static void some_mode(struct bench *b, struct dice *d)
{
    bench_ring(b, roll(d, 4), roll(d, 2));
    if (roll(d, 8) == 0) bench_v86(b, roll(d, 4));
    if (roll(d, 16) == 0) bench_real(b);
    b->cpu.s.eflags |= roll(d, 0x8000) & FL_ALL & ~(roll(d, 4) ? FL_NT : 0);
    if (roll(d, 16) == 0) b->cpu.s.gpr[ESP] = roll(d, 16);
    if (roll(d, 16) == 0) b->cpu.s.idtr.limit = roll(d, 0x200);
    if (roll(d, 16) == 0) b->cpu.s.tr.sh.limit = roll(d, 0x80);
    if (roll(d, 4) == 0 && state_protected(&b->cpu.s)) bench_paging(b);
}

/* --- random transfers --- */

static fault_t some_instruction(struct bench *b, struct dice *d)
{
    struct exec *x = bench_exec(b, roll(d, 2) ? 4 : 2);
    uint16_t sel = some_selector(d);
    switch (roll(d, 8)) {
    case 0: return far_jmp(x, sel, some_offset(d));
    case 1:
    case 2: return far_call(x, sel, some_offset(d));
    case 3: return far_ret(x, (uint16_t)(roll(d, 2) * 8));
    case 4:
    case 5: return far_iret(x);
    case 6: return event_software(x, (uint8_t)roll(d, 0x44));
    default: return cpu_seg_load(&b->cpu, (enum segreg)(ES + 2 * roll(d, 3)), sel);
    }
}

static enum cpu_step some_event(struct bench *b, struct dice *d)
{
    static const uint8_t vectors[] = {VEC_DE, VEC_DB, VEC_UD, VEC_DF, VEC_TS,
                                      VEC_NP, VEC_SS, VEC_GP, VEC_PF, VEC_MF};
    if (roll(d, 2)) return cpu_interrupt(&b->cpu, (uint8_t)roll(d, 0x44));
    return event_fault(&b->cpu, fault_make(vectors[roll(d, 10)], 0x50, RULE_INSN_UNDEFINED));
}

/* --- what must hold --- */

static void expect_flags(const struct i386_state *s, unsigned round)
{
    cr_expect_eq(s->eflags & ~FL_ALL, 0, "round %u: EFLAGS %x", round, s->eflags);
    cr_expect(s->eflags & FL_1, "round %u", round);
}

static void expect_8086(const struct i386_state *s, unsigned round)
{
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        const struct seg *seg = &s->seg[i];
        cr_expect_eq(seg->sh.base, seg->sel * 16u, "round %u: segment %u", round, i);
        cr_expect(!state_v86(s) || seg->sh.limit == 0xffff, "round %u: segment %u", round, i);
    }
    cr_expect_eq(s->cpl, state_v86(s) ? 3 : 0, "round %u", round);
}

static void expect_levels(const struct i386_state *s, unsigned round)
{
    const struct seg *cs = &s->seg[CS], *ss = &s->seg[SS];
    cr_expect_eq(SEL_RPL(cs->sel), s->cpl, "round %u: CS %x, CPL %u", round, cs->sel, s->cpl);
    cr_expect_eq(SEL_RPL(ss->sel), s->cpl, "round %u: SS %x, CPL %u", round, ss->sel, s->cpl);
    cr_expect(cs->sh.usable && (cs->sh.access & ACC_CODE), "round %u: CS", round);
    cr_expect(ss->sh.usable && (ss->sh.access & 0x1a) == 0x12, "round %u: SS", round);
    cr_expect_eq(shadow_dpl(&ss->sh), s->cpl, "round %u: DPL of SS", round);
    cr_expect_leq(s->eip, cs->sh.limit, "round %u: EIP", round);
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        uint8_t access = s->seg[i].sh.access;
        bool open =
            !s->seg[i].sh.usable || (access & 0x0c) == 0x0c || shadow_dpl(&s->seg[i].sh) >= s->cpl;
        cr_expect(open, "round %u: segment %u is too privileged", round, i);
    }
}

static void expect_sane(const struct i386_state *s, unsigned round)
{
    expect_flags(s, round);
    if (!state_descriptors(s))
        expect_8086(s, round);
    else
        expect_levels(s, round);
}

static void expect_unchanged(struct bench *b, struct bench_image *was, unsigned round)
{
    const char *field = bench_state_diff(&b->cpu.s, &was->s);
    for (uint32_t at = GDT_AT + 5; at < LDT_AT + 0x80; at += 8)
        if (was->ram[at] & ACC_S) was->ram[at] |= bench_get(b, at, 1) & ACC_ACCESSED;
    if (b->cpu.s.cr0 & CR0_PG) /* A and D */
        for (uint32_t at = PD_AT; at < PT_AT + 0x1000; at += 4)
            was->ram[at] |= bench_get(b, at, 1) & 0x60;
    cr_expect_null(field, "round %u: %s", round, field);
    cr_expect_eq(bench_ram_diff(b, was), -1, "round %u: memory at %lx", round,
                 bench_ram_diff(b, was));
}

/* The state at the start must be one that a guest can reach: data segments that fit the level. */
static void data_that_fits(struct bench *b)
{
    static const enum segreg data[] = {ES, DS, FS, GS};
    if (!state_descriptors(&b->cpu.s)) return;
    for (unsigned i = 0; i < 4; i++)
        bench_seg(b, data[i], b->cpu.s.cpl == 0 && i == 0 ? SEL_DATA0 : SEL_DATA3);
}

struct tally {
    unsigned granted, refused, switched, delivered, shut_down;
};

static void one_round(unsigned round, struct tally *tally)
{
    struct bench *b = bench_new();
    struct dice d = {round * UINT64_C(0x9e3779b97f4a7c15) + 1};
    some_gates(b, &d);
    bench_set_access(b, SEL_TSS_B, 0xe0 | SYS_TSS32_AVAIL);
    bench_set_access(b, SEL_TSS_C, 0xe0 | SYS_TSS16_AVAIL);
    some_tss(b, &d, TSS_A_AT, true);
    some_tss(b, &d, TSS_B_AT, true);
    some_tss(b, &d, TSS_C_AT, false);
    some_mode(b, &d);
    data_that_fits(b);
    some_stack(b, &d);
    some_damage(b, &d);
    struct bench_image *was = bench_image(b);
    if (roll(&d, 4) == 0) {
        enum cpu_step step = some_event(b, &d);
        cr_expect(step == STEP_EVENT || step == STEP_SHUTDOWN, "round %u", round);
        expect_flags(&b->cpu.s, round);
        if (step == STEP_EVENT) expect_sane(&b->cpu.s, round);
        *(step == STEP_EVENT ? &tally->delivered : &tally->shut_down) += 1;
    } else {
        fault_t f = some_instruction(b, &d);
        tally->switched += b->tasks;
        *(is_fault(f) ? &tally->refused : &tally->granted) += 1;
        if (!is_fault(f)) expect_sane(&b->cpu.s, round);
        if (is_fault(f) && !b->tasks) expect_unchanged(b, was, round);
    }
    free(was);
    bench_free(b);
}

Test(far_fuzz, invariants)
{
    struct tally tally = {0};
    for (unsigned round = 0; round < ROUNDS; round++)
        one_round(round, &tally);
    /* The dice must be fair enough that each outcome is seen often. */
    cr_expect_gt(tally.granted, 500, "%u", tally.granted);
    cr_expect_gt(tally.refused, 500, "%u", tally.refused);
    cr_expect_gt(tally.switched, 30, "%u", tally.switched);
    cr_expect_gt(tally.delivered, 300, "%u", tally.delivered);
    cr_expect_gt(tally.shut_down, 15, "%u", tally.shut_down);
}
