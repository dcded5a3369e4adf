/* poll.h of the guest C library. Values are BSD's. */
#ifndef RT386_GUEST_POLL_H
#define RT386_GUEST_POLL_H

#define POLLIN  0x0001
#define POLLPRI 0x0002
#define POLLOUT 0x0004
/* These come unasked. */
#define POLLERR  0x0008 /* getsockopt(SO_ERROR) tells which */
#define POLLHUP  0x0010 /* the connection is over in both directions; not together with POLLOUT */
#define POLLNVAL 0x0020 /* not a descriptor */

#define POLLRDNORM 0x0040
#define POLLWRNORM POLLOUT

struct pollfd {
    int fd; /* negative: not looked at */
    short events, revents;
};

#ifdef __cplusplus
extern "C" {
#endif
/* How many have events. Limit in milliseconds; negative: as long as it takes. EINVAL: more than 1024. */
int poll(struct pollfd *fds, unsigned n, int limit);
#ifdef __cplusplus
}
#endif

#endif
