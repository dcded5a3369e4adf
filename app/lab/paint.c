#include "paint.h"
#include "fonts.h"

#include <math.h>
#include <stdlib.h>

struct area { /* pixels: x0 <= x < x1 */
    int x0, y0, x1, y1;
};

struct paint {
    struct fonts *fonts;
    const struct palette *palette;
    uint32_t *pixel;
    size_t room;
    unsigned w, h;
    float scale;
    struct area clip;
};

/* ---- pixels ------------------------------------------------------------------------------------------- */

static int px(const struct paint *p, float v)
{
    return (int)floorf(v * p->scale + 0.5f); /* halves all go one way: rows stay as far apart */
}

static struct area area_of(const struct paint *p, struct box b)
{
    return (struct area){px(p, b.x), px(p, b.y), px(p, b.x + b.w), px(p, b.y + b.h)};
}

static struct area within(struct area a, struct area clip)
{
    if (a.x0 < clip.x0) a.x0 = clip.x0;
    if (a.y0 < clip.y0) a.y0 = clip.y0;
    if (a.x1 > clip.x1) a.x1 = clip.x1;
    if (a.y1 > clip.y1) a.y1 = clip.y1;
    return a;
}

/* cover: 0..255 of the pixel */
static void blend(uint32_t *to, uint32_t rgb, unsigned cover)
{
    uint32_t old = *to, mixed = 0;
    if (cover >= 255) {
        *to = rgb;
        return;
    }
    for (unsigned shift = 0; shift < 24; shift += 8) {
        unsigned a = old >> shift & 0xff, b = rgb >> shift & 0xff;
        mixed |= ((a * (255 - cover) + b * cover + 127) / 255) << shift;
    }
    *to = mixed;
}

static unsigned covered(float distance)
{
    float c = 0.5f - distance;
    return c <= 0 ? 0 : c >= 1 ? 255 : (unsigned)(c * 255 + 0.5f);
}

static void span(struct paint *p, int y, int x0, int x1, uint32_t rgb)
{
    uint32_t *row = p->pixel + (size_t)y * p->w;
    for (int x = x0; x < x1; x++)
        row[x] = rgb;
}

/* ---- boxes -------------------------------------------------------------------------------------------- */

/* From the middle of a pixel to the edge of a box with round corners; negative inside. */
static float edge_distance(struct area a, float radius, int x, int y)
{
    float hw = (float)(a.x1 - a.x0) / 2, hh = (float)(a.y1 - a.y0) / 2;
    float dx = fabsf((float)x + 0.5f - (float)(a.x0 + a.x1) / 2) - hw + radius;
    float dy = fabsf((float)y + 0.5f - (float)(a.y0 + a.y1) / 2) - hh + radius;
    float ox = dx > 0 ? dx : 0, oy = dy > 0 ? dy : 0;
    float inside = dx > dy ? dx : dy;
    return sqrtf(ox * ox + oy * oy) + (inside < 0 ? inside : 0) - radius;
}

static float radius_in(const struct paint *p, struct area a, float radius)
{
    float r = radius * p->scale,
          most = (float)(a.x1 - a.x0 < a.y1 - a.y0 ? a.x1 - a.x0 : a.y1 - a.y0) / 2;
    return r < most ? r : most;
}

/* The columns of a row near round corners, left and right; what is between them is plain. */
struct corner {
    int left, right; /* left < plain columns <= right */
};
static struct corner corner_of(struct area whole, struct area a, int round)
{
    int left = whole.x0 + round, right = whole.x1 - round;
    if (left < a.x0) left = a.x0;
    if (left > a.x1) left = a.x1;
    if (right > a.x1) right = a.x1;
    return (struct corner){left, right < left ? left : right};
}

static void corner_fill(struct paint *p, struct area whole, float r, int y, int x0, int x1,
                        uint32_t rgb)
{
    for (int x = x0; x < x1; x++)
        blend(&p->pixel[(size_t)y * p->w + (size_t)x], rgb, covered(edge_distance(whole, r, x, y)));
}

