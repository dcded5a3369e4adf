/* Forms of the fault sweep: for each row of i386.def operands with which it gets to its end. */
#include "sweep_text.h"

#include <criterion/criterion.h>
#include <string.h>

#include "operand.h"

/* --- what a row is made of --- */

static bool kind_is_e(unsigned kind)
{
    return (kind >= O_Eb && kind <= O_Ev) || kind == O_Qq || kind == O_Qd ||
           (kind >= O_Wx && kind <= O_Wd);
}
static bool kind_is_m(unsigned kind)
{
    return kind == O_M || kind == O_Ma || kind == O_Mp || kind == O_Ms ||
           (kind >= O_Mi16 && kind <= O_Mbcd) || (kind >= O_Mx && kind <= O_Md);
}
static bool kind_is_reg(unsigned kind)
{
    return (kind >= O_Gb && kind <= O_Gv) || (kind >= O_Rd && kind <= O_Sw);
}

static bool row_has(const struct i386_row *r, bool (*is)(unsigned kind))
{
    return is(r->op[0]) || is(r->op[1]) || is(r->op[2]);
}
bool sweep_row_has_modrm(const struct i386_row *r)
{
    return r->ext >= 0 || row_has(r, kind_is_e) || row_has(r, kind_is_m) || row_has(r, kind_is_reg);
}

bool sweep_has_operand(unsigned row, bool *mem, bool *reg)
{
    const struct i386_row *r = &i386_rows[row];
    *mem = (row_has(r, kind_is_e) || row_has(r, kind_is_m)) && !(r->checks & CHK_REG);
    *reg = !row_has(r, kind_is_m) && !(r->checks & CHK_MEM);
    return *mem;
}

bool sweep_has_size(const struct sweep_mode *mode, unsigned row, unsigned opsize)
{
    const struct i386_row *r = &i386_rows[row];
    bool other = opsize * 8 != mode->code;
    if (r->prefix) return other == (r->prefix == 0x66);
    return !other || !(r->attrs & ATT_NP);
}

bool sweep_repeats(unsigned row)
{
    return i386_rows[row].attrs & ATT_STRING;
}

/* --- variants of far transfers --- */

enum far_variant {
    FAR_CODE32,
    FAR_CODE16,
    FAR_CONFORM,
    FAR_GATE32,
    FAR_GATE16,
    FAR_TSS,
    FAR_TSS_286,
    FAR_TASK_GATE,
    FAR_GATE_INNER, /* CALL from an outer level, with parameters */
    FAR_VARIANTS
};
enum { RET_CODE32, RET_CODE16, RET_OUTER };
enum { IRET_CODE32, IRET_CODE16, IRET_TASK, IRET_OUTER, IRET_V86 };
enum { INT_GATE32, INT_TRAP16, INT_TASK, INT_SAME };

static unsigned far_variants(const struct sweep_mode *m, unsigned body)
{
    bool call = body == BODY_CALL_FAR || body == BODY_CALL_FAR_M;
    return call && m->ring ? FAR_VARIANTS : FAR_GATE_INNER;
}

static unsigned body_variants(const struct sweep_mode *m, unsigned body)
{
    bool descriptors = m->prot && !m->v86;
    switch (body) {
    case BODY_CALL_FAR:
    case BODY_CALL_FAR_M:
    case BODY_JMP_FAR:
    case BODY_JMP_FAR_M: return descriptors ? far_variants(m, body) : 1;
    case BODY_RET_FAR: return !descriptors ? 1 : m->ring ? 2 : 3;
    case BODY_IRET: return !descriptors ? 1 : m->ring ? 3 : 5;
    case BODY_INT:
    case BODY_INT3:
    case BODY_INT1:
    case BODY_INTO: return !m->prot ? 1 : m->v86 ? 3 : 4;
    default: return 1;
    }
}

unsigned sweep_variants(const struct sweep_mode *m, unsigned row)
{
    unsigned checks = i386_rows[row].checks;
    if ((checks & CHK_PROT) && (!m->prot || m->v86)) return 0;
    if ((checks & CHK_CPL0) && m->ring) return 0;
    if (i386_rows[row].body == BODY_TRAP && m->ring) return 0;
    if (i386_rows[row].body == BODY_UD2) return 0;
    return body_variants(m, i386_rows[row].body);
}

