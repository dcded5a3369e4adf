/* alu.h: what the arithmetic unit computes: pure functions of values, flags and size.
 *
 * Every function takes the present EFLAGS and returns the new EFLAGS with only the flags changed
 * that the instruction writes. `undefined` names the flags that the manual leaves open: the value
 * returned for them is this project's choice (docs/adr) and stands in the state; a comparer masks
 * them.
 *
 * size is 1, 2 or 4 bytes; values are zero-extended to 32 bits, and so are results.
 *
 * Invariants: total (no argument is refused but by `fault`); no state; flags outside FL_ARITH pass.
 */
#ifndef RT386_CPU_ALU_H
#define RT386_CPU_ALU_H

#include "bits.h"
#include "state.h"

struct alu_out {
    uint32_t result;  /* low part: destination, quotient */
    uint32_t result2; /* high part: upper half of a product, remainder, source of XCHG-like forms */
    uint32_t flags;   /* new EFLAGS */
    uint32_t undefined; /* flags that the manual leaves undefined for these operands */
};
enum alu_divide { DIVIDE_OK, DIVIDE_BY_ZERO, DIVIDE_OVERFLOW };

/* --- flags of a result [386 Appendix C] --- */

static inline uint32_t alu_parity(uint32_t v)
{
    return (uint32_t)!__builtin_parity(v & 0xff) << 2;
}
/* Flags are computed, not chosen: what a guest computes is hard to guess for the branch predictor of
 * the host. */
static inline uint32_t alu_szp(uint32_t r, unsigned size)
{
    return (r >> (8 * size - 8) & FL_SF) | (uint32_t)(r == 0) << 6 | alu_parity(r);
}
static inline uint32_t alu_flag(bool set, uint32_t flag)
{
    return (0u - (uint32_t)set) & flag;
}
/* The sign bit of v as OF. */
static inline uint32_t alu_overflow(uint32_t v, unsigned size)
{
    return (v >> (8 * size - 1) & 1) << 11;
}
static inline uint32_t alu_merge(uint32_t flags, uint32_t mask, uint32_t value)
{
    return (flags & ~mask) | (value & mask);
}

/* --- addition and subtraction [386 17 ADD ADC SUB SBB CMP INC DEC NEG] --- */

static inline struct alu_out alu_adc(uint32_t a, uint32_t b, bool carry, uint32_t flags,
                                     unsigned size)
{
    uint64_t wide = (uint64_t)a + b + carry;
    uint32_t r = (uint32_t)wide & size_mask(size);
    uint32_t f = alu_szp(r, size) | ((a ^ b ^ r) & FL_AF);
    f |= alu_flag((wide >> (8 * size)) & 1, FL_CF);
    f |= alu_overflow((a ^ r) & (b ^ r), size);
    return (struct alu_out){.result = r, .flags = alu_merge(flags, FL_ARITH, f)};
}
static inline struct alu_out alu_add(uint32_t a, uint32_t b, uint32_t flags, unsigned size)
{
    return alu_adc(a, b, false, flags, size);
}
static inline struct alu_out alu_sbb(uint32_t a, uint32_t b, bool borrow, uint32_t flags,
                                     unsigned size)
{
    uint32_t r = (a - b - borrow) & size_mask(size);
    uint32_t f = alu_szp(r, size) | ((a ^ b ^ r) & FL_AF);
    f |= alu_flag((uint64_t)a < (uint64_t)b + borrow, FL_CF);
    f |= alu_overflow((a ^ b) & (a ^ r), size);
    return (struct alu_out){.result = r, .flags = alu_merge(flags, FL_ARITH, f)};
}
static inline struct alu_out alu_sub(uint32_t a, uint32_t b, uint32_t flags, unsigned size)
{
    return alu_sbb(a, b, false, flags, size);
}
static inline struct alu_out alu_inc(uint32_t a, uint32_t flags, unsigned size)
{
    struct alu_out o = alu_add(a, 1, flags, size);
    o.flags = alu_merge(o.flags, FL_CF, flags);
    return o;
}
static inline struct alu_out alu_dec(uint32_t a, uint32_t flags, unsigned size)
{
    struct alu_out o = alu_sub(a, 1, flags, size);
    o.flags = alu_merge(o.flags, FL_CF, flags);
    return o;
}
static inline struct alu_out alu_neg(uint32_t a, uint32_t flags, unsigned size)
{
    return alu_sub(0, a, flags, size);
}

