/* emu.c: see emu.h. */
#include "emu.h"

#include <stdlib.h>
#include <string.h>

/* Physical layout of the supervisor's first 64 KB. */
#define KERNEL_AT   0xc0000000u
#define KERNEL_SIZE 0x10000u
#define GDT_AT      0x1000u
#define GDT_LIMIT   0x7fu
#define IDT_AT      0x2000u
#define LDT_AT      0x3000u
#define TSS_AT      0x4000u
#define PD_AT       0x5000u
#define PT_ARENA_AT 0x6000u
#define PT_KERN_AT  0x7000u
#define STACK_TOP   0x9000u
#define SEL_KCODE   0x08u
#define SEL_KDATA   0x18u
#define SEL_TSS     0x40u
#define SEL_LDT     0x50u
/* What the runner keeps clear: all below this, and the last page. */
#define SAFE_END  0x60000000u
#define LAST_PAGE 0xfffff000u
#define STEPS_MAX 64u

static void put(struct sil_emu *emu, uint32_t at, uint32_t value)
{
    bus_write(emu->bus, phys(at), 4, value);
}

static void put_desc(struct sil_emu *emu, uint32_t at, desc_t d)
{
    put(emu, at, (uint32_t)d.raw);
    put(emu, at + 4, (uint32_t)(d.raw >> 32));
}

/* Gates of privilege 3 for INT3, INTO and INT 80h, as the host's kernel has them; each one's target is
 * its own number. */
static void put_tables(struct sil_emu *emu)
{
    for (uint32_t v = 0; v < 256; v++) {
        unsigned dpl = v == 3 || v == 4 || v == 0x80 ? 3 : 0;
        put_desc(emu, IDT_AT + v * 8, desc_make_gate(SYS_INT32, SEL_KCODE, v, dpl, 0));
    }
    put_desc(emu, GDT_AT + SEL_KCODE, desc_make(0, 0xffffffff, 0x9b, true, true));
    put_desc(emu, GDT_AT + SEL_KDATA, desc_make(0, 0xffffffff, 0x93, true, true));
    put_desc(emu, GDT_AT + (SEL_USER_CS & ~7u), desc_make(0, 0xffffffff, 0xfb, true, true));
    put_desc(emu, GDT_AT + (SEL_USER_DS & ~7u), desc_make(0, 0xffffffff, 0xf3, true, true));
    put_desc(emu, GDT_AT + SEL_TSS, desc_make(KERNEL_AT + TSS_AT, 0x67, 0x8b, false, false));
    put_desc(emu, GDT_AT + SEL_LDT,
             desc_make(KERNEL_AT + LDT_AT, (SIL_KINDS + 1) * 8 - 1, 0x82, false, false));
    for (unsigned k = 1; k < sil_kind_count; k++) /* the kernel leaves entry 0 empty */
        put_desc(emu, LDT_AT + k * 8, kind_image(&sil_kinds[k].ldt));
    put(emu, TSS_AT + 4, KERNEL_AT + STACK_TOP);
    put(emu, TSS_AT + 8, SEL_KDATA);
    put(emu, TSS_AT + 0x64, 0x680000); /* no I/O bitmap */
}

static void put_pages(struct sil_emu *emu)
{
    put(emu, PD_AT + (ARENA_AT >> 22) * 4, PT_ARENA_AT | 7);
    put(emu, PD_AT + (KERNEL_AT >> 22) * 4, PT_KERN_AT | 3);
    for (uint32_t i = 0; i < KERNEL_SIZE >> 12; i++)
        put(emu, PT_KERN_AT + i * 4, i << 12 | 3);
    for (uint32_t at = ARENA_AT; at < ARENA_AT + ARENA_SIZE; at += PAGE_SIZE) {
        enum sil_page page = sil_page_of(at);
        uint32_t rights = page == PAGE_HOLE ? 0 : page == PAGE_RO ? 5 : 7;
        put(emu, PT_ARENA_AT + (at >> 12 & 0x3ff) * 4, at | rights);
    }
}

