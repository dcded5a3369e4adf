/* convert.c: numbers to text by their old names. Digits are exact (flt.c); nothing here touches the coprocessor.
 *
 *   ecvt, fcvt    digits only; where the point is comes beside them
 *   gcvt          as %g
 *   ftoa          [-]iii.fffE[-]eee, cut and not rounded
 *   itoh, ltoh    hexadecimal;  ltos  any base, with a sign where the base is negative
 */
#include "clib.h"
#include "math.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"

#define CVT_DIGITS 400 /* of the largest double before the point 309 */

static char cvt_digits[CVT_DIGITS + 1]; /* one for all, as the page says [7-1/ecvt] */

static uint64_t bits_of(const double *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    return bits;
}

static bool is_finite_bits(uint64_t bits)
{
    return (bits >> 52 & 0x7FF) != 0x7FF;
}

/* "inf" or "nan", which have no point. */
static char *no_number(uint64_t bits, int *point, int *sign)
{
    *point = 0;
    *sign = (int)(bits >> 63);
    strcpy(cvt_digits, bits << 12 ? "nan" : "inf");
    return cvt_digits;
}

/* `wanted` of them, zeros behind the last that counts. */
static char *digits_out(const struct flt_dec *dec, int wanted)
{
    if (wanted < 0) wanted = 0;
    if (wanted > CVT_DIGITS) wanted = CVT_DIGITS;
    for (int i = 0; i < wanted; i++)
        cvt_digits[i] = i < dec->count ? dec->digit[i] : '0';
    cvt_digits[wanted] = 0;
    return cvt_digits;
}

char *ecvt(double value, int count, int *point, int *sign)
{
    struct flt_dec dec;
    uint64_t bits = bits_of(&value);
    if (!is_finite_bits(bits)) return no_number(bits, point, sign);
    flt_expand(bits & ~(1ull << 63), &dec);
    flt_round(&dec, count < 0 ? 0 : count);
    *point = dec.count ? dec.point : 0;
    *sign = (int)(bits >> 63);
    return digits_out(&dec, count);
}

char *fcvt(double value, int count, int *point, int *sign)
{
    struct flt_dec dec;
    uint64_t bits = bits_of(&value);
    if (!is_finite_bits(bits)) return no_number(bits, point, sign);
    flt_expand(bits & ~(1ull << 63), &dec);
    if (dec.count) flt_round(&dec, count > CVT_DIGITS ? CVT_DIGITS : dec.point + count);
    *point = dec.count ? dec.point : 0;
    *sign = (int)(bits >> 63);
    return digits_out(&dec, count > CVT_DIGITS ? CVT_DIGITS : *point + count);
}

char *gcvt(double value, int digits, char *buffer)
{
    sprintf(buffer, "%.*g", digits < 0 ? 0 : digits, value);
    return buffer;
}

#define FTOA_DIGITS 18u

/* More than 18 digits are not given: those behind the point go first. */
char *ftoa(double value, char *s, unsigned places, unsigned fraction)
{
    struct flt_dec dec;
    uint64_t bits = bits_of(&value);
    char *at = s;
    if (bits >> 63) *at++ = '-';
    if (!is_finite_bits(bits)) {
        strcpy(at, bits << 12 ? "nan" : "inf");
        return s;
    }
    if (places > FTOA_DIGITS) places = FTOA_DIGITS;
    if (fraction > FTOA_DIGITS - places) fraction = FTOA_DIGITS - places;
    flt_expand(bits & ~(1ull << 63), &dec);
    for (unsigned i = 0; i < places + fraction; i++) {
        if (i == places) *at++ = '.';
        *at++ = (int)i < dec.count ? dec.digit[i] : '0';
    }
    if (fraction == 0) *at++ = '.';
    *at++ = 'E';
    itoa(dec.count ? dec.point - (int)places : 0, at, 10);
    return s;
}

char *ltoh(unsigned long value, char *s)
{
    return ultoa(value, s, 16);
}

char *itoh(int value, char *s)
{
    return ultoa((unsigned)value, s, 16);
}

/* A negative base asks for the sign of every number, also of those that are not decimal. */
char *ltos(long value, char *s, int base)
{
    if (base >= 0) return ltoa(value, s, base);
    bool negative = value < 0;
    if (negative) *s = '-';
    ultoa(negative ? 0 - (unsigned long)value : (unsigned long)value, s + negative, -base);
    return s;
}

/* What the library asks about an error of <math.h>: a program cannot put its own in place of a shared library's, so errors stand. */
int matherr(struct exception *e)
{
    (void)e;
    return 0;
}
