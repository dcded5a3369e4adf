/* moo_run.c: runs single-step vectors on a bare machine and compares.
 *
 * A test begins with registers and memory as the vector says, and ends at HLT. Three kinds of bits do
 * not count: those that the file masks; the flags that do not exist; and, unless the runner is
 * strict, the flags that the manual leaves undefined after the instruction, in the register and where
 * an exception pushed them.
 *
 * In protected mode the segment registers are given with their hidden parts, so tables matter only to what reads them. Where
 * an exception ends the test without being delivered, the state after is what would have been saved.
 */
#include "moo.h"

#include <rt386/bare.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSNS_MAX   20000u
#define RAM_MAX     4096u  /* bytes of memory a vector may list: the time of a test stays bounded */
#define FILE_RAM    65536u /* the same for what all tests of a file begin with */
#define FLAGS_EXIST 0x00037fd7u
/* Bits 12 to 15 are random in a 286 vector and zero in the processor. */
#define FLAGS_REAL86 0x0fffu
#define FLAG_VM      0x20000u

struct rt386_moo_runner {
    rt386 *machine;
    bool strict;
    bool held;            /* events end a run, undelivered */
    int vector, expected; /* of the first event of a run, or -1 */
    uint32_t error, cr2;  /* of that event */
};

struct judge { /* one comparison */
    rt386_moo_runner *runner;
    const rt386_moo_info *info;
    const rt386_moo_test *test;
    rt386_moo_result *out;
    uint32_t undefined; /* flags */
    uint32_t flags_at;  /* of the frame of an exception */
    bool masked;        /* something differed in bits that do not count */
};

/* An event that the vector does not tell of has no HLT at its handler: the run stops there. */
static void on_event(void *ctx, const rt386_event_event *event)
{
    rt386_moo_runner *r = ctx;
    if (r->held) rt386_stop(r->machine);
    if (r->vector >= 0) return;
    r->vector = event->vector;
    r->error = event->fault.error;
    r->cr2 = event->fault.cr2;
    if (r->vector != r->expected) rt386_stop(r->machine);
}

rt386_status rt386_moo_runner_new(bool strict, rt386_moo_runner **runner)
{
    rt386_moo_runner *r = calloc(1, sizeof *r);
    if (!r) return RT386_E_NOMEM;
    r->strict = strict;
    rt386_status st = rt386_bare_create(0, &r->machine);
    if (st == RT386_OK)
        st = rt386_observe(
            r->machine,
            &(rt386_observer){.size = sizeof(rt386_observer), .ctx = r, .event = on_event});
    if (st != RT386_OK) {
        rt386_moo_runner_free(r);
        r = NULL;
    }
    *runner = r;
    return st;
}

void rt386_moo_runner_free(rt386_moo_runner *r)
{
    if (!r) return;
    rt386_destroy(r->machine);
    free(r);
}

rt386_status rt386_moo_runner_undefined(rt386_moo_runner *r, rt386_undefined undefined)
{
    return rt386_undefined_set(r->machine, undefined);
}

/* --- registers: the vector's order to the machine's --- */

static const uint8_t moo_gpr[8] = {RT386_MOO_EAX, RT386_MOO_ECX, RT386_MOO_EDX, RT386_MOO_EBX,
                                   RT386_MOO_ESP, RT386_MOO_EBP, RT386_MOO_ESI, RT386_MOO_EDI};
static const uint8_t moo_seg[6] = {
    [RT386_ES] = RT386_MOO_ES, [RT386_CS] = RT386_MOO_CS, [RT386_SS] = RT386_MOO_SS,
    [RT386_DS] = RT386_MOO_DS, [RT386_FS] = RT386_MOO_FS, [RT386_GS] = RT386_MOO_GS};

static void to_machine(const uint32_t v[RT386_MOO_REGS], rt386_regs *r)
{
    for (unsigned i = 0; i < 8; i++)
        r->gpr[i] = v[moo_gpr[i]];
    for (unsigned i = 0; i < 6; i++)
        r->seg[i] = (uint16_t)v[moo_seg[i]];
    r->eip = v[RT386_MOO_EIP];
    r->eflags = v[RT386_MOO_EFLAGS];
    r->cr0 = v[RT386_MOO_CR0];
    r->cr3 = v[RT386_MOO_CR3];
    r->dr6 = v[RT386_MOO_DR6];
    r->dr7 = v[RT386_MOO_DR7];
}

