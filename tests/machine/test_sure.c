/* test_sure.c: what a writer of traces says that an instruction does, from its bytes alone, is what the engine does. */
#include "bytes.h"
#include "guest.h"
#include "machine.h"
#include "sure.h"

#define CODE_AT 0x2000u
#define DATA_AT 0x3000u
#define ROUNDS  400u

/* The accesses of an instruction. */
struct seen {
    unsigned n;
    rt386_mem_event access[4];
};

static void see_mem(void *ctx, const rt386_mem_event *e)
{
    struct seen *s = ctx;
    if (s->n < 4) s->access[s->n] = *e;
    s->n++;
}

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

/* Registers with which the accesses are at DATA_AT and behind, or an offset in the bytes that is. False: it cannot be. */
static bool aim(struct plain_code *code, const struct sure *sure, uint32_t x[X_COUNT])
{
    const struct model *m = &sure->offset;
    switch (m->op) {
    case MODEL_ADDK: x[m->i] = DATA_AT - m->k; return true;
    case MODEL_SCALE:
        if (m->i == m->j) return false;
        x[m->i] = DATA_AT - (x[m->j] << m->s) - m->k;
        return true;
    default: break;
    }
    if (m->op == MODEL_SHLK) x[m->i] &= 0xff;
    for (unsigned i = 1; i + 4 <= code->length; i++) {
        if (get32(&code->bytes[i]) != m->k) continue;
        put32(&code->bytes[i], DATA_AT);
        return true;
    }
    return false;
}

/* *sure: of the bytes as they are then. */
static bool begin(rt386 *m, struct plain_code *code, struct sure *sure, uint64_t *seed,
                  uint32_t x[X_COUNT])
{
    const rt386_addr at = {.space = RT386_PHYS, .at = CODE_AT};
    struct i386_state *s = &m->cpu.s;
    for (unsigned i = 0; i < 8; i++)
        x[i] = number(seed);
    x[EBX] = next(seed) & 1 ? x[EAX] : x[EBX];
    x[X_READ] = 0;
    if (sure->accesses && !aim(code, sure, x)) return false;
    *sure = sure_of(code);
    x[X_FLAGS] = (next(seed) & FLAGS_ARITH) | 2;
    x[X_NEXT] = CODE_AT + code->length;
    memcpy(s->gpr, x, sizeof s->gpr);
    s->eflags = x[X_FLAGS];
    s->eip = CODE_AT;
    cr_assert_eq(rt386_poke(m, at, code->bytes, code->length), RT386_OK);
    if (!sure->accesses) return true;
    const uint32_t data = number(seed), offset = model_value(&sure->offset, x);
    cr_assert_eq(rt386_poke(m, (rt386_addr){.space = RT386_PHYS, .at = offset}, &data, sizeof data),
                 RT386_OK);
    if (!(sure->shape[0] & 8)) x[X_READ] = data & size_mask(sure->shape[0] >> 4);
    return true;
}

#define BYTES          "%02x %02x %02x: "
#define BYTES_OF(code) (code)->bytes[0], (code)->bytes[1], (code)->bytes[2]

static void same_accesses(const struct plain_code *code, const struct sure *sure,
                          const struct seen *seen, const uint32_t x[X_COUNT])
{
    cr_assert_eq(seen->n, sure->accesses, BYTES "%u accesses", BYTES_OF(code), seen->n);
    for (unsigned i = 0; i < seen->n; i++) {
        const rt386_mem_event *a = &seen->access[i];
        uint8_t shape = plain_shape(a->seg, a->access, a->size);
        uint32_t read = x[X_READ], mask = size_mask(a->size);
        cr_assert_eq(shape, sure->shape[i], BYTES "shape %02x", BYTES_OF(code), shape);
        cr_assert_eq(a->offset, model_value(&sure->offset, x), BYTES "offset", BYTES_OF(code));
        uint32_t want = shape & 8 ? model_value(&sure->value, x) & mask : read;
        cr_assert_eq(a->value, want, BYTES "%08x, not %08x", BYTES_OF(code), a->value, want);
    }
}

