/* interrupt.h: interrupt levels, their handlers and threads. Private to emu/intime.
 *
 *   line 0..15 --8259A--> vector E0 + line --IDT--> the handler, in ring 0, in whichever thread runs
 *   message    ---------> vector 60..DF    --IDT--> kernel code --far call--> each handler of the vector
 *                                                   (shared lines likewise, and a handler whose address
 *                                                   space is not that which runs), the scheduler locked
 *
 *   level   x8 line x of the first controller, 2x line 8 + x   plain
 *           4nxx | xx a plain level, n the handler             shared
 *           60vv | vv a vector                                 message
 *
 * A handler's thread counts what is outstanding: signals that it has not finished, the one in its hands
 * included.
 */
#ifndef RT386_INTIME_INTERRUPT_H
#define RT386_INTIME_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#include "port.h"

struct rt_kernel;
struct process;
struct thread;
struct call;

#define INTERRUPTS        64u
#define SHARED_MAX        16u /* handlers of one node that share lines */
#define LINES             16u
#define LINE_CASCADE      2u
#define LINE_NONE         0xFFu
#define VECTOR_LINES      0xE0u
#define MESSAGE_FIRST     0x60u
#define MESSAGE_LAST      0xDFu
#define MESSAGES_MAX      32u /* vectors of one AllocateRtInterrupts */
#define SHARED_LEVEL      0x4000u
#define MESSAGE_LEVEL     0x6000u
#define BAD_LEVEL         0xFFFFu
#define OUTSTANDING       255u
#define PRIORITY_LINES    60u  /* threads up to here mask lines */
#define PRIORITY_MESSAGES 128u /* and up to here messages */
#define PRIORITY_TICK     2u   /* and up to here the tick */

struct interrupt { /* one handler */
    bool used, shared, message;
    bool enabled, off; /* off: by DisableRtInterrupt, until EnableRtInterrupt */
    uint8_t line, vector;
    uint16_t level; /* as its owner names it */
    struct process *process;
    struct thread *thread; /* NULL: none */
    uint32_t entry, param;
    uint16_t max, count; /* outstanding signals */
    bool busy;           /* its thread has one in its hands */
};

/* --- interrupt.c --- */
void int_boot(struct rt_kernel *k); /* both controllers: vectors E0.., every line masked */
/* The line of a plain level; LINE_NONE: it is no level that a program can have. */
uint8_t level_line(uint32_t level);
uint16_t line_level(uint8_t line);
uint8_t line_priority(uint8_t line); /* of a thread that serves it */
bool level_valid(uint32_t level);    /* plain, shared or message */
struct interrupt *int_find(struct rt_kernel *k, uint32_t level);
struct interrupt *int_free(struct rt_kernel *k);
/* Entry points and masks follow what `k->interrupt` says. */
void int_install(struct rt_kernel *k, struct interrupt *i);
void int_remove(struct rt_kernel *k, struct interrupt *i);
void int_masks(struct rt_kernel *k);
/* t is about to run: handlers of its address space have gates of their own, others go through the chain. */
void int_space(struct rt_kernel *k, const struct thread *t);
/* The end of an interrupt to the controllers, if the line is in service there. */
void int_eoi(struct rt_kernel *k, uint8_t line);
uint16_t int_level_now(struct rt_kernel *k); /* the one in service */
/* t ends, p ends: their handlers go. */
void int_thread_gone(struct rt_kernel *k, struct thread *t);
void int_process_gone(struct rt_kernel *k, struct process *p);
/* Something may still interrupt and has a handler. */
bool int_expected(struct rt_kernel *k);
/* First of n free message vectors, a multiple of n; 0: none. */
uint8_t vectors_find(const struct rt_kernel *k, unsigned n);
const char *int_check(const struct rt_kernel *k);

/* --- intdeliver.c --- */
void trap_interrupt(struct rt_kernel *k, const struct rt_trap *trap); /* the chain of a vector */
void int_unhandled(struct rt_kernel *k, uint8_t vector);
/* Code of the kernel's own for shared vectors, and a vector's way to it (or back to its stub). */
#define CHAIN_OFF 0x40u /* in the code page */
void chain_code(struct rt_kernel *k);
/* A handler calls: may it? */
uint32_t int_call_check(struct rt_kernel *k, const struct call *c);
/* Whose memory a handler works with: DS tells. */
struct process *int_process(struct rt_kernel *k, uint16_t ds);
/* Whose handlers run with that CS; NULL: it is that of no handler. */
struct process *int_owner(struct rt_kernel *k, uint16_t cs);
/* boot.c: the stub of a vector goes to the trap of faults, or to the chain. */
void stub_put(struct rt_kernel *k, unsigned vector, bool chain);
void gate_put(struct rt_kernel *k, unsigned vector, uint16_t selector, uint32_t offset);

#endif
