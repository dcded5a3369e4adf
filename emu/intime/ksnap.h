/* ksnap.h: what a snapshot keeps of the kernel. Private to emu/intime.
 *
 *   head | processes: who they are, their threads | sponsors, dependencies, long messages, requests
 *        | slots and objects | what processes and threads have | frames, entry points, ready queue
 *
 * One walk serves both directions (snap.h). A pointer becomes a number: a process its place in k->process, a thread
 * the GDT index of its TSS, an object its slot, a dependency its place in its list. What follows from the rest is not
 * kept but worked out again: the lists of a process's objects, free slots' content, who has which shown page, which
 * interrupt and which message is a thread's.
 *
 * A pointer that a structure keeps beyond its use is not looked at: what a thread waits for only while it waits.
 */
#ifndef RT386_INTIME_KSNAP_H
#define RT386_INTIME_KSNAP_H

#include "kernel.h"
#include "snap.h"

#define KSNAP_VERSION 5u
#define TEXTS_MAX     65536u /* bytes of one text in a snapshot: names, arguments */
#define EXPORTS_MAX   65536u

struct ksnap {
    struct snap *s;
    struct rt_kernel *k;
    struct thread **thread; /* loading: by GDT index */
    struct process *last;   /* saving: the process asked for last, and its number */
    unsigned last_number;
};

/* --- ksnap.c --- */
void segdef_snap(struct snap *s, struct rt_segdef *d);
void ref_process(struct ksnap *x, struct process **p);
void ref_process_need(struct ksnap *x, struct process **p); /* not NULL, and alive */
void ref_thread(struct ksnap *x, struct thread **t);
void ref_slot(struct ksnap *x, uint16_t *index);

/* --- ksnap_process.c --- */
void processes_snap(struct ksnap *x); /* records and threads come into being */
void process_snap(struct ksnap *x, struct process *p);

/* --- ksnap_module.c --- */
void modules_snap(struct ksnap *x, struct process *p);

/* --- ksnap_thread.c --- */
void handler_snap(struct snap *s, struct handler *h);
void thread_snap(struct ksnap *x, struct thread *t);

/* --- ksnap_object.c --- */
void slots_snap(struct ksnap *x);
void objects_snap(struct ksnap *x);
/* A list of messages; only long ones where `described`. */
void messages_snap(struct ksnap *x, struct message **list, bool described);

/* --- ksnap_service.c --- */
void port_snap(struct ksnap *x, struct port **at);
void service_snap(struct ksnap *x, struct service **at);
void request_of_snap(struct ksnap *x, struct thread *t);
/* NULL, or what calls could not follow: of a service, of what a thread wants of one. */
const char *service_look(const struct rt_kernel *k, uint16_t slot);
const char *request_look(const struct rt_kernel *k, const struct thread *t);

/* --- ksnap_lists.c --- */
void sponsors_snap(struct ksnap *x);
void loads_snap(struct ksnap *x);
void interrupts_snap(struct ksnap *x);
void kn_regions_snap(struct ksnap *x);
void ref_dependency(struct ksnap *x, struct dependency **d);

/* --- shared.c --- */
void shared_snap(struct ksnap *x);

/* --- ksnap_check.c --- */
/* What must hold before rt_kernel_check can walk; NULL, or what does not. */
const char *ksnap_check(const struct rt_kernel *k);

#endif
