#include "log.h"

#include <stdarg.h>
#include <stdio.h>

void log_to(const struct log_sink *sink, enum log_level level, enum log_category category,
            const char *format, ...)
{
    if (!sink || !sink->write || level > sink->max) return;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sink->write(sink->ctx, level, category, text);
}

const char *log_category_name(enum log_category category)
{
    static const char *const names[] = {"cpu", "mmu", "bus", "dev", "intime", "loader", "machine"};
    return (unsigned)category < sizeof names / sizeof names[0] ? names[category] : "?";
}
