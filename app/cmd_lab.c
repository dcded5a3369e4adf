/* cmd_lab.c: rt386 lab: a guest in a window, or in pictures. */
#include "lesson.h"
#include "loop.h"
#include "screen_module.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

struct lab_options {
    struct run_options run;
    const char *lesson, *script, *screenshot, *size, *scale, *palette, *fonts;
    bool stats;
};
#define AT(member) offsetof(struct lab_options, member)

static const struct opt_def lab_options[] = {
    {.name = "lesson",
     .kind = OPT_TEXT,
     .at = AT(lesson),
     .argument = "ID",
     .help =
         "a lesson beside its machine, in place of FILE: its number, its name, or ID:SEED:STEP"},
    {.name = "screenshot",
     .kind = OPT_TEXT,
     .at = AT(screenshot),
     .argument = "FILE",
     .help = "write a picture to FILE, a PNG, when the script is done, or at once; no display is "
             "needed"},
    {.name = "script",
     .letter = 'x',
     .kind = OPT_TEXT,
     .at = AT(script),
     .argument = "FILE",
     .help = "do the commands of FILE, one a line, without a display; also 'screenshot FILE' and "
             "'expect TEXT'"},
    {.name = "size",
     .kind = OPT_TEXT,
     .at = AT(size),
     .argument = "WxH",
     .help = "of the window or picture in pixels; default 1280x800"},
    {.name = "scale",
     .kind = OPT_TEXT,
     .at = AT(scale),
     .argument = "N",
     .help = "everything so many times as large, 0.6 to 4, for a projector; default 1"},
    {.name = "palette",
     .kind = OPT_TEXT,
     .at = AT(palette),
     .argument = "NAME",
     .help = "colours: light (the default), dark, contrast or print"},
    {.name = "fonts",
     .kind = OPT_TEXT,
     .at = AT(fonts),
     .argument = "DIR",
     .help = "look for font files in DIR first; default the environment's RT386_FONTS"},
    {.name = "stats",
     .kind = OPT_FLAG,
     .at = AT(stats),
     .help = "at the end, how long the start took and how many pictures a second there were"},
    {.kind = OPT_END}};

/* ---- the command ------------------------------------------------------------------------------------------- */

static bool want_read(struct app *app, const struct lab_options *o, struct screen_want *want,
                      const struct palette **palette)
{
    char *end = NULL;
    *want = (struct screen_want){.width = 1280,
                                 .height = 800,
                                 .scale = 1,
                                 .window = !o->script && !o->screenshot,
                                 .title = "rt386 lab",
                                 .fonts = o->fonts ? o->fonts : getenv("RT386_FONTS")};
    if (o->size) {
        unsigned long w = strtoul(o->size, &end, 10);
        unsigned long h = *end == 'x' ? strtoul(end + 1, &end, 10) : 0;
        want->width = (unsigned)w;
        want->height = (unsigned)h;
        if (*end || w < 320 || h < 240 || w > 8192 || h > 8192) {
            app_error(app, "lab: --size takes 320x240 to 8192x8192, as 1280x800");
            return false;
        }
    }
    if (o->scale) {
        want->scale = strtof(o->scale, &end);
        if (*end || !(want->scale >= 0.6f && want->scale <= 4)) {
            app_error(app, "lab: --scale takes a number from 0.6 to 4");
            return false;
        }
    }
    *palette = o->palette ? palette_named(o->palette) : palette_at(0);
    if (!*palette) app_error(app, "lab: --palette takes light, dark, contrast or print");
    return *palette;
}

static void stats(struct stage *s, uint64_t start)
{
    double n = s->frames ? (double)s->frames : 1;
    app_note(s->lab->app, "start to first picture %.1f ms", (double)start / 1e6);
    app_note(s->lab->app, "left at instruction %llu",
             (unsigned long long)debugger_place(s->lab->d).insns);
    if (s->frames)
        app_note(s->lab->app,
                 "%u pictures while the guest ran: %.1f a second, %.2f ms to draw each, longest "
                 "%.1f ms, %u late",
                 s->frames, n * 1e9 / (double)s->waited, (double)s->drawing / n / 1e6,
                 (double)s->longest / 1e6, s->late);
}

static int stage_run(struct stage *s, const struct lab_options *o, uint64_t begin)
{
    stage_draw(s);
    s->ops->show(s->screen);
    uint64_t start = stage_now() - begin;
    bool good = !o->script || stage_script(s, o->script);
    if (good && o->screenshot) good = stage_save(s, o->screenshot);
    if (!o->script && !o->screenshot) stage_loop(s);
    if (o->stats) stats(s, start);
    return good ? STATUS_OK : o->script ? STATUS_UNEXPECTED : STATUS_USAGE;
}

