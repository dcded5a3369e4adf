/* scan.c: the conversions of the scanf family, from a source of characters.
 *
 *      % * width length conversion        d i u o x X p   a e f g   c s [set] n %
 *
 * An item is the longest input that could be the beginning of what is wanted; one character too many is read and put
 * back. Lengths as in format.c; l before c, s and [ stores wide characters.
 */
#include "clib.h"
#include "ctype.h"

#define NO_WIDTH ((size_t)-1)

struct scan {
    struct scan_source *source;
    struct fmt_args args;
    size_t taken; /* characters, for %n */
    size_t left;  /* of the item's width */
    int done;
};
struct scan_spec {
    bool skip;
    size_t width;
    char length; /* as in struct fmt_spec */
    char conv;
    bool set[256];
};
enum outcome { MATCHED, MISMATCH, INPUT_ENDED };

/* The next character of the item; -1 where the input or the width ends. */
static int next(struct scan *scan)
{
    int c = scan->left > 0 ? scan->source->get(scan->source) : -1;
    if (c < 0) return -1;
    scan->taken++;
    scan->left--;
    return c;
}

static void back(struct scan *scan, int c)
{
    if (c < 0) return;
    scan->source->back(scan->source, c);
    scan->taken--;
    scan->left++;
}

/* Returns the character that is not blank, which stays in the input; -1: the input ended. */
static int skip_space(struct scan *scan)
{
    int c;
    scan->left = NO_WIDTH;
    do {
        c = next(scan);
    } while (isspace(c));
    back(scan, c);
    return c;
}

/* --- numbers --- */

static void store_integer(struct scan *scan, const struct scan_spec *spec, uint64_t value)
{
    void *to = va_arg(scan->args.ap, void *);
    switch (spec->length) {
    case 'q': *(uint64_t *)to = value; break;
    case 'l': *(unsigned long *)to = (unsigned long)value; break;
    case 'h': *(unsigned short *)to = (unsigned short)value; break;
    case 'H': *(unsigned char *)to = (unsigned char)value; break;
    default: *(unsigned *)to = (unsigned)value; break;
    }
}

static void read_integer(struct scan *scan, int base, struct num_result *n)
{
    int c = next(scan);
    if (c == '-' || c == '+') {
        n->negative = c == '-';
        c = next(scan);
    }
    if (c == '0' && (base == 0 || base == 16)) {
        n->any = true;
        c = next(scan);
        if (c == 'x' || c == 'X') {
            base = 16;
            c = next(scan);
        } else if (base == 0) {
            base = 8;
        }
    }
    if (base == 0) base = 10;
    for (; c >= 0 && num_digit((char)c) < base; c = next(scan)) {
        n->any = true;
        if (!num_push(&n->magnitude, (unsigned)base, (unsigned)num_digit((char)c)))
            n->overflow = true;
    }
    back(scan, c);
}

/* What strtol's family would make of it. */
static uint64_t integer_value(const struct num_result *n, const struct scan_spec *spec)
{
    bool is_signed = spec->conv == 'd' || spec->conv == 'i', range;
    uint64_t max = spec->length == 'q' ? UINT64_MAX : UINT32_MAX;
    return num_value(n, is_signed, is_signed ? max >> 1 : max, &range);
}

static enum outcome scan_integer(struct scan *scan, const struct scan_spec *spec)
{
    static const struct {
        char conv;
        signed char base;
    } bases[] = {{'d', 10}, {'u', 10}, {'i', 0}, {'o', 8}, {'x', 16}, {'X', 16}, {'p', 16}};
    struct num_result n = {0};
    int base = 10;
    for (unsigned i = 0; i < sizeof bases / sizeof bases[0]; i++)
        if (bases[i].conv == spec->conv) base = bases[i].base;
    read_integer(scan, base, &n);
    if (!n.any) return MISMATCH;
    if (spec->skip) return MATCHED;
    store_integer(scan, spec, integer_value(&n, spec));
    scan->done++;
    return MATCHED;
}

static enum outcome scan_float(struct scan *scan, const struct scan_spec *spec)
{
    struct flt_reader r;
    bool range, wide = spec->length == 'l' || spec->length == 'q';
    int c;
    flt_begin(&r);
    while ((c = next(scan)) >= 0 && flt_feed(&r, c)) {
    }
    back(scan, c);
    if (!r.complete) return MISMATCH;
    if (spec->skip) return MATCHED;
    uint64_t bits = flt_value(&r, wide ? &flt_double : &flt_single, &range);
    void *to = va_arg(scan->args.ap, void *);
    if (wide)
        *(uint64_t *)to = bits;
    else
        *(uint32_t *)to = (uint32_t)bits;
    scan->done++;
    return MATCHED;
}

