/* memo.h: decode, remembered.
 *
 * An entry holds the bytes it was decoded from and counts only while memory holds the same bytes: so
 * nothing has to be told about writes, and throwing entries away changes nothing but speed.
 */
#ifndef RT386_CPU_MEMO_H
#define RT386_CPU_MEMO_H

#include <string.h>

#include "cpu.h"
#include "insn.h"

#define MEMO_READ 16 /* bytes that must be readable at `bytes` */

static inline uint64_t memo_mask(unsigned bytes)
{
    return bytes >= 8 ? ~UINT64_C(0) : (UINT64_C(1) << 8 * bytes) - 1;
}
static inline struct insn_memo *memo_slot(struct i386_cpu *cpu, uint32_t at)
{
    return &cpu->memo[(at ^ at >> 10) % MEMO_ENTRIES];
}
static inline bool memo_hit(const struct insn_memo *e, const uint8_t *bytes, bool code32)
{
    uint64_t first, second;
    memcpy(&first, bytes, 8);
    if (e->mode != 1 + code32 || (first & e->mask) != e->first) return false;
    if (e->insn.len <= 8) return true;
    memcpy(&second, bytes + 8, 8);
    return (second & memo_mask(e->insn.len - 8u)) == e->second;
}
/* The entry for EIP when it lies in the window; it may be another's. */
static inline struct insn_memo *window_memo(struct i386_cpu *cpu, uint32_t eip,
                                            const uint8_t **bytes)
{
    uint32_t off = eip - cpu->window.first;
    if (off >= cpu->window.span) return NULL;
    *bytes = cpu->window.bytes + off;
    return memo_slot(cpu, cpu->window.at + off);
}
static inline void memo_fill(struct insn_memo *e, const uint8_t *bytes, bool code32)
{
    e->mode = 0;
    if (decode(bytes, INSN_MAX, code32, &e->insn) != DECODE_OK) return;
    e->mode = (uint8_t)(1 + code32);
    e->mask = memo_mask(e->insn.len);
    memcpy(&e->first, bytes, 8);
    memcpy(&e->second, bytes + 8, 8);
    e->first &= e->mask;
    e->second &= e->insn.len > 8 ? memo_mask(e->insn.len - 8u) : 0;
}

#endif
