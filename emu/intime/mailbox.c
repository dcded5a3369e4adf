/* mailbox.c: mailboxes: a queue of threads or a queue of items, never both.
 *
 * An object mailbox passes handles, each with the handle of a mailbox or semaphore for the answer; a data
 * mailbox passes copies of up to 128 bytes. A receiver that waits names memory which may be gone when the item
 * arrives: then it goes on with E_BAD_ADDR and the item goes to the next.
 */
#include "mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

/* --- the ring --- */

static uint32_t item_size(const struct mailbox *m)
{
    return m->data ? (uint32_t)sizeof(struct mail) : (uint32_t)offsetof(struct mail, length);
}

static uint32_t page_items(const struct mailbox *m)
{
    return m->data ? PAGE_MESSAGES : PAGE_HANDLES;
}

/* Host memory for one more item. */
static bool ring_reserve(struct mailbox *m)
{
    if (m->count < m->room) return true;
    uint32_t size = item_size(m), room = m->room * 2;
    uint8_t *items = calloc(room, size);
    if (!items) return false;
    for (uint32_t i = 0; i < m->count; i++)
        memcpy(items + i * size, m->items + (m->head + i) % m->room * size, size);
    free(m->items);
    m->items = items;
    m->head = 0;
    m->room = room;
    return true;
}

static void ring_push(struct mailbox *m, const struct mail *mail)
{
    uint32_t size = item_size(m);
    memcpy(m->items + (m->head + m->count++) % m->room * size, mail, size);
}

static void ring_first(const struct mailbox *m, struct mail *mail)
{
    memcpy(mail, m->items + m->head * item_size(m), item_size(m));
}

static void ring_drop(struct mailbox *m)
{
    m->head = (m->head + 1) % m->room;
    m->count--;
}

/* --- pages of the longer queue --- */

static uint32_t pages_needed(const struct mailbox *m)
{
    return m->count <= m->depth ? 0 : (m->count - m->depth + page_items(m) - 1) / page_items(m);
}

static bool page_reserve(struct mailbox *m)
{
    if (m->pages < m->page_room) return true;
    uint32_t room = m->page_room ? m->page_room * 2 : 4;
    struct mail_page *page = realloc(m->page, room * sizeof *page);
    if (!page) return false;
    m->page = page;
    m->page_room = room;
    return true;
}

/* Can one more item be queued? E_OK, E_SLOT or E_MEM; takes host memory only. */
static uint32_t mailbox_room(const struct rt_kernel *k, const struct object *o)
{
    struct mailbox *m = o->mailbox;
    if (m->count == m->depth + m->pages * page_items(m)) {
        if (m->data && k->free_count == 0) return E_SLOT;
        if (!pool_can(o->owner, 1) || !frame_low_free(k, 1) || !page_reserve(m)) return E_MEM;
    }
    return ring_reserve(m) ? E_OK : E_MEM;
}

static void page_take(struct rt_kernel *k, struct object *o)
{
    struct mailbox *m = o->mailbox;
    struct mail_page *page = &m->page[m->pages++];
    *page = (struct mail_page){.phys = frame_take_low(k, o->owner)};
    if (!m->data) return;
    struct object *slot = slot_code(k, o->owner);
    slot->seg = (struct rt_segdef){.kind = RT_SEG_DATA, .base = page->phys, .limit = PAGE - 1};
    object_publish(k, slot);
    page->slot = (uint16_t)(slot - k->slot);
}

static void pages_give(struct rt_kernel *k, struct object *o)
{
    struct mailbox *m = o->mailbox;
    while (m->pages > pages_needed(m)) {
        const struct mail_page *page = &m->page[--m->pages];
        if (page->slot) object_delete(k, &k->slot[page->slot]);
        frame_drop(k, page->phys);
    }
}

/* --- from hand to hand --- */

