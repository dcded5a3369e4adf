#include "irq_option.h"

#include <string.h>

#define NUMBER_MAX 1000000000000ull /* us: what a run can mean */

/* Decimal digits, up to NUMBER_MAX; *at goes behind them. */
static bool number_read(const char **at, uint64_t *n)
{
    const char *start = *at;
    for (*n = 0; **at >= '0' && **at <= '9' && *n <= NUMBER_MAX; ++*at)
        *n = *n * 10 + (uint64_t)(**at - '0');
    return *at > start && *n <= NUMBER_MAX;
}

/* A number with its unit, in microseconds; *at goes behind it. */
static bool time_read(const char **at, uint64_t *us)
{
    static const struct {
        const char *unit;
        uint64_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}};
    uint64_t n;
    if (!number_read(at, &n)) return false;
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
        size_t size = strlen(units[i].unit);
        if (strncmp(*at, units[i].unit, size) != 0 || n > NUMBER_MAX / units[i].us) continue;
        *us = n * units[i].us;
        *at += size;
        return **at == '\0' || **at == ',';
    }
    return false;
}

static const char *part_read(const char **at, rt386_irq_source *source)
{
    const char *text = *at;
    if (!strncmp(text, "every=", 6)) {
        *at = text + 6;
        if (!time_read(at, &source->every_us) || !source->every_us)
            return "every= takes a time above 0, as 500us, 10ms or 1s";
        return NULL;
    }
    if (!strncmp(text, "times=", 6)) {
        *at = text + 6;
        if (!number_read(at, &source->times) || (**at && **at != ',') || !source->times)
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
    uint64_t line;
    *source = (rt386_irq_source){.size = sizeof *source};
    bool message = !strncmp(text, "msi", 3);
    const char *at = text + (message ? 3 : 0);
    if (!number_read(&at, &line) || *at++ != '@')
        return "it is LINE@TIME, as 5@10ms, or msiVECTOR@TIME";
    if (line > (message ? 254 : 15) || (message && line < 16))
        return message ? "the vector of a message is 16 to 254" : "an interrupt line is 0 to 15";
    if (message)
        source->vector = (uint8_t)line;
    else
        source->line = (uint8_t)line;
    if (!time_read(&at, &source->at_us)) return "a time is a number with us, ms or s";
    while (*at) {
        at++;
        const char *wrong = part_read(&at, source);
        if (wrong) return wrong;
    }
    if (source->times && !source->every_us) return "times= needs every=";
    return NULL;
}
