/* Every rule of rules_far.def, triggered; with the vector and error code it gives. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "bench.h"
#include "event.h"

static fault_t eip_jmp(struct bench *b)
{
    return far_jmp(bench_exec(b, 4), SEL_CODE, CODE_LIMIT + 1);
}
static fault_t eip_call(struct bench *b)
{
    return far_call(bench_exec(b, 4), SEL_CODE, 0xffffffff);
}
static fault_t eip_real(struct bench *b)
{
    bench_real(b);
    return far_jmp(bench_exec(b, 4), 0x1000, 0x10000);
}
static fault_t eip_v86(struct bench *b)
{
    bench_v86(b, 3);
    return far_call(bench_exec(b, 4), 0x1000, 0x10000);
}
static fault_t tss_stack_386(struct bench *b)
{
    bench_ring(b, 3, true);
    b->cpu.s.tr.sh.limit = 0x0a; /* ESP0 and SS0 inside, the upper word of its slot is not */
    bench_gdt(b, SEL_FREE, desc_make_gate(SYS_CALL32, SEL_CODE, 0x10, 3, 0));
    return far_call(bench_exec(b, 4), SEL_FREE | 3, 0);
}
static fault_t tss_stack_286(struct bench *b)
{
    bench_ring(b, 3, true);
    b->cpu.s.tr = (struct seg){.sel = SEL_TSS_C, .sh = shadow_of(bench_get_gdt(b, SEL_TSS_C))};
    b->cpu.s.tr.sh.limit = 4;
    bench_gdt(b, SEL_FREE, desc_make_gate(SYS_CALL32, SEL_CODE, 0x10, 3, 0));
    return far_call(bench_exec(b, 4), SEL_FREE | 3, 0);
}
static fault_t tss_stack_none(struct bench *b)
{
    bench_ring(b, 3, true);
    b->cpu.s.tr.sh.usable = 0;
    bench_idt(b, 0x40, desc_make_gate(SYS_INT32, SEL_CODE, 0x10, 3, 0));
    return event_software(bench_exec(b, 4), 0x40);
}
static fault_t load_cs(struct bench *b)
{
    return cpu_seg_load(&b->cpu, CS, SEL_CODE);
}
static fault_t ivt_limit(struct bench *b)
{
    bench_real(b);
    b->cpu.s.idtr.limit = 0x40 * 4 + 2;
    return event_software(bench_exec(b, 2), 0x40);
}
static fault_t v86_conforming(struct bench *b)
{
    bench_v86(b, 3);
    bench_idt(b, 0x40, desc_make_gate(SYS_INT32, SEL_CONFORM, 0x10, 3, 0));
    return event_software(bench_exec(b, 2), 0x40);
}
static fault_t v86_ring1(struct bench *b)
{
    bench_v86(b, 3);
    bench_idt(b, 0x40, desc_make_gate(SYS_TRAP32, ring_sel(SEL_CODE, 1), 0x10, 3, 0));
    return event_software(bench_exec(b, 2), 0x40);
}
static fault_t v86_int(struct bench *b)
{
    bench_v86(b, 2);
    bench_exec(b, 2)->in = &b->in;
    b->in.opcode = 0xcd;
    return event_software(&b->x, 0x40);
}
static fault_t v86_iret(struct bench *b)
{
    bench_v86(b, 2);
    return far_iret(bench_exec(b, 2));
}
static fault_t old_tss_386(struct bench *b)
{
    b->cpu.s.tr.sh.limit = 0x5c;
    return far_jmp(bench_exec(b, 4), SEL_TSS_B, 0);
}
static fault_t old_tss_none(struct bench *b)
{
    b->cpu.s.tr.sh.usable = 0;
    return far_call(bench_exec(b, 4), SEL_TSS_B, 0);
}
static fault_t back_link(struct bench *b)
{
    b->cpu.s.tr.sh.usable = 0;
    b->cpu.s.eflags |= FL_NT;
    return far_iret(bench_exec(b, 4));
}
static fault_t back_link_short(struct bench *b)
{
    b->cpu.s.tr.sh.limit = 0;
    b->cpu.s.eflags |= FL_NT;
    return far_iret(bench_exec(b, 4));
}
static fault_t task_mode(struct bench *b)
{
    bench_real(b);
    return cpu_task_jump(&b->cpu, SEL_TSS_B);
}
static fault_t pg_without_pe(struct bench *b)
{
    return sys_mov_to_cr(bench_exec(b, 4), 0, CR0_PG);
}
static fault_t no_cr1(struct bench *b)
{
    return sys_mov_to_cr(bench_exec(b, 4), 1, 0);
}
static fault_t no_cr4(struct bench *b)
{
    uint32_t v;
    return sys_mov_from_cr(bench_exec(b, 4), 4, &v);
}
static fault_t no_tr5(struct bench *b)
{
    return sys_mov_to_tr(bench_exec(b, 4), 5, 0);
}
static fault_t no_tr0(struct bench *b)
{
    uint32_t v;
    return sys_mov_from_tr(bench_exec(b, 4), 0, &v);
}
static fault_t guard_write(struct bench *b)
{
    b->cpu.s.dr[7] = 0x2000;
    return sys_mov_to_dr(bench_exec(b, 4), 0, 1);
}
static fault_t guard_read(struct bench *b)
{
    uint32_t v;
    b->cpu.s.dr[7] = 0x2000;
    return sys_mov_from_dr(bench_exec(b, 4), 6, &v);
}
static fault_t breakpoint(struct bench *b)
{
    b->cpu.s.dr[2] = CODE_AT + b->cpu.s.eip;
    b->cpu.s.dr[7] = 0x20; /* G2 */
    return debug_fetch(&b->cpu);
}
static fault_t io_286(struct bench *b)
{
    bench_ring(b, 3, true);
    b->cpu.s.tr.sh = shadow_of(bench_get_gdt(b, SEL_TSS_C));
    return io_check(&b->cpu, 0x60, 1);
}
static fault_t io_none(struct bench *b)
{
    bench_v86(b, 3);
    b->cpu.s.tr.sh.usable = 0;
    return io_check(&b->cpu, 0x60, 4);
}
static fault_t io_short(struct bench *b)
{
    bench_ring(b, 3, true);
    b->cpu.s.tr.sh.limit = 0x66;
    return io_check(&b->cpu, 0x60, 1);
}
static fault_t io_limit(struct bench *b)
{
    bench_ring(b, 3, true);
    bench_put(b, TSS_A_AT + 0x66, 2, 0x68);
    b->cpu.s.tr.sh.limit = 0x68; /* the byte of port 0 is inside, the one after it is not */
    return io_check(&b->cpu, 0, 1);
}
static fault_t io_bit(struct bench *b)
{
    bench_v86(b, 3);
    bench_put(b, TSS_A_AT + 0x66, 2, 0x68);
    bench_put(b, TSS_A_AT + 0x68 + 0x60 / 8, 1, 2);
    return io_check(&b->cpu, 0x60, 2);
}

