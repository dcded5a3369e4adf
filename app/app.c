#include "app.h"

#include "progress.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct opt_def common_options[] = {
    {.name = "json",
     .kind = OPT_FLAG,
     .at = offsetof(struct common, json),
     .help = "JSON on standard output"},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPT_FLAG,
     .at = offsetof(struct common, quiet),
     .help = "no notes on standard error, errors only"},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPT_COUNT,
     .at = offsetof(struct common, verbose),
     .help = "more on standard error; twice for everything"},
    {.name = "color",
     .kind = OPT_TEXT,
     .at = offsetof(struct common, colour),
     .argument = "WHEN",
     .help = "auto (on a terminal), always or never"},
    {.name = "log",
     .kind = OPT_TEXT,
     .at = offsetof(struct common, log),
     .argument = "FILE",
     .help = "write the log to FILE instead of standard error"},
    {.name = "help",
     .letter = 'h',
     .kind = OPT_FLAG,
     .at = offsetof(struct common, help),
     .help = "this page"},
    {.kind = OPT_END}};

/* ---- talking ------------------------------------------------------------------------------- */

static void app_say(struct app *app, const char *format, va_list args)
{
    char line[1024];
    vsnprintf(line, sizeof line, format, args);
    if (app->progress) progress_wipe(app->progress);
    fflush(app->out); /* keep the order when both go to one place */
    fprintf(app->err, "rt386: %s\n", line);
}

void app_error(struct app *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    app_say(app, format, args);
    va_end(args);
}

void app_note(struct app *app, const char *format, ...)
{
    if (app->verbosity == 0) return;
    va_list args;
    va_start(args, format);
    app_say(app, format, args);
    va_end(args);
}

void app_file_sentence(char *to, size_t size, const char *path, const char *why)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base);
    if (!strncmp(why, path, strlen(path)))
        why += strlen(path);
    else if (!strncmp(why, base, n) && why[n] == ':')
        why += n;
    why += strspn(why, ": ");
    snprintf(to, size, "%.120s: %s", path, why);
}

int app_file_status(rt386_status status)
{
    switch (status) {
    case RT386_E_NOTFOUND: return STATUS_NOT_FOUND;
    case RT386_E_NOMEM:
    case RT386_E_ARG: return STATUS_USAGE;
    default: return STATUS_REFUSED;
    }
}

/* The words are the loader's. */
int app_file_look(const char *path, char *text, size_t size)
{
    struct stat st;
    if (access(path, R_OK) || stat(path, &st)) {
        int why = errno;
        snprintf(text, size, "%.120s: the file cannot be opened: %s; check its name and rights",
                 path, strerror(why));
        return why == ENOENT || why == ENOTDIR ? STATUS_NOT_FOUND : STATUS_REFUSED;
    }
    if (!S_ISDIR(st.st_mode)) return STATUS_OK;
    snprintf(text, size, "%.120s: this is a folder; give a file in it", path);
    return STATUS_REFUSED;
}

int app_file_ready(struct app *app, const char *path)
{
    char text[300];
    int status = app_file_look(path, text, sizeof text);
    if (status != STATUS_OK) app_error(app, "%s", text);
    return status;
}

int app_file_refused(struct app *app, const char *path, rt386_status status, const char *why)
{
    char text[400];
    app_file_sentence(text, sizeof text, path, *why ? why : rt386_status_text(status));
    app_error(app, "%s", text);
    return app_file_status(status);
}

bool app_file_is_text(const char *path)
{
    unsigned char head[512];
    FILE *f = fopen(path, "rbe");
    if (!f) return false;
    size_t n = fread(head, 1, sizeof head, f);
    fclose(f);
    for (size_t i = 0; i < n; i++)
        if (!isprint(head[i]) && !strchr("\t\n\r\f", head[i] ? head[i] : 1)) return false;
    return n > 0;
}

void app_put_bytes(struct app *app, const char *bytes, size_t n)
{
    if (app->broken || n == 0) return;
    if (app->progress) progress_output(app->progress, bytes, n);
    errno = 0;
    if (fwrite(bytes, 1, n, app->out) == n && fflush(app->out) == 0) return;
    app->broken = true;
    if (errno != EPIPE)
        app_error(app, "cannot write to standard output: %s", strerror(errno ? errno : EIO));
}

