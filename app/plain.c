/* plain.c: the view that shows the guest's text and POST codes and nothing else. */
#include "thread_fault.h"
#include "view.h"

#include <stdlib.h>

struct plain {
    struct app *app;
    FILE *to; /* NULL: the command's standard output */
};

static void plain_start(void *v, const char *const files[], int n) {}

static void plain_console(void *v, const char *bytes, size_t n)
{
    struct plain *p = v;
    if (!p->to) {
        app_put_bytes(p->app, bytes, n);
        return;
    }
    fwrite(bytes, 1, n, p->to);
    fflush(p->to);
}

static void plain_post(void *v, uint32_t code)
{
    struct plain *p = v;
    app_note(p->app, "POST %02X", code);
}

static void plain_call(void *v, const rt386_call_event *e) {}
static void plain_table(void *v, const rt386_table_event *e, unsigned free) {}
static void plain_steps(void *v, const struct view_steps *e) {}
static void plain_access(void *v, const struct view_access *e) {}
static void plain_accesses(void *v, const struct view_accesses *e) {}
static void plain_task(void *v, uint16_t from, uint16_t to) {}
static void plain_process(void *v, uint16_t h, const char *name, bool started, uint32_t code) {}

/* The end of the run tells of a fault that ended it; a program's own handler is the program's business. */
static void plain_fault(void *v, const rt386_thread_fault *e)
{
    struct plain *p = v;
    struct text t = {0};
    if (e->action == RT386_ON_FAULT_REPORT || e->action == RT386_ON_FAULT_CALLED) return;
    thread_fault_words(&t, e);
    app_note(p->app, "%s", text_str(&t));
    text_free(&t);
}

static void plain_hidden(void *v, const struct view_hidden *h) {}

static void plain_end(void *v, const struct end *end) {}
static void plain_close(void *v)
{
    free(v);
}

bool plain_view(struct app *app, FILE *to, struct view *view)
{
    static const struct view_ops ops = {.start = plain_start,
                                        .console = plain_console,
                                        .post = plain_post,
                                        .call = plain_call,
                                        .table = plain_table,
                                        .steps = plain_steps,
                                        .access = plain_access,
                                        .accesses = plain_accesses,
                                        .task = plain_task,
                                        .process = plain_process,
                                        .fault = plain_fault,
                                        .hidden = plain_hidden,
                                        .end = plain_end,
                                        .close = plain_close};
    struct plain *p = calloc(1, sizeof *p);
    if (!p) return false;
    *p = (struct plain){app, to};
    *view = (struct view){&ops, p};
    return true;
}
