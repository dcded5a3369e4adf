/* The model of the matrix: which exceptions the manual lets a form raise in a mode [386 9.8, 14, 15.4,
 * 17: "Protected Mode Exceptions", "Real Address Mode Exceptions", "Virtual 8086 Mode Exceptions"]. */
#include "matrix.h"

const struct matrix_column_text matrix_columns[MX_COLUMNS] = {
    [MX_DE] = {"#DE", "D", "divide error"},
    [MX_DB] = {"#DB", "b", "breakpoint on the instruction, or a guarded debug register"},
    [MX_OF] = {"#OF", "O", "overflow"},
    [MX_BR] = {"#BR", "B", "bounds"},
    [MX_UD] = {"#UD", "U", "undefined encoding, or a LOCK that is not legal"},
    [MX_NM] = {"#NM", "M", "no coprocessor"},
    [MX_DF] = {"#DF", "8", "exception 8: the vector is outside the table of real mode"},
    [MX_TS] = {"#TS(sel)", "T", "task state segment"},
    [MX_NP] = {"#NP(sel)", "N", "segment not present"},
    [MX_SS0] = {"#SS(0)", "s", "access through SS outside the segment"},
    [MX_SS_SEL] = {"#SS(sel)", "S", "stack segment not present, or no room on the inner stack"},
    [MX_GP0] = {"#GP(0)", "g", "general protection: access, privilege, target, null selector"},
    [MX_GP_SEL] = {"#GP(sel)", "G", "general protection: a selector or an entry of the IDT"},
    [MX_GP_FETCH] = {"#GP fetch", "f", "the instruction's bytes are outside CS"},
    [MX_PF] = {"#PF", "p", "page fault of a data access or of a table of the processor"},
    [MX_PF_FETCH] = {"#PF fetch", "F", "page fault of the fetch"},
    [MX_MF] = {"#MF", "E", "coprocessor error"},
    [MX_CSO] = {"#9", "9", "coprocessor segment overrun"},
    [MX_XM] = {"#XM", "X", "numeric error of SSE"},
};

const char *const matrix_modes[MXM_COUNT] = {"real", "V86", "ring 0", "ring 3"};

/* --- what a body does --- */

enum does {
    PUSHES = 1 << 0, /* or pops: uses the stack */
    LOADS = 1 << 1,  /* a data or stack segment register, with its descriptor */
    LOADS_SS = 1 << 2,
    FAR = 1 << 3, /* loads CS */
    NEAR = 1 << 4,
    SWITCHES = 1 << 5, /* may switch tasks */
    INNER = 1 << 6,    /* may go to an inner level */
    OUTER = 1 << 7,    /* may return to an outer one */
    ASKS = 1 << 8,     /* reads a descriptor, refuses nothing */
    SYSTEM = 1 << 9,   /* loads LDTR or TR */
    PORT = 1 << 10,
    VECTOR = 1 << 11,
    DIVIDES = 1 << 12,
    V86_IOPL = 1 << 13 /* INT n and IRET in V86 mode */
};

/* clang-format off */
static unsigned does(unsigned row)
{
    const struct i386_row *r = &i386_rows[row];
    switch (r->body) {
    case BODY_PUSH: case BODY_POP: case BODY_PUSHA: case BODY_POPA: case BODY_PUSHF: case BODY_POPF:
    case BODY_PUSH_SREG: case BODY_ENTER: case BODY_LEAVE: return PUSHES;
    case BODY_POP_SREG: return PUSHES | (r->op[0] == O_SS ? LOADS_SS : LOADS);
    case BODY_MOV_TO_SREG: return LOADS | LOADS_SS;
    case BODY_LES: case BODY_LDS: case BODY_LFS: case BODY_LGS: return LOADS;
    case BODY_LSS: return LOADS_SS;
    case BODY_CALL_REL: case BODY_CALL_IND: case BODY_RET: return PUSHES | NEAR;
    case BODY_JMP_REL: case BODY_JMP_IND: case BODY_JCC: case BODY_LOOP: case BODY_LOOPE:
    case BODY_LOOPNE: case BODY_JCXZ: return NEAR;
    case BODY_CALL_FAR: case BODY_CALL_FAR_M: return PUSHES | FAR | SWITCHES | INNER;
    case BODY_JMP_FAR: case BODY_JMP_FAR_M: return FAR | SWITCHES;
    case BODY_RET_FAR: return PUSHES | FAR | OUTER;
    case BODY_IRET: return PUSHES | FAR | OUTER | SWITCHES | V86_IOPL;
    case BODY_INT: return PUSHES | FAR | SWITCHES | INNER | VECTOR | V86_IOPL;
    case BODY_INT1: case BODY_INT3: case BODY_INTO: return PUSHES | FAR | SWITCHES | INNER | VECTOR;
    case BODY_LAR: case BODY_LSL: case BODY_VERR: case BODY_VERW: return ASKS;
    case BODY_LLDT: case BODY_LTR: return SYSTEM;
    case BODY_IN: case BODY_OUT: case BODY_INS: case BODY_OUTS: return PORT;
    case BODY_DIV: case BODY_IDIV: case BODY_AAM: return DIVIDES;
    default: return 0;
    }
}
/* clang-format on */

