/* info.c: calls that report: types of handles, memory figures, system data. */
#include "bits.h"
#include "kernel.h"

#define PHYSICAL_INFO_SIZE 52u
#define VIRTUAL_INFO_SIZE  20u

/* --- GetRtHandleType(handle), GetRtHandleTypeEx(handle, subtype) --- */

uint32_t vrfy_GetRtHandleType(struct rt_kernel *k, struct call *c)
{
    c->object = object_find(k, c->arg[0]);
    return c->object ? E_OK : E_EXIST;
}

void impl_GetRtHandleType(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->object->type;
}

uint32_t vrfy_GetRtHandleTypeEx(struct rt_kernel *k, struct call *c)
{
    c->object = object_find(k, c->arg[0]);
    return c->object ? call_writable(k, c->arg[1], 2) : E_EXIST;
}

void impl_GetRtHandleTypeEx(struct rt_kernel *k, struct call *c)
{
    uint8_t subtype[2];
    put16(subtype, c->object->subtype | (c->object->reference ? SUBTYPE_REFERENCE : 0u));
    call_put(k, c->arg[1], subtype, sizeof subtype);
    c->eax = c->object->type;
}

/* --- GetRtPhysicalMemoryInfo(process, info) ---
 * +0 process, +2 parent, QWORDs: +4 max, +12 min, +20 allocated, +28 borrowed, +36 available,
 * +44 largest available */

uint32_t vrfy_GetRtPhysicalMemoryInfo(struct rt_kernel *k, struct call *c)
{
    uint32_t status = process_get(k, c, c->arg[0], E_EXIST);
    return status == E_OK ? call_writable(k, c->arg[1], PHYSICAL_INFO_SIZE) : status;
}

void impl_GetRtPhysicalMemoryInfo(struct rt_kernel *k, struct call *c)
{
    const struct process *p = c->target;
    uint32_t reach = pool_reach(p), run = frame_largest(k);
    uint64_t max = p->pool.max >= k->frames ? k->config.ram_size : (uint64_t)p->pool.max * PAGE;
    uint8_t info[PHYSICAL_INFO_SIZE];
    put16(info, p->handle);
    put16(info + 2, p->parent ? p->parent->handle : NULL_RTHANDLE);
    put64(info + 4, max);
    put64(info + 12, (uint64_t)p->pool.min * PAGE);
    put64(info + 20, (uint64_t)p->pool.used * PAGE);
    put64(info + 28, (uint64_t)(p->pool.held - p->pool.min) * PAGE);
    put64(info + 36, (uint64_t)reach * PAGE);
    put64(info + 44, (uint64_t)(reach < run ? reach : run) * PAGE);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

/* --- GetRtVirtualMemoryInfo(process or VSEG, info) ---
 * +0 process, +2 VSEG, DWORDs: +4 size (0 = 4 GB), +8 allocated, +12 available, +16 largest */

uint32_t vrfy_GetRtVirtualMemoryInfo(struct rt_kernel *k, struct call *c)
{
    const struct object *o = object_find(k, c->arg[0]);
    c->target = c->p;
    if (c->arg[0] != NULL_RTHANDLE) {
        if (!o || o->reference) return E_EXIST;
        if (o->type != TYPE_PROCESS && o->subtype != SUBTYPE_VSEG) return E_TYPE;
        c->target = o->process;
    }
    return call_writable(k, c->arg[1], VIRTUAL_INFO_SIZE);
}

void impl_GetRtVirtualMemoryInfo(struct rt_kernel *k, struct call *c)
{
    const struct process *p = c->target;
    uint32_t used = 0;
    for (unsigned i = 0; i < p->area_count; i++)
        used += p->areas[i].count * PAGE;
    uint32_t available = p->size - used;
    if (p->xm) used -= p->size; /* of its 4 GB, what it cannot have is not available */
    uint8_t info[VIRTUAL_INFO_SIZE];
    put16(info, p->handle);
    put16(info + 2, p->vseg);
    put32(info + 4, p->xm ? 0 : p->size);
    put32(info + 8, used);
    put32(info + 12, available);
    put32(info + 16, p->size ? area_largest(p) * PAGE : 0);
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}
