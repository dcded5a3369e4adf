/* test_later.c: instructions and system registers that came after the 80386, level by level. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "flat.h"
#include "level.h"
#include "opcode.h"

static const struct flat_case cases[] = {
#include "later_cases.def"
};
static const struct {
    enum flat_mode mode;
    struct flat_case c;
} refusals[] = {
#include "later_refusals.def"
};

static const enum cpu_level levels[] = {LEVEL_386, LEVEL_486, LEVEL_PENTIUM, LEVEL_P6, LEVEL_SSE2};
#define LEVELS (sizeof levels / sizeof levels[0])

static struct flat *start(enum cpu_level level)
{
    struct flat *f = flat_new();
    f->level = level;
    flat_reset(f, 32);
    return f;
}

static enum cpu_step run(struct flat *f, const char *bytes, size_t n)
{
    f->cpu.s.eip = FLAT_CODE;
    cr_assert(bus_poke(f->bus, phys(FLAT_CODE), bytes, n));
    return cpu_step(&f->cpu);
}
#define RUN(f, text) run(f, text, sizeof text - 1)

/* 66 before these makes another instruction of them, or none. */
static bool takes_prefix(unsigned row)
{
    return !(i386_rows[row].attrs & ATT_NP) && !i386_rows[row].prefix;
}

Test(later, every_row)
{
    static bool seen[ROW_COUNT];
    struct flat *f = flat_new();
    f->level = LEVEL_SSE2;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned row = 0, opsize;
        for (unsigned k = 0; k < 4; k++) {
            if (k & 2 && !takes_prefix(row)) continue;
            flat_run(f, &cases[i], k & 1 ? FLAT_P16 : FLAT_P32, k & 2, &row, &opsize);
        }
        seen[row] = true;
    }
    for (unsigned i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        unsigned row, opsize;
        flat_run(f, &refusals[i].c, refusals[i].mode, false, &row, &opsize);
        seen[row] = true;
    }
    for (unsigned row = 1; row < ROW_COUNT; row++) {
        const struct i386_row *r = &i386_rows[row];
        bool elsewhere = r->checks & (CHK_FPU | CHK_MMX | CHK_SSE); /* test_simd_insn.c */
        if (r->level == LEVEL_386 || elsewhere || r->last < LEVEL_SSE2) continue;
        cr_expect(seen[row], "no case for %s, opcode %x /%d", r->mnemonic, r->opcode, r->ext);
    }
    flat_free(f);
}

Test(later, no_rule_without_a_case)
{
    static const char *const rules[] = {
#define RULE(id, section, sentence) #id,
#include "rules_level.def"
#undef RULE
    };
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        char word[64];
        unsigned n = strcmp(rules[i], "LATER_ALIGNMENT") == 0; /* test_align.c */
        snprintf(word, sizeof word, "rule=%s", rules[i]);
        for (unsigned k = 0; k < sizeof refusals / sizeof refusals[0]; k++) {
            const char *at = strstr(refusals[k].c.out, word);
            n += at && at[strlen(word)] == '\0';
        }
        cr_expect_gt(n, 0, "no case for %s", rules[i]);
    }
}

/* --- level by level --- */

/* POPFD, PUSHFD: which of AC and ID can be changed, as programs find out what they run on. */
Test(later, flags_tell_the_generation)
{
    for (unsigned i = 0; i < LEVELS; i++) {
        struct flat *f = start(levels[i]);
        flat_put(f, FLAT_STACK, 4, 0xffffffffu);
        cr_assert_eq(RUN(f, "\x9d"), STEP_RETIRED);
        uint32_t more = f->cpu.s.eflags & ~FL_ALL;
        uint32_t want =
            (levels[i] >= LEVEL_486 ? FL_AC : 0) | (levels[i] >= LEVEL_PENTIUM ? FL_ID : 0);
        cr_expect_eq(more, want, "%s", level_of(levels[i])->name);
        f->cpu.s.eflags &= ~FL_TF;
        RUN(f, "\x66\x9d"); /* POPF leaves them */
        cr_expect_eq(f->cpu.s.eflags & ~FL_ALL, want);
        flat_free(f);
    }
}

