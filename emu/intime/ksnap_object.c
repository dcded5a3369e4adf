/* ksnap_object.c: GDT slots and the objects in them, to and from a snapshot. See ksnap.h. */
#include "ksnap.h"

#include <string.h>

#include "alarm.h"
#include "fileobj.h"
#include "heap.h"
#include "mailbox.h"
#include "queue.h"

/* --- slots: the free ones in their order, then how often each has lived --- */

static uint32_t free_run(const struct rt_kernel *k, uint16_t first)
{
    uint32_t n = 1;
    for (uint16_t i = first; k->slot[i].next_free == i + 1; i++)
        n++;
    return n;
}

static void free_append(struct ksnap *x, uint32_t index)
{
    struct rt_kernel *k = x->k;
    bool good = index && index < k->slots && index != k->free_last && !k->slot[index].next_free;
    if (!snap_expect(x->s, good, "a free slot is none, or is free twice")) return;
    if (k->free_last)
        k->slot[k->free_last].next_free = (uint16_t)index;
    else
        k->free_first = (uint16_t)index;
    k->free_last = (uint16_t)index;
    k->free_count++;
}

static void free_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    uint32_t left = snap_count(x->s, k->free_count, k->slots, 0);
    uint16_t first = k->free_first;
    while (left && snap_ok(x->s)) {
        uint32_t run = x->s->loading ? 0 : free_run(k, first);
        snap_u16(x->s, &first);
        snap_u32(x->s, &run);
        if (!snap_expect(x->s, run && run <= left, "free slots run over their number")) return;
        for (uint32_t i = 0; x->s->loading && i < run && snap_ok(x->s); i++)
            free_append(x, first + i);
        left -= run;
        if (!x->s->loading) first = k->slot[first + run - 1].next_free;
    }
}

static void generations_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    for (uint32_t i = 0; i < k->slots && snap_ok(x->s);) {
        uint32_t run = 1;
        while (!x->s->loading && i + run < k->slots &&
               k->slot[i + run].generation == k->slot[i].generation)
            run++;
        snap_u32(x->s, &run);
        snap_u32(x->s, &k->slot[i].generation);
        if (!snap_expect(x->s, run && run <= k->slots - i, "slots run over their end")) return;
        for (uint32_t n = 1; x->s->loading && n < run; n++)
            k->slot[i + n].generation = k->slot[i].generation;
        i += run;
    }
}

void slots_snap(struct ksnap *x)
{
    free_snap(x);
    generations_snap(x);
}

/* --- mailboxes --- */

static void mail_snap(struct snap *s, const struct mailbox *m, struct mail *mail)
{
    snap_u16(s, &mail->handle);
    snap_u16(s, &mail->response);
    if (!m->data) return;
    snap_u16(s, &mail->length);
    if (snap_expect(s, mail->length <= MESSAGE_MAX, "a message is too long"))
        snap_raw(s, mail->data, mail->length);
}

/* The ring begins anew; bytes behind a message are those of nobody. */
static void ring_snap(struct snap *s, struct mailbox *m)
{
    size_t size = m->data ? sizeof(struct mail) : offsetof(struct mail, length);
    uint32_t n = snap_count(s, m->count, UINT32_MAX, m->data ? 6 : 4);
    if (s->loading) {
        m->room = n > m->depth ? n : m->depth;
        m->items = snap_new(s, m->room, size);
    }
    for (uint32_t i = 0; i < n && snap_ok(s); i++) {
        struct mail mail = {0};
        uint8_t *at = m->items + (m->head + i) % m->room * size;
        if (!s->loading) memcpy(&mail, at, size);
        mail_snap(s, m, &mail);
        if (s->loading) memcpy(at, &mail, size);
    }
    m->count = n;
}

SNAP_SIZE(struct mail, 134);
SNAP_SIZE(struct mail_page, 8);
SNAP_SIZE(struct mailbox, 48);
static void mailbox_snap(struct ksnap *x, struct mailbox **at)
{
    if (x->s->loading) *at = snap_new(x->s, 1, sizeof **at);
    struct mailbox *m = *at;
    if (!m) return;
    snap_bool(x->s, &m->data);
    snap_u32(x->s, &m->depth);
    snap_expect(x->s, m->depth >= DEPTH_DATA && m->depth <= 60,
                "a mailbox has an impossible depth");
    if (!snap_ok(x->s)) return;
    ring_snap(x->s, m);
    uint32_t n = snap_count(x->s, m->pages, x->k->frames, 6);
    if (x->s->loading) m->page = snap_new(x->s, n, sizeof *m->page);
    for (uint32_t i = 0; i < n && m->page; i++) {
        snap_u32(x->s, &m->page[i].phys);
        ref_slot(x, &m->page[i].slot);
    }
    m->pages = n;
    if (x->s->loading) m->page_room = n ? n : 1;
}

/* --- alarms, heaps --- */

