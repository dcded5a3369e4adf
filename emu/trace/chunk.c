/* chunk.c: chunks into a file and back. */
#include "chunk.h"

#include <xxhash.h>
#include <zstd.h>

#define LEVEL       1 /* of zstd: recording is to be quick */
#define FILE_HEADER 16u
#define TAIL        24u
#define INDEX_ENTRY 24u
#define SMALL       64u /* bytes that are not worth packing */

static const char file_magic[8] = "RT386TRC", tail_magic[8] = "RT386END";

/* --- writing --- */

static bool put(struct chunk_writer *w, const void *bytes, size_t n)
{
    if (!w->failed && n && !w->put(w->ctx, bytes, n)) w->failed = true;
    if (!w->failed) w->at += n;
    return !w->failed;
}

bool chunk_begin(struct chunk_writer *w, bool (*out)(void *ctx, const void *bytes, size_t n),
                 void *ctx)
{
    uint8_t head[FILE_HEADER] = {0};
    *w = (struct chunk_writer){
        .put = out, .ctx = ctx, .zstd = ZSTD_createCCtx(), .sum = XXH3_createState()};
    memcpy(head, file_magic, sizeof file_magic);
    put16(head + 8, TRACE_MAJOR);
    put16(head + 10, TRACE_MINOR);
    if (!w->zstd || !w->sum) w->failed = true;
    return put(w, head, sizeof head);
}

static uint64_t checksum(XXH3_state_t *s, const uint8_t *header, const void *bytes, size_t n)
{
    XXH3_64bits_reset(s);
    XXH3_64bits_update(s, header, CHUNK_HEADER - 8);
    XXH3_64bits_update(s, bytes, n);
    return XXH3_64bits_digest(s);
}

/* The bytes as they are stored: packed where that helps. */
static const void *pack(struct chunk_writer *w, struct chunk *c, const void *bytes)
{
    c->stored = c->raw;
    if (c->raw < SMALL || w->plain) return bytes;
    size_t bound = ZSTD_compressBound(c->raw);
    w->packed.n = 0;
    if (!buffer_room(&w->packed, bound)) {
        w->failed = true;
        return bytes;
    }
    size_t n = ZSTD_compressCCtx(w->zstd, w->packed.p, bound, bytes, c->raw, LEVEL);
    if (ZSTD_isError(n) || n >= c->raw) return bytes;
    c->stored = (uint32_t)n;
    c->flags |= CHUNK_ZSTD;
    return w->packed.p;
}

static bool put_one(struct chunk_writer *w, struct chunk *c, const void *bytes)
{
    uint8_t head[CHUNK_HEADER];
    const void *stored = pack(w, c, bytes);
    put32(head, c->tag);
    put32(head + 4, c->flags);
    put32(head + 8, c->stored);
    put32(head + 12, c->raw);
    put64(head + 16, c->insns);
    put64(head + 24, c->items);
    put64(head + 32, checksum(w->sum, head, stored, c->stored));
    buffer_add32(&w->index, c->tag);
    buffer_add32(&w->index, 0);
    buffer_add64(&w->index, w->at);
    buffer_add64(&w->index, c->insns);
    if (w->index.failed) w->failed = true;
    return put(w, head, sizeof head) && put(w, stored, c->stored);
}

bool chunk_put(struct chunk_writer *w, uint32_t tag, uint64_t insns, uint64_t items,
               const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    do {
        size_t part = n > CHUNK_RAW_MAX ? CHUNK_RAW_MAX : n;
        struct chunk c = {.tag = tag,
                          .flags = part < n ? CHUNK_MORE : 0,
                          .raw = (uint32_t)part,
                          .insns = insns,
                          .items = items};
        if (w->failed || !put_one(w, &c, p)) return false;
        p += part;
        n -= part;
    } while (n);
    return true;
}

bool chunk_end(struct chunk_writer *w)
{
    uint8_t tail[TAIL];
    uint64_t at = w->at;
    struct buffer index = w->index; /* without its own entry */
    w->index = (struct buffer){0};
    bool good = chunk_put(w, CHUNK_INDEX, 0, index.n / INDEX_ENTRY, index.p, index.n);
    buffer_free(&index);
    memcpy(tail, tail_magic, sizeof tail_magic);
    put64(tail + 8, at);
    put64(tail + 16, XXH3_64bits(tail, 16));
    return good && put(w, tail, sizeof tail);
}

void chunk_writer_free(struct chunk_writer *w)
{
    ZSTD_freeCCtx(w->zstd);
    XXH3_freeState(w->sum);
    buffer_free(&w->index);
    buffer_free(&w->packed);
}

/* --- reading --- */

static bool read_at(struct chunk_file *c, uint64_t at, void *to, size_t n)
{
    if (at > c->size || c->size - at < n) return false;
    return fseeko(c->f, (off_t)at, SEEK_SET) == 0 && fread(to, 1, n, c->f) == n;
}

