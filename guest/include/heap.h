/* heap.h of the guest C library: the heap behind malloc [7-2/ovw_heaps]. Prototypes but that of heap_check are
 * inferred. */
#ifndef RT386_GUEST_HEAP_H
#define RT386_GUEST_HEAP_H

#ifdef __cplusplus
extern "C" {
#endif

int heap_check(void); /* 0, or -1 and EINVAL: the heap is damaged */
int heap_compact(void);
unsigned long heap_buffer_cnt(void);
unsigned long heap_buffer_size(void *p); /* bytes that can be used; 0 and EINVAL: no block */
int heap_validate_buffer(void *p);       /* is it a block? */
unsigned long heap_get_page_size(void);

#ifdef __cplusplus
}
#endif

#endif