static void from_machine(const rt386_regs *r, uint32_t v[RT386_MOO_REGS])
{
    for (unsigned i = 0; i < 8; i++)
        v[moo_gpr[i]] = r->gpr[i];
    for (unsigned i = 0; i < 6; i++)
        v[moo_seg[i]] = r->seg[i];
    v[RT386_MOO_EIP] = r->eip;
    v[RT386_MOO_EFLAGS] = r->eflags;
    v[RT386_MOO_CR0] = r->cr0;
    v[RT386_MOO_CR3] = r->cr3;
    v[RT386_MOO_DR6] = r->dr6;
    v[RT386_MOO_DR7] = r->dr7;
}

static const uint8_t moo_desc[8] = {
    [RT386_ES] = RT386_MOO_DESC_ES,     [RT386_CS] = RT386_MOO_DESC_CS,
    [RT386_SS] = RT386_MOO_DESC_SS,     [RT386_DS] = RT386_MOO_DESC_DS,
    [RT386_FS] = RT386_MOO_DESC_FS,     [RT386_GS] = RT386_MOO_DESC_GS,
    [RT386_LDTR] = RT386_MOO_DESC_LDTR, [RT386_TR] = RT386_MOO_DESC_TR};

/* A register whose hidden part is not given is not usable; of a table, none has entries. */
static void to_hidden(const rt386_moo_test *t, const rt386_regs *regs, rt386_hidden *out)
{
    const rt386_moo_descs *d = &t->init.descs;
    const rt386_moo_hidden *gdt = &d->at[RT386_MOO_DESC_GDTR], *idt = &d->at[RT386_MOO_DESC_IDTR];
    for (unsigned i = 0; i < 8; i++) {
        const rt386_moo_hidden *h = &d->at[moo_desc[i]];
        bool have = d->have >> moo_desc[i] & 1;
        uint16_t selector = i < 6 ? regs->seg[i] : have ? h->selector : 0;
        out->seg[i] =
            rt386_seg_make(selector, have && h->usable, have ? h->base : 0, have ? h->limit : 0,
                           have ? h->access : 0, have ? h->flags : 0);
    }
    out->gdt_base = gdt->base;
    out->gdt_limit = (uint16_t)gdt->limit;
    out->idt_base = idt->base;
    out->idt_limit = (uint16_t)idt->limit;
}

static void initial_registers(const struct judge *j, uint32_t v[RT386_MOO_REGS])
{
    const rt386_moo_regs *init = &j->test->init.regs;
    for (unsigned i = 0; i < RT386_MOO_REGS; i++)
        v[i] = init->have >> i & 1 ? init->value[i] : 0;
    if (!j->info->wide) v[RT386_MOO_EFLAGS] &= FLAGS_REAL86;
}

/* --- comparing --- */

static void differ(struct judge *j, const rt386_moo_diff *d, uint32_t open)
{
    uint32_t bits = d->expected ^ d->actual;
    if (!bits) return;
    if (!(bits & d->mask & ~open)) {
        j->masked = true;
        return;
    }
    if (j->out->diffs < RT386_MOO_DIFFS) {
        j->out->diff[j->out->diffs] = *d;
        j->out->diff[j->out->diffs].mask &= ~open;
    }
    j->out->diffs++;
}

static uint32_t mask_of(const struct judge *j, unsigned reg)
{
    uint32_t mask = 0xffffffffu;
    const rt386_moo_regs *all = &j->info->mask, *one = &j->test->fina.mask;
    if (all->have >> reg & 1) mask &= all->value[reg];
    if (one->have >> reg & 1) mask &= one->value[reg];
    /* a 16-bit mask says nothing of the upper half, which must not change */
    return j->info->wide || mask == 0xffffffffu ? mask : mask | 0xffff0000u;
}

static void compare_registers(struct judge *j, const uint32_t initial[RT386_MOO_REGS])
{
    const rt386_moo_regs *fina = &j->test->fina.regs;
    uint32_t listed = j->info->wide ? (1u << RT386_MOO_REGS) - 1 : j->test->init.regs.have;
    uint32_t actual[RT386_MOO_REGS];
    rt386_regs r;
    rt386_bare_get(j->runner->machine, &r);
    from_machine(&r, actual);
    j->flags_at = j->info->mode
                      ? j->test->flags_at
                      : ((uint32_t)r.seg[RT386_SS] << 4) + ((actual[RT386_MOO_ESP] + 4) & 0xffff);
    for (unsigned i = 0; i < RT386_MOO_REGS; i++) {
        if (!(listed >> i & 1)) continue;
        rt386_moo_diff d = {.where = RT386_MOO_IN_REG,
                            .at = i,
                            .initial = initial[i],
                            .expected = fina->have >> i & 1 ? fina->value[i] : initial[i],
                            .actual = actual[i],
                            .mask = mask_of(j, i)};
        if (i >= RT386_MOO_CS && i <= RT386_MOO_SS) d.expected &= 0xffff;
        if (i != RT386_MOO_EFLAGS) {
            differ(j, &d, 0);
            continue;
        }
        d.expected &= FLAGS_EXIST;
        d.actual &= FLAGS_EXIST;
        differ(j, &d, j->undefined);
    }
}

