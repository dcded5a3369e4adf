/* netcalls.c: the socket calls. vrfy_ reads all that a call needs into a request, or finds the errno that refuses it
 * (c->error); impl_ does it. */
#include "net.h"

#include <stdlib.h>

#include "bits.h"

#define STREAM         1u
#define DATAGRAM       2u
#define PROTOCOL_TCP   6u
#define PROTOCOL_UDP   17u
#define BUFFER_BYTES   65536u      /* what SO_SNDBUF and SO_RCVBUF say before they are set */
#define IO_BLOCKING    0x8004667Eu /* FIONBIO */
#define IO_UNREAD      0x4004667Fu /* FIONREAD */
#define IO_IS_WAITLESS 0u          /* our C library's fcntl: is it non-blocking? */
#define IO_HAS_NETWORK 1u          /* our C library's getifaddrs: of no socket */

/* E_OK in any case: errors of these calls are an errno. */
static uint32_t refuse(struct call *c, int32_t error)
{
    c->error = error;
    return E_OK;
}

bool net_refused(struct rt_kernel *k, struct call *c)
{
    if (c->error) c->eax = net_answer(k, c->t, c->error);
    return c->error != 0;
}

struct net_request *net_request_new(struct rt_kernel *k, struct call *c, enum net_kind kind,
                                    uint32_t n)
{
    if (!k->packet) k->packet = malloc(NET_CHUNK);
    struct net_request *r = k->packet ? calloc(1, sizeof *r + n) : NULL;
    c->host = r;
    bool later = kind != NET_SEND && kind != NET_CONNECT; /* results go to the caller's memory */
    c->error = !r ? -RT_NET_ENOBUFS : later && call_lasting(c) != E_OK ? -RT_NET_EFAULT : 0;
    if (c->error) return NULL;
    r->kind = (uint8_t)kind;
    r->fd = c->arg[0];
    return r;
}

/* --- socket(domain, type, protocol) --- */

static int32_t kind_check(uint32_t domain, uint32_t type, uint32_t protocol)
{
    if (domain != AF_INET_BSD) return -RT_NET_EPFNOSUPPORT;
    if (type != STREAM && type != DATAGRAM) return -RT_NET_EPROTONOSUPPORT;
    if (!protocol || protocol == (type == STREAM ? PROTOCOL_TCP : PROTOCOL_UDP)) return 0;
    bool other = protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
    return other ? -RT_NET_EPROTOTYPE : -RT_NET_EPROTONOSUPPORT;
}

uint32_t vrfy_socket(struct rt_kernel *k, struct call *c)
{
    (void)k;
    uint32_t fd;
    int32_t error = kind_check(c->arg[0], c->arg[1], c->arg[2]);
    if (error) return refuse(c, error);
    if (!c->p->sockets) c->p->sockets = calloc(SOCKETS_MAX, sizeof *c->p->sockets);
    if (!c->p->sockets) return refuse(c, -RT_NET_ENOBUFS);
    return refuse(c, socket_free(c->p, &fd) ? 0 : -RT_NET_EMFILE);
}

void impl_socket(struct rt_kernel *k, struct call *c)
{
    uint32_t fd;
    struct rt_net_op op = {.kind = RT_NET_SOCKET, .stream = c->arg[1] == STREAM};
    if (net_refused(k, c)) return;
    int32_t number = net_op(k, &op);
    c->eax = net_answer(k, c->t, number);
    if (number < 0) return;
    struct socket *s = socket_free(c->p, &fd);
    *s = (struct socket){.open = true, .stream = op.stream, .number = number};
    s->option[RT_NET_SO_SNDBUF] = s->option[RT_NET_SO_RCVBUF] = BUFFER_BYTES;
    c->eax = fd;
}

/* --- bind(s, name, length) --- */

uint32_t vrfy_bind(struct rt_kernel *k, struct call *c)
{
    struct net_address a;
    bool named;
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    c->error = address_read(k, c->arg[1], c->arg[2], &a, &named);
    c->off = a.address;
    c->page = a.port;
    return E_OK;
}

void impl_bind(struct rt_kernel *k, struct call *c)
{
    if (net_refused(k, c)) return;
    struct rt_net_op op = {.kind = RT_NET_BIND,
                           .socket = socket_of(c->p, c->arg[0])->number,
                           .address = c->off,
                           .port = (uint16_t)c->page};
    c->eax = net_answer(k, c->t, net_op(k, &op));
}

/* --- listen(s, backlog), shutdown(s, how) --- */

uint32_t vrfy_listen(struct rt_kernel *k, struct call *c)
{
    (void)k;
    const struct socket *s = socket_need(c->p, c->arg[0], &c->error);
    return s && !s->stream ? refuse(c, -RT_NET_EOPNOTSUPP) : E_OK;
}

