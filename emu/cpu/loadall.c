/* loadall.c: LOADALL of the 80386, 0F 07 (UNDOC): the whole state from a table at ES:EDI.
 *
 *   00 CR0   10 ESI  20 EDX  30 DR7   40 FS    54 TSS  84 GS  B4 CS    here each: access rights, base, limit;
 *   04 EFLAGS 14 EBP 24 ECX  34 TR    44 DS    60 IDT  90 FS  C0 ES    rights: bit 23 G, bit 22 D/B, bits 15..8
 *   08 EIP   18 ESP  28 EAX  38 LDTR  48 SS    6C GDT  9C DS           the access byte; limit: in bytes
 *   0C EDI   1C EBX  2C DR6  3C GS    4C CS    78 LDT  A8 SS
 *                                     50 ES                            100..127: registers that nobody sees
 *
 * Nothing is checked: what is cached need not belong to the selectors, so real mode may have segments of 4 GB.
 * The level is the DPL of SS. CR2, CR3 and DR0 to DR3 stay. NMI is let in again [ADR 0012].
 */
#include "level.h"
#include "transfer.h"

enum { MAIN_BYTES = 0xcc, HIDDEN_AT = 0x100, HIDDEN_BYTES = 0x28, DWORDS = MAIN_BYTES / 4 };
enum {
    AT_CR0,
    AT_EFLAGS,
    AT_EIP,
    AT_GPR,
    AT_DR6 = 11,
    AT_DR7,
    AT_TR,
    AT_LDTR,
    AT_SEL,
    AT_TSS_CACHE = 21,
    AT_IDT_CACHE = 24,
    AT_GDT_CACHE = 27,
    AT_LDT_CACHE = 30,
    AT_SEG_CACHE = 33
};

#define DR6_ONES 0xffff0ff0u
#define DR7_ONES 0x00000400u

struct table {
    uint32_t at[DWORDS];
};

/* Both parts are checked before anything is read, the second one first, as the chip reads them. */
static fault_t read_table(struct i386_cpu *cpu, struct table *t)
{
    eff_t at = eff(cpu->s.gpr[EDI]);
    TRY(mem_touch(cpu, ES, eff(at.v + HIDDEN_AT), HIDDEN_BYTES, ACCESS_READ));
    TRY(mem_touch(cpu, ES, at, MAIN_BYTES, ACCESS_READ));
    const struct access_hook *hook = hook_mute(cpu);
    fault_t fault = fault_none();
    for (unsigned i = 0; i < DWORDS && !is_fault(fault); i++)
        fault = mem_read(cpu, ES, eff(at.v + 4 * i), 4, &t->at[i]);
    cpu->hook = hook;
    return fault;
}

/* Bounds as of an image with these rights; then the limit, which knows no granularity. */
static struct shadow cache(const uint32_t at[3])
{
    uint8_t access = (uint8_t)(at[0] >> 8), flags = (uint8_t)(at[0] >> 20 & (FLG_G | FLG_DB));
    return shadow_made(at[1], at[2], access, flags);
}

static struct dtable table_register(const uint32_t at[3])
{
    return (struct dtable){.base = at[1], .limit = at[2] > 0xffff ? 0xffff : at[2]};
}

static void load_segments(struct i386_state *s, const struct table *t)
{
    static const uint8_t order[SEGREG_COUNT] = {GS, FS, DS, SS, CS, ES};
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        struct seg *seg = &s->seg[order[i]];
        seg->sel = (uint16_t)t->at[AT_SEL + i];
        seg->sh = cache(t->at + AT_SEG_CACHE + 3 * i);
    }
    s->tr = (struct seg){.sel = (uint16_t)t->at[AT_TR], .sh = cache(t->at + AT_TSS_CACHE)};
    s->ldtr = (struct seg){.sel = (uint16_t)t->at[AT_LDTR], .sh = cache(t->at + AT_LDT_CACHE)};
    s->idtr = table_register(t->at + AT_IDT_CACHE);
    s->gdtr = table_register(t->at + AT_GDT_CACHE);
}

/* VM counts in protected mode only: there is no other mode for it to be in. */
static void load_control(struct i386_cpu *cpu, const struct table *t)
{
    struct i386_state *s = &cpu->s;
    s->cr0 = t->at[AT_CR0] & level_cr0(cpu);
    s->eflags = (t->at[AT_EFLAGS] & FL_ALL) | FL_1;
    if (!state_protected(s)) s->eflags &= ~FL_VM;
    s->dr[6] = t->at[AT_DR6] | DR6_ONES;
    s->dr[7] = t->at[AT_DR7] | DR7_ONES;
    s->eip = t->at[AT_EIP];
}

static uint8_t cpl_of(const struct i386_state *s)
{
    if (!state_protected(s)) return 0;
    return state_v86(s) ? 3 : (uint8_t)shadow_dpl(&s->seg[SS].sh);
}

fault_t sys_loadall(struct exec *x)
{
    struct i386_state *s = &x->cpu->s;
    struct table t = {{0}};
    TRY(read_table(x->cpu, &t));
    load_control(x->cpu, &t);
    load_segments(s, &t);
    for (unsigned i = 0; i < 8; i++)
        s->gpr[EDI - i] = t.at[AT_GPR + i];
    s->cpl = cpl_of(s);
    s->nmi_blocked = 0;
    x->keep_rf = true;
    exec_transferred(x);
    return fault_none();
}
