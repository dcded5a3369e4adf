/* Every string of one, two and three bytes, in 16- and 32-bit code, against capstone: legal or not,
 * length, name. What may differ is in two tables below, each line with its reason; a line that is not
 * needed fails the test as well.
 *
 * Three bytes are followed by zeros. Shorter strings are also given alone: then both want more. */
#include <capstone/capstone.h>
#include <criterion/criterion.h>
#include <stdio.h>

#include "agree.h"
#include "opcode.h"

/* --- reviewed: undefined here, but capstone has an instruction --- */

struct later {
    uint16_t first, last; /* opcodes */
    const char *what;
};
static const struct later later[] = {
    {0x00c6, 0x00c7, "/1../7: undefined; XABORT, XBEGIN"},
    {0x00d8, 0x00df, "coprocessor: later encodings"},
    {0x0f01, 0x0f01, "INVLPG of the 80486, SWAPGS, RDTSCP, hypervisor calls"},
    {0x0f05, 0x0f05, "SYSCALL"},
    {0x0f08, 0x0f09, "INVD, WBINVD of the 80486"},
    {0x0f0b, 0x0f0b, "UD2: undefined by design"},
    {0x0f0d, 0x0f0e, "PREFETCH, FEMMS"},
    {0x0f14, 0x0f1f, "SSE, PREFETCH, long NOP"},
    {0x0f28, 0x0f2f, "SSE"},
    {0x0f30, 0x0f37, "WRMSR, RDTSC, RDMSR, RDPMC, SYSENTER, SYSEXIT, GETSEC"},
    {0x0f38, 0x0f38, "SSSE3, MOVBE, SHA"},
    {0x0f3a, 0x0f3a, "SSSE3, SHA"},
    {0x0f40, 0x0f4f, "CMOVcc of the Pentium Pro"},
    {0x0f50, 0x0f77, "SSE, MMX"},
    {0x0f78, 0x0f79, "VMREAD, VMWRITE"},
    {0x0f7c, 0x0f7f, "SSE3, MMX"},
    {0x0fa2, 0x0fa2, "CPUID"},
    {0x0fa6, 0x0fa7, "CMPXCHG of the first 80486, IBTS and XBTS of the first 80386; VIA's today"},
    {0x0faa, 0x0faa, "RSM"},
    {0x0fae, 0x0fae, "FXSAVE, LDMXCSR, fences"},
    {0x0fb0, 0x0fb1, "CMPXCHG of the 80486"},
    {0x0fb8, 0x0fb9, "POPCNT, UD1"},
    {0x0fc0, 0x0fc1, "XADD of the 80486"},
    {0x0fc2, 0x0fc6, "SSE"},
    {0x0fc7, 0x0fc7, "CMPXCHG8B of the Pentium, RDRAND, VMPTRLD"},
    {0x0fc8, 0x0fcf, "BSWAP of the 80486"},
    {0x0fd0, 0x0ffe, "MMX, SSE2"},
    {0x0fff, 0x0fff, "UD0: undefined by design"},
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
} differs[] = {
    {memory_only, "a memory operand in a register: #UD at run time by the row's checks"},
    {lock_refused, "a LOCK that is #UD here: capstone passes some of them, refuses others"},
    {lock_bt, "LOCK BT is legal on the 80386 [386 17 LOCK], no more on later processors"},
    {no_such_sreg, "MOV with segment register 6 or 7: #UD at run time"},
    {test_registers, "MOV TRn: gone since the Pentium"},
    {personality, "the personality trap"},
    {for_ice, "LOADALL and UMOV: SYSRET and SSE on later processors"},
    {coprocessor, "x87: names, and encodings of later coprocessors; lengths must agree"},
    {mandatory_prefix, "66 with F2 or F3 in 32-bit code: capstone 4 loses the operand size"},
    {pause_and_counts, "PAUSE, TZCNT, LZCNT: later readings of F3"},
};
#define DIFFERS (sizeof differs / sizeof differs[0])
#define ONLY_32 (DIFFERS - 2) /* the last two */

