/* compare.c: see compare.h. */
#include "compare.h"

#include <inttypes.h>
#include <string.h>

#include "fault.h"
#include "opcode.h"

const char *const sil_excuse_text[] = {
#define EXCUSE(name, text) text,
#include "excuses.def"
#undef EXCUSE
};

#define PF_FETCH 0x10u /* error code bit 4: no-execute, not on a 386 */

static bool completed(const struct sil_out *out)
{
    return out->vector == SIL_NONE || out->vector == VEC_DB;
}

/* SHL and SHR by the operand's width or more: CF, too, differs between parts. */
uint32_t sil_undefined_flags(const struct sil_in *in)
{
    const struct i386_row *row = &i386_rows[in->row];
    struct insn insn;
    uint32_t mask = row->flags_undefined;
    if (row->body != BODY_SHL && row->body != BODY_SHR) return mask;
    if (decode(in->code, INSN_MAX, in->code32, &insn) != DECODE_OK) return mask;
    unsigned size = row->attrs & ATT_BYTE ? 1 : insn.opsize;
    unsigned count = row->op[1] == O_CL ? in->gpr[ECX] : row->op[1] == O_Ib ? insn.imm : 1;
    return (count & 31) >= size * 8 ? mask | FL_CF : mask;
}

void sil_normalize(const struct sil_in *in, struct sil_out *out)
{
    uint32_t keep = FL_ALL;
    if (completed(out)) keep &= ~sil_undefined_flags(in);
    out->eflags &= keep;
    bool fault = out->vector != SIL_NONE && out->vector < 32;
    if (!fault || !vector_has_error((uint8_t)out->vector)) out->error = 0;
    if (out->vector == VEC_PF)
        out->error &= ~PF_FETCH;
    else
        out->cr2 = 0;
}

/* --- known points --- */

/* What memory held before the instruction. */
static uint8_t initial_byte(const struct sil_in *in, const uint8_t *arena, uint32_t linear)
{
    uint8_t value = linear - ARENA_AT < ARENA_SIZE ? arena[linear - ARENA_AT] : 0;
    for (unsigned w = 0; w < 2; w++)
        if (linear - in->win[w].at < in->win[w].n) value = in->win[w].bytes[linear - in->win[w].at];
    if (linear - in->code_at < SIL_INSN) value = in->code[linear - in->code_at];
    return value;
}

/* Takes a write back out of the native state. */
static void unwrite(const struct sil_in *in, bool batch, const uint8_t *arena,
                    struct sil_out *native, uint32_t linear)
{
    for (unsigned w = 0; batch && w < 2; w++)
        if (linear - in->win[w].at < in->win[w].n)
            native->mem.win[w][linear - in->win[w].at] = initial_byte(in, arena, linear);
    if (batch || native->changes > SIL_CHANGES) return;
    struct sil_out again = *native;
    again.changes = again.hash = 0;
    for (unsigned i = 0; i < native->changes; i++)
        if (native->mem.change[i].at + ARENA_AT != linear)
            sil_note(&again, native->mem.change[i].at, native->mem.change[i].value);
    *native = again;
}

/* Linear address of SS:offset with the stack's width. */
static uint32_t stack_linear(const struct sil_in *in, uint32_t offset)
{
    struct shadow ss = kind_shadow(in->sel[SS] >> 3);
    return ss.base + (shadow_big(&ss) ? offset : offset & 0xffff);
}

static bool excuse_push_sreg(const struct sil_in *in, const struct insn *insn, bool batch,
                             const uint8_t *arena, struct sil_out *native)
{
    if (i386_rows[in->row].body != BODY_PUSH_SREG || insn->opsize != 4) return false;
    uint32_t slot = stack_linear(in, in->gpr[ESP] - 4);
    unwrite(in, batch, arena, native, slot + 2);
    unwrite(in, batch, arena, native, slot + 3);
    return true;
}

static bool excuse_popad(const struct sil_in *in, const struct insn *insn, const uint8_t *arena,
                         struct sil_out *native)
{
    if (i386_rows[in->row].body != BODY_POPA || insn->opsize != 4) return false;
    struct shadow ss = kind_shadow(in->sel[SS] >> 3);
    if (shadow_big(&ss)) return false;
    uint32_t high = initial_byte(in, arena, stack_linear(in, in->gpr[ESP] + 14)) |
                    (uint32_t)initial_byte(in, arena, stack_linear(in, in->gpr[ESP] + 15)) << 8;
    native->gpr[ESP] = (native->gpr[ESP] & 0xffff) | high << 16;
    return true;
}

