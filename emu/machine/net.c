/* net.c: the guest's network: sockets of the host on its loopback, and nowhere else.
 *
 *   port.net(op)  -->  address looked at here  -->  a socket of the host that never waits
 *
 * Names are those of 127.0.0.0/8; "any address" is 127.0.0.1, so nothing outside of the host can reach a guest, and every
 * socket has its name before it is used, since the host would give it one that others can reach. All else: EADDRNOTAVAIL
 * for a name of its own, ENETUNREACH for that of a peer. Errors are BSD's numbers (rtnet.def).
 *
 * A machine with open sockets lets idle time pass as the host's time does (machine_net_wait): who is outside needs time
 * to answer.
 */
#define _GNU_SOURCE /* ppoll, accept4 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "snapshot.h"

#define SOCKETS_ALL 256 /* of all processes */
#define LOOPBACK    0x7F000001u
#define BUFFER_MAX  0x100000u

#define GONE (-2)

struct machine_net {
    struct {
        int fd; /* -1: free; GONE: it was there in a snapshot, its peer has gone */
        bool stream, bound;
    } socket[SOCKETS_ALL];
    unsigned open;
};

static int32_t refused(int error)
{
    static const struct {
        int host;
        enum rt_net_error guest;
    } errors[] = {{EBADF, RT_NET_EBADF},
                  {ENOMEM, RT_NET_ENOMEM},
                  {EACCES, RT_NET_EACCES},
                  {EPERM, RT_NET_EACCES},
                  {EINVAL, RT_NET_EINVAL},
                  {ENFILE, RT_NET_ENFILE},
                  {EMFILE, RT_NET_ENFILE},
                  {EPIPE, RT_NET_EPIPE},
                  {EAGAIN, RT_NET_EWOULDBLOCK},
                  {EINTR, RT_NET_EWOULDBLOCK},
                  {EINPROGRESS, RT_NET_EINPROGRESS},
                  {EALREADY, RT_NET_EALREADY},
                  {EDESTADDRREQ, RT_NET_EDESTADDRREQ},
                  {EMSGSIZE, RT_NET_EMSGSIZE},
                  {EOPNOTSUPP, RT_NET_EOPNOTSUPP},
                  {EADDRINUSE, RT_NET_EADDRINUSE},
                  {EADDRNOTAVAIL, RT_NET_EADDRNOTAVAIL},
                  {ENETDOWN, RT_NET_ENETDOWN},
                  {ENETUNREACH, RT_NET_ENETUNREACH},
                  {ECONNABORTED, RT_NET_ECONNABORTED},
                  {ECONNRESET, RT_NET_ECONNRESET},
                  {EISCONN, RT_NET_EISCONN},
                  {ENOTCONN, RT_NET_ENOTCONN},
                  {ETIMEDOUT, RT_NET_ETIMEDOUT},
                  {ECONNREFUSED, RT_NET_ECONNREFUSED},
                  {EHOSTUNREACH, RT_NET_EHOSTUNREACH}};
    for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].host == error) return -(int32_t)errors[i].guest;
    return -RT_NET_ENOBUFS;
}

static int32_t done(long result)
{
    return result < 0 ? refused(errno) : (int32_t)result;
}

/* --- addresses --- */

static struct sockaddr_in host_address(uint32_t address, uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(address ? address : LOOPBACK),
                                .sin_port = htons(port)};
}

static bool on_loopback(uint32_t address)
{
    return address == 0 || address >> 24 == LOOPBACK >> 24;
}

static int32_t net_bind(struct machine_net *n, int32_t s, uint32_t address, uint16_t port)
{
    struct sockaddr_in a = host_address(address, port);
    if (!on_loopback(address)) return -RT_NET_EADDRNOTAVAIL;
    int32_t result = done(bind(n->socket[s].fd, (const struct sockaddr *)&a, sizeof a));
    n->socket[s].bound |= result >= 0;
    return result;
}

