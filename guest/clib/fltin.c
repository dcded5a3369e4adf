/* fltin.c: doubles and floats as bits, from text, exactly.
 *
 *   decimal   value = D * 10^p: the quotient of two whole numbers gives 64 bits and "something is left", from which
 *             any format is rounded once
 *   hex       the bits are there already
 *
 * Text is fed character by character, so that a stream can be read as well as a string:
 *
 *   sign -> start -> whole -> fraction -> mark -> exponent sign -> exponent
 *                 -> inf, infinity, nan, nan(...)
 */
#include "clib.h"
#include "ctype.h"

const struct flt_format flt_double = {.mantissa = 53, .min_exp = -1074, .max_exp = 1024};
const struct flt_format flt_single = {.mantissa = 24, .min_exp = -149, .max_exp = 128};

/* --- rounding --- */

/* The exponent field of infinity. */
static int highest_exponent(const struct flt_format *f)
{
    return f->max_exp - f->min_exp - f->mantissa + 2;
}

static uint64_t infinity_bits(const struct flt_format *f)
{
    return (uint64_t)(unsigned)highest_exponent(f) << (f->mantissa - 1);
}

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
    if (exponent == 0 && !exact) *range = true;
    if (exponent >= highest_exponent(f)) {
        *range = true;
        return infinity_bits(f);
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

/* --- reading --- */

/* One more than any double or midpoint has; the rest only says "not zero". */
#define DIGITS_KEPT 770

enum flt_state {
    AT_SIGN,
    AT_START,
    AT_WHOLE, /* also before the first digit of a hexadecimal number */
    AT_FRACTION,
    AT_MARK, /* e or p has been read */
    AT_EXPONENT_SIGN,
    AT_EXPONENT,
    IN_WORD,
    IN_PAYLOAD, /* of nan( */
    AT_END
};

void flt_begin(struct flt_reader *r)
{
    *r = (struct flt_reader){.state = AT_SIGN};
    r->digits.size = 0;
}

static int digit_of(const struct flt_reader *r, int c)
{
    int digit = num_digit((char)c);
    return digit < (r->hex ? 16 : 10) ? digit : -1;
}

static void add_hex(struct flt_reader *r, unsigned digit)
{
    if (r->bits >> 60 == 0) {
        r->bits = r->bits << 4 | digit;
        r->power -= r->state == AT_FRACTION ? 4 : 0;
    } else {
        r->more |= digit != 0;
        r->power += r->state == AT_FRACTION ? 0 : 4;
    }
}

static void add_decimal(struct flt_reader *r, unsigned digit)
{
    if (r->count < DIGITS_KEPT) {
        big_mul_add(&r->digits, 10, digit);
        r->count += r->digits.size != 0;
        r->power -= r->state == AT_FRACTION;
    } else {
        r->more |= digit != 0;
        r->power += r->state != AT_FRACTION;
    }
}

static bool feed_number(struct flt_reader *r, int c)
{
    int digit = digit_of(r, c);
    if (digit >= 0) {
        r->zero = !r->hex && r->state == AT_START && digit == 0; /* 0x may follow */
        if (r->state == AT_START) r->state = AT_WHOLE;
        r->any = r->complete = true;
        if (r->hex)
            add_hex(r, (unsigned)digit);
        else
            add_decimal(r, (unsigned)digit);
        return true;
    }
    if (c == '.' && r->state != AT_FRACTION) {
        r->state = AT_FRACTION;
        r->zero = false;
        return true;
    }
    if (r->zero && (c | 0x20) == 'x') {
        r->hex = true;
        r->zero = r->any = r->complete = false;
        return true;
    }
    r->zero = false;
    if (!r->any || (c | 0x20) != (r->hex ? 'p' : 'e')) return false;
    r->state = AT_MARK;
    r->complete = false;
    return true;
}

static bool feed_exponent(struct flt_reader *r, int c)
{
    if (r->state == AT_MARK && (c == '-' || c == '+')) {
        r->exponent_negative = c == '-';
        r->state = AT_EXPONENT_SIGN;
        return true;
    }
    if (c < '0' || c > '9') return false;
    r->state = AT_EXPONENT;
    r->complete = true;
    if (r->exponent < 100000) r->exponent = r->exponent * 10 + (c - '0');
    return true;
}

static bool feed_word(struct flt_reader *r, int c)
{
    static const char infinity[] = "infinity", nan[] = "nan";
    const char *word = r->nan ? nan : infinity;
    if (r->state == AT_START) {
        r->nan = (c | 0x20) == 'n';
        word = r->nan ? nan : infinity;
        if ((c | 0x20) != word[0]) return false;
        r->state = IN_WORD;
        r->letters = 1;
        return true;
    }
    if (r->nan && r->letters == 3 && c == '(') {
        r->state = IN_PAYLOAD;
        r->complete = false;
        return true;
    }
    if (word[r->letters] == 0 || (c | 0x20) != word[r->letters]) return false;
    r->letters++;
    r->complete = r->letters == 3 || r->letters == 8;
    r->infinite = !r->nan && r->letters >= 3;
    return true;
}

static bool feed_payload(struct flt_reader *r, int c)
{
    if (c == ')') {
        r->state = AT_END;
        r->complete = true;
        return true;
    }
    return isalnum(c) || c == '_';
}

bool flt_feed(struct flt_reader *r, int c)
{
    switch (r->state) {
    case AT_SIGN:
        r->state = AT_START;
        if (c != '-' && c != '+') return flt_feed(r, c);
        r->negative = c == '-';
        return true;
    case AT_START: return feed_number(r, c) || feed_word(r, c);
    case AT_WHOLE:
    case AT_FRACTION: return feed_number(r, c);
    case AT_MARK:
    case AT_EXPONENT_SIGN:
    case AT_EXPONENT: return feed_exponent(r, c);
    case IN_WORD: return feed_word(r, c);
    case IN_PAYLOAD: return feed_payload(r, c);
    default: return false;
    }
}

static uint64_t decimal_value(struct flt_reader *r, const struct flt_format *f, bool *range)
{
    int power = r->power + (r->exponent_negative ? -r->exponent : r->exponent), count = r->count;
    if (r->digits.size == 0) return 0;
    if (r->more) {
        big_mul_add(&r->digits, 10, 1);
        power--;
        count++;
    }
    if (count + power > 400 || count + power < -400) {
        power = count + power > 0 ? 400 : -400;
        big_set(&r->digits, 1);
    }
    return round_decimal(&r->digits, power, f, range);
}

static uint64_t hex_value(struct flt_reader *r, const struct flt_format *f, bool *range)
{
    int power = r->power + (r->exponent_negative ? -r->exponent : r->exponent);
    if (r->bits == 0) return 0;
    for (; r->bits >> 63 == 0; r->bits <<= 1)
        power--;
    return pack(r->bits, power, r->more, f, range);
}

uint64_t flt_value(struct flt_reader *r, const struct flt_format *f, bool *range)
{
    uint64_t infinity = infinity_bits(f);
    uint64_t bits, sign = (uint64_t)r->negative << (f == &flt_single ? 31 : 63);
    *range = false;
    if (r->nan)
        bits = infinity | 1ull << (f->mantissa - 2);
    else if (r->infinite)
        bits = infinity;
    else
        bits = r->hex ? hex_value(r, f, range) : decimal_value(r, f, range);
    return bits | sign;
}

uint64_t flt_parse(const char *text, const char **end, const struct flt_format *f, bool *range)
{
    struct flt_reader r;
    const char *s = text;
    flt_begin(&r);
    *end = text;
    *range = false;
    while (isspace(*s))
        s++;
    while (*s != 0 && flt_feed(&r, (unsigned char)*s)) {
        s++;
        if (r.complete) *end = s;
    }
    return *end == text ? 0 : flt_value(&r, f, range);
}
