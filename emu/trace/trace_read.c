/* trace_read.c: traces, for those who read them. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "trace_inside.h"

static rt386_status fail(rt386_trace *t, rt386_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static rt386_status fail(rt386_trace *t, rt386_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(t->error, sizeof t->error, format, args);
    va_end(args);
    return status;
}

static rt386_status fail_chunk(rt386_trace *t, size_t index, const char *why)
{
    const struct chunk *c = &t->file.chunk[index];
    return fail(t, RT386_E_FORMAT, "the chunk at byte %llu, from instruction %llu on: %s",
                (unsigned long long)c->at, (unsigned long long)c->insns, why);
}

/* --- the head and the end --- */

static bool head_fields(rt386_trace *t, struct source *s)
{
    uint64_t n = source_varint(s);
    if (s->bad || n > CODER_FIELDS) return false;
    t->name = calloc(n + 1, sizeof *t->name);
    t->bits = calloc(n + 1, 1);
    if (!t->name || !t->bits) return false;
    t->fields = (unsigned)n;
    for (unsigned i = 0; i < t->fields; i++) {
        source_text(s, t->name[i], sizeof t->name[i]);
        t->bits[i] = source_8(s);
    }
    return !s->bad;
}

static bool head_pairs(rt386_trace *t, struct source *s)
{
    uint64_t n = source_varint(s);
    if (s->bad || n > PAIRS_MAX) return false;
    t->pair = calloc(n + 1, sizeof *t->pair);
    if (!t->pair) return false;
    t->pairs = (unsigned)n;
    for (unsigned i = 0; i < t->pairs; i++) {
        source_text(s, t->pair[i].key, sizeof t->pair[i].key);
        source_text(s, t->pair[i].value, sizeof t->pair[i].value);
    }
    return !s->bad;
}

static rt386_status read_head(rt386_trace *t)
{
    if (!t->file.count || t->file.chunk[0].tag != CHUNK_HEAD)
        return fail(t, RT386_E_FORMAT, "it ends before its head");
    const char *why = chunk_read(&t->file, 0, &t->chunk);
    if (why) return fail_chunk(t, 0, why);
    struct source s = {.p = t->chunk.p, .end = t->chunk.p + t->chunk.n};
    if (!head_fields(t, &s) || !head_pairs(t, &s))
        return fail(t, RT386_E_FORMAT, "its head is damaged");
    const char *name[CODER_FIELDS];
    for (unsigned i = 0; i < t->fields; i++)
        name[i] = t->name[i];
    t->decoder = decoder_new(name, t->fields);
    if (t->decoder) t->decoder->c.rule_first = t->file.major > 1;
    return t->decoder ? RT386_OK
                      : fail(t, RT386_E_FORMAT, "its head does not name the registers of an i386");
}

static void read_end(rt386_trace *t, size_t index)
{
    t->chunk.n = 0;
    if (chunk_read(&t->file, index, &t->chunk)) return;
    struct source s = {.p = t->chunk.p, .end = t->chunk.p + t->chunk.n};
    rt386_trace_info *i = &t->info;
    i->clocks = source_64(&s);
    i->end_kind = (rt386_exit_kind)source_32(&s);
    i->end_code = source_32(&s);
    source_text(&s, i->end_text, sizeof i->end_text);
    i->has_end = !s.bad;
}

static void count_chunks(rt386_trace *t)
{
    rt386_trace_info *i = &t->info;
    *i = (rt386_trace_info){.major = t->file.major,
                            .minor = t->file.minor,
                            .bytes = t->file.size,
                            .whole = t->file.whole,
                            .cut_at = t->file.cut_at,
                            .chunks = (unsigned)t->file.count};
    if (!i->whole && t->file.why) snprintf(i->why, sizeof i->why, "%s", t->file.why);
    i->first = UINT64_MAX;
    for (size_t n = 0; n < t->file.count; n++) {
        const struct chunk *c = &t->file.chunk[n];
        if (c->tag != CHUNK_HEAD && c->insns < i->first) i->first = c->insns;
        if (c->insns > i->insns) i->insns = c->insns;
        i->keyframes += c->tag == CHUNK_KEYFRAME && !(c->flags & CHUNK_MORE);
        if (c->tag == CHUNK_RECORDS) i->records += c->items;
        if (c->tag == CHUNK_DIGESTS) i->digests += c->items;
        if (c->tag == CHUNK_END) read_end(t, n);
    }
    if (i->first == UINT64_MAX) i->first = 0;
}

