/* A random run against a plain model: maps of handles, pages and names, with no code shared with the
 * kernel. After each step: status, result, counts, the descriptor, and the kernel's own invariants. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"

#define HANDLES 512
#define BLOCKS  128
#define NAMES   24
#define SLOTS   420u
#define STEPS   20000u
#define BOXES   12
#define ITEMS   1000 /* that the model lets stand in one mailbox */
#define ALARMS  8
#define SEMS    6 /* low-level, for each process */
#define PLACES  4 /* of a low-level mailbox */

struct m_block { /* a run of pages in one process */
    bool used, mapping;
    unsigned proc;
    uint32_t off, size; /* whole pages; the address given out may be inside the first */
};
struct m_handle {
    bool used;
    unsigned proc;
    uint16_t handle;
    uint32_t off, size;
};
struct m_name {
    bool used;
    uint16_t handle;
};
struct m_box {
    bool used, data;
    unsigned proc, depth, count;
    uint16_t handle;
    uint32_t item[ITEMS]; /* a handle; length << 8 | first byte */
};
struct m_alarm {
    bool used, repeats;
    unsigned proc;
    uint16_t handle;
    uint32_t interval, unseen; /* ticks of 500 us */
    uint64_t next;             /* tick of the next event; 0 = none */
};
struct m_kn { /* in the process's scratch memory */
    uint32_t sem[SEMS], units[SEMS];
    uint32_t mail, count;
    uint8_t item[PLACES];
};
struct m_proc {
    uint16_t handle;
    uint32_t base, objects, limit;
    struct m_name name[NAMES];
    struct m_kn kn;
};
struct model {
    struct fake *f;
    uint64_t seed;
    unsigned swarm; /* which commands this stretch uses */
    struct m_proc proc[3];
    unsigned now; /* who runs */
    struct m_block block[BLOCKS];
    struct m_handle handle[HANDLES];
    struct m_box box[BOXES];
    struct m_alarm alarm[ALARMS];
    unsigned free_slots;
    unsigned step, ok, refused;
};

static uint32_t rnd(struct model *m, uint32_t below)
{
    m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((m->seed >> 33) % below);
}

static struct m_proc *cur(struct model *m)
{
    return &m->proc[m->now];
}

static void expect(struct model *m, uint32_t status, const char *what)
{
    cr_assert_eq(m->f->leave_status, status, "step %u, %s: %s instead of %s", m->step, what,
                 rt_status_name(m->f->leave_status), rt_status_name(status));
    if (status == E_OK)
        m->ok++;
    else
        m->refused++;
}

/* --- the model's idea of memory --- */

static bool page_mapped(const struct model *m, unsigned proc, uint32_t off)
{
    if (off >= FAKE_IMAGE && off < FAKE_IMAGE + 0x4000) return true;
    if (off >= 0x10000 && off < 0x15000) return true; /* stack of four pages, thread block */
    if (off >= 0x7fe000) return off < 0x800000;       /* texts */
    for (unsigned i = 0; i < BLOCKS; i++) {
        const struct m_block *b = &m->block[i];
        if (b->used && b->proc == proc && off >= b->off && off - b->off < b->size) return true;
    }
    return false;
}

static bool range_mapped(const struct model *m, unsigned proc, uint32_t off, uint32_t size)
{
    for (uint64_t at = off & ~0xfffu; at < (uint64_t)off + size; at += 0x1000)
        if (at >= 0x800000 || !page_mapped(m, proc, (uint32_t)at)) return false;
    return true;
}

static struct m_block *block_new(struct model *m)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        if (!m->block[i].used) return &m->block[i];
    return NULL;
}

static struct m_block *block_pick(struct model *m)
{
    for (unsigned tries = 0; tries < 40; tries++) {
        struct m_block *b = &m->block[rnd(m, BLOCKS)];
        if (b->used && b->proc == m->now) return b;
    }
    return NULL;
}

