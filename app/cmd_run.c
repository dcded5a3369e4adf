/* cmd_run.c: rt386 run. */
#include "session.h"
#include "snapshot_file.h"
#include "watch_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 0 equal, 1 different, -1 cannot be read. */
static int output_compare(struct app *app, const struct text *have, const char *path)
{
    FILE *f = fopen(path, "rbe");
    if (!f) return -1;
    size_t at = 0;
    int c;
    while ((c = getc(f)) != EOF && at < have->n && (unsigned char)have->p[at] == c)
        at++;
    bool equal = c == EOF && at == have->n && !ferror(f);
    fclose(f);
    if (equal) return 0;
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += have->p[i] == '\n';
    app_error(app, "the guest's text differs from '%s' at byte %zu, line %u", path, at, line);
    return 1;
}

/* --expect-exit and --expect-output turn the end into 0 or 1. */
static int run_expect(struct session *s, int status)
{
    const struct run_options *o = s->o;
    if (!o->expect_exit.given && !o->expect_output) return status;
    int wanted = (int)o->expect_exit.value;
    int answer = STATUS_OK;
    if (status != wanted) {
        app_error(s->app, "the run ended with status %d, expected was %d: %s", status, wanted,
                  s->end.text);
        answer = STATUS_UNEXPECTED;
    }
    if (!o->expect_output) return answer;
    int ready = app_file_ready(s->app, o->expect_output);
    if (ready != STATUS_OK) return ready;
    int differs = output_compare(s->app, &s->output, o->expect_output);
    if (differs < 0) return app_file_refused(s->app, o->expect_output, RT386_E_IO, "");
    return differs ? STATUS_UNEXPECTED : answer;
}

static bool status_file_write(struct app *app, const char *path, const struct end *end)
{
    FILE *f = fopen(path, "we");
    struct text t = {0};
    end_json(&t, end);
    text_add(&t, "\n");
    bool good = f && fwrite(text_str(&t), 1, t.n, f) == t.n;
    if (f && fclose(f)) good = false;
    text_free(&t);
    if (!good) app_error(app, "cannot write the status file '%s': %s", path, strerror(errno));
    return good;
}

/* The end, and for a fault the rule behind it. */
static void run_talk_why(const struct session *s)
{
    const struct end *e = &s->end;
    const rt386_fault *f = e->why.chain_length ? &e->why.chain[0] : &e->why.fault;
    app_note(s->app, "%s", e->text);
    if (!f->raised || !f->rule) return;
    rt386_rule_info rule = rt386_rule(f->rule);
    app_note(s->app, "the rule is %s [%s]: %s --explain shows the checks", rule.name, rule.section,
             rule.sentence);
}

/* What is said on standard error when nothing else tells how it ended. */
static void run_talk(struct session *s)
{
    const struct end *e = &s->end;
    if (!strcmp(e->kind, "host") || s->o->explain) return;
    if (e->status != STATUS_OK && !(e->has_code && !strcmp(e->kind, "guest-exit")))
        run_talk_why(s);
    else if (s->app->verbosity > 1)
        app_note(s->app, "%s; %llu instructions, %llu clocks", e->text,
                 (unsigned long long)e->why.insns, (unsigned long long)e->why.clocks);
}

/* With --on-missing=fail the run goes on, so its end lists what was not there. */
static void run_missing(struct session *s)
{
    rt386_missing_call c;
    if (s->end.why.kind == RT386_EXIT_MISSING_CALL || !s->machine) return;
    for (unsigned i = 0; rt386_missing_at(s->machine, i, &c); i++)
        app_note(s->app,
                 "%s is not there: called %u time%s from %s+0x%x with 0x%x, 0x%x, 0x%x, 0x%x",
                 c.name, c.times, c.times == 1 ? "" : "s", c.module[0] ? c.module : "?", c.offset,
                 c.argument[0], c.argument[1], c.argument[2], c.argument[3]);
}

static void run_folded(struct session *s)
{
    const struct end *e = &s->end;
    if (!e->folded) return;
    if (e->code > 255)
        app_note(s->app, "the guest's exit code %u does not fit; the status is %d", e->code,
                 e->status);
    else
        app_note(s->app, "status %d is the guest's own exit code (--status-file tells them apart)",
                 e->status);
}

static bool run_view(struct app *app, const struct run_options *o, struct view *view)
{
    if (o->watch_tables) return watch_tables_view(app, o->common.json, view);
    if (o->common.json) return jsonl_view(app, view);
    if (o->explain) return explain_view(app, *o->explain != '\0', view);
    return plain_view(app, NULL, view);
}

static int run_session(struct app *app, const struct run_options *o)
{
    struct view view;
    if (!run_view(app, o, &view)) {
        app_error(app, "the host has no memory left");
        return STATUS_USAGE;
    }
    struct session s;
    bool open = session_open(&s, app, o, &view, o->explain || o->watch_tables);
    if (open && o->watch_tables) watch_tables_of(&view, s.machine);
    if (open) session_run(&s);
    if (open || o->common.json || o->watch_tables) view.ops->end(view.ctx, &s.end);
    if (open) {
        run_talk(&s);
        run_missing(&s);
        run_folded(&s);
    }
    bool written = !o->status_file || session_reads(o, o->status_file) ||
                   status_file_write(app, o->status_file, &s.end);
    int status = open && strcmp(s.end.kind, "host") ? run_expect(&s, s.end.status) : s.end.status;
    if (!written && status == STATUS_OK) status = STATUS_USAGE;
    bool kept = !o->snapshot || !open || !strcmp(s.end.kind, "host") ||
                snapshot_write(app, s.machine, o->snapshot);
    if (!kept && status == STATUS_OK) status = STATUS_USAGE;
    session_close(&s);
    return app_finish(app, status);
}

static int cmd_run(struct app *app, const struct command *self, int argc, char **argv)
{
    struct run_options o = {0};
    struct opt_args args;
    int status = run_options_read(app, self, argc, argv, 0, &o, &args);
    if (status < 0) status = run_session(app, &o);
    run_options_free(&o);
    return status;
}

const struct command command_run = {
    .name = "run",
    .arguments = "FILE... [options] [-- guest arguments]",
    .summary = "run a guest: INtime programs, ELF and multiboot kernels, boot sectors",
    .examples = "  rt386 run hello.rta -- one two\n"
                "  rt386 run --explain maker.rta user.rta\n"
                "  rt386 run --timeout 10 --status-file end.json kernel.elf\n"
                "  rt386 run --bios test386.bin --post-port 0x190\n"
                "  rt386 run --expect-exit 0 --expect-output hello.txt hello.rta\n",
    .details = "Several INtime programs become several processes of one machine. The guest's text "
               "goes to standard output at once. With --explain the explanation goes there too, "
               "and guest text is marked 'guest |'. With --json every line is one JSON record; the "
               "last one tells how the run ended, and --explain adds the events.\n\n"
               "Loader switches and guest arguments hold for every FILE.",
    .options = run_only_options,
    .more = guest_options,
    .run = cmd_run};
