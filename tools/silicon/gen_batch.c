/* gen_batch.c: blocks of states whose operands lie where they may be accessed. */
#include "gen.h"

#include <string.h>

#include "opcode.h"

#define STATES_PER_FORM 32u
#define TRIES_MAX       100000u
#define MARGIN          24u /* of a window, around the place that is aimed at */

struct setting {
    struct form f;
    uint16_t sel[6];
    unsigned kind[6];
    uint32_t code_at, eip;
    /* The two windows: operand and stack, or source and destination of a string. */
    uint32_t off[2], base[2];
    bool uses_data, uses_stack;
    uint32_t stack_mask;
};

/* --- what an instruction needs --- */

static bool is_stack_row(const struct i386_row *row)
{
    switch (row->body) {
    case BODY_PUSH:
    case BODY_POP:
    case BODY_PUSHA:
    case BODY_POPA:
    case BODY_PUSHF:
    case BODY_PUSH_SREG:
    case BODY_ENTER:
    case BODY_LEAVE: return true;
    default: return false;
    }
}

static bool is_moffs(const struct i386_row *row)
{
    return row->op[0] == O_Ob || row->op[0] == O_Ov || row->op[1] == O_Ob || row->op[1] == O_Ov;
}

static bool uses_memory(const struct form *f)
{
    if (f->row->body == BODY_LEA) return false;
    return insn_is_mem(&f->in) || is_moffs(f->row) || f->row->body == BODY_XLAT;
}

/* An address register that the instruction itself needs for something else. */
static bool clashes(const struct form *f)
{
    const struct insn *in = &f->in;
    bool stack = is_stack_row(f->row) && uses_memory(f);
    if (stack && (in->base == ESP || in->index == ESP)) return true;
    bool address_cl = insn_is_mem(in) && (in->base == ECX || in->index == ECX);
    if (f->row->op[2] == O_CL && address_cl) return true; /* SHLD, SHRD: the count must be free */
    bool bit = f->row->body == BODY_BT || f->row->body == BODY_BTS || f->row->body == BODY_BTR ||
               f->row->body == BODY_BTC;
    return bit && f->row->op[1] == O_Gv && insn_is_mem(in) &&
           (in->base == in->reg || in->index == in->reg);
}

/* --- segments --- */

static unsigned pick_kind(struct rng *r, enum kind_use use)
{
    for (;;) {
        unsigned k = rng_below(r, sil_kind_count);
        if (kind_usable(k, use)) return k;
    }
}

static bool place_window(struct rng *r, struct setting *s, unsigned w, unsigned reg, uint32_t mask)
{
    if (reg == GS) { /* flat */
        static const uint8_t data[] = {4, 5, 7, 9, 10};
        uint32_t at = rng_below(r, 0x1000 - SIL_WINDOW);
        s->base[w] = 0;
        s->off[w] = ARENA_AT + data[rng_below(r, 5)] * 0x1000u + at;
        return mask == 0xffffffffu;
    }
    struct shadow sh = kind_shadow(s->kind[reg]);
    s->base[w] = sh.base;
    return kind_find(r, s->kind[reg], SIL_WINDOW, mask, &s->off[w]);
}

static void pick_segments(struct rng *r, struct setting *s)
{
    for (unsigned reg = 0; reg < SEGREG_COUNT; reg++) {
        if (reg == CS || reg == GS) continue;
        s->kind[reg] = pick_kind(r, KIND_FOR_STACK); /* writable */
        s->sel[reg] = kind_sel(s->kind[reg], 3);
    }
    s->sel[GS] = SEL_USER_DS;
    bool code32 = s->f.code32;
    s->sel[CS] = kind_sel(code32 ? 1 : 6, 3); /* code32, code16 */
    s->eip = 0x200;
    s->code_at = CODE_AT + s->eip;
}

static bool windows_apart(const struct setting *s)
{
    uint32_t a = s->base[0] + s->off[0], b = s->base[1] + s->off[1];
    return a - b >= SIL_WINDOW && b - a >= SIL_WINDOW;
}

static bool setting_make(struct rng *r, unsigned row, struct setting *s)
{
    memset(s, 0, sizeof *s);
    if (!form_make(r, row, rng_chance(r, 2, 3), FORM_BATCH, &s->f) || clashes(&s->f)) return false;
    pick_segments(r, s);
    uint32_t mask = s->f.in.adsize == 4 ? 0xffffffffu : 0xffffu;
    bool string = s->f.row->attrs & ATT_STRING;
    s->uses_data = uses_memory(&s->f) || string;
    s->uses_stack = is_stack_row(s->f.row) || string;
    s->stack_mask = string ? mask : sil_kinds[s->kind[SS]].ldt.big ? 0xffffffffu : 0xffffu;
    unsigned reg0 = s->uses_data ? s->f.in.seg : DS, reg1 = string ? ES : SS;
    if (!place_window(r, s, 0, reg0, s->uses_data ? mask : 0xffffffffu)) return false;
    if (!place_window(r, s, 1, reg1, s->stack_mask)) return false;
    if (uses_memory(&s->f) && s->f.in.base == 0xff && s->f.in.index == 0xff &&
        s->f.row->body != BODY_XLAT && !form_patch(&s->f, s->off[0] + MARGIN))
        return false;
    return windows_apart(s);
}

