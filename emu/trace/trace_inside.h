/* trace_inside.h: an open trace, for those inside of the emulator: keyframes and input, besides the records. */
#ifndef RT386_TRACE_INSIDE_H
#define RT386_TRACE_INSIDE_H

#include "chunk.h"
#include "decode.h"

#define TEXT_MAX  256u /* of a value of the head */
#define PAIRS_MAX 64u

struct pair {
    char key[32], value[TEXT_MAX];
};
struct rt386_trace {
    struct chunk_file file;
    char (*name)[32];
    uint8_t *bits;
    unsigned fields;
    struct pair *pair;
    unsigned pairs;
    struct decoder *decoder;
    struct buffer chunk; /* the records that are being read */
    size_t at;           /* the chunk behind them */
    size_t reading;      /* and theirs */
    bool open;           /* there are such */
    rt386_trace_info info;
    rt386_trace_item ahead; /* read by rt386_trace_seek */
    bool has_ahead;
    rt386_look look; /* NULL: nobody is asked */
    void *look_ctx;
    char error[200];
};

/* The last whole keyframe at or before that many instructions: the number of its first chunk; false: there is none. */
bool trace_keyframe_before(const rt386_trace *t, uint64_t insns, size_t *chunk);
/* Instructions before the chunk. */
uint64_t trace_chunk_insns(const rt386_trace *t, size_t chunk);
/* A keyframe, appended to `to`. NULL, or what is wrong: a constant phrase. */
const char *trace_keyframe_read(rt386_trace *t, size_t chunk, struct buffer *to);

/* The records behind that chunk are read next. */
void trace_records_behind(rt386_trace *t, size_t chunk);

/* Digests of the whole state. */
struct trace_one_digest {
    uint64_t insns, clocks, digest;
};
/* All of them, in their order, for the caller to free; *count. NULL: none, or *why: a constant phrase. */
struct trace_one_digest *trace_digests(rt386_trace *t, size_t *count, const char **why);

/* What came from outside, in its order. */
struct trace_inputs {
    rt386_trace *t;
    size_t chunk;        /* the next one to be read */
    struct buffer bytes; /* of the one that is being read */
    struct source from;
    const char *damage; /* a constant phrase, or NULL */
};
struct trace_one_input {
    uint8_t kind;
    uint64_t insns, clocks;
    struct source payload;
};
/* False: there are no more, or `damage`. The payload stays until the next call. */
bool trace_input_next(struct trace_inputs *in, struct trace_one_input *to);
void trace_inputs_free(struct trace_inputs *in);

#endif