static uint32_t *gpr(struct text *t)
{
    return t->w->start.gpr;
}

/* What the address must be a multiple of. */
static uint32_t alignment(unsigned row)
{
    const struct i386_row *r = &i386_rows[row];
    bool wide = r->body == BODY_FXSAVE || r->body == BODY_FXRSTOR;
    for (unsigned i = 0; i < 3; i++)
        wide |= r->op[i] == O_Wx || r->op[i] == O_Mx;
    return wide ? 16 : 1;
}

/* Inside the operands' pages; with paging mostly across the end of one. */
static uint32_t operand_offset(struct sweep *w)
{
    if (!w->paging || sweep_chance(w, 4)) return SW_OPERAND + 0x100 + sweep_random(w, 0x2e00);
    uint32_t end = SW_OPERAND + (sweep_chance(w, 2) ? 0x2000 : 0x1000);
    return end - sweep_random(w, 9);
}

/* --- before the address is built: registers, fields, immediates --- */

static uint32_t low(struct text *t, uint32_t old, uint32_t v)
{
    return t->w->form.adsize == 4 ? v : (old & 0xffff0000u) | v;
}

static void choose_string(struct text *t)
{
    struct sweep *w = t->w;
    uint32_t *r = gpr(t);
    r[ESI] = low(t, r[ESI], operand_offset(w));
    r[EDI] = low(t, r[EDI], operand_offset(w));
    if (sweep_chance(w, 3)) return;
    t->rep = sweep_chance(w, 2) ? 0xf2 : 0xf3;
    r[ECX] = low(t, r[ECX], 1 + sweep_random(w, 4));
    if (sweep_chance(w, 8))
        w->start.eflags |= FL_TF;
    else
        w->start.eflags &= ~FL_TF;
}

static void choose_port(struct text *t)
{
    uint32_t *r = gpr(t);
    uint32_t at = sweep_random(t->w, 12);
    r[EDX] = (r[EDX] & 0xffff0000u) | (sweep_chance(t->w, 2) ? 0x40 + at : 0x1230 + at);
    t->imm = 0x40 + at;
}

/* A small dividend and a divisor that is not zero; see put_operand for the divisor. */
static void choose_division(struct text *t)
{
    uint32_t *r = gpr(t);
    r[EDX] = 0;
    r[EAX] &= t->row->attrs & ATT_BYTE ? 0x3f : 0x3fff;
    t->rm = EBX;
}

static unsigned pick(struct text *t, const uint8_t *from, unsigned n)
{
    return from[sweep_random(t->w, n)];
}

static void choose_fields(struct text *t)
{
    static const uint8_t sregs[] = {ES, SS, DS, FS, GS};
    struct sweep *w = t->w;
    switch (t->body) {
    case BODY_MOV_TO_SREG: t->reg = pick(t, sregs, 5); break;
    case BODY_MOV_FROM_SREG: t->reg = sweep_random(w, 6); break;
    case BODY_MOV_FROM_CR: t->reg = pick(t, (const uint8_t[]){0, 2, 3}, 3); break;
    case BODY_MOV_TO_CR:
        t->reg = pick(t, (const uint8_t[]){0, 2, 3}, 3);
        gpr(t)[t->rm] |= CR0_PE;
        break;
    case BODY_MOV_FROM_TR:
    case BODY_MOV_TO_TR: t->reg = 6 + sweep_random(w, 2); break;
    default: break;
    }
}

static uint32_t pick_msr(struct sweep *w)
{
    static const uint16_t some[] = {0x10, 0x8b, 0xc1, 0xc2, 0x186, 0x187};
    return some[sweep_random(w, 6)];
}

