/* rows.c: the rows of i386.def as a table. Row 0 is the undefined encoding. */
#include "flag_sets.h"
#include "insn.h"
#include "opcode.h"
#include "state.h"

const struct i386_row i386_rows[] = {
    {.mnemonic = "(undefined)",
     .ext = -1,
     .level = LEVEL_386,
     .last = LEVEL_LAST,
     .section = "386 9.8.6"},
#define CLK(reg, mem, prot_reg, prot_mem, rule)                                                    \
    {                                                                                              \
        reg, mem, prot_reg, prot_mem, CLKR_##rule                                                  \
    }
#define ROW(code, ext, name, a, b, c, body, written, undefined, checks, attrs, level, clocks,      \
            section)                                                                               \
    {name,                                                                                         \
     (uint16_t)0x##code,                                                                           \
     (uint8_t)(0x##code >> 16),                                                                    \
     EXT_##ext,                                                                                    \
     {O_##a, O_##b, O_##c},                                                                        \
     BODY_##body,                                                                                  \
     written,                                                                                      \
     undefined,                                                                                    \
     checks,                                                                                       \
     attrs,                                                                                        \
     LEVELS_##level,                                                                               \
     clocks,                                                                                       \
     section},
#include "i386.def"
#undef ROW
#undef CLK
};
const unsigned i386_row_count = sizeof i386_rows / sizeof i386_rows[0];

bool row_near(const struct i386_row *row)
{
    static const bool near[BODY_COUNT] = {
        [BODY_JCC] = true,      [BODY_JMP_REL] = true,  [BODY_JMP_IND] = true,
        [BODY_CALL_REL] = true, [BODY_CALL_IND] = true, [BODY_RET] = true,
        [BODY_LOOP] = true,     [BODY_LOOPE] = true,    [BODY_LOOPNE] = true,
        [BODY_JCXZ] = true,
    };
    return near[row->body];
}

bool row_plain(unsigned index)
{
    const struct i386_row *row = &i386_rows[index];
    if (row->checks & (CHK_FPU | CHK_WAIT | CHK_MMX | CHK_SSE)) return false;
    return !(row->attrs & ATT_END) || row_near(row);
}
