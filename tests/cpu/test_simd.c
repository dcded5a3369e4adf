/* test_simd.c: the values of fp.h and simd.h against the host's own instructions: results, exceptions, flags,
 * for all pairs of special values, all roundings, FTZ, DAZ and masks, and random ones. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "next.h"
#include "simd.h"
#include "simd_host.h"

enum file { XMM, MM, GPR };
struct op {
    const char *name, *code;
    enum { IS_LANES, IS_NUMBER, IS_ROOT, IS_CONVERT, IS_ORDER, IS_COMPARE } is;
    unsigned bytes; /* of the lanes */
    simd_lanes *lane_fn;
    fp_binary *fn;
    enum fp_format format;
    unsigned lanes;
    enum file from, to;
    struct simd_conversion how;
    unsigned option; /* quiet; predicate */
};

static const struct op ops[] = {
#define MMX(n, c) {.name = #n " mm", .code = c, .is = IS_LANES, .bytes = 8, .lane_fn = simd_##n},
#define SSE(n, c) {.name = #n " xmm", .code = c, .is = IS_LANES, .bytes = 16, .lane_fn = simd_##n},
#define NUMBER(n, c, function, f, count)                                                           \
    {.name = #n, .code = c, .is = IS_NUMBER, .fn = function, .format = f, .lanes = count},
#define ROOT(n, c, f, count) {.name = #n, .code = c, .is = IS_ROOT, .format = f, .lanes = count},
#define CONVERT(n, c, from_file, to_file, a, b, count, chop, keep)                                 \
    {.name = #n,                                                                                   \
     .code = c,                                                                                    \
     .is = IS_CONVERT,                                                                             \
     .from = from_file,                                                                            \
     .to = to_file,                                                                                \
     .format = (a) == SIMD_F64 ? FP_64 : FP_32,                                                    \
     .how = {a, b, count, chop, keep}},
#define ORDER(n, c, f, quiet) {.name = #n, .code = c, .is = IS_ORDER, .format = f, .option = quiet},
#include "simd_cases.def"
};
#define OPS (sizeof ops / sizeof ops[0])

/* --- operands --- */

static const uint64_t special64[] = {
    0,
    1,
    2,
    UINT64_C(0x000fffffffffffff),
    UINT64_C(0x0010000000000000),
    UINT64_C(0x0010000000000001),
    UINT64_C(0x001fffffffffffff),
    UINT64_C(0x0008000000000000),
    UINT64_C(0x3ca0000000000000),
    UINT64_C(0x3fdfffffffffffff),
    UINT64_C(0x3fe0000000000000),
    UINT64_C(0x3fe0000000000001),
    UINT64_C(0x3fefffffffffffff),
    UINT64_C(0x3ff0000000000000),
    UINT64_C(0x3ff0000000000001),
    UINT64_C(0x3ff8000000000000),
    UINT64_C(0x4000000000000000),
    UINT64_C(0x4008000000000000),
    UINT64_C(0x41dfffffffc00000), /* 2^31 - 1 */
    UINT64_C(0x41dfffffffdfffff),
    UINT64_C(0x41dfffffffe00000), /* 2^31 - 0.5 */
    UINT64_C(0x41e0000000000000),
    UINT64_C(0x41e0000000100000),
    UINT64_C(0x41e0000000200000),
    UINT64_C(0x41e0000000180000),
    UINT64_C(0x41f0000000000000),
    UINT64_C(0x380fffffffffffff), /* around the smallest normal binary32 */
    UINT64_C(0x3810000000000000),
    UINT64_C(0x380fffffe0000000),
    UINT64_C(0x380fffffefffffff),
    UINT64_C(0x380ffffff0000000),
    UINT64_C(0x36a0000000000000), /* its smallest denormal */
    UINT64_C(0x3690000000000000),
    UINT64_C(0x3690000000000001),
    UINT64_C(0x47efffffe0000000), /* its largest number */
    UINT64_C(0x47efffffefffffff),
    UINT64_C(0x47effffff0000000),
    UINT64_C(0x5fefffffffffffff),
    UINT64_C(0x1ff0000000000000),
    UINT64_C(0x7fe0000000000000),
    UINT64_C(0x7fefffffffffffff),
    UINT64_C(0x7ff0000000000000),
    UINT64_C(0x7ff0000000000001),
    UINT64_C(0x7ff7ffffffffffff),
    UINT64_C(0x7ff8000000000000),
    UINT64_C(0x7ff8000000000123),
    UINT64_C(0x7fffffffffffffff),
    UINT64_C(0x433fffffffffffff),
};
#define SPECIALS64 (sizeof special64 / sizeof special64[0])

static const uint32_t special32[] = {
    0,          1,          2,          0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x00400000,
    0x33800000, 0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00000,
    0x40000000, 0x40400000, 0x4b7fffff, 0x4b800000, 0x4effffff, 0x4f000000, 0x4f000001, 0x4f800000,
    0x5f7fffff, 0x1f800000, 0x20000000, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff,
    0x7fc00000, 0x7fc00123, 0x7fffffff, 0x4a7fffff, 0x4affffff, 0x01000000, 0x34000000, 0x7effffff};
#define SPECIALS32 (sizeof special32 / sizeof special32[0])

static unsigned specials(enum fp_format f)
{
    return 2 * (f == FP_32 ? SPECIALS32 : SPECIALS64);
}
static uint64_t special(enum fp_format f, unsigned i)
{
    if (f == FP_32) return special32[i / 2] | (uint32_t)(i & 1) << 31;
    return special64[i / 2] | (uint64_t)(i & 1) << 63;
}

/* Values whose sums and products come near the borders of the format. */
static uint64_t random_number(uint64_t *seed, enum fp_format f)
{
    uint64_t r = next(seed), v = next(seed);
    const struct fp_layout *l = fp_layout(f);
    unsigned n = (unsigned)(r >> 8) % l->fraction;
    uint64_t mask = (UINT64_C(1) << l->fraction) - 1,
             sign = f == FP_32 ? v >> 63 << 31 : v >> 63 << 63;
    uint64_t exp = (uint64_t)l->bias + (r >> 20 & 63) - 32;
    uint64_t fraction = v & mask;
    switch (r & 7) {
    case 0: return special(f, (unsigned)(r >> 8) % specials(f));
    case 1: fraction = mask << n & mask; break;
    case 2: fraction = UINT64_C(1) << n; break;
    case 3: exp = r >> 32 & (uint64_t)l->exp_max; break;
    case 4: exp = r >> 20 & 3; break;
    default: break;
    }
    return sign | exp << l->fraction | fraction;
}

/* --- what is expected --- */

static void put_file(struct simd_regs *r, enum file to, struct simd v)
{
    if (to == XMM) memcpy(r->xmm0, v.q, sizeof r->xmm0);
    if (to == MM) r->mm0 = v.q[0];
    if (to == GPR) r->eax = (uint32_t)v.q[0];
}

static uint32_t flags_of(enum f80_order o)
{
    static const uint32_t flags[] = {
        [F80_GREATER] = 0, [F80_LESS] = 0x01, [F80_EQUAL] = 0x40, [F80_UNORDERED] = 0x45};
    return flags[o];
}

static void expect(const struct op *op, const struct simd_regs *in, struct simd_regs *out)
{
    struct fp_env env = {.mxcsr = in->mxcsr};
    struct simd a = {{in->xmm0[0], in->xmm0[1]}}, b = {{in->xmm1[0], in->xmm1[1]}}, r = a;
    struct simd m = {{in->mm0, 0}}, n = {{in->mm1, 0}};
    enum file to = XMM;
    *out = *in;
    switch (op->is) {
    case IS_LANES:
        r = op->bytes == 8 ? op->lane_fn(m, n, 8) : op->lane_fn(a, b, 16);
        to = op->bytes == 8 ? MM : XMM;
        break;
    case IS_NUMBER: r = simd_arith(&env, op->fn, op->format, op->lanes, a, b); break;
    case IS_ROOT: r = simd_sqrt(&env, op->format, op->lanes, a, b); break;
    case IS_COMPARE: r = simd_compare(&env, op->format, op->lanes, a, b, op->option); break;
    case IS_CONVERT:
        if (op->from == MM) b = n;
        if (op->from == GPR) b = (struct simd){{in->eax, 0}};
        r = simd_convert(&env, op->how, a, b);
        to = op->to;
        break;
    case IS_ORDER:
        out->eflags = 2 | flags_of(fp_compare(&env, op->format, a.q[0], b.q[0], op->option));
        break;
    }
    out->trapped = !fp_settle(&env);
    out->mxcsr_out = env.mxcsr;
    if (op->is != IS_ORDER) out->eflags = 2;
    if (out->trapped && op->is == IS_ORDER) out->eflags = 2;
    if (!out->trapped && op->is != IS_ORDER) put_file(out, to, r);
}

/* --- comparing --- */

#define ARITHMETIC 0x8d5u

static unsigned bad, cases;

static void tell(const struct op *op, const struct simd_regs *in, const struct simd_regs *host,
                 const struct simd_regs *mine)
{
    if (bad++ >= 5) return;
    cr_log_error("%s mxcsr %04x a %016lx:%016lx b %016lx:%016lx mm %016lx %016lx eax %08x",
                 op->name, in->mxcsr, in->xmm0[1], in->xmm0[0], in->xmm1[1], in->xmm1[0], in->mm0,
                 in->mm1, in->eax);
    const struct simd_regs *const both[2] = {host, mine};
    for (unsigned i = 0; i < 2; i++)
        cr_log_error("  %s %016lx:%016lx mm %016lx eax %08x mxcsr %04x fl %03x trap %d",
                     i ? "here" : "host", both[i]->xmm0[1], both[i]->xmm0[0], both[i]->mm0,
                     both[i]->eax, both[i]->mxcsr_out, both[i]->eflags & ARITHMETIC,
                     both[i]->trapped);
}

static void compare(struct simd_host *h, const struct op *op, const struct simd_regs *in)
{
    struct simd_regs host = *in, mine;
    cases++;
    expect(op, in, &mine);
    simd_host_run(h, &host);
    bool same = !memcmp(host.xmm0, mine.xmm0, sizeof host.xmm0) && host.mm0 == mine.mm0 &&
                host.eax == mine.eax && host.mxcsr_out == mine.mxcsr_out &&
                host.trapped == mine.trapped && !((host.eflags ^ mine.eflags) & ARITHMETIC);
    if (!same) tell(op, in, &host, &mine);
}

static struct simd_host *start(const struct op *op)
{
    struct simd_host *h = simd_host_new();
    if (!h) cr_skip("this host has no SSE2 to compare with");
    if (op) simd_host_set(h, (const uint8_t *)op->code, (unsigned)strlen(op->code));
    return h;
}

static void random_registers(uint64_t *seed, enum fp_format f, struct simd_regs *r)
{
    memset(r, 0, sizeof *r);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t *to[4] = {&r->xmm0[0], &r->xmm0[1], &r->xmm1[0], &r->xmm1[1]};
        *to[i] = f == FP_64 ? random_number(seed, f)
                            : random_number(seed, f) | random_number(seed, f) << 32;
    }
    r->mm0 = next(seed);
    r->mm1 = next(seed);
    r->eax = (uint32_t)next(seed);
    if (next(seed) & 1) r->mm1 &= UINT64_C(0x000000ff000000ff);
    if (next(seed) & 1) r->eax = (uint32_t)((int32_t)r->eax >> (next(seed) & 31));
}

