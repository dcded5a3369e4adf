/* missing.c: imports that nothing supplies, by number, so that the stop can name them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

uint32_t machine_missing(rt386 *m, const struct image_import *im)
{
    char text[96];
    if (im->name)
        snprintf(text, sizeof text, "%s!%s", im->module, im->name);
    else
        snprintf(text, sizeof text, "%s!#%u", im->module, im->ordinal);
    for (uint32_t i = 0; i < m->missing_count; i++)
        if (!strcmp(m->missing[i], text)) return i;
    char(*grown)[96] = realloc(m->missing, (m->missing_count + 1) * sizeof *grown);
    if (!grown) return 0xffff;
    m->missing = grown;
    memcpy(m->missing[m->missing_count], text, sizeof text);
    return m->missing_count++;
}

const char *machine_missing_name(const rt386 *m, uint32_t code)
{
    uint32_t index = code >> 16;
    return (code & 0xffffu) == RT_CODE_MISSING && index < m->missing_count ? m->missing[index]
                                                                           : NULL;
}
