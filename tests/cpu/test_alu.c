/* alu.h against models that work bit by bit: all 8-bit operands, edges of 16 and 32 bits. */
#include <criterion/criterion.h>

#include "alu.h"

static const uint32_t edges[] = {0,          1,          2,          0x7e,       0x7f,
                                 0x80,       0x81,       0xfe,       0xff,       0x100,
                                 0x5555,     0x7ffe,     0x7fff,     0x8000,     0x8001,
                                 0xfffe,     0xffff,     0x10000,    0x12345678, 0x55555555,
                                 0x7fffffff, 0x80000000, 0xaaaaaaaa, 0xfffffffe, 0xffffffff};
enum { EDGES = sizeof edges / sizeof edges[0] };
#define OTHER_FLAGS (FL_1 | FL_IF | FL_DF)

struct model {
    uint32_t result, result2, flags; /* the six flags */
};

/* --- helpers --- */

static uint32_t model_szp(uint32_t r, unsigned bits)
{
    unsigned ones = 0;
    for (unsigned i = 0; i < 8; i++)
        ones += r >> i & 1;
    return (r >> (bits - 1) & 1 ? FL_SF : 0) | (r ? 0 : FL_ZF) | (ones % 2 ? 0 : FL_PF);
}

static unsigned wrong;

static void same(const char *what, const struct alu_out *o, const struct model *m, uint32_t in,
                 uint32_t a, uint32_t b, unsigned size)
{
    uint32_t want = (in & ~FL_ARITH) | (m->flags & FL_ARITH);
    bool ok = o->result == m->result && o->result2 == m->result2 &&
              ((o->flags ^ want) & ~o->undefined) == 0 && (o->undefined & ~FL_ARITH) == 0;
    if (ok || ++wrong > 10) return;
    cr_expect(false, "%s%u %x, %x, flags %x: %x:%x flags %x, not %x:%x flags %x", what, 8 * size, a,
              b, in, o->result2, o->result, o->flags, m->result2, m->result, want);
}

/* --- addition: a chain of full adders --- */

static struct model model_add(uint32_t a, uint32_t b, unsigned carry, unsigned bits)
{
    struct model m = {0};
    unsigned c = carry, into_top = 0;
    for (unsigned i = 0; i < bits; i++) {
        unsigned x = a >> i & 1, y = b >> i & 1;
        if (i == bits - 1) into_top = c;
        if ((x ^ y ^ c) & 1) m.result |= 1u << i;
        c = (x & y) | (x & c) | (y & c);
        if (i == 3 && c) m.flags |= FL_AF;
    }
    m.flags |= (c ? FL_CF : 0) | (c != into_top ? FL_OF : 0) | model_szp(m.result, bits);
    return m;
}
static struct model model_sub(uint32_t a, uint32_t b, unsigned borrow, unsigned bits)
{
    struct model m = model_add(a, ~b, !borrow, bits);
    m.flags ^= FL_CF | FL_AF;
    return m;
}
static struct model keep_cf(struct model m, uint32_t in)
{
    m.flags = (m.flags & ~FL_CF) | (in & FL_CF);
    return m;
}

static void sums(uint32_t a, uint32_t b, uint32_t in, unsigned size)
{
    unsigned bits = 8 * size, c = in & FL_CF ? 1 : 0;
    struct alu_out o;
    struct model m;
    o = alu_add(a, b, in, size), m = model_add(a, b, 0, bits), same("add", &o, &m, in, a, b, size);
    o = alu_adc(a, b, c, in, size), m = model_add(a, b, c, bits);
    same("adc", &o, &m, in, a, b, size);
    o = alu_sub(a, b, in, size), m = model_sub(a, b, 0, bits), same("sub", &o, &m, in, a, b, size);
    o = alu_sbb(a, b, c, in, size), m = model_sub(a, b, c, bits);
    same("sbb", &o, &m, in, a, b, size);
}

static void logic(uint32_t a, uint32_t b, uint32_t in, unsigned size)
{
    struct alu_out o = alu_logic(a & b, in, size);
    struct model m = {.result = a & b, .flags = model_szp(a & b, 8 * size)};
    same("and", &o, &m, in, a, b, size);
    cr_expect_eq(o.undefined, FL_AF);
}

