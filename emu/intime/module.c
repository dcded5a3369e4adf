/* module.c: what is mapped into a process: names, exports, and who needs whom. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "rsl.h"

#define FORWARDS_MAX 16u /* more in a row are taken for a circle */

static char *copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *to = malloc(n);
    return to ? memcpy(to, text, n) : NULL;
}

static void module_free(struct module *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->exports[i].name);
        free(m->exports[i].forward);
    }
    free(m->exports);
    free(m->ordinal);
    free(m->uses);
    free(m->name);
    free(m->file);
    free(m);
}

void modules_free(struct process *p)
{
    while (p->modules) {
        struct module *m = p->modules;
        p->modules = m->next;
        module_free(m);
    }
}

/* --- exports --- */

static int by_name(const void *a, const void *b)
{
    const struct export *x = a, *y = b;
    if (!x->name || !y->name) return !x->name - !y->name;
    return strcmp(x->name, y->name);
}

static int by_ordinal(const void *a, const void *b)
{
    const struct export *x = *(const struct export *const *)a;
    const struct export *y = *(const struct export *const *)b;
    if (x->ordinal != y->ordinal) return x->ordinal < y->ordinal ? -1 : 1;
    return x < y ? -1 : x > y;
}

void module_index(struct module *m)
{
    m->named = 0;
    for (size_t i = 0; i < m->count; i++) {
        m->ordinal[i] = &m->exports[i];
        m->named += m->exports[i].name != NULL;
    }
    qsort(m->ordinal, m->count, sizeof *m->ordinal, by_ordinal);
}

static const struct export *export_named(const struct module *m, const char *name)
{
    size_t lo = 0, hi = m->named;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = strcmp(m->exports[mid].name, name);
        if (order == 0) return &m->exports[mid];
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static const struct export *export_numbered(const struct module *m, uint32_t ordinal)
{
    size_t lo = 0, hi = m->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (m->ordinal[mid]->ordinal < ordinal)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < m->count && m->ordinal[lo]->ordinal == ordinal ? m->ordinal[lo] : NULL;
}

const struct export *module_symbol(const struct module *m, const char *name, uint32_t ordinal)
{
    return name ? export_named(m, name) : export_numbered(m, ordinal);
}

/* --- names --- */

/* File names do not distinguish case. */
static bool same_file(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]) || !a[i]) return false;
    return true;
}

struct module *module_named(const struct process *p, const char *name)
{
    for (struct module *m = p->modules; m; m = m->next)
        if (same_file(m->name, name, strlen(name)) && !m->name[strlen(name)]) return m;
    return NULL;
}

/* "motion" of a forwarder means motion.rsl, or a module that is called just so. */
static const struct module *module_forwarded(const struct process *p, const char *text,
                                             size_t length)
{
    for (const struct module *m = p->modules; m; m = m->next) {
        if (!same_file(m->name, text, length)) continue;
        const char *end = m->name + length;
        if (!*end || (same_file(end, ".rsl", 4) && !end[4])) return m;
    }
    return NULL;
}

uint32_t module_offset(const struct process *p, const struct export *e)
{
    for (unsigned i = 0; e && i < FORWARDS_MAX; i++) {
        if (!e->forward) return e->off;
        const char *symbol = strrchr(e->forward, '.') + 1;
        const struct module *m = module_forwarded(p, e->forward, (size_t)(symbol - 1 - e->forward));
        if (!m) return 0;
        bool numbered = symbol[0] == '#';
        e = module_symbol(m, numbered ? NULL : symbol, (uint32_t)atoi(symbol + numbered));
    }
    return 0;
}

uint32_t module_export(const struct process *p, const char *module, const char *name)
{
    const struct module *m = module_named(p, module);
    return m ? module_offset(p, module_symbol(m, name, 0)) : 0;
}

/* --- birth --- */

static bool exports_copy(struct module *m, const struct rt_module_def *def, uint32_t delta)
{
    for (size_t i = 0; i < def->export_count; i++) {
        const struct rt_export *from = &def->exports[i];
        struct export *e = &m->exports[i];
        *e = (struct export){.ordinal = from->ordinal, .off = from->off + delta};
        m->count = i + 1;
        if (from->name && !(e->name = copy(from->name))) return false;
        if (from->forward && !(e->forward = copy(from->forward))) return false;
    }
    return true;
}

static struct module *module_make(const struct rt_module_def *def, uint32_t base)
{
    struct module *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    size_t count = def->export_count ? def->export_count : 1;
    m->name = copy(def->name);
    m->file = def->file ? copy(def->file) : NULL;
    m->exports = calloc(count, sizeof *m->exports);
    m->ordinal = calloc(count, sizeof *m->ordinal);
    bool ok = m->name && (m->file || !def->file) && m->exports && m->ordinal;
    if (!ok || !exports_copy(m, def, base - def->base)) {
        module_free(m);
        return NULL;
    }
    qsort(m->exports, m->count, sizeof *m->exports, by_name);
    module_index(m);
    m->base = base;
    m->size = def->size;
    m->entry = def->entry ? def->entry + (base - def->base) : 0;
    m->library = def->library;
    m->pinned = def->pinned;
    return m;
}

static bool range_free(const struct process *p, uint32_t page, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        if (area_at(p, page + i)) return false;
    return true;
}

