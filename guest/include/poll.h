/* poll.h of the guest C library: select by list. Values are BSD's. */
#ifndef RT386_GUEST_POLL_H
#define RT386_GUEST_POLL_H

#define POLLIN   0x0001
#define POLLPRI  0x0002
#define POLLOUT  0x0004
#define POLLERR  0x0008 /* these two are not told apart: what would fail is ready */
#define POLLHUP  0x0010
#define POLLNVAL 0x0020

struct pollfd {
    int fd; /* negative: not looked at */
    short events, revents;
};

#ifdef __cplusplus
extern "C" {
#endif
/* Limit in milliseconds; negative: as long as it takes. */
int poll(struct pollfd *fds, unsigned n, int limit);
#ifdef __cplusplus
}
#endif

#endif
