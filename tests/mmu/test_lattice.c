/* The privilege lattice, exhaustively, against a model that is a table of the manual's words.
 *
 * The model knows descriptors as letters (one for each type) and each purpose as a script: which
 * letters are accepted and which conditions follow, in order. It shares nothing with segm_*.c.
 *
 *   T  the letter is accepted by this purpose
 *   V  conforming code, or DPL >= CPL and DPL >= RPL
 *   M  DPL >= CPL and DPL >= RPL
 *   P  present
 *   R  RPL = CPL                 B  RPL >= CPL
 *   D  DPL = CPL                 A  DPL <= CPL
 *   C  conforming: DPL <= CPL; other code: RPL <= CPL and DPL = CPL
 *   J  conforming: DPL <= CPL; other code: DPL = CPL
 *   U  conforming: DPL <= RPL; other code: DPL = RPL
 *   g  TI = 0
 *   L  the limit holds a task state: #TS
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "rows.h"

/* Letters: a/b 286 TSS available/busy, A/B 386 TSS, L LDT, c/k 286/386 call gate, t task gate,
 * i/I 286/386 interrupt gate, r/R trap gates, d/w/D/W data read-only/writable (capital:
 * expand-down), x/e code execute-only/readable, y/f conforming execute-only/readable, - reserved.
 */
static const char letters[33] = "-aLbctir-A-Bk-IRddwwDDWWxxeeyyff";

#define READABLE "dwDWef"
#define CODE     "xeyf"

struct script {
    const char *accept, *steps;
    uint8_t bad, absent;
};

static const struct script scripts[SEG_PURPOSE_COUNT] = {
    [SEG_DATA] = {READABLE, "TVP", 13, 11},
    [SEG_STACK] = {"wW", "RTDP", 13, 12},
    [SEG_GATE_JMP] = {CODE, "TJP", 13, 11},
    [SEG_GATE_CALL] = {CODE, "TAP", 13, 11},
    [SEG_INT] = {CODE, "TPA", 13, 11},
    [SEG_RET] = {CODE, "BTUP", 13, 11},
    [SEG_IRET] = {CODE, "BTUP", 13, 11},
    [SEG_RET_SS] = {"wW", "RTDP", 13, 12},
    [SEG_INNER_SS] = {"wW", "RDTP", 10, 12},
    [SEG_LLDT] = {"L", "TP", 13, 11},
    [SEG_LTR] = {"aA", "TP", 13, 11},
    [SEG_TASK_GATE] = {"aA", "TPL", 13, 11},
    [SEG_TASK_IRET] = {"bB", "TPL", 10, 11},
    [SEG_TASK_LDT] = {"L", "TP", 10, 10},
    [SEG_TASK_CS] = {CODE, "TPJ", 10, 11},
    [SEG_TASK_SS] = {"wW", "TPDR", 10, 12},
    [SEG_TASK_DATA] = {READABLE, "TPV", 10, 11},
    [SEG_LAR] = {"dwDWxeyfaLbctirABkIR", "TV", 0, 0},
    [SEG_LSL] = {"dwDWxeyfaLbAB", "TV", 0, 0},
    [SEG_VERR] = {READABLE, "TV", 0, 0},
    [SEG_VERW] = {"wW", "TV", 0, 0},
};

/* JMP and CALL: the script follows from what is found. */
static struct script far_script(char letter)
{
    if (strchr(CODE, letter)) return (struct script){CODE, "CP", 13, 11};
    if (strchr("ckt", letter)) return (struct script){"ckt", "MP", 13, 11};
    if (strchr("abAB", letter)) return (struct script){"aA", "gMTPL", 13, 11};
    return (struct script){"", "T", 13, 11};
}

struct cell {
    enum seg_purpose purpose;
    uint8_t access, cpl, rpl, ti, flags;
    uint32_t field;
};

