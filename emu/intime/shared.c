/* shared.c: the part of every address space in which memory behind a descriptor can be reached.
 *
 *   F8000000 |RQSYSINFO|-|pages of a handle|-|pages of a heap|- ...            FFC00000
 *
 * A descriptor of the GDT serves all processes, but an address of an XM process means something in its own
 * space only. So the pages behind its handles and heaps are shown here as well, in all page directories,
 * with a free page after each; the descriptor's base lies here. What is shown follows the process's own
 * entries: pages that it frees are gone here too. A classic process's VSEG needs none of this.
 */
#include <stdlib.h>

#include "ksnap.h"

#define TABLES (SHARED_PAGES / 1024)

struct shared {
    uint32_t table[TABLES]; /* physical; 0: not in use */
    uint16_t live[TABLES];
    uint16_t slot[SHARED_PAGES]; /* GDT index of the object that has the page; 0 = free */
};

bool shared_new(struct rt_kernel *k)
{
    k->shared = calloc(1, sizeof *k->shared);
    return k->shared != NULL;
}

static uint32_t window_find(const struct shared *s, uint32_t pages)
{
    uint32_t run = 0;
    for (uint32_t i = 0; i < SHARED_PAGES; i++) {
        run = s->slot[i] ? 0 : run + 1;
        if (run == pages + 2 || (i + 1 == run && run == pages + 1)) return i - pages;
    }
    return NO_PAGE;
}

static uint32_t pages_over(uint32_t off, uint32_t size)
{
    return (off % PAGE + size - 1) / PAGE + 1;
}

uint32_t shared_room(const struct rt_kernel *k, const struct process *p, uint32_t off,
                     uint32_t size, uint32_t taken)
{
    if (!p->xm) return E_OK;
    uint32_t pages = pages_over(off, size), at = window_find(k->shared, pages), missing = 0;
    if (at == NO_PAGE) return E_MEM;
    for (uint32_t t = at >> 10; t <= (at + pages - 1) >> 10; t++)
        missing += !k->shared->table[t];
    if (!missing) return E_OK;
    missing += taken;
    return pool_can(k->root, missing) && frame_low_free(k, missing) ? E_OK : E_MEM;
}

/* In every page directory there is. */
static void table_announce(struct rt_kernel *k, uint32_t t)
{
    uint32_t at = ((SHARED_BASE >> 22) + t) * 4, table = k->shared->table[t];
    uint32_t pde = table ? table | PTE_P | PTE_W | PTE_U : 0;
    phys_put32(k, k->directory + at, pde);
    for (unsigned i = 0; i < k->process_count; i++)
        if (k->process[i]->alive && k->process[i]->xm)
            phys_put32(k, k->process[i]->directory + at, pde);
}

static void page_show(struct rt_kernel *k, uint32_t page, uint32_t pte)
{
    uint32_t phys = k->shared->table[page >> 10] + (page & 1023) * 4;
    phys_put32(k, phys, pte & ~PTE_OWNED);
}

static void page_take(struct rt_kernel *k, uint32_t page, uint16_t slot)
{
    struct shared *s = k->shared;
    s->slot[page] = slot;
    if (s->live[page >> 10]++) return;
    s->table[page >> 10] = frame_take_low(k, k->root);
    table_announce(k, page >> 10);
}

static void page_leave(struct rt_kernel *k, uint32_t page)
{
    struct shared *s = k->shared;
    s->slot[page] = 0;
    page_show(k, page, 0);
    if (--s->live[page >> 10]) return;
    frame_drop(k, s->table[page >> 10]);
    s->table[page >> 10] = 0;
    table_announce(k, page >> 10);
}

static void object_show(struct rt_kernel *k, struct object *o, const struct process *p)
{
    for (uint32_t i = 0; i < o->shown_pages; i++)
        page_show(k, o->shown + i, vseg_pte(p, o->shown_page + i));
}

uint32_t shared_show(struct rt_kernel *k, struct object *o, const struct process *p, uint32_t off,
                     uint32_t size)
{
    o->shown_pages = pages_over(off, size);
    o->shown_page = off / PAGE;
    o->shown = window_find(k->shared, o->shown_pages);
    for (uint32_t i = 0; i < o->shown_pages; i++)
        page_take(k, o->shown + i, (uint16_t)(o - k->slot));
    object_show(k, o, p);
    return SHARED_BASE + o->shown * PAGE + off % PAGE;
}

