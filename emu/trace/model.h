/* model.h: how a number follows from what an instruction had before it.
 *
 * A model stands for "the value is x5 + 4", "the low byte of x8 in x0" and the like. x0 to x7 are the general
 * registers before the instruction, in their order; x8 is the first number that it read from memory (0: none), x9 the
 * EIP of the instruction behind it, x10 EFLAGS before it, x11 what the modelled place held last time. A trace stores a
 * number only where the model of its place does not give it; the writer then finds a new one, which is stored with it.
 * Nothing here knows what an instruction does.
 */
#ifndef RT386_TRACE_MODEL_H
#define RT386_TRACE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { X_READ = 8, X_NEXT = 9, X_FLAGS = 10, X_LAST = 11, X_COUNT = 12 };

/*    name   value; i, j: numbers of inputs, s: a shift, k: any number. In the file, in this order. */
#define MODELS(M)                                                                                  \
    M(CONST, k)                                                                                    \
    M(ADDK, x[i] + k)                                                                              \
    M(ADD, x[i] + x[j])                                                                            \
    M(SUB, x[i] - x[j])                                                                            \
    M(XOR, x[i] ^ x[j])                                                                            \
    M(AND, x[i] & x[j])                                                                            \
    M(OR, x[i] | x[j])                                                                             \
    M(MUL, x[i] * x[j])                                                                            \
    M(XORK, x[i] ^ k)                                                                              \
    M(ANDK, x[i] & k)                                                                              \
    M(SHL, x[i] << s)                                                                              \
    M(SHR, x[i] >> s)                                                                              \
    M(SAR, (uint32_t)((int32_t)x[i] >> s))                                                         \
    M(ROL, x[i] << s | x[i] >> ((32 - s) & 31))                                                    \
    M(SCALE, x[i] + (x[j] << s) + k)                                                               \
    M(BYTE, (x[i] & ~0xffu) | (x[j] & 0xff))                                                       \
    M(HIGH, (x[i] & ~0xff00u) | (x[j] & 0xff) << 8)                                                \
    M(WORD, (x[i] & ~0xffffu) | (x[j] & 0xffff))                                                   \
    M(ZERO8, x[i] >> s & 0xff)                                                                     \
    M(ZERO16, x[i] & 0xffff)                                                                       \
    M(SIGN8, (uint32_t)(int8_t)x[i])                                                               \
    M(SIGN16, (uint32_t)(int16_t)x[i])                                                             \
    M(SHLK, (x[i] << s) + k)                                                                       \
    M(ORK, x[i] | k)                                                                               \
    M(ADDK8, (x[i] & ~0xffu) | ((x[i] + k) & 0xff))                                                \
    M(ADD8, (x[i] & ~0xffu) | ((x[i] + x[j]) & 0xff))                                              \
    M(SUB8, (x[i] & ~0xffu) | ((x[i] - x[j]) & 0xff))                                              \
    M(XOR8, x[i] ^ (x[j] & 0xff))                                                                  \
    M(AND8, x[i] & (x[j] | ~0xffu))                                                                \
    M(OR8, x[i] | (x[j] & 0xff))

enum model_op {
#define M(name, value) MODEL_##name,
    MODELS(M)
#undef M
        MODEL_COUNT
};

struct model {
    uint8_t op, i, j, s;
    uint32_t k;
};

/* Total: any op, i and j below X_COUNT, s below 32. */
static inline uint32_t model_value(const struct model *m, const uint32_t x[X_COUNT])
{
    unsigned i = m->i, j = m->j, s = m->s;
    uint32_t k = m->k;
    (void)j;
    (void)s;
    switch (m->op) {
#define M(name, value)                                                                             \
    case MODEL_##name: return value;
        MODELS(M)
#undef M
    default: return 0;
    }
}

/* The same, for those who ask often: most models are sums with a number. */
__attribute__((always_inline)) static inline uint32_t model_often(const struct model *m,
                                                                  const uint32_t x[X_COUNT])
{
    if (m->op == MODEL_ADDK) return x[m->i] + m->k;
    return m->op == MODEL_CONST ? m->k : model_value(m, x);
}

/* --- EFLAGS --- */

/* How EFLAGS follow. From FLAGS_ADD on: as those of this operation on 32 bits with xi and xj, or with k, from FLAGS_ADD8 on
 * on their low bytes. INC and DEC leave C as it was; AND, OR and XOR clear C, A and O, shifts set A. */
enum flag_rule {
    FLAGS_SAME,   /* as before the instruction */
    FLAGS_LAST,   /* as the last time behind it */
    FLAGS_RESULT, /* C, A and O as the last time; S, Z and P of the value of 32 bits that it made */
    FLAGS_ADD,
    FLAGS_SUB,
    FLAGS_INC,
    FLAGS_DEC,
    FLAGS_AND,
    FLAGS_OR,
    FLAGS_XOR,
    FLAGS_SHL, /* by k, 1 to 31; so are the next two */
    FLAGS_SHR,
    FLAGS_SAR,
    FLAGS_ADD8,
    FLAGS_SUB8,
    FLAGS_AND8,
    FLAGS_OR8,
    FLAGS_XOR8,
    FLAG_RULES
};
#define FLAG_K 15u /* in place of j: the number k */
struct flag_model {
    uint8_t rule, i, j;
    uint32_t k;
};

