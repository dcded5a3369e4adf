/* queue.c: message queues. */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

/* --- lists --- */

static void list_append(struct message **list, struct message *m)
{
    while (*list)
        list = &(*list)->next;
    m->next = NULL;
    *list = m;
}

static bool list_remove(struct message **list, const struct message *m)
{
    while (*list && *list != m)
        list = &(*list)->next;
    if (!*list) return false;
    *list = m->next;
    return true;
}

static uint32_t message_cost(const struct message *m)
{
    return MESSAGE_COST + (m->sender ? 0 : m->length);
}

static void queue_remove(struct queue *q, struct message *m)
{
    if (list_remove(&q->first, m)) q->used -= message_cost(m);
}

/* A long message is over: its sender goes on. */
static void message_end(struct rt_kernel *k, struct message *m, uint32_t status)
{
    struct thread *t = m->sender;
    struct queue *q = k->slot[m->queue].queue;
    if (q) queue_remove(q, m);
    list_remove(&k->described, m);
    if (t) {
        t->message = NULL;
        sched_wake(k, t, status, 1);
    }
    free(m);
}

void queue_unsend(struct rt_kernel *k, struct thread *t)
{
    struct message *m = t->message;
    if (!m) return;
    m->sender = NULL;
    m->length = 0; /* its cost was that of a long one */
    t->message = NULL;
    message_end(k, m, E_OK);
}

/* --- CreateRtQueue(size, threshold, flags) --- */

uint32_t vrfy_CreateRtQueue(struct rt_kernel *k, struct call *c)
{
    uint32_t size = c->arg[0];
    if (size < QUEUE_SIZE_MIN || c->arg[1] > size - MESSAGE_COST || c->arg[2]) return E_PARAM;
    c->pages = size / PAGE + (size % PAGE != 0);
    uint32_t status = object_room(k, c->p, 1, c->pages);
    if (status != E_OK) return status;
    c->frame = frame_find(k, c->pages, PAGE, k->frames);
    if (c->frame == NO_FRAME) return E_MEM;
    c->host = calloc(1, sizeof(struct queue));
    return c->host ? E_OK : E_MEM;
}

void impl_CreateRtQueue(struct rt_kernel *k, struct call *c)
{
    struct queue *q = c->host;
    c->host = NULL;
    *q = (struct queue){
        .size = c->arg[0], .threshold = c->arg[1], .frame = c->frame, .pages = c->pages};
    frame_take(k, c->p, c->frame, c->pages);
    c->eax = exchange_make(k, c, TYPE_QUEUE, 0); /* first come first served */
    c->object->queue = q;
}

static uint32_t queue_get(struct rt_kernel *k, struct call *c)
{
    return object_get(k, c->arg[0], TYPE_QUEUE, E_EXIST, &c->object);
}

/* --- from sender to receiver --- */

static void descriptor(const struct message *m, uint8_t *to)
{
    memset(to, 0, DESCRIPTOR_SIZE);
    put32(to + 4, m->id);
    put32(to + 12, m->user);
    put32(to + 16, m->length);
}

/* What a receiver with room for `size` bytes gets: E_OK, E_LIMIT, E_NO_LOCAL_BUFFER. */
static uint32_t receive_status(const struct message *m, uint32_t size)
{
    if (!m->sender) return m->length <= size ? E_OK : E_LIMIT;
    return size >= DESCRIPTOR_SIZE ? E_NO_LOCAL_BUFFER : E_LIMIT;
}

static uint32_t receive_bytes(const struct message *m, uint32_t status)
{
    return status == E_OK ? m->length : status == E_LIMIT ? 0 : DESCRIPTOR_SIZE;
}

static uint32_t receive_size(const struct message *m, uint32_t status)
{
    return status == E_LIMIT && m->sender ? DESCRIPTOR_SIZE : m->length;
}

/* The message leaves the queue, unless the receiver had no room for it. */
static void message_taken(struct rt_kernel *k, struct queue *q, struct message *m, uint32_t status)
{
    if (status == E_LIMIT) return;
    queue_remove(q, m);
    if (m->sender)
        list_append(&k->described, m);
    else
        free(m);
}

static bool receiver_ready(const struct rt_kernel *k, const struct thread *t)
{
    return thread_reach(k, t, t->wait_to, t->wait_size) && thread_reach(k, t, t->wait_count, 4);
}

static void message_give(struct rt_kernel *k, struct queue *q, struct message *m, struct thread *t)
{
    uint8_t bytes[DESCRIPTOR_SIZE], size[4];
    uint32_t status = receive_status(m, t->wait_size), n = receive_bytes(m, status);
    descriptor(m, bytes);
    put32(size, receive_size(m, status));
    thread_put(k, t, t->wait_to, m->sender ? bytes : m->data, n);
    thread_put(k, t, t->wait_count, size, sizeof size);
    message_taken(k, q, m, status);
    sched_wake(k, t, status, 1);
}

