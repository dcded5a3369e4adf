/* ksnap_process.c: processes and their memory, to and from a snapshot. See ksnap.h. */
#include "ksnap.h"

#include <stdlib.h>
#include <string.h>

#include "kn.h"
#include "net.h"

/* --- who there is --- */

static uint32_t threads_count(const struct process *p)
{
    uint32_t n = 0;
    for (const struct thread *t = p->threads; t; t = t->next)
        n++;
    return n;
}

static void thread_new(struct ksnap *x, struct process *p, struct thread **at)
{
    uint16_t slot = *at ? (*at)->handle >> 3 : 0;
    ref_slot(x, &slot);
    if (!x->s->loading) return;
    if (!snap_expect(x->s, slot && !x->thread[slot], "two threads have one handle")) return;
    struct thread *t = snap_new(x->s, 1, sizeof *t);
    if (!t) return;
    t->process = p;
    t->handle = (uint16_t)(slot << 3);
    x->thread[slot] = *at = t;
}

static void threads_new(struct ksnap *x, struct process *p)
{
    uint32_t n = snap_count(x->s, threads_count(p), x->k->slots, 2);
    snap_expect(x->s, p->alive || !n, "a dead process has threads");
    struct thread **at = &p->threads;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        thread_new(x, p, at);
        if (*at) at = &(*at)->next;
    }
}

static void process_new(struct ksnap *x, struct process **at)
{
    if (x->s->loading) *at = snap_new(x->s, 1, sizeof **at);
    struct process *p = *at;
    if (!p) return;
    snap_bool(x->s, &p->alive);
    snap_bool(x->s, &p->system);
    threads_new(x, p);
}

void processes_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    uint32_t n = snap_count(x->s, k->process_count, 0xffff, 6);
    if (!snap_expect(x->s, n >= 2, "the processes of the system are missing")) return;
    if (x->s->loading) {
        k->process = snap_new(x->s, n, sizeof(struct process *));
        k->process_room = k->process ? n : 0;
    }
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        process_new(x, &k->process[i]);
        if (x->s->loading && k->process[i]) k->process_count = i + 1;
    }
    if (!snap_ok(x->s)) return;
    k->root = k->process[0];
    k->idle = k->process[1];
    bool good = k->root->alive && k->root->system && k->idle->alive && k->idle->system;
    snap_expect(x->s, good, "the processes of the system are missing");
}

/* --- the directory: what is used of it --- */

SNAP_SIZE(struct entry, 24);
static void entry_snap(struct snap *s, struct entry *e)
{
    snap_below8(s, &e->status, ENTRY_WAITED + 1);
    snap_below8(s, &e->length, NAME_MAX_LEN + 1);
    snap_raw(s, e->name, sizeof e->name);
    snap_u16(s, &e->handle);
    snap_string(s, &e->long_name, TEXTS_MAX);
    snap_expect(s, e->status != ENTRY_FREE, "a free entry of a directory has a name");
}

static void dir_snap(struct ksnap *x, struct process *p)
{
    uint32_t size = snap_count(x->s, p->dir_size, 3840, 0);
    if (x->s->loading) p->dir = snap_new(x->s, size, sizeof *p->dir);
    if (!p->dir) return;
    p->dir_size = size;
    uint32_t n = snap_count(x->s, p->dir_used, size, 19);
    uint16_t at = 0;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++, at++) {
        while (!x->s->loading && p->dir[at].status == ENTRY_FREE)
            at++;
        snap_below16(x->s, &at, size);
        bool fresh = p->dir[at].status == ENTRY_FREE;
        if (snap_expect(x->s, fresh, "an entry of a directory stands twice"))
            entry_snap(x->s, &p->dir[at]);
    }
    p->dir_used = n;
}

/* --- pages: areas, page tables, control blocks --- */

SNAP_SIZE(struct area, 12);
static void areas_snap(struct snap *s, struct process *p)
{
    uint32_t n = snap_count(s, p->area_count, 1u << 20, 9);
    if (s->loading) {
        p->areas = snap_new(s, n, sizeof *p->areas);
        p->area_room = p->areas && n ? n : p->areas != NULL;
    }
    for (uint32_t i = 0; i < n && p->areas; i++) {
        snap_u32(s, &p->areas[i].page);
        snap_u32(s, &p->areas[i].count);
        snap_below8(s, &p->areas[i].kind, AREA_PHYS + 1);
    }
    if (p->areas) p->area_count = n;
}

static uint16_t entries_run(const struct table *t, uint16_t from)
{
    uint16_t n = 0;
    while (from + n < 1024 && t->pte[from + n])
        n++;
    return n;
}

