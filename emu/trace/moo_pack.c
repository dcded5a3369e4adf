/* moo_pack.c: files in and out of memory, gzip included. */
#include "moo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIECE (256u << 10)

rt386_status moo_load(const char *path, struct buffer *to, const struct moo_err *err)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return moo_refuse(err, errno == ENOENT ? RT386_E_NOTFOUND : RT386_E_IO, "%s",
                          strerror(errno));
    char *buffer = malloc(PIECE);
    size_t n = 0;
    while (buffer && !to->failed && to->n <= MOO_UNPACKED_MAX && (n = fread(buffer, 1, PIECE, f)))
        buffer_add(to, buffer, n);
    bool bad = ferror(f);
    fclose(f);
    free(buffer);
    if (!buffer || to->failed) return moo_refuse(err, RT386_E_NOMEM, "out of memory");
    if (bad) return moo_refuse(err, RT386_E_IO, "it cannot be read");
    if (to->n > MOO_UNPACKED_MAX) return moo_refuse(err, RT386_E_FORMAT, "it is over 256 MB");
    return RT386_OK;
}

/* One call of inflate; appends what came out. */
static int inflate_piece(z_stream *z, uint8_t *piece, struct buffer *out)
{
    z->next_out = piece;
    z->avail_out = PIECE;
    int r = inflate(z, Z_NO_FLUSH);
    buffer_add(out, piece, PIECE - z->avail_out);
    /* gzip files may be several members one after the other */
    if (r == Z_STREAM_END && z->avail_in) r = inflateReset(z);
    return r;
}

static rt386_status inflate_all(z_stream *z, uint8_t *piece, struct buffer *out,
                                const struct moo_err *err)
{
    int r = Z_OK;
    while (r == Z_OK && !out->failed && out->n <= MOO_UNPACKED_MAX)
        r = inflate_piece(z, piece, out);
    if (out->failed || r == Z_MEM_ERROR) return moo_refuse(err, RT386_E_NOMEM, "out of memory");
    if (out->n > MOO_UNPACKED_MAX)
        return moo_refuse(err, RT386_E_FORMAT, "it unpacks to more than 256 MB");
    if (r != Z_STREAM_END)
        return moo_refuse(err, RT386_E_FORMAT, "its gzip data is damaged or cut off");
    return RT386_OK;
}

rt386_status moo_unpack(struct buffer *bytes, const struct moo_err *err)
{
    if (bytes->n < 2 || bytes->p[0] != 0x1f || bytes->p[1] != 0x8b) return RT386_OK;
    z_stream z = {.next_in = bytes->p, .avail_in = (uInt)bytes->n};
    uint8_t *piece = malloc(PIECE);
    struct buffer out = {0};
    rt386_status st = RT386_E_NOMEM;
    if (piece && inflateInit2(&z, 15 + 16) == Z_OK) {
        st = inflate_all(&z, piece, &out, err);
        inflateEnd(&z);
    }
    free(piece);
    if (st != RT386_OK) {
        free(out.p);
        return st;
    }
    free(bytes->p);
    *bytes = out;
    return RT386_OK;
}

rt386_status rt386_moo_write_gzip(const rt386_moo *moo, rt386_moo_put put, void *ctx)
{
    z_stream z = {.next_in = moo->bytes, .avail_in = (uInt)moo->n};
    uint8_t *piece = malloc(PIECE);
    if (!piece || deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(piece);
        return RT386_E_NOMEM;
    }
    int r = Z_OK;
    bool going = true;
    while (r == Z_OK && going) {
        z.next_out = piece;
        z.avail_out = PIECE;
        r = deflate(&z, Z_FINISH);
        if (r == Z_OK || r == Z_STREAM_END) going = put(ctx, (char *)piece, PIECE - z.avail_out);
    }
    deflateEnd(&z);
    free(piece);
    return going && r == Z_STREAM_END ? RT386_OK : RT386_E_IO;
}