static void block_take(struct model *m, uint32_t at, uint32_t size, bool mapping)
{
    struct m_block *b = block_new(m);
    uint32_t off = at & ~0xfffu;
    size = (at - off + size + 0xfff) & ~0xfffu;
    for (uint32_t p = off; p < off + size; p += 0x1000)
        cr_assert(!page_mapped(m, m->now, p), "step %u: %08X was in use", m->step, p);
    cr_assert_geq(off, 0x10000);
    cr_assert_leq(off + size, 0x800000);
    *b = (struct m_block){true, mapping, m->now, off, size};
}

/* --- commands --- */

static void do_allocate(struct model *m)
{
    if (!block_new(m)) return;
    static const uint32_t sizes[] = {0,      1,        4096,     4097,     20000,
                                     100000, 0x7fffff, 0x800000, 0x800001, 0xffffffff};
    uint32_t size = rnd(m, 4) ? 1 + rnd(m, 40000) : sizes[rnd(m, 10)];
    uint32_t at = CALL1(m->f, "AllocateRtMemory", size);
    if (size == 0 || size > 0x800000) {
        expect(m, E_PARAM, "AllocateRtMemory");
        return;
    }
    if (m->f->leave_status == E_OK) {
        cr_assert_eq(at % 4096, 0);
        block_take(m, at, size, false);
    } else if (m->f->leave_status != E_MEM) {
        expect(m, E_VMEM, "AllocateRtMemory");
        cr_assert_gt(size, 0x200000, "step %u: no room for %u bytes", m->step, size);
    }
}

static void do_free(struct model *m)
{
    struct m_block *b = block_pick(m);
    if (!b || rnd(m, 8) == 0) {
        static const uint32_t bad[] = {0, 0xfff, 0x800000, 0xffffffff, FAKE_IMAGE, FAKE_RO};
        CALL1(m->f, "FreeRtMemory", bad[rnd(m, 6)]);
        expect(m, E_BAD_ADDR, "FreeRtMemory");
        return;
    }
    uint32_t inside = rnd(m, b->size), cut = b->mapping ? inside & ~0xfffu : 0;
    uint32_t got = CALL1(m->f, "FreeRtMemory", b->off + inside);
    expect(m, E_OK, "FreeRtMemory");
    cr_assert_eq(got, b->size - cut, "step %u: %X bytes freed", m->step, got);
    b->size = cut;
    b->used = cut != 0;
}

static struct m_handle *handle_pick(struct model *m)
{
    for (unsigned tries = 0; tries < 60; tries++) {
        struct m_handle *h = &m->handle[rnd(m, HANDLES)];
        if (h->used) return h;
    }
    return NULL;
}

static struct m_handle *handle_new(struct model *m)
{
    for (unsigned i = 0; i < HANDLES; i++)
        if (!m->handle[i].used) return &m->handle[i];
    return NULL;
}

static void handle_range(struct model *m, uint32_t *off, uint32_t *size)
{
    const struct m_block *b = block_pick(m);
    static const uint32_t sizes[] = {0,       1,        0xfff,      0x1001,
                                     0xfffff, 0x100001, 0x80000001, 0xffffffff};
    *off = b ? b->off + rnd(m, b->size) : rnd(m, 0x800000);
    *size = rnd(m, 5) ? 1 + rnd(m, b ? b->size : 4096) : sizes[rnd(m, 8)];
    if (rnd(m, 10) == 0) *off = 0xffffff00u + rnd(m, 256);
}

