/* profile.h: a profile as callgrind writes it: what each function costs, and who called whom.
 *
 *   function --< line: address, cost          cost: one number for each event, profile_event
 *            --< call: address, callee, how often, cost of all that it caused
 *
 * Functions are numbers from 0. A struct profile that could not grow remembers it in `failed`.
 */
#ifndef RT386_APP_PROFILE_H
#define RT386_APP_PROFILE_H

#include "text.h"

#include <stdint.h>

enum profile_event {
    PROFILE_IR, /* instructions */
    PROFILE_DR, /* reads */
    PROFILE_DW, /* writes */
    PROFILE_SL, /* selectors resolved */
    PROFILE_GF, /* faults */
    PROFILE_SC, /* INtime calls */
    PROFILE_EVENTS
};
struct profile_cost {
    uint64_t of[PROFILE_EVENTS];
};

struct profile;
struct profile *profile_new(void); /* NULL: the host has no memory */
void profile_free(struct profile *p);
bool profile_failed(const struct profile *p);

/* The function of that name in that object; a new one the first time. */
unsigned profile_function(struct profile *p, const char *object, const char *name);
void profile_add(struct profile *p, unsigned function, uint32_t address, enum profile_event event,
                 uint64_t n);
void profile_call(struct profile *p, unsigned caller, uint32_t address, unsigned callee,
                  uint32_t target, const struct profile_cost *inclusive);
/* The body of a callgrind file: functions with their lines, then totals. */
void profile_text(struct profile *p, struct text *t);

#endif
