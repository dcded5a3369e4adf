/* flat.h: a processor with flat segments on 576 KB of RAM, and instruction tests as lines of text.
 *
 *   00500  GDT       01000  code          0F000  stack, downwards
 *   00700  LDT       02000  data          08000  more data (string destinations)
 *   00800  TSS       04000  jump targets               70000  page tables of flat_paging
 *
 * The IDT is empty: every fault ends in a shutdown, with the first fault in cpu.chain[0] and the rest of
 * the state as the instruction left it.
 */
#ifndef RT386_TESTS_CPU_FLAT_H
#define RT386_TESTS_CPU_FLAT_H

#include "exec.h"

#define FLAT_RAM   0x90000u
#define FLAT_CODE  0x1000u
#define FLAT_DATA  0x2000u
#define FLAT_STACK 0xf000u
#define FLAT_PT    0x71000u

enum {
    FLAT_CODE32 = 0x08,
    FLAT_DATA32 = 0x10,
    FLAT_CODE16 = 0x18,
    FLAT_DATA16 = 0x20, /* B = 0 */
    FLAT_LDT = 0x28,
    FLAT_TSS = 0x30,
    FLAT_RO = 0x38,      /* read-only data */
    FLAT_SMALL = 0x40,   /* 0..FFF, base 2000 */
    FLAT_CODE_R3 = 0x48, /* DPL 3 */
    FLAT_DATA_R3 = 0x50
};

struct flat {
    struct bus *bus;
    struct i386_cpu cpu;
    /* Of the next reset; 0: 80386. Later ones have their coprocessor and SSE on. */
    enum cpu_level level;
    uint32_t port_value; /* last OUT, and what IN reads */
    uint16_t port;
    /* Cases run in "documented only": encodings that are not are #UD, open flags stay. */
    bool documented;
};

struct flat *flat_new(void);
void flat_free(struct flat *f);
/* Protected mode, CPL 0, all registers with values of their own; code of 16 or 32 bits. */
void flat_reset(struct flat *f, unsigned bits);
/* A new one, reset for 32-bit code, with these bytes at CS:EIP. */
struct flat *flat_with_code(const char *bytes, size_t n);
/* Real mode, CS = 0, segments at 0. */
void flat_real(struct flat *f);
/* V86 mode, segments 0. */
void flat_v86(struct flat *f, unsigned iopl);
void flat_ring3(struct flat *f, unsigned iopl);
/* Paging on, addresses as they are, everything allowed; the entries of RAM begin at FLAT_PT. */
void flat_paging(struct flat *f);
uint32_t flat_get(const struct flat *f, uint32_t at, unsigned size);
void flat_put(struct flat *f, uint32_t at, unsigned size, uint32_t value);

/* One line of a table.
 *
 * code  hex bytes; M<digit> stands for ModR/M (and displacement) of [2000] with that reg field; i<hex>
 *       for an immediate of the operand size; d<hex> for a jump displacement of the operand size
 * in    "eax=1 cf=1 d2000=12345678": fields of state.def, flags, memory as b, w, d and an address
 * out   what differs afterwards; everything else must stay (EIP: the next instruction). "flags=CZ":
 *       exactly these of CPAZSO are set. "clk=7". "jump=10": EIP that far behind the instruction.
 *       "push=0", "pushcs=0": the return address was pushed, with CS. "rule=INSN_LOCK" "vec=6": the fault
 */
struct flat_case {
    const char *code, *in, *out;
    const char *out16; /* with 16-bit operands; NULL: the same */
};
enum flat_mode { FLAT_P32, FLAT_P16, FLAT_REAL, FLAT_V86, FLAT_R3 };
/* Runs a case with a code segment of `bits` and, prefix: the other operand size. `row` gets the index of
 * the row that was executed. Complains through Criterion. */
void flat_run(struct flat *f, const struct flat_case *c, enum flat_mode mode, bool prefix,
              unsigned *row, unsigned *opsize);

#endif
