/* encode_inside.h: what encode.c and encode_plain.c share: entries of instructions, and parts of their items. */
#ifndef RT386_TRACE_ENCODE_INSIDE_H
#define RT386_TRACE_ENCODE_INSIDE_H

#include "encode.h"

#define SHAPE_WRITE 8u
#define MEMS_SHAPES 0x80u /* in the first byte of MEMS: shapes follow */

void entry_fill(struct encoder *e, struct code_entry *c, uint32_t linear, uint32_t eip,
                const struct plain_code *code);
void entry_be_sure(struct code_entry *c, const struct sure *s);
/* The parts return, as bits of the item's byte, what there is of them. */
uint8_t put_sure(struct encoder *e, struct code_entry *c, const uint32_t value[SURE_ACCESSES]);
bool put_flags(struct encoder *e, struct code_entry *c, const uint32_t x[X_COUNT], uint32_t after,
               uint32_t result, const struct flag_model *first);
void put_page(struct encoder *e, uint32_t linear, uint32_t physical);

/* What such an entry has read is as it was, or stored. Only the first of its accesses can be one that reads. */
static inline uint8_t put_read(struct encoder *e, struct code_entry *c, uint32_t value)
{
    struct access_slot *s = &c->slot[0];
    if (s->shape & SHAPE_WRITE || s->value.k == value) return 0;
    struct buffer *mems = &e->stream[S_MEMS], *models = &e->stream[S_MODL];
    s->value.k = value;
    if (!buffer_room(mems, 2) || !buffer_room(models, 5)) return OP_MEMS;
    mems->p[mems->n++] = c->accesses;
    mems->p[mems->n++] = 2; /* the value of the first one */
    models->p[models->n++] = MODEL_CONST;
    put32(models->p + models->n, value);
    models->n += 4;
    return OP_MEMS;
}

/* straight: EIP behind the instruction if it does not jump. */
static inline uint8_t put_next(struct encoder *e, struct code_entry *c, uint32_t straight,
                               uint32_t eip, uint32_t clocks)
{
    uint8_t op = 0;
    if (c->next != eip) {
        c->next = eip;
        buffer_add_varint(&e->stream[S_NEXT], zigzag(eip - straight));
        op |= OP_NEXT;
    }
    if (c->clocks != clocks) {
        c->clocks = clocks;
        buffer_add_varint(&e->stream[S_CLKS], clocks);
        op |= OP_CLOCKS;
    }
    return op;
}

#endif
