/* string.c: <string.h> of C, in plain loops: no string instructions, so that ES is free. */
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

char *strncat(char *to, const char *from, size_t n)
{
    char *at = to + strlen(to);
    for (; n > 0 && *from != 0; n--)
        *at++ = *from++;
    *at = 0;
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

/* In the C locale the order is that of the bytes. */
int strcoll(const char *a, const char *b)
{
    return strcmp(a, b);
}

size_t strxfrm(char *to, const char *from, size_t n)
{
    size_t need = strlen(from);
    if (need < n) memcpy(to, from, need + 1);
    return need;
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

size_t strspn(const char *s, const char *accept)
{
    size_t n = 0;
    while (s[n] != 0 && strchr(accept, s[n]) != NULL)
        n++;
    return n;
}

size_t strcspn(const char *s, const char *reject)
{
    size_t n = 0;
    while (s[n] != 0 && strchr(reject, s[n]) == NULL)
        n++;
    return n;
}

char *strpbrk(const char *s, const char *accept)
{
    s += strcspn(s, accept);
    return *s == 0 ? NULL : (char *)(uintptr_t)s;
}

char *strstr(const char *s, const char *part)
{
    size_t n = strlen(part);
    for (;; s++) {
        if (strncmp(s, part, n) == 0) return (char *)(uintptr_t)s;
        if (*s == 0) return NULL;
    }
}

char *strtok_r(char *s, const char *delimiters, char **place)
{
    if (s == NULL) s = *place;
    if (s == NULL) return NULL;
    s += strspn(s, delimiters);
    if (*s == 0) {
        *place = NULL;
        return NULL;
    }
    char *end = s + strcspn(s, delimiters);
    *place = *end == 0 ? NULL : end + 1;
    *end = 0;
    return s;
}

char *strtok(char *s, const char *delimiters)
{
    return strtok_r(s, delimiters, &clib_self()->token);
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (; n > 0; n--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

void *memchr(const void *p, int c, size_t n)
{
    const unsigned char *at = p;
    for (; n > 0; n--, at++)
        if (*at == (unsigned char)c) return (void *)(uintptr_t)at;
    return NULL;
}

struct word {
    uint32_t value;
} __attribute__((packed, may_alias));

void *memcpy(void *to, const void *from, size_t n)
{
    unsigned char *x = to;
    const unsigned char *y = from;
    for (; n >= 4; n -= 4, x += 4, y += 4)
        *(struct word *)x = *(const struct word *)y;
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
    uint32_t four = (unsigned char)c * 0x01010101u;
    for (; n >= 4; n -= 4, x += 4)
        ((struct word *)x)->value = four;
    for (; n > 0; n--)
        *x++ = (unsigned char)c;
    return to;
}
