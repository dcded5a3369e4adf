/* flt.c: doubles and floats as bits, to and from decimal, exactly.
 *
 *      63 62       52 51                  0
 *      s  exponent    fraction               value = 1.fraction * 2^(exponent - 1023)
 *
 * Out: value = m * 2^e with m and e whole. For e < 0 it is m * 5^-e / 10^-e, so the digits of one
 * whole number are all the digits there are (767 at most). In: value = D * 10^p; the quotient of
 * two whole numbers gives 64 bits and "something is left", from which any format is rounded once.
 */
#include "clib.h"

const struct flt_format flt_double = {.mantissa = 53, .min_exp = -1074, .max_exp = 1024};
const struct flt_format flt_single = {.mantissa = 24, .min_exp = -149, .max_exp = 128};

/* --- to decimal --- */

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

/* --- from decimal --- */

/* value = q * 2^exp with bit 63 of q set, plus something below when `rest` */
static uint64_t pack(uint64_t q, int exp, bool rest, const struct flt_format *f, bool *range)
{
    int drop = 64 - f->mantissa;
    if (exp + drop < f->min_exp) drop = f->min_exp - exp;
    uint64_t mantissa = drop >= 64 ? 0 : q >> drop;
    uint64_t half = drop > 64 ? 0 : 1ull << (drop - 1),
             below = drop >= 64 ? q : q & ((1ull << drop) - 1);
    bool up = drop <= 64 && (below > half || (below == half && (rest || (mantissa & 1) != 0)));
    bool exact = below == 0 && !rest;
    mantissa += up;
    exp += drop;
    if (mantissa >> f->mantissa != 0) {
        mantissa >>= 1;
        exp++;
    }
    int exponent = mantissa >> (f->mantissa - 1) != 0 ? exp - f->min_exp + 1 : 0;
    int highest = f->max_exp - f->min_exp - f->mantissa + 2; /* the exponent field of infinity */
    if (exponent == 0 && !exact) *range = true;
    if (exponent >= highest) {
        *range = true;
        return (uint64_t)(unsigned)highest << (f->mantissa - 1);
    }
    return (uint64_t)(unsigned)exponent << (f->mantissa - 1) |
           (mantissa & ((1ull << (f->mantissa - 1)) - 1));
}

static uint64_t top_bits(struct big *n, int *exp, bool *rest)
{
    int bits = big_bits(n), words;
    uint64_t q;
    if (bits < 64) {
        big_shift_left(n, 64 - bits);
        *exp = bits - 64;
    } else {
        *exp = bits - 64;
        big_shift_left(n, 31 & -bits); /* top limb full */
    }
    words = n->size;
    q = (uint64_t)n->limb[words - 1] << 32 | n->limb[words - 2];
    *rest = false;
    for (int i = 0; i < words - 2; i++)
        *rest |= n->limb[i] != 0;
    return q;
}

/* n / d with 1 <= n / d * 2^shift < 2: 64 bits of it */
static uint64_t quotient_bits(struct big *n, struct big *d, int *shift, bool *rest)
{
    uint64_t q = 0;
    *shift = big_bits(d) - big_bits(n);
    big_shift_left(*shift > 0 ? n : d, *shift > 0 ? *shift : -*shift);
    if (big_compare(n, d) < 0) {
        big_shift_left(n, 1);
        ++*shift;
    }
    for (int i = 0; i < 64; i++) {
        q <<= 1;
        if (big_compare(n, d) >= 0) {
            big_subtract(n, d);
            q |= 1;
        }
        big_shift_left(n, 1);
    }
    *rest = n->size != 0;
    return q;
}

