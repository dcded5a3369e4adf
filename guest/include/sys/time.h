/* sys/time.h of the guest C library: gettimeofday is in time.h; here is arithmetic with its result. */
#ifndef RT386_GUEST_SYS_TIME_H
#define RT386_GUEST_SYS_TIME_H

#include "../time.h"

#define timerclear(tv) ((tv)->tv_sec = (tv)->tv_usec = 0)
#define timerisset(tv) ((tv)->tv_sec != 0 || (tv)->tv_usec != 0)
/* `op` is < or > or any other comparison. */
#define timercmp(a, b, op)                                                                         \
    ((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec op(b)->tv_usec : (a)->tv_sec op(b)->tv_sec)
#define timeradd(a, b, sum)                                                                        \
    do {                                                                                           \
        (sum)->tv_sec = (a)->tv_sec + (b)->tv_sec;                                                 \
        (sum)->tv_usec = (a)->tv_usec + (b)->tv_usec;                                              \
        if ((sum)->tv_usec >= 1000000) {                                                           \
            (sum)->tv_sec++;                                                                       \
            (sum)->tv_usec -= 1000000;                                                             \
        }                                                                                          \
    } while (0)
#define timersub(a, b, difference)                                                                 \
    do {                                                                                           \
        (difference)->tv_sec = (a)->tv_sec - (b)->tv_sec;                                          \
        (difference)->tv_usec = (a)->tv_usec - (b)->tv_usec;                                       \
        if ((difference)->tv_usec < 0) {                                                           \
            (difference)->tv_sec--;                                                                \
            (difference)->tv_usec += 1000000;                                                      \
        }                                                                                          \
    } while (0)

#endif
