/* style.h: the grid and the letters of the lab: one row height, one inset, four kinds of text. */
#ifndef RT386_APP_LAB_STYLE_H
#define RT386_APP_LAB_STYLE_H

#include "lab.h"

#define GAP     8.0f  /* between panes */
#define INSET   12.0f /* from a pane's edge to its text */
#define TABS_H  30.0f /* the row of tabs */
#define ROW_H   19.0f
#define BASE    13.5f /* from a row's top to its base line */
#define CODE    ((struct type){FACE_CODE, 12})
#define CODE_B  ((struct type){FACE_CODE_BOLD, 12})
#define LABEL   ((struct type){FACE_TEXT, 11.5f})
#define LABEL_B ((struct type){FACE_BOLD, 11.5f})
#define SMALL   ((struct type){FACE_TEXT, 10.5f})
#define CODE_W  7.2f /* of a letter of CODE */

/* Text in a column: cut with an ellipsis where it is too wide. */
void put(const struct canvas *c, float x, float y, float w, struct type type, unsigned ink,
         const char *s);
void putf(const struct canvas *c, float x, float y, float w, struct type type, unsigned ink,
          const char *format, ...) __attribute__((format(printf, 7, 8)));
/* A word in a small box, as `P` or `live`; returns how wide it is. */
float chip(const struct canvas *c, float x, float y, const char *s, unsigned ink, bool filled);
/* How wide the chip would be. */
float chip_width(const struct canvas *c, const char *s);
/* The mark of what has changed: a bar at the left edge of a soft field. */
void changed(const struct canvas *c, struct box at);
/* A quiet sentence in the middle of an empty pane. */
void empty(const struct canvas *c, struct box at, const char *s);

/* Rows of a pane: which are seen, and the selected one in view. */
struct rows {
    struct lab *l;
    const struct canvas *c;
    enum pane_id pane;
    struct box at;
    float h;
    unsigned first, end;
};
struct rows rows_begin(struct lab *l, const struct canvas *c, enum pane_id pane, struct box at,
                       unsigned count, float height);
/* The box of row i; the selected one is drawn behind, and a click selects. */
struct box row_box(struct rows *r, unsigned i);
/* A frame around the selected row of a pane that has not the keyboard: what the instruction is about. */
void row_chosen(const struct rows *r);
/* At the right edge, when there is more than fits. */
void rows_end(const struct rows *r);
/* A line of headings; the rest of the box. */
struct box headings(const struct canvas *c, struct box at);

#endif
