/* Interrupts and exceptions through the IDT [386 9, 17 INT]. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench.h"

static void gate(struct bench *b, uint8_t vector, unsigned type, uint16_t sel, unsigned dpl)
{
    bench_idt(b, vector, desc_make_gate(type, sel, 0x234, dpl, 0));
}

/* --- frames --- */

static const struct {
    unsigned type, size;
    bool clears_if;
} gates[] = {
    {SYS_INT32, 4, true}, {SYS_TRAP32, 4, false}, {SYS_INT16, 2, true}, {SYS_TRAP16, 2, false}};

#define BUSY_FLAGS (FL_1 | FL_IF | FL_TF | FL_NT | 0x2000 | FL_CF)

Test(event, software_same_level)
{
    for (unsigned i = 0; i < 4; i++) {
        struct bench *b = bench_new();
        unsigned n = gates[i].size;
        gate(b, 0x40, gates[i].type, SEL_CODE, 0);
        b->cpu.s.eflags = BUSY_FLAGS | FL_RF;
        NO_FAULT(event_software(bench_exec(b, 4), 0x40));
        cr_expect_eq(b->cpu.s.eip, 0x234);
        EXPECT_AT(b, "frame", STACK_AT + 0x800 - 3 * n, n, 0x106, SEL_CODE, BUSY_FLAGS);
        cr_expect_eq(b->cpu.s.eflags, FL_1 | 0x2000 | FL_CF | (gates[i].clears_if ? 0 : FL_IF));
        cr_expect_eq(b->cpu.s.gpr[ESP], 0x800 - 3 * n);
        cr_expect(b->x.no_step);
        cr_expect_eq(b->x.clocks, 59);
        cr_expect_eq(b->last_source, EVENT_SOFTWARE);
        bench_free(b);
    }
}

Test(event, software_inner_level)
{
    for (unsigned i = 0; i < 4; i++)
        for (unsigned ring = 0; ring < 3; ring++) {
            struct bench *b = bench_new();
            unsigned n = gates[i].size;
            bench_ring(b, 3, true);
            gate(b, 0x40, gates[i].type, ring_sel(SEL_CODE, ring) & 0xfffcu, 3);
            b->cpu.s.eflags = BUSY_FLAGS;
            NO_FAULT(event_software(bench_exec(b, 4), 0x40));
            bench_levels(b, "INT", ring);
            EXPECT_AT(b, "frame", STACK_AT + 0x1000 * ring + 0xc00 - 5 * n, n, 0x106,
                      ring_sel(SEL_CODE, 3), BUSY_FLAGS, 0x800, ring_sel(SEL_STACK, 3));
            cr_expect_eq(b->cpu.s.gpr[ESP], 0xc00 - 5 * n);
            cr_expect_eq(b->x.clocks, 99);
            bench_free(b);
        }
}

/* Conforming handlers run at the level of whom they interrupt. */
Test(event, conforming_handler)
{
    struct bench *b = bench_new();
    bench_ring(b, 3, true);
    gate(b, 0x40, SYS_INT32, SEL_CONFORM, 3);
    NO_FAULT(event_software(bench_exec(b, 4), 0x40));
    bench_levels(b, "conforming", 3);
    EXPECT_AT(b, "frame", STACK_AT + 0x37f4, 4, 0x106, 0x23, FL_1);
    bench_free(b);
}

Test(event, fault_pushes_error_code_and_rf)
{
    for (unsigned i = 0; i < 4; i++) {
        struct bench *b = bench_new();
        unsigned n = gates[i].size;
        gate(b, VEC_GP, gates[i].type, SEL_CODE, 0);
        b->cpu.s.eflags = BUSY_FLAGS;
        fault_t f = fault_make(VEC_GP, 0x1230, RULE_FAR_EIP_LIMIT);
        cr_expect_eq(event_fault(&b->cpu, f), STEP_EVENT);
        uint32_t flags = (BUSY_FLAGS | FL_RF) & size_mask(n);
        EXPECT_AT(b, "frame", STACK_AT + 0x800 - 4 * n, n, 0x1230, 0x100, SEL_CODE, flags);
        cr_expect(!(b->cpu.s.eflags & FL_RF));
        cr_expect_eq(b->cpu.chain_len, 1);
        cr_expect_eq(b->cpu.last_fault_eip, 0x100);
        cr_expect_eq(b->cpu.s.clocks, 59);
        bench_free(b);
    }
}

