/* figure_reg.c: a segment register, a table of descriptors, a stack. */
#include "desc_text.h"
#include "figure.h"

#include <stdio.h>
#include <string.h>

#define LINE_H 22.0f

/* A named value in a box; what has changed has a thick edge and a yellow back. */
static void value_box(const struct canvas *c, struct box at, unsigned ink, const char *name,
                      const char *value, bool changed)
{
    canvas_text(c, at.x, at.y + 10, ALIGN_LEFT, TYPE_LABEL, INK_DIM, name);
    struct box cell = {at.x, at.y + 15, at.w, 24};
    canvas_fill(c, cell, changed ? (unsigned)INK_CHANGED : ink | INK_SOFT, 2);
    canvas_frame(c, cell, ink, 2, changed ? 2 : 1);
    canvas_text(c, at.x + at.w / 2, at.y + 31.5f, ALIGN_MIDDLE, TYPE_VALUE, ink, value);
}

float figure_segment(const struct canvas *c, struct spot at, const char *name, const rt386_seg *seg,
                     const rt386_seg *before)
{
    char s[32];
    float w = canvas_width(c, TYPE_TITLE, name) + 10, x = at.x + (w > 34 ? w : 34), y = at.y;
    canvas_text(c, at.x, y + 32, ALIGN_LEFT, TYPE_TITLE, INK_TEXT, name);
    snprintf(s, sizeof s, "%04x", seg->selector);
    value_box(c, (struct box){x, y, 62, 39}, INK_TARGET, "selector", s,
              before && before->selector != seg->selector);
    canvas_line(c, x + 74, y + 4, x + 74, y + 39, INK_EDGE, 1);
    x += 86;
    if (!seg->usable) {
        canvas_text(c, x, y + 31, ALIGN_LEFT, TYPE_BODY, INK_DIM,
                    "hidden part: not usable (null selector)");
        return 46;
    }
    snprintf(s, sizeof s, "%08x", seg->base);
    value_box(c, (struct box){x, y, 94, 39}, INK_BASE, "base", s,
              before && before->base != seg->base);
    snprintf(s, sizeof s, "%08x", seg->limit);
    value_box(c, (struct box){x + 104, y, 94, 39}, INK_LIMIT, "limit", s,
              before && before->limit != seg->limit);
    snprintf(s, sizeof s, "%02x", seg->access);
    value_box(c, (struct box){x + 208, y, 46, 39}, INK_RIGHTS, "rights", s,
              before && before->access != seg->access);
    snprintf(s, sizeof s, "%x", seg->flags);
    value_box(c, (struct box){x + 264, y, 46, 39}, INK_FLAGS, "flags", s,
              before && before->flags != seg->flags);
    return 46;
}

/* ---- tables ----------------------------------------------------------------------------------- */

/* As much of s as fits, with dots where something is missing. */
static const char *cut(const struct canvas *c, struct type type, const char *s, float width,
                       char *to, size_t size)
{
    snprintf(to, size, "%s", s);
    for (size_t n = strlen(to); n && canvas_width(c, type, to) > width; n--)
        snprintf(to, size, "%.*s...", (int)n - 1, s);
    return to;
}

/* Columns, from the left edge; the dwords are left out where there is no room. */
struct columns {
    float dwords, base, limit, words;
};
static struct columns columns_of(float width)
{
    float extra = width >= 820 ? 152 : 0;
    return (struct columns){extra > 0 ? 98 : 0, 98 + extra, 180 + extra, 262 + extra};
}

static void addresses(const struct canvas *c, struct spot at, const struct columns *col,
                      const rt386_desc *d)
{
    float y = at.y + 15.5f;
    if (col->dwords > 0)
        canvas_textf(c, at.x + col->dwords, y, ALIGN_LEFT, TYPE_CODE,
                     d->kind == RT386_DESC_EMPTY ? INK_DIM : INK_TEXT, "%08x:%08x", desc_high(d),
                     desc_low(d));
    if (desc_is_segment(d->kind)) {
        canvas_textf(c, at.x + col->base, y, ALIGN_LEFT, TYPE_CODE, INK_BASE, "%08x", d->base);
        canvas_textf(c, at.x + col->limit, y, ALIGN_LEFT, TYPE_CODE, INK_LIMIT, "%08x", d->limit);
    } else if (desc_is_gate(d->kind)) {
        canvas_textf(c, at.x + col->base, y, ALIGN_LEFT, TYPE_CODE, INK_TARGET, "%04x",
                     d->selector);
        if (desc_has_offset(d->kind))
            canvas_textf(c, at.x + col->limit, y, ALIGN_LEFT, TYPE_CODE, INK_OFFSET, "%08x",
                         d->offset);
    }
}