static void put_state(struct sil_emu *emu)
{
    struct i386_state *s = &emu->cpu.s;
    cpu_init(&emu->cpu, emu->bus);
    emu->cpu.pusha_down = true; /* as the host */
    s->cr0 = CR0_PE | CR0_PG | CR0_ET;
    s->cr3 = PD_AT;
    s->gdtr = (struct dtable){KERNEL_AT + GDT_AT, GDT_LIMIT};
    s->idtr = (struct dtable){KERNEL_AT + IDT_AT, 0x7ff};
    s->ldtr = (struct seg){.sel = SEL_LDT,
                           .sh = shadow_of(desc_make(KERNEL_AT + LDT_AT, (SIL_KINDS + 1) * 8 - 1,
                                                     0x82, false, false))};
    s->tr = (struct seg){.sel = SEL_TSS,
                         .sh = shadow_of(desc_make(KERNEL_AT + TSS_AT, 0x67, 0x8b, false, false))};
    s->cpl = 3;
    s->seg[CS] = (struct seg){.sel = SEL_USER_CS,
                              .sh = shadow_of(desc_make(0, 0xffffffff, 0xfb, true, true))};
    for (unsigned r = 0; r < SEGREG_COUNT; r++)
        if (r != CS && is_fault(cpu_seg_load(&emu->cpu, (enum segreg)r, SEL_USER_DS))) abort();
    emu->start = *s;
}

/* Every usable kind in every register: data and stacks by a load, code by its image. */
static bool load_kinds(struct sil_emu *emu)
{
    for (unsigned reg = 0; reg < SEGREG_COUNT; reg++) {
        enum kind_use use = reg == CS ? KIND_FOR_CODE : reg == SS ? KIND_FOR_STACK : KIND_FOR_DATA;
        for (unsigned k = 0; k < sil_kind_count; k++) {
            if (!kind_usable(k, use)) continue;
            emu->cpu.s = emu->start;
            if (reg == CS)
                emu->cpu.s.seg[CS] = (struct seg){.sel = kind_sel(k, 3), .sh = kind_shadow(k)};
            else if (is_fault(cpu_seg_load(&emu->cpu, (enum segreg)reg, kind_sel(k, 3))))
                return false;
            emu->segs[reg][k] = emu->cpu.s.seg[reg];
        }
        emu->segs[reg][SIL_KINDS] = emu->start.seg[CS];
        emu->segs[reg][SIL_KINDS + 1] = emu->start.seg[ES];
    }
    return true;
}

/* Only user segments, and what is outside the table, are the same on the host. */
static void on_selector(void *ctx, const struct i386_cpu *cpu, uint16_t sel, uint8_t cpl,
                        enum seg_purpose purpose, bool located, lin_t where, desc_t desc,
                        fault_t fault)
{
    struct sil_emu *emu = ctx;
    unsigned at = sel & ~3u;
    if (purpose == SEG_INT || purpose == SEG_INNER_SS) return;
    bool user = at == (SEL_USER_CS & ~3u) || at == (SEL_USER_DS & ~3u);
    if (!SEL_TI(sel) && !SEL_NULL(sel) && at <= GDT_LIMIT && !user) emu->unsafe = true;
}

struct sil_emu *emu_new(const uint8_t *arena)
{
    struct sil_emu *emu = calloc(1, sizeof *emu);
    if (!emu) return NULL;
    emu->bus = bus_new();
    if (!emu->bus || bus_map_ram(emu->bus, phys(0), KERNEL_SIZE, "kernel") != ST_OK ||
        bus_map_ram(emu->bus, phys(ARENA_AT), 0x100000, "arena") != ST_OK) {
        emu_free(emu);
        return NULL;
    }
    put_tables(emu);
    put_pages(emu);
    memcpy(emu->before, arena, ARENA_SIZE);
    bus_poke(emu->bus, phys(ARENA_AT), arena, ARENA_SIZE);
    put_state(emu);
    if (!load_kinds(emu)) {
        emu_free(emu);
        return NULL;
    }
    emu->obs = (struct cpu_observer){.ctx = emu, .selector = on_selector};
    return emu;
}

void emu_free(struct sil_emu *emu)
{
    if (!emu) return;
    if (emu->bus) bus_free(emu->bus);
    free(emu);
}

/* --- a state in --- */

struct seg emu_seg(const struct sil_emu *emu, unsigned reg, uint16_t sel)
{
    if (SEL_NULL(sel)) return (struct seg){.sel = sel, .sh = shadow_null()};
    if (SEL_TI(sel)) return emu->segs[reg][SEL_INDEX(sel)];
    return emu->segs[reg][sel == SEL_USER_CS ? SIL_KINDS : SIL_KINDS + 1];
}

