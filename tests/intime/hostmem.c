/* hostmem.c: what --wrap brings here instead of to the C library. */
#include "hostmem.h"

#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *at);

/* The linker names these functions, so what they know has no other place. */
static struct {
    unsigned ahead; /* requests up to the one that is refused; 0: none is */
    bool failed, paused;
    long blocks;
} host;

void hostmem_fail(unsigned n)
{
    host.ahead = n;
    host.failed = false;
}

void hostmem_counts(bool counts)
{
    host.paused = !counts;
}

bool hostmem_failed(void)
{
    return host.failed;
}

long hostmem_blocks(void)
{
    return host.blocks;
}

static bool refused(void)
{
    if (host.paused || !host.ahead || --host.ahead) return false;
    host.failed = true;
    return true;
}

static void *given(void *at)
{
    host.blocks += at != NULL;
    return at;
}

void *__wrap_malloc(size_t size)
{
    return refused() ? NULL : given(__real_malloc(size));
}
void *__wrap_calloc(size_t count, size_t size)
{
    return refused() ? NULL : given(__real_calloc(count, size));
}
void *__wrap_realloc(void *at, size_t size)
{
    if (refused()) return NULL;
    return at ? __real_realloc(at, size) : given(__real_realloc(NULL, size));
}
char *__wrap_strdup(const char *text)
{
    return refused() ? NULL : given(__real_strdup(text));
}
void __wrap_free(void *at)
{
    host.blocks -= at != NULL;
    __real_free(at);
}
