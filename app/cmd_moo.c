/* cmd_moo.c: rt386 moo run, show, convert, gen. */
#include "moo_cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool read_hash(const char *s, uint8_t hash[20])
{
    if (strlen(s) < 40) return false;
    for (unsigned i = 0; i < 20; i++) {
        char two[3] = {s[2 * i], s[2 * i + 1], 0}, *end;
        hash[i] = (uint8_t)strtoul(two, &end, 16);
        if (end != two + 2 || two[0] == '-' || two[0] == '+' || two[0] == ' ') return false;
    }
    return true;
}

static bool read_test(const char *s, struct moo_choice *c)
{
    uint64_t n;
    c->one = true;
    if (strlen(s) == 40 && read_hash(s, c->hash)) {
        c->by_hash = true;
        return true;
    }
    if (!opt_number(s, 0, &n) || n > 0xffffffffu) return false;
    c->position = (uint32_t)n;
    return true;
}

/* "2/8": the second of eight parts. */
static bool read_shard(const char *s, struct moo_choice *c)
{
    char *end;
    unsigned long part = strtoul(s, &end, 10);
    if (end == s || *end != '/') return false;
    char *of = end + 1;
    unsigned long parts = strtoul(of, &end, 10);
    if (end == of || *end || !part || part > parts || parts > 1000000) return false;
    c->shard = (uint32_t)part - 1;
    c->shards = (uint32_t)parts;
    return true;
}

/* A list of hashes, one a line; lines that begin with anything else are talk. */
static bool read_revoked(const char *path, struct moo_choice *c)
{
    FILE *f = fopen(path, "r");
    if (!f) return false;
    char line[256];
    uint8_t(*list)[20] = NULL, hash[20];
    size_t n = 0;
    bool good = true;
    while (good && fgets(line, sizeof line, f)) {
        if (!read_hash(line, hash)) continue;
        uint8_t(*more)[20] = realloc(list, (n + 1) * sizeof *list);
        good = more != NULL;
        if (!good) break;
        list = more;
        memcpy(list[n++], hash, sizeof hash);
    }
    fclose(f);
    c->revoked = (const uint8_t(*)[20])list;
    c->revoked_count = n;
    return good;
}

/* STATUS_OK, or a sentence was printed. */
static int choose(struct app *app, const struct moo_options *o, struct moo_choice *c)
{
    int status = o->revoked ? app_file_ready(app, o->revoked) : STATUS_OK;
    *c = (struct moo_choice){.strict = o->strict, .keep_named = o->named};
    c->jobs = o->jobs.given ? (unsigned)o->jobs.value : 1;
    c->show = o->show.given ? (unsigned)o->show.value : 1;
    if (status != STATUS_OK) return status;
    if (o->test && !read_test(o->test, c))
        app_error(app, "moo: --test wants a number or a hash of 40 digits, not '%.60s'", o->test);
    else if (o->shard && !read_shard(o->shard, c))
        app_error(app, "moo: --shard wants I/N, such as 2/8, not '%.60s'", o->shard);
    else if (o->revoked && !read_revoked(o->revoked, c))
        return app_file_refused(app, o->revoked, RT386_E_IO, "the list cannot be read");
    else if (app_undefined(app, o->undefined, &c->undefined))
        return STATUS_OK;
    return STATUS_USAGE;
}

/* Or a sentence was printed, and err tells why. */
static int open_told(struct app *app, const char *path, rt386_moo **moo, char *err, size_t n)
{
    snprintf(err, n, "the file cannot be opened");
    int status = app_file_ready(app, path);
    if (status != STATUS_OK) return status;
    *err = 0;
    rt386_status st = rt386_moo_open(path, moo, err, n);
    if (st == RT386_OK) return STATUS_OK;
    if (!*err) snprintf(err, n, "%s", rt386_status_text(st));
    return app_file_refused(app, path, st, err);
}

static int open_file(struct app *app, const char *path, rt386_moo **moo)
{
    char err[200];
    return open_told(app, path, moo, err, sizeof err);
}

/* --- run --- */

struct moo_session {
    const struct moo_options *o;
    struct moo_choice choice;
    struct moo_tally sum;
    unsigned files, refused, failed, skipped; /* of the files: failed and skipped ones */
    struct text junit;
    struct interrupt interrupt;
};

static void refused(struct app *app, struct moo_session *s, const char *path, const char *why)
{
    struct text t = {0};
    s->refused++;
    if (s->o->junit) moo_report_junit_refused(&s->junit, path, why);
    if (s->o->common.json) moo_report_refused_json(&t, path, why);
    app_put(app, &t);
    text_free(&t);
}

