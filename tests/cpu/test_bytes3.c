/* Every string of one, two and three bytes, in 16- and 32-bit code, against capstone: legal or not,
 * length, name; on an 80386 and on a processor with SSE2. What may differ is in two tables below, each line with its reason; a line that is not
 * needed fails the test as well.
 *
 * Three bytes are followed by zeros. Shorter strings are also given alone: then both want more. */
#include <capstone/capstone.h>
#include <criterion/criterion.h>
#include <stdio.h>

#include "agree.h"
#include "opcode.h"

/* --- reviewed: undefined here, but capstone has an instruction --- */

/* Which processor: an 80386, or one with SSE2. */
#define ON_386  1u
#define ON_SSE2 2u
#define ON_BOTH (ON_386 | ON_SSE2)

struct later {
    uint16_t first, last; /* opcodes */
    const char *what;
    uint8_t on;
};
static const struct later later[] = {
    {0x00c6, 0x00c7, "/1../7: undefined; XABORT, XBEGIN", ON_BOTH},
    {0x00d8, 0x00df, "coprocessor: later encodings", ON_BOTH},
    {0x0f01, 0x0f01, "INVLPG of the 80486, SWAPGS, RDTSCP, hypervisor calls", ON_386},
    {0x0f05, 0x0f05, "SYSCALL", ON_BOTH},
    {0x0f07, 0x0f07, "SYSRET", ON_SSE2},
    {0x0f08, 0x0f09, "INVD, WBINVD of the 80486", ON_386},
    {0x0f0b, 0x0f0b, "UD2: undefined by design", ON_386},
    {0x0f0d, 0x0f0e, "PREFETCH, FEMMS", ON_BOTH},
    {0x0f14, 0x0f1f, "SSE, PREFETCH, long NOP", ON_386},
    {0x0f28, 0x0f2f, "SSE", ON_386},
    {0x0f30, 0x0f37, "WRMSR, RDTSC, RDMSR, RDPMC, SYSENTER, SYSEXIT, GETSEC", ON_386},
    {0x0f38, 0x0f38, "SSSE3, MOVBE, SHA", ON_BOTH},
    {0x0f3a, 0x0f3a, "SSSE3, SHA", ON_BOTH},
    {0x0f40, 0x0f4f, "CMOVcc of the Pentium Pro", ON_386},
    {0x0f50, 0x0f77, "SSE, MMX", ON_386},
    {0x0f78, 0x0f79, "VMREAD, VMWRITE", ON_BOTH},
    {0x0f7c, 0x0f7f, "SSE3, MMX", ON_386},
    {0x0fa2, 0x0fa2, "CPUID", ON_386},
    {0x0fa6, 0x0fa7, "CMPXCHG of the first 80486, IBTS and XBTS of the first 80386; VIA's today",
     ON_386},
    {0x0faa, 0x0faa, "RSM", ON_BOTH},
    {0x0fae, 0x0fae, "FXSAVE, LDMXCSR, fences", ON_386},
    {0x0fb0, 0x0fb1, "CMPXCHG of the 80486", ON_386},
    {0x0fb8, 0x0fb9, "POPCNT, UD1", ON_BOTH},
    {0x0fc0, 0x0fc1, "XADD of the 80486", ON_386},
    {0x0fc2, 0x0fc6, "SSE", ON_386},
    {0x0fc7, 0x0fc7, "CMPXCHG8B of the Pentium, RDRAND, VMPTRLD", ON_386},
    {0x0fc8, 0x0fcf, "BSWAP of the 80486", ON_386},
    {0x0fd0, 0x0ffe, "MMX, SSE2", ON_386},
    {0x0fff, 0x0fff, "UD0: undefined by design", ON_BOTH},
    {0x0f34, 0x0f37, "SYSENTER, SYSEXIT, GETSEC", ON_SSE2},
    {0x0f7c, 0x0f7d, "HADDPS and so on of SSE3", ON_SSE2},
    {0x0fa6, 0x0fa7, "VIA's", ON_SSE2},
    {0x0fae, 0x0fae, "XSAVE, RDFSBASE", ON_SSE2},
    {0x0fc7, 0x0fc7, "RDRAND, VMPTRLD, XSAVEC", ON_SSE2},
    {0x0fd0, 0x0fd0, "ADDSUBPS of SSE3", ON_SSE2},
    {0x0ff0, 0x0ff0, "LDDQU of SSE3", ON_SSE2},
};
#define LATER (sizeof later / sizeof later[0])

