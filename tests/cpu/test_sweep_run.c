/* Running a prepared state with and without a fault, and judging what is left. */
#include "sweep.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* The only ways in which a fault may leave something behind. */
const struct sweep_exception sweep_exceptions[SWX_COUNT] = {
    [SWX_REP] = {"REP between iterations",
                 "completed iterations stay, the registers stand at the one "
                 "that faulted",
                 "386 3.6.1"},
    [SWX_PUSHA] = {"PUSHA, elements",
                   "elements stored before the fault stay in memory; ESP does not "
                   "move",
                   "UNDOC, measured"},
    [SWX_POPA] = {"POPA, registers",
                  "registers loaded before the fault keep the new values; ESP does "
                  "not move",
                  "UNDOC, measured"},
    [SWX_ENTER] = {"ENTER, frame",
                   "the frame pointer and the copied pointers stay in memory; ESP and "
                   "EBP do not move",
                   "UNDOC, measured"},
    [SWX_ACCESSED] = {"accessed bits",
                      "descriptors that were accepted before the fault are marked as "
                      "accessed",
                      "386 5.1.1"},
    [SWX_TASK] = {"task switch past its commit point",
                  "the fault belongs to the new task; selectors "
                  "are loaded, segments that were not reached are unusable",
                  "386 7.5, 9.8.14.1"},
};

/* --- running --- */

static bool same_instruction(const struct sweep *w, const struct i386_state *s)
{
    return w->in.rep && sweep_repeats(w->form.row) && s->eip == w->start.eip &&
           !(s->eflags & FL_TF);
}

/* Steps until the instruction is over: a fault, an end, or the next instruction. */
void sweep_run(struct sweep *w, struct sweep_trail *t, const struct i386_state *from,
               unsigned fail_at)
{
    t->stores = t->accesses = t->uses = t->committed = t->unannounced = 0;
    t->ports = w->ports_before;
    t->fault = false;
    t->points = 1;
    t->point[0] = (struct sweep_point){.s = *from};
    w->now = t;
    w->fail_at = fail_at;
    w->cpu.s = *from;
    w->cpu.hook = w->hookless ? NULL : &w->hook;
    w->cpu.trap_point = 0;
    while (t->points < SW_POINTS - 1) {
        t->step = cpu_step(&w->cpu);
        if (t->fault || t->step != STEP_RETIRED || !same_instruction(w, &w->cpu.s)) break;
        t->point[t->points++] = (struct sweep_point){w->cpu.s, t->stores, t->accesses, t->ports};
    }
    t->s = w->cpu.s;
    w->now = NULL;
}

/* --- complaining: which form, which access, what; the first few of a row --- */

#define COMPLAINTS 12

static void complain(struct sweep *w, unsigned n, const char *what, unsigned long long is,
                     unsigned long long want)
{
    char code[40] = "";
    if (w->complaints++ >= COMPLAINTS) return;
    for (unsigned i = 0; i < w->code_len; i++)
        sprintf(code + 2 * i, "%02x", w->code[i]);
    cr_expect(false, "%s (%s, variant %u) in %s, access %u of %u: %s is %llx, not %llx",
              i386_rows[w->form.row].mnemonic, code, w->form.variant, w->mode->name, n,
              w->plain.accesses, what, is, want);
}

static void compare_state(struct sweep *w, unsigned n, const struct i386_state *is,
                          const struct i386_state *want)
{
    unsigned count;
    if (memcmp(is, want, sizeof *is) == 0) return;
    const struct state_field *field = state_fields(&count);
    for (unsigned i = 0; i < count; i++, field++)
        if (state_get(is, field) != state_get(want, field))
            complain(w, n, field->name, state_get(is, field), state_get(want, field));
}

/* --- memory: what was written, in the run and in the one to compare with --- */

static void want_store(struct sweep *w, const struct sweep_store *s)
{
    uint8_t bytes[4];
    put32(bytes, s->value);
    memcpy(w->want + s->at, bytes, s->size);
}

static void want_reset(struct sweep *w, const struct sweep_trail *t)
{
    for (unsigned i = 0; i < t->stores; i++)
        memcpy(w->want + t->store[i].at, w->was + t->store[i].at, t->store[i].size);
}

