/* lately.h: what a run did lately: its last instructions, for a crash report.
 *
 *   | keyframe, inputs      | keyframe, inputs      fault
 *   the slice before -------- this slice ------------->
 *
 * Nobody looks at each instruction meanwhile. What is kept of the last two slices of the run is a snapshot at the beginning and what came from
 * outside since; from these the instructions before a fault are run again, and told.
 */
#ifndef RT386_APP_LATELY_H
#define RT386_APP_LATELY_H

#include "disasm.h"
#include "text.h"

struct lately;
/* Instructions of a slice: a snapshot takes a few milliseconds, these about a second. */
#define LATELY_SLICE 64000000u
/* So many instructions are told. NULL: the host has no memory. */
struct lately *lately_new(rt386 *machine, unsigned instructions, uint64_t slice);
/* Before the machine is gone. */
void lately_free(struct lately *l);
/* As rt386_run; 0: any number of instructions. */
rt386_status lately_run(struct lately *l, uint64_t insns, rt386_exit *why);
/* The last instructions up to the one at that linear address, which was refused, or, without it, up to now. Also from an
 * observer. */
void lately_text(struct lately *l, uint32_t linear, struct text *t);

#endif
