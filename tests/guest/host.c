/* host.c: what the guest C library gets from INtime, for the host: one thread, a console that keeps its text, a clock
 * that tests set; and its number parsers with the host's result types.
 */
#include "clib.h"

#include "glib.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct clib_thread *clib_self(void)
{
    static struct clib_thread self;
    return &self;
}

double g_strtod(const char *s, char **end)
{
    const char *stop;
    bool range;
    uint64_t bits = flt_parse(s, &stop, &flt_double, &range);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (end) *end = (char *)(uintptr_t)stop;
    return value;
}

float g_strtof(const char *s, char **end)
{
    const char *stop;
    bool range;
    uint32_t bits = (uint32_t)flt_parse(s, &stop, &flt_single, &range);
    float value;
    memcpy(&value, &bits, sizeof value);
    if (end) *end = (char *)(uintptr_t)stop;
    return value;
}

/* --- the lock: taken and left in pairs --- */

static int depth;

void clib_lock(void)
{
    depth++;
}

void clib_unlock(void)
{
    cr_assert(depth > 0);
    depth--;
}

int host_lock_depth(void)
{
    return depth;
}

/* --- console, clock, end --- */

static char console[8192];
static size_t console_size;

unsigned long clib_write(const void *text, unsigned long size)
{
    cr_assert(size < sizeof console - console_size);
    memcpy(console + console_size, text, size);
    console_size += size;
    return size;
}

const char *host_console(void)
{
    console[console_size] = 0;
    console_size = 0;
    return console;
}

static uint64_t now_us;

uint64_t clib_clock(void)
{
    return now_us;
}

/* INtime's system time: from 1978; the machine starts in 2000 */
unsigned char GetRtSystemTimeAsTimeValue(void *value);
unsigned char GetRtSystemTimeAsTimeValue(void *value)
{
    uint64_t seconds = 694224000 + now_us / 1000000;
    uint32_t us = (uint32_t)(now_us % 1000000);
    memcpy(value, &seconds, 8);
    memset((char *)value + 8, 0, sizeof(long));
    memcpy((char *)value + 8, &us, 4);
    return 1;
}

/* Tests set the clock themselves. */
unsigned char SetRtSystemTime(void *value);
unsigned char SetRtSystemTime(void *value)
{
    (void)value;
    return 0;
}

void host_clock(uint64_t us)
{
    now_us = us;
}

void g__exit(int code);
void g__exit(int code)
{
    cr_assert(false, "the guest library ends the process with code %d", code);
    abort();
}

static const char environment[] = "TZ=CET-1\0PATH=a;b\0broken";

unsigned long clib_environment(char *buffer, unsigned long size)
{
    if (buffer) memcpy(buffer, environment, size);
    return sizeof environment;
}