/* Roundings, FTZ, DAZ, old flags; masks: all set, or any. */
static uint32_t random_mxcsr(uint64_t *seed, bool masked)
{
    uint32_t v = (uint32_t)next(seed) & MXCSR_ALL;
    if (next(seed) & 1) v &= ~(MXCSR_FTZ | MXCSR_DAZ);
    return masked ? v | MXCSR_MASKS : v;
}

/* --- the tests --- */

static void pairs(struct simd_host *h, const struct op *op, uint32_t mxcsr)
{
    struct simd_regs r;
    uint64_t seed = mxcsr;
    for (unsigned i = 0; i < specials(op->format); i++)
        for (unsigned k = 0; k < specials(op->format); k++) {
            random_registers(&seed, op->format, &r);
            r.mxcsr = mxcsr;
            uint64_t upper = op->format == FP_32 ? ~UINT64_C(0) << 32 : 0;
            r.xmm0[0] = (r.xmm0[0] & upper) | special(op->format, i);
            r.xmm1[0] = (r.xmm1[0] & upper) | special(op->format, k);
            compare(h, op, &r);
        }
}

static void every_op(void (*with)(struct simd_host *, const struct op *), bool lanes)
{
    bad = 0;
    for (unsigned i = 0; i < OPS; i++) {
        if ((ops[i].is == IS_LANES) != lanes) continue;
        struct simd_host *h = start(&ops[i]);
        with(h, &ops[i]);
        simd_host_free(h);
    }
    fprintf(stderr, "# %u cases, %u differences\n", cases, bad);
    cr_assert_eq(bad, 0, "%u differences", bad);
}

