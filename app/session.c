#include "session.h"

#include "disasm.h"
#include "gdb.h"
#include "irq_option.h"
#include "progress.h"
#include "slices.h"
#include "snapshot_file.h"
#include "watch.h"

#include <rt386/snapshot.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define OUTPUT_KEPT (16u << 20) /* bytes of guest text kept for --expect-output */
#define SHOW_SLICE  1000000u    /* instructions between two looks at how far a run is */

/* Guest memory when none is asked for; what the kernel and each program have besides what programs are known to take. */
#define MEMORY_DEFAULT (32u << 20)
#define MEMORY_MAX     (2048u << 20)
#define MEMORY_MARGIN  (4u << 20)

/* ---- callbacks of the machine ------------------------------------------------------------------
 */

static void on_console(void *ctx, const char *bytes, size_t n)
{
    struct session *s = ctx;
    if (s->o->expect_output && s->output.n < OUTPUT_KEPT) text_addn(&s->output, bytes, n);
    s->view.ops->console(s->view.ctx, bytes, n);
    if (s->app->broken && !s->stop_output) {
        s->stop_output = true;
        rt386_stop(s->machine);
    }
}

static void on_post(void *ctx, uint32_t code)
{
    struct session *s = ctx;
    s->view.ops->post(s->view.ctx, code);
}

static void on_log(void *ctx, rt386_log_level level, const char *category, const char *text)
{
    struct session *s = ctx;
    static const char *const name[] = {"error", "warning", "guest", "info", "debug"};
    const char *level_name = (unsigned)level < 5 ? name[level] : "log";
    FILE *to = s->app->log ? s->app->log : s->app->err;
    if (!s->app->log) fflush(s->app->out);
    if (!s->app->log && s->app->progress) progress_wipe(s->app->progress);
    fprintf(to, "rt386: %s: %s: %s\n", level_name, category ? category : "", text);
}

static rt386_log_level log_level(const struct app *app)
{
    static const rt386_log_level level[] = {RT386_LOG_ERROR, RT386_LOG_WARN, RT386_LOG_INFO,
                                            RT386_LOG_DEBUG};
    unsigned v = app->verbosity + (app->log && app->verbosity == 1);
    return level[v < 4 ? v : 3];
}

/* ---- opening -----------------------------------------------------------------------------------
 */

static bool session_fail(struct session *s, int status, const char *text)
{
    app_error(s->app, "%s", text);
    s->end = end_of_host(status, text);
    return false;
}

/* The shared folder, the network, libraries' folders, the environment. */
static bool machine_furnish(struct session *s, bool network)
{
    const struct run_options *o = s->o;
    rt386_status status = RT386_OK;
    if (o->fs || o->fs_ro)
        status = rt386_share_folder(s->machine, o->fs ? o->fs : o->fs_ro, o->fs_ro != NULL);
    if (network && status == RT386_OK) status = rt386_share_loopback(s->machine);
    for (unsigned i = 0; i < o->rsl_path.count && status == RT386_OK; i++)
        status = rt386_rsl_folder(s->machine, o->rsl_path.text[i]);
    for (unsigned i = 0; i < o->env.count && status == RT386_OK; i++)
        status = rt386_environment_add(s->machine, o->env.text[i]);
    if (status == RT386_OK) return true;
    return session_fail(s, status == RT386_E_NOTFOUND ? STATUS_NOT_FOUND : STATUS_USAGE,
                        rt386_error(s->machine));
}

static bool machine_interrupts(struct session *s)
{
    const struct run_options *o = s->o;
    for (unsigned i = 0; i < o->irq.count; i++) {
        rt386_irq_source source;
        char text[200];
        const char *wrong = irq_option_read(o->irq.text[i], &source);
        if (!wrong && rt386_irq_add(s->machine, &source) != RT386_OK)
            wrong = rt386_error(s->machine);
        if (!wrong) continue;
        snprintf(text, sizeof text, "--irq %.60s: %s", o->irq.text[i], wrong);
        return session_fail(s, STATUS_USAGE, text);
    }
    return true;
}

