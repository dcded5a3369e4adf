/* trial.c: the instruction as bytes, and what must be in place for it (see trial.h). */
#include "trial.h"

#include <ctype.h>
#include <stdlib.h>

#include "bits.h"
#include "insn.h"

enum { NEAR_DISTANCE = 0x20, RELEASED = 8, FRAME_BYTES = 0x10, PORT = 7, VECTOR = 0x20 };

/* --- operand sizes --- */

static bool is_one_of(const char *name, const char *const list[])
{
    for (; *list; list++)
        if (strcmp(name, *list) == 0) return true;
    return false;
}

unsigned trial_opsize(const struct book_row *row)
{
    static const char *const native[] = {"ENTER", "RET", "LGDT", "LIDT", "INT", NULL};
    static const char *const dword[] = {"CWDE",  "CDQ",   "PUSHAD", "POPAD", "PUSHFD",
                                        "POPFD", "IRETD", "INSD",   "OUTSD", "MOVSD",
                                        "CMPSD", "STOSD", "LODSD",  "SCASD", NULL};
    static const char *const word[] = {"CBW",   "CWD",   "PUSHA", "POPA",  "PUSHF",
                                       "POPF",  "IRET",  "INSW",  "OUTSW", "MOVSW",
                                       "CMPSW", "STOSW", "LODSW", "SCASW", NULL};
    if (is_one_of(row->mnemonic, native) || has_operand(row, "rel16/32")) return 0;
    if (is_one_of(row->mnemonic, dword)) return 4;
    if (is_one_of(row->mnemonic, word)) return 2;
    if (has_operand(row, "32") || has_operand(row, "EAX")) return 4;
    if (has_operand(row, "16") || has_operand(row, "AX")) return 2;
    return 0;
}

unsigned trial_width(const struct book_row *row)
{
    unsigned opsize = trial_opsize(row);
    return opsize ? opsize : 1;
}

bool row_is_far(const struct book_row *row)
{
    return has_operand(row, ":");
}

/* --- the instruction as bytes --- */

struct text {
    struct rig *rig;
    const struct trial *t;
    unsigned n, opsize;
    bool has_modrm, has_imm;
};

static void emit(struct text *x, unsigned size, uint32_t value)
{
    rig_put(x->rig, RIG_CODE + x->n, size, value);
    x->n += size;
}

static uint32_t immediate(const struct trial *t)
{
    const struct book_row *row = t->row;
    if (is_named(row, "ENTER")) return (uint32_t)t->terms.n;
    if (is_named(row, "RET")) return RELEASED;
    if (is_named(row, "INT")) return VECTOR;
    if (is_named(row, "IN") || is_named(row, "OUT")) return PORT;
    return t->value;
}

static void emit_imm(struct text *x, unsigned size)
{
    bool frame = is_named(x->t->row, "ENTER") && size == 2;
    emit(x, size, frame ? FRAME_BYTES : immediate(x->t));
    x->has_imm = true;
}

static void emit_modrm(struct text *x, unsigned reg)
{
    x->has_modrm = true;
    if (!x->t->mem) {
        emit(x, 1, 0xc0 | reg << 3 | EBX);
        return;
    }
    emit(x, 1, reg << 3 | (x->rig->bits == 32 ? 5 : 6));
    emit(x, x->rig->bits / 8, RIG_DATA);
}

static uint16_t far_selector(const struct rig *r, const struct trial *t);

static void emit_target(struct text *x, const char *token)
{
    if (strncmp(x->t->row->operands, "ptr", 3) == 0) {
        emit(x, x->opsize, RIG_TARGET);
        emit(x, 2, far_selector(x->rig, x->t));
        return;
    }
    unsigned size = strcmp(token, "cb") == 0 ? 1 : x->opsize;
    emit(x, size, NEAR_DISTANCE);
}

static void emit_token(struct text *x, const char *token)
{
    bool hex = isxdigit((unsigned char)token[0]) && isxdigit((unsigned char)token[1]);
    if (token[0] == '/' && token[1] != 'r' && token[1])
        emit_modrm(x, (unsigned)(token[1] - '0'));
    else if (token[0] == '/')
        emit_modrm(x, x->t->number);
    else if (token[0] == 'i')
        emit_imm(x, token[1] == 'b' ? 1 : token[1] == 'w' ? 2 : 4);
    else if (token[0] == 'c')
        emit_target(x, token);
    else if (hex && token[2] == '\0')
        emit(x, 1, (uint32_t)strtoul(token, NULL, 16));
}

