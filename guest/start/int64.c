/* int64.c: 64-bit division for guest programs. The compiler calls these by name; its own library is
 * not used, since that may hold instructions that a 386 does not have.
 */
#include "clib.h"

typedef unsigned long long u64;
typedef long long s64;

u64 __udivdi3(u64 a, u64 b);
u64 __umoddi3(u64 a, u64 b);
s64 __divdi3(s64 a, s64 b);
s64 __moddi3(s64 a, s64 b);
u64 __udivmoddi4(u64 a, u64 b, u64 *rest);
s64 __divmoddi4(s64 a, s64 b, s64 *rest);

/* With a divisor of more than 32 bits the quotient has 32 at most: one bit a step. */
static u64 divide_long(u64 a, u64 b, u64 *rest)
{
    u64 quotient = 0, part = a >> 32;
    for (int i = 31; i >= 0; i--) {
        int carry = (int)(part >> 63);
        part = part << 1 | (a >> i & 1);
        if (carry || part >= b) {
            part -= b;
            quotient |= 1ull << i;
        }
    }
    *rest = part;
    return quotient;
}

/* A divisor of 0 is the processor's #DE. */
static u64 divide(u64 a, u64 b, u64 *rest)
{
    if (b >> 32 != 0) return divide_long(a, b, rest);
    *rest = div_step(&a, (uint32_t)b);
    return a;
}

static u64 magnitude(s64 value)
{
    return value < 0 ? 0 - (u64)value : (u64)value;
}

u64 __udivdi3(u64 a, u64 b)
{
    u64 rest;
    return divide(a, b, &rest);
}

u64 __umoddi3(u64 a, u64 b)
{
    u64 rest;
    divide(a, b, &rest);
    return rest;
}

u64 __udivmoddi4(u64 a, u64 b, u64 *rest)
{
    return divide(a, b, rest);
}

s64 __divmoddi4(s64 a, s64 b, s64 *rest)
{
    u64 r, q = divide(magnitude(a), magnitude(b), &r);
    *rest = (s64)(a < 0 ? 0 - r : r);
    return (s64)((a < 0) != (b < 0) ? 0 - q : q);
}

s64 __divdi3(s64 a, s64 b)
{
    s64 rest;
    return __divmoddi4(a, b, &rest);
}

s64 __moddi3(s64 a, s64 b)
{
    s64 rest;
    __divmoddi4(a, b, &rest);
    return rest;
}
