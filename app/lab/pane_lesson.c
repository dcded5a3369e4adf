/* pane_lesson.c: a lesson beside the machine that it speaks of: the page of a step, its figures and its questions. */
#include "figure.h"
#include "inside.h"
#include "lesson.h"

#include <stdlib.h>
#include <string.h>

#define LEADING 19.0f
#define AFTER   9.0f /* a paragraph */
#define BODY    ((struct type){FACE_TEXT, 12.5f})

/* ---- text with `code` in it ------------------------------------------------------------------------------------- */

struct flow {
    const struct canvas *c;
    float left, width, x, y;
};

static void word(struct flow *f, const char *s, size_t n, bool code, unsigned ink)
{
    char one[200];
    struct type type = code ? CODE : BODY;
    snprintf(one, sizeof one, "%.*s", (int)(n < sizeof one ? n : sizeof one - 1), s);
    float w = canvas_width(f->c, type, one);
    if (f->x > f->left && f->x + w > f->left + f->width) {
        f->x = f->left;
        f->y += LEADING;
    }
    canvas_text(f->c, f->x, f->y + BASE, ALIGN_LEFT, type, code ? INK_OFFSET : ink, one);
    f->x += w;
}

/* A paragraph; y is then below it. */
static void paragraph(struct flow *f, const char *s, size_t n, unsigned ink)
{
    bool code = false;
    float blank = canvas_width(f->c, BODY, "n") * 0.5f;
    f->x = f->left;
    for (size_t i = 0; i < n;) {
        if (s[i] == '`') {
            code = !code;
            i++;
        } else if (s[i] == ' ' || s[i] == '\n') {
            f->x += f->x > f->left ? blank : 0;
            i++;
        } else {
            size_t k = i;
            while (k < n && s[k] != ' ' && s[k] != '\n' && s[k] != '`')
                k++;
            word(f, s + i, k - i, code, ink);
            i = k;
        }
    }
    f->y += LEADING + AFTER;
}

static void code_line(struct flow *f, const char *s, size_t n)
{
    char line[200];
    snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), s);
    put(f->c, f->left + 10, f->y + BASE, f->width - 10, CODE, INK_TEXT, line);
    f->y += 17;
}

static void lines(struct flow *f, const char *s)
{
    float top = f->y;
    while (*s) {
        size_t n = strcspn(s, "\n");
        code_line(f, s, n);
        s += n + (s[n] == '\n');
    }
    canvas_fill(f->c, (struct box){f->left, top + 2, 2, f->y - top}, INK_EDGE, 1);
    f->y += AFTER;
}

/* Paragraphs with empty lines between them; those that begin with four blanks stay as they are. */
static void paragraphs(struct flow *f, const char *s, unsigned ink)
{
    while (*s) {
        const char *end = strstr(s, "\n\n");
        size_t n = end ? (size_t)(end - s) : strlen(s);
        if (!strncmp(s, "    ", 4)) {
            for (size_t i = 0; i < n;) {
                size_t k = strcspn(s + i, "\n");
                code_line(f, s + i, k);
                i += k + 1;
            }
            f->y += AFTER;
        } else {
            paragraph(f, s, n, ink);
        }
        s += n + (end ? 2 : 0);
        s += strspn(s, "\n");
    }
}

/* ---- blocks and questions ------------------------------------------------------------------------------------------ */

static void block(struct lab *l, struct flow *f, unsigned i, const struct lesson_block *b)
{
    float h = 0;
    switch (b->kind) {
    case LESSON_PARAGRAPH: paragraphs(f, b->text, INK_TEXT); break;
    case LESSON_CODE: lines(f, b->text); break;
    case LESSON_NOTE: break; /* for the instructor, who has them in his export */
    case LESSON_FIGURE:
        if (*b->caption) {
            put(f->c, f->left, f->y + BASE, f->width, LABEL, INK_DIM, b->caption);
            f->y += ROW_H + 2;
        }
        h = lesson_figure_draw(l->lesson, i, f->c, f->left, f->y, f->width);
        if (h > 0)
            f->y += h + AFTER;
        else
            lines(f, b->text);
        break;
    }
}

