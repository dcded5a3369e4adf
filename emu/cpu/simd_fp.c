/* simd_fp.c: the floating-point lanes of simd.h. */
#include "simd.h"

static unsigned size_of(enum fp_format f)
{
    return f == FP_32 ? 4 : 8;
}

struct simd simd_arith(struct fp_env *env, fp_binary *op, enum fp_format f, unsigned lanes,
                       struct simd a, struct simd b)
{
    unsigned size = size_of(f);
    for (unsigned i = 0; i < lanes; i++)
        simd_put(&a, size, i, op(env, f, simd_lane(&a, size, i), simd_lane(&b, size, i)));
    return a;
}

struct simd simd_sqrt(struct fp_env *env, enum fp_format f, unsigned lanes, struct simd a,
                      struct simd b)
{
    unsigned size = size_of(f);
    for (unsigned i = 0; i < lanes; i++)
        simd_put(&a, size, i, fp_sqrt(env, f, simd_lane(&b, size, i)));
    return a;
}

struct simd simd_compare(struct fp_env *env, enum fp_format f, unsigned lanes, struct simd a,
                         struct simd b, unsigned predicate)
{
    unsigned size = size_of(f);
    for (unsigned i = 0; i < lanes; i++) {
        uint64_t x = simd_lane(&a, size, i), y = simd_lane(&b, size, i);
        simd_put(&a, size, i, fp_predicate(env, f, x, y, predicate) ? ~UINT64_C(0) : 0);
    }
    return a;
}

struct simd simd_approx(uint32_t (*op)(uint32_t), unsigned lanes, struct simd a, struct simd b)
{
    for (unsigned i = 0; i < lanes; i++)
        simd_put(&a, 4, i, op((uint32_t)simd_lane(&b, 4, i)));
    return a;
}

static uint64_t convert_one(struct fp_env *env, struct simd_conversion how, uint64_t v)
{
    if (how.from == SIMD_I32)
        return fp_from_int(env, how.to == SIMD_F32 ? FP_32 : FP_64, (int32_t)v);
    if (how.to == SIMD_I32)
        return (uint32_t)fp_to_int(env, how.from == SIMD_F32 ? FP_32 : FP_64, v, how.chop);
    return how.to == SIMD_F64 ? fp_widen(env, v) : fp_narrow(env, v);
}

struct simd simd_convert(struct fp_env *env, struct simd_conversion how, struct simd a,
                         struct simd b)
{
    unsigned from = how.from == SIMD_F64 ? 8 : 4, to = how.to == SIMD_F64 ? 8 : 4;
    struct simd r = how.keep ? a : (struct simd){{0, 0}};
    for (unsigned i = 0; i < how.lanes; i++)
        simd_put(&r, to, i, convert_one(env, how, simd_lane(&b, from, i)));
    return r;
}