void impl_listen(struct rt_kernel *k, struct call *c)
{
    if (net_refused(k, c)) return;
    struct socket *s = socket_of(c->p, c->arg[0]);
    struct rt_net_op op = {.kind = RT_NET_LISTEN,
                           .socket = s->number,
                           .n = c->arg[1] < SOCKETS_MAX ? c->arg[1] : SOCKETS_MAX};
    int32_t result = net_op(k, &op);
    s->listening |= result >= 0;
    c->eax = net_answer(k, c->t, result);
}

uint32_t vrfy_shutdown(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    return refuse(c, c->arg[1] > 2 ? -RT_NET_EINVAL : 0);
}

void impl_shutdown(struct rt_kernel *k, struct call *c)
{
    if (net_refused(k, c)) return;
    struct rt_net_op op = {
        .kind = RT_NET_SHUTDOWN, .socket = socket_of(c->p, c->arg[0])->number, .n = c->arg[1]};
    c->eax = net_answer(k, c->t, net_op(k, &op));
}

/* --- accept(s, name, length), connect(s, name, length) --- */

uint32_t vrfy_accept(struct rt_kernel *k, struct call *c)
{
    const struct socket *s = socket_need(c->p, c->arg[0], &c->error);
    if (!s) return E_OK;
    if (!s->stream) return refuse(c, -RT_NET_EOPNOTSUPP);
    if (!s->listening) return refuse(c, -RT_NET_EINVAL);
    struct net_request *r = net_request_new(k, c, NET_ACCEPT, 0);
    return r ? refuse(c, address_room(k, r, c->arg[1], c->arg[2])) : E_OK;
}

void impl_accept(struct rt_kernel *k, struct call *c)
{
    if (!net_refused(k, c)) net_begin(k, c);
}

uint32_t vrfy_connect(struct rt_kernel *k, struct call *c)
{
    const struct socket *s = socket_need(c->p, c->arg[0], &c->error);
    struct net_request *r = s ? net_request_new(k, c, NET_CONNECT, 0) : NULL;
    if (!r) return E_OK;
    int32_t error = address_read(k, c->arg[1], c->arg[2], &r->peer, &r->named);
    bool nobody = error == -RT_NET_EAFNOSUPPORT && !s->stream; /* no peer any more */
    return refuse(c, nobody ? 0 : error);
}

void impl_connect(struct rt_kernel *k, struct call *c)
{
    if (!net_refused(k, c)) net_begin(k, c);
}

/* --- getsockname(s, name, length), getpeername --- */

static uint32_t name_check(struct rt_kernel *k, struct call *c)
{
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    struct net_request *r = net_request_new(k, c, NET_ACCEPT, 0);
    if (!r) return E_OK;
    return refuse(c, c->arg[1] ? address_room(k, r, c->arg[1], c->arg[2]) : -RT_NET_EFAULT);
}

static void name_get(struct rt_kernel *k, struct call *c, enum rt_net_kind kind)
{
    if (net_refused(k, c)) return;
    struct rt_net_op op = {.kind = (uint8_t)kind, .socket = socket_of(c->p, c->arg[0])->number};
    int32_t result = net_op(k, &op);
    if (result >= 0) address_put(k, c->t, c->host, &(struct net_address){op.address, op.port});
    c->eax = net_answer(k, c->t, result);
}

uint32_t vrfy_getsockname(struct rt_kernel *k, struct call *c)
{
    return name_check(k, c);
}

void impl_getsockname(struct rt_kernel *k, struct call *c)
{
    name_get(k, c, RT_NET_NAME);
}

uint32_t vrfy_getpeername(struct rt_kernel *k, struct call *c)
{
    return name_check(k, c);
}

void impl_getpeername(struct rt_kernel *k, struct call *c)
{
    name_get(k, c, RT_NET_PEER);
}

/* --- recvfrom(s, buffer, size, flags, name, length), recv --- */

struct net_request *net_receive_request(struct rt_kernel *k, struct call *c, uint32_t pieces,
                                        uint32_t flags)
{
    const uint32_t known = RT_NET_MSG_PEEK | RT_NET_MSG_WAITALL | RT_NET_MSG_DONTWAIT;
    c->error = flags & ~known ? -RT_NET_EOPNOTSUPP : 0;
    if (c->error) return NULL;
    struct net_request *r =
        net_request_new(k, c, NET_RECEIVE, pieces * (uint32_t)sizeof(struct net_piece));
    if (!r) return NULL;
    r->flags = flags;
    r->piece = (struct net_piece *)(void *)r->data;
    return r;
}

int32_t net_receive_room(struct rt_kernel *k, struct net_request *r)
{
    if (r->size > NET_CHUNK && !(r->flags & RT_NET_MSG_WAITALL)) r->size = NET_CHUNK;
    for (uint32_t i = 0, done = 0; done < r->size; done += r->piece[i++].size) {
        uint32_t left = r->size - done, n = r->piece[i].size < left ? r->piece[i].size : left;
        if (call_writable(k, r->piece[i].at, n) != E_OK) return -RT_NET_EFAULT;
    }
    return 0;
}