struct verdict {
    char step; /* the condition that failed; 0: granted */
    uint8_t vector;
    uint8_t new_cpl;
    char kind; /* of what was granted: S segment, G gate, T TSS, L LDT */
};

static bool is_conforming_letter(char c)
{
    return c == 'y' || c == 'f';
}

static bool tss_holds_task(char letter, const struct cell *c)
{
    uint64_t bytes = c->flags & 8 ? ((uint64_t)c->field + 1) * 4096 : (uint64_t)c->field + 1;
    return bytes >= (letter == 'A' || letter == 'B' ? 104u : 44u);
}

static bool step_holds(char step, const struct script *s, char letter, const struct cell *c)
{
    unsigned dpl = c->access >> 5 & 3, cpl = c->cpl, rpl = c->rpl;
    bool conf = is_conforming_letter(letter), reach = dpl >= cpl && dpl >= rpl;
    switch (step) {
    case 'T': return letter != '-' && strchr(s->accept, letter);
    case 'V': return conf || reach;
    case 'M': return reach;
    case 'P': return c->access >= 0x80;
    case 'R': return rpl == cpl;
    case 'B': return rpl >= cpl;
    case 'D': return dpl == cpl;
    case 'A': return dpl <= cpl;
    case 'C': return conf ? dpl <= cpl : rpl <= cpl && dpl == cpl;
    case 'J': return conf ? dpl <= cpl : dpl == cpl;
    case 'U': return conf ? dpl <= rpl : dpl == rpl;
    case 'g': return c->ti == 0;
    default: return tss_holds_task(letter, c);
    }
}

static char kind_letter(char letter)
{
    if (strchr("abAB", letter)) return 'T';
    if (letter == 'L') return 'L';
    return strchr("ckt", letter) ? 'G' : strchr("iIrR", letter) ? 'I' : 'S';
}

static uint8_t level_after(char letter, const struct cell *c)
{
    uint8_t dpl = c->access >> 5 & 3;
    switch (c->purpose) {
    case SEG_GATE_JMP:
    case SEG_GATE_CALL:
    case SEG_INT: return is_conforming_letter(letter) ? c->cpl : dpl;
    case SEG_RET:
    case SEG_IRET: return c->rpl;
    default: return c->cpl;
    }
}

static struct verdict model(const struct cell *c)
{
    char letter = letters[c->access & 0x1f];
    bool far = c->purpose == SEG_JMP || c->purpose == SEG_CALL;
    struct script s = far ? far_script(letter) : scripts[c->purpose];
    for (const char *step = s.steps; *step; step++)
        if (!step_holds(*step, &s, letter, c)) {
            uint8_t vector = *step == 'P' ? s.absent : *step == 'L' ? 10 : s.bad;
            return (struct verdict){*step, vector, 0, 0};
        }
    return (struct verdict){0, 0, level_after(letter, c), kind_letter(letter)};
}

/* --- comparison --- */

/* The words in a rule's name that fit a failed step. */
static bool rule_fits(unsigned rule, char step)
{
    const char *name = rule_name(rule);
    switch (step) {
    case 'T':
        return strstr(name, "_TYPE") || strstr(name, "ABLE") || strstr(name, "_CODE") ||
               strstr(name, "_BUSY");
    case 'P': return strstr(name, "_PRESENT");
    case 'R': return strstr(name, "STACK_RPL");
    case 'B': return strstr(name, "RET_RPL");
    case 'g': return strstr(name, "GDT_ONLY");
    case 'L': return strstr(name, "_LIMIT");
    case 'C': return strstr(name, "CODE_RPL") || strstr(name, "_DPL");
    default: return strstr(name, "_DPL");
    }
}

static bool fits[RULE_COUNT][128];

static void prepare_fits(void)
{
    for (unsigned rule = 1; rule < RULE_COUNT; rule++)
        for (const char *step = "TPRBgLCVMDAJU"; *step; step++)
            fits[rule][(unsigned char)*step] = rule_fits(rule, *step);
}

