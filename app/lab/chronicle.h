/* chronicle.h: what a run did, with the time of each: text of the guest, threads that ran, INtime calls, exceptions. The live
 * machine's observer writes it; at an earlier place only what was before is read. */
#ifndef RT386_APP_LAB_CHRONICLE_H
#define RT386_APP_LAB_CHRONICLE_H

#include "text.h"
#include "view.h"

enum chronicle_kind {
    CHRONICLE_TASK,  /* a switch to the task `who` */
    CHRONICLE_CALL,  /* an INtime call of thread `who` begins: name */
    CHRONICLE_LEAVE, /* and returns */
    CHRONICLE_EVENT  /* an exception or interrupt: vector in `code` */
};
struct chronicle_entry {
    uint64_t clocks;
    enum chronicle_kind kind;
    uint16_t who;
    uint32_t code;
    char name[28];
};

#define CHRONICLE_KEPT 16384u
struct chronicle {
    struct chronicle_entry entry[CHRONICLE_KEPT]; /* a ring */
    uint64_t entries;                             /* ever */
    struct text text;                             /* what is kept of the guest's text: the newest */
    uint64_t forgotten;                           /* bytes that came before it */
    struct chronicle_mark { /* by that time the guest had written so many bytes */
        uint64_t clocks, bytes;
    } * mark;
    size_t marks, room;
    rt386 *machine;
    char fault[200]; /* the last one that nobody took */
};

/* NULL: no memory. */
struct chronicle *chronicle_new(void);
void chronicle_free(struct chronicle *c);
/* The view for session_open: the guest's text. */
struct view chronicle_view(struct chronicle *c);
/* The rest, from now on. */
rt386_status chronicle_attach(struct chronicle *c, rt386 *machine);
/* Entries still kept: first..last-1. */
uint64_t chronicle_first(const struct chronicle *c);
const struct chronicle_entry *chronicle_at(const struct chronicle *c, uint64_t index);
/* How many bytes of the kept text the guest had written at that time. */
size_t chronicle_text(const struct chronicle *c, uint64_t clocks);

#endif
