/* The fault sweep over every row of i386.def, family by family. See sweep.h and docs/fault-sweep.md. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "sweep.h"

#define STATES       50 /* random states of a form */
#define FETCH_STATES 3  /* of these: with faults in the fetch as well */
#define SPARE_STATES 6  /* of a form with less than two data accesses */

enum family {
    F_ARITHMETIC,
    F_SHIFT,
    F_BIT,
    F_MOVE,
    F_SEGMENT,
    F_STACK,
    F_STRING,
    F_NEAR,
    F_FAR,
    F_SYSTEM,
    F_X87,
    F_OTHER,
    F_LATER,
    F_SIMD,
    FAMILIES
};
static const char *const family_names[FAMILIES] = {"arithmetic and logic",
                                                   "shifts and rotates",
                                                   "bits",
                                                   "moves",
                                                   "segment loads",
                                                   "stack",
                                                   "strings and ports",
                                                   "near transfers",
                                                   "far transfers",
                                                   "system",
                                                   "coprocessor",
                                                   "everything else",
                                                   "after the 80386",
                                                   "MMX and SSE"};

static enum family family_of(unsigned row)
{
    const struct i386_row *r = &i386_rows[row];
    if (r->level > LEVEL_386) return r->checks & (CHK_MMX | CHK_SSE) ? F_SIMD : F_LATER;
    if (r->checks & CHK_FPU) return F_X87;
    switch (i386_rows[row].body) {
    case BODY_ADD:
    case BODY_OR:
    case BODY_ADC:
    case BODY_SBB:
    case BODY_AND:
    case BODY_SUB:
    case BODY_XOR:
    case BODY_CMP:
    case BODY_TEST:
    case BODY_INC:
    case BODY_DEC:
    case BODY_NOT:
    case BODY_NEG:
    case BODY_MUL:
    case BODY_IMUL:
    case BODY_IMUL2:
    case BODY_IMUL3:
    case BODY_DIV:
    case BODY_IDIV: return F_ARITHMETIC;
    case BODY_ROL:
    case BODY_ROR:
    case BODY_RCL:
    case BODY_RCR:
    case BODY_SHL:
    case BODY_SHR:
    case BODY_SAR:
    case BODY_SHLD:
    case BODY_SHRD: return F_SHIFT;
    case BODY_BT:
    case BODY_BTS:
    case BODY_BTR:
    case BODY_BTC:
    case BODY_BSF:
    case BODY_BSR:
    case BODY_SETCC: return F_BIT;
    case BODY_MOV:
    case BODY_MOVSX:
    case BODY_XCHG:
    case BODY_LEA:
    case BODY_XLAT:
    case BODY_MOV_FROM_SREG: return F_MOVE;
    case BODY_MOV_TO_SREG:
    case BODY_POP_SREG:
    case BODY_LES:
    case BODY_LDS:
    case BODY_LSS:
    case BODY_LFS:
    case BODY_LGS: return F_SEGMENT;
    case BODY_PUSH:
    case BODY_POP:
    case BODY_PUSH_SREG:
    case BODY_PUSHA:
    case BODY_POPA:
    case BODY_PUSHF:
    case BODY_POPF:
    case BODY_ENTER:
    case BODY_LEAVE: return F_STACK;
    case BODY_MOVS:
    case BODY_CMPS:
    case BODY_STOS:
    case BODY_LODS:
    case BODY_SCAS:
    case BODY_INS:
    case BODY_OUTS:
    case BODY_IN:
    case BODY_OUT: return F_STRING;
    case BODY_JCC:
    case BODY_LOOP:
    case BODY_LOOPE:
    case BODY_LOOPNE:
    case BODY_JCXZ:
    case BODY_CALL_REL:
    case BODY_JMP_REL:
    case BODY_CALL_IND:
    case BODY_JMP_IND:
    case BODY_RET: return F_NEAR;
    case BODY_CALL_FAR:
    case BODY_JMP_FAR:
    case BODY_CALL_FAR_M:
    case BODY_JMP_FAR_M:
    case BODY_RET_FAR:
    case BODY_INT:
    case BODY_INT3:
    case BODY_INT1:
    case BODY_INTO:
    case BODY_IRET: return F_FAR;
    case BODY_BOUND:
    case BODY_ARPL:
    case BODY_SLDT:
    case BODY_STR:
    case BODY_LLDT:
    case BODY_LTR:
    case BODY_VERR:
    case BODY_VERW:
    case BODY_SGDT:
    case BODY_SIDT:
    case BODY_LGDT:
    case BODY_LIDT:
    case BODY_LOADALL:
    case BODY_SMSW:
    case BODY_LMSW:
    case BODY_LAR:
    case BODY_LSL: return F_SYSTEM;
    default: return F_OTHER;
    }
}

