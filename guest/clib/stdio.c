/* stdio.c: output to the console of the process, at once; no files yet: opening one says ENOENT. */
#include "stdio.h"
#include "clib.h"
#include "errno.h"
#include "string.h"

#define FILE_OPEN 1

static FILE files[20] = {
    {.fd = 0, .flags = FILE_OPEN}, {.fd = 1, .flags = FILE_OPEN}, {.fd = 2, .flags = FILE_OPEN}};

FILE *_stdio_ptr(void)
{
    return files;
}

/* A block on the caller's stack gathers what goes out, so that a line is one call into the kernel.
 */
struct console_sink {
    struct fmt_sink base;
    size_t used;
    char block[256];
};

static void write_all(const char *text, size_t size)
{
    while (size > 0) {
        unsigned long taken = clib_write(text, size > 4096 ? 4096 : size);
        if (taken == (unsigned long)-1 || taken == 0) return;
        text += taken;
        size -= taken;
    }
}

static void console_flush(struct console_sink *sink)
{
    write_all(sink->block, sink->used);
    sink->used = 0;
}

static void console_put(struct fmt_sink *base, const char *text, size_t size)
{
    struct console_sink *sink = (struct console_sink *)base;
    base->total += size;
    if (size > sizeof sink->block - sink->used) console_flush(sink);
    if (size > sizeof sink->block) {
        write_all(text, size);
        return;
    }
    for (size_t i = 0; i < size; i++)
        sink->block[sink->used++] = text[i];
}

static int console_print(const char *format, va_list ap)
{
    struct console_sink sink;
    sink.base.put = console_put;
    sink.base.total = sink.used = 0;
    int n = fmt_print(&sink.base, format, ap);
    console_flush(&sink);
    return n;
}

static bool to_console(const FILE *f)
{
    if (f == stdout || f == stderr) return true;
    errno = EBADF;
    return false;
}

int vprintf(const char *format, va_list ap)
{
    return console_print(format, ap);
}

int printf(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = console_print(format, ap);
    va_end(ap);
    return n;
}

int fprintf(FILE *f, const char *format, ...)
{
    va_list ap;
    if (!to_console(f)) return -1;
    va_start(ap, format);
    int n = console_print(format, ap);
    va_end(ap);
    return n;
}

int puts(const char *s)
{
    write_all(s, strlen(s));
    write_all("\n", 1);
    return 0;
}

int putchar(int c)
{
    char text = (char)c;
    write_all(&text, 1);
    return (unsigned char)c;
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *f)
{
    uint64_t bytes = (uint64_t)size * count;
    if (!to_console(f) || bytes == 0 || bytes >> 31 != 0) return 0;
    write_all(data, (size_t)bytes);
    return count;
}

FILE *fopen(const char *path, const char *mode)
{
    (void)path;
    (void)mode;
    errno = ENOENT;
    return NULL;
}

static int refuse(FILE *f)
{
    errno = f >= files && f < files + 20 && f->flags != 0 ? ESPIPE : EBADF;
    return -1;
}

int fclose(FILE *f)
{
    if (f != NULL && f >= files && f < files + 3 && f->flags != 0) return 0; /* the console stays */
    return refuse(f);
}

int fflush(FILE *f)
{
    (void)f;
    return 0; /* nothing is ever held back */
}

int fseek(FILE *f, long offset, int whence)
{
    (void)offset;
    (void)whence;
    return refuse(f);
}

/* The console gives no input: end of file. */
char *fgets(char *s, int n, FILE *f)
{
    (void)s;
    (void)n;
    if (f != stdin) errno = EBADF;
    return NULL;
}

int setvbuf(FILE *f, char *buffer, int mode, size_t size)
{
    (void)f;
    (void)buffer;
    (void)size;
    return mode >= _IOFBF && mode <= _IONBF ? 0 : -1;
}
