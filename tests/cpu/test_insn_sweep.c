/* Fault sweep over single instructions: the n-th access faults; nothing has changed but what is listed. */
#include <criterion/criterion.h>
#include <string.h>

#include "flat.h"

struct sweep {
    unsigned left;
};
static fault_t sweep_access(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    struct sweep *s = ctx;
    (void)size, (void)user;
    if (access == ACCESS_FETCH || s->left == 0 || --s->left) return fault_none();
    return fault_page(access == ACCESS_WRITE ? 2 : 0, at.v, RULE_PAGE_PDE_PRESENT);
}

struct sweep_case {
    const char *code;
    size_t n;
    bool stores; /* PUSHA, ENTER: memory that was stored stays; POPA: registers that were loaded */
};

static void sweep_one(const struct sweep_case *c, unsigned nth, bool *done)
{
    static uint8_t before[FLAT_RAM], after[FLAT_RAM];
    struct sweep s = {nth};
    const struct access_hook hook = {sweep_access, &s};
    struct flat *f = flat_with_code(c->code, c->n);
    flat_put(f, 0x2000, 4, 0x10);
    flat_put(f, 0x2004, 4, 0x10);
    flat_put(f, FLAT_STACK, 4, 0x10);
    flat_put(f, FLAT_STACK + 4, 4, FLAT_CODE32);
    f->cpu.hook = &hook;
    f->cpu.s.gpr[EAX] = 3; /* small divisor, bit number */
    f->cpu.s.gpr[ECX] = 3;
    f->cpu.s.gpr[EDX] = 0;
    f->cpu.s.gpr[EBX] = 0x10;
    cr_assert(bus_peek(f->bus, phys(0), before, FLAT_RAM));
    struct i386_state was = f->cpu.s;
    enum cpu_step step = cpu_step(&f->cpu);
    *done = s.left != 0;
    if (*done) {
        cr_expect_eq(step, STEP_RETIRED, "%02x %02x: %s", (uint8_t)c->code[0], (uint8_t)c->code[1],
                     rule_name(f->cpu.last_fault.rule));
    } else {
        was.cr2 = f->cpu.s.cr2;
        was.activity = f->cpu.s.activity;
        if (c->stores) memcpy(was.gpr, f->cpu.s.gpr, sizeof was.gpr);
        cr_assert(bus_peek(f->bus, phys(0), after, FLAT_RAM));
        cr_expect_eq(memcmp(&was, &f->cpu.s, sizeof was), 0, "%02x %02x: access %u",
                     (uint8_t)c->code[0], (uint8_t)c->code[1], nth);
        cr_expect(c->stores || memcmp(before, after, FLAT_RAM) == 0, "%02x %02x: memory, access %u",
                  (uint8_t)c->code[0], (uint8_t)c->code[1], nth);
    }
    flat_free(f);
}

#define SWEEP(text)                                                                                \
    {                                                                                              \
        text, sizeof text - 1, false                                                               \
    }
#define SWEEP_STORES(text)                                                                         \
    {                                                                                              \
        text, sizeof text - 1, true                                                                \
    }
static const struct sweep_case cases[] = {
    SWEEP("\x01\x06"),
    SWEEP("\x11\x06"),
    SWEEP("\x29\x06"),
    SWEEP("\x30\x06"),
    SWEEP("\x83\x06\x01"),
    SWEEP("\xff\x06"),
    SWEEP("\xf7\x1e"),
    SWEEP("\xf7\x16"),
    SWEEP("\xd1\x26"),
    SWEEP("\xd3\x16"),
    SWEEP("\xc1\x3e\x03"),
    SWEEP("\x0f\xa4\x06\x03"),
    SWEEP("\x0f\xab\x06"),
    SWEEP("\x0f\xbb\x06"),
    SWEEP("\x0f\xba\x2e\x05"),
    SWEEP("\x87\x06"),
    SWEEP("\xa5"),
    SWEEP("\xa7"),
    SWEEP("\xaa"),
    SWEEP("\xad"),
    SWEEP("\xaf"),
    SWEEP("\xf3\xa4"),
    SWEEP("\xf3\xa6"),
    SWEEP("\xff\x36"),
    SWEEP("\x8f\x06"),
    SWEEP("\x50"),
    SWEEP("\x58"),
    SWEEP("\x1e"),
    SWEEP("\x1f"),
    SWEEP("\x17"),
    SWEEP("\x9c"),
    SWEEP("\x9d"),
    SWEEP("\xc9"),
    SWEEP("\xc3"),
    SWEEP("\xc2\x08\x00"),
    SWEEP("\xff\x16"),
    SWEEP("\xe8\x00\x10\x00\x00"),
    SWEEP("\xff\x26"),
    SWEEP("\xc4\x0e"),
    SWEEP("\x0f\xb2\x0e"),
    SWEEP("\x62\x1e"),
    SWEEP("\x8e\x06"),
    SWEEP("\x8c\x06"),
    SWEEP("\x0f\x01\x06"),
    SWEEP("\x0f\x01\x16"),
    SWEEP("\x0f\x00\x26"),
    SWEEP("\x0f\x02\x06"),
    SWEEP("\x0f\x03\x06"),
    SWEEP("\x63\x06"),
    SWEEP("\xd7"),
    SWEEP("\xf7\x36"),
    SWEEP("\xf7\x2e"),
    SWEEP("\xcb"),
    SWEEP("\x6d"),
    SWEEP("\x6f"),
    SWEEP_STORES("\x60"),
    SWEEP_STORES("\x61"),
    SWEEP_STORES("\xc8\x08\x00\x03"),
};

Test(step, fault_sweep)
{
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool done = false;
        for (unsigned nth = 1; !done; nth++) {
            cr_assert_lt(nth, 40);
            sweep_one(&cases[i], nth, &done);
        }
    }
}