/* Runs of entries that are not 0: first, how many, the entries. A run of none ends the table. */
static void table_snap(struct snap *s, struct table *t)
{
    snap_u32(s, &t->phys);
    uint16_t first = 0, n = 1;
    t->live = 0;
    while (n && snap_ok(s)) {
        while (!s->loading && first < 1024 && !t->pte[first])
            first++;
        n = s->loading ? 0 : entries_run(t, first);
        snap_u16(s, &first);
        snap_u16(s, &n);
        if (!snap_expect(s, first <= 1024 && n <= 1024 - first, "entries leave their table"))
            return;
        for (unsigned i = 0; i < n; i++) {
            snap_u32(s, &t->pte[first + i]);
            snap_expect(s, t->pte[first + i] != 0, "a run of entries has a gap");
        }
        t->live += n;
        first = (uint16_t)(first + n);
    }
}

SNAP_SIZE(struct table, 4104);
static void tables_snap(struct snap *s, struct process *p)
{
    uint32_t room = p->size / VSEG_UNIT, n = 0;
    if (s->loading && room) p->tables = snap_new(s, room, sizeof *p->tables);
    if (!p->tables) return;
    for (uint32_t i = 0; i < room; i++)
        n += p->tables[i] && p->tables[i]->phys;
    n = snap_count(s, n, room, 10);
    uint16_t at = 0;
    for (uint32_t i = 0; i < n && snap_ok(s); i++, at++) {
        while (!s->loading && !(p->tables[at] && p->tables[at]->phys))
            at++;
        snap_below16(s, &at, room);
        if (!snap_expect(s, !p->tables[at], "a page table stands twice")) return;
        if (s->loading) p->tables[at] = snap_new(s, 1, sizeof **p->tables);
        if (p->tables[at]) table_snap(s, p->tables[at]);
    }
}

SNAP_SIZE(struct blocks, 16);
static void blocks_snap(struct snap *s, struct process *p)
{
    uint32_t n = snap_count(s, p->block_count, 0xffff, 12);
    if (s->loading) {
        p->blocks = snap_new(s, n, sizeof *p->blocks);
        p->block_room = p->blocks && n ? n : p->blocks != NULL;
    }
    for (uint32_t i = 0; i < n && p->blocks; i++) {
        snap_u32(s, &p->blocks[i].phys);
        snap_u64(s, &p->blocks[i].used);
    }
    if (p->blocks) p->block_count = n;
}

static void kn_pages_snap(struct ksnap *x, struct process *p)
{
    uint32_t n = snap_count(x->s, p->kn_count, kn_pages_max(x->k), 4);
    if (x->s->loading && n) p->kn_page = snap_new(x->s, kn_pages_max(x->k), sizeof *p->kn_page);
    for (uint32_t i = 0; i < n && p->kn_page; i++)
        snap_u32(x->s, &p->kn_page[i]);
    p->kn_count = n;
}

/* --- files and sockets: those that are open --- */

SNAP_SIZE(struct open_file, 16);
static void files_snap(struct snap *s, struct process *p)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < FILES_MAX; i++)
        n += p->files[i].open;
    n = snap_count(s, n, FILES_MAX, 13);
    uint8_t at = 0;
    for (uint32_t i = 0; i < n && snap_ok(s); i++, at++) {
        while (!s->loading && !p->files[at].open)
            at++;
        snap_below8(s, &at, FILES_MAX);
        struct open_file *f = &p->files[at];
        if (!snap_expect(s, !f->open, "a file stands twice")) return;
        f->open = true;
        snap_i32(s, &f->number);
        snap_u32(s, &f->flags);
        snap_u32(s, &f->offset);
    }
}

SNAP_SIZE(struct socket, 32 + 4 * RT_NET_OPTIONS);
static void socket_snap(struct snap *s, struct socket *k)
{
    k->open = true;
    snap_bool(s, &k->stream);
    snap_bool(s, &k->nonblocking);
    snap_bool(s, &k->listening);
    snap_i32(s, &k->number);
    snap_u64(s, &k->receive_us);
    snap_u64(s, &k->send_us);
    snap_u32(s, &k->linger[0]);
    snap_u32(s, &k->linger[1]);
    for (unsigned i = 0; i < RT_NET_OPTIONS; i++)
        snap_u32(s, &k->option[i]);
}

