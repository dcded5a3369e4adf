/* op_shift.h: bodies of shifts and rotates [386 3.4.3]. */
#ifndef RT386_CPU_OP_SHIFT_H
#define RT386_CPU_OP_SHIFT_H

#include "alu.h"
#include "operand.h"

#define SHIFT_BODY(name, function)                                                                 \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        uint32_t a, count;                                                                         \
        TRY(opd_read_rmw(x, m.a, &a));                                                             \
        TRY(opd_read(x, m.b, &count));                                                             \
        struct alu_out o = function(a, count, x->cpu->s.eflags, op_size(x, m));                    \
        return opd_commit(x, m.a, &o);                                                             \
    }
SHIFT_BODY(ROL, alu_rol)
SHIFT_BODY(ROR, alu_ror)
SHIFT_BODY(RCL, alu_rcl)
SHIFT_BODY(RCR, alu_rcr)
SHIFT_BODY(SHL, alu_shl)
SHIFT_BODY(SHR, alu_shr)
SHIFT_BODY(SAR, alu_sar)

#define DOUBLE_SHIFT_BODY(name, function)                                                          \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        uint32_t a, b, count;                                                                      \
        TRY(opd_read_rmw(x, m.a, &a));                                                             \
        TRY(opd_read(x, m.b, &b));                                                                 \
        TRY(opd_read(x, m.c, &count));                                                             \
        struct alu_out o = function(a, b, count, x->cpu->s.eflags, op_size(x, m));                 \
        return opd_commit(x, m.a, &o);                                                             \
    }
DOUBLE_SHIFT_BODY(SHLD, alu_shld)
DOUBLE_SHIFT_BODY(SHRD, alu_shrd)

#endif