static void do_create(struct model *m)
{
    uint32_t off, size;
    handle_range(m, &off, &size);
    struct m_handle *h = handle_new(m);
    if (!h) return;
    uint32_t covered = size > 0x100000 ? ((size - 1) | 0xfff) + 1 : size;
    uint32_t value = CALL2(m->f, "CreateRtMemoryHandle", off, size);
    if (size == 0) {
        expect(m, E_PARAM, "CreateRtMemoryHandle");
    } else if (!range_mapped(m, m->now, off, size) || !covered ||
               !range_mapped(m, m->now, off, covered)) {
        expect(m, E_BAD_ADDR, "CreateRtMemoryHandle");
    } else if (cur(m)->objects == cur(m)->limit) {
        expect(m, E_LIMIT, "CreateRtMemoryHandle");
    } else if (m->free_slots == 0) {
        expect(m, E_SLOT, "CreateRtMemoryHandle");
    } else if (m->f->leave_status != E_MEM) {
        expect(m, E_OK, "CreateRtMemoryHandle");
        for (unsigned i = 0; i < HANDLES; i++)
            cr_assert(!m->handle[i].used || m->handle[i].handle != value, "step %u: %04X twice",
                      m->step, value);
        *h = (struct m_handle){true, m->now, (uint16_t)value, off, covered};
        m->free_slots--;
        cur(m)->objects++;
        const struct rt_segdef *seg = &m->f->gdt[value >> 3];
        cr_assert(seg->base == cur(m)->base + off && seg->limit == covered - 1 && seg->dpl == 3);
    }
}

static void do_delete(struct model *m)
{
    struct m_handle *h = handle_pick(m);
    if (!h || rnd(m, 6) == 0) {
        uint32_t other = rnd(m, 2) ? m->proc[rnd(m, 3)].handle : 0x0818;
        CALL1(m->f, "DeleteRtMemoryHandle", other);
        expect(m, other == 0x0818 ? E_EXIST : E_TYPE, "DeleteRtMemoryHandle");
        return;
    }
    CALL1(m->f, "DeleteRtMemoryHandle", h->handle);
    expect(m, E_OK, "DeleteRtMemoryHandle");
    cr_assert(!m->f->present[h->handle >> 3]);
    m->proc[h->proc].objects--;
    m->free_slots++;
    h->used = false;
    CALL1(m->f, "GetRtSize", h->handle);
    expect(m, E_EXIST, "GetRtSize");
}

static void do_size(struct model *m)
{
    const struct m_handle *h = handle_pick(m);
    if (!h) return;
    cr_assert_eq(CALL1(m->f, "GetRtSize", h->handle), h->size);
    expect(m, E_OK, "GetRtSize");
    uint32_t off = rnd(m, h->size);
    cr_assert_eq(CALL4(m->f, "GetRtLinearAddress", h->handle, off, 1, 0),
                 m->proc[h->proc].base + h->off + off);
}

static void do_map(struct model *m)
{
    const struct m_handle *h = handle_pick(m);
    if (!h || !block_new(m)) return;
    uint32_t at = CALL1(m->f, "MapRtSharedMemory", h->handle);
    if (!range_mapped(m, h->proc, h->off, h->size)) {
        expect(m, E_NOT_ALLOCATED, "MapRtSharedMemory");
        return;
    }
    if (m->f->leave_status == E_MEM || m->f->leave_status == E_VMEM) return;
    expect(m, E_OK, "MapRtSharedMemory");
    cr_assert_eq(at % 4096, h->off % 4096);
    block_take(m, at, h->size, true);
    /* the same bytes through both */
    uint8_t a = 0, b = 1;
    uint32_t probe = rnd(m, h->size);
    m->f->k->port.lin_read(m->f, m->proc[h->proc].base + h->off + probe, &a, 1);
    m->f->k->port.lin_read(m->f, cur(m)->base + at + probe, &b, 1);
    cr_assert_eq(a, b);
}

static void do_write(struct model *m)
{
    const struct m_block *b = block_pick(m);
    uint8_t byte = (uint8_t)rnd(m, 256), back = 0;
    if (!b) return;
    uint32_t off = b->off + rnd(m, b->size);
    enum rt_reach reach = m->f->k->port.user_write(m->f, off, &byte, 1);
    if (!b->mapping) cr_assert_eq(reach, RT_REACH_OK);
    if (reach != RT_REACH_OK) return;
    fake_get(m->f, off, &back, 1);
    cr_assert_eq(back, byte);
}

