/* explain_fault.c: why did it fault? Rule, section, selector, descriptor, offset, limit, hint. */
#include "explain_priv.h"

#include <string.h>

static const char *access_verb(rt386_access access)
{
    return access == RT386_WRITE ? "write" : access == RT386_FETCH ? "fetch" : "read";
}

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

/* What the program tried. */
static void fault_access(struct explain *e, const struct view_event *v)
{
    const rt386_event_event *ev = v->event;
    const char *seg = segreg_name((int)ev->seg);
    char name[3] = {(char)(seg[0] - 32), (char)(seg[1] - 32), 0};
    struct text t = {0};
    text_addf(&t, "a %s of %u byte%s at %s:0x%08x", access_verb(ev->access), ev->size,
              ev->size == 1 ? "" : "s", name, ev->offset);
    if (ev->size > 1) text_addf(&t, ", last byte at offset 0x%08x", ev->offset + ev->size - 1);
    explain_item(e, "tried", text_str(&t));
    text_clear(&t);
    if (!v->seg.usable)
        text_addf(&t, "%s holds selector 0x%04x and cannot be used", name, v->seg.selector);
    else if (v->seg.hi < v->seg.lo)
        text_addf(&t, "%s holds selector 0x%04x: base 0x%08x, limit 0x%08x, no valid offset", name,
                  v->seg.selector, v->seg.base, v->seg.limit);
    else
        text_addf(&t,
                  "%s holds selector 0x%04x: base 0x%08x, limit 0x%08x, valid offsets "
                  "0x%08x..0x%08x",
                  name, v->seg.selector, v->seg.base, v->seg.limit, v->seg.lo, v->seg.hi);
    explain_item(e, "segment", text_str(&t));
    text_clear(&t);
    if (v->have_desc) {
        desc_words(&t, &v->desc);
        text_addf(&e->out, "  descriptor %s\n", text_str(&t));
        explain_item(e, "", v->desc.kind == RT386_DESC_EMPTY ? "empty now" : v->desc.text);
        bool stale = v->desc.base != v->seg.base || v->desc.limit != v->seg.limit;
        if (stale)
            explain_item(e, "",
                         "The entry has changed since the register was loaded; the register "
                         "keeps what it was loaded with.");
    }
    text_free(&t);
    if (v->access) explain_checks(e, v->access, false);
}

/* Selector and error code are two things: both are named, neither stands for the other. */
static void fault_codes(struct explain *e, const struct view_event *v)
{
    const rt386_fault *f = &v->event->fault;
    struct text t = {0};
    if (v->load)
        text_addf(&t, "selector 0x%04x", v->load->selector);
    else if (v->event->has_access)
        text_addf(&t, "selector 0x%04x", v->seg.selector);
    if (f->has_error) {
        text_addf(&t, "%serror code 0x%04x: ", t.n ? ", " : "", f->error);
        error_code_words(&t, f->vector, f->error);
    }
    if (f->has_cr2) text_addf(&t, "%sCR2 = linear 0x%08x", t.n ? "; " : "", f->cr2);
    if (t.n) explain_item(e, "codes", text_str(&t));
    text_free(&t);
}

static void fault_rule(struct explain *e, const struct view_event *v)
{
    rt386_rule_info rule = rt386_rule(v->event->fault.rule);
    struct text t = {0};
    text_addf(&t, "%s [%s]", rule.name, rule.section);
    explain_item(e, "rule", text_str(&t));
    if (!v->load) explain_item(e, "", rule.sentence); /* a refused load has just told it */
    text_free(&t);
}

