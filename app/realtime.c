#include "realtime.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define SECOND 1000000000ull
#define LONG   (86400 * SECOND) /* one sleep at most */

struct realtime {
    struct realtime_clock clock;
    uint64_t start;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool woken;
};

/* ---- the host's clock -------------------------------------------------------------------------- */

static uint64_t host_now(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* The lock is held: a wake-up cannot slip in between the look at `woken` and the sleep. */
static void host_sleep(void *ctx, uint64_t until)
{
    struct realtime *r = ctx;
    const struct timespec t = {.tv_sec = (time_t)(until / SECOND),
                               .tv_nsec = (long)(until % SECOND)};
    pthread_cond_timedwait(&r->wake, &r->lock, &t);
}

/* ---- life -------------------------------------------------------------------------------------- */

static bool make_condition(struct realtime *r)
{
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) != 0) return false;
    bool good = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&r->wake, &monotonic) == 0;
    pthread_condattr_destroy(&monotonic);
    return good;
}

struct realtime *realtime_new(const struct realtime_clock *clock)
{
    struct realtime *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->clock =
        clock ? *clock : (struct realtime_clock){.ctx = r, .now = host_now, .sleep = host_sleep};
    if (make_condition(r)) {
        if (pthread_mutex_init(&r->lock, NULL) == 0) return r;
        pthread_cond_destroy(&r->wake);
    }
    free(r);
    return NULL;
}

void realtime_free(struct realtime *r)
{
    if (!r) return;
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->wake);
    free(r);
}

/* ---- sleeping ---------------------------------------------------------------------------------- */

void realtime_start(struct realtime *r)
{
    r->start = r->clock.now(r->clock.ctx);
}

uint64_t realtime_idle(void *realtime, uint64_t us)
{
    struct realtime *r = realtime;
    uint64_t room = (UINT64_MAX - r->start) / 1000;
    uint64_t target = r->start + (us < room ? us : room) * 1000;
    pthread_mutex_lock(&r->lock);
    uint64_t now = r->clock.now(r->clock.ctx);
    while (!r->woken && now < target) {
        r->clock.sleep(r->clock.ctx, target - now < LONG ? target : now + LONG);
        now = r->clock.now(r->clock.ctx);
    }
    r->woken = false;
    pthread_mutex_unlock(&r->lock);
    uint64_t passed = (now - r->start) / 1000;
    return passed < us ? passed : us;
}

void realtime_wake(struct realtime *r)
{
    pthread_mutex_lock(&r->lock);
    r->woken = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
}
