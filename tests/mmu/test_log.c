/* What a student is shown: the checks in order with the values compared, what a refusal looked at,
 * what a walk saw. And what follows from the purpose alone. */
#include <criterion/criterion.h>

#include "rows.h"

/* --- the checks of one load, in order --- */

struct step {
    enum rule rule;
    uint32_t have, want;
};

struct story {
    const char *what;
    enum seg_purpose purpose;
    uint8_t cpl;
    uint16_t sel;
    uint8_t access;
    uint32_t limit;
    struct step steps[10]; /* up to the first RULE_NONE */
};

#define R(rule) RULE_SEGM_##rule

static const struct story stories[] = {
    {"data segment",
     SEG_DATA,
     2,
     0x11,
     0xf3,
     0,
     {{R(DATA_TYPE), 0x13, 0x10},
      {R(DATA_READABLE), 0x13, 0x12},
      {R(DATA_DPL_CPL), 3, 2},
      {R(DATA_DPL_RPL), 3, 1},
      {R(DATA_PRESENT), 1, 1}}},
    {"conforming code as data",
     SEG_DATA,
     3,
     0x13,
     0x1e,
     0,
     {{R(DATA_TYPE), 0x1e, 0x10}, {R(DATA_READABLE), 0x1e, 0x12}, {R(DATA_PRESENT), 0, 1}}},
    {"data of a task",
     SEG_TASK_DATA,
     1,
     0x12,
     0xf2,
     0,
     {{R(DATA_TYPE), 0x12, 0x10},
      {R(DATA_READABLE), 0x12, 0x12},
      {R(DATA_PRESENT), 1, 1},
      {R(DATA_DPL_CPL), 3, 1},
      {R(DATA_DPL_RPL), 3, 2}}},
    {"stack",
     SEG_STACK,
     1,
     0x11,
     0x32,
     0,
     {{R(STACK_RPL), 1, 1},
      {R(STACK_TYPE), 0x12, 0x10},
      {R(STACK_WRITABLE), 0x12, 0x12},
      {R(STACK_DPL), 1, 1},
      {R(STACK_PRESENT), 0, 1}}},
    {"stack with a wrong DPL",
     SEG_RET_SS,
     2,
     0x12,
     0x92,
     0,
     {{R(STACK_RPL), 2, 2},
      {R(STACK_TYPE), 0x12, 0x10},
      {R(STACK_WRITABLE), 0x12, 0x12},
      {R(STACK_DPL), 0, 2}}},
    {"stack with a wrong RPL", SEG_STACK, 2, 0x11, 0x92, 0, {{R(STACK_RPL), 1, 2}}},
    {"inner stack",
     SEG_INNER_SS,
     1,
     0x11,
     0xb2,
     0,
     {{R(STACK_RPL), 1, 1},
      {R(STACK_DPL), 1, 1},
      {R(STACK_TYPE), 0x12, 0x10},
      {R(STACK_WRITABLE), 0x12, 0x12},
      {R(STACK_PRESENT), 1, 1}}},
    {"stack of a task",
     SEG_TASK_SS,
     3,
     0x13,
     0xf2,
     0,
     {{R(STACK_TYPE), 0x12, 0x10},
      {R(STACK_WRITABLE), 0x12, 0x12},
      {R(STACK_PRESENT), 1, 1},
      {R(STACK_DPL), 3, 3},
      {R(STACK_RPL), 3, 3}}},
    {"JMP to code",
     SEG_JMP,
     2,
     0x11,
     0xda,
     0,
     {{R(TARGET_TYPE), 0x1a, 0x18},
      {R(CODE_RPL), 1, 2},
      {R(CODE_DPL), 2, 2},
      {R(CODE_PRESENT), 1, 1}}},
    {"JMP to conforming code",
     SEG_JMP,
     3,
     0x10,
     0xbc,
     0,
     {{R(TARGET_TYPE), 0x1c, 0x18}, {R(CODE_CONFORM_DPL), 1, 3}, {R(CODE_PRESENT), 1, 1}}},
    {"CALL to a gate",
     SEG_CALL,
     1,
     0x12,
     0xec,
     0,
     {{R(TARGET_TYPE), 0x0c, 0x18},
      {R(CALL_GATE_DPL_CPL), 3, 1},
      {R(CALL_GATE_DPL_RPL), 3, 2},
      {R(CALL_GATE_PRESENT), 1, 1}}},
    {"CALL to a task gate",
     SEG_CALL,
     1,
     0x12,
     0x65,
     0,
     {{R(TARGET_TYPE), 0x05, 0x18},
      {R(TASK_GATE_DPL_CPL), 3, 1},
      {R(TASK_GATE_DPL_RPL), 3, 2},
      {R(TASK_GATE_PRESENT), 0, 1}}},
    {"JMP to a TSS",
     SEG_JMP,
     1,
     0x12,
     0xe9,
     0x70,
     {{R(TARGET_TYPE), 0x09, 0x18},
      {R(GDT_ONLY), 0, 0},
      {R(TSS_DPL_CPL), 3, 1},
      {R(TSS_DPL_RPL), 3, 2},
      {R(TSS_AVAILABLE), 0x09, 0x09},
      {R(TSS_PRESENT), 1, 1},
      {R(TSS_LIMIT32), 0x70, 0x67}}},
    {"JMP to a TSS in the LDT",
     SEG_JMP,
     0,
     0x14,
     0x89,
     0x70,
     {{R(TARGET_TYPE), 0x09, 0x18}, {R(GDT_ONLY), 1, 0}}},
    {"back link",
     SEG_TASK_IRET,
     0,
     0x10,
     0x83,
     0x2a,
     {{R(TSS_TYPE), 0x03, 0x09},
      {R(TSS_BUSY), 0x03, 0x0b},
      {R(TSS_PRESENT), 1, 1},
      {R(TSS_LIMIT16), 0x2a, 0x2b}}},
    {"LTR",
     SEG_LTR,
     0,
     0x10,
     0x8b,
     0x2a,
     {{R(TSS_TYPE), 0x0b, 0x09}, {R(TSS_AVAILABLE), 0x0b, 0x09}}},
    {"LLDT", SEG_LLDT, 0, 0x10, 0x02, 0, {{R(LDT_TYPE), 2, 2}, {R(LDT_PRESENT), 0, 1}}},
    {"CALL through a gate",
     SEG_GATE_CALL,
     2,
     0x13,
     0xba,
     0,
     {{R(GATE_CODE), 0x1a, 0x18}, {R(GATE_CALL_DPL), 1, 2}, {R(CODE_PRESENT), 1, 1}}},
    {"JMP through a gate",
     SEG_GATE_JMP,
     2,
     0x13,
     0xda,
     0,
     {{R(GATE_CODE), 0x1a, 0x18}, {R(GATE_JMP_DPL), 2, 2}, {R(CODE_PRESENT), 1, 1}}},
    {"JMP through a gate, conforming",
     SEG_GATE_JMP,
     2,
     0x13,
     0xbe,
     0,
     {{R(GATE_CODE), 0x1e, 0x18}, {R(GATE_JMP_CONFORM_DPL), 1, 2}, {R(CODE_PRESENT), 1, 1}}},
    {"interrupt",
     SEG_INT,
     2,
     0x13,
     0xba,
     0,
     {{R(GATE_CODE), 0x1a, 0x18}, {R(CODE_PRESENT), 1, 1}, {R(INT_DPL), 1, 2}}},
    {"return",
     SEG_RET,
     1,
     0x12,
     0xda,
     0,
     {{R(RET_RPL), 2, 1}, {R(RET_CODE), 0x1a, 0x18}, {R(RET_DPL), 2, 2}, {R(CODE_PRESENT), 1, 1}}},
    {"return to conforming code",
     SEG_IRET,
     1,
     0x13,
     0xde,
     0,
     {{R(RET_RPL), 3, 1},
      {R(RET_CODE), 0x1e, 0x18},
      {R(RET_CONFORM_DPL), 2, 3},
      {R(CODE_PRESENT), 1, 1}}},
    {"CS of a task",
     SEG_TASK_CS,
     2,
     0x12,
     0xda,
     0,
     {{R(TASK_CS_CODE), 0x1a, 0x18}, {R(CODE_PRESENT), 1, 1}, {R(TASK_CS_DPL), 2, 2}}},
    {"CS of a task, conforming",
     SEG_TASK_CS,
     2,
     0x12,
     0xbe,
     0,
     {{R(TASK_CS_CODE), 0x1e, 0x18}, {R(CODE_PRESENT), 1, 1}, {R(TASK_CS_CONFORM_DPL), 1, 2}}},
    {"LAR",
     SEG_LAR,
     1,
     0x12,
     0x6c,
     0,
     {{R(LAR_TYPE), 0x0c, 0xdafe}, {R(ASK_DPL_CPL), 3, 1}, {R(ASK_DPL_RPL), 3, 2}}},
    {"LSL", SEG_LSL, 3, 0x12, 0x82, 0, {{R(LSL_TYPE), 0x02, 0x0a0e}, {R(ASK_DPL_CPL), 0, 3}}},
    {"VERR",
     SEG_VERR,
     3,
     0x12,
     0x9e,
     0,
     {{R(VER_TYPE), 0x1e, 0x10}, {R(VERR_READABLE), 0x1e, 0x12}}},
    {"VERW",
     SEG_VERW,
     1,
     0x13,
     0xd2,
     0,
     {{R(VER_TYPE), 0x12, 0x10},
      {R(VERW_WRITABLE), 0x12, 0x12},
      {R(ASK_DPL_CPL), 2, 1},
      {R(ASK_DPL_RPL), 2, 3}}},
};

