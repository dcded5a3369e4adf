/* checks.h: one try of the next instruction: the selectors that were looked up, the memory that was accessed, the exception. */
#ifndef RT386_APP_LAB_CHECKS_H
#define RT386_APP_LAB_CHECKS_H

#include "lab.h"

#define LOOK_LOADS 8u
#define LOOK_MEMS  8u
struct look {
    const char *failed; /* NULL, or why it could not be tried */
    rt386_seg seg[6];   /* before it */
    rt386_explanation load[LOOK_LOADS];
    unsigned loads, loads_before_event;
    rt386_mem_event mem[LOOK_MEMS];
    unsigned mems;
    bool has_event, has_refused;
    rt386_event_event event;
    rt386_explanation refused; /* the access that raised it */
    /* the access whose way to memory is shown */
    bool walked;
    rt386_segreg access_seg;
    uint32_t access_offset;
};

struct what_if {
    bool on, flip; /* flip: the bit, else `value` is put in */
    uint16_t selector;
    unsigned part;
    char name[10];
    uint64_t value;
    rt386_desc before, after;
};

/* Of the place where the machine is. *what, *then: NULL, or the change and the try with it. */
const struct look *checks_look(struct lab *l, const struct what_if **what,
                               const struct look **then);

#endif
