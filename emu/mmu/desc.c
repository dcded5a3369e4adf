#include "desc.h"

#include <stdio.h>

bool desc_is_code(desc_t d)
{
    return (desc_access(d) & (ACC_S | ACC_CODE)) == (ACC_S | ACC_CODE);
}

bool desc_is_data(desc_t d)
{
    return (desc_access(d) & (ACC_S | ACC_CODE)) == ACC_S;
}

bool desc_is_conforming(desc_t d)
{
    return desc_is_code(d) && (desc_access(d) & ACC_CONFORM);
}

bool desc_is_readable(desc_t d)
{
    return desc_is_data(d) || (desc_is_code(d) && (desc_access(d) & ACC_READ));
}

bool desc_is_writable(desc_t d)
{
    return desc_is_data(d) && (desc_access(d) & ACC_WRITE);
}

bool desc_is_expand_down(desc_t d)
{
    return desc_is_data(d) && (desc_access(d) & ACC_DOWN);
}

bool desc_is_system(desc_t d, enum sys_type type)
{
    return !desc_is_segment(d) && desc_type(d) == (unsigned)type;
}

bool desc_is_tss(desc_t d)
{
    return desc_is_tss_available(d) || desc_is_system(d, SYS_TSS16_BUSY) ||
           desc_is_system(d, SYS_TSS32_BUSY);
}

bool desc_is_tss_available(desc_t d)
{
    return desc_is_system(d, SYS_TSS16_AVAIL) || desc_is_system(d, SYS_TSS32_AVAIL);
}

bool desc_is_tss32(desc_t d)
{
    return desc_is_system(d, SYS_TSS32_AVAIL) || desc_is_system(d, SYS_TSS32_BUSY);
}

bool desc_is_call_gate(desc_t d)
{
    return desc_is_system(d, SYS_CALL16) || desc_is_system(d, SYS_CALL32);
}

/* `bit` counts inside the access byte, which starts at bit 40 of the image. */
static desc_t with_access_bit(desc_t d, uint8_t bit, bool set)
{
    uint64_t mask = (uint64_t)bit << 40;
    return (desc_t){set ? d.raw | mask : d.raw & ~mask};
}

desc_t desc_with_accessed(desc_t d)
{
    return desc_is_segment(d) ? with_access_bit(d, ACC_ACCESSED, true) : d;
}

desc_t desc_with_busy(desc_t d, bool busy)
{
    return desc_is_tss(d) ? with_access_bit(d, SYS_TSS16_AVAIL ^ SYS_TSS16_BUSY, busy) : d;
}

desc_t desc_make(uint32_t base, uint32_t limit, uint8_t access, bool db, bool granular)
{
    bool pages = granular || limit > 0xfffff;
    uint32_t field = pages ? limit >> 12 : limit;
    uint64_t flags = (pages ? FLG_G : 0u) | (db ? FLG_DB : 0u);
    uint64_t raw = field & 0xffffu;
    raw |= (uint64_t)(base & 0xffffffu) << 16;
    raw |= (uint64_t)access << 40;
    raw |= (uint64_t)(field >> 16) << 48;
    raw |= flags << 52;
    raw |= (uint64_t)(base >> 24) << 56;
    return (desc_t){raw};
}

static bool type_is_32(unsigned type)
{
    return type & 8u;
}

desc_t desc_make_gate(unsigned type, uint16_t selector, uint32_t offset, unsigned dpl,
                      unsigned count)
{
    uint64_t raw = offset & 0xffffu;
    raw |= (uint64_t)selector << 16;
    raw |= (uint64_t)(count & 0x1fu) << 32;
    raw |= (uint64_t)(ACC_PRESENT | (dpl & 3u) << 5 | (type & 0xfu)) << 40;
    if (type_is_32(type)) raw |= (uint64_t)(offset >> 16) << 48;
    return (desc_t){raw};
}

struct gate desc_gate(desc_t d)
{
    bool is32 = type_is_32(desc_type(d));
    uint32_t upper = is32 ? bits64(d.raw, 63, 48) << 16 : 0;
    return (struct gate){.selector = (uint16_t)bits64(d.raw, 31, 16),
                         .offset = bits64(d.raw, 15, 0) | upper,
                         .type = (uint8_t)desc_type(d),
                         .count = (uint8_t)bits64(d.raw, 36, 32),
                         .dpl = (uint8_t)desc_dpl(d),
                         .present = desc_present(d),
                         .is32 = is32};
}

/* --- words --- */

static const char *const sys_names[16] = {
    [SYS_TSS16_AVAIL] = "286 TSS, available",
    [SYS_LDT] = "LDT",
    [SYS_TSS16_BUSY] = "286 TSS, busy",
    [SYS_CALL16] = "286 call gate",
    [SYS_TASK_GATE] = "task gate",
    [SYS_INT16] = "286 interrupt gate",
    [SYS_TRAP16] = "286 trap gate",
    [SYS_TSS32_AVAIL] = "386 TSS, available",
    [SYS_TSS32_BUSY] = "386 TSS, busy",
    [SYS_CALL32] = "386 call gate",
    [SYS_INT32] = "386 interrupt gate",
    [SYS_TRAP32] = "386 trap gate",
};

