/* test_f80_trans.c: transcendental functions: within one unit of the host's; how often they agree. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "f80_host.h"
#include "next.h"

#define ROUNDS 6000

/* Exponents from lo to hi, unbiased. */
static f80 between(uint64_t *seed, int lo, int hi, bool positive)
{
    uint64_t r = next(seed);
    int e = lo + (int)(r % (unsigned)(hi - lo + 1));
    unsigned sign = positive ? 0 : (unsigned)(r >> 63) << 15;
    uint64_t m = next(seed);
    if ((r >> 32 & 7) == 0) m &= ~UINT64_C(0) << (r >> 40 & 63);
    return (f80){F80_J | m, (uint16_t)(sign | (unsigned)(e + F80_BIAS))};
}

struct judged {
    enum host_op op;
    int lo, hi; /* exponents of ST0 */
    bool positive;
    int ylo, yhi; /* of ST1 */
};

static f80 compute(enum host_op op, struct f80_env *env, f80 a, f80 b)
{
    f80 r = a;
    switch (op) {
    case HOST_F2XM1: return f80_2xm1(env, a);
    case HOST_YL2X: return f80_yl2x(env, a, b);
    case HOST_YL2XP1: return f80_yl2xp1(env, a, b);
    case HOST_PATAN: return f80_patan(env, a, b);
    case HOST_SIN: f80_sincos(env, a, &r, NULL); return r;
    case HOST_COS: f80_sincos(env, a, NULL, &r); return r;
    default: f80_tan(env, a, &r); return r;
    }
}

/* Distance in units of the last place. */
static uint64_t distance(f80 a, f80 b)
{
    if (a.se == b.se) return a.m > b.m ? a.m - b.m : b.m - a.m;
    if ((a.se ^ b.se) == 0x8000) return UINT64_MAX;
    f80 big = a.se > b.se ? a : b, small = a.se > b.se ? b : a;
    if (big.se - small.se != 1) return UINT64_MAX;
    return (big.m - F80_J) * 2 + (0 - small.m);
}

static void judge(const struct judged *j)
{
    unsigned equal = 0, flags = 0, bad = 0;
    uint64_t seed = 0x1987 + (uint64_t)j->op;
    for (unsigned i = 0; i < ROUNDS; i++) {
        f80 a = between(&seed, j->lo, j->hi, j->positive);
        f80 b = between(&seed, j->ylo, j->yhi, false);
        struct f80_env env = {.cw = (uint16_t)(0x37f | (i & 3) << 10)};
        struct host_out host;
        host_x87(j->op, env.cw, a, b, NULL, &host);
        if (host.sw & 0x0400 && j->op >= HOST_SIN) continue;
        f80 mine = compute(j->op, &env, a, b), theirs = host.st0;
        if (j->op == HOST_TAN) theirs = host.st1;
        uint64_t d = distance(mine, theirs);
        equal += d == 0;
        flags += env.flags == (host.sw & 0x3f);
        if (d <= 1) continue;
        if (bad++ < 5)
            cr_log_error(
                "%s cw %04x a %04x:%016lx b %04x:%016lx: host %04x:%016lx, here %04x:%016lx",
                host_op_name[j->op], env.cw, a.se, a.m, b.se, b.m, theirs.se, theirs.m, mine.se,
                mine.m);
    }
    fprintf(stderr, "# %s: %u of %u equal, the others 1 unit off; exceptions equal in %u\n",
            host_op_name[j->op], equal, ROUNDS, flags);
    cr_assert_eq(bad, 0);
}

#define AGAINST_HOST(name, ...)                                                                    \
    Test(f80_trans, name)                                                                          \
    {                                                                                              \
        if (!host_has_x87()) cr_skip("this host has no x87 to compare with");                      \
        judge(&(struct judged){__VA_ARGS__});                                                      \
    }

AGAINST_HOST(f2xm1, HOST_F2XM1, -40, -1, false, 0, 0)
AGAINST_HOST(f2xm1_tiny, HOST_F2XM1, -16000, -41, false, 0, 0)
AGAINST_HOST(yl2x, HOST_YL2X, -3, 3, true, -10, 10)
AGAINST_HOST(yl2x_wide, HOST_YL2X, -16000, 16000, true, -100, 100)
AGAINST_HOST(yl2xp1, HOST_YL2XP1, -70, -3, false, -10, 10)
AGAINST_HOST(patan, HOST_PATAN, -8, 8, false, -8, 8)
AGAINST_HOST(patan_wide, HOST_PATAN, -6000, 6000, false, -6000, 6000)
AGAINST_HOST(sin, HOST_SIN, -40, 10, false, 0, 0)
AGAINST_HOST(cos, HOST_COS, -40, 10, false, 0, 0)
AGAINST_HOST(tan, HOST_TAN, -40, 10, false, 0, 0)
AGAINST_HOST(sin_wide, HOST_SIN, 10, 62, false, 0, 0)
AGAINST_HOST(cos_wide, HOST_COS, 10, 62, false, 0, 0)
AGAINST_HOST(tan_wide, HOST_TAN, 10, 62, false, 0, 0)
