/* access.h: memory accesses through a segment register, for engines that want them inline.
 *
 *   selector:offset --segm_check_access--> linear --page.h--> bus
 *
 * access.c gives the same functions out of line (mem_read ... of exec.h). The tests here only
 * short-cut what segm_check_access and lin_* would grant; every refusal is theirs.
 */
#ifndef RT386_CPU_ACCESS_H
#define RT386_CPU_ACCESS_H

#include "exec.h"

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

static inline fault_t acc_refuse(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                                 enum access access, fault_t f)
{
    cpu->refused.valid = true;
    cpu->refused.seg = (uint8_t)seg;
    cpu->refused.access = (uint8_t)access;
    cpu->refused.size = (uint16_t)size;
    cpu->refused.off = off;
    return f;
}

static inline bool acc_waived(const struct i386_cpu *cpu, const struct seg *s, fault_t f)
{
    return f.rule == RULE_SEGM_LIMIT_WRAP && cpu->flat_wraps && s->sh.base == 0;
}

static inline fault_t acc_check(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                                enum access access)
{
    const struct seg *s = &cpu->s.seg[seg];
    fault_t f = segm_check_access(s, seg == SS, off, size, access, NULL);
    if (LIKELY(!is_fault(f)) || acc_waived(cpu, s, f)) return fault_none();
    return acc_refuse(cpu, seg, off, size, access, f);
}

/* Physical is linear, and no hook looks: the bus can be asked directly. */
static inline bool acc_direct(const struct i386_cpu *cpu)
{
    return !(cpu->s.cr0 & CR0_PG) && !cpu->hook;
}
static inline bool acc_user(const struct i386_cpu *cpu)
{
    return cpu->s.cpl == 3;
}

/* --- alignment [SDM3 6.15 #AC]: from the 80486 on, at privilege level 3, while CR0.AM and EFLAGS.AC are set --- */

static inline bool acc_checks_alignment(const struct i386_cpu *cpu)
{
    return (cpu->s.eflags & FL_AC) && (cpu->s.cr0 & CR0_AM) && acc_user(cpu);
}
/* #AC for an access that segment and pages grant and that is not aligned; else no fault. */
fault_t acc_misaligned(struct i386_cpu *cpu, enum segreg seg, eff_t off, lin_t at, unsigned size,
                       enum access access) MUST_USE;
static inline fault_t acc_align(struct i386_cpu *cpu, enum segreg seg, eff_t off, lin_t at,
                                unsigned size, enum access access)
{
    if (LIKELY(!(cpu->s.eflags & FL_AC))) return fault_none();
    return acc_misaligned(cpu, seg, off, at, size, access);
}

void acc_tell(struct i386_cpu *cpu, enum segreg seg, eff_t off, lin_t at, unsigned size,
              enum access access, uint32_t value);
/* Tells the debug registers and the observer about a granted access. */
static inline void acc_seen(struct i386_cpu *cpu, enum segreg seg, eff_t off, lin_t at,
                            unsigned size, enum access access, uint32_t value)
{
    if (UNLIKELY(cpu->s.dr[7] & 0xff)) debug_data(cpu, at, size, access == ACCESS_WRITE);
    if (UNLIKELY(cpu->obs && cpu->obs->mem)) acc_tell(cpu, seg, off, at, size, access, value);
}

static inline fault_t acc_read(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                               uint32_t *out)
{
    TRY(acc_check(cpu, seg, off, size, ACCESS_READ));
    lin_t at = segm_linear(&cpu->s.seg[seg], off);
    TRY(acc_align(cpu, seg, off, at, size, ACCESS_READ));
    if (LIKELY(acc_direct(cpu))) {
        *out = bus_read(cpu->bus, phys(at.v), size);
    } else {
        struct page_env env = cpu_page_cached(cpu);
        fault_t f = lin_read(&env, at, size, acc_user(cpu), out);
        if (UNLIKELY(is_fault(f))) return acc_refuse(cpu, seg, off, size, ACCESS_READ, f);
    }
    acc_seen(cpu, seg, off, at, size, ACCESS_READ, *out);
    return fault_none();
}

