/* Every row of i386.def executes with a checked result; faults of single instructions. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "flat.h"
#include "opcode.h"

static const struct flat_case cases[] = {
#include "insn_cases.def"
};

/* Those that need a mode of their own, and refusals. */
static const struct {
    enum flat_mode mode;
    struct flat_case c;
} mode_cases[] = {
#include "mode_cases.def"
};

static bool seen[ROW_COUNT];

static void run_case(struct flat *f, const struct flat_case *c, enum flat_mode mode, bool prefix)
{
    unsigned row = 0, opsize = 0;
    flat_run(f, c, mode, prefix, &row, &opsize);
    seen[row] = true;
}

/* Each case in 32- and 16-bit code, with both operand sizes. */
Test(insn, every_row)
{
    struct flat *f = flat_new();
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (unsigned k = 0; k < 4; k++)
            run_case(f, &cases[i], k & 1 ? FLAT_P16 : FLAT_P32, k & 2);
    for (unsigned i = 0; i < sizeof mode_cases / sizeof mode_cases[0]; i++)
        run_case(f, &mode_cases[i].c, mode_cases[i].mode, false);
    for (unsigned row = 1; row < ROW_COUNT; row++)
        /* Those: test_x87_insn.c, test_later.c. */
        cr_expect(seen[row] || (i386_rows[row].checks & CHK_FPU) ||
                      i386_rows[row].level > LEVEL_386,
                  "no case for %s, opcode %x /%d", i386_rows[row].mnemonic, i386_rows[row].opcode,
                  i386_rows[row].ext);
    flat_free(f);
}

Test(insn, personality_trap)
{
    struct flat *f = flat_new();
    flat_reset(f, 32);
    flat_put(f, FLAT_CODE, 4, 0x0a3f0f);
    f->cpu.personality = true;
    cr_expect_eq(cpu_step(&f->cpu), STEP_PERSONALITY);
    cr_expect_eq(f->cpu.trap_point, 0x0a);
    cr_expect_eq(f->cpu.s.eip, FLAT_CODE + 3);
    flat_ring3(f, 3);
    flat_put(f, FLAT_CODE, 4, 0x0a3f0f);
    f->cpu.personality = true;
    cr_expect_eq(cpu_step(&f->cpu), STEP_SHUTDOWN);
    cr_expect_eq(f->cpu.chain[0].rule, RULE_INSN_PERSONALITY);
    flat_free(f);
}

/* A rule without a case is a rule without a test. */
Test(insn, no_rule_without_a_case)
{
    static const char *const rules[] = {
#define RULE(id, section, sentence) #id,
#include "rules_insn.def"
#undef RULE
    };
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        char word[64];
        unsigned n = 0;
        snprintf(word, sizeof word, "rule=%s", rules[i]);
        for (unsigned k = 0; k < sizeof mode_cases / sizeof mode_cases[0]; k++) {
            const char *at = strstr(mode_cases[k].c.out, word);
            n += at && at[strlen(word)] == '\0';
        }
        cr_expect_gt(n, 0, "no case for %s", rules[i]);
    }
}
