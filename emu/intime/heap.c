/* heap.c: heaps and their buffers. */
#include "heap.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

#define GRAIN         4u
#define HEAP_INFO     14u
#define BUFFER_TYPE   0u /* CONTIGUOUS_BUFFER, the only one */
#define PIECE         (BUFFER_OVERHEAD + GRAIN)
#define HEAP_SIZE_MIN (HEAP_OVERHEAD + PIECE)

/* --- cuts --- */

static uint32_t heap_pages(const struct heap *h)
{
    return h->size / PAGE + (h->size % PAGE != 0);
}

static uint32_t cut_bytes(uint32_t n)
{
    return ((n + GRAIN - 1) & ~(GRAIN - 1)) + BUFFER_OVERHEAD;
}

static uint32_t cut_find(const struct heap *h, uint32_t n)
{
    if (n > h->size) return h->cuts;
    uint32_t i = 0;
    while (i < h->cuts && (h->cut[i].used || h->cut[i].size < cut_bytes(n)))
        i++;
    return i;
}

uint32_t heap_fit(const struct heap *h, uint32_t n)
{
    return cut_find(h, n) < h->cuts;
}

bool heap_reserve(struct heap *h)
{
    if (h->cuts < h->cut_room) return true;
    struct cut *cut = realloc(h->cut, h->cut_room * 2 * sizeof *cut);
    if (!cut) return false;
    h->cut = cut;
    h->cut_room *= 2;
    return true;
}

uint32_t heap_take(struct heap *h, uint32_t n)
{
    uint32_t i = cut_find(h, n), bytes = cut_bytes(n);
    struct cut *c = &h->cut[i];
    if (i == h->cuts) return 0;
    c->used = true;
    if (c->size - bytes >= PIECE) { /* the rest is of use */
        memmove(c + 2, c + 1, (h->cuts - i - 1) * sizeof *c);
        c[1] = (struct cut){.off = c->off + bytes, .size = c->size - bytes};
        c->size = bytes;
        h->cuts++;
    }
    return c->off + BUFFER_OVERHEAD;
}

static struct cut *cut_at(const struct heap *h, uint32_t off)
{
    for (uint32_t i = 0; i < h->cuts; i++)
        if (h->cut[i].used && h->cut[i].off + BUFFER_OVERHEAD == off) return &h->cut[i];
    return NULL;
}

static void cut_join(struct heap *h, uint32_t i)
{
    struct cut *c = &h->cut[i];
    if (i + 1 >= h->cuts || c->used || c[1].used) return;
    c->size += c[1].size;
    memmove(c + 1, c + 2, (h->cuts - i - 2) * sizeof *c);
    h->cuts--;
}

void heap_give(struct heap *h, uint32_t off)
{
    struct cut *c = cut_at(h, off);
    if (!c) return;
    uint32_t i = (uint32_t)(c - h->cut);
    c->used = false;
    cut_join(h, i);
    if (i) cut_join(h, i - 1);
}

/* --- CreateRtHeap(size, flags) --- */

static struct heap *heap_new(uint32_t size)
{
    struct heap *h = calloc(1, sizeof *h);
    if (!h) return NULL;
    h->size = size;
    h->cut_room = 8;
    h->cut = calloc(h->cut_room, sizeof *h->cut);
    if (!h->cut) {
        free(h);
        return NULL;
    }
    h->cut[h->cuts++] =
        (struct cut){.off = HEAP_OVERHEAD, .size = (size - HEAP_OVERHEAD) & ~(GRAIN - 1)};
    return h;
}

uint32_t heap_room(struct rt_kernel *k, struct call *c, uint32_t size, unsigned objects)
{
    struct process *p = c->p;
    if (size < HEAP_SIZE_MIN || size > p->size) return E_PARAM;
    c->pages = size / PAGE + (size % PAGE != 0);
    c->page = area_find(p, c->pages);
    uint32_t tables = c->page == NO_PAGE ? 0 : vseg_new_tables(p, c->page, c->pages);
    uint32_t status = object_room(k, p, objects, c->pages + tables);
    if (status != E_OK) return status;
    if (c->page == NO_PAGE) return E_VMEM;
    c->frame = frame_find(k, c->pages, PAGE, k->frames);
    if (c->frame == NO_FRAME || !vseg_reserve(p, c->page, c->pages)) return E_MEM;
    status = shared_room(k, p, c->page * PAGE, c->pages * PAGE, c->pages + tables + 1);
    if (status != E_OK) return status;
    c->heap = heap_new(size);
    return c->heap ? E_OK : E_MEM;
}