static void ones(uint32_t a, uint32_t in, unsigned size)
{
    unsigned bits = 8 * size;
    struct alu_out o = alu_inc(a, in, size);
    struct model m = keep_cf(model_add(a, 1, 0, bits), in);
    same("inc", &o, &m, in, a, 0, size);
    o = alu_dec(a, in, size), m = keep_cf(model_sub(a, 1, 0, bits), in);
    same("dec", &o, &m, in, a, 0, size);
    o = alu_neg(a, in, size), m = model_sub(0, a, 0, bits), same("neg", &o, &m, in, a, 0, size);
    o = alu_not(a, in, size), m = model_add(a, 0, 0, bits);
    for (unsigned i = 0; i < bits; i++)
        m.result ^= 1u << i;
    m.flags = in;
    same("not", &o, &m, in, a, 0, size);
}

/* Flags that come in: none, all six, and each alone. */
static uint32_t flags_in(unsigned n)
{
    static const uint32_t f[] = {0, FL_ARITH, FL_CF, FL_AF, FL_ARITH & ~FL_CF};
    return OTHER_FLAGS | f[n];
}

Test(alu, sums_of_all_bytes)
{
    for (uint32_t a = 0; a < 256; a++)
        for (uint32_t b = 0; b < 256; b++)
            for (unsigned n = 0; n < 5; n++) {
                sums(a, b, flags_in(n), 1);
                logic(a, b, flags_in(n), 1);
                ones(a, flags_in(n), 1);
            }
    cr_expect_eq(wrong, 0);
}

Test(alu, sums_at_edges)
{
    for (unsigned size = 2; size <= 4; size += 2)
        for (unsigned i = 0; i < EDGES * EDGES; i++)
            for (unsigned n = 0; n < 5; n++) {
                uint32_t a = edges[i / EDGES] & size_mask(size);
                uint32_t b = edges[i % EDGES] & size_mask(size);
                sums(a, b, flags_in(n), size);
                logic(a, b, flags_in(n), size);
                ones(a, flags_in(n), size);
            }
    cr_expect_eq(wrong, 0);
}

/* --- shifts: one bit at a time --- */

enum shift { ROL, ROR, RCL, RCR, SHL, SHR, SAR };
static struct alu_out shift(enum shift k, uint32_t a, unsigned count, uint32_t in, unsigned size)
{
    switch (k) {
    case ROL: return alu_rol(a, count, in, size);
    case ROR: return alu_ror(a, count, in, size);
    case RCL: return alu_rcl(a, count, in, size);
    case RCR: return alu_rcr(a, count, in, size);
    case SHL: return alu_shl(a, count, in, size);
    case SHR: return alu_shr(a, count, in, size);
    default: return alu_sar(a, count, in, size);
    }
}

static uint32_t shift_once(enum shift k, uint32_t a, unsigned *cf, unsigned bits)
{
    uint32_t top = 1u << (bits - 1), out = k == ROL || k == RCL || k == SHL ? !!(a & top) : a & 1;
    uint32_t in = k == ROL || k == ROR ? out : k == RCL || k == RCR ? *cf : 0;
    bool left = k == ROL || k == RCL || k == SHL;
    if (k == SAR) in = !!(a & top);
    a = left ? (a << 1 | in) : (a >> 1 | in << (bits - 1));
    *cf = out;
    return a & (top | (top - 1));
}

static struct model model_shift(enum shift k, uint32_t a, unsigned count, uint32_t in,
                                unsigned bits)
{
    struct model m = {.result = a, .flags = in};
    unsigned cf = in & FL_CF ? 1 : 0;
    uint32_t before = a;
    for (unsigned i = 0; i < (count & 31); i++) {
        before = m.result;
        m.result = shift_once(k, m.result, &cf, bits);
    }
    if ((count & 31) == 0) return m;
    bool turned = (before ^ m.result) >> (bits - 1) & 1; /* OF: the sign changed in the last step */
    if (k <= RCR)
        m.flags &= ~(FL_CF | FL_OF);
    else
        m.flags = model_szp(m.result, bits);
    m.flags |= (cf ? FL_CF : 0) | (turned ? FL_OF : 0);
    return m;
}

