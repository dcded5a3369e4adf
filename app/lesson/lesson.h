/* lesson.h: a lesson as pages and questions, with the machine that they speak of. No terminal and no window in it: those
 * are of the command (cmd_lesson.c), of the HTML export (lesson_html.c) and of the lab.
 *
 *   lesson source (text/NN-name.lesson) + guest image      both are in the binary
 *        |
 *   lesson_open(id, seed) -> step 0 -> lesson_go ... -> lesson_page: what to read, what to answer
 *                               |                            |
 *                          lesson_machine             lesson_answer -> right or wrong, and why
 *
 * A step is a place in the guest's run. Every number of a page is read from the machine when the page is made. A
 * question is put to a copy of the machine: seeded values are put in, the copy runs on, and what it then shows is the
 * right answer. The same lesson, seed and step give the same page and the same questions, in whatever order they are
 * visited. docs/lessons.md describes the format of the source.
 */
#ifndef RT386_APP_LESSON_H
#define RT386_APP_LESSON_H

#include "canvas.h"
#include "text.h"

#include <rt386/rt386.h>

/* ---- which there are ------------------------------------------------------------------------------- */

struct lesson_entry {
    unsigned number;
    char id[48];     /* "01-selectors" */
    char title[80];  /* "Selectors" */
    char about[200]; /* one sentence; of a lesson that cannot be read, what is wrong with it */
    unsigned steps, questions;
};
/* In their order; false past the last. */
bool lesson_at(unsigned index, struct lesson_entry *entry);

/* ---- a lesson that is open --------------------------------------------------------------------------- */

struct lesson;

/* id: "01-selectors", "selectors", "1", or a permalink "01-selectors:SEED:STEP", whose seed and step then count; or a path
 * with a '/' or ending in ".lesson": somebody's own, its guest beside it. NULL: `err` has one sentence; *status (may be NULL) says
 * whether it is not there (RT386_E_NOTFOUND), is badly written (RT386_E_FORMAT), or the host failed. */
struct lesson *lesson_open(const char *id, uint64_t seed, char *err, size_t err_size,
                           rt386_status *status);
/* The same from a step by name or number, NULL: the first, unless `id` is a permalink, which has its own. */
struct lesson *lesson_open_at(const char *id, uint64_t seed, const char *step, char *err,
                              size_t err_size, rt386_status *status);
/* "ID:SEED[:STEP]", or the path of a lesson of one's own before the first colon. */
bool lesson_is_permalink(const char *id);
void lesson_close(struct lesson *lesson);

struct lesson_entry lesson_describe(const struct lesson *lesson);
uint64_t lesson_seed(const struct lesson *lesson);

unsigned lesson_steps(const struct lesson *lesson);
unsigned lesson_step(const struct lesson *lesson); /* from 0 */
/* The name of a step: "load"; "" past the last. */
const char *lesson_step_name(const struct lesson *lesson, unsigned step);
/* To a step, forwards or back. False: the guest did not get there, and lesson_error says why; then the lesson stands at the
 * last step that was reached. Pages, questions and the machine from before are not good any more. */
bool lesson_go(struct lesson *lesson, unsigned step);
const char *lesson_error(const struct lesson *lesson);

/* The machine at the present step, good until the next lesson_go. Whoever runs or changes it gets other pages than the
 * lesson's until he goes to a step again. */
rt386 *lesson_machine(const struct lesson *lesson);
/* Names of the guest's addresses. False: none is called so. */
bool lesson_symbol(const struct lesson *lesson, const char *name, uint32_t *linear);
/* What the guest has printed so far. */
const char *lesson_console(const struct lesson *lesson);

/* ---- what to read ------------------------------------------------------------------------------------ */

