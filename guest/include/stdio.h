/* stdio.h of the guest C library: text goes to the console of the process. */
#ifndef RT386_GUEST_STDIO_H
#define RT386_GUEST_STDIO_H

#include <stdarg.h>
#include <stddef.h>

/* The conversions are those of C, whatever system the compiler thinks it is for. */
#ifdef __clang__
#define RT_FORMAT(kind, text, first) __attribute__((format(kind, text, first)))
#else
#define RT_FORMAT(kind, text, first) __attribute__((format(gnu_##kind, text, first)))
#endif

#define EOF      (-1)
#define BUFSIZ   512
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define _IOFBF   0
#define _IOLBF   1
#define _IONBF   2

/* The array that _stdio_ptr() returns has a stride of 0x38 bytes: stdin, stdout, stderr. */
typedef struct rt_file {
    int fd;
    int flags;
    int opaque[12];
} FILE;
_Static_assert(sizeof(FILE) == 0x38, "the stride of the FILE array is fixed");

FILE *_stdio_ptr(void);
#define stdin  (&_stdio_ptr()[0])
#define stdout (&_stdio_ptr()[1])
#define stderr (&_stdio_ptr()[2])

FILE *fopen(const char *path, const char *mode);
int fclose(FILE *f);
int fflush(FILE *f);
int fseek(FILE *f, long offset, int whence);
char *fgets(char *s, int n, FILE *f);
size_t fwrite(const void *data, size_t size, size_t count, FILE *f);
int setvbuf(FILE *f, char *buffer, int mode, size_t size);
int putchar(int c);
int puts(const char *s);
int printf(const char *format, ...) RT_FORMAT(printf, 1, 2);
int fprintf(FILE *f, const char *format, ...) RT_FORMAT(printf, 2, 3);
int sprintf(char *s, const char *format, ...) RT_FORMAT(printf, 2, 3);
int snprintf(char *s, size_t n, const char *format, ...) RT_FORMAT(printf, 3, 4);
int vprintf(const char *format, va_list ap);
int vsprintf(char *s, const char *format, va_list ap);
int sscanf(const char *s, const char *format, ...) RT_FORMAT(scanf, 2, 3);

#endif