Test(event, page_fault_sets_cr2)
{
    struct bench *b = bench_new();
    gate(b, VEC_PF, SYS_INT32, SEL_CODE, 0);
    cr_expect_eq(event_fault(&b->cpu, fault_page(6, 0x12345678, RULE_PAGE_PTE_PRESENT)),
                 STEP_EVENT);
    cr_expect_eq(b->cpu.s.cr2, 0x12345678);
    EXPECT_AT(b, "frame", STACK_AT + 0x7f0, 4, 6, 0x100);
    bench_free(b);
}

Test(event, vectors_without_error_code)
{
    static const uint8_t vectors[] = {VEC_DE, VEC_BR, VEC_UD, VEC_NM, VEC_MF};
    for (unsigned i = 0; i < sizeof vectors; i++) {
        struct bench *b = bench_new();
        gate(b, vectors[i], SYS_INT32, SEL_CODE, 0);
        cr_expect_eq(event_fault(&b->cpu, fault_make(vectors[i], 0, RULE_INSN_UNDEFINED)),
                     STEP_EVENT);
        EXPECT_AT(b, "frame", STACK_AT + 0x7f4, 4, 0x100, SEL_CODE, FL_RF | FL_1);
        bench_free(b);
    }
}

/* --- V86 [386 15.3.2] --- */

Test(event, out_of_v86)
{
    for (unsigned i = 0; i < 2; i++) {
        struct bench *b = bench_new();
        bench_v86(b, 3);
        gate(b, VEC_GP, gates[i].type, SEL_CODE, 0);
        b->cpu.s.eflags |= FL_IF | FL_NT;
        uint32_t flags = b->cpu.s.eflags;
        cr_expect_eq(event_fault(&b->cpu, fault_make(VEC_GP, 0, RULE_FAR_V86_IOPL)), STEP_EVENT);
        bench_levels(b, "from V86", 0);
        EXPECT_AT(b, "V86 frame", STACK_AT + 0xc00 - 40, 4, 0, 0x100, 0x1000, flags | FL_RF, 0x800,
                  0x2000, 0x1002, 0x1001, 0x1003, 0x1004);
        cr_expect_eq(b->cpu.s.eflags, FL_1 | 0x3000 | (gates[i].clears_if ? 0 : FL_IF));
        static const enum segreg data[] = {ES, DS, FS, GS};
        for (unsigned r = 0; r < 4; r++) {
            cr_expect_eq(b->cpu.s.seg[data[r]].sel, 0);
            cr_expect(!b->cpu.s.seg[data[r]].sh.usable);
        }
        cr_expect_eq(b->cpu.s.clocks, 119);

        /* And back by IRETD, past the error code. */
        b->cpu.s.gpr[ESP] += 4;
        NO_FAULT(far_iret(bench_exec(b, 4)));
        cr_expect_eq(b->cpu.s.eflags, flags | FL_RF);
        cr_expect_eq(b->cpu.s.seg[GS].sel, 0x1004);
        cr_expect_eq(b->cpu.s.gpr[ESP], 0x800);
        bench_free(b);
    }
}

/* INT 3 and INTO do not ask for IOPL, INT n does. */
Test(event, v86_int3_with_iopl_0)
{
    struct bench *b = bench_new();
    bench_v86(b, 0);
    gate(b, VEC_BP, SYS_INT32, SEL_CODE, 3);
    bench_exec(b, 2);
    b->in.opcode = 0xcc;
    NO_FAULT(event_software(&b->x, VEC_BP));
    bench_levels(b, "INT 3", 0);
    bench_free(b);
}

