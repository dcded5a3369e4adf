/* trace_reverse.c: rt386 trace last, next and state: places of a recorded run, found by running it again. */
#include "again.h"
#include "json.h"
#include "seek_text.h"
#include "trace_cmd.h"
#include "work.h"

#include <rt386/reverse.h>
#include <stdlib.h>
#include <string.h>

/* ---- the machine ---------------------------------------------------------------------------------- */

struct past {
    struct app *app;
    const char *path;
    rt386_trace *trace;
    rt386 *machine;
    rt386_reverse *reverse;
    struct disasm *disasm;
    struct work work;
};

static int past_close(struct past *p, int status)
{
    rt386_reverse_close(p->reverse);
    if (p->machine) rt386_destroy(p->machine);
    disasm_free(p->disasm);
    rt386_trace_close(p->trace);
    return work_end(&p->work, status);
}

static int past_fail(const struct past *p, int status, const char *why)
{
    app_error(p->app, "%.120s: %s", p->path, why);
    return status;
}

static int past_refused(struct past *p, rt386_status st)
{
    int status = st == RT386_E_STATE    ? STATUS_DIVERGED
                 : st == RT386_E_FORMAT ? STATUS_REFUSED
                                        : STATUS_USAGE;
    if (p->work.interrupt.taken) return status; /* past_close says it */
    return past_fail(p, status, rt386_error(p->machine));
}

/* It stays with the caller on failure too. */
int trace_machine(struct app *app, const char *path, rt386_trace *trace, rt386 **machine)
{
    const char *why;
    int status = again_machine(trace, machine, &why);
    if (status != STATUS_OK) app_error(app, "%.120s: %s", path, why);
    return status;
}

static int past_machine(struct past *p)
{
    int status = trace_machine(p->app, p->path, p->trace, &p->machine);
    if (status != STATUS_OK) return status;
    rt386_status st = rt386_reverse_open(p->machine, p->trace, &p->reverse);
    if (st == RT386_OK) rt386_reverse_look(p->reverse, work_look, &p->work);
    if (st == RT386_OK) return STATUS_OK;
    return past_fail(p, st == RT386_E_FORMAT ? STATUS_REFUSED : STATUS_USAGE,
                     rt386_error(p->machine));
}

/* At the instruction of --from; else at the end, or at the beginning. */
static int past_open(struct past *p, struct app *app, const struct trace_options *o,
                     const char *path, bool at_end)
{
    *p = (struct past){.app = app, .path = path, .disasm = disasm_new()};
    work_begin(&p->work, app, path, 0, 0);
    if (!p->disasm) return past_fail(p, STATUS_USAGE, "the host has no memory left");
    int status = trace_file_open(app, path, &p->trace);
    if (status == STATUS_OK) status = past_machine(p);
    if (status != STATUS_OK || !(o->from.given || at_end)) return status;
    uint64_t at = o->from.given ? o->from.value : rt386_reverse_end(p->reverse);
    rt386_status st = rt386_reverse_go(p->reverse, at);
    return st == RT386_OK ? STATUS_OK : past_refused(p, st);
}

/* The instruction that begins here. */
static void here_text(struct past *p, char *to, size_t size)
{
    rt386_seg cs = rt386_seg_get(p->machine, RT386_CS);
    uint64_t eip = 0;
    rt386_reg_get(p->machine, "eip", &eip);
    rt386_insn_event e = {.cs = cs.selector,
                          .eip = (uint32_t)eip,
                          .linear = cs.base + (uint32_t)eip,
                          .code32 = cs.flags & 4};
    unsigned n = sizeof e.bytes;
    const rt386_addr at = {.space = RT386_LINEAR, .at = e.linear};
    while (n && rt386_peek(p->machine, at, e.bytes, n) != RT386_OK)
        n--;
    e.length = (uint8_t)(n ? disasm_length(p->disasm, e.bytes, n, e.code32) : 0);
    char words[100] = "?";
    if (n) disasm_text(p->disasm, &e, words, sizeof words);
    snprintf(to, size, "%04x:%08x  %s", e.cs, e.eip, words);
}

/* ---- last and next -------------------------------------------------------------------------------- */

static void bytes_text(struct text *t, const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        text_addf(t, "%s%02x", i ? " " : "", p[i]);
}

static void sighting_text(struct text *t, const rt386_seek *seek, const rt386_sighting *s,
                          const char *here)
{
    text_addf(t, "%llu  clock %llu  %s\n", (unsigned long long)s->place.insns,
              (unsigned long long)s->place.clocks, here);
    if (seek->kind == RT386_SEEK_WRITE) {
        text_add(t, "    ");
        bytes_text(t, s->before, s->n);
        text_add(t, " became ");
        bytes_text(t, s->after, s->n);
        text_addf(t, ", from physical %08x on", s->at);
        if (s->by_kernel)
            text_addf(t, ", by the INtime kernel%s%s", *s->call ? " in " : "", s->call);
        text_add(t, "\n");
    }
    if (seek->kind == RT386_SEEK_READ) text_addf(t, "    physical %08x was read\n", s->at);
    if (seek->kind == RT386_SEEK_EVENT) text_addf(t, "    vector %u is delivered\n", s->vector);
    if (seek->kind == RT386_SEEK_CALL) text_addf(t, "    %s begins\n", s->call);
}

