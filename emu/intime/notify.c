/* notify.c: RtNotifyEvent, and the end that one process asks of another. */
#include <string.h>

#include "bits.h"
#include "dir.h"
#include "mailbox.h"

uint32_t notify_kind(uint32_t type)
{
    switch (type) {
    case DEPENDENT_REGISTERED:
    case DEPENDENT_UNREGISTERED:
    case DEPENDENT_TERMINATED: return NOTIFY_SPONSOR;
    case SPONSOR_UNREGISTERED:
    case SPONSOR_TERMINATED: return NOTIFY_DEPENDED;
    case TERMINATE: return NOTIFY_EXIT;
    default: return NOTIFY_SYSTEM;
    }
}

static struct event event_of(const struct mail *mail)
{
    struct event e = {0};
    if (mail->length >= 4) e.type = get32(mail->data);
    if (mail->length < EVENT_INFO) return e;
    e.location = get32(mail->data + 4);
    e.process = get32(mail->data + 8);
    return e;
}

static bool mail_wanted(uint32_t flags, const struct mail *mail)
{
    return mail->length >= 4 && notify_kind(event_of(mail).type) & flags;
}

bool notify_wants(const struct thread *t, const struct mail *mail)
{
    uint32_t flags = event_wanted(t);
    return !flags || mail_wanted(flags, mail);
}

/* An event into the caller's structure, which has been checked. */
static void event_put(const struct event *e, uint8_t *info)
{
    put32(info, e->type);
    put32(info + 4, e->location);
    put32(info + 8, e->process);
}

void notify_give(struct rt_kernel *k, struct thread *t, const struct mail *mail)
{
    uint8_t info[EVENT_INFO];
    t->event = event_of(mail);
    event_put(&t->event, info);
    thread_put(k, t, t->wait_to, info, sizeof info);
    t->event_at = 0;
    sched_wake(k, t, E_OK, t->handles ? event_next(t) : 1);
}

/* --- the mailbox of a process --- */

struct object *notify_mailbox(const struct rt_kernel *k, const struct process *p)
{
    struct object *o = object_find(k, dir_get(p, EXIT_MBOX));
    bool mailbox =
        o && o->type == TYPE_MAILBOX && o->owner->alive && !o->reference && o->mailbox->data;
    return mailbox ? o : NULL;
}

bool notify_send(struct rt_kernel *k, struct process *p, const struct event *event)
{
    uint8_t info[EVENT_INFO];
    struct object *o = p->alive ? notify_mailbox(k, p) : NULL;
    event_put(event, info);
    return o && mailbox_send(k, o, info, event->type == TERMINATE ? 4 : EVENT_INFO) == E_OK;
}

uint32_t notify_room(struct rt_kernel *k, struct call *c, unsigned objects, uint32_t pages)
{
    c->object = notify_mailbox(k, c->p);
    if (c->object) return E_OK;
    uint16_t handle = dir_get(c->p, EXIT_MBOX);
    if (object_find(k, handle)) return E_TYPE; /* the program has catalogued something else */
    const struct entry *e = dir_find(c->p, EXIT_MBOX, sizeof EXIT_MBOX - 1);
    if (!e && c->p->dir_used == c->p->dir_size) return E_LIMIT;
    uint32_t status = object_room(k, c->p, objects + 1, pages);
    if (status != E_OK) return status;
    c->mailbox = mailbox_new(DATA_MAILBOX);
    return c->mailbox ? E_OK : E_MEM;
}

void notify_make(struct rt_kernel *k, struct call *c)
{
    if (c->object) return;
    uint16_t handle = mailbox_make(k, c, 0);
    struct entry *e = dir_find(c->p, EXIT_MBOX, sizeof EXIT_MBOX - 1);
    if (e && e->status == ENTRY_VALID)
        e->handle = handle; /* of a mailbox that is no more */
    else
        dir_add(k, c->p, EXIT_MBOX, handle);
}

/* The first event in the queue that is wanted; those before it are lost. */
static bool event_take(struct rt_kernel *k, struct object *o, uint32_t flags, struct event *event)
{
    while (o->mailbox->count) {
        struct mail mail;
        mailbox_take(k, o, &mail);
        *event = event_of(&mail);
        if (mail_wanted(flags, &mail)) return true;
    }
    return false;
}

