#define _GNU_SOURCE /* asprintf */
#include "lesson_source.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct lesson_source *s;
    const char *at, *end;
    unsigned line;
    struct items *items;    /* where things go now; NULL: before the first step */
    struct ask_source *ask; /* NULL: not in a question */
    struct text paragraph;
    enum item_kind kind; /* of the paragraph */
    unsigned from;       /* its first line */
    bool taken; /* it belongs to a directive: a blank line ends it, indented lines do not */
    char *err;
    size_t err_size;
};

__attribute__((format(printf, 2, 3))) static bool wrong(struct reader *r, const char *format, ...)
{
    va_list list;
    int n = snprintf(r->err, r->err_size, "line %u: ", r->line);
    va_start(list, format);
    if (n > 0 && (size_t)n < r->err_size)
        (void)vsnprintf(r->err + n, r->err_size - (size_t)n, format, list);
    va_end(list);
    return false;
}

static bool no_memory(struct reader *r)
{
    return wrong(r, "the host has no memory left");
}

/* Room for one more of `size` bytes. */
static void *grown(void *at, unsigned n, unsigned *cap, size_t size)
{
    if (n < *cap) return at;
    unsigned more = *cap ? *cap * 2 : 8;
    void *p = realloc(at, more * size);
    if (p) *cap = more;
    return p;
}

static char *copied(const char *s, size_t n)
{
    char *p = malloc(n + 1);
    if (!p) return NULL;
    memcpy(p, s, n);
    p[n] = 0;
    return p;
}

/* The next word of a line; *rest behind it and the blanks that follow. */
static size_t word_of(const char *s, const char **rest)
{
    size_t n = strcspn(s, " \t");
    *rest = s + n + strspn(s + n, " \t");
    return n;
}

/* ---- paragraphs ---------------------------------------------------------------------------------------- */

static bool item_add(struct reader *r, enum item_kind kind, const char *text, size_t n,
                     unsigned line)
{
    struct items *l = r->items;
    struct item *p = grown(l->at, l->n, &l->cap, sizeof *p);
    if (!p) return no_memory(r);
    l->at = p;
    char *copy = copied(text, n);
    if (!copy) return no_memory(r);
    l->at[l->n++] = (struct item){.kind = kind, .text = copy, .line = line};
    return true;
}

static bool paragraph_end(struct reader *r)
{
    struct text *t = &r->paragraph;
    bool good = !t->failed || no_memory(r);
    if (good && t->n) good = item_add(r, r->kind, text_str(t), t->n, r->from);
    text_clear(t);
    r->taken = false;
    return good;
}

static bool paragraph_line(struct reader *r, const char *line)
{
    bool code = !r->taken && line[0] == ' ' && line[1] == ' ';
    enum item_kind kind = code ? ITEM_CODE : r->taken ? r->kind : ITEM_PARAGRAPH;
    if (!r->items) return wrong(r, "text before the first @step");
    if (r->paragraph.n && kind != r->kind && !paragraph_end(r)) return false;
    if (!r->paragraph.n) r->from = r->line;
    r->kind = kind;
    if (r->paragraph.n) text_add(&r->paragraph, code ? "\n" : " ");
    text_add(&r->paragraph, code ? line + 2 : line + strspn(line, " \t"));
    return true;
}

/* ---- the head ------------------------------------------------------------------------------------------ */

static bool word_is_name(const char *s)
{
    if (!*s) return false;
    for (; *s; s++)
        if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '-') return false;
    return true;
}

static bool head_lesson(struct reader *r, const char *rest)
{
    char *end;
    unsigned long n = strtoul(rest, &end, 10);
    const char *name = end + strspn(end, " \t");
    if (end == rest || n > 999 || !word_is_name(name))
        return wrong(r, "say 'lesson NUMBER name', the name of small letters, digits and dashes");
    r->s->number = (unsigned)n;
    free(r->s->id);
    if (asprintf(&r->s->id, "%02lu-%s", n, name) < 0) {
        r->s->id = NULL;
        return no_memory(r);
    }
    return true;
}

static bool head_line(struct reader *r, const char *line)
{
    struct lesson_source *s = r->s;
    const struct {
        const char *word;
        char **to;
    } field[] = {{"title", &s->title}, {"about", &s->about}, {"guest", &s->guest}};
    const char *rest;
    size_t n = word_of(line, &rest);
    if (n == 6 && !strncmp(line, "lesson", n)) return head_lesson(r, rest);
    for (unsigned i = 0; i < 3; i++) {
        if (n != strlen(field[i].word) || strncmp(line, field[i].word, n) != 0) continue;
        if (!*rest) return wrong(r, "'%s' has nothing behind it", field[i].word);
        free(*field[i].to);
        *field[i].to = copied(rest, strlen(rest));
        return *field[i].to || no_memory(r);
    }
    return wrong(r, "before the first @step only lesson, title, about and guest");
}

