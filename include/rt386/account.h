/* account.h: what one instruction or one interrupt does, step by step, as data.
 *
 *   machine --copy--> runs once, observed --> steps in their order --> before, after, how it ended
 *
 * Every step comes from the code that executes: a selector with its checks, a gate, a stack pointer out of
 * the TSS, an element pushed, a bit written. Nothing is worked out a second time, and the machine itself
 * is not touched. A running machine tells the same steps to whoever observes it (rt386_observe_steps).
 *
 * No words here but what the library says elsewhere, too (rule names, purposes).
 */
#ifndef RT386_ACCOUNT_H
#define RT386_ACCOUNT_H

#include <rt386/rt386.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rt386_step_kind {
    RT386_STEP_SELECTOR,   /* a selector was resolved: why */
    RT386_STEP_GATE,       /* the IDT's entry of `vector`: why (real mode: value is CS:IP) */
    RT386_STEP_MEMORY,     /* an access through segment register `reg`: why, walk */
    RT386_STEP_STACK,      /* SS:ESP of ring `level` out of the TSS: value is ESP, selector SS */
    RT386_STEP_PUSH,       /* `element` of a frame was pushed: as MEMORY */
    RT386_STEP_TARGET,     /* new EIP (value) against the new code segment (after): why */
    RT386_STEP_DESCRIPTOR, /* accessed or busy bit written: old_desc, new_desc at `linear` */
    RT386_STEP_REGISTER,   /* segment register `reg`, hidden part and all: before, after */
    RT386_STEP_TASK,       /* a stage of a task switch: task */
    RT386_STEP_IO_MAP, /* the I/O map was asked: port, size, why; value: its two bytes at `linear` */
    RT386_STEP_PORT,   /* a port was read or written: port, size, access, value */
    RT386_STEP_FAULT,  /* refused: why.fault and, of an access or a selector, all its checks */
    RT386_STEP_DELIVERY, /* an exception or interrupt is about to be delivered: vector, source */
    /* In accounts only; who observes a run has `call` and `table` of rt386_observer. */
    RT386_STEP_CALL, /* an INtime call, on the way in and on the way out: call */
    RT386_STEP_ENTRY /* the INtime kernel wrote a GDT entry: selector, old_desc, new_desc, owner */
} rt386_step_kind;
#define RT386_STEP_KINDS 15u

typedef enum rt386_element {
    RT386_ELEMENT_EIP,
    RT386_ELEMENT_CS,
    RT386_ELEMENT_EFLAGS,
    RT386_ELEMENT_ESP,
    RT386_ELEMENT_SS,
    RT386_ELEMENT_ES,
    RT386_ELEMENT_DS,
    RT386_ELEMENT_FS,
    RT386_ELEMENT_GS,
    RT386_ELEMENT_ERROR,    /* error code */
    RT386_ELEMENT_PARAMETER /* number 0 is pushed first */
} rt386_element;

/* In the order in which they come; IRET alone reads a back link, and not all change both busy bits. */
typedef enum rt386_task_stage {
    RT386_TASK_LINK_READ, /* value: selector */
    RT386_TASK_BEGIN,     /* the present TSS has room: why */
    RT386_TASK_COMMIT,    /* the commit point: what is wrong from here on is the new task's fault */
    RT386_TASK_SAVED,     /* `size` bytes from `linear`; value: EIP */
    RT386_TASK_NOT_BUSY,  /* the old TSS; a DESCRIPTOR step tells the byte */
    RT386_TASK_BUSY,      /* the new one, likewise */
    RT386_TASK_LINKED,    /* value: selector of the old TSS, at `linear` */
    RT386_TASK_FETCHED,   /* as SAVED */
    RT386_TASK_REGISTERS  /* in place; selectors are looked up next */
} rt386_task_stage;
typedef enum rt386_task_how {
    RT386_TASK_BY_JMP,
    RT386_TASK_BY_CALL,
    RT386_TASK_BY_INT,
    RT386_TASK_BY_IRET
} rt386_task_how;