uint32_t shared_base(struct rt_kernel *k, struct object *o, uint32_t off, uint32_t size)
{
    return o->owner->xm ? shared_show(k, o, o->owner, off, size) : o->owner->base + off;
}

void shared_follow(struct rt_kernel *k, const struct process *p, uint32_t page, uint32_t pages)
{
    for (uint16_t i = p->xm ? p->first_object : 0; i; i = k->slot[i].next) {
        struct object *o = &k->slot[i];
        if (o->shown_pages && o->shown_page < page + pages && page < o->shown_page + o->shown_pages)
            object_show(k, o, p);
    }
}

void shared_hide(struct rt_kernel *k, struct object *o)
{
    if (!o->shown_pages) return;
    for (uint32_t i = 0; i < o->shown_pages; i++)
        page_leave(k, o->shown + i);
    o->shown_pages = 0;
    fx_translations(k);
}

/* --- address spaces --- */

static void vseg_register(struct rt_kernel *k, const struct process *p, struct process *owner)
{
    for (uint32_t u = 0; u < p->size / VSEG_UNIT; u++)
        k->vseg_at[p->base / VSEG_UNIT + u] = owner;
}

void space_make(struct rt_kernel *k, struct process *p)
{
    uint8_t entries[256];
    p->directory = k->directory;
    if (!p->xm) {
        vseg_register(k, p, p);
        return;
    }
    p->directory = frame_take_low(k, p);
    phys_get(k, k->directory + (KERNEL_BASE >> 22) * 4, entries, sizeof entries);
    phys_put(k, p->directory + (KERNEL_BASE >> 22) * 4, entries, sizeof entries);
}

void space_leave(struct rt_kernel *k, struct process *p)
{
    if (p->xm)
        frame_drop(k, p->directory);
    else
        vseg_register(k, p, NULL);
}

/* --- snapshots --- */

/* What the objects show says the rest. */
static void shared_derive(struct ksnap *x)
{
    struct shared *s = x->k->shared;
    for (uint32_t i = 0; i < x->k->slots && snap_ok(x->s); i++) {
        const struct object *o = &x->k->slot[i];
        bool inside = o->shown_pages <= SHARED_PAGES && o->shown <= SHARED_PAGES - o->shown_pages;
        if (!snap_expect(x->s, inside, "an object shows pages outside of the shared part")) return;
        for (uint32_t n = 0; n < o->shown_pages; n++) {
            uint32_t page = o->shown + n;
            if (!snap_expect(x->s, !s->slot[page], "two objects show one page")) return;
            s->slot[page] = (uint16_t)i;
            s->live[page >> 10]++;
        }
    }
}

SNAP_SIZE(struct shared, 63676);
void shared_snap(struct ksnap *x)
{
    for (uint32_t i = 0; i < TABLES; i++) {
        uint32_t *phys = &x->k->shared->table[i];
        snap_u32(x->s, phys);
        bool good = !*phys || (*phys % PAGE == 0 && frame_managed(x->k, *phys));
        snap_expect(x->s, good, "a table of shown pages is in no frame");
    }
    if (x->s->loading) shared_derive(x);
}

/* Counts its tables, which are the root's. */
/* Are these pages nobody's? Most are: a walk passes over many at once. */
#define PAGES_AT_ONCE 32u
static bool pages_free(const uint16_t *slot)
{
    unsigned any = 0;
    for (unsigned i = 0; i < PAGES_AT_ONCE; i++)
        any |= slot[i];
    return !any;
}

const char *shared_check(const struct rt_kernel *k, uint32_t *refs)
{
    unsigned live[TABLES] = {0};
    _Static_assert(SHARED_PAGES % PAGES_AT_ONCE == 0, "whole groups");
    for (uint32_t i = 0; i < SHARED_PAGES; i++) {
        if (i % PAGES_AT_ONCE == 0 && pages_free(&k->shared->slot[i])) {
            i += PAGES_AT_ONCE - 1;
            continue;
        }
        const struct object *o = &k->slot[k->shared->slot[i]];
        if (o == k->slot) continue;
        live[i >> 10]++;
        if (i < o->shown || i - o->shown >= o->shown_pages) return "a shown page is of no object";
    }
    for (uint32_t t = 0; t < TABLES; t++)
        if (live[t] != k->shared->live[t] || !live[t] != !k->shared->table[t])
            return "a table of shown pages and their number differ";
    for (uint32_t t = 0; t < TABLES; t++)
        if (k->shared->table[t]) refs[(k->shared->table[t] - k->config.ram_base) / PAGE]++;
    return NULL;
}
