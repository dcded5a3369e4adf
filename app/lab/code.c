/* code.c: instructions around a place, and the pane that lists them. */
#include "inside.h"

#include "reg_value.h"
#include "running.h"

#include <string.h>

#define BACK_MOST 48u /* bytes that are tried to find where instructions before a place begin */

const char *code_symbol(const struct lab *l, uint32_t eip, uint32_t *behind)
{
    return running_symbol(lab_machine(l), eip, behind);
}

unsigned code_insn(const struct lab *l, uint32_t eip, rt386_insn_event *e)
{
    return running_insn(lab_machine(l), l->disasm, eip, e);
}

/* How many instructions lie from `from` to `eip`, when one begins exactly there; 0: none does. starts: where, the last ones. */
static unsigned chain(const struct lab *l, uint32_t from, uint32_t eip, uint32_t *start,
                      unsigned most)
{
    unsigned n = 0;
    rt386_insn_event e;
    for (uint32_t at = from; at != eip; at += e.length) {
        if (at > eip || !code_insn(l, at, &e)) return 0;
        if (n == most) {
            memmove(start, start + 1, (most - 1) * sizeof *start);
            n--;
        }
        start[n++] = at;
    }
    return n;
}

uint32_t code_above(const struct lab *l, uint32_t eip, unsigned lines)
{
    uint32_t start[32];
    if (lines > 32) lines = 32;
    for (uint32_t back = BACK_MOST; back && lines; back--) {
        if (back > eip) continue;
        uint32_t from = eip - back, behind = 0;
        /* not into what comes before the function */
        const char *here = code_symbol(l, eip, &behind);
        if (here && behind && behind < back) continue;
        unsigned n = chain(l, from, eip, start, 32);
        if (n) return start[n > lines ? n - lines : 0];
    }
    return eip;
}

void code_scroll(struct lab *l, int rows)
{
    rt386_insn_event e;
    l->code_elsewhere = true;
    for (; rows < 0; rows++) {
        uint32_t above = code_above(l, l->code_top, 1);
        l->code_top = above != l->code_top ? above : l->code_top - (l->code_top > 0);
    }
    for (; rows > 0 && code_insn(l, l->code_top, &e); rows--)
        l->code_top += e.length;
}

void code_select(struct lab *l, int rows)
{
    rt386_insn_event e;
    l->code_elsewhere = true;
    if (rows < 0) {
        uint32_t above = code_above(l, l->code_at, 1);
        l->code_at = above != l->code_at ? above : l->code_at - (l->code_at > 0);
        if (l->code_at < l->code_top) l->code_top = l->code_at;
    } else if (code_insn(l, l->code_at, &e)) {
        l->code_at += e.length;
    }
}

#define FUNCTION_MOST 100000u /* instructions of one */

/* The last instruction before another name begins. */
static uint32_t function_last(struct lab *l, const char *name, uint32_t first)
{
    rt386_insn_event e;
    uint32_t at = first, last = first;
    for (unsigned i = 0; i < FUNCTION_MOST && code_insn(l, at, &e); i++, at += e.length) {
        if (!e.symbol || strcmp(e.symbol, name) != 0) break;
        last = at;
    }
    return last;
}

bool code_end(struct lab *l, bool last)
{
    uint32_t behind = 0, eip = (uint32_t)reg_value(lab_machine(l), "eip");
    const char *name = code_symbol(l, l->code_at, &behind);
    char kept[80];
    if (!name && last) {
        lab_say(l, true, "no name is known here, so no end either; 'at ADDRESS' goes anywhere");
        return false;
    }
    if (!name) {
        l->code_at = eip;
        lab_say(l, false, "no name is known here: to where the guest stands");
        return true;
    }
    snprintf(kept, sizeof kept, "%s", name);
    l->code_elsewhere = true;
    l->code_at -= behind;
    if (last) l->code_at = function_last(l, kept, l->code_at);
    lab_say(l, false, "%s of %s", last ? "the end" : "the beginning", kept);
    return true;
}

