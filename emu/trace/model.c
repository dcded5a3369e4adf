#include "model.h"

#include <string.h>

#define MOST_FAILED 10u /* 1024 values are then not looked at */

struct search {
    const uint32_t *x, *old; /* inputs now and then */
    uint32_t v, was;         /* values */
    struct model m;
};

static bool fits(struct search *s, struct model m)
{
    if (model_value(&m, s->x) != s->v || model_value(&m, s->old) != s->was) return false;
    s->m = m;
    return true;
}

/* One input and a number: copies first, so that a plain MOV is not taken for a sum. */
static bool find_one(struct search *s)
{
    if (s->v == s->was && fits(s, (struct model){.op = MODEL_CONST, .k = s->v})) return true;
    for (uint8_t i = 0; i < X_COUNT; i++)
        if (s->v == s->x[i] && fits(s, (struct model){.op = MODEL_ADDK, .i = i})) return true;
    for (uint8_t i = 0; i < X_COUNT; i++) {
        uint32_t k = s->v - s->x[i];
        if (s->was - s->old[i] == k && fits(s, (struct model){.op = MODEL_ADDK, .i = i, .k = k}))
            return true;
        k = s->v ^ s->x[i];
        if ((s->was ^ s->old[i]) == k && fits(s, (struct model){.op = MODEL_XORK, .i = i, .k = k}))
            return true;
    }
    return false;
}

static bool is_pair(struct search *s, uint8_t op, uint8_t i, uint8_t j)
{
    return fits(s, (struct model){.op = op, .i = i, .j = j});
}

/* The place and another input, in either order. Values first: a model is tried only when it gives this one. */
static bool find_two(struct search *s, uint8_t at)
{
    uint32_t a = s->x[at], v = s->v;
    for (uint8_t j = 0; j < X_FLAGS; j++) {
        uint32_t b = s->x[j];
        if ((a + b == v && is_pair(s, MODEL_ADD, at, j)) ||
            (a - b == v && is_pair(s, MODEL_SUB, at, j)) ||
            (b - a == v && is_pair(s, MODEL_SUB, j, at)) ||
            ((a ^ b) == v && is_pair(s, MODEL_XOR, at, j)) ||
            ((a & b) == v && is_pair(s, MODEL_AND, at, j)) ||
            ((a | b) == v && is_pair(s, MODEL_OR, at, j)) ||
            (a * b == v && is_pair(s, MODEL_MUL, at, j)))
            return true;
        if (!((a ^ v) & ~0xffffu) &&
            (is_pair(s, MODEL_BYTE, at, j) || is_pair(s, MODEL_HIGH, at, j) ||
             is_pair(s, MODEL_WORD, at, j)))
            return true;
        if (!((b ^ v) & ~0xffffu) &&
            (is_pair(s, MODEL_BYTE, j, at) || is_pair(s, MODEL_HIGH, j, at) ||
             is_pair(s, MODEL_WORD, j, at)))
            return true;
    }
    return false;
}

static unsigned top_zeros(uint32_t v)
{
    return v ? (unsigned)__builtin_clz(v) : 32;
}
static unsigned low_zeros(uint32_t v)
{
    return v ? (unsigned)__builtin_ctz(v) : 32;
}
/* Leading bits that are as the sign, as those of a number that is not negative. */
static uint32_t magnitude(uint32_t v)
{
    return v >> 31 ? ~v : v;
}

static bool is_shift(struct search *s, uint8_t op, uint8_t i, unsigned n)
{
    return n - 1 < 31 && fits(s, (struct model){.op = op, .i = i, .s = (uint8_t)n});
}

/* Where a shift leaves a bit that is one, the zeros beside it say by how much; both values are zero only when CONST
 * gives them. */
static bool find_shift(struct search *s)
{
    for (uint8_t i = 0; i <= X_READ; i++) {
        if (!s->x[i] || !s->old[i]) continue;
        const uint32_t x = s->v ? s->x[i] : s->old[i], v = s->v ? s->v : s->was;
        if (is_shift(s, MODEL_SHL, i, low_zeros(v) - low_zeros(x)) ||
            is_shift(s, MODEL_SHR, i, top_zeros(v) - top_zeros(x)) ||
            is_shift(s, MODEL_SAR, i, top_zeros(magnitude(v)) - top_zeros(magnitude(x))))
            return true;
        for (unsigned n = 1; n < 32; n++)
            if ((x << n | x >> (32 - n)) == v && is_shift(s, MODEL_ROL, i, n)) return true;
    }
    return false;
}

/* All bits of a value are ones of x: it may be x below a mask of low or of high bits. */
static bool find_mask(struct search *s, uint8_t i)
{
    if (s->v & ~s->x[i] || s->was & ~s->old[i]) return false;
    for (unsigned n = 1; n < 32; n++) {
        uint32_t low = (1u << n) - 1;
        if (fits(s, (struct model){.op = MODEL_ANDK, .i = i, .k = low}) ||
            fits(s, (struct model){.op = MODEL_ANDK, .i = i, .k = ~low}))
            return true;
    }
    return false;
}

static bool find_part(struct search *s)
{
    for (uint8_t i = 0; i <= X_READ; i++)
        if (fits(s, (struct model){.op = MODEL_ZERO8, .i = i}) ||
            fits(s, (struct model){.op = MODEL_ZERO8, .i = i, .s = 8}) ||
            fits(s, (struct model){.op = MODEL_ZERO16, .i = i}) ||
            fits(s, (struct model){.op = MODEL_SIGN8, .i = i}) ||
            fits(s, (struct model){.op = MODEL_SIGN16, .i = i}) || find_mask(s, i))
            return true;
    return false;
}

/* Base, index, scale and displacement: the displacement is the same both times. */
static bool find_scaled(struct search *s)
{
    uint32_t by[8], change = s->v - s->was;
    for (unsigned i = 0; i < 8; i++)
        by[i] = s->x[i] - s->old[i];
    for (uint8_t i = 0; i < 8; i++)
        for (uint8_t j = 0; j < 8; j++)
            for (uint8_t n = 0; n < 4; n++) {
                if (by[i] + (by[j] << n) != change) continue;
                uint32_t k = s->v - s->x[i] - (s->x[j] << n);
                if (fits(s, (struct model){.op = MODEL_SCALE, .i = i, .j = j, .s = n, .k = k}))
                    return true;
            }
    return false;
}

static bool find(struct search *s, uint8_t at)
{
    return find_one(s) || find_two(s, at) || find_part(s) || find_scaled(s) || find_shift(s);
}

struct model model_find(struct model_try *t, unsigned at, const uint32_t x[X_COUNT], uint32_t value)
{
    struct model none = {.op = MODEL_CONST, .k = value};
    if (t->rest) {
        t->rest--;
        return none;
    }
    struct search s = {.x = x, .old = t->x, .v = value, .was = t->value};
    bool found = t->known && find(&s, (uint8_t)at);
    if (t->known && !found && t->failed < MOST_FAILED) t->failed++;
    if (found && t->failed) t->failed--;
    if (t->failed > 2) t->rest = (uint16_t)(1u << t->failed);
    t->known = true;
    memcpy(t->x, x, sizeof t->x);
    t->value = value;
    return found ? s.m : none;
}
