#include "preview.h"

#include "copy.h"
#include "observe.h"
#include "view.h"

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
    const char *why = machine_copy(m, &copy);
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
