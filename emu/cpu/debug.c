/* debug.c: breakpoints by debug register [386 12.2, 12.3].
 *
 *   DR7  31 30 29 28 ... 19 18 17 16 | 13 | 9  8 | 7  6 ... 1  0
 *        LEN3  R/W3      LEN0  R/W0  | GD | GE LE| G3 L3    G0 L0
 *
 * GE and LE make no difference: data breakpoints are always reported exactly.
 */
#include "transfer.h"

#define DR7_ANY    0xffu
#define RW_EXECUTE 0u
#define RW_WRITE   1u
#define RW_PORT    2u /* undefined before CR4.DE */
#define RW_ANY     3u

static bool enabled(uint32_t dr7, unsigned n)
{
    return dr7 >> (2 * n) & 3u;
}
static unsigned rw_of(uint32_t dr7, unsigned n)
{
    return dr7 >> (16 + 4 * n) & 3u;
}
/* 0 and the undefined 2 watch one byte. */
static uint32_t bytes_of(uint32_t dr7, unsigned n)
{
    unsigned len = dr7 >> (18 + 4 * n) & 3u;
    return len == 3 ? 4 : len == 1 ? 2 : 1;
}

/* Bn is reported for every condition that holds, once an enabled one does [386 12.2.3]. */
static uint32_t report(uint32_t dr7, uint32_t hits)
{
    for (unsigned n = 0; n < 4; n++)
        if ((hits >> n & 1u) && enabled(dr7, n)) return hits;
    return 0;
}

fault_t debug_fetch(struct i386_cpu *cpu)
{
    const struct i386_state *s = &cpu->s;
    uint32_t dr7 = s->dr[7], hits = 0;
    if (!(dr7 & DR7_ANY) || (s->eflags & FL_RF) || s->inhibit == INHIBIT_SS) return fault_none();
    uint32_t at = s->seg[CS].sh.base + s->eip;
    for (unsigned n = 0; n < 4; n++)
        if (rw_of(dr7, n) == RW_EXECUTE && s->dr[n] == at) hits |= 1u << n;
    hits = report(dr7, hits);
    return hits ? fault_detail(VEC_DB, 0, RULE_FAR_BREAKPOINT, hits) : fault_none();
}

/* Has the access a byte in common with what DRn watches? */
static bool overlaps(const struct i386_state *s, unsigned n, uint32_t at, uint32_t size)
{
    uint32_t bytes = bytes_of(s->dr[7], n), first = s->dr[n] & ~(bytes - 1);
    return at - first < bytes || first - at < size; /* modulo 4 GB */
}

static bool data_hit(const struct i386_state *s, unsigned n, uint32_t at, uint32_t size, bool write)
{
    unsigned rw = rw_of(s->dr[7], n);
    return (rw == RW_ANY || (rw == RW_WRITE && write)) && overlaps(s, n, at, size);
}

void debug_port(struct i386_cpu *cpu, uint16_t port, unsigned size)
{
    struct i386_state *s = &cpu->s;
    uint32_t hits = 0;
    for (unsigned n = 0; n < 4; n++)
        if (rw_of(s->dr[7], n) == RW_PORT && overlaps(s, n, port, size)) hits |= 1u << n;
    s->pending_db |= report(s->dr[7], hits);
}

void debug_data(struct i386_cpu *cpu, lin_t at, unsigned size, bool write)
{
    struct i386_state *s = &cpu->s;
    uint32_t hits = 0;
    if (!(s->dr[7] & DR7_ANY)) return;
    for (unsigned n = 0; n < 4; n++)
        if (data_hit(s, n, at.v, size, write)) hits |= 1u << n;
    s->pending_db |= report(s->dr[7], hits);
}