static void compare_stores(struct sweep *w, unsigned n, const struct sweep_trail *t)
{
    for (unsigned i = 0; i < t->stores; i++)
        for (unsigned k = 0; k < t->store[i].size; k++) {
            uint32_t at = t->store[i].at + k;
            uint8_t is = (uint8_t)sweep_get(w, at, 1);
            if (is == w->want[at]) continue;
            char what[32];
            snprintf(what, sizeof what, "byte %05x", at);
            complain(w, n, what, is, w->want[at]);
            return;
        }
}

static void compare_all(struct sweep *w, unsigned n)
{
    static uint8_t ram[SW_RAM];
    cr_assert(bus_peek(w->bus, phys(0), ram, SW_RAM));
    if (memcmp(ram, w->want, SW_RAM)) complain(w, n, "memory", 0, 0);
}

/* `want` holds what must be there. */
static void compare_memory(struct sweep *w, unsigned n, const struct sweep_trail *t)
{
    compare_stores(w, n, t);
    compare_stores(w, n, &w->plain);
    if (w->whole) compare_all(w, n);
}

/* --- the exceptions by name --- */

static unsigned body(const struct sweep *w)
{
    return i386_rows[w->form.row].body;
}

static bool is_accessed_bit(const struct sweep *w, const struct sweep_store *s)
{
    bool table = s->at >= SW_GDT && s->at < SW_GDT + SW_GDT_END;
    return table && (s->at & 7u) == 5 && s->size == 1 && (s->value & ACC_S) &&
           (s->value ^ w->was[s->at]) == ACC_ACCESSED;
}

/* Does this store of the plain run outlive a fault at access n? */
static int stays(const struct sweep *w, const struct sweep_store *s, unsigned n)
{
    if (s->access >= n) return -1;
    if (w->faulty.committed) return SWX_TASK;
    if (body(w) == BODY_PUSHA) return SWX_PUSHA;
    if (body(w) == BODY_ENTER) return SWX_ENTER;
    return is_accessed_bit(w, s) ? SWX_ACCESSED : -1;
}

static unsigned data_accesses(const struct sweep_trail *t, unsigned from, unsigned to)
{
    unsigned count = 0;
    for (unsigned i = from; i < to; i++)
        count += t->access[i].access != ACCESS_FETCH;
    return count;
}

/* EDI ESI EBP (ESP) EBX EDX ECX EAX: what was loaded before access n. */
static void popa_registers(struct sweep *w, unsigned n, struct i386_state *want)
{
    unsigned loaded = data_accesses(&w->plain, 0, n - 1),
             mask = w->form.opsize == 4 ? 0xffffffff : 0xffff;
    for (unsigned i = 0; i < loaded; i++) {
        unsigned reg = EDI - i;
        if (reg == ESP) continue;
        want->gpr[reg] = (want->gpr[reg] & ~mask) | (w->plain.s.gpr[reg] & mask);
    }
    if (loaded) w->count.excepted[SWX_POPA]++;
}

/* The new task is there. LDTR, CS, SS, DS, ES, FS, GS: segments are loaded in this order, up to the
 * one that faulted. */
static void committed_state(struct sweep *w, unsigned n, struct i386_state *want)
{
    static const enum segreg order[] = {CS, SS, DS, ES, FS, GS};
    const struct i386_state *is = &w->at_fault;
    struct shadow none = shadow_null();
    uint64_t clocks = want->clocks, insns = want->insns;
    bool loaded = true;
    *want = w->plain.s;
    want->clocks = clocks;
    want->insns = insns;
    want->pending_db = 0;
    for (unsigned i = 0; i < 7; i++) {
        const struct shadow *sh = i ? &is->seg[order[i - 1]].sh : &is->ldtr.sh;
        struct shadow *to = i ? &want->seg[order[i - 1]].sh : &want->ldtr.sh;
        if (!sh->usable && to->usable) loaded = false;
        if (!loaded) *to = none;
    }
    w->count.excepted[SWX_TASK]++;
}

/* --- at the exception --- */

static void want_at_fault(struct sweep *w, unsigned n, struct i386_state *want)
{
    const struct sweep_trail *plain = &w->plain;
    const struct sweep_point *p = &plain->point[w->faulty.points - 1];
    unsigned stayed[SWX_COUNT] = {0};
    *want = p->s;
    if (w->faulty.points > 1) w->count.excepted[SWX_REP]++;
    if (body(w) == BODY_POPA) popa_registers(w, n, want);
    if (w->faulty.committed) committed_state(w, n, want);
    if (w->injected.has_cr2) want->cr2 = w->injected.cr2;
    for (unsigned i = 0; i < plain->stores; i++) {
        int how = i < p->stores ? SWX_REP : stays(w, &plain->store[i], n);
        if (how < 0) continue;
        want_store(w, &plain->store[i]);
        if (how != SWX_REP && how != SWX_TASK && !stayed[how]++) w->count.excepted[how]++;
    }
}

