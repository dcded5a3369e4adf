/* figure_why.c: the checks behind a load or an access, and the way of an address. */
#include "figure.h"
#include "rule_text.h"

#include <stdio.h>
#include <string.h>

static float check_words(const struct canvas *c, struct spot at, const rt386_check *check,
                         const char *values, bool sentences, unsigned ink)
{
    rt386_rule_info rule = rt386_rule(check->rule);
    float x = at.x + 34, right = at.x + at.width - 8;
    canvas_text(c, x, at.y + 15, ALIGN_LEFT, (struct type){FACE_CODE_BOLD, 12}, ink, rule.name);
    canvas_textf(c, right, at.y + 15, ALIGN_RIGHT, TYPE_LABEL, INK_DIM, "[%s]", rule.section);
    float y = at.y + 22;
    if (values[0]) y = canvas_wrap(c, x, y + 10, right - x, 16, TYPE_CODE, INK_TEXT, values) - 6;
    if (sentences)
        y = canvas_wrap(c, x, y + 11, right - x, 16, TYPE_BODY, INK_DIM, rule.sentence) - 6;
    return y + 4 - at.y;
}

static float check_row(const struct canvas *c, struct spot at, const rt386_explanation *why,
                       unsigned i, bool sentences)
{
    const rt386_check *check = &why->checks[i];
    const struct canvas blank = canvas_blank();
    struct text values = {0};
    rule_values(&values, why, check);
    unsigned ink = check->passed ? INK_TEXT : INK_BAD;
    float h = check_words(&blank, at, check, text_str(&values), sentences, ink);
    if (!check->passed) {
        canvas_fill(c, (struct box){at.x, at.y, at.width, h}, INK_BAD | INK_SOFT, 3);
        canvas_fill(c, (struct box){at.x, at.y, 3, h}, INK_BAD, 0);
    }
    canvas_mark(c, at.x + 17, at.y + 11, 11, check->passed ? MARK_GOOD : MARK_BAD);
    check_words(c, at, check, text_str(&values), sentences, ink);
    text_free(&values);
    return h;
}

static float not_reached(const struct canvas *c, struct spot at, const rt386_check *check)
{
    canvas_mark(c, at.x + 17, at.y + 11, 11, MARK_NONE);
    canvas_text(c, at.x + 34, at.y + 15, ALIGN_LEFT, (struct type){FACE_CODE, 12}, INK_DIM,
                rt386_rule(check->rule).name);
    canvas_text(c, at.x + at.width - 8, at.y + 15, ALIGN_RIGHT, TYPE_LABEL, INK_DIM, "not reached");
    return 22;
}

#define VERDICT_W 110.0f /* what it takes at most, with a gap */
static void verdict(const struct canvas *c, struct spot at, const rt386_explanation *why)
{
    struct text t = {0};
    if (why->fault.raised && why->fault.has_error)
        text_addf(&t, "%s(0x%x)", rt386_vector_mnemonic(why->fault.vector), why->fault.error);
    else if (why->fault.raised)
        text_add(&t, rt386_vector_mnemonic(why->fault.vector));
    else
        text_add(&t, "granted");
    canvas_text(c, at.x + at.width - 8, at.y + 13, ALIGN_RIGHT, TYPE_TITLE,
                why->fault.raised ? INK_BAD : INK_GOOD, text_str(&t));
    text_free(&t);
}

float figure_checks(const struct canvas *c, struct spot at, const rt386_explanation *why,
                    bool sentences)
{
    float y = at.y;
    struct type title = TYPE_TITLE;
    float have = canvas_width(c, title, why->purpose), room = at.width - VERDICT_W;
    if (have > room && room > 0) title.size *= room / have;
    canvas_text(c, at.x, y + 13, ALIGN_LEFT, title, INK_TEXT, why->purpose);
    verdict(c, at, why);
    y += 24;
    for (unsigned i = 0; i < why->count && i < RT386_CHECKS_MAX; i++) {
        struct spot row = {at.x, y, at.width};
        y += why->checks[i].state == RT386_CHECK_NOT_REACHED
                 ? not_reached(c, row, &why->checks[i])
                 : check_row(c, row, why, i, sentences) + 2;
    }
    return y - at.y;
}

/* ---- the way of an address -------------------------------------------------------------------- */

struct station {
    const char *title;
    char value[40], below[48];
    unsigned ink;
    bool reached, bad;
};

static void station(const struct canvas *c, struct box at, const struct station *s)
{
    unsigned ink = s->bad ? INK_BAD : s->reached ? s->ink : INK_DIM;
    canvas_text(c, at.x + at.w / 2, at.y + 10, ALIGN_MIDDLE, TYPE_NAME,
                s->reached ? INK_TEXT : INK_DIM, s->title);
    struct box box = {at.x, at.y + 16, at.w, 28};
    canvas_fill(c, box, s->reached ? ink | INK_SOFT : (unsigned)INK_PANEL, 4);
    canvas_frame(c, box, ink, 4, s->bad ? 2 : 1);
    canvas_text(c, at.x + at.w / 2, at.y + 34.5f, ALIGN_MIDDLE, TYPE_VALUE, ink,
                s->reached ? s->value : "not reached");
    canvas_text(c, at.x + at.w / 2, at.y + 58, ALIGN_MIDDLE, TYPE_LABEL, INK_DIM,
                s->reached ? s->below : "");
    if (s->bad) canvas_mark(c, at.x + at.w - 3, at.y + 17, 10, MARK_BAD);
}

