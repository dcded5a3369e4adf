/* calendar.h: what time.c and strftime.c share. */
#ifndef RT386_CLIB_CALENDAR_H
#define RT386_CLIB_CALENDAR_H

#include <stdbool.h>

struct time_zone {
    char name[8];
    long west; /* of Greenwich, seconds */
};
const struct time_zone *time_zone(void);
bool leap_year(long year);
long floor_div(long a, long b); /* towards minus infinity */

#endif
