/* test_align.c: alignment check (#AC) [SDM3 6.15 #AC]: which accesses, when, and what comes before it. */
#include <criterion/criterion.h>
#include <string.h>

#include "flat.h"
#include "level.h"

#define AT (FLAT_DATA + 0x40)

/* Level 3, all that is needed for the check set, the code at CS:EIP, ESI and EDI at the operand. */
static struct flat *start(enum cpu_level level, const char *code, size_t n, uint32_t at)
{
    struct flat *f = flat_new();
    f->level = level;
    flat_ring3(f, 0);
    f->cpu.s.cr0 |= CR0_AM;
    f->cpu.s.eflags |= FL_AC;
    f->cpu.s.gpr[ESI] = f->cpu.s.gpr[EDI] = at;
    cr_assert(bus_poke(f->bus, phys(FLAT_CODE), code, n));
    return f;
}
#define START(level, code, at) start(level, code, sizeof code - 1, at)

static bool refused(struct flat *f)
{
    if (cpu_step(&f->cpu) == STEP_RETIRED) return false;
    cr_expect_eq(f->cpu.chain[0].vector, VEC_AC, "vector %u", f->cpu.chain[0].vector);
    cr_expect_eq(f->cpu.chain[0].rule, RULE_LATER_ALIGNMENT);
    cr_expect_eq(f->cpu.chain[0].error, 0);
    return true;
}

/* Instructions with their operand at [ESI] or ES:[EDI], and what it is aligned to; the host's processor agrees with each. */
static const struct {
    const char *name, *code;
    unsigned n, align, first; /* allowed: first, first + align, ... */
} operands[] = {
#define OPERAND(name, code, align, first)                                                          \
    {                                                                                              \
        name, code, sizeof code - 1, align, first                                                  \
    }
    OPERAND("MOV r8", "\x8a\x06", 1, 0),
    OPERAND("MOV r16", "\x66\x8b\x06", 2, 0),
    OPERAND("MOV r32", "\x8b\x06", 4, 0),
    OPERAND("MOV m32", "\x89\x06", 4, 0),
    OPERAND("ADD m32", "\x01\x06", 4, 0),
    OPERAND("XCHG", "\x87\x06", 4, 0),
    OPERAND("LOCK XADD", "\xf0\x0f\xc1\x06", 4, 0),
    OPERAND("PUSH m32", "\xff\x36", 4, 0),
    OPERAND("LODSD", "\xad", 4, 0),
    OPERAND("STOSW", "\x66\xab", 2, 0),
    OPERAND("MOVSD", "\xa5", 4, 0),
    OPERAND("SCASB", "\xae", 1, 0),
    OPERAND("BTS imm", "\x0f\xba\x2e\x03", 4, 0),
    OPERAND("BT reg", "\x66\x0f\xa3\x06", 2, 0),
    OPERAND("LDS 16:16", "\x66\xc5\x06", 2, 0),
    OPERAND("LDS 16:32", "\xc5\x06", 4, 0),
    OPERAND("BOUND", "\x62\x06", 4, 0),
    OPERAND("SLDT", "\x0f\x00\x06", 2, 0),
    OPERAND("SMSW", "\x0f\x01\x26", 2, 0),
    OPERAND("VERR", "\x0f\x00\x26", 2, 0),
    OPERAND("SGDT", "\x0f\x01\x06", 4, 2),
    OPERAND("CMPXCHG8B", "\x0f\xc7\x0e", 8, 0),
    OPERAND("FLD m32", "\xd9\x06", 4, 0),
    OPERAND("FLD m64", "\xdd\x06", 8, 0),
    OPERAND("FLD m80", "\xdb\x2e", 8, 0),
    OPERAND("FLDZ; FSTP m80", "\xdb\x3e", 8, 0),
    OPERAND("FILD m16", "\xdf\x06", 2, 0),
    OPERAND("FBLD", "\xdf\x26", 8, 0),
    OPERAND("FNSTCW", "\xd9\x3e", 2, 0),
    OPERAND("FNSTENV", "\xd9\x36", 4, 0),
    OPERAND("FNSTENV 16", "\x66\xd9\x36", 2, 0),
    OPERAND("FLDENV", "\xd9\x26", 4, 0),
    OPERAND("FNSAVE", "\xdd\x36", 4, 0),
    OPERAND("FNSAVE 16", "\x66\xdd\x36", 2, 0),
    OPERAND("FRSTOR 16", "\x66\xdd\x26", 2, 0),
    OPERAND("MOVD mm", "\x0f\x6e\x06", 4, 0),
    OPERAND("MOVQ mm", "\x0f\x6f\x06", 8, 0),
    OPERAND("PUNPCKLBW mm", "\x0f\x60\x06", 4, 0),
    OPERAND("MOVNTQ", "\x0f\xe7\x06", 8, 0),
    OPERAND("ADDSS", "\xf3\x0f\x58\x06", 4, 0),
    OPERAND("ADDSD", "\xf2\x0f\x58\x06", 8, 0),
    OPERAND("MOVHPS", "\x0f\x16\x06", 8, 0),
    OPERAND("CVTPS2PD", "\x0f\x5a\x06", 8, 0),
    OPERAND("MOVUPS", "\x0f\x10\x06", 16, 0),
    OPERAND("MOVDQU", "\xf3\x0f\x7f\x06", 16, 0),
    OPERAND("PINSRW", "\x66\x0f\xc4\x06\x01", 2, 0),
    OPERAND("MOVNTI", "\x0f\xc3\x06", 4, 0),
    OPERAND("LDMXCSR", "\x0f\xae\x16", 4, 0),
    OPERAND("STMXCSR", "\x0f\xae\x1e", 4, 0),
    OPERAND("CLFLUSH", "\x0f\xae\x3e", 1, 0),
    OPERAND("PREFETCHNTA", "\x0f\x18\x06", 1, 0),
    OPERAND("NOP", "\x0f\x1f\x06", 1, 0),
#undef OPERAND
};