struct object *heap_make(struct rt_kernel *k, struct call *c, uint32_t size)
{
    struct process *p = c->p;
    frame_take(k, p, c->frame, c->pages);
    vseg_map(k, p, c->page, c->pages, frame_phys(k, c->frame), PTE_OWNED | PTE_W);
    area_add(p, c->page, c->pages, AREA_SYSTEM);
    struct object *o = object_new(k, p, TYPE_HEAP, SUBTYPE_NONE, true);
    o->heap = c->heap;
    o->heap->page = c->page;
    bool pages = size > BYTE_LIMIT_MAX;
    o->seg = (struct rt_segdef){.kind = RT_SEG_DATA,
                                .dpl = 3,
                                .granular = pages,
                                .base = shared_base(k, o, c->page * PAGE, c->pages * PAGE),
                                .limit = pages ? c->pages * PAGE - 1 : size - 1};
    object_publish(k, o);
    return o;
}

uint32_t vrfy_CreateRtHeap(struct rt_kernel *k, struct call *c)
{
    return c->arg[1] ? E_PARAM : heap_room(k, c, c->arg[0], 1);
}

void impl_CreateRtHeap(struct rt_kernel *k, struct call *c)
{
    c->eax = object_handle(k, heap_make(k, c, c->arg[0]));
}

/* --- DeleteRtHeap(heap) --- */

uint32_t heap_get(struct rt_kernel *k, struct call *c, uint32_t handle)
{
    return object_get(k, handle, TYPE_HEAP, E_EXIST, &c->object);
}

uint32_t vrfy_DeleteRtHeap(struct rt_kernel *k, struct call *c)
{
    uint32_t status = heap_get(k, c, c->arg[0]);
    return status == E_OK && c->object->heap->ports ? E_CONTEXT : status;
}

static void unmap(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages)
{
    area_remove(p, area_at(p, page));
    vseg_unmap(k, p, page, pages);
}

void heap_close(struct rt_kernel *k, struct object *o)
{
    struct heap *h = o->heap;
    uint32_t pages = heap_pages(h);
    for (; h->maps; h->maps--)
        unmap(k, h->map[h->maps - 1].process, h->map[h->maps - 1].page, pages);
    if (h->page) unmap(k, o->owner, h->page, pages);
    h->page = 0;
    for (uint32_t i = 0; h->ports && i < k->slots; i++) {
        if (k->slot[i].port_heap != o - k->slot) continue;
        k->slot[i].port_heap = 0;
        h->ports--;
    }
}

void heap_forget(struct object *o)
{
    if (!o->heap) return;
    free(o->heap->cut);
    free(o->heap->map);
    free(o->heap);
    o->heap = NULL;
}

void heaps_leave(struct rt_kernel *k, const struct process *p)
{
    for (uint32_t i = 0; i < k->slots; i++) {
        struct heap *h = k->slot[i].heap;
        if (!h) continue;
        for (uint32_t m = 0; m < h->maps;)
            if (h->map[m].process == p)
                h->map[m] = h->map[--h->maps];
            else
                m++;
    }
}

void impl_DeleteRtHeap(struct rt_kernel *k, struct call *c)
{
    object_close(k, c->object);
    object_delete(k, c->object);
    c->eax = 1;
}

/* --- RequestRtBuffer(heap, bytes, type) --- */

/* Where p sees the heap; NO_PAGE: not yet. */
static uint32_t heap_page(const struct object *o, const struct process *p)
{
    if (o->owner == p) return o->heap->page;
    for (uint32_t i = 0; i < o->heap->maps; i++)
        if (o->heap->map[i].process == p) return o->heap->map[i].page;
    return NO_PAGE;
}

static bool map_reserve(struct heap *h)
{
    if (h->maps < h->map_room) return true;
    uint32_t room = h->map_room ? h->map_room * 2 : 4;
    struct heap_map *map = realloc(h->map, room * sizeof *map);
    if (!map) return false;
    h->map = map;
    h->map_room = room;
    return true;
}

static uint32_t map_room(struct heap *h, struct process *p, uint32_t *page)
{
    uint32_t pages = heap_pages(h);
    *page = area_find(p, pages);
    if (*page == NO_PAGE) return E_VMEM;
    bool can = pool_can(p, vseg_new_tables(p, *page, pages));
    return can && vseg_reserve(p, *page, pages) && map_reserve(h) ? E_OK : E_MEM;
}

static void map_make(struct rt_kernel *k, struct object *o, struct process *p, uint32_t page)
{
    uint32_t pages = heap_pages(o->heap);
    vseg_map_entries(k, p, page, pages, o->owner, o->heap->page);
    area_add(p, page, pages, AREA_SYSTEM);
    o->heap->map[o->heap->maps++] = (struct heap_map){p, page};
}

