/* steps.h: runs of random steps against a model, which can be repeated and shrunk.
 *
 *   stretch 1: a subset of the model's kinds of step, and a length   |  each step: kind, and the numbers it draws
 *   stretch 2: another subset ...                                    |    release 3 1      wait 0 2 5      time 1
 *
 * A run is played in a process of its own, which begins with a copy of the same kernel, and is written down there in
 * memory that both share: so a failure, a crash and a hang are all the same here. The run is then played again and again with less in it: without some
 * of its steps, then with smaller numbers, until nothing more can go. A step that finds no number any more draws 0, so 0
 * must be the plainest choice of each. What is left is printed with the calls it makes, and as a line that plays it. */
#ifndef RT386_TESTS_STEPS_H
#define RT386_TESTS_STEPS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define STEPS_MAX  20000u /* of one run: longer ones go on in a fresh kernel */
#define DRAWS_MAX  600000u
#define COUNTS_MAX 4u

struct steps;
struct steps_def { /* a model */
    const char *name;
    const char *const *kinds; /* names of its steps */
    unsigned kind_count;
    unsigned longest; /* stretch, but for one in 16 that has up to ten times as many steps */
    bool opens;       /* kind 0 is the first of each stretch, and no other */
    void *(*make)(struct steps *s);             /* the model and a kernel, before the first step */
    void (*play)(struct steps *s, void *model); /* all steps, and its end */
    bool wrong; /* a rule of the model is wrong on purpose: tests of these tests */
};
struct steps_run {
    unsigned steps, draws;
    uint8_t kind[STEPS_MAX];
    uint32_t first[STEPS_MAX + 1]; /* its draws: from here up to those of the next step */
    uint32_t draw[DRAWS_MAX];
};
struct steps_verdict {
    bool failed;
    unsigned steps;     /* played; the last one failed */
    unsigned stretches; /* of random steps */
    unsigned count[COUNTS_MAX];
    char text[600];
};
struct steps {
    const struct steps_def *def;
    uint64_t seed;
    unsigned total;                 /* stretches that are wanted, when steps are random */
    const struct steps_run *replay; /* NULL: random steps */
    struct steps_run *log;          /* NULL: not written down */
    struct steps_verdict *verdict;
    FILE *tell;               /* gets each step and call; NULL: nobody */
    unsigned at, taken, left; /* left of the stretch */
    uint32_t subset;
    bool making; /* the model is still being made, in the test's own process */
};

/* --- for models --- */

/* The kind of the next step; false when the run is over. */
bool steps_next(struct steps *s, unsigned *kind);
/* A number below `below` (at least 1). */
uint32_t steps_draw(struct steps *s, uint32_t below);
/* The run has failed: does not return. */
_Noreturn void steps_fail(struct steps *s, const char *that, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for struct fake's unsound; ctx is the steps. */
void steps_unsound(void *ctx, const char *text);
#define MUST(m, that, ...)                                                                         \
    do {                                                                                           \
        if (!(that)) steps_fail((m)->s, #that, ": " __VA_ARGS__);                                  \
    } while (0)

/* --- for tests --- */

/* Plays runs until `total` stretches have been made, the first with this seed; shrinks and reports one that fails, as a
 * failure of the test. Adds up the verdicts' counts. RT386_MODEL_REPLAY is played instead, if set. */
void steps_test(const struct steps_def *def, uint64_t seed, unsigned total, unsigned *counts);
/* One run of random steps: true when it fails; `run` holds it then, shrunk, and `why` (600 bytes) what went wrong. */
bool steps_smallest(const struct steps_def *def, uint64_t seed, unsigned total,
                    struct steps_run *run, char *why);
/* Whether this run fails. */
bool steps_fails(const struct steps_def *def, const struct steps_run *run);
/* `to` becomes `from` without `count` steps from `at` on. */
void steps_without(struct steps_run *to, const struct steps_run *from, unsigned at, unsigned count);
/* Memory for a run; freed with steps_run_free. */
struct steps_run *steps_run_new(void);
void steps_run_free(struct steps_run *run);

#endif