/* The next chunk of records. */
static rt386_status open_chunk(rt386_trace *t)
{
    while (t->at < t->file.count && t->file.chunk[t->at].tag != CHUNK_RECORDS)
        t->at++;
    t->open = false;
    if (t->at == t->file.count) return RT386_E_NOTFOUND;
    t->reading = t->at++;
    t->chunk.n = 0;
    const char *why = chunk_read(&t->file, t->reading, &t->chunk);
    if (!why)
        why = decoder_begin(t->decoder, t->chunk.p, t->chunk.n, t->file.chunk[t->reading].insns);
    if (why) return fail_chunk(t, t->reading, why);
    t->open = true;
    return RT386_OK;
}

/* To the first item. What is wrong with its chunk is told when it is read. */
static void start(rt386_trace *t)
{
    t->has_ahead = false;
    t->at = 0;
    if (open_chunk(t) != RT386_OK) t->at = 0;
}

static rt386_status open_file(FILE *f, rt386_trace **trace, char *err, size_t err_size)
{
    rt386_trace *t = f ? calloc(1, sizeof *t) : NULL;
    *trace = NULL;
    if (!t) {
        rt386_status why = f ? RT386_E_NOMEM : errno == ENOENT ? RT386_E_NOTFOUND : RT386_E_IO;
        snprintf(err, err_size, "%s", f ? "the host has no memory left" : strerror(errno));
        if (f) fclose(f);
        return why;
    }
    rt386_status status = chunk_open(&t->file, f, t->error, sizeof t->error);
    if (status != RT386_OK) fclose(f);
    if (status == RT386_OK) status = read_head(t);
    if (status == RT386_OK) {
        count_chunks(t);
        start(t);
        *trace = t;
        return RT386_OK;
    }
    snprintf(err, err_size, "%s", t->error);
    rt386_trace_close(t);
    return status;
}

rt386_status rt386_trace_open(const char *path, rt386_trace **trace, char *err, size_t err_size)
{
    return open_file(fopen(path, "rbe"), trace, err, err_size);
}

rt386_status rt386_trace_open_bytes(const void *bytes, size_t n, rt386_trace **trace, char *err,
                                    size_t err_size)
{
    if (bytes && n) return open_file(fmemopen((void *)bytes, n, "rb"), trace, err, err_size);
    *trace = NULL;
    snprintf(err, err_size, "it is empty");
    return RT386_E_FORMAT;
}

void rt386_trace_close(rt386_trace *t)
{
    if (!t) return;
    chunk_close(&t->file);
    decoder_free(t->decoder);
    buffer_free(&t->chunk);
    free(t->name);
    free(t->bits);
    free(t->pair);
    free(t);
}

rt386_trace_info rt386_trace_describe(const rt386_trace *t)
{
    return t->info;
}

const char *rt386_trace_value(const rt386_trace *t, const char *key)
{
    for (unsigned i = 0; i < t->pairs; i++)
        if (!strcmp(t->pair[i].key, key)) return t->pair[i].value;
    return NULL;
}

const char *rt386_trace_key(const rt386_trace *t, unsigned index)
{
    return index < t->pairs ? t->pair[index].key : NULL;
}

const char *rt386_trace_field_name(const rt386_trace *t, unsigned index, unsigned *bits)
{
    if (index >= t->fields) return NULL;
    if (bits) *bits = t->bits[index];
    return t->name[index];
}

const char *rt386_trace_error(const rt386_trace *t)
{
    return t->error;
}

/* --- items --- */

rt386_status rt386_trace_next(rt386_trace *t, rt386_trace_item *item)
{
    if (t->has_ahead) {
        t->has_ahead = false;
        *item = t->ahead;
        return RT386_OK;
    }
    for (;;) {
        int got = t->open ? decode_next(t->decoder, item) : 0;
        if (got > 0) return RT386_OK;
        if (got < 0)
            return fail(t, RT386_E_FORMAT, "the record behind instruction %llu is damaged",
                        (unsigned long long)t->decoder->c.insns);
        rt386_status status = open_chunk(t);
        if (status != RT386_OK) return status;
    }
}

