/* locale.c: the locale "C". */
#include "locale.h"
#include "clib.h"
#include "string.h"

#define NONE ((char)127) /* CHAR_MAX: not known in this locale */

char *setlocale(int category, const char *locale)
{
    static char name[] = "C";
    if (category < LC_ALL || category > LC_TIME) return NULL;
    if (locale != NULL && strcmp(locale, "C") != 0 && *locale != 0) return NULL;
    return name;
}

struct lconv *localeconv(void)
{
    static char point[] = ".", empty[] = "";
    static struct lconv c = {.decimal_point = point,
                             .thousands_sep = empty,
                             .grouping = empty,
                             .int_curr_symbol = empty,
                             .currency_symbol = empty,
                             .mon_decimal_point = empty,
                             .mon_thousands_sep = empty,
                             .mon_grouping = empty,
                             .positive_sign = empty,
                             .negative_sign = empty,
                             .int_frac_digits = NONE,
                             .frac_digits = NONE,
                             .p_cs_precedes = NONE,
                             .p_sep_by_space = NONE,
                             .n_cs_precedes = NONE,
                             .n_sep_by_space = NONE,
                             .p_sign_posn = NONE,
                             .n_sign_posn = NONE,
                             .int_p_cs_precedes = NONE,
                             .int_n_cs_precedes = NONE,
                             .int_p_sep_by_space = NONE,
                             .int_n_sep_by_space = NONE,
                             .int_p_sign_posn = NONE,
                             .int_n_sign_posn = NONE};
    return &c;
}
