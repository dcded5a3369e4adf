/* account.c: one instruction or interrupt on a copy of the machine, with its steps kept. */
#include <rt386/account.h>
#include <rt386/snapshot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steps.h"

struct rt386_account {
    rt386_step *step;
    unsigned count, room;
    bool failed;      /* the host has no memory for all steps */
    bool interrupted; /* something was delivered that is no fault, and no instruction had begun */
    rt386_account_result result;
};

/* --- what is kept --- */

static void keep(void *ctx, const rt386_step *step)
{
    rt386_account *a = ctx;
    if (a->count == a->room) {
        unsigned room = a->room ? 2 * a->room : 16;
        rt386_step *p = realloc(a->step, room * sizeof *p);
        a->failed |= !p;
        if (!p) return;
        a->step = p;
        a->room = room;
    }
    a->step[a->count++] = *step;
    if (step->kind == RT386_STEP_DELIVERY) a->result.deliveries++;
    if (step->kind == RT386_STEP_DELIVERY && step->source != 'f' && !a->result.has_insn)
        a->interrupted = true;
    if (step->kind == RT386_STEP_FAULT && !a->result.fault.raised)
        a->result.fault = step->why.fault;
}

static void keep_insn(void *ctx, const rt386_insn_event *insn)
{
    rt386_account *a = ctx;
    if (a->result.has_insn) return;
    a->result.has_insn = true;
    a->result.insn = *insn;
}

static void state_of(const rt386 *m, rt386_account_state *to)
{
    const struct i386_state *s = &m->cpu.s;
    memcpy(to->gpr, s->gpr, sizeof to->gpr);
    to->eip = s->eip;
    to->eflags = s->eflags;
    to->cr0 = s->cr0;
    to->cr2 = s->cr2;
    to->cr3 = s->cr3;
    to->cpl = s->cpl;
    for (unsigned i = 0; i < 8; i++)
        to->seg[i] = rt386_seg_get(m, (rt386_segreg)i);
}

static void keep_call(void *ctx, const rt386_call_event *call)
{
    rt386_step step = {.kind = RT386_STEP_CALL};
    snprintf(step.call.name, sizeof step.call.name, "%s", call->name);
    if (call->arguments)
        snprintf(step.call.arguments, sizeof step.call.arguments, "%.191s", call->arguments);
    step.call.leaving = call->leaving;
    step.call.blocked = call->blocked;
    step.call.result = call->result;
    step.call.status = call->status;
    keep(ctx, &step);
}

static void keep_entry(void *ctx, const rt386_table_event *e)
{
    rt386_step step = {.kind = RT386_STEP_ENTRY,
                       .selector = e->selector,
                       .linear = e->linear,
                       .old_desc = e->before,
                       .new_desc = e->after};
    memcpy(step.owner, e->owner, sizeof step.owner);
    keep(ctx, &step);
}

static rt386_account_end end_of(const rt386_account *a, bool retired)
{
    if (a->result.exit.kind == RT386_EXIT_TRIPLE_FAULT) return RT386_ACCOUNT_SHUTDOWN;
    if (a->result.fault.raised) return RT386_ACCOUNT_FAULT;
    if (a->interrupted) return RT386_ACCOUNT_INTERRUPT;
    return retired ? RT386_ACCOUNT_RETIRED : RT386_ACCOUNT_IDLE;
}

/* `vector`: -1, or of the interrupt that comes. */
static void happen(rt386 *copy, int vector, rt386_account *a)
{
    const rt386_observer observer = {.size = sizeof observer,
                                     .ctx = a,
                                     .insn = keep_insn,
                                     .call = keep_call,
                                     .table = keep_entry};
    uint64_t insns = rt386_insns(copy);
    a->failed |= rt386_observe(copy, &observer) != RT386_OK ||
                 rt386_observe_steps(copy, keep, a) != RT386_OK;
    if (a->failed) return;
    state_of(copy, &a->result.before);
    steps_begin(copy->steps);
    if (vector >= 0) {
        if (cpu_interrupt(&copy->cpu, (uint8_t)vector) == STEP_SHUTDOWN)
            a->result.exit.kind = RT386_EXIT_TRIPLE_FAULT;
    } else {
        (void)rt386_run(copy, 1, rt386_clocks(copy) + 1, &a->result.exit);
    }
    steps_end(copy->steps);
    state_of(copy, &a->result.after);
    a->result.end = end_of(a, rt386_insns(copy) != insns);
}

static void symbol_of_machine(const rt386 *m, rt386_insn_event *insn)
{
    insn->symbol = machine_symbol(m, insn->linear, &insn->symbol_offset);
}

static rt386_status account(const rt386 *m, int vector, rt386_account **out)
{
    rt386 *copy;
    *out = NULL;
    rt386_status status = rt386_copy(m, &copy);
    if (status != RT386_OK) return status;
    rt386_account *a = calloc(1, sizeof *a);
    if (a) happen(copy, vector, a);
    rt386_destroy(copy);
    if (!a || a->failed) {
        rt386_account_free(a);
        return RT386_E_NOMEM;
    }
    symbol_of_machine(m, &a->result.insn);
    *out = a;
    return RT386_OK;
}

rt386_status rt386_account_next(const rt386 *m, rt386_account **out)
{
    return out ? account(m, -1, out) : RT386_E_ARG;
}

rt386_status rt386_account_interrupt(const rt386 *m, uint8_t vector, rt386_account **out)
{
    return out ? account(m, vector, out) : RT386_E_ARG;
}

const rt386_step *rt386_account_step(const rt386_account *a, unsigned index)
{
    return index < a->count ? &a->step[index] : NULL;
}

const rt386_account_result *rt386_account_result_of(const rt386_account *a)
{
    return &a->result;
}

void rt386_account_free(rt386_account *a)
{
    if (a) free(a->step);
    free(a);
}