/* Memory that every instruction can take: bounds, a null selector, an MXCSR. */
static void fill(struct flat *f, uint32_t at)
{
    f->cpu.s.gpr[EAX] = 0;
    for (unsigned i = 0; i < 16; i += 4)
        flat_put(f, at + i, 4, 0);
    flat_put(f, FLAT_DATA + 0x400, 4, 0);
}

Test(align, by_operand)
{
    for (unsigned i = 0; i < sizeof operands / sizeof operands[0]; i++)
        for (uint32_t at = 0; at < 16; at++) {
            struct flat *f = start(LEVEL_SSE2, operands[i].code, operands[i].n, AT + at);
            fill(f, AT + at);
            bool want = at % operands[i].align != operands[i].first;
            cr_expect_eq(refused(f), want, "%s at +%u", operands[i].name, at);
            flat_free(f);
        }
}

/* A whole operand that was granted is not asked about again while it moves in pieces. */
Test(align, pieces_are_not_checked)
{
    struct flat *f = START(LEVEL_SSE2, "\x66\xdd\x36", AT + 2);
    cr_expect(!refused(f));
    cr_expect(!f->cpu.granted);
    flat_free(f);
}

/* An aligned operand of SSE is another rule, with or without the check. */
Test(align, aligned_operands_of_sse)
{
    static const char *const code[] = {"\x0f\x28\x06", "\x66\x0f\x7f\x06", "\x0f\xae\x06"};
    for (unsigned i = 0; i < sizeof code / sizeof code[0]; i++)
        for (unsigned ac = 0; ac < 2; ac++) {
            struct flat *f = start(LEVEL_SSE2, code[i], i == 1 ? 4 : 3, AT + 4);
            if (!ac) f->cpu.s.eflags &= ~FL_AC;
            cpu_step(&f->cpu);
            cr_expect_eq(f->cpu.chain[0].vector, VEC_GP);
            cr_expect_eq(f->cpu.chain[0].rule, RULE_SIMD_ALIGNED);
            flat_free(f);
        }
}

