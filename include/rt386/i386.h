/* i386.h: what the processor is made of, as plain data: faults, segment registers with their hidden
 * parts, descriptors, page walks, explanations. Part of rt386.h; no functions. */
#ifndef RT386_I386_H
#define RT386_I386_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rt386_fault {
    bool raised;    /* false: no fault, the rest is zero */
    uint8_t vector; /* 0..31 */
    bool has_error;
    bool has_cr2;
    uint32_t error; /* error code as pushed (selector error codes hold no RPL) */
    uint32_t cr2;   /* linear address, page faults only */
    uint16_t rule;  /* id of the rule that refused; see rt386_rule */
    uint32_t eip;   /* offset of the instruction */
    uint16_t cs;
    uint32_t detail;
} rt386_fault;

typedef struct rt386_rule_info {
    const char *name;     /* "SEGM_LIMIT_UP": stable */
    const char *section;  /* "386 6.3.2" */
    const char *sentence; /* what must hold, in words */
} rt386_rule_info;

typedef enum rt386_segreg {
    RT386_ES,
    RT386_CS,
    RT386_SS,
    RT386_DS,
    RT386_FS,
    RT386_GS,
    RT386_LDTR,
    RT386_TR
} rt386_segreg;
typedef struct rt386_seg {
    uint16_t selector;
    bool usable;
    uint32_t base, limit, lo, hi;
    uint8_t access, flags;
} rt386_seg;

typedef enum rt386_desc_kind {
    RT386_DESC_EMPTY, /* all zero */
    RT386_DESC_DATA,
    RT386_DESC_CODE,
    RT386_DESC_LDT,
    RT386_DESC_TSS16,
    RT386_DESC_TSS32,
    RT386_DESC_CALL16,
    RT386_DESC_CALL32,
    RT386_DESC_TASK_GATE,
    RT386_DESC_INT16,
    RT386_DESC_INT32,
    RT386_DESC_TRAP16,
    RT386_DESC_TRAP32,
    RT386_DESC_RESERVED
} rt386_desc_kind;
typedef struct rt386_desc {
    uint8_t bytes[8]; /* in memory order */
    rt386_desc_kind kind;
    bool present, accessed, busy, writable, readable, expand_down, conforming, big, granular, avl;
    uint8_t dpl, type;
    uint32_t base, limit_field, limit; /* limit in bytes; segments and system segments */
    uint32_t first, last;              /* valid offsets; last < first: none */
    uint16_t selector;                 /* gates */
    uint32_t offset;
    uint8_t count;
    char text[96]; /* "data, writable, expand-up, 32-bit, DPL 3, bytes 0x1000..0x1fff" */
} rt386_desc;

typedef struct rt386_walk {
    bool paging, mapped;
    uint32_t linear, phys;
    uint32_t pde_at, pde, pte_at, pte;
    bool pte_valid, user, writable;
} rt386_walk;

/* The checks behind the first that fails are not made; an explanation lists them all the same. */
typedef enum rt386_check_state {
    RT386_CHECK_PASSED,
    RT386_CHECK_FAILED, /* at most one */
    RT386_CHECK_NOT_REACHED
} rt386_check_state;
typedef struct rt386_check {
    uint16_t rule;
    bool passed; /* state == RT386_CHECK_PASSED */
    rt386_check_state state;
    /* What was compared; not reached: what would have been, zeros where there is no descriptor or entry to
     * look at. PAGE_...: the entry, and the bit that must be set. */
    uint32_t have, want;
    uint32_t where; /* PAGE_...: physical address of the entry; else 0 */
} rt386_check;
#define RT386_CHECKS_MAX 32
typedef struct rt386_explanation {
    const char *purpose; /* "load of a data segment register" */
    uint16_t selector;
    uint8_t cpl;
    bool located;           /* descriptor found inside its table */
    uint32_t descriptor_at; /* linear */
    rt386_desc desc;
    rt386_fault fault;
    unsigned count;
    rt386_check checks[RT386_CHECKS_MAX]; /* in the order made, then those that were not reached */
} rt386_explanation;

typedef enum rt386_access { RT386_READ, RT386_WRITE, RT386_FETCH } rt386_access;

#endif
