/* The table itself: every row complete, and consistent with the manual's lists. */
#include <criterion/criterion.h>
#include <string.h>

#include "flag_sets.h"
#include "insn.h"
#include "opcode.h"
#include "state.h"

static const char *const manuals[] = {"386 ", "387 ", "486 ", "P5 ", "SDM2 "};

Test(rows, complete)
{
    cr_assert_eq(i386_row_count, ROW_COUNT);
    for (unsigned i = 1; i < i386_row_count; i++) {
        const struct i386_row *r = &i386_rows[i];
        cr_expect(r->mnemonic && *r->mnemonic, "row %u has no mnemonic", i);
        bool cited = false;
        for (unsigned k = 0; k < sizeof manuals / sizeof manuals[0]; k++)
            cited |= !strncmp(r->section, manuals[k], strlen(manuals[k]));
        cr_expect(cited, "%s: section %s", r->mnemonic, r->section);
        cr_expect(r->level >= LEVEL_386 && r->level <= r->last && r->last <= LEVEL_LAST,
                  "%s: level", r->mnemonic);
        cr_expect(r->clocks.reg > 0, "%s %x: no clocks", r->mnemonic, r->opcode);
        cr_expect(r->body > BODY_NONE && r->body < BODY_COUNT, "%s: body", r->mnemonic);
        cr_expect_eq(r->flags_written & r->flags_undefined, 0, "%s: flag in both", r->mnemonic);
        cr_expect_eq(r->flags_undefined & ~FL_ARITH, 0, "%s: undefined flags", r->mnemonic);
    }
}

Test(rows, unique)
{
    for (unsigned i = 1; i < i386_row_count; i++)
        for (unsigned k = i + 1; k < i386_row_count; k++) {
            const struct i386_row *a = &i386_rows[i], *b = &i386_rows[k];
            bool together = a->level <= b->last && b->level <= a->last;
            bool register_form = (i386_rows[i - 1].attrs | i386_rows[k - 1].attrs) & ATT_PAIR;
            bool clash = a->opcode == b->opcode && a->prefix == b->prefix && together &&
                         !register_form && (a->ext == b->ext || a->ext < 0 || b->ext < 0);
            cr_expect(!clash, "%s and %s share %x", a->mnemonic, b->mnemonic, a->opcode);
        }
}

/* [386 17 LOCK] */
static bool manual_locks(const struct i386_row *r)
{
    static const char
        *const names[] = {"BT",  "BTS", "BTR",     "BTC",  "XCHG",     "ADD", "OR",
                          "ADC", "SBB", "AND",     "SUB",  "XOR",      "NOT", "NEG",
                          "INC", "DEC", "CMPXCHG", "XADD", "CMPXCHG8B"}; /* the last: SDM2 LOCK */
    bool memory_first = (r->op[0] >= O_Eb && r->op[0] <= O_Ev) || r->op[0] == O_Mq;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(r->mnemonic, names[i]) == 0) return memory_first;
    return false;
}

Test(rows, lock_list)
{
    for (unsigned i = 1; i < i386_row_count; i++) {
        const struct i386_row *r = &i386_rows[i];
        cr_expect_eq(!!(r->checks & CHK_LOCK), manual_locks(r), "%s %x /%d", r->mnemonic, r->opcode,
                     r->ext);
        cr_expect_eq(!!(r->checks & CHK_LOCK), !!(r->checks & CHK_NOLOCKREG));
    }
}

/* Those that a program of any level must not execute [386 6.3.5.1], and LOADALL. */
Test(rows, privileged_list)
{
    static const uint16_t want[] = {0xf4, 0x0f00, 0x0f00, 0x0f01, 0x0f01, 0x0f01, 0x0f06, 0x0f07,
                                    0x0f20, 0x0f21, 0x0f22, 0x0f23, 0x0f24, 0x0f26,
                                    /* later */
                                    0x0f01, 0x0f08, 0x0f09, 0x0f30, 0x0f32};
    unsigned n = 0;
    bool found[sizeof want / sizeof want[0]] = {0};
    for (unsigned i = 1; i < i386_row_count; i++) {
        if (!(i386_rows[i].checks & CHK_CPL0)) continue;
        n++;
        for (unsigned k = 0; k < sizeof want / sizeof want[0]; k++)
            if (!found[k] && want[k] == i386_rows[i].opcode) {
                found[k] = true;
                break;
            }
    }
    cr_expect_eq(n, sizeof want / sizeof want[0]);
    for (unsigned k = 0; k < sizeof want / sizeof want[0]; k++)
        cr_expect(found[k], "%x is not privileged", want[k]);
}

/* The level column: below it nothing decodes to the row, from it on something does. */
Test(rows, levels)
{
    static const enum cpu_level levels[] = {LEVEL_386, LEVEL_486, LEVEL_PENTIUM, LEVEL_P6,
                                            LEVEL_SSE2};
    for (unsigned i = 1; i < i386_row_count; i++) {
        const struct i386_row *r = &i386_rows[i];
        bool esc = r->opcode >= 0xd800, register_form = i386_rows[i - 1].attrs & ATT_PAIR;
        uint8_t bytes[15] = {0};
        unsigned n = 0;
        if (r->prefix) bytes[n++] = r->prefix;
        if (esc || r->opcode > 0xff) bytes[n++] = (uint8_t)(r->opcode >> 8);
        bytes[n++] = (uint8_t)r->opcode;
        uint8_t modrm = (uint8_t)(r->ext > 0 ? r->ext << 3 : 0);
        if (!esc) bytes[n] = register_form ? 0xf8 : modrm;
        for (unsigned k = 0; k < 5; k++) {
            struct insn in;
            cr_expect_eq(decode_at(levels[k], bytes, sizeof bytes, true, &in), DECODE_OK);
            bool has = levels[k] >= (r->level == LEVEL_SSE ? LEVEL_SSE2 : r->level) &&
                       levels[k] <= r->last;
            cr_expect_eq(in.row == i, has, "%s %x, level %d", r->mnemonic, r->opcode, levels[k]);
        }
    }
}
