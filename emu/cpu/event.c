/* event.c: what is delivered, in what order, and what happens when delivery itself fails.
 *
 * Two exceptions in a row [386 tables 9-3, 9-4]:
 *
 *                  second:   benign   contributory   page fault
 *   first: benign            second   second         second
 *          contributory      second   double         second
 *          page fault        second   double         double
 *          double fault      ------- shutdown --------------
 *
 *   contributory: 0, 9..13. Interrupts and traps count as benign.
 *
 * The EXT bit of an error code says that the fault came up while something else than the
 * instruction itself was delivered: an interrupt, or an earlier exception.
 */
#include "event.h"
#include "transfer.h"

#define DR6_ALL   0xf00fu
#define DR7_GD    0x2000u
#define ERROR_EXT 0x1u

/* More exceptions in a row than any guest can raise (benign, contributory, page fault, double):
 * a bound for the work of one step whatever an access hook does. */
#define CHAIN_BOUND 8

enum fault_class { CLASS_BENIGN, CLASS_CONTRIBUTORY, CLASS_PAGE, CLASS_DOUBLE };

static enum fault_class class_of(uint8_t vector)
{
    switch (vector) {
    case VEC_DE:
    case VEC_CSO:
    case VEC_TS:
    case VEC_NP:
    case VEC_SS:
    case VEC_GP: return CLASS_CONTRIBUTORY;
    case VEC_PF: return CLASS_PAGE;
    case VEC_DF: return CLASS_DOUBLE;
    default: return CLASS_BENIGN;
    }
}

static bool makes_double(enum fault_class first, enum fault_class second)
{
    if (first == CLASS_CONTRIBUTORY) return second == CLASS_CONTRIBUTORY;
    if (first == CLASS_PAGE) return second == CLASS_CONTRIBUTORY || second == CLASS_PAGE;
    return false;
}

/* --- the chain: the first fault and the last two, for whoever asks why --- */

static void chain_note(struct i386_cpu *cpu, fault_t fault)
{
    if (cpu->chain_len == 3) {
        cpu->chain[1] = cpu->chain[2];
        cpu->chain_len = 2;
    }
    cpu->chain[cpu->chain_len++] = fault;
}

static enum cpu_step shut_down(struct i386_cpu *cpu)
{
    cpu->s.activity = ACT_SHUTDOWN;
    return STEP_SHUTDOWN;
}

/* --- one fault --- */

/* A fault that came up during a delivery: error codes of selectors have EXT [386 9.7]. */
static fault_t with_ext(fault_t fault)
{
    if (fault.vector >= VEC_TS && fault.vector <= VEC_GP) fault.error |= ERROR_EXT;
    return fault;
}

/* Aborts do not set RF, faults do [386 12.3.1.1]. */
static struct event event_of_fault(const struct i386_state *s, fault_t fault)
{
    return (struct event){.vector = fault.vector,
                          .source = EVENT_FAULT,
                          .has_error = vector_has_error(fault.vector),
                          .error = fault.error,
                          .eip = s->eip,
                          .eflags = s->eflags | (fault.vector == VEC_DF ? 0 : FL_RF),
                          .fault = fault};
}

/* What the processor records when an exception is detected, whether or not its handler is reached.
 */
static void record(struct i386_cpu *cpu, fault_t fault)
{
    if (fault.has_cr2) cpu->s.cr2 = fault.cr2;
    if (fault.vector == VEC_DB) cpu->s.dr[6] |= fault.detail & DR6_ALL;
    if (fault.vector == VEC_DB) cpu->s.dr[7] &= ~DR7_GD;
}

static void begin_delivery(struct i386_state *s)
{
    s->activity = ACT_RUN;
    s->inhibit = INHIBIT_NONE;
}

/* Delivers `fault`; what goes wrong on the way becomes the next fault, a double fault or a
 * shutdown. */
static enum cpu_step deliver_chain(struct i386_cpu *cpu, fault_t fault)
{
    for (unsigned i = 0; i < CHAIN_BOUND; i++) {
        struct event ev = event_of_fault(&cpu->s, fault);
        uint32_t clocks;
        record(cpu, fault);
        cpu->last_fault = ev.fault;
        cpu->last_refused = cpu->refused;
        cpu->last_fault_eip = cpu->s.eip;
        cpu->last_fault_cs = cpu->s.seg[CS].sel;
        fault_t next = event_deliver(cpu, &ev, &clocks);
        if (!is_fault(next)) {
            cpu->s.clocks += clocks;
            return STEP_EVENT;
        }
        next = with_ext(next);
        chain_note(cpu, next);
        enum fault_class first = class_of(fault.vector), second = class_of(next.vector);
        if (first == CLASS_DOUBLE) break;
        record(cpu, next);
        fault =
            makes_double(first, second) ? fault_detail(VEC_DF, 0, next.rule, next.detail) : next;
    }
    return shut_down(cpu);
}

enum cpu_step event_fault(struct i386_cpu *cpu, fault_t fault)
{
    const struct cpu_brake *brake = cpu->brake;
    if (brake && brake->fault && brake->fault(brake->ctx, cpu, fault)) return STEP_HELD;
    cpu->chain_len = 0;
    chain_note(cpu, fault);
    cpu->s.pending_db = 0; /* lower priorities are discarded [386 9.3] */
    begin_delivery(&cpu->s);
    return deliver_chain(cpu, fault);
}

