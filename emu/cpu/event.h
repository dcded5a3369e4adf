/* event.h: one delivery of an exception or interrupt. Private to emu/cpu. */
#ifndef RT386_CPU_EVENT_H
#define RT386_CPU_EVENT_H

#include "exec.h"

struct event {
    uint8_t vector;
    uint8_t source; /* enum event_source */
    bool has_error;
    uint32_t error;
    uint32_t eip;    /* return address */
    uint32_t eflags; /* as pushed or saved in the old TSS */
    fault_t fault;   /* for observers; none for interrupts and traps */
};

/* Through the IDT or, in real mode, the interrupt vector table. On a fault the state is as before,
 * except after the commit point of a task switch. `clocks`: what it took. */
fault_t event_deliver(struct i386_cpu *cpu, const struct event *ev, uint32_t *clocks) MUST_USE;

#endif
