/* slots.c: GDT slots and the objects in them. An object's handle is its slot's selector.
 *
 *   free_first -> oldest free slot -> ... -> free_last     freed slots go to the end, so that a
 *                                                          stale handle stays stale for long
 *
 * The table here is the truth; the GDT in guest memory is written from it and never read.
 */
#include "kernel.h"

#include <stdlib.h>

static void slot_free_push(struct rt_kernel *k, uint16_t index)
{
    k->slot[index].use = USE_FREE;
    k->slot[index].next_free = 0;
    if (k->free_last)
        k->slot[k->free_last].next_free = index;
    else
        k->free_first = index;
    k->free_last = index;
    k->free_count++;
}

static bool slot_is_fixed(uint32_t index)
{
    return index <= SLOT_THREAD_BLOCK || index == SLOT_ROOT || index == SLOT_IDLE_PROCESS ||
           index == SLOT_SYSINFO || index == SLOT_FAULT_MAILBOX || index == SLOT_CALL_GATE;
}

void slots_init(struct rt_kernel *k)
{
    for (uint32_t i = 0; i < k->slots; i++) {
        if (slot_is_fixed(i))
            k->slot[i].use = USE_FIXED;
        else
            slot_free_push(k, (uint16_t)i);
    }
}

static void slot_set(struct rt_kernel *k, uint16_t index)
{
    struct rt_effect *fx = fx_add(k, RT_FX_GDT_SET);
    fx->slot = index;
    fx->seg = k->slot[index].seg;
}

void slot_fix(struct rt_kernel *k, uint16_t index, const struct rt_segdef *seg)
{
    k->slot[index].seg = *seg;
    slot_set(k, index);
}

static uint16_t slot_pop(struct rt_kernel *k)
{
    uint16_t index = k->free_first;
    struct object *o = &k->slot[index];
    k->free_first = o->next_free;
    if (!k->free_first) k->free_last = 0;
    k->free_count--;
    *o = (struct object){.generation = o->generation + 1};
    return index;
}

/* --- control blocks --- */

static unsigned blocks_free(const struct process *p)
{
    unsigned n = 0;
    for (unsigned i = 0; i < p->block_count; i++)
        if (p->blocks[i].phys) n += 64 - (unsigned)__builtin_popcountll(p->blocks[i].used);
    return n;
}

bool blocks_reserve(struct process *p, unsigned pages)
{
    if (p->block_count + pages <= p->block_room) return true;
    unsigned room = (p->block_count + pages) * 2;
    struct blocks *blocks = realloc(p->blocks, room * sizeof *blocks);
    if (!blocks) return false;
    p->blocks = blocks;
    p->block_room = room;
    return true;
}

static void block_take(struct rt_kernel *k, struct object *o)
{
    struct process *p = o->owner;
    unsigned i = 0, empty = p->block_count;
    for (; i < p->block_count; i++) {
        if (!p->blocks[i].phys) {
            if (empty == p->block_count) empty = i;
        } else if (~p->blocks[i].used) {
            break;
        }
    }
    if (i == p->block_count) {
        i = empty;
        if (i == p->block_count) p->block_count++;
        p->blocks[i] = (struct blocks){.phys = frame_take_low(k, p)};
    }
    o->block = (uint8_t)__builtin_ctzll(~p->blocks[i].used);
    o->block_page = (uint16_t)(i + 1);
    p->blocks[i].used |= UINT64_C(1) << o->block;
}

static void block_give(struct rt_kernel *k, struct object *o)
{
    if (!o->block_page) return;
    struct blocks *b = &o->owner->blocks[o->block_page - 1];
    b->used &= ~(UINT64_C(1) << o->block);
    if (b->used) return;
    frame_drop(k, b->phys);
    b->phys = 0;
    while (o->owner->block_count && !o->owner->blocks[o->owner->block_count - 1].phys)
        o->owner->block_count--;
}

uint32_t object_block(const struct object *o)
{
    if (!o->block_page) return 0;
    return kernel_lin(o->owner->blocks[o->block_page - 1].phys) + o->block * CBLOCK_SIZE;
}