/* --- where operands lie --- */

static bool operand(unsigned row, unsigned kind)
{
    const struct i386_row *r = &i386_rows[row];
    return r->op[0] == kind || r->op[1] == kind || r->op[2] == kind;
}

/* Through a segment register that a prefix can choose. */
static bool any_segment(struct matrix_form f)
{
    unsigned body = i386_rows[f.row].body;
    if (f.mem) return body != BODY_LEA && body != BODY_FNONE && body != BODY_NOP;
    return operand(f.row, O_Ob) || operand(f.row, O_Ov) || operand(f.row, O_Xb) ||
           operand(f.row, O_Xv) || body == BODY_XLAT || body == BODY_MASKMOV;
}

static bool through_es(struct matrix_form f)
{
    return operand(f.row, O_Yb) || operand(f.row, O_Yv) || i386_rows[f.row].body == BODY_LOADALL;
}

/* --- reasons, one for each column --- */

static const char no_paging[] = "there is no paging in real mode";
static const char no_descriptors[] = "selectors are paragraphs here: no descriptor is read";
static const char not_recognized[] = "not recognized in this mode: #UD comes first";
static const char not_privileged[] = "refused by its privilege before it does anything";

static const char *if_not(bool reachable, const char *why)
{
    return reachable ? NULL : why;
}

static const char *selectors(struct matrix_form f, enum matrix_mode mode, enum matrix_column col)
{
    unsigned d = does(f.row);
    bool event = d & VECTOR;
    if (mode == MXM_REAL || (mode == MXM_V86 && !event)) return no_descriptors;
    switch (col) {
    case MX_TS: return if_not(d & (SWITCHES | INNER), "it neither switches tasks nor goes inwards");
    case MX_NP:
        return if_not(d & (FAR | LOADS | SYSTEM), "it loads no segment whose absence is #NP");
    case MX_SS_SEL:
        if ((d & OUTER) && !(d & SWITCHES) && mode == MXM_RING3)
            return "there is no level outside of ring 3 to return to";
        return if_not(d & (LOADS_SS | SWITCHES | INNER | OUTER), "it loads no stack segment");
    default:
        return if_not(d & (FAR | LOADS | LOADS_SS | SYSTEM), "it loads nothing from a descriptor");
    }
}

static bool privilege_can_refuse(struct matrix_form f, enum matrix_mode mode)
{
    unsigned checks = i386_rows[f.row].checks, d = does(f.row);
    if (mode == MXM_V86) return (checks & (CHK_IOPL | CHK_V86IOPL)) || (d & (PORT | V86_IOPL));
    return mode == MXM_RING3 && ((checks & CHK_IOPL) || (d & PORT));
}

static bool null_can_refuse(struct matrix_form f, enum matrix_mode mode)
{
    bool descriptors = mode == MXM_RING0 || mode == MXM_RING3;
    return descriptors && ((does(f.row) & LOADS_SS) || i386_rows[f.row].body == BODY_LTR);
}

/* By the number of a register, or by a bit of CR4. */
static bool model_can_refuse(struct matrix_form f, enum matrix_mode mode)
{
    unsigned body = i386_rows[f.row].body;
    if (body == BODY_RDTSC) return mode == MXM_V86 || mode == MXM_RING3;
    return body == BODY_RDMSR || body == BODY_WRMSR || body == BODY_RDPMC;
}

static const char *general(struct matrix_form f, enum matrix_mode mode)
{
    bool data = any_segment(f) || through_es(f), target = does(f.row) & (FAR | NEAR);
    bool control = i386_rows[f.row].body == BODY_MOV_TO_CR; /* PG without PE */
    if (model_can_refuse(f, mode)) return NULL;
    return if_not(data || target || control || privilege_can_refuse(f, mode) ||
                      null_can_refuse(f, mode),
                  "no operand, target, privilege or null selector that could be wrong");
}

static const char *stack(struct matrix_form f, enum matrix_mode mode)
{
    unsigned d = does(f.row);
    if (any_segment(f)) return NULL;
    if (through_es(f))
        return "the destination of a string and the table of LOADALL are always in ES";
    if (mode == MXM_V86 && (d & VECTOR)) return "the frame goes to the stack of level 0: #SS(sel)";
    return if_not(d & PUSHES, "it touches nothing through SS");
}

