#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct trace {
    struct app *app;
    FILE *to;
    bool own;
    struct disasm *disasm;
    struct text line;
};

const char *const segreg_names[8] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};

const char *segreg_name(int reg)
{
    return reg >= 0 && reg < 8 ? segreg_names[reg] : "?";
}

struct trace *trace_open(struct app *app, const char *path)
{
    struct trace *t = calloc(1, sizeof *t);
    if (t) t->disasm = disasm_new();
    if (!t || !t->disasm) {
        app_error(app, "the host has no memory left for the trace");
        free(t);
        return NULL;
    }
    t->app = app;
    t->own = *path != '\0';
    t->to = t->own ? fopen(path, "we") : app->err;
    if (t->to) return t;
    app_error(app, "cannot write the trace '%s': %s", path, strerror(errno));
    disasm_free(t->disasm);
    free(t);
    return NULL;
}

void trace_insn_line(struct text *t, struct disasm *d, const rt386_insn_event *e)
{
    char bytes[2 * sizeof e->bytes + 1] = "", text[160];
    unsigned n = e->length <= sizeof e->bytes ? e->length : (unsigned)sizeof e->bytes;
    for (unsigned i = 0; i < n; i++)
        snprintf(bytes + 2 * i, 3, "%02x", e->bytes[i]);
    disasm_text(d, e, text, sizeof text);
    text_addf(t, "%04x:%08x %08x %-20s ", e->cs, e->eip, e->linear, bytes);
    if (e->symbol)
        text_addf(t, "%-32s  %s+0x%x\n", text, e->symbol, e->symbol_offset);
    else
        text_addf(t, "%s\n", text);
}

void trace_insn(struct trace *t, const rt386_insn_event *e)
{
    text_clear(&t->line);
    trace_insn_line(&t->line, t->disasm, e);
    fputs(text_str(&t->line), t->to);
}

void trace_mem(struct trace *t, const rt386_mem_event *e)
{
    if (e->access != RT386_WRITE) return;
    int digits = e->size >= 4 ? 8 : (int)e->size * 2;
    fprintf(t->to, "    %s:%08x %08x <- %0*x\n", segreg_name((int)e->seg), e->offset, e->linear,
            digits, e->value);
}

void trace_load(struct trace *t, const rt386_explanation *e)
{
    if (e->fault.raised)
        fprintf(t->to, "    load %04x: refused by %s\n", e->selector,
                rt386_rule(e->fault.rule).name);
    else if (!e->located)
        fprintf(t->to, "    load %04x: null\n", e->selector);
    else
        fprintf(t->to, "    load %04x: %s\n", e->selector, e->desc.text);
}

bool trace_close(struct trace *t)
{
    bool good = !ferror(t->to) && fflush(t->to) == 0;
    if (t->own && fclose(t->to)) good = false;
    if (!good) app_error(t->app, "the trace could not be written to its end: %s", strerror(errno));
    disasm_free(t->disasm);
    text_free(&t->line);
    free(t);
    return good;
}
