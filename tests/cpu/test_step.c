/* Instruction boundaries: fetch, traps, shadows, REP, budgets; and what faults leave behind. */
#include <criterion/criterion.h>
#include <string.h>

#include "flat.h"

#define WITH_CODE(text) flat_with_code(text, sizeof text - 1)

/* --- paging: identity, with single pages changed by the test --- */

static void page_set(struct flat *f, uint32_t at, uint32_t bits)
{
    flat_put(f, FLAT_PT + 4 * (at >> 12), 4, (at & ~PAGE_MASK) | bits);
}
static uint32_t page_get(const struct flat *f, uint32_t at)
{
    return flat_get(f, FLAT_PT + 4 * (at >> 12), 4);
}
/* One step that must page-fault with this error code at this address. */
static void expect_page_fault(struct flat *f, uint32_t error, uint32_t cr2)
{
    struct i386_state before = f->cpu.s;
    cr_expect_eq(cpu_step(&f->cpu), STEP_SHUTDOWN);
    cr_expect_eq(f->cpu.chain[0].vector, VEC_PF);
    cr_expect_eq(f->cpu.chain[0].error, error, "error %x", f->cpu.chain[0].error);
    cr_expect_eq(f->cpu.chain[0].cr2, cr2, "CR2 %x", f->cpu.chain[0].cr2);
    cr_expect_eq(f->cpu.s.eip, before.eip);
    cr_expect_eq(f->cpu.s.gpr[ESP], before.gpr[ESP]);
    cr_expect_eq(f->cpu.s.eflags, before.eflags);
}

Test(step, read_modify_write_of_a_read_only_page)
{
    struct flat *f = WITH_CODE("\x01\x05\x00\x30\x00\x00"); /* add [3000],eax */
    flat_paging(f);
    f->cpu.s.cpl = 3;
    page_set(f, 0x3000, 5);
    expect_page_fault(f, 7, 0x3000);
    cr_expect_eq(page_get(f, 0x3000) & 0x60, 0, "neither A nor D");
    flat_free(f);
}

Test(step, store_across_pages_writes_nothing)
{
    for (unsigned back = 1; back < 4; back++) {
        struct flat *f = WITH_CODE("\x89\x06"); /* mov [esi],eax */
        flat_paging(f);
        page_set(f, 0x4000, 6); /* not present */
        f->cpu.s.gpr[ESI] = 0x4000 - back;
        expect_page_fault(f, 2, 0x4000);
        cr_expect_eq(flat_get(f, 0x4000 - back, back == 3 ? 2 : 1), 0);
        flat_free(f);
    }
}

/* mov eax,[esi] across 4 GB in a flat segment: refused [386 6.3.1.2], unless i386_cpu.flat_wraps lets it go on at
 * 0. With a base it is refused in any case. */
Test(step, flat_segment_at_4_gb)
{
    for (unsigned wraps = 0; wraps < 2; wraps++)
        for (unsigned based = 0; based < 2; based++) {
            struct flat *f = WITH_CODE("\x8b\x06\x50");
            bool goes_on = wraps && !based;
            f->cpu.flat_wraps = wraps;
            f->cpu.s.seg[DS].sh.base = based;
            f->cpu.s.gpr[ESI] = 0xfffffffe;
            flat_put(f, 0, 4, 0x5678);
            enum cpu_step step = cpu_step(&f->cpu);
            cr_expect_eq(step, goes_on ? STEP_RETIRED : STEP_SHUTDOWN, "%u %u", wraps, based);
            if (goes_on) cr_expect_eq(f->cpu.s.gpr[EAX] >> 16, 0x5678);
            if (!goes_on) cr_expect_eq(f->cpu.chain[0].rule, RULE_SEGM_LIMIT_WRAP);
            flat_free(f);
        }
    struct flat *f = WITH_CODE("\x50"); /* push eax */
    f->cpu.s.gpr[ESP] = 2;
    cpu_step(&f->cpu);
    cr_expect_eq(f->cpu.chain[0].vector, VEC_SS);
    cr_expect_eq(f->cpu.chain[0].rule, RULE_SEGM_LIMIT_WRAP);
    flat_free(f);
}

