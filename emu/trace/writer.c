#include "writer.h"

#include <xxhash.h>

#define DIGESTS_KEPT 1024u
#define DIGEST_SIZE  24u

static bool put_head(struct trace_writer *w, const struct trace_head *head)
{
    struct buffer b = {0};
    buffer_add_varint(&b, head->fields);
    for (unsigned i = 0; i < head->fields; i++) {
        buffer_add_text(&b, head->field[i]);
        buffer_add8(&b, head->bits[i]);
    }
    buffer_add_varint(&b, head->pairs);
    for (unsigned i = 0; i < head->pairs; i++) {
        buffer_add_text(&b, head->pair[i].key);
        buffer_add_text(&b, head->pair[i].value);
    }
    bool good = !b.failed && chunk_put(&w->out, CHUNK_HEAD, 0, 1, b.p, b.n);
    buffer_free(&b);
    return good;
}

struct trace_writer *trace_writer_new(const struct trace_head *head,
                                      bool (*put)(void *ctx, const void *bytes, size_t n),
                                      void *ctx)
{
    struct trace_writer *w = calloc(1, sizeof *w);
    if (w) w->enc = encoder_new(head->field, head->fields);
    if (w && w->enc && chunk_begin(&w->out, put, ctx) && put_head(w, head)) return w;
    trace_writer_free(w);
    return NULL;
}

void trace_writer_free(struct trace_writer *w)
{
    if (!w) return;
    encoder_free(w->enc);
    chunk_writer_free(&w->out);
    buffer_free(&w->chunk);
    buffer_free(&w->digests);
    free(w);
}

void trace_records_begin(struct trace_writer *w, uint64_t insns, uint64_t clocks)
{
    w->chunk_insns = insns;
    encoder_begin(w->enc, insns, clocks);
}

void trace_records_flush(struct trace_writer *w)
{
    uint64_t insns = w->enc->c.insns, clocks = w->enc->c.clocks;
    if (w->enc->items) {
        uint64_t items = w->enc->items;
        w->chunk.n = 0;
        encoder_take(w->enc, &w->chunk);
        /* One in parts could not be read. */
        if (w->enc->failed || w->chunk.n > CHUNK_RAW_MAX) w->out.failed = true;
        chunk_put(&w->out, CHUNK_RECORDS, w->chunk_insns, items, w->chunk.p, w->chunk.n);
        trace_records_begin(w, insns, clocks);
    }
}

static void flush_digests(struct trace_writer *w)
{
    if (w->digests.failed) w->out.failed = true;
    if (w->digests.n)
        chunk_put(&w->out, CHUNK_DIGESTS, w->first_digest, w->digests.n / DIGEST_SIZE, w->digests.p,
                  w->digests.n);
    w->digests.n = 0;
}

void trace_digest(struct trace_writer *w, uint64_t insns, uint64_t clocks, uint64_t digest)
{
    if (!w->digests.n) w->first_digest = insns;
    buffer_add64(&w->digests, insns);
    buffer_add64(&w->digests, clocks);
    buffer_add64(&w->digests, digest);
    if (w->digests.n >= DIGESTS_KEPT * DIGEST_SIZE) flush_digests(w);
}

void trace_keyframe(struct trace_writer *w, uint64_t insns, const void *bytes, size_t n)
{
    trace_records_flush(w);
    flush_digests(w);
    chunk_put(&w->out, CHUNK_KEYFRAME, insns, 1, bytes, n);
}

void trace_input(struct trace_writer *w, uint64_t insns, const void *bytes, size_t n)
{
    chunk_put(&w->out, CHUNK_INPUT, insns, 1, bytes, n);
}

bool trace_writer_end(struct trace_writer *w, uint64_t insns, uint64_t clocks, unsigned kind,
                      uint32_t code, const char *why)
{
    struct buffer b = {0};
    trace_records_flush(w);
    flush_digests(w);
    buffer_add64(&b, clocks);
    buffer_add32(&b, kind);
    buffer_add32(&b, code);
    buffer_add_text(&b, why);
    bool good = !b.failed && chunk_put(&w->out, CHUNK_END, insns, 1, b.p, b.n);
    buffer_free(&b);
    return good && chunk_end(&w->out) && !w->out.failed;
}

uint64_t trace_hash(const void *bytes, size_t n)
{
    return XXH3_64bits(bytes, n);
}
