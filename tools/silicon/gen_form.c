/* gen_form.c: instructions of a row, and registers for their addresses. */
#include "gen.h"

#include <string.h>

#include "bits.h"
#include "opcode.h"

/* --- chance --- */

struct rng rng_for(uint64_t seed, uint64_t key, uint64_t block)
{
    struct rng r = {seed};
    r.s = rng_next(&r) ^ key * UINT64_C(0xd6e8feb86659fd93);
    r.s = rng_next(&r) ^ block * UINT64_C(0xa0761d6478bd642f);
    rng_next(&r);
    return r;
}

void rng_fill(struct rng *r, void *to, uint32_t n)
{
    uint8_t *p = to;
    for (uint32_t i = 0; i < n; i += 8) {
        uint64_t v = rng_next(r);
        memcpy(p + i, &v, n - i < 8 ? n - i : 8);
    }
}

uint32_t rng_value(struct rng *r)
{
    static const uint32_t edges[] = {
        0,    1,    0xffffffff, 0x7fffffff, 0x80000000, 0x8000,     0x7fff, 0xffff,
        0x80, 0x7f, 0xff,       0x10000,    0xffff0000, 0x55555555, 0x99,   0x80008000};
    uint64_t v = rng_next(r);
    unsigned how = v & 7;
    if (how == 0) return edges[v >> 8 & 15];
    if (how == 1) return (uint32_t)(v >> 32) & 0xff;
    if (how == 2) return 0u - ((uint32_t)(v >> 32) & 0x3f);
    return (uint32_t)(v >> 32);
}

/* --- which rows --- */

/* Encodings that a modern processor takes for something else, or answers with values of the host:
 * running them natively says nothing about a 386. */
static const struct {
    uint16_t opcode;
    int8_t ext; /* -1: all */
    const char *why;
} rows_skipped[] = {
    {0x0f00, 0, "SLDT: the host's LDT selector"},
    {0x0f00, 1, "STR: the host's TSS selector"},
    {0x0f01, 0, "SGDT: the host's table"},
    {0x0f01, 1, "SIDT: the host's table"},
    {0x0f01, 4, "SMSW: the host's CR0"},
    {0x0f20, -1,
     "MOV from CR: ring 3 is #GP on both, but which CRs exist differs, and LOCK is CR8"},
    {0x0f22, -1, "MOV to CR: likewise"},
    {0x0f21, -1, "MOV from DR: DR4 and DR5 depend on CR4.DE"},
    {0x0f23, -1, "MOV to DR: likewise"},
    {0x0f24, -1, "MOV from TR: #UD since the 486 lost them"},
    {0x0f26, -1, "MOV to TR: likewise"},
    {0x0f3f, -1, "reserved encoding of the personality trap"},
    {0x00f1, -1, "INT1: the host's debugger gets it"},
    {0x0f07, -1, "LOADALL: SYSRET today"},
    {0x0f10, -1, "UMOV: SSE today"},
    {0x0f11, -1, "UMOV: likewise"},
    {0x0f12, -1, "UMOV: likewise"},
    {0x0f13, -1, "UMOV: likewise"},
};

/* The host's coprocessor is not an 80387. */
static bool is_escape(uint16_t opcode)
{
    return (opcode >= 0xd8 && opcode <= 0xdf) || opcode >= 0xd800;
}

/* What the batch cannot do: another CS:EIP or CS value, ports, selectors of the host's GDT, faults. */
static bool batch_body(uint16_t body)
{
    switch (body) {
    case BODY_IN:
    case BODY_OUT:
    case BODY_INS:
    case BODY_OUTS:
    case BODY_LAR:
    case BODY_LSL:
    case BODY_VERR:
    case BODY_VERW:
    case BODY_BOUND: return false;
    default: return true;
    }
}

bool row_usable(unsigned row, enum form_use use)
{
    const struct i386_row *r = &i386_rows[row];
    if (row == ROW_UNDEFINED || is_escape(r->opcode) || r->level > LEVEL_386) return false;
    for (unsigned i = 0; i < sizeof rows_skipped / sizeof rows_skipped[0]; i++)
        if (rows_skipped[i].opcode == r->opcode &&
            (rows_skipped[i].ext < 0 || rows_skipped[i].ext == r->ext))
            return false;
    if (use == FORM_TRAP) return true;
    if ((r->attrs & ATT_END) || (r->checks & CHK_CPL0) || !batch_body(r->body)) return false;
    return r->op[0] != O_CS; /* PUSH CS */
}

uint64_t row_key(unsigned row)
{
    return (uint64_t)i386_rows[row].opcode << 8 | (uint8_t)i386_rows[row].ext;
}

/* --- one instruction --- */

static bool kind_modrm(unsigned op)
{
    return op >= O_Eb && op <= O_Sw;
}

static bool has_modrm(const struct i386_row *row)
{
    return row->ext >= 0 || kind_modrm(row->op[0]) || kind_modrm(row->op[1]);
}

