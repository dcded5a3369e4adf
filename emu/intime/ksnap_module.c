/* ksnap_module.c: the modules of a process, to and from a snapshot. See ksnap.h. */
#include "ksnap.h"

#include <string.h>

#include "rsl.h"

static uint32_t modules_count(const struct process *p)
{
    uint32_t n = 0;
    for (const struct module *m = p->modules; m; m = m->next)
        n++;
    return n;
}

static struct module *module_numbered(const struct process *p, uint32_t number)
{
    struct module *m = p->modules;
    while (m && number--)
        m = m->next;
    return m;
}

static uint32_t module_number(const struct process *p, const struct module *of)
{
    uint32_t n = 0;
    for (const struct module *m = p->modules; m && m != of; m = m->next)
        n++;
    return n;
}

/* --- exports --- */

SNAP_SIZE(struct export, 24);
static void export_snap(struct snap *s, struct export *e)
{
    snap_string(s, &e->name, TEXTS_MAX);
    snap_u16(s, &e->ordinal);
    snap_u32(s, &e->off);
    snap_string(s, &e->forward, TEXTS_MAX);
    snap_expect(s, !e->forward || strchr(e->forward, '.'), "an export is forwarded to nowhere");
}

static void exports_snap(struct snap *s, struct module *m)
{
    uint32_t n = snap_count(s, m->count, EXPORTS_MAX, 8);
    if (s->loading) {
        m->exports = snap_new(s, n, sizeof *m->exports);
        m->ordinal = snap_new(s, n, sizeof *m->ordinal);
    }
    bool nameless = false;
    for (uint32_t i = 0; i < n && snap_ok(s); i++) {
        m->count = s->loading ? i + 1 : n;
        export_snap(s, &m->exports[i]);
        snap_expect(s, !nameless || !m->exports[i].name, "exports are in no order");
        nameless |= !m->exports[i].name;
    }
    if (s->loading && snap_ok(s)) module_index(m);
}

/* --- modules --- */

/* Its object is one of the process and names it. */
static void object_is(struct ksnap *x, struct process *p, struct module *m)
{
    struct object *o = object_find(x->k, m->handle);
    bool good = o && o->type == TYPE_MODULE && !o->reference && o->owner == p && !o->module;
    if (x->s->loading && snap_expect(x->s, good, "a module has no object")) o->module = m;
}

static void module_snap(struct ksnap *x, struct process *p, struct module **at)
{
    struct snap *s = x->s;
    if (s->loading) *at = snap_new(s, 1, sizeof **at);
    struct module *m = *at;
    if (!m) return;
    snap_string(s, &m->name, TEXTS_MAX);
    snap_expect(s, m->name != NULL, "a module has no name");
    snap_string(s, &m->file, TEXTS_MAX);
    snap_u16(s, &m->handle);
    snap_u32(s, &m->serial);
    snap_u32(s, &m->base);
    snap_u32(s, &m->size);
    snap_u32(s, &m->entry);
    bool *flags[] = {&m->library, &m->pinned, &m->attached, &m->needed};
    for (unsigned i = 0; i < 4; i++)
        snap_bool(s, flags[i]);
    snap_u32(s, &m->loads);
    exports_snap(s, m);
    object_is(x, p, m);
}

static void uses_snap(struct ksnap *x, struct process *p, struct module *m)
{
    uint32_t n = snap_count(x->s, m->use_count, UINT32_MAX, 4);
    if (x->s->loading && n) m->uses = snap_new(x->s, n, sizeof(struct module *));
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        uint32_t number = x->s->loading ? 0 : module_number(p, m->uses[i]);
        snap_u32(x->s, &number);
        if (!x->s->loading) continue;
        m->uses[i] = module_numbered(p, number);
        snap_expect(x->s, m->uses[i] != NULL, "a module needs one that is not there");
        m->use_count = i + 1;
    }
}

SNAP_SIZE(struct module, 104);
void modules_snap(struct ksnap *x, struct process *p)
{
    uint32_t n = snap_count(x->s, modules_count(p), 0xffff, 31);
    struct module **at = &p->modules;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        module_snap(x, p, at);
        if (*at) at = &(*at)->next;
    }
    snap_u32(x->s, &p->module_serial);
    for (struct module *m = p->modules; m && snap_ok(x->s); m = m->next)
        uses_snap(x, p, m);
}
