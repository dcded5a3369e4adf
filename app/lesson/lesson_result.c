/* lesson_result.c: questions as they are shown and answered, points, and the result as JSON. */
#include "json.h"
#include "lesson_priv.h"

#include <stdio.h>
#include <string.h>

static const struct ask_source *ask_at(const struct lesson *l, unsigned step, unsigned i)
{
    return step < l->source.steps && i < l->source.step[step].asks ? &l->source.step[step].ask[i]
                                                                   : NULL;
}

static unsigned hints_cost(const struct asked *a)
{
    unsigned cost = 0;
    for (unsigned i = 0; i < a->hints_seen; i++)
        cost += a->hint_cost[i];
    return cost;
}

static void show(const struct asked *a, const struct ask_source *source, bool reveal,
                 struct lesson_question *out)
{
    bool told = reveal || a->mark != LESSON_OPEN;
    *out = (struct lesson_question){.id = text_str(&a->id),
                                    .kind = source->kind,
                                    .text = text_str(&a->text),
                                    .form = text_str(&a->form),
                                    .choice = a->choice,
                                    .choices = a->choices,
                                    .points = source->points,
                                    .hints = a->hints,
                                    .hints_seen = a->hints_seen,
                                    .mark = a->mark,
                                    .answer = text_str(&a->answer),
                                    .correct = told ? text_str(&a->correct) : "",
                                    .why = told ? text_str(&a->why) : "",
                                    .earned = a->earned};
    if (a->hints_seen < a->hints) out->next_cost = a->hint_cost[a->hints_seen];
}

/* NULL: there is none, or it cannot be made. */
static struct asked *asked_at(struct lesson *l, unsigned index)
{
    if (!ask_at(l, l->step, index)) {
        lesson_wrong(l, 0, "this step has no question %u", index + 1);
        return NULL;
    }
    return asked_make(l, index) ? &l->asked[l->step][index] : NULL;
}

bool lesson_question(struct lesson *l, unsigned index, struct lesson_question *out)
{
    const struct asked *a = asked_at(l, index);
    if (a) show(a, ask_at(l, l->step, index), false, out);
    return a != NULL;
}

bool lesson_reveal(struct lesson *l, unsigned index, struct lesson_question *out)
{
    const struct asked *a = asked_at(l, index);
    if (a) show(a, ask_at(l, l->step, index), true, out);
    return a != NULL;
}

const char *lesson_values(struct lesson *l, unsigned index)
{
    text_clear(&l->values);
    if (ask_at(l, l->step, index)) asked_values(l, index, &l->values);
    return text_str(&l->values);
}

bool lesson_try(struct lesson *l, unsigned index, const char *values, struct lesson_question *out)
{
    const struct ask_source *source = ask_at(l, l->step, index);
    if (!source) return lesson_wrong(l, 0, "this step has no question %u", index + 1);
    if (!asked_work(l, index, values, &l->tried)) return false;
    show(&l->tried, source, true, out);
    return true;
}

const char *lesson_hint(struct lesson *l, unsigned index)
{
    struct asked *a = asked_at(l, index);
    if (!a || a->mark != LESSON_OPEN || a->hints_seen == a->hints) return NULL;
    return text_str(&a->hint[a->hints_seen++]);
}

bool lesson_answer(struct lesson *l, unsigned index, const char *text, struct lesson_question *out)
{
    struct asked *a = asked_at(l, index);
    const struct ask_source *source = ask_at(l, l->step, index);
    char err[400] = "";
    if (!a) return false;
    if (a->mark == LESSON_OPEN) {
        a->mark = asked_judge(a, source->kind, text, err, sizeof err);
        text_clear(&a->answer);
        text_add(&a->answer, text); /* kept though it may be unreadable */
        if (a->mark == LESSON_OPEN) return lesson_wrong(l, 0, "%s", err);
        unsigned cost = hints_cost(a);
        if (a->mark == LESSON_RIGHT && source->points > cost) a->earned = source->points - cost;
    }
    if (out) show(a, source, false, out);
    return true;
}

struct lesson_result lesson_result(const struct lesson *l)
{
    struct lesson_result r = {0};
    for (unsigned i = l->first; i < l->source.steps; i++)
        for (unsigned j = 0; j < l->source.step[i].asks; j++) {
            const struct asked *a = &l->asked[i][j];
            r.questions++;
            r.right += a->mark == LESSON_RIGHT;
            r.wrong += a->mark == LESSON_WRONG;
            r.points += a->earned;
            r.of += l->source.step[i].ask[j].points;
        }
    return r;
}

static void question_json(struct json *j, const struct asked *a, const struct ask_source *source)
{
    static const char *const kind[] = {"number", "fault", "choice", "bytes", "order", "set"};
    static const char *const mark[] = {"unanswered", "right", "wrong"};
    json_open(j, NULL, '{');
    json_str(j, "id", text_str(&a->id));
    json_str(j, "kind", kind[source->kind]);
    json_str(j, "text", text_str(&a->text));
    json_open(j, "choices", '[');
    for (unsigned i = 0; i < a->choices; i++)
        json_str(j, NULL, a->choice[i]);
    json_close(j, ']');
    json_str(j, "answer", text_str(&a->answer));
    json_str(j, "mark", a->mark == LESSON_OPEN && a->answer.n ? "unreadable" : mark[a->mark]);
    if (a->mark != LESSON_OPEN) json_str(j, "correct", text_str(&a->correct));
    json_num(j, "hints", a->hints_seen);
    json_num(j, "points", a->earned);
    json_num(j, "of", source->points);
    json_close(j, '}');
}

bool lesson_result_json(struct lesson *l, struct text *to)
{
    struct json j = {.to = to};
    struct lesson_result r = lesson_result(l);
    json_open(&j, NULL, '{');
    json_str(&j, "schema", "rt386-lesson/1");
    json_str(&j, "lesson", l->source.id);
    json_str(&j, "title", l->source.title);
    json_num(&j, "seed", l->seed);
    json_str(&j, "from", l->source.step[l->first].name);
    json_open(&j, "questions", '[');
    for (unsigned i = l->first; i < l->source.steps; i++)
        for (unsigned k = 0; l->visited[i] && k < l->source.step[i].asks; k++)
            if (l->asked[i][k].made) question_json(&j, &l->asked[i][k], &l->source.step[i].ask[k]);
    json_close(&j, ']');
    json_num(&j, "asked", r.questions);
    json_num(&j, "right", r.right);
    json_num(&j, "wrong", r.wrong);
    json_num(&j, "points", r.points);
    json_num(&j, "of", r.of);
    json_bool(&j, "all_right", r.right == r.questions);
    json_close(&j, '}');
    text_add(to, "\n");
    return !to->failed;
}
