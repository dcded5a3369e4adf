#include "observe.h"

#include <rt386/account.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCESS_SHOWN 4u
#define FAULTS_SHOWN 20u
#define SEGREGS      6
#define SLOTS        8192u
#define CALLS_SHOWN  12u  /* of one name */
#define ERRORS_SHOWN 3u   /* of one name and status, beyond those */
#define LOADS_SHOWN  4u   /* lists of one instruction */
#define TABLE_SHOWN  16u  /* GDT entries written outside calls: a process ends */
#define LINES_SHOWN  300u /* accesses and sums in one run */
#define LISTS_SHOWN  500u /* of a guest without INtime, but for refusals */
#define TALLIES      512u
#define THREADS      64u /* calls that wait at one time; more lose their arguments in the text */

struct access_run { /* since the register was loaded */
    unsigned shown;
    struct view_accesses more;
};

struct entered { /* a call that has not returned */
    uint16_t thread;
    bool shown;
    char arguments[256];
};

struct tally { /* how often something was seen */
    const void *what;
    uint32_t which;
    unsigned n;
};

/* The steps since the last instruction began. */
struct group {
    rt386_step *step;
    unsigned n, room;
    bool own; /* they are those of the instruction that was seen last */
};

struct observe {
    rt386 *machine;
    struct view view;
    struct trace *trace;
    struct crash *crash;
    bool events, all;
    bool have_insn;
    rt386_insn_event insn;
    struct group group;
    unsigned faults;
    struct access_run run[SEGREGS];
    struct entered entered[THREADS];
    struct tally tally[TALLIES];
    bool in_call, call_shown; /* the kernel is at work for a call; which the reader sees */
    unsigned table_lines, access_lines, lists;
    bool held; /* a return that waits for the GDT writes of its call */
    rt386_call_event held_call;
    char held_arguments[256], held_process[16];
    struct view_hidden hidden;
    uint8_t handle[SLOTS / 8]; /* GDT slots that hold, or held, a memory handle */
};

/* ---- instructions -------------------------------------------------------------------------- */

/* Counts, and says how often it was seen with this time. What finds no room is always new. */
static unsigned tally(struct observe *o, const void *what, uint32_t which)
{
    unsigned at = (unsigned)(((uintptr_t)what >> 3) + which * 2654435761u) % TALLIES;
    for (unsigned i = 0; i < 8; i++) {
        struct tally *t = &o->tally[(at + i) % TALLIES];
        if (t->n && (t->what != what || t->which != which)) continue;
        *t = (struct tally){what, which, t->n + 1};
        return t->n;
    }
    return 1;
}

static void held_release(struct observe *o)
{
    if (!o->held) return;
    o->in_call = false;
    o->held = false;
    o->view.ops->call(o->view.ctx, &o->held_call);
}

static void group_flush(struct observe *o);

static void on_insn(void *ctx, const rt386_insn_event *e)
{
    struct observe *o = ctx;
    held_release(o);
    group_flush(o);
    o->insn = *e;
    o->have_insn = true;
    o->group.own = true;
    if (o->trace) trace_insn(o->trace, e);
}

/* ---- accesses ------------------------------------------------------------------------------ */

static void access_flush(struct observe *o, unsigned seg)
{
    struct access_run *r = &o->run[seg];
    if (r->more.reads + r->more.writes) {
        o->view.ops->accesses(o->view.ctx, &r->more);
        o->access_lines++;
    }
    r->more = (struct view_accesses){0};
}

void observe_flush(struct observe *o)
{
    held_release(o);
    group_flush(o);
    for (unsigned i = 0; i < SEGREGS; i++)
        access_flush(o, i);
}

static bool slot_known(const struct observe *o, uint16_t selector)
{
    unsigned slot = selector >> 3;
    return !(selector & 4) && slot && (o->handle[slot / 8] >> (slot % 8) & 1);
}

static void access_add(struct view_accesses *a, const rt386_mem_event *e, uint16_t selector)
{
    uint32_t last = e->offset + e->size - 1;
    bool first = a->reads + a->writes == 0;
    a->seg = e->seg;
    a->selector = selector;
    if (first || e->offset < a->low) a->low = e->offset;
    if (first || last > a->high) a->high = last;
    if (e->access == RT386_WRITE)
        a->writes++;
    else
        a->reads++;
}