static const char *pages(struct matrix_form f, enum matrix_mode mode)
{
    unsigned d = does(f.row);
    bool descriptors = mode == MXM_RING0 || mode == MXM_RING3 || (d & VECTOR);
    if (mode == MXM_REAL) return no_paging;
    if (any_segment(f) || through_es(f) || (d & PUSHES)) return NULL;
    if (descriptors && (d & (LOADS | LOADS_SS | FAR | ASKS | SYSTEM))) return NULL;
    if ((d & PORT) && mode != MXM_RING0) return NULL; /* the I/O map */
    return "it reads and writes no memory";
}

static bool lock_is_legal(struct matrix_form f)
{
    return f.mem && (i386_rows[f.row].checks & CHK_LOCK);
}

/* An error of the coprocessor comes first. */
static bool waits(struct matrix_form f)
{
    const struct i386_row *r = &i386_rows[f.row];
    if (!(r->checks & (CHK_FPU | CHK_WAIT | CHK_MMX))) return false;
    switch (r->body) {
    case BODY_CVTPI2PD: return !f.mem;
    case BODY_FXSAVE:
    case BODY_FXRSTOR:
    case BODY_FNINIT:
    case BODY_FNCLEX:
    case BODY_FNSTSW:
    case BODY_FNSTCW:
    case BODY_FNSTENV:
    case BODY_FNSAVE:
    case BODY_FNONE: return false;
    default: return true;
    }
}

static bool is_approximate(unsigned body)
{
    return body >= BODY_RCPPS && body <= BODY_RSQRTSS;
}

/* Arithmetic whose result or operands can be worth an exception. The conversions that are left out are exact. */
static bool is_numeric(unsigned body)
{
    switch (body) {
    case BODY_CVTDQ2PD:
    case BODY_CVTPI2PD:
    case BODY_CVTSI2SD: return false;
    default: return body >= BODY_ADDPS && body <= BODY_CVTTSD2SI && !is_approximate(body);
    }
}

static const char *by_value(struct matrix_form f, enum matrix_mode mode, enum matrix_column col)
{
    const struct i386_row *r = &i386_rows[f.row];
    switch (col) {
    case MX_DE: return if_not(does(f.row) & DIVIDES, "it does not divide");
    case MX_OF: return if_not(r->body == BODY_INTO, "only INTO raises it");
    case MX_BR: return if_not(r->body == BODY_BOUND, "only BOUND raises it");
    case MX_NM:
        return if_not(r->checks & (CHK_FPU | CHK_WAIT | CHK_MMX | CHK_SSE),
                      "it does not concern the coprocessor");
    case MX_DF:
        return if_not(mode == MXM_REAL && (does(f.row) & VECTOR),
                      "only INT in real mode reaches it without an earlier exception");
    case MX_MF: return if_not(waits(f), "it does not wait for the coprocessor");
    case MX_XM: return if_not(is_numeric(r->body), "it is no arithmetic of SSE");
    default:
        if (r->level > LEVEL_386) return "processors after the 80386 do not have it";
        if (mode == MXM_REAL) return "real mode has exception 13 for it";
        if (r->body == BODY_FLDCW || r->body == BODY_FNSTCW || r->body == BODY_FNSTSW)
            return "a control or status word has no middle";
        return if_not((r->checks & CHK_FPU) && any_segment(f), "no operand of the coprocessor");
    }
}

/* Before anything else is looked at. */
static const char *refused_first(struct matrix_form f, enum matrix_mode mode,
                                 enum matrix_column col)
{
    unsigned checks = i386_rows[f.row].checks;
    if ((checks & CHK_PROT) && (mode == MXM_REAL || mode == MXM_V86)) return not_recognized;
    if (i386_rows[f.row].body == BODY_TRAP && col != MX_UD) return not_recognized;
    if ((checks & CHK_CPL0) && (mode == MXM_V86 || mode == MXM_RING3) && col != MX_GP0)
        return not_privileged;
    return NULL;
}

const char *matrix_why_not(struct matrix_form f, enum matrix_mode mode, enum matrix_column col)
{
    unsigned checks = i386_rows[f.row].checks;
    bool unknown = (checks & CHK_PROT) && (mode == MXM_REAL || mode == MXM_V86);
    if (col == MX_DB || col == MX_GP_FETCH) return NULL;
    if (col == MX_PF_FETCH) return if_not(mode != MXM_REAL, no_paging);
    if (col == MX_UD) return if_not(unknown || !lock_is_legal(f), "every encoding is legal");
    const char *first = refused_first(f, mode, col);
    if (first) return first;
    if (col == MX_GP0 && (checks & CHK_CPL0) && mode != MXM_REAL && mode != MXM_RING0) return NULL;
    switch (col) {
    case MX_TS:
    case MX_NP:
    case MX_SS_SEL:
    case MX_GP_SEL: return selectors(f, mode, col);
    case MX_SS0: return stack(f, mode);
    case MX_GP0: return general(f, mode);
    case MX_PF: return pages(f, mode);
    default: return by_value(f, mode, col);
    }
}
