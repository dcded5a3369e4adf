/* lesson_priv.h: what the parts of a lesson share.
 *
 *   lesson.c         opening, stops, the machine
 *   lesson_page.c    paragraphs and figures of a step
 *   lesson_ask.c     a question: seeded values, the copy that answers it
 *   lesson_judge.c   reading an answer and comparing it
 *   lesson_result.c  points and the result as JSON
 */
#ifndef RT386_APP_LESSON_PRIV_H
#define RT386_APP_LESSON_PRIV_H

#include "lesson_expr.h"
#include "lesson_source.h"

#define LESSON_CHOICES 16
#define LESSON_HINTS   4
#define LESSON_CHANGES 64
#define LESSON_INSNS   1000000u /* a guest that does not get to a stop by then never does */
#define LESSON_BLOCKS  64

enum figure_kind {
    FIGURE_SELECTOR,
    FIGURE_DESCRIPTOR,
    FIGURE_SEGMENT,
    FIGURE_TABLE,
    FIGURE_LOAD,
    FIGURE_ACCESS,
    FIGURE_ADDRESS,
    FIGURE_STACK,
    FIGURE_WORDS,
    FIGURE_TSS,
    FIGURE_NEXT,
    FIGURE_CODE
};
#define FIGURE_LABELS 12
struct figure { /* what is shown, with its expressions worked out */
    enum figure_kind kind;
    int reg;                       /* segment register; TABLE: enum rt386_table */
    uint32_t value;                /* selector, linear address, offset */
    unsigned n;                    /* bytes, dwords, instructions */
    char label[FIGURE_LABELS][24]; /* of dwords, or "" */
    rt386_access access;
    struct outcome *next; /* NEXT: what the instruction at EIP does */
};

/* A question that has been worked out. */
struct asked {
    bool made;
    struct text id, text, form, answer, correct, why;
    struct text choice_text[LESSON_CHOICES], hint[LESSON_HINTS];
    const char *choice[LESSON_CHOICES];
    unsigned choices, hints, hints_seen, hint_cost[LESSON_HINTS];
    enum lesson_mark mark;
    unsigned earned;
    bool hex; /* NUMBER: asked for in hexadecimal */
    /* what is right, by kind */
    uint32_t number; /* NUMBER; CHOICE: index */
    bool faults;     /* FAULT */
    uint8_t vector;
    bool has_error;
    uint32_t error;
    uint8_t bytes[8];               /* BYTES */
    unsigned order[LESSON_CHOICES]; /* ORDER: indices */
    unsigned ordered;
    uint16_t changed[LESSON_CHANGES]; /* SET: selectors */
    unsigned changes;
};

struct source_lines;
struct lesson {
    struct lesson_source source;
    const unsigned char *image;
    size_t image_size;
    unsigned char *own_image;   /* of a lesson that is not built in */
    struct source_lines *lines; /* of the guest; NULL: none are known */
    uint64_t seed;
    unsigned step, first;
    rt386 *machine;
    bool intime;
    struct text console, link, error;
    struct lesson_page page;
    struct lesson_block block[LESSON_BLOCKS];
    struct text block_text[LESSON_BLOCKS], block_caption[LESSON_BLOCKS];
    struct figure figure[LESSON_BLOCKS];
    struct asked **asked; /* by step, then question */
    struct asked tried;   /* with somebody's own values */
    struct text values, source_line;
    bool *visited;
};

/* A sentence into lesson_error, with the line of the source; always false. */
bool lesson_wrong(struct lesson *l, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The line of the guest's source that the instruction at a linear address comes from; NULL: none is known. Good until the next
 * call. *line (may be NULL): its number. */
const char *lesson_source_line(struct lesson *l, uint32_t linear, unsigned *line);
struct scope lesson_scope(const struct lesson *l);
/* "to NAME", "N", "event": 0 insns and an error if it is none. */
bool lesson_goal(struct lesson *l, const struct scope *s, const struct item *item,
                 struct run_goal *goal);

bool lesson_page_make(struct lesson *l);
void lesson_page_free(struct lesson *l);
/* Figures in characters (lesson_figure.c). */
bool figure_read(struct lesson *l, const struct item *item, struct figure *f, struct text *caption);
void figure_text(struct lesson *l, const struct figure *f, struct text *to);
void figure_free(struct figure *f);
/* The checks behind LOAD and ACCESS. */
bool figure_explain(const struct lesson *l, const struct figure *f, rt386_explanation *e);
void figure_checks_text(const rt386_explanation *e, struct text *t);

bool asked_make(struct lesson *l, unsigned question);
/* The same into `a`, whatever has been asked before. own: NULL, or "name=VALUE, name=VALUE" in place of seeded values. */
bool asked_work(struct lesson *l, unsigned question, const char *own, struct asked *a);
/* Names of a question's seeded values: "s, r". */
void asked_values(const struct lesson *l, unsigned question, struct text *to);
void asked_free(struct asked *a);
/* RIGHT or WRONG; OPEN: err says why the answer cannot be read. */
enum lesson_mark asked_judge(const struct asked *a, enum lesson_question_kind kind,
                             const char *answer, char *err, size_t err_size);
void asked_forms(struct asked *a, const struct ask_source *source); /* `form` and `correct` */

#endif
