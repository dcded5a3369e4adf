/* desc_parse.c: the many ways people write eight bytes. */
#include "desc_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PIECES_MAX 9

struct piece {
    unsigned digits;
    bool prefixed; /* 0x..., or ...h */
    uint64_t value;
};

static bool separator(char c)
{
    return c && strchr(" \t\n,:;[]{}()", c);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One number at *s; false: not hexadecimal, or longer than 16 digits. */
static bool piece_read(const char **s, struct piece *p)
{
    *p = (struct piece){0};
    if ((*s)[0] == '0' && ((*s)[1] == 'x' || (*s)[1] == 'X')) {
        p->prefixed = true;
        *s += 2;
    }
    for (; **s && !separator(**s); ++*s) {
        if ((**s == 'h' || **s == 'H') && p->digits && ((*s)[1] == '\0' || separator((*s)[1]))) {
            p->prefixed = true;
            continue;
        }
        if (**s == '_') continue;
        int digit = hex_digit(**s);
        if (digit < 0 || p->digits == 16) return false;
        p->value = p->value << 4 | (unsigned)digit;
        p->digits++;
    }
    return p->digits > 0;
}

static void put_le(uint8_t *to, uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static bool pieces_to_bytes(const struct piece *p, unsigned n, uint8_t bytes[8], const char **how)
{
    if (n == 1 && p[0].digits == 16 && !p[0].prefixed) {
        for (unsigned i = 0; i < 8; i++)
            bytes[i] = (uint8_t)(p[0].value >> (56 - 8 * i));
        *how = "8 bytes in memory order, lowest address first";
        return true;
    }
    if (n == 1 && p[0].prefixed) {
        put_le(bytes, p[0].value, 8);
        *how = "one 64-bit number";
        return true;
    }
    if (n == 2 && p[0].digits <= 8 && p[1].digits <= 8) {
        put_le(bytes + 4, p[0].value, 4);
        put_le(bytes, p[1].value, 4);
        *how = "high dword, low dword";
        return true;
    }
    if (n == 4) {
        for (unsigned i = 0; i < 4; i++) {
            if (p[i].digits > 4) return false;
            put_le(bytes + 2 * i, p[i].value, 2);
        }
        *how = "4 words in memory order, lowest address first";
        return true;
    }
    if (n != 8) return false;
    for (unsigned i = 0; i < 8; i++) {
        if (p[i].value > 0xff) return false;
        bytes[i] = (uint8_t)p[i].value;
    }
    *how = "8 bytes in memory order, lowest address first";
    return true;
}

bool desc_parse(int words, char *const word[], uint8_t bytes[8], const char **how, char *err,
                size_t err_size)
{
    struct piece piece[PIECES_MAX];
    unsigned n = 0;
    for (int w = 0; w < words; w++) {
        const char *s = word[w];
        for (;;) {
            while (separator(*s))
                s++;
            if (!*s) break;
            if (n == PIECES_MAX || !piece_read(&s, &piece[n])) {
                snprintf(err, err_size, "'%.40s' does not read as hexadecimal bytes", word[w]);
                return false;
            }
            n++;
        }
    }
    if (n && pieces_to_bytes(piece, n, bytes, how)) return true;
    snprintf(err, err_size,
             "a descriptor is 8 bytes (ff 0f 00 40 01 f2 40 00) or two dwords, the "
             "high one first (0040f201:40000fff)");
    return false;
}