/* --- refusals, with the EXT bit by source --- */

static const struct {
    const char *name;
    uint16_t sel;
    unsigned type, dpl;
    uint8_t access; /* of the gate; 0: as made */
    uint8_t vector;
    uint32_t error; /* without EXT */
} refused[] = {
    {"type 0", SEL_CODE, 0, 3, 0, VEC_GP, 0x40 * 8 + 2},
    {"call gate", SEL_CODE, SYS_CALL32, 3, 0, VEC_GP, 0x40 * 8 + 2},
    {"not present", SEL_CODE, SYS_INT32, 3, 0x6e, VEC_NP, 0x40 * 8 + 2},
    {"null CS", 3, SYS_INT32, 3, 0, VEC_GP, 0},
    {"data", SEL_DATA0, SYS_INT32, 3, 0, VEC_GP, SEL_DATA0},
    {"beyond the GDT", 0x400, SYS_INT32, 3, 0, VEC_GP, 0x400},
    {"LDT", 0x84, SYS_INT32, 3, 0, VEC_GP, 0x84},
};

static void expect_refused(unsigned i, fault_t f, uint32_t ext)
{
    cr_expect_eq(f.vector, refused[i].vector, "%s: %u", refused[i].name, f.vector);
    cr_expect_eq(f.error, refused[i].error | ext, "%s: %x", refused[i].name, f.error);
}

Test(event, refusals)
{
    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct bench *b = bench_new();
        gate(b, 0x40, refused[i].type, refused[i].sel, refused[i].dpl);
        if (refused[i].access) bench_put(b, IDT_AT + 0x205, 1, refused[i].access);
        gate(b, VEC_GP, SYS_INT32, SEL_CODE, 0);
        gate(b, VEC_NP, SYS_INT32, SEL_CODE, 0);
        struct bench_image *was = bench_image(b);
        expect_refused(i, event_software(bench_exec(b, 4), 0x40), 0);
        cr_expect_null(bench_state_diff(&b->cpu.s, &was->s), "%s", refused[i].name);
        cr_expect_eq(bench_ram_diff(b, was), -1, "%s", refused[i].name);
        /* From outside: the refusal is delivered, with EXT. */
        cr_expect_eq(cpu_interrupt(&b->cpu, 0x40), STEP_EVENT, "%s", refused[i].name);
        expect_refused(i, b->last_event_fault, 1);
        cr_expect_eq(bench_get(b, STACK_AT + 0x7f0, 4), refused[i].error | 1, "%s",
                     refused[i].name);
        free(was);
        bench_free(b);
    }
}

/* INT n, INT 3 and INTO compare the gate's DPL with CPL; nothing else does. */
Test(event, gate_dpl)
{
    for (unsigned ring = 0; ring < 4; ring++)
        for (unsigned dpl = 0; dpl < 4; dpl++) {
            struct bench *b = bench_new();
            bench_ring(b, ring, true);
            gate(b, VEC_OF, SYS_INT32, SEL_CONFORM, dpl);
            fault_t f = event_software(bench_exec(b, 4), VEC_OF);
            cr_expect_eq(is_fault(f), dpl < ring, "ring %u DPL %u", ring, dpl);
            if (is_fault(f)) cr_expect_eq(f.error, VEC_OF * 8 + 2);
            bench_ring(b, ring, true);
            cr_expect_eq(cpu_interrupt(&b->cpu, VEC_OF), STEP_EVENT);
            bench_levels(b, "external", ring);
            bench_free(b);
        }
}

Test(event, idt_limit)
{
    for (int over = -1; over <= 1; over++) {
        struct bench *b = bench_new();
        b->cpu.s.idtr.limit = (uint32_t)(0x40 * 8 + 7 + over);
        gate(b, 0x40, SYS_INT32, SEL_CODE, 0);
        fault_t f = event_software(bench_exec(b, 4), 0x40);
        cr_expect_eq(is_fault(f), over < 0);
        if (over < 0) cr_expect_eq(f.error, 0x40 * 8 + 2);
        bench_free(b);
    }
}

