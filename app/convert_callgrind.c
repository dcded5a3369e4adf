/* convert_callgrind.c: a profile of the guest's functions for callgrind_annotate and KCachegrind.
 *
 * Each thread (selector of the task register) has a stack of frames. A CALL, INT, exception or interrupt puts one on it when
 * the thread goes on; a return takes off all down to the one that began with the stack pointer that it returns with.
 * The cost of a frame's whole life goes to the edge from its caller. A return that fits no frame changes nothing. A jump into
 * another function is a frame that ends with the one below ("tail").
 *
 * A function is what a symbol of a --symbols file covers, by EIP; elsewhere it is where a call has led to, named
 * "selector:offset". Accesses of no instruction are not counted.
 */
#include "convert.h"
#include "profile.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES  65536u /* of a thread; calls deeper than that are not followed */
#define PLACES  4096u
#define FLAG_D  0x4u
#define F_ESP   4u
#define F_EIP   8u
#define NOWHERE UINT32_MAX

struct frame {
    uint32_t function, caller, address; /* of the call; caller NOWHERE: none is known */
    uint32_t target;                    /* EIP of its first instruction */
    uint32_t slot;                      /* linear address of the stack pointer at its beginning */
    bool tail, event, named;            /* named: by a symbol */
    struct profile_cost entry;          /* of its thread when it began */
};
struct thread {
    uint16_t task;
    struct frame *frame;
    unsigned depth, room;
    struct profile_cost total;
    bool pending, pending_event; /* the next instruction begins a frame */
    uint32_t pending_from;
};
struct place { /* what covers an address of code */
    uint32_t linear, eip, function;
    bool valid, named, first; /* first: its symbol begins here */
};
struct callgrind {
    struct profile *profile;
    rt386_file *file[OPT_LIST_MAX];
    const char *object[OPT_LIST_MAX];
    unsigned files;
    struct thread *thread;
    unsigned threads;
    bool failed;
    struct place place[PLACES];
};

/* --- functions --- */

/* Callgrind's names end with their line, and one that begins with a bracket is a number. */
static void clean(char *name)
{
    if (*name == '(') *name = '_';
    for (; *name; name++)
        if ((unsigned char)*name < ' ') *name = '?';
}

static const struct place *place_of(struct convert *c, uint32_t linear, uint32_t eip)
{
    struct callgrind *own = c->own;
    struct place *p = &own->place[(linear ^ linear >> 12) % PLACES];
    uint32_t behind;
    char name[256];
    if (p->valid && p->linear == linear && p->eip == eip) return p;
    *p = (struct place){.linear = linear, .eip = eip, .valid = true};
    for (unsigned i = 0; i < own->files && !p->named; i++) {
        const char *symbol = rt386_file_symbol(own->file[i], eip, &behind);
        if (!symbol || !*symbol) continue;
        snprintf(name, sizeof name, "%s", symbol);
        clean(name);
        p->named = true;
        p->first = !behind;
        p->function = profile_function(own->profile, own->object[i], name);
    }
    return p;
}

static uint32_t nameless(struct convert *c, uint16_t cs, uint32_t eip)
{
    const struct callgrind *own = c->own;
    char name[24];
    snprintf(name, sizeof name, "%04x:%08x", cs, eip);
    return profile_function(own->profile, "???", name);
}

/* --- stacks --- */

static uint32_t field(const struct convert *c, unsigned index)
{
    return (uint32_t)rt386_trace_field(c->trace, index);
}

static uint32_t segment(const struct convert *c, unsigned s, unsigned part)
{
    return convert_register(c, CONVERT_SEGMENT(s, part));
}

static uint32_t stack_linear(const struct convert *c, uint32_t esp)
{
    bool big = segment(c, RT386_SS, CONVERT_FLAGS) & FLAG_D;
    return segment(c, RT386_SS, CONVERT_BASE) + (big ? esp : esp & 0xffff);
}

/* NULL: no memory. */
static struct thread *thread_now(struct convert *c)
{
    struct callgrind *own = c->own;
    uint16_t task = (uint16_t)segment(c, CONVERT_TR, CONVERT_SELECTOR);
    for (unsigned i = own->threads; i-- > 0;)
        if (own->thread[i].task == task) return &own->thread[i];
    void *to = realloc(own->thread, (own->threads + 1) * sizeof *own->thread);
    own->failed |= !to;
    if (!to) return NULL;
    own->thread = to;
    own->thread[own->threads] = (struct thread){.task = task};
    return &own->thread[own->threads++];
}

static void push(struct convert *c, struct thread *t, struct frame f)
{
    struct callgrind *own = c->own;
    if (t->depth == FRAMES) return;
    if (t->depth == t->room) {
        unsigned room = t->room ? 2 * t->room : 16;
        void *to = realloc(t->frame, room * sizeof *t->frame);
        own->failed |= !to;
        if (!to) return;
        t->frame = to;
        t->room = room;
    }
    f.entry = t->total;
    t->frame[t->depth++] = f;
}