/* --- logic [386 17 AND OR XOR TEST]: CF = OF = 0; AF undefined, here 0 --- */

static inline struct alu_out alu_logic(uint32_t r, uint32_t flags, unsigned size)
{
    return (struct alu_out){
        .result = r, .flags = alu_merge(flags, FL_ARITH, alu_szp(r, size)), .undefined = FL_AF};
}

static inline struct alu_out alu_not(uint32_t a, uint32_t flags, unsigned size)
{
    return (struct alu_out){.result = ~a & size_mask(size), .flags = flags};
}

/* --- rotates [386 17 RCL]: count is taken modulo 32 first --- */

static inline struct alu_out alu_unchanged(uint32_t a, uint32_t flags)
{
    return (struct alu_out){.result = a, .flags = flags};
}
/* OF is defined for a count of one only; the value for others is the same formula. */
static inline struct alu_out alu_rotated(uint32_t r, bool cf, bool of, uint32_t flags,
                                         unsigned count)
{
    uint32_t f = alu_flag(cf, FL_CF) | alu_flag(of, FL_OF);
    return (struct alu_out){.result = r,
                            .flags = alu_merge(flags, FL_CF | FL_OF, f),
                            .undefined = count == 1 ? 0 : FL_OF};
}
static inline struct alu_out alu_rol(uint32_t a, unsigned count, uint32_t flags, unsigned size)
{
    unsigned n = 8 * size, c = count & 31 & (n - 1);
    if ((count & 31) == 0) return alu_unchanged(a, flags);
    uint32_t r = (uint32_t)(((uint64_t)a << c) | ((uint64_t)a >> (n - c))) & size_mask(size);
    bool msb = r & size_sign(size), cf = r & 1;
    return alu_rotated(r, cf, msb != cf, flags, count & 31);
}
static inline struct alu_out alu_ror(uint32_t a, unsigned count, uint32_t flags, unsigned size)
{
    unsigned n = 8 * size, c = count & 31 & (n - 1);
    if ((count & 31) == 0) return alu_unchanged(a, flags);
    uint32_t r = (uint32_t)(((uint64_t)a >> c) | ((uint64_t)a << (n - c))) & size_mask(size);
    bool msb = r & size_sign(size), next = r & (size_sign(size) >> 1);
    return alu_rotated(r, msb, msb != next, flags, count & 31);
}
/* Through carry: a ring of n + 1 bits with CF on top. UNDOC: a whole turn sets OF by the result, too. */
static inline struct alu_out alu_rcl(uint32_t a, unsigned count, uint32_t flags, unsigned size)
{
    unsigned n = 8 * size, c = (count & 31) % (n + 1);
    if ((count & 31) == 0) return alu_unchanged(a, flags);
    uint64_t ring = (uint64_t)(flags & FL_CF) << n | a;
    ring = ring << c | ring >> (n + 1 - c);
    uint32_t r = (uint32_t)ring & size_mask(size);
    bool cf = (ring >> n) & 1, msb = r & size_sign(size);
    return alu_rotated(r, cf, cf != msb, flags, count & 31);
}
static inline struct alu_out alu_rcr(uint32_t a, unsigned count, uint32_t flags, unsigned size)
{
    unsigned n = 8 * size, c = (count & 31) % (n + 1);
    if ((count & 31) == 0) return alu_unchanged(a, flags);
    uint64_t ring = (uint64_t)(flags & FL_CF) << n | a;
    ring = ring >> c | ring << (n + 1 - c);
    uint32_t r = (uint32_t)ring & size_mask(size);
    bool cf = (ring >> n) & 1, msb = r & size_sign(size), next = r & (size_sign(size) >> 1);
    return alu_rotated(r, cf, msb != next, flags, count & 31);
}

/* --- shifts [386 17 SAL]: count modulo 32; zero changes nothing --- */

/* UNDOC: AF becomes 1. CF is undefined when an unsigned shift moves more than all bits out: a byte
 * shifted by 16 or 24 gives the CF of a shift by 8. */