Test(later, reset)
{
    static const uint32_t edx[] = {0x308, 0x404, 0x525, 0x652, 0xf24};
    for (unsigned i = 0; i < LEVELS; i++) {
        struct flat *f = start(levels[i]);
        cpu_reset(&f->cpu);
        const struct i386_state *s = &f->cpu.s;
        cr_expect_eq(s->gpr[EDX], edx[i]);
        cr_expect_eq(s->cr0, levels[i] == LEVEL_386 ? CR0_ET : 0x60000010u);
        cr_expect_eq(s->cr4, 0);
        cr_expect_eq(s->sse.mxcsr, levels[i] == LEVEL_SSE2 ? 0x1f80 : 0);
        flat_free(f);
    }
}

Test(later, cr0_bits)
{
    static const uint32_t want[] = {0x1f, 0x6005003fu, 0x6005003fu, 0x6005003fu, 0x6005003fu};
    for (unsigned i = 0; i < LEVELS; i++) {
        struct flat *f = start(levels[i]);
        f->cpu.s.gpr[EAX] = 0x7fffffffu;
        cr_assert_eq(RUN(f, "\x0f\x22\xc0"), STEP_RETIRED);
        cr_expect_eq(f->cpu.s.cr0, want[i], "%s: %x", level_of(levels[i])->name, f->cpu.s.cr0);
        flat_free(f);
    }
}

/* Each bit of CR4 by itself: changed, or #GP; no CR4 at all: #UD. */
Test(later, cr4_bits)
{
    static const uint32_t want[] = {0, 0, 0x00c, 0x30c, 0x70c};
    for (unsigned i = 0; i < LEVELS; i++)
        for (unsigned bit = 0; bit < 32; bit++) {
            struct flat *f = start(levels[i]);
            f->cpu.s.cr4 = 0;
            f->cpu.s.gpr[EAX] = 1u << bit;
            bool changed = RUN(f, "\x0f\x22\xe0") == STEP_RETIRED;
            cr_expect_eq(changed, want[i] >> bit & 1, "%s, bit %u", level_of(levels[i])->name, bit);
            cr_expect_eq(f->cpu.s.cr4, changed ? 1u << bit : 0);
            if (!changed)
                cr_expect_eq(f->cpu.chain[0].vector, levels[i] < LEVEL_PENTIUM ? VEC_UD : VEC_GP);
            flat_free(f);
        }
}

Test(later, cpuid_by_level)
{
    static const uint32_t features[] = {0, 0, 0x00000135u, 0x01808135u, 0x07888135u};
    for (unsigned i = 0; i < LEVELS; i++) {
        struct flat *f = start(levels[i]);
        const struct i386_state *s = &f->cpu.s;
        f->cpu.s.gpr[EAX] = 0;
        bool has = RUN(f, "\x0f\xa2") == STEP_RETIRED;
        cr_expect_eq(has, levels[i] >= LEVEL_PENTIUM);
        if (has) {
            cr_expect_eq(s->gpr[EAX], levels[i] == LEVEL_PENTIUM ? 1 : 2);
            f->cpu.s.gpr[EAX] = 1;
            RUN(f, "\x0f\xa2");
            cr_expect_eq(s->gpr[EDX], features[i], "%s: %x", level_of(levels[i])->name,
                         s->gpr[EDX]);
            cr_expect_eq(s->gpr[ECX], 0, "nothing of SSE3, no OSXSAVE");
        }
        flat_free(f);
    }
}