static int run_file(struct app *app, struct moo_session *s, const char *path)
{
    rt386_moo *moo = NULL;
    struct moo_tally tally;
    char err[200];
    int status = open_told(app, path, &moo, err, sizeof err);
    if (status != STATUS_OK) {
        refused(app, s, path, err);
        return status;
    }
    struct progress progress;
    progress_begin(&progress, app, path, "tests", rt386_moo_describe(moo)->tests);
    bool ran = moo_run_file(moo, &s->choice, &progress, &s->interrupt, &tally);
    progress_end(&progress);
    if (!ran) {
        app_error(app, "moo run: %.200s: the host has no memory or no threads left", path);
        status = STATUS_USAGE;
    }
    struct moo_place place = {path, moo, &tally};
    struct text t = {0};
    if (s->o->common.json)
        moo_report_file_json(&t, &place);
    else
        moo_report_file(&t, &place, true);
    app_put(app, &t);
    text_free(&t);
    if (s->o->junit) moo_report_junit(&s->junit, &place);
    moo_tally_add(&s->sum, &tally);
    s->files++;
    if (tally.verdict[RT386_MOO_FAIL])
        s->failed++;
    else if (moo_none_ran(&tally))
        s->skipped++;
    moo_tally_free(&tally);
    rt386_moo_close(moo);
    return status;
}

static bool write_junit(const struct moo_session *s)
{
    FILE *f = fopen(s->o->junit, "w");
    if (!f) return false;
    fprintf(f,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"moo\" tests=\"%u\" "
            "failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.3f\">\n%s",
            s->files + s->refused, s->failed, s->refused, s->skipped, s->sum.seconds,
            text_str(&s->junit));
    fputs("</testsuite>\n", f);
    bool good = !ferror(f);
    return fclose(f) == 0 && good;
}

static int end_run(struct app *app, struct moo_session *s, int status)
{
    struct text t = {0};
    if (s->o->common.json)
        moo_report_total_json(&t, &s->sum, s->files, s->refused);
    else
        moo_report_total(&t, &s->sum, s->files, s->refused);
    app_put(app, &t);
    text_free(&t);
    errno = 0;
    if (s->o->junit && !write_junit(s)) {
        app_error(app, "moo run: '%.200s' cannot be written: %s", s->o->junit,
                  errno ? strerror(errno) : "the disk may be full");
        status = STATUS_USAGE;
    }
    if (status == STATUS_OK && s->choice.one && !s->sum.tests) {
        app_error(app, "moo run: no file has the test '%.60s'", s->o->test);
        status = STATUS_USAGE;
    }
    if (status == STATUS_OK && s->sum.verdict[RT386_MOO_FAIL]) status = STATUS_UNEXPECTED;
    return app_finish(app, status);
}

static int moo_run(struct app *app, const struct moo_options *o, char **word, int words)
{
    struct moo_session s = {.o = o};
    int status = choose(app, o, &s.choice);
    if (status != STATUS_OK) return status;
    interrupt_begin(&s.interrupt);
    int i = 0;
    for (; i < words && !app->broken && !interrupt_poll(&s.interrupt); i++) {
        int one = run_file(app, &s, word[i]);
        if (one > status) status = one;
    }
    if (s.interrupt.taken)
        app_error(app, "moo run: interrupted in file %d of %d; these are the tests that were run",
                  i, words);
    status = interrupt_status(&s.interrupt, end_run(app, &s, status));
    interrupt_end(&s.interrupt);
    text_free(&s.junit);
    free((void *)s.choice.revoked);
    return status;
}

/* --- show --- */

static bool show_one(const struct moo_choice *c, const rt386_moo_test *t, uint32_t position)
{
    if (!c->one) return false;
    return c->by_hash ? t->has_hash && !memcmp(t->hash, c->hash, 20) : position == c->position;
}

static int moo_show(struct app *app, const struct moo_options *o, char **word, int words)
{
    struct moo_choice choice;
    int status = choose(app, o, &choice);
    bool shown = false;
    if (status != STATUS_OK) return status;
    for (int i = 0; i < words && !app->broken; i++) {
        rt386_moo *moo = NULL;
        rt386_moo_test test;
        int one = open_file(app, word[i], &moo);
        if (one > status) status = one;
        if (one != STATUS_OK) continue;
        struct text t = {0};
        moo_show_info(&t, word[i], moo);
        for (uint32_t n = 0; rt386_moo_test_at(moo, n, &test); n++) {
            if (!show_one(&choice, &test, n)) continue;
            moo_show_test(&t, moo, &test);
            shown = true;
        }
        app_put(app, &t);
        text_free(&t);
        rt386_moo_close(moo);
    }
    free((void *)choice.revoked);
    if (status == STATUS_OK && choice.one && !shown && !app->broken) {
        app_error(app, "moo show: no file has the test '%.60s'", o->test);
        status = STATUS_USAGE;
    }
    return app_finish(app, status);
}

