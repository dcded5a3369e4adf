/* debugger.h: a guest under a debugger: steps, breakpoints, and the way back. No words, no screen: those are of the terminal
 * (cmd_debug.c), of gdb (gdb.c) and of the lab.
 *
 *     live machine ---- recorded as it runs ---> piece, piece, ... piece    each a trace in a temporary file
 *                                                  |
 *     an earlier place ----------------------------+--> a second machine, made of the piece that holds it (rt386/reverse.h)
 *
 * A piece ends where the live machine is changed by hand, or where it stands when somebody goes back; the next one begins
 * when it runs again. Who goes on from an earlier place sees the same run again, up to where the live machine stands, and
 * is then on that one again.
 */
#ifndef RT386_APP_DEBUGGER_H
#define RT386_APP_DEBUGGER_H

#include <rt386/breaks.h>

struct debugger;

enum debug_reason {
    DEBUG_STEPPED,   /* as many instructions as were wanted */
    DEBUG_MET,       /* stop.met tells of one of those that were looked for */
    DEBUG_ENDED,     /* the guest has ended: stop.why */
    DEBUG_BEGINNING, /* no earlier place is known */
    DEBUG_CALLED,    /* debugger_call */
    DEBUG_FAILED     /* stop.text says why */
};
struct debug_stop {
    enum debug_reason reason;
    rt386_sighting met;
    rt386_exit why;
    char text[300];
};

/* Guests are loaded, nothing has run. The machine stays the caller's; he must not run it himself. NULL: no memory, or no
 * temporary file. */
struct debugger *debugger_new(rt386 *live);
void debugger_free(struct debugger *d);

/* The machine to be looked at, good until the next call that moves. */
rt386 *debugger_machine(const struct debugger *d);
bool debugger_in_past(const struct debugger *d);
rt386_place debugger_place(const struct debugger *d);
/* The earliest place that is known, and the live one. */
rt386_place debugger_first(const struct debugger *d);
rt386_place debugger_last(const struct debugger *d);

/* n instructions on; one that is refused counts. */
void debugger_step(struct debugger *d, uint64_t n, struct debug_stop *stop);
/* On to one of these, at most so many instructions (0: any number). What stopped the last run here is passed. Where it then stands
 * is told in breaks.h, and for the part in the past in reverse.h. */
void debugger_run(struct debugger *d, const rt386_seek *seek, unsigned count, uint64_t most,
                  struct debug_stop *stop);
/* n instructions back, and back to the last one of these. */
void debugger_back(struct debugger *d, uint64_t n, struct debug_stop *stop);
void debugger_run_back(struct debugger *d, const rt386_seek *seek, unsigned count,
                       struct debug_stop *stop);
/* To where so many instructions have retired. */
void debugger_go(struct debugger *d, uint64_t insns, struct debug_stop *stop);
void debugger_go_live(struct debugger *d);

/* The live machine, to be changed (registers, memory); NULL: an earlier place is looked at, which cannot be. */
rt386 *debugger_change(struct debugger *d);

/* From another thread: what moves ends soon, with DEBUG_CALLED. */
void debugger_call(struct debugger *d);

#endif
