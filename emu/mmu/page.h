/* page.h: linear to physical, two levels, as the 80386 walks [386 5.2].
 *
 *    31        22 21        12 11         0        PDE, PTE:
 *   +------------+------------+------------+       31       12 11 9 8 7 6 5 4 3 2 1 0
 *   | directory  |   table    |   offset   |      +-----------+----+---+-+-+---+-+-+-+
 *   +------------+------------+------------+      |frame 31:12|AVL |0 0|D|A|0 0|U|W|P|
 *                                                 +-----------+----+---+-+-+---+-+-+-+
 *
 * Rights combine: user may only if both levels say U; write only if both say W. Supervisor ignores
 * W (wp = false: the 80386 has no WP; wp = true: as from the 80486 with CR0.WP set). The A bits are
 * set only when the access is granted; D in the PTE only by a granted write. Error code bits: P, W,
 * U.
 *
 * With paging off, linear is physical. With a struct tlb translations are kept, to no other effect
 * (tlb.h); page_probe and the host's views always walk.
 *
 * Invariant: an access that crosses a page translates both pages, in order, before the first byte
 * moves. The first page keeps the A and D bits it got when the second one refuses.
 */
#ifndef RT386_MMU_PAGE_H
#define RT386_MMU_PAGE_H

#include "addr.h"
#include "bus.h"
#include "fault.h"
#include "segm.h"
#include "tlb.h"

/* Called before each linear access, once for each lin_* call whether it crosses a page or not, with
 * the size of the whole access (8 for lin_read64; lin_read_rmw calls with ACCESS_WRITE).
 * page_translate and page_probe do not call it. A returned fault is the access's result: fault
 * injection, access logs and watchpoints use it. */
struct access_hook {
    fault_t (*access)(void *ctx, lin_t at, unsigned size, enum access access, bool user);
    void *ctx;
};

struct page_env {
    struct bus *bus;
    const struct access_hook *hook; /* may be NULL */
    struct tlb *tlb;                /* may be NULL */
    uint32_t cr3;
    bool paging;
    bool wp;
    bool pde_first; /* other processors: A of the PDE is set before the PTE is looked at */
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

/* Makes env->tlb that of these tables: what it keeps of others is void. Before its entries are used. */
static inline void page_tlb_sync(const struct page_env *env);

/* As the processor does it: sets A and D on success. */
static inline fault_t page_translate(const struct page_env *env, lin_t at, enum access access,
                                     bool user, phys_t *out) MUST_USE;
/* Without effect; the fault that page_translate would give. `walk` may be NULL. Tables that lie in
 * no memory read as all ones. */
fault_t page_probe(const struct page_env *env, lin_t at, enum access access, bool user,
                   struct page_walk *walk) MUST_USE;
/* The same, one check after the other, with a log (may be NULL): what was looked at is the entry, `want`
 * the bit that must be set, `where` the entry's physical address. Without paging nothing is checked. */
fault_t page_probe_checked(const struct page_env *env, lin_t at, enum access access, bool user,
                           struct page_walk *walk, struct check_log *log) MUST_USE;

/* size 1, 2 or 4; crossing handled; the linear address wraps at 4 GB. CR2 of a refused access is
 * its first byte inside the refused page. */
static inline fault_t lin_read(const struct page_env *env, lin_t at, unsigned size, bool user,
                               uint32_t *out) MUST_USE;
static inline fault_t lin_write(const struct page_env *env, lin_t at, unsigned size, bool user,
                                uint32_t value) MUST_USE;
/* Like lin_read but for an operand that will be written: checked, and A/D set, as a write. A later
 * lin_write to the same place cannot fault. */
fault_t lin_read_rmw(const struct page_env *env, lin_t at, unsigned size, bool user,
                     uint32_t *out) MUST_USE;
/* Checks an access of 1..4096 bytes and sets A (D for a write), moving no data. */
fault_t lin_touch(const struct page_env *env, lin_t at, unsigned size, enum access access,
                  bool user) MUST_USE;
static inline fault_t lin_fetch(const struct page_env *env, lin_t at, bool user,
                                uint8_t *out) MUST_USE;
/* The 8 bytes of a descriptor, supervisor. */
fault_t lin_read64(const struct page_env *env, lin_t at, uint64_t *out) MUST_USE;

/* --- the common case, without paging and without a hook, is short; the rest is in page.c --- */

fault_t page_translate_paged(const struct page_env *env, lin_t at, enum access access, bool user,
                             phys_t *out) MUST_USE;
fault_t lin_read_paged(const struct page_env *env, lin_t at, unsigned size, bool user,
                       uint32_t *out) MUST_USE;
fault_t lin_write_paged(const struct page_env *env, lin_t at, unsigned size, bool user,
                        uint32_t value) MUST_USE;
fault_t lin_fetch_paged(const struct page_env *env, lin_t at, bool user, uint8_t *out) MUST_USE;

void page_tlb_begin(const struct page_env *env);

static inline void page_tlb_sync(const struct page_env *env)
{
    const struct tlb *tlb = env->tlb;
    if (tlb->bus != env->bus || tlb->cr3 != env->cr3 || tlb->wp != env->wp) page_tlb_begin(env);
}

static inline bool page_env_plain(const struct page_env *env)
{
    return !env->paging && !env->hook;
}

static inline fault_t page_translate(const struct page_env *env, lin_t at, enum access access,
                                     bool user, phys_t *out)
{
    if (env->paging) return page_translate_paged(env, at, access, user, out);
    *out = phys(at.v);
    return fault_none();
}

static inline fault_t lin_read(const struct page_env *env, lin_t at, unsigned size, bool user,
                               uint32_t *out)
{
    if (!page_env_plain(env)) return lin_read_paged(env, at, size, user, out);
    *out = bus_read(env->bus, phys(at.v), size);
    return fault_none();
}

static inline fault_t lin_write(const struct page_env *env, lin_t at, unsigned size, bool user,
                                uint32_t value)
{
    if (!page_env_plain(env)) return lin_write_paged(env, at, size, user, value);
    bus_write(env->bus, phys(at.v), size, value);
    return fault_none();
}

static inline fault_t lin_fetch(const struct page_env *env, lin_t at, bool user, uint8_t *out)
{
    if (!page_env_plain(env)) return lin_fetch_paged(env, at, user, out);
    *out = (uint8_t)bus_read(env->bus, phys(at.v), 1);
    return fault_none();
}

#endif