/* Opcodes with a register in their low bits take the second register. */
static void emit_opcode(struct text *x)
{
    char copy[BOOK_FIELD], *save = NULL;
    memcpy(copy, x->t->row->opcode, sizeof copy);
    char *plus = strchr(copy, '+');
    if (plus) {
        emit(x, 1, (uint32_t)strtoul(copy, NULL, 16) + ECX);
        return;
    }
    for (char *token = strtok_r(copy, " ", &save); token; token = strtok_r(NULL, " ", &save))
        emit_token(x, token);
}

/* Some lines name ModR/M byte and immediate only by their operands. */
static void emit_rest(struct text *x)
{
    const struct book_row *row = x->t->row;
    bool modrm = has_operand(row, "r/m") && strncmp(row->opcode, "6", 1) != 0 &&
                 strncmp(row->opcode, "F3", 2) != 0;
    if (modrm && !x->has_modrm) emit_modrm(x, 0);
    if (has_operand(row, "moffs")) emit(x, x->rig->bits / 8, RIG_DATA);
    const char *imm = strstr(row->operands, "imm");
    if (imm && !x->has_imm) emit_imm(x, (unsigned)strtoul(imm + 3, NULL, 10) / 8);
}

/* Returns the length. */
static unsigned assemble(struct rig *r, const struct trial *t)
{
    unsigned native = r->bits / 8, named = trial_opsize(t->row);
    struct text x = {.rig = r, .t = t, .opsize = named ? named : native};
    bool jcxz = is_named(t->row, "JCXZ"), jecxz = is_named(t->row, "JECXZ");
    if (x.opsize != native) emit(&x, 1, 0x66);
    if ((jcxz && native == 4) || (jecxz && native == 2)) emit(&x, 1, 0x67);
    emit_opcode(&x);
    emit_rest(&x);
    return x.n;
}

/* --- the instruction at the target: m components [386 17.2.2.3] --- */

static void put_target(struct rig *r, uint32_t at, int m, unsigned bits)
{
    uint32_t address = bits == 32 ? 0x05 : 0x06;
    static const uint8_t move[] = {0xb8, 1, 0, 0, 0}; /* opcode, immediate */
    switch (m) {
    case 2:
        for (unsigned i = 0; i < sizeof move; i++)
            rig_put(r, at + i, 1, move[i]);
        break;
    case 3: rig_put(r, at, 2, 0x8b | address << 8); break;      /* opcode, ModR/M, displacement */
    case 4: rig_put(r, at, 2, 0x81 | address << 8); break;      /* with an immediate */
    case 5: rig_put(r, at, 3, 0x812e | address << 16); break;   /* with a prefix */
    case 6: rig_put(r, at, 4, 0x81662e | address << 24); break; /* with two */
    default: rig_put(r, at, 1, 0x90); break;
    }
}

/* --- what must be in place --- */

static unsigned opsize_of(const struct rig *r, const struct book_row *row)
{
    unsigned named = trial_opsize(row);
    return named ? named : r->bits / 8;
}

static uint16_t task_selector(enum task_kind kind)
{
    return kind == KIND_386 ? SEL_B : kind == KIND_V86 ? SEL_V : SEL_C;
}

static uint16_t far_selector(const struct rig *r, const struct trial *t)
{
    if (t->task && !t->task->gate) return task_selector(t->task->to);
    return t->task || t->row->outcome[0] ? SEL_GATE : rig_code(r);
}

static void put_gates(struct rig *r, const struct trial *t)
{
    const struct book_row *row = t->row;
    if (t->task && t->task->from == KIND_286) rig_in_286_task(r);
    if (has_outcome(row, "task-return")) {
        rig_called_by(r, task_selector(t->task->to));
    } else if (strncmp(row->mnemonic, "INT", 3) == 0) {
        uint16_t tss = t->task ? task_selector(t->task->to) : 0;
        rig_vector(r, 3, tss);
        rig_vector(r, 4, tss);
        rig_vector(r, VECTOR, tss);
    } else if (t->task) {
        rig_task_gate(r, task_selector(t->task->to));
    } else {
        rig_call_gate(r, opsize_of(r, row) == 4, (unsigned)t->terms.x);
    }
}

/* Values from the top of the stack upwards. */
static void put_stack(struct rig *r, unsigned size, const uint32_t *values, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        rig_put(r, RIG_STACK + i * size, size, values[i]);
}

