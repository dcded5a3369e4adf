/* limits.c: how many objects and threads a process may have, its descendants among them.
 *
 *   A  limit 100   used = its own + what its children count for
 *   +-- B  limit 20    counts for 20 in A, whatever it has; what is below B is counted in B only
 *   +-- C  no limit    each object of C counts in C and in A
 *
 * A child is itself an object of its parent. So a limit holds for the whole subtree.
 */
#include "kernel.h"

bool quota_room(const struct process *p, enum quota_kind kind, uint32_t count)
{
    while (p && !p->quota[kind].limit)
        p = p->parent;
    if (!p) return true;
    const struct quota *q = &p->quota[kind];
    return q->used <= q->limit && count <= q->limit - q->used;
}

void quota_take(struct process *p, enum quota_kind kind, uint32_t count)
{
    for (; p; p = p->parent) {
        p->quota[kind].used += count;
        if (p->quota[kind].limit) return;
    }
}

void quota_give(struct process *p, enum quota_kind kind, uint32_t count)
{
    for (; p; p = p->parent) {
        p->quota[kind].used -= count;
        if (p->quota[kind].limit) return;
    }
}

uint32_t quota_share(const struct process *child, enum quota_kind kind)
{
    const struct quota *q = &child->quota[kind];
    if (child->system) return 0;
    return (q->limit ? q->limit : q->used) + (kind == QUOTA_OBJECTS);
}