static void bytes_json(struct json *j, const char *key, const uint8_t *p, unsigned n)
{
    char hex[2 * 16 + 1] = "";
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", p[i]);
    json_str(j, key, hex);
}

static void sighting_json(struct text *t, const rt386_seek *seek, const rt386_sighting *s,
                          const char *here)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_num(&j, "insns", s->place.insns);
    json_num(&j, "clocks", s->place.clocks);
    json_str(&j, "at", here);
    if (seek->kind == RT386_SEEK_WRITE || seek->kind == RT386_SEEK_READ)
        json_hex(&j, "physical", s->at, 8);
    if (seek->kind == RT386_SEEK_WRITE) {
        bytes_json(&j, "before", s->before, s->n);
        bytes_json(&j, "after", s->after, s->n);
        json_bool(&j, "kernel", s->by_kernel);
    }
    if (seek->kind == RT386_SEEK_EVENT) json_num(&j, "vector", s->vector);
    if (*s->call) json_str(&j, "call", s->call);
    json_close(&j, '}');
    text_add(t, "\n");
}

static int find_some(struct past *p, const struct trace_options *o, const rt386_seek *seek,
                     bool forwards)
{
    uint64_t most = o->count.given ? o->count.value : 1;
    rt386_sighting found;
    for (uint64_t n = 0; n < most && !p->app->broken; n++) {
        rt386_status st = rt386_reverse_find(p->reverse, seek, 1, forwards, &found);
        if (st == RT386_E_NOTFOUND && n) break;
        if (st == RT386_E_NOTFOUND)
            return past_fail(p, STATUS_UNEXPECTED,
                             forwards ? "it does not happen from there on"
                                      : "it has not happened before");
        if (st != RT386_OK) return past_refused(p, st);
        struct text t = {0};
        char here[160];
        here_text(p, here, sizeof here);
        (o->common.json ? sighting_json : sighting_text)(&t, seek, &found, here);
        app_put(p->app, &t);
        text_free(&t);
    }
    return STATUS_OK;
}

static int find_in(struct app *app, const struct trace_options *o, char **word, int words,
                   bool forwards)
{
    struct past p;
    rt386_seek seek;
    const char *wrong =
        words == 2 ? seek_read(word[0], &seek) : "it takes what to look for and one FILE";
    if (wrong) {
        app_error(app, "trace %s: %s", forwards ? "next" : "last", wrong);
        return STATUS_USAGE;
    }
    int status = past_open(&p, app, o, word[1], !forwards);
    if (status == STATUS_OK) status = find_some(&p, o, &seek, forwards);
    return app_finish(app, past_close(&p, status));
}

int trace_last(struct app *app, const struct trace_options *o, char **word, int words)
{
    return find_in(app, o, word, words, false);
}

int trace_next(struct app *app, const struct trace_options *o, char **word, int words)
{
    return find_in(app, o, word, words, true);
}

/* ---- state ---------------------------------------------------------------------------------------- */

static void state_text(struct text *t, struct past *p)
{
    rt386_place at = rt386_reverse_place(p->reverse);
    const char *name;
    unsigned bits, column = 0;
    char here[160];
    uint64_t v = 0;
    here_text(p, here, sizeof here);
    text_addf(t, "%llu  clock %llu  %s\n", (unsigned long long)at.insns,
              (unsigned long long)at.clocks, here);
    for (unsigned i = 0; (name = rt386_reg_name(i, &bits)); i++) {
        if (rt386_reg_get(p->machine, name, &v) != RT386_OK) continue;
        unsigned digits = bits > 64 ? 16 : (bits + 3) / 4;
        text_addf(t, "  %-12s%0*llx%*s", name, (int)digits, (unsigned long long)v,
                  column == 3 ? 0 : 16 - (int)digits, "");
        if (column == 3) text_add(t, "\n");
        column = (column + 1) % 4;
    }
    if (column) text_add(t, "\n");
}

static void state_json(struct text *t, struct past *p)
{
    rt386_place at = rt386_reverse_place(p->reverse);
    struct json j = {.to = t};
    const char *name;
    unsigned bits;
    char here[160];
    uint64_t v = 0;
    here_text(p, here, sizeof here);
    json_open(&j, NULL, '{');
    json_num(&j, "insns", at.insns);
    json_num(&j, "clocks", at.clocks);
    json_str(&j, "at", here);
    json_open(&j, "registers", '{');
    for (unsigned i = 0; (name = rt386_reg_name(i, &bits)); i++)
        if (rt386_reg_get(p->machine, name, &v) == RT386_OK)
            json_hex(&j, name, v, bits > 64 ? 16 : (bits + 3) / 4);
    json_close(&j, '}');
    json_close(&j, '}');
    text_add(t, "\n");
}

int trace_state(struct app *app, const struct trace_options *o, char **word, int words)
{
    struct past p;
    struct text t = {0};
    if (words != 1) {
        app_error(app, "trace state: it takes one FILE");
        return STATUS_USAGE;
    }
    int status = past_open(&p, app, o, word[0], true);
    if (status == STATUS_OK) (o->common.json ? state_json : state_text)(&t, &p);
    app_put(app, &t);
    text_free(&t);
    return app_finish(app, past_close(&p, status));
}