uint32_t heap_show(struct rt_kernel *k, struct object *o, struct process *p)
{
    uint32_t page = heap_page(o, p);
    if (page != NO_PAGE) return page * PAGE;
    if (map_room(o->heap, p, &page) != E_OK) return 0;
    map_make(k, o, p, page);
    return page * PAGE;
}

bool heap_holds(const struct object *o, const struct process *p, uint32_t at, uint32_t n,
                uint32_t *off)
{
    uint32_t page = heap_page(o, p);
    if (page == NO_PAGE || at < page * PAGE) return false;
    *off = at - page * PAGE;
    const struct cut *c = cut_at(o->heap, *off);
    return c && n <= c->size - BUFFER_OVERHEAD;
}

uint32_t vrfy_RequestRtBuffer(struct rt_kernel *k, struct call *c)
{
    if (c->arg[1] == 0) return E_PARAM;
    uint32_t status = heap_get(k, c, c->arg[0]);
    if (status == E_OK) status = call_writable(k, c->arg[2], 2);
    if (status != E_OK) return status;
    if (!heap_fit(c->object->heap, c->arg[1]) || !heap_reserve(c->object->heap)) return E_MEM;
    return heap_page(c->object, c->p) == NO_PAGE ? map_room(c->object->heap, c->p, &c->page) : E_OK;
}

void impl_RequestRtBuffer(struct rt_kernel *k, struct call *c)
{
    struct object *o = c->object;
    uint8_t type[2];
    if (heap_page(o, c->p) == NO_PAGE) map_make(k, o, c->p, c->page);
    put16(type, BUFFER_TYPE);
    call_put(k, c->arg[2], type, sizeof type);
    c->eax = heap_page(o, c->p) * PAGE + heap_take(o->heap, c->arg[1]);
}

/* --- ReleaseRtBuffer(heap, buffer, type), GetRtBufferSize(heap, buffer, type) --- */

static uint32_t buffer_get(struct rt_kernel *k, struct call *c)
{
    uint32_t status = heap_get(k, c, c->arg[0]);
    if (status != E_OK) return status;
    if (c->arg[2] != BUFFER_TYPE) return E_PARAM;
    uint32_t page = heap_page(c->object, c->p);
    if (page == NO_PAGE || c->arg[1] < page * PAGE) return E_NUC_BAD_BUF;
    c->off = c->arg[1] - page * PAGE;
    return cut_at(c->object->heap, c->off) ? E_OK : E_NUC_BAD_BUF;
}

uint32_t vrfy_ReleaseRtBuffer(struct rt_kernel *k, struct call *c)
{
    return buffer_get(k, c);
}

void impl_ReleaseRtBuffer(struct rt_kernel *k, struct call *c)
{
    (void)k;
    heap_give(c->object->heap, c->off);
    c->eax = 1;
}

uint32_t vrfy_GetRtBufferSize(struct rt_kernel *k, struct call *c)
{
    return buffer_get(k, c);
}

void impl_GetRtBufferSize(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = cut_at(c->object->heap, c->off)->size - BUFFER_OVERHEAD;
}

/* --- GetRtHeapInfo(heap, info): +0 size, +4 available, +8 largest, +12 flags --- */

uint32_t vrfy_GetRtHeapInfo(struct rt_kernel *k, struct call *c)
{
    uint32_t status = heap_get(k, c, c->arg[0]);
    return status == E_OK ? call_writable(k, c->arg[1], HEAP_INFO) : status;
}

void impl_GetRtHeapInfo(struct rt_kernel *k, struct call *c)
{
    const struct heap *h = c->object->heap;
    uint8_t info[HEAP_INFO] = {0};
    uint32_t all = 0, best = 0;
    for (uint32_t i = 0; i < h->cuts; i++) {
        uint32_t bytes = h->cut[i].used ? 0 : h->cut[i].size - BUFFER_OVERHEAD;
        all += bytes;
        if (bytes > best) best = bytes;
    }
    put32(info, h->size);
    put32(info + 4, all);
    put32(info + 8, best);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

const char *heap_check(const struct object *o)
{
    const struct heap *h = o->heap;
    if (!h) return "a heap has no list of buffers";
    uint32_t at = HEAP_OVERHEAD;
    for (uint32_t i = 0; i < h->cuts; i++) {
        const struct cut *c = &h->cut[i];
        if (c->off != at || c->size < PIECE) return "the buffers of a heap overlap or leave gaps";
        if (i && !c->used && !c[-1].used) return "two free parts of a heap are not joined";
        at += c->size;
    }
    if (at > h->size || h->size - at >= GRAIN) return "the buffers of a heap are not its size";
    for (uint32_t i = 0; i < h->maps; i++)
        if (!h->map[i].process->alive) return "a dead process has mapped a heap";
    return NULL;
}
