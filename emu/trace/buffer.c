#include "buffer.h"

bool buffer_grow(struct buffer *b, size_t n)
{
    size_t room = b->room ? b->room : 256;
    while (room - b->n < n && room < SIZE_MAX / 4)
        room *= 2;
    uint8_t *p = room - b->n < n ? NULL : realloc(b->p, room);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->room = room;
    return true;
}

void source_text(struct source *s, char *to, size_t size)
{
    uint64_t n = source_varint(s);
    const uint8_t *p = n <= (size_t)(s->end - s->p) ? source_bytes(s, (size_t)n) : NULL;
    if (!p && n) s->bad = true;
    size_t fits = p ? (n < size ? (size_t)n : size - 1) : 0;
    if (fits) memcpy(to, p, fits);
    to[fits] = 0;
}
