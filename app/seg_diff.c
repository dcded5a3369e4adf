/* seg_diff.c: rt386 seg diff: the descriptor tables at two places of one run, which is the same each time. */
#include "seg_ask.h"
#include "table_diff.h"

#include <ctype.h>
#include <stdlib.h>

static int take(struct session *s, const void *ctx)
{
    struct table_shot *const *to = ctx;
    if (table_shot_take(*to, s->machine)) return STATUS_OK;
    app_error(s->app, "the host has no memory left");
    return STATUS_USAGE;
}

static void print(struct app *app, const struct seg_options *o, const struct table_shot *was,
                  const struct table_shot *is)
{
    struct text t = {0};
    if (o->run.common.json) {
        struct json j = {.to = &t};
        json_open(&j, NULL, '{');
        json_str(&j, "schema", "rt386-seg-diff/1");
        table_diff_json(&j, was, is);
        json_close(&j, '}');
        text_add(&t, "\n");
    } else {
        unsigned n = table_diff_count(was, is);
        text_addf(&t, "%u entr%s differ%s\n", n, n == 1 ? "y" : "ies", n == 1 ? "s" : "");
        table_diff_text(&t, was, is);
    }
    app_put(app, &t);
    text_free(&t);
}

static bool place(const char *word, struct opt_num *to)
{
    char *end;
    to->given = true;
    to->value = strtoull(word, &end, 0);
    return isdigit((unsigned char)*word) && !*end && to->value;
}

int seg_diff(struct app *app, struct seg_options *o, char *const word[], int words)
{
    struct table_shot was = {0}, is = {0}, *to = &was;
    struct opt_num first = {0}, second = {0};
    if (words < 2 || !place(word[0], &first) || !place(word[1], &second)) {
        app_error(app, "seg diff: name two places, in instructions, and a FILE or --replay=TRACE: "
                       "seg diff 1000 "
                       "20000 hello.rta");
        return STATUS_USAGE;
    }
    o->run.max_insns = first;
    int status = session_look(app, &o->run, take, &to);
    to = &is;
    o->run.max_insns = second;
    if (status == STATUS_OK) status = session_look(app, &o->run, take, &to);
    if (status == STATUS_OK) {
        print(app, o, &was, &is);
        status = app_finish(app, STATUS_OK);
    }
    table_shot_free(&was);
    table_shot_free(&is);
    return status;
}
