/* time.c: the clocks and the calendar. All time is the machine's virtual time.
 *
 *   time_t = seconds since 1 January 1970; local time = time_t - zone, where the environment variable TZ says
 *   how far west of Greenwich the zone is: "CET-1", "EST5", "IST-5:30". No summer time.
 */
#include "time.h"
#include "calendar.h"
#include "clib.h"
#include "ctype.h"
#include "errno.h"
#include "rtbase.h"
#include "stdlib.h"
#include "string.h"

#define DAY             86400
#define YEARS_1970_1978 252460800u /* seconds */

/* --- clocks --- */

/* The system time of INtime, which begins in 1978. */
static uint32_t now(uint32_t *rest_us)
{
    TIMEVALUE value;
    GetRtSystemTimeAsTimeValue(&value);
    *rest_us = (uint32_t)value.dwMicroseconds;
    return YEARS_1970_1978 + (uint32_t)value.qwSeconds;
}

uint32_t clib_start_time(void)
{
    uint32_t rest;
    uint64_t us = clib_clock();
    div_step(&us, 1000000u);
    return now(&rest) - (uint32_t)us;
}

time_t time(time_t *t)
{
    uint32_t rest;
    time_t seconds = (time_t)now(&rest);
    if (t != NULL) *t = seconds;
    return seconds;
}

clock_t clock(void)
{
    uint64_t us = clib_clock();
    div_step(&us, 1000u);
    return (clock_t)us;
}

int timespec_get(struct timespec *ts, int base)
{
    uint32_t rest;
    if (base != TIME_UTC) return 0;
    ts->tv_sec = (time_t)now(&rest);
    ts->tv_nsec = (long)(rest * 1000);
    return base;
}

unsigned sleep(unsigned seconds)
{
    for (; seconds > 1000000; seconds -= 1000000)
        RtSleepEx(1000000000);
    RtSleepEx(seconds * 1000);
    return 0;
}

/* --- the zone --- */

static struct time_zone zone = {"UTC", 0};

const struct time_zone *time_zone(void)
{
    return &zone;
}

void tzset(void)
{
    const char *s = getenv("TZ");
    size_t n = 0;
    strcpy(zone.name, "UTC");
    zone.west = 0;
    if (s == NULL || !isalpha((unsigned char)*s)) return;
    for (; isalpha((unsigned char)*s); s++)
        if (n < sizeof zone.name - 1) zone.name[n++] = *s;
    zone.name[n] = 0;
    long sign = *s == '-' ? -1 : 1, minutes = 0;
    char *end;
    if (*s == '-' || *s == '+') s++;
    long hours = strtol(s, &end, 10);
    if (*end == ':') minutes = strtol(end + 1, NULL, 10);
    if (hours >= 0 && hours <= 24 && minutes >= 0 && minutes < 60)
        zone.west = sign * (hours * 3600 + minutes * 60);
}

int gettimeofday(struct timeval *tv, struct timezone *tz)
{
    uint32_t rest;
    tv->tv_sec = (long)now(&rest);
    tv->tv_usec = (long)rest;
    if (tz == NULL) return 0;
    tzset();
    *tz = (struct timezone){(int)(zone.west / 60), 0};
    return 0;
}

int settimeofday(const struct timeval *tv, const struct timezone *tz)
{
    (void)tz;
    time_t seconds = (time_t)tv->tv_sec;
    struct tm tm;
    if (tv->tv_usec < 0 || tv->tv_usec >= 1000000 || gmtime_r(&seconds, &tm) == NULL) {
        errno = EINVAL;
        return -1;
    }
    SYSTEMTIME to = {.wYear = (WORD)(tm.tm_year + 1900),
                     .wMonth = (WORD)(tm.tm_mon + 1),
                     .wDayOfWeek = (WORD)tm.tm_wday,
                     .wDay = (WORD)tm.tm_mday,
                     .wHour = (WORD)tm.tm_hour,
                     .wMinute = (WORD)tm.tm_min,
                     .wSecond = (WORD)tm.tm_sec,
                     .dwMicroseconds = (DWORD)tv->tv_usec};
    if (SetRtSystemTime(&to)) return 0;
    errno = EINVAL;
    return -1;
}

/* --- dates --- */

bool leap_year(long year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static const short month_starts[13] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static int month_start(long year, int month)
{
    return month_starts[month] + (month > 1 && leap_year(year));
}

long floor_div(long a, long b)
{
    long q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/* Days from 1 January 1970 to 1 January of the year. */
static long year_start(long year)
{
    long y = year - 1;
    return 365 * (year - 1970) + (floor_div(y, 4) - 492) - (floor_div(y, 100) - 19) +
           (floor_div(y, 400) - 4);
}

/* days since 1970, seconds of the day */
static void break_down(long days, long seconds, struct tm *tm)
{
    long year = 1970 + floor_div(days, 365);
    while (year_start(year) > days)
        year--;
    while (year_start(year + 1) <= days)
        year++;
    int day = (int)(days - year_start(year)), month = 11;
    while (month_start(year, month) > day)
        month--;
    *tm = (struct tm){.tm_sec = (int)(seconds % 60),
                      .tm_min = (int)(seconds / 60 % 60),
                      .tm_hour = (int)(seconds / 3600),
                      .tm_mday = day - month_start(year, month) + 1,
                      .tm_mon = month,
                      .tm_year = (int)(year - 1900),
                      .tm_wday = (int)(days + 4 - 7 * floor_div(days + 4, 7)),
                      .tm_yday = day};
}

/* Without overflow at the ends of time_t. */
static struct tm *shifted(time_t t, long west, struct tm *tm)
{
    long days = floor_div(t, DAY), seconds = t - days * DAY - west;
    long carry = floor_div(seconds, DAY);
    break_down(days + carry, seconds - carry * DAY, tm);
    return tm;
}

struct tm *gmtime_r(const time_t *t, struct tm *tm)
{
    return shifted(*t, 0, tm);
}

struct tm *localtime_r(const time_t *t, struct tm *tm)
{
    tzset();
    return shifted(*t, zone.west, tm);
}

static struct tm *own_tm(void)
{
    return (struct tm *)(void *)clib_self()->tm;
}

struct tm *gmtime(const time_t *t)
{
    return gmtime_r(t, own_tm());
}

struct tm *localtime(const time_t *t)
{
    return localtime_r(t, own_tm());
}

/* 64-bit sums: each field may be any int. */
time_t mktime(struct tm *tm)
{
    tzset();
    long months = floor_div(tm->tm_mon, 12);
    int64_t year = (int64_t)tm->tm_year + 1900 + months;
    if (year < 1800 || year > 2200) return -1;
    int64_t days = year_start((long)year) + month_start((long)year, tm->tm_mon - (int)months * 12);
    days += (int64_t)tm->tm_mday - 1;
    int64_t seconds = (int64_t)tm->tm_hour * 3600 + (int64_t)tm->tm_min * 60 + tm->tm_sec;
    int64_t t = days * DAY + seconds + zone.west;
    if (t != (int32_t)t) return -1;
    time_t result = (time_t)t;
    shifted(result, zone.west, tm);
    return result;
}
