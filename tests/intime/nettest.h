/* nettest.h: what the tests of socket calls have in common: places in the caller's data, words, errno. */
#ifndef RT386_TESTS_NETTEST_H
#define RT386_TESTS_NETTEST_H

#include <criterion/criterion.h>
#include <string.h>

#include "hostmem.h"
#include "net.h"
#include "wire.h"

#define ALL    0xffffffffu
#define NAME   (FAKE_DATA + 0x100)
#define ROOM   (FAKE_DATA + 0x140)
#define DATA   (FAKE_DATA + 0x200)
#define SETS   (FAKE_DATA + 0x600)
#define LIMIT  (FAKE_DATA + 0x700)
#define BAD    0x10u
#define HEADER (FAKE_DATA + 0x780)
#define PIECES (FAKE_DATA + 0x7C0)

static inline void put_dword(struct fake *f, uint32_t at, uint32_t value)
{
    uint8_t bytes[4];
    put32(bytes, value);
    fake_put(f, at, bytes, 4);
}

static inline uint32_t dword(struct fake *f, uint32_t at)
{
    uint8_t bytes[4];
    fake_get(f, at, bytes, 4);
    return get32(bytes);
}

static inline uint32_t put_address(struct fake *f, uint16_t port)
{
    const uint8_t raw[16] = {16, 2, (uint8_t)(port >> 8), (uint8_t)port, 127, 0, 0, 1};
    fake_put(f, NAME, raw, sizeof raw);
    return NAME;
}

/* The call failed with that errno. */
#define FAILS(f, call, error)                                                                      \
    do {                                                                                           \
        put_dword(f, (f)->k->current->block + 0xF0, 0);                                            \
        cr_expect_eq(call, ALL, #call);                                                            \
        cr_expect_eq(wire_errno(f), error, #call ": errno %u", wire_errno(f));                     \
    } while (0)

static inline void expect_text(struct fake *f, uint32_t at, const char *text)
{
    char got[128] = "";
    fake_get(f, at, got, (uint32_t)strlen(text));
    cr_expect_str_eq(got, text);
}

static inline void finish(struct fake *f)
{
    cr_expect_null(fake_check(f), "%s", fake_check(f));
    fake_free(f);
}

static inline bool waits(const struct fake *f)
{
    return !f->k->current;
}

/* A message header at HEADER, its pieces at PIECES. */
struct piece {
    uint32_t at, size;
};

static inline void put_header(struct fake *f, uint32_t name, uint32_t name_size,
                              const struct piece *piece, uint32_t count)
{
    const uint32_t words[7] = {name, name_size, PIECES, count, 0, 0, ALL};
    for (uint32_t i = 0; i < 7; i++)
        put_dword(f, HEADER + 4 * i, words[i]);
    for (uint32_t i = 0; i < count; i++) {
        put_dword(f, PIECES + 8 * i, piece[i].at);
        put_dword(f, PIECES + 8 * i + 4, piece[i].size);
    }
}

#endif