/* FILE is a snapshot: the machine is as it says. */
static bool snapshot_config(struct session *s, rt386_config *was)
{
    const char *path = s->o->file[0];
    char err[200], text[400];
    int status = app_file_ready(s->app, path);
    if (status != STATUS_OK) {
        s->end = end_of_host(status, "the snapshot cannot be read");
        return false;
    }
    if (!snapshot_read(path, &s->snapshot)) {
        app_file_sentence(text, sizeof text, path, strerror(errno));
        return session_fail(s, STATUS_REFUSED, text);
    }
    if (rt386_snapshot_config(s->snapshot.p, s->snapshot.n, was, err, sizeof err) == RT386_OK)
        return true;
    app_file_sentence(text, sizeof text, path, err);
    return session_fail(s, STATUS_REFUSED, text);
}

/* What a guest can tell of the machine, when it comes out of a trace or a snapshot. */
static bool machine_of_file(struct session *s, rt386_config *config, bool *network)
{
    rt386_config was = {.size = sizeof was};
    bool traced = s->replaying && replaying_holds_guest(s->replaying);
    s->from_snapshot = !traced && !s->o->bios && s->o->files == 1 && snapshot_is(s->o->file[0]);
    if (!traced && !s->from_snapshot) return true;
    int status = traced ? replaying_config(s->replaying, &was, network) : STATUS_OK;
    if (status != STATUS_OK) {
        s->end = end_of_host(status, "the trace cannot be replayed");
        return false;
    }
    if (s->from_snapshot && !snapshot_config(s, &was)) return false;
    was.console = config->console;
    was.console_ctx = config->console_ctx;
    was.log = config->log;
    was.log_ctx = config->log_ctx;
    was.log_max = config->log_max;
    was.post = config->post;
    was.post_ctx = config->post_ctx;
    was.idle = config->idle;
    was.idle_ctx = config->idle_ctx;
    *config = was;
    return true;
}

/* What an INtime program takes before it asks for anything: image, stack, or the pool minimum, and page tables. */
static uint64_t memory_of_file(const struct run_options *o, const char *path)
{
    char err[256];
    rt386_file *file = NULL;
    if (rt386_file_open(path, &file, err, sizeof err) != RT386_OK) return 0; /* loading says why */
    rt386_file_info info = rt386_file_describe(file);
    rt386_file_segment part;
    uint64_t need = info.stack_reserve;
    for (unsigned i = 0; rt386_file_segment_at(file, i, &part); i++)
        need += part.mem_size;
    rt386_file_close(file);
    if (need < o->pool_min.value) need = o->pool_min.value;
    return info.intime ? need + need / 512 + MEMORY_MARGIN : 0;
}

/* Bytes; 0: the machine's default, which is enough. */
static uint32_t memory_wanted(const struct run_options *o)
{
    uint64_t need = MEMORY_MARGIN;
    if (o->memory.given || o->bios || o->raw_base.given) return (uint32_t)o->memory.value;
    for (int i = 0; i < o->files; i++)
        need += memory_of_file(o, o->file[i]);
    if (need <= MEMORY_DEFAULT) return 0;
    need = (need + (1u << 20) - 1) & ~(uint64_t)((1u << 20) - 1);
    return need < MEMORY_MAX ? (uint32_t)need : MEMORY_MAX;
}

