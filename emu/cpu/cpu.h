/* cpu.h: one processor on a bus: an 80386 or, by its level, a later one.
 *
 *            +-------------------------------------------+
 *   INTR --->|  struct i386_cpu                          |
 *   NMI  --->|    s       architectural state            |<---> struct bus
 *   RESET -->|    derived data, which nobody can see     |
 *            |    observers: only look                   |---> observer, check order, faults
 *            +-------------------------------------------+
 *
 * cpu_step runs one instruction, or takes one interrupt, or delivers one fault. It never calls back
 * into the host except for devices on the bus, the interrupt acknowledge and the observers.
 *
 * Not emulated here: prefetch queue, bus timing, the coprocessor (ESC is #NM or ignored by CR0; the
 * x87 comes as its own part).
 *
 * Invariants: after a fault the state equals the state before the instruction, but for the exceptions
 * listed in docs/adr; EIP is exact at every return.
 */
#ifndef RT386_CPU_CPU_H
#define RT386_CPU_CPU_H

#include <signal.h>

#include "bus.h"
#include "fault.h"
#include "insn.h"
#include "page.h"
#include "plain.h"
#include "segm.h"
#include "state.h"

struct i386_cpu;
struct exec;
struct cpu_note;

enum event_source {
    EVENT_FAULT,    /* exception raised by a rule: saved EIP is the instruction, RF is set */
    EVENT_TRAP,     /* #DB trap: saved EIP is the next instruction */
    EVENT_SOFTWARE, /* INT n, INT 3, INTO: gate DPL is checked */
    EVENT_EXTERNAL, /* INTR, NMI: EXT = 1 for faults on the way */
};

/* Observers look; they never change anything. Any member may be NULL. */
struct cpu_observer {
    void *ctx;
    /* before an instruction executes; state as it is, EIP at the instruction */
    void (*insn)(void *ctx, const struct i386_cpu *cpu, const struct insn *in);
    /* after it retired */
    void (*retired)(void *ctx, const struct i386_cpu *cpu, const struct insn *in);
    /* a granted data access through a segment register; size in bytes, value zero-extended */
    void (*mem)(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                unsigned size, enum access access, uint32_t value);
    /* a selector was resolved: accepted (the register changes a moment later, if nothing else
     * refuses) or refused. where/desc are valid unless the selector was null or outside its table, or
     * the table could not be read (then located = false). */
    void (*selector)(void *ctx, const struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                     enum seg_purpose purpose, bool located, lin_t where, desc_t desc,
                     fault_t fault);
    /* an exception or interrupt is about to be delivered through the IDT; error code with EXT */
    void (*event)(void *ctx, const struct i386_cpu *cpu, unsigned vector, enum event_source source,
                  fault_t fault);
    /* a task switch committed */
    void (*task)(void *ctx, const struct i386_cpu *cpu, uint16_t from, uint16_t to);
    void (*io)(void *ctx, const struct i386_cpu *cpu, uint16_t port, unsigned size, bool out,
               uint32_t value);
    /* a step inside an instruction or a delivery: note.h */
    void (*note)(void *ctx, const struct i386_cpu *cpu, const struct cpu_note *note);
};

/* Whoever may hold the processor before something happens; a step that is held has changed nothing, and is taken again when
 * the processor goes on. Either may be NULL. */
struct cpu_brake {
    void *ctx;
    bool (*begin)(void *ctx, const struct i386_cpu *cpu); /* the instruction at EIP is to begin */
    /* it is to raise this exception */
    bool (*fault)(void *ctx, const struct i386_cpu *cpu, fault_t fault);
};

/* What one cpu_step did. */
enum cpu_step {
    STEP_RETIRED,     /* one instruction (or one REP iteration) completed */
    STEP_EVENT,       /* an exception or interrupt was delivered */
    STEP_HALTED,      /* in HLT and nothing to take; no clock was charged */
    STEP_PERSONALITY, /* the personality trap retired; its Ib is in cpu->trap_point */
    STEP_HOST,        /* inta said INTA_HOST */
    STEP_HELD,        /* the brake holds the processor */
    STEP_SHUTDOWN     /* triple fault: the chain is in cpu->chain */
};

/* Derived data: a decoded instruction and the bytes it came from; see memo.h. What the straight loop looks
 * at comes first. */