void app_put(struct app *app, struct text *t)
{
    if (t->failed) app_error(app, "the host has no memory left for its own output");
    app_put_bytes(app, text_str(t), t->n);
    text_clear(t);
}

int app_finish(struct app *app, int status)
{
    if (!app->broken && fflush(app->out)) app->broken = true;
    return app->broken && status == STATUS_OK ? STATUS_USAGE : status;
}

/* ---- options ------------------------------------------------------------------------------- */

static bool env_set(const char *name)
{
    const char *v = getenv(name);
    return v && *v;
}

static bool colour_wanted(const struct app *app, const char *when)
{
    if (when && !strcmp(when, "always")) return true;
    if (when && !strcmp(when, "never")) return false;
    if (env_set("NO_COLOR")) return false;
    const char *force = getenv("CLICOLOR_FORCE");
    if (force && *force && strcmp(force, "0")) return true;
    const char *term = getenv("TERM");
    return isatty(fileno(app->out)) && term && strcmp(term, "dumb");
}

/* Returns -1, or the status to leave with. */
static int common_apply(struct app *app, const struct common *c)
{
    const char *when = c->colour;
    if (when && strcmp(when, "auto") && strcmp(when, "always") && strcmp(when, "never")) {
        app_error(app, "--color must be auto, always or never, not '%.40s'", when);
        return STATUS_USAGE;
    }
    app->out_colour = !c->json && colour_wanted(app, when);
    app->verbosity = c->quiet ? 0 : 1 + (c->verbose > 2 ? 2 : c->verbose);
    if (!c->log) return -1;
    if (app->log) fclose(app->log);
    app->log = fopen(c->log, "we");
    if (app->log) return -1;
    app_error(app, "cannot write the log '%s': %s", c->log, strerror(errno));
    return STATUS_USAGE;
}

bool app_undefined(struct app *app, const char *word, rt386_undefined *choice)
{
    *choice = RT386_UNDEFINED_CHIP;
    if (!word || !strcmp(word, "chip")) return true;
    *choice = RT386_UNDEFINED_DOCUMENTED;
    if (!strcmp(word, "documented")) return true;
    app_error(app, "--undefined must be chip or documented, not '%.40s'", word);
    return false;
}

int app_options(struct app *app, const struct command *self, void *target, int argc, char **argv,
                struct opt_args *args)
{
    static const struct opt_def no_options[] = {{.kind = OPT_END}};
    const struct opt_def *const tables[] = {self->options ? self->options : no_options,
                                            self->more ? self->more : no_options, common_options,
                                            NULL};
    char err[256];
    if (!opt_parse(tables, target, argc, argv, false, args, err, sizeof err)) {
        app_error(app, "%s: %s", self->name, err);
        return STATUS_USAGE;
    }
    const struct common *common = target;
    if (!common->help) return common_apply(app, common);
    struct text t = {0};
    help_command(&t, self);
    app_put(app, &t);
    text_free(&t);
    return app_finish(app, STATUS_OK);
}

bool app_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return !stat(a, &x) && S_ISREG(x.st_mode) && !stat(b, &y) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

int app_action(struct app *app, const struct command *self, const char *const name[],
               unsigned count, const struct opt_args *args)
{
    struct text t = {0};
    for (unsigned i = 0; args->words && i < count; i++) {
        if (strcmp(args->word[0], name[i]) != 0) continue;
        if (args->words > 1) return (int)i;
        app_error(app, "%s %s: no FILE given", self->name, name[i]);
        return -1;
    }
    for (unsigned i = 0; i < count; i++)
        text_addf(&t, "%s%s", i ? "|" : "", name[i]);
    app_error(app, "%s: say what to do: rt386 %s %s FILE...", self->name, self->name, text_str(&t));
    text_free(&t);
    return -1;
}

bool app_action_takes(struct app *app, const struct command *self, const char *const name[],
                      int action, unsigned json, const void *values)
{
    const struct common *common = values;
    for (const struct opt_def *d = self->options; d->kind != OPT_END; d++) {
        if (!d->actions || d->actions >> action & 1 || !opt_given(d, values)) continue;
        app_error(app, "%s %s: --%s is not for it; rt386 %s --help tells what it is for",
                  self->name, name[action], d->name, self->name);
        return false;
    }
    if (!common->json || json >> action & 1) return true;
    app_error(app, "%s %s: it prints no JSON; leave out --json", self->name, name[action]);
    return false;
}
