/* net.h: sockets of a process, over the one port function that reaches the network.
 *
 *   process  descriptor 67, 68 ...  -->  struct socket: the port's number  -->  port.net(op)
 *
 * Nothing in the port waits. A call that has to wait leaves its request with the thread; each high-level tick, and whenever
 * the machine has heard something, all requests are tried again (net_poll), so other threads run meanwhile. What a call
 * needs of the caller's memory is read once, when it begins; results go to offsets in the caller's VSEG, which are checked
 * each time before anything is taken from the network.
 *
 * Only TCP and UDP over IPv4. Which addresses there are is the machine's business (ADR 0064).
 *
 * Not there: out-of-band data, control data, raw sockets.
 */
#ifndef RT386_INTIME_NET_H
#define RT386_INTIME_NET_H

#include "kernel.h"

#define SOCKETS_MAX  64u /* of a process */
#define FIRST_SOCKET (FIRST_FD + FILES_MAX)
#define NET_CHUNK    65536u            /* received at once; more than any datagram has */
#define DATAGRAM_MAX 65507u            /* bytes in one */
#define SEND_MAX     (1024u * 1024u)   /* taken over from the caller of one call */
#define HEADER_SIZE  28u               /* of a message */
#define PIECES_MAX   64u               /* of a message */
#define SELECT_MAX   1024u             /* descriptors in a set */
#define POLL_ENTRY   8u                /* bytes of an entry of poll */
#define SELECT_WORDS (SELECT_MAX / 32) /* of 32 bits */

#define AF_INET_BSD 2u

struct socket {
    bool open, stream, nonblocking, listening;
    int32_t number;                  /* the port's */
    uint64_t receive_us, send_us;    /* longest waits; 0: for ever */
    uint32_t linger[2];              /* on, seconds */
    uint32_t option[RT_NET_OPTIONS]; /* as set; whole numbers only */
};

struct net_address {
    uint32_t address; /* as numbers */
    uint16_t port;
};

struct net_piece {
    uint32_t at, size;
};

enum net_kind { NET_ACCEPT, NET_CONNECT, NET_RECEIVE, NET_SEND, NET_SELECT, NET_POLL };
struct net_request {
    uint8_t kind;              /* enum net_kind */
    bool named;                /* peer: where to */
    bool endless;              /* select and poll without a time limit */
    uint32_t fd, flags;        /* flags: MSG_... */
    struct net_address peer;   /* and where from */
    uint32_t size, done;       /* of `size` bytes so many are done */
    struct net_piece *piece;   /* where received bytes go: in data; at most PIECES_MAX */
    uint32_t header_at;        /* of recvmsg: its header; of poll: its list; 0: another call */
    uint32_t name_at, room_at; /* 0: nobody asks for an address; else it and its length go there */
    uint32_t room;             /* bytes at name_at */
    uint64_t limit_us;         /* of select and poll */
    uint32_t fds, set_at[3];   /* poll: entries; select: read, write, except; 0: no set */
    uint32_t set[3][SELECT_WORDS];
    uint8_t data[]; /* to be sent; the list of poll */
};

/* --- net.c --- */
int32_t net_op(struct rt_kernel *k, struct rt_net_op *op);
/* NULL: no open socket has this descriptor. */
struct socket *socket_of(const struct process *p, uint32_t fd);
/* The same, or ENOTSOCK, EBADF in *error. */
struct socket *socket_need(const struct process *p, uint32_t fd, int32_t *error);
/* An unused one, its descriptor in *fd; NULL: there are none left. */
struct socket *socket_free(struct process *p, uint32_t *fd);
int32_t socket_close(struct rt_kernel *k, struct socket *s);
/* Reads what the call will write over; false: one of both cannot be. Each byte is read once. */
bool net_exchange(struct rt_kernel *k, uint32_t off, void *to, uint32_t n);
/* A sockaddr of n bytes at `off`; E... negative, or 0. One of another family only when it means "nobody": *named false. */
int32_t address_read(struct rt_kernel *k, uint32_t off, uint32_t n, struct net_address *a,
                     bool *named);
/* As many bytes of it as there is room for, and its length. */
void address_put(struct rt_kernel *k, struct thread *t, const struct net_request *r,
                 const struct net_address *a);
/* A room for an address: name_at, room_at, room. EFAULT, EINVAL, or 0. */
int32_t address_room(struct rt_kernel *k, struct net_request *r, uint32_t name_at,
                     uint32_t room_at);
int32_t address_room_check(struct rt_kernel *k, struct net_request *r); /* the room is known */
/* EAX of a call: its result, or -1 and errno for a negative one. */
uint32_t net_answer(struct rt_kernel *k, struct thread *t, int32_t result);

/* --- netcalls.c --- */
/* vrfy_ has found what refuses the call: it has failed. */
bool net_refused(struct rt_kernel *k, struct call *c);
/* A request with `n` bytes of data, also in c->host; NULL: c->error. */
struct net_request *net_request_new(struct rt_kernel *k, struct call *c, enum net_kind kind,
                                    uint32_t n);
/* c->host for `size` bytes that the caller fills in, or for so many pieces; NULL: c->error. */
struct net_request *net_send_request(struct rt_kernel *k, struct call *c, uint32_t size,
                                     uint32_t flags);
struct net_request *net_receive_request(struct rt_kernel *k, struct call *c, uint32_t pieces,
                                        uint32_t flags);
/* Can the bytes of a receive go where its pieces are? Without WAITALL at most NET_CHUNK are asked for. */
int32_t net_receive_room(struct rt_kernel *k, struct net_request *r);

/* --- netmsg.c --- */
/* What recvmsg leaves in its header, besides the size of the name. */
void message_put(struct rt_kernel *k, struct thread *t, const struct net_request *r,
                 uint32_t flags);

/* --- netopt.c --- */
int32_t option_set(struct rt_kernel *k, struct socket *s, uint32_t level, uint32_t name,
                   const uint8_t *value, uint32_t n);
/* *n: bytes of the value, at most 8. */
int32_t option_get(struct rt_kernel *k, const struct socket *s, uint32_t level, uint32_t name,
                   uint8_t value[8], uint32_t *n);

/* --- netpoll.c --- */
int32_t poll_try(struct rt_kernel *k, struct thread *t, const struct net_request *r);
/* The time limit is over: no entry has events. */
void poll_nothing(struct rt_kernel *k, struct thread *t, const struct net_request *r);
/* What its sockets wait for; how many. */
unsigned poll_wants(const struct process *p, const struct net_request *r, struct rt_net_want *to,
                    unsigned room);

/* --- netwait.c --- */
/* The request in c->host: done at once, or the caller waits. */
void net_begin(struct rt_kernel *k, struct call *c);

#endif