/* ---- the pane ---------------------------------------------------------------------------------------------- */

enum line_kind { LINE_INSN, LINE_NAME, LINE_SOURCE }; /* what begins here; where it comes from */
struct line {
    enum line_kind kind;
    uint32_t eip;
    rt386_insn_event e;
    char text[160];
};
struct lines {
    struct line line[128];
    unsigned n, most;
    struct source_place source; /* of the instruction before */
};

static void line_add(struct lines *s, enum line_kind kind, const rt386_insn_event *e,
                     const char *text)
{
    if (s->n == s->most) return;
    struct line *x = &s->line[s->n++];
    *x = (struct line){.kind = kind, .eip = e->eip, .e = *e};
    snprintf(x->text, sizeof x->text, "%s", text);
}

static void source_add(struct lab *l, struct lines *s, const rt386_insn_event *e)
{
    char words[160];
    const char *text, *slash;
    struct source_place now;
    if (!l->sources || !sources_at(l->sources, lab_machine(l), e->eip, &now, &text)) return;
    bool same = s->source.line == now.line && s->source.file == now.file;
    s->source = now;
    if (same) return;
    slash = strrchr(now.file, '/');
    text = text ? text + strspn(text, " \t") : "";
    snprintf(words, sizeof words, "%s:%u  %.100s", slash ? slash + 1 : now.file, now.line, text);
    line_add(s, LINE_SOURCE, e, words);
}

/* Lines from code_top. `there`: the wanted offset is among them, not in the last two. */
static void lines_make(struct lab *l, struct lines *s, uint32_t wanted, bool *there)
{
    rt386_insn_event e;
    s->n = 0;
    s->source = (struct source_place){0};
    *there = false;
    for (uint32_t at = l->code_top; s->n < s->most && code_insn(l, at, &e); at += e.length) {
        char words[160];
        if (e.symbol && !e.symbol_offset) line_add(s, LINE_NAME, &e, e.symbol);
        source_add(l, s, &e);
        disasm_text(l->disasm, &e, words, sizeof words);
        line_add(s, LINE_INSN, &e, words);
        if (at == wanted) *there = s->n + 2 <= s->most && s->line[s->n - 1].kind == LINE_INSN;
    }
}

static void lines_around(struct lab *l, struct lines *s)
{
    bool there;
    uint32_t eip = (uint32_t)reg_value(lab_machine(l), "eip");
    uint32_t wanted = l->code_elsewhere ? l->code_at : eip;
    lines_make(l, s, wanted, &there);
    if (there) return;
    if (l->code_elsewhere && wanted >= l->code_top) { /* a little further down */
        for (unsigned tries = 0; tries < s->most && !there; tries++) {
            code_scroll(l, 1);
            lines_make(l, s, wanted, &there);
        }
        if (there) return;
    }
    l->code_top = code_above(l, wanted, s->most / 4);
    lines_make(l, s, wanted, &there);
    for (; !there && l->code_top < wanted; lines_make(l, s, wanted, &there)) {
        rt386_insn_event e; /* names and source lines take room as well */
        if (!code_insn(l, l->code_top, &e)) return;
        l->code_top += e.length;
    }
}

struct columns {
    float address, bytes, words, right;
    unsigned shown; /* bytes */
};
static struct columns columns_of(struct box at)
{
    unsigned shown = at.w > 620 ? 10 : at.w > 500 ? 7 : at.w > 400 ? 5 : 0;
    float address = at.x + INSET + 16, bytes = address + 9 * CODE_W + 4;
    float words = bytes + (shown ? (float)(2 * shown + 2) * CODE_W : 4);
    return (struct columns){address, bytes, words, at.x + at.w - INSET, shown};
}

