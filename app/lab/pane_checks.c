/* pane_checks.c: what the instruction at EIP does and is checked for, step by step, and the way of an address. */
#include "checks.h"
#include "figure.h"
#include "inside.h"
#include "reg_value.h"

#include <math.h>
#include <string.h>

#define RULE ((struct type){FACE_CODE, 11})

static bool refused(const struct look *k)
{
    return k->failed || k->result->fault.raised;
}

static void verdict(const struct look *k, char *to, size_t size)
{
    const rt386_fault *f = k->failed ? NULL : &k->result->fault;
    if (!f)
        snprintf(to, size, "%s", k->failed);
    else if (k->result->end == RT386_ACCOUNT_SHUTDOWN)
        snprintf(to, size, "shutdown");
    else if (f->raised && f->has_error)
        snprintf(to, size, "%s(0x%x)", rt386_vector_mnemonic(f->vector), f->error);
    else if (f->raised)
        snprintf(to, size, "%s", rt386_vector_mnemonic(f->vector));
    else
        snprintf(to, size, "%s",
                 k->result->end == RT386_ACCOUNT_INTERRUPT ? "an interrupt comes first"
                 : k->result->end == RT386_ACCOUNT_IDLE    ? "nothing to do"
                                                           : "goes through");
}

/* The instruction and what becomes of it. */
static float heading(struct lab *l, const struct look *k, const struct canvas *c, struct spot at)
{
    char words[160] = "", end[80];
    if (k->result->has_insn) disasm_text(l->disasm, &k->result->insn, words, sizeof words);
    verdict(k, end, sizeof end);
    float w = canvas_width(c, TYPE_STRONG, end);
    canvas_text(c, at.x + at.width, at.y + 14, ALIGN_RIGHT, TYPE_STRONG,
                refused(k) ? INK_BAD : INK_GOOD, end);
    put(c, at.x, at.y + 14, at.width - w - 12, TYPE_VALUE, INK_TEXT, words);
    return 24;
}

static float change_words(const struct what_if *w, const struct look *now, const struct look *then,
                          const struct canvas *c, struct spot at)
{
    char words[120];
    const struct look *both[] = {now, then};
    static const char *const title[] = {"as it is", "changed"};
    putf(c, at.x, at.y + 14, 150, TYPE_STRONG, INK_TEXT, "What if %04x.%s", w->selector, w->name);
    putf(c, at.x + 156, at.y + 14, at.width - 156, TYPE_SMALL, INK_DIM,
         "%02x %02x %02x %02x %02x %02x %02x %02x", w->after.bytes[0], w->after.bytes[1],
         w->after.bytes[2], w->after.bytes[3], w->after.bytes[4], w->after.bytes[5],
         w->after.bytes[6], w->after.bytes[7]);
    for (unsigned i = 0; i < 2; i++) {
        float x = at.x + at.width / 2 * (float)i, y = at.y + 36;
        verdict(both[i], words, sizeof words);
        canvas_mark(c, x + 6, y - 4, 10, refused(both[i]) ? MARK_BAD : MARK_GOOD);
        canvas_text(c, x + 18, y, ALIGN_LEFT, TYPE_LABEL, INK_DIM, title[i]);
        put(c, x + 70, y, at.width / 2 - 74, TYPE_STRONG, refused(both[i]) ? INK_BAD : INK_GOOD,
            words);
    }
    bool loaded = false;
    for (unsigned i = 0; !now->failed && i < 6; i++) {
        const rt386_seg *s = &now->result->before.seg[i];
        loaded |= s->usable && (s->selector & 0xfffc) == (w->selector & 0xfffc);
    }
    if (now->selector || !loaded) return 48;
    put(c, at.x, at.y + 54, at.width, TYPE_LABEL, INK_DIM,
        "the register keeps what it loaded: a change counts from its next load on");
    return 66;
}

static void line_draw(const struct canvas *c, struct box row, const struct step_line *s)
{
    float x = row.x + INSET + (s->head ? 0 : 18), y = row.y + BASE;
    float right = row.x + row.w - INSET;
    if (s->has_mark && s->mark == MARK_BAD)
        canvas_fill(c, (struct box){row.x + 6, row.y, row.w - 12, row.h}, INK_BAD | INK_SOFT, 3);
    if (s->has_mark) canvas_mark(c, x + 5, row.y + row.h / 2, s->head ? 10 : 9, s->mark);
    x += 17;
    bool section = *s->right && (s->head || row.w > 520);
    if (section) {
        canvas_text(c, right, y, ALIGN_RIGHT, SMALL, s->head ? s->ink : INK_DIM, s->right);
        right -= canvas_width(c, SMALL, s->right) + 8;
    }
    struct type name = s->head ? LABEL_B : RULE;
    if (*s->name) {
        put(c, x, y, right - x, name, s->ink, s->name);
        x += canvas_width(c, name, s->name) + (s->head ? 7 : 9);
    }
    put(c, x, y, right - x, s->head || !*s->name ? LABEL : RULE,
        s->head || s->ink == INK_BAD ? s->ink
        : *s->name                   ? INK_DIM
                                     : s->ink,
        s->words);
}

