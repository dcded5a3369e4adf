/* sys/select.h of the guest C library: waiting for several sockets. Files and the console are always ready. */
#ifndef RT386_GUEST_SYS_SELECT_H
#define RT386_GUEST_SYS_SELECT_H

#include "../time.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FD_SETSIZE 1024

typedef struct fd_set {
    uint32_t fds_bits[FD_SETSIZE / 32];
} fd_set;

#define FD_SET(fd, set)   ((set)->fds_bits[(fd) / 32] |= UINT32_C(1) << (fd) % 32)
#define FD_CLR(fd, set)   ((set)->fds_bits[(fd) / 32] &= ~(UINT32_C(1) << (fd) % 32))
#define FD_ISSET(fd, set) (((set)->fds_bits[(fd) / 32] >> (fd) % 32 & 1) != 0)
#define FD_ZERO(set)                                                                               \
    do {                                                                                           \
        for (unsigned fd_word = 0; fd_word < FD_SETSIZE / 32; fd_word++)                           \
            (set)->fds_bits[fd_word] = 0;                                                          \
    } while (0)

/* limit NULL: as long as it takes. */
int select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *limit);

#ifdef __cplusplus
}
#endif

#endif
