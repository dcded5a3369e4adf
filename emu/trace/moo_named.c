/* moo_named.c: known differences between the processor a vector was taken from and the 80386. Each
 * is a narrow test of one outcome; what none of them explains is a failure. docs/moo.md lists the
 * evidence.
 *
 * All of them are about the 80286, so they are asked only for its vectors.
 */
#include "moo.h"

#include <string.h>

#define FL_DF_BIT  0x0400u
#define REAL_FLAGS 0x7000u /* IOPL and NT */
#define MAX_286    10u     /* bytes of an instruction */

/* --- what the vector holds --- */

struct words { /* the instruction, cut into its parts; as far as the bytes go */
    bool lock, rep;
    unsigned prefixes;
    uint8_t op, modrm;
    bool memory; /* ModR/M names memory */
    uint8_t reg;
};

static struct words words_of(const rt386_moo_test *t)
{
    static const uint8_t prefix[] = {0x26, 0x2e, 0x36, 0x3e, 0xf0, 0xf2, 0xf3};
    struct words w = {0};
    const uint8_t *b = t->bytes.p;
    uint32_t i = 0;
    while (i < t->bytes.n && memchr(prefix, b[i], sizeof prefix)) {
        w.lock |= b[i] == 0xf0;
        w.rep |= b[i] >= 0xf2;
        i++;
    }
    w.prefixes = i;
    if (i < t->bytes.n) w.op = b[i];
    if (i + 1 < t->bytes.n) w.modrm = b[i + 1];
    w.memory = w.modrm < 0xc0;
    w.reg = w.modrm >> 3 & 7;
    return w;
}

static unsigned modrm_bytes(uint8_t modrm)
{
    unsigned mod = modrm >> 6;
    return 1 + (mod == 1 ? 1 : mod == 2 || (mod == 0 && (modrm & 7) == 6) ? 2 : 0);
}

/* A vector of C6 or C7 with a wrong reg field ends before displacement and immediate. */
static unsigned length_of(const rt386_moo_test *t)
{
    struct words w = words_of(t);
    if ((w.op == 0xc6 || w.op == 0xc7) && w.reg != 0)
        return w.prefixes + 1 + modrm_bytes(w.modrm) + (w.op == 0xc7 ? 2 : 1);
    return t->bytes.n ? t->bytes.n - 1 : 0; /* without the HLT */
}

static uint32_t before(const struct moo_outcome *o, unsigned reg)
{
    return o->test->init.regs.value[reg];
}

static const rt386_moo_diff *diff_of(const struct moo_outcome *o, unsigned reg)
{
    for (unsigned i = 0; i < o->result->diffs && i < RT386_MOO_DIFFS; i++) {
        const rt386_moo_diff *d = &o->result->diff[i];
        if (d->where == RT386_MOO_IN_REG && d->at == reg) return d;
    }
    return NULL;
}

static uint32_t expected(const struct moo_outcome *o, unsigned reg)
{
    const rt386_moo_regs *fina = &o->test->fina.regs;
    return fina->have >> reg & 1 ? fina->value[reg] : before(o, reg);
}

static uint32_t actual(const struct moo_outcome *o, unsigned reg)
{
    const rt386_moo_diff *d = diff_of(o, reg);
    return d ? d->actual : expected(o, reg);
}

/* Only these registers differ (bit n: rt386_moo_reg n), and no memory. */
static bool only_registers(const struct moo_outcome *o, uint32_t regs)
{
    if (o->result->diffs > RT386_MOO_DIFFS) return false;
    for (unsigned i = 0; i < o->result->diffs; i++) {
        const rt386_moo_diff *d = &o->result->diff[i];
        if (d->where != RT386_MOO_IN_REG || !(regs >> d->at & 1)) return false;
    }
    return true;
}

static bool flags_differ_in(const struct moo_outcome *o, uint32_t bits)
{
    const rt386_moo_diff *d = diff_of(o, RT386_MOO_EFLAGS);
    return d && !((d->expected ^ d->actual) & d->mask & ~bits);
}

static bool vectors(const struct moo_outcome *o, int there, int here)
{
    return (o->test->has_exception ? o->test->vector : -1) == there && o->vector == here;
}

/* --- the differences --- */

/* LOCK may stand before these, with a destination in memory [386 17 LOCK]. */
static bool lockable(const struct words *w)
{
    if (!w->memory) return false;
    if (w->op < 0x38) return (w->op & 7) < 2;               /* ADD OR ADC SBB AND SUB XOR */
    if (w->op >= 0x80 && w->op <= 0x83) return w->reg != 7; /* the same, immediate */
    if (w->op == 0x86 || w->op == 0x87) return true;        /* XCHG */
    if (w->op == 0xf6 || w->op == 0xf7) return w->reg == 2 || w->reg == 3; /* NOT NEG */
    return (w->op == 0xfe || w->op == 0xff) && w->reg < 2;                 /* INC DEC */
}