static uint32_t name_pick(struct model *m, unsigned *n)
{
    char text[13];
    *n = rnd(m, NAMES);
    snprintf(text, sizeof text, "NAME %u", *n);
    return fake_string(m->f, text);
}

static void do_catalog(struct model *m)
{
    unsigned n, used = 0, where = rnd(m, 3);
    uint32_t at = name_pick(m, &n);
    struct m_proc *p = &m->proc[where];
    const struct m_handle *h = handle_pick(m);
    for (unsigned i = 0; i < NAMES; i++)
        used += p->name[i].used;
    uint32_t target = where == m->now && rnd(m, 2) ? 0 : p->handle, object = h ? h->handle : 0;
    CALL3(m->f, "CatalogRtHandle", target, object, at);
    if (p->name[n].used) {
        expect(m, E_CONTEXT, "CatalogRtHandle");
    } else if (used == 16) {
        expect(m, E_LIMIT, "CatalogRtHandle");
    } else {
        expect(m, E_OK, "CatalogRtHandle");
        p->name[n] = (struct m_name){true, (uint16_t)object};
    }
}

static void do_lookup(struct model *m)
{
    unsigned n;
    uint32_t at = name_pick(m, &n);
    struct m_proc *p = &m->proc[rnd(m, 3)];
    uint32_t value = CALL3(m->f, "LookupRtHandle", p->handle, at, rnd(m, 10));
    if (!p->name[n].used) {
        expect(m, E_TIME, "LookupRtHandle");
    } else if (!p->name[n].handle) {
        expect(m, E_EXIST, "LookupRtHandle");
    } else {
        expect(m, E_OK, "LookupRtHandle");
        cr_assert_eq(value, p->name[n].handle);
    }
}

static void do_uncatalog(struct model *m)
{
    unsigned n;
    uint32_t at = name_pick(m, &n);
    struct m_proc *p = &m->proc[rnd(m, 3)];
    CALL2(m->f, "UncatalogRtHandle", p->handle, at);
    expect(m, p->name[n].used ? E_OK : E_CONTEXT, "UncatalogRtHandle");
    p->name[n].used = false;
}

/* --- mailboxes --- */

static struct m_box *box_pick(struct model *m)
{
    struct m_box *b = &m->box[rnd(m, BOXES)];
    return b->used ? b : NULL;
}

/* What every kind of object needs: true when the call went well. */
static bool object_made(struct model *m, const char *what)
{
    if (cur(m)->objects == cur(m)->limit) {
        expect(m, E_LIMIT, what);
    } else if (m->free_slots == 0) {
        expect(m, E_SLOT, what);
    } else if (m->f->leave_status != E_MEM) {
        expect(m, E_OK, what);
        m->free_slots--;
        cur(m)->objects++;
        return true;
    }
    return false;
}

static void object_gone(struct model *m, unsigned proc)
{
    m->proc[proc].objects--;
    m->free_slots++;
}

static void do_box_create(struct model *m)
{
    struct m_box *b = &m->box[rnd(m, BOXES)];
    if (b->used) return;
    uint32_t data = rnd(m, 2), depth = 8 + rnd(m, 14) * 4;
    uint32_t flags = data * 0x20 | (depth >> 1 & 0x1E) | rnd(m, 2);
    uint32_t h = CALL1(m->f, "CreateRtMailbox", flags);
    if (!object_made(m, "CreateRtMailbox")) return;
    *b = (struct m_box){true, data, m->now, data ? 3 : depth, 0, (uint16_t)h, {0}};
}

static unsigned box_pages(const struct m_box *b, unsigned count)
{
    unsigned each = b->data ? 30 : 200, over = count > b->depth ? count - b->depth : 0;
    return (over + each - 1) / each;
}

static void box_count(struct model *m, struct m_box *b, unsigned count)
{
    if (b->data) m->free_slots += box_pages(b, b->count);
    if (b->data) m->free_slots -= box_pages(b, count);
    b->count = count;
}

