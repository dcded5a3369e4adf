/* trace_input.c: keyframes and input of an open trace. */
#include "trace_inside.h"

#define PARTS_MAX   (UINT64_C(2304) << 20) /* bytes: of a machine with 2 GB of memory, unpacked */
#define DIGESTS_MAX (UINT64_C(64) << 20)   /* bytes of a trace's: 2.8 million of them */

/* A chunk that goes on where the one before it, of the same tag, ended. */
static bool goes_on(const rt386_trace *t, size_t chunk)
{
    uint32_t tag = t->file.chunk[chunk].tag;
    while (chunk > 0 && t->file.chunk[--chunk].tag != tag)
        continue;
    return t->file.chunk[chunk].tag == tag && t->file.chunk[chunk].flags & CHUNK_MORE;
}

/* All its parts are there: a trace may have been cut off inside of its last one. */
static bool has_end(const rt386_trace *t, size_t chunk)
{
    while (chunk < t->file.count && t->file.chunk[chunk].tag == CHUNK_KEYFRAME)
        if (!(t->file.chunk[chunk++].flags & CHUNK_MORE)) return true;
    return false;
}

bool trace_keyframe_before(const rt386_trace *t, uint64_t insns, size_t *chunk)
{
    bool found = false;
    for (size_t i = 0; i < t->file.count; i++) {
        const struct chunk *c = &t->file.chunk[i];
        if (c->tag != CHUNK_KEYFRAME || c->insns > insns || (i && goes_on(t, i)) || !has_end(t, i))
            continue;
        *chunk = i;
        found = true;
    }
    return found;
}

uint64_t trace_chunk_insns(const rt386_trace *t, size_t chunk)
{
    return t->file.chunk[chunk].insns;
}

/* Bytes of the chunk with those that go on where it ends: they are small as long as they are packed. */
static bool parts_fit(const rt386_trace *t, size_t chunk)
{
    uint64_t n = 0;
    const struct chunk *c;
    do {
        c = &t->file.chunk[chunk];
        n += c->raw;
    } while (c->flags & CHUNK_MORE && ++chunk < t->file.count);
    return n <= PARTS_MAX;
}

const char *trace_keyframe_read(rt386_trace *t, size_t chunk, struct buffer *to)
{
    if (!parts_fit(t, chunk)) return "a keyframe is larger than any machine";
    for (;; chunk++) {
        if (chunk >= t->file.count || t->file.chunk[chunk].tag != CHUNK_KEYFRAME)
            return "a keyframe lacks its end";
        const char *why = chunk_read(&t->file, chunk, to);
        if (why || !(t->file.chunk[chunk].flags & CHUNK_MORE)) return why;
    }
}

/* All parts of a chunk that are there: a record whose end is missing is told of when its turn comes. */
static const char *parts_read(struct trace_inputs *in)
{
    const struct chunk_file *f = &in->t->file;
    const char *why = NULL;
    bool more = true;
    if (!parts_fit(in->t, in->chunk)) return "a record of input is larger than any machine";
    while (!why && more && in->chunk < f->count && f->chunk[in->chunk].tag == CHUNK_INPUT) {
        more = f->chunk[in->chunk].flags & CHUNK_MORE;
        why = chunk_read(&in->t->file, in->chunk++, &in->bytes);
    }
    return why;
}

/* The next chunk of input, with those that go on where it ends. */
static bool open_chunk(struct trace_inputs *in)
{
    const struct chunk_file *f = &in->t->file;
    while (in->chunk < f->count && f->chunk[in->chunk].tag != CHUNK_INPUT)
        in->chunk++;
    if (in->chunk == f->count) return false;
    in->bytes.n = 0;
    in->damage = parts_read(in);
    in->from = (struct source){.p = in->bytes.p, .end = in->bytes.p + in->bytes.n};
    return !in->damage;
}

bool trace_input_next(struct trace_inputs *in, struct trace_one_input *to)
{
    while (in->from.p == in->from.end)
        if (in->damage || !open_chunk(in)) return false;
    to->kind = source_8(&in->from);
    to->insns = source_varint(&in->from);
    to->clocks = source_varint(&in->from);
    uint64_t n = source_varint(&in->from);
    bool fits = !in->from.bad && n <= (size_t)(in->from.end - in->from.p);
    const uint8_t *p = fits ? source_bytes(&in->from, (size_t)n) : NULL;
    if (!fits) in->damage = "a record of input is damaged";
    if (fits) to->payload = (struct source){.p = p, .end = p + n};
    return fits;
}

void trace_inputs_free(struct trace_inputs *in)
{
    buffer_free(&in->bytes);
}

void trace_records_behind(rt386_trace *t, size_t chunk)
{
    t->at = chunk + 1;
    t->open = t->has_ahead = false;
}

static void digest_read(struct source *s, struct trace_one_digest *d)
{
    d->insns = source_64(s);
    d->clocks = source_64(s);
    d->digest = source_64(s);
}

struct trace_one_digest *trace_digests(rt386_trace *t, size_t *count, const char **why)
{
    struct buffer b = {0};
    *count = 0;
    *why = NULL;
    for (size_t i = 0; i < t->file.count && !*why; i++) {
        if (t->file.chunk[i].tag != CHUNK_DIGESTS) continue;
        bool fits = b.n + t->file.chunk[i].raw <= DIGESTS_MAX;
        *why = fits ? chunk_read(&t->file, i, &b) : "there are more than can be compared";
    }
    struct trace_one_digest *d = *why ? NULL : calloc(b.n / 24 + 1, sizeof *d);
    struct source s = {.p = b.p, .end = b.p + b.n};
    for (; d && s.end - s.p >= 24; ++*count)
        digest_read(&s, &d[*count]);
    buffer_free(&b);
    return d;
}
