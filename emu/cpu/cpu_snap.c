/* cpu_snap.c: the processor to and from a snapshot: its state by the names of state.def, then what else decides how it goes
 * on. What is derived is dropped. */
#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "level.h"
#include "snap.h"

#define NAME_MAX 32u

/* --- state.def, field by field --- */

static void field_snap(struct snap *s, struct i386_state *state, const struct state_field *f)
{
    char name[NAME_MAX];
    snprintf(name, sizeof name, "%s", f->name);
    snap_text(s, name, sizeof name);
    if (!snap_expect(s, !strcmp(name, f->name), "the processor has no such register")) return;
    uint64_t value = s->loading ? 0 : state_get(state, f);
    uint8_t bits = f->bits;
    snap_u8(s, &bits);
    snap_expect(s, bits == f->bits, "a register has another width");
    snap_u64(s, &value);
    bool fits = f->bits >= 64 || value >> f->bits == 0;
    if (snap_expect(s, fits, "a register holds more than it can") && s->loading)
        state_set(state, f, value);
}

static void state_snap(struct snap *s, struct i386_state *state)
{
    unsigned count;
    const struct state_field *fields = state_fields(&count);
    uint32_t n = snap_count(s, count, count, 10);
    snap_expect(s, n == count, "registers are missing");
    for (uint32_t i = 0; i < n && snap_ok(s); i++)
        field_snap(s, state, &fields[i]);
    snap_expect(s, state->activity <= ACT_SHUTDOWN, "the processor does nothing that is known");
    snap_expect(s, state->inhibit <= INHIBIT_SS, "the processor holds off what is not known");
}

/* --- parts of it, of threads that do not run --- */

SNAP_SIZE(struct seg, 24);
void seg_snap(struct snap *s, struct seg *seg)
{
    bool usable = seg->sh.usable;
    snap_u16(s, &seg->sel);
    snap_u32(s, &seg->sh.base);
    snap_u32(s, &seg->sh.limit);
    snap_u32(s, &seg->sh.lo);
    snap_u32(s, &seg->sh.hi);
    snap_u8(s, &seg->sh.access);
    snap_below8(s, &seg->sh.flags, 16);
    snap_bool(s, &usable);
    if (s->loading) seg->sh.usable = usable;
}

SNAP_SIZE(struct i386_x87, 104);
void x87_snap(struct snap *s, struct i386_x87 *x)
{
    uint16_t *words[] = {&x->fcs, &x->fds, &x->cw, &x->sw, &x->tw};
    for (unsigned i = 0; i < 8; i++) {
        snap_u64(s, &x->m[i]);
        snap_u16(s, &x->se[i]);
    }
    snap_u32(s, &x->fip);
    snap_u32(s, &x->fdp);
    for (unsigned i = 0; i < 5; i++)
        snap_u16(s, words[i]);
    snap_below16(s, &x->fop, 0x800);
}

SNAP_SIZE(struct i386_sse, 136);
void sse_snap(struct snap *s, struct i386_sse *x)
{
    for (unsigned i = 0; i < 16; i++)
        snap_u64(s, &x->xmm[i / 2][i % 2]);
    snap_u32(s, &x->mxcsr);
}

/* --- faults, for those who ask afterwards --- */

SNAP_SIZE(fault_t, 16);
static void fault_snap(struct snap *s, fault_t *f)
{
    snap_below16(s, &f->rule, RULE_COUNT);
    snap_u8(s, &f->vector);
    snap_u8(s, &f->has_cr2);
    snap_u32(s, &f->error);
    snap_u32(s, &f->cr2);
    snap_u32(s, &f->detail);
}

SNAP_SIZE(struct refused_access, 12);
static void refused_snap(struct snap *s, struct refused_access *r)
{
    snap_bool(s, &r->valid);
    snap_below8(s, &r->seg, SEGREG_COUNT);
    snap_u8(s, &r->access);
    snap_u16(s, &r->size);
    snap_u32(s, &r->off.v);
}

static void faults_snap(struct snap *s, struct i386_cpu *cpu)
{
    snap_below8(s, &cpu->chain_len, 4);
    for (unsigned i = 0; i < 3; i++)
        fault_snap(s, &cpu->chain[i]);
    fault_snap(s, &cpu->last_fault);
    refused_snap(s, &cpu->refused);
    refused_snap(s, &cpu->last_refused);
    snap_u32(s, &cpu->last_fault_eip);
    snap_u16(s, &cpu->last_fault_cs);
}

/* --- which processor it is --- */

static void level_snap(struct snap *s, struct i386_cpu *cpu)
{
    uint8_t level = (uint8_t)cpu->level;
    bool documented = cpu->documented;
    snap_below8(s, &level, LEVEL_SSE2 + 1);
    snap_bool(s, &documented);
    bool *flags[] = {&cpu->intr,       &cpu->personality, &cpu->x87,    &cpu->wp_exists,
                     &cpu->pusha_down, &cpu->flat_wraps,  &cpu->no_ice, &cpu->pde_marked_first};
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
        snap_bool(s, flags[i]);
    snap_u8(s, &cpu->trap_point);
    if (!s->loading) return;
    cpu->level = (enum cpu_level)level;
    cpu->documented = documented;
}

void cpu_snap(struct snap *s, struct i386_cpu *cpu)
{
    level_snap(s, cpu);
    state_snap(s, &cpu->s);
    faults_snap(s, cpu);
    if (s->loading) cpu_drop_derived(cpu);
}
