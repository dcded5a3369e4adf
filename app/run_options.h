/* run_options.h: everything that says how a guest is loaded and run; shared by run and dump. */
#ifndef RT386_APP_RUN_OPTIONS_H
#define RT386_APP_RUN_OPTIONS_H

#include "app.h"

#include <rt386/rt386.h>

#define FILES_MAX      32 /* INtime programs of one run */
#define GUEST_ARGS_MAX 256

struct run_options {
    struct common common;
    const char *bios, *undefined_word, *cpu_word;
    rt386_undefined undefined;
    rt386_cpu cpu;
    struct opt_num post_port, raw_base, memory, max_insns, timeout, expect_exit;
    struct opt_num wait_states, misaligned, page_walk; /* clocks */
    const char *start_time;
    uint64_t start_seconds;      /* since 1978 */
    const char *record, *replay; /* trace files */
    const char *gdb;             /* where gdb comes */
    const char *script;          /* debug: a file of commands */
    bool screen;                 /* debug: panes instead of lines */
    const char *picture;         /* dump: a file to draw into */
    bool inputs_only;            /* of --record, as the next line */
    struct opt_num keyframe_every, digest_every;
    bool verify, live; /* of --replay, as the next line */
    struct opt_num from;
    bool watch_tables;
    const char *trace, *explain, *status_file, *expect_output, *snapshot;
    const char *on_fault_word, *on_missing_word;
    const char *crash_report;   /* "" = the current folder; NULL: none is written */
    struct opt_num crash_insns; /* that a report tells */
    bool core;                  /* --on-fault=core */
    bool realtime;
    bool missing_fails;      /* of --on-missing */
    rt386_on_fault on_fault; /* of that word */
    /* loader switches */
    const char *loader_args;
    struct opt_num pool_min, pool_max, vseg, dir, objects, threads, kernel_tick;
    bool executable_ds;
    bool xm, noxm; /* memory model */
    const char *fs, *fs_ro, *net;
    struct opt_list env, rsl_path;
    struct opt_list irq;
    /* from the words */
    char **file;
    int files;
    char *guest[GUEST_ARGS_MAX]; /* -a first, then what follows "--" */
    int guests;
    char *split; /* memory of the words of -a */
};

extern const struct opt_def run_only_options[]; /* what is shown and compared */
extern const struct opt_def debug_options[];
extern const struct opt_def dump_options[];
extern const struct opt_def guest_options[]; /* how the guest is loaded and limited */

/* Options and words of `run` and `dump`. Returns -1 or a status, as app_options. skip: words before
 * the files. */
int run_options_read(struct app *app, const struct command *self, int argc, char **argv, int skip,
                     struct run_options *o, struct opt_args *args);
void run_options_free(struct run_options *o);

/* "a b \"c d\"" -> words in place; the number of words, or -1 when there are more than max. */
int words_split(char *s, char **word, int max);

#endif
