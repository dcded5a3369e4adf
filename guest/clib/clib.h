/* clib.h: inside of the guest C library.
 *
 *   printf family --> fmt_print --> sink --> memory, or clib_write (a call through the gate)
 *   %f %e %g      --> flt_expand: all decimal digits of a double, by integer arithmetic
 *   strtod, sscanf --> flt_parse: correctly rounded bits, by integer arithmetic
 *
 * Nothing here touches the coprocessor (but for the last instruction of strtod) or the ES register:
 * a guest may keep a memory handle in ES while it calls.
 */
#ifndef RT386_CLIB_H
#define RT386_CLIB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- services behind the gate (rtcalls.def, class CLIB) --- */
unsigned long clib_write(const void *text, unsigned long size);
void clib_exit(int code) __attribute__((noreturn));
int clib_args(int *argc, char **argv, unsigned long max, char *buffer, unsigned long size);
void *clib_pages(unsigned long size);
uint64_t clib_clock(void);
unsigned long clib_environment(char *buffer, unsigned long size);
int clib_wait(void *lock);
void clib_wake(void *lock);
void clib_left(void);

enum {
#define RT_FILE_FLAG(name, value) RT_FILE_##name = (value),
#define RT_FILE_ERROR(name, value)
#include "rtfile.def"
#undef RT_FILE_FLAG
#undef RT_FILE_ERROR
};
struct clib_file_info {
    int32_t size;
    uint32_t folder, writable; /* 0 or 1 */
};
/* Negative: an error number. */
long clib_open(const char *path, unsigned flags);
long clib_close(int fd);
long clib_read(int fd, void *data, unsigned long size);
long clib_write_file(int fd, const void *data, unsigned long size);
long clib_seek(int fd, long offset, int whence);
long clib_resize(int fd, long size);
long clib_stat(const char *path, int fd,
               struct clib_file_info *info); /* path NULL: the descriptor */
long clib_remove(const char *path, int folder);
long clib_rename(const char *from, const char *to);
long clib_mkdir(const char *path);
/* Of sockets: numbers of errno.h, negative. */
long clib_ioctl(int fd, unsigned long request, void *value);
long clib_select(int n, void *read, void *write, void *except, void *limit);
long clib_poll(void *fds, unsigned n, int limit);
/* recv and send of the kernel: -1 and errno is set. Only for what is a socket: without a network they are not there. */
long clib_recv(int fd, void *data, unsigned long size, int flags);
long clib_send(int fd, const void *data, unsigned long size, int flags);
/* time_t of the machine's start */
uint32_t clib_start_time(void);

/* --- formatted output --- */
struct fmt_sink {
    void (*put)(struct fmt_sink *sink, const char *text, size_t size);
    size_t total; /* characters produced so far, written or not */
    bool failed;  /* a character that cannot be written: the result is -1 */
};
int fmt_print(struct fmt_sink *sink, const char *format, va_list ap);

/* Where the arguments of a call are; a member so that it can be passed on by address. */
struct fmt_args {
    va_list ap;
};

struct fmt_spec {
    bool left, plus, space, alt, zero;
    int width;
    int precision; /* -1: none given */
    char length;   /* 0, 'H' hh, 'h', 'l', 'q' ll */
    char conv;
};
void fmt_float(struct fmt_sink *sink, const struct fmt_spec *spec, uint64_t bits);
/* sign and prefix, zeros, body: padded to the spec's width. */
struct fmt_parts {
    char prefix[4];
    size_t prefix_size;
    size_t zeros; /* between prefix and body */
    const char *body;
    size_t body_size;
};
void fmt_field(struct fmt_sink *sink, const struct fmt_spec *spec, const struct fmt_parts *parts);
void fmt_fill(struct fmt_sink *sink, char c, size_t count);
/* Digits of value in a base up to 36, right-aligned in text[size]; none for zero. Returns where they start. */
char *fmt_digits(char *text, size_t size, uint64_t value, unsigned base, bool upper);
/* Reads a length modifier: 0, 'H' hh, 'h', 'l', 'q' ll j I64; returns behind it. */
const char *fmt_length(const char *s, char *length);

/* --- formatted input --- */
struct scan_source {
    int (*get)(struct scan_source *source);          /* a character, or -1 */
    void (*back)(struct scan_source *source, int c); /* the one that was got last */
};
int scan_input(struct scan_source *source, const char *format, va_list ap);

