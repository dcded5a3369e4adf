/* numbers.c: random doubles, printed in several ways, and what <math.h> makes of them; tests/clib/numbers.py compares with
 * the host.
 *
 *   numbers COUNT SEED      a line each: bits, %.17g, %.*e, %.*f, %.*g, %a; precision; bits of the functions' results
 */
#include "math.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"

typedef unsigned long long u64;

static u64 seed;

static u64 next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static double of_bits(u64 bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static u64 bits_of(double v)
{
    u64 bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* Every exponent, or near to 1, or few digits. */
static double random_double(void)
{
    u64 bits = next();
    switch (next() % 4) {
    case 0: return of_bits((bits & 0x800FFFFFFFFFFFFFull) | (1003 + next() % 40) << 52);
    case 1: return (double)(long)bits / 1000;
    default: return of_bits(bits);
    }
}

static void functions(double x)
{
    double y = of_bits((bits_of(x) & 0x800FFFFFFFFFFFFFull) | (1018 + bits_of(x) % 12) << 52);
    double size = fabs(y);
    volatile double product = size * y; /* a double, not what a register holds */
    const double results[] = {sin(y),
                              cos(y),
                              tan(y),
                              atan(y),
                              exp(y),
                              log(size),
                              log10(size),
                              sqrt(size),
                              pow(size, y),
                              sinh(y),
                              tanh(y),
                              cbrt(y),
                              fmod(x, y),
                              floor(x),
                              hypot(x, y),
                              erf(y),
                              erfc(y),
                              tgamma(y),
                              fma(size, y, -product)};
    printf(" %016llx", bits_of(y));
    for (unsigned i = 0; i < sizeof results / sizeof results[0]; i++)
        printf(" %016llx", bits_of(results[i]));
}

int main(int argc, char **argv)
{
    static char text[512], again[512];
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 100, wrong = 0;
    seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    seed = seed * 2862933555777941757ull + 3037000493ull;
    static char buffer[65536];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    for (unsigned long i = 0; i < count; i++) {
        double x = random_double();
        if (isnan(x)) continue;
        int p = (int)(next() % 25);
        sprintf(text, "%.17g", x);
        wrong += bits_of(strtod(text, NULL)) != bits_of(x);
        sscanf(text, "%lf", (double *)again);
        wrong += memcmp(again, &x, sizeof x) != 0;
        printf("%016llx %s %d %.*e %.*f %.*g %a", bits_of(x), text, p, p, x, p,
               fabs(x) < 1e30 ? x : 0.0, p, x, x);
        functions(x);
        printf("\n");
    }
    printf("%lu wrong\n", wrong);
    return wrong != 0;
}
