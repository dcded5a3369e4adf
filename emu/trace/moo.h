/* moo.h: inside of the reader and writer of single-step vectors (public part: rt386/moo.h).
 *
 *   chunk = | tag, 4 characters | u32 length | payload |          all little-endian
 *
 *   file  = "MOO " "META" [RMSK|RM32] ["RAM "] TEST...
 *   TEST  = u32 index, NAME BYTS INIT FINA CYCL [EXCP] [ERRC] [STOP] HASH
 *   INIT, FINA = REGS|RG32 [RMSK|RM32] [DC32] "RAM " [RAMM] [QUEU] [EA32]
 *
 *   offset  0    4        8                       12
 *   MOO     | tag | 0c 00 00 00 | major minor 0 0 | tests | cpu |
 *
 * Unknown chunks are skipped by their length, at every level.
 *
 * Invariant: a chunk's payload lies inside the payload of the chunk around it; a list's entries lie
 * inside its chunk. moo_parse_test checks both and never reads outside.
 */
#ifndef RT386_TRACE_MOO_H
#define RT386_TRACE_MOO_H

#include <rt386/moo.h>

#include "buffer.h"

#define MOO_UNPACKED_MAX ((size_t)256 << 20)
#define MOO_TAG(a, b, c, d)                                                                        \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define MOO_SHUTDOWN 0x80000000u /* in the bits of RG32 */

/* An entry of DC32: u16 selector, u32 access, u32 base, u32 limit. Access: the access byte in bits 7..0, the flags of
 * the descriptor in bits 15..12. */
#define MOO_DESC_SIZE     14u
#define MOO_DESC_UNUSABLE 0x10000u /* in the access word */
#define MOO_HAS_ERROR     1u       /* in the bits of ERRC */
#define MOO_HAS_CR2       2u

struct moo_err { /* where a sentence goes */
    char *text;
    size_t size;
};
rt386_status moo_refuse(const struct moo_err *err, rt386_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct rt386_moo {
    uint8_t *bytes;
    size_t n;
    rt386_moo_info info;
    size_t *at; /* offset of each TEST's payload */
    uint32_t *length;
    uint32_t tests, room;
};

/* 16-bit register lists: which rt386_moo_reg each bit is. */
#define MOO_REGS16 14u
extern const uint8_t moo_regs16[MOO_REGS16];

/* `p` is a TEST's payload. False: damaged; *why is a constant phrase. */
bool moo_parse_test(const uint8_t *p, uint32_t n, rt386_moo_test *test, const char **why);
/* Takes over `bytes`, also on failure. */
rt386_status moo_index(uint8_t *bytes, size_t n, rt386_moo **moo, const struct moo_err *err);

/* Reads a file into memory; unpacks gzip. */
rt386_status moo_load(const char *path, struct buffer *to, const struct moo_err *err);
rt386_status moo_unpack(struct buffer *bytes, const struct moo_err *err);
/* JSON text to the bytes of a MOO file. */
rt386_status moo_from_json(const char *text, size_t n, struct buffer *to,
                           const struct moo_err *err);

struct moo_outcome { /* what the judge of named differences looks at */
    const rt386_moo_info *info;
    const rt386_moo_test *test;
    const rt386_moo_result *result;
    int vector; /* exception taken here, or -1 */
};
/* Index of the difference that explains the outcome, or -1. */
int moo_difference(const struct moo_outcome *o);

#endif