/* All of: a 486 or later, CR0.AM, EFLAGS.AC, level 3; in V86 mode, too. */
Test(align, conditions)
{
    for (unsigned k = 0; k < 8; k++) {
        struct flat *f = START(LEVEL_486, "\x8b\x06", AT + 1);
        if (!(k & 1)) f->cpu.s.cr0 &= ~CR0_AM;
        if (!(k & 2)) f->cpu.s.eflags &= ~FL_AC;
        if (!(k & 4)) f->cpu.s.cpl = 0;
        cr_expect_eq(refused(f), k == 7, "%u", k);
        flat_free(f);
    }
    struct flat *f = flat_new();
    f->level = LEVEL_486;
    flat_v86(f, 3);
    f->cpu.s.cr0 |= CR0_AM;
    f->cpu.s.eflags |= FL_AC;
    f->cpu.s.gpr[ESI] = AT + 1;
    cr_assert(bus_poke(f->bus, phys(FLAT_CODE), "\x8b\x04", 2));
    cr_expect(refused(f));
    flat_free(f);
}

/* An 80386 has neither AM nor AC: what a program tries to set stays away, and nothing is refused. */
Test(align, not_on_an_80386)
{
    struct flat *f = flat_new();
    flat_reset(f, 32);
    flat_put(f, FLAT_STACK, 4, FL_AC);
    f->cpu.s.gpr[EAX] = CR0_PE | CR0_AM;
    f->cpu.s.gpr[ESI] = AT + 1;
    cr_assert(bus_poke(f->bus, phys(FLAT_CODE), "\x0f\x22\xc0\x9d\x8b\x06", 6));
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect_eq(cpu_step(&f->cpu), STEP_RETIRED);
    cr_expect(!(f->cpu.s.cr0 & CR0_AM) && !(f->cpu.s.eflags & FL_AC));
    flat_ring3(f, 0);
    cr_expect(!refused(f));
    flat_free(f);
}

/* --- stacks --- */

Test(align, stack)
{
    static const struct {
        const char *code;
        unsigned n, align;
    } uses[] = {{"\x50", 1, 4},
                {"\x66\x50", 2, 2},
                {"\x58", 1, 4},
                {"\x60", 1, 4},
                {"\x66\x61", 2, 2},
                {"\x9c", 1, 4},
                {"\xc3", 1, 4},
                {"\xe8\0\0\0\0", 5, 4},
                {"\x66\x9c", 2, 2},
                {"\xc8\0\0\0", 4, 4},
                {"\xc8\x08\0\x01", 4, 4},
                {"\x06", 1, 2},
                {"\xff\x74\x24\x04", 4, 4}};
    for (unsigned i = 0; i < sizeof uses / sizeof uses[0]; i++)
        for (uint32_t at = 0; at < 4; at++) {
            struct flat *f = start(LEVEL_486, uses[i].code, uses[i].n, AT);
            f->cpu.s.gpr[ESP] = FLAT_STACK + at;
            bool want = at % uses[i].align != 0;
            cr_expect_eq(refused(f), want, "%02x at +%u", (uint8_t)uses[i].code[0], at);
            if (want) cr_expect_eq(f->cpu.s.gpr[ESP], FLAT_STACK + at);
            flat_free(f);
        }
}

/* ENTER probes where ESP will be. */
Test(align, enter_probes_the_final_stack_pointer)
{
    struct flat *f = START(LEVEL_486, "\xc8\x06\x00\x00", AT);
    cr_expect(refused(f));
    flat_free(f);
}

/* --- what is not the program's own access --- */

