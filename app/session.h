/* session.h: one machine with its guests, from options to the end of the run; used by run and dump.
 *
 *   session_open -> session_run -> (look at session->machine) -> session_close
 */
#ifndef RT386_APP_SESSION_H
#define RT386_APP_SESSION_H

#include "observe.h"
#include "realtime.h"
#include "recording.h"
#include "run_options.h"
#include "view.h"

struct session {
    struct app *app;
    const struct run_options *o;
    rt386 *machine;
    struct view view;
    struct trace *trace;
    struct recording *recording; /* NULL: none is made */
    struct replaying *replaying; /* NULL: this is no replay */
    struct observe *observe;
    struct realtime *realtime; /* NULL: idle time is skipped */
    struct lately *lately;     /* NULL: the last instructions are not kept */
    struct crash_config crash_config;
    struct crash *crash; /* NULL: no files about faults */
    struct text output;  /* guest text, kept for --expect-output */
    struct end end;
    bool stop_output; /* stdout failed: the run is stopped */
    bool from_snapshot;
    struct text snapshot; /* its bytes, until they are loaded */
};

/* The file that the options name to be read and that `path` is, or NULL. */
const char *session_reads(const struct run_options *o, const char *path);
/* view: how it is shown; belongs to the session from here on, also on failure. On failure false:
 * a sentence was printed and s->end says what to leave with. */
bool session_open(struct session *s, struct app *app, const struct run_options *o,
                  const struct view *view, bool events);
void session_run(struct session *s); /* fills s->end */
void session_close(struct session *s);
/* A run of which only the guest's text is shown, on standard error (none of a snapshot, unless --max-insns says so); then `look` tells of the machine as it is, and gives the
 * status. Where there was no run: the status of that. */
int session_look(struct app *app, const struct run_options *o,
                 int (*look)(struct session *s, const void *ctx), const void *ctx);

#endif
