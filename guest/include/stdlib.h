/* stdlib.h of the guest C library. */
#ifndef RT386_GUEST_STDLIB_H
#define RT386_GUEST_STDLIB_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX     0x7FFF
#define MB_CUR_MAX   1u

typedef struct {
    int quot, rem;
} div_t;
typedef struct {
    long quot, rem;
} ldiv_t;
typedef struct {
    long long quot, rem;
} lldiv_t;

/* --- memory: blocks are aligned to 8 bytes --- */
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *p, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
void free(void *p);

/* --- numbers and text --- */
int atoi(const char *s);
long atol(const char *s);
long long atoll(const char *s);
double atof(const char *s);
double strtod(const char *s, char **end);
float strtof(const char *s, char **end);
long strtol(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
long long strtoll(const char *s, char **end, int base);
unsigned long long strtoull(const char *s, char **end, int base);
#if __LDBL_MANT_DIG__ == 53 /* long double is double in this library */
long double strtold(const char *s, char **end);
#endif
char *itoa(int value, char *s, int base);
char *ltoa(long value, char *s, int base);
char *utoa(unsigned value, char *s, int base);
char *ultoa(unsigned long value, char *s, int base);
char *itoh(int value, char *s); /* hexadecimal */
char *ltoh(unsigned long value, char *s);
char *ltos(long value, char *s, int base); /* of a negative base every negative number has a sign */
/* Digits, rounded: as many as that, or as many behind the point. One place for the results of all. */
char *ecvt(double value, int count, int *point, int *sign);
char *fcvt(double value, int count, int *point, int *sign);
char *gcvt(double value, int digits, char *buffer); /* as %g */
/* [-]iii.fffE[-]eee, cut; at most 18 digits */
char *ftoa(double value, char *s, unsigned places, unsigned fraction);

/* --- whole numbers --- */
int abs(int value);
long labs(long value);
long long llabs(long long value);
div_t div(int a, int b);
ldiv_t ldiv(long a, long b);
lldiv_t lldiv(long long a, long long b);
int rand(void);
void srand(unsigned seed);
unsigned arc4random(void); /* 32 bits; the same in every run that asks at the same times */

/* --- tables --- */
void *bsearch(const void *key, const void *base, size_t count, size_t size,
              int (*compare)(const void *, const void *));
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
void *lfind(const void *key, const void *base, unsigned *count, unsigned size,
            int (*compare)(const void *, const void *));
void *lsearch(const void *key, void *base, unsigned *count, unsigned size,
              int (*compare)(const void *, const void *));

/* --- multibyte characters: one byte each --- */
int mblen(const char *s, size_t n);
int mbtowc(wchar_t *to, const char *s, size_t n);
int wctomb(char *s, wchar_t c);
size_t mbstowcs(wchar_t *to, const char *s, size_t n);
size_t wcstombs(char *to, const wchar_t *s, size_t n);

/* --- environment --- */
char *getenv(const char *name);
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
int putenv(char *text);
int system(const char *command); /* there is no command processor: 0 for NULL, else -1 and ENOENT */

/* --- end of the process. exit, atexit, quick_exit and at_quick_exit are in the start-up code --- */
typedef int (*onexit_t)(void);
int atexit(void (*function)(void));
onexit_t onexit(onexit_t function);
int at_quick_exit(void (*function)(void));
void exit(int code) __attribute__((noreturn));
void quick_exit(int code) __attribute__((noreturn));
void _exit(int code) __attribute__((noreturn)); /* no exit functions, no buffers written */
void _Exit(int code) __attribute__((noreturn));
void abort(void) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif

#endif
