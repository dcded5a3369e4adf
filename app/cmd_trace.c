/* cmd_trace.c: rt386 trace info, cat, grep, stats, diff, check, verify, last, next, state, convert. */
#include "convert.h"
#include "end.h"
#include "trace_cmd.h"
#include "work.h"

#include <regex.h>
#include <string.h>

int trace_file_open(struct app *app, const char *path, rt386_trace **trace)
{
    char err[200] = "";
    int status = app_file_ready(app, path);
    if (status != STATUS_OK) return status;
    rt386_status st = rt386_trace_open(path, trace, err, sizeof err);
    return st == RT386_OK ? STATUS_OK : app_file_refused(app, path, st, err);
}

/* What was cut off is worth a word, but what there is of it is good. */
int trace_file_end(struct app *app, const char *path, const rt386_trace *trace, rt386_status status)
{
    rt386_trace_info info = rt386_trace_describe(trace);
    if (status == RT386_OK) return STATUS_OK; /* not read to its end */
    if (status != RT386_E_NOTFOUND) {
        app_error(app, "%.120s: %s", path, rt386_trace_error(trace));
        return STATUS_REFUSED;
    }
    if (!info.whole)
        app_note(app, "%.120s: %s (at byte %llu)", path, info.why, (unsigned long long)info.cut_at);
    return STATUS_OK;
}

bool trace_has_insns(struct app *app, const char *path, const rt386_trace *trace)
{
    const char *records = rt386_trace_value(trace, "records");
    if (!records || strcmp(records, "none") != 0) return true;
    app_error(
        app,
        "%.120s: it was recorded with --inputs-only; rt386 run --replay it --record OTHER adds "
        "the instructions",
        path);
    return false;
}

/* --- info --- */

static void info_json(struct text *t, const char *path, rt386_trace *trace)
{
    uint64_t inputs;
    rt386_trace_info i = rt386_trace_describe(trace);
    struct json j = {.to = t};
    const char *key;
    json_open(&j, NULL, '{');
    json_str(&j, "schema", SCHEMA_TRACE);
    json_str(&j, "file", path);
    json_num(&j, "major", i.major);
    json_num(&j, "minor", i.minor);
    json_num(&j, "bytes", i.bytes);
    json_bool(&j, "whole", i.whole);
    if (!i.whole) json_str(&j, "why", i.why);
    if (!i.whole) json_num(&j, "cut_at", i.cut_at);
    json_num(&j, "first", i.first);
    json_num(&j, "insns", i.insns);
    json_num(&j, "clocks", i.clocks);
    json_num(&j, "chunks", i.chunks);
    json_num(&j, "records", i.records);
    json_num(&j, "keyframes", i.keyframes);
    if (rt386_trace_inputs(trace, &inputs) == RT386_OK) json_num(&j, "inputs", inputs);
    json_num(&j, "digests", i.digests);
    json_open(&j, "head", '{');
    for (unsigned n = 0; (key = rt386_trace_key(trace, n)); n++)
        json_str(&j, key, rt386_trace_value(trace, key));
    json_close(&j, '}');
    if (i.has_end) {
        json_open(&j, "end", '{');
        json_str(&j, "kind", end_kind_name(i.end_kind));
        json_num(&j, "code", i.end_code);
        json_str(&j, "text", i.end_text);
        json_close(&j, '}');
    }
    json_close(&j, '}');
    text_add(t, "\n");
}

static void info_text(struct text *t, const char *path, rt386_trace *trace)
{
    uint64_t inputs;
    rt386_trace_info i = rt386_trace_describe(trace);
    const char *key;
    text_addf(t, "%s: trace, version %u.%u, %llu bytes\n", path, i.major, i.minor,
              (unsigned long long)i.bytes);
    for (unsigned n = 0; (key = rt386_trace_key(trace, n)); n++)
        if (*rt386_trace_value(trace, key))
            text_addf(t, "  %-14s%s\n", key, rt386_trace_value(trace, key));
    text_addf(t, "  %-14s%llu to %llu\n", "instructions", (unsigned long long)i.first,
              (unsigned long long)i.insns);
    text_addf(t, "  %-14s%llu in %u chunks\n", "items", (unsigned long long)i.records, i.chunks);
    text_addf(t, "  %-14s%u, and %llu digests\n", "keyframes", i.keyframes,
              (unsigned long long)i.digests);
    if (rt386_trace_inputs(trace, &inputs) == RT386_OK)
        text_addf(t, "  %-14s%llu from outside\n", "inputs", (unsigned long long)inputs);
    else
        text_addf(t, "  %-14s%s\n", "inputs", rt386_trace_error(trace));
    if (i.has_end) text_addf(t, "  %-14s%s\n", "end", i.end_text);
    if (!i.whole)
        text_addf(t, "  %-14s%s (at byte %llu)\n", "not whole", i.why,
                  (unsigned long long)i.cut_at);
}

