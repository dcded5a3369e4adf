/* transfer.h: what far transfers, interrupts and task switches share. Private to emu/cpu.
 *
 * Every transfer is a list of named steps in three parts:
 *
 *   find out     descriptors resolved, operands read, stack probed, new EIP checked; may fault
 *   announce     accessed bits written back; may fault
 *   ---- commit point: from here nothing can fault ----
 *   change       stack filled, CS:EIP, SS:ESP, CPL, flags and data segments replaced
 *
 * A frame is worked out as a list of values first. Probing it checks each element in the order of
 * the pushes (segment, then pages), which is when the access hook hears of the write; filling it
 * then moves the bytes. So a fault at any element leaves memory untouched, too.
 *
 * A stack with B = 0 takes only SP from the TSS or from the outer frame: ESP[31:16] stays. (UNDOC:
 * the manual says "eSP"; seen on all 32-bit processors.)
 */
#ifndef RT386_CPU_TRANSFER_H
#define RT386_CPU_TRANSFER_H

#include "exec.h"
#include "note.h"

/* Elements in the order they are pushed. The largest: SS, ESP, 31 parameters, CS, EIP. */
#define FRAME_MAX 36
struct frame {
    uint8_t size; /* of each element: 2 or 4 */
    uint8_t count;
    uint32_t at[FRAME_MAX];
    uint8_t element[FRAME_MAX]; /* enum element, for whoever looks */
};
void frame_add(struct frame *frame, enum element element, uint32_t value);
/* Is there room for every element? Moves nothing; `st` is unchanged. */
fault_t frame_probe(const struct stack *st, const struct frame *frame) MUST_USE;
/* After frame_probe: pushes all and moves the pointer. */
fault_t frame_fill(struct stack *st, const struct frame *frame) MUST_USE;

/* Where the transfer goes: code segment, EIP, level. */
struct target {
    struct resolved code;
    uint16_t sel;
    uint32_t eip;
    uint8_t cpl;
};
/* Resolves a code segment for `purpose` at the present CPL. */
fault_t target_resolve(struct i386_cpu *cpu, uint16_t sel, uint32_t eip, enum seg_purpose purpose,
                       struct target *to) MUST_USE;
/* The new EIP against the new segment's limit. */
fault_t target_check_eip(const struct i386_cpu *cpu, const struct shadow *code,
                         uint32_t eip) MUST_USE;
/* CS (RPL := CPL), EIP, CPL. Cannot fail. */
void target_commit(struct i386_cpu *cpu, const struct target *to);

/* The same in real and V86 mode. */
fault_t code_prepare_8086(const struct i386_cpu *cpu, uint16_t sel, uint32_t eip,
                          struct seg *cs) MUST_USE;
void code_commit_8086(struct i386_cpu *cpu, const struct seg *cs, uint32_t eip);

/* The stack of an inner level as the TSS names it. */
struct inner_stack {
    struct resolved ss;
    struct stack st;
};
fault_t inner_stack_find(struct i386_cpu *cpu, uint8_t cpl, struct inner_stack *inner) MUST_USE;
/* SS and ESP := the inner stack with its present pointer. */
void inner_stack_commit(struct i386_cpu *cpu, const struct inner_stack *inner);

/* The stack of an outer level as the frame names it. */
struct outer_stack {
    struct resolved ss;
    struct stack st;
};
fault_t outer_stack_find(struct i386_cpu *cpu, uint16_t sel, uint32_t esp, uint8_t cpl,
                         struct outer_stack *outer) MUST_USE;
/* CS:EIP, CPL, SS:ESP; data segments that are too privileged become null. */
void outer_commit(struct i386_cpu *cpu, const struct target *to, const struct outer_stack *outer);

/* ESP as it becomes when `value` is loaded together with the stack segment `ss`. */
uint32_t esp_loaded(const struct i386_cpu *cpu, const struct shadow *ss, uint32_t value);

/* After a return to an outer level: DS, ES, FS and GS that the new CPL may not use become null. */
void outer_null_data(struct i386_state *s);
/* DS, ES, FS and GS := null, as on the way out of V86 mode. */
void null_all_data(struct i386_state *s);

/* --- task switches with all there is to say (task_switch is the short form) --- */
struct task_request {
    uint16_t sel;
    const struct resolved *tss;
    enum task_how how;
    uint32_t eip;    /* saved as EIP of the old task */
    uint32_t eflags; /* saved as EFLAGS of the old task */
    bool has_error;
    uint32_t error; /* pushed on the new task's stack */
};
fault_t task_switch_full(struct i386_cpu *cpu, const struct task_request *req) MUST_USE;
/* The manual's ts: how long a switch takes, by what the old task was and what runs now. */
uint32_t task_clocks(enum task_how how, bool gate, uint8_t old_kind, uint8_t new_kind);
/* 0: 386 TSS, 1: 386 TSS in V86 mode, 2: 286 TSS. */
uint8_t task_kind(const struct i386_state *s);

/* After a transfer that set CS:EIP: tells the engine. */
void exec_transferred(struct exec *x);
/* After a task switch inside an instruction: likewise, with the manual's clocks. */
void exec_task_switched(struct exec *x, enum task_how how, bool gate, uint8_t old_kind);

#endif
