/* process.c: birth and death of processes, and the loader's way into their memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dir.h"
#include "heap.h"
#include "kn.h"
#include "request.h"

#define DIR_DEFAULT      64u
#define DIR_MIN          3u
#define DIR_MAX          3840u
#define DIR_UNIT         16u
#define POOL_MIN_DEFAULT 0x20000u
#define STACK_DEFAULT    0x10000u
#define DEAD_KEPT        256u /* records of dead processes that views can still see */

static void process_purge(struct rt_kernel *k)
{
    unsigned dead = 0, oldest = 0;
    for (unsigned i = k->process_count; i-- > 0;)
        if (!k->process[i]->alive) {
            dead++;
            oldest = i;
        }
    if (dead <= DEAD_KEPT) return;
    free(k->process[oldest]);
    k->process_count--;
    memmove(&k->process[oldest], &k->process[oldest + 1],
            (k->process_count - oldest) * sizeof *k->process);
}

struct process *process_record(struct rt_kernel *k, const char *name, uint32_t dir_size)
{
    process_purge(k);
    if (k->process_count == k->process_room) {
        unsigned room = k->process_room ? k->process_room * 2 : 16;
        struct process **list = realloc(k->process, room * sizeof *list);
        if (!list) return NULL;
        k->process = list;
        k->process_room = room;
    }
    struct process *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->dir = calloc(dir_size ? dir_size : 1, sizeof *p->dir);
    if (!p->dir) {
        free(p);
        return NULL;
    }
    p->dir_size = dir_size;
    p->parent = k->root;
    if (k->root) p->handler = k->root->handler;
    p->alive = true;
    p->max_priority = PRIORITY_MAX;
    path_start(p);
    snprintf(p->name, sizeof p->name, "%.12s", name ? name : "");
    k->process[k->process_count++] = p;
    return p;
}

void process_system(struct rt_kernel *k, struct process *p, uint16_t slot)
{
    p->system = true;
    p->handle = (uint16_t)(slot << 3);
    if (p != k->root) {
        /* The idle process owns one page of control blocks and no more. */
        p->pool = (struct pool){.min = 1, .max = 1, .held = 1};
        k->root->pool.lent += 1;
    }
    struct object *o = object_fixed(k, p, slot, TYPE_PROCESS);
    o->process = p;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_LDT, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
}

/* Host memory that only a live process has. */
void process_strip(struct process *p)
{
    for (uint32_t t = 0; p->tables && t < p->size / VSEG_UNIT; t++)
        free(p->tables[t]);
    while (p->threads) {
        struct thread *t = p->threads;
        p->threads = t->next;
        net_forget(t);
        free(t->request);
        free(t);
    }
    modules_free(p);
    free(p->tables);
    free(p->areas);
    dir_forget(p);
    free(p->blocks);
    free(p->args);
    free(p->kn_page);
    free(p->sockets);
    p->tables = NULL;
    p->areas = NULL;
    p->blocks = NULL;
    p->args = NULL;
    p->kn_page = NULL;
    p->sockets = NULL;
    p->dir_size = p->area_count = p->area_room = p->block_count = p->block_room = 0;
}

void process_forget(struct process *p)
{
    process_strip(p);
    free(p);
}

static uint32_t pages_of(uint32_t bytes)
{
    return bytes / PAGE + (bytes % PAGE != 0);
}

static uint32_t attr_check(const struct rt_kernel *k, const struct rt_process_attr *attr,
                           struct pool *pool, uint32_t *vseg, uint32_t *dir)
{
    uint32_t min = attr->pool_min ? attr->pool_min : POOL_MIN_DEFAULT;
    uint32_t max = attr->pool_max ? attr->pool_max : RT_POOL_MAX_DEFAULT;
    if (!attr->pool_max && max < min) max = min;
    if (!attr->pool_min && max < min) min = max;
    if (min > max) return E_PARAM;
    *dir = attr->dir_size ? attr->dir_size : DIR_DEFAULT;
    if (*dir < DIR_MIN || *dir > DIR_MAX) return E_PARAM;
    if (*dir > DIR_UNIT) *dir -= *dir % DIR_UNIT;
    uint64_t size = attr->vseg_size < VSEG_MIN ? VSEG_MIN : attr->vseg_size;
    if (attr->xm) size = k->config.xm_size;
    size = (size + VSEG_UNIT - 1) / VSEG_UNIT * VSEG_UNIT;
    if (!attr->xm && size > VSEG_LAST - VSEG_FIRST) return E_VMEM;
    *vseg = (uint32_t)size;
    *pool = (struct pool){.min = pages_of(min), .max = pages_of(max), .held = pages_of(min)};
    return E_OK;
}

