/* main.c: rt386-silicon: the same states on this machine's processor and on rt386.
 *
 *   rt386-silicon --runner FILE [--states N] [--faults N] [--seed N] [--only NAME] [--show N] [--write FILE]
 *   rt386-silicon --replay FILE
 *   rt386-silicon --replay FILE --moo FOLDER [--only NAME] [--each N] [--traps N]
 *   rt386-silicon --moo FOLDER [--seed N] [--only NAME] [--each N] [--traps N]
 *   rt386-silicon --replay FILE --check FOLDER
 *
 * With --tap 1 as a test: one line for each family; RT386_SILICON_SEED is then the seed of a run beside the processor.
 * --write keeps a digest of each block, --replay compares them with rt386 alone. --moo writes --each states of each row
 * and --traps of each family as vectors (docs/moo.md): of blocks whose digests are in FILE, or else rt386's own;
 * --check makes all vectors of a folder again and compares them.
 *
 * states   non-faulting states, in batches; faults: faulting states, one trap each. Exit status: 0 equal,
 * 1 unexplained differences, 2 usage or an internal failure, 77 this machine cannot run them (the reason
 * is printed).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

static bool option(struct session *s, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **text;
        uint64_t *number;
    } options[] = {
        {"--runner", &s->runner, NULL}, {"--only", &s->only, NULL},
        {"--write", &s->write, NULL},   {"--replay", &s->replay, NULL},
        {"--states", NULL, &s->states}, {"--faults", NULL, &s->faults},
        {"--seed", NULL, &s->seed},     {"--show", NULL, &s->show},
        {"--tap", NULL, &s->tap},       {"--moo", &s->moo, NULL},
        {"--check", &s->check, NULL},   {"--each", NULL, &s->each},
        {"--traps", NULL, &s->traps},
    };
    for (unsigned i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(name, options[i].name) != 0) continue;
        if (options[i].text)
            *options[i].text = value;
        else
            *options[i].number = strtoull(value, NULL, 0);
        return true;
    }
    return false;
}

/* CI gives a seed of its own for each commit. */
static void seed_of_environment(struct session *s)
{
    const char *seed = getenv("RT386_SILICON_SEED");
    if (s->tap && !s->replay && seed && *seed) s->seed = strtoull(seed, NULL, 0);
}

int main(int argc, char **argv)
{
    struct session s = {.seed = 1, .show = 1, .each = 16, .traps = 160};
    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !option(&s, argv[i], argv[i + 1])) {
            fprintf(stderr,
                    "usage: rt386-silicon --runner FILE [--states N] [--faults N] [--seed N] "
                    "[--only NAME] [--show N] [--write FILE] [--tap 1]\n"
                    "       rt386-silicon --replay FILE [--tap 1]\n"
                    "       rt386-silicon [--replay FILE] --moo FOLDER [--seed N] [--only NAME] "
                    "[--each N] "
                    "[--traps N]\n"
                    "       rt386-silicon --replay FILE --check FOLDER [--tap 1]\n");
            return 2;
        }
    seed_of_environment(&s);
    return session_run(&s);
}