void draw_checks(struct lab *l, const struct canvas *c, struct box at)
{
    const struct what_if *what;
    const struct look *then;
    struct spot spot = {at.x + INSET, at.y, at.w - 2 * INSET};
    if (l->running) {
        empty(c, at, "the checks are told when the guest stands");
        return;
    }
    const struct look *now = checks_look(l, &what, &then), *k = what ? then : now;
    if (k->failed) {
        empty(c, at, k->failed);
        return;
    }
    float used = what ? change_words(what, now, then, c, spot) : 0;
    used += heading(l, k, c, (struct spot){spot.x, at.y + used, spot.width});
    struct box rest = {at.x, at.y + used, at.w, at.h - used};
    if (!k->lines) {
        put(c, spot.x, rest.y + BASE, spot.width, LABEL, INK_DIM,
            "no selector, no memory: nothing is checked but the fetch");
        return;
    }
    struct rows r = rows_begin(l, c, PANE_CHECKS, rest, k->lines, ROW_H);
    for (unsigned i = r.first; i < r.end; i++)
        line_draw(c, row_box(&r, i), &k->line[i]);
    rows_end(&r);
}

bool checks_follow(struct lab *l, unsigned row)
{
    const struct what_if *what;
    const struct look *then, *now = checks_look(l, &what, &then), *k = what ? then : now;
    if (row >= k->lines || !k->line[row].selector) {
        lab_say(l, true, "this line is about no selector");
        return false;
    }
    return follow_selector(l, k->line[row].selector);
}

/* ---- the address row ------------------------------------------------------------------------------------------- */

/* The page entry that a page fault is about. */
static const char *refusing_entry(const rt386_explanation *why)
{
    for (unsigned i = 0; i < why->count && i < RT386_CHECKS_MAX; i++)
        if (why->checks[i].state == RT386_CHECK_FAILED)
            return strstr(rt386_rule(why->checks[i].rule).name, "PDE") ? "pde" : "pte";
    return "pte";
}

/* In real and V86 mode a register holds the segment's number. */
static void register_bits(struct lab *l, const struct canvas *c, struct spot at, uint16_t value)
{
    if (lab_selectors(l)) {
        figure_selector(c, at, value);
        return;
    }
    putf(c, at.x, at.y + 14, at.width, TYPE_BODY, INK_TEXT,
         "%s: segment %04x, base %04x x 16 = %05x", lab_real(l) ? "real mode" : "V86", value, value,
         value * 16u);
}

/* Of the access that the instruction makes, or that is refused; of its own place when it makes none. */
static struct figure_address way_of(struct lab *l)
{
    static const char *const name[] = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    const rt386 *m = lab_machine(l);
    const struct what_if *what;
    const struct look *then = NULL, *k = l->running ? NULL : checks_look(l, &what, &then);
    if (then) k = then;
    const rt386_step *s = k ? k->access : NULL;
    rt386_segreg reg = s && s->reg <= RT386_GS ? s->reg : RT386_CS;
    struct figure_address a = {.segment = name[reg],
                               .seg = rt386_seg_get(m, reg),
                               .number = !lab_selectors(l),
                               .offset = s && s->reg <= RT386_GS ? s->offset
                                                                 : (uint32_t)reg_value(m, "eip")};
    a.walk = rt386_page_walk(m, a.seg.base + a.offset);
    if (s && s->kind == RT386_STEP_FAULT)
        a.refused = s->why.fault.has_cr2 ? refusing_entry(&s->why) : "segment";
    else if (a.walk.paging && !a.walk.mapped)
        a.refused = a.walk.pte_valid ? "pte" : "pde";
    return a;
}

void draw_address(struct lab *l, const struct canvas *c, struct box at)
{
    struct figure_address a = way_of(l);
    const struct canvas blank = canvas_blank();
    float most = figure_address(&blank, (struct spot){0, 0, at.w - 2 * INSET}, &a) + 2;
    if (most > at.h) { /* whole rows only */
        float rows = floorf((at.h - 2) / FIGURE_STATION_H);
        canvas_clip(c, &(struct box){at.x, at.y, at.w, rows * FIGURE_STATION_H + 2});
    }
    float h = figure_address(c, (struct spot){at.x + INSET, at.y + 2, at.w - 2 * INSET}, &a);
    float left = at.x + INSET + 838 + 28, w = at.x + at.w - INSET - left;
    /* beside it, or below it, the selector bit by bit */
    if (w >= 340) {
        register_bits(l, c, (struct spot){left, at.y, w < 420 ? w : 420}, a.seg.selector);
        return;
    }
    if (at.h < h + 110) return;
    w = at.w - 2 * INSET < 560 ? at.w - 2 * INSET : 560;
    register_bits(l, c, (struct spot){at.x + INSET, at.y + h + 28, w}, a.seg.selector);
}
