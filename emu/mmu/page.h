/* page.h: linear to physical, two levels, as the 80386 walks [386 5.2].
 *
 *    31        22 21        12 11         0        PDE, PTE:
 *   +------------+------------+------------+       31       12 11 9 8 7 6 5 4 3 2 1 0
 *   | directory  |   table    |   offset   |      +-----------+----+---+-+-+---+-+-+-+
 *   +------------+------------+------------+      |frame 31:12|AVL |0 0|D|A|0 0|U|W|P|
 *                                                 +-----------+----+---+-+-+---+-+-+-+
 *
 * Rights combine: user may only if both levels say U; write only if both say W. Supervisor ignores W
 * (wp = false: the 80386 has no WP; wp = true: as from the 80486 with CR0.WP set). The A bits are set
 * only when the access is granted; D in the PTE only by a granted write. Error code bits: P, W, U.
 *
 * With paging off, linear is physical. Nothing here keeps state: no TLB (the fast engine brings one).
 *
 * Invariant: an access that crosses a page translates both pages before the first byte moves.
 */
#ifndef RT386_MMU_PAGE_H
#define RT386_MMU_PAGE_H

#include "addr.h"
#include "bus.h"
#include "fault.h"
#include "segm.h"

/* Called before each linear access (one call for each operand part, page crossing or not). A returned
 * fault is the access's result: fault injection, access logs and watchpoints use it. */
struct access_hook {
    fault_t (*access)(void *ctx, lin_t at, unsigned size, enum access access, bool user);
    void *ctx;
};

struct page_env {
    struct bus *bus;
    const struct access_hook *hook; /* may be NULL */
    uint32_t cr3;
    bool paging;
    bool wp;
};

/* What a walk saw, for views and explanations. */
struct page_walk {
    bool paging;
    phys_t pde_at, pte_at;
    uint32_t pde, pte;
    bool pte_read; /* false: the PDE was not present */
    bool user, writable;
    phys_t phys;
};

/* As the processor does it: sets A and D on success. */
fault_t page_translate(const struct page_env *env, lin_t at, enum access access, bool user,
                       phys_t *out) MUST_USE;
/* Without effect; the fault that page_translate would give. `walk` may be NULL. */
fault_t page_probe(const struct page_env *env, lin_t at, enum access access, bool user,
                   struct page_walk *walk) MUST_USE;

/* size 1, 2 or 4; crossing handled; the linear address wraps at 4 GB. */
fault_t lin_read(const struct page_env *env, lin_t at, unsigned size, bool user,
                 uint32_t *out) MUST_USE;
fault_t lin_write(const struct page_env *env, lin_t at, unsigned size, bool user,
                  uint32_t value) MUST_USE;
/* Like lin_read but for an operand that will be written: checked, and A/D set, as a write. A later
 * lin_write to the same place cannot fault. */
fault_t lin_read_rmw(const struct page_env *env, lin_t at, unsigned size, bool user,
                     uint32_t *out) MUST_USE;
/* Checks an access of 1..4096 bytes and sets A (D for a write), moving no data. */
fault_t lin_touch(const struct page_env *env, lin_t at, unsigned size, enum access access,
                  bool user) MUST_USE;
fault_t lin_fetch(const struct page_env *env, lin_t at, bool user, uint8_t *out) MUST_USE;
/* The 8 bytes of a descriptor, supervisor. */
fault_t lin_read64(const struct page_env *env, lin_t at, uint64_t *out) MUST_USE;

#endif
