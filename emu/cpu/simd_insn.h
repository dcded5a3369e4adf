/* simd_insn.h: the work behind op_simd.h: operands of MMX and SSE, exceptions, and what they do to the registers
 * of the coprocessor.
 *
 *   MMi is the significand of the physical register i. An instruction of MMX leaves TOP = 0 and all tags
 *   valid; what it writes gets the exponent FFFF. EMMS tags all empty [SDM3 12.2]. Memory operands are read before
 *   that, and stored after it.
 */
#ifndef RT386_CPU_SIMD_INSN_H
#define RT386_CPU_SIMD_INSN_H

#include "operand.h"
#include "simd.h"
#include "wide.h"
#include "x87_insn.h"

/* Must the operand begin at a multiple of 16? Then elsewhere it is #GP(0). */
fault_t simd_check_aligned(const struct exec *x) MUST_USE;

/* --- families --- */
fault_t simd_do_lanes(struct exec *x, struct mode m, simd_lanes *fn) MUST_USE;
fault_t simd_do_arith(struct exec *x, struct mode m, fp_binary *fn, enum fp_format f,
                      unsigned lanes) MUST_USE;
fault_t simd_do_sqrt(struct exec *x, struct mode m, enum fp_format f, unsigned lanes) MUST_USE;
fault_t simd_do_compare(struct exec *x, struct mode m, enum fp_format f, unsigned lanes) MUST_USE;
fault_t simd_do_approx(struct exec *x, struct mode m, uint32_t (*fn)(uint32_t),
                       unsigned lanes) MUST_USE;
fault_t simd_do_convert(struct exec *x, struct mode m, struct simd_conversion how) MUST_USE;
fault_t simd_do_order(struct exec *x, struct mode m, enum fp_format f, bool quiet) MUST_USE;
/* PSHUFW, PSHUFD; PSHUFLW and PSHUFHW; SHUFPS and SHUFPD. */
enum simd_order { ORDER_WORDS, ORDER_DWORDS, ORDER_LOW, ORDER_HIGH, ORDER_PS, ORDER_PD };
fault_t simd_do_shuffle(struct exec *x, struct mode m, enum simd_order how) MUST_USE;
fault_t simd_do_signs(struct exec *x, struct mode m, unsigned size, unsigned n) MUST_USE;

/* --- moves --- */
fault_t simd_move(struct exec *x, struct mode m) MUST_USE;
/* The lowest `size` bytes; from memory the rest becomes zero. */
fault_t simd_move_lane(struct exec *x, struct mode m, unsigned size) MUST_USE;
/* Half `to` of the destination from half `from` of the source. */
fault_t simd_move_half(struct exec *x, struct mode m, unsigned to, unsigned from) MUST_USE;
fault_t simd_insert_word(struct exec *x, struct mode m) MUST_USE;
fault_t simd_extract_word(struct exec *x, struct mode m) MUST_USE;
/* MASKMOVQ, MASKMOVDQU: bytes whose mask has its top bit set, to DS:eDI. */
fault_t simd_store_masked(struct exec *x, struct mode m) MUST_USE;
fault_t simd_emms(struct exec *x) MUST_USE;

/* --- the whole state (fxsave.c) --- */
fault_t simd_ldmxcsr(struct exec *x) MUST_USE;
fault_t simd_stmxcsr(struct exec *x) MUST_USE;
fault_t simd_fxsave(struct exec *x) MUST_USE;
fault_t simd_fxrstor(struct exec *x) MUST_USE;

#endif
