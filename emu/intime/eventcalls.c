/* eventcalls.c: event handlers. The first one registered brings a thread to life that waits for events and calls
 * every handler that asked for the kind of event that came.
 *
 * Its code, in the text pages:
 *
 *           sub esp, 12                         the EVENTINFO
 *           mov ebx, esp
 *     next: push ebx
 *           lea ebp, [esp-8]                    where the gate finds arguments
 *           push code; call far the gate        clib_event(info): a handler, or 0 at the end
 *           test eax, eax; jz end
 *           call eax                            handler(info)
 *           pop eax; jmp next
 *     end:  add esp, 16; ret
 */
#include <string.h>

#include "bits.h"
#include "kernel.h"
#include "rsl.h"

#define PRIORITY_BEST 5u
#define PRIORITY_LAST 253u
#define EVENT_CALL    (40u << 16 | CLASS_CLIB)

void event_fill(uint8_t *pages)
{
    static const uint8_t head[] = {0x83, 0xEC, 12, 0x89, 0xE3, 0x53, 0x8D, 0x6C, 0x24, 0xF8, 0x68};
    static const uint8_t tail[] = {0x85, 0xC0, 0x74, 5,    0xFF, 0xD0, 0x58,
                                   0xEB, 0xE6, 0x83, 0xC4, 16,   0xC3};
    uint8_t *at = pages + EVENT_OFF;
    memcpy(at, head, sizeof head);
    put32(at + 11, EVENT_CALL);
    at[15] = 0x9A;
    put32(at + 16, 0);
    put16(at + 20, RT_CALL_GATE_SEL);
    memcpy(at + 22, tail, sizeof tail);
}

static uint32_t handlers_flags(const struct process *p)
{
    uint32_t flags = 0;
    for (unsigned i = 0; i < EVENT_HANDLERS; i++)
        if (p->events.handler[i].id) flags |= p->events.handler[i].flags;
    return flags;
}

uint32_t event_wanted(const struct thread *t)
{
    return t->handles ? handlers_flags(t->process) | NOTIFY_NONE : t->notify;
}

uint32_t event_next(struct thread *t)
{
    while (t->event_at < EVENT_HANDLERS) {
        const struct event_handler *h = &t->process->events.handler[t->event_at++];
        if (h->id && h->flags & notify_kind(t->event.type)) return h->entry;
    }
    return 0;
}

void event_leave(const struct thread *t)
{
    if (t->process->events.thread == t->handle) t->process->events.thread = 0;
}

/* --- clib_event(info): the event thread asks what to do --- */

uint32_t vrfy_clib_event(struct rt_kernel *k, struct call *c)
{
    if (c->p->events.thread != c->t->handle) return E_CONTEXT;
    uint32_t status = call_writable(k, c->arg[0], EVENT_INFO);
    if (status == E_OK) status = call_lasting(c);
    return status == E_OK ? notify_room(k, c, 0, 0) : status;
}

/* The handlers of one event first; then the next event that one of them is for. */
void impl_clib_event(struct rt_kernel *k, struct call *c)
{
    struct thread *t = c->t;
    notify_make(k, c);
    notify_again(k, c, c->arg[0]); /* the handler before may have changed it */
    if ((c->eax = event_next(t))) return;
    t->event_at = 0;
    if (notify_next(k, c, handlers_flags(c->p), c->arg[0])) {
        c->eax = event_next(t);
        return;
    }
    t->event_at = EVENT_HANDLERS;
    t->wait_to = c->arg[0];
    exchange_wait(k, c, WAIT_MAILBOX, WAIT_FOREVER);
    t->handles = true;
}

/* --- RegisterRtEventHandler(flags, handler): a number --- */

static struct event_handler *handler_of(struct process *p, uint32_t id)
{
    for (unsigned i = 0; i < EVENT_HANDLERS; i++)
        if (p->events.handler[i].id == id) return &p->events.handler[i];
    return NULL;
}

uint32_t vrfy_RegisterRtEventHandler(struct rt_kernel *k, struct call *c)
{
    const struct events *e = &c->p->events;
    if (c->arg[0] == 0 || c->arg[0] & ~NOTIFY_ALL) return E_PARAM;
    if (c->arg[1] == 0 || c->arg[1] >= c->p->size) return E_PARAM;
    if (!e->thread && e->asked) return E_CONTEXT;
    if (!handler_of(c->p, 0)) return E_LIMIT;
    if (e->thread) return E_OK;
    uint32_t status = thread_room(k, c->p, EVENT_STACK, &c->fresh);
    if (status == E_OK && !frame_low_free(k, 4)) status = E_MEM; /* two for each of both objects */
    if (status == E_OK) status = notify_room(k, c, 1, EVENT_STACK + 3);
    return status == E_VMEM ? E_MEM : status;
}

static void thread_start(struct rt_kernel *k, struct call *c)
{
    struct process *p = c->p;
    uint8_t priority = p->events.priority ? p->events.priority : EVENT_PRIORITY;
    uint32_t libraries = rsl_thread_function(p, RSL_THREAD_ATTACH);
    const struct thread_start start = {.entry = p->text_off + EVENT_OFF,
                                       .first = {p->callback[0], libraries},
                                       .stack_pages = EVENT_STACK,
                                       .priority = priority};
    notify_make(k, c);
    thread_make(k, p, c->fresh, &start);
    p->events.thread = c->fresh->handle;
    c->fresh->event_at = EVENT_HANDLERS;
    sched_ready(k, c->fresh);
}

void impl_RegisterRtEventHandler(struct rt_kernel *k, struct call *c)
{
    struct event_handler *h = handler_of(c->p, 0);
    *h = (struct event_handler){++c->p->events.ids, c->arg[0], c->arg[1]};
    c->eax = h->id;
    if (!c->p->events.thread) thread_start(k, c);
}

/* --- UnregisterRtEventHandler(number) --- */

uint32_t vrfy_UnregisterRtEventHandler(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->arg[0] && handler_of(c->p, c->arg[0]) ? E_OK : E_EXIST;
}

void impl_UnregisterRtEventHandler(struct rt_kernel *k, struct call *c)
{
    (void)k;
    *handler_of(c->p, c->arg[0]) = (struct event_handler){0};
    c->eax = 1;
}

/* --- SetRtEventHandlerPriority(priority): also before there is a handler --- */

uint32_t vrfy_SetRtEventHandlerPriority(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (c->arg[0] < PRIORITY_BEST || c->arg[0] > PRIORITY_LAST) return E_PARAM;
    return c->arg[0] < c->p->max_priority ? E_LIMIT : E_OK;
}

void impl_SetRtEventHandlerPriority(struct rt_kernel *k, struct call *c)
{
    struct events *e = &c->p->events;
    e->priority = (uint8_t)c->arg[0];
    if (e->thread) thread_priority(k, object_find(k, e->thread)->thread, e->priority);
    c->eax = 1;
}