SNAP_SIZE(struct alarm, 24);
static void alarm_snap(struct ksnap *x, struct alarm **at)
{
    if (x->s->loading) *at = snap_new(x->s, 1, sizeof **at);
    struct alarm *a = *at;
    if (!a) return;
    snap_bool(x->s, &a->repeats);
    snap_u32(x->s, &a->interval);
    snap_u32(x->s, &a->unseen);
    snap_u64(x->s, &a->due);
    snap_expect(x->s, a->interval != 0, "an alarm has no interval");
}

SNAP_SIZE(struct cut, 12);
static void cuts_snap(struct snap *s, struct heap *h)
{
    uint32_t n = snap_count(s, h->cuts, UINT32_MAX, 9);
    if (s->loading) {
        h->cut_room = n > 8 ? n : 8;
        h->cut = snap_new(s, h->cut_room, sizeof *h->cut);
    }
    for (uint32_t i = 0; i < n && h->cut; i++) {
        snap_u32(s, &h->cut[i].off);
        snap_u32(s, &h->cut[i].size);
        snap_bool(s, &h->cut[i].used);
    }
    h->cuts = n;
}

SNAP_SIZE(struct heap_map, 16);
SNAP_SIZE(struct heap, 48);
static void heap_snap(struct ksnap *x, struct heap **at)
{
    if (x->s->loading) *at = snap_new(x->s, 1, sizeof **at);
    struct heap *h = *at;
    if (!h) return;
    snap_u32(x->s, &h->page);
    snap_u32(x->s, &h->size);
    snap_u32(x->s, &h->ports);
    cuts_snap(x->s, h);
    uint32_t n = snap_count(x->s, h->maps, UINT32_MAX, 6);
    if (x->s->loading) {
        h->map_room = n ? n : 1;
        h->map = snap_new(x->s, h->map_room, sizeof *h->map);
    }
    for (uint32_t i = 0; i < n && h->map; i++) {
        ref_process_need(x, &h->map[i].process);
        snap_u32(x->s, &h->map[i].page);
    }
    h->maps = snap_ok(x->s) ? n : 0;
}

/* --- messages and their queues --- */

static uint32_t messages_count(const struct message *m)
{
    uint32_t n = 0;
    for (; m; m = m->next)
        n++;
    return n;
}

/* A long one is that of the thread that waits to have it fetched. */
static void sender_is(struct ksnap *x, struct message *m)
{
    if (!x->s->loading || !m->sender) return;
    bool free = m->sender != &x->k->in_handler && !m->sender->message;
    if (snap_expect(x->s, free, "a thread sends two long messages")) m->sender->message = m;
}

SNAP_SIZE(struct message, 40);
static void message_snap(struct ksnap *x, struct message **at, bool described)
{
    struct snap *s = x->s;
    bool is_long = described || (!s->loading && (*at)->sender);
    snap_bool(s, &is_long);
    uint32_t n = snap_count(s, s->loading || is_long ? 0 : (*at)->length, UINT32_MAX, 1);
    if (s->loading) *at = snap_new(s, 1, sizeof **at + n);
    struct message *m = *at;
    if (!m) return;
    snap_u16(s, &m->queue);
    snap_expect(s, m->queue < x->k->slots, "a message is in no queue");
    if (!is_long) {
        m->length = n;
        snap_raw(s, m->data, n);
        snap_expect(s, !described, "a short message has been described");
        return;
    }
    ref_thread(x, &m->sender);
    snap_expect(s, m->sender != NULL, "a long message has no sender");
    snap_u32(s, &m->length);
    snap_u32(s, &m->id);
    snap_u32(s, &m->from);
    snap_u32(s, &m->user);
    sender_is(x, m);
}

void messages_snap(struct ksnap *x, struct message **list, bool described)
{
    uint32_t n = snap_count(x->s, messages_count(*list), UINT32_MAX, 7);
    struct message **at = list;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++, at = &(*at)->next) {
        message_snap(x, at, described);
        if (!*at) return;
    }
}

SNAP_SIZE(struct queue, 32);
static void queue_snap(struct ksnap *x, struct queue **at)
{
    if (x->s->loading) *at = snap_new(x->s, 1, sizeof **at);
    struct queue *q = *at;
    if (!q) return;
    snap_u32(x->s, &q->size);
    snap_u32(x->s, &q->used);
    snap_u32(x->s, &q->threshold);
    snap_u32(x->s, &q->frame);
    snap_u32(x->s, &q->pages);
    bool inside = q->pages <= x->k->frames && q->frame <= x->k->frames - q->pages;
    if (snap_expect(x->s, inside, "a queue lies outside of memory"))
        messages_snap(x, &q->first, false);
}

SNAP_SIZE(struct file_object, 272);
static void file_snap(struct ksnap *x, struct file_object **at)
{
    if (x->s->loading) *at = snap_new(x->s, 1, sizeof **at);
    struct file_object *f = *at;
    if (!f) return;
    uint32_t number = (uint32_t)f->number;
    snap_u32(x->s, &number);
    f->number = (int32_t)number;
    snap_below8(x->s, &f->access, 4);
    snap_below8(x->s, &f->share, SHARE_ALL + 1);
    snap_bool(x->s, &f->doomed);
    snap_u32(x->s, &f->offset);
    snap_raw(x->s, f->path, sizeof f->path);
    bool good = f->offset <= 0x7fffffffu && memchr(f->path, 0, sizeof f->path);
    snap_expect(x->s, good, "a file object has an impossible offset or path");
}

