/* trace_log.c: rt386 trace diff TRACE LOG: the first instruction at which another emulator went another way.
 *
 *   trace --> log_walk.c --> points \
 *                                    in step --> the same place: log_compare.c
 *   log   --> rt386/log.h --> items /
 *
 * What one side may have and the other not: instructions inside of a block of QEMU's, iterations of a repeated instruction,
 * events that the log does not show. Everything else is a difference.
 */
#include "log_compare.h"
#include "log_memory.h"
#include "trace_cmd.h"
#include "work.h"

#include <stdlib.h>
#include <string.h>

#define GO_ON   (-1)
#define CONTEXT 32u
#define ONE_BY_ONE                                                                                 \
    4u /* so many blocks that ended for no reason of their own: one instruction a block */

struct log_diff {
    struct app *app;
    const struct trace_options *o;
    const char *trace_path, *log_path;
    rt386_trace *trace;
    rt386_log *log;
    struct disasm *disasm;
    struct log_walk walk;
    struct log_compare compare;
    struct log_memory memory;     /* behind the log's last state */
    struct log_point now, before; /* of the trace */
    bool has_before;              /* the trace had a state before */
    bool shadowed;                /* by the instruction before that */
    rt386_log_item item;          /* of the log */
    rt386_log_item state;         /* its last state that was compared */
    bool has_state;
    rt386_status trace_status, log_status;
    rt386_trace_item *ring; /* the instructions before */
    unsigned kept;
    uint64_t passed;    /* instructions of the trace */
    uint64_t compared;  /* states */
    unsigned no_reason; /* blocks that ended behind an instruction that ends none */
    uint64_t shown;     /* --all: differences */
    struct work work;
};

/* --- instructions --- */

static bool same_place(const struct log_point *p, const rt386_log_state *s)
{
    bool eip = s->known >> RT386_LOG_EIP & 1;
    if (s->has_linear && s->linear != p->linear) return false;
    return (eip || s->has_linear) && (!eip || s->value[RT386_LOG_EIP] == p->value[RT386_LOG_EIP]);
}

static bool is_prefix(uint8_t b)
{
    return b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e || (b >= 0x64 && b <= 0x67) ||
           b == 0xf0;
}

/* A string instruction with REP: the logs may have it once for all its iterations. */
static bool repeats(const struct log_point *p)
{
    const rt386_trace_insn *in = &p->item.insn;
    bool rep = false;
    if (p->event || !p->retired) return false;
    for (unsigned i = 0; i < in->length; i++) {
        uint8_t b = in->bytes[i];
        if (b == 0xf2 || b == 0xf3)
            rep = true;
        else if (!is_prefix(b))
            return rep && ((b >= 0x6c && b <= 0x6f) || (b >= 0xa4 && b <= 0xa7) ||
                           (b >= 0xaa && b <= 0xaf));
    }
    return false;
}

/* The opcode behind the prefixes, 0x0f00 + the second byte for those of two; *modrm is the byte behind it. */
static unsigned opcode(const rt386_trace_insn *in, uint8_t *modrm)
{
    uint8_t bytes[18] = {0};
    unsigned i = 0;
    memcpy(bytes, in->bytes, in->length < 15 ? in->length : 15);
    while (i < 14 && (is_prefix(bytes[i]) || bytes[i] == 0xf2 || bytes[i] == 0xf3))
        i++;
    bool two = bytes[i] == 0x0f;
    *modrm = bytes[i + two + 1u];
    return two ? 0x0f00u + bytes[i + 1] : bytes[i];
}

/* Interrupts and traps are held off behind it: STI, POP SS, MOV SS, LSS. */
static bool shadows(const rt386_trace_insn *in)
{
    uint8_t modrm;
    unsigned op = opcode(in, &modrm);
    return op == 0xfb || op == 0x17 || (op == 0x8e && (modrm >> 3 & 7) == RT386_SS) || op == 0x0fb2;
}

static bool between(unsigned op, unsigned first, unsigned last)
{
    return op >= first && op <= last;
}

/* QEMU begins another block behind this instruction even if the next one follows in memory: transfers, taken or not, what
 * changes the processor's mode or may let an interrupt in, the end of a page. */
