/* pane_registers.c: general registers, EFLAGS, control registers; segment registers with their hidden parts. */
#include "desc_text.h"
#include "inside.h"
#include "reg_value.h"
#include "running.h"
#include "trace.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static uint32_t reg(const struct lab *l, const char *name)
{
    return (uint32_t)reg_value(lab_machine(l), name);
}

static void one(struct lab *l, const struct canvas *c, float x, float y, const char *name)
{
    char upper[8] = "";
    for (unsigned i = 0; name[i] && i < 7; i++)
        upper[i] = (char)toupper((unsigned char)name[i]);
    if (lab_changed(l, name)) changed(c, (struct box){x + 32, y - BASE + 1, 9 * CODE_W, ROW_H - 2});
    canvas_text(c, x, y, ALIGN_LEFT, LABEL, INK_DIM, upper);
    canvas_textf(c, x + 36, y, ALIGN_LEFT, CODE_B, INK_TEXT, "%08x", reg(l, name));
}

struct bit {
    const char *name;
    uint8_t at;
};

/* A lit chip for each bit that is set, an empty one for the others; on to a next line where there is no room. */
static float bits(const struct canvas *c, struct box at, float y, const char *title, uint32_t v,
                  const struct bit *b, unsigned n)
{
    float x = at.x + INSET + 50;
    canvas_text(c, at.x + INSET, y + 12, ALIGN_LEFT, LABEL, INK_DIM, title);
    for (unsigned i = 0; i < n; i++) {
        if (x + chip_width(c, b[i].name) > at.x + at.w - INSET) {
            x = at.x + INSET + 50;
            y += ROW_H;
        }
        x += chip(c, x, y, b[i].name, INK_OFFSET, v >> b[i].at & 1) + 2;
    }
    return y + ROW_H + 3;
}

static float flags(struct lab *l, const struct canvas *c, struct box at, float y)
{
    static const struct bit bit[] = {{"OF", 11}, {"DF", 10}, {"IF", 9},  {"TF", 8},
                                     {"SF", 7},  {"ZF", 6},  {"AF", 4},  {"PF", 2},
                                     {"CF", 0},  {"NT", 14}, {"RF", 16}, {"VM", 17}};
    if (lab_changed(l, "eflags")) changed(c, (struct box){at.x + INSET - 6, y - 1, 52, ROW_H - 1});
    return bits(c, at, y, "EFLAGS", reg(l, "eflags"), bit, sizeof bit / sizeof *bit);
}

static float control(struct lab *l, const struct canvas *c, struct box at, float y)
{
    static const struct bit bit[] = {{"PE", 0}, {"MP", 1},  {"EM", 2},  {"TS", 3}, {"ET", 4},
                                     {"NE", 5}, {"WP", 16}, {"AM", 18}, {"PG", 31}};
    if (lab_changed(l, "cr0")) changed(c, (struct box){at.x + INSET - 6, y - 1, 52, ROW_H - 1});
    return bits(c, at, y, "CR0", reg(l, "cr0"), bit, sizeof bit / sizeof *bit);
}

void draw_registers(struct lab *l, const struct canvas *c, struct box at)
{
    static const char *const name[] = {"eax", "ebx", "ecx", "edx", "esi", "edi",
                                       "ebp", "esp", "eip", "cr2", "cr3"};
    unsigned columns = at.w >= 520 ? 4 : 3;
    float w = (at.w - 2 * INSET) / (float)columns, y = at.y + BASE + 2;
    for (unsigned i = 0; i < sizeof name / sizeof *name; i++)
        one(l, c, at.x + INSET + w * (float)(i % columns), y + ROW_H * (float)(i / columns),
            name[i]);
    unsigned rows = ((unsigned)(sizeof name / sizeof *name) + columns - 1) / columns;
    unsigned last = (unsigned)(sizeof name / sizeof *name) % columns;
    float cpl = at.x + INSET + w * (float)last;
    canvas_text(c, cpl, y + ROW_H * (float)(rows - 1), ALIGN_LEFT, LABEL, INK_DIM, "CPL");
    if (lab_changed(l, "cpl"))
        changed(c, (struct box){cpl + 32, y + ROW_H * (float)(rows - 1) - BASE + 1, 26, ROW_H - 2});
    canvas_textf(c, cpl + 36, y + ROW_H * (float)(rows - 1), ALIGN_LEFT, CODE_B, INK_RIGHTS, "%u",
                 reg(l, "cpl"));
    y = flags(l, c, at, at.y + ROW_H * (float)rows + 9);
    control(l, c, at, y);
}

/* ---- segment registers --------------------------------------------------------------------------------------- */

