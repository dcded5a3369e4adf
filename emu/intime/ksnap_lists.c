/* ksnap_lists.c: sponsors, requests to the loader, interrupt handlers, low-level regions, to and from a snapshot. See
 * ksnap.h. */
#include "ksnap.h"

#include <string.h>

#include "kn.h"
#include "request.h"

/* --- sponsors and who depends on them --- */

/* A record whose last member is its name: loading, a new one of `size` bytes and the name. */
static void *named_snap(struct snap *s, void *record, const char *name, size_t size)
{
    uint32_t n = snap_count(s, s->loading ? 0 : strlen(name), PATH_BYTES, 1);
    if (s->loading) record = snap_new(s, 1, size + n + 1);
    if (!record) return NULL;
    char *text = (char *)record + size;
    snap_raw(s, text, n);
    snap_expect(s, strlen(text) == n, "a name has a zero inside");
    return record;
}

SNAP_SIZE(struct sponsor, 24);
static void sponsor_snap(struct ksnap *x, struct sponsor **at)
{
    const char *name = x->s->loading ? NULL : (*at)->name;
    *at = named_snap(x->s, *at, name, offsetof(struct sponsor, name));
    if (!*at) return;
    ref_process_need(x, &(*at)->process);
    snap_bool(x->s, &(*at)->active);
}

static struct sponsor *sponsor_numbered(const struct rt_kernel *k, uint32_t number)
{
    struct sponsor *s = k->sponsors;
    while (s && --number)
        s = s->next;
    return s;
}

/* From 1 on; 0: none. */
static void ref_sponsor(struct ksnap *x, struct sponsor **of)
{
    uint32_t number = 0;
    if (!x->s->loading && *of) {
        number = 1;
        for (const struct sponsor *s = x->k->sponsors; s && s != *of; s = s->next)
            number++;
    }
    snap_u32(x->s, &number);
    if (!x->s->loading) return;
    *of = number ? sponsor_numbered(x->k, number) : NULL;
    snap_expect(x->s, !number || *of, "there is no sponsor of that number");
}

SNAP_SIZE(struct dependency, 24);
static void dependency_snap(struct ksnap *x, struct dependency **at)
{
    const char *name = x->s->loading ? NULL : (*at)->name;
    *at = named_snap(x->s, *at, name, offsetof(struct dependency, name));
    if (!*at) return;
    ref_process_need(x, &(*at)->process);
    ref_sponsor(x, &(*at)->sponsor);
}

void sponsors_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    uint32_t n = 0;
    for (const struct sponsor *s = k->sponsors; s; s = s->next)
        n++;
    n = snap_count(x->s, n, UINT32_MAX, 7);
    struct sponsor **at = &k->sponsors;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        sponsor_snap(x, at);
        if (*at) at = &(*at)->next;
    }
    n = 0;
    for (const struct dependency *d = k->dependencies; d; d = d->next)
        n++;
    n = snap_count(x->s, n, UINT32_MAX, 10);
    struct dependency **to = &k->dependencies;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        dependency_snap(x, to);
        if (*to) to = &(*to)->next;
    }
}

void ref_dependency(struct ksnap *x, struct dependency **of)
{
    uint32_t number = 0;
    struct dependency *d = x->k->dependencies;
    for (; !x->s->loading && d && d != *of; d = d->next)
        number++;
    snap_u32(x->s, &number);
    if (!x->s->loading) return;
    while (d && number--)
        d = d->next;
    *of = d;
    snap_expect(x->s, d && !d->sponsor, "a thread waits for a dependency that is not there");
}

/* --- requests to the loader --- */

static void attr_snap(struct snap *s, struct rt_process_attr *a)
{
    uint32_t *words[] = {&a->pool_min, &a->pool_max,     &a->vseg_size,
                         &a->dir_size, &a->object_limit, &a->thread_limit};
    bool *flags[] = {&a->suspended, &a->executable_ds, &a->strict_rsl, &a->xm};
    for (unsigned i = 0; i < 6; i++)
        snap_u32(s, words[i]);
    snap_u16(s, &a->parent);
    for (unsigned i = 0; i < 4; i++)
        snap_bool(s, flags[i]);
}

