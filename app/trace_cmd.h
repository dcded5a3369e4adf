/* trace_cmd.h: the trace command. cmd_trace.c: the words; trace_stats.c, trace_diff.c, trace_reverse.c, trace_verify.c, convert.c: one job each. */
#ifndef RT386_APP_TRACE_CMD_H
#define RT386_APP_TRACE_CMD_H

#include "app.h"
#include "trace_text.h"

#define SCHEMA_TRACE "rt386-trace/1"

struct trace_options {
    struct common common;
    struct opt_num from, count, context, log_from;
    const char *kinds;
    const char *to;          /* convert: a format; cat and grep: an instruction's number */
    const char *side;        /* convert --to tenet */
    struct opt_list symbols; /* convert --to callgrind */
    bool ignore_clocks;
    const char *format, *ignore; /* diff with another emulator's log */
    bool all;
};

/* replaying.c: where and how a replay went another way, and what the cause may be. verified: each item was compared. */
void divergence_text(struct text *t, struct disasm *d, const rt386_trace *trace,
                     const rt386_divergence *v, bool verified);
/* Behind a comparison of all: tells when that was not much, or when the trace is not whole. */
void replaying_little(struct app *app, const char *path, const rt386_trace *trace);
/* The recorded run did not end by itself. */
bool trace_broken_off(const rt386_trace_info *i);

/* To where the recorded run was broken off, from where the machine is: limits of a run, which stops at whichever comes first. Behind
 * its last instruction exceptions may have been delivered, so the clocks count. insns 0: nothing is left, or nobody knows. */
struct trace_rest {
    uint64_t insns, until;
};
struct trace_rest trace_rest(const rt386_trace *trace, const rt386 *machine);

/* STATUS_OK, or a sentence was printed. */
int trace_file_open(struct app *app, const char *path, rt386_trace **trace);
/* It has instructions; else false, and a sentence says how to get them. */
bool trace_has_insns(struct app *app, const char *path, const rt386_trace *trace);
/* trace_reverse.c: a machine for the trace to run on again. STATUS_OK, or a sentence was printed. */
int trace_machine(struct app *app, const char *path, rt386_trace *trace, rt386 **machine);
/* What rt386_trace_next said at the end: STATUS_OK when it was the end. */
int trace_file_end(struct app *app, const char *path, const rt386_trace *trace,
                   rt386_status status);

int trace_stats(struct app *app, const struct trace_options *o, char **word, int words);
int trace_last(struct app *app, const struct trace_options *o, char **word, int words);
int trace_next(struct app *app, const struct trace_options *o, char **word, int words);
int trace_state(struct app *app, const struct trace_options *o, char **word, int words);
/* The second file of a diff is no trace, or --format says that it is a log. */
bool trace_log_wanted(const struct trace_options *o, const char *path);
int trace_log_diff(struct app *app, const struct trace_options *o, const char *trace,
                   const char *log);
int trace_verify(struct app *app, const struct trace_options *o, char **word, int words);
int trace_diff(struct app *app, const struct trace_options *o, char **word, int words);

#endif
