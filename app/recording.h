/* recording.h: a run into a trace file: rt386 run --record; and again out of one: --replay. */
#ifndef RT386_APP_RECORDING_H
#define RT386_APP_RECORDING_H

#include "trace_cmd.h"

#include <rt386/trace.h>

struct run_options;
struct recording;
/* From now on, as the options say. NULL and a printed sentence on failure. */
struct recording *recording_begin(struct app *app, rt386 *machine, const struct run_options *o,
                                  const char *guest);
/* The end, `why` may be NULL. False: the file is not whole; says so. */
bool recording_end(struct recording *r, const rt386_exit *why);

/* A replay of the trace that the options name; NULL and a printed sentence on failure, with the status to leave with. */
struct replaying;
struct replaying *replaying_open(struct app *app, const struct run_options *o, int *status);
/* Its name, as the trace has it; NULL: it has none. */
const char *replaying_guest(const struct replaying *r);
/* The options name no guest: it comes out of the trace. */
bool replaying_holds_guest(const struct replaying *r);
/* The configuration that was recorded, callbacks apart; RT386_OK or the status to leave with and a printed sentence. */
int replaying_config(const struct replaying *r, rt386_config *config, bool *network);
/* The last instruction of the trace. */
uint64_t replaying_last(const struct replaying *r);
int replaying_begin(struct replaying *r, rt386 *machine);
/* What is left, where the recorded run was broken off; insns 0: it ended by itself, or this one goes on. */
struct trace_rest replaying_rest(const struct replaying *r);
/* Why it ends where the recorded run was broken off: as that did where it was at a limit. */
void replaying_broke_off(const struct replaying *r, rt386_exit *why);
/* Tells of a divergence. STATUS_OK: there was none; STATUS_DIVERGED; STATUS_REFUSED: the trace is damaged. */
int replaying_end(struct replaying *r);

#endif
