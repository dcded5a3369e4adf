/* op_simd.h: bodies of MMX, SSE and SSE2 [SDM2, by name]; the work is in simd_insn.c and fxsave.c. */
#ifndef RT386_CPU_OP_SIMD_H
#define RT386_CPU_OP_SIMD_H

#include "simd_insn.h"

#define SIMD_BODY(name, call)                                                                      \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        (void)m;                                                                                   \
        return call;                                                                               \
    }

#define LANES(name) SIMD_BODY(name, simd_do_lanes(x, m, simd_##name))
#include "simd.def"
#undef LANES

/* Packed and scalar, single and double. */
#define ARITH_BODIES(name, fn)                                                                     \
    SIMD_BODY(name##PS, simd_do_arith(x, m, fn, FP_32, 4))                                         \
    SIMD_BODY(name##SS, simd_do_arith(x, m, fn, FP_32, 1))                                         \
    SIMD_BODY(name##PD, simd_do_arith(x, m, fn, FP_64, 2))                                         \
    SIMD_BODY(name##SD, simd_do_arith(x, m, fn, FP_64, 1))
ARITH_BODIES(ADD, fp_add)
ARITH_BODIES(SUB, fp_sub)
ARITH_BODIES(MUL, fp_mul)
ARITH_BODIES(DIV, fp_div)
ARITH_BODIES(MIN, fp_min)
ARITH_BODIES(MAX, fp_max)
SIMD_BODY(SQRTPS, simd_do_sqrt(x, m, FP_32, 4))
SIMD_BODY(SQRTSS, simd_do_sqrt(x, m, FP_32, 1))
SIMD_BODY(SQRTPD, simd_do_sqrt(x, m, FP_64, 2))
SIMD_BODY(SQRTSD, simd_do_sqrt(x, m, FP_64, 1))
SIMD_BODY(CMPPS, simd_do_compare(x, m, FP_32, 4))
SIMD_BODY(CMPSS, simd_do_compare(x, m, FP_32, 1))
SIMD_BODY(CMPPD, simd_do_compare(x, m, FP_64, 2))
SIMD_BODY(CMPSD, simd_do_compare(x, m, FP_64, 1))
SIMD_BODY(RCPPS, simd_do_approx(x, m, fp_rcp, 4))
SIMD_BODY(RCPSS, simd_do_approx(x, m, fp_rcp, 1))
SIMD_BODY(RSQRTPS, simd_do_approx(x, m, fp_rsqrt, 4))
SIMD_BODY(RSQRTSS, simd_do_approx(x, m, fp_rsqrt, 1))
SIMD_BODY(COMISS, simd_do_order(x, m, FP_32, false))
SIMD_BODY(UCOMISS, simd_do_order(x, m, FP_32, true))
SIMD_BODY(COMISD, simd_do_order(x, m, FP_64, false))
SIMD_BODY(UCOMISD, simd_do_order(x, m, FP_64, true))

/* from, to, lanes, towards zero, the other lanes stay */
#define CONVERT_BODY(name, ...)                                                                    \
    SIMD_BODY(name, simd_do_convert(x, m, (struct simd_conversion){__VA_ARGS__}))
CONVERT_BODY(CVTDQ2PS, SIMD_I32, SIMD_F32, 4, false, false)
CONVERT_BODY(CVTDQ2PD, SIMD_I32, SIMD_F64, 2, false, false)
CONVERT_BODY(CVTPS2DQ, SIMD_F32, SIMD_I32, 4, false, false)
CONVERT_BODY(CVTTPS2DQ, SIMD_F32, SIMD_I32, 4, true, false)
CONVERT_BODY(CVTPD2DQ, SIMD_F64, SIMD_I32, 2, false, false)
CONVERT_BODY(CVTTPD2DQ, SIMD_F64, SIMD_I32, 2, true, false)
CONVERT_BODY(CVTPS2PD, SIMD_F32, SIMD_F64, 2, false, false)
CONVERT_BODY(CVTPD2PS, SIMD_F64, SIMD_F32, 2, false, false)
CONVERT_BODY(CVTSS2SD, SIMD_F32, SIMD_F64, 1, false, true)
CONVERT_BODY(CVTSD2SS, SIMD_F64, SIMD_F32, 1, false, true)
CONVERT_BODY(CVTPI2PS, SIMD_I32, SIMD_F32, 2, false, true)
CONVERT_BODY(CVTPI2PD, SIMD_I32, SIMD_F64, 2, false, false)
CONVERT_BODY(CVTPS2PI, SIMD_F32, SIMD_I32, 2, false, false)
CONVERT_BODY(CVTTPS2PI, SIMD_F32, SIMD_I32, 2, true, false)
CONVERT_BODY(CVTPD2PI, SIMD_F64, SIMD_I32, 2, false, false)
CONVERT_BODY(CVTTPD2PI, SIMD_F64, SIMD_I32, 2, true, false)
CONVERT_BODY(CVTSI2SS, SIMD_I32, SIMD_F32, 1, false, true)
CONVERT_BODY(CVTSI2SD, SIMD_I32, SIMD_F64, 1, false, true)
CONVERT_BODY(CVTSS2SI, SIMD_F32, SIMD_I32, 1, false, false)
CONVERT_BODY(CVTTSS2SI, SIMD_F32, SIMD_I32, 1, true, false)
CONVERT_BODY(CVTSD2SI, SIMD_F64, SIMD_I32, 1, false, false)
CONVERT_BODY(CVTTSD2SI, SIMD_F64, SIMD_I32, 1, true, false)

SIMD_BODY(PSHUFW, simd_do_shuffle(x, m, ORDER_WORDS))
SIMD_BODY(PSHUFD, simd_do_shuffle(x, m, ORDER_DWORDS))
SIMD_BODY(PSHUFLW, simd_do_shuffle(x, m, ORDER_LOW))
SIMD_BODY(PSHUFHW, simd_do_shuffle(x, m, ORDER_HIGH))
SIMD_BODY(SHUFPS, simd_do_shuffle(x, m, ORDER_PS))
SIMD_BODY(SHUFPD, simd_do_shuffle(x, m, ORDER_PD))
SIMD_BODY(MOVMSKPS, simd_do_signs(x, m, 4, 4))
SIMD_BODY(MOVMSKPD, simd_do_signs(x, m, 8, 2))
SIMD_BODY(PMOVMSKB, simd_do_signs(x, m, 1, m.b == O_Nq ? 8 : 16))

SIMD_BODY(SIMD_MOVE, simd_move(x, m))
SIMD_BODY(MOVE_SINGLE, simd_move_lane(x, m, 4))
SIMD_BODY(MOVE_DOUBLE, simd_move_lane(x, m, 8))
SIMD_BODY(MOVE_LOW, simd_move_half(x, m, 0, 0))
SIMD_BODY(MOVE_HIGH, simd_move_half(x, m, 1, m.a == O_Mq ? 1 : 0))
SIMD_BODY(MOVHLPS, simd_move_half(x, m, 0, 1))
SIMD_BODY(PINSRW, simd_insert_word(x, m))
SIMD_BODY(PEXTRW, simd_extract_word(x, m))
SIMD_BODY(MASKMOV, simd_store_masked(x, m))
SIMD_BODY(EMMS, simd_emms(x))

SIMD_BODY(LDMXCSR, simd_ldmxcsr(x))
SIMD_BODY(STMXCSR, simd_stmxcsr(x))
SIMD_BODY(FXSAVE, simd_fxsave(x))
SIMD_BODY(FXRSTOR, simd_fxrstor(x))
SIMD_BODY(CLFLUSH, wide_touch(x, 1, ACCESS_READ))

#endif