static void choose_registers(struct text *t)
{
    struct sweep *w = t->w;
    uint32_t *r = gpr(t);
    switch (t->body) {
    case BODY_DIV:
    case BODY_IDIV: choose_division(t); break;
    case BODY_XLAT: r[EBX] = t->target - (r[EAX] & 0xff); break;
    case BODY_BT:
    case BODY_BTS:
    case BODY_BTR:
    case BODY_BTC:
        if (t->row->op[1] != O_Gv) break;
        t->reg = EDX;
        r[EDX] = sweep_random(w, 0x800) - 0x400;
        break;
    case BODY_BOUND:
        t->reg = EDX;
        r[EDX] = 0x100 + sweep_random(w, 0x1000);
        break;
    case BODY_LLDT:
    case BODY_LTR:
    case BODY_VERR:
    case BODY_VERW:
    case BODY_LAR:
    case BODY_LSL:
    case BODY_MOV_TO_SREG:
    case BODY_CALL_IND:
    case BODY_JMP_IND: t->rm = EBX; break;
    case BODY_LOADALL: r[EDI] = operand_offset(w); break;
    case BODY_ENTER: /* the outer frames lie above the stack pointer */
        r[EBP] = (r[EBP] & 0xffff0000u) | ((r[ESP] & 0xffff) + 0x80 + sweep_random(w, 0x400));
        break;
    case BODY_MASKMOV: r[EDI] = low(t, r[EDI], operand_offset(w)); break;
    case BODY_RDPMC: r[ECX] = sweep_random(w, 2); break;
    case BODY_RDMSR: r[ECX] = pick_msr(w); break;
    case BODY_WRMSR:
        r[ECX] = pick_msr(w);
        r[EDX] = 0;
        break;
    case BODY_IN:
    case BODY_OUT: choose_port(t); break;
    case BODY_INS:
    case BODY_OUTS: choose_port(t); /* fall through */
    case BODY_MOVS:
    case BODY_STOS:
    case BODY_LODS:
    case BODY_CMPS:
    case BODY_SCAS: choose_string(t); break;
    default: break;
    }
}

static void choose_immediates(struct text *t)
{
    struct sweep *w = t->w;
    switch (t->body) {
    case BODY_CALL_REL:
    case BODY_JMP_REL:
    case BODY_JCC:
        if (t->row->op[0] == O_Jv) t->imm = sweep_random(w, 0x400) - 0x200;
        break;
    case BODY_AAM: t->imm |= 1; break;
    case BODY_ENTER:
        t->imm = sweep_random(w, 0x80);
        t->imm2 = sweep_chance(w, 2) ? sweep_random(w, 3) : sweep_random(w, 256);
        break;
    case BODY_RET: t->imm = sweep_random(w, 0x40) * 2; break;
    default: break;
    }
}

/* --- flags and privileges the row asks for --- */

static void choose_flags(struct text *t)
{
    struct i386_state *s = &t->w->start;
    unsigned checks = t->row->checks;
    bool v86_int = t->w->mode->v86 && (t->body == BODY_INT || t->body == BODY_IRET);
    if ((checks & (CHK_IOPL | CHK_V86IOPL)) || v86_int) s->eflags |= FL_IOPL;
    if (t->body == BODY_INTO) s->eflags |= FL_OF;
    if (sweep_chance(t->w, 2) && !(t->body == BODY_IRET && t->w->mode->prot)) s->eflags |= FL_NT;
}

/* --- afterwards: memory, and operands whose value matters --- */

static void put_operand(struct text *t, unsigned size, uint32_t v)
{
    if (t->w->form.mem)
        sweep_poke(t->w, t->w->operand, size, v);
    else
        reg_set(&t->w->start, t->rm, size, v);
}

static uint16_t data_selector(struct text *t, enum segreg reg)
{
    const struct sweep_mode *m = t->w->mode;
    if (!m->prot || m->v86) return (uint16_t)sweep_random(t->w, 0x10000);
    if (reg == SS) return sweep_sel(m->stack == 32 ? SW_FRESH_STACK32 : SW_FRESH_STACK16, m->ring);
    switch (sweep_random(t->w, 4)) {
    case 0: return SW_DS | m->ring;
    case 1: return (uint16_t)sweep_random(t->w, 4); /* null */
    case 2: return SW_FRESH_ROM | m->ring;
    default: return SW_FRESH_DATA | m->ring;
    }
}

static void put_far_pointer(struct text *t, uint16_t sel, uint32_t off)
{
    unsigned size = t->w->form.opsize;
    t->imm = off;
    t->imm2 = sel;
    if (t->w->form.mem) {
        sweep_poke(t->w, t->w->operand, size, off);
        sweep_poke(t->w, t->w->operand + size, 2, sel);
    }
}

/* In this order: the arguments of a call are worked out in any. */
static void put_data_pointer(struct text *t, enum segreg reg)
{
    uint16_t sel = data_selector(t, reg);
    uint32_t off = sweep_random(t->w, 0);
    put_far_pointer(t, sel, off);
}

