#include "svg.h"
#include "widths.h"

#include <stdlib.h>
#include <string.h>

struct svg {
    const struct palette *palette;
    struct text body;
    const char *id;
    unsigned clips;
    bool clipped;
};

/* Numbers with at most two digits behind the point, and none that say nothing. */
static void number(struct text *t, const char *name, float v)
{
    long hundredths = (long)(v * 100 + (v < 0 ? -0.5f : 0.5f));
    unsigned long size = (unsigned long)(hundredths < 0 ? -hundredths : hundredths);
    text_addf(t, " %s=\"%s%lu", name, hundredths < 0 ? "-" : "", size / 100);
    if (size % 100)
        text_addf(t, size % 10 ? ".%02lu" : ".%lu", size % 10 ? size % 100 : size % 100 / 10);
    text_add(t, "\"");
}

static void colour(struct svg *svg, const char *name, unsigned ink)
{
    text_addf(&svg->body, " %s=\"#%06x\"", name, (unsigned)palette_rgb(svg->palette, ink));
}

static void place(struct text *t, struct box at)
{
    number(t, "x", at.x);
    number(t, "y", at.y);
    number(t, "width", at.w);
    number(t, "height", at.h);
}

static void svg_fill(void *ctx, struct box at, unsigned ink, float radius)
{
    struct svg *svg = ctx;
    text_add(&svg->body, "<rect");
    place(&svg->body, at);
    if (radius > 0) number(&svg->body, "rx", radius);
    colour(svg, "fill", ink);
    text_add(&svg->body, "/>\n");
}

static void svg_frame(void *ctx, struct box at, unsigned ink, float radius, float thick)
{
    struct svg *svg = ctx;
    struct box inner = {at.x + thick / 2, at.y + thick / 2, at.w - thick, at.h - thick};
    text_add(&svg->body, "<rect");
    place(&svg->body, inner);
    if (radius > 0) number(&svg->body, "rx", radius);
    text_add(&svg->body, " fill=\"none\"");
    colour(svg, "stroke", ink);
    number(&svg->body, "stroke-width", thick);
    text_add(&svg->body, "/>\n");
}

static void svg_line(void *ctx, float x0, float y0, float x1, float y1, unsigned ink, float thick)
{
    struct svg *svg = ctx;
    text_add(&svg->body, "<line");
    number(&svg->body, "x1", x0);
    number(&svg->body, "y1", y0);
    number(&svg->body, "x2", x1);
    number(&svg->body, "y2", y1);
    colour(svg, "stroke", ink);
    number(&svg->body, "stroke-width", thick);
    text_add(&svg->body, " stroke-linecap=\"round\"/>\n");
}

static void svg_text(void *ctx, float x, float y, enum align align, struct type type, unsigned ink,
                     const char *s, size_t n)
{
    static const char *const anchor[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    static const char *const class[] = {"t", "t b", "c", "c b"};
    struct svg *svg = ctx;
    if (!n) return;
    text_addf(&svg->body, "<text class=\"%s\"%s", class[type.face], anchor[align]);
    number(&svg->body, "x", x);
    number(&svg->body, "y", y);
    number(&svg->body, "font-size", type.size);
    colour(svg, "fill", ink);
    text_add(&svg->body, ">");
    text_markup(&svg->body, s, n);
    text_add(&svg->body, "</text>\n");
}

static float svg_width(void *ctx, struct type type, const char *s, size_t n)
{
    (void)ctx;
    return widths_text(type, s, n);
}

static void svg_clip(void *ctx, const struct box *at)
{
    struct svg *svg = ctx;
    if (svg->clipped) text_add(&svg->body, "</g>\n");
    svg->clipped = at != NULL;
    if (!at) return;
    text_addf(&svg->body, "<clipPath id=\"%s-clip%u\"><rect", svg->id, ++svg->clips);
    place(&svg->body, *at);
    text_addf(&svg->body, "/></clipPath><g clip-path=\"url(#%s-clip%u)\">\n", svg->id, svg->clips);
}

static void svg_spot(void *ctx, struct box at, const char *id, const char *tip)
{
    struct svg *svg = ctx;
    (void)id;
    if (!tip) return;
    text_add(&svg->body, "<rect");
    place(&svg->body, at);
    text_add(&svg->body, " fill-opacity=\"0\"><title>");
    text_markup(&svg->body, tip, strlen(tip));
    text_add(&svg->body, "</title></rect>\n");
}

struct svg *svg_new(const struct palette *palette, const char *id)
{
    struct svg *svg = calloc(1, sizeof *svg);
    if (svg) *svg = (struct svg){.palette = palette, .id = id};
    return svg;
}

struct canvas svg_canvas(struct svg *svg)
{
    static const struct canvas_ops ops = {svg_fill,  svg_frame, svg_line, svg_text,
                                          svg_width, svg_clip,  svg_spot};
    return (struct canvas){&ops, svg};
}

void svg_end(struct svg *svg, float width, float height, const char *title, struct text *to)
{
    canvas_clip(&(struct canvas){svg_canvas(svg).ops, svg}, NULL);
    text_add(to, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    number(to, "width", width);
    number(to, "height", height);
    text_addf(to, " viewBox=\"0 0 %.0f %.0f\">\n<title>", (double)width, (double)height);
    text_markup(to, title, strlen(title));
    text_add(
        to,
        "</title>\n<style>.t{font-family:Inter,'Helvetica Neue',Arial,'Liberation Sans',sans-serif;"
        "font-feature-settings:'calt' 0}"
        ".c{font-family:'JetBrains Mono','DejaVu Sans "
        "Mono',Menlo,Consolas,monospace;white-space:pre;"
        "font-variant-ligatures:none}"
        ".b{font-weight:600}</style>\n");
    text_addf(to, "<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n",
              (unsigned)palette_rgb(svg->palette, INK_PAPER));
    text_addn(to, text_str(&svg->body), svg->body.n);
    text_add(to, "</svg>\n");
    if (svg->body.failed) to->failed = true;
    text_free(&svg->body);
    free(svg);
}
