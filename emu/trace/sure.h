/* sure.h: what follows from the bytes of an instruction, for the writer of a trace.
 *
 * A trace has a model for each number that an instruction leaves behind (model.h). For the common forms of 32-bit code the
 * models stand in the bytes: ADD EAX, EBX leaves x0 + x3 in EAX and the flags of that sum. Where that is all that an
 * instruction does, and it is no access to memory, it is `whole`: nobody needs to look at what it has done. Where the
 * rest is not known, its flags may be.
 *
 * Readers need nothing of this: the models are in the trace.
 *
 * Invariant: tests/machine/test_sure.c compares every form with the engine.
 */
#ifndef RT386_TRACE_SURE_H
#define RT386_TRACE_SURE_H

#include "model.h"
#include "plain.h"

struct sure {
    bool whole;
    bool has_flags;   /* `flags` is how EFLAGS follow */
    uint8_t mask;     /* of a whole one: the register that it may change, a bit; 0: none */
    struct model reg; /* and what is in it then */
    struct flag_model flags;
};
struct sure sure_of(const struct plain_code *code);

#endif