static bool lock_ud(const struct moo_outcome *o)
{
    struct words w = words_of(o->test);
    bool expects_ud = o->test->has_exception && o->test->vector == 6 && w.op != 0xcd;
    return w.lock && !lockable(&w) && o->vector == 6 && !expects_ud;
}

static bool too_long(const struct moo_outcome *o)
{
    return o->test->has_exception && o->test->vector == 13 && length_of(o->test) > MAX_286 &&
           length_of(o->test) <= 15;
}

static bool ip_past_end(const struct moo_outcome *o)
{
    const rt386_moo_diff *d = diff_of(o, RT386_MOO_EIP);
    return d && d->expected == 0 && d->actual == 0x10000;
}

static bool halt_at_ffff(const struct moo_outcome *o)
{
    return only_registers(o, 1u << RT386_MOO_EIP) && ip_past_end(o);
}

static bool real_iopl(const struct moo_outcome *o)
{
    uint8_t op = words_of(o->test).op;
    if (op != 0x9d && op != 0xcf) return false;
    if (diff_of(o, RT386_MOO_EIP) && !ip_past_end(o)) return false;
    return only_registers(o, 1u << RT386_MOO_EFLAGS | 1u << RT386_MOO_EIP) &&
           flags_differ_in(o, REAL_FLAGS);
}

/* Vector 12 in place of 13: the frame is the same, only the handler is another one. */
static bool stack_vector(const struct moo_outcome *o)
{
    return vectors(o, 13, 12);
}

/* Besides these registers, only what another handler changes. */
static bool only_registers_and_handler(const struct moo_outcome *o, uint32_t regs)
{
    if (!stack_vector(o)) return only_registers(o, regs);
    regs |= 1u << RT386_MOO_CS | 1u << RT386_MOO_EIP;
    if (o->result->diffs > RT386_MOO_DIFFS) return false;
    for (unsigned i = 0; i < o->result->diffs; i++) {
        const rt386_moo_diff *d = &o->result->diff[i];
        if (d->where == RT386_MOO_IN_RAM) return false;
        if (d->where == RT386_MOO_IN_REG && !(regs >> d->at & 1)) return false;
    }
    return true;
}

static bool stack_fault(const struct moo_outcome *o)
{
    return stack_vector(o) && only_registers_and_handler(o, 0);
}

/* POPA with SP fff1 to ffff. */
static bool midway(const struct moo_outcome *o)
{
    uint8_t op = words_of(o->test).op;
    uint32_t sp = before(o, RT386_MOO_ESP);
    return stack_vector(o) && op == 0x61 && sp > 0xfff0 &&
           expected(o, RT386_MOO_ESP) == actual(o, RT386_MOO_ESP);
}

static bool is_string(uint8_t op)
{
    return (op >= 0x6c && op <= 0x6f) || (op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf);
}

/* Ours must be the state after the iterations that were done. */
static bool string_state(const struct moo_outcome *o)
{
    struct words w = words_of(o->test);
    uint32_t regs = 1u << RT386_MOO_ESI | 1u << RT386_MOO_EDI | 1u << RT386_MOO_ECX;
    if (!is_string(w.op) || !(vectors(o, 13, 13) || stack_vector(o))) return false;
    if (!only_registers_and_handler(o, regs)) return false;
    uint32_t done = before(o, RT386_MOO_ECX) - actual(o, RT386_MOO_ECX);
    uint32_t step = w.op & 1 ? 2 : 1;
    if (before(o, RT386_MOO_EFLAGS) & FL_DF_BIT) step = 0u - step;
    if (!w.rep && done) return false;
    for (unsigned r = RT386_MOO_ESI; r <= RT386_MOO_EDI; r++)
        if (diff_of(o, r) && actual(o, r) != ((before(o, r) + done * step) & 0xffff)) return false;
    return true;
}

static bool pop_memory(const struct moo_outcome *o)
{
    struct words w = words_of(o->test);
    bool same = vectors(o, 13, 13) || stack_vector(o);
    return w.op == 0x8f && w.memory && same &&
           expected(o, RT386_MOO_ESP) == ((actual(o, RT386_MOO_ESP) + 2) & 0xffff);
}

static bool fs_gs(const struct moo_outcome *o)
{
    struct words w = words_of(o->test);
    return (w.op == 0x8c || w.op == 0x8e) && (w.reg == 4 || w.reg == 5) && vectors(o, 6, -1);
}

static bool escape_operand(const struct moo_outcome *o)
{
    struct words w = words_of(o->test);
    return w.op >= 0xd8 && w.op <= 0xdf && w.memory && vectors(o, 13, -1);
}

/* Shifts other than SAR by more than the operand has bits: CF only. */
static bool shift_carry(const struct moo_outcome *o)
{
    struct words w = words_of(o->test);
    bool immediate = w.op == 0xc0 || w.op == 0xc1;
    if ((!immediate && w.op != 0xd2 && w.op != 0xd3) || w.reg < 4 || w.reg == 7) return false;
    if (o->test->bytes.n < 2) return false;
    uint32_t count = immediate ? o->test->bytes.p[o->test->bytes.n - 2] : before(o, RT386_MOO_ECX);
    return (count & 31) > (w.op & 1 ? 16u : 8u) && only_registers(o, 1u << RT386_MOO_EFLAGS) &&
           flags_differ_in(o, 1);
}