/* --- double and triple faults [386 9.8.8] --- */

/* The handler of `first` fails with `second`; true: #DF followed. */
static void make_fail(struct bench *b, uint8_t vector, unsigned how)
{
    switch (how) {
    case 0: /* benign: no way to make one, the access hook does it */
    case 1: /* contributory: a data segment as handler */
        gate(b, vector, SYS_INT32, SEL_DATA0, 0);
        break;
    default: /* page fault: the handler's descriptor is in an absent LDT page */
        bench_ldt(b, 0x0c, desc_make(CODE_AT, 0xfff, 0x9b, true, false));
        gate(b, vector, SYS_INT32, 0x0c, 0);
        break;
    }
}

Test(event, double_fault_matrix)
{
    static const struct {
        uint8_t vector;
        bool after_contributory, after_page; /* is it a double fault when this one failed? */
    } firsts[] = {
        {VEC_DE, true, false},  {VEC_DB, false, false}, {VEC_NMI, false, false},
        {VEC_BP, false, false}, {VEC_OF, false, false}, {VEC_BR, false, false},
        {VEC_UD, false, false}, {VEC_NM, false, false}, {VEC_CSO, true, false},
        {VEC_TS, true, false},  {VEC_NP, true, false},  {VEC_SS, true, false},
        {VEC_GP, true, false},  {VEC_PF, true, true},   {VEC_MF, false, false},
    };
    for (unsigned i = 0; i < sizeof firsts / sizeof firsts[0]; i++)
        for (unsigned how = 1; how <= 2; how++) {
            struct bench *b = bench_new();
            bench_paging(b);
            gate(b, VEC_GP, SYS_INT32, SEL_CODE, 0);
            gate(b, VEC_PF, SYS_INT32, SEL_CODE, 0);
            gate(b, VEC_DF, SYS_INT32, SEL_CODE, 0);
            make_fail(b, firsts[i].vector, how);
            if (how == 2) bench_page_present(b, LDT_AT, false);
            fault_t f = firsts[i].vector == VEC_PF
                            ? fault_page(0, 0x1000, RULE_PAGE_PTE_PRESENT)
                            : fault_make(firsts[i].vector, 0, RULE_INSN_UNDEFINED);
            /* a #GP whose handler fails with #GP is a double fault, so the second one's own
             * handler is only reached for other vectors */
            cr_expect_eq(event_fault(&b->cpu, f), STEP_EVENT);
            bool twice = how == 1 ? firsts[i].after_contributory : firsts[i].after_page;
            uint8_t want = twice ? VEC_DF : how == 1 ? VEC_GP : VEC_PF;
            cr_expect_eq(b->last_vector, want, "%u then %s: %u", firsts[i].vector,
                         how == 1 ? "#GP" : "#PF", b->last_vector);
            cr_expect_eq(bench_get(b, STACK_AT + 0x7f4, 4), 0x100, "original EIP");
            if (want == VEC_DF) cr_expect_eq(bench_get(b, STACK_AT + 0x7f0, 4), 0, "error code");
            if (how == 2) cr_expect_eq(b->cpu.s.cr2, LDT_AT + 8);
            bench_free(b);
        }
}

/* An interrupt that cannot be delivered is no first fault. */
Test(event, interrupt_is_benign)
{
    struct bench *b = bench_new();
    gate(b, VEC_GP, SYS_INT32, SEL_CODE, 0);
    gate(b, VEC_DF, SYS_INT32, SEL_CODE, 0);
    gate(b, 0x40, SYS_INT32, SEL_DATA0, 0);
    cr_expect_eq(cpu_interrupt(&b->cpu, 0x40), STEP_EVENT);
    cr_expect_eq(b->last_vector, VEC_GP);
    EXPECT_AT(b, "frame", STACK_AT + 0x7f0, 4, SEL_DATA0 | 1, 0x100, SEL_CODE);
    bench_free(b);
}

