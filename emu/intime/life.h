/* life.h: birth and death of processes and threads. Part of kernel.h, which includes it at its end. */
#ifndef RT386_INTIME_LIFE_H
#define RT386_INTIME_LIFE_H

#include "kernel.h"

/* --- process.c, thread.c --- */
/* A system process: its object in a fixed slot; it has no VSEG. */
void process_system(struct rt_kernel *k, struct process *p, uint16_t slot);
/* A record with name and directory, in the list; NULL: no host memory. */
struct process *process_record(struct rt_kernel *k, const char *name, uint32_t dir_size);
struct process *process_of(struct rt_kernel *k, uint16_t handle); /* no system process; NULL */
bool process_in_region(const struct process *p); /* a thread of it has control of a region */
void process_end(struct rt_kernel *k, struct process *p, enum rt_end_reason reason, uint32_t code,
                 const char *text);
/* After loss of everything else: host memory of the record. */
void process_forget(struct process *p);
void process_strip(struct process *p);
/* Checks everything that a new thread needs and takes its host memory: *fresh. */
uint32_t thread_room(struct rt_kernel *k, struct process *p, uint32_t stack_pages,
                     struct thread **fresh);
struct thread_start {
    uint32_t entry, parameter;
    uint32_t first[2]; /* functions to call before the entry; 0 = none */
    uint32_t stack_pages;
    uint8_t priority;
};
void thread_make(struct rt_kernel *k, struct process *p, struct thread *t,
                 const struct thread_start *start);
/* Everything of the thread goes; the processor leaves it first. */
void thread_delete(struct rt_kernel *k, struct thread *t);
/* The calling thread ends: by way of the process's last callback, if there is one. */
void thread_leave(struct rt_kernel *k, struct call *c);
/* The caller ends t: itself as thread_leave does, another one when nothing protects that any more. */
void thread_end(struct rt_kernel *k, struct call *c, struct thread *t);
uint16_t thread_next(const struct rt_kernel *k, const struct thread *t); /* of the node; 0 = last */
uint32_t thread_get(struct rt_kernel *k, struct call *c); /* arg 0; NULL_RTHANDLE = the caller */
/* As ThreadState of THREADSTATE_SNAPSHOT. */
uint8_t thread_state(const struct rt_kernel *k, const struct thread *t);
void thread_result(struct rt_kernel *k, struct thread *t, uint32_t eax, uint32_t edx);
/* Its own priority; it runs with it unless it has inherited a better one. */
void thread_priority(struct rt_kernel *k, struct thread *t, uint8_t priority);
void thread_release(struct rt_kernel *k, struct thread *t);
/* A result into the memory of a thread that waits. False: the memory that its call named is no longer
 * there, or no longer writable. */
bool thread_reach(const struct rt_kernel *k, const struct thread *t, uint32_t off, uint32_t n);
bool thread_put(struct rt_kernel *k, struct thread *t, uint32_t off, const void *from, uint32_t n);

#endif
