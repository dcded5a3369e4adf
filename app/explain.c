/* explain.c: the run in words: calls, GDT entries, guest text, ends. Loads, gates, faults and accesses
 * are in explain_steps.c.
 */
#include "explain_priv.h"
#include "thread_fault.h"

#include <stdlib.h>
#include <string.h>

#define FAULT_CODES 0x8100u /* INtime's code of a process ended by a fault: this + the vector */

void explain_paint(struct explain *e, enum paint paint, const char *s)
{
    static const char *const code[] = {"\033[1m", "\033[1;31m", "\033[2m"};
    if (e->app->out_colour) text_add(&e->out, code[paint]);
    text_add(&e->out, s);
    if (e->app->out_colour) text_add(&e->out, "\033[0m");
}

void explain_put(struct explain *e)
{
    if (!e->keep) {
        app_put(e->app, &e->out);
        return;
    }
    text_add(e->keep, text_str(&e->out));
    text_clear(&e->out);
}

/* The line above was the same call with the same answer, again and again. */
static void repeats_flush(struct explain *e)
{
    if (e->repeats)
        text_addf(&e->out, "  (the same again, %u time%s)\n", e->repeats,
                  e->repeats == 1 ? "" : "s");
    e->repeats = 0;
    e->last[0] = '\0';
}

void explain_line(struct explain *e)
{
    repeats_flush(e);
    e->short_call = false;
}

void explain_block(struct explain *e)
{
    explain_line(e);
    text_add(&e->out, "\n");
    e->open_thread = 0;
}

void explain_item(struct explain *e, const char *label, const char *s)
{
    text_addf(&e->out, "  %-11s", label);
    text_wrap(&e->out, s, 13, TEXT_WIDTH);
}

/* ---- guest text
 * ---------------------------------------------------------------------------------- */

static void guest_line(struct explain *e, const char *s, size_t n)
{
    explain_line(e);
    explain_paint(e, PAINT_DIM, "  guest | ");
    text_addn(&e->out, s, n);
    text_add(&e->out, "\n");
}

static void explain_console(void *v, const char *bytes, size_t n)
{
    struct explain *e = v;
    text_addn(&e->guest, bytes, n);
    const char *s = text_str(&e->guest), *end;
    while ((end = strchr(s, '\n'))) {
        size_t len = (size_t)(end - s);
        if (len && s[len - 1] == '\r') len--;
        guest_line(e, s, len);
        s = end + 1;
    }
    struct text rest = {0};
    text_add(&rest, s);
    text_free(&e->guest);
    e->guest = rest;
    explain_put(e);
}

static void guest_flush(struct explain *e)
{
    if (e->guest.n) guest_line(e, e->guest.p, e->guest.n);
    text_clear(&e->guest);
}

static void explain_post(void *v, uint32_t code)
{
    struct explain *e = v;
    text_addf(&e->out, "  POST code %02X\n", code);
    explain_put(e);
}

/* ---- calls
 * --------------------------------------------------------------------------------------- */

static struct pending *pending_of(struct explain *e, uint16_t thread, bool make)
{
    struct pending *empty = NULL;
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        struct pending *p = &e->pending[i];
        if (p->used && p->thread == thread) return p;
        if (!p->used && !empty) empty = p;
    }
    if (make && empty) *empty = (struct pending){.used = true, .thread = thread};
    return make ? empty : NULL;
}

static void call_head(char to[256], const rt386_call_event *c)
{
    const char *process = c->process_name && c->process_name[0] ? c->process_name : "?";
    snprintf(to, 256, "[%.15s] %.60s(%.160s)", process, c->name, c->arguments ? c->arguments : "");
}

/* Wrapped first, painted afterwards: escapes have no width. */
static void head_print(struct explain *e, const char *head)
{
    struct text t = {0};
    text_wrap(&t, head, 8, TEXT_WIDTH);
    size_t name = strcspn(text_str(&t), "(");
    struct text first = {0};
    text_addn(&first, text_str(&t), name);
    explain_paint(e, PAINT_HEAD, text_str(&first));
    text_add(&e->out, text_str(&t) + name);
    text_free(&first);
    text_free(&t);
}

void explain_open_calls(struct explain *e)
{
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        struct pending *p = &e->pending[i];
        if (!p->used || p->shown || p->waits) continue;
        explain_block(e);
        head_print(e, p->head);
        p->shown = true;
        e->open_thread = p->thread;
    }
}