static bool ends_block(const struct log_point *p)
{
    const rt386_trace_insn *in = &p->item.insn;
    uint8_t modrm;
    unsigned op = opcode(in, &modrm);
    if ((in->linear ^ (in->linear + in->length)) >> 12 || repeats(p)) return true;
    if (op >= 0x0f00)
        return op <= 0x0f01 || op == 0x0f06 || between(op, 0x0f20, 0x0f26) ||
               between(op, 0x0f80, 0x0f8f) || op == 0x0fa1 || op == 0x0fa9 || op == 0x0fb2;
    if (op == 0xff) return between(modrm >> 3 & 7, 2, 5);
    return between(op, 0x70, 0x7f) || between(op, 0xe0, 0xef) || between(op, 0x6c, 0x6f) ||
           between(op, 0xca, 0xcf) || op == 0x07 || op == 0x17 || op == 0x1f || op == 0x8e ||
           op == 0x9a || op == 0x9d || op == 0xc2 || op == 0xc3 || op == 0xf4 || op == 0xfa ||
           op == 0xfb;
}

/* The trace's state is that of the instruction that follows the one before in memory. */
static bool follows(const struct log_diff *d)
{
    const rt386_trace_insn *in = &d->before.item.insn;
    return d->has_before && d->before.retired && d->now.linear == in->linear + in->length;
}

static bool in_blocks(const struct log_diff *d)
{
    return rt386_log_format_of(d->log) == RT386_LOG_QEMU && d->no_reason < ONE_BY_ONE;
}

/* --- the two sides --- */

static void keep(struct log_diff *d)
{
    if (d->now.event) return;
    d->shadowed = d->has_before && d->before.retired && shadows(&d->before.item.insn);
    d->before = d->now;
    d->has_before = true;
    if (!d->now.retired) return;
    if (d->kept) d->ring[d->passed % d->kept] = d->now.item;
    d->passed++;
    log_compare_executed(&d->compare, &d->now.item.insn);
}

static void advance_trace(struct log_diff *d)
{
    keep(d);
    d->trace_status = log_walk_next(&d->walk, &d->now);
}

static void advance_log(struct log_diff *d)
{
    if (d->item.kind == RT386_LOG_STATE) log_memory_begin(&d->memory);
    for (;;) {
        d->log_status = rt386_log_next(d->log, &d->item);
        if (d->log_status != RT386_OK || d->item.kind != RT386_LOG_MEMORY) return;
        log_memory_add(&d->memory, &d->item);
    }
}

/* --- words --- */

static void place_text(struct text *t, const uint32_t *value, uint64_t known, uint32_t linear)
{
    unsigned cs = RT386_LOG_PART(RT386_CS, RT386_LOG_SELECTOR);
    if (known >> cs & 1) text_addf(t, "%04x:", value[cs]);
    if (known >> RT386_LOG_EIP & 1)
        text_addf(t, "%08x", value[RT386_LOG_EIP]);
    else
        text_addf(t, "linear %08x", linear);
}

static void last_instructions(struct log_diff *d, struct text *t)
{
    uint64_t n = d->passed < d->kept ? d->passed : d->kept;
    for (uint64_t i = d->passed - n; i < d->passed; i++)
        trace_item_text(t, d->disasm, d->trace, &d->ring[i % d->kept]);
}

static void head(struct log_diff *d, struct text *t, uint64_t insns, uint64_t line)
{
    text_addf(t, "the log differs from the trace at instruction %llu, line %llu of the log\n",
              (unsigned long long)insns, (unsigned long long)line);
    last_instructions(d, t);
}

static void event_text(struct text *t, unsigned vector, bool has_error, unsigned error)
{
    text_addf(t, "vector %u", vector);
    if (has_error) text_addf(t, ", error code %04x", error);
}

static void side_lines(struct log_diff *d, struct text *t)
{
    const struct log_point *p = &d->now;
    const rt386_log_item *i = &d->item;
    text_add(t, "trace: ");
    if (p->event)
        event_text(t, p->item.event.vector, p->item.event.has_error, p->item.event.error);
    else
        place_text(t, p->value, p->known, p->linear);
    text_addf(t, "\nlog:   ");
    if (i->kind == RT386_LOG_EVENT)
        event_text(t, i->vector, i->has_error, i->error);
    else
        place_text(t, i->state.value, i->state.known, i->state.linear);
    if (i->kind == RT386_LOG_EVENT && i->external) text_add(t, ", from outside");
    text_add(t, "\n");
    if (!p->event && p->retired) trace_item_text(t, d->disasm, d->trace, &p->item);
}

static int say(struct log_diff *d, struct text *t, int status)
{
    app_put(d->app, t);
    text_free(t);
    return status;
}

static int elsewhere(struct log_diff *d)
{
    struct text t = {0};
    head(d, &t, d->now.item.insns, d->item.line);
    side_lines(d, &t);
    return say(d, &t, STATUS_UNEXPECTED);
}

