/* What is taken at an instruction boundary, and debug registers [386 9.2, table 9-2, 12]. */
#include <criterion/criterion.h>

#include "bench.h"

#define CLI 0xfa
#define STI 0xfb
#define NOP 0x90
#define HLT 0xf4

static struct bench *with_handlers(void)
{
    static const uint8_t vectors[] = {VEC_DB, VEC_NMI, VEC_BP, VEC_OF, VEC_GP, 0x20};
    struct bench *b = bench_new();
    for (unsigned i = 0; i < sizeof vectors; i++)
        bench_idt(b, vectors[i],
                  desc_make_gate(SYS_INT32, SEL_CODE, 0x1000u + 0x100u * vectors[i], 3, 0));
    b->vector = 0x20;
    return b;
}

/* The handler that was entered, by EIP. */
static unsigned entered(const struct bench *b)
{
    return (b->cpu.s.eip - 0x1000) / 0x100;
}
static uint32_t saved_eip(const struct bench *b)
{
    return bench_get(b, b->cpu.s.seg[SS].sh.base + b->cpu.s.gpr[ESP], 4);
}
static uint32_t saved_flags(const struct bench *b)
{
    return bench_get(b, b->cpu.s.seg[SS].sh.base + b->cpu.s.gpr[ESP] + 8, 4);
}
#define CODE(b, ...)                                                                               \
    do {                                                                                           \
        static const uint8_t code_[] = {__VA_ARGS__};                                              \
        bench_code(b, code_, sizeof code_);                                                        \
    } while (0)

/* --- INTR --- */

Test(boundary, intr_needs_if)
{
    struct bench *b = with_handlers();
    CODE(b, NOP, STI, NOP, NOP);
    b->cpu.intr = true;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED); /* STI */
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED); /* its shadow */
    cr_expect_eq(b->cpu.s.eip, 0x103);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), 0x20);
    cr_expect_eq(saved_eip(b), 0x103);
    cr_expect_eq(b->last_source, EVENT_EXTERNAL);
    cr_expect(!(b->cpu.s.eflags & FL_IF));
    bench_free(b);
}

Test(boundary, spurious_interrupt_is_nothing)
{
    struct bench *b = with_handlers();
    CODE(b, NOP);
    b->cpu.s.eflags |= FL_IF;
    b->cpu.intr = true;
    b->vector = -1;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(b->events, 0);
    bench_free(b);
}

Test(boundary, hlt_waits)
{
    struct bench *b = with_handlers();
    CODE(b, STI, HLT, NOP);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    uint64_t clocks = b->cpu.s.clocks;
    cr_expect_eq(cpu_step(&b->cpu), STEP_HALTED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_HALTED);
    cr_expect_eq(b->cpu.s.clocks, clocks);
    b->cpu.intr = true;
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(saved_eip(b), 0x102);
    cr_expect_eq(b->cpu.s.activity, ACT_RUN);
    bench_free(b);
}

Test(boundary, hlt_without_if_waits_for_nmi)
{
    struct bench *b = with_handlers();
    CODE(b, HLT);
    b->cpu.intr = true;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_HALTED);
    cpu_nmi(&b->cpu);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_NMI);
    bench_free(b);
}

/* MOV SS holds off INTR, NMI and traps for one boundary; data follows the next instruction. */
Test(boundary, mov_ss_shadow)
{
    struct bench *b = with_handlers();
    CODE(b, 0x8e, 0xd0, NOP, NOP); /* MOV SS, AX */
    b->cpu.s.gpr[EAX] = SEL_STACK;
    b->cpu.s.eflags |= FL_IF;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    b->cpu.intr = true;
    cpu_nmi(&b->cpu);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_NMI);
    cr_expect_eq(saved_eip(b), 0x103);
    bench_free(b);
}

/* --- NMI --- */

Test(boundary, nmi_is_blocked_until_iret)
{
    struct bench *b = with_handlers();
    CODE(b, NOP);
    cpu_nmi(&b->cpu);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    CODE(b, 0xcf); /* IRETD in the handler */
    cpu_nmi(&b->cpu);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(b->cpu.s.eip, 0x100);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_NMI);
    cr_expect_eq(b->cpu.s.nmi_pending, 0);
    bench_free(b);
}

Test(boundary, nmi_before_intr)
{
    struct bench *b = with_handlers();
    b->cpu.s.eflags |= FL_IF;
    b->cpu.intr = true;
    cpu_nmi(&b->cpu);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_NMI);
    bench_free(b);
}

Test(boundary, nmi_ends_a_shutdown)
{
    struct bench *b = with_handlers();
    b->cpu.s.activity = ACT_SHUTDOWN;
    b->cpu.s.eflags |= FL_IF;
    b->cpu.intr = true;
    cr_expect_eq(cpu_step(&b->cpu), STEP_SHUTDOWN);
    cpu_nmi(&b->cpu);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_NMI);
    bench_free(b);
}

