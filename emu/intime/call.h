/* call.h: a call, and the table of calls: calls.c, copy.c, rtcalls.def. Part of kernel.h. */
#ifndef RT386_INTIME_CALL_H
#define RT386_INTIME_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "port.h"

struct rt_kernel;
struct process;
struct thread;
struct object;
struct area;
struct mailbox;
struct alarm;
struct heap;
struct message;
struct load;
struct request;

#define CALL_ARGS  9u
#define PATH_BYTES 260u /* of a path or a long name, with its 0 */

enum call_class { CLASS_RSL = 0x10, CLASS_INNER = 0x10, CLASS_NET = 0x18, CLASS_CLIB = 0x20 };
enum call_result {
    RESULT_BOOL,
    RESULT_HANDLE,
    RESULT_PTR,
    RESULT_ZERO,
    RESULT_ONES,
    RESULT_ONES64,
    RESULT_VOID
};
/* HANDLER: interrupt handlers may make it; LOCKED: they, too, while the scheduler is locked. */
enum call_flags {
    FLAG_NONE = 0,
    FLAG_BLOCKS = 1,
    FLAG_NOERR = 2,
    FLAG_HANDLER = 4,
    FLAG_LOCKED = 8,
    FLAG_HANDLER_NOERR = FLAG_HANDLER | FLAG_NOERR
};

struct call {
    const struct row *row;
    struct process *p;
    struct thread *t;
    bool handler;            /* an interrupt handler calls */
    uint16_t ds;             /* the caller's selector */
    uint32_t arg[CALL_ARGS]; /* as the stub's caller pushed them; narrow kinds are cut already */
    enum rt_reach str_reach;
    bool str_long; /* longer than the buffer */
    unsigned str_length;
    char str[PATH_BYTES + 4];
    /* results */
    uint32_t eax, edx;
    bool blocked, ended;
    /* what vrfy_ found, for impl_ */
    struct object *object;
    struct process *target;
    struct area *area;
    uint32_t page, pages, frame, phys, off;
    struct thread *fresh;    /* host memory for a new thread */
    struct mailbox *mailbox; /* a new one */
    struct alarm *alarm;
    struct heap *heap;
    struct message *message;
    struct load *load;       /* a request to the loader */
    struct request *request; /* for a service; freed after the call unless it was taken */
    uint32_t status;         /* of a call that fails with results, or that only impl_ can tell */
    int32_t error;      /* of a socket call: what refuses it, as a negative errno; 0 = nothing */
    void *host;         /* what vrfy_ found out and impl_ needs; freed after the call */
    uint32_t result_in; /* EAX at the trap: what a returning thread hands over */
    uint32_t frame_lin; /* the call's frame on the kernel stack: EIP CS code ESP SS */
};
typedef uint32_t vrfy_fn(struct rt_kernel *k, struct call *c);
typedef void impl_fn(struct rt_kernel *k, struct call *c);
#define STATUS_MAX 14
struct row {
    uint8_t class, result, flags;
    uint16_t number;
    const char *name, *args, *page;
    uint16_t documented[STATUS_MAX], own[STATUS_MAX];
    vrfy_fn *vrfy;
    impl_fn *impl;
};
extern const struct row rt_rows[];
extern const unsigned rt_row_count;
#define RT_CALL(class, number, name, result, flags, args, documented, own, page)                   \
    vrfy_fn vrfy_##name;                                                                           \
    impl_fn impl_##name;
#include "rtcalls.def"
#undef RT_CALL
/* EAX of a failed call. */
uint32_t row_failure(const struct row *row);
/* E_BAD_ADDR unless the caller may write there and RAM answers on every page. */
uint32_t call_writable(struct rt_kernel *k, uint32_t off, uint32_t n);
/* E_BAD_ADDR when the caller has loaded another DS than its process's: pointers that are used after the
 * call, when another thread runs, are offsets in the VSEG. */
uint32_t call_lasting(const struct call *c);
/* c->str = the string at `at` of the caller, as an argument of kind s. */
void call_string(struct rt_kernel *k, struct call *c, uint32_t at);
/* E_BAD_ADDR unless the caller may read there and memory answers on every page. */
uint32_t call_readable(struct rt_kernel *k, uint32_t off, uint32_t n);
/* A result into the caller's memory, which vrfy_ has checked. */
void call_put(struct rt_kernel *k, uint32_t off, const void *from, uint32_t n);
/* EAX and EDX of the running thread when it leaves the gate. */
void call_return(struct rt_kernel *k, uint32_t eax, uint32_t edx);
/* The string at `at`, each byte read once; false: it is not readable, or has no end within size. */
bool call_text(struct rt_kernel *k, uint32_t at, char *to, uint32_t size, enum rt_reach *reach);
/* Tells the observer of the end of a call; status of a finished one. */
void call_leave(struct rt_kernel *k, const struct row *row, const struct thread *t, uint32_t result,
                uint32_t status, bool blocked);

#endif
