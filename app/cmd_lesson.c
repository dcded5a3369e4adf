/* cmd_lesson.c: rt386 lesson: list, run, key, try, export. */
#include "lesson_cmd.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct opt_def lesson_opts[] = {
    {.name = "seed",
     .kind = OPT_NUM,
     .at = offsetof(struct lesson_options, seed),
     .argument = "N",
     .help = "the same seed asks the same questions (default 1)"},
    {.name = "answers",
     .kind = OPT_TEXT,
     .at = offsetof(struct lesson_options, answers),
     .argument = "FILE",
     .help = "run: answers, one a line: load.1 0x18; - is standard input"},
    {.name = "result",
     .kind = OPT_TEXT,
     .at = offsetof(struct lesson_options, result),
     .argument = "FILE",
     .help = "run: write what was answered, and the points, as JSON"},
    {.name = "from",
     .kind = OPT_TEXT,
     .at = offsetof(struct lesson_options, from),
     .argument = "STEP",
     .help = "run: begin at this step, by name or number"},
    {.name = "notes",
     .kind = OPT_FLAG,
     .at = offsetof(struct lesson_options, notes),
     .help = "run, export: with the instructor's notes"},
    {.name = "all",
     .kind = OPT_FLAG,
     .at = offsetof(struct lesson_options, all),
     .help = "export: every lesson"},
    {.name = "out",
     .letter = 'o',
     .kind = OPT_TEXT,
     .at = offsetof(struct lesson_options, out),
     .argument = "DIR",
     .help = "export: the folder for ID.html (default: the current one)"},
    {.kind = OPT_END}};

/* ---- list ------------------------------------------------------------------------------------------------- */