/* Called when the first exception of the faulty run is about to be delivered. */
static void judge_fault(struct sweep *w)
{
    struct i386_state want;
    struct sweep_trail *t = &w->faulty;
    unsigned n = w->cause->n ? w->cause->n : t->accesses + 1;
    const struct sweep_point *p = &w->plain.point[t->points - 1];
    if (w->cause->repair) w->cause->repair(w, w->cause);
    want_at_fault(w, n, &want);
    compare_state(w, n, &w->at_fault, &want);
    compare_memory(w, n, t);
    want_reset(w, &w->plain);
    if (t->what.vector != w->injected.vector)
        complain(w, n, "vector", t->what.vector, w->injected.vector);
    if (t->what.error != w->injected.error)
        complain(w, n, "error code", t->what.error, w->injected.error);
    if (w->cause->n && t->accesses != n) complain(w, n, "number of accesses", t->accesses, n);
    if (t->ports != p->ports) complain(w, n, "number of port accesses", t->ports, p->ports);
}

/* --- the frame the handler finds --- */

static void expect_slot(struct sweep *w, unsigned n, const char *what, unsigned slot, uint32_t want,
                        uint32_t mask)
{
    const struct i386_state *s = &w->faulty.s;
    unsigned size = w->mode->prot ? 4 : 2;
    uint32_t sp = shadow_big(&s->seg[SS].sh) ? s->gpr[ESP] : s->gpr[ESP] & 0xffff;
    uint32_t is = sweep_get(
        w, s->seg[SS].sh.base + ((sp + slot * size) & (w->mode->prot ? ~0u : 0xffff)), size);
    if ((is & mask) != (want & mask)) complain(w, n, what, is, want);
}

static void judge_frame(struct sweep *w, unsigned n)
{
    const struct i386_state *s = &w->at_fault;
    unsigned first = w->mode->prot ? 1 : 0;
    if (w->faulty.step != STEP_EVENT) {
        complain(w, n, "step", w->faulty.step, STEP_EVENT);
        return;
    }
    if (w->mode->prot) expect_slot(w, n, "saved error code", 0, w->injected.error, ~0u);
    expect_slot(w, n, "saved EIP", first, w->start.eip, w->mode->prot ? ~0u : 0xffff);
    expect_slot(w, n, "saved CS", first + 1, w->start.seg[CS].sel, 0xffff);
    expect_slot(w, n, "saved EFLAGS", first + 2, s->eflags | FL_RF, w->mode->prot ? ~0u : 0xffff);
    if (w->mode->ring == 0) return;
    expect_slot(w, n, "saved ESP", first + 3, s->gpr[ESP], ~0u);
    expect_slot(w, n, "saved SS", first + 4, s->seg[SS].sel, 0xffff);
}

/* --- the same instruction again, from what the fault left --- */

static void judge_restart(struct sweep *w, unsigned n)
{
    struct i386_state from = w->at_fault;
    from.cr2 = w->start.cr2; /* a handler's business */
    sweep_restore(w, &w->faulty, w->mark);
    w->ports_before = w->plain.point[w->faulty.points - 1].ports;
    sweep_run(w, &w->again, &from, 0);
    w->ports_before = 0;
    struct i386_state want = w->plain.s;
    compare_state(w, n, &w->again.s, &want);
    for (unsigned i = 0; i < w->plain.stores; i++)
        want_store(w, &w->plain.store[i]);
    compare_stores(w, n, &w->faulty);
    compare_stores(w, n, &w->again);
    compare_memory(w, n, &w->again);
    want_reset(w, &w->plain);
    if (w->again.step != w->plain.step) complain(w, n, "step again", w->again.step, w->plain.step);
    if (w->again.ports != w->plain.ports)
        complain(w, n, "ports again", w->again.ports, w->plain.ports);
    w->count.restarts++;
    /* Everything written by the three runs goes back. */
    sweep_restore(w, &w->faulty, 0);
    sweep_restore(w, &w->again, 0);
}

