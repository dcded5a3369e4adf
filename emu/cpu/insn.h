/* insn.h: a decoded instruction, and the rows of i386.def.
 *
 * Decoding is a pure function of bytes and mode. The order of bytes [386 17.2]:
 *
 *   prefixes | opcode (1, or 0F + 1) | ModR/M | SIB | displacement | immediate(s)
 */
#ifndef RT386_CPU_INSN_H
#define RT386_CPU_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSN_MAX 15 /* longer: #GP(0) */

/* Generations, as the level column of i386.def and the configuration name them. Each has all of the one before
 * it, but for rows that end. */
enum cpu_level {
    LEVEL_386 = 3,
    LEVEL_486,
    LEVEL_PENTIUM,
    LEVEL_P6,  /* with MMX and FXSAVE: Pentium II */
    LEVEL_SSE, /* rows only: no processor of its own here */
    LEVEL_SSE2,
    LEVEL_LAST = LEVEL_SSE2
};

struct insn {
    uint16_t row; /* index in i386_rows; 0 = undefined encoding */
    uint8_t len;
    uint8_t opsize; /* 2 or 4: the operand-size attribute */
    uint8_t adsize; /* 2 or 4 */
    uint8_t seg;    /* enum segreg of the memory operand: override or default */
    uint8_t rep;    /* 0, 0xF2 or 0xF3 (the last one wins) */
    uint8_t lock;
    uint8_t has_modrm;
    uint8_t mod, reg, rm; /* fields of ModR/M; reg also for +r opcodes (low 3 bits) */
    uint8_t base, index;  /* register number; 0xFF: none */
    uint8_t scale;        /* 0..3 */
    uint8_t override;     /* a segment prefix was given */
    uint8_t scaled_base;  /* SIB without index: `index` is the base (UNDOC) */
    uint8_t p66;          /* an operand-size prefix was given */
    uint8_t components;   /* the manual's count for m: a displacement or an immediate is one */
    uint16_t opcode;      /* 0x00..0xFF, or 0x0F00 | second byte */
    uint32_t disp;        /* sign-extended; offset of Ob/Ov; zero when absent */
    uint32_t imm, imm2;   /* first and second immediate, sign-extended where the row says so */
};

static inline bool insn_is_mem(const struct insn *in)
{
    return in->has_modrm && in->mod != 3;
}

enum decode_status {
    DECODE_OK,
    DECODE_MORE,    /* the bytes end before the instruction does */
    DECODE_TOO_LONG /* more than 15 bytes */
};
/* Undefined encodings decode to DECODE_OK with row 0 and the length up to and including the byte
 * that decided. code32: D bit of CS. */
enum decode_status decode_at(enum cpu_level level, const uint8_t *bytes, size_t n, bool code32,
                             struct insn *out);
/* On an 80386. */
static inline enum decode_status decode(const uint8_t *bytes, size_t n, bool code32,
                                        struct insn *out)
{
    return decode_at(LEVEL_386, bytes, n, code32, out);
}

/* Operand kinds, in the letters of the manual's opcode map [386 appendix A]. */
/* clang-format off */
enum operand {
    O_NONE,
    O_Eb, O_Ew, O_Ed, O_Ev, /* ModR/M register or memory */
    O_Gb, O_Gw, O_Gd, O_Gv, /* reg field */
    O_M, O_Ma, O_Mp, O_Ms,  /* memory only: address, bounds pair, far pointer, 6-byte table */
    O_Mi16, O_Mi32, O_Mi64, O_Mf32, O_Mf64, O_Mf80, O_Mbcd, /* memory only: numbers of the 387 */
    O_STi,                  /* 387 register in the rm field */
    O_Rd,                   /* rm field as a register, mod ignored (MOV CR/DR/TR) */
    O_Cd, O_Dd, O_Td,       /* control, debug, test register */
    O_Pq,                   /* MMX register in the reg field */
    O_Qq, O_Qd, O_Nq,       /* MMX register in the rm field, or 8 or 4 bytes of memory; register only */
    O_Vx,                   /* XMM register in the reg field */
    O_Wx, O_Wu, O_Wq, O_Wd, /* XMM register in the rm field, or memory: 16 bytes, aligned or not, 8, 4 */
    O_Ux,                   /* XMM register in the rm field */
    O_Mx, O_Mq, O_Md,       /* memory only: 16 aligned bytes, 8, 4 */
    O_Sw,                   /* segment register in the reg field */
    O_Ib, O_Ibs, O_Iw, O_Iv, /* immediates; Ibs is sign-extended to the operand size */
    O_Jb, O_Jv,             /* relative */
    O_Ap,                   /* direct far pointer */
    O_Ob, O_Ov,             /* memory at a displacement without ModR/M */
    O_Xb, O_Xv, O_Yb, O_Yv, /* string source DS:[eSI], destination ES:[eDI] */
    O_Zb, O_Zv,             /* register in the low opcode bits */
    O_AL, O_AX, O_eAX, O_CL, O_DX, O_1, O_3,
    O_ES, O_CS, O_SS, O_DS, O_FS, O_GS,
    O_Fv,                   /* flags */
    O_ST0                   /* top of the 387's stack */
};
/* clang-format on */

