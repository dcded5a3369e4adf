/* debug.c: rt386 debug: a guest under the debugger, line by line: at a terminal, from a pipe or from a file. */
#include "ctrlc.h"
#include "debug_words.h"
#include "listener.h"
#include "session.h"
#include "terminal.h"
#include "tui_board.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ctrl-C while the guest moves stops it; at the prompt it leaves. */
struct ctrl_c {
    struct debug *d;
    struct interrupt interrupt;
    struct listener listener;
};

static bool ctrl_c_look(void *ctx)
{
    struct ctrl_c *c = ctx;
    if (!interrupt_poll(&c->interrupt)) {
        usleep(10000);
        return false;
    }
    debugger_call(c->d->d);
    return true;
}

static void move_begins(void *ctx)
{
    struct ctrl_c *c = ctx;
    listener_begin(&c->listener, ctrl_c_look, c);
}

static void move_ends(void *ctx)
{
    struct ctrl_c *c = ctx;
    listener_end(&c->listener);
    if (c->interrupt.taken == SIGINT) c->interrupt.taken = 0;
}

/* ---- lines --------------------------------------------------------------------------------------------- */

struct lines {
    FILE *from;
    bool prompts;
    char *line, *last;
    size_t room;
};

/* False: there is no more, or somebody wants to leave. */
static bool line_read(struct lines *l, struct ctrl_c *who, struct app *app)
{
    struct pollfd p = {.fd = fileno(l->from), .events = POLLIN};
    if (l->prompts) fputs("(rt386) ", app->out);
    fflush(app->out);
    do
        if (interrupt_poll(&who->interrupt)) return false;
    while (poll(&p, 1, 100) <= 0);
    ssize_t n = getline(&l->line, &l->room, l->from);
    if (n < 0) return false;
    while (n && (l->line[n - 1] == '\n' || l->line[n - 1] == '\r'))
        l->line[--n] = '\0';
    return true;
}

static void loop(struct debug *d, struct lines *l, struct ctrl_c *who)
{
    while (!d->over && !d->app->broken && line_read(l, who, d->app)) {
        bool again = l->prompts && !l->line[strspn(l->line, " \t")];
        if (!l->prompts && *l->line) text_addf(&d->out, "> %s\n", l->line);
        const char *line = again && l->last ? l->last : l->line;
        debug_line(d, line);
        app_put(d->app, &d->out);
        text_clear(&d->out);
        if (again) continue;
        free(l->last);
        l->last = strdup(l->line);
    }
}

/* ---- a screen of panes ---------------------------------------------------------------------------------- */

/* What the guest and the command write while the terminal is taken. */
struct heard {
    FILE *f;
    char *p;
    size_t n, taken;
};

static bool heard_open(struct heard *h)
{
    *h = (struct heard){.p = NULL};
    h->f = open_memstream(&h->p, &h->n);
    return h->f;
}

static void heard_take(struct heard *h, struct board *b)
{
    fflush(h->f);
    if (h->n > h->taken) board_say(b, h->p + h->taken, h->n - h->taken);
    h->taken = h->n;
}

static void board_show(struct board *b, struct terminal *t)
{
    struct cells c;
    unsigned w, height;
    terminal_size(t, &w, &height);
    if (!cells_new(&c, w, height)) return;
    board_draw(b, &c);
    terminal_show(t, &c);
    cells_free(&c);
}

static void board_loop(struct board *b, struct terminal *t, struct heard *heard, struct ctrl_c *who)
{
    heard_take(heard, b);
    board_show(b, t);
    while (!b->d->over && !interrupt_poll(&who->interrupt)) {
        const char *key = terminal_key(t, 100);
        const char *line = key ? board_key(b, key) : "";
        if (!key) continue;
        if (*line) {
            b->running = true;
            board_show(b, t);
            b->running = false;
            board_do(b, line);
            heard_take(heard, b);
        }
        board_show(b, t);
    }
}

/* False: there is no terminal, and a sentence was printed. */
static bool board_session(struct debug *d, const char *title, struct heard *heard,
                          struct ctrl_c *who)
{
    const char *why;
    struct board b;
    struct terminal *t = terminal_open(&why);
    FILE *err = d->app->err;
    if (!t) {
        app_error(d->app, "debug --screen: %s", why);
        return false;
    }
    d->app->err = heard->f;
    board_new(&b, d, title);
    board_loop(&b, t, heard, who);
    board_free(&b);
    d->app->err = err;
    terminal_close(t);
    return true;
}

