#include "model.h"

#include <string.h>

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

/* The place and another input, in either order. */
static bool find_two(struct search *s, uint8_t at)
{
    static const uint8_t op[] = {MODEL_ADD, MODEL_SUB,  MODEL_XOR,  MODEL_AND, MODEL_OR,
                                 MODEL_MUL, MODEL_BYTE, MODEL_HIGH, MODEL_WORD};
    for (unsigned o = 0; o < sizeof op; o++)
        for (uint8_t j = 0; j < X_FLAGS; j++)
            if (fits(s, (struct model){.op = op[o], .i = at, .j = j}) ||
                fits(s, (struct model){.op = op[o], .i = j, .j = at}))
                return true;
    return false;
}

static bool find_shift(struct search *s)
{
    static const uint8_t op[] = {MODEL_SHL, MODEL_SHR, MODEL_SAR, MODEL_ROL};
    for (uint8_t i = 0; i <= X_READ; i++) {
        if (!s->x[i] || !s->old[i]) continue;
        for (uint8_t n = 1; n < 32; n++)
            for (unsigned o = 0; o < sizeof op; o++)
                if (fits(s, (struct model){.op = op[o], .i = i, .s = n})) return true;
    }
    return false;
}

static bool find_part(struct search *s)
{
    for (uint8_t i = 0; i <= X_READ; i++) {
        if (fits(s, (struct model){.op = MODEL_ZERO8, .i = i}) ||
            fits(s, (struct model){.op = MODEL_ZERO8, .i = i, .s = 8}) ||
            fits(s, (struct model){.op = MODEL_ZERO16, .i = i}) ||
            fits(s, (struct model){.op = MODEL_SIGN8, .i = i}) ||
            fits(s, (struct model){.op = MODEL_SIGN16, .i = i}))
            return true;
        for (uint8_t n = 1; n < 32; n++) { /* masks of low or of high bits */
            uint32_t low = (1u << n) - 1;
            if (fits(s, (struct model){.op = MODEL_ANDK, .i = i, .k = low}) ||
                fits(s, (struct model){.op = MODEL_ANDK, .i = i, .k = ~low}))
                return true;
        }
    }
    return false;
}

/* Base, index, scale and displacement. */
static bool find_scaled(struct search *s)
{
    for (uint8_t i = 0; i < 8; i++)
        for (uint8_t j = 0; j < 8; j++)
            for (uint8_t n = 0; n < 4; n++) {
                uint32_t k = s->v - s->x[i] - (s->x[j] << n);
                if (s->was - s->old[i] - (s->old[j] << n) != k) continue;
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
    if (t->known && !found && t->failed < 7) t->failed++;
    if (found) t->failed = 0;
    if (t->failed > 2) t->rest = (uint8_t)(1u << t->failed);
    t->known = true;
    memcpy(t->x, x, sizeof t->x);
    t->value = value;
    return found ? s.m : none;
}
