/* scanf.c: formatted input from streams and from memory. */
#include "stdio.h"
#include "stream.h"

struct text_source {
    struct scan_source base;
    const char *at;
};

static int text_get(struct scan_source *base)
{
    struct text_source *source = (struct text_source *)base;
    return *source->at == 0 ? -1 : (unsigned char)*source->at++;
}

static void text_back(struct scan_source *base, int c)
{
    (void)c;
    ((struct text_source *)base)->at--;
}

int vsscanf(const char *s, const char *format, va_list ap)
{
    struct text_source source = {{text_get, text_back}, s};
    return scan_input(&source.base, format, ap);
}

struct stream_source {
    struct scan_source base;
    FILE *f;
};

static int file_get(struct scan_source *base)
{
    return stream_get(((struct stream_source *)base)->f);
}

static void file_back(struct scan_source *base, int c)
{
    stream_back(((struct stream_source *)base)->f, c);
}

int vfscanf(FILE *f, const char *format, va_list ap)
{
    struct stream_source source = {{file_get, file_back}, f};
    clib_lock();
    int n = stream_good(f) ? scan_input(&source.base, format, ap) : EOF;
    clib_unlock();
    return n;
}

int vscanf(const char *format, va_list ap)
{
    return vfscanf(stdin, format, ap);
}

int sscanf(const char *s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsscanf(s, format, ap);
    va_end(ap);
    return n;
}

int fscanf(FILE *f, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vfscanf(f, format, ap);
    va_end(ap);
    return n;
}

int scanf(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vfscanf(stdin, format, ap);
    va_end(ap);
    return n;
}
