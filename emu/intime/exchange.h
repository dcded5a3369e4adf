/* exchange.h: objects that threads wait at: queues, semaphores, regions, and what all kinds have in common.
 * Part of kernel.h. */
#ifndef RT386_INTIME_EXCHANGE_H
#define RT386_INTIME_EXCHANGE_H

#include "kernel.h"

/* --- semaphore.c: queues of exchange objects, and semaphores --- */
struct thread *exchange_head(const struct rt_kernel *k, const struct object *o,
                             enum wait_kind kind);
/* a stands before b in a queue; b may be NULL. */
bool exchange_before(bool by_priority, const struct thread *a, const struct thread *b);
/* The caller waits at c->object; ms has been checked by exchange_ms. */
void exchange_wait(struct rt_kernel *k, struct call *c, enum wait_kind kind, uint32_t ms);
bool exchange_ms(uint32_t ms);
/* When a wait of so many milliseconds ends; NEVER: WAIT_FOREVER. */
uint64_t exchange_due(const struct rt_kernel *k, uint32_t ms);
/* c->object with its handle as the result; flags: FLAG_PRIORITY, others do not count. */
uint32_t exchange_make(struct rt_kernel *k, struct call *c, enum object_type type, uint32_t flags);
/* t leaves its queue without having been served; those behind it may be. */
void exchange_unwait(struct rt_kernel *k, struct thread *t);
void semaphore_serve(struct rt_kernel *k, struct object *o);
void semaphore_close(struct rt_kernel *k, struct object *o);
/* t waits and its priority has changed. */
void exchange_changed(struct rt_kernel *k, struct thread *t);

/* --- region.c --- */
/* From suspension and deletion by others. */
bool region_protects(struct rt_kernel *k, struct thread *t);
/* The caller may have left what protected it: what was put off happens. */
void region_leave(struct rt_kernel *k, struct call *c);
void region_inherit(struct rt_kernel *k, struct object *o);
/* t has left a region, perhaps its last one: then it has its own priority again. */
void region_relax(struct rt_kernel *k, struct thread *t);
/* The caller leaves a region of its own, whether or not it was the last it took. */
void region_exit(struct rt_kernel *k, struct call *c, struct object *o);
/* The region goes. A holder that runs and was to be deleted is deleted when its call ends. */
void region_close(struct rt_kernel *k, struct object *o);
/* t may have left its last region: its own priority, and what was put off. */
void region_left(struct rt_kernel *k, struct thread *t);
/* t ends: what it holds goes on. */
void region_drop_all(struct rt_kernel *k, struct thread *t);

/* --- kinds.c: what every kind of object does at its end --- */
/* Those who wait go on with E_EXIST; frames and slots that it took later are given back. */
void object_close(struct rt_kernel *k, struct object *o);
void objects_close(struct rt_kernel *k, struct process *p); /* all of a dying process */
void object_forget(struct object *o);                       /* host memory */
/* NULL, or what is wrong. Counts the frames it holds. */
const char *object_check(const struct rt_kernel *k, const struct object *o, uint32_t *refs);

#endif
