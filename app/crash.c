#include "crash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NUMBERS 9999u

struct crash {
    struct app *app;
    rt386 *machine;
    const struct crash_config *config;
    struct crash_call call[CRASH_CALLS];
    uint64_t calls; /* ever */
    unsigned faults;
    bool failed;
};

struct crash *crash_new(struct app *app, rt386 *machine, const struct crash_config *config)
{
    struct crash *c = calloc(1, sizeof *c);
    if (c) *c = (struct crash){.app = app, .machine = machine, .config = config};
    return c;
}

void crash_free(struct crash *c)
{
    free(c);
}

bool crash_failed(const struct crash *c)
{
    return c->failed;
}

/* ---- calls ------------------------------------------------------------------------------------- */

/* The newest call of that thread that has not returned. */
static struct crash_call *call_open(struct crash *c, const rt386_call_event *e)
{
    unsigned kept = c->calls < CRASH_CALLS ? (unsigned)c->calls : CRASH_CALLS;
    for (unsigned i = 1; i <= kept; i++) {
        struct crash_call *k = &c->call[(c->calls - i) % CRASH_CALLS];
        if (k->thread == e->thread && !k->back) return k;
    }
    return NULL;
}

void crash_call(struct crash *c, const rt386_call_event *e)
{
    if (e->leaving) {
        struct crash_call *k = call_open(c, e);
        if (!k) return;
        k->back = !e->blocked;
        k->waits = e->blocked;
        k->result = e->result;
        k->status = e->status_name;
        return;
    }
    struct crash_call *k = &c->call[c->calls++ % CRASH_CALLS];
    *k = (struct crash_call){.name = e->name, .thread = e->thread};
    snprintf(k->process, sizeof k->process, "%s", e->process_name ? e->process_name : "");
    snprintf(k->arguments, sizeof k->arguments, "%s", e->arguments ? e->arguments : "");
}

static unsigned calls_in_order(const struct crash *c, struct crash_call to[CRASH_CALLS])
{
    unsigned kept = c->calls < CRASH_CALLS ? (unsigned)c->calls : CRASH_CALLS;
    for (unsigned i = 0; i < kept; i++)
        to[i] = c->call[(c->calls - kept + i) % CRASH_CALLS];
    return kept;
}

/* ---- files ------------------------------------------------------------------------------------- */

/* A process's name may hold anything: what is no letter or digit becomes '_', but for dots inside. */
static void file_name(struct text *t, const char *folder, const char *process)
{
    text_clear(t);
    text_addf(t, "%s/", folder);
    for (unsigned i = 0; process[i] && i < 15; i++) {
        char c = process[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '-' || (c == '.' && i);
        text_addn(t, plain ? &c : "_", 1);
    }
}

/* A new file, whose path is left in `path`; NULL: errno says why. */
static FILE *file_new(struct text *path, const char *folder, const char *process, unsigned *number,
                      const char *suffix)
{
    int fd = -1;
    for (errno = EEXIST; fd < 0 && errno == EEXIST && *number <= NUMBERS; ++*number) {
        file_name(path, folder, process);
        text_addf(path, "-%u.%s", *number, suffix);
        if (path->failed) errno = ENOMEM;
        if (!path->failed)
            fd = open(text_str(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    }
    --*number;
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (fd >= 0 && !f) close(fd);
    return f;
}

/* What was not written to its end is taken away: a part of it would mislead. */
static void file_end(struct crash *c, const char *what, const struct text *path, FILE *f, int error)
{
    if (f && !error && (fflush(f) || ferror(f))) error = errno ? errno : EIO;
    if (f && fclose(f) && !error) error = errno;
    if (!error) {
        app_note(c->app, "the %s is in '%s'", what, text_str(path));
        return;
    }
    c->failed = true;
    if (f) unlink(text_str(path));
    app_error(c->app, "the %s '%s' cannot be written: %s%s", what, text_str(path), strerror(error),
              f ? "; what there was of it is removed" : "");
}

static void report_file(struct crash *c, const rt386_thread_fault *e, const struct text *report,
                        unsigned *number)
{
    struct text path = {0};
    errno = 0;
    FILE *f = file_new(&path, c->config->folder, e->process_name, number, "crash");
    int error = f ? 0 : errno;
    if (f && fwrite(text_str(report), 1, report->n, f) != report->n) error = errno ? errno : EIO;
    if (report->failed) error = ENOMEM;
    file_end(c, "crash report", &path, f, error);
    text_free(&path);
}

static void core_file(struct crash *c, const rt386_thread_fault *e, const struct text *report,
                      unsigned *number)
{
    struct text path = {0};
    uint64_t left_out = 0;
    FILE *f = file_new(&path, c->config->folder, e->process_name, number, "core");
    int error = f ? core_write(f, c->machine, e, report, &left_out) : errno;
    file_end(c, "core", &path, f, error);
    if (!error && left_out)
        app_note(c->app,
                 "%llu bytes of the process's memory are not in it: a core has 2 GB at most",
                 (unsigned long long)left_out);
    text_free(&path);
}

void crash_fault(struct crash *c, const rt386_thread_fault *e)
{
    if (e->action == RT386_ON_FAULT_CALLED) return;
    if (++c->faults > CRASH_FILES) {
        if (c->faults == CRASH_FILES + 1)
            app_note(c->app, "more than %u faults: no files are written for these", CRASH_FILES);
        return;
    }
    struct crash_call calls[CRASH_CALLS];
    struct text report = {0};
    unsigned number = 1;
    crash_text(&report, c->app, c->machine, e, calls, calls_in_order(c, calls));
    if (c->config->lately) {
        text_add(&report, "\nThe last instructions of the machine, the newest last\n");
        lately_text(c->config->lately, e->seg[RT386_CS].base + e->eip, &report);
    }
    if (c->config->report) report_file(c, e, &report, &number);
    if (c->config->core) core_file(c, e, &report, &number);
    text_free(&report);
}