/* --- single step --- */

Test(boundary, single_step)
{
    struct bench *b = with_handlers();
    CODE(b, NOP, NOP);
    b->cpu.s.eflags |= FL_TF;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_DB);
    cr_expect_eq(saved_eip(b), 0x101);
    cr_expect_eq(saved_flags(b), FL_1 | FL_TF); /* no RF: a trap */
    cr_expect_eq(b->cpu.s.dr[6] & 0xf00f, 0x4000);
    cr_expect_eq(b->last_source, EVENT_TRAP);
    bench_free(b);
}

/* A trap after HLT ends the wait. */
Test(boundary, single_step_over_hlt)
{
    struct bench *b = with_handlers();
    CODE(b, HLT, NOP);
    b->cpu.s.eflags |= FL_TF;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_DB);
    cr_expect_eq(saved_eip(b), 0x101);
    cr_expect_eq(b->cpu.s.activity, ACT_RUN);
    bench_free(b);
}

/* POPF that sets TF: the trap comes after the next instruction. */
Test(boundary, popf_sets_tf)
{
    struct bench *b = with_handlers();
    CODE(b, 0x9d, NOP, NOP);
    bench_put(b, STACK_AT + 0x800, 4, FL_1 | FL_TF);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(saved_eip(b), 0x102);
    bench_free(b);
}

/* INT n clears TF and is not followed by a trap. */
Test(boundary, int_n_is_not_stepped)
{
    struct bench *b = with_handlers();
    CODE(b, 0xcd, 0x20);
    b->cpu.s.eflags |= FL_TF;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(entered(b), 0x20);
    cr_expect_eq(b->cpu.s.pending_db, 0);
    cr_expect_eq(saved_flags(b), FL_1 | FL_TF);
    bench_free(b);
}

/* A trap for this instruction comes before an interrupt; the interrupt follows in the handler. */
Test(boundary, trap_before_interrupt)
{
    struct bench *b = with_handlers();
    CODE(b, NOP);
    b->cpu.s.eflags |= FL_TF | FL_IF;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cpu_nmi(&b->cpu);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_DB);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_NMI);
    bench_free(b);
}

/* --- instruction breakpoints --- */

Test(boundary, breakpoint_fault_and_resume)
{
    struct bench *b = with_handlers();
    CODE(b, NOP, NOP, NOP);
    b->cpu.s.dr[1] = CODE_AT + 0x101;
    b->cpu.s.dr[7] = 0x4; /* L1 */
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_DB);
    cr_expect_eq(saved_eip(b), 0x101);
    cr_expect_eq(saved_flags(b), FL_1 | FL_RF);
    cr_expect_eq(b->cpu.s.dr[6] & 0xf00f, 2);
    CODE(b, 0xcf);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED); /* IRETD loads RF */
    cr_expect(b->cpu.s.eflags & FL_RF);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED); /* once over the breakpoint */
    cr_expect_eq(b->cpu.s.eip, 0x102);
    cr_expect(!(b->cpu.s.eflags & FL_RF));
    bench_free(b);
}

/* Debug faults for the next instruction come before NMI and INTR. */
Test(boundary, breakpoint_before_nmi)
{
    struct bench *b = with_handlers();
    b->cpu.s.dr[0] = CODE_AT + 0x100;
    b->cpu.s.dr[7] = 0x2;
    cpu_nmi(&b->cpu);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_DB);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_NMI);
    bench_free(b);
}

Test(boundary, breakpoint_on_hlt_wakes_nobody)
{
    struct bench *b = with_handlers();
    CODE(b, HLT, NOP);
    b->cpu.s.dr[0] = CODE_AT + 0x101;
    b->cpu.s.dr[7] = 0x2;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_HALTED);
    cr_expect_eq(b->events, 0);
    bench_free(b);
}

/* --- data breakpoints: the examples of table 12-1 --- */

static const struct {
    uint32_t at;
    unsigned size;
    uint32_t hits;
} touched[] = {
    {0xa0001, 1, 1}, {0xa0002, 1, 2}, {0xa0001, 2, 3}, {0xa0002, 2, 2},
    {0xb0002, 2, 4}, {0xb0001, 4, 4}, {0xc0000, 4, 8}, {0xc0001, 2, 8},
    {0xc0003, 1, 8}, {0xa0000, 1, 0}, {0xa0003, 4, 0}, {0xb0000, 2, 0},
    {0xc0004, 4, 0}, {0xbffff, 2, 8}, {0xbfffe, 2, 0}, {0xfffffffe, 4, 0},
};

