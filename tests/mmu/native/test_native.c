/* The rules against silicon: what a ring-3 program on this processor gets from LDT descriptors, compared
 * with segm_resolve and segm_check_access. Present conforming code, gates, other rings: out of reach.
 *
 * Prints TAP; all tests are skipped where the kernel offers no modify_ldt.
 */
#include <stdio.h>
#include <string.h>

#include "probe.h"
#include "segm.h"

#define INDEX    3u
#define SEL      (INDEX * 8 + 4) /* RPL 0 */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct tally {
    unsigned probes, bad;
};

static const uint32_t limits[] = {0, 3, 0xffe, 0xfff, 0xffff, 0x10000, 0xfffff};
#define ENTRIES (2 * COUNT(limits) * 4 * 16)

/* All kinds of entries, by number. Nothing is mapped at these bases. */
static struct ldt_entry entry_of(unsigned n)
{
    struct ldt_entry e = {.read_exec_only = n & 1, .pages = n & 2, .big = n & 4, .absent = n & 8};
    e.contents = n >> 4 & 3;
    e.limit = limits[(n >> 6) % COUNT(limits)];
    e.base = (n >> 6) / COUNT(limits) ? 0x50000001u : 0x40000000u;
    return e;
}

/* The image that the kernel makes of it. */
static desc_t image_of(const struct ldt_entry *e)
{
    unsigned access = 0x71u | e->contents << 2;
    if (!e->absent) access |= 0x80u;
    if (!e->read_exec_only) access |= 2u;
    uint32_t low = (e->limit & 0xffffu) | e->base << 16;
    uint32_t high = (e->base >> 16 & 0xffu) | access << 8 | (e->limit & 0xf0000u);
    high |= (e->big ? 0x400000u : 0) | (e->pages ? 0x800000u : 0) | (e->base & 0xff000000u);
    return (desc_t){(uint64_t)high << 32 | low};
}

/* --- the model's side --- */

static struct seg_answer model_load(desc_t d, uint16_t sel, enum seg_purpose purpose)
{
    struct seg_answer a = {.sh = shadow_null()};
    const struct dtable gdtr = {0, 0xffff};
    const struct seg ldtr = {.sel = 0x28, .sh = {.limit = INDEX * 8 + 7, .usable = 1}};
    lin_t at;
    if (segm_null(sel, 3, purpose, &a.fault, NULL)) return a;
    a.fault = segm_locate(&gdtr, &ldtr, sel, purpose, &at, NULL);
    if (is_fault(a.fault)) return a;
    return segm_resolve((struct seg_query){d, sel, 3, (uint8_t)purpose}, NULL);
}

/* A transfer: the selector's rules, then EIP against the limit of the new segment. */
static fault_t model_transfer(desc_t d, uint16_t sel, uint32_t off, enum seg_purpose purpose)
{
    struct seg_answer a = model_load(d, sel, purpose);
    if (is_fault(a.fault)) return a.fault;
    struct seg cs = {.sel = sel, .sh = a.sh};
    return segm_check_access(&cs, false, eff(off), 1, ACCESS_FETCH, NULL);
}

static void compare(struct tally *t, const char *what, desc_t d, uint16_t sel, uint32_t off,
                    struct outcome got, fault_t model)
{
    struct outcome want = {-1, 0};
    if (is_fault(model)) want = (struct outcome){model.vector, model.error};
    t->probes++;
    if (got.vector == want.vector && got.error == want.error) return;
    if (t->bad++ < 10)
        printf("# %s: %016llx, selector %04x, offset %x: processor %d(%x), rules %d(%x) %s\n", what,
               (unsigned long long)d.raw, sel, off, got.vector, got.error, want.vector, want.error,
               rule_name(model.rule));
}

/* --- loads and transfers --- */

static void loads(struct tally *t, desc_t d, uint16_t sel)
{
    compare(t, "load ES", d, sel, 0, probe_load(PROBE_ES, sel), model_load(d, sel, SEG_DATA).fault);
    compare(t, "load SS", d, sel, 0, probe_load(PROBE_SS, sel),
            model_load(d, sel, SEG_STACK).fault);
}

static void transfers(struct tally *t, desc_t d, uint16_t sel)
{
    uint32_t limit = desc_limit(d), offsets[] = {0, limit, limit + 1};
    for (unsigned i = 0; i < COUNT(offsets); i++) {
        uint32_t off = offsets[i];
        compare(t, "far JMP", d, sel, off, probe_far_jmp(sel, off),
                model_transfer(d, sel, off, SEG_JMP));
        compare(t, "far RET", d, sel, off, probe_far_ret(sel, off),
                model_transfer(d, sel, off, SEG_RET));
    }
}

/* --- LAR, LSL, VERR, VERW --- */