/* As the 80386's microcode has it: EDI goes to the lowest slot first. A fault there stores nothing. */
Test(step, pusha_into_an_unmapped_page)
{
    struct flat *f = WITH_CODE("\x60");
    flat_paging(f);
    page_set(f, 0xe000, 6);
    f->cpu.s.gpr[ESP] = 0xf008;
    expect_page_fault(f, 2, 0xefe8);
    cr_expect_eq(flat_get(f, 0xf004, 4), 0);
    flat_free(f);
}

/* What was stored below stays, ESP does not move. */
Test(step, pusha_up_to_an_unmapped_page)
{
    struct flat *f = WITH_CODE("\x60");
    flat_paging(f);
    page_set(f, 0xf000, 6);
    f->cpu.s.gpr[ESP] = 0xf018;
    expect_page_fault(f, 2, 0xf000);
    cr_expect_eq(flat_get(f, 0xeff8, 4), 0x8000, "EDI");
    cr_expect_eq(flat_get(f, 0xeffc, 4), 0x2000, "ESI");
    flat_free(f);
}

/* i386_cpu.pusha_down: from the top, so other slots are stored and another one is refused. */
Test(step, pusha_from_the_top)
{
    struct flat *f = WITH_CODE("\x60");
    flat_paging(f);
    page_set(f, 0xe000, 6);
    f->cpu.pusha_down = true;
    f->cpu.s.gpr[ESP] = 0xf008;
    expect_page_fault(f, 2, 0xeffc);
    cr_expect_eq(flat_get(f, 0xf004, 4), 0x11223344);
    cr_expect_eq(flat_get(f, 0xf000, 4), 0x55667788);
    flat_free(f);
}

Test(step, pusha_element_across_pages)
{
    struct flat *f = WITH_CODE("\x60");
    flat_paging(f);
    page_set(f, 0xf000, 6);
    f->cpu.s.gpr[ESP] = 0xf01a;
    expect_page_fault(f, 2, 0xf000);
    cr_expect_eq(flat_get(f, 0xeffa, 4), 0x8000);
    cr_expect_eq(flat_get(f, 0xeffe, 2), 0, "no byte of the second element");
    flat_free(f);
}

/* Real mode: the slot at FFFF is refused with exception 12, whose frame may overwrite what lies above. SP 1, 3
 * and 5 leave no room for that frame: shutdown, as the page of PUSHA says (it names exception 13 for 7 to
 * 15). */
Test(step, pusha_in_real_mode_with_an_odd_sp)
{
    static const uint16_t slot[8] = {0x8000, 0x2000, 0xe000, 0, 0xff10, 0xbbcc, 0x7788, 0x3344};
    for (uint32_t sp = 1; sp < 16; sp += 2) {
        struct flat *f = flat_new();
        flat_real(f);
        f->cpu.s.idtr.limit = 0x3ff;
        f->cpu.s.gpr[ESP] = sp;
        flat_put(f, 4 * VEC_SS, 4, 0x4000);
        flat_put(f, FLAT_CODE, 1, 0x60);
        enum cpu_step step = cpu_step(&f->cpu);
        fault_t first = sp < 7 ? f->cpu.chain[0] : f->cpu.last_fault;
        cr_expect_eq(first.vector, VEC_SS, "SP %u", sp);
        cr_expect_eq(step, sp < 7 ? STEP_SHUTDOWN : STEP_EVENT, "SP %u", sp);
        cr_expect_eq(f->cpu.s.gpr[ESP], sp < 7 ? sp : sp - 6);
        for (unsigned i = 0; i < 8; i++) {
            uint32_t at = (sp - 16 + 2 * i) & 0xffff, want = i == 3 ? sp : slot[i];
            bool below = at > 0x8000 && at < 0xffff;
            if (below) cr_expect_eq(flat_get(f, at, 2), want, "SP %u, word %u", sp, i);
            if (!below && at < sp - 6 && sp > 6) cr_expect_eq(flat_get(f, at, 2), 0, "SP %u", sp);
        }
        if (sp >= 7) cr_expect_eq(flat_get(f, sp - 6, 2), FLAT_CODE, "SP %u: restart", sp);
        flat_free(f);
    }
}

