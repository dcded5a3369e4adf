/* ending.h: the life of a process that uses everything, for test_ending.c: what it does, step by step. */
#ifndef RT386_TESTS_ENDING_H
#define RT386_TESTS_ENDING_H

#include "fake.h"

#define E_NAME   (FAKE_DATA + 0x900) /* "child.rta" */
#define E_TEXT   (FAKE_DATA + 0x940) /* other strings */
#define E_INFO   (FAKE_DATA + 0x100)
#define E_BYTES  (FAKE_DATA + 0x200)
#define E_KN     (FAKE_DATA + 0x400) /* low-level objects: 64 bytes apart */
#define E_LOCK   (FAKE_DATA + 0x300)
#define E_RESULT (FAKE_DATA + 0x380)
#define E_SHARED 0x4078u /* IRQ7, for whoever wants to share it */
#define E_VECTOR 0xE7
#define E_LEVEL  0x58u /* IRQ5: of the interrupt thread */
#define WORKERS  64u
#define WATCHERS 21u

/* Objects of one process; the parent's are there before the child is born. */
struct things {
    uint32_t sem, region, handles, data, alarm, queue, port, heap, memory, segment, kn_region;
};
struct life {
    struct fake *f;
    uint32_t parent, child;
    uint32_t gate; /* semaphore that the parent's main thread waits at */
    uint32_t
        watch; /* a process whose threads wait at what the child has, and the semaphore that they wait at before */
    uint32_t watch_gate;
    uint32_t child_end; /* the parent's wait handle for the child */
    struct things theirs, own;
    uint32_t worker[WORKERS], workers;
    uint32_t grandchild, wait;
    uint32_t kn_sem, kn_region, kn_mail, kn_alarm;
    uint32_t served; /* a port of the child's at its own service, */
    uint32_t asking; /* and one at the watchers' */
    uint64_t seed;
};

/* What the child's current thread does next. */
struct step {
    const char *what;
    void (*act)(struct life *l);
    bool waits; /* made by a thread of its own, which stays there */
};
extern const struct step life_steps[];
extern const unsigned life_step_count;
uint32_t life_text(struct life *l, const char *words); /* at E_TEXT */
/* ending_services.c: the current process installs a service of that name; the steps. */
void life_install(struct life *l, const char *name);
void install_service(struct life *l);
void ask_watchers(struct life *l);
void serve(struct life *l);
void stop_server(struct life *l);
void start_server(struct life *l);
void serve_later(struct life *l);
void serve_well(struct life *l);
void deliver(struct life *l);
void wait_reply(struct life *l);
/* The objects that the current process makes for itself. */
void life_things(struct life *l, struct things *t);
uint32_t life_random(struct life *l, uint32_t below);
void life_worker(struct life *l);
/* A new process's main thread makes the watchers, which wait at the gate; then it sleeps. */
void life_watchers(struct life *l);

#endif