static void process_segment(struct rt_kernel *k, struct object *o, struct process *p,
                            enum rt_segkind kind, uint8_t dpl)
{
    uint32_t limit = p->xm ? 0xffffffffu : p->size - 1;
    o->process = p;
    o->size = p->xm ? limit : p->size;
    o->seg = (struct rt_segdef){
        .kind = (uint8_t)kind, .dpl = dpl, .granular = true, .base = p->base, .limit = limit};
    object_publish(k, o);
}

static void process_objects(struct rt_kernel *k, struct process *p)
{
    struct object *o = object_new(k, p, TYPE_PROCESS, SUBTYPE_NONE, false);
    o->process = p;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_LDT, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
    p->handle = object_handle(k, o);
    o = object_new(k, p, TYPE_SEGMENT, SUBTYPE_VSEG, false);
    process_segment(k, o, p, RT_SEG_DATA, 0);
    p->vseg = object_handle(k, o);
    o = slot_code(k, p);
    process_segment(k, o, p, RT_SEG_CODE, 3);
    p->cs = object_handle(k, o) | 3;
    o = object_new(k, p, TYPE_SEGMENT, SUBTYPE_DESCRIPTOR, false);
    process_segment(k, o, p, RT_SEG_DATA, 3);
    p->ds = object_handle(k, o) | 3;
}

static bool process_space(struct rt_kernel *k, struct process *p)
{
    p->tables = calloc(p->size / VSEG_UNIT, sizeof *p->tables);
    uint32_t page = p->size / PAGE - TEXT_PAGES;
    if (!p->tables || !vseg_reserve(p, page, TEXT_PAGES)) return false;
    if (slot_room(k, p, 3, vseg_new_tables(p, page, TEXT_PAGES) + p->xm) != E_OK) return false;
    if (p->xm && !frame_low_free(k, 2)) return false; /* directory and control blocks */
    space_make(k, p);
    p->text_off = page * PAGE;
    process_objects(k, p);
    vseg_map(k, p, page, TEXT_PAGES, k->texts, 0);
    area_add(p, page, TEXT_PAGES, AREA_SYSTEM);
    return true;
}

static void process_drop(struct rt_kernel *k, struct process *p)
{
    k->process_count--; /* it is the last one */
    process_forget(p);
}

struct process *process_of(struct rt_kernel *k, uint16_t handle)
{
    struct object *o = object_find(k, handle);
    return o && o->type == TYPE_PROCESS && !o->reference && !o->process->system ? o->process : NULL;
}

/* A child counts in its parent; its own four slots do not count. */
static uint32_t parent_room(struct rt_kernel *k, const struct process *parent,
                            const struct rt_process_attr *attr, const struct pool *pool)
{
    if (!quota_room(parent, QUOTA_OBJECTS, 1) ||
        (attr->object_limit && !quota_room(parent, QUOTA_OBJECTS, attr->object_limit)) ||
        !quota_room(parent, QUOTA_THREADS, attr->thread_limit))
        return E_LIMIT;
    if (k->free_count < 4) return E_SLOT;
    return pool_can(parent, pool->min) ? E_OK : E_MEM;
}

static void parent_take(struct process *p, const struct rt_process_attr *attr)
{
    pool_lend(p->parent, p->pool.min);
    p->quota[QUOTA_OBJECTS].limit = attr->object_limit;
    p->quota[QUOTA_THREADS].limit = attr->thread_limit;
    for (enum quota_kind q = 0; q < QUOTAS; q++)
        quota_take(p->parent, q, quota_share(p, q));
}

