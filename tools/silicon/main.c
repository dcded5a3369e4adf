/* main.c: rt386-silicon: the same states on this machine's processor and on rt386.
 *
 *   rt386-silicon --runner FILE [--states N] [--faults N] [--seed N] [--only NAME] [--show N]
 *
 * states   non-faulting states, in batches; faults: faulting states, one trap each. Exit status: 0 equal,
 * 1 unexplained differences, 2 usage or an internal failure, 77 this machine cannot run them (the reason
 * is printed).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare.h"
#include "emu.h"
#include "link.h"
#include "session.h"

static bool option(struct session *s, const char *name, const char *value)
{
    if (strcmp(name, "--runner") == 0)
        s->runner = value;
    else if (strcmp(name, "--states") == 0)
        s->states = strtoull(value, NULL, 0);
    else if (strcmp(name, "--faults") == 0)
        s->faults = strtoull(value, NULL, 0);
    else if (strcmp(name, "--seed") == 0)
        s->seed = strtoull(value, NULL, 0);
    else if (strcmp(name, "--only") == 0)
        s->only = value;
    else if (strcmp(name, "--show") == 0)
        s->show = strtoull(value, NULL, 0);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct session s = {.seed = 1, .show = 1};
    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !option(&s, argv[i], argv[i + 1])) {
            fprintf(stderr,
                    "usage: rt386-silicon --runner FILE [--states N] [--faults N] [--seed N] "
                    "[--only NAME] [--show N]\n");
            return 2;
        }
    return session_run(&s);
}
