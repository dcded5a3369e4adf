/* moo_play.c: see moo_play.h. */
#include "moo_play.h"

#include <stdlib.h>
#include <string.h>

#define INSNS_MAX 20000u
#define RAM_MAX   4096u /* bytes of memory a vector may list: the time of a test stays bounded */
#define FILE_RAM  8192u /* the same for what all tests of a file begin with */
/* Bits 12 to 15 are random in a 286 vector and zero in the processor. */
#define FLAGS_REAL86 0x0fffu
#define FLAG_VM      0x20000u

/* An event that the vector does not tell of has no HLT at its handler: the run stops there. */
static void on_event(void *ctx, const rt386_event_event *event)
{
    rt386_moo_runner *r = ctx;
    if (r->held) rt386_stop(r->machine);
    if (r->vector >= 0) return;
    r->vector = event->vector;
    r->has_error = event->fault.has_error;
    r->has_cr2 = event->fault.has_cr2;
    r->error = event->fault.error;
    r->cr2 = event->fault.cr2;
    if (r->vector != r->expected && !r->any) rt386_stop(r->machine);
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

const uint8_t moo_desc[8] = {[RT386_ES] = RT386_MOO_DESC_ES,     [RT386_CS] = RT386_MOO_DESC_CS,
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

static void initial_registers(struct moo_play *p)
{
    const rt386_moo_regs *init = &p->test->init.regs;
    for (unsigned i = 0; i < RT386_MOO_REGS; i++)
        p->initial[i] = init->have >> i & 1 ? init->value[i] : 0;
    if (!p->info->wide) p->initial[RT386_MOO_EFLAGS] &= FLAGS_REAL86;
}

/* --- memory --- */

bool moo_find_byte(const rt386_moo_list *ram, uint32_t at, uint32_t *hint, uint8_t *value)
{
    for (uint32_t k = 0, i = *hint; k < ram->n; k++, i++) {
        if (i >= ram->n) i = 0;
        if (moo_entry_at(ram, i) != at) continue;
        *hint = i;
        *value = ram->p[5 * (size_t)i + 4];
        return true;
    }
    return false;
}

uint8_t moo_initial_byte(const struct moo_play *p, uint32_t at, uint32_t hint[2])
{
    uint8_t value = 0;
    if (!moo_find_byte(&p->test->init.ram, at, &hint[0], &value))
        moo_find_byte(&p->info->ram, at, &hint[1], &value);
    return value;
}

#define RUN_MAX 256u

/* Bytes at rising addresses go in together. */
static bool put_memory(rt386 *m, const rt386_moo_list *ram)
{
    uint8_t run[RUN_MAX];
    for (uint32_t i = 0; i < ram->n;) {
        rt386_addr at = {.space = RT386_PHYS, .at = moo_entry_at(ram, i)};
        unsigned n = 0;
        while (n < RUN_MAX && i < ram->n && moo_entry_at(ram, i) == at.at + n)
            run[n++] = ram->p[5 * (size_t)i++ + 4];
        if (rt386_poke(m, at, run, n) != RT386_OK) return false;
    }
    return true;
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

static rt386_status put_state(rt386 *m, const struct moo_play *p)
{
    rt386_regs regs;
    rt386_hidden hidden;
    rt386_status st = rt386_bare_begin(m);
    if (st != RT386_OK) return st;
    if (!put_memory(m, &p->info->ram) || !put_memory(m, &p->test->init.ram)) return RT386_E_RANGE;
    to_machine(p->initial, &regs);
    if (!p->info->mode) return rt386_bare_put(m, &regs);
    to_hidden(p->test, &regs, &hidden);
    st = rt386_bare_put_protected(m, &regs, &hidden);
    if (st == RT386_OK && p->test->stop) st = rt386_bare_hold(m);
    return st;
}

/* One instruction is over when EIP has moved: every iteration of REP but the last leaves it. */
static rt386_status run_instruction(rt386_moo_runner *r, uint32_t eip, rt386_exit *why)
{
    rt386 *m = r->machine;
    rt386_status st = RT386_OK;
    rt386_regs now = {.eip = eip};
    for (unsigned i = 0; st == RT386_OK && i < INSNS_MAX && now.eip == eip; i++) {
        st = rt386_run(m, 1, 0, why);
        rt386_bare_get(m, &now);
        if (why->kind != RT386_EXIT_BUDGET || r->vector >= 0) break;
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
    r->has_error = held.has_error;
    r->has_cr2 = held.has_cr2;
    r->error = held.error;
    r->cr2 = held.cr2;
}

rt386_status moo_play(rt386_moo_runner *r, struct moo_play *p)
{
    const rt386_moo_test *t = p->test;
    if (!can_run(p->info, t)) return RT386_E_STATE;
    r->vector = -1;
    r->has_error = r->has_cr2 = false;
    r->expected = t->has_exception ? t->vector : -1;
    r->held = t->stop != RT386_MOO_STOP_HLT;
    initial_registers(p);
    rt386_status st = put_state(r->machine, p);
    if (st != RT386_OK) return st;
    if (t->stop == RT386_MOO_STOP_INSTRUCTION)
        st = run_instruction(r, p->initial[RT386_MOO_EIP], &p->why);
    else
        st = rt386_run(r->machine, INSNS_MAX, 0, &p->why);
    if (r->held) take_held(r);
    rt386_regs now;
    rt386_bare_get(r->machine, &now);
    from_machine(&now, p->end);
    return st;
}
