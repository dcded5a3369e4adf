/* step_lines.h: an account of an instruction (rt386/account.h) as lines of a pane: the step, below it its checks. */
#ifndef RT386_APP_LAB_STEP_LINES_H
#define RT386_APP_LAB_STEP_LINES_H

#include "canvas.h"

#include <rt386/account.h>

struct step_line {
    bool head; /* the step itself; else a check or a detail of it */
    bool has_mark;
    enum mark mark;
    unsigned ink;
    char name[40]; /* "selector", "SEGM_LIMIT_UP" */
    char words[160];
    char right[24];    /* "[386 6.3.1.2]" */
    uint16_t selector; /* to be followed; 0: none */
};
/* How many lines; at most `most` are written. */
unsigned steps_lines(const rt386_account *a, struct step_line *line, unsigned most);

#endif
