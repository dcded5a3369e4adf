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
#include "moo_play.h"

#include <stdio.h>
#include <string.h>

#define FLAGS_EXIST 0x00037fd7u

struct judge { /* one comparison */
    rt386_moo_runner *runner;
    const struct moo_play *play;
    const rt386_moo_info *info;
    const rt386_moo_test *test;
    rt386_moo_result *out;
    uint32_t undefined; /* flags */
    uint32_t flags_at;  /* of the frame of an exception */
    bool masked;        /* something differed in bits that do not count */
};

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

static void compare_registers(struct judge *j)
{
    const uint32_t *initial = j->play->initial, *actual = j->play->end;
    const rt386_moo_regs *fina = &j->test->fina.regs;
    uint32_t listed = j->info->wide ? (1u << RT386_MOO_REGS) - 1 : j->test->init.regs.have;
    j->flags_at = j->info->mode
                      ? j->test->flags_at
                      : (actual[RT386_MOO_SS] << 4) + ((actual[RT386_MOO_ESP] + 4) & 0xffff);
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
    if (moo_find_byte(&t->fina.ram_mask, d->at, &hint, &defined)) d->mask = defined;
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
            if (moo_find_byte(fina, s.at + k, &fina_hint, &value)) continue;
            if (!moo_find_byte(init, s.at + k, &init_hint, &value))
                moo_find_byte(&j->info->ram, s.at + k, &file_hint, &value);
            compare_byte(j, s.at + k, value, value, true);
        }
}

static void compare_memory(struct judge *j)
{
    const rt386_moo_list *fina = &j->test->fina.ram;
    uint32_t hint = 0;
    for (uint32_t i = 0; i < fina->n; i++) {
        uint8_t initial = 0;
        moo_find_byte(&j->test->init.ram, moo_entry_at(fina, i), &hint, &initial);
        compare_byte(j, moo_entry_at(fina, i), initial, fina->p[5 * (size_t)i + 4], false);
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

static bool is_code32(const struct judge *j)
{
    return j->info->mode && (j->test->init.descs.at[RT386_MOO_DESC_CS].flags & 4);
}

static void judge_all(struct judge *j)
{
    if (!j->runner->strict)
        j->undefined = rt386_undefined_flags(j->test->bytes.p, j->test->bytes.n, is_code32(j));
    compare_end(j, &j->play->why);
    compare_event(j);
    compare_registers(j);
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

rt386_status rt386_moo_run(rt386_moo_runner *r, const rt386_moo *moo, uint32_t position,
                           rt386_moo_result *out)
{
    rt386_moo_test t;
    if (!out || !rt386_moo_test_at(moo, position, &t)) return RT386_E_ARG;
    out->diffs = 0;
    out->difference = 0;
    out->end[0] = 0;
    struct moo_play play = {.info = &moo->info, .test = &t};
    struct judge j = {.runner = r, .play = &play, .info = &moo->info, .test = &t, .out = out};
    r->any = false;
    rt386_status st = moo_play(r, &play);
    if (st == RT386_OK) judge_all(&j);
    return st;
}
