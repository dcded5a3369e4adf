/* reg_value.h: a register by name, where the name is known to be right. */
#ifndef RT386_APP_REG_VALUE_H
#define RT386_APP_REG_VALUE_H

#include <rt386/rt386.h>

static inline uint64_t reg_value(const rt386 *m, const char *name)
{
    uint64_t v = 0;
    (void)rt386_reg_get(m, name, &v);
    return v;
}

#endif
