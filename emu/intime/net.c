/* net.c: sockets: descriptors, addresses, errno. See net.h. */
#include "net.h"

#include <string.h>

#include "bits.h"

#define ADDRESS_SIZE 16u
#define BLOCK_ERRNO  0xF0u /* in the thread block: errno of a thread without data of the C library */
#define BLOCK_DATA   0xF8u /* where those data are; errno is their first word. guest/clib/thread.c */

int32_t net_op(struct rt_kernel *k, struct rt_net_op *op)
{
    return k->port.net ? k->port.net(k->port.ctx, op) : -RT_NET_ENETDOWN;
}

/* --- descriptors --- */

struct socket *socket_of(const struct process *p, uint32_t fd)
{
    if (!p->sockets || fd < FIRST_SOCKET || fd - FIRST_SOCKET >= SOCKETS_MAX) return NULL;
    struct socket *s = &p->sockets[fd - FIRST_SOCKET];
    return s->open ? s : NULL;
}

struct socket *socket_need(const struct process *p, uint32_t fd, int32_t *error)
{
    struct socket *s = socket_of(p, fd);
    bool file = fd < FIRST_FD || (fd < FIRST_SOCKET && p->files[fd - FIRST_FD].open);
    if (!s) *error = file ? -RT_NET_ENOTSOCK : -RT_NET_EBADF;
    return s;
}

struct socket *socket_free(struct process *p, uint32_t *fd)
{
    for (uint32_t i = 0; i < SOCKETS_MAX; i++)
        if (!p->sockets[i].open) {
            *fd = FIRST_SOCKET + i;
            return &p->sockets[i];
        }
    return NULL;
}

static int32_t close_one(struct rt_kernel *k, struct socket *s)
{
    struct rt_net_op op = {.kind = RT_NET_CLOSE, .socket = s->number};
    s->open = false;
    return net_op(k, &op);
}

/* Who waits with it hears of it before another one has its number. */
int32_t socket_close(struct rt_kernel *k, struct socket *s)
{
    int32_t result = close_one(k, s);
    net_poll(k);
    return result;
}

void net_close_all(struct rt_kernel *k, struct process *p)
{
    for (uint32_t i = 0; p->sockets && i < SOCKETS_MAX; i++)
        if (p->sockets[i].open) close_one(k, &p->sockets[i]);
}

/* --- the caller's memory --- */

bool net_exchange(struct rt_kernel *k, uint32_t off, void *to, uint32_t n)
{
    return k->port.user_check(k->port.ctx, off, n, true) == RT_REACH_OK &&
           k->port.user_read(k->port.ctx, off, to, n) == RT_REACH_OK;
}

/* --- addresses: length, family, port and address in network order; before BSD 4.4 the family had both bytes --- */

static bool internet(const uint8_t *raw)
{
    return raw[1] == AF_INET_BSD || (raw[0] == AF_INET_BSD && raw[1] == 0);
}

int32_t address_read(struct rt_kernel *k, uint32_t off, uint32_t n, struct net_address *a,
                     bool *named)
{
    uint8_t raw[ADDRESS_SIZE];
    if (n < sizeof raw) return -RT_NET_EINVAL;
    if (k->port.user_read(k->port.ctx, off, raw, sizeof raw) != RT_REACH_OK) return -RT_NET_EFAULT;
    *named = internet(raw);
    a->port = (uint16_t)(raw[2] << 8 | raw[3]);
    a->address = (uint32_t)raw[4] << 24 | (uint32_t)raw[5] << 16 | (uint32_t)raw[6] << 8 | raw[7];
    return *named ? 0 : -RT_NET_EAFNOSUPPORT;
}

int32_t address_room_check(struct rt_kernel *k, struct net_request *r)
{
    if (r->room > INT32_MAX) return -RT_NET_EINVAL;
    if (r->room > ADDRESS_SIZE) r->room = ADDRESS_SIZE;
    return call_writable(k, r->name_at, r->room) == E_OK ? 0 : -RT_NET_EFAULT;
}

int32_t address_room(struct rt_kernel *k, struct net_request *r, uint32_t name_at, uint32_t room_at)
{
    uint8_t raw[4];
    if (!name_at) return 0;
    if (!net_exchange(k, room_at, raw, 4)) return -RT_NET_EFAULT;
    r->name_at = name_at;
    r->room_at = room_at;
    r->room = get32(raw);
    return address_room_check(k, r);
}

void address_put(struct rt_kernel *k, struct thread *t, const struct net_request *r,
                 const struct net_address *a)
{
    uint8_t raw[ADDRESS_SIZE] = {ADDRESS_SIZE, AF_INET_BSD}, size[4];
    if (!r->name_at) return;
    for (unsigned i = 0; i < 2; i++)
        raw[2 + i] = (uint8_t)(a->port >> (8 - 8 * i));
    for (unsigned i = 0; i < 4; i++)
        raw[4 + i] = (uint8_t)(a->address >> (24 - 8 * i));
    put32(size, ADDRESS_SIZE);
    thread_put(k, t, r->name_at, raw, r->room);
    thread_put(k, t, r->room_at, size, sizeof size);
}

/* --- results --- */

/* The stubs of programs that carry them inside return EAX as it is, so errno is written here. */
static void errno_put(struct rt_kernel *k, struct thread *t, uint32_t error)
{
    uint8_t word[4], at[4];
    put32(word, error);
    thread_put(k, t, t->block + BLOCK_ERRNO, word, sizeof word);
    if (vseg_peek(k, t->process, t->block + BLOCK_DATA, at, sizeof at) && get32(at))
        thread_put(k, t, get32(at), word, sizeof word);
}

uint32_t net_answer(struct rt_kernel *k, struct thread *t, int32_t result)
{
    if (result >= 0) return (uint32_t)result;
    errno_put(k, t, 0u - (uint32_t)result);
    return 0xffffffffu;
}