/* --- characters --- */

static bool wanted(const struct scan_spec *spec, int c)
{
    if (spec->conv == 's') return !isspace(c);
    return spec->conv == 'c' || spec->set[c];
}

static void store_char(void *to, bool wide, size_t i, int c)
{
    if (to != NULL && wide)
        ((wchar_t *)to)[i] = (wchar_t)c;
    else if (to != NULL)
        ((char *)to)[i] = (char)c;
}

static enum outcome scan_chars(struct scan *scan, const struct scan_spec *spec)
{
    bool wide = spec->length == 'l';
    void *to = spec->skip ? NULL : va_arg(scan->args.ap, void *);
    size_t n = 0;
    int c = -1;
    if (spec->conv == 'c' && spec->width == NO_WIDTH) scan->left = 1;
    while ((c = next(scan)) >= 0 && wanted(spec, c))
        store_char(to, wide, n++, c);
    back(scan, c);
    if (n == 0) return MISMATCH;
    if (spec->conv == 'c' && scan->left > 0) return INPUT_ENDED;
    if (spec->conv != 'c') store_char(to, wide, n, 0);
    scan->done += to != NULL;
    return MATCHED;
}

/* --- the format --- */

/* After '[': returns behind ']'. */
static const char *parse_set(const char *s, struct scan_spec *spec)
{
    bool in = *s != '^';
    if (!in) s++;
    for (unsigned i = 0; i < 256; i++)
        spec->set[i] = !in;
    bool first = true;
    for (; *s != 0 && (*s != ']' || first); s++, first = false) {
        unsigned from = (unsigned char)*s, to = from;
        if (s[1] == '-' && s[2] != 0 && s[2] != ']') {
            to = (unsigned char)s[2];
            s += 2;
        }
        for (unsigned c = from; c <= to; c++)
            spec->set[c] = in;
    }
    return *s == 0 ? s : s + 1;
}

/* Behind '%'; returns behind the conversion. */
static const char *parse_spec(const char *s, struct scan_spec *spec)
{
    spec->skip = *s == '*';
    if (spec->skip) s++;
    spec->width = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        if (spec->width < 100000000) spec->width = spec->width * 10 + (size_t)(*s - '0');
    if (spec->width == 0) spec->width = NO_WIDTH;
    s = fmt_length(s, &spec->length);
    spec->conv = *s;
    if (*s == 0) return s;
    return *s == '[' ? parse_set(s + 1, spec) : s + 1;
}

static enum outcome match_literal(struct scan *scan, char literal)
{
    scan->left = NO_WIDTH;
    int c = next(scan);
    if (c == (unsigned char)literal) return MATCHED;
    back(scan, c);
    return c < 0 ? INPUT_ENDED : MISMATCH;
}

static enum outcome convert(struct scan *scan, const struct scan_spec *spec)
{
    if (spec->conv == 'n') {
        if (!spec->skip) store_integer(scan, spec, scan->taken);
        return MATCHED;
    }
    scan->left = NO_WIDTH;
    int first = -1;
    if (spec->conv == 'c' || spec->conv == '[')
        back(scan, first = next(scan));
    else
        first = skip_space(scan);
    if (first < 0) return INPUT_ENDED;
    scan->left = spec->width;
    switch (spec->conv) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
    case 'p': return scan_integer(scan, spec);
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': return scan_float(scan, spec);
    case 'c':
    case 's':
    case '[': return scan_chars(scan, spec);
    case '%': return match_literal(scan, '%');
    default: return MISMATCH;
    }
}

int scan_input(struct scan_source *source, const char *format, va_list ap)
{
    struct scan scan = {.source = source};
    enum outcome outcome = MATCHED;
    va_copy(scan.args.ap, ap);
    while (outcome == MATCHED && *format != 0) {
        struct scan_spec spec;
        if (isspace(*format)) {
            skip_space(&scan);
            format++;
        } else if (*format != '%') {
            outcome = match_literal(&scan, *format++);
        } else {
            format = parse_spec(format + 1, &spec);
            outcome = convert(&scan, &spec);
        }
    }
    va_end(scan.args.ap);
    return outcome == INPUT_ENDED && scan.done == 0 ? -1 : scan.done;
}