void sweep_case(struct sweep *w, const struct sweep_cause *cause, const struct i386_state *from)
{
    w->cause = cause;
    w->injected = cause->fault;
    w->at_exception = judge_fault;
    sweep_run(w, &w->faulty, from, cause->inject ? cause->n : 0);
    w->at_exception = NULL;
    if (w->faulty.fault) w->count.cases++;
    if (!w->faulty.fault && !cause->optional) complain(w, cause->n, "fault", 0, 1);
    if (!w->faulty.fault && cause->repair) cause->repair(w, cause);
    if (w->faulty.fault && !w->faulty.committed) {
        judge_frame(w, cause->n);
        judge_restart(w, cause->n);
    }
    sweep_restore(w, &w->faulty, 0);
}

/* An operand that is changed is checked for writing before it is read: a fault says W. ARPL reads
 * first: it may have nothing to write [386 17 ARPL]. */
static bool read_before_write(const struct sweep *w)
{
    const struct sweep_trail *t = &w->plain;
    if (!w->form.mem || body(w) == BODY_ARPL) return false;
    for (unsigned i = 0; i + 1 < t->accesses; i++) {
        const struct sweep_access *a = &t->access[i], *next = a + 1;
        if (a->access == ACCESS_READ && next->access == ACCESS_WRITE && a->at.v == next->at.v &&
            a->at.v == w->operand)
            return true;
    }
    return false;
}

/* BOUND and the like: an exception of its own leaves nothing behind either. */
static void judge_own_fault(struct sweep *w)
{
    const struct sweep_point *p = &w->plain.point[w->plain.points - 1];
    compare_state(w, 0, &w->at_fault, &p->s);
    if (w->mark != p->stores) complain(w, 0, "number of stores", w->mark, p->stores);
}

bool sweep_plain(struct sweep *w)
{
    sweep_run(w, &w->plain, &w->start, 0);
    if (w->plain.fault) judge_own_fault(w);
    if (w->plain.unannounced)
        complain(w, 0, "number of bytes written unannounced", w->plain.unannounced, 0);
    if (read_before_write(w)) complain(w, 0, "error code of a read-modify-write", 0, 2);
    sweep_restore(w, &w->plain, 0);
    w->hookless = true;
    sweep_undisturbed(w, &w->start);
    w->hookless = false;
    w->count.states++;
    w->count.accesses += data_accesses(&w->plain, 0, sweep_plain_accesses(w));
    return !w->plain.fault;
}

unsigned sweep_plain_accesses(const struct sweep *w)
{
    const struct sweep_trail *t = &w->plain;
    return t->fault ? t->point[t->points].accesses : t->accesses;
}

void sweep_undisturbed(struct sweep *w, const struct i386_state *from)
{
    w->cause = NULL;
    sweep_run(w, &w->again, from, 0);
    compare_state(w, 0, &w->again.s, &w->plain.s);
    for (unsigned i = 0; i < w->plain.stores; i++)
        want_store(w, &w->plain.store[i]);
    compare_memory(w, 0, &w->again);
    want_reset(w, &w->plain);
    sweep_restore(w, &w->again, 0);
}

static void compare_trails(struct sweep *w, const struct sweep_trail *is,
                           const struct sweep_trail *want, unsigned stores)
{
    for (unsigned i = 0; i < stores; i++) {
        const struct sweep_store *a = &is->store[i], *b = &want->store[i];
        if (a->at != b->at || a->size != b->size) complain(w, 0, "place of a store", a->at, b->at);
        if (a->value != b->value) complain(w, 0, "value of a store", a->value, b->value);
    }
}

void sweep_hookless(struct sweep *w, const struct sweep_cause *cause, const struct i386_state *from)
{
    struct i386_state want = w->at_fault;
    unsigned mark = w->mark;
    w->hookless = true;
    sweep_run(w, &w->again, from, 0);
    w->hookless = false;
    if (w->again.fault != w->faulty.fault) {
        complain(w, 0, "fault without a hook", w->again.fault, w->faulty.fault);
    } else if (w->again.fault) {
        cause->repair(w, cause);
        compare_state(w, 0, &w->at_fault, &want);
        if (w->mark != mark) complain(w, 0, "number of stores", w->mark, mark);
        compare_trails(w, &w->again, &w->faulty, w->mark < mark ? w->mark : mark);
    }
    sweep_restore(w, &w->again, 0);
}

bool sweep_state(struct sweep *w, bool fetches)
{
    bool ended = sweep_plain(w);
    for (unsigned n = 1; n <= sweep_plain_accesses(w); n++)
        if (fetches || w->plain.access[n - 1].access != ACCESS_FETCH)
            sweep_case(w, &(struct sweep_cause){.n = n, .inject = true}, &w->start);
    return ended;
}
