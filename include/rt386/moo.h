/* moo.h: single-step test vectors: reading, writing and running them.
 *
 *   FILE.MOO, FILE.MOO.gz, FILE.json -> rt386_moo_open -> rt386_moo_test_at -> rt386_moo_run
 *                                                      -> rt386_moo_write_json, rt386_moo_bytes
 *
 * A vector is a processor's state before and after one instruction, taken from hardware. Whatever
 * the file's form, its tests are seen in one shape: the 32-bit register list. A file is checked as a
 * whole when it is opened; afterwards reading cannot fail. docs/moo.md describes the format.
 */
#ifndef RT386_MOO_H
#define RT386_MOO_H

#include <rt386/rt386.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In the order of the bits of a 32-bit register list. */
typedef enum rt386_moo_reg {
    RT386_MOO_CR0,
    RT386_MOO_CR3,
    RT386_MOO_EAX,
    RT386_MOO_EBX,
    RT386_MOO_ECX,
    RT386_MOO_EDX,
    RT386_MOO_ESI,
    RT386_MOO_EDI,
    RT386_MOO_EBP,
    RT386_MOO_ESP,
    RT386_MOO_CS,
    RT386_MOO_DS,
    RT386_MOO_ES,
    RT386_MOO_FS,
    RT386_MOO_GS,
    RT386_MOO_SS,
    RT386_MOO_EIP,
    RT386_MOO_EFLAGS,
    RT386_MOO_DR6,
    RT386_MOO_DR7,
    RT386_MOO_REGS
} rt386_moo_reg;
/* wide: "eax"; else "ax", or NULL where 16-bit lists have no such register. */
RT386_API const char *rt386_moo_reg_name(unsigned reg, bool wide);

typedef struct rt386_moo_regs {
    uint32_t have; /* bit n: value[n] is given */
    bool shutdown; /* the processor shut down */
    uint32_t value[RT386_MOO_REGS];
} rt386_moo_regs;

/* Registers with a hidden part, in the order of the bits of a DC32 chunk. */
typedef enum rt386_moo_desc {
    RT386_MOO_DESC_CS,
    RT386_MOO_DESC_DS,
    RT386_MOO_DESC_ES,
    RT386_MOO_DESC_FS,
    RT386_MOO_DESC_GS,
    RT386_MOO_DESC_SS,
    RT386_MOO_DESC_LDTR,
    RT386_MOO_DESC_TR,
    RT386_MOO_DESC_GDTR,
    RT386_MOO_DESC_IDTR,
    RT386_MOO_DESCS
} rt386_moo_desc;
/* "cs" ... "idtr"; NULL past the end. */
RT386_API const char *rt386_moo_desc_name(unsigned desc);

typedef struct rt386_moo_hidden {
    uint16_t selector; /* of GDTR and IDTR: 0 */
    bool usable;       /* false: a null selector was loaded */
    uint8_t access;    /* access byte of the descriptor */
    uint8_t flags;     /* bits 55..52 of the descriptor: AVL 1, D/B 4, G 8 */
    uint32_t base;
    uint32_t
        limit; /* the last byte's offset, G applied; of an expand-down segment, the last that is not valid */
} rt386_moo_hidden;
typedef struct rt386_moo_descs {
    uint32_t have; /* bit n: at[n] is given */
    rt386_moo_hidden at[RT386_MOO_DESCS];
} rt386_moo_descs;

typedef struct rt386_moo_list { /* n packed entries; points into the file */
    const uint8_t *p;
    uint32_t n;
} rt386_moo_list;

typedef struct rt386_moo_ea { /* effective address of the operand */
    uint8_t seg;              /* 0 CS 1 SS 2 DS 3 ES 4 FS 5 GS */
    uint16_t selector;
    uint32_t base, limit, offset, linear, physical;
} rt386_moo_ea;

typedef struct rt386_moo_state {
    rt386_moo_regs regs;
    rt386_moo_regs mask;     /* AND-masks of what is defined */
    rt386_moo_list ram;      /* 5 bytes each: address, value */
    rt386_moo_list ram_mask; /* 5 bytes each: address, AND-mask of what is defined there */
    rt386_moo_descs descs;   /* fina: what is known to have changed */
    rt386_moo_list queue;
    bool has_queue, has_ea;
    rt386_moo_ea ea;
} rt386_moo_state;

/* What ends a test. */
typedef enum rt386_moo_stop {
    RT386_MOO_STOP_HLT, /* a HLT, behind the instruction or in a handler */
    RT386_MOO_STOP_EVENT, /* the first exception or interrupt, which is not delivered: the state after is what would be
                             saved */
    RT386_MOO_STOP_INSTRUCTION, /* one instruction with all its iterations, or an exception, likewise */
    RT386_MOO_STOPS
} rt386_moo_stop;

typedef struct rt386_moo_test {
    uint32_t index;
    rt386_moo_list name;        /* text without a zero at its end */
    rt386_moo_list bytes;       /* the instruction, with the HLT that ends it */
    rt386_moo_state init, fina; /* fina: what changed only */
    rt386_moo_list cycles;      /* 15 bytes each */
    bool has_exception, has_hash;
    uint8_t vector;
    uint32_t flags_at; /* physical address of the pushed flags; 0 when it was not delivered */
    uint8_t stop;      /* rt386_moo_stop; one that is not known here is not run */
    bool has_error, has_cr2;
    uint32_t error, cr2; /* of the exception */
    uint8_t hash[20];
} rt386_moo_test;

