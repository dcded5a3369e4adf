/* stdlib.c: numbers from text, random numbers, signals, time, start and end of a process. */
#include "stdlib.h"
#include "clib.h"
#include "errno.h"
#include "rtbase.h"
#include "signal.h"
#include "string.h"
#include "time.h"

/* --- numbers --- */

/* Bits for the assembler side, which turns them into a coprocessor value. */
uint64_t clib_strtod_bits(const char *s, char **end);
uint32_t clib_strtof_bits(const char *s, char **end);

static uint64_t parse_bits(const char *s, char **end, const struct flt_format *format)
{
    const char *stop;
    bool range;
    uint64_t bits = flt_parse(s, &stop, format, &range);
    if (end != NULL) *end = (char *)(uintptr_t)stop;
    if (range) errno = ERANGE;
    return bits;
}

uint64_t clib_strtod_bits(const char *s, char **end)
{
    return parse_bits(s, end, &flt_double);
}
uint32_t clib_strtof_bits(const char *s, char **end)
{
    return (uint32_t)parse_bits(s, end, &flt_single);
}

/* negative numbers may be one further from zero than positive ones */
static int64_t parse_signed(const char *s, char **end, int base, uint64_t max)
{
    struct num_result r = num_parse(s, base, (size_t)-1);
    uint64_t limit = max + r.negative;
    if (end != NULL) *end = (char *)(uintptr_t)r.end;
    if (r.overflow || r.magnitude > limit) {
        errno = ERANGE;
        r.magnitude = limit;
    }
    return (int64_t)(r.negative ? 0 - r.magnitude : r.magnitude);
}

static uint64_t parse_unsigned(const char *s, char **end, int base, uint64_t max)
{
    struct num_result r = num_parse(s, base, (size_t)-1);
    if (end != NULL) *end = (char *)(uintptr_t)r.end;
    if (r.overflow || r.magnitude > max) {
        errno = ERANGE;
        return max;
    }
    return r.negative ? 0 - r.magnitude : r.magnitude;
}

long strtol(const char *s, char **end, int base)
{
    return (long)parse_signed(s, end, base, 0x7FFFFFFFu);
}
unsigned long strtoul(const char *s, char **end, int base)
{
    return (unsigned long)parse_unsigned(s, end, base, 0xFFFFFFFFu);
}
long long strtoll(const char *s, char **end, int base)
{
    return parse_signed(s, end, base, 0x7FFFFFFFFFFFFFFFull);
}
unsigned long long strtoull(const char *s, char **end, int base)
{
    return parse_unsigned(s, end, base, 0xFFFFFFFFFFFFFFFFull);
}
int atoi(const char *s)
{
    return (int)strtol(s, NULL, 10);
}
long atol(const char *s)
{
    return strtol(s, NULL, 10);
}

/* --- random numbers: one sequence for the process --- */

static uint32_t random_state = 1;

void srand(unsigned seed)
{
    random_state = seed;
}

int rand(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (int)(random_state >> 16 & RAND_MAX);
}

/* --- signals: one table for the process --- */

#define SIGNALS 32
static sighandler_t handlers[SIGNALS];

sighandler_t signal(int number, sighandler_t handler)
{
    if (number <= 0 || number >= SIGNALS) {
        errno = EINVAL;
        return SIG_ERR;
    }
    sighandler_t old = handlers[number];
    handlers[number] = handler;
    return old;
}

/* SIGSEGV sets errno and returns; SIGABRT, SIGFPE, SIGILL and SIGTERM end the process with code 3.
 */
static void default_action(int number)
{
    if (number == SIGSEGV) errno = EDOM;
    if (number == SIGABRT || number == SIGFPE || number == SIGILL || number == SIGTERM) _exit(3);
}

int raise(int number)
{
    if (number <= 0 || number >= SIGNALS) {
        errno = EINVAL;
        return -1;
    }
    sighandler_t handler = handlers[number];
    if (handler == SIG_IGN) return 0;
    if (handler == SIG_DFL) {
        default_action(number);
        return 0;
    }
    handlers[number] = SIG_DFL;
    handler(number);
    return 0;
}

/* --- time: the system time of INtime, which begins in 1978; C's begins in 1970 --- */

#define YEARS_1970_1978 252460800u /* seconds */

time_t time(time_t *t)
{
    TIMEVALUE value;
    GetRtSystemTimeAsTimeValue(&value);
    time_t now = (time_t)(YEARS_1970_1978 + (uint32_t)value.qwSeconds);
    if (t != NULL) *t = now;
    return now;
}

clock_t clock(void)
{
    uint64_t us = clib_clock();
    div_step(&us, 1000u);
    return (clock_t)us;
}

/* --- process --- */

char *getenv(const char *name)
{
    (void)name;
    return NULL;
}

void _exit(int code)
{
    clib_exit(code);
}

void abort(void)
{
    raise(SIGABRT);
    clib_exit(3);
}

char *strerror(int code)
{
    static const struct {
        int code;
        const char *text;
    } texts[] = {{0, "no error"},
                 {ENOENT, "no such file"},
                 {EBADF, "bad file"},
                 {ENOMEM, "out of memory"},
                 {EINVAL, "invalid argument"},
                 {ESPIPE, "cannot seek"},
                 {EDOM, "outside the domain"},
                 {ERANGE, "result out of range"}};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].code == code) return (char *)(uintptr_t)texts[i].text;
    return (char *)(uintptr_t) "unknown error";
}

/* --- what start-up code calls by ordinal only --- */

void clib_start_failed(int code); /* 814 */
int clib_init(void);              /* 1030 */

void clib_start_failed(int code)
{
    clib_exit(code);
}
int clib_init(void)
{
    return 0;
}