static void differ_desc(struct judge *j, unsigned desc, unsigned field, const uint32_t v[3])
{
    rt386_moo_diff d = {.where = RT386_MOO_IN_DESC,
                        .at = 4 * desc + field,
                        .initial = v[0],
                        .expected = v[1],
                        .actual = v[2],
                        .mask = 0xffffffffu};
    differ(j, &d, 0);
}

static void compare_hidden(struct judge *j, unsigned desc, const rt386_moo_hidden *want,
                           const rt386_seg *got)
{
    const rt386_moo_hidden *was = &j->test->init.descs.at[desc];
    differ_desc(j, desc, 3, (uint32_t[3]){was->usable, want->usable, got->usable});
    if (!want->usable || !got->usable) return;
    differ_desc(j, desc, 0, (uint32_t[3]){was->base, want->base, got->base});
    differ_desc(j, desc, 1, (uint32_t[3]){was->limit, want->limit, got->limit});
    uint32_t access[3] = {was->access | (uint32_t)was->flags << 12,
                          want->access | (uint32_t)want->flags << 12,
                          got->access | (uint32_t)got->flags << 12};
    differ_desc(j, desc, 2, access);
}

/* A hidden part is compared where the final state tells it, and where the selector is as it was: processors do not show
 * it, so a vector may be silent after a load. */
static void compare_descs(struct judge *j)
{
    const rt386_moo_descs *init = &j->test->init.descs, *fina = &j->test->fina.descs;
    for (unsigned i = 0; i < 8; i++) {
        unsigned desc = moo_desc[i];
        rt386_seg got = rt386_seg_get(j->runner->machine, (rt386_segreg)i);
        if (fina->have >> desc & 1)
            compare_hidden(j, desc, &fina->at[desc], &got);
        else if (init->have >> desc & 1 && got.selector == init->at[desc].selector)
            compare_hidden(j, desc, &init->at[desc], &got);
    }
}

static void differ_event(struct judge *j, unsigned at, uint32_t expected, uint32_t actual)
{
    rt386_moo_diff d = {.where = RT386_MOO_IN_EVENT,
                        .at = at,
                        .expected = expected,
                        .actual = actual,
                        .mask = 0xffffffffu};
    differ(j, &d, 0);
}

static void compare_event(struct judge *j)
{
    const rt386_moo_test *t = j->test;
    const rt386_moo_runner *r = j->runner;
    if (t->stop || t->has_exception)
        differ_event(j, 0, t->has_exception ? t->vector : 0xffffffffu, (uint32_t)r->vector);
    if (r->vector < 0) return;
    if (t->has_error) differ_event(j, 1, t->error, r->error);
    if (t->has_cr2) differ_event(j, 2, t->cr2, r->cr2);
}

static uint32_t entry_at(const rt386_moo_list *ram, uint32_t i)
{
    return get32(ram->p + 5 * (size_t)i);
}

/* Looks from *hint on, round: stores come in the order of the list, mostly. */
static bool find_byte(const rt386_moo_list *ram, uint32_t at, uint32_t *hint, uint8_t *value)
{
    for (uint32_t k = 0, i = *hint; k < ram->n; k++, i++) {
        if (i >= ram->n) i = 0;
        if (entry_at(ram, i) != at) continue;
        *hint = i;
        *value = ram->p[5 * (size_t)i + 4];
        return true;
    }
    return false;
}

/* Flags pushed by an exception: undefined bits of the two bytes. Where they are is worked out from the
 * stack pointer: the vector's address is that of an even word, also when the stack is odd. */
static void open_bits(const struct judge *j, rt386_moo_diff *d, uint32_t *open)
{
    const rt386_moo_test *t = j->test;
    uint32_t byte = d->at - j->flags_at;
    d->mask = 0xff;
    *open = 0;
    uint8_t defined;
    uint32_t hint = 0;
    if (find_byte(&t->fina.ram_mask, d->at, &hint, &defined)) d->mask = defined;
    if (!t->has_exception || t->stop || byte > 1) return;
    d->mask &= mask_of(j, RT386_MOO_EFLAGS) >> 8 * byte & 0xff;
    *open = j->undefined >> 8 * byte & 0xff;
}

