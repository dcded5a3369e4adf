/* end.h: how a run ended: the sentence, the exit status and the JSON record.
 *
 *   rt386_exit + why it was stopped  ->  struct end  ->  status 0..255
 *                                                    ->  {"schema":"rt386-run/1","end":{...}}
 *
 * The record keeps apart what the status folds together: a guest's own 139 is kind "guest-exit", a
 * limit violation is kind "fault".
 */
#ifndef RT386_APP_END_H
#define RT386_APP_END_H

#include "app.h"

#include <rt386/rt386.h>

#define SCHEMA_RUN "rt386-run/1"

enum stop_reason { STOP_NONE, STOP_TIMEOUT, STOP_INT, STOP_TERM, STOP_OUTPUT };

struct end {
    const char *
        kind; /* "guest-exit", "fault", "exception", "triple-fault", "deadlock", "timeout", "limit",
                         "unsupported", "halt", "shutdown", "interrupted", "divergence", "host" */
    int status;
    bool has_code; /* guest-exit: exit code; halt: last POST code */
    uint32_t code;
    bool folded; /* the guest's code is not the status, or could be taken for one of ours */
    rt386_exit why;
    char text[256];       /* one sentence */
    const rt386 *machine; /* for the calls that are not there; NULL: none */
};

/* The word of a record and of a trace; a stop is "interrupted". "host": unknown to rt386. */
const char *end_kind_name(rt386_exit_kind kind);
/* The status for a fault that nobody handled: 128 + the signal Unix would give. */
int end_fault_status(unsigned vector);
/* post: a POST port is watched, so a halt is only good after code FF. */
struct end end_of_run(const rt386_exit *why, enum stop_reason reason, bool post);
/* The run did not start, or the emulator failed. */
struct end end_of_host(int status, const char *text);
/* The whole record, one line without newline. */
void end_json(struct text *t, const struct end *end);
void fault_json(struct json *j, const char *key, const rt386_fault *fault);

#endif
