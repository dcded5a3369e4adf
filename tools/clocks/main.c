/* clocks: the manual's clock counts against those that are charged.
 *
 *     clocks BOOK.csv SWITCH.csv            the full table and its summary
 *     clocks --summary BOOK.csv SWITCH.csv
 *
 * Status 1: a row differs that no misprint excuses.
 */
#include <stdlib.h>
#include <string.h>

#include "table.h"

int main(int argc, char **argv)
{
    bool brief = argc > 1 && strcmp(argv[1], "--summary") == 0;
    struct table_sum sum;
    if (argc != (brief ? 4 : 3)) {
        fprintf(stderr, "usage: clocks [--summary] BOOK.csv SWITCH.csv\n");
        return 2;
    }
    struct book *book = book_read(argv[argc - 2], argv[argc - 1]);
    bool ok = book && table_measure(book, brief ? NULL : stdout, &sum);
    free(book);
    if (!ok) return 2;
    if (!brief) printf("\n");
    table_summary(&sum, stdout);
    return sum.wrong_rows != 0;
}
