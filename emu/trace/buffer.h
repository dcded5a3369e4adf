/* buffer.h: bytes that grow at the end, and a reader that cannot run past it. */
#ifndef RT386_TRACE_BUFFER_H
#define RT386_TRACE_BUFFER_H

#include <stdlib.h>
#include <string.h>

#include "bits.h"

struct buffer {
    uint8_t *p;
    size_t n, room;
    bool failed; /* the host had no memory: what was added since is lost */
};

/* Room for n more bytes at p + n of the buffer; false: there is none. */
bool buffer_grow(struct buffer *b, size_t n);
static inline bool buffer_room(struct buffer *b, size_t n)
{
    return !b->failed && (b->room - b->n >= n || buffer_grow(b, n));
}
static inline void buffer_free(struct buffer *b)
{
    free(b->p);
    *b = (struct buffer){0};
}
static inline void buffer_add(struct buffer *b, const void *bytes, size_t n)
{
    if (!n || !buffer_room(b, n)) return;
    memcpy(b->p + b->n, bytes, n);
    b->n += n;
}
static inline void buffer_add8(struct buffer *b, uint8_t v)
{
    if (!buffer_room(b, 1)) return;
    b->p[b->n++] = v;
}
static inline void buffer_add16(struct buffer *b, uint32_t v)
{
    if (!buffer_room(b, 2)) return;
    put16(b->p + b->n, v);
    b->n += 2;
}
static inline void buffer_add32(struct buffer *b, uint32_t v)
{
    if (!buffer_room(b, 4)) return;
    put32(b->p + b->n, v);
    b->n += 4;
}
static inline void buffer_add64(struct buffer *b, uint64_t v)
{
    if (!buffer_room(b, 8)) return;
    put64(b->p + b->n, v);
    b->n += 8;
}
/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static inline void buffer_add_varint(struct buffer *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buffer_add8(b, (uint8_t)(v | 0x80));
    buffer_add8(b, (uint8_t)v);
}
/* The number of bytes, then the bytes. */
static inline void buffer_add_text(struct buffer *b, const char *text)
{
    size_t n = strlen(text);
    buffer_add_varint(b, n);
    buffer_add(b, text, n);
}

/* Reads past the end give zero and set `bad`. */
struct source {
    const uint8_t *p, *end;
    bool bad;
};
static inline bool source_has(struct source *s, size_t n)
{
    if ((size_t)(s->end - s->p) >= n) return true;
    s->bad = true;
    s->p = s->end;
    return false;
}
static inline uint8_t source_8(struct source *s)
{
    return source_has(s, 1) ? *s->p++ : 0;
}
static inline uint32_t source_32(struct source *s)
{
    if (!source_has(s, 4)) return 0;
    s->p += 4;
    return get32(s->p - 4);
}
static inline uint64_t source_64(struct source *s)
{
    if (!source_has(s, 8)) return 0;
    s->p += 8;
    return get64(s->p - 8);
}
static inline uint64_t source_varint(struct source *s)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = source_8(s);
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80)) return v;
    }
    s->bad = true;
    return 0;
}
/* The next n bytes; NULL: there are not so many. */
static inline const uint8_t *source_bytes(struct source *s, size_t n)
{
    if (!source_has(s, n)) return NULL;
    s->p += n;
    return s->p - n;
}
/* A text, cut to what fits. */
void source_text(struct source *s, char *to, size_t size);

/* Signed differences as numbers that are small when the difference is. */
static inline uint32_t zigzag(uint32_t v)
{
    return v << 1 ^ (uint32_t) - (v >> 31);
}
static inline uint32_t zigzag_back(uint32_t v)
{
    return v >> 1 ^ (uint32_t) - (v & 1);
}

#endif
