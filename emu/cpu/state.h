/* state.h: the architectural state of one processor, 80386 and later. Plain data without a pointer: a copy is a snapshot,
 * a comparison a verdict. Padding is always zero, so memcmp works. */
#ifndef RT386_CPU_STATE_H
#define RT386_CPU_STATE_H

#include <stdint.h>
#include <string.h>

#include "desc.h"

enum gpr { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };
enum segreg { ES, CS, SS, DS, FS, GS, SEGREG_COUNT };

/* EFLAGS [386 2.3.4, 4.1.1] */
#define FL_CF          0x00000001u
#define FL_1           0x00000002u /* always one */
#define FL_PF          0x00000004u
#define FL_AF          0x00000010u
#define FL_ZF          0x00000040u
#define FL_SF          0x00000080u
#define FL_TF          0x00000100u
#define FL_IF          0x00000200u
#define FL_DF          0x00000400u
#define FL_OF          0x00000800u
#define FL_IOPL        0x00003000u
#define FL_NT          0x00004000u
#define FL_RF          0x00010000u
#define FL_VM          0x00020000u
#define FL_AC          0x00040000u /* from the 80486 on */
#define FL_ID          0x00200000u /* from the Pentium on */
#define FL_ARITH       (FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF)
#define FL_ALL         0x00037fd7u /* bits that an 80386 has, with bit 1; later ones: level.h */
#define FL_IOPL_OF(fl) (((fl) >> 12) & 3u)

#define CR0_PE 0x00000001u
#define CR0_MP 0x00000002u
#define CR0_EM 0x00000004u
#define CR0_TS 0x00000008u
#define CR0_ET 0x00000010u
#define CR0_PG 0x80000000u
/* From the 80486 on. */
#define CR0_NE 0x00000020u
#define CR0_WP 0x00010000u
#define CR0_AM 0x00040000u
#define CR0_NW 0x20000000u
#define CR0_CD 0x40000000u

/* From the Pentium on; the last two with MMX and SSE. */
#define CR4_TSD        0x00000004u
#define CR4_DE         0x00000008u
#define CR4_PCE        0x00000100u
#define CR4_OSFXSR     0x00000200u
#define CR4_OSXMMEXCPT 0x00000400u

enum activity { ACT_RUN, ACT_HLT, ACT_SHUTDOWN };
/* What the last instruction holds off for one boundary. */
enum inhibit { INHIBIT_NONE, INHIBIT_STI, INHIBIT_SS };

/* The 80387: x87.h draws the words. */
struct i386_x87 {
    uint64_t m[8];     /* significands of the physical registers */
    uint16_t se[8];    /* their signs and exponents */
    uint32_t fip, fdp; /* last instruction, last operand */
    uint16_t fcs, fds;
    uint16_t cw, sw, tw;
    uint16_t fop; /* 11 bits */
    uint8_t pad[4];
};

/* The registers of SSE: simd.h draws them, fp.h the control word. */
struct i386_sse {
    uint64_t xmm[8][2]; /* low half first */
    uint32_t mxcsr;
    uint8_t pad[4];
};

#define PMC_COUNT 2

struct i386_state {
    uint32_t gpr[8]; /* enum gpr */
    uint32_t eip;
    uint32_t eflags;
    struct seg seg[SEGREG_COUNT];
    struct seg ldtr, tr;
    struct dtable gdtr, idtr;
    uint32_t cr0, cr2, cr3;
    uint32_t dr[8]; /* 4 and 5 unused */
    uint32_t tr6, tr7;
    uint8_t cpl;      /* current privilege level; 0 in real mode, 3 in V86 mode */
    uint8_t activity; /* enum activity */
    uint8_t inhibit;  /* enum inhibit */
    uint8_t nmi_blocked;
    uint8_t nmi_pending;
    uint8_t pad[3];
    uint32_t pending_db; /* DR6 bits of a debug trap that waits for the instruction boundary */
    uint64_t clocks;     /* virtual time: sum of Intel's counts */
    uint64_t insns;      /* instructions retired */
    struct i386_x87 x87;
    struct i386_sse sse;
    uint64_t tsc_base;       /* the time-stamp counter less `clocks` */
    uint64_t pmc[PMC_COUNT]; /* performance counters: what was written */
    uint32_t evtsel[PMC_COUNT];
    uint32_t cr4;
    uint8_t pad_end[4];
};

_Static_assert(sizeof(struct i386_state) == 608, "no padding that the compiler chooses");

/* State after RESET [386 10.1], with DX holding component and stepping of a 386DX (0x0308). */
void state_reset(struct i386_state *s);

static inline bool state_protected(const struct i386_state *s)
{
    return s->cr0 & CR0_PE;
}
static inline bool state_v86(const struct i386_state *s)
{
    return s->eflags & FL_VM;
}
/* Protected mode with VM = 0: descriptors are looked up. */
static inline bool state_descriptors(const struct i386_state *s)
{
    return state_protected(s) && !state_v86(s);
}

enum field_group { GENERAL, SEGMENT, HIDDEN, CONTROL, DEBUG, TEST, INTERNAL, X87, SSE, MODEL };
struct state_field {
    const char *name;
    uint16_t offset;
    uint8_t bytes;
    uint8_t bits;
    uint8_t group;
};
/* The fields of state.def in order. */
const struct state_field *state_fields(unsigned *count);
/* By name ("eax", "cs_base"); NULL: no such field. Case matters. */
const struct state_field *state_field_named(const char *name);
/* The host's byte order is the state's: values are copied by their own type's size. */
static inline uint64_t state_get(const struct i386_state *s, const struct state_field *field)
{
    const char *at = (const char *)s + field->offset;
    uint64_t v64;
    uint32_t v32;
    uint16_t v16;
    switch (field->bytes) {
    case 1: return *(const uint8_t *)at;
    case 2: memcpy(&v16, at, 2); return v16;
    case 4: memcpy(&v32, at, 4); return v32;
    default: memcpy(&v64, at, 8); return v64;
    }
}
void state_set(struct i386_state *s, const struct state_field *field, uint64_t value);

#endif
