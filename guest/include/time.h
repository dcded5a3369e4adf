/* time.h of the guest C library: all clocks are the machine's virtual time. */
#ifndef RT386_GUEST_TIME_H
#define RT386_GUEST_TIME_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef long time_t; /* seconds since 1 January 1970; 32 bits, as the vendor's default */
typedef long clock_t;
#define CLOCKS_PER_SEC 1000L
#define TIME_UTC       1

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};
struct timeval {
    long tv_sec, tv_usec;
};
struct timezone {
    int tz_minuteswest, tz_dsttime; /* of Greenwich; no summer time: 0 */
};
struct tm {
    int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
};

clock_t clock(void);
double difftime(time_t later, time_t sooner);
time_t time(time_t *t);
int timespec_get(struct timespec *ts, int base);
time_t mktime(struct tm *tm);
struct tm *gmtime(const time_t *t);
struct tm *localtime(const time_t *t);
char *asctime(const struct tm *tm);
char *ctime(const time_t *t);
size_t strftime(char *s, size_t n, const char *format, const struct tm *tm);

/* not of the C standard */
struct tm *gmtime_r(const time_t *t, struct tm *tm);
struct tm *localtime_r(const time_t *t, struct tm *tm);
int gettimeofday(struct timeval *tv, struct timezone *zone);           /* zone may be NULL */
int settimeofday(const struct timeval *tv, const struct timezone *tz); /* tz is not looked at */
unsigned sleep(unsigned seconds);
void tzset(void); /* reads the environment variable TZ: XXX[-]h[h][:mm], no summer time */

#ifdef __cplusplus
}
#endif

#endif
