/* vseg.c: virtual segments: where things lie in a process, and the page tables behind it. */
#include "kn.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

uint32_t vseg_place(const struct rt_kernel *k, uint32_t size)
{
    uint32_t units = size / VSEG_UNIT, run = 0;
    for (uint32_t u = VSEG_FIRST / VSEG_UNIT; u < VSEG_LAST / VSEG_UNIT; u++) {
        run = k->vseg_at[u] ? 0 : run + 1;
        if (run == units) return (u + 1 - units) * VSEG_UNIT;
    }
    return 0;
}

/* --- areas: sorted by page, never overlapping --- */

static unsigned area_index(const struct process *p, uint32_t page)
{
    unsigned lo = 0, hi = p->area_count;
    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        if (p->areas[mid].page + p->areas[mid].count <= page)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo; /* first area that ends above page */
}

struct area *area_at(const struct process *p, uint32_t page)
{
    unsigned i = area_index(p, page);
    return i < p->area_count && p->areas[i].page <= page ? &p->areas[i] : NULL;
}

uint32_t area_find(const struct process *p, uint32_t pages)
{
    uint32_t at = VSEG_LOW_PAGE, end = p->size / PAGE;
    for (unsigned i = 0; i < p->area_count; i++) {
        const struct area *a = &p->areas[i];
        if (a->page > at && a->page - at > pages) return at; /* a guard page stays between */
        if (a->page + a->count + 1 > at) at = a->page + a->count + 1;
    }
    return at < end && end - at > pages ? at : NO_PAGE;
}

uint32_t area_largest(const struct process *p)
{
    uint32_t at = VSEG_LOW_PAGE, end = p->size / PAGE, best = 0;
    for (unsigned i = 0; i <= p->area_count; i++) {
        uint32_t next = i < p->area_count ? p->areas[i].page : end;
        if (next > at && next - at - 1 > best) best = next - at - 1;
        if (i < p->area_count && next + p->areas[i].count + 1 > at)
            at = next + p->areas[i].count + 1;
    }
    return best;
}

void area_add(struct process *p, uint32_t page, uint32_t pages, enum area_kind kind)
{
    unsigned i = area_index(p, page);
    memmove(&p->areas[i + 1], &p->areas[i], (p->area_count - i) * sizeof *p->areas);
    p->areas[i] = (struct area){.page = page, .count = pages, .kind = (uint8_t)kind};
    p->area_count++;
}

void area_remove(struct process *p, struct area *a)
{
    size_t i = (size_t)(a - p->areas);
    memmove(a, a + 1, (p->area_count - i - 1) * sizeof *a);
    p->area_count--;
}

/* --- tables --- */

static struct table *table_of(const struct process *p, uint32_t page)
{
    return page < p->size / PAGE ? p->tables[page >> 10] : NULL;
}

bool vseg_reserve(struct process *p, uint32_t page, uint32_t pages)
{
    if (p->area_count + 2 > p->area_room) { /* two: what a service is made of */
        unsigned room = p->area_room ? p->area_room * 2 : 16;
        struct area *areas = realloc(p->areas, room * sizeof *areas);
        if (!areas) return false;
        p->areas = areas;
        p->area_room = room;
    }
    for (uint32_t t = page >> 10; t <= (page + pages - 1) >> 10; t++) {
        if (!p->tables[t]) p->tables[t] = calloc(1, sizeof **p->tables);
        if (!p->tables[t]) return false;
    }
    return true;
}

uint32_t vseg_new_tables(const struct process *p, uint32_t page, uint32_t pages)
{
    uint32_t n = 0;
    for (uint32_t t = page >> 10; t <= (page + pages - 1) >> 10; t++)
        n += !p->tables[t] || !p->tables[t]->phys;
    return n;
}

static void table_start(struct rt_kernel *k, struct process *p, uint32_t page)
{
    struct table *t = table_of(p, page);
    if (t->phys) return;
    uint32_t i = frame_find(k, 1, PAGE, k->frames);
    frame_take(k, p, i, 1);
    t->phys = frame_phys(k, i);
    uint32_t pde = (p->base >> 22) + (page >> 10);
    phys_put32(k, p->directory + pde * 4, t->phys | PTE_P | PTE_W | PTE_U);
}

static void table_stop(struct rt_kernel *k, struct process *p, uint32_t index)
{
    struct table *t = p->tables[index];
    phys_put32(k, p->directory + ((p->base >> 22) + index) * 4, 0);
    frame_drop(k, t->phys);
    t->phys = 0;
}