static void table_line(const struct canvas *c, struct spot at, const struct figure_entry *e)
{
    char shown[200];
    struct columns col = columns_of(at.width);
    struct box line = {at.x, at.y, at.width, LINE_H};
    bool empty = e->desc.kind == RT386_DESC_EMPTY;
    unsigned ink = empty ? INK_DIM : INK_TEXT;
    if (e->changed) canvas_fill(c, line, INK_CHANGED, 0);
    if (e->chosen) canvas_frame(c, line, INK_FOCUS, 2, 1.5f);
    if (e->changed) canvas_fill(c, (struct box){at.x, at.y, 3, LINE_H}, INK_BAD, 0);
    canvas_textf(c, at.x + 38, at.y + 15.5f, ALIGN_RIGHT, TYPE_CODE, ink, "%u", e->index);
    if (!e->idt)
        canvas_textf(c, at.x + 50, at.y + 15.5f, ALIGN_LEFT, TYPE_VALUE, INK_TARGET, "%04x",
                     e->index * 8 + (e->ldt ? 4 : 0));
    addresses(c, at, &col, &e->desc);
    float left = at.x + col.words, right = at.x + at.width - 6;
    if (e->owner[0]) {
        canvas_text(c, right, at.y + 15, ALIGN_RIGHT, TYPE_LABEL, INK_DIM, e->owner);
        right -= canvas_width(c, TYPE_LABEL, e->owner) + 12;
    }
    const char *words = empty ? "empty" : e->desc.text;
    if (desc_is_gate(e->desc.kind)) words = desc_kind_name(e->desc.kind);
    canvas_text(c, left, at.y + 15.5f, ALIGN_LEFT, TYPE_BODY, ink,
                cut(c, TYPE_BODY, words, right - left, shown, sizeof shown));
}

float figure_table(const struct canvas *c, struct spot at, const char *title,
                   const struct figure_entry *entry, unsigned n)
{
    struct columns col = columns_of(at.width);
    float y = at.y;
    canvas_text(c, at.x, y + 13, ALIGN_LEFT, TYPE_TITLE, INK_TEXT, title);
    y += 24;
    canvas_text(c, at.x + 38, y + 10, ALIGN_RIGHT, TYPE_LABEL, INK_DIM,
                n && entry[0].idt ? "vector" : "index");
    bool idt = n && entry[0].idt;
    if (!idt) canvas_text(c, at.x + 50, y + 10, ALIGN_LEFT, TYPE_LABEL, INK_DIM, "selector");
    if (col.dwords > 0)
        canvas_text(c, at.x + col.dwords, y + 10, ALIGN_LEFT, TYPE_LABEL, INK_DIM,
                    "high:low dword");
    canvas_text(c, at.x + col.base, y + 10, ALIGN_LEFT, TYPE_LABEL, INK_DIM, "base, selector");
    canvas_text(c, at.x + col.limit, y + 10, ALIGN_LEFT, TYPE_LABEL, INK_DIM, "limit, offset");
    canvas_text(c, at.x + col.words, y + 10, ALIGN_LEFT, TYPE_LABEL, INK_DIM, "what it is");
    canvas_line(c, at.x, y + 15, at.x + at.width, y + 15, INK_EDGE, 1);
    y += 17;
    for (unsigned i = 0; i < n; i++, y += LINE_H)
        table_line(c, (struct spot){at.x, y, at.width}, &entry[i]);
    if (!n) canvas_text(c, at.x + 50, y + 15.5f, ALIGN_LEFT, TYPE_BODY, INK_DIM, "no entry");
    return y + (n ? 4 : LINE_H) - at.y;
}

/* ---- stacks ----------------------------------------------------------------------------------- */

float figure_stack(const struct canvas *c, struct spot at, const char *title,
                   const struct figure_cell *cell, unsigned n)
{
    float y = at.y + 22, x = at.x + 92, w = 104;
    canvas_text(c, at.x, at.y + 13, ALIGN_LEFT, TYPE_TITLE, INK_TEXT, title);
    for (unsigned i = 0; i < n; i++, y += 24) {
        struct box box = {x, y, w, 24};
        canvas_fill(c, box, cell[i].changed ? INK_CHANGED : INK_PANEL, 0);
        canvas_frame(c, box, cell[i].changed ? INK_BAD : INK_EDGE, 0, cell[i].changed ? 1.5f : 1);
        canvas_textf(c, x - 10, y + 16.5f, ALIGN_RIGHT, TYPE_SMALL, INK_DIM, "%08x",
                     cell[i].offset);
        if (cell[i].readable)
            canvas_textf(c, x + w / 2, y + 16.5f, ALIGN_MIDDLE, TYPE_VALUE, INK_TEXT, "%08x",
                         cell[i].value);
        else
            canvas_text(c, x + w / 2, y + 16.5f, ALIGN_MIDDLE, TYPE_BODY, INK_DIM, "not readable");
        float label = x + w + 12;
        if (cell[i].here) {
            canvas_arrow(c, label + 22, y + 12, label - 6, y + 12, INK_FOCUS);
            canvas_text(c, label + 28, y + 16.5f, ALIGN_LEFT, TYPE_STRONG, INK_FOCUS, "ESP");
            label += 62;
        }
        canvas_text(c, label, y + 16.5f, ALIGN_LEFT, TYPE_BODY, INK_TEXT, cell[i].label);
    }
    return y + 4 - at.y;
}