static int other_state(struct log_diff *d)
{
    struct text t = {0};
    head(d, &t, d->now.item.insns, d->item.line);
    side_lines(d, &t);
    log_compare_text(&d->compare, &t, &d->now, &d->item.state);
    return say(d, &t, STATUS_UNEXPECTED);
}

/* --all: one difference in a line, behind the instruction that made it. */
static void one_line(struct log_diff *d)
{
    struct text t = {0};
    char words[160] = "";
    if (d->has_before && d->before.retired)
        trace_insn_words(d->disasm, &d->before.item.insn, words, sizeof words);
    text_addf(&t, "%llu line %llu behind %s:\n", (unsigned long long)d->now.item.insns,
              (unsigned long long)d->item.line, *words ? words : "the beginning");
    log_compare_text(&d->compare, &t, &d->now, &d->item.state);
    d->shown++;
    say(d, &t, 0);
}

/* The instruction before has read or written what the log does not have. */
static int other_memory(struct log_diff *d, const rt386_trace_access *a)
{
    struct text t = {0};
    if (d->o->all)
        text_addf(&t, "%llu line %llu: memory\n", (unsigned long long)d->before.item.insns,
                  (unsigned long long)d->state.line);
    else
        head(d, &t, d->before.item.insns, d->state.line);
    if (d->o->all || !d->kept) trace_item_text(&t, d->disasm, d->trace, &d->before.item);
    bool write = a->access == RT386_WRITE;
    text_add(&t, "trace: ");
    log_memory_line(&t, write, a->linear, a->size, a->value);
    log_memory_text(&d->memory, &t, write);
    d->shown++;
    return say(d, &t, d->o->all ? GO_ON : STATUS_UNEXPECTED);
}

/* --- in step --- */

/* Of the instruction before. What an interrupt stores stands behind its event, and at its end the log may be cut. */
static int memory(struct log_diff *d)
{
    bool whole = d->before.retired && d->log_status == RT386_OK && d->item.kind == RT386_LOG_STATE;
    const rt386_trace_access *a = NULL;
    if (whole)
        a = log_memory_missing(&d->memory, &d->before.item.insn, d->compare.open[RT386_LOG_EFLAGS]);
    return a ? other_memory(d, a) : GO_ON;
}

/* Both are at the same place. */
static int states(struct log_diff *d)
{
    bool last_too = follows(d) && !ends_block(&d->before) && !d->shadowed;
    bool same = log_compare_states(&d->compare, &d->now, &d->item.state);
    if (!same && last_too && in_blocks(d) && d->now.retired) {
        advance_trace(d); /* the block that begins here is another pass */
        return GO_ON;
    }
    if (!same && !d->o->all) return other_state(d);
    if (!same) {
        one_line(d);
        log_compare_open(&d->compare);
    }
    if (last_too && same && !repeats(&d->now)) d->no_reason++;
    d->compared++;
    d->state = d->item;
    d->has_state = true;
    advance_trace(d);
    advance_log(d);
    return memory(d);
}

/* Both are at a repeated instruction: the side with fewer iterations to do waits. */
static int iterations(struct log_diff *d)
{
    uint32_t a = d->now.value[RT386_LOG_ECX], b = d->item.state.value[RT386_LOG_ECX];
    if (!(d->item.state.known >> RT386_LOG_ECX & 1) || a == b || !d->has_state ||
        !same_place(&d->now, &d->state.state))
        return states(d);
    if (a > b)
        advance_trace(d);
    else
        advance_log(d);
    return GO_ON;
}

static bool again(struct log_diff *d)
{
    struct log_compare c = d->compare;
    return d->has_state && !follows(d) && in_blocks(d) && same_place(&d->now, &d->state.state) &&
           log_compare_states(&c, &d->now, &d->state.state);
}

/* They are at different places, or one is at an event: what may be passed by is, else it is a difference. */
static int apart(struct log_diff *d)
{
    bool event = d->item.kind == RT386_LOG_EVENT;
    if (event && d->now.event) {
        const rt386_trace_item *i = &d->now.item;
        bool code =
            !d->item.has_error || !i->event.has_error || d->item.error == (i->event.error & 0xffff);
        if (i->event.vector != d->item.vector || !code) return elsewhere(d);
        advance_trace(d);
        advance_log(d);
        return GO_ON;
    }
    /* The log shows an event's handler only, or the event is behind this block; or it lacks the state of what is refused. */
    if (d->now.event || (event && !d->now.retired)) {
        advance_trace(d);
        return GO_ON;
    }
    bool stays = d->has_before && repeats(&d->before) && d->now.linear == d->before.linear;
    bool log_stays = !event && d->has_state && d->has_before && repeats(&d->before) &&
                     same_place(&d->before, &d->item.state);
    if (stays || (follows(d) && in_blocks(d)) || again(d)) {
        advance_trace(d);
        return GO_ON;
    }
    if (!log_stays) return elsewhere(d);
    advance_log(d);
    return GO_ON;
}

