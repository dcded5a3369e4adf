/* lesson_figure.c: figures of a page: what they show, and how that looks in characters. */
#include "desc_text.h"
#include "disasm.h"
#include "dump.h"
#include "lesson_priv.h"
#include "reg_value.h"
#include "rule_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIGURE_COLUMNS 78 /* it is shown indented */

static const char *const segment_name[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};

void figure_free(struct figure *f)
{
    free(f->next);
    *f = (struct figure){0};
}

/* ---- reading ---------------------------------------------------------------------------------------------- */

enum shape {
    SHAPE_NONE,
    SHAPE_VALUE,
    SHAPE_REG,
    SHAPE_REG_VALUE,
    SHAPE_ACCESS,
    SHAPE_TABLE,
    SHAPE_VALUE_N
};
static const struct {
    const char *word;
    enum figure_kind kind;
    enum shape shape;
    const char *usage;
} shapes[] = {{"selector", FIGURE_SELECTOR, SHAPE_VALUE, "selector VALUE"},
              {"descriptor", FIGURE_DESCRIPTOR, SHAPE_VALUE, "descriptor LINEAR"},
              {"segment", FIGURE_SEGMENT, SHAPE_REG, "segment REG"},
              {"table", FIGURE_TABLE, SHAPE_TABLE, "table gdt|ldt|idt"},
              {"load", FIGURE_LOAD, SHAPE_REG_VALUE, "load REG, SELECTOR"},
              {"access", FIGURE_ACCESS, SHAPE_ACCESS, "access REG, OFFSET, BYTES, r|w|x"},
              {"address", FIGURE_ADDRESS, SHAPE_REG_VALUE, "address REG, OFFSET"},
              {"stack", FIGURE_STACK, SHAPE_VALUE, "stack DWORDS, LABEL ..."},
              {"words", FIGURE_WORDS, SHAPE_VALUE_N, "words LINEAR, DWORDS, LABEL ..."},
              {"code", FIGURE_CODE, SHAPE_VALUE, "code INSTRUCTIONS"},
              {"tss", FIGURE_TSS, SHAPE_NONE, "tss"},
              {"next", FIGURE_NEXT, SHAPE_NONE, "next"}};
#define SHAPES (sizeof shapes / sizeof *shapes)

static bool comma(const char **at)
{
    if (**at != ',') return false;
    *at += 1 + strspn(*at + 1, " ");
    return true;
}

static bool access_read(const char **at, struct figure *f)
{
    static const char letter[] = "rwx";
    const char *p = **at ? strchr(letter, **at) : NULL;
    if (!p) return false;
    f->access = (rt386_access)(p - letter);
    (*at)++;
    return true;
}

static bool table_read(const char **at, struct figure *f)
{
    static const char *const name[] = {"gdt", "ldt", "idt"};
    for (int i = 0; i < 3; i++) {
        if (strncmp(*at, name[i], 3) != 0) continue;
        f->reg = i;
        *at += 3;
        return true;
    }
    return false;
}

/* ", word, word": what the dwords are, the lowest address first. */
static void labels(const char **at, struct figure *f)
{
    for (unsigned i = 0; i < FIGURE_LABELS && comma(at); i++) {
        size_t n = strcspn(*at, ",:");
        snprintf(f->label[i], sizeof f->label[i], "%.*s", (int)n, *at);
        size_t end = strlen(f->label[i]);
        while (end && f->label[i][end - 1] == ' ')
            f->label[i][--end] = 0;
        *at += n;
    }
}

static bool arguments(const struct scope *s, enum shape shape, const char **at, struct figure *f,
                      char *err, size_t size)
{
    bool reg = shape == SHAPE_REG || shape == SHAPE_REG_VALUE || shape == SHAPE_ACCESS;
    if (shape == SHAPE_TABLE) return table_read(at, f);
    if (reg && (f->reg = expr_segment(*at, at)) < 0) return false;
    if (shape == SHAPE_NONE || shape == SHAPE_REG) return true;
    if (reg && !comma(at)) return false;
    if (!expr_value(s, *at, at, &f->value, err, size)) return false;
    uint32_t n = 1;
    if ((shape == SHAPE_ACCESS || shape == SHAPE_VALUE_N) &&
        (!comma(at) || !expr_value(s, *at, at, &n, err, size)))
        return false;
    f->n = n > 64 ? 64 : n;
    return shape != SHAPE_ACCESS || (comma(at) && access_read(at, f));
}

