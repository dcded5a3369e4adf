/* moo_jobs.c: the tests of a file, spread over threads. Each thread has a machine of its own; the
 * sums do not depend on how the tests were spread. */
#include "moo_cmd.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PIECE    64u
#define JOBS_MAX 256u

struct shared {
    const rt386_moo *moo;
    const struct moo_choice *choice;
    uint32_t tests;
    atomic_uint next;
    atomic_bool stop;
    struct progress *progress; /* of the first worker only, as is `interrupt` */
    struct interrupt *interrupt;
};
struct worker {
    struct shared *shared;
    pthread_t thread;
    struct moo_tally tally;
    bool failed, first;
};

static bool is_revoked(const struct moo_choice *c, const rt386_moo_test *t)
{
    for (size_t i = 0; t->has_hash && i < c->revoked_count; i++)
        if (!memcmp(c->revoked[i], t->hash, sizeof t->hash)) return true;
    return false;
}

static bool chosen(const struct moo_choice *c, const rt386_moo_test *t, uint32_t position)
{
    if (c->one && c->by_hash) return t->has_hash && !memcmp(c->hash, t->hash, sizeof t->hash);
    if (c->one) return position == c->position;
    return !c->shards || position % c->shards == c->shard;
}

/* The first `show` ones by position stay. */
static bool keep(struct moo_tally *tally, unsigned show, uint32_t position,
                 const rt386_moo_result *result)
{
    unsigned at = tally->failures;
    while (at && tally->failure[at - 1].position > position)
        at--;
    if (at >= show) return true;
    if (!tally->failure) tally->failure = calloc(show, sizeof *tally->failure);
    if (!tally->failure) return false;
    unsigned moved = tally->failures - at;
    if (tally->failures == show)
        moved--;
    else
        tally->failures++;
    memmove(tally->failure + at + 1, tally->failure + at, moved * sizeof *tally->failure);
    tally->failure[at] = (struct moo_failure){position, *result};
    return true;
}

static bool count(struct worker *w, uint32_t position, rt386_status st,
                  const rt386_moo_result *result)
{
    const struct moo_choice *c = w->shared->choice;
    struct moo_tally *tally = &w->tally;
    if (st != RT386_OK) {
        tally->unsupported++;
        return st == RT386_E_STATE || st == RT386_E_RANGE;
    }
    tally->verdict[result->verdict]++;
    bool named = result->verdict == RT386_MOO_NAMED;
    if (named && result->difference < MOO_NAMED_MAX) tally->named[result->difference]++;
    if (result->verdict != RT386_MOO_FAIL && !(named && c->keep_named)) return true;
    return keep(tally, c->show, position, result);
}

static bool run_one(struct worker *w, rt386_moo_runner *runner, uint32_t position)
{
    const struct moo_choice *c = w->shared->choice;
    rt386_moo_result result;
    rt386_moo_test test;
    if (c->one || c->revoked_count) {
        if (!rt386_moo_test_at(w->shared->moo, position, &test)) return false;
        if (!chosen(c, &test, position)) return true;
        w->tally.tests++;
        if (is_revoked(c, &test)) {
            w->tally.revoked++;
            return true;
        }
    } else {
        if (!chosen(c, NULL, position)) return true;
        w->tally.tests++;
    }
    rt386_status st = rt386_moo_run(runner, w->shared->moo, position, &result);
    return count(w, position, st, &result);
}

/* Between two pieces. */
static void look(struct shared *shared, uint32_t done)
{
    progress_show(shared->progress, done < shared->tests ? done : shared->tests);
    if (interrupt_poll(shared->interrupt)) atomic_store(&shared->stop, true);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    rt386_moo_runner *runner = NULL;
    const struct moo_choice *c = w->shared->choice;
    w->failed = rt386_moo_runner_new(c->strict, &runner) != RT386_OK ||
                rt386_moo_runner_undefined(runner, c->undefined) != RT386_OK;
    while (!w->failed && !atomic_load(&w->shared->stop)) {
        uint32_t from = atomic_fetch_add(&w->shared->next, PIECE);
        if (from >= w->shared->tests) break;
        for (uint32_t i = from; i < from + PIECE && i < w->shared->tests && !w->failed; i++)
            w->failed = !run_one(w, runner, i);
        if (w->first) look(w->shared, from + PIECE);
    }
    rt386_moo_runner_free(runner);
    return NULL;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool gather(struct worker *w, unsigned jobs, unsigned show, struct moo_tally *tally)
{
    bool good = true;
    for (unsigned i = 0; i < jobs; i++) {
        moo_tally_add(tally, &w[i].tally);
        good = good && !w[i].failed;
        for (unsigned k = 0; k < w[i].tally.failures && good; k++)
            good = keep(tally, show, w[i].tally.failure[k].position, &w[i].tally.failure[k].result);
        moo_tally_free(&w[i].tally);
    }
    return good;
}

bool moo_run_file(const rt386_moo *moo, const struct moo_choice *choice, struct progress *progress,
                  struct interrupt *interrupt, struct moo_tally *tally)
{
    *tally = (struct moo_tally){0};
    double start = now();
    unsigned jobs = choice->jobs < 1 ? 1 : choice->jobs > JOBS_MAX ? JOBS_MAX : choice->jobs;
    struct shared shared = {.moo = moo,
                            .choice = choice,
                            .tests = rt386_moo_describe(moo)->tests,
                            .progress = progress,
                            .interrupt = interrupt};
    struct worker *w = calloc(jobs, sizeof *w);
    if (!w) return false;
    unsigned started = 0;
    for (; started < jobs; started++) {
        w[started].shared = &shared;
        w[started].first = started == 0;
        if (started && pthread_create(&w[started].thread, NULL, work, &w[started])) break;
    }
    work(&w[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(w[i].thread, NULL);
    bool good = gather(w, started, choice->show, tally);
    free(w);
    tally->seconds = now() - start;
    return good;
}

void moo_tally_add(struct moo_tally *sum, const struct moo_tally *one)
{
    sum->tests += one->tests;
    sum->unsupported += one->unsupported;
    sum->revoked += one->revoked;
    sum->seconds += one->seconds;
    for (unsigned i = 0; i < RT386_MOO_VERDICTS; i++)
        sum->verdict[i] += one->verdict[i];
    for (unsigned i = 0; i < MOO_NAMED_MAX; i++)
        sum->named[i] += one->named[i];
}

void moo_tally_free(struct moo_tally *tally)
{
    free(tally->failure);
    tally->failure = NULL;
    tally->failures = 0;
}
