/* sweep.h: every instruction form with a page fault at its first, second, third ... access.
 *
 *   form  = row of i386.def x mode x operand size x address size x memory or register x variant
 *   state = a form with random registers, flags, operands and memory
 *
 *   state ---------- run to the end --------------------> end, accesses 1..n, trail
 *     |  for each k in 1..n
 *     +------------- run, access k page-faults ---------> state at the exception: must be the state
 *                                                         before, but for the exceptions by name
 *                    the same instruction again --------> must be the end
 *
 * Layout: the same offsets in all segments; flat modes have base 0 everywhere.
 *
 *   00000  IVT     04000  TSS A, current   08000..08fff  stacks of level 0 and of other tasks
 *   01000  GDT     05000  TSS B (386)      09000..0bfff  operands
 *   02000  IDT     06000  TSS C (286)      0c000..0efff  stack
 *   03000  LDT     07000  TSS D (386)      0f000..0ffff  code
 *
 * 80000 and 81000: page directory and table. Not flat: CS 10000, DS 20000, ES 30000, FS 40000, GS 50000, SS 60000.
 */
#ifndef RT386_TESTS_CPU_SWEEP_H
#define RT386_TESTS_CPU_SWEEP_H

#include "exec.h"
#include "opcode.h"

#define SW_RAM     0x100000u
#define SW_PD      0x80000u
#define SW_PT      0x81000u
#define SW_GDT     0x1000u
#define SW_IDT     0x2000u
#define SW_LDT     0x3000u
#define SW_TSS_A   0x4000u
#define SW_TSS_B   0x5000u
#define SW_TSS_C   0x6000u
#define SW_TSS_D   0x7000u
#define SW_ESP0    0x8f00u
#define SW_OPERAND 0x9000u /* ..BFFF */
#define SW_STACK   0xc000u /* ..EFFF */
#define SW_CODE    0xf000u
#define SW_TARGET  0xf600u
#define SW_HANDLER 0xfc00u

/* Selectors; those with a ring number: + 8 * ring + ring. "fresh": not accessed yet. */
enum {
    SW_CODE32 = 0x08,
    SW_STACK32 = 0x28,
    SW_CODE16 = 0x48,
    SW_STACK16 = 0x68,
    SW_DS = 0x88,
    SW_ES = 0x90,
    SW_FS = 0x98,
    SW_GS = 0xa0,
    SW_FRESH_DATA = 0xa8,
    SW_FRESH_ROM = 0xb0, /* readable code */
    SW_SEL_TSS_A = 0xb8,
    SW_SEL_TSS_B = 0xc0,
    SW_SEL_TSS_C = 0xc8,
    SW_SEL_TSS_D = 0xd0, /* busy: the one that IRET goes back to */
    SW_SEL_LDT = 0xd8,
    SW_CONFORM = 0xe0, /* fresh */
    SW_GATE = 0xe8,    /* for the form */
    SW_FRESH_CODE32 = 0x108,
    SW_FRESH_CODE16 = 0x128,
    SW_FRESH_STACK32 = 0x148,
    SW_FRESH_STACK16 = 0x168,
    SW_GDT_END = 0x188
};

struct sweep_mode {
    const char *name;
    bool prot, v86;
    uint8_t ring;
    uint8_t code, stack; /* 16 or 32 */
    bool flat;
};
#define SW_MODES 9
extern const struct sweep_mode sweep_modes[SW_MODES];

struct sweep_form {
    unsigned row;
    uint8_t opsize, adsize;
    bool mem;        /* the ModR/M operand is in memory */
    uint8_t variant; /* what kind of target a far transfer has */
};

/* A write that reached memory; `access`: how many accesses had been announced. */
struct sweep_store {
    uint32_t at, value;
    uint8_t size;
    unsigned access;
};
struct sweep_access {
    lin_t at;
    uint16_t size;
    uint8_t access;
    bool user;
};
/* An access through a segment register that was granted. */
struct sweep_use {
    enum segreg seg;
    uint32_t off;
    unsigned size;
    lin_t at;
};
/* Where the instruction stands between iterations. */
struct sweep_point {
    struct i386_state s;
    unsigned stores, accesses, ports;
};

#define SW_STORES   600
#define SW_ACCESSES 400
#define SW_POINTS   10

struct sweep;
/* What one run left behind. */
struct sweep_trail {
    struct sweep_store store[SW_STORES];
    struct sweep_access access[SW_ACCESSES];
    struct sweep_use use[SW_ACCESSES];
    struct sweep_point point[SW_POINTS]; /* [0]: before */
    unsigned stores, accesses, uses, points, ports;
    unsigned unannounced; /* bytes written that the hook had not heard of */
    bool fault;           /* an exception was raised */
    fault_t what;         /* the first one */
    unsigned committed;   /* task switches */
    enum cpu_step step;   /* the last one */
    struct i386_state s;  /* afterwards */
};

/* Why the instruction cannot go on at access n. */
struct sweep_cause {
    unsigned n;    /* 0: known when it happens */
    bool inject;   /* the hook refuses; otherwise `fault` says what comes */
    bool optional; /* it may also end without a fault */
    fault_t fault;
    void (*repair)(struct sweep *w, const struct sweep_cause *cause); /* before delivery */
    enum segreg seg;                                                  /* for repair */
    uint32_t page;
};