static void compare_byte(struct judge *j, uint32_t at, uint8_t initial, uint8_t expected,
                         bool stray)
{
    uint8_t actual = 0xff;
    uint32_t open;
    rt386_peek(j->runner->machine, (rt386_addr){.space = RT386_PHYS, .at = at}, &actual, 1);
    rt386_moo_diff d = {.where = RT386_MOO_IN_RAM,
                        .at = at,
                        .stray = stray,
                        .initial = initial,
                        .expected = expected,
                        .actual = actual};
    open_bits(j, &d, &open);
    differ(j, &d, open);
}

/* What was stored, though the final state does not list it, must be as it was. */
static void compare_stores(struct judge *j)
{
    const rt386_moo_list *fina = &j->test->fina.ram, *init = &j->test->init.ram;
    uint32_t fina_hint = 0, init_hint = 0, file_hint = 0;
    rt386_store s;
    for (unsigned n = 0; rt386_bare_store_at(j->runner->machine, n, &s); n++)
        for (unsigned k = 0; k < s.size; k++) {
            uint8_t value = 0;
            if (find_byte(fina, s.at + k, &fina_hint, &value)) continue;
            if (!find_byte(init, s.at + k, &init_hint, &value))
                find_byte(&j->info->ram, s.at + k, &file_hint, &value);
            compare_byte(j, s.at + k, value, value, true);
        }
}

static void compare_memory(struct judge *j)
{
    const rt386_moo_list *fina = &j->test->fina.ram;
    uint32_t hint = 0;
    for (uint32_t i = 0; i < fina->n; i++) {
        uint8_t initial = 0;
        find_byte(&j->test->init.ram, entry_at(fina, i), &hint, &initial);
        compare_byte(j, entry_at(fina, i), initial, fina->p[5 * (size_t)i + 4], false);
    }
    compare_stores(j);
}

static void tell_end(struct judge *j, const rt386_exit *why)
{
    char *to = j->out->end;
    size_t size = sizeof j->out->end;
    int vector = j->runner->vector;
    if (j->test->stop && vector >= 0)
        snprintf(to, size, "vector %d, not delivered", vector);
    else if (j->test->stop && why->kind == RT386_EXIT_BUDGET)
        snprintf(to, size, "the instruction completed");
    else if (why->kind == RT386_EXIT_STOPPED)
        snprintf(to, size, "vector %d taken", vector);
    else if (why->kind != RT386_EXIT_HALT)
        snprintf(to, size, "%s", why->text);
    else if (vector >= 0)
        snprintf(to, size, "vector %d taken, then HLT", vector);
    else
        snprintf(to, size, "HLT");
}

static void compare_end(struct judge *j, const rt386_exit *why)
{
    tell_end(j, why);
    if (j->test->stop) return; /* compare_event has the verdict */
    bool shutdown = j->test->fina.regs.shutdown;
    rt386_moo_diff d = {.where = RT386_MOO_IN_END, .mask = 0xffffffffu};
    d.expected = shutdown ? RT386_EXIT_TRIPLE_FAULT : RT386_EXIT_HALT;
    d.actual = why->kind;
    differ(j, &d, 0);
}

/* --- one test --- */

static bool processor_known(const char *cpu)
{
    static const char *const cpus[] = {"8088", "8086", "186", "C286", "386", "386E"};
    for (unsigned i = 0; i < sizeof cpus / sizeof *cpus; i++)
        if (!strcmp(cpu, cpus[i])) return true;
    return false;
}

static bool can_run(const rt386_moo_info *info, const rt386_moo_test *t)
{
    const uint32_t six = (1u << RT386_MOO_DESC_LDTR) - 1;
    const rt386_moo_regs *r = &t->init.regs;
    bool pe = (r->have >> RT386_MOO_CR0 & 1) && (r->value[RT386_MOO_CR0] & 1);
    if (t->init.ram.n > RAM_MAX || t->fina.ram.n > RAM_MAX || t->fina.ram_mask.n > RAM_MAX)
        return false;
    if (info->ram.n > FILE_RAM || t->stop >= RT386_MOO_STOPS) return false;
    if (info->mode == 0) return !pe && !t->stop && processor_known(info->cpu);
    bool vm = (r->have >> RT386_MOO_EFLAGS & 1) && (r->value[RT386_MOO_EFLAGS] & FLAG_VM);
    return info->mode == 1 && info->wide && pe && !vm && (t->init.descs.have & six) == six;
}

#define RUN_MAX 256u