static void same(rt386 *m, const struct plain_code *code, const struct sure *sure,
                 struct seen *seen, uint32_t x[X_COUNT])
{
    const struct i386_state *s = &m->cpu.s;
    const struct model *reg = sure->reg;
    rt386_exit why;
    seen->n = 0;
    cr_assert_eq(rt386_run(m, 1, 0, &why), RT386_OK);
    uint32_t flags = sure->flags.rule < FLAGS_ADD ? x[X_FLAGS] : flags_value(&sure->flags, x);
    cr_assert_eq(s->eflags, flags, BYTES "EFLAGS %08x, not %08x", BYTES_OF(code), s->eflags, flags);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t want = sure->mask >> i & 1 ? model_value(reg++, x) : x[i];
        cr_assert_eq(s->gpr[i], want, BYTES "register %u is %08x, not %08x", BYTES_OF(code), i,
                     s->gpr[i], want);
    }
    same_accesses(code, sure, seen, x);
}

/* How many forms there were that are sure, and likewise with accesses. */
struct forms {
    unsigned whole, accesses;
};

/* Any bytes behind an opcode. */
static void try_opcode(rt386 *m, const uint8_t *opcode, unsigned bytes, uint64_t *seed,
                       struct seen *seen, struct forms *forms)
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
        struct sure sure = sure_of(&code);
        if (!sure.whole) continue;
        bool to_code = sure.accesses && (sure.shape[sure.accesses - 1] & 15) == (CS | 8);
        if (to_code) continue; /* refused */
        if (!begin(m, &code, &sure, seed, x)) continue;
        same(m, &code, &sure, seen, x);
        forms->whole++;
        forms->accesses += sure.accesses != 0;
    }
}

Test(sure, what_bytes_say_is_what_the_engine_does)
{
    uint64_t seed = 1;
    unsigned opcodes = 0, accesses = 0;
    static const uint8_t prefix[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    struct forms forms = {0}, prefixed = {0};
    struct seen seen = {0};
    rt386 *m = MACHINE(NULL, 0xf4);
    const rt386_observer observer = {.size = sizeof observer, .ctx = &seen, .mem = see_mem};
    cr_assert_eq(rt386_observe(m, &observer), RT386_OK);
    for (unsigned opcode = 0; opcode < 512; opcode++) {
        const uint8_t bytes[2] = {opcode < 256 ? (uint8_t)opcode : 0x0f, (uint8_t)opcode};
        const struct forms before = forms;
        if (opcode == 0x0f || memchr(prefix, bytes[0], sizeof prefix)) continue;
        try_opcode(m, bytes, opcode < 256 ? 1 : 2, &seed, &seen, &forms);
        opcodes += forms.whole > before.whole;
        accesses += forms.accesses > before.accesses;
        for (unsigned i = 0; i < sizeof prefix; i++) {
            const uint8_t other[3] = {prefix[i], bytes[0], bytes[1]};
            try_opcode(m, other, opcode < 256 ? 2 : 3, &seed, &seen, &prefixed);
        }
    }
    cr_expect_gt(opcodes, 140u, "%u opcodes", opcodes);
    cr_expect_gt(accesses, 60u, "%u opcodes with memory", accesses);
    cr_expect_gt(forms.whole, 20000u, "%u instructions", forms.whole);
    cr_expect_gt(forms.accesses, 8000u, "%u with memory", forms.accesses);
    cr_expect_gt(prefixed.accesses, 20000u, "%u with a prefix", prefixed.accesses);
    cr_expect_eq(prefixed.accesses, prefixed.whole);
    rt386_destroy(m);
}

/* Nothing is said of other code than that of 32 bits, and of what faults, repeats, goes elsewhere or uses two places. */
Test(sure, nothing_is_said_of_the_others)
{
    static const uint8_t others[][3] = {
        {0x66, 0x01, 0xd8}, {0xf3, 0xa5, 0},    {0xf7, 0xf0, 0}, {0x11, 0xd8, 0},
        {0xcd, 0x21, 0},    {0x8e, 0xd8, 0},    {0xd3, 0xe0, 0}, {0xc1, 0xe0, 0},
        {0x0f, 0x0b, 0},    {0xff, 0x30, 0},    {0x8f, 0x03, 0}, {0xff, 0x13, 0},
        {0x36, 0x50, 0},    {0x26, 0x66, 0x8b}, {0x87, 0x03, 0}, {0xc8, 0x00, 0}};
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        struct plain_code code = {.length = 3, .code32 = 1};
        memcpy(code.bytes, others[i], 3);
        cr_expect(!sure_of(&code).whole, "row %u", i);
    }
    struct plain_code code = {.length = 2, .bytes = {0x01, 0xd8}};
    cr_expect(!sure_of(&code).whole, "16-bit code");
}

