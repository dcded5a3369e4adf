/* desc_text.h: a descriptor as bytes, as words, as JSON and as a picture.
 *
 *   bytes  ff 0f 00 40 01 f2 40 00     as they lie in memory, lowest address first
 *   words  0x0040f201 0x40000fff       high dword, low dword: little-endian, so each reads
 * backwards
 */
#ifndef RT386_APP_DESC_TEXT_H
#define RT386_APP_DESC_TEXT_H

#include "json.h"

#include <rt386/rt386.h>

uint32_t desc_high(const rt386_desc *d);
uint32_t desc_low(const rt386_desc *d);
/* "ff 0f 00 40 01 f2 40 00  0x0040f201 0x40000fff" */
void desc_words(struct text *t, const rt386_desc *d);
const char *desc_kind_name(rt386_desc_kind kind); /* "data", "call gate (386)" ... */
bool desc_is_gate(rt386_desc_kind kind);
bool desc_is_segment(rt386_desc_kind kind); /* has base and limit */
/* Which fields a kind has: the processor minds no others, so none is to be shown under their names. */
bool desc_has_offset(rt386_desc_kind kind);      /* a gate but a task gate: its low 16 bits */
bool desc_has_offset_high(rt386_desc_kind kind); /* bits 31..16 as well: of the 80386's gates */
bool desc_has_count(rt386_desc_kind kind);       /* call gates */
bool desc_has_size(rt386_desc_kind kind);        /* D/B: code and data */
void desc_json(struct json *j, const char *key, const rt386_desc *d);
/* The two dwords drawn with their fields, 72 columns. */
void desc_picture(struct text *t, const rt386_desc *d);
/* One line for each field: its bits, its value, what it means. */
void desc_fields(struct text *t, const rt386_desc *d);

/* A segment register's hidden part in a descriptor's form: what it would be if it were in a table. */
rt386_desc segment_desc(const rt386_seg *s);

/* Reads 8 bytes or 2 dwords in many spellings; `how` says which reading was chosen. */
bool desc_parse(int words, char *const word[], uint8_t bytes[8], const char **how, char *err,
                size_t err_size);

#endif