static bool look_ahead(struct lesson *l, struct figure *f)
{
    rt386 *copy;
    const char *why = machine_copy(l->machine, &copy);
    if (why) return lesson_wrong(l, 0, "%s", why);
    f->next = calloc(1, sizeof *f->next);
    const struct run_goal one = {.end = RUN_COUNT, .insns = 1};
    if (f->next) (void)outcome_run(copy, &one, f->next);
    rt386_destroy(copy);
    return f->next || lesson_wrong(l, 0, "the host has no memory left");
}

bool figure_read(struct lesson *l, const struct item *item, struct figure *f, struct text *caption)
{
    struct scope s = lesson_scope(l);
    char err[200] = "";
    size_t n = strcspn(item->text, " ");
    const char *at = item->text + n + strspn(item->text + n, " ");
    unsigned i = 0;
    while (i < SHAPES &&
           (strlen(shapes[i].word) != n || strncmp(shapes[i].word, item->text, n) != 0))
        i++;
    if (i == SHAPES)
        return lesson_wrong(l, item->line, "there is no figure '%.*s'", (int)n, item->text);
    *f = (struct figure){.kind = shapes[i].kind};
    bool good = arguments(&s, shapes[i].shape, &at, f, err, sizeof err);
    if (good && (f->kind == FIGURE_STACK || f->kind == FIGURE_WORDS)) labels(&at, f);
    at += strspn(at, " ");
    if (!good || (*at && *at != ':'))
        return lesson_wrong(l, item->line, "%s%ssay '@figure %s : caption'", err,
                            err[0] ? ": " : "", shapes[i].usage);
    if (*at && !expr_fill(&s, at + 1 + strspn(at + 1, " "), caption, err, sizeof err))
        return lesson_wrong(l, item->line, "%s", err);
    return f->kind != FIGURE_NEXT || look_ahead(l, f);
}

/* ---- in characters ------------------------------------------------------------------------------------------ */

static void selector_text(struct text *t, uint32_t s)
{
    text_add(t, "index         TI RPL\n");
    for (int i = 15; i >= 0; i--)
        text_addf(t, "%s%u", i == 2 ? " " : i == 1 ? "  " : "", s >> i & 1);
    text_addf(t, "\nselector 0x%04x: entry %u of the %s at offset 0x%04x, RPL %u\n", s,
              s >> 3 & 0x1fff, s & 4 ? "LDT" : "GDT", s & 0xfff8, s & 3);
}

static bool desc_read(const rt386 *m, uint32_t at, rt386_desc *d)
{
    uint8_t bytes[8];
    rt386_addr where = {.space = RT386_LINEAR, .at = at};
    if (rt386_peek(m, where, bytes, 8) != RT386_OK) return false;
    *d = rt386_desc_decode(bytes);
    return true;
}

static void descriptor_text(const rt386 *m, uint32_t at, struct text *t)
{
    rt386_desc d;
    if (!desc_read(m, at, &d)) {
        text_addf(t, "nothing can be read at linear address 0x%08x\n", at);
        return;
    }
    text_addf(t, "at linear 0x%08x, in memory order: ", at);
    for (unsigned i = 0; i < 8; i++)
        text_addf(t, "%02x%s", d.bytes[i], i < 7 ? " " : "\n\n");
    desc_picture(t, &d);
    text_addf(t, "\n%s\n", d.text[0] ? d.text : desc_kind_name(d.kind));
}

static void segment_text(const rt386 *m, int reg, struct text *t)
{
    rt386_seg s = rt386_seg_get(m, (rt386_segreg)reg);
    text_addf(t, "%-4s 0x%04x | base 0x%08x  limit 0x%08x  access 0x%02x  flags 0x%x%s\n",
              segment_name[reg], s.selector, s.base, s.limit, s.access, s.flags,
              s.usable ? "" : "  not usable");
    text_add(t, "     visible | hidden\n");
}

