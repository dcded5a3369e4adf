/* moo_run.c: runs single-step vectors on a bare machine and compares.
 *
 * A test begins with registers and memory as the vector says, and ends at HLT. Three kinds of bits do
 * not count: those that the file masks; the flags that do not exist; and, unless the runner is
 * strict, the flags that the manual leaves undefined after the instruction, in the register and where
 * an exception pushed them.
 */
#include "moo.h"

#include <rt386/bare.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSNS_MAX   20000u
#define RAM_MAX     4096u /* bytes of memory a vector may list: the time of a test stays bounded */
#define FLAGS_EXIST 0x00037fd7u
/* Bits 12 to 15 are random in a 286 vector and zero in the processor. */
#define FLAGS_REAL86 0x0fffu

struct rt386_moo_runner {
    rt386 *machine;
    bool strict;
    int vector, expected; /* of the first event of a run, or -1 */
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
    if (r->vector >= 0) return;
    r->vector = event->vector;
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
    j->flags_at = ((uint32_t)r.seg[RT386_SS] << 4) + ((actual[RT386_MOO_ESP] + 4) & 0xffff);
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
    if (!t->has_exception || byte > 1) return;
    d->mask = mask_of(j, RT386_MOO_EFLAGS) >> 8 * byte & 0xff;
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
    uint32_t fina_hint = 0, init_hint = 0;
    rt386_store s;
    for (unsigned n = 0; rt386_bare_store_at(j->runner->machine, n, &s); n++)
        for (unsigned k = 0; k < s.size; k++) {
            uint8_t value = 0;
            if (find_byte(fina, s.at + k, &fina_hint, &value)) continue;
            find_byte(init, s.at + k, &init_hint, &value);
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

static void compare_end(struct judge *j, const rt386_exit *why)
{
    bool shutdown = j->test->fina.regs.shutdown;
    rt386_moo_diff d = {.where = RT386_MOO_IN_END, .mask = 0xffffffffu};
    d.expected = shutdown ? RT386_EXIT_TRIPLE_FAULT : RT386_EXIT_HALT;
    d.actual = why->kind;
    differ(j, &d, 0);
    if (why->kind == RT386_EXIT_STOPPED)
        snprintf(j->out->end, sizeof j->out->end, "vector %d taken", j->runner->vector);
    else if (why->kind != RT386_EXIT_HALT)
        snprintf(j->out->end, sizeof j->out->end, "%s", why->text);
    else if (j->runner->vector >= 0)
        snprintf(j->out->end, sizeof j->out->end, "vector %d taken, then HLT", j->runner->vector);
    else
        snprintf(j->out->end, sizeof j->out->end, "HLT");
}

/* --- one test --- */

static bool can_run(const rt386_moo_info *info, const rt386_moo_test *t)
{
    static const char *const cpus[] = {"8088", "8086", "186", "C286", "386", "386E"};
    if (info->mode != 0 || (t->init.regs.value[RT386_MOO_CR0] & 1)) return false;
    if (t->init.ram.n > RAM_MAX || t->fina.ram.n > RAM_MAX) return false;
    for (unsigned i = 0; i < sizeof cpus / sizeof *cpus; i++)
        if (!strcmp(info->cpu, cpus[i])) return true;
    return false;
}

static bool put_memory(rt386 *m, const rt386_moo_list *ram)
{
    for (uint32_t i = 0; i < ram->n; i++) {
        const uint8_t *e = ram->p + 5 * (size_t)i;
        rt386_addr at = {.space = RT386_PHYS, .at = get32(e)};
        if (rt386_poke(m, at, e + 4, 1) != RT386_OK) return false;
    }
    return true;
}

static void judge_all(struct judge *j, const uint32_t initial[RT386_MOO_REGS],
                      const rt386_exit *why)
{
    if (!j->runner->strict)
        j->undefined = rt386_undefined_flags(j->test->bytes.p, j->test->bytes.n, false);
    compare_end(j, why);
    compare_registers(j, initial);
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
    rt386_regs regs;
    rt386_exit why;
    r->vector = -1;
    r->expected = t.has_exception ? t.vector : -1;
    initial_registers(&j, initial);
    to_machine(initial, &regs);
    rt386_status st = rt386_bare_begin(r->machine);
    if (st == RT386_OK && !put_memory(r->machine, &t.init.ram)) st = RT386_E_RANGE;
    if (st == RT386_OK) st = rt386_bare_put(r->machine, &regs);
    if (st == RT386_OK) st = rt386_run(r->machine, INSNS_MAX, 0, &why);
    if (st == RT386_OK) judge_all(&j, initial, &why);
    return st;
}
