/* string.h of the guest C library. */
#ifndef RT386_GUEST_STRING_H
#define RT386_GUEST_STRING_H

#include <stddef.h>

char *strcat(char *to, const char *from);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t n);
size_t strlen(const char *s);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
size_t strcspn(const char *s, const char *reject);
char *strtok(char *s, const char *delimiters);
char *strstr(const char *s, const char *part);
char *strdup(const char *s);
int strnicmp(const char *a, const char *b, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
char *strerror(int code);

#endif
