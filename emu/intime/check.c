/* check.c: the invariants, walked. Every one is a sentence; the first that does not hold is
 * returned. */
#include <stdlib.h>
#include <string.h>

#include "kn.h"
#include "request.h"

static const char *check_free(const struct rt_kernel *k)
{
    unsigned n = 0;
    uint16_t last = 0;
    for (uint16_t i = k->free_first; i; i = k->slot[i].next_free) {
        if (k->slot[i].use != USE_FREE) return "a slot in the free list is in use";
        if (++n > k->slots) return "the free list runs in a circle";
        last = i;
    }
    if (last != k->free_last) return "the free list ends elsewhere than it says";
    unsigned free_slots = 0;
    for (uint32_t i = 0; i < k->slots; i++)
        free_slots += k->slot[i].use == USE_FREE;
    if (n != k->free_count || n != free_slots) return "free slots and free list differ in number";
    return NULL;
}

static const char *check_objects(const struct rt_kernel *k, const struct process *p,
                                 unsigned *slots, uint32_t *refs)
{
    unsigned counted = 0, in_blocks = 0;
    uint16_t before = 0;
    for (uint16_t i = p->first_object; i; i = k->slot[i].next) {
        const struct object *o = &k->slot[i];
        if (o->use != USE_OBJECT && o->use != USE_CODE)
            return "a process lists a slot that is no object";
        if (o->owner != p || o->prev != before) return "a process lists an object of another owner";
        if (++*slots > k->slots) return "a list of objects runs in a circle";
        const char *bad = object_check(k, o, refs);
        if (bad) return bad;
        counted += o->counted;
        in_blocks += o->block_page != 0;
        if (o->block_page && (o->block_page > p->block_count ||
                              !(p->blocks[o->block_page - 1].used >> o->block & 1)))
            return "an object's control block is not marked as used";
        before = i;
    }
    if (counted != p->objects) return "the number of objects of a process is wrong";
    for (unsigned i = 0; i < p->block_count; i++)
        in_blocks -= (unsigned)__builtin_popcountll(p->blocks[i].phys ? p->blocks[i].used : 0);
    return in_blocks == 0 ? NULL : "control blocks and objects differ in number";
}

static const char outside[] = "a frame lies outside of memory";

/* One more holds the frame; false: there is no such one, as a damaged snapshot may say. */
static bool hold(const struct rt_kernel *k, uint32_t *refs, uint32_t phys)
{
    uint32_t frame = (phys - k->config.ram_base) / PAGE;
    if (frame < k->frames) refs[frame]++;
    return frame < k->frames;
}

static const char *check_tables(const struct rt_kernel *k, const struct process *p, uint32_t *refs)
{
    for (uint32_t t = 0; t < p->size / VSEG_UNIT; t++) {
        const struct table *table = p->tables[t];
        unsigned live = 0;
        if (!p->xm && k->vseg_at[p->base / VSEG_UNIT + t] != p) return "a VSEG is not registered";
        for (uint32_t i = 0; table && i < 1024; i++) {
            uint32_t pte = table->pte[i];
            live += pte != 0;
            if (pte && !area_at(p, t << 10 | i)) return "a page is mapped outside all areas";
            if ((pte & PTE_OWNED) && !hold(k, refs, pte & ~(PAGE - 1))) return outside;
        }
        if (!table) continue;
        if (live != table->live) return "the number of entries of a page table is wrong";
        if ((table->phys != 0) != (live != 0)) return "a page table stays without entries";
        if (table->phys && !hold(k, refs, table->phys)) return outside;
    }
    return p->xm && !hold(k, refs, p->directory) ? outside : NULL;
}

static const char *check_areas(const struct process *p)
{
    for (unsigned i = 0; i < p->area_count; i++) {
        const struct area *a = &p->areas[i];
        if (a->count == 0 || a->page + a->count > p->size / PAGE) return "an area leaves its VSEG";
        if (i && a[-1].page + a[-1].count > a->page) return "two areas overlap";
        for (uint32_t n = 0; n < a->count; n++)
            if (!vseg_pte(p, a->page + n)) return "a page of an area is not mapped";
    }
    return NULL;
}

static const char *check_dir(const struct rt_kernel *k, const struct process *p)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < p->dir_size; i++) {
        const struct entry *e = &p->dir[i];
        used += e->status != ENTRY_FREE;
        for (uint32_t j = i + 1; e->status != ENTRY_FREE && j < p->dir_size; j++)
            if (p->dir[j].status != ENTRY_FREE && p->dir[j].length == e->length &&
                !memcmp(p->dir[j].name, e->name, e->length))
                return "a name stands twice in a directory";
        if (e->status != ENTRY_WAITED) continue;
        bool waited = false;
        for (const struct thread *t = thread_first(k); t; t = thread_after(k, t))
            waited |= t->wait == WAIT_LOOKUP && t->wait_dir == p && t->wait_length == e->length &&
                      !memcmp(t->wait_name, e->name, e->length);
        if (!waited) return "an entry waits for nobody";
    }
    return used == p->dir_used ? NULL : "the number of directory entries is wrong";
}