static uint32_t put_size(const struct mailbox *m, const struct thread *t)
{
    if (event_wanted(t)) return EVENT_INFO;
    return m->data ? MESSAGE_MAX : t->wait_to ? 2 : 0;
}

static bool receiver_ready(const struct rt_kernel *k, const struct mailbox *m,
                           const struct thread *t)
{
    return thread_reach(k, t, t->wait_to, put_size(m, t));
}

/* Somebody waits who can take an item. */
static bool mailbox_wanted(const struct rt_kernel *k, const struct object *o)
{
    uint16_t index = (uint16_t)(o - k->slot);
    for (const struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_MAILBOX && t->wait_object == index && receiver_ready(k, o->mailbox, t))
            return true;
    return false;
}

static uint32_t mailbox_accepts(const struct rt_kernel *k, const struct object *o)
{
    return mailbox_wanted(k, o) ? E_OK : mailbox_room(k, o);
}

static void mail_give(struct rt_kernel *k, const struct mailbox *m, struct thread *t,
                      const struct mail *mail)
{
    uint8_t response[2];
    if (event_wanted(t)) {
        notify_give(k, t, mail);
        return;
    }
    if (m->data) {
        thread_put(k, t, t->wait_to, mail->data, mail->length);
        sched_wake(k, t, E_OK, mail->length);
        return;
    }
    put16(response, mail->response);
    if (t->wait_to) thread_put(k, t, t->wait_to, response, sizeof response);
    sched_wake(k, t, E_OK, mail->handle);
}

/* The first who would take this item. */
static struct thread *mailbox_receiver(const struct rt_kernel *k, const struct object *o,
                                       const struct mail *mail)
{
    struct thread *best = NULL;
    uint16_t index = (uint16_t)(o - k->slot);
    for (struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_MAILBOX && t->wait_object == index && notify_wants(t, mail) &&
            exchange_before(o->by_priority, t, best))
            best = t;
    return best;
}

/* To the first who can take it, else into the queue. An event of a kind that nobody who waits wants is lost. */
static void mailbox_post(struct rt_kernel *k, struct object *o, const struct mail *mail)
{
    struct mailbox *m = o->mailbox;
    struct thread *t;
    while ((t = mailbox_receiver(k, o, mail))) {
        if (receiver_ready(k, m, t)) {
            mail_give(k, m, t, mail);
            return;
        }
        sched_wake(k, t, E_BAD_ADDR, 0);
    }
    if (exchange_head(k, o, WAIT_MAILBOX)) return;
    if (m->count == m->depth + m->pages * page_items(m)) page_take(k, o);
    ring_push(m, mail);
}

/* The first item out of the queue, which is not empty. */
void mailbox_take(struct rt_kernel *k, struct object *o, struct mail *mail)
{
    ring_first(o->mailbox, mail);
    ring_drop(o->mailbox);
    pages_give(k, o);
}

bool mailbox_has(const struct mailbox *m, bool (*wanted)(uint32_t flags, const struct mail *mail),
                 uint32_t flags)
{
    for (uint32_t i = 0; i < m->count; i++) {
        struct mail mail;
        memcpy(&mail, m->items + (m->head + i) % m->room * item_size(m), item_size(m));
        if (wanted(flags, &mail)) return true;
    }
    return false;
}

uint32_t mailbox_send(struct rt_kernel *k, struct object *o, const void *data, uint32_t n)
{
    struct mail mail = {.length = (uint16_t)n};
    uint32_t status = mailbox_accepts(k, o);
    if (status != E_OK) return status;
    memcpy(mail.data, data, n);
    mailbox_post(k, o, &mail);
    return E_OK;
}

/* --- CreateRtMailbox(flags) --- */

