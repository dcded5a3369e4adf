/* system.c: system registers, table registers, ports, and the instructions that only ask. */
#include "later.h"
#include "note.h"
#include "transfer.h"

/* --- GDTR, IDTR: limit in the first word, base in the next four bytes [386 17 LGDT] --- */

static struct dtable *table_of(struct exec *x, bool idt)
{
    return idt ? &x->cpu->s.idtr : &x->cpu->s.gdtr;
}

fault_t sys_lgdt(struct exec *x, bool idt)
{
    enum segreg seg = (enum segreg)x->in->seg;
    uint32_t limit, base;
    TRY(mem_read(x->cpu, seg, x->ea, 2, &limit));
    TRY(mem_read(x->cpu, seg, eff(x->ea.v + 2), 4, &base));
    if (x->in->opsize == 2) base &= 0xffffffu;
    *table_of(x, idt) = (struct dtable){base, limit};
    return fault_none();
}

static fault_t store_table(struct exec *x, const struct dtable *table)
{
    enum segreg seg = (enum segreg)x->in->seg;
    TRY(mem_write(x->cpu, seg, x->ea, 2, table->limit));
    return mem_write(x->cpu, seg, eff(x->ea.v + 2), 4, table->base);
}

/* All 48 bits, whatever the operand size; all six bytes or none. */
fault_t sys_sgdt(struct exec *x, bool idt)
{
    TRY(mem_touch(x->cpu, (enum segreg)x->in->seg, x->ea, 6, ACCESS_WRITE));
    const struct access_hook *hook = hook_mute(x->cpu);
    fault_t fault = store_table(x, table_of(x, idt));
    x->cpu->hook = hook;
    return fault;
}

/* --- LDTR, TR --- */

fault_t sys_lldt(struct exec *x, uint16_t sel)
{
    struct resolved r;
    TRY(descriptor_resolve(x->cpu, sel, x->cpu->s.cpl, SEG_LLDT, &r));
    x->cpu->s.ldtr = (struct seg){.sel = sel, .sh = r.answer.sh};
    return fault_none();
}

fault_t sys_ltr(struct exec *x, uint16_t sel)
{
    struct resolved r;
    TRY(descriptor_resolve(x->cpu, sel, x->cpu->s.cpl, SEG_LTR, &r));
    desc_t busy = desc_with_busy(r.desc, true);
    TRY(descriptor_write_access(x->cpu, r.where, busy));
    x->cpu->s.tr = (struct seg){.sel = sel, .sh = shadow_of(busy)};
    return fault_none();
}

/* --- CR0, CR2, CR3 [386 4.1.3] --- */

#define MSW (CR0_PE | CR0_MP | CR0_EM | CR0_TS)

/* LMSW sets PE but never clears it. */
fault_t sys_lmsw(struct exec *x, uint16_t value)
{
    struct i386_state *s = &x->cpu->s;
    s->cr0 = (s->cr0 & ~(MSW & ~CR0_PE)) | (value & MSW);
    return fault_none();
}

static fault_t mov_to_cr0(struct i386_cpu *cpu, uint32_t value)
{
    if ((value & (CR0_PG | CR0_PE)) == CR0_PG)
        return fault_detail(VEC_GP, 0, RULE_FAR_PG_NEEDS_PE, value);
    if (cpu->level >= LEVEL_486) return later_mov_to_cr0(cpu, value);
    cpu->s.cr0 = value & level_cr0(cpu);
    return fault_none();
}

static fault_t no_register(unsigned number)
{
    return fault_detail(VEC_UD, 0, RULE_FAR_NO_REGISTER, number);
}

fault_t sys_mov_to_cr(struct exec *x, unsigned cr, uint32_t value)
{
    struct i386_state *s = &x->cpu->s;
    switch (cr) {
    case 0: return mov_to_cr0(x->cpu, value);
    case 2: s->cr2 = value; return fault_none();
    case 3: s->cr3 = value & level_cr3(x->cpu); return fault_none();
    case 4:
        if (level_of(x->cpu->level)->cr4) return later_mov_to_cr4(x->cpu, value);
        return no_register(cr);
    default: return no_register(cr);
    }
}

fault_t sys_mov_from_cr(struct exec *x, unsigned cr, uint32_t *value)
{
    const struct i386_state *s = &x->cpu->s;
    switch (cr) {
    case 0: *value = s->cr0; return fault_none();
    case 2: *value = s->cr2; return fault_none();
    case 3: *value = s->cr3; return fault_none();
    case 4:
        if (!level_of(x->cpu->level)->cr4) return no_register(cr);
        *value = s->cr4;
        return fault_none();
    default: return no_register(cr);
    }
}

