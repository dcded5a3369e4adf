/* vector.c: see vector.h. */
#include "vector.h"

#include <string.h>

#include "fault.h"
#include "opcode.h"

#define PHYS_AT  0x20000u /* of the arena in a vector */
#define ACCESSED 0x20u    /* of page table entries: set beforehand, as silicon does not tell */
#define DIRTY    0x40u

/* --- lists of bytes --- */

static void add_byte(struct vector_bytes *to, uint32_t at, uint8_t value)
{
    if (to->n == VECTOR_BYTES) return;
    uint8_t *p = to->p + 5 * to->n++;
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(at >> 8 * i);
    p[4] = value;
}

static void add_word(struct vector_bytes *to, uint32_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        if (value >> 8 * i & 0xff) add_byte(to, at + i, (uint8_t)(value >> 8 * i));
}

static rt386_moo_list list_of(const struct vector_bytes *b)
{
    return (rt386_moo_list){b->p, b->n};
}

/* --- what all vectors share --- */

/* The supervisor's tables; zeros need no entry. */
static void add_tables(struct vector_maker *v)
{
    struct sil_area area;
    for (unsigned i = 0; emu_table(i, &area); i++)
        for (uint32_t at = area.at; at < area.at + area.size; at += 4) {
            uint32_t value = emu_word(v->emu, at);
            if (area.pages && !(value & 1)) value = 0;
            if (area.pages && value) value |= ACCESSED;
            if (area.pages && value - ARENA_AT < ARENA_SIZE) value += PHYS_AT - ARENA_AT;
            if (area.pages && !area.directory && value) value |= DIRTY;
            add_word(&v->ram, at, value);
        }
}

void vector_info(struct vector_maker *v, const char *cpu, uint64_t seed, rt386_moo_info *info)
{
    *info = (rt386_moo_info){.major = 1,
                             .minor = 1,
                             .wide = true,
                             .has_meta = true,
                             .set_major = 1,
                             .cpu_type = 0xff,
                             .mode = 1,
                             .extension = 0xff,
                             .opcode = 0xffffffffu,
                             .seed = seed};
    memcpy(info->cpu, cpu, strnlen(cpu, 4));
    v->ram.n = 0;
    add_tables(v);
    info->ram = list_of(&v->ram);
    info->mask.have = 1u << RT386_MOO_DR6; /* ring 3 does not see it */
}

/* --- registers --- */

static const uint8_t gpr_at[8] = {RT386_MOO_EAX, RT386_MOO_ECX, RT386_MOO_EDX, RT386_MOO_EBX,
                                  RT386_MOO_ESP, RT386_MOO_EBP, RT386_MOO_ESI, RT386_MOO_EDI};
static const uint8_t sel_at[6] = {RT386_MOO_ES, RT386_MOO_CS, RT386_MOO_SS,
                                  RT386_MOO_DS, RT386_MOO_FS, RT386_MOO_GS};
static const uint8_t desc_at[6] = {RT386_MOO_DESC_ES, RT386_MOO_DESC_CS, RT386_MOO_DESC_SS,
                                   RT386_MOO_DESC_DS, RT386_MOO_DESC_FS, RT386_MOO_DESC_GS};

static void set(rt386_moo_regs *r, unsigned reg, uint32_t value)
{
    r->have |= 1u << reg;
    r->value[reg] = value;
}

static void put_registers(const struct vector_maker *v, const struct sil_in *in, rt386_moo_regs *r)
{
    const struct i386_state *start = &v->emu->start;
    for (unsigned i = 0; i < 8; i++)
        set(r, gpr_at[i], in->gpr[i]);
    for (unsigned i = 0; i < 6; i++)
        set(r, sel_at[i], in->sel[i]);
    set(r, RT386_MOO_EIP, in->eip);
    set(r, RT386_MOO_EFLAGS, in->eflags);
    set(r, RT386_MOO_CR0, start->cr0);
    set(r, RT386_MOO_CR3, start->cr3);
    set(r, RT386_MOO_DR6, start->dr[6]);
    set(r, RT386_MOO_DR7, start->dr[7]);
}

static void put_changed(const rt386_moo_regs *was, rt386_moo_regs *r, unsigned reg, uint32_t value)
{
    if (was->value[reg] != value) set(r, reg, value);
}

