/* f80_big.c: see f80_big.h. */
#include "f80_big.h"

#include <string.h>

#define BIG_BITS 256

bool big_is_zero(const struct big *a)
{
    return a->d[BIG_WORDS - 1] == 0;
}

struct big big_neg(struct big a)
{
    a.neg = !a.neg;
    return a;
}

struct big big_shift(struct big a, int32_t by)
{
    a.exp += by;
    return a;
}

static struct big normalized(struct big a)
{
    for (unsigned i = 0; i < BIG_WORDS && !a.d[BIG_WORDS - 1]; i++) {
        memmove(a.d + 1, a.d, sizeof a.d - sizeof a.d[0]);
        a.d[0] = 0;
        a.exp -= 32;
    }
    if (big_is_zero(&a)) return (struct big){0};
    int n = __builtin_clz(a.d[BIG_WORDS - 1]);
    if (n == 0) return a;
    for (unsigned i = BIG_WORDS - 1; i; i--)
        a.d[i] = a.d[i] << n | a.d[i - 1] >> (32 - n);
    a.d[0] <<= n;
    a.exp -= n;
    return a;
}

static struct big of_u64(uint64_t m, int32_t exp, bool neg)
{
    struct big r = {.exp = exp, .neg = neg};
    r.d[BIG_WORDS - 1] = (uint32_t)(m >> 32);
    r.d[BIG_WORDS - 2] = (uint32_t)m;
    return normalized(r);
}

struct big big_of(f80 a)
{
    struct f80_parts p = f80_unpack(a);
    return of_u64(p.sig, p.exp - F80_BIAS + 1, p.neg);
}

struct big big_of_int(int64_t v)
{
    return of_u64(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 64, v < 0);
}

/* d shifted right; a lost bit stays as the lowest. */
static void shift_jam(uint32_t *d, uint32_t by)
{
    uint32_t lost = 0, words = by / 32, n = by % 32;
    if (by >= BIG_BITS) {
        for (unsigned i = 0; i < BIG_WORDS; i++)
            lost |= d[i];
        memset(d, 0, BIG_WORDS * sizeof *d);
        d[0] = lost != 0;
        return;
    }
    for (unsigned i = 0; i < words; i++)
        lost |= d[i];
    memmove(d, d + words, (BIG_WORDS - words) * sizeof *d);
    memset(d + BIG_WORDS - words, 0, words * sizeof *d);
    if (n) {
        lost |= d[0] << (32 - n);
        for (unsigned i = 0; i + 1 < BIG_WORDS; i++)
            d[i] = d[i] >> n | d[i + 1] << (32 - n);
        d[BIG_WORDS - 1] >>= n;
    }
    d[0] |= lost != 0;
}

bool big_below(const struct big *a, const struct big *b)
{
    if (big_is_zero(a) || big_is_zero(b)) return !big_is_zero(b);
    if (a->exp != b->exp) return a->exp < b->exp;
    for (unsigned i = BIG_WORDS; i-- > 0;)
        if (a->d[i] != b->d[i]) return a->d[i] < b->d[i];
    return false;
}

/* |a| >= |b|, both not zero. */
static struct big combine(struct big a, struct big b)
{
    bool subtract = a.neg != b.neg;
    uint64_t carry = 0;
    shift_jam(b.d, (uint32_t)(a.exp - b.exp));
    for (unsigned i = 0; i < BIG_WORDS; i++) {
        uint64_t v = subtract ? (uint64_t)a.d[i] - b.d[i] - carry : carry + a.d[i] + b.d[i];
        a.d[i] = (uint32_t)v;
        carry = v >> 32 & 1;
    }
    if (subtract || !carry) return normalized(a);
    shift_jam(a.d, 1);
    a.d[BIG_WORDS - 1] |= 0x80000000u;
    a.exp++;
    return a;
}

struct big big_add(struct big a, struct big b)
{
    if (big_is_zero(&a)) return b;
    if (big_is_zero(&b)) return a;
    return big_below(&a, &b) ? combine(b, a) : combine(a, b);
}

struct big big_sub(struct big a, struct big b)
{
    return big_add(a, big_neg(b));
}