/* The arithmetic of a limit violation, in one line. */
static void fault_arithmetic(struct explain *e, const struct view_event *v)
{
    const rt386_event_event *ev = v->event;
    if (!ev->has_access || strcmp(rt386_rule(ev->fault.rule).name, "SEGM_LIMIT_UP") != 0) return;
    uint64_t last = (uint64_t)ev->offset + ev->size - 1, size = (uint64_t)v->seg.limit + 1;
    if (last <= v->seg.limit) return;
    struct text t = {0};
    if (ev->size > 1)
        text_addf(&t, "the last byte is at 0x%x + %u - 1 = 0x%llx, ", ev->offset, ev->size,
                  (unsigned long long)last);
    else
        text_addf(&t, "offset 0x%x is ", ev->offset);
    text_addf(&t, "%llu byte%s beyond the limit 0x%x", (unsigned long long)last - v->seg.limit,
              last - v->seg.limit == 1 ? "" : "s", v->seg.limit);
    if (ev->offset <= v->seg.limit) text_add(&t, " (the first byte is still inside)");
    text_addf(&t, "; the segment holds %llu bytes, offsets 0 to %u", (unsigned long long)size,
              v->seg.limit);
    explain_item(e, "sum", text_str(&t));
    text_free(&t);
}

static void entry_words(struct text *t, const char *name, uint32_t at, uint32_t entry)
{
    text_addf(t, "%s at physical 0x%08x = 0x%08x: ", name, at, entry);
    if (!(entry & 1))
        text_add(t, "P=0 not present");
    else
        text_addf(t, "P=1, %s, %s, frame 0x%08x", entry & 4 ? "U/S=1 user" : "U/S=0 supervisor",
                  entry & 2 ? "R/W=1 writable" : "R/W=0 read-only", entry & 0xfffff000);
}

/* #PF: from the linear address through directory and table. */
static void fault_walk(struct explain *e, const struct view_event *v)
{
    const rt386_walk *w = &v->walk;
    if (!v->event->fault.has_cr2 || !w->paging) return;
    struct text t = {0};
    text_addf(&t, "linear 0x%08x = directory index %u, table index %u, offset 0x%03x", w->linear,
              w->linear >> 22, w->linear >> 12 & 0x3ff, w->linear & 0xfff);
    explain_item(e, "address", text_str(&t));
    text_clear(&t);
    entry_words(&t, "PDE", w->pde_at, w->pde);
    explain_item(e, "pages", text_str(&t));
    text_clear(&t);
    if (w->pte_valid) {
        entry_words(&t, "PTE", w->pte_at, w->pte);
        explain_item(e, "", text_str(&t));
    }
    text_free(&t);
}

/* An instruction of a later processor is worth its name. */
static void fault_later(struct explain *e, const struct view_event *v)
{
    char text[160], line[256];
    unsigned used;
    if (!v->code_length || !disasm_later(e->disasm, v->code, v->code_length, v->insn->code32, text,
                                         sizeof text, &used))
        return;
    int n = snprintf(line, sizeof line, "the bytes");
    for (unsigned i = 0; i < used && i < v->code_length; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, " %02x", v->code[i]);
    snprintf(line + n, sizeof line - (size_t)n, " are '%.120s' on a later processor", text);
    explain_item(e, "bytes", line);
}

void explain_event(void *view, const struct view_event *v)
{
    struct explain *e = view;
    const rt386_event_event *ev = v->event;
    explain_open_calls(e);
    explain_block(e);
    struct text head = {0};
    text_addf(&head, "%s %s (%s, vector %u)", rt386_vector_mnemonic(ev->vector),
              rt386_vector_name(ev->vector), source_words(ev->source), ev->vector);
    explain_paint(e, ev->source == 'f' ? PAINT_BAD : PAINT_HEAD, text_str(&head));
    text_add(&e->out, "\n");
    text_free(&head);
    if (v->insn || !ev->fault.raised)
        explain_insn(e, v->process, v->insn);
    else
        text_addf(&e->out, "  fetching the instruction at %04x:%08x\n", ev->fault.cs,
                  ev->fault.eip);
    if (ev->has_access) fault_access(e, v);
    if (ev->fault.raised) {
        const char *rule = rt386_rule(ev->fault.rule).name;
        bool empty = v->load && v->load->located && v->load->desc.kind == RT386_DESC_EMPTY;
        fault_rule(e, v);
        fault_arithmetic(e, v);
        fault_walk(e, v);
        fault_codes(e, v);
        fault_later(e, v);
        const char *hint = rule_hint(rule, empty);
        if (hint && explain_first(e->hinted, ev->fault.rule)) explain_item(e, "hint", hint);
    }
    explain_put(e);
}
