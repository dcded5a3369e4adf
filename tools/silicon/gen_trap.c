/* gen_trap.c: states at the edges, by family (families.def). */
#include "gen.h"

#include <string.h>

#include "bits.h"
#include "opcode.h"
#include "segm.h"

enum row_set {
    ROWS_ANY,
    ROWS_MEMORY,
    ROWS_STACK,
    ROWS_LEA,
    ROWS_LOAD,
    ROWS_LOAD_SS,
    ROWS_LAR,
    ROWS_LSL,
    ROWS_VERR,
    ROWS_VERW,
    ROWS_ARPL,
    ROWS_FAR_JMP,
    ROWS_FAR_CALL,
    ROWS_FAR_RET,
    ROWS_IRET,
    ROWS_JUMP,
    ROWS_SS_BASE,
    ROWS_PRIV,
    ROWS_POPF,
    ROWS_INT,
    ROWS_STRING,
    ROWS_BOUND,
    ROWS_DIVIDE,
    ROWS_ESP_BASE
};
enum code_set { CODES_ANY, CODES_C16, CODES_C64K, CODES_XO };
enum seg_set {
    SEGS_ANY,
    SEGS_VALID,
    SEGS_UP,
    SEGS_UP_BYTES,
    SEGS_UP_PAGES,
    SEGS_HUGE,
    SEGS_DOWN32,
    SEGS_DOWN16,
    SEGS_READ_ONLY,
    SEGS_CS,
    SEGS_NONE
};
enum aim { AIM_VALID, AIM_EDGE, AIM_WRAP, AIM_PAGE, AIM_CROSS, AIM_CODE, AIM_MIX };
enum stack_set { STACKS_VALID, STACKS_EDGE, STACKS_DOWN, STACKS_S16, STACKS_PAGE };
enum ip_set { IPS_MID, IPS_EDGE, IPS_LOCK };

