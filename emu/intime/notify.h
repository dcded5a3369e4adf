/* notify.h: what a process is told: the events of RtNotifyEvent, and who is told of whom. Part of kernel.h.
 *
 *   R?EXIT_MBOX    data mailbox in the directory of a process that listens; RtNotifyEvent makes it
 *   a message      +0 notify type   [+4 location   +8 process]     4 bytes are enough for TERMINATE
 *
 *   sponsor        a name under which one process offers something
 *   dependency     a process, and the sponsor that it depends on
 */
#ifndef RT386_INTIME_NOTIFY_H
#define RT386_INTIME_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct rt_kernel;
struct process;
struct thread;
struct object;
struct mail;
struct call;

#define EXIT_MBOX       "R?EXIT_MBOX"
#define EVENT_INFO      12u /* bytes of an EVENTINFO */
#define EVENT_HANDLERS  16u
#define EVENT_STACK     4u /* pages */
#define EVENT_PRIORITY  140u
#define NOTIFY_SPONSOR  1u /* what a sponsor hears of its dependents */
#define NOTIFY_DEPENDED 2u /* what a dependent hears of its sponsor */
#define NOTIFY_SYSTEM   4u
#define NOTIFY_EXIT     8u
#define NOTIFY_ALL      15u
#define NOTIFY_NONE     0x80000000u /* waits for events, but for none of these kinds */

enum notify_type {
    DEPENDENT_UNREGISTERED = 2,
    DEPENDENT_TERMINATED = 3,
    SPONSOR_TERMINATED = 4,
    SPONSOR_UNREGISTERED = 5,
    DEPENDENT_REGISTERED = 7,
    TERMINATE = 255
};

struct event {
    uint32_t type, location, process;
};
struct event_handler {
    uint32_t id; /* 0 = free */
    uint32_t flags, entry;
};
struct events {       /* of a process */
    bool asked;       /* it has called RtNotifyEvent by itself */
    uint8_t priority; /* of the event thread; 0 = EVENT_PRIORITY */
    uint16_t thread;  /* handle of the event thread; 0 = none */
    uint32_t ids;
    struct event_handler handler[EVENT_HANDLERS];
};

struct sponsor {
    struct sponsor *next;
    struct process *process;
    bool active; /* not unregistered; else the name is only kept for its dependents */
    char name[];
};
struct dependency {
    struct dependency *next;
    struct process *process;
    struct sponsor *sponsor; /* NULL: its thread still waits for one of that name */
    char name[];
};

/* --- notify.c --- */
/* The mailbox in p's directory that events for p go to; NULL: p does not listen. */
struct object *notify_mailbox(const struct rt_kernel *k, const struct process *p);
/* An event for p. False: it does not listen, or has no room. */
bool notify_send(struct rt_kernel *k, struct process *p, const struct event *event);
uint32_t notify_kind(uint32_t type); /* NOTIFY_... of a notify type */
/* t, which waits at a mailbox, takes this message: an ordinary receiver takes each. */
bool notify_wants(const struct thread *t, const struct mail *mail);
/* A message that t wants; t goes on. */
void notify_give(struct rt_kernel *k, struct thread *t, const struct mail *mail);
/* What a call needs to make the mailbox of the caller's process, if it has none yet, besides `objects` and `pages`
 * of the call's own; c->object is the mailbox that is there. */
uint32_t notify_room(struct rt_kernel *k, struct call *c, unsigned objects, uint32_t pages);
void notify_make(struct rt_kernel *k, struct call *c); /* c->object */
/* The next event of c->object's queue of these kinds, into the caller's memory at `to`; false: none. */
bool notify_next(struct rt_kernel *k, struct call *c, uint32_t flags, uint32_t to);
/* The event that the caller got last, once more. */
void notify_again(struct rt_kernel *k, struct call *c, uint32_t to);
/* t has waited long enough for an end that it has asked for. */
void terminate_late(struct rt_kernel *k, struct thread *t);

/* --- eventcalls.c --- */
/* Kinds of events that t waits for; 0: it is an ordinary receiver. */
uint32_t event_wanted(const struct thread *t);
/* Of the event that t is to handle: the next handler's entry; 0 = no more. */
uint32_t event_next(struct thread *t);
void event_fill(uint8_t *pages); /* the event thread's code into the text pages */
void event_leave(const struct thread *t);

/* --- sponsor.c --- */
void sponsors_leave(struct rt_kernel *k, struct process *p); /* p ends */
void sponsors_free(struct rt_kernel *k);
void dependency_drop(struct rt_kernel *k, struct thread *t); /* t no longer waits for a sponsor */
const char *sponsors_check(const struct rt_kernel *k);

#endif
