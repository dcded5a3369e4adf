#include "picture.h"

#include "end.h"
#include "screen_module.h"
#include "svg.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN    20.0f
#define LINE_H    18.0f
#define LINE_SIZE 512

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n > m && !strcmp(path + n - m, end);
}

bool picture_name_ready(struct app *app, const char *command, const char *path)
{
    if (!path || ends_with(path, ".svg") || ends_with(path, ".html") || ends_with(path, ".png"))
        return true;
    app_error(app, "%s: --picture: the name must end in .svg, .html or .png, and '%.200s' does not",
              command, path);
    return false;
}

static bool svg_of(const struct picture *p, struct text *to)
{
    struct svg *svg = svg_new(palette_named("print"), "figure");
    if (!svg) return false;
    struct canvas c = svg_canvas(svg);
    float h = p->draw(&c, (struct spot){MARGIN, MARGIN, p->width}, p->what);
    svg_end(svg, p->width + 2 * MARGIN, ceilf(h) + 2 * MARGIN, p->title, to);
    return !to->failed;
}

static bool html_of(const struct picture *p, struct text *to)
{
    text_add(to, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    text_markup(to, p->title, strlen(p->title));
    text_add(to,
             "</title>\n<style>body{margin:2rem;font-family:Inter,Arial,sans-serif;color:#11151b;"
             "background:#fff}svg{max-width:100%;height:auto}pre{font-size:.85rem}"
             "@media print{body{margin:0}details{display:none}}</style></head>\n<body>\n");
    bool ok = svg_of(p, to);
    if (p->words) {
        text_add(to, "<details><summary>As text</summary><pre>\n");
        text_markup(to, p->words, strlen(p->words));
        text_add(to, "</pre></details>\n");
    }
    text_add(to, "</body></html>\n");
    return ok;
}

/* ---- PNG ------------------------------------------------------------------------------------ */

#define PNG_SCALE 2      /* pixels for a unit: sharp when printed */
#define PNG_MOST  32000u /* pixels high */

static float on_screen(const struct screen_ops *ops, struct screen *screen, const struct picture *p)
{
    float w, h;
    struct canvas c = ops->begin(screen, palette_named("print"), &w, &h);
    return p->draw(&c, (struct spot){MARGIN, MARGIN, p->width}, p->what);
}

/* How high it is, these letters know: first on a screen that is too small, then on one that fits. */
static bool png_of(const struct screen_ops *ops, const char *path, const struct picture *p,
                   char *err, size_t size)
{
    struct screen_want want = {.width = PNG_SCALE * (unsigned)ceilf(p->width + 2 * MARGIN),
                               .height = 1,
                               .scale = PNG_SCALE,
                               .fonts = getenv("RT386_FONTS")};
    struct screen *screen = ops->open(&want, err, size);
    if (!screen) return false;
    float high = ceilf(on_screen(ops, screen, p)) + 2 * MARGIN;
    ops->close(screen);
    if (high * PNG_SCALE > PNG_MOST) {
        snprintf(err, size, "the picture would be %.0f pixels high; .svg and .html may be",
                 (double)high * PNG_SCALE);
        return false;
    }
    want.height = PNG_SCALE * (unsigned)high;
    screen = ops->open(&want, err, size);
    if (!screen) return false;
    (void)on_screen(ops, screen, p);
    bool saved = ops->save(screen, path, err, size);
    ops->close(screen);
    return saved;
}

static int png_write(struct app *app, const char *path, const struct picture *p)
{
    const char *why;
    char err[400];
    const struct screen_ops *ops = screen_module(&why);
    if (!ops) {
        app_error(app, "%.300s: this build draws no PNG: %s; .svg and .html can be had", path, why);
        return STATUS_UNSUPPORTED;
    }
    if (png_of(ops, path, p, err, sizeof err)) return STATUS_OK;
    app_error(app, "%.300s: %s", path, err);
    return STATUS_USAGE;
}

int picture_write(struct app *app, const char *path, const struct picture *p)
{
    struct text t = {0};
    if (ends_with(path, ".png")) return png_write(app, path, p);
    bool ok = ends_with(path, ".html") ? html_of(p, &t) : svg_of(p, &t);
    if (!ok || t.failed) {
        text_free(&t);
        app_error(app, "the host has no memory left");
        return STATUS_USAGE;
    }
    FILE *f = fopen(path, "we");
    bool written = f && fwrite(t.p, 1, t.n, f) == t.n;
    if (f && fclose(f) != 0) written = false;
    text_free(&t);
    if (written) return STATUS_OK;
    app_error(app, "%.300s: the picture cannot be written: %s", path, strerror(errno));
    return STATUS_USAGE;
}

float picture_of_text(const struct canvas *c, struct spot at, const void *what)
{
    float y = at.y;
    for (const char *s = what; *s; y += LINE_H) {
        char line[LINE_SIZE];
        size_t n = strcspn(s, "\n");
        snprintf(line, sizeof line, "%.*s", (int)n, s);
        canvas_text(c, at.x, y + 13, ALIGN_LEFT, TYPE_CODE, INK_TEXT, line);
        s += n + (s[n] == '\n');
    }
    return y - at.y;
}
