/* rig.c: the processor that is timed (see rig.h). */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include "fault.h"

enum {
    GDT_AT = 0x800,
    IDT_AT = 0x1000,
    LDT_AT = 0x1800,
    TSS_AT = 0x2000, /* A, D, B, V, C */
    TSS_STEP = 0x200,
    STACK_INNER = 0x9000,
    STACK_OTHER = 0xa000,
    LIMIT = 0xffff,
    TSS32_LIMIT = 0x168, /* with an I/O map that allows every port below 800h */
    REPETITIONS = 4096
};

struct rig *rig_new(void)
{
    struct rig *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->bus = bus_new();
    if (r->bus && bus_map_ram(r->bus, phys(0), 0x10000, "ram") == ST_OK) return r;
    rig_free(r);
    return NULL;
}

void rig_free(struct rig *r)
{
    if (r && r->bus) bus_free(r->bus);
    free(r);
}

void rig_put(struct rig *r, uint32_t at, unsigned size, uint32_t value)
{
    uint8_t bytes[4];
    put32(bytes, value);
    (void)!bus_poke(r->bus, phys(at), bytes, size);
}

static void put_desc(struct rig *r, uint32_t at, desc_t d)
{
    rig_put(r, at, 4, (uint32_t)d.raw);
    rig_put(r, at + 4, 4, (uint32_t)(d.raw >> 32));
}

static desc_t get_desc(const struct rig *r, uint16_t sel)
{
    uint8_t bytes[8] = {0};
    (void)!bus_peek(r->bus, phys(GDT_AT + (sel & ~7u)), bytes, 8);
    return (desc_t){get32(bytes) | (uint64_t)get32(bytes + 4) << 32};
}

static struct seg loaded(const struct rig *r, uint16_t sel)
{
    return (struct seg){.sel = sel, .sh = shadow_of(get_desc(r, sel))};
}

/* --- tables --- */

static uint32_t tss_at(uint16_t sel)
{
    return TSS_AT + (sel - SEL_A) / 8u * TSS_STEP;
}

static void put_tss_desc(struct rig *r, uint16_t sel, bool is32, bool busy)
{
    unsigned type = (is32 ? SYS_TSS32_AVAIL : SYS_TSS16_AVAIL) | (busy ? 2u : 0);
    uint32_t limit = is32 ? TSS32_LIMIT : 0x2b;
    put_desc(r, GDT_AT + sel, desc_make(tss_at(sel), limit, (uint8_t)(0xe0 | type), false, false));
}

static void put_gdt(struct rig *r)
{
    static const struct {
        uint16_t sel;
        uint8_t access;
    } segments[] = {{SEL_CODE, 0x9b}, {SEL_DATA, 0x93}, {SEL_CODE3, 0xfb}, {SEL_DATA3, 0xf3}};
    for (unsigned i = 0; i < sizeof segments / sizeof segments[0]; i++)
        put_desc(r, GDT_AT + (segments[i].sel & ~7u),
                 desc_make(0, LIMIT, segments[i].access, true, false));
    put_desc(r, GDT_AT + SEL_LDT, desc_make(LDT_AT, 0x3f, 0x82, false, false));
    put_desc(r, GDT_AT + SEL_PAGES, desc_make(0, LIMIT, 0xf3, true, true));
    put_tss_desc(r, SEL_A, true, true);
    put_tss_desc(r, SEL_D, false, true);
    put_tss_desc(r, SEL_B, true, false);
    put_tss_desc(r, SEL_V, true, false);
    put_tss_desc(r, SEL_C, false, false);
}

static void put_inner_stacks(struct rig *r)
{
    rig_put(r, tss_at(SEL_A) + 4, 4, STACK_INNER);
    rig_put(r, tss_at(SEL_A) + 8, 4, SEL_DATA);
    rig_put(r, tss_at(SEL_A) + 0x64, 4, 0x68u << 16);
    rig_put(r, tss_at(SEL_A) + TSS32_LIMIT, 1, 0xff);
    rig_put(r, tss_at(SEL_D) + 2, 2, STACK_INNER);
    rig_put(r, tss_at(SEL_D) + 4, 2, SEL_DATA);
}

/* EIP, EFLAGS, ESP and the segments of a task that is to run: ES CS SS DS FS GS. */
static void put_task32(struct rig *r, uint16_t sel, uint32_t eflags, const uint16_t seg[6])
{
    uint32_t at = tss_at(sel);
    rig_put(r, at + 0x20, 4, RIG_TARGET);
    rig_put(r, at + 0x24, 4, eflags);
    rig_put(r, at + 0x38, 4, STACK_OTHER);
    for (unsigned i = 0; i < 6; i++)
        rig_put(r, at + 0x48 + 4 * i, 4, seg[i]);
}

