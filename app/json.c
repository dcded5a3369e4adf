#include "json.h"

#include <string.h>

static void json_quote(struct text *t, const char *s, size_t n)
{
    text_add(t, "\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            text_addf(t, "\\%c", c);
        else if (c == '\n')
            text_add(t, "\\n");
        else if (c == '\r')
            text_add(t, "\\r");
        else if (c == '\t')
            text_add(t, "\\t");
        else if (c < 0x20 || c >= 0x7f)
            text_addf(t, "\\u%04x", c);
        else
            text_addn(t, (const char *)&s[i], 1);
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
