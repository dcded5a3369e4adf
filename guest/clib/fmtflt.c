/* fmtflt.c: %f %e %g %a of a double given as bits. */
#include "clib.h"

/* What comes out goes to the sink in order: prefix, padding, then pieces. A dry run measures them.
 */
struct float_out {
    struct fmt_sink *sink; /* NULL: only count */
    size_t size;
};

static void put(struct float_out *out, const char *text, size_t size)
{
    if (out->sink != NULL) out->sink->put(out->sink, text, size);
    out->size += size;
}

static void put_zeros(struct float_out *out, size_t count)
{
    if (out->sink != NULL) fmt_fill(out->sink, '0', count);
    out->size += count;
}

/* digits [from, from + count) of the value, zero beyond those that exist */
static void put_digits(struct float_out *out, const struct flt_dec *dec, int from, int count)
{
    if (from < 0) {
        int zeros = -from < count ? -from : count;
        put_zeros(out, (size_t)zeros);
        from += zeros;
        count -= zeros;
    }
    if (count > 0 && from < dec->count) {
        int real = dec->count - from < count ? dec->count - from : count;
        put(out, dec->digit + from, (size_t)real);
        count -= real;
    }
    if (count > 0) put_zeros(out, (size_t)count);
}

struct float_form {
    char style;    /* 'f' or 'e' */
    int precision; /* digits after the point */
    bool point;    /* a point even without digits after it */
    char mark;     /* 'e' or 'E' */
    int exponent;  /* for style 'e' */
};

static void put_exponent(struct float_out *out, char mark, int exponent, int least)
{
    char text[8];
    int at = sizeof text;
    unsigned value = exponent < 0 ? (unsigned)-exponent : (unsigned)exponent;
    for (int i = 0; i < least || value != 0; i++) {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    }
    text[--at] = exponent < 0 ? '-' : '+';
    text[--at] = mark;
    put(out, text + at, (size_t)((int)sizeof text - at));
}

static void put_form(struct float_out *out, const struct flt_dec *dec,
                     const struct float_form *form)
{
    int whole = form->style == 'e' ? 1 : dec->point;
    if (whole <= 0)
        put(out, "0", 1);
    else
        put_digits(out, dec, 0, whole);
    if (form->precision > 0 || form->point) put(out, ".", 1);
    put_digits(out, dec, whole, form->precision);
    if (form->style == 'e') put_exponent(out, form->mark, form->exponent, 2);
}

static struct float_form plan_general(struct flt_dec *dec, const struct fmt_spec *spec)
{
    struct float_form form = {.mark = spec->conv == 'G' ? 'E' : 'e', .point = spec->alt};
    int digits = spec->precision < 0 ? 6 : spec->precision == 0 ? 1 : spec->precision;
    flt_round(dec, digits);
    int exponent = dec->count == 0 ? 0 : dec->point - 1;
    int shown = spec->alt ? digits : dec->count == 0 ? 1 : dec->count; /* significant digits */
    form.exponent = exponent;
    if (exponent < -4 || exponent >= digits) {
        form.style = 'e';
        form.precision = shown - 1;
    } else {
        form.style = 'f';
        form.precision = shown > exponent + 1 ? shown - exponent - 1 : 0;
    }
    return form;
}

static struct float_form plan(struct flt_dec *dec, const struct fmt_spec *spec)
{
    struct float_form form = {.point = spec->alt,
                              .precision = spec->precision < 0 ? 6 : spec->precision};
    char conv = (char)(spec->conv | 0x20);
    if (conv == 'g') return plan_general(dec, spec);
    form.style = conv;
    form.mark = spec->conv;
    if (conv == 'f') {
        flt_round(dec, dec->point + form.precision);
    } else {
        flt_round(dec, form.precision + 1);
        form.exponent = dec->count == 0 ? 0 : dec->point - 1;
    }
    if (dec->count == 0) dec->point = 1; /* "0.000" */
    return form;
}

static void put_hex(struct float_out *out, const struct fmt_spec *spec, uint64_t bits)
{
    const char *digits = spec->conv == 'A' ? "0123456789ABCDEF" : "0123456789abcdef";
    int exponent = (int)(bits >> 52 & 0x7FF), count = spec->precision;
    uint64_t mantissa = bits & 0xFFFFFFFFFFFFFull;
    if (exponent != 0) mantissa |= 1ull << 52;
    exponent = mantissa == 0 ? 0 : exponent == 0 ? -1022 : exponent - 1023;
    if (count >= 0 && count < 13) { /* round half to even at the last shown digit */
        int drop = (13 - count) * 4;
        uint64_t half = 1ull << (drop - 1), below = mantissa & ((half << 1) - 1);
        mantissa -= below;
        if (below > half || (below == half && (mantissa >> drop & 1) != 0)) mantissa += half << 1;
    }
    put(out, &digits[mantissa >> 52], 1);
    mantissa &= 0xFFFFFFFFFFFFFull;
    if (count > 0 || spec->alt || (count < 0 && mantissa != 0)) put(out, ".", 1);
    for (int i = 0; i < 13 && (count < 0 ? mantissa != 0 : i < count); i++) {
        put(out, &digits[mantissa >> 48], 1);
        mantissa = mantissa << 4 & 0xFFFFFFFFFFFFFull;
    }
    if (count > 13) put_zeros(out, (size_t)(count - 13));
    put_exponent(out, spec->conv == 'A' ? 'P' : 'p', exponent, 1);
}

static void put_body(struct float_out *out, const struct fmt_spec *spec, uint64_t bits,
                     const struct flt_dec *dec, const struct float_form *form)
{
    if ((spec->conv | 0x20) == 'a')
        put_hex(out, spec, bits);
    else
        put_form(out, dec, form);
}

static void fmt_special(struct fmt_sink *sink, const struct fmt_spec *spec, struct fmt_parts *parts,
                        bool nan)
{
    struct fmt_spec plain = *spec;
    bool upper = (spec->conv & 0x20) == 0;
    plain.zero = false;
    parts->body = nan ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
    parts->body_size = 3;
    fmt_field(sink, &plain, parts);
}

void fmt_float(struct fmt_sink *sink, const struct fmt_spec *spec, uint64_t bits)
{
    struct flt_dec dec;
    struct float_form form = {.style = 'f'};
    struct fmt_parts parts = {.body = ""};
    struct float_out out = {.sink = NULL};
    bool negative = bits >> 63 != 0;
    if (negative || spec->plus || spec->space)
        parts.prefix[parts.prefix_size++] = negative ? '-' : spec->plus ? '+' : ' ';
    if ((bits >> 52 & 0x7FF) == 0x7FF) {
        fmt_special(sink, spec, &parts, (bits & 0xFFFFFFFFFFFFFull) != 0);
        return;
    }
    if ((spec->conv | 0x20) == 'a') {
        parts.prefix[parts.prefix_size++] = '0';
        parts.prefix[parts.prefix_size++] = spec->conv == 'A' ? 'X' : 'x';
    } else {
        flt_expand(bits, &dec);
        form = plan(&dec, spec);
    }
    put_body(&out, spec, bits, &dec, &form);
    size_t used = parts.prefix_size + out.size;
    size_t pad = spec->width > 0 && (size_t)spec->width > used ? (size_t)spec->width - used : 0;
    if (!spec->left && !spec->zero) fmt_fill(sink, ' ', pad);
    sink->put(sink, parts.prefix, parts.prefix_size);
    if (!spec->left && spec->zero) fmt_fill(sink, '0', pad);
    out.sink = sink;
    put_body(&out, spec, bits, &dec, &form);
    if (spec->left) fmt_fill(sink, ' ', pad);
}
