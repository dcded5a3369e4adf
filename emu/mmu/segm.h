/* segm.h: from a selector to a segment register, and from a segment register to a linear address.
 *
 *   selector --segm_locate--> linear address of the descriptor
 *            --(supervisor read)--> desc_t
 *            --segm_resolve--> shadow [+ image to write back], or the rule that refused
 *
 * segm_resolve is pure: the same function decides for the processor, for LAR/LSL/VERR/VERW, for the
 * debugger, for the explanations and for the tests. The order of checks is the manual's. A caller
 * that wants to see the checks passes a check_log; the decision does not depend on it, nor on whether
 * the log carries on behind the first failure.
 *
 * Invariants: no rule about a selector or descriptor is written anywhere else; a result with a
 * fault has no shadow and nothing to write back.
 */
#ifndef RT386_MMU_SEGM_H
#define RT386_MMU_SEGM_H

#include "addr.h"
#include "desc.h"
#include "fault.h"

#define SEL_INDEX(sel) ((uint16_t)(sel) >> 3)
#define SEL_TI(sel)    ((sel)&4u)
#define SEL_RPL(sel)   ((sel)&3u)
#define SEL_ERROR(sel) ((uint32_t)((sel)&0xfffcu)) /* the error code for a selector */
#define SEL_NULL(sel)  (((sel)&0xfffcu) == 0)

enum seg_purpose {
    SEG_DATA,      /* MOV/POP/LxS to DS, ES, FS, GS */
    SEG_STACK,     /* MOV/POP/LSS to SS */
    SEG_JMP,       /* far JMP: code segment, call gate, task gate or TSS */
    SEG_CALL,      /* far CALL: likewise */
    SEG_GATE_JMP,  /* code segment named by a call gate, reached by JMP */
    SEG_GATE_CALL, /* ... reached by CALL: may be more privileged */
    SEG_INT,       /* code segment named by an interrupt or trap gate */
    SEG_RET,       /* CS popped by far RET */
    SEG_IRET,      /* CS popped by IRET */
    SEG_RET_SS,    /* SS popped by far RET or IRET to an outer level; cpl = the new CPL */
    SEG_INNER_SS,  /* SS taken from the TSS for an inner level; cpl = the new CPL; #TS */
    SEG_LLDT,      /* operand of LLDT */
    SEG_LTR,       /* operand of LTR */
    SEG_TASK_GATE, /* TSS named by a task gate (JMP, CALL or INT) */
    SEG_TASK_IRET, /* TSS named by the back link: must be busy; #TS */
    SEG_TASK_LDT,  /* LDT named by a TSS; #TS */
    SEG_TASK_CS,   /* CS named by a TSS; cpl = its RPL; #TS, #NP */
    SEG_TASK_SS,   /* SS named by a TSS; cpl = RPL of the new CS; #TS, #SS */
    SEG_TASK_DATA, /* DS, ES, FS, GS named by a TSS; #TS, #NP */
    SEG_LAR,       /* the four that only ask: no fault is delivered, ZF answers */
    SEG_LSL,
    SEG_VERR,
    SEG_VERW,
    SEG_PURPOSE_COUNT
};

/* What a selector turned out to name. */
enum seg_kind {
    KIND_NULL,
    KIND_SEGMENT,
    KIND_CALL_GATE,
    KIND_TASK_GATE,
    KIND_TSS,
    KIND_LDT,
    KIND_INT_GATE /* interrupt or trap gate: LAR alone accepts these */
};

/* One entry for each check in the order made. A plain log ends with the first failure; one that
 * carries on goes through the checks that would have followed, too, and notes them as not reached. What
 * follows depends on what was asked about: behind a type that is refused, only what is asked of every
 * type. */
enum check_state { CHECK_PASSED, CHECK_FAILED, CHECK_NOT_REACHED };
struct check {
    uint16_t rule;
    bool passed;
    uint8_t state; /* enum check_state */
    uint32_t have,
        want; /* the values compared, for the text; of one not reached, what would have been */
    uint32_t where; /* physical address of a page's entry; 0 elsewhere */
};
#define CHECK_LOG_MAX 32
struct check_log {
    unsigned count;
    bool carry_on; /* set by who asks */
    bool refused;  /* a check has failed */
    struct check at[CHECK_LOG_MAX];
};
/* Notes a check in the log, if there is one; the state is worked out. */
void check_note(struct check_log *log, struct check check);
/* Does a sequence of checks with this log go on behind a failure? */
static inline bool check_carries_on(const struct check_log *log)
{
    return log && log->carry_on;
}

