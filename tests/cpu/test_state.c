/* state.c: fields by name. */
#include <criterion/criterion.h>
#include <string.h>

#include "state.h"

Test(state, every_field_round_trips)
{
    unsigned count;
    const struct state_field *field = state_fields(&count);
    for (unsigned i = 0; i < count; i++) {
        struct i386_state s = {0}, zero = {0};
        uint64_t all = field[i].bits == 64 ? ~UINT64_C(0) : (UINT64_C(1) << field[i].bits) - 1;
        state_set(&s, &field[i], ~UINT64_C(0));
        cr_expect_eq(state_get(&s, &field[i]), all, "%s", field[i].name);
        cr_expect_neq(memcmp(&s, &zero, sizeof s), 0);
        state_set(&s, &field[i], 0);
        cr_expect_eq(memcmp(&s, &zero, sizeof s), 0, "%s leaves bytes", field[i].name);
        cr_expect_eq(state_field_named(field[i].name), &field[i], "%s twice", field[i].name);
    }
    cr_expect_null(state_field_named("rax"));
    cr_expect_null(state_field_named("EAX"));
}

/* Setting every field covers the whole structure but its padding. */
Test(state, nothing_is_left_out)
{
    struct i386_state s = {0};
    unsigned count, bytes = 0;
    const struct state_field *field = state_fields(&count);
    for (unsigned i = 0; i < count; i++)
        bytes += field[i].bytes;
    /* DR4, DR5; pads of each segment register; pads of the state */
    unsigned padding =
        8 + 8 * (2 + 1) + sizeof s.pad + sizeof s.x87.pad + sizeof s.sse.pad + sizeof s.pad_end;
    cr_expect_eq(bytes + padding, sizeof s, "%u of %zu", bytes + padding, sizeof s);
}

Test(state, reset)
{
    struct i386_state s;
    memset(&s, 0xff, sizeof s);
    state_reset(&s);
    cr_expect_eq(state_get(&s, state_field_named("cs")), 0xf000);
    cr_expect_eq(state_get(&s, state_field_named("cs_base")), 0xffff0000);
    cr_expect_eq(state_get(&s, state_field_named("eip")), 0xfff0);
    cr_expect_eq(state_get(&s, state_field_named("edx")), 0x0308);
    cr_expect_eq(state_get(&s, state_field_named("idtr_limit")), 0x3ff);
    cr_expect_eq(state_get(&s, state_field_named("cr0")), 0);
}
