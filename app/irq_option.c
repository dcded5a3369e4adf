#include "irq_option.h"

#include <stdlib.h>
#include <string.h>

#define TIME_MAX 1000000000000ull /* us: what a run can mean */

/* A number with its unit, in microseconds; *end behind it. */
static bool time_read(const char *text, const char **end, uint64_t *us)
{
    static const struct {
        const char *unit;
        uint64_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}};
    uint64_t n = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && n < TIME_MAX; at++)
        n = n * 10 + (uint64_t)(*at - '0');
    if (at == text) return false;
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
        size_t size = strlen(units[i].unit);
        if (strncmp(at, units[i].unit, size) != 0 || n > TIME_MAX / units[i].us) continue;
        *us = n * units[i].us;
        *end = at + size;
        return **end == '\0' || **end == ',';
    }
    return false;
}

static const char *part_read(const char **at, rt386_irq_source *source)
{
    const char *text = *at;
    if (!strncmp(text, "every=", 6)) {
        if (!time_read(text + 6, at, &source->every_us) || !source->every_us)
            return "every= takes a time above 0, as 500us, 10ms or 1s";
        return NULL;
    }
    if (!strncmp(text, "times=", 6)) {
        char *end;
        source->times = strtoull(text + 6, &end, 10);
        *at = end;
        if (end == text + 6 || (*end && *end != ',') || !source->times)
            return "times= takes a number above 0";
        return NULL;
    }
    if (!strncmp(text, "spurious", 8) && (text[8] == '\0' || text[8] == ',')) {
        source->spurious = true;
        *at = text + 8;
        return NULL;
    }
    return "after the time come every=TIME, times=N, spurious";
}

const char *irq_option_read(const char *text, rt386_irq_source *source)
{
    char *end;
    const char *at;
    *source = (rt386_irq_source){.size = sizeof *source};
    bool message = !strncmp(text, "msi", 3);
    const char *number = text + (message ? 3 : 0);
    unsigned long line = strtoul(number, &end, 10);
    if (end == number || *end != '@' || *number < '0' || *number > '9')
        return "it is LINE@TIME, as 5@10ms, or msiVECTOR@TIME";
    if (line > (message ? 254 : 15) || (message && line < 16))
        return message ? "the vector of a message is 16 to 254" : "an interrupt line is 0 to 15";
    if (message)
        source->vector = (uint8_t)line;
    else
        source->line = (uint8_t)line;
    if (!time_read(end + 1, &at, &source->at_us)) return "a time is a number with us, ms or s";
    while (*at) {
        at++;
        const char *wrong = part_read(&at, source);
        if (wrong) return wrong;
    }
    if (source->times && !source->every_us) return "times= needs every=";
    return NULL;
}
