/* lesson_talk.c: a lesson with a person at a terminal, and with a list of answers. */
#include "ctrlc.h"
#include "lesson_cmd.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(struct app *app, struct text *t)
{
    app_put(app, t);
    fflush(app->out);
    text_clear(t);
}

/* ---- the end ------------------------------------------------------------------------------------------------ */

static bool result_write(struct app *app, struct lesson *l, const char *path)
{
    struct text t = {0};
    FILE *f = lesson_result_json(l, &t) ? fopen(path, "we") : NULL;
    bool good = f && fwrite(t.p, 1, t.n, f) == t.n;
    if (f && fclose(f)) good = false;
    if (!good)
        app_error(app, "the result file '%.120s' cannot be written: %s", path, strerror(errno));
    text_free(&t);
    return good;
}

int lesson_end(struct app *app, struct lesson *l, const struct lesson_options *o)
{
    struct lesson_result r = lesson_result(l);
    struct text t = {0};
    text_addf(&t, "%u of %u right, %u of %u points\n", r.right, r.questions, r.points, r.of);
    say(app, &t);
    text_free(&t);
    if (o->result && !result_write(app, l, o->result)) return STATUS_USAGE;
    return r.right == r.questions ? STATUS_OK : STATUS_UNEXPECTED;
}

/* ---- a person ------------------------------------------------------------------------------------------------- */

struct talk {
    struct app *app;
    struct lesson *l;
    const struct lesson_options *o;
    struct text out;
    char *line;
    size_t room;
    struct interrupt ctrlc;
    bool failed; /* the lesson is badly written: a sentence was printed */
};
enum wish { WISH_ON, WISH_BACK, WISH_QUIT };

/* What a student writes is printed at the lecturer's terminal: no byte of it may command that. */
static void tame(char *s)
{
    for (; *s; s++) {
        bool c1 = s[0] == '\xc2' && (unsigned char)s[1] >= 0x80 && (unsigned char)s[1] < 0xa0;
        if (c1) s[1] = '?';
        if (*s == '\t')
            *s = ' ';
        else if (c1 || (unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
    }
}

static char *trimmed(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n && isspace((unsigned char)s[n - 1]))
        s[--n] = 0;
    tame(s);
    return s;
}

/* A terminal hands over one line at a time, so none waits within `stdin`. False: Ctrl-C. */
static bool line_comes(struct talk *k)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!interrupt_poll(&k->ctrlc))
        if (poll(&in, 1, 100)) return true;
    return false;
}

/* NULL: there is no more. */
static char *ask_line(struct talk *k, const char *prompt)
{
    text_add(&k->out, prompt);
    say(k->app, &k->out);
    if (k->app->broken || !line_comes(k) || getline(&k->line, &k->room, stdin) < 0) return NULL;
    return trimmed(k->line);
}

static void hint(struct talk *k, unsigned i)
{
    lesson_hint_text(&k->out, lesson_hint(k->l, i));
}

/* "try 2 s=0x33", "try load.2 s=0x33": a question of this step that has been answered, with other values. */
static void try_values(struct talk *k, const char *words)
{
    struct lesson_question q;
    size_t n = strcspn(words, " ");
    const char *dot = memchr(words, '.', n);
    const char *name = lesson_page(k->l)->name;
    bool here =
        !dot || ((size_t)(dot - words) == strlen(name) && !strncmp(words, name, strlen(name)));
    unsigned long i = strtoul(dot ? dot + 1 : words, NULL, 10);
    if (!here || !i || i > lesson_page(k->l)->questions ||
        !lesson_question(k->l, (unsigned)i - 1, &q))
        text_add(&k->out, "  Say 'try N NAME=VALUE', N the number of a question of this page.\n");
    else if (q.mark == LESSON_OPEN)
        text_addf(&k->out, "  Answer question %s first.\n", q.id);
    else if (!words[n])
        text_addf(&k->out, "  Values of question %s: %s\n", q.id,
                  *lesson_values(k->l, (unsigned)i - 1) ? lesson_values(k->l, (unsigned)i - 1)
                                                        : "it has none");
    else
        (void)lesson_try_text(&k->out, k->l, (unsigned)i - 1, words + n + 1);
}

