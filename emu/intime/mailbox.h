/* mailbox.h: what a mailbox holds besides its queue of threads.
 *
 *   items   |fixed queue: 8..60 handles, or 3 messages|page: 200 handles, or 30 messages|page| ...
 *            with the control block                    charged to the owner's pool; the page of a
 *                                                      data mailbox takes a GDT slot as well
 *
 * The items themselves lie in host memory, as a ring; the pages are what they cost.
 */
#ifndef RT386_INTIME_MAILBOX_H
#define RT386_INTIME_MAILBOX_H

#include "kernel.h"

#define MESSAGE_MAX   128u /* bytes of a data message */
#define DATA_MAILBOX  0x20u
#define DEPTH_DATA    3u
#define DEPTH_MIN     8u
#define PAGE_HANDLES  200u
#define PAGE_MESSAGES 30u

struct mail { /* of an object mailbox: handle and response; of a data mailbox: length and bytes */
    uint16_t handle, response;
    uint16_t length;
    uint8_t data[MESSAGE_MAX];
};
struct mail_page {
    uint32_t phys;
    uint16_t slot; /* GDT index; 0 = none */
};
struct mailbox {
    bool data;
    uint32_t depth;             /* of the fixed queue */
    uint32_t count, head, room; /* ring of `room` items */
    uint8_t *items;
    struct mail_page *page;
    uint32_t pages, page_room;
};

/* Waiters go on with E_EXIST, what is queued is lost. */
void mailbox_close(struct rt_kernel *k, struct object *o);
void mailbox_forget(struct object *o);
const char *mailbox_check(const struct rt_kernel *k, const struct object *o, uint32_t *refs);

/* Host memory of a new mailbox; NULL: none. */
struct mailbox *mailbox_new(uint32_t flags);
/* The object of c->mailbox, as c->object; its handle. */
uint16_t mailbox_make(struct rt_kernel *k, struct call *c, uint32_t flags);
/* For the kernel's own messages: E_OK, E_MEM or E_SLOT; at most MESSAGE_MAX bytes to a data mailbox. */
uint32_t mailbox_send(struct rt_kernel *k, struct object *o, const void *data, uint32_t n);
/* The first item out of the queue, which is not empty. */
void mailbox_take(struct rt_kernel *k, struct object *o, struct mail *mail);
/* Some item in the queue is wanted. */
bool mailbox_has(const struct mailbox *m, bool (*wanted)(uint32_t flags, const struct mail *mail),
                 uint32_t flags);

#endif
