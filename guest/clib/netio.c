/* netio.c: what the C library knows of sockets: ioctl, fcntl, select, poll, read, write. The socket calls are netlib's; of
 * these only recv and send have stubs here, too (stubs.S). */
#include <stdarg.h>

#include "clib.h"
#include "errno.h"
#include "fcntl.h"
#include "poll.h"
#include "stream.h"
#include "sys/ioctl.h"
#include "sys/select.h"

#define IS_WAITLESS 0 /* a request of our own: emu/intime/netcalls.c */

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
    return result(request == IS_WAITLESS ? -ENOTTY : clib_ioctl(fd, request, value));
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
