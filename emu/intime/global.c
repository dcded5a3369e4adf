/* global.c: global objects. There is one node, and on it the handle of an object is its reference too: global mailboxes and
 * semaphores are those of the caller's process, with a note of who may delete them as one deletes a reference. Objects of
 * other nodes are made by tests (reference.c). ADR 0046.
 */
#include "bits.h"
#include "kernel.h"

#define FLAG_REFCOUNT    0x0100u
#define OBJECT_INFO_SIZE 12u

enum { GLOBAL_NONE, GLOBAL_OWNED, GLOBAL_COUNTED };

/* --- CreateRtReferenceObject(location, object): one reference more of an object that counts them --- */

uint32_t vrfy_CreateRtReferenceObject(struct rt_kernel *k, struct call *c)
{
    if (!location_here(c->arg[0])) return E_INVALID_ADDRESS;
    c->object = object_find(k, c->arg[1]);
    if (!c->object) return E_EXIST;
    if (c->object->reference) return E_CONTEXT;
    return c->object->global == GLOBAL_COUNTED && c->object->references == UINT16_MAX ? E_LIMIT
                                                                                      : E_OK;
}

void impl_CreateRtReferenceObject(struct rt_kernel *k, struct call *c)
{
    if (c->object->global == GLOBAL_COUNTED) c->object->references++;
    c->eax = object_handle(k, c->object);
}

/* --- DeleteRtReferenceObject(reference): that of another node's object goes alone; a global one of this node goes with its
 * last reference, or when its owner calls --- */

uint32_t vrfy_DeleteRtReferenceObject(struct rt_kernel *k, struct call *c)
{
    c->object = object_find(k, c->arg[0]);
    if (!c->object) return E_EXIST;
    return c->object->reference || c->object->global != GLOBAL_NONE ? E_OK : E_TYPE;
}

static bool goes_with_reference(const struct call *c)
{
    struct object *o = c->object;
    if (o->reference) return true;
    if (o->global == GLOBAL_OWNED) return o->owner == c->p;
    return --o->references == 0;
}

void impl_DeleteRtReferenceObject(struct rt_kernel *k, struct call *c)
{
    if (goes_with_reference(c)) {
        object_close(k, c->object);
        object_delete(k, c->object);
    }
    c->eax = 1;
}

/* --- GetRtObjectInfo(reference, info) ---
 * WORDs +0 type, +2 subtype, DWORD +4 location, WORDs +8 handle there, +10 reserved */

uint32_t vrfy_GetRtObjectInfo(struct rt_kernel *k, struct call *c)
{
    c->object = object_find(k, c->arg[0]);
    if (!c->object) return E_EXIST;
    if (c->object->reference) return E_INVALID_ADDRESS; /* its node is not known */
    return call_writable(k, c->arg[1], OBJECT_INFO_SIZE);
}

void impl_GetRtObjectInfo(struct rt_kernel *k, struct call *c)
{
    uint8_t info[OBJECT_INFO_SIZE] = {0};
    put16(info, c->object->type);
    put16(info + 2, c->object->subtype);
    put32(info + 4, LOCATION_NODE);
    put16(info + 8, object_handle(k, c->object));
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

/* --- CreateGlobalRtMailbox(location, flags), CreateGlobalRtSemaphore(location, units, maximum, flags) --- */

static void global_note(struct object *o, uint32_t flags)
{
    o->global = flags & FLAG_REFCOUNT ? GLOBAL_COUNTED : GLOBAL_OWNED;
    o->references = 1;
}

uint32_t vrfy_CreateGlobalRtMailbox(struct rt_kernel *k, struct call *c)
{
    uint32_t flags = c->arg[1];
    if (!location_here(c->arg[0])) return E_INVALID_ADDRESS;
    c->arg[0] = flags & ~FLAG_REFCOUNT;
    return vrfy_CreateRtMailbox(k, c);
}

void impl_CreateGlobalRtMailbox(struct rt_kernel *k, struct call *c)
{
    impl_CreateRtMailbox(k, c);
    global_note(c->object, c->arg[1]);
}

uint32_t vrfy_CreateGlobalRtSemaphore(struct rt_kernel *k, struct call *c)
{
    if (!location_here(c->arg[0])) return E_INVALID_ADDRESS;
    c->arg[0] = c->arg[1];
    c->arg[1] = c->arg[2];
    c->arg[2] = c->arg[3] & ~FLAG_REFCOUNT;
    return vrfy_CreateRtSemaphore(k, c);
}

void impl_CreateGlobalRtSemaphore(struct rt_kernel *k, struct call *c)
{
    impl_CreateRtSemaphore(k, c);
    global_note(c->object, c->arg[3]);
}

/* --- CreateGlobalRtMemoryHandle(location, physical, size, flags), ...64, CreateGlobalRtMemoryObject(location, size,
 * flags): memory of another node; none of it is configured here --- */

uint32_t vrfy_CreateGlobalRtMemoryHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return location_here(c->arg[0]) ? E_NOT_CONFIGURED : E_INVALID_ADDRESS;
}

uint32_t vrfy_CreateGlobalRtMemoryHandle64(struct rt_kernel *k, struct call *c)
{
    return vrfy_CreateGlobalRtMemoryHandle(k, c);
}

uint32_t vrfy_CreateGlobalRtMemoryObject(struct rt_kernel *k, struct call *c)
{
    return vrfy_CreateGlobalRtMemoryHandle(k, c);
}

/* Each of them is refused, so none of these is reached. */

void impl_CreateGlobalRtMemoryHandle(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_CreateGlobalRtMemoryHandle64(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

void impl_CreateGlobalRtMemoryObject(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}