/* One page of an access: the entries before it, and after it, when accessed and dirty bits are set. */
typedef struct rt386_step_page {
    rt386_walk walk;
    uint32_t pde_after, pte_after;
} rt386_step_page;

/* What the kind does not name is zero. */
typedef struct rt386_step {
    rt386_step_kind kind;
    rt386_explanation why; /* count 0: nothing is checked here; why.fault: the step was refused */
    bool has_reg;          /* reg is known */
    rt386_segreg reg;
    rt386_seg before, after; /* MEMORY, PUSH: before is the segment that was used */
    uint16_t selector;
    uint32_t offset, linear, value;
    unsigned size; /* bytes */
    rt386_access access;
    unsigned pages; /* with paging: 1, or 2 where the access crosses */
    rt386_step_page page[2];
    rt386_desc old_desc, new_desc;
    rt386_element element;
    uint8_t number, level;
    uint8_t vector;
    char source; /* DELIVERY: 'f' fault, 't' trap, 's' software, 'x' external */
    struct {
        rt386_task_stage stage;
        rt386_task_how how;
        uint16_t from, to; /* selectors of the TSSs */
    } task;
    uint16_t port;
    struct {
        char name[64], arguments[192]; /* cut where they are longer */
        bool leaving, blocked;
        uint32_t result, status; /* leaving, and not blocked */
    } call;
    char owner[64];
} rt386_step;

typedef enum rt386_account_end {
    RT386_ACCOUNT_RETIRED,   /* the instruction is done (of REP: one iteration) */
    RT386_ACCOUNT_FAULT,     /* it raised `fault`, and a handler was entered */
    RT386_ACCOUNT_INTERRUPT, /* an interrupt or trap came before it, and a handler was entered */
    RT386_ACCOUNT_SHUTDOWN,  /* the last of the deliveries failed: triple fault */
    RT386_ACCOUNT_IDLE       /* halted, and nothing came; or INtime's scheduler had the turn */
} rt386_account_end;

typedef struct rt386_account_state {
    uint32_t gpr[8]; /* EAX ECX EDX EBX ESP EBP ESI EDI */
    uint32_t eip, eflags, cr0, cr2, cr3;
    uint8_t cpl;
    rt386_seg seg[8]; /* by rt386_segreg */
} rt386_account_state;

typedef struct rt386_account_result {
    rt386_account_end end;
    rt386_fault fault;   /* the first one that was raised */
    unsigned deliveries; /* DELIVERY steps */
    rt386_exit exit;     /* SHUTDOWN: the chain */
    bool has_insn;       /* false: an interrupt came first, or the bytes could not be read */
    rt386_insn_event insn;
    rt386_account_state before, after;
} rt386_account_result;

typedef struct rt386_account rt386_account;
/* What rt386_run(machine, 1, ...) would do next. Between runs. RT386_E_STATE: the machine cannot be copied
 * (it has a network, or is one of rt386_bare_create); RT386_E_NOMEM. */
RT386_API rt386_status rt386_account_next(const rt386 *machine, rt386_account **account);
/* What the delivery of an interrupt from outside would do at this boundary, whatever IF is. */
RT386_API rt386_status rt386_account_interrupt(const rt386 *machine, uint8_t vector,
                                               rt386_account **account);
/* The steps in their order; NULL past the last. Valid until the account is freed. */
RT386_API const rt386_step *rt386_account_step(const rt386_account *account, unsigned index);
/* insn.symbol is the machine's. */
RT386_API const rt386_account_result *rt386_account_result_of(const rt386_account *account);
RT386_API void rt386_account_free(rt386_account *account);

/* The steps of a run, as they happen; NULL takes the observer off. Besides rt386_observe, with its rules.
 * The registers that an instruction changed are told before the next one begins. RT386_E_NOMEM. */
RT386_API rt386_status rt386_observe_steps(rt386 *machine,
                                           void (*step)(void *ctx, const rt386_step *step),
                                           void *ctx);

#ifdef __cplusplus
}
#endif

#endif
