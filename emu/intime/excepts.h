/* excepts.h: exceptions of ring 3 and who decides about them. Private to emu/intime.
 *
 *   fault -> stub -> trap_fault -> CONTEXT and EXCEPTION_RECORD on the thread's stack
 *                        |             -> RslDispatchException (guest code): the chain at FS:[0]
 *                        |                   -> somebody takes it: the kernel hears nothing more
 *                        v                   -> nobody: RslUnhandledException
 *                    fault_unhandled <----------'
 *                        -> message to HW_FAULT_MBX, then a handler: thread's, hardware, --on-fault
 */
#ifndef RT386_INTIME_EXCEPTS_H
#define RT386_INTIME_EXCEPTS_H

#include "intime.h"

#define FAULTS_KEPT 4u      /* of a thread: those whose handlers may still run */
#define EH_FIRST    0x8100u /* + vector: code of a hardware fault */

enum handler_kind {
    HANDLER_NONE,
    HANDLER_DELETE_PROCESS,
    HANDLER_DELETE_THREAD,
    HANDLER_SUSPEND,
    HANDLER_USER
};
/* As SetRtExceptionHandler sets it. */
struct handler {
    uint8_t kind;     /* enum handler_kind */
    uint8_t mode;     /* 0..3: kept for who asks */
    uint16_t process; /* USER: the only process in which it can be called */
    uint32_t entry;   /* USER: offset in that process's VSEG */
};

struct rt_kernel;
struct process;
struct thread;
struct call;

/* Host memory for the root process's HW_FAULT_MBX, and its life. */
bool fault_reserve(struct rt_kernel *k);
void fault_boot(struct rt_kernel *k);
void fault_unreserve(struct rt_kernel *k);

void trap_fault(struct rt_kernel *k, const struct rt_trap *trap);
struct unhandled {
    bool software;        /* by RaiseException */
    bool callable;        /* a handler of the program's can be called */
    uint32_t code, entry; /* entry: that handler, or 0 */
};
/* Nobody in the thread took it. The thread is gone when its process or itself is deleted. */
enum rt_fault_action fault_unhandled(struct rt_kernel *k, struct thread *t,
                                     const struct rt_fault *f, struct unhandled *u);
/* EXCEPTION, 7 bytes, as p sees it; id goes into the mode's upper half. */
void handler_put(const struct process *p, const struct handler *h, unsigned id, uint8_t *to);
/* Code of the system's handlers in the text pages. */
void handler_fill(uint8_t *pages);

#endif
