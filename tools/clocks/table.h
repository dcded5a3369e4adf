/* table.h: the book's counts against what is charged, row by row.
 *
 * A row has cells: one for each mode and kind of operand in which its count holds. A cell has points: one for
 * each sample of the letters in its count. A row is exact when every point of it is.
 */
#ifndef RT386_TOOLS_CLOCKS_TABLE_H
#define RT386_TOOLS_CLOCKS_TABLE_H

#include <stdio.h>

#include "book.h"

struct table_sum {
    unsigned rows, blank_rows; /* all; those without a printed count */
    unsigned exact_rows, excused_rows, wrong_rows;
    unsigned cells, points, exact_points, failed_points;
    unsigned long error_sum; /* over points of rows that are not excused */
    unsigned error_max, compared_points;
};

/* Measures every row. `out`: the full table, or NULL. False: no memory. */
bool table_measure(const struct book *book, FILE *out, struct table_sum *sum);
void table_summary(const struct table_sum *sum, FILE *out);

#endif
