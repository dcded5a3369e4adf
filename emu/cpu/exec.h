/* exec.h: the vocabulary in which instruction bodies are written.
 *
 * A body reads like the "Operation" section of its manual page: it reads operands, computes with the
 * pure functions of alu.h, writes operands last, and returns a fault_t. Everything that can fault comes
 * before everything that changes the state.
 */
#ifndef RT386_CPU_EXEC_H
#define RT386_CPU_EXEC_H

#include "cpu.h"
#include "insn.h"

/* One instruction in flight. Lives on the engine's stack. */
struct exec {
    struct i386_cpu *cpu;
    const struct insn *in;
    const struct i386_row *row;
    uint32_t next_eip; /* EIP at retirement; a jump replaces it */
    uint32_t clocks;   /* charged at retirement: the row's count plus what the body adds */
    eff_t ea;          /* effective address of the memory operand, computed once */
    union {
        struct {
            bool rep_again;   /* a REP iteration retired and more follow: EIP stays */
            bool transferred; /* a far transfer has set CS:EIP itself (next_eip is meaningless) */
            uint8_t inhibit;  /* enum inhibit to set at retirement */
            bool personality; /* the personality trap: cpu_step says so after retirement */
            bool keep_rf;     /* EFLAGS.RF was loaded by this instruction: it stays */
            bool no_step;     /* a handler or task was entered: no single-step trap */
            bool rf_was_set;  /* RF was set when it began: it is cleared */
        };
        uint64_t unusual; /* not 0: one of these is set, retirement is more than EIP and clocks */
    };
    fault_t fault; /* why the row's function returned false */
};

/* --- memory through a segment register: segment checks, then paging, then the bus --- */
fault_t mem_read(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                 uint32_t *out) MUST_USE;
fault_t mem_write(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                  uint32_t value) MUST_USE;
/* Read of an operand that will be written back: refused as a write would be. After success mem_write
 * to the same place cannot fault. */
fault_t mem_read_rmw(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                     uint32_t *out) MUST_USE;
/* Checks (segment and pages), sets A/D, moves nothing. */
fault_t mem_touch(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                  enum access access) MUST_USE;

/* Takes the access hook off and returns it, for accesses that were announced by a probe. */
static inline const struct access_hook *hook_mute(struct i386_cpu *cpu)
{
    const struct access_hook *hook = cpu->hook;
    cpu->hook = NULL;
    return hook;
}

/* --- system tables: supervisor accesses to linear addresses, whatever the CPL --- */
fault_t sys_read(struct i386_cpu *cpu, lin_t at, unsigned size, uint32_t *out) MUST_USE;
fault_t sys_write(struct i386_cpu *cpu, lin_t at, unsigned size, uint32_t value) MUST_USE;
fault_t sys_touch(struct i386_cpu *cpu, lin_t at, unsigned size, enum access access) MUST_USE;

/* --- stack. The pointer is a local copy until the body commits it. ---
 * Width of the pointer is the B bit of SS; a 16-bit stack wraps at 64 KB and keeps ESP[31:16]. */
struct stack {
    struct i386_cpu *cpu;
    struct seg ss; /* the segment used: the present SS, or the one of an inner level */
    uint32_t esp;
    uint8_t cpl;      /* level at which the accesses are made (user or supervisor) */
    uint8_t ss_error; /* 1: refusals are for an inner stack */
};
struct stack stack_now(struct i386_cpu *cpu);
struct stack stack_at(struct i386_cpu *cpu, const struct seg *ss, uint32_t esp, uint8_t cpl);
fault_t stack_push(struct stack *st, unsigned size, uint32_t value) MUST_USE;
fault_t stack_pop(struct stack *st, unsigned size, uint32_t *value) MUST_USE;
/* The value `index` bytes above the present pointer, without popping. */
fault_t stack_peek(struct stack *st, uint32_t index, unsigned size, uint32_t *value) MUST_USE;
/* Checks that `bytes` can be pushed (segment and pages), moving nothing. */
fault_t stack_room(struct stack *st, uint32_t bytes) MUST_USE;
void stack_skip(struct stack *st, int32_t bytes); /* moves the pointer, B-bit wise */
void stack_commit(const struct stack *st);        /* ESP := the copy (SS is not touched) */

/* --- segment registers (segload.c) --- */
/* A load in two halves: prepare checks everything, reads the descriptor and writes the accessed bit;
 * commit cannot fail. Works in real, V86 and protected mode. */
struct seg_load {
    struct seg seg;
};
fault_t segload_prepare(struct i386_cpu *cpu, enum segreg reg, uint16_t sel,
                        struct seg_load *load) MUST_USE;
void segload_commit(struct i386_cpu *cpu, enum segreg reg, const struct seg_load *load);
/* locate + read + resolve for any purpose, with the observer told. Does not write the accessed bit. */
struct resolved {
    struct seg_answer answer;
    desc_t desc;
    lin_t where;
    bool located; /* `where` is valid */
    bool read;    /* `desc` is valid, too: a fault, if any, is a rule's refusal */
};
fault_t descriptor_resolve(struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                           enum seg_purpose purpose, struct resolved *out) MUST_USE;
/* Writes answer.image back when it changed (may page-fault). */
fault_t descriptor_write_back(struct i386_cpu *cpu, const struct resolved *r) MUST_USE;
/* Writes the access byte of `image` into the descriptor at `where`. */
fault_t descriptor_write_access(struct i386_cpu *cpu, lin_t where, desc_t image) MUST_USE;

