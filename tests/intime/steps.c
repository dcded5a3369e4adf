/* steps.c: see steps.h. */
#include "steps.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hostmem.h"

#define HANGS_AFTER 120u /* seconds */
#define SHRINKS_FOR                                                                                \
    400 /* seconds; under the sanitizers, on a busy machine, one run takes as long */
#define DRAWS_A_STEP 200u

/* --- one run, in the process that plays it --- */

static uint32_t next_random(struct steps *s)
{
    s->seed = s->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->seed >> 33);
}

static void new_stretch(struct steps *s)
{
    const struct steps_def *def = s->def;
    unsigned most = def->longest * (next_random(s) % 16 ? 1 : 10);
    s->verdict->stretches++;
    s->left = 1 + next_random(s) % most;
    s->subset = 0;
    while (!(s->subset >> def->opens)) /* bits of every kind but the opening one */
        s->subset = (next_random(s) | next_random(s)) & ((1u << def->kind_count) - 1);
}

static bool next_kind(struct steps *s, unsigned *kind)
{
    const struct steps_def *def = s->def;
    unsigned opens = def->opens;
    if (s->replay) {
        if (s->at == s->replay->steps) return false;
        *kind = s->replay->kind[s->at];
        return true;
    }
    if (s->at == STEPS_MAX) return false;
    if (s->log && s->log->draws + DRAWS_A_STEP > DRAWS_MAX) return false;
    if (s->left == 0) {
        if (s->verdict->stretches == s->total) return false;
        new_stretch(s);
        *kind = 0;
        if (opens) return true;
    }
    s->left--;
    do
        *kind = opens + next_random(s) % (def->kind_count - opens);
    while (!(s->subset >> *kind & 1));
    return true;
}

bool steps_next(struct steps *s, unsigned *kind)
{
    if (!next_kind(s, kind)) return false;
    if (s->log) {
        s->log->kind[s->at] = (uint8_t)*kind;
        s->log->first[s->at] = s->log->draws;
        s->log->steps = s->at + 1;
        s->log->first[s->at + 1] = s->log->draws;
    }
    s->taken = 0;
    s->verdict->steps = ++s->at;
    if (s->tell) fprintf(s->tell, "%3u %s\n", s->at, s->def->kinds[*kind]);
    return true;
}

uint32_t steps_draw(struct steps *s, uint32_t below)
{
    uint32_t value;
    if (!s->at) return 0; /* before the first step */
    if (!s->replay) {
        value = next_random(s) % below;
    } else {
        uint32_t at = s->replay->first[s->at - 1] + s->taken++;
        value = at < s->replay->first[s->at] ? s->replay->draw[at] % below : 0;
    }
    if (s->log && s->log->draws < DRAWS_MAX) {
        s->log->draw[s->log->draws++] = value;
        s->log->first[s->at] = s->log->draws;
    }
    return value;
}

void steps_fail(struct steps *s, const char *that, const char *format, ...)
{
    struct steps_verdict *v = s->verdict;
    va_list args;
    va_start(args, format);
    int n = snprintf(v->text, sizeof v->text, "step %u: %s", s->at, that);
    if (n > 0 && (size_t)n < sizeof v->text && format[2])
        vsnprintf(v->text + n, sizeof v->text - (size_t)n, format, args);
    va_end(args);
    v->failed = true;
    if (s->making) cr_assert_fail("%s", v->text);
    _exit(1);
}

void steps_unsound(void *ctx, const char *text)
{
    steps_fail(ctx, text, ": the machine");
}

/* --- the process that plays a run --- */

static void *shared(size_t size)
{
    void *at =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    cr_assert_neq(at, MAP_FAILED, "no memory");
    return at;
}

struct steps_run *steps_run_new(void)
{
    return shared(sizeof(struct steps_run));
}

void steps_run_free(struct steps_run *run)
{
    munmap(run, sizeof *run);
}

/* What all runs of a test have. */
struct stage {
    const struct steps_def *def;
    struct steps_verdict *verdict;
    void *model;
    long blocks; /* of host memory, without the model */
};

static struct stage stage_new(const struct steps_def *def)
{
    struct stage t = {.def = def, .verdict = shared(sizeof *t.verdict), .blocks = hostmem_blocks()};
    struct steps s = {.def = def, .verdict = t.verdict, .making = true};
    t.model = def->make(&s);
    return t;
}

/* The end of all of them: the model's memory goes in a run without a step. */
static void stage_free(struct stage *t)
{
    struct steps_run *none = steps_run_new();
    struct steps s = {.def = t->def, .verdict = t->verdict, .replay = none, .making = true};
    t->def->play(&s, t->model);
    steps_run_free(none);
    munmap(t->verdict, sizeof *t->verdict);
}

