/* simd_int.c: the integer lanes of simd.h [SDM2, each page by its name]. */
#include "simd.h"

static int64_t sx(uint64_t v, unsigned size)
{
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    return (int64_t)((v ^ sign) - sign);
}

/* The nearest value that a lane can hold. */
static uint64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return (uint64_t)(v < low ? low : v > high ? high : v);
}
#define SATURATE_S(size, v)                                                                        \
    clamp(v, -(INT64_C(1) << (8 * (size)-1)), (INT64_C(1) << (8 * (size)-1)) - 1)
#define SATURATE_U(size, v) clamp(v, 0, (INT64_C(1) << 8 * (size)) - 1)

/* Each lane from the two above it: x, y as they are, s, t with their signs. */
#define EACH(name, size, value)                                                                    \
    struct simd simd_##name(struct simd a, struct simd b, unsigned bytes)                          \
    {                                                                                              \
        struct simd r = {{0, 0}};                                                                  \
        for (unsigned i = 0; i < bytes / (size); i++) {                                            \
            uint64_t x = simd_lane(&a, size, i), y = simd_lane(&b, size, i);                       \
            int64_t s = sx(x, size), t = sx(y, size);                                              \
            (void)s, (void)t, (void)x, (void)y;                                                    \
            simd_put(&r, size, i, (value));                                                        \
        }                                                                                          \
        return r;                                                                                  \
    }
#define ONES(condition) ((condition) ? ~UINT64_C(0) : 0)

EACH(PADDB, 1, x + y)
EACH(PADDW, 2, x + y)
EACH(PADDD, 4, x + y)
EACH(PADDQ, 8, x + y)
EACH(PADDSB, 1, SATURATE_S(1, s + t))
EACH(PADDSW, 2, SATURATE_S(2, s + t))
EACH(PADDUSB, 1, SATURATE_U(1, (int64_t)(x + y)))
EACH(PADDUSW, 2, SATURATE_U(2, (int64_t)(x + y)))
EACH(PSUBB, 1, x - y)
EACH(PSUBW, 2, x - y)
EACH(PSUBD, 4, x - y)
EACH(PSUBQ, 8, x - y)
EACH(PSUBSB, 1, SATURATE_S(1, s - t))
EACH(PSUBSW, 2, SATURATE_S(2, s - t))
EACH(PSUBUSB, 1, SATURATE_U(1, (int64_t)(x - y)))
EACH(PSUBUSW, 2, SATURATE_U(2, (int64_t)(x - y)))
EACH(PAND, 8, x &y)
EACH(PANDN, 8, ~x &y)
EACH(POR, 8, x | y)
EACH(PXOR, 8, x ^ y)
EACH(PCMPEQB, 1, ONES(x == y))
EACH(PCMPEQW, 2, ONES(x == y))
EACH(PCMPEQD, 4, ONES(x == y))
EACH(PCMPGTB, 1, ONES(s > t))
EACH(PCMPGTW, 2, ONES(s > t))
EACH(PCMPGTD, 4, ONES(s > t))
EACH(PMULLW, 2, x *y)
EACH(PMULHW, 2, (uint64_t)(s *t) >> 16)
EACH(PMULHUW, 2, x *y >> 16)
EACH(PMULUDQ, 8, (uint64_t)(uint32_t)x *(uint32_t)y)
EACH(PAVGB, 1, (x + y + 1) >> 1)
EACH(PAVGW, 2, (x + y + 1) >> 1)
EACH(PMAXUB, 1, x > y ? x : y)
EACH(PMAXSW, 2, s > t ? x : y)
EACH(PMINUB, 1, x < y ? x : y)
EACH(PMINSW, 2, s < t ? x : y)

struct simd simd_PMADDWD(struct simd a, struct simd b, unsigned bytes)
{
    struct simd r = {{0, 0}};
    for (unsigned i = 0; i < bytes / 4; i++) {
        int64_t sum = 0;
        for (unsigned k = 2 * i; k < 2 * i + 2; k++)
            sum += sx(simd_lane(&a, 2, k), 2) * sx(simd_lane(&b, 2, k), 2);
        simd_put(&r, 4, i, (uint64_t)sum);
    }
    return r;
}

struct simd simd_PSADBW(struct simd a, struct simd b, unsigned bytes)
{
    struct simd r = {{0, 0}};
    for (unsigned i = 0; i < bytes; i++) {
        uint64_t x = simd_lane(&a, 1, i), y = simd_lane(&b, 1, i);
        r.q[i / 8] += x > y ? x - y : y - x;
    }
    return r;
}

/* --- shifts: one count for all lanes --- */

/* The count as a lane of `size` bytes understands it: its width for all that is larger. */
static unsigned count_of(struct simd b, unsigned size)
{
    return b.q[0] < 8 * size ? (unsigned)b.q[0] : 8 * size;
}

#define SHIFT(name, size, value)                                                                   \
    struct simd simd_##name(struct simd a, struct simd b, unsigned bytes)                          \
    {                                                                                              \
        struct simd r = {{0, 0}};                                                                  \
        unsigned n = count_of(b, size);                                                            \
        for (unsigned i = 0; i < bytes / (size); i++) {                                            \
            uint64_t x = simd_lane(&a, size, i);                                                   \
            simd_put(&r, size, i, (value));                                                        \
        }                                                                                          \
        return r;                                                                                  \
    }