static char kind_of_answer(enum seg_kind kind)
{
    static const char kinds[] = {
        [KIND_NULL] = '0', [KIND_SEGMENT] = 'S',  [KIND_TSS] = 'T',      [KIND_CALL_GATE] = 'G',
        [KIND_LDT] = 'L',  [KIND_INT_GATE] = 'I', [KIND_TASK_GATE] = 'G'};
    return kinds[kind];
}

static bool same_refusal(const struct cell *c, struct verdict v, fault_t f, uint16_t sel)
{
    if (!fits[f.rule][(unsigned char)v.step]) return false;
    bool asks = c->purpose >= SEG_LAR;
    return asks || (f.vector == v.vector && f.error == (sel & 0xfffcu));
}

static bool same_grant(const struct cell *c, struct verdict v, const struct seg_answer *a, desc_t d)
{
    bool marks = (c->access & 0x10) && c->purpose < SEG_LAR;
    uint64_t image_want = marks ? d.raw | UINT64_C(1) << 40 : d.raw;
    uint32_t limit = c->flags & 8 ? c->field << 12 | 0xfff : c->field;
    if (a->image.raw != image_want || a->write_back != (image_want != d.raw)) return false;
    if (a->new_cpl != v.new_cpl || kind_of_answer(a->kind) != v.kind) return false;
    bool gate = v.kind == 'G' || v.kind == 'I';
    return gate || (a->sh.usable && a->sh.base == 0x9abcde10 && a->sh.limit == limit &&
                    a->sh.flags == c->flags);
}

static bool cell_agrees(const struct cell *c)
{
    desc_t d = image(0x9abcde10, c->field, c->access, c->flags);
    uint16_t sel = (uint16_t)(0x1238 | c->ti << 2 | c->rpl);
    struct seg_query q = {d, sel, c->cpl, (uint8_t)c->purpose};
    struct seg_answer a = segm_resolve(q, NULL);
    struct verdict v = model(c);
    if (v.step != 0) return is_fault(a.fault) && same_refusal(c, v, a.fault, sel);
    return !is_fault(a.fault) && same_grant(c, v, &a, d);
}

static unsigned report(const struct cell *c, unsigned bad)
{
    struct verdict v = model(c);
    if (bad < 10)
        cr_log_error("%s: access %02x CPL %u RPL %u TI %u limit %x flags %x: model step '%c' #%u",
                     segm_purpose_text(c->purpose), c->access, c->cpl, c->rpl, c->ti, c->field,
                     c->flags, v.step ? v.step : '.', v.vector);
    return bad + 1;
}

static const uint32_t fields[] = {0, 0x2a, 0x2b, 0x2c, 0x66, 0x67, 0x68, 0xfffff};

/* All cells of one purpose and access byte. */
static uint64_t sweep(struct cell c, unsigned *bad)
{
    uint64_t cells = 0;
    for (unsigned level = 0; level < 32; level++)
        for (unsigned f = 0; f < sizeof fields / sizeof fields[0]; f++)
            for (unsigned flags = 0; flags < 16; flags++, cells++) {
                c.cpl = level & 3;
                c.rpl = level >> 2 & 3;
                c.ti = (uint8_t)(level >> 4);
                c.field = fields[f];
                c.flags = (uint8_t)flags;
                if (!cell_agrees(&c)) *bad = report(&c, *bad);
            }
    return cells;
}

static void print_cells(const char *what, uint64_t cells, unsigned bad)
{
    fprintf(stderr, "# %s: %llu cells, %u mismatches\n", what, (unsigned long long)cells, bad);
}

