/* convert.c: from a trace to the formats of other tools: the table of formats, files, items. */
#include "convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PILE       60000u
#define DEFAULT_HZ 33000000u /* of rt386_options */

static const struct convert_format *const formats[] = {
    &convert_bochs, &convert_callgrind, &convert_execlog, &convert_lackey, &convert_perfetto,
    &convert_qemu,  &convert_tenet,     &convert_trace32, &convert_vcd};
#define FORMATS (sizeof formats / sizeof formats[0])

/* --- files --- */

static int file_open(struct app *app, struct convert_file *f, const char *path, const char *trace)
{
    f->path = path;
    if (!path) return STATUS_OK;
    if (app_same_file(path, trace)) {
        app_error(app, "trace convert: '%.120s' is the trace itself; name another file", path);
        return STATUS_USAGE;
    }
    f->f = fopen(path, "wbe");
    if (f->f) return STATUS_OK;
    app_error(app, "trace convert: cannot write '%.120s': %s", path, strerror(errno));
    return STATUS_USAGE;
}

static void file_flush(struct app *app, struct convert_file *f)
{
    if (!f->path) {
        app_put(app, &f->text);
        return;
    }
    if (f->text.n && fwrite(f->text.p, 1, f->text.n, f->f) != f->text.n) f->failed = true;
    text_clear(&f->text);
}

static int file_close(struct app *app, struct convert_file *f)
{
    int status = STATUS_OK;
    if (f->path && f->f) {
        errno = 0;
        if (fclose(f->f)) f->failed = true;
        if (f->failed || f->text.failed) {
            app_error(app, "trace convert: '%.120s' could not be written to its end: %s", f->path,
                      errno ? strerror(errno) : "the disk may be full");
            status = STATUS_USAGE;
        }
    }
    text_free(&f->text);
    return status;
}

void convert_put(struct convert *c, struct convert_file *f)
{
    if (f->text.n > PILE) file_flush(c->app, f);
}

/* --- registers --- */

static const char *const other_name[] = {
    "gdtr_base", "gdtr_limit", "idtr_base", "idtr_limit", "cr0", "cr2", "cr3",     "cr4",   "dr0",
    "dr1",       "dr2",        "dr3",       "dr6",        "dr7", "cpl", "inhibit", "eflags"};

