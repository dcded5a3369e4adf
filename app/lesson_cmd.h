/* lesson_cmd.h: what the parts of `rt386 lesson` share. */
#ifndef RT386_APP_LESSON_CMD_H
#define RT386_APP_LESSON_CMD_H

#include "app.h"
#include "lesson.h"

struct lesson_options {
    struct common common;
    struct opt_num seed;
    const char *answers, *result, *from, *out;
    bool all, notes;
};

/* At a terminal: pages, questions, hints. Returns the status to leave with. */
int lesson_talk(struct app *app, struct lesson *l, const struct lesson_options *o);
/* All questions from a list of answers: "load.1 0x18" a line. */
int lesson_grade(struct app *app, struct lesson *l, const struct lesson_options *o);
/* A page, and a question with its choices, as text of 80 columns. */
void lesson_page_text(struct text *t, const struct lesson *l, bool notes);
void lesson_question_text(struct text *t, const struct lesson_question *q);
/* NULL: there is none. */
void lesson_hint_text(struct text *t, const char *hint);
void lesson_verdict_text(struct text *t, const struct lesson_question *q);
/* A question with somebody's own values and what the machine says; or why not. False: the latter. */
bool lesson_try_text(struct text *t, struct lesson *l, unsigned i, const char *values);
/* `rt386 lesson try ID QUESTION VALUES`: the last two of the words. */
int lesson_try_one(struct app *app, struct lesson *l, const char *question, const char *values);
/* After the last question: the points, the result file, the status. */
int lesson_end(struct app *app, struct lesson *l, const struct lesson_options *o);

#endif
