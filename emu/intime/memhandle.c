/* memhandle.c: memory handles: a GDT descriptor over a part of the caller's VSEG.
 *
 *   VSEG base ----> |.......|pOffset .. pOffset + cbSize - 1|.......|
 *                           ^ descriptor base, DPL 3, data, writable; limit cbSize - 1,
 *                             above 1 MB rounded up to a whole number of pages (G bit)
 *
 * ADR 0008 says what the help pages leave open.
 */
#include "kernel.h"

/* --- CreateRtMemoryHandle(offset, size) --- */

uint32_t vrfy_CreateRtMemoryHandle(struct rt_kernel *k, struct call *c)
{
    uint32_t off = c->arg[0], size = c->arg[1];
    if (size == 0) return E_PARAM;
    if (!vseg_inside(c->p, off, size)) return E_BAD_ADDR;
    if (size > BYTE_LIMIT_MAX) size = ((size - 1) | (PAGE - 1)) + 1;
    if (!vseg_mapped(c->p, off, size)) return E_BAD_ADDR;
    c->off = size; /* what the descriptor covers */
    uint32_t status = object_room(k, c->p, 1, 0);
    return status == E_OK ? shared_room(k, c->p, off, size, 1) : status;
}

void impl_CreateRtMemoryHandle(struct rt_kernel *k, struct call *c)
{
    struct object *o = object_new(k, c->p, TYPE_SEGMENT, SUBTYPE_SEGMENT, true);
    o->off = c->arg[0];
    o->size = c->off;
    o->seg = (struct rt_segdef){.kind = RT_SEG_DATA,
                                .dpl = 3,
                                .granular = c->off > BYTE_LIMIT_MAX,
                                .base = shared_base(k, o, o->off, o->size),
                                .limit = o->size - 1};
    object_publish(k, o);
    c->eax = object_handle(k, o);
}

/* --- DeleteRtMemoryHandle(handle) --- */

uint32_t vrfy_DeleteRtMemoryHandle(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_get(k, c->arg[0], TYPE_SEGMENT, E_INVALID_ADDRESS, &c->object);
    if (status == E_OK && c->object->subtype != SUBTYPE_SEGMENT) return E_TYPE;
    return status;
}

void impl_DeleteRtMemoryHandle(struct rt_kernel *k, struct call *c)
{
    object_delete(k, c->object);
    c->eax = 1;
}

/* --- GetRtSize(handle) --- */

uint32_t vrfy_GetRtSize(struct rt_kernel *k, struct call *c)
{
    return object_get(k, c->arg[0], TYPE_SEGMENT, E_EXIST, &c->object);
}

void impl_GetRtSize(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->object->size;
}

/* --- GetRtLinearAddress(handle, offset, size, 0) --- */

uint32_t vrfy_GetRtLinearAddress(struct rt_kernel *k, struct call *c)
{
    c->object = object_find(k, c->p->ds & ~7u);
    if (c->arg[0] != NULL_RTHANDLE) {
        uint32_t status = object_get(k, c->arg[0], TYPE_SEGMENT, E_EXIST, &c->object);
        if (status != E_OK) return status;
    }
    uint32_t off = c->arg[1], size = c->arg[2] ? c->arg[2] : 1;
    if (off >= c->object->size || size - 1 > c->object->size - 1 - off) return E_BAD_ADDR;
    return E_OK;
}

void impl_GetRtLinearAddress(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->object->seg.base + c->arg[1];
}

/* --- GetRtProcessDataSegment(0) --- */

uint32_t vrfy_GetRtProcessDataSegment(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_GetRtProcessDataSegment(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = c->p->ds & ~7u;
}