SNAP_SIZE(struct rt_process_attr, 40);
SNAP_SIZE(struct rt_load, 64);
SNAP_SIZE(struct load, 4448);
static void load_snap(struct ksnap *x, struct load **at)
{
    struct snap *s = x->s;
    if (s->loading) *at = snap_new(s, 1, sizeof **at);
    struct load *l = *at;
    if (!l) return;
    ref_thread(x, &l->thread);
    snap_expect(s, l->thread != &x->k->in_handler, "an interrupt handler asks for a program");
    ref_slot(x, &l->exit);
    snap_bool(s, &l->sync);
    snap_u32(s, &l->init_ms);
    snap_bool(s, &l->request.library);
    snap_bool(s, &l->request.strict);
    snap_u16(s, &l->request.process);
    attr_snap(s, &l->request.attr);
    snap_text(s, l->file, sizeof l->file);
    snap_text(s, l->arguments, sizeof l->arguments);
    l->request.file = l->file;
    l->request.arguments = l->arguments;
}

void loads_snap(struct ksnap *x)
{
    uint32_t n = 0;
    for (const struct load *l = x->k->loads; l; l = l->next)
        n++;
    n = snap_count(x->s, n, x->k->slots, 60);
    struct load **at = &x->k->loads;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        load_snap(x, at);
        if (*at) at = &(*at)->next;
    }
}

/* --- interrupt handlers --- */

static bool interrupt_good(const struct interrupt *i)
{
    bool vector = i->vector >= MESSAGE_FIRST && i->vector < VECTOR_LINES + LINES;
    return vector && (i->line < LINES || (i->message && i->line == LINE_NONE));
}

SNAP_SIZE(struct interrupt, 48);
static void interrupt_snap(struct ksnap *x, struct interrupt *i)
{
    struct snap *s = x->s;
    bool *flags[] = {&i->shared, &i->message, &i->enabled, &i->off, &i->busy};
    i->used = true;
    for (unsigned n = 0; n < 5; n++)
        snap_bool(s, flags[n]);
    snap_u8(s, &i->line);
    snap_u8(s, &i->vector);
    snap_u16(s, &i->level);
    ref_process_need(x, &i->process);
    ref_thread(x, &i->thread);
    snap_u32(s, &i->entry);
    snap_u32(s, &i->param);
    snap_u16(s, &i->max);
    snap_u16(s, &i->count);
    snap_expect(s, interrupt_good(i), "an interrupt handler has an impossible line or vector");
    if (!s->loading || !i->thread) return;
    bool free = i->thread != &x->k->in_handler && !i->thread->interrupt;
    if (snap_expect(s, free, "a thread serves two interrupts")) i->thread->interrupt = i;
}

void interrupts_snap(struct ksnap *x)
{
    struct interrupt *all = x->k->interrupt;
    uint32_t n = 0;
    for (unsigned i = 0; i < INTERRUPTS; i++)
        n += all[i].used;
    n = snap_count(x->s, n, INTERRUPTS, 26);
    uint8_t at = 0;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++, at++) {
        while (!x->s->loading && !all[at].used)
            at++;
        snap_below8(x->s, &at, INTERRUPTS);
        if (snap_expect(x->s, !all[at].used, "an interrupt handler stands twice"))
            interrupt_snap(x, &all[at]);
    }
}

/* --- low-level regions --- */

SNAP_SIZE(struct kn_region, 16);
void kn_regions_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    uint32_t n = snap_count(x->s, k->kn_region_count, KN_REGIONS, 10);
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        snap_u64(x->s, &k->kn_region[i].at);
        ref_thread(x, &k->kn_region[i].holder);
        snap_expect(x->s, k->kn_region[i].holder != NULL, "a region is in nobody's hands");
    }
    k->kn_region_count = snap_ok(x->s) ? n : 0;
}