/* --- one form --- */

/* Returns whether the instruction got to its end at least once. */
static bool sweep_form(struct sweep *w, const struct sweep_form *form)
{
    unsigned states = STATES, accesses = w->count.accesses, complaints = w->complaints;
    bool done = false;
    w->count.forms++;
    for (unsigned i = 0; i < states && w->complaints - complaints < 4; i++) {
        w->random = 0x386u ^ (uint64_t)form->row << 40 ^ (uint64_t)form->variant << 32 ^
                    ((unsigned)form->opsize << 20 | (unsigned)form->adsize << 16 |
                     (unsigned)form->mem << 12) ^
                    (uint64_t)(w->mode - sweep_modes + 1) << 56 ^ (i + 1);
        for (unsigned k = 0; k < 4; k++)
            (void)sweep_random(w, 0);
        w->whole = i == 0;
        sweep_prepare(w, form);
        done |= sweep_state(w, i < FETCH_STATES);
        if (i == SPARE_STATES - 1 && w->count.accesses - accesses < 2 * SPARE_STATES) break;
    }
    sweep_undo(w);
    return done;
}

/* All sizes; returns whether all forms got to their ends. */
static bool sweep_sizes(struct sweep *w, unsigned row, unsigned variant, bool mem)
{
    bool done = true;
    for (unsigned k = 0; k < 4; k++) {
        struct sweep_form form = {.row = row,
                                  .opsize = k & 1 ? 4 : 2,
                                  .adsize = k & 2 ? 4 : 2,
                                  .mem = mem,
                                  .variant = (uint8_t)variant};
        if (!sweep_has_size(w->mode, row, form.opsize)) continue;
        bool one = sweep_form(w, &form);
        cr_expect(one,
                  "%s (opcode %x /%d, variant %u, %s operand %u, address %u) never ended in %s",
                  i386_rows[row].mnemonic, i386_rows[row].opcode, i386_rows[row].ext, variant,
                  mem ? "memory" : "register", form.opsize, form.adsize, w->mode->name);
        done &= one;
    }
    return done;
}

/* --- one family --- */

static bool swept[ROW_COUNT]; /* with the memory operand, if the row has one */

static void sweep_row(struct sweep *w, unsigned row)
{
    bool mem, reg;
    sweep_has_operand(row, &mem, &reg);
    for (unsigned v = 0; v < sweep_variants(w->mode, row); v++) {
        if (mem && sweep_sizes(w, row, v, true)) swept[row] = true;
        if (reg && sweep_sizes(w, row, v, false) && !mem) swept[row] = true;
    }
}

static void report(const struct sweep *w, enum family family, unsigned rows)
{
    const struct sweep_count *c = &w->count;
    fprintf(stderr, "# sweep, %s: %u rows, %u forms, %u states, %u accesses, %u cases, %u restarts",
            family_names[family], rows, c->forms, c->states, c->accesses, c->cases, c->restarts);
    for (unsigned i = 0; i < SWX_COUNT; i++)
        if (c->excepted[i]) fprintf(stderr, "; %s: %u", sweep_exceptions[i].name, c->excepted[i]);
    fprintf(stderr, "\n");
}

static void sweep_family(enum family family)
{
    struct sweep *w = sweep_new();
    unsigned rows = 0;
    for (unsigned m = 0; m < SW_MODES; m++) {
        sweep_set_mode(w, &sweep_modes[m]);
        for (unsigned row = 1; row < ROW_COUNT; row++)
            if (family_of(row) == family) sweep_row(w, row);
    }
    for (unsigned row = 1; row < ROW_COUNT; row++) {
        if (family_of(row) != family) continue;
        rows++;
        bool ends = i386_rows[row].body != BODY_UD2;
        cr_expect(swept[row] || !ends, "%s, opcode %x /%d was never swept", i386_rows[row].mnemonic,
                  i386_rows[row].opcode, i386_rows[row].ext);
    }
    report(w, family, rows);
    sweep_free(w);
}

#define FAMILY(name, family)                                                                       \
    Test(sweep, name)                                                                              \
    {                                                                                              \
        sweep_family(family);                                                                      \
    }
FAMILY(arithmetic, F_ARITHMETIC)
FAMILY(shifts, F_SHIFT)
FAMILY(bits, F_BIT)
FAMILY(moves, F_MOVE)
FAMILY(segment_loads, F_SEGMENT)
FAMILY(stack, F_STACK)
FAMILY(strings_and_ports, F_STRING)
FAMILY(near_transfers, F_NEAR)
FAMILY(far_transfers, F_FAR)
FAMILY(system, F_SYSTEM)
FAMILY(coprocessor, F_X87)
FAMILY(everything_else, F_OTHER)
FAMILY(later, F_LATER)
FAMILY(mmx_and_sse, F_SIMD)
