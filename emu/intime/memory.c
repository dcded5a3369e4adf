/* memory.c: blocks and mappings of a process. */
#include "kernel.h"

#define PTE_FLAGS                                                                                  \
    0x98u /* write through, cache disable, PAT: accepted; the 80386 has no such bits */

uint32_t space_room(struct call *c, uint32_t pages, uint32_t frames)
{
    c->pages = pages;
    c->page = area_find(c->p, pages);
    if (c->page == NO_PAGE) return E_VMEM;
    if (!pool_can(c->p, frames + vseg_new_tables(c->p, c->page, pages))) return E_MEM;
    return vseg_reserve(c->p, c->page, pages) ? E_OK : E_MEM;
}

static uint32_t block_size(struct call *c, uint32_t size)
{
    if (size == 0 || (size > c->p->size && !c->p->xm)) return E_PARAM;
    uint32_t pages = size / PAGE + (size % PAGE != 0);
    return space_room(c, pages, pages);
}

static void block_done(struct rt_kernel *k, struct call *c)
{
    frame_take(k, c->p, c->frame, c->pages);
    vseg_map(k, c->p, c->page, c->pages, frame_phys(k, c->frame), PTE_OWNED | PTE_W);
    area_add(c->p, c->page, c->pages, AREA_ALLOC);
    c->eax = c->page * PAGE;
}

/* --- AllocateRtMemory(size), AllocateRtMemoryEx(size, low, high, alignment) --- */

uint32_t vrfy_AllocateRtMemory(struct rt_kernel *k, struct call *c)
{
    uint32_t status = block_size(c, c->arg[0]);
    if (status != E_OK) return status;
    c->frame = frame_find(k, c->pages, PAGE, k->frames);
    return c->frame == NO_FRAME ? E_MEM : E_OK;
}

void impl_AllocateRtMemory(struct rt_kernel *k, struct call *c)
{
    block_done(k, c);
}

uint32_t vrfy_AllocateRtMemoryEx(struct rt_kernel *k, struct call *c)
{
    uint64_t low = c->arg[1] | (uint64_t)c->arg[2] << 32,
             high = c->arg[3] | (uint64_t)c->arg[4] << 32;
    uint32_t align = c->arg[5] ? c->arg[5] : PAGE;
    if (low > high || align % PAGE) return E_PARAM;
    uint32_t status = block_size(c, c->arg[0]);
    if (status != E_OK) return status;
    uint64_t base = k->config.ram_base; /* the node has one memory area */
    if (low > base || high < base + k->config.ram_size - 1) return E_MEM;
    c->frame = frame_find(k, c->pages, align, k->frames);
    return c->frame == NO_FRAME ? E_MEM : E_OK;
}

void impl_AllocateRtMemoryEx(struct rt_kernel *k, struct call *c)
{
    block_done(k, c);
}

/* --- pages for malloc: any frames --- */

uint32_t vrfy_clib_pages(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return block_size(c, c->arg[0]);
}

void impl_clib_pages(struct rt_kernel *k, struct call *c)
{
    vseg_fill(k, c->p, c->page, c->pages, PTE_W);
    area_add(c->p, c->page, c->pages, AREA_ALLOC);
    c->eax = c->page * PAGE;
}

/* --- FreeRtMemory(address) --- */

uint32_t vrfy_FreeRtMemory(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (c->arg[0] >= c->p->size) return E_BAD_ADDR;
    uint32_t page = c->arg[0] / PAGE;
    c->area = area_at(c->p, page);
    if (!c->area) return page && area_at(c->p, page - 1) ? E_NOT_ALLOCATED : E_BAD_ADDR;
    if (c->area->kind <= AREA_SYSTEM) return E_BAD_ADDR;
    c->page = c->area->kind == AREA_ALLOC ? c->area->page : page;
    c->pages = c->area->page + c->area->count - c->page;
    return E_OK;
}

void impl_FreeRtMemory(struct rt_kernel *k, struct call *c)
{
    if (c->pages == c->area->count)
        area_remove(c->p, c->area);
    else
        c->area->count -= c->pages;
    vseg_unmap(k, c->p, c->page, c->pages);
    c->eax = c->pages * PAGE;
}

/* --- MapRtPhysicalMemory(address, size), ...Ex(address, size, flags) --- */

static uint32_t physical_room(struct call *c)
{
    uint32_t at = c->arg[0], size = c->arg[1];
    if (size == 0) return E_PARAM;
    c->phys = at & ~(PAGE - 1);
    /* Beyond 4 GB the address lines start again at 0 (ADR 0008). */
    return space_room(c, (uint32_t)(((uint64_t)at + (size - 1)) / PAGE) - at / PAGE + 1, 0);
}

static void physical_done(struct rt_kernel *k, struct call *c)
{
    vseg_map(k, c->p, c->page, c->pages, c->phys, PTE_W);
    area_add(c->p, c->page, c->pages, AREA_PHYS);
    c->eax = c->page * PAGE + c->arg[0] % PAGE;
}

uint32_t vrfy_MapRtPhysicalMemory(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return physical_room(c);
}

void impl_MapRtPhysicalMemory(struct rt_kernel *k, struct call *c)
{
    physical_done(k, c);
}

uint32_t vrfy_MapRtPhysicalMemoryEx(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return c->arg[2] & ~PTE_FLAGS ? E_PARAM : physical_room(c);
}

void impl_MapRtPhysicalMemoryEx(struct rt_kernel *k, struct call *c)
{
    physical_done(k, c);
}

/* --- MapRtSharedMemory(handle): the pages behind it as they are now --- */

uint32_t vrfy_MapRtSharedMemory(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_SEGMENT, E_EXIST, &c->object);
    if (status != E_OK) return status;
    const struct object *o = c->object;
    if (o->subtype != SUBTYPE_SEGMENT) return E_TYPE;
    if (!vseg_mapped(o->owner, o->off, o->size)) return E_NOT_ALLOCATED;
    return space_room(c, (o->off + (o->size - 1)) / PAGE - o->off / PAGE + 1, 0);
}

void impl_MapRtSharedMemory(struct rt_kernel *k, struct call *c)
{
    const struct object *o = c->object;
    vseg_map_entries(k, c->p, c->page, c->pages, o->owner, o->off / PAGE);
    area_add(c->p, c->page, c->pages, AREA_SHARED);
    c->eax = c->page * PAGE + o->off % PAGE;
}
