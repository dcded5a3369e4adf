/* format.c: the conversions of the printf family, into a sink.
 *
 *      % flags width . precision length conversion
 *
 * Lengths hh h l ll j z t, and I64 and I32 as Windows compilers write them. L is ll for whole numbers and has no
 * effect on others: long double is double. Wide characters are those of the C locale: one byte each.
 */
#include "clib.h"
#include "errno.h"
#include "string.h"

void fmt_fill(struct fmt_sink *sink, char c, size_t count)
{
    char block[16];
    for (unsigned i = 0; i < sizeof block; i++)
        block[i] = c;
    for (; count > sizeof block; count -= sizeof block)
        sink->put(sink, block, sizeof block);
    if (count > 0) sink->put(sink, block, count);
}

void fmt_field(struct fmt_sink *sink, const struct fmt_spec *spec, const struct fmt_parts *parts)
{
    size_t used = parts->prefix_size + parts->zeros + parts->body_size;
    size_t pad = spec->width > 0 && (size_t)spec->width > used ? (size_t)spec->width - used : 0;
    if (!spec->left && !spec->zero) fmt_fill(sink, ' ', pad);
    sink->put(sink, parts->prefix, parts->prefix_size);
    if (!spec->left && spec->zero) fmt_fill(sink, '0', pad);
    fmt_fill(sink, '0', parts->zeros);
    sink->put(sink, parts->body, parts->body_size);
    if (spec->left) fmt_fill(sink, ' ', pad);
}

static int64_t take_signed(const struct fmt_spec *spec, struct fmt_args *args)
{
    switch (spec->length) {
    case 'q': return va_arg(args->ap, long long);
    case 'l': return va_arg(args->ap, long);
    case 'h': return (short)va_arg(args->ap, int);
    case 'H': return (signed char)va_arg(args->ap, int);
    default: return va_arg(args->ap, int);
    }
}

static uint64_t take_unsigned(const struct fmt_spec *spec, struct fmt_args *args)
{
    switch (spec->length) {
    case 'q': return va_arg(args->ap, unsigned long long);
    case 'l': return va_arg(args->ap, unsigned long);
    case 'h': return (unsigned short)va_arg(args->ap, unsigned);
    case 'H': return (unsigned char)va_arg(args->ap, unsigned);
    default: return va_arg(args->ap, unsigned);
    }
}

char *fmt_digits(char *text, size_t size, uint64_t value, unsigned base, bool upper)
{
    char *at = text + size;
    while (value != 0) {
        uint32_t digit = div_step(&value, base);
        *--at = (char)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
    }
    return at;
}

static void fmt_integer(struct fmt_sink *sink, struct fmt_spec *spec, struct fmt_args *args)
{
    char text[24];
    struct fmt_parts parts = {.prefix_size = 0};
    unsigned base = spec->conv == 'o' ? 8 : 10;
    uint64_t value;
    if (spec->conv == 'd' || spec->conv == 'i') {
        int64_t number = take_signed(spec, args);
        value = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
        if (number < 0)
            parts.prefix[parts.prefix_size++] = '-';
        else if (spec->plus || spec->space)
            parts.prefix[parts.prefix_size++] = spec->plus ? '+' : ' ';
    } else {
        value = take_unsigned(spec, args);
        if ((spec->conv | 0x20) == 'x') {
            base = 16;
            if (spec->alt && value != 0) {
                parts.prefix[parts.prefix_size++] = '0';
                parts.prefix[parts.prefix_size++] = spec->conv;
            }
        }
    }
    char *start = fmt_digits(text, sizeof text, value, base, spec->conv == 'X');
    parts.body = start;
    parts.body_size = (size_t)(text + sizeof text - start);
    size_t least = spec->precision < 0 ? 1 : (size_t)spec->precision;
    if (parts.body_size < least) parts.zeros = least - parts.body_size;
    if (spec->conv == 'o' && spec->alt && parts.zeros == 0) parts.zeros = 1;
    if (spec->precision >= 0) spec->zero = false;
    fmt_field(sink, spec, &parts);
}

/* Eight digits, as INtime and Windows programs expect of %p. */
static void fmt_pointer(struct fmt_sink *sink, struct fmt_spec *spec, struct fmt_args *args)
{
    char text[24];
    struct fmt_parts parts = {.prefix_size = 0};
    uintptr_t value = (uintptr_t)va_arg(args->ap, void *);
    char *start = fmt_digits(text, sizeof text, value, 16, true);
    parts.body = start;
    parts.body_size = (size_t)(text + sizeof text - start);
    if (parts.body_size < 8) parts.zeros = 8 - parts.body_size;
    spec->zero = false;
    fmt_field(sink, spec, &parts);
}

static void fmt_string(struct fmt_sink *sink, struct fmt_spec *spec, const char *text)
{
    struct fmt_parts parts = {.prefix_size = 0};
    if (text == NULL) text = "(null)";
    size_t most = spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision;
    while (parts.body_size < most && text[parts.body_size] != 0)
        parts.body_size++;
    parts.body = text;
    spec->zero = false;
    fmt_field(sink, spec, &parts);
}

static void fmt_char(struct fmt_sink *sink, struct fmt_spec *spec, char c)
{
    struct fmt_parts parts = {.body = &c, .body_size = 1};
    spec->zero = false;
    fmt_field(sink, spec, &parts);
}

