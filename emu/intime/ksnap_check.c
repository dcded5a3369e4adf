/* ksnap_check.c: what a kernel that was read from bytes must be before its invariants can be walked, and what calls take
 * for granted without looking: numbers of frames, owners of areas, slots that are given up by number. See ksnap.h. */
#include "ksnap.h"

#include <stdlib.h>

#include "heap.h"
#include "mailbox.h"
#include "queue.h"
#include "request.h"
#include "rsl.h"
#include "service.h"

/* What was seen while walking: bits by slot, and by area of the process at hand. */
struct look {
    const struct rt_kernel *k;
    uint8_t *slot;
    uint8_t *area;
};

static bool managed(const struct rt_kernel *k, uint32_t phys)
{
    return phys % PAGE == 0 && frame_managed(k, phys);
}

/* Nobody else has it. */
static bool slot_mine(struct look *l, uint16_t slot)
{
    if (l->slot[slot]) return false;
    l->slot[slot] = 1;
    return true;
}

/* --- processes --- */

static const char *parent_check(const struct rt_kernel *k, unsigned n)
{
    const struct process *p = k->process[n];
    if (n == 0) return p->parent && p->parent != p ? "the root process has a parent" : NULL;
    for (unsigned i = 0; i < n; i++)
        if (k->process[i] == p->parent && p->parent->alive) return NULL;
    return "a process is older than its parent";
}

static const char *tables_check(const struct rt_kernel *k, const struct process *p)
{
    if (p->size && !p->tables) return "a process has no page tables";
    for (uint32_t t = 0; t < p->size / VSEG_UNIT; t++) {
        const struct table *table = p->tables[t];
        if (table && !managed(k, table->phys)) return "a page table is in no frame";
        for (unsigned i = 0; table && i < 1024; i++) {
            uint32_t pte = table->pte[i];
            if (pte & PTE_OWNED && !managed(k, pte & ~(PAGE - 1)))
                return "a page of a process is in no frame";
        }
    }
    return NULL;
}

static const char *identity_check(const struct rt_kernel *k, const struct process *p)
{
    const struct object *o = object_find(k, p->handle);
    if (!o || o->type != TYPE_PROCESS || o->reference || o->process != p || o->owner != p)
        return "a process has no object";
    if (p->cs >> 3 >= k->slots || p->ring0_cs >> 3 >= k->slots)
        return "a process has no code segment";
    if (!managed(k, p->directory) && p->size) return "a process has no page directory";
    if (!p->xm && p->size && p->directory != k->directory)
        return "a classic process has a page directory of its own";
    for (unsigned i = 0; i < p->block_count; i++)
        if (p->blocks[i].phys && !managed(k, p->blocks[i].phys))
            return "control blocks are in no frame";
    return NULL;
}

/* --- areas that somebody will give up --- */

static bool area_mine(struct look *l, const struct process *p, uint32_t page, uint32_t pages,
                      enum area_kind kind)
{
    const struct area *a = area_at(p, page);
    if (!a || a->page != page || a->count != pages || a->kind != kind || l->area[a - p->areas])
        return false;
    l->area[a - p->areas] = 1;
    return true;
}

static uint32_t heap_pages(const struct heap *h)
{
    return h->size / PAGE + (h->size % PAGE != 0);
}

static const char *heaps_check(struct look *l, const struct process *p)
{
    for (uint32_t i = 0; i < l->k->slots; i++) {
        const struct object *o = &l->k->slot[i];
        const struct heap *h = o->heap;
        if (!h) continue;
        if (o->owner == p && !area_mine(l, p, h->page, heap_pages(h), AREA_SYSTEM))
            return "a heap has no memory";
        for (uint32_t n = 0; n < h->maps; n++)
            if (h->map[n].process == p &&
                !area_mine(l, p, h->map[n].page, heap_pages(h), AREA_SYSTEM))
                return "a mapped heap has no memory";
    }
    return NULL;
}

