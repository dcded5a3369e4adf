/* steps.h: from what the processor tells (observers, notes, the access hook) to the steps of account.h.
 * Private to emu/machine.
 *
 *   access hook --pages as they are before--> pending --+
 *   mem, selector, event, io, note ---------------------+--> rt386_step --> whoever observes
 */
#ifndef RT386_MACHINE_STEPS_H
#define RT386_MACHINE_STEPS_H

#include <rt386/account.h>

#include "machine.h"
#include "note.h"

#define STEPS_PENDING 32u

/* An access that was announced: its pages and first bytes as they were. */
struct pending {
    uint32_t at;
    unsigned size;
    bool user;
    enum access access;
    unsigned pages;
    rt386_walk walk[2];
    struct check_log log; /* of the pages */
    uint8_t old[8];
};

struct steps {
    rt386 *m;
    void (*step)(void *ctx, const rt386_step *step);
    void *ctx;
    struct access_hook hook;
    struct pending pending[STEPS_PENDING];
    unsigned next;
    bool begun; /* `seg` holds what the instruction began with */
    struct seg seg[8];
    struct seg told[8]; /* as it was told last */
    bool has_element;
    enum element element;
    uint8_t number;
    struct seg stack;  /* has_element: where it is pushed */
    bool has_no_stack; /* a stack that is not in SS refused */
    struct seg no_stack;
    rt386_explanation selector; /* the last one that was refused */
    bool has_selector;
};

/* Members of the machine's observers; each does nothing when nobody observes steps. */
void steps_begin(struct steps *s); /* an instruction begins */
void steps_end(struct steps *s);   /* the registers it has changed are told */
void steps_mem(struct steps *s, enum segreg reg, eff_t off, lin_t at, unsigned size,
               enum access access, uint32_t value);
void steps_selector(struct steps *s, const rt386_explanation *why, enum seg_purpose purpose);
void steps_event(struct steps *s, unsigned vector, enum event_source source, fault_t fault);
void steps_io(struct steps *s, uint16_t port, unsigned size, bool out, uint32_t value);
void steps_note(void *ctx, const struct i386_cpu *cpu, const struct cpu_note *note);
/* The access hook goes where it belongs, or away. */
void steps_wire(rt386 *m);
void steps_free(rt386 *m);

#endif
