#include "inside.h"

#include <stdarg.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

static float width_of(const struct canvas *c, struct type type, const char *s, size_t n)
{
    return c->ops->width(c->ctx, type, s, n);
}

/* The longest part that leaves room for the ellipsis; not in the middle of a character. */
static size_t part_of(const struct canvas *c, struct type type, const char *s, float w)
{
    size_t low = 0, high = strlen(s);
    float room = w - width_of(c, type, ELLIPSIS, strlen(ELLIPSIS));
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (width_of(c, type, s, middle) <= room)
            low = middle;
        else
            high = middle - 1;
    }
    while (low && ((uint8_t)s[low] & 0xc0) == 0x80)
        low--;
    while (low && s[low - 1] == ' ')
        low--;
    return low;
}

void put(const struct canvas *c, float x, float y, float w, struct type type, unsigned ink,
         const char *s)
{
    char cut[300];
    if (!*s || w <= 0) return;
    if (canvas_width(c, type, s) > w + 0.5f) {
        size_t n = part_of(c, type, s, w);
        if (n > sizeof cut - sizeof ELLIPSIS) n = sizeof cut - sizeof ELLIPSIS;
        memcpy(cut, s, n);
        memcpy(cut + n, ELLIPSIS, sizeof ELLIPSIS);
        s = cut;
    }
    canvas_text(c, x, y, ALIGN_LEFT, type, ink, s);
}

void putf(const struct canvas *c, float x, float y, float w, struct type type, unsigned ink,
          const char *format, ...)
{
    char s[400];
    va_list args;
    va_start(args, format);
    vsnprintf(s, sizeof s, format, args);
    va_end(args);
    put(c, x, y, w, type, ink, s);
}

float chip_width(const struct canvas *c, const char *s)
{
    return canvas_width(c, SMALL, s) + 10;
}

float chip(const struct canvas *c, float x, float y, const char *s, unsigned ink, bool filled)
{
    float w = chip_width(c, s);
    struct box at = {x, y, w, 16};
    if (filled)
        canvas_fill(c, at, ink | INK_SOFT, 8);
    else
        canvas_frame(c, at, INK_EDGE, 8, 1);
    canvas_text(c, x + w / 2, y + 11.8f, ALIGN_MIDDLE, SMALL, filled ? ink : INK_DIM, s);
    return w;
}

void changed(const struct canvas *c, struct box at)
{
    canvas_fill(c, at, INK_CHANGED, 3);
    canvas_fill(c, (struct box){at.x, at.y, 3, at.h}, INK_LIMIT, 0);
}

void empty(const struct canvas *c, struct box at, const char *s)
{
    float w = canvas_width(c, LABEL, s);
    if (w < at.w - 2 * INSET)
        canvas_text(c, at.x + at.w / 2, at.y + at.h / 2 + 4, ALIGN_MIDDLE, LABEL, INK_DIM, s);
    else
        canvas_wrap(c, at.x + INSET, at.y + BASE, at.w - 2 * INSET, 16, LABEL, INK_DIM, s);
}

/* ---- rows ------------------------------------------------------------------------------------------------- */

struct rows rows_begin(struct lab *l, const struct canvas *c, enum pane_id pane, struct box at,
                       unsigned count, float height)
{
    struct lab_pane *p = &l->pane[pane];
    unsigned fit = at.h > height ? (unsigned)(at.h / height) : 1;
    p->rows = count;
    p->shown = fit;
    if (p->selected >= count) p->selected = count ? count - 1 : 0;
    if (p->selected < p->top) p->top = p->selected;
    if (p->selected >= p->top + fit) p->top = p->selected - fit + 1;
    if (p->top + fit > count) p->top = count > fit ? count - fit : 0;
    unsigned end = p->top + fit < count ? p->top + fit : count;
    return (struct rows){l, c, pane, at, height, p->top, end};
}

struct box row_box(struct rows *r, unsigned i)
{
    char once[56];
    struct box b = {r->at.x, r->at.y + (float)(i - r->first) * r->h, r->at.w, r->h};
    const struct lab_pane *p = &r->l->pane[r->pane];
    snprintf(once, sizeof once, "select %s %u", panes[r->pane].name, i);
    lab_hit(r->l, r->pane, b, once, "follow");
    bool focused = r->l->focus == r->pane;
    if (i == p->selected && focused) {
        canvas_fill(r->c, (struct box){b.x + 5, b.y, b.w - 10, b.h}, INK_RAISED, 4);
        canvas_fill(r->c, (struct box){b.x + 5, b.y + 3, 3, b.h - 6}, INK_FOCUS, 1.5f);
    }
    return b;
}

void row_chosen(const struct rows *r)
{
    unsigned i = r->l->pane[r->pane].selected;
    if (r->l->focus == r->pane || i < r->first || i >= r->end) return;
    struct box at = {r->at.x + 5, r->at.y + (float)(i - r->first) * r->h, r->at.w - 10, r->h};
    canvas_frame(r->c, at, INK_FOCUS, 4, 1);
}

void rows_end(const struct rows *r)
{
    const struct lab_pane *p = &r->l->pane[r->pane];
    if (p->rows <= p->shown) return;
    float all = (float)p->rows, h = r->at.h * (float)p->shown / all;
    if (h < 16) h = 16;
    float y = r->at.y + (r->at.h - h) * (float)p->top / (all - (float)p->shown);
    canvas_fill(r->c, (struct box){r->at.x + r->at.w - 5, y, 3, h}, INK_EDGE, 1.5f);
}

struct box headings(const struct canvas *c, struct box at)
{
    canvas_line(c, at.x + INSET, at.y + ROW_H, at.x + at.w - INSET, at.y + ROW_H, INK_EDGE, 1);
    return (struct box){at.x, at.y + ROW_H + 3, at.w, at.h - ROW_H - 3};
}