static void do_box_send(struct model *m)
{
    struct m_box *b = box_pick(m);
    if (!b || b->count == ITEMS) return;
    uint32_t length = rnd(m, 129), byte = rnd(m, 256), object = m->proc[rnd(m, 3)].handle;
    uint8_t first = (uint8_t)byte;
    fake_put(m->f, FAKE_DATA + 0x700, &first, 1);
    bool page = box_pages(b, b->count + 1) > box_pages(b, b->count);
    if (b->data)
        CALL3(m->f, "SendRtData", b->handle, FAKE_DATA + 0x700, length);
    else
        CALL3(m->f, "SendRtHandle", b->handle, object, 0);
    if (page && b->data && m->free_slots == 0) {
        expect(m, E_SLOT, "SendRtData");
    } else if (!page || m->f->leave_status != E_MEM) {
        expect(m, E_OK, "Send");
        b->item[b->count] = b->data ? length << 8 | byte : object;
        box_count(m, b, b->count + 1);
    }
}

static void do_box_receive(struct model *m)
{
    struct m_box *b = box_pick(m);
    if (!b) return;
    uint8_t first = 0;
    uint32_t got = b->data ? CALL3(m->f, "ReceiveRtData", b->handle, FAKE_DATA + 0x700, 0)
                           : CALL3(m->f, "ReceiveRtHandle", b->handle, 0, 0);
    expect(m, b->count ? E_OK : E_TIME, "Receive");
    if (!b->count) return;
    fake_get(m->f, FAKE_DATA + 0x700, &first, 1);
    cr_assert_eq(got, b->data ? b->item[0] >> 8 : b->item[0], "step %u", m->step);
    if (b->data && got) cr_assert_eq(first, b->item[0] & 0xff, "step %u", m->step);
    memmove(b->item, b->item + 1, (b->count - 1) * sizeof *b->item);
    box_count(m, b, b->count - 1);
}

static void do_box_delete(struct model *m)
{
    struct m_box *b = box_pick(m);
    if (!b || rnd(m, 3)) return;
    CALL1(m->f, "DeleteRtMailbox", b->handle);
    expect(m, E_OK, "DeleteRtMailbox");
    box_count(m, b, 0);
    object_gone(m, b->proc);
    b->used = false;
}

/* --- alarms --- */

static void do_time(struct model *m)
{
    m->f->now += rnd(m, 3000);
}

static struct m_alarm *alarm_pick(struct model *m)
{
    struct m_alarm *a = &m->alarm[rnd(m, ALARMS)];
    if (!a->used) return NULL;
    for (; a->next && a->next <= m->f->now / 500; a->next = a->repeats ? a->next + a->interval : 0)
        a->unseen++;
    return a;
}

static void do_alarm_create(struct model *m)
{
    struct m_alarm *a = &m->alarm[rnd(m, ALARMS)];
    if (a->used) return;
    uint32_t us = rnd(m, 6000), repeats = rnd(m, 2);
    uint32_t h = CALL2(m->f, "CreateRtAlarm", repeats, us);
    if (!object_made(m, "CreateRtAlarm")) return;
    *a = (struct m_alarm){true, repeats, m->now, (uint16_t)h, us < 500 ? 1 : us / 500, 0, 0};
    a->next = m->f->now / 500 + a->interval;
}

static void do_alarm_poll(struct model *m)
{
    struct m_alarm *a = alarm_pick(m);
    if (!a) return;
    CALL2(m->f, "WaitForRtAlarm", a->handle, rnd(m, 500));
    expect(m, a->unseen > 65535 ? E_LIMIT : a->unseen ? E_OK : E_TIME, "WaitForRtAlarm");
    if (a->unseen && a->unseen <= 65535) a->unseen--;
}