#define STATION_LEAST 104.0f /* narrower, their words would lie over each other */

/* One below the other: name, value, where it comes from. */
static void station_row(const struct canvas *c, struct spot at, const struct station *s, bool last)
{
    unsigned ink = s->bad ? INK_BAD : s->reached ? s->ink : (unsigned)INK_DIM;
    struct box box = {at.x + 62, at.y, 104, 19};
    struct type value = {FACE_CODE_BOLD, 12};
    canvas_text(c, at.x, at.y + 13.5f, ALIGN_LEFT, TYPE_LABEL, INK_DIM,
                !strcmp(s->title, "page directory entry") ? "PDE"
                : !strcmp(s->title, "page table entry")   ? "PTE"
                                                          : s->title);
    canvas_fill(c, box, s->reached ? ink | INK_SOFT : (unsigned)INK_PANEL, 4);
    canvas_frame(c, box, ink, 4, s->bad ? 2 : 1);
    canvas_text(c, box.x + box.w / 2, at.y + 13.5f, ALIGN_MIDDLE, value, ink,
                s->reached ? s->value : "not reached");
    if (s->bad) canvas_mark(c, box.x + box.w + 10, at.y + 10, 9, MARK_BAD);
    float x = box.x + box.w + (s->bad ? 22 : 10), room = at.x + at.width - x;
    float w = canvas_width(c, TYPE_LABEL, s->below);
    struct type words = TYPE_LABEL;
    if (w > room && w > 0) words.size *= room / w;
    if (s->reached) canvas_text(c, x, at.y + 13.5f, ALIGN_LEFT, words, INK_DIM, s->below);
    if (!last)
        canvas_line(c, box.x + box.w / 2, at.y + box.h, box.x + box.w / 2, at.y + FIGURE_STATION_H,
                    INK_EDGE, 1.5f);
}

static void entry_words(char *to, size_t size, uint32_t at, uint32_t entry)
{
    snprintf(to, size, "at %08x: %s%s%s%s", at, entry & 1 ? "P" : "-", entry & 2 ? " W" : " R",
             entry & 4 ? " U" : " S", entry & 0x20 ? " A" : "");
}

static unsigned stations(struct station s[5], const struct figure_address *a)
{
    const rt386_walk *w = &a->walk;
    const char *end = a->refused ? a->refused : "";
    bool in_segment = strcmp(end, "segment") != 0, in_pde = in_segment && strcmp(end, "pde") != 0;
    unsigned n = 0;
    if (a->segment) {
        s[n] = (struct station){"logical", "", "", INK_TARGET, true, !in_segment};
        snprintf(s[n].value, sizeof s[n].value, "%s:%08x", a->segment, a->offset);
        snprintf(s[n++].below, sizeof s->below, "%s %04x", a->number ? "segment" : "selector",
                 a->seg.selector);
    }
    s[n] = (struct station){"linear", "", "", INK_BASE, in_segment, false};
    snprintf(s[n].value, sizeof s[n].value, "%08x", w->linear);
    if (a->segment) snprintf(s[n].below, sizeof s->below, "base %08x + offset", a->seg.base);
    n++;
    if (w->paging) {
        s[n] = (struct station){"page directory entry", "", "", INK_FLAGS, in_segment,
                                in_segment && !in_pde};
        snprintf(s[n].value, sizeof s[n].value, "%08x", w->pde);
        entry_words(s[n++].below, sizeof s->below, w->pde_at, w->pde);
        s[n] = (struct station){"page table entry",
                                "",
                                "",
                                INK_FLAGS,
                                in_pde && w->pte_valid,
                                in_pde && strcmp(end, "pte") == 0};
        snprintf(s[n].value, sizeof s[n].value, "%08x", w->pte);
        entry_words(s[n++].below, sizeof s->below, w->pte_at, w->pte);
    }
    s[n] = (struct station){"physical", "", "", INK_RIGHTS, !a->refused && w->mapped, false};
    snprintf(s[n].value, sizeof s[n].value, "%08x", w->phys);
    snprintf(s[n++].below, sizeof s->below, "%s",
             w->paging ? "frame + low 12 bits" : "paging is off");
    return n;
}

float figure_address(const struct canvas *c, struct spot at, const struct figure_address *a)
{
    struct station s[5];
    unsigned n = stations(s, a);
    float gap = 22, w = (at.width - gap * (float)(n - 1)) / (float)n;
    if (w > 150) w = 150;
    for (unsigned i = 0; w < STATION_LEAST && i < n; i++)
        station_row(c, (struct spot){at.x, at.y + FIGURE_STATION_H * (float)i, at.width}, &s[i],
                    i + 1 == n);
    if (w < STATION_LEAST) return FIGURE_STATION_H * (float)n;
    for (unsigned i = 0; i < n; i++) {
        float x = at.x + (w + gap) * (float)i;
        if (i) canvas_arrow(c, x - gap + 3, at.y + 30, x - 3, at.y + 30, INK_EDGE);
        station(c, (struct box){x, at.y, w, 60}, &s[i]);
    }
    return 66;
}
