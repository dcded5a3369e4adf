/* copy.c: calls that look at or move ranges of memory. */
#include "kernel.h"

#define BUFFER_READONLY 0u
#define BUFFER_WRITABLE 1u

/* One side of CopyRtData: where it lies in whose VSEG. */
struct side {
    const struct process *p;
    uint32_t off;
};

static uint32_t side_find(const struct rt_kernel *k, const struct call *c, uint32_t handle,
                          uint32_t off, bool write, struct side *side)
{
    struct object *o = object_find(k, c->p->ds & ~7u);
    if (handle != NULL_RTHANDLE) {
        uint32_t status = object_get(k, handle, TYPE_SEGMENT, E_EXIST, &o);
        if (status != E_OK) return status;
    }
    uint32_t count = c->arg[4];
    if (off > o->size || count > o->size - off) return EH_GENERAL_PROTECTION;
    side->p = o->owner;
    side->off = o->off + off;
    if (count == 0) return E_OK;
    bool there =
        write ? vseg_writable(side->p, side->off, count) : vseg_mapped(side->p, side->off, count);
    return there ? E_OK : EH_PAGE_FAULT;
}

/* --- CopyRtData(source handle, offset, destination handle, offset, count) --- */

uint32_t vrfy_CopyRtData(struct rt_kernel *k, struct call *c)
{
    struct side from, to;
    uint32_t status = side_find(k, c, c->arg[0], c->arg[1], false, &from);
    if (status != E_OK) return status;
    return side_find(k, c, c->arg[2], c->arg[3], true, &to);
}

void impl_CopyRtData(struct rt_kernel *k, struct call *c)
{
    struct side from = {0}, to = {0};
    uint8_t buffer[PAGE];
    uint32_t left = c->arg[4], done = 0;
    side_find(k, c, c->arg[0], c->arg[1], false, &from);
    side_find(k, c, c->arg[2], c->arg[3], true, &to);
    /* From the end when the destination begins inside the source. */
    bool back = from.p == to.p && to.off > from.off && to.off - from.off < left;
    while (done < left) {
        uint32_t part = left - done < PAGE ? left - done : PAGE;
        uint32_t at = back ? left - done - part : done;
        vseg_peek(k, from.p, from.off + at, buffer, part);
        vseg_poke(k, to.p, to.off + at, buffer, part);
        done += part;
    }
    c->eax = 1;
}

/* --- ValidateRtBuffer(pointer, size, flags) --- */

uint32_t vrfy_ValidateRtBuffer(struct rt_kernel *k, struct call *c)
{
    (void)k;
    uint32_t off = c->arg[0], size = c->arg[1], flags = c->arg[2];
    if (flags != BUFFER_READONLY && flags != BUFFER_WRITABLE) return E_PARAM;
    if (size == 0) return off < c->p->size ? E_OK : E_BAD_ADDR;
    if (!vseg_inside(c->p, off, size)) return E_BAD_ADDR;
    if (!vseg_mapped(c->p, off, size)) return E_NOT_ALLOCATED;
    return flags == BUFFER_WRITABLE && !vseg_writable(c->p, off, size) ? E_BAD_ADDR : E_OK;
}

void impl_ValidateRtBuffer(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = 1;
}
