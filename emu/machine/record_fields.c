/* record_fields.c: which registers are not as the trace has them. */
#include <stddef.h>
#include <string.h>

#include "record.h"

static void emit_field(struct recorder *r, unsigned index, uint64_t value)
{
    if (r->w)
        feed_field(r->feed, index, value);
    else
        replay_field(r->replay, index, value);
}

/* Parts of the state: the general registers, EIP and EFLAGS; each segment, LDTR and TR; the rest. */
#define SEGMENTS    (SEGREG_COUNT + 2u)
#define PART_REST   (SEGMENTS + 1u)
#define GENERAL_END offsetof(struct i386_state, seg)
#define REST        offsetof(struct i386_state, gdtr)
_Static_assert(REST == GENERAL_END + SEGMENTS * sizeof(struct seg) && PART_REST < PARTS,
               "segments lie one behind the other");

static unsigned part_of(size_t offset)
{
    if (offset < GENERAL_END) return 0;
    return offset < REST ? 1 + (unsigned)((offset - GENERAL_END) / sizeof(struct seg)) : PART_REST;
}

/* Which fields lie in a part: they follow each other, in the order of the parts. */
void record_fields_begin(struct recorder *r)
{
    unsigned count;
    const struct state_field *f = state_fields(&count);
    for (unsigned i = count; i-- > 0;) {
        struct field_range *range = &r->fields_of[part_of(f[i].offset)];
        if (!range->end) range->end = (uint16_t)(i + 1);
        range->first = (uint16_t)i;
    }
}

static uint64_t word(const char *at, size_t i)
{
    uint64_t v;
    memcpy(&v, at + i * sizeof v, sizeof v);
    return v;
}

static bool same_segment(const char *was, const char *is)
{
    _Static_assert(sizeof(struct seg) == 3 * sizeof(uint64_t), "all of it");
    return !((word(was, 0) ^ word(is, 0)) | (word(was, 1) ^ word(is, 1)) |
             (word(was, 2) ^ word(is, 2)));
}

static void put_part(struct recorder *r, unsigned part)
{
    const struct state_field *f = state_fields(&(unsigned){0});
    for (unsigned i = r->fields_of[part].first; i < r->fields_of[part].end; i++) {
        uint64_t v = state_get(&r->m->cpu.s, &f[i]);
        if (v != state_get(&r->last, &f[i])) emit_field(r, i, v);
    }
}

/* Most of the state is as it was. */
void record_fields(struct recorder *r)
{
    const struct i386_state *s = &r->m->cpu.s;
    struct i386_state *last = &r->last;
    last->clocks = s->clocks;
    last->insns = s->insns;
    if (memcmp(last, s, GENERAL_END) != 0) {
        put_part(r, 0);
        memcpy(last, s, GENERAL_END);
    }
    for (unsigned i = 0; i < SEGMENTS; i++) {
        size_t at = GENERAL_END + i * sizeof(struct seg);
        if (same_segment((char *)last + at, (const char *)s + at)) continue;
        put_part(r, 1 + i);
        memcpy((char *)last + at, (const char *)s + at, sizeof(struct seg));
    }
    if (memcmp((const char *)last + REST, (const char *)s + REST, sizeof *s - REST) != 0) {
        put_part(r, PART_REST);
        memcpy((char *)last + REST, (const char *)s + REST, sizeof *s - REST);
    }
}
