/* glib.h: the guest C library as the host's tests see it. */
#ifndef RT386_TEST_GUEST_GLIB_H
#define RT386_TEST_GUEST_GLIB_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

int g_snprintf(char *s, size_t n, const char *format, ...);
int g_sscanf(const char *s, const char *format, ...);
double g_strtod(const char *s, char **end);
float g_strtof(const char *s, char **end);
size_t g_strlen(const char *s);
char *g_strncpy(char *to, const char *from, size_t n);
char *g_strcat(char *to, const char *from);
int g_strcmp(const char *a, const char *b);
int g_strncmp(const char *a, const char *b, size_t n);
int g_strnicmp(const char *a, const char *b, size_t n);
char *g_strchr(const char *s, int c);
char *g_strrchr(const char *s, int c);
size_t g_strcspn(const char *s, const char *reject);
char *g_strstr(const char *s, const char *part);
char *g_strtok(char *s, const char *delimiters);
int g_memcmp(const void *a, const void *b, size_t n);
void *g_memmove(void *to, const void *from, size_t n);

/* xorshift: the same numbers in every run */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
