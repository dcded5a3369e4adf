/* cmd_objects.c: rt386 objects, vt and vf: the INtime kernel's objects when a run has ended or reached
 * its limit, in the words of the vendor's debugger. */
#include "ask.h"

#include <stdlib.h>
#include <string.h>

const char *object_type_word(const rt386_object *o)
{
    static const char *const words[] = {"object", "process", "thread", "mailbox", "semaphore",
                                        "region", "segment", "object", "object",  "port",
                                        "heap",   "service", "module", "alarm",   "queue",
                                        "object", "file"};
    return words[o->type < sizeof words / sizeof *words ? o->type : 0];
}

static void object_line(struct text *t, const rt386_object *o)
{
    text_addf(t, "  %04X  %-10s %-14s %s%s\n", o->handle, object_type_word(o), o->name,
              o->reference ? "a reference; " : "", o->detail);
    text_trim(t);
}

static void object_json(struct json *j, const char *key, const rt386_object *o)
{
    json_open(j, key, '{');
    json_hex(j, "handle", o->handle, 4);
    json_num(j, "type", o->type);
    json_str(j, "word", object_type_word(o));
    json_hex(j, "owner", o->owner, 4);
    json_str(j, "name", o->name);
    json_bool(j, "reference", o->reference);
    json_str(j, "detail", o->detail);
    json_close(j, '}');
}

/* ---- objects: the tree ------------------------------------------------------------------------ */

static void names_text(struct text *t, const rt386 *m, uint16_t process)
{
    rt386_dir_entry e;
    for (unsigned i = 0; rt386_intime_name(m, process, i, &e); i++)
        text_addf(t, "  %s%04X  \"%s\"%s\n", i ? "      " : "names ", e.handle, e.name,
                  e.waited ? "  (a thread waits for it)" : "");
}

static void interrupts_text(struct text *t, const rt386 *m, uint16_t process)
{
    rt386_interrupt i;
    for (unsigned n = 0; rt386_intime_interrupt(m, n, &i); n++)
        if (i.process == process)
            text_addf(t, "  interrupt level %04X, vector %02X, thread %04X, %s\n", i.level,
                      i.vector, i.thread, i.enabled ? "enabled" : "disabled");
}

void objects_of_text(struct text *t, const rt386 *m, uint16_t process)
{
    rt386_object o;
    for (unsigned slot = 0; slot < 8192; slot++)
        if (rt386_intime_object(m, (uint16_t)(slot << 3), &o) && o.owner == process)
            object_line(t, &o);
    names_text(t, m, process);
    interrupts_text(t, m, process);
}

static void objects_text(struct text *t, const rt386 *m)
{
    rt386_process p;
    for (unsigned i = 0; rt386_intime_process(m, i, &p); i++) {
        if (!p.alive) continue;
        text_addf(t, "%sprocess %s (%04X)\n", i ? "\n" : "", p.name, p.handle);
        objects_of_text(t, m, p.handle);
    }
}

