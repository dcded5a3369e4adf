/* Limits of every kind: each access around each edge, against a model in 64-bit arithmetic. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "rows.h"

static const uint32_t fields[] = {0, 1, 0xf, 0xffe, 0xfff, 0xffff, 0x10000, 0xffffe, 0xfffff};
static const unsigned sizes[] = {1, 2, 4, 6, 8, 10, 28, 94, 108, 4096};
static const uint32_t bases[] = {0, 0x1000, 0xfffff000};
/* data read-only, writable, the same expand-down, the four kinds of code; all with and without A */
static const uint8_t types[] = {0x90, 0x92, 0x93, 0x94, 0x96, 0x97, 0x98, 0x9a, 0x9c, 0x9e, 0x9f};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct setting {
    uint8_t access, flags;
    uint32_t base, field;
};

static uint64_t byte_limit(const struct setting *s)
{
    return s->flags & FLG_G ? (uint64_t)s->field * 4096 + 4095 : s->field;
}

/* Is every byte from off to off + size - 1 inside? No arithmetic wraps here. */
static bool model_inside(const struct setting *s, uint32_t off, unsigned size)
{
    uint64_t first = off, last = first + size - 1, limit = byte_limit(s);
    bool down = (s->access & 0x1c) == 0x14;
    if (down) return first > limit && last <= (s->flags & FLG_DB ? 0xffffffffu : 0xffffu);
    return last <= limit;
}

static bool model_right(uint8_t access, enum access how)
{
    bool code = access & 8, bit1 = access & 2;
    switch (how) {
    case ACCESS_READ: return !code || bit1;
    case ACCESS_WRITE: return !code && bit1;
    default: return true;
    }
}

static bool agrees(const struct setting *s, const struct seg *seg, uint32_t off, unsigned size,
                   enum access how)
{
    bool want = model_inside(s, off, size) && model_right(s->access, how), stack = off & 1;
    struct check_log log = {0};
    fault_t f = segm_check_access(seg, stack, eff(off), size, how, NULL);
    fault_t logged = segm_check_access(seg, stack, eff(off), size, how, &log);
    if (memcmp(&f, &logged, sizeof f) != 0 || log.count == 0) return false;
    if (log.at[log.count - 1].passed != want) return false;
    if (want) return !is_fault(f);
    return f.vector == (stack ? VEC_SS : VEC_GP) && f.error == 0 && f.detail == off && !f.has_cr2;
}

static uint64_t sweep_edge(const struct setting *s, const struct seg *seg, uint32_t edge,
                           unsigned *bad)
{
    uint64_t cells = 0;
    for (unsigned z = 0; z < COUNT(sizes); z++)
        for (unsigned delta = 0; delta < 14; delta++)
            for (unsigned how = 0; how < 6; how++, cells++) {
                /* Around the edge with the first byte, and with the last byte. */
                uint32_t off = edge + delta - 7 - (how >= 3 ? sizes[z] - 1 : 0);
                if (agrees(s, seg, off, sizes[z], (enum access)(how % 3))) continue;
                if (++*bad <= 10)
                    cr_log_error("access %02x flags %x base %x field %x: %x + %u, way %u",
                                 s->access, s->flags, s->base, s->field, off, sizes[z], how % 3);
            }
    return cells;
}

static uint64_t sweep(struct setting s, unsigned *bad)
{
    uint32_t limit = (uint32_t)byte_limit(&s);
    uint32_t edges[] = {0, limit, 0xffff, 0x10000, 0x80000000, 0xffffffff};
    struct seg seg = {.sel = 8, .sh = shadow_of(image(s.base, s.field, s.access, s.flags))};
    uint64_t cells = 0;
    for (unsigned e = 0; e < COUNT(edges); e++)
        cells += sweep_edge(&s, &seg, edges[e], bad);
    return cells;
}

Test(limits, every_kind_around_every_edge)
{
    uint64_t cells = 0;
    unsigned bad = 0;
    for (unsigned t = 0; t < COUNT(types); t++)
        for (unsigned f = 0; f < COUNT(fields); f++)
            for (unsigned b = 0; b < COUNT(bases); b++)
                for (unsigned flags = 0; flags < 16; flags += 4)
                    cells += sweep((struct setting){types[t], (uint8_t)flags, bases[b], fields[f]},
                                   &bad);
    fprintf(stderr, "# limits: %llu cells, %u mismatches\n", (unsigned long long)cells, bad);
    cr_assert_eq(bad, 0, "%u cells differ", bad);
}

/* What can be read in one byte steps is exactly what lies between lo and hi. */
Test(limits, bytes_agree_with_bounds)
{
    for (unsigned t = 0; t < COUNT(types); t++)
        for (unsigned flags = 0; flags < 16; flags += 4) {
            struct seg seg = {.sh = shadow_of(image(0x1000, 0x20, types[t], (uint8_t)flags))};
            for (uint32_t off = 0; off < 0x30000; off += off < 0x40 || off > 0xfff0 ? 1 : 13) {
                bool inside = off >= seg.sh.lo && off <= seg.sh.hi;
                fault_t f = segm_check_access(&seg, false, eff(off), 1, ACCESS_FETCH, NULL);
                cr_assert_eq(!is_fault(f), inside, "%02x %x %x", types[t], flags, off);
            }
        }
}

Test(limits, null_is_never_usable)
{
    struct seg seg = {.sel = 3, .sh = shadow_null()};
    for (unsigned z = 0; z < COUNT(sizes); z++)
        for (unsigned how = 0; how < 3; how++)
            for (unsigned shift = 0; shift < 32; shift++) {
                fault_t f = segm_check_access(&seg, false, eff(1u << shift), sizes[z],
                                              (enum access)how, NULL);
                cr_assert(f.vector == VEC_GP && f.rule == RULE_SEGM_USE_NULL);
            }
}

Test(limits, system_segments_are_the_processors_own)
{
    for (unsigned type = 0; type < 16; type++) {
        struct seg seg = {.sh = shadow_of(image(0, 0x67, (uint8_t)(0x80 | type), 0))};
        for (unsigned how = 0; how < 3; how++) {
            enum access way = (enum access)how;
            cr_expect(!is_fault(segm_check_access(&seg, false, eff(0x64), 4, way, NULL)));
            fault_t f = segm_check_access(&seg, false, eff(0x65), 4, way, NULL);
            cr_expect_eq(f.rule, RULE_SEGM_LIMIT_UP, "type %u", type);
        }
    }
}
