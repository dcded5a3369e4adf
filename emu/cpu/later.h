/* later.h: system registers and instructions that came after the 80386; the work behind op_later.h. */
#ifndef RT386_CPU_LATER_H
#define RT386_CPU_LATER_H

#include "exec.h"
#include "level.h"

/* --- control registers --- */
fault_t later_mov_to_cr0(struct i386_cpu *cpu, uint32_t value) MUST_USE;
fault_t later_mov_to_cr4(struct i386_cpu *cpu, uint32_t value) MUST_USE;

/* --- instructions of the Pentium and the P6 --- */
fault_t later_cmpxchg8b(struct exec *x) MUST_USE;
void later_cpuid(struct exec *x);
fault_t later_rdtsc(struct exec *x) MUST_USE;
fault_t later_rdmsr(struct exec *x) MUST_USE;
fault_t later_wrmsr(struct exec *x) MUST_USE;
fault_t later_rdpmc(struct exec *x) MUST_USE;

#endif
