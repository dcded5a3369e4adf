/* global.c: objects of other nodes. There is one node, so the only calls that can succeed are those about reference
 * objects, which tests make (reference.c). */
#include "kernel.h"

/* --- DeleteRtReferenceObject(reference): the object itself stays, on its node --- */

uint32_t vrfy_DeleteRtReferenceObject(struct rt_kernel *k, struct call *c)
{
    c->object = object_find(k, c->arg[0]);
    if (!c->object) return E_EXIST;
    return c->object->reference ? E_OK : E_TYPE;
}

void impl_DeleteRtReferenceObject(struct rt_kernel *k, struct call *c)
{
    object_delete(k, c->object);
    c->eax = 1;
}

/* --- CreateGlobalRtMailbox(location, flags), CreateGlobalRtMemoryHandle(location, address, size): not in
 * this configuration --- */

uint32_t vrfy_CreateGlobalRtMailbox(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_NOT_CONFIGURED;
}

uint32_t vrfy_CreateGlobalRtMemoryHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_NOT_CONFIGURED;
}

/* Each of them is refused, so none of these is reached. */

void impl_CreateGlobalRtMailbox(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_CreateGlobalRtMemoryHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}