static void put_return(struct rig *r, const struct trial *t)
{
    const struct book_row *row = t->row;
    bool outer = has_outcome(row, "outer"), v86 = has_outcome(row, "to-v86");
    uint32_t cs = outer ? SEL_CODE3 : rig_code(r), ss = outer ? SEL_DATA3 : 0;
    uint32_t flags = FL_1 | (v86 ? FL_VM : 0);
    unsigned size = opsize_of(r, row);
    if (is_named(row, "RET")) {
        uint32_t frame[] = {RIG_TARGET, cs, RIG_STACK, ss};
        put_stack(r, size, frame, 4);
        rig_put(r, RIG_STACK + 2 * size + RELEASED, size, RIG_STACK);
        rig_put(r, RIG_STACK + 3 * size + RELEASED, size, ss);
        if (!has_operand(row, "imm")) put_stack(r, size, frame, 4);
        return;
    }
    uint32_t frame[] = {RIG_TARGET, v86 ? 0 : cs, flags, RIG_STACK, ss, 0, 0, 0, 0};
    put_stack(r, size, frame, 9);
}

static void put_memory(struct rig *r, const struct trial *t, uint32_t value)
{
    const struct book_row *row = t->row;
    unsigned size = opsize_of(r, row);
    rig_put(r, RIG_DATA, 4, value);
    if (is_named(row, "BOUND")) {
        rig_put(r, RIG_DATA, size, 0);
        rig_put(r, RIG_DATA + size, size, 0x7fff);
    } else if (row_is_far(row)) {
        bool transfer = is_named(row, "CALL") || is_named(row, "JMP");
        rig_put(r, RIG_DATA, size, RIG_TARGET);
        rig_put(r, RIG_DATA + size, 2, transfer ? far_selector(r, t) : rig_data(r));
    } else if (is_named(row, "LGDT") || is_named(row, "LIDT")) {
        const struct dtable *table = is_named(row, "LGDT") ? &r->cpu.s.gdtr : &r->cpu.s.idtr;
        rig_put(r, RIG_DATA, 2, table->limit);
        rig_put(r, RIG_DATA + 2, 4, table->base);
    } else if (strstr(row->mnemonic, "REPNE CMPS")) {
        for (uint32_t at = 0; at < 64; at += 4)
            rig_put(r, RIG_DATA + at, 4, 0x07070707);
    } else if (strstr(row->mnemonic, "REPE CMPS")) {
        rig_put(r, RIG_DATA, 4, 0);
    }
}

static uint32_t operand_value(const struct rig *r, const struct trial *t)
{
    static const char *const selectors[] = {"LAR", "LSL", "VERR", "VERW", "ARPL", NULL};
    const struct book_row *row = t->row;
    if (has_outcome(row, "pages")) return SEL_PAGES;
    if (is_one_of(row->mnemonic, selectors) || has_operand(row, "Sreg")) return rig_data(r);
    if (is_named(row, "LLDT")) return SEL_LDT;
    if (is_named(row, "LTR")) return SEL_B;
    if (is_named(row, "LMSW")) return r->cpu.s.cr0 & 0xffff;
    if (has_operand(row, "CR0/CR2/CR3")) return t->number ? 0 : r->cpu.s.cr0;
    if (has_operand(row, "DR") || has_operand(row, "TR")) return 0;
    if ((is_named(row, "CALL") || is_named(row, "JMP")) && !row_is_far(row)) return RIG_TARGET;
    return t->value;
}

/* Conditions by the number in the opcode: the flag that makes each pair true or false. */
static void put_flags(struct rig *r, const struct trial *t)
{
    static const uint32_t pair[8] = {FL_OF, FL_CF, FL_ZF, FL_CF, FL_SF, FL_PF, FL_SF, FL_ZF};
    const struct book_row *row = t->row;
    struct i386_state *s = &r->cpu.s;
    bool two = strncmp(row->opcode, "0F", 2) == 0, met = !t->unmet;
    if (strcmp(row->section, "Jcc") == 0) {
        unsigned cc = (unsigned)strtoul(row->opcode + (two ? 3 : 0), NULL, 16) & 15;
        if (met == !(cc & 1)) s->eflags |= pair[cc / 2];
    } else if (is_named(row, "INTO")) {
        s->eflags |= met ? FL_OF : 0;
    } else if (is_named(row, "LOOPE") || is_named(row, "LOOPZ")) {
        s->eflags |= FL_ZF;
    }
}