/* Where the descriptor of `sel` lies, or the fault if it is outside its table (the whole 8 bytes
 * must be inside). TI = 1 with a null LDTR is outside. The vector follows from the purpose. `ldtr`
 * is the LDT register. Does not look at null: callers that accept null ask segm_resolve first. */
fault_t segm_locate(const struct dtable *gdtr, const struct seg *ldtr, uint16_t sel,
                    enum seg_purpose purpose, lin_t *where, struct check_log *log) MUST_USE;

/* True when `purpose` accepts or refuses `sel` before any table is read: a null selector. For data
 * purposes null is accepted (out: unusable shadow); elsewhere *fault says why not. */
bool segm_null(uint16_t sel, uint8_t cpl, enum seg_purpose purpose, fault_t *fault,
               struct check_log *log);

struct seg_query {
    desc_t desc;
    uint16_t sel;
    uint8_t cpl; /* CPL, or what the purpose says */
    uint8_t purpose;
};
struct seg_answer {
    fault_t fault;
    enum seg_kind kind;
    struct shadow sh; /* KIND_SEGMENT, KIND_TSS, KIND_LDT */
    bool write_back;  /* image changed: accessed bit. (The busy bit belongs to the task switch.) */
    desc_t image;     /* to write back at the same place */
    uint8_t new_cpl;  /* code purposes: CPL after the transfer */
};
/* `query.sel` must not be null (segm_null first). */
struct seg_answer segm_resolve(struct seg_query query, struct check_log *log);

/* IDT entry for a vector: which types are legal, gate DPL against CPL for software interrupts, P.
 * Error code vector * 8 + 2. On success the gate's fields are in *gate (task gates too). */
fault_t segm_idt_gate(desc_t d, uint8_t vector, bool software, uint8_t cpl, struct gate *gate,
                      struct check_log *log) MUST_USE;
/* Is the IDT entry of `vector` inside the table? (#GP(vector * 8 + 2)) */
fault_t segm_idt_locate(const struct dtable *idtr, uint8_t vector, lin_t *where,
                        struct check_log *log) MUST_USE;

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

/* May [off, off + size) of this segment be accessed so? SS-relative refusals are #SS(0), all others
 * #GP(0); `is_stack` says which. size is 1..4096 (multi-part operands such as 6-byte pointers are
 * checked as one). No access runs past offset FFFFFFFF. */
static inline fault_t segm_check_access(const struct seg *seg, bool is_stack, eff_t off,
                                        unsigned size, enum access access,
                                        struct check_log *log) MUST_USE;

/* The same, one rule after the other, with a log and with the name of the rule that refuses. */
fault_t segm_access_checked(const struct seg *seg, bool is_stack, eff_t off, unsigned size,
                            enum access access, struct check_log *log) MUST_USE;

/* Do the rights of this segment allow such an access? A system segment (TSS, LDT) is accessed by
 * the processor itself, a fetch was granted when CS was loaded: both are not asked. */
static inline bool segm_right(const struct shadow *sh, enum access access)
{
    unsigned kind = sh->access & (ACC_S | ACC_CODE | ACC_WRITE); /* ACC_READ is the same bit */
    if (access == ACCESS_WRITE) return kind == (ACC_S | ACC_WRITE) || !(kind & ACC_S);
    return access == ACCESS_FETCH || kind != (ACC_S | ACC_CODE);
}

static inline fault_t segm_check_access(const struct seg *seg, bool is_stack, eff_t off,
                                        unsigned size, enum access access, struct check_log *log)
{
    const struct shadow *sh = &seg->sh;
    bool inside = off.v >= sh->lo && off.v <= sh->hi && size - 1 <= sh->hi - off.v;
    if (!log && sh->usable && inside && segm_right(sh, access)) return fault_none();
    return segm_access_checked(seg, is_stack, off, size, access, log);
}

static inline lin_t segm_linear(const struct seg *seg, eff_t off)
{
    return lin(seg->sh.base + off.v);
}

/* "SEG_DATA" -> "load of a data segment register", for texts. */
const char *segm_purpose_text(enum seg_purpose purpose);

#endif
