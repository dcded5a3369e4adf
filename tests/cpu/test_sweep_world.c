/* The machine of the fault sweep: memory with a log of every write, modes, random states. */
#include "sweep.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "x87.h"

const struct sweep_mode sweep_modes[SW_MODES] = {
    {"real", false, false, 0, 16, 16, false},
    {"V86", true, true, 3, 16, 16, false},
    {"32-bit flat, ring 0", true, false, 0, 32, 32, true},
    {"32-bit flat, ring 3", true, false, 3, 32, 32, true},
    {"32-bit, ring 0, 16-bit stack", true, false, 0, 32, 16, false},
    {"32-bit, ring 3, 16-bit stack", true, false, 3, 32, 16, false},
    {"16-bit, ring 0", true, false, 0, 16, 16, false},
    {"16-bit, ring 3", true, false, 3, 16, 16, false},
    {"16-bit, ring 3, 32-bit stack", true, false, 3, 16, 32, false},
};

/* --- random numbers: the same everywhere --- */

uint32_t sweep_random(struct sweep *w, uint32_t below)
{
    uint64_t x = w->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    w->random = x;
    uint32_t v = (uint32_t)(x * 0x2545f4914f6cdd1dull >> 32);
    return below ? v % below : v;
}

bool sweep_chance(struct sweep *w, unsigned of)
{
    return sweep_random(w, of) == 0;
}

/* --- memory --- */

uint32_t sweep_get(const struct sweep *w, uint32_t at, unsigned size)
{
    uint8_t bytes[4] = {0};
    cr_assert(bus_peek(w->bus, phys(at), bytes, size));
    return get32(bytes);
}

static void put(struct sweep *w, uint32_t at, unsigned size, uint32_t value)
{
    uint8_t bytes[4];
    put32(bytes, value);
    w->quiet = true;
    cr_assert(bus_poke(w->bus, phys(at), bytes, size));
    w->quiet = false;
    memcpy(w->was + at, bytes, size);
    memcpy(w->want + at, bytes, size);
}

void sweep_poke(struct sweep *w, uint32_t at, unsigned size, uint32_t value)
{
    cr_assert_lt(w->undos, sizeof w->undo / sizeof w->undo[0]);
    w->undo[w->undos].at = at;
    w->undo[w->undos].size = (uint8_t)size;
    w->undo[w->undos++].old = sweep_get(w, at, size);
    put(w, at, size, value);
}

void sweep_undo(struct sweep *w)
{
    while (w->undos) {
        w->undos--;
        put(w, w->undo[w->undos].at, w->undo[w->undos].size, w->undo[w->undos].old);
    }
}

void sweep_restore(struct sweep *w, const struct sweep_trail *trail, unsigned stores)
{
    w->quiet = true;
    for (unsigned i = 0; i < trail->stores; i++) {
        const struct sweep_store *s = &trail->store[i];
        cr_assert(bus_poke(w->bus, phys(s->at), w->was + s->at, s->size));
    }
    for (unsigned i = 0; i < stores; i++) {
        uint8_t bytes[4];
        put32(bytes, trail->store[i].value);
        cr_assert(bus_poke(w->bus, phys(trail->store[i].at), bytes, trail->store[i].size));
    }
    w->quiet = false;
}

/* --- observers --- */

/* Was the write announced as one? An access hook must hear of every byte. */
static bool announced(const struct sweep_trail *t, uint32_t at, unsigned size)
{
    for (unsigned i = t->accesses; i > 0; i--) {
        const struct sweep_access *a = &t->access[i - 1];
        if (a->access == ACCESS_WRITE && at >= a->at.v && at + size <= a->at.v + a->size)
            return true;
    }
    return false;
}

static void on_write(void *ctx, phys_t at, unsigned size)
{
    struct sweep *w = ctx;
    struct sweep_trail *t = w->now;
    if (w->quiet || !t) return;
    cr_assert_lt(t->stores, SW_STORES);
    cr_assert_leq(size, 4u);
    if (!t->fault && !announced(t, at.v, size)) t->unannounced += size;
    t->store[t->stores++] = (struct sweep_store){.at = at.v,
                                                 .value = sweep_get(w, at.v, size),
                                                 .size = (uint8_t)size,
                                                 .access = t->accesses};
}