enum lesson_block_kind {
    LESSON_PARAGRAPH, /* to be filled */
    LESSON_CODE,      /* lines as they are */
    LESSON_FIGURE,    /* `text`: in characters; lesson_figure_svg draws it */
    LESSON_NOTE       /* for the instructor */
};
struct lesson_block {
    enum lesson_block_kind kind;
    const char *text;    /* words in `backquotes` are code, here and in questions */
    const char *caption; /* figures; else "" */
};
struct lesson_page {
    const char *name, *title; /* of the step */
    const struct lesson_block *block;
    unsigned blocks;
    unsigned questions;
};
/* Of the present step; good until the next lesson_go. */
const struct lesson_page *lesson_page(const struct lesson *lesson);
/* "01-selectors:7:load" */
const char *lesson_permalink(const struct lesson *lesson);
/* A figure of the page as an SVG document. False: the block is none, it is lines of text by nature (code, a TSS), or the host
 * has no memory. */
bool lesson_figure_svg(const struct lesson *lesson, unsigned block, struct text *to);
/* The same on any canvas, its upper left corner at x, y; its height, 0: as false. */
float lesson_figure_draw(const struct lesson *lesson, unsigned block, const struct canvas *c,
                         float x, float y, float width);

/* ---- questions --------------------------------------------------------------------------------------- */

enum lesson_question_kind {
    LESSON_NUMBER, /* "0x18", "18h", "24" */
    LESSON_FAULT,  /* "#GP 0x18", "none" */
    LESSON_CHOICE, /* a letter, or the words */
    LESSON_BYTES,  /* eight bytes of a descriptor, or two dwords, high one first */
    LESSON_ORDER,  /* letters in their order: "C A B" */
    LESSON_SET     /* selectors, or "none": "0x0a8 0xb0" */
};
enum lesson_mark { LESSON_OPEN, LESSON_RIGHT, LESSON_WRONG };
struct lesson_question {
    const char *id; /* "load.1": step and number */
    enum lesson_question_kind kind;
    const char *
        text; /* paragraphs, separated by empty lines; lines that begin with four blanks stay as they are */
    const char *form;          /* how to write an answer, one sentence */
    const char *const *choice; /* CHOICE, ORDER: what A, B ... stand for */
    unsigned choices;
    unsigned points;            /* for a right answer without hints */
    unsigned hints, hints_seen; /* there are, and were asked for */
    unsigned next_cost;         /* points that the next hint takes away */
    enum lesson_mark mark;
    const char *answer;  /* what was answered, or "" */
    const char *correct; /* mark not OPEN: the machine's answer, written out */
    const char *why;     /* mark not OPEN: explanation, or "" */
    unsigned earned;     /* points */
};
/* Of the present step. False: no such question, or the machine could not answer it (lesson_error). */
bool lesson_question(struct lesson *lesson, unsigned index, struct lesson_question *out);
/* The next hint, NULL when there is none left, or the question has been answered. */
const char *lesson_hint(struct lesson *lesson, unsigned index);
/* The first answer counts; `out` (may be NULL) is then the question with its mark. False: the answer cannot be
 * read (lesson_error says what is wrong with it; it may be tried again), or there is no such question. */
bool lesson_answer(struct lesson *lesson, unsigned index, const char *text,
                   struct lesson_question *out);
/* The right answer without answering: for keys and exports. False: as lesson_question. */
bool lesson_reveal(struct lesson *lesson, unsigned index, struct lesson_question *out);

/* Names of the seeded values in a question, "s, r", or "". */
const char *lesson_values(struct lesson *lesson, unsigned index);
/* A question with one's own values, "s=0x33, r=es_base + 4", and what the machine does then; nothing is marked. Good until the
 * next lesson_try. False: the values cannot be read, or the machine does not get there with them (lesson_error). */
bool lesson_try(struct lesson *lesson, unsigned index, const char *values,
                struct lesson_question *out);

struct lesson_result {
    unsigned questions, right, wrong; /* of the whole lesson, from the step it began at */
    unsigned points, of;
};
struct lesson_result lesson_result(const struct lesson *lesson);
/* "rt386-lesson/1", one object: every question of the steps that were visited, as it was answered. */
bool lesson_result_json(struct lesson *lesson, struct text *to);

/* The whole lesson, every step with its figures and questions, as one HTML document that needs nothing else. The lesson
 * stands at its last step afterwards. notes: with those for the instructor. False: lesson_error. */
bool lesson_html(struct lesson *lesson, bool notes, struct text *to);

#endif
