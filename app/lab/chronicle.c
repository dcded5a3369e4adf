#include "chronicle.h"
#include "thread_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_KEPT (1u << 20)

static void note(struct chronicle *c, enum chronicle_kind kind, uint16_t who, uint32_t code,
                 const char *name)
{
    struct chronicle_entry *e = &c->entry[c->entries++ % CHRONICLE_KEPT];
    *e = (struct chronicle_entry){.clocks = c->machine ? rt386_clocks(c->machine) : 0,
                                  .kind = kind,
                                  .who = who,
                                  .code = code};
    snprintf(e->name, sizeof e->name, "%s", name);
}

/* ---- the guest's text ----------------------------------------------------------------------------------- */

/* The older half goes, from a line's start on, and the marks in it. */
static void text_forget(struct chronicle *c)
{
    const char *half = c->text.n ? strchr(c->text.p + c->text.n / 2, '\n') : NULL;
    size_t gone = half ? (size_t)(half + 1 - c->text.p) : c->text.n, left = c->text.n - gone, k = 0;
    if (gone) memmove(c->text.p, c->text.p + gone, left);
    c->text.n = left;
    if (c->text.p) c->text.p[left] = '\0';
    c->forgotten += gone;
    while (k < c->marks && c->mark[k].bytes <= c->forgotten)
        k++;
    if (k) memmove(c->mark, c->mark + k, (c->marks - k) * sizeof *c->mark);
    c->marks -= k;
}

/* The text as it is now belongs to this time. */
static void text_mark(struct chronicle *c)
{
    uint64_t clocks = c->machine ? rt386_clocks(c->machine) : 0;
    if (!c->marks || c->mark[c->marks - 1].clocks != clocks) {
        if (c->marks == c->room) {
            size_t room = c->room ? 2 * c->room : 256;
            struct chronicle_mark *more = realloc(c->mark, room * sizeof *more);
            if (!more) return;
            c->mark = more;
            c->room = room;
        }
        c->mark[c->marks++].clocks = clocks;
    }
    c->mark[c->marks - 1].bytes = c->forgotten + c->text.n;
}

static void view_start(void *v, const char *const files[], int n) {}

static void view_console(void *v, const char *bytes, size_t n)
{
    struct chronicle *c = v;
    if (c->text.n + n > TEXT_KEPT) text_forget(c);
    text_addn(&c->text, bytes, n < TEXT_KEPT / 2 ? n : TEXT_KEPT / 2);
    text_mark(c);
}

static void view_post(void *v, uint32_t code) {}
static void view_call(void *v, const rt386_call_event *e) {}
static void view_table(void *v, const rt386_table_event *e, unsigned free) {}
static void view_steps(void *v, const struct view_steps *e) {}
static void view_access(void *v, const struct view_access *e) {}
static void view_accesses(void *v, const struct view_accesses *e) {}
static void view_task(void *v, uint16_t from, uint16_t to) {}
static void view_process(void *v, uint16_t h, const char *name, bool started, uint32_t code) {}
static void view_fault(void *v, const rt386_thread_fault *e) {}
static void view_hidden(void *v, const struct view_hidden *h) {}
static void view_end(void *v, const struct end *end) {}
static void view_close(void *v) {}

struct view chronicle_view(struct chronicle *c)
{
    static const struct view_ops ops = {.start = view_start,
                                        .console = view_console,
                                        .post = view_post,
                                        .call = view_call,
                                        .table = view_table,
                                        .steps = view_steps,
                                        .access = view_access,
                                        .accesses = view_accesses,
                                        .task = view_task,
                                        .process = view_process,
                                        .fault = view_fault,
                                        .hidden = view_hidden,
                                        .end = view_end,
                                        .close = view_close};
    return (struct view){&ops, c};
}

/* ---- the rest ------------------------------------------------------------------------------------------- */

static void on_call(void *ctx, const rt386_call_event *e)
{
    note(ctx, e->leaving ? CHRONICLE_LEAVE : CHRONICLE_CALL, e->thread, e->status, e->name);
}

static void on_task(void *ctx, uint16_t from, uint16_t to)
{
    (void)from;
    note(ctx, CHRONICLE_TASK, to, 0, "");
}

static void on_event(void *ctx, const rt386_event_event *e)
{
    note(ctx, CHRONICLE_EVENT, 0, e->vector, rt386_vector_mnemonic(e->vector));
}

static void on_fault(void *ctx, const rt386_thread_fault *e)
{
    struct chronicle *c = ctx;
    struct text t = {0};
    thread_fault_words(&t, e);
    snprintf(c->fault, sizeof c->fault, "%s", text_str(&t));
    text_free(&t);
}

rt386_status chronicle_attach(struct chronicle *c, rt386 *machine)
{
    const rt386_observer o = {.size = sizeof o,
                              .ctx = c,
                              .call = on_call,
                              .task = on_task,
                              .event = on_event,
                              .fault = on_fault};
    c->machine = machine;
    return rt386_observe(machine, &o);
}

struct chronicle *chronicle_new(void)
{
    return calloc(1, sizeof(struct chronicle));
}

void chronicle_free(struct chronicle *c)
{
    if (!c) return;
    text_free(&c->text);
    free(c->mark);
    free(c);
}

uint64_t chronicle_first(const struct chronicle *c)
{
    return c->entries > CHRONICLE_KEPT ? c->entries - CHRONICLE_KEPT : 0;
}

const struct chronicle_entry *chronicle_at(const struct chronicle *c, uint64_t index)
{
    return &c->entry[index % CHRONICLE_KEPT];
}

size_t chronicle_text(const struct chronicle *c, uint64_t clocks)
{
    size_t low = 0, high = c->marks; /* the first mark behind that time */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->mark[mid].clocks <= clocks)
            low = mid + 1;
        else
            high = mid;
    }
    return low ? (size_t)(c->mark[low - 1].bytes - c->forgotten) : 0;
}
