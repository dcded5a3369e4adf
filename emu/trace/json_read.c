#include "json_read.h"

#include <string.h>

#define DEPTH_MAX 64u

void jr_fail(struct json_reader *r, const char *why)
{
    if (!r->why) r->why = why;
}

char jr_peek(struct json_reader *r)
{
    if (r->why) return 0;
    while (r->at < r->n && r->text[r->at] && strchr(" \t\r\n", r->text[r->at]))
        r->at++;
    return r->at < r->n ? r->text[r->at] : 0;
}

static bool take(struct json_reader *r, char c, const char *why)
{
    if (jr_peek(r) != c) {
        jr_fail(r, why);
        return false;
    }
    r->at++;
    return true;
}

bool jr_enter(struct json_reader *r, char bracket)
{
    r->first = true;
    return take(r, bracket, bracket == '[' ? "a list was expected" : "an object was expected");
}

bool jr_more(struct json_reader *r, char bracket)
{
    char c = jr_peek(r);
    if (r->why) return false;
    if (c == bracket) {
        r->at++;
        r->first = false;
        return false;
    }
    if (!c)
        jr_fail(r, "the text is cut off");
    else if (!r->first)
        take(r, ',', "a comma is missing");
    r->first = false;
    return !r->why;
}

uint64_t jr_number(struct json_reader *r, uint64_t max)
{
    char c = jr_peek(r);
    if (c < '0' || c > '9') {
        jr_fail(r, "a number was expected");
        return 0;
    }
    uint64_t v = 0;
    for (; r->at < r->n && r->text[r->at] >= '0' && r->text[r->at] <= '9'; r->at++) {
        uint64_t digit = (uint64_t)(r->text[r->at] - '0');
        if (v > (max - digit) / 10) {
            jr_fail(r, "a number is too large");
            return 0;
        }
        v = 10 * v + digit;
    }
    return v;
}

static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A' + 10);
    return 16;
}

static char unicode_escape(struct json_reader *r)
{
    unsigned v = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned d = r->at < r->n ? hex_digit(r->text[r->at]) : 16;
        if (d == 16) {
            jr_fail(r, "an escape in a string is damaged");
            return 0;
        }
        v = 16 * v + d;
        r->at++;
    }
    return v < 0x80 ? (char)v : '?';
}

static char escape(struct json_reader *r)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->n ? r->text[r->at++] : 0;
    if (c == 'u') return unicode_escape(r);
    const char *p = c ? strchr(from, c) : NULL;
    if (!p) jr_fail(r, "an escape in a string is damaged");
    return p ? to[p - from] : 0;
}

size_t jr_string(struct json_reader *r, char *to, size_t size)
{
    size_t n = 0;
    to[0] = 0;
    if (!take(r, '"', "a string was expected")) return 0;
    while (!r->why) {
        char c = r->at < r->n ? r->text[r->at++] : 0;
        if (c == '"') break;
        if (!c) jr_fail(r, "a string does not end");
        if (c == '\\') c = escape(r);
        if (n + 1 >= size) jr_fail(r, "a string is too long");
        if (r->why) break;
        to[n++] = c;
    }
    to[n] = 0;
    return n;
}

void jr_key(struct json_reader *r, char *to, size_t size)
{
    jr_string(r, to, size);
    take(r, ':', "a colon is missing");
}

static void skip_string(struct json_reader *r)
{
    r->at++;
    while (r->at < r->n && r->text[r->at] != '"')
        r->at += r->text[r->at] == '\\' ? 2 : 1;
    if (r->at >= r->n)
        jr_fail(r, "a string does not end");
    else
        r->at++;
}

static void skip_word(struct json_reader *r)
{
    size_t start = r->at;
    while (r->at < r->n && r->text[r->at] && !strchr(",:]}[{\" \t\r\n", r->text[r->at]))
        r->at++;
    if (r->at == start) jr_fail(r, "a value was expected");
}

/* Brackets are counted, not matched by kind: the value is thrown away. */
void jr_skip(struct json_reader *r)
{
    unsigned depth = 0;
    do {
        char c = jr_peek(r);
        if (c == '[' || c == '{') {
            r->at++;
            if (++depth > DEPTH_MAX) jr_fail(r, "brackets are nested too deep");
        } else if ((c == ']' || c == '}') && depth) {
            r->at++;
            depth--;
        } else if ((c == ',' || c == ':') && depth) {
            r->at++;
        } else if (c == '"') {
            skip_string(r);
        } else {
            skip_word(r);
        }
    } while (depth && !r->why);
}
