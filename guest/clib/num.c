/* num.c: whole numbers from text, one routine for all of strtol's family and what scanf needs of it. */
#include "clib.h"
#include "ctype.h"

int num_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* magnitude * base + digit; false when that needs more than 64 bits */
bool num_push(uint64_t *magnitude, unsigned base, unsigned digit)
{
    uint64_t low = (uint64_t)(uint32_t)*magnitude * base + digit;
    uint64_t high = (*magnitude >> 32) * base + (low >> 32);
    if (high >> 32 != 0) return false;
    *magnitude = high << 32 | (uint32_t)low;
    return true;
}

struct num_result num_parse(const char *text, int base)
{
    struct num_result r = {.end = text};
    const char *s = text;
    while (isspace(*s))
        s++;
    if (base < 0 || base == 1 || base > 36) return r;
    if (*s == '-' || *s == '+') r.negative = *s++ == '-';
    bool prefix = s[0] == '0' && (s[1] | 0x20) == 'x' && num_digit(s[2]) < 16;
    if ((base == 0 || base == 16) && prefix) {
        s += 2;
        base = 16;
    } else if (base == 0) {
        base = *s == '0' ? 8 : 10;
    }
    for (; num_digit(*s) < base; s++) {
        r.any = true;
        if (!r.overflow && !num_push(&r.magnitude, (unsigned)base, (unsigned)num_digit(*s)))
            r.overflow = true;
    }
    if (r.any) r.end = s;
    return r;
}

uint64_t num_value(const struct num_result *n, bool is_signed, uint64_t max, bool *range)
{
    uint64_t limit = max + (is_signed && n->negative);
    *range = n->overflow || n->magnitude > limit;
    if (*range && !is_signed) return limit;
    uint64_t magnitude = *range ? limit : n->magnitude;
    return n->negative ? 0 - magnitude : magnitude;
}
