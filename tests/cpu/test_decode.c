/* decode.c against capstone: each opcode with each ModR/M, SIB and prefix; and its own promises. */
#include <capstone/capstone.h>
#include <criterion/criterion.h>
#include <string.h>

#include "agree.h"
#include "opcode.h"
#include "state.h"

struct tally {
    bool told[0x1000][2];
    unsigned compared, undefined, excepted, wrong;
};

static void complain(struct tally *t, const char *what, const uint8_t *bytes, bool code32,
                     const struct insn *in, const cs_insn *ci)
{
    t->wrong++;
    if (t->told[in->opcode][code32]) return;
    t->told[in->opcode][code32] = true;
    cr_expect(false, "%s: %02x %02x %02x %02x %02x (%s): %s length %u, capstone %s length %u", what,
              bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], code32 ? "32" : "16",
              i386_rows[in->row].mnemonic, in->len, ci ? ci->mnemonic : "-", ci ? ci->size : 0);
}

static void compare(csh cs, cs_insn *ci, const uint8_t *bytes, size_t n, bool code32,
                    struct tally *t)
{
    struct insn in;
    char want[32];
    const uint8_t *code = bytes;
    size_t left = n;
    uint64_t at = 0;
    cr_assert_eq(decode(bytes, n, code32, &in), DECODE_OK);
    if (in.row == ROW_UNDEFINED) {
        t->undefined++;
        return;
    }
    bool known = cs_disasm_iter(cs, &code, &left, &at, ci);
    if (excepted(&in)) {
        t->excepted++;
        return;
    }
    t->compared++;
    expected_name(want, &in);
    if (!known)
        complain(t, "unknown", bytes, code32, &in, NULL);
    else if (ci->size != in.len)
        complain(t, "length", bytes, code32, &in, ci);
    else if (!same_name(want, ci->mnemonic, &in))
        complain(t, want, bytes, code32, &in, ci);
}

static size_t put_prefixes(uint8_t *to, const char *prefixes)
{
    size_t n = strlen(prefixes);
    memcpy(to, prefixes, n);
    return n;
}

/* All ModR/M values behind an opcode; a few SIBs where there is one. */
static void sweep_modrm(csh cs, cs_insn *ci, uint8_t *bytes, size_t at, bool code32,
                        struct tally *t)
{
    static const uint8_t sibs[] = {0x00, 0x24, 0x25, 0x65, 0xa5, 0xe4, 0x1d, 0xfb};
    for (unsigned modrm = 0; modrm < 256; modrm++) {
        bool sib = (modrm & 7) == 4 && modrm < 0xc0;
        bytes[at] = (uint8_t)modrm;
        for (unsigned i = 0; i < (sib ? sizeof sibs : 1); i++) {
            bytes[at + 1] = sib ? sibs[i] : 0x11;
            compare(cs, ci, bytes, at + 12, code32, t);
        }
    }
}