static void shifts(uint32_t a, unsigned count, uint32_t in, unsigned size)
{
    static const char *const names[] = {"rol", "ror", "rcl", "rcr", "shl", "shr", "sar"};
    for (enum shift k = ROL; k <= SAR; k++) {
        struct alu_out o = shift(k, a, count, in, size);
        struct model m = model_shift(k, a, count, in, 8 * size);
        same(names[k], &o, &m, in, a, count, size);
        if ((count & 31) == 1) cr_expect_eq(o.undefined, k <= RCR ? 0 : FL_AF);
        if ((count & 31) == 0) cr_expect_eq(o.undefined, 0);
    }
}

Test(alu, shifts_of_all_bytes_by_all_counts)
{
    for (uint32_t a = 0; a < 256; a++)
        for (unsigned count = 0; count < 256; count++)
            for (unsigned n = 0; n < 3; n++)
                shifts(a, count, flags_in(n), 1);
    cr_expect_eq(wrong, 0);
}

Test(alu, shifts_at_edges)
{
    for (unsigned size = 2; size <= 4; size += 2)
        for (unsigned i = 0; i < EDGES; i++)
            for (unsigned count = 0; count < 256; count++)
                for (unsigned n = 0; n < 3; n++)
                    shifts(edges[i] & size_mask(size), count, flags_in(n), size);
    cr_expect_eq(wrong, 0);
}

/* Bits come from the second operand, the far end first. */
static struct model model_double(bool left, uint32_t a, uint32_t b, unsigned count, uint32_t in,
                                 unsigned bits)
{
    struct model m = {.result = a, .flags = in};
    unsigned cf = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned cin = left ? b >> (bits - 1 - i) & 1 : b >> i & 1;
        cf = cin;
        m.result = shift_once(left ? RCL : RCR, m.result, &cf, bits);
    }
    if (count == 0) return m;
    bool turned = (a ^ m.result) >> (bits - 1) & 1;
    m.flags = model_szp(m.result, bits) | (cf ? FL_CF : 0) | (turned ? FL_OF : 0);
    return m;
}

Test(alu, double_shifts)
{
    for (unsigned size = 2; size <= 4; size += 2)
        for (unsigned i = 0; i < EDGES * EDGES; i++)
            for (unsigned count = 0; count <= 8 * size && count < 32; count++) {
                uint32_t a = edges[i / EDGES] & size_mask(size);
                uint32_t b = edges[i % EDGES] & size_mask(size);
                struct alu_out o = alu_shld(a, b, count + 32, flags_in(1), size);
                struct model m = model_double(true, a, b, count, flags_in(1), 8 * size);
                same("shld", &o, &m, flags_in(1), a, b, size);
                o = alu_shrd(a, b, count + 32, flags_in(1), size);
                m = model_double(false, a, b, count, flags_in(1), 8 * size);
                same("shrd", &o, &m, flags_in(1), a, b, size);
            }
    cr_expect_eq(wrong, 0);
}

/* --- multiplication: shift and add; division: its inverse --- */

static void products(uint32_t a, uint32_t b, uint32_t in, unsigned size)
{
    unsigned bits = 8 * size;
    uint64_t u = 0, s = 0, sa = a, sb = b;
    if (a >> (bits - 1) & 1) sa |= ~UINT64_C(0) << bits;
    if (b >> (bits - 1) & 1) sb |= ~UINT64_C(0) << bits;
    for (unsigned i = 0; i < 64; i++) {
        if (i < bits && (b >> i & 1)) u += (uint64_t)a << i;
        if (sb >> i & 1) s += sa << i;
    }
    uint64_t fit = (s >> (bits - 1)) & 1 ? ~UINT64_C(0) << bits | s : s & ~(~UINT64_C(0) << bits);
    struct alu_out o = alu_mul(a, b, in, size);
    struct model m = {(uint32_t)u & size_mask(size), (uint32_t)(u >> bits) & size_mask(size),
                      u >> bits ? FL_CF | FL_OF : 0};
    same("mul", &o, &m, in, a, b, size);
    o = alu_imul(a, b, in, size);
    m = (struct model){(uint32_t)s & size_mask(size), (uint32_t)(s >> bits) & size_mask(size),
                       fit != s ? FL_CF | FL_OF : 0};
    same("imul", &o, &m, in, a, b, size);
}