static bool machine_make(struct session *s)
{
    const struct run_options *o = s->o;
    if (o->realtime && !(s->realtime = realtime_new(NULL)))
        return session_fail(s, STATUS_USAGE, "the host has no memory left");
    rt386_config config = {.size = sizeof config,
                           .memory = memory_wanted(o),
                           .post_port = (uint32_t)o->post_port.value,
                           .wait_states = (uint32_t)o->wait_states.value,
                           .misaligned_clocks = (uint32_t)o->misaligned.value,
                           .page_walk_clocks = (uint32_t)o->page_walk.value,
                           .undefined = o->undefined,
                           .cpu = o->cpu,
                           .start_time = o->start_seconds,
                           .kernel_tick_us = (uint32_t)o->kernel_tick.value,
                           .console = on_console,
                           .console_ctx = s,
                           .log = on_log,
                           .log_ctx = s,
                           .log_max = log_level(s->app),
                           .post = on_post,
                           .post_ctx = s,
                           .idle = s->realtime ? realtime_idle : NULL,
                           .idle_ctx = s->realtime,
                           .on_fault = o->on_fault,
                           .missing_fails = o->missing_fails};
    bool network = o->net != NULL;
    if (!machine_of_file(s, &config, &network)) return false;
    rt386_status status = rt386_create(&config, &s->machine);
    if (status == RT386_OK) return machine_furnish(s, network) && machine_interrupts(s);
    s->machine = NULL;
    char text[200];
    snprintf(text, sizeof text, "the machine cannot be made: %s", rt386_status_text(status));
    return session_fail(s, STATUS_USAGE, text);
}

static bool load_one(struct session *s, const char *path, rt386_image_kind kind)
{
    const struct run_options *o = s->o;
    rt386_load_options load = {.size = sizeof load,
                               .kind = kind,
                               .raw_base = (uint32_t)o->raw_base.value,
                               .argc = o->guests,
                               .argv = (const char *const *)o->guest,
                               .pool_min = (uint32_t)o->pool_min.value,
                               .pool_max = (uint32_t)o->pool_max.value,
                               .vseg_size = (uint32_t)o->vseg.value,
                               .dir_size = (uint32_t)o->dir.value,
                               .object_limit = (uint32_t)o->objects.value,
                               .thread_limit = (uint32_t)o->threads.value,
                               .executable_ds = o->executable_ds,
                               .xm = o->xm};
    char text[256];
    if (kind == RT386_IMAGE_AUTO && app_file_is_text(path)) {
        app_file_sentence(text, sizeof text, path,
                          "this is text, not a program; --raw-base runs any bytes as code");
        return session_fail(s, STATUS_REFUSED, text);
    }
    if (snapshot_is(path)) {
        app_file_sentence(text, sizeof text, path,
                          "this is a snapshot, a whole machine: it goes with no other FILE and not "
                          "with --bios");
        return session_fail(s, STATUS_REFUSED, text);
    }
    rt386_status status = rt386_load_file(s->machine, path, &load);
    if (status == RT386_OK) return true;
    const char *why = rt386_error(s->machine);
    if (!why || !*why) why = rt386_status_text(status);
    app_file_sentence(text, sizeof text, path, why);
    return session_fail(s, app_file_status(status), text);
}

static bool load_snapshot(struct session *s)
{
    char text[400];
    rt386_status status = rt386_snapshot_load(s->machine, s->snapshot.p, s->snapshot.n);
    text_free(&s->snapshot);
    if (status == RT386_OK) return true;
    /* the rest of the configuration is the snapshot's own */
    bool net = status == RT386_E_ARG && !s->o->net;
    app_file_sentence(text, sizeof text, s->o->file[0],
                      net ? "it is of a machine with a network: give --net=loopback, too"
                          : rt386_error(s->machine));
    return session_fail(s, STATUS_REFUSED, text);
}

static bool load_all(struct session *s)
{
    const struct run_options *o = s->o;
    if (s->from_snapshot) return load_snapshot(s);
    if (s->replaying && replaying_holds_guest(s->replaying)) return true;
    if (o->bios) return load_one(s, o->bios, RT386_IMAGE_BIOS);
    if (o->files == 0)
        return session_fail(s, STATUS_USAGE, "no FILE given; name the program to run");
    rt386_image_kind kind = o->raw_base.given ? RT386_IMAGE_RAW : RT386_IMAGE_AUTO;
    for (int i = 0; i < o->files; i++)
        if (!load_one(s, o->file[i], kind)) return false;
    return true;
}

/* A recording or a replay has the instructions already. */
static bool lately_make(struct session *s)
{
    const struct run_options *o = s->o;
    unsigned n = o->crash_insns.given ? (unsigned)o->crash_insns.value : 64;
    if (!n || o->record || o->replay) return true;
    s->lately = s->crash_config.lately = lately_new(s->machine, n, LATELY_SLICE);
    return s->lately || session_fail(s, STATUS_USAGE, "the host has no memory left");
}