static void special_masked(struct simd_host *h, const struct op *op)
{
    for (uint32_t rc = 0; rc < 4; rc++)
        for (uint32_t zeros = 0; zeros < 4; zeros++)
            pairs(h, op,
                  MXCSR_MASKS | rc << 13 | (zeros & 1 ? MXCSR_FTZ : 0) |
                      (zeros & 2 ? MXCSR_DAZ : 0));
}

Test(simd, special_pairs)
{
    every_op(special_masked, false);
}

static void random_masked(struct simd_host *h, const struct op *op)
{
    uint64_t seed = (uint64_t)(op - ops) + 1;
    for (unsigned n = 0; n < 40000; n++) {
        struct simd_regs r;
        random_registers(&seed, op->format, &r);
        r.mxcsr = random_mxcsr(&seed, true);
        compare(h, op, &r);
    }
}

Test(simd, random_numbers)
{
    every_op(random_masked, false);
}

static void random_unmasked(struct simd_host *h, const struct op *op)
{
    uint64_t seed = (uint64_t)(op - ops) + 1001;
    for (unsigned n = 0; n < 8000; n++) {
        struct simd_regs r;
        random_registers(&seed, op->format, &r);
        r.mxcsr = random_mxcsr(&seed, false);
        compare(h, op, &r);
    }
}