Test(lattice, every_type_level_and_purpose)
{
    uint64_t cells = 0;
    unsigned bad = 0;
    prepare_fits();
    for (unsigned purpose = 0; purpose < SEG_PURPOSE_COUNT; purpose++)
        for (unsigned access = 0; access < 256; access++)
            cells += sweep(
                (struct cell){.purpose = (enum seg_purpose)purpose, .access = (uint8_t)access},
                &bad);
    print_cells("selector lattice", cells, bad);
    cr_assert_eq(bad, 0, "%u cells differ", bad);
    cr_assert_eq(cells, 23u * 256 * 32 * 8 * 16);
}

/* --- two descriptors in a row: what a program sees of a whole transfer --- */

struct outcome {
    uint8_t vector; /* 0: granted */
    uint32_t error;
    uint8_t cpl;
};

static bool same_outcome(struct outcome a, struct outcome b)
{
    return a.vector == b.vector && (a.vector ? a.error == b.error : a.cpl == b.cpl);
}

static struct outcome of_answer(const struct seg_answer *a)
{
    return (struct outcome){a->fault.vector, a->fault.error, a->new_cpl};
}

static struct outcome resolve(uint8_t access, uint16_t sel, uint8_t cpl, enum seg_purpose purpose)
{
    struct seg_query q = {image(0, 0xffff, access, 0), sel, cpl, (uint8_t)purpose};
    struct seg_answer a = segm_resolve(q, NULL);
    return of_answer(&a);
}

/* [386 6.3.4]: gate, then code, said as one sentence for each case. */
static struct outcome model_call_gate(bool jmp, uint8_t gate, uint8_t code, uint8_t cpl,
                                      uint8_t rpl)
{
    unsigned gate_dpl = gate >> 5 & 3, dpl = code >> 5 & 3, most = cpl > rpl ? cpl : rpl;
    char letter = letters[code & 0x1f];
    if (most > gate_dpl) return (struct outcome){13, 0x20, 0};
    if (gate < 0x80) return (struct outcome){11, 0x20, 0};
    bool conf = is_conforming_letter(letter), is_code = letter != '-' && strchr(CODE, letter);
    bool equal_only = jmp && !conf;
    if (!is_code || (equal_only ? dpl != cpl : dpl > cpl)) return (struct outcome){13, 0x30, 0};
    if (code < 0x80) return (struct outcome){11, 0x30, 0};
    return (struct outcome){0, 0, conf ? cpl : (uint8_t)dpl};
}

Test(lattice, call_gates)
{
    uint64_t cells = 0;
    unsigned bad = 0;
    for (unsigned n = 0; n < 2 * 16 * 4; n++) /* JMP or CALL; present, DPL, width; RPL of CS */
        for (unsigned code = 0; code < 256; code++)
            for (unsigned level = 0; level < 16; level++, cells++) {
                bool jmp = n & 1;
                uint8_t gate = (uint8_t)((n >> 1 & 7) << 5 | (n & 0x10 ? SYS_CALL16 : SYS_CALL32));
                uint8_t cpl = level & 3, rpl = (uint8_t)(level >> 2), cs_rpl = (uint8_t)(n >> 5);
                struct outcome got =
                    resolve(gate, (uint16_t)(0x20 | rpl), cpl, jmp ? SEG_JMP : SEG_CALL);
                if (!got.vector)
                    got = resolve((uint8_t)code, (uint16_t)(0x30 | cs_rpl), cpl,
                                  jmp ? SEG_GATE_JMP : SEG_GATE_CALL);
                bad += !same_outcome(got, model_call_gate(jmp, gate, (uint8_t)code, cpl, rpl));
            }
    print_cells("call gates", cells, bad);
    cr_assert_eq(bad, 0, "%u cells differ", bad);
}