/* --- interrupts and traps: not faults themselves --- */

static enum cpu_step deliver_other(struct i386_cpu *cpu, uint8_t vector, enum event_source source)
{
    struct event ev = {
        .vector = vector, .source = (uint8_t)source, .eip = cpu->s.eip, .eflags = cpu->s.eflags};
    uint32_t clocks;
    cpu->chain_len = 0;
    begin_delivery(&cpu->s);
    fault_t fault = event_deliver(cpu, &ev, &clocks);
    if (!is_fault(fault)) {
        cpu->s.clocks += clocks;
        return STEP_EVENT;
    }
    fault = with_ext(fault);
    chain_note(cpu, fault);
    return deliver_chain(cpu, fault);
}

enum cpu_step cpu_interrupt(struct i386_cpu *cpu, uint8_t vector)
{
    return deliver_other(cpu, vector, EVENT_EXTERNAL);
}

static bool is_int_n(const struct exec *x)
{
    return x->in->opcode == 0xcd;
}

/* An instruction enters a handler. */
static fault_t enter_handler(struct exec *x, uint8_t vector, enum event_source source)
{
    const struct i386_state *s = &x->cpu->s;
    struct event ev = {.vector = vector,
                       .source = (uint8_t)source,
                       .eip = x->next_eip,
                       .eflags = s->eflags & ~FL_RF};
    uint32_t clocks;
    TRY(event_deliver(x->cpu, &ev, &clocks));
    x->no_step = true;
    x->keep_rf = true;
    if (state_protected(s)) x->clocks = clocks; /* real mode: the row's own count */
    exec_transferred(x);
    return fault_none();
}

fault_t event_software(struct exec *x, uint8_t vector)
{
    const struct i386_state *s = &x->cpu->s;
    if (state_v86(s) && is_int_n(x) && FL_IOPL_OF(s->eflags) < 3)
        return fault_make(VEC_GP, 0, RULE_FAR_V86_IOPL);
    return enter_handler(x, vector, EVENT_SOFTWARE);
}

/* The gate's DPL is not asked, nor IOPL in V86 mode. DR6 stays as it is; GD is cleared as on each way into
 * this handler; a debug trap that MOV or POP to SS put off is dropped. */
fault_t event_icebp(struct exec *x)
{
    struct i386_state *s = &x->cpu->s;
    s->pending_db = 0; /* a fault drops it, too */
    fault_t fault = enter_handler(x, VEC_DB, EVENT_TRAP);
    if (is_fault(fault)) return with_ext(fault);
    s->dr[7] &= ~DR7_GD;
    return fault_none();
}

/* --- instruction boundaries [386 9.2, table 9-2] --- */

static bool take_debug_trap(struct i386_cpu *cpu, enum cpu_step *step)
{
    struct i386_state *s = &cpu->s;
    if (!s->pending_db || s->inhibit == INHIBIT_SS) return false;
    s->dr[6] |= s->pending_db & DR6_ALL;
    s->dr[7] &= ~DR7_GD;
    s->pending_db = 0;
    *step = deliver_other(cpu, VEC_DB, EVENT_TRAP);
    return true;
}

/* A breakpoint on the next instruction comes before an interrupt. */
static bool take_breakpoint(struct i386_cpu *cpu, enum cpu_step *step)
{
    if (cpu->s.activity != ACT_RUN) return false;
    fault_t fault = debug_fetch(cpu);
    if (!is_fault(fault)) return false;
    *step = event_fault(cpu, fault);
    return true;
}

static bool take_nmi(struct i386_cpu *cpu, enum cpu_step *step)
{
    struct i386_state *s = &cpu->s;
    s->nmi_pending = 0;
    s->nmi_blocked = 1; /* until the next IRET [386 9.2.1] */
    *step = deliver_other(cpu, VEC_NMI, EVENT_EXTERNAL);
    return true;
}

static bool take_intr(struct i386_cpu *cpu, enum cpu_step *step)
{
    int vector = cpu->inta ? cpu->inta(cpu->inta_ctx) : -1;
    if (vector == INTA_HOST) {
        begin_delivery(&cpu->s);
        *step = STEP_HOST;
        return true;
    }
    if (vector < 0) return false;
    *step = deliver_other(cpu, (uint8_t)vector, EVENT_EXTERNAL);
    return true;
}

bool event_boundary(struct i386_cpu *cpu, enum cpu_step *step)
{
    const struct i386_state *s = &cpu->s;
    bool nmi = s->nmi_pending && !s->nmi_blocked && s->inhibit != INHIBIT_SS;
    bool intr = cpu->intr && (s->eflags & FL_IF) && s->inhibit == INHIBIT_NONE;
    if (s->activity == ACT_SHUTDOWN && !nmi) { /* only NMI and RESET end it */
        *step = STEP_SHUTDOWN;
        return true;
    }
    if (s->activity == ACT_SHUTDOWN) return take_nmi(cpu, step);
    if (take_debug_trap(cpu, step)) return true;
    if (!nmi && !intr) return false;
    if (take_breakpoint(cpu, step)) return true;
    return nmi ? take_nmi(cpu, step) : take_intr(cpu, step);
}