static void register_name(unsigned reg, char *to, size_t size)
{
    static const char *const segment[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    static const char *const part[] = {"", "_base", "_limit", "_access", "_flags", "_usable"};
    if (reg >= CONVERT_GDTR_BASE)
        snprintf(to, size, "%s", other_name[reg - CONVERT_GDTR_BASE]);
    else
        snprintf(to, size, "%s%s", segment[reg / CONVERT_PARTS], part[reg % CONVERT_PARTS]);
}

static void find_registers(struct convert *c)
{
    const char *name;
    char want[24];
    for (unsigned reg = 0; reg < CONVERT_REGISTERS; reg++) {
        c->at[reg] = -1;
        register_name(reg, want, sizeof want);
        for (unsigned i = 0; (name = rt386_trace_field_name(c->trace, i, NULL)); i++)
            if (!strcmp(name, want)) c->at[reg] = (int)i;
    }
}

uint32_t convert_register(const struct convert *c, unsigned reg)
{
    return c->at[reg] < 0 ? 0 : (uint32_t)rt386_trace_field(c->trace, (unsigned)c->at[reg]);
}

/* No product of 64 bits overflows: seconds and the rest apart. */
uint64_t convert_nanoseconds(const struct convert *c, uint64_t clocks)
{
    return clocks / c->hz * 1000000000u + clocks % c->hz * 1000000000u / c->hz;
}

static uint64_t clocks_in_a_second(const rt386_trace *trace)
{
    const char *text = rt386_trace_value(trace, "clock_hz");
    uint64_t hz;
    return text && opt_number(text, 0, &hz) && hz && hz <= 10000000000u ? hz : DEFAULT_HZ;
}

/* --- items --- */

static void loosen(struct convert *c)
{
    for (unsigned i = 0; i < c->accesses && c->format->loose; i++)
        c->format->loose(c, &c->access[i]);
    c->accesses = 0;
}

static void add_access(struct convert *c, const rt386_trace_access *a)
{
    if (c->accesses == CONVERT_ACCESSES) loosen(c);
    c->access[c->accesses++] = *a;
}

static void one_item(struct convert *c, const rt386_trace_item *item)
{
    switch (item->kind) {
    case RT386_TRACE_MEM: add_access(c, &item->mem); return;
    case RT386_TRACE_INSN:
        for (unsigned i = 0; i < item->insn.accesses; i++)
            add_access(c, &item->insn.access[i]);
        c->format->item(c, item);
        c->accesses = 0;
        c->insns++;
        break;
    case RT386_TRACE_FIELD:
    case RT386_TRACE_EVENT:
    case RT386_TRACE_CALL:
    case RT386_TRACE_PROCESS:
        loosen(c);
        c->format->item(c, item);
        break;
    case RT386_TRACE_LOAD:
    case RT386_TRACE_TABLE:
    case RT386_TRACE_IO:
    case RT386_TRACE_TASK: c->format->item(c, item); break;
    }
    convert_put(c, &c->out);
    if (c->format->side) convert_put(c, &c->side);
}

static rt386_status all_items(struct convert *c)
{
    rt386_trace_item item;
    rt386_status st = RT386_OK;
    while (st == RT386_OK && !c->app->broken && !c->out.failed && !c->side.failed) {
        if (c->o->count.given && c->insns >= c->o->count.value) return RT386_OK;
        st = rt386_trace_next(c->trace, &item);
        if (st == RT386_OK) one_item(c, &item);
        if (!work_goes_on(&c->work, st == RT386_OK ? item.insns : c->work.done)) break;
    }
    loosen(c);
    return st;
}

/* --- the command --- */

static const struct convert_format *format_of(struct app *app, const char *name)
{
    const char *names[FORMATS];
    struct text t = {0};
    for (unsigned i = 0; name && i < FORMATS; i++)
        if (!strcmp(formats[i]->name, name)) return formats[i];
    for (unsigned i = 0; i < FORMATS; i++) {
        names[i] = formats[i]->name;
        text_addf(&t, "%s%s", i == 0 ? "" : i + 1 < FORMATS ? ", " : " and ", names[i]);
    }
    const char *near = name ? opt_nearest(name, names, FORMATS) : NULL;
    if (!name)
        app_error(app, "trace convert: say to what: --to FORMAT, one of %s", text_str(&t));
    else if (near)
        app_error(app, "trace convert: '%.40s' is no format; did you mean '%s'?", name, near);
    else
        app_error(app, "trace convert: '%.40s' is no format; they are %s", name, text_str(&t));
    text_free(&t);
    return NULL;
}

static int convert_all(struct convert *c, const char *path)
{
    int status = STATUS_OK;
    rt386_status st = RT386_OK;
    find_registers(c);
    c->hz = clocks_in_a_second(c->trace);
    work_begin(&c->work, c->app, path, c->o->from.given ? c->o->from.value : 0,
               rt386_trace_describe(c->trace).insns);
    if (c->o->from.given) st = rt386_trace_seek(c->trace, c->o->from.value);
    if (c->format->begin) status = c->format->begin(c);
    if (status == STATUS_OK) {
        if (st == RT386_OK) st = all_items(c);
        if (c->format->end) c->format->end(c);
        file_flush(c->app, &c->out);
        if (c->side.path) file_flush(c->app, &c->side);
        status = trace_file_end(c->app, path, c->trace, st);
    }
    if (c->format->release) c->format->release(c);
    return work_end(&c->work, status);
}

/* The second file: as --side says, else OUT with the format's ending; none when there is no name for it. */
static int side_open(struct convert *c, const char *trace, const char *out, struct text *name)
{
    if (!c->format->side) {
        if (!c->o->side) return STATUS_OK;
        app_error(c->app, "trace convert: --side is for --to tenet; %s has one file only",
                  c->format->name);
        return STATUS_USAGE;
    }
    if (!c->o->side && !out) {
        app_note(c->app, "the selectors are left out; --side FILE takes them");
        return STATUS_OK;
    }
    if (c->o->side)
        text_add(name, c->o->side);
    else
        text_addf(name, "%s%s", out, c->format->side);
    if (out && app_same_file(text_str(name), out)) {
        app_error(c->app, "trace convert: --side '%.120s' is the output itself; name another file",
                  text_str(name));
        return STATUS_USAGE;
    }
    return file_open(c->app, &c->side, text_str(name), trace);
}

static struct convert *convert_new(struct app *app, const struct trace_options *o,
                                   const struct convert_format *format)
{
    struct convert *c = calloc(1, sizeof *c);
    if (c) *c = (struct convert){.app = app, .o = o, .format = format};
    if (c) c->own = calloc(1, format->own + 1);
    if (c) c->disasm = disasm_new();
    if (!c || !c->own || !c->disasm) app_error(app, "the host has no memory left");
    return c;
}

/* The files are complete, or a sentence was printed. */
static int convert_free(struct convert *c, int status)
{
    if (!c) return STATUS_USAGE;
    int out = file_close(c->app, &c->out), side = file_close(c->app, &c->side);
    rt386_trace_close(c->trace);
    disasm_free(c->disasm);
    free(c->own);
    free(c);
    return out > status ? out : side > status ? side : status;
}

int trace_convert(struct app *app, const struct trace_options *o, char **word, int words)
{
    const struct convert_format *format = format_of(app, o->to);
    const char *trace = word[0], *out = words > 1 ? word[1] : NULL;
    struct text side = {0};
    if (!format) return STATUS_USAGE;
    if (o->symbols.count && format != &convert_callgrind) {
        app_error(app, "trace convert: --symbols is for --to callgrind; %s has no functions",
                  format->name);
        return STATUS_USAGE;
    }
    if (words > 2) {
        app_error(app,
                  "trace convert: name a trace and one output: rt386 trace convert --to %s TRACE "
                  "[OUT]",
                  format->name);
        return STATUS_USAGE;
    }
    struct convert *c = convert_new(app, o, format);
    int status = c && c->own && c->disasm ? STATUS_OK : STATUS_USAGE;
    if (status == STATUS_OK) status = trace_file_open(app, trace, &c->trace);
    if (status == STATUS_OK && !trace_has_insns(app, trace, c->trace)) status = STATUS_REFUSED;
    if (status == STATUS_OK) status = file_open(app, &c->out, out, trace);
    if (status == STATUS_OK) status = side_open(c, trace, out, &side);
    if (status == STATUS_OK) status = convert_all(c, trace);
    status = convert_free(c, status);
    text_free(&side);
    return app_finish(app, status);
}
