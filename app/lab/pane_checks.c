/* pane_checks.c: the checks of the instruction at EIP in their order, and the way of an address. */
#include "checks.h"
#include "figure.h"
#include "inside.h"
#include "reg_value.h"

#include <string.h>

static void verdict(const struct look *k, char *to, size_t size)
{
    const rt386_event_event *e = &k->event;
    if (k->failed)
        snprintf(to, size, "%s", k->failed);
    else if (!k->has_event)
        snprintf(to, size, "goes through");
    else if (e->fault.has_error)
        snprintf(to, size, "%s(0x%x)", rt386_vector_mnemonic(e->vector), e->fault.error);
    else
        snprintf(to, size, "%s", rt386_vector_mnemonic(e->vector));
}

/* The explanations of a try that are the instruction's own, not those of the exception's delivery. */
static unsigned shown(const struct look *k, const rt386_explanation *list[LOOK_LOADS + 1])
{
    unsigned n = 0, own = k->has_event ? k->loads_before_event : k->loads;
    for (unsigned i = 0; i < own; i++)
        list[n++] = &k->load[i];
    if (k->has_refused) list[n++] = &k->refused;
    return n;
}

static void accesses(const struct look *k, const struct canvas *c, struct spot at)
{
    static const char *const name[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    static const char *const what[] = {"reads", "writes", "fetches"};
    float y = at.y;
    for (unsigned i = 0; i < k->mems && i < 4; i++, y += ROW_H) {
        const rt386_mem_event *m = &k->mem[i];
        canvas_mark(c, at.x + 5, y - 4, 10, MARK_GOOD);
        putf(c, at.x + 18, y, at.width - 18, LABEL, INK_TEXT,
             "%s %u byte%s at %s:%08x, linear %08x", what[m->access % 3], m->size,
             m->size == 1 ? "" : "s", name[m->seg & 7], m->offset, m->linear);
    }
}

/* In the height there is; sentences only where all fit. Returns the height. */
static float list_draw(const struct look *k, const struct canvas *c, struct spot at, float high)
{
    const rt386_explanation *list[LOOK_LOADS + 1];
    const struct canvas blank = canvas_blank();
    unsigned n = shown(k, list);
    float y = at.y, all = 0;
    for (unsigned i = 0; i < n; i++)
        all += figure_checks(&blank, at, list[i], true) + 8;
    for (unsigned i = 0; i < n; i++)
        y += figure_checks(c, (struct spot){at.x, y, at.width}, list[i], all <= high) + 8;
    return y - at.y;
}

static void quiet(const struct look *k, const struct canvas *c, struct spot at)
{
    char words[120];
    verdict(k, words, sizeof words);
    if (!k->mems && !k->has_event) {
        putf(c, at.x, at.y + 13, at.width, TYPE_BODY, INK_DIM,
             "no selector, no memory: nothing is checked but the fetch");
        return;
    }
    putf(c, at.x, at.y + 13, at.width, TYPE_STRONG, k->has_event ? INK_BAD : INK_GOOD, "%s", words);
    accesses(k, c, (struct spot){at.x, at.y + 36, at.width});
}

static float change_words(const struct what_if *w, const struct look *now, const struct look *then,
                          const struct canvas *c, struct spot at)
{
    char words[120];
    canvas_textf(c, at.x, at.y + 13, ALIGN_LEFT, TYPE_TITLE, INK_TEXT, "What if %04x.%s",
                 w->selector, w->name);
    float x = at.x + canvas_width(c, TYPE_TITLE, "What if 0000.limit") + 12;
    putf(c, x, at.y + 13, at.x + at.width - x, TYPE_SMALL, INK_DIM,
         "bytes %02x %02x %02x %02x "
         "%02x %02x %02x %02x",
         w->after.bytes[0], w->after.bytes[1], w->after.bytes[2], w->after.bytes[3],
         w->after.bytes[4], w->after.bytes[5], w->after.bytes[6], w->after.bytes[7]);
    const struct look *both[] = {now, then};
    static const char *const title[] = {"as it is", "changed"};
    for (unsigned i = 0; i < 2; i++) {
        float y = at.y + 36 + ROW_H * (float)i;
        verdict(both[i], words, sizeof words);
        canvas_mark(c, at.x + 5, y - 4, 10, both[i]->has_event ? MARK_BAD : MARK_GOOD);
        canvas_text(c, at.x + 18, y, ALIGN_LEFT, TYPE_LABEL, INK_DIM, title[i]);
        put(c, at.x + 78, y, at.width - 78, TYPE_STRONG, both[i]->has_event ? INK_BAD : INK_GOOD,
            words);
    }
    bool loaded = false;
    for (unsigned i = 0; i < 6; i++)
        loaded |= now->seg[i].usable && (now->seg[i].selector & 0xfffc) == (w->selector & 0xfffc);
    if (now->loads || !loaded) return 36 + 2 * ROW_H;
    put(c, at.x, at.y + 36 + 2 * ROW_H, at.width, TYPE_LABEL, INK_DIM,
        "the register keeps what it loaded: a change counts from its next load on");
    return 36 + 3 * ROW_H;
}

void draw_checks(struct lab *l, const struct canvas *c, struct box at)
{
    const struct what_if *what;
    const struct look *then;
    struct spot spot = {at.x + INSET, at.y + 4, at.w - 2 * INSET};
    if (l->running) {
        empty(c, at, "the checks are told when the guest stands");
        return;
    }
    const struct look *now = checks_look(l, &what, &then), *k = what ? then : now;
    if (k->failed) {
        empty(c, at, k->failed);
        return;
    }
    if (what) spot.y += change_words(what, now, then, c, spot);
    const rt386_explanation *list[LOOK_LOADS + 1];
    if (!shown(k, list)) {
        quiet(k, c, spot);
        return;
    }
    spot.y += list_draw(k, c, spot, at.y + at.h - spot.y);
    if (!k->has_event) accesses(k, c, (struct spot){spot.x, spot.y + 8, spot.width});
}

/* ---- the address row ------------------------------------------------------------------------------------------- */

/* Of the access that the instruction makes, or that is refused; of its own place when it makes none. */
static struct figure_address way_of(struct lab *l)
{
    static const char *const name[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    const rt386 *m = lab_machine(l);
    const struct what_if *what;
    const struct look *then, *k = l->running ? NULL : checks_look(l, &what, &then);
    rt386_segreg seg = k && k->walked && k->access_seg < 6 ? k->access_seg : RT386_CS;
    struct figure_address a = {.segment = name[seg],
                               .seg = rt386_seg_get(m, seg),
                               .offset = k && k->walked && k->access_seg < 6
                                             ? k->access_offset
                                             : (uint32_t)reg_value(m, "eip")};
    a.walk = rt386_page_walk(m, a.seg.base + a.offset);
    bool refused = k && k->walked && k->has_event && k->event.has_access;
    if (refused && k->event.vector != 14)
        a.refused = "segment";
    else if (a.walk.paging && !a.walk.mapped)
        a.refused = a.walk.pte_valid ? "pte" : "pde";
    return a;
}

void draw_address(struct lab *l, const struct canvas *c, struct box at)
{
    struct figure_address a = way_of(l);
    float h = figure_address(c, (struct spot){at.x + INSET, at.y + 2, at.w - 2 * INSET}, &a);
    float left = at.x + INSET + 838 + 28, w = at.x + at.w - INSET - left;
    /* beside it, or below it, the selector bit by bit */
    if (w >= 340) {
        figure_selector(c, (struct spot){left, at.y - 4, w < 420 ? w : 420}, a.seg.selector);
        return;
    }
    if (at.h < h + 110) return;
    w = at.w - 2 * INSET < 560 ? at.w - 2 * INSET : 560;
    figure_selector(c, (struct spot){at.x + INSET, at.y + h + 28, w}, a.seg.selector);
}