/* The same pushes and pops on a stack of 16 bits and on one of 32: what their bytes say is true of the second one only. */
static rt386 *two_stacks(void)
{
    return MACHINE(NULL, 0x0f, 0x01, 0x15, 0x40, 0x00, 0x10, 0x00, /* lgdt [0x100040] */
                   0xbb, 2, 0, 0, 0,                               /* mov ebx, 2 */
                   0x66, 0xb8, 0x18, 0x00, 0x8e, 0xd0,             /* 10000c: mov ss, 0x18 */
                   0xbc, 0x00, 0x80, 0x05, 0x00,                   /* mov esp, 0x58000 */
                   0xe8, 0x1a, 0, 0, 0,                            /* call 0x100036 */
                   0x66, 0xb8, 0x10, 0x00, 0x8e, 0xd0,             /* mov ss, 0x10 */
                   0xbc, 0x00, 0x80, 0x05, 0x00,                   /* mov esp, 0x58000 */
                   0xe8, 0x0a, 0, 0, 0,                            /* call 0x100036 */
                   0x4b, 0x75, 0xdd, 0xf4,                         /* dec ebx, jnz 0x10000c, hlt */
                   0x90, 0x90, 0x90, 0x90, 0x90, 0x90,             /* */
                   0x50, 0x68, 0x78, 0x56, 0x34, 0x12,             /* 100036: push eax, push */
                   0x5a, 0x59, 0xc3, 0x90,                         /* pop edx, pop ecx, ret */
                   0x1f, 0x00, 0x48, 0x00, 0x10, 0x00, 0, 0,       /* the table: limit, address */
                   0, 0, 0, 0, 0, 0, 0, 0,                         /* */
                   0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0,             /* 8: code */
                   0xff, 0xff, 0, 0, 0, 0x92, 0xcf, 0,             /* 10: data, B = 1 */
                   0xff, 0xff, 0, 0, 0, 0x92, 0x8f, 0);            /* 18: data, B = 0 */
}

/* What is in the trace: a number for all instructions; at[0] accesses to the stack with 16 bits, at[1] with 32. */
static uint64_t told_of(const struct bytes *b, unsigned at[2])
{
    rt386_trace_item i;
    uint64_t all = 0;
    rt386_trace *t = bytes_open(b);
    cr_assert_eq(rt386_trace_check(t), RT386_OK, "%s", rt386_trace_error(t));
    while (rt386_trace_next(t, &i) == RT386_OK) {
        if (i.kind != RT386_TRACE_INSN) continue;
        for (unsigned k = 0; k < 8; k++)
            all = all * 31 + i.insn.after.gpr[k];
        all = all * 31 + i.insn.after.eip;
        for (unsigned k = 0; k < i.insn.accesses; k++) {
            const rt386_trace_access *a = &i.insn.access[k];
            all = ((all * 31 + a->linear) * 31 + a->physical) * 31 + a->value;
            if (a->seg == RT386_SS) at[a->offset >> 16 == 5]++;
        }
    }
    rt386_trace_close(t);
    return all;
}

Test(sure, stacks_of_both_widths)
{
    uint64_t told[2];
    for (unsigned look = 0; look < 2; look++) {
        rt386_exit why;
        struct bytes b = {0};
        struct seen seen = {0};
        unsigned at[2] = {0};
        const rt386_observer observer = {.size = sizeof observer, .ctx = &seen, .mem = see_mem};
        const rt386_record_options o = {
            .size = sizeof o, .put = bytes_put, .put_ctx = &b, .instructions = true};
        rt386 *m = two_stacks();
        if (look) cr_assert_eq(rt386_observe(m, &observer), RT386_OK);
        cr_assert_eq(rt386_record_begin(m, &o), RT386_OK);
        cr_assert_eq(rt386_run(m, 0, 0, &why), RT386_OK);
        cr_assert_eq(rt386_record_end(m, &why), RT386_OK);
        told[look] = told_of(&b, at);
        cr_expect_eq(at[0], 12u, "%u accesses of 16 bits", at[0]);
        cr_expect_eq(at[1], 12u, "%u accesses of 32 bits", at[1]);
        rt386_destroy(m);
        free(b.p);
    }
    cr_expect_eq(told[0], told[1], "many at once, and one by one");
}
