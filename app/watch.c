#include "watch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define GRACE_MILLIS 2000u
#define ASKED_MILLIS 10000u /* for programs that were asked to end */
#define SLICE_MILLIS 200u   /* the longest sleep, so that a lost wake-up costs little */

struct watch {
    rt386 *machine;
    struct realtime *sleeper;
    pthread_t thread;
    sigset_t set, old;
    uint64_t deadline; /* CLOCK_MONOTONIC milliseconds; 0 = none */
    atomic_int reason;
    atomic_bool over;
};

static uint64_t now_millis(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The signal that came within `millis`, or 0. */
static int wait_signal(const sigset_t *set, uint64_t millis)
{
    struct timespec t = {(time_t)(millis / 1000), (long)(millis % 1000) * 1000000};
    int sig = sigtimedwait(set, NULL, &t);
    return sig > 0 ? sig : 0;
}

static int status_of(enum stop_reason reason)
{
    if (reason == STOP_TIMEOUT) return STATUS_TIMEOUT;
    return reason == STOP_TERM ? STATUS_TERM : STATUS_INT;
}

static void wake(const struct watch *w)
{
    if (w->sleeper) realtime_wake(w->sleeper);
}

/* The run is stopped; it has a while to end, so that no output is lost. */
static void grace(struct watch *w, enum stop_reason reason)
{
    atomic_store(&w->reason, (int)reason);
    uint64_t until = now_millis() + GRACE_MILLIS;
    while (!atomic_load(&w->over)) {
        rt386_stop(w->machine);
        wake(w);
        if (wait_signal(&w->set, SLICE_MILLIS) && !atomic_load(&w->over)) _exit(status_of(reason));
        if (now_millis() >= until && !atomic_load(&w->over)) _exit(status_of(reason));
    }
}

static uint64_t min64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* SIGINT, SIGTERM, 0: the deadline (0 = none) has passed, or the run is over. */
static int wait_event(const struct watch *w, uint64_t deadline)
{
    while (!atomic_load(&w->over)) {
        uint64_t now = now_millis();
        if (deadline && now >= deadline) return 0;
        uint64_t sleep = deadline ? min64(SLICE_MILLIS, deadline - now) : SLICE_MILLIS;
        int sig = wait_signal(&w->set, sleep);
        if (sig == SIGINT || sig == SIGTERM) return sig;
    }
    return 0;
}

/* A signal asks the programs to end; a second one, or no end in time, stops the run. */
static void *watch_thread(void *arg)
{
    struct watch *w = arg;
    int sig = wait_event(w, w->deadline);
    if (!sig) {
        if (!atomic_load(&w->over)) grace(w, STOP_TIMEOUT);
        return NULL;
    }
    enum stop_reason reason = sig == SIGINT ? STOP_INT : STOP_TERM;
    atomic_store(&w->reason, (int)reason);
    rt386_terminate(w->machine);
    wake(w);
    uint64_t until = now_millis() + ASKED_MILLIS;
    if (w->deadline && w->deadline < until) until = w->deadline;
    wait_event(w, until);
    if (!atomic_load(&w->over)) grace(w, reason);
    return NULL;
}

struct watch *watch_start(rt386 *machine, struct realtime *sleeper, uint64_t millis)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->machine = machine;
    w->sleeper = sleeper;
    w->deadline = millis ? now_millis() + millis : 0;
    sigemptyset(&w->set);
    sigaddset(&w->set, SIGINT);
    sigaddset(&w->set, SIGTERM);
    sigaddset(&w->set, SIGUSR1); /* watch_stop wakes the thread with it */
    pthread_sigmask(SIG_BLOCK, &w->set, &w->old);
    if (pthread_create(&w->thread, NULL, watch_thread, w) == 0) return w;
    pthread_sigmask(SIG_SETMASK, &w->old, NULL);
    free(w);
    return NULL;
}

enum stop_reason watch_stop(struct watch *w)
{
    atomic_store(&w->over, true);
    pthread_kill(w->thread, SIGUSR1);
    pthread_join(w->thread, NULL);
    enum stop_reason reason = (enum stop_reason)atomic_load(&w->reason);
    wait_signal(&w->set, 0); /* the wake-up, if the thread had left before */
    pthread_sigmask(SIG_SETMASK, &w->old, NULL);
    free(w);
    return reason;
}