/* --- convert --- */

static bool put_file(void *ctx, const char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, ctx) == n;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcmp(s + n - m, end);
}

static rt386_status write_as(const rt386_moo *moo, const char *path, FILE *f)
{
    size_t n;
    const uint8_t *bytes = rt386_moo_bytes(moo, &n);
    if (ends_with(path, ".json")) return rt386_moo_write_json(moo, put_file, f);
    if (ends_with(path, ".gz")) return rt386_moo_write_gzip(moo, put_file, f);
    return put_file(f, (const char *)bytes, n) ? RT386_OK : RT386_E_IO;
}

/* Whether `to` is another file than `from`, which would be lost. */
static bool apart(struct app *app, const char *action, const char *from, const char *to)
{
    if (!app_same_file(from, to)) return true;
    app_error(app, "moo %s: '%.200s' is the file that is read; name another one", action, to);
    return false;
}

static int write_file(struct app *app, const char *action, const rt386_moo *moo, const char *path)
{
    errno = 0;
    FILE *f = fopen(path, "wb");
    rt386_status st = f ? write_as(moo, path, f) : RT386_E_IO;
    if (f && fclose(f)) st = RT386_E_IO;
    if (st == RT386_OK) return STATUS_OK;
    app_error(app, "moo %s: '%.200s' cannot be written: %s", action, path,
              errno ? strerror(errno) : rt386_status_text(st));
    return STATUS_USAGE;
}

static int moo_convert(struct app *app, const struct moo_options *o, char **word, int words)
{
    (void)o;
    if (words != 2) {
        app_error(app, "moo convert: name two files: rt386 moo convert FROM TO");
        return STATUS_USAGE;
    }
    if (!apart(app, "convert", word[0], word[1])) return STATUS_USAGE;
    rt386_moo *moo = NULL;
    int status = open_file(app, word[0], &moo);
    if (status != STATUS_OK) return status;
    status = write_file(app, "convert", moo, word[1]);
    rt386_moo_close(moo);
    return status;
}

/* --- gen --- */

struct again {
    rt386_moo_runner *runner;
    rt386_moo_writer *writer;
    uint32_t left_out;
};

/* All vectors of `from`, with the ends that they have here, as a file of their own. */
static rt386_status again_all(struct again *a, const rt386_moo *from, rt386_moo **to)
{
    const rt386_moo_info *info = rt386_moo_describe(from);
    rt386_status st = RT386_OK;
    const uint8_t *bytes;
    size_t n;
    for (uint32_t i = 0; i < info->tests && st != RT386_E_NOMEM; i++) {
        st = rt386_moo_again(a->runner, from, i, a->writer);
        if (st != RT386_OK) a->left_out++;
    }
    if (st == RT386_E_NOMEM) return st;
    st = rt386_moo_writer_finish(a->writer, &bytes, &n);
    return st == RT386_OK ? rt386_moo_open_bytes(bytes, n, to, NULL, 0) : st;
}

static rt386_status again_file(struct again *a, const struct moo_options *o,
                               rt386_undefined undefined, const rt386_moo *from, rt386_moo **to)
{
    rt386_moo_info info = *rt386_moo_describe(from);
    strcpy(info.cpu, "386"); /* whose ends these are */
    rt386_status st = rt386_moo_runner_new(o->strict, &a->runner);
    if (st == RT386_OK) st = rt386_moo_runner_undefined(a->runner, undefined);
    if (st == RT386_OK) st = rt386_moo_writer_new(&info, &a->writer);
    if (st == RT386_OK) st = again_all(a, from, to);
    rt386_moo_runner_free(a->runner);
    rt386_moo_writer_free(a->writer);
    return st;
}

static int moo_gen(struct app *app, const struct moo_options *o, char **word, int words)
{
    rt386_undefined undefined;
    if (words != 2) {
        app_error(app, "moo gen: name two files: rt386 moo gen FROM TO");
        return STATUS_USAGE;
    }
    if (!app_undefined(app, o->undefined, &undefined)) return STATUS_USAGE;
    if (!apart(app, "gen", word[0], word[1])) return STATUS_USAGE;
    rt386_moo *from = NULL, *to = NULL;
    struct again a = {0};
    int status = open_file(app, word[0], &from);
    if (status != STATUS_OK) return status;
    rt386_status st = again_file(&a, o, undefined, from, &to);
    if (st == RT386_OK)
        status = write_file(app, "gen", to, word[1]);
    else
        status = STATUS_USAGE;
    if (st != RT386_OK) app_error(app, "moo gen: %s", rt386_status_text(st));
    if (a.left_out)
        app_note(app, "moo gen: %u tests are not of a kind that runs here and were left out",
                 a.left_out);
    rt386_moo_close(from);
    rt386_moo_close(to);
    return status;
}

