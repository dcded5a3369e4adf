/* kinds.c: see kinds.h. */
#include "kinds.h"

enum contents { DATA, DOWN, CODE, CONF };

const struct sil_kind sil_kinds[] = {
#define KIND(name, contents, ro, big, pages, absent, base, limit)                                  \
    {name, {base, limit, contents, ro, big, pages, absent, {0}}},
#include "kinds.def"
#undef KIND
};
const unsigned sil_kind_count = sizeof sil_kinds / sizeof sil_kinds[0];

desc_t kind_image(const struct sil_ldt *e)
{
    unsigned access = ACC_DPL(0xffu) << 5 | ACC_S | ACC_ACCESSED | (unsigned)e->contents << 2;
    if (!e->absent) access |= ACC_PRESENT;
    if (!e->read_only) access |= ACC_WRITE;
    uint32_t high = (e->base >> 16 & 0xffu) | access << 8 | (e->limit & 0xf0000u);
    high |= (e->big ? 0x400000u : 0) | (e->pages ? 0x800000u : 0) | (e->base & 0xff000000u);
    return (desc_t){(uint64_t)high << 32 | (e->limit & 0xffffu) | e->base << 16};
}

bool kind_usable(unsigned kind, enum kind_use use)
{
    const struct sil_ldt *e = &sil_kinds[kind].ldt;
    bool code = e->contents >= CODE;
    if (e->absent) return false;
    if (use == KIND_FOR_CODE) return code;
    if (use == KIND_FOR_STACK) return !code && !e->read_only;
    return !code || !e->read_only;
}