static int trace_info(struct app *app, const struct trace_options *o, char **word, int words)
{
    int status = STATUS_OK;
    for (int n = 0; n < words && !app->broken; n++) {
        rt386_trace *trace = NULL;
        struct text t = {0};
        int one = trace_file_open(app, word[n], &trace);
        if (one > status) status = one;
        if (one != STATUS_OK) continue;
        if (o->common.json)
            info_json(&t, word[n], trace);
        else
            info_text(&t, word[n], trace);
        app_put(app, &t);
        text_free(&t);
        rt386_trace_close(trace);
    }
    return app_finish(app, status);
}

/* --- cat and grep --- */

/* --kinds insn,call: a bit for each; 0 and a sentence when a word is none. */
static unsigned kinds_of(struct app *app, const char *list)
{
    unsigned bits = 0;
    if (!list) return ~0u;
    while (*list) {
        size_t n = strcspn(list, ",");
        unsigned before = bits;
        for (unsigned k = 0; k <= RT386_TRACE_PROCESS; k++) {
            const char *name = trace_kind_name((rt386_trace_kind)k);
            if (strlen(name) == n && !strncmp(name, list, n)) bits |= 1u << k;
        }
        if (bits == before) {
            app_error(app,
                      "trace: '%.*s' is no kind of item; they are insn, mem, field, load, "
                      "table, event, io, task, call and process",
                      (int)(n < 40 ? n : 40), list);
            return 0;
        }
        list += n + (list[n] == ',');
    }
    return bits;
}

/* --to N; all when it was not given. */
static bool last_of(struct app *app, const char *text, uint64_t *to)
{
    *to = UINT64_MAX;
    if (!text || opt_number(text, 1000, to)) return true;
    app_error(app, "--to needs a number, like 1000, 50K or 2M, not '%.40s'", text);
    return false;
}

struct cat {
    struct app *app;
    const struct trace_options *o;
    struct disasm *disasm;
    const regex_t *want; /* NULL: all */
    unsigned kinds;
    uint64_t to; /* the last instruction */
    uint64_t shown;
    struct work work;
};

static rt386_status cat_items(struct cat *c, rt386_trace *trace)
{
    const struct trace_options *o = c->o;
    rt386_trace_item item;
    struct text t = {0};
    rt386_status st = o->from.given ? rt386_trace_seek(trace, o->from.value) : RT386_OK;
    while (st == RT386_OK && !c->app->broken) {
        st = rt386_trace_next(trace, &item);
        if (st != RT386_OK || item.insns > c->to) break;
        if (!work_goes_on(&c->work, item.insns)) break;
        if (!(c->kinds >> item.kind & 1)) continue;
        size_t before = t.n;
        if (o->common.json)
            trace_item_json(&t, c->disasm, trace, &item);
        else
            trace_item_text(&t, c->disasm, trace, &item);
        if (c->want && regexec(c->want, text_str(&t) + before, 0, NULL, 0) != 0) {
            t.n = before;
            if (t.p) t.p[t.n] = 0;
            continue;
        }
        c->shown++;
        if (t.n > 60000) app_put(c->app, &t);
        if (o->count.given && c->shown >= o->count.value) break;
    }
    app_put(c->app, &t);
    text_free(&t);
    return st;
}

static int cat_files(struct app *app, const struct trace_options *o, const regex_t *want,
                     char **word, int words, uint64_t *shown)
{
    struct cat c = {.app = app, .o = o, .want = want, .kinds = kinds_of(app, o->kinds)};
    int status = STATUS_OK;
    if (!c.kinds || !last_of(app, o->to, &c.to)) return STATUS_USAGE;
    c.disasm = disasm_new();
    if (!c.disasm) {
        app_error(app, "the host has no memory left");
        return STATUS_USAGE;
    }
    for (int n = 0; n < words && !app->broken && status < STATUS_INT; n++) {
        rt386_trace *trace = NULL;
        int one = trace_file_open(app, word[n], &trace);
        if (one == STATUS_OK && !trace_has_insns(app, word[n], trace)) {
            rt386_trace_close(trace);
            one = STATUS_REFUSED;
        }
        if (one == STATUS_OK) {
            uint64_t last = rt386_trace_describe(trace).insns;
            work_begin(&c.work, app, word[n], o->from.value, c.to < last ? c.to : last);
            rt386_status st = cat_items(&c, trace);
            one = work_end(&c.work, trace_file_end(app, word[n], trace, st));
            rt386_trace_close(trace);
        }
        if (one > status) status = one;
    }
    disasm_free(c.disasm);
    *shown = c.shown;
    return app_finish(app, status);
}