static void put_registers(struct rig *r, const struct trial *t)
{
    const struct book_row *row = t->row;
    struct i386_state *s = &r->cpu.s;
    s->gpr[EBX] = operand_value(r, t);
    if (strcmp(row->opcode, "E3 cb") == 0 && !t->unmet) s->gpr[ECX] = 0;
    if (strncmp(row->mnemonic, "REP", 3) == 0) s->gpr[ECX] = (uint32_t)t->terms.n;
    if (is_named(row, "REPE SCAS")) s->gpr[EAX] = 0;
    if (is_named(row, "POP")) rig_put(r, RIG_STACK, 4, rig_data(r));
    if (is_named(row, "RET") || strncmp(row->mnemonic, "IRET", 4) == 0) put_return(r, t);
    put_memory(r, t, s->gpr[EBX]);
    put_flags(r, t);
}

/* --- the measurement --- */

/* Is it the instruction that the row means? Else equal clocks of another one would pass. */
static bool is_meant(const struct rig *r, const struct trial *t, unsigned length)
{
    uint8_t bytes[INSN_MAX] = {0};
    struct insn in;
    const struct book_row *row = t->row;
    const char *opcode = row->opcode + (strncmp(row->mnemonic, "REP", 3) == 0 ? 3 : 0);
    bool two = strncmp(opcode, "0F", 2) == 0;
    unsigned code = (unsigned)strtoul(opcode + (two ? 3 : 0), NULL, 16) | (two ? 0x0f00u : 0);
    const char *group = strchr(row->opcode, '/'), *plus = strchr(row->opcode, '+');
    if (!bus_peek(r->bus, phys(RIG_CODE), bytes, sizeof bytes)) return false;
    if (decode(bytes, sizeof bytes, r->bits == 32, &in) != DECODE_OK || in.len != length)
        return false;
    if (in.opcode != (plus ? code + ECX : code) || in.row == 0) return false;
    if (group && isdigit((unsigned char)group[1]) && in.reg != group[1] - '0') return false;
    unsigned opsize = trial_opsize(row);
    return insn_is_mem(&in) == t->mem && (opsize == 0 || in.opsize == opsize);
}

/* Did it lead where the row says? */
static bool has_arrived(const struct rig *r, const struct trial *t, uint32_t next, uint32_t near)
{
    static const char *const far[] = {"CALL", "JMP", "RET", "INT", "INTO", "IRET", "IRETD", NULL};
    const struct book_row *row = t->row;
    const struct i386_state *s = &r->cpu.s;
    bool jumps = has_operand(row, "rel") || is_one_of(row->mnemonic, far);
    uint32_t to = !jumps || t->unmet ? next : has_operand(row, "rel") ? near : RIG_TARGET;
    bool v86 = has_outcome(row, "to-v86") || (t->task && t->task->to == KIND_V86);
    if (row->outcome[0] == '\0' || has_outcome(row, "bytes") || has_outcome(row, "pages"))
        return s->eip == to;
    if (t->task && s->tr.sel != task_selector(t->task->to)) return false;
    if (v86 != state_v86(s)) return false;
    return s->eip == RIG_TARGET && s->cpl == (v86 || has_outcome(row, "outer") ? 3 : 0);
}

/* The prefix costs what a locked instruction takes longer. */
static int run_lock(struct rig *r, const struct trial *t)
{
    int clocks[2];
    for (unsigned locked = 0; locked < 2; locked++) {
        rig_reset(r, t->mode, t->ring);
        rig_put(r, RIG_CODE, 4, locked ? 0x0000f0 : 0x0000); /* ADD [..], AL */
        clocks[locked] = rig_run(r);
    }
    return clocks[0] < 0 || clocks[1] < 0 ? -1 : clocks[1] - clocks[0];
}

int trial_run(struct rig *r, const struct trial *t)
{
    if (is_named(t->row, "LOCK")) return run_lock(r, t);
    rig_reset(r, t->mode, t->ring);
    put_gates(r, t);
    put_registers(r, t);
    unsigned length = assemble(r, t);
    uint32_t near = RIG_CODE + length + NEAR_DISTANCE;
    if (!is_meant(r, t, length)) return -1;
    put_target(r, has_operand(t->row, "rel") ? near : RIG_TARGET, t->terms.m, r->bits);
    int clocks = rig_run(r);
    return has_arrived(r, t, RIG_CODE + length, near) ? clocks : -1;
}
