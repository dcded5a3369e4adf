/* knmail.c: low-level mailboxes.
 *
 *   +0 bytes of the longest message, +4 places, +8 flags, +12 first message, +16 messages
 *   +32 places, each: +0 length, +4 bytes
 */
#include "bits.h"
#include "kn.h"

#define HEADER      32u
#define OVERHEAD    4u
#define KN_RESERVE  8u /* one place is for priority messages only */
#define BYTES_MAX   0x10000000u
#define MAIL_FIELDS 5u

struct box {
    uint64_t at;
    uint32_t size, places, flags, head, count;
};

/* What the area says, made harmless. */
static bool box_get(const struct rt_kernel *k, uint64_t at, struct box *b)
{
    uint8_t area[MAIL_FIELDS * 4] = {0};
    const struct process *p = kn_process(k, at, HEADER);
    if (!p) return false;
    kn_get(k, at, area, sizeof area);
    *b = (struct box){
        at, get32(area), get32(area + 4), get32(area + 8), get32(area + 12), get32(area + 16)};
    if (b->size == 0 || b->places == 0 || b->size > BYTES_MAX) return false;
    uint64_t bytes = HEADER + (uint64_t)(b->size + OVERHEAD) * b->places;
    if (bytes > p->size || (uint32_t)at - p->base > p->size - bytes) return false;
    b->head %= b->places;
    if (b->count > b->places) b->count = b->places;
    return true;
}

static void box_set(struct rt_kernel *k, const struct box *b)
{
    uint8_t area[8];
    put32(area, b->head);
    put32(area + 4, b->count);
    kn_put(k, b->at + 12, area, sizeof area);
}

/* Address of the n-th place, after the first message. */
static uint64_t box_place(const struct box *b, uint32_t n)
{
    uint32_t i = (uint32_t)(((uint64_t)b->head + n) % b->places);
    return b->at + HEADER + (uint64_t)i * (b->size + OVERHEAD);
}

/* --- knCreateRtMailbox(area, message size, queue length, flags) --- */

uint32_t vrfy_knCreateRtMailbox(struct rt_kernel *k, struct call *c)
{
    if (c->arg[1] == 0 || c->arg[1] > BYTES_MAX || c->arg[2] == 0) return E_PARAM;
    return kn_room(k, c, c->arg[0], HEADER + (uint64_t)(c->arg[1] + OVERHEAD) * c->arg[2]);
}

void impl_knCreateRtMailbox(struct rt_kernel *k, struct call *c)
{
    uint8_t area[HEADER] = {0};
    for (unsigned i = 0; i < 3; i++)
        put32(area + i * 4, c->arg[1 + i]);
    uint64_t at = kn_make(k, c->p, c->arg[0], HEADER + (c->arg[1] + OVERHEAD) * c->arg[2]);
    c->eax = (uint32_t)at;
    kn_put(k, at, area, sizeof area);
}

/* --- knSendRtData(handle, data, bytes), knSendRtPriorityData(...) --- */

/* Where a waiting receiver wants message and length. */
static bool receiver_ready(const struct rt_kernel *k, const struct box *b, const struct thread *t)
{
    return thread_reach(k, t, t->wait_to, b->size) && thread_reach(k, t, t->wait_count, 4);
}

static bool receiver_waits(const struct rt_kernel *k, const struct box *b)
{
    for (const struct thread *t = thread_first(k); t; t = thread_after(k, t))
        if (t->wait == WAIT_KNMAIL && t->wait_at == b->at && receiver_ready(k, b, t)) return true;
    return false;
}

static uint32_t send_check(struct rt_kernel *k, struct call *c, bool priority)
{
    struct box b;
    if (!box_get(k, kn_named(c), &b)) return E_BAD_ADDR;
    if (c->arg[2] > b.size) return E_PARAM;
    uint32_t status = call_readable(k, c->arg[1], c->arg[2]);
    if (status != E_OK || receiver_waits(k, &b)) return status;
    uint32_t kept = !priority && (b.flags & KN_RESERVE) ? 1 : 0;
    if (b.count + kept >= b.places) return E_KN_LIMIT_EXCEEDED;
    uint64_t place = box_place(&b, priority ? b.places - 1 : b.count);
    return kn_process(k, place, b.size + OVERHEAD) ? E_OK : E_BAD_ADDR;
}

