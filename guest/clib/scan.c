/* scan.c: sscanf.
 *
 *      % * width length conversion        d i u o x X p   f e g a   c s [set] n %
 */
#include "clib.h"

struct scan {
    const char *text; /* where the input starts, for %n */
    const char *at;
    struct fmt_args args;
    int done;
};
struct scan_spec {
    bool skip;
    size_t width; /* SIZE_MAX: none given */
    char length;  /* as in struct fmt_spec */
    char conv;
    bool set[256];
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

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

static bool scan_integer(struct scan *scan, const struct scan_spec *spec)
{
    static const struct {
        char conv;
        signed char base;
    } bases[] = {{'d', 10}, {'u', 10}, {'i', 0}, {'o', 8}, {'x', 16}, {'X', 16}, {'p', 16}};
    int base = 10;
    for (unsigned i = 0; i < sizeof bases / sizeof bases[0]; i++)
        if (bases[i].conv == spec->conv) base = bases[i].base;
    struct num_result r = num_parse(scan->at, base, spec->width);
    if (!r.any) return false;
    scan->at = r.end;
    if (spec->skip) return true;
    store_integer(scan, spec, r.negative ? 0 - r.magnitude : r.magnitude);
    scan->done++;
    return true;
}

/* The number is parsed from a copy when a width cuts it. */
static bool scan_float(struct scan *scan, const struct scan_spec *spec)
{
    char copy[64];
    const char *from = scan->at, *end;
    bool range, wide = spec->length == 'l' || spec->length == 'q';
    if (spec->width < sizeof copy) {
        size_t n = 0;
        for (; n < spec->width && from[n] != 0; n++)
            copy[n] = from[n];
        copy[n] = 0;
        from = copy;
    }
    uint64_t bits = flt_parse(from, &end, wide ? &flt_double : &flt_single, &range);
    if (end == from) return false;
    scan->at += end - from;
    if (spec->skip) return true;
    void *to = va_arg(scan->args.ap, void *);
    if (wide)
        *(uint64_t *)to = bits;
    else
        *(uint32_t *)to = (uint32_t)bits;
    scan->done++;
    return true;
}

static bool scan_chars(struct scan *scan, const struct scan_spec *spec)
{
    size_t most = spec->conv == 'c' && spec->width == (size_t)-1 ? 1 : spec->width, n = 0;
    char *to = spec->skip ? NULL : va_arg(scan->args.ap, char *);
    for (; n < most && scan->at[n] != 0; n++) {
        if (spec->conv == 's' && is_space(scan->at[n])) break;
        if (spec->conv == '[' && !spec->set[(unsigned char)scan->at[n]]) break;
        if (to != NULL) to[n] = scan->at[n];
    }
    if (n == 0 || (spec->conv == 'c' && n < most)) return false;
    if (to != NULL && spec->conv != 'c') to[n] = 0;
    scan->at += n;
    scan->done += to != NULL;
    return true;
}

/* After '[': returns behind ']'. */
static const char *parse_set(const char *s, struct scan_spec *spec)
{
    bool wanted = *s != '^';
    if (!wanted) s++;
    for (unsigned i = 0; i < 256; i++)
        spec->set[i] = !wanted;
    bool first = true;
    for (; *s != 0 && (*s != ']' || first); s++, first = false) {
        unsigned from = (unsigned char)*s, to = from;
        if (s[1] == '-' && s[2] != 0 && s[2] != ']') {
            to = (unsigned char)s[2];
            s += 2;
        }
        for (unsigned c = from; c <= to; c++)
            spec->set[c] = wanted;
    }
    return *s == 0 ? s : s + 1;
}

static const char *parse_spec(const char *s, struct scan_spec *spec)
{
    spec->skip = *s == '*';
    if (spec->skip) s++;
    spec->width = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        spec->width = spec->width * 10 + (size_t)(*s - '0');
    if (spec->width == 0) spec->width = (size_t)-1;
    spec->length = 0;
    if (*s == 'h' || *s == 'l') {
        spec->length = *s++;
        if (*s == s[-1]) spec->length = *s++ == 'h' ? 'H' : 'q';
    } else if (*s == 'j' || *s == 'L') {
        spec->length = 'q';
        s++;
    } else if (*s == 'z' || *s == 't') {
        spec->length = 'l';
        s++;
    } else if (s[0] == 'I' && s[1] == '6' && s[2] == '4') {
        spec->length = 'q';
        s += 3;
    }
    spec->conv = *s;
    if (*s == 0) return s;
    return *s == '[' ? parse_set(s + 1, spec) : s + 1;
}

static bool match_literal(struct scan *scan, char c)
{
    if (*scan->at != c) return false;
    scan->at++;
    return true;
}

/* False: matching ends here. */
static bool convert(struct scan *scan, const struct scan_spec *spec)
{
    if (spec->conv != 'c' && spec->conv != '[' && spec->conv != 'n')
        while (is_space(*scan->at))
            scan->at++;
    switch (spec->conv) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
    case 'p': return scan_integer(scan, spec);
    case 'f':
    case 'e':
    case 'g':
    case 'a':
    case 'E':
    case 'G': return scan_float(scan, spec);
    case 'c':
    case 's':
    case '[': return scan_chars(scan, spec);
    case 'n':
        if (!spec->skip) store_integer(scan, spec, (uint64_t)(scan->at - scan->text));
        return true;
    case '%': return match_literal(scan, '%');
    default: return false;
    }
}

int scan_text(const char *text, const char *format, va_list ap)
{
    struct scan scan = {.text = text, .at = text};
    va_copy(scan.args.ap, ap);
    bool empty = false, go = true;
    while (go && *format != 0) {
        struct scan_spec spec;
        if (is_space(*format)) {
            while (is_space(*scan.at))
                scan.at++;
            format++;
        } else if (*format != '%') {
            empty = *scan.at == 0;
            go = match_literal(&scan, *format++);
        } else {
            format = parse_spec(format + 1, &spec);
            const char *s = scan.at;
            while (spec.conv != 'c' && spec.conv != '[' && is_space(*s))
                s++;
            empty = *s == 0 && spec.conv != 'n';
            go = convert(&scan, &spec);
        }
    }
    va_end(scan.args.ap);
    return !go && empty && scan.done == 0 ? -1 : scan.done;
}
