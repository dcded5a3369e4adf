/* decode.h: a chunk of records back into items. */
#ifndef RT386_TRACE_DECODE_H
#define RT386_TRACE_DECODE_H

#include "coder.h"

struct decoder {
    struct coder c;
    struct source stream[STREAMS];
};

/* NULL: out of memory, or names that lack the registers. */
struct decoder *decoder_new(const char *const *field_name, unsigned fields);
void decoder_free(struct decoder *d);
/* A chunk; its bytes must stay. NULL, or what is wrong: a constant phrase. */
const char *decoder_begin(struct decoder *d, const uint8_t *bytes, size_t n, uint64_t insns);
/* 1: an item; 0: the chunk is over; -1: it is damaged. */
int decode_next(struct decoder *d, rt386_trace_item *item);

#endif