static inline struct alu_out alu_shifted(uint32_t r, bool cf, bool of, uint32_t flags,
                                         unsigned count, unsigned size)
{
    uint32_t f = alu_szp(r, size) | FL_AF | alu_flag(cf, FL_CF) | alu_flag(of, FL_OF);
    return (struct alu_out){.result = r,
                            .flags = alu_merge(flags, FL_ARITH, f),
                            .undefined = FL_AF | (count == 1 ? 0 : FL_OF)};
}
static inline bool alu_byte_again(unsigned count, unsigned size)
{
    return size == 1 && (count == 16 || count == 24);
}
static inline struct alu_out alu_shl(uint32_t a, unsigned count, uint32_t flags, unsigned size)
{
    unsigned c = count & 31;
    if (c == 0) return alu_unchanged(a, flags);
    uint64_t wide = (uint64_t)a << c;
    uint32_t r = (uint32_t)wide & size_mask(size);
    bool cf = (wide >> (8 * size)) & 1, msb = r & size_sign(size);
    if (alu_byte_again(c, size)) cf = a & 1;
    struct alu_out o = alu_shifted(r, cf, cf != msb, flags, c, size);
    if (c > 8 * size) o.undefined |= FL_CF;
    return o;
}
static inline struct alu_out alu_shr(uint32_t a, unsigned count, uint32_t flags, unsigned size)
{
    unsigned c = count & 31;
    if (c == 0) return alu_unchanged(a, flags);
    bool cf = (a >> (c - 1)) & 1, of = (a >> (c - 1)) & size_sign(size);
    if (alu_byte_again(c, size)) cf = a & 0x80;
    struct alu_out o = alu_shifted(a >> c, cf, of, flags, c, size);
    if (c > 8 * size) o.undefined |= FL_CF;
    return o;
}
static inline struct alu_out alu_sar(uint32_t a, unsigned count, uint32_t flags, unsigned size)
{
    unsigned c = count & 31;
    if (c == 0) return alu_unchanged(a, flags);
    int64_t wide = (int32_t)sign_extend(a, size);
    uint32_t r = (uint32_t)(wide >> c) & size_mask(size);
    return alu_shifted(r, (wide >> (c - 1)) & 1, false, flags, c, size);
}

/* --- double shifts [386 17 SHLD SHRD] ---
 * A 16-bit shift by more than 16 is undefined: bits come from destination:source:destination. */
static inline struct alu_out alu_double(uint32_t a, uint32_t r, bool cf, uint32_t flags,
                                        unsigned count, unsigned size)
{
    uint32_t f =
        alu_szp(r, size) | alu_flag(cf, FL_CF) | alu_flag((a ^ r) & size_sign(size), FL_OF);
    uint32_t undefined = count > 8 * size ? FL_ARITH : FL_AF | (count == 1 ? 0 : FL_OF);
    return (struct alu_out){
        .result = r, .flags = alu_merge(flags, FL_ARITH, f), .undefined = undefined};
}
static inline struct alu_out alu_shld(uint32_t a, uint32_t b, unsigned count, uint32_t flags,
                                      unsigned size)
{
    unsigned c = count & 31, n = 8 * size;
    if (c == 0) return alu_unchanged(a, flags);
    uint64_t wide = size == 2 ? (uint64_t)a << 32 | (uint64_t)b << 16 | a : (uint64_t)a << 32 | b;
    unsigned top = size == 2 ? 48 : 64;
    uint32_t r = (uint32_t)((wide << c) >> (top - n)) & size_mask(size);
    return alu_double(a, r, (wide >> (top - c)) & 1, flags, c, size);
}
static inline struct alu_out alu_shrd(uint32_t a, uint32_t b, unsigned count, uint32_t flags,
                                      unsigned size)
{
    unsigned c = count & 31;
    if (c == 0) return alu_unchanged(a, flags);
    uint64_t wide = size == 2 ? (uint64_t)a << 32 | (uint64_t)b << 16 | a : (uint64_t)b << 32 | a;
    uint32_t r = (uint32_t)(wide >> c) & size_mask(size);
    return alu_double(a, r, (wide >> (c - 1)) & 1, flags, c, size);
}

/* --- multiplication [386 17 MUL IMUL] ---
 * CF = OF = the high half is needed. SF, ZF, AF and PF are undefined and left as they are. */