/* Bytes at rising addresses go in together. */
static bool put_memory(rt386 *m, const rt386_moo_list *ram)
{
    uint8_t run[RUN_MAX];
    for (uint32_t i = 0; i < ram->n;) {
        rt386_addr at = {.space = RT386_PHYS, .at = entry_at(ram, i)};
        unsigned n = 0;
        while (n < RUN_MAX && i < ram->n && entry_at(ram, i) == at.at + n)
            run[n++] = ram->p[5 * (size_t)i++ + 4];
        if (rt386_poke(m, at, run, n) != RT386_OK) return false;
    }
    return true;
}

static bool is_code32(const struct judge *j)
{
    return j->info->mode && (j->test->init.descs.at[RT386_MOO_DESC_CS].flags & 4);
}

static void judge_all(struct judge *j, const uint32_t initial[RT386_MOO_REGS],
                      const rt386_exit *why)
{
    if (!j->runner->strict)
        j->undefined = rt386_undefined_flags(j->test->bytes.p, j->test->bytes.n, is_code32(j));
    compare_end(j, why);
    compare_event(j);
    compare_registers(j, initial);
    if (j->info->mode) compare_descs(j);
    compare_memory(j);
    if (!j->out->diffs) {
        j->out->verdict = j->masked ? RT386_MOO_MASKED : RT386_MOO_PASS;
        return;
    }
    struct moo_outcome outcome = {j->info, j->test, j->out, j->runner->vector};
    int named = moo_difference(&outcome);
    j->out->verdict = named >= 0 ? RT386_MOO_NAMED : RT386_MOO_FAIL;
    if (named >= 0) j->out->difference = (unsigned)named;
}

static rt386_status put_state(struct judge *j, const uint32_t initial[RT386_MOO_REGS])
{
    rt386 *m = j->runner->machine;
    rt386_regs regs;
    rt386_hidden hidden;
    rt386_status st = rt386_bare_begin(m);
    if (st != RT386_OK) return st;
    if (!put_memory(m, &j->info->ram) || !put_memory(m, &j->test->init.ram)) return RT386_E_RANGE;
    to_machine(initial, &regs);
    if (!j->info->mode) return rt386_bare_put(m, &regs);
    to_hidden(j->test, &regs, &hidden);
    st = rt386_bare_put_protected(m, &regs, &hidden);
    if (st == RT386_OK && j->test->stop) st = rt386_bare_hold(m);
    return st;
}

/* One instruction is over when EIP has moved: every iteration of REP but the last leaves it. */
static rt386_status run_instruction(struct judge *j, uint32_t eip, rt386_exit *why)
{
    rt386 *m = j->runner->machine;
    rt386_status st = RT386_OK;
    rt386_regs now = {.eip = eip};
    for (unsigned i = 0; st == RT386_OK && i < INSNS_MAX && now.eip == eip; i++) {
        st = rt386_run(m, 1, 0, why);
        rt386_bare_get(m, &now);
        if (why->kind != RT386_EXIT_BUDGET || j->runner->vector >= 0) break;
    }
    return st;
}

/* Of an event that was not delivered the machine knows which one it came to be. */
static void take_held(rt386_moo_runner *r)
{
    rt386_held held;
    r->vector = -1;
    if (!rt386_bare_held(r->machine, &held)) return;
    r->vector = held.vector;
    r->error = held.error;
    r->cr2 = held.cr2;
}

rt386_status rt386_moo_run(rt386_moo_runner *r, const rt386_moo *moo, uint32_t position,
                           rt386_moo_result *out)
{
    rt386_moo_test t;
    if (!out || !rt386_moo_test_at(moo, position, &t)) return RT386_E_ARG;
    out->diffs = 0;
    out->difference = 0;
    out->end[0] = 0;
    if (!can_run(&moo->info, &t)) return RT386_E_STATE;
    struct judge j = {.runner = r, .info = &moo->info, .test = &t, .out = out};
    uint32_t initial[RT386_MOO_REGS];
    rt386_exit why;
    r->vector = -1;
    r->expected = t.has_exception ? t.vector : -1;
    r->held = t.stop != RT386_MOO_STOP_HLT;
    initial_registers(&j, initial);
    rt386_status st = put_state(&j, initial);
    if (st != RT386_OK) return st;
    if (t.stop == RT386_MOO_STOP_INSTRUCTION)
        st = run_instruction(&j, initial[RT386_MOO_EIP], &why);
    else
        st = rt386_run(r->machine, INSNS_MAX, 0, &why);
    if (r->held) take_held(r);
    if (st == RT386_OK) judge_all(&j, initial, &why);
    return st;
}
