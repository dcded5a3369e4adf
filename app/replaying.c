/* replaying.c: rt386 run --replay: a run out of a trace, and the report when it goes another way. */
#include "recording.h"
#include "run_options.h"
#include "trace_cmd.h"

#include <stdlib.h>
#include <string.h>

struct replaying {
    struct app *app;
    rt386 *machine;
    rt386_trace *trace;
    const struct run_options *o;
};

struct replaying *replaying_open(struct app *app, const struct run_options *o, int *status)
{
    struct replaying *r = calloc(1, sizeof *r);
    *status = STATUS_USAGE;
    if (!r) {
        app_error(app, "the host has no memory left for the replay");
        return NULL;
    }
    *r = (struct replaying){.app = app, .o = o};
    *status = trace_file_open(app, o->replay, &r->trace);
    if (*status == STATUS_OK) return r;
    free(r);
    return NULL;
}

const char *replaying_guest(const struct replaying *r)
{
    return rt386_trace_value(r->trace, "guest");
}

bool replaying_holds_guest(const struct replaying *r)
{
    return !r->o->files && !r->o->bios;
}

int replaying_config(const struct replaying *r, rt386_config *config, bool *network)
{
    rt386_status st = rt386_trace_config(r->trace, config, network);
    if (st == RT386_OK) return STATUS_OK;
    app_error(r->app, "'%.120s' cannot be replayed without its guest: %s", r->o->replay,
              st == RT386_E_NOTFOUND ? "it has no keyframe; name the guest"
                                     : "its keyframe is damaged");
    return st == RT386_E_NOTFOUND ? STATUS_USAGE : STATUS_REFUSED;
}

bool trace_broken_off(const rt386_trace_info *i)
{
    return !i->has_end || i->end_kind == RT386_EXIT_BUDGET || i->end_kind == RT386_EXIT_TIME ||
           i->end_kind == RT386_EXIT_STOPPED || i->end_kind == RT386_EXIT_BREAK;
}

struct trace_rest trace_rest(const rt386_trace *trace, const rt386 *machine)
{
    rt386_trace_info i = rt386_trace_describe(trace);
    uint64_t now = rt386_insns(machine);
    if (i.insns < now) return (struct trace_rest){0};
    if (!i.has_end) return (struct trace_rest){.insns = i.insns - now};
    if (i.insns == now && i.clocks <= rt386_clocks(machine)) return (struct trace_rest){0};
    /* One more would be past those clocks. */
    return (struct trace_rest){.insns = i.insns - now + 1, .until = i.clocks};
}

struct trace_rest replaying_rest(const struct replaying *r)
{
    rt386_trace_info i = rt386_trace_describe(r->trace);
    if (r->o->live || !trace_broken_off(&i)) return (struct trace_rest){0};
    return trace_rest(r->trace, r->machine);
}

void replaying_broke_off(const struct replaying *r, rt386_exit *why)
{
    rt386_trace_info i = rt386_trace_describe(r->trace);
    if (why->kind != RT386_EXIT_TIME) return;
    why->kind = RT386_EXIT_BUDGET;
    snprintf(why->text, sizeof why->text, "%s",
             i.end_kind == RT386_EXIT_BUDGET ? i.end_text : "the trace ends here");
}

uint64_t replaying_last(const struct replaying *r)
{
    return rt386_trace_describe(r->trace).insns;
}

int replaying_begin(struct replaying *r, rt386 *machine)
{
    const struct run_options *o = r->o;
    uint64_t insns = rt386_trace_describe(r->trace).insns;
    const rt386_replay_options how = {.size = sizeof how,
                                      .verify = o->verify,
                                      .live = o->live,
                                      .keyframe = replaying_holds_guest(r),
                                      /* not at the end: something is left to do */
                                      .from = o->from.value < insns ? o->from.value
                                              : insns               ? insns - 1
                                                                    : 0};
    r->machine = machine;
    rt386_status st = rt386_replay_begin(machine, r->trace, &how);
    if (st == RT386_OK) return STATUS_OK;
    app_error(r->app, "'%.120s' cannot be replayed: %s", o->replay, rt386_error(machine));
    return st == RT386_E_FORMAT ? STATUS_REFUSED : STATUS_USAGE;
}