static void on_mem(void *ctx, const rt386_mem_event *e)
{
    struct observe *o = ctx;
    if (o->trace) trace_mem(o->trace, e);
    if (!o->events || e->access == RT386_FETCH || (unsigned)e->seg >= SEGREGS) return;
    bool extra = e->seg == RT386_ES || e->seg == RT386_FS || e->seg == RT386_GS;
    if (!extra && e->seg != RT386_DS) return;
    uint16_t selector = rt386_seg_get(o->machine, e->seg).selector;
    if (!slot_known(o, selector)) return;
    struct access_run *r = &o->run[e->seg];
    if (!o->all && (r->shown >= ACCESS_SHOWN || o->access_lines >= LINES_SHOWN)) {
        if (r->more.selector != selector) access_flush(o, (unsigned)e->seg);
        access_add(&r->more, e, selector);
        return;
    }
    r->shown++;
    o->access_lines++;
    struct view_access a = {e, selector};
    o->view.ops->access(o->view.ctx, &a);
}

/* ---- whose code ------------------------------------------------------------------------------ */

static void process_of_cs(const struct observe *o, uint16_t cs, char to[16])
{
    rt386_process p;
    to[0] = '\0';
    for (unsigned i = 0; rt386_intime_process(o->machine, i, &p); i++)
        if (p.alive && (p.cs | 3) == (cs | 3)) memcpy(to, p.name, 16);
    to[15] = '\0';
}

/* ---- what an instruction did ----------------------------------------------------------------- */

/* What the table holds now; the segment register may have been loaded from something else. */
static bool entry_of(const struct observe *o, uint16_t selector, rt386_desc *desc)
{
    rt386_table table = selector & 4 ? RT386_LDT : RT386_GDT;
    return selector > 3 &&
           rt386_table_entry(o->machine, table, selector >> 3, desc, NULL) == RT386_OK;
}

/* A memory handle is loaded, or anything is refused. A task switch reloads every register; the program did not ask for it. */
static bool selector_matters(const struct observe *o, const rt386_step *s)
{
    return s->why.fault.raised ||
           (slot_known(o, s->why.selector) && !strstr(s->why.purpose, "task"));
}

static const rt386_step *step_of(const struct group *g, rt386_step_kind kind)
{
    for (unsigned i = 0; i < g->n; i++)
        if (g->step[i].kind == kind) return &g->step[i];
    return NULL;
}

/* The first use of the coprocessor, which every program makes; floods. */
static bool fault_is_dull(struct observe *o, const rt386_step *s)
{
    return !strcmp(rt386_rule(s->why.fault.rule).name, "INSN_FPU_SWITCHED") ||
           ++o->faults > FAULTS_SHOWN;
}

/* Of an instruction; of what came before one, of its vector. */
static bool often(struct observe *o, const char *what)
{
    const rt386_step *delivery = step_of(&o->group, RT386_STEP_DELIVERY);
    uint32_t which = o->group.own || !delivery ? o->insn.linear : delivery->vector;
    return tally(o, what, which) > LOADS_SHOWN;
}

/* Without INtime nobody but the guest loads selectors, so each that is new is shown. */
static bool group_matters(struct observe *o)
{
    static const char loads[] = "loads", transfers[] = "transfers";
    const struct group *g = &o->group;
    const rt386_step *fault = step_of(g, RT386_STEP_FAULT);
    rt386_process p;
    if (fault) return !fault_is_dull(o, fault);
    for (unsigned i = 0; i < g->n; i++)
        if (g->step[i].kind == RT386_STEP_SELECTOR && selector_matters(o, &g->step[i]))
            return g->step[i].why.fault.raised || !often(o, loads);
    if (rt386_intime_process(o->machine, 0, &p)) return false;
    bool told = step_of(g, RT386_STEP_SELECTOR) || step_of(g, RT386_STEP_GATE) ||
                step_of(g, RT386_STEP_TASK);
    return told && !often(o, transfers) && o->lists++ < LISTS_SHOWN;
}

/* Plain accesses and ports are no list: the first are told by `access`. */
static bool group_is_plain(const struct group *g)
{
    for (unsigned i = 0; i < g->n; i++)
        if (g->step[i].kind != RT386_STEP_MEMORY && g->step[i].kind != RT386_STEP_PORT)
            return false;
    return true;
}

/* The bytes at EIP, as many as are mapped. */
static void code_at(const struct observe *o, struct view_steps *v)
{
    rt386_addr at = {.space = RT386_LINEAR, .at = v->insn->linear};
    for (unsigned n = sizeof v->code; n && !v->code_length; n--)
        if (rt386_peek(o->machine, at, v->code, n) == RT386_OK) v->code_length = n;
}

