/* running.h: what a machine that stands somewhere is about to do, for all who show it: the instruction at a place, the name of
 * that place, and whether a segment register still says what its table does. */
#ifndef RT386_APP_RUNNING_H
#define RT386_APP_RUNNING_H

#include "disasm.h"

#include <rt386/intime.h>

/* The instruction at an offset of CS; its length, 0: no memory is there. */
unsigned running_insn(const rt386 *m, struct disasm *disasm, uint32_t eip, rt386_insn_event *e);
/* A name in the program that runs, for an offset of CS, and how far behind it that is; NULL: none, or the kernel runs. */
const char *running_symbol(const rt386 *m, uint32_t eip, uint32_t *behind);
/* In words of disasm_text: a call, a software interrupt or a repeated instruction, which one may want to step over. */
bool steps_over(const char *words);

/* The entry that a segment register was loaded from says something else by now; the processor does not know that yet. The
 * accessed bit does not count: the load itself sets it. *now: the entry. False where segment registers hold no selectors, or the entry is
 * in no table. */
bool segment_differs(const rt386 *m, const rt386_seg *s, rt386_desc *now);

#endif
