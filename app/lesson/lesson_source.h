/* lesson_source.h: a lesson as it is written: lines of text, and lines that begin with '@' and a word.
 *
 *   lesson 1 selectors
 *   title Selectors
 *   about What the sixteen bits of a selector say.
 *   guest lesson01.elf
 *
 *   @step load Loading ES                  a page; the machine goes where @run says
 *   @run to before_load
 *   A paragraph with {es_base;x8}.
 *   @figure load es ax
 *   @note For the instructor.
 *   @ask number 10                         a question of this page, up to the next @ask or @step
 *   @vary s 0x08 0x10 0x1b                 a seeded value
 *   @do ax = s                             put into the copy of the machine
 *   @try 1                                 how far the copy runs
 *   Where does the descriptor of {s} lie?
 *   @answer gdtr_base + (s & 0xfff8)       evaluated on the copy, then
 *   @hint 3 Look at bits 15 to 3.
 *   @explain It is at {...}.
 *
 * Nothing is evaluated here; expressions stay text. docs/lessons.md is the full description.
 */
#ifndef RT386_APP_LESSON_SOURCE_H
#define RT386_APP_LESSON_SOURCE_H

#include "lesson.h"

enum item_kind { /* of a step or a question, in the order of the file */
                 ITEM_PARAGRAPH,
                 ITEM_CODE,
                 ITEM_FIGURE,
                 ITEM_NOTE,
                 ITEM_RUN,
                 ITEM_VARY,
                 ITEM_DO,
                 ITEM_TRY,
                 ITEM_FORM,
                 ITEM_CHOICE,
                 ITEM_ANSWER,
                 ITEM_HINT,
                 ITEM_EXPLAIN
};
struct item {
    enum item_kind kind;
    char *text; /* behind the word, or the paragraph */
    unsigned line;
};
struct items {
    struct item *at;
    unsigned n, cap;
};
struct ask_source {
    enum lesson_question_kind kind;
    bool check;  /* CHOICE: the checks of a segment load, right is the first one that fails */
    bool pushes; /* ORDER: of the values that are written; else by their size */
    unsigned points, line;
    struct items items;
};
struct step_source {
    char *name, *title;
    unsigned line;
    struct items items;
    struct ask_source *ask;
    unsigned asks, asks_cap;
};
struct lesson_source {
    unsigned number;
    char *id, *title, *about, *guest;
    struct step_source *step;
    unsigned steps, steps_cap;
};

/* False: `err` is "line 12: ..."; what was read so far has to be freed all the same. */
bool lesson_source_read(struct lesson_source *s, const char *bytes, size_t n, char *err,
                        size_t err_size);
void lesson_source_free(struct lesson_source *s);

#endif
