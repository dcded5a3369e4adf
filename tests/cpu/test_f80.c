/* test_f80.c: the arithmetic of f80.h against the host's x87, bit for bit, with the status word. */
#include <criterion/criterion.h>
#include <string.h>

#include "f80_host.h"
#include "next.h"

#define ROUNDS 300000

/* --- operands --- */

static uint64_t random_significand(uint64_t *seed)
{
    uint64_t r = next(seed), a = next(seed);
    unsigned n = r >> 8 & 63, k = r >> 16 & 63;
    switch (r & 7) {
    case 0: return F80_J;
    case 1: return ~UINT64_C(0) << n;
    case 2: return (~UINT64_C(0) << n) ^ (UINT64_C(1) << k);
    case 3: return F80_J | UINT64_C(1) << n | UINT64_C(1) << k;
    case 4: return F80_J | (a & ~UINT64_C(0) << n);
    case 5: return ~(UINT64_C(1) << n);
    default: return F80_J | a;
    }
}

static const f80 edges[] = {
    {0, 0},
    {0, 0x8000},
    {1, 0},
    {1, 0x8000},
    {UINT64_C(0x7fffffffffffffff), 0},
    {F80_J, 0},
    {~UINT64_C(0), 0x8000},
    {F80_J, 1},
    {F80_J, 0x3fff},
    {F80_J, 0xbfff},
    {F80_J, 0x7fff},
    {F80_J, 0xffff},
    {UINT64_C(0xc000000000000000), 0xffff},
    {UINT64_C(0xc000000000000001), 0x7fff},
    {UINT64_C(0x8000000000000001), 0x7fff},
    {UINT64_C(0xbfffffffffffffff), 0xffff},
    {0, 0x7fff},
    {1, 0x7fff},
    {UINT64_C(0x4000000000000000), 0x3fff},
    {0, 0x3fff},
    {~UINT64_C(0), 0x7ffe},
    {~UINT64_C(0), 0xfffe},
    {F80_J, 0x4000},
    {F80_J, 0x403e},
    {F80_J, 0xc03e},
    {~UINT64_C(0), 0x403d},
    {F80_J, 0x401e},
    {F80_J, 0xc01e},
    {F80_J, 0x3ffe},
    {UINT64_C(0xc000000000000000), 0x3fff},
};

static uint16_t exponent(uint64_t *seed)
{
    uint64_t r = next(seed);
    unsigned k = r >> 8 & 0xff, e;
    switch (r & 15) {
    case 0: e = k & 3; break;
    case 1: e = 0x7ffe - (k & 3); break;
    case 2: e = F80_BIAS - 16383 / 2 + (k & 63); break;
    case 3: e = (unsigned)(r >> 20) % 0x7fff; break;
    case 4: e = F80_BIAS - 1022 - 60 + k; break;
    case 5: e = F80_BIAS - 126 - 30 + (k & 63); break;
    case 6: e = F80_BIAS + 1024 - (k & 3); break;
    case 7: e = F80_BIAS + 128 - (k & 3); break;
    case 8: e = k; break;
    case 9: e = 0x7ffe - k; break;
    default: e = F80_BIAS - 64 + (k & 127); break;
    }
    return (uint16_t)(e | (r >> 63 << 15));
}

static f80 operand(uint64_t *seed)
{
    uint64_t r = next(seed);
    if ((r & 15) == 0) return edges[(r >> 8) % (sizeof edges / sizeof edges[0])];
    f80 v = {random_significand(seed), exponent(seed)};
    if ((v.se & 0x7fff) == 0 && (r & 16)) v.m >>= r >> 8 & 63;
    if ((r >> 20 & 63) == 0) v.m &= ~F80_J;
    if ((r >> 26 & 63) == 0) v.se |= 0x7fff;
    return v;
}

/* Near the first, so that sums cancel and products are exact. */
static f80 partner(uint64_t *seed, f80 a)
{
    f80 b = operand(seed);
    uint64_t r = next(seed);
    if (r & 1) return b;
    int e = (a.se & 0x7fff) + (int)(r >> 8 & 127) - 64;
    if (r & 2 && e > 0 && e < 0x7fff) b.se = (uint16_t)((b.se & 0x8000) | e);
    if ((r & 12) == 0) b.m = a.m ^ (r >> 20 & 3);
    return b;
}

