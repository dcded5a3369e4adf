#include "canvas.h"
#include "widths.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static float blank_width(void *ctx, struct type type, const char *s, size_t n)
{
    (void)ctx;
    return widths_text(type, s, n);
}

static void blank_text(void *ctx, float x, float y, enum align align, struct type type,
                       unsigned ink, const char *s, size_t n)
{
    (void)ctx, (void)x, (void)y, (void)align, (void)type, (void)ink, (void)s, (void)n;
}

struct canvas canvas_blank(void)
{
    static const struct canvas_ops ops = {.text = blank_text, .width = blank_width};
    return (struct canvas){&ops, NULL};
}

void canvas_fill(const struct canvas *c, struct box at, unsigned ink, float radius)
{
    if (c->ops->fill) c->ops->fill(c->ctx, at, ink, radius);
}

void canvas_frame(const struct canvas *c, struct box at, unsigned ink, float radius, float thick)
{
    if (c->ops->frame) c->ops->frame(c->ctx, at, ink, radius, thick);
}

void canvas_line(const struct canvas *c, float x0, float y0, float x1, float y1, unsigned ink,
                 float thick)
{
    if (c->ops->line) c->ops->line(c->ctx, x0, y0, x1, y1, ink, thick);
}

void canvas_arrow(const struct canvas *c, float x0, float y0, float x1, float y1, unsigned ink)
{
    float dx = x1 - x0, dy = y1 - y0, length = sqrtf(dx * dx + dy * dy);
    if (length < 1.0f) return;
    float ux = dx / length, uy = dy / length, size = 5.0f;
    canvas_line(c, x0, y0, x1, y1, ink, 1.5f);
    canvas_line(c, x1, y1, x1 - size * (ux + 0.6f * uy), y1 - size * (uy - 0.6f * ux), ink, 1.5f);
    canvas_line(c, x1, y1, x1 - size * (ux - 0.6f * uy), y1 - size * (uy + 0.6f * ux), ink, 1.5f);
}

void canvas_text(const struct canvas *c, float x, float y, enum align align, struct type type,
                 unsigned ink, const char *s)
{
    c->ops->text(c->ctx, x, y, align, type, ink, s, strlen(s));
}

void canvas_textf(const struct canvas *c, float x, float y, enum align align, struct type type,
                  unsigned ink, const char *format, ...)
{
    char s[400];
    va_list args;
    va_start(args, format);
    vsnprintf(s, sizeof s, format, args);
    va_end(args);
    canvas_text(c, x, y, align, type, ink, s);
}

float canvas_width(const struct canvas *c, struct type type, const char *s)
{
    return c->ops->width(c->ctx, type, s, strlen(s));
}

/* How many bytes of s fit into the width, ending at a blank; at least one word. */
static size_t line_of(const struct canvas *c, struct type type, const char *s, float width)
{
    size_t fits = 0, n = 0;
    for (;;) {
        n += strcspn(s + n, " ");
        if (fits && c->ops->width(c->ctx, type, s, n) > width) return fits;
        fits = n;
        if (!s[n]) return fits;
        n++;
    }
}

float canvas_wrap(const struct canvas *c, float x, float y, float width, float leading,
                  struct type type, unsigned ink, const char *s)
{
    while (*s == ' ')
        s++;
    for (; *s; y += leading) {
        size_t n = line_of(c, type, s, width);
        c->ops->text(c->ctx, x, y, ALIGN_LEFT, type, ink, s, n);
        for (s += n; *s == ' ';)
            s++;
    }
    return y;
}

void canvas_clip(const struct canvas *c, const struct box *at)
{
    if (c->ops->clip) c->ops->clip(c->ctx, at);
}

void canvas_spot(const struct canvas *c, struct box at, const char *id, const char *tip)
{
    if (c->ops->spot) c->ops->spot(c->ctx, at, id, tip);
}

void canvas_mark(const struct canvas *c, float x, float y, float size, enum mark mark)
{
    float r = size / 2;
    switch (mark) {
    case MARK_GOOD:
        canvas_line(c, x - r, y, x - r * 0.25f, y + r * 0.75f, INK_GOOD, 2);
        canvas_line(c, x - r * 0.25f, y + r * 0.75f, x + r, y - r * 0.75f, INK_GOOD, 2);
        break;
    case MARK_BAD:
        canvas_line(c, x - r * 0.8f, y - r * 0.8f, x + r * 0.8f, y + r * 0.8f, INK_BAD, 2.5f);
        canvas_line(c, x - r * 0.8f, y + r * 0.8f, x + r * 0.8f, y - r * 0.8f, INK_BAD, 2.5f);
        break;
    case MARK_NONE: canvas_line(c, x - r * 0.7f, y, x + r * 0.7f, y, INK_DIM, 1.5f); break;
    }
}