/* --- objects --- */

uint32_t object_room(struct rt_kernel *k, struct process *p, unsigned count, uint32_t extra_pages)
{
    if (!quota_room(p, QUOTA_OBJECTS, count)) return E_LIMIT;
    return slot_room(k, p, count, extra_pages);
}

uint32_t slot_room(struct rt_kernel *k, struct process *p, unsigned count, uint32_t extra_pages)
{
    if (count > k->free_count) return E_SLOT;
    unsigned have = blocks_free(p);
    unsigned pages = have >= count ? 0 : (count - have + 63) / 64;
    if (!pool_can(p, pages + extra_pages) || !frame_low_free(k, pages)) return E_MEM;
    return blocks_reserve(p, pages) ? E_OK : E_MEM;
}

static void object_link(struct rt_kernel *k, struct object *o, struct process *p)
{
    uint16_t index = (uint16_t)(o - k->slot);
    o->owner = p;
    o->next = p->first_object;
    if (o->next) k->slot[o->next].prev = index;
    p->first_object = index;
}

struct object *object_new(struct rt_kernel *k, struct process *p, enum object_type type,
                          enum object_subtype subtype, bool counted)
{
    struct object *o = &k->slot[slot_pop(k)];
    o->use = USE_OBJECT;
    o->type = (uint8_t)type;
    o->subtype = (uint8_t)subtype;
    o->counted = counted;
    object_link(k, o, p);
    block_take(k, o);
    p->objects += counted;
    quota_take(p, QUOTA_OBJECTS, counted);
    return o;
}

struct object *object_fixed(struct rt_kernel *k, struct process *p, uint16_t index,
                            enum object_type type)
{
    struct object *o = &k->slot[index];
    *o = (struct object){.use = USE_OBJECT, .type = (uint8_t)type, .generation = 1};
    object_link(k, o, p);
    block_take(k, o);
    return o;
}

struct object *slot_code(struct rt_kernel *k, struct process *p)
{
    struct object *o = &k->slot[slot_pop(k)];
    o->use = USE_CODE;
    object_link(k, o, p);
    return o;
}

void object_publish(struct rt_kernel *k, struct object *o)
{
    slot_set(k, (uint16_t)(o - k->slot));
}

void object_delete(struct rt_kernel *k, struct object *o)
{
    uint16_t index = (uint16_t)(o - k->slot);
    struct process *p = o->owner;
    block_give(k, o);
    shared_hide(k, o);
    object_forget(o);
    p->objects -= o->counted;
    quota_give(p, QUOTA_OBJECTS, o->counted);
    if (o->prev)
        k->slot[o->prev].next = o->next;
    else
        p->first_object = o->next;
    if (o->next) k->slot[o->next].prev = o->prev;
    *o = (struct object){.generation = o->generation};
    slot_free_push(k, index);
    fx_add(k, RT_FX_GDT_CLEAR)->slot = index;
}

uint16_t object_handle(const struct rt_kernel *k, const struct object *o)
{
    return (uint16_t)((o - k->slot) << 3);
}

struct object *object_find(const struct rt_kernel *k, uint32_t handle)
{
    uint32_t index = (handle & 0xffff) >> 3;
    if ((handle & 7) != 0 || index >= k->slots || k->slot[index].use != USE_OBJECT) return NULL;
    return &k->slot[index];
}

uint32_t object_get(const struct rt_kernel *k, uint32_t handle, enum object_type type,
                    uint32_t remote, struct object **o)
{
    *o = object_find(k, handle);
    if (!*o) return E_EXIST;
    if ((*o)->type != type) return E_TYPE;
    return (*o)->reference ? remote : E_OK;
}

uint32_t process_get(const struct rt_kernel *k, struct call *c, uint32_t handle, uint32_t remote)
{
    c->target = c->p;
    if (handle == NULL_RTHANDLE) return E_OK;
    struct object *o;
    uint32_t status = object_get(k, handle, TYPE_PROCESS, remote, &o);
    if (status == E_OK) c->target = o->process;
    return status;
}
