/* The model's commands on mailboxes, alarms, ports and low-level objects. */
#include <criterion/criterion.h>
#include <string.h>

#include "model.h"
#include "serving.h"

/* --- mailboxes --- */

static struct m_box *box_pick(struct model *m)
{
    struct m_box *b = &m->box[rnd(m, BOXES)];
    return b->used ? b : NULL;
}

/* What every kind of object needs: true when the call went well. */
static bool object_made(struct model *m, const char *what)
{
    if (starved(m, E_MEM, what)) return false;
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

void do_box_create(struct model *m)
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

void box_count(struct model *m, struct m_box *b, unsigned count)
{
    if (b->data) m->free_slots += box_pages(b, b->count);
    if (b->data) m->free_slots -= box_pages(b, count);
    b->count = count;
}

void do_box_send(struct model *m)
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
    if (starved(m, E_MEM, "Send")) return;
    if (page && b->data && m->free_slots == 0) {
        expect(m, E_SLOT, "SendRtData");
    } else if (!page || m->f->leave_status != E_MEM) {
        expect(m, E_OK, "Send");
        b->item[b->count] = b->data ? length << 8 | byte : object;
        box_count(m, b, b->count + 1);
    }
}

void do_box_receive(struct model *m)
{
    struct m_box *b = box_pick(m);
    if (!b) return;
    uint8_t first = 0;
    uint32_t got = b->data ? CALL3(m->f, "ReceiveRtData", b->handle, FAKE_DATA + 0x700, 0)
                           : CALL3(m->f, "ReceiveRtHandle", b->handle, 0, 0);
    expect(m, b->count ? E_OK : E_TIME, "Receive");
    if (!b->count) return;
    fake_get(m->f, FAKE_DATA + 0x700, &first, 1);
    MUST(m, got == (b->data ? b->item[0] >> 8 : b->item[0]));
    if (b->data && got) MUST(m, first == (b->item[0] & 0xff));
    memmove(b->item, b->item + 1, (b->count - 1) * sizeof *b->item);
    box_count(m, b, b->count - 1);
}

void do_box_delete(struct model *m)
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

void do_time(struct model *m)
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

void do_alarm_create(struct model *m)
{
    struct m_alarm *a = &m->alarm[rnd(m, ALARMS)];
    if (a->used) return;
    uint32_t us = rnd(m, 6000), repeats = rnd(m, 2);
    uint32_t h = CALL2(m->f, "CreateRtAlarm", repeats, us);
    if (!object_made(m, "CreateRtAlarm")) return;
    *a = (struct m_alarm){true, repeats, m->now, (uint16_t)h, us < 500 ? 1 : us / 500, 0, 0};
    a->next = m->f->now / 500 + a->interval;
}

void do_alarm_poll(struct model *m)
{
    struct m_alarm *a = alarm_pick(m);
    if (!a) return;
    CALL2(m->f, "WaitForRtAlarm", a->handle, rnd(m, 500));
    expect(m, a->unseen > 65535 ? E_LIMIT : a->unseen ? E_OK : E_TIME, "WaitForRtAlarm");
    if (a->unseen && a->unseen <= 65535) a->unseen--;
}

void do_alarm_end(struct model *m)
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

/* --- ports: sink ports, and those of a service that has no handlers --- */

void service_start(struct fake *f)
{
    const struct serving s = {"MODEL", 0, 4, 4, 4, 4, 0};
    const uint8_t last[2] = {40, 0}; /* more numbers than there are ports */
    struct rt_process_attr attr = {
        .name = "SERVER", .pool_min = 0x40000, .pool_max = 0x40000, .xm = fake_xm()};
    fake_process(f, &attr);
    fake_run(f);
    serve_describe(f, &s);
    for (unsigned at = 26; at <= 36; at += at == 26 ? 6 : 4) /* table, last valid, last given out */
        fake_put(f, SERVE_DESC + at, last, sizeof last);
    cr_assert_eq(CALL1(f, "InstallRtServiceDescriptor", SERVE_DESC), 1);
    CALL1(f, "SuspendRtThread", 0);
    CALL1(f, "clib_service", SERVE_ROOM);
}

static struct m_port *port_pick(struct model *m)
{
    struct m_port *p = &m->port[rnd(m, PORTS)];
    return p->used ? p : NULL;
}

void do_port_create(struct model *m)
{
    struct m_port *p = &m->port[rnd(m, PORTS)];
    bool served = rnd(m, 3);
    if (p->used) return;
    uint32_t name = served ? fake_string(m->f, "MODEL") : 0;
    uint32_t h = CALL4(m->f, "CreateRtPort", name, 0, 0, rnd(m, 2));
    if (!object_made(m, "CreateRtPort")) return;
    *p = (struct m_port){true, served, m->now, 0, (uint16_t)h};
}

