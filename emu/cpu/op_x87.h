/* op_x87.h: bodies of the 80387's instructions; the work is in x87_*.c.
 *
 * Without a coprocessor (cpu->x87 clear) an ESC instruction does nothing: FNSTSW leaves its operand, which
 * is how programs find out.
 */
#ifndef RT386_CPU_OP_X87_H
#define RT386_CPU_OP_X87_H

#include "x87_insn.h"

#define X87_ABSENT_CLOCKS 2

FOLD bool x87_absent(struct exec *x)
{
    if (x->cpu->x87) return false;
    x->clocks = X87_ABSENT_CLOCKS;
    return true;
}

/* NOWAIT: runs whatever is pending; WAITS: an error that is up comes first. */
#define X87_NOWAIT(name, call)                                                                     \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        (void)m;                                                                                   \
        if (x87_absent(x)) return fault_none();                                                    \
        return call;                                                                               \
    }
#define X87_WAITS(name, call)                                                                      \
    FOLD fault_t op_##name(struct exec *x, struct mode m)                                          \
    {                                                                                              \
        (void)m;                                                                                   \
        if (x87_absent(x)) return fault_none();                                                    \
        TRY(x87_pending(x->cpu));                                                                  \
        return call;                                                                               \
    }

X87_WAITS(FADD, x87_arith(x, m, X87_ADD))
X87_WAITS(FMUL, x87_arith(x, m, X87_MUL))
X87_WAITS(FSUB, x87_arith(x, m, X87_SUB))
X87_WAITS(FSUBR, x87_arith(x, m, X87_SUBR))
X87_WAITS(FDIV, x87_arith(x, m, X87_DIV))
X87_WAITS(FDIVR, x87_arith(x, m, X87_DIVR))
X87_WAITS(FCOM, x87_compare(x, m, false, 0))
X87_WAITS(FCOMP, x87_compare(x, m, false, 1))
X87_WAITS(FCOMPP, x87_compare(x, m, false, 2))
X87_WAITS(FUCOM, x87_compare(x, m, true, 0))
X87_WAITS(FUCOMP, x87_compare(x, m, true, 1))
X87_WAITS(FUCOMPP, x87_compare(x, m, true, 2))
X87_WAITS(FXAM, x87_examine(x))
X87_WAITS(FLD, x87_load(x, m))
X87_WAITS(FLD_CONSTANT, x87_load_constant(x))
X87_WAITS(FST, x87_store(x, m, false))
X87_WAITS(FSTP, x87_store(x, m, true))
X87_WAITS(FSTP_QUIET, x87_store_quiet(x))
X87_WAITS(FXCH, x87_exchange(x))
X87_WAITS(FCHS, x87_sign(x, true))
X87_WAITS(FABS, x87_sign(x, false))
X87_WAITS(FSQRT, x87_unary(x, f80_sqrt))
X87_WAITS(FRNDINT, x87_unary(x, f80_rint))
X87_WAITS(F2XM1, x87_unary(x, f80_2xm1))
X87_WAITS(FSCALE, x87_binary(x, f80_scale, false))
X87_WAITS(FYL2X, x87_binary(x, f80_yl2x, true))
X87_WAITS(FYL2XP1, x87_binary(x, f80_yl2xp1, true))
X87_WAITS(FPATAN, x87_binary(x, f80_patan, true))
X87_WAITS(FPREM, x87_rem(x, false))
X87_WAITS(FPREM1, x87_rem(x, true))
X87_WAITS(FXTRACT, x87_two(x, X87_XTRACT))
X87_WAITS(FPTAN, x87_two(x, X87_TAN))
X87_WAITS(FSINCOS, x87_two(x, X87_SINCOS))
X87_WAITS(FSIN, x87_sine(x, false))
X87_WAITS(FCOS, x87_sine(x, true))
X87_WAITS(FFREE, x87_release(x, false))
X87_WAITS(FFREEP, x87_release(x, true))
X87_WAITS(FINCSTP, x87_turn_stack(x, 1))
X87_WAITS(FDECSTP, x87_turn_stack(x, -1))
X87_WAITS(FNOP, x87_turn_stack(x, 0))
X87_WAITS(FLDCW, x87_load_control(x))
X87_WAITS(FLDENV, x87_load_env(x))
X87_WAITS(FRSTOR, x87_restore(x))
X87_NOWAIT(FNINIT, x87_fninit(x))
X87_NOWAIT(FNCLEX, x87_fnclex(x))
X87_NOWAIT(FNSTSW, x87_store_word(x, m, x->cpu->s.x87.sw))
X87_NOWAIT(FNSTCW, x87_store_word(x, m, x->cpu->s.x87.cw))
X87_NOWAIT(FNSTENV, x87_store_env(x))
X87_NOWAIT(FNSAVE, x87_save(x))
X87_NOWAIT(FNONE, fault_none()) /* FENI, FDISI, FSETPM; encodings that the 387 reserves */

/* P6. */
X87_WAITS(FCMOV, x87_cmov(x))
X87_WAITS(FCOMI, x87_compare_flags(x, false, false))
X87_WAITS(FCOMIP, x87_compare_flags(x, false, true))
X87_WAITS(FUCOMI, x87_compare_flags(x, true, false))
X87_WAITS(FUCOMIP, x87_compare_flags(x, true, true))

FOLD fault_t op_WAIT(struct exec *x, struct mode m)
{
    (void)m;
    return x->cpu->x87 ? x87_pending(x->cpu) : fault_none();
}

#endif