static int step(struct log_diff *d)
{
    if (d->item.kind == RT386_LOG_EVENT || d->now.event || !same_place(&d->now, &d->item.state))
        return apart(d);
    return repeats(&d->now) ? iterations(d) : states(d);
}

/* --- where it begins --- */

static int refuse_log(struct log_diff *d)
{
    char why[300];
    bool neither = rt386_log_format_of(d->log) == RT386_LOG_ANY;
    snprintf(why, sizeof why, "%s%s", neither ? "it is no trace, and as a log: " : "",
             rt386_log_error(d->log));
    return app_file_refused(d->app, d->log_path, RT386_E_FORMAT, why);
}

static int open_log(struct log_diff *d, rt386_log_format format)
{
    char err[200] = "";
    int status = app_file_ready(d->app, d->log_path);
    rt386_log_close(d->log);
    d->log = NULL;
    if (status != STATUS_OK) return status;
    rt386_status st = rt386_log_open(d->log_path, format, &d->log, err, sizeof err);
    return st == RT386_OK ? STATUS_OK : app_file_refused(d->app, d->log_path, st, err);
}

static int begin_trace(struct log_diff *d)
{
    rt386_status st = rt386_trace_seek(d->trace, d->o->from.given ? d->o->from.value : 0);
    log_walk_begin(&d->walk, d->trace);
    do {
        if (st == RT386_OK) st = log_walk_next(&d->walk, &d->now);
    } while (st == RT386_OK && d->now.event);
    d->trace_status = st;
    if (st == RT386_OK) return STATUS_OK;
    if (st == RT386_E_NOTFOUND) {
        app_error(d->app, "%.120s: there is no instruction %llu in it", d->trace_path,
                  (unsigned long long)(d->o->from.given ? d->o->from.value : 0));
        return STATUS_REFUSED;
    }
    return trace_file_end(d->app, d->trace_path, d->trace, st);
}

/* The log's next state from --log-from on. */
static bool log_state(struct log_diff *d)
{
    uint64_t from = d->o->log_from.given ? d->o->log_from.value : 0;
    do {
        advance_log(d);
    } while (d->log_status == RT386_OK && (d->item.kind != RT386_LOG_STATE || d->item.line < from));
    return d->log_status == RT386_OK;
}

/* The first state of the log where the trace is; else, from its first state on, the first of the trace where the log is. */
static int meet(struct log_diff *d, rt386_log_format format)
{
    while (log_state(d)) {
        if (same_place(&d->now, &d->item.state)) return STATUS_OK;
        if (!work_goes_on(&d->work, d->now.item.insns)) return STATUS_INT;
    }
    if (d->log_status != RT386_E_NOTFOUND) return refuse_log(d);
    int status = open_log(d, format);
    if (status != STATUS_OK) return status;
    if (!log_state(d)) {
        if (*rt386_log_error(d->log)) return refuse_log(d);
        app_error(d->app, "%.120s: it has no instruction at or behind line %llu", d->log_path,
                  (unsigned long long)d->o->log_from.value);
        return STATUS_REFUSED;
    }
    while (d->trace_status == RT386_OK) {
        if (!d->now.event && same_place(&d->now, &d->item.state)) return STATUS_OK;
        if (!work_goes_on(&d->work, d->now.item.insns)) return STATUS_INT;
        d->trace_status = log_walk_next(&d->walk, &d->now);
    }
    status = trace_file_end(d->app, d->trace_path, d->trace, d->trace_status);
    if (status != STATUS_OK) return status;
    app_error(d->app, "trace diff: the log never is where the trace is, nor the other way round; "
                      "were both made of the same guest?");
    return STATUS_UNEXPECTED;
}

/* Two machines begin in different states. */
static void begin_open(struct log_diff *d)
{
    struct text t = {0};
    if (log_compare_states(&d->compare, &d->now, &d->item.state)) return;
    log_compare_names(&d->compare, &t);
    app_note(d->app,
             "where the comparison begins (line %llu) these differ, and count only when they have "
             "agreed once: %s",
             (unsigned long long)d->item.line, text_str(&t));
    log_compare_open(&d->compare);
    text_free(&t);
}

/* --- the end --- */

