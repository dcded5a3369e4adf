/* reference.c: objects that stand for one on another node. A single node has nobody to refer to: they
 * are made for tests, and every remote operation on them finds a bad address. */
#include <string.h>

#include "kernel.h"

static struct object *reference_make(struct rt_kernel *k, struct process *p, uint8_t type)
{
    struct object *o = object_new(k, p, (enum object_type)type,
                                  type == TYPE_SEGMENT ? SUBTYPE_SEGMENT : SUBTYPE_NONE, true);
    o->reference = true;
    o->seg =
        (struct rt_segdef){.kind = RT_SEG_DATA, .base = object_block(o), .limit = CBLOCK_SIZE - 1};
    object_publish(k, o);
    return o;
}

static bool reference_type(uint32_t type)
{
    return type >= TYPE_PROCESS && type <= TYPE_SEGMENT;
}

uint32_t rt_reference_create(struct rt_kernel *k, uint8_t type, const char *name, uint16_t *handle,
                             struct rt_effects *fx)
{
    fx->count = 0;
    fx->more = false;
    size_t n = strlen(name);
    if (n == 0 || n > NAME_MAX_LEN || !reference_type(type)) return E_PARAM;
    uint32_t status = object_room(k, k->root, 1, 0);
    if (status != E_OK) return status;
    uint16_t next = (uint16_t)(k->free_first << 3);
    status = dir_add(k, k->root, name, next);
    if (status != E_OK) return status;
    struct object *o = reference_make(k, k->root, type);
    *handle = object_handle(k, o);
    fx_flush(k, fx);
    return E_OK;
}
