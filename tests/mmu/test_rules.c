/* Every row of rows.c, and that no rule is without a row. */
#include <criterion/criterion.h>

#include "rows.h"

static void expect_fault(const char *what, fault_t got, struct expect want)
{
    cr_expect_eq(got.rule, want.rule, "%s: rule %s, want %s", what, rule_name(got.rule),
                 rule_name(want.rule));
    if (want.vector == ANY_VECTOR) return;
    cr_expect_eq(got.vector, want.vector, "%s: vector %u, want %u", what, got.vector, want.vector);
    cr_expect_eq(got.error, want.error, "%s: error %x, want %x", what, got.error, want.error);
}

/* The log holds passed checks and then, at most, the one that refused; it decides nothing. */
static void expect_log(const char *what, const struct check_log *log, fault_t got)
{
    cr_expect_lt(log->count, CHECK_LOG_MAX, "%s", what);
    for (unsigned i = 0; i < log->count; i++) {
        bool last = i + 1 == log->count;
        cr_expect_eq(log->at[i].passed, !(last && is_fault(got)), "%s: check %u", what, i);
        cr_expect_neq(log->at[i].rule, RULE_NONE, "%s: check %u", what, i);
    }
    if (is_fault(got)) {
        cr_assert_gt(log->count, 0, "%s", what);
        cr_expect_eq(log->at[log->count - 1].rule, got.rule, "%s", what);
    }
}

static void expect_same(const char *what, fault_t with_log, fault_t without)
{
    cr_expect(memcmp(&with_log, &without, sizeof without) == 0, "%s: the log changes the result",
              what);
}

Test(rules, locate)
{
    for (unsigned i = 0; i < locate_count; i++) {
        const struct locate_row *r = &locate_rows[i];
        struct dtable gdtr = {.base = 0x1000, .limit = r->gdt_limit};
        struct seg ldtr = {.sel = 0x28, .sh = shadow_null()};
        if (r->ldt_usable)
            ldtr.sh = (struct shadow){.base = 0x8000, .limit = r->ldt_limit, .usable = 1};
        lin_t where = lin(0), again = lin(0);
        struct check_log log = {0};
        fault_t f = segm_locate(&gdtr, &ldtr, r->sel, r->purpose, &where, &log);
        expect_fault(r->what, f, r->want);
        expect_log(r->what, &log, f);
        expect_same(r->what, f, segm_locate(&gdtr, &ldtr, r->sel, r->purpose, &again, NULL));
        cr_expect_eq(where.v, r->where, "%s: at %x", r->what, where.v);
        cr_expect_eq(again.v, where.v, "%s", r->what);
    }
}

Test(rules, null)
{
    for (unsigned i = 0; i < null_count; i++) {
        const struct null_row *r = &null_rows[i];
        struct check_log log = {0};
        fault_t f, again;
        cr_expect(segm_null(r->sel, r->cpl, r->purpose, &f, &log), "%s", r->what);
        expect_fault(r->what, f, r->want);
        if (is_fault(f)) expect_log(r->what, &log, f);
        cr_expect(segm_null(r->sel, r->cpl, r->purpose, &again, NULL), "%s", r->what);
        expect_same(r->what, f, again);
        /* Index 1, or TI = 1 with index 0, is not null. */
        cr_expect(!segm_null(0x08, r->cpl, r->purpose, &f, NULL) && !is_fault(f), "%s", r->what);
        cr_expect(!segm_null(0x04, r->cpl, r->purpose, &f, NULL) && !is_fault(f), "%s", r->what);
    }
}

static void expect_granted(const struct resolve_row *r, const struct seg_answer *a, desc_t d)
{
    bool segment = r->access & ACC_S, asks = r->purpose >= SEG_LAR;
    bool accessed = segment && !asks;
    uint64_t want = accessed ? d.raw | UINT64_C(1) << 40 : d.raw;
    cr_expect_eq(a->image.raw, want, "%s", r->what);
    cr_expect_eq(a->write_back, want != d.raw, "%s", r->what);
    if (a->kind == KIND_SEGMENT || a->kind == KIND_TSS || a->kind == KIND_LDT) {
        cr_expect_eq(a->sh.base, 0x12345678u, "%s", r->what);
        cr_expect_eq(a->sh.limit, r->limit, "%s", r->what);
        cr_expect_eq(a->sh.usable, 1, "%s", r->what);
        cr_expect_eq(a->sh.access, r->access | (accessed ? 1 : 0), "%s", r->what);
    }
}

