/* realtime.h: idle virtual time as time of the host, for rt386_config.idle.
 *
 *   realtime_start: virtual time 0 is now
 *   idle until u:   sleep until (start + u), whatever earlier sleeps have overslept; late already: no sleep
 *
 * Every sleep has an absolute end on the host's monotonic clock, so no error adds up. A run that has fallen behind does
 * not sleep until it has caught up. The guest's time stays virtual: nothing it sees comes from the host, but for
 * where in an idle time a request to end arrives.
 */
#ifndef RT386_APP_REALTIME_H
#define RT386_APP_REALTIME_H

#include <stdint.h>

struct realtime;

/* In nanoseconds from some start. `sleep` may return early. */
struct realtime_clock {
    void *ctx;
    uint64_t (*now)(void *ctx);
    void (*sleep)(void *ctx, uint64_t until);
};

/* clock NULL: the host's. NULL: the host has no memory, or no lock. */
struct realtime *realtime_new(const struct realtime_clock *clock);
void realtime_free(struct realtime *r);
void realtime_start(struct realtime *r);
/* rt386_config.idle: the microseconds that have passed, at most `us`; fewer after realtime_wake. */
uint64_t realtime_idle(void *realtime, uint64_t us);
/* From another thread: the sleep under way, or the next one, ends at once. */
void realtime_wake(struct realtime *r);

#endif