/* --- floating point as bits --- */
/* value = 0.d1 d2 d3 ... * 10^point, exact; zero has count 0 */
#define FLT_DIGITS 780
struct flt_dec {
    int point;
    int count;
    char digit[FLT_DIGITS]; /* '0'..'9' */
};
void flt_expand(uint64_t bits, struct flt_dec *dec);
/* Keeps `keep` digits (may be negative: nothing is left), half to even; no trailing zeros stay. */
void flt_round(struct flt_dec *dec, int keep);

struct flt_format {
    int mantissa; /* bits with the hidden one */
    int min_exp;  /* weight of the lowest bit of a denormal is 2^min_exp */
    int max_exp;  /* all finite values are below 2^max_exp */
};
extern const struct flt_format flt_double, flt_single;
/* --- numbers --- */
struct num_result {
    uint64_t magnitude;
    bool negative, overflow, any;
    const char *end;
};
struct num_result num_parse(const char *text, int base);
/* In two's complement. `max` is the largest value of the type, whose smallest is -max - 1 or 0; what lies beyond becomes
 * the nearest value, and *range is true. Unsigned numbers may have a minus. */
uint64_t num_value(const struct num_result *n, bool is_signed, uint64_t max, bool *range);
int num_digit(char c); /* 99: none */
/* magnitude * base + digit; false: that needs more than 64 bits */
bool num_push(uint64_t *magnitude, unsigned base, unsigned digit);

/* --- big naturals, little-endian limbs of 32 bits --- */
#define BIG_LIMBS 100
struct big {
    int size; /* limbs in use; the top one is not zero */
    uint32_t limb[BIG_LIMBS];
};
void big_set(struct big *b, uint64_t value);
void big_mul_add(struct big *b, uint32_t factor, uint32_t add);
void big_mul_pow5(struct big *b, int power);
void big_shift_left(struct big *b, int bits);
uint32_t big_div(struct big *b, uint32_t divisor); /* remainder */
int big_bits(const struct big *b);
int big_compare(const struct big *a, const struct big *b);
void big_subtract(struct big *a, const struct big *b); /* a >= b */

/* --- floating point from text --- */
struct flt_reader {
    int state;
    bool complete; /* what has been fed is a whole number */
    bool negative, hex, any, zero, more, nan, infinite, exponent_negative;
    int letters, count, power, exponent;
    uint64_t bits; /* hexadecimal digits */
    struct big digits;
};
void flt_begin(struct flt_reader *r);
/* False: the character does not go on from what was fed before. */
bool flt_feed(struct flt_reader *r, int c);
/* Of the longest part that was complete. Bits in the format's layout; *range is set when the value over- or
 * underflows. May be asked once. */
uint64_t flt_value(struct flt_reader *r, const struct flt_format *format, bool *range);
uint64_t flt_parse(const char *text, const char **end, const struct flt_format *format,
                   bool *range);

/* 64 by 32 bits; the quotient must fit 32 bits. One DIV on the guest, so that no helper is needed.
 */
static inline uint32_t div64(uint32_t high, uint32_t low, uint32_t divisor, uint32_t *rest)
{
#ifdef __i386__
    uint32_t quotient;
    __asm__("divl %4" : "=a"(quotient), "=d"(*rest) : "0"(low), "1"(high), "r"(divisor) : "cc");
    return quotient;
#else
    uint64_t value = (uint64_t)high << 32 | low;
    *rest = (uint32_t)(value % divisor);
    return (uint32_t)(value / divisor);
#endif
}

/* value /= divisor; returns the remainder */
static inline uint32_t div_step(uint64_t *value, uint32_t divisor)
{
    uint32_t rest, high = div64(0, (uint32_t)(*value >> 32), divisor, &rest);
    uint32_t low = div64(rest, (uint32_t)*value, divisor, &rest);
    *value = (uint64_t)high << 32 | low;
    return rest;
}

/* --- threads --- */
#define CLIB_SIGNALS 32
struct clib_thread {
    int error;   /* errno: must be first */
    char *token; /* strtok's place */
    struct clib_thread *next;
    uint16_t handle;
    void (*handlers[CLIB_SIGNALS])(int);
    int tm[9];     /* the struct tm of gmtime and localtime */
    char text[32]; /* of asctime and strerror */
};
struct clib_thread *clib_self(void);
/* The library's lock: one for heap and streams. Who holds it cannot be suspended or deleted before it is left, and runs
 * at the priority of the best that waits. May be taken again by its holder. */
void clib_lock(void);
void clib_unlock(void);

/* --- heap, for callers that hold the lock: no errno --- */
void *heap_take(size_t size);
void heap_give(void *p);

#endif
