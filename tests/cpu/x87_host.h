/* x87_host.h: one whole x87 instruction on the host, from a state to a state.
 *
 *   FRSTOR [before]; <instruction, memory operand at [ESI]>; FNSAVE [after]
 */
#ifndef RT386_TESTS_X87_HOST_H
#define RT386_TESTS_X87_HOST_H

#include <stdbool.h>
#include <stdint.h>

struct x87_host; /* a page of code */

struct x87_host *x87_host_new(void); /* NULL: this host cannot */
void x87_host_free(struct x87_host *h);
/* Images as FSAVE writes them in 32-bit protected mode; *eflags: before, and then after, the instruction. Returns AX
 * (zero before). */
uint16_t x87_host_run(struct x87_host *h, const uint8_t *insn, unsigned n,
                      const uint8_t before[108], uint8_t *memory, uint8_t after[108],
                      uint32_t *eflags);

#endif