Test(event, double_fault_has_no_rf)
{
    struct bench *b = bench_new();
    gate(b, VEC_DF, SYS_INT32, SEL_CODE, 0);
    cr_expect_eq(event_fault(&b->cpu, fault_make(VEC_GP, 0, RULE_FAR_EIP_LIMIT)), STEP_EVENT);
    EXPECT_AT(b, "frame", STACK_AT + 0x7f0, 4, 0, 0x100, SEL_CODE, FL_1);
    cr_expect_eq(b->cpu.chain_len, 2);
    bench_free(b);
}

Test(event, triple_fault_shuts_down)
{
    struct bench *b = bench_new();
    struct i386_state was = b->cpu.s;
    cr_expect_eq(event_fault(&b->cpu, fault_make(VEC_GP, 0x50, RULE_FAR_EIP_LIMIT)), STEP_SHUTDOWN);
    cr_expect_eq(b->cpu.s.activity, ACT_SHUTDOWN);
    cr_expect_eq(b->cpu.chain_len, 3);
    cr_expect_eq(b->cpu.chain[0].error, 0x50);
    cr_expect_eq(b->cpu.chain[1].error, (VEC_GP * 8 + 2) | 1);
    cr_expect_eq(b->cpu.chain[2].error, (VEC_DF * 8 + 2) | 1);
    b->cpu.s.activity = ACT_RUN;
    cr_expect_null(bench_state_diff(&b->cpu.s, &was));
    bench_free(b);
}

/* The longest way down: benign, contributory, page fault, double fault. The first fault is kept. */
Test(event, longest_chain)
{
    struct bench *b = bench_new();
    bench_paging(b);
    gate(b, VEC_UD, SYS_INT32, SEL_DATA0, 0); /* #GP */
    gate(b, VEC_GP, SYS_INT32, 0x0c, 0);      /* #PF: the LDT's page is absent */
    gate(b, VEC_PF, SYS_INT32, SEL_DATA3, 0); /* #GP after #PF: double fault, without a gate */
    bench_page_present(b, LDT_AT, false);
    fault_t f = fault_make(VEC_UD, 0, RULE_INSN_UNDEFINED);
    cr_expect_eq(event_fault(&b->cpu, f), STEP_SHUTDOWN);
    cr_expect_eq(b->events, 4);
    cr_expect_eq(b->cpu.chain_len, 3);
    cr_expect_eq(b->cpu.chain[0].vector, VEC_UD);
    cr_expect_eq(b->cpu.chain[1].error, SEL_DATA3 | 1, "%x", b->cpu.chain[1].error);
    cr_expect_eq(b->cpu.chain[2].error, (VEC_DF * 8 + 2) | 1, "%x", b->cpu.chain[2].error);
    cr_expect_eq(b->cpu.s.cr2, LDT_AT + 8);
    cr_expect_eq(b->cpu.s.eip, 0x100);
    bench_free(b);
}

/* Whatever happens at each access, one step ends. */
static fault_t always(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    ++*(unsigned *)ctx;
    return fault_make(VEC_UD, 0, RULE_INSN_UNDEFINED);
}

Test(event, work_is_bounded)
{
    struct bench *b = bench_new();
    unsigned count = 0;
    struct access_hook hook = {always, &count};
    b->cpu.hook = &hook;
    cr_expect_eq(event_fault(&b->cpu, fault_make(VEC_UD, 0, RULE_INSN_UNDEFINED)), STEP_SHUTDOWN);
    cr_expect_leq(count, 16);
    bench_free(b);
}

/* --- real mode --- */

