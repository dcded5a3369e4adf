#include "seg_picture.h"

#include "desc_text.h"
#include "picture.h"
#include "step_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 720.0f
#define GAP   14.0f
#define HEAD  20.0f

/* One figure below the other, each with a heading. */
struct column {
    const struct canvas *c;
    struct spot at;
};

static void heading(struct column *k, const char *words)
{
    canvas_text(k->c, k->at.x, k->at.y + 13, ALIGN_LEFT, TYPE_STRONG, INK_TEXT, words);
    k->at.y += HEAD;
}

static void below(struct column *k, float height)
{
    k->at.y += height + GAP;
}

static float descriptor_figure(const struct canvas *c, struct spot at, const void *what)
{
    const rt386_desc *d = what;
    struct column k = {c, at};
    below(&k, figure_desc(c, k.at, d, NULL));
    if (desc_is_segment(d->kind)) below(&k, figure_extent(c, k.at, d));
    return k.at.y - at.y;
}

int seg_picture_desc(struct app *app, const char *path, const rt386_desc *d, const char *words)
{
    char title[100];
    snprintf(title, sizeof title, "descriptor 0x%08x:0x%08x", desc_high(d), desc_low(d));
    const struct picture p = {title, WIDTH, descriptor_figure, d, words};
    return picture_write(app, path, &p);
}

/* ---- a load ---------------------------------------------------------------------------------- */

struct drawn_load {
    const char *title;
    const rt386_explanation *why;
};

static float load_figure(const struct canvas *c, struct spot at, const void *what)
{
    const struct drawn_load *l = what;
    const rt386_explanation *why = l->why;
    struct column k = {c, at};
    char words[80];
    canvas_text(c, at.x, at.y + 14, ALIGN_LEFT, TYPE_TITLE, INK_TEXT, l->title);
    k.at.y += 30;
    below(&k, figure_selector(c, k.at, why->selector));
    if (why->located) {
        snprintf(words, sizeof words, "descriptor at linear 0x%08x", why->descriptor_at);
        heading(&k, words);
        below(&k, descriptor_figure(c, k.at, &why->desc) - GAP);
    }
    below(&k, figure_checks(c, k.at, why, true));
    if (why->fault.raised && why->fault.has_error) {
        snprintf(words, sizeof words, "error code 0x%04x of %s", why->fault.error,
                 rt386_vector_mnemonic(why->fault.vector));
        heading(&k, words);
        below(&k, figure_error_code(c, k.at, why->fault.vector, why->fault.error));
    }
    return k.at.y - at.y - GAP;
}

int seg_picture_load(struct app *app, const char *path, const char *reg,
                     const rt386_explanation *why, const char *words)
{
    char title[100];
    snprintf(title, sizeof title, "%s is loaded with selector 0x%04x at CPL %u", reg, why->selector,
             why->cpl);
    const struct drawn_load l = {title, why};
    const struct picture p = {title, WIDTH, load_figure, &l, words};
    return picture_write(app, path, &p);
}

/* ---- a walk ---------------------------------------------------------------------------------- */

struct drawn_walk {
    const char *title;
    const struct figure_address *a;
};

static void walk_entry(struct column *k, const char *name, uint32_t at, uint32_t entry)
{
    char words[80];
    snprintf(words, sizeof words, "%s 0x%08x at physical 0x%08x", name, entry, at);
    heading(k, words);
    below(k, figure_page_entry(k->c, k->at, entry));
}