static bool may_repeat(const struct i386_row *row, enum form_use use)
{
    if (row->attrs & ATT_STRING) return true;
    /* F3 0F BC and BD are other instructions today. */
    return use == FORM_TRAP && row->opcode != 0x0fbc && row->opcode != 0x0fbd;
}

static unsigned put_prefixes(struct rng *r, const struct i386_row *row, enum form_use use,
                             uint8_t *p)
{
    static const uint8_t segs[] = {0x26, 0x36, 0x3e, 0x64, 0x65, 0x2e};
    unsigned n = 0;
    bool string = row->attrs & ATT_STRING;
    if (rng_chance(r, 3, 10)) p[n++] = 0x66;
    if (rng_chance(r, 3, 10)) p[n++] = 0x67;
    if (rng_chance(r, 3, 10)) p[n++] = segs[rng_below(r, use == FORM_BATCH ? 5 : 6)];
    if (may_repeat(row, use) && rng_chance(r, string ? 12 : 1, 24))
        p[n++] = rng_chance(r, 1, 2) ? 0xf2 : 0xf3;
    if ((use == FORM_TRAP || (row->checks & CHK_LOCK)) && rng_chance(r, 1, 24)) p[n++] = 0xf0;
    for (unsigned i = n; i > 1; i--) { /* any order */
        unsigned k = rng_below(r, i);
        uint8_t t = p[i - 1];
        p[i - 1] = p[k];
        p[k] = t;
    }
    return n;
}

static uint8_t make_modrm(struct rng *r, const struct i386_row *row)
{
    uint8_t modrm = (uint8_t)rng_u32(r);
    if (rng_chance(r, 1, 2)) modrm &= 0x3f | 0x80; /* more memory forms */
    if (row->ext >= 0) modrm = (uint8_t)((modrm & 0xc7) | row->ext << 3);
    return modrm;
}

bool form_undefined(const struct form *f, const uint32_t gpr[8])
{
    bool pair = f->row->body == BODY_SHLD || f->row->body == BODY_SHRD;
    uint32_t count = f->row->op[2] == O_CL ? gpr[ECX] : f->in.imm;
    return pair && f->in.opsize == 2 && (count & 31) > 16;
}

/* What must be left out although the row is in. */
static bool acceptable(const struct form *f, enum form_use use)
{
    const struct insn *in = &f->in;
    bool reg = in->has_modrm && in->mod == 3;
    uint16_t op = f->row->opcode;
    if (reg && (op == 0xc4 || op == 0xc5 || op == 0x62)) return false; /* VEX, EVEX */
    if (reg && op == 0x0f01 && f->row->ext != 6) return false;         /* MONITOR, XGETBV ... */
    if (op == 0xcd && (in->imm & 0xff) == 0x80) return false; /* a call of the host's kernel */
    bool loop = f->row->body == BODY_LOOPE || f->row->body == BODY_LOOPNE;
    if (in->rep && loop) return false; /* the host takes the prefix for the condition */
    if (in->lock && f->row->body == BODY_BT) return false;   /* legal in 1986, #UD today */
    if (in->lock && f->row->body == BODY_VERW) return false; /* the host executes it */
    bool immediate = f->row->op[2] == O_Ib;
    if (immediate && form_undefined(f, (const uint32_t[8]){0})) return false;
    if (use == FORM_TRAP) return true;
    if ((f->row->checks & CHK_MEM) && reg) return false;
    if (in->lock && !insn_is_mem(in)) return false;
    if (f->row->body == BODY_MOV_FROM_SREG && (in->reg == CS || in->reg > GS)) return false;
    return true;
}

/* Without an index a 386 scales the base: docs/divergences.md. */
static void avoid_scaled_base(uint8_t *sib)
{
    if ((*sib >> 3 & 7) == 4) *sib &= 0x3f;
}

/* ENTER of a batch: few levels and a small frame, so that all of it lies in the window. */
static void tame_enter(struct form *f)
{
    uint8_t *imm = f->bytes + f->in.len - 3;
    imm[0] &= 0x1f;
    imm[1] = 0;
    imm[2] = (uint8_t)((imm[2] & 0xe0) | (imm[2] & 0x1f) % 7);
    if (decode(f->bytes, INSN_MAX, f->code32, &f->in) != DECODE_OK) f->in.row = ROW_UNDEFINED;
}

