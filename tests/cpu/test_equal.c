/* What is kept and how the processor is called must not be seen: see equal.h. The seed is fixed (RT386_SEED
 * changes it, RT386_ROUNDS the number); a failure names its round, and RT386_ROUND runs that alone. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "equal.h"

#define ROUNDS 3000u
#define CHUNKS 24u

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

struct chunk {
    uint64_t n, until;
    uint32_t host, value;
};

static struct chunk some_chunk(struct dice *d, const struct world *w)
{
    struct chunk c = {1 + roll(d, chance(d, 4) ? 4 : 40), UINT64_MAX, roll(d, 40),
                      roll(d, 0x10000)};
    if (chance(d, 3)) c.until = w->cpu.s.clocks + roll(d, 200);
    return c;
}

/* False: not equal, and said so. */
static bool round_runs(struct world *const w[KINDS], uint64_t number_of_it, uint64_t seed)
{
    static struct round r;
    struct dice d = {seed + number_of_it * UINT64_C(0x9e3779b97f4a7c15)};
    char why[400];
    (void)roll(&d, 2);
    round_make(&r, &d);
    for (unsigned k = 0; k < KINDS; k++)
        world_start(w[k], &r);
    for (unsigned i = 0; i < CHUNKS; i++) {
        struct chunk c = some_chunk(&d, w[PLAIN]);
        enum cpu_step first = STEP_RETIRED;
        for (unsigned k = 0; k < KINDS; k++) {
            world_host(w[k], c.host, c.value);
            enum cpu_step step = world_run(w[k], c.n, c.until);
            if (k == PLAIN) first = step;
            bool same = world_equal(w[PLAIN], w[k], why, sizeof why);
            if (same && step == first) continue;
            cr_log_error(
                "round %llu (mode %u, ring %u, paging %u, looks %u), chunk %u, kind %u: %s",
                (unsigned long long)number_of_it, r.mode, r.ring, r.paging, r.looks, i, k,
                same ? "how it ended" : why);
            return false;
        }
        if (first == STEP_SHUTDOWN) break;
    }
    for (unsigned k = 1; k < KINDS; k++) {
        if (world_same_memory(w[PLAIN], w[k])) continue;
        cr_log_error("round %llu, kind %u: memory", (unsigned long long)number_of_it, k);
        return false;
    }
    return true;
}

Test(equal, whatever_is_kept_and_however_it_is_called)
{
    uint64_t seed = number("RT386_SEED", 386), rounds = number("RT386_ROUNDS", ROUNDS);
    uint64_t first = number("RT386_ROUND", 0), last = getenv("RT386_ROUND") ? first + 1 : rounds;
    struct world *w[KINDS];
    uint64_t insns = 0;
    for (unsigned k = 0; k < KINDS; k++)
        w[k] = world_new((enum kind)k);
    bool good = true;
    for (uint64_t i = first; i < last && good; i++) {
        good = round_runs(w, i, seed);
        insns += w[PLAIN]->cpu.s.insns;
    }
    fprintf(stderr, "# equal: %llu rounds, %llu instructions\n", (unsigned long long)(last - first),
            (unsigned long long)insns);
    for (unsigned k = 0; k < KINDS; k++)
        world_free(w[k]);
    cr_assert(good);
}