struct mailbox *mailbox_new(uint32_t flags)
{
    struct mailbox *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->data = flags & DATA_MAILBOX;
    m->depth = (flags & 0x1Eu) * 2; /* what MAILBOX_DEPTH makes of a multiple of 4 */
    if (m->depth < DEPTH_MIN) m->depth = DEPTH_MIN;
    if (m->data) m->depth = DEPTH_DATA;
    m->room = m->depth;
    m->items = calloc(m->room, item_size(m));
    if (m->items) return m;
    free(m);
    return NULL;
}

uint32_t vrfy_CreateRtMailbox(struct rt_kernel *k, struct call *c)
{
    uint32_t status = object_room(k, c->p, 1, 0);
    if (status != E_OK) return status;
    c->mailbox = mailbox_new(c->arg[0]);
    return c->mailbox ? E_OK : E_MEM;
}

uint16_t mailbox_make(struct rt_kernel *k, struct call *c, uint32_t flags)
{
    uint16_t handle = (uint16_t)exchange_make(k, c, TYPE_MAILBOX, flags);
    c->object->subtype = c->mailbox->data;
    c->object->mailbox = c->mailbox;
    return handle;
}

void impl_CreateRtMailbox(struct rt_kernel *k, struct call *c)
{
    c->eax = mailbox_make(k, c, c->arg[0]);
}

/* --- DeleteRtMailbox(mailbox) --- */

static uint32_t mailbox_get(struct rt_kernel *k, struct call *c, uint32_t remote)
{
    return object_get(k, c->arg[0], TYPE_MAILBOX, remote, &c->object);
}

uint32_t vrfy_DeleteRtMailbox(struct rt_kernel *k, struct call *c)
{
    return mailbox_get(k, c, E_INVALID_ADDRESS);
}

void mailbox_close(struct rt_kernel *k, struct object *o)
{
    struct thread *t;
    while ((t = exchange_head(k, o, WAIT_MAILBOX)))
        sched_wake(k, t, E_EXIST, 0);
    o->mailbox->count = 0;
    pages_give(k, o);
}

void mailbox_forget(struct object *o)
{
    if (!o->mailbox) return;
    free(o->mailbox->items);
    free(o->mailbox->page);
    free(o->mailbox);
    o->mailbox = NULL;
}

void impl_DeleteRtMailbox(struct rt_kernel *k, struct call *c)
{
    object_close(k, c->object);
    object_delete(k, c->object);
    c->eax = 1;
}

/* --- SendRtData(mailbox, data, bytes) --- */

/* A mailbox of the other kind has the wrong type, too. */
static uint32_t mailbox_kind(struct rt_kernel *k, struct call *c, bool data, uint32_t remote)
{
    uint32_t status = mailbox_get(k, c, remote);
    return status == E_OK && c->object->mailbox->data != data ? E_TYPE : status;
}

uint32_t vrfy_SendRtData(struct rt_kernel *k, struct call *c)
{
    uint32_t n = c->arg[2];
    if (n > MESSAGE_MAX) return E_LIMIT;
    uint32_t status = mailbox_kind(k, c, true, E_EXIST);
    if (status != E_OK) return status;
    if (k->port.user_read(k->port.ctx, c->arg[1], c->str, n) != RT_REACH_OK) return E_BAD_ADDR;
    return mailbox_accepts(k, c->object);
}

void impl_SendRtData(struct rt_kernel *k, struct call *c)
{
    struct mail mail = {.length = (uint16_t)c->arg[2]};
    memcpy(mail.data, c->str, mail.length);
    mailbox_post(k, c->object, &mail);
    c->eax = 1;
}

/* --- ReceiveRtData(mailbox, data, ms): bytes --- */

/* What both kinds of receiving check, but for the caller's memory. */
static uint32_t receive_check(struct rt_kernel *k, struct call *c, bool data, uint32_t ms)
{
    if (!exchange_ms(ms)) return E_PARAM;
    return mailbox_kind(k, c, data, E_EXIST);
}

static uint32_t receive_wait(const struct call *c, uint32_t ms)
{
    if (c->object->mailbox->count) return E_OK;
    return ms < HIGH_TICK_US / 1000 ? E_TIME : call_lasting(c);
}