static bool aam_zero(const struct moo_outcome *o)
{
    return words_of(o->test).op == 0xd4 && vectors(o, 0, 0) && o->result->diffs <= 3 &&
           flags_differ_in(o, 0x8d5);
}

/* The vector's quotient is -128 and its remainder none that any divisor of a byte leaves. */
static bool idiv_no_quotient(const struct moo_outcome *o)
{
    struct words w = words_of(o->test);
    uint32_t ax = expected(o, RT386_MOO_EAX);
    if (w.op != 0xf6 || w.reg != 7 || !vectors(o, -1, 0) || (ax & 0xff) != 0x80) return false;
    int dividend = (int16_t)before(o, RT386_MOO_EAX), rest = (int8_t)(ax >> 8);
    int divisor = (dividend - rest) / -128;
    return (dividend - rest) % 128 != 0 || divisor < -128 || divisor > 127;
}

/* An interrupt's frame has SS where CS belongs. */
static bool frame_has_ss(const struct moo_outcome *o)
{
    uint32_t ss = before(o, RT386_MOO_SS),
             at = (ss << 4) + ((actual(o, RT386_MOO_ESP) + 2) & 0xffff);
    if (o->vector < 0 || !o->test->has_exception || o->vector != o->test->vector) return false;
    for (unsigned i = 0; i < o->result->diffs; i++) {
        const rt386_moo_diff *d = &o->result->diff[i];
        if (i >= 2 || d->where != RT386_MOO_IN_RAM || d->at - at > 1) return false;
        if (d->expected != (ss >> 8 * (d->at - at) & 0xff)) return false;
    }
    return true;
}

static const struct {
    rt386_moo_difference_info info;
    bool (*explains)(const struct moo_outcome *o);
} table[] = {
    {{"LOCK_UD", "LOCK before an instruction that cannot be locked: #UD on the 80386; the 80286 "
                 "executes it"},
     lock_ud},
    {{"REAL_IOPL",
      "POPF and IRET in real mode load IOPL and NT on the 80386; on the 80286 they stay 0"},
     real_iopl},
    {{"HLT_AT_FFFF",
      "the HLT that ends the test lies at FFFF: EIP is 00010000 after it on the 80386; "
      "IP is 0000 on the 80286"},
     halt_at_ffff},
    {{"SHIFT_CARRY",
      "CF after a shift by more than the operand has bits is undefined, and another one "
      "on the 80286"},
     shift_carry},
    {{"STACK_VECTOR",
      "an operand or stack word in SS beyond the limit: vector 12 on the 80386, 13 on "
      "the 80286"},
     stack_fault},
    {{"STRING_FAULT",
      "a string instruction that faults: the 80386 leaves SI, DI and CX as the last "
      "whole iteration did; the 80286 has moved them already"},
     string_state},
    {{"LENGTH_10", "an instruction of 11 to 15 bytes: legal on the 80386, vector 13 on the 80286"},
     too_long},
    {{"FS_GS",
      "MOV with the segment registers numbered 4 and 5: FS and GS on the 80386, #UD on the "
      "80286"},
     fs_gs},
    {{"ESC_OPERAND", "a coprocessor instruction with its operand at the end of the segment, and no "
                     "coprocessor: the 80286 refuses the operand, here nothing reads it"},
     escape_operand},
    {{"POP_FAULT",
      "POP to memory that faults: SP is as before on the 80386; the 80286 has added 2"},
     pop_memory},
    {{"FRAME_MIDWAY",
      "POPA that faults midway: the 80286 loads nothing; here what was loaded before the fault "
      "stays"},
     midway},
    {{"AAM_ZERO", "AAM by zero: flags after and in the frame of the divide error"}, aam_zero},
    {{"IDIV_OVERFLOW",
      "IDIV of a byte whose quotient does not fit: vector 0 on the 80386; in these "
      "vectors the 80286 gives -128"},
     idiv_no_quotient},
    {{"FRAME_SS", "an interrupt frame of the 80286 that holds SS in place of CS"}, frame_has_ss},
};
#define TABLE_SIZE (sizeof table / sizeof *table)

unsigned rt386_moo_difference_count(void)
{
    return TABLE_SIZE;
}

rt386_moo_difference_info rt386_moo_difference(unsigned index)
{
    return index < TABLE_SIZE ? table[index].info : (rt386_moo_difference_info){"", ""};
}

int moo_difference(const struct moo_outcome *o)
{
    if (strcmp(o->info->cpu, "C286") != 0) return -1;
    for (unsigned i = 0; i < TABLE_SIZE; i++)
        if (table[i].explains(o)) return (int)i;
    return -1;
}
