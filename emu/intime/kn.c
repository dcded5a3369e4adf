/* kn.c: areas of low-level objects: where they lie, what they cost, who waits at them. */
#include "kn.h"

#include <stdlib.h>

static uint32_t page_of(uint32_t off)
{
    return off / PAGE;
}

static bool page_counted(const struct process *p, uint32_t page)
{
    for (uint32_t i = 0; i < p->kn_count; i++)
        if (p->kn_page[i] == page) return true;
    return false;
}

uint32_t kn_pages_max(const struct rt_kernel *k)
{
    return k->config.kn_pages ? k->config.kn_pages : KN_PAGES;
}

uint32_t kn_room(struct rt_kernel *k, struct call *c, uint32_t off, uint64_t size)
{
    uint8_t byte;
    struct process *p = c->p;
    if (size > p->size || !vseg_writable(p, off, (uint32_t)size)) return E_BAD_ADDR;
    uint32_t missing = 0, last = page_of(off + (uint32_t)size - 1);
    for (uint32_t page = page_of(off); page <= last; page++) {
        uint32_t at = page == page_of(off) ? off : page * PAGE;
        if (!vseg_peek(k, p, at, &byte, 1)) return E_BAD_ADDR;
        missing += !page_counted(p, page);
    }
    if (missing > kn_pages_max(k) - p->kn_count) return E_KN_LIMIT_EXCEEDED;
    if (!p->kn_page) p->kn_page = calloc(kn_pages_max(k), sizeof *p->kn_page);
    return p->kn_page ? E_OK : E_KN_LIMIT_EXCEEDED;
}

uint64_t kn_make(struct rt_kernel *k, struct process *p, uint32_t off, uint32_t size)
{
    (void)k;
    for (uint32_t page = page_of(off); page <= page_of(off + size - 1); page++)
        if (!page_counted(p, page)) p->kn_page[p->kn_count++] = page;
    return kn_area(p, off);
}

static uint64_t space_of(const struct process *p)
{
    return p->xm ? (uint64_t)p->handle << 32 : 0;
}

uint64_t kn_area(const struct process *p, uint32_t off)
{
    return space_of(p) | (p->base + off);
}

uint64_t kn_named(const struct call *c)
{
    return space_of(c->p) | c->arg[0];
}

static struct process *owner_of(const struct rt_kernel *k, uint64_t at)
{
    if (at >> 32 == 0) return k->vseg_at[at >> 22];
    const struct object *o = object_find(k, (uint32_t)(at >> 32));
    return o ? o->process : NULL;
}

struct process *kn_process(const struct rt_kernel *k, uint64_t at, uint32_t size)
{
    uint8_t byte;
    struct process *p = owner_of(k, at);
    uint32_t off = p ? (uint32_t)at - p->base : 0, last = off + size - 1;
    if (!p || !vseg_writable(p, off, size)) return NULL;
    bool there = vseg_peek(k, p, off, &byte, 1) && vseg_peek(k, p, last, &byte, 1);
    return there ? p : NULL;
}

void kn_get(const struct rt_kernel *k, uint64_t at, void *to, uint32_t n)
{
    const struct process *p = owner_of(k, at);
    vseg_peek(k, p, (uint32_t)at - p->base, to, n);
}

void kn_put(struct rt_kernel *k, uint64_t at, const void *from, uint32_t n)
{
    const struct process *p = owner_of(k, at);
    vseg_poke(k, p, (uint32_t)at - p->base, from, n);
}

/* --- who waits --- */

static bool waits_at(const struct thread *t)
{
    return t->wait == WAIT_KNSEM || t->wait == WAIT_KNMAIL || t->wait == WAIT_KNALARM;
}

struct thread *kn_head(const struct rt_kernel *k, uint64_t at, enum wait_kind kind,
                       bool by_priority)
{
    struct thread *best = NULL;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == kind && t->wait_at == at && exchange_before(by_priority, t, best)) best = t;
    return best;
}

void kn_wait(struct rt_kernel *k, struct call *c, enum wait_kind kind, uint32_t ticks)
{
    c->t->wait_at = kn_named(c);
    sched_wait(k, c, kind,
               ticks == WAIT_FOREVER ? NEVER : sched_tick_due(k, k->config.low_tick_us, ticks));
}

void kn_wake_all(struct rt_kernel *k, uint64_t at, enum wait_kind kind)
{
    struct thread *t;
    while ((t = kn_head(k, at, kind, false)))
        sched_wake(k, t, E_KN_NONEXIST, 0);
}

/* --- the memory goes --- */

static struct thread *waiter_between(const struct rt_kernel *k, uint64_t first, uint64_t last)
{
    struct thread *best = NULL;
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (waits_at(t) && t->wait_at >= first && t->wait_at <= last &&
            (!best || t->since < best->since))
            best = t;
    return best;
}

void kn_unmapped(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages)
{
    uint64_t first = kn_area(p, page * PAGE), last = first + (pages * PAGE - 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < p->kn_count; i++)
        if (p->kn_page[i] < page || p->kn_page[i] - page >= pages)
            p->kn_page[kept++] = p->kn_page[i];
    p->kn_count = kept;
    struct thread *t;
    while ((t = waiter_between(k, first, last)))
        sched_wake(k, t, E_KN_NONEXIST, 0);
    for (unsigned i = 0; i < k->kn_region_count;) {
        uint64_t at = k->kn_region[i].at;
        if (at >= first && at <= last)
            kn_region_leave(k, at);
        else
            i++;
    }
}