static void draw_bytes(const struct canvas *c, const struct columns *col, float y,
                       const rt386_insn_event *e)
{
    char hex[40] = "";
    unsigned n = e->length < col->shown ? e->length : col->shown;
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * i, sizeof hex - 2 * i, "%02x", e->bytes[i]);
    if (e->length > n) snprintf(hex + 2 * n, sizeof hex - 2 * n, "+");
    if (col->shown) canvas_text(c, col->bytes, y, ALIGN_LEFT, CODE, INK_DIM, hex);
}

/* The mnemonic is what one looks for. */
static void draw_words(const struct canvas *c, const struct columns *col, float y, const char *s)
{
    char word[24];
    size_t n = strcspn(s, " ");
    snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), s);
    canvas_text(c, col->words, y, ALIGN_LEFT, CODE_B, INK_TEXT, word);
    float x = col->words + (float)((n < 5 ? 5 : n) + 1) * CODE_W;
    if (s[n]) put(c, x, y, col->right - x, CODE, INK_TEXT, s + n + 1);
}

static void draw_marks(struct lab *l, const struct canvas *c, struct box at, const struct line *x)
{
    float middle = at.y + ROW_H / 2, left = at.x + INSET;
    uint32_t eip = (uint32_t)reg_value(lab_machine(l), "eip");
    if (lab_point_at(l, x->e.linear))
        canvas_fill(c, (struct box){left, middle - 5, 10, 10}, INK_BAD, 5);
    if (x->eip != eip) return;
    for (float i = 0; i < 9; i += 1) /* a filled arrowhead: told by its shape */
        canvas_fill(c, (struct box){left + 1 + i, middle - 5 + i * 0.6f, 1, 10 - i * 1.2f},
                    INK_FOCUS, 0);
}

static void draw_line(struct lab *l, const struct canvas *c, struct box at,
                      const struct columns *col, const struct line *x)
{
    char once[56];
    float y = at.y + BASE;
    uint32_t eip = (uint32_t)reg_value(lab_machine(l), "eip");
    if (x->kind == LINE_NAME) {
        putf(c, col->address, y, col->right - col->address, LABEL_B, INK_OFFSET, "%s:", x->text);
        return;
    }
    if (x->kind == LINE_SOURCE) {
        put(c, col->address, y, col->right - col->address, CODE, INK_OFFSET, x->text);
        return;
    }
    struct box back = {at.x + 5, at.y, at.w - 10, at.h};
    if (x->eip == eip)
        canvas_fill(c, back, INK_FOCUS | INK_SOFT, 4);
    else if (x->eip == l->code_at && l->focus == PANE_CODE)
        canvas_fill(c, back, INK_RAISED, 4);
    if (x->eip == l->code_at && l->focus == PANE_CODE && l->code_elsewhere)
        canvas_frame(c, back, INK_FOCUS, 4, 1);
    snprintf(once, sizeof once, "select code 0x%x", x->eip);
    lab_hit(l, PANE_CODE, at, once, "break");
    draw_marks(l, c, at, x);
    canvas_textf(c, col->address, y, ALIGN_LEFT, x->eip == eip ? CODE_B : CODE,
                 x->eip == eip ? INK_FOCUS : INK_DIM, "%08x", x->eip);
    draw_bytes(c, col, y, &x->e);
    draw_words(c, col, y, x->text);
}

void draw_code(struct lab *l, const struct canvas *c, struct box at)
{
    struct lines s;
    struct columns col = columns_of(at);
    unsigned most = at.h > ROW_H ? (unsigned)(at.h / ROW_H) : 1;
    s.most = most < 128 ? most : 128;
    lines_around(l, &s);
    l->pane[PANE_CODE].shown = s.most;
    for (unsigned i = 0; i < s.n; i++)
        draw_line(l, c, (struct box){at.x, at.y + (float)i * ROW_H, at.w, ROW_H}, &col, &s.line[i]);
    if (!s.n) empty(c, at, "no memory is where CS:EIP points");
}