static void compare_ask(struct tally *t, const char *what, desc_t d, uint16_t sel, bool zf,
                        enum seg_purpose purpose, uint32_t value, uint32_t value_want)
{
    struct seg_answer a = model_load(d, sel, purpose);
    t->probes++;
    if (zf == !is_fault(a.fault) && (!zf || value == value_want)) return;
    if (t->bad++ < 10)
        printf("# %s: %016llx, selector %04x: processor ZF %d %x, rules %s\n", what,
               (unsigned long long)d.raw, sel, zf, value, rule_name(a.fault.rule));
}

static void asks(struct tally *t, desc_t d, uint16_t sel)
{
    uint32_t rights = 0, limit = 0;
    bool zf = probe_lar(sel, &rights);
    compare_ask(t, "LAR", d, sel, zf, SEG_LAR, rights & 0xf0ff00u,
                (uint32_t)(d.raw >> 32) & 0xf0ff00u);
    zf = probe_lsl(sel, &limit);
    compare_ask(t, "LSL", d, sel, zf, SEG_LSL, limit, desc_limit(d));
    compare_ask(t, "VERR", d, sel, probe_verr(sel), SEG_VERR, 0, 0);
    compare_ask(t, "VERW", d, sel, probe_verw(sel), SEG_VERW, 0, 0);
}

/* --- accesses around the edges --- */

static void accesses_at(struct tally *t, desc_t d, const struct seg *seg, enum probe_reg reg,
                        uint32_t off)
{
    for (unsigned size = 1; size <= 4; size *= 2)
        for (unsigned write = 0; write < 2; write++) {
            fault_t f = segm_check_access(seg, reg == PROBE_SS, eff(off), size,
                                          write ? ACCESS_WRITE : ACCESS_READ, NULL);
            compare(t, write ? "write" : "read", d, seg->sel, off,
                    probe_access(reg, seg->sel, off, size, write), f);
        }
}

static void accesses(struct tally *t, desc_t d, enum probe_reg reg)
{
    struct seg_answer a = model_load(d, SEL | 3, reg == PROBE_SS ? SEG_STACK : SEG_DATA);
    if (is_fault(a.fault)) return;
    struct seg seg = {.sel = SEL | 3, .sh = a.sh};
    uint32_t edges[] = {0, desc_limit(d), 0xffff, 0x80000000u};
    for (unsigned e = 0; e < COUNT(edges); e++)
        for (uint32_t delta = 0; delta < 8; delta++)
            accesses_at(t, d, &seg, reg, edges[e] + delta - 5);
}

/* --- null selectors, and selectors outside the LDT --- */

static void odd_selectors(struct tally *ask, struct tally *load, struct tally *use)
{
    const struct seg null = {.sh = shadow_null()};
    for (uint16_t rpl = 0; rpl < 4; rpl++) {
        const uint16_t sels[] = {rpl, (uint16_t)(INDEX * 8 + 12 + rpl), (uint16_t)(0xfffc | rpl)};
        for (unsigned i = 0; i < COUNT(sels); i++) {
            asks(ask, (desc_t){0}, sels[i]);
            loads(load, (desc_t){0}, sels[i]);
        }
        fault_t f = segm_check_access(&null, false, eff(0x1000), 4, ACCESS_WRITE, NULL);
        compare(use, "null", (desc_t){0}, rpl, 0, probe_access(PROBE_ES, rpl, 0x1000, 4, true), f);
    }
}

static void report(unsigned number, const char *what, struct tally t)
{
    printf("%s %u - %s: %u probes, %u mismatches\n", t.bad ? "not ok" : "ok", number, what,
           t.probes, t.bad);
}

int main(void)
{
    struct tally load = {0}, transfer = {0}, ask = {0}, use = {0};
    struct ldt_entry first = entry_of(0);
    probe_start();
    if (!probe_set_ldt(INDEX, &first)) {
        printf("1..0 # SKIP this kernel has no modify_ldt\n");
        return 0;
    }
    for (unsigned n = 0; n < ENTRIES; n++) {
        struct ldt_entry e = entry_of(n);
        if (!probe_set_ldt(INDEX, &e)) continue; /* present conforming code */
        desc_t d = image_of(&e);
        for (uint16_t rpl = 0; rpl < 4; rpl++) {
            asks(&ask, d, SEL | rpl);
            loads(&load, d, SEL | rpl);
        }
        transfers(&transfer, d, SEL | 3);
        accesses(&use, d, PROBE_ES);
        accesses(&use, d, PROBE_SS);
    }
    odd_selectors(&ask, &load, &use);
    printf("1..4\n");
    report(1, "segment loads as on silicon", load);
    report(2, "far JMP and RET as on silicon", transfer);
    report(3, "LAR, LSL, VERR, VERW as on silicon", ask);
    report(4, "accesses and limits as on silicon", use);
    return 0;
}