/* Where a library goes: to its own base if that is free, else to the first place that is. */
static uint32_t library_page(const struct process *p, const struct rt_module_def *def)
{
    uint32_t pages = def->size / PAGE, page = def->base / PAGE;
    bool own = page >= VSEG_LOW_PAGE && vseg_inside(p, def->base, def->size);
    if (own && range_free(p, page, pages)) return page;
    return def->fixed ? NO_PAGE : area_find(p, pages);
}

static uint32_t library_room(struct rt_kernel *k, struct process *p,
                             const struct rt_module_def *def, uint32_t *page)
{
    uint32_t pages = def->size / PAGE;
    if (!pages || def->size % PAGE || def->base % PAGE) return E_PARAM;
    *page = library_page(p, def);
    if (*page == NO_PAGE) return E_VMEM;
    uint32_t status = slot_room(k, p, 1, pages + vseg_new_tables(p, *page, pages));
    if (status != E_OK) return status;
    return vseg_reserve(p, *page, pages) ? E_OK : E_MEM;
}

static void library_place(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages)
{
    vseg_fill(k, p, page, pages, PTE_W);
    area_add(p, page, pages, AREA_RSL);
}

static void module_publish(struct rt_kernel *k, struct process *p, struct module *m)
{
    struct object *o = object_new(k, p, TYPE_MODULE, SUBTYPE_NONE, false);
    o->module = m;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_DATA, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
    m->handle = object_handle(k, o);
    m->serial = ++p->module_serial;
    m->next = p->modules;
    p->modules = m;
}

static struct process *loading(const struct rt_kernel *k, uint16_t process)
{
    const struct object *o = object_find(k, process);
    return o && o->type == TYPE_PROCESS && !o->reference ? o->process : NULL;
}

uint32_t rt_module_map(struct rt_kernel *k, uint16_t process, const struct rt_module_def *def,
                       uint16_t *handle, uint32_t *base)
{
    struct process *p = loading(k, process);
    uint32_t page = 0, status;
    if (!p) return E_EXIST;
    status = def->library ? library_room(k, p, def, &page) : slot_room(k, p, 1, 0);
    if (status != E_OK) return status;
    struct module *m = module_make(def, def->library ? page * PAGE : def->base);
    if (!m) return E_MEM;
    if (def->library) library_place(k, p, page, def->size / PAGE);
    module_publish(k, p, m);
    *handle = m->handle;
    *base = m->base;
    return E_OK;
}

/* --- who needs whom --- */

static struct module *module_of(struct rt_kernel *k, uint16_t process, uint16_t handle)
{
    const struct process *p = loading(k, process);
    for (struct module *m = p ? p->modules : NULL; m; m = m->next)
        if (m->handle == handle) return m;
    return NULL;
}

uint32_t rt_module_needs(struct rt_kernel *k, uint16_t process, uint16_t user, uint16_t used)
{
    struct module *m = module_of(k, process, user), *on = module_of(k, process, used);
    if (!m || !on) return E_EXIST;
    struct module **uses = realloc(m->uses, (m->use_count + 1) * sizeof *uses);
    if (!uses) return E_MEM;
    m->uses = uses;
    m->uses[m->use_count++] = on;
    return E_OK;
}

/* Each round finds at least one more. */
void modules_look(struct process *p)
{
    for (struct module *m = p->modules; m; m = m->next)
        m->needed = m->pinned || m->loads || !m->library;
    for (bool more = true; more;) {
        more = false;
        for (struct module *m = p->modules; m; m = m->next)
            for (unsigned i = 0; m->needed && i < m->use_count; i++) {
                more |= !m->uses[i]->needed;
                m->uses[i]->needed = true;
            }
    }
}

/* Nobody that stays uses m. */
void module_remove(struct rt_kernel *k, struct process *p, struct module *m)
{
    struct module **at = &p->modules;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    for (struct module *other = p->modules; other; other = other->next)
        for (unsigned i = 0; i < other->use_count;)
            if (other->uses[i] == m)
                other->uses[i] = other->uses[--other->use_count];
            else
                i++;
    if (m->library) {
        area_remove(p, area_at(p, m->base / PAGE));
        vseg_unmap(k, p, m->base / PAGE, m->size / PAGE);
    }
    object_delete(k, object_find(k, m->handle));
    module_free(m);
}

void rt_module_unmap(struct rt_kernel *k, uint16_t process, uint16_t handle)
{
    struct module *m = module_of(k, process, handle);
    if (m && m->library) module_remove(k, loading(k, process), m);
}

/* --- for the loader --- */

uint16_t rt_module_find(const struct rt_kernel *k, uint16_t process, const char *name)
{
    const struct process *p = loading(k, process);
    const struct module *m = p ? module_named(p, name) : NULL;
    return m ? m->handle : 0;
}

bool rt_module_symbol(const struct rt_kernel *k, uint16_t process, uint16_t handle,
                      const char *name, uint16_t ordinal, uint32_t *off)
{
    const struct object *o = object_find(k, handle);
    *off = 0;
    if (!o || o->type != TYPE_MODULE || o->owner->handle != process) return false;
    *off = module_offset(o->owner, module_symbol(o->module, name, ordinal));
    return *off != 0;
}

const char *rt_module_file(const struct rt_kernel *k, const char *name)
{
    for (unsigned i = 0; i < k->process_count; i++) {
        const struct module *m = module_named(k->process[i], name);
        if (m && m->library && m->file) return m->file;
    }
    return NULL;
}