static void list_json(struct text *t)
{
    struct lesson_entry e;
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", "rt386-lessons/1");
    json_open(&j, "lessons", '[');
    for (unsigned i = 0; lesson_at(i, &e); i++) {
        json_open(&j, NULL, '{');
        json_num(&j, "number", e.number);
        json_str(&j, "id", e.id);
        json_str(&j, "title", e.title);
        json_str(&j, "about", e.about);
        json_num(&j, "steps", e.steps);
        json_num(&j, "questions", e.questions);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    text_add(t, "\n");
}

static void list_text(struct text *t)
{
    struct lesson_entry e;
    for (unsigned i = 0; lesson_at(i, &e); i++) {
        text_addf(t, "%2u  %s\n    ", e.number, e.title);
        text_wrap(t, e.about, 4, TEXT_WIDTH);
        text_addf(t, "    %s: %u steps, %u questions\n", e.id, e.steps, e.questions);
    }
}

static int list(struct app *app, const struct lesson_options *o)
{
    struct text t = {0};
    if (o->common.json)
        list_json(&t);
    else
        list_text(&t);
    app_put(app, &t);
    text_free(&t);
    return STATUS_OK;
}

/* ---- one lesson --------------------------------------------------------------------------------------------- */

/* NULL: a sentence was printed, and *status says what to leave with. */
static struct lesson *opened(struct app *app, const struct lesson_options *o, const char *id,
                             int *status)
{
    char err[500];
    rt386_status why;
    if ((o->from || o->seed.given) && lesson_is_permalink(id)) {
        app_error(app, "lesson: '%.80s' has its own seed and step; leave out --seed and --from",
                  id);
        *status = STATUS_USAGE;
        return NULL;
    }
    struct lesson *l =
        lesson_open_at(id, o->seed.given ? o->seed.value : 1, o->from, err, sizeof err, &why);
    if (!l) {
        app_error(app, "lesson: %s", err);
        *status = app_file_status(why);
    }
    return l;
}

static int run(struct app *app, const struct lesson_options *o, const char *id)
{
    int status;
    struct lesson *l = opened(app, o, id, &status);
    if (!l) return status;
    bool person = !o->answers && isatty(STDIN_FILENO) && isatty(fileno(app->out));
    status = person ? lesson_talk(app, l, o) : lesson_grade(app, l, o);
    lesson_close(l);
    return status;
}

static bool key_step(struct lesson *l, struct text *t)
{
    struct lesson_question q;
    for (unsigned i = 0; i < lesson_page(l)->questions; i++) {
        if (!lesson_reveal(l, i, &q)) return false;
        text_addf(t, "%s %s\n", q.id, q.correct);
    }
    return true;
}

static int key(struct app *app, const struct lesson_options *o, const char *id)
{
    int status = STATUS_OK;
    struct lesson *l = opened(app, o, id, &status);
    struct text t = {0};
    if (!l) return status;
    bool good = true;
    for (unsigned i = lesson_step(l); good && i < lesson_steps(l); i++)
        good = lesson_go(l, i) && key_step(l, &t);
    if (!good) app_error(app, "lesson: %s", lesson_error(l));
    if (good) app_put(app, &t);
    text_free(&t);
    lesson_close(l);
    return good ? STATUS_OK : STATUS_REFUSED;
}

/* ---- own values ------------------------------------------------------------------------------------------------- */

static int try(struct app *app, const struct lesson_options *o, const struct opt_args *args)
{
    int status = STATUS_OK;
    struct text values = {0};
    if (args->words < 3) {
        app_error(app, "lesson try: name a question, as 'rt386 lesson try 1 load.1 s=0x33'");
        return STATUS_USAGE;
    }
    struct lesson *l = opened(app, o, args->word[1], &status);
    if (!l) return status;
    for (int i = 3; i < args->words; i++)
        text_addf(&values, "%s%s", i > 3 ? "," : "", args->word[i]);
    status = lesson_try_one(app, l, args->word[2], values.n ? text_str(&values) : NULL);
    text_free(&values);
    lesson_close(l);
    return status;
}

/* ---- export --------------------------------------------------------------------------------------------------- */

static bool export_write(struct app *app, const char *path, const struct text *t)
{
    FILE *f = fopen(path, "we");
    bool good = f && fwrite(t->p, 1, t->n, f) == t->n;
    if (f && fclose(f)) good = false;
    if (!good) app_error(app, "'%.160s' cannot be written: %s", path, strerror(errno));
    return good;
}

/* DIR/ID.html */
static int lesson_export(struct app *app, struct lesson *l, const struct lesson_options *o)
{
    struct text page = {0}, path = {0};
    struct lesson_entry e = lesson_describe(l);
    text_addf(&path, "%s/%s.html", o->out ? o->out : ".", e.id);
    int status = STATUS_OK;
    if (!lesson_html(l, o->notes, &page)) {
        app_error(app, "lesson: %s", lesson_error(l));
        status = STATUS_REFUSED;
    } else if (!export_write(app, text_str(&path), &page))
        status = STATUS_USAGE;
    if (status == STATUS_OK) app_note(app, "%s is written", text_str(&path));
    text_free(&page);
    text_free(&path);
    return status;
}

static int export_one(struct app *app, const struct lesson_options *o, const char *id)
{
    int status = STATUS_OK;
    struct lesson *l = opened(app, o, id, &status);
    if (!l) return status;
    status = lesson_export(app, l, o);
    lesson_close(l);
    return status;
}

static int export(struct app *app, const struct lesson_options *o, const char *id)
{
    struct lesson_entry e;
    int status = STATUS_OK;
    if (o->out && mkdir(o->out, 0777) && errno != EEXIST) {
        app_error(app, "lesson export: the folder '%.120s' cannot be made: %s", o->out,
                  strerror(errno));
        return STATUS_USAGE;
    }
    if (!o->all) return export_one(app, o, id);
    for (unsigned i = 0; status == STATUS_OK && lesson_at(i, &e); i++)
        status = export_one(app, o, e.id);
    return status;
}

/* ---- the command ------------------------------------------------------------------------------------------------ */

static int cmd_lesson(struct app *app, const struct command *self, int argc, char **argv)
{
    struct lesson_options o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    const char *action = args.words ? args.word[0] : "";
    const char *id = args.words > 1 ? args.word[1] : NULL;
    if (!strcmp(action, "list")) return app_finish(app, list(app, &o));
    bool export_it = !strcmp(action, "export");
    bool try_it = !strcmp(action, "try");
    if (strcmp(action, "run") != 0 && strcmp(action, "key") != 0 && !export_it && !try_it) {
        app_error(app, "lesson: say what to do: list, run ID, key ID, try ID QUESTION, export ID");
        return STATUS_USAGE;
    }
    if (!id && !(export_it && o.all)) {
        app_error(app, "lesson %s: name a lesson; 'rt386 lesson list' has them", action);
        return STATUS_USAGE;
    }
    status = export_it                ? export(app, &o, id)
             : try_it                 ? try(app, &o, &args)
             : !strcmp(action, "run") ? run(app, &o, id)
                                      : key(app, &o, id);
    return app_finish(app, status);
}

const struct command command_lesson = {
    .name = "lesson",
    .arguments = "list|run ID|key ID|export ID|try ID QUESTION [options]",
    .summary = "read a lesson, predict what the processor does, and see whether it does",
    .examples = "  rt386 lesson list                         what there is\n"
                "  rt386 lesson run selectors                read and answer, at a terminal\n"
                "  rt386 lesson run 1 --seed 7 --answers FILE --result FILE\n"
                "                                            graded, without a terminal\n"
                "  rt386 lesson run 01-selectors:7:load      a permalink: seed 7, step load\n"
                "  rt386 lesson key 1 --seed 7               the right answers\n"
                "  rt386 lesson try 1 load.1 s=0x33          a question with a value of your own\n"
                "  rt386 lesson export --all -o pages        one HTML file each\n",
    .details =
        "ID is a number, a name, a permalink ID:SEED:STEP, or the path of a lesson of your own, "
        "as ./mine.lesson.\n\nNo answer is stored anywhere: each question is put to a copy of the "
        "emulated machine, which runs on and shows what is right.\n\nWithout a terminal, or with "
        "--answers, nothing is asked: answers are read, one a line, question first "
        "(load.1 0x18); a line 'load.1 ?' takes a hint and its cost. The status is 0 when all "
        "answers are right, 1 when one is wrong or missing, 125 when the answers cannot be "
        "read, 126 when the lesson has a mistake, 127 when there is no such lesson.",
    .options = lesson_opts,
    .run = cmd_lesson};
