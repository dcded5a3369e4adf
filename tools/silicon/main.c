/* main.c: rt386-silicon: the same states on this machine's processor and on rt386.
 *
 *   rt386-silicon --runner FILE [--states N] [--faults N] [--seed N] [--only NAME] [--show N] [--write FILE]
 *   rt386-silicon --replay FILE
 *
 * With --tap 1 as a test: one line for each family. --write keeps a digest of each block, --replay compares
 * them with rt386 alone.
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
        {"--tap", NULL, &s->tap},
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

int main(int argc, char **argv)
{
    struct session s = {.seed = 1, .show = 1};
    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !option(&s, argv[i], argv[i + 1])) {
            fprintf(stderr,
                    "usage: rt386-silicon --runner FILE [--states N] [--faults N] [--seed N] "
                    "[--only NAME] [--show N] [--write FILE] [--tap 1]\n"
                    "       rt386-silicon --replay FILE [--tap 1]\n");
            return 2;
        }
    return session_run(&s);
}
