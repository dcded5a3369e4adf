/* seg_diff.c: rt386 seg diff: descriptor tables and page tables at two places: of one run, which is the same each time, or of
 * snapshots. */
#include "page_diff.h"
#include "seg_ask.h"
#include "snapshot_file.h"
#include "table_diff.h"

#include <ctype.h>
#include <stdlib.h>

struct place {
    struct opt_num insns; /* of the run */
    char *snapshot;       /* or a file */
    struct table_shot tables;
    struct page_shot pages;
};

static int take(struct session *s, const void *ctx)
{
    struct place *const *p = ctx;
    if (table_shot_take(&(*p)->tables, s->machine) && page_shot_take(&(*p)->pages, s->machine))
        return STATUS_OK;
    app_error(s->app, "the host has no memory left");
    return STATUS_USAGE;
}

static void print(struct app *app, const struct seg_options *o, const struct place *was,
                  const struct place *is)
{
    struct text t = {0};
    if (o->run.common.json) {
        struct json j = {.to = &t};
        json_open(&j, NULL, '{');
        json_str(&j, "schema", "rt386-seg-diff/1");
        table_diff_json(&j, &was->tables, &is->tables);
        page_diff_json(&j, &was->pages, &is->pages);
        json_close(&j, '}');
        text_add(&t, "\n");
    } else {
        unsigned n = table_diff_count(&was->tables, &is->tables);
        text_addf(&t, "%u entr%s differ%s\n", n, n == 1 ? "y" : "ies", n == 1 ? "s" : "");
        table_diff_text(&t, &was->tables, &is->tables);
        n = page_diff_count(&was->pages, &is->pages);
        text_addf(&t, "%u page entr%s differ%s\n", n, n == 1 ? "y" : "ies", n == 1 ? "s" : "");
        page_diff_text(&t, &was->pages, &is->pages);
    }
    app_put(app, &t);
    text_free(&t);
}

static bool place_read(char *word, struct place *p)
{
    char *end;
    p->insns.given = true;
    p->insns.value = strtoull(word, &end, 0);
    if (isdigit((unsigned char)*word) && !*end && p->insns.value) return true;
    *p = (struct place){.snapshot = snapshot_is(word) ? word : NULL};
    return p->snapshot;
}

static int place_take(struct app *app, struct run_options *run, struct place *p)
{
    struct run_options of_file = {.common = run->common, .file = &p->snapshot, .files = 1};
    if (p->snapshot) return session_look(app, &of_file, take, &p);
    run->max_insns = p->insns;
    return session_look(app, run, take, &p);
}

static void place_free(struct place *p)
{
    table_shot_free(&p->tables);
    page_shot_free(&p->pages);
}

int seg_diff(struct app *app, struct seg_options *o, char *const word[], int words)
{
    struct place was = {0}, is = {0};
    bool guest = o->run.files || o->run.bios || o->run.replay;
    if (words < 2 || !place_read(word[0], &was) || !place_read(word[1], &is) ||
        (!guest && !(was.snapshot && is.snapshot))) {
        app_error(app, "seg diff: name two places, each a snapshot or a number of instructions, "
                       "which needs a FILE or --replay=TRACE: seg diff 1000 20000 hello.rta");
        return STATUS_USAGE;
    }
    int status = place_take(app, &o->run, &was);
    if (status == STATUS_OK) status = place_take(app, &o->run, &is);
    if (status == STATUS_OK) {
        print(app, o, &was, &is);
        status = app_finish(app, STATUS_OK);
    }
    place_free(&was);
    place_free(&is);
    return status;
}