/* A chunk's header, also as it stands in the file. NULL, or what is wrong. */
static const char *header_at(struct chunk_file *c, uint64_t at, struct chunk *to,
                             uint8_t head[CHUNK_HEADER])
{
    if (!read_at(c, at, head, CHUNK_HEADER)) return "it ends inside of a chunk's header";
    *to = (struct chunk){.tag = get32(head),
                         .flags = get32(head + 4),
                         .stored = get32(head + 8),
                         .raw = get32(head + 12),
                         .insns = get64(head + 16),
                         .items = get64(head + 24),
                         .at = at};
    if (to->raw > CHUNK_RAW_MAX || to->stored > to->raw) return "a chunk's length is damaged";
    if (!(to->flags & CHUNK_ZSTD) && to->stored != to->raw) return "a chunk's length is damaged";
    if (c->size - at - CHUNK_HEADER < to->stored) return "it ends inside of a chunk";
    return NULL;
}

/* A chunk's header, and its stored bytes into c->in. */
static const char *load(struct chunk_file *c, uint64_t at, struct chunk *to)
{
    uint8_t head[CHUNK_HEADER];
    const char *why = header_at(c, at, to, head);
    if (why) return why;
    c->in.n = 0;
    if (to->stored && !buffer_room(&c->in, to->stored)) return "the host has no memory left";
    if (!read_at(c, at + CHUNK_HEADER, c->in.p, to->stored)) return "it cannot be read";
    c->in.n = to->stored;
    return checksum(c->sum, head, c->in.p, to->stored) == get64(head + 32)
               ? NULL
               : "a chunk's checksum is wrong";
}

const char *chunk_read(struct chunk_file *c, size_t index, struct buffer *to)
{
    struct chunk have;
    const char *why = load(c, c->chunk[index].at, &have);
    if (why) return why;
    if (have.raw && !buffer_room(to, have.raw)) return "the host has no memory left";
    if (!(have.flags & CHUNK_ZSTD)) {
        buffer_add(to, c->in.p, have.raw);
        return NULL;
    }
    size_t n = ZSTD_decompressDCtx(c->zstd, to->p + to->n, have.raw, c->in.p, have.stored);
    if (ZSTD_isError(n) || n != have.raw) return "a chunk does not unpack";
    to->n += n;
    return NULL;
}

static bool chunk_list(struct chunk_file *c, const struct chunk *one)
{
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 64;
        struct chunk *p = realloc(c->chunk, room * sizeof *p);
        if (!p) return false;
        c->chunk = p;
        c->room = room;
    }
    c->chunk[c->count++] = *one;
    return true;
}

/* From the first chunk to the index, or to the first that is not whole. Only headers are read here: what a chunk
 * holds is checked when it is used. */
static bool scan(struct chunk_file *c)
{
    struct chunk one;
    uint8_t head[CHUNK_HEADER];
    uint64_t at = FILE_HEADER;
    for (;; at += CHUNK_HEADER + one.stored) {
        c->cut_at = at;
        if (at == c->size) {
            c->why = "it ends without an index: its recording was cut off";
            return true;
        }
        c->why = header_at(c, at, &one, head);
        if (c->why) return true;
        if (one.tag == CHUNK_INDEX) break;
        if (!chunk_list(c, &one)) return false;
    }
    uint8_t tail[TAIL];
    uint64_t end = at + CHUNK_HEADER + one.stored;
    bool good = c->size - end == TAIL && read_at(c, end, tail, TAIL) && get64(tail + 8) == at &&
                !memcmp(tail, tail_magic, 8) && XXH3_64bits(tail, 16) == get64(tail + 16);
    c->whole = good && !load(c, at, &one);
    if (!c->whole) c->why = "its end is damaged";
    return true;
}

static rt386_status refuse(struct chunk_file *c, rt386_status status, char *text, size_t size,
                           const char *why)
{
    snprintf(text, size, "%s", why);
    c->f = NULL;
    chunk_close(c);
    return status;
}

rt386_status chunk_open(struct chunk_file *c, FILE *f, char *text, size_t size)
{
    uint8_t head[FILE_HEADER];
    *c = (struct chunk_file){.f = f, .zstd = ZSTD_createDCtx(), .sum = XXH3_createState()};
    if (!c->zstd || !c->sum)
        return refuse(c, RT386_E_NOMEM, text, size, "the host has no memory left");
    off_t end = fseeko(f, 0, SEEK_END) == 0 ? ftello(f) : -1;
    if (end < 0) return refuse(c, RT386_E_IO, text, size, "it is no regular file");
    c->size = (uint64_t)end;
    if (!read_at(c, 0, head, sizeof head) || memcmp(head, file_magic, sizeof file_magic) != 0)
        return refuse(c, RT386_E_FORMAT, text, size,
                      "it is no trace: it does not begin with RT386TRC");
    c->major = get16(head + 8);
    c->minor = get16(head + 10);
    if (c->major < 1 || c->major > TRACE_MAJOR) {
        char why[96];
        snprintf(why, sizeof why, "it is of version %u.%u; this build reads 1.x to %u.x", c->major,
                 c->minor, TRACE_MAJOR);
        return refuse(c, RT386_E_FORMAT, text, size, why);
    }
    if (!scan(c)) return refuse(c, RT386_E_NOMEM, text, size, "the host has no memory left");
    return RT386_OK;
}

void chunk_close(struct chunk_file *c)
{
    if (c->f) fclose(c->f);
    ZSTD_freeDCtx(c->zstd);
    XXH3_freeState(c->sum);
    buffer_free(&c->in);
    free(c->chunk);
    *c = (struct chunk_file){0};
}
