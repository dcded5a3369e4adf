/* memory.h: frames, pools, page tables and VSEGs: pool.c, limits.c, memory.c, vseg.c. Part of kernel.h. */
#ifndef RT386_INTIME_MEMORY_H
#define RT386_INTIME_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

struct rt_kernel;
struct process;
struct call;
struct object;

#define KERNEL_BASE     0xF0000000u /* linear address of physical 0, for KERNEL_SIZE bytes */
#define KERNEL_SIZE     0x8000000u
#define SHARED_BASE     0xF8000000u /* shared.c */
#define SHARED_PAGES    0x7C00u
#define XM_SIZE         KERNEL_BASE /* what an XM process has of its 4 GB */
#define PAGE            4096u
#define VSEG_UNIT       0x400000u
#define VSEG_FIRST      0x10000000u
#define VSEG_LAST       0xF0000000u /* first linear address after the VSEGs */
#define VSEG_MIN        0x800000u
#define VSEG_LOW_PAGE   16u /* dynamic areas start at 64 KB */
#define NO_FRAME        0xFFFFFFFFu
#define NO_PAGE         0xFFFFFFFFu
#define MEMORY_AREA_END 0xFFFFFFFFu

struct frame {
    struct process *owner; /* who is charged; NULL = free */
    uint32_t refs;         /* page table entries that hold it, or 1 for the kernel's own use */
};

struct pool { /* in pages */
    uint32_t min, max;
    uint32_t held; /* min + borrowed */
    uint32_t used, lent;
};

#define PTE_P     1u
#define PTE_W     2u
#define PTE_U     4u
#define PTE_OWNED 0x200u /* an AVL bit: this entry holds a reference to its frame */
struct table {     /* a page table; the guest's copy is written from this one and never read */
    uint32_t phys; /* 0: not in use */
    unsigned live;
    uint32_t pte[1024];
};

enum area_kind { AREA_IMAGE, AREA_RSL, AREA_SYSTEM, AREA_ALLOC, AREA_SHARED, AREA_PHYS };
struct area { /* in pages of the VSEG */
    uint32_t page, count;
    uint8_t kind;
};

enum quota_kind { QUOTA_OBJECTS, QUOTA_THREADS, QUOTAS };
struct quota {            /* limits.c */
    uint32_t limit, used; /* limit 0 = none */
};

/* --- physical memory of the kernel --- */
/* Where the kernel's linear space shows a byte of the first KERNEL_SIZE of RAM, and back. */
static inline uint32_t kernel_lin(uint32_t phys)
{
    return KERNEL_BASE + phys;
}
static inline uint32_t kernel_phys(uint32_t lin)
{
    return lin - KERNEL_BASE;
}
void phys_put(struct rt_kernel *k, uint32_t at, const void *from, uint32_t n);
void phys_put32(struct rt_kernel *k, uint32_t at, uint32_t value);
/* Bytes of what is no RAM read as FF, and the answer is false. */
bool phys_get(const struct rt_kernel *k, uint32_t at, void *to, uint32_t n);
void phys_zero(struct rt_kernel *k, uint32_t at, uint32_t n);

/* --- pool.c --- */
bool pool_can(const struct process *p, uint32_t pages);
uint32_t pool_available(const struct process *p); /* without borrowing */
uint32_t pool_reach(const struct process *p);     /* with borrowing */
/* Pages for the pool of a child; the caller has asked pool_can. */
void pool_lend(struct process *p, uint32_t pages);
void pool_take(struct process *p, uint32_t pages);
void pool_give(struct process *p, uint32_t pages);
/* Index of the first of `count` free frames in a row, the first a multiple of align bytes; below
 * `limit`. NO_FRAME. */
uint32_t frame_find(const struct rt_kernel *k, uint32_t count, uint32_t align, uint32_t limit);
/* Takes found frames, zeroed, charged to p, one reference each. */
void frame_take(struct rt_kernel *k, struct process *p, uint32_t first, uint32_t count);
/* One frame that the kernel itself can address; the caller has checked pool and frame_find. */
uint32_t frame_take_low(struct rt_kernel *k, struct process *p);
bool frame_low_free(const struct rt_kernel *k, uint32_t count);
void frame_hold(struct rt_kernel *k, uint32_t phys);
void frame_drop(struct rt_kernel *k, uint32_t phys);
bool frame_managed(const struct rt_kernel *k, uint32_t phys);
uint32_t frame_phys(const struct rt_kernel *k, uint32_t index);
uint32_t frame_largest(const struct rt_kernel *k);
/* p ends: its parent gets back what it lent, and takes over p's children and the frames of p that
 * others still map. */
