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
