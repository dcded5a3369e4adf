#include "recording.h"

#include "run_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct recording {
    struct app *app;
    rt386 *machine;
    const char *path;
    FILE *f;
    int error; /* errno of the first bytes that could not be written, in whichever thread */
};

static bool put(void *ctx, const void *bytes, size_t n)
{
    struct recording *r = ctx;
    if (fwrite(bytes, 1, n, r->f) == n) return true;
    if (!r->error) r->error = errno;
    return false;
}

struct recording *recording_begin(struct app *app, rt386 *machine, const struct run_options *o,
                                  const char *guest)
{
    const char *path = o->record;
    struct recording *r = calloc(1, sizeof *r);
    if (!r) {
        app_error(app, "the host has no memory left for the recording");
        return NULL;
    }
    *r = (struct recording){.app = app, .machine = machine, .path = path, .f = fopen(path, "wbe")};
    const rt386_record_options how = {.size = sizeof how,
                                      .put = put,
                                      .put_ctx = r,
                                      .instructions = !o->inputs_only,
                                      .guest = guest,
                                      .keyframe_every = o->keyframe_every.value,
                                      .digest_every = o->digest_every.value};
    if (!r->f)
        app_error(app, "cannot write the recording '%s': %s", path, strerror(errno));
    else if (rt386_record_begin(machine, &how) != RT386_OK)
        app_error(app, "cannot record to '%s': %s", path,
                  r->error ? strerror(r->error) : rt386_error(machine));
    else
        return r;
    if (r->f) fclose(r->f);
    free(r);
    return NULL;
}

bool recording_end(struct recording *r, const rt386_exit *why)
{
    bool good = rt386_record_end(r->machine, why) == RT386_OK;
    if (fclose(r->f) && good) {
        good = false;
        r->error = errno;
    }
    if (!good)
        app_error(r->app, "the recording '%s' could not be written to its end: %s", r->path,
                  r->error ? strerror(r->error) : rt386_error(r->machine));
    free(r);
    return good;
}
