/* bits.h: bit slices and little-endian bytes. All total: no argument is undefined behaviour. */
#ifndef RT386_BASE_BITS_H
#define RT386_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits hi..lo of v, moved down to bit 0. 63 >= hi >= lo. */
static inline uint32_t bits64(uint64_t v, unsigned hi, unsigned lo)
{
    return (uint32_t)((v >> lo) & ((UINT64_C(2) << (hi - lo)) - 1));
}
static inline bool bit32(uint32_t v, unsigned n)
{
    return (v >> n) & 1u;
}

/* All ones in the low `size` bytes (1, 2 or 4). */
static inline uint32_t size_mask(unsigned size)
{
    return size >= 4 ? 0xffffffffu : (1u << (8 * size)) - 1u;
}
/* The sign bit of a value of `size` bytes. */
static inline uint32_t size_sign(unsigned size)
{
    return 1u << (8 * size - 1);
}
/* Sign-extend the low `size` bytes to 32 bits. */
static inline uint32_t sign_extend(uint32_t v, unsigned size)
{
    uint32_t s = size_sign(size);
    return ((v & size_mask(size)) ^ s) - s;
}

static inline uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t get64(const uint8_t *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}
static inline void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}
static inline void put32(uint8_t *p, uint32_t v)
{
    put16(p, v);
    put16(p + 2, v >> 16);
}
static inline void put64(uint8_t *p, uint64_t v)
{
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}

#endif
