/* replaying.c: rt386 run --replay: a run out of a trace, and the report when it goes another way. */
#include "recording.h"
#include "trace_cmd.h"

#include <stdlib.h>
#include <string.h>

struct replaying {
    struct app *app;
    rt386 *machine;
    rt386_trace *trace;
};

struct replaying *replaying_begin(struct app *app, rt386 *machine, const char *path, bool verify,
                                  int *status)
{
    struct replaying *r = calloc(1, sizeof *r);
    rt386_trace *trace = NULL;
    const rt386_replay_options o = {.size = sizeof o, .verify = verify};
    *status = STATUS_USAGE;
    if (!r) {
        app_error(app, "the host has no memory left for the replay");
        return NULL;
    }
    *status = trace_file_open(app, path, &trace);
    if (*status == STATUS_OK && rt386_replay_begin(machine, trace, &o) != RT386_OK) {
        app_error(app, "'%.120s' cannot be replayed: %s", path, rt386_error(machine));
        *status = STATUS_USAGE;
    }
    if (*status == STATUS_OK) {
        *r = (struct replaying){app, machine, trace};
        return r;
    }
    rt386_trace_close(trace);
    free(r);
    return NULL;
}

static void regs_lines(struct text *t, const rt386_trace_regs *want, const rt386_trace_regs *have)
{
    static const char *const name[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    for (unsigned i = 0; i < 8; i++)
        if (want->gpr[i] != have->gpr[i])
            text_addf(t, "  %-8s%08x in the trace, %08x now\n", name[i], want->gpr[i],
                      have->gpr[i]);
    if (want->eip != have->eip)
        text_addf(t, "  %-8s%08x in the trace, %08x now\n", "eip", want->eip, have->eip);
    if (want->eflags != have->eflags)
        text_addf(t, "  %-8s%08x in the trace, %08x now\n", "eflags", want->eflags, have->eflags);
}

static void side(struct text *t, struct disasm *d, const rt386_trace *trace, const char *title,
                 bool has, const rt386_trace_item *item)
{
    text_addf(t, "%s\n", title);
    if (has)
        trace_item_text(t, d, trace, item);
    else
        text_add(t, "    nothing more\n");
}

static void report(struct text *t, struct disasm *d, const struct replaying *r,
                   const rt386_divergence *v)
{
    text_addf(t, "the run goes another way than the trace behind instruction %llu\n",
              (unsigned long long)v->insns);
    if (v->last_count) text_addf(t, "the last %u that were equal:\n", v->last_count);
    for (unsigned i = 0; i < v->last_count; i++)
        trace_item_text(t, d, r->trace, &v->last[i]);
    if (!v->input) {
        side(t, d, r->trace, "in the trace:", v->has_expected, &v->expected);
        side(t, d, r->trace, "now:", v->has_actual, &v->actual);
    }
    if (v->has_expected && v->has_actual && v->expected.kind == RT386_TRACE_INSN &&
        v->actual.kind == RT386_TRACE_INSN)
        regs_lines(t, &v->expected.insn.after, &v->actual.insn.after);
    text_addf(t, "%s\n",
              v->input ? "cause: the guest asks for other input than it did"
              : v->after_input
                  ? "cause: input that came since then, or the emulator"
                  : "cause: no input came since then, so the emulator, or damage of the trace");
}

bool replaying_end(struct replaying *r)
{
    rt386_divergence *v = calloc(1, sizeof *v);
    struct disasm *d = disasm_new();
    struct text t = {0};
    bool good = v && d && rt386_replay_end(r->machine, v) == RT386_OK && !v->diverged;
    if (v && d && v->diverged) report(&t, d, r, v);
    if (t.n) fputs(text_str(&t), r->app->err);
    text_free(&t);
    free(v);
    disasm_free(d);
    rt386_trace_close(r->trace);
    free(r);
    return good;
}
