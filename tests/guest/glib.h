/* glib.h: the guest C library as the host's tests see it. */
#ifndef RT386_TEST_GUEST_GLIB_H
#define RT386_TEST_GUEST_GLIB_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* --- stdio --- */
typedef struct rt_file GFILE;
GFILE *g__stdio_ptr(void);
GFILE *g_fopen(const char *path, const char *mode);
GFILE *g_freopen(const char *path, const char *mode, GFILE *f);
GFILE *g_tmpfile(void);
char *g_tmpnam(char *s);
int g_fclose(GFILE *f);
int g_fcloseall(void);
int g_rmtmp(void);
int g_fflush(GFILE *f);
int g_setvbuf(GFILE *f, char *buffer, int mode, size_t size);
int g_remove(const char *path);
int g_rename(const char *from, const char *to);
int g_fgetc(GFILE *f);
char *g_fgets(char *s, int n, GFILE *f);
int g_ungetc(int c, GFILE *f);
int g_fputc(int c, GFILE *f);
int g_fputs(const char *s, GFILE *f);
int g_puts(const char *s);
size_t g_fread(void *data, size_t size, size_t count, GFILE *f);
size_t g_fwrite(const void *data, size_t size, size_t count, GFILE *f);
int g_fseek(GFILE *f, long offset, int whence);
long g_ftell(GFILE *f);
void g_rewind(GFILE *f);
void g_clearerr(GFILE *f);
int g_feof(GFILE *f);
int g_ferror(GFILE *f);
void g_perror(const char *s);
int g_printf(const char *format, ...);
int g_fprintf(GFILE *f, const char *format, ...);
int g_snprintf(char *s, size_t n, const char *format, ...);
int g_sscanf(const char *s, const char *format, ...);
int g_fscanf(GFILE *f, const char *format, ...);
int g_open(const char *path, int flags, ...);
int g_close(int fd);
int g_read(int fd, void *data, unsigned n);
int g_write(int fd, const void *data, unsigned n);
long g_lseek(int fd, long offset, int whence);
long g_filelength(int fd);
int g_eof(int fd);

/* --- string, ctype --- */
size_t g_strlen(const char *s);
char *g_strncpy(char *to, const char *from, size_t n);
char *g_strcat(char *to, const char *from);
char *g_strncat(char *to, const char *from, size_t n);
int g_strcmp(const char *a, const char *b);
int g_strncmp(const char *a, const char *b, size_t n);
int g_strnicmp(const char *a, const char *b, size_t n);
int g_stricmp(const char *a, const char *b);
char *g_strchr(const char *s, int c);
char *g_strrchr(const char *s, int c);
size_t g_strspn(const char *s, const char *accept);
size_t g_strcspn(const char *s, const char *reject);
char *g_strpbrk(const char *s, const char *accept);
char *g_strstr(const char *s, const char *part);
char *g_strtok(char *s, const char *delimiters);
char *g_strerror(int code);
int g_memcmp(const void *a, const void *b, size_t n);
void *g_memchr(const void *p, int c, size_t n);
void *g_memmove(void *to, const void *from, size_t n);
void *g_memset(void *to, int c, size_t n);
void *g_memccpy(void *to, const void *from, int stop, size_t n);
size_t g_strlcpy(char *to, const char *from, size_t n);
size_t g_strlcat(char *to, const char *from, size_t n);
char *g_strrev(char *s);
char *g_strupr(char *s);
char *g_strnset(char *s, int c, size_t n);
void g_swab(const char *from, char *to, int n);
int g_isalnum(int c), g_isalpha(int c), g_isblank(int c), g_iscntrl(int c), g_isdigit(int c),
    g_isgraph(int c), g_islower(int c), g_isprint(int c), g_ispunct(int c), g_isspace(int c),
    g_isupper(int c), g_isxdigit(int c), g_tolower(int c), g_toupper(int c);

/* --- stdlib --- */
double g_strtod(const char *s, char **end);
float g_strtof(const char *s, char **end);
void *g_malloc(size_t size);
void *g_calloc(size_t count, size_t size);
void *g_realloc(void *p, size_t size);
void *g_aligned_alloc(size_t alignment, size_t size);
void g_free(void *p);
int g_heap_check(void);
unsigned long g_heap_buffer_cnt(void);
void *g_bsearch(const void *key, const void *base, size_t count, size_t size,
                int (*compare)(const void *, const void *));
void g_qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
char *g_itoa(int value, char *s, int base);
size_t g_mbstowcs(wchar_t *to, const char *s, size_t n);
size_t g_wcstombs(char *to, const wchar_t *s, size_t n);
char *g_getenv(const char *name);
int g_setenv(const char *name, const char *value, int overwrite);
int g_unsetenv(const char *name);
int g_putenv(char *text);
void (*g_signal(int number, void (*handler)(int)))(int);
int g_raise(int number);

/* --- time: struct tm begins as the host's does --- */
struct tm;
long g_time(long *t);
int g_gettimeofday(long tv[2], int zone[2]);
struct tm *g_gmtime(const long *t);
struct tm *g_localtime(const long *t);
long g_mktime(struct tm *tm);
char *g_asctime(const struct tm *tm);
size_t g_strftime(char *s, size_t n, const char *format, const struct tm *tm);

/* --- the test's side: host.c, memfs.c --- */
const char *host_console(void); /* what was written since the last call */
void host_clock(uint64_t us);
int host_lock_depth(void);
void memfs_put(const char *name, const void *data, size_t size);
const void *memfs_get(const char *name, size_t *size);
int memfs_open_files(void);
void memfs_space(unsigned bytes);

/* xorshift: the same numbers in every run */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
