#include <criterion/criterion.h>

#include "fault.h"

Test(fault, none_is_zero)
{
    cr_assert(!is_fault(fault_none()));
    cr_assert(!is_fault((fault_t){0}));
}

Test(fault, carries_vector_error_and_rule)
{
    fault_t f = fault_make(VEC_GP, 0x18, RULE_SEGM_NULL);
    cr_assert(is_fault(f));
    cr_assert_eq(f.vector, 13);
    cr_assert_eq(f.error, 0x18);
    cr_assert_str_eq(rule_name(f.rule), "SEGM_NULL");
    cr_assert(!f.has_cr2);
}

Test(fault, page_fault_carries_cr2)
{
    fault_t f = fault_page(6, 0xdeadb000, RULE_PAGE_PDE_PRESENT);
    cr_assert(f.has_cr2);
    cr_assert_eq(f.cr2, 0xdeadb000);
    cr_assert_eq(f.vector, VEC_PF);
}

Test(fault, vectors_with_error_code)
{
    for (unsigned v = 0; v < 256; v++) {
        bool want = v == 8 || v == 10 || v == 11 || v == 12 || v == 13 || v == 14 || v == 17;
        cr_assert_eq(vector_has_error(v), want, "vector %u", v);
    }
    cr_assert_str_eq(vector_mnemonic(13), "#GP");
    cr_assert_str_eq(vector_mnemonic(9), "CSO");
    cr_assert_str_eq(vector_mnemonic(15), "INT");
    cr_assert_str_eq(vector_mnemonic(0x80), "INT");
}

Test(fault, every_rule_has_words)
{
    for (unsigned r = 1; r < RULE_COUNT; r++) {
        cr_assert(strlen(rule_sentence(r)) > 10, "rule %s", rule_name(r));
        cr_assert(strlen(rule_section(r)) > 2, "rule %s", rule_name(r));
    }
    cr_assert_str_eq(rule_name(RULE_COUNT), "NONE");
    cr_assert_str_eq(rule_name(60000), "NONE");
}

static fault_t refuse(bool yes)
{
    TRY(yes ? fault_make(VEC_UD, 0, RULE_INSN_UNDEFINED) : fault_none());
    return fault_make(VEC_DE, 0, RULE_INSN_UNDEFINED);
}

Test(fault, try_returns_the_first_fault)
{
    cr_assert_eq(refuse(true).vector, VEC_UD);
    cr_assert_eq(refuse(false).vector, VEC_DE);
}
