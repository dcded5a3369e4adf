/* x87_insn.h: the work behind op_x87.h. Each function is one family of instructions; memory operands are
 * read, or checked for writing, before anything changes.
 */
#ifndef RT386_CPU_X87_INSN_H
#define RT386_CPU_X87_INSN_H

#include "operand.h"
#include "x87.h"

enum x87_arith { X87_ADD, X87_MUL, X87_SUB, X87_SUBR, X87_DIV, X87_DIVR };

/* #MF if an exception is up whose mask is clear. */
fault_t x87_pending(const struct i386_cpu *cpu) MUST_USE;

/* --- x87_arith.c --- */
/* First operand := first op second. */
fault_t x87_arith(struct exec *x, struct mode m, enum x87_arith op) MUST_USE;
/* ST0 with the operand; pops: how often. */
fault_t x87_compare(struct exec *x, struct mode m, bool quiet, unsigned pops) MUST_USE;
fault_t x87_unary(struct exec *x, f80 (*fn)(struct f80_env *, f80)) MUST_USE;
/* fn(ST0, ST1) to ST0, or to ST1 and pop. */
fault_t x87_binary(struct exec *x, f80 (*fn)(struct f80_env *, f80, f80), bool pop) MUST_USE;
fault_t x87_rem(struct exec *x, bool nearest) MUST_USE;
fault_t x87_sine(struct exec *x, bool cosine) MUST_USE;
/* Two results: ST0 is replaced, another value pushed. */
enum x87_pair { X87_XTRACT, X87_TAN, X87_SINCOS };
fault_t x87_two(struct exec *x, enum x87_pair which) MUST_USE;
fault_t x87_sign(struct exec *x, bool change) MUST_USE; /* FCHS, FABS */

/* --- x87_move.c --- */
fault_t x87_load(struct exec *x, struct mode m) MUST_USE;
fault_t x87_load_constant(struct exec *x) MUST_USE;
fault_t x87_store(struct exec *x, struct mode m, bool pop) MUST_USE;
fault_t x87_store_quiet(struct exec *x) MUST_USE;
fault_t x87_exchange(struct exec *x) MUST_USE;
fault_t x87_examine(struct exec *x) MUST_USE;
fault_t x87_release(struct exec *x, bool pop) MUST_USE; /* FFREE */
fault_t x87_turn_stack(struct exec *x, int by) MUST_USE;

/* --- x87_p6.c --- */
fault_t x87_cmov(struct exec *x) MUST_USE;
fault_t x87_compare_flags(struct exec *x, bool quiet, bool pop) MUST_USE;

/* --- x87_control.c --- */
fault_t x87_fninit(struct exec *x) MUST_USE;
fault_t x87_fnclex(struct exec *x) MUST_USE;
fault_t x87_store_word(struct exec *x, struct mode m, uint16_t word) MUST_USE;
fault_t x87_load_control(struct exec *x) MUST_USE;
fault_t x87_store_env(struct exec *x) MUST_USE;
fault_t x87_load_env(struct exec *x) MUST_USE;
fault_t x87_save(struct exec *x) MUST_USE;
fault_t x87_restore(struct exec *x) MUST_USE;

/* --- shared (x87_mem.c) --- */
fault_t x87_read(struct exec *x, unsigned n, uint8_t *to) MUST_USE;
/* Checks that n bytes can be written; x87_write then cannot fail. */
fault_t x87_room(struct exec *x, unsigned n) MUST_USE;
fault_t x87_write(struct exec *x, unsigned n, const uint8_t *from) MUST_USE;
/* A number in memory. A NaN stays what it is; *denormal: of a binary format, and it was one. */
fault_t x87_number(struct exec *x, unsigned kind, f80 *v, bool *denormal) MUST_USE;
unsigned x87_bytes(unsigned kind);
/* C1 := 0, and where the instruction and its operand lie. */
void x87_begin(struct exec *x);
/* Exceptions into the status word. False: an operand was refused, nothing else may change. */
bool x87_settle(struct i386_x87 *f, struct f80_env *env);
/* Invalid, by a register that is empty or full. True: masked, the indefinite takes the result's place. */
bool x87_stack_fault(struct i386_x87 *f, bool overflow);
void x87_push(struct i386_x87 *f, f80 v);
void x87_pop(struct i386_x87 *f);

#endif