static void group_show(struct observe *o)
{
    struct group *g = &o->group;
    const rt386_step *fault = step_of(g, RT386_STEP_FAULT);
    struct view_steps v = {.step = g->step, .count = g->n};
    if (g->own && o->have_insn) v.insn = &o->insn;
    process_of_cs(o, v.insn ? v.insn->cs : fault ? fault->why.fault.cs : 0, v.process);
    if (fault && fault->has_reg) v.have_desc = entry_of(o, fault->before.selector, &v.desc);
    if (fault && fault->vector == 6 && v.insn) code_at(o, &v);
    for (unsigned i = 0; i < SEGREGS && fault; i++)
        access_flush(o, i);
    for (unsigned i = 0; i < g->n; i++)
        if (g->step[i].kind == RT386_STEP_REGISTER && g->step[i].reg < SEGREGS) {
            access_flush(o, g->step[i].reg);
            o->run[g->step[i].reg].shown = 0;
        }
    o->view.ops->steps(o->view.ctx, &v);
}

static void group_flush(struct observe *o)
{
    struct group *g = &o->group;
    if (g->n && !group_is_plain(g)) {
        if (o->all || group_matters(o))
            group_show(o);
        else if (step_of(g, RT386_STEP_DELIVERY))
            o->hidden.events++;
        else if (step_of(g, RT386_STEP_SELECTOR))
            o->hidden.loads++;
    }
    g->n = 0;
}

/* An interrupt comes before an instruction, and a fetch can fault before one is seen. What is refused behind the commit point of a
 * task switch is told as the new task's, and is still this instruction's. */
static bool step_is_another(const struct observe *o, const rt386_step *s)
{
    const rt386_fault *f = &s->why.fault;
    if (s->kind == RT386_STEP_DELIVERY) return s->source == 'x';
    return s->kind == RT386_STEP_FAULT && !step_of(&o->group, RT386_STEP_TASK) &&
           (f->cs != o->insn.cs || f->eip != o->insn.eip);
}

static void on_step(void *ctx, const rt386_step *step)
{
    struct observe *o = ctx;
    struct group *g = &o->group;
    if (step_is_another(o, step)) {
        group_flush(o);
        g->own = false;
    }
    if (g->n == g->room) {
        unsigned room = g->room ? 2 * g->room : 32;
        rt386_step *p = realloc(g->step, room * sizeof *p);
        if (!p) return; /* the list is cut where the host has no memory left */
        g->step = p;
        g->room = room;
    }
    g->step[g->n++] = *step;
}

/* ---- loads, tables, calls -------------------------------------------------------------------- */

static void on_segload(void *ctx, const rt386_explanation *e)
{
    struct observe *o = ctx;
    trace_load(o->trace, e);
}

/* The kernel says what a slot holds; other data segments that ring 3 may load (the flat DS, the
 * thread block) are a process's own from birth. */
static bool is_memory_handle(const rt386_desc *d, const char *owner)
{
    return d->kind == RT386_DESC_DATA && strstr(owner, "memory handle");
}

static void on_table(void *ctx, const rt386_table_event *e)
{
    struct observe *o = ctx;
    group_flush(o);
    unsigned slot = e->selector >> 3;
    if (is_memory_handle(&e->after, e->owner)) o->handle[slot / 8] |= (uint8_t)(1u << (slot % 8));
    bool known = slot_known(o, e->selector);
    bool room = o->in_call ? o->call_shown : o->table_lines++ < TABLE_SHOWN;
    if (o->all || (known && room))
        o->view.ops->table(o->view.ctx, e, rt386_intime_free_slots(o->machine));
    else
        o->hidden.table++;
}