/* [386 17 INT] */
static struct outcome model_interrupt(bool software, uint8_t gate, uint8_t code, uint8_t cpl)
{
    unsigned gate_dpl = gate >> 5 & 3, dpl = code >> 5 & 3;
    char g = letters[gate & 0x1f], letter = letters[code & 0x1f];
    if (g == '-' || !strchr("irIRt", g)) return (struct outcome){13, 0x282, 0};
    if (software && gate_dpl < cpl) return (struct outcome){13, 0x282, 0};
    if (gate < 0x80) return (struct outcome){11, 0x282, 0};
    if (g == 't') return (struct outcome){0, 0, cpl};
    if (letter == '-' || !strchr(CODE, letter)) return (struct outcome){13, 0x30, 0};
    if (code < 0x80) return (struct outcome){11, 0x30, 0};
    if (dpl > cpl) return (struct outcome){13, 0x30, 0};
    return (struct outcome){0, 0, is_conforming_letter(letter) ? cpl : (uint8_t)dpl};
}

Test(lattice, interrupts)
{
    uint64_t cells = 0;
    unsigned bad = 0;
    for (unsigned gate = 0; gate < 256; gate++)
        for (unsigned code = 0; code < 256; code++)
            for (unsigned n = 0; n < 32; n++, cells++) { /* CPL; RPL of CS; software */
                uint8_t cpl = n & 3;
                bool software = n & 0x10;
                struct gate parts = {0};
                fault_t f = segm_idt_gate(image(0x30, 0, (uint8_t)gate, 0), 0x50, software, cpl,
                                          &parts, NULL);
                struct outcome got = {f.vector, f.error, cpl};
                if (!got.vector && parts.type != SYS_TASK_GATE)
                    got = resolve((uint8_t)code, (uint16_t)(0x30 | (n >> 2 & 3)), cpl, SEG_INT);
                struct outcome want = model_interrupt(software, (uint8_t)gate, (uint8_t)code, cpl);
                bad += !same_outcome(got, want);
            }
    print_cells("interrupts", cells, bad);
    cr_assert_eq(bad, 0, "%u cells differ", bad);
}

/* [386 table 6-3]: CS, and for an outer level SS; the order of CS and SS as on the page of RET. */
static struct outcome model_return(uint8_t code, uint8_t stack, uint8_t cpl, uint8_t rpl,
                                   uint8_t ss_rpl)
{
    unsigned dpl = code >> 5 & 3, ss_dpl = stack >> 5 & 3;
    char letter = letters[code & 0x1f], ss = letters[stack & 0x1f];
    bool conf = is_conforming_letter(letter), is_code = letter != '-' && strchr(CODE, letter);
    if (rpl < cpl || !is_code || (conf ? dpl > rpl : dpl != rpl))
        return (struct outcome){13, 0x30, 0};
    if (code < 0x80) return (struct outcome){11, 0x30, 0};
    if (rpl == cpl) return (struct outcome){0, 0, cpl};
    if ((ss != 'w' && ss != 'W') || ss_dpl != rpl || ss_rpl != rpl)
        return (struct outcome){13, 0x40, 0};
    if (stack < 0x80) return (struct outcome){12, 0x40, 0};
    return (struct outcome){0, 0, rpl};
}

Test(lattice, returns)
{
    uint64_t cells = 0;
    unsigned bad = 0;
    for (unsigned code = 0; code < 256; code++)
        for (unsigned stack = 0; stack < 256; stack++)
            for (unsigned n = 0; n < 64; n++, cells++) {
                uint8_t cpl = n & 3, rpl = n >> 2 & 3, ss_rpl = (uint8_t)(n >> 4);
                enum seg_purpose how = stack & 1 ? SEG_RET : SEG_IRET;
                struct outcome got = resolve((uint8_t)code, (uint16_t)(0x30 | rpl), cpl, how);
                if (!got.vector && rpl > cpl)
                    got = resolve((uint8_t)stack, (uint16_t)(0x40 | ss_rpl), rpl, SEG_RET_SS);
                struct outcome want = model_return((uint8_t)code, (uint8_t)stack, cpl, rpl, ss_rpl);
                bad += !same_outcome(got, want);
            }
    print_cells("returns", cells, bad);
    cr_assert_eq(bad, 0, "%u cells differ", bad);
}
