/* kn.h: what low-level objects have in common: they live in memory that the application supplies.
 *
 *   process    |....|area|......|area|....|        every page with an area counts, 256 a process
 *                    ^ the handle: its linear address. Classic processes share one linear space, so the
 *                      handle serves them all; one of an XM process serves its own threads.
 *
 * Inside the kernel an area is known by address space and linear address: space << 32 | address. The space
 * of an XM process is its handle, the one of all others 0. Only its own threads can wait there or hold a
 * region, so that nothing of it is left when the handle comes again.
 * The kernel trusts nothing in an area: it checks where it lies at every call and takes what it reads as
 * numbers. Who waits, and who holds a region, stands in the kernel's own tables, by address. When the
 * memory goes, those who wait at it go on with E_KN_NONEXIST.
 */
#ifndef RT386_INTIME_KN_H
#define RT386_INTIME_KN_H

#include "kernel.h"

#define KN_PAGES  256u
#define KN_KIND   3u /* in an area's flags: 0 first come first served, 1 by priority, 2 region */
#define KN_REGION 2u

/* A low-level region in somebody's hands. */
struct kn_region {
    uint64_t at;
    struct thread *holder;
};

/* E_OK, E_BAD_ADDR: [off, off + size) of the caller's memory is not all there and writable; or
 * E_KN_LIMIT_EXCEEDED: its pages would be too many. Takes host memory only. */
uint32_t kn_room(struct rt_kernel *k, struct call *c, uint32_t off, uint64_t size);
/* Pages with areas that a process may have. */
uint32_t kn_pages_max(const struct rt_kernel *k);
/* Counts the pages; returns the area, whose low half is the handle. */
uint64_t kn_make(struct rt_kernel *k, struct process *p, uint32_t off, uint32_t size);
/* The area that the caller names with its first argument, a handle. */
uint64_t kn_named(const struct call *c);
/* The area at an offset of p's memory. */
uint64_t kn_area(const struct process *p, uint32_t off);
/* The process whose memory holds the area, all of it there and writable; NULL: none. */
struct process *kn_process(const struct rt_kernel *k, uint64_t at, uint32_t size);
/* Bytes of an area that kn_process found. */
void kn_get(const struct rt_kernel *k, uint64_t at, void *to, uint32_t n);
void kn_put(struct rt_kernel *k, uint64_t at, const void *from, uint32_t n);
/* Pages of p's memory are gone. */
void kn_unmapped(struct rt_kernel *k, struct process *p, uint32_t page, uint32_t pages);

/* The first of an area's queue; NULL: nobody waits. */
struct thread *kn_head(const struct rt_kernel *k, uint64_t at, enum wait_kind kind,
                       bool by_priority);
/* The caller waits at the area for so many low-level ticks. */
void kn_wait(struct rt_kernel *k, struct call *c, enum wait_kind kind, uint32_t ticks);
/* All who wait at the area go on with E_KN_NONEXIST. */
void kn_wake_all(struct rt_kernel *k, uint64_t at, enum wait_kind kind);

/* The time of a thread that waits for an alarm event has come. */
void kn_alarm_expire(struct rt_kernel *k, struct thread *t);

/* Low-level regions (knregion.c). Beyond KN_REGIONS of them at one time the holder is not known, and
 * inherits nothing. */
#define KN_REGIONS 4096u
void kn_region_take(struct rt_kernel *k, uint64_t at, struct thread *t);
void kn_region_leave(struct rt_kernel *k, uint64_t at); /* whoever holds it no longer does */
void kn_region_inherit(struct rt_kernel *k, uint64_t at);
void kn_regions_drop(struct rt_kernel *k, const struct thread *t); /* t ends */
const char *kn_region_check(const struct rt_kernel *k);

#endif