Test(simd, unmasked)
{
    every_op(random_unmasked, false);
}

static void random_lanes(struct simd_host *h, const struct op *op)
{
    uint64_t seed = (uint64_t)(op - ops) + 1;
    for (unsigned n = 0; n < 20000; n++) {
        struct simd_regs r = {.mxcsr = MXCSR_DEFAULT};
        uint64_t *const to[] = {&r.xmm0[0], &r.xmm0[1], &r.xmm1[0], &r.xmm1[1], &r.mm0, &r.mm1};
        for (unsigned i = 0; i < 6; i++) {
            *to[i] = next(&seed);
            if (next(&seed) % 4 == 0) *to[i] &= 0x7f; /* counts */
            if (next(&seed) % 8 == 0) *to[i] = UINT64_C(0x7fff80008000ff7f);
        }
        compare(h, op, &r);
    }
}

Test(simd, random_lanes)
{
    every_op(random_lanes, true);
}

/* All 65,536 pairs of bytes, in every lane. */
static void byte_pairs(struct simd_host *h, const struct op *op)
{
    for (uint64_t v = 0; v < 0x10000; v++) {
        const uint64_t all = UINT64_C(0x0101010101010101);
        uint64_t x = (v & 0xff) * all, y = (v >> 8) * all;
        struct simd_regs r = {
            .mxcsr = MXCSR_DEFAULT, .xmm0 = {x, x}, .xmm1 = {y, y}, .mm0 = x, .mm1 = y};
        compare(h, op, &r);
    }
}

Test(simd, byte_pairs)
{
    every_op(byte_pairs, true);
}

/* CMPPS and its kin: eight predicates. */
Test(simd, predicates)
{
    static const struct {
        const char *code;
        enum fp_format f;
        unsigned lanes;
    } kin[] = {{"\x0f\xc2\xc1", FP_32, 4},
               {"\x66\x0f\xc2\xc1", FP_64, 2},
               {"\xf3\x0f\xc2\xc1", FP_32, 1},
               {"\xf2\x0f\xc2\xc1", FP_64, 1}};
    bad = 0;
    for (unsigned i = 0; i < 4; i++)
        for (unsigned p = 0; p < 8; p++) {
            char code[8] = {0};
            size_t n = strlen(kin[i].code);
            memcpy(code, kin[i].code, n);
            code[n] = (char)p;
            struct op op = {.name = "CMP",
                            .code = code,
                            .is = IS_COMPARE,
                            .format = kin[i].f,
                            .lanes = kin[i].lanes,
                            .option = p};
            struct simd_host *h = start(NULL);
            simd_host_set(h, (const uint8_t *)code, (unsigned)n + 1);
            pairs(h, &op, MXCSR_MASKS);
            pairs(h, &op, MXCSR_MASKS | MXCSR_DAZ);
            uint64_t seed = p;
            for (unsigned k = 0; k < 4000; k++) {
                struct simd_regs r;
                random_registers(&seed, op.format, &r);
                r.mxcsr = random_mxcsr(&seed, false);
                compare(h, &op, &r);
            }
            simd_host_free(h);
        }
    cr_assert_eq(bad, 0, "%u differences", bad);
}