static void call_result(struct text *t, const rt386_call_event *c)
{
    const char *name = c->status_name && c->status_name[0] ? c->status_name : "?";
    text_addf(t, c->result <= 0xffff ? "0x%04x" : "0x%08x", c->result);
    text_addf(t, ", status 0x%04x %s", c->status, name);
    const char *words = rt386_intime_status_text(c->status);
    if (c->status && words[0]) text_addf(t, ": %s", words);
}

/* A call in which nothing else happened, told in one go. */
static void call_short(struct explain *e, const rt386_call_event *c, const char *result)
{
    struct text line = {0};
    char head[256];
    call_head(head, c);
    text_addf(&line, "%s -> %s", head, result);
    if (e->short_call && !strcmp(e->last, text_str(&line))) {
        e->repeats++;
        text_free(&line);
        return;
    }
    if (e->short_call)
        repeats_flush(e);
    else
        explain_block(e);
    if (line.n <= TEXT_WIDTH) {
        head_print(e, text_str(&line));
    } else {
        head_print(e, head);
        explain_item(e, "returns", result);
    }
    e->open_thread = 0;
    e->short_call = true;
    snprintf(e->last, sizeof e->last, "%s", text_str(&line));
    text_free(&line);
}

static void call_leave(struct explain *e, const rt386_call_event *c)
{
    struct pending *p = pending_of(e, c->thread, false);
    if (c->blocked) {
        if (p && p->shown && e->open_thread == c->thread) text_add(&e->out, "  waits\n");
        if (p) p->waits = true;
        return;
    }
    struct text result = {0};
    call_result(&result, c);
    if (p && p->shown && e->open_thread == c->thread) {
        explain_line(e);
        explain_item(e, "returns", text_str(&result));
        e->open_thread = 0;
    } else {
        call_short(e, c, text_str(&result));
    }
    text_free(&result);
    if (p) p->used = false;
}

static void explain_call(void *v, const rt386_call_event *c)
{
    struct explain *e = v;
    guest_flush(e);
    if (c->leaving) {
        call_leave(e, c);
    } else {
        struct pending *p = pending_of(e, c->thread, true);
        if (p) {
            *p = (struct pending){.used = true, .thread = c->thread};
            call_head(p->head, c);
        }
    }
    explain_put(e);
}

/* ---- GDT entries
 * --------------------------------------------------------------------------------- */

static void table_side(struct explain *e, const char *label, const rt386_desc *d)
{
    struct text *t = &e->out;
    text_addf(t, "    %-7s", label);
    desc_words(t, d);
    text_add(t, "\n           ");
    text_wrap(t, d->kind == RT386_DESC_EMPTY ? "empty" : d->text, 11, TEXT_WIDTH);
    if (!desc_is_segment(d->kind) || d->last < d->first || d->expand_down) return;
    text_addf(t, "           base 0x%08x, limit 0x%08x: linear 0x%08x..0x%08x\n", d->base, d->limit,
              d->base, d->base + d->limit);
}

static void explain_table(void *v, const rt386_table_event *g, unsigned free)
{
    struct explain *e = v;
    guest_flush(e);
    explain_open_calls(e);
    if (!e->open_thread) explain_block(e);
    explain_line(e);
    struct text head = {0};
    bool now_free = !strcmp(g->owner, "free");
    text_addf(&head, "GDT entry %u (selector 0x%04x) at linear 0x%08x: %s; %u slots free",
              g->selector >> 3, g->selector, g->linear,
              now_free      ? "given back"
              : g->owner[0] ? g->owner
                            : "written",
              free);
    text_add(&e->out, "  ");
    text_wrap(&e->out, text_str(&head), 4, TEXT_WIDTH);
    text_free(&head);
    text_add(&e->out, "           bytes in memory order    high dword low dword\n");
    table_side(e, "before", &g->before);
    table_side(e, "after", &g->after);
    explain_put(e);
}

/* ---- processes, tasks, ends --------------------------------------------------------------------
 */

static void explain_process(void *v, uint16_t handle, const char *name, bool started, uint32_t code)
{
    struct explain *e = v;
    guest_flush(e);
    explain_open_calls(e);
    explain_block(e);
    if (started) {
        text_addf(&e->out, "Process %s starts; its handle is 0x%04x.\n", name, handle);
    } else {
        text_addf(&e->out, "Process %s (0x%04x) ended with code %u", name, handle, code);
        if (code > 9) text_addf(&e->out, " (0x%x)", code);
        bool fault = code >= FAULT_CODES && code < FAULT_CODES + 32;
        if (fault) text_addf(&e->out, ": unhandled %s", rt386_vector_mnemonic(code - FAULT_CODES));
        text_add(&e->out, ".\n");
    }
    explain_put(e);
}

