/* rule_text.h: what a student wants to know about a rule beyond its sentence: the values that were
 * compared, and the usual mistake behind a refusal.
 */
#ifndef RT386_APP_RULE_TEXT_H
#define RT386_APP_RULE_TEXT_H

#include "text.h"

#include <rt386/rt386.h>

/* "DPL 0 >= CPL 3", from the explanation's own words and the check's values. */
void rule_values(struct text *t, const rt386_explanation *e, const rt386_check *check);
/* The check that failed; NULL: none did. */
const rt386_check *rule_failed(const rt386_explanation *e);
/* The n-th check behind it, by name; NULL past the end. */
const char *rule_not_reached(const rt386_explanation *e, unsigned n);
/* The usual mistake, or NULL. empty: the descriptor is all zero. */
const char *rule_hint(const char *rule, bool empty);
unsigned rule_hint_count(void); /* rules with a hint of their own */
/* "index 16 in the GDT; EXT 0" ... */
void error_code_words(struct text *t, uint8_t vector, uint32_t error);

#endif
