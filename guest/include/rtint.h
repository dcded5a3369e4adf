/* rtint.h: handlers of interrupts.
 *
 *   __INTERRUPT void Handler(void)                    for SetRtInterruptHandler: the gate of the IDT goes there
 *   {
 *       __INTERRUPT_PROLOG();
 *       EnterRtInterrupt(GetRtInterruptLevel());      before this, no data of the program's
 *       ...
 *       __INTERRUPT_RETURN();
 *   }
 *
 *   __INTERRUPT void Shared(WORD wCSRA, WORD wLevel, PVOID pv)      for SetRtInterruptHandlerEx, shared or MSI
 *   {
 *       __SHARED_INTERRUPT_PROLOG();
 *       ...
 *       __SHARED_INTERRUPT_RETURN();
 *   }
 *
 * A handler runs in ring 0 on the kernel stack of the thread that it interrupts: the address of a local variable
 * means nothing to it. The saved registers lie on that stack; the frame pointer finds them again. The room below
 * them is for compilers that give back their padding with the arguments of a call.
 */
#ifndef RT386_GUEST_RTINT_H
#define RT386_GUEST_RTINT_H

#include "rttypes.h"

#define __INTERRUPT __attribute__((noinline))

#define __INTERRUPT_PROLOG()                                                                       \
    volatile DWORD rt_saved_ = (DWORD)__builtin_frame_address(0);                                  \
    __asm__ volatile("pushal\n\tpushl %%ds\n\tpushl %%es\n\tpushl %%fs\n\tpushl %%gs\n\t"          \
                     "movl %%esp, %0\n\tsubl $64, %%esp\n\tcld"                                    \
                     : "=m"(rt_saved_)                                                             \
                     :                                                                             \
                     : "memory")
#define __INTERRUPT_RETURN()                                                                       \
    do {                                                                                           \
        __asm__ volatile("movl %0, %%esp\n\tpopl %%gs\n\tpopl %%fs\n\tpopl %%es\n\tpopl %%ds\n\t"  \
                         "popal\n\tleave\n\tiretl"                                                 \
                         :                                                                         \
                         : "m"(rt_saved_)                                                          \
                         : "memory");                                                              \
        __builtin_unreachable();                                                                   \
    } while (0)

/* The kernel has saved the registers and loaded DS; only the return is far. */
#define __SHARED_INTERRUPT_PROLOG() volatile DWORD rt_saved_ = (DWORD)__builtin_frame_address(0)
#define __SHARED_INTERRUPT_RETURN()                                                                \
    do {                                                                                           \
        (void)rt_saved_;                                                                           \
        __asm__ volatile("leave\n\tlret" : : : "memory");                                          \
        __builtin_unreachable();                                                                   \
    } while (0)

#endif