Test(alu, products)
{
    for (uint32_t i = 0; i < 65536; i++)
        products(i >> 8, i & 255, flags_in(0), 1);
    for (unsigned size = 2; size <= 4; size += 2)
        for (unsigned i = 0; i < EDGES * EDGES; i++)
            products(edges[i / EDGES] & size_mask(size), edges[i % EDGES] & size_mask(size),
                     flags_in(1), size);
    cr_expect_eq(wrong, 0);
}

/* All 2^16 dividends by all divisors; quotient and remainder by the definition. */
Test(alu, quotients_of_all_bytes)
{
    unsigned bad = 0;
    for (int n = 0; n < 65536; n++)
        for (int d = 0; d < 256; d++) {
            struct alu_out o = {0};
            enum alu_divide how =
                alu_div((uint32_t)n >> 8, (uint32_t)n & 255, (uint32_t)d, FL_1, 1, &o);
            enum alu_divide want = d == 0         ? DIVIDE_BY_ZERO
                                   : n >= 256 * d ? DIVIDE_OVERFLOW
                                                  : DIVIDE_OK;
            int q = (int)o.result, r = (int)o.result2;
            bad += how != want || (how == DIVIDE_OK && (q * d + r != n || r < 0 || r >= d));
            int sn = n > 32767 ? n - 65536 : n, sd = d > 127 ? d - 256 : d;
            how = alu_idiv((uint32_t)n >> 8, (uint32_t)n & 255, (uint32_t)d, FL_1, 1, &o);
            int magnitude = sd ? abs(sn) / abs(sd) : 0;
            bool minus = (sn < 0) != (sd < 0), fits = magnitude <= (minus ? 128 : 127);
            want = sd == 0 ? DIVIDE_BY_ZERO : fits ? DIVIDE_OK : DIVIDE_OVERFLOW;
            int sq = o.result > 127 ? (int)o.result - 256 : (int)o.result;
            int sr = o.result2 > 127 ? (int)o.result2 - 256 : (int)o.result2;
            bad += how != want;
            if (how == DIVIDE_OK)
                bad +=
                    sq * sd + sr != sn || abs(sr) >= abs(sd) || (sr != 0 && (sr < 0) != (sn < 0));
        }
    cr_expect_eq(bad, 0);
}

static void quotients(uint32_t high, uint32_t low, uint32_t d, unsigned size)
{
    struct alu_out o = {0};
    unsigned __int128 one = 1;
    unsigned __int128 n = ((unsigned __int128)high << (8 * size)) | low, limit = one << (8 * size);
    enum alu_divide how = alu_div(high, low, d, FL_1, size, &o);
    cr_expect_eq(how, d == 0 ? DIVIDE_BY_ZERO : n / d >= limit ? DIVIDE_OVERFLOW : DIVIDE_OK);
    if (how == DIVIDE_OK)
        cr_expect(o.result == (uint32_t)(n / d) && o.result2 == (uint32_t)(n % d));
    __int128 sn = (__int128)n, sd = (int32_t)sign_extend(d, size), half = (__int128)(limit / 2);
    if (high & size_sign(size)) sn -= (__int128)limit * (__int128)limit;
    how = alu_idiv(high, low, d, FL_1, size, &o);
    __int128 q = sd ? sn / sd : 0;
    cr_expect_eq(how, sd == 0                  ? DIVIDE_BY_ZERO
                      : q >= half || q < -half ? DIVIDE_OVERFLOW
                                               : DIVIDE_OK);
    if (how == DIVIDE_OK)
        cr_expect(o.result == ((uint32_t)q & size_mask(size)) &&
                  o.result2 == ((uint32_t)(sn % sd) & size_mask(size)));
}

Test(alu, quotients_at_edges)
{
    for (unsigned size = 2; size <= 4; size += 2)
        for (unsigned i = 0; i < EDGES * EDGES; i++)
            for (unsigned k = 0; k < EDGES; k++)
                quotients(edges[i / EDGES] & size_mask(size), edges[i % EDGES] & size_mask(size),
                          edges[k] & size_mask(size), size);
}

/* --- decimal: digit by digit --- */

