/* heap.h: heaps: one piece of memory cut into buffers.
 *
 *   |28 bytes|8|buffer|8|buffer|8| free ...      offsets from the heap's first byte
 *
 * The cuts stand in the kernel's own list; the 28 and 8 bytes are the cost that the help page names. A process
 * that asks for a buffer of another's heap gets the whole heap mapped, once.
 */
#ifndef RT386_INTIME_HEAP_H
#define RT386_INTIME_HEAP_H

#include "kernel.h"

#define HEAP_OVERHEAD   28u
#define BUFFER_OVERHEAD 8u

struct cut {
    uint32_t off, size; /* with the overhead of the buffer */
    bool used;
};
struct heap_map {
    struct process *process;
    uint32_t page; /* in its VSEG */
};
struct heap {
    uint32_t page, size; /* in the owner's VSEG; bytes */
    struct cut *cut;     /* by offset, without gaps */
    uint32_t cuts, cut_room;
    struct heap_map *map; /* of other processes */
    uint32_t maps, map_room;
    uint32_t ports; /* that take their buffers here */
};

/* E_OK, E_EXIST, E_TYPE; c->object. */
uint32_t heap_get(struct rt_kernel *k, struct call *c, uint32_t handle);
/* A buffer of n bytes: offset in the heap, 0 = no room. heap_reserve takes the host memory that heap_take
 * needs. */
bool heap_reserve(struct heap *h);
uint32_t heap_fit(const struct heap *h, uint32_t n); /* would there be room? */
uint32_t heap_take(struct heap *h, uint32_t n);
void heap_give(struct heap *h, uint32_t off);
/* Makes a heap of c->p in c->object; heap_room has checked: c->heap is the record. */
uint32_t heap_room(struct rt_kernel *k, struct call *c, uint32_t size, unsigned objects);
struct object *heap_make(struct rt_kernel *k, struct call *c, uint32_t size);

/* Whether n bytes at `at` of p lie in a buffer of the heap: where, from its first byte. */
bool heap_holds(const struct object *o, const struct process *p, uint32_t at, uint32_t n,
                uint32_t *off);
/* Where p sees the heap, mapped if it was not yet; 0: it has no room for it. */
uint32_t heap_show(struct rt_kernel *k, struct object *o, struct process *p);

/* The memory goes, also where others have mapped it. */
void heap_close(struct rt_kernel *k, struct object *o);
void heap_forget(struct object *o);
/* p ends: its mappings are gone. */
void heaps_leave(struct rt_kernel *k, const struct process *p);
const char *heap_check(const struct object *o);

#endif
