#include "json.h"

#include <string.h>

static const char *json_short(char c)
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
    }
}

/* The number of a control character: of those alone, as a terminal may take them for orders. */
static bool json_control(const char *s, unsigned length, unsigned *number)
{
    *number = (unsigned char)s[length - 1];
    if (length == 1) return *number < ' ' || *number == 0x7f;
    return length == 2 && (unsigned char)*s == 0xc2 && *number < 0xa0;
}

static void json_quote(struct text *t, const char *s, size_t n)
{
    unsigned length, number;
    text_add(t, "\"");
    for (size_t i = 0; i < n; i += length ? length : 1) {
        length = text_utf8(s + i, n - i);
        const char *escape = json_short(s[i]);
        if (!length)
            text_addf(t, "\\\\x%02x", (unsigned char)s[i]);
        else if (escape)
            text_add(t, escape);
        else if (json_control(s + i, length, &number))
            text_addf(t, "\\u%04x", number);
        else
            text_addn(t, s + i, length);
    }
    text_add(t, "\"");
}

static void json_key(struct json *j, const char *key)
{
    if (j->comma) text_add(j->to, ",");
    j->comma = true;
    if (!key) return;
    json_quote(j->to, key, strlen(key));
    text_add(j->to, ":");
}

void json_open(struct json *j, const char *key, char bracket)
{
    json_key(j, key);
    text_addn(j->to, &bracket, 1);
    j->comma = false;
}

void json_close(struct json *j, char bracket)
{
    text_addn(j->to, &bracket, 1);
    j->comma = true;
}

void json_strn(struct json *j, const char *key, const char *bytes, size_t n)
{
    json_key(j, key);
    json_quote(j->to, bytes, n);
}

void json_str(struct json *j, const char *key, const char *value)
{
    json_strn(j, key, value ? value : "", value ? strlen(value) : 0);
}

void json_num(struct json *j, const char *key, uint64_t value)
{
    json_key(j, key);
    text_addf(j->to, "%llu", (unsigned long long)value);
}

void json_real(struct json *j, const char *key, double value)
{
    json_key(j, key);
    text_addf(j->to, "%.3f", value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    json_key(j, key);
    text_add(j->to, value ? "true" : "false");
}

void json_hex(struct json *j, const char *key, uint64_t value, unsigned digits)
{
    json_key(j, key);
    text_addf(j->to, "\"0x%0*llx\"", (int)digits, (unsigned long long)value);
}

void json_bytes(struct json *j, const char *key, const uint8_t *bytes, size_t n)
{
    json_key(j, key);
    text_add(j->to, "\"");
    for (size_t i = 0; i < n; i++)
        text_addf(j->to, "%s%02x", i ? " " : "", bytes[i]);
    text_add(j->to, "\"");
}