static fault_t on_access(void *ctx, lin_t at, unsigned size, enum access access, bool user)
{
    struct sweep *w = ctx;
    struct sweep_trail *t = w->now;
    cr_assert_lt(t->accesses, SW_ACCESSES);
    t->access[t->accesses++] = (struct sweep_access){at, (uint16_t)size, (uint8_t)access, user};
    if (t->accesses != w->fail_at) return fault_none();
    uint32_t error = (access == ACCESS_WRITE ? 2u : 0) | (user ? 4u : 0);
    w->injected = fault_page(error, at.v, RULE_PAGE_PTE_PRESENT);
    return w->injected;
}

static void on_event(void *ctx, const struct i386_cpu *cpu, unsigned vector,
                     enum event_source source, fault_t fault)
{
    struct sweep *w = ctx;
    struct sweep_trail *t = w->now;
    if (source != EVENT_FAULT || t->fault) return;
    t->fault = true;
    t->what = fault;
    t->point[t->points] = (struct sweep_point){cpu->s, t->stores, t->accesses, t->ports};
    w->mark = t->stores;
    w->at_fault = cpu->s;
    if (w->at_exception) w->at_exception(w);
}

static void on_mem(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                   unsigned size, enum access access, uint32_t value)
{
    struct sweep *w = ctx;
    struct sweep_trail *t = w->now;
    cr_assert_lt(t->uses, SW_ACCESSES);
    if (!t->fault) t->use[t->uses++] = (struct sweep_use){reg, off.v, size, at};
}

static void on_task(void *ctx, const struct i386_cpu *cpu, uint16_t from, uint16_t to)
{
    struct sweep *w = ctx;
    if (!w->now->fault) w->now->committed++;
}

static uint32_t on_in(void *ctx, uint16_t port, unsigned size)
{
    struct sweep *w = ctx;
    return (++w->now->ports + port) * 0x9e3779b1u;
}

static void on_out(void *ctx, uint16_t port, unsigned size, uint32_t value)
{
    struct sweep *w = ctx;
    w->now->ports++;
}

/* --- building --- */

struct sweep *sweep_new(void)
{
    static const struct port_ops ports = {.in = on_in, .out = on_out};
    struct sweep *w = calloc(1, sizeof *w);
    cr_assert_not_null(w);
    w->was = calloc(1, SW_RAM);
    w->want = calloc(1, SW_RAM);
    w->bus = bus_new();
    cr_assert(w->was && w->want && w->bus);
    cr_assert_eq(bus_map_ram(w->bus, phys(0), SW_RAM, "ram"), ST_OK);
    cr_assert_eq(bus_claim_ports(w->bus, 0x40, 0x4f, &ports, w, "test"), ST_OK);
    cr_assert_eq(bus_claim_ports(w->bus, 0x1230, 0x123f, &ports, w, "test"), ST_OK);
    bus_set_watcher(w->bus, &(struct bus_watcher){on_write, w});
    cpu_init(&w->cpu, w->bus);
    w->hook = (struct access_hook){on_access, w};
    w->obs = (struct cpu_observer){.ctx = w, .mem = on_mem, .event = on_event, .task = on_task};
    w->cpu.obs = &w->obs;
    w->cpu.personality = true;
    w->cpu.x87 = true;
    w->random = 0x386;
    return w;
}

void sweep_free(struct sweep *w)
{
    bus_free(w->bus);
    free(w->was);
    free(w->want);
    free(w);
}

uint16_t sweep_sel(unsigned base, unsigned ring)
{
    return (uint16_t)(base + 8 * ring + ring);
}

uint32_t sweep_base(const struct sweep *w, enum segreg reg)
{
    static const uint32_t base[SEGREG_COUNT] = {0x30000, 0x10000, 0x60000,
                                                0x20000, 0x40000, 0x50000};
    return w->mode->flat ? 0 : base[reg];
}

static void put_desc(struct sweep *w, uint32_t at, desc_t d)
{
    put(w, at, 4, (uint32_t)d.raw);
    put(w, at + 4, 4, (uint32_t)(d.raw >> 32));
}

desc_t sweep_desc(const struct sweep *w, uint16_t sel)
{
    uint32_t at = SW_GDT + (sel & 0xfff8u);
    return (desc_t){sweep_get(w, at, 4) | (uint64_t)sweep_get(w, at + 4, 4) << 32};
}

