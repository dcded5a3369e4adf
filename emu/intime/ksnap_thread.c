/* ksnap_thread.c: threads and what they wait for, to and from a snapshot. See ksnap.h. */
#include "ksnap.h"

#include "net.h"

#define PIECE_BYTES 8u

SNAP_SIZE(struct handler, 8);
void handler_snap(struct snap *s, struct handler *h)
{
    snap_below8(s, &h->kind, HANDLER_USER + 1);
    snap_u8(s, &h->mode);
    snap_u16(s, &h->process);
    snap_u32(s, &h->entry);
}

/* --- faults --- */

SNAP_SIZE(struct rt_cause, 24);
static void cause_snap(struct snap *s, struct rt_cause *c)
{
    snap_bool(s, &c->known);
    snap_bool(s, &c->has_access);
    snap_u8(s, &c->vector);
    snap_u8(s, &c->seg);
    snap_u8(s, &c->access);
    snap_u16(s, &c->cs);
    snap_u16(s, &c->rule);
    snap_u16(s, &c->size);
    snap_u32(s, &c->eip);
    snap_u32(s, &c->detail);
    snap_u32(s, &c->off);
}

SNAP_SIZE(struct rt_fault, 92);
static void fault_snap(struct snap *s, struct rt_fault *f)
{
    uint16_t *segs[] = {&f->cs, &f->ss, &f->ds, &f->es, &f->fs, &f->gs};
    snap_u8(s, &f->vector);
    for (unsigned i = 0; i < 6; i++)
        snap_u16(s, segs[i]);
    snap_u32(s, &f->error);
    snap_u32(s, &f->cr2);
    snap_u32(s, &f->eip);
    snap_u32(s, &f->eflags);
    for (unsigned i = 0; i < 8; i++)
        snap_u32(s, &f->gpr[i]);
    snap_u32(s, &f->context);
    cause_snap(s, &f->cause);
}

static void faults_snap(struct snap *s, struct thread *t)
{
    snap_below8(s, &t->fault_next, FAULTS_KEPT);
    for (unsigned i = 0; i < FAULTS_KEPT; i++)
        fault_snap(s, &t->fault[i]);
}

/* --- the call that it waits in --- */

static uint32_t row_code(const struct row *row)
{
    return row ? (uint32_t)row->number << 16 | row->class : 0;
}

/* By function code: the table may grow. */
static void row_snap(struct ksnap *x, const struct row **row)
{
    uint32_t code = row_code(*row);
    snap_u32(x->s, &code);
    if (!x->s->loading) return;
    *row = NULL;
    for (unsigned i = 0; code && i < rt_row_count; i++)
        if (row_code(&rt_rows[i]) == code) *row = &rt_rows[i];
    snap_expect(x->s, !code || *row, "a thread waits in a call that is not there");
}

SNAP_SIZE(struct net_piece, 8);
SNAP_SIZE(struct net_address, 8);
SNAP_SIZE(struct net_request, 464);
/* `data`: bytes to be sent, the list of poll, or pieces of 8 bytes for what is received. */
static void net_snap(struct snap *s, struct net_request *r)
{
    snap_bool(s, &r->named);
    snap_bool(s, &r->endless);
    snap_u32(s, &r->fd);
    snap_u32(s, &r->flags);
    snap_u32(s, &r->peer.address);
    snap_u16(s, &r->peer.port);
    snap_u32(s, &r->size);
    snap_u32(s, &r->done);
    snap_u32(s, &r->header_at);
    snap_u32(s, &r->name_at);
    snap_u32(s, &r->room_at);
    snap_u32(s, &r->room);
    snap_u64(s, &r->limit_us);
    snap_u32(s, &r->fds);
    for (unsigned i = 0; i < 3; i++) {
        snap_u32(s, &r->set_at[i]);
        for (unsigned n = 0; n < SELECT_WORDS; n++)
            snap_u32(s, &r->set[i][n]);
    }
}

static void pieces_snap(struct snap *s, struct net_request *r, uint32_t count)
{
    uint64_t room = 0;
    r->piece = (struct net_piece *)(void *)r->data;
    for (uint32_t i = 0; i < count; i++) {
        snap_u32(s, &r->piece[i].at);
        snap_u32(s, &r->piece[i].size);
        room += r->piece[i].size;
    }
    snap_expect(s, room >= r->size, "what is received has no room");
}

/* Those that hold `size` bytes. */
static uint32_t pieces_of(const struct net_request *r)
{
    uint32_t n = 0;
    for (uint64_t room = 0; room < r->size; n++)
        room += r->piece[n].size;
    return n;
}

static uint32_t data_bytes(const struct net_request *r)
{
    if (r->kind == NET_SEND) return r->size;
    if (r->kind == NET_POLL) return r->fds * POLL_ENTRY;
    return r->kind == NET_RECEIVE ? pieces_of(r) * PIECE_BYTES : 0;
}

