/* cmd_dump.c: rt386 dump: runs the guest, then prints one of the processor's tables.
 *
 * A table is read from guest memory when the run has ended, never from a copy; a table that is not
 * there is said to be not there.
 */
#include "session.h"

#include "dump.h"
#include "picture.h"

#include <stdlib.h>
#include <string.h>

static const struct dumper {
    const char *name;
    void (*text)(struct text *t, const rt386 *m);
    void (*json)(struct json *j, const rt386 *m);
    int table; /* rt386_table that is drawn as a figure; -1: its text is set as it is */
} dumpers[] = {{"gdt", dump_gdt_text, dump_gdt_json, RT386_GDT},
               {"ldt", dump_ldt_text, dump_ldt_json, RT386_LDT},
               {"idt", dump_idt_text, dump_idt_json, RT386_IDT},
               {"tss", dump_tss_text, dump_tss_json, -1},
               {"pt", dump_pt_text, dump_pt_json, -1}};
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

/* The entries that are not empty; *n of them. NULL: no memory. */
static struct figure_entry *entries_of(const rt386 *m, rt386_table table, char (*owner)[64],
                                       unsigned *n)
{
    unsigned total = rt386_table_get(m, table).entries;
    struct figure_entry *e = calloc(total + 1u, sizeof *e);
    *n = 0;
    for (unsigned i = 0; e && i < total; i++) {
        struct figure_entry *to = &e[*n];
        *to =
            (struct figure_entry){.index = i, .idt = table == RT386_IDT, .ldt = table == RT386_LDT};
        if (rt386_table_entry(m, table, i, &to->desc, owner[*n]) != RT386_OK) continue;
        to->owner = owner[*n];
        if (to->desc.kind != RT386_DESC_EMPTY) ++*n;
    }
    return e;
}

struct drawn_table {
    const char *title;
    const struct figure_entry *entry;
    unsigned n;
};
static float draw_table(const struct canvas *c, struct spot at, const void *what)
{
    const struct drawn_table *t = what;
    return figure_table(c, at, t->title, t->entry, t->n);
}

static int table_picture(struct session *s, const struct dumper *d, const char *words)
{
    const char *name = dump_table_name((rt386_table)d->table);
    rt386_table_info info = rt386_table_get(s->machine, (rt386_table)d->table);
    char title[80];
    if (info.valid)
        snprintf(title, sizeof title, "%s at linear 0x%08x, limit 0x%04x", name, info.base,
                 info.limit);
    else
        snprintf(title, sizeof title, "no %s", name);
    struct drawn_table t = {.title = title};
    char(*owner)[64] = calloc(info.entries + 1u, sizeof *owner);
    struct figure_entry *e =
        owner ? entries_of(s->machine, (rt386_table)d->table, owner, &t.n) : NULL;
    t.entry = e;
    struct picture p = {title, 900, draw_table, &t, words};
    int status = STATUS_USAGE;
    if (e)
        status = picture_write(s->app, s->o->picture, &p);
    else
        app_error(s->app, "the host has no memory left");
    free(e);
    free(owner);
    return status;
}

static int dump_picture(struct session *s, const struct dumper *d)
{
    struct text t = {0};
    d->text(&t, s->machine);
    struct picture p = {d->name, 680, picture_of_text, text_str(&t), NULL};
    int status =
        d->table < 0 ? picture_write(s->app, s->o->picture, &p) : table_picture(s, d, text_str(&t));
    text_free(&t);
    return status;
}

static int dump_print(struct session *s, const void *dumper)
{
    const struct dumper *d = dumper;
    struct text t = {0};
    app_note(s->app, "%s after %llu instructions; the table as it is now:", s->end.text,
             (unsigned long long)s->end.why.insns);
    if (s->o->picture) return dump_picture(s, d);
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
    if (status < 0 && !picture_name_ready(app, "dump", o.picture)) status = STATUS_USAGE;
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
                "  rt386 dump idt --json kernel.elf\n"
                "  rt386 dump gdt --picture gdt.svg --max-insns 2000 hello.rta\n",
    .details =
        "Guest text goes to standard error. The exit status is 0 when the table was printed, "
        "however the guest ended.\n\nWhen an INtime program has ended, its entries are gone from "
        "the GDT: stop it before with --max-insns to see them.",
    .options = dump_options,
    .more = guest_options,
    .run = cmd_dump};
