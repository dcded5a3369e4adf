/* strftime.c: dates in words, as in the C locale. */
#include "calendar.h"
#include "clib.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"
#include "time.h"

static const char *const day_names[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};
static const char *const month_names[12] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};

static const char *day_name(const struct tm *tm)
{
    return tm->tm_wday >= 0 && tm->tm_wday < 7 ? day_names[tm->tm_wday] : "?";
}

static const char *month_name(const struct tm *tm)
{
    return tm->tm_mon >= 0 && tm->tm_mon < 12 ? month_names[tm->tm_mon] : "?";
}

char *asctime(const struct tm *tm)
{
    char *text = clib_self()->text;
    snprintf(text, sizeof clib_self()->text, "%.3s %.3s%3d %.2d:%.2d:%.2d %d\n", day_name(tm),
             month_name(tm), tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, 1900 + tm->tm_year);
    return text;
}

char *ctime(const time_t *t)
{
    return asctime(localtime(t));
}

struct out {
    char *at;
    size_t left;
    bool full;
};

static void put(struct out *out, const char *text, size_t most)
{
    for (; most > 0 && *text != 0; text++, most--) {
        if (out->left <= 1) {
            out->full = true;
            return;
        }
        *out->at++ = *text;
        out->left--;
    }
}

static void put_number(struct out *out, const char *format, long value)
{
    char text[24];
    snprintf(text, sizeof text, format, value);
    put(out, text, sizeof text);
}

static long year_of(const struct tm *tm)
{
    return 1900L + tm->tm_year;
}

static long two_digits(long year)
{
    return year - 100 * floor_div(year, 100);
}

/* ISO 8601: weeks begin on Monday; week 1 has the year's first Thursday. */
static int iso_week(const struct tm *tm, long *year)
{
    int weekday = (tm->tm_wday + 6) % 7, week = (tm->tm_yday - weekday + 10) / 7;
    *year = year_of(tm);
    if (week < 1) {
        --*year;
        return (tm->tm_yday + (leap_year(*year) ? 366 : 365) - weekday + 10) / 7;
    }
    if (week == 53 && tm->tm_yday - weekday + 3 >= (leap_year(*year) ? 366 : 365)) {
        ++*year;
        return 1;
    }
    return week;
}

/* False: the conversion is no number. */
static bool put_field(struct out *out, char conv, const struct tm *tm)
{
    long iso_year;
    int week = iso_week(tm, &iso_year);
    switch (conv) {
    case 'C': put_number(out, "%02ld", floor_div(year_of(tm), 100)); break;
    case 'd': put_number(out, "%02ld", tm->tm_mday); break;
    case 'e': put_number(out, "%2ld", tm->tm_mday); break;
    case 'g': put_number(out, "%02ld", two_digits(iso_year)); break;
    case 'G': put_number(out, "%ld", iso_year); break;
    case 'H': put_number(out, "%02ld", tm->tm_hour); break;
    case 'I': put_number(out, "%02ld", (tm->tm_hour + 11) % 12 + 1); break;
    case 'j': put_number(out, "%03ld", tm->tm_yday + 1); break;
    case 'm': put_number(out, "%02ld", tm->tm_mon + 1); break;
    case 'M': put_number(out, "%02ld", tm->tm_min); break;
    case 'S': put_number(out, "%02ld", tm->tm_sec); break;
    case 'u': put_number(out, "%ld", tm->tm_wday == 0 ? 7 : tm->tm_wday); break;
    case 'U': put_number(out, "%02ld", (tm->tm_yday + 7 - tm->tm_wday) / 7); break;
    case 'V': put_number(out, "%02ld", week); break;
    case 'w': put_number(out, "%ld", tm->tm_wday); break;
    case 'W': put_number(out, "%02ld", (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7); break;
    case 'y': put_number(out, "%02ld", two_digits(year_of(tm))); break;
    case 'Y': put_number(out, "%ld", year_of(tm)); break;
    default: return false;
    }
    return true;
}

static void put_zone(struct out *out)
{
    long minutes = -time_zone()->west / 60, size = labs(minutes);
    put(out, minutes < 0 ? "-" : "+", 1);
    put_number(out, "%04ld", size / 60 * 100 + size % 60);
}

static void put_format(struct out *out, const char *format, const struct tm *tm);

/* What a conversion is made of; NULL: it is made of nothing else. */
static const char *parts(char conv)
{
    switch (conv) {
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'r': return "%I:%M:%S %p";
    case 'R': return "%H:%M";
    case 'T':
    case 'X': return "%H:%M:%S";
    default: return NULL;
    }
}

static void put_conversion(struct out *out, char conv, const struct tm *tm)
{
    if (parts(conv) != NULL) {
        put_format(out, parts(conv), tm);
        return;
    }
    if (put_field(out, conv, tm)) return;
    switch (conv) {
    case 'a': put(out, day_name(tm), 3); break;
    case 'A': put(out, day_name(tm), 9); break;
    case 'b':
    case 'h': put(out, month_name(tm), 3); break;
    case 'B': put(out, month_name(tm), 9); break;
    case 'n': put(out, "\n", 1); break;
    case 'p': put(out, tm->tm_hour < 12 ? "AM" : "PM", 2); break;
    case 't': put(out, "\t", 1); break;
    case 'z': put_zone(out); break;
    case 'Z': put(out, time_zone()->name, sizeof time_zone()->name); break;
    default: put(out, &conv, 1); break; /* %% and what is no conversion */
    }
}

static void put_format(struct out *out, const char *format, const struct tm *tm)
{
    for (; *format != 0; format++) {
        if (*format != '%') {
            put(out, format, 1);
            continue;
        }
        format++;
        if (*format == 'E' || *format == 'O') format++; /* other calendars and digits: none in C */
        if (*format == 0) return;
        put_conversion(out, *format, tm);
    }
}

size_t strftime(char *s, size_t n, const char *format, const struct tm *tm)
{
    struct out out = {.at = s, .left = n};
    put_format(&out, format, tm);
    if (n > 0) *out.at = 0;
    return out.full || n == 0 ? 0 : (size_t)(out.at - s);
}
