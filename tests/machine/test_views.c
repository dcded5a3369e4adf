#include "guest.h"

Test(views, descriptor_decode)
{
    static const uint8_t flat_code[8] = {0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0};
    rt386_desc d = rt386_desc_decode(flat_code);
    cr_assert_eq(d.kind, RT386_DESC_CODE);
    cr_assert(d.present && d.readable && d.big && d.granular && !d.accessed);
    cr_assert_eq(d.base, 0);
    cr_assert_eq(d.limit, 0xffffffffu);
    static const uint8_t gate[8] = {0x78, 0x56, 0x08, 0x00, 0x03, 0xec, 0x34, 0x12};
    d = rt386_desc_decode(gate);
    cr_assert_eq(d.kind, RT386_DESC_CALL32);
    cr_assert_eq(d.offset, 0x12345678);
    cr_assert_eq(d.selector, 8);
    cr_assert_eq(d.count, 3);
    cr_assert_eq(d.dpl, 3);
    static const uint8_t empty[8] = {0};
    cr_assert_eq(rt386_desc_decode(empty).kind, RT386_DESC_EMPTY);
}

Test(views, expand_down_bounds)
{
    static const uint8_t down[8] = {0xff, 0x0f, 0, 0, 0, 0x96, 0x40, 0}; /* limit FFF, B = 1 */
    rt386_desc d = rt386_desc_decode(down);
    cr_assert(d.expand_down);
    cr_assert_eq(d.first, 0x1000);
    cr_assert_eq(d.last, 0xffffffffu);
}

Test(views, tables_are_read_from_memory_each_time)
{
    rt386 *m = MACHINE(NULL, 0xf4);
    rt386_table_info gdt = rt386_table_get(m, RT386_GDT);
    cr_assert(gdt.valid);
    cr_assert_eq(gdt.entries, 3);
    rt386_desc d;
    cr_assert_eq(rt386_table_entry(m, RT386_GDT, 1, &d, NULL), RT386_OK);
    cr_assert_eq(d.kind, RT386_DESC_CODE);
    cr_assert_eq(rt386_table_entry(m, RT386_GDT, 3, &d, NULL), RT386_E_NOTFOUND);
    uint8_t zero[8] = {0};
    rt386_addr at = {.space = RT386_LINEAR, .at = gdt.base + 8};
    cr_assert_eq(rt386_poke(m, at, zero, 8), RT386_OK);
    cr_assert_eq(rt386_table_entry(m, RT386_GDT, 1, &d, NULL), RT386_OK);
    cr_assert_eq(d.kind, RT386_DESC_EMPTY);
    cr_assert(!rt386_table_get(m, RT386_LDT).valid, "no LDT is loaded");
    rt386_destroy(m);
}

Test(views, explain_load_lists_checks_and_what_was_not_reached)
{
    rt386 *m = MACHINE(NULL, 0xf4);
    rt386_explanation e;
    cr_assert_eq(rt386_explain_load(m, RT386_ES, 0x10, &e), RT386_OK);
    cr_assert(!e.fault.raised);
    cr_assert(e.located);
    cr_assert_gt(e.count, 3);
    for (unsigned i = 0; i < e.count; i++)
        cr_assert(e.checks[i].passed);
    cr_assert_eq(rt386_explain_load(m, RT386_SS, 0x08, &e), RT386_OK); /* a code segment */
    cr_assert(e.fault.raised);
    cr_assert_eq(e.fault.vector, 13);
    cr_assert_eq(e.fault.error, 8);
    static const struct {
        const char *rule;
        rt386_check_state state;
    } want[] = {{"SEGM_NULL_STACK", RT386_CHECK_PASSED},
                {"SEGM_TABLE_GDT", RT386_CHECK_PASSED},
                {"SEGM_STACK_RPL", RT386_CHECK_PASSED},
                {"SEGM_STACK_TYPE", RT386_CHECK_FAILED},
                {"SEGM_STACK_WRITABLE", RT386_CHECK_NOT_REACHED},
                {"SEGM_STACK_DPL", RT386_CHECK_NOT_REACHED},
                {"SEGM_STACK_PRESENT", RT386_CHECK_NOT_REACHED}};
    cr_assert_eq(e.count, sizeof want / sizeof *want);
    for (unsigned i = 0; i < e.count; i++) {
        cr_expect_str_eq(rt386_rule(e.checks[i].rule).name, want[i].rule);
        cr_expect_eq(e.checks[i].state, want[i].state, "%s", want[i].rule);
        cr_expect_eq(e.checks[i].passed, want[i].state == RT386_CHECK_PASSED);
        if (!strcmp(want[i].rule, "SEGM_STACK_TYPE")) cr_expect_eq(e.checks[i].rule, e.fault.rule);
    }
    cr_assert_eq(rt386_seg_get(m, RT386_SS).selector, 0x10, "asking changes nothing");
    rt386_destroy(m);
}

/* Outside the table there is no descriptor: what would be asked of any is named, without values. */
Test(views, explain_load_outside_the_table)
{
    rt386 *m = MACHINE(NULL, 0xf4);
    rt386_explanation e;
    cr_assert_eq(rt386_explain_load(m, RT386_ES, 0x7ff8, &e), RT386_OK);
    cr_assert_eq(e.count, 6);
    cr_expect_str_eq(rt386_rule(e.checks[0].rule).name, "SEGM_TABLE_GDT");
    cr_expect_eq(e.checks[0].state, RT386_CHECK_FAILED);
    for (unsigned i = 1; i < e.count; i++) {
        cr_expect_eq(e.checks[i].state, RT386_CHECK_NOT_REACHED);
        cr_expect(e.checks[i].have == 0 && e.checks[i].want == 0);
    }
    cr_expect_str_eq(rt386_rule(e.checks[5].rule).name, "SEGM_DATA_PRESENT");
    cr_assert_eq(rt386_explain_load(m, RT386_SS, 0, &e), RT386_OK);
    cr_expect_str_eq(rt386_rule(e.checks[0].rule).name, "SEGM_NULL_STACK");
    cr_expect_eq(e.checks[0].state, RT386_CHECK_FAILED);
    cr_expect_eq(e.count, 7);
    cr_assert_eq(rt386_explain_load(m, RT386_ES, 0, &e), RT386_OK);
    cr_expect_eq(e.count, 0, "null is loaded without a look");
    rt386_destroy(m);
}

Test(views, explain_access_names_the_limit)
{
    rt386 *m = MACHINE(NULL, 0xf4);
    rt386_seg small = {.selector = 0x18,
                       .usable = true,
                       .base = 0x5000,
                       .limit = 0xfff,
                       .hi = 0xfff,
                       .access = 0x93,
                       .flags = 4};
    rt386_seg_poke(m, RT386_FS, &small);
    rt386_explanation e;
    cr_assert_eq(rt386_explain_access(m, RT386_FS, 0xffc, 4, RT386_READ, &e), RT386_OK);
    cr_assert(!e.fault.raised);
    cr_assert_eq(rt386_explain_access(m, RT386_FS, 0xffd, 4, RT386_READ, &e), RT386_OK);
    cr_assert(e.fault.raised);
    cr_assert_eq(e.fault.vector, 13);
    cr_assert_eq(e.fault.error, 0);
    rt386_destroy(m);
}

Test(views, every_rule_has_name_section_sentence)
{
    cr_assert_gt(rt386_rule_count(), 20);
    for (unsigned i = 1; i < rt386_rule_count(); i++) {
        rt386_rule_info r = rt386_rule(i);
        cr_assert(strlen(r.name) && strlen(r.section) && strlen(r.sentence) > 10, "rule %u", i);
    }
}
