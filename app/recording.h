/* recording.h: a run into a trace file: rt386 run --record; and again out of one: --replay. */
#ifndef RT386_APP_RECORDING_H
#define RT386_APP_RECORDING_H

#include "app.h"

#include <rt386/trace.h>

struct recording;
/* From now on. NULL and a printed sentence on failure. */
struct recording *recording_begin(struct app *app, rt386 *machine, const char *path,
                                  bool instructions, const char *guest);
/* The end, `why` may be NULL. False: the file is not whole; says so. */
bool recording_end(struct recording *r, const rt386_exit *why);

/* A replay of the trace; NULL and a printed sentence on failure, with the status to leave with. */
struct replaying;
struct replaying *replaying_begin(struct app *app, rt386 *machine, const char *path, bool verify,
                                  int *status);
/* Tells of a divergence; true: there was none. */
bool replaying_end(struct replaying *r);

#endif
