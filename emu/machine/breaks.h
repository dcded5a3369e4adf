/* breaks.h: where runs end because somebody who debugs wants it: rt386_break_on. Private to emu/machine. */
#ifndef RT386_MACHINE_BREAKS_H
#define RT386_MACHINE_BREAKS_H

#include "machine.h"

/* The brake is ours, and the machine's observers as they are wired now come behind ours. */
void breaks_wire(rt386 *m);
/* A run begins. */
void breaks_begin(rt386 *m);
/* One of them has ended the run: `why` says so. */
bool breaks_exit(rt386 *m, rt386_exit *why);
void breaks_free(rt386 *m);

#endif