static uint16_t control(uint64_t *seed)
{
    uint64_t r = next(seed);
    unsigned masks = r & 3 ? 0x3f : (unsigned)(r >> 8 & 0x3f);
    return (uint16_t)(masks | (r >> 16 & 0xf00) | 0x40);
}

/* --- the same operation here --- */

#define SW_COMPARED 0x477fu /* C3 C2 C1 C0, stack fault, exceptions; not ES, B, TOP */
#define C0          0x0100u
#define C1          0x0200u
#define C2          0x0400u
#define C3          0x4000u

struct mine {
    f80 st0, st1;
    unsigned sw;
    uint8_t mem[16];
    bool store; /* the result goes to memory */
};

static unsigned order_bits(enum f80_order o)
{
    static const uint16_t bits[] = {0, C0, C3, C0 | C2 | C3};
    return bits[o];
}

static unsigned remainder_bits(bool partial, unsigned q)
{
    if (partial) return C2;
    return (q & 4 ? C0 : 0) | (q & 2 ? C3 : 0) | (q & 1 ? C1 : 0);
}

static void compute(enum host_op op, struct f80_env *env, f80 a, f80 b, const uint8_t *mem,
                    struct mine *m)
{
    bool partial = false;
    unsigned quotient = 0;
    uint64_t v = 0;
    if (mem) memcpy(&v, mem, 8);
    switch (op) {
    case HOST_ADD: m->st0 = f80_add(env, a, b); break;
    case HOST_SUB: m->st0 = f80_sub(env, a, b); break;
    case HOST_MUL: m->st0 = f80_mul(env, a, b); break;
    case HOST_DIV: m->st0 = f80_div(env, a, b); break;
    case HOST_SCALE: m->st0 = f80_scale(env, a, b); break;
    case HOST_SQRT: m->st0 = f80_sqrt(env, a); break;
    case HOST_RINT: m->st0 = f80_rint(env, a); break;
    case HOST_COM: m->sw |= order_bits(f80_compare(env, a, b, false)); break;
    case HOST_UCOM: m->sw |= order_bits(f80_compare(env, a, b, true)); break;
    case HOST_PREM:
    case HOST_PREM1:
        m->st0 = f80_rem(env, a, b, op == HOST_PREM1, &partial, &quotient);
        m->sw |= remainder_bits(partial, quotient);
        break;
    case HOST_XTRACT: m->st0 = f80_xtract(env, a, &m->st1); break;
    case HOST_LD32: m->st0 = f80_from_f32(env, (uint32_t)v); break;
    case HOST_LD64: m->st0 = f80_from_f64(env, v); break;
    case HOST_ILD16: m->st0 = f80_from_int((int16_t)v); break;
    case HOST_ILD32: m->st0 = f80_from_int((int32_t)v); break;
    case HOST_ILD64: m->st0 = f80_from_int((int64_t)v); break;
    case HOST_BLD: m->st0 = f80_from_bcd(mem); break;
    default: break;
    }
}

static void put(struct mine *m, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        m->mem[i] = (uint8_t)(v >> 8 * i);
}

static void store(enum host_op op, struct f80_env *env, f80 a, struct mine *m)
{
    unsigned stop = FE_IE | FE_OE | FE_UE;
    struct mine was = *m;
    switch (op) {
    case HOST_ST32: put(m, f80_to_f32(env, a), 4); break;
    case HOST_ST64: put(m, f80_to_f64(env, a), 8); break;
    case HOST_IST16: put(m, (uint64_t)f80_to_int(env, a, 16), 2); break;
    case HOST_IST32: put(m, (uint64_t)f80_to_int(env, a, 32), 4); break;
    case HOST_IST64: put(m, (uint64_t)f80_to_int(env, a, 64), 8); break;
    default: f80_to_bcd(env, a, m->mem); break;
    }
    if (env->flags & stop & ~env->cw) *m = was;
}

static bool is_load(enum host_op op)
{
    return op >= HOST_LD32;
}

static void run_mine(enum host_op op, uint16_t cw, f80 a, f80 b, const uint8_t *mem, struct mine *m)
{
    struct f80_env env = {.cw = cw};
    *m = (struct mine){.st0 = a, .st1 = b};
    memset(m->mem, 0xa5, sizeof m->mem);
    if (mem) memcpy(m->mem, mem, 10);
    m->store = op >= HOST_ST32 && !is_load(op);
    if (m->store) {
        store(op, &env, a, m);
    } else {
        compute(op, &env, a, b, mem, m);
        if (env.flags & ~cw & (FE_IE | FE_DE | FE_ZE)) {
            env.flags &= FE_IE | FE_DE | FE_ZE;
            env.up = false;
            m->st0 = a;
            m->st1 = b;
            if (op != HOST_COM && op != HOST_UCOM) m->sw = 0;
        }
    }
    m->sw |= env.flags;
    if (env.up) m->sw |= C1;
}

