/* The fault sweep over every row of i386.def, family by family. See sweep.h and docs/fault-sweep.md. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "sweep.h"

#define STATES       50 /* random states of a form */
#define FETCH_STATES 3  /* of these: with faults in the fetch as well */
#define SPARE_STATES 6  /* of a form with less than two data accesses */

enum family {
    F_OTHER,
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
    F_LATER,
    F_SIMD,
    FAMILIES
};
static const char *const family_names[FAMILIES] = {[F_OTHER] = "everything else",
                                                   [F_ARITHMETIC] = "arithmetic and logic",
                                                   [F_SHIFT] = "shifts and rotates",
                                                   [F_BIT] = "bits",
                                                   [F_MOVE] = "moves",
                                                   [F_SEGMENT] = "segment loads",
                                                   [F_STACK] = "stack",
                                                   [F_STRING] = "strings and ports",
                                                   [F_NEAR] = "near transfers",
                                                   [F_FAR] = "far transfers",
                                                   [F_SYSTEM] = "system",
                                                   [F_X87] = "coprocessor",
                                                   [F_LATER] = "after the 80386",
                                                   [F_SIMD] = "MMX and SSE"};

/* By body, of what an 80386 has; one that is not listed belongs to F_OTHER. */
static const uint8_t families[BODY_COUNT] = {
    [BODY_ADD] = F_ARITHMETIC,
    [BODY_OR] = F_ARITHMETIC,
    [BODY_ADC] = F_ARITHMETIC,
    [BODY_SBB] = F_ARITHMETIC,
    [BODY_AND] = F_ARITHMETIC,
    [BODY_SUB] = F_ARITHMETIC,
    [BODY_XOR] = F_ARITHMETIC,
    [BODY_CMP] = F_ARITHMETIC,
    [BODY_TEST] = F_ARITHMETIC,
    [BODY_INC] = F_ARITHMETIC,
    [BODY_DEC] = F_ARITHMETIC,
    [BODY_NOT] = F_ARITHMETIC,
    [BODY_NEG] = F_ARITHMETIC,
    [BODY_MUL] = F_ARITHMETIC,
    [BODY_IMUL] = F_ARITHMETIC,
    [BODY_IMUL2] = F_ARITHMETIC,
    [BODY_IMUL3] = F_ARITHMETIC,
    [BODY_DIV] = F_ARITHMETIC,
    [BODY_IDIV] = F_ARITHMETIC,
    [BODY_ROL] = F_SHIFT,
    [BODY_ROR] = F_SHIFT,
    [BODY_RCL] = F_SHIFT,
    [BODY_RCR] = F_SHIFT,
    [BODY_SHL] = F_SHIFT,
    [BODY_SHR] = F_SHIFT,
    [BODY_SAR] = F_SHIFT,
    [BODY_SHLD] = F_SHIFT,
    [BODY_SHRD] = F_SHIFT,
    [BODY_BT] = F_BIT,
    [BODY_BTS] = F_BIT,
    [BODY_BTR] = F_BIT,
    [BODY_BTC] = F_BIT,
    [BODY_BSF] = F_BIT,
    [BODY_BSR] = F_BIT,
    [BODY_SETCC] = F_BIT,
    [BODY_MOV] = F_MOVE,
    [BODY_MOVSX] = F_MOVE,
    [BODY_XCHG] = F_MOVE,
    [BODY_LEA] = F_MOVE,
    [BODY_XLAT] = F_MOVE,
    [BODY_MOV_FROM_SREG] = F_MOVE,
    [BODY_MOV_TO_SREG] = F_SEGMENT,
    [BODY_POP_SREG] = F_SEGMENT,
    [BODY_LES] = F_SEGMENT,
    [BODY_LDS] = F_SEGMENT,
    [BODY_LSS] = F_SEGMENT,
    [BODY_LFS] = F_SEGMENT,
    [BODY_LGS] = F_SEGMENT,
    [BODY_PUSH] = F_STACK,
    [BODY_POP] = F_STACK,
    [BODY_PUSH_SREG] = F_STACK,
    [BODY_PUSHA] = F_STACK,
    [BODY_POPA] = F_STACK,
    [BODY_PUSHF] = F_STACK,
    [BODY_POPF] = F_STACK,
    [BODY_ENTER] = F_STACK,
    [BODY_LEAVE] = F_STACK,
    [BODY_MOVS] = F_STRING,
    [BODY_CMPS] = F_STRING,
    [BODY_STOS] = F_STRING,
    [BODY_LODS] = F_STRING,
    [BODY_SCAS] = F_STRING,
    [BODY_INS] = F_STRING,
    [BODY_OUTS] = F_STRING,
    [BODY_IN] = F_STRING,
    [BODY_OUT] = F_STRING,
    [BODY_JCC] = F_NEAR,
    [BODY_LOOP] = F_NEAR,
    [BODY_LOOPE] = F_NEAR,
    [BODY_LOOPNE] = F_NEAR,
    [BODY_JCXZ] = F_NEAR,
    [BODY_CALL_REL] = F_NEAR,
    [BODY_JMP_REL] = F_NEAR,
    [BODY_CALL_IND] = F_NEAR,
    [BODY_JMP_IND] = F_NEAR,
    [BODY_RET] = F_NEAR,
    [BODY_CALL_FAR] = F_FAR,
    [BODY_JMP_FAR] = F_FAR,
    [BODY_CALL_FAR_M] = F_FAR,
    [BODY_JMP_FAR_M] = F_FAR,
    [BODY_RET_FAR] = F_FAR,
    [BODY_INT] = F_FAR,
    [BODY_INT3] = F_FAR,
    [BODY_INT1] = F_FAR,
    [BODY_INTO] = F_FAR,
    [BODY_IRET] = F_FAR,
    [BODY_BOUND] = F_SYSTEM,
    [BODY_ARPL] = F_SYSTEM,
    [BODY_SLDT] = F_SYSTEM,
    [BODY_STR] = F_SYSTEM,
    [BODY_LLDT] = F_SYSTEM,
    [BODY_LTR] = F_SYSTEM,
    [BODY_VERR] = F_SYSTEM,
    [BODY_VERW] = F_SYSTEM,
    [BODY_SGDT] = F_SYSTEM,
    [BODY_SIDT] = F_SYSTEM,
    [BODY_LGDT] = F_SYSTEM,
    [BODY_LIDT] = F_SYSTEM,
    [BODY_LOADALL] = F_SYSTEM,
    [BODY_SMSW] = F_SYSTEM,
    [BODY_LMSW] = F_SYSTEM,
    [BODY_LAR] = F_SYSTEM,
    [BODY_LSL] = F_SYSTEM,
};

static enum family family_of(unsigned row)
{
    const struct i386_row *r = &i386_rows[row];
    if (r->level > LEVEL_386) return r->checks & (CHK_MMX | CHK_SSE) ? F_SIMD : F_LATER;
    return r->checks & CHK_FPU ? F_X87 : (enum family)families[r->body];
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