static bool request_good(const struct net_request *r, uint32_t n)
{
    if (r->done > r->size || r->fds > SELECT_MAX) return false;
    if (r->kind == NET_SEND) return n == r->size;
    if (r->kind == NET_POLL) return n == r->fds * POLL_ENTRY;
    if (r->kind == NET_RECEIVE) return n % PIECE_BYTES == 0 && n / PIECE_BYTES <= PIECES_MAX;
    return n == 0;
}

static void request_snap(struct ksnap *x, struct thread *t)
{
    uint8_t kind = t->net ? t->net->kind : 0;
    snap_below8(x->s, &kind, NET_POLL + 1);
    uint32_t n = snap_count(x->s, t->net ? data_bytes(t->net) : 0, SEND_MAX, 1);
    if (x->s->loading) t->net = snap_new(x->s, 1, sizeof *t->net + n);
    struct net_request *r = t->net;
    if (!r) return;
    r->kind = kind;
    net_snap(x->s, r);
    if (!snap_expect(x->s, request_good(r, n), "a socket call has impossible figures")) return;
    if (kind == NET_SEND || kind == NET_POLL) snap_raw(x->s, r->data, n);
    if (kind == NET_RECEIVE) pieces_snap(x->s, r, n / PIECE_BYTES);
    if (x->s->loading && !x->k->packet) x->k->packet = snap_new(x->s, NET_CHUNK, 1);
}

/* Of what it waits for only what counts: the rest may name what is long gone. */
static void waits_snap(struct ksnap *x, struct thread *t)
{
    snap_below8(x->s, &t->wait, WAIT_KINDS);
    row_snap(x, &t->wait_row);
    bool names = t->wait == WAIT_LOOKUP;
    bool process = t->wait == WAIT_INIT || t->wait == WAIT_PROCESS || t->wait == WAIT_TERMINATE;
    if (names) ref_process_need(x, &t->wait_dir);
    if (process) ref_process_need(x, &t->wait_process);
    if (t->wait == WAIT_SPONSOR) ref_dependency(x, &t->dependency);
    if (t->wait == WAIT_SOCKET) request_snap(x, t);
    if (t->wait == WAIT_SERVICE || t->wait == WAIT_SENDING) request_of_snap(x, t);
    snap_raw(x->s, t->wait_name, sizeof t->wait_name);
    snap_below8(x->s, &t->wait_length, NAME_MAX_LEN + 1);
    ref_slot(x, &t->wait_object);
    snap_u16(x->s, &t->wait_units);
    snap_u64(x->s, &t->wait_at);
    snap_u32(x->s, &t->wait_size);
    snap_u32(x->s, &t->wait_to);
    snap_u32(x->s, &t->wait_count);
    snap_u64(x->s, &t->due);
    snap_u64(x->s, &t->since);
    snap_u64(x->s, &t->limit);
}

/* --- events --- */

SNAP_SIZE(struct event, 12);
static void event_snap(struct snap *s, struct thread *t)
{
    snap_u32(s, &t->notify);
    snap_bool(s, &t->handles);
    snap_u32(s, &t->event.type);
    snap_u32(s, &t->event.location);
    snap_u32(s, &t->event.process);
    snap_unsigned(s, &t->event_at);
    snap_expect(s, t->event_at <= EVENT_HANDLERS, "an event is past its last handler");
}

/* --- the thread --- */

static void flags_snap(struct snap *s, struct thread *t)
{
    bool *flags[] = {&t->main, &t->doomed, &t->hurried, &t->inside, &t->force, &t->faulted};
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
        snap_bool(s, flags[i]);
}

static void account_snap(struct snap *s, struct thread *t)
{
    snap_u64(s, &t->created);
    snap_u64(s, &t->ran);
    snap_u64(s, &t->reset_at);
    snap_u64(s, &t->reset_ran);
    snap_u32(s, &t->slice);
}

SNAP_SIZE(struct thread, 648);
/* Its process, its handle, its place in the ready queue, its message and its interrupt come from elsewhere. */
void thread_snap(struct ksnap *x, struct thread *t)
{
    struct snap *s = x->s;
    flags_snap(s, t);
    snap_u8(s, &t->priority);
    snap_u8(s, &t->base);
    snap_u8(s, &t->depth);
    snap_u8(s, &t->leaving);
    waits_snap(x, t);
    event_snap(s, t);
    account_snap(s, t);
    ref_slot(x, &t->held);
    snap_unsigned(s, &t->kn_held);
    snap_u32(s, &t->locks);
    snap_u32(s, &t->tss);
    snap_u32(s, &t->block);
    snap_u32(s, &t->stack_pages);
    snap_u16(s, &t->last_error);
    handler_snap(s, &t->handler);
    faults_snap(s, t);
}