static struct model model_das_daa(bool add, uint32_t al, uint32_t in)
{
    struct model m = {.result = al};
    bool low = (al & 15) > 9 || (in & FL_AF), high = al > 0x99 || (in & FL_CF);
    struct model step = add ? model_add(al, low ? 6 : 0, 0, 8) : model_sub(al, low ? 6 : 0, 0, 8);
    bool carry = step.flags & FL_CF;
    if (high) step = add ? model_add(step.result, 0x60, 0, 8) : model_sub(step.result, 0x60, 0, 8);
    m.result = step.result;
    /* DAA cannot carry out of the low step without AL > 99h */
    m.flags = model_szp(m.result, 8) | (low ? FL_AF : 0) | (high || carry ? FL_CF : 0);
    return m;
}

Test(alu, decimal)
{
    for (uint32_t ax = 0; ax < 65536; ax++)
        for (unsigned n = 0; n < 5; n++) {
            uint32_t in = flags_in(n), al = ax & 255;
            struct alu_out o = alu_daa(al, in);
            struct model m = model_das_daa(true, al, in);
            same("daa", &o, &m, in, al, 0, 1);
            o = alu_das(al, in), m = model_das_daa(false, al, in);
            same("das", &o, &m, in, al, 0, 1);
            bool adjust = (al & 15) > 9 || (in & FL_AF);
            m = model_add(ax, adjust ? 0x106 : 0, 0, 16);
            m.result &= 0xff0f, m.flags = adjust ? FL_CF | FL_AF : 0;
            o = alu_aaa(ax, in), same("aaa", &o, &m, in, ax, 0, 2);
            m = model_sub(ax, adjust ? 0x106 : 0, 0, 16);
            m.result &= 0xff0f, m.flags = adjust ? FL_CF | FL_AF : 0;
            o = alu_aas(ax, in), same("aas", &o, &m, in, ax, 0, 2);
        }
    cr_expect_eq(wrong, 0);
}

Test(alu, digits)
{
    for (uint32_t base = 0; base < 256; base++)
        for (uint32_t a = 0; a < 65536; a += base ? 97 : 1) {
            struct alu_out o = alu_aad(a, base, FL_1);
            struct model m = {.result = ((a & 255) + (a >> 8) * base) & 255};
            m.flags = model_szp(m.result, 8);
            same("aad", &o, &m, FL_1, a, base, 1);
            enum alu_divide how = alu_aam(a & 255, base, FL_1, &o);
            cr_expect_eq(how, base ? DIVIDE_OK : DIVIDE_BY_ZERO);
            if (how != DIVIDE_OK) continue;
            uint32_t high = o.result >> 8, low = o.result & 255;
            cr_expect(high * base + low == (a & 255) && low < base);
            cr_expect_eq(o.flags & ~o.undefined, (FL_1 | model_szp(low, 8)) & ~o.undefined);
        }
}

/* --- bits and conditions --- */

Test(alu, scans)
{
    for (unsigned lo = 0; lo < 32; lo++)
        for (unsigned hi = lo; hi < 32; hi++) {
            uint32_t v = 1u << lo | 1u << hi;
            cr_expect_eq(alu_scan(v, 99, false, FL_ZF).result, lo);
            cr_expect_eq(alu_scan(v, 99, true, FL_ZF).result, hi);
            cr_expect_eq(alu_scan(v, 99, true, FL_ZF).flags & FL_ZF, 0);
        }
    cr_expect_eq(alu_scan(0, 99, false, 0).result, 99);
    cr_expect_eq(alu_scan(0, 99, false, 0).flags & FL_ZF, FL_ZF);
}

Test(alu, single_bits)
{
    for (unsigned n = 0; n < 32; n++) {
        uint32_t bit = 1u << n;
        cr_expect(alu_bit(bit, n, BIT_TEST, 0, 4).flags & FL_CF);
        cr_expect(!(alu_bit(~bit, n, BIT_TEST, FL_CF, 4).flags & FL_CF));
        cr_expect_eq(alu_bit(0, n, BIT_SET, 0, 4).result, bit);
        cr_expect_eq(alu_bit(0xffffffff, n, BIT_RESET, 0, 4).result, ~bit);
        cr_expect_eq(alu_bit(0x5555aaaa, n, BIT_COMPLEMENT, 0, 4).result, 0x5555aaaa ^ bit);
    }
}

