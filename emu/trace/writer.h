/* writer.h: a trace into a file: the head, records, keyframes, input, digests, the end. */
#ifndef RT386_TRACE_WRITER_H
#define RT386_TRACE_WRITER_H

#include "chunk.h"
#include "encode.h"

/* Keys and values, as text, in HEAD. */
struct trace_pair {
    const char *key, *value;
};
struct trace_head {
    const char *const *field; /* names of all registers, in their order */
    const uint8_t *bits;      /* and their widths */
    unsigned fields;
    const struct trace_pair *pair;
    unsigned pairs;
};

struct trace_writer {
    struct chunk_writer out;
    struct encoder *enc;
    struct buffer chunk;
    struct buffer digests;
    uint64_t first_digest; /* instructions at the first one that is still to be written */
    uint64_t chunk_insns;  /* at the start of the records that are not written yet */
};

/* NULL: out of memory, or `put` said no. */
struct trace_writer *trace_writer_new(const struct trace_head *head,
                                      bool (*put)(void *ctx, const void *bytes, size_t n),
                                      void *ctx);
void trace_writer_free(struct trace_writer *w);
/* Records begin, or go on, at this instruction, with the fields that were set. */
void trace_records_begin(struct trace_writer *w, uint64_t insns, uint64_t clocks);
/* After each instruction: a new chunk where the present one is large enough. */
static inline bool trace_records_full(const struct trace_writer *w)
{
    return !(w->enc->items & 255) && encoder_size(w->enc) > ENCODE_FULL;
}
void trace_records_flush(struct trace_writer *w); /* ends a chunk */
void trace_digest(struct trace_writer *w, uint64_t insns, uint64_t clocks, uint64_t digest);
uint64_t trace_hash(const void *bytes, size_t n); /* XXH3, 64 bits */
void trace_keyframe(struct trace_writer *w, uint64_t insns, const void *bytes, size_t n);
void trace_input(struct trace_writer *w, uint64_t insns, const void *bytes, size_t n);
/* Everything is written; false: something of it could not be. `why`: one sentence. */
bool trace_writer_end(struct trace_writer *w, uint64_t insns, uint64_t clocks, unsigned kind,
                      uint32_t code, const char *why);

#endif
