/* bytes.h: little-endian words in bytes, as guests and files have them. (The emulator's own are not the app's to call.) */
#ifndef RT386_APP_BYTES_H
#define RT386_APP_BYTES_H

#include <stdint.h>

static inline uint16_t bytes_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}
static inline uint32_t bytes_get32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}
static inline void bytes_put16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}
static inline void bytes_put32(uint8_t *at, uint32_t v)
{
    bytes_put16(at, v);
    bytes_put16(at + 2, v >> 16);
}
static inline uint64_t bytes_get64(const uint8_t *at)
{
    return bytes_get32(at) | (uint64_t)bytes_get32(at + 4) << 32;
}
static inline void bytes_put64(uint8_t *at, uint64_t v)
{
    bytes_put32(at, (uint32_t)v);
    bytes_put32(at + 4, (uint32_t)(v >> 32));
}

#endif
