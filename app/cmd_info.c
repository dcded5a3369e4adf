/* cmd_info.c: rt386 info. */
#include "app.h"
#include "snapshot_file.h"

#include <rt386/snapshot.h>
#include <string.h>

struct info_options {
    struct common common;
};

static void import_name(char to[128], const rt386_file_import *i)
{
    if (i->name[0])
        snprintf(to, 128, "%.90s", i->name);
    else
        snprintf(to, 128, "ordinal %u", i->ordinal);
}

static void info_imports(struct text *t, const rt386_file *f)
{
    rt386_file_import i;
    unsigned missing = 0;
    char module[64] = "", name[128];
    for (unsigned n = 0; rt386_file_import_at(f, n, &i); n++) {
        if (strcmp(module, i.module) != 0) text_addf(t, "  %s\n", i.module);
        memcpy(module, i.module, sizeof module);
        import_name(name, &i);
        text_addf(t, "    %-40.60s %s\n", name, i.known ? "known" : "NOT KNOWN");
        missing += !i.known;
    }
    if (missing)
        text_addf(t, "  %u import%s not known here: a call of %s ends the run (status %d)\n",
                  missing, missing == 1 ? " is" : "s are", missing == 1 ? "it" : "one of them",
                  STATUS_UNSUPPORTED);
}

static void info_segments(struct text *t, const rt386_file *f)
{
    rt386_file_segment s;
    for (unsigned n = 0; rt386_file_segment_at(f, n, &s); n++)
        text_addf(t, "  %-12.12s 0x%08x  file 0x%08x  memory 0x%08x  r%c%c\n", s.name, s.vaddr,
                  s.file_size, s.mem_size, s.writable ? 'w' : '-', s.executable ? 'x' : '-');
}

static void info_text(struct text *t, const char *path, const rt386_file *f)
{
    rt386_file_info i = rt386_file_describe(f);
    text_addf(t, "%s: %s%s\n", path, i.kind, i.intime ? ", INtime program" : "");
    text_addf(t, "entry 0x%08x", i.entry);
    if (i.size) text_addf(t, ", base 0x%08x, size 0x%08x", i.base, i.size);
    text_add(t, "\n");
    if (i.version_major || i.version_minor)
        text_addf(t, "image version %u.%u%s\n", i.version_major, i.version_minor,
                  i.version_major == 0x5254 && i.version_minor == 0x4e55
                      ? ": INtime's mark (\"RT\", \"NU\")"
                      : "");
    if (i.stack_reserve || i.heap_reserve)
        text_addf(t, "stack 0x%x bytes, heap 0x%x bytes\n", i.stack_reserve, i.heap_reserve);
    text_addf(t, "thread-local storage: %s; relocations: %u; exports: %u; symbols: %u\n",
              i.has_tls ? "yes" : "no", i.relocs, i.exports, i.symbols);
    text_addf(t, "segments (%u)\n", i.segments);
    info_segments(t, f);
    if (!i.imports) return;
    text_addf(t, "imports (%u)\n", i.imports);
    info_imports(t, f);
}

