/* fp_conv.c: conversions of fp.h. */
#include "fp.h"

#define INT_INDEFINITE INT32_MIN

uint64_t fp_from_int(struct fp_env *env, enum fp_format f, int32_t v)
{
    if (v == 0) return 0;
    struct fp_num n = {.class = FPC_NORMAL, .neg = v < 0};
    n.sig = (uint64_t)(v < 0 ? 0u - (uint32_t)v : (uint32_t)v) << 32;
    int shift = __builtin_clzll(n.sig);
    n.sig <<= shift;
    n.exp = fp_layout(f)->bias + 31 - shift;
    return fp_round(env, f, n, false);
}

int32_t fp_to_int(struct fp_env *env, enum fp_format f, uint64_t a, bool chop)
{
    struct fp_num n = fp_unpack(env, f, a);
    int32_t e = n.exp - fp_layout(f)->bias;
    if (n.class == FPC_ZERO) return 0;
    if (n.class >= FPC_INF || e > 31) {
        env->flags |= FE_IE;
        return INT_INDEFINITE;
    }
    struct f80_wide v = f80_shift_jam((struct f80_wide){n.sig, 0}, (uint32_t)(63 - e));
    unsigned rest = v.lo == 0 ? 0 : v.lo < F80_J ? 1 : v.lo == F80_J ? 2 : 3;
    v.hi += f80_grows(chop ? RC_CHOP : fp_rc(env), n.neg, v.hi & 1, rest);
    if (v.hi > (uint64_t)INT32_MAX + n.neg) {
        env->flags |= FE_IE;
        return INT_INDEFINITE;
    }
    if (rest) env->flags |= FE_PE;
    return (int32_t)(n.neg ? 0 - v.hi : v.hi);
}

/* Sign and the upper part of the fraction stay. */
static uint64_t nan_to(struct fp_env *env, enum fp_format to, struct fp_num n)
{
    if (n.class == FPC_SNAN) env->flags |= FE_IE;
    uint64_t fraction = n.sig << 1 >> (64 - fp_layout(to)->fraction);
    return fp_quieted(to, fp_inf(to, n.neg) | fraction);
}

static uint64_t convert(struct fp_env *env, enum fp_format from, enum fp_format to, uint64_t a)
{
    struct fp_num n = fp_unpack(env, from, a);
    if (fp_is_nan(n.class)) return nan_to(env, to, n);
    if (n.class == FPC_ZERO) return fp_zero(to, n.neg);
    if (n.class == FPC_INF) return fp_inf(to, n.neg);
    if (n.class == FPC_DENORMAL) env->flags |= FE_DE;
    n.exp += fp_layout(to)->bias - fp_layout(from)->bias;
    return fp_round(env, to, n, false);
}

uint64_t fp_widen(struct fp_env *env, uint64_t a)
{
    return convert(env, FP_32, FP_64, a);
}

uint64_t fp_narrow(struct fp_env *env, uint64_t a)
{
    return convert(env, FP_64, FP_32, a);
}