static enum wish one_question(struct talk *k, unsigned i)
{
    struct lesson_question q;
    if (!lesson_question(k->l, i, &q)) {
        app_error(k->app, "lesson: %s", lesson_error(k->l));
        k->failed = true;
        return WISH_QUIT;
    }
    lesson_question_text(&k->out, &q);
    while (q.mark == LESSON_OPEN) {
        if (q.hints_seen < q.hints)
            text_addf(&k->out, "(? is a hint for %u points; Enter goes on without an answer)\n",
                      q.next_cost);
        char *line = ask_line(k, "> ");
        if (!line || !strcmp(line, "quit")) return WISH_QUIT;
        if (!strcmp(line, "back")) return WISH_BACK;
        if (!*line) return WISH_ON;
        if (!strncmp(line, "try ", 4))
            try_values(k, line + 4);
        else if (!strcmp(line, "?"))
            hint(k, i);
        else if (!lesson_answer(k->l, i, line, &q))
            text_addf(&k->out, "  %s\n", lesson_error(k->l));
        else
            break;
        if (!lesson_question(k->l, i, &q)) return WISH_QUIT;
    }
    lesson_verdict_text(&k->out, &q);
    const char *values = lesson_values(k->l, i);
    if (*values)
        text_addf(&k->out, "  (try %u %.*s=VALUE shows it with a value of your own)\n", i + 1,
                  (int)strcspn(values, ","), values);
    text_add(&k->out, "\n");
    return WISH_ON;
}

static enum wish one_step(struct talk *k)
{
    enum wish wish = WISH_ON;
    unsigned questions = lesson_page(k->l)->questions;
    lesson_page_text(&k->out, k->l, k->o->notes);
    for (unsigned i = 0; wish == WISH_ON && i < questions; i++)
        wish = one_question(k, i);
    if (wish != WISH_ON) return wish;
    for (;;) {
        char *line = ask_line(k, questions ? "(Enter: on; try N NAME=VALUE; back; quit) "
                                           : "(Enter: on; back; quit) ");
        if (!line || !strcmp(line, "quit")) return WISH_QUIT;
        if (strncmp(line, "try ", 4) != 0) return strcmp(line, "back") ? WISH_ON : WISH_BACK;
        try_values(k, line + 4);
    }
}

int lesson_talk(struct app *app, struct lesson *l, const struct lesson_options *o)
{
    struct talk k = {.app = app, .l = l, .o = o};
    unsigned step = lesson_step(l);
    bool good = true;
    interrupt_begin(&k.ctrlc);
    text_add(&k.out,
             "Answers may be hexadecimal or decimal. 'back' goes a step back, 'quit' ends.\n\n");
    for (bool going = true; going;) {
        enum wish wish = one_step(&k);
        if (wish == WISH_BACK && step) step--;
        if (wish == WISH_ON) step++;
        going = wish != WISH_QUIT && step < lesson_steps(l);
        good = !going || lesson_go(l, step);
        going = going && good;
    }
    say(app, &k.out);
    if (!good) app_error(app, "lesson: %s", lesson_error(l));
    text_free(&k.out);
    free(k.line);
    int status = interrupt_status(&k.ctrlc, lesson_end(app, l, o));
    interrupt_end(&k.ctrlc);
    return good && !k.failed ? status : STATUS_REFUSED;
}

/* ---- a list of answers -------------------------------------------------------------------------------------------- */

struct given {
    char *id, *answer; /* answer: "?" takes a hint */
    unsigned line;
    bool used;
};
struct givens {
    struct given *at;
    unsigned n, cap;
};

static void givens_free(struct givens *g)
{
    for (unsigned i = 0; i < g->n; i++)
        free(g->at[i].id);
    free(g->at);
}

static bool given_add(struct givens *g, const char *s, unsigned line)
{
    if (g->n == g->cap) {
        struct given *more = realloc(g->at, (g->cap + 64) * sizeof *more);
        if (!more) return false;
        g->at = more;
        g->cap += 64;
    }
    char *copy = strdup(s);
    if (!copy) return false;
    size_t n = strcspn(copy, " \t:=");
    char *answer = copy + n;
    answer += strspn(answer, " \t:=");
    copy[n] = 0;
    g->at[g->n++] = (struct given){.id = copy, .answer = answer, .line = line};
    return true;
}

