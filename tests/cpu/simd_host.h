/* simd_host.h: one MMX, SSE or SSE2 instruction on the host, registers in, registers out. */
#ifndef RT386_TESTS_SIMD_HOST_H
#define RT386_TESTS_SIMD_HOST_H

#include <stdbool.h>
#include <stdint.h>

/* XMM0, XMM1, MM0, MM1 and EAX before and after. */
struct simd_regs {
    uint64_t xmm0[2], xmm1[2], mm0, mm1;
    uint32_t mxcsr;
    uint32_t mxcsr_out;
    uint32_t eax, eflags;
    bool trapped; /* an unmasked exception: #XM */
};

struct simd_host; /* a page of code */

struct simd_host *simd_host_new(void); /* NULL: this host cannot */
void simd_host_free(struct simd_host *h);
/* The instruction that the following runs execute. */
void simd_host_set(struct simd_host *h, const uint8_t *insn, unsigned n);
void simd_host_run(struct simd_host *h, struct simd_regs *regs);

/* The same with the whole state: an image of FXSAVE before and after, EAX and EFLAGS. Memory operands are at
 * [ESI] and [EDI]. With AC in EFLAGS accesses must be aligned: CR0.AM is Linux's. */
struct simd_image {
    uint8_t before[512], after[512];
    uint32_t eax, eflags;
    uint8_t *memory;
    int signal; /* 0: it ran */
} __attribute__((aligned(16)));
void simd_host_image(struct simd_host *h, const uint8_t *insn, unsigned n, struct simd_image *i);

#endif