struct insn_memo {
    uint64_t first, mask;        /* bytes 0..7, those that belong to it */
    bool (*run)(struct exec *x); /* the row, folded for this shape of operands */
    uint32_t next[2];            /* guess at the entry that follows, straight on and after a jump */
    uint8_t quick;   /* `mode` if it may run in the straight loop and has at most 8 bytes */
    uint8_t mode;    /* 0: empty; 1, 2: 16-, 32-bit code */
    bool straight;   /* may run in the straight loop (engine_ref.c) */
    uint8_t plain;   /* and be logged there: enum plain_known */
    uint16_t number; /* its place */
    bool has_ea;     /* the effective address is wanted */
    uint32_t clocks; /* the row's count, if it does not depend on the state */
    struct insn insn;
    const struct i386_row *row;
    struct plain_code code;
};
#define MEMO_ENTRIES 1024u
_Static_assert(PLAIN_CODES >= MEMO_ENTRIES, "an entry's place is the number of its bytes");
/* Of an entry: it is not for the log; it is; the log knows its bytes by its number; and what they do. */
enum plain_known { PLAIN_NOT, PLAIN_NEW, PLAIN_TOLD, PLAIN_SURE };

/* Derived data of the straight loop (engine_ref.c): where EIP may be so that bytes of code can be read at
 * once, all checks of the fetch passed. room = 0: not in use. */
struct code_window {
    const uint8_t *bytes; /* of EIP = first */
    uint32_t first;
    uint32_t room;       /* bytes from there on */
    uint32_t span;       /* of these, the ones with MEMO_READ bytes from there on */
    uint32_t at;         /* physical address of `bytes` */
    uint8_t mode;        /* as in struct insn_memo */
    uint64_t generation; /* of the bus, when it was opened */
};

/* What the manual's clock counts take to be absent, in clocks; all zero: nothing is added. Set by
 * clocks_set_costs (clocks.h). */
struct clock_costs {
    uint8_t wait_states; /* for each bus cycle of an access of data or a system table */
    uint8_t misaligned;  /* for each bus cycle more than an aligned access takes; on the chip 2 */
    uint8_t page_walk; /* for each page of such an access while paging is on, as if without a TLB */
};

#define INTA_HOST (-2)

/* The first exception or interrupt that was held instead of delivered: EIP and EFLAGS of the state are what would have been
 * saved. A software interrupt is held when its gate lets it in. */
struct held_event {
    bool taken;
    uint8_t vector;
    bool has_error;
    uint32_t error;
};

struct i386_cpu {
    struct i386_state s;
    struct bus *bus;
    const struct cpu_observer *obs; /* NULL: nobody looks */
    const struct cpu_brake *brake;  /* NULL: nothing is held */
    const struct access_hook *hook; /* NULL: none; see page.h */
    /* NULL: none. Told of plain instructions in the straight loop, in place of `insn`, `retired` and `mem` of obs. Set by
     * cpu_set_log. */
    struct plain_log *log;
    /* interrupt acknowledge: vector 0..255, -1 (none), or INTA_HOST: nothing is delivered and the step
     * is STEP_HOST: the host takes this boundary */
    int (*inta)(void *ctx);
    void *inta_ctx;
    bool intr;            /* level of the INTR pin */
    bool personality;     /* the reserved encoding traps to the host; otherwise #UD */
    enum cpu_level level; /* 80386 after cpu_init, and when it is 0; cpu_set_level */
    bool x87;             /* an 80387 answers; otherwise ESC does nothing. Set before cpu_reset */
    bool wp_exists;       /* CR0.WP works: set by cpu_set_level for 80486 and later */
    /* A of a PDE is set although its PTE refuses, as some emulators do; off: docs/profile.md */
    bool pde_marked_first;
    bool pusha_down; /* PUSHA stores EAX first, at the top, as later processors do */
    /* An access across 4 GB in a segment of base 0 and limit FFFFFFFF goes on at 0, as on processors of Intel's
     * with VMX; off: the limit refuses it. */
    bool flat_wraps;
    bool documented; /* undefined results and encodings as in documented.h; cpu_set_documented */
    bool no_ice;     /* INT1, LOADALL and UMOV are undefined opcodes; cpu_refuse_ice */
    /* Nothing derived is kept: each instruction is decoded, each access walks. Only slower; for comparison. */
    bool keep_nothing;
    struct held_event
        *hold; /* NULL: events are delivered. For test vectors; stop the run at the first one */
    /* An operand that was granted as a whole is moved in pieces: no alignment check. */
    bool granted;
    uint8_t trap_point;
    /* Set by anyone, also from a device callback or a signal: cpu_run returns at the next instruction
     * boundary and leaves the flag as it is. */
    volatile sig_atomic_t stop;
    /* The memory access that was refused last, filled by mem_* (access.c) when it returns a fault. */
    struct refused_access {
        bool valid;     /* cleared when an instruction starts */
        uint8_t seg;    /* enum segreg */
        uint8_t access; /* enum access */
        uint16_t size;
        eff_t off;
    } refused;
    /* faults of the last delivery: the first and the last two; chain_len of them are valid */
    fault_t chain[3];
    uint8_t chain_len;
    fault_t last_fault;                 /* most recent fault that was delivered */
    struct refused_access last_refused; /* of last_fault */
    uint32_t last_fault_eip;
    uint16_t last_fault_cs;
    struct clock_costs costs;
    struct access_hook costs_hook;         /* charges them */
    const struct access_hook *costs_below; /* the hook that was there */
    /* --- derived data: see cpu_drop_derived --- */
    struct insn_memo memo[MEMO_ENTRIES];
    struct code_window window;
    struct tlb tlb;
    /* An instruction of the straight loop is in flight: nobody looks at memory accesses, or they are logged. */
    enum straight {
        NOT_STRAIGHT,
        STRAIGHT_PHYSICAL,
        STRAIGHT_PAGED,
        LOGGED_PHYSICAL,
        LOGGED_PAGED
    } straight;
    const struct tlb_entry *pages; /* with paging: the entries of the present level */
    /* Instructions that began, as an observer's `insn` is told, and did not retire: with s.insns how many began. Only what it
     * grows by in a run means anything; it is in no snapshot. */
    uint64_t refusals;
};

