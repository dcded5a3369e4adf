#include "seek_text.h"

#include "opt.h"

#include <stdlib.h>
#include <string.h>

bool seek_address(const char *text, const char **rest, rt386_addr *at)
{
    static const char *const seg[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    char *end;
    *at = (rt386_addr){.space = RT386_LINEAR};
    if (!strncmp(text, "phys:", 5)) {
        at->space = RT386_PHYS;
        text += 5;
    }
    for (unsigned i = 0; i < 6; i++)
        if (!strncmp(text, seg[i], 2) && text[2] == ':') {
            at->space = RT386_LOGICAL;
            at->seg = (rt386_segreg)i;
            text += 3;
            break;
        }
    unsigned long long v = strtoull(text, &end, 0);
    at->at = (uint32_t)v;
    *rest = end;
    return end != text && *text != '-' && v <= 0xffffffffu;
}

static bool range_read(const char *text, rt386_seek *s)
{
    const char *rest;
    uint64_t n = 4;
    if (!seek_address(text, &rest, &s->at)) return false;
    if (*rest == ',' && !opt_number(rest + 1, 1024, &n)) return false;
    s->n = (uint32_t)n;
    return (!*rest || *rest == ',') && n >= 1 && n <= 65536;
}

static bool number_read(const char *text, uint64_t most, uint64_t *v)
{
    return opt_number(text, 1000, v) && *v <= most;
}

const char *seek_read(const char *word, rt386_seek *s)
{
    const char *colon = strchr(word, ':'), *what = colon ? colon + 1 : "", *rest;
    size_t n = colon ? (size_t)(colon - word) : strlen(word);
    uint64_t v = 0;
    *s = (rt386_seek){.size = sizeof *s, .vector = -1};
    if (n == 5 && !strncmp(word, "write", n)) {
        s->kind = RT386_SEEK_WRITE;
        return range_read(what, s) ? NULL : "write: takes an address and a length, as ds:0x1000,4";
    }
    if (n == 4 && !strncmp(word, "read", n)) {
        s->kind = RT386_SEEK_READ;
        return range_read(what, s) ? NULL : "read: takes an address and a length, as ds:0x1000,4";
    }
    if (n == 4 && !strncmp(word, "exec", n)) {
        s->kind = RT386_SEEK_EXEC;
        return seek_address(what, &rest, &s->at) && !*rest
                   ? NULL
                   : "exec: takes an address, linear, as cs:0x1000 or as phys:0x1000";
    }
    if (n == 5 && !strncmp(word, "event", n)) {
        s->kind = RT386_SEEK_EVENT;
        if (!colon) return NULL;
        s->vector = number_read(what, 255, &v) ? (int)v : -1;
        return s->vector >= 0 ? NULL : "event: takes a vector, 0 to 255";
    }
    if (n == 4 && !strncmp(word, "call", n)) {
        s->kind = RT386_SEEK_CALL;
        s->call = colon ? what : NULL;
        return NULL;
    }
    if (n == 8 && !strncmp(word, "selector", n)) {
        s->kind = RT386_SEEK_SELECTOR;
        s->selector = (uint16_t)(number_read(what, 0xffff, &v) ? v : 0);
        return s->selector ? NULL : "selector: takes a selector, as 0x1b";
    }
    if (n == 6 && !strncmp(word, "switch", n)) {
        s->kind = RT386_SEEK_SWITCH;
        return NULL;
    }
    return "say what to look for: write:ADDRESS,N, read:ADDRESS,N, exec:ADDRESS, event:VECTOR, "
           "call:NAME, selector:N or switch";
}
