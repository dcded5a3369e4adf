/* stdlib.c: numbers from and to text, whole-number arithmetic, random numbers, multibyte characters. */
#include "stdlib.h"
#include "clib.h"
#include "errno.h"
#include "inttypes.h"
#include "string.h"

/* --- numbers from text --- */

/* Bits for the assembler side, which turns them into a coprocessor value. */
uint64_t clib_strtod_bits(const char *s, char **end);
uint32_t clib_strtof_bits(const char *s, char **end);

static uint64_t parse_bits(const char *s, char **end, const struct flt_format *format)
{
    const char *stop;
    bool range;
    uint64_t bits = flt_parse(s, &stop, format, &range);
    if (end != NULL) *end = (char *)(uintptr_t)stop;
    if (range) errno = ERANGE;
    return bits;
}

uint64_t clib_strtod_bits(const char *s, char **end)
{
    return parse_bits(s, end, &flt_double);
}
uint32_t clib_strtof_bits(const char *s, char **end)
{
    return (uint32_t)parse_bits(s, end, &flt_single);
}

static uint64_t parse(const char *s, char **end, int base, bool is_signed, uint64_t max)
{
    struct num_result r = num_parse(s, base);
    bool range;
    uint64_t value = num_value(&r, is_signed, max, &range);
    if (end != NULL) *end = (char *)(uintptr_t)r.end;
    if (base < 0 || base == 1 || base > 36) errno = EINVAL;
    if (range) errno = ERANGE;
    return value;
}

long strtol(const char *s, char **end, int base)
{
    return (long)parse(s, end, base, true, 0x7FFFFFFFu);
}
unsigned long strtoul(const char *s, char **end, int base)
{
    return (unsigned long)parse(s, end, base, false, 0xFFFFFFFFu);
}
long long strtoll(const char *s, char **end, int base)
{
    return (long long)parse(s, end, base, true, 0x7FFFFFFFFFFFFFFFull);
}
unsigned long long strtoull(const char *s, char **end, int base)
{
    return parse(s, end, base, false, 0xFFFFFFFFFFFFFFFFull);
}
intmax_t strtoimax(const char *s, char **end, int base)
{
    return strtoll(s, end, base);
}
uintmax_t strtoumax(const char *s, char **end, int base)
{
    return strtoull(s, end, base);
}
int atoi(const char *s)
{
    return (int)strtol(s, NULL, 10);
}
long atol(const char *s)
{
    return strtol(s, NULL, 10);
}
long long atoll(const char *s)
{
    return strtoll(s, NULL, 10);
}

/* --- numbers to text --- */

static char *to_text(uint32_t value, bool negative, char *s, int base)
{
    char digits[33], *at = s;
    if (base < 2 || base > 36) {
        *s = 0;
        return s;
    }
    if (negative) *at++ = '-';
    const char *from = fmt_digits(digits, sizeof digits, value, (unsigned)base, false);
    size_t n = (size_t)(digits + sizeof digits - from);
    if (n == 0) *at++ = '0';
    memcpy(at, from, n);
    at[n] = 0;
    return s;
}

char *ultoa(unsigned long value, char *s, int base)
{
    return to_text((uint32_t)value, false, s, base);
}
char *utoa(unsigned value, char *s, int base)
{
    return to_text(value, false, s, base);
}
/* Only decimal numbers have a sign. */
char *itoa(int value, char *s, int base)
{
    bool negative = base == 10 && value < 0;
    return to_text(negative ? 0 - (uint32_t)value : (uint32_t)value, negative, s, base);
}
char *ltoa(long value, char *s, int base)
{
    return itoa((int)value, s, base);
}

/* --- whole numbers --- */

int abs(int value)
{
    return value < 0 ? -value : value;
}
long labs(long value)
{
    return value < 0 ? -value : value;
}
long long llabs(long long value)
{
    return value < 0 ? -value : value;
}
intmax_t imaxabs(intmax_t value)
{
    return llabs(value);
}
div_t div(int a, int b)
{
    return (div_t){a / b, a % b};
}
ldiv_t ldiv(long a, long b)
{
    return (ldiv_t){a / b, a % b};
}
lldiv_t lldiv(long long a, long long b)
{
    return (lldiv_t){a / b, a % b};
}
imaxdiv_t imaxdiv(intmax_t a, intmax_t b)
{
    return (imaxdiv_t){a / b, a % b};
}

/* --- random numbers: one sequence for the process --- */

static uint32_t random_state = 1;

void srand(unsigned seed)
{
    random_state = seed;
}

int rand(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (int)(random_state >> 16 & RAND_MAX);
}

/* Nothing comes from outside of the machine: of the time at which it is asked first follows the sequence, well mixed. Not for secrets. */
uint32_t arc4random(void)
{
    static uint64_t state;
    if (state == 0) state = (clib_clock() << 32 ^ clib_start_time()) | 1;
    state += 0x9E3779B97F4A7C15ull;
    uint32_t low = (uint32_t)state, high = (uint32_t)(state >> 32);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t product = (uint64_t)low * 0xD2511F53u;
        low = high ^ (uint32_t)(product >> 32);
        high = (uint32_t)product ^ 0x9E3779B9u * i;
    }
    return low ^ high;
}

/* --- multibyte characters: in the C locale each is one byte --- */

int mbtowc(wchar_t *to, const char *s, size_t n)
{
    if (s == NULL) return 0;
    if (n == 0) return -1;
    if (to != NULL) *to = (unsigned char)*s;
    return *s != 0;
}

int mblen(const char *s, size_t n)
{
    return mbtowc(NULL, s, n);
}

int wctomb(char *s, wchar_t c)
{
    if (s == NULL) return 0;
    if ((unsigned)c > 255) {
        errno = EILSEQ;
        return -1;
    }
    *s = (char)c;
    return 1;
}

size_t mbstowcs(wchar_t *to, const char *s, size_t n)
{
    size_t i = 0;
    for (; to == NULL || i < n; i++) {
        if (to != NULL) to[i] = (unsigned char)s[i];
        if (s[i] == 0) break;
    }
    return i;
}

size_t wcstombs(char *to, const wchar_t *s, size_t n)
{
    char one;
    size_t i = 0;
    for (; to == NULL || i < n; i++) {
        if (wctomb(&one, s[i]) < 0) return (size_t)-1;
        if (to != NULL) to[i] = one;
        if (one == 0) break;
    }
    return i;
}