static void do_alarm_end(struct model *m)
{
    struct m_alarm *a = alarm_pick(m);
    if (!a) return;
    if (rnd(m, 2)) {
        CALL1(m->f, "ResetRtAlarm", a->handle);
        expect(m, E_OK, "ResetRtAlarm");
        a->unseen = 0;
        a->next = m->f->now / 500 + a->interval;
        return;
    }
    CALL1(m->f, "DeleteRtAlarm", a->handle);
    expect(m, E_OK, "DeleteRtAlarm");
    object_gone(m, a->proc);
    a->used = false;
}

/* --- low-level objects, also from other processes --- */

static void do_kn_create(struct model *m)
{
    struct m_kn *kn = &cur(m)->kn;
    unsigned i = rnd(m, SEMS + 1);
    if (i == SEMS) {
        kn->mail = CALL4(m->f, "knCreateRtMailbox", FAKE_DATA + 0x200, 8, PLACES, rnd(m, 2));
        kn->count = 0;
        cr_assert_eq(kn->mail, cur(m)->base + FAKE_DATA + 0x200);
        return;
    }
    uint32_t one = rnd(m, 2);
    kn->sem[i] = CALL2(m->f, "knCreateRtSemaphore", FAKE_DATA + i * 16, one * 4 | rnd(m, 3));
    expect(m, E_OK, "knCreateRtSemaphore");
    kn->units[i] = one;
}

static void do_kn_semaphore(struct model *m)
{
    struct m_kn *kn = &m->proc[rnd(m, 3)].kn;
    unsigned i = rnd(m, SEMS);
    if (!kn->sem[i]) return;
    if (rnd(m, 2)) {
        CALL1(m->f, "knReleaseRtSemaphore", kn->sem[i]);
        kn->units[i]++;
        return;
    }
    CALL2(m->f, "knWaitForRtSemaphore", kn->sem[i], 0);
    expect(m, kn->units[i] ? E_OK : E_KN_TIME_OUT, "knWaitForRtSemaphore");
    if (kn->units[i]) kn->units[i]--;
}

static void do_kn_mail(struct model *m)
{
    struct m_kn *kn = &m->proc[rnd(m, 3)].kn;
    uint32_t scratch = FAKE_DATA + 0x700, how = rnd(m, 3);
    uint8_t byte = (uint8_t)rnd(m, 256);
    if (!kn->mail) return;
    if (how == 2) {
        CALL4(m->f, "knWaitForRtData", kn->mail, scratch, scratch + 16, 0);
        expect(m, kn->count ? E_OK : E_KN_TIME_OUT, "knWaitForRtData");
        if (!kn->count) return;
        fake_get(m->f, scratch, &byte, 1);
        cr_assert_eq(byte, kn->item[0], "step %u", m->step);
        memmove(kn->item, kn->item + 1, PLACES - 1);
        kn->count--;
        return;
    }
    fake_put(m->f, scratch, &byte, 1);
    CALL3(m->f, how ? "knSendRtPriorityData" : "knSendRtData", kn->mail, scratch, 1);
    expect(m, kn->count < PLACES ? E_OK : E_KN_LIMIT_EXCEEDED, "knSend");
    if (kn->count == PLACES) return;
    if (how) memmove(kn->item + 1, kn->item, PLACES - 1);
    kn->item[how ? 0 : kn->count] = byte;
    kn->count++;
}

static void do_next(struct model *m)
{
    CALL1(m->f, "knRtSleep", 0);
    m->now = (m->now + 1) % 3;
}

static void proc_start(struct model *m, unsigned i)
{
    struct rt_process_attr attr = {.name = "MODEL",
                                   .pool_min = 0x30000,
                                   .pool_max = 0xffffffffu,
                                   .dir_size = 16,
                                   .object_limit = 150};
    struct rt_process_info info = {0};
    m->proc[i] = (struct m_proc){.handle = fake_process(m->f, &attr), .objects = 1, .limit = 150};
    for (unsigned n = 0; rt_process_info(m->f->k, n, &info); n++)
        if (info.alive && info.handle == m->proc[i].handle) m->proc[i].base = info.vseg_base;
}