static void explain_thread_fault(void *v, const rt386_thread_fault *f)
{
    struct explain *e = v;
    struct text t = {0};
    guest_flush(e);
    explain_open_calls(e);
    explain_block(e);
    text_add(&t, "No handler took it: ");
    thread_fault_words(&t, f);
    text_add(&t, ".");
    text_wrap(&e->out, text_str(&t), 0, TEXT_WIDTH);
    text_free(&t);
    explain_put(e);
}

static void explain_task(void *v, uint16_t from, uint16_t to)
{
    struct explain *e = v;
    explain_block(e);
    text_addf(&e->out, "Task switch: TR 0x%04x -> 0x%04x\n", from, to);
    explain_put(e);
}

static void explain_start(void *v, const char *const files[], int n)
{
    struct explain *e = v;
    struct text t = {0};
    text_add(&t, "rt386 runs");
    for (int i = 0; i < n; i++)
        text_addf(&t, "%s %s", i ? "," : "", files[i]);
    text_add(&t, ". Numbers with 0x are hexadecimal; CPL is the ring of the running code, RPL the "
                 "low two bits of a selector, DPL the ring written in a descriptor.");
    text_wrap(&e->out, text_str(&t), 0, TEXT_WIDTH);
    text_free(&t);
    explain_put(e);
}

static void explain_hidden(void *v, const struct view_hidden *h)
{
    struct explain *e = v;
    if (!(h->calls + h->table + h->loads + h->events)) return;
    guest_flush(e);
    explain_open_calls(e);
    explain_block(e);
    struct text t = {0};
    text_addf(&t,
              "Not shown (--explain=all shows them): calls of start-up code and the C library, "
              "and repeats: %u; other GDT entries: %u; other loads of selectors: %u; traps, "
              "interrupts and repeated faults: %u.",
              h->calls, h->table, h->loads, h->events);
    text_wrap(&e->out, text_str(&t), 0, TEXT_WIDTH);
    text_free(&t);
}

/* Calls that never returned. */
static void waiting_calls(struct explain *e)
{
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        if (!e->pending[i].used || !e->pending[i].waits) continue;
        explain_block(e);
        text_add(&e->out, "Still waiting: ");
        text_wrap(&e->out, e->pending[i].head, 8, TEXT_WIDTH);
    }
}

static void explain_end(void *v, const struct end *end)
{
    struct explain *e = v;
    guest_flush(e);
    explain_open_calls(e);
    waiting_calls(e);
    explain_block(e);
    struct text t = {0};
    text_addf(&t, "The run ended: %s. %llu instructions, %llu clocks; exit status %d.", end->text,
              (unsigned long long)end->why.insns, (unsigned long long)end->why.clocks, end->status);
    text_wrap(&e->out, text_str(&t), 0, TEXT_WIDTH);
    text_free(&t);
    explain_put(e);
}

static void explain_close(void *v)
{
    struct explain *e = v;
    text_free(&e->out);
    text_free(&e->guest);
    disasm_free(e->disasm);
    free(e);
}

bool explain_steps_text(struct app *app, struct text *to, const struct view_steps *steps)
{
    struct app plain = *app;
    plain.out_colour = false;
    struct explain *e = calloc(1, sizeof *e);
    if (e) e->disasm = disasm_new();
    bool good = e && e->disasm;
    if (good) {
        e->app = &plain;
        e->keep = to;
        explain_steps(e, steps);
        text_free(&e->out);
    }
    if (e) disasm_free(e->disasm);
    free(e);
    return good;
}

bool explain_view(struct app *app, bool all, struct view *view)
{
    static const struct view_ops ops = {.start = explain_start,
                                        .console = explain_console,
                                        .post = explain_post,
                                        .call = explain_call,
                                        .table = explain_table,
                                        .steps = explain_steps,
                                        .access = explain_access,
                                        .accesses = explain_accesses,
                                        .task = explain_task,
                                        .process = explain_process,
                                        .fault = explain_thread_fault,
                                        .hidden = explain_hidden,
                                        .end = explain_end,
                                        .close = explain_close};
    struct explain *e = calloc(1, sizeof *e);
    if (!e) return false;
    e->app = app;
    e->all = all;
    e->disasm = disasm_new();
    if (!e->disasm) {
        free(e);
        return false;
    }
    *view = (struct view){&ops, e};
    return true;
}
