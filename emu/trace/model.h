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
    M(SIGN16, (uint32_t)(int16_t)x[i])

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