static void expect_steps(const char *what, const struct check_log *log, const struct step *steps)
{
    unsigned n = 0;
    for (; steps[n].rule != RULE_NONE; n++) {
        cr_assert_lt(n, log->count, "%s: %s is missing", what, rule_name(steps[n].rule));
        const struct check *got = &log->at[n];
        cr_expect_eq(got->rule, steps[n].rule, "%s: step %u is %s", what, n, rule_name(got->rule));
        cr_expect(got->have == steps[n].have && got->want == steps[n].want,
                  "%s: %s compares %x with %x", what, rule_name(got->rule), got->have, got->want);
    }
    cr_expect_eq(log->count, n, "%s", what);
}

Test(log, checks_in_order_with_values)
{
    for (unsigned i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        const struct story *s = &stories[i];
        struct check_log log = {0};
        struct seg_answer a = segm_resolve((struct seg_query){image(0, s->limit, s->access, 0),
                                                              s->sel, s->cpl, (uint8_t)s->purpose},
                                           &log);
        expect_steps(s->what, &log, s->steps);
        if (is_fault(a.fault)) cr_expect_eq(a.fault.detail, log.at[log.count - 1].have);
        cr_expect(is_fault(a.fault) == !log.at[log.count - 1].passed, "%s", s->what);
    }
}

