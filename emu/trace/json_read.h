/* json_read.h: a JSON reader that walks a text once and keeps nothing.
 *
 *   for (jr_enter(r, '['); jr_more(r, ']');) { ... one value ... }
 *
 * The first thing that is wrong stops everything: `why` is set, every later call answers with
 * nothing, so callers look once, at the end. Depth is bounded.
 *
 * Not done: numbers with fraction or exponent, negative numbers, escapes beyond ASCII.
 */
#ifndef RT386_TRACE_JSON_READ_H
#define RT386_TRACE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_reader {
    const char *text;
    size_t n, at;
    bool first;      /* no comma is due */
    const char *why; /* NULL: all well */
};

void jr_fail(struct json_reader *r, const char *why);
char jr_peek(struct json_reader *r); /* next character that is not blank; 0 at the end */
bool jr_enter(struct json_reader *r, char bracket);
/* Another value before the closing bracket? Passes the comma, or the bracket. */
bool jr_more(struct json_reader *r, char bracket);
uint64_t jr_number(struct json_reader *r, uint64_t max);
/* Copies at most size - 1 characters and a zero; returns how many. Longer strings are refused. */
size_t jr_string(struct json_reader *r, char *to, size_t size);
/* The key of the next member, with its colon. */
void jr_key(struct json_reader *r, char *to, size_t size);
void jr_skip(struct json_reader *r); /* any value */

#endif