Test(event, real_mode)
{
    struct bench *b = bench_new();
    bench_real(b);
    bench_put(b, 0x40 * 4, 4, 0x12345678);
    b->cpu.s.eflags = FL_1 | FL_IF | FL_TF | 0x7000;
    NO_FAULT(event_software(bench_exec(b, 2), 0x40));
    cr_expect_eq(b->cpu.s.seg[CS].sel, 0x1234);
    cr_expect_eq(b->cpu.s.eip, 0x5678);
    EXPECT_AT(b, "IP CS FLAGS", 0x207fa, 2, 0x106, 0x1000, 0x7302);
    cr_expect_eq(b->cpu.s.eflags, FL_1 | 0x7000);
    bench_free(b);
}

/* No error code in real mode. */
Test(event, real_mode_fault)
{
    struct bench *b = bench_new();
    bench_real(b);
    bench_put(b, VEC_GP * 4, 4, 0x12345678);
    cr_expect_eq(event_fault(&b->cpu, fault_make(VEC_GP, 0, RULE_SEGM_LIMIT_UP)), STEP_EVENT);
    EXPECT_AT(b, "IP CS FLAGS", 0x207fa, 2, 0x100, 0x1000, 0x0002);
    bench_free(b);
}

Test(event, real_mode_vector_beyond_the_table)
{
    struct bench *b = bench_new();
    bench_real(b);
    b->cpu.s.idtr.limit = 0x3f;
    bench_put(b, VEC_DF * 4, 4, 0x12345678);
    cr_expect_eq(cpu_interrupt(&b->cpu, 0x40), STEP_EVENT);
    cr_expect_eq(b->last_vector, VEC_DF);
    cr_expect_eq(b->cpu.s.eip, 0x5678);
    b->cpu.s.idtr.limit = 0x1f;
    cr_expect_eq(cpu_interrupt(&b->cpu, 0x40), STEP_SHUTDOWN);
    bench_free(b);
}

/* SP = 1, 3 or 5: no room for three words, not for the handler of #SS either [386 17 INT]. */
Test(event, real_mode_odd_sp_shuts_down)
{
    for (uint32_t sp = 1; sp <= 5; sp += 2) {
        struct bench *b = bench_new();
        bench_real(b);
        b->cpu.s.gpr[ESP] = sp;
        fault_t f = event_software(bench_exec(b, 2), 0x40);
        cr_expect_eq(f.vector, VEC_SS, "SP %u", sp);
        cr_expect_eq(event_fault(&b->cpu, f), STEP_SHUTDOWN, "SP %u", sp);
        bench_free(b);
    }
}

/* Segment limits of protected mode stay after PE was cleared: the handler must lie inside CS's. */
Test(event, real_mode_handler_beyond_the_limit)
{
    struct bench *b = bench_new();
    bench_real(b);
    b->cpu.s.seg[CS].sh.limit = b->cpu.s.seg[CS].sh.hi = 0x7fff;
    bench_put(b, 0x40 * 4, 4, 0x10008000);
    struct bench_image *was = bench_image(b);
    fault_t f = event_software(bench_exec(b, 2), 0x40);
    cr_expect_eq(f.rule, RULE_FAR_EIP_LIMIT);
    cr_expect_null(bench_state_diff(&b->cpu.s, &was->s));
    cr_expect_eq(bench_ram_diff(b, was), -1);
    free(was);
    bench_free(b);
}

/* A benign exception after a page fault is served, not doubled: here one that the hook makes once. */
static fault_t once(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    unsigned *left = ctx;
    return *left && (*left)-- ? fault_make(VEC_UD, 0, RULE_INSN_UNDEFINED) : fault_none();
}

Test(event, benign_after_page_fault)
{
    struct bench *b = bench_new();
    unsigned left = 1;
    struct access_hook hook = {once, &left};
    gate(b, VEC_UD, SYS_INT32, SEL_CODE, 0);
    gate(b, VEC_PF, SYS_INT32, SEL_CODE, 0);
    b->cpu.hook = &hook;
    cr_expect_eq(event_fault(&b->cpu, fault_page(0, 0x1234, RULE_PAGE_PTE_PRESENT)), STEP_EVENT);
    cr_expect_eq(b->last_vector, VEC_UD);
    bench_free(b);
}