/* --- operations by an immediate --- */

static struct simd shuffle_words(struct simd a, struct simd b, unsigned order)
{
    return simd_shuffle(b, 2, order);
}
static struct simd shuffle_dwords(struct simd a, struct simd b, unsigned order)
{
    return simd_shuffle(b, 4, order);
}
static struct simd shuffle_low(struct simd a, struct simd b, unsigned order)
{
    return simd_shuffle_half(b, false, order);
}
static struct simd shuffle_high(struct simd a, struct simd b, unsigned order)
{
    return simd_shuffle_half(b, true, order);
}
static struct simd left(struct simd a, struct simd b, unsigned order)
{
    return simd_PSLLDQ(a, (struct simd){{order, 0}}, 16);
}
static struct simd right(struct simd a, struct simd b, unsigned order)
{
    return simd_PSRLDQ(a, (struct simd){{order, 0}}, 16);
}

static const struct {
    const char *code;
    struct simd (*fn)(struct simd a, struct simd b, unsigned order);
    bool mmx;
} ordered[] = {
    {"\x0f\x70\xc1", shuffle_words, true},    {"\x66\x0f\x70\xc1", shuffle_dwords, false},
    {"\xf2\x0f\x70\xc1", shuffle_low, false}, {"\xf3\x0f\x70\xc1", shuffle_high, false},
    {"\x0f\xc6\xc1", simd_SHUFPS, false},     {"\x66\x0f\xc6\xc1", simd_SHUFPD, false},
    {"\x66\x0f\x73\xf8", left, false},        {"\x66\x0f\x73\xd8", right, false}};

static void one_order(struct simd_host *h, unsigned which, unsigned order)
{
    const char *code = ordered[which].code;
    uint8_t bytes[8] = {0};
    size_t n = strlen(code);
    struct simd a = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    struct simd b = {{UINT64_C(0x1716151413121110), UINT64_C(0x1f1e1d1c1b1a1918)}};
    struct simd_regs r = {
        .xmm0 = {a.q[0], a.q[1]}, .xmm1 = {b.q[0], b.q[1]}, .mm1 = b.q[0], .mxcsr = MXCSR_DEFAULT};
    memcpy(bytes, code, n);
    bytes[n] = (uint8_t)order;
    simd_host_set(h, bytes, (unsigned)n + 1);
    simd_host_run(h, &r);
    struct simd mine = ordered[which].fn(a, b, order);
    bool same =
        ordered[which].mmx ? r.mm0 == mine.q[0] : r.xmm0[0] == mine.q[0] && r.xmm0[1] == mine.q[1];
    cr_expect(same, "case %u, order %02x", which, order);
}

Test(simd, immediates)
{
    struct simd_host *h = start(NULL);
    for (unsigned i = 0; i < sizeof ordered / sizeof ordered[0]; i++)
        for (unsigned order = 0; order < 256; order++)
            one_order(h, i, order);
    simd_host_free(h);
}

Test(simd, sign_masks)
{
    static const struct {
        const char *code;
        unsigned size, n;
        bool mmx;
    } kin[] = {{"\x0f\x50\xc1", 4, 4, false},
               {"\x66\x0f\x50\xc1", 8, 2, false},
               {"\x0f\xd7\xc1", 1, 8, true},
               {"\x66\x0f\xd7\xc1", 1, 16, false}};
    struct simd_host *h = start(NULL);
    uint64_t seed = 50;
    for (unsigned i = 0; i < 4; i++) {
        simd_host_set(h, (const uint8_t *)kin[i].code, (unsigned)strlen(kin[i].code));
        for (unsigned k = 0; k < 1000; k++) {
            struct simd_regs r = {.xmm1 = {next(&seed), next(&seed)}, .mm1 = next(&seed)};
            struct simd v = {{kin[i].mmx ? r.mm1 : r.xmm1[0], r.xmm1[1]}};
            r.mxcsr = MXCSR_DEFAULT;
            simd_host_run(h, &r);
            cr_expect_eq(r.eax, simd_signs(v, kin[i].size, kin[i].n));
        }
    }
    simd_host_free(h);
}

