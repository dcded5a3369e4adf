/* explain_steps.c: what an instruction did, step by step, and the accesses that followed. The list itself is that of every
 * account (account_text.c); here stand its heading and what only a look at the machine tells. */
#include "explain_priv.h"

#include <string.h>

static const char *source_words(char source)
{
    switch (source) {
    case 'f': return "fault";
    case 't': return "trap";
    case 's': return "software interrupt";
    case 'x': return "external interrupt";
    default: return "event";
    }
}

static void insn_line(struct explain *e, const char *process, const rt386_insn_event *insn)
{
    char text[160] = "";
    if (process[0]) text_addf(&e->out, "[%s] ", process);
    disasm_text(e->disasm, insn, text, sizeof text);
    explain_paint(e, PAINT_HEAD, text);
    char at[96];
    int n = snprintf(at, sizeof at, "at %04x:%08x", insn->cs, insn->eip);
    if (insn->symbol)
        snprintf(at + n, sizeof at - (size_t)n, ", %.60s+0x%x", insn->symbol, insn->symbol_offset);
    size_t used = strlen(text) + strlen(process) + (process[0] ? 3 : 0);
    if (used + 2 + strlen(at) > TEXT_WIDTH) text_add(&e->out, "\n        ");
    text_addf(&e->out, "  %s\n", at);
}

/* The first fault, or the first of what was delivered; NULL: neither. */
static const rt386_step *event_of(const struct view_steps *v)
{
    for (unsigned i = 0; i < v->count; i++)
        if (v->step[i].kind == RT386_STEP_FAULT || v->step[i].kind == RT386_STEP_DELIVERY)
            return &v->step[i];
    return NULL;
}

static void event_line(struct explain *e, const rt386_step *s)
{
    char source = s->kind == RT386_STEP_FAULT ? 'f' : s->source;
    struct text head = {0};
    text_addf(&head, "%s %s (%s, vector %u)", rt386_vector_mnemonic(s->vector),
              rt386_vector_name(s->vector), source_words(source), s->vector);
    explain_paint(e, source == 'f' ? PAINT_BAD : PAINT_HEAD, text_str(&head));
    text_add(&e->out, "\n");
    text_free(&head);
}

/* The entry that the register was loaded from is another one by now. */
static void stale_lines(struct explain *e, const struct view_steps *v, const rt386_step *s)
{
    if (!v->have_desc || !s->has_reg ||
        (v->desc.base == s->before.base && v->desc.limit == s->before.limit))
        return;
    struct text t = {0};
    text_add(&t, "the entry of its selector is now ");
    for (unsigned i = 0; i < 8; i++)
        text_addf(&t, "%02x ", v->desc.bytes[i]);
    text_addf(&t,
              "(%s): it has changed since the register was loaded, which keeps what it was "
              "loaded with",
              v->desc.kind == RT386_DESC_EMPTY ? "empty" : v->desc.text);
    account_line(&e->out, "table", text_str(&t));
    text_free(&t);
}

/* An instruction of a later processor is worth its name. */
static void later_line(struct explain *e, const struct view_steps *v)
{
    char text[160], line[256];
    unsigned used;
    if (!v->insn || !v->code_length ||
        !disasm_later(e->disasm, v->code, v->code_length, v->insn->code32, text, sizeof text,
                      &used))
        return;
    int n = snprintf(line, sizeof line, "the bytes");
    for (unsigned i = 0; i < used && i < v->code_length; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, " %02x", v->code[i]);
    snprintf(line + n, sizeof line - (size_t)n, " are '%.120s' on a later processor", text);
    account_line(&e->out, "bytes", line);
}

void explain_steps(void *view, const struct view_steps *v)
{
    struct explain *e = view;
    const rt386_step *event = event_of(v);
    explain_open_calls(e);
    explain_block(e);
    if (event) event_line(e, event);
    if (v->insn)
        insn_line(e, v->process, v->insn);
    else if (event && event->why.fault.raised)
        text_addf(&e->out, "  fetching the instruction at %04x:%08x\n", event->why.fault.cs,
                  event->why.fault.eip);
    else if (!event)
        text_add(&e->out, "(between two instructions)\n");
    for (unsigned i = 0; i < v->count; i++) {
        account_step_text(&e->out, i ? &v->step[i - 1] : NULL, &v->step[i], i + 1,
                          e->app->out_colour, &e->told);
        if (v->step[i].kind == RT386_STEP_FAULT) stale_lines(e, v, &v->step[i]);
    }
    later_line(e, v);
    explain_put(e);
}

/* ---- accesses -------------------------------------------------------------------------------- */

static const char *reg_name(rt386_segreg reg)
{
    static const char *const names[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    return names[reg <= RT386_GS ? reg : 0];
}

void explain_access(void *view, const struct view_access *a)
{
    struct explain *e = view;
    explain_open_calls(e);
    explain_line(e);
    int digits = a->mem->size >= 4 ? 8 : (int)a->mem->size * 2;
    text_addf(&e->out, "  access     %s:0x%08x (linear 0x%08x) %s 0x%0*x\n", reg_name(a->mem->seg),
              a->mem->offset, a->mem->linear, a->mem->access == RT386_WRITE ? "<-" : "->", digits,
              a->mem->value);
    explain_put(e);
}

void explain_accesses(void *view, const struct view_accesses *s)
{
    struct explain *e = view;
    explain_line(e);
    text_addf(&e->out, "  and        %s:", reg_name(s->seg));
    if (s->reads) text_addf(&e->out, " %u more read%s,", s->reads, s->reads == 1 ? "" : "s");
    if (s->writes) text_addf(&e->out, " %u more write%s,", s->writes, s->writes == 1 ? "" : "s");
    text_addf(&e->out, " offsets 0x%x..0x%x\n", s->low, s->high);
    explain_put(e);
}