static bool givens_read(struct app *app, const char *path, struct givens *g)
{
    bool input = !path || !strcmp(path, "-");
    FILE *f = input ? stdin : fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    bool good = true;
    if (!f) {
        app_error(app, "the answers in '%.120s' cannot be read: %s", path, strerror(errno));
        return false;
    }
    for (unsigned n = 1; good && getline(&line, &room, f) >= 0; n++) {
        bool mark = n == 1 && !strncmp(line, "\xef\xbb\xbf", 3); /* of UTF-8 */
        char *s = trimmed(mark ? line + 3 : line);
        if (*s && *s != '#') good = given_add(g, s, n);
    }
    if (!good) app_error(app, "the host has no memory left");
    if (good && ferror(f)) {
        app_error(app, "the answers in '%.120s' cannot be read: %s", input ? "-" : path,
                  strerror(errno));
        good = false;
    }
    if (!input) fclose(f);
    free(line);
    return good;
}

static void answer_one(struct lesson *l, unsigned i, struct givens *g, struct text *t)
{
    struct lesson_question q;
    if (!lesson_question(l, i, &q)) return;
    lesson_question_text(t, &q);
    for (unsigned k = 0; k < g->n; k++) {
        if (strcmp(g->at[k].id, q.id) != 0) continue;
        g->at[k].used = true;
        if (!strcmp(g->at[k].answer, "?"))
            (void)lesson_hint(l, i);
        else if (!lesson_answer(l, i, g->at[k].answer, &q))
            text_addf(t, "  line %u: %s\n", g->at[k].line, lesson_error(l));
    }
    if (q.mark == LESSON_OPEN) {
        text_add(t, "  Not answered.\n\n");
        return;
    }
    text_addf(t, "> %s\n", q.answer);
    lesson_verdict_text(t, &q);
    text_add(t, "\n");
}

/* The questions of the present step. */
static bool grade_step(struct app *app, struct lesson *l, struct givens *g)
{
    struct text t = {0};
    bool good = true;
    for (unsigned i = 0; good && i < lesson_page(l)->questions; i++) {
        struct lesson_question q;
        good = lesson_question(l, i, &q);
        if (!good) break;
        answer_one(l, i, g, &t);
        if (app->verbosity) say(app, &t);
        text_clear(&t);
    }
    text_free(&t);
    return good;
}

int lesson_grade(struct app *app, struct lesson *l, const struct lesson_options *o)
{
    struct givens g = {0};
    int status = STATUS_USAGE;
    bool good = givens_read(app, o->answers, &g);
    for (unsigned i = lesson_step(l); good && i < lesson_steps(l); i++) {
        good = lesson_go(l, i) && grade_step(app, l, &g);
        if (good) continue;
        app_error(app, "lesson: %s", lesson_error(l));
        status = STATUS_REFUSED;
    }
    if (good) status = lesson_end(app, l, o);
    for (unsigned i = 0; good && i < g.n; i++) {
        if (g.at[i].used) continue;
        app_error(app, "answers, line %u: this lesson asks no question '%.40s'", g.at[i].line,
                  g.at[i].id);
        status = STATUS_USAGE;
    }
    givens_free(&g);
    return status;
}

/* ---- own values --------------------------------------------------------------------------------------------------- */

/* "load.2": its step becomes the present one. */
static bool question_find(struct app *app, struct lesson *l, const char *name, unsigned *index)
{
    const char *dot = strrchr(name, '.');
    char *end = NULL;
    unsigned long n = dot ? strtoul(dot + 1, &end, 10) : 0;
    for (unsigned i = 0; n && !*end && i < lesson_steps(l); i++) {
        const char *step = lesson_step_name(l, i);
        if (strlen(step) != (size_t)(dot - name) || strncmp(step, name, strlen(step)) != 0)
            continue;
        *index = (unsigned)(n - 1);
        if (!lesson_go(l, i)) {
            app_error(app, "lesson: %s", lesson_error(l));
            return false;
        }
        if (n <= lesson_page(l)->questions) return true;
    }
    app_error(app, "lesson: %s asks no question '%.40s'; 'rt386 lesson key %s' names them",
              lesson_describe(l).id, name, lesson_describe(l).id);
    return false;
}

int lesson_try_one(struct app *app, struct lesson *l, const char *question, const char *values)
{
    unsigned i;
    struct text t = {0};
    if (!question_find(app, l, question, &i)) return STATUS_USAGE;
    bool good = lesson_try_text(&t, l, i, values);
    const char *names = lesson_values(l, i);
    if (good && !values)
        text_addf(&t, "Values of your own: %s\n", *names ? names : "this question has none");
    if (good)
        app_put(app, &t);
    else
        app_error(app, "lesson: %s", lesson_error(l));
    text_free(&t);
    return good ? STATUS_OK : STATUS_USAGE;
}