static bool head_complete(struct reader *r)
{
    const struct lesson_source *s = r->s;
    const char *missing = !s->id      ? "lesson"
                          : !s->title ? "title"
                          : !s->about ? "about"
                          : !s->guest ? "guest"
                                      : NULL;
    return !missing || wrong(r, "the line '%s ...' is missing before the first @step", missing);
}

/* ---- steps and questions ------------------------------------------------------------------------------- */

static bool at_step(struct reader *r, const char *rest)
{
    struct lesson_source *s = r->s;
    const char *title;
    size_t n = word_of(rest, &title);
    if (!head_complete(r)) return false;
    struct step_source *p = grown(s->step, s->steps, &s->steps_cap, sizeof *p);
    if (!p) return no_memory(r);
    s->step = p;
    p += s->steps;
    *p = (struct step_source){
        .line = r->line, .name = copied(rest, n), .title = copied(title, strlen(title))};
    s->steps++;
    if (!p->name || !p->title) return no_memory(r);
    if (!word_is_name(p->name) || !*p->title) return wrong(r, "say '@step name Title in words'");
    for (unsigned i = 0; i + 1 < s->steps; i++)
        if (!strcmp(s->step[i].name, p->name))
            return wrong(r, "there is a step '%s' already, in line %u", p->name, s->step[i].line);
    r->items = &p->items;
    r->ask = NULL;
    return true;
}

static const struct {
    const char *word;
    enum lesson_question_kind kind;
    bool check, pushes;
} ask_kinds[] = {{"number", LESSON_NUMBER, false, false}, {"fault", LESSON_FAULT, false, false},
                 {"choice", LESSON_CHOICE, false, false}, {"check", LESSON_CHOICE, true, false},
                 {"bytes", LESSON_BYTES, false, false},   {"order", LESSON_ORDER, false, false},
                 {"pushes", LESSON_ORDER, false, true},   {"changes", LESSON_SET, false, false}};
#define ASK_KINDS (sizeof ask_kinds / sizeof *ask_kinds)

static bool at_ask(struct reader *r, const char *rest)
{
    const char *points;
    size_t n = word_of(rest, &points);
    char *end;
    unsigned long worth = strtoul(points, &end, 10);
    unsigned k = 0;
    while (k < ASK_KINDS &&
           (strlen(ask_kinds[k].word) != n || strncmp(ask_kinds[k].word, rest, n) != 0))
        k++;
    if (!r->s->steps) return wrong(r, "@ask before the first @step");
    if (k == ASK_KINDS || *end || worth > 100)
        return wrong(r, "say '@ask KIND POINTS', KIND one of number, fault, choice, check, bytes, "
                        "order, pushes, changes");
    struct step_source *step = r->s->step + r->s->steps - 1;
    struct ask_source *p = grown(step->ask, step->asks, &step->asks_cap, sizeof *p);
    if (!p) return no_memory(r);
    step->ask = p;
    p += step->asks++;
    *p = (struct ask_source){.kind = ask_kinds[k].kind,
                             .check = ask_kinds[k].check,
                             .pushes = ask_kinds[k].pushes,
                             .points = worth ? (unsigned)worth : 10,
                             .line = r->line};
    r->ask = p;
    r->items = &p->items;
    return true;
}

static const struct {
    const char *word;
    enum item_kind kind;
    bool in_step, in_ask;
    bool paragraph; /* goes on to the next blank line */
} directives[] = {
    {"figure", ITEM_FIGURE, true, false, false}, {"note", ITEM_NOTE, true, false, true},
    {"run", ITEM_RUN, true, false, false},       {"vary", ITEM_VARY, false, true, false},
    {"do", ITEM_DO, false, true, false},         {"try", ITEM_TRY, false, true, false},
    {"form", ITEM_FORM, false, true, false},     {"choice", ITEM_CHOICE, false, true, false},
    {"answer", ITEM_ANSWER, false, true, false}, {"hint", ITEM_HINT, false, true, true},
    {"explain", ITEM_EXPLAIN, false, true, true}};
#define DIRECTIVES (sizeof directives / sizeof *directives)