static void pte_set(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pte)
{
    table_start(k, p, page);
    struct table *t = table_of(p, page);
    uint32_t *entry = &t->pte[page & 1023];
    t->live += !*entry && pte;
    *entry = pte;
    phys_put32(k, t->phys + (page & 1023) * 4, pte);
}

void vseg_map(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages, uint32_t phys,
              uint32_t bits)
{
    for (uint32_t i = 0; i < pages; i++)
        pte_set(k, p, page + i, (phys + i * PAGE) | bits | PTE_P | PTE_U);
    shared_follow(k, p, page, pages);
}

void vseg_fill(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages, uint32_t bits)
{
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t frame = frame_find(k, 1, PAGE, k->frames);
        frame_take(k, p, frame, 1);
        pte_set(k, p, page + i, frame_phys(k, frame) | bits | PTE_OWNED | PTE_P | PTE_U);
    }
    shared_follow(k, p, page, pages);
}

void vseg_map_entries(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages,
                      const struct process *from, uint32_t from_page)
{
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t pte = vseg_pte(from, from_page + i);
        if (pte & PTE_OWNED) frame_hold(k, pte & ~(PAGE - 1));
        pte_set(k, p, page + i, pte);
    }
    shared_follow(k, p, page, pages);
}

void vseg_unmap(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages)
{
    for (uint32_t at = page; at < page + pages; at++) {
        struct table *t = table_of(p, at);
        uint32_t pte = vseg_pte(p, at);
        if (!pte) continue;
        t->pte[at & 1023] = 0;
        phys_put32(k, t->phys + (at & 1023) * 4, 0);
        if (pte & PTE_OWNED) frame_drop(k, pte & ~(PAGE - 1));
        if (--t->live == 0) table_stop(k, p, at >> 10);
    }
    shared_follow(k, p, page, pages);
    fx_translations(k);
    if (p->kn_count) kn_unmapped(k, p, page, pages);
}

void vseg_rights(struct rt_kernel *k, struct process *p, uint32_t page, bool writable)
{
    uint32_t pte = vseg_pte(p, page);
    if (!pte || ((pte & PTE_W) != 0) == writable) return;
    pte_set(k, p, page, writable ? pte | PTE_W : pte & ~PTE_W);
    shared_follow(k, p, page, 1);
    fx_translations(k);
}

uint32_t vseg_pte(const struct process *p, uint32_t page)
{
    const struct table *t = table_of(p, page);
    return t ? t->pte[page & 1023] : 0;
}

/* --- ranges --- */

bool vseg_inside(const struct process *p, uint32_t off, uint32_t size)
{
    return size != 0 && off < p->size && size - 1 <= p->size - 1 - off;
}

static bool range_has(const struct process *p, uint32_t off, uint32_t size, uint32_t bits)
{
    if (!vseg_inside(p, off, size)) return false;
    for (uint32_t page = off / PAGE; page <= (off + (size - 1)) / PAGE; page++)
        if ((vseg_pte(p, page) & bits) != bits) return false;
    return true;
}

bool vseg_mapped(const struct process *p, uint32_t off, uint32_t size)
{
    return range_has(p, off, size, PTE_P);
}

bool vseg_writable(const struct process *p, uint32_t off, uint32_t size)
{
    return range_has(p, off, size, PTE_P | PTE_W);
}

bool vseg_peek(const struct rt_kernel *k, const struct process *p, uint32_t off, void *to,
               uint32_t n)
{
    if (n == 0) return true;
    if (!vseg_mapped(p, off, n)) return false;
    uint8_t *at = to;
    bool memory = true;
    while (n) {
        uint32_t part = PAGE - off % PAGE < n ? PAGE - off % PAGE : n;
        memory &= phys_get(k, (vseg_pte(p, off / PAGE) & ~(PAGE - 1)) + off % PAGE, at, part);
        at += part;
        off += part;
        n -= part;
    }
    return memory;
}

bool vseg_poke(struct rt_kernel *k, const struct process *p, uint32_t off, const void *from,
               uint32_t n)
{
    if (n == 0) return true;
    if (!vseg_mapped(p, off, n)) return false;
    const uint8_t *at = from;
    while (n) {
        uint32_t part = PAGE - off % PAGE < n ? PAGE - off % PAGE : n;
        phys_put(k, (vseg_pte(p, off / PAGE) & ~(PAGE - 1)) + off % PAGE, at, part);
        at += part;
        off += part;
        n -= part;
    }
    return true;
}

void vseg_free(struct rt_kernel *k, struct process *p)
{
    for (uint32_t t = 0; t < p->size / VSEG_UNIT; t++)
        if (p->tables[t] && p->tables[t]->phys) vseg_unmap(k, p, t << 10, 1024);
    space_leave(k, p);
    p->area_count = 0;
}