/* --- approximations: near enough to the exact value, and special values as the host has them --- */

static double value_of(uint32_t v)
{
    float f;
    memcpy(&f, &v, sizeof f);
    return (double)f;
}

/* Within `times` the error that the manual allows. */
static bool near(double is, double exact, double times)
{
    double off = is > exact ? is - exact : exact - is;
    return off <= exact * times * 1.5 / 4096;
}

Test(simd, approximations)
{
    uint64_t seed = 12;
    for (unsigned i = 0; i < 2000000; i++) {
        uint32_t v = 0x00800000u + (uint32_t)next(&seed) % 0x7e000000u; /* 1 / v is normal */
        double x = value_of(v), root = value_of(fp_rsqrt(v));
        cr_assert(near(value_of(fp_rcp(v)), 1 / x, 1), "RCPSS of %08x", v);
        cr_assert(near(root * root * x, 1, 2), "RSQRTSS of %08x", v);
        cr_assert_eq(fp_rcp(v | 0x80000000u), fp_rcp(v) | 0x80000000u);
    }
}

Test(simd, approximations_of_special_values)
{
    struct simd_host *h = start(NULL);
    for (unsigned root = 0; root < 2; root++) {
        const uint8_t code[] = {0xf3, 0x0f, root ? 0x52 : 0x53, 0xc1};
        simd_host_set(h, code, sizeof code);
        for (unsigned i = 0; i < specials(FP_32); i++) {
            uint32_t v = (uint32_t)special(FP_32, i), mine = root ? fp_rsqrt(v) : fp_rcp(v);
            struct simd_regs r = {.xmm1 = {v, 0}, .mxcsr = MXCSR_DEFAULT};
            simd_host_run(h, &r);
            uint32_t host = (uint32_t)r.xmm0[0];
            bool computed = (host & 0x7f800000) % 0x7f800000 != 0;
            double is = value_of(host & 0x7fffffff), here = value_of(mine & 0x7fffffff);
            bool close = near(is, here, 1) && !((host ^ mine) >> 31);
            cr_expect(computed ? close : host == mine, "%08x: host %08x, here %08x", v, host, mine);
        }
    }
    simd_host_free(h);
}

/* --- without a host to ask --- */

Test(simd, known_values)
{
    static const struct {
        uint32_t mxcsr;
        uint64_t third, sum; /* 1/3, 1 + 2^-53 */
    } by_rounding[4] = {
        {0x1f80, UINT64_C(0x3fd5555555555555), UINT64_C(0x3ff0000000000000)},
        {0x3f80, UINT64_C(0x3fd5555555555555), UINT64_C(0x3ff0000000000000)},
        {0x5f80, UINT64_C(0x3fd5555555555556), UINT64_C(0x3ff0000000000001)},
        {0x7f80, UINT64_C(0x3fd5555555555555), UINT64_C(0x3ff0000000000000)},
    };
    const uint64_t one = UINT64_C(0x3ff0000000000000), three = UINT64_C(0x4008000000000000);
    for (unsigned i = 0; i < 4; i++) {
        struct fp_env env = {.mxcsr = by_rounding[i].mxcsr};
        cr_expect_eq(fp_div(&env, FP_64, one, three), by_rounding[i].third);
        cr_expect_eq(env.flags, FE_PE);
        cr_expect_eq(fp_add(&env, FP_64, one, UINT64_C(0x3ca0000000000000)), by_rounding[i].sum);
    }
    struct fp_env env = {.mxcsr = MXCSR_DEFAULT};
    cr_expect_eq(fp_sqrt(&env, FP_32, 0x40000000), 0x3fb504f3);
    cr_expect_eq(fp_to_int(&env, FP_64, UINT64_C(0x41dfffffffe00000), false), INT32_MIN);
    cr_expect_eq(fp_to_int(&env, FP_64, UINT64_C(0x41dfffffffe00000), true), INT32_MAX);
    env.flags = 0;
    cr_expect_eq(fp_mul(&env, FP_32, 0x00800000, 0x3f000000), 0x00400000);
    cr_expect_eq(env.flags, 0, "a denormal that is exact is no underflow while that is masked");
    env.mxcsr |= MXCSR_FTZ;
    cr_expect_eq(fp_mul(&env, FP_32, 0x80800000, 0x3f000000), 0x80000000);
    cr_expect_eq(env.flags, FE_UE | FE_PE);
}