static void play(struct steps *s, const struct stage *t)
{
    alarm(s->replay ? HANGS_AFTER : 10 * HANGS_AFTER);
    s->def->play(s, t->model);
    if (hostmem_blocks() != t->blocks)
        steps_fail(s, "host memory", ": %ld blocks are left", hostmem_blocks() - t->blocks);
    _exit(0);
}

/* Plays s in a process of its own; true when it fails. */
static bool attempt(const struct stage *t, struct steps *s)
{
    s->def = t->def;
    s->verdict = t->verdict;
    memset(s->verdict, 0, sizeof *s->verdict);
    pid_t child = fork();
    cr_assert_geq(child, 0, "no process for a run");
    if (child == 0) play(s, t);
    int status = 0;
    waitpid(child, &status, 0);
    if (!s->verdict->failed && status != 0) {
        s->verdict->failed = true;
        snprintf(s->verdict->text, sizeof s->verdict->text, "step %u: the kernel %s",
                 s->verdict->steps,
                 WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "hangs" : "crashes");
    }
    return s->verdict->failed;
}

static bool fails(const struct stage *t, const struct steps_run *run, FILE *tell)
{
    struct steps s = {.replay = run, .tell = tell};
    return attempt(t, &s);
}

bool steps_fails(const struct steps_def *def, const struct steps_run *run)
{
    struct stage t = stage_new(def);
    bool failed = fails(&t, run, NULL);
    stage_free(&t);
    return failed;
}

/* --- shrinking --- */

struct shrink {
    const struct stage *stage;
    struct steps_run *best, *less;
    time_t until;
};

void steps_without(struct steps_run *to, const struct steps_run *from, unsigned at, unsigned count)
{
    to->steps = to->draws = to->first[0] = 0;
    for (unsigned i = 0; i < from->steps; i++) {
        if (i >= at && i - at < count) continue;
        unsigned n = from->first[i + 1] - from->first[i];
        to->kind[to->steps] = from->kind[i];
        to->first[to->steps++] = to->draws;
        memcpy(to->draw + to->draws, from->draw + from->first[i], n * sizeof *to->draw);
        to->draws += n;
        to->first[to->steps] = to->draws;
    }
}

/* What is in `less` becomes the best, if it fails. */
static bool better(struct shrink *h)
{
    if (time(NULL) > h->until || !fails(h->stage, h->less, NULL)) return false;
    /* steps after the failure were not needed; numbers that were not drawn neither, but they do no harm */
    unsigned played = h->stage->verdict->steps;
    if (played < h->less->steps)
        steps_without(h->best, h->less, played, h->less->steps - played);
    else
        steps_without(h->best, h->less, 0, 0);
    return true;
}

/* Without as many steps as can go, many at once first; true when some went. */
static bool fewer_steps(struct shrink *h)
{
    bool any = false;
    for (unsigned size = (h->best->steps + 1) / 2; size; size /= 2)
        for (unsigned end = h->best->steps; end > 0;) {
            unsigned at = end > size ? end - size : 0;
            steps_without(h->less, h->best, at, end - at);
            bool gone = better(h);
            any |= gone;
            end = at < h->best->steps ? at : h->best->steps;
        }
    return any;
}

/* With this instead of the number at i. */
static bool fails_with(struct shrink *h, unsigned i, uint32_t value)
{
    steps_without(h->less, h->best, 0, 0);
    h->less->draw[i] = value;
    return better(h);
}

/* The number at i as small as it can be: 0, or the one between a number that does not fail and one that does. */
static bool smaller_number(struct shrink *h, unsigned i)
{
    uint32_t was = h->best->draw[i], low = 0;
    if (was == 0 || fails_with(h, i, 0)) return was != 0;
    while (i < h->best->draws && h->best->draw[i] - low > 1) {
        uint32_t middle = low + (h->best->draw[i] - low) / 2;
        if (!fails_with(h, i, middle)) low = middle;
    }
    return i < h->best->draws && h->best->draw[i] != was;
}

static bool all_zero(struct shrink *h, unsigned step)
{
    bool any = false;
    steps_without(h->less, h->best, 0, 0);
    for (unsigned i = h->less->first[step]; i < h->less->first[step + 1]; i++) {
        any |= h->less->draw[i] != 0;
        h->less->draw[i] = 0;
    }
    return any && better(h);
}

static bool smaller_numbers(struct shrink *h)
{
    bool any = false;
    for (unsigned i = 0; i < h->best->steps; i++)
        any |= all_zero(h, i);
    for (unsigned i = 0; i < h->best->draws; i++)
        any |= smaller_number(h, i);
    return any;
}

/* Zeros at a step's end need not be written down. */
static void trim(struct steps_run *run)
{
    unsigned to = 0;
    for (unsigned i = 0; i < run->steps; i++) {
        unsigned from = run->first[i], end = run->first[i + 1];
        while (end > from && run->draw[end - 1] == 0)
            end--;
        run->first[i] = to;
        memmove(run->draw + to, run->draw + from, (end - from) * sizeof *run->draw);
        to += end - from;
    }
    run->first[run->steps] = run->draws = to;
}