/* Where may it send to? It has a name of its own from here on. */
static int32_t peer_check(struct machine_net *n, const struct rt_net_op *op)
{
    if (!on_loopback(op->address)) return -RT_NET_ENETUNREACH;
    return n->socket[op->socket].bound ? 0 : net_bind(n, op->socket, LOOPBACK, 0);
}

static int32_t name_get(struct rt_net_op *op, int fd, bool peer)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof a;
    struct sockaddr *at = (struct sockaddr *)&a;
    if (peer ? getpeername(fd, at, &n) : getsockname(fd, at, &n)) return refused(errno);
    op->address = ntohl(a.sin_addr.s_addr);
    op->port = ntohs(a.sin_port);
    return 0;
}

/* --- sockets come and go --- */

/* Takes over the descriptor. */
static int32_t number_new(struct machine_net *n, int fd, bool stream)
{
    int32_t s = 0;
    while (s < SOCKETS_ALL && n->socket[s].fd != -1)
        s++;
    if (fd < 0) return refused(errno);
    if (s == SOCKETS_ALL) {
        close(fd);
        return -RT_NET_ENFILE;
    }
    n->socket[s].fd = fd;
    n->socket[s].stream = stream;
    n->socket[s].bound = false;
    n->open++;
    return s;
}

static int32_t net_socket(struct machine_net *n, const struct rt_net_op *op)
{
    int type = (op->stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    return number_new(n, socket(AF_INET, type, 0), op->stream);
}

static int32_t net_accept(struct machine_net *n, struct rt_net_op *op)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t size = sizeof a;
    int fd = accept4(n->socket[op->socket].fd, (struct sockaddr *)&a, &size,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    int32_t s = number_new(n, fd, true);
    op->address = ntohl(a.sin_addr.s_addr);
    op->port = ntohs(a.sin_port);
    if (s >= 0) n->socket[s].bound = true;
    return s;
}

static int32_t net_close(struct machine_net *n, int32_t s)
{
    int fd = n->socket[s].fd;
    n->socket[s].fd = -1;
    n->open--;
    return done(close(fd));
}

static int32_t net_listen(struct machine_net *n, const struct rt_net_op *op)
{
    int32_t result = n->socket[op->socket].bound ? 0 : net_bind(n, op->socket, LOOPBACK, 0);
    return result < 0 ? result : done(listen(n->socket[op->socket].fd, (int)op->n));
}

/* --- bytes --- */

static int32_t net_connect(struct machine_net *n, const struct rt_net_op *op)
{
    int fd = n->socket[op->socket].fd;
    struct sockaddr_in a = host_address(op->address, op->port);
    if (!op->named) a = (struct sockaddr_in){.sin_family = AF_UNSPEC};
    int32_t result = op->named ? peer_check(n, op) : 0;
    return result < 0 ? result : done(connect(fd, (const struct sockaddr *)&a, sizeof a));
}

static int32_t net_send(struct machine_net *n, const struct rt_net_op *op)
{
    int fd = n->socket[op->socket].fd;
    bool stream = n->socket[op->socket].stream;
    if (!op->named || stream) return done(send(fd, op->from, op->n, MSG_NOSIGNAL));
    struct sockaddr_in a = host_address(op->address, op->port);
    int32_t result = peer_check(n, op);
    if (result < 0) return result;
    return done(sendto(fd, op->from, op->n, MSG_NOSIGNAL, (const struct sockaddr *)&a, sizeof a));
}

static int32_t net_receive(const struct machine_net *n, struct rt_net_op *op)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    struct iovec bytes = {op->to, op->n};
    struct msghdr message = {
        .msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &bytes, .msg_iovlen = 1};
    int flags = op->flags & RT_NET_MSG_PEEK ? MSG_PEEK : 0;
    int32_t got = done(recvmsg(n->socket[op->socket].fd, &message, flags));
    op->flags = message.msg_flags & MSG_TRUNC ? RT_NET_MSG_TRUNC : 0;
    op->address = ntohl(a.sin_addr.s_addr);
    op->port = ntohs(a.sin_port);
    return got;
}

