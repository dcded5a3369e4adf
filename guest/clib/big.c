/* big.c: natural numbers of up to 3200 bits, enough for every decimal form of a double. */
#include "clib.h"

static void trim(struct big *b)
{
    while (b->size > 0 && b->limb[b->size - 1] == 0)
        b->size--;
}

void big_set(struct big *b, uint64_t value)
{
    b->limb[0] = (uint32_t)value;
    b->limb[1] = (uint32_t)(value >> 32);
    b->size = 2;
    trim(b);
}

void big_mul_add(struct big *b, uint32_t factor, uint32_t add)
{
    uint32_t carry = add;
    for (int i = 0; i < b->size; i++) {
        uint64_t product = (uint64_t)b->limb[i] * factor + carry;
        b->limb[i] = (uint32_t)product;
        carry = (uint32_t)(product >> 32);
    }
    if (carry != 0) b->limb[b->size++] = carry;
}

void big_mul_pow5(struct big *b, int power)
{
    for (; power >= 13; power -= 13)
        big_mul_add(b, 1220703125u, 0); /* 5^13 */
    for (; power > 0; power--)
        big_mul_add(b, 5, 0);
}

void big_shift_left(struct big *b, int bits)
{
    int words = bits / 32, rest = bits % 32;
    if (b->size == 0 || bits <= 0) return;
    b->limb[b->size] = 0;
    for (int i = b->size; i >= 0; i--) {
        uint32_t high = b->limb[i], low = i > 0 ? b->limb[i - 1] : 0;
        b->limb[i + words] = rest == 0 ? high : high << rest | low >> (32 - rest);
    }
    for (int i = 0; i < words; i++)
        b->limb[i] = 0;
    b->size += words + 1;
    trim(b);
}

uint32_t big_div(struct big *b, uint32_t divisor)
{
    uint32_t rest = 0;
    for (int i = b->size - 1; i >= 0; i--)
        b->limb[i] = div64(rest, b->limb[i], divisor, &rest);
    trim(b);
    return rest;
}

int big_bits(const struct big *b)
{
    int bits = 0;
    if (b->size == 0) return 0;
    for (uint32_t top = b->limb[b->size - 1]; top != 0; top >>= 1)
        bits++;
    return (b->size - 1) * 32 + bits;
}

int big_compare(const struct big *a, const struct big *b)
{
    if (a->size != b->size) return a->size < b->size ? -1 : 1;
    for (int i = a->size - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

void big_subtract(struct big *a, const struct big *b)
{
    uint32_t borrow = 0;
    for (int i = 0; i < a->size; i++) {
        uint64_t minus = (uint64_t)(i < b->size ? b->limb[i] : 0) + borrow;
        borrow = a->limb[i] < minus;
        a->limb[i] = (uint32_t)(a->limb[i] - minus);
    }
    trim(a);
}
