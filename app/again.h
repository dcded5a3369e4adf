/* again.h: a machine on which what a trace holds is run again. */
#ifndef RT386_APP_AGAIN_H
#define RT386_APP_AGAIN_H

#include <rt386/trace.h>

/* As the trace says that it was. STATUS_OK; else the status to leave with, and *why, a sentence that is there as long as the
 * machine is: it is the caller's on failure too, or NULL. */
int again_machine(rt386_trace *trace, rt386 **machine, const char **why);

#endif