static void put_gate(struct text *t, unsigned type, uint16_t sel, unsigned count)
{
    sweep_poke_gdt(t->w, SW_GATE, desc_make_gate(type, sel, SW_TARGET, 3, count));
}

static void put_far(struct text *t)
{
    struct sweep *w = t->w;
    unsigned ring = w->mode->ring;
    uint16_t code = sweep_sel(SW_FRESH_CODE32, ring), sel = SW_GATE | 3;
    if (!w->mode->prot || w->mode->v86) {
        put_far_pointer(t, 0x0fff, SW_TARGET + 16);
        return;
    }
    switch (w->form.variant) {
    case FAR_CODE32: sel = code; break;
    case FAR_CODE16: sel = sweep_sel(SW_FRESH_CODE16, ring); break;
    case FAR_CONFORM: sel = SW_CONFORM; break;
    case FAR_GATE32: put_gate(t, SYS_CALL32, code, 3); break;
    case FAR_GATE16: put_gate(t, SYS_CALL16, code, 0); break;
    case FAR_TSS: sel = SW_SEL_TSS_B; break;
    case FAR_TSS_286: sel = SW_SEL_TSS_C; break;
    case FAR_TASK_GATE: put_gate(t, SYS_TASK_GATE, SW_SEL_TSS_B, 0); break;
    default: put_gate(t, SYS_CALL32, SW_FRESH_CODE32, sweep_random(w, 32)); break;
    }
    put_far_pointer(t, sel, SW_TARGET);
}

static void put_frame(struct text *t, unsigned n, const uint32_t *value)
{
    for (unsigned i = 0; i < n; i++)
        sweep_poke_stack(t->w, i, t->w->form.opsize, value[i]);
}

static uint16_t code_selector(struct text *t, bool code16)
{
    const struct sweep_mode *m = t->w->mode;
    if (!m->prot || m->v86) return 0x0fff;
    return sweep_sel(code16 ? SW_FRESH_CODE16 : SW_FRESH_CODE32, m->ring);
}

static void put_ret_far(struct text *t)
{
    struct sweep *w = t->w;
    unsigned size = w->form.opsize, release = t->row->op[0] == O_Iw ? 8 : 0;
    t->imm = release;
    if (w->form.variant != RET_OUTER) {
        put_frame(t, 2, (uint32_t[]){SW_TARGET, code_selector(t, w->form.variant == RET_CODE16)});
        return;
    }
    put_frame(t, 2, (uint32_t[]){SW_TARGET, sweep_sel(SW_FRESH_CODE32, 3)});
    sweep_poke_stack(w, 2 + release / size, size, SW_STACK + 0x700);
    sweep_poke_stack(w, 3 + release / size, size, sweep_sel(SW_FRESH_STACK32, 3));
}

static void put_iret(struct text *t)
{
    struct sweep *w = t->w;
    uint32_t flags = sweep_random(w, 0) & 0x37fd7u & ~FL_VM;
    bool v86 = w->form.variant == IRET_V86 && w->form.opsize == 4;
    uint32_t frame[9] = {SW_TARGET, code_selector(t, w->form.variant == IRET_CODE16), flags};
    if (v86) {
        memcpy(frame, (uint32_t[]){SW_TARGET, 0x0fff, flags | FL_VM, SW_STACK, 1, 2, 3, 4, 5},
               sizeof frame);
    } else if (w->form.variant >= IRET_OUTER) {
        frame[1] = sweep_sel(SW_FRESH_CODE32, 3);
        frame[3] = SW_STACK + 0x700;
        frame[4] = sweep_sel(SW_FRESH_STACK32, 3);
    }
    if (w->form.variant == IRET_TASK) w->start.eflags |= FL_NT;
    put_frame(t, v86 ? 9 : 5, frame);
}

uint8_t sweep_vector(unsigned body)
{
    switch (body) {
    case BODY_INT1: return VEC_DB;
    case BODY_INT3: return VEC_BP;
    case BODY_INTO: return VEC_OF;
    default: return 0x40;
    }
}

