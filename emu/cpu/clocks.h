/* clocks.h: Intel's clock counts beyond the two columns of a row [386 17].
 *
 * Virtual time is the sum of these. Not counted: wait states, misaligned operands and page walks;
 * the manual's numbers assume none of them. */
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

#endif
