/* trace_diff.c: rt386 trace diff: the first item at which two traces differ: an instruction, an exception, a call, a load, a port
 * (trace_log.c: a trace and a log). */
#include "trace_cmd.h"
#include "work.h"

#include <stdlib.h>
#include <string.h>

#define CONTEXT 32u

struct side {
    const char *path;
    rt386_trace *trace;
    rt386_trace_item item; /* what is compared */
    rt386_status status;
};
struct diff {
    struct app *app;
    const struct trace_options *o;
    struct disasm *disasm;
    struct side side[2];
    rt386_trace_item *ring; /* the items before */
    unsigned kept;
    uint64_t seen, insns; /* items, and instructions among them */
    struct work work;
};

static void side_next(struct side *s)
{
    s->status = rt386_trace_next(s->trace, &s->item);
}

static bool same_clocks(const struct diff *d)
{
    const rt386_trace_item *a = &d->side[0].item, *b = &d->side[1].item;
    if (d->o->ignore_clocks) return true;
    return a->clocks == b->clocks &&
           (a->kind != RT386_TRACE_INSN || a->insn.clocks == b->insn.clocks);
}

static bool same(const struct diff *d)
{
    const rt386_trace_item *x = &d->side[0].item, *y = &d->side[1].item;
    const rt386_trace_insn *a = &x->insn, *b = &y->insn;
    if (!rt386_trace_same_item(x, y) || !same_clocks(d)) return false;
    return x->kind != RT386_TRACE_INSN ||
           (a->cs == b->cs && !memcmp(&a->before, &b->before, sizeof a->before));
}

static void keep(struct diff *d)
{
    if (d->kept) d->ring[d->seen % d->kept] = d->side[0].item;
    d->seen++;
    d->insns += d->side[0].item.kind == RT386_TRACE_INSN;
}

static void number_line(struct text *t, const char *name, uint64_t a, uint64_t b)
{
    if (a != b)
        text_addf(t, "  %-12s%16llx%16llx\n", name, (unsigned long long)a, (unsigned long long)b);
}

static void regs_lines(struct text *t, const rt386_trace_regs *a, const rt386_trace_regs *b)
{
    for (unsigned i = 0; i < TRACE_REGS; i++)
        number_line(t, trace_reg_name(i), trace_reg(a, i), trace_reg(b, i));
}

static void access_lines(struct text *t, const rt386_trace_insn *a, const rt386_trace_insn *b)
{
    number_line(t, "accesses", a->accesses, b->accesses);
    for (unsigned i = 0; i < a->accesses && i < b->accesses; i++) {
        const rt386_trace_access *x = &a->access[i], *y = &b->access[i];
        number_line(t, "offset", x->offset, y->offset);
        number_line(t, "linear", x->linear, y->linear);
        number_line(t, "physical", x->physical, y->physical);
        number_line(t, "value", x->value, y->value);
    }
}

/* Of two instructions; other items say all by themselves but when it was. */
static void differences(struct diff *d, struct text *t)
{
    const rt386_trace_item *a = &d->side[0].item, *b = &d->side[1].item;
    if (a->kind != RT386_TRACE_INSN || b->kind != a->kind) {
        if (!d->o->ignore_clocks) number_line(t, "clock", a->clocks, b->clocks);
        return;
    }
    text_addf(t, "  %-12s%16.16s%16.16s\n", "", "first", "second");
    number_line(t, "cs", a->insn.cs, b->insn.cs);
    number_line(t, "linear", a->insn.linear, b->insn.linear);
    number_line(t, "length", a->insn.length, b->insn.length);
    if (memcmp(&a->insn.before, &b->insn.before, sizeof a->insn.before) != 0) {
        text_add(t, "before it:\n");
        regs_lines(t, &a->insn.before, &b->insn.before);
    }
    if (memcmp(&a->insn.after, &b->insn.after, sizeof a->insn.after) != 0) {
        text_add(t, "behind it:\n");
        regs_lines(t, &a->insn.after, &b->insn.after);
    }
    access_lines(t, &a->insn, &b->insn);
    if (!d->o->ignore_clocks) {
        number_line(t, "clocks", a->insn.clocks, b->insn.clocks);
        number_line(t, "clock", a->clocks, b->clocks);
    }
}

static void report(struct diff *d)
{
    struct text t = {0};
    uint64_t kept = d->seen < d->kept ? d->seen : d->kept;
    text_addf(&t, "the traces differ at instruction %llu\n",
              (unsigned long long)d->side[0].item.insns);
    for (uint64_t i = d->seen - kept; i < d->seen; i++)
        trace_item_text(&t, d->disasm, d->side[0].trace, &d->ring[i % d->kept]);
    for (unsigned i = 0; i < 2; i++) {
        text_addf(&t, "%s trace:\n", i ? "second" : "first");
        trace_item_text(&t, d->disasm, d->side[i].trace, &d->side[i].item);
    }
    differences(d, &t);
    app_put(d->app, &t);
    text_free(&t);
}