struct sweep {
    struct bus *bus;
    struct i386_cpu cpu;
    const struct sweep_mode *mode;
    uint8_t *was;    /* memory before the instruction, all of it */
    uint8_t *want;   /* the same, for comparing */
    uint64_t random; /* state of the generator */
    /* the state under test */
    struct sweep_form form;
    struct insn in;
    struct i386_state start;
    uint32_t operand; /* linear address of the ModR/M operand */
    uint8_t code[16];
    unsigned code_len;
    struct {
        uint32_t at, old;
        uint8_t size;
    } undo[96];
    unsigned undos;
    /* running */
    struct sweep_trail *now;
    struct sweep_trail plain, faulty, again;
    const struct sweep_cause *cause;
    unsigned fail_at;      /* 0: never */
    fault_t injected;      /* what the hook returned, or what else must come */
    bool hookless;         /* run without a hook, as guests do */
    bool paging;           /* an identity map; operands and stack at the ends of pages */
    unsigned ports_before; /* port accesses of iterations that are not run again */
    bool quiet;            /* no log: the test itself writes */
    bool whole;            /* compare all of memory, not only what was written */
    unsigned mark;         /* stores of the faulty run when the exception was raised */
    struct i386_state at_fault;
    void (*at_exception)(struct sweep *w); /* called when the first exception is raised */
    struct access_hook hook;
    struct cpu_observer obs;
    /* counts */
    struct sweep_count {
        unsigned forms, states, accesses, cases, restarts, excepted[8];
    } count;
    unsigned complaints;
};

/* --- the machine (test_sweep_world.c) --- */
struct sweep *sweep_new(void);
void sweep_free(struct sweep *w);
void sweep_set_mode(struct sweep *w, const struct sweep_mode *mode);
/* The processor on which the row is tried: an 80386 for its own, else one with SSE2. */
void sweep_set_level(struct sweep *w, unsigned row);
/* Registers as the mode has them, the rest random. */
void sweep_random_state(struct sweep *w);
uint32_t sweep_random(struct sweep *w, uint32_t below); /* 0: all 32 bits */
bool sweep_chance(struct sweep *w, unsigned of);        /* one in `of` */
uint32_t sweep_get(const struct sweep *w, uint32_t at, unsigned size);
/* Until sweep_undo; also in `was`. */
void sweep_poke(struct sweep *w, uint32_t at, unsigned size, uint32_t value);
void sweep_undo(struct sweep *w);
/* Memory as it was, with the first `stores` of `trail` applied again. */
void sweep_restore(struct sweep *w, const struct sweep_trail *trail, unsigned stores);
void sweep_poke_gdt(struct sweep *w, uint16_t sel, desc_t d);
void sweep_poke_idt(struct sweep *w, unsigned vector, uint16_t sel, uint32_t off, unsigned type);
desc_t sweep_desc(const struct sweep *w, uint16_t sel);
uint16_t sweep_sel(unsigned base, unsigned ring);
uint32_t sweep_base(const struct sweep *w, enum segreg reg);
/* The stack, n-th slot of `size` bytes above the pointer. */
void sweep_poke_stack(struct sweep *w, unsigned slot, unsigned size, uint32_t value);

/* --- forms (test_sweep_form.c) --- */
/* Is the row an instruction there, and how many variants has it? 0: not legal in this mode. */
unsigned sweep_variants(const struct sweep_mode *mode, unsigned row);
bool sweep_has_operand(unsigned row, bool *mem, bool *reg);
/* Can the row have that operand size? A prefix that is part of the opcode, or makes another one of it, decides. */
bool sweep_has_size(const struct sweep_mode *mode, unsigned row, unsigned opsize);
bool sweep_repeats(unsigned row);
/* Through which vector INT1, INT3, INTO and INT n go here. */
uint8_t sweep_vector(unsigned body);
/* A random state of the form: registers, memory, code bytes. */
void sweep_prepare(struct sweep *w, const struct sweep_form *form);

/* --- running and judging (test_sweep_run.c) --- */
/* All accesses of the prepared state. fetches: those that fetch, too. Returns false when the
 * instruction ended in an exception of its own. */
bool sweep_state(struct sweep *w, bool fetches);
void sweep_run(struct sweep *w, struct sweep_trail *trail, const struct i386_state *from,
               unsigned fail_at);
/* The run from which the others may only differ by the fault; false: it ended in one of its own. */
bool sweep_plain(struct sweep *w);
unsigned sweep_plain_accesses(const struct sweep *w);
/* The instruction from `from`, a fault for that cause, and the instruction again from the start. */
void sweep_case(struct sweep *w, const struct sweep_cause *cause, const struct i386_state *from);
/* After sweep_case: the same without a hook, where accesses take shorter ways. */
void sweep_hookless(struct sweep *w, const struct sweep_cause *cause,
                    const struct i386_state *from);
/* To the end from `from`: nothing must differ from the plain run. */
void sweep_undisturbed(struct sweep *w, const struct i386_state *from);

/* --- all rows (test_sweep_rows.c) --- */
/* Each form `states` times, in modes that `mode_ok` accepts; prints a line that begins with `name`. */
void sweep_rows(const char *name, unsigned states, bool paging,
                bool (*mode_ok)(const struct sweep_mode *), void (*state)(struct sweep *w));

/* Exceptions by name. */
struct sweep_exception {
    const char *name, *why, *citation;
};
enum { SWX_REP, SWX_PUSHA, SWX_POPA, SWX_ENTER, SWX_ACCESSED, SWX_TASK, SWX_COUNT };
extern const struct sweep_exception sweep_exceptions[SWX_COUNT];

#endif