static void put_tasks(struct rig *r)
{
    static const uint16_t flat[6] = {SEL_DATA, SEL_CODE, SEL_DATA, SEL_DATA, SEL_DATA, SEL_DATA};
    static const uint16_t v86[6];
    uint32_t at = tss_at(SEL_C);
    put_task32(r, SEL_B, FL_1, flat);
    put_task32(r, SEL_V, FL_1 | FL_VM, v86);
    rig_put(r, at + 0x0e, 2, RIG_TARGET);
    rig_put(r, at + 0x10, 2, FL_1);
    rig_put(r, at + 0x1a, 2, STACK_OTHER);
    for (unsigned i = 0; i < 4; i++)
        rig_put(r, at + 0x22 + 2 * i, 2, flat[i]);
}

/* --- state --- */

static void put_segments(struct rig *r, unsigned ring)
{
    struct i386_state *s = &r->cpu.s;
    if (r->mode == RIG_REAL) {
        s->seg[CS] = s->seg[DS];
        return;
    }
    for (unsigned i = 0; i < SEGREG_COUNT; i++)
        s->seg[i] = r->mode == RIG_V86 ? (struct seg){.sel = 0, .sh = shadow_v86(0)}
                                       : loaded(r, ring ? SEL_DATA3 : SEL_DATA);
    if (r->mode == RIG_PROT) s->seg[CS] = loaded(r, ring ? SEL_CODE3 : SEL_CODE);
    s->tr = loaded(r, SEL_A);
    s->ldtr = (struct seg){.sel = 0, .sh = shadow_null()};
    s->gdtr = (struct dtable){GDT_AT, SEL_COUNT - 1};
    s->idtr = (struct dtable){IDT_AT, 0x7ff};
    s->cr0 = CR0_PE | CR0_ET;
    s->cpl = (uint8_t)(r->mode == RIG_V86 ? 3 : ring);
}

static void put_registers(struct i386_state *s)
{
    static const uint32_t gpr[8] = {100, 3, 0, 7, RIG_STACK, RIG_FRAME, RIG_DATA, RIG_STRING};
    memcpy(s->gpr, gpr, sizeof gpr);
    s->eip = RIG_CODE;
    s->eflags = FL_1;
}

void rig_reset(struct rig *r, enum rig_mode mode, unsigned ring)
{
    (void)!bus_fill(r->bus, phys(0), 0, 0x10000);
    cpu_init(&r->cpu, r->bus);
    r->mode = mode;
    r->bits = mode == RIG_PROT ? 32 : 16;
    for (uint32_t vector = 0; mode == RIG_REAL && vector < 0x100; vector++)
        rig_put(r, 4 * vector, 4, RIG_TARGET);
    if (mode != RIG_REAL) {
        put_gdt(r);
        put_inner_stacks(r);
        put_tasks(r);
    }
    put_registers(&r->cpu.s);
    put_segments(r, ring);
    if (mode == RIG_V86) r->cpu.s.eflags |= FL_VM | FL_IOPL;
}

uint16_t rig_data(const struct rig *r)
{
    return r->mode != RIG_PROT ? 0 : r->cpu.s.cpl ? SEL_DATA3 : SEL_DATA;
}

uint16_t rig_code(const struct rig *r)
{
    return r->mode != RIG_PROT ? 0 : r->cpu.s.cpl ? SEL_CODE3 : SEL_CODE;
}

void rig_call_gate(struct rig *r, bool is32, unsigned parameters)
{
    put_desc(r, GDT_AT + (SEL_GATE & ~7u),
             desc_make_gate(is32 ? SYS_CALL32 : SYS_CALL16, SEL_CODE, RIG_TARGET, 3, parameters));
}

void rig_task_gate(struct rig *r, uint16_t tss)
{
    put_desc(r, GDT_AT + (SEL_GATE & ~7u), desc_make_gate(SYS_TASK_GATE, tss, 0, 3, 0));
}

void rig_vector(struct rig *r, uint8_t vector, uint16_t tss)
{
    if (r->mode == RIG_REAL) return;
    put_desc(r, IDT_AT + 8u * vector,
             tss ? desc_make_gate(SYS_TASK_GATE, tss, 0, 3, 0)
                 : desc_make_gate(SYS_INT32, SEL_CODE, RIG_TARGET, 3, 0));
}

void rig_in_286_task(struct rig *r)
{
    r->cpu.s.tr = loaded(r, SEL_D);
}

void rig_called_by(struct rig *r, uint16_t tss)
{
    put_tss_desc(r, tss, tss != SEL_C, true);
    rig_put(r, tss_at(r->cpu.s.tr.sel), 2, tss);
    r->cpu.s.eflags |= FL_NT;
}

/* --- the measurement --- */

int rig_run(struct rig *r)
{
    uint64_t before = r->cpu.s.clocks;
    for (unsigned i = 0; i < REPETITIONS; i++) {
        if (cpu_step(&r->cpu) != STEP_RETIRED) return -1;
        if (r->cpu.s.eip != RIG_CODE) return (int)(r->cpu.s.clocks - before);
    }
    return -1;
}
