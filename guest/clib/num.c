/* num.c: whole numbers from text, one routine for all of strtol's family and for sscanf. */
#include "clib.h"

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* magnitude * base + digit; false when that needs more than 64 bits */
static bool push_digit(uint64_t *magnitude, unsigned base, unsigned digit)
{
    uint64_t low = (uint64_t)(uint32_t)*magnitude * base + digit;
    uint64_t high = (*magnitude >> 32) * base + (low >> 32);
    if (high >> 32 != 0) return false;
    *magnitude = high << 32 | (uint32_t)low;
    return true;
}

/* width: at most so many characters count (sscanf); SIZE_MAX otherwise */
struct num_result num_parse(const char *text, int base, size_t width)
{
    struct num_result r = {.end = text};
    const char *s = text;
    while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
        s++;
    const char *stop = width > (size_t)-1 - (size_t)(uintptr_t)s ? NULL : s + width;
    if (base < 0 || base == 1 || base > 36) return r;
    if (s != stop && (*s == '-' || *s == '+')) r.negative = *s++ == '-';
    bool prefix = s != stop && s[0] == '0' && s + 1 != stop && (s[1] | 0x20) == 'x' &&
                  s + 2 != stop && digit_value(s[2]) < 16;
    if ((base == 0 || base == 16) && prefix) {
        s += 2;
        base = 16;
    } else if (base == 0) {
        base = s != stop && *s == '0' ? 8 : 10;
    }
    for (; s != stop && digit_value(*s) < base; s++) {
        r.any = true;
        if (!r.overflow && !push_digit(&r.magnitude, (unsigned)base, (unsigned)digit_value(*s)))
            r.overflow = true;
    }
    if (r.any) r.end = s;
    return r;
}
