/* objview.c: objects and directories as the tools show them. */
#include <stdio.h>
#include <string.h>

#include "alarm.h"
#include "fileobj.h"
#include "heap.h"
#include "mailbox.h"
#include "queue.h"
#include "rsl.h"
#include "service.h"

static unsigned waiters(const struct rt_kernel *k, uint16_t slot)
{
    unsigned n = 0;
    for (const struct thread *t = thread_first(k); t; t = thread_after(k, t))
        n += t->wait >= WAIT_SEMAPHORE && t->wait_object == slot;
    return n;
}

static const char *state_words(uint8_t state)
{
    switch (state) {
    case 0x00: return "running";
    case 0x01: return "ready";
    case 0x02: return "asleep";
    case 0x03: return "waits at an exchange";
    case 0x04: return "waits at a region";
    case 0x05: return "waits at a directory";
    case 0x06: return "waits at a port";
    case 0x08: return "waits at a low-level object";
    case 0x10: return "suspended";
    case 0x11: return "suspended itself";
    case 0x20: return "suspended after a fault";
    default: return state & 0x10 ? "suspended while it waits" : "waits";
    }
}

static void process_detail(const struct process *p, char *to, size_t size)
{
    snprintf(to, size, "parent %04X, %s%u objects, pool %u of %u pages, directory %u of %u",
             p->parent && p->parent != p ? p->parent->handle : 0, p->xm ? "XM, " : "", p->objects,
             p->pool.used, p->pool.max, p->dir_used, p->dir_size);
}

static void thread_detail(const struct rt_kernel *k, const struct thread *t, char *to, size_t size)
{
    uint8_t state = thread_state(k, t);
    int n = snprintf(to, size, "priority %u, state %02X %s, depth %u", t->priority, state,
                     state_words(state), t->depth);
    if (t->wait >= WAIT_SEMAPHORE && n > 0 && (size_t)n < size)
        snprintf(to + n, size - (size_t)n, ", at %04X", t->wait_object << 3);
}

static void port_words(const struct rt_kernel *k, const struct object *o, const char *order,
                       unsigned n, char *to, size_t size)
{
    const struct service *s = service_of(k, o->port->service);
    if (!s)
        snprintf(to, size, "sink port, heap %04X, %s, %u wait", o->port_heap << 3, order, n);
    else
        snprintf(to, size, "%.14s port %u, heap %04X, %s, %u of %u transactions, %u wait", s->name,
                 o->units, o->port_heap << 3, order, transactions_used(s, (uint16_t)(o - k->slot)),
                 o->units_max, n);
}

static void detail(const struct rt_kernel *k, const struct object *o, char *to, size_t size)
{
    unsigned n = waiters(k, (uint16_t)(o - k->slot));
    const char *order = o->by_priority ? "priority" : "FIFO";
    to[0] = 0;
    if (o->reference) return;
    switch (o->type) {
    case TYPE_PROCESS: process_detail(o->process, to, size); break;
    case TYPE_THREAD: thread_detail(k, o->thread, to, size); break;
    case TYPE_SEMAPHORE:
        snprintf(to, size, "%u of %u units, %s, %u wait", o->units, o->units_max, order, n);
        break;
    case TYPE_REGION:
        snprintf(to, size, "held by %04X, %s, %u wait", o->thread ? o->thread->handle : 0, order,
                 n);
        break;
    case TYPE_MAILBOX:
        snprintf(to, size, "%s, %u queued, %s, %u wait", o->mailbox->data ? "data" : "object",
                 o->mailbox->count, order, n);
        break;
    case TYPE_SEGMENT: snprintf(to, size, "offset %08X, %u bytes", o->off, o->size); break;
    case TYPE_MODULE:
        snprintf(to, size, "%.40s at %08X, %u bytes", o->module->name, o->module->base,
                 o->module->size);
        break;
    case TYPE_ALARM:
        snprintf(to, size, "%s, interval %u low-level ticks, %u unseen, %u wait",
                 o->alarm->repeats ? "repeats" : "single", o->alarm->interval, o->alarm->unseen, n);
        break;
    case TYPE_HEAP:
        snprintf(to, size, "%u bytes, %u pieces, mapped in %u other processes, %u ports",
                 o->heap->size, o->heap->cuts, o->heap->maps, o->heap->ports);
        break;
    case TYPE_QUEUE:
        snprintf(to, size, "%u of %u bytes used, messages up to %u are short, %u wait",
                 o->queue->used, o->queue->size, o->queue->threshold, n);
        break;
    case TYPE_PORT: port_words(k, o, order, n, to, size); break;
    case TYPE_SERVICE:
        snprintf(to, size, "%.14s, %u transactions, %u control buffers, %u callers wait",
                 o->service->name, o->service->transactions, o->service->controls, n);
        break;
    case TYPE_FILE:
        snprintf(to, size, "%.60s, at %u%s", o->file->path, o->file->offset,
                 o->file->doomed ? ", to be removed" : "");
        break;
    case TYPE_INTERRUPT:
        snprintf(to, size, "vectors %02X to %02X", o->units, o->units + o->units_max - 1u);
        break;
    default: break;
    }
}

