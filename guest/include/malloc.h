/* malloc.h of the guest C library: memory, as compilers' own headers for SSE look for it (mm_malloc.h). */
#ifndef RT386_GUEST_MALLOC_H
#define RT386_GUEST_MALLOC_H

#include "stdlib.h"

#define alloca(size) __builtin_alloca(size)

/* `alignment`: a power of two. free() takes such blocks as well. */
static inline void *_aligned_malloc(size_t size, size_t alignment)
{
    return aligned_alloc(alignment, size);
}

static inline void _aligned_free(void *p)
{
    free(p);
}

#endif