/* Files about faults go into a folder that is there. */
static bool crash_make(struct session *s)
{
    const struct run_options *o = s->o;
    if (!o->crash_report && !o->core) return true;
    const char *folder = o->crash_report && *o->crash_report ? o->crash_report : ".";
    struct stat st;
    char text[256];
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
        snprintf(text, sizeof text, "--crash-report: '%.120s' is no folder; make it, or name one",
                 folder);
        return session_fail(s, STATUS_USAGE, text);
    }
    s->crash_config =
        (struct crash_config){.folder = folder, .report = o->crash_report != NULL, .core = o->core};
    if (!lately_make(s)) return false;
    s->crash = crash_new(s->app, s->machine, &s->crash_config);
    return s->crash || session_fail(s, STATUS_USAGE, "the host has no memory left");
}

static bool observers_make(struct session *s, bool events)
{
    const struct run_options *o = s->o;
    if (o->trace && !(s->trace = trace_open(s->app, o->trace))) {
        s->end = end_of_host(STATUS_USAGE, "the trace cannot be written");
        return false;
    }
    bool all = o->watch_tables || (o->explain && !strcmp(o->explain, "all"));
    if (!crash_make(s)) return false;
    s->observe = observe_new(s->machine, &s->view, s->trace, s->crash, events, all);
    if (s->observe && observe_attach(s->observe) == RT386_OK) return true;
    return session_fail(s, STATUS_USAGE, "the machine cannot be observed");
}

/* The guests are in memory: what is recorded is what they do. */
static bool recording_make(struct session *s)
{
    const struct run_options *o = s->o;
    if (!o->record) return true;
    const char *guest = o->bios        ? o->bios
                        : o->files     ? o->file[0]
                        : s->replaying ? replaying_guest(s->replaying)
                                       : NULL;
    s->recording = recording_begin(s->app, s->machine, o, guest);
    if (s->recording) return true;
    s->end = end_of_host(STATUS_USAGE, "the recording cannot be written");
    return false;
}

static bool replaying_make(struct session *s)
{
    int status = STATUS_OK;
    if (s->o->replay && !(s->replaying = replaying_open(s->app, s->o, &status))) {
        s->end = end_of_host(status, "the trace cannot be replayed");
        return false;
    }
    return true;
}

static bool replaying_start(struct session *s)
{
    int status = s->replaying ? replaying_begin(s->replaying, s->machine) : STATUS_OK;
    if (status == STATUS_OK) return true;
    s->end = end_of_host(status, "the trace cannot be replayed");
    return false;
}

const char *session_reads(const struct run_options *o, const char *path)
{
    const char *const more[] = {o->bios, o->replay, o->expect_output};
    for (int n = 0; n < o->files; n++)
        if (app_same_file(path, o->file[n])) return o->file[n];
    for (unsigned n = 0; n < sizeof more / sizeof *more; n++)
        if (more[n] && app_same_file(path, more[n])) return more[n];
    return NULL;
}

/* What is written is none of what is read: opening it would empty that. */
static bool outputs_apart(struct session *s)
{
    const struct run_options *o = s->o;
    const char *const out[] = {o->record, o->trace && *o->trace ? o->trace : NULL, o->status_file,
                               o->snapshot};
    static const char *const name[] = {"--record", "--trace", "--status-file", "--snapshot"};
    char text[256];
    for (unsigned i = 0; i < sizeof out / sizeof *out; i++) {
        const char *in = out[i] ? session_reads(o, out[i]) : NULL;
        if (!in) continue;
        snprintf(text, sizeof text,
                 "%s would write over '%.120s', which is read; name another file", name[i], in);
        return session_fail(s, STATUS_USAGE, text);
    }
    return true;
}