static void sockets_snap(struct snap *s, struct process *p)
{
    bool any = p->sockets != NULL;
    uint32_t n = 0;
    snap_bool(s, &any);
    if (s->loading && any) p->sockets = snap_new(s, SOCKETS_MAX, sizeof *p->sockets);
    if (!p->sockets) return;
    for (unsigned i = 0; i < SOCKETS_MAX; i++)
        n += p->sockets[i].open;
    n = snap_count(s, n, SOCKETS_MAX, 32);
    uint8_t at = 0;
    for (uint32_t i = 0; i < n && snap_ok(s); i++, at++) {
        while (!s->loading && !p->sockets[at].open)
            at++;
        snap_below8(s, &at, SOCKETS_MAX);
        if (snap_expect(s, !p->sockets[at].open, "a socket stands twice"))
            socket_snap(s, &p->sockets[at]);
    }
}

/* --- the program: arguments, events --- */

static void args_snap(struct snap *s, struct process *p)
{
    bool any = p->args != NULL;
    uint32_t zeros = 0;
    snap_bool(s, &any);
    uint32_t n = snap_count(s, any && !s->loading ? p->args_size : 0, UINT32_MAX / 2, 1);
    if (!any) return;
    if (s->loading) p->args = snap_new(s, n + 1u, 1);
    if (!p->args) return;
    snap_raw(s, p->args, n);
    p->args_size = n;
    for (uint32_t i = 0; i < n; i++)
        zeros += !p->args[i];
    snap_expect(s, !n || !p->args[n - 1], "arguments have no end");
    p->argc = (int)zeros;
}

SNAP_SIZE(struct event_handler, 12);
SNAP_SIZE(struct events, 200);
static void events_snap(struct snap *s, struct events *e)
{
    snap_bool(s, &e->asked);
    snap_u8(s, &e->priority);
    snap_u16(s, &e->thread);
    snap_u32(s, &e->ids);
    for (unsigned i = 0; i < EVENT_HANDLERS; i++) {
        snap_u32(s, &e->handler[i].id);
        snap_u32(s, &e->handler[i].flags);
        snap_u32(s, &e->handler[i].entry);
    }
}

/* --- a process --- */

SNAP_SIZE(struct pool, 20);
SNAP_SIZE(struct quota, 8);
static void figures_snap(struct snap *s, struct process *p)
{
    uint32_t *pool[] = {&p->pool.min, &p->pool.max, &p->pool.held, &p->pool.used, &p->pool.lent};
    for (unsigned i = 0; i < 5; i++)
        snap_u32(s, pool[i]);
    for (unsigned i = 0; i < QUOTAS; i++) {
        snap_u32(s, &p->quota[i].limit);
        snap_u32(s, &p->quota[i].used);
    }
    snap_u32(s, &p->objects);
}

static bool space_good(const struct process *p)
{
    if (p->size % VSEG_UNIT || p->base % VSEG_UNIT || p->size > KERNEL_BASE) return false;
    return p->xm ? p->base == 0 : (uint64_t)p->base + p->size <= KERNEL_BASE;
}

/* What is known of it even when it is dead. */
static void identity_snap(struct snap *s, struct process *p)
{
    snap_text(s, p->name, sizeof p->name);
    snap_u16(s, &p->handle);
    snap_u16(s, &p->vseg);
    snap_u16(s, &p->ds);
    snap_u16(s, &p->cs);
    snap_u32(s, &p->base);
    snap_u32(s, &p->size);
    snap_bool(s, &p->xm);
    if (!snap_expect(s, space_good(p), "a process lies in no possible place")) p->size = 0;
    figures_snap(s, p);
}

static void switches_snap(struct ksnap *x, struct process *p)
{
    struct snap *s = x->s;
    ref_process(x, &p->parent);
    snap_bool(s, &p->suspended);
    snap_bool(s, &p->strict_rsl);
    snap_u16(s, &p->ring0_cs);
    snap_u32(s, &p->directory);
    snap_u32(s, &p->text_off);
    snap_text(s, p->path, sizeof p->path);
    ref_thread(x, &p->rsl_owner);
    snap_u32(s, &p->rsl_depth);
    snap_u64(s, &p->tls_used);
    snap_u32(s, &p->callback[0]);
    snap_u32(s, &p->callback[1]);
    snap_u8(s, &p->max_priority);
    handler_snap(s, &p->handler);
    snap_u32(s, &p->dispatcher);
}

SNAP_SIZE(struct process, 1760);
void process_snap(struct ksnap *x, struct process *p)
{
    struct snap *s = x->s;
    identity_snap(s, p);
    if (!p->alive) return;
    switches_snap(x, p);
    dir_snap(x, p);
    areas_snap(s, p);
    tables_snap(s, p);
    blocks_snap(s, p);
    kn_pages_snap(x, p);
    files_snap(s, p);
    sockets_snap(s, p);
    args_snap(s, p);
    events_snap(s, &p->events);
    modules_snap(x, p);
    for (struct thread *t = p->threads; t && snap_ok(s); t = t->next)
        thread_snap(x, t);
}