static const struct {
    const char *name;
    enum rule rule;
    uint8_t vector;
    uint32_t error;
    fault_t (*act)(struct bench *b);
} rows[] = {
    {"JMP beyond the limit", RULE_FAR_EIP_LIMIT, VEC_GP, 0, eip_jmp},
    {"CALL beyond the limit", RULE_FAR_EIP_LIMIT, VEC_GP, 0, eip_call},
    {"real mode JMP beyond 64 KB", RULE_FAR_EIP_LIMIT, VEC_GP, 0, eip_real},
    {"V86 CALL beyond 64 KB", RULE_FAR_EIP_LIMIT, VEC_GP, 0, eip_v86},
    {"386 TSS too short for SS0", RULE_FAR_TSS_STACK_LIMIT, VEC_TS, SEL_TSS_A, tss_stack_386},
    {"286 TSS too short for SS0", RULE_FAR_TSS_STACK_LIMIT, VEC_TS, SEL_TSS_C, tss_stack_286},
    {"no TSS", RULE_FAR_TSS_STACK_LIMIT, VEC_TS, SEL_TSS_A, tss_stack_none},
    {"load of CS", RULE_FAR_LOAD_CS, VEC_UD, 0, load_cs},
    {"vector outside the IVT", RULE_FAR_IVT_LIMIT, VEC_DF, 0, ivt_limit},
    {"V86 to conforming code", RULE_FAR_V86_HANDLER, VEC_GP, SEL_CONFORM, v86_conforming},
    {"V86 to ring 1", RULE_FAR_V86_HANDLER, VEC_GP, 0x10, v86_ring1},
    {"V86 INT n, IOPL 2", RULE_FAR_V86_IOPL, VEC_GP, 0, v86_int},
    {"V86 IRET, IOPL 2", RULE_FAR_V86_IOPL, VEC_GP, 0, v86_iret},
    {"old TSS too short", RULE_FAR_OLD_TSS_LIMIT, VEC_TS, SEL_TSS_A, old_tss_386},
    {"no old TSS", RULE_FAR_OLD_TSS_LIMIT, VEC_TS, SEL_TSS_A, old_tss_none},
    {"NT without TSS", RULE_FAR_BACK_LINK_TSS, VEC_TS, SEL_TSS_A, back_link},
    {"NT, TSS of one byte", RULE_FAR_BACK_LINK_TSS, VEC_TS, SEL_TSS_A, back_link_short},
    {"task switch in real mode", RULE_FAR_TASK_MODE, VEC_GP, SEL_TSS_B, task_mode},
    {"PG without PE", RULE_FAR_PG_NEEDS_PE, VEC_GP, 0, pg_without_pe},
    {"CR1", RULE_FAR_NO_REGISTER, VEC_UD, 0, no_cr1},
    {"CR4", RULE_FAR_NO_REGISTER, VEC_UD, 0, no_cr4},
    {"TR5", RULE_FAR_NO_REGISTER, VEC_UD, 0, no_tr5},
    {"TR0", RULE_FAR_NO_REGISTER, VEC_UD, 0, no_tr0},
    {"MOV DR0 under GD", RULE_FAR_DEBUG_GUARD, VEC_DB, 0, guard_write},
    {"MOV from DR6 under GD", RULE_FAR_DEBUG_GUARD, VEC_DB, 0, guard_read},
    {"instruction breakpoint", RULE_FAR_BREAKPOINT, VEC_DB, 0, breakpoint},
    {"port with a 286 TSS", RULE_FAR_IO_TSS, VEC_GP, 0, io_286},
    {"port without a TSS", RULE_FAR_IO_TSS, VEC_GP, 0, io_none},
    {"port with a short TSS", RULE_FAR_IO_TSS, VEC_GP, 0, io_short},
    {"port at the end of the map", RULE_FAR_IO_LIMIT, VEC_GP, 0, io_limit},
    {"port with a one bit", RULE_FAR_IO_BITMAP, VEC_GP, 0, io_bit},
};
#define ROWS (sizeof rows / sizeof rows[0])

