/* systime.c: the clock on the wall: microseconds since 1 January 1978; and the counter of low-level ticks. */
#include "bits.h"
#include "kernel.h"

#define YEAR_FIRST    1978u /* 1 January was a Sunday */
#define DAY_US        86400000000ull
#define CYCLE_YEARS   400u /* the calendar repeats itself */
#define CYCLE_DAYS    146097u
#define SYSTIME_SIZE  18u
#define TIMEVAL_SIZE  12u
#define KERNTIME_SIZE 8u

static uint64_t system_us(const struct rt_kernel *k)
{
    return k->clock_base + k->now;
}

static uint32_t year_days(uint32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 366 : 365;
}

static uint32_t month_days(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 ? year_days(year) - 337 : days[month - 1];
}

/* --- GetRtSystemTime(time) ---
 * WORDs: +0 year, +2 month, +4 day of week (Sunday 0), +6 day, +8 hour, +10 minute, +12 second;
 * DWORD: +14 microsecond */

static uint32_t time_check(struct rt_kernel *k, const struct call *c, uint32_t size)
{
    return c->arg[0] ? call_writable(k, c->arg[0], size) : E_PARAM;
}

uint32_t vrfy_GetRtSystemTime(struct rt_kernel *k, struct call *c)
{
    return time_check(k, c, SYSTIME_SIZE);
}

static void date_put(uint8_t *to, uint64_t days)
{
    uint32_t year = YEAR_FIRST + CYCLE_YEARS * (uint32_t)(days / CYCLE_DAYS), month = 1;
    uint32_t left = (uint32_t)(days % CYCLE_DAYS);
    for (; left >= year_days(year); year++)
        left -= year_days(year);
    for (; left >= month_days(year, month); month++)
        left -= month_days(year, month);
    put16(to, (uint16_t)year);
    put16(to + 2, (uint16_t)month);
    put16(to + 4, (uint16_t)(days % 7));
    put16(to + 6, (uint16_t)(left + 1));
}

void impl_GetRtSystemTime(struct rt_kernel *k, struct call *c)
{
    uint8_t time[SYSTIME_SIZE];
    uint64_t us = system_us(k);
    uint32_t second = (uint32_t)(us % DAY_US / 1000000);
    date_put(time, us / DAY_US);
    put16(time + 8, (uint16_t)(second / 3600));
    put16(time + 10, (uint16_t)(second / 60 % 60));
    put16(time + 12, (uint16_t)(second % 60));
    put32(time + 14, (uint32_t)(us % 1000000));
    call_put(k, c->arg[0], time, sizeof time);
    c->eax = 1;
}

/* --- SetRtSystemTime(time): the day of the week is not looked at --- */

struct date {
    uint32_t year, month, day, hour, minute, second, us;
};

static struct date date_get(const char *from)
{
    const uint8_t *at = (const uint8_t *)from;
    return (struct date){get16(at),      get16(at + 2),  get16(at + 6), get16(at + 8),
                         get16(at + 10), get16(at + 12), get32(at + 14)};
}

static bool date_good(const struct date *d)
{
    if (d->year < YEAR_FIRST || d->month < 1 || d->month > 12) return false;
    if (d->day < 1 || d->day > month_days(d->year, d->month)) return false;
    return d->hour < 24 && d->minute < 60 && d->second < 60 && d->us < 1000000;
}

static uint64_t date_us(const struct date *d)
{
    uint64_t days = (uint64_t)(d->year - YEAR_FIRST) / CYCLE_YEARS * CYCLE_DAYS;
    for (uint32_t y = d->year - (d->year - YEAR_FIRST) % CYCLE_YEARS; y < d->year; y++)
        days += year_days(y);
    for (uint32_t m = 1; m < d->month; m++)
        days += month_days(d->year, m);
    days += d->day - 1;
    return days * DAY_US + (d->hour * 3600ull + d->minute * 60 + d->second) * 1000000 + d->us;
}

uint32_t vrfy_SetRtSystemTime(struct rt_kernel *k, struct call *c)
{
    if (!c->arg[0]) return E_PARAM;
    if (k->port.user_read(k->port.ctx, c->arg[0], c->str, SYSTIME_SIZE) != RT_REACH_OK)
        return E_BAD_ADDR;
    const struct date d = date_get(c->str);
    return date_good(&d) ? E_OK : E_PARAM;
}

void impl_SetRtSystemTime(struct rt_kernel *k, struct call *c)
{
    const struct date d = date_get(c->str);
    k->clock_base = date_us(&d) - k->now;
    c->eax = 1;
}

/* --- GetRtSystemTimeAsTimeValue(value): +0 QWORD seconds, +8 DWORD microseconds --- */

uint32_t vrfy_GetRtSystemTimeAsTimeValue(struct rt_kernel *k, struct call *c)
{
    return call_writable(k, c->arg[0], TIMEVAL_SIZE);
}

void impl_GetRtSystemTimeAsTimeValue(struct rt_kernel *k, struct call *c)
{
    uint8_t value[TIMEVAL_SIZE];
    put64(value, system_us(k) / 1000000);
    put32(value + 8, (uint32_t)(system_us(k) % 1000000));
    call_put(k, c->arg[0], value, sizeof value);
    c->eax = 1;
}

/* --- knGetKernelTime(time or NULL), knGetKernelTime0(): low-level ticks, 64 bits in EDX:EAX --- */

static void kernel_time(const struct rt_kernel *k, struct call *c, uint8_t *bytes)
{
    uint64_t ticks = k->now / k->config.low_tick_us + k->tick_base;
    put64(bytes, ticks);
    c->eax = (uint32_t)ticks;
    c->edx = (uint32_t)(ticks >> 32);
}

uint32_t vrfy_knGetKernelTime(struct rt_kernel *k, struct call *c)
{
    return c->arg[0] ? call_writable(k, c->arg[0], KERNTIME_SIZE) : E_OK;
}

void impl_knGetKernelTime(struct rt_kernel *k, struct call *c)
{
    uint8_t time[KERNTIME_SIZE];
    kernel_time(k, c, time);
    if (c->arg[0]) call_put(k, c->arg[0], time, sizeof time);
}

uint32_t vrfy_knGetKernelTime0(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_knGetKernelTime0(struct rt_kernel *k, struct call *c)
{
    uint8_t time[KERNTIME_SIZE];
    kernel_time(k, c, time);
}

/* --- knSetKernelTime(time) --- */

uint32_t vrfy_knSetKernelTime(struct rt_kernel *k, struct call *c)
{
    enum rt_reach reach = k->port.user_read(k->port.ctx, c->arg[0], c->str, KERNTIME_SIZE);
    return reach == RT_REACH_OK ? E_OK : E_BAD_ADDR;
}

void impl_knSetKernelTime(struct rt_kernel *k, struct call *c)
{
    k->tick_base = get64((const uint8_t *)c->str) - k->now / k->config.low_tick_us;
}
