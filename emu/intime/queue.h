/* queue.h: message queues: short messages are copied into the queue, long ones stay with their sender until
 * somebody fetches them.
 *
 *   queue     first -> message -> ... -> last     each costs its bytes and 30 more of the queue's size;
 *                                                 a long one only the 30
 *   kernel    fetched -> long message -> ...      described to a receiver, not fetched yet
 *
 * The sender of a long message waits (WAIT_SENT) from the call to the end of the transfer.
 */
#ifndef RT386_INTIME_QUEUE_H
#define RT386_INTIME_QUEUE_H

#include "kernel.h"

#define QUEUE_SIZE_MIN  32u
#define MESSAGE_COST    30u
#define DESCRIPTOR_SIZE 28u

struct message {
    struct message *next;
    struct thread *sender; /* of a long message; NULL: a short one, with its data */
    uint16_t queue;        /* GDT index */
    uint32_t length;
    uint32_t id, from, user; /* long: number, offset in the sender's memory, the user's value */
    uint8_t data[];
};
struct queue {
    uint32_t size, used, threshold;
    uint32_t frame, pages; /* what it costs: frames of the owner's pool */
    struct message *first;
};

/* Waiters go on with E_EXIST, messages are lost. */
void queue_close(struct rt_kernel *k, struct object *o);
void queue_forget(struct object *o);
const char *queue_check(const struct rt_kernel *k, const struct object *o, uint32_t *refs);
/* The sender of a long message stops waiting: its message goes. */
void queue_unsend(struct rt_kernel *k, struct thread *t);
void queue_forget_all(struct rt_kernel *k); /* host memory of what was described and not fetched */

#endif