Test(log, a_full_log_is_not_overrun)
{
    struct check_log log = {.count = CHECK_LOG_MAX};
    struct seg_query q = {image(0, 0, 0x92, 0), 0x10, 0, SEG_DATA};
    cr_expect(!is_fault(segm_resolve(q, &log).fault));
    cr_expect_eq(log.count, CHECK_LOG_MAX);
    cr_expect_eq(log.at[CHECK_LOG_MAX - 1].rule, RULE_NONE);
}

/* --- selectors: what follows from the purpose alone --- */

static bool is_in(enum seg_purpose p, const enum seg_purpose *set, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (set[i] == p) return true;
    return false;
}
#define IN(p, ...)                                                                                 \
    is_in(p, (const enum seg_purpose[]){__VA_ARGS__},                                              \
          sizeof((const enum seg_purpose[]){__VA_ARGS__}) / sizeof(enum seg_purpose))

static bool only_gdt(enum seg_purpose p)
{
    return IN(p, SEG_LLDT, SEG_LTR, SEG_TASK_GATE, SEG_TASK_IRET, SEG_TASK_LDT);
}
static bool takes_null(enum seg_purpose p)
{
    return IN(p, SEG_DATA, SEG_TASK_DATA, SEG_LLDT, SEG_TASK_LDT);
}
static bool invalid_tss(enum seg_purpose p)
{
    return IN(p, SEG_INNER_SS, SEG_TASK_IRET, SEG_TASK_LDT, SEG_TASK_CS, SEG_TASK_SS,
              SEG_TASK_DATA);
}
static bool asks(enum seg_purpose p)
{
    return IN(p, SEG_LAR, SEG_LSL, SEG_VERR, SEG_VERW);
}

static void expect_outside(enum seg_purpose p, fault_t f, enum rule rule, uint32_t error)
{
    cr_expect_eq(f.rule, rule, "%s: %s", segm_purpose_text(p), rule_name(f.rule));
    if (asks(p)) return;
    cr_expect_eq(f.vector, invalid_tss(p) ? VEC_TS : VEC_GP, "%s", segm_purpose_text(p));
    cr_expect_eq(f.error, error, "%s", segm_purpose_text(p));
}