static void regs_lines(struct text *t, const rt386_trace_regs *want, const rt386_trace_regs *have)
{
    for (unsigned i = 0; i < TRACE_REGS; i++)
        if (trace_reg(want, i) != trace_reg(have, i))
            text_addf(t, "  %-8s%08x in the trace, %08x now\n", trace_reg_name(i),
                      trace_reg(want, i), trace_reg(have, i));
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

static const char *cause(const rt386_trace *trace, const rt386_divergence *v, bool verified)
{
    if (v->damaged) return "cause: damage of the trace";
    if (v->other_guest) return "cause: the guest is another file than the recorded one";
    if (v->input) return "cause: the guest asks for other input than it did";
    if ((v->digest || v->end) && !verified && rt386_trace_describe(trace).records)
        return "--verify finds the instruction";
    if (v->after_input) return "cause: input that came since then, or the emulator";
    return "cause: no input came since then, so the emulator, or damage of the trace";
}

/* What the trace says of the end, and what became of it now. */
static void end_lines(struct text *t, const rt386_trace *trace, const rt386_divergence *v)
{
    rt386_trace_info i = rt386_trace_describe(trace);
    text_addf(t, "in the trace:\n    %s at instruction %llu, clock %llu\n",
              trace_broken_off(&i) ? "the run goes on, at least to the end of the trace"
                                   : i.end_text,
              (unsigned long long)i.insns, (unsigned long long)i.clocks);
    text_addf(t, "now:\n    %s\n", *v->ended ? v->ended : "the run goes on");
}

void divergence_text(struct text *t, struct disasm *d, const rt386_trace *trace,
                     const rt386_divergence *v, bool verified)
{
    text_addf(t,
              v->damaged ? "the trace cannot be compared behind instruction %llu\n"
                         : "the run goes another way than the trace behind instruction %llu\n",
              (unsigned long long)v->insns);
    if (v->last_count) text_addf(t, "the last %u that were equal:\n", v->last_count);
    for (unsigned i = 0; i < v->last_count; i++)
        trace_item_text(t, d, trace, &v->last[i]);
    if (v->digest)
        text_addf(
            t,
            "the whole state differs from the trace's digest; at instruction %llu it was equal\n",
            (unsigned long long)v->digest_equal);
    if (v->damaged) text_addf(t, "%s\n", rt386_trace_error(trace));
    if (v->end) end_lines(t, trace, v);
    if (!v->input && !v->digest && !v->end && !v->damaged) {
        side(t, d, trace, "in the trace:", v->has_expected, &v->expected);
        side(t, d, trace, "now:", v->has_actual, &v->actual);
    }
    if (v->has_expected && v->has_actual && v->expected.kind == RT386_TRACE_INSN &&
        v->actual.kind == RT386_TRACE_INSN)
        regs_lines(t, &v->expected.insn.after, &v->actual.insn.after);
    text_addf(t, "%s\n", cause(trace, v, verified));
}

/* Little is compared where there is little in the trace: whoever asked for all is told. */
void replaying_little(struct app *app, const char *path, const rt386_trace *trace)
{
    rt386_trace_info i = rt386_trace_describe(trace);
    if (!i.records)
        app_note(app,
                 "%.120s: no instructions are in it; what came from outside, %llu digests and the "
                 "end were compared",
                 path, (unsigned long long)i.digests);
    if (!i.whole)
        app_note(app, "%.120s: %s (at byte %llu)", path, i.why, (unsigned long long)i.cut_at);
}

int replaying_end(struct replaying *r)
{
    rt386_divergence *v = calloc(1, sizeof *v);
    struct disasm *d = disasm_new();
    struct text t = {0};
    bool begun = r->machine != NULL;
    int status = v && d && begun && rt386_replay_end(r->machine, v) == RT386_OK && !v->diverged
                     ? STATUS_OK
                     : STATUS_DIVERGED;
    if (v && v->damaged) status = STATUS_REFUSED;
    if (status == STATUS_OK && r->o->verify) replaying_little(r->app, r->o->replay, r->trace);
    if (v && d && v->diverged) divergence_text(&t, d, r->trace, v, r->o->verify);
    if (t.n) fputs(text_str(&t), r->app->err);
    text_free(&t);
    free(v);
    disasm_free(d);
    rt386_trace_close(r->trace);
    free(r);
    return status;
}