/* A service has its own memory, and windows on what others send. */
static const char *services_check(struct look *l, const struct process *p)
{
    for (uint32_t i = 0; i < l->k->slots; i++) {
        const struct service *s = l->k->slot[i].service;
        if (!s || s->process != p) continue;
        if (!area_mine(l, p, s->page, s->pages, AREA_SYSTEM)) return "a service has no memory";
        for (unsigned n = 0; n < s->transactions; n++) {
            const struct window *w = &s->transaction[n].window;
            if (s->transaction[n].state == TRANSACTION_FREE || !w->pages) continue;
            if (!area_mine(l, p, w->page, w->pages, AREA_SYSTEM))
                return "what a service sees of a message is not there";
        }
        if (s->left.pages &&
            (!s->busy || !area_mine(l, p, s->left.page, s->left.pages, AREA_SYSTEM)))
            return "what a service sees of a caller is not there";
        for (const struct thread *t = thread_first(l->k); t; t = thread_after(l->k, t)) {
            const struct request *r =
                t->wait == WAIT_SERVICE && t->wait_object == i ? t->request : NULL;
            if (r && r->window.pages &&
                !area_mine(l, p, r->window.page, r->window.pages, AREA_SYSTEM))
                return "what a service sees of a fragment is not there";
        }
    }
    return NULL;
}

static const char *areas_check(struct look *l, const struct process *p)
{
    for (const struct thread *t = p->threads; t; t = t->next) {
        uint32_t page = t->block / PAGE;
        if (page < t->stack_pages || t->stack_pages > p->size / PAGE ||
            !area_mine(l, p, page - t->stack_pages, t->stack_pages + 1, AREA_SYSTEM))
            return "a thread has no stack";
    }
    for (const struct module *m = p->modules; m; m = m->next)
        if (m->library && !area_mine(l, p, m->base / PAGE, m->size / PAGE, AREA_RSL))
            return "a library has no memory";
    const char *bad = services_check(l, p);
    return bad ? bad : heaps_check(l, p);
}

/* Areas are in their order: area_at finds what there is. */
static bool areas_sorted(const struct process *p)
{
    for (unsigned i = 0; i < p->area_count; i++) {
        const struct area *a = &p->areas[i];
        if (!a->count || a->page > p->size / PAGE || a->count > p->size / PAGE - a->page)
            return false;
        if (i && a[-1].page + a[-1].count > a->page) return false;
    }
    return true;
}

/* --- threads --- */

static const char *waiting_at(const struct rt_kernel *k, const struct thread *t)
{
    static const uint8_t at[] = {[WAIT_SEMAPHORE] = TYPE_SEMAPHORE, [WAIT_REGION] = TYPE_REGION,
                                 [WAIT_REGION_END] = TYPE_REGION,   [WAIT_MAILBOX] = TYPE_MAILBOX,
                                 [WAIT_PORT] = TYPE_PORT,           [WAIT_MESSAGE] = TYPE_QUEUE,
                                 [WAIT_SENT] = TYPE_QUEUE,          [WAIT_ALARM] = TYPE_ALARM,
                                 [WAIT_REPLY] = TYPE_PORT,          [WAIT_SERVICE] = TYPE_SERVICE,
                                 [WAIT_SENDING] = TYPE_PORT};
    uint8_t type = t->wait < sizeof at ? at[t->wait] : TYPE_NONE;
    const struct object *o = &k->slot[t->wait_object];
    bool good = type == TYPE_NONE || (o->use == USE_OBJECT && o->type == type && !o->reference);
    return good ? NULL : "a thread waits at an object that is none";
}

static const char *thread_check(struct look *l, const struct thread *t)
{
    const struct rt_kernel *k = l->k;
    bool started = t->wait == WAIT_START && t->due == NEVER;
    if (!managed(k, t->tss)) return "a thread's TSS is in no frame";
    if (t->wait != WAIT_NONE && !t->wait_row && !started) return "a thread waits in no call";
    if ((t->wait == WAIT_SENT) != (t->message != NULL)) return "a thread sends no message";
    if (t->message && t->message->queue != t->wait_object) return "a message is in another queue";
    if (t->interrupt && t->interrupt->process != t->process)
        return "an interrupt thread is that of another process";
    const char *bad = request_look(k, t);
    if (bad) return bad;
    if (t->dependency && t->dependency->process != t->process)
        return "a thread waits for another process's sponsor";
    if (t->wait == WAIT_INIT && t->wait_object) {
        const struct object *o = &k->slot[t->wait_object];
        if (o->use != USE_OBJECT || o->type != TYPE_EXIT || o->reference ||
            !slot_mine(l, t->wait_object))
            return "a wait handle is that of nobody";
    }
    return waiting_at(k, t);
}

/* Each waits for a sponsor of its own. */
static const char *dependencies_check(const struct rt_kernel *k)
{
    for (const struct dependency *d = k->dependencies; d; d = d->next) {
        unsigned waiters = 0;
        for (const struct thread *t = thread_first(k); t; t = thread_after(k, t))
            waiters += t->dependency == d;
        if (waiters != !d->sponsor) return "a dependency is waited for by more than one, or none";
    }
    return NULL;
}