static void paint_fill(void *ctx, struct box at, unsigned ink, float radius)
{
    struct paint *p = ctx;
    uint32_t rgb = palette_rgb(p->palette, ink);
    struct area whole = area_of(p, at), a = within(whole, p->clip);
    float r = radius_in(p, whole, radius);
    int round = (int)ceilf(r);
    struct corner k = corner_of(whole, a, round);
    for (int y = a.y0; y < a.y1; y++) {
        bool curved = y < whole.y0 + round || y >= whole.y1 - round;
        if (curved) corner_fill(p, whole, r, y, a.x0, k.left, rgb);
        span(p, y, curved ? k.left : a.x0, curved ? k.right : a.x1, rgb);
        if (curved) corner_fill(p, whole, r, y, k.right, a.x1, rgb);
    }
}

static void corner_frame(struct paint *p, struct area whole, float r, int thick, int y, int x0,
                         int x1, uint32_t rgb)
{
    for (int x = x0; x < x1; x++) {
        float d = edge_distance(whole, r, x, y);
        blend(&p->pixel[(size_t)y * p->w + (size_t)x], rgb, covered(d) - covered(d + (float)thick));
    }
}

static void paint_frame(void *ctx, struct box at, unsigned ink, float radius, float thick)
{
    struct paint *p = ctx;
    uint32_t rgb = palette_rgb(p->palette, ink);
    struct area whole = area_of(p, at), a = within(whole, p->clip);
    float r = radius_in(p, whole, radius);
    int t = px(p, thick) > 1 ? px(p, thick) : 1, round = (int)ceilf(r);
    if (round < t) round = t;
    struct corner k = corner_of(whole, a, round), sides = corner_of(whole, a, t);
    for (int y = a.y0; y < a.y1; y++) {
        bool level = y < whole.y0 + t || y >= whole.y1 - t;
        bool curved = y < whole.y0 + round || y >= whole.y1 - round;
        if (curved) {
            corner_frame(p, whole, r, t, y, a.x0, k.left, rgb);
            if (level) span(p, y, k.left, k.right, rgb);
            corner_frame(p, whole, r, t, y, k.right, a.x1, rgb);
        } else {
            span(p, y, a.x0, sides.left, rgb);
            span(p, y, sides.right, a.x1, rgb);
        }
    }
}

/* ---- lines -------------------------------------------------------------------------------------------- */

/* Level and upright ones are boxes: sharp. */
static bool line_straight(struct paint *p, float x0, float y0, float x1, float y1, unsigned ink,
                          float thick)
{
    bool level = fabsf(y0 - y1) < 0.01f, upright = fabsf(x0 - x1) < 0.01f;
    if (!level && !upright) return false;
    int t = px(p, thick) > 1 ? px(p, thick) : 1;
    float least_x = x0 < x1 ? x0 : x1, least_y = y0 < y1 ? y0 : y1;
    struct area a = {px(p, least_x), px(p, least_y), px(p, least_x + fabsf(x1 - x0)),
                     px(p, least_y + fabsf(y1 - y0))};
    if (level) {
        a.y0 -= t / 2;
        a.y1 = a.y0 + t;
    } else {
        a.x0 -= t / 2;
        a.x1 = a.x0 + t;
    }
    a = within(a, p->clip);
    for (int y = a.y0; y < a.y1; y++)
        span(p, y, a.x0, a.x1 > a.x0 ? a.x1 : a.x0, palette_rgb(p->palette, ink));
    return true;
}

static void paint_line(void *ctx, float x0, float y0, float x1, float y1, unsigned ink, float thick)
{
    struct paint *p = ctx;
    if (line_straight(p, x0, y0, x1, y1, ink, thick)) return;
    float s = p->scale, half = thick * s / 2 > 0.5f ? thick * s / 2 : 0.5f;
    float ax = x0 * s, ay = y0 * s, dx = (x1 - x0) * s, dy = (y1 - y0) * s;
    float length = dx * dx + dy * dy;
    struct area a = {(int)(fminf(ax, ax + dx) - half - 1), (int)(fminf(ay, ay + dy) - half - 1),
                     (int)(fmaxf(ax, ax + dx) + half + 2), (int)(fmaxf(ay, ay + dy) + half + 2)};
    a = within(a, p->clip);
    for (int y = a.y0; y < a.y1; y++)
        for (int x = a.x0; x < a.x1; x++) {
            float vx = (float)x + 0.5f - ax, vy = (float)y + 0.5f - ay;
            float along = fmaxf(0, fminf(1, (vx * dx + vy * dy) / length));
            float ex = vx - along * dx, ey = vy - along * dy;
            blend(&p->pixel[(size_t)y * p->w + (size_t)x], palette_rgb(p->palette, ink),
                  covered(sqrtf(ex * ex + ey * ey) - half));
        }
}