static void put_mapped(struct sil_emu *emu, uint32_t at, const uint8_t *from, uint32_t n)
{
    for (uint32_t i = 0; i < n;) {
        uint32_t part = n - i, left = 0x1000 - ((at + i) & 0xfff);
        if (part > left) part = left;
        if (sil_page_of(at + i) != PAGE_HOLE) bus_poke(emu->bus, phys(at + i), from + i, part);
        i += part;
    }
}

static void put_in(struct sil_emu *emu, const struct sil_in *in)
{
    struct i386_state *s = &emu->cpu.s;
    *s = emu->start;
    memcpy(s->gpr, in->gpr, sizeof s->gpr);
    s->eip = in->eip;
    s->eflags = in->eflags;
    for (unsigned r = 0; r < SEGREG_COUNT; r++)
        s->seg[r] = emu_seg(emu, r, in->sel[r]);
    for (unsigned w = 0; w < 2; w++)
        put_mapped(emu, in->win[w].at, in->win[w].bytes, in->win[w].n);
    put_mapped(emu, in->code_at, in->code, SIL_INSN);
}

static void put_back(struct sil_emu *emu, uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n;) {
        uint32_t part = n - i, left = 0x1000 - ((at + i) & 0xfff);
        if (part > left) part = left;
        if (sil_page_of(at + i) != PAGE_HOLE)
            bus_poke(emu->bus, phys(at + i), emu->before + (at + i - ARENA_AT), part);
        i += part;
    }
}

/* --- a state out --- */

static uint32_t frame_word(const struct sil_emu *emu, unsigned i)
{
    return bus_read(emu->bus, phys(emu->cpu.s.gpr[ESP] - KERNEL_AT + i * 4), 4);
}

static void take_registers(const struct i386_state *s, struct sil_out *out)
{
    memcpy(out->gpr, s->gpr, sizeof out->gpr);
    for (unsigned r = 0; r < SEGREG_COUNT; r++)
        out->sel[r] = s->seg[r].sel;
    out->eip = s->eip;
    out->eflags = s->eflags;
    out->vector = SIL_NONE;
    out->error = out->cr2 = 0;
}

/* A fault or trap was delivered: what the frame on the ring-0 stack says. */
static void take_frame(const struct sil_emu *emu, struct sil_out *out)
{
    const struct i386_state *s = &emu->cpu.s;
    take_registers(s, out);
    unsigned i = 0;
    out->vector = s->eip;
    if (vector_has_error((uint8_t)out->vector)) out->error = frame_word(emu, i++);
    out->eip = frame_word(emu, i);
    out->sel[CS] = (uint16_t)frame_word(emu, i + 1);
    out->eflags = frame_word(emu, i + 2);
    out->gpr[ESP] = frame_word(emu, i + 3);
    out->sel[SS] = (uint16_t)frame_word(emu, i + 4);
    if (out->vector == VEC_PF) out->cr2 = s->cr2;
}

static const uint8_t *arena_bytes(const struct sil_emu *emu)
{
    return bus_ram_at(emu->bus, ARENA_AT);
}

/* Changed bytes into the list. The state's own bytes count as unchanged. */
static void take_changes(const struct sil_emu *emu, struct sil_out *out, const uint8_t *was)
{
    const uint8_t *is = arena_bytes(emu);
    for (uint32_t page = 0; page < ARENA_SIZE; page += 0x1000) {
        if (memcmp(is + page, was + page, 0x1000) == 0) continue;
        for (uint32_t i = page; i < page + 0x1000; i++)
            if (is[i] != was[i]) sil_note(out, i, is[i]);
    }
}

static bool is_safe(const struct sil_out *out)
{
    return out->vector != VEC_PF || out->cr2 < SAFE_END || out->cr2 >= LAST_PAGE;
}

static void run_trap(struct sil_emu *emu, const struct sil_in *in, struct sil_out *out)
{
    enum cpu_step step = STEP_RETIRED;
    emu->cpu.s.eflags |= FL_TF;
    /* MOV SS holds the trap off for one instruction; INT n retires and is at level 0. */
    for (unsigned i = 0; i < 3 && step == STEP_RETIRED && emu->cpu.s.cpl == 3; i++)
        step = cpu_step(&emu->cpu);
    if (emu->cpu.s.cpl == 0)
        take_frame(emu, out);
    else
        take_registers(&emu->cpu.s, out);
}

