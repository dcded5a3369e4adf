/* stdio.c: characters and lines of streams. */
#include "stdio.h"
#include "errno.h"
#include "stream.h"
#include "string.h"

/* --- output --- */

static size_t put(FILE *f, const char *text, size_t size)
{
    clib_lock();
    size_t done = stream_good(f) ? stream_put(f, text, size) : 0;
    clib_unlock();
    return done;
}

int fputc(int c, FILE *f)
{
    char text = (char)c;
    return put(f, &text, 1) == 1 ? (unsigned char)c : EOF;
}

int putc(int c, FILE *f)
{
    return fputc(c, f);
}
int putchar(int c)
{
    return fputc(c, stdout);
}
int fputchar(int c)
{
    return fputc(c, stdout);
}
int putch(int c)
{
    return fputc(c, stdout);
}

int fputs(const char *s, FILE *f)
{
    size_t n = strlen(s);
    return put(f, s, n) == n ? 0 : EOF;
}

/* A short line is one call into the kernel. */
int puts(const char *s)
{
    char line[128];
    size_t n = strlen(s);
    clib_lock();
    bool good = stream_good(stdout);
    if (good && n < sizeof line) {
        memcpy(line, s, n);
        line[n] = '\n';
        good = stream_put(stdout, line, n + 1) == n + 1;
    } else if (good) {
        good = stream_put(stdout, s, n) == n && stream_put(stdout, "\n", 1) == 1;
    }
    clib_unlock();
    return good ? 0 : EOF;
}

int putw(int value, FILE *f)
{
    return put(f, (const char *)&value, sizeof value) == sizeof value ? value : EOF;
}

/* Bytes of `count` elements; false: too many for memory, or none. */
static bool elements(size_t size, size_t count, size_t *bytes)
{
    uint64_t product = (uint64_t)(uint32_t)size * (uint32_t)count;
    *bytes = (size_t)product;
    return product != 0 && product >> 31 == 0;
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *f)
{
    size_t bytes;
    if (!elements(size, count, &bytes)) return 0;
    size_t done = put(f, data, bytes);
    return done == bytes ? count : done / size;
}

void perror(const char *s)
{
    const char *text = strerror(errno);
    if (s != NULL && *s != 0)
        fprintf(stderr, "%s: %s\n", s, text);
    else
        fprintf(stderr, "%s\n", text);
}

/* --- input --- */

int fgetc(FILE *f)
{
    clib_lock();
    int c = stream_good(f) ? stream_get(f) : EOF;
    clib_unlock();
    return c;
}

int getc(FILE *f)
{
    return fgetc(f);
}
int getchar(void)
{
    return fgetc(stdin);
}
int fgetchar(void)
{
    return fgetc(stdin);
}

/* Up to n - 1 characters, up to and with a newline. */
char *fgets(char *s, int n, FILE *f)
{
    int done = 0, c = 0;
    if (n <= 0) {
        errno = EINVAL;
        return NULL;
    }
    clib_lock();
    if (stream_good(f)) {
        unsigned error = f->flags & STREAM_ERROR;
        while (done < n - 1 && c != '\n' && (c = stream_get(f)) != EOF)
            s[done++] = (char)c;
        if (c == EOF && (done == 0 || (f->flags & STREAM_ERROR) != error)) s = NULL;
    } else {
        s = NULL;
    }
    clib_unlock();
    if (s != NULL) s[done] = 0;
    return s;
}

char *gets(char *s)
{
    char *line = fgets(s, 0x7FFFFFFF, stdin);
    if (line != NULL) line[strcspn(line, "\n")] = 0;
    return line;
}

int ungetc(int c, FILE *f)
{
    int result = EOF;
    clib_lock();
    if (c != EOF && stream_good(f) && stream_start_reading(f)) {
        unsigned backs = f->backs, at = f->at;
        stream_back(f, (unsigned char)c);
        if (f->backs != backs || f->at != at) result = (unsigned char)c;
    }
    clib_unlock();
    return result;
}

int getw(FILE *f)
{
    int value;
    return fread(&value, sizeof value, 1, f) == 1 ? value : EOF;
}

size_t fread(void *data, size_t size, size_t count, FILE *f)
{
    size_t bytes, done = 0;
    if (!elements(size, count, &bytes)) return 0;
    clib_lock();
    if (stream_good(f)) done = stream_read(f, data, bytes);
    clib_unlock();
    return done == bytes ? count : done / size;
}

/* --- state --- */

void clearerr(FILE *f)
{
    clib_lock();
    if (stream_good(f)) f->flags &= ~(STREAM_EOF | STREAM_ERROR);
    clib_unlock();
}

int feof(FILE *f)
{
    return stream_good(f) && (f->flags & STREAM_EOF) != 0;
}

int ferror(FILE *f)
{
    return stream_good(f) && (f->flags & STREAM_ERROR) != 0;
}