/* What a process that dies counted for; what it lent and borrowed goes in frame_orphans. */
static void parent_give(struct process *p)
{
    for (enum quota_kind q = 0; q < QUOTAS; q++)
        quota_give(p->parent, q, quota_share(p, q));
}

uint32_t rt_process_create(struct rt_kernel *k, const struct rt_process_attr *attr,
                           uint16_t *handle, struct rt_effects *fx)
{
    struct pool pool;
    uint32_t size, dir;
    fx->count = 0;
    fx->more = false;
    struct process *parent = attr->parent ? process_of(k, attr->parent) : k->root;
    if (!parent) return E_EXIST;
    uint32_t status = attr_check(k, attr, &pool, &size, &dir);
    if (status != E_OK) return status;
    uint32_t base = attr->xm ? 0 : vseg_place(k, size);
    if (!base && !attr->xm) return E_VMEM;
    status = parent_room(k, parent, attr, &pool);
    if (status != E_OK) return status;
    struct process *p = process_record(k, attr->name, dir);
    if (!p) return E_MEM;
    p->parent = parent;
    p->pool = pool;
    p->xm = attr->xm;
    p->base = base;
    p->size = size;
    parent_take(p, attr);
    if (!process_space(k, p)) {
        frame_orphans(k, p);
        parent_give(p);
        process_drop(k, p);
        return E_MEM;
    }
    p->suspended = attr->suspended;
    p->strict_rsl = attr->strict_rsl;
    *handle = p->handle;
    fx_flush(k, fx);
    return E_OK;
}

/* Every page of the range is free, or part of the image already. Counts the free ones. */
static bool place_free(const struct process *p, uint32_t first, uint32_t last, uint32_t *missing)
{
    *missing = 0;
    for (uint32_t page = first; page <= last; page++) {
        const struct area *a = area_at(p, page);
        if (a && a->kind != AREA_IMAGE) return false;
        *missing += !a;
    }
    return true;
}

static void place_page(struct rt_kernel *k, struct process *p, uint32_t page, bool writable)
{
    if (area_at(p, page)) {
        if (writable) vseg_rights(k, p, page, true);
        return;
    }
    vseg_fill(k, p, page, 1, writable ? PTE_W : 0);
    struct area *before = page ? area_at(p, page - 1) : NULL;
    if (before && before->kind == AREA_IMAGE)
        before->count++;
    else
        area_add(p, page, 1, AREA_IMAGE);
}

uint32_t rt_process_place(struct rt_kernel *k, uint16_t process, uint32_t off, uint32_t size,
                          bool writable)
{
    struct process *p = process_of(k, process);
    if (!p) return E_EXIST;
    if (size == 0) return E_OK;
    if (!vseg_inside(p, off, size)) return E_BAD_ADDR;
    uint32_t first = off / PAGE, last = (off + (size - 1)) / PAGE, missing;
    if (!place_free(p, first, last, &missing)) return E_BAD_ADDR;
    if (!vseg_reserve(p, first, last - first + 1)) return E_MEM;
    if (!pool_can(p, missing + vseg_new_tables(p, first, last - first + 1))) return E_MEM;
    for (uint32_t page = first; page <= last; page++) {
        if (p->area_count == p->area_room && !vseg_reserve(p, page, 1)) return E_MEM;
        place_page(k, p, page, writable);
    }
    return E_OK;
}

bool rt_process_poke(struct rt_kernel *k, uint16_t process, uint32_t off, const void *from,
                     uint32_t n)
{
    struct process *p = process_of(k, process);
    return p && vseg_poke(k, p, off, from, n);
}

void rt_process_protect(struct rt_kernel *k, uint16_t process, uint32_t off, uint32_t size,
                        bool writable)
{
    struct process *p = process_of(k, process);
    if (!p || !vseg_inside(p, off, size)) return;
    for (uint32_t page = off / PAGE; page <= (off + (size - 1)) / PAGE; page++) {
        const struct area *a = area_at(p, page);
        if (a && (a->kind == AREA_IMAGE || a->kind == AREA_RSL)) vseg_rights(k, p, page, writable);
    }
}