Test(debug, table_12_1)
{
    struct bench *b = bench_new();
    struct i386_state *s = &b->cpu.s;
    s->dr[0] = 0xa0001;
    s->dr[1] = 0xa0002;
    s->dr[2] = 0xb0002;
    s->dr[3] = 0xc0000;
    for (unsigned write = 0; write < 2; write++)
        for (unsigned i = 0; i < sizeof touched / sizeof touched[0]; i++) {
            s->pending_db = 0;
            s->dr[7] = 0xff | 0x3u << 16 | 0x3u << 20 | 0x7u << 24 | 0xfu << 28;
            debug_data(&b->cpu, lin(touched[i].at), touched[i].size, write);
            cr_expect_eq(s->pending_db, touched[i].hits, "%x+%u: %x", touched[i].at,
                         touched[i].size, s->pending_db);
        }
    bench_free(b);
}

/* LEN masks the address: a field of four bytes at ...2 is the one at ...0. */
Test(debug, length_aligns_the_address)
{
    struct bench *b = bench_new();
    struct i386_state *s = &b->cpu.s;
    s->dr[0] = 0xc0002;
    s->dr[7] = 0x1 | 0xfu << 16;
    debug_data(&b->cpu, lin(0xc0000), 1, false);
    cr_expect_eq(s->pending_db, 1);
    s->pending_db = 0;
    debug_data(&b->cpu, lin(0xc0004), 1, false);
    cr_expect_eq(s->pending_db, 0);
    bench_free(b);
}

Test(debug, writes_only_and_executes_only)
{
    struct bench *b = bench_new();
    struct i386_state *s = &b->cpu.s;
    s->dr[0] = CODE_AT + 0x100;
    s->dr[7] = 0x1 | 0x1u << 16;
    debug_data(&b->cpu, lin(CODE_AT + 0x100), 1, false);
    cr_expect_eq(s->pending_db, 0);
    cr_expect(!is_fault(debug_fetch(&b->cpu)));
    debug_data(&b->cpu, lin(CODE_AT + 0x100), 1, true);
    cr_expect_eq(s->pending_db, 1);
    s->dr[7] = 0x1;
    s->pending_db = 0;
    debug_data(&b->cpu, lin(CODE_AT + 0x100), 1, true);
    cr_expect_eq(s->pending_db, 0);
    cr_expect(is_fault(debug_fetch(&b->cpu)));
    bench_free(b);
}

/* Bn of a condition that is not enabled is reported beside one that is. */
Test(debug, bits_of_disabled_breakpoints)
{
    struct bench *b = bench_new();
    struct i386_state *s = &b->cpu.s;
    s->dr[0] = s->dr[2] = 0x500;
    s->dr[7] = 0x1 | 0x3u << 16 | 0x3u << 24;
    debug_data(&b->cpu, lin(0x500), 1, true);
    cr_expect_eq(s->pending_db, 5);
    s->pending_db = 0;
    s->dr[7] = 0x4 | 0x3u << 16 | 0x3u << 24; /* only the one that does not match */
    debug_data(&b->cpu, lin(0x500), 1, true);
    cr_expect_eq(s->pending_db, 0);
    bench_free(b);
}

Test(debug, rf_and_mov_ss_hold_off_breakpoints)
{
    struct bench *b = bench_new();
    struct i386_state *s = &b->cpu.s;
    s->dr[0] = CODE_AT + 0x100;
    s->dr[7] = 1;
    s->eflags |= FL_RF;
    cr_expect(!is_fault(debug_fetch(&b->cpu)));
    s->eflags &= ~FL_RF;
    s->inhibit = INHIBIT_SS;
    cr_expect(!is_fault(debug_fetch(&b->cpu)));
    s->inhibit = INHIBIT_NONE;
    cr_expect(is_fault(debug_fetch(&b->cpu)));
    bench_free(b);
}

/* A data breakpoint is a trap: the instruction has completed. */
Test(boundary, data_breakpoint)
{
    struct bench *b = with_handlers();
    CODE(b, 0xc6, 0x05, 0x00, 0x30, 0, 0, 0x55, NOP); /* MOV BYTE [3000h], 55h */
    bench_seg(b, DS, SEL_DATA0);
    b->cpu.s.dr[3] = CODE_AT + 0x3000;
    b->cpu.s.dr[7] = 0x80 | 0x1u << 28;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(bench_get(b, CODE_AT + 0x3000, 1), 0x55);
    cr_expect_eq(saved_eip(b), 0x107);
    cr_expect_eq(b->cpu.s.dr[6] & 0xf00f, 8);
    bench_free(b);
}

