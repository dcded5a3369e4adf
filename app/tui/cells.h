/* cells.h: a screen of characters, before any terminal: what the panes of `debug --screen` are drawn on. */
#ifndef RT386_APP_CELLS_H
#define RT386_APP_CELLS_H

#include <stdbool.h>
#include <stddef.h>

enum look {
    LOOK_PLAIN,
    LOOK_DIM,
    LOOK_TITLE,   /* of a pane */
    LOOK_BAR,     /* first and last line */
    LOOK_HERE,    /* where the guest stands */
    LOOK_CHANGED, /* by the last move; there is a '*' too */
    LOOK_BAD,
    LOOK_COUNT
};
struct cell {
    char ch;
    unsigned char look;
};
struct cells {
    unsigned w, h;
    struct cell *at; /* w * h, line by line */
};

/* All blank. False: no memory. */
bool cells_new(struct cells *c, unsigned w, unsigned h);
void cells_free(struct cells *c);
/* Text, cut at column `end` or the edge; what is not printable becomes a dot, a tab a blank. Returns the column behind it. */
unsigned cells_put(struct cells *c, unsigned x, unsigned y, unsigned end, enum look look,
                   const char *s);
unsigned cells_putf(struct cells *c, unsigned x, unsigned y, unsigned end, enum look look,
                    const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Columns x to end - 1 of a line get a look, whatever stands there. */
void cells_mark(struct cells *c, unsigned x, unsigned y, unsigned end, enum look look);

#endif