Test(step, popa_midway)
{
    struct flat *f = WITH_CODE("\x61");
    flat_paging(f);
    page_set(f, 0x10000, 6);
    f->cpu.s.gpr[ESP] = 0xfff4;
    for (unsigned i = 0; i < 3; i++)
        flat_put(f, 0xfff4 + 4 * i, 4, i + 1);
    expect_page_fault(f, 0, 0x10000);
    cr_expect_eq(f->cpu.s.gpr[EDI], 1);
    cr_expect_eq(f->cpu.s.gpr[ESI], 2);
    cr_expect_eq(f->cpu.s.gpr[EBP], 3);
    cr_expect_eq(f->cpu.s.gpr[EBX], 0xddeeff10);
    flat_free(f);
}

Test(step, enter_probes_the_final_stack_pointer)
{
    struct flat *f = WITH_CODE("\xc8\x00\x20\x00"); /* enter 2000h,0 */
    flat_paging(f);
    page_set(f, 0xc000, 6);
    expect_page_fault(f, 2, 0xcffc);
    cr_expect_eq(f->cpu.s.gpr[EBP], 0xe000);
    cr_expect_eq(flat_get(f, 0xeffc, 4), 0xe000);
    flat_free(f);
}

Test(step, rep_movs_stops_at_the_faulting_element)
{
    struct flat *f = WITH_CODE("\xf3\xa5");
    flat_paging(f);
    page_set(f, 0x9000, 6);
    f->cpu.s.gpr[ECX] = 5;
    f->cpu.s.gpr[EDI] = 0x8ff8;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    expect_page_fault(f, 2, 0x9000);
    cr_expect_eq(f->cpu.s.gpr[ECX], 3);
    cr_expect_eq(f->cpu.s.gpr[EDI], 0x9000);
    cr_expect_eq(f->cpu.s.gpr[ESI], 0x2008);
    flat_free(f);
}

/* The return address has room, the target is outside: nothing is pushed. */
Test(step, call_outside_the_segment)
{
    struct flat *f = WITH_CODE("\xe8\x00\x10\x00\x00");
    f->cpu.s.seg[CS].sh.hi = f->cpu.s.seg[CS].sh.limit = 0x1fff;
    cr_expect_eq(cpu_step(&f->cpu), STEP_SHUTDOWN);
    cr_expect_eq(f->cpu.chain[0].rule, RULE_INSN_TARGET_LIMIT);
    cr_expect_eq(flat_get(f, 0xeffc, 4), 0);
    flat_free(f);
}

/* --- fetch --- */

Test(step, instruction_that_ends_on_the_limit)
{
    struct flat *f = WITH_CODE("\xb8\x01\x02\x03\x04\xb8\x05\x06\x07\x08");
    f->cpu.s.seg[CS].sh.hi = f->cpu.s.seg[CS].sh.limit = FLAT_CODE + 8;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&f->cpu), STEP_SHUTDOWN);
    cr_expect_eq(f->cpu.chain[0].vector, VEC_GP);
    cr_expect_eq(f->cpu.s.eip, FLAT_CODE + 5);
    cr_expect_eq(f->cpu.s.gpr[EAX], 0x04030201);
    cr_expect_eq(f->cpu.refused.access, ACCESS_FETCH);
    cr_expect_eq(f->cpu.refused.off.v, FLAT_CODE + 9);
    flat_free(f);
}

/* A short instruction before the limit does not suffer from what lies behind. */
Test(step, last_byte_of_the_segment)
{
    struct flat *f = WITH_CODE("\x90\x90");
    f->cpu.s.seg[CS].sh.hi = f->cpu.s.seg[CS].sh.limit = FLAT_CODE;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&f->cpu), STEP_SHUTDOWN);
    flat_free(f);
}

Test(step, fetch_across_pages)
{
    struct flat *f = flat_new();
    flat_reset(f, 32);
    flat_put(f, 0x3ffd, 4, 0x030201b8);
    flat_put(f, 0x4001, 1, 0x04);
    flat_paging(f);
    f->cpu.s.eip = 0x3ffd;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.gpr[EAX], 0x04030201);
    f->cpu.s.eip = 0x3ffd;
    page_set(f, 0x4000, 6);
    expect_page_fault(f, 0, 0x4000);
    flat_free(f);
}