void sweep_poke_gdt(struct sweep *w, uint16_t sel, desc_t d)
{
    sweep_poke(w, SW_GDT + (sel & 0xfff8u), 4, (uint32_t)d.raw);
    sweep_poke(w, SW_GDT + 4 + (sel & 0xfff8u), 4, (uint32_t)(d.raw >> 32));
}

void sweep_poke_idt(struct sweep *w, unsigned vector, uint16_t sel, uint32_t off, unsigned type)
{
    desc_t d = desc_make_gate(type, sel, off, 3, 0);
    sweep_poke(w, SW_IDT + 8 * vector, 4, (uint32_t)d.raw);
    sweep_poke(w, SW_IDT + 8 * vector + 4, 4, (uint32_t)(d.raw >> 32));
}

static void put_segment(struct sweep *w, uint16_t sel, enum segreg reg, uint8_t access, bool big)
{
    uint32_t limit = big ? 0xffffffffu : 0xffff;
    put_desc(w, SW_GDT + sel, desc_make(sweep_base(w, reg), limit, access, big, big));
}

static void put_rings(struct sweep *w)
{
    for (unsigned r = 0; r < 4; r++) {
        uint8_t dpl = (uint8_t)(r << 5);
        uint16_t at = (uint16_t)(8 * r);
        put_segment(w, SW_CODE32 + at, CS, 0x9b | dpl, true);
        put_segment(w, SW_CODE16 + at, CS, 0x9b | dpl, false);
        put_segment(w, SW_STACK32 + at, SS, 0x93 | dpl, true);
        put_segment(w, SW_STACK16 + at, SS, 0x93 | dpl, false);
        put_segment(w, SW_FRESH_CODE32 + at, CS, 0x9a | dpl, true);
        put_segment(w, SW_FRESH_CODE16 + at, CS, 0x9a | dpl, false);
        put_segment(w, SW_FRESH_STACK32 + at, SS, 0x92 | dpl, true);
        put_segment(w, SW_FRESH_STACK16 + at, SS, 0x92 | dpl, false);
    }
}

static void put_gdt(struct sweep *w)
{
    bool big = w->mode->code == 32;
    put_rings(w);
    put_segment(w, SW_DS, DS, 0xf3, big);
    put_segment(w, SW_ES, ES, 0xf3, big);
    put_segment(w, SW_FS, FS, 0xf3, big);
    put_segment(w, SW_GS, GS, 0xf3, big);
    put_segment(w, SW_FRESH_DATA, DS, 0xf2, big);
    put_segment(w, SW_FRESH_ROM, CS, 0xfa, big);
    put_segment(w, SW_CONFORM, CS, 0x9e, true);
    put_desc(w, SW_GDT + SW_SEL_TSS_A, desc_make(SW_TSS_A, 0x2ff, 0x8b, false, false));
    put_desc(w, SW_GDT + SW_SEL_TSS_B, desc_make(SW_TSS_B, 0x67, 0xe9, false, false));
    put_desc(w, SW_GDT + SW_SEL_TSS_C, desc_make(SW_TSS_C, 0x2b, 0xe1, false, false));
    put_desc(w, SW_GDT + SW_SEL_TSS_D, desc_make(SW_TSS_D, 0x67, 0xeb, false, false));
    put_desc(w, SW_GDT + SW_SEL_LDT, desc_make(SW_LDT, 0x7f, 0x82, false, false));
}

/* ES CS SS DS FS GS of the other tasks, level 0 */
static const uint16_t task_sel[] = {SW_FRESH_DATA, SW_FRESH_CODE32, SW_FRESH_STACK32,
                                    SW_FRESH_ROM,  SW_DS,           SW_CONFORM};

static void put_task(struct sweep *w, uint32_t at, unsigned n)
{
    uint32_t eip = at + (n == 4 ? 0x20 : 0x0e);
    put(w, eip, n, SW_TARGET);
    put(w, eip + n, n, FL_1);
    for (unsigned i = 0; i < 8; i++)
        put(w, eip + (2 + i) * n, n, i == ESP ? SW_ESP0 - 0x400 : 0x01010101u * (i + 1));
    for (unsigned i = 0; i < (n == 4 ? 6u : 4u); i++)
        put(w, eip + (10 + i) * n, 2, task_sel[i]);
    put(w, at + (n == 4 ? 0x60 : 0x2a), 2, SW_SEL_LDT);
    if (n == 4) put(w, at + 0x64, 4, 0x680000);
    if (n == 4) put(w, at + 0x1c, 4, SW_PD);
}

