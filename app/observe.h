/* observe.h: from the machine's observer to a view: keeps the last instruction, knows which GDT
 * slots are memory handles, and leaves out what a reader does not need.
 *
 * What an instruction did comes as one list, when the next one begins. Left out unless `all`, but counted:
 * calls of the C library and of start-up code that succeed, GDT entries and loads of selectors that are no
 * memory handles (refused loads are always shown; without INtime all are), loads made by a task switch,
 * accesses through other segments, traps and interrupts of INtime programs, and what repeats: a call after
 * CALLS_SHOWN times, an instruction's or a vector's list after LOADS_SHOWN times, faults after FAULTS_SHOWN,
 * lists of a guest without INtime after LISTS_SHOWN.
 * Of the accesses through one loaded register the first ACCESS_SHOWN are passed on, then a sum.
 */
#ifndef RT386_APP_OBSERVE_H
#define RT386_APP_OBSERVE_H

#include "crash.h"
#include "trace.h"
#include "view.h"

struct observe;

/* view may have NULL ctx; trace and crash may be NULL; events: pass calls, tables, loads ... to the view. */
struct observe *observe_new(rt386 *machine, const struct view *view, struct trace *trace,
                            struct crash *crash, bool events, bool all);
rt386_status observe_attach(struct observe *o);
/* Sums and returns still pending go to the view. */
void observe_flush(struct observe *o);
/* The same, and what was left out. */
void observe_finish(struct observe *o);
void observe_free(struct observe *o);

#endif
