/* print.c: formatted text to streams and to memory. */
#include "stdio.h"
#include "stream.h"

/* --- memory --- */

struct memory_sink {
    struct fmt_sink base;
    char *at;
    size_t room; /* bytes left before the terminator's place */
};

static void memory_put(struct fmt_sink *base, const char *text, size_t size)
{
    struct memory_sink *sink = (struct memory_sink *)base;
    base->total += size;
    if (size > sink->room) size = sink->room;
    for (size_t i = 0; i < size; i++)
        *sink->at++ = text[i];
    sink->room -= size;
}

int vsnprintf(char *s, size_t n, const char *format, va_list ap)
{
    struct memory_sink sink = {.base = {.put = memory_put}, .at = s, .room = n == 0 ? 0 : n - 1};
    int count = fmt_print(&sink.base, format, ap);
    if (n > 0) *sink.at = 0;
    return count;
}

int vsprintf(char *s, const char *format, va_list ap)
{
    return vsnprintf(s, 0x7FFFFFFFu, format, ap);
}

int vscprintf(const char *format, va_list ap)
{
    return vsnprintf(NULL, 0, format, ap);
}

int sprintf(char *s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsprintf(s, format, ap);
    va_end(ap);
    return n;
}

int snprintf(char *s, size_t n, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int count = vsnprintf(s, n, format, ap);
    va_end(ap);
    return count;
}

int scprintf(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vscprintf(format, ap);
    va_end(ap);
    return n;
}

/* --- streams: a block on the caller's stack gathers what goes out, so that a line is one call into the kernel --- */

struct stream_sink {
    struct fmt_sink base;
    FILE *f;
    bool failed;
    size_t used;
    char block[256];
};

static void block_out(struct stream_sink *sink, const char *text, size_t size)
{
    if (!sink->failed && size > 0) sink->failed = stream_put(sink->f, text, size) != size;
}

static void stream_sink_put(struct fmt_sink *base, const char *text, size_t size)
{
    struct stream_sink *sink = (struct stream_sink *)base;
    base->total += size;
    if (size > sizeof sink->block - sink->used) {
        block_out(sink, sink->block, sink->used);
        sink->used = 0;
    }
    if (size > sizeof sink->block) {
        block_out(sink, text, size);
        return;
    }
    for (size_t i = 0; i < size; i++)
        sink->block[sink->used++] = text[i];
}

int vfprintf(FILE *f, const char *format, va_list ap)
{
    struct stream_sink sink;
    int n = EOF;
    sink.base.put = stream_sink_put;
    sink.base.total = sink.used = 0;
    sink.f = f;
    sink.failed = false;
    clib_lock();
    if (stream_good(f)) {
        n = fmt_print(&sink.base, format, ap);
        block_out(&sink, sink.block, sink.used);
    }
    clib_unlock();
    return sink.failed ? EOF : n;
}

int vprintf(const char *format, va_list ap)
{
    return vfprintf(stdout, format, ap);
}

int printf(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vfprintf(stdout, format, ap);
    va_end(ap);
    return n;
}

int fprintf(FILE *f, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vfprintf(f, format, ap);
    va_end(ap);
    return n;
}
