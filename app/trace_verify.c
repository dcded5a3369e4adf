/* trace_verify.c: rt386 trace verify: does here happen what a trace tells? The run again, out of the trace alone, and compared. */
#include "slices.h"
#include "trace_cmd.h"
#include "work.h"

#include <stdlib.h>

#define SLICE 1000000u /* instructions between two looks at the progress */

struct verify {
    struct app *app;
    const char *path;
    rt386_trace *trace;
    rt386 *machine;
    struct work work;
};

static int fail(struct verify *v, int status, const char *why)
{
    app_error(v->app, "%.120s: %s", v->path, why);
    return status;
}

static int begin(struct verify *v, const struct trace_options *o)
{
    const rt386_replay_options how = {
        .size = sizeof how, .verify = true, .keyframe = true, .from = o->from.value};
    int status = trace_machine(v->app, v->path, v->trace, &v->machine);
    if (status != STATUS_OK) return status;
    rt386_status st = rt386_replay_begin(v->machine, v->trace, &how);
    if (st == RT386_OK) return STATUS_OK;
    return fail(v, st == RT386_E_FORMAT ? STATUS_REFUSED : STATUS_USAGE, rt386_error(v->machine));
}

static bool look(void *verify)
{
    struct verify *v = verify;
    return work_look(&v->work, rt386_insns(v->machine));
}

/* To where the trace ends, or to the end of the run when it did. */
static rt386_status run_all(struct verify *v, bool ends)
{
    const struct slices slices = {.slice = SLICE, .before = look, .ctx = v};
    struct trace_rest rest = trace_rest(v->trace, v->machine);
    rt386_exit why;
    if (ends) return slices_run(&slices, v->machine, 0, 0, &why);
    return rest.insns ? slices_run(&slices, v->machine, rest.insns, rest.until, &why) : RT386_OK;
}

static int told(struct verify *v, const rt386_divergence *found, struct disasm *d)
{
    struct text t = {0};
    rt386_trace_info i = rt386_trace_describe(v->trace);
    if (found->diverged)
        divergence_text(&t, d, v->trace, found, true);
    else if (v->work.interrupt.taken)
        text_addf(&t, "%s: equal up to instruction %llu\n", v->path,
                  (unsigned long long)v->work.done);
    else
        text_addf(&t, "%s: equal: %llu instructions, %llu items, %llu digests\n", v->path,
                  (unsigned long long)(i.insns - i.first), (unsigned long long)i.records,
                  (unsigned long long)i.digests);
    app_put(v->app, &t);
    text_free(&t);
    if (!found->diverged) replaying_little(v->app, v->path, v->trace);
    return found->damaged ? STATUS_REFUSED : found->diverged ? STATUS_DIVERGED : STATUS_OK;
}

static int verify_one(struct app *app, const struct trace_options *o, const char *path,
                      struct disasm *d, rt386_divergence *found)
{
    struct verify v = {.app = app, .path = path};
    int status = trace_file_open(app, path, &v.trace);
    if (status != STATUS_OK) return status;
    status = begin(&v, o);
    if (status == STATUS_OK) {
        rt386_trace_info i = rt386_trace_describe(v.trace);
        work_begin(&v.work, app, path, rt386_insns(v.machine), i.insns);
        rt386_status st = run_all(&v, !trace_broken_off(&i));
        int interrupted = work_end(&v.work, STATUS_OK);
        if (st == RT386_OK) st = rt386_replay_end(v.machine, found);
        status =
            st == RT386_OK ? told(&v, found, d) : fail(&v, STATUS_USAGE, rt386_error(v.machine));
        if (status == STATUS_OK) status = interrupted;
    }
    if (v.machine) rt386_destroy(v.machine);
    rt386_trace_close(v.trace);
    return status;
}

int trace_verify(struct app *app, const struct trace_options *o, char **word, int words)
{
    rt386_divergence *found = calloc(1, sizeof *found);
    struct disasm *d = disasm_new();
    int status = found && d ? STATUS_OK : STATUS_USAGE;
    if (status != STATUS_OK) app_error(app, "the host has no memory left");
    for (int n = 0; n < words && found && d && !app->broken && status < STATUS_INT; n++) {
        int one = verify_one(app, o, word[n], d, found);
        if (one > status) status = one;
    }
    disasm_free(d);
    free(found);
    return app_finish(app, status);
}
