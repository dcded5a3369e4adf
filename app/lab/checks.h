/* checks.h: the account of the next instruction (rt386/account.h), and a second one with a changed descriptor. */
#ifndef RT386_APP_LAB_CHECKS_H
#define RT386_APP_LAB_CHECKS_H

#include "lab.h"
#include "step_lines.h"

#include <rt386/account.h>

#define LOOK_LINES 160u
struct look {
    const char *failed; /* NULL, or why it could not be told; the rest is then zero */
    rt386_account *account;
    const rt386_account_result *result;
    struct step_line line[LOOK_LINES];
    unsigned lines;
    const rt386_step *selector; /* the first one that was looked up; NULL: none */
    const rt386_step *access;   /* the first of memory, or the one that was refused; NULL: none */
};

struct what_if {
    bool on, flip; /* flip: the bit, else `value` is put in */
    uint16_t selector;
    unsigned part;
    char name[10];
    uint64_t value;
    rt386_desc before, after;
};

/* Of the place where the machine is. *what, *then: NULL, or the change and the try with it. */
const struct look *checks_look(struct lab *l, const struct what_if **what,
                               const struct look **then);

#endif
