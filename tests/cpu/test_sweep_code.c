/* Bytes of an instruction of the fault sweep: any way to say it that leads to the operand. */
#include "sweep_text.h"

#include "bits.h"

static void emit(struct sweep *w, unsigned size, uint32_t v)
{
    put32(w->code + w->code_len, v);
    w->code_len += size;
}

static uint32_t *gpr(struct text *t)
{
    return t->w->start.gpr;
}

static void emit_prefixes(struct text *t)
{
    static const uint8_t seg_prefix[SEGREG_COUNT] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    static const enum segreg choice[] = {ES, SS, DS, FS, GS};
    struct sweep *w = t->w;
    const struct sweep_form *f = &w->form;
    if (f->mem && (t->row->checks & CHK_LOCK) && sweep_chance(w, 4)) emit(w, 1, 0xf0);
    if (t->rep) emit(w, 1, t->rep);
    if (t->row->prefix > 0x66) emit(w, 1, t->row->prefix);
    if (sweep_chance(w, 3)) {
        t->seg = choice[sweep_random(w, 5)];
        emit(w, 1, seg_prefix[t->seg]);
    }
    if (f->opsize * 8 != w->mode->code) emit(w, 1, 0x66);
    if (f->adsize * 8 != w->mode->code) emit(w, 1, 0x67);
}

static void emit_opcode(struct text *t)
{
    unsigned plus = t->row->attrs & ATT_PLUSR ? t->rm : 0;
    if (t->row->opcode >= 0x100) emit(t->w, 1, t->row->opcode >> 8u);
    emit(t->w, 1, (t->row->opcode & 0xffu) + plus);
}

/* --- ModR/M: any way to say the address, with a displacement that leads to the operand --- */

static void stack_based(struct text *t, bool overridden)
{
    if (!overridden) t->seg = SS;
}

static void emit_address32(struct text *t, bool overridden)
{
    struct sweep *w = t->w;
    const uint32_t *r = gpr(t);
    unsigned base = sweep_random(w, 8), index = sweep_random(w, 8), scale = sweep_random(w, 4);
    unsigned how = sweep_random(w, 4), reg = t->reg << 3;
    if (index == ESP) index = EDI;
    if (how == 1 && base == ESP) base = ESI;
    if ((how == 1 || how == 2) && (base == ESP || base == EBP)) stack_based(t, overridden);
    uint32_t indexed = r[index] << scale;
    switch (how) {
    case 0: /* displacement */
        emit(w, 1, reg | 5);
        emit(w, 4, t->target);
        break;
    case 1: /* base */
        emit(w, 1, 0x80 | reg | base);
        emit(w, 4, t->target - r[base]);
        break;
    case 2: /* base and index */
        emit(w, 1, 0x84 | reg);
        emit(w, 1, scale << 6 | index << 3 | base);
        emit(w, 4, t->target - r[base] - indexed);
        break;
    default: /* index */
        emit(w, 1, 4 | reg);
        emit(w, 1, scale << 6 | index << 3 | 5);
        emit(w, 4, t->target - indexed);
    }
}

static void emit_address16(struct text *t, bool overridden)
{
    struct sweep *w = t->w;
    const uint32_t *r = gpr(t);
    const uint32_t sums[8] = {r[EBX] + r[ESI], r[EBX] + r[EDI], r[EBP] + r[ESI], r[EBP] + r[EDI],
                              r[ESI],          r[EDI],          r[EBP],          r[EBX]};
    unsigned rm = sweep_random(w, 8), reg = t->reg << 3;
    if (sweep_chance(w, 4)) {
        emit(w, 1, reg | 6);
        emit(w, 2, t->target);
        return;
    }
    if (rm == 2 || rm == 3 || rm == 6) stack_based(t, overridden);
    emit(w, 1, 0x80 | reg | rm);
    emit(w, 2, t->target - sums[rm]);
}

static void emit_modrm(struct text *t)
{
    bool overridden = t->seg != SEGREG_COUNT;
    if (!overridden) t->seg = DS;
    if (!sweep_row_has_modrm(t->row)) return;
    if (!t->w->form.mem)
        emit(t->w, 1, 0xc0 | t->reg << 3 | t->rm);
    else if (t->w->form.adsize == 4)
        emit_address32(t, overridden);
    else
        emit_address16(t, overridden);
}

void sweep_emit_immediate(struct text *t, unsigned kind)
{
    struct sweep *w = t->w;
    switch (kind) {
    case O_Ib:
    case O_Ibs:
    case O_Jb: emit(w, 1, t->body == BODY_ENTER ? t->imm2 : t->imm); break;
    case O_Iw: emit(w, 2, t->imm); break;
    case O_Iv:
    case O_Jv: emit(w, w->form.opsize, t->imm); break;
    case O_Ap:
        emit(w, w->form.opsize, t->imm);
        emit(w, 2, t->imm2);
        break;
    case O_Ob:
    case O_Ov: emit(w, w->form.adsize, t->target); break;
    default: break;
    }
}

void sweep_emit_head(struct text *t)
{
    emit_prefixes(t);
    emit_opcode(t);
    emit_modrm(t);
}