/* ---- text --------------------------------------------------------------------------------------------- */

/* As far as it may be drawn in one go: the proportional faces would make a times sign of the x in "0x". */
static size_t piece_of(struct type type, const char *s, size_t n)
{
    if (type.face == FACE_CODE || type.face == FACE_CODE_BOLD) return n;
    for (size_t i = 1; i < n; i++)
        if (s[i - 1] == '0' && s[i] == 'x') return i;
    return n;
}

/* Of the text, in pixels of the picture. */
static float width_of(struct paint *p, struct type type, const char *s, size_t n)
{
    float sum = 0;
    for (size_t piece; n; s += piece, n -= piece) {
        piece = piece_of(type, s, n);
        sum += fonts_text(p->fonts, type.face, type.size * p->scale, s, piece).width;
    }
    return sum;
}

static float paint_piece(struct paint *p, float x, float y, struct type type, uint32_t rgb,
                         const char *s, size_t n)
{
    struct glyphs g = fonts_text(p->fonts, type.face, type.size * p->scale, s, n);
    if (!g.cover) return g.width;
    int left = (int)floorf(x + 0.5f), top = px(p, y) - g.ascent;
    struct area a = within((struct area){left, top, left + (int)g.w, top + (int)g.h}, p->clip);
    for (int row = a.y0; row < a.y1; row++)
        for (int col = a.x0; col < a.x1; col++) {
            unsigned cover = g.cover[(size_t)(row - top) * g.w + (size_t)(col - left)];
            if (cover) blend(&p->pixel[(size_t)row * p->w + (size_t)col], rgb, cover);
        }
    return g.width;
}

static void paint_text(void *ctx, float x, float y, enum align align, struct type type,
                       unsigned ink, const char *s, size_t n)
{
    struct paint *p = ctx;
    float width = align == ALIGN_LEFT ? 0 : width_of(p, type, s, n);
    float at = x * p->scale - (align == ALIGN_MIDDLE ? width / 2 : width);
    for (size_t piece; n; s += piece, n -= piece) {
        piece = piece_of(type, s, n);
        at += paint_piece(p, at, y, type, palette_rgb(p->palette, ink), s, piece);
    }
}

static float paint_width(void *ctx, struct type type, const char *s, size_t n)
{
    struct paint *p = ctx;
    return width_of(p, type, s, n) / p->scale;
}

static void paint_clip(void *ctx, const struct box *at)
{
    struct paint *p = ctx;
    const struct area all = {0, 0, (int)p->w, (int)p->h};
    p->clip = at ? within(area_of(p, *at), all) : all;
}

/* ---- life --------------------------------------------------------------------------------------------- */

struct paint *paint_new(const char *fonts, char *err, size_t size)
{
    struct paint *p = calloc(1, sizeof *p);
    if (p) p->fonts = fonts_open(fonts, err, size);
    if (p && p->fonts) return p;
    free(p);
    return NULL;
}

void paint_free(struct paint *p)
{
    if (!p) return;
    fonts_close(p->fonts);
    free(p->pixel);
    free(p);
}

bool paint_begin(struct paint *p, const struct palette *palette, unsigned w, unsigned h,
                 float scale)
{
    size_t need = (size_t)w * h;
    if (need > p->room) {
        uint32_t *pixel = realloc(p->pixel, need * sizeof *pixel);
        if (!pixel) return false;
        p->pixel = pixel;
        p->room = need;
    }
    p->palette = palette;
    p->w = w;
    p->h = h;
    p->scale = scale;
    paint_clip(p, NULL);
    for (size_t i = 0; i < need; i++)
        p->pixel[i] = palette->rgb[INK_PAPER];
    return true;
}

struct canvas paint_canvas(struct paint *p)
{
    static const struct canvas_ops ops = {.fill = paint_fill,
                                          .frame = paint_frame,
                                          .line = paint_line,
                                          .text = paint_text,
                                          .width = paint_width,
                                          .clip = paint_clip};
    return (struct canvas){&ops, p};
}

const uint32_t *paint_pixels(const struct paint *p, unsigned *w, unsigned *h)
{
    *w = p->w;
    *h = p->h;
    return p->pixel;
}
