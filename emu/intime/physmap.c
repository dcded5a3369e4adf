/* physmap.c: windows to physical memory by 64-bit address and by list, and the way back to an address. */
#include <stdlib.h>

#include "bits.h"
#include "kernel.h"

#define PTE_FLAGS                                                                                  \
    0x98u /* write through, cache disable, PAT: accepted; the 80386 has no such bits */
#define LIST_HEADER 32u
#define LIST_BYTES  24u /* in the header: how many bytes the list describes */
#define LIST_BLOCK  8u  /* +0 physical address, +4 length */

/* --- MapRtPhysicalMemory64(address, size, flags) --- */

uint32_t vrfy_MapRtPhysicalMemory64(struct rt_kernel *k, struct call *c)
{
    (void)k;
    uint32_t at = c->arg[0], size = c->arg[2];
    if (c->arg[1] || size == 0 || c->arg[3] & ~PTE_FLAGS) return E_PARAM;
    c->phys = at & ~(PAGE - 1);
    return space_room(c, (uint32_t)(((uint64_t)at + (size - 1)) / PAGE) - at / PAGE + 1, 0);
}

void impl_MapRtPhysicalMemory64(struct rt_kernel *k, struct call *c)
{
    vseg_map(k, c->p, c->page, c->pages, c->phys, PTE_W);
    area_add(c->p, c->page, c->pages, AREA_PHYS);
    c->eax = c->page * PAGE + c->arg[0] % PAGE;
}

/* --- MapRtPhysicalMemoryList(list, size, flags) --- */

struct list {
    uint32_t at;          /* of the next block, in the caller's memory */
    uint32_t left;        /* bytes that are still to be mapped */
    uint32_t *page, n;    /* physical pages */
    uint32_t first, room; /* offset in the first page; pages that fit */
};

/* The pages of one block. Blocks meet on page boundaries only. */
static uint32_t list_block(struct list *l, uint32_t phys, uint32_t length)
{
    if (length == 0) return E_STATE;
    if (length > l->left) length = l->left;
    if (l->n == 0) l->first = phys % PAGE;
    if (l->n && phys % PAGE) return E_PARAM;
    if (length < l->left && (phys + length) % PAGE) return E_PARAM;
    uint32_t pages = (uint32_t)(((uint64_t)phys % PAGE + length + PAGE - 1) / PAGE);
    for (uint32_t i = 0; i < pages && l->n < l->room; i++)
        l->page[l->n++] = (phys & ~(PAGE - 1)) + i * PAGE;
    l->left -= length;
    return E_OK;
}

static uint32_t list_read(struct rt_kernel *k, struct list *l)
{
    uint8_t block[LIST_BLOCK];
    while (l->left) {
        if (k->port.user_read(k->port.ctx, l->at, block, sizeof block) != RT_REACH_OK)
            return E_BAD_ADDR;
        uint32_t status = list_block(l, get32(block), get32(block + 4));
        if (status != E_OK) return status;
        l->at += LIST_BLOCK;
    }
    return E_OK;
}

uint32_t vrfy_MapRtPhysicalMemoryList(struct rt_kernel *k, struct call *c)
{
    uint8_t header[LIST_HEADER];
    uint32_t size = c->arg[1];
    if (size == 0 || c->arg[2] & ~PTE_FLAGS) return E_PARAM;
    if (k->port.user_read(k->port.ctx, c->arg[0], header, sizeof header) != RT_REACH_OK)
        return E_BAD_ADDR;
    if (get32(header + LIST_BYTES) < size) return E_STATE;
    if (size / PAGE >= c->p->size / PAGE) return E_VMEM;
    struct list l = {.at = c->arg[0] + LIST_HEADER, .left = size, .room = size / PAGE + 2};
    l.page = c->host = calloc(l.room, sizeof *l.page);
    if (!l.page) return E_MEM;
    uint32_t status = list_read(k, &l);
    c->off = l.first;
    return status == E_OK ? space_room(c, l.n, 0) : status;
}

void impl_MapRtPhysicalMemoryList(struct rt_kernel *k, struct call *c)
{
    const uint32_t *page = c->host;
    for (uint32_t i = 0; i < c->pages; i++)
        vseg_map(k, c->p, c->page + i, 1, page[i], PTE_W);
    area_add(c->p, c->page, c->pages, AREA_PHYS);
    c->eax = c->page * PAGE + c->off;
}

/* --- GetRtPhysicalAddress(pointer, length, 0), ...64: one writable run of frames --- */

static uint32_t run_find(struct call *c, uint32_t past_end)
{
    uint32_t off = c->arg[0], size = c->arg[1];
    if (size == 0) return E_PARAM;
    if (!vseg_writable(c->p, off, size)) return E_BAD_ADDR;
    uint32_t first = off / PAGE, last = (off + (size - 1)) / PAGE;
    uint32_t phys = vseg_pte(c->p, first) & ~(PAGE - 1);
    for (uint32_t page = first; page <= last; page++)
        if ((vseg_pte(c->p, page) & ~(PAGE - 1)) != phys + (page - first) * PAGE) return E_BAD_ADDR;
    c->phys = phys + off % PAGE;
    return size - 1 > 0xffffffffu - c->phys ? past_end : E_OK; /* the run goes on above 4 GB */
}

uint32_t vrfy_GetRtPhysicalAddress(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return run_find(c, E_LIMIT);
}

void impl_GetRtPhysicalAddress(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->phys;
}

uint32_t vrfy_GetRtPhysicalAddress64(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return run_find(c, E_BAD_ADDR); /* there the 32 address lines begin again at 0 */
}

void impl_GetRtPhysicalAddress64(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->phys;
}