/* --- options, events --- */

static int32_t net_set(const struct machine_net *n, const struct rt_net_op *op)
{
    static const struct {
        int level, name;
    } options[RT_NET_PASSED] = {[RT_NET_SO_REUSEADDR] = {SOL_SOCKET, SO_REUSEADDR},
                                [RT_NET_SO_KEEPALIVE] = {SOL_SOCKET, SO_KEEPALIVE},
                                [RT_NET_SO_BROADCAST] = {SOL_SOCKET, SO_BROADCAST},
                                [RT_NET_SO_SNDBUF] = {SOL_SOCKET, SO_SNDBUF},
                                [RT_NET_SO_RCVBUF] = {SOL_SOCKET, SO_RCVBUF},
                                [RT_NET_SO_NODELAY] = {IPPROTO_TCP, TCP_NODELAY}};
    int fd = n->socket[op->socket].fd, value = (int)(op->n < BUFFER_MAX ? op->n : BUFFER_MAX);
    if (op->option == RT_NET_SO_LINGER) {
        struct linger linger = {.l_onoff = op->n != 0};
        return done(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    }
    if (op->option >= RT_NET_PASSED) return -RT_NET_ENOPROTOOPT;
    if (options[op->option].level == IPPROTO_TCP && !n->socket[op->socket].stream)
        return -RT_NET_ENOPROTOOPT;
    return done(
        setsockopt(fd, options[op->option].level, options[op->option].name, &value, sizeof value));
}

static int32_t net_get(const struct machine_net *n, const struct rt_net_op *op)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (op->option != RT_NET_SO_ERROR) return -RT_NET_ENOPROTOOPT;
    if (getsockopt(n->socket[op->socket].fd, SOL_SOCKET, SO_ERROR, &error, &size))
        return refused(errno);
    return error ? -refused(error) : 0;
}

static int32_t net_unread(const struct machine_net *n, const struct rt_net_op *op)
{
    int bytes = 0;
    return ioctl(n->socket[op->socket].fd, FIONREAD, &bytes) ? refused(errno) : bytes;
}

static struct pollfd poll_for(const struct machine_net *n, int32_t s, uint8_t events)
{
    short asked = 0;
    if (events & RT_NET_CAN_READ) asked |= POLLIN;
    if (events & RT_NET_CAN_WRITE) asked |= POLLOUT;
    if (events & RT_NET_URGENT) asked |= POLLPRI;
    return (struct pollfd){.fd = n->socket[s].fd, .events = asked};
}

/* What would fail does not wait either. */
static int32_t net_ready(const struct machine_net *n, const struct rt_net_op *op)
{
    struct pollfd p = poll_for(n, op->socket, op->events);
    int32_t there = 0;
    if (poll(&p, 1, 0) < 0) return errno == EINTR ? 0 : refused(errno);
    if (p.revents & (POLLIN | POLLERR | POLLHUP)) there |= RT_NET_CAN_READ;
    if (p.revents & (POLLOUT | POLLERR | POLLHUP)) there |= RT_NET_CAN_WRITE;
    if (p.revents & POLLPRI) there |= RT_NET_URGENT;
    if (p.revents & POLLERR) there |= RT_NET_BROKEN;
    if (p.revents & POLLHUP) there |= RT_NET_HUNG_UP;
    return there & op->events;
}

/* --- the port's function --- */

