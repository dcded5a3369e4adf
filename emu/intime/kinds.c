/* kinds.c: what the kinds of objects have of their own, at one place: the end of their waits, their host
 * memory, their invariants. */
#include "alarm.h"
#include "fileobj.h"
#include "heap.h"
#include "kernel.h"
#include "mailbox.h"
#include "queue.h"
#include "request.h"
#include "service.h"

void object_close(struct rt_kernel *k, struct object *o)
{
    if (o->use != USE_OBJECT || o->reference) return;
    switch (o->type) {
    case TYPE_SEMAPHORE: semaphore_close(k, o); break;
    case TYPE_REGION: region_close(k, o); break;
    case TYPE_MAILBOX: mailbox_close(k, o); break;
    case TYPE_ALARM: alarm_close(k, o); break;
    case TYPE_PORT: port_close(k, o); break;
    case TYPE_SERVICE: service_close(k, o); break;
    case TYPE_HEAP: heap_close(k, o); break;
    case TYPE_QUEUE: queue_close(k, o); break;
    case TYPE_FILE: file_object_close(k, o); break;
    case TYPE_EXIT: exit_close(k, o); break;
    default: break;
    }
}

/* A close may give back other slots of the list, never the object itself. */
void objects_close(struct rt_kernel *k, struct process *p)
{
    for (uint16_t i = p->first_object; i; i = k->slot[i].next)
        object_close(k, &k->slot[i]);
}

void object_forget(struct object *o)
{
    mailbox_forget(o);
    alarm_forget(o);
    heap_forget(o);
    queue_forget(o);
    service_free(o);
    port_free(o);
    file_object_forget(o);
}

static const char *semaphore_check(const struct rt_kernel *k, const struct object *o)
{
    const struct thread *head = exchange_head(k, o, WAIT_SEMAPHORE);
    if (o->units > o->units_max) return "a semaphore has more units than its maximum";
    return head && head->wait_units <= o->units ? "a semaphore keeps a thread waiting" : NULL;
}

static const char *region_check(const struct rt_kernel *k, const struct object *o)
{
    bool waited = exchange_head(k, o, WAIT_REGION) || exchange_head(k, o, WAIT_REGION_END);
    return !o->thread && waited ? "a thread waits for a region that nobody holds" : NULL;
}

const char *object_check(const struct rt_kernel *k, const struct object *o, uint32_t *refs)
{
    if (o->use != USE_OBJECT || o->reference) return NULL;
    switch (o->type) {
    case TYPE_SEMAPHORE: return semaphore_check(k, o);
    case TYPE_REGION: return region_check(k, o);
    case TYPE_MAILBOX: return mailbox_check(k, o, refs);
    case TYPE_ALARM: return alarm_check(k, o);
    case TYPE_HEAP: return heap_check(o);
    case TYPE_SERVICE: return service_check(k, o);
    case TYPE_PORT: return port_check(k, o);
    case TYPE_QUEUE: return queue_check(k, o, refs);
    case TYPE_FILE: return o->file ? NULL : "a file object has no record";
    default: return NULL;
    }
}