static void put_final(const struct emu_trace *t, const rt386_moo_regs *was, rt386_moo_regs *r)
{
    for (unsigned i = 0; i < 8; i++)
        put_changed(was, r, gpr_at[i], t->out.gpr[i]);
    for (unsigned i = 0; i < 6; i++)
        put_changed(was, r, sel_at[i], t->out.sel[i]);
    put_changed(was, r, RT386_MOO_EIP, t->out.eip);
    put_changed(was, r, RT386_MOO_EFLAGS, t->out.eflags);
    put_changed(was, r, RT386_MOO_DR6, t->dr6);
}

static rt386_moo_hidden hidden_of(const struct seg *s)
{
    return (rt386_moo_hidden){.selector = s->sel,
                              .usable = s->sh.usable,
                              .access = s->sh.access,
                              .flags = s->sh.flags,
                              .base = s->sh.base,
                              .limit = s->sh.limit};
}

static void put_hidden(const struct vector_maker *v, const struct sil_in *in, rt386_moo_descs *d)
{
    const struct i386_state *start = &v->emu->start;
    for (unsigned i = 0; i < 6; i++) {
        struct seg s = emu_seg(v->emu, i, in->sel[i]);
        d->at[desc_at[i]] = hidden_of(&s);
    }
    d->at[RT386_MOO_DESC_LDTR] = hidden_of(&start->ldtr);
    d->at[RT386_MOO_DESC_TR] = hidden_of(&start->tr);
    d->at[RT386_MOO_DESC_GDTR] =
        (rt386_moo_hidden){.usable = true, .base = start->gdtr.base, .limit = start->gdtr.limit};
    d->at[RT386_MOO_DESC_IDTR] =
        (rt386_moo_hidden){.usable = true, .base = start->idtr.base, .limit = start->idtr.limit};
    d->have = (1u << RT386_MOO_DESCS) - 1;
}

/* --- memory --- */

/* The instruction, what was read or written, and what changed. One byte more than the instruction has: it runs in the
 * shadow of MOV SS. */
static void put_memory(struct vector_maker *v, const struct sil_in *in)
{
    const struct emu_trace *t = &v->plain;
    v->init.n = v->fina.n = 0;
    for (uint32_t i = 0; i < ARENA_SIZE; i++) {
        bool code = ARENA_AT + i - in->code_at <= in->len;
        if (sil_page_of(ARENA_AT + i) == PAGE_HOLE) continue;
        if (code || t->touched[i] || t->was[i] != t->is[i])
            add_byte(&v->init, PHYS_AT + i, t->was[i]);
        if (t->was[i] != t->is[i]) add_byte(&v->fina, PHYS_AT + i, t->is[i]);
    }
}

/* --- what is not the processor's own --- */

static bool completed(const struct sil_out *out)
{
    return out->vector == SIL_NONE || out->vector == VEC_DB;
}

static uint32_t stack_linear(const struct sil_in *in, uint32_t offset)
{
    struct shadow ss = kind_shadow(in->sel[SS] >> 3);
    return ss.base + (shadow_big(&ss) ? offset : offset & 0xffff);
}

static void mask_byte(struct vector_maker *v, uint32_t linear)
{
    uint32_t at = linear - ARENA_AT;
    if (at < ARENA_SIZE && sil_page_of(linear) != PAGE_HOLE) add_byte(&v->mask, PHYS_AT + at, 0);
}

/* PUSH of a segment register writes two bytes here and four there; a far CALL that is refused may have written below
 * ESP there. */
static void mask_memory(struct vector_maker *v, const struct sil_in *in, const struct insn *insn)
{
    unsigned body = i386_rows[in->row].body;
    bool call = body == BODY_CALL_FAR || body == BODY_CALL_FAR_M, done = completed(&v->plain.out);
    v->mask.n = 0;
    for (unsigned i = 2; i < 4 && body == BODY_PUSH_SREG && insn->opsize == 4 && done; i++)
        mask_byte(v, stack_linear(in, in->gpr[ESP] - 4) + i);
    for (unsigned i = 1; i <= insn->opsize * 2u && call && !done; i++)
        mask_byte(v, stack_linear(in, in->gpr[ESP] - i));
}

static void put_mask(rt386_moo_regs *mask, unsigned reg, uint32_t undefined)
{
    if (!undefined) return;
    if (!(mask->have >> reg & 1)) set(mask, reg, 0xffffffffu);
    mask->value[reg] &= ~undefined;
}

