/* wide.h: memory operands of more than four bytes: granted as a whole before a byte moves, and announced to the
 * access hook once. */
#ifndef RT386_CPU_WIDE_H
#define RT386_CPU_WIDE_H

#include "exec.h"

/* The operand at x->ea, 1 to 512 bytes: segment and pages, A and D; moves nothing. */
static inline fault_t wide_touch(struct exec *x, unsigned n, enum access access)
{
    return mem_touch(x->cpu, (enum segreg)x->in->seg, x->ea, n, access);
}
/* After wide_touch they cannot be refused. */
fault_t wide_load(struct exec *x, unsigned n, uint8_t *to) MUST_USE;
fault_t wide_store(struct exec *x, unsigned n, const uint8_t *from) MUST_USE;

static inline fault_t wide_read(struct exec *x, unsigned n, uint8_t *to)
{
    TRY(wide_touch(x, n, ACCESS_READ));
    return wide_load(x, n, to);
}
static inline fault_t wide_write(struct exec *x, unsigned n, const uint8_t *from)
{
    TRY(wide_touch(x, n, ACCESS_WRITE));
    return wide_store(x, n, from);
}

#endif
