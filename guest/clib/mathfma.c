/* mathfma.c: x * y + z, rounded once.
 *
 *   x * y = product + error      each 64 bits: the halves of x and y have products of 54 bits at most
 *   + z   = sum + rest           both exact
 *   result: sum + rest with its last bit set when it is not exact ("to odd"), so that the rounding to 53 bits, or to
 *   the fewer bits of a number that vanishes, sees on which side of a half it was
 */
#include "math.h"
#include "x87.h"

union x80_bits {
    x80 value;
    struct {
        uint64_t fraction;
        uint16_t sign_exponent;
    } part;
};

/* a + b = the result + *rest, exactly */
static x80 add_exact(x80 a, x80 b, x80 *rest)
{
    x80 sum = a + b, of_b = sum - a;
    *rest = (a - (sum - of_b)) + (b - of_b);
    return sum;
}

/* a + b to 64 bits: of the two numbers next to it, the odd one. */
static x80 add_odd(x80 a, x80 b)
{
    x80 rest;
    union x80_bits sum = {.value = add_exact(a, b, &rest)};
    if (rest == 0 || (sum.part.fraction & 1)) return sum.value;
    if ((rest > 0) == (sum.value > 0)) {
        sum.part.fraction++; /* it was even: no carry */
    } else if (sum.part.fraction == 0x8000000000000000ull) {
        sum.part.fraction = UINT64_MAX;
        sum.part.sign_exponent--;
    } else {
        sum.part.fraction--;
    }
    return sum.value;
}

static x80 product_exact(double x, double y, x80 *error)
{
    double x_upper = of_bits(bits_of(x) & ~0x7FFFFFFull),
           y_upper = of_bits(bits_of(y) & ~0x7FFFFFFull);
    x80 x_lower = (x80)x - x_upper, y_lower = (x80)y - y_upper, product = (x80)x * y;
    *error = (((x80)x_upper * y_upper - product) + x_upper * y_lower + x_lower * y_upper) +
             x_lower * y_lower;
    return product;
}

static int plain(double v)
{
    return !is_nan(v) && !is_inf(v);
}

static x80 fma_odd(double x, double y, double z)
{
    x80 error, rest;
    x80 product = product_exact(x, y, &error);
    x80 sum = add_exact(product, z, &rest);
    return add_odd(sum, add_odd(rest, error));
}

double fma(double x, double y, double z)
{
    if (!plain(x) || !plain(y) || x == 0 || y == 0) return narrow((x80)x * y + z);
    return plain(z) ? math_result(fma_odd(x, y, z)) : z;
}

float fmaf(float x, float y, float z)
{
    volatile float to;
    if (!plain(x) || !plain(y) || x == 0 || y == 0)
        to = (float)((x80)x * y + z);
    else
        to = plain(z) ? (float)fma_odd(x, y, z) : z;
    return to;
}
