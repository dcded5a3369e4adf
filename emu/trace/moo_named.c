/* moo_named.c: known differences between the processor a vector was taken from and the 80386. Each
 * is a narrow test of one outcome; what none of them explains is a failure. docs/moo.md lists the
 * evidence. */
#include "moo.h"

#include <string.h>

struct named {
    rt386_moo_difference_info info;
    bool (*explains)(const struct moo_outcome *o);
};

static const struct named table[] = {
    {{NULL, NULL}, NULL},
};
#define TABLE_SIZE (sizeof table / sizeof *table - 1)

unsigned rt386_moo_difference_count(void)
{
    return TABLE_SIZE;
}

rt386_moo_difference_info rt386_moo_difference(unsigned index)
{
    return index < TABLE_SIZE ? table[index].info : (rt386_moo_difference_info){"", ""};
}

int moo_difference(const struct moo_outcome *o)
{
    for (unsigned i = 0; i < TABLE_SIZE; i++)
        if (table[i].explains(o)) return (int)i;
    return -1;
}
