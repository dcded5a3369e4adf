/* netio.c: what the C library knows of sockets: ioctl, fcntl, select, poll. The socket calls are netlib's. */
#include <stdarg.h>

#include "clib.h"
#include "errno.h"
#include "fcntl.h"
#include "poll.h"
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

/* --- poll: the list as three sets --- */

struct sets {
    fd_set read, write, except;
    int n;
};

/* How many descriptors are none; the others into the sets. */
static int sets_fill(struct sets *s, struct pollfd *fds, unsigned n)
{
    int bad = 0;
    FD_ZERO(&s->read);
    FD_ZERO(&s->write);
    FD_ZERO(&s->except);
    s->n = 0;
    for (struct pollfd *p = fds; p < fds + n; p++) {
        p->revents = 0;
        if (p->fd < 0) continue;
        if (p->fd >= FD_SETSIZE || clib_ioctl(p->fd, IS_WAITLESS, NULL) == -EBADF) {
            p->revents = POLLNVAL;
            bad++;
            continue;
        }
        if ((p->events & POLLIN) != 0) FD_SET(p->fd, &s->read);
        if ((p->events & POLLOUT) != 0) FD_SET(p->fd, &s->write);
        if ((p->events & POLLPRI) != 0) FD_SET(p->fd, &s->except);
        if (p->fd >= s->n) s->n = p->fd + 1;
    }
    return bad;
}

static short events_of(const struct sets *s, const struct pollfd *p)
{
    unsigned events = 0;
    if ((p->events & POLLIN) != 0 && FD_ISSET(p->fd, &s->read)) events |= POLLIN;
    if ((p->events & POLLOUT) != 0 && FD_ISSET(p->fd, &s->write)) events |= POLLOUT;
    if ((p->events & POLLPRI) != 0 && FD_ISSET(p->fd, &s->except)) events |= POLLPRI;
    return (short)events;
}

int poll(struct pollfd *fds, unsigned n, int limit)
{
    struct sets s;
    int ready = sets_fill(&s, fds, n);
    if (ready > 0) limit = 0;
    struct timeval tv = {limit / 1000, limit % 1000 * 1000};
    if (select(s.n, &s.read, &s.write, &s.except, limit < 0 ? NULL : &tv) < 0) return -1;
    for (struct pollfd *p = fds; p < fds + n; p++) {
        if (p->fd < 0 || p->revents != 0) continue;
        p->revents = events_of(&s, p);
        ready += p->revents != 0;
    }
    return ready;
}