void notify_again(struct rt_kernel *k, struct call *c, uint32_t to)
{
    uint8_t info[EVENT_INFO];
    event_put(&c->t->event, info);
    call_put(k, to, info, sizeof info);
}

bool notify_next(struct rt_kernel *k, struct call *c, uint32_t flags, uint32_t to)
{
    if (!event_take(k, c->object, flags, &c->t->event)) return false;
    notify_again(k, c, to);
    return true;
}

/* --- RtNotifyEvent(flags, ms, info) --- */

static bool notify_ready(const struct call *c)
{
    return c->object && mailbox_has(c->object->mailbox, mail_wanted, c->arg[0]);
}

uint32_t vrfy_RtNotifyEvent(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] == 0 || c->arg[0] & ~NOTIFY_ALL || !exchange_ms(c->arg[1])) return E_PARAM;
    uint32_t status = call_writable(k, c->arg[2], EVENT_INFO);
    if (status == E_OK && c->arg[1] >= HIGH_TICK_US / 1000) status = call_lasting(c);
    return status == E_OK ? notify_room(k, c, 0, 0) : status;
}

void impl_RtNotifyEvent(struct rt_kernel *k, struct call *c)
{
    bool wait = c->arg[1] >= HIGH_TICK_US / 1000;
    c->p->events.asked = true;
    notify_make(k, c);
    c->eax = 1;
    if (!notify_ready(c) && !wait) {
        c->status = E_TIME;
        return;
    }
    if (notify_next(k, c, c->arg[0], c->arg[2])) return;
    c->t->wait_to = c->arg[2];
    exchange_wait(k, c, WAIT_MAILBOX, c->arg[1]);
    c->t->notify = c->arg[0];
}

/* --- TerminateRtProcess(process, force, ms) --- */

static bool terminate_tell(struct rt_kernel *k, struct process *p)
{
    const struct event event = {.type = TERMINATE};
    return notify_send(k, p, &event);
}

uint32_t vrfy_TerminateRtProcess(struct rt_kernel *k, struct call *c)
{
    if (!exchange_ms(c->arg[2])) return E_PARAM;
    uint32_t status = process_get(k, c, c->arg[0], E_EXIST);
    if (status != E_OK) return status;
    return c->target->system ? E_CONTEXT : E_OK;
}

/* The caller does not wait, so the process has had no time to end by itself. */
static void terminate_now(struct rt_kernel *k, struct call *c)
{
    if (c->arg[1] == 0 || process_in_region(c->target)) {
        c->status = c->arg[1] ? E_CONTEXT : E_TIME;
        return;
    }
    c->eax = 1;
    if (c->target == c->p) {
        c->ended = true;
        call_leave(k, c->row, c->t, 1, E_OK, false);
    }
    process_end(k, c->target, RT_END_DELETED, 0, NULL);
}

void impl_TerminateRtProcess(struct rt_kernel *k, struct call *c)
{
    uint32_t ms = c->arg[2];
    terminate_tell(k, c->target);
    if (ms < HIGH_TICK_US / 1000) {
        terminate_now(k, c);
        return;
    }
    c->t->wait_process = c->target;
    c->t->force = c->arg[1] != 0;
    sched_wait(k, c, WAIT_TERMINATE, exchange_due(k, ms));
}

void terminate_late(struct rt_kernel *k, struct thread *t)
{
    struct process *p = t->wait_process;
    if (!t->force || process_in_region(p)) {
        sched_wake(k, t, t->force ? E_CONTEXT : E_TIME, 0);
        return;
    }
    if (p == t->process) call_leave(k, t->wait_row, t, 1, E_OK, false);
    process_end(k, p, RT_END_DELETED, 0, NULL); /* which wakes those who wait for it */
}

/* --- for the machine --- */

bool rt_process_terminate(struct rt_kernel *k, uint16_t process, struct rt_effects *fx)
{
    struct process *p = process_of(k, process);
    k->now = k->port.now_us(k->port.ctx);
    bool told = p && terminate_tell(k, p);
    sched_settle(k);
    fx_flush(k, fx);
    return told;
}

void rt_process_delete(struct rt_kernel *k, uint16_t process, struct rt_effects *fx)
{
    struct process *p = process_of(k, process);
    k->now = k->port.now_us(k->port.ctx);
    if (p) process_end(k, p, RT_END_DELETED, 0, NULL);
    sched_settle(k);
    fx_flush(k, fx);
}
