/* host.c: what the guest C library gets from INtime, for the host: one thread; and its number
 * parsers with the host's result types.
 */
#include "clib.h"

#include "glib.h"

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
    *end = (char *)(uintptr_t)stop;
    return value;
}

float g_strtof(const char *s, char **end)
{
    const char *stop;
    bool range;
    uint32_t bits = (uint32_t)flt_parse(s, &stop, &flt_single, &range);
    float value;
    memcpy(&value, &bits, sizeof value);
    *end = (char *)(uintptr_t)stop;
    return value;
}

void clib_lock(int *word)
{
    if (*word != 0) abort();
    *word = 1;
}

void clib_unlock(int *word)
{
    *word = 0;
}