static inline struct alu_out alu_product(uint64_t wide, bool overflow, uint32_t flags,
                                         unsigned size)
{
    uint32_t f = alu_flag(overflow, FL_CF | FL_OF);
    return (struct alu_out){.result = (uint32_t)wide & size_mask(size),
                            .result2 = (uint32_t)(wide >> (8 * size)) & size_mask(size),
                            .flags = alu_merge(flags, FL_CF | FL_OF, f),
                            .undefined = FL_SF | FL_ZF | FL_AF | FL_PF};
}
static inline struct alu_out alu_mul(uint32_t a, uint32_t b, uint32_t flags, unsigned size)
{
    uint64_t wide = (uint64_t)a * b;
    return alu_product(wide, wide >> (8 * size), flags, size);
}
static inline struct alu_out alu_imul(uint32_t a, uint32_t b, uint32_t flags, unsigned size)
{
    int64_t wide = (int64_t)(int32_t)sign_extend(a, size) * (int32_t)sign_extend(b, size);
    int64_t low = (int32_t)sign_extend((uint32_t)wide, size);
    return alu_product((uint64_t)wide, wide != low, flags, size);
}

/* --- division [386 17 DIV IDIV]: dividend high:low; all six flags undefined, left as they are ---
 */

static inline enum alu_divide alu_div(uint32_t high, uint32_t low, uint32_t b, uint32_t flags,
                                      unsigned size, struct alu_out *out)
{
    uint64_t n = (uint64_t)high << (8 * size) | low;
    if (b == 0) return DIVIDE_BY_ZERO;
    if (n / b > size_mask(size)) return DIVIDE_OVERFLOW;
    *out = (struct alu_out){.result = (uint32_t)(n / b),
                            .result2 = (uint32_t)(n % b),
                            .flags = flags,
                            .undefined = FL_ARITH};
    return DIVIDE_OK;
}
static inline enum alu_divide alu_idiv(uint32_t high, uint32_t low, uint32_t b, uint32_t flags,
                                       unsigned size, struct alu_out *out)
{
    uint64_t raw = (uint64_t)sign_extend(high, size) << (8 * size) | low;
    int64_t n = size == 4 ? (int64_t)((uint64_t)high << 32 | low)
                          : (int32_t)sign_extend((uint32_t)raw, 2 * size);
    int64_t d = (int32_t)sign_extend(b, size);
    if (d == 0) return DIVIDE_BY_ZERO;
    if (n == INT64_MIN && d == -1) return DIVIDE_OVERFLOW;
    int64_t q = n / d;
    if (q != (int32_t)sign_extend((uint32_t)q, size)) return DIVIDE_OVERFLOW;
    *out = (struct alu_out){.result = (uint32_t)q & size_mask(size),
                            .result2 = (uint32_t)(n % d) & size_mask(size),
                            .flags = flags,
                            .undefined = FL_ARITH};
    return DIVIDE_OK;
}

/* --- decimal [386 17 AAA AAD AAM AAS DAA DAS]; operand and result are AX (AL for DAA, DAS) --- */

static inline struct alu_out alu_daa(uint32_t al, uint32_t flags)
{
    bool low = (al & 15) > 9 || (flags & FL_AF), high = al > 0x99 || (flags & FL_CF);
    struct alu_out o = alu_add(al, (low ? 6u : 0) + (high ? 0x60u : 0), flags, 1);
    uint32_t f = alu_flag(low, FL_AF) | alu_flag(high, FL_CF);
    o.flags = alu_merge(o.flags, FL_AF | FL_CF, f);
    o.undefined = FL_OF; /* UNDOC: that of applying the whole correction to AL */
    return o;
}
static inline struct alu_out alu_das(uint32_t al, uint32_t flags)
{
    bool low = (al & 15) > 9 || (flags & FL_AF), high = al > 0x99 || (flags & FL_CF);
    bool borrow = high || (low && al < 6);
    struct alu_out o = alu_sub(al, (low ? 6u : 0) + (high ? 0x60u : 0), flags, 1);
    uint32_t f = alu_flag(low, FL_AF) | alu_flag(borrow, FL_CF);
    o.flags = alu_merge(o.flags, FL_AF | FL_CF, f);
    o.undefined = FL_OF; /* UNDOC: that of applying the whole correction to AL */
    return o;
}
/* UNDOC: the adjustment is made to AX as a whole (a carry out of AL reaches AH), as measured on
 * 80386 parts; the manual's text adjusts AH by one only. OF, SF, ZF and PF are those of adding 6 to AL
 * or subtracting it, before the upper digit is cleared. */