void figure_checks_text(const rt386_explanation *e, struct text *t)
{
    for (unsigned i = 0; i < e->count; i++) {
        const rt386_check *c = &e->checks[i];
        if (c->state == RT386_CHECK_NOT_REACHED) break;
        text_addf(t, "%2u %s  %-24s ", i + 1, c->passed ? "pass" : "FAIL",
                  rt386_rule(c->rule).name);
        rule_values(t, e, c);
        if (text_column(t) + strlen(rt386_rule(c->rule).section) + 4 > FIGURE_COLUMNS) {
            text_add(t, "\n");
            text_pad(t, 9);
        }
        text_addf(t, "  [%s]\n", rt386_rule(c->rule).section);
    }
    const char *rest;
    for (unsigned i = 0; e->fault.raised && (rest = rule_not_reached(e, i)); i++)
        text_addf(t, "   -     %s  not reached\n", rest);
    if (e->fault.raised && e->fault.has_error)
        text_addf(t, "%s with error code 0x%04x\n", rt386_vector_mnemonic(e->fault.vector),
                  e->fault.error);
    else
        text_add(t, e->fault.raised ? "refused\n" : "granted\n");
}

bool figure_explain(const struct lesson *l, const struct figure *f, rt386_explanation *e)
{
    if (f->kind == FIGURE_LOAD)
        return rt386_explain_load(l->machine, (rt386_segreg)f->reg, (uint16_t)f->value, e) ==
               RT386_OK;
    return rt386_explain_access(l->machine, (rt386_segreg)f->reg, f->value, f->n ? f->n : 1,
                                f->access, e) == RT386_OK;
}

static void explained_text(const struct lesson *l, const struct figure *f, struct text *t)
{
    static const char *const word[] = {"read", "write", "fetch"};
    rt386_explanation e;
    if (f->kind == FIGURE_LOAD)
        text_addf(t, "load of %s with 0x%04x\n", segment_name[f->reg], f->value);
    else
        text_addf(t, "%s of %u byte%s at %s:0x%08x\n", word[f->access], f->n, f->n == 1 ? "" : "s",
                  segment_name[f->reg], f->value);
    if (figure_explain(l, f, &e))
        figure_checks_text(&e, t);
    else
        text_add(t, "the tables cannot be read\n");
}

static void address_text(const struct lesson *l, const struct figure *f, struct text *t)
{
    rt386_seg s = rt386_seg_get(l->machine, (rt386_segreg)f->reg);
    uint32_t linear = s.base + f->value;
    rt386_walk w = rt386_page_walk(l->machine, linear);
    text_addf(t, "%s:0x%08x\n  base   0x%08x\n+ offset 0x%08x\n= linear 0x%08x\n",
              segment_name[f->reg], f->value, s.base, f->value, linear);
    if (!w.paging) {
        text_addf(t, "paging is off: physical 0x%08x\n", linear);
        return;
    }
    text_addf(t, "  directory index %u, table index %u, offset 0x%03x\n", linear >> 22,
              linear >> 12 & 1023, linear & 4095);
    text_addf(t, "  PDE at physical 0x%08x: 0x%08x\n", w.pde_at, w.pde);
    if (w.pte_valid) text_addf(t, "  PTE at physical 0x%08x: 0x%08x\n", w.pte_at, w.pte);
    if (w.mapped)
        text_addf(t, "= physical 0x%08x\n", w.phys);
    else
        text_add(t, "= not present\n");
}

static void words_text(const rt386 *m, rt386_addr at, const struct figure *f, unsigned n,
                       struct text *t)
{
    for (unsigned i = 0; i < n; i++, at.at += 4) {
        uint8_t b[4];
        if (rt386_peek(m, at, b, 4) != RT386_OK) break;
        text_addf(t, "%s0x%08x: %08x  %s", at.space == RT386_LOGICAL ? "SS:" : "", at.at,
                  b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24,
                  i < FIGURE_LABELS ? f->label[i] : "");
        text_trim(t);
        text_add(t, "\n");
    }
}

