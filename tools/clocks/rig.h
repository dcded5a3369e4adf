/* rig.h: one processor on 64 KB, made ready for one instruction in one mode, and its clocks.
 *
 *   0000  interrupt vectors of real mode      3000  the instruction
 *   0800  GDT     1000  IDT                   4000  target of far transfers
 *   1800  LDT                                 5000  memory operand    6000  string destination
 *   2000  TSS A (386) and D (286) of the      7800  EBP               8000  stack, downwards
 *         running task; B (386), V (V86),     9000  stack of ring 0 when entered from outside
 *         C (286) of others, 200h apart       A000  stack of other tasks
 *
 * All segments start at 0 and end at FFFF: an offset means the same in every mode.
 */
#ifndef RT386_TOOLS_CLOCKS_RIG_H
#define RT386_TOOLS_CLOCKS_RIG_H

#include "cpu.h"

enum rig_mode { RIG_REAL, RIG_PROT, RIG_V86, RIG_MODES };

enum {
    RIG_CODE = 0x3000,
    RIG_TARGET = 0x4000,
    RIG_DATA = 0x5000,
    RIG_STRING = 0x6000,
    RIG_FRAME = 0x7800,
    RIG_STACK = 0x8000
};

enum rig_sel {
    SEL_CODE = 0x08,
    SEL_DATA = 0x10,
    SEL_CODE3 = 0x1b,
    SEL_DATA3 = 0x23,
    SEL_A = 0x28, /* the running task */
    SEL_D = 0x30, /* a 286 task that runs */
    SEL_B = 0x38, /* other tasks: 386, V86, 286 */
    SEL_V = 0x40,
    SEL_C = 0x48,
    SEL_LDT = 0x50,
    SEL_PAGES = 0x58, /* data with G = 1 */
    SEL_GATE = 0x63,  /* call gate or task gate */
    SEL_COUNT = 0x70
};

struct rig {
    struct bus *bus;
    struct i386_cpu cpu;
    enum rig_mode mode;
    unsigned bits; /* of the code: 16 or 32 */
};

/* NULL: no memory. */
struct rig *rig_new(void);
void rig_free(struct rig *r);
/* Everything as it is described above; ring 3 only in protected mode. `iopl` of V86 mode is 3 in any case,
 * or nothing that is of interest could run. */
void rig_reset(struct rig *r, enum rig_mode mode, unsigned ring);
void rig_put(struct rig *r, uint32_t at, unsigned size, uint32_t value);
/* The selector of a data segment that can be loaded in this mode and ring; that of code, likewise. */
uint16_t rig_data(const struct rig *r);
uint16_t rig_code(const struct rig *r);
/* SEL_GATE as a call gate to SEL_CODE:RIG_TARGET, or as a task gate to `tss`. */
void rig_call_gate(struct rig *r, bool is32, unsigned parameters);
void rig_task_gate(struct rig *r, uint16_t tss);
/* The vector leads to SEL_CODE:RIG_TARGET, or to a task (0: none). Real mode needs neither. */
void rig_vector(struct rig *r, uint8_t vector, uint16_t tss);
/* The running task is the 286 one. */
void rig_in_286_task(struct rig *r);
/* The running task was called by `tss`: NT is set and the back link points there. */
void rig_called_by(struct rig *r, uint16_t tss);

/* Clocks of the instruction at RIG_CODE, with all its repetitions; -1 when it was not completed. */
int rig_run(struct rig *r);

#endif