bool session_open(struct session *s, struct app *app, const struct run_options *o,
                  const struct view *view, bool events)
{
    *s = (struct session){.app = app, .o = o, .view = *view};
    if (!outputs_apart(s) || !replaying_make(s) || !machine_make(s)) return false;
    /* Observers first: loading an INtime program already writes GDT entries. */
    if (!observers_make(s, events)) return false;
    const char *const bios[] = {o->bios};
    s->view.ops->start(s->view.ctx, o->bios ? bios : (const char *const *)o->file,
                       o->bios ? 1 : o->files);
    return load_all(s) && replaying_start(s) && recording_make(s);
}

/* ---- running -----------------------------------------------------------------------------------
 */

/* #UD: perhaps an instruction that came after the 80386; the end's sentence names it. */
static void name_later_instruction(struct session *s)
{
    const rt386_exit *why = &s->end.why;
    const rt386_fault *f = why->chain_length ? &why->chain[0] : &why->fault;
    rt386_seg cs = rt386_seg_get(s->machine, RT386_CS);
    if (!f->raised || f->vector != 6 || cs.selector != f->cs) return;
    struct disasm *d = disasm_new();
    uint8_t code[15];
    unsigned n = sizeof code, used;
    rt386_addr at = {.space = RT386_LINEAR, .at = cs.base + f->eip};
    while (n && rt386_peek(s->machine, at, code, n) != RT386_OK)
        n--;
    char text[100];
    size_t have = strlen(s->end.text);
    if (d && n && disasm_later(d, code, n, cs.flags & 4, text, sizeof text, &used))
        snprintf(s->end.text + have, sizeof s->end.text - have,
                 ", where a later processor would see '%s'", text);
    disasm_free(d);
}

struct shown {
    rt386 *machine;
    struct progress line;
};

static bool show(void *ctx)
{
    struct shown *n = ctx;
    progress_show(&n->line, rt386_insns(n->machine));
    return true;
}

/* Where the run ends, as far as that is known; 0: it is not. */
static uint64_t last_insn(const struct session *s, uint64_t now, uint64_t most)
{
    uint64_t end = s->replaying && !s->o->live ? replaying_last(s->replaying) : 0;
    return most && (!end || end > now + most) ? now + most : end;
}

/* A recording or a replay, whose user waits: with a line that says how far it is, unless instructions go to the same place.
 * How a run is cut changes no byte of its recording. */
static rt386_status run_shown(struct session *s, uint64_t most, uint64_t until, rt386_exit *why)
{
    const struct run_options *o = s->o;
    struct shown n = {.machine = s->machine};
    const struct slices slices = {.slice = SHOW_SLICE, .before = show, .ctx = &n};
    const char *what = s->replaying ? o->replay : o->bios ? o->bios : o->file[0];
    uint64_t now = rt386_insns(s->machine);
    rt386_status st;
    progress_begin(&n.line, s->app, what, "instructions", last_insn(s, now, most));
    n.line.first = now;
    bool seen = n.line.to && !(o->trace && !*o->trace);
    if (!seen)
        st = rt386_run(s->machine, most, until, why);
    else
        st = slices_run(&slices, s->machine, most, until, why);
    progress_end(&n.line);
    return st;
}

static rt386_status run_it(struct session *s, rt386_exit *why)
{
    uint64_t most = s->o->max_insns.value;
    if (s->lately) return lately_run(s->lately, most, why);
    if (!s->recording && !s->replaying) return rt386_run(s->machine, most, 0, why);
    struct trace_rest rest = {.insns = most};
    if (s->replaying && !most) rest = replaying_rest(s->replaying);
    rt386_status st = run_shown(s, rest.insns, rest.until, why);
    if (s->replaying) replaying_broke_off(s->replaying, why);
    return st;
}

/* Until the guest ends, or something ends it. */
static bool run_watched(struct session *s, rt386_exit *why, rt386_status *status,
                        enum stop_reason *reason)
{
    const struct run_options *o = s->o;
    struct watch *watch = watch_start(s->machine, s->realtime, o->timeout.value);
    if (!watch)
        return session_fail(s, STATUS_USAGE,
                            "the host gives no thread for signals and the time-out");
    if (s->realtime) realtime_start(s->realtime);
    *status = run_it(s, why);
    *reason = watch_stop(watch);
    if (s->stop_output && *reason == STOP_NONE) *reason = STOP_OUTPUT;
    return true;
}