/* Descriptor tables are the supervisor's, and instruction fetches are not data. */
Test(align, tables_and_code_are_not_checked)
{
    struct flat *f = START(LEVEL_486, "\x90\x90\x90\x8e\xd8", AT);
    struct i386_state *s = &f->cpu.s;
    for (unsigned i = 0; i < 0x100; i += 4)
        flat_put(f, 0x601 + i, 4, flat_get(f, 0x500 + i, 4));
    s->gdtr.base = 0x601;
    s->gpr[EAX] = FLAT_DATA_R3 | 3;
    s->eip = FLAT_CODE + 3;
    cr_expect(!refused(f));
    cr_expect_eq(s->seg[DS].sel, FLAT_DATA_R3 | 3);
    flat_free(f);
}

/* --- order --- */

/* Limit, page, alignment; and what is refused marks no page. */
Test(align, page_fault_first)
{
    for (unsigned absent = 0; absent < 3; absent++) {
        struct flat *f = START(LEVEL_486, "\x89\x06", 0x6fff - (absent == 2));
        flat_paging(f);
        if (absent) flat_put(f, FLAT_PT + 4 * 7, 4, 0);
        cpu_step(&f->cpu);
        cr_expect_eq(f->cpu.chain[0].vector, absent ? VEC_PF : VEC_AC);
        if (absent) cr_expect_eq(f->cpu.chain[0].cr2, 0x7000);
        if (!absent) cr_expect_eq(flat_get(f, FLAT_PT + 4 * 6, 4), 0x6007, "neither A nor D");
        flat_free(f);
    }
}

Test(align, limit_first)
{
    struct flat *f = START(LEVEL_486, "\x8b\x06", 0xffe);
    f->cpu.s.seg[DS].sh.limit = f->cpu.s.seg[DS].sh.hi = 0xfff;
    cpu_step(&f->cpu);
    cr_expect_eq(f->cpu.chain[0].vector, VEC_GP);
    flat_free(f);
}

/* Nothing has happened: memory, registers, the index registers of a string. */
Test(align, refused_leaves_everything)
{
    static const char *const code[] = {"\x01\x06", "\xa5", "\x0f\xc1\x06"};
    for (unsigned i = 0; i < 3; i++) {
        struct flat *f = start(LEVEL_486, code[i], i == 2 ? 3 : i ? 1 : 2, AT + 2);
        flat_put(f, AT, 4, 0x11111111);
        flat_put(f, AT + 4, 4, 0x22222222);
        struct i386_state before = f->cpu.s;
        cr_expect(refused(f));
        cr_expect_eq(flat_get(f, AT, 4), 0x11111111);
        cr_expect_eq(flat_get(f, AT + 4, 4), 0x22222222);
        cr_expect_arr_eq(f->cpu.s.gpr, before.gpr, sizeof before.gpr);
        cr_expect_eq(f->cpu.s.eip, before.eip);
        cr_expect_eq(f->cpu.s.eflags, before.eflags);
        flat_free(f);
    }
}

/* The straight loop: AC comes up inside a run, and the next access is checked. */
Test(align, inside_a_run)
{
    for (unsigned am = 0; am < 2; am++) {
        struct flat *f = START(LEVEL_486, "\x8b\x06\x9d\x8b\x06\x8b\x06\x90", AT + 1);
        f->cpu.s.eflags &= ~FL_AC;
        if (!am) f->cpu.s.cr0 &= ~CR0_AM;
        flat_put(f, FLAT_STACK, 4, FL_AC | FL_1);
        f->cpu.s.gpr[ESP] = FLAT_STACK;
        cpu_run(&f->cpu, 4, UINT64_MAX);
        cr_expect_eq(f->cpu.s.eip, FLAT_CODE + (am ? 3u : 7u));
        if (am) cr_expect_eq(f->cpu.chain[0].vector, VEC_AC);
        flat_free(f);
    }
}
