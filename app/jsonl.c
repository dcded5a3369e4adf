/* jsonl.c: the view that writes JSON Lines: one record a line, one key that names its kind.
 *
 *   {"schema":"rt386-run/1","start":{...}}      first
 *   {"console":{...}} {"post":{...}} {"process":{...}}
 *   {"call":{...}} {"table":{...}} {"account":{...}} {"access":{...}} {"accesses":{...}}
 *   {"task":{...}} {"thread_fault":{...}}
 *   {"hidden":{...}}                             what was left out; see observe.h
 *   {"schema":"rt386-run/1","end":{...}}        last
 */
#include "account_text.h"
#include "desc_text.h"
#include "thread_fault.h"
#include "trace.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

#define CONSOLE_MAX 4096u

struct jsonl {
    struct app *app;
    struct text line;
    struct text guest; /* console text that is not written yet: up to a newline, or CONSOLE_MAX */
};

static void line_close(struct jsonl *l, struct json *j)
{
    json_close(j, '}');
    json_close(j, '}');
    text_add(&l->line, "\n");
    app_put(l->app, &l->line);
}

static struct json line_start(struct jsonl *l, const char *kind)
{
    struct json j = {.to = &l->line};
    json_open(&j, NULL, '{');
    json_open(&j, kind, '{');
    return j;
}

static void guest_flush_part(struct jsonl *l, size_t n)
{
    if (!n) return;
    struct json j = line_start(l, "console");
    json_strn(&j, "text", l->guest.p, n);
    text_drop(&l->guest, n);
    line_close(l, &j);
}

static void guest_flush(struct jsonl *l)
{
    guest_flush_part(l, l->guest.n);
}

/* What the guest has said comes before what happened next. */
static struct json line_open(struct jsonl *l, const char *kind)
{
    guest_flush(l);
    return line_start(l, kind);
}

static void jsonl_start(void *v, const char *const files[], int n)
{
    struct jsonl *l = v;
    struct json j = {.to = &l->line};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", SCHEMA_RUN);
    json_open(&j, "start", '{');
    json_str(&j, "version", rt386_version());
    json_open(&j, "files", '[');
    for (int i = 0; i < n; i++)
        json_str(&j, NULL, files[i]);
    json_close(&j, ']');
    line_close(l, &j);
}

static void jsonl_console(void *v, const char *bytes, size_t n)
{
    struct jsonl *l = v;
    text_addn(&l->guest, bytes, n);
    if ((n && bytes[n - 1] == '\n') || l->guest.n >= CONSOLE_MAX)
        guest_flush_part(l, text_whole(l->guest.p, l->guest.n));
}

static void jsonl_post(void *v, uint32_t code)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "post");
    json_hex(&j, "code", code, 2);
    line_close(l, &j);
}

static void jsonl_call(void *v, const rt386_call_event *e)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "call");
    json_str(&j, "name", e->name);
    json_str(&j, "phase", e->blocked ? "block" : e->leaving ? "leave" : "enter");
    json_str(&j, "process", e->process_name);
    json_hex(&j, "process_handle", e->process, 4);
    json_hex(&j, "thread", e->thread, 4);
    json_str(&j, "arguments", e->arguments);
    if (e->leaving && !e->blocked) {
        json_hex(&j, "result", e->result, 8);
        json_hex(&j, "status", e->status, 4);
        json_str(&j, "status_name", e->status_name);
    }
    line_close(l, &j);
}

static void jsonl_table(void *v, const rt386_table_event *e, unsigned free)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "table");
    json_str(&j, "table", "gdt");
    json_hex(&j, "selector", e->selector, 4);
    json_hex(&j, "linear", e->linear, 8);
    json_str(&j, "owner", e->owner);
    json_num(&j, "free_slots", free);
    desc_json(&j, "before", &e->before);
    desc_json(&j, "after", &e->after);
    line_close(l, &j);
}

