/* tss.h: the dynamic part of a task state segment, as the processor writes and reads it.
 * Private to emu/cpu.
 *
 *   386 TSS [386 7.1]                       286 TSS [386 13.1]
 *   00  back link                           00  back link
 *   04  ESP0 SS0, ESP1 SS1, ESP2 SS2        02  SP0 SS0, SP1 SS1, SP2 SS2
 *   1C  CR3
 *   20  EIP, EFLAGS                         0E  IP, FLAGS
 *   28  EAX ECX EDX EBX ESP EBP ESI EDI     12  AX CX DX BX SP BP SI DI
 *   48  ES CS SS DS FS GS (words)           22  ES CS SS DS
 *   60  LDT                                 2A  LDT
 *   64  T bit; 66: I/O map base
 *
 * A load from a 286 TSS leaves FFFF in the upper halves of the general registers (UNDOC: seen on
 * the chip; the manual is silent, and "documented only" leaves them alone), zero in those of EIP and
 * EFLAGS, and null in FS and GS.
 */
#ifndef RT386_CPU_TSS_H
#define RT386_CPU_TSS_H

#include "exec.h"

/* What of a TSS moves on a switch. */
struct tss_image {
    uint32_t eip, eflags;
    uint32_t gpr[8];
    uint16_t sel[SEGREG_COUNT];
    uint16_t ldt;
    uint32_t cr3;
    bool has_cr3;
    bool trap; /* the T bit */
};

/* Where the registers of a task lie: linear address and bytes. */
struct tss_part {
    uint32_t at, size;
};
struct tss_part tss_saved(const struct shadow *tss);   /* what a switch away writes */
struct tss_part tss_fetched(const struct shadow *tss); /* what a switch to it reads */

static inline bool tss_is32(const struct shadow *tss)
{
    return tss->access & 8u;
}

/* The current state, to be saved with `eip` and `eflags`. */
struct tss_image tss_image_of(const struct i386_state *s, uint32_t eip, uint32_t eflags);
/* Checks the writes of tss_save: 20h..5Dh or 0Eh..29h. */
fault_t tss_touch_save(struct i386_cpu *cpu, const struct shadow *tss) MUST_USE;
/* Writes EIP, EFLAGS, the general registers and the selectors; nothing else. */
fault_t tss_save(struct i386_cpu *cpu, const struct shadow *tss,
                 const struct tss_image *image) MUST_USE;
/* Checks the reads of tss_load. */
fault_t tss_touch_load(struct i386_cpu *cpu, const struct shadow *tss) MUST_USE;
fault_t tss_load(struct i386_cpu *cpu, const struct shadow *tss, struct tss_image *image) MUST_USE;

#endif