/* printf and its like, whose text is shown as guest text, and what start-up code calls. */
static bool call_is_dull(const char *name)
{
    static const char *const prefixes[] = {"RtTls",
                                           "Rsl",
                                           "GetRtModuleHandle",
                                           "GetRtProcAddress",
                                           "knCreateRtSemaphore",
                                           "knWaitForRtSemaphore",
                                           "knReleaseRtSemaphore"};
    for (unsigned i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (!strncmp(name, prefixes[i], strlen(prefixes[i]))) return true;
    return islower((unsigned char)name[0]) && strncmp(name, "kn", 2) != 0;
}

static struct entered *entered_of(struct observe *o, uint16_t thread)
{
    struct entered *empty = NULL;
    for (unsigned i = 0; i < THREADS; i++) {
        if (o->entered[i].thread == thread) return &o->entered[i];
        if (!o->entered[i].thread && !empty) empty = &o->entered[i];
    }
    return empty;
}

/* A return is held until the call's GDT writes have been seen; its arguments are those of the entry. */
static void call_leaves(struct observe *o, const rt386_call_event *e)
{
    struct entered *entered = entered_of(o, e->thread);
    bool known = entered && entered->thread == e->thread;
    const char *arguments = known ? entered->arguments : e->arguments ? e->arguments : "";
    snprintf(o->held_arguments, sizeof o->held_arguments, "%s", arguments);
    snprintf(o->held_process, sizeof o->held_process, "%s", e->process_name ? e->process_name : "");
    o->held_call = *e;
    o->held_call.arguments = o->held_arguments;
    o->held_call.process_name = o->held_process;
    o->held = true;
    if (known && !e->blocked) entered->thread = 0;
}

static void call_enters(struct observe *o, const rt386_call_event *e)
{
    bool shown = o->all || (!call_is_dull(e->name) && tally(o, e->name, UINT32_MAX) <= CALLS_SHOWN);
    struct entered *entered = entered_of(o, e->thread);
    if (entered) {
        entered->thread = e->thread;
        entered->shown = shown;
        snprintf(entered->arguments, sizeof entered->arguments, "%s",
                 e->arguments ? e->arguments : "");
    }
    o->in_call = true;
    o->call_shown = shown;
    o->hidden.calls += !shown;
    if (shown) o->view.ops->call(o->view.ctx, e);
}

static void on_call(void *ctx, const rt386_call_event *e)
{
    struct observe *o = ctx;
    if (o->crash) crash_call(o->crash, e);
    if (!o->events) return;
    group_flush(o);
    if (o->access_lines < LINES_SHOWN) observe_flush(o);
    held_release(o);
    if (!e->leaving) {
        call_enters(o, e);
        return;
    }
    struct entered *entered = entered_of(o, e->thread);
    bool shown = !entered || entered->thread != e->thread || entered->shown;
    /* A failure of a new kind is worth a line whatever was left out before. */
    bool start_up =
        entered && strstr(entered->arguments, "RtRsl.rsl"); /* is it there? it may not be */
    if (!shown && e->status && !start_up) shown = tally(o, e->name, e->status) <= ERRORS_SHOWN;
    if (shown) {
        call_leaves(o, e);
        return;
    }
    if (!e->blocked && entered) entered->thread = 0;
    o->call_shown = false; /* its GDT writes come now */
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void on_task(void *ctx, uint16_t from, uint16_t to)
{
    struct observe *o = ctx;
    if (step_of(&o->group, RT386_STEP_TASK)) return; /* the list tells it */
    observe_flush(o);
    o->view.ops->task(o->view.ctx, from, to);
}

static void on_process(void *ctx, uint16_t handle, const char *name, bool started, uint32_t code)
{
    struct observe *o = ctx;
    observe_flush(o);
    o->view.ops->process(o->view.ctx, handle, name, started, code);
}

static void on_fault(void *ctx, const rt386_thread_fault *e)
{
    struct observe *o = ctx;
    observe_flush(o);
    o->view.ops->fault(o->view.ctx, e);
    if (o->crash) crash_fault(o->crash, e);
}

struct observe *observe_new(rt386 *machine, const struct view *view, struct trace *trace,
                            struct crash *crash, bool events, bool all)
{
    struct observe *o = calloc(1, sizeof *o);
    if (!o) return NULL;
    o->machine = machine;
    o->view = *view;
    o->trace = trace;
    o->crash = crash;
    o->events = events;
    o->all = all;
    return o;
}

rt386_status observe_attach(struct observe *o)
{
    rt386_observer observer = {.size = sizeof observer, .ctx = o, .fault = on_fault};
    if (o->events || o->trace) {
        observer.insn = on_insn;
        observer.mem = on_mem;
    }
    if (o->trace) observer.segload = on_segload;
    if (o->events || o->crash) observer.call = on_call;
    if (o->events) {
        observer.table = on_table;
        observer.process = on_process;
        if (o->all) observer.task = on_task;
    }
    rt386_status status = rt386_observe(o->machine, &observer);
    if (status == RT386_OK && o->events) status = rt386_observe_steps(o->machine, on_step, o);
    return status;
}

void observe_finish(struct observe *o)
{
    observe_flush(o);
    if (o->events) o->view.ops->hidden(o->view.ctx, &o->hidden);
}

void observe_free(struct observe *o)
{
    if (o) free(o->group.step);
    free(o);
}