/* Bytes are checked one by one: a too long instruction that meets a missing page first faults there. */
Test(step, too_long_or_missing_page)
{
    struct flat *f = flat_new();
    flat_reset(f, 32);
    cr_assert(bus_fill(f->bus, phys(0x3ff8), 0x26, 32));
    flat_paging(f);
    f->cpu.s.eip = 0x3ff8;
    page_set(f, 0x4000, 6);
    expect_page_fault(f, 0, 0x4000);
    flat_reset(f, 32);
    cr_assert(bus_fill(f->bus, phys(0x3ff8), 0x26, 32));
    f->cpu.s.eip = 0x3ff8;
    cr_expect_eq(cpu_step(&f->cpu), STEP_SHUTDOWN);
    cr_expect_eq(f->cpu.chain[0].rule, RULE_INSN_TOO_LONG);
    flat_free(f);
}

/* A write to the instruction that follows is seen. */
Test(step, self_modifying_code)
{
    struct flat *f =
        WITH_CODE("\xc6\x05\x07\x10\x00\x00\x40\x90"); /* mov byte [1007],40h (inc eax) */
    f->cpu.s.gpr[EAX] = 5;
    cr_expect_eq(cpu_run(&f->cpu, 2, UINT64_MAX), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.gpr[EAX], 6);
    flat_free(f);
}

/* The same address again: other bytes in the second half of a long instruction, other code size, other
 * address space. Whatever is remembered of it must not show. */
Test(step, same_address_other_code)
{
    struct flat *f =
        WITH_CODE("\x2e\xc7\x84\x24\x00\x30\x00\x00\x01\x02\x03\x04"); /* mov cs:[esp+3000],imm */
    f->cpu.s.seg[CS].sh.access = 0x93; /* writable: this is about decoding */
    for (uint32_t i = 0; i < 4; i++) {
        f->cpu.s.eip = FLAT_CODE;
        flat_put(f, FLAT_CODE + 8, 4, i << 24 | 7);
        cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
        cr_expect_eq(flat_get(f, FLAT_STACK + 0x3000, 4), i << 24 | 7);
    }
    flat_put(f, FLAT_CODE, 4, 0x000000b8); /* mov eax, imm32 or imm16 */
    flat_put(f, FLAT_CODE + 4, 4, 0x90);
    for (unsigned i = 0; i < 4; i++) {
        f->cpu.s.seg[CS].sh.flags = i & 1 ? 0 : FLG_DB;
        f->cpu.s.eip = FLAT_CODE;
        cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
        cr_expect_eq(f->cpu.s.eip, FLAT_CODE + (i & 1 ? 3 : 5));
    }
    flat_free(f);
}

/* m: a displacement or an immediate is one component, every other byte is one [386 17.2.2.3]. */
Test(step, components_at_the_target)
{
    static const struct {
        const char bytes[12];
        unsigned m;
    } rows[] = {{"\x90", 1},
                {"\x81\x05\x00\x20\x00\x00\x01\x02\x03\x04", 4},
                {"\x66\x2e\x8b\x84\x24\x00\x20\x00\x00", 6},
                {"\xc8\x10\x00\x01", 3},
                {"\x0f\x85\x00\x01\x00\x00", 3}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (unsigned paging = 0; paging < 2; paging++) {
            struct flat *f = WITH_CODE("\xe9\xfb\x2f\x00\x00"); /* jmp 4000 */
            cr_assert(bus_poke(f->bus, phys(0x4000), rows[i].bytes, 12));
            if (paging) flat_paging(f);
            cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
            cr_expect_eq(f->cpu.s.clocks, 7 + rows[i].m, "row %u: %u", i,
                         (unsigned)f->cpu.s.clocks);
            f->cpu.s.eip = FLAT_CODE; /* and once it is remembered */
            cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
            cr_expect_eq(f->cpu.s.clocks, 2 * (7 + rows[i].m));
            flat_free(f);
        }
}

/* The target's page is missing: one component, and its A bit is as it was. */
Test(step, target_on_a_missing_page)
{
    struct flat *f = WITH_CODE("\xe9\xfb\x2f\x00\x00");
    flat_paging(f);
    page_set(f, 0x4000, 6);
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.clocks, 8);
    cr_expect_eq(page_get(f, 0x4000), 0x4006);
    expect_page_fault(f, 0, 0x4000);
    flat_free(f);
}