void do_port_attach(struct model *m)
{
    struct m_port *p = port_pick(m), *sink = port_pick(m);
    if (!p || !sink) return;
    if (rnd(m, 3) == 0) {
        CALL1(m->f, "DetachRtPort", p->handle);
        expect(m, p->sink ? E_OK : E_STATE, "DetachRtPort");
        p->sink = 0;
        return;
    }
    CALL2(m->f, "AttachRtPort", p->handle, sink->handle);
    bool fits = p->served && !sink->served;
    expect(m, !fits ? E_TYPE : p->sink ? E_STATE : E_OK, "AttachRtPort");
    if (fits && !p->sink) p->sink = (unsigned)(sink - m->port) + 1;
}

/* Nobody sends anything; whose it is. */
void do_port_use(struct model *m)
{
    struct m_port *p = port_pick(m);
    uint32_t scratch = FAKE_DATA + 0x700;
    if (!p) return;
    CALL3(m->f, "ReceiveRtMessage", p->handle, 0, scratch);
    expect(m, E_TIME, "ReceiveRtMessage");
    CALL2(m->f, "GetRtPortAttributes", p->handle, scratch);
    expect(m, E_OK, "GetRtPortAttributes");
    uint16_t sink = p->sink ? m->port[p->sink - 1].handle : 0;
    MUST(m, serve_half(m->f, scratch + 10) == sink);
    MUST(m, (serve_half(m->f, scratch + 8) != 0) == p->served);
}

static void port_gone(struct model *m, struct m_port *p)
{
    for (unsigned i = 0; i < PORTS; i++)
        if (m->port[i].sink == (unsigned)(p - m->port) + 1) m->port[i].sink = 0;
    *p = (struct m_port){0};
}

void ports_end(struct model *m, unsigned proc)
{
    for (unsigned i = 0; i < PORTS; i++)
        if (m->port[i].used && m->port[i].proc == proc) {
            port_gone(m, &m->port[i]);
            m->free_slots++;
        }
}

void do_port_delete(struct model *m)
{
    struct m_port *p = port_pick(m);
    if (!p || rnd(m, 3)) return;
    CALL1(m->f, "DeleteRtPort", p->handle);
    if (starved(m, E_CONTEXT, "DeleteRtPort")) return;
    expect(m, E_OK, "DeleteRtPort");
    object_gone(m, p->proc);
    port_gone(m, p);
}

/* --- low-level objects, also from other processes --- */

/* The handles of an XM process are for its own threads. */
static struct m_kn *kn_pick(struct model *m)
{
    unsigned any = rnd(m, 3);
    return fake_xm() ? &cur(m)->kn : &m->proc[any].kn;
}

void do_kn_create(struct model *m)
{
    struct m_kn *kn = &cur(m)->kn;
    unsigned i = rnd(m, SEMS + 1);
    if (i == SEMS) {
        kn->mail = CALL4(m->f, "knCreateRtMailbox", FAKE_DATA + 0x200, 8, PLACES, rnd(m, 2));
        if (starved(m, E_KN_LIMIT_EXCEEDED, "knCreateRtMailbox")) {
            kn->mail = 0;
            return;
        }
        kn->count = 0;
        MUST(m, kn->mail == cur(m)->base + FAKE_DATA + 0x200);
        return;
    }
    uint32_t one = rnd(m, 2);
    kn->sem[i] = CALL2(m->f, "knCreateRtSemaphore", FAKE_DATA + i * 16, one * 4 | rnd(m, 3));
    if (starved(m, E_KN_LIMIT_EXCEEDED, "knCreateRtSemaphore")) {
        kn->sem[i] = 0;
        return;
    }
    expect(m, E_OK, "knCreateRtSemaphore");
    kn->units[i] = one;
}

void do_kn_semaphore(struct model *m)
{
    struct m_kn *kn = kn_pick(m);
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

void do_kn_mail(struct model *m)
{
    struct m_kn *kn = kn_pick(m);
    uint32_t scratch = FAKE_DATA + 0x700, how = rnd(m, 3);
    uint8_t byte = (uint8_t)rnd(m, 256);
    if (!kn->mail) return;
    if (how == 2) {
        CALL4(m->f, "knWaitForRtData", kn->mail, scratch, scratch + 16, 0);
        expect(m, kn->count ? E_OK : E_KN_TIME_OUT, "knWaitForRtData");
        if (!kn->count) return;
        fake_get(m->f, scratch, &byte, 1);
        MUST(m, byte == kn->item[0]);
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
