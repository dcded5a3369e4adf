/* verbs.h: questions about a machine that has stopped, in the words of Bochs' and the vendor's debuggers: for gdb's `monitor` and for
 * the terminal. They look and change nothing. */
#ifndef RT386_APP_VERBS_H
#define RT386_APP_VERBS_H

#include "app.h"

/* "info gdt", "sreg", "page 0x401000", "why" ... False: no verb of that name; nothing was said. */
bool verb_run(struct app *app, const rt386 *m, const char *line, struct text *out);
/* "gdt(5)", "ldt 2", "idt(0x0d)": that entry; without a number the table. False: as above. */
bool verb_entry(const rt386 *m, const char *line, struct text *out);
/* A line for each. */
void verbs_help(struct text *out);

#endif
