/* netmsg.c: sendmsg and recvmsg: the bytes lie in pieces that the caller's header names.
 *
 *   msghdr  +0 name  +4 its size  +8 pieces  +12 how many  +16 control data  +20 their size  +24 flags (a result)
 *   piece   +0 address  +4 size
 *
 * There are no control data: none are received, and to send some is EINVAL.
 */
#include "net.h"

#include <stdlib.h>

#include "bits.h"

#define AT_ROOM    4u  /* in the header: what recvmsg writes */
#define AT_CONTROL 20u /* and here: size of the control data, flags */
#define PIECE_SIZE 8u

struct message_header {
    uint32_t name, name_size, pieces, count, control_size;
};

static int32_t header_read(struct rt_kernel *k, uint32_t at, bool write, struct message_header *h)
{
    uint8_t raw[HEADER_SIZE];
    bool there = write ? net_exchange(k, at, raw, sizeof raw)
                       : k->port.user_read(k->port.ctx, at, raw, sizeof raw) == RT_REACH_OK;
    if (!there) return -RT_NET_EFAULT;
    *h = (struct message_header){.name = get32(raw),
                                 .name_size = get32(raw + 4),
                                 .pieces = get32(raw + 8),
                                 .count = get32(raw + 12),
                                 .control_size = get32(raw + 20)};
    return h->count > 0 && h->count <= PIECES_MAX ? 0 : -RT_NET_EMSGSIZE;
}

/* Their sizes together are at most 2^31 - 1. */
static int32_t pieces_read(struct rt_kernel *k, const struct message_header *h,
                           struct net_piece *piece, uint32_t *total)
{
    uint64_t sum = 0;
    uint8_t raw[PIECE_SIZE];
    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t at = h->pieces + i * PIECE_SIZE;
        if (at < h->pieces || k->port.user_read(k->port.ctx, at, raw, sizeof raw) != RT_REACH_OK)
            return -RT_NET_EFAULT;
        piece[i] = (struct net_piece){get32(raw), get32(raw + 4)};
        sum += piece[i].size;
    }
    *total = (uint32_t)sum;
    return sum <= INT32_MAX ? 0 : -RT_NET_EINVAL;
}

/* --- sendmsg(s, header, flags) --- */

static int32_t gather(struct rt_kernel *k, struct net_request *r, const struct net_piece *piece)
{
    for (uint32_t i = 0, done = 0; done < r->size; i++) {
        uint32_t left = r->size - done, n = piece[i].size < left ? piece[i].size : left;
        if (k->port.user_read(k->port.ctx, piece[i].at, r->data + done, n) != RT_REACH_OK)
            return -RT_NET_EFAULT;
        done += n;
    }
    return 0;
}

static int32_t send_message(struct rt_kernel *k, struct call *c, const struct message_header *h,
                            const struct net_piece *piece, uint32_t size)
{
    struct net_request *r = net_send_request(k, c, size, c->arg[2]);
    if (!r) return c->error;
    int32_t error = gather(k, r, piece);
    return error || !h->name ? error : address_read(k, h->name, h->name_size, &r->peer, &r->named);
}

uint32_t vrfy_sendmsg(struct rt_kernel *k, struct call *c)
{
    struct message_header h;
    struct net_piece piece[PIECES_MAX];
    uint32_t size = 0;
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    c->error = header_read(k, c->arg[1], false, &h);
    if (!c->error && h.control_size) c->error = -RT_NET_EINVAL;
    if (!c->error) c->error = pieces_read(k, &h, piece, &size);
    if (!c->error) c->error = send_message(k, c, &h, piece, size);
    return E_OK;
}

void impl_sendmsg(struct rt_kernel *k, struct call *c)
{
    if (!net_refused(k, c)) net_begin(k, c);
}

/* --- recvmsg(s, header, flags) --- */

static int32_t receive_message(struct rt_kernel *k, struct call *c, const struct message_header *h)
{
    struct net_request *r = net_receive_request(k, c, h->count, c->arg[2]);
    if (!r) return c->error;
    int32_t error = pieces_read(k, h, r->piece, &r->size);
    if (!error) error = net_receive_room(k, r);
    r->header_at = c->arg[1];
    if (error || !h->name) return error;
    r->name_at = h->name;
    r->room_at = c->arg[1] + AT_ROOM;
    r->room = h->name_size;
    return address_room_check(k, r);
}

uint32_t vrfy_recvmsg(struct rt_kernel *k, struct call *c)
{
    struct message_header h;
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    c->error = header_read(k, c->arg[1], true, &h);
    if (!c->error) c->error = receive_message(k, c, &h);
    return E_OK;
}

void impl_recvmsg(struct rt_kernel *k, struct call *c)
{
    if (!net_refused(k, c)) net_begin(k, c);
}

void message_put(struct rt_kernel *k, struct thread *t, const struct net_request *r, uint32_t flags)
{
    uint8_t raw[8] = {0};
    put32(raw + 4, flags);
    thread_put(k, t, r->header_at + AT_CONTROL, raw, sizeof raw);
}