/* --- reviewed: an instruction here, and capstone says something else --- */

static bool memory_only(const struct insn *in, bool code32)
{
    return (i386_rows[in->row].checks & CHK_MEM) && in->mod == 3;
}
static bool lock_refused(const struct insn *in, bool code32)
{
    unsigned checks = i386_rows[in->row].checks;
    return in->lock && (!(checks & CHK_LOCK) || ((checks & CHK_NOLOCKREG) && in->mod == 3));
}
static bool lock_bt(const struct insn *in, bool code32)
{
    return in->lock && i386_rows[in->row].checks & CHK_LOCK && in->opcode == 0x0fa3;
}
static bool no_such_sreg(const struct insn *in, bool code32)
{
    return (in->opcode == 0x8c || in->opcode == 0x8e) && in->reg >= SEGREG_COUNT;
}
static bool test_registers(const struct insn *in, bool code32)
{
    return in->opcode == 0x0f24 || in->opcode == 0x0f26;
}
static bool personality(const struct insn *in, bool code32)
{
    return in->opcode == TRAP_OPCODE;
}
static bool for_ice(const struct insn *in, bool code32)
{
    return in->opcode == 0x0f07 || (in->opcode >= 0x0f10 && in->opcode <= 0x0f13);
}
static bool register_only(const struct insn *in, bool code32)
{
    return (i386_rows[in->row].checks & CHK_REG) && in->mod != 3;
}
static bool hint(const struct insn *in, bool code32)
{
    bool fence = in->opcode == 0x0fae && in->mod == 3 && in->rm != 0;
    return fence || (in->opcode >= 0x0f18 && in->opcode <= 0x0f1f);
}
static bool coprocessor(const struct insn *in, bool code32)
{
    return in->opcode >= 0xd8 && in->opcode <= 0xdf;
}
static bool mandatory_prefix(const struct insn *in, bool code32)
{
    return code32 && in->rep && in->opsize == 2;
}
static bool pause_and_counts(const struct insn *in, bool code32)
{
    return code32 && in->rep == 0xf3 &&
           (in->opcode == 0x90 || in->opcode == 0x0fbc || in->opcode == 0x0fbd);
}

static const struct differs {
    bool (*is)(const struct insn *in, bool code32);
    const char *why;
    uint8_t on;
} differs[] = {
    {memory_only, "a memory operand in a register: #UD at run time by the row's checks", ON_BOTH},
    {register_only, "a register operand in memory: #UD at run time, likewise", ON_SSE2},
    {hint, "hints, long NOPs, fences with rm other than 0: capstone knows some of them", ON_SSE2},
    {lock_refused, "a LOCK that is #UD here: capstone passes some of them, refuses others",
     ON_BOTH},
    {lock_bt, "LOCK BT is legal on the 80386 [386 17 LOCK], no more on later processors", ON_BOTH},
    {no_such_sreg, "MOV with segment register 6 or 7: #UD at run time", ON_BOTH},
    {test_registers, "MOV TRn: gone since the Pentium", ON_386},
    {personality, "the personality trap", ON_BOTH},
    {for_ice, "LOADALL and UMOV: SYSRET and SSE on later processors", ON_386},
    {coprocessor, "x87: names, and encodings of later coprocessors; lengths must agree", ON_BOTH},
    {mandatory_prefix, "66 with F2 or F3 in 32-bit code: capstone 4 loses the operand size",
     ON_BOTH},
    {pause_and_counts, "PAUSE, TZCNT, LZCNT: later readings of F3", ON_BOTH},
};
#define DIFFERS (sizeof differs / sizeof differs[0])
#define ONLY_32 (DIFFERS - 2) /* the last two */

/* --- comparing --- */

struct tally {
    csh cs;
    cs_insn *ci;
    enum cpu_level level;
    bool code32;
    unsigned strings, agree, both_undefined, later[LATER], differs[DIFFERS], prefixes, wrong;
};

