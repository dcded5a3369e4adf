#include "slices.h"

#include <stdio.h>

/* One that only faults ends early, and a run without a limit goes on all the same. */
rt386_status slices_run(const struct slices *s, rt386 *machine, uint64_t insns, uint64_t until,
                        rt386_exit *why)
{
    uint64_t left = insns;
    rt386_status st = RT386_OK;
    *why = (rt386_exit){.kind = RT386_EXIT_BUDGET};
    while (s->before(s->ctx)) {
        uint64_t part = insns && left < s->slice ? left : s->slice;
        st = rt386_run(machine, part, until, why);
        if (st != RT386_OK || why->kind != RT386_EXIT_BUDGET || (insns && why->fault.raised))
            return st;
        left -= part;
        if (insns && !left) break;
    }
    snprintf(why->text, sizeof why->text, "the limit of %llu instructions is reached",
             (unsigned long long)insns);
    return st;
}