static void answered(struct flow *f, const struct lesson_question *q)
{
    bool right = q->mark == LESSON_RIGHT;
    canvas_mark(f->c, f->left + 6, f->y + 9, 11, right ? MARK_GOOD : MARK_BAD);
    putf(f->c, f->left + 20, f->y + BASE, f->width - 20, LABEL_B, right ? INK_GOOD : INK_BAD,
         "%s: %s", right ? "right" : "wrong", q->answer);
    f->y += ROW_H;
    if (!right) {
        putf(f->c, f->left + 20, f->y + BASE, f->width - 20, LABEL, INK_TEXT, "it is %s",
             q->correct);
        f->y += ROW_H;
    }
    f->y += 4;
    if (*q->why) paragraphs(f, q->why, INK_DIM);
}

static void question(struct lab *l, struct flow *f, unsigned i)
{
    struct lesson_question q;
    if (!lesson_question(l->lesson, i, &q)) return;
    float top = f->y;
    f->left += 14;
    f->width -= 14;
    putf(f->c, f->left, f->y + BASE, f->width, LABEL_B, INK_FOCUS, "Question %u, %u point%s", i + 1,
         q.points, q.points == 1 ? "" : "s");
    f->y += ROW_H + 3;
    paragraphs(f, q.text, INK_TEXT);
    for (unsigned k = 0; k < q.choices; k++) {
        canvas_textf(f->c, f->left, f->y + BASE, ALIGN_LEFT, LABEL_B, INK_TEXT, "%c", 'A' + k);
        struct flow in = {f->c, f->left + 20, f->width - 20, 0, f->y};
        paragraph(&in, q.choice[k], strlen(q.choice[k]), INK_TEXT);
        f->y = in.y - AFTER + 3;
    }
    if (q.mark != LESSON_OPEN) {
        answered(f, &q);
    } else {
        if (i < LAB_HINTS && l->hint[i]) paragraphs(f, l->hint[i], INK_LIMIT);
        paragraph(f, q.form, strlen(q.form), INK_DIM);
        f->y -= AFTER - 2;
        putf(f->c, f->left, f->y + BASE, f->width, LABEL, INK_FOCUS, "A answers%s",
             q.hints_seen < q.hints ? "; H gives a hint, which costs" : "");
        f->y += ROW_H;
    }
    f->left -= 14;
    f->width += 14;
    canvas_fill(f->c, (struct box){f->left, top + 2, 3, f->y - top - 2}, INK_FOCUS, 1.5f);
    f->y += AFTER + 4;
}

static void navigation(struct lab *l, struct flow *f)
{
    unsigned step = lesson_step(l->lesson), steps = lesson_steps(l->lesson);
    float x = f->left;
    if (step) {
        lab_hit(l, PANE_LESSON, (struct box){x, f->y, 70, 18}, "page back", "");
        x += chip(f->c, x, f->y, "< back", INK_FOCUS, true) + 8;
    }
    if (step + 1 < steps) {
        lab_hit(l, PANE_LESSON, (struct box){x, f->y, 70, 18}, "page next", "");
        x += chip(f->c, x, f->y, "next >", INK_FOCUS, true) + 8;
    } else {
        struct lesson_result r = lesson_result(l->lesson);
        putf(f->c, x + 4, f->y + BASE, f->width, LABEL_B, INK_TEXT,
             "%u of %u points, %u of %u questions right", r.points, r.of, r.right, r.questions);
    }
    f->y += ROW_H + AFTER;
}

void draw_lesson(struct lab *l, const struct canvas *c, struct box at)
{
    struct lab_pane *p = &l->pane[PANE_LESSON];
    if (!l->lesson) {
        empty(c, at, "no lesson is open: rt386 lab --lesson 1");
        return;
    }
    const struct lesson_page *page = lesson_page(l->lesson);
    float begin = at.y + 4 - ROW_H * (float)p->top;
    struct flow f = {c, at.x + INSET, at.w - 2 * INSET - 6, 0, begin};
    canvas_textf(c, at.x + at.w - INSET, f.y + BASE, ALIGN_RIGHT, LABEL, INK_DIM, "%u of %u",
                 lesson_step(l->lesson) + 1, lesson_steps(l->lesson));
    put(c, f.left, f.y + BASE + 1, f.width - 50, (struct type){FACE_BOLD, 15}, INK_TEXT,
        page->title);
    f.y += 32;
    for (unsigned i = 0; i < page->blocks; i++)
        block(l, &f, i, &page->block[i]);
    for (unsigned i = 0; i < page->questions; i++)
        question(l, &f, i);
    navigation(l, &f);
    p->shown = (unsigned)(at.h / ROW_H);
    p->rows = (unsigned)((f.y - begin) / ROW_H) + 1;
    if (p->top + p->shown > p->rows) p->top = p->rows > p->shown ? p->rows - p->shown : 0;
    p->selected = p->top;
    const struct rows bar = {l, c, PANE_LESSON, at, ROW_H, 0, 0};
    rows_end(&bar);
}