/* Into the queue, and on to those who wait. */
static void queue_post(struct rt_kernel *k, struct object *o, struct message *m)
{
    struct queue *q = o->queue;
    struct thread *t;
    m->queue = (uint16_t)(o - k->slot);
    list_append(&q->first, m);
    q->used += message_cost(m);
    while (q->first && (t = exchange_head(k, o, WAIT_MESSAGE))) {
        if (receiver_ready(k, t))
            message_give(k, q, q->first, t);
        else
            sched_wake(k, t, E_BAD_ADDR, 0);
    }
}

/* --- SendRtShortDataMessage(queue, message, bytes) --- */

uint32_t vrfy_SendRtShortDataMessage(struct rt_kernel *k, struct call *c)
{
    uint32_t status = queue_get(k, c), n = c->arg[2];
    if (status != E_OK) return status;
    const struct queue *q = c->object->queue;
    if (n > q->threshold) return E_PARAM;
    if (call_readable(k, c->arg[1], n) != E_OK) return E_BAD_ADDR;
    if (n + MESSAGE_COST > q->size - q->used) return E_LIMIT;
    struct message *m = c->host = calloc(1, sizeof *m + n);
    if (!m) return E_LIMIT;
    m->length = n;
    return E_OK;
}

void impl_SendRtShortDataMessage(struct rt_kernel *k, struct call *c)
{
    struct message *m = c->host;
    c->host = NULL;
    k->port.user_read(k->port.ctx, c->arg[1], m->data, m->length);
    queue_post(k, c->object, m);
    c->eax = 1;
}

/* --- SendRtLongDataMessage(queue, message, bytes, ms, user's value): until it has been fetched --- */

uint32_t vrfy_SendRtLongDataMessage(struct rt_kernel *k, struct call *c)
{
    uint32_t status = queue_get(k, c), ms = c->arg[3];
    if (status != E_OK) return status;
    const struct queue *q = c->object->queue;
    if (c->arg[2] < q->threshold || !exchange_ms(ms)) return E_PARAM;
    if (call_readable(k, c->arg[1], c->arg[2]) != E_OK) return E_BAD_ADDR;
    if (ms < HIGH_TICK_US / 1000) return E_TIME;
    if (MESSAGE_COST > q->size - q->used) return E_LIMIT;
    if (call_lasting(c) != E_OK) return E_BAD_ADDR;
    c->host = calloc(1, sizeof(struct message));
    return c->host ? E_OK : E_LIMIT;
}

void impl_SendRtLongDataMessage(struct rt_kernel *k, struct call *c)
{
    struct message *m = c->host;
    c->host = NULL;
    *m = (struct message){.sender = c->t,
                          .length = c->arg[2],
                          .id = ++k->message_id,
                          .from = c->arg[1],
                          .user = c->arg[4]};
    c->t->message = m;
    exchange_wait(k, c, WAIT_SENT, c->arg[3]);
    queue_post(k, c->object, m);
}

/* --- ReceiveRtDataMessage(queue, buffer, size, ms, size of the message) --- */

uint32_t vrfy_ReceiveRtDataMessage(struct rt_kernel *k, struct call *c)
{
    uint32_t ms = c->arg[3], status = exchange_ms(ms) ? queue_get(k, c) : E_PARAM;
    if (status == E_OK) status = call_writable(k, c->arg[1], c->arg[2]);
    if (status == E_OK) status = call_writable(k, c->arg[4], 4);
    if (status != E_OK || c->object->queue->first) return status;
    return ms < HIGH_TICK_US / 1000 ? E_TIME : call_lasting(c);
}

void impl_ReceiveRtDataMessage(struct rt_kernel *k, struct call *c)
{
    struct queue *q = c->object->queue;
    struct message *m = q->first;
    uint8_t bytes[DESCRIPTOR_SIZE], size[4];
    c->eax = 1;
    if (!m) {
        c->t->wait_to = c->arg[1];
        c->t->wait_size = c->arg[2];
        c->t->wait_count = c->arg[4];
        exchange_wait(k, c, WAIT_MESSAGE, c->arg[3]);
        return;
    }
    c->status = receive_status(m, c->arg[2]);
    descriptor(m, bytes);
    put32(size, receive_size(m, c->status));
    call_put(k, c->arg[1], m->sender ? bytes : m->data, receive_bytes(m, c->status));
    call_put(k, c->arg[4], size, sizeof size);
    message_taken(k, q, m, c->status);
}

/* --- GetRtLongDataMessage(queue, descriptor, buffer, size, size of the message) --- */

