/* text.h: growing strings, and filling paragraphs into a column.
 *
 * A struct text that could not grow keeps what it has and remembers it in `failed`; callers look
 * once, at the end. A zeroed struct text is an empty string.
 *
 * Not here: character sets other than UTF-8. Everything the command prints itself is ASCII; guest
 * text passes untouched.
 */
#ifndef RT386_APP_TEXT_H
#define RT386_APP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_WIDTH 80u /* every page the command prints fits a terminal of 80 columns */

struct text {
    char *p; /* NUL-terminated when n > 0; use text_str */
    size_t n, cap;
    bool failed; /* the host had no memory: the text is cut */
};

void text_free(struct text *t);
void text_clear(struct text *t);
const char *text_str(const struct text *t); /* never NULL */
void text_add(struct text *t, const char *s);
void text_addn(struct text *t, const char *bytes, size_t n);
void text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_pad(struct text *t, unsigned column); /* blanks until the line is `column` long */
/* The bytes of the UTF-8 character at s, of n; 0: it is none that XML and HTML may hold. */
unsigned text_utf8(const char *s, size_t n);
/* n, less the bytes of a UTF-8 character at the end of s that goes on behind it: 0 to 3. */
size_t text_whole(const char *s, size_t n);
/* The first n bytes are taken out. */
void text_drop(struct text *t, size_t n);
/* n bytes as text of an HTML, SVG or XML document or a value between "": with entities; bytes that are no UTF-8 become U+FFFD,
 * one for each; control characters but tab and newline are left out, as no document may hold them. */
void text_markup(struct text *t, const char *s, size_t n);
/* Where line `line` (from 1) of the n bytes at s begins; NULL: there are not so many. */
const char *text_line_at(const char *s, size_t n, unsigned line);
void text_trim(struct text *t);             /* blanks at the end are taken off */
unsigned text_column(const struct text *t); /* length of the last, unfinished line */

/* Append `s` word by word, the first word at the present column, other lines at `indent`; no line
 * is longer than `width` unless width < indent + 8. Words that fit no line are cut. Ends with a
 * newline. */
void text_wrap(struct text *t, const char *s, unsigned indent, unsigned width);

#endif
