/* knregion.c: low-level regions: semaphores of one unit with a holder, who runs with the priority of the best
 * waiter until it has left its last region. */
#include "kn.h"

static struct kn_region *region_at(const struct rt_kernel *k, uint64_t at)
{
    for (unsigned i = 0; i < k->kn_region_count; i++)
        if (k->kn_region[i].at == at) return &k->kn_region[i];
    return NULL;
}

static void region_remove(struct rt_kernel *k, struct kn_region *r)
{
    struct thread *t = r->holder;
    *r = k->kn_region[--k->kn_region_count];
    t->kn_held--;
}

void kn_region_take(struct rt_kernel *k, uint64_t at, struct thread *t)
{
    kn_region_leave(k, at);
    if (k->kn_region_count == KN_REGIONS) return;
    k->kn_region[k->kn_region_count++] = (struct kn_region){at, t};
    t->kn_held++;
}

void kn_region_leave(struct rt_kernel *k, uint64_t at)
{
    struct kn_region *r = region_at(k, at);
    if (!r) return;
    struct thread *t = r->holder;
    region_remove(k, r);
    region_relax(k, t);
}

void kn_region_inherit(struct rt_kernel *k, uint64_t at)
{
    const struct kn_region *r = region_at(k, at);
    const struct thread *head = r ? kn_head(k, at, WAIT_KNSEM, true) : NULL;
    if (!head || head->priority >= r->holder->priority) return;
    sched_priority(k, r->holder, head->priority);
    exchange_changed(k, r->holder);
}

void kn_regions_drop(struct rt_kernel *k, const struct thread *t)
{
    for (unsigned i = 0; i < k->kn_region_count;)
        if (k->kn_region[i].holder == t)
            region_remove(k, &k->kn_region[i]);
        else
            i++;
}

/* Holders are counted among the threads that there are: one that has gone is not looked at. */
const char *kn_region_check(const struct rt_kernel *k)
{
    unsigned held = 0;
    for (unsigned i = 0; i < k->kn_region_count; i++)
        if (region_at(k, k->kn_region[i].at) != &k->kn_region[i])
            return "a low-level region has two holders";
    for (const struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        unsigned n = 0;
        for (unsigned i = 0; i < k->kn_region_count; i++)
            n += k->kn_region[i].holder == t;
        if (n != t->kn_held) return "a thread's number of low-level regions is wrong";
        held += n;
    }
    return held == k->kn_region_count ? NULL : "a dead thread holds a low-level region";
}
