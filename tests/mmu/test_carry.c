/* A log that carries on tells what would have followed the first failure. Whoever decides does not see
 * the log: over the whole lattice the answer is the same with no log, a plain one, and one that carries
 * on; and what a plain log tells is how the longer one begins. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

struct logs {
    struct check_log plain, carry;
};

static struct logs logs_new(void)
{
    return (struct logs){.carry = {.carry_on = true}};
}

static bool same_check(const struct check *a, const struct check *b)
{
    return a->rule == b->rule && a->passed == b->passed && a->state == b->state &&
           a->have == b->have && a->want == b->want && a->where == b->where;
}

/* The plain log ends with the failure; the other one goes on, with what was not reached. */
static bool logs_agree(const struct logs *l, fault_t f)
{
    const struct check_log *p = &l->plain, *c = &l->carry;
    if (p->count > c->count || c->count == CHECK_LOG_MAX) return false;
    for (unsigned i = 0; i < p->count; i++) {
        bool failed = is_fault(f) && i + 1 == p->count;
        if (!same_check(&p->at[i], &c->at[i]) || p->at[i].passed == failed) return false;
        if (p->at[i].state != (failed ? CHECK_FAILED : CHECK_PASSED)) return false;
        if (failed && p->at[i].rule != f.rule) return false;
    }
    for (unsigned i = p->count; i < c->count; i++)
        if (c->at[i].state != CHECK_NOT_REACHED || c->at[i].passed) return false;
    return is_fault(f) || p->count == c->count;
}