Test(log, tables_for_every_purpose)
{
    struct dtable gdtr = {.base = 0x1000, .limit = 0x1f};
    struct seg ldtr = {.sel = 0x28, .sh = {.base = 0x8000, .limit = 0x17, .usable = 1}};
    struct seg no_ldt = {.sel = 0, .sh = shadow_null()};
    for (unsigned n = 0; n < SEG_PURPOSE_COUNT; n++) {
        enum seg_purpose p = (enum seg_purpose)n;
        lin_t at;
        cr_expect(!is_fault(segm_locate(&gdtr, &ldtr, 0x1b, p, &at, NULL)) && at.v == 0x1018);
        fault_t f = segm_locate(&gdtr, &ldtr, 0x23, p, &at, NULL);
        expect_outside(p, f, RULE_SEGM_TABLE_GDT, 0x20);
        cr_expect_eq(f.detail, 0x1f);
        bool local = !only_gdt(p);
        f = segm_locate(&gdtr, &ldtr, 0x17, p, &at, NULL);
        if (local) cr_expect(!is_fault(f) && at.v == 0x8010, "%s", segm_purpose_text(p));
        if (!local) expect_outside(p, f, RULE_SEGM_GDT_ONLY, 0x14);
        f = segm_locate(&gdtr, &ldtr, 0x1f, p, &at, NULL);
        expect_outside(p, f, local ? RULE_SEGM_TABLE_LDT : RULE_SEGM_GDT_ONLY, 0x1c);
        f = segm_locate(&gdtr, &no_ldt, 0x07, p, &at, NULL);
        expect_outside(p, f, local ? RULE_SEGM_LDT_NONE : RULE_SEGM_GDT_ONLY, 4);
    }
}

Test(log, null_for_every_purpose)
{
    for (unsigned n = 0; n < SEG_PURPOSE_COUNT; n++)
        for (uint16_t sel = 0; sel < 9; sel++) {
            enum seg_purpose p = (enum seg_purpose)n;
            struct check_log log = {0};
            fault_t f;
            bool null = segm_null(sel, 0, p, &f, &log);
            cr_expect_eq(null, sel < 4, "%s %x", segm_purpose_text(p), sel);
            cr_expect_eq(is_fault(f), null && !takes_null(p), "%s %x", segm_purpose_text(p), sel);
            if (is_fault(f) && !asks(p))
                cr_expect(f.error == 0 && f.vector == (invalid_tss(p) ? VEC_TS : VEC_GP));
            /* Where null is refused, the check is told either way. */
            if (takes_null(p)) cr_expect_eq(log.count, 0);
            if (!takes_null(p)) cr_expect_eq(log.at[log.count - 1].passed, !null);
        }
}

Test(log, locating_is_told)
{
    struct dtable gdtr = {.base = 0x1000, .limit = 0x1f};
    struct seg ldtr = {.sel = 0x28, .sh = {.base = 0x8000, .limit = 0x17, .usable = 1}};
    struct check_log log = {0};
    lin_t at;
    cr_expect(!is_fault(segm_locate(&gdtr, &ldtr, 0x14, SEG_DATA, &at, &log)));
    static const struct step local[] = {{R(LDT_NONE), 1, 1}, {R(TABLE_LDT), 0x17, 0x17}, {0}};
    expect_steps("LDT", &log, local);
    log.count = 0;
    cr_expect(!is_fault(segm_locate(&gdtr, &ldtr, 0x10, SEG_LTR, &at, &log)));
    static const struct step global[] = {{R(GDT_ONLY), 0, 0}, {R(TABLE_GDT), 0x17, 0x1f}, {0}};
    expect_steps("LTR", &log, global);
    log.count = 0;
    cr_expect(is_fault(segm_locate(&gdtr, &ldtr, 0x14, SEG_LTR, &at, &log)));
    static const struct step wrong[] = {{R(GDT_ONLY), 1, 0}, {0}};
    expect_steps("LTR of the LDT", &log, wrong);
}

Test(log, return_with_null)
{
    struct check_log log = {0};
    fault_t f;
    cr_expect(segm_null(3, 1, SEG_RET, &f, &log));
    static const struct step steps[] = {{R(RET_RPL), 3, 1}, {R(NULL), 3, 0}, {0}};
    expect_steps("RET", &log, steps);
}

Test(log, idt)
{
    struct dtable idtr = {.base = 0, .limit = 0x7ff};
    struct check_log log = {0};
    struct gate g;
    lin_t at;
    cr_expect(!is_fault(segm_idt_locate(&idtr, 3, &at, &log)));
    cr_expect(
        !is_fault(segm_idt_gate(desc_make_gate(SYS_INT32, 8, 0, 3, 0), 3, true, 2, &g, &log)));
    static const struct step steps[] = {{R(IDT_LIMIT), 0x1f, 0x7ff},
                                        {R(IDT_TYPE), 0x0e, 0x0e},
                                        {R(IDT_DPL), 3, 2},
                                        {R(IDT_PRESENT), 1, 1},
                                        {0}};
    expect_steps("INT 3", &log, steps);
    fault_t f = segm_idt_gate(image(0, 0, 0x9e, 0), 3, true, 2, &g, NULL);
    cr_expect_eq(f.detail, 0x1e);
}