void frame_orphans(struct rt_kernel *k, struct process *p);

/* --- limits.c --- */
bool quota_room(const struct process *p, enum quota_kind kind, uint32_t count);
void quota_take(struct process *p, enum quota_kind kind, uint32_t count);
void quota_give(struct process *p, enum quota_kind kind, uint32_t count);
/* What a child counts for in its parent. */
uint32_t quota_share(const struct process *child, enum quota_kind kind);

/* --- memory.c --- */
/* Room for `pages` in the caller's VSEG (c->page, c->pages), with `frames` of new memory and the page tables:
 * E_OK, E_VMEM or E_MEM. */
uint32_t space_room(struct call *c, uint32_t pages, uint32_t frames);

/* --- vseg.c --- */
uint32_t vseg_place(const struct rt_kernel *k, uint32_t size); /* linear base; 0 = none */
uint32_t area_find(const struct process *p, uint32_t pages);   /* page or NO_PAGE */
uint32_t area_largest(const struct process *p);
struct area *area_at(const struct process *p, uint32_t page);
/* Host memory for one more area and for the tables of [page, page + pages). */
bool vseg_reserve(struct process *p, uint32_t page, uint32_t pages);
uint32_t vseg_new_tables(const struct process *p, uint32_t page, uint32_t pages);
void area_add(struct process *p, uint32_t page, uint32_t pages, enum area_kind kind);
void area_remove(struct process *p, struct area *a);
/* Maps consecutive frames from phys, or each page by the entries given. */
void vseg_map(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages, uint32_t phys,
              uint32_t bits);
/* Each page gets a zeroed frame of its own; the caller has asked pool_can and vseg_reserve. */
void vseg_fill(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages,
               uint32_t bits);
void vseg_map_entries(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages,
                      const struct process *from, uint32_t from_page);
void vseg_unmap(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages);
void vseg_rights(struct rt_kernel *k, struct process *p, uint32_t page, bool writable);
uint32_t vseg_pte(const struct process *p, uint32_t page); /* 0: not present */
/* [off, off + size) inside the VSEG, size not 0. */
bool vseg_inside(const struct process *p, uint32_t off, uint32_t size);
bool vseg_mapped(const struct process *p, uint32_t off, uint32_t size);
bool vseg_writable(const struct process *p, uint32_t off, uint32_t size);
/* Bytes of a process by its own tables; false: some page, or the memory behind it, is not there. */
bool vseg_peek(const struct rt_kernel *k, const struct process *p, uint32_t off, void *to,
               uint32_t n);
bool vseg_poke(struct rt_kernel *k, const struct process *p, uint32_t off, const void *from,
               uint32_t n);
void vseg_free(struct rt_kernel *k, struct process *p);

/* --- shared.c --- */
bool shared_new(struct rt_kernel *k); /* host memory */
/* Where p's memory is to be: [base, base + size) of the classic space, or a page directory of its own for an XM
 * process; for that the caller has checked that one low frame is free. */
void space_make(struct rt_kernel *k, struct process *p);
void space_leave(struct rt_kernel *k, struct process *p); /* nothing is mapped there any more */
/* Whether [off, off + size) of p can be given a descriptor that serves everywhere when `taken` more
 * frames are in use: E_OK or E_MEM. */
uint32_t shared_room(const struct rt_kernel *k, const struct process *p, uint32_t off,
                     uint32_t size, uint32_t taken);
/* The base of that descriptor, which o is to have. */
uint32_t shared_base(struct rt_kernel *k, struct object *o, uint32_t off, uint32_t size);
/* The same for memory of p whatever its model; the caller has checked the room. */
uint32_t shared_show(struct rt_kernel *k, struct object *o, const struct process *p, uint32_t off,
                     uint32_t size);
/* Entries of p's page tables have changed. */
void shared_follow(struct rt_kernel *k, const struct process *p, uint32_t page, uint32_t pages);
void shared_hide(struct rt_kernel *k, struct object *o); /* o goes */
const char *shared_check(const struct rt_kernel *k, uint32_t *refs);

#endif