static bool args_copy(struct process *p, int argc, const char *const *argv)
{
    size_t n = 1;
    for (int i = 0; i < argc; i++)
        n += strlen(argv[i]) + 1;
    if (n > UINT32_MAX / 2) return false;
    char *args = calloc(1, n);
    if (!args) return false;
    char *at = args;
    for (int i = 0; i < argc; i++)
        at += strlen(strcpy(at, argv[i])) + 1;
    free(p->args);
    p->args = args;
    p->args_size = (uint32_t)(n - 1);
    p->argc = argc;
    return true;
}

uint32_t rt_process_start(struct rt_kernel *k, uint16_t process, uint32_t entry,
                          uint32_t stack_size, int argc, const char *const *argv,
                          struct rt_effects *fx)
{
    fx->count = 0;
    fx->more = false;
    struct process *p = process_of(k, process);
    if (!p) return E_EXIST;
    if (p->threads) return E_STATE;
    if (entry >= p->size) return E_BAD_ADDR;
    if (stack_size > p->size) return E_VMEM;
    uint32_t pages = pages_of(stack_size ? stack_size : STACK_DEFAULT);
    struct thread *t = NULL;
    uint32_t status = thread_room(k, p, pages, &t);
    if (status == E_OK && !args_copy(p, argc, argv)) status = E_MEM;
    if (status != E_OK) {
        free(t);
        return status;
    }
    const struct thread_start start = {
        .entry = entry, .stack_pages = pages, .priority = PRIORITY_MAX};
    thread_make(k, p, t, &start);
    t->main = true;
    if (p->suspended) t->wait = WAIT_START;
    sched_ready(k, t);
    fx_flush(k, fx);
    return E_OK;
}

bool process_in_region(const struct process *p)
{
    for (const struct thread *t = p->threads; t; t = t->next)
        if (t->held) return true;
    return false;
}

/* All stop before one leaves its queue: what it leaves must not go to another that dies. */
static void threads_stop(struct rt_kernel *k, struct process *p)
{
    for (struct thread *t = p->threads; t; t = t->next) {
        dir_unwait(k, t);
        sched_remove(k, t);
        t->stopped = t->wait;
        t->wait = WAIT_SELF;
        t->due = NEVER;
    }
    for (struct thread *t = p->threads; t; t = t->next) {
        t->wait = t->stopped;
        exchange_unwait(k, t);
        t->wait = WAIT_SELF;
        region_drop_all(k, t);
        kn_regions_drop(k, t);
    }
}

/* Threads leave every queue first, and the processor leaves the process before its slots go: the
 * switch still writes the old TSS, whose frame is then free but untouched. */
static void process_take_down(struct rt_kernel *k, struct process *p, uint32_t code)
{
    int_process_gone(k, p);
    p->alive = false;
    threads_stop(k, p);
    if (k->current && k->current->process == p) k->current = NULL;
    dir_close(k, p);
    objects_close(k, p);
    files_close(k, p);
    net_close_all(k, p);
    exit_tell(k, p, code);
    sponsors_leave(k, p);
    if (!k->current) sched_commit(k);
    for (struct thread *t = p->threads; t; t = t->next)
        thread_release(k, t);
    while (p->first_object)
        object_delete(k, &k->slot[p->first_object]);
    heaps_leave(k, p);
    vseg_free(k, p);
    frame_orphans(k, p);
    parent_give(p);
    process_strip(p);
}

void process_end(struct rt_kernel *k, struct process *p, enum rt_end_reason reason, uint32_t code,
                 const char *text)
{
    process_take_down(k, p, code);
    struct rt_effect *fx = fx_add(k, RT_FX_PROCESS_END);
    fx->selector = p->handle;
    fx->reason = (uint8_t)reason;
    fx->code = code;
    fx->text = text;
}

void rt_process_abandon(struct rt_kernel *k, uint16_t process, struct rt_effects *fx)
{
    struct process *p = process_of(k, process);
    if (p && !p->threads) process_take_down(k, p, 0);
    fx_flush(k, fx);
}