bool form_make(struct rng *r, unsigned row, bool code32, enum form_use use, struct form *f)
{
    f->row = &i386_rows[row];
    f->code32 = code32;
    unsigned n = put_prefixes(r, f->row, use, f->bytes);
    if (f->row->opcode > 0xff) f->bytes[n++] = 0x0f;
    uint8_t plus = f->row->attrs & ATT_PLUSR ? (uint8_t)rng_below(r, 8) : 0;
    f->bytes[n++] = (uint8_t)(f->row->opcode + plus);
    unsigned modrm_at = n;
    if (has_modrm(f->row)) f->bytes[n++] = make_modrm(r, f->row);
    rng_fill(r, f->bytes + n, SIL_INSN - n);
    bool modrm = has_modrm(f->row) && f->bytes[modrm_at] < 0xc0;
    if (modrm && rng_chance(r, 1, 8)) { /* ESP as base */
        f->bytes[modrm_at] = (uint8_t)((f->bytes[modrm_at] & 0xf8) | 4);
        f->bytes[modrm_at + 1] = (uint8_t)((f->bytes[modrm_at + 1] & 0xf8) | 4);
    }
    if (modrm && (f->bytes[modrm_at] & 7) == 4) avoid_scaled_base(&f->bytes[modrm_at + 1]);
    if (decode(f->bytes, INSN_MAX, code32, &f->in) != DECODE_OK || f->in.row != row) return false;
    memset(f->bytes + f->in.len, 0xf4, SIL_INSN - f->in.len); /* HLT: stops what runs on */
    if (use == FORM_BATCH && f->row->body == BODY_ENTER) tame_enter(f);
    return acceptable(f, use);
}

/* The displacement's place is right behind ModR/M and SIB, or behind the opcode. */
bool form_patch(struct form *f, uint32_t target)
{
    unsigned moffs = f->row->op[0] == O_Ob || f->row->op[0] == O_Ov || f->row->op[1] == O_Ob ||
                     f->row->op[1] == O_Ov;
    if (!moffs && !(insn_is_mem(&f->in) && f->in.base == 0xff && f->in.index == 0xff)) return false;
    unsigned imm = 0;
    for (unsigned i = 0; i < 3; i++) {
        unsigned op = f->row->op[i];
        imm += op == O_Ib || op == O_Ibs ? 1u : op == O_Iv ? f->in.opsize : 0u;
    }
    unsigned at = f->in.len - imm - f->in.adsize;
    for (unsigned i = 0; i < f->in.adsize; i++)
        f->bytes[at + i] = (uint8_t)(target >> 8 * i);
    return decode(f->bytes, INSN_MAX, f->code32, &f->in) == DECODE_OK;
}

/* --- addresses --- */

static uint32_t odd_inverse(uint32_t odd)
{
    uint32_t x = odd;
    for (unsigned i = 0; i < 4; i++)
        x *= 2 - odd * x;
    return x;
}

/* base + base * 2^scale = want */
static uint32_t aim_same(const struct insn *in, uint32_t *gpr, uint32_t want)
{
    uint32_t k = 1 + (1u << in->scale);
    if (k == 2) {
        gpr[in->base] = want >> 1;
        return want & ~1u;
    }
    gpr[in->base] = want * odd_inverse(k);
    return want;
}

static uint32_t aim32(const struct insn *in, uint32_t *gpr, uint32_t target)
{
    uint32_t want = target - in->disp;
    if (in->base == 0xff && in->index == 0xff) return in->disp;
    if (in->base == in->index) return aim_same(in, gpr, want) + in->disp;
    if (in->base == 0xff) {
        uint32_t low = (1u << in->scale) - 1;
        gpr[in->index] = (gpr[in->index] & ~(0xffffffffu >> in->scale)) | want >> in->scale;
        return (want & ~low) + in->disp;
    }
    uint32_t scaled = in->index == 0xff ? 0 : gpr[in->index] << in->scale;
    gpr[in->base] = want - scaled;
    return target;
}

static uint32_t aim16(const struct insn *in, uint32_t *gpr, uint32_t target)
{
    unsigned reg = in->base != 0xff ? in->base : in->index;
    if (reg == 0xff) return in->disp & 0xffff;
    uint32_t other = in->base != 0xff && in->index != 0xff ? gpr[in->index] : 0;
    gpr[reg] = (gpr[reg] & 0xffff0000u) | ((target - in->disp - other) & 0xffff);
    return target & 0xffff;
}

uint32_t form_aim(const struct form *f, uint32_t gpr[8], uint32_t target)
{
    if (f->row->body == BODY_XLAT) {
        uint32_t mask = f->in.adsize == 4 ? 0xffffffffu : 0xffffu;
        gpr[EBX] = (gpr[EBX] & ~mask) | ((target - (gpr[EAX] & 0xff)) & mask);
        return target & mask;
    }
    if (!insn_is_mem(&f->in)) return f->in.disp; /* moffs */
    return f->in.adsize == 4 ? aim32(&f->in, gpr, target) : aim16(&f->in, gpr, target);
}

bool kind_find(struct rng *r, unsigned kind, uint32_t n, uint32_t mask, uint32_t *offset)
{
    struct shadow sh = kind_shadow(kind);
    static const uint8_t data[] = {4, 5, 7, 9, 10};
    for (unsigned tries = 0; tries < 24; tries++) {
        uint32_t page = ARENA_AT + data[rng_below(r, 5)] * 0x1000u;
        uint32_t at = page + rng_below(r, 0x1000);
        uint32_t off = at - sh.base;
        if (off > mask || off < sh.lo || off > sh.hi || n - 1 > sh.hi - off) continue;
        if (off + n - 1 < off || off + n - 1 > mask) continue;
        if (sil_page_of(at + n - 1) != PAGE_RW) continue;
        *offset = off;
        return true;
    }
    return false;
}
