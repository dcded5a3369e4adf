/* sys/socket.h of the guest: sockets of netlib.rsl. Numbers and layouts are BSD's, where the vendor's network comes from
 * (inferred: ADR 0064). A call that fails gives -1 and sets errno.
 *
 * close is in io.h, ioctl in sys/ioctl.h, select in sys/select.h, fcntl in fcntl.h.
 */
#ifndef RT386_GUEST_SYS_SOCKET_H
#define RT386_GUEST_SYS_SOCKET_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define AF_UNSPEC 0
#define AF_INET   2
#define PF_INET   AF_INET

#define SOCK_STREAM 1
#define SOCK_DGRAM  2
#define SOCK_RAW    3

#define SOL_SOCKET    0xffff
#define SO_ACCEPTCONN 0x0002
#define SO_REUSEADDR  0x0004
#define SO_KEEPALIVE  0x0008
#define SO_BROADCAST  0x0020
#define SO_LINGER     0x0080
#define SO_SNDBUF     0x1001
#define SO_RCVBUF     0x1002
#define SO_SNDTIMEO   0x1005
#define SO_RCVTIMEO   0x1006
#define SO_ERROR      0x1007
#define SO_TYPE       0x1008

#define MSG_OOB       0x01
#define MSG_PEEK      0x02
#define MSG_DONTROUTE 0x04
#define MSG_TRUNC     0x10
#define MSG_WAITALL   0x40
#define MSG_DONTWAIT  0x80
#define MSG_NOSIGNAL  0x20000

#define SHUT_RD   0
#define SHUT_WR   1
#define SHUT_RDWR 2
#define SOMAXCONN 128

struct sockaddr {
    uint8_t sa_len;
    sa_family_t sa_family;
    char sa_data[14];
};
struct iovec {
    void *iov_base;
    size_t iov_len;
};
struct msghdr {
    void *msg_name;
    socklen_t msg_namelen;
    struct iovec *msg_iov; /* at most 64 */
    int msg_iovlen;
    void *msg_control; /* there are no control data */
    socklen_t msg_controllen;
    int msg_flags; /* of recvmsg: MSG_TRUNC */
};
struct linger {
    int l_onoff, l_linger; /* seconds */
};

int accept(int s, struct sockaddr *name, socklen_t *size);
int bind(int s, const struct sockaddr *name, socklen_t size);
int connect(int s, const struct sockaddr *name, socklen_t size);
int getpeername(int s, struct sockaddr *name, socklen_t *size);
int getsockname(int s, struct sockaddr *name, socklen_t *size);
int getsockopt(int s, int level, int option, void *value, socklen_t *size);
int listen(int s, int backlog);
ssize_t recv(int s, void *data, size_t size, int flags);
ssize_t recvfrom(int s, void *data, size_t size, int flags, struct sockaddr *name,
                 socklen_t *name_size);
ssize_t recvmsg(int s, struct msghdr *message, int flags);
ssize_t send(int s, const void *data, size_t size, int flags);
ssize_t sendmsg(int s, const struct msghdr *message, int flags);
ssize_t sendto(int s, const void *data, size_t size, int flags, const struct sockaddr *name,
               socklen_t name_size);
int setsockopt(int s, int level, int option, const void *value, socklen_t size);
int shutdown(int s, int how);
int socket(int domain, int type, int protocol);

#ifdef __cplusplus
}
#endif

#endif
