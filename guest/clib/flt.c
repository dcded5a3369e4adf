/* flt.c: doubles as bits, to decimal, exactly.
 *
 *      63 62       52 51                  0
 *      s  exponent    fraction               value = 1.fraction * 2^(exponent - 1023)
 *
 * value = m * 2^e with m and e whole. For e < 0 it is m * 5^-e / 10^-e, so the digits of one whole number are
 * all the digits there are (767 at most).
 */
#include "clib.h"

static void strip_zeros(struct flt_dec *dec)
{
    while (dec->count > 0 && dec->digit[dec->count - 1] == '0')
        dec->count--;
}

/* All digits of b, which becomes zero. */
static int take_digits(struct big *b, char *digit)
{
    int count = 0;
    while (b->size > 0) {
        uint32_t part = big_div(b, 1000000000u);
        for (int i = 0; i < 9 && (b->size > 0 || part != 0); i++) {
            digit[count++] = (char)('0' + part % 10);
            part /= 10;
        }
    }
    for (int i = 0; i < count / 2; i++) {
        char swap = digit[i];
        digit[i] = digit[count - 1 - i];
        digit[count - 1 - i] = swap;
    }
    return count;
}

void flt_expand(uint64_t bits, struct flt_dec *dec)
{
    struct big b;
    int exponent = (int)(bits >> 52 & 0x7FF);
    uint64_t mantissa = bits & 0xFFFFFFFFFFFFFull;
    if (exponent != 0) mantissa |= 1ull << 52;
    int e = (exponent == 0 ? 1 : exponent) - 1075, down = 0;
    dec->count = dec->point = 0;
    if (mantissa == 0) return;
    while ((mantissa & 1) == 0) {
        mantissa >>= 1;
        e++;
    }
    big_set(&b, mantissa);
    if (e >= 0) {
        big_shift_left(&b, e);
    } else {
        down = -e;
        big_mul_pow5(&b, down);
    }
    dec->count = take_digits(&b, dec->digit);
    dec->point = dec->count - down;
    strip_zeros(dec);
}

static bool rounds_up(const struct flt_dec *dec, int keep)
{
    if (dec->digit[keep] != '5') return dec->digit[keep] > '5';
    if (keep + 1 < dec->count) return true; /* digits never end in zeros */
    return keep > 0 && (dec->digit[keep - 1] & 1) != 0;
}

void flt_round(struct flt_dec *dec, int keep)
{
    if (keep >= dec->count) return;
    bool up = keep >= 0 && rounds_up(dec, keep);
    dec->count = keep < 0 ? 0 : keep;
    if (up) {
        while (dec->count > 0 && dec->digit[dec->count - 1] == '9')
            dec->count--;
        if (dec->count > 0) {
            dec->digit[dec->count - 1]++;
        } else {
            dec->digit[0] = '1';
            dec->count = 1;
            dec->point++;
        }
    }
    strip_zeros(dec);
}
