/* x87.h: the 80387's registers, and its instructions as the processor's bodies call them.
 *
 *   status word                                             control word
 *   15 14 13..11 10 9  8  7  6  5  4  3  2  1  0            11..10 9..8 5  4  3  2  1  0
 *   +-+--+------+--+--+--+--+--+--+--+--+--+--+--+          +------+---+--+--+--+--+--+--+
 *   |B|C3| TOP  |C2|C1|C0|ES|SF|PE|UE|OE|ZE|DE|IE|          | RC   |PC |PM|UM|OM|ZM|DM|IM|
 *   +-+--+------+--+--+--+--+--+--+--+--+--+--+--+          +------+---+--+--+--+--+--+--+
 *
 * ES (and B with it) says that an exception is up whose mask is clear: the ERROR# line. The next
 * instruction that waits is refused with #MF before it does anything.
 *
 * Registers are numbered physically; ST(i) is register (TOP + i) mod 8. Tags are kept as FSTENV shows them:
 * 0 valid, 1 zero, 2 special, 3 empty; two bits for each physical register.
 *
 * Not modelled: the 386 runs on while the 387 computes (every instruction here ends before the next
 * begins), IRQ 13 wiring of PCs (ERROR# goes to the processor, as Intel meant it).
 */
#ifndef RT386_CPU_X87_H
#define RT386_CPU_X87_H

#include "f80.h"
#include "state.h"

#define FSW_SF  0x0040u
#define FSW_ES  0x0080u
#define FSW_C0  0x0100u
#define FSW_C1  0x0200u
#define FSW_C2  0x0400u
#define FSW_TOP 0x3800u
#define FSW_C3  0x4000u
#define FSW_B   0x8000u
#define FSW_CC  (FSW_C0 | FSW_C1 | FSW_C2 | FSW_C3)
#define FSW_EXC 0x003fu

#define FCW_KEPT  0x1f3fu /* bits that a load of the control word changes */
#define FCW_FIXED 0x0040u /* reads as one */

#define X87_SAVE_BYTES 108 /* FSAVE, 32-bit format */

/* FNINIT. */
void x87_init(struct i386_x87 *f);
/* After RESET: as FNINIT, but with an invalid operation pending, by which the 80386 learns that an 80387 is
 * there. */
void x87_reset(struct i386_x87 *f);

static inline unsigned x87_top(const struct i386_x87 *f)
{
    return f->sw >> 11 & 7;
}
static inline unsigned x87_reg(const struct i386_x87 *f, unsigned i)
{
    return (x87_top(f) + i) & 7;
}
static inline f80 x87_get(const struct i386_x87 *f, unsigned i)
{
    unsigned r = x87_reg(f, i);
    return (f80){f->m[r], f->se[r]};
}
static inline bool x87_empty(const struct i386_x87 *f, unsigned i)
{
    return (f->tw >> 2 * x87_reg(f, i) & 3) == 3;
}
void x87_set(struct i386_x87 *f, unsigned i, f80 v); /* with its tag */
void x87_free(struct i386_x87 *f, unsigned i);
void x87_turn(struct i386_x87 *f, int by); /* TOP += by */
/* Tags of a tag word in memory: only "empty" counts, the others follow from the registers. */
void x87_load_tags(struct i386_x87 *f, uint16_t tw);
/* ES and B from exceptions and masks. */
void x87_summarize(struct i386_x87 *f);

/* What FCOMI and COMISS make of a comparison, in EFLAGS; the other arithmetic flags become 0. */
static inline uint32_t x87_order_flags(enum f80_order order)
{
    static const uint32_t flags[] = {[F80_GREATER] = 0,
                                     [F80_LESS] = FL_CF,
                                     [F80_EQUAL] = FL_ZF,
                                     [F80_UNORDERED] = FL_ZF | FL_PF | FL_CF};
    return flags[order];
}

/* Where an environment was, by mode: see x87_image.c. */
enum x87_format { X87_REAL16, X87_REAL32, X87_PROT16, X87_PROT32 };
unsigned x87_env_bytes(enum x87_format format); /* 14 or 28 */
void x87_put_env(const struct i386_x87 *f, enum x87_format format, uint8_t *to);
void x87_get_env(struct i386_x87 *f, enum x87_format format, const uint8_t *from);
void x87_put_regs(const struct i386_x87 *f, uint8_t to[80]); /* ST0 first */
void x87_get_regs(struct i386_x87 *f, const uint8_t from[80]);
/* What FXSAVE writes, up to what it leaves alone: fxsave.c. !all: no MXCSR, no XMM registers (0). */
#define FXSAVE_BYTES 288
void fxsave_put(const struct i386_x87 *f, const struct i386_sse *sse, bool all,
                uint8_t to[FXSAVE_BYTES]);

#endif
