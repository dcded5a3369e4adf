/* seek_text.h: what is looked for in a run, in words: "write:ds:0x1000,4". */
#ifndef RT386_APP_SEEK_TEXT_H
#define RT386_APP_SEEK_TEXT_H

#include <rt386/reverse.h>

/* "0x401000" (linear), "ds:0x1000" (a segment register's) or "phys:0x9000"; *rest: behind it. False: it is none. */
bool seek_address(const char *text, const char **rest, rt386_addr *at);
/* write:ADDRESS,N  read:ADDRESS,N  exec:ADDRESS  event:VECTOR  call:NAME  selector:N  switch. NULL, or what is wrong. Names
 * stay in `word`. */
const char *seek_read(const char *word, rt386_seek *s);

#endif
