/* next.h: 64 pseudo-random bits from a seed that moves on: the same on every host. */
#ifndef RT386_TESTS_CPU_NEXT_H
#define RT386_TESTS_CPU_NEXT_H

#include <stdint.h>

static inline uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

#endif