static inline uint32_t flags_of(uint32_t value) /* S Z P */
{
    uint32_t parity = !__builtin_parity(value & 0xff);
    return (value >> 31) << 7 | (uint32_t)(value == 0) << 6 | parity << 2;
}
static inline uint32_t flags_sum(uint32_t a, uint32_t b)
{
    uint32_t r = a + b;
    return flags_of(r) | (uint32_t)(r < a) | ((a ^ b ^ r) & 0x10) | ((a ^ r) & (b ^ r)) >> 31 << 11;
}
static inline uint32_t flags_difference(uint32_t a, uint32_t b)
{
    uint32_t r = a - b;
    return flags_of(r) | (uint32_t)(a < b) | ((a ^ b ^ r) & 0x10) | ((a ^ b) & (a ^ r)) >> 31 << 11;
}
static inline uint32_t flags_of8(uint32_t value)
{
    return (flags_of(value & 0xff)) | (value & 0x80);
}
static inline uint32_t flags_sum8(uint32_t a, uint32_t b)
{
    uint32_t r = (a & 0xff) + (b & 0xff);
    return flags_of8(r) | (r >> 8 & 1) | ((a ^ b ^ r) & 0x10) | ((a ^ r) & (b ^ r) & 0x80) << 4;
}
static inline uint32_t flags_difference8(uint32_t a, uint32_t b)
{
    uint32_t r = (a & 0xff) - (b & 0xff);
    return flags_of8(r) | (r >> 8 & 1) | ((a ^ b ^ r) & 0x10) | ((a ^ b) & (a ^ r) & 0x80) << 4;
}
static inline uint32_t flags_shifted(uint32_t r, uint32_t carry, uint32_t overflow)
{
    return flags_of(r) | 0x10 | (carry & 1) | (overflow & 1) << 11;
}

#define FLAGS_ARITH 0x8d5u /* C P A Z S O */
/* Of a rule from FLAGS_ADD on; 1 <= k <= 31 for shifts, i and j below X_COUNT but for FLAG_K. */
static inline uint32_t flags_value(const struct flag_model *m, const uint32_t x[X_COUNT])
{
    uint32_t a = x[m->i], b = m->j == FLAG_K ? m->k : x[m->j], r, f, kept = ~FLAGS_ARITH;
    switch (m->rule) {
    case FLAGS_ADD: f = flags_sum(a, b); break;
    case FLAGS_SUB: f = flags_difference(a, b); break;
    case FLAGS_INC:
        f = flags_sum(a, 1) & ~1u;
        kept |= 1;
        break;
    case FLAGS_DEC:
        f = flags_difference(a, 1) & ~1u;
        kept |= 1;
        break;
    case FLAGS_AND: f = flags_of(a & b); break;
    case FLAGS_OR: f = flags_of(a | b); break;
    case FLAGS_XOR: f = flags_of(a ^ b); break;
    case FLAGS_SHL:
        r = a << (m->k & 31);
        f = flags_shifted(r, a >> ((32 - m->k) & 31), r >> 31 ^ a >> ((32 - m->k) & 31));
        break;
    case FLAGS_SHR:
        r = a >> (m->k & 31);
        f = flags_shifted(r, a >> ((m->k - 1) & 31), a >> ((m->k - 1) & 31) >> 31);
        break;
    case FLAGS_SAR:
        r = (uint32_t)((int32_t)a >> (m->k & 31));
        f = flags_shifted(r, (uint32_t)((int32_t)a >> ((m->k - 1) & 31)), 0);
        break;
    case FLAGS_ADD8: f = flags_sum8(a, b); break;
    case FLAGS_SUB8: f = flags_difference8(a, b); break;
    case FLAGS_AND8: f = flags_of8(a & b); break;
    case FLAGS_OR8: f = flags_of8(a | b); break;
    case FLAGS_XOR8: f = flags_of8(a ^ b); break;
    default: return x[X_FLAGS];
    }
    return (x[X_FLAGS] & kept) | f;
}

/* What is remembered of a place to find its model. */
struct model_try {
    bool known;
    uint8_t failed; /* how often in a row: places that follow no model are left alone for a while */
    uint16_t rest;
    uint32_t x[X_COUNT], value; /* of the time before */
};
/* A model that gives `value` from x and gave the last one from the x of then; `at`: the input that the place itself
 * is, X_LAST for none. The simplest that there is; CONST when there is none. */
struct model model_find(struct model_try *t, unsigned at, const uint32_t x[X_COUNT],
                        uint32_t value);

#endif