/* A feature bit stands for its instructions, and the other way round. */
Test(later, features_are_instructions)
{
    static const struct {
        uint32_t bit;
        const char *code;
        size_t n;
    } probe[] = {{FEATURE_TSC, "\x0f\x31", 2},      {FEATURE_MSR, "\x0f\x32", 2},
                 {FEATURE_CX8, "\x0f\xc7\x0e", 3},  {FEATURE_CMOV, "\x0f\x44\xc1", 3},
                 {FEATURE_CMOV, "\xda\xc0", 2},     {FEATURE_MMX, "\x0f\x77", 2},
                 {FEATURE_FXSR, "\x0f\xae\x06", 3}, {FEATURE_SSE, "\x0f\x58\xc1", 3},
                 {FEATURE_SSE, "\x0f\xe0\xc1", 3},  {FEATURE_SSE2, "\x66\x0f\x58\xc1", 4},
                 {FEATURE_SSE2, "\x0f\xd4\xc1", 3}, {FEATURE_CLFSH, "\x0f\xae\x3e", 3}};
    for (unsigned i = 0; i < LEVELS; i++)
        for (unsigned k = 0; k < sizeof probe / sizeof probe[0]; k++) {
            struct flat *f = start(levels[i]);
            f->cpu.s.gpr[ECX] = 0x10;
            bool runs = run(f, probe[k].code, probe[k].n) == STEP_RETIRED;
            bool says = level_of(levels[i])->features & probe[k].bit;
            if (probe[k].code[0] == '\xda' && levels[i] == LEVEL_386) runs = false; /* reserved */
            cr_expect_eq(runs, says, "%s, probe %u", level_of(levels[i])->name, k);
            flat_free(f);
        }
}

/* Virtual time: as many clocks as were charged, wherever a write has moved the counter to. */
Test(later, time_stamp_counter)
{
    struct flat *f = start(LEVEL_PENTIUM);
    struct i386_state *s = &f->cpu.s;
    uint64_t before = s->clocks;
    RUN(f, "\x0f\x31");
    cr_expect_eq(s->gpr[EAX], (uint32_t)before);
    s->gpr[ECX] = 0x10;
    s->gpr[EAX] = 1000;
    s->gpr[EDX] = 0;
    RUN(f, "\x0f\x30");
    before = s->clocks;
    for (unsigned i = 0; i < 5; i++)
        RUN(f, "\x90");
    RUN(f, "\x0f\x31");
    cr_expect_eq(s->gpr[EAX], 1000 + 30 + 5 * 3, "WRMSR itself, and five NOPs");
    flat_free(f);
}

/* The coprocessor is on the chip: nothing in the middle of an operand (#9), no encoding without effect. */
Test(later, coprocessor_by_level)
{
    for (unsigned i = 0; i < LEVELS; i++) {
        struct flat *f = start(levels[i]);
        struct i386_state *s = &f->cpu.s;
        f->cpu.x87 = true;
        bool early = levels[i] == LEVEL_386;
        cr_expect_eq(RUN(f, "\xd9\xd1") == STEP_RETIRED, early);
        flat_reset(f, 32);
        f->cpu.x87 = true;
        s->gpr[ESI] = 0xfffffffcu;
        s->seg[DS].sh.limit = s->seg[DS].sh.hi = 0x7fffffffu;
        s->seg[DS].sh.lo = 0;
        RUN(f, "\xdd\x06");
        cr_expect_eq(f->cpu.chain[0].vector, VEC_GP);
        flat_free(f);
    }
}

/* A port breakpoint needs CR4.DE. */
Test(later, port_breakpoint)
{
    for (unsigned de = 0; de < 2; de++) {
        struct flat *f = start(LEVEL_PENTIUM);
        struct i386_state *s = &f->cpu.s;
        s->cr4 = de ? CR4_DE : 0;
        s->dr[0] = 0x42;
        s->dr[7] = 0x402 | 2u << 16;
        RUN(f, "\xe4\x42");
        cr_expect_eq(s->pending_db, de ? 1 : 0);
        s->pending_db = 0;
        RUN(f, "\xe4\x43");
        cr_expect_eq(s->pending_db, 0);
        flat_free(f);
    }
}

/* PWT and PCD come along with a task switch, too; the walk ignores them. */
Test(later, cr3_bits)
{
    for (unsigned i = 0; i < LEVELS; i++) {
        struct flat *f = start(levels[i]);
        f->cpu.s.gpr[EAX] = 0x12345fff;
        RUN(f, "\x0f\x22\xd8");
        cr_expect_eq(f->cpu.s.cr3, levels[i] == LEVEL_386 ? 0x12345000u : 0x12345018u);
        flat_free(f);
    }
}