/* %ls and %lc. A character that is no byte ends the whole call. */
static void fmt_wide(struct fmt_sink *sink, const struct fmt_spec *spec, const wchar_t *text,
                     size_t size)
{
    size_t pad = spec->width > 0 && (size_t)spec->width > size ? (size_t)spec->width - size : 0;
    for (size_t i = 0; i < size; i++)
        if ((unsigned)text[i] > 255) {
            sink->failed = true;
            errno = EILSEQ;
            return;
        }
    if (!spec->left) fmt_fill(sink, ' ', pad);
    for (size_t i = 0; i < size; i++) {
        char c = (char)text[i];
        sink->put(sink, &c, 1);
    }
    if (spec->left) fmt_fill(sink, ' ', pad);
}

static void fmt_wide_string(struct fmt_sink *sink, struct fmt_spec *spec, const wchar_t *text)
{
    size_t size = 0, most = spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision;
    if (text == NULL) {
        fmt_string(sink, spec, NULL);
        return;
    }
    while (size < most && text[size] != 0)
        size++;
    fmt_wide(sink, spec, text, size);
}

static void fmt_wide_char(struct fmt_sink *sink, const struct fmt_spec *spec, wchar_t c)
{
    fmt_wide(sink, spec, &c, 1);
}

/* ls, lc; and S, C as compilers for Windows have them. */
static bool is_wide(const struct fmt_spec *spec)
{
    bool capital = spec->conv == 'S' || spec->conv == 'C';
    return spec->length == 'l' || (capital && spec->length == 0);
}

static void store_count(const struct fmt_spec *spec, struct fmt_args *args, size_t count)
{
    void *to = va_arg(args->ap, void *);
    switch (spec->length) {
    case 'q': *(long long *)to = (long long)count; break;
    case 'l': *(long *)to = (long)count; break;
    case 'h': *(short *)to = (short)count; break;
    case 'H': *(signed char *)to = (signed char)count; break;
    default: *(int *)to = (int)count; break;
    }
}

/* The stack slot of a double is taken as a whole number where that is the same: no coprocessor. */
static uint64_t take_double(struct fmt_args *args)
{
#ifdef __i386__
    return va_arg(args->ap, uint64_t);
#else
    union {
        double value;
        uint64_t bits;
    } u = {.value = va_arg(args->ap, double)};
    return u.bits;
#endif
}

static int parse_number(const char **at)
{
    int value = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        if (value < 100000000) value = value * 10 + (**at - '0');
    return value;
}

static void parse_flags(const char **at, struct fmt_spec *spec)
{
    for (;; ++*at) {
        switch (**at) {
        case '-': spec->left = true; break;
        case '+': spec->plus = true; break;
        case ' ': spec->space = true; break;
        case '#': spec->alt = true; break;
        case '0': spec->zero = true; break;
        default: return;
        }
    }
}

static void parse_size(const char **at, struct fmt_spec *spec, struct fmt_args *args)
{
    if (**at == '*') {
        spec->width = va_arg(args->ap, int);
        ++*at;
        if (spec->width < 0) {
            spec->left = true;
            spec->width = spec->width == -2147483647 - 1 ? 0 : -spec->width;
        }
    } else {
        spec->width = parse_number(at);
    }
    if (**at != '.') return;
    ++*at;
    if (**at == '*') {
        spec->precision = va_arg(args->ap, int);
        ++*at;
        if (spec->precision < 0) spec->precision = -1;
    } else {
        spec->precision = parse_number(at);
    }
}

const char *fmt_length(const char *s, char *length)
{
    *length = 0;
    if (s[0] == 'I' && s[1] == '6' && s[2] == '4') {
        *length = 'q';
        return s + 3;
    }
    if (s[0] == 'I' && s[1] == '3' && s[2] == '2') return s + 3;
    if (s[0] == 'I' && s[1] != 0 && strchr("diouxXn", s[1]) != NULL)
        return s + 1; /* as a pointer */
    switch (*s) {
    case 'h':
    case 'l':
        *length = *s;
        if (s[1] != *s) return s + 1;
        *length = *s == 'h' ? 'H' : 'q';
        return s + 2;
    case 'j':
    case 'L': *length = 'q'; return s + 1;
    case 'z':
    case 't': *length = 'l'; return s + 1;
    default: return s;
    }
}

static void convert(struct fmt_sink *sink, struct fmt_spec *spec, struct fmt_args *args)
{
    switch (spec->conv) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': fmt_integer(sink, spec, args); break;
    case 'p': fmt_pointer(sink, spec, args); break;
    case 's':
    case 'S':
        if (is_wide(spec))
            fmt_wide_string(sink, spec, va_arg(args->ap, const wchar_t *));
        else
            fmt_string(sink, spec, va_arg(args->ap, const char *));
        break;
    case 'c':
    case 'C':
        if (is_wide(spec))
            fmt_wide_char(sink, spec, (wchar_t)va_arg(args->ap, int));
        else
            fmt_char(sink, spec, (char)va_arg(args->ap, int));
        break;
    case 'n': store_count(spec, args, sink->total); break;
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
    case 'a':
    case 'A': fmt_float(sink, spec, take_double(args)); break;
    default: fmt_char(sink, spec, spec->conv); break; /* %% and what is no conversion */
    }
}

int fmt_print(struct fmt_sink *sink, const char *format, va_list ap)
{
    struct fmt_args args;
    va_copy(args.ap, ap);
    sink->failed = false;
    while (!sink->failed) {
        const char *start = format;
        while (*format != 0 && *format != '%')
            format++;
        if (format != start) sink->put(sink, start, (size_t)(format - start));
        if (*format == 0) break;
        struct fmt_spec spec = {.precision = -1};
        format++;
        parse_flags(&format, &spec);
        parse_size(&format, &spec, &args);
        format = fmt_length(format, &spec.length);
        if (*format == 0) break;
        spec.conv = *format++;
        convert(sink, &spec, &args);
    }
    va_end(args.ap);
    return sink->failed || sink->total > 0x7FFFFFFF ? -1 : (int)sink->total;
}