bool emu_trap(struct sil_emu *emu, const struct sil_in *in, struct sil_out *out)
{
    uint8_t was[ARENA_SIZE];
    memset(out, 0, sizeof *out);
    put_in(emu, in);
    memcpy(was, arena_bytes(emu), ARENA_SIZE);
    emu->cpu.obs = &emu->obs;
    emu->unsafe = false;
    run_trap(emu, in, out);
    take_changes(emu, out, was);
    put_back(emu, in->code_at, SIL_INSN);
    for (unsigned w = 0; w < 2; w++)
        put_back(emu, in->win[w].at, in->win[w].n);
    if (out->changes) bus_poke(emu->bus, phys(ARENA_AT), emu->before, ARENA_SIZE);
    return is_safe(out) && !emu->unsafe;
}

static void run_batch(struct sil_emu *emu, const struct sil_in *in, struct sil_out *out)
{
    enum cpu_step step = STEP_RETIRED;
    for (unsigned i = 0; i < STEPS_MAX && step == STEP_RETIRED && emu->cpu.s.eip == in->eip; i++)
        step = cpu_step(&emu->cpu);
    if (step == STEP_EVENT)
        take_frame(emu, out);
    else
        take_registers(&emu->cpu.s, out);
}

void emu_batch(struct sil_emu *emu, const struct sil_in *in, struct sil_out *out)
{
    put_in(emu, in);
    emu->cpu.obs = NULL;
    run_batch(emu, in, out);
    out->changes = out->hash = 0;
    for (unsigned w = 0; w < 2; w++) {
        memcpy(out->mem.win[w], arena_bytes(emu) + (in->win[w].at - ARENA_AT), SIL_WINDOW);
        put_back(emu, in->win[w].at, SIL_WINDOW);
    }
    put_back(emu, in->code_at, SIL_INSN);
}

uint32_t emu_stray(struct sil_emu *emu)
{
    const uint8_t *is = arena_bytes(emu);
    uint32_t stray = 0;
    for (uint32_t i = 0; i < ARENA_SIZE; i++)
        stray += is[i] != emu->before[i];
    if (stray) bus_poke(emu->bus, phys(ARENA_AT), emu->before, ARENA_SIZE);
    return stray;
}

/* --- in full, for a vector --- */

static void on_access(void *ctx, const struct i386_cpu *cpu, enum segreg reg, eff_t off, lin_t at,
                      unsigned size, enum access access, uint32_t value)
{
    struct emu_trace *t = ctx;
    for (unsigned i = 0; i < size; i++)
        if (at.v + i - ARENA_AT < ARENA_SIZE) t->touched[at.v + i - ARENA_AT] = true;
}

void emu_trace(struct sil_emu *emu, const struct sil_in *in, bool batch, struct emu_trace *t)
{
    struct cpu_observer obs = {.ctx = t, .mem = on_access};
    memset(t, 0, sizeof *t);
    put_in(emu, in);
    memcpy(t->was, arena_bytes(emu), ARENA_SIZE);
    emu->cpu.obs = &obs;
    if (batch)
        run_batch(emu, in, &t->out);
    else
        run_trap(emu, in, &t->out);
    emu->cpu.obs = NULL;
    t->dr6 = emu->cpu.s.dr[6];
    memcpy(t->is, arena_bytes(emu), ARENA_SIZE);
    bus_poke(emu->bus, phys(ARENA_AT), emu->before, ARENA_SIZE);
}

bool emu_table(unsigned index, struct sil_area *area)
{
    static const struct sil_area areas[] = {{GDT_AT, GDT_LIMIT + 1, false, false},
                                            {IDT_AT, 0x800, false, false},
                                            {LDT_AT, (SIL_KINDS + 1) * 8, false, false},
                                            {TSS_AT, 0x68, false, false},
                                            {PD_AT, PAGE_SIZE, true, true},
                                            {PT_ARENA_AT, PAGE_SIZE, true, false},
                                            {PT_KERN_AT, PAGE_SIZE, true, false}};
    if (index >= sizeof areas / sizeof *areas) return false;
    *area = areas[index];
    return true;
}

uint32_t emu_word(const struct sil_emu *emu, uint32_t at)
{
    return bus_read(emu->bus, phys(at), 4);
}