static inline fault_t acc_read_rmw(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                                   uint32_t *out)
{
    TRY(acc_check(cpu, seg, off, size, ACCESS_WRITE));
    lin_t at = segm_linear(&cpu->s.seg[seg], off);
    TRY(acc_align(cpu, seg, off, at, size, ACCESS_WRITE));
    if (LIKELY(acc_direct(cpu))) {
        *out = bus_read(cpu->bus, phys(at.v), size);
    } else {
        struct page_env env = cpu_page_cached(cpu);
        fault_t f = lin_read_rmw(&env, at, size, acc_user(cpu), out);
        if (UNLIKELY(is_fault(f))) return acc_refuse(cpu, seg, off, size, ACCESS_WRITE, f);
    }
    acc_seen(cpu, seg, off, at, size, ACCESS_READ, *out);
    return fault_none();
}

static inline fault_t acc_write(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                                uint32_t value)
{
    TRY(acc_check(cpu, seg, off, size, ACCESS_WRITE));
    lin_t at = segm_linear(&cpu->s.seg[seg], off);
    TRY(acc_align(cpu, seg, off, at, size, ACCESS_WRITE));
    if (LIKELY(acc_direct(cpu))) {
        bus_write(cpu->bus, phys(at.v), size, value);
    } else {
        struct page_env env = cpu_page_cached(cpu);
        fault_t f = lin_write(&env, at, size, acc_user(cpu), value);
        if (UNLIKELY(is_fault(f))) return acc_refuse(cpu, seg, off, size, ACCESS_WRITE, f);
    }
    acc_seen(cpu, seg, off, at, size, ACCESS_WRITE, value);
    return fault_none();
}

/* --- operands of the straight loop: granted RAM accesses at once, all else by mem_* --- */

/* Would segm_check_access grant it? False also for the rare access that only it can judge. */
static inline bool acc_granted(const struct shadow *sh, eff_t off, unsigned size,
                               enum access access)
{
    uint64_t last = (uint64_t)off.v + (size - 1);
    return sh->usable && off.v >= sh->lo && last <= sh->hi && segm_right(sh, access);
}

/* The RAM behind a granted access, NULL: not at once. *at: its physical address. With paging the tag is
 * that of the last byte's page, so that an access which crosses a page finds nothing. */
static inline uint8_t *acc_ram_as(struct i386_cpu *cpu, enum straight as, enum segreg seg,
                                  eff_t off, unsigned size, enum access access, uint32_t *at)
{
    const struct shadow *sh = &cpu->s.seg[seg].sh;
    if (!acc_granted(sh, off, size, access)) return NULL;
    uint32_t linear = sh->base + off.v;
    if (as == STRAIGHT_PAGED) {
        const struct tlb_entry *e = &cpu->pages[tlb_index(linear)];
        uint64_t tag = tlb_tag(cpu->bus, linear + size - 1);
        if ((access == ACCESS_WRITE ? e->write : e->read) != tag) return NULL;
        *at = e->wire + (linear & PAGE_MASK);
        return e->bytes + (linear & PAGE_MASK);
    }
    if (as != STRAIGHT_PHYSICAL) return NULL;
    *at = linear & cpu->bus->a20_mask;
    return bus_ram_at(cpu->bus, *at);
}

static inline uint8_t *acc_ram(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                               enum access access, uint32_t *at)
{
    return acc_ram_as(cpu, cpu->straight, seg, off, size, access, at);
}

static inline fault_t data_read(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                                uint32_t *out)
{
    uint32_t at;
    const uint8_t *ram = acc_ram(cpu, seg, off, size, ACCESS_READ, &at);
    if (UNLIKELY(!ram)) return mem_read(cpu, seg, off, size, out);
    *out = bus_load(ram, size);
    return fault_none();
}

static inline fault_t data_read_rmw(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                                    uint32_t *out)
{
    uint32_t at;
    const uint8_t *ram = acc_ram(cpu, seg, off, size, ACCESS_WRITE, &at);
    if (UNLIKELY(!ram)) return mem_read_rmw(cpu, seg, off, size, out);
    *out = bus_load(ram, size);
    return fault_none();
}

static inline fault_t data_write(struct i386_cpu *cpu, enum segreg seg, eff_t off, unsigned size,
                                 uint32_t value)
{
    uint32_t at;
    uint8_t *ram = acc_ram(cpu, seg, off, size, ACCESS_WRITE, &at);
    if (UNLIKELY(!ram)) return mem_write(cpu, seg, off, size, value);
    bus_store(ram, size, value);
    bus_stored(cpu->bus, at, size);
    return fault_none();
}

#endif
