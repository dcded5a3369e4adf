/* stdlib.h of the guest C library. */
#ifndef RT386_GUEST_STDLIB_H
#define RT386_GUEST_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX     0x7FFF

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void free(void *p);
int rand(void);
void srand(unsigned seed);
int atoi(const char *s);
long atol(const char *s);
double atof(const char *s);
double strtod(const char *s, char **end);
float strtof(const char *s, char **end);
long strtol(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
long long strtoll(const char *s, char **end, int base);
unsigned long long strtoull(const char *s, char **end, int base);
char *getenv(const char *name);
int atexit(void (*function)(void)); /* in the start-up code, not in clib.rsl */
void exit(int code) __attribute__((noreturn));
void _exit(int code) __attribute__((noreturn));
void abort(void) __attribute__((noreturn));

#endif