/* The runs ended by themselves, each in another way. */
static bool other_ends(const struct diff *d, struct text *t)
{
    rt386_trace_info a = rt386_trace_describe(d->side[0].trace);
    rt386_trace_info b = rt386_trace_describe(d->side[1].trace);
    if (d->side[0].status == RT386_OK || !a.has_end || !b.has_end ||
        (a.end_kind == b.end_kind && a.end_code == b.end_code))
        return false;
    text_addf(t, "%llu instructions are equal, but the ends are not\n  first   %s\n  second  %s\n",
              (unsigned long long)d->insns, a.end_text, b.end_text);
    return true;
}

/* Both are over, or one of them is. */
static int ended(struct diff *d)
{
    int status = STATUS_OK;
    struct text t = {0};
    for (unsigned i = 0; i < 2; i++) {
        struct side *s = &d->side[i];
        int one = trace_file_end(d->app, s->path, s->trace, s->status);
        if (one > status) status = one;
    }
    if (status != STATUS_OK) return status;
    if (d->side[0].status == d->side[1].status && other_ends(d, &t)) {
        status = STATUS_UNEXPECTED;
    } else if (d->side[0].status == d->side[1].status) {
        text_addf(&t, "%llu instructions are equal%s\n", (unsigned long long)d->insns,
                  d->side[0].status == RT386_OK ? " so far" : "");
    } else {
        text_addf(&t, "the %s trace ends after %llu equal instructions, the other goes on\n",
                  d->side[0].status == RT386_OK ? "second" : "first", (unsigned long long)d->insns);
        status = STATUS_UNEXPECTED;
    }
    app_put(d->app, &t);
    text_free(&t);
    return status;
}

static int compare(struct diff *d)
{
    rt386_trace_info i = rt386_trace_describe(d->side[0].trace);
    bool equal = true, both = true;
    uint64_t most = d->o->count.given ? d->o->count.value : UINT64_MAX;
    work_begin(&d->work, d->app, d->side[0].path, i.first, i.insns);
    do {
        side_next(&d->side[0]);
        side_next(&d->side[1]);
        both = d->side[0].status == RT386_OK && d->side[1].status == RT386_OK;
        equal = both && same(d);
        if (equal) keep(d);
    } while (equal && d->insns < most && work_goes_on(&d->work, d->side[0].item.insns));
    int interrupted = work_end(&d->work, STATUS_OK);
    if (both && !equal) {
        report(d);
        return STATUS_UNEXPECTED;
    }
    int status = ended(d);
    return interrupted != STATUS_OK ? interrupted : status;
}

/* To --from. What else is wrong reading says. */
static int begin(struct side *s, struct diff *d)
{
    const struct opt_num *from = &d->o->from;
    if (!trace_has_insns(d->app, s->path, s->trace)) return STATUS_REFUSED;
    if (!from->given || rt386_trace_seek(s->trace, from->value) != RT386_E_NOTFOUND)
        return STATUS_OK;
    app_error(d->app, "%.120s: there is no instruction %llu in it", s->path,
              (unsigned long long)from->value);
    return STATUS_REFUSED;
}

/* Options that only a comparison with a log has. */
static bool for_logs(struct app *app, const struct trace_options *o)
{
    if (!o->log_from.given && !o->ignore && !o->all) return false;
    app_error(app,
              "trace diff: --log-from, --ignore and --all are for a log, and the second file is "
              "a trace");
    return true;
}

int trace_diff(struct app *app, const struct trace_options *o, char **word, int words)
{
    struct diff d = {
        .app = app, .o = o, .kept = o->context.given ? (unsigned)o->context.value : CONTEXT};
    if (words != 2) {
        app_error(app, "trace diff: name two files: rt386 trace diff FIRST SECOND");
        return STATUS_USAGE;
    }
    if (trace_log_wanted(o, word[1])) return trace_log_diff(app, o, word[0], word[1]);
    int status = for_logs(app, o) ? STATUS_USAGE : STATUS_OK;
    for (unsigned i = 0; i < 2 && status == STATUS_OK; i++) {
        d.side[i].path = word[i];
        status = trace_file_open(app, word[i], &d.side[i].trace);
        if (status == STATUS_OK) status = begin(&d.side[i], &d);
    }
    d.disasm = disasm_new();
    d.ring = calloc(d.kept + 1, sizeof *d.ring);
    if (status == STATUS_OK && d.disasm && d.ring) status = compare(&d);
    if (!d.disasm || !d.ring) {
        app_error(app, "the host has no memory left");
        status = STATUS_USAGE;
    }
    disasm_free(d.disasm);
    free(d.ring);
    rt386_trace_close(d.side[0].trace);
    rt386_trace_close(d.side[1].trace);
    return app_finish(app, status);
}