/* --- DR0..DR7 [386 12.2] ---
 * UNDOC: DR4 and DR5 are other names of DR6 and DR7, until CR4.DE takes them away. In DR6 bits 4..11 and 16..31 read as ones; bit
 * 10 of DR7 reads as one. */

#define DR6_ONES 0xffff0ff0u
#define DR7_ONES 0x00000400u
#define DR7_GD   0x2000u
#define DR6_BD   0x2000u

static fault_t debug_guard(const struct i386_state *s, unsigned dr)
{
    if ((s->cr4 & CR4_DE) && (dr == 4 || dr == 5))
        return fault_detail(VEC_UD, 0, RULE_LATER_DR_EXTENSIONS, dr);
    if (s->dr[7] & DR7_GD) return fault_detail(VEC_DB, 0, RULE_FAR_DEBUG_GUARD, DR6_BD);
    return fault_none();
}

static unsigned dr_index(unsigned dr)
{
    return dr == 4 || dr == 5 ? dr + 2 : dr & 7u;
}

fault_t sys_mov_to_dr(struct exec *x, unsigned dr, uint32_t value)
{
    struct i386_state *s = &x->cpu->s;
    unsigned n = dr_index(dr);
    TRY(debug_guard(s, dr));
    s->dr[n] = value | (n == 6 ? DR6_ONES : n == 7 ? DR7_ONES : 0);
    return fault_none();
}

fault_t sys_mov_from_dr(struct exec *x, unsigned dr, uint32_t *value)
{
    const struct i386_state *s = &x->cpu->s;
    unsigned n = dr_index(dr);
    TRY(debug_guard(s, dr));
    *value = s->dr[n] | (n == 6 ? DR6_ONES : n == 7 ? DR7_ONES : 0);
    return fault_none();
}

/* --- TR6, TR7: test of a TLB that is always empty [386 10.6] --- */

#define TR6_LOOKUP 0x1u
#define TR7_HIT    0x10u

fault_t sys_mov_to_tr(struct exec *x, unsigned tr, uint32_t value)
{
    struct i386_state *s = &x->cpu->s;
    if (tr != 6 && tr != 7) return no_register(tr);
    if (tr == 7)
        s->tr7 = value;
    else
        s->tr6 = value;
    if (tr == 6 && (value & TR6_LOOKUP)) s->tr7 &= ~TR7_HIT;
    return fault_none();
}

fault_t sys_mov_from_tr(struct exec *x, unsigned tr, uint32_t *value)
{
    const struct i386_state *s = &x->cpu->s;
    if (tr != 6 && tr != 7) return no_register(tr);
    *value = tr == 6 ? s->tr6 : s->tr7;
    return fault_none();
}

/* --- LAR, LSL, VERR, VERW: a refusal is an answer, a page fault is a fault --- */

#define LAR_MASK 0x00f0ff00u

static fault_t ask(struct exec *x, uint16_t sel, enum seg_purpose purpose, struct resolved *r,
                   bool *ok)
{
    fault_t fault = descriptor_resolve(x->cpu, sel, x->cpu->s.cpl, purpose, r);
    bool table = r->located && !r->read; /* the table itself could not be read */
    *ok = !is_fault(fault);
    return table ? fault : fault_none();
}

fault_t sys_lar(struct exec *x, uint16_t sel, bool *ok, uint32_t *value)
{
    struct resolved r;
    TRY(ask(x, sel, SEG_LAR, &r, ok));
    if (*ok) *value = (uint32_t)(r.desc.raw >> 32) & LAR_MASK;
    return fault_none();
}

enum { CLOCKS_LSL_PAGES = 5 }; /* 25 or 26 against 20 or 21 when G is set */

fault_t sys_lsl(struct exec *x, uint16_t sel, bool *ok, uint32_t *value)
{
    struct resolved r;
    TRY(ask(x, sel, SEG_LSL, &r, ok));
    if (!*ok) return fault_none();
    *value = desc_limit(r.desc);
    if (desc_flags(r.desc) & FLG_G) x->clocks += CLOCKS_LSL_PAGES;
    return fault_none();
}

fault_t sys_ver(struct exec *x, uint16_t sel, bool write, bool *ok)
{
    struct resolved r;
    return ask(x, sel, write ? SEG_VERW : SEG_VERR, &r, ok);
}

