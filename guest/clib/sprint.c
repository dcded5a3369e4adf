/* sprint.c: formatted text to and from memory. */
#include "clib.h"
#include "stdio.h"

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

static int print_to(char *s, size_t n, const char *format, va_list ap)
{
    struct memory_sink sink = {.base = {.put = memory_put}, .at = s, .room = n == 0 ? 0 : n - 1};
    int count = fmt_print(&sink.base, format, ap);
    if (n > 0) *sink.at = 0;
    return count;
}

int vsprintf(char *s, const char *format, va_list ap)
{
    return print_to(s, 0x7FFFFFFFu, format, ap);
}

int sprintf(char *s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = print_to(s, 0x7FFFFFFFu, format, ap);
    va_end(ap);
    return n;
}

int snprintf(char *s, size_t n, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int count = print_to(s, n, format, ap);
    va_end(ap);
    return count;
}

int sscanf(const char *s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = scan_text(s, format, ap);
    va_end(ap);
    return n;
}
