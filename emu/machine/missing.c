/* missing.c: imports that nothing supplies, by number, so that the stop can name them; and what was called
 * of them. */
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

static void called_fill(rt386 *m, const struct rt_effect *e, rt386_missing_call *c)
{
    const char *name = machine_missing_name(m, e->code);
    struct rt_module_info module;
    *c = (rt386_missing_call){.address = e->word[0], .offset = e->word[0], .times = 1};
    snprintf(c->name, sizeof c->name, "%s", name ? name : e->text ? e->text : "");
    memcpy(c->argument, e->word + 1, sizeof c->argument);
    if (!rt_module_at(m->kernel, e->selector, e->word[0], &module)) return;
    snprintf(c->module, sizeof c->module, "%s", module.name);
    c->offset = e->word[0] - module.base;
}

/* The same call from the same place counts; its first arguments are kept. */
static void called_keep(rt386 *m, const rt386_missing_call *c)
{
    for (uint32_t i = 0; i < m->called_count; i++)
        if (!strcmp(m->called[i].name, c->name) && m->called[i].address == c->address &&
            !strcmp(m->called[i].module, c->module)) {
            m->called[i].times++;
            return;
        }
    if (m->called_count == RT386_MISSING_MAX) return;
    rt386_missing_call *grown = realloc(m->called, (m->called_count + 1) * sizeof *grown);
    if (!grown) return;
    m->called = grown;
    m->called[m->called_count++] = *c;
}

void machine_missing_called(rt386 *m, const struct rt_effect *e)
{
    rt386_missing_call c;
    called_fill(m, e, &c);
    called_keep(m, &c);
    if (m->config.missing_fails) return;
    machine_end(m, RT386_EXIT_MISSING_CALL, e->code,
                "%.60s is not there: called from %.40s+0x%x with 0x%x, 0x%x, 0x%x, 0x%x", c.name,
                c.module[0] ? c.module : "?", c.offset, c.argument[0], c.argument[1], c.argument[2],
                c.argument[3]);
}

bool rt386_missing_at(const rt386 *m, unsigned index, rt386_missing_call *out)
{
    if (!out || index >= m->called_count) return false;
    *out = m->called[index];
    return true;
}