/* --- accesses --- */

static void expect_use(desc_t d, uint32_t off, enum access how, const struct step *steps)
{
    struct seg seg = {.sel = 8, .sh = shadow_of(d)};
    struct check_log log = {0};
    fault_t f = segm_check_access(&seg, false, eff(off), 4, how, &log);
    cr_expect(is_fault(f) == !log.at[log.count - 1].passed);
    expect_steps("access", &log, steps);
}

Test(log, accesses)
{
    static const struct step read_data[] = {
        {R(USE_NULL), 1, 1}, {R(LIMIT_UP), 0x103, 0xfff}, {R(LIMIT_WRAP), 0x103, 0xfff}, {0}};
    expect_use(image(0, 0xfff, 0x92, 0), 0x100, ACCESS_READ, read_data);
    static const struct step write_data[] = {{R(USE_NULL), 1, 1},
                                             {R(WRITE_CODE), 0x92, 0x12},
                                             {R(WRITE_READ_ONLY), 0x92, 0x12},
                                             {R(LIMIT_UP), 0x1000, 0xfff},
                                             {0}};
    expect_use(image(0, 0xfff, 0x92, 0), 0xffd, ACCESS_WRITE, write_data);
    static const struct step read_code[] = {
        {R(USE_NULL), 1, 1}, {R(READ_EXECUTE_ONLY), 0x98, 0x12}, {0}};
    expect_use(image(0, 0xfff, 0x98, 0), 0, ACCESS_READ, read_code);
    static const struct step down[] = {{R(USE_NULL), 1, 1},
                                       {R(LIMIT_DOWN_LOW), 0x1000, 0xfff},
                                       {R(LIMIT_DOWN_HIGH), 0x1003, 0xffff},
                                       {0}};
    expect_use(image(0, 0xfff, 0x96, 0), 0x1000, ACCESS_READ, down);
}

/* --- pages --- */

Test(log, walks_show_what_they_saw)
{
    for (unsigned i = 0; i < page_count; i++) {
        const struct page_row *r = &page_rows[i];
        struct bus *bus = bus_new();
        cr_assert_eq(bus_map_ram(bus, phys(0), 0x10000, "ram"), ST_OK);
        uint32_t pde = 0x2000 | r->pde, pte = 0x5000 | r->pte;
        bus_write(bus, phys(0x1004), 4, pde);
        bus_write(bus, phys(0x2008), 4, pte);
        struct page_env env = {.bus = bus, .cr3 = 0x1000, .paging = true, .wp = r->wp};
        struct page_walk w;
        fault_t f = page_probe(&env, lin(0x402abc), r->how, r->user, &w);
        bool pde_present = r->pde & 1, both = pde_present && (r->pte & 1);
        cr_expect(w.paging && w.pde_at.v == 0x1004 && w.pde == pde, "%s", r->what);
        cr_expect(w.pte_read == pde_present, "%s", r->what);
        cr_expect(!pde_present || (w.pte_at.v == 0x2008 && w.pte == pte), "%s", r->what);
        cr_expect_eq(w.user, both && (r->pde & 4) && (r->pte & 4), "%s", r->what);
        cr_expect_eq(w.writable, both && (r->pde & 2) && (r->pte & 2), "%s", r->what);
        cr_expect_eq(w.phys.v, both ? 0x5abcu : 0, "%s", r->what);
        bool table = is_fault(f) && strstr(rule_name(f.rule), "PTE");
        if (is_fault(f)) cr_expect_eq(f.detail, table ? pte : pde, "%s", r->what);
        bus_free(bus);
    }
    struct page_env flat = {.paging = false};
    struct page_walk w;
    cr_expect(!is_fault(page_probe(&flat, lin(5), ACCESS_WRITE, true, &w)));
    cr_expect(w.user && w.writable && w.phys.v == 5 && !w.paging && !w.pte_read);
}

/* --- words --- */

Test(log, every_purpose_has_words)
{
    for (unsigned n = 0; n < SEG_PURPOSE_COUNT; n++) {
        const char *text = segm_purpose_text((enum seg_purpose)n);
        cr_expect_gt(strlen(text), 6, "purpose %u", n);
        for (unsigned m = 0; m < n; m++)
            cr_expect_str_neq(text, segm_purpose_text((enum seg_purpose)m));
    }
    /* Out of range answers for the plainest purpose. */
    cr_expect_str_eq(segm_purpose_text(SEG_PURPOSE_COUNT), segm_purpose_text(SEG_DATA));
}