static uint32_t receive_check(struct rt_kernel *k, struct call *c, uint32_t name, uint32_t room)
{
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    if (c->arg[2] > INT32_MAX) return refuse(c, -RT_NET_EINVAL);
    struct net_request *r = net_receive_request(k, c, 1, c->arg[3]);
    if (!r) return E_OK;
    r->size = c->arg[2];
    r->piece[0] = (struct net_piece){c->arg[1], r->size};
    int32_t error = net_receive_room(k, r);
    return refuse(c, error ? error : address_room(k, r, name, room));
}

uint32_t vrfy_recv(struct rt_kernel *k, struct call *c)
{
    return receive_check(k, c, 0, 0);
}

void impl_recv(struct rt_kernel *k, struct call *c)
{
    if (!net_refused(k, c)) net_begin(k, c);
}

uint32_t vrfy_recvfrom(struct rt_kernel *k, struct call *c)
{
    return receive_check(k, c, c->arg[4], c->arg[5]);
}

void impl_recvfrom(struct rt_kernel *k, struct call *c)
{
    if (!net_refused(k, c)) net_begin(k, c);
}

/* --- sendto(s, data, size, flags, name, length), send --- */

struct net_request *net_send_request(struct rt_kernel *k, struct call *c, uint32_t size,
                                     uint32_t flags)
{
    const uint32_t known =
        RT_NET_MSG_DONTROUTE | RT_NET_MSG_DONTWAIT | (uint32_t)RT_NET_MSG_NOSIGNAL;
    bool stream = socket_of(c->p, c->arg[0])->stream;
    c->error = flags & ~known                   ? -RT_NET_EOPNOTSUPP
               : !stream && size > DATAGRAM_MAX ? -RT_NET_EMSGSIZE
                                                : 0;
    if (c->error) return NULL;
    if (size > SEND_MAX) size = SEND_MAX; /* the result says so */
    struct net_request *r = net_request_new(k, c, NET_SEND, size);
    if (!r) return NULL;
    r->size = size;
    r->flags = flags;
    return r;
}

static uint32_t send_check(struct rt_kernel *k, struct call *c, uint32_t name, uint32_t name_size)
{
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    if (c->arg[2] > INT32_MAX) return refuse(c, -RT_NET_EINVAL);
    struct net_request *r = net_send_request(k, c, c->arg[2], c->arg[3]);
    if (!r) return E_OK;
    if (k->port.user_read(k->port.ctx, c->arg[1], r->data, r->size) != RT_REACH_OK)
        return refuse(c, -RT_NET_EFAULT);
    return refuse(c, name ? address_read(k, name, name_size, &r->peer, &r->named) : 0);
}

uint32_t vrfy_send(struct rt_kernel *k, struct call *c)
{
    return send_check(k, c, 0, 0);
}

void impl_send(struct rt_kernel *k, struct call *c)
{
    if (!net_refused(k, c)) net_begin(k, c);
}

uint32_t vrfy_sendto(struct rt_kernel *k, struct call *c)
{
    return send_check(k, c, c->arg[4], c->arg[5]);
}

void impl_sendto(struct rt_kernel *k, struct call *c)
{
    if (!net_refused(k, c)) net_begin(k, c);
}

/* --- setsockopt(s, level, option, value, size), getsockopt(..., pointer to size) --- */

uint32_t vrfy_setsockopt(struct rt_kernel *k, struct call *c)
{
    uint8_t value[8];
    uint32_t n = c->arg[4] < sizeof value ? c->arg[4] : (uint32_t)sizeof value;
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    if (k->port.user_read(k->port.ctx, c->arg[3], value, n) != RT_REACH_OK)
        return refuse(c, -RT_NET_EFAULT);
    for (uint32_t i = 0; i < sizeof value; i++)
        c->str[i] = i < n ? (char)value[i] : 0;
    c->off = n;
    return E_OK;
}

void impl_setsockopt(struct rt_kernel *k, struct call *c)
{
    if (net_refused(k, c)) return;
    int32_t result = option_set(k, socket_of(c->p, c->arg[0]), c->arg[1], c->arg[2],
                                (const uint8_t *)c->str, c->off);
    c->eax = net_answer(k, c->t, result);
}

uint32_t vrfy_getsockopt(struct rt_kernel *k, struct call *c)
{
    uint8_t size[4];
    if (!socket_need(c->p, c->arg[0], &c->error)) return E_OK;
    if (!net_exchange(k, c->arg[4], size, 4)) return refuse(c, -RT_NET_EFAULT);
    c->off = get32(size) < 8 ? get32(size) : 8;
    return refuse(c, call_writable(k, c->arg[3], c->off) == E_OK ? 0 : -RT_NET_EFAULT);
}