static void put_tasks(struct sweep *w)
{
    for (unsigned r = 0; r < 3; r++) {
        put(w, SW_TSS_A + 4 + 8 * r, 4, SW_ESP0);
        put(w, SW_TSS_A + 8 + 8 * r, 4, r ? sweep_sel(SW_STACK32, r) : SW_FRESH_STACK32);
    }
    put(w, SW_TSS_A, 2, SW_SEL_TSS_D);
    put(w, SW_TSS_A + 0x66, 2, 0x68);
    put_task(w, SW_TSS_B, 4);
    put_task(w, SW_TSS_C, 2);
    put_task(w, SW_TSS_D, 4);
}

/* The page fault handler: level 0, 32-bit; in real mode at 1000:FC00. */
static void put_vectors(struct sweep *w)
{
    for (unsigned v = 0; v < 0x80; v++)
        put_desc(w, SW_IDT + 8 * v, desc_make_gate(SYS_INT32, SW_CODE32, SW_HANDLER, 3, 0));
    for (unsigned v = 0; v < 256; v++)
        put(w, 4 * v, 4, 0x10000000u | SW_HANDLER);
}

static void put_noise(struct sweep *w)
{
    for (uint32_t at = 0; at < 0x8000; at += 4)
        put(w, at, 4, 0);
    for (uint32_t at = 0x8000; at < SW_RAM; at += 4)
        put(w, at, 4, sweep_random(w, 0));
}

/* All present, writable, user, accessed and dirty: no walk changes an entry. */
static void put_pages(struct sweep *w)
{
    put(w, SW_PD, 4, SW_PT | 0x67);
    for (uint32_t page = 0; page < SW_RAM; page += PAGE_SIZE)
        put(w, SW_PT + page / PAGE_SIZE * 4, 4, page | 0x67);
}

void sweep_set_mode(struct sweep *w, const struct sweep_mode *mode)
{
    w->mode = mode;
    put_noise(w);
    put_gdt(w);
    put_tasks(w);
    put_vectors(w);
    put_pages(w);
}

/* --- states --- */

static struct seg seg_from(const struct sweep *w, uint16_t sel)
{
    return (struct seg){.sel = sel, .sh = shadow_of(sweep_desc(w, sel))};
}

static void segments_8086(struct sweep *w, struct i386_state *s)
{
    struct shadow rm = shadow_of(desc_make(0, 0xffff, 0x93, false, false));
    for (unsigned r = 0; r < SEGREG_COUNT; r++) {
        uint16_t sel = (uint16_t)(sweep_base(w, (enum segreg)r) >> 4);
        s->seg[r].sel = sel;
        s->seg[r].sh = w->mode->v86 ? shadow_v86(sel) : shadow_real(rm, sel);
    }
}

static void segments_protected(struct sweep *w, struct i386_state *s)
{
    const struct sweep_mode *m = w->mode;
    static const uint16_t data[SEGREG_COUNT] = {SW_ES, 0, 0, SW_DS, SW_FS, SW_GS};
    for (unsigned r = 0; r < SEGREG_COUNT; r++)
        if (data[r]) s->seg[r] = seg_from(w, data[r] | m->ring);
    s->seg[CS] = seg_from(w, sweep_sel(m->code == 32 ? SW_CODE32 : SW_CODE16, m->ring));
    s->seg[SS] = seg_from(w, sweep_sel(m->stack == 32 ? SW_STACK32 : SW_STACK16, m->ring));
}

static uint32_t random_flags(struct sweep *w)
{
    uint32_t keep = FL_ARITH | FL_DF | FL_IF | FL_IOPL;
    uint32_t flags = (sweep_random(w, 0) & keep) | FL_1;
    if (sweep_chance(w, 4)) flags |= FL_TF;
    if (sweep_chance(w, 4)) flags |= FL_RF;
    return w->mode->v86 ? flags | FL_VM : flags;
}