static inline struct alu_out alu_aaa(uint32_t ax, uint32_t flags)
{
    bool adjust = (ax & 15) > 9 || (flags & FL_AF);
    struct alu_out al = alu_add(ax & 0xff, adjust ? 6 : 0, flags, 1);
    return (struct alu_out){.result = (adjust ? ax + 0x106 : ax) & 0xff0f,
                            .flags =
                                alu_merge(al.flags, FL_AF | FL_CF, alu_flag(adjust, FL_AF | FL_CF)),
                            .undefined = FL_OF | FL_SF | FL_ZF | FL_PF};
}
static inline struct alu_out alu_aas(uint32_t ax, uint32_t flags)
{
    bool adjust = (ax & 15) > 9 || (flags & FL_AF);
    struct alu_out al = alu_sub(ax & 0xff, adjust ? 6 : 0, flags, 1);
    return (struct alu_out){.result = (adjust ? ax - 0x106 : ax) & 0xff0f,
                            .flags =
                                alu_merge(al.flags, FL_AF | FL_CF, alu_flag(adjust, FL_AF | FL_CF)),
                            .undefined = FL_OF | FL_SF | FL_ZF | FL_PF};
}
static inline enum alu_divide alu_aam(uint32_t al, uint32_t base, uint32_t flags,
                                      struct alu_out *out)
{
    if (base == 0) return DIVIDE_BY_ZERO;
    uint32_t low = al % base;
    *out = (struct alu_out){.result = (al / base) << 8 | low,
                            .flags = alu_merge(flags, FL_ARITH, alu_szp(low, 1)),
                            .undefined = FL_OF | FL_AF | FL_CF};
    return DIVIDE_OK;
}
static inline struct alu_out alu_aad(uint32_t ax, uint32_t base, uint32_t flags)
{
    struct alu_out sum = alu_add(ax & 0xff, (ax >> 8 & 0xff) * base & 0xff, flags, 1);
    sum.undefined = FL_OF | FL_AF | FL_CF; /* UNDOC: those of the addition; of AAM: zero */
    return sum;
}

/* --- bits [386 17 BSF BSR BT BTC BTR BTS] --- */

/* The value of the destination for a source of zero is undefined: `old` is kept, as the chip does.
 */
static inline struct alu_out alu_scan(uint32_t a, uint32_t old, bool reverse, uint32_t flags)
{
    uint32_t r = old;
    if (a) r = (uint32_t)(reverse ? 31 - __builtin_clz(a) : __builtin_ctz(a));
    return (struct alu_out){.result = r,
                            .flags = alu_merge(flags, FL_ZF, alu_flag(a == 0, FL_ZF)),
                            .undefined = FL_ARITH & ~FL_ZF};
}
enum alu_bit { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT }; /* order of the opcodes */
/* UNDOC: OF is that of RCR by n + 1 with CF = 0, which brings the bit into CF. */
static inline struct alu_out alu_bit(uint32_t a, unsigned n, enum alu_bit how, uint32_t flags,
                                     unsigned size)
{
    uint32_t bit = 1u << (n & 31), r = a;
    if (how == BIT_SET) r = a | bit;
    if (how == BIT_RESET) r = a & ~bit;
    if (how == BIT_COMPLEMENT) r = a ^ bit;
    unsigned bits = 8 * size;
    uint64_t ring = (uint64_t)a << (bits - n);
    bool of = (ring >> (bits - 1) ^ ring >> (bits - 2)) & 1;
    uint32_t f = alu_flag(a & bit, FL_CF) | alu_flag(of, FL_OF);
    return (struct alu_out){
        .result = r, .flags = alu_merge(flags, FL_CF | FL_OF, f), .undefined = FL_ARITH & ~FL_CF};
}

/* --- conditions [386 Appendix D]: the low four bits of Jcc and SETcc --- */

static inline bool alu_condition(unsigned cc, uint32_t flags)
{
    bool less = !(flags & FL_SF) != !(flags & FL_OF), yes = false;
    switch (cc >> 1 & 7) {
    case 0: yes = flags & FL_OF; break;
    case 1: yes = flags & FL_CF; break;
    case 2: yes = flags & FL_ZF; break;
    case 3: yes = flags & (FL_CF | FL_ZF); break;
    case 4: yes = flags & FL_SF; break;
    case 5: yes = flags & FL_PF; break;
    case 6: yes = less; break;
    case 7: yes = less || (flags & FL_ZF); break;
    }
    return yes != (cc & 1);
}

#endif