/* The regions that a thread holds, last one first. */
static const char *check_held(const struct rt_kernel *k, const struct thread *t)
{
    unsigned n = 0, owned = 0;
    for (uint16_t i = t->held; i; i = k->slot[i].held_next) {
        if (k->slot[i].type != TYPE_REGION || k->slot[i].thread != t)
            return "a thread lists a region that it does not hold";
        if (++n > k->slots) return "a list of regions runs in a circle";
    }
    for (uint32_t i = 0; i < k->slots; i++)
        owned += k->slot[i].type == TYPE_REGION && k->slot[i].thread == t;
    if (n != owned) return "a holder does not list its region";
    bool inherits = t->held || t->kn_held || t->hurried;
    if (t->priority > t->base || (!inherits && t->priority != t->base))
        return "a thread's priority is neither its own nor inherited";
    return NULL;
}

/* A thread waits at an object of the kind that it asked for. */
static const char *check_wait(const struct rt_kernel *k, const struct thread *t)
{
    static const uint8_t types[] = {
        [WAIT_SEMAPHORE] = TYPE_SEMAPHORE, [WAIT_REGION] = TYPE_REGION,
        [WAIT_REGION_END] = TYPE_REGION,   [WAIT_MAILBOX] = TYPE_MAILBOX,
        [WAIT_PORT] = TYPE_PORT,           [WAIT_MESSAGE] = TYPE_QUEUE,
        [WAIT_SENT] = TYPE_QUEUE,          [WAIT_ALARM] = TYPE_ALARM,
        [WAIT_REPLY] = TYPE_PORT,          [WAIT_SERVICE] = TYPE_SERVICE,
        [WAIT_SENDING] = TYPE_PORT};
    uint8_t type = t->wait < sizeof types ? types[t->wait] : TYPE_NONE;
    bool good = type == TYPE_NONE || k->slot[t->wait_object].type == type;
    return good ? NULL : "a thread waits at an object of another type";
}

static const char *check_threads(const struct rt_kernel *k, const struct process *p, uint32_t *refs)
{
    for (const struct thread *t = p->threads; t; t = t->next) {
        const struct object *o = object_find(k, t->handle);
        if (!o || o->thread != t || o->owner != p) return "a thread's handle is not its own";
        const char *bad = check_held(k, t);
        if (bad) return bad;
        bool runs = t->wait == WAIT_NONE && !t->faulted && (t->depth == 0 || t->held || t->inside);
        if (t->queued && !runs) return "a waiting thread stands in the ready queue";
        bad = check_wait(k, t);
        if (bad) return bad;
        if (runs && !t->queued && t != k->current) return "a ready thread is in no queue";
        if (!hold(k, refs, t->tss)) return outside;
    }
    for (unsigned i = 0; i < p->block_count; i++)
        if (p->blocks[i].phys && !hold(k, refs, p->blocks[i].phys)) return outside;
    return NULL;
}

/* What a process has, and what its children count for. */
static const char *check_quota(const struct rt_kernel *k, const struct process *p)
{
    uint32_t used[QUOTAS] = {[QUOTA_OBJECTS] = p->objects};
    for (const struct thread *t = p->threads; t; t = t->next)
        used[QUOTA_THREADS]++;
    for (unsigned i = 0; i < k->process_count; i++)
        for (enum quota_kind q = 0; q < QUOTAS; q++)
            if (k->process[i]->alive && k->process[i]->parent == p)
                used[q] += quota_share(k->process[i], q);
    for (enum quota_kind q = 0; q < QUOTAS; q++) {
        if (used[q] != p->quota[q].used) return "what counts against a process's limits is wrong";
        if (p->quota[q].limit && used[q] > p->quota[q].limit) return "a process is above a limit";
    }
    return p == k->root || (p->parent && p->parent->alive) ? NULL : "a process has no parent";
}

/* Whoever waits for a process or for its load waits for something that is there; no load is for one who has gone. */
static const char *check_waits(const struct rt_kernel *k)
{
    unsigned loads = 0;
    for (const struct load *l = k->loads; l; l = l->next)
        loads += l->thread != NULL;
    for (const struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        bool process = t->wait == WAIT_INIT || t->wait == WAIT_PROCESS || t->wait == WAIT_TERMINATE;
        if (process && !t->wait_process->alive) return "a thread waits for a dead process";
        if (t->wait == WAIT_PROCESS && t->wait_object && k->slot[t->wait_object].type != TYPE_EXIT)
            return "a thread waits through a wait handle that is gone";
        if (t->wait == WAIT_LOOKUP && !t->wait_dir->alive)
            return "a thread waits for a name of a dead process";
        bool asked = false;
        for (const struct load *l = k->loads; l; l = l->next)
            asked |= l->thread == t;
        if ((t->net != NULL) != (t->wait == WAIT_SOCKET))
            return "a socket call has no waiting thread";
        bool asks = t->wait == WAIT_SERVICE || t->wait == WAIT_SENDING;
        if ((t->request != NULL) != asks) return "a thread waits at a service for nothing";
        loads -= asked;
        if (asked != (t->wait == WAIT_LOAD)) return "a thread waits for a load that nobody makes";
        if (t->wait == WAIT_START && !t->process->suspended)
            return "a thread waits for a start that has been";
    }
    for (uint32_t i = 0; i < k->slots; i++) {
        const struct object *o = &k->slot[i];
        if (o->type == TYPE_EXIT && !o->reference && o->process && !o->process->alive)
            return "a wait handle names a dead process";
    }
    return loads ? "a load is for a dead thread" : NULL;
}