/* --- registers --- */

static void set_low(uint32_t *reg, uint32_t value, uint32_t mask)
{
    *reg = (*reg & ~mask) | (value & mask);
}

static void aim_string(struct rng *r, const struct setting *s, struct sil_in *in)
{
    uint32_t mask = s->f.in.adsize == 4 ? 0xffffffffu : 0xffffu;
    set_low(&in->gpr[ESI], s->off[0] + 28 + rng_below(r, 5), mask);
    set_low(&in->gpr[EDI], s->off[1] + 28 + rng_below(r, 5), mask);
    if (s->f.in.rep) set_low(&in->gpr[ECX], rng_below(r, 7), mask);
}

/* Most divisions fit: a fault costs as much as ten thousand other states. */
static void tame_division(struct rng *r, const struct form *f, struct sil_in *in)
{
    bool sign = f->row->body == BODY_IDIV, byte = f->row->attrs & ATT_BYTE;
    if (rng_chance(r, 1, 16)) return;
    if (byte)
        set_low(&in->gpr[EAX], sign ? (uint32_t)(int8_t)in->gpr[EAX] : in->gpr[EAX] & 0xff, 0xffff);
    else if (f->in.opsize == 2)
        set_low(&in->gpr[EDX], sign && (in->gpr[EAX] & 0x8000) ? 0xffff : 0, 0xffff);
    else
        in->gpr[EDX] = sign && (int32_t)in->gpr[EAX] < 0 ? 0xffffffffu : 0;
}

static void aim_stack(struct rng *r, const struct setting *s, struct sil_in *in)
{
    uint32_t top = s->off[1] + (rng_chance(r, 3, 4) ? 32 : 30 + rng_below(r, 5));
    unsigned body = s->f.row->body;
    if (body == BODY_POPA) top = s->off[1] + rng_below(r, 16);
    if (body == BODY_PUSHA) top = s->off[1] + 48 + rng_below(r, 16);
    if (body == BODY_ENTER) top = s->off[1] + 60;
    set_low(&in->gpr[ESP], top, s->stack_mask);
    if (body == BODY_LEAVE || body == BODY_ENTER)
        set_low(&in->gpr[EBP], s->off[1] + 40, s->stack_mask);
}

static void state_make(struct rng *r, const struct setting *s, struct sil_in *in)
{
    const struct form *f = &s->f;
    unsigned body = f->row->body;
    for (unsigned i = 0; i < 8; i++)
        in->gpr[i] = rng_value(r);
    in->eflags = FL_1 | FL_IF | (rng_u32(r) & (FL_ARITH | FL_DF));
    for (unsigned w = 0; w < 2; w++) {
        in->win[w].at = s->base[w] + s->off[w];
        in->win[w].n = SIL_WINDOW;
        rng_fill(r, in->win[w].bytes, SIL_WINDOW);
    }
    if (body == BODY_DIV || body == BODY_IDIV) tame_division(r, f, in);
    bool bit = insn_is_mem(&f->in) && f->row->op[1] == O_Gv &&
               (body == BODY_BT || body == BODY_BTS || body == BODY_BTR || body == BODY_BTC);
    if (bit) in->gpr[f->in.reg] = (in->gpr[f->in.reg] & 63) - 32; /* bytes -4..3 from the operand */
    if (s->uses_stack && !(f->row->attrs & ATT_STRING)) aim_stack(r, s, in);
    if (f->row->attrs & ATT_STRING)
        aim_string(r, s, in);
    else if (s->uses_data)
        form_aim(f, in->gpr, s->off[0] + MARGIN + rng_below(r, 9));
    in->eip = s->eip;
    in->code_at = s->code_at;
    in->len = f->in.len;
    in->code32 = f->code32;
    in->row = f->in.row;
    memcpy(in->sel, s->sel, sizeof in->sel);
    memcpy(in->code, f->bytes, SIL_INSN);
}

bool batch_block(uint64_t seed, unsigned row, uint64_t number, struct sil_in *in)
{
    struct rng r = rng_for(seed, row_key(row), number);
    struct setting s;
    for (unsigned i = 0; i < SIL_STATES; i++) {
        unsigned tries = i % STATES_PER_FORM == 0 ? TRIES_MAX : 0;
        while (tries && !setting_make(&r, row, &s))
            if (--tries == 0) return false;
        do
            state_make(&r, &s, &in[i]);
        while (form_undefined(&s.f, in[i].gpr));
    }
    return true;
}
