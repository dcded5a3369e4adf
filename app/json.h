/* json.h: writes one JSON value into a text, keys in the order given.
 *
 * Conventions of all JSON of this command: one object or JSON Lines; the first key of a stream or
 * object is "schema"; addresses, selectors and raw words are strings "0x0000abcd"; counts are
 * numbers; text is UTF-8 and passes as it is, control characters as \u0001; a byte that is no UTF-8
 * becomes the four characters \xff, with its number.
 */
#ifndef RT386_APP_JSON_H
#define RT386_APP_JSON_H

#include "text.h"

#include <stdint.h>

struct json {
    struct text *to;
    bool comma; /* the next value at this depth needs a comma before it */
};

/* Values; `key` NULL inside arrays. */
void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);                 /* '}' or ']' */
void json_str(struct json *j, const char *key, const char *value);
void json_strn(struct json *j, const char *key, const char *bytes, size_t n);
void json_num(struct json *j, const char *key, uint64_t value);
void json_real(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);
void json_hex(struct json *j, const char *key, uint64_t value, unsigned digits);
void json_bytes(struct json *j, const char *key, const uint8_t *bytes, size_t n); /* "ff 0f 00" */

#endif