/* --- objects --- */

/* What its kind has of its own; a reference stands for what another node has. */
static void kind_snap(struct ksnap *x, struct object *o)
{
    if (o->reference) return;
    switch (o->use == USE_OBJECT ? o->type : TYPE_NONE) {
    case TYPE_MAILBOX: mailbox_snap(x, &o->mailbox); break;
    case TYPE_ALARM: alarm_snap(x, &o->alarm); break;
    case TYPE_HEAP: heap_snap(x, &o->heap); break;
    case TYPE_QUEUE: queue_snap(x, &o->queue); break;
    case TYPE_FILE: file_snap(x, &o->file); break;
    case TYPE_SERVICE: service_snap(x, &o->service); break;
    case TYPE_PORT: port_snap(x, &o->port); break;
    case TYPE_THREAD:
        ref_thread(x, &o->thread);
        snap_expect(x->s, o->thread != NULL, "a thread's object has no thread");
        break;
    case TYPE_REGION: ref_thread(x, &o->thread); break;
    case TYPE_PROCESS: ref_process_need(x, &o->process); break;
    default: ref_process(x, &o->process); break;
    }
}

SNAP_SIZE(struct object, 176);
/* Its module comes with the process's modules. */
static void object_snap(struct ksnap *x, struct object *o)
{
    struct snap *s = x->s;
    snap_u8(s, &o->type);
    snap_u8(s, &o->subtype);
    snap_bool(s, &o->reference);
    snap_bool(s, &o->counted);
    snap_u16(s, &o->block_page);
    snap_below8(s, &o->block, 64);
    snap_u32(s, &o->off);
    snap_u32(s, &o->size);
    snap_bool(s, &o->by_priority);
    ref_slot(x, &o->held_next);
    snap_u16(s, &o->units);
    snap_u16(s, &o->units_max);
    snap_u8(s, &o->global);
    snap_expect(s, o->global <= 2, "an object is global in an unknown way");
    snap_u16(s, &o->references);
    snap_u16(s, &o->ended);
    snap_u32(s, &o->exit_code);
    snap_u32(s, &o->shown);
    snap_u32(s, &o->shown_page);
    snap_u32(s, &o->shown_pages);
    ref_slot(x, &o->port_heap);
    snap_u16(s, &o->port_flags);
    segdef_snap(s, &o->seg);
    kind_snap(x, o);
}

static void fixed_snap(struct ksnap *x)
{
    struct rt_kernel *k = x->k;
    uint32_t n = 0, done = 0;
    for (uint32_t i = 0; i < k->slots; i++)
        n += k->slot[i].use == USE_FIXED;
    n = snap_count(x->s, n, k->slots, 15);
    uint16_t at = 0;
    for (; done < n && snap_ok(x->s); done++, at++) {
        while (!x->s->loading && k->slot[at].use != USE_FIXED)
            at++;
        ref_slot(x, &at);
        bool listed = k->slot[at].next_free || (at && at == k->free_last);
        if (!snap_expect(x->s, !listed, "a fixed slot is free")) return;
        k->slot[at].use = USE_FIXED;
        segdef_snap(x->s, &k->slot[at].seg);
    }
}

static uint32_t objects_count(const struct rt_kernel *k, const struct process *p)
{
    uint32_t n = 0;
    for (uint16_t i = p->first_object; i; i = k->slot[i].next)
        n++;
    return n;
}

/* One more at the end of its owner's list. */
static struct object *object_link(struct ksnap *x, struct process *p, uint16_t at, uint16_t before)
{
    struct rt_kernel *k = x->k;
    struct object *o = &k->slot[at];
    bool fresh = at && o->use == USE_FREE && !o->next_free && at != k->free_last;
    if (!snap_expect(x->s, fresh, "a slot is used twice")) return NULL;
    o->owner = p;
    o->prev = before;
    if (before)
        k->slot[before].next = at;
    else
        p->first_object = at;
    return o;
}

static void objects_of_snap(struct ksnap *x, struct process *p)
{
    struct rt_kernel *k = x->k;
    uint32_t n = snap_count(x->s, objects_count(k, p), k->slots, 40);
    uint16_t at = x->s->loading ? 0 : p->first_object, before = 0;
    for (uint32_t i = 0; i < n && snap_ok(x->s); i++) {
        ref_slot(x, &at);
        struct object *o = x->s->loading ? object_link(x, p, at, before) : &k->slot[at];
        if (!o) return;
        bool code = o->use == USE_CODE;
        snap_bool(x->s, &code);
        o->use = code ? USE_CODE : USE_OBJECT;
        object_snap(x, o);
        before = at;
        if (!x->s->loading) at = o->next;
    }
}

void objects_snap(struct ksnap *x)
{
    fixed_snap(x);
    for (unsigned i = 0; i < x->k->process_count && snap_ok(x->s); i++)
        objects_of_snap(x, x->k->process[i]);
}