static const char *check_process(const struct rt_kernel *k, const struct process *p,
                                 unsigned *slots, uint32_t *refs)
{
    const char *bad = check_objects(k, p, slots, refs);
    if (!bad) bad = check_tables(k, p, refs);
    if (!bad) bad = check_areas(p);
    if (!bad) bad = check_dir(k, p);
    if (!bad) bad = check_threads(k, p, refs);
    if (!bad) bad = check_quota(k, p);
    if (bad) return bad;
    const struct pool *pool = &p->pool;
    if (pool->used + pool->lent > pool->held) return "a pool has given more than it holds";
    if (pool->held < pool->min || pool->held > pool->max) return "a pool is outside its bounds";
    if (p->parent && pool->held > pool->min && pool->held > pool->used + pool->lent)
        return "a pool keeps what it has borrowed and needs no more";
    return NULL;
}

/* Root frames are held by nobody's entry but the boot's, or they are orphans. */
static const char *check_frames(const struct rt_kernel *k, const uint32_t *refs)
{
    for (uint32_t i = 0; i < k->frames; i++) {
        const struct frame *f = &k->frame[i];
        if (!f->owner && (f->refs || refs[i])) return "a free frame is held";
        if (!f->owner && i < k->first_free) return "a free frame lies below the first free one";
        if (f->owner && !f->owner->alive) return "a frame is charged to a dead process";
        if (f->owner && f->refs == 0) return "a frame is charged but held by nobody";
        if (f->owner && f->refs != refs[i] &&
            !(f->owner == k->root && refs[i] == 0 && f->refs == 1))
            return "the count of holders of a frame is wrong";
    }
    return NULL;
}

static const char *check_pools(const struct rt_kernel *k)
{
    for (unsigned i = 0; i < k->process_count; i++) {
        const struct process *p = k->process[i];
        uint32_t used = 0, held = 0;
        if (!p->alive && !p->first_object && !p->threads && !p->pool.used && !p->pool.lent)
            continue; /* check_frames has seen that it has no frame */
        for (unsigned n = 0; n < k->process_count; n++)
            if (k->process[n]->alive && k->process[n]->parent == p)
                held += k->process[n]->pool.held;
        if (held != p->pool.lent) return "the pools of the children are not what their parent lent";
        for (uint32_t f = 0; f < k->frames; f++)
            used += k->frame[f].owner == p;
        if (used != p->pool.used) return "a pool's use is not the number of its frames";
        if (!p->alive && (used || p->first_object || p->threads))
            return "a dead process owns something";
    }
    return NULL;
}

static const char *check_ready(const struct rt_kernel *k)
{
    for (const struct thread *t = k->ready; t; t = t->next_ready) {
        if (!t->queued || t == k->current) return "the ready queue holds the wrong thread";
        if (t->next_ready && t->next_ready->priority < t->priority)
            return "the ready queue is unsorted";
    }
    if (k->current && k->running != k->current->handle)
        return "another thread runs than the current one";
    return NULL;
}

static const char *check_all(const struct rt_kernel *k, uint32_t *refs)
{
    unsigned slots = 0, used = 0;
    const char *bad = check_free(k);
    for (unsigned i = 0; !bad && i < k->process_count; i++)
        if (k->process[i]->alive) bad = check_process(k, k->process[i], &slots, refs);
    for (uint32_t i = 0; i < k->slots; i++)
        used += k->slot[i].use == USE_OBJECT || k->slot[i].use == USE_CODE;
    if (!bad && used != slots) bad = "a slot in use belongs to no process";
    if (!bad) bad = shared_check(k, refs);
    if (!bad) bad = check_frames(k, refs);
    if (!bad) bad = check_pools(k);
    if (!bad) bad = check_ready(k);
    if (!bad) bad = kn_region_check(k);
    if (!bad) bad = check_waits(k);
    if (!bad) bad = sponsors_check(k);
    if (!bad) bad = int_check(k);
    if (!bad && k->queue_lost) bad = "effects were lost";
    return bad;
}

const char *rt_kernel_check(const struct rt_kernel *k)
{
    if (!k->booted) return NULL;
    uint32_t *refs = calloc(k->frames, sizeof *refs);
    if (!refs) return NULL;
    const char *bad = check_all(k, refs);
    free(refs);
    return bad;
}