static void pop(struct convert *c, struct thread *t)
{
    struct callgrind *own = c->own;
    const struct frame *f = &t->frame[--t->depth];
    struct profile_cost cost;
    if (f->caller == NOWHERE) return;
    for (unsigned e = 0; e < PROFILE_EVENTS; e++)
        cost.of[e] = t->total.of[e] - f->entry.of[e];
    profile_call(own->profile, f->caller, f->address, f->function, f->target, &cost);
}

static void pop_to(struct convert *c, struct thread *t, unsigned depth)
{
    while (t->depth > depth)
        pop(c, t);
}

/* The thread goes on at an address behind a call or an event. */
static void enter(struct convert *c, struct thread *t, uint16_t cs, uint32_t eip, uint32_t linear,
                  uint32_t esp)
{
    const struct place *p = place_of(c, linear, eip);
    uint32_t function = p->named ? p->function : nameless(c, cs, eip);
    struct frame f = {.function = function,
                      .named = p->named,
                      .caller = NOWHERE,
                      .target = eip,
                      .slot = stack_linear(c, esp),
                      .event = t->pending_event};
    if (t->depth) {
        f.caller = t->frame[t->depth - 1].function;
        f.address = t->pending_from;
    }
    push(c, t, f);
    t->pending = t->pending_event = false;
}

/* A jump, or a return that was not a call's, has led elsewhere: back to a function that is on the stack, or on. */
static void wander(struct convert *c, struct thread *t, uint16_t cs, uint32_t eip, uint32_t linear)
{
    const struct place *p = place_of(c, linear, eip);
    struct frame f = t->frame[t->depth - 1];
    uint32_t from = f.function;
    if (p->named ? p->function == from : !f.named) return;
    uint32_t function = p->named ? p->function : nameless(c, cs, eip);
    for (unsigned i = t->depth; i-- > 0;) {
        if (t->frame[i].function == function) {
            pop_to(c, t, i + 1);
            return;
        }
        if (!t->frame[i].tail && p->first) break; /* else it may be a return of a kind of its own */
    }
    f.function = function;
    f.named = p->named;
    f.caller = from;
    f.address = eip;
    f.target = eip;
    f.tail = true;
    push(c, t, f);
}

static void leave(struct convert *c, struct thread *t, uint32_t slot)
{
    for (unsigned i = t->depth; i-- > 1;) {
        const struct frame *f = &t->frame[i];
        if (f->slot != slot && !(f->event && f->slot + 4 == slot)) continue;
        while (i > 1 && t->frame[i].tail)
            i--;
        if (!t->frame[i].tail) pop_to(c, t, i);
        return;
    }
}

/* --- items --- */

enum flow { GOES_ON, CALLS, RETURNS };