static void info_json_lists(struct json *j, const rt386_file *f)
{
    rt386_file_segment s;
    rt386_file_import i;
    json_open(j, "segments", '[');
    for (unsigned n = 0; rt386_file_segment_at(f, n, &s); n++) {
        json_open(j, NULL, '{');
        json_strn(j, "name", s.name, strnlen(s.name, sizeof s.name));
        json_hex(j, "address", s.vaddr, 8);
        json_num(j, "file_size", s.file_size);
        json_num(j, "memory_size", s.mem_size);
        json_bool(j, "writable", s.writable);
        json_bool(j, "executable", s.executable);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "imports", '[');
    for (unsigned n = 0; rt386_file_import_at(f, n, &i); n++) {
        json_open(j, NULL, '{');
        json_str(j, "module", i.module);
        if (i.name[0])
            json_str(j, "name", i.name);
        else
            json_num(j, "ordinal", i.ordinal);
        json_bool(j, "known", i.known);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void info_json(struct text *t, const char *path, const rt386_file *f)
{
    rt386_file_info i = rt386_file_describe(f);
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", "rt386-info/1");
    json_str(&j, "file", path);
    json_str(&j, "kind", i.kind);
    json_bool(&j, "intime", i.intime);
    json_hex(&j, "entry", i.entry, 8);
    json_hex(&j, "base", i.base, 8);
    json_num(&j, "size", i.size);
    json_num(&j, "version_major", i.version_major);
    json_num(&j, "version_minor", i.version_minor);
    json_num(&j, "stack_reserve", i.stack_reserve);
    json_num(&j, "heap_reserve", i.heap_reserve);
    json_bool(&j, "tls", i.has_tls);
    json_num(&j, "relocations", i.relocs);
    json_num(&j, "exports", i.exports);
    json_num(&j, "symbols", i.symbols);
    info_json_lists(&j, f);
    json_close(&j, '}');
    text_add(t, "\n");
}

static int info_snapshot(struct app *app, const char *path, bool as_json)
{
    struct text bytes = {0}, t = {0};
    rt386_config c = {.size = sizeof c};
    char err[200];
    if (!snapshot_read(path, &bytes)) return app_file_refused(app, path, RT386_E_IO, "");
    rt386_status status = rt386_snapshot_config(bytes.p, bytes.n, &c, err, sizeof err);
    if (status != RT386_OK) {
        text_free(&bytes);
        return app_file_refused(app, path, status, err);
    }
    if (as_json) {
        struct json j = {.to = &t};
        json_open(&j, NULL, '{');
        json_str(&j, "schema", "rt386-info/1");
        json_str(&j, "file", path);
        json_str(&j, "kind", "snapshot");
        json_num(&j, "size", bytes.n);
        json_num(&j, "memory", c.memory);
        json_close(&j, '}');
    } else {
        text_addf(&t, "%s: snapshot of a machine with %u MB of memory, %zu bytes", path,
                  c.memory >> 20, bytes.n);
    }
    text_add(&t, "\n");
    app_put(app, &t);
    text_free(&t);
    text_free(&bytes);
    return STATUS_OK;
}

static int info_one(struct app *app, const char *path, bool as_json)
{
    rt386_file *f = NULL;
    char err[256] = "";
    int ready = app_file_ready(app, path);
    if (ready != STATUS_OK) return ready;
    if (app_file_is_text(path)) {
        app_error(app, "%.200s: this is text, not a program", path);
        return STATUS_REFUSED;
    }
    if (snapshot_is(path)) return info_snapshot(app, path, as_json);
    rt386_status status = rt386_file_open(path, &f, err, sizeof err);
    if (status != RT386_OK) return app_file_refused(app, path, status, err);
    struct text t = {0};
    if (as_json)
        info_json(&t, path, f);
    else
        info_text(&t, path, f);
    rt386_file_close(f);
    app_put(app, &t);
    text_free(&t);
    return STATUS_OK;
}

static int cmd_info(struct app *app, const struct command *self, int argc, char **argv)
{
    struct info_options o = {0};
    struct opt_args args;
    int status = app_options(app, self, &o, argc, argv, &args);
    if (status >= 0) return status;
    if (!args.words) {
        app_error(app, "info: no FILE given; name the file to look at");
        return STATUS_USAGE;
    }
    status = STATUS_OK;
    for (int i = 0; i < args.words; i++) {
        int one = info_one(app, args.word[i], o.common.json);
        if (one > status) status = one;
    }
    return app_finish(app, status);
}

const struct command command_info = {
    .name = "info",
    .arguments = "FILE... [options]",
    .summary = "tell what a file is: kind, entry, segments, imports",
    .examples = "  rt386 info hello.rta\n"
                "  rt386 info --json kernel.elf\n",
    .details = "Each import is marked known or NOT KNOWN: whether this build supplies it. With "
               "several files --json writes one object a line.",
    .run = cmd_info};