static const char *title_of(const struct run_options *o)
{
    const char *file = o->bios ? o->bios : o->files ? o->file[0] : "";
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

/* The lab is the caller's; NULL: the host has no memory. */
static int lab_show(struct app *app, struct lab *lab, const struct lab_options *o,
                    const struct screen_ops *ops, uint64_t begin)
{
    struct screen_want want;
    char err[400];
    struct stage stage = {.ops = ops, .lab = lab};
    const struct palette *palette;
    if (!lab) {
        app_error(app, "the host has no memory left");
        return STATUS_USAGE;
    }
    if (!want_read(app, o, &want, &palette)) return STATUS_USAGE;
    lab->palette = palette;
    lab->scale = want.scale;
    stage.screen = ops->open(&want, err, sizeof err);
    if (!stage.screen) {
        app_error(app, "lab: %s", err);
        return STATUS_USAGE;
    }
    int status = stage_run(&stage, o, begin);
    ops->close(stage.screen);
    return status;
}

static int lab_files(struct app *app, const struct lab_options *o, struct chronicle *chronicle,
                     const struct screen_ops *ops, uint64_t begin)
{
    struct session s;
    struct view view = chronicle_view(chronicle);
    if (!session_open(&s, app, &o->run, &view, false)) {
        session_close(&s);
        return s.end.status;
    }
    (void)chronicle_attach(chronicle, s.machine);
    struct sources *sources = sources_new(o->run.file, (unsigned)o->run.files);
    struct lab *lab = lab_new(app, s.machine, chronicle, title_of(&o->run));
    if (lab) lab->sources = sources;
    int status = lab_show(app, lab, o, ops, begin);
    lab_free(lab);
    sources_free(sources);
    session_close(&s);
    return status;
}

static int lab_lesson(struct app *app, const struct lab_options *o, struct chronicle *chronicle,
                      const struct screen_ops *ops, uint64_t begin)
{
    char err[300], title[140];
    rt386_status st;
    struct lesson *lesson = lesson_open(o->lesson, 1, err, sizeof err, &st);
    if (!lesson) {
        app_error(app, "lab: %s", err);
        return st == RT386_E_NOTFOUND ? STATUS_NOT_FOUND : STATUS_REFUSED;
    }
    struct lesson_entry e = lesson_describe(lesson);
    snprintf(title, sizeof title, "Lesson %u: %s", e.number, e.title);
    (void)chronicle_attach(chronicle, lesson_machine(lesson));
    struct lab *lab = lab_new(app, lesson_machine(lesson), chronicle, title);
    if (lab) page_begin(lab, lesson);
    int status = lab_show(app, lab, o, ops, begin);
    lab_free(lab);
    lesson_close(lesson);
    return status;
}

static int lab_run(struct app *app, const struct lab_options *o, uint64_t begin)
{
    const char *why;
    const struct screen_ops *ops = screen_module(&why);
    struct chronicle *chronicle = ops ? chronicle_new() : NULL;
    if (!ops) {
        app_error(app, "lab: this build has no lab: %s", why);
        return STATUS_UNSUPPORTED;
    }
    if (!chronicle) {
        app_error(app, "the host has no memory left");
        return STATUS_USAGE;
    }
    int status = (o->lesson ? lab_lesson : lab_files)(app, o, chronicle, ops, begin);
    chronicle_free(chronicle);
    return app_finish(app, status);
}

static int cmd_lab(struct app *app, const struct command *self, int argc, char **argv)
{
    struct lab_options o = {0};
    struct opt_args args;
    uint64_t begin = stage_now();
    int status = run_options_read(app, self, argc, argv, 0, &o.run, &args);
    const struct run_options *r = &o.run;
    if (status < 0 && (r->max_insns.given || r->timeout.given || r->common.json || r->realtime ||
                       r->gdb || r->record || r->replay || r->crash_report || r->trace)) {
        app_error(app, "lab: you say when to stop, and time passes as the guest's does: leave out "
                       "--max-insns, --timeout, --json, --realtime, --gdb, --record, --replay, "
                       "--trace and --crash-report");
        status = STATUS_USAGE;
    }
    if (status < 0 && o.lesson && r->files) {
        app_error(app, "lab: a lesson has a guest of its own: leave out '%.80s'", r->file[0]);
        status = STATUS_USAGE;
    }
    if (status < 0) status = lab_run(app, &o, begin);
    run_options_free(&o.run);
    return status;
}

const struct command command_lab = {
    .name = "lab",
    .arguments = "FILE... | --lesson=ID [options] [-- guest arguments]",
    .summary = "run a guest in a window that shows segments, tables, pages and checks",
    .examples = "  rt386 lab limit.rta\n"
                "  rt386 lab --scale 1.6 --palette contrast kernel.elf\n"
                "  rt386 lab --lesson 1\n"
                "  rt386 lab --script lecture.txt --screenshot es.png limit.rta\n",
    .details = "'?' shows keys and commands; a script has the same commands. With --script or "
               "--screenshot no display is needed. The exit status is 0, or 1 when a line of the "
               "script was not understood, not done or not as expected, or 122 when this build has "
               "no lab.",
    .options = lab_options,
    .more = guest_options,
    .run = cmd_lab};
