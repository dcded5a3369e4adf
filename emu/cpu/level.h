/* level.h: what each generation of the processor has, as data.
 *
 *   80386 -- 80486 -- Pentium -- P6 -- SSE2
 *            AC, WP    ID, CR4    PCE   OSXMMEXCPT
 *            NE, AM    CPUID      OSFXSR
 *
 * What a level adds to the instruction set is in the level column of i386.def. What differs without being a row
 * or a bit is listed in docs/adr/0051.
 */
#ifndef RT386_CPU_LEVEL_H
#define RT386_CPU_LEVEL_H

#include "cpu.h"

struct level {
    const char *name;
    uint32_t signature; /* EDX after RESET, EAX of CPUID leaf 1 */
    uint32_t cr0, cr4;  /* bits that MOV changes */
    uint32_t cr0_reset;
    uint32_t cr3; /* bits below the frame that are kept: PWT, PCD */
    uint32_t eflags;
    uint32_t features; /* EDX of CPUID leaf 1 */
    uint32_t leaf_max, leaf_ext_max;
};
const struct level *level_of(enum cpu_level level);

/* Bits of EFLAGS that exist, with bit 1. */
static inline uint32_t level_eflags(const struct i386_cpu *cpu)
{
    return level_of(cpu->level)->eflags;
}
/* Bits of CR0 that MOV and LOADALL change. */
static inline uint32_t level_cr0(const struct i386_cpu *cpu)
{
    return level_of(cpu->level)->cr0 | (cpu->wp_exists ? CR0_WP : 0);
}
/* Bits of CR3 that are kept: the frame, and PWT and PCD where they exist. */
static inline uint32_t level_cr3(const struct i386_cpu *cpu)
{
    return level_of(cpu->level)->cr3 | ~PAGE_MASK;
}
/* What RESET sets and the 80386 has not. */
void level_reset(struct i386_cpu *cpu);

#define FEATURE_FPU   0x00000001u
#define FEATURE_DE    0x00000004u
#define FEATURE_TSC   0x00000010u
#define FEATURE_MSR   0x00000020u
#define FEATURE_CX8   0x00000100u
#define FEATURE_CMOV  0x00008000u
#define FEATURE_CLFSH 0x00080000u
#define FEATURE_MMX   0x00800000u
#define FEATURE_FXSR  0x01000000u
#define FEATURE_SSE   0x02000000u
#define FEATURE_SSE2  0x04000000u

#endif