/* --- comparing --- */

struct tally {
    csh cs;
    cs_insn *ci;
    bool code32;
    unsigned strings, agree, both_undefined, later[LATER], differs[DIFFERS], wrong;
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

static bool is_later(struct tally *t, const struct insn *in)
{
    for (unsigned i = 0; i < LATER; i++)
        if (in->opcode >= later[i].first && in->opcode <= later[i].last) {
            t->later[i]++;
            return true;
        }
    return false;
}

static bool may_differ(struct tally *t, const struct insn *in)
{
    for (unsigned i = 0; i < DIFFERS; i++)
        if (differs[i].is(in, t->code32)) {
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
    cr_assert_eq(decode(bytes, n, t->code32, &in), DECODE_OK);
    bool known = cs_disasm_iter(t->cs, &code, &n, &at, t->ci);
    if (in.row == ROW_UNDEFINED && !known)
        t->both_undefined++;
    else if (in.row != ROW_UNDEFINED && known && same(t, &in))
        t->agree++;
    else if (known && coprocessor(&in, t->code32) && t->ci->size != in.len)
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
    enum decode_status status = decode(bytes, n, t->code32, &in);
    bool known = cs_disasm_iter(t->cs, &code, &n, &at, t->ci);
    if (status == DECODE_OK && in.row == ROW_UNDEFINED) return;
    if (known == (status == DECODE_OK) && (!known || same(t, &in))) return;
    if (status == DECODE_OK && may_differ(t, &in)) return;
    complain(t, bytes, &in, known);
}

static void open_capstone(struct tally *t, bool code32)
{
    *t = (struct tally){.code32 = code32};
    cr_assert_eq(cs_open(CS_ARCH_X86, code32 ? CS_MODE_32 : CS_MODE_16, &t->cs), CS_ERR_OK);
    t->ci = cs_malloc(t->cs);
}

static void close_capstone(struct tally *t)
{
    cs_free(t->ci, 1);
    cs_close(&t->cs);
    cr_expect_eq(t->wrong, 0, "%u strings differ and are not in the lists", t->wrong);
}

static void every_three(bool code32)
{
    static struct tally t;
    uint8_t bytes[24] = {0};
    open_capstone(&t, code32);
    for (uint32_t v = 0; v < 1u << 24; v++) {
        bytes[0] = (uint8_t)(v >> 16);
        bytes[1] = (uint8_t)(v >> 8);
        bytes[2] = (uint8_t)v;
        compare(&t, bytes, sizeof bytes);
    }
    unsigned listed = 0;
    for (unsigned i = 0; i < LATER; i++)
        listed += t.later[i];
    for (unsigned i = 0; i < DIFFERS; i++)
        listed += t.differs[i];
    fprintf(stderr,
            "# three bytes, %s-bit code: %u strings, %u agree, %u undefined for both, %u in the "
            "lists\n",
            code32 ? "32" : "16", t.strings, t.agree, t.both_undefined, listed);
    for (unsigned i = 0; i < LATER; i++)
        cr_expect(t.later[i] || later[i].first == 0xd8, "not needed: %04x %s", later[i].first,
                  later[i].what);
    for (unsigned i = 0; i < DIFFERS; i++)
        cr_expect(t.differs[i] || (i >= ONLY_32 && !code32), "not needed: %s", differs[i].why);
    close_capstone(&t);
}

Test(bytes3, every_string_32)
{
    every_three(true);
}

Test(bytes3, every_string_16)
{
    every_three(false);
}

Test(bytes3, one_and_two_alone)
{
    static struct tally t;
    for (unsigned mode = 0; mode < 2; mode++) {
        open_capstone(&t, mode);
        for (uint32_t v = 0; v < 1u << 16; v++) {
            uint8_t bytes[2] = {(uint8_t)(v >> 8), (uint8_t)v};
            compare_alone(&t, bytes, 2);
            if (bytes[1] == 0) compare_alone(&t, bytes, 1);
        }
        close_capstone(&t);
    }
}
