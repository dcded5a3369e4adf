/* later.c: see later.h.
 *
 *   time-stamp counter = clocks + tsc_base     so it counts virtual time, and a write moves it
 *   performance counters keep what is written to them: no event is counted
 */
#include "later.h"

#include <string.h>

#include "bits.h"
#include "operand.h"
#include "wide.h"

static fault_t refuse(enum rule rule, uint32_t detail)
{
    return fault_detail(VEC_GP, 0, rule, detail);
}

/* --- control registers [SDM3 2.5] --- */

/* ET is fixed: the coprocessor is on the chip. */
fault_t later_mov_to_cr0(struct i386_cpu *cpu, uint32_t value)
{
    if ((value & (CR0_CD | CR0_NW)) == CR0_NW) return refuse(RULE_LATER_CR0_CACHE, value);
    cpu->s.cr0 = (value & level_cr0(cpu)) | CR0_ET;
    return fault_none();
}

fault_t later_mov_to_cr4(struct i386_cpu *cpu, uint32_t value)
{
    if (value & ~level_of(cpu->level)->cr4) return refuse(RULE_LATER_CR4_RESERVED, value);
    cpu->s.cr4 = value;
    return fault_none();
}

/* --- CMPXCHG8B --- */

/* The operand is written in any case: the old value when it does not match [SDM2 CMPXCHG8B]. */
fault_t later_cmpxchg8b(struct exec *x)
{
    struct i386_state *s = &x->cpu->s;
    uint8_t bytes[8];
    TRY(wide_touch(x, 8, ACCESS_WRITE));
    TRY(wide_load(x, 8, bytes));
    uint32_t low = get32(bytes), high = get32(bytes + 4);
    bool equal = low == s->gpr[EAX] && high == s->gpr[EDX];
    put32(bytes, equal ? s->gpr[EBX] : low);
    put32(bytes + 4, equal ? s->gpr[ECX] : high);
    TRY(wide_store(x, 8, bytes));
    s->eflags = alu_merge(s->eflags, FL_ZF, alu_flag(equal, FL_ZF));
    if (equal) return fault_none();
    s->gpr[EAX] = low;
    s->gpr[EDX] = high;
    return fault_none();
}

/* --- CPUID [SDM2 CPUID] --- */

struct leaf {
    uint32_t eax, ebx, ecx, edx;
};

static uint32_t letters(const char *text)
{
    return get32((const uint8_t *)text);
}

#define CLFLUSH_LINE 0x0800u /* of 8 bytes each, in bits 15..8 */
#define NO_CACHE     0x40u   /* descriptor: neither second nor third level */
#define BRAND        "rt386 virtual processor"

/* Part 0, 1 or 2 of the brand string. */
static struct leaf brand_part(uint32_t n)
{
    static const char brand[48] = BRAND;
    const char *at = brand + 16 * n;
    return (struct leaf){letters(at), letters(at + 4), letters(at + 8), letters(at + 12)};
}

static struct leaf leaf_of(const struct level *l, uint32_t leaf)
{
    switch (leaf) {
    case 0: return (struct leaf){l->leaf_max, letters("Genu"), letters("ntel"), letters("ineI")};
    case 1:
        return (struct leaf){l->signature, l->features & FEATURE_CLFSH ? CLFLUSH_LINE : 0, 0,
                             l->features};
    case 2: return (struct leaf){1, 0, 0, NO_CACHE};
    case 0x80000000u: return (struct leaf){l->leaf_ext_max, 0, 0, 0};
    case 0x80000002u:
    case 0x80000003u:
    case 0x80000004u: return brand_part(leaf - 0x80000002u);
    default: return (struct leaf){0, 0, 0, 0};
    }
}

/* A leaf that this processor does not have answers with zeros: whoever asks without looking at leaf 0 finds no
 * feature. (Parts of Intel's repeat the last leaf instead.) */