/* In real mode EIP does not wrap at 64 KB by itself. */
Test(step, running_over_the_end_in_real_mode)
{
    struct flat *f = flat_new();
    flat_real(f);
    flat_put(f, 0xffff, 1, 0x90);
    f->cpu.s.eip = 0xffff;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.eip, 0x10000);
    cr_expect_neq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.chain[0].vector, VEC_GP);
    flat_free(f);
}

/* --- traps and shadows --- */

Test(step, single_step_after_the_instruction)
{
    struct flat *f = WITH_CODE("\x9d\x90\x90"); /* popf, nop */
    flat_put(f, FLAT_STACK, 4, 0x102);
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.pending_db, 0, "not after the POPF that sets TF");
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.pending_db, 0x4000);
    cr_expect_eq(f->cpu.s.eip, FLAT_CODE + 2);
    flat_free(f);
}

Test(step, single_step_in_rep)
{
    struct flat *f = WITH_CODE("\xf3\xaa");
    f->cpu.s.gpr[ECX] = 2;
    f->cpu.s.eflags |= FL_TF;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.pending_db, 0x4000);
    cr_expect_eq(f->cpu.s.eip, FLAT_CODE);
    cr_expect_eq(f->cpu.s.gpr[ECX], 1);
    f->cpu.s.pending_db = 0;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.eip, FLAT_CODE + 2);
    flat_free(f);
}

Test(step, rf_lasts_one_instruction)
{
    struct flat *f = WITH_CODE("\x90\x90");
    f->cpu.s.eflags |= FL_RF;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.eflags & FL_RF, 0);
    flat_free(f);
}

static int vector_33(void *ctx)
{
    ++*(unsigned *)ctx;
    return 0x33;
}

/* STI and MOV SS hold off INTR for one instruction; STI does not when IF was set. */
Test(step, interrupt_shadows)
{
    static const struct {
        const char code[4];
        uint32_t flags;
        unsigned retired; /* before the interrupt is taken */
    } rows[] = {{"\xfb\x90\x90", 0, 2}, {"\x8e\xd0\x90", FL_IF, 0}, {"\xf8\x90\x90", FL_IF, 0}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned acknowledged = 0, n = 0;
        struct flat *f = flat_with_code(rows[i].code, 3);
        f->cpu.s.eflags |= rows[i].flags;
        f->cpu.intr = true;
        f->cpu.inta = vector_33;
        f->cpu.inta_ctx = &acknowledged;
        while (n < 5 && cpu_step(&f->cpu) == STEP_RETIRED)
            n++;
        cr_expect_eq(n, rows[i].retired, "row %u: %u", i, n);
        cr_expect_eq(acknowledged, 1);
        flat_free(f);
    }
}

Test(step, mov_ss_shadow)
{
    unsigned acknowledged = 0, n = 0;
    struct flat *f = WITH_CODE("\x8e\xd0\x90\x90");
    f->cpu.s.gpr[EAX] = FLAT_DATA32;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    f->cpu.s.eflags |= FL_IF;
    f->cpu.intr = true;
    f->cpu.inta = vector_33;
    f->cpu.inta_ctx = &acknowledged;
    while (n < 5 && cpu_step(&f->cpu) == STEP_RETIRED)
        n++;
    cr_expect_eq(n, 1);
    flat_free(f);
}

/* Interrupts come between iterations; the registers say what is done. */
Test(step, interrupt_in_rep)
{
    unsigned acknowledged = 0, n = 0;
    struct flat *f = WITH_CODE("\xf3\xaa");
    f->cpu.s.gpr[ECX] = 5;
    f->cpu.s.eflags |= FL_IF;
    cr_expect_eq(cpu_run(&f->cpu, 2, UINT64_MAX), STEP_RETIRED);
    f->cpu.intr = true;
    f->cpu.inta = vector_33;
    f->cpu.inta_ctx = &acknowledged;
    while (n < 5 && cpu_step(&f->cpu) == STEP_RETIRED)
        n++;
    cr_expect_eq(n, 0);
    cr_expect_eq(f->cpu.s.gpr[ECX], 3);
    cr_expect_eq(f->cpu.s.eip, FLAT_CODE);
    flat_free(f);
}

/* --- observers --- */