typedef struct rt386_moo_info {
    uint8_t major, minor;
    char cpu[5]; /* "386E", "C286" ...: blanks at the end are off */
    bool wide;   /* 32-bit register lists */
    bool has_meta;
    uint8_t set_major, set_minor, cpu_type, mode,
        extension;   /* mode: 0 real 1 protected 2 V86 3 unreal */
    uint32_t opcode; /* 0xffffffff: several */
    char mnemonic[9];
    uint64_t seed;
    uint32_t tests;
    rt386_moo_regs mask; /* for all tests */
    rt386_moo_list
        ram; /* as in a state: what memory holds before each test, below the test's own list */
} rt386_moo_info;

typedef struct rt386_moo rt386_moo;
/* By content: MOO, SingleStepTests JSON, either of them under gzip. At most 256 MB unpacked. err: one
 * sentence on failure. */
RT386_API rt386_status rt386_moo_open(const char *path, rt386_moo **moo, char *err,
                                      size_t err_size);
RT386_API rt386_status rt386_moo_open_bytes(const void *bytes, size_t n, rt386_moo **moo, char *err,
                                            size_t err_size);
RT386_API void rt386_moo_close(rt386_moo *moo);
RT386_API const rt386_moo_info *rt386_moo_describe(const rt386_moo *moo);
RT386_API bool rt386_moo_test_at(const rt386_moo *moo, uint32_t position, rt386_moo_test *test);
/* The whole file as MOO, unpacked. */
RT386_API const uint8_t *rt386_moo_bytes(const rt386_moo *moo, size_t *n);

/* Both give the text piece by piece; put answers false to stop. */
typedef bool (*rt386_moo_put)(void *ctx, const char *bytes, size_t n);
RT386_API rt386_status rt386_moo_write_json(const rt386_moo *moo, rt386_moo_put put, void *ctx);
RT386_API rt386_status rt386_moo_write_gzip(const rt386_moo *moo, rt386_moo_put put, void *ctx);

/* ---- making files ----------------------------------------------------------------------------- */

typedef struct rt386_moo_writer rt386_moo_writer;
RT386_API rt386_status rt386_moo_writer_new(const rt386_moo_info *info, rt386_moo_writer **writer);
/* test->index is replaced by the position. */
RT386_API rt386_status rt386_moo_writer_add(rt386_moo_writer *writer, const rt386_moo_test *test);
/* The finished file, owned by the writer. */
RT386_API rt386_status rt386_moo_writer_finish(rt386_moo_writer *writer, const uint8_t **bytes,
                                               size_t *n);
RT386_API void rt386_moo_writer_free(rt386_moo_writer *writer);

/* ---- running ------------------------------------------------------------------------------------ */

typedef enum rt386_moo_verdict {
    RT386_MOO_PASS,
    RT386_MOO_MASKED, /* only bits that the file or the manual leaves undefined differ */
    RT386_MOO_NAMED,  /* a known difference between the file's processor and the 80386 */
    RT386_MOO_FAIL,
    RT386_MOO_VERDICTS
} rt386_moo_verdict;

typedef enum rt386_moo_where {
    RT386_MOO_IN_REG,
    RT386_MOO_IN_RAM,
    RT386_MOO_IN_END,
    RT386_MOO_IN_DESC, /* a hidden part */
    RT386_MOO_IN_EVENT /* the exception: 0 its vector (-1: none), 1 error code, 2 CR2 */
} rt386_moo_where;
typedef struct rt386_moo_diff {
    rt386_moo_where where;
    uint32_t
        at; /* register number, address, 4 * rt386_moo_desc + field (0 base 1 limit 2 access 3 usable) */
    bool stray; /* RAM: written, though the vector does not say so */
    uint32_t initial, expected, actual;
    uint32_t mask; /* bits that count */
} rt386_moo_diff;

#define RT386_MOO_DIFFS 24u
typedef struct rt386_moo_result {
    rt386_moo_verdict verdict;
    unsigned difference; /* NAMED: index for rt386_moo_difference */
    unsigned diffs;      /* may be more than there is room for */
    rt386_moo_diff diff[RT386_MOO_DIFFS];
    char end[160]; /* how the run ended */
} rt386_moo_result;

typedef struct rt386_moo_difference_info {
    const char *name;     /* "LOCK_UD": stable */
    const char *sentence; /* what differs, in words */
} rt386_moo_difference_info;
RT386_API unsigned rt386_moo_difference_count(void);
RT386_API rt386_moo_difference_info rt386_moo_difference(unsigned index);

typedef struct rt386_moo_runner rt386_moo_runner;
/* strict: bits that only the manual leaves undefined count as well. */
RT386_API rt386_status rt386_moo_runner_new(bool strict, rt386_moo_runner **runner);
RT386_API void rt386_moo_runner_free(rt386_moo_runner *runner);
/* RT386_UNDEFINED_CHIP unless told. */
RT386_API rt386_status rt386_moo_runner_undefined(rt386_moo_runner *runner,
                                                  rt386_undefined undefined);
/* RT386_E_STATE: this kind of vector (V86 or unreal mode, protected mode without all six hidden parts, processor, over
 * 4096 bytes of memory listed by a test or 8192 by the file) cannot be run here; RT386_E_RANGE: it lists memory beyond 16 MB. */
RT386_API rt386_status rt386_moo_run(rt386_moo_runner *runner, const rt386_moo *moo,
                                     uint32_t position, rt386_moo_result *result);
/* Runs a vector from its beginning, whatever its end says, and adds it to `writer` with the end that it has here; without
 * hash and bus cycles. Masks stay. Status: as rt386_moo_run, and RT386_E_RANGE when over 4096 bytes of memory changed. */
RT386_API rt386_status rt386_moo_again(rt386_moo_runner *runner, const rt386_moo *moo,
                                       uint32_t position, rt386_moo_writer *writer);

#ifdef __cplusplus
}
#endif

#endif