uint32_t vrfy_ReceiveRtData(struct rt_kernel *k, struct call *c)
{
    uint32_t status = receive_check(k, c, true, c->arg[2]);
    if (status == E_OK) status = call_writable(k, c->arg[1], MESSAGE_MAX);
    return status == E_OK ? receive_wait(c, c->arg[2]) : status;
}

void impl_ReceiveRtData(struct rt_kernel *k, struct call *c)
{
    struct mail mail;
    if (!c->object->mailbox->count) {
        c->t->wait_to = c->arg[1];
        exchange_wait(k, c, WAIT_MAILBOX, c->arg[2]);
        return;
    }
    mailbox_take(k, c->object, &mail);
    call_put(k, c->arg[1], mail.data, mail.length);
    c->eax = mail.length;
}

/* --- SendRtHandle(mailbox, object, response) --- */

static uint32_t response_check(const struct rt_kernel *k, uint32_t handle)
{
    if (handle == NULL_RTHANDLE) return E_OK;
    const struct object *o = object_find(k, handle);
    if (!o) return E_EXIST;
    if (o->type != TYPE_MAILBOX && o->type != TYPE_SEMAPHORE) return E_TYPE;
    return o->reference ? E_CONTEXT : E_OK;
}

uint32_t vrfy_SendRtHandle(struct rt_kernel *k, struct call *c)
{
    uint32_t status = mailbox_kind(k, c, false, E_INVALID_ADDRESS);
    if (status != E_OK) return status;
    if (!object_find(k, c->arg[1])) return E_EXIST;
    status = response_check(k, c->arg[2]);
    return status == E_OK ? mailbox_accepts(k, c->object) : status;
}

void impl_SendRtHandle(struct rt_kernel *k, struct call *c)
{
    const struct mail mail = {.handle = (uint16_t)c->arg[1], .response = (uint16_t)c->arg[2]};
    mailbox_post(k, c->object, &mail);
    c->eax = 1;
}

/* --- ReceiveRtHandle(mailbox, ms, response or NULL): handle --- */

uint32_t vrfy_ReceiveRtHandle(struct rt_kernel *k, struct call *c)
{
    uint32_t status = receive_check(k, c, false, c->arg[1]);
    if (status == E_OK && c->arg[2]) status = call_writable(k, c->arg[2], 2);
    return status == E_OK ? receive_wait(c, c->arg[1]) : status;
}

void impl_ReceiveRtHandle(struct rt_kernel *k, struct call *c)
{
    struct mail mail;
    uint8_t response[2];
    if (!c->object->mailbox->count) {
        c->t->wait_to = c->arg[2];
        exchange_wait(k, c, WAIT_MAILBOX, c->arg[1]);
        return;
    }
    mailbox_take(k, c->object, &mail);
    put16(response, mail.response);
    if (c->arg[2]) call_put(k, c->arg[2], response, sizeof response);
    c->eax = mail.handle;
}

/* --- invariants --- */

const char *mailbox_check(const struct rt_kernel *k, const struct object *o, uint32_t *refs)
{
    const struct mailbox *m = o->mailbox;
    if (!m) return "a mailbox has no queue";
    if (m->count && exchange_head(k, o, WAIT_MAILBOX)) return "a mailbox keeps a thread waiting";
    if (m->count > m->room) return "a mailbox has more items than memory";
    if (m->pages != pages_needed(m)) return "a mailbox has pages that it does not need";
    for (uint32_t i = 0; i < m->pages; i++) {
        const struct object *slot = &k->slot[m->page[i].slot];
        refs[(m->page[i].phys - k->config.ram_base) / PAGE]++;
        if (m->data && (slot->use != USE_CODE || slot->owner != o->owner))
            return "a page of a mailbox has no slot";
    }
    return NULL;
}