/* A process ends and another takes its place in the model. */
static void do_end(struct model *m)
{
    if (rnd(m, 12)) return;
    /* it needs slots and memory for its successor: what the dead one had is enough but for orphans */
    unsigned dead = m->now;
    for (unsigned i = 0; i < BLOCKS; i++)
        if (m->block[i].mapping && m->block[i].used && m->block[i].proc != dead) return;
    if (rnd(m, 2))
        CALL0(m->f, "ExitRtProcess");
    else
        fake_fault(m->f, 13, 0);
    for (unsigned i = 0; i < HANDLES; i++)
        if (m->handle[i].used && m->handle[i].proc == dead) {
            m->handle[i].used = false;
            m->free_slots++;
        }
    for (unsigned i = 0; i < BLOCKS; i++)
        if (m->block[i].proc == dead) m->block[i].used = false;
    for (unsigned i = 0; i < BOXES; i++)
        if (m->box[i].used && m->box[i].proc == dead) {
            box_count(m, &m->box[i], 0);
            m->free_slots++;
            m->box[i].used = false;
        }
    for (unsigned i = 0; i < ALARMS; i++)
        if (m->alarm[i].used && m->alarm[i].proc == dead) {
            m->free_slots++;
            m->alarm[i].used = false;
        }
    m->now = (m->now + 1) % 3;
    proc_start(m, dead);
}

static void check(struct model *m)
{
    const char *bad = fake_check(m->f);
    cr_assert_null(bad, "step %u: %s", m->step, bad);
    cr_assert_eq(rt_free_slots(m->f->k), m->free_slots, "step %u", m->step);
    cr_assert_eq(rt_current_process(m->f->k), cur(m)->handle, "step %u", m->step);
    struct rt_process_info info = {0};
    for (unsigned n = 0; rt_process_info(m->f->k, n, &info); n++)
        for (unsigned i = 0; i < 3; i++)
            if (info.alive && info.handle == m->proc[i].handle)
                cr_assert_eq(info.objects, m->proc[i].objects, "step %u", m->step);
}

static void model_run(uint64_t seed, unsigned steps)
{
    static void (*const commands[])(struct model *) = {
        do_allocate,   do_free,        do_create,     do_create,       do_delete,
        do_size,       do_map,         do_write,      do_catalog,      do_lookup,
        do_uncatalog,  do_next,        do_end,        do_box_create,   do_box_send,
        do_box_send,   do_box_receive, do_box_delete, do_time,         do_alarm_create,
        do_alarm_poll, do_alarm_end,   do_kn_create,  do_kn_semaphore, do_kn_mail};
    struct model m = {.f = fake_new(0x300000, SLOTS), .seed = seed};
    for (unsigned i = 0; i < 3; i++)
        proc_start(&m, i);
    fake_run(m.f);
    m.free_slots = rt_free_slots(m.f->k);
    while (m.step < steps) {
        if (m.step % 200 == 0) m.swarm = rnd(&m, 0x7fffffff) | rnd(&m, 0x7fffffff);
        unsigned which = rnd(&m, sizeof commands / sizeof commands[0]);
        if (!(m.swarm >> which & 1)) continue;
        m.step++;
        commands[which](&m);
        check(&m);
    }
    cr_expect_gt(m.ok, steps / 20, "seed %llu: %u calls went well", (unsigned long long)seed, m.ok);
    cr_expect_gt(m.refused, steps / 20, "seed %llu: %u were refused", (unsigned long long)seed,
                 m.refused);
    fake_free(m.f);
}

Test(model, seed_1)
{
    model_run(1, STEPS / 4);
}
Test(model, seed_386)
{
    model_run(386, STEPS / 4);
}
Test(model, seed_7707)
{
    model_run(7707, STEPS / 4);
}
Test(model, seed_80386)
{
    model_run(80386, STEPS / 4);
}