Test(rules, resolve)
{
    for (unsigned i = 0; i < resolve_count; i++) {
        const struct resolve_row *r = &resolve_rows[i];
        struct seg_query q = {.desc = image(0x12345678, r->limit, r->access, 0),
                              .sel = r->sel,
                              .cpl = r->cpl,
                              .purpose = (uint8_t)r->purpose};
        struct check_log log = {0};
        struct seg_answer a = segm_resolve(q, &log);
        expect_fault(r->what, a.fault, r->want);
        expect_log(r->what, &log, a.fault);
        cr_expect_gt(log.count, 0, "%s", r->what);
        expect_same(r->what, a.fault, segm_resolve(q, NULL).fault);
        if (is_fault(a.fault)) {
            cr_expect(!a.write_back && !a.sh.usable && a.kind == KIND_NULL, "%s", r->what);
            continue;
        }
        expect_granted(r, &a, q.desc);
    }
}

Test(rules, idt)
{
    for (unsigned i = 0; i < idt_count; i++) {
        const struct idt_row *r = &idt_rows[i];
        struct dtable idtr = {.base = 0x4000, .limit = r->idt_limit};
        lin_t where = lin(0);
        struct gate g = {0};
        struct check_log log = {0};
        fault_t f = segm_idt_locate(&idtr, r->vector, &where, &log);
        if (!is_fault(f)) {
            cr_expect_eq(where.v, 0x4000u + r->vector * 8u, "%s", r->what);
            f = segm_idt_gate(image(0, 0, r->access, 0), r->vector, r->software, r->cpl, &g, &log);
        }
        expect_fault(r->what, f, r->want);
        expect_log(r->what, &log, f);
        if (!is_fault(f)) cr_expect_eq(g.type, r->access & 0xf, "%s", r->what);
    }
}

Test(rules, use)
{
    for (unsigned i = 0; i < use_count; i++) {
        const struct use_row *r = &use_rows[i];
        desc_t d = image(r->base, r->limit_field, r->access, r->flags);
        struct seg seg = {.sel = 0x10, .sh = r->null ? shadow_null() : shadow_of(d)};
        struct check_log log = {0};
        fault_t f = segm_check_access(&seg, r->is_stack, eff(r->off), r->size, r->how, &log);
        expect_fault(r->what, f, r->want);
        expect_log(r->what, &log, f);
        fault_t quick = segm_check_access(&seg, r->is_stack, eff(r->off), r->size, r->how, NULL);
        expect_same(r->what, f, quick);
        if (is_fault(f)) cr_expect_eq(f.detail, r->off, "%s", r->what);
    }
}

Test(rules, page)
{
    for (unsigned i = 0; i < page_count; i++) {
        const struct page_row *r = &page_rows[i];
        struct bus *bus = bus_new();
        cr_assert_eq(bus_map_ram(bus, phys(0), 0x10000, "ram"), ST_OK);
        bus_write(bus, phys(0x1004), 4, 0x2000 | r->pde);
        bus_write(bus, phys(0x2008), 4, 0x5000 | r->pte);
        struct page_env env = {.bus = bus, .cr3 = 0x1000, .paging = true, .wp = r->wp};
        struct page_walk walk;
        fault_t probe = page_probe(&env, lin(0x402abc), r->how, r->user, &walk);
        phys_t at = phys(0);
        fault_t f = page_translate(&env, lin(0x402abc), r->how, r->user, &at);
        expect_fault(r->what, f, r->want);
        expect_same(r->what, f, probe);
        cr_expect_eq(at.v, is_fault(f) ? 0 : 0x5abcu, "%s", r->what);
        if (is_fault(f)) cr_expect(f.has_cr2 && f.cr2 == 0x402abc, "%s", r->what);
        bus_free(bus);
    }
}

/* --- coverage --- */

static bool has_row(unsigned rule)
{
    unsigned hits = 0;
    for (unsigned i = 0; i < locate_count; i++)
        hits += locate_rows[i].want.rule == rule;
    for (unsigned i = 0; i < null_count; i++)
        hits += null_rows[i].want.rule == rule;
    for (unsigned i = 0; i < resolve_count; i++)
        hits += resolve_rows[i].want.rule == rule;
    for (unsigned i = 0; i < idt_count; i++)
        hits += idt_rows[i].want.rule == rule;
    for (unsigned i = 0; i < use_count; i++)
        hits += use_rows[i].want.rule == rule;
    for (unsigned i = 0; i < page_count; i++)
        hits += page_rows[i].want.rule == rule;
    return hits > 0;
}

static const unsigned mmu_rules[] = {
#define RULE(id, section, sentence) RULE_##id,
#include "rules_segm.def"

#include "rules_page.def"
#undef RULE
};

Test(rules, every_rule_has_a_row)
{
    unsigned count = sizeof mmu_rules / sizeof mmu_rules[0], missing = 0;
    for (unsigned i = 0; i < count; i++) {
        if (has_row(mmu_rules[i])) continue;
        missing++;
        cr_expect(false, "no row expects rule %s", rule_name(mmu_rules[i]));
    }
    cr_log_info("%u rules, %u without a row", count, missing);
    cr_assert_eq(missing, 0);
}