void later_cpuid(struct exec *x)
{
    struct i386_state *s = &x->cpu->s;
    const struct level *l = level_of(x->cpu->level);
    uint32_t asked = s->gpr[EAX];
    bool known = asked < 0x80000000u ? asked <= l->leaf_max : asked <= l->leaf_ext_max;
    struct leaf leaf = known ? leaf_of(l, asked) : (struct leaf){0, 0, 0, 0};
    s->gpr[EAX] = leaf.eax;
    s->gpr[EBX] = leaf.ebx;
    s->gpr[ECX] = leaf.ecx;
    s->gpr[EDX] = leaf.edx;
}

/* --- time and model-specific registers --- */

static void put_pair(struct i386_state *s, uint64_t value)
{
    s->gpr[EAX] = (uint32_t)value;
    s->gpr[EDX] = (uint32_t)(value >> 32);
}

fault_t later_rdtsc(struct exec *x)
{
    struct i386_state *s = &x->cpu->s;
    if ((s->cr4 & CR4_TSD) && s->cpl) return refuse(RULE_LATER_TSD, s->cpl);
    put_pair(s, s->clocks + s->tsc_base);
    return fault_none();
}

#define MSR_TSC       0x10u
#define MSR_BIOS_SIGN 0x8bu /* revision of the microcode: none was loaded */
#define MSR_PERFCTR0  0xc1u
#define MSR_EVNTSEL0  0x186u
#define PMC_MASK      ((UINT64_C(1) << 40) - 1)

static bool is_pair(const struct i386_cpu *cpu, uint32_t msr, uint32_t first)
{
    return cpu->level >= LEVEL_P6 && msr - first < PMC_COUNT;
}

fault_t later_rdmsr(struct exec *x)
{
    struct i386_cpu *cpu = x->cpu;
    struct i386_state *s = &cpu->s;
    uint32_t msr = s->gpr[ECX];
    if (msr == MSR_TSC)
        put_pair(s, s->clocks + s->tsc_base);
    else if (is_pair(cpu, msr, MSR_PERFCTR0))
        put_pair(s, s->pmc[msr - MSR_PERFCTR0]);
    else if (is_pair(cpu, msr, MSR_EVNTSEL0))
        put_pair(s, s->evtsel[msr - MSR_EVNTSEL0]);
    else if (msr == MSR_BIOS_SIGN && cpu->level >= LEVEL_P6)
        put_pair(s, 0);
    else
        return refuse(RULE_LATER_MSR, msr);
    return fault_none();
}

/* P6 parts write the lower half of a counter and extend its sign [SDM3 18.2]. */
static uint64_t counter_of(uint32_t low)
{
    return (uint64_t)(int64_t)(int32_t)low & PMC_MASK;
}

fault_t later_wrmsr(struct exec *x)
{
    struct i386_cpu *cpu = x->cpu;
    struct i386_state *s = &cpu->s;
    uint32_t msr = s->gpr[ECX], low = s->gpr[EAX], high = s->gpr[EDX];
    if (msr == MSR_TSC) {
        s->tsc_base = ((uint64_t)high << 32 | low) - s->clocks;
    } else if (is_pair(cpu, msr, MSR_PERFCTR0)) {
        s->pmc[msr - MSR_PERFCTR0] = counter_of(low);
    } else if (is_pair(cpu, msr, MSR_EVNTSEL0)) {
        if (high) return refuse(RULE_LATER_MSR_VALUE, high);
        s->evtsel[msr - MSR_EVNTSEL0] = low;
    } else if (msr != MSR_BIOS_SIGN || cpu->level < LEVEL_P6) {
        return refuse(RULE_LATER_MSR, msr);
    }
    return fault_none();
}

fault_t later_rdpmc(struct exec *x)
{
    struct i386_state *s = &x->cpu->s;
    uint32_t counter = s->gpr[ECX];
    if (!(s->cr4 & CR4_PCE) && s->cpl) return refuse(RULE_LATER_PCE, s->cpl);
    if (counter >= PMC_COUNT) return refuse(RULE_LATER_PMC, counter);
    put_pair(s, s->pmc[counter]);
    return fault_none();
}