#define ALL_OUT(size)    (n == 8 * (size))
#define ARITHMETIC(size) ((uint64_t)(sx(x, size) >> (ALL_OUT(size) ? n - 1 : n)))

SHIFT(PSLLW, 2, x << n)
SHIFT(PSLLD, 4, x << n)
SHIFT(PSLLQ, 8, ALL_OUT(8) ? 0 : x << n)
SHIFT(PSRLW, 2, x >> n)
SHIFT(PSRLD, 4, x >> n)
SHIFT(PSRLQ, 8, ALL_OUT(8) ? 0 : x >> n)
SHIFT(PSRAW, 2, ARITHMETIC(2))
SHIFT(PSRAD, 4, ARITHMETIC(4))

/* Byte i of the result is byte i + by of v. */
static struct simd moved(struct simd v, int by)
{
    struct simd r = {{0, 0}};
    for (int i = 0; i < 16; i++)
        if (i + by >= 0 && i + by < 16)
            simd_put(&r, 1, (unsigned)i, simd_lane(&v, 1, (unsigned)(i + by)));
    return r;
}

struct simd simd_PSLLDQ(struct simd a, struct simd b, unsigned bytes)
{
    (void)bytes;
    return moved(a, b.q[0] < 16 ? -(int)b.q[0] : -16);
}

struct simd simd_PSRLDQ(struct simd a, struct simd b, unsigned bytes)
{
    (void)bytes;
    return moved(a, b.q[0] < 16 ? (int)b.q[0] : 16);
}

/* --- packing and unpacking --- */

/* Lanes of 2 * size bytes become lanes of `size`: first those of a, then those of b. */
#define PACK(name, size, saturate)                                                                 \
    struct simd simd_##name(struct simd a, struct simd b, unsigned bytes)                          \
    {                                                                                              \
        struct simd r = {{0, 0}};                                                                  \
        unsigned half = bytes / (size) / 2;                                                        \
        for (unsigned i = 0; i < 2 * half; i++) {                                                  \
            int64_t s = sx(simd_lane(i < half ? &a : &b, 2 * (size), i % half), 2 * (size));       \
            simd_put(&r, size, i, saturate(size, s));                                              \
        }                                                                                          \
        return r;                                                                                  \
    }
PACK(PACKSSWB, 1, SATURATE_S)
PACK(PACKSSDW, 2, SATURATE_S)
PACK(PACKUSWB, 1, SATURATE_U)

/* Lanes of one half of a and b in turns. */
static struct simd interleave(struct simd a, struct simd b, unsigned bytes, unsigned size,
                              bool high)
{
    struct simd r = {{0, 0}};
    unsigned pairs = bytes / size / 2, from = high ? pairs : 0;
    for (unsigned i = 0; i < pairs; i++) {
        simd_put(&r, size, 2 * i, simd_lane(&a, size, from + i));
        simd_put(&r, size, 2 * i + 1, simd_lane(&b, size, from + i));
    }
    return r;
}
#define UNPACK(name, size, high)                                                                   \
    struct simd simd_##name(struct simd a, struct simd b, unsigned bytes)                          \
    {                                                                                              \
        return interleave(a, b, bytes, size, high);                                                \
    }
UNPACK(PUNPCKLBW, 1, false)
UNPACK(PUNPCKLWD, 2, false)
UNPACK(PUNPCKLDQ, 4, false)
UNPACK(PUNPCKLQDQ, 8, false)
UNPACK(PUNPCKHBW, 1, true)
UNPACK(PUNPCKHWD, 2, true)
UNPACK(PUNPCKHDQ, 4, true)
UNPACK(PUNPCKHQDQ, 8, true)

/* --- shuffles --- */

struct simd simd_shuffle(struct simd v, unsigned size, unsigned order)
{
    struct simd r = {{0, 0}};
    for (unsigned i = 0; i < 4; i++)
        simd_put(&r, size, i, simd_lane(&v, size, order >> 2 * i & 3));
    return r;
}

struct simd simd_shuffle_half(struct simd v, bool high, unsigned order)
{
    struct simd half = {{v.q[high], 0}};
    v.q[high] = simd_shuffle(half, 2, order).q[0];
    return v;
}

struct simd simd_SHUFPS(struct simd a, struct simd b, unsigned order)
{
    struct simd r = {{0, 0}};
    for (unsigned i = 0; i < 4; i++)
        simd_put(&r, 4, i, simd_lane(i < 2 ? &a : &b, 4, order >> 2 * i & 3));
    return r;
}

struct simd simd_SHUFPD(struct simd a, struct simd b, unsigned order)
{
    return (struct simd){{a.q[order & 1], b.q[order >> 1 & 1]}};
}

uint32_t simd_signs(struct simd v, unsigned size, unsigned n)
{
    uint32_t signs = 0;
    for (unsigned i = 0; i < n; i++)
        signs |= (uint32_t)(simd_lane(&v, size, i) >> (8 * size - 1)) << i;
    return signs;
}