Test(far_rules, each_row)
{
    for (unsigned i = 0; i < ROWS; i++) {
        struct bench *b = bench_new();
        fault_t f = rows[i].act(b);
        cr_expect(is_fault(f), "%s: no fault", rows[i].name);
        cr_expect_eq(f.rule, rows[i].rule, "%s: rule %s", rows[i].name, rule_name(f.rule));
        cr_expect_eq(f.vector, rows[i].vector, "%s: vector %u", rows[i].name, f.vector);
        cr_expect_eq(f.error, rows[i].error, "%s: error %x", rows[i].name, f.error);
        bench_free(b);
    }
}

/* A refused instruction has changed nothing. */
Test(far_rules, state_is_as_before)
{
    for (unsigned i = 0; i < ROWS; i++) {
        struct bench *b = bench_new();
        struct i386_state was;
        (void)rows[i].act(b); /* sets the scene */
        was = b->cpu.s;
        struct bench_image *image = bench_image(b);
        fault_t f = rows[i].act(b);
        was.eflags = b->cpu.s.eflags; /* the scene of NT and V86 */
        cr_expect(is_fault(f), "%s", rows[i].name);
        cr_expect_null(bench_state_diff(&b->cpu.s, &was), "%s: %s", rows[i].name,
                       bench_state_diff(&b->cpu.s, &was));
        cr_expect_eq(bench_ram_diff(b, image), -1, "%s", rows[i].name);
        free(image);
        bench_free(b);
    }
}

static bool has_row(unsigned rule)
{
    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].rule == rule) return true;
    return false;
}

Test(far_rules, no_rule_without_a_row)
{
    static const uint16_t all[] = {
#define RULE(id, section, sentence) RULE_##id,
#include "rules_far.def"
#undef RULE
    };
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        cr_expect(has_row(all[i]), "no row for %s", rule_name(all[i]));
}
