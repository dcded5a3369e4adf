/* copy.h: a second machine that stands where the first one stands: to try on it what the first shall not do. */
#ifndef RT386_APP_COPY_H
#define RT386_APP_COPY_H

#include <rt386/rt386.h>

/* NULL, or why not. Its guest's text goes nowhere. */
const char *machine_copy(const rt386 *m, rt386 **copy);
/* Why rt386_copy or rt386_account_next gave no answer; NULL: it did. */
const char *copy_refused(rt386_status status);

#endif
