/* hostmem.h: the host's memory, as the kernel under test gets it: how much it has, and a request that is refused. For
 * programs linked with --wrap=malloc, calloc, realloc, strdup and free: requests of the kernel and of the tests come
 * here. */
#ifndef RT386_TESTS_HOSTMEM_H
#define RT386_TESTS_HOSTMEM_H

#include <stdbool.h>

/* The n-th request from now on is refused, once; 0: none is. */
void hostmem_fail(unsigned n);
/* That request has been made. */
bool hostmem_failed(void);
/* What is made in between gets its memory and does not count: false, then true. */
void hostmem_counts(bool counts);
/* Blocks that have been given out and not been taken back. */
long hostmem_blocks(void);

#endif