/* --- far transfers (far.c, iret.c), all modes, all operand sizes ---
 * They set CS:EIP (and SS:ESP, CPL, data segments) and x->transferred. opsize is x->in->opsize. */
fault_t far_jmp(struct exec *x, uint16_t sel, uint32_t off) MUST_USE;
fault_t far_call(struct exec *x, uint16_t sel, uint32_t off) MUST_USE;
fault_t far_ret(struct exec *x, uint16_t release) MUST_USE;
fault_t far_iret(struct exec *x) MUST_USE;

/* --- interrupts and exceptions (event.c) --- */
/* INT n, INT 3, INTO inside an instruction: return EIP is x->next_eip. */
fault_t event_software(struct exec *x, uint8_t vector) MUST_USE;
/* INT1, also called ICEBP (UNDOC): debug exception by an instruction. */
fault_t event_icebp(struct exec *x) MUST_USE;
/* Delivers a fault, with double and triple fault; state.eip is the faulting instruction. */
enum cpu_step event_fault(struct i386_cpu *cpu, fault_t fault);
/* Debug traps, NMI and INTR at an instruction boundary; true: something was delivered or shut down. */
bool event_boundary(struct i386_cpu *cpu, enum cpu_step *step);

/* --- task switch (task.c) --- */
enum task_how { TASK_JMP, TASK_CALL, TASK_INT, TASK_IRET };
/* `r` is the resolved TSS descriptor, eip what is saved as EIP in the old TSS. has_error: push `error`
 * on the new task's stack afterwards. */
fault_t task_switch(struct i386_cpu *cpu, uint16_t sel, const struct resolved *r, enum task_how how,
                    uint32_t eip, bool has_error, uint32_t error) MUST_USE;

/* --- ports (system.c) --- */
/* CPL/IOPL and the I/O permission bitmap [386 8.3]. */
fault_t io_check(struct i386_cpu *cpu, uint16_t port, unsigned size) MUST_USE;
uint32_t io_in(struct i386_cpu *cpu, uint16_t port, unsigned size);
void io_out(struct i386_cpu *cpu, uint16_t port, unsigned size, uint32_t value);

/* --- system instructions (system.c): operands already read --- */
fault_t sys_lgdt(struct exec *x, bool idt) MUST_USE; /* LGDT, LIDT m16&32 at x->ea */
fault_t sys_sgdt(struct exec *x, bool idt) MUST_USE;
fault_t sys_lldt(struct exec *x, uint16_t sel) MUST_USE;
fault_t sys_ltr(struct exec *x, uint16_t sel) MUST_USE;
fault_t sys_lmsw(struct exec *x, uint16_t value) MUST_USE;
fault_t sys_mov_to_cr(struct exec *x, unsigned cr, uint32_t value) MUST_USE;
fault_t sys_mov_from_cr(struct exec *x, unsigned cr, uint32_t *value) MUST_USE;
fault_t sys_mov_to_dr(struct exec *x, unsigned dr, uint32_t value) MUST_USE;
fault_t sys_mov_from_dr(struct exec *x, unsigned dr, uint32_t *value) MUST_USE;
fault_t sys_mov_to_tr(struct exec *x, unsigned tr, uint32_t value) MUST_USE;
fault_t sys_mov_from_tr(struct exec *x, unsigned tr, uint32_t *value) MUST_USE;
fault_t sys_loadall(struct exec *x) MUST_USE; /* loadall.c */
/* LAR, LSL, VERR, VERW: *ok is the new ZF; *value for LAR and LSL. A fault only from reading tables. */
fault_t sys_lar(struct exec *x, uint16_t sel, bool *ok, uint32_t *value) MUST_USE;
fault_t sys_lsl(struct exec *x, uint16_t sel, bool *ok, uint32_t *value) MUST_USE;
fault_t sys_ver(struct exec *x, uint16_t sel, bool write, bool *ok) MUST_USE;
/* New EFLAGS from POPF/IRET of opsize at the present CPL and IOPL: which bits may change [386 17 POPF]. */
uint32_t flags_loaded(const struct i386_cpu *cpu, uint32_t value, unsigned opsize);

/* --- debug registers (debug.c) --- */
/* Instruction breakpoints at the linear address of EIP: fault #DB, or none. RF suppresses. */
fault_t debug_fetch(struct i386_cpu *cpu) MUST_USE;
/* Data breakpoints: called by mem_* after a granted access; collects into s.pending_db. */
void debug_data(struct i386_cpu *cpu, lin_t at, unsigned size, bool write);
/* Port breakpoints, while CR4.DE is set. */
void debug_port(struct i386_cpu *cpu, uint16_t port, unsigned size);

/* --- clocks (clocks.c) --- */
/* The row's count for this instruction in the present mode, before what the body adds. */
uint32_t clocks_base(const struct i386_cpu *cpu, const struct insn *in);
/* The manual's m: components of the instruction at the jump target, worked out from its decoding. */
uint32_t clocks_m(struct i386_cpu *cpu, uint32_t target_eip);

#endif
