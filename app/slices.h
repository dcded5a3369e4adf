/* slices.h: a run piece by piece, for those who have something to do between two pieces. The guest sees no difference. */
#ifndef RT386_APP_SLICES_H
#define RT386_APP_SLICES_H

#include <rt386/rt386.h>

struct slices {
    uint64_t slice; /* instructions */
    /* Before each piece. False: the run ends there, as at a limit. */
    bool (*before)(void *ctx);
    void *ctx;
};
/* As rt386_run. */
rt386_status slices_run(const struct slices *s, rt386 *machine, uint64_t insns, uint64_t until,
                        rt386_exit *why);

#endif
