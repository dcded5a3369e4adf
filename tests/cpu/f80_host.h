/* f80_host.h: the host's own x87, as a judge of f80.h. Only on hosts that have one. */
#ifndef RT386_TESTS_F80_HOST_H
#define RT386_TESTS_F80_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "f80.h"

enum host_op {
    HOST_ADD,
    HOST_SUB,
    HOST_MUL,
    HOST_DIV,
    HOST_SCALE,
    HOST_PREM,
    HOST_PREM1,
    HOST_COM,
    HOST_UCOM,
    HOST_SQRT,
    HOST_RINT,
    HOST_XTRACT,
    HOST_XAM,
    HOST_F2XM1,
    HOST_YL2X,
    HOST_YL2XP1,
    HOST_PATAN,
    HOST_SIN,
    HOST_COS,
    HOST_TAN,
    HOST_ST32,
    HOST_ST64,
    HOST_IST16,
    HOST_IST32,
    HOST_IST64,
    HOST_BSTP,
    HOST_LD32,
    HOST_LD64,
    HOST_ILD16,
    HOST_ILD32,
    HOST_ILD64,
    HOST_BLD,
    HOST_OPS
};
extern const char *const host_op_name[HOST_OPS];

struct host_out {
    f80 st0, st1;
    uint16_t sw;
    uint8_t mem[16]; /* what a store wrote; 0xA5 elsewhere */
};

/* False: this host has no x87. */
bool host_has_x87(void);
/* FNINIT, FLDCW, ST1 := b, ST0 := a, the operation, FNSTSW, then both registers. `mem` is the memory
 * operand of loads. Exceptions whose mask is clear stay pending and are dropped. */
void host_x87(enum host_op op, uint16_t cw, f80 a, f80 b, const uint8_t *mem, struct host_out *out);

#endif
