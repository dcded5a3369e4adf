/* time.h of the guest C library: both clocks are the machine's virtual time. */
#ifndef RT386_GUEST_TIME_H
#define RT386_GUEST_TIME_H

typedef long time_t;
typedef long clock_t;
#define CLOCKS_PER_SEC 1000L

time_t time(time_t *t);
clock_t clock(void);

#endif