/* False: there is nothing more to tell. */
static bool run_somehow(struct session *s, rt386_exit *why, rt386_status *status,
                        enum stop_reason *reason)
{
    enum gdb_end end = GDB_RUN_ON;
    if (s->o->gdb) {
        if (s->realtime) realtime_start(s->realtime);
        end = gdb_serve(s->app, s->machine, s->realtime, s->o->gdb, why);
    }
    switch (end) {
    case GDB_RUN_ON: return run_watched(s, why, status, reason);
    case GDB_ENDED: return true;
    case GDB_KILLED:
    case GDB_INTERRUPTED:
        *why = (rt386_exit){.kind = RT386_EXIT_STOPPED};
        *reason = end == GDB_KILLED ? STOP_TERM : STOP_INT;
        return true;
    case GDB_FAILED: break;
    }
    s->end = end_of_host(STATUS_USAGE, "gdb cannot be served");
    return false;
}

void session_run(struct session *s)
{
    const struct run_options *o = s->o;
    rt386_exit why = {0};
    rt386_status status = RT386_OK;
    enum stop_reason reason = STOP_NONE;
    if (!run_somehow(s, &why, &status, &reason)) return;
    observe_finish(s->observe);
    char error[256];
    snprintf(error, sizeof error, "the run failed: %.200s",
             *rt386_error(s->machine) ? rt386_error(s->machine) : rt386_status_text(status));
    bool recorded = !s->recording || recording_end(s->recording, status == RT386_OK ? &why : NULL);
    s->recording = NULL;
    int replayed = s->replaying ? replaying_end(s->replaying) : STATUS_OK;
    s->replaying = NULL;
    if (status == RT386_OK) {
        s->end = end_of_run(&why, reason, o->post_port.given);
        s->end.machine = s->machine;
        name_later_instruction(s);
        bool written = recorded && !(s->crash && crash_failed(s->crash));
        if (replayed != STATUS_OK) s->end.status = replayed;
        if (!written && s->end.status == STATUS_OK) s->end.status = STATUS_USAGE;
        return;
    }
    const char *text = recorded ? error : "the run was ended, as its recording cannot be written";
    if (recorded) app_error(s->app, "%s", text);
    s->end = end_of_host(STATUS_USAGE, text);
}

void session_close(struct session *s)
{
    if (s->trace && !trace_close(s->trace) && s->end.status == STATUS_OK)
        s->end.status = STATUS_USAGE;
    if (s->recording) recording_end(s->recording, NULL);
    if (s->replaying) replaying_end(s->replaying);
    observe_free(s->observe);
    crash_free(s->crash);
    lately_free(s->lately);
    if (s->machine) rt386_destroy(s->machine);
    realtime_free(s->realtime);
    if (s->view.ctx) s->view.ops->close(s->view.ctx);
    text_free(&s->output);
    text_free(&s->snapshot);
    s->trace = NULL;
    s->recording = NULL;
    s->replaying = NULL;
    s->observe = NULL;
    s->crash = NULL;
    s->lately = NULL;
    s->realtime = NULL;
    s->machine = NULL;
    s->view.ctx = NULL;
}

int session_look(struct app *app, const struct run_options *o,
                 int (*look)(struct session *s, const void *ctx), const void *ctx)
{
    struct view view;
    struct session s;
    if (!plain_view(app, app->err, &view)) {
        app_error(app, "the host has no memory left");
        return STATUS_USAGE;
    }
    bool open = session_open(&s, app, o, &view, false);
    if (open && s.from_snapshot && !o->max_insns.given && !o->timeout.given) {
        s.end.kind = "limit";
        s.end.why.insns = rt386_insns(s.machine);
        snprintf(s.end.text, sizeof s.end.text, "a snapshot");
    } else if (open) {
        session_run(&s);
    }
    int status = open && strcmp(s.end.kind, "host") ? look(&s, ctx) : s.end.status;
    session_close(&s);
    return app_finish(app, status);
}
