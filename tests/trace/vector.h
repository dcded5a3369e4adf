/* vector.h: vectors made by hand, for tests. */
#ifndef RT386_TESTS_TRACE_VECTOR_H
#define RT386_TESTS_TRACE_VECTOR_H

#include <rt386/moo.h>
#include <stdint.h>

#define VEC_CS  0x2000u
#define VEC_IP  0x0100u
#define VEC_PC  (VEC_CS * 16 + VEC_IP)
#define VEC_SS  0x3000u
#define VEC_DS  0x4000u
#define VEC_ISR 0x5000u /* handlers: at VEC_ISR:vector * 16, a HLT */
#define VEC_RAM 6000u

struct ram {
    uint8_t p[5 * VEC_RAM];
    uint32_t n;
};
struct vector {
    rt386_moo_info info;
    rt386_moo_test t;
    struct ram init, fina;
    uint8_t bytes[24];
};

/* A processor at VEC_CS:VEC_IP with `code` and a HLT behind it; SP 1000, flags 2, the interrupt table
 * filled, everything else 0. The final state is that of an instruction that does nothing. */
void vec_make(struct vector *v, bool wide, const uint8_t *code, uint32_t n);
void vec_init(struct vector *v, unsigned reg, uint32_t value);
void vec_want(struct vector *v, unsigned reg, uint32_t value);
void vec_ram(struct vector *v, uint32_t at, uint8_t value);      /* before */
void vec_want_ram(struct vector *v, uint32_t at, uint8_t value); /* after */
/* The instruction faults: a frame of three words on the stack as it is now. */
void vec_want_fault(struct vector *v, uint8_t vector);
/* A file with this vector `copies` times. */
rt386_moo *vec_file(struct vector *v, unsigned copies);
/* Runs it once. */
rt386_moo_result vec_run_as(struct vector *v, bool strict, rt386_undefined undefined);
rt386_moo_result vec_run(struct vector *v, bool strict);

#endif
