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
static inline uint8_t memo_mode(bool code32)
{
    return code32 ? 2 : 1;
}
static inline struct insn_memo *memo_slot(struct i386_cpu *cpu, uint32_t at)
{
    return &cpu->memo[(at ^ at >> 10) % MEMO_ENTRIES];
}
/* Entries name each other by their distance from the first one. */
static inline uint32_t memo_distance(const struct i386_cpu *cpu, const struct insn_memo *e)
{
    return (uint32_t)((const char *)e - (const char *)cpu->memo);
}
static inline struct insn_memo *memo_at(struct i386_cpu *cpu, uint32_t distance)
{
    return (struct insn_memo *)((char *)cpu->memo + distance);
}
/* For instructions of at most 8 bytes in the straight loop. */
static inline bool memo_hit_quick(const struct insn_memo *e, const uint8_t *bytes, uint8_t mode)
{
    uint64_t first;
    memcpy(&first, bytes, 8);
    return e->quick == mode && (first & e->mask) == e->first;
}
static inline bool memo_hit(const struct insn_memo *e, const uint8_t *bytes, uint8_t mode)
{
    uint64_t first, second, want;
    memcpy(&first, bytes, 8);
    if (e->mode != mode || (first & e->mask) != e->first) return false;
    if (e->insn.len <= 8) return true;
    memcpy(&second, bytes + 8, 8);
    memcpy(&want, e->code.bytes + 8, 8);
    return (second & memo_mask(e->insn.len - 8u)) == want;
}
/* The bytes of code at EIP, MEMO_READ of them; NULL: not in the window, or it is no longer true. */
static inline const uint8_t *window_bytes(const struct i386_cpu *cpu, uint32_t eip)
{
    const struct code_window *w = &cpu->window;
    bool inside = eip - w->first < w->span && w->generation == cpu->bus->generation;
    return inside ? w->bytes + (eip - w->first) : NULL;
}
/* The instruction at `eip` if it is the one that followed a jump by `in` last time. */
static inline const struct insn *memo_jump(struct i386_cpu *cpu, const struct insn *in,
                                           uint32_t eip)
{
    const uint8_t *bytes = window_bytes(cpu, eip);
    if (!bytes) return NULL;
    const char *self = (const char *)in - offsetof(struct insn_memo, insn);
    const struct insn_memo *e = memo_at(cpu, ((const struct insn_memo *)self)->next[1]);
    return memo_hit_quick(e, bytes, cpu->window.mode) ? &e->insn : NULL;
}
static inline void memo_fill(struct insn_memo *e, enum cpu_level level, const uint8_t *bytes,
                             bool code32)
{
    e->mode = e->quick = 0;
    if (decode_at(level, bytes, INSN_MAX, code32, &e->insn) != DECODE_OK) return;
    e->mode = memo_mode(code32);
    e->mask = memo_mask(e->insn.len);
    memcpy(&e->first, bytes, 8);
    e->first &= e->mask;
    e->code = (struct plain_code){.length = e->insn.len, .code32 = code32};
    memcpy(e->code.bytes, bytes, e->insn.len);
}

#endif
