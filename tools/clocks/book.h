/* book.h: the manual's clock tables as data (book.csv, switch.csv; extract.py says how they are made).
 *
 * A count is kept as it is printed: a sum of numbers and products such as 94+4x+m. Its letters:
 *   m   components of the instruction at the target      n   iterations, bits passed over, levels
 *   x   parameters of a call gate                        t   a task switch ("ts")
 */
#ifndef RT386_TOOLS_CLOCKS_BOOK_H
#define RT386_TOOLS_CLOCKS_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOOK_ROWS = 700, SWITCH_ROWS = 64, BOOK_FIELD = 28 };

struct book_row {
    char section[BOOK_FIELD], opcode[BOOK_FIELD], mnemonic[BOOK_FIELD], operands[BOOK_FIELD];
    char outcome[BOOK_FIELD]; /* column "case": same, inner, gate-args, task ... */
    char reg[BOOK_FIELD], mem[BOOK_FIELD], pm_reg[BOOK_FIELD], pm_mem[BOOK_FIELD];
    char checked[BOOK_FIELD], no[BOOK_FIELD], note[BOOK_FIELD];
};

enum task_kind { KIND_386, KIND_V86, KIND_286, KIND_NONE };
struct switch_row {
    char section[BOOK_FIELD];
    enum task_kind from, to;
    bool gate;
    int clocks;
};

struct book {
    struct book_row rows[BOOK_ROWS];
    struct switch_row switches[SWITCH_ROWS];
    unsigned row_count, switch_count;
};

/* NULL with a line on stderr when a file is missing or not of this form. */
struct book *book_read(const char *book_csv, const char *switch_csv);

/* Values of the letters. */
struct book_terms {
    int m, n, x, t;
};
/* The value of a count; -1: not a count. */
int book_value(const char *count, const struct book_terms *terms);
/* Does the letter occur? 't' stands for ts. */
bool book_has(const char *count, char letter);
/* a..b */
bool book_range(const char *count, int *low, int *high);

/* max(ceiling(log2 |m|), 3) + 6, 9 for m = 0 [386 17 IMUL]. */
int book_multiply(uint32_t magnitude);

#endif
