/* decode.c: bytes to struct insn. The tables are built from i386.def by the compiler. */
#include "bits.h"
#include "flag_sets.h"
#include "insn.h"
#include "opcode.h"
#include "state.h"

/* What follows the opcode, three bits; W + B is the pair of ENTER. */
enum imm_shape { IMM_NONE, IMM_B, IMM_BS, IMM_V, IMM_W, IMM_WB, IMM_AP, IMM_MOFFS };
#define SHAPE_MODRM   0x01u
#define SHAPE_REGONLY 0x02u /* mod is ignored: MOV to and from CR, DR, TR */
#define SHAPE_IMM(s)  ((s) >> 2 & 7u)

#define KIND_IMM(k)                                                                                \
    ((k) == O_Ib                   ? IMM_B                                                         \
     : (k) == O_Ibs || (k) == O_Jb ? IMM_BS                                                        \
     : (k) == O_Iv || (k) == O_Jv  ? IMM_V                                                         \
     : (k) == O_Iw                 ? IMM_W                                                         \
     : (k) == O_Ap                 ? IMM_AP                                                        \
     : (k) == O_Ob || (k) == O_Ov  ? IMM_MOFFS                                                     \
                                   : IMM_NONE)
#define KIND_MODRM(k) ((k) >= O_Eb && (k) <= O_Sw)
#define SHAPE(a, b, c, ext)                                                                        \
    ((KIND_MODRM(a) || KIND_MODRM(b) || (ext) >= 0 ? SHAPE_MODRM : 0u) |                           \
     ((a) == O_Rd || (b) == O_Rd ? SHAPE_REGONLY : 0u) |                                           \
     (unsigned)(KIND_IMM(a) + KIND_IMM(b) + KIND_IMM(c)) << 2)

/* Index of an encoding: eight slots for each of 256 opcodes, one for each reg field, in five pages: one byte; 0F;
 * 0F with 66, F3 or F2 as part of the opcode. Then a slot for each ModR/M byte of mod = 3 behind D8..DF. */
enum page { PAGE_ONE, PAGE_0F, PAGE_66, PAGE_F3, PAGE_F2, PAGES };
#define PAGE_SLOTS   2048
#define ESC_SLOT     (PAGES * PAGE_SLOTS)
#define SLOTS        (ESC_SLOT + 8 * 64)
#define IS_ESC(code) ((code) >= 0xd8c0 && (code) <= 0xdfff)
#define PAGE_OF(code)                                                                              \
    ((code) <= 0xff         ? PAGE_ONE                                                             \
     : (code) >> 16 == 0    ? PAGE_0F                                                              \
     : (code) >> 16 == 0x66 ? PAGE_66                                                              \
     : (code) >> 16 == 0xf3 ? PAGE_F3                                                              \
                            : PAGE_F2)
#define SLOT(code) (PAGE_OF(code) * PAGE_SLOTS + ((code)&0xff) * 8)
#define FIRST(code, ext)                                                                           \
    (IS_ESC(code) ? ESC_SLOT + ((code) >> 8 & 7) * 64 + ((code)&63)                                \
                  : SLOT(code) + ((ext) < 0 ? 0 : (ext)))
#define LAST(code, ext, attrs)                                                                     \
    (IS_ESC(code) ? FIRST(code, ext) + ((attrs)&ATT_PLUSR ? 7 : 0)                                 \
                  : SLOT(code) + ((ext) >= 0          ? (ext)                                      \
                                  : (attrs)&ATT_PLUSR ? 63                                         \
                                                      : 7))

/* Register forms of a pair have no slot of their own. */
#define PLACE_R(...)
#define PLACE_7R(...)
#define PLACE_N(...) __VA_ARGS__
#define PLACE__(...) __VA_ARGS__
#define PLACE_0(...) __VA_ARGS__
#define PLACE_1(...) __VA_ARGS__
#define PLACE_2(...) __VA_ARGS__
#define PLACE_3(...) __VA_ARGS__
#define PLACE_4(...) __VA_ARGS__
#define PLACE_5(...) __VA_ARGS__
#define PLACE_6(...) __VA_ARGS__
#define PLACE_7(...) __VA_ARGS__

#define TABLE rows_of_386
#define LEVEL 3
#include "decode_table.h"
#define TABLE rows_of_486
#define LEVEL 4
#include "decode_table.h"
#define TABLE rows_of_pentium
#define LEVEL 5
#include "decode_table.h"
#define TABLE rows_of_p6
#define LEVEL 6
#include "decode_table.h"
#define TABLE rows_of_sse2
#define LEVEL 8
#include "decode_table.h"

static const uint16_t *const rows_of[] = {
    [0] = rows_of_386,          [LEVEL_386] = rows_of_386,
    [LEVEL_486] = rows_of_486,  [LEVEL_PENTIUM] = rows_of_pentium,
    [LEVEL_P6] = rows_of_p6,    [LEVEL_SSE] = rows_of_sse2,
    [LEVEL_SSE2] = rows_of_sse2};

