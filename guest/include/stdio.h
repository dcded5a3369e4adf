/* stdio.h of the guest C library: the console of the process, and files in the shared folder. */
#ifndef RT386_GUEST_STDIO_H
#define RT386_GUEST_STDIO_H

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The conversions are those of C, whatever system the compiler thinks it is for. Pasted, so that a program's macros
 * named printf or scanf do not get in. */
#ifdef __clang__
#define RT_FORMAT(kind, text, first) __attribute__((format(__##kind##__, text, first)))
#else
#define RT_FORMAT(kind, text, first) __attribute__((format(gnu_##kind, text, first)))
#endif

#define EOF          (-1)
#define BUFSIZ       1024
#define FOPEN_MAX    32 /* streams, with stdin, stdout and stderr */
#define FILENAME_MAX 256
#define L_tmpnam     16
#define TMP_MAX      65535
#define SEEK_SET     0
#define SEEK_CUR     1
#define SEEK_END     2
#define _IOFBF       0
#define _IOLBF       1
#define _IONBF       2

/* The array that _stdio_ptr() returns has a stride of 0x38 bytes: stdin, stdout, stderr, files.
 * The members are the library's own. */
typedef struct rt_file {
    int fd;
    unsigned flags;
    unsigned char *buffer;
    unsigned size;         /* of the buffer; 0 = none yet */
    unsigned at, end;      /* in the buffer: what is taken or put next; the bytes that were read */
    unsigned char back[4]; /* pushed back, the last one on top */
    unsigned backs;
    int mode; /* _IOFBF ... */
    int opaque[5];
} FILE;
#ifndef __cplusplus
_Static_assert(sizeof(FILE) == 0x38 || sizeof(void *) != 4,
               "the stride of the FILE array is fixed");
#endif
typedef long fpos_t;

FILE *_stdio_ptr(void);
#define stdin  (&_stdio_ptr()[0])
#define stdout (&_stdio_ptr()[1])
#define stderr (&_stdio_ptr()[2])

/* --- files. mode: r w a, then + b t x in any order; text is the default: CR LF and Control-Z as Windows
 * has them --- */
FILE *fopen(const char *path, const char *mode);
FILE *freopen(const char *path, const char *mode, FILE *f);
FILE *fdopen(int fd, const char *mode);
int fileno(FILE *f);
int fclose(FILE *f);
int fcloseall(void); /* all but the console; how many */
int fflush(FILE *f); /* NULL: all */
int flushall(void);  /* how many streams are open */
void setbuf(FILE *f, char *buffer);
int setvbuf(FILE *f, char *buffer, int mode, size_t size);
int remove(const char *path);
int rename(const char *from, const char *to); /* EACCES when `to` exists */
FILE *tmpfile(void);
char *tmpnam(char *s);
int rmtmp(void); /* closes what tmpfile opened; how many */

/* --- bytes --- */
int fgetc(FILE *f);
int getc(FILE *f);
int getchar(void);
int fgetchar(void);
char *fgets(char *s, int n, FILE *f);
char *gets(char *s);
int ungetc(int c, FILE *f);
int fputc(int c, FILE *f);
int putc(int c, FILE *f);
int putchar(int c);
int fputchar(int c);
int putch(int c);
int fputs(const char *s, FILE *f);
int puts(const char *s);
int getw(FILE *f);
int putw(int value, FILE *f);
size_t fread(void *data, size_t size, size_t count, FILE *f);
size_t fwrite(const void *data, size_t size, size_t count, FILE *f);

/* --- position and state --- */
int fseek(FILE *f, long offset, int whence);
long ftell(FILE *f);
int fgetpos(FILE *f, fpos_t *position);
int fsetpos(FILE *f, const fpos_t *position);
void rewind(FILE *f);
void clearerr(FILE *f);
int feof(FILE *f);
int ferror(FILE *f);
void perror(const char *s);

/* --- formatted --- */
int printf(const char *format, ...) RT_FORMAT(printf, 1, 2);
int fprintf(FILE *f, const char *format, ...) RT_FORMAT(printf, 2, 3);
int sprintf(char *s, const char *format, ...) RT_FORMAT(printf, 2, 3);
int snprintf(char *s, size_t n, const char *format, ...) RT_FORMAT(printf, 3, 4);
int scprintf(const char *format, ...) RT_FORMAT(printf, 1, 2); /* only counts */
int vprintf(const char *format, va_list ap);
int vfprintf(FILE *f, const char *format, va_list ap);
int vsprintf(char *s, const char *format, va_list ap);
int vsnprintf(char *s, size_t n, const char *format, va_list ap);
int vscprintf(const char *format, va_list ap);
int scanf(const char *format, ...) RT_FORMAT(scanf, 1, 2);
int fscanf(FILE *f, const char *format, ...) RT_FORMAT(scanf, 2, 3);
int sscanf(const char *s, const char *format, ...) RT_FORMAT(scanf, 2, 3);
int vscanf(const char *format, va_list ap);
int vfscanf(FILE *f, const char *format, va_list ap);
int vsscanf(const char *s, const char *format, va_list ap);

#ifdef __cplusplus
}
#endif

#endif