Test(alu, conditions)
{
    for (unsigned i = 0; i < 32; i++) {
        bool o = i & 1, c = i & 2, z = i & 4, s = i & 8, p = i & 16;
        uint32_t f =
            (o ? FL_OF : 0) | (c ? FL_CF : 0) | (z ? FL_ZF : 0) | (s ? FL_SF : 0) | (p ? FL_PF : 0);
        bool yes[8] = {o, c, z, c || z, s, p, s != o, z || s != o};
        for (unsigned cc = 0; cc < 16; cc++)
            cr_expect_eq(alu_condition(cc, f), yes[cc / 2] != (cc % 2 == 1), "cc %u flags %x", cc,
                         f);
    }
}

/* --- UNDOC: flags that the manual leaves open, as measured on 80386 parts --- */

#define FOR_AAA (FL_AF | FL_CF)
Test(alu, undefined_flags_as_measured)
{
    const uint32_t pzso = FL_PF | FL_ZF | FL_SF | FL_OF;
    const struct {
        struct alu_out got;
        uint32_t want;
    } rows[] = {
        {alu_aaa(0x0000, 0), FL_PF | FL_ZF},
        {alu_aaa(0x0001, pzso), 0},
        {alu_aaa(0x007a, 0), FOR_AAA | FL_SF | FL_OF},
        {alu_aaa(0x007b, FL_AF), FOR_AAA | FL_PF | FL_SF | FL_OF},
        {alu_aas(0x0000, FL_AF), FOR_AAA | FL_PF | FL_SF},
        {alu_aas(0x0680, FL_AF), FOR_AAA | FL_OF},
        {alu_aad(0x0d8e, 10, 0), FL_CF | FL_AF | FL_OF},
        {alu_aad(0x0106, 10, 0), FL_AF},
        {alu_aad(0x01f7, 10, 0), FL_CF | FL_AF},
        {alu_daa(0x1a, FL_AF | FL_OF), FL_AF},
        {alu_daa(0x1a, FL_CF), FOR_AAA | FL_SF | FL_OF},
        {alu_das(0x80, FL_OF), FL_SF},
        {alu_das(0x80, FL_AF), FL_AF | FL_OF},
        {alu_shr(0x82, 2, 0, 1), FL_CF | FL_AF},
        {alu_shr(0x80, 16, 0, 1), FL_CF | FL_PF | FL_AF | FL_ZF},
        {alu_shr(0x80, 24, 0, 1), FL_CF | FL_PF | FL_AF | FL_ZF},
        {alu_shr(0x00, 24, FL_CF, 1), FL_PF | FL_AF | FL_ZF},
        {alu_shl(0x41, 2, 0, 1), FL_CF | FL_AF | FL_OF},
        {alu_shl(0x01, 16, 0, 1), FL_CF | FL_PF | FL_AF | FL_ZF | FL_OF},
        {alu_shl(0x01, 24, 0, 1), FL_CF | FL_PF | FL_AF | FL_ZF | FL_OF},
        {alu_shl(0x01, 16, 0, 2), FL_CF | FL_PF | FL_AF | FL_ZF | FL_OF},
        {alu_rcr(0x40, 9, 0, 1), FL_OF},
        {alu_rcr(0x4000, 17, FL_CF | FL_OF, 2), FL_CF | FL_OF},
        {alu_rcl(0x00, 9, FL_CF | FL_OF, 1), FL_CF | FL_OF},
        {alu_rcl(0x8000, 17, FL_CF | FL_OF, 2), FL_CF},
        {alu_bit(1, 0, BIT_TEST, FL_CF, 2), FL_CF},
        {alu_bit(1, 1, BIT_TEST, FL_CF, 2), FL_OF},
        {alu_bit(1, 2, BIT_TEST, 0, 2), FL_OF},
        {alu_bit(1, 3, BIT_TEST, 0, 2), 0},
        {alu_bit(0x80000000, 31, BIT_TEST, 0, 4), FL_CF},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(rows[i].got.flags & FL_ARITH, rows[i].want, "row %u: %x, not %x", i,
                     rows[i].got.flags & FL_ARITH, rows[i].want);
}