static void put_interrupt(struct text *t)
{
    struct sweep *w = t->w;
    unsigned vector = sweep_vector(t->body);
    t->imm = vector;
    if (!w->mode->prot) return;
    switch (w->form.variant) {
    case INT_GATE32: sweep_poke_idt(w, vector, SW_FRESH_CODE32, SW_TARGET, SYS_INT32); break;
    case INT_TRAP16: sweep_poke_idt(w, vector, SW_FRESH_CODE16, SW_TARGET, SYS_TRAP16); break;
    case INT_TASK: sweep_poke_idt(w, vector, SW_SEL_TSS_B, 0, SYS_TASK_GATE); break;
    default: sweep_poke_idt(w, vector, code_selector(t, false), SW_TARGET, SYS_TRAP32); break;
    }
}

static void put_bounds(struct text *t)
{
    unsigned size = t->w->form.opsize;
    uint32_t at = reg_get(&t->w->start, t->reg, size);
    bool outside = sweep_chance(t->w, 4);
    sweep_poke(t->w, t->w->operand, size, at - 5);
    sweep_poke(t->w, t->w->operand + size, size, outside ? at - 1 : at + 5);
}

static uint16_t asked_selector(struct text *t)
{
    static const uint16_t some[] = {
        SW_DS, SW_FRESH_DATA, SW_FRESH_ROM, SW_SEL_TSS_B, SW_CONFORM, SW_SEL_LDT, 0, 0xfff8};
    return some[sweep_random(t->w, 8)] | t->w->mode->ring;
}

static void put_cache(struct sweep *w, uint32_t at, const struct shadow *sh)
{
    sweep_poke(w, at, 4, (uint32_t)sh->access << 8 | (uint32_t)sh->flags << 20);
    sweep_poke(w, at + 4, 4, sh->base);
    sweep_poke(w, at + 8, 4, sh->limit);
}

/* LOADALL: the present state, but for the general registers, and the next instruction. */
static void put_state(struct text *t)
{
    static const uint8_t order[SEGREG_COUNT] = {GS, FS, DS, SS, CS, ES};
    struct sweep *w = t->w;
    const struct i386_state *s = &w->start;
    uint32_t at = sweep_base(w, ES) + gpr(t)[EDI];
    sweep_poke(w, at, 4, s->cr0);
    sweep_poke(w, at + 4, 4, s->eflags);
    sweep_poke(w, at + 8, 4, s->eip + w->code_len);
    sweep_poke(w, at + 0x34, 2, s->tr.sel);
    sweep_poke(w, at + 0x38, 2, s->ldtr.sel);
    for (unsigned i = 0; i < SEGREG_COUNT; i++) {
        sweep_poke(w, at + 0x3c + 4 * i, 2, s->seg[order[i]].sel);
        put_cache(w, at + 0x84 + 12 * i, &s->seg[order[i]].sh);
    }
    put_cache(w, at + 0x54, &s->tr.sh);
    put_cache(w, at + 0x60, &(struct shadow){.base = s->idtr.base, .limit = s->idtr.limit});
    put_cache(w, at + 0x6c, &(struct shadow){.base = s->gdtr.base, .limit = s->gdtr.limit});
    put_cache(w, at + 0x78, &s->ldtr.sh);
}

static void put_values(struct text *t)
{
    struct sweep *w = t->w;
    unsigned size = w->form.opsize;
    switch (t->body) {
    case BODY_DIV:
    case BODY_IDIV:
        put_operand(t, t->row->attrs & ATT_BYTE ? 1 : size, sweep_random(w, 0) | 1);
        break;
    case BODY_BOUND: put_bounds(t); break;
    case BODY_LDMXCSR: put_operand(t, 4, 0x1f80 | sweep_random(w, 0x10000)); break;
    case BODY_FXRSTOR: sweep_poke(w, w->operand + 24, 4, sweep_random(w, 0x10000)); break;
    case BODY_CALL_IND:
    case BODY_JMP_IND: put_operand(t, size, SW_TARGET + sweep_random(w, 64)); break;
    case BODY_RET: put_frame(t, 1, (uint32_t[]){SW_TARGET}); break;
    case BODY_MOV_TO_SREG: put_operand(t, 2, data_selector(t, (enum segreg)t->reg)); break;
    case BODY_POP_SREG:
        sweep_poke_stack(w, 0, 2, data_selector(t, (enum segreg)(t->row->op[0] - O_ES)));
        break;
    case BODY_LES: put_data_pointer(t, ES); break;
    case BODY_LDS: put_data_pointer(t, DS); break;
    case BODY_LSS: put_data_pointer(t, SS); break;
    case BODY_LFS: put_data_pointer(t, FS); break;
    case BODY_LGS: put_data_pointer(t, GS); break;
    case BODY_LLDT: put_operand(t, 2, sweep_chance(w, 4) ? 0 : SW_SEL_LDT); break;
    case BODY_LTR: put_operand(t, 2, SW_SEL_TSS_B); break;
    case BODY_LOADALL: put_state(t); break;
    case BODY_VERR:
    case BODY_VERW:
    case BODY_LAR:
    case BODY_LSL: put_operand(t, 2, asked_selector(t)); break;
    default: break;
    }
}

