/* encode.h: items into a chunk of records. */
#ifndef RT386_TRACE_ENCODE_H
#define RT386_TRACE_ENCODE_H

#include "coder.h"
#include "sure.h"

#define ENCODE_FULL (512u << 10) /* bytes of a chunk's streams after which a new one is begun */
#define ENCODE_MOST (8u << 20)   /* after which one is begun whatever came last */

struct tries { /* of an entry's models */
    struct model_try reg[8];
    struct model_try offset[RT386_TRACE_ACCESSES], value[RT386_TRACE_ACCESSES];
};
/* Bytes that have a number; no two have the same identity. */
struct plain_told {
    struct plain_code code;
    struct sure sure;
    uint64_t identity;
};
struct encoder {
    struct coder c;
    struct tries *tries; /* CODE_ENTRIES of them */
    struct plain_told told[PLAIN_CODES];
    uint64_t codes; /* that were told */
    struct buffer stream[STREAMS];
    uint64_t items;
    bool failed; /* out of memory */
};

/* NULL: out of memory, or names that lack the registers. */
struct encoder *encoder_new(const char *const *field_name, unsigned fields);
void encoder_free(struct encoder *e);
/* A field before the first chunk. */
void encoder_set(struct encoder *e, unsigned index, uint64_t value);
/* A chunk begins, with the fields as they are. */
void encoder_begin(struct encoder *e, uint64_t insns, uint64_t clocks);
/* All that happened, in order. insn: `before`, `cs`, `code32` are not looked at: they follow from the fields. */
void encode_insn(struct encoder *e, const rt386_trace_insn *in);
/* The same of many plain instructions (plain.h). What is between in x of a state is used. */
void encode_plain(struct encoder *e, const struct plain_batch *batch);
/* Of plain instructions from now on: these bytes have that number, below PLAIN_CODES. */
void encode_code(struct encoder *e, unsigned number, const struct plain_code *code);
void encode_field(struct encoder *e, unsigned index, uint64_t value);
/* MEM and all kinds behind FIELD. */
void encode_item(struct encoder *e, const rt386_trace_item *item);
/* An item of kind LOAD whose texts are somewhere else. */
struct encode_load {
    uint16_t selector;
    uint8_t cpl;
    bool located;
    uint32_t descriptor_at;
    uint8_t descriptor[8];
    const char *purpose, *rule_name;
};
void encode_load(struct encoder *e, const struct encode_load *load);
void encode_clocks(struct encoder *e, uint64_t clocks); /* it is that late now */
/* Bytes that the chunk holds so far. */
size_t encoder_size(const struct encoder *e);
/* The chunk, appended to `to`; the streams are empty then. */
void encoder_take(struct encoder *e, struct buffer *to);

#endif
