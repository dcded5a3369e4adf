/* cmd_dump.c: rt386 dump: runs the guest, then prints one of the processor's tables.
 *
 * A table is read from guest memory when the run has ended, never from a copy; a table that is not
 * there is said to be not there.
 */
#include "session.h"

#include "dump.h"

#include <string.h>

static const struct dumper {
    const char *name;
    void (*text)(struct text *t, const rt386 *m);
    void (*json)(struct json *j, const rt386 *m);
} dumpers[] = {{"gdt", dump_gdt_text, dump_gdt_json},
               {"ldt", dump_ldt_text, dump_ldt_json},
               {"idt", dump_idt_text, dump_idt_json},
               {"tss", dump_tss_text, dump_tss_json},
               {"pt", dump_pt_text, dump_pt_json}};
#define DUMPERS (sizeof dumpers / sizeof *dumpers)

static const struct dumper *dumper_find(struct app *app, const char *name)
{
    const char *names[DUMPERS];
    for (unsigned i = 0; i < DUMPERS; i++) {
        if (!strcmp(dumpers[i].name, name)) return &dumpers[i];
        names[i] = dumpers[i].name;
    }
    const char *near = opt_nearest(name, names, DUMPERS);
    app_error(app, "dump: unknown table '%.40s'; there are gdt, ldt, idt, tss and pt%s%s%s", name,
              near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    return NULL;
}

static int dump_print(struct session *s, const void *dumper)
{
    const struct dumper *d = dumper;
    struct text t = {0};
    app_note(s->app, "%s after %llu instructions; the table as it is now:", s->end.text,
             (unsigned long long)s->end.why.insns);
    if (s->o->common.json) {
        char schema[32];
        snprintf(schema, sizeof schema, "rt386-%s/1", d->name);
        struct json j = {.to = &t};
        json_open(&j, NULL, '{');
        json_str(&j, "schema", schema);
        d->json(&j, s->machine);
        json_close(&j, '}');
        text_add(&t, "\n");
    } else {
        d->text(&t, s->machine);
    }
    app_put(s->app, &t);
    text_free(&t);
    return STATUS_OK;
}

static int cmd_dump(struct app *app, const struct command *self, int argc, char **argv)
{
    struct run_options o = {0};
    struct opt_args args;
    int status = run_options_read(app, self, argc, argv, 1, &o, &args);
    if (status < 0 && !args.words) {
        app_error(app, "dump: name a table (gdt, ldt, idt, tss or pt) and a FILE");
        status = STATUS_USAGE;
    }
    if (status < 0) {
        const struct dumper *d = dumper_find(app, args.word[0]);
        status = d ? session_look(app, &o, dump_print, d) : STATUS_USAGE;
    }
    run_options_free(&o);
    return status;
}

const struct command command_dump = {
    .name = "dump",
    .arguments = "gdt|ldt|idt|tss|pt FILE... [options] [-- guest arguments]",
    .summary = "run a guest to its end or limit, then print a table of the processor",
    .examples = "  rt386 dump gdt hello.rta\n"
                "  rt386 dump pt --max-insns 100000 kernel.elf\n"
                "  rt386 dump idt --json kernel.elf\n",
    .details =
        "Guest text goes to standard error. The exit status is 0 when the table was printed, "
        "however the guest ended.\n\nWhen an INtime program has ended, its entries are gone from "
        "the GDT: stop it before with --max-insns to see them.",
    .more = guest_options,
    .run = cmd_dump};
