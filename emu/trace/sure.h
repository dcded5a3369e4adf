/* sure.h: what follows from the bytes of an instruction, for the writer of a trace.
 *
 * A trace has a model for each number that an instruction leaves behind (model.h). For the common forms of 32-bit code the
 * models stand in the bytes: ADD EAX, EBX leaves x0 + x3 in EAX and the flags of that sum; MOV ECX, [EBX + 4] reads at x3 + 4
 * and leaves x8 in ECX. Where that is all that an instruction does, it is `whole`: nobody needs to look at what it has
 * done but at the number that it read. Where the rest is not known, its flags may be.
 *
 * A whole one has no access but at one offset: it reads there, or writes, or reads and then writes what it has read. So
 * either it is refused before all of them or it is not refused, and they are in one page of the trace's table.
 *
 * Readers need nothing of this: the models are in the trace.
 *
 * Invariant: tests/machine/test_sure.c compares every form with the engine.
 */
#ifndef RT386_TRACE_SURE_H
#define RT386_TRACE_SURE_H

#include "model.h"
#include "plain.h"

#define SURE_REGS     2u
#define SURE_ACCESSES 2u
struct sure {
    bool whole;
    bool stack;     /* but only where the stack has 32 bits */
    bool has_flags; /* `flags` is how EFLAGS follow */
    uint8_t mask;   /* of a whole one: the registers that it may change, a bit for each */
    uint8_t accesses;
    uint8_t shape[SURE_ACCESSES]; /* plain_shape */
    struct model reg[SURE_REGS];  /* what is in the registers of `mask` then, the lowest first */
    struct model offset, value;   /* of the accesses; of what is written */
    struct flag_model flags;
};
struct sure sure_of(const struct plain_code *code);

#endif