static void mask_registers(const struct vector_maker *v, const struct sil_in *in,
                           const struct insn *insn, rt386_moo_regs *mask)
{
    const struct sil_out *out = &v->plain.out;
    unsigned body = i386_rows[in->row].body;
    struct shadow ss = kind_shadow(in->sel[SS] >> 3);
    if (!completed(out)) return;
    put_mask(mask, RT386_MOO_EFLAGS, sil_undefined_flags(in));
    if (body == BODY_LAR && insn->opsize == 4) put_mask(mask, gpr_at[insn->reg], 0xf0000u);
    if (body == BODY_POPA && insn->opsize == 4 && !shadow_big(&ss))
        put_mask(mask, RT386_MOO_ESP, 0xffff0000u);
    bool between = out->vector == VEC_DB && out->eip == in->eip;
    if (insn->rep && (i386_rows[in->row].attrs & ATT_STRING) && between)
        put_mask(mask, RT386_MOO_EFLAGS, FL_RF);
}

/* The points of excuses.def that no mask can tell: CMPS_ORDER, SREG_EDGE, RET_ORDER. */
static bool excused(const struct vector_maker *v, const struct sil_in *in, const struct insn *insn,
                    bool batch)
{
    const struct sil_out *out = &v->plain.out;
    unsigned body = i386_rows[in->row].body;
    if (body == BODY_CMPS && !completed(out)) return true;
    bool sreg = body == BODY_PUSH_SREG || body == BODY_POP_SREG;
    if (sreg && insn->opsize == 4 && !batch) return true;
    bool ret = body == BODY_RET_FAR || body == BODY_IRET;
    if (!ret || out->vector != VEC_GP) return false;
    uint32_t at = stack_linear(in, in->gpr[ESP] + insn->opsize) - ARENA_AT;
    return at >= ARENA_SIZE || (v->plain.was[at] & 3) != 3;
}

/* The recording allowed what is not done here: accesses across 4 GB, another order of PUSHA. */
static bool same_end(const struct emu_trace *a, const struct emu_trace *b)
{
    return a->out.vector == b->out.vector && a->out.error == b->out.error &&
           a->out.cr2 == b->out.cr2 && a->out.eip == b->out.eip && a->out.eflags == b->out.eflags &&
           !memcmp(a->out.gpr, b->out.gpr, sizeof a->out.gpr) &&
           !memcmp(a->out.sel, b->out.sel, sizeof a->out.sel) &&
           !memcmp(a->is, b->is, sizeof a->is);
}

static void run_both(struct vector_maker *v, const struct sil_in *in, bool batch)
{
    struct i386_cpu *cpu = &v->emu->cpu;
    cpu->flat_wraps = v->wraps;
    emu_trace(v->emu, in, batch, &v->recorded);
    cpu->flat_wraps = cpu->pusha_down = false;
    emu_trace(v->emu, in, batch, &v->plain);
    cpu->flat_wraps = v->wraps;
    cpu->pusha_down = true;
}

/* --- one vector --- */

static void put_end(const struct sil_out *out, bool batch, rt386_moo_test *test)
{
    test->stop = batch ? RT386_MOO_STOP_INSTRUCTION : RT386_MOO_STOP_EVENT;
    test->has_exception = out->vector != SIL_NONE;
    test->vector = (uint8_t)out->vector;
    test->has_error = test->has_exception && vector_has_error(test->vector);
    if (test->has_error) test->error = out->error;
    test->has_cr2 = test->has_exception && test->vector == VEC_PF;
    if (test->has_cr2) test->cr2 = out->cr2;
}

bool vector_make(struct vector_maker *v, const struct sil_in *in, bool batch, rt386_moo_test *test)
{
    struct insn insn;
    if (decode(in->code, INSN_MAX, in->code32, &insn) != DECODE_OK) return false;
    run_both(v, in, batch);
    if (!same_end(&v->recorded, &v->plain) || excused(v, in, &insn, batch)) return false;
    if (!batch && v->plain.out.vector == SIL_NONE) return false;
    *test = (rt386_moo_test){0};
    memcpy(v->bytes, in->code, SIL_INSN);
    test->bytes = (rt386_moo_list){v->bytes, in->len};
    test->name = (rt386_moo_list){(const uint8_t *)v->name, (uint32_t)strlen(v->name)};
    put_registers(v, in, &test->init.regs);
    if (!batch) set(&test->init.regs, RT386_MOO_EFLAGS, in->eflags | FL_TF);
    put_hidden(v, in, &test->init.descs);
    put_memory(v, in);
    put_final(&v->plain, &test->init.regs, &test->fina.regs);
    mask_registers(v, in, &insn, &test->fina.mask);
    mask_memory(v, in, &insn);
    put_end(&v->plain.out, batch, test);
    test->init.ram = list_of(&v->init);
    test->fina.ram = list_of(&v->fina);
    test->fina.ram_mask = list_of(&v->mask);
    return v->init.n < VECTOR_BYTES;
}