/* Words that capstone puts before the name. */
static const char *bare_name(const char *name)
{
    static const char *const words[] = {"lock ", "rep ",  "repe ",     "repne ",
                                        "bnd ",  "repz ", "xacquire ", "xrelease "};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncmp(name, words[i], strlen(words[i])) == 0)
            return bare_name(name + strlen(words[i]));
    return name;
}

static void complain(struct tally *t, const uint8_t *b, const struct insn *in, bool known)
{
    if (t->wrong++ >= 20) return;
    cr_expect(false, "%02x %02x %02x, %s: %s length %u, capstone %s length %u", b[0], b[1], b[2],
              t->code32 ? "32" : "16", in->row ? i386_rows[in->row].mnemonic : "undefined", in->len,
              known ? t->ci->mnemonic : "undefined", known ? t->ci->size : 0);
}

/* Is a line of the tables for this processor? */
static bool applies(const struct tally *t, uint8_t on)
{
    return on & (t->level == LEVEL_386 ? ON_386 : ON_SSE2);
}

/* 66, F2 or F3 that makes no instruction here, but perhaps one of SSE3: #UD, as measured on silicon where that has
 * none either; capstone ignores the prefix. */
static bool prefix_too_many(const struct tally *t, const struct insn *in)
{
    uint8_t bytes[15] = {0x0f, (uint8_t)in->opcode,
                         (uint8_t)(in->mod << 6 | in->reg << 3 | in->rm)};
    struct insn plain;
    if (in->opcode <= 0xff || !(in->rep || in->p66)) return false;
    cr_assert_eq(decode_at(t->level, bytes, sizeof bytes, t->code32, &plain), DECODE_OK);
    return i386_rows[plain.row].attrs & ATT_NP;
}

static bool is_later(struct tally *t, const struct insn *in)
{
    if (prefix_too_many(t, in)) {
        t->prefixes++;
        return true;
    }
    for (unsigned i = 0; i < LATER; i++)
        if (applies(t, later[i].on) && in->opcode >= later[i].first &&
            in->opcode <= later[i].last) {
            t->later[i]++;
            return true;
        }
    return false;
}

static bool may_differ(struct tally *t, const struct insn *in)
{
    for (unsigned i = 0; i < DIFFERS; i++)
        if (applies(t, differs[i].on) && differs[i].is(in, t->code32)) {
            t->differs[i]++;
            return true;
        }
    return false;
}

static bool same(const struct tally *t, const struct insn *in)
{
    char want[32];
    expected_name(want, in);
    return t->ci->size == in->len && same_name(want, bare_name(t->ci->mnemonic), in);
}

static void compare(struct tally *t, const uint8_t *bytes, size_t n)
{
    struct insn in;
    uint64_t at = 0;
    const uint8_t *code = bytes;
    t->strings++;
    cr_assert_eq(decode_at(t->level, bytes, n, t->code32, &in), DECODE_OK);
    bool known = cs_disasm_iter(t->cs, &code, &n, &at, t->ci);
    if (in.row == ROW_UNDEFINED && !known)
        t->both_undefined++;
    else if (in.row != ROW_UNDEFINED && known && same(t, &in))
        t->agree++;
    else if (known && in.row && coprocessor(&in, t->code32) && t->ci->size != in.len)
        complain(t, bytes, &in, known);
    else if (!(in.row == ROW_UNDEFINED ? is_later(t, &in) : may_differ(t, &in)))
        complain(t, bytes, &in, known);
}

/* The same bytes and no more: capstone has an instruction exactly where it is complete here. */
static void compare_alone(struct tally *t, const uint8_t *bytes, size_t n)
{
    struct insn in;
    uint64_t at = 0;
    const uint8_t *code = bytes;
    enum decode_status status = decode_at(t->level, bytes, n, t->code32, &in);
    bool known = cs_disasm_iter(t->cs, &code, &n, &at, t->ci);
    if (status == DECODE_OK && in.row == ROW_UNDEFINED) return;
    if (known == (status == DECODE_OK) && (!known || same(t, &in))) return;
    if (status == DECODE_OK && may_differ(t, &in)) return;
    complain(t, bytes, &in, known);
}

