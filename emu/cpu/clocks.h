/* clocks.h: Intel's clock counts beyond the two columns of a row [386 17].
 *
 * Virtual time is the sum of these. The manual's numbers assume no wait states, aligned operands and
 * pages that need no walk; struct clock_costs charges for them when it is asked to. Prefetch, bus
 * width, pipelining and refresh are not modelled (docs/clocks.md). */
#ifndef RT386_CPU_CLOCKS_H
#define RT386_CPU_CLOCKS_H

#include "exec.h"

/* What a multiplication adds to its minimum of 9: max(ceil(log2 |m|), 3) + 6, m the multiplier. */
uint32_t clocks_multiply(uint32_t m);
uint32_t clocks_multiply_signed(uint32_t m, unsigned size);
/* One iteration of a repeated string instruction; the last one carries the set-up, too. `body` is
 * enum body. */
uint32_t clocks_repeat(const struct i386_cpu *cpu, unsigned body, bool last);
/* MOV to or from a control or debug register. */
uint32_t clocks_control(const struct insn *in, bool write);
/* INTO that is taken, in real mode; a gate has its own count. */
uint32_t clocks_into(const struct i386_cpu *cpu);

/* From now on data accesses cost this more; all zero: as the manual has it. An access hook that is set
 * stays in use; one that is set later takes the place of the charge. Instruction fetch and ports are
 * not charged. Accesses then take the slow way. */
void clocks_set_costs(struct i386_cpu *cpu, const struct clock_costs *costs);

#endif
