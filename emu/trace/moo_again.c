/* moo_again.c: a vector run once more, and its end written down as it is here. */
#include "moo_play.h"

#include <stdlib.h>
#include <string.h>

#define CHANGED_MAX 4096u /* bytes of memory: more cannot be run again */

struct again {
    rt386_moo_runner *runner;
    struct moo_play play;
    rt386_moo_test test; /* on its way out */
    uint32_t changed;
    uint8_t ram[5 * CHANGED_MAX];
};

static void put_registers(struct again *a)
{
    const struct moo_play *p = &a->play;
    rt386_moo_regs *r = &a->test.fina.regs;
    uint32_t listed = p->info->wide ? (1u << RT386_MOO_REGS) - 1 : a->test.init.regs.have;
    *r = (rt386_moo_regs){.shutdown = p->why.kind == RT386_EXIT_TRIPLE_FAULT};
    for (unsigned i = 0; i < RT386_MOO_REGS; i++) {
        if (!(listed >> i & 1) || p->end[i] == p->initial[i]) continue;
        r->have |= 1u << i;
        r->value[i] = p->end[i];
    }
}

static rt386_moo_hidden hidden_of(const rt386_seg *s)
{
    return (rt386_moo_hidden){.selector = s->selector,
                              .usable = s->usable,
                              .access = s->access,
                              .flags = s->flags,
                              .base = s->base,
                              .limit = s->limit};
}

static bool same_hidden(const rt386_moo_hidden *a, const rt386_moo_hidden *b)
{
    return a->selector == b->selector && a->usable == b->usable && a->access == b->access &&
           a->flags == b->flags && a->base == b->base && a->limit == b->limit;
}

static void put_descs(struct again *a)
{
    const rt386_moo_descs *was = &a->test.init.descs;
    rt386_moo_descs *d = &a->test.fina.descs;
    *d = (rt386_moo_descs){0};
    for (unsigned i = 0; i < 8 && a->play.info->mode; i++) {
        rt386_seg s = rt386_seg_get(a->runner->machine, (rt386_segreg)i);
        unsigned desc = moo_desc[i];
        d->at[desc] = hidden_of(&s);
        if ((was->have >> desc & 1) && !same_hidden(&d->at[desc], &was->at[desc]))
            d->have |= 1u << desc;
    }
}

/* False: there is no room. */
static bool put_byte(struct again *a, uint32_t at, uint32_t hint[3])
{
    uint8_t value = 0, was = moo_initial_byte(&a->play, at, hint), known;
    const rt386_moo_list list = {a->ram, a->changed};
    rt386_peek(a->runner->machine, (rt386_addr){.space = RT386_PHYS, .at = at}, &value, 1);
    if (value == was || moo_find_byte(&list, at, &hint[2], &known)) return true;
    if (a->changed == CHANGED_MAX) return false;
    uint8_t *p = a->ram + 5 * a->changed++;
    put32(p, at);
    p[4] = value;
    return true;
}

static bool put_memory(struct again *a)
{
    uint32_t hint[3] = {0};
    rt386_store s;
    a->changed = 0;
    for (unsigned n = 0; rt386_bare_store_at(a->runner->machine, n, &s); n++)
        for (unsigned k = 0; k < s.size; k++)
            if (!put_byte(a, s.at + k, hint)) return false;
    a->test.fina.ram = (rt386_moo_list){a->ram, a->changed};
    return true;
}

/* Where the flags were pushed: in real mode two words above SP; in protected mode, with gates of 16 and 32 bits and
 * frames of two lengths, only an address that is known already is kept. */
static uint32_t flags_at(const struct again *a)
{
    const struct moo_play *p = &a->play;
    const rt386_moo_test *t = p->test;
    if (t->stop) return 0;
    if (!p->info->mode) return (p->end[RT386_MOO_SS] << 4) + ((p->end[RT386_MOO_ESP] + 4) & 0xffff);
    return t->has_exception && t->vector == a->runner->vector ? t->flags_at : 0;
}

static void put_end(struct again *a)
{
    const rt386_moo_runner *r = a->runner;
    rt386_moo_test *t = &a->test;
    bool protected = a->play.info->mode;
    t->has_exception = r->vector >= 0;
    t->vector = r->vector >= 0 ? (uint8_t)r->vector : 0;
    t->flags_at = t->has_exception ? flags_at(a) : 0;
    t->has_error = protected && t->has_exception && r->has_error;
    t->has_cr2 = protected && t->has_exception && r->has_cr2;
    t->error = t->has_error ? r->error : 0;
    t->cr2 = t->has_cr2 ? r->cr2 : 0;
    t->has_hash = false; /* another test now */
    t->cycles = (rt386_moo_list){NULL, 0};
}

rt386_status rt386_moo_again(rt386_moo_runner *runner, const rt386_moo *moo, uint32_t position,
                             rt386_moo_writer *writer)
{
    struct again *a = calloc(1, sizeof *a);
    rt386_moo_test t;
    rt386_status st = a ? RT386_E_ARG : RT386_E_NOMEM;
    if (a && rt386_moo_test_at(moo, position, &t)) {
        a->runner = runner;
        a->play = (struct moo_play){.info = &moo->info, .test = &t};
        a->test = t;
        runner->any = true;
        st = moo_play(runner, &a->play);
    }
    if (st == RT386_OK) {
        put_registers(a);
        put_descs(a);
        put_end(a);
        st = put_memory(a) ? rt386_moo_writer_add(writer, &a->test) : RT386_E_RANGE;
    }
    free(a);
    return st;
}