/* An account of docs/account-format.md, without the registers before and after. */
static void jsonl_steps(void *v, const struct view_steps *e)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "account");
    if (e->process[0]) json_str(&j, "process", e->process);
    if (e->insn) account_insn_json(&j, e->insn);
    json_open(&j, "steps", '[');
    for (unsigned i = 0; i < e->count; i++)
        account_step_json(&j, &e->step[i]);
    json_close(&j, ']');
    line_close(l, &j);
}

static const char *access_name(rt386_access access)
{
    return access == RT386_WRITE ? "write" : access == RT386_FETCH ? "fetch" : "read";
}

static void jsonl_access(void *v, const struct view_access *e)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "access");
    json_str(&j, "register", segreg_name((int)e->mem->seg));
    json_hex(&j, "selector", e->selector, 4);
    json_hex(&j, "offset", e->mem->offset, 8);
    json_hex(&j, "linear", e->mem->linear, 8);
    json_str(&j, "access", access_name(e->mem->access));
    json_num(&j, "size", e->mem->size);
    json_hex(&j, "value", e->mem->value, 8);
    line_close(l, &j);
}

static void jsonl_accesses(void *v, const struct view_accesses *e)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "accesses");
    json_str(&j, "register", segreg_name((int)e->seg));
    json_hex(&j, "selector", e->selector, 4);
    json_num(&j, "reads", e->reads);
    json_num(&j, "writes", e->writes);
    json_hex(&j, "low", e->low, 8);
    json_hex(&j, "high", e->high, 8);
    line_close(l, &j);
}

static void jsonl_task(void *v, uint16_t from, uint16_t to)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "task");
    json_hex(&j, "from", from, 4);
    json_hex(&j, "to", to, 4);
    line_close(l, &j);
}

static void jsonl_process(void *v, uint16_t handle, const char *name, bool started, uint32_t code)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "process");
    json_hex(&j, "handle", handle, 4);
    json_str(&j, "name", name);
    json_bool(&j, "started", started);
    if (!started) json_num(&j, "code", code);
    line_close(l, &j);
}

static void jsonl_fault(void *v, const rt386_thread_fault *e)
{
    struct jsonl *l = v;
    struct json j = line_open(l, "thread_fault");
    thread_fault_json(&j, e);
    line_close(l, &j);
}

static void jsonl_hidden(void *v, const struct view_hidden *h)
{
    struct jsonl *l = v;
    if (!(h->calls + h->loads + h->events + h->table)) return;
    struct json j = line_open(l, "hidden");
    json_num(&j, "calls", h->calls);
    json_num(&j, "loads", h->loads);
    json_num(&j, "events", h->events);
    json_num(&j, "table", h->table);
    line_close(l, &j);
}

static void jsonl_end(void *v, const struct end *end)
{
    struct jsonl *l = v;
    guest_flush(l);
    end_json(&l->line, end);
    text_add(&l->line, "\n");
    app_put(l->app, &l->line);
}

static void jsonl_close(void *v)
{
    struct jsonl *l = v;
    text_free(&l->line);
    text_free(&l->guest);
    free(l);
}

bool jsonl_view(struct app *app, struct view *view)
{
    static const struct view_ops ops = {.start = jsonl_start,
                                        .console = jsonl_console,
                                        .post = jsonl_post,
                                        .call = jsonl_call,
                                        .table = jsonl_table,
                                        .steps = jsonl_steps,
                                        .access = jsonl_access,
                                        .accesses = jsonl_accesses,
                                        .task = jsonl_task,
                                        .process = jsonl_process,
                                        .fault = jsonl_fault,
                                        .hidden = jsonl_hidden,
                                        .end = jsonl_end,
                                        .close = jsonl_close};
    struct jsonl *l = calloc(1, sizeof *l);
    if (!l) return false;
    l->app = app;
    *view = (struct view){&ops, l};
    return true;
}
