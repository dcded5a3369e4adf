/* pool.c: physical memory: who may have how much, and which frame is whose.
 *
 *   root  held = all of RAM
 *    |  lent
 *    +--> process  held = min + borrowed <= max;  used <= held
 *
 * A frame is charged to the process that took it until the last page table entry that holds it
 * goes. Invariant: the sum of `used` over all processes = frames with an owner, so a free count in
 * a pool is always backed by free frames (though not by contiguous ones).
 */
#include "kernel.h"

uint32_t pool_available(const struct process *p)
{
    return p->pool.held - p->pool.used - p->pool.lent;
}

uint32_t pool_reach(const struct process *p)
{
    uint32_t own = pool_available(p);
    if (!p->parent) return own;
    uint32_t more = p->pool.max > p->pool.held ? p->pool.max - p->pool.held : 0;
    uint32_t parent = pool_reach(p->parent);
    return own + (more < parent ? more : parent);
}

bool pool_can(const struct process *p, uint32_t pages)
{
    return pages <= pool_reach(p);
}

/* Moves pages from the parents into p's pool. */
static void pool_borrow(struct process *p, uint32_t pages)
{
    if (!p->parent) return;
    pool_lend(p->parent, pages);
    p->pool.held += pages;
}

void pool_lend(struct process *p, uint32_t pages)
{
    uint32_t have = pool_available(p);
    if (have < pages) pool_borrow(p, pages - have);
    p->pool.lent += pages;
}

void pool_take(struct process *p, uint32_t pages)
{
    uint32_t have = pool_available(p);
    if (have < pages) pool_borrow(p, pages - have);
    p->pool.used += pages;
}

static void pool_settle(struct process *p)
{
    if (!p->parent) return;
    uint32_t need = p->pool.used + p->pool.lent;
    if (need < p->pool.min) need = p->pool.min;
    if (p->pool.held <= need) return;
    p->parent->pool.lent -= p->pool.held - need;
    p->pool.held = need;
    pool_settle(p->parent);
}

void pool_give(struct process *p, uint32_t pages)
{
    p->pool.used -= pages;
    pool_settle(p);
}

uint32_t frame_phys(const struct rt_kernel *k, uint32_t index)
{
    return k->config.ram_base + index * PAGE;
}

bool frame_managed(const struct rt_kernel *k, uint32_t phys)
{
    return phys >= k->config.ram_base && phys - k->config.ram_base < k->config.ram_size;
}

static uint32_t frame_search(const struct rt_kernel *k, uint32_t count, uint32_t align,
                             uint32_t from, uint32_t limit)
{
    uint32_t run = 0;
    for (uint32_t i = from; i < limit; i++) {
        if (k->frame[i].owner || (run == 0 && frame_phys(k, i) % align != 0))
            run = 0;
        else if (++run == count)
            return i + 1 - count;
    }
    return NO_FRAME;
}

/* Who can do with any frame gets one that the kernel cannot address, while there are such. */
uint32_t frame_find(const struct rt_kernel *k, uint32_t count, uint32_t align, uint32_t limit)
{
    uint32_t high = k->first_free > k->low_frames ? k->first_free : k->low_frames;
    if (limit > k->low_frames) {
        uint32_t i = frame_search(k, count, align, high, limit);
        if (i != NO_FRAME) return i;
    }
    return frame_search(k, count, align, k->first_free, limit);
}

uint32_t frame_largest(const struct rt_kernel *k)
{
    uint32_t best = 0, run = 0;
    for (uint32_t i = k->first_free; i < k->frames; i++) {
        run = k->frame[i].owner ? 0 : run + 1;
        if (run > best) best = run;
    }
    return best;
}

void frame_take(struct rt_kernel *k, struct process *p, uint32_t first, uint32_t count)
{
    pool_take(p, count);
    for (uint32_t i = first; i < first + count; i++)
        k->frame[i] = (struct frame){.owner = p, .refs = 1};
    phys_zero(k, frame_phys(k, first), count * PAGE);
    while (k->first_free < k->frames && k->frame[k->first_free].owner)
        k->first_free++;
}

bool frame_low_free(const struct rt_kernel *k, uint32_t count)
{
    uint32_t found = 0;
    for (uint32_t i = k->first_free; i < k->low_frames && found < count; i++)
        found += !k->frame[i].owner;
    return found >= count;
}

uint32_t frame_take_low(struct rt_kernel *k, struct process *p)
{
    uint32_t i = frame_find(k, 1, PAGE, k->low_frames);
    frame_take(k, p, i, 1);
    return frame_phys(k, i);
}

void frame_hold(struct rt_kernel *k, uint32_t phys)
{
    k->frame[(phys - k->config.ram_base) / PAGE].refs++;
}

void frame_drop(struct rt_kernel *k, uint32_t phys)
{
    uint32_t i = (phys - k->config.ram_base) / PAGE;
    struct frame *f = &k->frame[i];
    if (--f->refs) return;
    pool_give(f->owner, 1);
    f->owner = NULL;
    if (i < k->first_free) k->first_free = i;
}

static void children_adopt(struct rt_kernel *k, struct process *p)
{
    for (unsigned i = 0; i < k->process_count; i++) {
        struct process *child = k->process[i];
        if (child->parent != p || !child->alive) continue;
        p->pool.lent -= child->pool.held;
        p->parent->pool.lent += child->pool.held;
        for (enum quota_kind q = 0; q < QUOTAS; q++) {
            quota_give(p, q, quota_share(child, q));
            quota_take(p->parent, q, quota_share(child, q));
        }
        child->parent = p->parent;
    }
}

void frame_orphans(struct rt_kernel *k, struct process *p)
{
    children_adopt(k, p);
    uint32_t left = p->pool.used;
    p->parent->pool.lent -= p->pool.held;
    p->pool = (struct pool){0};
    for (uint32_t i = 0; left && i < k->frames; i++) {
        if (k->frame[i].owner != p) continue;
        k->frame[i].owner = p->parent;
        p->parent->pool.used++;
        left--;
    }
    pool_settle(p->parent);
}
