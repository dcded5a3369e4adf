#include "preview.h"

#include "observe.h"
#include "view.h"

#include <rt386/snapshot.h>
#include <string.h>

static void put(void *ctx, const void *bytes, size_t n)
{
    text_addn(ctx, bytes, n);
}

/* A machine like this one. NULL, or why not. */
static const char *copy_of(const rt386 *m, rt386 **copy)
{
    struct text bytes = {0};
    rt386_config config = {.size = sizeof config};
    char err[200];
    const char *why = NULL;
    *copy = NULL;
    if (rt386_snapshot_save(m, put, &bytes) != RT386_OK || bytes.failed ||
        rt386_snapshot_config(bytes.p, bytes.n, &config, err, sizeof err) != RT386_OK ||
        rt386_create(&config, copy) != RT386_OK)
        why = "the host has no memory for a copy of the machine";
    else if (rt386_snapshot_load(*copy, bytes.p, bytes.n) != RT386_OK)
        why = "this machine cannot be copied: it has a network";
    text_free(&bytes);
    return why;
}

static void run_one(rt386 *copy, struct observe *o)
{
    rt386_exit why;
    if (observe_attach(o) == RT386_OK) (void)rt386_run(copy, 1, rt386_clocks(copy) + 1, &why);
    observe_finish(o);
}

bool preview_text(struct app *app, const rt386 *m, struct text *to)
{
    struct app plain;
    struct view view;
    rt386 *copy;
    const char *why = copy_of(m, &copy);
    struct text said = {0};
    struct observe *o = NULL;
    if (!why && explain_view_text(app, &plain, &said, &view)) {
        o = observe_new(copy, &view, NULL, NULL, true, true);
        if (o) run_one(copy, o);
        view.ops->close(view.ctx);
        observe_free(o);
    }
    if (!o && !why) why = "the host has no memory left";
    if (why) text_addf(to, "%s\n", why);
    const char *words = text_str(&said);
    while (*words == '\n')
        words++;
    if (!why) text_add(to, *words ? words : "it loads no segment register and raises nothing\n");
    text_free(&said);
    if (copy) rt386_destroy(copy);
    return !why;
}
