/* addr.h: three kinds of address that must never be mixed.
 *
 *   selector:eff_t  --segment-->  lin_t  --page tables-->  phys_t
 *
 * One-member structs make passing the wrong kind a compile error.
 */
#ifndef RT386_BASE_ADDR_H
#define RT386_BASE_ADDR_H

#include <stdint.h>

typedef struct {
    uint32_t v;
} eff_t; /* offset inside a segment */
typedef struct {
    uint32_t v;
} lin_t; /* linear address: segment base + offset, modulo 4 GB */
typedef struct {
    uint32_t v;
} phys_t; /* physical address, after paging, before A20 */

static inline eff_t eff(uint32_t v)
{
    return (eff_t){v};
}
static inline lin_t lin(uint32_t v)
{
    return (lin_t){v};
}
static inline phys_t phys(uint32_t v)
{
    return (phys_t){v};
}

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
#define PAGE_MASK  0xfffu

#endif