static bool same_fault(fault_t a, fault_t b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_answer(const struct seg_answer *a, const struct seg_answer *b)
{
    return same_fault(a->fault, b->fault) && a->kind == b->kind && a->write_back == b->write_back &&
           a->image.raw == b->image.raw && a->new_cpl == b->new_cpl &&
           memcmp(&a->sh, &b->sh, sizeof a->sh) == 0;
}

static bool resolve_agrees(struct seg_query q)
{
    struct logs l = logs_new();
    struct seg_answer none = segm_resolve(q, NULL), plain = segm_resolve(q, &l.plain);
    struct seg_answer carry = segm_resolve(q, &l.carry);
    return same_answer(&none, &plain) && same_answer(&none, &carry) && logs_agree(&l, none.fault);
}

/* Limits on both sides of what a TSS needs; G = 0 and 1. */
static const uint32_t fields[] = {0, 0x2a, 0x2b, 0x66, 0x67, 0xfffff};

Test(carry, every_descriptor_selector_and_purpose)
{
    uint64_t cells = 0, bad = 0;
    for (unsigned purpose = 0; purpose < SEG_PURPOSE_COUNT; purpose++)
        for (unsigned access = 0; access < 256; access++)
            for (unsigned level = 0; level < 32; level++)
                for (unsigned n = 0; n < 12; n++, cells++) {
                    uint8_t flags = n & 1 ? FLG_G : 0;
                    desc_t d = image(0x9abcde10, fields[n / 2], (uint8_t)access, flags);
                    uint16_t sel = (uint16_t)(0x1238 | level >> 2);
                    struct seg_query q = {d, sel, level & 3, (uint8_t)purpose};
                    if (!resolve_agrees(q) && bad++ < 10)
                        cr_log_error("%s: access %02x, selector %x, CPL %u",
                                     segm_purpose_text((enum seg_purpose)purpose), access, sel,
                                     level & 3);
                }
    fprintf(stderr, "# carry on: %llu cells, %llu differ\n", (unsigned long long)cells,
            (unsigned long long)bad);
    cr_assert_eq(bad, 0);
    cr_assert_eq(cells, 23u * 256 * 32 * 12);
}

/* --- selectors --- */

static bool locate_agrees(const struct dtable *gdtr, const struct seg *ldtr, uint16_t sel,
                          enum seg_purpose purpose)
{
    struct logs l = logs_new();
    lin_t where[3] = {{1}, {1}, {1}};
    fault_t none = segm_locate(gdtr, ldtr, sel, purpose, &where[0], NULL);
    fault_t plain = segm_locate(gdtr, ldtr, sel, purpose, &where[1], &l.plain);
    fault_t carry = segm_locate(gdtr, ldtr, sel, purpose, &where[2], &l.carry);
    bool same = same_fault(none, plain) && same_fault(none, carry);
    return same && where[0].v == where[1].v && where[0].v == where[2].v && logs_agree(&l, none);
}

static bool null_agrees(uint16_t sel, uint8_t cpl, enum seg_purpose purpose)
{
    struct logs l = logs_new();
    fault_t f[3];
    bool null = segm_null(sel, cpl, purpose, &f[0], NULL);
    bool plain = segm_null(sel, cpl, purpose, &f[1], &l.plain);
    bool carry = segm_null(sel, cpl, purpose, &f[2], &l.carry);
    return null == plain && null == carry && same_fault(f[0], f[1]) && same_fault(f[0], f[2]) &&
           logs_agree(&l, f[0]);
}

Test(carry, every_selector)
{
    static const uint32_t limits[] = {0, 7, 0x1233, 0x123f, 0xffff};
    unsigned bad = 0;
    for (unsigned sel = 0; sel < 0x10000; sel += sel < 0x40 ? 1 : 0x33)
        for (unsigned p = 0; p < SEG_PURPOSE_COUNT; p++) {
            for (unsigned n = 0; n < 10; n++) {
                struct dtable gdtr = {.base = 0x1000, .limit = (uint16_t)limits[n / 2]};
                struct seg ldtr = {.sel = 0x28, .sh = shadow_null()};
                if (n & 1)
                    ldtr.sh = (struct shadow){.base = 8, .limit = limits[4 - n / 2], .usable = 1};
                bad += !locate_agrees(&gdtr, &ldtr, (uint16_t)sel, (enum seg_purpose)p);
            }
            for (uint8_t cpl = 0; cpl < 4; cpl++)
                bad += !null_agrees((uint16_t)sel, cpl, (enum seg_purpose)p);
        }
    cr_assert_eq(bad, 0, "%u differ", bad);
}

/* --- the IDT --- */

static bool gate_agrees(uint8_t access, uint8_t vector, bool software, uint8_t cpl)
{
    struct logs l = logs_new();
    struct gate g[3] = {{0}};
    desc_t d = image(0x123400, 0x5678, access, 0);
    fault_t none = segm_idt_gate(d, vector, software, cpl, &g[0], NULL);
    fault_t plain = segm_idt_gate(d, vector, software, cpl, &g[1], &l.plain);
    fault_t carry = segm_idt_gate(d, vector, software, cpl, &g[2], &l.carry);
    bool same = same_fault(none, plain) && same_fault(none, carry);
    return same && !memcmp(&g[0], &g[1], sizeof g[0]) && !memcmp(&g[0], &g[2], sizeof g[0]) &&
           logs_agree(&l, none);
}

Test(carry, every_gate)
{
    unsigned bad = 0;
    for (unsigned access = 0; access < 256; access++)
        for (unsigned vector = 0; vector < 256; vector++)
            for (unsigned n = 0; n < 8; n++)
                bad += !gate_agrees((uint8_t)access, (uint8_t)vector, n & 4, n & 3);
    for (unsigned limit = 0; limit < 0x900; limit++)
        for (unsigned vector = 0; vector < 256; vector += 5) {
            struct dtable idtr = {.base = 0x400, .limit = (uint16_t)limit};
            struct logs l = logs_new();
            lin_t where = {0};
            fault_t none = segm_idt_locate(&idtr, (uint8_t)vector, &where, NULL);
            fault_t plain = segm_idt_locate(&idtr, (uint8_t)vector, &where, &l.plain);
            fault_t carry = segm_idt_locate(&idtr, (uint8_t)vector, &where, &l.carry);
            bad += !same_fault(none, plain) || !same_fault(none, carry) || !logs_agree(&l, none);
        }
    cr_assert_eq(bad, 0, "%u differ", bad);
}

/* --- accesses and pages --- */

Test(carry, every_access)
{
    static const uint32_t offsets[] = {0,      0xffc,  0xffd,   0xfff,     0x1000,
                                       0xfffd, 0xffff, 0x10000, 0xffffffff};
    unsigned bad = 0;
    for (unsigned access = 0; access < 256; access++)
        for (unsigned n = 0; n < 9 * 4 * 6; n++) {
            uint8_t flags = (uint8_t)(n % 4 << 2);
            struct seg seg = {.sel = 8, .sh = shadow_of(image(0, 0xfff, (uint8_t)access, flags))};
            if (access == 0) seg.sh = shadow_null();
            eff_t off = eff(offsets[n / 4 % 9]);
            enum access how = (enum access)(n / 36 % 3);
            unsigned size = n / 108 ? 4 : 1;
            struct logs l = logs_new();
            fault_t none = segm_check_access(&seg, true, off, size, how, NULL);
            fault_t plain = segm_check_access(&seg, true, off, size, how, &l.plain);
            fault_t carry = segm_check_access(&seg, true, off, size, how, &l.carry);
            bad += !same_fault(none, plain) || !same_fault(none, carry) || !logs_agree(&l, none);
        }
    cr_assert_eq(bad, 0, "%u differ", bad);
}

/* `n`: three bits of the PDE, three of the PTE, write, user, WP. */
static bool walk_agrees(struct bus *bus, unsigned n)
{
    struct page_env env = {.bus = bus, .cr3 = 0x1000, .paging = true, .wp = n >> 8 & 1};
    enum access how = n >> 6 & 1 ? ACCESS_WRITE : ACCESS_READ;
    bool user = n >> 7 & 1;
    struct logs l = logs_new();
    struct page_walk w[3];
    phys_t out;
    fault_t f[4];
    bus_write(bus, phys(0x1004), 4, 0x2000 | (n & 7));
    bus_write(bus, phys(0x2008), 4, 0x5000 | (n >> 3 & 7));
    f[0] = page_probe(&env, lin(0x402abc), how, user, &w[0]);
    f[1] = page_probe_checked(&env, lin(0x402abc), how, user, &w[1], &l.plain);
    f[2] = page_probe_checked(&env, lin(0x402abc), how, user, &w[2], &l.carry);
    f[3] = page_translate(&env, lin(0x402abc), how, user, &out);
    for (unsigned i = 1; i < 4; i++)
        if (!same_fault(f[0], f[i])) return false;
    return !memcmp(&w[0], &w[1], sizeof w[0]) && !memcmp(&w[0], &w[2], sizeof w[0]) &&
           logs_agree(&l, f[0]);
}

Test(carry, every_page_walk)
{
    struct bus *bus = bus_new();
    unsigned bad = 0;
    cr_assert_eq(bus_map_ram(bus, phys(0), 0x10000, "ram"), ST_OK);
    for (unsigned n = 0; n < 512; n++)
        bad += !walk_agrees(bus, n);
    cr_assert_eq(bad, 0, "%u differ", bad);
    bus_free(bus);
}

/* --- exact sequences --- */

struct want {
    enum rule rule;
    enum check_state state;
    uint32_t have, want, where;
};

static void expect_checks(const char *what, const struct check_log *log, const struct want *want)
{
    unsigned n = 0;
    for (; want[n].rule != RULE_NONE; n++) {
        cr_assert_lt(n, log->count, "%s: %s is missing", what, rule_name(want[n].rule));
        const struct check *got = &log->at[n];
        cr_expect_str_eq(rule_name(got->rule), rule_name(want[n].rule), "%s %u", what, n);
        cr_expect_eq(got->state, want[n].state, "%s %u: %u", what, n, got->state);
        cr_expect(got->have == want[n].have && got->want == want[n].want &&
                      got->where == want[n].where,
                  "%s %u: %x %x %x", what, n, got->have, got->want, got->where);
    }
    cr_expect_eq(log->count, n, "%s: %u checks", what, log->count);
}

#define R(rule)   RULE_SEGM_##rule
#define P(rule)   RULE_PAGE_##rule
#define PASSED    CHECK_PASSED
#define FAILED    CHECK_FAILED
#define UNREACHED CHECK_NOT_REACHED

static void expect_resolve(const char *what, enum seg_purpose purpose, uint16_t sel, uint8_t cpl,
                           desc_t d, const struct want *want)
{
    struct check_log log = {.carry_on = true};
    (void)segm_resolve((struct seg_query){d, sel, cpl, (uint8_t)purpose}, &log);
    expect_checks(what, &log, want);
}

Test(carry, what_follows_a_refused_descriptor)
{
    static const struct want data[] = {
        {R(DATA_TYPE), PASSED, 0x12, 0x10, 0}, {R(DATA_READABLE), PASSED, 0x12, 0x12, 0},
        {R(DATA_DPL_CPL), FAILED, 0, 3, 0},    {R(DATA_DPL_RPL), UNREACHED, 0, 3, 0},
        {R(DATA_PRESENT), UNREACHED, 1, 1, 0}, {0}};
    expect_resolve("kernel data at CPL 3", SEG_DATA, 0x1b, 3, image(0, 0xff, 0x92, 0), data);
    static const struct want target[] = {{R(TARGET_TYPE), FAILED, 0x12, 0x18, 0}, {0}};
    expect_resolve("JMP to data", SEG_JMP, 0x18, 0, image(0, 0xff, 0x92, 0), target);
    static const struct want gate[] = {{R(TARGET_TYPE), PASSED, 0x0c, 0x18, 0},
                                       {R(CALL_GATE_DPL_CPL), FAILED, 0, 3, 0},
                                       {R(CALL_GATE_DPL_RPL), UNREACHED, 0, 0, 0},
                                       {R(CALL_GATE_PRESENT), UNREACHED, 1, 1, 0},
                                       {0}};
    expect_resolve("closed gate", SEG_CALL, 0x18, 3, desc_make_gate(SYS_CALL32, 8, 0, 0, 0), gate);
    static const struct want ltr[] = {{R(TSS_TYPE), FAILED, 0x12, 9, 0},
                                      {R(TSS_AVAILABLE), UNREACHED, 0x12, 9, 0},
                                      {R(TSS_PRESENT), UNREACHED, 1, 1, 0},
                                      {R(TSS_LIMIT32), UNREACHED, 0xff, 0x67, 0},
                                      {0}};
    expect_resolve("task gate to data", SEG_TASK_GATE, 0x18, 0, image(0, 0xff, 0x92, 0), ltr);
}

Test(carry, what_follows_an_absent_directory_entry)
{
    struct bus *bus = bus_new();
    cr_assert_eq(bus_map_ram(bus, phys(0), 0x10000, "ram"), ST_OK);
    bus_write(bus, phys(0x1004), 4, 0x2006);
    struct page_env env = {.bus = bus, .cr3 = 0x1000, .paging = true};
    struct check_log log = {.carry_on = true};
    fault_t f = page_probe_checked(&env, lin(0x402abc), ACCESS_WRITE, true, NULL, &log);
    cr_expect_eq(f.rule, P(PDE_PRESENT));
    static const struct want absent[] = {{P(PDE_PRESENT), FAILED, 0x2006, 1, 0x1004},
                                         {P(PTE_PRESENT), UNREACHED, 0, 1, 0},
                                         {P(PDE_USER), UNREACHED, 0x2006, 4, 0x1004},
                                         {P(PTE_USER), UNREACHED, 0, 4, 0},
                                         {P(PDE_WRITE), UNREACHED, 0x2006, 2, 0x1004},
                                         {P(PTE_WRITE), UNREACHED, 0, 2, 0},
                                         {0}};
    expect_checks("absent", &log, absent);
    bus_write(bus, phys(0x1004), 4, 0x2007);
    bus_write(bus, phys(0x2008), 4, 0x5005);
    log = (struct check_log){.carry_on = true};
    f = page_probe_checked(&env, lin(0x402abc), ACCESS_WRITE, true, NULL, &log);
    static const struct want locked[] = {{P(PDE_PRESENT), PASSED, 0x2007, 1, 0x1004},
                                         {P(PTE_PRESENT), PASSED, 0x5005, 1, 0x2008},
                                         {P(PDE_USER), PASSED, 0x2007, 4, 0x1004},
                                         {P(PTE_USER), PASSED, 0x5005, 4, 0x2008},
                                         {P(PDE_WRITE), PASSED, 0x2007, 2, 0x1004},
                                         {P(PTE_WRITE), FAILED, 0x5005, 2, 0x2008},
                                         {0}};
    expect_checks("read-only", &log, locked);
    bus_free(bus);
}
