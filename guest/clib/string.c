/* string.c: string and memory functions, in plain loops: no string instructions, so that ES is
 * free. */
#include "string.h"
#include "clib.h"

size_t strlen(const char *s)
{
    const char *at = s;
    while (*at != 0)
        at++;
    return (size_t)(at - s);
}

char *strcpy(char *to, const char *from)
{
    char *at = to;
    while ((*at++ = *from++) != 0) {
    }
    return to;
}

char *strncpy(char *to, const char *from, size_t n)
{
    size_t i = 0;
    for (; i < n && from[i] != 0; i++)
        to[i] = from[i];
    for (; i < n; i++)
        to[i] = 0;
    return to;
}

char *strcat(char *to, const char *from)
{
    strcpy(to + strlen(to), from);
    return to;
}

int strcmp(const char *a, const char *b)
{
    while (*a != 0 && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n > 0 && *a != 0 && *a == *b; n--)
        a++, b++;
    return n == 0 ? 0 : (unsigned char)*a - (unsigned char)*b;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

int strnicmp(const char *a, const char *b, size_t n)
{
    for (; n > 0 && *a != 0 && lower(*a) == lower(*b); n--)
        a++, b++;
    return n == 0 ? 0 : lower(*a) - lower(*b);
}

char *strchr(const char *s, int c)
{
    while (*s != (char)c)
        if (*s++ == 0) return NULL;
    return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
    const char *last = NULL;
    do {
        if (*s == (char)c) last = s;
    } while (*s++ != 0);
    return (char *)(uintptr_t)last;
}

size_t strcspn(const char *s, const char *reject)
{
    size_t n = 0;
    while (s[n] != 0 && strchr(reject, s[n]) == NULL)
        n++;
    return n;
}

char *strstr(const char *s, const char *part)
{
    size_t n = strlen(part);
    for (;; s++) {
        if (strncmp(s, part, n) == 0) return (char *)(uintptr_t)s;
        if (*s == 0) return NULL;
    }
}

char *strtok(char *s, const char *delimiters)
{
    struct clib_thread *self = clib_self();
    if (s == NULL) s = self->token;
    if (s == NULL) return NULL;
    while (*s != 0 && strchr(delimiters, *s) != NULL)
        s++;
    if (*s == 0) {
        self->token = NULL;
        return NULL;
    }
    char *end = s + strcspn(s, delimiters);
    self->token = *end == 0 ? NULL : end + 1;
    *end = 0;
    return s;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (; n > 0; n--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

void *memcpy(void *to, const void *from, size_t n)
{
    unsigned char *x = to;
    const unsigned char *y = from;
    for (; n >= 4; n -= 4, x += 4, y += 4) {
        struct word {
            uint32_t value;
        } __attribute__((packed, may_alias));
        *(struct word *)x = *(const struct word *)y;
    }
    for (; n > 0; n--)
        *x++ = *y++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *x = to;
    const unsigned char *y = from;
    if ((uintptr_t)x - (uintptr_t)y >= n) return memcpy(to, from, n);
    while (n-- > 0)
        x[n] = y[n];
    return to;
}

void *memset(void *to, int c, size_t n)
{
    unsigned char *x = to;
    for (; n > 0; n--)
        *x++ = (unsigned char)c;
    return to;
}
