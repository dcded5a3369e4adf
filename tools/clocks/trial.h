/* trial.h: one line of the book, one mode, one kind of operand and one set of values, executed. */
#ifndef RT386_TOOLS_CLOCKS_TRIAL_H
#define RT386_TOOLS_CLOCKS_TRIAL_H

#include <string.h>

#include "book.h"
#include "rig.h"

struct trial {
    const struct book_row *row;
    enum rig_mode mode;
    unsigned ring;   /* protected mode: 0 or 3 */
    bool mem;        /* the ModR/M operand is memory */
    bool unmet;      /* the condition does not hold */
    unsigned number; /* of the control, debug or test register */
    struct book_terms terms;
    uint32_t value;                /* of the operand; for MUL and IMUL the multiplier */
    const struct switch_row *task; /* which tasks, or NULL */
};

/* Clocks that were charged; -1: the instruction was not completed. */
int trial_run(struct rig *r, const struct trial *t);

/* 1, 2 or 4 bytes; string instructions, too. */
unsigned trial_width(const struct book_row *row);
/* In bytes: 2, 4, or 0 when the row does not say. */
unsigned trial_opsize(const struct book_row *row);

bool row_is_far(const struct book_row *row);

static inline bool is_named(const struct book_row *row, const char *mnemonic)
{
    return strcmp(row->mnemonic, mnemonic) == 0;
}
static inline bool has_operand(const struct book_row *row, const char *text)
{
    return strstr(row->operands, text) != NULL;
}
static inline bool has_outcome(const struct book_row *row, const char *outcome)
{
    return strcmp(row->outcome, outcome) == 0;
}

#endif