bool segment_stale(const struct lab *l, const rt386_seg *s)
{
    rt386_desc now;
    return segment_differs(lab_machine(l), s, &now);
}

void segment_words(const rt386_seg *s, char *to, size_t size)
{
    rt386_desc d = segment_desc(s);
    const char *kind = d.kind == RT386_DESC_CODE   ? d.conforming ? "code, conforming" : "code"
                       : d.kind == RT386_DESC_DATA ? d.expand_down ? "data, down" : "data"
                                                   : desc_kind_name(d.kind);
    const char *rights = d.kind == RT386_DESC_CODE   ? d.readable ? " rx" : " x"
                         : d.kind == RT386_DESC_DATA ? d.writable ? " rw" : " r"
                                                     : "";
    bool memory = d.kind == RT386_DESC_CODE || d.kind == RT386_DESC_DATA;
    snprintf(to, size, "%s%s%s, DPL %u%s", kind, rights, memory ? d.big ? " 32" : " 16" : "", d.dpl,
             d.granular ? ", G" : "");
}

/* A value in the field's colour, on a quiet ground of the same. */
static void field(const struct canvas *c, float x, float y, unsigned digits, unsigned ink,
                  uint32_t v)
{
    float w = (float)digits * CODE_W + 8;
    canvas_fill(c, (struct box){x, y + 1.5f, w, ROW_H - 3}, ink | INK_SOFT, 3);
    canvas_textf(c, x + 4, y + BASE, ALIGN_LEFT, CODE, ink, "%0*x", (int)digits, v);
}

static void segment(struct lab *l, const struct canvas *c, struct box row, unsigned i)
{
    char upper[8] = "", words[80];
    const rt386_seg s = rt386_seg_get(lab_machine(l), (rt386_segreg)i);
    float y = row.y, x = row.x + INSET, right = row.x + row.w - INSET;
    for (unsigned k = 0; segreg_names[i][k] && k < 7; k++)
        upper[k] = (char)toupper((unsigned char)segreg_names[i][k]);
    if (lab_changed_segment(l, segreg_names[i]))
        changed(c, (struct box){x - 7, y, row.w - 2 * INSET + 12, row.h});
    canvas_text(c, x, y + BASE, ALIGN_LEFT, LABEL_B, INK_TEXT, upper);
    field(c, x + 40, y, 4, INK_TARGET, s.selector);
    canvas_line(c, x + 85, y + 3, x + 85, y + row.h - 3, INK_EDGE, 1);
    if (!s.usable) {
        put(c, x + 96, y + BASE, right - x - 96, LABEL, INK_DIM,
            i == RT386_LDTR ? "no LDT"
            : i == RT386_TR ? "no task"
                            : "not usable: a null selector");
        return;
    }
    field(c, x + 94, y, 8, INK_BASE, s.base);
    field(c, x + 164, y, 8, INK_LIMIT, s.limit);
    segment_words(&s, words, sizeof words);
    float left = x + 240;
    if (segment_stale(l, &s)) {
        left += chip(c, left, y + 1.5f, "\xe2\x89\xa0 table", INK_BAD, true) + 6;
        lab_hit(l, PANE_SEGMENTS, (struct box){x + 240, y, 60, row.h}, "follow", "follow");
    }
    put(c, left, y + BASE, right - left, LABEL, INK_RIGHTS, words);
}

void draw_segments(struct lab *l, const struct canvas *c, struct box at)
{
    float x = at.x + INSET, y = at.y + BASE;
    canvas_text(c, x + 40, y, ALIGN_LEFT, SMALL, INK_DIM, "visible");
    canvas_text(c, x + 94, y, ALIGN_LEFT, SMALL, INK_DIM, "base");
    canvas_text(c, x + 164, y, ALIGN_LEFT, SMALL, INK_DIM, "limit");
    put(c, x + 240, y, at.w - INSET - 240, SMALL, INK_DIM, "rights (the hidden part)");
    struct box rest = headings(c, at);
    struct rows r = rows_begin(l, c, PANE_SEGMENTS, rest, 8, ROW_H);
    for (unsigned i = r.first; i < r.end; i++)
        segment(l, c, row_box(&r, i), i);
    rows_end(&r);
    y = rest.y + 8 * ROW_H + BASE + 3;
    if (y + 4 > at.y + at.h) return;
    putf(c, x, y, at.w - 2 * INSET, CODE, INK_DIM, "GDTR %08x+%04x   IDTR %08x+%04x",
         reg(l, "gdtr_base"), reg(l, "gdtr_limit"), reg(l, "idtr_base"), reg(l, "idtr_limit"));
}
