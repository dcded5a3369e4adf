/* lesson_text.c: pages and questions of a lesson in 80 columns. */
#include "lesson_cmd.h"

#include <stdio.h>
#include <string.h>

/* Lines as they are, indented. */
static void lines(struct text *t, const char *s, const char *indent)
{
    while (*s) {
        size_t n = strcspn(s, "\n");
        if (n) text_addf(t, "%s%.*s", indent, (int)n, s);
        text_add(t, "\n");
        s += n + (s[n] == '\n');
    }
}

/* Words in backquotes are code; a terminal has one font. */
static void wrap(struct text *t, const char *s, unsigned indent)
{
    struct text plain = {0};
    for (; *s; s++)
        if (*s != '`') text_addn(&plain, s, 1);
    text_wrap(t, text_str(&plain), indent, TEXT_WIDTH);
    text_free(&plain);
}

/* Paragraphs, separated by empty lines; what begins with four blanks stays as it is. */
static void paragraphs(struct text *t, const char *s)
{
    while (*s) {
        const char *end = strstr(s, "\n\n");
        size_t n = end ? (size_t)(end - s) : strlen(s);
        struct text one = {0};
        text_addn(&one, s, n);
        if (!strncmp(s, "    ", 4))
            lines(t, text_str(&one), "");
        else
            wrap(t, text_str(&one), 0);
        text_free(&one);
        s += n + (end ? 2 : 0);
        if (*s) text_add(t, "\n");
    }
}

static void block(struct text *t, const struct lesson_block *b)
{
    switch (b->kind) {
    case LESSON_PARAGRAPH: wrap(t, b->text, 0); break;
    case LESSON_CODE: lines(t, b->text, "    "); break;
    case LESSON_FIGURE:
        if (b->caption[0]) wrap(t, b->caption, 0);
        lines(t, b->text, "  ");
        break;
    case LESSON_NOTE:
        text_add(t, "Note: ");
        wrap(t, b->text, 6);
        break;
    }
    text_add(t, "\n");
}

void lesson_page_text(struct text *t, const struct lesson *l, bool notes)
{
    const struct lesson_page *p = lesson_page(l);
    struct lesson_entry e = lesson_describe(l);
    text_addf(t, "Lesson %u, step %u of %u: %s   [%s]\n\n", e.number, lesson_step(l) + 1, e.steps,
              p->title, lesson_permalink(l));
    for (unsigned i = 0; i < p->blocks; i++)
        if (notes || p->block[i].kind != LESSON_NOTE) block(t, &p->block[i]);
}

static void asked_text(struct text *t, const struct lesson_question *q)
{
    paragraphs(t, q->text);
    for (unsigned i = 0; i < q->choices; i++) {
        text_addf(t, "  %c  ", 'A' + i);
        wrap(t, q->choice[i], 5);
    }
}

void lesson_question_text(struct text *t, const struct lesson_question *q)
{
    text_addf(t, "Question %s, %u points\n", q->id, q->points);
    asked_text(t, q);
    text_wrap(t, q->form, 0, TEXT_WIDTH);
}

void lesson_verdict_text(struct text *t, const struct lesson_question *q)
{
    text_add(t, q->mark == LESSON_RIGHT ? "  Right. " : "  Not so. ");
    struct text words = {0};
    if (q->mark != LESSON_RIGHT) text_addf(&words, "The machine says %s. ", q->correct);
    text_add(&words, q->why);
    if (words.n)
        wrap(t, text_str(&words), 2);
    else
        text_add(t, "\n");
    text_free(&words);
}

void lesson_hint_text(struct text *t, const char *hint)
{
    text_add(t, "  ");
    wrap(t, hint ? hint : "There is no further hint.", 2);
}

bool lesson_try_text(struct text *t, struct lesson *l, unsigned i, const char *values)
{
    struct lesson_question q;
    if (!lesson_try(l, i, values, &q)) {
        text_addf(t, "  %s\n", lesson_error(l));
        return false;
    }
    asked_text(t, &q);
    text_add(t, "  ");
    struct text words = {0};
    text_addf(&words, "The machine says %s. %s", q.correct, q.why);
    wrap(t, text_str(&words), 2);
    text_free(&words);
    return true;
}
