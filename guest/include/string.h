/* string.h of the guest C library. */
#ifndef RT386_GUEST_STRING_H
#define RT386_GUEST_STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *p, int c, size_t n);
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t n);
char *strcat(char *to, const char *from);
char *strncat(char *to, const char *from, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcoll(const char *a, const char *b);
size_t strxfrm(char *to, const char *from, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);
char *strstr(const char *s, const char *part);
char *strtok(char *s, const char *delimiters);
size_t strlen(const char *s);
char *strerror(int code);

/* not of the C standard */
void *memccpy(void *to, const void *from, int stop, size_t n);
int memicmp(const void *a, const void *b, size_t n);
char *strdup(const char *s);
size_t strnlen(const char *s, size_t n);
int stricmp(const char *a, const char *b);
int strcmpi(const char *a, const char *b);
int strnicmp(const char *a, const char *b, size_t n);
size_t strlcpy(char *to, const char *from, size_t n);
size_t strlcat(char *to, const char *from, size_t n);
char *strtok_r(char *s, const char *delimiters, char **place);
char *strlwr(char *s);
char *strupr(char *s);
char *strrev(char *s);
char *strset(char *s, int c);
char *strnset(char *s, int c, size_t n);
void swab(const char *from, char *to, int n);

#ifdef __cplusplus
}
#endif

#endif