/* The message that a descriptor names; the queue's handle is not looked at. */
static uint32_t described_get(struct rt_kernel *k, struct call *c)
{
    uint8_t bytes[DESCRIPTOR_SIZE];
    if (k->port.user_read(k->port.ctx, c->arg[1], bytes, sizeof bytes) != RT_REACH_OK)
        return E_BAD_ADDR;
    struct message *m = k->described;
    while (m && m->id != get32(bytes + 4))
        m = m->next;
    c->message = m;
    return m ? E_OK : E_CANCELLED;
}

uint32_t vrfy_GetRtLongDataMessage(struct rt_kernel *k, struct call *c)
{
    uint32_t status = described_get(k, c);
    if (status != E_OK) return status;
    const struct message *m = c->message;
    if (c->arg[3] < m->length) return E_PARAM;
    status = call_writable(k, c->arg[2], m->length);
    return status == E_OK ? call_writable(k, c->arg[4], 4) : status;
}

/* Page by page: false when the sender's memory is gone. */
static bool message_copy(struct rt_kernel *k, struct call *c, const struct message *m)
{
    uint8_t part[PAGE];
    for (uint32_t done = 0; done < m->length;) {
        uint32_t n = m->length - done < PAGE ? m->length - done : PAGE;
        if (!vseg_peek(k, m->sender->process, m->from + done, part, n)) return false;
        call_put(k, c->arg[2] + done, part, n);
        done += n;
    }
    return true;
}

void impl_GetRtLongDataMessage(struct rt_kernel *k, struct call *c)
{
    struct message *m = c->message;
    uint8_t size[4];
    c->status = message_copy(k, c, m) ? E_OK : E_BAD_ADDR;
    put32(size, m->length);
    call_put(k, c->arg[4], size, sizeof size);
    message_end(k, m, c->status);
    c->eax = 1;
}

/* --- CancelRtLongDataMessage(queue, descriptor) --- */

uint32_t vrfy_CancelRtLongDataMessage(struct rt_kernel *k, struct call *c)
{
    return described_get(k, c);
}

void impl_CancelRtLongDataMessage(struct rt_kernel *k, struct call *c)
{
    message_end(k, c->message, E_CANCELLED);
    c->eax = 1;
}

/* --- FlushRtQueue(queue), DeleteRtQueue(queue) --- */

static void queue_flush(struct rt_kernel *k, struct queue *q, uint32_t status)
{
    while (q->first)
        message_end(k, q->first, status);
}

uint32_t vrfy_FlushRtQueue(struct rt_kernel *k, struct call *c)
{
    return queue_get(k, c);
}

void impl_FlushRtQueue(struct rt_kernel *k, struct call *c)
{
    queue_flush(k, c->object->queue, E_CANCELLED);
    c->eax = 1;
}

uint32_t vrfy_DeleteRtQueue(struct rt_kernel *k, struct call *c)
{
    return queue_get(k, c);
}

void impl_DeleteRtQueue(struct rt_kernel *k, struct call *c)
{
    object_close(k, c->object);
    object_delete(k, c->object);
    c->eax = 1;
}

void queue_close(struct rt_kernel *k, struct object *o)
{
    struct thread *t;
    queue_flush(k, o->queue, E_EXIST);
    while ((t = exchange_head(k, o, WAIT_SENT))) /* described, not fetched */
        message_end(k, t->message, E_EXIST);
    while ((t = exchange_head(k, o, WAIT_MESSAGE)))
        sched_wake(k, t, E_EXIST, 0);
    for (; o->queue->pages; o->queue->pages--)
        frame_drop(k, frame_phys(k, o->queue->frame + o->queue->pages - 1));
}

void queue_forget(struct object *o)
{
    struct queue *q = o->queue;
    if (!q) return;
    while (q->first) {
        struct message *m = q->first;
        q->first = m->next;
        free(m);
    }
    free(q);
    o->queue = NULL;
}

void queue_forget_all(struct rt_kernel *k)
{
    while (k->described) {
        struct message *m = k->described;
        k->described = m->next;
        free(m);
    }
}

const char *queue_check(const struct rt_kernel *k, const struct object *o, uint32_t *refs)
{
    const struct queue *q = o->queue;
    if (!q) return "a queue has no list";
    uint32_t used = 0;
    for (const struct message *m = q->first; m; m = m->next) {
        used += message_cost(m);
        if (m->sender && (m->sender->wait != WAIT_SENT || m->sender->message != m))
            return "a queued message's sender does not wait for it";
    }
    if (used != q->used || used > q->size) return "the messages of a queue are not its use";
    if (q->first && exchange_head(k, o, WAIT_MESSAGE)) return "a queue keeps a thread waiting";
    for (uint32_t i = 0; i < q->pages; i++)
        refs[q->frame + i]++;
    return NULL;
}
