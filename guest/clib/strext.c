/* strext.c: what the vendor's library has beside the C standard's string functions. */
#include "clib.h"
#include "ctype.h"
#include "stdlib.h"
#include "string.h"

void *memccpy(void *to, const void *from, int stop, size_t n)
{
    unsigned char *x = to;
    const unsigned char *y = from;
    for (; n > 0; n--)
        if ((*x++ = *y++) == (unsigned char)stop) return x;
    return NULL;
}

int memicmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (; n > 0; n--, x++, y++)
        if (tolower(*x) != tolower(*y)) return tolower(*x) - tolower(*y);
    return 0;
}

char *strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = malloc(n);
    return copy == NULL ? NULL : memcpy(copy, s, n);
}

size_t strnlen(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] != 0)
        i++;
    return i;
}

int strnicmp(const char *a, const char *b, size_t n)
{
    for (; n > 0 && *a != 0 && tolower((unsigned char)*a) == tolower((unsigned char)*b); n--)
        a++, b++;
    return n == 0 ? 0 : tolower((unsigned char)*a) - tolower((unsigned char)*b);
}

int stricmp(const char *a, const char *b)
{
    return strnicmp(a, b, (size_t)-1);
}

int strcmpi(const char *a, const char *b)
{
    return strnicmp(a, b, (size_t)-1);
}

/* Both give the length of what they tried to make. */
size_t strlcpy(char *to, const char *from, size_t n)
{
    size_t length = strlen(from);
    if (n > 0) {
        size_t fits = length < n ? length : n - 1;
        memcpy(to, from, fits);
        to[fits] = 0;
    }
    return length;
}

size_t strlcat(char *to, const char *from, size_t n)
{
    size_t used = strnlen(to, n);
    return used + strlcpy(to + used, from, n - used);
}

char *strlwr(char *s)
{
    for (char *at = s; *at != 0; at++)
        *at = (char)tolower((unsigned char)*at);
    return s;
}

char *strupr(char *s)
{
    for (char *at = s; *at != 0; at++)
        *at = (char)toupper((unsigned char)*at);
    return s;
}

char *strrev(char *s)
{
    for (size_t i = 0, n = strlen(s); i + 1 < n - i; i++) {
        char swap = s[i];
        s[i] = s[n - 1 - i];
        s[n - 1 - i] = swap;
    }
    return s;
}

char *strnset(char *s, int c, size_t n)
{
    for (size_t i = 0; i < n && s[i] != 0; i++)
        s[i] = (char)c;
    return s;
}

char *strset(char *s, int c)
{
    return strnset(s, c, (size_t)-1);
}

void swab(const char *from, char *to, int n)
{
    for (; n > 1; n -= 2, from += 2, to += 2) {
        char first = from[0];
        to[0] = from[1];
        to[1] = first;
    }
}