static void sweep(const char *prefixes, bool code32, struct tally *t)
{
    csh cs;
    uint8_t bytes[32];
    cr_assert_eq(cs_open(CS_ARCH_X86, code32 ? CS_MODE_32 : CS_MODE_16, &cs), CS_ERR_OK);
    cs_insn *ci = cs_malloc(cs);
    for (unsigned op = 0; op < 512; op++) {
        for (unsigned i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(0x11 * (i + 1));
        size_t at = put_prefixes(bytes, prefixes);
        uint8_t low = (uint8_t)op;
        bool is_prefix = (low & 0xe7) == 0x26 || (low >= 0x64 && low <= 0x67) || low == 0xf0 ||
                         low == 0xf2 || low == 0xf3 || low == 0x0f;
        if (op < 256 && is_prefix) continue;
        if (op >= 256) bytes[at++] = 0x0f;
        bytes[at++] = low;
        sweep_modrm(cs, ci, bytes, at, code32, t);
    }
    cs_free(ci, 1);
    cs_close(&cs);
}

Test(decode, agrees_with_capstone)
{
    static const char *const prefixes[] = {"",     "\x66",     "\x67",     "\x66\x67", "\x67\x66",
                                           "\x2e", "\x65\x66", "\x36\x67", "\x66\x66"};
    static struct tally t;
    for (unsigned i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        sweep(prefixes[i], true, &t);
        sweep(prefixes[i], false, &t);
    }
    cr_expect_eq(t.wrong, 0, "%u of %u differ", t.wrong, t.compared);
    cr_expect_gt(t.compared, 500000);
    cr_log_info("%u compared, %u undefined here, %u excepted", t.compared, t.undefined, t.excepted);
}

/* --- what is excepted above has lengths of its own --- */

Test(decode, lengths_of_the_excepted)
{
    static const struct {
        uint8_t bytes[8];
        unsigned len32, len16;
    } rows[] = {
        {{0x0f, 0x20, 0x05}, 3, 3},       {{0x0f, 0x22, 0x84}, 3, 3},
        {{0x0f, 0x24, 0xf4}, 3, 3},       {{0x0f, 0x26, 0x45}, 3, 3},
        {{0x0f, 0x3f, 0x05}, 3, 3},       {{0xf6, 0x0d, 0, 0, 0, 0, 1}, 7, 3},
        {{0xf7, 0xc8, 1, 0, 0, 0}, 6, 4}, {{0x82, 0x05, 0, 0, 0, 0, 1}, 7, 3},
        {{0xd9, 0x44, 0x24, 8}, 4, 3},    {{0xdb, 0xe3}, 2, 2},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct insn in;
        cr_expect_eq(decode(rows[i].bytes, 8, true, &in), DECODE_OK);
        cr_expect_eq(in.len, rows[i].len32, "row %u: %u", i, in.len);
        cr_expect_eq(decode(rows[i].bytes, 8, false, &in), DECODE_OK);
        cr_expect_eq(in.len, rows[i].len16, "row %u: %u", i, in.len);
    }
}

/* Every proper beginning of an instruction asks for more; 15 bytes without an end are too many. */
Test(decode, short_and_long)
{
    static const uint8_t longest[15] = {0x66, 0x67, 0x2e, 0x2e, 0x81, 0x84, 0x24, 1,
                                        2,    3,    4,    5,    6,    7,    8};
    struct insn in;
    for (size_t n = 0; n < 8; n++)
        cr_expect_eq(decode(longest, n, true, &in), DECODE_MORE, "%zu bytes", n);
    cr_expect_eq(decode(longest, 15, true, &in), DECODE_OK);
    uint8_t prefixes[20];
    memset(prefixes, 0x26, sizeof prefixes);
    for (size_t n = 0; n < 15; n++)
        cr_expect_eq(decode(prefixes, n, true, &in), DECODE_MORE);
    cr_expect_eq(decode(prefixes, 15, true, &in), DECODE_TOO_LONG);
    prefixes[14] = 0x90;
    cr_expect_eq(decode(prefixes, 20, true, &in), DECODE_OK);
    cr_expect_eq(in.len, 15);
    prefixes[14] = 0xb8;
    cr_expect_eq(decode(prefixes, 20, true, &in), DECODE_TOO_LONG);
}

static struct insn decoded(const char *bytes, size_t n, bool code32)
{
    struct insn in;
    cr_assert_eq(decode((const uint8_t *)bytes, n, code32, &in), DECODE_OK);
    cr_assert_eq(in.len, n);
    return in;
}
#define DECODED(text, code32) decoded(text, sizeof text - 1, code32)

Test(decode, prefixes_in_any_order)
{
    struct insn in = DECODED("\x26\x64\x66\xf3\xf2\xf0\x67\x8b\x07", true);
    cr_expect_eq(in.seg, FS);
    cr_expect_eq(in.rep, 0xf2);
    cr_expect(in.lock && in.override && in.opsize == 2 && in.adsize == 2);
    in = DECODED("\x66\x66\x90", true);
    cr_expect_eq(in.opsize, 2);
    in = DECODED("\x36\x3e\xa4", false);
    cr_expect_eq(in.seg, DS);
}

/* BP, EBP and ESP as base choose SS; as index they do not. */
Test(decode, default_segments)
{
    cr_expect_eq(DECODED("\x8b\x45\x00", true).seg, SS);
    cr_expect_eq(DECODED("\x8b\x05\x00\x00\x00\x00", true).seg, DS);
    cr_expect_eq(DECODED("\x8b\x04\x24", true).seg, SS);
    cr_expect_eq(DECODED("\x8b\x04\x28", true).seg, DS); /* [eax+ebp] */
    cr_expect_eq(DECODED("\x8b\x44\x05\x00", true).seg, SS);
    cr_expect_eq(DECODED("\x8b\x04\x2d\x00\x00\x00\x00", true).seg, DS); /* [ebp+disp32] */
    cr_expect_eq(DECODED("\x8b\x02", false).seg, SS);                    /* [bp+si] */
    cr_expect_eq(DECODED("\x8b\x46\x00", false).seg, SS);
    cr_expect_eq(DECODED("\x8b\x06\x00\x00", false).seg, DS);
    cr_expect_eq(DECODED("\x8b\x07", false).seg, DS);
    cr_expect_eq(DECODED("\x3e\x8b\x46\x00", false).seg, DS);
}

Test(decode, fields)
{
    struct insn in = DECODED("\x69\x84\xb3\xf0\xff\xff\xff\x78\x56\x34\x12", true);
    cr_expect(in.base == EBX && in.index == ESI && in.scale == 2 && in.disp == 0xfffffff0);
    cr_expect_eq(in.imm, 0x12345678);
    cr_expect_eq(in.components, 5); /* opcode, ModR/M, SIB, displacement, immediate */
    in = DECODED("\x83\xc0\xf0", true);
    cr_expect_eq(in.imm, 0xfffffff0);
    in = DECODED("\x83\xc0\xf0", false);
    cr_expect_eq(in.imm, 0xfff0);
    in = DECODED("\xc8\x34\x12\x05", true);
    cr_expect(in.imm == 0x1234 && in.imm2 == 5);
    in = DECODED("\xea\x78\x56\x34\x12\xcd\xab", true);
    cr_expect(in.imm == 0x12345678 && in.imm2 == 0xabcd);
    in = DECODED("\xea\x78\x56\xcd\xab", false);
    cr_expect(in.imm == 0x5678 && in.imm2 == 0xabcd);
    in = DECODED("\x8b\x40\x80", false); /* [bx+si-80h] */
    cr_expect(in.base == EBX && in.index == ESI && in.disp == 0xffffff80);
}
