/* state.c: reset values, and access to the state by field. */
#include "state.h"

#include <stddef.h>
#include <string.h>

/* What the hidden parts hold after RESET: 64 KB, present, writable (code for none: CS is data-like
 * but fetched from) [386 10.1]. */
static struct seg reset_segment(uint16_t sel, uint32_t base)
{
    return (struct seg){.sel = sel,
                        .sh = {.base = base,
                               .limit = 0xffff,
                               .lo = 0,
                               .hi = 0xffff,
                               .access = ACC_PRESENT | ACC_S | ACC_WRITE | ACC_ACCESSED,
                               .usable = 1}};
}
static struct seg reset_system(uint8_t type)
{
    struct seg seg = reset_segment(0, 0);
    seg.sh.access = (uint8_t)(ACC_PRESENT | type);
    return seg;
}

void state_reset(struct i386_state *s)
{
    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < SEGREG_COUNT; i++)
        s->seg[i] = reset_segment(0, 0);
    s->seg[CS] = reset_segment(0xf000, 0xffff0000u);
    s->ldtr = reset_system(SYS_LDT);
    s->tr = reset_system(SYS_TSS32_BUSY);
    s->eip = 0xfff0;
    s->eflags = FL_1;
    s->gpr[EDX] = 0x0308;
    s->idtr.limit = 0x03ff;
    s->gdtr.limit = 0xffff;
    s->dr[6] = 0xffff0ff0u;
    s->dr[7] = 0x00000400u;
}

/* --- fields --- */

static const struct state_field fields[] = {
#define FIELD(text, member, width, in_group)                                                       \
    {.name = text,                                                                                 \
     .offset = (uint16_t)offsetof(struct i386_state, member),                                      \
     .bytes = sizeof((struct i386_state *)0)->member,                                              \
     .bits = width,                                                                                \
     .group = in_group},
#include "state.def"
#undef FIELD
};
enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

const struct state_field *state_fields(unsigned *count)
{
    *count = FIELD_COUNT;
    return fields;
}

const struct state_field *state_field_named(const char *name)
{
    for (unsigned i = 0; i < FIELD_COUNT; i++)
        if (strcmp(fields[i].name, name) == 0) return &fields[i];
    return NULL;
}

void state_set(struct i386_state *s, const struct state_field *field, uint64_t value)
{
    char *at = (char *)s + field->offset;
    uint64_t v64 = field->bits < 64 ? value & ((UINT64_C(1) << field->bits) - 1) : value;
    uint32_t v32 = (uint32_t)v64;
    uint16_t v16 = (uint16_t)v64;
    switch (field->bytes) {
    case 1: *at = (char)v64; break;
    case 2: memcpy(at, &v16, 2); break;
    case 4: memcpy(at, &v32, 4); break;
    default: memcpy(at, &v64, 8); break;
    }
}