static void random_registers(struct sweep *w, struct i386_state *s)
{
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = sweep_random(w, 0);
    uint32_t upper = w->mode->stack == 16 ? 0xffff0000u : 0;
    s->gpr[ESP] = (s->gpr[ESP] & upper) | (SW_STACK + 0x800 + sweep_random(w, 0x1800));
    s->gpr[EBP] = (s->gpr[EBP] & upper) | (SW_STACK + 0x800 + sweep_random(w, 0x1800));
    s->eip = SW_CODE + sweep_random(w, 0x400);
    s->eflags = random_flags(w);
    s->cr2 = sweep_random(w, 0);
    s->cr3 = sweep_random(w, 0) & 0xfffff000u;
    for (unsigned i = 0; i < 4; i++)
        s->dr[i] = sweep_random(w, 0);
    s->dr[6] = 0xffff0ff0u;
    s->dr[7] = 0x400;
    s->tr6 = sweep_random(w, 0) & ~1u;
    s->tr7 = sweep_random(w, 0);
    s->nmi_blocked = (uint8_t)sweep_random(w, 2);
    s->clocks = sweep_random(w, 0);
    s->insns = sweep_random(w, 0);
}

/* The stack ends some elements below or above the end of a page. */
static void stack_at_page(struct sweep *w, struct i386_state *s)
{
    static const uint8_t reg[] = {ESP, EBP};
    for (unsigned i = 0; i < 2; i++) {
        uint32_t page = SW_STACK + 0x1000 + (sweep_chance(w, 2) ? 0x1000 : 0);
        s->gpr[reg[i]] = (s->gpr[reg[i]] & 0xffff0000u) | (page + sweep_random(w, 64) - 24);
    }
}

static void page_state(struct sweep *w, struct i386_state *s)
{
    w->cpu.wp_exists = sweep_chance(w, 2);
    s->cr0 |= CR0_PG;
    s->cr3 = SW_PD;
    if (w->cpu.wp_exists && sweep_chance(w, 2)) s->cr0 |= CR0_WP;
    stack_at_page(w, s);
    if (sweep_chance(w, 2)) s->eip = SW_CODE + 0x400;
}

/* Six numbers around 1, room for two pushes. */
static void random_x87(struct sweep *w, struct i386_x87 *f)
{
    x87_init(f);
    x87_turn(f, 2);
    for (unsigned i = 0; i < 6; i++) {
        uint64_t low = sweep_random(w, 0x7fffffff);
        x87_set(f, i, (f80){F80_J | low << 32 | low, (uint16_t)(F80_BIAS - 1 - (low & 1))});
    }
}

void sweep_set_level(struct sweep *w, unsigned row)
{
    const struct i386_row *r = &i386_rows[row];
    enum cpu_level level = r->level > LEVEL_386 ? LEVEL_SSE2 : LEVEL_386;
    if (r->last < level) level = (enum cpu_level)r->last;
    if (level != w->cpu.level) cpu_set_level(&w->cpu, level);
}

/* Single and double lanes around 1; no exception is unmasked. */
static void random_sse(struct sweep *w, struct i386_sse *sse)
{
    for (unsigned i = 0; i < 16; i++)
        sse->xmm[i / 2][i % 2] = (UINT64_C(0x3fe00000) | sweep_random(w, 0x1fffff)) << 32 |
                                 (0x3f000000u | sweep_random(w, 0xffffff));
    sse->mxcsr = 0x1f80 | sweep_random(w, 0x10000);
}

void sweep_random_state(struct sweep *w)
{
    struct i386_state *s = &w->start;
    const struct sweep_mode *m = w->mode;
    memset(s, 0, sizeof *s);
    random_registers(w, s);
    s->cr0 = CR0_ET | (m->prot ? CR0_PE : 0);
    s->cpl = m->ring;
    s->gdtr = (struct dtable){SW_GDT, SW_GDT_END - 1};
    s->idtr = m->prot ? (struct dtable){SW_IDT, 0x3ff} : (struct dtable){0, 0x3ff};
    s->ldtr = seg_from(w, SW_SEL_LDT);
    s->tr = seg_from(w, SW_SEL_TSS_A);
    if (w->paging) page_state(w, s);
    if (m->prot && !m->v86)
        segments_protected(w, s);
    else
        segments_8086(w, s);
    random_x87(w, &s->x87);
    if (w->cpu.level < LEVEL_P6) return;
    s->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_PCE;
    random_sse(w, &s->sse);
}

void sweep_poke_stack(struct sweep *w, unsigned slot, unsigned size, uint32_t value)
{
    uint32_t sp = w->start.gpr[ESP];
    if (w->mode->stack == 16) sp &= 0xffff;
    sweep_poke(w, w->start.seg[SS].sh.base + sp + slot * size, size, value);
}