static int32_t with_socket(struct machine_net *n, struct rt_net_op *op)
{
    int fd = n->socket[op->socket].fd;
    switch ((enum rt_net_kind)op->kind) {
    case RT_NET_BIND: return net_bind(n, op->socket, op->address, op->port);
    case RT_NET_CONNECT: return net_connect(n, op);
    case RT_NET_LISTEN: return net_listen(n, op);
    case RT_NET_ACCEPT: return net_accept(n, op);
    case RT_NET_SEND: return net_send(n, op);
    case RT_NET_RECEIVE: return net_receive(n, op);
    case RT_NET_SHUTDOWN: return done(shutdown(fd, (int)op->n));
    case RT_NET_CLOSE: return net_close(n, op->socket);
    case RT_NET_NAME: return name_get(op, fd, false);
    case RT_NET_PEER: return name_get(op, fd, true);
    case RT_NET_SET: return net_set(n, op);
    case RT_NET_GET: return net_get(n, op);
    case RT_NET_UNREAD: return net_unread(n, op);
    case RT_NET_READY: return net_ready(n, op);
    default: return -RT_NET_EINVAL;
    }
}

/* A socket of a snapshot answers as if its peer had reset the connection; nobody waits for it. */
static int32_t gone(struct machine_net *n, const struct rt_net_op *op)
{
    if (op->kind == RT_NET_READY) return op->events & (RT_NET_CAN_READ | RT_NET_CAN_WRITE);
    if (op->kind != RT_NET_CLOSE) return -RT_NET_ECONNRESET;
    n->socket[op->socket].fd = -1;
    return 0;
}

int32_t machine_net(rt386 *m, struct rt_net_op *op)
{
    struct machine_net *n = m->net;
    if (!n) return -RT_NET_ENETDOWN;
    if (op->kind == RT_NET_SOCKET) return net_socket(n, op);
    bool known = op->socket >= 0 && op->socket < SOCKETS_ALL && n->socket[op->socket].fd != -1;
    if (!known) return -RT_NET_EBADF;
    return n->socket[op->socket].fd == GONE ? gone(n, op) : with_socket(n, op);
}

/* --- snapshots: which numbers are taken; no connection outlives one --- */

void part_network(struct snap *s, rt386 *m)
{
    struct machine_net *n = m->net;
    for (int i = 0; n && i < SOCKETS_ALL; i++) {
        bool taken = !s->guest_only && n->socket[i].fd != -1;
        snap_bool(s, &taken);
        if (!s->loading) continue;
        if (n->socket[i].fd >= 0) close(n->socket[i].fd);
        n->socket[i].fd = taken ? GONE : -1;
    }
    if (s->loading && n) n->open = 0;
}

/* --- idle time --- */

bool machine_net_open(const rt386 *m)
{
    return m->net && m->net->open > 0;
}

bool machine_net_wait(const rt386 *m, uint64_t us)
{
    struct rt_net_want want[SOCKETS_ALL];
    struct pollfd fds[SOCKETS_ALL];
    struct timespec limit = {.tv_sec = (time_t)(us / 1000000),
                             .tv_nsec = (long)(us % 1000000) * 1000};
    unsigned n = m->kernel ? rt_kernel_wants(m->kernel, want, SOCKETS_ALL) : 0;
    for (unsigned i = 0; i < n; i++) /* one that is gone has no descriptor: poll ignores it */
        fds[i] = poll_for(m->net, want[i].socket, want[i].events);
    return ppoll(fds, n, &limit, NULL) > 0;
}

/* --- life --- */

void machine_net_free(rt386 *m)
{
    if (!m->net) return;
    for (int i = 0; i < SOCKETS_ALL; i++)
        if (m->net->socket[i].fd >= 0) close(m->net->socket[i].fd);
    free(m->net);
    m->net = NULL;
}

rt386_status rt386_share_loopback(rt386 *m)
{
    if (m->net) return machine_fail(m, RT386_E_STATE, "the machine has its network already");
    if (m->loaded_count)
        return machine_fail(m, RT386_E_STATE, "the network comes before the first file");
    m->net = calloc(1, sizeof *m->net);
    if (!m->net) return machine_fail(m, RT386_E_NOMEM, "the host has no memory");
    for (int i = 0; i < SOCKETS_ALL; i++)
        m->net->socket[i].fd = -1;
    return RT386_OK;
}
