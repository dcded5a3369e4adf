#include "fault.h"

#include <stddef.h>

struct rule_row {
    const char *name, *section, *sentence;
};

static const struct rule_row rule_rows[RULE_COUNT] = {
    [RULE_NONE] = {"NONE", "", "No rule refused."},
#define RULE(id, section, sentence) [RULE_##id] = {#id, section, sentence},
#include "rules.def"
#undef RULE
};

static const struct rule_row *row_of(unsigned rule)
{
    return &rule_rows[rule < RULE_COUNT ? rule : RULE_NONE];
}

const char *rule_name(unsigned rule)
{
    return row_of(rule)->name;
}
const char *rule_section(unsigned rule)
{
    return row_of(rule)->section;
}
const char *rule_sentence(unsigned rule)
{
    return row_of(rule)->sentence;
}

bool vector_has_error(unsigned vector)
{
    return vector == VEC_DF || (vector >= VEC_TS && vector <= VEC_PF) || vector == VEC_AC;
}

static const struct {
    const char *mnemonic, *name;
} vector_rows[] = {
    [VEC_DE] = {"#DE", "divide error"},
    [VEC_DB] = {"#DB", "debug exception"},
    [VEC_NMI] = {"NMI", "non-maskable interrupt"},
    [VEC_BP] = {"#BP", "breakpoint"},
    [VEC_OF] = {"#OF", "overflow"},
    [VEC_BR] = {"#BR", "bounds check"},
    [VEC_UD] = {"#UD", "invalid opcode"},
    [VEC_NM] = {"#NM", "coprocessor not available"},
    [VEC_DF] = {"#DF", "double fault"},
    [VEC_CSO] = {"CSO", "coprocessor segment overrun"},
    [VEC_TS] = {"#TS", "invalid TSS"},
    [VEC_NP] = {"#NP", "segment not present"},
    [VEC_SS] = {"#SS", "stack exception"},
    [VEC_GP] = {"#GP", "general protection"},
    [VEC_PF] = {"#PF", "page fault"},
    [VEC_MF] = {"#MF", "coprocessor error"},
    [VEC_AC] = {"#AC", "alignment check"},
    [VEC_XM] = {"#XM", "SIMD numeric error"},
};

static bool vector_known(unsigned vector)
{
    return vector < sizeof vector_rows / sizeof vector_rows[0] && vector_rows[vector].name;
}

const char *vector_mnemonic(unsigned vector)
{
    return vector_known(vector) ? vector_rows[vector].mnemonic : "INT";
}

const char *vector_name(unsigned vector)
{
    return vector_known(vector) ? vector_rows[vector].name : "interrupt";
}
