/* netio.c: what the C library knows of sockets: ioctl, fcntl, select, poll, read, write. The socket calls are netlib's; of
 * these only recv and send have stubs here, too (stubs.S). */
#include <stdarg.h>

#include "clib.h"
#include "errno.h"
#include "fcntl.h"
#include "ifaddrs.h"
#include "net/if.h"
#include "netinet/in.h"
#include "poll.h"
#include "stdlib.h"
#include "stream.h"
#include "sys/ioctl.h"
#include "sys/select.h"

/* Requests of our own: emu/intime/netcalls.c. */
#define IS_WAITLESS 0
#define HAS_NETWORK 1

static int result(long value)
{
    if (value >= 0) return (int)value;
    errno = value == -1 ? EFAULT : (int)-value;
    return -1;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    va_start(ap, request);
    void *value = va_arg(ap, void *);
    va_end(ap);
    bool own = request == IS_WAITLESS || request == HAS_NETWORK;
    return result(own ? -ENOTTY : clib_ioctl(fd, request, value));
}

int fcntl(int fd, int command, ...)
{
    va_list ap;
    va_start(ap, command);
    int flags = va_arg(ap, int), on = (flags & O_NONBLOCK) != 0;
    va_end(ap);
    if (command == F_SETFL) return result(clib_ioctl(fd, FIONBIO, &on));
    if (command != F_GETFL) return result(-EINVAL);
    int waitless = result(clib_ioctl(fd, IS_WAITLESS, NULL));
    return waitless < 0 ? -1 : O_RDWR | (waitless != 0 ? O_NONBLOCK : 0);
}

int select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *limit)
{
    return result(clib_select(n, read, write, except, limit));
}

int poll(struct pollfd *fds, unsigned n, int limit)
{
    return result(clib_poll(fds, n, limit));
}

/* --- bytes: read and write of a socket are recv and send without flags --- */

bool fd_is_socket(int fd)
{
    return fd >= FIRST_SOCKET_FD && clib_ioctl(fd, IS_WAITLESS, NULL) >= 0;
}

int socket_read(int fd, void *data, size_t size)
{
    return fd_is_socket(fd) ? (int)clib_recv(fd, data, size, 0) : result(-EBADF);
}

int socket_write(int fd, const void *data, size_t size)
{
    return fd_is_socket(fd) ? (int)clib_send(fd, data, size, 0) : result(-EBADF);
}

/* --- interfaces: the loopback is all that the machine has --- */

static struct sockaddr_in internet(uint32_t address)
{
    return (struct sockaddr_in){sizeof(struct sockaddr_in), AF_INET, 0, {htonl(address)}, {0}};
}

int getifaddrs(struct ifaddrs **list)
{
    struct entry {
        struct ifaddrs head;
        struct sockaddr_in address, mask;
        char name[IFNAMSIZ];
    };
    *list = NULL;
    if (clib_ioctl(-1, HAS_NETWORK, NULL) < 0) return 0;
    struct entry *e = malloc(sizeof *e);
    if (e == NULL) return -1;
    *e = (struct entry){.head = {.ifa_name = e->name,
                                 .ifa_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_MULTICAST,
                                 .ifa_addr = (struct sockaddr *)&e->address,
                                 .ifa_netmask = (struct sockaddr *)&e->mask},
                        .address = internet(INADDR_LOOPBACK),
                        .mask = internet(0xFF000000),
                        .name = "lo0"};
    *list = &e->head;
    return 0;
}

void freeifaddrs(struct ifaddrs *list)
{
    free(list);
}
