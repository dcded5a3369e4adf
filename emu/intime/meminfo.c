/* meminfo.c: the node's memory areas, and the older report of a process's pool. */
#include "bits.h"
#include "kernel.h"

#define AREA_LIST      0u /* GET_SYSTEM_MEMORY_AREA_LIST */
#define AREA_INFO_SIZE 24u
#define POOL_INFO_SIZE 28u

/* --- GetRtSystemMemoryInfo(type, info): +0 count; QWORDs: +4 base, +12 size; +20 flags ---
 * The node has one area, all of RAM, which the kernel manages (flags 0). */

uint32_t vrfy_GetRtSystemMemoryInfo(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] != AREA_LIST) return E_PARAM;
    return call_writable(k, c->arg[1], AREA_INFO_SIZE);
}

void impl_GetRtSystemMemoryInfo(struct rt_kernel *k, struct call *c)
{
    uint8_t info[AREA_INFO_SIZE] = {0};
    put32(info, 1);
    put64(info + 4, k->config.ram_base);
    put64(info + 12, k->config.ram_size);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

/* --- GetRtProcessPoolInfo(process, info) ---
 * +0 process, +2 parent, DWORDs: +4 max, +8 min, +12 initial, +16 allocated, +20 available without the parent's
 * memory, +24 borrowed */

uint32_t vrfy_GetRtProcessPoolInfo(struct rt_kernel *k, struct call *c)
{
    uint32_t status = process_get(k, c, c->arg[0], E_EXIST);
    return status == E_OK ? call_writable(k, c->arg[1], POOL_INFO_SIZE) : status;
}

static uint32_t pool_bytes(uint32_t pages)
{
    return pages >= 1u << 20 ? 0xffffffffu : pages * PAGE;
}

void impl_GetRtProcessPoolInfo(struct rt_kernel *k, struct call *c)
{
    const struct process *p = c->target;
    uint8_t info[POOL_INFO_SIZE];
    put16(info, p->handle);
    put16(info + 2, p->parent ? p->parent->handle : NULL_RTHANDLE);
    put32(info + 4, pool_bytes(p->pool.max));
    put32(info + 8, pool_bytes(p->pool.min));
    put32(info + 12, pool_bytes(p->pool.min)); /* what it began with */
    put32(info + 16, pool_bytes(p->pool.used));
    put32(info + 20, pool_bytes(pool_available(p)));
    put32(info + 24, pool_bytes(p->pool.held - p->pool.min));
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}