/* The first item behind so many instructions may stand in a chunk that began before them: one may end behind an exception. */
rt386_status rt386_trace_seek(rt386_trace *t, uint64_t insns)
{
    size_t best = 0;
    for (size_t i = 0; i < t->file.count; i++)
        if (t->file.chunk[i].tag == CHUNK_RECORDS && t->file.chunk[i].insns < insns) best = i;
    t->at = best;
    t->open = t->has_ahead = false;
    rt386_status status;
    do {
        status = rt386_trace_next(t, &t->ahead);
    } while (status == RT386_OK && t->ahead.insns < insns);
    t->has_ahead = status == RT386_OK;
    return status;
}

uint64_t rt386_trace_field(const rt386_trace *t, unsigned index)
{
    return index < t->fields ? coder_field(&t->decoder->c, index) : 0;
}

rt386_status rt386_trace_inputs(rt386_trace *t, uint64_t *count)
{
    struct trace_inputs in = {.t = t};
    struct trace_one_input one;
    uint64_t insns = 0, clocks = 0;
    *count = 0;
    while (!in.damage && trace_input_next(&in, &one)) {
        if (one.insns < insns || one.clocks < clocks)
            in.damage = "a record of input comes too late";
        else
            ++*count;
        insns = one.insns;
        clocks = one.clocks;
    }
    trace_inputs_free(&in);
    if (!in.damage) return RT386_OK;
    return fail(t, RT386_E_FORMAT, "behind %llu records of input, at instruction %llu: %s",
                (unsigned long long)*count, (unsigned long long)insns, in.damage);
}

static rt386_status check_records(rt386_trace *t, size_t index)
{
    rt386_trace_item item;
    uint64_t items = 0;
    int got;
    t->at = index;
    rt386_status status = open_chunk(t);
    if (status != RT386_OK) return status;
    while ((got = decode_next(t->decoder, &item)) > 0)
        items++;
    if (got < 0)
        return fail(t, RT386_E_FORMAT, "the record behind instruction %llu is damaged",
                    (unsigned long long)t->decoder->c.insns);
    return items == t->file.chunk[index].items
               ? RT386_OK
               : fail_chunk(t, index, "it holds another number of items than it says");
}

void rt386_trace_look(rt386_trace *t, rt386_look look, void *ctx)
{
    t->look = look;
    t->look_ctx = ctx;
}

rt386_status rt386_trace_check(rt386_trace *t)
{
    rt386_status status = RT386_OK;
    t->has_ahead = false;
    for (size_t i = 0; i < t->file.count && status == RT386_OK; i++) {
        if (t->look && !t->look(t->look_ctx, t->file.chunk[i].insns)) {
            start(t);
            return fail(t, RT386_E_STATE, "ended on request");
        }
        if (t->file.chunk[i].tag == CHUNK_RECORDS) {
            status = check_records(t, i);
            continue;
        }
        t->chunk.n = 0;
        const char *why = chunk_read(&t->file, i, &t->chunk);
        if (why) status = fail_chunk(t, i, why);
    }
    uint64_t inputs;
    if (status == RT386_OK && t->info.whole) status = rt386_trace_inputs(t, &inputs);
    if (status != RT386_OK) return status;
    start(t);
    if (t->info.whole) return RT386_OK;
    return fail(t, RT386_E_FORMAT, "at byte %llu: %s", (unsigned long long)t->info.cut_at,
                t->info.why);
}

bool rt386_trace_same_access(const rt386_trace_access *a, const rt386_trace_access *b)
{
    return a->seg == b->seg && a->access == b->access && a->size == b->size &&
           a->offset == b->offset && a->linear == b->linear && a->physical == b->physical &&
           a->value == b->value;
}

bool rt386_trace_same_insn(const rt386_trace_insn *a, const rt386_trace_insn *b)
{
    if (a->linear != b->linear || a->length != b->length || a->accesses != b->accesses ||
        memcmp(a->bytes, b->bytes, a->length) != 0 ||
        memcmp(&a->after, &b->after, sizeof a->after) != 0)
        return false;
    for (unsigned i = 0; i < a->accesses; i++)
        if (!rt386_trace_same_access(&a->access[i], &b->access[i])) return false;
    return true;
}