/* --- objects --- */

static const char *pages_check(struct look *l, const struct object *o)
{
    const struct mailbox *m = o->mailbox;
    for (uint32_t i = 0; m && i < m->pages; i++) {
        uint16_t slot = m->page[i].slot;
        if (!managed(l->k, m->page[i].phys)) return "a page of a mailbox is in no frame";
        if ((slot != 0) != m->data) return "a page of a mailbox has a wrong slot";
        if (slot && !slot_mine(l, slot)) return "two pages of mailboxes have one slot";
    }
    return NULL;
}

static const char *messages_check(const struct object *o, uint32_t slot)
{
    for (const struct message *m = o->queue ? o->queue->first : NULL; m; m = m->next)
        if (m->queue != slot) return "a message stands in another queue";
    return NULL;
}

static bool needs_process(const struct object *o)
{
    return o->subtype == SUBTYPE_DESCRIPTOR || o->subtype == SUBTYPE_VSEG;
}

static const char *object_look(struct look *l, uint32_t i)
{
    const struct object *o = &l->k->slot[i];
    if (o->use == USE_CODE) return o->type == TYPE_NONE ? NULL : "a slot has a type but no object";
    if (o->use != USE_OBJECT) return NULL;
    if (!o->owner->alive) return "an object belongs to a dead process";
    if (o->type == TYPE_MODULE && !o->module) return "a module's object has no module";
    if (needs_process(o) && (!o->process || !o->process->alive))
        return "a segment of a process has none";
    if (o->type == TYPE_REGION && o->thread == &l->k->in_handler)
        return "an interrupt handler has a region";
    if (o->type == TYPE_THREAD && o->thread && o->thread->handle >> 3 != i)
        return "a thread's object is not its own";
    if (o->type != TYPE_REGION && o->held_next) return "what is no region is held";
    if (o->type == TYPE_SERVICE && !o->reference) {
        if (!o->service || !slot_mine(l, o->service->region)) return "two services have one region";
        return service_look(l->k, (uint16_t)i);
    }
    if (o->type == TYPE_PORT && !o->reference) return port_check(l->k, o);
    const char *bad = pages_check(l, o);
    return bad ? bad : messages_check(o, i);
}

static const char *loads_check(struct look *l)
{
    for (const struct load *a = l->k->loads; a; a = a->next) {
        const struct object *o = &l->k->slot[a->exit];
        if (!a->exit) continue;
        if (o->use != USE_OBJECT || o->type != TYPE_EXIT || o->reference || !slot_mine(l, a->exit))
            return "a request to the loader has no wait handle";
    }
    return NULL;
}

static const char *space_check(const struct rt_kernel *k)
{
    for (uint32_t u = 0; u < 1024; u++) {
        const struct process *p = k->vseg_at[u];
        if (p && (!p->alive || p->xm || u < p->base / VSEG_UNIT ||
                  u - p->base / VSEG_UNIT >= p->size / VSEG_UNIT))
            return "a part of the address space is that of nobody";
    }
    return NULL;
}

/* --- all --- */

static const char *process_look(struct look *l, unsigned n)
{
    const struct process *p = l->k->process[n];
    if (!p->alive) return p->first_object ? "a dead process owns something" : NULL;
    const char *bad = parent_check(l->k, n);
    if (!bad) bad = identity_check(l->k, p);
    if (!bad) bad = tables_check(l->k, p);
    if (!bad && !areas_sorted(p)) bad = "areas overlap, or leave their process";
    if (bad) return bad;
    l->area = calloc(p->area_count + 1, 1);
    bad = l->area ? areas_check(l, p) : "the host has no memory for it";
    free(l->area);
    for (const struct thread *t = p->threads; t && !bad; t = t->next)
        bad = thread_check(l, t);
    return bad;
}

const char *ksnap_check(const struct rt_kernel *k)
{
    struct look l = {.k = k, .slot = calloc(k->slots, 1)};
    const char *bad = l.slot ? space_check(k) : "the host has no memory for it";
    if (!bad && k->in_handler.wait != WAIT_NONE) bad = "an interrupt handler waits";
    for (unsigned n = 0; n < k->process_count && !bad; n++)
        bad = process_look(&l, n);
    for (uint32_t i = 0; i < k->slots && !bad; i++)
        bad = object_look(&l, i);
    if (!bad) bad = loads_check(&l);
    if (!bad) bad = dependencies_check(k);
    free(l.slot);
    return bad;
}