void impl_getsockopt(struct rt_kernel *k, struct call *c)
{
    uint8_t value[8] = {0}, size[4];
    uint32_t n = 0;
    if (net_refused(k, c)) return;
    const struct socket *s = socket_of(c->p, c->arg[0]);
    int32_t result = option_get(k, s, c->arg[1], c->arg[2], value, &n);
    c->eax = net_answer(k, c->t, result);
    if (result < 0) return;
    if (n > c->off) n = c->off;
    put32(size, n);
    call_put(k, c->arg[3], value, n);
    call_put(k, c->arg[4], size, sizeof size);
}

/* --- of the C library: clib_ioctl(fd, request, value): a result or a negative error --- */

uint32_t vrfy_clib_ioctl(struct rt_kernel *k, struct call *c)
{
    uint8_t value[4] = {0};
    uint32_t request = c->arg[1];
    if (request == IO_HAS_NETWORK) return refuse(c, k->port.net ? 0 : -RT_NET_ENETDOWN);
    if (!socket_need(c->p, c->arg[0], &c->error)) {
        if (c->error == -RT_NET_ENOTSOCK) c->error = -RT_NET_ENOTTY;
        return E_OK;
    }
    if (request == IO_BLOCKING) {
        if (k->port.user_read(k->port.ctx, c->arg[2], value, 4) != RT_REACH_OK)
            return refuse(c, -RT_NET_EFAULT);
        c->off = get32(value);
    } else if (request == IO_UNREAD) {
        return refuse(c, call_writable(k, c->arg[2], 4) == E_OK ? 0 : -RT_NET_EFAULT);
    }
    return refuse(c, request == IO_BLOCKING || request == IO_IS_WAITLESS ? 0 : -RT_NET_ENOTTY);
}

static int32_t unread_get(struct rt_kernel *k, const struct socket *s, uint32_t at)
{
    uint8_t value[4];
    struct rt_net_op op = {.kind = RT_NET_UNREAD, .socket = s->number};
    int32_t n = net_op(k, &op);
    if (n < 0) return n;
    put32(value, (uint32_t)n);
    call_put(k, at, value, sizeof value);
    return 0;
}

void impl_clib_ioctl(struct rt_kernel *k, struct call *c)
{
    struct socket *s = socket_of(c->p, c->arg[0]);
    c->eax = (uint32_t)c->error;
    if (c->error || c->arg[1] == IO_HAS_NETWORK) return;
    if (c->arg[1] == IO_UNREAD) {
        c->eax = (uint32_t)unread_get(k, s, c->arg[2]);
    } else if (c->arg[1] == IO_BLOCKING) {
        s->nonblocking = c->off != 0;
    } else {
        c->eax = s->nonblocking;
    }
}

/* --- clib_select(n, read, write, except, time limit): how many, or a negative error --- */

static int32_t limit_read(struct rt_kernel *k, struct net_request *r, uint32_t at)
{
    uint8_t raw[8];
    r->endless = !at;
    if (!at) return 0;
    if (k->port.user_read(k->port.ctx, at, raw, sizeof raw) != RT_REACH_OK) return -RT_NET_EFAULT;
    if (get32(raw) > INT32_MAX || get32(raw + 4) >= 1000000) return -RT_NET_EINVAL;
    r->limit_us = (uint64_t)get32(raw) * 1000000 + get32(raw + 4);
    return 0;
}

/* Bits from n on do not count. */
static int32_t set_read(struct rt_kernel *k, struct net_request *r, unsigned i, uint32_t at)
{
    uint8_t raw[SELECT_WORDS * 4];
    uint32_t words = (r->fds + 31) / 32;
    if (!at) return 0;
    if (!net_exchange(k, at, raw, words * 4)) return -RT_NET_EFAULT;
    r->set_at[i] = at;
    for (uint32_t j = 0; j < words; j++)
        r->set[i][j] = get32(raw + 4 * j);
    return 0;
}

uint32_t vrfy_clib_select(struct rt_kernel *k, struct call *c)
{
    if (c->arg[0] > SELECT_MAX) return refuse(c, -RT_NET_EINVAL);
    struct net_request *r = net_request_new(k, c, NET_SELECT, 0);
    if (!r) return E_OK;
    r->fds = c->arg[0];
    c->error = limit_read(k, r, c->arg[4]);
    for (unsigned i = 0; i < 3 && !c->error; i++)
        c->error = set_read(k, r, i, c->arg[1 + i]);
    return E_OK;
}

void impl_clib_select(struct rt_kernel *k, struct call *c)
{
    c->eax = (uint32_t)c->error;
    if (!c->error) net_begin(k, c);
}