/* Both operands are refused: which one is met first is not in the manual. */
static bool excuse_order(const struct sil_in *in, const struct sil_out *emu, struct sil_out *native)
{
    unsigned body = i386_rows[in->row].body;
    if (body != BODY_CMPS || completed(emu) || completed(native)) return false;
    if (emu->vector == native->vector && emu->error == native->error && emu->cr2 == native->cr2)
        return false;
    native->vector = emu->vector;
    native->error = emu->error;
    native->cr2 = emu->cr2;
    return true;
}

static bool same_fault(const struct sil_out *a, const struct sil_out *b)
{
    return a->vector == b->vector && a->error == b->error && a->cr2 == b->cr2;
}

/* The slot may lie across an edge of segment or page: two bytes are moved, or four. */
static bool excuse_sreg_edge(const struct sil_in *in, const struct insn *insn,
                             const struct sil_out *emu, struct sil_out *native)
{
    unsigned body = i386_rows[in->row].body;
    if ((body != BODY_PUSH_SREG && body != BODY_POP_SREG) || insn->opsize != 4) return false;
    bool edge = native->vector == VEC_SS || native->vector == VEC_PF;
    if (!edge || native->changes || native->eip != in->eip || same_fault(emu, native)) return false;
    *native = *emu;
    return true;
}

/* A selector of an inner level is #GP here; the host looks at the outer stack first. */
static bool excuse_ret_order(const struct sil_in *in, const struct insn *insn, const uint8_t *arena,
                             const struct sil_out *emu, struct sil_out *native)
{
    bool stack = native->vector == VEC_SS || native->vector == VEC_PF;
    unsigned body = i386_rows[in->row].body;
    if ((body != BODY_RET_FAR && body != BODY_IRET) || !stack || native->changes) return false;
    uint8_t low = initial_byte(in, arena, stack_linear(in, in->gpr[ESP] + insn->opsize));
    if (emu->vector != VEC_GP || (low & 3) == 3) return false;
    *native = *emu;
    return true;
}

static bool excuse_lar(const struct sil_in *in, const struct insn *insn, struct sil_out *emu,
                       struct sil_out *native)
{
    if (i386_rows[in->row].body != BODY_LAR || insn->opsize != 4 || !(native->eflags & FL_ZF))
        return false;
    native->gpr[insn->reg] &= ~0xf0000u;
    emu->gpr[insn->reg] &= ~0xf0000u;
    return true;
}

static bool excuse_rep_rf(const struct sil_in *in, const struct insn *insn, struct sil_out *native)
{
    if (!insn->rep || !(i386_rows[in->row].attrs & ATT_STRING)) return false;
    if (native->vector != VEC_DB || native->eip != in->eip) return false;
    native->eflags |= FL_RF;
    return true;
}

static bool excuse_call_frame(const struct sil_in *in, const struct insn *insn, bool batch,
                              const uint8_t *arena, struct sil_out *native)
{
    unsigned body = i386_rows[in->row].body;
    if ((body != BODY_CALL_FAR && body != BODY_CALL_FAR_M) || completed(native) || !native->changes)
        return false;
    for (unsigned i = 1; i <= insn->opsize * 2u; i++)
        unwrite(in, batch, arena, native, stack_linear(in, in->gpr[ESP] - i));
    return true;
}

void sil_excuse(const struct sil_in *in, bool batch, const uint8_t *arena, struct sil_out *emu,
                struct sil_out *native, uint64_t used[])
{
    struct insn insn;
    if (decode(in->code, INSN_MAX, in->code32, &insn) != DECODE_OK) return;
    used[EXC_CMPS_ORDER] += excuse_order(in, emu, native);
    used[EXC_SREG_EDGE] += excuse_sreg_edge(in, &insn, emu, native);
    used[EXC_RET_ORDER] += excuse_ret_order(in, &insn, arena, emu, native);
    used[EXC_CALL_FRAME] += excuse_call_frame(in, &insn, batch, arena, native);
    if (!completed(native)) return;
    used[EXC_PUSH_SREG] += excuse_push_sreg(in, &insn, batch, arena, native);
    used[EXC_POPAD] += excuse_popad(in, &insn, arena, native);
    used[EXC_LAR_LIMIT] += excuse_lar(in, &insn, emu, native);
    used[EXC_REP_RF] += excuse_rep_rf(in, &insn, native);
}

/* --- comparing --- */

