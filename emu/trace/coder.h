/* coder.h: what writer and reader of records both keep, so that what follows from it need not be stored.
 *
 *   a chunk of records = u32 length of each of the streams | streams
 *
 *   OPS    a byte for each item: 0xxxxxxx an instruction, its bits say what is not as expected
 *                                1xxxxxxx another item, its number in the low bits; the rest of it in MISC
 *   CODE   bytes of instructions     NEXT   EIP behind them      REGS, MODL  registers and models
 *   FLAG   EFLAGS                    MEMS   memory accesses      CLKS        clocks
 *
 * At the start of a chunk nothing is expected; MISC begins with virtual time and the values of all fields, so each chunk
 * stands by itself.
 *
 * Invariant: encode.c and decode.c change this state in the same way, item by item.
 */
#ifndef RT386_TRACE_CODER_H
#define RT386_TRACE_CODER_H

#include <rt386/trace.h>

#include "buffer.h"
#include "model.h"
#include "plain.h"

#define CODER_FIELDS 512u /* at most */
#define CODER_GIVEN  10u  /* the first fields: the general registers, EIP, EFLAGS */

/* An instruction's byte in OPS: what follows in the streams, in this order. */
enum {
    OP_CODE = 1,   /* it is not the one that was there: its length and bytes */
    OP_MASK = 2,   /* other registers than last time change: a bit for each */
    OP_REGS = 4,   /* some have values that their models do not give */
    OP_FLAGS = 8,  /* EFLAGS differ from what their rule gives */
    OP_MEMS = 16,  /* likewise memory accesses */
    OP_NEXT = 32,  /* another EIP behind it */
    OP_CLOCKS = 64 /* other clocks than last time */
};
#define OP_ITEM 0x80u
enum {                  /* with OP_ITEM */
       ITEM_PAGE = 0,   /* linear page, physical page */
       ITEM_CLOCKS = 1, /* virtual time went on without an instruction */
       ITEM_MEM,
       ITEM_FIELD,
       ITEM_LOAD,
       ITEM_TABLE,
       ITEM_EVENT,
       ITEM_IO,
       ITEM_TASK,
       ITEM_CALL,
       ITEM_PROCESS,
       ITEM_COUNT
};

enum stream { S_OPS, S_CODE, S_NEXT, S_REGS, S_MODL, S_FLAG, S_MEMS, S_CLKS, S_MISC, STREAMS };

#define FLAGS_FULL 0x80u /* in FLAG: another difference than in C P A Z S O follows */
#define FLAGS_RULE 0x40u /* and the rule from now on */

struct access_slot {
    uint8_t shape; /* seg | access << 3 | size << 4 */
    struct model offset, value;
    uint32_t last; /* offset */
};
struct code_entry {
    uint32_t linear;
    struct plain_code code; /* length 0: empty */
    uint8_t mask, accesses;
    bool sure; /* for the writer: it does what its bytes say (sure.h), and is modelled so */
    struct flag_model rule;
    uint32_t next, flags, clocks;
    uint64_t identity;  /* of the bytes, 0: not known; for the writer */
    uint64_t keep[4];   /* ones where `mask` leaves the general registers alone: for the writer */
    uint32_t result[8]; /* what it left in each register */
    struct model reg[8];
    struct access_slot slot[RT386_TRACE_ACCESSES];
};
#define CODE_ENTRIES 4096u
#define PAGE_ENTRIES 1024u
#define NO_PAGE      UINT32_MAX
struct page_entry {
    uint32_t linear, physical; /* numbers of pages; linear: NO_PAGE, it is not known yet */
};

struct coder {
    bool rule_first; /* a new rule for EFLAGS counts at once: from version 2 on */
    rt386_trace_regs regs;
    uint64_t insns, clocks;
    uint64_t field[CODER_FIELDS]; /* from CODER_GIVEN on */
    unsigned fields;
    unsigned seg_base[6], seg_sel[6], cs_flags; /* numbers of fields */
    struct code_entry code[CODE_ENTRIES];
    struct page_entry page[PAGE_ENTRIES];
};

/* Names of all fields, in their order. False: they lack some that are needed. */
bool coder_names(struct coder *c, const char *const *name, unsigned count);
void coder_clear(struct coder *c); /* a new chunk: the fields stay */
uint64_t coder_field(const struct coder *c, unsigned index);
void coder_set_field(struct coder *c, unsigned index, uint64_t value);

static inline struct code_entry *coder_entry(struct coder *c, uint32_t linear)
{
    return &c->code[(linear ^ linear >> 12) % CODE_ENTRIES];
}
static inline struct page_entry *coder_page(struct coder *c, uint32_t linear)
{
    return &c->page[(linear >> 12) % PAGE_ENTRIES];
}
/* May one instruction make both of them? Not when they are in pages of one place in the table. */
static inline bool coder_clash(const rt386_trace_access *a, const rt386_trace_access *b)
{
    uint32_t linear = (a->linear ^ b->linear) >> 12, physical = (a->physical ^ b->physical) >> 12;
    return linear % PAGE_ENTRIES == 0 && (linear | physical);
}
/* Is there room for one more access of this instruction? If not, those before come as items of their own. */
static inline bool coder_fits(const rt386_trace_insn *in, const rt386_trace_access *next)
{
    if (in->accesses == RT386_TRACE_ACCESSES) return false;
    for (unsigned i = 0; i < in->accesses; i++)
        if (coder_clash(&in->access[i], next)) return false;
    return true;
}
static inline uint32_t coder_cs_base(const struct coder *c)
{
    return (uint32_t)c->field[c->seg_base[RT386_CS]];
}
static inline void coder_inputs(const struct coder *c, const rt386_trace_insn *in,
                                uint32_t x[X_COUNT])
{
    memcpy(x, c->regs.gpr, sizeof c->regs.gpr);
    x[X_READ] = 0;
    x[X_NEXT] = c->regs.eip + in->length;
    x[X_FLAGS] = c->regs.eflags;
    x[X_LAST] = 0;
}

#define CODER_ARITH FLAGS_ARITH
/* C P A Z S O as six bits, and back. */
static inline uint8_t flags_pack(uint32_t f)
{
    return (uint8_t)((f & 1) | (f >> 1 & 2) | (f >> 2 & 4) | (f >> 3 & 0x18) | (f >> 6 & 0x20));
}
static inline uint32_t flags_unpack(uint8_t p)
{
    return (p & 1u) | (p & 2u) << 1 | (p & 4u) << 2 | (p & 0x18u) << 3 | (p & 0x20u) << 6;
}
/* The value that FLAGS_RESULT means; what the instruction has changed is in `in`. */
static inline uint32_t coder_result(const rt386_trace_insn *in, uint8_t mask)
{
    if (mask) return in->after.gpr[__builtin_ctz(mask)];
    return in->accesses ? in->access[in->accesses - 1].value : 0;
}
static inline uint32_t coder_flags(const struct code_entry *e, const struct flag_model *rule,
                                   const uint32_t x[X_COUNT], uint32_t result)
{
    if (rule->rule >= FLAGS_ADD) return flags_value(rule, x);
    if (rule->rule == FLAGS_SAME) return x[X_FLAGS];
    if (rule->rule == FLAGS_LAST) return e->flags;
    return (e->flags & ~0xc4u) | flags_of(result);
}

/* A value that does not fit the model: how the new model is stored. */
void model_put(struct buffer *to, const struct model *m);
bool model_get(struct source *from, struct model *m); /* false: damaged */
void rule_put(struct buffer *to, const struct flag_model *m);
bool rule_get(struct source *from, struct flag_model *m);

#endif
