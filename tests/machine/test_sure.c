/* test_sure.c: what a writer of traces says that an instruction does, from its bytes alone, is what the engine does. */
#include "guest.h"
#include "machine.h"
#include "sure.h"

#define CODE_AT 0x2000u
#define DATA_AT 0x3000u
#define ROUNDS  400u

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 32);
}

/* Numbers near those where carries, signs and zeros change. */
static uint32_t number(uint64_t *seed)
{
    static const uint32_t edge[] = {0,      1,      0x7f,       0x80,       0xff,       0x7fff,
                                    0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xf};
    uint32_t v = next(seed), r = next(seed) % 8;
    if (r > 4) return v;
    v = edge[v % (sizeof edge / sizeof *edge)];
    return r == 4 ? v + 1 : r == 3 ? v - 1 : v;
}

/* The registers of a form that reads [EBX]: it holds `read`. */
static void begin(rt386 *m, const struct plain_code *code, bool reads, uint64_t *seed,
                  uint32_t x[X_COUNT])
{
    const rt386_addr at = {.space = RT386_PHYS, .at = CODE_AT},
                     data = {.space = RT386_PHYS, .at = DATA_AT};
    struct i386_state *s = &m->cpu.s;
    for (unsigned i = 0; i < 8; i++)
        x[i] = number(seed);
    x[EBX] = next(seed) & 1 ? x[EAX] : x[EBX];
    x[X_READ] = 0;
    if (reads) {
        x[EBX] = DATA_AT;
        x[X_READ] = number(seed);
    }
    x[X_FLAGS] = (next(seed) & FLAGS_ARITH) | 2;
    x[X_NEXT] = CODE_AT + code->length;
    memcpy(s->gpr, x, sizeof s->gpr);
    s->eflags = x[X_FLAGS];
    s->eip = CODE_AT;
    cr_assert_eq(rt386_poke(m, at, code->bytes, code->length), RT386_OK);
    cr_assert_eq(rt386_poke(m, data, &x[X_READ], 4), RT386_OK);
}

static void same(rt386 *m, const struct plain_code *code, const struct sure *sure,
                 uint32_t x[X_COUNT])
{
    const struct i386_state *s = &m->cpu.s;
    rt386_exit why;
    cr_assert_eq(rt386_run(m, 1, 0, &why), RT386_OK);
    uint32_t flags = sure->flags.rule < FLAGS_ADD ? x[X_FLAGS] : flags_value(&sure->flags, x);
    cr_assert_eq(s->eflags, flags, "%02x %02x %02x: EFLAGS %08x, not %08x", code->bytes[0],
                 code->bytes[1], code->bytes[2], s->eflags, flags);
    for (unsigned i = 0; sure->whole && i < 8; i++) {
        uint32_t want = sure->mask >> i & 1 ? model_value(&sure->reg, x) : x[i];
        cr_assert_eq(s->gpr[i], want, "%02x %02x %02x: register %u is %08x, not %08x",
                     code->bytes[0], code->bytes[1], code->bytes[2], i, s->gpr[i], want);
    }
}

/* Any bytes behind an opcode; how many forms were sure, and how many of flags alone. */
static void try_opcode(rt386 *m, const uint8_t *opcode, unsigned bytes, uint64_t *seed,
                       unsigned *whole, unsigned *flags)
{
    uint32_t x[X_COUNT] = {0};
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct plain_code code = {.code32 = 1};
        struct insn in;
        uint8_t raw[16] = {0};
        for (unsigned k = 0; k < 15; k++)
            raw[k] = (uint8_t)next(seed);
        if (next(seed) & 1) raw[bytes] |= 0xc0;
        memcpy(raw, opcode, bytes);
        if (decode_at(LEVEL_386, raw, 15, true, &in) != DECODE_OK) continue;
        code.length = in.len;
        memcpy(code.bytes, raw, in.len);
        const struct sure sure = sure_of(&code);
        if (!sure.whole && !sure.has_flags) continue;
        bool reads = sure.flags.i == X_READ || sure.flags.j == X_READ;
        if (reads) {
            code.bytes[bytes] = (uint8_t)((raw[bytes] & 0x38) | EBX);
            code.length = (uint8_t)(bytes + 1);
        }
        begin(m, &code, reads, seed, x);
        same(m, &code, &sure, x);
        ++*(sure.whole ? whole : flags);
    }
}

Test(sure, what_bytes_say_is_what_the_engine_does)
{
    uint64_t seed = 1;
    unsigned whole = 0, flags = 0, opcodes = 0;
    rt386 *m = MACHINE(NULL, 0xf4);
    for (unsigned opcode = 0; opcode < 512; opcode++) {
        const uint8_t bytes[2] = {opcode < 256 ? (uint8_t)opcode : 0x0f, (uint8_t)opcode};
        unsigned before = whole;
        if (opcode == 0x0f) continue;
        try_opcode(m, bytes, opcode < 256 ? 1 : 2, &seed, &whole, &flags);
        opcodes += whole > before;
    }
    cr_expect_gt(opcodes, 85u, "%u opcodes", opcodes);
    cr_expect_gt(whole, 15000u, "%u instructions", whole);
    cr_expect_gt(flags, 1000u, "%u with memory", flags);
    rt386_destroy(m);
}

/* Nothing is said of other code than that of 32 bits, and of what faults, repeats or goes elsewhere. */
Test(sure, nothing_is_said_of_the_others)
{
    static const uint8_t others[][3] = {
        {0x66, 0x01, 0xd8}, {0xf3, 0xa5, 0}, {0xf7, 0xf0, 0}, {0x11, 0xd8, 0}, {0xcd, 0x21, 0},
        {0x8e, 0xd8, 0},    {0xd3, 0xe0, 0}, {0xc1, 0xe0, 0}, {0x0f, 0x0b, 0}, {0x50, 0, 0}};
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        struct plain_code code = {.length = 3, .code32 = 1};
        memcpy(code.bytes, others[i], 3);
        cr_expect(!sure_of(&code).whole, "row %u", i);
    }
    struct plain_code code = {.length = 2, .bytes = {0x01, 0xd8}};
    cr_expect(!sure_of(&code).whole, "16-bit code");
}