struct big big_mul(const struct big *a, const struct big *b)
{
    uint32_t w[2 * BIG_WORDS] = {0};
    for (unsigned i = 0; i < BIG_WORDS; i++) {
        uint64_t carry = 0;
        for (unsigned j = 0; j < BIG_WORDS && a->d[i]; j++) {
            carry += (uint64_t)a->d[i] * b->d[j] + w[i + j];
            w[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        w[i + BIG_WORDS] = (uint32_t)carry;
    }
    struct big r = {.exp = a->exp + b->exp, .neg = a->neg != b->neg};
    memcpy(r.d, w + BIG_WORDS, sizeof r.d);
    if (big_is_zero(a) || big_is_zero(b)) return (struct big){0};
    if (!(r.d[BIG_WORDS - 1] >> 31)) { /* keeps the bit below */
        uint32_t below = w[BIG_WORDS - 1] >> 31;
        r = normalized(r);
        r.d[0] |= below;
    }
    return r;
}

struct big big_div_small(struct big a, uint32_t n)
{
    uint64_t rem = 0;
    uint32_t extra;
    for (unsigned i = BIG_WORDS; i-- > 0;) {
        uint64_t v = rem << 32 | a.d[i];
        a.d[i] = (uint32_t)(v / n);
        rem = v % n;
    }
    extra = (uint32_t)((rem << 32) / n);
    if (!a.d[BIG_WORDS - 1] || a.d[BIG_WORDS - 1] >> 31) return normalized(a);
    int shift = __builtin_clz(a.d[BIG_WORDS - 1]);
    a = normalized(a);
    a.d[0] |= extra >> (32 - shift);
    return a;
}

static bool at_least(const uint32_t *a, const uint32_t *b)
{
    for (unsigned i = BIG_WORDS; i-- > 0;)
        if (a[i] != b[i]) return a[i] > b[i];
    return true;
}

static void subtract(uint32_t *a, const uint32_t *b)
{
    uint64_t borrow = 0;
    for (unsigned i = 0; i < BIG_WORDS; i++) {
        uint64_t v = (uint64_t)a[i] - b[i] - borrow;
        a[i] = (uint32_t)v;
        borrow = v >> 32 & 1;
    }
}

/* Doubles; the bit that leaves is returned. */
static bool doubled(uint32_t *a)
{
    bool out = a[BIG_WORDS - 1] >> 31;
    for (unsigned i = BIG_WORDS - 1; i; i--)
        a[i] = a[i] << 1 | a[i - 1] >> 31;
    a[0] <<= 1;
    return out;
}

/* Bit by bit: 257 steps, so that the first bit of the quotient may be 0. */
struct big big_div(const struct big *a, const struct big *b)
{
    struct big r = {.exp = a->exp - b->exp + 1, .neg = a->neg != b->neg}, rem = *a;
    bool high = false;
    if (big_is_zero(a)) return (struct big){0};
    for (unsigned i = 0; i < BIG_BITS; i++) {
        doubled(r.d);
        if (high || at_least(rem.d, b->d)) {
            subtract(rem.d, b->d);
            r.d[0] |= 1;
        }
        high = doubled(rem.d);
    }
    return normalized(r);
}

struct big big_integer(const struct big *a, uint64_t *magnitude)
{
    *magnitude = 0;
    if (a->exp < 0) return (struct big){0};
    struct big v = *a;
    shift_jam(v.d, (uint32_t)(64 - a->exp)); /* the point is below d[6] */
    uint64_t m = (uint64_t)v.d[7] << 32 | v.d[6];
    m += v.d[5] >> 31;
    *magnitude = m;
    return of_u64(m, 64, a->neg);
}

f80 big_round(struct f80_env *env, const struct big *a, bool inexact)
{
    uint64_t hi = (uint64_t)a->d[7] << 32 | a->d[6], lo = (uint64_t)a->d[5] << 32 | a->d[4];
    if (big_is_zero(a)) return f80_zero(a->neg);
    if (a->d[3] | a->d[2] | a->d[1] | a->d[0] | (uint32_t)inexact) lo |= 1;
    return f80_round(env, a->neg, a->exp - 1 + F80_BIAS, hi, lo, 64);
}
