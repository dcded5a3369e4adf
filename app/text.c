#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *t)
{
    free(t->p);
    *t = (struct text){0};
}

void text_clear(struct text *t)
{
    t->n = 0;
    t->failed = false;
    if (t->p) t->p[0] = '\0';
}

const char *text_str(const struct text *t)
{
    return t->p ? t->p : "";
}

static bool text_grow(struct text *t, size_t more)
{
    if (t->cap - t->n > more) return true;
    size_t cap = (t->n + more + 1) * 2;
    char *p = cap > t->n ? realloc(t->p, cap) : NULL;
    if (!p) {
        t->failed = true;
        return false;
    }
    t->p = p;
    t->cap = cap;
    return true;
}

void text_addn(struct text *t, const char *bytes, size_t n)
{
    if (n == 0 || !text_grow(t, n)) return;
    memcpy(t->p + t->n, bytes, n);
    t->n += n;
    t->p[t->n] = '\0';
}

void text_add(struct text *t, const char *s)
{
    text_addn(t, s, strlen(s));
}

void text_addf(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n <= 0 || !text_grow(t, (size_t)n)) return;
    va_start(args, format);
    vsnprintf(t->p + t->n, t->cap - t->n, format, args);
    va_end(args);
    t->n += (size_t)n;
}

unsigned text_column(const struct text *t)
{
    size_t i = t->n;
    while (i > 0 && t->p[i - 1] != '\n')
        i--;
    return (unsigned)(t->n - i);
}

void text_pad(struct text *t, unsigned column)
{
    for (unsigned at = text_column(t); at < column; at++)
        text_addn(t, " ", 1);
}

const char *text_line_at(const char *s, size_t n, unsigned line)
{
    const char *end = s + n;
    for (; line > 1 && s < end; line--) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        s = newline ? newline + 1 : end;
    }
    return line == 1 && s < end ? s : NULL;
}

void text_trim(struct text *t)
{
    while (t->n && t->p[t->n - 1] == ' ')
        t->p[--t->n] = '\0';
}

void text_wrap(struct text *t, const char *s, unsigned indent, unsigned width)
{
    if (width < indent + 8) width = indent + 8;
    unsigned column = text_column(t);
    bool first = true; /* no word on this line yet */
    for (;;) {
        s += strspn(s, " \n\t");
        size_t n = strcspn(s, " \n\t");
        if (n == 0) break;
        if (column + !first + n > width && (!first || column > indent)) {
            text_add(t, "\n");
            text_pad(t, indent);
            column = indent;
            first = true;
        }
        if (column + !first + n > width) n = width - column; /* a word longer than a line */
        if (!first) text_add(t, " ");
        text_addn(t, s, n);
        column += (unsigned)n + !first;
        first = false;
        s += n;
    }
    text_add(t, "\n");
}

unsigned text_utf8(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    unsigned length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (length < 2) return length;
    if (length > n || p[0] > 0xf4) return 0;
    uint32_t c = p[0] & (0x7fu >> length);
    for (unsigned i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool good = c >= least[length] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
    return good && c != 0xfffe && c != 0xffff ? length : 0;
}

static const char *entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    default: return NULL;
    }
}

/* DEL and the C1 characters may stand in a document and are seen by nobody. */
static bool control(const char *s, unsigned length)
{
    unsigned char c = (unsigned char)*s;
    if (length == 1) return (c < ' ' && c != '\t' && c != '\n') || c == 0x7f;
    return length == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0;
}

void text_markup(struct text *t, const char *s, size_t n)
{
    unsigned length;
    for (size_t i = 0; i < n; i += length ? length : 1) {
        length = text_utf8(s + i, n - i);
        const char *name = entity(s[i]);
        if (!length)
            text_add(t, "\xef\xbf\xbd");
        else if (name)
            text_add(t, name);
        else if (!control(s + i, length))
            text_addn(t, s + i, length);
    }
}

size_t text_whole(const char *s, size_t n)
{
    for (size_t k = 1; k <= 3 && k <= n; k++) {
        unsigned char c = (unsigned char)s[n - k];
        if ((c & 0xc0) == 0x80) continue;
        unsigned length = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
        return length > k ? n - k : n;
    }
    return n;
}

void text_drop(struct text *t, size_t n)
{
    if (n >= t->n) {
        text_clear(t);
        return;
    }
    memmove(t->p, t->p + n, t->n - n + 1);
    t->n -= n;
}