static bool same(f80 a, f80 b)
{
    return a.m == b.m && a.se == b.se;
}

static unsigned differences(enum host_op op, unsigned rounds)
{
    uint64_t seed = 0x387 + (uint64_t)op;
    unsigned bad = 0;
    for (unsigned i = 0; i < rounds; i++) {
        f80 a = operand(&seed), b = partner(&seed, a);
        uint16_t cw = control(&seed);
        uint8_t mem[10];
        uint64_t v = next(&seed);
        uint16_t top = (uint16_t)next(&seed);
        if (op == HOST_LD32 || op == HOST_LD64) {
            struct f80_env env = {.cw = 0x37f};
            f80 x = operand(&seed);
            if (v & 3) v = op == HOST_LD32 ? f80_to_f32(&env, x) : f80_to_f64(&env, x);
        } else if (op == HOST_BLD) {
            v &= UINT64_C(0x7777777777777777); /* digits */
            top &= 0x8077;
        }
        memcpy(mem, &v, 8);
        memcpy(mem + 8, &top, 2);
        struct host_out host;
        struct mine mine;
        const uint8_t *m = is_load(op) ? mem : NULL;
        host_x87(op, cw, a, b, m, &host);
        run_mine(op, cw, a, b, m, &mine);
        bool pushes = op == HOST_XTRACT;
        bool stopped = mine.sw & ~cw & (FE_IE | FE_DE | FE_ZE);
        bool popped = op == HOST_IST64 || op == HOST_BSTP;
        bool regs = popped || (is_load(op) && stopped) || same(host.st0, mine.st0);
        if (pushes && !stopped) regs = regs && same(host.st1, mine.st1);
        unsigned hsw = host.sw & SW_COMPARED;
        if (regs && hsw == mine.sw && !memcmp(host.mem, mine.mem, 10)) continue;
        if (bad++ > 4) continue;
        cr_log_error(
            "%s cw %04x a %04x:%016lx b %04x:%016lx mem %016lx: host %04x:%016lx sw %04x, here "
            "%04x:%016lx sw %04x; mem %016lx / %016lx",
            host_op_name[op], cw, a.se, a.m, b.se, b.m, v, host.st0.se, host.st0.m, hsw,
            mine.st0.se, mine.st0.m, mine.sw, *(uint64_t *)host.mem, *(uint64_t *)mine.mem);
    }
    return bad;
}

#define AGAINST_HOST(name, op)                                                                     \
    Test(f80, name)                                                                                \
    {                                                                                              \
        if (!host_has_x87()) cr_skip("this host has no x87 to compare with");                      \
        cr_assert_eq(differences(op, ROUNDS), 0);                                                  \
    }

AGAINST_HOST(add, HOST_ADD)
AGAINST_HOST(sub, HOST_SUB)
AGAINST_HOST(mul, HOST_MUL)
AGAINST_HOST(div, HOST_DIV)
AGAINST_HOST(sqrt, HOST_SQRT)
AGAINST_HOST(rint, HOST_RINT)
AGAINST_HOST(scale, HOST_SCALE)
AGAINST_HOST(prem, HOST_PREM)
AGAINST_HOST(prem1, HOST_PREM1)
AGAINST_HOST(com, HOST_COM)
AGAINST_HOST(ucom, HOST_UCOM)
AGAINST_HOST(xtract, HOST_XTRACT)
AGAINST_HOST(store_m32, HOST_ST32)
AGAINST_HOST(store_m64, HOST_ST64)
AGAINST_HOST(store_i16, HOST_IST16)
AGAINST_HOST(store_i32, HOST_IST32)
AGAINST_HOST(store_i64, HOST_IST64)
AGAINST_HOST(store_bcd, HOST_BSTP)
AGAINST_HOST(load_m32, HOST_LD32)
AGAINST_HOST(load_m64, HOST_LD64)
AGAINST_HOST(load_i16, HOST_ILD16)
AGAINST_HOST(load_i32, HOST_ILD32)
AGAINST_HOST(load_i64, HOST_ILD64)
AGAINST_HOST(load_bcd, HOST_BLD)