static enum flow flow_of(const rt386_trace_insn *in)
{
    unsigned i = 0;
    while (i < in->length && in->bytes[i] &&
           strchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3", in->bytes[i]))
        i++;
    if (i >= in->length) return GOES_ON;
    switch (in->bytes[i]) {
    case 0x9a: /* CALL far */
    case 0xe8: /* CALL near */
    case 0xcc: /* INT 3 */
    case 0xcd: /* INT */
    case 0xf1: return CALLS;
    case 0xce: /* INTO, when it is one */
        return in->after.eip != in->before.eip + in->length ? CALLS : GOES_ON;
    case 0xff: /* CALL by a register or memory, near and far */
        return i + 1 < in->length &&
                       ((in->bytes[i + 1] >> 3 & 7) == 2 || (in->bytes[i + 1] >> 3 & 7) == 3)
                   ? CALLS
                   : GOES_ON;
    case 0xc2: /* RET near, far, IRET */
    case 0xc3:
    case 0xca:
    case 0xcb:
    case 0xcf: return RETURNS;
    default: return GOES_ON;
    }
}

static void charge(struct convert *c, struct thread *t, uint32_t eip, enum profile_event event,
                   unsigned n)
{
    struct callgrind *own = c->own;
    if (!n || !t->depth) return;
    profile_add(own->profile, t->frame[t->depth - 1].function, eip, event, n);
    t->total.of[event] += n;
}

static void instruction(struct convert *c, const rt386_trace_item *i)
{
    const rt386_trace_insn *in = &i->insn;
    struct thread *t = thread_now(c);
    enum flow flow = flow_of(in);
    unsigned writes = 0;
    if (!t) return;
    if (!t->depth || t->pending)
        enter(c, t, in->cs, in->before.eip, in->linear, in->before.gpr[F_ESP]);
    else
        wander(c, t, in->cs, in->before.eip, in->linear);
    for (unsigned n = 0; n < c->accesses; n++)
        writes += c->access[n].access == RT386_WRITE;
    charge(c, t, in->before.eip, PROFILE_IR, 1);
    charge(c, t, in->before.eip, PROFILE_DR, c->accesses - writes);
    charge(c, t, in->before.eip, PROFILE_DW, writes);
    if (flow == RETURNS) leave(c, t, stack_linear(c, in->before.gpr[F_ESP]));
    t->pending = flow == CALLS;
    t->pending_from = in->before.eip;
}

/* What is between instructions is charged to where the thread stands. */
static void between(struct convert *c, enum profile_event event, bool counts, bool enters)
{
    struct thread *t = thread_now(c);
    uint32_t eip = field(c, F_EIP), linear = segment(c, RT386_CS, CONVERT_BASE) + eip;
    if (!t) return;
    if (!t->depth || (enters && t->pending))
        enter(c, t, (uint16_t)segment(c, RT386_CS, CONVERT_SELECTOR), eip, linear, field(c, F_ESP));
    if (counts) charge(c, t, eip, event, 1);
    if (!enters) return;
    t->pending = t->pending_event = true;
    t->pending_from = eip;
}

static void item(struct convert *c, const rt386_trace_item *i)
{
    switch (i->kind) {
    case RT386_TRACE_INSN: instruction(c, i); break;
    case RT386_TRACE_LOAD: between(c, PROFILE_SL, true, false); break;
    case RT386_TRACE_CALL:
        if (!i->call.leaving) between(c, PROFILE_SC, true, false);
        break;
    case RT386_TRACE_EVENT: /* INT comes again as an instruction */
        if (i->event.source != 's') between(c, PROFILE_GF, i->event.source == 'f', true);
        break;
    default: break;
    }
}

/* --- the format --- */

static int symbols_open(struct convert *c, struct callgrind *own, const char *path)
{
    char err[200] = "";
    const char *slash = strrchr(path, '/');
    int ready = app_file_ready(c->app, path);
    if (ready != STATUS_OK) return ready;
    rt386_status st = rt386_file_open(path, &own->file[own->files], err, sizeof err);
    if (st == RT386_OK) {
        if (!rt386_file_describe(own->file[own->files]).symbols)
            app_note(c->app, "'%.120s' has no symbols; its functions go by their addresses", path);
        own->object[own->files++] = slash ? slash + 1 : path;
        return STATUS_OK;
    }
    return app_file_refused(c->app, path, st, err);
}

static int begin(struct convert *c)
{
    struct callgrind *own = c->own;
    int status = STATUS_OK;
    own->profile = profile_new();
    own->failed |= !own->profile;
    for (unsigned i = 0; i < c->o->symbols.count && status == STATUS_OK; i++)
        status = symbols_open(c, own, c->o->symbols.text[i]);
    if (status != STATUS_OK || !own->failed) return status;
    app_error(c->app, "the host has no memory left");
    return STATUS_USAGE;
}

static void head(struct convert *c)
{
    static const char *const what[PROFILE_EVENTS] = {"Ir : instructions", "Dr : reads",
                                                     "Dw : writes",       "Sl : selectors resolved",
                                                     "Gf : faults",       "Sc : INtime calls"};
    struct text *t = &c->out.text;
    const char *tool = rt386_trace_value(c->trace, "tool"),
               *guest = rt386_trace_value(c->trace, "guest");
    text_addf(
        t, "# callgrind format\nversion: 1\ncreator: %.*s\ncmd: %.*s\npart: 1\npositions: instr\n",
        (int)strcspn(tool ? tool : "", "\n"), tool ? tool : "",
        (int)strcspn(guest ? guest : "", "\n"), guest ? guest : "");
    for (unsigned e = 0; e < PROFILE_EVENTS; e++)
        text_addf(t, "event: %s\n", what[e]);
    text_add(t, "events:");
    for (unsigned e = 0; e < PROFILE_EVENTS; e++)
        text_addf(t, " %.2s", what[e]);
    text_add(t, "\n");
}

static void end(struct convert *c)
{
    struct callgrind *own = c->own;
    for (unsigned i = 0; i < own->threads; i++)
        pop_to(c, &own->thread[i], 0);
    head(c);
    profile_text(own->profile, &c->out.text);
    if (own->failed || profile_failed(own->profile)) c->out.text.failed = true;
}

static void release(struct convert *c)
{
    struct callgrind *own = c->own;
    profile_free(own->profile);
    for (unsigned i = 0; i < own->files; i++)
        rt386_file_close(own->file[i]);
    for (unsigned i = 0; i < own->threads; i++)
        free(own->thread[i].frame);
    free(own->thread);
}

const struct convert_format convert_callgrind = {.name = "callgrind",
                                                 .summary = "a profile for KCachegrind",
                                                 .own = sizeof(struct callgrind),
                                                 .begin = begin,
                                                 .item = item,
                                                 .end = end,
                                                 .release = release};