static void next_text(const struct lesson *l, const struct figure *f, struct text *t)
{
    struct scope s = lesson_scope(l);
    char err[100];
    (void)expr_fill(&s, "{cs_base + eip;insn}\n", t, err, sizeof err);
    for (unsigned i = 0; i < f->next->lookups; i++) {
        text_addf(t, "%s 0x%04x\n", f->next->each[i].purpose, f->next->each[i].selector);
        figure_checks_text(&f->next->each[i], t);
    }
    if (f->next->event && !(f->next->loads && f->next->load.fault.raised)) {
        const rt386_fault *fault = &f->next->first.fault;
        text_add(t, rt386_vector_mnemonic(f->next->first.vector));
        if (fault->has_error && reg_value(l->machine, "cr0") & 1)
            text_addf(t, ", error code 0x%04x", fault->error);
        text_addf(t, ": %s\n", rt386_rule(fault->rule).name);
    }
}

/* The source above its instructions, once for all that come from one line; blanks in front are left out. */
static void source_text(struct lesson *l, uint32_t linear, unsigned *last, struct text *t)
{
    unsigned line = 0;
    const char *s = lesson_source_line(l, linear, &line);
    if (s) s += strspn(s, " \t");
    if (s && *s && line != *last) {
        text_add(t, "   | ");
        for (size_t room = TEXT_WIDTH - 7; *s && room; s++, room--)
            text_addn(t, *s == '\t' ? " " : s, 1);
        text_add(t, "\n");
    }
    *last = s ? line : 0;
}

static void code_text(struct lesson *l, unsigned n, struct text *t)
{
    uint32_t base = (uint32_t)reg_value(l->machine, "cs_base"),
             at = (uint32_t)reg_value(l->machine, "eip");
    bool code32 = reg_value(l->machine, "cs_flags") & 4;
    unsigned last = 0;
    struct disasm *d = disasm_new();
    for (unsigned i = 0; d && i < n; i++) {
        rt386_insn_event e = {
            .linear = base + at, .eip = at, .code32 = code32, .cpu = RT386_CPU_386};
        rt386_addr where = {.space = RT386_LINEAR, .at = e.linear};
        char words[120];
        if (rt386_peek(l->machine, where, e.bytes, sizeof e.bytes) != RT386_OK) break;
        e.length = (uint8_t)disasm_length(d, e.bytes, sizeof e.bytes, code32);
        disasm_text(d, &e, words, sizeof words);
        source_text(l, e.linear, &last, t);
        text_addf(t, "%s 0x%08x  %s\n", i ? "  " : "=>", at, words);
        at += e.length;
    }
    disasm_free(d);
}

void figure_text(struct lesson *l, const struct figure *f, struct text *t)
{
    rt386_addr linear = {.space = RT386_LINEAR, .at = f->value};
    rt386_addr stack = {
        .space = RT386_LOGICAL, .seg = RT386_SS, .at = (uint32_t)reg_value(l->machine, "esp")};
    switch (f->kind) {
    case FIGURE_SELECTOR: selector_text(t, f->value); break;
    case FIGURE_DESCRIPTOR: descriptor_text(l->machine, f->value, t); break;
    case FIGURE_SEGMENT: segment_text(l->machine, f->reg, t); break;
    case FIGURE_TABLE: dump_table_text(t, l->machine, (rt386_table)f->reg); break;
    case FIGURE_LOAD:
    case FIGURE_ACCESS: explained_text(l, f, t); break;
    case FIGURE_ADDRESS: address_text(l, f, t); break;
    case FIGURE_STACK: words_text(l->machine, stack, f, f->value > 64 ? 64 : f->value, t); break;
    case FIGURE_WORDS: words_text(l->machine, linear, f, f->n, t); break;
    case FIGURE_TSS: dump_tss_text(t, l->machine); break;
    case FIGURE_NEXT: next_text(l, f, t); break;
    case FIGURE_CODE: code_text(l, f->value > 64 ? 64 : f->value, t); break;
    }
}