struct seen {
    unsigned insns, retired, mems;
    uint16_t opcode;
    enum access access[4];
    uint32_t value[4];
};
static void saw_insn(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    struct seen *s = ctx;
    s->insns++;
    s->opcode = in->opcode;
    cr_expect_eq(cpu->s.eip, FLAT_CODE);
}
static void saw_retired(void *ctx, const struct i386_cpu *cpu, const struct insn *in)
{
    struct seen *s = ctx;
    s->retired++;
    cr_expect_eq(cpu->s.eip, FLAT_CODE + in->len);
}
static void saw_mem(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                    unsigned size, enum access access, uint32_t value)
{
    struct seen *s = ctx;
    cr_expect(reg == DS && off.v == 0x2000 && at.v == 0x2000 && size == 4);
    s->access[s->mems & 3] = access;
    s->value[s->mems++ & 3] = value;
    (void)cpu;
}

Test(step, observers_look)
{
    struct seen seen = {0};
    const struct cpu_observer obs = {
        .ctx = &seen, .insn = saw_insn, .retired = saw_retired, .mem = saw_mem};
    struct flat *f = WITH_CODE("\xff\x06"); /* inc dword [esi] */
    f->cpu.obs = &obs;
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect(seen.insns == 1 && seen.retired == 1 && seen.opcode == 0xff);
    cr_expect_eq(seen.mems, 2);
    cr_expect(seen.access[0] == ACCESS_READ && seen.value[0] == 0);
    cr_expect(seen.access[1] == ACCESS_WRITE && seen.value[1] == 1);
    f->cpu.s.eip = FLAT_CODE;
    f->cpu.s.seg[DS].sh.hi = 0x2002;
    cr_expect_eq(cpu_step(&f->cpu), STEP_SHUTDOWN);
    cr_expect(seen.insns == 2 && seen.retired == 1 && seen.mems == 2);
    cr_expect(f->cpu.refused.valid && f->cpu.refused.seg == DS && f->cpu.refused.size == 4);
    flat_free(f);
}

Test(step, data_breakpoint)
{
    struct flat *f = WITH_CODE("\x8b\x06\x89\x06"); /* mov eax,[esi]; mov [esi],eax */
    f->cpu.s.dr[0] = 0x2000;
    f->cpu.s.dr[7] = 0x000d0001; /* four bytes, writes */
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.pending_db, 0);
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.pending_db, 1);
    flat_free(f);
}

Test(step, halt)
{
    struct flat *f = WITH_CODE("\xf4\x90");
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    uint64_t clocks = f->cpu.s.clocks;
    cr_expect_eq(cpu_step(&f->cpu), STEP_HALTED);
    cr_expect_eq(cpu_run(&f->cpu, 10, UINT64_MAX), STEP_HALTED);
    cr_expect_eq(f->cpu.s.clocks, clocks);
    cr_expect_eq(f->cpu.s.eip, FLAT_CODE + 1);
    cr_expect_eq(f->cpu.s.insns, 1);
    flat_free(f);
}

/* --- running --- */

Test(step, budgets)
{
    struct flat *f = WITH_CODE("\x40\xeb\xfd"); /* inc eax; jmp */
    f->cpu.s.gpr[EAX] = 0;
    cr_expect_eq(cpu_run(&f->cpu, 11, UINT64_MAX), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.insns, 11);
    cr_expect_eq(f->cpu.s.gpr[EAX], 6);
    uint64_t until = f->cpu.s.clocks + 100;
    cr_expect_eq(cpu_run(&f->cpu, 1000, until), STEP_RETIRED);
    cr_expect(f->cpu.s.clocks >= until && f->cpu.s.clocks < until + 20);
    uint64_t insns = f->cpu.s.insns;
    f->cpu.stop = 1;
    cr_expect_eq(cpu_run(&f->cpu, 1000, UINT64_MAX), STEP_RETIRED);
    cr_expect_eq(f->cpu.s.insns, insns);
    flat_free(f);
}

Test(step, reset)
{
    struct flat *f = WITH_CODE("\x90");
    cpu_step(&f->cpu);
    cpu_reset(&f->cpu);
    cr_expect_eq(f->cpu.s.eip, 0xfff0);
    cr_expect_eq(f->cpu.s.seg[CS].sh.base, 0xffff0000);
    cr_expect_eq(f->cpu.s.eflags, 2);
    cr_expect_eq(f->cpu.s.gpr[EDX], 0x0308);
    cr_expect_eq(f->cpu.s.insns, 1, "time goes on");
    flat_free(f);
}
