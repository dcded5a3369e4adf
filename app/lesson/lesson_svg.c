/* lesson_svg.c: figures of a page, drawn. */
#include "dump.h"
#include "figure.h"
#include "lesson_priv.h"
#include "reg_value.h"
#include "svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIGURE_WIDTH 700
#define ENTRIES_MAX  96

static const char *const segment_name[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};

/* ---- what needs to be gathered first ------------------------------------------------------------------------- */

static float table(const struct lesson *l, const struct canvas *c, struct spot at,
                   rt386_table which)
{
    struct figure_entry *e = calloc(ENTRIES_MAX, sizeof *e);
    char(*owner)[64] = calloc(ENTRIES_MAX, sizeof *owner), head[80];
    rt386_table_info info = rt386_table_get(l->machine, which);
    unsigned n = 0;
    for (unsigned i = 0; e && owner && i < info.entries && n < ENTRIES_MAX; i++) {
        if (rt386_table_entry(l->machine, which, i, &e[n].desc, owner[n]) != RT386_OK ||
            e[n].desc.kind == RT386_DESC_EMPTY)
            continue;
        e[n].index = i;
        e[n].ldt = which == RT386_LDT;
        e[n].owner = owner[n];
        n++;
    }
    if (info.valid)
        snprintf(head, sizeof head, "%s at linear 0x%08x, limit 0x%04x", dump_table_name(which),
                 info.base, info.limit);
    else
        snprintf(head, sizeof head, "no %s", dump_table_name(which));
    float h = figure_table(c, at, head, e, n);
    free(e);
    free(owner);
    return h;
}

static float stack(const struct lesson *l, const struct canvas *c, struct spot at,
                   const struct figure *f)
{
    struct figure_cell cell[64] = {0};
    bool is_stack = f->kind == FIGURE_STACK;
    uint32_t esp = (uint32_t)reg_value(l->machine, "esp");
    unsigned n = is_stack ? f->value : f->n;
    if (n > 64) n = 64;
    for (unsigned i = 0; i < n; i++) {
        struct figure_cell *p = &cell[n - 1 - i];
        uint8_t b[4] = {0};
        p->offset = (is_stack ? esp : f->value) + 4 * i;
        rt386_addr where = {
            .space = is_stack ? RT386_LOGICAL : RT386_LINEAR, .seg = RT386_SS, .at = p->offset};
        p->readable = rt386_peek(l->machine, where, b, 4) == RT386_OK;
        p->value = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
        p->here = is_stack && i == 0;
        p->label = i < FIGURE_LABELS ? f->label[i] : "";
    }
    return figure_stack(c, at, is_stack ? "stack" : "memory", cell, n);
}

static float address(const struct lesson *l, const struct canvas *c, struct spot at,
                     const struct figure *f)
{
    struct figure_address a = {.segment = segment_name[f->reg],
                               .seg = rt386_seg_get(l->machine, (rt386_segreg)f->reg),
                               .offset = f->value};
    rt386_explanation e;
    a.walk = rt386_page_walk(l->machine, a.seg.base + f->value);
    if (f->reg <= RT386_GS &&
        rt386_explain_access(l->machine, (rt386_segreg)f->reg, f->value, 1, RT386_READ, &e) ==
            RT386_OK &&
        e.fault.raised)
        a.refused = e.fault.vector != 14 ? "segment" : a.walk.pte_valid ? "pte" : "pde";
    return figure_address(c, at, &a);
}

static float descriptor(const struct lesson *l, const struct canvas *c, struct spot at,
                        uint32_t linear)
{
    uint8_t bytes[8] = {0};
    rt386_addr where = {.space = RT386_LINEAR, .at = linear};
    (void)rt386_peek(l->machine, where, bytes, 8);
    rt386_desc d = rt386_desc_decode(bytes);
    return figure_desc(c, at, &d, NULL);
}

/* Of one instruction: gate, code, stack, one below the other. */
static float all_checks(const struct canvas *c, struct spot at, const struct outcome *o)
{
    float y = at.y;
    for (unsigned i = 0; i < o->lookups; i++)
        y += figure_checks(c, (struct spot){at.x, y, at.width}, &o->each[i], true) +
             (i + 1 < o->lookups ? 14 : 0);
    return y - at.y;
}

/* ---- one figure ------------------------------------------------------------------------------------------------- */

static float draw(const struct lesson *l, const struct canvas *c, struct spot at,
                  const struct figure *f)
{
    rt386_explanation e;
    rt386_seg s;
    switch (f->kind) {
    case FIGURE_SELECTOR: return figure_selector(c, at, (uint16_t)f->value);
    case FIGURE_DESCRIPTOR: return descriptor(l, c, at, f->value);
    case FIGURE_SEGMENT:
        s = rt386_seg_get(l->machine, (rt386_segreg)f->reg);
        return figure_segment(c, at, segment_name[f->reg], &s, NULL);
    case FIGURE_TABLE: return table(l, c, at, (rt386_table)f->reg);
    case FIGURE_LOAD:
    case FIGURE_ACCESS: return figure_explain(l, f, &e) ? figure_checks(c, at, &e, true) : 0;
    case FIGURE_NEXT: return all_checks(c, at, f->next);
    case FIGURE_ADDRESS: return address(l, c, at, f);
    case FIGURE_STACK:
    case FIGURE_WORDS: return stack(l, c, at, f);
    case FIGURE_TSS:
    case FIGURE_CODE: break;
    }
    return 0;
}

/* Lines of text by nature, or no figure at all. */
static bool has_picture(const struct lesson *l, unsigned block)
{
    if (block >= l->page.blocks || l->block[block].kind != LESSON_FIGURE) return false;
    const struct figure *f = &l->figure[block];
    return f->kind != FIGURE_TSS && f->kind != FIGURE_CODE &&
           !(f->kind == FIGURE_NEXT && !f->next->lookups);
}

float lesson_figure_draw(const struct lesson *l, unsigned block, const struct canvas *c, float x,
                         float y, float width)
{
    if (!has_picture(l, block)) return 0;
    return draw(l, c, (struct spot){x, y, width}, &l->figure[block]);
}

bool lesson_figure_svg(const struct lesson *l, unsigned block, struct text *to)
{
    if (!has_picture(l, block)) return false;
    const struct figure *f = &l->figure[block];
    char id[40];
    snprintf(id, sizeof id, "s%u-%u", l->step, block);
    struct svg *svg = svg_new(palette_named("print"), id);
    if (!svg) return false;
    struct canvas c = svg_canvas(svg);
    float h = draw(l, &c, (struct spot){8, 8, FIGURE_WIDTH - 16}, f);
    const char *title = l->block[block].caption[0] ? l->block[block].caption : "figure";
    svg_end(svg, FIGURE_WIDTH, h + 16, title, to);
    return !to->failed;
}