static const uint8_t shape_of[ROW_COUNT] = {
#define ROW(code, ext, name, a, b, c, body, w, u, checks, attrs, level, clocks, section)           \
    [ROW_##code##_##ext] = (uint8_t)SHAPE(O_##a, O_##b, O_##c, EXT_##ext),
#include "i386.def"
#undef ROW
};

struct cursor {
    const uint8_t *bytes;
    size_t n, at;
    enum cpu_level level;
    unsigned folded; /* bytes beyond the first of displacement and immediates */
};

static bool has(const struct cursor *c, size_t n)
{
    return c->n - c->at >= n;
}

static enum decode_status short_of(const struct cursor *c)
{
    return c->n >= INSN_MAX ? DECODE_TOO_LONG : DECODE_MORE;
}

static uint32_t take(struct cursor *c, unsigned size)
{
    const uint8_t *p = c->bytes + c->at;
    c->at += size;
    return size == 4 ? get32(p) : size == 2 ? get16(p) : *p;
}

/* Displacement or immediate: one component of the manual's m, whatever its size. */
static uint32_t take_field(struct cursor *c, unsigned size)
{
    c->folded += size - 1;
    return take(c, size);
}

static bool prefix(uint8_t byte, bool code32, struct insn *in)
{
    switch (byte) {
    case 0x26: in->seg = ES; break;
    case 0x2e: in->seg = CS; break;
    case 0x36: in->seg = SS; break;
    case 0x3e: in->seg = DS; break;
    case 0x64: in->seg = FS; break;
    case 0x65: in->seg = GS; break;
    case 0x66:
        in->opsize = code32 ? 2 : 4;
        in->p66 = 1;
        return true;
    case 0x67: in->adsize = code32 ? 2 : 4; return true;
    case 0xf0: in->lock = 1; return true;
    case 0xf2:
    case 0xf3: in->rep = byte; return true;
    default: return false;
    }
    in->override = 1;
    return true;
}

static bool is_prefix(uint8_t b)
{
    return (b & 0xe7) == 0x26 || (b >= 0x64 && b <= 0x67) || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

/* The addressing forms of the 8086: [BX+SI] ... [386 17.2.1]; BP bases default to SS. */
static enum decode_status address16(struct cursor *c, struct insn *in, uint8_t *seg)
{
    static const uint8_t base[8] = {EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX};
    static const uint8_t index[8] = {ESI, EDI, ESI, EDI, 0xff, 0xff, 0xff, 0xff};
    bool direct = in->mod == 0 && in->rm == 6;
    unsigned size = direct ? 2 : in->mod;
    in->base = direct ? 0xff : base[in->rm];
    in->index = index[in->rm];
    if (in->base == EBP) *seg = SS;
    if (!has(c, size)) return short_of(c);
    if (size) in->disp = sign_extend(take_field(c, size), size);
    return DECODE_OK;
}

/* UNDOC: without an index the scale applies to the base, as measured on 80386 parts; later processors ignore it.
 * The default segment is that of the base. */
static void scale_base(struct insn *in)
{
    in->index = in->base;
    in->base = 0xff;
    in->scaled_base = 1;
    if (in->index == 0xff) in->scale = 0;
}

static enum decode_status address32(struct cursor *c, struct insn *in, uint8_t *seg)
{
    in->base = in->rm;
    if (in->rm == 4) {
        if (!has(c, 1)) return short_of(c);
        uint8_t sib = (uint8_t)take(c, 1);
        in->scale = sib >> 6;
        in->index = (sib >> 3 & 7) == 4 ? 0xff : sib >> 3 & 7;
        in->base = sib & 7;
    }
    bool no_base = in->mod == 0 && in->base == EBP;
    if (no_base) in->base = 0xff;
    if (in->base == EBP || in->base == ESP) *seg = SS;
    if (in->index == 0xff && c->level <= LEVEL_386 && in->scale) scale_base(in);
    if (in->index == 0xff) in->scale = 0;
    unsigned size = in->mod == 1 ? 1 : in->mod == 2 || no_base ? 4 : 0;
    if (!has(c, size)) return short_of(c);
    if (size) in->disp = sign_extend(take_field(c, size), size);
    return DECODE_OK;
}

static enum decode_status immediates(struct cursor *c, struct insn *in, unsigned shape)
{
    static const uint8_t first[2][8] = {{0, 1, 1, 2, 2, 2, 2, 0}, {0, 1, 1, 4, 2, 2, 4, 0}};
    static const uint8_t second[8] = {[IMM_WB] = 1, [IMM_AP] = 2};
    unsigned imm = SHAPE_IMM(shape);
    unsigned size = imm == IMM_MOFFS ? in->adsize : first[in->opsize == 4][imm];
    if (!has(c, size + second[imm])) return short_of(c);
    uint32_t v = take_field(c, size);
    if (imm == IMM_MOFFS)
        in->disp = v;
    else
        in->imm = imm == IMM_BS ? sign_extend(v, 1) & size_mask(in->opsize) : v;
    if (second[imm]) in->imm2 = take_field(c, second[imm]);
    return DECODE_OK;
}

/* --- the row --- */

/* Where the rows of an opcode are: eight slots of the prefix that chooses among instructions, and those of the
 * opcode without one. */
struct choice {
    const uint16_t *chosen, *plain; /* chosen: NULL without such a prefix */
    bool esc;
};

/* F2 and F3 go before 66; the last one of them counts. */
static struct choice choose(const struct insn *in, enum cpu_level level)
{
    const uint16_t *rows = rows_of[level];
    unsigned at = (in->opcode & 0xffu) * 8;
    if (in->opcode <= 0xff)
        return (struct choice){.plain = rows + at, .esc = (in->opcode & 0xf8) == 0xd8};
    enum page page = in->rep == 0xf3   ? PAGE_F3
                     : in->rep == 0xf2 ? PAGE_F2
                     : in->p66         ? PAGE_66
                                       : PAGE_0F;
    const uint16_t *chosen = page == PAGE_0F ? NULL : rows + page * PAGE_SLOTS + at;
    return (struct choice){.chosen = chosen, .plain = rows + PAGE_0F * PAGE_SLOTS + at};
}

/* All rows of an opcode agree on whether a ModR/M byte follows. */
static bool wants_modrm(const uint16_t *rows)
{
    for (unsigned i = 0; rows && i < 8; i++)
        if (rows[i]) return shape_of[rows[i]] & SHAPE_MODRM;
    return false;
}

static uint16_t row_of(const struct choice *c, const struct insn *in, enum cpu_level level)
{
    if (c->esc && in->mod == 3)
        return rows_of[level][ESC_SLOT + (in->opcode & 7u) * 64 + (in->reg * 8u + in->rm)];
    unsigned reg = in->has_modrm ? in->reg : 0;
    uint16_t row = c->chosen ? c->chosen[reg] : 0;
    if (!row) {
        row = c->plain[reg];
        if (c->chosen && (i386_rows[row].attrs & ATT_NP)) row = ROW_UNDEFINED;
    }
    bool pair = i386_rows[row].attrs & ATT_PAIR;
    return pair && in->mod == 3 ? (uint16_t)(row + 1) : row;
}

static enum decode_status operands(struct cursor *c, struct insn *in)
{
    uint8_t seg = DS;
    const struct choice choice = choose(in, c->level);
    in->reg = in->opcode & 7;
    in->base = in->index = 0xff;
    if (wants_modrm(choice.chosen) || wants_modrm(choice.plain)) {
        if (!has(c, 1)) return short_of(c);
        uint8_t modrm = (uint8_t)take(c, 1);
        in->has_modrm = 1;
        in->mod = modrm >> 6;
        in->reg = modrm >> 3 & 7;
        in->rm = modrm & 7;
    }
    in->row = row_of(&choice, in, c->level);
    if (in->row == ROW_UNDEFINED) return DECODE_OK;
    unsigned shape = shape_of[in->row];
    if (shape & SHAPE_REGONLY) in->mod = 3;
    enum decode_status st = DECODE_OK;
    if (in->has_modrm && in->mod != 3)
        st = in->adsize == 4 ? address32(c, in, &seg) : address16(c, in, &seg);
    if (!in->override) in->seg = seg;
    return st == DECODE_OK && SHAPE_IMM(shape) ? immediates(c, in, shape) : st;
}

enum decode_status decode_at(enum cpu_level level, const uint8_t *bytes, size_t n, bool code32,
                             struct insn *out)
{
    struct cursor c = {.bytes = bytes, .n = n < INSN_MAX ? n : INSN_MAX, .level = level};
    struct insn in = {.opsize = code32 ? 4 : 2, .adsize = code32 ? 4 : 2};
    uint8_t byte = 0;
    do {
        if (!has(&c, 1)) return short_of(&c);
        byte = (uint8_t)take(&c, 1);
    } while (is_prefix(byte) && prefix(byte, code32, &in));
    in.opcode = byte;
    if (byte == 0x0f) {
        if (!has(&c, 1)) return short_of(&c);
        byte = (uint8_t)take(&c, 1);
        in.opcode = (uint16_t)(0x0f00 | byte);
    }
    enum decode_status st = operands(&c, &in);
    if (st != DECODE_OK) return st;
    in.len = (uint8_t)c.at;
    in.components = (uint8_t)(c.at - c.folded);
    *out = in;
    return DECODE_OK;
}