/* digits * 10^power */
static uint64_t round_decimal(struct big *digits, int power, const struct flt_format *f,
                              bool *range)
{
    bool rest;
    int exp;
    if (power >= 0) {
        big_mul_pow5(digits, power);
        uint64_t q = top_bits(digits, &exp, &rest);
        return pack(q, exp + power, rest, f, range);
    }
    struct big divisor;
    big_set(&divisor, 1);
    big_mul_pow5(&divisor, -power);
    uint64_t q = quotient_bits(digits, &divisor, &exp, &rest);
    return pack(q, power - exp - 63, rest, f, range);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
    if (is_digit(c)) return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* [sign] digits after e or p; *at stays when there are none */
static int parse_exponent(const char **at, char mark)
{
    const char *s = *at;
    int value = 0;
    bool negative;
    if ((*s | 0x20) != mark) return 0;
    s++;
    negative = *s == '-';
    if (*s == '-' || *s == '+') s++;
    if (!is_digit(*s)) return 0;
    for (; is_digit(*s); s++)
        if (value < 100000) value = value * 10 + (*s - '0');
    *at = s;
    return negative ? -value : value;
}

#define DIGITS_KEPT                                                                                \
    770 /* one more than any double or midpoint has; the rest only says "not zero" */

static uint64_t parse_decimal(const char **at, const struct flt_format *f, bool *range)
{
    struct big digits;
    const char *s = *at;
    int count = 0, power = 0;
    bool point = false, more = false;
    digits.size = 0;
    for (;; s++) {
        if (*s == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*s)) break;
        if (count < DIGITS_KEPT) {
            big_mul_add(&digits, 10, (uint32_t)(*s - '0'));
            count += digits.size != 0;
            power -= point;
        } else {
            more |= *s != '0';
            power += !point;
        }
    }
    power += parse_exponent(&s, 'e');
    *at = s;
    if (digits.size == 0) return 0;
    if (more) {
        big_mul_add(&digits, 10, 1);
        power--;
        count++;
    }
    if (count + power > 400) {
        big_set(&digits, 1);
        power = 400;
    } else if (count + power < -400) {
        big_set(&digits, 1);
        power = -400;
    }
    return round_decimal(&digits, power, f, range);
}

static uint64_t parse_hex(const char **at, const struct flt_format *f, bool *range)
{
    const char *s = *at;
    uint64_t q = 0;
    int exp = 0, d;
    bool point = false, rest = false;
    for (;; s++) {
        if (*s == '.' && !point) {
            point = true;
            continue;
        }
        d = hex_digit(*s);
        if (d < 0) break;
        if (q >> 60 == 0) {
            q = q << 4 | (unsigned)d;
            exp -= point ? 4 : 0;
        } else {
            rest |= d != 0;
            exp += point ? 0 : 4;
        }
    }
    exp += parse_exponent(&s, 'p');
    *at = s;
    if (q == 0) return 0;
    for (; q >> 63 == 0; q <<= 1)
        exp--;
    return pack(q, exp, rest, f, range);
}

static bool word_at(const char *s, const char *lower)
{
    for (; *lower != 0; s++, lower++)
        if ((*s | 0x20) != *lower) return false;
    return true;
}

static uint64_t parse_special(const char **at, const struct flt_format *f, bool *found)
{
    uint64_t infinity = (uint64_t)(unsigned)(f->max_exp - f->min_exp - f->mantissa + 2)
                        << (f->mantissa - 1);
    *found = true;
    if (word_at(*at, "infinity")) {
        *at += 8;
    } else if (word_at(*at, "inf")) {
        *at += 3;
    } else if (word_at(*at, "nan")) {
        *at += 3;
        return infinity | 1ull << (f->mantissa - 2);
    } else {
        *found = false;
    }
    return infinity;
}

uint64_t flt_parse(const char *text, const char **end, const struct flt_format *f, bool *range)
{
    const char *s = text;
    bool negative, found;
    uint64_t bits;
    *range = false;
    *end = text;
    while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
        s++;
    negative = *s == '-';
    if (*s == '-' || *s == '+') s++;
    bits = parse_special(&s, f, &found);
    if (!found) {
        bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' &&
                   (hex_digit(s[2]) >= 0 || (s[2] == '.' && hex_digit(s[3]) >= 0));
        if (hex) {
            s += 2;
            bits = parse_hex(&s, f, range);
        } else if (is_digit(*s) || (*s == '.' && is_digit(s[1]))) {
            bits = parse_decimal(&s, f, range);
        } else {
            return 0;
        }
    }
    *end = s;
    return bits | (uint64_t)negative << (f == &flt_single ? 31 : 63);
}