/* A run that its guest ended, or a limit, is whole; what goes on behind a fault in the log is a difference. */
static bool ended_badly(const struct log_diff *d)
{
    rt386_trace_info info = rt386_trace_describe(d->trace);
    if (!info.has_end || d->log_status != RT386_OK || d->trace_status != RT386_E_NOTFOUND)
        return false;
    return info.end_kind == RT386_EXIT_FAULT || info.end_kind == RT386_EXIT_TRIPLE_FAULT ||
           info.end_kind == RT386_EXIT_MISSING_CALL || info.end_kind == RT386_EXIT_EXCEPTION;
}

static int ended(struct log_diff *d)
{
    struct text t = {0};
    if (d->log_status != RT386_OK && d->log_status != RT386_E_NOTFOUND) return refuse_log(d);
    int status = trace_file_end(d->app, d->trace_path, d->trace, d->trace_status);
    if (status != STATUS_OK) return status;
    if (d->log_status == RT386_E_NOTFOUND && *rt386_log_error(d->log))
        app_note(d->app, "%.120s: %s", d->log_path, rt386_log_error(d->log));
    bool bad = ended_badly(d);
    text_addf(&t, "%llu states are %s, in %llu instructions; then the %s\n",
              (unsigned long long)d->compared, d->shown ? "compared" : "equal",
              (unsigned long long)d->passed,
              bad ? "trace ends with a fault, the log goes on"
              : d->log_status == RT386_OK && d->trace_status == RT386_OK ? "comparison ends"
              : d->log_status == RT386_OK   ? "trace ends, the log goes on"
              : d->trace_status == RT386_OK ? "log ends, the trace goes on"
                                            : "trace and the log end");
    return say(d, &t, bad || d->shown ? STATUS_UNEXPECTED : STATUS_OK);
}

/* Until there is a difference, or either side is over, or so many are compared, or nobody wants more. */
static int in_step(struct log_diff *d)
{
    int status = GO_ON;
    while (status == GO_ON) {
        bool enough = d->o->count.given && d->compared >= d->o->count.value;
        if (d->trace_status != RT386_OK || d->log_status != RT386_OK || enough) return ended(d);
        if (!work_goes_on(&d->work, d->now.item.insns)) return ended(d);
        status = step(d);
    }
    return status;
}

static int compare(struct log_diff *d, rt386_log_format format)
{
    rt386_trace_info info = rt386_trace_describe(d->trace);
    int status = begin_trace(d);
    if (status == STATUS_OK) status = open_log(d, format);
    work_begin(&d->work, d->app, d->trace_path, d->now.item.insns, info.insns);
    if (status == STATUS_OK) status = meet(d, format);
    if (status == STATUS_OK) {
        begin_open(d);
        status = in_step(d);
    }
    return work_end(&d->work, status);
}

/* --format; RT386_LOG_ANY when it was not given. False: a sentence was printed. */
static bool format_of(struct app *app, const char *word, rt386_log_format *format)
{
    *format = !word ? RT386_LOG_ANY : !strcmp(word, "qemu") ? RT386_LOG_QEMU : RT386_LOG_BOCHS;
    if (!word || !strcmp(word, "qemu") || !strcmp(word, "bochs")) return true;
    app_error(app, "trace diff: '%.40s' is no format of a log; they are qemu and bochs", word);
    return false;
}

bool trace_log_wanted(const struct trace_options *o, const char *path)
{
    char magic[8];
    FILE *f = fopen(path, "rbe");
    bool trace = f && fread(magic, 1, sizeof magic, f) == sizeof magic &&
                 !memcmp(magic, "RT386TRC", sizeof magic);
    if (f) fclose(f);
    return f && (o->format || !trace);
}

int trace_log_diff(struct app *app, const struct trace_options *o, const char *trace,
                   const char *log)
{
    struct log_diff *d = calloc(1, sizeof *d);
    rt386_log_format format;
    int status = STATUS_USAGE;
    if (d) {
        *d = (struct log_diff){.app = app,
                               .o = o,
                               .trace_path = trace,
                               .log_path = log,
                               .kept = o->context.given ? (unsigned)o->context.value : CONTEXT};
        d->disasm = disasm_new();
        d->ring = calloc(d->kept + 1, sizeof *d->ring);
    }
    if (!d || !d->disasm || !d->ring)
        app_error(app, "the host has no memory left");
    else if (format_of(app, o->format, &format) &&
             log_compare_ignore(&d->compare, app, o->ignore)) {
        status = trace_file_open(app, trace, &d->trace);
        if (status == STATUS_OK) status = compare(d, format);
    }
    if (!d) return status;
    disasm_free(d->disasm);
    free(d->ring);
    rt386_trace_close(d->trace);
    rt386_log_close(d->log);
    free(d);
    return app_finish(app, status);
}