uint16_t rt_thread_at(const struct rt_kernel *k, bool sleeping, unsigned index)
{
    if (!sleeping) {
        if (k->current && !index--) return k->current->handle;
        const struct thread *t = k->ready;
        while (t && index--)
            t = t->next_ready;
        return t ? t->handle : 0;
    }
    for (const struct thread *t = thread_first(k); t; t = thread_after(k, t)) {
        uint8_t state = thread_state(k, t);
        if (state >= 0x02 && state <= 0x08 && !index--) return t->handle;
    }
    return 0;
}

bool rt_interrupt_at(const struct rt_kernel *k, unsigned index, struct rt_interrupt_info *info)
{
    for (unsigned n = 0; n < INTERRUPTS; n++) {
        const struct interrupt *i = &k->interrupt[n];
        if (!i->used || index--) continue;
        *info = (struct rt_interrupt_info){.level = i->level,
                                           .vector = i->vector,
                                           .priority = line_priority(i->line),
                                           .process = i->process->handle,
                                           .thread = i->thread ? i->thread->handle : 0,
                                           .outstanding = i->count,
                                           .max = i->max,
                                           .enabled = i->enabled,
                                           .shared = i->shared,
                                           .message = i->message};
        return true;
    }
    return false;
}

/* The first name that any directory has for it. */
static void name_of(const struct rt_kernel *k, uint16_t handle, char *to)
{
    to[0] = 0;
    for (unsigned i = 0; i < k->process_count; i++)
        for (uint32_t n = 0; k->process[i]->alive && n < k->process[i]->dir_size; n++) {
            const struct entry *e = &k->process[i]->dir[n];
            if (e->status != ENTRY_VALID || e->handle != handle) continue;
            memcpy(to, e->name, e->length);
            to[e->length] = 0;
            return;
        }
}

bool rt_object_info(const struct rt_kernel *k, uint16_t slot, struct rt_object_info *info)
{
    *info = (struct rt_object_info){0};
    if (slot >= k->slots || k->slot[slot].use != USE_OBJECT) return false;
    const struct object *o = &k->slot[slot];
    info->handle = (uint16_t)(slot << 3);
    info->type = o->type;
    info->subtype = o->subtype;
    info->owner = o->owner ? o->owner->handle : 0;
    info->reference = o->reference;
    name_of(k, info->handle, info->name);
    detail(k, o, info->detail, sizeof info->detail);
    return true;
}

bool rt_name_info(const struct rt_kernel *k, uint16_t process, unsigned index,
                  struct rt_name_info *info)
{
    const struct object *o = object_find(k, process);
    if (!o || o->type != TYPE_PROCESS || o->reference) return false;
    const struct process *p = o->process;
    for (uint32_t i = 0; i < p->dir_size; i++) {
        const struct entry *e = &p->dir[i];
        if (e->status == ENTRY_FREE || index--) continue;
        *info = (struct rt_name_info){.handle = e->handle, .waited = e->status == ENTRY_WAITED};
        memcpy(info->name, e->name, e->length);
        return true;
    }
    return false;
}