static int trace_cat(struct app *app, const struct trace_options *o, char **word, int words)
{
    uint64_t shown;
    return cat_files(app, o, NULL, word, words, &shown);
}

static int trace_grep(struct app *app, const struct trace_options *o, char **word, int words)
{
    regex_t want;
    uint64_t shown = 0;
    char why[120];
    if (words < 2) {
        app_error(app, "trace grep: name a pattern and files: rt386 trace grep PATTERN FILE...");
        return STATUS_USAGE;
    }
    int error = regcomp(&want, word[0], REG_EXTENDED | REG_NOSUB);
    if (error) {
        regerror(error, &want, why, sizeof why);
        app_error(app, "trace grep: '%.60s' is no regular expression: %s", word[0], why);
        return STATUS_USAGE;
    }
    int status = cat_files(app, o, &want, word + 1, words - 1, &shown);
    regfree(&want);
    return status == STATUS_OK && !shown ? STATUS_UNEXPECTED : status;
}

/* --- check --- */

static int check_file(struct app *app, const char *path)
{
    rt386_trace *trace = NULL;
    struct text t = {0};
    struct work work;
    int status = trace_file_open(app, path, &trace);
    if (status != STATUS_OK) return status;
    rt386_trace_info info = rt386_trace_describe(trace);
    work_begin(&work, app, path, info.first, info.insns);
    rt386_trace_look(trace, work_look, &work);
    rt386_status st = rt386_trace_check(trace);
    status = work_end(&work, st == RT386_OK ? STATUS_OK : STATUS_UNEXPECTED);
    if (st == RT386_OK) text_addf(&t, "%s: good\n", path);
    if (status == STATUS_UNEXPECTED) app_error(app, "%.120s: %s", path, rt386_trace_error(trace));
    app_put(app, &t);
    text_free(&t);
    rt386_trace_close(trace);
    return status;
}

static int trace_check(struct app *app, const struct trace_options *o, char **word, int words)
{
    int status = STATUS_OK;
    (void)o;
    for (int n = 0; n < words && !app->broken && status < STATUS_INT; n++) {
        int one = check_file(app, word[n]);
        if (one > status) status = one;
    }
    return app_finish(app, status);
}

enum { INFO, CAT, GREP, STATS, DIFF, CHECK, VERIFY, LAST, NEXT, STATE, CONVERT };
#define BIT(action) (1u << (action))
#define ITEMS       (BIT(CAT) | BIT(GREP))
#define SEARCHES    (BIT(LAST) | BIT(NEXT))
#define JSON        (BIT(INFO) | ITEMS | BIT(STATS) | SEARCHES | BIT(STATE))

static int cmd_trace(struct app *app, const struct command *self, int argc, char **argv)
{
    static const char *const name[] = {"info",   "cat",  "grep", "stats", "diff",   "check",
                                       "verify", "last", "next", "state", "convert"};
    static int (*const run[])(struct app *, const struct trace_options *, char **, int) = {
        trace_info,   trace_cat,  trace_grep, trace_stats, trace_diff,   trace_check,
        trace_verify, trace_last, trace_next, trace_state, trace_convert};
    _Static_assert(sizeof run / sizeof *run == sizeof name / sizeof *name, "one for each word");
    struct trace_options o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    int i = app_action(app, self, name, sizeof name / sizeof *name, &args);
    if (i < 0 || !app_action_takes(app, self, name, i, JSON, &o)) return STATUS_USAGE;
    return run[i](app, &o, args.word + 1, args.words - 1);
}