void cpu_init(struct i386_cpu *cpu, struct bus *bus); /* also resets */
void cpu_reset(struct i386_cpu *cpu);
enum cpu_step cpu_step(struct i386_cpu *cpu);
/* Up to `insns` steps, until one is not RETIRED/EVENT: the same as that many cpu_step calls. Returns the
 * last step; STEP_RETIRED when the budget is used up. Stops early, too, at the first boundary where
 * s.clocks >= until_clocks or `stop` is set. */
enum cpu_step cpu_run(struct i386_cpu *cpu, uint64_t insns, uint64_t until_clocks);
void cpu_nmi(struct i386_cpu *cpu); /* edge on the NMI pin */
/* Forgets everything derived: decoded instructions, translations. To no effect but on speed, at any
 * time, also from a device callback or an observer. */
void cpu_drop_derived(struct i386_cpu *cpu);

/* NULL: none any more. Between instructions, or while one is observed that is not plain. */
void cpu_set_log(struct i386_cpu *cpu, struct plain_log *log);
/* Between instructions; off after cpu_init. */
void cpu_set_documented(struct i386_cpu *cpu, bool on);
/* What was made for in-circuit emulation and test becomes an undefined opcode, for good. */
void cpu_refuse_ice(struct i386_cpu *cpu);
/* Where a linear address of data is behind the A20 gate, as the kept translations or the page tables have it at
 * the present level; the address itself if it is nowhere. */
uint32_t cpu_physical(const struct i386_cpu *cpu, lin_t at);
/* Another processor, from the next cpu_reset on; until then only its instructions. */
void cpu_set_level(struct i386_cpu *cpu, enum cpu_level level);

/* Instructions may be held before they begin. */
static inline bool cpu_braked(const struct i386_cpu *cpu)
{
    return cpu->brake && cpu->brake->begin;
}

static inline struct page_env cpu_page_env(const struct i386_cpu *cpu)
{
    return (struct page_env){.bus = cpu->bus,
                             .hook = cpu->hook,
                             .cr3 = cpu->s.cr3,
                             .paging = (cpu->s.cr0 & (CR0_PG | CR0_PE)) == (CR0_PG | CR0_PE),
                             .wp = cpu->wp_exists && (cpu->s.cr0 & CR0_WP),
                             .pde_first = cpu->pde_marked_first};
}
/* The same with the translations that are kept: for accesses, not for looking. */
static inline struct page_env cpu_page_cached(struct i386_cpu *cpu)
{
    struct page_env env = cpu_page_env(cpu);
    if (!cpu->keep_nothing) env.tlb = &cpu->tlb;
    return env;
}

/* --- snapshots (cpu_snap.c): all that decides how it goes on, to or from one --- */
struct snap;
void cpu_snap(struct snap *s, struct i386_cpu *cpu);
void seg_snap(struct snap *s, struct seg *seg);
void x87_snap(struct snap *s, struct i386_x87 *x);
void sse_snap(struct snap *s, struct i386_sse *x);

/* --- for the host: architectural operations outside an instruction --- */

/* Loads a segment register as MOV would, all checks, at the present CPL (state unchanged on a fault). */
fault_t cpu_seg_load(struct i386_cpu *cpu, enum segreg reg, uint16_t sel) MUST_USE;
/* Sets selector and shadow as given, without a check. */
void cpu_seg_poke(struct i386_cpu *cpu, enum segreg reg, struct seg seg);
/* A task switch as a JMP to `tss_sel` would do it, at an instruction boundary: the outgoing state is
 * saved with the present EIP. */
fault_t cpu_task_jump(struct i386_cpu *cpu, uint16_t tss_sel) MUST_USE;
/* Delivers `vector` through the IDT at an instruction boundary, as from outside (EXT). */
enum cpu_step cpu_interrupt(struct i386_cpu *cpu, uint8_t vector);

#endif
