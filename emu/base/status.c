#include "status.h"

const char *status_text(status_t s)
{
    switch (s) {
    case ST_OK: return "ok";
    case ST_ARG: return "argument out of range";
    case ST_NOMEM: return "out of memory";
    case ST_CLASH: return "range already taken";
    case ST_NOTFOUND: return "not found";
    case ST_FORMAT: return "bad format";
    case ST_IO: return "input/output error";
    case ST_FULL: return "table full";
    }
    return "unknown status";
}