static void shrink(const struct stage *t, struct steps_run *run)
{
    struct shrink h = {t, run, steps_run_new(), time(NULL) + SHRINKS_FOR};
    steps_without(h.less, run, 0, 0);
    if (better(&h)) {
        while (fewer_steps(&h))
            ;
        while (smaller_numbers(&h) && fewer_steps(&h))
            ;
        trim(run);
    }
    steps_run_free(h.less);
}

/* --- reports --- */

/* "3 1,0,4 2 ...": kind and draws of each step, as RT386_MODEL_REPLAY has them. */
static void print_line(const struct steps_run *run, FILE *to)
{
    for (unsigned i = 0; i < run->steps; i++) {
        fprintf(to, "%s%u", i ? " " : "", run->kind[i]);
        for (unsigned d = run->first[i]; d < run->first[i + 1]; d++)
            fprintf(to, ",%u", run->draw[d]);
    }
}

static bool read_line(const char *text, unsigned kinds, struct steps_run *run)
{
    char *end = (char *)text;
    for (run->steps = run->draws = 0; *end && run->steps < STEPS_MAX;) {
        unsigned long kind = strtoul(text, &end, 10);
        if (end == text || kind >= kinds) return false;
        run->kind[run->steps] = (uint8_t)kind;
        run->first[run->steps++] = run->draws;
        for (text = end; *text == ',' && run->draws < DRAWS_MAX; text = end)
            run->draw[run->draws++] = (uint32_t)strtoul(text + 1, &end, 10);
        run->first[run->steps] = run->draws;
        while (*end == ' ' || *end == '\n')
            end++;
        text = end;
    }
    return run->steps > 0;
}

/* Plays a run that fails once more, says what it does and fails the test. */
static void report(const struct stage *t, const struct steps_run *run, uint64_t seed,
                   const char *first)
{
    const char *name = t->def->name;
    FILE *tell = tmpfile();
    char line[200];
    if (tell) setvbuf(tell, NULL, _IONBF, 0);
    bool again = fails(t, run, tell);
    fprintf(stderr, "%s, seed %llu: %s\n", name, (unsigned long long)seed, first);
    fprintf(stderr, again ? "shrunk to %u steps: %s\n" : "%u steps, which do not fail again%s\n",
            run->steps, again ? t->verdict->text : "");
    if (tell) rewind(tell);
    while (tell && fgets(line, sizeof line, tell))
        fputs(line, stderr);
    if (tell) fclose(tell);
    fputs("RT386_MODEL_REPLAY=\"", stderr);
    print_line(run, stderr);
    fputs("\"\n", stderr);
    cr_assert_fail("%s, seed %llu: %s", name, (unsigned long long)seed, first);
}

/* --- tests --- */

bool steps_smallest(const struct steps_def *def, uint64_t seed, unsigned total,
                    struct steps_run *run, char *why)
{
    struct stage t = stage_new(def);
    struct steps s = {.seed = seed, .total = total, .log = run};
    bool failed = attempt(&t, &s);
    if (failed) shrink(&t, run);
    if (failed) fails(&t, run, NULL);
    memcpy(why, t.verdict->text, sizeof t.verdict->text);
    stage_free(&t);
    return failed;
}

static void replay(const struct stage *t, const char *text)
{
    struct steps_run *run = steps_run_new();
    cr_assert(read_line(text, t->def->kind_count, run), "RT386_MODEL_REPLAY is no run of %s",
              t->def->name);
    if (fails(t, run, NULL)) report(t, run, 0, "the run of RT386_MODEL_REPLAY");
    steps_run_free(run);
}

void steps_test(const struct steps_def *def, uint64_t seed, unsigned total, unsigned *counts)
{
    struct stage t = stage_new(def);
    if (getenv("RT386_MODEL_REPLAY")) {
        replay(&t, getenv("RT386_MODEL_REPLAY"));
        stage_free(&t);
        cr_skip_test("played RT386_MODEL_REPLAY only");
    }
    struct steps_run *run = steps_run_new();
    memset(counts, 0, COUNTS_MAX * sizeof *counts);
    for (uint64_t life = 0; total; life++) {
        uint64_t own = seed + (life << 32);
        struct steps s = {.seed = own, .total = total, .log = run};
        run->steps = run->draws = 0;
        if (attempt(&t, &s)) {
            char first[sizeof t.verdict->text];
            memcpy(first, t.verdict->text, sizeof first);
            shrink(&t, run);
            report(&t, run, own, first);
        }
        for (unsigned i = 0; i < COUNTS_MAX; i++)
            counts[i] += t.verdict->count[i];
        total -= t.verdict->stretches;
    }
    steps_run_free(run);
    stage_free(&t);
}
