/* chunk.h: the file of a trace: chunks one after the other, each with its checksum, and an index at the end.
 *
 *   "RT386TRC" u16 major, u16 minor, u32 0
 *   chunk ... chunk, "INDX", tail
 *
 *   chunk  0    4       8        12    16            24     32          40
 *          |tag | flags | stored | raw | instruction | items | checksum  | stored bytes
 *   tail   "RT386END" u64 offset of INDX, u64 XXH3 of these 16 bytes
 *
 * stored: bytes that follow; raw: bytes when unpacked; instruction: how many had retired before the first item;
 * checksum: XXH3 (64 bits) of the 32 bytes before it and the stored bytes. All little-endian.
 *
 * A file that was cut off has no index: it is read chunk by chunk up to the first that is not whole. Unknown tags are
 * skipped. docs/trace-format.md describes what is in the chunks.
 *
 * Invariant: nothing that a file says makes the reader take more than CHUNK_RAW_MAX bytes at once.
 */
#ifndef RT386_TRACE_CHUNK_H
#define RT386_TRACE_CHUNK_H

#include <rt386/rt386.h>
#include <stdio.h>

#include "buffer.h"

#define TRACE_MAJOR   3u /* 1 and 2 are read as well */
#define TRACE_MINOR   0u
#define CHUNK_HEADER  40u
#define CHUNK_RAW_MAX (16u << 20)
#define CHUNK_ZSTD    1u /* flags: the stored bytes are a zstd frame */
#define CHUNK_MORE    2u /* flags: the next chunk of this tag goes on where this one ends */

#define CHUNK_TAG(a, b, c, d)                                                                      \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
enum {
    CHUNK_HEAD = CHUNK_TAG('H', 'E', 'A', 'D'),
    CHUNK_KEYFRAME = CHUNK_TAG('K', 'E', 'Y', 'F'),
    CHUNK_RECORDS = CHUNK_TAG('R', 'E', 'C', 'O'),
    CHUNK_INPUT = CHUNK_TAG('I', 'N', 'P', 'U'),
    CHUNK_DIGESTS = CHUNK_TAG('D', 'I', 'G', 'E'),
    CHUNK_END = CHUNK_TAG('E', 'N', 'D', ' '),
    CHUNK_INDEX = CHUNK_TAG('I', 'N', 'D', 'X')
};

struct chunk {
    uint32_t tag, flags, stored, raw;
    uint64_t insns, items;
    uint64_t at; /* of its header in the file */
};

/* --- writing --- */
struct chunk_writer {
    bool (*put)(void *ctx, const void *bytes, size_t n);
    void *ctx;
    uint64_t at;         /* bytes written */
    struct buffer index; /* of the chunks so far */
    struct buffer packed;
    void *zstd; /* ZSTD_CCtx */
    void *sum;  /* XXH3_state_t */
    bool plain; /* nothing is packed */
    bool failed;
};
/* False (and `failed`): out of memory, or `put` said no. */
bool chunk_begin(struct chunk_writer *w, bool (*put)(void *ctx, const void *bytes, size_t n),
                 void *ctx);
/* Any number of bytes: what is beyond CHUNK_RAW_MAX goes into chunks of its own, with CHUNK_MORE. */
bool chunk_put(struct chunk_writer *w, uint32_t tag, uint64_t insns, uint64_t items,
               const void *bytes, size_t n);
bool chunk_end(struct chunk_writer *w); /* the index and the tail */
void chunk_writer_free(struct chunk_writer *w);

/* --- reading --- */
struct chunk_file {
    FILE *f;
    uint64_t size;
    uint16_t major, minor;
    struct chunk *chunk; /* in their order, without the index */
    size_t count, room;
    bool whole;       /* the index and the tail were there */
    uint64_t cut_at;  /* else: where reading stopped */
    const char *why;  /* and why: a constant phrase */
    void *zstd;       /* ZSTD_DCtx */
    void *sum;        /* XXH3_state_t */
    struct buffer in; /* stored bytes of the chunk read last */
};
/* Takes over `f` on success. text, size: one sentence on failure. */
rt386_status chunk_open(struct chunk_file *c, FILE *f, char *text, size_t size);
/* The chunk's bytes, unpacked, appended to `to`. NULL, or why not: a constant phrase. */
const char *chunk_read(struct chunk_file *c, size_t index, struct buffer *to);
void chunk_close(struct chunk_file *c);

#endif