static bool directive(struct reader *r, const char *line)
{
    const char *rest;
    size_t n = word_of(line, &rest);
    if (!paragraph_end(r)) return false;
    if (n == 4 && !strncmp(line, "step", n)) return at_step(r, rest);
    if (n == 3 && !strncmp(line, "ask", n)) return at_ask(r, rest);
    for (unsigned i = 0; i < DIRECTIVES; i++) {
        if (strlen(directives[i].word) != n || strncmp(directives[i].word, line, n) != 0) continue;
        if (!r->items || !(r->ask ? directives[i].in_ask : directives[i].in_step))
            return wrong(r, "@%s belongs %s", directives[i].word,
                         directives[i].in_ask ? "in a question, behind @ask"
                                              : "in a step, before its first @ask");
        if (!*rest) return wrong(r, "@%s has nothing behind it", directives[i].word);
        if (!directives[i].paragraph)
            return item_add(r, directives[i].kind, rest, strlen(rest), r->line);
        r->kind = directives[i].kind;
        r->taken = true;
        r->from = r->line;
        text_add(&r->paragraph, rest);
        return true;
    }
    return wrong(r, "@%.*s is no word of a lesson", (int)n, line);
}

/* ---- whole questions ------------------------------------------------------------------------------------ */

static unsigned count_of(const struct items *l, enum item_kind kind)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->n; i++)
        n += l->at[i].kind == kind;
    return n;
}

static bool ask_complete(struct reader *r, const struct ask_source *a)
{
    bool given = a->kind == LESSON_NUMBER || a->kind == LESSON_BYTES ||
                 (a->kind == LESSON_CHOICE && !a->check);
    bool listed = (a->kind == LESSON_CHOICE && !a->check) || a->kind == LESSON_ORDER;
    unsigned choices = count_of(&a->items, ITEM_CHOICE);
    r->line = a->line;
    if (count_of(&a->items, ITEM_ANSWER) != (given ? 1u : 0u))
        return wrong(r, given ? "the question has no @answer, or more than one"
                              : "this kind of question has no @answer: the run is the answer");
    if (listed ? choices < 2 || choices > 12 : choices > 0)
        return wrong(r, listed ? "the question needs 2 to 12 lines @choice"
                               : "this kind of question has no @choice");
    if (!count_of(&a->items, ITEM_PARAGRAPH)) return wrong(r, "the question has no text");
    return true;
}

static bool complete(struct reader *r)
{
    if (!head_complete(r)) return false;
    if (!r->s->steps) return wrong(r, "the lesson has no @step");
    for (unsigned i = 0; i < r->s->steps; i++)
        for (unsigned j = 0; j < r->s->step[i].asks; j++)
            if (!ask_complete(r, r->s->step[i].ask + j)) return false;
    return true;
}

/* ---- the file ------------------------------------------------------------------------------------------- */

static bool one_line(struct reader *r, const char *line)
{
    if (line[0] == '#') return true;
    if (!line[strspn(line, " \t")]) return paragraph_end(r);
    if (line[0] == '@') return directive(r, line + 1);
    return r->s->steps ? paragraph_line(r, line) : head_line(r, line);
}

bool lesson_source_read(struct lesson_source *s, const char *bytes, size_t n, char *err,
                        size_t err_size)
{
    struct reader r = {.s = s, .at = bytes, .end = bytes + n, .err = err, .err_size = err_size};
    struct text line = {0};
    bool good = true;
    *s = (struct lesson_source){0};
    while (good && r.at < r.end) {
        const char *stop = memchr(r.at, '\n', (size_t)(r.end - r.at));
        size_t length = (size_t)((stop ? stop : r.end) - r.at);
        r.line++;
        text_clear(&line);
        text_addn(&line, r.at, length && r.at[length - 1] == '\r' ? length - 1 : length);
        text_trim(&line);
        good = line.failed                         ? no_memory(&r)
               : strlen(text_str(&line)) != line.n ? wrong(&r, "a byte 0: this is no text")
                                                   : one_line(&r, text_str(&line));
        r.at += length + (stop != NULL);
    }
    if (good) good = paragraph_end(&r) && complete(&r);
    text_free(&line);
    text_free(&r.paragraph);
    return good;
}

static void items_free(struct items *l)
{
    for (unsigned i = 0; i < l->n; i++)
        free(l->at[i].text);
    free(l->at);
}

void lesson_source_free(struct lesson_source *s)
{
    for (unsigned i = 0; i < s->steps; i++) {
        struct step_source *p = s->step + i;
        for (unsigned j = 0; j < p->asks; j++)
            items_free(&p->ask[j].items);
        items_free(&p->items);
        free(p->ask);
        free(p->name);
        free(p->title);
    }
    free(s->step);
    free(s->id);
    free(s->title);
    free(s->about);
    free(s->guest);
    *s = (struct lesson_source){0};
}