static void put_transfer(struct text *t)
{
    switch (t->body) {
    case BODY_CALL_FAR:
    case BODY_CALL_FAR_M:
    case BODY_JMP_FAR:
    case BODY_JMP_FAR_M: put_far(t); break;
    case BODY_RET_FAR: put_ret_far(t); break;
    case BODY_IRET: put_iret(t); break;
    case BODY_INT:
    case BODY_INT3:
    case BODY_INT1:
    case BODY_INTO: put_interrupt(t); break;
    default: break;
    }
}

/* Half of the compares go on for some iterations. */
static void put_equal_strings(struct text *t)
{
    struct sweep *w = t->w;
    if ((t->body != BODY_CMPS && t->body != BODY_SCAS) || t->rep != 0xf3 || sweep_chance(w, 2))
        return;
    gpr(t)[EAX] = 0;
    uint32_t source = sweep_base(w, t->seg) + (gpr(t)[ESI] & 0xffff);
    uint32_t target = sweep_base(w, ES) + (gpr(t)[EDI] & 0xffff);
    for (unsigned i = 0; i < 32; i += 4) {
        sweep_poke(w, source - 16 + i, 4, 0);
        sweep_poke(w, target - 16 + i, 4, 0);
    }
}

/* --- a state --- */

static void random_fields(struct text *t)
{
    struct sweep *w = t->w;
    t->seg = SEGREG_COUNT;
    t->reg = t->row->ext >= 0 ? (unsigned)t->row->ext : sweep_random(w, 8);
    t->rm = sweep_random(w, 8);
    t->target = operand_offset(w) & ~(alignment(w->form.row) - 1);
    t->imm = sweep_random(w, 0);
    t->imm2 = sweep_random(w, 0);
}

/* Breakpoints on the operand: they are forgotten when the instruction faults. */
static void watch_operand(struct text *t)
{
    struct i386_state *s = &t->w->start;
    if (!t->w->form.mem || !sweep_chance(t->w, 4)) return;
    s->dr[0] = t->w->operand & ~3u;
    s->dr[7] |= 1u | 3u << 16 | 3u << 18;
}

static void finish(struct sweep *w)
{
    uint32_t at = w->start.seg[CS].sh.base + w->start.eip;
    for (unsigned i = 0; i < w->code_len; i++)
        sweep_poke(w, at + i, 1, w->code[i]);
    enum decode_status d =
        decode_at(w->cpu.level, w->code, w->code_len, w->mode->code == 32, &w->in);
    cr_assert_eq(d, DECODE_OK, "%s", i386_rows[w->form.row].mnemonic);
    cr_assert_eq(w->in.row, w->form.row, "row %u decodes as %u", w->form.row, w->in.row);
    cr_assert_eq(w->in.len, w->code_len, "%s: length", i386_rows[w->form.row].mnemonic);
}

void sweep_prepare(struct sweep *w, const struct sweep_form *form)
{
    const struct i386_row *row = &i386_rows[form->row];
    struct text t = {.w = w, .row = row, .body = row->body};
    w->form = *form;
    w->code_len = 0;
    sweep_undo(w);
    sweep_set_level(w, form->row);
    sweep_random_state(w);
    random_fields(&t);
    choose_fields(&t);
    choose_registers(&t);
    choose_immediates(&t);
    choose_flags(&t);
    sweep_emit_head(&t);
    w->operand = sweep_base(w, t.seg) + t.target;
    put_values(&t);
    put_transfer(&t);
    put_equal_strings(&t);
    watch_operand(&t);
    for (unsigned i = 0; i < 3; i++)
        sweep_emit_immediate(&t, row->op[i]);
    finish(w);
}