/* ---- the command --------------------------------------------------------------------------------------- */

static bool lines_open(struct lines *l, struct app *app, const char *script)
{
    *l = (struct lines){.from = script ? fopen(script, "re") : stdin};
    if (script && !l->from)
        app_error(app, "cannot read the commands in '%.120s': %s", script, strerror(errno));
    if (l->from) setvbuf(l->from, NULL, _IONBF, 0); /* what has come is what poll sees */
    l->prompts = !script && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    return l->from;
}

static int debug_session(struct session *s, struct lines *lines, struct heard *heard)
{
    struct ctrl_c who = {0};
    struct debug d = {.app = s->app,
                      .d = debugger_new(s->machine),
                      .disasm = disasm_new(),
                      .sources = sources_new(s->o->file, (unsigned)s->o->files),
                      .begin = move_begins,
                      .end = move_ends,
                      .ctx = &who};
    who.d = &d;
    int status = STATUS_USAGE;
    interrupt_begin(&who.interrupt);
    if (d.d && d.disasm && d.sources && s->o->screen) {
        const char *slash = strrchr(s->o->file[0], '/');
        if (board_session(&d, slash ? slash + 1 : s->o->file[0], heard, &who))
            status = interrupt_status(&who.interrupt, STATUS_OK);
    } else if (d.d && d.disasm && d.sources) {
        debug_place(&d);
        app_put(s->app, &d.out);
        text_clear(&d.out);
        loop(&d, lines, &who);
        status = interrupt_status(&who.interrupt, STATUS_OK);
    } else {
        app_error(s->app, "the host has no memory left");
    }
    interrupt_end(&who.interrupt);
    disasm_free(d.disasm);
    sources_free(d.sources);
    debugger_free(d.d);
    text_free(&d.out);
    return status;
}

static int debug_run(struct app *app, const struct run_options *o)
{
    struct view view;
    struct lines lines;
    struct session s;
    struct heard heard = {.f = NULL};
    if (o->screen && !heard_open(&heard)) {
        app_error(app, "the host has no memory left");
        return STATUS_USAGE;
    }
    if (!lines_open(&lines, app, o->script)) return STATUS_NOT_FOUND;
    int status = STATUS_USAGE;
    if (plain_view(app, heard.f, &view)) {
        bool open = session_open(&s, app, o, &view, false);
        status = open ? debug_session(&s, &lines, &heard) : s.end.status;
        session_close(&s);
    } else {
        app_error(app, "the host has no memory left");
    }
    if (o->script) fclose(lines.from);
    free(lines.line);
    free(lines.last);
    if (heard.f) fclose(heard.f);
    free(heard.p);
    return app_finish(app, status);
}

static int cmd_debug(struct app *app, const struct command *self, int argc, char **argv)
{
    struct run_options o = {0};
    struct opt_args args;
    int status = run_options_read(app, self, argc, argv, 0, &o, &args);
    bool unfit = o.max_insns.given || o.timeout.given || o.crash_report || o.common.json ||
                 o.record || o.replay || o.gdb || o.realtime;
    if (status < 0 && unfit) {
        app_error(app, "debug: you say when to stop, see faults yourself, and it records for "
                       "itself: leave out --max-insns, --timeout, --crash-report, --json, "
                       "--record, --replay, --gdb and --realtime");
        status = STATUS_USAGE;
    }
    if (status < 0 && o.screen && o.script) {
        app_error(app, "debug: --screen takes keys, and --script lines: leave out one of them");
        status = STATUS_USAGE;
    }
    if (status < 0) status = debug_run(app, &o);
    run_options_free(&o);
    return status;
}

const struct command command_debug = {
    .name = "debug",
    .arguments = "FILE... [options] [-- guest arguments]",
    .summary = "run a guest step by step, on and back, and look at what is there",
    .examples = "  rt386 debug hello.rta\n"
                "  rt386 debug --screen kernel.elf       panes: code, registers, tables\n"
                "  rt386 debug --script look.txt kernel.elf\n"
                "  echo 'catch 13\\nc\\nwhy' | rt386 debug limit.rta\n",
    .details =
        "Commands come from the terminal, a pipe or a file; 'help' lists them. The guest's "
        "text goes to standard output, too. The exit status is 0 when the commands are done, "
        "however the guest stands then.",
    .options = debug_options,
    .more = guest_options,
    .run = cmd_debug};
