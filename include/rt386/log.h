/* log.h: logs of other emulators: in which state QEMU or Bochs found each instruction.
 *
 *   rt386_log_open -> rt386_log_next (again and again) -> rt386_log_close
 *
 * QEMU: what -d cpu, exec, int and in_asm write. Bochs: what its debugger prints with trace on, trace-reg on and trace-mem on.
 * Lines of any other kind are passed over. docs/trace-import.md tells what is taken from where.
 */
#ifndef RT386_LOG_H
#define RT386_LOG_H

#include <rt386/rt386.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rt386_log_format {
    RT386_LOG_ANY, /* by what is in it */
    RT386_LOG_QEMU,
    RT386_LOG_BOCHS
} rt386_log_format;

/* Registers of a state. The first ten are those of rt386_trace_regs, in the same order. */
enum {
    RT386_LOG_ECX = 1,
    RT386_LOG_EIP = 8,
    RT386_LOG_EFLAGS,
    RT386_LOG_CPL,
    RT386_LOG_CR0,
    RT386_LOG_CR2,
    RT386_LOG_CR3,
    RT386_LOG_DR0,
    RT386_LOG_DR6 = RT386_LOG_DR0 + 4,
    RT386_LOG_DR7,
    RT386_LOG_GDTR_BASE,
    RT386_LOG_GDTR_LIMIT,
    RT386_LOG_IDTR_BASE,
    RT386_LOG_IDTR_LIMIT,
    RT386_LOG_SEGMENTS, /* ES CS SS DS FS GS LDTR TR, each of five: */
    RT386_LOG_SELECTOR = 0,
    RT386_LOG_BASE,
    RT386_LOG_LIMIT,
    RT386_LOG_ACCESS, /* P DPL S type, as in the descriptor */
    RT386_LOG_FLAGS,  /* G, D/B, 0, AVL */
    RT386_LOG_PARTS,
    RT386_LOG_VALUES = RT386_LOG_SEGMENTS + 8 * RT386_LOG_PARTS
};
/* A part of a segment register: rt386_segreg, 6 LDTR, 7 TR. */
#define RT386_LOG_PART(segment, part)                                                              \
    (RT386_LOG_SEGMENTS + (unsigned)(segment)*RT386_LOG_PARTS + (unsigned)(part))
/* As rt386_trace_field_name calls it: "eax", "cs_base"; NULL past the last. */
RT386_API const char *rt386_log_value_name(unsigned index);

/* The coprocessor, registers by their physical numbers. */
typedef struct rt386_log_x87 {
    uint16_t fcw, fsw;
    uint8_t full; /* bit n: register n is not empty */
    uint64_t significand[8];
    uint16_t sign_exponent[8];
} rt386_log_x87;

typedef struct rt386_log_state {
    uint64_t known; /* bit n: value[n] is in the log */
    uint32_t value[RT386_LOG_VALUES];
    bool has_linear;
    uint32_t linear; /* of the instruction */
    uint8_t length;  /* of `bytes`; 0: the log does not have them */
    uint8_t bytes[15];
    bool has_x87;
    rt386_log_x87 x87;
} rt386_log_state;

typedef enum rt386_log_kind {
    RT386_LOG_STATE, /* an instruction, or a block, is about to be executed */
    RT386_LOG_EVENT, /* an exception or interrupt is being delivered; the state is what the log has of it */
    RT386_LOG_MEMORY /* an access by the instruction of the last state or by an event */
} rt386_log_kind;

typedef struct rt386_log_item {
    rt386_log_kind kind;
    uint64_t line; /* where it begins, from 1 */
    rt386_log_state state;
    uint8_t vector;
    bool external; /* an interrupt from outside; Bochs does not tell them apart */
    bool has_error;
    uint16_t error;
    bool write; /* access */
    uint8_t size;
    uint32_t linear, value; /* of more than four bytes the value means nothing */
} rt386_log_item;

typedef struct rt386_log rt386_log;

/* err: one sentence on failure. "-" is no special name. RT386_E_NOTFOUND, RT386_E_NOMEM, RT386_E_IO. */
RT386_API rt386_status rt386_log_open(const char *path, rt386_log_format format, rt386_log **log,
                                      char *err, size_t err_size);
RT386_API void rt386_log_close(rt386_log *log);
/* The next item: RT386_OK; RT386_E_NOTFOUND at the end; RT386_E_FORMAT: what rt386_log_error says. Memory is
 * bounded whatever is in the file. */
RT386_API rt386_status rt386_log_next(rt386_log *log, rt386_log_item *item);
/* Of the items read so far; RT386_LOG_ANY before the first. */
RT386_API rt386_log_format rt386_log_format_of(const rt386_log *log);
/* "line 12: ...": what is wrong; at the end, what was cut off, else "". */
RT386_API const char *rt386_log_error(const rt386_log *log);

#ifdef __cplusplus
}
#endif

#endif