static void open_capstone(struct tally *t, enum cpu_level level, bool code32)
{
    *t = (struct tally){.level = level, .code32 = code32};
    cr_assert_eq(cs_open(CS_ARCH_X86, code32 ? CS_MODE_32 : CS_MODE_16, &t->cs), CS_ERR_OK);
    t->ci = cs_malloc(t->cs);
}

static void close_capstone(struct tally *t)
{
    cs_free(t->ci, 1);
    cs_close(&t->cs);
    cr_expect_eq(t->wrong, 0, "%u strings differ and are not in the lists", t->wrong);
}

static void every_three(enum cpu_level level, bool code32)
{
    static struct tally t;
    uint8_t bytes[24] = {0};
    open_capstone(&t, level, code32);
    for (uint32_t v = 0; v < 1u << 24; v++) {
        bytes[0] = (uint8_t)(v >> 16);
        bytes[1] = (uint8_t)(v >> 8);
        bytes[2] = (uint8_t)v;
        compare(&t, bytes, sizeof bytes);
    }
    unsigned listed = t.prefixes;
    for (unsigned i = 0; i < LATER; i++)
        listed += t.later[i];
    for (unsigned i = 0; i < DIFFERS; i++)
        listed += t.differs[i];
    fprintf(stderr,
            "# three bytes, %s-bit code: %u strings, %u agree, %u undefined for both, %u in the "
            "lists\n",
            code32 ? "32" : "16", t.strings, t.agree, t.both_undefined, listed);
    for (unsigned i = 0; i < LATER; i++)
        cr_expect(t.later[i] || later[i].first == 0xd8 || !applies(&t, later[i].on),
                  "not needed: %04x %s", later[i].first, later[i].what);
    for (unsigned i = 0; i < DIFFERS; i++)
        cr_expect(t.differs[i] || (i >= ONLY_32 && !code32) || !applies(&t, differs[i].on),
                  "not needed: %s", differs[i].why);
    close_capstone(&t);
}

Test(bytes3, every_string_32)
{
    every_three(LEVEL_386, true);
}

Test(bytes3, every_string_16)
{
    every_three(LEVEL_386, false);
}

Test(bytes3, every_string_32_sse2)
{
    every_three(LEVEL_SSE2, true);
}

/* What one processor has and another has not is the level column's, and nothing else is. */
Test(bytes3, levels_differ_by_their_rows)
{
    static const enum cpu_level levels[] = {LEVEL_386, LEVEL_486, LEVEL_PENTIUM, LEVEL_P6};
    uint8_t bytes[24] = {0};
    for (uint32_t v = 0; v < 1u << 24; v++) {
        struct insn last, in;
        bytes[0] = (uint8_t)(v >> 16);
        bytes[1] = (uint8_t)(v >> 8);
        bytes[2] = (uint8_t)v;
        cr_assert_eq(decode_at(LEVEL_SSE2, bytes, sizeof bytes, true, &last), DECODE_OK);
        for (unsigned i = 0; i < 4; i++) {
            cr_assert_eq(decode_at(levels[i], bytes, sizeof bytes, true, &in), DECODE_OK);
            const struct i386_row *r = &i386_rows[last.row];
            bool same = last.row == in.row;
            bool older = !same && i386_rows[in.row].last < LEVEL_SSE2;
            bool newer = !same && r->level > levels[i];
            cr_assert(same || older || newer, "%06x: %s, %s", v, i386_rows[in.row].mnemonic,
                      r->mnemonic);
        }
    }
}

Test(bytes3, one_and_two_alone)
{
    static struct tally t;
    for (unsigned mode = 0; mode < 2; mode++) {
        open_capstone(&t, LEVEL_386, mode);
        for (uint32_t v = 0; v < 1u << 16; v++) {
            uint8_t bytes[2] = {(uint8_t)(v >> 8), (uint8_t)v};
            compare_alone(&t, bytes, 2);
            if (bytes[1] == 0) compare_alone(&t, bytes, 1);
        }
        close_capstone(&t);
    }
}
