#include "cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define PUT_MAX 512

bool cells_new(struct cells *c, unsigned w, unsigned h)
{
    *c = (struct cells){.w = w, .h = h, .at = calloc((size_t)w * h + 1, sizeof *c->at)};
    for (size_t i = 0; c->at && i < (size_t)w * h; i++)
        c->at[i].ch = ' ';
    return c->at != NULL;
}

void cells_free(struct cells *c)
{
    free(c->at);
    c->at = NULL;
}

unsigned cells_put(struct cells *c, unsigned x, unsigned y, unsigned end, enum look look,
                   const char *s)
{
    if (end > c->w) end = c->w;
    for (; *s && x < end && y < c->h; s++, x++) {
        char ch = *s == '\t' ? ' ' : *s >= ' ' && *s < 127 ? *s : '.';
        c->at[(size_t)y * c->w + x] = (struct cell){ch, (unsigned char)look};
    }
    return x;
}

unsigned cells_putf(struct cells *c, unsigned x, unsigned y, unsigned end, enum look look,
                    const char *format, ...)
{
    char s[PUT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(s, sizeof s, format, args);
    va_end(args);
    return cells_put(c, x, y, end, look, s);
}

void cells_mark(struct cells *c, unsigned x, unsigned y, unsigned end, enum look look)
{
    for (; x < end && x < c->w && y < c->h; x++)
        c->at[(size_t)y * c->w + x].look = (unsigned char)look;
}