/* ---- commands --------------------------------------------------------------------------------------------------------- */

static bool no_lesson(struct lab *l)
{
    if (!l->lesson) lab_say(l, true, "no lesson is open: rt386 lab --lesson 1");
    return !l->lesson;
}

/* Questions are asked of the machine as the step left it, so before anybody moves it. */
static void step_begin(struct lab *l)
{
    struct lesson_question q;
    for (unsigned i = 0; i < lesson_page(l->lesson)->questions; i++)
        (void)lesson_question(l->lesson, i, &q);
    memset(l->hint, 0, sizeof l->hint);
    l->pane[PANE_LESSON].top = l->pane[PANE_LESSON].selected = 0;
}

void page_begin(struct lab *l, struct lesson *lesson)
{
    l->lesson = lesson;
    step_begin(l);
    lab_focus(l, PANE_LESSON);
}

/* "next", "back", a step's name or number. The machine becomes another one: what stopped the old one is forgotten. */
bool page_turn(struct lab *l, const char *rest)
{
    char *end;
    if (no_lesson(l)) return false;
    unsigned now = lesson_step(l->lesson), n = lesson_steps(l->lesson), to = n;
    if (!*rest || !strcmp(rest, "next")) to = now + 1;
    if (!strcmp(rest, "back")) to = now ? now - 1 : n;
    unsigned long number = strtoul(rest, &end, 10);
    if (end != rest && !*end && number) to = (unsigned)number - 1;
    for (unsigned i = 0; i < n; i++)
        if (*rest && !strcmp(lesson_step_name(l->lesson, i), rest)) to = i;
    if (to >= n) {
        lab_say(l, true, "page: there is no such step; next, back, a name or 1 to %u", n);
        return false;
    }
    if (l->chronicle) l->chronicle->entries = 0;
    debugger_free(l->d);
    l->d = NULL;
    bool there = lesson_go(l->lesson, to);
    rt386 *m = lesson_machine(l->lesson);
    if (l->chronicle) (void)chronicle_attach(l->chronicle, m);
    if (!lab_put_machine(l, m)) return false;
    step_begin(l);
    lab_say(l, !there, "%s", there ? "" : lesson_error(l->lesson));
    return there;
}

static bool question_read(struct lab *l, const char **rest, unsigned *index)
{
    char *end;
    unsigned long n = strtoul(*rest, &end, 10);
    if (end == *rest || !n || n > lesson_page(l->lesson)->questions) {
        lab_say(l, true, "name a question of this page by its number, 1 to %u",
                lesson_page(l->lesson)->questions);
        return false;
    }
    *index = (unsigned)n - 1;
    *rest = end + strspn(end, " ");
    return true;
}

bool page_answer(struct lab *l, const char *rest)
{
    unsigned i;
    struct lesson_question q;
    if (no_lesson(l) || !question_read(l, &rest, &i)) return false;
    if (!lesson_answer(l->lesson, i, rest, &q)) {
        lab_say(l, true, "%s", lesson_error(l->lesson));
        return false;
    }
    lab_say(l, false, "question %u: %s", i + 1, q.mark == LESSON_RIGHT ? "right" : "wrong");
    return true;
}

bool page_hint(struct lab *l, const char *rest)
{
    unsigned i;
    if (no_lesson(l) || !question_read(l, &rest, &i)) return false;
    const char *hint = lesson_hint(l->lesson, i);
    if (!hint) {
        lab_say(l, true, "there is no other hint for question %u", i + 1);
        return false;
    }
    if (i < LAB_HINTS) l->hint[i] = hint;
    return true;
}

unsigned page_open_question(const struct lab *l)
{
    struct lesson_question q;
    for (unsigned i = 0; l->lesson && i < lesson_page(l->lesson)->questions; i++)
        if (lesson_question(l->lesson, i, &q) && q.mark == LESSON_OPEN) return i + 1;
    return 0;
}