enum { RUN, SHOW, CONVERT, GEN };
#define BIT(action) (1u << (action))

static int cmd_moo(struct app *app, const struct command *self, int argc, char **argv)
{
    static const char *const name[] = {"run", "show", "convert", "gen"};
    static int (*const run[])(struct app *, const struct moo_options *, char **,
                              int) = {moo_run, moo_show, moo_convert, moo_gen};
    _Static_assert(sizeof run / sizeof *run == sizeof name / sizeof *name, "one for each word");
    struct moo_options o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    int i = app_action(app, self, name, sizeof name / sizeof *name, &args);
    if (i < 0 || !app_action_takes(app, self, name, i, BIT(RUN), &o)) return STATUS_USAGE;
    return run[i](app, &o, args.word + 1, args.words - 1);
}

static const struct opt_def options[] = {
    {.name = "test",
     .actions = BIT(RUN) | BIT(SHOW),
     .kind = OPT_TEXT,
     .at = offsetof(struct moo_options, test),
     .argument = "N|HASH",
     .help = "only this test: its number from 0, or its hash"},
    {.name = "jobs",
     .actions = BIT(RUN),
     .letter = 'j',
     .kind = OPT_NUM,
     .at = offsetof(struct moo_options, jobs),
     .min = 1,
     .max = 256,
     .argument = "N",
     .help = "threads; 1 unless told"},
    {.name = "shard",
     .actions = BIT(RUN),
     .kind = OPT_TEXT,
     .at = offsetof(struct moo_options, shard),
     .argument = "I/N",
     .help = "the I-th of N parts of each file"},
    {.name = "failures",
     .actions = BIT(RUN),
     .kind = OPT_NUM,
     .at = offsetof(struct moo_options, show),
     .max = 100000,
     .argument = "N",
     .help = "failing tests shown for each file; 1 unless told"},
    {.name = "named",
     .actions = BIT(RUN),
     .kind = OPT_FLAG,
     .at = offsetof(struct moo_options, named),
     .help = "show tests with a named difference like failing ones"},
    {.name = "strict",
     .actions = BIT(RUN) | BIT(GEN),
     .kind = OPT_FLAG,
     .at = offsetof(struct moo_options, strict),
     .help = "flags that the manual leaves undefined count, too"},
    {.name = "undefined",
     .actions = BIT(RUN) | BIT(GEN),
     .kind = OPT_TEXT,
     .at = offsetof(struct moo_options, undefined),
     .argument = "WHAT",
     .help = "chip (the default) or documented: what is left where the manual of 1986 leaves it "
             "undefined"},
    {.name = "revoked",
     .actions = BIT(RUN),
     .kind = OPT_TEXT,
     .at = offsetof(struct moo_options, revoked),
     .argument = "FILE",
     .help = "hashes of tests that are not run, one a line"},
    {.name = "junit",
     .actions = BIT(RUN),
     .kind = OPT_TEXT,
     .at = offsetof(struct moo_options, junit),
     .argument = "FILE",
     .help = "write a JUnit report, one case for each file"},
    {.kind = OPT_END}};

const struct command command_moo = {
    .name = "moo",
    .arguments = "run|show|convert|gen FILE... [options]",
    .summary = "run, show, convert and make single-step test vectors",
    .examples = "  rt386 moo run 00.MOO.gz               counts, and the first test that fails\n"
                "  rt386 moo run --jobs 2 *.MOO.gz\n"
                "  rt386 moo run --test 17 00.MOO\n"
                "  rt386 moo run --shard 2/8 --json *.MOO\n"
                "  rt386 moo show --test 17 00.MOO\n"
                "  rt386 moo convert 00.MOO.gz 00.json\n"
                "  rt386 moo gen 00.MOO.gz mine.MOO.gz   run again, the ends written anew\n",
    .details =
        "A vector is a processor's state before and after one instruction. Files are MOO 1.x or "
        "SingleStepTests JSON, also under gzip; the kind is seen from the content. convert "
        "and gen go by the end of the second name: .json, .gz, else plain MOO. gen runs each "
        "vector from its "
        "beginning and writes it with its end on this emulator; what fresh beginnings are made "
        "with is tools/silicon "
        "(docs/silicon.md).\n\n"
        "Long work shows on a terminal how far it is. Ctrl-C ends it in good order: the counts of "
        "what was run are "
        "printed, the reports are written, and the exit status is 130.\n\n"
        "A test has passed; or only bits differ that the file or the manual leaves undefined "
        "(masked); or a known difference between the file's processor and the 80386 explains "
        "it (named); or it failed. The exit status is 1 when a test failed.",
    .options = options,
    .run = cmd_moo};
