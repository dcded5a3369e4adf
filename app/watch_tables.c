#include "watch_tables.h"

#include "table_diff.h"

#include <stdlib.h>

#define SCHEMA_TABLES "rt386-tables/1"

struct watch_view {
    struct app *app;
    const rt386 *m;
    bool json, has_last;
    struct table_shot last;
    unsigned calls, changed;
    struct text guest; /* JSON: the beginning of a character that is not whole yet */
};

static void guest_put(struct watch_view *w, size_t n)
{
    struct text t = {0};
    struct json j = {.to = &t};
    if (!n) return;
    json_open(&j, NULL, '{');
    json_open(&j, "console", '{');
    json_strn(&j, "text", w->guest.p, n);
    json_close(&j, '}');
    json_close(&j, '}');
    text_add(&t, "\n");
    text_drop(&w->guest, n);
    app_put(w->app, &t);
    text_free(&t);
}

static void guest_text(void *v, const char *bytes, size_t n)
{
    struct watch_view *w = v;
    text_addn(&w->guest, bytes, n);
    if (w->json) {
        guest_put(w, text_whole(w->guest.p, w->guest.n));
        return;
    }
    app_put_bytes(w->app, w->guest.p, w->guest.n);
    text_clear(&w->guest);
}

static void report_text(struct watch_view *w, const rt386_call_event *c,
                        const struct table_shot *now)
{
    struct text t = {0}, head = {0};
    if (!c)
        text_add(&head, "between calls");
    else
        text_addf(&head, "[%s] %s(%s)%s", c->process_name ? c->process_name : "", c->name,
                  c->arguments ? c->arguments : "", c->blocked ? " waits" : "");
    if (c && !c->blocked)
        text_addf(&head, " -> 0x%08x, status 0x%04x %s", c->result, c->status,
                  c->status_name ? c->status_name : "");
    text_wrap(&t, text_str(&head), 4, TEXT_WIDTH);
    table_diff_text(&t, &w->last, now);
    app_put(w->app, &t);
    text_free(&t);
    text_free(&head);
}

static void report_json(struct watch_view *w, const rt386_call_event *c,
                        const struct table_shot *now)
{
    guest_put(w, w->guest.n);
    struct text t = {0};
    struct json j = {.to = &t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", SCHEMA_TABLES);
    if (c) {
        json_str(&j, "call", c->name);
        json_str(&j, "arguments", c->arguments ? c->arguments : "");
        json_str(&j, "process", c->process_name ? c->process_name : "");
        json_bool(&j, "blocked", c->blocked);
        if (!c->blocked) json_hex(&j, "result", c->result, 8);
        if (!c->blocked) json_hex(&j, "status", c->status, 4);
    }
    table_diff_json(&j, &w->last, now);
    json_close(&j, '}');
    text_add(&t, "\n");
    app_put(w->app, &t);
    text_free(&t);
}

/* What has changed since the last look belongs to `c`; NULL: to whoever ran between two calls. */
static void look(struct watch_view *w, const rt386_call_event *c)
{
    struct table_shot now;
    if (!table_shot_take(&now, w->m)) return;
    if (w->has_last && table_diff_count(&w->last, &now)) {
        w->changed++;
        if (w->json)
            report_json(w, c, &now);
        else
            report_text(w, c, &now);
    }
    table_shot_free(&w->last);
    w->last = now;
    w->has_last = true;
}

static void see_call(void *v, const rt386_call_event *c)
{
    struct watch_view *w = v;
    if (!w->m) return;
    w->calls += !c->leaving;
    look(w, c->leaving ? c : NULL);
}

static void see_end(void *v, const struct end *end)
{
    struct watch_view *w = v;
    struct text t = {0};
    if (w->m) look(w, NULL);
    guest_put(w, w->guest.n);
    if (w->json)
        end_json(&t, end);
    else
        text_addf(&t, "%u calls; tables changed %u times. The run ended: %s.", w->calls, w->changed,
                  end->text);
    text_add(&t, "\n");
    app_put(w->app, &t);
    text_free(&t);
}

static void see_close(void *v)
{
    struct watch_view *w = v;
    table_shot_free(&w->last);
    text_free(&w->guest);
    free(w);
}

static void no_start(void *v, const char *const files[], int n) {}
static void no_post(void *v, uint32_t code) {}
static void no_table(void *v, const rt386_table_event *e, unsigned free) {}
static void no_steps(void *v, const struct view_steps *e) {}
static void no_access(void *v, const struct view_access *e) {}
static void no_accesses(void *v, const struct view_accesses *e) {}
static void no_task(void *v, uint16_t from, uint16_t to) {}
static void no_process(void *v, uint16_t h, const char *name, bool started, uint32_t code) {}
static void no_fault(void *v, const rt386_thread_fault *e) {}
static void no_hidden(void *v, const struct view_hidden *h) {}

bool watch_tables_view(struct app *app, bool json, struct view *view)
{
    static const struct view_ops ops = {.start = no_start,
                                        .console = guest_text,
                                        .post = no_post,
                                        .call = see_call,
                                        .table = no_table,
                                        .steps = no_steps,
                                        .access = no_access,
                                        .accesses = no_accesses,
                                        .task = no_task,
                                        .process = no_process,
                                        .fault = no_fault,
                                        .hidden = no_hidden,
                                        .end = see_end,
                                        .close = see_close};
    struct watch_view *w = calloc(1, sizeof *w);
    if (!w) return false;
    w->app = app;
    w->json = json;
    *view = (struct view){&ops, w};
    return true;
}

void watch_tables_of(struct view *view, const rt386 *machine)
{
    struct watch_view *w = view->ctx;
    w->m = machine;
}