#define AT(member) offsetof(struct trace_options, member)
static const struct opt_def options[] = {
    {.name = "from",
     .actions = ITEMS | SEARCHES | BIT(DIFF) | BIT(VERIFY) | BIT(STATE) | BIT(CONVERT),
     .kind = OPT_AMOUNT,
     .at = AT(from),
     .argument = "N",
     .help = "from instruction N on"},
    {.name = "to",
     .actions = ITEMS | BIT(CONVERT),
     .kind = OPT_TEXT,
     .at = AT(to),
     .argument = "N",
     .help = "up to instruction N; convert: to this format, bochs, callgrind, execlog, lackey, "
             "perfetto, qemu, tenet, trace32 or vcd"},
    {.name = "count",
     .actions = ITEMS | SEARCHES | BIT(DIFF) | BIT(CONVERT),
     .kind = OPT_AMOUNT,
     .at = AT(count),
     .min = 1,
     .argument = "N",
     .help = "at most N items; convert: instructions; diff with a log: states compared"},
    {.name = "side",
     .actions = BIT(CONVERT),
     .kind = OPT_TEXT,
     .at = AT(side),
     .argument = "FILE",
     .help = "convert --to tenet: selectors into this file; OUT.segs unless told"},
    {.name = "symbols",
     .actions = BIT(CONVERT),
     .kind = OPT_LIST,
     .at = AT(symbols),
     .argument = "FILE",
     .help = "convert --to callgrind: names of functions from this program; may be given again"},
    {.name = "kinds",
     .actions = ITEMS,
     .kind = OPT_TEXT,
     .at = AT(kinds),
     .argument = "LIST",
     .help = "only these items: insn, mem, field, load, table, event, io, task, call, process; "
             "with commas between"},
    {.name = "context",
     .actions = BIT(DIFF),
     .kind = OPT_NUM,
     .at = AT(context),
     .max = 1000,
     .argument = "N",
     .help = "diff: instructions shown before the first difference; 32 unless told"},
    {.name = "ignore-clocks",
     .actions = BIT(DIFF),
     .kind = OPT_FLAG,
     .at = AT(ignore_clocks),
     .help = "diff: other clock counts are no difference"},
    {.name = "format",
     .actions = BIT(DIFF),
     .kind = OPT_TEXT,
     .at = AT(format),
     .argument = "FORMAT",
     .help = "diff: the second file is a log of qemu or bochs; by its content unless told"},
    {.name = "log-from",
     .actions = BIT(DIFF),
     .kind = OPT_NUM,
     .at = AT(log_from),
     .argument = "LINE",
     .help = "diff with a log: nothing of it before this line"},
    {.name = "ignore",
     .actions = BIT(DIFF),
     .kind = OPT_TEXT,
     .at = AT(ignore),
     .argument = "LIST",
     .help = "diff with a log: registers or flags that do not count, like cr3,ds_limit,af"},
    {.name = "all",
     .actions = BIT(DIFF),
     .kind = OPT_FLAG,
     .at = AT(all),
     .help = "diff with a log: go on behind a difference of registers, and show each"},
    {.kind = OPT_END}};

const struct command command_trace = {
    .name = "trace",
    .arguments = "ACTION FILE... [options]",
    .summary = "look into traces that rt386 run --record has made",
    .examples = "  rt386 run --record hello.trace hello.rta\n"
                "  rt386 trace info hello.trace\n"
                "  rt386 trace cat --from 1000 --count 20 hello.trace\n"
                "  rt386 trace cat --kinds call,event hello.trace\n"
                "  rt386 trace grep 'ds:00401000 .* <-' hello.trace\n"
                "  rt386 trace stats hello.trace\n"
                "  rt386 trace diff before.trace after.trace\n"
                "  rt386 trace diff hello.trace qemu.log\n"
                "  rt386 trace check hello.trace\n"
                "  rt386 trace verify hello.trace\n"
                "  rt386 trace last write:ds:0x401000,4 hello.trace\n"
                "  rt386 trace last event:13 --count 5 hello.trace\n"
                "  rt386 trace state --from 1000 hello.trace\n"
                "  rt386 trace convert --to vcd hello.trace hello.vcd\n"
                "  rt386 trace convert --to callgrind --symbols hello.rta hello.trace profile\n",
    .details =
        "ACTION is info, cat, grep, stats, diff, check, verify, last, next, state or "
        "convert.\n\nAn item "
        "is "
        "an instruction, with what it changed, or something that happened besides: a "
        "selector loaded, an exception, an INtime call. grep looks for an extended regular "
        "expression in the lines that cat prints; its status is 1 when there is none. diff "
        "stops at the first instruction that differs and ends with status 1; its second file may "
        "be "
        "a log that QEMU or Bochs has written, docs/trace-import.md tells how. check reads "
        "everything; its status is 1 when something is damaged. A trace that was cut off can "
        "be read up to there. verify runs the recorded guest again, out of the trace, and compares "
        "each item and digest; at the first difference it tells where, what was before, what the "
        "trace has and what happens, with status 123.\n\nlast and next run the recorded guest "
        "again, out of the trace, and "
        "print where something happened, the last time before instruction --from (else before the "
        "end), "
        "or the next time after it (else after the beginning); --count N of them. It is "
        "write:ADDRESS,N or read:ADDRESS,N (bytes), exec:ADDRESS, event:VECTOR, call:NAME "
        "(INtime), selector:N or "
        "switch (of tasks); an ADDRESS is linear, or as ds:0x1000 or phys:0x1000. The status is 1 "
        "when it does not happen. state prints "
        "the registers.\n\nconvert writes it for other tools: logs as QEMU and Bochs have them, "
        "QEMU's execlog lines, valgrind's lackey lines, the Tenet explorer, x64dbg, KCachegrind, "
        "ui.perfetto.dev, GTKWave; docs/trace-convert.md tells what each "
        "leaves out. Without a file the output is the standard one.",
    .options = options,
    .run = cmd_trace};
