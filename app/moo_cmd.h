/* moo_cmd.h: the moo command: run vectors, show them, convert them.
 *
 *   cmd_moo --> moo_run_file (threads, one runner each) --> struct moo_tally
 *                                                       --> moo_report_... (text, JSON, JUnit)
 */
#ifndef RT386_APP_MOO_CMD_H
#define RT386_APP_MOO_CMD_H

#include "app.h"
#include "ctrlc.h"
#include "progress.h"

#include <rt386/moo.h>

#define MOO_NAMED_MAX 64u
#define SCHEMA_MOO    "rt386-moo/1"

struct moo_options {
    struct common common;
    const char *test, *shard, *junit, *revoked, *undefined;
    struct opt_num jobs, show;
    bool strict, named;
};

/* Which tests of a file are run. */
struct moo_choice {
    bool one, by_hash;
    uint32_t position;
    uint8_t hash[20];
    uint32_t shard, shards; /* 0..shards - 1 */
    const uint8_t (*revoked)[20];
    size_t revoked_count;
    bool strict;
    rt386_undefined undefined;
    unsigned jobs;
    unsigned show;   /* failures kept for each file */
    bool keep_named; /* ... and tests with a named difference, too */
};

struct moo_failure {
    uint32_t position;
    rt386_moo_result result;
};
struct moo_tally {
    uint64_t tests; /* chosen; the rest of the sums make this */
    uint64_t verdict[RT386_MOO_VERDICTS];
    uint64_t unsupported, revoked;
    uint64_t named[MOO_NAMED_MAX];
    struct moo_failure *failure; /* by rising position */
    unsigned failures;
    double seconds;
};

/* False: no memory or no threads. Shows how far it is; when the signal comes, the tests that are under way are the
 * last: the tally is of those that were run. */
bool moo_run_file(const rt386_moo *moo, const struct moo_choice *choice, struct progress *progress,
                  struct interrupt *interrupt, struct moo_tally *tally);
void moo_tally_add(struct moo_tally *sum, const struct moo_tally *one);
void moo_tally_free(struct moo_tally *tally);

struct moo_place { /* a file in a report */
    const char *path;
    const rt386_moo *moo;
    const struct moo_tally *tally;
};
void moo_report_file(struct text *t, const struct moo_place *p, bool tests);
/* refused: files that could not be opened, besides. */
void moo_report_total(struct text *t, const struct moo_tally *sum, unsigned files,
                      unsigned refused);
void moo_report_file_json(struct text *t, const struct moo_place *p);
void moo_report_total_json(struct text *t, const struct moo_tally *sum, unsigned files,
                           unsigned refused);
void moo_report_junit(struct text *t, const struct moo_place *p);
/* A file that could not be opened, and why. */
void moo_report_refused_json(struct text *t, const char *path, const char *why);
void moo_report_junit_refused(struct text *t, const char *path, const char *why);
/* No test was run: none was chosen, or none is of a kind that runs here, or all are revoked. */
bool moo_none_ran(const struct moo_tally *tally);
void moo_show_info(struct text *t, const char *path, const rt386_moo *moo);
void moo_show_test(struct text *t, const rt386_moo *moo, const rt386_moo_test *test);

#endif
