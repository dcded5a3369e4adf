/* trace_stats.c: rt386 trace stats: what a trace holds, in numbers. */
#include "trace_cmd.h"
#include "work.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 1024u
#define TOP   20u

struct word { /* a mnemonic or a call, and how often it comes */
    char name[48];
    uint64_t count;
};
struct words {
    struct word at[WORDS];
    unsigned count;
};
struct stats {
    uint64_t kind[RT386_TRACE_PROCESS + 1];
    uint64_t reads, writes, clocks;
    uint64_t vector[256];
    struct words mnemonic, call;
};

static void count_word(struct words *w, const char *text, size_t n)
{
    if (n >= sizeof w->at[0].name) n = sizeof w->at[0].name - 1;
    unsigned i = 0;
    while (i < w->count && (strncmp(w->at[i].name, text, n) != 0 || w->at[i].name[n]))
        i++;
    if (i == WORDS) return;
    if (i == w->count) {
        memcpy(w->at[i].name, text, n);
        w->count++;
    }
    w->at[i].count++;
}

static int by_count(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void count_item(struct stats *s, struct disasm *d, const rt386_trace_item *i)
{
    char words[160];
    s->kind[i->kind]++;
    if (i->kind == RT386_TRACE_EVENT) s->vector[i->event.vector]++;
    if (i->kind == RT386_TRACE_CALL && !i->call.leaving)
        count_word(&s->call, i->call.name, strlen(i->call.name));
    if (i->kind == RT386_TRACE_MEM && i->mem.access == RT386_WRITE) s->writes++;
    if (i->kind == RT386_TRACE_MEM && i->mem.access == RT386_READ) s->reads++;
    if (i->kind != RT386_TRACE_INSN) return;
    s->clocks += i->insn.clocks;
    for (unsigned n = 0; n < i->insn.accesses; n++)
        *(i->insn.access[n].access == RT386_WRITE ? &s->writes : &s->reads) += 1;
    trace_insn_words(d, &i->insn, words, sizeof words);
    count_word(&s->mnemonic, words, strcspn(words, " "));
}

static void words_text(struct text *t, const char *title, struct words *w)
{
    qsort(w->at, w->count, sizeof w->at[0], by_count);
    if (w->count) text_addf(t, "%s\n", title);
    for (unsigned i = 0; i < w->count && i < TOP; i++)
        text_addf(t, "  %-30s%14llu\n", w->at[i].name, (unsigned long long)w->at[i].count);
}

static void stats_text(struct text *t, struct stats *s, const rt386_trace_info *info)
{
    uint64_t insns = s->kind[RT386_TRACE_INSN];
    for (unsigned k = 0; k <= RT386_TRACE_PROCESS; k++)
        if (s->kind[k])
            text_addf(t, "%-18s%14llu\n", trace_kind_name((rt386_trace_kind)k),
                      (unsigned long long)s->kind[k]);
    text_addf(t, "%-18s%14llu\n%-18s%14llu\n", "reads", (unsigned long long)s->reads, "writes",
              (unsigned long long)s->writes);
    if (insns) {
        text_addf(t, "%-18s%14.2f\n", "clocks/insn", (double)s->clocks / (double)insns);
        text_addf(t, "%-18s%14.3f\n", "bytes/insn", (double)info->bytes / (double)insns);
    }
    for (unsigned v = 0; v < 256; v++)
        if (s->vector[v])
            text_addf(t, "vector %02x %-9s%14llu\n", v, v < 32 ? rt386_vector_mnemonic(v) : "",
                      (unsigned long long)s->vector[v]);
    words_text(t, "instructions", &s->mnemonic);
    words_text(t, "calls", &s->call);
}

static void words_json(struct json *j, const char *key, struct words *w)
{
    qsort(w->at, w->count, sizeof w->at[0], by_count);
    json_open(j, key, '{');
    for (unsigned i = 0; i < w->count; i++)
        json_num(j, w->at[i].name, w->at[i].count);
    json_close(j, '}');
}

static void stats_json(struct text *t, struct stats *s, const rt386_trace_info *info)
{
    struct json j = {.to = t};
    json_open(&j, NULL, '{');
    json_str(&j, "schema", SCHEMA_TRACE);
    for (unsigned k = 0; k <= RT386_TRACE_PROCESS; k++)
        json_num(&j, trace_kind_name((rt386_trace_kind)k), s->kind[k]);
    json_num(&j, "reads", s->reads);
    json_num(&j, "writes", s->writes);
    json_num(&j, "clocks", s->clocks);
    json_num(&j, "bytes", info->bytes);
    words_json(&j, "instructions", &s->mnemonic);
    words_json(&j, "calls", &s->call);
    json_close(&j, '}');
    text_add(t, "\n");
}

static int stats_file(struct app *app, const struct trace_options *o, struct disasm *d,
                      struct stats *s, const char *path)
{
    rt386_trace *trace = NULL;
    rt386_trace_item item;
    rt386_status st;
    struct text t = {0};
    struct work work;
    int status = trace_file_open(app, path, &trace);
    if (status != STATUS_OK) return status;
    rt386_trace_info info = rt386_trace_describe(trace);
    work_begin(&work, app, path, info.first, info.insns);
    while ((st = rt386_trace_next(trace, &item)) == RT386_OK) {
        count_item(s, d, &item);
        if (!work_goes_on(&work, item.insns)) break;
    }
    status = work_end(&work, trace_file_end(app, path, trace, st));
    if (o->common.json)
        stats_json(&t, s, &info);
    else
        stats_text(&t, s, &info);
    app_put(app, &t);
    text_free(&t);
    rt386_trace_close(trace);
    return status;
}

int trace_stats(struct app *app, const struct trace_options *o, char **word, int words)
{
    int status = STATUS_OK;
    struct disasm *d = disasm_new();
    struct stats *s = calloc(1, sizeof *s);
    if (!d || !s) {
        app_error(app, "the host has no memory left");
        status = STATUS_USAGE;
    }
    for (int n = 0; n < words && d && s && !app->broken && status < STATUS_INT; n++) {
        memset(s, 0, sizeof *s);
        int one = stats_file(app, o, d, s, word[n]);
        if (one > status) status = one;
    }
    disasm_free(d);
    free(s);
    return app_finish(app, status);
}