static float walk_figure(const struct canvas *c, struct spot at, const void *what)
{
    const struct drawn_walk *w = what;
    const struct figure_address *a = w->a;
    struct column k = {c, at};
    canvas_text(c, at.x, at.y + 14, ALIGN_LEFT, TYPE_TITLE, INK_TEXT, w->title);
    k.at.y += 30;
    below(&k, figure_address(c, k.at, a));
    if (a->segment) below(&k, figure_segment(c, k.at, a->segment, &a->seg, NULL));
    bool inside = !a->refused || strcmp(a->refused, "segment") != 0;
    if (inside && a->walk.paging) {
        heading(&k, "the linear address");
        below(&k, figure_linear(c, k.at, a->walk.linear));
        walk_entry(&k, "page directory entry", a->walk.pde_at, a->walk.pde);
        if (a->walk.pte_valid) walk_entry(&k, "page table entry", a->walk.pte_at, a->walk.pte);
    }
    return k.at.y - at.y - GAP;
}

int seg_picture_walk(struct app *app, const char *path, const struct figure_address *a,
                     const char *words)
{
    char title[100];
    if (a->segment)
        snprintf(title, sizeof title, "from %s:0x%08x to the physical address", a->segment,
                 a->offset);
    else
        snprintf(title, sizeof title, "from linear 0x%08x to the physical address", a->walk.linear);
    const struct drawn_walk w = {title, a};
    const struct picture p = {title, WIDTH, walk_figure, &w, words};
    return picture_write(app, path, &p);
}

/* ---- what an instruction does --------------------------------------------------------------- */

#define LINES_MAX 2000u
#define ROW       20.0f

struct drawn_steps {
    const char *title;
    const struct step_line *line;
    unsigned n;
};

static float step_figure(const struct canvas *c, struct spot at, const struct step_line *s)
{
    float x = at.x + (s->head ? 0 : 22), right = at.x + at.width;
    float words = s->head ? at.x + 100 : s->name[0] ? at.x + 260 : x + 22, end = right;
    if (s->has_mark) canvas_mark(c, x + 6, at.y + 9, 9, s->mark);
    canvas_text(c, x + 20, at.y + 13, ALIGN_LEFT, s->head ? TYPE_STRONG : TYPE_SMALL, s->ink,
                s->name);
    if (s->right[0]) {
        canvas_text(c, right, at.y + 13, ALIGN_RIGHT, TYPE_LABEL, INK_DIM, s->right);
        end -= 96;
    }
    float y = canvas_wrap(c, words, at.y + 13, end - words, 17, s->head ? TYPE_BODY : TYPE_SMALL,
                          s->ink, s->words);
    return y - at.y - 13 > ROW ? y - at.y - 13 : ROW;
}

static float steps_figure(const struct canvas *c, struct spot at, const void *what)
{
    const struct drawn_steps *d = what;
    float y = at.y + 30;
    canvas_text(c, at.x, at.y + 14, ALIGN_LEFT, TYPE_TITLE, INK_TEXT, d->title);
    for (unsigned i = 0; i < d->n; i++) {
        if (d->line[i].head && i) {
            y += 5;
            canvas_line(c, at.x, y, at.x + at.width, y, INK_EDGE, 1);
            y += 5;
        }
        y += step_figure(c, (struct spot){at.x, y, at.width}, &d->line[i]);
    }
    if (!d->n) {
        canvas_text(c, at.x, y + 13, ALIGN_LEFT, TYPE_BODY, INK_DIM,
                    "it loads no segment register and raises nothing");
        y += ROW;
    }
    return y - at.y;
}

int seg_picture_account(struct app *app, const char *path, const rt386_account *account,
                        const char *words)
{
    char title[240];
    struct step_line *line = calloc(LINES_MAX, sizeof *line);
    int status = STATUS_USAGE;
    snprintf(title, sizeof title, "%.*s", (int)strcspn(words, "\n"), words);
    if (line) {
        const struct drawn_steps d = {title, line, steps_lines(account, line, LINES_MAX)};
        const struct picture p = {title, 900, steps_figure, &d, words};
        status = picture_write(app, path, &p);
    } else {
        app_error(app, "the host has no memory left");
    }
    free(line);
    return status;
}

int seg_picture_text(struct app *app, const char *path, const char *title, const char *words)
{
    const struct picture p = {title, 680, picture_of_text, words, NULL};
    return picture_write(app, path, &p);
}