static const char *const gpr_names[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
static const char *const seg_names[6] = {"es", "cs", "ss", "ds", "fs", "gs"};

const char *sil_compare(bool batch, const struct sil_out *a, const struct sil_out *b)
{
    if (a->vector != b->vector) return "vector";
    if (a->error != b->error) return "error code";
    if (a->cr2 != b->cr2) return "cr2";
    for (unsigned i = 0; i < 8; i++)
        if (a->gpr[i] != b->gpr[i]) return gpr_names[i];
    for (unsigned i = 0; i < 6; i++)
        if (a->sel[i] != b->sel[i]) return seg_names[i];
    if (a->eip != b->eip) return "eip";
    if (a->eflags != b->eflags) return "eflags";
    if (batch) return memcmp(a->mem.win, b->mem.win, sizeof a->mem.win) ? "memory" : NULL;
    return a->changes != b->changes || a->hash != b->hash ? "memory" : NULL;
}

static uint64_t fold(uint64_t h, const void *data, size_t bytes)
{
    const uint8_t *p = data;
    for (size_t i = 0; i + 4 <= bytes; i += 4) {
        uint32_t w;
        memcpy(&w, p + i, 4);
        h = (h ^ w) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h;
}

uint64_t sil_digest(uint64_t digest, bool batch, const struct sil_out *out)
{
    digest = fold(digest, out->gpr, sizeof out->gpr);
    const uint32_t rest[] = {out->eip, out->eflags, out->vector, out->error, out->cr2};
    digest = fold(digest, rest, sizeof rest);
    digest = fold(digest, out->sel, sizeof out->sel);
    if (batch) return fold(digest, out->mem.win, sizeof out->mem.win);
    const uint32_t memory[] = {out->changes, out->hash};
    return fold(digest, memory, sizeof memory);
}

/* --- printing --- */

static void print_row(FILE *to, const char *name, uint32_t before, uint32_t emu, uint32_t native)
{
    fprintf(to, "  %-6s  %08" PRIx32 "  %08" PRIx32 "  %08" PRIx32 "%s\n", name, before, emu,
            native,
            emu != native   ? "  <--"
            : emu != before ? "  changed"
                            : "");
}

static void print_segment(FILE *to, const char *name, uint16_t sel)
{
    const char *kind = !(sel & ~3u)                            ? "null"
                       : !(sel & 4)                            ? "user"
                       : (unsigned)(sel >> 3) < sil_kind_count ? sil_kinds[sel >> 3].name
                                                               : "outside";
    fprintf(to, " %s=%04x(%s)", name, sel, kind);
}

static void print_changes(FILE *to, const char *who, const struct sil_out *out)
{
    fprintf(to, "  %s wrote %" PRIu32 " bytes:", who, out->changes);
    for (unsigned i = 0; i < out->changes && i < SIL_CHANGES; i++)
        fprintf(to, " %x=%02x", ARENA_AT + out->mem.change[i].at, out->mem.change[i].value);
    fprintf(to, "\n");
}

static void print_window(FILE *to, const struct sil_in *in, unsigned w, const struct sil_out *emu,
                         const struct sil_out *native)
{
    for (unsigned i = 0; i < SIL_WINDOW; i++) {
        uint8_t a = emu->mem.win[w][i], b = native->mem.win[w][i], was = in->win[w].bytes[i];
        if (a == b && a == was) continue;
        fprintf(to, "  [%08" PRIx32 "] %02x  rt386 %02x  native %02x%s\n", in->win[w].at + i, was,
                a, b, a != b ? "  <--" : "");
    }
}

void sil_print(FILE *to, const struct sil_in *in, bool batch, const struct sil_out *emu,
               const struct sil_out *native)
{
    const struct i386_row *row = &i386_rows[in->row];
    fprintf(to, "  row %02X/%d %s, %s code:", row->opcode, row->ext, row->mnemonic,
            in->code32 ? "32-bit" : "16-bit");
    for (unsigned i = 0; i < in->len; i++)
        fprintf(to, " %02x", in->code[i]);
    fprintf(to, " at linear %08" PRIx32 "\n ", in->code_at);
    for (unsigned i = 0; i < 6; i++)
        print_segment(to, seg_names[i], in->sel[i]);
    fprintf(to, "\n  %-6s  %-8s  %-8s  %-8s\n", "", "before", "rt386", "native");
    print_row(to, "vector", SIL_NONE, emu->vector, native->vector);
    print_row(to, "error", 0, emu->error, native->error);
    print_row(to, "cr2", 0, emu->cr2, native->cr2);
    for (unsigned i = 0; i < 8; i++)
        print_row(to, gpr_names[i], in->gpr[i], emu->gpr[i], native->gpr[i]);
    print_row(to, "eip", in->eip, emu->eip, native->eip);
    print_row(to, "eflags", in->eflags, emu->eflags, native->eflags);
    for (unsigned i = 0; i < 6; i++)
        if (emu->sel[i] != in->sel[i] || native->sel[i] != in->sel[i])
            print_row(to, seg_names[i], in->sel[i], emu->sel[i], native->sel[i]);
    for (unsigned w = 0; batch && w < 2; w++)
        print_window(to, in, w, emu, native);
    if (batch) return;
    print_changes(to, "rt386", emu);
    print_changes(to, "native", native);
}