static const char *absent_text(desc_t d)
{
    return desc_present(d) ? "" : ", not present";
}

static void describe_segment(desc_t d, char *to, unsigned size)
{
    bool code = desc_is_code(d), big = desc_flags(d) & FLG_DB;
    const char *rights = code ? (desc_is_readable(d) ? "readable" : "execute-only")
                              : (desc_is_writable(d) ? "writable" : "read-only");
    const char *way = code ? (desc_is_conforming(d) ? "conforming" : "nonconforming")
                           : (desc_is_expand_down(d) ? "expand-down" : "expand-up");
    snprintf(to, size, "%s, %s, %s, %s, DPL %u%s", code ? "code" : "data", rights, way,
             big ? "32-bit" : "16-bit", desc_dpl(d), absent_text(d));
}

static void describe_gate(desc_t d, const char *name, char *to, unsigned size)
{
    struct gate g = desc_gate(d);
    if (g.type == SYS_TASK_GATE)
        snprintf(to, size, "%s to TSS %04X, DPL %u%s", name, g.selector, g.dpl, absent_text(d));
    else if (desc_is_call_gate(d))
        snprintf(to, size, "%s to %04X:%08X, %u parameter%s, DPL %u%s", name, g.selector, g.offset,
                 g.count, g.count == 1 ? "" : "s", g.dpl, absent_text(d));
    else
        snprintf(to, size, "%s to %04X:%08X, DPL %u%s", name, g.selector, g.offset, g.dpl,
                 absent_text(d));
}

const char *desc_describe(desc_t d, char *to, unsigned size)
{
    const char *name = sys_names[desc_type(d)];
    if (d.raw == 0)
        snprintf(to, size, "empty");
    else if (desc_is_segment(d))
        describe_segment(d, to, size);
    else if (!name)
        snprintf(to, size, "reserved type %u, DPL %u%s", desc_type(d), desc_dpl(d), absent_text(d));
    else if (desc_is_tss(d) || desc_is_system(d, SYS_LDT))
        snprintf(to, size, "%s, DPL %u%s", name, desc_dpl(d), absent_text(d));
    else
        describe_gate(d, name, to, size);
    return to;
}

/* --- the shadow --- */

/* An interval without any offset in it. */
static void no_offsets(struct shadow *sh)
{
    sh->lo = 0xffffffffu;
    sh->hi = 0;
}

/* Valid offsets of an expand-down segment: limit + 1 up to FFFF or FFFFFFFF [386 table 6-2]. */
static void bounds_down(struct shadow *sh)
{
    sh->lo = sh->limit + 1;
    sh->hi = sh->flags & FLG_DB ? 0xffffffffu : 0xffffu;
    if (sh->limit == 0xffffffffu) no_offsets(sh);
}

struct shadow shadow_made(uint32_t base, uint32_t limit, uint8_t access, uint8_t flags)
{
    struct shadow sh = {.base = base,
                        .limit = limit,
                        .lo = 0,
                        .hi = limit,
                        .access = access,
                        .flags = flags,
                        .usable = (access & ACC_PRESENT) != 0};
    if ((access & (ACC_S | ACC_CODE | ACC_DOWN)) == (ACC_S | ACC_DOWN)) bounds_down(&sh);
    return sh;
}

struct shadow shadow_of(desc_t d)
{
    struct shadow sh = shadow_made(desc_base(d), desc_limit(d), desc_access(d), desc_flags(d));
    sh.usable = 1;
    return sh;
}

struct shadow shadow_null(void)
{
    struct shadow sh = {0};
    no_offsets(&sh);
    return sh;
}

#define ACC_REAL (ACC_PRESENT | ACC_S | ACC_WRITE | ACC_ACCESSED)

struct shadow shadow_real(struct shadow old, uint16_t sel)
{
    struct shadow sh = old;
    if (!old.usable) { /* null was loaded in protected mode: nothing is worth keeping */
        sh = (struct shadow){.limit = 0xffff, .hi = 0xffff};
        sh.access = ACC_REAL;
    }
    if (sh.access & ACC_CODE) sh.access = (uint8_t)(ACC_REAL | (sh.access & 0x60u));
    sh.base = (uint32_t)sel << 4;
    sh.usable = 1;
    return sh;
}

struct shadow shadow_v86(uint16_t sel)
{
    return (struct shadow){.base = (uint32_t)sel << 4,
                           .limit = 0xffff,
                           .lo = 0,
                           .hi = 0xffff,
                           .access = ACC_REAL | 0x60u,
                           .flags = 0,
                           .usable = 1};
}
