/* cmd_seg.c: rt386 seg: decode is here, explain, next and walk in seg_ask.c, diff in seg_diff.c. */
#include "desc_text.h"

#include "app.h"
#include "picture.h"
#include "seg_ask.h"
#include "seg_picture.h"

#include <string.h>

static void seg_json(struct text *t, const rt386_desc *d, const char *how)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", "rt386-seg/1");
    json_str(&j, "read_as", how);
    desc_json(&j, "descriptor", d);
    json_close(&j, '}');
    text_add(t, "\n");
}

static void seg_text(struct text *t, const rt386_desc *d, const char *how)
{
    text_addf(t, "read as %s\n", how);
    text_add(t, "bytes   ");
    for (unsigned i = 0; i < 8; i++)
        text_addf(t, " %02x", d->bytes[i]);
    text_addf(t, "   (in memory order)\nwords    0x%08x 0x%08x   (high dword, low dword)\n\n",
              desc_high(d), desc_low(d));
    desc_picture(t, d);
    text_addf(t, "\n%s\n", d->text[0] ? d->text : desc_kind_name(d->kind));
    desc_fields(t, d);
}

static int seg_decode(struct app *app, const struct seg_options *o, int words, char *const word[])
{
    uint8_t bytes[8];
    const char *how;
    char err[200];
    if (!desc_parse(words, word, bytes, &how, err, sizeof err)) {
        app_error(app, "seg decode: %s", err);
        return STATUS_USAGE;
    }
    rt386_desc d = rt386_desc_decode(bytes);
    struct text t = {0};
    if (o->run.common.json && !o->run.picture)
        seg_json(&t, &d, how);
    else
        seg_text(&t, &d, how);
    int status = STATUS_OK;
    if (o->run.picture)
        status = seg_picture_desc(app, o->run.picture, &d, text_str(&t));
    else
        app_put(app, &t);
    text_free(&t);
    return app_finish(app, status);
}

/* `words` are the verb and its own; files follow. */
static int seg_on_guest(struct app *app, struct seg_options *o, const struct opt_args *args,
                        int words,
                        int (*run)(struct app *, struct seg_options *, char *const[], int))
{
    int own = args->words < words ? args->words : words;
    o->run.file = args->word + own;
    o->run.files = args->words - own;
    bool has = o->run.files || o->run.bios || o->run.replay || o->gdt || o->ldt;
    if (!has && run != seg_diff) { /* two snapshots need none */
        app_error(app, "seg %s: name a FILE, or --replay=TRACE%s", args->word[0],
                  strcmp(args->word[0], "explain") ? "" : ", or tables with --gdt");
        return STATUS_USAGE;
    }
    return run(app, o, args->word + 1, own - 1);
}

static int cmd_seg(struct app *app, const struct command *self, int argc, char **argv)
{
    static const struct {
        const char *name;
        int words; /* before the files, with the name */
        int (*run)(struct app *app, struct seg_options *o, char *const word[], int words);
    } verbs[] = {{"decode", 0, NULL},
                 {"explain", 3, seg_explain},
                 {"next", 1, seg_next},
                 {"walk", 2, seg_walk},
                 {"diff", 3, seg_diff}};
    enum { VERBS = sizeof verbs / sizeof *verbs };
    struct seg_options o = {0};
    struct opt_args args;
    unsigned verb = 0;
    int status = run_options_read(app, self, argc, argv, 9999, &o.run, &args);
    while (status < 0 && verb < VERBS &&
           (!args.words || strcmp(args.word[0], verbs[verb].name) != 0))
        verb++;
    if (status < 0 && verb == VERBS) {
        app_error(
            app, "seg: say what to do: decode, explain, next, walk or diff, as rt386 seg decode ff "
                 "0f 00 40 01 f2 40 00");
        status = STATUS_USAGE;
    }
    if (status < 0 && verbs[verb].run == seg_diff && o.run.picture) {
        app_error(app, "seg diff: --picture goes with decode, explain, next and walk");
        status = STATUS_USAGE;
    }
    if (status < 0 && !picture_name_ready(app, "seg", o.run.picture)) status = STATUS_USAGE;
    if (status < 0 && !verbs[verb].run)
        status = seg_decode(app, &o, args.words - 1, args.word + 1);
    else if (status < 0)
        status = seg_on_guest(app, &o, &args, verbs[verb].words, verbs[verb].run);
    run_options_free(&o.run);
    return status;
}

#define AT(member) offsetof(struct seg_options, member)
static const struct opt_def seg_only_options[] = {
    {.name = "gdt",
     .kind = OPT_TEXT,
     .at = AT(gdt),
     .argument = "BYTES;BYTES",
     .help = "explain: the GDT's entries from 1 on, each as decode reads it; no guest runs"},
    {.name = "ldt",
     .kind = OPT_TEXT,
     .at = AT(ldt),
     .argument = "BYTES;BYTES",
     .help = "likewise, an LDT's entries from 0 on"},
    {.name = "cpl",
     .kind = OPT_NUM,
     .at = AT(cpl),
     .max = 3,
     .argument = "N",
     .help = "explain: at this privilege level; otherwise the one that runs"},
    {.name = "picture",
     .kind = OPT_TEXT,
     .at = AT(run.picture),
     .argument = "FILE",
     .help = "decode, explain, next, walk: draw the answer into FILE, by its name's end an SVG "
             "document, "
             "an HTML page or a PNG"},
    {.kind = OPT_END}};
#undef AT

const struct command command_seg = {
    .name = "seg",
    .arguments = "decode|explain|next|walk|diff WORDS [FILE...] [options]",
    .summary = "decode descriptors, explain loads and steps, walk pages, compare tables",
    .examples = "  rt386 seg decode ff 0f 00 40 01 f2 40 00   bytes as they lie in memory\n"
                "  rt386 seg decode 0040f201:40000fff         high dword, low dword\n"
                "  rt386 seg explain es 0x0b --gdt 'ff0f00400192 4000' --cpl 3\n"
                "  rt386 seg explain es 0x1b --max-insns 20000 hello.rta\n"
                "  rt386 seg next --max-insns 20000 hello.rta  what the next instruction does\n"
                "  rt386 seg walk ds:0x1000 --max-insns 20000 hello.rta\n"
                "  rt386 seg walk phys:0x8000 kernel.elf      what reaches this byte\n"
                "  rt386 seg explain es 0x0b --gdt ff0f004001924000 --picture es.svg\n"
                "  rt386 seg diff 1000 20000 hello.rta        tables at two places of a run\n"
                "  rt386 seg diff before.snap after.snap      or of two snapshots\n",
    .details =
        "decode: all digits are hexadecimal, with or without 0x; blanks, commas, colons and "
        "brackets "
        "separate. The first line of the answer says how the digits were read.\n\nexplain, next, "
        "walk "
        "and diff run the guest to its end or limit first, or a trace (--replay); guest text goes "
        "to "
        "standard error. The exit status is 0 when the question was answered, whatever the answer "
        "is.",
    .options = seg_only_options,
    .more = guest_options,
    .run = cmd_seg};