/* MOV SS from a watched place: the trap waits one instruction; INT 3 enters its handler first. */
Test(boundary, data_breakpoint_of_mov_ss_then_int3)
{
    struct bench *b = with_handlers();
    CODE(b, 0x8e, 0x15, 0x00, 0x30, 0, 0, 0xcc); /* MOV SS, [3000h]; INT 3 */
    bench_seg(b, DS, SEL_DATA0);
    bench_put(b, CODE_AT + 0x3000, 2, SEL_STACK);
    b->cpu.s.dr[0] = CODE_AT + 0x3000;
    b->cpu.s.dr[7] = 0x2 | 0x3u << 16;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(entered(b), VEC_BP);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_DB);
    cr_expect_eq(saved_eip(b), 0x1000 + 0x100 * VEC_BP);
    bench_free(b);
}

/* A fault drops the trap that waited. */
Test(boundary, fault_drops_a_pending_trap)
{
    struct bench *b = with_handlers();
    CODE(b, 0x8e, 0x15, 0x00, 0x30, 0, 0, 0x8e, 0xd3); /* MOV SS, [3000h]; MOV SS, BX */
    bench_seg(b, DS, SEL_DATA0);
    bench_put(b, CODE_AT + 0x3000, 2, SEL_STACK);
    b->cpu.s.gpr[EBX] = 0;
    b->cpu.s.dr[0] = CODE_AT + 0x3000;
    b->cpu.s.dr[7] = 0x2 | 0x3u << 16;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_GP);
    cr_expect_eq(b->cpu.s.pending_db, 0);
    bench_free(b);
}

/* GD: the fault comes before the access, GD is off in the handler, BD tells. */
Test(boundary, general_detect)
{
    struct bench *b = with_handlers();
    CODE(b, 0x0f, 0x23, 0xc0); /* MOV DR0, EAX */
    b->cpu.s.dr[7] = 0x2000;
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_DB);
    cr_expect_eq(b->cpu.s.dr[0], 0);
    cr_expect_eq(b->cpu.s.dr[6] & 0xf00f, 0x2000);
    cr_expect(!(b->cpu.s.dr[7] & 0x2000));
    cr_expect_eq(saved_eip(b), 0x100);
    bench_free(b);
}

/* The T bit of a TSS: the trap comes before the first instruction of the task. */
Test(boundary, task_switch_trap)
{
    struct bench *b = with_handlers();
    CODE(b, 0xea, 0, 0, 0, 0, SEL_TSS_B, 0); /* JMP TSS B */
    bench_put(b, TSS_B_AT + 0x20, 4, 0x200);
    bench_put(b, TSS_B_AT + 0x24, 4, FL_1 | FL_TF);
    bench_put(b, TSS_B_AT + 0x38, 4, 0x600);
    bench_put(b, TSS_B_AT + 0x4c, 2, SEL_CODE);
    bench_put(b, TSS_B_AT + 0x50, 2, SEL_STACK);
    bench_put(b, TSS_B_AT + 0x64, 2, 1);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_EVENT);
    cr_expect_eq(entered(b), VEC_DB);
    cr_expect_eq(saved_eip(b), 0x200);
    cr_expect_eq(b->cpu.s.dr[6] & 0xf00f, 0x8000);
    bench_free(b);
}

/* --- INT instructions through the engine --- */

Test(boundary, v86_int_n_needs_iopl)
{
    for (unsigned iopl = 0; iopl < 4; iopl++) {
        struct bench *b = with_handlers();
        bench_v86(b, iopl);
        CODE(b, 0xcd, 0x20);
        cr_expect_eq(cpu_step(&b->cpu), iopl < 3 ? STEP_EVENT : STEP_RETIRED);
        cr_expect_eq(entered(b), iopl < 3 ? VEC_GP : 0x20);
        bench_levels(b, "V86 INT n", 0);
        bench_free(b);
    }
}

Test(boundary, v86_iret_needs_iopl)
{
    for (unsigned iopl = 0; iopl < 4; iopl++) {
        struct bench *b = with_handlers();
        bench_v86(b, iopl);
        CODE(b, 0xcf);
        cr_expect_eq(cpu_step(&b->cpu), iopl < 3 ? STEP_EVENT : STEP_RETIRED);
        bench_free(b);
    }
}

/* Nobody answers the acknowledge: nothing is taken. And nobody need look on. */
Test(boundary, bare_processor)
{
    struct bench *b = with_handlers();
    CODE(b, NOP, 0xe4, 0x60, 0xcd, 0x20); /* NOP; IN AL, 60h; INT 20h */
    b->cpu.obs = NULL;
    b->cpu.inta = NULL;
    b->cpu.intr = true;
    b->cpu.s.eflags |= FL_IF;
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(b->cpu.s.gpr[EAX] & 0xff, 0xff);
    cr_expect_eq(cpu_step(&b->cpu), STEP_RETIRED);
    cr_expect_eq(entered(b), 0x20);
    bench_free(b);
}
