/* stream.c: buffers between characters and descriptors. */
#include "stream.h"
#include "errno.h"
#include "string.h"

#define END_OF_TEXT 0x1A /* Control-Z ends a text file, as on Windows */

static FILE files[FOPEN_MAX] = {{.fd = 0, .flags = STREAM_OPEN | STREAM_READ},
                                {.fd = 1, .flags = STREAM_OPEN | STREAM_WRITE, .mode = _IONBF},
                                {.fd = 2, .flags = STREAM_OPEN | STREAM_WRITE, .mode = _IONBF}};

FILE *_stdio_ptr(void)
{
    return files;
}

bool stream_good(const FILE *f)
{
    uintptr_t off = (uintptr_t)f - (uintptr_t)files;
    if (off < sizeof files && off % sizeof *f == 0 && (f->flags & STREAM_OPEN) != 0) return true;
    errno = EBADF;
    return false;
}

static void failed(FILE *f)
{
    f->flags |= STREAM_ERROR;
}

/* --- the buffer --- */

/* Some buffer, if only the few bytes inside of the FILE. */
static void need_buffer(FILE *f)
{
    if (f->buffer != NULL) return;
    if (f->mode != _IONBF) {
        unsigned size = f->size == 0 ? BUFSIZ : f->size;
        f->buffer = heap_take(size);
        if (f->buffer != NULL) {
            f->size = size;
            f->flags |= STREAM_OWN;
            return;
        }
    }
    f->buffer = (unsigned char *)f->opaque;
    f->size = f->mode == _IONBF ? 1 : sizeof f->opaque;
}

void stream_drop_buffer(FILE *f)
{
    if ((f->flags & STREAM_OWN) != 0) heap_give(f->buffer);
    f->flags &= ~STREAM_OWN;
    f->buffer = NULL;
    f->size = f->at = f->end = f->backs = 0;
}

static int write_out(FILE *f, const void *data, size_t size)
{
    if (fd_write_all(f->fd, data, size) == 0) return 0;
    failed(f);
    return EOF;
}

int stream_flush(FILE *f)
{
    if ((f->flags & STREAM_WRITING) == 0) return 0;
    unsigned pending = f->at;
    f->at = 0;
    f->flags &= ~STREAM_WRITING;
    return write_out(f, f->buffer, pending);
}

int stream_settle(FILE *f)
{
    if ((f->flags & STREAM_READING) == 0) return stream_flush(f);
    long ahead = (long)(f->end - f->at) + (long)f->backs;
    f->flags &= ~STREAM_READING;
    f->at = f->end = f->backs = 0;
    if (ahead == 0 || f->fd < CONSOLE_FDS) return 0;
    return fd_seek(f->fd, -ahead, SEEK_CUR) < 0 ? EOF : 0;
}

long stream_tell(FILE *f)
{
    if (stream_flush(f) != 0) return -1;
    long here = fd_seek(f->fd, 0, SEEK_CUR);
    if (here < 0 || (f->flags & STREAM_READING) == 0) return here;
    here -= (long)(f->end - f->at) + (long)f->backs;
    return here < 0 ? 0 : here;
}

int stream_close(FILE *f)
{
    int result = stream_flush(f);
    if (fd_close(f->fd) < 0) result = EOF;
    stream_drop_buffer(f);
    f->flags = 0;
    return result;
}

/* --- reading --- */

bool stream_start_reading(FILE *f)
{
    if ((f->flags & STREAM_READ) == 0) {
        errno = EBADF;
        failed(f);
        return false;
    }
    if ((f->flags & STREAM_READING) != 0) return true;
    if (stream_flush(f) != 0) return false;
    need_buffer(f);
    f->at = f->end = f->backs = 0;
    f->flags |= STREAM_READING;
    return true;
}

/* A byte of the file, or EOF; the flags say why. */
static int next_byte(FILE *f)
{
    if (f->at == f->end) {
        int n = fd_read(f->fd, f->buffer, f->size);
        f->at = 0;
        f->end = n > 0 ? (unsigned)n : 0;
        if (n <= 0) {
            f->flags |= n == 0 ? STREAM_EOF : STREAM_ERROR;
            return EOF;
        }
    }
    return f->buffer[f->at++];
}

int stream_get(FILE *f)
{
    if (!stream_start_reading(f)) return EOF;
    if (f->backs > 0) return f->back[--f->backs];
    int c = next_byte(f);
    if ((f->flags & STREAM_TEXT) == 0) return c;
    if (c == END_OF_TEXT) {
        f->at--;
        f->flags |= STREAM_EOF;
        return EOF;
    }
    if (c != '\r') return c;
    unsigned flags = f->flags;
    int next = next_byte(f);
    if (next == '\n') return '\n';
    if (next != EOF) f->at--;
    f->flags = flags; /* what came after the CR is for the next call to find out */
    return '\r';
}

/* Bytes straight from the buffer where that is possible. */
size_t stream_read(FILE *f, void *data, size_t size)
{
    unsigned char *to = data;
    for (size_t done = 0;;) {
        if (done == size) return done;
        bool plain = (f->flags & STREAM_READING) != 0 && (f->flags & STREAM_TEXT) == 0;
        if (plain && f->backs == 0 && f->at < f->end) {
            size_t n = f->end - f->at < size - done ? f->end - f->at : size - done;
            memcpy(to + done, f->buffer + f->at, n);
            f->at += (unsigned)n;
            done += n;
            continue;
        }
        int c = stream_get(f);
        if (c == EOF) return done;
        to[done++] = (unsigned char)c;
    }
}

void stream_back(FILE *f, int c)
{
    f->flags &= ~STREAM_EOF;
    if (f->backs == 0 && f->at > 0 && f->buffer[f->at - 1] == c)
        f->at--;
    else if (f->backs < sizeof f->back)
        f->back[f->backs++] = (unsigned char)c;
}

/* --- writing --- */

static bool begin_writing(FILE *f)
{
    if ((f->flags & STREAM_WRITE) == 0) {
        errno = EBADF;
        failed(f);
        return false;
    }
    if ((f->flags & STREAM_WRITING) != 0) return true;
    if (stream_settle(f) != 0) return false;
    if (f->mode != _IONBF) need_buffer(f);
    f->at = f->end = f->backs = 0;
    return true;
}

/* Bytes as they are; without a buffer they go out at once. */
static int put_bytes(FILE *f, const char *data, size_t size)
{
    if (f->mode == _IONBF) return write_out(f, data, size);
    if (size >= f->size) {
        if (stream_flush(f) != 0) return EOF;
        return write_out(f, data, size);
    }
    if (size > f->size - f->at && stream_flush(f) != 0) return EOF;
    memcpy(f->buffer + f->at, data, size);
    f->at += (unsigned)size;
    f->flags |= STREAM_WRITING;
    return 0;
}

size_t stream_put(FILE *f, const char *text, size_t size)
{
    size_t done = 0;
    bool line = false;
    if (!begin_writing(f)) return 0;
    while (done < size) {
        size_t n = size - done;
        if ((f->flags & STREAM_TEXT) != 0 || f->mode == _IOLBF) {
            const char *end = memchr(text + done, '\n', n);
            if (end != NULL) n = (size_t)(end - (text + done));
            line |= end != NULL;
        }
        if (put_bytes(f, text + done, n) != 0) return done;
        done += n;
        if (done == size) break;
        bool crlf = (f->flags & STREAM_TEXT) != 0;
        if (put_bytes(f, crlf ? "\r\n" : "\n", crlf ? 2 : 1) != 0) return done;
        done++;
    }
    if (line && f->mode == _IOLBF) stream_flush(f);
    return done;
}
