#include "seg_picture.h"

#include "desc_text.h"
#include "picture.h"

#include <stdio.h>
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

int seg_picture_text(struct app *app, const char *path, const char *title, const char *words)
{
    const struct picture p = {title, 680, picture_of_text, words, NULL};
    return picture_write(app, path, &p);
}