static void names_json(struct json *j, const rt386 *m, uint16_t process)
{
    rt386_dir_entry e;
    json_open(j, "names", '[');
    for (unsigned i = 0; rt386_intime_name(m, process, i, &e); i++) {
        json_open(j, NULL, '{');
        json_str(j, "name", e.name);
        json_hex(j, "handle", e.handle, 4);
        json_bool(j, "waited", e.waited);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void objects_json(struct json *j, const rt386 *m)
{
    rt386_process p;
    json_str(j, "schema", "rt386-objects/1");
    json_open(j, "processes", '[');
    for (unsigned i = 0; rt386_intime_process(m, i, &p); i++) {
        if (!p.alive) continue;
        json_open(j, NULL, '{');
        json_str(j, "name", p.name);
        json_hex(j, "handle", p.handle, 4);
        json_open(j, "objects", '[');
        rt386_object o;
        for (unsigned slot = 0; slot < 8192; slot++)
            if (rt386_intime_object(m, (uint16_t)(slot << 3), &o) && o.owner == p.handle)
                object_json(j, NULL, &o);
        json_close(j, ']');
        names_json(j, m, p.handle);
        interrupts_json(j, m, p.handle);
        json_close(j, '}');
    }
    json_close(j, ']');
}

/* ---- the three commands ------------------------------------------------------------------------ */

static void ask_objects_text(struct text *t, const rt386 *m, const struct question *q)
{
    objects_text(t, m);
}

static void ask_objects_json(struct json *j, const rt386 *m, const struct question *q)
{
    objects_json(j, m);
}

static void ask_vt_text(struct text *t, const rt386 *m, const struct question *q)
{
    uint16_t handle = q->handle;
    rt386_object o;
    if (rt386_intime_object(m, handle, &o)) {
        text_addf(t, "Object type = %u %s, owner %04X\n", o.type, object_type_word(&o), o.owner);
        object_line(t, &o);
    } else {
        text_addf(t, "%04X is no object\n", handle);
    }
}

static void ask_vt_json(struct json *j, const rt386 *m, const struct question *q)
{
    uint16_t handle = q->handle;
    rt386_object o;
    json_str(j, "schema", "rt386-vt/1");
    bool found = rt386_intime_object(m, handle, &o);
    json_bool(j, "found", found);
    if (found) object_json(j, "object", &o);
}

static void ask_vf_text(struct text *t, const rt386 *m, const struct question *q)
{
    text_addf(t, "%u free GDT slots of %u\n", rt386_intime_free_slots(m),
              rt386_table_get(m, RT386_GDT).entries);
}

static void ask_vf_json(struct json *j, const rt386 *m, const struct question *q)
{
    json_str(j, "schema", "rt386-vf/1");
    json_num(j, "free", rt386_intime_free_slots(m));
    json_num(j, "slots", rt386_table_get(m, RT386_GDT).entries);
}

static int answer(struct session *s, const void *question)
{
    const struct question *q = question;
    rt386_process root;
    struct text t = {0};
    if (!q->any && !rt386_intime_process(s->machine, 0, &root)) {
        app_error(s->app, "the guest is no INtime program: it has no objects");
        return STATUS_REFUSED;
    }
    app_note(s->app, "%s after %llu instructions; the objects as they are now:", s->end.text,
             (unsigned long long)s->end.why.insns);
    if (s->o->common.json) {
        struct json j = {.to = &t};
        json_open(&j, NULL, '{');
        q->json(&j, s->machine, q);
        json_close(&j, '}');
        text_add(&t, "\n");
    } else {
        q->text(&t, s->machine, q);
    }
    app_put(s->app, &t);
    text_free(&t);
    return STATUS_OK;
}

int ask(struct app *app, const struct command *self, int argc, char **argv,
        const struct question *question)
{
    struct question q = *question;
    struct run_options o = {0};
    struct opt_args args;
    int status = run_options_read(app, self, argc, argv, q.read ? 1 : 0, &o, &args);
    if (status < 0 && q.read && (!args.words || !q.read(args.word[0], &q))) {
        app_error(app, "%s: %s", self->name, q.wrong);
        status = STATUS_USAGE;
    }
    if (status < 0) status = session_look(app, &o, answer, &q);
    run_options_free(&o);
    return status;
}

const struct question question_objects = {.text = ask_objects_text, .json = ask_objects_json};
const struct question question_vf = {.text = ask_vf_text, .json = ask_vf_json};

static int cmd_objects(struct app *app, const struct command *self, int argc, char **argv)
{
    return ask(app, self, argc, argv, &question_objects);
}

static int cmd_vf(struct app *app, const struct command *self, int argc, char **argv)
{
    return ask(app, self, argc, argv, &question_vf);
}

static bool handle_read(const char *word, struct question *q)
{
    char *end;
    unsigned long v = strtoul(word, &end, 16);
    q->handle = (uint16_t)v;
    return *word && !*end && v <= 0xffff;
}

const struct question question_vt = {.text = ask_vt_text,
                                     .json = ask_vt_json,
                                     .read = handle_read,
                                     .wrong = "name a handle in hexadecimal, as 0258, and a FILE"};

static int cmd_vt(struct app *app, const struct command *self, int argc, char **argv)
{
    return ask(app, self, argc, argv, &question_vt);
}

const struct command command_objects = {
    .name = "objects",
    .arguments = "FILE... [options] [-- guest arguments]",
    .summary = "run INtime programs to their end or limit, then list processes, objects and names",
    .examples = "  rt386 objects --max-insns 100000 maker.rta user.rta\n"
                "  rt386 objects --json --max-insns 100000 maker.rta\n",
    .details = STOP_SOONER,
    .more = guest_options,
    .run = cmd_objects};

const struct command command_vt = {
    .name = "vt",
    .arguments = "HANDLE FILE... [options] [-- guest arguments]",
    .summary = "run INtime programs, then tell what a handle is, as the debugger's vt",
    .examples = "  rt386 vt 0258 hello.rta\n",
    .details = STOP_SOONER,
    .more = guest_options,
    .run = cmd_vt};

const struct command command_vf = {
    .name = "vf",
    .arguments = "FILE... [options] [-- guest arguments]",
    .summary = "run INtime programs, then count the free GDT slots, as the debugger's vf",
    .examples = "  rt386 vf --max-insns 100000 maker.rta\n",
    .details = STOP_SOONER,
    .more = guest_options,
    .run = cmd_vf};