struct family_rule {
    uint8_t rows, code, segs, aim, stack, ip;
};
static const struct family_rule rules[] = {
#define FAMILY(name, rows, code, segs, aim, stack, ip, what)                                       \
    {ROWS_##rows, CODES_##code, SEGS_##segs, AIM_##aim, STACKS_##stack, IPS_##ip},
#include "families.def"
#undef FAMILY
};
const struct family sil_families[] = {
#define FAMILY(name, rows, code, segs, aim, stack, ip, what) {name, what},
#include "families.def"
#undef FAMILY
};
const unsigned sil_family_count = sizeof sil_families / sizeof sil_families[0];

struct trap {
    struct rng *r;
    struct family_rule rule;
    struct form f;
    struct sil_in *in;
    struct shadow code, data, dest, stack; /* of the segments that the instruction uses */
    uint32_t operand;                      /* linear */
    uint32_t top;                          /* linear address of the stack's top */
};

/* --- rows of a family --- */

static bool is_moffs(const struct i386_row *row)
{
    return row->op[0] == O_Ob || row->op[0] == O_Ov || row->op[1] == O_Ob || row->op[1] == O_Ov;
}

static bool is_load(const struct form *f, bool *ss)
{
    uint16_t op = f->row->opcode;
    *ss = op == 0x17 || op == 0x0fb2 || (op == 0x8e && f->in.reg == SS);
    return f->row->body == BODY_POP_SREG || f->row->body == BODY_MOV_TO_SREG || *ss || op == 0xc4 ||
           op == 0xc5 || op == 0x0fb4 || op == 0x0fb5;
}

static bool is_stack(const struct i386_row *row)
{
    switch (row->body) {
    case BODY_PUSH:
    case BODY_POP:
    case BODY_PUSHA:
    case BODY_POPA:
    case BODY_PUSHF:
    case BODY_POPF:
    case BODY_PUSH_SREG:
    case BODY_POP_SREG:
    case BODY_ENTER:
    case BODY_LEAVE:
    case BODY_CALL_REL:
    case BODY_CALL_IND:
    case BODY_RET: return true;
    default: return false;
    }
}

static bool is_priv(const struct i386_row *row)
{
    return (row->checks & (CHK_CPL0 | CHK_IOPL)) || row->body == BODY_IN || row->body == BODY_OUT ||
           row->body == BODY_INS || row->body == BODY_OUTS;
}

static bool is_jump(const struct i386_row *row)
{
    for (unsigned i = 0; i < 3; i++)
        if (row->op[i] == O_Jb || row->op[i] == O_Jv) return true;
    return row->body == BODY_CALL_IND || row->body == BODY_JMP_IND || row->body == BODY_RET;
}

static bool uses_memory(const struct form *f)
{
    return insn_is_mem(&f->in) || is_moffs(f->row) || f->row->body == BODY_XLAT;
}

/* [ESP], [ESP + byte] */
static bool uses_esp_base(const struct form *f)
{
    return insn_is_mem(&f->in) && f->in.adsize == 4 && f->in.base == ESP && f->in.mod < 2;
}

static bool in_memory_set(const struct form *f)
{
    bool ss;
    if (f->row->attrs & ATT_STRING) return !is_priv(f->row);
    return uses_memory(f) && f->row->body != BODY_LEA && !is_priv(f->row) && !is_load(f, &ss);
}

static bool belongs(const struct form *f, enum row_set set)
{
    bool ss, load = is_load(f, &ss);
    unsigned body = f->row->body;
    switch (set) {
    case ROWS_MEMORY: return in_memory_set(f);
    case ROWS_STACK: return is_stack(f->row);
    case ROWS_LEA: return body == BODY_LEA;
    case ROWS_LOAD: return load;
    case ROWS_LOAD_SS: return load && ss;
    case ROWS_LAR: return body == BODY_LAR;
    case ROWS_LSL: return body == BODY_LSL;
    case ROWS_VERR: return body == BODY_VERR;
    case ROWS_VERW: return body == BODY_VERW;
    case ROWS_ARPL: return body == BODY_ARPL;
    case ROWS_FAR_JMP: return body == BODY_JMP_FAR || body == BODY_JMP_FAR_M;
    case ROWS_FAR_CALL: return body == BODY_CALL_FAR || body == BODY_CALL_FAR_M;
    case ROWS_FAR_RET: return body == BODY_RET_FAR;
    case ROWS_IRET: return body == BODY_IRET;
    case ROWS_JUMP: return is_jump(f->row);
    case ROWS_SS_BASE: return in_memory_set(f) && f->in.seg == SS;
    case ROWS_PRIV: return is_priv(f->row);
    case ROWS_POPF: return body == BODY_POPF;
    case ROWS_INT: return body == BODY_INT || body == BODY_INT3 || body == BODY_INTO;
    case ROWS_STRING: return f->row->attrs & ATT_STRING;
    case ROWS_BOUND: return body == BODY_BOUND;
    case ROWS_ESP_BASE: return is_stack(f->row) && uses_esp_base(f);
    case ROWS_DIVIDE: return body == BODY_DIV || body == BODY_IDIV || body == BODY_AAM;
    default: return true;
    }
}

/* --- kinds of a family --- */

static bool code_fits(unsigned kind, enum code_set set)
{
    const struct sil_ldt *e = &sil_kinds[kind].ldt;
    if (!kind_usable(kind, KIND_FOR_CODE)) return false;
    if (set == CODES_C16) return !e->big;
    if (set == CODES_C64K) return !e->big && e->limit == 0xffff;
    if (set == CODES_XO) return e->read_only;
    return true;
}

static bool segment_fits(unsigned kind, enum seg_set set)
{
    const struct sil_ldt *e = &sil_kinds[kind].ldt;
    bool up = e->contents == 0, down = e->contents == 1;
    if (!kind_usable(kind, KIND_FOR_DATA)) return false;
    switch (set) {
    case SEGS_VALID: return kind_usable(kind, KIND_FOR_STACK);
    case SEGS_UP: return up;
    case SEGS_UP_BYTES: return up && !e->pages;
    case SEGS_UP_PAGES: return up && e->pages;
    case SEGS_HUGE: return up && e->limit >= 0xffff;
    case SEGS_DOWN32: return down && e->big;
    case SEGS_DOWN16: return down && !e->big;
    case SEGS_READ_ONLY: return e->contents < 2 && e->read_only;
    default: return true;
    }
}

static bool stack_fits(unsigned kind, enum stack_set set)
{
    const struct sil_ldt *e = &sil_kinds[kind].ldt;
    if (!kind_usable(kind, KIND_FOR_STACK)) return false;
    if (set == STACKS_DOWN) return e->contents == 1;
    return set != STACKS_S16 || !e->big;
}

static unsigned find_kind(struct rng *r, bool (*fits)(unsigned, unsigned), unsigned set)
{
    for (;;) {
        unsigned k = rng_below(r, sil_kind_count);
        if (fits(k, set)) return k;
    }
}

static bool fits_code(unsigned k, unsigned set)
{
    return code_fits(k, (enum code_set)set);
}

static bool fits_segment(unsigned k, unsigned set)
{
    return segment_fits(k, (enum seg_set)set);
}

static bool fits_stack(unsigned k, unsigned set)
{
    return stack_fits(k, (enum stack_set)set);
}

/* --- selectors and targets that instructions read --- */

static uint16_t any_selector(struct rng *r)
{
    unsigned rpl = rng_chance(r, 1, 2) ? 3 : rng_below(r, 4);
    unsigned how = rng_below(r, 10);
    if (how < 7) return kind_sel(rng_below(r, sil_kind_count), rpl);
    if (how == 7) return (uint16_t)rpl;
    if (how == 8)
        return (uint16_t)((rng_chance(r, 1, 2) ? SEL_USER_CS & ~3u : SEL_USER_DS & ~3u) | rpl);
    if (rng_chance(r, 1, 2)) return kind_sel(SIL_KINDS + 1 + rng_below(r, 8000), rpl);
    return (uint16_t)((16 + rng_below(r, 8000)) << 3 | rpl);
}

/* Code more often than not, and an offset around its limit. */
static uint16_t code_selector(struct rng *r, uint32_t *offset)
{
    uint16_t sel = any_selector(r);
    if (rng_chance(r, 2, 3)) { /* one draw a statement: compilers order arguments as they like */
        unsigned rpl = rng_chance(r, 7, 8) ? 3 : 0;
        sel = kind_sel(1 + rng_below(r, 13), rpl);
    }
    *offset = rng_below(r, 0x40);
    if (SEL_TI(sel) && SEL_INDEX(sel) < sil_kind_count) {
        uint32_t limit = kind_shadow(SEL_INDEX(sel)).limit;
        if (rng_chance(r, 1, 3)) *offset = limit + rng_below(r, 4) - 1;
    }
    if (rng_chance(r, 1, 8)) *offset = rng_value(r);
    return sel;
}

static void put_at(struct trap *t, uint32_t linear, uint32_t value, unsigned size)
{
    for (unsigned w = 0; w < 2; w++)
        for (unsigned i = 0; i < size; i++) {
            uint32_t k = linear + i - t->in->win[w].at;
            if (k < t->in->win[w].n) t->in->win[w].bytes[k] = (uint8_t)(value >> 8 * i);
        }
}

static void put_far(struct trap *t, uint32_t at, bool code)
{
    uint32_t offset = rng_u32(t->r);
    uint16_t sel = code ? code_selector(t->r, &offset) : any_selector(t->r);
    put_at(t, at, offset, t->f.in.opsize);
    put_at(t, at + t->f.in.opsize, sel, 2);
}

static void put_direct(struct trap *t)
{
    uint32_t offset;
    uint16_t sel = code_selector(t->r, &offset);
    uint8_t *p = t->f.bytes + t->f.in.len - 2;
    put16(p, sel);
    for (unsigned i = 0; i < t->f.in.opsize; i++)
        p[(int)i - t->f.in.opsize] = (uint8_t)(offset >> 8 * i);
}

/* A word operand in register or memory. */
static void put_word_operand(struct trap *t, uint16_t sel)
{
    if (insn_is_mem(&t->f.in))
        put_at(t, t->operand, sel, 2);
    else
        t->in->gpr[t->f.in.rm] = (t->in->gpr[t->f.in.rm] & 0xffff0000u) | sel;
}

static void put_bounds(struct trap *t)
{
    uint32_t v = t->in->gpr[t->f.in.reg];
    put_at(t, t->operand, v + rng_below(t->r, 4) - 3, t->f.in.opsize);
    put_at(t, t->operand + t->f.in.opsize, v + rng_below(t->r, 4), t->f.in.opsize);
}

/* What the instruction reads as selector, target or flags. */
static void put_meaning(struct trap *t)
{
    uint32_t offset;
    switch (t->f.row->body) {
    case BODY_MOV_TO_SREG:
    case BODY_LAR:
    case BODY_LSL:
    case BODY_VERR:
    case BODY_VERW:
    case BODY_ARPL: put_word_operand(t, any_selector(t->r)); break;
    case BODY_LES:
    case BODY_LDS:
    case BODY_LSS:
    case BODY_LFS:
    case BODY_LGS: put_far(t, t->operand, false); break;
    case BODY_JMP_FAR_M:
    case BODY_CALL_FAR_M: put_far(t, t->operand, true); break;
    case BODY_JMP_FAR:
    case BODY_CALL_FAR: put_direct(t); break;
    case BODY_POP_SREG: put_at(t, t->top, any_selector(t->r), 2); break;
    case BODY_RET_FAR:
    case BODY_IRET: put_far(t, t->top, true); break;
    case BODY_RET:
        (void)code_selector(t->r, &offset);
        put_at(t, t->top, offset, t->f.in.opsize);
        break;
    case BODY_BOUND: put_bounds(t); break;
    default: break;
    }
}

/* --- places --- */

static uint32_t code_offset(struct trap *t)
{
    uint32_t len = t->f.in.len, d = rng_below(t->r, len + 3);
    uint32_t page_end = ARENA_AT + 0x3000u - t->code.base;
    if (t->rule.ip == IPS_EDGE) {
        uint32_t end = t->code.hi + 1;
        if (rng_chance(t->r, 1, 3) && page_end - 1 <= t->code.hi) end = page_end;
        uint32_t eip = end - len + d - 2;
        return eip <= t->code.hi ? eip : t->code.hi;
    }
    for (;;) {
        uint32_t off = CODE_AT + rng_below(t->r, 0x2000 - SIL_INSN) - t->code.base;
        if (off <= t->code.hi && t->code.hi - off >= SIL_INSN) return off;
    }
}

static uint32_t edge_of(struct rng *r, const struct shadow *sh)
{
    uint32_t delta = rng_below(r, 16) - 9;
    switch (rng_below(r, 4)) {
    case 0: return sh->lo + delta;
    case 1: return sh->hi + 1 + delta;
    case 2: return sh->limit + 1 + delta;
    default: return delta;
    }
}

static uint32_t page_of(struct rng *r, const struct shadow *sh, bool cross)
{
    uint32_t page = ARENA_AT + (3 + rng_below(r, ARENA_PAGES - 2)) * 0x1000u;
    uint32_t off = cross ? rng_below(r, 8) - 7 : rng_below(r, 0x1000);
    return page + off - sh->base;
}

static uint32_t valid_of(struct rng *r, const struct shadow *sh, uint32_t mask)
{
    static const uint8_t data[] = {4, 5, 7, 9, 10, 1, 2};
    for (unsigned tries = 0; tries < 40; tries++) {
        uint32_t page = ARENA_AT + data[rng_below(r, 7)] * 0x1000u;
        uint32_t off = page + rng_below(r, 0xff0) - sh->base;
        if (off <= mask && off >= sh->lo && off <= sh->hi && sh->hi - off >= 8) return off;
    }
    return sh->lo;
}

static uint32_t place_in(struct rng *r, const struct shadow *sh, enum aim aim, uint32_t mask)
{
    if (aim == AIM_MIX) aim = (enum aim)rng_below(r, AIM_CODE);
    switch (aim) {
    case AIM_EDGE: return edge_of(r, sh);
    case AIM_WRAP: return 0xfffffff4u + rng_below(r, 20);
    case AIM_PAGE: return page_of(r, sh, false);
    case AIM_CROSS: return page_of(r, sh, true);
    default: return valid_of(r, sh, mask);
    }
}

/* --- one state --- */

static struct shadow shadow_for(const struct sil_in *in, unsigned reg)
{
    uint16_t sel = in->sel[reg];
    if (!(sel & ~3u)) return shadow_null();
    return kind_shadow(sel >> 3);
}

static void pick_segments(struct trap *t)
{
    struct sil_in *in = t->in;
    for (unsigned reg = 0; reg < SEGREG_COUNT; reg++) {
        unsigned set =
            t->rule.segs == SEGS_CS || t->rule.segs == SEGS_NONE ? SEGS_VALID : t->rule.segs;
        in->sel[reg] = kind_sel(find_kind(t->r, fits_segment, set), 3);
        bool null = t->rule.segs == SEGS_NONE ? rng_chance(t->r, 3, 4) : rng_chance(t->r, 1, 64);
        if (null) in->sel[reg] = 0;
    }
    unsigned code;
    do
        code = find_kind(t->r, fits_code, t->rule.code);
    while (sil_kinds[code].ldt.big != t->f.code32);
    in->sel[CS] = kind_sel(code, 3);
    in->sel[SS] = kind_sel(find_kind(t->r, fits_stack, t->rule.stack), 3);
    t->code = kind_shadow(code);
    t->stack = shadow_for(in, SS);
    t->data = shadow_for(in, t->f.in.seg);
    t->dest = shadow_for(in, ES);
}

static void set_low(uint32_t *reg, uint32_t value, uint32_t mask)
{
    *reg = (*reg & ~mask) | (value & mask);
}

static void aim_stack(struct trap *t)
{
    uint32_t mask = shadow_big(&t->stack) ? 0xffffffffu : 0xffffu, top = 0;
    static const uint8_t aims[] = {[STACKS_VALID] = AIM_VALID,
                                   [STACKS_EDGE] = AIM_EDGE,
                                   [STACKS_DOWN] = AIM_EDGE,
                                   [STACKS_S16] = AIM_VALID,
                                   [STACKS_PAGE] = AIM_CROSS};
    enum aim aim = (enum aim)aims[t->rule.stack];
    if (aim != AIM_VALID && rng_chance(t->r, 1, 4)) aim = AIM_MIX;
    top = place_in(t->r, &t->stack, aim, mask);
    if (aim != AIM_VALID && rng_chance(t->r, 1, 2)) top += rng_below(t->r, 80) - 40;
    if (t->rule.stack == STACKS_S16 && rng_chance(t->r, 1, 4)) top = rng_below(t->r, 16);
    set_low(&t->in->gpr[ESP], top, mask);
    bool frame = t->f.row->body == BODY_LEAVE || t->f.row->body == BODY_ENTER;
    if (frame && rng_chance(t->r, 3, 4))
        set_low(&t->in->gpr[EBP],
                rng_chance(t->r, 1, 2) ? top : place_in(t->r, &t->stack, aim, mask), mask);
    uint32_t at = frame && t->f.row->body == BODY_LEAVE ? t->in->gpr[EBP] : t->in->gpr[ESP];
    t->top = t->stack.base + (at & mask);
}

static void aim_operand(struct trap *t)
{
    uint32_t mask = t->f.in.adsize == 4 ? 0xffffffffu : 0xffffu;
    uint32_t target = place_in(t->r, &t->data, (enum aim)t->rule.aim, mask);
    if (t->f.row->attrs & ATT_STRING) {
        set_low(&t->in->gpr[ESI], target, mask);
        set_low(&t->in->gpr[EDI], place_in(t->r, &t->dest, (enum aim)t->rule.aim, mask), mask);
        unsigned least = is_priv(t->f.row); /* REP INS, count 0: docs/divergences.md */
        if (least || rng_chance(t->r, 3, 4))
            set_low(&t->in->gpr[ECX], least + rng_below(t->r, 4), mask);
        t->operand = t->data.base + (t->in->gpr[ESI] & mask);
        return;
    }
    if (!uses_memory(&t->f)) {
        t->operand = DATA_AT;
        return;
    }
    if (is_stack(t->f.row) && uses_esp_base(&t->f)) { /* ESP stays where the stack is */
        if (t->f.in.index != 0xff) t->in->gpr[t->f.in.index] = rng_below(t->r, 4);
        t->operand = t->top + t->f.in.disp;
        return;
    }
    (void)form_patch(&t->f, target);
    t->operand = t->data.base + form_aim(&t->f, t->in->gpr, target);
}

static void put_windows(struct trap *t)
{
    struct sil_in *in = t->in;
    in->win[0].at = t->operand - 16;
    in->win[1].at = t->top - 24;
    for (unsigned w = 0; w < 2; w++) {
        in->win[w].n = SIL_WINDOW;
        rng_fill(t->r, in->win[w].bytes, SIL_WINDOW);
    }
}

/* Could an instruction of this row belong?  */
static bool row_may(unsigned row, enum row_set set)
{
    struct form f = {.row = &i386_rows[row],
                     .in = {.has_modrm = 1, .reg = SS, .seg = SS, .base = ESP, .adsize = 4}};
    return belongs(&f, set);
}

void family_rows(unsigned family, struct row_list *list)
{
    list->count = 0;
    for (unsigned row = 1; row < i386_row_count && list->count < ROWS_MAX; row++)
        if (row_usable(row, FORM_TRAP) && row_may(row, (enum row_set)rules[family].rows))
            list->row[list->count++] = (uint16_t)row;
}

static bool draw_form(struct trap *t, const struct row_list *list)
{
    bool code16 = t->rule.code == CODES_C16 || t->rule.code == CODES_C64K;
    for (unsigned tries = 0; list->count && tries < 100000; tries++) {
        unsigned row = list->row[rng_below(t->r, list->count)];
        bool code32 = !code16 && rng_chance(t->r, 2, 3);
        if (!form_make(t->r, row, code32, FORM_TRAP, &t->f)) continue;
        if (!belongs(&t->f, (enum row_set)t->rule.rows)) continue;
        if (t->rule.segs == SEGS_CS && t->f.in.seg != CS) continue;
        if (t->rule.ip == IPS_LOCK && !t->f.in.lock) continue;
        return true;
    }
    return false;
}

static bool draw_state(struct trap *t, const struct row_list *list)
{
    struct sil_in *in = t->in;
    memset(in, 0, sizeof *in);
    if (!draw_form(t, list)) return false;
    for (unsigned i = 0; i < 8; i++)
        in->gpr[i] = rng_value(t->r);
    in->eflags = FL_1 | FL_IF | FL_TF | (rng_u32(t->r) & (FL_ARITH | FL_DF));
    pick_segments(t);
    aim_stack(t);
    aim_operand(t);
    put_windows(t);
    put_meaning(t);
    in->eip = code_offset(t);
    in->code_at = t->code.base + in->eip;
    in->len = t->f.in.len;
    in->code32 = t->f.code32;
    in->row = t->f.in.row;
    memcpy(in->code, t->f.bytes, SIL_INSN);
    in->code[in->len] = 0x90; /* runs in the shadow of MOV SS */
    return true;
}

bool trap_state(struct rng *r, unsigned family, const struct row_list *list, struct sil_in *in)
{
    struct trap t = {.r = r, .rule = rules[family], .in = in};
    do
        if (!draw_state(&t, list)) return false;
    while (form_undefined(&t.f, in->gpr));
    return true;
}
