/* status.h: the result of calls by the host that can be misused or run out of something.
 * Never used for what the guest does (that is fault_t), nor for why a run ended. */
#ifndef RT386_BASE_STATUS_H
#define RT386_BASE_STATUS_H

typedef enum status {
    ST_OK = 0,
    ST_ARG,      /* an argument is out of its documented range */
    ST_NOMEM,    /* the host has no memory */
    ST_CLASH,    /* the range belongs to someone else already */
    ST_NOTFOUND, /* no such file, name or range */
    ST_FORMAT,   /* the file is not what it should be */
    ST_IO,       /* the host could not read or write */
    ST_FULL      /* a fixed-size table is full */
} status_t;

/* A short constant phrase, e.g. "argument out of range". */
const char *status_text(status_t s);

#endif
