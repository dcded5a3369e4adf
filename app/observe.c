#include "observe.h"

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
#define LOADS_SHOWN  4u   /* by one instruction */
#define TABLE_SHOWN  16u  /* GDT entries written outside calls: a process ends */
#define LINES_SHOWN  300u /* accesses and sums in one run */
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

struct observe {
    rt386 *machine;
    struct view view;
    struct trace *trace;
    struct crash *crash;
    bool events, all;
    bool have_insn;
    rt386_insn_event insn;
    bool refused; /* `refusal` belongs to the fault that comes next */
    rt386_explanation refusal;
    unsigned faults;
    struct access_run run[SEGREGS];
    struct entered entered[THREADS];
    struct tally tally[TALLIES];
    bool in_call, call_shown; /* the kernel is at work for a call; which the reader sees */
    unsigned table_lines, access_lines;
    bool held; /* a return that waits for the GDT writes of its call */
    rt386_call_event held_call;
    char held_arguments[256], held_process[16];
    struct view_hidden hidden;
    uint8_t handle[SLOTS / 8]; /* GDT slots that hold, or held, a memory handle */
};

/* ---- instructions -------------------------------------------------------------------------- */

static bool is_prefix(uint8_t b)
{
    return b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0x64 || b == 0x65 ||
           b == 0x66 || b == 0x67 || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

int insn_loaded_segment(const uint8_t *bytes, unsigned length)
{
    unsigned i = 0;
    while (i < length && is_prefix(bytes[i]))
        i++;
    if (i + 1 > length || i == length) return -1;
    uint8_t op = bytes[i], next = i + 1 < length ? bytes[i + 1] : 0;
    switch (op) {
    case 0x07: return RT386_ES;
    case 0x17: return RT386_SS;
    case 0x1f: return RT386_DS;
    case 0xc4: return RT386_ES;
    case 0xc5: return RT386_DS;
    case 0x8e: return (next >> 3 & 7) < SEGREGS ? next >> 3 & 7 : -1;
    case 0x0f: break;
    default: return -1;
    }
    switch (next) {
    case 0xa1:
    case 0xb4: return RT386_FS;
    case 0xa9:
    case 0xb5: return RT386_GS;
    case 0xb2: return RT386_SS;
    default: return -1;
    }
}

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

static void on_insn(void *ctx, const rt386_insn_event *e)
{
    struct observe *o = ctx;
    held_release(o);
    o->insn = *e;
    o->have_insn = true;
    o->refused = false;
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

static void process_of_cs(const struct observe *o, char to[16])
{
    rt386_process p;
    to[0] = '\0';
    for (unsigned i = 0; o->have_insn && rt386_intime_process(o->machine, i, &p); i++)
        if (p.alive && (p.cs | 3) == (o->insn.cs | 3)) memcpy(to, p.name, 16);
    to[15] = '\0';
}

/* ---- loads, tables, calls -------------------------------------------------------------------- */

/* A task switch reloads every register; the program did not ask for it. */
static bool load_matters(struct observe *o, const struct view_load *l)
{
    if (l->why->fault.raised) return true;
    if (!l->handle || strstr(l->why->purpose, "task")) return false;
    return !l->insn || tally(o, l->why->purpose, l->insn->linear) <= LOADS_SHOWN;
}

static void on_segload(void *ctx, const rt386_explanation *e)
{
    struct observe *o = ctx;
    if (o->trace) trace_load(o->trace, e);
    if (!o->events) return;
    o->refused = e->fault.raised;
    if (o->refused) o->refusal = *e;
    struct view_load load = {.why = e,
                             .insn = o->have_insn ? &o->insn : NULL,
                             .reg = -1,
                             .handle = slot_known(o, e->selector)};
    if (load.insn) load.reg = insn_loaded_segment(o->insn.bytes, o->insn.length);
    if (!o->all && !load_matters(o, &load)) {
        o->hidden.loads++;
        return;
    }
    process_of_cs(o, load.process);
    if (load.reg >= 0) {
        access_flush(o, (unsigned)load.reg);
        o->run[load.reg].shown = 0;
    }
    o->view.ops->load(o->view.ctx, &load);
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

/* What the table holds now; the segment register may have been loaded from something else. */
static bool entry_of(const struct observe *o, uint16_t selector, rt386_desc *desc)
{
    rt386_table table = selector & 4 ? RT386_LDT : RT386_GDT;
    return selector > 3 &&
           rt386_table_entry(o->machine, table, selector >> 3, desc, NULL) == RT386_OK;
}

/* The last instruction, if the fault is its own: a fetch can fault before an instruction is seen.
 */
static const rt386_insn_event *insn_of(const struct observe *o, const rt386_fault *f)
{
    bool own = !f->raised || (f->cs == o->insn.cs && f->eip == o->insn.eip);
    return o->have_insn && own ? &o->insn : NULL;
}

/* Traps and interrupts; the first use of the coprocessor, which every program makes; floods. */
static bool event_is_dull(struct observe *o, const rt386_event_event *e)
{
    if (e->source != 'f' || !strcmp(rt386_rule(e->fault.rule).name, "INSN_FPU_SWITCHED"))
        return true;
    return ++o->faults > FAULTS_SHOWN;
}

/* The bytes at EIP, as many as are mapped. */
static void code_at(const struct observe *o, struct view_event *v)
{
    rt386_addr at = {.space = RT386_LINEAR, .at = v->insn->linear};
    for (unsigned n = sizeof v->code; n && !v->code_length; n--)
        if (rt386_peek(o->machine, at, v->code, n) == RT386_OK) v->code_length = n;
}

static void on_event(void *ctx, const rt386_event_event *e)
{
    struct observe *o = ctx;
    if (!o->all && event_is_dull(o, e)) {
        o->hidden.events++;
        return;
    }
    observe_flush(o);
    struct view_event v = {.event = e, .insn = insn_of(o, &e->fault)};
    rt386_explanation access;
    process_of_cs(o, v.process);
    if (e->has_access) {
        v.seg = rt386_seg_get(o->machine, e->seg);
        if (rt386_explain_access(o->machine, e->seg, e->offset, e->size, e->access, &access) ==
            RT386_OK)
            v.access = &access;
        v.have_desc = entry_of(o, v.seg.selector, &v.desc);
    } else if (o->refused && o->refusal.fault.rule == e->fault.rule) {
        v.load = &o->refusal;
    }
    if (v.insn && e->vector == 6) code_at(o, &v);
    if (e->fault.has_cr2) v.walk = rt386_page_walk(o->machine, e->fault.cr2);
    o->view.ops->event(o->view.ctx, &v);
    o->refused = false;
}

static void on_task(void *ctx, uint16_t from, uint16_t to)
{
    struct observe *o = ctx;
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
        observer.segload = on_segload;
    }
    if (o->events || o->crash) observer.call = on_call;
    if (o->events) {
        observer.event = on_event;
        observer.table = on_table;
        observer.process = on_process;
        if (o->all) observer.task = on_task;
    }
    return rt386_observe(o->machine, &observer);
}

void observe_finish(struct observe *o)
{
    observe_flush(o);
    if (o->events) o->view.ops->hidden(o->view.ctx, &o->hidden);
}

void observe_free(struct observe *o)
{
    free(o);
}