static void message_give(struct rt_kernel *k, struct call *c, struct thread *t)
{
    uint8_t part[PAGE];
    for (uint32_t done = 0; done < c->arg[2];) {
        uint32_t n = c->arg[2] - done < PAGE ? c->arg[2] - done : PAGE;
        k->port.user_read(k->port.ctx, c->arg[1] + done, part, n);
        thread_put(k, t, t->wait_to + done, part, n);
        done += n;
    }
    put32(part, c->arg[2]);
    thread_put(k, t, t->wait_count, part, 4);
    sched_wake(k, t, E_OK, 1);
}

static void message_store(struct rt_kernel *k, struct call *c, uint64_t place)
{
    uint8_t part[PAGE];
    put32(part, c->arg[2]);
    kn_put(k, place, part, OVERHEAD);
    for (uint32_t done = 0; done < c->arg[2];) {
        uint32_t n = c->arg[2] - done < PAGE ? c->arg[2] - done : PAGE;
        k->port.user_read(k->port.ctx, c->arg[1] + done, part, n);
        kn_put(k, place + OVERHEAD + done, part, n);
        done += n;
    }
}

static void send_do(struct rt_kernel *k, struct call *c, bool priority)
{
    struct box b = {0};
    struct thread *t;
    box_get(k, kn_named(c), &b);
    c->eax = 1;
    while ((t = kn_head(k, b.at, WAIT_KNMAIL, b.flags & KN_KIND))) {
        if (receiver_ready(k, &b, t)) {
            message_give(k, c, t);
            return;
        }
        sched_wake(k, t, E_BAD_ADDR, 0);
    }
    if (priority) b.head = (b.head + b.places - 1) % b.places;
    message_store(k, c, box_place(&b, priority ? 0 : b.count));
    b.count++;
    box_set(k, &b);
}

uint32_t vrfy_knSendRtData(struct rt_kernel *k, struct call *c)
{
    return send_check(k, c, false);
}

void impl_knSendRtData(struct rt_kernel *k, struct call *c)
{
    send_do(k, c, false);
}

uint32_t vrfy_knSendRtPriorityData(struct rt_kernel *k, struct call *c)
{
    return send_check(k, c, true);
}

void impl_knSendRtPriorityData(struct rt_kernel *k, struct call *c)
{
    send_do(k, c, true);
}

/* --- knWaitForRtData(handle, data, bytes received, low-level ticks) --- */

uint32_t vrfy_knWaitForRtData(struct rt_kernel *k, struct call *c)
{
    struct box b;
    if (!box_get(k, kn_named(c), &b)) return E_BAD_ADDR;
    uint32_t status = call_writable(k, c->arg[1], b.size);
    if (status == E_OK) status = call_writable(k, c->arg[2], 4);
    if (status != E_OK) return status;
    if (b.count) return kn_process(k, box_place(&b, 0), b.size + OVERHEAD) ? E_OK : E_BAD_ADDR;
    return c->arg[3] == 0 ? E_KN_TIME_OUT : call_lasting(c);
}

static void message_take(struct rt_kernel *k, struct call *c, struct box *b)
{
    uint8_t part[PAGE];
    uint64_t place = box_place(b, 0);
    kn_get(k, place, part, OVERHEAD);
    uint32_t length = get32(part) < b->size ? get32(part) : b->size;
    for (uint32_t done = 0; done < length;) {
        uint32_t n = length - done < PAGE ? length - done : PAGE;
        kn_get(k, place + OVERHEAD + done, part, n);
        call_put(k, c->arg[1] + done, part, n);
        done += n;
    }
    put32(part, length);
    call_put(k, c->arg[2], part, 4);
    b->head = (b->head + 1) % b->places;
    b->count--;
    box_set(k, b);
}

void impl_knWaitForRtData(struct rt_kernel *k, struct call *c)
{
    struct box b = {0};
    box_get(k, kn_named(c), &b);
    c->eax = 1;
    if (b.count) {
        message_take(k, c, &b);
        return;
    }
    c->t->wait_to = c->arg[1];
    c->t->wait_count = c->arg[2];
    kn_wait(k, c, WAIT_KNMAIL, c->arg[3]);
}

/* --- knDeleteRtMailbox(handle): waiters go on, messages are lost; the area stays usable --- */

uint32_t vrfy_knDeleteRtMailbox(struct rt_kernel *k, struct call *c)
{
    struct box b;
    return box_get(k, kn_named(c), &b) ? E_OK : E_BAD_ADDR;
}

void impl_knDeleteRtMailbox(struct rt_kernel *k, struct call *c)
{
    struct box b = {0};
    box_get(k, kn_named(c), &b);
    kn_wake_all(k, b.at, WAIT_KNMAIL);
    b.count = 0;
    box_set(k, &b);
}
