/* thread_regs.h: the registers with which an INtime thread was, or will be, in ring 3.
 *
 *   TSS of the thread          what the task switch saved: ring 3 itself, or the kernel at work for it
 *   top of its ring-0 stack    then the way back: EIP, CS, EFLAGS or the gate's dword, ESP, SS
 */
#ifndef RT386_APP_THREAD_REGS_H
#define RT386_APP_THREAD_REGS_H

#include <rt386/rt386.h>

struct thread_regs {
    uint32_t gpr[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
    uint32_t eip, eflags;
    uint16_t seg[6]; /* by rt386_segreg */
};

/* Of a thread that does not run. False: the handle's GDT entry is no TSS, or the TSS cannot be read. */
bool thread_regs_get(const rt386 *m, uint16_t thread, struct thread_regs *to);
/* Of the thread whose fault this is. */
struct thread_regs thread_regs_of_fault(const rt386_thread_fault *fault);

#endif
