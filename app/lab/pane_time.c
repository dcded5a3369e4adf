/* pane_time.c: a lane for each task: when it ran, the INtime calls it made; exceptions in a lane of their own. */
#include "inside.h"

#include "reg_value.h"

#include <string.h>

#define LANES_MAX 24u

struct lanes {
    uint16_t who[LANES_MAX];
    unsigned n;
    uint64_t from, to; /* clocks */
    struct box at;     /* of the lanes, without their names */
    float h;
};

static unsigned lane_of(struct lanes *s, uint16_t who)
{
    unsigned i = 0;
    while (i < s->n && s->who[i] != who)
        i++;
    if (i == s->n && s->n < LANES_MAX) s->who[s->n++] = who;
    return i < LANES_MAX ? i : LANES_MAX - 1;
}

static float place(const struct lanes *s, uint64_t clocks)
{
    if (clocks <= s->from) return s->at.x;
    if (clocks >= s->to) return s->at.x + s->at.w;
    return s->at.x + s->at.w * (float)((double)(clocks - s->from) / (double)(s->to - s->from));
}

static void span_draw(const struct canvas *c, struct lanes *s, uint16_t who, uint64_t from,
                      uint64_t to)
{
    float y = s->at.y + s->h * (float)lane_of(s, who), x = place(s, from), end = place(s, to);
    if (end - x < 1.5f) end = x + 1.5f;
    canvas_fill(c, (struct box){x, y + 5, end - x, s->h - 9}, INK_BASE | INK_SOFT, 1.5f);
    canvas_fill(c, (struct box){x, y + s->h - 6, end - x, 2}, INK_BASE, 0);
}

/* The task that ran when the first kept entry was made is not known: nothing is drawn for it. */
static void spans(struct lab *l, const struct canvas *c, struct lanes *s)
{
    const struct chronicle *h = l->chronicle;
    uint16_t running = 0;
    uint64_t since = 0;
    for (uint64_t i = chronicle_first(h); i < h->entries; i++) {
        const struct chronicle_entry *e = chronicle_at(h, i);
        if (e->clocks > s->to) break;
        if (e->kind != CHRONICLE_TASK) continue;
        if (running && e->clocks > s->from) span_draw(c, s, running, since, e->clocks);
        running = e->who;
        since = e->clocks;
    }
    if (running) span_draw(c, s, running, since, s->to);
}

static bool shown(const struct lanes *s, const struct chronicle_entry *e)
{
    return e->clocks >= s->from && e->clocks <= s->to &&
           (e->kind == CHRONICLE_CALL || e->kind == CHRONICLE_EVENT);
}

/* From the last to the first: a name is written when it ends before the next mark of its lane. */
static void ticks(struct lab *l, const struct canvas *c, struct lanes *s)
{
    const struct chronicle *h = l->chronicle;
    float next[LANES_MAX];
    for (unsigned i = 0; i < LANES_MAX; i++)
        next[i] = s->at.x + s->at.w;
    for (uint64_t i = h->entries; i > chronicle_first(h); i--) {
        const struct chronicle_entry *e = chronicle_at(h, i - 1);
        if (!shown(s, e)) continue;
        bool call = e->kind == CHRONICLE_CALL;
        unsigned lane = lane_of(s, call ? e->who : 0);
        float x = place(s, e->clocks), y = s->at.y + s->h * (float)lane;
        canvas_line(c, x, y + 4, x, y + s->h - 6, call ? INK_OFFSET : INK_BAD, 1.5f);
        if (x + 8 + canvas_width(c, SMALL, e->name) < next[lane])
            canvas_text(c, x + 4, y + s->h / 2 + 3, ALIGN_LEFT, SMALL, call ? INK_OFFSET : INK_BAD,
                        e->name);
        next[lane] = x;
    }
}

static void names(struct lab *l, const struct canvas *c, const struct lanes *s, float left)
{
    for (unsigned i = 0; i < s->n; i++) {
        rt386_object o = {0};
        float y = s->at.y + s->h * (float)i;
        bool there = s->who[i] && rt386_intime_object(lab_machine(l), s->who[i], &o);
        canvas_line(c, left, y + s->h, s->at.x + s->at.w, y + s->h, INK_RAISED, 1);
        if (!s->who[i])
            canvas_text(c, left, y + s->h / 2 + 4, ALIGN_LEFT, LABEL, INK_BAD, "exceptions");
        else
            putf(c, left, y + s->h / 2 + 4, s->at.x - left - 8, LABEL, INK_TEXT, "%04x %s",
                 s->who[i], there ? *o.name ? o.name : "thread" : "task");
    }
}

/* All there is up to here, or the last part of it when that is long. */
static void range(struct lab *l, struct lanes *s)
{
    const struct chronicle *h = l->chronicle;
    s->to = debugger_place(l->d).clocks;
    s->from = h->entries ? chronicle_at(h, chronicle_first(h))->clocks : 0;
    if (s->from > s->to) s->from = s->to;
    uint64_t seen = 0;
    for (uint64_t i = h->entries; i > chronicle_first(h) && seen < 60; i--) {
        const struct chronicle_entry *e = chronicle_at(h, i - 1);
        if (e->clocks > s->to || e->kind == CHRONICLE_LEAVE) continue;
        s->from = e->clocks;
        seen++;
    }
    if (s->to <= s->from) s->to = s->from + 1;
}

static void lanes_find(struct lab *l, struct lanes *s)
{
    const struct chronicle *h = l->chronicle;
    for (uint64_t i = chronicle_first(h); i < h->entries; i++) {
        const struct chronicle_entry *e = chronicle_at(h, i);
        if (e->clocks < s->from || e->clocks > s->to) continue;
        (void)lane_of(s, e->kind == CHRONICLE_EVENT ? 0 : e->who);
    }
}

void draw_time(struct lab *l, const struct canvas *c, struct box at)
{
    struct lanes s = {0};
    float left = at.x + INSET;
    if (l->chronicle) range(l, &s);
    if (l->chronicle) lanes_find(l, &s);
    if (!s.n) {
        empty(c, at, "no task switch, no INtime call and no exception yet");
        return;
    }
    s.at = (struct box){left + 116, at.y + 2, at.w - 2 * INSET - 116, at.h - 24};
    s.h = s.at.h / (float)s.n;
    if (s.h > 30) s.h = 30;
    if (s.h < 13) s.h = 13;
    spans(l, c, &s);
    names(l, c, &s, left);
    ticks(l, c, &s);
    float y = at.y + at.h - 6;
    canvas_textf(c, s.at.x, y, ALIGN_LEFT, SMALL, INK_DIM, "clock %llu",
                 (unsigned long long)s.from);
    canvas_textf(c, s.at.x + s.at.w, y, ALIGN_RIGHT, SMALL, INK_DIM, "%llu",
                 (unsigned long long)s.to);
}
