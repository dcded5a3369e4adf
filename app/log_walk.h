/* log_walk.h: a trace as a log of another emulator would have it: the state that each instruction finds, and events behind it.
 *
 * In a trace a refused instruction has no item, and INT n comes behind its event; in the logs each begins with its state.
 */
#ifndef RT386_APP_LOG_WALK_H
#define RT386_APP_LOG_WALK_H

#include "app.h"

#include <rt386/log.h>
#include <rt386/trace.h>

struct log_point {
    bool event;            /* `item` is one; else a state */
    bool retired;          /* the state's instruction has an item, `item`; else it was refused */
    rt386_trace_item item; /* else only insns and clocks */
    uint32_t linear;
    uint64_t known; /* bit n: value[n]; as in rt386_log_state */
    uint32_t value[RT386_LOG_VALUES];
    bool has_x87;
    rt386_log_x87 x87;
};

#define WALK_EVENTS 8u
struct log_walk {
    rt386_trace *trace;
    int at[RT386_LOG_VALUES]; /* index of a value in the trace; -1: it has none of that name */
    int usable[8];
    int fcw, fsw, ftw, fpr[8], fpr_se[8];
    bool refused; /* the state of the instruction that is being refused was given */
    rt386_trace_item waiting[WALK_EVENTS]; /* events behind a state that is given first */
    unsigned waits, taken;                 /* of which so many were given */
    bool ready;                            /* they are to be given now */
};

void log_walk_begin(struct log_walk *w, rt386_trace *trace);
/* As rt386_trace_next. */
rt386_status log_walk_next(struct log_walk *w, struct log_point *point);

#endif