/* --- flags --- */

/* In the upper half VM and RF are not POPF's to change; AC and ID, where they exist, anyone's. */
uint32_t flags_loaded(const struct i386_cpu *cpu, uint32_t value, unsigned opsize)
{
    const struct i386_state *s = &cpu->s;
    uint32_t mask = FL_ARITH | FL_TF | FL_DF | FL_NT;
    if (opsize == 4) mask |= level_eflags(cpu) & (FL_AC | FL_ID);
    if (s->cpl == 0) mask |= FL_IOPL;
    if (s->cpl <= FL_IOPL_OF(s->eflags)) mask |= FL_IF;
    return (s->eflags & ~mask) | (value & mask) | FL_1;
}

/* --- ports [386 8.3, 15.5.1] --- */

#define TSS_IO_BASE 0x66u

/* One bit a port. Two bytes are read whatever the port is, so both must be inside the limit. */
struct io_map {
    uint32_t base, at, map, asked;
};

static fault_t io_bitmap(struct i386_cpu *cpu, uint16_t port, unsigned size, struct io_map *io)
{
    const struct seg *tr = &cpu->s.tr;
    *io = (struct io_map){.asked = ((1u << size) - 1) << (port & 7u)};
    if (!tr->sh.usable || !(tr->sh.access & 8u) || tr->sh.limit < TSS_IO_BASE + 1)
        return fault_detail(VEC_GP, 0, RULE_FAR_IO_TSS, tr->sel);
    TRY(sys_read(cpu, lin(tr->sh.base + TSS_IO_BASE), 2, &io->base));
    io->at = io->base + port / 8u;
    if (io->at + 1 > tr->sh.limit) return fault_detail(VEC_GP, 0, RULE_FAR_IO_LIMIT, io->at + 1);
    TRY(sys_read(cpu, lin(tr->sh.base + io->at), 2, &io->map));
    if (io->map & io->asked) return fault_detail(VEC_GP, 0, RULE_FAR_IO_BITMAP, port);
    return fault_none();
}

static void note_io_map(const struct i386_cpu *cpu, uint16_t port, unsigned size,
                        const struct io_map *io, fault_t fault)
{
    const struct seg *tr = &cpu->s.tr;
    struct cpu_note note = {
        .kind = NOTE_IO_MAP,
        .fault = fault,
        .where = lin(tr->sh.base + io->at),
        .check = {note_check(RULE_FAR_IO_TSS, true, tr->sh.limit, TSS_IO_BASE + 1),
                  note_check(RULE_FAR_IO_LIMIT, true, io->at + 1, tr->sh.limit),
                  note_check(RULE_FAR_IO_BITMAP, true, io->map, io->asked)},
        .io = {port, (uint16_t)io->map, (uint8_t)size, (uint16_t)io->base}};
    bool failed = false;
    for (; note.checks < 3 && !failed && !fault.has_cr2; note.checks++) {
        struct check *c = &note.check[note.checks];
        failed = c->rule == fault.rule;
        *c = note_check((enum rule)c->rule, !failed, c->have, c->want);
    }
    note_tell(cpu, &note);
}

fault_t io_check(struct i386_cpu *cpu, uint16_t port, unsigned size)
{
    const struct i386_state *s = &cpu->s;
    if (!state_protected(s)) return fault_none();
    if (!state_v86(s) && s->cpl <= FL_IOPL_OF(s->eflags)) return fault_none();
    struct io_map io;
    fault_t fault = io_bitmap(cpu, port, size, &io);
    if (note_wanted(cpu)) note_io_map(cpu, port, size, &io, fault);
    return fault;
}

static void io_tell(struct i386_cpu *cpu, uint16_t port, unsigned size, bool out, uint32_t value)
{
    if (cpu->s.cr4 & CR4_DE) debug_port(cpu, port, size);
    if (cpu->obs && cpu->obs->io) cpu->obs->io(cpu->obs->ctx, cpu, port, size, out, value);
}

uint32_t io_in(struct i386_cpu *cpu, uint16_t port, unsigned size)
{
    uint32_t value = bus_in(cpu->bus, port, size) & size_mask(size);
    io_tell(cpu, port, size, false, value);
    return value;
}

void io_out(struct i386_cpu *cpu, uint16_t port, unsigned size, uint32_t value)
{
    value &= size_mask(size);
    bus_out(cpu->bus, port, size, value);
    io_tell(cpu, port, size, true, value);
}