/* Checks a row asks for, made in this order before operands are touched. */
enum row_check {
    CHK_NOLOCKREG = 1 << 0, /* LOCK legal, but only with a memory destination */
    CHK_LOCK = 1 << 1,      /* LOCK legal */
    CHK_MEM = 1 << 2,       /* a register operand is #UD */
    CHK_PROT = 1 << 3,      /* #UD in real and V86 mode */
    CHK_CPL0 = 1 << 4,      /* #GP(0) unless CPL 0 */
    CHK_IOPL = 1 << 5,      /* #GP(0) if CPL > IOPL (CLI, STI) */
    CHK_V86IOPL = 1 << 6, /* in V86 mode: #GP(0) if IOPL < 3 (PUSHF, POPF; INT n and IRET see to it
                             themselves) */
    CHK_FPU = 1 << 7,     /* #NM by EM/TS */
    CHK_WAIT = 1 << 8,    /* #NM by MP and TS */
    CHK_REG = 1 << 9,     /* a memory operand is #UD */
    CHK_MMX = 1 << 10,    /* #UD by EM, #NM by TS, #MF if an error of the coprocessor is up */
    CHK_SSE = 1 << 11     /* #UD by EM or without CR4.OSFXSR, #NM by TS */
};
enum row_attr {
    ATT_END = 1 << 0,    /* ends a trace: control flow, mode changes */
    ATT_PLUSR = 1 << 1,  /* eight opcodes: low three bits are a register */
    ATT_BYTE = 1 << 2,   /* operand size is one byte */
    ATT_STRING = 1 << 3, /* REP prefixes repeat it */
    ATT_REPZ = 1 << 4,   /* REPE/REPNE also test ZF */
    ATT_UNDOC = 1 << 5,  /* not in the manual; see the ADR */
    ATT_NP = 1 << 6,     /* 66, F2 and F3 before it choose another row, or none */
    ATT_PAIR = 1 << 7    /* the memory form; the next row is the register form */
};

/* Clocks that are not two plain numbers are named here and worked out in clocks.c. */
enum clock_rule {
    CLKR_NONE,
    CLKR_M,        /* + m, the components of the instruction at the target */
    CLKR_TAKEN,    /* a branch: the count is "not taken"; taken costs 4 + m more */
    CLKR_LOOP,     /* + m when taken */
    CLKR_IO,       /* protected mode: 20 more when CPL > IOPL or in V86 mode */
    CLKR_MULTIPLY, /* + up to 5, 13 or 29 by the early-out of the multiplier */
    CLKR_SIZE,     /* + 16 for 32-bit operands */
    CLKR_SCAN,     /* + 3 for each bit passed over */
    CLKR_REPEAT,   /* under REP: a count for each iteration, and one for the set-up */
    CLKR_ENTER,    /* by nesting level */
    CLKR_INTO,     /* 3; taken: as an interrupt */
    CLKR_FAR,      /* + m; gates and task switches cost more */
    CLKR_CONTROL   /* by the number of the control or debug register */
};
struct row_clocks {
    uint16_t reg, mem;          /* register and memory form, real mode and default */
    uint8_t prot_reg, prot_mem; /* protected mode; 0 = same as above */
    uint8_t rule;               /* enum clock_rule, 0 = none */
};

struct i386_row {
    const char *mnemonic; /* Intel's, upper case */
    uint16_t opcode;
    uint8_t prefix; /* 66, F2 or F3 when it is part of the opcode; else 0 */
    int8_t ext;     /* /0../7 in ModR/M.reg, or -1 */
    uint8_t op[3];  /* enum operand */
    uint16_t body;  /* enum body */
    uint32_t flags_written;
    uint32_t flags_undefined;
    uint16_t checks; /* enum row_check */
    uint16_t attrs;  /* enum row_attr */
    uint8_t level;   /* enum cpu_level: introduced it; personality trap: 3 */
    uint8_t last;    /* enum cpu_level: the last one that has it */
    struct row_clocks clocks;
    const char *section; /* manual tag: "386 17 ADD" */
};
extern const struct i386_row i386_rows[];
extern const unsigned i386_row_count;
/* A transfer that leaves CS alone. */
bool row_near(const struct i386_row *row);
/* Instructions of the row change general registers, EIP, EFLAGS and memory, and nothing else. */
bool row_plain(unsigned index);

/* The personality trap: 0F 3F ib. No 80386 defines it; see docs/adr. */
#define TRAP_OPCODE 0x0f3f

#endif
